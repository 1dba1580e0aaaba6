/* codes.h - the national attendance codes [Working together to improve school attendance, statutory from 19 August 2024]. */
#ifndef EDUCATION_CODES_H
#define EDUCATION_CODES_H

#include "kit/mapping.h"

typedef enum education_meaning {
    EDUCATION_PRESENT,     /* here, or at an approved activity */
    EDUCATION_ABSENT,      /* unexplained or unauthorised: see kind */
    EDUCATION_EXPLAINED,   /* authorised absence */
    EDUCATION_EXCLUDED,    /* E */
    EDUCATION_NOT_COUNTED, /* unable to attend, not on roll, school closed: says nothing about the pupil */
} education_meaning;

typedef struct education_code {
    const char *code;
    education_meaning meaning;
    Mash__V1__AbsenceKind kind;
} education_code;

/* The code, with or without a management system's "ACODE-" before it; NULL when there is no such national code. */
const education_code *education_code_find(hub_bytes text);

#endif
