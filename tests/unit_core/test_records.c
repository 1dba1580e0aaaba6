/* Records and the fold: order, erasure, newer versions, snapshots, and the keys by which records are found. */
#include "story.h"

#include <string.h>

#include "base/hash.h"
#include "core/state.h"

/* Erasing a person must not stop the hub from starting: a record folds without its event (C4). */
static void a_record_whose_event_was_erased_still_folds(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    core_record record = last_record(s);
    record.sequence++;
    record.event = NULL;
    record.personal = NULL;
    ((Mash__V1__PersonLinked *)(uintptr_t)fact(s, 30, 0)->person_linked)->person = 2;
    ((Mash__V1__AlertOpened *)(uintptr_t)fact(s, 40, 0)->alert_opened)->alert = 2;
    ((Mash__V1__AlertOpened *)(uintptr_t)fact(s, 40, 0)->alert_opened)->person = 2;
    for (size_t i = 0; i < facts(s, 50); i++) {
        ((Mash__V1__ClockStarted *)(uintptr_t)fact(s, 50, i)->clock_started)->alert = 2;
        ((Mash__V1__ClockStarted *)(uintptr_t)fact(s, 50, i)->clock_started)->clock += facts(s, 50);
    }
    hub_error err;

    record.peer = POLICE;
    assert_int_equal(core_reserve(s->state, &record, &err), HUB_OK);
    core_evolve(s->state, &record);

    assert_int_equal(core_count(s->state).events_accepted, 2);
}

static void a_record_out_of_order_is_refused(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    core_record record = last_record(s);
    hub_error err;

    assert_int_equal(core_reserve(s->state, &record, &err), HUB_ERR_CORRUPT);
}

/* A fact of a newer version that matters: going on without it would be a guess. One that only explains is skipped. */
static void an_unknown_essential_fact_refuses_to_fold_and_an_ignorable_one_is_skipped(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    Mash__V1__Fact unknown = MASH__V1__FACT__INIT;
    unknown.kind = 999;
    Mash__V1__Fact *list[] = {&unknown};
    Mash__V1__Control control = MASH__V1__CONTROL__INIT;
    control.format = 9;
    control.facts = list;
    control.n_facts = 1;
    core_record record = {.sequence = core_sequence(s->state) + 1, .time_ms = s->now_ms, .control = &control};
    hub_error err;

    assert_int_equal(core_reserve(s->state, &record, &err), HUB_ERR_VERSION);
    assert_non_null(strstr(err.text, "kind 999"));
    unknown.ignorable = true;
    assert_int_equal(core_reserve(s->state, &record, &err), HUB_OK);
}

/* A start from a snapshot must decide exactly as a start from record 1. */
static void a_snapshot_read_back_is_the_same_state(void **fixture)
{
    story *s = *fixture;
    for (int i = 1; i <= 20; i++)
        publish(s, (event_said){.number = i, .grade = i % 2 ? HIGH : MEDIUM});
    hub_buffer first = {0};
    hub_buffer second = {0};
    assert_int_equal(core_snapshot_write(s->state, &first), HUB_OK);
    core_state *read = NULL;
    hub_error err;

    assert_int_equal(core_snapshot_read(hub_buffer_bytes(&first), &read, &err), HUB_OK);
    core_attach_policy(read, 1, s->policy);

    assert_true(core_digest(read) == core_digest(s->state));
    assert_int_equal(core_snapshot_write(read, &second), HUB_OK);
    assert_true(hub_bytes_equal(hub_buffer_bytes(&first), hub_buffer_bytes(&second)));
    assert_int_equal(core_count(read).next_due_ms, core_count(s->state).next_due_ms);
    core_close(s->refolded);
    s->refolded = read; /* and it goes on like the other */
    publish(s, (event_said){.number = 21});
    (void)tick_after(s, 30 * DAY_MS);
    hub_buffer_free(&first);
    hub_buffer_free(&second);
}

static void a_damaged_snapshot_is_refused(void **fixture)
{
    story *s = *fixture;
    hub_buffer bytes = {0};
    assert_int_equal(core_snapshot_write(s->state, &bytes), HUB_OK);
    bytes.data[bytes.size / 2] ^= 1;
    core_state *read = NULL;
    hub_error err;

    assert_int_equal(core_snapshot_read(hub_buffer_bytes(&bytes), &read, &err), HUB_ERR_CORRUPT);
    assert_null(read);
    hub_buffer_free(&bytes);
}

static bool has_ref(const uint64_t *refs, uint32_t count, uint64_t ref)
{
    for (uint32_t i = 0; i < count; i++) {
        if (refs[i] == ref) return true;
    }
    return false;
}

/* "Find" works by the same keys under which the record was filed. */
static void a_record_is_found_by_number_reference_event_and_alert(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .people = {{.role = CHILD, .nhs = NHS_ANNE, .local = "C-1"}}});
    core_record record = last_record(s);
    uint64_t refs[CORE_REFS_MAX];
    uint32_t count = core_record_refs(s->state, &record, refs);
    static const char *const KEYS[] = {"nhs:999 000 0018", "local:case/1:C-1", "reference:story/1:1", "alert:A1",
                                       "event:00000001-0000-8000-8000-000000000000"};
    for (size_t i = 0; i < sizeof KEYS / sizeof KEYS[0]; i++) {
        uint64_t ref = 0;
        hub_error err;
        assert_int_equal(core_query_ref(s->state, KEYS[i], &ref, &err), HUB_OK);
        assert_true(has_ref(refs, count, ref));
    }
}

/* A mistyped number must not come back in an error text, a log, a screenshot. */
static void a_bad_key_is_refused_without_repeating_it(void **fixture)
{
    story *s = *fixture;
    uint64_t ref;
    hub_error err;

    assert_int_equal(core_query_ref(s->state, "nhs:1234567890", &ref, &err), HUB_ERR_INVALID);

    assert_null(strstr(err.text, "1234567890"));
}

/* Operators see that something came, from whom and where it went, and nothing of what it said. */
static void a_record_described_in_one_line_holds_no_personal_data(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .grade = HIGH});
    core_record record = last_record(s);
    record.peer = POLICE;

    core_view view = core_view_of(s->state, 1, &record);
    Mash__V1__TailItem *item = core_describe(&view, &s->kept);

    assert_string_equal(item->what, "event accepted");
    assert_string_equal(item->peer, "police");
    assert_string_equal(item->payload, "child_concern");
    assert_string_equal(item->alert_id, "A1");
    assert_int_equal(item->n_queues, 2);
    assert_string_equal(item->rules[0], "R-HIGH");
    Mash__V1__Where where = MASH__V1__WHERE__INIT;
    where.key = (char *)(uintptr_t) "rating";
    where.value = (char *)(uintptr_t) "red";
    const Mash__V1__Where *all[] = {&where};
    assert_true(core_where_holds(item, all, 1));
    where.value = (char *)(uintptr_t) "green";
    assert_false(core_where_holds(item, all, 1));
    where.key = (char *)(uintptr_t) "colour";
    hub_buffer why = {0};
    assert_false(core_where_check(s->state, 1, all, 1, &why));
    assert_string_equal(hub_buffer_text(&why),
                        "where: unknown key; the keys are agency, payload, queue, alert, rating, what, peer, rule");
    hub_buffer_free(&why);
}

/* Who reads the line looks for the word in proto/README.md; a number stands nowhere. */
static void a_refusal_described_in_one_line_says_its_code_in_words(void **fixture)
{
    story *s = *fixture;
    core_peer *police = (core_peer *)(uintptr_t)core_peer_numbered(s->state, POLICE);
    police->agency = MASH__V1__AGENCY__AGENCY_HOUSING;
    publish(s, (event_said){.number = 7});
    core_record record = last_record(s);

    core_view view = core_view_of(s->state, 1, &record);
    Mash__V1__TailItem *item = core_describe(&view, &s->kept);

    assert_string_equal(item->what, "event refused");
    assert_string_equal(item->detail, "refused: wrong agency at field agency");
}

/* A misspelt value finds nothing, and nothing looks like an answer. */
static void a_condition_that_can_never_hold_is_told_with_what_there_is(void **fixture)
{
    static const struct {
        uint32_t reader;
        const char *key, *value, *told;
    } CASES[] = {
        {1, "rating", "crimson", "where: rating is never that; it is one of blue, green, amber, red"},
        {1, "alert", "17", "where: alert is never that; an alert is written A and a number, like A17"},
        {1, "rule", "R-HIHG",
         "where: rule is never that; it is one of R-HIGH, R-ANY, R-MISSED, R-PLAN, R-TELL, R-VICTIM, R-FLAG, "
         "R-RELEASE, R-PUPIL"},
        {1, "peer", "polise", "where: peer is never that; it is one of hub, first-operator, police, health, team, board"},
        {TEAM, "queue", "duty", "where: queue is never that; it is one of front-door"},
        {TEAM, "rule", "R-OF-OTHERS", ""},
        {TEAM, "queue", "front-door", ""},
        {1, "what", "clock lapsed", ""},
        {1, "agency", "childrens-services", ""},
        {1, "payload", "missed_appointment", ""},
    };
    story *s = *fixture;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        Mash__V1__Where where = MASH__V1__WHERE__INIT;
        where.key = (char *)(uintptr_t)CASES[i].key;
        where.value = (char *)(uintptr_t)CASES[i].value;
        const Mash__V1__Where *all[] = {&where};
        hub_buffer why = {0};
        assert_int_equal(core_where_check(s->state, CASES[i].reader, all, 1, &why), CASES[i].told[0] == '\0');
        assert_string_equal(hub_buffer_text(&why), CASES[i].told);
        hub_buffer_free(&why);
    }
}

/* Room is kept in a batch before a decision is made: the largest decision of the largest facts must fit into it. */
static void the_most_facts_of_one_decision_fit_into_the_room_that_is_kept_for_them(void **state)
{
    (void)state;
    static Mash__V1__ClockStarted clocks[CORE_DECISION_FACTS_MAX]; /* of the facts of which a decision has many, the largest */
    static Mash__V1__Fact facts_made[CORE_DECISION_FACTS_MAX];
    static Mash__V1__Fact *list[CORE_DECISION_FACTS_MAX];
    for (size_t i = 0; i < CORE_DECISION_FACTS_MAX; i++) {
        mash__v1__clock_started__init(&clocks[i]);
        clocks[i].clock = clocks[i].alert = UINT32_MAX;
        clocks[i].rule = CORE_POLICY_CLOCKS_MAX;
        clocks[i].from_ms = clocks[i].due_ms = INT64_C(4102444800000); /* 2100 */
        clocks[i].provisional = clocks[i].late_on_arrival = true;
        mash__v1__fact__init(list[i] = &facts_made[i]);
        facts_made[i].kind = 50;
        facts_made[i].body_case = MASH__V1__FACT__BODY_CLOCK_STARTED;
        facts_made[i].clock_started = &clocks[i];
    }
    Mash__V1__Control control = MASH__V1__CONTROL__INIT;
    control.format = CORE_FORMAT;
    control.facts = list;
    control.n_facts = CORE_DECISION_FACTS_MAX;

    size_t size = mash__v1__control__get_packed_size(&control);

    assert_in_range(size, CORE_CONTROL_BYTES_MAX / 2, CORE_CONTROL_BYTES_MAX);
}

static void then_key_is_hash_of(const story *s, const char *key, const char *text)
{
    uint8_t hash[16];
    uint64_t ref = 0;
    hub_error err;
    hub_siphash128(s->state->numbers.secret, text, strlen(text), hash);
    assert_int_equal(core_query_ref(s->state, key, &ref, &err), HUB_OK);
    assert_true(ref == hub_get_u64(hash));
}

/* Journals hold these hashes for years: what is hashed for a key may never be written in another way. */
static void a_key_is_the_hash_of_its_text_as_ever(void **fixture)
{
    story *s = *fixture;
    then_key_is_hash_of(s, "alert:A0", "alert:A0");
    then_key_is_hash_of(s, "A17", "alert:A17");
    then_key_is_hash_of(s, "D9", "disagreement:D9");
    then_key_is_hash_of(s, "request:R10", "request:R10");
    then_key_is_hash_of(s, "F999999999999999999", "feedback:F999999999999999999");
    then_key_is_hash_of(s, "event:00010203-0405-8607-8809-0a0b0c0d0eff", "event:000102030405860788090a0b0c0d0eff");
    then_key_is_hash_of(s, "reference:police/1:CR/2026/17", "reference:police/1:CR/2026/17");
}

/* Of a school trip every child must be found, by each of its numbers. */
static void every_child_of_a_large_event_is_found_by_every_number(void **fixture)
{
    enum { CHILDREN = 64, NUMBERS = 3 };
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    core_record record = last_record(s);
    Mash__V1__Event event = *record.event;
    Mash__V1__Subject children[CHILDREN];
    Mash__V1__Subject *subjects[CHILDREN];
    Mash__V1__Identifier numbers[CHILDREN][NUMBERS];
    Mash__V1__Identifier *lists[CHILDREN][NUMBERS];
    char values[CHILDREN][NUMBERS][16];
    for (size_t i = 0; i < CHILDREN; i++) {
        mash__v1__subject__init(subjects[i] = &children[i]);
        for (size_t k = 0; k < NUMBERS; k++) {
            mash__v1__identifier__init(lists[i][k] = &numbers[i][k]);
            (void)hub_format(values[i][k], sizeof values[i][k], "%zu-%zu", i, k);
            numbers[i][k].scheme = MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_LOCAL;
            numbers[i][k].system = (char *)(uintptr_t) "case/1";
            numbers[i][k].value = values[i][k];
        }
        children[i].identifiers = lists[i];
        children[i].n_identifiers = NUMBERS;
    }
    event.subjects = subjects;
    event.n_subjects = CHILDREN;
    record.event = &event;

    uint64_t refs[CORE_REFS_MAX];
    uint32_t count = core_record_refs(s->state, &record, refs);

    uint64_t last = 0;
    hub_error err;
    assert_int_equal(core_query_ref(s->state, "local:case/1:63-2", &last, &err), HUB_OK);
    assert_true(has_ref(refs, count, last));
    assert_in_range(count, CHILDREN * NUMBERS + 3, CHILDREN * NUMBERS + 4);
}

/* A queue's log answers from any position, also from the middle and past the end. */
static void a_queue_is_read_from_any_position(void **fixture)
{
    story *s = *fixture;
    uint64_t first = core_sequence(s->state);
    for (int i = 1; i <= 5; i++)
        publish(s, (event_said){.number = i});
    uint32_t queue = core_queue_number(s->state, "front-door");

    assert_int_equal(core_queue_next(s->state, queue, 0), first + 1);
    assert_int_equal(core_queue_next(s->state, queue, first + 3), first + 4);
    assert_int_equal(core_queue_next(s->state, queue, first + 5), 0);
    assert_int_equal(core_queue_waiting(s->state, queue, first + 2), 3);
}

/* Receipts only ever go forward: a late, smaller one changes nothing. */
static void a_receipt_never_goes_back(void **fixture)
{
    story *s = *fixture;
    uint32_t queue = core_queue_number(s->state, "front-door");
    core_receipt receipt = {.peer = TEAM, .queue = queue, .sequence = 9, .consumer = "team"};
    command(s, (core_command){.kind = CORE_RECEIVE, .peer = TEAM, .of.receive = {&receipt, 1}});
    receipt.sequence = 4;

    command(s, (core_command){.kind = CORE_RECEIVE, .peer = TEAM, .of.receive = {&receipt, 1}});

    assert_false(recorded(s));
    assert_int_equal(core_receipt_of(s->state, queue, "team"), 9);
}

#define TELL(test) cmocka_unit_test_setup_teardown(test, story_begin, story_end)

/* "335095 s late" tells nobody that four days went by. */
static void lateness_is_told_in_the_units_that_people_use(void **state)
{
    static const struct {
        int64_t late_ms;
        const char *text;
    } CASES[] = {{999, "0 s"},           {41000, "41 s"},         {3599999, "59 min"},
                 {7500000, "2 h 5 min"}, {86400000, "1 day 0 h"}, {335095000, "3 days 21 h"}};
    (void)state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        char text[40];
        core_late_text(CASES[i].late_ms, text);
        assert_string_equal(text, CASES[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lateness_is_told_in_the_units_that_people_use),
        TELL(a_record_whose_event_was_erased_still_folds),
        TELL(a_record_out_of_order_is_refused),
        TELL(an_unknown_essential_fact_refuses_to_fold_and_an_ignorable_one_is_skipped),
        TELL(a_snapshot_read_back_is_the_same_state),
        TELL(a_damaged_snapshot_is_refused),
        TELL(a_record_is_found_by_number_reference_event_and_alert),
        TELL(a_bad_key_is_refused_without_repeating_it),
        TELL(a_record_described_in_one_line_holds_no_personal_data),
        TELL(a_refusal_described_in_one_line_says_its_code_in_words),
        TELL(a_condition_that_can_never_hold_is_told_with_what_there_is),
        cmocka_unit_test(the_most_facts_of_one_decision_fit_into_the_room_that_is_kept_for_them),
        TELL(a_key_is_the_hash_of_its_text_as_ever),
        TELL(every_child_of_a_large_event_is_found_by_every_number),
        TELL(a_queue_is_read_from_any_position),
        TELL(a_receipt_never_goes_back),
    };
    return cmocka_run_group_tests_name("records", tests, NULL, NULL);
}
