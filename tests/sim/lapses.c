/* lapses.c - what must follow when a clock runs out, and who must be going to hear of what nobody has. */
#include "book_inside.h"

#include <string.h>

#define PURPOSE(name) MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_##name

/* ---- looking through the record --------------------------------------------------------------------------------------------- */

/* The next fact of this kind from *at on; NULL: there is none. */
static const Mash__V1__Fact *next_of(const sim_book *b, Mash__V1__Fact__BodyCase kind, size_t *at)
{
    const Mash__V1__Control *control = b->opened->control;
    while (*at < control->n_facts) {
        const Mash__V1__Fact *fact = control->facts[(*at)++];
        if (fact->body_case == kind) return fact;
    }
    return NULL;
}

static bool is_raised(const sim_book *b, Mash__V1__AlarmKind kind)
{
    size_t at = 0;
    for (const Mash__V1__Fact *fact; (fact = next_of(b, MASH__V1__FACT__BODY_ALARM_RAISED, &at)) != NULL;) {
        if (fact->alarm_raised->alarm == kind) return true;
    }
    return false;
}

/* Was any queue told of this clock, in this way? */
static bool is_told(const sim_book *b, uint64_t clock, Mash__V1__DeliveryKind kind)
{
    size_t at = 0;
    for (const Mash__V1__Fact *fact; (fact = next_of(b, MASH__V1__FACT__BODY_DELIVERED, &at)) != NULL;) {
        if (fact->delivered->clock == clock && fact->delivered->kind == kind) return true;
    }
    return false;
}

static const Mash__V1__ClockStarted *started(const sim_book *b, uint64_t alert, Mash__V1__ClockPurpose purpose, uint64_t item)
{
    size_t at = 0;
    for (const Mash__V1__Fact *fact; (fact = next_of(b, MASH__V1__FACT__BODY_CLOCK_STARTED, &at)) != NULL;) {
        const Mash__V1__ClockStarted *clock = fact->clock_started;
        if (clock->alert == alert && clock->purpose == purpose && (item == 0 || clock->item == item)) return clock;
    }
    return NULL;
}

/* ---- ladders ---------------------------------------------------------------------------------------------------------------- */

static const core_queue_row *queue_numbered(const sim_book *b, uint32_t number)
{
    for (uint32_t i = 0; i < b->policy->queue_count; i++) {
        if (b->policy->queues[i].number == number) return &b->policy->queues[i];
    }
    return NULL;
}

/* Is this queue one that the service is routed to? */
static bool serves(const sim_book *b, uint32_t queue, const char *service)
{
    for (uint32_t i = 0; i < b->policy->route_count; i++) {
        const core_route *route = &b->policy->routes[i];
        if (strcmp(route->service, service) == 0 && b->policy->queues[route->queue].number == queue) return true;
    }
    return false;
}

/* Where a step of the alert is told: its own queue when that serves, else the one of its area. */
static uint32_t queue_of_step(const sim_book *b, const alert_entry *alert, const core_step *step)
{
    if (serves(b, alert->queue, step->service)) return alert->queue;
    for (uint32_t i = 0; i < b->policy->route_count; i++) {
        const core_route *route = &b->policy->routes[i];
        bool is_here = route->area[0] == '\0' || strcmp(route->area, alert->area) == 0;
        if (is_here && strcmp(route->service, step->service) == 0) return b->policy->queues[route->queue].number;
    }
    return 0;
}

/* Who holds the step's role today, in a team that reads the queue, cleared and no party: bit n = staff number n. */
static uint64_t holders(const sim_book *b, const alert_entry *alert, const core_step *step)
{
    uint32_t number = queue_of_step(b, alert, step);
    const core_queue_row *queue = queue_numbered(b, number);
    uint64_t found = 0;
    if (queue == NULL || alert->class > (uint32_t)b->policy->audiences[queue->audience].sees_up_to) return 0;
    for (uint32_t i = 0; i < b->policy->staff_count; i++) {
        const core_staff_row *row = &b->policy->staff[i];
        const core_team *team = &b->policy->teams[row->team];
        for (uint32_t k = 0; k < team->queue_count && row->role == step->role && row->effective.until_day == 0; k++) {
            if (b->policy->queues[team->queues[k]].number == number) found |= UINT64_C(1) << row->number;
        }
    }
    return found & ~alert->parties;
}

static uint64_t bits_of(const Mash__V1__Escalated *fact)
{
    uint64_t staff = 0;
    for (size_t i = 0; i < fact->n_staff; i++)
        staff |= UINT64_C(1) << fact->staff[i];
    return staff;
}

/* The steps that the record takes of this alert's ladder, each with who holds it; the last one taken. Somebody is told, or an alarm says
 * that there is nobody. */
static uint32_t check_steps(sim_book *b, const clock_entry *clock, uint64_t number, const core_ladder *ladder)
{
    alert_entry *alert = book_alert(b, clock->alert);
    uint32_t taken = 0;
    bool is_reached = false;
    size_t at = 0;
    for (const Mash__V1__Fact *fact; (fact = next_of(b, MASH__V1__FACT__BODY_ESCALATED, &at)) != NULL;) {
        const Mash__V1__Escalated *step = fact->escalated;
        if (step->alert != clock->alert) continue;
        MUST(taken == 0 ? step->step == clock->step : step->step > taken, "S4: another step was taken than was due on alert",
             clock->alert);
        MUST(!is_reached, "S4: a step was taken beyond one that somebody holds, on alert", clock->alert);
        MUST(step->due_ms == clock->due_ms, "S4: a step was taken of another time than was due, on alert", clock->alert);
        MUST(bits_of(step) == holders(b, alert, &ladder->steps[step->step - 1]),
             "S4: a step told others than those who hold its role, on alert", clock->alert);
        taken = step->step;
        is_reached = step->n_staff > 0;
        MUST(is_reached || is_raised(b, MASH__V1__ALARM_KIND__ALARM_KIND_NO_HOLDER),
             "S4: nobody holds a step, and no alarm says so, on alert", clock->alert);
    }
    MUST(taken != 0, "S4: the time of a step was over, and none was taken on alert", clock->alert);
    MUST(!is_reached || is_told(b, number, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ESCALATED),
         "S4: a step was told nobody, of clock", number);
    return taken;
}

/* A later step of the alert's ladder that waits already: after somebody has given it up only the steps for a claim begin anew. */
static bool waits_already(const sim_book *b, uint64_t alert, uint32_t step)
{
    for (size_t i = 0; i < b->clock_count; i++) {
        const clock_entry *clock = &b->clocks[i];
        bool goes_on = clock->stands == RUNNING || clock->stands == HELD;
        if (goes_on && clock->alert == alert && clock->purpose == PURPOSE(ESCALATION) && clock->step > step) return true;
    }
    return false;
}

/* A step is taken, told, and followed by the next: a ladder does not fall silent. The last waits for a decision, which an open alert has
 * not, so none of those between can be the last. Steps chain from when they were due; the times of those that are met count with them. */
static void check_escalation(sim_book *b, const clock_entry *clock, uint64_t number)
{
    const core_ladder *ladder = &b->policy->ladders[0];
    uint32_t taken = check_steps(b, clock, number, ladder);
    const Mash__V1__ClockStarted *next = started(b, clock->alert, PURPOSE(ESCALATION), 0);
    if (next != NULL) {
        bool is_chained = next->step == taken + 1 ? next->from_ms == clock->due_ms : next->from_ms >= clock->due_ms;
        MUST(next->step > taken, "S4: a ladder went back, on alert", clock->alert);
        MUST(is_chained, "S4: a step counts from another instant than the one before was due, on alert", clock->alert);
        return;
    }
    if (waits_already(b, clock->alert, taken)) return;
    alert_entry *alert = book_alert(b, clock->alert);
    alert->last_step_taken = alert->last_step_taken || taken == ladder->step_count; /* beside this one: it is not taken again */
    MUST(alert->last_step_taken, "S4: a ladder stopped before its last step, on alert", clock->alert);
    MUST(is_raised(b, MASH__V1__ALARM_KIND__ALARM_KIND_LADDER_ENDED), "S4: a ladder ended without an alarm, on alert",
         clock->alert);
    alert->has_had_its_ladder = true;
}

/* By the tables in force: red or amber, in a queue that the ladder is for. */
static bool has_ladder(const sim_book *b, const alert_entry *alert)
{
    const core_ladder *ladder = &b->policy->ladders[0];
    return (ladder->ratings >> alert->rating & 1) != 0 && serves(b, alert->queue, ladder->service);
}

void book_check_unowned(sim_book *b, uint64_t number)
{
    const alert_entry *alert = book_alert(b, number);
    if (alert->ended || alert->owner != 0 || alert->has_had_its_ladder || !has_ladder(b, alert)) return;
    for (size_t i = 0; i < b->clock_count; i++) {
        const clock_entry *clock = &b->clocks[i];
        bool goes_on = clock->stands == RUNNING || clock->stands == HELD;
        if (goes_on && clock->alert == number && clock->purpose == PURPOSE(ESCALATION)) return;
    }
    book_fail(b, "S8: nobody has it and nobody is going to hear of it: alert", number);
}

/* ---- other clocks ----------------------------------------------------------------------------------------------------------- */

static void check_claim(sim_book *b, const clock_entry *clock)
{
    size_t at = 0;
    for (const Mash__V1__Fact *fact; (fact = next_of(b, MASH__V1__FACT__BODY_OWNER_CHANGED, &at)) != NULL;) {
        if (fact->owner_changed->alert == clock->alert &&
            fact->owner_changed->cause == MASH__V1__OWNER_CAUSE__OWNER_CAUSE_EXPIRED)
            return;
    }
    book_fail(b, "S4: a claim's time was over, and it went on, of alert", clock->alert);
}

static void check_hold(sim_book *b, const clock_entry *clock)
{
    size_t at = 0;
    for (const Mash__V1__Fact *fact; (fact = next_of(b, MASH__V1__FACT__BODY_ALERT_RESUMED, &at)) != NULL;) {
        if (fact->alert_resumed->alert == clock->alert) return;
    }
    book_fail(b, "S4: a hold's time was over, and it went on, of alert", clock->alert);
}

/* It moves up by itself and has a time again; after the last stage, an alarm. */
static void check_stage(sim_book *b, const clock_entry *clock)
{
    if (is_raised(b, MASH__V1__ALARM_KIND__ALARM_KIND_LADDER_ENDED)) return;
    size_t at = 0;
    bool is_moved = false;
    for (const Mash__V1__Fact *fact; (fact = next_of(b, MASH__V1__FACT__BODY_DISAGREEMENT_MOVED, &at)) != NULL;)
        is_moved = is_moved || (fact->disagreement_moved->disagreement == clock->item &&
                                fact->disagreement_moved->cause == MASH__V1__STAGE_CAUSE__STAGE_CAUSE_LAPSED);
    MUST(is_moved, "S4: a stage's time was over, and it stayed, of disagreement", clock->item);
    MUST(started(b, clock->alert, PURPOSE(STAGE), clock->item) != NULL, "S4: a stage without a time, of disagreement",
         clock->item);
}

void book_check_lapses(sim_book *b)
{
    size_t at = 0;
    for (const Mash__V1__Fact *fact; (fact = next_of(b, MASH__V1__FACT__BODY_CLOCK_LAPSED, &at)) != NULL;) {
        uint64_t number = fact->clock_lapsed->clock;
        const clock_entry *clock = book_clock(b, number);
        Mash__V1__DeliveryKind kind = MASH__V1__DELIVERY_KIND__DELIVERY_KIND_CLOCK_LAPSED;
        switch (clock->purpose) {
        case PURPOSE(ESCALATION):
            check_escalation(b, clock, number);
            continue;
        case PURPOSE(CLAIM):
            check_claim(b, clock);
            break;
        case PURPOSE(HOLD):
            check_hold(b, clock);
            break;
        case PURPOSE(STAGE):
            check_stage(b, clock);
            kind = MASH__V1__DELIVERY_KIND__DELIVERY_KIND_DISAGREEMENT;
            break;
        case PURPOSE(ACKNOWLEDGE):
        case PURPOSE(OUTCOME):
            kind = MASH__V1__DELIVERY_KIND__DELIVERY_KIND_DISAGREEMENT;
            break;
        default:
            break;
        }
        MUST(is_told(b, number, kind) || is_raised(b, MASH__V1__ALARM_KIND__ALARM_KIND_NO_ROUTE),
             "S4: a clock lapsed and nobody was told:", number);
    }
}

/* ---- time that is put right ------------------------------------------------------------------------------------------------- */

/* A promise of minutes from an instant that the hub took off its own clock. */
static bool moves_with_time(const clock_entry *clock)
{
    bool is_deadline = clock->purpose == PURPOSE(DEADLINE);
    return clock->row->kind == CORE_CLOCK_ELAPSED_MINUTES && !clock->stated &&
           (!is_deadline || clock->row->from == CORE_FROM_STORED);
}

void book_time_corrected(sim_book *b, const Mash__V1__TimeCorrected *fact)
{
    bool was_wrong = fact->cause == MASH__V1__TIME_CAUSE__TIME_CAUSE_WRONG_CLOCK;
    for (size_t i = 0; i < b->clock_count && was_wrong; i++) {
        clock_entry *clock = &b->clocks[i];
        bool goes_on = clock->stands == RUNNING || clock->stands == HELD;
        clock->was_put_back = clock->was_put_back || (clock->stands == HELD && fact->delta_ms < 0);
        if (!goes_on || clock->from_ms < b->reckoned_ms || !moves_with_time(clock)) continue;
        clock->from_ms += fact->delta_ms;
        clock->due_ms += fact->delta_ms;
        clock->off_ms = 0;
    }
    b->last_ms = b->reckoned_ms = b->time_ms + fact->delta_ms;
}

void book_check_early(sim_book *b, const clock_entry *clock, uint64_t number)
{
    bool is_right = clock->off_ms == 0 && b->time_ms == b->true_ms;
    if (!is_right || !clock->is_of_now || clock->stated || clock->row->kind != CORE_CLOCK_ELAPSED_MINUTES) return;
    MUST(b->true_ms - clock->true_ms >= (int64_t)clock->row->amount * 60000,
         "S4: the minutes of a clock had not passed:", number);
}
