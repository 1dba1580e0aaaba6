/* book.c - the clerk's table of alerts and clocks. */
#include "book_inside.h"

#include <stdlib.h>
#include <string.h>

sim_book *sim_book_open(const sim_report *report, const core_policy *const *policies)
{
    sim_book *b = calloc(1, sizeof *b);
    HUB_ASSERT(b != NULL);
    b->report = report;
    b->policies = policies;
    return b;
}

void sim_book_close(sim_book *b)
{
    if (b == NULL) return;
    free(b->clocks);
    free(b->alerts);
    free(b->disagreements);
    free(b->classes);
    free(b);
}

noreturn void book_fail(const sim_book *b, const char *what, uint64_t number)
{
    sim_fail(b->report, "%s %llu (record %llu)", what, (unsigned long long)number, (unsigned long long)b->sequence);
}

alert_entry *book_alert(sim_book *b, uint64_t number)
{
    MUST(number >= 1 && number <= b->alert_count, "S8: a fact about an alert that was never opened:", number);
    return &b->alerts[number - 1];
}

clock_entry *book_clock(sim_book *b, uint64_t number)
{
    MUST(number >= 1 && number <= b->clock_count, "S4: a fact about a clock that was never started:", number);
    return &b->clocks[number - 1];
}

static disagreement_entry *disagreement_at(sim_book *b, uint64_t number)
{
    MUST(number >= 1 && number <= b->disagreement_count, "S8: a fact about a disagreement that was never opened:", number);
    return &b->disagreements[number - 1];
}

static bool is_on_roster(const sim_book *b, uint32_t staff)
{
    for (uint32_t i = 0; i < b->policy->staff_count; i++) {
        if (b->policy->staff[i].number == staff && b->policy->staff[i].effective.until_day == 0) return true;
    }
    return false;
}

/* What the record at hand says of a review of the roster; NULL = nothing. */
static const Mash__V1__RosterReviewed *review_here(const sim_book *b)
{
    const Mash__V1__Fact *first = b->opened->control->n_facts == 0 ? NULL : b->opened->control->facts[0];
    return first != NULL && first->body_case == MASH__V1__FACT__BODY_ROSTER_REVIEWED ? first->roster_reviewed : NULL;
}

static bool has_lapsed_here(const sim_book *b, uint64_t alert, Mash__V1__ClockPurpose purpose)
{
    const Mash__V1__Control *control = b->opened->control;
    for (size_t i = 0; i < control->n_facts; i++) {
        if (control->facts[i]->body_case != MASH__V1__FACT__BODY_CLOCK_LAPSED) continue;
        const clock_entry *clock = &b->clocks[control->facts[i]->clock_lapsed->clock - 1];
        if (clock->alert == alert && clock->purpose == purpose) return true;
    }
    return false;
}

/* ---- clocks (S4) ----------------------------------------------------------------------------------------------------------- */

static void on_started(sim_book *b, const Mash__V1__ClockStarted *fact)
{
    (void)book_alert(b, fact->alert);
    MUST(fact->clock == b->clock_count + 1, "S4: a clock's number does not follow:", fact->clock);
    const core_clock_row *row = &b->policy->clocks[fact->rule];
    for (size_t i = 0; i < b->clock_count && fact->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_DEADLINE; i++) {
        clock_entry *other = &b->clocks[i];
        if (other->stands != RUNNING || other->purpose != fact->purpose || other->alert != fact->alert) continue;
        if (strcmp(other->row->id, row->id) != 0) continue;
        MUST(other->due_ms > fact->due_ms, "S4: a running clock was replaced by one that is due no earlier:", i + 1);
        other->stands = REPLACED;
    }
    bool is_step = fact->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ESCALATION;
    BOOK_ROOM(b->clocks, b->clock_count, b->clock_capacity);
    b->clocks[b->clock_count++] = (clock_entry){.due_ms = fact->due_ms,
                                                .alert = fact->alert,
                                                .row = row,
                                                .purpose = fact->purpose,
                                                .item = fact->item,
                                                .step = fact->step,
                                                .ladder = is_step ? b->policy->ladders[fact->item].id : "",
                                                .stands = RUNNING,
                                                .from_ms = fact->from_ms,
                                                .stated = fact->stated,
                                                .is_of_now = fact->from_ms == b->time_ms,
                                                .true_ms = b->true_ms,
                                                .off_ms = b->time_ms - b->true_ms};
}

static void on_lapsed(sim_book *b, const Mash__V1__ClockLapsed *fact)
{
    clock_entry *clock = book_clock(b, fact->clock);
    MUST(clock->stands != HELD, "S4: a clock lapsed while it was held:", fact->clock);
    MUST(clock->stands == RUNNING, "S4: a clock lapsed that had ended:", fact->clock);
    MUST(fact->due_ms == clock->due_ms, "S4: a clock lapsed at another due time:", fact->clock);
    MUST(b->time_ms >= clock->due_ms, "S4: a clock lapsed early:", fact->clock);
    for (size_t i = 0; i < b->clock_count; i++) {
        const clock_entry *other = &b->clocks[i];
        bool is_passed_over = other->alert == clock->alert && other->stands == RUNNING && other->due_ms < clock->due_ms;
        MUST(!is_passed_over, "S4: a clock lapsed before one of the same alert that was due earlier:", fact->clock);
    }
    /* away, paused, told late: those have their causes; a disk is full for seconds, and a clock that is put right jumps by minutes */
    enum { LOAD_MS_MAX = 9 * 60000 };
    bool is_by_load = fact->cause == MASH__V1__LATE_CAUSE__LATE_CAUSE_LOAD;
    MUST(!is_by_load || fact->late_ms <= LOAD_MS_MAX, "S4: a clock lapsed long after it was due:", fact->clock);
    clock->stands = LAPSED;
    book_check_early(b, clock, fact->clock);
}

static bool is_made_graver(const sim_book *b, uint64_t alert)
{
    const Mash__V1__Control *control = b->opened->control;
    for (size_t i = 0; i < control->n_facts; i++) {
        if (control->facts[i]->body_case != MASH__V1__FACT__BODY_ALERT_JOINED) continue;
        if (control->facts[i]->alert_joined->alert == alert && control->facts[i]->alert_joined->tightened) return true;
    }
    return false;
}

static void on_stopped(sim_book *b, const Mash__V1__ClockStopped *fact)
{
    clock_entry *clock = book_clock(b, fact->clock);
    bool is_late = clock->stands == LAPSED && fact->late_ms > 0, goes_on = clock->stands == RUNNING || clock->stands == HELD;
    MUST(fact->had_lapsed ? is_late : goes_on, "S4: a clock was stopped that had ended, or met in time after it:", fact->clock);
    MUST(b->acted != NULL || is_made_graver(b, clock->alert), "S4: a clock was stopped by nobody's act:", fact->clock);
    clock->stands = STOPPED;
}

static void on_moved(sim_book *b, const Mash__V1__ClockMoved *fact)
{
    clock_entry *clock = book_clock(b, fact->clock);
    bool is_end_of_hold = fact->cause == MASH__V1__MOVE_CAUSE__MOVE_CAUSE_RESUMED;
    MUST(b->acted != NULL, "S4: a clock was moved by nobody's act:", fact->clock);
    MUST(clock->stands == (is_end_of_hold ? HELD : RUNNING), "S4: a clock was moved that does not stand so:", fact->clock);
    MUST(fact->was_due_ms == clock->due_ms, "S4: a clock was moved from another time than it had:", fact->clock);
    MUST(!clock->row->statutory, "S4: a statutory clock was moved:", fact->clock);
    MUST(!is_end_of_hold || clock->was_put_back || fact->due_ms >= clock->due_ms,
         "S4: a hold made a clock due earlier:", fact->clock);
    clock->stands = fact->cause == MASH__V1__MOVE_CAUSE__MOVE_CAUSE_HELD ? HELD : RUNNING;
    clock->was_put_back = false;
    clock->due_ms = fact->due_ms;
    clock->is_of_now = false;
    if (fact->cause == MASH__V1__MOVE_CAUSE__MOVE_CAUSE_RESTATED) clock->stated = true;
}

/* ---- alerts (S8) ----------------------------------------------------------------------------------------------------------- */

static void on_opened(sim_book *b, const Mash__V1__AlertOpened *fact)
{
    MUST(fact->alert == b->alert_count + 1, "S8: an alert's number does not follow:", fact->alert);
    BOOK_ROOM(b->alerts, b->alert_count, b->alert_capacity);
    alert_entry *alert = &b->alerts[b->alert_count++];
    *alert =
        (alert_entry){.rating = fact->rating, .class = b->classes[b->sequence - 1], .queue = fact->queue, .changed = b->sequence};
    (void)hub_format(alert->area, sizeof alert->area, "%s", fact->area);
}

static void on_joined(sim_book *b, const Mash__V1__AlertJoined *fact)
{
    alert_entry *alert = book_alert(b, fact->alert);
    MUST(!alert->ended, "S8: an event joined an alert that had ended:", fact->alert);
    MUST((uint32_t)fact->rating >= alert->rating, "S8: joining made a rating lower:", fact->alert);
    if ((uint32_t)fact->rating > alert->rating) alert->rated_by = 0, alert->has_had_its_ladder = false;
    alert->rating = fact->rating;
    if (b->classes[b->sequence - 1] > alert->class) alert->class = b->classes[b->sequence - 1];
    MUST(fact->version >= alert->version && fact->version <= alert->version + 1, "S8: joining did not change", fact->alert);
    alert->version = fact->version;
    alert->changed = b->sequence;
}

static void on_withdrawn(sim_book *b, const Mash__V1__EventWithdrawn *fact)
{
    for (size_t i = 0; i < fact->n_alerts; i++) {
        book_alert(b, fact->alerts[i])->version++;
        book_alert(b, fact->alerts[i])->changed = b->sequence;
    }
}

/* Another alert than that which the act is on changes with it. */
static void on_link_corrected(sim_book *b, const Mash__V1__LinkCorrected *fact)
{
    alert_entry *alert = book_alert(b, fact->alert);
    bool is_acted_on = b->acted != NULL && b->acted->alert == fact->alert;
    MUST(b->acted != NULL && b->acted->staff != 0, "S8: nobody's act corrected who is in alert", fact->alert);
    MUST(is_acted_on ? fact->version == 0 : fact->version == alert->version + 1, "S8: a version does not follow, of alert",
         fact->alert);
    if (fact->version != 0) alert->version = fact->version;
    alert->changed = b->sequence;
}

static bool is_versioned(Mash__V1__ActKind kind)
{
    switch (kind) {
    case MASH__V1__ACT_KIND__ACT_KIND_NOTE:
    case MASH__V1__ACT_KIND__ACT_KIND_ANSWER:
    case MASH__V1__ACT_KIND__ACT_KIND_SEEN:
    case MASH__V1__ACT_KIND__ACT_KIND_SIGN:
    case MASH__V1__ACT_KIND__ACT_KIND_WITHHOLD:
    case MASH__V1__ACT_KIND__ACT_KIND_SHARE:
        return false;
    default:
        return true;
    }
}

static void on_acted(sim_book *b, const Mash__V1__Acted *fact)
{
    if (fact->staff != 0) {
        MUST(b->act != NULL, "S8: somebody acted who did not ask to, on alert", fact->alert);
        MUST(book_may_act(b, fact), "S8: somebody acted who may not, on alert", fact->alert);
    } else {
        bool is_expiry = fact->act == MASH__V1__ACT_KIND__ACT_KIND_RELEASE &&
                         has_lapsed_here(b, fact->alert, MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_CLAIM);
        bool is_end_of_hold = fact->act == MASH__V1__ACT_KIND__ACT_KIND_RESUME &&
                              has_lapsed_here(b, fact->alert, MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_HOLD);
        bool is_next_stage = fact->disagreement != 0 && fact->act == MASH__V1__ACT_KIND__ACT_KIND_REFER &&
                             has_lapsed_here(b, fact->alert, MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_STAGE);
        bool is_left = fact->act == MASH__V1__ACT_KIND__ACT_KIND_RELEASE && review_here(b) != NULL && fact->alert != 0 &&
                       !is_on_roster(b, book_alert(b, fact->alert)->owner);
        MUST(is_expiry || is_end_of_hold || is_next_stage || is_left, "S8: the hub acted of itself on alert", fact->alert);
    }
    if (fact->alert == 0) return;
    alert_entry *alert = book_alert(b, fact->alert);
    MUST(fact->staff == 0 || (alert->parties >> fact->staff & 1) == 0, "S8: a party acted on alert", fact->alert);
    bool is_signed_off = fact->act == MASH__V1__ACT_KIND__ACT_KIND_SIGN; /* by the list, whose act names no version */
    if (fact->act != MASH__V1__ACT_KIND__ACT_KIND_SEEN && !is_signed_off && fact->disagreement == 0) alert->changed = b->sequence;
    MUST((fact->version != 0) == (is_signed_off || is_versioned(fact->act)),
         "S8: a version where there is none, or none, on alert", fact->alert);
    if (fact->version == 0) return;
    uint32_t *version = fact->disagreement != 0 ? &disagreement_at(b, fact->disagreement)->version : &alert->version;
    MUST(fact->version == *version + 1, "S8: a version does not follow, of alert", fact->alert);
    MUST(b->act == NULL || is_signed_off || b->act->version == *version, "S8: an act on an old version was done, on alert",
         fact->alert);
    *version = fact->version;
}

/* Does this cause explain that owner? */
static bool is_explained(const sim_book *b, const alert_entry *alert, const Mash__V1__OwnerChanged *fact)
{
    Mash__V1__ActKind act = b->acted->act;
    bool is_given_up = alert->owner != 0 && fact->staff == 0;
    switch (fact->cause) {
    case MASH__V1__OWNER_CAUSE__OWNER_CAUSE_CLAIMED:
        return act == MASH__V1__ACT_KIND__ACT_KIND_CLAIM && fact->staff == b->acted->staff && fact->offered_to == 0 &&
               (alert->owner == 0 || alert->owner == fact->staff || alert->offered == fact->staff);
    case MASH__V1__OWNER_CAUSE__OWNER_CAUSE_RELEASED:
        return act == MASH__V1__ACT_KIND__ACT_KIND_RELEASE && b->acted->staff != 0 && is_given_up;
    case MASH__V1__OWNER_CAUSE__OWNER_CAUSE_OFFERED:
        return act == MASH__V1__ACT_KIND__ACT_KIND_HAND_OVER && alert->owner != 0 && fact->staff == alert->owner;
    case MASH__V1__OWNER_CAUSE__OWNER_CAUSE_EXPIRED:
        return is_given_up && has_lapsed_here(b, fact->alert, MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_CLAIM);
    case MASH__V1__OWNER_CAUSE__OWNER_CAUSE_REASSIGNED:
        return act == MASH__V1__ACT_KIND__ACT_KIND_REASSIGN && fact->staff == 0;
    case MASH__V1__OWNER_CAUSE__OWNER_CAUSE_LEFT:
        return is_given_up && (act == MASH__V1__ACT_KIND__ACT_KIND_DECLARE_PARTY ||
                               (act == MASH__V1__ACT_KIND__ACT_KIND_RELEASE && review_here(b) != NULL));
    default:
        return false;
    }
}

static void on_owner(sim_book *b, const Mash__V1__OwnerChanged *fact)
{
    alert_entry *alert = book_alert(b, fact->alert);
    MUST(!alert->ended, "S8: an ended alert changed hands:", fact->alert);
    MUST(b->acted != NULL && b->acted->alert == fact->alert, "S8: the owner changed and nobody acted, of alert", fact->alert);
    MUST(is_explained(b, alert, fact), "S8: the owner changed as nothing explains, of alert", fact->alert);
    MUST(fact->staff == 0 || is_on_roster(b, fact->staff), "S8: the owner is not on the roster, of alert", fact->alert);
    alert->owner = fact->staff;
    alert->offered = fact->offered_to;
    if (fact->staff == 0) alert->has_had_its_ladder = false;
}

static void on_rated(sim_book *b, const Mash__V1__AlertRated *fact)
{
    alert_entry *alert = book_alert(b, fact->alert);
    MUST(b->acted != NULL && fact->staff != 0 && fact->staff == b->acted->staff, "S8: rated by nobody: alert", fact->alert);
    MUST(!alert->ended, "S8: an ended alert was rated:", fact->alert);
    alert->rating = fact->rating;
    alert->rated_by = fact->staff;
}

static void on_ended(sim_book *b, const Mash__V1__AlertEnded *fact)
{
    alert_entry *alert = book_alert(b, fact->alert);
    MUST(!alert->ended, "S8: an alert was ended twice:", fact->alert);
    MUST(b->acted != NULL && b->act != NULL && fact->staff != 0 && fact->staff == b->acted->staff, "S8: nobody's act ended alert",
         fact->alert);
    bool is_signed = b->acted->act == MASH__V1__ACT_KIND__ACT_KIND_SIGN && b->acted->alert == fact->alert && alert->owner == 0 &&
                     alert->rating == MASH__V1__RATING__RATING_BLUE && alert->changed <= b->act->sign->seen_sequence;
    bool is_decided = b->acted->act == MASH__V1__ACT_KIND__ACT_KIND_DECIDE && b->acted->alert == fact->alert;
    MUST(is_signed || is_decided, "S8: an act that decides nothing ended alert", fact->alert);
    alert->ended = true;
    alert->held = false;
}

static void on_held(sim_book *b, const Mash__V1__AlertHeld *fact)
{
    alert_entry *alert = book_alert(b, fact->alert);
    MUST(!alert->held && alert->owner != 0, "S8: a hold on what nobody has, or is held: alert", fact->alert);
    MUST(alert->rating != MASH__V1__RATING__RATING_RED || (fact->second != 0 && fact->second != fact->staff),
         "S8: one person alone held the red alert", fact->alert);
    MUST(b->acted != NULL && b->acted->staff == (fact->second != 0 ? fact->second : fact->staff),
         "S8: held by a second person's name, not their act: alert", fact->alert);
    alert->held = true;
}

static void on_resumed(sim_book *b, const Mash__V1__AlertResumed *fact)
{
    MUST(book_alert(b, fact->alert)->held, "S8: a hold ended that nobody had made, on alert", fact->alert);
    book_alert(b, fact->alert)->held = false;
}

static void on_decided(sim_book *b, const Mash__V1__LineDecided *fact)
{
    MUST(b->acted != NULL && fact->staff == b->acted->staff && fact->staff != 0, "S8: a line was decided by nobody, of alert",
         fact->alert);
    MUST(!book_alert(b, fact->alert)->ended, "S8: decided after its end: alert", fact->alert);
}

static void on_moved_to(sim_book *b, const Mash__V1__AlertMoved *fact)
{
    MUST(b->acted != NULL && b->acted->act == MASH__V1__ACT_KIND__ACT_KIND_REASSIGN, "S8: nobody's act moved alert", fact->alert);
    book_alert(b, fact->alert)->queue = fact->queue;
}

static void on_escalated(sim_book *b, const Mash__V1__Escalated *fact)
{
    MUST(!book_alert(b, fact->alert)->ended, "S4: a step was taken on the ended alert", fact->alert);
    MUST(fact->due_ms <= b->time_ms, "S4: a step was taken before its time on alert", fact->alert);
    MUST(has_lapsed_here(b, fact->alert, MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ESCALATION),
         "S4: a step was taken though none had lapsed on alert", fact->alert);
}

static void on_disagreement(sim_book *b, const Mash__V1__DisagreementOpened *fact)
{
    if (fact->again) {
        MUST(disagreement_at(b, fact->disagreement)->closed, "S8: opened again, and never closed: disagreement",
             fact->disagreement);
        disagreement_at(b, fact->disagreement)->closed = false;
        disagreement_at(b, fact->disagreement)->version++;
        return;
    }
    MUST(fact->disagreement == b->disagreement_count + 1, "S8: a disagreement's number does not follow:", fact->disagreement);
    BOOK_ROOM(b->disagreements, b->disagreement_count, b->disagreement_capacity);
    b->disagreements[b->disagreement_count++] = (disagreement_entry){.version = 1}; /* opening it is the first act on it */
}

static void on_closed(sim_book *b, const Mash__V1__DisagreementClosed *fact)
{
    disagreement_entry *entry = disagreement_at(b, fact->disagreement);
    MUST(!entry->closed, "S8: closed twice: disagreement", fact->disagreement);
    MUST(b->act != NULL && b->acted != NULL && b->acted->disagreement == fact->disagreement && fact->staff == b->acted->staff,
         "S8: nobody's act closed disagreement", fact->disagreement);
    entry->closed = true;
}

/* ---- records --------------------------------------------------------------------------------------------------------------- */

/* No due that was set moves with it, nothing fires, nobody is told anything. */
static void on_adopted(sim_book *b, const Mash__V1__PolicyAdopted *fact)
{
    b->policy = b->policies[fact->policy - 1];
    MUST(b->opened->control->n_facts <= 2, "S4: adopting a policy did more than that:", b->opened->control->n_facts);
}

/* Of the event that came; whether it was such a fact. */
static bool on_event_fact(sim_book *b, const Mash__V1__Fact *fact)
{
    switch (fact->body_case) {
    case MASH__V1__FACT__BODY_EVENT_ACCEPTED:
        b->classes[b->sequence - 1] = fact->event_accepted->sensitivity;
        return true;
    case MASH__V1__FACT__BODY_EVENT_WITHDRAWN:
        on_withdrawn(b, fact->event_withdrawn);
        return true;
    case MASH__V1__FACT__BODY_ALERT_OPENED:
        on_opened(b, fact->alert_opened);
        return true;
    case MASH__V1__FACT__BODY_ALERT_JOINED:
        on_joined(b, fact->alert_joined);
        return true;
    default:
        return false;
    }
}

/* Of the hub itself, and of events. */
static void on_other(sim_book *b, const Mash__V1__Fact *fact)
{
    if (on_event_fact(b, fact)) return;
    switch (fact->body_case) {
    case MASH__V1__FACT__BODY_POLICY_ADOPTED:
        on_adopted(b, fact->policy_adopted);
        break;
    case MASH__V1__FACT__BODY_HUB_STARTED:
        b->reckoned_ms = b->time_ms;
        break;
    case MASH__V1__FACT__BODY_TIME_CORRECTED:
        book_time_corrected(b, fact->time_corrected);
        break;
    default:
        book_shut_out(b, fact);
        break;
    }
}

static void on_fact(sim_book *b, const Mash__V1__Fact *fact)
{
    switch (fact->body_case) {
    case MASH__V1__FACT__BODY_ALERT_MOVED:
        on_moved_to(b, fact->alert_moved);
        break;
    case MASH__V1__FACT__BODY_CLOCK_STARTED:
        on_started(b, fact->clock_started);
        break;
    case MASH__V1__FACT__BODY_CLOCK_LAPSED:
        on_lapsed(b, fact->clock_lapsed);
        break;
    case MASH__V1__FACT__BODY_CLOCK_STOPPED:
        on_stopped(b, fact->clock_stopped);
        break;
    case MASH__V1__FACT__BODY_CLOCK_MOVED:
        on_moved(b, fact->clock_moved);
        break;
    case MASH__V1__FACT__BODY_ACTED:
        b->acted = fact->acted;
        on_acted(b, fact->acted);
        break;
    case MASH__V1__FACT__BODY_ACT_REFUSED:
        MUST(b->opened->control->n_facts <= 2, "S8: a refused act did something, on alert", fact->act_refused->alert);
        break;
    case MASH__V1__FACT__BODY_OWNER_CHANGED:
        on_owner(b, fact->owner_changed);
        break;
    case MASH__V1__FACT__BODY_ALERT_RATED:
        on_rated(b, fact->alert_rated);
        break;
    case MASH__V1__FACT__BODY_LINE_DECIDED:
        on_decided(b, fact->line_decided);
        break;
    case MASH__V1__FACT__BODY_LINK_CORRECTED:
        on_link_corrected(b, fact->link_corrected);
        break;
    case MASH__V1__FACT__BODY_ALERT_HELD:
        on_held(b, fact->alert_held);
        break;
    case MASH__V1__FACT__BODY_ALERT_RESUMED:
        on_resumed(b, fact->alert_resumed);
        break;
    case MASH__V1__FACT__BODY_ALERT_ENDED:
        on_ended(b, fact->alert_ended);
        break;
    case MASH__V1__FACT__BODY_DISAGREEMENT_OPENED:
        on_disagreement(b, fact->disagreement_opened);
        break;
    case MASH__V1__FACT__BODY_DISAGREEMENT_CLOSED:
        on_closed(b, fact->disagreement_closed);
        break;
    case MASH__V1__FACT__BODY_ESCALATED:
        on_escalated(b, fact->escalated);
        break;
    case MASH__V1__FACT__BODY_DELIVERED:
        book_delivered(b, fact->delivered);
        break;
    default:
        on_other(b, fact);
        break;
    }
}

/* Steps of one ladder may wait side by side (E5 in escalate.c), but none of them twice: it would be taken twice. */
static void check_ladder(sim_book *b, const clock_entry *step)
{
    for (size_t i = 0; i < b->clock_count; i++) {
        const clock_entry *other = &b->clocks[i];
        bool is_same = other != step && other->alert == step->alert && (other->stands == RUNNING || other->stands == HELD) &&
                       other->purpose == step->purpose && other->step == step->step && strcmp(other->ladder, step->ladder) == 0;
        MUST(!is_same, "S4: a step of a ladder waits twice on alert", step->alert);
    }
}

/* What must hold of an alert between two records. */
static void check_alert(sim_book *b, uint64_t number)
{
    const alert_entry *alert = book_alert(b, number);
    MUST((alert->parties >> alert->owner & 1) == 0 || alert->owner == 0 || alert->ended, "S8: a party owns alert", number);
    uint32_t claims = 0;
    for (size_t i = 0; i < b->clock_count; i++) {
        const clock_entry *clock = &b->clocks[i];
        if (clock->alert != number || (clock->stands != RUNNING && clock->stands != HELD)) continue;
        if (clock->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_CLAIM) claims++;
        if (clock->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ESCALATION) check_ladder(b, clock);
        bool is_of_alert = clock->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_DEADLINE ||
                           clock->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ESCALATION ||
                           clock->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_HOLD;
        MUST(!alert->ended || !is_of_alert, "S4: a clock still runs on the ended alert", number);
        MUST(clock->stands != HELD || alert->held, "S4: a clock stands still though nobody holds alert", number);
    }
    uint32_t owed = alert->owner != 0 && !alert->held && !alert->ended ? 1 : 0;
    MUST(claims == owed, "S8: as many claims run as must not on alert", number);
    book_check_unowned(b, number);
}

/* The alert that a fact may have changed; 0 = none. */
static uint64_t touched(sim_book *b, const Mash__V1__Fact *fact)
{
    switch (fact->body_case) {
    case MASH__V1__FACT__BODY_ALERT_OPENED:
        return fact->alert_opened->alert;
    case MASH__V1__FACT__BODY_ALERT_JOINED:
        return fact->alert_joined->alert;
    case MASH__V1__FACT__BODY_ACTED:
        return fact->acted->alert;
    case MASH__V1__FACT__BODY_CLOCK_LAPSED:
        return book_clock(b, fact->clock_lapsed->clock)->alert;
    case MASH__V1__FACT__BODY_ALERT_ENDED:
        return fact->alert_ended->alert;
    default:
        return 0;
    }
}

void sim_book_record(sim_book *b, const journal_opened *opened, int64_t true_ms)
{
    b->opened = opened;
    b->sequence = opened->record->sequence;
    b->time_ms = opened->record->time_ms;
    b->true_ms = true_ms;
    MUST(b->time_ms >= b->last_ms, "S4: dated before the record before it:", b->sequence);
    b->last_ms = b->time_ms;
    b->acted = NULL;
    bool has_act = opened->personal != NULL && opened->personal->act.len > 0;
    Mash__V1__Act *act = has_act ? mash__v1__act__unpack(NULL, opened->personal->act.len, opened->personal->act.data) : NULL;
    b->act = act;
    BOOK_ROOM(b->classes, b->record_count, b->record_capacity);
    b->classes[b->record_count++] = 0;
    HUB_ASSERT(b->record_count == b->sequence);
    for (size_t i = 0; i < opened->control->n_facts; i++)
        on_fact(b, opened->control->facts[i]);
    book_check_lapses(b);
    for (size_t i = 0; i < opened->control->n_facts; i++) {
        uint64_t alert = touched(b, opened->control->facts[i]);
        if (alert != 0) check_alert(b, alert);
    }
    for (size_t i = 0; review_here(b) != NULL && review_here(b)->alert == 0 && i < b->alert_count; i++)
        MUST(b->alerts[i].ended || b->alerts[i].owner == 0 || is_on_roster(b, b->alerts[i].owner), "S8: a leaver has", i + 1);
    if (act != NULL) mash__v1__act__free_unpacked(act, NULL);
}

void sim_book_at_rest(sim_book *b, const core_state *live)
{
    for (size_t i = 0; i < b->clock_count; i++)
        MUST(b->clocks[i].stands != RUNNING && b->clocks[i].stands != HELD, "S4: a clock never ended:", i + 1);
    MUST(core_alert_count(live) == b->alert_count, "S8: the hub has other alerts than the journal:", core_alert_count(live));
    for (size_t i = 0; i < b->alert_count; i++) {
        const alert_entry *alert = &b->alerts[i];
        core_alert_standing stands = core_alert_stands(live, i + 1);
        bool is_same = stands.owner == alert->owner && stands.offered == alert->offered && stands.version == alert->version &&
                       (uint32_t)stands.rating == alert->rating && stands.rated_by == alert->rated_by &&
                       stands.held == alert->held && stands.ended == alert->ended;
        MUST(is_same, "S8: the hub has it otherwise than its journal says: alert", i + 1);
    }
    for (size_t i = 0; i < b->disagreement_count; i++)
        MUST(core_disagreement_version(live, i + 1) == b->disagreements[i].version,
             "S8: the hub has it otherwise than its journal says: disagreement", i + 1);
}

uint64_t sim_book_clocks(const sim_book *b)
{
    return b->clock_count;
}
