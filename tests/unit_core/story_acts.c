#include "story_acts.h"

#include <string.h>

#define SAID(letters) ((char *)(uintptr_t)(letters))

const Mash__V1__ActReply *reassign(story *s, const char *by, const char *queue)
{
    Mash__V1__Reassign body = MASH__V1__REASSIGN__INIT;
    body.queue = SAID(queue);
    return act(s, (act_said){.by = by, .what = MASH__V1__ACT__WHAT_REASSIGN, .body = &body, .reason = "they live there now"});
}

const Mash__V1__ActReply *hold(story *s, const char *by, int64_t until_ms, const char *second)
{
    Mash__V1__Hold body = MASH__V1__HOLD__INIT;
    body.until_ms = until_ms;
    body.second = SAID(second == NULL ? "" : second);
    return act(s,
               (act_said){.by = by, .what = MASH__V1__ACT__WHAT_HOLD, .body = &body, .reason = "the hospital sees them today"});
}

const Mash__V1__ActReply *hold_by_two(story *s, const char *by, int64_t until_ms, const char *second)
{
    then_done(hold(s, by, until_ms, second));
    return hold(s, second, 0, NULL);
}

const Mash__V1__ActReply *resume_alert(story *s, const char *by)
{
    return act(s, (act_said){.by = by, .what = MASH__V1__ACT__WHAT_RESUME, .reason = "the hospital has seen them"});
}

const Mash__V1__ActReply *restate(story *s, const char *by, const char *clock, int64_t due_ms)
{
    Mash__V1__Restate body = MASH__V1__RESTATE__INIT;
    body.clock = SAID(clock);
    body.due_ms = due_ms;
    return act(s, (act_said){.by = by, .what = MASH__V1__ACT__WHAT_RESTATE, .body = &body, .reason = "the calendar was wrong"});
}

const Mash__V1__ActReply *ask(story *s, const char *by, const char *agency, int64_t due_ms)
{
    return ask_about(s, NULL, by, agency, due_ms);
}

const Mash__V1__ActReply *ask_about(story *s, const char *item, const char *by, const char *agency, int64_t due_ms)
{
    Mash__V1__RequestInformation body = MASH__V1__REQUEST_INFORMATION__INIT;
    body.agency = SAID(agency);
    body.question = SAID("when were they last seen?");
    body.due_ms = due_ms;
    return act(s, (act_said){.by = by, .item = item, .what = MASH__V1__ACT__WHAT_REQUEST_INFORMATION, .body = &body});
}

const Mash__V1__ActReply *answer_request(story *s, const char *by, const char *item)
{
    Mash__V1__Answer body = MASH__V1__ANSWER__INIT;
    body.text = SAID("in May, and all was well");
    return act(s, (act_said){.by = by, .item = item, .version = -1, .what = MASH__V1__ACT__WHAT_ANSWER, .body = &body});
}

const Mash__V1__ActReply *sign_list(story *s, const char *by, const char *item, int32_t day)
{
    Mash__V1__Sign body = MASH__V1__SIGN__INIT;
    body.day = day;
    body.seen_sequence = core_sequence(s->state);
    return act(s, (act_said){.by = by, .item = item, .version = -1, .what = MASH__V1__ACT__WHAT_SIGN, .body = &body});
}

const Mash__V1__ActReply *withhold(story *s, const char *by, const char *agency)
{
    Mash__V1__Withhold body = MASH__V1__WITHHOLD__INIT;
    body.agency = SAID(agency);
    return act(s,
               (act_said){.by = by, .what = MASH__V1__ACT__WHAT_WITHHOLD, .body = &body, .reason = "it would tell the parent"});
}

const Mash__V1__ActReply *declare_party_in(story *s, const char *item, const char *by, const char *staff)
{
    Mash__V1__DeclareParty body = MASH__V1__DECLARE_PARTY__INIT;
    body.staff = SAID(staff);
    return act(
        s, (act_said){.by = by, .item = item, .what = MASH__V1__ACT__WHAT_DECLARE_PARTY, .body = &body, .reason = "a neighbour"});
}

const Mash__V1__ActReply *declare_party(story *s, const char *by, const char *staff)
{
    return declare_party_in(s, NULL, by, staff);
}

const Mash__V1__ActReply *share(story *s, const char *by, const char *agency, const char *reason)
{
    Mash__V1__Share body = MASH__V1__SHARE__INIT;
    body.agency = SAID(agency);
    return act(s, (act_said){.by = by, .what = MASH__V1__ACT__WHAT_SHARE, .body = &body, .reason = reason});
}

const Mash__V1__ActReply *clear_party(story *s, const char *by, const char *staff, const char *reason)
{
    Mash__V1__ClearParty body = MASH__V1__CLEAR_PARTY__INIT;
    body.staff = SAID(staff);
    return act(s, (act_said){.by = by, .what = MASH__V1__ACT__WHAT_CLEAR_PARTY, .body = &body, .reason = reason});
}

const Mash__V1__ActReply *let_wait(story *s, const char *by)
{
    return act(s, (act_said){.by = by, .what = MASH__V1__ACT__WHAT_WAIT, .reason = "the school is closed until tomorrow"});
}

const Mash__V1__ActReply *note(story *s, const char *by)
{
    Mash__V1__Note body = MASH__V1__NOTE__INIT;
    body.text = SAID("rang the school");
    return act(s, (act_said){.by = by, .version = -1, .what = MASH__V1__ACT__WHAT_NOTE, .body = &body});
}

/* ---- instants -------------------------------------------------------------------------------------------------------------- */
int64_t london(const story *s, int year, int month, int day, int hour, int minute)
{
    const core_calendar *c = &s->policy->calendars[0];
    return core_zone_instant(c->zone, c->zone_count, core_civil_day(year, month, day), hour * 60 + minute, CORE_LAST_OCCURRENCE);
}

void until(story *s, int64_t at_ms)
{
    for (size_t fired = tick_after(s, at_ms - s->now_ms); fired > 0; fired = tick_after(s, 0))
        continue;
}

/* ---- clocks ---------------------------------------------------------------------------------------------------------------- */
static bool is_named(const story *s, uint64_t clock, const char *name)
{
    return strcmp(core_clock_rule(s->state, core_clocks_at(s->state, (uint32_t)clock))->id, name) == 0;
}

int64_t due_of(const story *s, uint32_t alert, const char *clock)
{
    for (uint32_t at = core_alerts_at(s->state, alert)->clocks; at != 0; at = core_clocks_at(s->state, at)->next) {
        if (core_clocks_at(s->state, at)->state == CORE_CLOCK_RUNNING && is_named(s, at, clock))
            return core_clocks_at(s->state, at)->due_ms;
    }
    return 0;
}

size_t going_on(const story *s, uint32_t alert, const char *clock)
{
    size_t count = 0;
    for (uint32_t at = core_alerts_at(s->state, alert)->clocks; at != 0; at = core_clocks_at(s->state, at)->next) {
        uint8_t state = core_clocks_at(s->state, at)->state;
        if ((state == CORE_CLOCK_RUNNING || state == CORE_CLOCK_HELD) && is_named(s, at, clock)) count++;
    }
    return count;
}

/* The last record's fact of this kind about a clock of this name. */
#define FACT_OF_CLOCK(function, Message, member, number)                                                                         \
    const Mash__V1__##Message *function(const story *s, const char *clock)                                                       \
    {                                                                                                                            \
        for (size_t i = 0; i < facts(s, number); i++) {                                                                          \
            if (is_named(s, fact(s, number, i)->member->clock, clock)) return fact(s, number, i)->member;                        \
        }                                                                                                                        \
        return NULL;                                                                                                             \
    }
FACT_OF_CLOCK(started, ClockStarted, clock_started, FACT_CLOCK_STARTED)
FACT_OF_CLOCK(lapsed, ClockLapsed, clock_lapsed, FACT_CLOCK_LAPSED)
FACT_OF_CLOCK(stopped, ClockStopped, clock_stopped, FACT_CLOCK_STOPPED)
FACT_OF_CLOCK(moved, ClockMoved, clock_moved, FACT_CLOCK_MOVED)

bool alarmed(const story *s, Mash__V1__AlarmKind kind)
{
    for (size_t i = 0; i < facts(s, FACT_ALARM_RAISED); i++) {
        if (fact(s, FACT_ALARM_RAISED, i)->alarm_raised->alarm == kind) return true;
    }
    return false;
}

bool given_events(const story *s, const char *queue)
{
    for (size_t i = 0; i < facts(s, FACT_DELIVERED); i++) {
        const Mash__V1__Delivered *told_of = fact(s, FACT_DELIVERED, i)->delivered;
        if (told_of->event_sequence != 0 && strcmp(core_queue_name(s->state, told_of->queue), queue) == 0) return true;
    }
    return false;
}

/* ---- the policy ------------------------------------------------------------------------------------------------------------ */
core_clock_row *clock_row(story *s, uint32_t position)
{
    return (core_clock_row *)(uintptr_t)&s->policy->clocks[position];
}

core_calendar *calendar(story *s)
{
    return (core_calendar *)(uintptr_t)&s->policy->calendars[0];
}

void adopt_again(story *s)
{
    core_policy *again = hub_arena_copy(&s->kept, s->policy, sizeof *again);
    assert_non_null(again);
    again->digest[0]++;
    Mash__V1__AdoptPolicy sources = MASH__V1__ADOPT_POLICY__INIT;
    core_reply reply = command(s, (core_command){.kind = CORE_ADOPT_POLICY, .peer = 1, .of.adopt = {again, &sources}});
    assert_int_equal(reply.command, MASH__V1__COMMAND_CODE__COMMAND_DONE);
}

enum { STATUTORY = 2 }; /* position of the clock that R-ANY starts */

void given_a_clock_that_watches_the_notice(story *s, int until_year)
{
    static core_day_span terms[2];
    terms[0] = (core_day_span){core_civil_day(2026, 6, 1), core_civil_day(2026, 7, 22)};
    terms[1] = (core_day_span){core_civil_day(2026, 9, 3), core_civil_day(until_year, 12, 18)};
    calendar(s)->terms = terms;
    calendar(s)->term_count = until_year == 0 ? 0 : 2;
    core_clock_row *row = clock_row(s, STATUTORY);
    row->kind = CORE_CLOCK_NEXT_SCHOOL_DAY;
    row->amount = 0;
    row->from = CORE_FROM_OCCURRED;
    row->met_by = CORE_MET_NOTICED;
    memcpy(row->notice_service, "health", sizeof "health");
    memcpy(row->on_lapse_service, "duty", sizeof "duty");
}
