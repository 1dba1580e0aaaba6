/* When a channel is tried: one that is down, one that refuses some, and a machine whose clock was wrong. */
#include "outbound_story.h"

/* A channel that is down is asked now and then, not by everything that waits for it; when it is up again nobody waits for a quarter of an hour. */
static void a_channel_that_is_down_is_probed_and_then_all_go(void **state)
{
    (void)state;
    story *s = story_new("w", 6000);
    s->channels[0].behaves = "f";
    for (int i = 0; i < 30; i++) {
        char name[8];
        (void)snprintf(name, sizeof name, "A%d", i + 1);
        given_delivery(s, .alert = name, .event = i + 1);
    }
    story_pass(s, STORY_MINUTE);
    unsigned tries = 0;
    for (const char *at = s->trace; (at = strchr(at, '\n')) != NULL; at++)
        tries++;
    assert_in_range(tries, 3, 9);
    s->channels[0] = (story_channel){.behaves = "c"};
    s->trace[0] = '\0';
    story_pass(s, 2 * STORY_MINUTE);
    engine_counts counts;
    engine_counts_of(s->engine, &counts);
    assert_int_equal(counts.open, 0);
    assert_int_equal(counts.closed[OWED_CONFIRMED], 30);
    story_free(s);
}

/* One delivery that a system cannot take must not keep it from all others (neighbours wait a second at most). */
static void a_delivery_that_cannot_be_taken_stands_in_nobodys_way(void **state)
{
    (void)state;
    story *s = story_new("w", 6000);
    s->channels[0].behaves = "fcccccccccc";
    for (int i = 0; i < 5; i++) {
        char name[8];
        (void)snprintf(name, sizeof name, "A%d", i + 1);
        given_delivery(s, .alert = name, .event = i + 1);
    }
    story_pass(s, STORY_SECOND);
    then_states(s, "A1 open; A2 confirmed; A3 confirmed; A4 confirmed; A5 confirmed");
    story_free(s);
}

/* Nothing else succeeds in between: the channel is not down for that one's sake. */
static void one_that_is_never_taken_does_not_delay_what_comes_later(void **state)
{
    (void)state;
    story *s = story_new("w", 6000);
    s->channels[0].behaves = "f";
    given_delivery(s, .alert = "A1", .event = 1);
    story_pass(s, 24 * STORY_HOUR);
    s->trace[0] = '\0';
    s->channels[0] = (story_channel){.behaves = "c"};
    given_delivery(s, .alert = "A2", .event = 2);
    story_pass(s, STORY_SECOND);
    assert_memory_equal(s->trace, "hook A2 red\n", strlen("hook A2 red\n"));
    story_free(s);
}

/* A receiver that answers 422 is there: it says something of that delivery, and nothing of those after it. */
static void what_a_receiver_refuses_of_some_alerts_pauses_no_other(void **state)
{
    (void)state;
    story *s = story_new("w", 6000);
    s->channels[0].behaves = "rrrrc";
    given_delivery(s, .alert = "A1", .event = 1);
    given_delivery(s, .alert = "A2", .event = 2);
    given_delivery(s, .alert = "A3", .event = 3);
    given_delivery(s, .alert = "A4", .event = 4);
    given_delivery(s, .alert = "A5", .event = 5);
    story_pass(s, STORY_SECOND);
    then_states(s, "A1 open; A2 open; A3 open; A4 open; A5 confirmed");
    assert_int_equal(engine_pace_of(s->engine, 0).paused_ms, 0);
    story_free(s);
}

/* What the program writes to its log while `minutes` pass. BORROWED until the next call. */
static const char *logged(story *s, int64_t minutes)
{
    static char text[8192];
    FILE *file = tmpfile();
    assert_non_null(file);
    int kept = dup(STDERR_FILENO);
    assert_true(kept >= 0 && dup2(fileno(file), STDERR_FILENO) >= 0);
    story_pass(s, minutes * STORY_MINUTE);
    assert_true(dup2(kept, STDERR_FILENO) >= 0);
    close(kept);
    rewind(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    (void)fclose(file);
    return text;
}

/* What is refused is seen to by nobody who does not hear of it: once for each delivery, not with every try. */
static void the_first_refusal_of_a_delivery_is_logged(void **state)
{
    (void)state;
    story *s = story_new("w", 6000);
    s->channels[0].behaves = "r";
    given_delivery(s, .alert = "A1", .event = 1);
    const char *first = strstr(logged(s, 60), "\"a delivery is refused; it is tried again\"");
    assert_non_null(first);
    assert_non_null(strstr(first, "\"channel\":\"hook\""));
    assert_non_null(strstr(first, "\"cause\":\"answered 500\""));
    assert_null(strstr(strstr(first, "answered 500"), "is refused"));
    story_free(s);
}

static engine_channel_counts first_channel(story *s)
{
    engine_counts counts;
    engine_counts_of(s->engine, &counts);
    return counts.channels[0];
}

/* One says something of that delivery. Three, and nothing taken between them: of the receiver, or of how we ask it. */
static void a_channel_that_refuses_all_is_down_and_pauses_nothing(void **state)
{
    (void)state;
    story *s = story_new("w", 6000);
    s->channels[0].behaves = "r";
    given_delivery(s, .alert = "A1", .event = 1);
    given_delivery(s, .alert = "A2", .event = 2);
    story_pass(s, STORY_HOUR);
    assert_int_equal(first_channel(s).failing_ms, 0);
    given_delivery(s, .alert = "A3", .event = 3);
    story_pass(s, STORY_SECOND);
    assert_int_not_equal(first_channel(s).failing_ms, 0);
    assert_int_equal(engine_pace_of(s->engine, 0).paused_ms, 0);
    s->channels[0] = (story_channel){.behaves = "c"};
    given_delivery(s, .alert = "A4", .event = 4);
    story_pass(s, STORY_SECOND);
    then_states(s, "A1 open; A2 open; A3 open; A4 confirmed");
    assert_int_equal(first_channel(s).failing_ms, 0);
    story_free(s);
}

static owed_step first_step(story *s)
{
    owed_row row = {0};
    hub_error err = {{0}};
    assert_int_equal(owed_next(s->box, 0, OWED_EVERY, &row, &err), HUB_OK);
    return row.steps[0];
}

/* "Last error" beside "sent" reads as a trouble that somebody has to see to. */
static void what_went_through_in_the_end_has_no_error_left(void **state)
{
    (void)state;
    story *s = story_new("m", 6000);
    s->channels[0].behaves = "fs";
    given_delivery(s, .alert = "A1", .event = 1);
    story_pass(s, STORY_SECOND);
    assert_string_equal(first_step(s).cause, "answered 500");
    story_pass(s, STORY_MINUTE);
    assert_int_equal(first_step(s).state, OWED_STEP_SENT);
    assert_string_equal(first_step(s).cause, "");
    story_free(s);
}

/* The machine started two hours slow. When its clock is set, a channel that had five minutes left has five minutes left. */
static void a_clock_that_is_set_moves_what_was_told_by_it_and_stretches_no_wait(void **state)
{
    (void)state;
    hub_error err = {{0}};
    story *s = story_new("wf", 15);
    s->channels[0].behaves = "f";
    given_delivery(s, .alert = "A17", .event = 1);
    story_pass(s, 10 * STORY_MINUTE);
    int64_t wait_ms = first_step(s).next_ms - s->now_ms;
    s->now_ms += 2 * STORY_HOUR;
    kit_ok(engine_clock_was_set(s->engine, 2 * STORY_HOUR, s->now_ms, &err));
    assert_int_equal(first_step(s).next_ms - s->now_ms, wait_ms);
    story_pass(s, 4 * STORY_MINUTE);
    assert_null(strstr(s->trace, "duty"));
    story_pass(s, 2 * STORY_MINUTE);
    assert_non_null(strstr(s->trace, "duty A17 red\n"));
    story_free(s);
}

/* The hub says when a child's school must know by its own clock, which was right all the time: only now is it seen how little time is left. */
static void a_clock_that_is_set_leaves_the_hubs_due_time_where_it_is(void **state)
{
    (void)state;
    hub_error err = {{0}};
    story *s = story_new("wf", 30);
    s->channels[0].behaves = "h";
    given_delivery(s, .alert = "A17", .event = 1, .due_ms = s->now_ms + 2 * STORY_HOUR);
    story_pass(s, STORY_SECOND);
    then_trace(s, "hook A17 red\n");
    s->now_ms += 95 * STORY_MINUTE;
    kit_ok(engine_clock_was_set(s->engine, 95 * STORY_MINUTE, s->now_ms, &err));
    story_pass(s, STORY_SECOND);
    then_trace(s, "duty A17 red\n");
    story_free(s);
}

/* The machine started with a clock of next year, and stored that. */
static void a_wait_until_next_year_is_no_wait(void **state)
{
    (void)state;
    story *s = story_new("wf", 15);
    s->channels[0].behaves = "f";
    given_delivery(s, .alert = "A17", .event = 1);
    story_pass(s, STORY_MINUTE);
    s->now_ms -= 365LL * 24 * STORY_HOUR;
    s->trace[0] = '\0';
    s->channels[0] = (story_channel){.behaves = "h"};
    story_restart(s);
    story_pass(s, 16 * STORY_MINUTE);
    then_trace(s, "hook A17 red\nduty A17 red\n");
    story_free(s);
}

static int64_t said_at_ms;

static void note_time(const engine_parcel *parcel)
{
    said_at_ms = parcel->frame.now_ms;
}

/* Waits are of an even clock; what a receiver reads is of the wall's. */
static void what_goes_out_bears_the_wall_clocks_time(void **state)
{
    (void)state;
    story *s = story_new("w", 15);
    s->sent = note_time;
    s->wall_ahead_ms = STORY_HOUR;
    given_delivery(s, .alert = "A17");
    story_pass(s, 0);
    assert_int_equal(said_at_ms, s->now_ms + STORY_HOUR);
    story_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_channel_that_is_down_is_probed_and_then_all_go),
        cmocka_unit_test(a_delivery_that_cannot_be_taken_stands_in_nobodys_way),
        cmocka_unit_test(one_that_is_never_taken_does_not_delay_what_comes_later),
        cmocka_unit_test(what_a_receiver_refuses_of_some_alerts_pauses_no_other),
        cmocka_unit_test(the_first_refusal_of_a_delivery_is_logged),
        cmocka_unit_test(a_channel_that_refuses_all_is_down_and_pauses_nothing),
        cmocka_unit_test(what_went_through_in_the_end_has_no_error_left),
        cmocka_unit_test(a_clock_that_is_set_moves_what_was_told_by_it_and_stretches_no_wait),
        cmocka_unit_test(a_clock_that_is_set_leaves_the_hubs_due_time_where_it_is),
        cmocka_unit_test(a_wait_until_next_year_is_no_wait),
        cmocka_unit_test(what_goes_out_bears_the_wall_clocks_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
