/* education.h - the formats in which schools tell the hub what happened. */
#ifndef EDUCATION_EDUCATION_H
#define EDUCATION_EDUCATION_H

#include "kit/mapping.h"

extern const kit_mapping education_register_json; /* a management information system's session register */
extern const kit_mapping education_register_csv;  /* our own layout: adapters/README.md */

#endif
