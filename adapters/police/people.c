#include "police/people.h"

#include <stdio.h>
#include <string.h>

#define ROLE(name) MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_##name
#define KIND(name) MASH__V1__RELATIONSHIP_KIND__RELATIONSHIP_KIND_##name
#define SCHEME(name) MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_##name
#define COUNT(table) (sizeof(table) / sizeof(table)[0])

/* Relationships of the incident. victim, suspect and incidentLocation are the SDM's, the others our extension. */
static const struct {
    const char *name;
    Mash__V1__SubjectRole role;
    Mash__V1__Presence present;
} ROLES[] = {
    {"victim", ROLE(VICTIM), MASH__V1__PRESENCE__PRESENCE_UNSPECIFIED},
    {"suspect", ROLE(ALLEGED_PERPETRATOR), MASH__V1__PRESENCE__PRESENCE_UNSPECIFIED},
    {"childPresent", ROLE(CHILD), MASH__V1__PRESENCE__PRESENCE_YES},
    {"childAffected", ROLE(CHILD), MASH__V1__PRESENCE__PRESENCE_UNSPECIFIED},
    {"adultAtRisk", ROLE(ADULT_AT_RISK), MASH__V1__PRESENCE__PRESENCE_UNSPECIFIED},
    {"parentOrCarer", ROLE(PARENT_OR_CARER), MASH__V1__PRESENCE__PRESENCE_UNSPECIFIED},
    {"householdMember", ROLE(HOUSEHOLD_MEMBER), MASH__V1__PRESENCE__PRESENCE_UNSPECIFIED},
};

/* Relationships of a person, in our extension: "this person is KIND of that one". */
static const struct {
    const char *name;
    Mash__V1__RelationshipKind kind;
} KINDS[] = {
    {"parentOf", KIND(PARENT_OF)},
    {"childOf", KIND(CHILD_OF)},
    {"siblingOf", KIND(SIBLING_OF)},
    {"partnerOf", KIND(PARTNER_OF)},
    {"exPartnerOf", KIND(EX_PARTNER_OF)},
    {"carerOf", KIND(CARER_OF)},
    {"caredForBy", KIND(CARED_FOR_BY)},
    {"grandparentOf", KIND(GRANDPARENT_OF)},
    {"grandchildOf", KIND(GRANDCHILD_OF)},
    {"householdMemberWith", KIND(HOUSEHOLD_MEMBER_WITH)},
    {"otherRelativeOf", KIND(OTHER_RELATIVE_OF)},
};

/* A resource's JSON:API id is the document's own: it is not carried, or two documents' "p-1" would be one person. */
static const struct {
    const char *name;
    Mash__V1__IdentifierScheme scheme;
} IDENTIFIERS[] = {
    {"nhsNumber", SCHEME(NHS_NUMBER)},
    {"pncId", SCHEME(PNC)},
    {"croNumber", SCHEME(CRO)},
    {"forcePersonReference", SCHEME(LOCAL)},
};

typedef struct people {
    formats_draft *draft;
    const json_t *root;
    police_fault *fault;
    const json_t *attributes;                    /* of the person being read; NULL: none is */
    const json_t *persons[FORMATS_SUBJECTS_MAX]; /* by position in the event's subjects */
} people;

static const char NO_NUMBER[] = "must be a text or a whole number";
static const char NO_BOOLEAN[] = "must be true or false";

static const json_t *included(const json_t *root, hub_bytes type, hub_bytes id)
{
    size_t i;
    json_t *resource;
    json_array_foreach(json_object_get(root, "included"), i, resource)
    {
        if (hub_bytes_equal(formats_json_text(resource, "type"), type) &&
            hub_bytes_equal(formats_json_text(resource, "id"), id)) {
            return resource;
        }
    }
    return NULL;
}

/* JSON:API lets a relationship's data be one object or an array of them. */
static const json_t *linkage(const json_t *resource, const char *relationship, size_t index)
{
    const json_t *data = json_object_get(json_object_get(json_object_get(resource, "relationships"), relationship), "data");
    if (json_is_array(data)) return json_array_get(data, index);
    return index == 0 && json_is_object(data) ? data : NULL;
}

size_t police_related_count(const json_t *resource, const char *relationship)
{
    size_t count = 0;
    while (linkage(resource, relationship, count) != NULL)
        count++;
    return count;
}

const json_t *police_related(const json_t *root, const json_t *resource, const char *relationship, size_t index)
{
    const json_t *link = linkage(resource, relationship, index);
    return link == NULL ? NULL : included(root, formats_json_text(link, "type"), formats_json_text(link, "id"));
}

void police_set_fault(police_fault *fault, const json_t *holder, const char *key, const char *field, const char *rule)
{
    if (fault->rule != NULL) return;
    fault->rule = rule;
    fault->holder = holder;
    (void)snprintf(fault->key, sizeof fault->key, "%s", key);
    (void)snprintf(fault->field, sizeof fault->field, "%s", field);
}

void police_check_names(police_fault *fault, const json_t *holder, const police_name *names, size_t count, const char *within)
{
    for (size_t i = 0; i < count; i++) {
        char field[96];
        if (json_object_get(holder, names[i].wrong) == NULL) continue;
        (void)snprintf(field, sizeof field, "%s%s%s", within, within[0] != '\0' ? "." : "", names[i].wrong);
        police_set_fault(fault, holder, names[i].wrong, field, names[i].rule);
    }
}

static void set_fault_at(people *all, const json_t *holder, const char *rule, const char *relationship, size_t index,
                         const char *field)
{
    char path[96];
    (void)snprintf(path, sizeof path, "%s[%zu]%s%s", relationship, index, field[0] != '\0' ? "." : "", field);
    police_set_fault(all->fault, holder, field, path, rule);
}

/* In the person being read. */
static void set_fault(people *all, const char *rule, const char *relationship, size_t index, const char *field)
{
    set_fault_at(all, all->attributes != NULL ? all->attributes : json_object_get(all->root, "data"), rule, relationship, index,
                 field);
}

static Mash__V1__Sex sex_of(hub_bytes gender)
{
    /* GNDR_0001 is the one code of the SDM's list that its publisher shows with a meaning; the second is its counterpart. */
    if (formats_bytes_are(gender, "GNDR_0001") || formats_bytes_are_any_case(gender, "female")) return MASH__V1__SEX__SEX_FEMALE;
    if (formats_bytes_are(gender, "GNDR_0002") || formats_bytes_are_any_case(gender, "male")) return MASH__V1__SEX__SEX_MALE;
    return MASH__V1__SEX__SEX_UNSPECIFIED;
}

/* As a number or as a text of digits. */
static bool read_uprn(const json_t *location, uint64_t *out)
{
    enum { UPRN_DIGITS = 12 };
    char digits[FORMATS_JSON_DIGITS];
    hub_bytes text;
    uint64_t value = 0;
    if (!formats_json_number(location, "uprn", digits, &text) || text.size > UPRN_DIGITS) return false;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') return false;
        value = value * 10 + (uint64_t)(text.data[i] - '0');
    }
    *out = value;
    return true;
}

static void add_home(people *all, Mash__V1__Subject *subject, const json_t *person, const char *relationship, size_t index)
{
    const json_t *location = json_object_get(police_related(all->root, person, "currentAddress", 0), "attributes");
    if (location == NULL) return;
    Mash__V1__Address *address = formats_add_address(all->draft, subject);
    size_t i;
    json_t *line;
    address->kind = MASH__V1__ADDRESS_KIND__ADDRESS_KIND_HOME;
    if (formats_json_is_not_texts(location, "addressLines"))
        set_fault_at(all, location, "must be a list of texts", relationship, index, "addressLines");
    if (formats_json_is_not_text(location, "postcode"))
        set_fault_at(all, location, "must be a text", relationship, index, "postcode");
    json_array_foreach(json_object_get(location, "addressLines"), i, line)
    {
        formats_add_line(all->draft, &address->lines, &address->n_lines, FORMATS_ADDRESS_LINES_MAX,
                         hub_bytes_of_text(json_string_value(line)));
    }
    formats_set_postcode(all->draft, address, formats_json_text(location, "postcode"));
    if (!read_uprn(location, &address->uprn)) {
        set_fault_at(all, location, "must be a number of 1 to 12 digits", relationship, index, "currentAddress.uprn");
    }
    address->area = formats_text(all->draft, formats_json_text(location, "area"));
}

static void add_names(people *all, Mash__V1__Subject *subject, const json_t *attributes)
{
    size_t i;
    json_t *name;
    subject->family_name = formats_text(all->draft, formats_json_text(attributes, "surname"));
    json_array_foreach(json_object_get(attributes, "givenName"), i, name)
    {
        formats_add_given_name(all->draft, subject, hub_bytes_of_text(json_string_value(name)));
    }
}

static void add_identifiers(people *all, Mash__V1__Subject *subject, const json_t *attributes, const char *relationship,
                            size_t index)
{
    for (size_t i = 0; i < COUNT(IDENTIFIERS); i++) {
        char digits[FORMATS_JSON_DIGITS];
        hub_bytes value;
        bool is_number = formats_json_number(attributes, IDENTIFIERS[i].name, digits, &value);
        const char *rule = formats_identifier_fault(IDENTIFIERS[i].scheme, value, all->draft->options->this_year);
        if (!is_number) rule = NO_NUMBER;
        if (rule != NULL)
            set_fault(all, rule, relationship, index, IDENTIFIERS[i].name);
        else
            formats_add_identifier(all->draft, subject, IDENTIFIERS[i].scheme, value);
    }
}

/* Under 18 at the incident? A date of birth decides; without one what the source says. A victim or suspect under 18 is a child too
 * [Children Act 1989 s105(1)]. */
static Mash__V1__Presence is_child(const people *all, const json_t *attributes)
{
    formats_date birth;
    int64_t at_ms = all->draft->event.occurred_at > 1 ? all->draft->event.occurred_at : all->draft->options->received_ms;
    Mash__V1__Presence known = MASH__V1__PRESENCE__PRESENCE_UNSPECIFIED;
    if (formats_date_iso(formats_json_text(attributes, "dateOfBirth"), &birth))
        known = formats_is_child(birth, formats_date_of_instant(at_ms));
    return known != MASH__V1__PRESENCE__PRESENCE_UNSPECIFIED ? known : formats_json_presence(attributes, "under18");
}

static void add_birth(people *all, Mash__V1__Subject *subject, const json_t *attributes, const char *relationship, size_t index)
{
    hub_bytes text = formats_json_text(attributes, "dateOfBirth");
    formats_date birth;
    if (text.size > 0 && formats_date_iso(text, &birth))
        subject->date_of_birth = formats_date_message(all->draft, birth);
    else if (text.size > 0)
        set_fault(all, "date does not exist or is not YYYY-MM-DD", relationship, index, "dateOfBirth");
    if (is_child(all, attributes) == MASH__V1__PRESENCE__PRESENCE_YES) formats_add_role(all->draft, subject, ROLE(CHILD));
}

/* What has another shape or name than the model's: read as absent, a child would have no school or no name, or a colleague be no party. */
static void check_shapes(people *all, const json_t *attributes, const char *relationship, size_t index)
{
    static const char *const FLAGS[] = {"under18", "staffParty"};
    static const char *const TEXTS[] = {"dateOfBirth", "surname", "gender"};
    static const police_name NAMES[] = {
        {"familyName", "the model's name is surname"},
        {"lastName", "the model's name is surname"},
        {"forename", "the model's name is givenName"},
        {"forenames", "the model's name is givenName"},
        {"firstName", "the model's name is givenName"},
        {"givenNames", "the model's name is givenName"},
        {"birthDate", "the model's name is dateOfBirth"},
        {"dob", "the model's name is dateOfBirth"},
        {"sex", "the model's name is gender"},
    };
    char within[64];
    for (size_t i = 0; i < COUNT(FLAGS); i++) {
        if (formats_json_is_not_boolean(attributes, FLAGS[i])) set_fault(all, NO_BOOLEAN, relationship, index, FLAGS[i]);
    }
    for (size_t i = 0; i < COUNT(TEXTS); i++) {
        if (formats_json_is_not_text(attributes, TEXTS[i])) set_fault(all, "must be a text", relationship, index, TEXTS[i]);
    }
    if (formats_json_is_not_texts(attributes, "givenName"))
        set_fault(all, "must be a list of texts, one for each given name", relationship, index, "givenName");
    (void)snprintf(within, sizeof within, "%s[%zu]", relationship, index);
    police_check_names(all->fault, attributes, NAMES, COUNT(NAMES), within);
}

/* The subject of a person's resource: made at the first role, found again at the second. */
static Mash__V1__Subject *subject_of(people *all, const json_t *person, const char *relationship, size_t index)
{
    size_t count = all->draft->event.n_subjects;
    for (size_t i = 0; i < count; i++) {
        if (all->persons[i] == person) return all->draft->event.subjects[i];
    }
    const json_t *attributes = json_object_get(person, "attributes");
    Mash__V1__Subject *subject = formats_add_subject(all->draft);
    if (count < FORMATS_SUBJECTS_MAX) all->persons[count] = person;
    char digits[FORMATS_JSON_DIGITS];
    hub_bytes school;
    all->attributes = attributes;
    check_shapes(all, attributes, relationship, index);
    add_names(all, subject, attributes);
    add_birth(all, subject, attributes, relationship, index);
    add_identifiers(all, subject, attributes, relationship, index);
    add_home(all, subject, person, relationship, index);
    subject->sex = sex_of(formats_json_text(attributes, "gender"));
    if (!formats_json_number(attributes, "schoolUrn", digits, &school))
        set_fault(all, NO_NUMBER, relationship, index, "schoolUrn");
    subject->school_urn = formats_text(all->draft, school);
    subject->staff_party = json_is_true(json_object_get(attributes, "staffParty"));
    all->attributes = NULL;
    return subject;
}

static void add_role(people *all, size_t row)
{
    const json_t *incident = json_object_get(all->root, "data");
    size_t count = police_related_count(incident, ROLES[row].name);
    for (size_t i = 0; i < count; i++) {
        const json_t *person = police_related(all->root, incident, ROLES[row].name, i);
        if (person == NULL) {
            set_fault(all, "names a resource that is not in included", ROLES[row].name, i, "");
            return;
        }
        Mash__V1__Subject *subject = subject_of(all, person, ROLES[row].name, i);
        bool grown_up = is_child(all, json_object_get(person, "attributes")) == MASH__V1__PRESENCE__PRESENCE_NO;
        bool no_child = grown_up && ROLES[row].role == ROLE(CHILD); /* of age at the incident, whatever the list is called */
        formats_add_role(all->draft, subject, no_child ? ROLE(HOUSEHOLD_MEMBER) : ROLES[row].role);
        if (ROLES[row].present != MASH__V1__PRESENCE__PRESENCE_UNSPECIFIED) subject->present = ROLES[row].present;
    }
}

static void relate(people *all, uint32_t from, size_t row)
{
    size_t count = police_related_count(all->persons[from], KINDS[row].name);
    for (size_t i = 0; i < count; i++) {
        const json_t *link = linkage(all->persons[from], KINDS[row].name, i);
        const json_t *other = police_related(all->root, all->persons[from], KINDS[row].name, i);
        for (uint32_t to = 0; to < all->draft->event.n_subjects; to++) {
            if (other == NULL || all->persons[to] != other || to == from) continue;
            const json_t *meta = json_object_get(link, "meta");
            if (formats_json_is_not_boolean(meta, "livesWith")) set_fault(all, NO_BOOLEAN, KINDS[row].name, i, "meta.livesWith");
            formats_add_relationship(all->draft, all->draft->event.subjects[from], to, KINDS[row].kind,
                                     formats_json_presence(meta, "livesWith"));
        }
    }
}

/* A child whom the force lists with a school was not at the scene perhaps, but is affected: the notice to the school rests on it [Operation
 * Encompass, Home Office statutory guidance 2025: reception to 17]. An adult with a school studies or works there. */
static void add_listed_pupils(people *all)
{
    size_t i;
    json_t *resource;
    json_array_foreach(json_object_get(all->root, "included"), i, resource)
    {
        const json_t *attributes = json_object_get(resource, "attributes");
        bool is_person = formats_bytes_are(formats_json_text(resource, "type"), "person");
        char digits[FORMATS_JSON_DIGITS];
        hub_bytes school;
        bool is_stated = !formats_json_number(attributes, "schoolUrn", digits, &school) || school.size > 0;
        if (!is_person || !is_stated || is_child(all, attributes) == MASH__V1__PRESENCE__PRESENCE_NO) continue;
        formats_add_role(all->draft, subject_of(all, resource, "included", i), ROLE(CHILD));
    }
}

/* An online report often includes only the person who reports. "targetedByOffender": true is that person's own statement. */
static void add_reporting_victim(people *all)
{
    const json_t *attributes = json_object_get(json_object_get(all->root, "data"), "attributes");
    const json_t *included_list = json_object_get(all->root, "included");
    const json_t *only = NULL;
    size_t i;
    size_t persons = 0;
    json_t *resource;
    json_array_foreach(included_list, i, resource)
    {
        if (!formats_bytes_are(formats_json_text(resource, "type"), "person")) continue;
        only = resource;
        persons++;
    }
    if (persons != 1 || !json_is_true(json_object_get(attributes, "targetedByOffender"))) return;
    formats_add_role(all->draft, subject_of(all, only, "included", 0), ROLE(VICTIM));
}

/* Who is meant by a link is looked for among all that is included: an incident has dozens of them, a hostile file a hundred thousand. */
static bool is_within_bounds(people *all)
{
    enum { INCLUDED_MAX = 500, LINKS_MAX = FORMATS_SUBJECTS_MAX };
    const json_t *resources = json_object_get(all->root, "included");
    const json_t *incident = json_object_get(all->root, "data");
    if (json_array_size(resources) > INCLUDED_MAX) set_fault(all, "more than 500 resources", "included", INCLUDED_MAX, "");
    for (size_t row = 0; row < COUNT(ROLES); row++) {
        if (linkage(incident, ROLES[row].name, LINKS_MAX) != NULL)
            set_fault(all, "more than 64 in one relationship", ROLES[row].name, LINKS_MAX, "");
    }
    for (size_t i = 0; i < json_array_size(resources) && i < INCLUDED_MAX; i++) {
        for (size_t row = 0; row < COUNT(KINDS); row++) {
            if (linkage(json_array_get(resources, i), KINDS[row].name, LINKS_MAX) != NULL)
                set_fault(all, "more than 64 in one relationship of this person", "included", i, KINDS[row].name);
        }
    }
    return all->fault->rule == NULL;
}

void police_add_people(formats_draft *draft, const json_t *root, police_fault *fault)
{
    people all = {.draft = draft, .root = root, .fault = fault};
    if (!is_within_bounds(&all)) return;
    bool domestic = draft->event.payload_case == MASH__V1__EVENT__PAYLOAD_DOMESTIC_ABUSE_INCIDENT;
    for (size_t row = 0; row < COUNT(ROLES); row++)
        add_role(&all, row);
    if (domestic) add_listed_pupils(&all);
    if (draft->event.n_subjects == 0) add_reporting_victim(&all);
    for (uint32_t from = 0; from < draft->event.n_subjects; from++) {
        for (size_t row = 0; row < COUNT(KINDS); row++)
            relate(&all, from, row);
    }
}
