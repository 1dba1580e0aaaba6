/* An outbound instance killed at its n-th write, for every n: nothing that was receipted is lost, and each delivery has one id for ever.
 *
 * The child is told by a hub what comes after its newest position (and the last one again, as after a lost receipt), delivers, stops one, and is
 * killed (dying.h). What its receiver got stands in a file. Then a second child does the rest.
 */
#include "outbound_story.h"

#include <fcntl.h>

#include "unit_kit/dying.h"

enum { DELIVERIES = 5 };
static int received; /* the receiver's file */

static void note_sent(const engine_parcel *parcel)
{
    char line[80], id[MESSAGE_ID_TEXT];
    message_id_text(&parcel->id, id);
    int size = snprintf(line, sizeof line, "%s %s\n", parcel->facts.line, id);
    if (write(received, line, (size_t)size) != size) _exit(3);
}

static int work(const char *folder)
{
    hub_error err = {{0}};
    received = open(kit_path(folder, "received"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    story *s = story_open(kit_path(folder, "box"), "w", 600);
    s->sent = note_sent;
    const bus_positions *known = engine_positions(s->engine, 0);
    uint64_t newest = known->count > 0 ? known->items[0].sequence : 0;
    s->sequence = newest > 0 ? (uint32_t)newest - 1 : 0;
    s->channels[0].behaves = "fc";
    while (s->sequence < DELIVERIES) {
        char name[8];
        (void)snprintf(name, sizeof name, "A%u", s->sequence + 1);
        given_delivery(s, .alert = name, .event = (int)s->sequence + 1);
        story_pass(s, STORY_SECOND);
    }
    hub_id first = story_id_of(s, 0);
    hub_status status = engine_stop(s->engine, &first, "pc-1", "told by telephone", s->now_ms, &err);
    if (status != HUB_OK && status != HUB_ERR_NOT_FOUND) return 1;
    story_pass(s, STORY_HOUR);
    return 0; /* no close: ending is a crash too */
}

static unsigned count_of(const char *text, const char *what)
{
    unsigned count = 0;
    for (const char *at = text; (at = strstr(at, what)) != NULL; at++)
        count++;
    return count;
}

static void check(const char *folder, int n)
{
    hub_buffer got = {0};
    hub_error err = {{0}};
    kit_ok(host_file_read(kit_path(folder, "received"), 1 << 20, &got, &err));
    story *s = story_open(kit_path(folder, "box"), "w", 600);
    owed_row row = {0};
    unsigned rows = 0;
    while (owed_next(s->box, row.place, OWED_EVERY, &row, &err) == HUB_OK) {
        char line[80], id[MESSAGE_ID_TEXT], about[16];
        rows++;
        message_id_text(&row.id, id);
        (void)snprintf(line, sizeof line, "%s %s\n", row.line, id);
        (void)snprintf(about, sizeof about, "%s ", row.line);
        unsigned sent = count_of(hub_buffer_text(&got), line);
        if (row.state != OWED_CONFIRMED && row.state != OWED_STOPPED)
            fail_msg("killed at write %d: %s is %s", n, row.line, owed_state_name(row.state));
        if (sent == 0 || sent != count_of(hub_buffer_text(&got), about))
            fail_msg("killed at write %d: %s was sent %u times by its id", n, row.line, sent);
    }
    if (rows != DELIVERIES) fail_msg("killed at write %d: %u rows", n, rows);
    assert_int_equal(engine_positions(s->engine, 0)->items[0].sequence, DELIVERIES);
    story_free(s);
    hub_buffer_free(&got);
}

static const dying_story STORY = {.work = work, .check = check};

static void killed_before_any_write_nothing_is_lost_or_sent_under_two_ids(void **state)
{
    (void)state;
    dying_at_every_write(&STORY, DYING_BEFORE);
}

static void killed_after_any_write_nothing_is_lost_or_sent_under_two_ids(void **state)
{
    (void)state;
    dying_at_every_write(&STORY, DYING_AFTER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(killed_before_any_write_nothing_is_lost_or_sent_under_two_ids),
        cmocka_unit_test(killed_after_any_write_nothing_is_lost_or_sent_under_two_ids),
    };
    return cmocka_run_group_tests_name("crash", tests, NULL, NULL);
}
