/* What the hub asks of an event by itself. Each refused row bends one well-formed event in one way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "event/event.h"
#include "event/wire.h"
#include "sample.h"

#define CODE(name) MASH__V1__REFUSAL_CODE__##name
#define KIND(name) MASH__V1__FACTOR_KIND__FACTOR_KIND_##name

typedef struct bend {
    const char *name;
    void (*change)(sample *s);
    Mash__V1__RefusalCode code;
    const char *path;
} bend;

/* X(name, what is changed, code, path) */
/* clang-format off */
#define REFUSED(X)                                                                                                                         \
    X(short_event_id, s->event.event_id.len = 15, WRONG_EVENT_ID, "event_id")                                                              \
    X(zero_event_id, memset(s->id, 0, 16), WRONG_EVENT_ID, "event_id")                                                                     \
    X(no_agency, s->event.agency = 0, MISSING_FIELD, "agency")                                                                             \
    X(unknown_agency, s->event.agency = 99, BAD_VALUE, "agency")                                                                           \
    X(no_source_system, s->event.source_system = (char *)"", MISSING_FIELD, "source_system")                                               \
    X(long_source_system, s->event.source_system = s->long_text + 5000 - 1 - 65, BAD_TEXT, "source_system")                                \
    X(line_break_in_source_system, s->event.source_system = (char *)"a\nb", BAD_VALUE, "source_system")                                    \
    X(no_source_reference, s->event.source_reference = (char *)"", MISSING_FIELD, "source_reference")                                      \
    X(long_source_reference, s->event.source_reference = s->long_text + 5000 - 1 - 129, BAD_TEXT, "source_reference")                      \
    X(no_occurred_at, s->event.occurred_at = 0, MISSING_FIELD, "occurred_at")                                                              \
    X(occurred_ahead, s->event.occurred_at = SAMPLE_NOW_MS + EVENT_FUTURE_MS_MAX + 1, IN_THE_FUTURE, "occurred_at")                        \
    X(occurred_before_1850, s->event.occurred_at = -4000000000000, BAD_VALUE, "occurred_at")                                               \
    X(occurred_at_the_least_number, s->event.occurred_at = INT64_MIN, BAD_VALUE, "occurred_at")                                            \
    X(occurred_at_the_greatest_number, s->event.occurred_at = INT64_MAX, BAD_VALUE, "occurred_at")                                         \
    X(recorded_at_the_least_number, s->event.recorded_at = INT64_MIN, TOO_OLD, "recorded_at")                                              \
    X(no_recorded_at, s->event.recorded_at = 0, MISSING_FIELD, "recorded_at")                                                              \
    X(recorded_ahead, s->event.recorded_at = SAMPLE_NOW_MS + EVENT_FUTURE_MS_MAX + 1, IN_THE_FUTURE, "recorded_at")                        \
    X(recorded_101_days_ago, s->event.recorded_at = SAMPLE_NOW_MS - 100 * SAMPLE_DAY_MS - 1, TOO_OLD, "recorded_at")                       \
    X(stated_receipt_ahead, s->event.stated_receipt_at = SAMPLE_NOW_MS + EVENT_FUTURE_MS_MAX + 1, IN_THE_FUTURE, "stated_receipt_at")      \
    X(no_area, s->event.area = (char *)"", MISSING_FIELD, "area")                                                                          \
    X(area_in_lower_case, s->event.area = (char *)"e10000014", BAD_VALUE, "area")                                                          \
    X(area_too_short, s->event.area = (char *)"E1000001", BAD_VALUE, "area")                                                               \
    X(unknown_sensitivity, s->event.sensitivity = 9, BAD_VALUE, "sensitivity")                                                             \
    X(no_legal_basis, s->event.n_legal_basis = 0, MISSING_FIELD, "legal_basis")                                                            \
    X(unstated_legal_basis, s->bases[0] = 0, BAD_VALUE, "legal_basis[0]")                                                                  \
    X(unknown_legal_basis, s->bases[0] = 77, BAD_VALUE, "legal_basis[0]")                                                                  \
    X(five_legal_bases, s->event.n_legal_basis = 5, BAD_VALUE, "legal_basis")                                                              \
    X(refused_consent_as_basis, basis_consent_refused(s), IMPOSSIBLE, "legal_basis")                                                       \
    X(long_summary, s->event.summary = s->long_text + 5000 - 1 - 301, BAD_TEXT, "summary")                                                 \
    X(summary_in_latin_1, s->event.summary = (char *)"caf\xe9", BAD_TEXT, "summary")                                                       \
    X(short_amends, (s->event.amends.data = s->other_id, s->event.amends.len = 3), BAD_VALUE, "amends")                                    \
    X(amends_itself, s->event.amends = s->event.event_id, IMPOSSIBLE, "amends")                                                            \
    X(amends_and_retracts, amend_and_retract(s), IMPOSSIBLE, "retracts")                                                                   \
    X(no_subjects, s->event.n_subjects = 0, MISSING_FIELD, "subjects")                                                                     \
    X(sixty_five_subjects, many_subjects(s), BAD_VALUE, "subjects")                                                                        \
    X(no_payload, s->event.payload_case = 0, UNKNOWN_TYPE, "payload")                                                                      \
    X(no_role, s->child.n_roles = 0, MISSING_FIELD, "subjects[0].roles")                                                                   \
    X(unknown_role, s->father_roles[0] = 50, BAD_VALUE, "subjects[1].roles[0]")                                                            \
    X(child_and_adult_at_risk, second_role(s, 3), IMPOSSIBLE, "subjects[0].roles")                                                         \
    X(unborn_parent, unborn_and(s, 4), IMPOSSIBLE, "subjects[0].roles")                                                                    \
    X(unborn_without_expected_date, unborn(s, 0, 0, 0), IMPOSSIBLE, "subjects[0].expected_date")                                           \
    X(unborn_expected_some_time_in_a_month, unborn(s, 2026, 6, 0), IMPOSSIBLE, "subjects[0].expected_date")                                \
    X(unborn_expected_in_two_years, unborn(s, 2028, 3, 1), IMPOSSIBLE, "subjects[0].expected_date")                                        \
    X(unborn_with_a_birthday, (unborn(s, 2026, 6, 1), s->child.date_of_birth = &s->born), IMPOSSIBLE, "subjects[0].date_of_birth")         \
    X(child_of_eighteen_today, born(s, 2008, 3, 1), IMPOSSIBLE, "subjects[0].date_of_birth")                                               \
    X(child_born_some_day_in_2007, born(s, 2007, 0, 0), IMPOSSIBLE, "subjects[0].date_of_birth")                                           \
    X(born_on_no_day, born(s, 2023, 2, 29), BAD_VALUE, "subjects[0].date_of_birth")                                                        \
    X(born_in_month_13, born(s, 2020, 13, 1), BAD_VALUE, "subjects[0].date_of_birth")                                                      \
    X(born_on_a_day_of_no_month, born(s, 2020, 0, 5), BAD_VALUE, "subjects[0].date_of_birth")                                              \
    X(born_in_1849, born(s, 1849, 1, 1), BAD_VALUE, "subjects[0].date_of_birth")                                                           \
    X(born_in_the_greatest_year, born(s, INT32_MAX, 1, 1), BAD_VALUE, "subjects[0].date_of_birth")                                         \
    X(born_in_the_greatest_month, born(s, 2020, INT32_MAX, 1), BAD_VALUE, "subjects[0].date_of_birth")                                     \
    X(born_on_the_greatest_day, born(s, 2020, 1, INT32_MAX), BAD_VALUE, "subjects[0].date_of_birth")                                       \
    X(born_in_the_least_month, born(s, 2020, INT32_MIN, INT32_MIN), BAD_VALUE, "subjects[0].date_of_birth")                                \
    X(born_after_recorded, born(s, 2026, 3, 4), IN_THE_FUTURE, "subjects[0].date_of_birth")                                                \
    X(born_next_year, born(s, 2027, 0, 0), IN_THE_FUTURE, "subjects[0].date_of_birth")                                                     \
    X(died_before_born, died(s, 2016, 5, 19), IMPOSSIBLE, "subjects[0].date_of_death")                                                     \
    X(checksum, s->nhs.value = (char *)"9990000019", FAILED_CHECKSUM, "subjects[0].identifiers[0].value")                                  \
    X(identifier_shape, s->nhs.value = (char *)"99900000", BAD_VALUE, "subjects[0].identifiers[0].value")                                  \
    X(identifier_placeholder, s->local.value = (char *)"none", BAD_VALUE, "subjects[0].identifiers[1].value")                              \
    X(identifier_empty, s->nhs.value = (char *)"", MISSING_FIELD, "subjects[0].identifiers[0].value")                                      \
    X(identifier_without_scheme, s->nhs.scheme = 0, MISSING_FIELD, "subjects[0].identifiers[0].scheme")                                    \
    X(identifier_of_unknown_scheme, s->nhs.scheme = 40, BAD_VALUE, "subjects[0].identifiers[0].scheme")                                    \
    X(local_without_system, s->local.system = (char *)"", MISSING_FIELD, "subjects[0].identifiers[1].system")                              \
    X(nhs_with_system, s->nhs.system = (char *)"x", BAD_VALUE, "subjects[0].identifiers[0].system")                                        \
    X(seventeen_identifiers, s->child.n_identifiers = 17, BAD_VALUE, "subjects[0].identifiers")                                            \
    X(long_family_name, s->child.family_name = s->long_text + 5000 - 1 - 201, BAD_TEXT, "subjects[0].family_name")                         \
    X(long_given_name, s->given_names[0] = s->long_text + 5000 - 1 - 201, BAD_TEXT, "subjects[0].given_names[0]")                          \
    X(postcode, s->home.postcode = (char *)"ZZ99 33", BAD_VALUE, "subjects[0].addresses[0].postcode")                                      \
    X(address_area, s->home.area = (char *)"Hampshire", BAD_VALUE, "subjects[0].addresses[0].area")                                        \
    X(uprn_of_13_digits, s->home.uprn = 1000000000000, BAD_VALUE, "subjects[0].addresses[0].uprn")                                         \
    X(moved_out_before_in, moved_out(s, 2019, 12, 31), IMPOSSIBLE, "subjects[0].addresses[0].until")                                       \
    X(relative_who_is_not_there, s->kin.to_subject = 2, BAD_VALUE, "subjects[1].relationships[0].to_subject")                              \
    X(own_relative, s->kin.to_subject = 1, IMPOSSIBLE, "subjects[1].relationships[0].to_subject")                                          \
    X(relative_of_no_kind, s->kin.kind = s->kin.lives_with = 0, MISSING_FIELD, "subjects[1].relationships[0].kind")                        \
    X(factor_of_no_kind, s->risk.kind = 0, MISSING_FIELD, "subjects[0].picture.vulnerability_factors[0].kind")                             \
    X(protective_among_risks, s->risk.kind = 101, BAD_VALUE, "subjects[0].picture.vulnerability_factors[0].kind")                          \
    X(risk_among_protective, s->strength.kind = 1, BAD_VALUE, "subjects[0].picture.protective_factors[0].kind")                            \
    X(child_as_unaffected_partner, s->strength.kind = 100, IMPOSSIBLE, "subjects[0].picture.protective_factors[0].kind")                   \
    X(parent_of_17_as_unaffected_partner, young_partner(s), IMPOSSIBLE, "subjects[1].picture.protective_factors[0].kind")                  \
    X(factor_since_next_year, s->since.year = 2027, IN_THE_FUTURE, "subjects[0].picture.vulnerability_factors[0].since")                   \
    X(long_note, s->risk.note = s->long_text + 5000 - 1 - 1001, BAD_TEXT, "subjects[0].picture.vulnerability_factors[0].note")             \
    X(consent_not_sought_without_reason, consent(s, 3), MISSING_FIELD, "subjects[0].consent.reason")                                       \
    X(consent_lacks_capacity_without_reason, consent(s, 4), MISSING_FIELD, "subjects[0].consent.reason")                                   \
    X(school_urn_of_5_digits, s->child.school_urn = (char *)"10000", BAD_VALUE, "subjects[0].school_urn")                                  \
    X(grade_without_tool, s->grade.tool = (char *)"", MISSING_FIELD, "domestic_abuse_incident.grades[0].tool")                             \
    X(grade_without_version, s->grade.tool_version = (char *)"", MISSING_FIELD, "domestic_abuse_incident.grades[0].tool_version")          \
    X(unknown_grade, s->grade.level = 5, BAD_VALUE, "domestic_abuse_incident.grades[0].level")                                             \
    X(score_of_minus_two, s->grade.score = -2, BAD_VALUE, "domestic_abuse_incident.grades[0].score")                                       \
    X(long_circumstances, s->incident.circumstances = s->long_text + 5000 - 1 - 4001, BAD_TEXT, "domestic_abuse_incident.circumstances")   \
    X(unknown_presence, s->incident.weapon_used = 3, BAD_VALUE, "domestic_abuse_incident.weapon_used")                                     \
    X(incapable_of_nothing, lacks_capacity(s, "", 2026, "nurse"), MISSING_FIELD, "capacity_decision.decision")                             \
    X(incapable_on_no_day, lacks_capacity(s, "where to live", 0, "nurse"), MISSING_FIELD, "capacity_decision.assessed_on")                 \
    X(incapable_says_nobody, lacks_capacity(s, "where to live", 2026, ""), MISSING_FIELD, "capacity_decision.assessor")                    \
    X(excluded_until_before, excluded(s), IMPOSSIBLE, "exclusion.until")                                                                   \
    X(born_to_nobody, birth(s, 3, 1), BAD_VALUE, "birth.mother_subject")                                                                   \
    X(born_to_itself, birth(s, 1, 1), IMPOSSIBLE, "birth.child_subject")                                                                   \
    X(occurred_11_minutes_after_recorded, s->event.occurred_at = s->event.recorded_at + EVENT_ORDER_MS_MAX + 1, IMPOSSIBLE, "occurred_at") \
    X(child_and_adult, second_role(s, 12), IMPOSSIBLE, "subjects[0].roles")                                                                \
    X(unborn_adult, unborn_and(s, 12), IMPOSSIBLE, "subjects[0].roles")                                                                    \
    X(unborn_on_probation, unborn_and(s, 11), IMPOSSIBLE, "subjects[0].roles")                                                             \
    X(unborn_expected_last_year, unborn(s, 2025, 12, 1), IMPOSSIBLE, "subjects[0].expected_date")                                          \
    X(adult_at_risk_born_five_years_ago, (only_role(s, 3), born(s, 2021, 3, 1)), IMPOSSIBLE, "subjects[0].date_of_birth")                  \
    X(adult_of_eighteen_in_two_days, (only_role(s, 12), born(s, 2008, 3, 3)), IMPOSSIBLE, "subjects[0].date_of_birth")                     \
    X(adult_of_seventeen_at_some_time_before, (only_role(s, 12), born(s, 2009, 0, 0), s->event.occurred_at = 1), IMPOSSIBLE, "subjects[0].date_of_birth") \
    X(aged_176, (only_role(s, 5), born(s, 1850, 1, 1)), IMPOSSIBLE, "subjects[0].date_of_birth")                                           \
    X(died_aged_150, (only_role(s, 5), born(s, 1850, 1, 1), died(s, 2000, 1, 1)), IMPOSSIBLE, "subjects[0].date_of_birth")                 \
    X(born_a_year_after_it_happened, (s->event.occurred_at -= 400 * SAMPLE_DAY_MS, born(s, 2026, 0, 0)), IMPOSSIBLE, "subjects[0].date_of_birth") \
    X(born_two_days_after_it_happened, born(s, 2026, 3, 3), IMPOSSIBLE, "subjects[0].date_of_birth")                                       \
    X(child_who_is_parent_of_her_father, related(s, 1), IMPOSSIBLE, "subjects[0].relationships[0].kind")                                   \
    X(child_who_is_parent_of_a_parent, (related(s, 1), s->kin.kind = 4), IMPOSSIBLE, "subjects[0].relationships[0].kind")                  \
    X(child_who_is_grandparent_of_a_parent, (related(s, 8), s->kin.kind = 4), IMPOSSIBLE, "subjects[0].relationships[0].kind")             \
    X(parent_who_is_child_of_the_child, s->kin.kind = 2, IMPOSSIBLE, "subjects[1].relationships[0].kind")                                  \
    X(each_the_others_parent, (only_role(s, 5), related(s, 1)), IMPOSSIBLE, "subjects[0].relationships[0].kind")                           \
    X(parent_and_grandchild_in_one, (only_role(s, 5), related(s, 8)), IMPOSSIBLE, "subjects[0].relationships[0].kind")                     \
    X(parent_of_an_unborn_parent, (unborn(s, 2026, 6, 1), s->kin.kind = 2), IMPOSSIBLE, "subjects[1].relationships[0].kind")               \
    X(parent_born_after_the_child, father_born(s, 2017), IMPOSSIBLE, "subjects[1].relationships[0].kind")                                  \
    X(parent_of_eight, (father_born(s, 2018), s->child.date_of_birth = NULL), IMPOSSIBLE, "subjects[1].relationships[0].kind")             \
    X(mother_born_after_the_child, (s->kin.kind = 3, father_born(s, 2017), birth(s, 2, 1)), IMPOSSIBLE, "birth.mother_subject")            \
    X(protective_worry, concern(s, 105), BAD_VALUE, "child_concern.kinds[0]")

/* Each of these is allowed, though it looks odd. X(name, what is changed) */
#define ALLOWED(X)                                                                                                                         \
    X(nothing_bent, (void)0)                                                                                                               \
    X(occurred_before_1970, (s->child.date_of_birth = NULL, s->event.occurred_at = -631152000000))                                                                          \
    X(occurred_some_time_before, s->event.occurred_at = 1)                                                                                 \
    X(occurred_just_ahead, s->event.occurred_at = s->event.recorded_at = SAMPLE_NOW_MS + EVENT_FUTURE_MS_MAX)                                                     \
    X(recorded_100_days_ago, (s->event.occurred_at = s->event.recorded_at = SAMPLE_NOW_MS - 100 * SAMPLE_DAY_MS, s->since.year = 2024))                                                   \
    X(child_of_eighteen_tomorrow, born(s, 2008, 3, 2))                                                                                     \
    X(child_born_some_day_in_2008, born(s, 2008, 0, 0))                                                                                    \
    X(child_born_some_day_in_march_2008, born(s, 2008, 3, 0))                                                                              \
    X(born_on_the_leap_day, born(s, 2024, 2, 29))                                                                                          \
    X(birthday_not_stated, born(s, 0, 0, 0))                                                                                               \
    X(child_of_unknown_age_then, (born(s, 1990, 1, 1), s->event.occurred_at = 1))                                                          \
    X(died_on_day_of_birth, died(s, 2016, 5, 20))                                                                                          \
    X(died_in_year_of_birth, died(s, 2016, 0, 0))                                                                                          \
    X(unborn_due_in_summer, unborn(s, 2026, 6, 1))                                                                                         \
    X(unborn_sibling, (unborn(s, 2026, 6, 1), second_role(s, 7)))                                                                          \
    X(father_as_unaffected_partner, (s->child.picture = NULL, s->father.picture = &s->picture, s->strength.kind = KIND(UNAFFECTED_PARTNER))) \
    X(sixty_four_bytes_of_source_system, s->event.source_system = s->long_text + 5000 - 1 - 64)                                            \
    X(four_thousand_bytes_of_circumstances, s->incident.circumstances = s->long_text + 5000 - 1 - 4000)                                    \
    X(welsh_summary, s->event.summary = (char *)"T\xc5\xb7 yng Nghymru")                                                                 \
    X(score_that_the_tool_has_not, s->grade.score = -1)                                                                                    \
    X(ungraded, (s->grade.level = 0, s->grade.score = 0, s->grade.tool = s->grade.tool_version = (char *)""))                              \
    X(lives_with_only, (s->kin.kind = 0, s->kin.lives_with = 1))                                                                           \
    X(consent_refused_beside_another_basis, (basis_consent_refused(s), s->bases[1] = 1, s->event.n_legal_basis = 2))                       \
    X(incapable_fully_stated, lacks_capacity(s, "where to live", 2026, "nurse"))                                                           \
    X(born_to_the_second, birth(s, 2, 1))                                                                                                  \
    X(recorded_ten_minutes_before_it_happened, s->event.occurred_at = s->event.recorded_at + EVENT_ORDER_MS_MAX)                           \
    X(adult_of_eighteen_tomorrow_where_it_is_late, (only_role(s, 12), born(s, 2008, 3, 2)))                                                \
    X(adult_born_some_day_in_2008, (only_role(s, 3), born(s, 2008, 0, 0)))                                                                 \
    X(aged_125, (only_role(s, 5), born(s, 1901, 3, 3)))                                                                                    \
    X(born_the_day_after_where_it_is_late, born(s, 2026, 3, 2))                                                                            \
    X(unborn_five_weeks_overdue, unborn(s, 2026, 1, 25))                                                                                   \
    X(child_of_the_parent_on_both_sides, related(s, 2))                                                                                    \
    X(young_mother_with_her_own_mother, (second_role(s, 4), born(s, 2010, 3, 1)))                                                          \
    X(each_the_others_carer, (only_role(s, 5), related(s, 6), s->kin.kind = 6))                                                            \
    X(stepfather_three_years_older, (born(s, 2011, 5, 20), father_born(s, 2008)))                                                          \
    X(parent_born_in_the_same_year_as_far_as_known, (born(s, 2016, 0, 0), father_born(s, 2016), s->date.month = s->date.day = 0))                        \
    X(amends_another, (s->event.amends.data = s->other_id, s->event.amends.len = 16))
/* clang-format on */

static void basis_consent_refused(sample *s)
{
    s->bases[0] = MASH__V1__LEGAL_BASIS__LEGAL_BASIS_CONSENT;
    s->father.consent = &s->father_consent;
    s->father_consent.status = MASH__V1__CONSENT_STATUS__CONSENT_STATUS_REFUSED;
}

static void amend_and_retract(sample *s)
{
    s->event.amends = s->event.retracts = (ProtobufCBinaryData){.len = 16, .data = s->other_id};
}

static void many_subjects(sample *s)
{
    for (size_t i = 0; i < 65; i++)
        s->subjects[i] = &s->child;
    s->event.n_subjects = 65;
}

static void second_role(sample *s, int role)
{
    s->child_roles[s->child.n_roles++] = (Mash__V1__SubjectRole)role;
}

static void only_role(sample *s, int role)
{
    s->child_roles[0] = (Mash__V1__SubjectRole)role;
}

/* The child is that of the father, who is her parent by what he says. */
static void related(sample *s, int kind)
{
    static Mash__V1__Relationship said;
    mash__v1__relationship__init(&said);
    said.to_subject = 1;
    said.kind = (Mash__V1__RelationshipKind)kind;
    s->kins[1] = &said;
    s->child.n_relationships = 1, s->child.relationships = s->kins + 1;
}

static void father_born(sample *s, int year)
{
    s->father.date_of_birth = &s->date;
    s->date.year = year, s->date.month = 1, s->date.day = 1;
}

static void unborn(sample *s, int year, int month, int day)
{
    s->child_roles[0] = MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_UNBORN_CHILD;
    s->child.date_of_birth = NULL;
    s->child.expected_date = &s->expected;
    s->expected.year = year, s->expected.month = month, s->expected.day = day;
}

static void unborn_and(sample *s, int role)
{
    unborn(s, 2026, 6, 1);
    second_role(s, role);
}

static void born(sample *s, int year, int month, int day)
{
    s->born.year = year, s->born.month = month, s->born.day = day;
}

static void died(sample *s, int year, int month, int day)
{
    s->child.date_of_death = &s->died;
    s->died.year = year, s->died.month = month, s->died.day = day;
}

static void moved_out(sample *s, int year, int month, int day)
{
    s->home.until = &s->moved_out;
    s->moved_out.year = year, s->moved_out.month = month, s->moved_out.day = day;
}

static void young_partner(sample *s)
{
    s->child.picture = NULL;
    s->father.picture = &s->picture;
    s->strength.kind = KIND(UNAFFECTED_PARTNER);
    s->father.date_of_birth = &s->date;
    s->date.year = 2008, s->date.month = 3, s->date.day = 2; /* 18 the day after it happened */
}

static void consent(sample *s, int status)
{
    s->child.consent = &s->consent;
    s->consent.status = (Mash__V1__ConsentStatus)status;
}

static void lacks_capacity(sample *s, const char *decision, int year, const char *assessor)
{
    s->event.payload_case = MASH__V1__EVENT__PAYLOAD_CAPACITY_DECISION;
    s->event.capacity_decision = &s->capacity;
    s->capacity.has_capacity = MASH__V1__PRESENCE__PRESENCE_NO;
    s->capacity.decision = (char *)decision;
    s->capacity.assessor = (char *)assessor;
    s->capacity.assessed_on = &s->date;
    s->date.year = year;
}

static void excluded(sample *s)
{
    s->event.payload_case = MASH__V1__EVENT__PAYLOAD_EXCLUSION;
    s->event.exclusion = &s->exclusion;
    s->exclusion.from = &s->moved_in;
    s->exclusion.until = &s->moved_out;
    s->moved_out.year = 2019;
}

static void birth(sample *s, uint32_t mother, uint32_t child)
{
    s->event.payload_case = MASH__V1__EVENT__PAYLOAD_BIRTH;
    s->event.birth = &s->birth;
    s->birth.mother_subject = mother, s->birth.child_subject = child;
}

static void concern(sample *s, int kind)
{
    s->event.payload_case = MASH__V1__EVENT__PAYLOAD_CHILD_CONCERN;
    s->event.child_concern = &s->concern;
    s->kinds[0] = (Mash__V1__FactorKind)kind;
}

#define CHANGE(name, change)                                                                                                     \
    static void change_##name(sample *s)                                                                                         \
    {                                                                                                                            \
        (void)s;                                                                                                                 \
        (void)(change);                                                                                                          \
    }
#define CHANGE_REFUSED(name, change, code, path) CHANGE(name, change)
REFUSED(CHANGE_REFUSED)
ALLOWED(CHANGE)

#define REFUSED_ROW(name, change, code, path) {"refuses: " #name, change_##name, CODE(code), path},
#define ALLOWED_ROW(name, change) {"allows: " #name, change_##name, CODE(REFUSAL_CODE_UNSPECIFIED), ""},
static bend BENDS[] = {REFUSED(REFUSED_ROW) ALLOWED(ALLOWED_ROW)};
enum { BEND_COUNT = sizeof BENDS / sizeof BENDS[0] };

static void a_bent_event_is_judged_by_its_first_fault(void **state)
{
    const bend *b = *state;
    sample s;
    sample_make(&s);
    b->change(&s);
    event_problem problem;

    bool passed = event_validate(&s.event, SAMPLE_NOW_MS, &problem);

    assert_string_equal(problem.field_path, b->path);
    assert_int_equal(problem.code, b->code);
    assert_int_equal(passed, b->code == 0);
    assert_int_equal(problem.reason[0] != '\0', !passed);
}

/* A refusal is read by people and logged: it may say which field and why, never what stood there. */
static void a_refusal_never_repeats_what_was_sent(void **state)
{
    (void)state;
    sample s;
    sample_make(&s);
    s.nhs.value = (char *)"9990000019";
    event_problem problem;

    assert_false(event_validate(&s.event, SAMPLE_NOW_MS, &problem));

    assert_null(strstr(problem.reason, "999"));
    assert_null(strstr(problem.field_path, "999"));
}

/* What the adapter accepted, the hub must accept: packing and unpacking changes nothing. */
static void an_event_is_as_valid_after_the_wire_as_before(void **state)
{
    (void)state;
    sample s;
    sample_make(&s);
    hub_buffer packed = {0};
    assert_int_equal(event_wire_pack(&s.event.base, &packed), HUB_OK);
    hub_arena arena;
    assert_int_equal(hub_arena_open(&arena, 16384, 1 << 20), HUB_OK);
    event_problem problem;

    Mash__V1__Event *event = event_decode(hub_buffer_bytes(&packed), &arena, &problem);

    assert_non_null(event);
    assert_true(event_validate(event, SAMPLE_NOW_MS, &problem));
    hub_arena_close(&arena);
    hub_buffer_free(&packed);
}

int main(void)
{
    struct CMUnitTest tests[BEND_COUNT + 2] = {
        cmocka_unit_test(a_refusal_never_repeats_what_was_sent),
        cmocka_unit_test(an_event_is_as_valid_after_the_wire_as_before),
    };
    for (size_t i = 0; i < BEND_COUNT; i++) {
        tests[i + 2] = (struct CMUnitTest){
            .name = BENDS[i].name, .test_func = a_bent_event_is_judged_by_its_first_fault, .initial_state = &BENDS[i]};
    }
    return cmocka_run_group_tests_name("event validation", tests, NULL, NULL);
}
