#include "cli/show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "event/event.h"
#include "event/wire.h"

enum { LABEL_WIDTH = 10, LINE_WIDTH = 110, PATH_MAX_BYTES = 160, NAME_WIDTH = 44 };

static const char *const KINDS[] = {
    [MASH__V1__DELIVERY_KIND__DELIVERY_KIND_UNSPECIFIED] = "delivery",
    [MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ALERT_OPENED] = "alert opened",
    [MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ALERT_JOINED] = "alert joined",
    [MASH__V1__DELIVERY_KIND__DELIVERY_KIND_EVENT_AMENDED] = "event amended",
    [MASH__V1__DELIVERY_KIND__DELIVERY_KIND_EVENT_RETRACTED] = "event retracted",
    [MASH__V1__DELIVERY_KIND__DELIVERY_KIND_CLOCK_LAPSED] = "clock lapsed",
    [MASH__V1__DELIVERY_KIND__DELIVERY_KIND_NOTICE] = "notice",
    [MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT] = "act",
    [MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ESCALATED] = "escalated",
    [MASH__V1__DELIVERY_KIND__DELIVERY_KIND_REQUEST] = "request for information",
    [MASH__V1__DELIVERY_KIND__DELIVERY_KIND_FEEDBACK] = "feedback",
    [MASH__V1__DELIVERY_KIND__DELIVERY_KIND_DISAGREEMENT] = "disagreement",
    [MASH__V1__DELIVERY_KIND__DELIVERY_KIND_MOVED_HERE] = "moved here",
    [MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ALARM] = "alarm",
};

/* "  why       " : a label only on the first line of its group. */
static void put_label(const show *how, const char *label, hub_buffer *out)
{
    hub_buffer_put_text(out, "  ");
    print_styled(out, how->colour, PRINT_FAINT, label);
    for (size_t width = strlen(label); width < LABEL_WIDTH; width++)
        hub_buffer_put(out, " ", 1);
}

static void put_line(const show *how, const char *label, const char *text, hub_buffer *out)
{
    put_label(how, label, out);
    print_clean(out, text);
    hub_buffer_put(out, "\n", 1);
}

/* More about the line above; nothing when there is none. */
static void put_below(const show *how, const char *text, hub_buffer *out)
{
    if (text[0] == '\0') return;
    put_label(how, "", out);
    hub_buffer_put_text(out, "  ");
    print_clean(out, text);
    hub_buffer_put(out, "\n", 1);
}

/* What somebody wrote, line by line as they wrote it. */
static void put_words(const show *how, const char *text, hub_buffer *out)
{
    while (text[0] != '\0') {
        size_t length = strcspn(text, "\n");
        put_label(how, "", out);
        hub_buffer_put_text(out, "  ");
        print_clean_part(out, text, length);
        hub_buffer_put(out, "\n", 1);
        text += text[length] == '\n' ? length + 1 : length;
    }
}

/* "hc-1, hc-2"; no line when there is nobody. */
static void put_list(const show *how, const char *label, char *const *items, size_t count, hub_buffer *out)
{
    for (size_t i = 0; i < count; i++) {
        if (i == 0) put_label(how, label, out);
        print_clean(out, items[i]);
        hub_buffer_put_text(out, i + 1 < count ? ", " : "\n");
    }
}

static void put_heading(const show *how, const Mash__V1__Delivery *delivery, hub_buffer *out)
{
    bool alert = delivery->alert != NULL;
    Mash__V1__Rating rating = alert ? delivery->alert->rating : MASH__V1__RATING__RATING_UNSPECIFIED;
    size_t kind = (size_t)delivery->kind < sizeof KINDS / sizeof KINDS[0] ? (size_t)delivery->kind : 0;
    if (delivery->exercise) print_styled(out, how->colour, PRINT_BOLD, "EXERCISE  ");
    if (rating != MASH__V1__RATING__RATING_UNSPECIFIED) {
        print_styled(out, how->colour, print_rating_style(rating), print_rating(rating));
        hub_buffer_put_text(out, "  ");
    }
    hub_buffer_put_format(out, "%s", KINDS[kind]);
    if (alert && delivery->alert->alert_id[0] != '\0') {
        hub_buffer_put_text(out, "  ");
        print_styled(out, how->colour, PRINT_BOLD, delivery->alert->alert_id);
    }
    hub_buffer_put_text(out, "  to ");
    print_clean(out, delivery->queue);
    if (delivery->position != NULL) hub_buffer_put_format(out, "  #%" PRIu64, delivery->position->sequence);
    if (delivery->possible_duplicate) hub_buffer_put_text(out, "  (possible duplicate)");
    hub_buffer_put(out, "\n", 1);
}

static void put_clock(const show *how, const Mash__V1__Clock *clock, const char *label, hub_buffer *out)
{
    char civil[PRINT_TIME_TEXT];
    char left[PRINT_DURATION_TEXT];
    char line[160];
    print_time(how->zone, clock->due_ms, civil);
    print_due(how->now_ms, clock->due_ms, left);
    snprintf(line, sizeof line, "%s: %s, %s%s%s", clock->clock, clock->held ? "stands still" : left, civil,
             clock->statutory ? ", statutory" : "", clock->provisional ? ", provisional" : "");
    put_line(how, label, line, out);
    put_below(how, clock->plain, out);
    put_below(how, clock->cause, out);
    put_below(how, clock->why, out);
}

static void put_clocks(const show *how, const Mash__V1__Alert *alert, hub_buffer *out)
{
    for (size_t i = 0; i < alert->n_overdue; i++)
        put_clock(how, alert->overdue[i], i == 0 ? "overdue" : "", out);
    for (size_t i = 0; i < alert->n_clocks; i++)
        put_clock(how, alert->clocks[i], i == 0 ? "due" : "", out);
}

/* Whose it is, and what stands still or waits for somebody. */
static void put_standing(const show *how, const Mash__V1__Alert *alert, hub_buffer *out)
{
    char text[240];
    char civil[PRINT_TIME_TEXT];
    print_time(how->zone, alert->held_until_ms, civil);
    if (strcmp(alert->state, "held") == 0) {
        snprintf(text, sizeof text, "held until %s: its local clocks stand still", civil);
        put_line(how, "state", text, out);
    } else if (strcmp(alert->state, "ended") == 0) {
        put_line(how, "state", "ended", out);
    }
    if (alert->owner[0] != '\0' || alert->offered_to[0] != '\0') {
        bool is_offered = alert->offered_to[0] != '\0';
        snprintf(text, sizeof text, "%s%s%s%s%s", alert->owner[0] != '\0' ? alert->owner : "nobody",
                 alert->claim_again ? ", who is asked to claim it again: an event has made it graver" : "",
                 is_offered ? "; " : "", alert->offered_to, is_offered ? " is asked to take it" : "");
        put_line(how, "owner", text, out);
    }
    if (alert->hold_asked_of[0] != '\0') {
        print_time(how->zone, alert->hold_asked_until_ms, civil);
        snprintf(text, sizeof text, "%s is asked to agree to a hold until %s; until then its clocks go on", alert->hold_asked_of,
                 civil);
        put_line(how, "hold", text, out);
    }
    put_list(how, "waits for", alert->requests, alert->n_requests, out);
    put_list(how, "disputed", alert->disagreements, alert->n_disagreements, out);
}

static void put_alert(const show *how, const Mash__V1__Alert *alert, hub_buffer *out)
{
    char text[200];
    if (alert->rated_by[0] != '\0') put_line(how, "rating", alert->rated_by, out);
    if (alert->area[0] != '\0') {
        snprintf(text, sizeof text, "%s%s%s", alert->area_name, alert->area_name[0] != '\0' ? ", " : "", alert->area);
        put_line(how, "area", text, out);
    }
    snprintf(text, sizeof text, "%u", alert->version); /* what an act on it names */
    bool is_given = alert->version > 0 || alert->state[0] != '\0';
    if (is_given) put_line(how, "version", text, out);
    put_standing(how, alert, out);
    put_clocks(how, alert, out);
    for (size_t i = 0; i < alert->n_lines; i++) {
        const Mash__V1__DecisionLine *line = alert->lines[i];
        char subject[40] = "";
        if (line->subject > 0) snprintf(subject, sizeof subject, " (subject %u of this event)", line->subject);
        snprintf(text, sizeof text, "person %" PRIu64 "%s: %s%s%s", line->person, subject, line->state,
                 line->outcome[0] != '\0' ? ", " : "", line->outcome);
        put_line(how, i == 0 ? "decide" : "", text, out);
    }
    if (alert->events > 1) {
        snprintf(text, sizeof text, "%u events so far", alert->events);
        put_line(how, "joined", text, out);
    }
}

/* ---- what people did, and what they are asked --------------------------------------------------------------------------------- */
static void put_act(const show *how, const Mash__V1__ActView *act, hub_buffer *out)
{
    char text[240];
    char civil[PRINT_TIME_TEXT];
    print_time(how->zone, act->at_ms, civil);
    snprintf(text, sizeof text, "%s%s%s: %s%s%s%s", act->who, act->who[0] != '\0' ? " of " : "", act->team, act->plain,
             act->item[0] == 'D' ? ", " : "", act->item[0] == 'D' ? act->item : "",
             act->at_ms != 0 ? ", before you were told" : "");
    put_line(how, "done", text, out);
    if (act->at_ms != 0) put_below(how, civil, out);
    put_words(how, act->words, out);
    if (act->meant_for[0] != '\0') put_line(how, "meant for", act->meant_for, out);
}

static void put_escalation(const show *how, const Mash__V1__EscalationView *step, hub_buffer *out)
{
    char text[240];
    char civil[PRINT_TIME_TEXT];
    print_time(how->zone, step->due_ms, civil);
    snprintf(text, sizeof text, "%u of %s, due %s: not %s", step->step, step->ladder, civil, step->waited_for);
    put_line(how, "step", text, out);
    put_below(how, step->plain, out);
    put_list(how, "falls to", step->told, step->n_told, out);
}

static void put_request(const show *how, const Mash__V1__Delivery *delivery, hub_buffer *out)
{
    const Mash__V1__RequestView *request = delivery->request;
    char text[240];
    char civil[PRINT_TIME_TEXT];
    print_time(how->zone, request->due_ms, civil);
    snprintf(text, sizeof text, "%s%s%s%s%s", request->request, request->from_team[0] != '\0' ? " from " : "", request->from_team,
             request->answered ? ", answered" : ", to be answered by ", request->answered ? "" : civil);
    put_line(how, "request", text, out);                               /* what Answer names */
    if (delivery->act == NULL) put_words(how, request->question, out); /* else those are the act's own words */
    if (request->answer[0] != '\0') put_line(how, "answer", "", out);
    put_words(how, request->answer, out);
}

static void put_feedback(const show *how, const Mash__V1__FeedbackView *feedback, hub_buffer *out)
{
    char text[400];
    snprintf(text, sizeof text, "%s, person %" PRIu64 ": %s [%s]", feedback->feedback, feedback->person, feedback->plain,
             feedback->outcome);
    put_line(how, "outcome", text, out); /* what Seen names */
    put_words(how, feedback->words, out);
    put_list(how, "about", feedback->about, feedback->n_about, out);
}

/* For whom every event of the alert may not be known there is its id alone. */
static void put_disagreement(const show *how, const Mash__V1__DisagreementView *d, hub_buffer *out)
{
    char text[400];
    char civil[PRINT_TIME_TEXT];
    bool is_open = strcmp(d->state, "open") == 0;
    print_time(how->zone, d->due_ms, civil);
    snprintf(text, sizeof text, d->team[0] != '\0' ? "%s, %s, version %u: %s disagrees with %s" : "%s", d->disagreement, d->state,
             d->version, d->team, d->with_team);
    put_line(how, "dispute", text, out);
    if (d->team[0] == '\0') return;
    snprintf(text, sizeof text, "%u, %s: %s", d->stage, d->lane, d->plain);
    put_line(how, "stage", text, out);
    put_below(how, d->cause, out);
    if (is_open) put_line(how, "settle by", civil, out);
    put_list(how, "speak", d->told, d->n_told, out);
    if (is_open) put_line(how, "danger", d->danger, out);
}

static void put_people(const show *how, const Mash__V1__Delivery *delivery, hub_buffer *out)
{
    if (delivery->alarm[0] != '\0') put_line(how, "alarm", delivery->alarm, out);
    put_list(how, "look at", delivery->alarmed, delivery->n_alarmed, out);
    if (delivery->disagreement != NULL) put_disagreement(how, delivery->disagreement, out);
    if (delivery->escalation != NULL) put_escalation(how, delivery->escalation, out);
    if (delivery->act != NULL) put_act(how, delivery->act, out);
    if (delivery->request != NULL) put_request(how, delivery, out);
    if (delivery->feedback != NULL) put_feedback(how, delivery->feedback, out);
}

static void put_reasons(const show *how, const Mash__V1__Delivery *delivery, hub_buffer *out)
{
    for (size_t i = 0; i < delivery->n_reasons; i++) {
        const Mash__V1__Reason *reason = delivery->reasons[i];
        put_label(how, i == 0 ? "why" : "", out);
        print_clean(out, reason->plain);
        if (reason->rule[0] != '\0') { /* a correction or a lapse comes by no rule */
            hub_buffer_put_text(out, " [");
            print_clean(out, reason->rule);
            hub_buffer_put_text(out, "]");
        }
        hub_buffer_put(out, "\n", 1);
        const char *agency = event_agency_name(reason->agency);
        if (reason->source[0] == '\0' && agency == NULL) continue;
        put_label(how, "", out);
        hub_buffer_put_text(out, "  ");
        if (agency != NULL) hub_buffer_put_format(out, "told by %s%s", agency, reason->source[0] != '\0' ? "; " : "");
        if (reason->source[0] != '\0') hub_buffer_put_text(out, "source: ");
        print_clean(out, reason->source);
        hub_buffer_put(out, "\n", 1);
    }
}

static void put_lapsed(const show *how, const Mash__V1__LapsedClock *lapsed, hub_buffer *out)
{
    char civil[PRINT_TIME_TEXT];
    char late[PRINT_DURATION_TEXT];
    char line[200];
    print_time(how->zone, lapsed->due_ms, civil);
    print_duration(lapsed->late_ms, late);
    if (lapsed->due_unknown) { /* due_ms is when it began; the cause says that nobody knows */
        snprintf(line, sizeof line, "%s%s: %s", lapsed->clock, lapsed->statutory ? ", statutory" : "", lapsed->cause);
    } else {
        snprintf(line, sizeof line, "%s%s was due %s; said %s after%s%s", lapsed->clock, lapsed->statutory ? ", statutory," : "",
                 civil, late, lapsed->cause[0] != '\0' ? ", because " : "", lapsed->cause);
    }
    put_line(how, "lapsed", line, out);
    if (lapsed->plain[0] != '\0') put_line(how, "", lapsed->plain, out);
}

static void put_parties(const show *how, const Mash__V1__Delivery *delivery, hub_buffer *out)
{
    for (size_t i = 0; i < delivery->n_parties; i++) {
        const Mash__V1__Party *party = delivery->parties[i];
        char line[160];
        snprintf(line, sizeof line, "%s, who is a party%s%s", party->staff,
                 party->alternate[0] != '\0' ? "; in their place " : "", party->alternate);
        put_line(how, "not for", line, out);
    }
}

static void put_withheld(const show *how, const Mash__V1__Delivery *delivery, hub_buffer *out)
{
    size_t width = 0;
    for (size_t i = 0; i < delivery->n_withheld; i++) {
        size_t next = print_width(delivery->withheld[i]) + 2;
        bool wraps = width + next > LINE_WIDTH;
        if (i > 0) hub_buffer_put_text(out, wraps ? ",\n" : ", ");
        if (i == 0 || wraps) put_label(how, i == 0 ? "withheld" : "", out);
        print_clean(out, delivery->withheld[i]);
        width = i == 0 || wraps ? next : width + next;
    }
    if (delivery->n_withheld > 0) hub_buffer_put_text(out, "\n");
}

/* The summary, or when this audience may not see one, what kind of thing happened. */
static void put_said(const show *how, const Mash__V1__Event *event, hub_buffer *out)
{
    char words[64] = "";
    const char *payload = event_payload_name((uint32_t)event->payload_case);
    if (payload != NULL) snprintf(words, sizeof words, "%s", payload);
    for (char *c = words; *c != '\0'; c++) {
        if (*c == '_') *c = ' ';
    }
    put_line(how, "said", event->summary[0] != '\0' ? event->summary : words, out);
}

/* ---- any message, over its descriptor ----------------------------------------------------------------------------------------- */

typedef struct walk {
    const show *how;
    int indent;
    hub_buffer *out;
} walk;

static void walk_message(const walk *w, const ProtobufCMessage *message, const char *path);

static void put_field(const walk *w, const char *path, const char *value)
{
    for (int i = 0; i < w->indent; i++)
        hub_buffer_put(w->out, " ", 1);
    print_styled(w->out, w->how->colour, PRINT_FAINT, path);
    for (size_t width = strlen(path); width < NAME_WIDTH; width++)
        hub_buffer_put(w->out, " ", 1);
    hub_buffer_put_text(w->out, "  ");
    print_clean(w->out, value);
    hub_buffer_put(w->out, "\n", 1);
}

static bool is_time(const char *name)
{
    size_t length = strlen(name);
    return (length > 3 && strcmp(name + length - 3, "_at") == 0) || (length > 3 && strcmp(name + length - 3, "_ms") == 0);
}

static void put_date(const walk *w, const char *path, const Mash__V1__Date *date)
{
    char text[48];
    if (date->month == 0)
        snprintf(text, sizeof text, "%04d", date->year);
    else if (date->day == 0)
        snprintf(text, sizeof text, "%04d-%02d", date->year, date->month);
    else
        snprintf(text, sizeof text, "%04d-%02d-%02d", date->year, date->month, date->day);
    put_field(w, path, text);
}

static void put_bytes(const walk *w, const char *path, const ProtobufCBinaryData *bytes)
{
    char text[2 * HUB_ID_BYTES + 8];
    hub_id id;
    if (bytes->len == 0) return;
    if (hub_id_read(hub_bytes_of(bytes->data, bytes->len), &id))
        hub_id_text(&id, text);
    else
        snprintf(text, sizeof text, "%zu bytes", bytes->len);
    put_field(w, path, text);
}

/* One value of a field, at `value`; what is empty is not stated and not shown. */
static void walk_value(const walk *w, const ProtobufCFieldDescriptor *field, const void *value, const char *path)
{
    char text[PRINT_TIME_TEXT + 64] = "";
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING: {
        const char *string = *(char *const *)value;
        if (string != NULL && string[0] != '\0') put_field(w, path, string);
        return;
    }
    case PROTOBUF_C_TYPE_BYTES:
        put_bytes(w, path, value);
        return;
    case PROTOBUF_C_TYPE_MESSAGE: {
        const ProtobufCMessage *message = *(ProtobufCMessage *const *)value;
        if (message == NULL) return;
        if (message->descriptor == &mash__v1__date__descriptor)
            put_date(w, path, (const Mash__V1__Date *)message);
        else
            walk_message(w, message, path);
        return;
    }
    case PROTOBUF_C_TYPE_ENUM:
        if (*(const int *)value != 0) event_enum_name(field->descriptor, *(const int *)value, text);
        break;
    case PROTOBUF_C_TYPE_BOOL:
        if (*(const protobuf_c_boolean *)value) snprintf(text, sizeof text, "yes");
        break;
    case PROTOBUF_C_TYPE_INT64:
        if (*(const int64_t *)value == 1 && is_time(field->name)) /* the contract's word for it, no instant */
            snprintf(text, sizeof text, "not stated, before it was recorded");
        else if (*(const int64_t *)value != 0 && is_time(field->name))
            print_time(w->how->zone, *(const int64_t *)value, text);
        else if (*(const int64_t *)value != 0)
            snprintf(text, sizeof text, "%" PRId64, *(const int64_t *)value);
        break;
    case PROTOBUF_C_TYPE_UINT64:
        if (*(const uint64_t *)value != 0) snprintf(text, sizeof text, "%" PRIu64, *(const uint64_t *)value);
        break;
    case PROTOBUF_C_TYPE_UINT32:
        if (*(const uint32_t *)value != 0) snprintf(text, sizeof text, "%" PRIu32, *(const uint32_t *)value);
        break;
    default:
        if (*(const int32_t *)value != 0) snprintf(text, sizeof text, "%" PRId32, *(const int32_t *)value);
        break;
    }
    if (text[0] != '\0') put_field(w, path, text);
}

static void walk_field(const walk *w, const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, const char *path)
{
    const char *base = (const char *)message;
    const void *value = base + field->offset;
    if (field->label != PROTOBUF_C_LABEL_REPEATED) {
        bool one_of = (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
        if (one_of && *(const uint32_t *)(const void *)(base + field->quantifier_offset) != field->id) return;
        walk_value(w, field, value, path);
        return;
    }
    size_t count = *(const size_t *)(const void *)(base + field->quantifier_offset);
    const char *elements = *(const char *const *)value;
    for (size_t i = 0; i < count; i++) {
        char item[PATH_MAX_BYTES + 24];
        snprintf(item, sizeof item, count > 1 ? "%s[%zu]" : "%s", path, i);
        walk_value(w, field, elements + i * event_wire_element_bytes(field->type), item);
    }
}

static void walk_message(const walk *w, const ProtobufCMessage *message, const char *path)
{
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        char below[PATH_MAX_BYTES];
        int length = snprintf(below, sizeof below, "%s%s%s", path, path[0] != '\0' ? "." : "", field->name);
        if (length < (int)sizeof below - 24) walk_field(w, message, field, below);
    }
}

/* Every stated field of a message, one line each, indented by `indent` spaces: "subjects[0].sex  female". Dates and times are civil. */
static void put_fields(const show *how, const ProtobufCMessage *message, int indent, hub_buffer *out)
{
    walk w = {.how = how, .indent = indent, .out = out};
    walk_message(&w, message, "");
}

void show_delivery(const show *how, const Mash__V1__Delivery *delivery, hub_buffer *out)
{
    put_heading(how, delivery, out);
    if (delivery->lapsed != NULL) put_lapsed(how, delivery->lapsed, out);
    put_people(how, delivery, out);
    if (delivery->alert != NULL) put_alert(how, delivery->alert, out);
    if (delivery->notice[0] != '\0') put_line(how, "notice", delivery->notice, out); /* what Seen names */
    put_parties(how, delivery, out);
    put_reasons(how, delivery, out);
    if (delivery->event != NULL) {
        put_said(how, delivery->event, out);
        if (how->detail == SHOW_FIELDS) put_fields(how, &delivery->event->base, 4, out);
    }
    put_withheld(how, delivery, out);
    hub_buffer_put(out, "\n", 1);
}
