/* Acts as no honest board would send them: every act with every field wrong, on every item, by everybody. Whatever comes, the hub answers,
 * names the field, and stays as it was. */
#include "story_disagreement.h"

#include <stdio.h>
#include <string.h>

#include "core/state.h"
#include "event/wire.h"

static char WORDS[] = "words", HEALTH_AGENCY[] = "health", LONG[20002];

/* ---- a world in which every act can be done ------------------------------------------------------------------------------------ */

static void alert_about(story *s, int number, const char *child)
{
    publish(s, (event_said){.number = number, .from = HEALTH, .people = {{.role = CHILD, .local = child}}});
}

static const Mash__V1__ActReply *rate_blue(story *s, const char *item)
{
    Mash__V1__Rate body = MASH__V1__RATE__INIT;
    body.rating = MASH__V1__RATING__RATING_BLUE;
    return act(s, (act_said){.by = "anna", .item = item, .what = MASH__V1__ACT__WHAT_RATE, .body = &body, .reason = "known"});
}

static const Mash__V1__ActReply *on(story *s, const char *item, Mash__V1__Act__WhatCase what, void *body)
{
    return act(s, (act_said){.by = "anna", .item = item, .what = what, .body = body, .reason = "a reason"});
}

static uint64_t event_of_a2; /* its record */

/* A1 is the other door's and disputed twice (D1 open, D2 closed), A2 anna's with a question (R1), A3 held by anna, A4 ended with feedback
 * owed (F1), A5 blue, A6 nobody's, A7 offered to bob, A8 the other door's and not disputed, A9 one that bob
 * is a party to and health is not told of. */
static void given_a_world(story *s)
{
    Mash__V1__Hold hold_body = MASH__V1__HOLD__INIT;
    Mash__V1__RequestInformation ask_body = MASH__V1__REQUEST_INFORMATION__INIT;
    Mash__V1__Decide decide_body = MASH__V1__DECIDE__INIT;
    Mash__V1__HandOver offer = MASH__V1__HAND_OVER__INIT;
    it_is_disputed(s);
    it_is_settled(s);
    then_done(dispute(s, (dispute_said){.by = "anna", .with = "other-team"}));
    for (int i = 2; i <= 9; i++) {
        char child[8];
        (void)snprintf(child, sizeof child, "C-%d", i);
        alert_about(s, i, child);
        if (i == 2) event_of_a2 = core_sequence(s->state);
    }
    then_done(on(s, "A2", MASH__V1__ACT__WHAT_CLAIM, NULL));
    ask_body.agency = (char *)"health", ask_body.question = (char *)"what do you know?";
    then_done(on(s, "A2", MASH__V1__ACT__WHAT_REQUEST_INFORMATION, &ask_body));
    then_done(on(s, "A3", MASH__V1__ACT__WHAT_CLAIM, NULL));
    hold_body.until_ms = s->now_ms + DAY_MS;
    then_done(on(s, "A3", MASH__V1__ACT__WHAT_HOLD, &hold_body));
    then_done(on(s, "A4", MASH__V1__ACT__WHAT_CLAIM, NULL));
    decide_body.person = fact(s, 91, 0)->owner_changed->alert; /* A4 is about person 4 */
    decide_body.outcome = (char *)"no_further_action", decide_body.rationale = (char *)"weighed";
    decide_body.feedback = (char *)"thank you";
    then_done(on(s, "A4", MASH__V1__ACT__WHAT_DECIDE, &decide_body));
    then_done(rate_blue(s, "A5"));
    then_done(on(s, "A7", MASH__V1__ACT__WHAT_CLAIM, NULL));
    offer.to = (char *)"bob";
    then_done(on(s, "A7", MASH__V1__ACT__WHAT_HAND_OVER, &offer));
    Mash__V1__Reassign elsewhere = MASH__V1__REASSIGN__INIT;
    elsewhere.queue = (char *)"other-door";
    then_done(act(
        s, (act_said){.by = "dina", .item = "A8", .what = MASH__V1__ACT__WHAT_REASSIGN, .body = &elsewhere, .reason = "moved"}));
    Mash__V1__DeclareParty party = MASH__V1__DECLARE_PARTY__INIT;
    Mash__V1__Withhold withhold = MASH__V1__WITHHOLD__INIT;
    party.staff = (char *)"bob", withhold.agency = HEALTH_AGENCY;
    then_done(act(
        s, (act_said){.by = "mona", .item = "A9", .what = MASH__V1__ACT__WHAT_DECLARE_PARTY, .body = &party, .reason = "kin"}));
    then_done(on(s, "A9", MASH__V1__ACT__WHAT_WITHHOLD, &withhold));
    assert_int_equal(core_alert_count(s->state), 9);
}

/* ---- acts that are well said ----------------------------------------------------------------------------------------------------- */

/* A body of any act; what its fields are is in its descriptor. */
typedef union body {
    ProtobufCMessage base;
    Mash__V1__HandOver hand_over;
    Mash__V1__Rate rate;
    Mash__V1__Note note;
    Mash__V1__RequestInformation ask;
    Mash__V1__Answer answer;
    Mash__V1__Decide decide;
    Mash__V1__Reassign reassign;
    Mash__V1__Hold hold;
    Mash__V1__Restate restate;
    Mash__V1__Sign sign;
    Mash__V1__Withhold withhold;
    Mash__V1__DeclareParty party;
    Mash__V1__ClearParty cleared;
    Mash__V1__Share share;
    Mash__V1__ConfirmLink confirm;
    Mash__V1__SplitLink split;
    Mash__V1__Dispute dispute;
    Mash__V1__Respond respond;
    Mash__V1__Refer refer;
    Mash__V1__Settle settle;
    Mash__V1__RecordOutcome outcome;
} body;

static int64_t now_ms;
static uint64_t seen_sequence;

static void put_hand_over(body *b)
{
    b->hand_over.to = (char *)"bob";
}
static void put_rate(body *b)
{
    b->rate.rating = MASH__V1__RATING__RATING_RED;
}
static void put_note(body *b)
{
    b->note.text = WORDS;
}
static void put_ask(body *b)
{
    b->ask.agency = HEALTH_AGENCY, b->ask.question = WORDS;
}
static void put_answer(body *b)
{
    b->answer.text = WORDS;
}
static void put_decide(body *b)
{
    b->decide.person = 2, b->decide.outcome = (char *)"section_47", b->decide.rationale = WORDS;
    b->decide.legal_basis = WORDS, b->decide.feedback = WORDS;
}
static void put_reassign(body *b)
{
    b->reassign.queue = (char *)"other-door";
}
static void put_hold(body *b)
{
    b->hold.until_ms = now_ms + DAY_MS;
}
static void put_restate(body *b)
{
    b->restate.clock = (char *)"decision", b->restate.due_ms = now_ms + DAY_MS;
}
static void put_withhold(body *b)
{
    b->withhold.agency = HEALTH_AGENCY;
}
static void put_party(body *b)
{
    b->party.staff = (char *)"bob";
}
static void put_cleared(body *b)
{
    b->cleared.staff = (char *)"bob";
}
static void put_confirm(body *b)
{
    b->confirm.person = 2, b->confirm.other = 3, b->confirm.found = MASH__V1__LINK_AS__LINK_AS_SAME_PERSON;
}
static void put_split(body *b)
{
    b->split.person = 2, b->split.event = event_of_a2, b->split.subject = 1;
}
static void put_share(body *b)
{
    b->share.agency = HEALTH_AGENCY;
}
static void put_dispute(body *b)
{
    b->dispute.with_team = (char *)"other-team", b->dispute.position = WORDS;
}
static void put_respond(body *b)
{
    b->respond.position = WORDS;
}
static void put_settle(body *b)
{
    b->settle.agreement = WORDS;
}
static void put_outcome(body *b)
{
    b->outcome.outcome = WORDS;
}
static void put_sign(body *b)
{
    b->sign.seen_sequence = seen_sequence;
}
static void put_nothing(body *b)
{
    (void)b;
}

/* X(what, item, by, how its body is put) */
#define ACTS_WELL_SAID(X)                                                                                                        \
    X(CLAIM, "A6", "anna", put_nothing)                                                                                          \
    X(RELEASE, "A2", "anna", put_nothing)                                                                                        \
    X(HAND_OVER, "A2", "anna", put_hand_over)                                                                                    \
    X(RATE, "A2", "anna", put_rate)                                                                                              \
    X(NOTE, "A2", "anna", put_note)                                                                                              \
    X(REQUEST_INFORMATION, "A2", "anna", put_ask)                                                                                \
    X(ANSWER, "R1", "hana", put_answer)                                                                                          \
    X(DECIDE, "A2", "anna", put_decide)                                                                                          \
    X(REASSIGN, "A2", "mona", put_reassign)                                                                                      \
    X(HOLD, "A2", "anna", put_hold)                                                                                              \
    X(RESUME, "A3", "anna", put_nothing)                                                                                         \
    X(RESTATE, "A2", "mona", put_restate)                                                                                        \
    X(SEEN, "F1", "hana", put_nothing)                                                                                           \
    X(SIGN, "Q:front-door", "mona", put_sign)                                                                                    \
    X(WITHHOLD, "A2", "anna", put_withhold)                                                                                      \
    X(DECLARE_PARTY, "A2", "mona", put_party)                                                                                    \
    X(CLEAR_PARTY, "A9", "mona", put_cleared)                                                                                    \
    X(CONFIRM_LINK, "A2", "mona", put_confirm)                                                                                   \
    X(SPLIT_LINK, "A2", "mona", put_split)                                                                                       \
    X(SHARE, "A9", "mona", put_share)                                                                                            \
    X(WAIT, "A6", "anna", put_nothing)                                                                                           \
    X(DISPUTE, "A8", "anna", put_dispute)                                                                                        \
    X(RESPOND, "D2", "olga", put_respond)                                                                                        \
    X(REFER, "D2", "olga", put_nothing)                                                                                          \
    X(SETTLE, "D2", "olga", put_settle)                                                                                          \
    X(RECORD_OUTCOME, "D1", "olga", put_outcome)

typedef struct well_said {
    const char *name;
    Mash__V1__Act__WhatCase what;
    const char *item, *by;
    void (*put)(body *b);
} well_said;
#define ROW(name, item, by, put) {#name, MASH__V1__ACT__WHAT_##name, item, by, put},
static const well_said ROWS[] = {ACTS_WELL_SAID(ROW)};
enum { ROW_COUNT = sizeof ROWS / sizeof ROWS[0] };

typedef struct sending {
    Mash__V1__Act act;
    body of;
    uint8_t id[HUB_ID_BYTES];
} sending;

static uint32_t version_of(const story *s, const char *item)
{
    unsigned number = 0;
    if (sscanf(item, "A%u", &number) == 1 && number >= 1 && number <= core_alert_count(s->state))
        return core_alerts_at(s->state, number)->version;
    if (sscanf(item, "D%u", &number) == 1) return core_disagreement_version(s->state, number);
    return 0;
}

static void prepare(const story *s, const well_said *row, sending *out)
{
    *out = (sending){0};
    now_ms = s->now_ms;
    seen_sequence = core_sequence(s->state);
    mash__v1__act__init(&out->act);
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(&mash__v1__act__descriptor, row->what);
    protobuf_c_message_init(field->descriptor, &out->of);
    row->put(&out->of);
    out->act.what_case = row->what;
    out->act.hand_over = &out->of.hand_over; /* one pointer, whichever it is */
    out->act.on_behalf_of = (char *)(uintptr_t)row->by;
    out->act.item = (char *)(uintptr_t)row->item;
    out->act.version = version_of(s, row->item);
    out->act.reason = WORDS;
    memset(out->id, 0xfe, sizeof out->id);
    out->act.command_id = (ProtobufCBinaryData){.len = sizeof out->id, .data = out->id};
}

/* Decides; the state is not changed by it (C1). */
static const core_decision *decide(story *s, sending *what)
{
    static core_decision decision;
    static hub_buffer packed; /* reached to the end: no leak */
    core_command command = {.kind = CORE_ACT, .peer = GATEWAY, .at_ms = s->now_ms};
    memcpy(command.command_id.bytes, what->id, sizeof what->id);
    hub_buffer_clear(&packed);
    assert_int_equal(event_wire_pack(&what->act.base, &packed), HUB_OK);
    command.of.act.act = &what->act;
    command.of.act.bytes = hub_buffer_bytes(&packed);
    hub_arena_reset(&s->arena);
    assert_int_equal(core_decide(s->state, &command, &s->arena, &decision), HUB_OK);
    assert_non_null(decision.reply.act);
    assert_int_not_equal(decision.reply.text[0], '\0');
    return &decision;
}

static bool is_done(const core_decision *decision)
{
    return decision->reply.act->code == MASH__V1__ACT_CODE__ACT_DONE;
}

static void then_it_names(const core_decision *decision, const char *what, const char *field, const char *value)
{
    if (is_done(decision) || strstr(decision->reply.text, field) != NULL) return;
    fail_msg("%s with %s = %.40s: \"%s\" does not name the field", what, field, value, decision->reply.text);
}

/* ... and folds, on a copy of the state: what was decided on nonsense must not break the fold either. */
static void then_it_folds(story *s, const core_decision *decision)
{
    hub_buffer snapshot = {0};
    core_state *copy;
    hub_error err;
    assert_int_equal(core_snapshot_write(s->state, &snapshot), HUB_OK);
    assert_int_equal(core_snapshot_read(hub_buffer_bytes(&snapshot), &copy, &err), HUB_OK);
    hub_buffer_free(&snapshot);
    core_attach_policy(copy, 1, s->policy);
    core_record record = {.epoch = 1,
                          .sequence = core_sequence(copy) + 1,
                          .time_ms = s->now_ms,
                          .peer = GATEWAY,
                          .control = decision->control,
                          .personal = decision->personal};
    assert_int_equal(core_reserve(copy, &record, &err), HUB_OK);
    core_evolve(copy, &record);
    core_close(copy);
}

/* ---- stories ---------------------------------------------------------------------------------------------------------------------- */

/* The table is honest: as they stand all these acts are done. */
static void every_act_can_be_done(void **fixture)
{
    story *s = *fixture;
    given_a_world(s);
    for (size_t i = 0; i < ROW_COUNT; i++) {
        sending what;
        prepare(s, &ROWS[i], &what);
        const core_decision *decision = decide(s, &what);
        if (!is_done(decision)) fail_msg("%s: %s", ROWS[i].name, decision->reply.text);
        then_it_folds(s, decision);
    }
}

static void every_act_of_the_contract_is_in_the_table(void **fixture)
{
    (void)fixture;
    size_t acts = 0;
    for (unsigned i = 0; i < mash__v1__act__descriptor.n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &mash__v1__act__descriptor.fields[i];
        if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0) continue;
        acts++;
        bool is_there = false;
        for (size_t k = 0; k < ROW_COUNT; k++)
            is_there = is_there || (uint32_t)ROWS[k].what == field->id;
        if (!is_there) fail_msg("%s", field->name);
    }
    assert_int_equal(acts, ROW_COUNT);
}

static const char *const TEXTS[] = {"", "nobody-of-this-name", " ", "%s%n", "\x01\x7f", "A1", "D1", LONG};
static const int64_t NUMBERS[] = {0,         1,         2,          -1,        99,        999999999,
                                  INT32_MAX, INT32_MIN, UINT32_MAX, INT64_MAX, INT64_MIN, INT64_C(7258118399999)};

/* One field of a body with one value, as the type allows. */
static void then_field_is_judged(story *s, const well_said *row, const ProtobufCFieldDescriptor *field, const char *text,
                                 int64_t number)
{
    sending what;
    prepare(s, row, &what);
    uint8_t *at = (uint8_t *)&what.of + field->offset;
    char words[32];
    (void)snprintf(words, sizeof words, "%lld", (long long)number);
    if (field->type == PROTOBUF_C_TYPE_STRING)
        memcpy(at, &text, sizeof text);
    else if (field->type == PROTOBUF_C_TYPE_INT64 || field->type == PROTOBUF_C_TYPE_UINT64)
        memcpy(at, &number, sizeof number);
    else
        memcpy(at, &(int32_t){(int32_t)number}, sizeof(int32_t));
    char path[80];
    (void)snprintf(path, sizeof path, "%s.%s",
                   protobuf_c_message_descriptor_get_field(&mash__v1__act__descriptor, row->what)->name, field->name);
    const core_decision *decision = decide(s, &what);
    then_it_names(decision, row->name, path, field->type == PROTOBUF_C_TYPE_STRING ? text : words);
    if (is_done(decision)) then_it_folds(s, decision);
}

static void a_wrong_field_of_an_act_is_named(void **fixture)
{
    story *s = *fixture;
    given_a_world(s);
    for (size_t i = 0; i < ROW_COUNT; i++) {
        const ProtobufCMessageDescriptor *descriptor =
            protobuf_c_message_descriptor_get_field(&mash__v1__act__descriptor, ROWS[i].what)->descriptor;
        for (unsigned k = 0; k < descriptor->n_fields; k++) {
            const ProtobufCFieldDescriptor *field = &descriptor->fields[k];
            bool is_text = field->type == PROTOBUF_C_TYPE_STRING;
            for (size_t v = 0; v < (is_text ? sizeof TEXTS / sizeof TEXTS[0] : sizeof NUMBERS / sizeof NUMBERS[0]); v++)
                then_field_is_judged(s, &ROWS[i], field, is_text ? TEXTS[v] : NULL, is_text ? 0 : NUMBERS[v]);
        }
    }
}

static void a_wrong_head_of_an_act_is_named(void **fixture)
{
    static const uint32_t VERSIONS[] = {0, 1, 77, UINT32_MAX};
    story *s = *fixture;
    given_a_world(s);
    for (size_t i = 0; i < ROW_COUNT; i++) {
        for (size_t v = 0; v < sizeof TEXTS / sizeof TEXTS[0]; v++) {
            char *text = (char *)(uintptr_t)TEXTS[v];
            sending what;
            prepare(s, &ROWS[i], &what);
            what.act.on_behalf_of = text;
            then_it_names(decide(s, &what), ROWS[i].name, "on_behalf_of", text);
            prepare(s, &ROWS[i], &what);
            what.act.item = text;
            what.act.version = version_of(s, text);
            if (text[0] != 'A' && text[0] != 'D') then_it_names(decide(s, &what), ROWS[i].name, "item", text);
            prepare(s, &ROWS[i], &what);
            what.act.reason = text;
            then_it_names(decide(s, &what), ROWS[i].name, "reason", text);
        }
        for (size_t v = 0; v < sizeof VERSIONS / sizeof VERSIONS[0]; v++) {
            sending what;
            prepare(s, &ROWS[i], &what);
            what.act.version = VERSIONS[v];
            then_it_names(decide(s, &what), ROWS[i].name, "version", "another");
        }
    }
}

/* Whoever signs says that they have looked through the list of that day. */
static void a_list_of_another_age_is_not_signed(void **fixture)
{
    story *s = *fixture;
    given_a_world(s);
    then_refused(sign_list(s, "mona", "Q:front-door", 1), MASH__V1__ACT_CODE__ACT_REFUSED,
                 "sign.day: that day is more than a year ago");
    then_refused(sign_list(s, "mona", "Q:front-door", -1), MASH__V1__ACT_CODE__ACT_REFUSED, "sign.day");
}

/* Every act on every item by everybody: most make no sense, none may break anything. */
static void no_act_on_any_item_by_anybody_breaks_the_hub(void **fixture)
{
    static const char *const ITEMS[] = {"A1",
                                        "A2",
                                        "A3",
                                        "A4",
                                        "A5",
                                        "A6",
                                        "A7",
                                        "D1",
                                        "D2",
                                        "R1",
                                        "F1",
                                        "Q:front-door",
                                        "A0",
                                        "A8",
                                        "D0",
                                        "D3",
                                        "R0",
                                        "R2",
                                        "F2",
                                        "Q:",
                                        "Q:x",
                                        "A01",
                                        "a1",
                                        "A-1",
                                        "A1 ",
                                        "A",
                                        "X1",
                                        "A4294967297",
                                        "A18446744073709551617",
                                        "F",
                                        "R1R",
                                        "Q:front-door "};
    static const char *const PEOPLE[] = {"anna", "bob", "mona", "olga", "otto", "dora", "hana", "dina", "hugo", "nick"};
    story *s = *fixture;
    given_a_world(s);
    size_t done = 0;
    for (size_t i = 0; i < ROW_COUNT; i++) {
        for (size_t k = 0; k < sizeof ITEMS / sizeof ITEMS[0]; k++) {
            for (size_t p = 0; p < sizeof PEOPLE / sizeof PEOPLE[0]; p++) {
                sending what;
                prepare(s, &ROWS[i], &what);
                what.act.item = (char *)(uintptr_t)ITEMS[k];
                what.act.version = version_of(s, ITEMS[k]);
                what.act.on_behalf_of = (char *)(uintptr_t)PEOPLE[p];
                const core_decision *decision = decide(s, &what);
                if (is_done(decision)) then_it_folds(s, decision), done++;
            }
        }
    }
    assert_true(done > 100);
}

/* An act for people by a key that acts for none, and one that this version does not know. */
static void a_key_that_is_no_gateway_and_an_unknown_act_are_refused(void **fixture)
{
    story *s = *fixture;
    given_a_world(s);
    for (uint32_t peer = 1; peer <= core_peer_count(s->state); peer++) {
        sending what;
        prepare(s, &ROWS[0], &what);
        core_decision decision;
        core_command command = {.kind = CORE_ACT, .peer = peer, .at_ms = s->now_ms, .of.act.act = &what.act};
        memcpy(command.command_id.bytes, what.id, sizeof what.id);
        hub_arena_reset(&s->arena);
        assert_int_equal(core_decide(s->state, &command, &s->arena, &decision), HUB_OK);
        assert_int_equal(is_done(&decision), peer == GATEWAY);
    }
    sending what;
    prepare(s, &ROWS[0], &what);
    what.act.what_case = MASH__V1__ACT__WHAT__NOT_SET;
    then_it_names(decide(s, &what), "no act", "what", "nothing");
}

static int begin(void **fixture)
{
    memset(LONG, 'a', sizeof LONG - 1);
    return story_begin_with_ladders(fixture);
}

#define TELL(test) cmocka_unit_test_setup_teardown(test, begin, story_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_act_of_the_contract_is_in_the_table),
        TELL(every_act_can_be_done),
        TELL(a_wrong_field_of_an_act_is_named),
        TELL(a_wrong_head_of_an_act_is_named),
        TELL(a_list_of_another_age_is_not_signed),
        TELL(no_act_on_any_item_by_anybody_breaks_the_hub),
        TELL(a_key_that_is_no_gateway_and_an_unknown_act_are_refused),
    };
    return cmocka_run_group_tests_name("hostile acts", tests, NULL, NULL);
}
