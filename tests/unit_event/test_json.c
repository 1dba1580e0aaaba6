/* JSON that people write and programs read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "json/json.h"
#include "mash/v1/bus.pb-c.h"
#include "sample.h"

static int open_arena(void **state)
{
    static hub_arena arena; /* one for the group, reset by each test */
    *state = &arena;
    return hub_arena_open(&arena, 65536, 1 << 22) == HUB_OK ? 0 : -1;
}

static int close_arena(void **state)
{
    hub_arena_close(*state);
    return 0;
}

/* Whatever can be packed can be written, read and packed to the same bytes. */
static void a_message_comes_back_from_json_as_it_was(void **state)
{
    hub_arena *arena = *state;
    hub_arena_reset(arena);
    sample s;
    sample_make(&s);
    s.event.summary = (char *)"quote \" backslash \\ line\nbell \a caf\xc3\xa9";
    s.event.sensitivity = 9; /* a number without a name */
    uint8_t before[4096];
    uint8_t after[4096];
    size_t size = mash__v1__event__pack(&s.event, before);
    for (int form = JSON_COMPACT; form <= JSON_PRETTY; form++) {
        hub_buffer text = {0};
        assert_int_equal(json_of_message(&s.event.base, (json_form)form, &text), HUB_OK);
        ProtobufCMessage *again;
        hub_error err = {""};
        assert_int_equal(json_to_message(&mash__v1__event__descriptor, hub_buffer_bytes(&text), arena, &again, &err), HUB_OK);
        assert_int_equal(protobuf_c_message_get_packed_size(again), size);
        assert_int_equal(protobuf_c_message_pack(again, after), size);
        assert_memory_equal(before, after, size);
        hub_buffer_free(&text);
    }
}

static void fields_are_written_in_their_own_words(void **state)
{
    (void)state;
    sample s;
    sample_make(&s);
    hub_buffer text = {0};
    assert_int_equal(json_of_message(&s.child.base, JSON_COMPACT, &text), HUB_OK);
    assert_string_equal(
        hub_buffer_text(&text),
        "{\"roles\":[\"child\"],\"identifiers\":[{\"scheme\":\"nhs_number\",\"value\":\"999 000 0018\"},"
        "{\"scheme\":\"local\",\"value\":\"p-100\",\"system\":\"niche/"
        "44\"}],\"family_name\":\"Example\",\"given_names\":[\"Testa\"],"
        "\"date_of_birth\":\"2016-05-20\",\"addresses\":[{\"postcode\":\"zz99 3vz\",\"uprn\":100120883950,\"area\":\"E10000014\","
        "\"from\":\"2020\"}],\"picture\":{\"vulnerability_factors\":[{\"kind\":\"domestic_abuse\",\"since\":\"2025-12\"}],"
        "\"protective_factors\":[{\"kind\":\"supportive_family\"}]},\"school_urn\":\"100000\"}");
    hub_buffer_free(&text);
}

static void an_empty_message_is_an_empty_object(void **state)
{
    (void)state;
    Mash__V1__Goodbye goodbye = MASH__V1__GOODBYE__INIT;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_GOODBYE;
    frame.goodbye = &goodbye;
    hub_buffer text = {0};
    assert_int_equal(json_of_message(&frame.base, JSON_PRETTY, &text), HUB_OK);
    assert_string_equal(hub_buffer_text(&text), "{\n  \"goodbye\": {}\n}");
    hub_buffer_free(&text);
}

/* A digest uses all 64 bits; most JSON readers have only 63. */
static void a_number_beyond_signed_64_bits_is_decimal_text(void **state)
{
    hub_arena *arena = *state;
    hub_arena_reset(arena);
    Mash__V1__Status status = MASH__V1__STATUS__INIT;
    status.state_digest = UINT64_MAX;
    hub_buffer text = {0};
    assert_int_equal(json_of_message(&status.base, JSON_COMPACT, &text), HUB_OK);
    assert_string_equal(hub_buffer_text(&text), "{\"state_digest\":\"18446744073709551615\"}");
    ProtobufCMessage *again;
    assert_int_equal(json_to_message(&mash__v1__status__descriptor, hub_buffer_bytes(&text), arena, &again, NULL), HUB_OK);
    assert_true(((Mash__V1__Status *)again)->state_digest == UINT64_MAX);
    hub_buffer_free(&text);
}

static const struct {
    const char *text;
    int64_t time_ms;
} TIMES[] = {
    {"{\"occurred_at\":\"2026-03-02T09:00:00Z\"}", SAMPLE_NOW_MS},
    {"{\"occurred_at\":\"2026-03-02T10:00:00+01:00\"}", SAMPLE_NOW_MS},
    {"{\"occurred_at\":\"2026-03-02T03:30:00-05:30\"}", SAMPLE_NOW_MS},
    {"{\"occurred_at\":\"2026-03-02T09:00:00.25Z\"}", SAMPLE_NOW_MS + 250},
    {"{\"occurred_at\":1772442000000}", SAMPLE_NOW_MS},
};

static void times_may_be_written_as_people_write_them(void **state)
{
    hub_arena *arena = *state;
    for (size_t i = 0; i < sizeof TIMES / sizeof TIMES[0]; i++) {
        hub_arena_reset(arena);
        ProtobufCMessage *message;
        hub_error err = {""};
        assert_int_equal(json_to_message(&mash__v1__event__descriptor, hub_bytes_of_text(TIMES[i].text), arena, &message, &err),
                         HUB_OK);
        assert_true(((Mash__V1__Event *)message)->occurred_at == TIMES[i].time_ms);
    }
}

static void ids_may_be_hex_or_uuid_and_null_means_not_stated(void **state)
{
    hub_arena *arena = *state;
    hub_arena_reset(arena);
    const char *text = "{\"event_id\":\"07070707-0707-0707-0707-070707070707\",\"amends\":\"0A0b\",\"summary\":null}";
    ProtobufCMessage *message;
    assert_int_equal(json_to_message(&mash__v1__event__descriptor, hub_bytes_of_text(text), arena, &message, NULL), HUB_OK);
    const Mash__V1__Event *event = (const Mash__V1__Event *)message;
    assert_int_equal(event->event_id.len, 16);
    assert_int_equal(event->event_id.data[15], 7);
    assert_int_equal(event->amends.len, 2);
    assert_int_equal(event->amends.data[1], 0x0b);
    assert_string_equal(event->summary, "");
}

static const struct {
    const char *text;
    const char *says;
} WRONG[] = {
    {"{\"agency\":", "the JSON ends too early"},
    {"{\n \"agency\": poilce}", "line 2, column 17: not JSON"},
    {"{} x", "something follows after the end of the JSON"},
    {"{\"area\":\"a\",\"area\":\"b\"}", "a key stands twice in one object"},
    {"{\"area\":\"\xff\"}", "text that is not UTF-8"},
    {"{\"area\":\"a\\u0000b\"}", "text that holds NUL"},
    {"{\"occurred_at\":99999999999999999999}", "a number that is too large"},
    {"[]", "the message: must be an object in curly brackets"},
    {"{\"ocurred_at\":1}", "the message: holds a key \"ocurred_at\" that its message in proto/mash/v1 does not have"},
    {"{\"subjects\":[{},{\"Jo Example\":1}]}", "subjects[1]: holds a key that its message in proto/mash/v1 does not have"},
    {"{\"subjects\":{}}", "the message: holds a key \"subjects\" which must be a list in square brackets"},
    {"{\"subjects\":[{\"roles\":[\"chield\"]}]}", "subjects[0].roles[0]: must be one of the names of its enum in proto/mash/v1"},
    {"{\"sensitivity\":\"secret\"}", "sensitivity: must be one of official, sensitive, restricted"},
    {"{\"area\":7}", "area: must be text in quotes"},
    {"{\"exercise\":1}", "exercise: must be true or false"},
    {"{\"event_id\":\"0x12\"}", "event_id: must be hex digits, two a byte, or a UUID"},
    {"{\"event_id\":\"123\"}", "event_id: must be hex digits, two a byte, or a UUID"},
    {"{\"occurred_at\":\"2026-03-02T09:00:00\"}",
     "occurred_at: must be milliseconds since 1970, or a time such as 2026-04-07T12:30:00Z with its zone"},
    {"{\"occurred_at\":\"2026-02-30T09:00:00Z\"}",
     "occurred_at: must be milliseconds since 1970, or a time such as 2026-04-07T12:30:00Z with its zone"},
    {"{\"occurred_at\":1.5}", "occurred_at: must be a whole number"},
    {"{\"subjects\":[{\"date_of_birth\":\"20/05/2016\"}]}",
     "subjects[0].date_of_birth: must be a date such as 2026-04-07, or 2026-04, or 2026"},
    {"{\"subjects\":[{\"date_of_birth\":{\"year\":3000000000}}]}", "subjects[0].date_of_birth.year: is out of range"},
    {"{\"birth\":{},\"death\":{}}", "death: is a second choice where only one may be made"},
};

/* Told by place and rule; what stood there may be about a person. */
static void wrong_json_is_told_by_place_and_rule(void **state)
{
    hub_arena *arena = *state;
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        hub_arena_reset(arena);
        ProtobufCMessage *message;
        hub_error err = {""};
        assert_int_equal(json_to_message(&mash__v1__event__descriptor, hub_bytes_of_text(WRONG[i].text), arena, &message, &err),
                         HUB_ERR_INVALID);
        assert_null(message);
        if (strstr(err.text, WRONG[i].says) == NULL) fail_msg("row %zu says: %s", i, err.text);
    }
}

static void a_message_beyond_the_budget_is_refused(void **state)
{
    (void)state;
    hub_arena small;
    assert_int_equal(hub_arena_open(&small, 1024, 1024), HUB_OK);
    ProtobufCMessage *message;
    assert_int_equal(json_to_message(&mash__v1__event__descriptor, hub_bytes_of_text("{\"subjects\":[{},{},{},{},{}]}"), &small,
                                     &message, NULL),
                     HUB_ERR_MEMORY);
    assert_null(message);
    hub_arena_close(&small);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_comes_back_from_json_as_it_was),
        cmocka_unit_test(fields_are_written_in_their_own_words),
        cmocka_unit_test(an_empty_message_is_an_empty_object),
        cmocka_unit_test(a_number_beyond_signed_64_bits_is_decimal_text),
        cmocka_unit_test(times_may_be_written_as_people_write_them),
        cmocka_unit_test(ids_may_be_hex_or_uuid_and_null_means_not_stated),
        cmocka_unit_test(wrong_json_is_told_by_place_and_rule),
        cmocka_unit_test(a_message_beyond_the_budget_is_refused),
    };
    return cmocka_run_group_tests_name("json", tests, open_arena, close_arena);
}
