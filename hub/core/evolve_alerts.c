/* The fold of alerts, clocks, deliveries. See evolve.c. */
#include "core/evolve.h"

#include <string.h>

static void append_sequence(core_state *state, core_alert_row *alert, uint64_t sequence)
{
    uint32_t number;
    core_sequence_row *row = core_pool_add(&state->sequences, &number);
    row->sequence = sequence;
    if (alert->last_event != 0) core_sequences_at(state, alert->last_event)->next = number;
    if (alert->first_event == 0) alert->first_event = number;
    alert->last_event = number;
    alert->event_count++;
}

void core_fold_alert_opened(core_fold *f, const Mash__V1__AlertOpened *fact)
{
    core_state *state = f->state;
    uint32_t number;
    core_alert_row *alert = core_pool_add(&state->alerts, &number);
    HUB_ASSERT(number == fact->alert);
    alert->family = (uint32_t)fact->family;
    alert->person = fact->person == 0 ? 0 : core_person_root(state, (uint32_t)fact->person);
    alert->queue = fact->queue;
    alert->policy = state->policies.count;
    alert->rule = fact->rule;
    alert->rating = (uint16_t)fact->rating;
    alert->sensitivity = f->sensitivity;
    alert->opened_ms = f->record->time_ms;
    core_fold_name(alert->area, sizeof alert->area, fact->area);
    uint32_t *list =
        alert->family != 0 ? &core_families_at(state, alert->family)->alerts : &core_persons_at(state, alert->person)->alerts;
    alert->next = *list;
    *list = number;
    append_sequence(state, alert, f->record->sequence);
    state->numbers.alerts_open++;
    core_fold_mix(state, FACT_ALERT_OPENED, number, alert->queue, alert->rating);
}

/* An alert about one person becomes their family's, so that the next event about a brother or sister meets it. */
static void move_to_family(core_state *state, uint32_t number, uint32_t family)
{
    core_alert_row *alert = core_alerts_at(state, number);
    uint32_t *link = &core_persons_at(state, core_person_root(state, alert->person))->alerts;
    while (*link != number) {
        HUB_ASSERT(*link != 0);
        link = &core_alerts_at(state, *link)->next;
    }
    *link = alert->next;
    alert->family = family;
    alert->next = core_families_at(state, family)->alerts;
    core_families_at(state, family)->alerts = number;
}

void core_fold_alert_joined(core_fold *f, const Mash__V1__AlertJoined *fact)
{
    core_alert_row *alert = core_alerts_at(f->state, (uint32_t)fact->alert);
    HUB_ASSERT((uint32_t)fact->rating >= alert->rating); /* C9 */
    if (fact->family != 0 && alert->family == 0) move_to_family(f->state, (uint32_t)fact->alert, (uint32_t)fact->family);
    if (f->sensitivity > alert->sensitivity) alert->sensitivity = f->sensitivity;
    if ((uint32_t)fact->rating > alert->rating) {
        alert->rating = (uint16_t)fact->rating;
        alert->rule = fact->rule;
        alert->policy = f->state->policies.count;
        alert->rated_by = 0; /* provisional again: no person has rated what is known now, */
        alert->seen = 0;     /* nor seen it; its owner stays owner, and is asked to claim it again */
        alert->asked_again = alert->owner != 0 ? 1 : 0;
        alert->graver = 1;
    }
    append_sequence(f->state, alert, f->record->sequence);
    if (fact->version != 0) core_fold_event_came(f, (uint32_t)fact->alert, fact->version, CORE_EVENT_JOINED);
    core_fold_mix(f->state, FACT_ALERT_JOINED, fact->alert, alert->rating, (uint64_t)fact->version << 32 | alert->event_count);
}

void core_fold_decision_line_added(core_fold *f, const Mash__V1__DecisionLineAdded *fact)
{
    core_alert_row *alert = core_alerts_at(f->state, (uint32_t)fact->alert);
    uint32_t number;
    core_line_row *line = core_pool_add(&f->state->lines, &number);
    line->person = core_person_root(f->state, (uint32_t)fact->person);
    line->next = alert->lines;
    alert->lines = number;
    alert->lines_open++;
    core_fold_mix(f->state, FACT_DECISION_LINE_ADDED, fact->alert, line->person, 0);
}

void core_fold_clock_started(core_fold *f, const Mash__V1__ClockStarted *fact)
{
    core_state *state = f->state;
    uint32_t alert = (uint32_t)fact->alert;
    uint32_t number;
    core_clock_run *clock = core_pool_add(&state->clocks, &number);
    HUB_ASSERT(number == fact->clock);
    clock->from_ms = fact->from_ms;
    clock->due_ms = fact->due_ms;
    clock->alert = alert;
    clock->policy = state->policies.count;
    clock->rule = fact->rule;
    clock->provisional = fact->provisional ? 1 : 0;
    if (fact->late_on_arrival) clock->late_on_arrival = f->act != NULL ? CORE_ACT_CAME_LATE : CORE_EVENT_CAME_LATE;
    clock->stated = fact->stated ? 1 : 0;
    clock->due_unknown = fact->due_unknown ? 1 : 0;
    clock->purpose = (uint8_t)fact->purpose;
    clock->item = (uint32_t)fact->item;
    clock->step = (uint8_t)fact->step;
    clock->beside = fact->beside ? 1 : 0;

    /* a deadline of the same name that runs already is replaced by the tighter one; decide starts no looser one (C9) */
    bool is_deadline = fact->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_DEADLINE;
    uint32_t running = is_deadline ? core_alert_clock(state, alert, core_clock_rule(state, clock)->id) : 0;
    if (running != 0) {
        HUB_ASSERT(core_clocks_at(state, running)->due_ms > clock->due_ms);
        core_heap_remove(state, running);
        core_clocks_at(state, running)->state = CORE_CLOCK_REPLACED;
    }
    clock->state = CORE_CLOCK_RUNNING;
    clock->next = core_alerts_at(state, alert)->clocks;
    core_alerts_at(state, alert)->clocks = number;
    core_heap_push(state, number);
    core_fold_mix(state, FACT_CLOCK_STARTED, number, (uint64_t)clock->due_ms, clock->rule);
}

void core_fold_clock_lapsed(core_fold *f, const Mash__V1__ClockLapsed *fact)
{
    uint32_t number = (uint32_t)fact->clock;
    core_clock_run *clock = core_clocks_at(f->state, number);
    HUB_ASSERT(clock->state == CORE_CLOCK_RUNNING);
    core_heap_remove(f->state, number);
    clock->state = CORE_CLOCK_LAPSED;
    f->state->numbers.clocks_lapsed++;
    core_fold_mix(f->state, FACT_CLOCK_LAPSED, number, (uint64_t)fact->late_ms, 0);
}

static void add_told(core_state *state, uint32_t *newest, uint32_t queue)
{
    uint32_t told;
    core_told_row *row = core_pool_add(&state->told, &told);
    *row = (core_told_row){.queue = queue, .next = *newest};
    *newest = told;
}

/* Who speaks for a side has a part in the disagreement, who is copied in nothing; whoever else is told has one in the alert. */
static void note_told(core_state *state, const Mash__V1__Delivered *fact)
{
    uint32_t alert = (uint32_t)fact->alert, disagreement = (uint32_t)fact->item;
    if (fact->told_as == MASH__V1__TOLD_AS__TOLD_AS_SIDE && !core_disagreement_told(state, disagreement, fact->queue))
        add_told(state, &core_disagreements_at(state, disagreement)->told, fact->queue);
    if (fact->told_as == MASH__V1__TOLD_AS__TOLD_AS_LISTED && !core_alert_told(state, alert, fact->queue))
        add_told(state, &core_alerts_at(state, alert)->told, fact->queue);
}

void core_fold_delivered(core_fold *f, const Mash__V1__Delivered *fact)
{
    core_state *state = f->state;
    core_pool *log = &state->queue_logs[fact->queue - 1];
    const uint64_t *last = log->count == 0 ? NULL : core_pool_at(log, log->count);
    if (last == NULL || *last != f->record->sequence) {
        uint64_t *entry = core_pool_add(log, NULL);
        *entry = f->record->sequence;
    }
    core_fold_mix(state, FACT_DELIVERED, fact->queue, fact->audience,
                  (uint64_t)fact->subject << 40 | (uint64_t)fact->told_as << 32 | (uint64_t)fact->kind);
    if (fact->alert != 0) note_told(state, fact);
    uint32_t event = fact->event_sequence != 0 ? core_event_of_sequence(state, fact->event_sequence) : f->event;
    if (event == 0) return;
    uint32_t number;
    core_given_row *given = core_pool_add(&state->given, &number);
    *given = (core_given_row){
        .queue = fact->queue,
        .audience = fact->audience,
        .alert = (uint32_t)fact->alert,
        .next = core_events_at(state, event)->given,
        .subject = fact->subject,
    };
    core_events_at(state, event)->given = number; /* a correction reaches who got it later, too */
}

void core_fold_receipt_stored(core_fold *f, const Mash__V1__ReceiptStored *fact)
{
    core_state *state = f->state;
    core_receipt_row *row = NULL;
    for (uint32_t i = 1; i <= state->receipts.count && row == NULL; i++) {
        core_receipt_row *at = core_receipts_at(state, i);
        if (at->queue == fact->queue && strcmp(at->consumer, fact->consumer) == 0) row = at;
    }
    if (row == NULL) {
        row = core_pool_add(&state->receipts, NULL);
        row->queue = fact->queue;
        core_fold_name(row->consumer, sizeof row->consumer, fact->consumer);
    }
    row->peer = fact->peer;
    if (fact->sequence > row->sequence) row->sequence = fact->sequence;
    core_fold_mix(state, FACT_RECEIPT_STORED, fact->queue, row->sequence, 0);
}

/* Facts that explain and change nothing. */
void core_fold_identifiers_conflict(core_fold *f, const Mash__V1__IdentifiersConflict *fact)
{
    (void)f;
    (void)fact;
}

void core_fold_facts_contradicted(core_fold *f, const Mash__V1__FactsContradicted *fact)
{
    (void)f;
    (void)fact;
}

void core_fold_household_candidate(core_fold *f, const Mash__V1__HouseholdCandidate *fact)
{
    (void)f;
    (void)fact;
}

void core_fold_traced(core_fold *f, const Mash__V1__Traced *fact)
{
    (void)f;
    (void)fact;
}

void core_fold_alarm_raised(core_fold *f, const Mash__V1__AlarmRaised *fact)
{
    core_numbers *numbers = &f->state->numbers;
    if (fact->alarm == MASH__V1__ALARM_KIND__ALARM_KIND_PROVISIONAL) numbers->provisional_ms = f->record->time_ms;
    if (fact->alarm == MASH__V1__ALARM_KIND__ALARM_KIND_CALENDAR_ENDS)
        numbers->calendar_ms = core_policy_next_calendar_warning(core_policy_now(f->state), f->record->time_ms);
    core_fold_mix(f->state, FACT_ALARM_RAISED, (uint64_t)fact->alarm, (uint64_t)numbers->provisional_ms,
                  (uint64_t)numbers->calendar_ms);
}
