/* probation.h - the formats in which probation and prisons tell the hub what happened. */
#ifndef PROBATION_PROBATION_H
#define PROBATION_PROBATION_H

#include "kit/mapping.h"

/* HMPPS domain events, bare or in an SNS envelope. */
extern const kit_mapping probation_domain_event;

#endif
