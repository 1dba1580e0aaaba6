/* ctf_xml.c - a common transfer file: pupils who leave a school, with where they go.
 *
 * Two layouts are in the field: names and birth directly in Pupil, and in BasicDetails; Sex (CTF 25) or Gender (before). Of a file two things
 * are told: a pupil whose destination is not known may be missing education [CTF specification: destination XXXXXXX], and a UPN that
 * replaces a former one.
 *
 * Invariants
 *   T1  a destination is unknown only where the file says so: LEA and Estab of DestSchool, or the file's name, are letters X alone. MMM MMMM (out of the state's
 *       schools) is a destination, and an empty one says nothing
 *   T2  names and addresses of contacts are never a pupil's: an element counts by the one it stands in
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "education/education.h"
#include "formats/json.h"
#include "formats/memory.h"
#include "formats/xml.h"

#define SCHEME(name) MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_##name
#define COUNT(table) (sizeof(table) / sizeof(table)[0])

enum { FIELD_MAX = 96, NAME_MAX_BYTES = 32 };

static const formats_profile PROFILE = {
    .agency = MASH__V1__AGENCY__AGENCY_EDUCATION,
    .sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_OFFICIAL,
    .legal_basis = MASH__V1__LEGAL_BASIS__LEGAL_BASIS_PUBLIC_TASK,
    .legal_gateway = "Education Act 2002 s175; Children Act 2004 s10",
};

/* What is read of the header and of one pupil. */
typedef enum field {
    SOURCE_URN,
    DEST_LEA,
    DEST_ESTAB,
    SENT,
    HEADER_FIELDS,
    UPN = HEADER_FIELDS,
    FORMER_UPN,
    SURNAME,
    FORENAME,
    BIRTH,
    SEX,
    POSTCODE,
    LEFT,
    REASON,
    FIELDS
} field;

/* An element counts inside this one only (T2); the first that states something stands. */
static const struct {
    const char *name;
    const char *inside;
    field field;
} ELEMENTS[] = {
    {"URN", "SourceSchool", SOURCE_URN},
    {"LEA", "DestSchool", DEST_LEA},
    {"Estab", "DestSchool", DEST_ESTAB},
    {"DateTime", "Header", SENT},
    {"UPN", "Pupil", UPN},
    {"UPN", "BasicDetails", UPN},
    {"FormerUPN", "Pupil", FORMER_UPN},
    {"FormerUPN", "BasicDetails", FORMER_UPN},
    {"Surname", "Pupil", SURNAME},
    {"Surname", "BasicDetails", SURNAME},
    {"LegalSurname", "BasicDetails", SURNAME},
    {"Forename", "Pupil", FORENAME},
    {"Forename", "BasicDetails", FORENAME},
    {"LegalForename", "BasicDetails", FORENAME},
    {"DOB", "Pupil", BIRTH},
    {"DOB", "BasicDetails", BIRTH},
    {"Sex", "Pupil", SEX},
    {"Sex", "BasicDetails", SEX},
    {"Gender", "Pupil", SEX},
    {"Gender", "BasicDetails", SEX},
    {"PostCode", "Address", POSTCODE},
    {"PostCode", "BS7666Address", POSTCODE},
    {"PostCode", "AddressLines", POSTCODE},
    {"LeavingDate", "School", LEFT},
    {"LeavingReason", "School", REASON},
};

typedef struct transfer {
    const kit_mapping_options *options;
    kit_sink *sink;
    hub_buffer text; /* of the element being read */
    char inside[FORMATS_XML_DEPTH_MAX + 2][NAME_MAX_BYTES];
    char value[FIELDS][FIELD_MAX];
    kit_place places[FIELDS];
    kit_place pupil;
    kit_place at;
    bool is_destination_unknown; /* by the file's name */
    bool in_contact;
    bool in_pupil;
    hub_status status;
} transfer;

static hub_bytes value_of(const transfer *t, field which)
{
    return hub_bytes_of_text(t->value[which]);
}

static bool is_unknown(const char *text, size_t letters)
{
    return strlen(text) == letters && strspn(text, "Xx") == letters;
}

/* "8501234_CTF_XXXXXXX_001.xml": who sends, and to whom. */
static bool names_no_destination(const char *file)
{
    const char *mark = strcasestr(file, "_CTF_");
    return mark != NULL && strncasecmp(mark + 5, "XXXXXXX", 7) == 0;
}

static hub_status park(transfer *t, field which, const char *name, const char *rule)
{
    kit_place place = t->places[which].line > 0 ? t->places[which] : t->pupil;
    place.field = name;
    return formats_park(t->sink, hub_bytes_of_text(name), place, rule);
}

static void add_pupil(transfer *t, formats_draft *draft, formats_date birth, formats_date on)
{
    Mash__V1__Subject *pupil = formats_add_subject(draft);
    hub_bytes sex = value_of(t, SEX);
    formats_add_child_or_adult(draft, pupil, birth, on);
    formats_add_identifier(draft, pupil, SCHEME(UPN), value_of(t, UPN));
    pupil->family_name = formats_text(draft, value_of(t, SURNAME));
    formats_add_given_name(draft, pupil, value_of(t, FORENAME));
    if (birth.year != 0) pupil->date_of_birth = formats_date_message(draft, birth);
    pupil->school_urn = formats_text(draft, value_of(t, SOURCE_URN));
    if (formats_bytes_are(sex, "F")) pupil->sex = MASH__V1__SEX__SEX_FEMALE;
    if (formats_bytes_are(sex, "M")) pupil->sex = MASH__V1__SEX__SEX_MALE;
    if (value_of(t, POSTCODE).size > 0) formats_set_postcode(draft, formats_add_address(draft, pupil), value_of(t, POSTCODE));
}

static hub_status put(transfer *t, formats_draft *draft, const char *kind, field second)
{
    const hub_bytes PARTS[] = {value_of(t, UPN), value_of(t, second)};
    formats_key key = formats_key_of(kind, PARTS, COUNT(PARTS));
    return formats_put_once(draft, &key, key.text, FORMATS_SAME_PAYLOAD, hub_bytes_of_text(key.text), t->pupil);
}

static hub_status put_missing(transfer *t, formats_date birth, formats_date left)
{
    formats_draft *draft = formats_draft_open(t->sink, t->options, &PROFILE);
    if (draft == NULL) return HUB_ERR_MEMORY;
    Mash__V1__Missing *missing = FORMATS_PAYLOAD(draft, MISSING, missing, missing);
    missing->from_education = MASH__V1__PRESENCE__PRESENCE_YES;
    draft->event.occurred_at = 1;
    if (left.year != 0) (void)formats_instant_of_date(left, t->options, &draft->event.occurred_at);
    draft->event.summary = formats_word(draft, "Left school, where to is not known: may be missing education");
    add_pupil(t, draft, birth, left.year != 0 ? left : formats_date_of_instant(t->options->received_ms));
    return put(t, draft, "left", LEFT);
}

static hub_status put_former(transfer *t, formats_date birth)
{
    formats_draft *draft = formats_draft_open(t->sink, t->options, &PROFILE);
    if (draft == NULL) return HUB_ERR_MEMORY;
    Mash__V1__Subject gone;
    Mash__V1__IdentityChange *change = FORMATS_PAYLOAD(draft, IDENTITY_CHANGE, identity_change, identity_change);
    mash__v1__subject__init(&gone);
    draft->event.occurred_at = 1; /* a file says what is so, not since when */
    draft->event.summary = formats_word(draft, "A pupil number replaces a former one");
    change->description = formats_word(draft, "a UPN replaces a former one");
    add_pupil(t, draft, birth, formats_date_of_instant(t->options->received_ms));
    formats_add_identifier(draft, &gone, SCHEME(UPN), value_of(t, FORMER_UPN));
    if (gone.n_identifiers == 0 || draft->event.subjects[0]->n_identifiers == 0) return HUB_OK;
    change->replaced = gone.identifiers[0];
    change->by = draft->event.subjects[0]->identifiers[0];
    return put(t, draft, "former", FORMER_UPN);
}

static hub_status put_pupil(transfer *t)
{
    formats_date birth = {0};
    formats_date left = {0};
    int year = t->options->this_year;
    const char *rule = formats_identifier_fault(SCHEME(UPN), value_of(t, UPN), year);
    if (rule == NULL && !formats_identifies(SCHEME(UPN), value_of(t, UPN), year))
        rule = "required, and empty or a placeholder: an event is about somebody";
    if (rule != NULL) return park(t, UPN, "UPN", rule);
    static const char NO_DATE[] = "date does not exist or is not YYYY-MM-DD";
    if (t->value[BIRTH][0] != '\0' && !formats_date_iso(value_of(t, BIRTH), &birth)) return park(t, BIRTH, "DOB", NO_DATE);
    if (t->value[LEFT][0] != '\0' && !formats_date_iso(value_of(t, LEFT), &left)) return park(t, LEFT, "LeavingDate", NO_DATE);
    rule = formats_identifier_fault(SCHEME(UPN), value_of(t, FORMER_UPN), year);
    if (rule != NULL) return park(t, FORMER_UPN, "FormerUPN", rule);
    bool is_gone = t->is_destination_unknown || (is_unknown(t->value[DEST_LEA], 3) && is_unknown(t->value[DEST_ESTAB], 4));
    hub_status status = is_gone ? put_missing(t, birth, left) : HUB_OK; /* T1 */
    bool is_renumbered = t->value[FORMER_UPN][0] != '\0' && strcmp(t->value[FORMER_UPN], t->value[UPN]) != 0;
    return status == HUB_OK && is_renumbered ? put_former(t, birth) : status;
}

static void keep(transfer *t, const char *name, const char *inside)
{
    hub_bytes text = formats_bytes_trimmed(hub_buffer_bytes(&t->text));
    for (size_t i = 0; i < COUNT(ELEMENTS); i++) {
        field which = ELEMENTS[i].field;
        if (strcmp(name, ELEMENTS[i].name) != 0 || strcmp(inside, ELEMENTS[i].inside) != 0) continue;
        if (which >= HEADER_FIELDS && (!t->in_pupil || t->in_contact)) continue;
        bool is_later = which == LEFT || which == REASON; /* schools stand in order: the last one counts */
        if (t->value[which][0] != '\0' && !is_later) continue;
        (void)snprintf(t->value[which], FIELD_MAX, "%.*s", (int)text.size, (const char *)text.data);
        t->places[which] = t->at;
    }
}

static void begin_pupil(transfer *t)
{
    memset(&t->value[HEADER_FIELDS], 0, sizeof t->value[0] * (FIELDS - HEADER_FIELDS));
    memset(&t->places[HEADER_FIELDS], 0, sizeof t->places[0] * (FIELDS - HEADER_FIELDS));
    t->pupil = t->at;
    t->pupil.field = "Pupil";
    t->in_pupil = true;
}

static hub_status take_step(transfer *t, const formats_xml_step *step, hub_error *err)
{
    if (step->kind == FORMATS_XML_TEXT) {
        if (t->text.size + step->text.size > FORMATS_XML_TEXT_MAX) return HUB_OK; /* no field of ours is that long */
        hub_buffer_put(&t->text, step->text.data, step->text.size);
        return t->text.failed ? HUB_ERR_MEMORY : HUB_OK;
    }
    HUB_ASSERT(step->depth <= FORMATS_XML_DEPTH_MAX);
    bool starts = step->kind == FORMATS_XML_START;
    bool is_contact = strcmp(step->name, "Contact") == 0;
    if (starts) {
        t->at = (kit_place){.line = step->line, .column = step->column};
        (void)snprintf(t->inside[step->depth], NAME_MAX_BYTES, "%s", step->name);
        if (step->depth == 0 && strcmp(step->name, "CTfile") != 0)
            return hub_fail(err, HUB_ERR_INVALID, "%u:%u: the first element is not CTfile: no transfer file", step->line,
                            step->column);
        if (strcmp(step->name, "Pupil") == 0) begin_pupil(t);
    } else {
        keep(t, step->name, step->depth > 0 ? t->inside[step->depth - 1] : "");
        if (strcmp(step->name, "Pupil") == 0 && t->in_pupil) {
            t->in_pupil = false;
            t->status = put_pupil(t);
        }
    }
    if (is_contact) t->in_contact = starts;
    hub_buffer_clear(&t->text);
    return t->status;
}

static hub_status read_steps(transfer *t, formats_xml *xml, hub_error *err)
{
    formats_xml_step step;
    for (;;) {
        hub_status status = formats_xml_next(xml, &step, err);
        if (status != HUB_OK || step.kind == FORMATS_XML_DONE) return status;
        status = take_step(t, &step, err);
        if (status != HUB_OK) return status;
    }
}

static hub_status map(const kit_mapping_options *options, hub_bytes input, const char *input_name, kit_sink *sink, hub_error *err)
{
    formats_xml *xml;
    hub_status status = formats_xml_open(input, &xml, err);
    if (status != HUB_OK) return status;
    transfer t = {.options = options, .sink = sink, .is_destination_unknown = names_no_destination(input_name)};
    status = read_steps(&t, xml, err);
    hub_buffer_free(&t.text);
    formats_xml_close(xml);
    return status;
}

const kit_mapping education_ctf = {
    .name = "education-ctf",
    .version = 1,
    .agency = MASH__V1__AGENCY__AGENCY_EDUCATION,
    .transport = "folder",
    .file_suffix = "xml",
    .map = map,
};
