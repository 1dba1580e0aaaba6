#include "adults/adults.h"
#include "children/children.h"
#include "education/education.h"
#include "health/health.h"
#include "kit/mapping.h"
#include "police/police.h"
#include "probation/probation.h"
#include "table/table.h"

const kit_mapping *const KIT_MAPPINGS[] = {
    &police_incident_json,
    &health_hl7,
    &probation_domain_event,
    &education_register_json,
    &education_register_csv,
    &childrens_cin_census,
    &adults_client_level_csv,
    &health_fhir,
    &childrens_csc_json,
    &adults_safeguarding_csv,
    &police_ppn_csv,
    &education_ctf,
    &table_csv,
    &table_json,
    NULL,
};
