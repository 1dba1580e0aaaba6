/* An outbound instance's configuration: what is taken, and how mistakes are told. */
#include "unit_kit/config_story.h"

#include "outbound/config.h"
#include "outbound/schools.h"

static const char GOOD[] =
    "name: team-test\n"
    "folder: var\n"
    "key: keys/team.key\n"
    "telephone: \"01632 960001\"\n"
    "hub: {endpoints: [\"tcp://127.0.0.1:7402\"], server_key: hub.pub}\n"
    "board: https://board.example.test\n"
    "channels:\n"
    "  own: {webhook: {url: https://case.example.test/hook, secrets: keys/hook}}\n"
    "  duty: {mail: {server: smtp://mail.example.test:587, from: hub@example.test, to: [duty@example.test]}}\n"
    "  drop: {file: {folder: drop}}\n"
    "  bare: {mail: {server: smtps://mail.example.test, from: hub@example.test}}\n"
    "schools: {file: schools.csv, opens: 08:40}\n"
    "queues:\n"
    "  - {queue: team, consumer: team-1, channels: [{by: own, within: 15m}, {by: duty, within: 4h, enough: sent}]}\n"
    "  - {queue: school, consumer: school-1, channels: [{by: bare, to: school, within: 90s}, {by: drop, within: 1d}]}\n"
    "store: {waiting_max: 10, keep_days: 30}\n";

static const char *complaints(const char *folder, const char *text, outbound_config *config)
{
    yaml_problems problems = {0};
    const char *path = kit_path(folder, "o.yaml");
    kit_write(path, text);
    outbound_config_read(path, config, &problems);
    return config_said(folder, &problems);
}

static const char *with(const char *line, const char *instead)
{
    return config_with(GOOD, line, instead);
}

static void a_good_file_is_taken(void **state)
{
    static outbound_config config;
    assert_string_equal(complaints(*state, GOOD, &config), "");
    assert_string_equal(config.common.name, "team-test");
    assert_int_equal(config.channel_count, 4);
    assert_int_equal(config.channels[0].way, OUTBOUND_WEBHOOK);
    assert_int_equal(config.channels[0].content, OUTBOUND_DELIVERY);
    assert_int_equal(config.channels[1].content, OUTBOUND_NOTICE);
    assert_int_equal(config.queue_count, 2);
    assert_int_equal(config.queues[0].hops[0].within_ms, 15 * 60 * 1000);
    assert_true(config.queues[0].hops[1].enough_sent);
    assert_true(config.queues[1].hops[0].to_school);
    assert_int_equal(config.queues[1].hops[1].within_ms, 24 * 60 * 60 * 1000);
    assert_int_equal(config.opens_minute, 520);
    assert_int_equal(config.waiting_max, 10);
}

static void the_example_is_taken(void **state)
{
    static outbound_config config;
    yaml_problems problems = {0};
    char path[512];
    (void)state;
    (void)snprintf(path, sizeof path, "%s/config/hips/outbound/portsmouth.yaml", getenv("MASHHUB_SOURCE"));
    outbound_config_read(path, &config, &problems);
    assert_string_equal(hub_buffer_text(&problems.text), "");
    schools *list = NULL;
    hub_error err = {{0}};
    assert_int_equal(schools_read(config.schools, &list, &err), HUB_OK);
    assert_int_equal(schools_count(list), 2);
    schools_free(list);
    yaml_problems_free(&problems);
}

static void every_mistake_is_told_with_its_place_and_what_is_right(void **state)
{
    static const struct {
        const char *line, *instead, *said;
    } ROWS[] = {
        {"  own:", "  own: {webhook: {url: http://case.example.test/hook, secrets: keys/hook}}", "o.yaml:8:24: no https URL"},
        {"  own:", "  own: {webhook: {url: https://user:word@case.example.test/, secrets: keys/hook}}",
         "o.yaml:8:24: no https URL"},
        {"  own:", "  own: {webhook: {url: https://case.example.test/hook}}", "secrets"},
        {"  own:", "  own: {pigeon: {}}", "pigeon"},
        {"  duty:",
         "  duty: {mail: {server: smtp://mail.example.test, tls: no, from: hub@example.test, to: [duty@example.test]}}",
         "o.yaml:9:56: mail leaves this machine under TLS alone"},
        {"  duty:", "  duty: {mail: {server: \"smtp://m.test/RCPT\", from: hub@example.test, to: [duty@example.test]}}",
         "o.yaml:9:25: no mail server"},
        {"  duty:", "  duty: {mail: {server: smtp://m.test, from: hub@example.test, to: [a b@c.test]}}", "no address"},
        {"  drop:", "  drop: {file: {folder: drop, content: all}}", "o.yaml:10:40: `delivery`"},
        {"  - {queue: team", "  - {queue: team, consumer: team-1, channels: [{by: owm, within: 15m}]}",
         "o.yaml:14:53: no channel of this name"},
        {"  - {queue: team", "  - {queue: team, consumer: team-1, channels: [{by: own, within: 15 minutes}]}",
         "o.yaml:14:66: a span"},
        {"  - {queue: team", "  - {queue: team, consumer: team-1, channels: [{by: own}]}", "within"},
        {"  - {queue: team", "  - {queue: team, consumer: team-1, channels: [{by: own, within: 1h}, {by: own, within: 1h}]}",
         "stands in this chain already"},
        {"  - {queue: team", "  - {queue: team, consumer: team-1, channels: [{by: own, within: 1h, enough: sent}]}",
         "a webhook confirms by its answer"},
        {"  - {queue: team", "  - {queue: team, consumer: team-1, channels: [{by: bare, within: 1h}]}",
         "this channel has no `to`"},
        {"  - {queue: team", "  - {queue: school, consumer: team-1, channels: [{by: own, within: 1h}]}",
         "o.yaml:15:13: a queue that stands here already"},
        {"  - {queue: school", "  - {queue: school, consumer: school-1, channels: [{by: bare, to: school, within: 90s}]}",
         "a school that is not found must lead somewhere"},
        {"  - {queue: school",
         "  - {queue: school, consumer: school-1, channels: [{by: own, to: school, within: 90s}, {by: drop, within: 1d}]}",
         "a school is told by a `mail` channel"},
        {"schools:", "metrics: 127.0.0.1:7495", "needs `schools`"},
        {"board:", "board: http://board.example.test", "o.yaml:6:8: no https URL of the board"},
        {"telephone:", "telephone: ask Robin", "o.yaml:4:12: a character that is not allowed here"},
        {"store:", "store: {waiting: 10}", "waiting"},
    };
    static outbound_config config;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        const char *said = complaints(*state, with(ROWS[i].line, ROWS[i].instead), &config);
        if (strstr(said, ROWS[i].said) == NULL) fail_msg("%s: %s", ROWS[i].instead, said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_good_file_is_taken, kit_folder_make, kit_folder_remove),
        cmocka_unit_test(the_example_is_taken),
        cmocka_unit_test_setup_teardown(every_mistake_is_told_with_its_place_and_what_is_right, kit_folder_make,
                                        kit_folder_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
