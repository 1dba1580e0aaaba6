#include "core/clock_view.h"

#include <string.h>

#include "core/state.h"

/* ---- how it comes to be due then --------------------------------------------------------------------------------------------- */
static void put_reckoning(const core_state *state, const core_clock_run *run, const core_calendar *calendar, hub_buffer *out)
{
    const core_clock_row *row = core_clock_rule(state, run);
    const core_due first = core_calendar_due(calendar, row->kind, row->amount, row->roll, run->from_ms);
    bool is_moved = first.due_ms != run->due_ms;
    if (is_moved) hub_buffer_put_text(out, "first reckoned as ");
    core_calendar_words(calendar, row->kind, row->amount, row->roll, run->from_ms, out);
    bool is_of_school = run->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_DEADLINE && run->item != 0;
    if (is_of_school) hub_buffer_put_text(out, " (by the terms of the school itself, not its authority's)");
    if (is_moved) hub_buffer_put_text(out, run->stated ? "; a person has moved it since" : "; moved since by the time of a hold");
}

static bool is_promise_of_rule(const core_clock_run *run)
{
    return run->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_DEADLINE;
}

static void tell_why(const core_clock_viewing *v, const core_clock_run *run, Mash__V1__Clock *clock, bool *failed)
{
    const core_state *state = v->view->state;
    hub_buffer words = {0};
    core_calendar calendar = core_clock_calendar(state, run);
    if (run->due_unknown) {
        hub_buffer_put_text(&words, "when it is due is not known, so it is at once: no school term lies ahead, or the calendar "
                                    "never opens");
    } else if (run->stated && !is_promise_of_rule(run)) {
        hub_buffer_put_text(&words, "a person said until when; it was not reckoned");
    } else {
        put_reckoning(state, run, &calendar, &words);
        clock->calendar = hub_arena_copy(v->arena, calendar.id, strlen(calendar.id));
        clock->source = (char *)(uintptr_t)core_clock_rule(state, run)->source;
    }
    clock->why = words.failed ? NULL : hub_arena_copy(v->arena, hub_buffer_text(&words), words.size);
    hub_buffer_free(&words);
    *failed = clock->why == NULL || clock->calendar == NULL;
}

/* ---- why it was late -------------------------------------------------------------------------------------------------------- */
const char *core_clock_cause(Mash__V1__LateCause cause)
{
    switch (cause) {
    case MASH__V1__LATE_CAUSE__LATE_CAUSE_HUB_AWAY:
        return "the hub was not running when it was due";
    case MASH__V1__LATE_CAUSE__LATE_CAUSE_SENDER_DELAY:
        return "it was due before the event came: the sender was late";
    case MASH__V1__LATE_CAUSE__LATE_CAUSE_LOAD:
        return "the hub was busy";
    case MASH__V1__LATE_CAUSE__LATE_CAUSE_RATED_LATE:
        return "it was due before a person gave the rating that brought it";
    case MASH__V1__LATE_CAUSE__LATE_CAUSE_PAUSE:
        return "the hub's machine stood still when it was due";
    case MASH__V1__LATE_CAUSE__LATE_CAUSE_TIMERS_HELD:
        return "the hub held its timers when it was due: it did not believe its machine's clock";
    case MASH__V1__LATE_CAUSE__LATE_CAUSE_DUE_UNKNOWN:
        return "when it is due is not known: no school term lies ahead, or the calendar never opens";
    default:
        return "on time";
    }
}

/* ---- the clock --------------------------------------------------------------------------------------------------------------- */
/* An act's clock counts from the act, which whoever is told of it knows; others may count from what an event says. */
static bool tells_start(const core_clock_viewing *v, const core_clock_run *run)
{
    return !is_promise_of_rule(run) || core_view_clock_start(v->view, core_clock_rule(v->view->state, run));
}

/* A question whose asker said by when rests on no row of the policy; another's words would be wrong. */
static void put_rule(const core_clock_row *row, const core_clock_run *run, Mash__V1__Clock *clock)
{
    bool is_question = run->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_REQUEST;
    clock->clock = (char *)(uintptr_t)row->id;
    clock->plain = (char *)(uintptr_t)(is_question && run->stated ? "an agency answers by when it was asked to" : row->plain);
    clock->statutory = row->statutory && !(is_question && run->stated);
}

Mash__V1__Clock *core_clock_view(const core_clock_viewing *v, uint32_t number)
{
    const core_clock_run *run = core_clocks_at(v->view->state, number);
    Mash__V1__Clock *clock = hub_arena_take(v->arena, sizeof *clock);
    bool failed = false;
    if (clock == NULL) return NULL;
    mash__v1__clock__init(clock);
    put_rule(core_clock_rule(v->view->state, run), run, clock);
    clock->due_ms = run->due_ms;
    clock->provisional = run->provisional != 0;
    clock->held = run->state == CORE_CLOCK_HELD;
    if (tells_start(v, run)) {
        clock->from_ms = run->from_ms;
        if (v->tells_why) tell_why(v, run, clock, &failed);
    }
    return failed ? NULL : clock;
}

uint32_t core_clock_newest(const core_state *state, uint32_t alert, Mash__V1__ClockPurpose purpose, uint64_t item)
{
    uint32_t at = core_alerts_at(state, alert)->clocks;
    while (at != 0 && (core_clocks_at(state, at)->purpose != (uint8_t)purpose || core_clocks_at(state, at)->item != item))
        at = core_clocks_at(state, at)->next;
    return at;
}
