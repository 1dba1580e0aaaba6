/* Attendance marks: which become events, and how marks that change are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "education/education.h"
#include "sink.h"

#define KIND(name) MASH__V1__ABSENCE_KIND__ABSENCE_KIND_##name
#define HEADER "UPN,Surname,Forename,DOB,SchoolURN,Date,Session,Code,Comment\r\n"
#define ROBIN "D850199920001,Testley,Robin,06/05/2016,100001,"

static void a_mark_without_reason_is_an_unexplained_absence(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &education_register_csv);
    story_feed(&s, "\xEF\xBB\xBF" HEADER ROBIN "12/01/2026,AM,N,\"no answer, again\"\r\n");
    then_counts(&s, 1, 0);
    then_event(&s, 0, "absence");
    const Mash__V1__Absence *absence = s.events[0]->absence;
    assert_int_equal(absence->kind, KIND(UNEXPLAINED));
    assert_int_equal(absence->session, MASH__V1__SESSION__SESSION_MORNING);
    assert_int_equal(absence->consecutive_sessions, 1);
    assert_string_equal(absence->code, "N");
    assert_string_equal(absence->comment, "no answer, again");
    assert_string_equal(absence->school_urn, "100001");
    assert_int_equal(s.events[0]->occurred_at, 1768176000000);
    const Mash__V1__Subject *pupil = s.events[0]->subjects[0];
    assert_string_equal(pupil->identifiers[0]->value, "D850199920001");
    assert_string_equal(pupil->family_name, "Testley");
    assert_int_equal(pupil->date_of_birth->year, 2016);
    assert_string_equal(pupil->school_urn, "100001");
    story_end(&s);
}

/* 0: the code makes no event; -1: it is an exclusion; -2: it is no code. */
static void check_code(const char *code, int wanted)
{
    story s;
    char text[256];
    story_begin(&s, &education_register_csv);
    (void)snprintf(text, sizeof text, HEADER ROBIN "12/01/2026,PM,%s,\r\n", code);
    story_feed(&s, text);
    then_counts(&s, wanted == 0 || wanted == -2 ? 0 : 1, wanted == -2 ? 1 : 0);
    if (wanted == -1) then_event(&s, 0, "exclusion");
    if (wanted > 0) assert_int_equal(s.events[0]->absence->kind, wanted);
    story_end(&s);
}

static void national_codes_mean_what_the_guidance_says(void **state)
{
    (void)state;
    static const struct {
        const char *code;
        int wanted;
    } ROWS[] = {
        {"/", 0},
        {"\\", 0},
        {"L", 0},
        {"B", 0},
        {"K", 0},
        {"P", 0},
        {"V", 0},
        {"W", 0},
        {"D", 0},
        {"X", 0},
        {"Z", 0},
        {"#", 0},
        {"Q", 0},
        {"Y1", 0},
        {"Y7", 0},
        {"N", KIND(UNEXPLAINED)},
        {"O", KIND(UNEXPLAINED)},
        {"n", KIND(UNEXPLAINED)},
        {"G", KIND(UNAUTHORISED)},
        {"U", KIND(UNAUTHORISED)},
        {"I", KIND(AUTHORISED)},
        {"M", KIND(AUTHORISED)},
        {"C", KIND(AUTHORISED)},
        {"C1", KIND(AUTHORISED)},
        {"C2", KIND(AUTHORISED)},
        {"J1", KIND(AUTHORISED)},
        {"R", KIND(AUTHORISED)},
        {"S", KIND(AUTHORISED)},
        {"T", KIND(AUTHORISED)},
        {"E", -1},
        {"QQ", -2},
        {"", -2},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        check_code(ROWS[i].code, ROWS[i].wanted);
}

/* Sessions in a row are what makes a school, and the hub, act. */
static void missed_sessions_are_counted_until_another_mark_stands_between(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &education_register_csv);
    story_feed(&s, HEADER ROBIN "12/01/2026,AM,N,\r\n" ROBIN "12/01/2026,PM,O,\r\n" ROBIN "13/01/2026,AM,#,\r\n" ROBIN
                                "13/01/2026,PM,N,\r\n");
    then_counts(&s, 3, 0);
    assert_int_equal(s.events[1]->absence->consecutive_sessions, 2);
    assert_int_equal(s.events[2]->absence->consecutive_sessions, 3); /* school closed: not between */
    story_feed(&s, HEADER ROBIN "14/01/2026,AM,/,\r\n" ROBIN "14/01/2026,PM,N,\r\n" ROBIN "09/01/2026,AM,N,\r\n");
    then_counts(&s, 2, 0);
    assert_int_equal(s.events[0]->absence->consecutive_sessions, 1);
    assert_int_equal(s.events[1]->absence->consecutive_sessions, 0); /* late news: not counted, not guessed */
    story_end(&s);
}

/* N is asked about and corrected, often the same morning: what was told must be taken back. */
static void a_changed_mark_amends_what_was_told(void **state)
{
    story s;
    uint8_t first[16];
    (void)state;
    story_begin(&s, &education_register_csv);
    story_feed(&s, HEADER ROBIN "14/01/2026,AM,N,\r\n");
    memcpy(first, s.events[0]->event_id.data, 16);
    story_feed(&s, HEADER ROBIN "14/01/2026,AM,N,\r\n");
    then_counts(&s, 0, 0);
    story_feed(&s, HEADER ROBIN "14/01/2026,AM,L,bus late\r\n");
    then_counts(&s, 1, 0);
    assert_int_equal(s.events[0]->absence->kind, KIND(CORRECTED));
    assert_memory_equal(s.events[0]->amends.data, first, 16);
    story_feed(&s, HEADER ROBIN "14/01/2026,PM,N,\r\n");
    assert_int_equal(s.events[0]->absence->consecutive_sessions, 1); /* the corrected one no longer counts */
    story_end(&s);
}

static void an_explained_mark_corrects_and_a_worse_one_amends(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &education_register_csv);
    story_feed(&s, HEADER ROBIN "14/01/2026,AM,N,\r\n" ROBIN "14/01/2026,PM,N,\r\n");
    story_feed(&s, HEADER ROBIN "14/01/2026,AM,M,\r\n" ROBIN "14/01/2026,PM,G,\r\n");
    then_counts(&s, 2, 0);
    assert_int_equal(s.events[0]->absence->kind, KIND(CORRECTED));
    assert_int_equal(s.events[1]->absence->kind, KIND(UNAUTHORISED));
    assert_int_equal(s.events[1]->amends.len, 16);
    story_end(&s);
}

static void a_run_of_e_marks_is_one_exclusion(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &education_register_csv);
    story_feed(&s, HEADER ROBIN "13/01/2026,AM,E,\r\n" ROBIN "13/01/2026,PM,E,\r\n" ROBIN "14/01/2026,AM,E,\r\n");
    then_counts(&s, 1, 0);
    then_event(&s, 0, "exclusion");
    assert_int_equal(s.events[0]->exclusion->from->day, 13);
    story_feed(&s, HEADER ROBIN "13/01/2026,AM,E,\r\n");
    then_counts(&s, 0, 0);
    story_end(&s);
}

/* The register comes again days after the hub refused it, and the pupil is back at school. */
static void refused_marks_are_told_again_when_the_register_comes_again(void **state)
{
    story s;
    uint8_t absence[16];
    (void)state;
    story_begin(&s, &education_register_csv);
    story_feed(&s, HEADER ROBIN "12/01/2026,AM,N,\r\n" ROBIN "13/01/2026,AM,E,\r\n");
    then_counts(&s, 2, 0);
    memcpy(absence, s.events[0]->event_id.data, 16);
    story_refuse(&s, 1);
    story_feed(&s, HEADER ROBIN "12/01/2026,AM,L,\r\n" ROBIN "14/01/2026,AM,/,\r\n");
    then_counts(&s, 1, 0);
    story_refuse(&s, 0);
    story_feed(&s, HEADER ROBIN "12/01/2026,AM,L,\r\n" ROBIN "13/01/2026,AM,E,\r\n");
    then_counts(&s, 2, 0);
    assert_int_equal(s.events[0]->absence->kind, KIND(CORRECTED));
    assert_memory_equal(s.events[0]->amends.data, absence, 16);
    then_event(&s, 1, "exclusion");
    assert_int_equal(s.events[1]->amends.len, 0);
    story_feed(&s, HEADER ROBIN "12/01/2026,AM,L,\r\n" ROBIN "13/01/2026,AM,E,\r\n");
    then_counts(&s, 0, 0);
    story_end(&s);
}

/* A code entered for the wrong pupil: whoever was told of the exclusion hears that there is none, and when it is one after all. */
static void an_exclusion_put_right_is_withdrawn_and_can_be_told_again(void **state)
{
    story s;
    uint8_t first[16], again[16];
    (void)state;
    story_begin(&s, &education_register_csv);
    story_feed(&s, HEADER ROBIN "13/01/2026,AM,E,\r\n" ROBIN "13/01/2026,PM,E,\r\n");
    then_counts(&s, 1, 0);
    memcpy(first, s.events[0]->event_id.data, 16);
    story_feed(&s, HEADER ROBIN "13/01/2026,AM,/,\r\n"); /* the afternoon's still stands */
    then_counts(&s, 0, 0);
    story_feed(&s, HEADER ROBIN "13/01/2026,PM,/,\r\n");
    then_counts(&s, 1, 0);
    then_event(&s, 0, "exclusion");
    assert_int_equal(s.events[0]->retracts.len, 16);
    assert_memory_equal(s.events[0]->retracts.data, first, 16);
    story_feed(&s, HEADER ROBIN "13/01/2026,PM,/,\r\n");
    then_counts(&s, 0, 0);
    story_feed(&s, HEADER ROBIN "13/01/2026,PM,E,\r\n");
    then_counts(&s, 1, 0);
    assert_int_equal(s.events[0]->retracts.len, 0);
    memcpy(again, s.events[0]->event_id.data, 16);
    assert_memory_not_equal(again, first, 16);
    story_feed(&s, HEADER ROBIN "13/01/2026,PM,L,\r\n");
    assert_memory_equal(s.events[0]->retracts.data, again, 16);
    story_end(&s);
}

static void an_exclusion_withdrawn_and_told_again_has_an_id_of_its_own(void **state)
{
    story s;
    uint8_t ids[5][16];
    static const char *const CODES[] = {"E", "/", "E", "/", "E"};
    (void)state;
    story_begin(&s, &education_register_csv);
    for (size_t i = 0; i < 5; i++) {
        char text[256];
        (void)snprintf(text, sizeof text, HEADER ROBIN "13/01/2026,AM,%s,\r\n", CODES[i]);
        s.options.received_ms += 60000;
        story_feed(&s, text);
        then_counts(&s, 1, 0);
        memcpy(ids[i], s.events[0]->event_id.data, 16);
        for (size_t k = 0; k < i; k++)
            assert_memory_not_equal(ids[k], ids[i], 16);
    }
    story_end(&s);
}

/* Whoever was told of the exclusion must hear that there is none, also when the hub would not hear it at first. */
static void a_refused_withdrawal_is_told_again_and_so_is_an_exclusion_of_two_marks(void **state)
{
    story s;
    uint8_t told[16];
    (void)state;
    story_begin(&s, &education_register_csv);
    story_feed(&s, HEADER ROBIN "13/01/2026,AM,E,\r\n" ROBIN "13/01/2026,PM,E,\r\n");
    then_counts(&s, 1, 0);
    story_refuse(&s, 0);
    story_feed(&s, HEADER ROBIN "13/01/2026,AM,E,\r\n" ROBIN "13/01/2026,PM,E,\r\n");
    then_counts(&s, 1, 0);
    memcpy(told, s.events[0]->event_id.data, 16);
    story_feed(&s, HEADER ROBIN "13/01/2026,AM,/,\r\n"); /* the afternoon's still stands */
    then_counts(&s, 0, 0);
    story_feed(&s, HEADER ROBIN "13/01/2026,PM,/,\r\n");
    then_counts(&s, 1, 0);
    story_refuse(&s, 0);
    story_feed(&s, HEADER ROBIN "13/01/2026,PM,/,\r\n");
    then_counts(&s, 1, 0);
    assert_memory_equal(s.events[0]->retracts.data, told, 16);
    story_feed(&s, HEADER ROBIN "13/01/2026,AM,/,\r\n" ROBIN "13/01/2026,PM,/,\r\n");
    then_counts(&s, 0, 0);
    story_end(&s);
}

/* The head decides in the evening; the afternoon's register is in already. */
static void an_exclusion_entered_late_is_told_once(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &education_register_csv);
    story_feed(&s, HEADER ROBIN "12/01/2026,AM,N,\r\n" ROBIN "12/01/2026,PM,N,\r\n" ROBIN "13/01/2026,AM,N,\r\n");
    story_feed(&s, HEADER ROBIN "12/01/2026,AM,E,\r\n" ROBIN "12/01/2026,PM,E,\r\n");
    then_counts(&s, 3, 0);
    then_event(&s, 0, "absence"); /* the unexplained one is put right ... */
    then_event(&s, 1, "exclusion");
    then_event(&s, 2, "absence");
    story_end(&s);
}

/* A sixth-former of 18 is no child, and the register is not parked for it. */
static void a_pupil_of_eighteen_is_an_adult(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &education_register_csv);
    story_feed(&s, HEADER "D850199920001,Testley,Robin,14/01/2008,100001,13/01/2026,AM,N,\r\n"
                          "D850199920001,Testley,Robin,14/01/2008,100001,14/01/2026,AM,N,\r\n");
    then_counts(&s, 2, 0);
    assert_int_equal(s.events[0]->subjects[0]->roles[0], MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_CHILD);
    assert_int_equal(s.events[1]->subjects[0]->roles[0], MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_ADULT);
    story_end(&s);
}

static void numbers_of_an_interface_are_taken_with_or_without_quotation_marks(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &education_register_json);
    story_feed(&s, "{\"school_urn\":100001,\"register\":[{\"student_id\":17,\"nhs_number\":9990001073,\"date\":\"2026-01-12\","
                   "\"session\":\"AM\",\"code\":\"N\"},"
                   "{\"student_id\":\"B\",\"nhs_number\":[1],\"date\":\"2026-01-12\",\"session\":\"AM\",\"code\":\"N\"},"
                   "{\"student_id\":\"C\",\"school_urn\":1.5,\"date\":\"2026-01-12\",\"session\":\"AM\",\"code\":\"N\"}]}");
    then_counts(&s, 1, 2);
    const Mash__V1__Subject *pupil = s.events[0]->subjects[0];
    assert_string_equal(pupil->school_urn, "100001");
    assert_string_equal(pupil->identifiers[0]->value, "9990001073");
    assert_string_equal(pupil->identifiers[1]->value, "17");
    then_parked(&s, 0, "register[1].nhs_number", 1, "must be a text or a whole number");
    then_parked(&s, 1, "register[2].school_urn", 1, "must be a text or a whole number");
    story_end(&s);
}

/* Spreadsheets save in the machine's own code page: a name that cannot be read is said, and the others go on. */
static void a_row_that_is_not_utf_8_is_parked_and_the_others_go_on(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &education_register_csv);
    story_feed(&s, HEADER "D850199920001,Ren\xE9,Robin,06/05/2016,100001,12/01/2026,AM,N,\r\n" ROBIN "12/01/2026,PM,N,\r\n");
    then_counts(&s, 1, 1);
    assert_int_equal(s.parked[0].line, 2);
    assert_non_null(strstr(s.parked[0].rule, "not UTF-8"));
    then_nowhere(&s, "Ren");
    story_end(&s);
}

static void registers_of_an_interface_are_read_in_their_three_shapes(void **state)
{
    story s;
    (void)state;
    static const char MARK[] =
        "{\"student_id\":\"A17\",\"date\":{\"date\":\"2026-01-12 00:00:00.000000\",\"timezone_type\":3},\"session\":\"AM\","
        "\"attendance_code_id\":\"ACODE-N\"}";
    char text[512];
    static const char *const SHAPES[] = {"{\"register\":[%s]}", "{\"data\":[%s]}", "[%s]"};
    for (size_t i = 0; i < 3; i++) {
        story_begin(&s, &education_register_json);
        (void)snprintf(text, sizeof text, SHAPES[i], MARK);
        story_feed(&s, text);
        then_counts(&s, 1, 0);
        assert_int_equal(s.events[0]->subjects[0]->identifiers[0]->scheme, MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_LOCAL);
        assert_string_equal(s.events[0]->subjects[0]->identifiers[0]->system, "sample/1");
        story_end(&s);
    }
}

static void bad_rows_are_parked_and_good_ones_go_on(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &education_register_csv);
    story_feed(&s, HEADER "A850199920001,Testley,Robin,06/05/2016,100001,12/01/2026,AM,N,\r\n" ROBIN "31/02/2026,AM,N,\r\n" ROBIN
                          "12/01/2026,noon,N,\r\n"
                          "short,row\r\n" ROBIN "12/01/2026,PM,N,\r\n"
                          ",Testley,Robin,,100001,12/01/2026,PM,N,\r\n");
    then_counts(&s, 1, 5);
    then_parked(&s, 0, "UPN", 2, "check digit or letter");
    then_parked(&s, 1, "Date", 3, "date does not exist");
    assert_int_equal(s.parked[1].column, 47);
    then_parked(&s, 2, "Session", 4, "AM or PM");
    then_parked(&s, 3, "row", 5, "number of fields");
    then_parked(&s, 4, "UPN", 7, "about somebody");
    then_nowhere(&s, "A850199920001");
    then_nowhere(&s, "noon");
    story_feed(&s, "Surname,Forename\r\nTestley,Robin\r\n");
    then_refused(&s, "1:1: no column UPN");
    story_feed(&s, "");
    then_refused(&s, "1:1: empty");
    story_end(&s);

    story_begin(&s, &education_register_json);
    story_feed(&s, "{\"register\":[{\"student_id\":\"A\",\"date\":\"2026-01-12\",\"session\":\"AM\",\"attendance_code_id\":"
                   "\"A329183376\"},7,"
                   "{\"upn\":\"A850199920001\",\"date\":\"2026-01-12\",\"session\":\"AM\",\"code\":\"N\"},"
                   "{\"student_id\":\"A\",\"date\":\"2026-01-12\",\"session\":\"AM\",\"code\":\"N\",\"attendance_code_id\":"
                   "\"A329183376\"}]}");
    then_counts(&s, 1, 3);
    then_parked(&s, 0, "register[0].attendance_code_id", 1, "not a national");
    then_parked(&s, 1, "register[1]", 1, "must be an object");
    then_parked(&s, 2, "register[2].upn", 1, "check digit or letter");
    story_feed(&s, "{\"register\":{}}");
    then_refused(&s, "register: must be an array");
    story_end(&s);
}

/* A read with the pupils included: each resource in a "data" of its own, dates as objects. What is no mark is parked where it stands. */
static void a_register_with_its_pupils_included_is_read(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &education_register_json);
    story_feed(
        &s, "{\"data\":[{\"id\":\"A1\",\"upn\":null,\"student_id\":null,\"surname\":null,\"date_of_birth\":null,\"date\":{"
            "\"date\":\"2026-01-12 00:00:00.000000\",\"timezone_type\":3},\"session\":\"AM\","
            "\"attendance_code_id\":\"A778\",\"attendance_code\":{\"data\":{\"id\":\"A778\",\"code\":\"O\"}},\"student\":{"
            "\"data\":{\"id\":\"A99\","
            "\"upn\":\"D850199920001\",\"legal_surname\":\"Testley\",\"forename\":\"Robin\",\"date_of_birth\":{\"date\":\"2016-"
            "05-06 00:00:00\"}}}},\n"
            "null,\n "
            "null,\n{\"date\":\"2026-01-12\",\"session\":\"AM\",\"code\":\"N\",\"student\":{\"id\":\"A98\",\n\"upn\":"
            "\"A850199920001\"}},"
            "{\"date\":\"2026-01-12\",\"session\":\"AM\",\"code\":\"N\",\"student_id\":\"A97\",\"date_of_birth\":20160506}]}");
    then_counts(&s, 1, 4);
    const Mash__V1__Subject *pupil = s.events[0]->subjects[0];
    assert_string_equal(s.events[0]->absence->code, "O");
    assert_string_equal(pupil->identifiers[0]->value, "D850199920001");
    assert_string_equal(pupil->identifiers[1]->value, "A99");
    assert_string_equal(pupil->family_name, "Testley");
    assert_int_equal(pupil->date_of_birth->month, 5);
    then_parked(&s, 0, "register[1]", 2, "must be an object");
    then_parked(&s, 1, "register[2]", 3, "must be an object");
    assert_int_equal(s.parked[1].column, 2);
    then_parked(&s, 2, "register[3].upn", 5, "check digit");
    assert_int_equal(s.parked[2].column, 7);
    then_parked(&s, 3, "register[4].date_of_birth", 5, "does not exist");
    story_end(&s);
}

/* As systems name their columns in an export, divided by semicolons, dates in words; and each fault in its own column. */
static void an_export_with_other_names_is_read_and_its_faults_stand_in_their_columns(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &education_register_csv);
    story_feed(&s, "Legal Surname;Legal Forename;Student UPN;NHS No;Date of Birth;URN;Mark Date;AM/PM;Attendance Code;Note\n"
                   "Testley;Robin;D850199920001;;06 May 2016;100001;12 Jan 2026;AM;N;rang, no answer\n"
                   "Testley;Robin;D850199920001;9990001360;06 May 2016;100001;12 Jan 2026;PM;N;\n"
                   "Testley;Robin;D850199920001;;06 May 2016;10001;12 Jan 2026;PM;N;\n");
    then_counts(&s, 1, 2);
    assert_string_equal(s.events[0]->absence->comment, "rang, no answer");
    assert_string_equal(s.events[0]->subjects[0]->school_urn, "100001");
    then_parked(&s, 0, "NHSNumber", 3, "check digit");
    assert_int_equal(s.parked[0].column, 29);
    then_parked(&s, 1, "SchoolURN", 4, "six digits");
    /* the school's own code beside the national one: "I" is illness, whatever the school calls it */
    story_feed(&s, "UPN,Date,Session,Code,National Code\nD850199920001,13/01/2026,AM,N,I\nD850199920001,13/01/2026,PM,ILL,O\n");
    then_counts(&s, 2, 0);
    assert_string_equal(s.events[0]->absence->code, "I");
    assert_string_equal(s.events[1]->absence->code, "O");
    story_end(&s);
}

#define CTF(dest, pupils)                                                                                                        \
    "<?xml version=\"1.0\"?>\n<CTfile><Header><DateTime>2026-01-15T09:00:00</DateTime><SourceSchool><LEA>850</LEA><Estab>"       \
    "1234</Estab><URN>100001</URN></SourceSchool><DestSchool>" dest "</DestSchool></Header>\n<CTFpupilData>\n" pupils            \
    "</CTFpupilData></CTfile>"
#define NOWHERE                                                                                                                  \
    "<LEA>X"                                                                                                                     \
    "XX</LEA><Estab>XXXX</Estab>"
#define FLAT                                                                                                                     \
    "<Pupil><UPN>D850199920001</UPN><Surname>Testley</Surname><Forename>Robin</Forename><DOB>2016-05-06</DOB><Sex>M</Sex></"     \
    "Pupil>\n"

static void a_pupil_who_leaves_for_nowhere_may_be_missing_education(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &education_ctf);
    story_feed(&s, CTF(NOWHERE, FLAT));
    then_counts(&s, 1, 0);
    then_event(&s, 0, "missing");
    assert_int_equal(s.events[0]->missing->from_education, MASH__V1__PRESENCE__PRESENCE_YES);
    const Mash__V1__Subject *pupil = s.events[0]->subjects[0];
    assert_string_equal(pupil->identifiers[0]->value, "D850199920001");
    assert_string_equal(pupil->family_name, "Testley");
    assert_string_equal(pupil->school_urn, "100001");
    assert_int_equal(pupil->sex, MASH__V1__SEX__SEX_MALE);
    story_feed(&s, CTF(NOWHERE, FLAT));
    then_counts(&s, 0, 0);
    story other;
    story_begin(&other, &education_ctf);
    story_feed(&other, CTF("<LEA>xxx</LEA><Estab>xxxx</Estab>", FLAT)); /* as some systems write it */
    then_counts(&other, 1, 0);
    story_end(&other);
    story_feed(&s, CTF("<LEA>MMM</LEA><Estab>MMMM</Estab>", FLAT)); /* to an independent school, or abroad */
    then_counts(&s, 0, 0);
    story_feed(&s, CTF("<LEA>851</LEA><Estab>2345</Estab>", FLAT));
    then_counts(&s, 0, 0);
    story_end(&s);
}

/* The other layout; a contact's name and address are not the pupil's. */
static void a_full_file_has_its_names_in_basic_details_and_contacts_beside(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &education_ctf);
    story_feed(&s,
               CTF(NOWHERE, "<Pupil><Contacts><Contact><Surname>Sample</Surname><Address><PostCode>ZZ99 7VZ</PostCode></Address>"
                            "</Contact></Contacts><UPN>D850199920001</UPN><FormerUPN>G850199920003</FormerUPN><BasicDetails>"
                            "<LegalSurname>Testley</LegalSurname><LegalForename>Robin</LegalForename><DOB>2016-05-06</DOB>"
                            "<Gender>F</Gender></BasicDetails><Address><PostCode>ZZ99 3VZ</PostCode></Address><SchoolHistory>"
                            "<School><LeavingDate>2025-07-20</LeavingDate></School><School><LeavingDate>2026-01-09</LeavingDate>"
                            "</School></SchoolHistory></Pupil>"));
    then_counts(&s, 2, 0);
    then_event(&s, 0, "missing");
    assert_int_equal(s.events[0]->occurred_at, INT64_C(1767916800000));
    assert_string_equal(s.events[0]->subjects[0]->family_name, "Testley");
    assert_string_equal(s.events[0]->subjects[0]->addresses[0]->postcode, "ZZ99 3VZ");
    assert_int_equal(s.events[0]->subjects[0]->sex, MASH__V1__SEX__SEX_FEMALE);
    then_event(&s, 1, "identity_change");
    assert_string_equal(s.events[1]->identity_change->replaced->value, "G850199920003");
    assert_string_equal(s.events[1]->identity_change->by->value, "D850199920001");
    story_end(&s);
}

static void a_bad_pupil_of_a_transfer_is_parked_and_the_others_go_on(void **state)
{
    story s;
    (void)state;
    story_begin(&s, &education_ctf);
    story_feed(&s, CTF(NOWHERE, "<Pupil><UPN>D850199920002</UPN></Pupil>\n<Pupil><Surname>Ghostley</Surname></Pupil>\n"
                                "<Pupil><UPN>D850199920001</UPN>\n<DOB>2016-02-30</DOB></Pupil>\n" FLAT));
    then_counts(&s, 1, 3);
    then_parked(&s, 0, "UPN", 4, "check");
    assert_int_equal(s.parked[0].column, 8);
    then_parked(&s, 1, "UPN", 5, "required");
    then_parked(&s, 2, "DOB", 7, "does not exist");
    then_nowhere(&s, "Ghostley");
    then_nowhere(&s, "D8501999");
    story_feed(&s, "<Message/>");
    then_refused(&s, "1:1: the first element is not CTfile");
    story_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pupil_who_leaves_for_nowhere_may_be_missing_education),
        cmocka_unit_test(a_full_file_has_its_names_in_basic_details_and_contacts_beside),
        cmocka_unit_test(a_bad_pupil_of_a_transfer_is_parked_and_the_others_go_on),
        cmocka_unit_test(a_mark_without_reason_is_an_unexplained_absence),
        cmocka_unit_test(national_codes_mean_what_the_guidance_says),
        cmocka_unit_test(missed_sessions_are_counted_until_another_mark_stands_between),
        cmocka_unit_test(a_changed_mark_amends_what_was_told),
        cmocka_unit_test(an_explained_mark_corrects_and_a_worse_one_amends),
        cmocka_unit_test(a_run_of_e_marks_is_one_exclusion),
        cmocka_unit_test(refused_marks_are_told_again_when_the_register_comes_again),
        cmocka_unit_test(an_exclusion_put_right_is_withdrawn_and_can_be_told_again),
        cmocka_unit_test(an_exclusion_withdrawn_and_told_again_has_an_id_of_its_own),
        cmocka_unit_test(a_refused_withdrawal_is_told_again_and_so_is_an_exclusion_of_two_marks),
        cmocka_unit_test(an_exclusion_entered_late_is_told_once),
        cmocka_unit_test(a_pupil_of_eighteen_is_an_adult),
        cmocka_unit_test(numbers_of_an_interface_are_taken_with_or_without_quotation_marks),
        cmocka_unit_test(a_row_that_is_not_utf_8_is_parked_and_the_others_go_on),
        cmocka_unit_test(registers_of_an_interface_are_read_in_their_three_shapes),
        cmocka_unit_test(bad_rows_are_parked_and_good_ones_go_on),
        cmocka_unit_test(a_register_with_its_pupils_included_is_read),
        cmocka_unit_test(an_export_with_other_names_is_read_and_its_faults_stand_in_their_columns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
