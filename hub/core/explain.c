/* One record in plain English. Every line is made from facts and from the policy they name, so it can be made again at any time, and
 * passes the same filter as the deliveries: sharing.h. */
#include "core/explain.h"

#include <string.h>

#include "core/decide.h"

#define say core_explain_say
#define when core_explain_when
#define spaced core_explain_spaced

void core_explain_say(explaining *v, uint32_t indent, const char *format, ...)
{
    char text[CORE_LINE_BYTES_MAX];
    va_list args;
    va_start(args, format);
    (void)hub_format_list(text, sizeof text, format, args);
    va_end(args);

    core_lines *lines = v->lines;
    if (lines->count == lines->capacity) {
        size_t capacity = lines->capacity == 0 ? 64 : lines->capacity * 2;
        Mash__V1__ExplainLine **grown = hub_arena_take_raw(lines->arena, capacity * sizeof *grown);
        if (grown == NULL) {
            v->failed = true;
            return;
        }
        if (lines->count > 0) memcpy(grown, lines->items, lines->count * sizeof *grown);
        lines->items = grown;
        lines->capacity = capacity;
    }
    Mash__V1__ExplainLine *line = hub_arena_take_raw(lines->arena, sizeof *line);
    char *copy = hub_arena_copy(lines->arena, text, strlen(text));
    if (line == NULL || copy == NULL) {
        v->failed = true;
        return;
    }
    mash__v1__explain_line__init(line);
    line->indent = indent;
    line->text = copy;
    lines->items[lines->count++] = line;
}

const char *core_explain_when(const explaining *v, int64_t ms, char out[40])
{
    if (v->civil != NULL) {
        core_calendar_text(v->civil, ms, out);
    } else {
        (void)hub_format(out, 40, "%lld ms", (long long)ms);
    }
    return out;
}

const char *core_explain_spaced(const char *name, char out[64])
{
    if (name != out) (void)hub_format(out, 64, "%s", name == NULL ? "unknown" : name);
    for (char *at = out; *at != '\0'; at++) {
        if (*at == '_' || *at == '-') *at = ' ';
    }
    return out;
}

/* ---- what came ------------------------------------------------------------------------------------------------------------- */
static void say_when(explaining *v)
{
    const Mash__V1__Event *event = v->record->event;
    char stated[40];
    if (event->occurred_at > 1 && core_view_field(v->view, EVENT_FIELD_OCCURRED_AT)) {
        int64_t delay_min = (v->record->time_ms - event->occurred_at) / 60000;
        say(v, 1, "It happened %s, %lld h %02lld min before it was stored.", when(v, event->occurred_at, stated),
            (long long)(delay_min / 60), (long long)(delay_min % 60));
        if (event->recorded_at > 1 && core_view_field(v->view, EVENT_FIELD_RECORDED_AT))
            say(v, 1, "It was recorded by who sent it %s.", when(v, event->recorded_at, stated));
    } else if (event->occurred_at == 1 && core_view_field(v->view, EVENT_FIELD_RECORDED_AT)) {
        say(v, 1, "When it happened is not stated; it was recorded %s.", when(v, event->recorded_at, stated));
    }
}

static void add_name(void *context, const char *path)
{
    hub_buffer *names = context;
    hub_buffer_put_format(names, "%s%s", names->size == 0 ? "" : ", ", path);
}

static void say_withheld(explaining *v)
{
    hub_buffer names = {0};
    core_view_withheld(v->view, v->lines->arena, add_name, &names);
    if (names.size > 0) say(v, 1, "Withheld from this reader: %s.", hub_buffer_text(&names));
    hub_buffer_free(&names);
}

static void say_event(explaining *v, const Mash__V1__EventAccepted *fact)
{
    char stored[40], kind[64], id_text[HUB_ID_TEXT_BYTES] = "", from[64] = "", sent_by[CORE_NAME_MAX + 16] = "";
    hub_id id;
    const core_peer *sender = core_peer_numbered(v->state, v->record->peer);
    const char *agency = event_agency_name(fact->agency);
    bool has_id =
        core_view_field(v->view, EVENT_FIELD_EVENT_ID) && hub_id_read(hub_bytes_of(fact->event_id.data, fact->event_id.len), &id);
    if (has_id) hub_id_text(&id, id_text);
    if (core_view_field(v->view, EVENT_FIELD_AGENCY))
        (void)hub_format(from, sizeof from, " from %s", agency == NULL ? "an unknown agency" : agency);
    if (core_view_field(v->view, EVENT_FIELD_SOURCE_SYSTEM))
        (void)hub_format(sent_by, sizeof sent_by, " (sent by %s)", sender == NULL ? "the hub" : sender->name);
    bool has_kind = core_view_payload(v->view, fact->payload);
    say(v, 0, "%s%s%s%s%s%s, stored %s as record %llu.%s", has_id ? "Event " : "An event", id_text, has_kind ? ": " : "",
        has_kind ? spaced(event_payload_name(fact->payload), kind) : "", from, sent_by, when(v, v->record->time_ms, stored),
        (unsigned long long)v->record->sequence, fact->exercise ? " This is an EXERCISE." : "");
    if (v->record->event == NULL) {
        say(v, 1, "What it said has been erased; the decision below stands.");
    } else {
        say_when(v);
        say_withheld(v);
    }
    if (v->view->sight == CORE_SIGHT_OWN)
        say(v, 1,
            "It is kept. What the hub made of it is told to whom the policy names; a referrer hears by a queue of its own.");
}

static void say_refusal(explaining *v, const Mash__V1__EventRefused *fact)
{
    char text[64], stamp[40];
    const core_peer *sender = core_peer_numbered(v->state, v->record->peer);
    event_enum_name(&mash__v1__refusal_code__descriptor, (int)fact->code, text);
    say(v, 0, "An event from %s was refused %s: %s%s%s. Nothing of it was kept; it lies in the sender's quarantine.",
        sender == NULL ? "the hub" : sender->name, when(v, v->record->time_ms, stamp), spaced(text, text),
        fact->field_path[0] == '\0' ? "" : " at field ", fact->field_path);
}

/* ---- people ---------------------------------------------------------------------------------------------------------------- */
static const char *roles_text(uint32_t roles, char out[200])
{
    out[0] = '\0';
    for (int role = 1; role < 32; role++) {
        if ((roles >> role & 1) == 0) continue;
        char name[64];
        char both[200];
        event_enum_name(&mash__v1__subject_role__descriptor, role, name);
        (void)hub_format(both, sizeof both, "%.120s%s%s", out, out[0] == '\0' ? "" : " and ", spaced(name, name));
        memcpy(out, both, sizeof both);
    }
    return out[0] == '\0' ? "person" : out;
}

/* As people say it: "NHS number". */
static const char *evidence_text(Mash__V1__LinkEvidence evidence)
{
    static const char *const TEXTS[] = {"",
                                        "",
                                        "",
                                        "NHS number",
                                        "UPN",
                                        "PNC number",
                                        "CRO number",
                                        "CRN",
                                        "NOMS number",
                                        "local number",
                                        "finding of a person",
                                        "finding of a person"};
    return (size_t)evidence < sizeof TEXTS / sizeof TEXTS[0] ? TEXTS[evidence] : "identifier";
}

static void say_person(explaining *v, const Mash__V1__PersonLinked *fact)
{
    char roles[200];
    const char *how = NULL;
    if (!core_view_link(v->view, fact->roles, EVENT_FIELD_SUBJECTS_IDENTIFIERS)) {
        bool has_roles = core_view_field(v->view, EVENT_FIELD_SUBJECTS_ROLES);
        char position[40] = "Somebody";
        if (!core_view_is_silent(v->view)) (void)hub_format(position, sizeof position, "Subject %u", fact->subject + 1);
        say(v, 1, "%s of the event%s%s.", position, has_roles ? ": " : "", has_roles ? roles_text(fact->roles, roles) : "");
        return;
    }
    if (fact->evidence == MASH__V1__LINK_EVIDENCE__LINK_EVIDENCE_NONE)
        how = "not known before, and no identifier to know them by again";
    if (fact->evidence == MASH__V1__LINK_EVIDENCE__LINK_EVIDENCE_NEW_IDENTIFIER)
        how = "not known before; their identifiers are remembered";
    if (how != NULL) {
        say(v, 1, "Person %llu (%s): %s.", (unsigned long long)fact->person, roles_text(fact->roles, roles), how);
    } else {
        say(v, 1, "Person %llu (%s): the same person as before, because the %s is the same.", (unsigned long long)fact->person,
            roles_text(fact->roles, roles), evidence_text(fact->evidence));
    }
    uint32_t now = core_linked_now(v->state, v->record->sequence, fact);
    if (now != core_person_root(v->state, (uint32_t)fact->person))
        say(v, 2, "Since then a person has found that this is not person %llu: it is person %u.",
            (unsigned long long)fact->person, now);
}

static void say_member(explaining *v, const Mash__V1__FamilyMemberAdded *fact)
{
    static const char *const WHY[] = {"", "they are at risk themselves", "a relation was stated",
                                      "they share the event and the home", "a person has found it"};
    size_t reason = (size_t)fact->reason < sizeof WHY / sizeof WHY[0] ? (size_t)fact->reason : 0;
    say(v, 1, "Family %llu%s: person %llu belongs to it, because %s.", (unsigned long long)fact->family,
        fact->is_new_family ? " (new)" : "", (unsigned long long)fact->person, WHY[reason]);
}

/* ---- rules ----------------------------------------------------------------------------------------------------------------- */
static void say_near_miss(explaining *v, const core_policy *policy, uint32_t rule_number, uint32_t condition)
{
    if (rule_number >= policy->rule_count) return;
    const core_rule *rule = &policy->rules[rule_number];
    const char *nobody = rule->about_family ? "nobody in this event, nor in a family of theirs, has the role it is about"
                                            : "nobody in this event has the role it is about";
    if (condition >= rule->condition_count) {
        say(v, 2, "Not %s (%s): %s.", rule->id, rule->plain, nobody);
    } else {
        say(v, 2, "Not %s (%s): it needs \"%s\".", rule->id, rule->plain, rule->conditions[condition].plain);
    }
}

static void say_conditions(explaining *v, const core_rule *rule)
{
    uint32_t named = 0;
    for (uint32_t k = 0; k < rule->condition_count; k++) {
        core_showing showing = core_view_condition(v->view, rule, &rule->conditions[k]);
        if (showing == CORE_SHOWN) say(v, 2, "because %s", rule->conditions[k].plain);
        if (showing == CORE_NAMED) named++;
    }
    if (named > 0) say(v, 2, "because of %u more that this audience may not see", named);
}

static void say_links(explaining *v, const Mash__V1__Traced *trace)
{
    char words[200];
    for (size_t i = 0; i + CORE_LINK_NUMBERS <= trace->n_relatives; i += CORE_LINK_NUMBERS) {
        if (!core_view_relative(v->view, &trace->relatives[i])) continue;
        core_link_words(&trace->relatives[i], words);
        say(v, 2, "%s", words);
    }
}

/* A list that is as long as a record keeps may go on: that is said, or what is not listed would seem not to be. */
static void say_full(explaining *v, size_t count, size_t most, const char *what)
{
    if (count >= most) say(v, 2, "There may be more %s: a record keeps the first %zu.", what, most);
}

static void say_trace(explaining *v, const Mash__V1__Traced *trace)
{
    const core_policy *policy = core_policy_numbered(v->state, trace->policy);
    bool sees_all = v->view->sight == CORE_SIGHT_CONTROL;
    if (policy == NULL) return;
    if (trace->n_matched == 0 && sees_all)
        say(v, 1, "No rule of policy %u sends it anywhere; it is kept and counts in later patterns.", trace->policy);
    for (size_t i = 0; i < trace->n_matched; i++) {
        if (!core_view_rule(v->view, policy, trace->matched[i])) continue;
        const core_rule *rule = &policy->rules[trace->matched[i]];
        say(v, 1, "Rule %s of policy %u holds: %s", rule->id, trace->policy, rule->plain);
        say(v, 2, "Source: %s", rule->source);
        say_conditions(v, rule);
    }
    say_links(v, trace);
    if (!sees_all) return; /* what nearly happened speaks of facts that others gave */
    say_full(v, trace->n_relatives / CORE_LINK_NUMBERS, CORE_LINKS_MAX, "people whom it does not name");
    for (size_t i = 0; i < trace->n_counted; i++) {
        say(v, 2, "counted with it: record %llu", (unsigned long long)trace->counted[i]);
    }
    say_full(v, trace->n_counted, CORE_COUNTED_MAX, "events that were counted");
    for (size_t i = 0; i + 1 < trace->n_near_miss; i += 2)
        say_near_miss(v, policy, trace->near_miss[i], trace->near_miss[i + 1]);
    say_full(v, trace->n_near_miss / 2, CORE_NEAR_MISSES_MAX, "rules that nearly held");
}

/* ---- alerts, clocks, deliveries -------------------------------------------------------------------------------------------- */
static const char *rating_text(Mash__V1__Rating rating, char out[64])
{
    event_enum_name(&mash__v1__rating__descriptor, (int)rating, out);
    return out;
}

static void say_opened(explaining *v, const Mash__V1__AlertOpened *fact)
{
    char rating[64];
    bool is_own = core_view_queue(v->view, fact->queue);
    say(v, 1, "Alert A%llu was opened%s%s: %s, provisionally, until a person rates it.", (unsigned long long)fact->alert,
        is_own ? " for " : "", is_own ? core_queue_name(v->state, fact->queue) : "", rating_text(fact->rating, rating));
}

static void say_joined(explaining *v, const Mash__V1__AlertJoined *fact)
{
    char rating[64], version[48] = "";
    if (fact->version != 0) (void)hub_format(version, sizeof version, "; the alert is at version %u", fact->version);
    say(v, 1, "It joined alert A%llu, which is open about the same %s; the rating %s %s%s.", (unsigned long long)fact->alert,
        core_alerts_at(v->state, (uint32_t)fact->alert)->family != 0 ? "family" : "person", fact->tightened ? "rose to" : "stays",
        rating_text(fact->rating, rating), version);
}

/* Which of the source's forces has chosen this audience for the queue, when it is not the queue's own. */
static const core_force *choice_of(const explaining *v, const core_policy *policy, const Mash__V1__Delivered *fact)
{
    int32_t queue = policy == NULL ? -1 : core_policy_queue(policy, fact->queue);
    if (queue < 0 || policy->audiences[policy->queues[queue].audience].number == fact->audience) return NULL;
    for (uint32_t i = 0; v->record->event != NULL && i < policy->force_count; i++) {
        const core_force *force = &policy->forces[i];
        bool is_meant = policy->audiences[force->audience].number == fact->audience &&
                        strcmp(force->source_system, v->record->event->source_system) == 0;
        if (is_meant && core_view_field(v->view, EVENT_FIELD_SOURCE_SYSTEM)) return force;
    }
    return NULL;
}

/* What is told outside an alert is a disclosure of its own: on which basis, and by whose choice. */
static void say_basis(explaining *v, const Mash__V1__Delivered *fact)
{
    const core_policy *policy = core_explain_policy(v);
    const core_force *force = choice_of(v, policy, fact);
    if (force != NULL) say(v, 2, "%s has chosen this list.", force->name);
    for (uint32_t i = 0; policy != NULL && i < policy->audience_count; i++) {
        const core_audience *audience = &policy->audiences[i];
        if (audience->number == fact->audience && audience->basis[0] != '\0')
            say(v, 2, "On the basis of: %s (%s)", audience->basis, audience->source);
    }
}

static void say_delivered(explaining *v, const Mash__V1__Delivered *fact)
{
    char kind[64], alone[40] = "";
    event_enum_name(&mash__v1__delivery_kind__descriptor, (int)fact->kind, kind);
    const char *audience = fact->audience >= 1 && fact->audience <= v->state->audiences.count
                               ? core_audiences_at(v->state, fact->audience)->name
                               : "an unknown audience";
    if (fact->subject != 0 && core_view_is_silent(v->view)) {
        (void)hub_format(alone, sizeof alone, " of one person alone");
    } else if (fact->subject != 0) {
        (void)hub_format(alone, sizeof alone, " of subject %u alone", fact->subject);
    }
    say(v, 1, "Told %s (%s)%s, with the fields of audience %s only.", core_queue_name(v->state, fact->queue), spaced(kind, kind),
        alone, audience);
    if (fact->kind == MASH__V1__DELIVERY_KIND__DELIVERY_KIND_NOTICE) say_basis(v, fact);
}

/* Whose word is contradicted, on what, and what the hub goes by meanwhile. Never the words. */
static void say_contradiction(explaining *v, const Mash__V1__FactsContradicted *fact)
{
    static const struct {
        const char *before, *after; /* around "person 4" */
        bool is_age;
    } ABOUT[] = {
        [MASH__V1__COMPARED_FACT__COMPARED_FACT_UNSPECIFIED] = {"what is said of ", "", false},
        [MASH__V1__COMPARED_FACT__COMPARED_FACT_DATE_OF_BIRTH] = {"the date of birth of ", "", true},
        [MASH__V1__COMPARED_FACT__COMPARED_FACT_AGE] = {"whether ", " is unborn, a child or an adult", true},
        [MASH__V1__COMPARED_FACT__COMPARED_FACT_CHILD_PROTECTION_PLAN] = {"whether the child protection plan of ", " goes on",
                                                                          false},
        [MASH__V1__COMPARED_FACT__COMPARED_FACT_LOOKED_AFTER] = {"whether ", " is still looked after", false},
        [MASH__V1__COMPARED_FACT__COMPARED_FACT_ADULT_SAFEGUARDING_PLAN] = {"whether the safeguarding plan of ", " goes on",
                                                                            false},
    };
    size_t about = (size_t)fact->what < sizeof ABOUT / sizeof ABOUT[0] ? (size_t)fact->what : 0;
    char names[300] = "";
    size_t used = 0;
    uint32_t left = fact->agencies;
    for (int agency = 1; agency < 32 && left >> agency != 0; agency++) {
        if ((left >> agency & 1) == 0) continue;
        const char *name = event_agency_name((Mash__V1__Agency)agency);
        left &= ~(UINT32_C(1) << agency);
        used += hub_format(names + used, sizeof names - used, "%s%s",
                           used == 0   ? ""
                           : left == 0 ? " and "
                                       : ", ",
                           name == NULL ? "an unknown agency" : name);
    }
    bool is_one = (fact->agencies & (fact->agencies - 1)) == 0;
    say(v, 1, "%s %s on %sperson %llu%s. Both words are kept until one is amended or withdrawn, and %s. Somebody should ask.",
        names, is_one ? "contradicts itself" : "contradict each other", ABOUT[about].before, (unsigned long long)fact->person,
        ABOUT[about].after,
        ABOUT[about].is_age ? "who is a child by one of them counts as a child" : "what one of them says goes on, goes on");
}

static void say_status(explaining *v, const Mash__V1__StatusChanged *fact)
{
    char text[64];
    event_enum_name(&mash__v1__person_status__descriptor, (int)fact->status, text);
    if (fact->ended_here)
        say(v, 1, "Person %llu: %s has ended by this event; it stays on, because another agency has not said so.",
            (unsigned long long)fact->person, spaced(text, text));
    else
        say(v, 1, "Person %llu: %s is now %s.", (unsigned long long)fact->person, spaced(text, text), fact->on ? "on" : "off");
}

static void say_alarm(explaining *v, const Mash__V1__AlarmRaised *fact, const char *what)
{
    char about[40] = "";
    if (fact->alert != 0) (void)hub_format(about, sizeof about, ", for one because of A%llu", (unsigned long long)fact->alert);
    say(v, 1, "An alarm was raised%s%s: %s%s.", fact->area[0] == '\0' ? "" : " in ", fact->area, what, about);
}

static void say_conflict(explaining *v, const Mash__V1__IdentifiersConflict *fact)
{
    if (fact->scheme == MASH__V1__LINK_EVIDENCE__LINK_EVIDENCE_KEPT_APART) {
        say(v, 1, "Not the same person as person %llu, although an identifier agrees: a person has found that they are two.",
            (unsigned long long)fact->person);
        return;
    }
    say(v, 1, "Not the same person as person %llu, although an identifier agrees: the %s differs. Somebody should look.",
        (unsigned long long)fact->person, evidence_text(fact->scheme));
}

static void say_others(explaining *v, const Mash__V1__Fact *fact)
{
    char text[64];
    switch (fact->body_case) {
    case MASH__V1__FACT__BODY_PERSONS_JOINED:
        say(v, 1, "Persons %llu and %llu are one person: %s.", (unsigned long long)fact->persons_joined->person,
            (unsigned long long)fact->persons_joined->into,
            fact->persons_joined->evidence == MASH__V1__LINK_EVIDENCE__LINK_EVIDENCE_CONFIRMED
                ? "a person has found it"
                : "this event gives valid identifiers of both");
        break;
    case MASH__V1__FACT__BODY_IDENTIFIERS_CONFLICT:
        say_conflict(v, fact->identifiers_conflict);
        break;
    case MASH__V1__FACT__BODY_HOUSEHOLD_CANDIDATE:
        say(v, 1, "Person %llu may share a household with person %llu: the same address. That is evidence, and joins nobody.",
            (unsigned long long)fact->household_candidate->person, (unsigned long long)fact->household_candidate->other);
        break;
    case MASH__V1__FACT__BODY_STATUS_CHANGED:
        say_status(v, fact->status_changed);
        break;
    case MASH__V1__FACT__BODY_FACTS_CONTRADICTED:
        say_contradiction(v, fact->facts_contradicted);
        break;
    case MASH__V1__FACT__BODY_EVENT_WITHDRAWN:
        say(v, 1, "It %s an earlier event of the same agency; patterns no longer count that one.",
            fact->event_withdrawn->amended ? "replaces" : "withdraws");
        break;
    case MASH__V1__FACT__BODY_ALARM_RAISED:
        event_enum_name(&mash__v1__alarm_kind__descriptor, (int)fact->alarm_raised->alarm, text);
        say_alarm(v, fact->alarm_raised, spaced(text, text));
        break;
    default:
        break;
    }
}

/* Who commanded, why, and what the answer was: sealed, and for those who answer for the hub only. */
static void say_command(explaining *v)
{
    const Mash__V1__Personal *personal = v->record->personal;
    if (personal == NULL || v->view->sight != CORE_SIGHT_CONTROL) return;
    if (personal->actor[0] != '\0') say(v, 1, "Commanded by %s.", personal->actor);
    if (personal->reason[0] != '\0') say(v, 1, "Reason given: %s", personal->reason);
    if (personal->answer[0] != '\0') say(v, 1, "Answer: %s.", personal->answer);
}

static void say_fact(explaining *v, const Mash__V1__Fact *fact)
{
    if (!core_view_fact(v->view, fact)) return;
    uint64_t alert = core_fact_alert(v->state, fact);
    if (alert != 0 && v->lines->alert != 0 && alert != v->lines->alert) return;
    switch (fact->body_case) {
    case MASH__V1__FACT__BODY_EVENT_ACCEPTED:
        say_event(v, fact->event_accepted);
        break;
    case MASH__V1__FACT__BODY_EVENT_REFUSED:
        say_refusal(v, fact->event_refused);
        break;
    case MASH__V1__FACT__BODY_PERSON_LINKED:
        say_person(v, fact->person_linked);
        break;
    case MASH__V1__FACT__BODY_FAMILY_MEMBER_ADDED:
        say_member(v, fact->family_member_added);
        break;
    case MASH__V1__FACT__BODY_TRACED:
        say_trace(v, fact->traced);
        break;
    case MASH__V1__FACT__BODY_ALERT_OPENED:
        say_opened(v, fact->alert_opened);
        break;
    case MASH__V1__FACT__BODY_ALERT_JOINED:
        say_joined(v, fact->alert_joined);
        break;
    case MASH__V1__FACT__BODY_CLOCK_STARTED:
    case MASH__V1__FACT__BODY_CLOCK_LAPSED:
    case MASH__V1__FACT__BODY_CLOCK_STOPPED:
    case MASH__V1__FACT__BODY_CLOCK_MOVED:
        core_explain_clock(v, fact);
        break;
    case MASH__V1__FACT__BODY_DELIVERED:
        say_delivered(v, fact->delivered);
        break;
    default:
        if (!core_explain_act(v, fact)) say_others(v, fact);
        break;
    }
}

hub_status core_explain(const core_view *view, core_lines *lines)
{
    const core_record *record = view->record;
    explaining v = {.view = view, .state = view->state, .record = record, .lines = lines};
    if (view->sight == CORE_SIGHT_NONE) return HUB_ERR_REFUSED;
    size_t before = lines->count;
    const core_policy *policy = core_policy_now(view->state);
    v.civil = policy == NULL ? NULL : &policy->calendars[0];
    /* the order of reading: what came, why, what was decided; the trace is last among the facts and first in interest */
    const Mash__V1__Fact *trace = core_fact_first(record->control, FACT_TRACED);
    bool traced = false;
    for (size_t i = 0; i < record->control->n_facts; i++) {
        const Mash__V1__Fact *fact = record->control->facts[i];
        bool is_outcome = fact->kind >= FACT_ALERT_OPENED && fact->kind <= FACT_DELIVERED;
        if (trace != NULL && is_outcome && !traced) {
            say_fact(&v, trace);
            traced = true;
        }
        if (fact != trace) say_fact(&v, fact);
    }
    if (trace != NULL && !traced) say_fact(&v, trace);
    if (record->control->n_facts > 0 && lines->count == before)
        say(&v, 0, "Record %llu: %s.", (unsigned long long)record->sequence, core_fact_words(record->control->facts[0]->kind));
    say_command(&v);
    return v.failed ? HUB_ERR_MEMORY : HUB_OK;
}
