/* fhir.c - a FHIR R4 document in JSON or XML: one resource, or a Bundle of them.
 *
 * Invariants
 *   F1  of a message Bundle only what MessageHeader.focus names is told, or, without a focus, every resource of a kind we know: the rest
 *       is context. An answer (an event that ends in -response) tells nothing
 *   F2  test data (meta security or tag HTEST) makes no event [HL7 v3 ActReason HTEST]
 *   F3  a resource that cannot be mapped is parked, and so is an entry that holds none; the others of its Bundle go on
 *   F4  a Bundle in a Bundle, and Parameters around one, are parked: what they hold would be lost unseen
 */
#include "health/fhir.h"

#include <stdio.h>
#include <string.h>

#include "health/health.h"

/* F4. */
static hub_status park_holder(fhir_record *r)
{
    return fhir_park(r, NULL, "holds other resources, which are not looked for there: send the inner one by itself");
}

static const struct {
    const char *type;
    hub_status (*put)(fhir_record *r);
} KINDS[] = {{"Appointment", fhir_put_appointment},
             {"Encounter", fhir_put_encounter},
             {"ServiceRequest", fhir_put_request},
             {"Flag", fhir_put_flag},
             {"Bundle", park_holder},
             {"Parameters", park_holder}};

static bool is_test(const json_t *resource)
{
    static const char *const LISTS[] = {"security", "tag"};
    for (size_t k = 0; k < sizeof LISTS / sizeof LISTS[0]; k++) {
        size_t i;
        json_t *coding;
        json_array_foreach(json_object_get(json_object_get(resource, "meta"), LISTS[k]), i, coding)
        {
            if (formats_bytes_are(formats_json_text(coding, "code"), "HTEST")) return true;
        }
    }
    return false;
}

static hub_bytes number_of(const json_t *resource)
{
    hub_bytes number = formats_json_text(fhir_first(resource, "identifier"), "value");
    return number.size > 0 ? number : formats_json_text(resource, "id");
}

static hub_status put_resource(fhir *f, const json_t *resource)
{
    fhir_record r = {.f = f, .resource = resource, .number = number_of(resource)};
    int64_t updated_ms = 0;
    if (is_test(resource)) return HUB_OK; /* F2 */
    hub_bytes updated = formats_json_text(json_object_get(resource, "meta"), "lastUpdated");
    if (!formats_instant_iso(updated, f->options, &updated_ms)) updated_ms = 0;
    r.about = (health_message){.options = f->options, .sink = f->sink, .sent_ms = f->sent_ms != 0 ? f->sent_ms : updated_ms};
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        if (fhir_is(resource, KINDS[i].type)) return KINDS[i].put(&r);
    }
    return HUB_OK;
}

static const json_t *header_of(const fhir *f)
{
    const json_t *first = json_object_get(json_array_get(json_object_get(f->places.root, "entry"), 0), "resource");
    bool is_message = formats_bytes_are(formats_json_text(f->places.root, "type"), "message");
    return is_message && fhir_is(first, "MessageHeader") ? first : NULL;
}

static bool is_answer(const json_t *header)
{
    static const char END[] = "-response";
    hub_bytes code = formats_json_text(json_object_get(header, "eventCoding"), "code");
    return code.size >= sizeof END && memcmp(code.data + code.size - (sizeof END - 1), END, sizeof END - 1) == 0;
}

static hub_status put_focus(fhir *f, const json_t *header)
{
    size_t i;
    json_t *reference;
    json_array_foreach(json_object_get(header, "focus"), i, reference)
    {
        const json_t *resource = fhir_resolve(f, header, reference);
        hub_status status = resource != NULL ? put_resource(f, resource) : HUB_OK;
        if (resource == NULL) {
            status = formats_park(f->sink, formats_json_record(&f->places, header),
                                  formats_json_place(&f->places, reference, "reference", "MessageHeader.focus"),
                                  "names a resource that is not in the bundle");
        }
        if (status != HUB_OK) return status;
    }
    return HUB_OK;
}

/* The document as a whole. */
static hub_status refuse(fhir *f, const char *key, const char *rule, hub_error *err)
{
    kit_place place = formats_json_place(&f->places, f->places.root, key, key);
    return hub_fail(err, HUB_ERR_INVALID, "%u:%u: %s: %s", place.line, place.column, key, rule);
}

/* An entry may have no resource (a deletion in a batch); what has another shape would be lost unseen (F3). */
static hub_status put_entry(fhir *f, const json_t *entries, size_t index)
{
    char field[32];
    hub_bytes record;
    const json_t *entry = json_array_get(entries, index);
    const json_t *resource = json_object_get(entry, "resource");
    if (json_is_object(entry) && resource == NULL) return HUB_OK;
    if (formats_json_text(resource, "resourceType").size > 0) return put_resource(f, resource);
    (void)snprintf(field, sizeof field, "entry[%zu]", index);
    kit_place place = formats_json_element(&f->places, entries, index, field, &record);
    return formats_park(f->sink, record, place, "must be an object with a resource, or without any");
}

static hub_status put_bundle(fhir *f, hub_error *err)
{
    const json_t *entries = json_object_get(f->places.root, "entry");
    const json_t *header = header_of(f);
    if (entries != NULL && !json_is_array(entries)) return refuse(f, "entry", "must be a list", err);
    if (json_array_size(entries) > FHIR_ENTRIES_MAX) return refuse(f, "entry", "more than 5000 resources", err);
    if (is_test(f->places.root) || is_test(header) || is_answer(header)) return HUB_OK; /* F1, F2 */
    hub_bytes sent = formats_json_text(f->places.root, "timestamp");
    if (!formats_instant_iso(sent, f->options, &f->sent_ms)) f->sent_ms = 0;
    if (json_array_size(json_object_get(header, "focus")) > 0) return put_focus(f, header);
    for (size_t i = 0; i < json_array_size(entries); i++) {
        hub_status status = put_entry(f, entries, i);
        if (status != HUB_OK) return status;
    }
    return HUB_OK;
}

static hub_status map(const kit_mapping_options *options, hub_bytes input, const char *input_name, kit_sink *sink, hub_error *err)
{
    fhir f = {.options = options, .sink = sink};
    (void)input_name;
    hub_status status = fhir_is_xml(input) ? fhir_xml_read(input, &f.places, err) : formats_json_open(input, &f.places, err);
    if (status != HUB_OK) return status;
    if (formats_json_text(f.places.root, "resourceType").size == 0)
        status = refuse(&f, "resourceType", "missing: no FHIR resource", err);
    else
        status = fhir_is(f.places.root, "Bundle") ? put_bundle(&f, err) : put_resource(&f, f.places.root);
    formats_json_close(&f.places);
    return status;
}

const kit_mapping health_fhir = {
    .name = "health-fhir",
    .version = 1,
    .agency = MASH__V1__AGENCY__AGENCY_HEALTH,
    .transport = "folder",
    .file_suffix = "json",
    .other_suffix = "xml",
    .map = map,
    .answer_type = "application/fhir+json",
    .answer = fhir_answer,
};
