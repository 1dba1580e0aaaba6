/* From matched rules to alerts, clocks and queues. A rule opens and tightens; it never ends anything (C7, C9). */
#include "core/acts.h"

#include <string.h>

#include "core/sharing.h"

/* One alert to open or join: everything the matched rules say about one family (or person) in one queue. */
typedef struct target {
    uint32_t family, person; /* family 0: person alone */
    uint32_t queue;          /* position in the policy's queues */
    core_people persons;
    Mash__V1__Rating rating;
    uint32_t rule; /* the one that gave the rating */
    const char *area;
    uint64_t clocks; /* bit i = the policy's clock i, of the rules themselves */
} target;

typedef struct targets {
    target items[CORE_TARGETS_MAX];
    uint32_t count;
} targets;

_Static_assert(CORE_POLICY_CLOCKS_MAX <= 64, "clocks are a set of bits");

void core_alarm_in(core_decider *d, Mash__V1__AlarmKind kind, uint64_t alert, const char *area)
{
    for (size_t i = 0; i < d->count; i++) {
        const Mash__V1__AlarmRaised *raised = d->facts[i]->kind == FACT_ALARM_RAISED ? d->facts[i]->alarm_raised : NULL;
        bool is_one_for_all = kind == MASH__V1__ALARM_KIND__ALARM_KIND_PROVISIONAL; /* a calendar ends for every alert alike */
        bool is_same = raised != NULL && raised->alarm == kind && (raised->alert == alert || is_one_for_all);
        if (is_same && strcmp(raised->area, area) == 0) return;
    }
    Mash__V1__AlarmRaised *fact = core_decide_add(d, FACT_ALARM_RAISED);
    if (fact == NULL) return;
    fact->alarm = kind;
    fact->peer = d->command->peer;
    fact->alert = alert;
    fact->area = core_decide_text(d, area);
}

void core_alarm(core_decider *d, Mash__V1__AlarmKind kind)
{
    core_alarm_in(d, kind, 0, "");
}

void core_alarm_about(core_decider *d, Mash__V1__AlarmKind kind, uint32_t alert)
{
    core_alarm_in(d, kind, alert, core_alerts_at(d->state, alert)->area);
}

void core_alarm_provisional(core_decider *d, const Mash__V1__ClockStarted *started)
{
    const core_calendar *civil = &core_policy_now(d->state)->calendars[0];
    int64_t last_ms = d->state->numbers.provisional_ms;
    if (!started->provisional) return;
    if (core_calendar_day(civil, last_ms, NULL) == core_calendar_day(civil, d->command->at_ms, NULL)) return;
    core_alarm_in(d, MASH__V1__ALARM_KIND__ALARM_KIND_PROVISIONAL, started->alert, ""); /* calendars are everybody's */
}

/* ---- alarms are told --------------------------------------------------------------------------------------------------------- */
/* Is an alarm of this area ("": of everywhere) this queue's? The alarm's service hears of it where it is, and everywhere when nobody serves
 * it there. */
static bool is_alarm_of(const core_policy *policy, uint32_t queue, const char *area, int32_t today)
{
    bool any = false;
    for (uint32_t k = 0; k < policy->route_count; k++) {
        const core_route *route = &policy->routes[k];
        bool is_meant = strcmp(route->service, policy->alarm_service) == 0 && core_effective_on(&route->effective, today) &&
                        (area[0] == '\0' || route->area[0] == '\0' || strcmp(route->area, area) == 0);
        if (is_meant && route->queue == queue) return true;
        any = any || is_meant;
    }
    return !any && area[0] != '\0' && is_alarm_of(policy, queue, "", today);
}

static const char *area_of_alarm(const core_decider *d, const Mash__V1__AlarmRaised *raised)
{
    bool is_of_event =
        raised->area[0] == '\0' && raised->alert == 0 && d->command->kind == CORE_PUBLISH && d->command->of.publish.event != NULL;
    return is_of_event ? d->command->of.publish.event->area : raised->area;
}

/* Does this fact raise such an alarm, for this queue to hear of? */
static const Mash__V1__AlarmRaised *alarm_for(const core_decider *d, const core_policy *policy, const Mash__V1__Fact *fact,
                                              uint32_t queue, Mash__V1__AlarmKind alarm)
{
    const Mash__V1__AlarmRaised *raised = fact->kind == FACT_ALARM_RAISED ? fact->alarm_raised : NULL;
    if (raised == NULL || raised->alarm != alarm) return NULL;
    int32_t today = core_calendar_day(&policy->calendars[0], d->command->at_ms, NULL);
    return is_alarm_of(policy, queue, area_of_alarm(d, raised), today) ? raised : NULL;
}

/* All that this decision raises of one kind goes to a queue at once, with the name of every alert that somebody there has to look at. */
static void tell_alarm(core_decider *d, const core_policy *policy, uint32_t queue, Mash__V1__AlarmKind alarm)
{
    size_t heard = 0;
    for (size_t i = 0; i < d->count; i++)
        heard += alarm_for(d, policy, d->facts[i], queue, alarm) != NULL;
    if (heard == 0) return; /* costs a queue that hears of none no memory: a policy may have a thousand */
    uint64_t *alerts = hub_arena_take(d->arena, heard * sizeof *alerts);
    core_telling said = {.kind = MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ALARM, .item = (uint64_t)alarm, .alarmed = alerts};
    if (alerts == NULL) {
        d->failed = true;
        return;
    }
    for (size_t i = 0; i < d->count; i++) {
        const Mash__V1__AlarmRaised *raised = alarm_for(d, policy, d->facts[i], queue, alarm);
        if (raised != NULL && raised->alert != 0) alerts[said.alarmed_count++] = raised->alert;
    }
    core_tell(d, policy, queue, MASH__V1__SENSITIVITY__SENSITIVITY_OFFICIAL, said);
}

void core_tell_alarms(core_decider *d)
{
    const core_policy *policy = core_policy_now(d->state);
    if (policy == NULL || policy->alarm_service[0] == '\0') return;
    uint32_t kinds = 0;
    for (size_t i = 0; i < d->count; i++) {
        if (d->facts[i]->kind == FACT_ALARM_RAISED) kinds |= UINT32_C(1) << d->facts[i]->alarm_raised->alarm;
    }
    for (uint32_t kind = 1; kinds >> kind != 0 && !d->failed; kind++) {
        for (uint32_t queue = 0; queue < policy->queue_count && (kinds >> kind & 1) != 0; queue++)
            tell_alarm(d, policy, queue, (Mash__V1__AlarmKind)kind);
    }
}

/* ---- telling --------------------------------------------------------------------------------------------------------------- */
/* An event is told once to a queue and alert, whatever it is told as; a notice is given again once, for however many clocks; anything
 * else once for each item. */
static bool is_told(const core_decider *d, uint32_t queue, const core_telling *said)
{
    bool is_of_event = d->command->kind == CORE_PUBLISH && said->kind != MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ALARM &&
                       said->event_sequence == 0;
    for (size_t i = 0; i < d->count; i++) {
        const Mash__V1__Delivered *told = d->facts[i]->kind == FACT_DELIVERED ? d->facts[i]->delivered : NULL;
        bool is_same = told != NULL && told->queue == queue && told->alert == said->alert && told->subject == said->subject;
        if (!is_same) continue;
        if (is_of_event && told->event_sequence == 0) return true;
        bool is_notice = said->kind == MASH__V1__DELIVERY_KIND__DELIVERY_KIND_NOTICE;
        if (told->kind == said->kind && (is_notice || told->clock == said->clock) && told->item == said->item &&
            told->event_sequence == said->event_sequence && told->act_sequence == said->act_sequence) {
            return true;
        }
    }
    return false;
}

bool core_queue_cleared(const core_policy *policy, uint32_t queue_position, Mash__V1__Sensitivity sensitivity)
{
    return core_audience_is_cleared(&policy->audiences[policy->queues[queue_position].audience], sensitivity);
}

static void tell_audience(core_decider *d, uint32_t queue, const core_audience *audience, Mash__V1__Sensitivity sensitivity,
                          core_telling said)
{
    if (!core_audience_is_cleared(audience, sensitivity)) return; /* D2: in silence */
    if (is_told(d, queue, &said)) return;
    Mash__V1__Delivered *fact = core_decide_add(d, FACT_DELIVERED);
    if (fact == NULL) return;
    fact->queue = queue;
    fact->audience = audience->number;
    fact->kind = said.kind;
    fact->alert = said.alert;
    fact->rule = said.rule;
    fact->clock = said.clock;
    fact->item = said.item;
    fact->event_sequence = said.event_sequence;
    fact->act_sequence = said.act_sequence;
    fact->told_as = said.told_as;
    fact->subject = said.subject;
    fact->alarmed = (uint64_t *)(uintptr_t)said.alarmed; /* BORROWED, only packed */
    fact->n_alarmed = said.alarmed_count;
}

void core_tell(core_decider *d, const core_policy *policy, uint32_t queue_position, Mash__V1__Sensitivity sensitivity,
               core_telling said)
{
    HUB_ASSERT(queue_position < policy->queue_count);
    const core_queue_row *queue = &policy->queues[queue_position];
    HUB_ASSERT(queue->audience < policy->audience_count);
    tell_audience(d, queue->number, &policy->audiences[queue->audience], sensitivity, said);
}

static const core_audience *audience_numbered(const core_policy *policy, uint32_t number)
{
    for (uint32_t i = 0; i < policy->audience_count; i++) {
        if (policy->audiences[i].number == number) return &policy->audiences[i];
    }
    return NULL;
}

void core_tell_notice_again(core_decider *d, uint32_t event, uint32_t queue, uint32_t clock)
{
    const core_state *state = d->state;
    const core_event_row *row = core_events_at(state, event);
    for (uint32_t at = row->given; at != 0; at = core_given_at(state, at)->next) {
        const core_given_row *given = core_given_at(state, at);
        if (given->queue != queue || given->alert != 0) continue;
        const core_audience *audience = audience_numbered(core_policy_now(state), given->audience);
        core_telling said = {.kind = MASH__V1__DELIVERY_KIND__DELIVERY_KIND_NOTICE,
                             .clock = clock,
                             .event_sequence = row->sequence,
                             .subject = given->subject};
        if (audience == NULL) { /* the policy has dropped it */
            core_alarm_about(d, MASH__V1__ALARM_KIND__ALARM_KIND_NO_ROUTE, core_clocks_at(state, clock)->alert);
        } else {
            tell_audience(d, queue, audience, (Mash__V1__Sensitivity)row->sensitivity, said);
        }
    }
}

void core_tell_given(core_decider *d, const core_event_scratch *s, uint32_t event_row, Mash__V1__DeliveryKind kind)
{
    const core_state *state = d->state;
    for (uint32_t at = core_events_at(state, event_row)->given; at != 0; at = core_given_at(state, at)->next) {
        const core_given_row *given = core_given_at(state, at);
        const core_audience *audience = audience_numbered(s->policy, given->audience);
        if (audience == NULL) { /* the policy has dropped the audience: a person must tell whoever had it */
            core_alarm(d, MASH__V1__ALARM_KIND__ALARM_KIND_NO_ROUTE);
        } else {
            tell_audience(d, given->queue, audience, s->sensitivity, (core_telling){.kind = kind, .alert = given->alert});
        }
    }
}

/* ---- clocks ---------------------------------------------------------------------------------------------------------------- */
static int64_t clock_from(const core_clock_row *row, const core_event_scratch *s, int64_t stored_ms)
{
    if (row->from == CORE_FROM_STATED_RECEIPT && s->event->stated_receipt_at > 0) return s->event->stated_receipt_at;
    if (row->from == CORE_FROM_OCCURRED && s->event->occurred_at > 1) return s->event->occurred_at;
    return stored_ms;
}

/* The first opening among the schools of those it is about, each by its own days or its authority's. *school: position + 1; 0 = the
 * authority's. */
static core_due due_at_school(const core_event_scratch *s, const target *t, const core_clock_row *row, int64_t from_ms,
                              uint32_t *school)
{
    const core_calendar *calendar = &s->policy->calendars[row->calendar];
    core_due first = {.known = false};
    for (size_t i = 0; i < s->people_count; i++) {
        const core_subject *subject = &s->subjects[i];
        if (!core_people_has(&t->persons, i)) continue;
        uint32_t theirs = subject->said == NULL ? 0 : core_policy_school(s->policy, subject->said->school_urn);
        core_calendar own = theirs == 0 ? *calendar : core_calendar_of_school(calendar, &s->policy->schools[theirs - 1]);
        core_due due = core_calendar_due(&own, row->kind, row->amount, row->roll, from_ms);
        if (first.known && (!due.known || due.due_ms >= first.due_ms)) continue;
        first = due;
        *school = theirs;
    }
    return first;
}

static void start_clock(core_decider *d, const core_event_scratch *s, const target *t, uint32_t alert, bool is_new_alert,
                        uint32_t rule, uint32_t *started)
{
    const core_clock_row *row = &s->policy->clocks[rule];
    HUB_ASSERT(row->calendar < s->policy->calendar_count);
    int64_t stored_ms = d->command->at_ms;
    int64_t from_ms = clock_from(row, s, stored_ms);
    uint32_t school = 0;
    core_due due = row->kind == CORE_CLOCK_NEXT_SCHOOL_DAY
                       ? due_at_school(s, t, row, from_ms, &school)
                       : core_calendar_due(&s->policy->calendars[row->calendar], row->kind, row->amount, row->roll, from_ms);
    if (!is_new_alert) { /* C9: a clock of this name that runs already and is due no later stays */
        uint32_t running = core_alert_clock(d->state, alert, row->id);
        if (running != 0 && core_clocks_at(d->state, running)->due_ms <= due.due_ms) return;
    }
    Mash__V1__ClockStarted *fact = core_decide_add(d, FACT_CLOCK_STARTED);
    if (fact == NULL) return;
    fact->clock = d->state->clocks.count + ++*started;
    fact->alert = alert;
    fact->rule = rule;
    fact->item = school;
    fact->from_ms = from_ms;
    fact->due_ms = due.due_ms;
    fact->provisional = due.provisional;
    fact->due_unknown = !due.known;
    fact->late_on_arrival = due.known && due.due_ms <= stored_ms;
    core_alarm_provisional(d, fact);
}

static uint64_t rating_clocks(const core_policy *policy, Mash__V1__Rating rating)
{
    const core_rating_row *row = &policy->ratings[rating];
    uint64_t set = 0;
    for (uint32_t i = 0; i < row->clock_count; i++)
        set |= UINT64_C(1) << row->clocks[i];
    return set;
}

static void start_clocks(core_decider *d, const core_event_scratch *s, const target *t, uint32_t alert, bool is_new_alert,
                         uint64_t set, uint32_t *started)
{
    for (uint32_t i = 0; i < s->policy->clock_count && i < CORE_POLICY_CLOCKS_MAX; i++) { /* the named ones */
        if ((set >> i & 1) != 0) start_clock(d, s, t, alert, is_new_alert, i, started);
    }
}

/* ---- alerts ---------------------------------------------------------------------------------------------------------------- */
static bool has_line(const core_state *state, uint32_t alert, uint32_t person)
{
    for (uint32_t at = core_alerts_at(state, alert)->lines; at != 0; at = core_lines_at(state, at)->next) {
        if (core_person_root(state, core_lines_at(state, at)->person) == person) return true;
    }
    return false;
}

static void add_lines(core_decider *d, const core_event_scratch *s, const target *t, uint32_t alert, bool is_new_alert)
{
    for (size_t i = 0; i < s->people_count; i++) {
        if (!core_people_has(&t->persons, i)) continue;
        uint32_t person = s->subjects[i].person;
        bool is_repeated = !is_new_alert && person <= d->state->persons.count && has_line(d->state, alert, person);
        for (size_t k = 0; k < i; k++)
            is_repeated = is_repeated || (core_people_has(&t->persons, k) && s->subjects[k].person == person);
        if (is_repeated) continue;
        Mash__V1__DecisionLineAdded *fact = core_decide_add(d, FACT_DECISION_LINE_ADDED);
        if (fact == NULL) return;
        fact->alert = alert;
        fact->person = person;
    }
}

/* The alert this target joins: the family's in this queue, or the one about one of these persons alone; 0 = a new one. */
static uint32_t find_alert(const core_state *state, const core_event_scratch *s, const target *t)
{
    uint32_t queue = s->policy->queues[t->queue].number;
    if (t->family != 0 && t->family <= state->families.count) {
        uint32_t alert = core_alert_open(state, t->family, 0, queue);
        if (alert != 0) return alert;
    }
    for (size_t i = 0; i < s->people_count; i++) {
        if (!core_people_has(&t->persons, i) || s->subjects[i].person > state->persons.count) continue;
        uint32_t alert = core_alert_open(state, 0, s->subjects[i].person, queue);
        if (alert != 0) return alert;
    }
    return 0;
}

static bool is_out_of_hours(const core_decider *d, const core_event_scratch *s, Mash__V1__Rating rating)
{
    return s->policy->ratings[rating].out_of_hours_too && !core_calendar_is_open(&s->policy->calendars[0], d->command->at_ms);
}

static void tell_alert(core_decider *d, const core_event_scratch *s, const target *t, uint32_t alert, Mash__V1__DeliveryKind kind,
                       Mash__V1__Rating rating)
{
    core_telling said = {.kind = kind, .alert = alert, .rule = t->rule};
    core_tell(d, s->policy, t->queue, s->sensitivity, said);
    if (!core_queue_cleared(s->policy, t->queue, s->sensitivity))
        core_alarm_in(d, MASH__V1__ALARM_KIND__ALARM_KIND_NO_ROUTE, alert, t->area);
    if (!is_out_of_hours(d, s, rating)) return;
    int32_t queue = core_policy_route(s->policy, "out_of_hours", t->area, s->today);
    if (queue < 0 || !core_queue_cleared(s->policy, (uint32_t)queue, s->sensitivity)) {
        core_alarm_in(d, MASH__V1__ALARM_KIND__ALARM_KIND_NO_ROUTE, alert, t->area);
        return;
    }
    core_tell(d, s->policy, (uint32_t)queue, s->sensitivity, said);
    if (alert <= d->state->alerts.count) core_tell_events(d, (uint32_t)queue, alert); /* what it joins */
}

static core_ladder_start_at ladders_of(const core_decider *d, const target *t, uint32_t alert, uint32_t met)
{
    return (core_ladder_start_at){
        .alert = alert, .queue = t->queue, .area = t->area, .rating = t->rating, .from_ms = d->command->at_ms, .met = met};
}

static void open_alert(core_decider *d, const core_event_scratch *s, const target *t, uint32_t alert, uint32_t *started)
{
    Mash__V1__AlertOpened *fact = core_decide_add(d, FACT_ALERT_OPENED);
    if (fact == NULL) return;
    fact->alert = alert;
    fact->family = t->family;
    fact->person = t->family != 0 ? 0 : t->person;
    fact->queue = s->policy->queues[t->queue].number;
    fact->rating = t->rating;
    fact->rule = t->rule;
    fact->area = core_decide_text(d, t->area);
    add_lines(d, s, t, alert, true);
    start_clocks(d, s, t, alert, true, rating_clocks(s->policy, t->rating) | t->clocks, started);
    core_ladders_start(d, ladders_of(d, t, alert, 0), started);
    tell_alert(d, s, t, alert, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ALERT_OPENED, t->rating);
}

static void join_alert(core_decider *d, const core_event_scratch *s, const target *t, uint32_t alert, uint32_t *started)
{
    const core_alert_row *row = core_alerts_at(d->state, alert);
    bool tightened = (uint32_t)t->rating > row->rating;
    Mash__V1__AlertJoined *fact = core_decide_add(d, FACT_ALERT_JOINED);
    if (fact == NULL) return;
    fact->alert = alert;
    fact->rating = tightened ? t->rating : (Mash__V1__Rating)row->rating;
    fact->tightened = tightened;
    fact->rule = t->rule;
    fact->version = row->version + 1;
    if (row->family == 0) fact->family = t->family;
    add_lines(d, s, t, alert, false);
    start_clocks(d, s, t, alert, false, (tightened ? rating_clocks(s->policy, t->rating) : 0) | t->clocks, started);
    uint32_t met = core_alert_met(d->state, alert) & ~(UINT32_C(1) << CORE_MET_RATED);
    uint32_t asked_again = UINT32_C(1) << CORE_MET_SEEN | UINT32_C(1) << CORE_MET_CLAIMED;
    if (tightened) core_ladders_tighten(d, ladders_of(d, t, alert, met & ~asked_again), started);
    tell_alert(d, s, t, alert,
               s->corrected != 0 ? MASH__V1__DELIVERY_KIND__DELIVERY_KIND_EVENT_AMENDED
                                 : MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ALERT_JOINED,
               fact->rating);
}

/* ---- gathering ------------------------------------------------------------------------------------------------------------- */
static int32_t queue_for(const core_event_scratch *s, const core_rule *rule, const char *area)
{
    return rule->queue >= 0 ? rule->queue : core_policy_route(s->policy, rule->service, area, s->today);
}

static target *target_for(targets *all, uint32_t family, uint32_t person, uint32_t queue)
{
    for (uint32_t i = 0; i < all->count; i++) {
        target *t = &all->items[i];
        if (t->queue == queue && t->family == family && (family != 0 || t->person == person)) return t;
    }
    if (all->count == CORE_TARGETS_MAX) return NULL;
    target *t = &all->items[all->count++];
    *t = (target){.family = family, .person = person, .queue = queue};
    return t;
}

/* Why somebody is told of whom the event does not name. Past the most that explain shows, the telling goes on without. */
static void note_link(core_event_scratch *s, const core_subject *relative, uint32_t queue)
{
    if (relative->through == 0 || s->link_count == CORE_LINKS_MAX) return;
    const uint64_t LINK[CORE_LINK_NUMBERS] = {relative->person, relative->family, relative->through,
                                              s->policy->queues[queue].number};
    for (uint32_t i = 0; i < s->link_count; i++) {
        if (memcmp(&s->links[i * CORE_LINK_NUMBERS], LINK, sizeof LINK) == 0) return;
    }
    memcpy(&s->links[s->link_count++ * CORE_LINK_NUMBERS], LINK, sizeof LINK);
}

/* Who belongs to two families and has an open alert of their own is told of there, once: either family's target would join that alert,
 * and one event joins an alert once. It stays theirs, and neither family comes to the other through it. */
static bool is_apart(const core_decider *d, const core_event_scratch *s, uint32_t person, uint32_t queue_position)
{
    const core_state *state = d->state;
    uint32_t queue = s->policy->queues[queue_position].number;
    if (person > state->persons.count || core_alert_open(state, 0, person, queue) == 0) return false;
    uint32_t first = 0;
    for (size_t i = 0; i < s->people_count; i++) {
        uint32_t family = s->subjects[i].person == person ? s->subjects[i].family : 0;
        bool has_alert = family != 0 && family <= state->families.count && core_alert_open(state, family, 0, queue) != 0;
        if (family == 0 || has_alert) continue;
        if (first != 0 && first != family) return true;
        first = family;
    }
    return false;
}

static void gather_alert(core_decider *d, core_event_scratch *s, const core_match *match, targets *all)
{
    const core_rule *rule = &s->policy->rules[match->rule];
    for (size_t i = 0; i < s->people_count; i++) {
        if (!core_people_has(&match->persons, i)) continue;
        const core_subject *subject = &s->subjects[i];
        int32_t queue = queue_for(s, rule, subject->area);
        bool apart = queue >= 0 && subject->family != 0 && is_apart(d, s, subject->person, (uint32_t)queue);
        target *t = queue < 0 ? NULL : target_for(all, apart ? 0 : subject->family, subject->person, (uint32_t)queue);
        if (t == NULL) {
            core_alarm_in(d, MASH__V1__ALARM_KIND__ALARM_KIND_NO_ROUTE, 0, subject->area);
            continue;
        }
        note_link(s, subject, (uint32_t)queue);
        core_people_add(&t->persons, i);
        if (t->area == NULL) t->area = subject->area;
        if (rule->rating > t->rating) {
            t->rating = rule->rating;
            t->rule = match->rule;
        }
        for (uint32_t k = 0; k < rule->clock_count; k++)
            t->clocks |= UINT64_C(1) << rule->clocks[k];
    }
}

/* The list by which a notice of the rule is given: the queue's own, or what the event's source has chosen for the service. */
static const core_audience *audience_for(const core_event_scratch *s, const core_rule *rule, const core_queue_row *queue)
{
    const core_force *force = core_policy_force(s->policy, s->event->source_system, rule->service, s->today);
    return &s->policy->audiences[force != NULL ? force->audience : queue->audience];
}

static void notify(core_decider *d, core_event_scratch *s, const core_match *match)
{
    const core_rule *rule = &s->policy->rules[match->rule];
    for (size_t i = 0; i < s->people_count; i++) {
        if (!core_people_has(&match->persons, i)) continue;
        int32_t position = queue_for(s, rule, s->subjects[i].area);
        if (position < 0) {
            core_alarm_in(d, MASH__V1__ALARM_KIND__ALARM_KIND_NO_ROUTE, 0, s->subjects[i].area);
            continue;
        }
        const core_queue_row *queue = &s->policy->queues[position];
        const core_audience *audience = audience_for(s, rule, queue);
        if (!core_counts_hold_for(d->state, s, rule, (uint32_t)i, audience)) continue; /* D2: no count either */
        note_link(s, &s->subjects[i], (uint32_t)position);
        core_telling said = {.kind = MASH__V1__DELIVERY_KIND__DELIVERY_KIND_NOTICE, .rule = match->rule};
        if (audience->one_by_one) said.subject = (uint32_t)(i < s->subject_count ? i : s->subject_count) + 1;
        tell_audience(d, queue->number, audience, s->sensitivity, said);
    }
}

void core_route_event(core_decider *d, core_event_scratch *s, const core_matches *matches)
{
    targets *all = hub_arena_take_raw(d->arena, sizeof *all);
    if (all == NULL) {
        d->failed = true;
        return;
    }
    all->count = 0;
    for (uint32_t i = 0; i < matches->count; i++) {
        if (s->policy->rules[matches->items[i].rule].action == CORE_DO_ALERT) gather_alert(d, s, &matches->items[i], all);
    }
    if (s->relatives_cut) core_alarm(d, MASH__V1__ALARM_KIND__ALARM_KIND_NO_ROUTE);
    uint32_t opened = 0;
    uint32_t started = 0;
    for (uint32_t i = 0; i < all->count && !d->failed; i++) {
        uint32_t alert = find_alert(d->state, s, &all->items[i]);
        if (alert != 0) {
            join_alert(d, s, &all->items[i], alert, &started);
        } else {
            open_alert(d, s, &all->items[i], d->state->alerts.count + ++opened, &started);
        }
    }
    for (uint32_t i = 0; i < matches->count && !d->failed; i++) {
        if (s->policy->rules[matches->items[i].rule].action == CORE_DO_NOTIFY) notify(d, s, &matches->items[i]);
    }
}
