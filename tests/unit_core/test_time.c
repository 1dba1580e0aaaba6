/* Hub time is put right: what was promised in minutes by a wrong clock moves with it, what was promised in civil time stays, and after a
 * pause nothing is forgiven. */
#include "core/state.h"
#include "story_acts.h"

#include <string.h>

#define WRONG MASH__V1__TIME_CAUSE__TIME_CAUSE_WRONG_CLOCK
#define PAUSE MASH__V1__TIME_CAUSE__TIME_CAUSE_PAUSE
#define ABUSE MASH__V1__EVENT__PAYLOAD_DOMESTIC_ABUSE_INCIDENT
#define DONE MASH__V1__COMMAND_CODE__COMMAND_DONE
enum { LOOK_BY = 3, OPERATOR_KEY = 1 };

typedef struct correction_said {
    int64_t delta_ms;
    Mash__V1__TimeCause cause;
    uint32_t peer; /* 0 = the hub itself */
    const char *reason;
    bool agrees; /* clock and hub time do not differ */
    bool held;   /* timers were held */
} correction_said;

/* Decides it, and the clock goes accordingly from then on. */
static core_reply correct(story *s, correction_said said)
{
    static uint32_t serial = 0;
    core_command what = {.kind = CORE_CORRECT_TIME, .peer = said.peer, .reason = said.reason};
    if (said.peer != 0) hub_put_u32(what.command_id.bytes, ++serial);
    what.of.time.delta_ms = said.delta_ms;
    what.of.time.cause = said.cause;
    what.of.time.is_needed = !said.agrees;
    what.of.time.is_held = said.held;
    core_reply reply = command(s, what);
    if (reply.command == DONE) s->now_ms += said.delta_ms;
    return reply;
}

static void after_a_wrong_clock_elapsed_dues_move_with_it_and_civil_ones_stay(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .payload = ABUSE});
    int64_t civil = due_of(s, 1, "decision");

    correct(s, (correction_said){.delta_ms = 3 * HOUR_MS, .cause = WRONG});

    assert_int_equal(due_of(s, 1, "look_by"), s->now_ms + HOUR_MS);
    assert_int_equal(due_of(s, 1, "decision"), civil);
    assert_int_equal(core_time_ms(s->state), s->now_ms);
}

/* The clock had been an hour fast. What was due in an hour is due in an hour, and fires then and not before. */
static void time_may_be_taken_back_and_no_clock_fires_early(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .payload = ABUSE});
    tick_after(s, 20 * MINUTE_MS);

    correct(s, (correction_said){.delta_ms = -2 * HOUR_MS, .cause = WRONG});

    assert_int_equal(tick_after(s, 40 * MINUTE_MS - 1), 0);
    assert_int_equal(tick_after(s, 1), 1);
    assert_int_equal(lapsed(s, "look_by")->late_ms, 0);
    assert_true(s->now_ms < MONDAY_10_00);
}

/* A machine that comes up with a dead clock is slow by the whole outage. What was promised before it went was reckoned rightly: a red
 * must not gain the hours that the hub was away. */
static void what_was_reckoned_before_this_start_does_not_move(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    tick_after(s, MINUTE_MS);
    (void)command(s, (core_command){.kind = CORE_START, .of.start = {.epoch = 2, .version = "1"}});
    publish(s, (event_said){.number = 2, .grade = HIGH, .people = {{.role = CHILD, .nhs = NHS_BEN}}});

    correct(s, (correction_said){.delta_ms = 10 * HOUR_MS, .cause = WRONG});

    assert_int_equal(due_of(s, 1, "red_decision"), MONDAY_10_00 + 4 * HOUR_MS);
    assert_int_equal(due_of(s, 2, "red_decision"), s->now_ms + 4 * HOUR_MS);
    tick_after(s, 0);
    assert_int_equal(lapsed(s, "red_decision")->cause, MASH__V1__LATE_CAUSE__LATE_CAUSE_HUB_AWAY);
}

static void what_was_put_right_once_is_not_moved_by_the_next_correction(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .payload = ABUSE});
    tick_after(s, MINUTE_MS);
    correct(s, (correction_said){.delta_ms = HOUR_MS, .cause = WRONG});
    int64_t due = due_of(s, 1, "look_by");

    correct(s, (correction_said){.delta_ms = HOUR_MS, .cause = WRONG});

    assert_int_equal(due_of(s, 1, "look_by"), due);
}

static void what_counts_from_an_instant_that_an_agency_stated_stays(void **fixture)
{
    story *s = *fixture;
    clock_row(s, LOOK_BY)->from = CORE_FROM_OCCURRED;
    publish(s, (event_said){.number = 1, .payload = ABUSE});
    int64_t due = due_of(s, 1, "look_by");

    correct(s, (correction_said){.delta_ms = HOUR_MS / 2, .cause = WRONG});

    assert_int_equal(due_of(s, 1, "look_by"), due);
}

static void an_answer_by_the_time_that_a_person_said_is_due_then(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    int64_t by = s->now_ms + HOUR_MS;
    then_done(ask(s, "anna", "health", by));

    correct(s, (correction_said){.delta_ms = HOUR_MS / 2, .cause = WRONG});

    assert_int_equal(due_of(s, 1, "answer"), by);
}

static void a_due_time_that_a_person_restated_is_civil_time_and_stays(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .payload = ABUSE});
    int64_t by = s->now_ms + 5 * HOUR_MS;
    then_done(restate(s, "mona", "look_by", by));

    correct(s, (correction_said){.delta_ms = HOUR_MS, .cause = WRONG});

    assert_int_equal(due_of(s, 1, "look_by"), by);
}

static void a_held_clock_moves_too_and_a_later_rating_counts_from_the_right_opening(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .payload = ABUSE});
    then_done(claim(s, "anna"));
    then_done(hold(s, "anna", s->now_ms + 5 * HOUR_MS, NULL));

    correct(s, (correction_said){.delta_ms = HOUR_MS, .cause = WRONG});
    then_done(resume_alert(s, "anna"));

    assert_int_equal(moved(s, "look_by")->was_due_ms, MONDAY_10_00 + 2 * HOUR_MS);
    assert_int_equal(due_of(s, 1, "look_by"), s->now_ms + HOUR_MS);
    then_done(rate(s, "anna", MASH__V1__RATING__RATING_RED));
    assert_int_equal(due_of(s, 1, "red_decision"), s->now_ms + 4 * HOUR_MS);
}

/* One fact moves them all; the heap must know. */
static void after_a_correction_clocks_fire_in_their_new_order(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .payload = ABUSE});
    publish(s, (event_said){.number = 2, .people = {{.role = CHILD, .nhs = NHS_BEN}}});
    publish(s, (event_said){.number = 3, .payload = ABUSE, .people = {{.role = CHILD, .nhs = NHS_CARA}}});
    assert_int_equal(core_count(s->state).next_due_ms, due_of(s, 1, "look_by"));

    correct(s, (correction_said){.delta_ms = 2 * DAY_MS, .cause = WRONG});

    assert_int_equal(core_count(s->state).next_due_ms, due_of(s, 1, "decision"));
    assert_int_equal(tick_after(s, 0), 4); /* three decisions and the statutory one, long past */
    assert_int_equal(core_count(s->state).next_due_ms, due_of(s, 1, "look_by"));
    assert_int_equal(tick_after(s, HOUR_MS), 2);
}

static void after_a_pause_nothing_moves_and_what_is_overdue_says_why_it_is_late(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .payload = ABUSE});
    int64_t due = due_of(s, 1, "look_by");

    correct(s, (correction_said){.delta_ms = 3 * HOUR_MS, .cause = PAUSE});

    assert_int_equal(due_of(s, 1, "look_by"), due);
    assert_int_equal(tick_after(s, 0), 1);
    assert_int_equal(lapsed(s, "look_by")->cause, MASH__V1__LATE_CAUSE__LATE_CAUSE_PAUSE);
    assert_int_equal(lapsed(s, "look_by")->late_ms, 2 * HOUR_MS);
}

/* The hub came up with a clock that it did not believe, a person looked at it on the day after next: nothing was busy. */
static void what_fell_due_while_timers_were_held_says_so(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .payload = ABUSE});
    int64_t before = due_of(s, 1, "look_by"), meanwhile = due_of(s, 1, "decision");
    s->now_ms = before + HOUR_MS;
    (void)command(s, (core_command){.kind = CORE_START, .of.start = {.epoch = 2, .version = "1"}});
    s->now_ms = meanwhile + HOUR_MS;

    correct(s, (correction_said){.cause = WRONG, .held = true});

    assert_int_equal(tick_after(s, 0), 2);
    assert_int_equal(lapsed(s, "look_by")->cause, MASH__V1__LATE_CAUSE__LATE_CAUSE_HUB_AWAY);
    assert_int_equal(lapsed(s, "decision")->cause, MASH__V1__LATE_CAUSE__LATE_CAUSE_TIMERS_HELD);
    assert_int_equal(lapsed(s, "decision")->late_ms, HOUR_MS);
}

static void then_refused_because(core_reply reply, const char *words)
{
    assert_int_equal(reply.command, MASH__V1__COMMAND_CODE__COMMAND_REFUSED);
    if (strstr(reply.text, words) == NULL) fail_msg("\"%s\" does not say \"%s\"", reply.text, words);
}

static void an_operator_accepts_the_clock_with_a_cause_and_a_reason(void **fixture)
{
    story *s = *fixture;
    correction_said said = {.delta_ms = -HOUR_MS, .cause = WRONG, .peer = OPERATOR_KEY};

    then_refused_because(correct(s, said), "reason");
    said.reason = "compared with the speaking clock";
    said.cause = MASH__V1__TIME_CAUSE__TIME_CAUSE_UNSPECIFIED;
    then_refused_because(correct(s, said), "cause");
    said.cause = PAUSE;
    then_refused_because(correct(s, said), "no pause does that");
    said.cause = WRONG;
    said.agrees = true;
    then_refused_because(correct(s, said), "nothing to accept");
    said.agrees = false;

    assert_int_equal(correct(s, said).command, DONE);
    assert_int_equal(fact(s, FACT_TIME_CORRECTED, 0)->time_corrected->delta_ms, -HOUR_MS);
}

static void a_step_of_the_system_clock_is_recorded_as_an_alarm(void **fixture)
{
    story *s = *fixture;
    core_command what = {.kind = CORE_RAISE_ALARM};
    what.of.alarm = MASH__V1__ALARM_KIND__ALARM_KIND_CLOCK_STEP;

    (void)command(s, what);

    assert_true(alarmed(s, MASH__V1__ALARM_KIND__ALARM_KIND_CLOCK_STEP));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, story_begin, story_end)
    const struct CMUnitTest tests[] = {
        T(after_a_wrong_clock_elapsed_dues_move_with_it_and_civil_ones_stay),
        T(time_may_be_taken_back_and_no_clock_fires_early),
        T(what_was_reckoned_before_this_start_does_not_move),
        T(what_was_put_right_once_is_not_moved_by_the_next_correction),
        T(what_counts_from_an_instant_that_an_agency_stated_stays),
        T(an_answer_by_the_time_that_a_person_said_is_due_then),
        T(a_due_time_that_a_person_restated_is_civil_time_and_stays),
        T(a_held_clock_moves_too_and_a_later_rating_counts_from_the_right_opening),
        T(after_a_correction_clocks_fire_in_their_new_order),
        T(after_a_pause_nothing_moves_and_what_is_overdue_says_why_it_is_late),
        T(what_fell_due_while_timers_were_held_says_so),
        T(an_operator_accepts_the_clock_with_a_cause_and_a_reason),
        T(a_step_of_the_system_clock_is_recorded_as_an_alarm),
    };
    return cmocka_run_group_tests_name("time", tests, NULL, NULL);
}
