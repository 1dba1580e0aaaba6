#include "sample.h"

#include <string.h>

static void make_people(sample *s)
{
    mash__v1__date__init(&s->born);
    s->born.year = 2016, s->born.month = 5, s->born.day = 20;
    mash__v1__date__init(&s->expected);
    mash__v1__date__init(&s->died);
    mash__v1__date__init(&s->since);
    mash__v1__date__init(&s->moved_in);
    mash__v1__date__init(&s->moved_out);
    mash__v1__date__init(&s->date);
    s->moved_in.year = 2020;

    mash__v1__identifier__init(&s->nhs);
    s->nhs.scheme = MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_NHS_NUMBER;
    s->nhs.value = (char *)"999 000 0018";
    mash__v1__identifier__init(&s->local);
    s->local.scheme = MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_LOCAL;
    s->local.value = (char *)"p-100";
    s->local.system = (char *)"niche/44";
    s->identifiers[0] = &s->nhs, s->identifiers[1] = &s->local;

    mash__v1__address__init(&s->home);
    s->home.postcode = (char *)"zz99 3vz";
    s->home.uprn = 100120883950;
    s->home.area = (char *)"E10000014";
    s->home.from = &s->moved_in;
    s->homes[0] = &s->home;

    mash__v1__subject__init(&s->child);
    s->child_roles[0] = MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_CHILD;
    s->child.n_roles = 1, s->child.roles = s->child_roles;
    s->child.n_identifiers = 2, s->child.identifiers = s->identifiers;
    s->child.family_name = (char *)"Example";
    s->given_names[0] = (char *)"Testa";
    s->child.n_given_names = 1, s->child.given_names = s->given_names;
    s->child.date_of_birth = &s->born;
    s->child.n_addresses = 1, s->child.addresses = s->homes;
    s->child.school_urn = (char *)"100000";

    mash__v1__relationship__init(&s->kin);
    s->kin.kind = MASH__V1__RELATIONSHIP_KIND__RELATIONSHIP_KIND_PARENT_OF;
    s->kin.lives_with = 1;
    s->kins[0] = &s->kin;
    mash__v1__subject__init(&s->father);
    s->father_roles[0] = MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_PARENT_OR_CARER;
    s->father.n_roles = 1, s->father.roles = s->father_roles;
    s->father.family_name = (char *)"Example";
    s->father.n_relationships = 1, s->father.relationships = s->kins;
    s->subjects[0] = &s->child, s->subjects[1] = &s->father;
}

static void make_pictures(sample *s)
{
    mash__v1__factor__init(&s->risk);
    s->risk.kind = MASH__V1__FACTOR_KIND__FACTOR_KIND_DOMESTIC_ABUSE;
    s->risk.since = &s->since;
    s->since.year = 2025, s->since.month = 12;
    s->risks[0] = &s->risk;
    mash__v1__factor__init(&s->strength);
    s->strength.kind = MASH__V1__FACTOR_KIND__FACTOR_KIND_SUPPORTIVE_FAMILY;
    s->strengths[0] = &s->strength;
    mash__v1__picture__init(&s->picture);
    s->picture.n_vulnerability_factors = 1, s->picture.vulnerability_factors = s->risks;
    s->picture.n_protective_factors = 1, s->picture.protective_factors = s->strengths;
    s->child.picture = &s->picture;
    mash__v1__consent__init(&s->consent);
    mash__v1__consent__init(&s->father_consent);
}

static void make_payloads(sample *s)
{
    mash__v1__grade__init(&s->grade);
    s->grade.tool = (char *)"DASH", s->grade.tool_version = (char *)"2009";
    s->grade.level = MASH__V1__GRADE_LEVEL__GRADE_LEVEL_HIGH, s->grade.score = 16;
    s->grades[0] = &s->grade;
    mash__v1__domestic_abuse_incident__init(&s->incident);
    s->incident.n_grades = 1, s->incident.grades = s->grades;
    s->incident.circumstances = (char *)"Shouting heard; a child was in the next room.";
    mash__v1__capacity_decision__init(&s->capacity);
    mash__v1__exclusion__init(&s->exclusion);
    mash__v1__birth__init(&s->birth);
    mash__v1__child_concern__init(&s->concern);
    s->concern.n_kinds = 1, s->concern.kinds = s->kinds;
    s->kinds[0] = MASH__V1__FACTOR_KIND__FACTOR_KIND_NEGLECT;
}

void sample_make(sample *s)
{
    memset(s, 0, sizeof *s);
    memset(s->long_text, 'a', sizeof s->long_text - 1);
    make_people(s);
    make_pictures(s);
    make_payloads(s);
    mash__v1__event__init(&s->event);
    memset(s->id, 7, sizeof s->id);
    memset(s->other_id, 8, sizeof s->other_id);
    s->event.event_id = (ProtobufCBinaryData){.len = sizeof s->id, .data = s->id};
    s->event.agency = MASH__V1__AGENCY__AGENCY_POLICE;
    s->event.source_system = (char *)"niche/44";
    s->event.source_reference = (char *)"44260000001/1";
    s->event.occurred_at = SAMPLE_NOW_MS - SAMPLE_DAY_MS;
    s->event.recorded_at = SAMPLE_NOW_MS - 3600000;
    s->event.area = (char *)"E10000014";
    s->event.sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_SENSITIVE;
    s->bases[0] = MASH__V1__LEGAL_BASIS__LEGAL_BASIS_LAW_ENFORCEMENT;
    s->event.n_legal_basis = 1, s->event.legal_basis = s->bases;
    s->event.n_subjects = 2, s->event.subjects = s->subjects;
    s->event.summary = (char *)"Domestic abuse incident, child present";
    s->event.payload_case = MASH__V1__EVENT__PAYLOAD_DOMESTIC_ABUSE_INCIDENT;
    s->event.domestic_abuse_incident = &s->incident;
}
