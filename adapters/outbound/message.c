#include "message.h"

#include <inttypes.h>
#include <string.h>

#include "base/hash.h"
#include "event/event.h"
#include "event/wire.h"
#include "json/json.h"
#include "kit/zone.h"

enum { FIELDS_MAX = 1 << 20 };
static const int64_t DAY_MS = 24LL * 60 * 60 * 1000;
static const int64_t MINUTE_MS = 60 * 1000;
static const int64_t TIMES_END_MS = 7289654400000; /* 2201-01-01, as of events: beyond it is no due time */

/* ---- looking ---- */

static void copy_name(const char *text, char *out, size_t size)
{
    static const char ALLOWED[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    bool shaped = strlen(text) < size && text[strspn(text, ALLOWED)] == '\0'; /* G3 */
    (void)hub_format(out, size, "%s", shaped ? text : "");
}

static const char *line_of(const Mash__V1__Delivery *d)
{
    if (d->alert != NULL && d->alert->alert_id[0] != '\0') return d->alert->alert_id;
    if (d->notice[0] != '\0') return d->notice;
    if (d->request != NULL) return d->request->request;
    if (d->feedback != NULL) return d->feedback->feedback;
    if (d->disagreement != NULL) return d->disagreement->disagreement;
    return "";
}

static void earlier(int64_t candidate, int64_t *due)
{
    if (candidate > 0 && candidate < TIMES_END_MS && (*due == 0 || candidate < *due)) *due = candidate;
}

static int64_t due_of(const Mash__V1__Delivery *d)
{
    int64_t due = 0;
    for (size_t i = 0; d->alert != NULL && i < d->alert->n_clocks; i++) {
        if (!d->alert->clocks[i]->held) earlier(d->alert->clocks[i]->due_ms, &due);
    }
    if (d->request != NULL && !d->request->answered) earlier(d->request->due_ms, &due);
    if (d->disagreement != NULL) earlier(d->disagreement->due_ms, &due);
    return due;
}

static void look_at_event(const Mash__V1__Event *event, message_facts *out)
{
    (void)hub_id_read(hub_bytes_of(event->event_id.data, event->event_id.len), &out->event_id);
    if (!hub_id_read(hub_bytes_of(event->retracts.data, event->retracts.len), &out->takes_back))
        (void)hub_id_read(hub_bytes_of(event->amends.data, event->amends.len), &out->takes_back);
    for (size_t i = 0; i < event->n_subjects; i++) {
        const char *urn = event->subjects[i]->school_urn;
        if (urn[0] != '\0' && out->school_urn[0] == '\0') copy_name(urn, out->school_urn, sizeof out->school_urn);
    }
}

void message_look(const Mash__V1__Delivery *d, message_facts *out)
{
    *out = (message_facts){0};
    copy_name(line_of(d), out->line, sizeof out->line);
    if (d->event != NULL) look_at_event(d->event, out);
    bool is_of_school = out->school_urn[0] != '\0' && out->line[0] != '\0' && line_of(d) == d->notice;
    (void)hub_format(out->key, sizeof out->key, "%s%s%s", out->line, is_of_school ? "/" : "",
                     is_of_school ? out->school_urn : "");
    out->due_ms = due_of(d);
    out->is_act = d->kind == MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT;
    out->has_ended = d->alert != NULL && strcmp(d->alert->state, "ended") == 0;
}

static hub_bytes number_bytes(uint64_t number, uint8_t at[8])
{
    hub_put_u64(at, number);
    return hub_bytes_of(at, 8);
}

void message_id(const Mash__V1__Delivery *d, uint32_t twin, hub_id *out)
{
    static const uint8_t NO_SECRET[HUB_SECRET_BYTES] = {0}; /* an identity, not a proof */
    uint8_t numbers[4][8];
    const Mash__V1__Position *at = d->position;
    message_facts facts;
    message_look(d, &facts);
    bool is_notice = facts.key[0] != '\0' && line_of(d) == d->notice;
    hub_bytes parts[] = {
        hub_bytes_of_text(d->queue),
        number_bytes(at == NULL ? 0 : at->sequence, numbers[0]),
        at == NULL ? (hub_bytes){0} : hub_bytes_of(at->record_hash.data, at->record_hash.len),
        number_bytes((uint64_t)d->kind, numbers[1]),
        hub_bytes_of_text(d->alert == NULL ? "" : d->alert->alert_id),
        hub_bytes_of_text(is_notice ? facts.key : d->notice),
        hub_bytes_of_text(d->request == NULL ? "" : d->request->request),
        hub_bytes_of_text(d->feedback == NULL ? "" : d->feedback->feedback),
        hub_bytes_of_text(d->disagreement == NULL ? "" : d->disagreement->disagreement),
        hub_bytes_of_text(d->lapsed == NULL ? "" : d->lapsed->clock),
        hub_bytes_of_text(d->escalation == NULL ? "" : d->escalation->ladder),
        number_bytes(d->escalation == NULL ? 0 : d->escalation->step, numbers[2]),
        d->event == NULL ? (hub_bytes){0} : hub_bytes_of(d->event->event_id.data, d->event->event_id.len),
        number_bytes(twin, numbers[3]),
    };
    hub_keyed_digest(NO_SECRET, "delivery", parts, sizeof parts / sizeof parts[0], out->bytes);
    hub_id_mark_derived(out);
}

hub_status message_unpack(hub_bytes content, hub_arena *arena, Mash__V1__Delivery **out, hub_error *err)
{
    event_wire_fault fault;
    ProtobufCMessage *message = NULL;
    hub_status status = event_wire_unpack_large(&mash__v1__delivery__descriptor, content, FIELDS_MAX, arena, &message, &fault);
    *out = (Mash__V1__Delivery *)message;
    if (status == HUB_ERR_INVALID) return hub_fail(err, HUB_ERR_CORRUPT, "a stored delivery cannot be read: %s", fault.cause);
    return status == HUB_OK ? HUB_OK : hub_fail(err, status, "a delivery: out of memory");
}

void message_bring_up_to_date(Mash__V1__Delivery *delivery, const Mash__V1__Delivery *newest)
{
    if (delivery->alert == NULL || newest->alert == NULL) return;
    Mash__V1__Alert *before = delivery->alert;
    delivery->alert = newest->alert;
    for (size_t i = 0; i < newest->alert->n_lines; i++) {
        Mash__V1__DecisionLine *line = newest->alert->lines[i];
        line->subject = 0;
        for (size_t j = 0; j < before->n_lines; j++) {
            if (before->lines[j]->person == line->person) line->subject = before->lines[j]->subject;
        }
    }
}

/* ---- times ---- */

int32_t message_civil_day(int64_t at_ms, int *minute)
{
    int64_t summer = at_ms + 60 * MINUTE_MS;
    int64_t civil = kit_zone_london(summer) == 60 ? summer : at_ms;
    *minute = (int)(civil % DAY_MS / MINUTE_MS);
    return (int32_t)(civil / DAY_MS);
}

int64_t message_civil_instant(int32_t day, int minute)
{
    int64_t civil = day * DAY_MS + minute * MINUTE_MS;
    return civil - kit_zone_london(civil) * MINUTE_MS;
}

void message_civil(int64_t at_ms, char out[MESSAGE_TIME_TEXT])
{
    static const char *const DAYS[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char *const MONTHS[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int minute = 0;
    int32_t year = 0, month = 1, day = 1;
    int32_t days = message_civil_day(at_ms, &minute);
    event_day_date(days, &year, &month, &day);
    (void)hub_format(out, MESSAGE_TIME_TEXT, "%s %d %s %d, %02d:%02d", DAYS[days % 7], day, MONTHS[month - 1], year, minute / 60,
                     minute % 60);
}

void message_utc(int64_t at_ms, char out[MESSAGE_TIME_TEXT])
{
    int32_t year = 0, month = 1, day = 1;
    int64_t second = at_ms / 1000 % (24 * 3600);
    event_day_date((int32_t)(at_ms / DAY_MS), &year, &month, &day);
    (void)hub_format(out, MESSAGE_TIME_TEXT, "%04d-%02d-%02dT%02d:%02d:%02dZ", year, month, day, (int)(second / 3600),
                     (int)(second / 60 % 60), (int)(second % 60));
}

void message_id_text(const hub_id *id, char out[MESSAGE_ID_TEXT])
{
    (void)hub_format(out, MESSAGE_ID_TEXT, "msg_");
    hub_hex(id->bytes, HUB_ID_BYTES, out + 4);
}

/* ---- as JSON ---- */

static void put_head(const message_frame *frame, const char *type, hub_buffer *out)
{
    char id[MESSAGE_ID_TEXT];
    char at[MESSAGE_TIME_TEXT];
    message_id_text(&frame->id, id);
    message_utc(frame->now_ms, at);
    hub_buffer_put_format(out, "{\"type\":\"%s\",\"id\":\"%s\",\"timestamp\":\"%s\",\"newer_here\":%" PRIu32 ",\"data\":", type,
                          id, at, frame->newer);
}

hub_status message_json(const message_frame *frame, const Mash__V1__Delivery *delivery, hub_buffer *out)
{
    put_head(frame, "safeguarding.delivery", out);
    hub_status status = json_of_message(&delivery->base, JSON_COMPACT, out);
    hub_buffer_put_text(out, "}");
    return status == HUB_OK && out->failed ? HUB_ERR_MEMORY : status;
}

static const char *const RATINGS[] = {"not rated", "blue", "green", "amber", "red"};

const char *message_rating(const Mash__V1__Delivery *d)
{
    unsigned rating = d->alert == NULL ? 0 : (unsigned)d->alert->rating;
    return rating < sizeof RATINGS / sizeof RATINGS[0] ? RATINGS[rating] : RATINGS[0];
}

const char *message_state(const Mash__V1__Delivery *d)
{
    static const char *const KNOWN[] = {"open", "held", "ended"};
    for (size_t i = 0; d->alert != NULL && i < sizeof KNOWN / sizeof KNOWN[0]; i++) {
        if (strcmp(d->alert->state, KNOWN[i]) == 0) return KNOWN[i];
    }
    return "";
}

void message_put_link(const message_frame *frame, const message_facts *facts, hub_buffer *out)
{
    if (frame->board[0] == '\0') return;
    size_t size = strlen(frame->board);
    while (size > 0 && frame->board[size - 1] == '/')
        size--;
    const char *page = facts->line[0] == 'A' ? "/alert/" : "/item/";
    bool has_page = facts->line[0] != '\0' && strchr("ARDF", facts->line[0]) != NULL;
    hub_buffer_put_format(out, "%.*s%s%s", (int)size, frame->board, has_page ? page : "/", has_page ? facts->line : "");
}

hub_status message_notice_json(const message_frame *frame, const Mash__V1__Delivery *delivery, hub_buffer *out)
{
    message_facts facts;
    char due[MESSAGE_TIME_TEXT];
    message_look(delivery, &facts);
    put_head(frame, "safeguarding.notice", out);
    hub_buffer_put_format(out, "{\"reference\":\"%s\",\"rating\":\"%s\",\"state\":\"%s\",\"exercise\":%s", facts.line,
                          message_rating(delivery), message_state(delivery), delivery->exercise ? "true" : "false");
    if (facts.due_ms != 0) {
        message_utc(facts.due_ms, due);
        hub_buffer_put_format(out, ",\"due\":\"%s\"", due);
    }
    hub_buffer link = {0};
    message_put_link(frame, &facts, &link);
    hub_buffer_put_text(out, ",\"link\":");
    json_put_text(out, hub_buffer_text(&link));
    hub_buffer_put_text(out, "}}");
    bool failed = out->failed || link.failed;
    hub_buffer_free(&link);
    return failed ? HUB_ERR_MEMORY : HUB_OK;
}
