/* education.h - the formats in which schools tell the hub what happened. */
#ifndef EDUCATION_EDUCATION_H
#define EDUCATION_EDUCATION_H

#include "kit/mapping.h"

extern const kit_mapping education_register_json; /* a management information system's session register */
extern const kit_mapping education_register_csv;  /* our own layout: adapters/README.md */

/* Common transfer files: pupils whose destination is not known, and pupil numbers that replace others. */
extern const kit_mapping education_ctf;

#endif
