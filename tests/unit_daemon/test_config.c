/* hub.yaml: what is left out has a value that works, what is wrong is named with its line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/config.h"

static char folder[64], path[96];

static int setup(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "/tmp/mash-config-XXXXXX");
    if (mkdtemp(folder) == NULL) return -1;
    (void)snprintf(path, sizeof path, "%s/hub.yaml", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static hub_status read_text(const char *text, daemon_config *config, char complaints[1024])
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    hub_buffer said = {0};
    hub_status status = daemon_config_read(folder, config, &said);
    (void)snprintf(complaints, 1024, "%s", hub_buffer_text(&said));
    hub_buffer_free(&said);
    return status;
}

static void a_name_is_enough_and_paths_are_relative_to_the_folder(void **state)
{
    (void)state;
    static daemon_config config;
    char complaints[1024], expected[128];

    assert_int_equal(read_text("partnership: hips\n", &config, complaints), HUB_OK);

    assert_string_equal(config.partnership, "hips");
    assert_string_equal(config.agency, "tcp://127.0.0.1:7401");
    assert_string_equal(config.team, "tcp://127.0.0.1:7402");
    (void)snprintf(expected, sizeof expected, "sqlite:%s/state/journal.db", folder);
    assert_string_equal(config.journal, expected);
    (void)snprintf(expected, sizeof expected, "%s/policy", folder);
    assert_string_equal(config.policy, expected);
}

static void a_redis_socket_and_other_ports_are_taken(void **state)
{
    (void)state;
    static daemon_config config;
    char complaints[1024], expected[128];

    assert_int_equal(
        read_text("partnership: hips\nlisten:\n  agency: tcp://*:8401\njournal: redis:unix:redis/socket?db=2\nlog: debug\n",
                  &config, complaints),
        HUB_OK);

    assert_string_equal(config.agency, "tcp://*:8401");
    (void)snprintf(expected, sizeof expected, "redis:unix:%s/redis/socket?db=2", folder);
    assert_string_equal(config.journal, expected);
    assert_int_equal(config.log, HOST_LOG_DEBUG);
}

static void metrics_are_off_until_an_address_is_named(void **state)
{
    (void)state;
    static daemon_config config;
    char complaints[1024];

    assert_int_equal(read_text("partnership: hips\n", &config, complaints), HUB_OK);
    assert_string_equal(config.metrics_address, "");
    assert_int_equal(read_text("partnership: hips\nmetrics: \"[::1]:7490\"\n", &config, complaints), HUB_OK);
    assert_string_equal(config.metrics_address, "::1");
    assert_int_equal(config.metrics_port, 7490);
    assert_int_equal(read_text("partnership: hips\nmetrics: yes\n", &config, complaints), HUB_ERR_INVALID);
    assert_non_null(strstr(complaints, "hub.yaml:2:10: an address and port are expected"));
}

static void every_mistake_is_named_with_its_line_and_column(void **state)
{
    (void)state;
    static daemon_config config;
    char complaints[1024];

    assert_int_equal(
        read_text("partnership: HIPS!\nlisten:\n  agency: nowhere\njournal: paper\nlgo: info\n", &config, complaints),
        HUB_ERR_INVALID);

    assert_non_null(strstr(complaints, "hub.yaml:1:14:"));
    assert_non_null(strstr(complaints, "hub.yaml:3:11:"));
    assert_non_null(strstr(complaints, "hub.yaml:4:10:"));
    assert_non_null(strstr(complaints, "hub.yaml:5:1:"));
}

static void two_endpoints_on_one_port_are_refused(void **state)
{
    (void)state;
    static daemon_config config;
    char complaints[1024];
    assert_int_equal(read_text("partnership: hips\nlisten:\n  team: 127.0.0.1:7401\n", &config, complaints), HUB_ERR_INVALID);
    assert_non_null(strstr(complaints, "two ports"));
}

static void write_own(const char *text, unsigned mode, char own[112])
{
    (void)snprintf(own, 112, "%s/own.yaml", folder);
    FILE *file = fopen(own, "w");
    assert_non_null(file);
    assert_int_equal(fchmod(fileno(file), (mode_t)mode), 0);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* It holds people's numbers: a file that others can read is refused, and what is wrong in it is named without the value. */
static void who_of_the_staff_is_which_person_is_read_from_a_private_file(void **state)
{
    (void)state;
    static daemon_config config;
    char complaints[1024], own[112];
    const char *const YAML = "partnership: hips\nown_households: own.yaml\n";
    const char *const GOOD =
        "people:\n  - {staff: hc-1, keys: [\"nhs:9990000018\", \"name:Sam Example born:1980-01-02\"], homes: [7]}\n";

    write_own(GOOD, 0644, own);
    assert_int_equal(read_text(YAML, &config, complaints), HUB_ERR_INVALID);
    assert_non_null(strstr(complaints, "own.yaml"));
    assert_int_equal(unlink(own), 0);
    write_own("people:\n  - {staff: hc-1, keys: [\"nhs:9990000019\", \"name:Sam Example\"]}\n", 0600, own);
    assert_int_equal(read_text(YAML, &config, complaints), HUB_ERR_INVALID);
    assert_non_null(strstr(complaints, "own.yaml:2:"));
    assert_non_null(strstr(complaints, "a name alone is many people's"));
    assert_null(strstr(complaints, "999000"));
    write_own(GOOD, 0600, own);
    assert_int_equal(read_text(YAML, &config, complaints), HUB_OK);
    assert_int_equal(daemon_own_of(config.own, "hc-1").key_count, 2);
    assert_int_equal(daemon_own_of(config.own, "hc-1").uprns[0], 7);
    assert_int_equal(daemon_own_of(config.own, "hc-2").key_count, 0);
    daemon_own_free(config.own);
    assert_int_equal(unlink(own), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_name_is_enough_and_paths_are_relative_to_the_folder, setup, teardown),
        cmocka_unit_test_setup_teardown(metrics_are_off_until_an_address_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(a_redis_socket_and_other_ports_are_taken, setup, teardown),
        cmocka_unit_test_setup_teardown(every_mistake_is_named_with_its_line_and_column, setup, teardown),
        cmocka_unit_test_setup_teardown(who_of_the_staff_is_which_person_is_read_from_a_private_file, setup, teardown),
        cmocka_unit_test_setup_teardown(two_endpoints_on_one_port_are_refused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
