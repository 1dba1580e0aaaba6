/* fhir.h - one FHIR R4 document being mapped, shared by the parts of the mapping. */
#ifndef HEALTH_FHIR_H
#define HEALTH_FHIR_H

#include "formats/json_place.h"
#include "health/message.h"

enum { FHIR_ENTRIES_MAX = 5000 };

typedef struct fhir {
    const kit_mapping_options *options;
    kit_sink *sink;
    formats_json_places places; /* its root: a Bundle, or the one resource */
    int64_t sent_ms;            /* Bundle.timestamp; 0: not stated */
} fhir;

/* One resource on its way to events. */
typedef struct fhir_record {
    fhir *f;
    const json_t *resource;
    hub_bytes number;     /* identifier[0].value, else id; empty: none */
    health_message about; /* draft, sink, options, birth and misses: what the HL7 mapping keeps of its message */
    const json_t *holder; /* of the first fault */
    const char *key;
    const char *field;
    const char *rule; /* NULL: no fault */
} fhir_record;

/* ---- fhir_xml.c, fhir_answer.c ---- */

bool fhir_is_xml(hub_bytes input);
/* As formats_json_open; what cannot be read leaves nothing to close. */
hub_status fhir_xml_read(hub_bytes input, formats_json_places *out, hub_error *err);
/* kit_mapping.answer */
hub_status fhir_answer(hub_bytes input, kit_input_result result, const char *reason, int64_t now_ms, hub_buffer *out);

/* ---- fhir_resource.c: reading ---- */

/* The first fault stays. `key` in `holder` is where it stands; NULL: the holder itself. */
void fhir_fault(fhir_record *r, const json_t *holder, const char *key, const char *field, const char *rule);
/* The resource a Reference names: contained in its owner, or in the bundle; NULL: elsewhere. */
const json_t *fhir_resolve(const fhir *f, const json_t *owner, const json_t *reference);
bool fhir_is(const json_t *resource, const char *type);
/* Is it an NHS number by its system? */
bool fhir_is_nhs(const json_t *identifier);
/* Code of the first coding of a CodeableConcept that `system` ends with (NULL: any); empty: none. */
hub_bytes fhir_code(const json_t *concept, const char *system);
/* Its text, else the first display; empty: none. */
hub_bytes fhir_words(const json_t *concept);
/* The first CodeableConcept under a key that holds one or a list of them. */
const json_t *fhir_first(const json_t *object, const char *key);
/* An instant under `key`; 0 when there is none, and a fault when it cannot be read. */
int64_t fhir_instant(fhir_record *r, const json_t *object, const char *key, const char *field);
/* Adds the Patient that `reference` names, whose age at `at_ms` decides who is a child. No number and no resource: a fault. */
void fhir_add_patient(fhir_record *r, const json_t *reference, const char *field, int64_t at_ms);
/* ODS code of an organisation that a Reference states itself or by a resource; "" when there is none. */
char *fhir_provider(fhir_record *r, const json_t *reference);

/* ---- fhir_facts.c, fhir_flag.c ---- */

typedef enum fhir_use { FHIR_IS_SO, FHIR_IS_WITHDRAWN } fhir_use;

/* Under which the fact is remembered. A resource without a number of its own is known by its bytes.
 *   when  tells apart several facts of one kind and resource; "": there is one */
formats_key fhir_key(const fhir_record *r, const char *kind, const char *when);
/* HUB_OK or HUB_ERR_MEMORY. */
hub_status fhir_open_draft(fhir_record *r);
/* Puts the draft, parks it for the record's first fault, or takes back what was told under `key`. HUB_OK also when parked. */
hub_status fhir_put_fact(fhir_record *r, const formats_key *key, fhir_use use);
/* Parks the resource as it is, at that key. */
hub_status fhir_park(const fhir_record *r, const char *key, const char *rule);

/* Puts what one resource means. HUB_OK also when it was parked or means nothing; anything else ends the input. */
hub_status fhir_put_appointment(fhir_record *r);
hub_status fhir_put_encounter(fhir_record *r);
hub_status fhir_put_request(fhir_record *r);
hub_status fhir_put_flag(fhir_record *r);

#endif
