/* sample.h - a well-formed event about a child and her father, all invented, for tests to bend. */
#ifndef UNIT_EVENT_SAMPLE_H
#define UNIT_EVENT_SAMPLE_H

#include "mash/v1/event.pb-c.h"

/* 2026-03-02T09:00:00Z */
#define SAMPLE_NOW_MS INT64_C(1772442000000)
#define SAMPLE_DAY_MS INT64_C(86400000)

typedef struct sample {
    Mash__V1__Event event;
    Mash__V1__LegalBasis bases[8];
    Mash__V1__Subject child, father;
    Mash__V1__Subject *subjects[80];
    Mash__V1__SubjectRole child_roles[16], father_roles[2];
    Mash__V1__Identifier nhs, local;
    Mash__V1__Identifier *identifiers[32];
    Mash__V1__Date born, expected, died, since, moved_in, moved_out, date;
    Mash__V1__Address home;
    Mash__V1__Address *homes[1];
    Mash__V1__Relationship kin;
    Mash__V1__Relationship *kins[64];
    Mash__V1__Picture picture;
    Mash__V1__Factor risk, strength;
    Mash__V1__Factor *risks[1], *strengths[1];
    Mash__V1__Consent consent, father_consent;
    char *given_names[1];
    Mash__V1__DomesticAbuseIncident incident;
    Mash__V1__Grade grade;
    Mash__V1__Grade *grades[1];
    Mash__V1__CapacityDecision capacity;
    Mash__V1__Exclusion exclusion;
    Mash__V1__Birth birth;
    Mash__V1__ChildConcern concern;
    Mash__V1__FactorKind kinds[1];
    uint8_t id[16], other_id[16];
    char long_text[5000];
} sample;

void sample_make(sample *s);

#endif
