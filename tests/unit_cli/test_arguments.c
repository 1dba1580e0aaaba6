/* From argv to a call: the table of verbs is the only place that says what a verb takes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/arguments.h"
#include "cli/verbs.h"

enum { WORDS_MAX = 12 };

typedef struct spoken {
    char text[256];
    char *words[WORDS_MAX];
    int count;
    cli_call call;
    cli_exit exit_code;
} spoken;

static void when_typed(spoken *s, const char *line)
{
    char *rest = NULL;
    memset(s, 0, sizeof *s);
    snprintf(s->text, sizeof s->text, "%s", line);
    for (char *word = strtok_r(s->text, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest))
        s->words[s->count++] = word;
    s->exit_code = cli_arguments_read(s->count, s->words, CLI_VERBS, &s->call);
}

static void a_verb_gets_its_arguments_and_flags_in_any_order(void **state)
{
    (void)state;
    spoken s;
    when_typed(&s, "mashctl subscribe --count 3 portsmouth --consumer desk");
    assert_int_equal(s.exit_code, CLI_DONE);
    assert_string_equal(s.call.verb->name, "subscribe");
    assert_int_equal(s.call.argument_count, 1);
    assert_string_equal(s.call.arguments[0], "portsmouth");
    assert_string_equal(cli_flag_text(&s.call, "count"), "3");
    assert_string_equal(cli_flag_text(&s.call, "consumer"), "desk");
    assert_false(cli_flag_given(&s.call, "drain"));
}

static void a_verb_may_have_two_words(void **state)
{
    (void)state;
    spoken s;
    when_typed(&s, "mashctl keys revoke school-7 --reason lost");
    assert_int_equal(s.exit_code, CLI_DONE);
    assert_string_equal(s.call.verb->name, "keys revoke");
    assert_string_equal(s.call.arguments[0], "school-7");
}

/* People put --config first in an alias, or last when they remember it. */
static void global_flags_hold_before_and_after_the_verb(void **state)
{
    (void)state;
    spoken s;
    when_typed(&s, "mashctl --config here status --json");
    assert_int_equal(s.exit_code, CLI_DONE);
    assert_string_equal(s.call.globals[CLI_GLOBAL_CONFIG], "here");
    assert_true(s.call.json);
}

static void a_negative_number_is_a_value_and_not_a_flag(void **state)
{
    (void)state;
    spoken s;
    when_typed(&s, "mashctl tail --from -20");
    assert_int_equal(s.exit_code, CLI_DONE);
    assert_string_equal(cli_flag_text(&s.call, "from"), "-20");
}

static void what_is_not_understood_is_a_usage_error(void **state)
{
    (void)state;
    static const char *const LINES[] = {
        "mashctl",          "mashctl fly",           "mashctl keys",        "mashctl keys fly",      "mashctl explain",
        "mashctl status x", "mashctl tail --colour", "mashctl tail --from", "mashctl explain A1 A2", "mashctl --wings status",
    };
    for (size_t i = 0; i < sizeof LINES / sizeof LINES[0]; i++) {
        spoken s;
        when_typed(&s, LINES[i]);
        assert_int_equal(s.exit_code, CLI_USAGE);
    }
}

static void a_number_outside_its_range_is_refused_with_the_range(void **state)
{
    (void)state;
    spoken s;
    hub_error err = {{0}};
    int64_t value = 0;
    when_typed(&s, "mashctl find --count 20000");
    assert_int_equal(cli_flag_number(&s.call, "count", 1, 1000, 100, &value, &err), HUB_ERR_INVALID);
    assert_non_null(strstr(err.text, "from 1 to 1000"));
    assert_int_equal(value, 100);
}

/* Help, usage and dispatch are read from the same rows: a row that lacks a part would show to the user first. */
static void every_row_of_the_table_is_complete(void **state)
{
    (void)state;
    for (const cli_verb *verb = CLI_VERBS; verb->name != NULL; verb++) {
        assert_non_null(verb->run);
        assert_non_null(verb->arguments);
        assert_non_null(verb->summary);
        assert_true(verb->least <= verb->most);
        assert_ptr_equal(cli_verb_find(CLI_VERBS, verb->name), verb);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_verb_gets_its_arguments_and_flags_in_any_order),
        cmocka_unit_test(a_verb_may_have_two_words),
        cmocka_unit_test(global_flags_hold_before_and_after_the_verb),
        cmocka_unit_test(a_negative_number_is_a_value_and_not_a_flag),
        cmocka_unit_test(what_is_not_understood_is_a_usage_error),
        cmocka_unit_test(a_number_outside_its_range_is_refused_with_the_range),
        cmocka_unit_test(every_row_of_the_table_is_complete),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
