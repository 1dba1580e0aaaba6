/* An adapter's configuration: what is taken, and how mistakes are told. */
#include "config_story.h"

#include "kit/config.h"
#include "test_mapping.h"

static const kit_mapping *const MAPPINGS[] = {&test_lines, &test_messages, NULL};

static const char GOOD[] = "name: police-test\n"
                           "agency: police\n"
                           "mapping: test-lines\n"
                           "source_system: niche/44\n"
                           "folder: own\n"
                           "hub:\n"
                           "  endpoints: [\"tcp://127.0.0.1:7401\"]\n"
                           "  server_key: keys/server.pub\n"
                           "key: keys/police.key\n"
                           "transport:\n"
                           "  folder: /srv/in\n"
                           "urgent_notice: {minutes: 10, telephone: \"01632 960001\"}\n";

static const char *complaints(const char *folder, const char *text, kit_config *config)
{
    yaml_problems problems = {0};
    const char *path = kit_path(folder, "a.yaml");
    kit_write(path, text);
    kit_config_read(path, MAPPINGS, config, &problems);
    return config_said(folder, &problems);
}

static const char *with(const char *line, const char *instead)
{
    return config_with(GOOD, line, instead);
}

static void a_good_file_is_taken_with_paths_from_its_own_folder(void **state)
{
    kit_config config;
    assert_string_equal(complaints(*state, GOOD, &config), "");
    assert_string_equal(config.name, "police-test");
    assert_ptr_equal(config.mapping, &test_lines);
    assert_string_equal(config.folder, kit_path(*state, "own"));
    assert_string_equal(config.server_key, kit_path(*state, "keys/server.pub"));
    assert_string_equal(config.drop_folder, "/srv/in");
    assert_int_equal(config.urgent_notice_ms, 600000);
    assert_int_equal(config.keep_ms, 7LL * 86400000);
}

/* A setting that is not known is a setting that is not obeyed. */
static void an_unknown_key_is_named_with_its_line(void **state)
{
    kit_config config;
    assert_non_null(strstr(complaints(*state, with("folder: own", "folder: own\nretry: 3"), &config), "a.yaml:6:1"));
}

static void a_missing_key_is_named(void **state)
{
    kit_config config;
    assert_non_null(strstr(complaints(*state, with("source_system", "area: E10000014"), &config), "source_system"));
}

static void a_mapping_that_is_not_known_is_answered_with_those_that_are(void **state)
{
    kit_config config;
    const char *said = complaints(*state, with("mapping: ", "mapping: test-line"), &config);
    assert_non_null(strstr(said, "a.yaml:3:10"));
    assert_non_null(strstr(said, "test-lines, test-messages"));
}

static void a_mapping_of_another_agency_is_refused(void **state)
{
    kit_config config;
    assert_non_null(strstr(complaints(*state, with("agency: ", "agency: health"), &config), "this mapping is of agency police"));
}

static void a_mapping_that_cannot_answer_is_refused_for_mllp(void **state)
{
    kit_config config;
    assert_non_null(strstr(complaints(*state, with("  folder: /srv/in", "  mllp: {port: 2575}"), &config), "does not answer"));
}

static void one_adapter_has_one_way_in(void **state)
{
    kit_config config;
    assert_non_null(strstr(complaints(*state, with("  folder: /srv/in", "  folder: /srv/in\n  mllp: {port: 2575}"), &config),
                           "one of `folder`, `mllp`"));
}

static void http_routes_name_their_mappings_and_senders_must_be_known(void **state)
{
    kit_config config;
    assert_string_equal(
        complaints(*state,
                   with("  folder: /srv/in", "  acknowledge: hub\n  acknowledge_seconds: 5\n"
                                             "  http:\n    port: 8443\n    token_file: token\n    routes:\n"
                                             "      - {path: /a, mapping: test-lines}\n      - {path: /b, mapping: test-lines}"),
                   &config),
        "");
    assert_int_equal(config.transport, KIT_TRANSPORT_HTTP);
    assert_int_equal(config.acknowledge, KIT_ACKNOWLEDGE_HUB);
    assert_int_equal(config.acknowledge_ms, 5000);
    assert_int_equal(config.route_count, 2);
    assert_string_equal(config.routes[1].path, "/b");
    assert_non_null(strstr(complaints(*state, with("  folder: /srv/in", "  http: {port: 8443}"), &config), "who may send?"));
    const char *twice =
        "  http:\n    port: 1\n    token_file: t\n    routes: [{path: /a, mapping: test-lines}, {path: /a, mapping: "
        "test-messages}]";
    const char *said = complaints(*state, with("  folder: /srv/in", twice), &config);
    assert_non_null(strstr(said, "stands here already"));
    assert_non_null(strstr(said, "of agency health"));
}

static void a_queue_and_details_are_taken_with_their_places(void **state)
{
    kit_config config;
    const char *text =
        with("  folder: /srv/in", "  sqs: {queue_url: \"https://sqs.example.test/1/q\", region: eu-west-2, credentials: aws}\n"
                                  "detail: {hosts: [\"api.example.test\"], give_up_minutes: 5}");
    assert_string_equal(complaints(*state, text, &config), "");
    assert_int_equal(config.transport, KIT_TRANSPORT_SQS);
    assert_string_equal(config.credentials, kit_path(*state, "aws"));
    assert_int_equal(config.visibility_s, 120);
    assert_string_equal(config.detail_hosts[0], "api.example.test");
    assert_int_equal(config.detail_give_up_ms, 300000);
    text = with("  folder: /srv/in", "  folder: /srv/in\ndetail: {hosts: [\"https://api.example.test/path\"]}");
    assert_non_null(strstr(complaints(*state, text, &config), "without scheme or path"));
}

/* Nobody reads an answer there: whoever asks for one has misunderstood what a folder promises. */
static void a_folder_that_is_to_acknowledge_is_a_complaint(void **state)
{
    kit_config config;
    const char *text = with("  folder: /srv/in", "  folder: /srv/in\n  acknowledge: hub");
    assert_non_null(strstr(complaints(*state, text, &config), "a folder answers nobody"));
}

/* What is not CSV says itself which set it is in. */
static void an_encoding_is_one_that_is_known_and_of_csv(void **state)
{
    kit_config config;
    assert_non_null(
        strstr(complaints(*state, with("mapping: ", "mapping: test-lines\nencoding: ebcdic"), &config), "windows-1252"));
    assert_non_null(
        strstr(complaints(*state, with("mapping: ", "mapping: test-lines\nencoding: windows-1252"), &config), "reads no CSV"));
    assert_string_equal(complaints(*state, with("mapping: ", "mapping: test-lines"), &config), "");
    assert_false(config.is_windows_1252);
}

static void a_server_key_is_a_file_or_forty_characters(void **state)
{
    kit_config config;
    assert_non_null(strstr(complaints(*state, with("  server_key", "  server_key: abc"), &config), "40 characters"));
    assert_string_equal(
        complaints(*state, with("  server_key", "  server_key: rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"), &config), "");
    assert_string_equal(config.server_key, "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7");
}

static void a_missing_file_is_a_complaint(void **state)
{
    kit_config config;
    yaml_problems problems = {0};
    kit_config_read(kit_path(*state, "none.yaml"), MAPPINGS, &config, &problems);
    assert_int_equal(problems.count, 1);
    yaml_problems_free(&problems);
}

/* The rows of `allowed`: an address let in by a slip is a stranger let in. */
static void senders_are_let_in_by_address_or_network(void **state)
{
    (void)state;
    static const char ROWS[][KIT_ADDRESS_TEXT] = {"10.1.2.3", "10.2.0.0/15", "fd00::/8"};
    assert_true(kit_address_is_allowed(ROWS, 3, "10.1.2.3"));
    assert_false(kit_address_is_allowed(ROWS, 3, "10.1.2.4"));
    assert_true(kit_address_is_allowed(ROWS, 3, "10.3.255.255"));
    assert_false(kit_address_is_allowed(ROWS, 3, "10.4.0.0"));
    assert_true(kit_address_is_allowed(ROWS, 3, "fdaa::1"));
    assert_false(kit_address_is_allowed(ROWS, 3, "fe80::1"));
    assert_true(kit_address_is_allowed(ROWS, 3, "::ffff:10.1.2.3"));
    assert_false(kit_address_is_allowed(ROWS, 3, "127.0.0.1"));
    assert_true(kit_address_is_allowed(NULL, 0, "127.0.0.1"));
    assert_true(kit_address_is_allowed(NULL, 0, "::1"));
    assert_false(kit_address_is_allowed(NULL, 0, "10.1.2.3"));
    assert_false(kit_address_is_row("10.1.2.3/33"));
    assert_false(kit_address_is_row("10.1.2.0/"));
    assert_false(kit_address_is_row("host.example.test"));
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, kit_folder_make, kit_folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_good_file_is_taken_with_paths_from_its_own_folder),
        STORY(an_unknown_key_is_named_with_its_line),
        STORY(a_missing_key_is_named),
        STORY(a_mapping_that_is_not_known_is_answered_with_those_that_are),
        STORY(a_mapping_of_another_agency_is_refused),
        STORY(a_mapping_that_cannot_answer_is_refused_for_mllp),
        STORY(one_adapter_has_one_way_in),
        STORY(http_routes_name_their_mappings_and_senders_must_be_known),
        STORY(a_queue_and_details_are_taken_with_their_places),
        STORY(a_folder_that_is_to_acknowledge_is_a_complaint),
        STORY(an_encoding_is_one_that_is_known_and_of_csv),
        STORY(a_server_key_is_a_file_or_forty_characters),
        STORY(a_missing_file_is_a_complaint),
        STORY(senders_are_let_in_by_address_or_network),
    };
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
