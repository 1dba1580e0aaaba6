/* What operators command: keys let in and shut out, policies adopted. Each answer is for ever, and says who asked and why. */
#include <stdio.h>
#include <string.h>

#include "story.h"

#define DONE MASH__V1__COMMAND_CODE__COMMAND_DONE
#define REFUSED MASH__V1__COMMAND_CODE__COMMAND_REFUSED
#define OPERATOR MASH__V1__PEER_KIND__PEER_KIND_OPERATOR
#define AUDITOR MASH__V1__PEER_KIND__PEER_KIND_AUDITOR
#define GATEWAY MASH__V1__PEER_KIND__PEER_KIND_GATEWAY

typedef struct enrol_said {
    int id; /* of the command; 0 = a new one */
    const char *name, *key, *reason;
    Mash__V1__PeerKind kind;
    size_t queue_count;
} enrol_said;

static hub_id new_id(int stated)
{
    static uint32_t last = 100;
    uint32_t number = stated != 0 ? (uint32_t)stated : ++last;
    hub_id id = {{0}};
    memcpy(id.bytes, &number, sizeof number);
    return id;
}

static core_reply let_in(story *s, enrol_said said)
{
    uint8_t key[32] = {0};
    char *queues[20];
    for (size_t i = 0; i < said.queue_count; i++)
        queues[i] = (char *)(uintptr_t) "front-door";
    Mash__V1__Enrol enrol = MASH__V1__ENROL__INIT;
    (void)snprintf((char *)key, sizeof key, "key %s", said.key != NULL ? said.key : said.name);
    enrol.public_key = (ProtobufCBinaryData){.len = sizeof key, .data = key};
    enrol.name = (char *)(uintptr_t)said.name;
    enrol.kind = said.kind;
    enrol.queues = queues;
    enrol.n_queues = said.queue_count;
    return command(
        s,
        (core_command){.kind = CORE_ENROL, .peer = 1, .command_id = new_id(said.id), .reason = said.reason, .of.enrol = &enrol});
}

static core_reply shut_out(story *s, int id, const char *name, const char *reason)
{
    Mash__V1__Revoke revoke = MASH__V1__REVOKE__INIT;
    revoke.name = (char *)(uintptr_t)name;
    return command(
        s, (core_command){.kind = CORE_REVOKE, .peer = 1, .command_id = new_id(id), .reason = reason, .of.revoke = &revoke});
}

static core_reply adopt(story *s, const core_policy *policy)
{
    Mash__V1__AdoptPolicy sources = MASH__V1__ADOPT_POLICY__INIT;
    return command(s, (core_command){.kind = CORE_ADOPT_POLICY,
                                     .peer = 1,
                                     .command_id = new_id(0),
                                     .reason = "a new rule",
                                     .of.adopt = {policy, &sources}});
}

/* An operator whose connection broke sends the command again: it must not enrol twice, and must hear the first answer. */
static void a_repeated_command_gets_its_first_answer(void **fixture)
{
    story *s = *fixture;
    core_reply first = shut_out(s, 5, "team", "lost");

    core_reply second = shut_out(s, 5, "team", "lost");

    assert_int_equal(first.command, DONE);
    assert_int_equal(second.command, first.command);
    assert_int_equal(second.number, first.number);
    assert_false(recorded(s));
    assert_true(core_peer_numbered(s->state, TEAM)->revoked);
}

/* A refusal is a decision too. Were it decided anew, a repeat that was on its way for an hour could do what nobody wants any more. */
static void a_refused_command_stays_refused_when_its_cause_has_gone(void **fixture)
{
    story *s = *fixture;
    core_reply first = let_in(s, (enrol_said){.id = 6, .name = "team", .key = "new", .kind = AUDITOR, .reason = "a new key"});
    assert_int_equal(first.command, REFUSED);
    assert_int_equal(facts(s, FACT_COMMAND_ANSWERED), 1);
    assert_int_equal(facts(s, FACT_KEY_ENROLLED), 0);
    assert_string_equal(s->decision.personal->answer, first.text);
    shut_out(s, 7, "team", "lost");

    core_reply second = let_in(s, (enrol_said){.id = 6, .name = "team", .key = "new", .kind = AUDITOR, .reason = "a new key"});
    assert_int_equal(second.command, REFUSED);
    assert_false(recorded(s));

    assert_int_equal(let_in(s, (enrol_said){.id = 8, .name = "team", .key = "new", .kind = AUDITOR}).command, DONE);
}

/* "Who let this key in, and why" is asked years later. The reason may name people: it lies in the sealed part. */
static void reason_and_actor_are_kept_sealed_for_enrolling_and_revoking(void **fixture)
{
    story *s = *fixture;
    let_in(s, (enrol_said){.name = "night-desk", .kind = AUDITOR, .reason = "cover from June"});
    assert_int_equal(facts(s, FACT_KEY_ENROLLED), 1);
    assert_string_equal(s->decision.personal->reason, "cover from June");
    assert_string_equal(s->decision.personal->actor, "first-operator");

    shut_out(s, 0, "night-desk", "laptop stolen");
    assert_int_equal(facts(s, FACT_KEY_REVOKED), 1);
    assert_string_equal(s->decision.personal->reason, "laptop stolen");
    assert_string_equal(s->decision.personal->actor, "first-operator");
    assert_null(memmem(s->last_control.data, s->last_control.size, "stolen", 6));
}

static const char *explained_to(story *s, uint32_t peer)
{
    static char text[2000];
    core_record record = last_record(s);
    core_lines lines = {.arena = &s->kept};
    text[0] = '\0';
    core_view view = core_view_of(s->state, peer, &record);
    if (core_explain(&view, &lines) != HUB_OK) return "refused";
    for (size_t i = 0; i < lines.count; i++)
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), "%s\n", lines.items[i]->text);
    return text;
}

static void operators_and_auditors_are_told_the_reason_and_nobody_else(void **fixture)
{
    story *s = *fixture;
    uint32_t auditor = (uint32_t)let_in(s, (enrol_said){.name = "auditor", .kind = AUDITOR}).number;
    shut_out(s, 0, "health", "laptop stolen");

    const char *expected = "Commanded by first-operator.\nReason given: laptop stolen\nAnswer: revoked.\n";
    assert_non_null(strstr(explained_to(s, 1), expected));
    assert_non_null(strstr(explained_to(s, auditor), expected));
    assert_string_equal(explained_to(s, TEAM), "refused");
}

/* Shutting somebody out cannot be taken back: whoever does it says why. */
static void a_key_is_not_revoked_without_a_reason(void **fixture)
{
    story *s = *fixture;
    assert_int_equal(shut_out(s, 0, "team", NULL).command, REFUSED);
    assert_int_equal(shut_out(s, 0, "team", "").command, REFUSED);
    core_reply blank = shut_out(s, 0, "team", " \n");
    assert_int_equal(blank.command, REFUSED);
    assert_non_null(strstr(blank.text, "reason"));
    assert_false(core_peer_numbered(s->state, TEAM)->revoked);
}

/* Without an operator nobody could ever enrol, revoke or adopt again. */
static void the_last_operator_is_not_revoked(void **fixture)
{
    story *s = *fixture;
    core_reply alone = shut_out(s, 0, "first-operator", "leaves");
    assert_int_equal(alone.command, REFUSED);
    assert_non_null(strstr(alone.text, "last operator"));

    let_in(s, (enrol_said){.name = "second-operator", .kind = OPERATOR});
    assert_int_equal(shut_out(s, 0, "first-operator", "leaves").command, DONE);
    assert_int_equal(shut_out(s, 0, "second-operator", "leaves").command, REFUSED);
}

/* A key that was lost is replaced under the name that everybody knows; the name then means the new one. */
static void a_name_may_be_given_again_after_a_revocation_and_means_the_newest(void **fixture)
{
    story *s = *fixture;
    assert_int_equal(let_in(s, (enrol_said){.name = "team", .key = "second", .kind = AUDITOR}).command, REFUSED);
    shut_out(s, 0, "team", "lost");
    core_reply second = let_in(s, (enrol_said){.name = "team", .key = "second", .kind = AUDITOR});
    assert_int_equal(second.command, DONE);
    assert_int_equal(let_in(s, (enrol_said){.name = "team", .key = "third", .kind = AUDITOR}).command, REFUSED);

    core_reply gone = shut_out(s, 0, "team", "lost again");

    assert_int_equal(gone.command, DONE);
    assert_int_equal(gone.number, second.number);
    assert_int_equal(let_in(s, (enrol_said){.name = "team", .key = "third", .kind = AUDITOR}).command, DONE);
    assert_int_equal(let_in(s, (enrol_said){.name = "other", .key = "second", .kind = AUDITOR}).command, REFUSED);
}

/* The limits that bus.proto states. */
static void a_name_has_47_characters_and_a_key_15_queues(void **fixture)
{
    story *s = *fixture;
    const char *name = "a12345678901234567890123456789012345678901234567"; /* 48 */
    assert_int_equal(let_in(s, (enrol_said){.name = name, .kind = AUDITOR}).command, REFUSED);
    assert_int_equal(let_in(s, (enrol_said){.name = name + 1, .kind = AUDITOR}).command, DONE);
    assert_int_equal(let_in(s, (enrol_said){.name = "board-16", .kind = GATEWAY, .queue_count = 16}).command, REFUSED);
    core_reply board = let_in(s, (enrol_said){.name = "board-15", .kind = GATEWAY, .queue_count = 15});
    assert_int_equal(board.command, DONE);
    assert_int_equal(core_peer_numbered(s->state, (uint32_t)board.number)->kind, GATEWAY);
}

/* Adopting the same queues again takes no room; a hub that is full of policies says so for good, not "try later". */
static void the_4097th_policy_is_refused_for_good(void **fixture)
{
    story *s = *fixture;
    core_policy other = *s->policy;
    other.digest[0] ^= 1;
    const core_policy *const TURNS[] = {&other, s->policy};
    for (int i = 1; i < 4096; i++)
        assert_int_equal(adopt(s, TURNS[(i + 1) % 2]).command, DONE);

    core_reply last = adopt(s, s->policy);

    assert_int_equal(last.command, REFUSED);
    assert_non_null(strstr(last.text, "as many policies"));
}

/* The shell found mistakes: the refusal is a record like every other. */
static void a_policy_with_mistakes_is_refused_and_changes_nothing(void **fixture)
{
    story *s = *fixture;

    assert_int_equal(adopt(s, NULL).command, REFUSED);

    assert_int_equal(facts(s, FACT_POLICY_ADOPTED), 0);
    assert_true(core_policy_now(s->state) == s->policy);
    assert_int_equal(adopt(s, s->policy).command, REFUSED); /* adopted already */
}

#define TELL(test) cmocka_unit_test_setup_teardown(test, story_begin, story_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TELL(a_repeated_command_gets_its_first_answer),
        TELL(a_refused_command_stays_refused_when_its_cause_has_gone),
        TELL(reason_and_actor_are_kept_sealed_for_enrolling_and_revoking),
        TELL(operators_and_auditors_are_told_the_reason_and_nobody_else),
        TELL(a_key_is_not_revoked_without_a_reason),
        TELL(the_last_operator_is_not_revoked),
        TELL(a_name_may_be_given_again_after_a_revocation_and_means_the_newest),
        TELL(a_name_has_47_characters_and_a_key_15_queues),
        TELL(the_4097th_policy_is_refused_for_good),
        TELL(a_policy_with_mistakes_is_refused_and_changes_nothing),
    };
    return cmocka_run_group_tests_name("commands", tests, NULL, NULL);
}
