/* police.h - the formats in which police forces tell the hub what happened. */
#ifndef POLICE_POLICE_H
#define POLICE_POLICE_H

#include "kit/mapping.h"

/* JSON:API incidents in the shape of the iHub Standard Data Model, with our domestic abuse extension (adapters/README.md). */
extern const kit_mapping police_incident_json;

/* Public protection notices as rows: our layout. */
extern const kit_mapping police_ppn_csv;

#endif
