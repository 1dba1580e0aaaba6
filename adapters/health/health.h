/* health.h - the formats in which hospitals and clinics tell the hub what happened. */
#ifndef HEALTH_HEALTH_H
#define HEALTH_HEALTH_H

#include "kit/mapping.h"

/* HL7 v2.3 to 2.8, SIU (appointments) and ADT (admissions, attendances, discharges), as sent over MLLP. */
extern const kit_mapping health_hl7;

/* FHIR R4: Appointment, Encounter, ServiceRequest, alone or in a Bundle. */
extern const kit_mapping health_fhir;

#endif
