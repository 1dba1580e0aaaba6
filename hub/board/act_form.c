#include "act_form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "board/alert_people.h"
#include "json/json.h"

#define KIND(name) MASH__V1__ACT_KIND__ACT_KIND_##name

const act_form ACT_FORMS[] = {
    {"claim", "Claim", "You become the owner: from now on it is yours until it is decided or you give it back.", 'A', KIND(CLAIM),
     .is_at_once = true},
    {"seen", "Mark as seen", "Records that a person has seen it.", 'A', KIND(SEEN), .is_at_once = true,
     .fields = {{"this_version", INPUT_HIDDEN, "As it stands", "", false}}},
    {"release", "Give back", "It goes back to your team, for somebody else to claim.", 'A', KIND(RELEASE), .has_reason = true,
     .needs_reason = true},
    {"hand-over", "Hand over", "You stay its owner until they accept it.", 'A', KIND(HAND_OVER), .has_reason = true,
     .fields = {{"to", INPUT_TAKER, "Who is asked to take it", "", true}}},
    {"rate", "Rate", "Confirms or changes the rating; the clocks follow it, and the old ones are kept on record.", 'A',
     KIND(RATE), .has_reason = true, .needs_reason = true, .fields = {{"rating", INPUT_RATING, "Rating", "", true}}},
    {"note", "Add a note", "Kept with the alert.", 'A', KIND(NOTE), .fields = {{"text", INPUT_WORDS, "Note", "", true}}},
    {"request-information", "Ask an agency", "The agency is asked what it knows, and by when.", 'A', KIND(REQUEST_INFORMATION),
     .fields = {{"agency", INPUT_AGENCY, "Agency", "", true},
                {"question", INPUT_WORDS, "What you ask", "", true},
                {"due_ms", INPUT_WHEN, "By when", "Leave it empty for the time that the policy gives this rating", false}}},
    {"decide", "Decide", "Decides about one person. Each child or adult at risk has a line of their own.", 'A', KIND(DECIDE),
     .fields = {{"person", INPUT_HIDDEN, "Person", "", true},
                {"outcome", INPUT_OUTCOME, "Outcome", "", true},
                {"rationale", INPUT_WORDS, "Why", "", true},
                {"legal_basis", INPUT_LINE, "Legal basis or consent",
                 "As in: Children Act 1989 s47. Needed where the outcome shares or refers", false}}},
    {"reassign", "Send to another team", "It is nobody's there until somebody claims it.", 'A', KIND(REASSIGN),
     .has_reason = true, .needs_reason = true, .fields = {{"queue", INPUT_QUEUE, "To whom", "", true}}},
    {"hold", "Hold", "Stops the local clocks for a while. Clocks required by statute go on.", 'A', KIND(HOLD), .has_reason = true,
     .needs_reason = true,
     .fields = {{"until_ms", INPUT_WHEN, "Until",
                 "The hold ends by itself then. Leave it empty to agree to what a colleague asked you to hold", false},
                {"second", INPUT_HOLDER, "Who is asked to agree", "A Red is held only when this person holds it too", false}}},
    {"resume", "End the hold", "The clocks go on.", 'A', KIND(RESUME), .has_reason = true, .needs_reason = true},
    {"restate", "Move a clock", "Gives one running clock another due time. Never one required by statute.", 'A', KIND(RESTATE),
     .has_reason = true, .needs_reason = true,
     .fields = {{"clock", INPUT_HIDDEN, "Clock", "", true}, {"due_ms", INPUT_WHEN, "Due", "", true}}},
    {"withhold", "Record that you do not share", "An agency is not told, and why (Children Act 2004 s16LA).", 'A', KIND(WITHHOLD),
     .has_reason = true, .needs_reason = true, .fields = {{"agency", INPUT_AGENCY, "Agency", "", true}}},
    {"declare-party", "Declare a party",
     "You or a colleague are involved yourselves, or know somebody who is: whoever is declared sees nothing of it any more.", 'A',
     KIND(DECLARE_PARTY), .has_reason = true, .needs_reason = true, .fields = {{"staff", INPUT_ANYBODY, "Who", "", true}}},
    {"clear-party", "Clear a party", "It was a mistake, or holds no longer: they see it again.", 'A', KIND(CLEAR_PARTY),
     .has_reason = true, .needs_reason = true, .fields = {{"staff", INPUT_COLLEAGUE, "Who", "", true}}},
    {"confirm-link", "Confirm a possible link",
     "Two numbers are one person, or two people are one family. Everybody who has an alert about either is told.", 'A',
     KIND(CONFIRM_LINK), .has_reason = true, .needs_reason = true,
     .fields = {{"person", INPUT_LINKED, "Person", "", true},
                {"other", INPUT_LINKED_TOO, "And person", "", true},
                {"found", INPUT_SAME, "What they are", "", true}}},
    {"split-link", "Split a wrong link",
     "Somebody is not the person whom the hub took them for. Later events obey; what was decided stays for you to look at, and "
     "everybody who has an alert about them is told.",
     'A', KIND(SPLIT_LINK), .has_reason = true, .needs_reason = true,
     .fields = {{"person", INPUT_LINKED, "Person they were taken for", "", true},
                {"event", INPUT_LINKED_TOO, "Record that names somebody else", "", false},
                {"subject", INPUT_LINKED_TOO, "Which of its people", "", false},
                {"joined", INPUT_LINKED_TOO, "Person who was wrongly joined", "", false}}},
    {"share", "Share again", "An agency that was not told may be told again.", 'A', KIND(SHARE), .has_reason = true,
     .needs_reason = true, .fields = {{"agency", INPUT_AGENCY, "Agency", "", true}}},
    {"wait", "Let it wait", "Records why it may wait unrated past closing time.", 'A', KIND(WAIT), .has_reason = true,
     .needs_reason = true},
    {"dispute", "Disagree",
     "Opens a disagreement with another team. Both positions are kept word for word. If somebody is in immediate "
     "danger ring 999 and call a strategy discussion: neither waits for this.",
     'A', KIND(DISPUTE),
     .fields = {{"with_team", INPUT_TEAM, "With which team", "One that was told of this alert: the hub refuses any other", true},
                {"position", INPUT_WORDS, "Your position", "", true},
                {"urgent", INPUT_FLAG, "Urgent: there is immediate risk", "", false},
                {"rethink", INPUT_FLAG, "Begin with a re-think of both sides together", "", false}}},
    {"respond", "Respond", "Your side's answer, kept word for word.", 'D', KIND(RESPOND),
     .fields = {{"position", INPUT_WORDS, "Your position", "", true}}},
    {"refer", "Refer up", "Takes it up a stage.", 'D', KIND(REFER), .has_reason = true, .needs_reason = true,
     .fields = {{"to_stage", INPUT_LINE, "To which stage", "A number; leave it empty for the next one", false},
                {"urgent", INPUT_FLAG, "Urgent: somebody is at immediate risk now", "", false}}},
    {"settle", "Settle", "It closes when both sides have settled at the same stage.", 'D', KIND(SETTLE),
     .fields = {{"agreement", INPUT_WORDS, "What you agree to", "", true},
                {"final", INPUT_FLAG, "This is the decision of a stage that decides; it binds both sides", "", false}}},
    {"record-outcome", "Record the outcome", "The written record of a closed disagreement.", 'D', KIND(RECORD_OUTCOME),
     .fields = {{"outcome", INPUT_WORDS, "Outcome", "", true}}},
    {"answer", "Answer", "What your agency knows, or that it knows nothing.", 'R', KIND(ANSWER),
     .fields = {{"text", INPUT_WORDS, "Answer", "", true}}},
    {"seen", "Mark as seen", "Records that a person of your agency has seen what was decided.", 'F', KIND(SEEN),
     .is_at_once = true},
    {"seen", "Mark as seen", "Records that a person has seen the notice.", 'N', KIND(SEEN), .is_at_once = true},
    {"sign", "Sign the daily list", "You have looked through it; what nobody has taken ends with it.", 'Q', KIND(SIGN),
     .fields = {{"day", INPUT_HIDDEN, "Day", "", false},
                {"seen_sequence", INPUT_HIDDEN, "The list that you have looked through", "", true}}},
    {0},
};

const act_form *act_form_of(const char *code, char item)
{
    for (const act_form *form = ACT_FORMS; form->code != NULL; form++) {
        if (form->item == item && strcmp(form->code, code) == 0) return form;
    }
    return NULL;
}

/* ---- reading ------------------------------------------------------------------------------------------------------------------ */
static void put_text(hub_buffer *json, const char *text)
{
    hub_buffer_put_text(json, "\"");
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '"' || *at == '\\') {
            hub_buffer_put_format(json, "\\%c", *at);
        } else if ((unsigned char)*at < 0x20) {
            hub_buffer_put_format(json, "\\u%04x", (unsigned char)*at);
        } else {
            hub_buffer_put(json, at, 1);
        }
    }
    hub_buffer_put_text(json, "\"");
}

static void put_pair(hub_buffer *json, const char *name, const char *value, bool is_bare)
{
    hub_buffer_put_format(json, "%s\"%s\":", json->size > 0 && json->data[json->size - 1] != '{' ? "," : "", name);
    if (is_bare) {
        hub_buffer_put_text(json, value);
    } else {
        put_text(json, value);
    }
}

const char *act_form_brought(const visit *v, const char *name)
{
    const char *typed = http_form_text(&v->form, name);
    return typed[0] != '\0' ? typed : http_form_text(&v->query, name);
}

int64_t act_form_when(const visit *v, const char *name)
{
    char day_name[40], time_name[40];
    (void)snprintf(day_name, sizeof day_name, "%s-day", name);
    (void)snprintf(time_name, sizeof time_name, "%s-time", name);
    const char *day = http_form_text(&v->form, day_name), *clock = http_form_text(&v->form, time_name);
    int year, month, of_month, hour, minute, end = 0;
    if (day[0] == '\0' && clock[0] == '\0') return 0;
    if (sscanf(day, "%4d-%2d-%2d%n", &year, &month, &of_month, &end) != 3 || day[end] != '\0') return -1;
    end = 0;
    if (sscanf(clock, "%2d:%2d%n", &hour, &minute, &end) != 2 || clock[end] != '\0' || hour > 23 || minute > 59) return -1;
    bool is_day = year >= 1972 && year <= 2100 && month >= 1 && month <= 12 && of_month >= 1 &&
                  of_month <= core_civil_month_days(year, month);
    if (!is_day || v->b->policy == NULL || v->b->policy->calendar_count == 0) return -1;
    const core_calendar *calendar = &v->b->policy->calendars[0];
    return core_zone_instant(calendar->zone, calendar->zone_count, core_civil_day(year, month, of_month), hour * 60 + minute,
                             CORE_FIRST_OCCURRENCE);
}

static bool is_number(const char *text)
{
    return text[0] != '\0' && strlen(text) < 19 && text[strspn(text, "0123456789")] == '\0';
}

bool act_form_is_missing(const visit *v, const act_field *field, hub_error *err)
{
    bool is_choice = field->input >= INPUT_RATING && field->input <= INPUT_HOLDER;
    bool is_typed =
        field->input == INPUT_WHEN ? act_form_when(v, field->name) != 0 : http_form_text(&v->form, field->name)[0] != '\0';
    if (is_typed || !field->is_needed) return false;
    (void)hub_fail(err, HUB_ERR_INVALID, is_choice ? "Choose: %s" : "Enter: %s",
                   field->input == INPUT_LINKED ? "what is meant" : field->label);
    return true;
}

/* false: it does not fit. */
static bool put_field(const visit *v, const act_field *field, const ProtobufCMessageDescriptor *what, hub_buffer *json,
                      hub_error *err)
{
    const char *typed = http_form_text(&v->form, field->name);
    const ProtobufCFieldDescriptor *of = protobuf_c_message_descriptor_get_field_by_name(what, field->name);
    HUB_ASSERT(of != NULL); /* a test compares the table with the contract */
    char number[24];
    if (field->input == INPUT_WHEN) {
        int64_t at_ms = act_form_when(v, field->name);
        if (at_ms < 0) return hub_fail(err, HUB_ERR_INVALID, "Enter a day and a time, as in 2026-11-23 and 14:30") == HUB_OK;
        if (at_ms > 0 && at_ms <= v->now_ms)
            return hub_fail(err, HUB_ERR_INVALID, "Enter a time that is still to come") == HUB_OK;
        (void)snprintf(number, sizeof number, "%lld", (long long)at_ms);
        typed = at_ms == 0 ? "" : number;
    }
    if (typed[0] == '\0') return !act_form_is_missing(v, field, err);
    bool is_text = of->type == PROTOBUF_C_TYPE_STRING || of->type == PROTOBUF_C_TYPE_ENUM;
    if (!is_text && of->type != PROTOBUF_C_TYPE_BOOL && !is_number(typed)) {
        (void)hub_fail(err, HUB_ERR_INVALID, "%s: enter a number", field->label);
        return false;
    }
    put_pair(json, field->name, of->type == PROTOBUF_C_TYPE_BOOL ? "true" : typed, !is_text);
    return true;
}

static const ProtobufCFieldDescriptor *what_of(const act_form *form)
{
    char name[VISIT_CODE_MAX];
    size_t i = 0;
    for (; form->code[i] != '\0'; i++)
        name[i] = form->code[i] == '-' ? '_' : form->code[i];
    name[i] = '\0';
    return protobuf_c_message_descriptor_get_field_by_name(&mash__v1__act__descriptor, name);
}

const Mash__V1__Act *act_form_read(visit *v, const act_form *form, const char *item, const char **field, hub_error *err)
{
    const ProtobufCFieldDescriptor *what = what_of(form);
    HUB_ASSERT(what != NULL && what->type == PROTOBUF_C_TYPE_MESSAGE);
    hub_buffer json = {0};
    const char *reason = http_form_text(&v->form, "reason"), *version = http_form_text(&v->form, "version");
    *field = NULL;
    hub_buffer_put_text(&json, "{");
    put_pair(&json, "command_id", http_form_text(&v->form, "command_id"), false);
    put_pair(&json, "on_behalf_of", v->person_id, false);
    put_pair(&json, "item", item, false);
    put_pair(&json, "version", is_number(version) ? version : "0", true);
    put_pair(&json, "reason", reason, false);
    hub_buffer_put_format(&json, ",\"%s\":{", what->name);
    for (size_t i = 0; *field == NULL && i < ACT_FIELDS_MAX && form->fields[i].name != NULL; i++) {
        if (!put_field(v, &form->fields[i], what->descriptor, &json, err)) *field = form->fields[i].name;
    }
    if (*field == NULL && form->needs_reason && reason[0] == '\0') {
        *field = "reason";
        (void)hub_fail(err, HUB_ERR_INVALID, "Enter: Why");
    }
    hub_buffer_put_text(&json, "}}");
    ProtobufCMessage *message = NULL;
    hub_status status = *field != NULL
                            ? HUB_ERR_INVALID
                            : json_to_message(&mash__v1__act__descriptor, hub_buffer_bytes(&json), &v->arena, &message, err);
    hub_buffer_free(&json);
    if (status != HUB_OK && *field == NULL) *field = "version";
    return status == HUB_OK ? (const Mash__V1__Act *)message : NULL;
}

/* ---- choices ------------------------------------------------------------------------------------------------------------------ */
static Mash__V1__Sensitivity class_of(const board_row *row)
{
    return row == NULL ? MASH__V1__SENSITIVITY__SENSITIVITY_OFFICIAL : row->sensitivity;
}

/* acts: one bit for each ActKind; whoever may do none of them, or not on an alert of this class, is left out, 0: nobody is. */
static void choose_staff(const visit *v, const board_row *row, uint32_t acts, bool has_self, act_choice_cb *each, void *context)
{
    const core_policy *policy = v->b->policy;
    bool is_restricted = class_of(row) >= MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED;
    int32_t queue = row == NULL ? -1 : people_queue(policy, v->b->config.queues[row->queue]);
    int32_t day = people_day(policy, v->now_ms);
    for (uint32_t i = 0; i < policy->staff_count; i++) {
        const core_staff_row *staff = &policy->staff[i];
        bool is_here = queue < 0 || core_team_has(&policy->teams[staff->team], (uint32_t)queue);
        bool is_self = strcmp(staff->id, v->person_id) == 0;
        if (!is_here || !core_effective_on(&staff->effective, day) || (is_self && !has_self)) continue;
        const core_role *role = &policy->roles[staff->role];
        if (acts != 0 && ((role->may & acts) == 0 || (is_restricted && !role->restricted))) continue;
        each(context, staff->id, staff->shown[0] == '\0' ? staff->id : staff->shown, is_self ? "yourself" : role->name);
    }
}

/* Another than those that work the alert's list: within a team its manager settles what they disagree about. */
static void choose_team(const visit *v, const board_row *row, act_choice_cb *each, void *context)
{
    static const char *const GROUPS[] = {"Agencies and services", "Other teams of the partnership"};
    const core_policy *policy = v->b->policy;
    int32_t queue = row == NULL ? -1 : people_queue(policy, v->b->config.queues[row->queue]);
    for (size_t group = 0; group < sizeof GROUPS / sizeof GROUPS[0]; group++) {
        for (uint32_t i = 0; i < policy->team_count; i++) {
            const core_team *team = &policy->teams[i];
            bool is_agency = team->queue_count > 0 && policy->queues[team->queues[0]].is_agency;
            bool is_own = queue >= 0 && core_team_has(team, (uint32_t)queue);
            if (is_own || is_agency != (group == 0)) continue;
            each(context, team->name, people_team_shown(policy, team->name), GROUPS[group]);
        }
    }
}

/* One of a kind: which of an agency's services is asked follows from the alert's area. */
static void choose_agency(const core_policy *policy, act_choice_cb *each, void *context)
{
    for (uint32_t i = 0; i < policy->agency_count; i++) {
        const char *name = policy->agencies[i].name;
        uint32_t before = 0;
        while (before < i && strcmp(policy->agencies[before].name, name) != 0)
            before++;
        if (before == i) each(context, name, name, policy->agencies[i].area[0] == '\0' ? "" : "that of the alert's area");
    }
}

static bool fits(const visit *v, const core_outcome *outcome)
{
    const alert_person *known = alert_people_find(v, strtoull(act_form_brought(v, "person"), NULL, 10));
    bool is_either = known == NULL || known->is_child == known->is_adult;
    return is_either || outcome->fits == CORE_FOR_ANYBODY || (outcome->fits == CORE_FOR_CHILDREN) == known->is_child;
}

static void choose_outcome(const visit *v, act_choices which, act_choice_cb *each, void *context)
{
    for (uint32_t i = 0; i < v->b->policy->outcome_count; i++) {
        const core_outcome *outcome = &v->b->policy->outcomes[i];
        if (which != CHOICES_ALL && fits(v, outcome) != (which == CHOICES_FIT)) continue;
        each(context, outcome->id, outcome->plain, outcome->needs_legal_basis ? "needs a legal basis or consent" : "");
    }
}

void act_form_choices(const visit *v, act_input input, const board_row *row, act_choices which, act_choice_cb *each,
                      void *context)
{
    static const struct {
        const char *value, *text, *hint;
    } RATINGS[] = {{"RATING_RED", "Red", "somebody may be suffering, or be likely to suffer, significant harm"},
                   {"RATING_AMBER", "Amber", ""},
                   {"RATING_GREEN", "Green", ""},
                   {"RATING_BLUE", "Blue", "for information: stands on the daily list"}};
    const core_policy *policy = v->b->policy;
    if (policy == NULL || (which == CHOICES_REST && input != INPUT_OUTCOME)) return;
    switch (input) {
    case INPUT_RATING:
        for (size_t i = 0; i < sizeof RATINGS / sizeof RATINGS[0]; i++)
            each(context, RATINGS[i].value, RATINGS[i].text, RATINGS[i].hint);
        break;
    case INPUT_OUTCOME:
        choose_outcome(v, which, each, context);
        break;
    case INPUT_AGENCY:
        choose_agency(policy, each, context);
        break;
    case INPUT_TEAM:
        choose_team(v, row, each, context);
        break;
    case INPUT_QUEUE:
        for (uint32_t i = 0; i < policy->queue_count; i++) {
            if (policy->queues[i].is_agency || !core_policy_works(policy, i, people_day(policy, v->now_ms), class_of(row)))
                continue;
            each(context, policy->queues[i].name, people_queue_shown(policy, policy->queues[i].name), "");
        }
        break;
    case INPUT_SAME:
        each(context, "LINK_AS_SAME_PERSON", "The same person", "never with two different NHS numbers, UPNs or PNC ids");
        each(context, "LINK_AS_SAME_FAMILY", "One family", "");
        break;
    case INPUT_ANYBODY:
        choose_staff(v, row, 0, true, each, context);
        break;
    case INPUT_COLLEAGUE:
        choose_staff(v, row, 0, false, each, context);
        break;
    case INPUT_TAKER:
        choose_staff(v, row, UINT32_C(1) << KIND(CLAIM), false, each, context);
        break;
    case INPUT_HOLDER:
        choose_staff(v, row, UINT32_C(1) << KIND(HOLD), false, each, context);
        break;
    default:
        break;
    }
}
