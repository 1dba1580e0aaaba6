/* mashctl beside a live hub that has the police samples: what each verb answers to programs (--json), and how it ends. */
#include "world.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "host/files.h"

static int make(void **state)
{
    if (world_make(state) != 0) return -1;
    world *w = *state;
    world_shell(w, "sh %s/tests/samples/render.sh samples && cp samples/police/*.json var/police/in/", w->source);
    assert_int_equal(world_run(w, NULL, 0, "mash-adapter", "--config police.yaml --once --timeout 180"), 0);
    return 0;
}

enum { HUB_NONE, HUB_TEAM };

/* Runs mashctl in the world's folder, with `input` on standard input; its exit code. What it said is in the file "out". */
static void ctl(const world *w, int hub, int exit_code, const char *input, const char *line)
{
    char flags[256] = "";
    if (hub != HUB_NONE) {
        (void)snprintf(flags, sizeof flags, "--key client/operator.key --server-key keys/hub.pub --endpoint tcp://127.0.0.1:%d",
                       w->team_port);
    }
    world_shell(w, "{ printf '%%s' '%s' | %s/mashctl %s --json %s >out 2>>log; test $? -eq %d; }", input, w->bin, line, flags,
                exit_code);
}

/* Line `wanted` (from 0) of what was said, every line of which is one JSON object; the number of lines. GIVEN, end with json_decref. */
static json_t *said(const world *w, size_t wanted, size_t *count)
{
    char path[256];
    char *rest = NULL;
    hub_buffer text = {0};
    json_t *found = NULL;
    *count = 0;
    (void)snprintf(path, sizeof path, "%s/out", w->folder);
    assert_int_equal(host_file_read(path, 1 << 24, &text, NULL), HUB_OK);
    hub_buffer_put(&text, "", 1);
    for (char *line = strtok_r((char *)text.data, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
        if (!json_is_object(object)) fail_msg("no JSON object: %s", line);
        if ((*count)++ == wanted) found = json_incref(object);
        json_decref(object);
    }
    hub_buffer_free(&text);
    assert_non_null(found);
    return found;
}

/* A value of that line: "7", "red", "true"; "" when there is none. */
static const char *value_of(const world *w, size_t line, const char *key)
{
    static char text[512];
    size_t count = 0;
    json_t *object = said(w, line, &count);
    const json_t *value = json_object_get(object, key);
    text[0] = '\0';
    if (json_is_string(value)) (void)snprintf(text, sizeof text, "%s", json_string_value(value));
    if (json_is_integer(value)) (void)snprintf(text, sizeof text, "%lld", (long long)json_integer_value(value));
    if (json_is_boolean(value)) (void)snprintf(text, sizeof text, "%s", json_is_true(value) ? "true" : "false");
    json_decref(object);
    return text;
}

static size_t lines(const world *w)
{
    size_t count = 0;
    json_decref(said(w, 0, &count));
    return count;
}

static void status_and_peers_say_what_came_from_whom(void **state)
{
    world *w = *state;
    ctl(w, HUB_TEAM, 0, "", "status");
    assert_string_equal(value_of(w, 0, "partnership"), "hips");
    assert_string_equal(value_of(w, 0, "events_accepted"), "4");
    ctl(w, HUB_TEAM, 0, "", "peers");
    assert_int_equal(lines(w), 3);
    assert_string_equal(value_of(w, 1, "name"), "police");
    assert_string_equal(value_of(w, 1, "stored"), "4");
}

static void tail_shows_one_record_a_line_and_only_those_asked_for(void **state)
{
    world *w = *state;
    ctl(w, HUB_TEAM, 0, "", "tail --from 1");
    assert_string_equal(value_of(w, 0, "what"), "partnership created");
    ctl(w, HUB_TEAM, 0, "", "tail --from 1 --where payload=domestic_abuse_incident");
    assert_int_equal(lines(w), 3);
    assert_string_equal(value_of(w, 0, "alert_id"), "A1");
    ctl(w, HUB_TEAM, 0, "", "tail --from 1 --where payload=domestic_abuse_incident --count 1");
    assert_int_equal(lines(w), 1);
    ctl(w, HUB_TEAM, 2, "", "tail --where colour");
}

/* A program that reads the first hundred must learn that there was a hundred and first. */
static void find_says_when_there_is_more_and_fails_when_there_is_nothing(void **state)
{
    world *w = *state;
    char event[64];
    ctl(w, HUB_TEAM, 0, "", "tail --from 1 --where payload=incident");
    (void)snprintf(event, sizeof event, "event:%s", value_of(w, 0, "event_id"));
    ctl(w, HUB_TEAM, 0, event, "find --purpose operations");
    assert_int_equal(lines(w), 1);
    assert_string_equal(value_of(w, 0, "payload"), "incident");
    world_change(w, "var/police/in/done/01-da-high-two-children.json", "officerGrading\": \"high",
                 "officerGrading\": \"standard");
    world_shell(w, "mv var/police/in/done/01-da-high-two-children.json var/police/in/");
    assert_int_equal(world_run(w, NULL, 0, "mash-adapter", "--config police.yaml --once --timeout 180"), 0);
    ctl(w, HUB_TEAM, 0, "A1", "find --count 1 --purpose operations");
    assert_int_equal(lines(w), 2);
    assert_string_equal(value_of(w, 0, "alert_id"), "A1");
    assert_string_equal(value_of(w, 1, "more"), "true");
    ctl(w, HUB_TEAM, 1, "A99", "find --purpose operations");
    ctl(w, HUB_TEAM, 2, "", "find --purpose operations");
}

/* "Who looked at this?" must be answered from the shell that an auditor has, and the stream be checked by who checks the journal. */
static void audit_tells_who_looked_and_verify_checks_that_stream_too(void **state)
{
    world *w = *state;
    ctl(w, HUB_TEAM, 1, "", "audit");
    ctl(w, HUB_TEAM, 0, "", "explain A1 --purpose other --reason testing");
    ctl(w, HUB_TEAM, 2, "", "explain A1");
    ctl(w, HUB_TEAM, 0, "", "audit");
    assert_int_equal(lines(w), 1);
    assert_string_equal(value_of(w, 0, "item"), "A1");
    assert_string_equal(value_of(w, 0, "purpose"), "other");
    assert_string_equal(value_of(w, 0, "reason"), "testing");
    ctl(w, HUB_TEAM, 0, "A1", "audit --about --purpose audit");
    assert_int_equal(lines(w), 1);
    ctl(w, HUB_TEAM, 2, "A1", "audit --about");
    ctl(w, HUB_NONE, 0, "", "journal verify --config .");
    assert_int_equal(lines(w), 2);
    assert_string_equal(value_of(w, 1, "store"), "audit");
}

static void explain_tells_of_an_alert_and_of_a_record(void **state)
{
    world *w = *state;
    size_t count = 0;
    ctl(w, HUB_TEAM, 0, "", "explain A1 --purpose operations");
    json_t *explained = said(w, 0, &count);
    assert_true(json_array_size(json_object_get(explained, "lines")) > 10);
    json_decref(explained);
    world_shell(w, "grep -q 'R-DA-HIGH' out && ! grep -q Testley out");
    ctl(w, HUB_TEAM, 0, "", "explain 1");
    ctl(w, HUB_TEAM, 1, "", "explain A99 --purpose operations");
}

static void a_revoked_key_is_listed_as_such_and_cannot_be_revoked_again(void **state)
{
    world *w = *state;
    ctl(w, HUB_TEAM, 0, "", "keys revoke police --reason test");
    assert_string_equal(value_of(w, 0, "done"), "true");
    ctl(w, HUB_TEAM, 0, "", "keys list");
    assert_string_equal(value_of(w, 1, "name"), "police");
    assert_string_equal(value_of(w, 1, "revoked"), "true");
    ctl(w, HUB_TEAM, 3, "", "keys revoke police --reason test");
}

/* Beside the running hub: verifying must not need a pause. */
static void the_journal_is_verified_beside_the_running_hub(void **state)
{
    world *w = *state;
    ctl(w, HUB_NONE, 0, "", "journal status --config .");
    assert_int_equal(lines(w), 1);
    ctl(w, HUB_NONE, 0, "", "journal verify --config .");
    assert_string_equal(value_of(w, 0, "first_bad"), "0");
}

static void an_outbox_is_counted_and_checked_against_the_journal(void **state)
{
    world *w = *state;
    ctl(w, HUB_NONE, 0, "", "outbox status var/police/outbox");
    assert_string_equal(value_of(w, 0, "stored"), "4");
    ctl(w, HUB_TEAM, 0, "", "outbox check var/police/outbox");
    assert_string_equal(value_of(w, 0, "looked_for"), "4");
    assert_string_equal(value_of(w, 0, "lost_count"), "0");
    ctl(w, HUB_NONE, 1, "", "outbox status nowhere");
}

static void doctor_finds_nothing_wrong_where_nothing_is(void **state)
{
    world *w = *state;
    ctl(w, HUB_TEAM, 0, "", "doctor");
    assert_true(lines(w) >= 5);
    world_shell(w, "! grep -q '\"found\":\"WRONG\"' out && grep -q '\"step\":\"handshake\",\"found\":\"ok\"' out");
}

/* An operator's key may not publish: refused is 3, not "failed, try again", and said at once, however long one would wait for a hub. */
static void a_publish_that_is_not_allowed_is_refused(void **state)
{
    world *w = *state;
    world_put_incidents(w, 1, 1);
    world_shell(w, "%s/mash-adapter --config police.yaml --dry-run var/police/in/0001.json >event.json 2>>log", w->bin);
    world_shell(w,
                "timeout 120 %s/mashctl publish event.json --timeout 600 --key client/operator.key --server-key keys/hub.pub "
                "--endpoint tcp://127.0.0.1:%d 2>said; test $? -eq 3 && grep -q 'only a key enrolled as adapter' said",
                w->bin, w->agency_port);
}

/* A list that a full disk cut off looks whole, and a program that is started without a standard output must not give its number to a file. */
static void output_that_cannot_be_written_is_a_failure_and_no_crash(void **state)
{
    world *w = *state;
    char flags[256];
    (void)snprintf(flags, sizeof flags, "--key client/operator.key --server-key keys/hub.pub --endpoint tcp://127.0.0.1:%d",
                   w->team_port);
    world_shell(w, "%s/mashctl tail %s >/dev/full 2>said; test $? -eq 1 && grep -q 'cut short' said", w->bin, flags);
    world_shell(w, "%s/mashctl tail %s >&- 2>said; test $? -eq 1 && grep -q 'cut short' said", w->bin, flags);
    world_shell(w, "%s/mashctl glossary 2>said | head -n 1 >out; test ! -s said", w->bin);
    world_shell(w, "%s/mash-adapter --config police.yaml --status >/dev/full 2>>log; test $? -eq 1", w->bin);
    world_shell(w, "%s/mash-adapter --config police.yaml --once --timeout 180 <&- >&- 2>&-; test $? -eq 1", w->bin);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, make, world_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(status_and_peers_say_what_came_from_whom),
        STORY(tail_shows_one_record_a_line_and_only_those_asked_for),
        STORY(find_says_when_there_is_more_and_fails_when_there_is_nothing),
        STORY(output_that_cannot_be_written_is_a_failure_and_no_crash),
        STORY(audit_tells_who_looked_and_verify_checks_that_stream_too),
        STORY(explain_tells_of_an_alert_and_of_a_record),
        STORY(a_revoked_key_is_listed_as_such_and_cannot_be_revoked_again),
        STORY(the_journal_is_verified_beside_the_running_hub),
        STORY(an_outbox_is_counted_and_checked_against_the_journal),
        STORY(doctor_finds_nothing_wrong_where_nothing_is),
        STORY(a_publish_that_is_not_allowed_is_refused),
    };
    return cmocka_run_group_tests_name("verbs", tests, NULL, NULL);
}
