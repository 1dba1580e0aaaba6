/* adults.h - the formats in which adult social care tells the hub what happened. */
#ifndef ADULTS_ADULTS_H
#define ADULTS_ADULTS_H

#include "kit/mapping.h"

/* Client-level data, Release 1 [DHSC specification, from 1 April 2023]. */
extern const kit_mapping adults_client_level_csv;

/* Safeguarding concerns and enquiries, a row a case: our layout over the names of the Safeguarding Adults Collection. */
extern const kit_mapping adults_safeguarding_csv;

#endif
