/* What people order: done once, said when it cannot be, and never lost because it could not be read. */
#include <sys/stat.h>

#include "outbound_story.h"

#include "host/files.h"
#include "outbound/orders.h"

static const char GIVEN[] = "tester\nseen on paper\n";

static const char *order_path(const story *s, const hub_id *id)
{
    static char path[512];
    char hex[2 * HUB_ID_BYTES + 1];
    hub_hex(id->bytes, HUB_ID_BYTES, hex);
    (void)snprintf(path, sizeof path, "%s/%s.stop", s->folder, hex);
    return path;
}

static void an_order_is_obeyed_and_removed(void **state)
{
    (void)state;
    hub_error err = {{0}};
    char trouble[256] = "";
    struct stat entry;
    story *s = story_new("w", 10);
    s->channels[0].behaves = "f";
    given_delivery(s, .alert = "A1");
    hub_id id = story_id_of(s, 0);
    kit_ok(host_file_replace(order_path(s, &id), hub_bytes_of_text(GIVEN), 0644, &err));
    kit_ok(orders_take(s->folder, s->engine, s->now_ms, trouble, &err));
    assert_int_not_equal(stat(order_path(s, &id), &entry), 0);
    then_states(s, "A1 stopped");
    story_free(s);
}

/* It was given by another user, the disk is in trouble: whoever gave it believes that it is done. A link to itself cannot be read by anybody. */
static void an_order_that_cannot_be_read_waits_and_is_said(void **state)
{
    (void)state;
    hub_error err = {{0}};
    char trouble[256] = "";
    story *s = story_new("w", 10);
    s->channels[0].behaves = "f";
    given_delivery(s, .alert = "A1");
    hub_id id = story_id_of(s, 0);
    assert_int_equal(symlink(order_path(s, &id), order_path(s, &id)), 0);
    kit_ok(orders_take(s->folder, s->engine, s->now_ms, trouble, &err));
    assert_non_null(strstr(trouble, "cannot be read"));
    then_states(s, "A1 open");
    assert_int_equal(unlink(order_path(s, &id)), 0); /* it stood there still */
    kit_ok(host_file_replace(order_path(s, &id), hub_bytes_of_text(GIVEN), 0644, &err));
    kit_ok(orders_take(s->folder, s->engine, s->now_ms, trouble, &err));
    assert_string_equal(trouble, "");
    then_states(s, "A1 stopped");
    story_free(s);
}

/* mashctl may be run by root with a narrow umask; the instance is another user. The folder keeps everybody else out. */
static void an_order_can_be_read_by_the_instance_whatever_the_umask_of_who_gives_it(void **state)
{
    (void)state;
    hub_error err = {{0}};
    struct stat entry;
    story *s = story_new("w", 10);
    const char *path = kit_path(s->folder, "order");
    mode_t before = umask(077);
    kit_ok(host_file_replace(path, hub_bytes_of_text(GIVEN), 0644, &err));
    (void)umask(before);
    assert_int_equal(stat(path, &entry), 0);
    assert_int_equal(entry.st_mode & 0777, 0644);
    story_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_is_obeyed_and_removed),
        cmocka_unit_test(an_order_that_cannot_be_read_waits_and_is_said),
        cmocka_unit_test(an_order_can_be_read_by_the_instance_whatever_the_umask_of_who_gives_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
