#include "core/deliver.h"

#include <string.h>

#include "core/act_view.h"
#include "core/acts.h"
#include "core/clock_view.h"
#include "core/describe.h"
#include "core/facts.h"
#include "core/redact.h"
#include "core/sharing.h"
#include "core/state.h"
#include "event/wire.h"

/* What building one delivery needs. */
typedef struct delivering {
    const core_state *state;
    const core_record *record;
    const Mash__V1__Delivered *fact;
    core_view view;          /* of this one delivery */
    const core_record *said; /* whose event goes with it: this record, or an earlier one; NULL: none, or it is not at hand */
    hub_arena *arena;
    bool is_shown;
    bool failed;
} delivering;

static void *take(delivering *v, size_t size)
{
    void *memory = hub_arena_take(v->arena, size);
    if (memory == NULL) v->failed = true;
    return memory;
}

static char *text(delivering *v, const char *from)
{
    return event_wire_text(v->arena, from, &v->failed);
}

static const core_record *earlier_of(const core_record *record, uint64_t sequence)
{
    for (uint32_t i = 0; sequence != 0 && i < record->earlier_count; i++) {
        if (record->earlier[i].sequence == sequence) return &record->earlier[i];
    }
    return NULL;
}

static bool has_event(const core_record *record)
{
    return record->personal != NULL && record->personal->event.len > 0;
}

static const core_record *record_with_event(const core_record *record, uint64_t event_sequence)
{
    const core_record *found = event_sequence == 0 ? record : earlier_of(record, event_sequence);
    return found != NULL && has_event(found) ? found : NULL;
}

/* The event that the record holds, when this audience may know of it (D2): an alarm goes to who must look, whatever raised it. */
static const Mash__V1__EventAccepted *accepted_in(const delivering *v, const core_record *record)
{
    const Mash__V1__Fact *fact = core_fact_first(record->control, FACT_EVENT_ACCEPTED);
    const core_audience *audience = core_audience_numbered(v->state, v->fact->audience);
    if (fact == NULL || !core_audience_is_cleared(audience, fact->event_accepted->sensitivity)) return NULL;
    return fact->event_accepted;
}

/* ---- reasons --------------------------------------------------------------------------------------------------------------- */
static void add_reason(delivering *v, Mash__V1__Delivery *out, const char *rule, const char *plain, const char *source)
{
    Mash__V1__Reason *reason = take(v, sizeof *reason);
    if (reason == NULL) return;
    mash__v1__reason__init(reason);
    reason->rule = (char *)(uintptr_t)rule;
    reason->plain = (char *)(uintptr_t)plain;
    reason->source = (char *)(uintptr_t)source;
    const Mash__V1__EventAccepted *accepted = accepted_in(v, v->record);
    if (accepted != NULL) {
        if (core_view_field(&v->view, EVENT_FIELD_AGENCY)) reason->agency = accepted->agency;
        if (core_view_field(&v->view, EVENT_FIELD_SENSITIVITY)) reason->sensitivity = accepted->sensitivity;
    }
    out->reasons[out->n_reasons++] = reason;
}

/* Which relatives, of the family this alert is about: a rule that looks into families says through whom. */
static void link_reasons(delivering *v, const Mash__V1__Traced *trace, const core_rule *rule, Mash__V1__Delivery *out)
{
    uint64_t family = v->fact->alert == 0 ? 0 : core_alerts_at(v->state, (uint32_t)v->fact->alert)->family;
    char words[200];
    for (size_t i = 0; i + CORE_LINK_NUMBERS <= trace->n_relatives; i += CORE_LINK_NUMBERS) {
        const uint64_t *link = &trace->relatives[i];
        if (!core_view_relative(&v->view, link) || (v->fact->alert != 0 && link[1] != family)) continue;
        core_link_words(link, words);
        add_reason(v, out, rule->id, text(v, words), rule->source);
    }
}

static void rule_reasons(delivering *v, Mash__V1__Delivery *out)
{
    const Mash__V1__Fact *fact = core_fact_first(v->record->control, FACT_TRACED);
    const Mash__V1__Traced *trace = fact == NULL ? NULL : fact->traced;
    const core_policy *policy = trace == NULL ? NULL : core_policy_numbered(v->state, trace->policy);
    if (policy == NULL) return;
    const core_rule *looks_into_family = NULL;
    out->reasons = take(v, (trace->n_matched + trace->n_relatives / CORE_LINK_NUMBERS + 1) * sizeof *out->reasons);
    if (out->reasons == NULL) return;
    for (size_t i = 0; i < trace->n_matched; i++) {
        if (!core_view_rule(&v->view, policy, trace->matched[i])) continue;
        const core_rule *rule = &policy->rules[trace->matched[i]];
        add_reason(v, out, rule->id, rule->plain, rule->source);
        if (rule->about_family) looks_into_family = rule;
    }
    if (looks_into_family != NULL) link_reasons(v, trace, looks_into_family, out);
}

static void say_why(delivering *v, Mash__V1__Delivery *out)
{
    static const char *const PLAIN[] = {
        [MASH__V1__DELIVERY_KIND__DELIVERY_KIND_EVENT_RETRACTED] = "the sender has withdrawn an event that you were told of",
        [MASH__V1__DELIVERY_KIND__DELIVERY_KIND_EVENT_AMENDED] = "the sender has corrected an event that you were told of",
        [MASH__V1__DELIVERY_KIND__DELIVERY_KIND_CLOCK_LAPSED] = "a clock on this alert has run out",
        [MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT] = "somebody has acted on an alert that you were told of",
        [MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ESCALATED] = "nobody acted on this alert in time",
        [MASH__V1__DELIVERY_KIND__DELIVERY_KIND_REQUEST] = "a team asks what your agency knows, or your question is answered",
        [MASH__V1__DELIVERY_KIND__DELIVERY_KIND_FEEDBACK] = "what was decided on what your agency referred",
        [MASH__V1__DELIVERY_KIND__DELIVERY_KIND_DISAGREEMENT] = "two teams disagree about this alert, and yours has a part in it",
        [MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ALARM] = "the hub raises an alarm that a person must look at",
        [MASH__V1__DELIVERY_KIND__DELIVERY_KIND_MOVED_HERE] =
            "an alert that began elsewhere is with you now; this was said before",
    };
    const char *plain = (size_t)v->fact->kind < sizeof PLAIN / sizeof PLAIN[0] ? PLAIN[v->fact->kind] : NULL;
    if (plain == NULL && v->fact->clock != 0) /* a notice that is given again */
        plain = core_clock_rule(v->state, core_clocks_at(v->state, (uint32_t)v->fact->clock))->plain;
    if (plain == NULL) {
        rule_reasons(v, out);
        plain = "the rule that decided this is no longer at hand"; /* D3, should the policy be gone */
    }
    if (out->n_reasons > 0) return;
    out->reasons = take(v, sizeof *out->reasons);
    if (out->reasons != NULL) add_reason(v, out, "", plain, "");
}

/* ---- the alert as it stands ------------------------------------------------------------------------------------------------ */
/* The subject + 1 that is this person, and their roles; 0 when the event does not name them. */
static uint32_t subject_of(const delivering *v, uint32_t person, uint64_t *roles)
{
    const core_record *record = v->said != NULL ? v->said : v->record;
    *roles = 0;
    for (size_t i = 0; i < record->control->n_facts; i++) {
        const Mash__V1__Fact *fact = record->control->facts[i];
        if (fact->kind != FACT_PERSON_LINKED) continue;
        if (core_linked_now(v->state, record->sequence, fact->person_linked) != person) continue;
        *roles = fact->person_linked->roles;
        return fact->person_linked->subject + 1;
    }
    return 0;
}

static void put_outcome(const delivering *v, const core_line_row *row, Mash__V1__DecisionLine *line)
{
    const core_policy *policy = row->policy == 0 ? NULL : core_policy_numbered(v->state, row->policy);
    line->state = (char *)(uintptr_t)(row->policy == 0 ? "undecided" : "decided");
    if (policy != NULL) line->outcome = (char *)(uintptr_t)policy->outcomes[row->outcome].id;
}

static void put_lines(delivering *v, const core_alert_row *row, Mash__V1__Alert *out)
{
    enum { LINES_MAX = 64 };
    if (!core_view_field(&v->view, EVENT_FIELD_SUBJECTS)) return; /* not even how many */
    out->lines = take(v, LINES_MAX * sizeof *out->lines);
    for (uint32_t at = row->lines; at != 0 && !v->failed && out->n_lines < LINES_MAX; at = core_lines_at(v->state, at)->next) {
        uint64_t roles;
        uint32_t person = core_person_root(v->state, core_lines_at(v->state, at)->person);
        uint32_t subject = subject_of(v, person, &roles);
        if (!core_audience_has_roles(v->view.grants[0].audience, roles)) continue;
        Mash__V1__DecisionLine *line = take(v, sizeof *line);
        if (line == NULL) return;
        mash__v1__decision_line__init(line);
        line->person = person;
        line->subject = subject;
        put_outcome(v, core_lines_at(v->state, at), line);
        out->lines[out->n_lines++] = line;
    }
}

static bool started_here(const delivering *v, uint32_t clock)
{
    for (size_t i = 0; i < v->record->control->n_facts; i++) {
        const Mash__V1__Fact *fact = v->record->control->facts[i];
        if (fact->kind == FACT_CLOCK_STARTED && fact->clock_started->clock == clock) return true;
    }
    return false;
}

/* Told once, with the record that began it, to programs; to a person each time they look. */
static core_clock_viewing clock_viewing(const delivering *v, uint32_t clock)
{
    return (core_clock_viewing){.view = &v->view, .tells_why = v->is_shown || started_here(v, clock), .arena = v->arena};
}

enum { CLOCKS_MAX = 32 };

/* Earliest due first. `cause` of one that is overdue; otherwise unspecified. */
static void add_clock(delivering *v, uint32_t number, Mash__V1__LateCause cause, Mash__V1__Clock **clocks, size_t *count)
{
    core_clock_viewing viewing = clock_viewing(v, number);
    Mash__V1__Clock *clock = *count == CLOCKS_MAX ? NULL : core_clock_view(&viewing, number);
    if (clock == NULL) {
        v->failed = v->failed || *count < CLOCKS_MAX;
        return;
    }
    if (cause != MASH__V1__LATE_CAUSE__LATE_CAUSE_UNSPECIFIED) clock->cause = (char *)(uintptr_t)core_clock_cause(cause);
    size_t place = (*count)++;
    for (; place > 0 && clocks[place - 1]->due_ms > clock->due_ms; place--)
        clocks[place] = clocks[place - 1];
    clocks[place] = clock;
}

static void put_clocks(delivering *v, const core_alert_row *row, Mash__V1__Alert *out)
{
    out->clocks = take(v, CLOCKS_MAX * sizeof *out->clocks);
    out->overdue = take(v, CLOCKS_MAX * sizeof *out->overdue);
    for (uint32_t at = row->clocks; at != 0 && !v->failed; at = core_clocks_at(v->state, at)->next) {
        const core_clock_run *run = core_clocks_at(v->state, at);
        bool goes_on = run->state == CORE_CLOCK_RUNNING || run->state == CORE_CLOCK_HELD;
        if (goes_on && run->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_HOLD) out->held_until_ms = run->due_ms;
        bool is_promise = run->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_DEADLINE ||
                          run->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_REQUEST;
        if (!is_promise) continue; /* steps of ladders are the hub's own */
        if (goes_on) add_clock(v, at, MASH__V1__LATE_CAUSE__LATE_CAUSE_UNSPECIFIED, out->clocks, &out->n_clocks);
        if (!row->ended && core_clock_is_overdue(v->state, at))
            add_clock(v, at, core_clock_arrival(run), out->overdue, &out->n_overdue);
    }
}

static void put_area(const delivering *v, const core_alert_row *row, Mash__V1__Alert *out)
{
    out->area = (char *)(uintptr_t)row->area;
    const core_policy *policy = core_policy_numbered(v->state, row->policy);
    for (uint32_t i = 0; policy != NULL && i < policy->area_count; i++) {
        if (strcmp(policy->areas[i].code, row->area) == 0) out->area_name = (char *)(uintptr_t)policy->areas[i].name;
    }
}

static core_act_viewing act_viewing(const delivering *v)
{
    return (core_act_viewing){
        .state = v->state,
        .view = &v->view,
        .record = v->record,
        .delivery = v->fact,
        .policy = core_policy_now(v->state),
        .audience = v->view.grant_count > 0 ? v->view.grants[0].audience : NULL,
        .is_cleared = core_view_cleared(&v->view, v->fact->alert),
        .arena = v->arena,
        .earlier = earlier_of(v->record, v->fact->act_sequence),
    };
}

static char *rated_by(delivering *v, const core_alert_row *row)
{
    char words[CORE_NAME_MAX + 32];
    core_act_viewing acts = act_viewing(v);
    if (row->rated_by != 0) {
        bool is_named = acts.audience != NULL && acts.audience->acts_who;
        (void)hub_format(words, sizeof words, "%s", is_named ? core_staff_words(&acts, row->rated_by) : "a person");
        return text(v, words);
    }
    const core_policy *policy = core_policy_numbered(v->state, row->policy);
    const char *rule = policy != NULL && row->rule < policy->rule_count ? policy->rules[row->rule].id : "an earlier policy";
    (void)hub_format(words, sizeof words, "provisional, by rule %s", rule);
    return text(v, words);
}

/* Is told which alert it is, and not how it stands: an agency that is asked, or told what came of a referral, and who is copied; and whom an
 * event that has joined since is withheld from in silence (D2): a delivery is built when it is fetched, by the state of then. */
static bool is_told_which(const delivering *v)
{
    if (v->fact->told_as == MASH__V1__TOLD_AS__TOLD_AS_COPY) return true;
    const core_policy *policy = core_policy_now(v->state);
    int32_t queue = policy == NULL ? -1 : core_policy_queue(policy, v->fact->queue);
    bool is_of_team = queue >= 0 && !policy->queues[queue].is_agency; /* V1: one that the policy has dropped works nothing */
    return !is_of_team || !core_view_cleared(&v->view, v->fact->alert);
}

static void put_alert(delivering *v, Mash__V1__Delivery *out)
{
    if (v->fact->alert == 0) return;
    const core_alert_row *row = core_alerts_at(v->state, (uint32_t)v->fact->alert);
    Mash__V1__Alert *alert = take(v, sizeof *alert);
    if (alert == NULL) return;
    mash__v1__alert__init(alert);
    char words[24] = "A";
    (void)hub_decimal(v->fact->alert, words + 1);
    alert->alert_id = text(v, words);
    if (is_told_which(v)) { /* the version an agency needs to disagree with it */
        bool may_disagree = v->fact->told_as != MASH__V1__TOLD_AS__TOLD_AS_COPY && core_view_cleared(&v->view, v->fact->alert);
        if (may_disagree) alert->version = row->version;
        out->alert = alert;
        return;
    }
    alert->rated_by = rated_by(v, row);
    alert->rating = (Mash__V1__Rating)row->rating;
    if (core_view_field(&v->view, EVENT_FIELD_AREA)) put_area(v, row, alert);
    alert->events = row->event_count;
    alert->version = row->version;
    alert->sensitivity = row->sensitivity == MASH__V1__SENSITIVITY__SENSITIVITY_UNSPECIFIED
                             ? MASH__V1__SENSITIVITY__SENSITIVITY_OFFICIAL
                             : (Mash__V1__Sensitivity)row->sensitivity;
    put_lines(v, row, alert);
    put_clocks(v, row, alert);
    core_act_viewing acts = act_viewing(v);
    if (!core_alert_act_view(&acts, (uint32_t)v->fact->alert, alert)) v->failed = true;
    out->alert = alert;
}

static bool is_among(const Mash__V1__Delivery *delivery, const char *staff)
{
    for (size_t i = 0; i < delivery->n_parties; i++) {
        if (strcmp(delivery->parties[i]->staff, staff) == 0) return true;
    }
    return false;
}

/* To whom of its own people a team must not show it. Whoever may not know how the alert stands is not told that either. */
static void put_parties(delivering *v, Mash__V1__Delivery *out)
{
    enum { PARTIES_MAX = 32 };
    const core_policy *policy = core_policy_now(v->state);
    int32_t queue = policy == NULL ? -1 : core_policy_queue(policy, v->fact->queue);
    if (queue < 0 || policy->queues[queue].is_agency || !core_view_cleared(&v->view, v->fact->alert)) return;
    core_act_viewing acts = act_viewing(v);
    uint32_t any = 0;
    if (!core_delivery_has_party(v->state, v->record, v->fact, CORE_ANYBODY, &any)) return;
    for (uint32_t i = 0; i < policy->staff_count && out->n_parties < PARTIES_MAX; i++) {
        const core_staff_row *row = &policy->staff[i];
        uint32_t alternate = 0;
        if (!core_team_has(&policy->teams[row->team], (uint32_t)queue) || is_among(out, row->id)) continue;
        if (!core_delivery_has_party(v->state, v->record, v->fact, row->number, &alternate)) continue;
        if (out->parties == NULL) out->parties = take(v, PARTIES_MAX * sizeof *out->parties);
        Mash__V1__Party *party = take(v, sizeof *party);
        if (v->failed) return;
        mash__v1__party__init(party);
        party->staff = text(v, row->id);
        if (alternate != 0) party->alternate = core_staff_words(&acts, alternate);
        out->parties[out->n_parties++] = party;
    }
}

/* Which alerts an alarm is about, as far as this audience may know of them. */
static void put_alarmed(delivering *v, Mash__V1__Delivery *out)
{
    if (v->fact->n_alarmed == 0) return;
    out->alarmed = take(v, v->fact->n_alarmed * sizeof *out->alarmed);
    for (size_t i = 0; i < v->fact->n_alarmed && !v->failed; i++) {
        char words[24] = "A";
        if (!core_view_cleared(&v->view, v->fact->alarmed[i])) continue;
        (void)hub_decimal(v->fact->alarmed[i], words + 1);
        out->alarmed[out->n_alarmed++] = text(v, words);
    }
}

static size_t subject_count(const core_record *record)
{
    size_t count = 0;
    for (size_t i = 0; i < record->control->n_facts; i++) {
        const Mash__V1__Fact *fact = record->control->facts[i];
        if (fact->kind == FACT_PERSON_LINKED && fact->person_linked->subject >= count) count = fact->person_linked->subject + 1;
    }
    return count;
}

/* Who the event's people are, as explain tells it (V4): one event may give a name and the next a number alone. Nobody's place is told where none
 * may be, and none without somebody to tell of: how many they are is said by event.subjects, or not at all. */
static void put_people(delivering *v, Mash__V1__Delivery *out)
{
    bool has_places = v->said == v->record && v->fact->subject == 0 && !core_view_is_silent(&v->view);
    size_t count = v->is_shown && has_places ? subject_count(v->record) : 0;
    uint64_t *people = count == 0 ? NULL : take(v, count * sizeof *people);
    bool is_any = false;
    for (size_t i = 0; people != NULL && i < count; i++) {
        core_known known;
        bool is_told = core_view_known(&v->view, i, &known);
        people[i] = is_told ? known.person : 0;
        is_any = is_any || is_told;
    }
    if (!is_any) return;
    out->people = people;
    out->n_people = count;
}

/* "N19": by the record with its event, also when it is given again. */
static void put_notice(delivering *v, Mash__V1__Delivery *out)
{
    if (v->fact->kind != MASH__V1__DELIVERY_KIND__DELIVERY_KIND_NOTICE) return;
    char words[24];
    uint64_t sequence = v->fact->event_sequence != 0 ? v->fact->event_sequence : v->record->sequence;
    (void)hub_format(words, sizeof words, "N%llu", (unsigned long long)sequence);
    out->notice = text(v, words);
    uint32_t event = core_event_of_sequence(v->state, sequence);
    const core_policy *policy = core_policy_now(v->state);
    int32_t queue = policy == NULL || event == 0 ? -1 : core_policy_queue(policy, v->fact->queue);
    const core_given_row *given = queue < 0 ? NULL : core_notice_given(v->state, event, (uint32_t)queue);
    out->notice_seen = given != NULL && given->seen_by != 0;
}

static void put_lapsed(delivering *v, Mash__V1__Delivery *out)
{
    if (v->fact->kind == MASH__V1__DELIVERY_KIND__DELIVERY_KIND_NOTICE) return; /* the clock is the front door's */
    for (size_t i = 0; i < v->record->control->n_facts; i++) {
        const Mash__V1__Fact *fact = v->record->control->facts[i];
        if (fact->kind != FACT_CLOCK_LAPSED || fact->clock_lapsed->clock != v->fact->clock) continue;
        core_clock_viewing viewing = {.view = &v->view, .tells_why = false, .arena = v->arena};
        const Mash__V1__Clock *clock = core_clock_view(&viewing, (uint32_t)v->fact->clock);
        Mash__V1__LapsedClock *lapsed = take(v, sizeof *lapsed);
        if (clock == NULL) v->failed = true;
        if (v->failed) return;
        mash__v1__lapsed_clock__init(lapsed);
        lapsed->clock = clock->clock;
        lapsed->plain = clock->plain;
        lapsed->statutory = clock->statutory;
        lapsed->due_unknown = fact->clock_lapsed->cause == MASH__V1__LATE_CAUSE__LATE_CAUSE_DUE_UNKNOWN;
        lapsed->due_ms = fact->clock_lapsed->due_ms;
        lapsed->late_ms = fact->clock_lapsed->late_ms;
        lapsed->cause = (char *)(uintptr_t)core_clock_cause(fact->clock_lapsed->cause);
        out->lapsed = lapsed;
    }
}

/* ---- what was said --------------------------------------------------------------------------------------------------------- */
uint64_t core_deliver_along(const Mash__V1__Delivered *fact)
{
    return fact->event_sequence != 0 ? fact->event_sequence : fact->act_sequence;
}

uint32_t core_deliver_earlier(const core_record *record, uint32_t queue, uint64_t sequences[CORE_EARLIER_MAX])
{
    uint32_t count = 0;
    for (size_t i = 0; i < record->control->n_facts && count < CORE_EARLIER_MAX; i++) {
        const Mash__V1__Fact *fact = record->control->facts[i];
        uint64_t along =
            fact->kind != FACT_DELIVERED || fact->delivered->queue != queue ? 0 : core_deliver_along(fact->delivered);
        uint32_t known = 0;
        while (known < count && sequences[known] != along)
            known++;
        if (along != 0 && known == count) sequences[count++] = along;
    }
    return count;
}

static void put_act(delivering *v, Mash__V1__Delivery *out)
{
    core_act_viewing acts = act_viewing(v);
    bool is_withheld = false;
    if (!core_act_views(&acts, out, &is_withheld)) v->failed = true;
    if (!is_withheld) return;
    out->withheld = take(v, sizeof *out->withheld);
    if (out->withheld != NULL) out->withheld[out->n_withheld++] = (char *)(uintptr_t) "act.words";
}

hub_status core_deliver(const core_state *state, const core_record *record, size_t fact_index, bool possible_duplicate,
                        hub_arena *arena, core_delivery_cache *cache, hub_buffer *out)
{
    if (fact_index >= record->control->n_facts || record->control->facts[fact_index]->kind != FACT_DELIVERED)
        return HUB_ERR_NOT_FOUND;
    delivering v = {
        .state = state,
        .record = record,
        .fact = record->control->facts[fact_index]->delivered,
        .view = core_view_of_delivery(state, record, record->control->facts[fact_index]->delivered),
        .arena = arena,
        .is_shown = cache->is_shown,
    };
    v.said = record_with_event(record, v.fact->event_sequence);
    Mash__V1__Delivery delivery = MASH__V1__DELIVERY__INIT;
    delivery.queue = (char *)(uintptr_t)core_queue_name(state, v.fact->queue);
    delivery.audience = v.fact->audience >= 1 && v.fact->audience <= state->audiences.count
                            ? core_audiences_at(state, v.fact->audience)->name
                            : (char *)protobuf_c_empty_string;
    delivery.kind = v.fact->kind;
    delivery.possible_duplicate = possible_duplicate;
    delivery.time_ms = record->time_ms;
    const Mash__V1__EventAccepted *accepted = accepted_in(&v, v.said != NULL ? v.said : record);
    delivery.exercise = accepted != NULL && accepted->exercise;
    say_why(&v, &delivery);
    put_alert(&v, &delivery);
    put_notice(&v, &delivery);
    put_alarmed(&v, &delivery);
    put_parties(&v, &delivery);
    put_lapsed(&v, &delivery);
    put_act(&v, &delivery);

    bool is_said = v.said != NULL && accepted_in(&v, v.said) != NULL && !v.failed;
    if (is_said) put_people(&v, &delivery);
    bool is_cached = is_said && cache->sequence == v.said->sequence && cache->audience == v.fact->audience &&
                     cache->subject == v.fact->subject;
    if (is_said && !is_cached) {
        const core_redaction r = {
            .state = state, .said = v.said, .audience = v.view.grants[0].audience, .subject = v.fact->subject, .arena = arena};
        v.failed = core_redact(&r, out, &cache->packed) != HUB_OK;
        cache->sequence = v.failed ? 0 : v.said->sequence;
        cache->audience = v.fact->audience;
        cache->subject = v.fact->subject;
    }
    if (v.failed) return HUB_ERR_MEMORY;
    hub_status status = event_wire_pack(&delivery.base, out);
    if (status == HUB_OK && is_said) hub_buffer_put(out, cache->packed.data, cache->packed.size);
    return out->failed ? HUB_ERR_MEMORY : status;
}

hub_status core_deliver_position(hub_buffer *packed_delivery, uint32_t epoch, uint64_t sequence, const uint8_t record_hash[32])
{
    Mash__V1__Position position = MASH__V1__POSITION__INIT;
    position.epoch = epoch;
    position.sequence = sequence;
    position.record_hash = (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)(uintptr_t)record_hash};
    Mash__V1__Delivery delivery = MASH__V1__DELIVERY__INIT;
    delivery.position = &position;
    return event_wire_pack(&delivery.base, packed_delivery);
}
