/* Good neighbours (M3): a list of which one element is spoilt, in its shape or in its values, gives what its other elements say. What rows do
 * is in test_mutations.c. The same spoiling at every run; MASHHUB_FUZZ_SEED and MASHHUB_FUZZ_COUNT try others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "mutate.h"
#include "targets.h"

enum { TEXT_MAX = 4000, COUNT_USUAL = 3000 };

/* `sample`: of the mapping, by which it is found. */
static const struct {
    const char *sample;
    const char *before;
    const char *spoilt;
    const char *good;
    const char *after;
} LISTS[] = {
    {"education/01-register.json", "{\"school_urn\":\"100001\",\"register\":[",
     "{\"student_id\":\"A1\",\"upn\":\"D850199920001\",\"nhs_number\":9990001073,\"surname\":\"Testley\",\"date\":\"2026-01-14\","
     "\"session\":\"AM\",\"code\":\"N\",\"comment\":\"x\",\"student\":{\"data\":{\"id\":\"A1\",\"date_of_birth\":{\"date\":"
     "\"2016-05-06\"}}}}",
     "{\"student_id\":\"A2\",\"date\":\"2026-01-14\",\"session\":\"PM\",\"code\":\"O\"}", "]}"},
    {"children_csc/01-children.json", "[",
     "{\"la_child_id\":\"C1\",\"purge\":false,\"child_details\":{\"unique_pupil_number\":\"D850199920001\",\"surname\":"
     "\"Testley\","
     "\"date_of_birth\":\"2016-05-06\",\"sex\":\"M\"},\"social_care_episodes\":[{\"social_care_episode_id\":\"E1\",\"referral_"
     "date\":"
     "\"2026-01-10\",\"child_and_family_assessments\":[{\"start_date\":\"2026-01-11\",\"factors\":[\"3A\"]}],"
     "\"section_47_assessments\":[{\"start_date\":\"2026-01-12\",\"icpc_required_flag\":true}]}]}",
     "{\"la_child_id\":\"C2\",\"social_care_episodes\":[{\"referral_date\":\"2026-01-12\"}]}", "]"},
    {"health_fhir/03-referral-message.json", "{\"resourceType\":\"Bundle\",\"type\":\"collection\",\"entry\":[",
     "{\"fullUrl\":\"urn:uuid:1\",\"resource\":{\"resourceType\":\"Appointment\",\"id\":\"a1\",\"status\":\"noshow\",\"start\":"
     "\"2026-01-14T09:00:00Z\",\"contained\":[{\"resourceType\":\"Patient\",\"id\":\"p\",\"identifier\":[{\"system\":"
     "\"https://fhir.nhs.uk/Id/nhs-number\",\"value\":\"9990001073\"}],\"name\":[{\"family\":\"Testley\",\"given\":[\"Robin\"]}],"
     "\"birthDate\":\"2016\"}],\"participant\":[{\"actor\":{\"reference\":\"#p\"}}]}}",
     "{\"resource\":{\"resourceType\":\"Appointment\",\"id\":\"a2\",\"status\":\"noshow\",\"start\":\"2026-01-14T10:00:00Z\","
     "\"participant\":[{\"actor\":{\"identifier\":{\"system\":\"https://fhir.nhs.uk/Id/"
     "nhs-number\",\"value\":\"9990001081\"}}}]}}",
     "]}"},
};

static uint8_t row_of(const char *sample)
{
    size_t row = 0;
    while (strcmp(fuzz_mapping_sample(row), sample) != 0)
        row++;
    return (uint8_t)row;
}

/* What the mapping says last of these texts, one behind the other. */
static void feed(uint8_t row, const char *const *parts, size_t count, char newest[128])
{
    fuzz_input in = {.bytes = {row}, .size = 1};
    for (size_t i = 0; i < count; i++) {
        size_t size = strlen(parts[i]);
        assert_true(in.size + size < FUZZ_BYTES_MAX);
        memcpy(in.bytes + in.size, parts[i], size);
        in.size += size;
    }
    fuzz_mapping(in.bytes, in.size);
    (void)snprintf(newest, 128, "%s", fuzz_mapping_newest());
}

static json_t *another_shape(uint64_t *random)
{
    static const char *const SHAPES[] = {"null",
                                         "true",
                                         "5",
                                         "-1",
                                         "1.5e300",
                                         "\"\"",
                                         "\"x\"",
                                         "[]",
                                         "{}",
                                         "[null]",
                                         "[[5]]",
                                         "[\"x\"]",
                                         "{\"data\":null}",
                                         "\"2026-02-30\"",
                                         "\"\\u0001\\u00e9\"",
                                         "99999999999999999"};
    return json_loads(SHAPES[fuzz_pick(random, sizeof SHAPES / sizeof SHAPES[0])], JSON_DECODE_ANY, NULL);
}

/* One value of it, at any depth, becomes another; or a key goes. */
static void spoil(json_t *value, uint64_t *random)
{
    for (;;) {
        size_t count = json_is_object(value) ? json_object_size(value) : json_array_size(value);
        size_t which = fuzz_pick(random, count);
        const char *key = "";
        void *at = json_is_object(value) ? json_object_iter(value) : NULL;
        for (size_t i = 0; i < which && at != NULL; i++)
            at = json_object_iter_next(value, at);
        if (at != NULL) key = json_object_iter_key(at);
        json_t *inner = at != NULL ? json_object_iter_value(at) : json_array_get(value, which);
        bool goes_in = (json_object_size(inner) > 0 || json_array_size(inner) > 0) && fuzz_pick(random, 4) != 0;
        if (goes_in) {
            value = inner;
            continue;
        }
        if (at != NULL && fuzz_pick(random, 6) == 0)
            (void)json_object_del(value, key);
        else if (at != NULL)
            (void)json_object_iter_set_new(value, at, another_shape(random));
        else
            (void)json_array_set_new(value, which, another_shape(random));
        return;
    }
}

static void a_spoilt_element_takes_no_good_one_with_it(void **state)
{
    uint64_t random = fuzz_number("MASHHUB_FUZZ_SEED", 20260302);
    (void)state;
    for (size_t list = 0; list < sizeof LISTS / sizeof LISTS[0]; list++) {
        uint8_t row = row_of(LISTS[list].sample);
        char wanted[128];
        char newest[128];
        feed(row, (const char *const[]){LISTS[list].before, LISTS[list].good, LISTS[list].after}, 3, wanted);
        assert_string_not_equal(wanted, "");
        for (uint64_t i = fuzz_number("MASHHUB_FUZZ_COUNT", COUNT_USUAL); i > 0; i--) {
            json_t *element = json_loads(LISTS[list].spoilt, 0, NULL);
            assert_non_null(element);
            for (size_t times = 1 + fuzz_pick(&random, 2); times > 0; times--) {
                if (json_object_size(element) > 0) spoil(element, &random);
            }
            if (fuzz_pick(&random, 16) == 0) {
                json_decref(element);
                element = another_shape(&random);
            }
            char *text = json_dumps(element, JSON_COMPACT | JSON_ENCODE_ANY);
            assert_non_null(text);
            feed(row, (const char *const[]){LISTS[list].before, text, ",\n", LISTS[list].good, LISTS[list].after}, 5, newest);
            if (strcmp(newest, wanted) != 0) fail_msg("behind %s", text);
            free(text);
            json_decref(element);
        }
    }
}

#define PUPIL(upn, more)                                                                                                         \
    "<Pupil><UPN>" upn "</UPN><FormerUPN>" more                                                                                  \
    "</FormerUPN><Surname>Testley</Surname><Forename>Robin</Forename><DOB>2016-05-06"                                            \
    "</DOB><SchoolHistory><School><LeavingDate>2026-01-14</LeavingDate></School></SchoolHistory></Pupil>\n"

/* Any text of a pupil becomes another, or an element a name that is none. */
static void a_spoilt_pupil_takes_no_good_one_with_it(void **state)
{
    static const char BEFORE[] = "<CTfile><Header/><CTFpupilData>\n";
    static const char AFTER[] = "</CTFpupilData></CTfile>";
    static const char LETTERS[] = "X09-/ \t\n.Z";
    static const char GOOD[] = PUPIL("D850199920001", "Z850199920006");
    uint64_t random = fuzz_number("MASHHUB_FUZZ_SEED", 20260302);
    uint8_t row = row_of("education_ctf/8501234_CTF_8512345_002.xml");
    char wanted[128];
    char newest[128];
    (void)state;
    feed(row, (const char *const[]){BEFORE, GOOD, AFTER}, 3, wanted);
    assert_string_not_equal(wanted, "");
    for (uint64_t i = fuzz_number("MASHHUB_FUZZ_COUNT", COUNT_USUAL); i > 0; i--) {
        char text[TEXT_MAX] = PUPIL("D850199920001", "Z850199920006");
        size_t size = strlen(text);
        for (size_t times = 1 + fuzz_pick(&random, 3); times > 0; times--) {
            size_t at = fuzz_pick(&random, size);
            while (text[at] != '>')
                at = (at + 1) % size;
            for (at++; at < size && text[at] != '<'; at++)
                text[at] = LETTERS[fuzz_pick(&random, sizeof LETTERS - 1)];
        }
        feed(row, (const char *const[]){BEFORE, text, GOOD, AFTER}, 4, newest);
        if (strcmp(newest, wanted) != 0) fail_msg("behind %s", text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_spoilt_element_takes_no_good_one_with_it),
        cmocka_unit_test(a_spoilt_pupil_takes_no_good_one_with_it),
    };
    return cmocka_run_group_tests_name("neighbours", tests, NULL, fuzz_mappings_end);
}
