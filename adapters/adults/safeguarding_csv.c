/* safeguarding_csv.c - safeguarding concerns and enquiries, one row a case. The published return (Safeguarding Adults Collection) is
 * aggregate; the layout is ours, over its names of types, sources and outcomes.
 *
 * A case grows: the concern first, an enquiry later, its end last; each file repeats the others. So a row makes up to three records.
 *
 * Invariants
 *   S1  a type of risk we do not know parks the row: a concern without its kind would be rated as less
 *   S2  whether somebody has capacity is decided for one decision at a time [MCA 2005 s2]: the column says none, and is not carried
 */
#include <stdio.h>
#include <string.h>

#include "adults/adults.h"
#include "adults/row.h"
#include "formats/csv.h"
#include "formats/json.h"
#include "formats/memory.h"

#define SCHEME(name) MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_##name
#define ROLE(name) MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_##name
#define FACTOR(name) MASH__V1__FACTOR_KIND__FACTOR_KIND_##name
#define COUNT(table) (sizeof(table) / sizeof(table)[0])

enum {
    CONCERN_REF,
    PERSON,
    NHS_NUMBER,
    BIRTH,
    GENDER,
    SURNAME,
    FORENAME,
    POSTCODE,
    RAISED,
    SOURCE,
    ENQUIRY_REF,
    ENQUIRY_TYPE,
    ENQUIRY_START,
    ENQUIRY_END,
    RISKS,
    LOCATION,
    OUTCOME,
    CIRCUMSTANCES,
    DESIRED,
    COLUMNS
};

static const formats_csv_column HEADER[COLUMNS] = {
    [CONCERN_REF] = {"concernref|concernreference", "ConcernRef", FORMATS_CSV_REQUIRED},
    [PERSON] = {"lapersonuniqueidentifier|personuniqueidentifier", "LA Person Unique Identifier", FORMATS_CSV_REQUIRED},
    [NHS_NUMBER] = {"nhsnumber", "NHS Number", FORMATS_CSV_OPTIONAL},
    [BIRTH] = {"dateofbirth", "Date of Birth", FORMATS_CSV_OPTIONAL},
    [GENDER] = {"gender|sex", "Gender", FORMATS_CSV_OPTIONAL},
    [SURNAME] = {"surname", "Surname", FORMATS_CSV_OPTIONAL},
    [FORENAME] = {"forename", "Forename", FORMATS_CSV_OPTIONAL},
    [POSTCODE] = {"postcode", "Postcode", FORMATS_CSV_OPTIONAL},
    [RAISED] = {"concernraiseddate", "ConcernRaisedDate", FORMATS_CSV_REQUIRED},
    [SOURCE] = {"concernsource", "ConcernSource", FORMATS_CSV_OPTIONAL},
    [ENQUIRY_REF] = {"enquiryref|enquiryreference", "EnquiryRef", FORMATS_CSV_OPTIONAL},
    [ENQUIRY_TYPE] = {"enquirytype", "EnquiryType", FORMATS_CSV_OPTIONAL},
    [ENQUIRY_START] = {"enquirystartdate", "EnquiryStartDate", FORMATS_CSV_OPTIONAL},
    [ENQUIRY_END] = {"enquiryenddate", "EnquiryEndDate", FORMATS_CSV_OPTIONAL},
    [RISKS] = {"typeofrisk", "TypeOfRisk", FORMATS_CSV_REQUIRED},
    [LOCATION] = {"locationofrisk", "LocationOfRisk", FORMATS_CSV_OPTIONAL},
    [OUTCOME] = {"riskoutcome", "RiskOutcome", FORMATS_CSV_OPTIONAL},
    [CIRCUMSTANCES] = {"circumstances", "Circumstances", FORMATS_CSV_OPTIONAL},
    [DESIRED] = {"desiredoutcome", "DesiredOutcome", FORMATS_CSV_OPTIONAL},
};

/* Types of risk of the Safeguarding Adults Collection. */
static const struct {
    const char *words; /* begin so, whatever case */
    Mash__V1__FactorKind kind;
} RISK_TYPES[] = {
    {"Physical", FACTOR(PHYSICAL_ABUSE)},
    {"Sexual Exploitation", FACTOR(ADULT_SEXUAL_EXPLOITATION)}, /* before Sexual */
    {"Sexual", FACTOR(SEXUAL_ABUSE)},
    {"Psychological", FACTOR(EMOTIONAL_ABUSE)},
    {"Emotional", FACTOR(EMOTIONAL_ABUSE)},
    {"Financial", FACTOR(FINANCIAL_ABUSE)},
    {"Discriminatory", FACTOR(OTHER)},
    {"Organisational", FACTOR(OTHER)},
    {"Neglect", FACTOR(NEGLECT)},
    {"Domestic Abuse", FACTOR(DOMESTIC_ABUSE)},
    {"Modern Slavery", FACTOR(TRAFFICKING)},
    {"Self-Neglect", FACTOR(SELF_NEGLECT)},
    {"Self Neglect", FACTOR(SELF_NEGLECT)},
};

static const formats_profile PROFILE = {
    .agency = MASH__V1__AGENCY__AGENCY_ADULT_SERVICES,
    .sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_SENSITIVE,
    .legal_basis = MASH__V1__LEGAL_BASIS__LEGAL_BASIS_PUBLIC_TASK,
    .legal_gateway = "Care Act 2014 s6, s45",
};

enum { RISKS_MAX = 16 };

/* One row being mapped. Dates of year 0 are not stated. */
typedef struct entry {
    adults_row in;
    formats_date raised;
    formats_date start;
    formats_date end;
    formats_date birth;
    Mash__V1__FactorKind risks[RISKS_MAX];
    size_t risk_count;
} entry;

static bool add_risk(entry *e, hub_bytes word)
{
    for (size_t i = 0; i < COUNT(RISK_TYPES); i++) {
        if (!formats_bytes_begin(word, RISK_TYPES[i].words)) continue;
        if (e->risk_count < RISKS_MAX) e->risks[e->risk_count++] = RISK_TYPES[i].kind;
        return true;
    }
    return false;
}

/* "Domestic Abuse;Psychological Abuse" */
static bool read_risks(entry *e)
{
    hub_bytes rest = adults_text(&e->in, RISKS);
    while (rest.size > 0) {
        const uint8_t *stop = memchr(rest.data, ';', rest.size);
        size_t size = stop != NULL ? (size_t)(stop - rest.data) : rest.size;
        hub_bytes word = hub_bytes_of(rest.data, size);
        for (; word.size > 0 && word.data[0] == ' '; word.data++)
            word.size--;
        if (word.size > 0 && !add_risk(e, word)) return false;
        size_t used = stop != NULL ? size + 1 : size;
        rest = hub_bytes_of(rest.data + used, rest.size - used);
    }
    return true;
}

static void fill_concern(entry *e)
{
    Mash__V1__AdultConcern *concern = FORMATS_PAYLOAD(e->in.draft, ADULT_CONCERN, adult_concern, adult_concern);
    for (size_t i = 0; i < e->risk_count; i++)
        formats_add_factor(e->in.draft, &concern->kinds, &concern->n_kinds, e->risks[i]);
    concern->circumstances = adults_copy(&e->in, CIRCUMSTANCES);
    concern->desired_outcome = adults_copy(&e->in, DESIRED);
    e->in.draft->event.reported_by = adults_copy(&e->in, SOURCE);
    e->in.draft->event.summary = formats_word(e->in.draft, "Safeguarding concern for an adult");
}

static void fill_enquiry(entry *e)
{
    Mash__V1__Section42Enquiry *enquiry = FORMATS_PAYLOAD(e->in.draft, SECTION_42_ENQUIRY, section_42_enquiry, section42_enquiry);
    enquiry->change = MASH__V1__CHANGE__CHANGE_STARTED;
    enquiry->started_on = formats_date_message(e->in.draft, e->start);
    for (size_t i = 0; i < e->risk_count; i++)
        formats_add_factor(e->in.draft, &enquiry->types_of_risk, &enquiry->n_types_of_risk, e->risks[i]);
    enquiry->location = adults_copy(&e->in, LOCATION);
    e->in.draft->event.summary = formats_word(e->in.draft, "Section 42 enquiry started");
}

static void fill_enquiry_end(entry *e)
{
    fill_enquiry(e);
    e->in.draft->payload.section42_enquiry.change = MASH__V1__CHANGE__CHANGE_ENDED;
    e->in.draft->payload.section42_enquiry.outcome = adults_copy(&e->in, OUTCOME);
    e->in.draft->event.summary = formats_word(e->in.draft, "Section 42 enquiry concluded");
}

/* An enquiry that is not under section 42: looked into, and no more is known. */
static void fill_other(entry *e)
{
    Mash__V1__Assessment *assessment = FORMATS_PAYLOAD(e->in.draft, ASSESSMENT, assessment, assessment);
    assessment->kind = formats_word(e->in.draft, "other safeguarding enquiry");
    assessment->started_on = formats_date_message(e->in.draft, e->start);
    if (e->end.year != 0) assessment->completed_on = formats_date_message(e->in.draft, e->end);
    for (size_t i = 0; i < e->risk_count; i++)
        formats_add_factor(e->in.draft, &assessment->factors_identified, &assessment->n_factors_identified, e->risks[i]);
    assessment->outcome = adults_copy(&e->in, OUTCOME);
    e->in.draft->event.summary = formats_word(e->in.draft, "Safeguarding enquiry for an adult");
}

static void add_person(entry *e, formats_date on)
{
    static const struct {
        const char *word;
        Mash__V1__Sex sex;
    } SEXES[] = {{"Female", MASH__V1__SEX__SEX_FEMALE},
                 {"F", MASH__V1__SEX__SEX_FEMALE},
                 {"Male", MASH__V1__SEX__SEX_MALE},
                 {"M", MASH__V1__SEX__SEX_MALE},
                 {"Unknown", MASH__V1__SEX__SEX_NOT_KNOWN}};
    Mash__V1__Subject *person = formats_add_subject(e->in.draft);
    bool is_child = formats_is_child(e->birth, on) == MASH__V1__PRESENCE__PRESENCE_YES;
    formats_add_role(e->in.draft, person, is_child ? ROLE(CHILD) : ROLE(ADULT_AT_RISK));
    formats_add_identifier(e->in.draft, person, SCHEME(NHS_NUMBER), adults_text(&e->in, NHS_NUMBER));
    formats_add_identifier(e->in.draft, person, SCHEME(LOCAL), adults_text(&e->in, PERSON));
    person->family_name = adults_copy(&e->in, SURNAME);
    formats_add_given_name(e->in.draft, person, adults_text(&e->in, FORENAME));
    if (e->birth.year != 0) person->date_of_birth = formats_date_message(e->in.draft, e->birth);
    for (size_t i = 0; i < COUNT(SEXES); i++) {
        if (formats_bytes_are_any_case(adults_text(&e->in, GENDER), SEXES[i].word)) person->sex = SEXES[i].sex;
    }
    if (adults_text(&e->in, POSTCODE).size == 0) return;
    Mash__V1__Address *home = formats_add_address(e->in.draft, person);
    home->kind = MASH__V1__ADDRESS_KIND__ADDRESS_KIND_HOME;
    formats_set_postcode(e->in.draft, home, adults_text(&e->in, POSTCODE));
}

static hub_status put_one(entry *e, void (*fill)(entry *e), formats_date on, int reference, const char *part)
{
    const hub_bytes PARTS[] = {adults_text(&e->in, reference), hub_bytes_of_text(part)};
    formats_key key = formats_key_of("safeguarding", PARTS, COUNT(PARTS));
    e->in.draft = formats_draft_open(e->in.sink, e->in.options, &PROFILE);
    if (e->in.draft == NULL) return HUB_ERR_MEMORY;
    (void)formats_instant_of_date(on, e->in.options, &e->in.draft->event.occurred_at);
    add_person(e, on);
    fill(e);
    return formats_put_once(e->in.draft, &key, key.text, FORMATS_SAME_PAYLOAD, e->in.row->record,
                            formats_csv_place(e->in.row, e->in.columns[reference], HEADER[reference].shown));
}

static bool is_section_42(const entry *e)
{
    hub_bytes type = adults_text(&e->in, ENQUIRY_TYPE);
    return formats_bytes_begin(type, "Section 42") || formats_bytes_begin(type, "S42");
}

/* The column at fault, or COLUMNS. */
static int check(entry *e, const char **rule)
{
    hub_bytes type = adults_text(&e->in, ENQUIRY_TYPE);
    *rule = "date does not exist or is not dd/mm/yyyy";
    if (!adults_date(&e->in, RAISED, &e->raised)) return RAISED;
    if (!adults_date(&e->in, ENQUIRY_START, &e->start)) return ENQUIRY_START;
    if (!adults_date(&e->in, ENQUIRY_END, &e->end)) return ENQUIRY_END;
    if (!adults_date(&e->in, BIRTH, &e->birth)) return BIRTH;
    *rule = "required, and empty or a placeholder";
    if (adults_text(&e->in, CONCERN_REF).size == 0) return CONCERN_REF;
    if (!formats_identifies(SCHEME(LOCAL), adults_text(&e->in, PERSON), e->in.options->this_year)) return PERSON;
    if (e->raised.year == 0) return RAISED;
    if (type.size > 0 && e->start.year == 0) return ENQUIRY_START;
    *rule = formats_identifier_fault(SCHEME(NHS_NUMBER), adults_text(&e->in, NHS_NUMBER), e->in.options->this_year);
    if (*rule != NULL) return NHS_NUMBER;
    *rule = "not a type of risk of the Safeguarding Adults Collection; several are divided by ;";
    if (!read_risks(e)) return RISKS; /* S1 */
    *rule = "not Section 42 or Other";
    if (type.size > 0 && !is_section_42(e) && !formats_bytes_begin(type, "Other")) return ENQUIRY_TYPE;
    *rule = "ends before it starts";
    if (e->end.year != 0 && formats_date_compare(e->end, e->start) < 0) return ENQUIRY_END;
    return COLUMNS;
}

static hub_status on_entry(void *context, const formats_csv_row *row, const int32_t *columns)
{
    entry e = *(const entry *)context;
    const char *rule;
    e.in.row = row;
    e.in.columns = columns;
    int fault = check(&e, &rule);
    if (fault != COLUMNS)
        return formats_park(e.in.sink, row->record, formats_csv_place(row, columns[fault], HEADER[fault].shown), rule);
    int reference = adults_text(&e.in, ENQUIRY_REF).size > 0 ? ENQUIRY_REF : CONCERN_REF;
    hub_status status = put_one(&e, fill_concern, e.raised, CONCERN_REF, "concern");
    if (status != HUB_OK || e.start.year == 0 || adults_text(&e.in, ENQUIRY_TYPE).size == 0) return status;
    if (!is_section_42(&e)) return put_one(&e, fill_other, e.start, reference, "other");
    status = put_one(&e, fill_enquiry, e.start, reference, "enquiry");
    if (status != HUB_OK || e.end.year == 0) return status;
    return put_one(&e, fill_enquiry_end, e.end, reference, "end");
}

static hub_status map(const kit_mapping_options *options, hub_bytes input, const char *input_name, kit_sink *sink, hub_error *err)
{
    entry all = {.in = {.options = options, .sink = sink}};
    (void)input_name;
    return formats_csv_read_table(input, HEADER, COLUMNS, on_entry, &all, sink, err);
}

const kit_mapping adults_safeguarding_csv = {
    .name = "adults-safeguarding-csv",
    .version = 1,
    .agency = MASH__V1__AGENCY__AGENCY_ADULT_SERVICES,
    .transport = "folder",
    .file_suffix = "csv",
    .map = map,
};
