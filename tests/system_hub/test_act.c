/* People act through a gateway: who may, what a lost answer costs, and what a bad frame is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "board.h"
#include "host/random.h"

static board_story shared;

/* ---- who is there -------------------------------------------------------------------------------------------------------------- */
static int setup(void **state)
{
    board_story *f = &shared;
    hub_make_with(&f->hub, "acting.yaml");
    board_story_start(f);
    publish_concern(f->adapter, 1);
    *state = f;
    return 0;
}

/* ---- acting ---------------------------------------------------------------------------------------------------------------------- */
typedef struct acting {
    Mash__V1__Act act;
    Mash__V1__ClientFrame frame;
    hub_id id;
    Mash__V1__Claim claim;
    Mash__V1__Note note;
} acting;

/* A claim of A1 at version 0, to be changed by the test. */
static void compose(acting *a, const char *by)
{
    mash__v1__act__init(&a->act);
    mash__v1__client_frame__init(&a->frame);
    mash__v1__claim__init(&a->claim);
    mash__v1__note__init(&a->note);
    a->id = host_random_id();
    a->act.command_id = (ProtobufCBinaryData){.len = HUB_ID_BYTES, .data = a->id.bytes};
    a->act.on_behalf_of = (char *)(uintptr_t)by;
    a->act.item = (char *)"A1";
    a->act.what_case = MASH__V1__ACT__WHAT_CLAIM;
    a->act.claim = &a->claim;
    a->frame.body_case = MASH__V1__CLIENT_FRAME__BODY_ACT;
    a->frame.act = &a->act;
}

static void say_note(acting *a, const char *text)
{
    a->note.text = (char *)(uintptr_t)text;
    a->act.what_case = MASH__V1__ACT__WHAT_NOTE;
    a->act.note = &a->note;
}

static const Mash__V1__ActReply *answer_to(peer *by, acting *a)
{
    const Mash__V1__HubFrame *answer = ask(by, &a->frame);
    if (answer->body_case == MASH__V1__HUB_FRAME__BODY_FAULT) print_error("%s\n", answer->fault->text);
    assert_int_equal(answer->body_case, MASH__V1__HUB_FRAME__BODY_ACT_REPLY);
    return answer->act_reply;
}

static void then_fault(peer *by, acting *a, Mash__V1__FaultCode code, const char *field)
{
    const Mash__V1__HubFrame *answer = ask(by, &a->frame);
    assert_int_equal(answer->body_case, MASH__V1__HUB_FRAME__BODY_FAULT);
    assert_int_equal(answer->fault->code, code);
    assert_string_equal(answer->fault->field_path, field);
}

/* Sends and looks at no answer; runs no loop. */
static void send_only(peer *by, acting *a)
{
    a->frame.request = bus_client_request(by->client);
    assert_int_equal(bus_client_send(by->client, &a->frame, NULL), HUB_OK);
}

static uint64_t records(board_story *f)
{
    return status_of(f->op)->durable->sequence;
}

static void then_done(const Mash__V1__ActReply *reply, uint32_t version)
{
    if (reply->code != MASH__V1__ACT_CODE__ACT_DONE) fail_msg("not done: %s", reply->text);
    assert_int_equal(reply->version, version);
}

/* ---- the stories ------------------------------------------------------------------------------------------------------------------ */
static void a_person_claims_an_alert_and_everybody_who_has_it_is_told(void **state)
{
    board_story *f = *state;
    acting a;
    subscribe(f->board, "bench-team", "", NULL, 0, 100);
    assert_true(hub_until(&f->hub, &f->board->delivery_count, 1, PATIENCE_MS));
    compose(&a, "bp-1");

    const Mash__V1__ActReply *reply = answer_to(f->board, &a);

    then_done(reply, 1);
    uint64_t sequence = reply->sequence;
    assert_true(hub_until(&f->hub, &f->board->delivery_count, 2, PATIENCE_MS));
    assert_int_equal(f->board->deliveries[1].sequence, sequence);
}

/* Two people press the same button: the second must hear who was first, and own nothing. */
static void the_second_claim_is_stale_and_hears_who_was_first(void **state)
{
    board_story *f = *state;
    acting a;
    compose(&a, "bp-1");
    then_done(answer_to(f->board, &a), 1);
    compose(&a, "bp-2");

    const Mash__V1__ActReply *reply = answer_to(f->board, &a);

    assert_int_equal(reply->code, MASH__V1__ACT_CODE__ACT_STALE);
    assert_int_equal(reply->version, 1);
    assert_int_equal(reply->n_changed, 1);
    assert_string_equal(reply->changed[0]->who, "bp-1 (practitioner, bench-practice)");
    assert_string_equal(reply->changed[0]->what, "claimed it");
}

static void a_refused_act_is_recorded_once_and_its_repeat_is_refused_again(void **state)
{
    board_story *f = *state;
    acting a;
    uint64_t before = records(f);
    compose(&a, "bv-1"); /* the board may not act for that team */

    const Mash__V1__ActReply *reply = answer_to(f->board, &a);
    assert_int_equal(reply->code, MASH__V1__ACT_CODE__ACT_NOT_ALLOWED);
    assert_int_equal(reply->sequence, before + 1);
    assert_int_equal(answer_to(f->board, &a)->code, MASH__V1__ACT_CODE__ACT_NOT_ALLOWED);

    assert_int_equal(records(f), before + 1);
}

/* The connection broke before the answer came. The board does not know, and asks again: it must not be stale by its own doing. */
static void an_act_repeated_after_a_broken_connection_gets_its_first_answer(void **state)
{
    board_story *f = *state;
    acting a;
    peer *witness = enrol(f->op, "witness", MASH__V1__PEER_KIND__PEER_KIND_CONSUMER, "bench-team");
    peer_open(witness);
    subscribe(witness, "bench-team", "", NULL, 0, 100);
    assert_true(hub_until(&f->hub, &witness->delivery_count, 1, PATIENCE_MS));
    compose(&a, "bp-1");
    send_only(f->board, &a);
    assert_true(hub_until(&f->hub, &witness->delivery_count, 2, PATIENCE_MS)); /* it was done */
    uint64_t before = records(f);
    peer_close(f->board);

    peer_open(f->board);
    then_done(answer_to(f->board, &a), 1);

    assert_int_equal(records(f), before);
}

/* As a shell would: is the store's newest record at least this one? */
static bool store_holds(const hub_run *h, uint64_t sequence)
{
    char line[256] = "", query[256];
    (void)snprintf(query, sizeof query, "%s/mashhubd --fold --config %s 2>/dev/null", getenv("MASHHUB_BIN"), h->folder);
    FILE *fold = popen(query, "r");
    assert_non_null(fold);
    assert_non_null(fgets(line, sizeof line, fold));
    assert_int_equal(pclose(fold), 0);
    unsigned long long newest = 0;
    assert_int_equal(sscanf(line, "%*s %*s %llu", &newest), 1);
    return newest >= sequence;
}

/* The hub dies when the act is durable and the answer is still in its hands or on the wire. */
static void an_act_repeated_after_kill_9_gets_its_first_answer(void **state)
{
    board_story *f = *state;
    acting a;
    uint64_t before = records(f);
    int opened = f->board->opened;
    compose(&a, "bp-1");
    send_only(f->board, &a);
    int tries = 0;
    while (!store_holds(&f->hub, before + 1))
        assert_true(++tries < 1000);
    hub_kill(&f->hub);
    hub_start(&f->hub, NULL);
    assert_true(hub_until(&f->hub, &f->board->opened, opened + 1, PATIENCE_MS));
    assert_true(hub_until(&f->hub, &f->op->opened, 2, PATIENCE_MS));

    const Mash__V1__ActReply *reply = answer_to(f->board, &a);

    then_done(reply, 1);
    assert_int_equal(reply->sequence, 0); /* nothing new was recorded */
    compose(&a, "bp-2");
    assert_int_equal(answer_to(f->board, &a)->n_changed, 1);
}

/* It dies at once: perhaps nothing was done. Whichever it was, the repeat does it once. */
static void an_act_that_kill_9_may_have_swallowed_is_done_once_by_its_repeat(void **state)
{
    board_story *f = *state;
    acting a;
    int opened = f->board->opened;
    compose(&a, "bp-1");
    send_only(f->board, &a);
    hub_kill(&f->hub);
    hub_start(&f->hub, NULL);
    assert_true(hub_until(&f->hub, &f->board->opened, opened + 1, PATIENCE_MS));

    then_done(answer_to(f->board, &a), 1);
    then_done(answer_to(f->board, &a), 1);
}

static void a_key_that_is_no_gateway_may_not_act(void **state)
{
    board_story *f = *state;
    acting a;
    peer *consumer = enrol(f->op, "team-alerts", MASH__V1__PEER_KIND__PEER_KIND_CONSUMER, "bench-team");
    peer_open(consumer);
    compose(&a, "bp-1");

    then_fault(consumer, &a, MASH__V1__FAULT_CODE__FAULT_NOT_ALLOWED, "act");
    then_fault(f->adapter, &a, MASH__V1__FAULT_CODE__FAULT_NOT_ALLOWED, "act");
    then_fault(f->op, &a, MASH__V1__FAULT_CODE__FAULT_NOT_ALLOWED, "act");
}

static void a_malformed_act_is_told_its_field(void **state)
{
    board_story *f = *state;
    acting a;
    uint64_t before = records(f);
    static char long_text[4002];
    memset(long_text, 'x', sizeof long_text - 1);
    Mash__V1__Rate rate = MASH__V1__RATE__INIT;
    Mash__V1__Hold hold = MASH__V1__HOLD__INIT;

    compose(&a, "bp-1");
    a.act.command_id.len = 15;
    then_fault(f->board, &a, MASH__V1__FAULT_CODE__FAULT_MALFORMED, "act.command_id");
    compose(&a, "bp-1");
    memset(a.id.bytes, 0, sizeof a.id.bytes);
    then_fault(f->board, &a, MASH__V1__FAULT_CODE__FAULT_MALFORMED, "act.command_id");
    compose(&a, "bp-1");
    a.act.reason = long_text;
    then_fault(f->board, &a, MASH__V1__FAULT_CODE__FAULT_MALFORMED, "act.reason");
    compose(&a, "bp-1");
    say_note(&a, long_text);
    then_fault(f->board, &a, MASH__V1__FAULT_CODE__FAULT_MALFORMED, "act.note.text");
    compose(&a, "bp-1");
    rate.rating = (Mash__V1__Rating)99;
    a.act.what_case = MASH__V1__ACT__WHAT_RATE;
    a.act.rate = &rate;
    then_fault(f->board, &a, MASH__V1__FAULT_CODE__FAULT_MALFORMED, "act.rate.rating");
    hold.until_ms = -1;
    a.act.what_case = MASH__V1__ACT__WHAT_HOLD;
    a.act.hold = &hold;
    then_fault(f->board, &a, MASH__V1__FAULT_CODE__FAULT_MALFORMED, "act.hold.until_ms");
    a.act.what_case = MASH__V1__ACT__WHAT__NOT_SET;
    then_fault(f->board, &a, MASH__V1__FAULT_CODE__FAULT_UNKNOWN_REQUEST, "act.what");

    assert_int_equal(records(f), before);
}

static void an_act_in_another_encoding_is_told_its_field(void **state)
{
    board_story *f = *state;
    acting a;
    compose(&a, "bp-1");
    say_note(&a, "caf\xe9");
    send_only(f->board, &a);

    assert_true(hub_until(&f->hub, &f->board->faults, 1, PATIENCE_MS));

    assert_int_equal(f->board->fault, MASH__V1__FAULT_CODE__FAULT_MALFORMED);
    assert_string_equal(f->board->fault_field, "act.note.text");
}

/* Decided is not done: who is told "done" walks away. */
static void on_a_full_disk_no_act_is_answered_done_and_its_end_is_noticed_by_itself(void **state)
{
    board_story *f = *state;
    acting first, second;
    const Mash__V1__HubFrame *answer;
    char sign[96];
    (void)snprintf(sign, sizeof sign, "%s/full", f->hub.folder);
    assert_int_equal(hub_stop(&f->hub), 0);
    hub_start(&f->hub, sign);
    assert_true(hub_until(&f->hub, &f->board->opened, 2, PATIENCE_MS));
    subscribe(f->board, "bench-team", "", NULL, 0, 100);
    assert_true(hub_until(&f->hub, &f->board->delivery_count, 1, PATIENCE_MS));
    FILE *file = fopen(sign, "w");
    assert_non_null(file);
    assert_int_equal(fclose(file), 0);

    compose(&first, "bp-1");
    assert_int_equal(bus_client_ask(f->board->client, &f->hub.loop, &first.frame, 300, &f->hub.arena, &answer, NULL),
                     HUB_ERR_AGAIN);
    compose(&second, "bp-2");
    assert_int_equal(answer_to(f->board, &second)->code, MASH__V1__ACT_CODE__ACT_RETRY_LATER);
    assert_int_equal(f->board->delivery_count, 1);

    assert_int_equal(unlink(sign), 0);
    assert_true(hub_until(&f->hub, &f->board->delivery_count, 2, PATIENCE_MS));
    then_done(answer_to(f->board, &first), 1);
    assert_int_equal(answer_to(f->board, &second)->code, MASH__V1__ACT_CODE__ACT_STALE);
}

/* What people write about people stays in the sealed part of the record. */
static void nothing_that_was_written_is_in_the_log(void **state)
{
    board_story *f = *state;
    acting a;
    char search[160];
    compose(&a, "bp-1");
    say_note(&a, "quokka: told us so herself");
    assert_int_equal(answer_to(f->board, &a)->code, MASH__V1__ACT_CODE__ACT_DONE);
    compose(&a, "quokka");
    assert_int_equal(answer_to(f->board, &a)->code, MASH__V1__ACT_CODE__ACT_NOT_ALLOWED);
    compose(&a, "bp-1");
    say_note(&a, "quokka \xe9");
    send_only(f->board, &a);
    assert_true(hub_until(&f->hub, &f->board->faults, 1, PATIENCE_MS));
    assert_int_equal(hub_stop(&f->hub), 0);

    (void)snprintf(search, sizeof search, "test -s %s/log && ! grep -q quokka %s/log", f->hub.folder, f->hub.folder);
    assert_int_equal(system(search), 0);
}

static void the_list_of_keys_says_for_which_teams_a_gateway_acts(void **state)
{
    board_story *f = *state;
    const Mash__V1__Status *status = status_of(f->op);

    assert_string_equal(status->peers[2]->name, "board");
    assert_int_equal(status->peers[2]->n_may_act_for, 1);
    assert_string_equal(status->peers[2]->may_act_for[0], "bench-practice");
    assert_int_equal(status->peers[0]->n_may_act_for, 0);
}

/* ---- the daily list -------------------------------------------------------------------------------------------------------------- */
static const Mash__V1__HubFrame *ask_for_list(peer *by, const char *who)
{
    static Mash__V1__DailyListRequest wanted;
    static Mash__V1__ClientFrame frame;
    mash__v1__daily_list_request__init(&wanted);
    mash__v1__client_frame__init(&frame);
    wanted.queue = (char *)"bench-team";
    wanted.on_behalf_of = (char *)(uintptr_t)who;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_DAILY_LIST;
    frame.daily_list = &wanted;
    return ask(by, &frame);
}

/* Looked through on one machine, signed at the hub: what is signed is what the list said. */
static void a_person_is_shown_the_daily_list_and_signs_what_was_on_it(void **state)
{
    board_story *f = *state;
    acting a;
    Mash__V1__Rate blue = MASH__V1__RATE__INIT;
    Mash__V1__Sign sign = MASH__V1__SIGN__INIT;
    blue.rating = MASH__V1__RATING__RATING_BLUE;
    compose(&a, "bp-1");
    a.act.what_case = MASH__V1__ACT__WHAT_RATE;
    a.act.rate = &blue;
    a.act.reason = (char *)"for information";
    then_done(answer_to(f->board, &a), 1);

    const Mash__V1__HubFrame *answer = ask_for_list(f->board, "bp-3");
    assert_int_equal(answer->body_case, MASH__V1__HUB_FRAME__BODY_DAILY_LIST);
    assert_int_equal(answer->daily_list->n_items, 1);
    assert_string_equal(answer->daily_list->items[0]->alert_id, "A1");
    sign.seen_sequence = answer->daily_list->sequence;

    compose(&a, "bp-3");
    a.act.item = (char *)"Q:bench-team";
    a.act.what_case = MASH__V1__ACT__WHAT_SIGN;
    a.act.sign = &sign;
    const Mash__V1__ActReply *reply = answer_to(f->board, &a);
    then_done(reply, 0);
    assert_int_equal(reply->number, 1);
    assert_int_equal(ask_for_list(f->board, "bp-3")->daily_list->n_items, 0);
}

static void a_list_is_shown_to_nobody_who_does_not_work_it(void **state)
{
    board_story *f = *state;

    assert_int_equal(ask_for_list(f->board, "bv-1")->fault->code, MASH__V1__FAULT_CODE__FAULT_NOT_ALLOWED);
    assert_string_equal(ask_for_list(f->board, "")->fault->field_path, "daily_list.on_behalf_of");
    assert_int_equal(ask_for_list(f->adapter, "")->fault->code, MASH__V1__FAULT_CODE__FAULT_UNKNOWN_QUEUE);
    assert_int_equal(ask_for_list(f->op, "")->body_case, MASH__V1__HUB_FRAME__BODY_DAILY_LIST);
}

int main(void)
{
    host_random_start();
#define T(f) cmocka_unit_test_setup_teardown(f, setup, board_story_remove)
    const struct CMUnitTest tests[] = {
        T(a_person_claims_an_alert_and_everybody_who_has_it_is_told),
        T(the_second_claim_is_stale_and_hears_who_was_first),
        T(a_refused_act_is_recorded_once_and_its_repeat_is_refused_again),
        T(an_act_repeated_after_a_broken_connection_gets_its_first_answer),
        T(an_act_repeated_after_kill_9_gets_its_first_answer),
        T(an_act_that_kill_9_may_have_swallowed_is_done_once_by_its_repeat),
        T(a_key_that_is_no_gateway_may_not_act),
        T(a_malformed_act_is_told_its_field),
        T(an_act_in_another_encoding_is_told_its_field),
        T(on_a_full_disk_no_act_is_answered_done_and_its_end_is_noticed_by_itself),
        T(nothing_that_was_written_is_in_the_log),
        T(a_person_is_shown_the_daily_list_and_signs_what_was_on_it),
        T(a_list_is_shown_to_nobody_who_does_not_work_it),
        T(the_list_of_keys_says_for_which_teams_a_gateway_acts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
