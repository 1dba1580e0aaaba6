#include <stdio.h>
#include <string.h>

#include "health/fhir.h"

#define SCHEME(name) MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_##name
#define ROLE(name) MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_##name

enum { LOCAL_TEXT_MAX = 64 };

/* UK Core and Care Connect; the profiles before them; as an object identifier (documents, spine). */
static const char *const NHS_SYSTEMS[] = {"https://fhir.nhs.uk/Id/nhs-number", "http://fhir.nhs.net/Id/nhs-number",
                                          "urn:oid:2.16.840.1.113883.2.1.4.1"};
static const char *const ODS_SYSTEMS[] = {"https://fhir.nhs.uk/Id/ods-organization-code", "https://fhir.nhs.uk/Id/ods-site-code",
                                          "http://fhir.nhs.net/Id/ods-organization-code", "http://fhir.nhs.net/Id/ods-site-code"};

static const struct {
    const char *code;
    Mash__V1__Sex sex;
} SEXES[] = {{"male", MASH__V1__SEX__SEX_MALE},
             {"female", MASH__V1__SEX__SEX_FEMALE},
             {"other", MASH__V1__SEX__SEX_INDETERMINATE},
             {"unknown", MASH__V1__SEX__SEX_NOT_KNOWN}};

/* HL7 AdministrativeUse; an old address holds no longer. */
static const struct {
    const char *use;
    Mash__V1__AddressKind kind;
} USES[] = {{"home", MASH__V1__ADDRESS_KIND__ADDRESS_KIND_HOME}, {"temp", MASH__V1__ADDRESS_KIND__ADDRESS_KIND_TEMPORARY}};

void fhir_fault(fhir_record *r, const json_t *holder, const char *key, const char *field, const char *rule)
{
    if (r->rule != NULL) return;
    r->rule = rule;
    r->holder = holder;
    r->key = key;
    r->field = field;
}

bool fhir_is(const json_t *resource, const char *type)
{
    return formats_bytes_are(formats_json_text(resource, "resourceType"), type);
}

static bool ends_with(hub_bytes text, hub_bytes end)
{
    return end.size > 0 && text.size >= end.size && memcmp(text.data + text.size - end.size, end.data, end.size) == 0;
}

/* "Patient/123" is this resource: of that type and id. */
static bool is_relative(hub_bytes text, const json_t *resource)
{
    hub_bytes type = formats_json_text(resource, "resourceType");
    hub_bytes id = formats_json_text(resource, "id");
    return type.size > 0 && id.size > 0 && text.size == type.size + 1 + id.size && text.data[type.size] == '/' &&
           memcmp(text.data, type.data, type.size) == 0 && ends_with(text, id);
}

/* "Patient/123/_history/2" is Patient/123, of whatever version. */
static hub_bytes without_version(hub_bytes reference)
{
    const uint8_t *at = reference.size > 0 ? memmem(reference.data, reference.size, "/_history/", 10) : NULL;
    return at != NULL ? hub_bytes_of(reference.data, (size_t)(at - reference.data)) : reference;
}

const json_t *fhir_resolve(const fhir *f, const json_t *owner, const json_t *reference)
{
    hub_bytes text = without_version(formats_json_text(reference, "reference"));
    size_t i;
    json_t *entry;
    if (text.size == 0) return NULL;
    if (text.data[0] == '#') {
        json_array_foreach(json_object_get(owner, "contained"), i, entry)
        {
            if (hub_bytes_equal(formats_json_text(entry, "id"), hub_bytes_of(text.data + 1, text.size - 1))) return entry;
        }
        return NULL;
    }
    json_array_foreach(json_object_get(f->places.root, "entry"), i, entry)
    {
        const json_t *resource = json_object_get(entry, "resource");
        if (hub_bytes_equal(formats_json_text(entry, "fullUrl"), text) || is_relative(text, resource)) return resource;
    }
    return NULL;
}

const json_t *fhir_first(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_array(value) ? json_array_get(value, 0) : value;
}

hub_bytes fhir_code(const json_t *concept, const char *system)
{
    size_t i;
    json_t *coding;
    json_array_foreach(json_object_get(concept, "coding"), i, coding)
    {
        if (system == NULL || ends_with(formats_json_text(coding, "system"), hub_bytes_of_text(system)))
            return formats_json_text(coding, "code");
    }
    return hub_bytes_of(NULL, 0);
}

hub_bytes fhir_words(const json_t *concept)
{
    size_t i;
    json_t *coding;
    hub_bytes words = formats_json_text(concept, "text");
    json_array_foreach(json_object_get(concept, "coding"), i, coding)
    {
        if (words.size == 0) words = formats_json_text(coding, "display");
    }
    return words;
}

int64_t fhir_instant(fhir_record *r, const json_t *object, const char *key, const char *field)
{
    int64_t ms = 0;
    hub_bytes text = formats_json_text(object, key);
    if (formats_json_is_not_text(object, key)) fhir_fault(r, object, key, field, "must be a text");
    if (text.size == 0 || formats_instant_iso(text, r->f->options, &ms)) return ms;
    fhir_fault(r, object, key, field, "date or time does not exist or is not ISO 8601");
    return 0;
}

/* "2016-05-06", "2016-05", "2016" [FHIR R4 date]. */
static bool read_date(hub_bytes text, formats_date *out)
{
    char digits[9];
    size_t count = 0;
    if (text.size == 10) return formats_date_iso(text, out);
    if (text.size != 4 && text.size != 7) return false;
    for (size_t i = 0; i < text.size; i++) {
        if (i != 4) digits[count++] = (char)text.data[i];
    }
    return (text.size == 4 || text.data[4] == '-') && formats_date_hl7(hub_bytes_of(digits, count), out);
}

static void add_date(fhir_record *r, const json_t *patient, const char *key, formats_date *out)
{
    hub_bytes text = formats_json_text(patient, key);
    hub_bytes day = text.size > 10 ? hub_bytes_of(text.data, 10) : text;
    if (formats_json_is_not_text(patient, key) || (text.size > 0 && !read_date(day, out)))
        fhir_fault(r, patient, key, key, "date does not exist or is not YYYY-MM-DD");
}

static void add_number(fhir_record *r, Mash__V1__Subject *subject, const json_t *identifier)
{
    hub_bytes value = formats_json_text(identifier, "value");
    const char *rule = formats_identifier_fault(SCHEME(NHS_NUMBER), value, r->f->options->this_year);
    if (formats_json_is_not_text(identifier, "value")) rule = "must be a text";
    if (rule != NULL)
        fhir_fault(r, identifier, "value", "identifier.value", rule);
    else
        formats_add_identifier(r->about.draft, subject, SCHEME(NHS_NUMBER), value);
}

static bool is_among(const json_t *identifier, const char *const *systems, size_t count)
{
    hub_bytes system = formats_json_text(identifier, "system");
    for (size_t i = 0; i < count; i++) {
        if (formats_bytes_are(system, systems[i])) return true;
    }
    return false;
}

bool fhir_is_nhs(const json_t *identifier)
{
    return is_among(identifier, NHS_SYSTEMS, sizeof NHS_SYSTEMS / sizeof NHS_SYSTEMS[0]);
}

/* The NHS number, and the first of the source's own, with the authority it names: the last part of its system. */
static void add_identifiers(fhir_record *r, Mash__V1__Subject *subject, const json_t *patient)
{
    size_t i;
    json_t *identifier;
    bool has_local = false;
    json_array_foreach(json_object_get(patient, "identifier"), i, identifier)
    {
        hub_bytes system = formats_json_text(identifier, "system");
        hub_bytes value = formats_json_text(identifier, "value");
        char text[LOCAL_TEXT_MAX];
        if (formats_bytes_are(formats_json_text(identifier, "use"), "old"))
            continue; /* of two current numbers the hub makes two people */
        if (fhir_is_nhs(identifier)) {
            add_number(r, subject, identifier);
            continue;
        }
        if (has_local || value.size == 0) continue;
        const uint8_t *slash = system.size > 0 ? memrchr(system.data, '/', system.size) : NULL;
        size_t from = slash != NULL ? (size_t)(slash - system.data) + 1 : 0;
        (void)snprintf(text, sizeof text, "%.*s:%.*s", (int)(system.size - from > 24 ? 24 : system.size - from),
                       system.size > from ? (const char *)system.data + from : "", (int)(value.size > 38 ? 38 : value.size),
                       (const char *)value.data);
        formats_add_identifier(r->about.draft, subject, SCHEME(LOCAL), hub_bytes_of_text(text[0] == ':' ? text + 1 : text));
        has_local = true;
    }
}

/* The official name, else the first that is not an old one [FHIR name use]. */
static const json_t *name_of(const json_t *patient)
{
    size_t i;
    json_t *name;
    const json_t *best = NULL;
    json_array_foreach(json_object_get(patient, "name"), i, name)
    {
        hub_bytes use = formats_json_text(name, "use");
        if (formats_bytes_are(use, "official")) return name;
        if (best == NULL && !formats_bytes_are(use, "old")) best = name;
    }
    return best;
}

static void add_names(fhir_record *r, Mash__V1__Subject *subject, const json_t *patient)
{
    size_t i;
    json_t *given;
    const json_t *name = name_of(patient);
    if (formats_json_is_not_text(name, "family")) fhir_fault(r, name, "family", "name.family", "must be a text");
    if (formats_json_is_not_texts(name, "given")) fhir_fault(r, name, "given", "name.given", "must be a list of texts");
    subject->family_name = formats_text(r->about.draft, formats_json_text(name, "family"));
    json_array_foreach(json_object_get(name, "given"), i, given)
    {
        formats_add_given_name(r->about.draft, subject, hub_bytes_of_text(json_string_value(given)));
    }
}

static void add_addresses(fhir_record *r, Mash__V1__Subject *subject, const json_t *patient)
{
    enum { ADDRESSES_MAX = 4 };
    formats_draft *draft = r->about.draft;
    size_t i;
    json_t *stated;
    json_array_foreach(json_object_get(patient, "address"), i, stated)
    {
        hub_bytes use = formats_json_text(stated, "use");
        size_t k;
        json_t *line;
        if (formats_bytes_are(use, "old") || i >= ADDRESSES_MAX) continue;
        Mash__V1__Address *address = formats_add_address(draft, subject);
        address->kind = use.size == 0 ? MASH__V1__ADDRESS_KIND__ADDRESS_KIND_HOME : MASH__V1__ADDRESS_KIND__ADDRESS_KIND_OTHER;
        for (k = 0; k < sizeof USES / sizeof USES[0]; k++) {
            if (formats_bytes_are(use, USES[k].use)) address->kind = USES[k].kind;
        }
        json_array_foreach(json_object_get(stated, "line"), k, line)
        {
            if (k < 4) /* city and district follow */
                formats_add_line(draft, &address->lines, &address->n_lines, FORMATS_ADDRESS_LINES_MAX,
                                 hub_bytes_of_text(json_string_value(line)));
        }
        formats_add_line(draft, &address->lines, &address->n_lines, FORMATS_ADDRESS_LINES_MAX, formats_json_text(stated, "city"));
        formats_set_postcode(draft, address, formats_json_text(stated, "postalCode"));
    }
}

static void add_details(fhir_record *r, Mash__V1__Subject *subject, const json_t *patient)
{
    formats_date death = {0};
    hub_bytes gender = formats_json_text(patient, "gender");
    add_identifiers(r, subject, patient);
    add_names(r, subject, patient);
    add_date(r, patient, "birthDate", &r->about.birth);
    add_date(r, patient, "deceasedDateTime", &death);
    if (r->about.birth.year != 0) subject->date_of_birth = formats_date_message(r->about.draft, r->about.birth);
    if (death.year != 0) subject->date_of_death = formats_date_message(r->about.draft, death);
    for (size_t i = 0; i < sizeof SEXES / sizeof SEXES[0]; i++) {
        if (formats_bytes_are(gender, SEXES[i].code)) subject->sex = SEXES[i].sex;
    }
    add_addresses(r, subject, patient);
    subject->practice_code = fhir_provider(r, fhir_first(patient, "generalPractitioner"));
}

void fhir_add_patient(fhir_record *r, const json_t *reference, const char *field, int64_t at_ms)
{
    const json_t *patient = fhir_resolve(r->f, r->resource, reference);
    const json_t *stated = json_object_get(reference, "identifier");
    hub_bytes text = without_version(formats_json_text(reference, "reference"));
    Mash__V1__Subject *subject = formats_add_subject(r->about.draft);
    if (fhir_is(patient, "Patient")) add_details(r, subject, patient);
    if (subject->n_identifiers == 0 && fhir_is_nhs(stated)) add_number(r, subject, stated);
    bool is_own = text.size > 8 && text.size <= 64 && memcmp(text.data, "Patient/", 8) == 0;
    if (subject->n_identifiers == 0 && patient == NULL && is_own)
        formats_add_identifier(r->about.draft, subject, SCHEME(LOCAL), hub_bytes_of(text.data + 8, text.size - 8));
    if (subject->n_identifiers == 0 && subject->family_name[0] == '\0')
        fhir_fault(r, r->resource, field, field, "no Patient with a number or a name: an event is about somebody");
    bool child = health_is_child(&r->about, at_ms) == MASH__V1__PRESENCE__PRESENCE_YES;
    formats_add_role(r->about.draft, subject, child ? ROLE(CHILD) : ROLE(PATIENT));
}

static hub_bytes ods_code(const json_t *identifier)
{
    if (is_among(identifier, ODS_SYSTEMS, sizeof ODS_SYSTEMS / sizeof ODS_SYSTEMS[0]))
        return formats_json_text(identifier, "value");
    return hub_bytes_of(NULL, 0);
}

char *fhir_provider(fhir_record *r, const json_t *reference)
{
    hub_bytes code = ods_code(json_object_get(reference, "identifier"));
    const json_t *resource = code.size == 0 ? fhir_resolve(r->f, r->resource, reference) : NULL;
    if (code.size == 0) code = ods_code(fhir_first(resource, "identifier"));
    return formats_text(r->about.draft, code);
}
