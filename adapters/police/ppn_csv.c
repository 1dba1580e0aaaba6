/* ppn_csv.c - public protection notices as rows, in a layout of our own over what forces write in theirs.
 *
 * A row has one child: a notice about several has a row for each, one after the other, under the same PPNRef. They are one event.
 *
 * Invariants
 *   N1  community intelligence is never a contact: its rows make no event
 *   N2  a concern type or a grade we do not know parks the row: it would be read as less
 *   N3  a row that cannot be mapped is parked alone; the other rows of its notice are told, and amended when it is put right
 *   N4  a row that stands twice counts once; one that comes back to a notice after another one is parked: told as that notice's new wording, it would take the place of the
 *       children who stood before
 *   N5  the rows of a notice differ in the child, the child's school and whether that child was present (of one, then children were) alone: one that
 *       differs in any other column is parked, since an event has one of each, and the second incident of two under one number would be lost
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/csv.h"
#include "formats/json.h"
#include "formats/memory.h"
#include "police/grades.h"
#include "police/police.h"

#define LEVEL(name) MASH__V1__GRADE_LEVEL__GRADE_LEVEL_##name
#define SCHEME(name) MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_##name
#define ROLE(name) MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_##name
#define KIND(name) MASH__V1__RELATIONSHIP_KIND__RELATIONSHIP_KIND_##name
#define PRESENCE(name) MASH__V1__PRESENCE__PRESENCE_##name
#define COUNT(table) (sizeof(table) / sizeof(table)[0])

enum {
    REF,
    CRIME,
    SUBMITTED,
    TYPE,
    GRADING,
    TOOL,
    SCORE,
    VICTIM_SURNAME,
    VICTIM_FORENAME,
    VICTIM_BIRTH,
    VICTIM_NHS,
    SUSPECT_SURNAME,
    SUSPECT_FORENAME,
    SUSPECT_BIRTH,
    SUSPECT_PNC,
    RELATION,
    CHILDREN,
    CHILD_SURNAME,
    CHILD_FORENAME,
    CHILD_BIRTH,
    CHILD_NHS,
    SCHOOL,
    OFFENCE,
    HAPPENED,
    POSTCODE,
    AREA,
    CIRCUMSTANCES,
    CONSENT,
    COLUMNS
};

static const formats_csv_column HEADER[COLUMNS] = {
    [REF] = {"ppnref|ppnreference", "PPNRef", FORMATS_CSV_REQUIRED},
    [CRIME] = {"crimeref|crimereference", "CrimeRef", FORMATS_CSV_OPTIONAL},
    [SUBMITTED] = {"submitteddatetime", "SubmittedDateTime", FORMATS_CSV_REQUIRED},
    [TYPE] = {"concerntype", "ConcernType", FORMATS_CSV_REQUIRED},
    [GRADING] = {"grading|riskgrading", "Grading", FORMATS_CSV_OPTIONAL},
    [TOOL] = {"risktool", "RiskTool", FORMATS_CSV_OPTIONAL},
    [SCORE] = {"dashscore", "DASHScore", FORMATS_CSV_OPTIONAL},
    [VICTIM_SURNAME] = {"victimsurname", "VictimSurname", FORMATS_CSV_OPTIONAL},
    [VICTIM_FORENAME] = {"victimforename", "VictimForename", FORMATS_CSV_OPTIONAL},
    [VICTIM_BIRTH] = {"victimdob|victimdateofbirth", "VictimDOB", FORMATS_CSV_OPTIONAL},
    [VICTIM_NHS] = {"victimnhsnumber", "VictimNHSNumber", FORMATS_CSV_OPTIONAL},
    [SUSPECT_SURNAME] = {"suspectsurname", "SuspectSurname", FORMATS_CSV_OPTIONAL},
    [SUSPECT_FORENAME] = {"suspectforename", "SuspectForename", FORMATS_CSV_OPTIONAL},
    [SUSPECT_BIRTH] = {"suspectdob|suspectdateofbirth", "SuspectDOB", FORMATS_CSV_OPTIONAL},
    [SUSPECT_PNC] = {"suspectpncid|suspectpnc", "SuspectPNCID", FORMATS_CSV_OPTIONAL},
    [RELATION] = {"relationship", "Relationship", FORMATS_CSV_OPTIONAL},
    [CHILDREN] = {"childrenpresent", "ChildrenPresent", FORMATS_CSV_OPTIONAL},
    [CHILD_SURNAME] = {"childsurname", "ChildSurname", FORMATS_CSV_OPTIONAL},
    [CHILD_FORENAME] = {"childforename", "ChildForename", FORMATS_CSV_OPTIONAL},
    [CHILD_BIRTH] = {"childdob|childdateofbirth", "ChildDOB", FORMATS_CSV_OPTIONAL},
    [CHILD_NHS] = {"childnhsnumber", "ChildNHSNumber", FORMATS_CSV_OPTIONAL},
    [SCHOOL] = {"schoolurn", "SchoolURN", FORMATS_CSV_OPTIONAL},
    [OFFENCE] = {"offencecode", "OffenceCode", FORMATS_CSV_OPTIONAL},
    [HAPPENED] = {"incidentdatetime", "IncidentDateTime", FORMATS_CSV_OPTIONAL},
    [POSTCODE] = {"occurrencepostcode", "OccurrencePostcode", FORMATS_CSV_OPTIONAL},
    [AREA] = {"areacode", "AreaCode", FORMATS_CSV_OPTIONAL},
    [CIRCUMSTANCES] = {"circumstances|briefcircumstances", "Circumstances", FORMATS_CSV_OPTIONAL},
    [CONSENT] = {"consent", "Consent", FORMATS_CSV_OPTIONAL},
};

static const formats_profile PROFILE = {
    .agency = MASH__V1__AGENCY__AGENCY_POLICE,
    .sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_SENSITIVE, /* criminal-offence data */
    .legal_basis = MASH__V1__LEGAL_BASIS__LEGAL_BASIS_LAW_ENFORCEMENT,
    .legal_gateway = "Children Act 2004 s11",
};

typedef enum concern { DOMESTIC_ABUSE, ADULT_AT_RISK, CHILD_CONCERN, INTELLIGENCE, CONCERNS } concern;

static const struct {
    const char *words;
    concern type;
} TYPES[] = {
    {"Domestic Abuse", DOMESTIC_ABUSE},
    {"DA", DOMESTIC_ABUSE},
    {"Adult at Risk", ADULT_AT_RISK},
    {"Adult", ADULT_AT_RISK},
    {"Child Concern", CHILD_CONCERN},
    {"Child", CHILD_CONCERN},
    {"Community Intelligence", INTELLIGENCE},
    {"Intelligence", INTELLIGENCE},
    {"CPI", INTELLIGENCE},
};

/* "The victim is the suspect's ..." */
static const struct {
    const char *words;
    Mash__V1__RelationshipKind kind; /* of the victim to the suspect */
} RELATIONS[] = {
    {"Partner", KIND(PARTNER_OF)}, {"Ex-partner", KIND(EX_PARTNER_OF)}, {"Parent", KIND(PARENT_OF)},
    {"Child", KIND(CHILD_OF)},     {"Sibling", KIND(SIBLING_OF)},       {"Household member", KIND(HOUSEHOLD_MEMBER_WITH)},
};

/* What one row states, read and checked. */
typedef struct row_of {
    concern type;
    Mash__V1__GradeLevel level;
    int score; /* -1: not stated */
    int64_t submitted_ms;
    int64_t happened_ms; /* 0: not stated */
    formats_date victim_birth;
    formats_date suspect_birth;
    formats_date child_birth;
    Mash__V1__Presence children;
} row_of;

/* The notice whose rows are being read. */
typedef struct reading {
    const kit_mapping_options *options;
    kit_sink *sink;
    const formats_csv_row *row;
    const int32_t *columns;
    formats_draft *draft; /* NULL: none is open */
    char ref[FORMATS_REFERENCE_MAX];
    hub_bytes record; /* from its first row to its last */
    kit_place place;
    uint64_t common; /* digest of what its rows have in common (N5) */
    uint64_t *seen;  /* digests of the rows and the notices that were read (N4), by open addressing; 0: free */
    size_t seen_room;
    size_t seen_count;
} reading;

static uint64_t digest_of(const char *kind, const hub_bytes *parts, size_t count)
{
    enum { HALF = 16 };
    formats_key key = formats_key_of(kind, parts, count);
    uint64_t digest = strtoull(key.text + strlen(key.text) - HALF, NULL, 16);
    return digest != 0 ? digest : 1;
}

static uint64_t *slot_of(const reading *r, uint64_t digest)
{
    size_t at = (size_t)digest & (r->seen_room - 1);
    while (r->seen[at] != 0 && r->seen[at] != digest)
        at = (at + 1) & (r->seen_room - 1);
    return &r->seen[at];
}

static bool was_seen(const reading *r, uint64_t digest)
{
    return r->seen_room > 0 && *slot_of(r, digest) != 0;
}

static hub_status keep_seen(reading *r, uint64_t digest)
{
    enum { ROOM_FIRST = 256 };
    if (r->seen_count * 2 >= r->seen_room) {
        reading grown = {.seen_room = r->seen_room == 0 ? ROOM_FIRST : r->seen_room * 2};
        grown.seen = calloc(grown.seen_room, sizeof *grown.seen);
        if (grown.seen == NULL) return HUB_ERR_MEMORY;
        for (size_t i = 0; i < r->seen_room; i++) {
            if (r->seen[i] != 0) *slot_of(&grown, r->seen[i]) = r->seen[i];
        }
        free(r->seen);
        r->seen = grown.seen;
        r->seen_room = grown.seen_room;
    }
    r->seen_count += *slot_of(r, digest) == 0;
    *slot_of(r, digest) = digest;
    return HUB_OK;
}

static hub_bytes text_of(const reading *r, int column)
{
    return formats_csv_text(r->row, r->columns[column]);
}

static char *copy_of(reading *r, int column)
{
    return formats_text(r->draft, text_of(r, column));
}

static bool read_day(const reading *r, int column, formats_date *out)
{
    hub_bytes text = text_of(r, column);
    *out = (formats_date){0};
    return text.size == 0 || formats_date_of_row(text, out);
}

static bool read_time(const reading *r, int column, int64_t *out)
{
    hub_bytes text = text_of(r, column);
    *out = 0;
    return text.size == 0 || formats_instant_of_row(text, r->options, out);
}

static concern type_of(hub_bytes words)
{
    for (size_t i = 0; i < COUNT(TYPES); i++) {
        if (formats_bytes_are_any_case(words, TYPES[i].words)) return TYPES[i].type;
    }
    return CONCERNS;
}

static bool read_yes_no(hub_bytes text, Mash__V1__Presence *out)
{
    bool yes = formats_bytes_are_any_case(text, "Y") || formats_bytes_are_any_case(text, "Yes");
    bool no = formats_bytes_are_any_case(text, "N") || formats_bytes_are_any_case(text, "No");
    *out = yes ? PRESENCE(YES) : no ? PRESENCE(NO) : PRESENCE(UNSPECIFIED);
    return yes || no || text.size == 0;
}

/* Up to 27 questions. */
static bool read_score(hub_bytes text, int *out)
{
    *out = -1;
    if (text.size == 0) return true;
    int value = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.size > 2 || text.data[i] < '0' || text.data[i] > '9') return false;
        value = value * 10 + (text.data[i] - '0');
    }
    *out = value;
    return value <= POLICE_DASH_QUESTIONS;
}

static int check_numbers(const reading *r, const char **rule)
{
    static const struct {
        int column;
        Mash__V1__IdentifierScheme scheme;
    } NUMBERS[] = {{VICTIM_NHS, SCHEME(NHS_NUMBER)}, {CHILD_NHS, SCHEME(NHS_NUMBER)}, {SUSPECT_PNC, SCHEME(PNC)}};
    for (size_t i = 0; i < COUNT(NUMBERS); i++) {
        *rule = formats_identifier_fault(NUMBERS[i].scheme, text_of(r, NUMBERS[i].column), r->options->this_year);
        if (*rule != NULL) return NUMBERS[i].column;
    }
    return COLUMNS;
}

/* The column at fault, or COLUMNS. */
static int read_row(const reading *r, row_of *out, const char **rule)
{
    Mash__V1__Presence consent;
    *rule = "required, and empty or longer than 64 bytes";
    if (text_of(r, REF).size == 0 || text_of(r, REF).size > 64) return REF;
    out->type = type_of(text_of(r, TYPE));
    *rule = "not one of Domestic Abuse, Adult at Risk, Child Concern, Community Intelligence";
    if (out->type == CONCERNS) return TYPE; /* N2 */
    if (out->type == INTELLIGENCE) return COLUMNS;
    *rule = "required; date or time does not exist or is not dd/mm/yyyy hh:mm";
    if (!read_time(r, SUBMITTED, &out->submitted_ms) || out->submitted_ms == 0) return SUBMITTED;
    if (!read_time(r, HAPPENED, &out->happened_ms)) return HAPPENED;
    *rule = "date does not exist or is not dd/mm/yyyy";
    if (!read_day(r, VICTIM_BIRTH, &out->victim_birth)) return VICTIM_BIRTH;
    if (!read_day(r, SUSPECT_BIRTH, &out->suspect_birth)) return SUSPECT_BIRTH;
    if (!read_day(r, CHILD_BIRTH, &out->child_birth)) return CHILD_BIRTH;
    *rule = "not one of standard, medium, high, or red, amber, green";
    out->level = police_level_of_word(text_of(r, GRADING));
    if (text_of(r, GRADING).size > 0 && out->level == LEVEL(UNSPECIFIED)) return GRADING;
    *rule = "must be a number of 0 to 27";
    if (!read_score(text_of(r, SCORE), &out->score)) return SCORE;
    *rule = "must be Y or N";
    if (!read_yes_no(text_of(r, CHILDREN), &out->children)) return CHILDREN;
    if (!read_yes_no(text_of(r, CONSENT), &consent)) return CONSENT;
    return check_numbers(r, rule);
}

/* ---- the event ---- */

static void grade(reading *r, const row_of *row, Mash__V1__Grade *out)
{
    hub_bytes tool = text_of(r, TOOL);
    bool is_dash = tool.size > 0 ? formats_bytes_begin(tool, "DASH") : row->score >= 0; /* DARA and SDASH ask other questions */
    out->score = row->score;
    out->level = row->level;
    if (row->level == LEVEL(UNSPECIFIED) && row->score >= 0 && is_dash)
        out->level = police_level_of_dash(row->score, POLICE_DASH_QUESTIONS - row->score, 0);
    out->tool = tool.size > 0 ? formats_text(r->draft, tool) : formats_word(r->draft, is_dash ? "DASH" : "officer grading");
    out->tool_version = formats_word(r->draft, is_dash ? "2009" : "unstated");
    if (row->level != LEVEL(UNSPECIFIED)) out->graded_by = formats_word(r->draft, "officer");
}

static void fill_domestic_abuse(reading *r, const row_of *row, Mash__V1__Grade *by)
{
    Mash__V1__DomesticAbuseIncident *incident =
        FORMATS_PAYLOAD(r->draft, DOMESTIC_ABUSE_INCIDENT, domestic_abuse_incident, domestic_abuse_incident);
    incident->crime_reference = copy_of(r, CRIME);
    incident->offence_code = copy_of(r, OFFENCE);
    incident->children_present = row->children;
    incident->place_postcode = copy_of(r, POSTCODE);
    incident->circumstances = copy_of(r, CIRCUMSTANCES);
    if (by != NULL) incident->grades = r->draft->grades;
    incident->n_grades = by != NULL ? 1 : 0;
    r->draft->event.summary = formats_word(r->draft, "Domestic abuse, by a public protection notice");
}

static void fill_adult(reading *r, Mash__V1__Grade *by)
{
    Mash__V1__AdultConcern *out = FORMATS_PAYLOAD(r->draft, ADULT_CONCERN, adult_concern, adult_concern);
    out->grade = by;
    out->circumstances = copy_of(r, CIRCUMSTANCES);
    r->draft->event.summary = formats_word(r->draft, "Concern for an adult, by a public protection notice");
}

static void fill_child(reading *r, Mash__V1__Grade *by)
{
    Mash__V1__ChildConcern *out = FORMATS_PAYLOAD(r->draft, CHILD_CONCERN, child_concern, child_concern);
    out->grade = by;
    out->circumstances = copy_of(r, CIRCUMSTANCES);
    r->draft->event.summary = formats_word(r->draft, "Concern for a child, by a public protection notice");
}

static Mash__V1__Subject *add_somebody(reading *r, int surname, int forename, formats_date birth)
{
    Mash__V1__Subject *person = formats_add_subject(r->draft);
    person->family_name = copy_of(r, surname);
    formats_add_given_name(r->draft, person, text_of(r, forename));
    if (birth.year != 0) person->date_of_birth = formats_date_message(r->draft, birth);
    return person;
}

/* Also somebody of whom no name was learnt: columns of one person stand together. */
static bool is_anybody(const reading *r, int first, int last)
{
    for (int column = first; column <= last; column++) {
        if (text_of(r, column).size > 0) return true;
    }
    return false;
}

static formats_date day_of(const reading *r, const row_of *row)
{
    return formats_date_of_instant(row->happened_ms != 0 ? row->happened_ms : r->options->received_ms);
}

/* A victim under 18 is a child too [Children Act 1989 s105(1)]. */
static void add_victim(reading *r, const row_of *row)
{
    Mash__V1__Presence consents;
    if (!is_anybody(r, VICTIM_SURNAME, VICTIM_NHS)) return;
    Mash__V1__Subject *victim = add_somebody(r, VICTIM_SURNAME, VICTIM_FORENAME, row->victim_birth);
    bool is_child = formats_is_child(row->victim_birth, day_of(r, row)) == PRESENCE(YES);
    Mash__V1__SubjectRole role = row->type == ADULT_AT_RISK ? (is_child ? ROLE(CHILD) : ROLE(ADULT_AT_RISK)) : ROLE(VICTIM);
    formats_add_role(r->draft, victim, role);
    if (is_child) formats_add_role(r->draft, victim, ROLE(CHILD));
    formats_add_identifier(r->draft, victim, SCHEME(NHS_NUMBER), text_of(r, VICTIM_NHS));
    (void)read_yes_no(text_of(r, CONSENT), &consents);
    if (consents != PRESENCE(YES)) return; /* N: refused or not sought, the column does not say which */
    Mash__V1__Consent *consent = hub_arena_take(r->sink->arena, sizeof *consent);
    r->draft->out_of_memory = r->draft->out_of_memory || consent == NULL;
    if (consent == NULL) return;
    mash__v1__consent__init(consent);
    consent->status = MASH__V1__CONSENT_STATUS__CONSENT_STATUS_GIVEN;
    victim->consent = consent;
}

static void add_suspect(reading *r, const row_of *row)
{
    size_t victims = r->draft->event.n_subjects;
    if (!is_anybody(r, SUSPECT_SURNAME, SUSPECT_PNC)) return;
    Mash__V1__Subject *suspect = add_somebody(r, SUSPECT_SURNAME, SUSPECT_FORENAME, row->suspect_birth);
    formats_add_role(r->draft, suspect, ROLE(ALLEGED_PERPETRATOR));
    formats_add_identifier(r->draft, suspect, SCHEME(PNC), text_of(r, SUSPECT_PNC));
    for (size_t i = 0; i < COUNT(RELATIONS) && victims == 1; i++) {
        if (formats_bytes_are_any_case(text_of(r, RELATION), RELATIONS[i].words))
            formats_add_relationship(r->draft, r->draft->event.subjects[0], 1, RELATIONS[i].kind, PRESENCE(UNSPECIFIED));
    }
}

static void add_child(reading *r, const row_of *row)
{
    if (!is_anybody(r, CHILD_SURNAME, SCHOOL)) return;
    Mash__V1__Subject *child = add_somebody(r, CHILD_SURNAME, CHILD_FORENAME, row->child_birth);
    formats_add_child_or_adult(r->draft, child, row->child_birth, day_of(r, row));
    formats_add_identifier(r->draft, child, SCHEME(NHS_NUMBER), text_of(r, CHILD_NHS));
    child->school_urn = copy_of(r, SCHOOL);
    if (row->type != DOMESTIC_ABUSE) return;
    child->present = row->children;
    if (row->children == PRESENCE(YES)) r->draft->event.domestic_abuse_incident->children_present = row->children;
}

/* Every column but the child's (N5). */
static uint64_t common_of(const reading *r)
{
    hub_bytes parts[COLUMNS] = {0};
    for (int column = 0; column < COLUMNS; column++) {
        bool is_childs = (column >= CHILD_SURNAME && column <= SCHOOL) || column == CHILDREN;
        if (!is_childs) parts[column] = text_of(r, column);
    }
    return digest_of("common", parts, COLUMNS);
}

static hub_status open_notice(reading *r, const row_of *row)
{
    hub_bytes ref = text_of(r, REF);
    r->draft = formats_draft_open(r->sink, r->options, &PROFILE);
    if (r->draft == NULL) return HUB_ERR_MEMORY;
    bool is_graded = row->level != LEVEL(UNSPECIFIED) || row->score >= 0;
    Mash__V1__Grade *by = is_graded ? formats_grade(r->draft) : NULL;
    if (by != NULL) grade(r, row, by);
    if (row->type == DOMESTIC_ABUSE)
        fill_domestic_abuse(r, row, by);
    else if (row->type == ADULT_AT_RISK)
        fill_adult(r, by);
    else
        fill_child(r, by);
    r->draft->event.occurred_at = row->happened_ms != 0 ? row->happened_ms : 1;
    r->draft->event.recorded_at = row->submitted_ms;
    if (text_of(r, AREA).size > 0) r->draft->event.area = copy_of(r, AREA);
    (void)snprintf(r->ref, sizeof r->ref, "%.*s", (int)ref.size, (const char *)ref.data);
    r->record = r->row->record;
    r->common = common_of(r);
    r->place = formats_csv_place(r->row, r->columns[REF], HEADER[REF].shown);
    add_victim(r, row);
    add_suspect(r, row);
    return HUB_OK;
}

static hub_status close_notice(reading *r)
{
    if (r->draft == NULL) return HUB_OK;
    formats_draft *draft = r->draft;
    const hub_bytes PART = hub_bytes_of_text(r->ref);
    formats_key key = formats_key_of("ppn", &PART, 1);
    r->draft = NULL;
    hub_status status = keep_seen(r, digest_of("notice", &PART, 1));
    if (status != HUB_OK) return status;
    if (draft->event.n_subjects == 0 && !draft->out_of_memory)
        return formats_park(r->sink, r->record, r->place, "nobody is named: an event is about somebody");
    return formats_put_once(draft, &key, r->ref, FORMATS_SAME_EVENT, r->record, r->place);
}

static hub_status on_entry(void *context, const formats_csv_row *row, const int32_t *columns)
{
    reading *r = context;
    const char *rule;
    row_of read = {0};
    r->row = row;
    r->columns = columns;
    int fault = read_row(r, &read, &rule);
    if (fault != COLUMNS) /* N3 */
        return formats_park(r->sink, row->record, formats_csv_place(row, columns[fault], HEADER[fault].shown), rule);
    if (read.type == INTELLIGENCE) return HUB_OK; /* N1 */
    uint64_t row_digest = digest_of("row", &row->record, 1);
    if (was_seen(r, row_digest)) return HUB_OK; /* N4 */
    hub_status status = keep_seen(r, row_digest);
    bool goes_on = r->draft != NULL && hub_bytes_equal(text_of(r, REF), hub_bytes_of_text(r->ref));
    if (status == HUB_OK && !goes_on) status = close_notice(r);
    hub_bytes ref = text_of(r, REF);
    rule = NULL;
    if (goes_on && r->common != common_of(r)) /* N5 */
        rule = "differs from the first row of its notice in more than the child: give it a number of its own";
    if (!goes_on && was_seen(r, digest_of("notice", &ref, 1))) /* N4 */
        rule = "the rows of one notice must stand one after the other: sort the file by it and send it again";
    if (status == HUB_OK && rule != NULL)
        return formats_park(r->sink, row->record, formats_csv_place(row, columns[REF], HEADER[REF].shown), rule);
    if (status == HUB_OK && !goes_on) status = open_notice(r, &read);
    if (status != HUB_OK) return status;
    r->record.size = (size_t)(row->record.data + row->record.size - r->record.data);
    add_child(r, &read);
    return HUB_OK;
}

static hub_status map(const kit_mapping_options *options, hub_bytes input, const char *input_name, kit_sink *sink, hub_error *err)
{
    reading r = {.options = options, .sink = sink};
    (void)input_name;
    hub_status status = formats_csv_read_table(input, HEADER, COLUMNS, on_entry, &r, sink, err);
    if (status == HUB_OK) status = close_notice(&r);
    free(r.seen);
    return status;
}

const kit_mapping police_ppn_csv = {
    .name = "police-ppn-csv",
    .version = 1,
    .agency = MASH__V1__AGENCY__AGENCY_POLICE,
    .transport = "folder",
    .file_suffix = "csv",
    .map = map,
};
