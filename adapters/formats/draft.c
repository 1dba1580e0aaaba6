#include "formats/draft.h"

#include <stdio.h>
#include <string.h>

#include "event/identifier.h"
#include "formats/json.h"

enum { ROLES_MAX = 8, GIVEN_NAMES_MAX = 8, IDENTIFIERS_MAX = 16, ADDRESSES_MAX = 16, RELATIONSHIPS_MAX = 32, FACTORS_MAX = 32 };

static char *empty_text(void)
{
    return (char *)protobuf_c_empty_string; /* protobuf-c's own default, compared by address and never written */
}

static void *take(formats_draft *draft, size_t size)
{
    void *memory = hub_arena_take(draft->sink->arena, size);
    if (memory == NULL) draft->out_of_memory = true;
    return memory;
}

/* Room for one more in a list of pointers or enums that has its full capacity from the first. NULL: full or out of memory. */
static void *list(formats_draft *draft, void *elements, size_t count, size_t most, size_t element_size, const char *what)
{
    if (count >= most) {
        draft->overflow = what;
        return NULL;
    }
    return count == 0 ? take(draft, most * element_size) : elements;
}

/* Person stated gender [NHS Data Dictionary], as the children in need census has it too; and HL7's letters. */
static const struct {
    const char *code;
    Mash__V1__Sex sex;
} SEXES[] = {
    {"1", MASH__V1__SEX__SEX_MALE},          {"M", MASH__V1__SEX__SEX_MALE},      {"2", MASH__V1__SEX__SEX_FEMALE},
    {"F", MASH__V1__SEX__SEX_FEMALE},        {"0", MASH__V1__SEX__SEX_NOT_KNOWN}, {"U", MASH__V1__SEX__SEX_NOT_KNOWN},
    {"9", MASH__V1__SEX__SEX_INDETERMINATE},
};

Mash__V1__Sex formats_sex(hub_bytes code)
{
    for (size_t i = 0; i < sizeof SEXES / sizeof SEXES[0]; i++) {
        if (formats_bytes_are(code, SEXES[i].code)) return SEXES[i].sex;
    }
    return MASH__V1__SEX__SEX_UNSPECIFIED;
}

formats_draft *formats_draft_open(kit_sink *sink, const kit_mapping_options *options, const formats_profile *profile)
{
    HUB_ASSERT(sink != NULL && sink->arena != NULL);
    HUB_ASSERT(options != NULL && options->zone_offset_minutes != NULL);
    formats_draft *draft = hub_arena_take(sink->arena, sizeof *draft);
    if (draft == NULL) return NULL;
    draft->sink = sink;
    draft->options = options;
    draft->profile = profile;
    mash__v1__event__init(&draft->event);
    mash__v1__subject__init(&draft->spare);
    draft->event.subjects = draft->subjects;
    draft->event.agency = profile->agency;
    draft->event.sensitivity = profile->sensitivity;
    draft->legal_basis[0] = profile->legal_basis;
    draft->event.legal_basis = draft->legal_basis;
    draft->event.n_legal_basis = 1;
    draft->event.area = formats_word(draft, options->area);
    bool configured = options->legal_gateway != NULL && options->legal_gateway[0] != '\0';
    draft->event.legal_gateway = formats_word(draft, configured ? options->legal_gateway : profile->legal_gateway);
    return draft;
}

char *formats_text(formats_draft *draft, hub_bytes text)
{
    text = formats_bytes_trimmed(text);
    if (text.size == 0) return empty_text();
    char *copy = hub_arena_copy(draft->sink->arena, text.data, text.size);
    if (copy != NULL) return copy;
    draft->out_of_memory = true;
    return empty_text();
}

char *formats_word(formats_draft *draft, const char *text)
{
    return formats_text(draft, hub_bytes_of_text(text));
}

Mash__V1__Date *formats_date_message(formats_draft *draft, formats_date date)
{
    Mash__V1__Date *message = take(draft, sizeof *message);
    if (message == NULL) return NULL; /* a date that is not there is "not stated"; the draft remembers why */
    mash__v1__date__init(message);
    message->year = date.year;
    message->month = date.month;
    message->day = date.day;
    return message;
}

Mash__V1__AppointmentRef *formats_appointment(formats_draft *draft)
{
    mash__v1__appointment_ref__init(&draft->appointment);
    return &draft->appointment;
}

Mash__V1__Grade *formats_grade(formats_draft *draft)
{
    mash__v1__grade__init(&draft->grade);
    draft->grades[0] = &draft->grade;
    return &draft->grade;
}

Mash__V1__Subject *formats_add_subject(formats_draft *draft)
{
    if (draft->event.n_subjects >= FORMATS_SUBJECTS_MAX) {
        draft->overflow = "at most 64 people in one event";
        return &draft->spare;
    }
    Mash__V1__Subject *subject = take(draft, sizeof *subject);
    if (subject == NULL) return &draft->spare;
    mash__v1__subject__init(subject);
    draft->subjects[draft->event.n_subjects++] = subject;
    return subject;
}

void formats_add_role(formats_draft *draft, Mash__V1__Subject *subject, Mash__V1__SubjectRole role)
{
    for (size_t i = 0; i < subject->n_roles; i++) {
        if (subject->roles[i] == role) return;
    }
    Mash__V1__SubjectRole *roles = list(draft, subject->roles, subject->n_roles, ROLES_MAX, sizeof *roles, "at most 8 roles");
    if (roles == NULL) return;
    subject->roles = roles;
    roles[subject->n_roles++] = role;
}

void formats_add_child_or_adult(formats_draft *draft, Mash__V1__Subject *subject, formats_date birth, formats_date on)
{
    bool grown_up = formats_is_child(birth, on) == MASH__V1__PRESENCE__PRESENCE_NO;
    formats_add_role(draft, subject,
                     grown_up ? MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_ADULT : MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_CHILD);
}

void formats_add_line(formats_draft *draft, char ***lines, size_t *count, size_t most, hub_bytes text)
{
    text = formats_bytes_trimmed(text);
    if (text.size == 0) return;
    char **list_of = list(draft, *lines, *count, most, sizeof **lines, "too many elements in a list of texts");
    if (list_of == NULL) return;
    *lines = list_of;
    list_of[(*count)++] = formats_text(draft, text);
}

void formats_add_given_name(formats_draft *draft, Mash__V1__Subject *subject, hub_bytes name)
{
    formats_add_line(draft, &subject->given_names, &subject->n_given_names, GIVEN_NAMES_MAX, name);
}

/* Empty is a placeholder too: nothing is said. */
static identifier_verdict judge(Mash__V1__IdentifierScheme scheme, hub_bytes value, int this_year)
{
    char text[IDENTIFIER_TEXT_MAX + 1];
    char normal[IDENTIFIER_TEXT_MAX + 1];
    value = formats_bytes_trimmed(value);
    if (value.size == 0) return IDENTIFIER_PLACEHOLDER;
    if (value.size > IDENTIFIER_TEXT_MAX) return IDENTIFIER_BAD_SHAPE;
    memcpy(text, value.data, value.size);
    text[value.size] = '\0';
    return identifier_check(scheme, text, this_year, normal);
}

bool formats_identifies(Mash__V1__IdentifierScheme scheme, hub_bytes value, int this_year)
{
    return judge(scheme, value, this_year) != IDENTIFIER_PLACEHOLDER;
}

/* The sink keeps a failure of its state itself. */
void formats_note_daily(kit_sink *sink, const kit_mapping_options *options, const char *field, const char *rule)
{
    char key[48];
    char today[24];
    hub_buffer noted = {0};
    (void)snprintf(key, sizeof key, "placeholder/%s", field); /* as it was called when placeholders alone were noted */
    (void)snprintf(today, sizeof today, "%lld", (long long)(options->received_ms / (24 * 3600 * 1000)));
    if (sink->ops->get(sink, key, &noted) != HUB_OK || strcmp(hub_buffer_text(&noted), today) != 0) {
        (void)sink->ops->put(sink, key, hub_bytes_of_text(today));
        sink->ops->note(sink, field, rule);
    }
    hub_buffer_free(&noted);
}

void formats_add_identifier(formats_draft *draft, Mash__V1__Subject *subject, Mash__V1__IdentifierScheme scheme, hub_bytes value)
{
    value = formats_bytes_trimmed(value);
    if (value.size == 0) return;
    if (!formats_identifies(scheme, value, draft->options->this_year)) {
        formats_note_daily(draft->sink, draft->options, identifier_scheme_name(scheme),
                           "a placeholder is nobody's number: leave the field empty in the source system");
        return;
    }
    Mash__V1__Identifier **identifiers =
        list(draft, subject->identifiers, subject->n_identifiers, IDENTIFIERS_MAX, sizeof *identifiers, "at most 16 identifiers");
    Mash__V1__Identifier *identifier = identifiers != NULL ? take(draft, sizeof *identifier) : NULL;
    if (identifier == NULL) return;
    mash__v1__identifier__init(identifier);
    identifier->scheme = scheme;
    identifier->value = formats_text(draft, value);
    if (scheme == MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_LOCAL) {
        identifier->system = formats_word(draft, draft->options->source_system);
    }
    subject->identifiers = identifiers;
    identifiers[subject->n_identifiers++] = identifier;
}

Mash__V1__Address *formats_add_address(formats_draft *draft, Mash__V1__Subject *subject)
{
    Mash__V1__Address **addresses =
        list(draft, subject->addresses, subject->n_addresses, ADDRESSES_MAX, sizeof *addresses, "at most 16 addresses");
    Mash__V1__Address *address = addresses != NULL ? take(draft, sizeof *address) : NULL;
    mash__v1__address__init(address != NULL ? address : &draft->spare_address);
    if (address == NULL) return &draft->spare_address;
    subject->addresses = addresses;
    addresses[subject->n_addresses++] = address;
    return address;
}

void formats_set_postcode(formats_draft *draft, Mash__V1__Address *address, hub_bytes text)
{
    char normal[12];
    char *copy = formats_text(draft, text);
    if (copy[0] == '\0') return;
    if (identifier_postcode(copy, normal))
        address->postcode = formats_word(draft, normal);
    else
        formats_add_line(draft, &address->lines, &address->n_lines, FORMATS_ADDRESS_LINES_MAX, text);
}

void formats_add_relationship(formats_draft *draft, Mash__V1__Subject *subject, uint32_t to, Mash__V1__RelationshipKind kind,
                              Mash__V1__Presence lives_with)
{
    Mash__V1__Relationship **relationships = list(draft, subject->relationships, subject->n_relationships, RELATIONSHIPS_MAX,
                                                  sizeof *relationships, "at most 32 relationships");
    Mash__V1__Relationship *relationship = relationships != NULL ? take(draft, sizeof *relationship) : NULL;
    if (relationship == NULL) return;
    mash__v1__relationship__init(relationship);
    relationship->to_subject = to;
    relationship->kind = kind;
    relationship->lives_with = lives_with == MASH__V1__PRESENCE__PRESENCE_YES;
    subject->relationships = relationships;
    relationships[subject->n_relationships++] = relationship;
}

void formats_add_factor(formats_draft *draft, Mash__V1__FactorKind **factors, size_t *count, Mash__V1__FactorKind factor)
{
    for (size_t i = 0; i < *count; i++) {
        if ((*factors)[i] == factor) return;
    }
    Mash__V1__FactorKind *grown = list(draft, *factors, *count, FACTORS_MAX, sizeof **factors, "at most 32 factors");
    if (grown == NULL) return;
    *factors = grown;
    grown[(*count)++] = factor;
}

const char *formats_identifier_fault(Mash__V1__IdentifierScheme scheme, hub_bytes value, int this_year)
{
    switch (judge(scheme, value, this_year)) {
    case IDENTIFIER_VALID:
    case IDENTIFIER_PLACEHOLDER:
        return NULL;
    case IDENTIFIER_BAD_CHECK:
        return "check digit or letter does not fit: correct it in the source system";
    case IDENTIFIER_BAD_SHAPE:
        break;
    }
    return "identifier has the wrong length or characters";
}

hub_status formats_draft_put(formats_draft *draft, const char *reference, const char *discriminator, hub_bytes record,
                             kit_place place)
{
    kit_sink *sink = draft->sink;
    if (draft->out_of_memory) return HUB_ERR_MEMORY;
    if (draft->overflow == NULL) return sink->ops->event(sink, &draft->event, reference, discriminator, record, place);
    hub_status status = sink->ops->park(sink, record, place, draft->overflow);
    return status == HUB_OK ? HUB_ERR_INVALID : status;
}

hub_status formats_go_on(hub_status status)
{
    return status == HUB_ERR_INVALID ? HUB_OK : status;
}

hub_status formats_park(kit_sink *sink, hub_bytes record, kit_place place, const char *rule)
{
    return sink->ops->park(sink, record, place, rule);
}
