/* Tables: a source nobody foresaw, mapped in YAML and checked like policy. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "sink.h"
#include "table/table.h"
#include "yaml/yaml.h"

/* Given: a source with the table of that path. End with end. */
static void begin_with(story *s, const kit_mapping *mapping, Mash__V1__Agency agency, const char *path)
{
    yaml_problems problems = {0};
    story_begin(s, mapping);
    s->options.agency = agency;
    s->options.settings = mapping->settings_read(path, &problems);
    if (s->options.settings == NULL) fail_msg("%s", hub_buffer_text(&problems.text));
    yaml_problems_free(&problems);
}

static void begin_shipped(story *s, const kit_mapping *mapping, Mash__V1__Agency agency, const char *name)
{
    char path[600];
    (void)snprintf(path, sizeof path, "%s/config/hips/adapters/tables/%s", story_source(), name);
    begin_with(s, mapping, agency, path);
}

static void end(story *s)
{
    s->mapping->settings_free((void *)(uintptr_t)s->options.settings);
    story_end(s);
}

#define LOG "Concern Ref,UPN,Surname,Forename,DOB,School URN,Logged Date Time,Categories,Details,Student ID,Immediate Danger\n"
#define ROBIN "D850199920001,Testley,Robin,06/05/2016,100001,15/01/2026 09:30,"

static void a_schools_log_of_concerns_is_told_by_its_table(void **state)
{
    story s;
    (void)state;
    begin_shipped(&s, &table_csv, MASH__V1__AGENCY__AGENCY_EDUCATION, "concern-log.yaml");
    story_feed(&s, LOG "C1," ROBIN "Neglect; physical ABUSE,\"Hungry, \"\"tired\"\"\",NONE,N\n");
    then_counts(&s, 1, 0);
    then_event(&s, 0, "child_concern");
    const Mash__V1__Event *event = s.events[0];
    assert_int_equal(event->agency, MASH__V1__AGENCY__AGENCY_EDUCATION);
    assert_int_equal(event->recorded_at, INT64_C(1768469400000));
    assert_int_equal(event->occurred_at, 1);
    assert_string_equal(event->child_concern->circumstances, "Hungry, \"tired\"");
    assert_int_equal(event->child_concern->immediate_danger, MASH__V1__PRESENCE__PRESENCE_NO);
    assert_int_equal(event->child_concern->n_kinds, 2);
    assert_int_equal(event->child_concern->kinds[1], MASH__V1__FACTOR_KIND__FACTOR_KIND_PHYSICAL_ABUSE);
    assert_int_equal(event->subjects[0]->n_identifiers, 1); /* NONE is nobody's number, and there is no NHS number's column */
    assert_string_equal(event->subjects[0]->given_names[0], "Robin");
    assert_int_equal(event->subjects[0]->date_of_birth->year, 2016);
    assert_string_equal(event->area, "E06000045");
    story_feed(&s, LOG "C1," ROBIN "Neglect; physical ABUSE,\"Hungry, \"\"tired\"\"\",NONE,N\n");
    then_counts(&s, 0, 0);
    story_feed(&s, LOG "C1," ROBIN "Neglect,Hungry,77,Y\n");
    then_counts(&s, 1, 0);
    assert_int_equal(s.events[0]->amends.len, 16);
    assert_string_equal(s.events[0]->subjects[0]->identifiers[1]->system, "sample/1");
    end(&s);
}

static void bad_records_are_parked_where_they_stand_and_good_ones_go_on(void **state)
{
    story s;
    (void)state;
    begin_shipped(&s, &table_csv, MASH__V1__AGENCY__AGENCY_EDUCATION, "concern-log.yaml");
    story_feed(&s, LOG "C1," ROBIN
                       "Rumour,x,,\nC2,D850199920001,Testley,Robin,31/02/2016,100001,15/01/2026 09:30,Neglect,x,,\n," ROBIN
                       "Neglect,x,,\nC4,D850199920002,A,B,,100001,15/01/2026 09:30,Neglect,x,,\nC5," ROBIN "Neglect,x,,\n");
    then_counts(&s, 1, 4);
    then_parked(&s, 0, "Categories", 2, "does not know");
    assert_int_equal(s.parked[0].column, 67);
    then_parked(&s, 1, "DOB", 3, "does not exist");
    then_parked(&s, 2, "ConcernRef", 4, "number is empty");
    then_nowhere(&s, "Rumour");
    then_nowhere(&s, "D85019992");
    story_feed(&s, "ConcernRef,UPN\n");
    then_refused(&s, "1:1: no column LoggedDateTime");
    end(&s);
}

static void records_of_json_are_found_by_their_keys(void **state)
{
    story s;
    (void)state;
    begin_shipped(&s, &table_json, MASH__V1__AGENCY__AGENCY_EDUCATION, "concern-log-json.yaml");
    story_feed(&s, "{\"concerns\":[{\"id\":17,\"loggedAt\":\"2026-01-15T09:30:00Z\",\"details\":\"Bruises\",\"categories\":"
                   "[\"physical\",\"other\"],\"schoolUrn\":100001,\"pupil\":{\"id\":\"77\",\"upn\":\"D850199920001\",\"surname\":"
                   "\"Testley\",\"forenames\":[\"Robin\",\"Alex\"],\"dateOfBirth\":\"2016-05-06\"}},\n"
                   "{\"id\":18,\n \"categories\":[\"rumour\"]},\n7]}");
    then_counts(&s, 1, 2);
    assert_int_equal(s.events[0]->child_concern->n_kinds, 2);
    assert_int_equal(s.events[0]->subjects[0]->n_given_names, 2);
    assert_string_equal(s.events[0]->subjects[0]->school_urn, "100001");
    then_parked(&s, 0, "categories", 3, "does not know");
    assert_int_equal(s.parked[0].column, 15);
    then_parked(&s, 1, "concerns[2]", 4, "must be an object");
    story_feed(&s, "{\"concerns\":{}}");
    then_refused(&s, "1:13: concerns: must be a list");
    end(&s);
}

/* A value that is left out because it has another shape than the table thought is lost in silence. */
static void a_value_of_another_shape_is_parked_at_its_key(void **state)
{
    static const struct {
        const char *member, *key;
    } ROWS[] = {{"\"details\":12.5", "details"},
                {"\"details\":{\"text\":\"Testley\"}", "details"},
                {"\"categories\":[\"neglect\",7]", "categories"},
                {"\"categories\":[[\"neglect\"]]", "categories"}};
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        story s;
        char text[300];
        begin_shipped(&s, &table_json, MASH__V1__AGENCY__AGENCY_EDUCATION, "concern-log-json.yaml");
        (void)snprintf(text, sizeof text,
                       "{\"concerns\":[{\"id\":17,\"loggedAt\":\"2026-01-15T09:30:00Z\",\"pupil\":{\"id\":\"77\",\"surname\":"
                       "\"Testley\"},\n%s}]}",
                       ROWS[i].member);
        story_feed(&s, text);
        then_counts(&s, 0, 1);
        then_parked(&s, 0, ROWS[i].key, 2, "must be a text, a whole number");
        then_nowhere(&s, "Testley");
        end(&s);
    }
}

static void a_number_that_is_none_or_too_large_is_parked_at_its_column(void **state)
{
    static const char TABLE[] =
        "reference: Ref\nevent:\n  occurred_at: {take: Day}\n  recorded_at: {take: Day}\n  sensitivity: sensitive\n"
        "  legal_basis: [public_task]\n  legal_gateway: \"CA 2004 s11\"\n  summary: Missed\n"
        "  subjects:\n    - {roles: [patient], family_name: {take: Surname}}\n"
        "  missed_appointment: {consecutive: {take: Times}}\n";
    static const char *const BAD[] = {"twice", "2.5", "-1", "99999999999", "00"};
    char path[] = "/tmp/table-test-XXXXXX";
    int fd = mkstemp(path);
    story s;
    (void)state;
    assert_int_equal(write(fd, TABLE, sizeof TABLE - 1), sizeof TABLE - 1);
    close(fd);
    begin_with(&s, &table_csv, MASH__V1__AGENCY__AGENCY_HEALTH, path);
    (void)unlink(path);
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        char text[200];
        (void)snprintf(text, sizeof text, "Ref,Day,Surname,Times\nB%zu,14/01/2026,Testley,%s\nG%zu,14/01/2026,Testley,2\n", i,
                       BAD[i], i);
        story_feed(&s, text);
        then_counts(&s, 1, 1);
        assert_int_equal(s.events[0]->missed_appointment->consecutive, 2);
        then_parked(&s, 0, "Times", 2, i == 3 ? "larger than this field" : "must be a whole number");
        assert_int_equal(s.parked[0].column, 23);
    }
    end(&s);
}

static void a_crosswalk_says_which_numbers_are_one_persons(void **state)
{
    story s;
    (void)state;
    begin_shipped(&s, &table_csv, MASH__V1__AGENCY__AGENCY_CHILDRENS_SERVICES, "identity-crosswalk.yaml");
    story_feed(&s, "MatchRef,PersonKind,NHSNumber,UPN,LocalNumber,LocalSystem\nM1,Child,9990001073,D850199920001,C77,mosaic/1\n"
                   "M2,Child,9990001074,,C78,mosaic/1\n");
    then_counts(&s, 1, 1);
    then_event(&s, 0, "identity_change");
    assert_int_equal(s.events[0]->subjects[0]->n_identifiers, 3);
    assert_string_equal(s.events[0]->subjects[0]->identifiers[2]->system, "mosaic/1");
    assert_int_equal(s.parked[0].line, 3);
    then_nowhere(&s, "9990001074");
    end(&s);
}

static void then_complains(const char *table, const char *complaint)
{
    char path[] = "/tmp/table.XXXXXX";
    yaml_problems problems = {0};
    int file = mkstemp(path);
    assert_true(file >= 0 && write(file, table, strlen(table)) == (ssize_t)strlen(table));
    assert_int_equal(close(file), 0);
    assert_null(table_csv.settings_read(path, &problems));
    if (strstr(hub_buffer_text(&problems.text), complaint) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", hub_buffer_text(&problems.text), complaint);
    assert_int_equal(unlink(path), 0);
    yaml_problems_free(&problems);
}

#define EVENT "reference: Ref\nevent:\n  summary: x\n  legal_basis: [public_task]\n  subjects:\n    - roles: [child]\n"

/* A mistake found when the file is written is no child's record parked at night. */
static void every_mistake_of_a_table_has_file_line_and_column(void **state)
{
    (void)state;
    then_complains(EVENT "  child_concern: {circumstance: {take: A}}\n",
                   ":7:19: ChildConcern has no field of this name; did you mean circumstances?");
    then_complains(EVENT "  child_concern: {kinds: [neglekt]}\n",
                   ":7:27: no value of this field has that name; did you mean neglect?");
    then_complains(EVENT "  child_concern: {kinds: {take: A, words: {X: nowhere}}}\n", ":7:47: no value");
    then_complains(EVENT "  child_concern: {circumstances: {take: A, split: \";\"}}\n", ":7:51: this field has one value");
    then_complains(EVENT "  child_concern: {grade: {take: A}}\n", ":7:26: this field has fields of its own");
    then_complains(EVENT, ":3:3: what happened: one payload");
    then_complains(EVENT "  child_concern: {}\n  event_id: {take: A}\n", ":8:");
    then_complains(EVENT "  child_concern: {circumstances: {take: \"A b\"}, immediate_danger: {take: a-B}}\n", "are one");
    then_complains("event:\n  child_concern: {}\n", "reference");
    then_complains("reference: A\nevent: [1]\n", ":2:8:");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_schools_log_of_concerns_is_told_by_its_table),
        cmocka_unit_test(bad_records_are_parked_where_they_stand_and_good_ones_go_on),
        cmocka_unit_test(records_of_json_are_found_by_their_keys),
        cmocka_unit_test(a_value_of_another_shape_is_parked_at_its_key),
        cmocka_unit_test(a_number_that_is_none_or_too_large_is_parked_at_its_column),
        cmocka_unit_test(a_crosswalk_says_which_numbers_are_one_persons),
        cmocka_unit_test(every_mistake_of_a_table_has_file_line_and_column),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
