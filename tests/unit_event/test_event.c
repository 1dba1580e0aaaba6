/* Names, dates, event ids, and what the contract itself promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "event/event.h"
#include "event/limits.h"
#include "event/wire.h"
#include "sample.h"

/* The example of proto/README.md: whoever writes a client in another language checks themselves against it. */
static void the_event_id_of_the_readme_comes_out(void **state)
{
    (void)state;
    hub_id id;
    char text[HUB_ID_TEXT_BYTES];

    event_id_derive(MASH__V1__AGENCY__AGENCY_POLICE, "niche/44", "44260000001/1", 100, NULL, &id);
    hub_id_text(&id, text);
    assert_string_equal(text, "4d2644cd-c96c-870a-8501-6b5410735115");

    event_id_derive(MASH__V1__AGENCY__AGENCY_POLICE, "niche/44", "44260000001/1", 100, "child 3", &id);
    hub_id_text(&id, text);
    assert_string_equal(text, "38fdfe56-7ff9-82b2-ad17-110f8828af3b");
}

/* Lines end where they end: no two lists of parts may give one id. */
static void event_ids_differ_when_any_part_differs(void **state)
{
    (void)state;
    hub_id ids[5];
    event_id_derive(MASH__V1__AGENCY__AGENCY_POLICE, "ab", "c", 100, NULL, &ids[0]);
    event_id_derive(MASH__V1__AGENCY__AGENCY_POLICE, "a", "bc", 100, NULL, &ids[1]);
    event_id_derive(MASH__V1__AGENCY__AGENCY_HEALTH, "ab", "c", 100, NULL, &ids[2]);
    event_id_derive(MASH__V1__AGENCY__AGENCY_POLICE, "ab", "c", 101, NULL, &ids[3]);
    event_id_derive(MASH__V1__AGENCY__AGENCY_POLICE, "ab", "c", 100, "", &ids[4]);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(ids[i].bytes[6] >> 4, 8);
        assert_int_equal(ids[i].bytes[8] >> 6, 2);
        for (size_t k = i + 1; k < 5; k++)
            assert_false(hub_id_equal(&ids[i], &ids[k]));
    }
}

static const struct {
    int32_t year, month, day, days;
} DATES[] = {
    {1970, 1, 1, 0},     {1969, 12, 31, -1},   {2000, 2, 29, 11016},  {2000, 3, 1, 11017},
    {2026, 3, 2, 20514}, {1850, 1, 1, -43829}, {2200, 12, 31, 84370},
};

static void dates_and_days_are_the_same_thing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof DATES / sizeof DATES[0]; i++) {
        Mash__V1__Date date = MASH__V1__DATE__INIT;
        date.year = DATES[i].year, date.month = DATES[i].month, date.day = DATES[i].day;
        int32_t day, year, month, day_of_month;
        assert_true(event_date_day(&date, &day));
        assert_int_equal(day, DATES[i].days);
        event_day_date(day, &year, &month, &day_of_month);
        assert_int_equal(year, DATES[i].year);
        assert_int_equal(month, DATES[i].month);
        assert_int_equal(day_of_month, DATES[i].day);
    }
}

static void days_that_never_were_are_no_dates(void **state)
{
    (void)state;
    const struct {
        int32_t year, month, day;
    } NEVER[] = {{2023, 2, 29}, {1900, 2, 29}, {2026, 4, 31},  {2026, 0, 0},
                 {2026, 5, 0},  {2026, 13, 1}, {1849, 12, 31}, {2201, 1, 1}};
    for (size_t i = 0; i < sizeof NEVER / sizeof NEVER[0]; i++) {
        Mash__V1__Date date = MASH__V1__DATE__INIT;
        date.year = NEVER[i].year, date.month = NEVER[i].month, date.day = NEVER[i].day;
        int32_t day;
        assert_false(event_date_day(&date, &day));
    }
    int32_t day;
    assert_false(event_date_day(NULL, &day));
}

/* 1850 to 2200 day by day: the arithmetic has no hole at a leap day or a century. */
static void every_day_leads_back_to_itself(void **state)
{
    (void)state;
    for (int32_t day = -43829; day <= 84370; day++) {
        Mash__V1__Date date = MASH__V1__DATE__INIT;
        int32_t again;
        event_day_date(day, &date.year, &date.month, &date.day);
        assert_true(event_date_day(&date, &again));
        assert_int_equal(again, day);
    }
}

static void every_agency_and_payload_has_a_name_that_leads_back_to_it(void **state)
{
    (void)state;
    for (unsigned i = 1; i < mash__v1__agency__descriptor.n_values; i++) {
        Mash__V1__Agency agency = (Mash__V1__Agency)mash__v1__agency__descriptor.values[i].value;
        assert_non_null(event_agency_name(agency));
        assert_int_equal(event_agency_of_name(event_agency_name(agency)), agency);
    }
    assert_null(event_agency_name(0));
    assert_string_equal(event_payload_name(100), "domestic_abuse_incident");
    assert_int_equal(event_payload_of_name("care_service"), 143);
    assert_null(event_payload_name(1));
    assert_null(event_payload_name(99));
    assert_int_equal(event_payload_of_name("event_id"), 0);
    assert_int_equal(event_payload_of_name("nothing"), 0);
}

static void enum_values_are_named_without_their_prefix(void **state)
{
    (void)state;
    char name[64];
    int value;
    assert_string_equal(event_enum_name(&mash__v1__grade_level__descriptor, 4, name), "very_high");
    assert_string_equal(event_enum_name(&mash__v1__outbox_state__descriptor, 1, name), "outbox_continues");
    assert_string_equal(event_enum_name(&mash__v1__grade_level__descriptor, 77, name), "unknown");
    assert_true(event_enum_of_name(&mash__v1__grade_level__descriptor, "high", &value));
    assert_int_equal(value, 3);
    assert_true(event_enum_of_name(&mash__v1__grade_level__descriptor, "GRADE_LEVEL_VERY_HIGH", &value));
    assert_int_equal(value, 4);
    assert_false(event_enum_of_name(&mash__v1__grade_level__descriptor, "purple", &value));
}

typedef struct undecodable {
    const char *bytes;
    size_t size;
    Mash__V1__RefusalCode code;
    const char *path;
} undecodable;

static void bytes_that_are_no_event_are_refused_by_name(void **state)
{
    (void)state;
    static const char HUGE_EVENT[EVENT_BYTES_MAX + 1];
    const undecodable ROWS[] = {
        {"\x1a\x02\xc3\x28", 4, MASH__V1__REFUSAL_CODE__BAD_TEXT, "source_system"},
        {"\x1a\x02"
         "a\0",
         4, MASH__V1__REFUSAL_CODE__BAD_TEXT, "source_system"},
        {"\x72\x05\x1a\x03"
         "ab",
         6, MASH__V1__REFUSAL_CODE__MALFORMED_EVENT, ""},
        {"\x72\x04\x1a\x03"
         "ab",
         6, MASH__V1__REFUSAL_CODE__MALFORMED_EVENT, "subjects[0].family_name"},
        {"\x72\x00\x72\x02\x0a\x01", 6, MASH__V1__REFUSAL_CODE__MALFORMED_EVENT, "subjects[1].roles[0]"},
        {"\x18\x01", 2, MASH__V1__REFUSAL_CODE__MALFORMED_EVENT, "source_system"},
        {"\x0b", 1, MASH__V1__REFUSAL_CODE__MALFORMED_EVENT, ""},
        {"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 11, MASH__V1__REFUSAL_CODE__MALFORMED_EVENT, ""},
        {HUGE_EVENT, sizeof HUGE_EVENT, MASH__V1__REFUSAL_CODE__TOO_LARGE, ""},
    };
    hub_arena arena;
    assert_int_equal(hub_arena_open(&arena, 4096, 65536), HUB_OK);
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        event_problem problem;
        assert_null(event_decode(hub_bytes_of(ROWS[i].bytes, ROWS[i].size), &arena, &problem));
        assert_int_equal(problem.code, ROWS[i].code);
        if (ROWS[i].path[0] != '\0') assert_string_equal(problem.field_path, ROWS[i].path);
        assert_true(problem.reason[0] != '\0');
        hub_arena_reset(&arena);
    }
    hub_arena_close(&arena);
}

/* 20,000 empty subjects are 40 KB on the wire and megabytes unpacked. */
static void an_event_that_would_swell_beyond_its_budget_is_too_large(void **state)
{
    (void)state;
    uint8_t bytes[40000];
    for (size_t i = 0; i < sizeof bytes; i += 2)
        bytes[i] = 0x72, bytes[i + 1] = 0;
    hub_arena arena;
    assert_int_equal(hub_arena_open(&arena, 4096, 1 << 20), HUB_OK);
    event_problem problem;
    assert_null(event_decode(hub_bytes_of(bytes, sizeof bytes), &arena, &problem));
    assert_int_equal(problem.code, MASH__V1__REFUSAL_CODE__TOO_LARGE);
    hub_arena_close(&arena);
}

/* What this version does not know it does not pass on. */
/* Our packing is for speed only: the bytes must be those that any protobuf library gives, unknown fields and negative numbers too. */
static void packing_gives_the_bytes_of_the_library(void **state)
{
    (void)state;
    sample s;
    sample_make(&s);
    s.event.occurred_at = -1;
    hub_buffer packed = {0};
    assert_int_equal(event_wire_pack(&s.event.base, &packed), HUB_OK);
    hub_buffer_put(&packed, "\xfa\x3f\x03xyz", 6);
    hub_arena arena;
    assert_int_equal(hub_arena_open(&arena, 16384, 1 << 20), HUB_OK);
    event_problem problem;
    Mash__V1__Event *event = event_decode(hub_buffer_bytes(&packed), &arena, &problem);
    assert_non_null(event);
    uint8_t *expected = malloc(packed.size);
    assert_non_null(expected);
    size_t size = mash__v1__event__pack(event, expected);

    hub_buffer again = {0};
    assert_int_equal(event_wire_pack(&event->base, &again), HUB_OK);

    assert_int_equal(again.size, size);
    assert_memory_equal(again.data, expected, size);
    assert_memory_equal(again.data, packed.data, size);
    free(expected);
    hub_arena_close(&arena);
    hub_buffer_free(&packed);
    hub_buffer_free(&again);
}

static void unknown_fields_survive_unpacking_and_are_told_to_nobody(void **state)
{
    (void)state;
    sample s;
    sample_make(&s);
    hub_buffer packed = {0};
    assert_int_equal(event_wire_pack(&s.event.base, &packed), HUB_OK);
    size_t known = packed.size;
    hub_buffer_put(&packed, "\xfa\x3f\x03xyz", 6);
    hub_arena arena;
    assert_int_equal(hub_arena_open(&arena, 16384, 1 << 20), HUB_OK);
    event_problem problem;
    Mash__V1__Event *event = event_decode(hub_buffer_bytes(&packed), &arena, &problem);
    assert_non_null(event);
    assert_true(mash__v1__event__get_packed_size(event) > known);

    event_field_set all;
    memset(&all, 0xff, sizeof all);
    hub_buffer_clear(&packed);
    assert_int_equal(event_wire_pack_allowed(&event->base, &all, &packed), HUB_OK);

    assert_int_equal(packed.size, known);
    hub_arena_close(&arena);
    hub_buffer_free(&packed);
}

/* ---- the contract --------------------------------------------------------------------------------------------------------------- */

static bool holds(const ProtobufCMessageDescriptor *message, const void *type)
{
    for (unsigned i = 0; i < message->n_fields; i++) {
        if (message->fields[i].descriptor == type) return true;
    }
    return false;
}

static bool can_carry_risk(const ProtobufCMessageDescriptor *message)
{
    return holds(message, &mash__v1__factor_kind__descriptor) || holds(message, &mash__v1__factor__descriptor) ||
           holds(message, &mash__v1__grade__descriptor) || holds(message, &mash__v1__grade_level__descriptor) ||
           protobuf_c_message_descriptor_get_field_by_name(message, "circumstances") != NULL;
}

static void look_for_risk_without_strength(const ProtobufCMessageDescriptor *message, unsigned *looked_at)
{
    *looked_at += 1;
    bool is_part =
        message == &mash__v1__factor__descriptor || message == &mash__v1__grade__descriptor; /* of what holds the picture */
    if (can_carry_risk(message) && !is_part && message != &mash__v1__picture__descriptor &&
        !holds(message, &mash__v1__picture__descriptor))
        fail_msg("%s can carry a risk and has no Picture", message->name);
    for (unsigned i = 0; i < message->n_fields; i++) {
        if (message->fields[i].type == PROTOBUF_C_TYPE_MESSAGE)
            look_for_risk_without_strength(message->fields[i].descriptor, looked_at);
    }
}

/* A family must never be described by its dangers alone because a form had no room for the rest. */
static void every_message_that_can_carry_risks_has_room_for_strengths(void **state)
{
    (void)state;
    unsigned looked_at = 0;
    look_for_risk_without_strength(&mash__v1__event__descriptor, &looked_at);
    assert_true(looked_at > 50);
}

static unsigned depth_of(const ProtobufCMessageDescriptor *message)
{
    unsigned deepest = 0;
    for (unsigned i = 0; i < message->n_fields; i++) {
        if (message->fields[i].type != PROTOBUF_C_TYPE_MESSAGE) continue;
        unsigned depth = depth_of(message->fields[i].descriptor);
        if (depth > deepest) deepest = depth;
    }
    return deepest + 1;
}

/* No recursion: this ends. Readers refuse more than EVENT_WIRE_DEPTH_MAX levels, so the contract must stay well below. */
static void the_contract_is_shallow(void **state)
{
    (void)state;
    assert_in_range(depth_of(&mash__v1__event__descriptor), 1, 8);
    assert_in_range(depth_of(&mash__v1__client_frame__descriptor), 1, EVENT_WIRE_DEPTH_MAX - 1);
    assert_in_range(depth_of(&mash__v1__hub_frame__descriptor), 1, EVENT_WIRE_DEPTH_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_event_id_of_the_readme_comes_out),
        cmocka_unit_test(event_ids_differ_when_any_part_differs),
        cmocka_unit_test(dates_and_days_are_the_same_thing),
        cmocka_unit_test(days_that_never_were_are_no_dates),
        cmocka_unit_test(every_day_leads_back_to_itself),
        cmocka_unit_test(every_agency_and_payload_has_a_name_that_leads_back_to_it),
        cmocka_unit_test(enum_values_are_named_without_their_prefix),
        cmocka_unit_test(bytes_that_are_no_event_are_refused_by_name),
        cmocka_unit_test(an_event_that_would_swell_beyond_its_budget_is_too_large),
        cmocka_unit_test(packing_gives_the_bytes_of_the_library),
        cmocka_unit_test(unknown_fields_survive_unpacking_and_are_told_to_nobody),
        cmocka_unit_test(every_message_that_can_carry_risks_has_room_for_strengths),
        cmocka_unit_test(the_contract_is_shallow),
    };
    return cmocka_run_group_tests_name("events", tests, NULL, NULL);
}
