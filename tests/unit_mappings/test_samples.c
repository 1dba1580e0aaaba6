/* Whole files: the project's own samples told as one story, the bad ones, and published test files where they are at hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "adults/adults.h"
#include "children/children.h"
#include "education/education.h"
#include "health/health.h"
#include "police/police.h"
#include "probation/probation.h"
#include "sink.h"
#include "table/table.h"
#include "yaml/yaml.h"

enum { PATH_BYTES = 600 };

#define PUBLISHED_CENSUS                                                                                                         \
    "children"                                                                                                                   \
    "s" /* the published files' own folder */

static char target[64] = "/tmp/mappings.XXXXXX";

/* One file and what it becomes: names of payloads in order, "" for nothing, "!" for a refusal. */
typedef struct expected {
    const char *file;
    const char *kinds;
} expected;

static void check_kinds(const story *s, const expected *row)
{
    char kinds[1024] = "";
    size_t used = 0;
    for (size_t i = 0; i < s->count && used < sizeof kinds; i++) {
        const char *name = event_payload_name((uint32_t)s->events[i]->payload_case);
        used += (size_t)snprintf(kinds + used, sizeof kinds - used, "%s%s", i > 0 ? " " : "", name);
    }
    if (s->status != HUB_OK) (void)snprintf(kinds, sizeof kinds, "!");
    for (size_t i = 0; i < s->parked_count; i++)
        print_message("%s: parked %s: %s\n", row->file, s->parked[i].field, s->parked[i].rule);
    if (s->status != HUB_OK && strcmp(row->kinds, "!") != 0) print_message("%s: %s\n", row->file, s->err.text);
    if (strcmp(kinds, row->kinds) != 0) fail_msg("%s: \"%s\", wanted \"%s\"", row->file, kinds, row->kinds);
}

/* A mapping of any agency has a table, and whose it is. */
static void begin_table(story *s, const char *table)
{
    char path[PATH_BYTES];
    yaml_problems problems = {0};
    if (table == NULL) return;
    (void)snprintf(path, sizeof path, "%s/config/hips/adapters/tables/%s", story_source(), table);
    s->options.agency = MASH__V1__AGENCY__AGENCY_EDUCATION;
    s->options.settings = s->mapping->settings_read(path, &problems);
    assert_non_null(s->options.settings);
    yaml_problems_free(&problems);
}

static void check_files(const kit_mapping *mapping, const char *table, const char *folder, const expected *rows, size_t count)
{
    story s;
    char path[PATH_BYTES];
    story_begin(&s, mapping);
    begin_table(&s, table);
    for (size_t i = 0; i < count; i++) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, rows[i].file);
        story_feed_file(&s, path);
        check_kinds(&s, &rows[i]);
        assert_int_equal(s.parked_count, 0);
    }
    if (table != NULL) mapping->settings_free((void *)(uintptr_t)s.options.settings);
    story_end(&s);
}
#define CHECK_FILES(mapping, folder, ...) CHECK_TABLE(mapping, NULL, folder, __VA_ARGS__)
#define CHECK_TABLE(mapping, table, folder, ...)                                                                                 \
    do {                                                                                                                         \
        char whole[PATH_BYTES / 2];                                                                                              \
        static const expected ROWS[] = {__VA_ARGS__};                                                                            \
        (void)snprintf(whole, sizeof whole, "%s/%s", target, folder);                                                            \
        check_files(&(mapping), table, whole, ROWS, sizeof ROWS / sizeof ROWS[0]);                                               \
    } while (0)

static int run(char *const *arguments)
{
    pid_t child;
    int status;
    if (posix_spawnp(&child, arguments[0], NULL, NULL, arguments, environ) != 0) return -1;
    return waitpid(child, &status, 0) == child ? status : -1;
}

static int render(void **state)
{
    char script[PATH_BYTES];
    char now[32];
    (void)state;
    if (mkdtemp(target) == NULL || setenv("RENDER_BAD", "1", 1) != 0) return -1;
    (void)snprintf(script, sizeof script, "%s/tests/samples/render.sh", story_source());
    (void)snprintf(now, sizeof now, "%lld", (long long)(STORY_NOW_MS / 1000));
    return run((char *[]){(char[]){"sh"}, script, target, now, NULL});
}

static int clean(void **state)
{
    (void)state;
    return run((char *[]){(char[]){"rm"}, (char[]){"-r"}, target, NULL});
}

static void the_police_samples_are_four_incidents_and_one_thing_that_is_not_ours(void **state)
{
    (void)state;
    CHECK_FILES(police_incident_json, "police", {"01-da-high-two-children.json", "domestic_abuse_incident"},
                {"02-da-standard-no-children.json", "domestic_abuse_incident"},
                {"03-da-medium-by-count.json", "domestic_abuse_incident"}, {"04-theft-routes-nowhere.json", "incident"},
                {"05-cpi-not-ours.json", ""});
}

static void the_health_samples_miss_three_appointments_and_leave_against_advice(void **state)
{
    (void)state;
    CHECK_FILES(health_hl7, "health", {"01-s12-booked.hl7", "appointment_booked"}, {"02-s26-missed.hl7", "missed_appointment"},
                {"03-s12-booked.hl7", "appointment_booked"}, {"04-s26-missed.hl7", "missed_appointment"},
                {"05-s12-booked.hl7", "appointment_booked"}, {"06-s26-missed-bare.hl7", "missed_appointment"},
                {"07-a04-emergency.hl7", "urgent_care_attendance"}, {"08-a03-against-advice.hl7", "discharge"},
                {"09-a01-planned-not-ours.hl7", ""}, {"10-s15-cancelled.hl7", "appointment_cancelled"},
                {"11-test-message-not-live.hl7", ""});
}

static void the_probation_samples_release_flag_and_recall(void **state)
{
    (void)state;
    CHECK_FILES(probation_domain_event, "probation", {"01-released.json", "release"},
                {"02-registration-child-protection.json", "risk_flag"}, {"03-registration-high-rosh.json", "risk_flag"},
                {"04-recall-to-custody.json", "recall"}, {"05-not-arrived.json", "missed_appointment"},
                {"06-session-feedback-not-ours.json", ""}, {"07-transfer-not-a-release.json", ""});
}

static void the_education_samples_are_absences_an_exclusion_and_a_correction(void **state)
{
    (void)state;
    CHECK_FILES(education_register_json, "education",
                {"01-register.json", "absence absence absence absence absence absence exclusion"},
                {"02-register-corrected.json", "absence"});
    CHECK_FILES(education_register_csv, "education_csv", {"01-register.csv", "absence absence absence"});
}

static void the_census_samples_are_a_baseline_and_an_update(void **state)
{
    (void)state;
    CHECK_FILES(
        childrens_cin_census, "children", {"01-cin-baseline.xml", ""},
        {"02-cin-update.xml", "assessment section_47_enquiry referral assessment section_47_enquiry referral protection_plan"});
}

static void the_adult_samples_are_a_quarter_and_the_same_quarter_again(void **state)
{
    (void)state;
    CHECK_FILES(adults_client_level_csv, "adults",
                {"01-cld-quarter.csv", "referral assessment care_service referral assessment referral"},
                {"02-cld-quarter-again.csv", "care_service"});
}

static void the_second_formats_tell_the_same_families(void **state)
{
    (void)state;
    CHECK_FILES(police_ppn_csv, "police_ppn", {"01-notices.csv", "domestic_abuse_incident adult_concern"});
    CHECK_FILES(health_hl7, "health_more", {"01-ref-i12-sent.hl7", "referral"}, {"02-ref-i14-cancelled.hl7", "referral"},
                {"03-a40-merge.hl7", "identity_change"}, {"04-a04-emergency.hl7", "urgent_care_attendance"},
                {"05-a11-cancelled.hl7", "urgent_care_attendance"});
    CHECK_FILES(health_fhir, "health_fhir", {"01-appointment-noshow-bundle.json", "missed_appointment"},
                {"02-encounter-emergency-left.json", "urgent_care_attendance discharge"},
                {"03-referral-message.json", "referral"}, {"04-test-data-not-live.json", ""},
                {"05-appointment-noshow.xml", "missed_appointment"});
    CHECK_FILES(childrens_csc_json, "children_csc", {"01-children.json", "referral assessment section_47_enquiry"},
                {"02-children-next-day.json", "section_47_enquiry protection_plan"});
    CHECK_FILES(adults_safeguarding_csv, "adults_safeguarding",
                {"01-cases.csv", "adult_concern adult_concern section_42_enquiry"});
    CHECK_FILES(education_ctf, "education_ctf", {"8501234_CTF_XXXXXXX_001.xml", "missing"},
                {"8501234_CTF_8512345_002.xml", "identity_change"});
    CHECK_TABLE(table_csv, "concern-log.yaml", "education_concerns", {"01-concern-log.csv", "child_concern"});
    CHECK_TABLE(table_csv, "identity-crosswalk.yaml", "identity", {"01-crosswalk.csv", "identity_change"});
}

/* As other makers' systems and other years write the same formats. */
static void other_systems_and_years_are_read_too(void **state)
{
    (void)state;
    CHECK_FILES(education_register_csv, "education_export", {"01-marks-semicolons.csv", "absence absence absence"},
                {"02-marks-utf-16.csv", "absence absence"});
    CHECK_FILES(education_register_json, "education_included", {"01-register.json", "absence"});
    CHECK_FILES(education_ctf, "education_ctf", {"8501234_CTF_XXXXXXX_003.xml", "missing identity_change"});
    CHECK_FILES(health_hl7, "health_other", {"01-v23-s26-noshow-status.hl7", "missed_appointment"},
                {"02-v251-a04-latin-1.hl7", "urgent_care_attendance"}, {"03-v27-s14-cancelled.hl7", "appointment_cancelled"},
                {"04-v28-a03-died.hl7", "discharge"});
    CHECK_FILES(health_fhir, "health_flags", {"01-bundle-of-flags.json", "risk_flag risk_flag"},
                {"02-contained-noshow.json", "missed_appointment"});
    CHECK_FILES(adults_client_level_csv, "adults_extract", {"01-extract.csv", "referral care_service"});
    CHECK_FILES(childrens_cin_census, "children_2026", {"01-baseline.xml", ""}, {"02-update.xml", "assessment referral"});
    CHECK_FILES(probation_domain_event, "probation_more", {"01-registration-number-as-number.json", "risk_flag"},
                {"02-sns-home-detention-curfew.json", "release"});
}

static void check_bad(const kit_mapping *mapping, const char *file, hub_status status, size_t events, size_t parked)
{
    story s;
    char path[PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/bad/%s", target, file);
    story_begin(&s, mapping);
    story_feed_file(&s, path);
    if (s.status != status || s.count != events || s.parked_count != parked) {
        fail_msg("%s: status %d, %zu events, %zu parked (%s)", file, s.status, s.count, s.parked_count, s.err.text);
    }
    then_nowhere(&s, "999000"); /* of every NHS number in these files */
    then_nowhere(&s, "Testley");
    story_end(&s);
}

static void the_bad_samples_are_refused_or_parked_and_repeat_no_value(void **state)
{
    (void)state;
    check_bad(&police_incident_json, "police-broken.json", HUB_ERR_INVALID, 0, 0);
    check_bad(&police_incident_json, "police-bad-nhs-number.json", HUB_OK, 0, 1);
    check_bad(&adults_client_level_csv, "adults-bad-rows.csv", HUB_OK, 1, 4);
    check_bad(&adults_client_level_csv, "adults-no-event-type.csv", HUB_ERR_INVALID, 0, 0);
    check_bad(&childrens_cin_census, "children-truncated.xml", HUB_ERR_INVALID, 0, 0);
    check_bad(&childrens_cin_census, "children-doctype.xml", HUB_ERR_INVALID, 0, 0);
    check_bad(&education_register_csv, "education-bad-rows.csv", HUB_OK, 1, 3);
    check_bad(&health_hl7, "health-bad-nhs-number.hl7", HUB_OK, 0, 1);
    check_bad(&health_hl7, "health-no-header.hl7", HUB_ERR_INVALID, 0, 0);
    check_bad(&probation_domain_event, "probation-broken-message.json", HUB_ERR_INVALID, 0, 0);
    check_bad(&police_incident_json, "police-other-names.json", HUB_OK, 0, 1);
    check_bad(&police_ppn_csv, "police-ppn-bad-rows.csv", HUB_OK, 1, 2);
    check_bad(&health_fhir, "health-fhir-bad-date.json", HUB_OK, 0, 1);
    check_bad(&childrens_csc_json, "children-csc-bad-upn.json", HUB_OK, 0, 1);
    check_bad(&adults_safeguarding_csv, "adults-safeguarding-bad-rows.csv", HUB_OK, 1, 2);
    check_bad(&education_ctf, "education-ctf-entity.xml", HUB_ERR_INVALID, 0, 0);
    check_bad(&education_register_csv, "education-windows-1252.csv", HUB_OK, 1, 2);
    check_bad(&education_register_json, "education-odd-marks.json", HUB_OK, 1, 4);
    check_bad(&health_hl7, "health-unnamed-set.hl7", HUB_OK, 0, 1);
    check_bad(&health_fhir, "health-fhir-odd-entries.json", HUB_OK, 1, 3);
    check_bad(&childrens_csc_json, "children-csc-odd-shapes.json", HUB_OK, 2, 4);
    check_bad(&childrens_cin_census, "children-odd-codes.xml", HUB_OK, 0, 0); /* a baseline: what is in it is told by nobody */
    check_bad(&police_ppn_csv, "police-ppn-comes-back.csv", HUB_OK, 2, 2);
    check_bad(&probation_domain_event, "probation-no-code.json", HUB_OK, 0, 1);
}

/* A file cut anywhere, or with any byte changed, ends in an answer: the adapter that reads it holds other agencies' words too. */
static void check_damaged(const kit_mapping *mapping, const char *file)
{
    static story s;
    size_t size;
    char path[PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/%s", target, file);
    char *text = story_read(path, &size);
    assert_non_null(text);
    for (size_t cut = 0; cut < size; cut += 7) {
        story_begin(&s, mapping);
        story_feed_bytes(&s, hub_bytes_of(text, cut));
        assert_true(s.status == HUB_OK || s.status == HUB_ERR_INVALID);
        char kept = text[cut];
        text[cut] = (char)(cut % 256);
        story_feed_bytes(&s, hub_bytes_of(text, size));
        text[cut] = kept;
        assert_true(s.status == HUB_OK || s.status == HUB_ERR_INVALID);
        story_end(&s);
    }
    free(text);
}

static void damaged_files_end_in_an_answer(void **state)
{
    (void)state;
    check_damaged(&police_incident_json, "police/02-da-standard-no-children.json");
    check_damaged(&health_hl7, "health/07-a04-emergency.hl7");
    check_damaged(&probation_domain_event, "probation/01-released.json");
    check_damaged(&education_register_csv, "education_csv/01-register.csv");
    check_damaged(&education_register_json, "education/01-register.json");
    check_damaged(&childrens_cin_census, "children/02-cin-update.xml");
    check_damaged(&adults_client_level_csv, "adults/01-cld-quarter.csv");
    check_damaged(&police_ppn_csv, "police_ppn/01-notices.csv");
    check_damaged(&health_hl7, "health_more/01-ref-i12-sent.hl7");
    check_damaged(&health_hl7, "health_more/03-a40-merge.hl7");
    check_damaged(&health_fhir, "health_fhir/03-referral-message.json");
    check_damaged(&health_fhir, "health_fhir/05-appointment-noshow.xml");
    check_damaged(&childrens_csc_json, "children_csc/02-children-next-day.json");
    check_damaged(&adults_safeguarding_csv, "adults_safeguarding/01-cases.csv");
    check_damaged(&education_ctf, "education_ctf/8501234_CTF_8512345_002.xml");
    check_damaged(&education_register_csv, "education_export/01-marks-semicolons.csv");
    check_damaged(&education_register_csv, "education_export/02-marks-utf-16.csv");
    check_damaged(&education_register_json, "education_included/01-register.json");
    check_damaged(&health_hl7, "health_other/02-v251-a04-latin-1.hl7");
    check_damaged(&health_fhir, "health_flags/01-bundle-of-flags.json");
    check_damaged(&adults_client_level_csv, "adults_extract/01-extract.csv");
}

/* ---- published test files, beside the project ---- */

/* `parked`: a part of the rule by which its one record is parked; NULL: none is. */
static void check_published(const kit_mapping *mapping, const char *folder, const char *file, size_t events, const char *parked)
{
    story s;
    char path[PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/../shared/samples/%s/%s", story_source(), folder, file);
    story_begin(&s, mapping);
    story_feed_file(&s, path);
    if (s.status != HUB_OK) fail_msg("%s: %s", file, s.err.text);
    for (size_t i = 0; i < s.parked_count; i++) {
        if (parked == NULL || strstr(s.parked[i].rule, parked) == NULL)
            fail_msg("%s: parked: %s: %s", file, s.parked[i].field, s.parked[i].rule);
    }
    size_t wanted = parked != NULL ? 1 : 0;
    if (s.count != events || s.parked_count != wanted) fail_msg("%s: %zu events, %zu parked", file, s.count, s.parked_count);
    story_end(&s);
}

/* Their dates are years old: what states its own time of recording is parked as too old, by the hub's own check. */
static void published_files_become_what_the_tables_say(void **state)
{
    char path[PATH_BYTES];
    (void)state;
    (void)snprintf(path, sizeof path, "%s/../shared/samples", story_source());
    if (access(path, R_OK) != 0) {
        print_message("skipped: not there: ../shared/samples\n");
        skip();
    }
    check_published(&police_incident_json, "police", "AUTHORED-da-incident-high-with-children.json", 1, NULL);
    check_published(&police_incident_json, "police", "AUTHORED-da-incident-standard.json", 1, NULL);
    check_published(&police_incident_json, "police", "EXCERPT-ihub-sdm-online-crime-report.json", 1, NULL);
    check_published(&probation_domain_event, "probation", "registration-added-RHRH.json", 1, NULL);
    check_published(&probation_domain_event, "probation", "AUTHORED-registration-added-MAPP.json", 1, NULL);
    check_published(&probation_domain_event, "probation", "prisoner-released.sns.json", 1, NULL);
    check_published(&probation_domain_event, "probation", "prisoner-received-recalled.sns.json", 1, NULL);
    check_published(&probation_domain_event, "probation", "referral-prematurely-ended.sns.json", 1, NULL);
    check_published(&probation_domain_event, "probation", "ap-person-not-arrived.json", 1, NULL);
    check_published(&probation_domain_event, "probation", "session-feedback-not-attended.sns.json", 0, NULL);
    check_published(&probation_domain_event, "probation", "engagement-created.json", 0, NULL);
    check_published(&education_register_json, "education", "AUTHORED-wonde-session-register.json", 2, NULL);
    check_published(&adults_client_level_csv, "adults", "AUTHORED-cld-release1-2025Q3.csv", 4, NULL);
    check_published(&childrens_cin_census, PUBLISHED_CENSUS, "CIN_Census_2021.xml", 0,
                    "date does not exist"); /* a child expected in 1066 */
    check_published(&childrens_cin_census, PUBLISHED_CENSUS, "CIN_Census_2021_no_assessment_factors.xml", 0, NULL);
    check_published(&childrens_cin_census, PUBLISHED_CENSUS, "CIN_Census_2024.xml", 0, NULL);
    check_published(&childrens_cin_census, PUBLISHED_CENSUS, "CIN2rows.xml", 0, NULL);
    check_published(&childrens_cin_census, PUBLISHED_CENSUS, "liia-cin-2022.xml", 0, NULL);
    check_published(&police_ppn_csv, "police", "AUTHORED-ppn-export.csv", 3, NULL);
    check_published(&adults_safeguarding_csv, "adults", "AUTHORED-sac-case-level.csv", 3, NULL);
    check_published(&education_ctf, "education", "AUTHORED-ctf-ks2-sample.xml", 0, "check digit");
    check_published(&health_fhir, "health", "nhs-tie-Encounter.json", 0, NULL); /* planned, and still in hospital */
    check_published(&health_fhir, "health", "AUTHORED-fhir-appointment-noshow.json", 0, "more than 100 days ago");
    check_published(&health_fhir, "health", "bars-process-message-booking.json", 0, "more than 100 days ago");
    check_published(&health_fhir, "health", "bars-process-message-referral-validation-request.json", 0, "check digit");
    check_published(&health_fhir, "health", "UKCore-Encounter-InpatientEncounter-Example.xml", 1, NULL);
    check_published(&health_fhir, "health", "UKCore-Appointment-OrthopaedicSurgery-Example.xml", 1, NULL);
    check_published(&health_fhir, "health", "UKCore-ServiceRequest-HipReplacement-Example.xml", 1, NULL);
    check_published(&health_fhir, "health", "UKCore-Patient-RichardSmith-Example.xml", 0, NULL);
    check_published(&health_hl7, "health", "ms-REF-I12-01.hl7", 0, "more than 100 days ago");
    check_published(&health_hl7, "health", "ms-SIU-S12-01.hl7", 0, "more than 100 days ago");
    check_published(&health_hl7, "health", "ms-SIU-S15-01.hl7", 0, "more than 100 days ago");
    check_published(&health_hl7, "health", "ms-SIU-S26-01.hl7", 0, "more than 100 days ago");
    check_published(&health_hl7, "health", "pkb-SIU-S12.hl7", 0, "more than 100 days ago");
    check_published(&health_hl7, "health", "ms-ADT-A01-02.hl7", 0, NULL); /* PV1-2 P: a pre-admission */
    check_published(&health_hl7, "health", "ms-ADT-A03-02.hl7", 0, "more than 100 days ago");
    check_published(&health_hl7, "health", "ms-ADT-A04-02.hl7", 0, NULL);
    check_published(&health_hl7, "health", "nhs-itk24-ADT-A01-Admit-Inpatient.hl7", 0, NULL);
    check_published(&health_hl7, "health", "nhs-itk24-ADT-A04-Register-Outpatient-Update.hl7", 0, NULL);
    check_published(&health_hl7, "health", "nhs-itk24-ADT-A28-Create-New-Patient.hl7", 0, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_police_samples_are_four_incidents_and_one_thing_that_is_not_ours),
        cmocka_unit_test(the_health_samples_miss_three_appointments_and_leave_against_advice),
        cmocka_unit_test(the_probation_samples_release_flag_and_recall),
        cmocka_unit_test(the_education_samples_are_absences_an_exclusion_and_a_correction),
        cmocka_unit_test(the_census_samples_are_a_baseline_and_an_update),
        cmocka_unit_test(the_adult_samples_are_a_quarter_and_the_same_quarter_again),
        cmocka_unit_test(the_second_formats_tell_the_same_families),
        cmocka_unit_test(other_systems_and_years_are_read_too),
        cmocka_unit_test(the_bad_samples_are_refused_or_parked_and_repeat_no_value),
        cmocka_unit_test(damaged_files_end_in_an_answer),
        cmocka_unit_test(published_files_become_what_the_tables_say),
    };
    return cmocka_run_group_tests(tests, render, clean);
}
