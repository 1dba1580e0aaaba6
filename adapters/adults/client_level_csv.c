/* client_level_csv.c - client-level data (CLD), Release 1: one row an event of one person's care.
 *
 * Every file repeats its quarter, and rows change while work goes on (an end date, an outcome). Person, event type, start and event
 * reference make the record; the same row again makes no event, a changed one amends.
 *
 * Invariants
 *   C1  a service makes two records: its start, and its end once the row has one
 *   C2  a birth, a death or an NHS number that a later file states alone is told once, by an event of its own
 *   C3  CLD has no safeguarding event type and leaves out what was cancelled: nothing here is a concern or a miss
 *   C4  the row of a carer who is known by association alone has no event, and makes none
 */
#include "adults/adults.h"
#include "adults/row.h"

#include <stdio.h>
#include <string.h>

#include "formats/csv.h"
#include "formats/identity.h"
#include "formats/json.h"

#define SCHEME(name) MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_##name
#define ROLE(name) MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_##name
#define PRESENCE(name) MASH__V1__PRESENCE__PRESENCE_##name

enum {
    PERSON,
    NHS_NUMBER,
    PRACTICE,
    GENDER,
    BIRTH,
    DEATH,
    CLIENT_TYPE,
    SURNAME,
    FORENAME,
    POSTCODE,
    EVENT_TYPE,
    EVENT_REFERENCE,
    START,
    END,
    DESCRIPTION,
    OUTCOME,
    ROUTE,
    ASSESSMENT_TYPE,
    SERVICE_TYPE,
    COMPONENT,
    DELIVERY,
    REVIEW_REASON,
    COLUMNS
};

static const formats_csv_column HEADER[COLUMNS] = {
    [PERSON] = {"lapersonuniqueidentifier|personuniqueidentifier", "LA Person Unique Identifier", FORMATS_CSV_REQUIRED},
    [NHS_NUMBER] = {"nhsnumber", "NHS Number", FORMATS_CSV_OPTIONAL},
    [PRACTICE] = {"gppracticecode", "GP Practice Code", FORMATS_CSV_OPTIONAL},
    [GENDER] = {"gender|sex", "Gender", FORMATS_CSV_OPTIONAL},
    [BIRTH] = {"dateofbirth", "Date of Birth", FORMATS_CSV_OPTIONAL},
    [DEATH] = {"dateofdeath", "Date of Death", FORMATS_CSV_OPTIONAL},
    [CLIENT_TYPE] = {"clienttype", "Client Type", FORMATS_CSV_OPTIONAL},
    [SURNAME] = {"lastname|surname", "Last Name", FORMATS_CSV_OPTIONAL}, /* in version 5, and in councils' own extracts */
    [FORENAME] = {"firstname|forename", "First Name", FORMATS_CSV_OPTIONAL},
    [POSTCODE] = {"postcode", "Postcode", FORMATS_CSV_OPTIONAL},
    [EVENT_TYPE] = {"eventtype", "Event Type", FORMATS_CSV_REQUIRED},
    [EVENT_REFERENCE] = {"eventreference", "Event Reference", FORMATS_CSV_OPTIONAL},
    [START] = {"eventstartdate", "Event Start Date", FORMATS_CSV_REQUIRED},
    [END] = {"eventenddate", "Event End Date", FORMATS_CSV_OPTIONAL},
    [DESCRIPTION] = {"eventdescription", "Event Description", FORMATS_CSV_OPTIONAL},
    [OUTCOME] = {"eventoutcome", "Event Outcome", FORMATS_CSV_OPTIONAL},
    [ROUTE] = {"requestrouteofaccess|routeofaccess", "Request: Route of Access", FORMATS_CSV_OPTIONAL},
    [ASSESSMENT_TYPE] = {"assessmenttype", "Assessment Type", FORMATS_CSV_OPTIONAL},
    [SERVICE_TYPE] = {"servicetype", "Service Type", FORMATS_CSV_OPTIONAL},
    [COMPONENT] = {"servicecomponent", "Service Component", FORMATS_CSV_OPTIONAL},
    [DELIVERY] = {"deliverymechanism", "Delivery Mechanism", FORMATS_CSV_OPTIONAL},
    [REVIEW_REASON] = {"reviewreason", "Review Reason", FORMATS_CSV_OPTIONAL},
};

static const formats_profile PROFILE = {
    .agency = MASH__V1__AGENCY__AGENCY_ADULT_SERVICES,
    .sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_OFFICIAL,
    .legal_basis = MASH__V1__LEGAL_BASIS__LEGAL_BASIS_PUBLIC_TASK,
    .legal_gateway = "Care Act 2014 s6",
};

/* One row being mapped. Dates of year 0 are not stated. */
typedef struct entry {
    adults_row in;
    formats_date start;
    formats_date end;
    formats_date birth;
    formats_date death;
} entry;

/* NFA YES when the outcome begins so, NO when another outcome is stated. */
static Mash__V1__Presence no_further_action(hub_bytes outcome)
{
    if (outcome.size == 0) return PRESENCE(UNSPECIFIED);
    return formats_bytes_begin(outcome, "NFA") ? PRESENCE(YES) : PRESENCE(NO);
}

static void fill_request(entry *e)
{
    Mash__V1__Referral *referral = FORMATS_PAYLOAD(e->in.draft, REFERRAL, referral, referral);
    referral->kind = MASH__V1__REFERRAL_KIND__REFERRAL_KIND_ADULT_SOCIAL_CARE;
    referral->change = MASH__V1__REFERRAL_CHANGE__REFERRAL_CHANGE_RECEIVED;
    referral->source_code = adults_copy(&e->in, ROUTE);
    referral->reason = adults_copy(&e->in, DESCRIPTION);
    referral->no_further_action = no_further_action(adults_text(&e->in, OUTCOME));
    e->in.draft->event.summary = formats_word(e->in.draft, "Request for adult social care");
}

static void fill_assessment_of(entry *e, const char *kind)
{
    Mash__V1__Assessment *assessment = FORMATS_PAYLOAD(e->in.draft, ASSESSMENT, assessment, assessment);
    assessment->kind = formats_word(e->in.draft, kind);
    assessment->started_on = formats_date_message(e->in.draft, e->start);
    if (e->end.year != 0) assessment->completed_on = formats_date_message(e->in.draft, e->end);
    assessment->outcome = adults_copy(&e->in, OUTCOME);
    e->in.draft->event.summary = formats_word(e->in.draft, "Adult social care assessment");
}

static void fill_assessment(entry *e)
{
    fill_assessment_of(e, "adult social care");
    char *kind = adults_copy(&e->in, ASSESSMENT_TYPE);
    if (kind[0] != '\0') e->in.draft->payload.assessment.kind = kind;
}

static void fill_service(entry *e)
{
    Mash__V1__CareService *service = FORMATS_PAYLOAD(e->in.draft, CARE_SERVICE, care_service, care_service);
    service->change = MASH__V1__CHANGE__CHANGE_STARTED;
    service->on = formats_date_message(e->in.draft, e->start);
    service->service = adults_copy(&e->in, SERVICE_TYPE);
    service->component = adults_copy(&e->in, COMPONENT);
    service->delivery = adults_copy(&e->in, DELIVERY);
    e->in.draft->event.summary = formats_word(e->in.draft, "Care service started");
}

static void fill_service_end(entry *e)
{
    fill_service(e);
    e->in.draft->payload.care_service.change = MASH__V1__CHANGE__CHANGE_ENDED;
    e->in.draft->payload.care_service.on = formats_date_message(e->in.draft, e->end);
    e->in.draft->payload.care_service.outcome = adults_copy(&e->in, OUTCOME);
    e->in.draft->event.summary = formats_word(e->in.draft, "Care service ended");
}

/* A planned review looks at a plan; an unplanned one is made because something happened: it is an assessment. */
static void fill_review(entry *e)
{
    if (formats_bytes_begin(adults_text(&e->in, REVIEW_REASON), "unplanned") ||
        formats_bytes_begin(adults_text(&e->in, DESCRIPTION), "unplanned")) {
        fill_assessment_of(e, "unplanned review");
        return;
    }
    Mash__V1__PlanReview *review = FORMATS_PAYLOAD(e->in.draft, PLAN_REVIEW, plan_review, plan_review);
    review->on = formats_date_message(e->in.draft, e->end.year != 0 ? e->end : e->start);
    review->outcome = adults_copy(&e->in, OUTCOME);
    e->in.draft->event.summary = formats_word(e->in.draft, "Adult social care plan reviewed");
}

/* By how the type begins: systems add to it ("Service - Long Term Support"). */
static const struct {
    const char *event_type;
    void (*fill)(entry *e);
    void (*fill_end)(entry *e); /* C1 */
} TYPES[] = {
    {"Request", fill_request, NULL},       {"Referral", fill_request, NULL}, /* its name before Release 1 */
    {"Assessment", fill_assessment, NULL}, {"Service", fill_service, fill_service_end},
    {"Review", fill_review, NULL},
};

static const struct {
    const char *word;
    Mash__V1__Sex sex;
} SEXES[] = {
    {"Female", MASH__V1__SEX__SEX_FEMALE},     {"Male", MASH__V1__SEX__SEX_MALE},
    {"2", MASH__V1__SEX__SEX_FEMALE},          {"1", MASH__V1__SEX__SEX_MALE},
    {"F", MASH__V1__SEX__SEX_FEMALE},          {"M", MASH__V1__SEX__SEX_MALE},
    {"Unknown", MASH__V1__SEX__SEX_NOT_KNOWN},
};

/* CLD is about adults who have, may have, or care for somebody with, care and support needs; and about young people on their way there. */
static Mash__V1__SubjectRole role_of(const entry *e, formats_date on)
{
    if (formats_bytes_begin(adults_text(&e->in, CLIENT_TYPE), "carer")) return ROLE(PARENT_OR_CARER);
    return formats_is_child(e->birth, on) == PRESENCE(YES) ? ROLE(CHILD) : ROLE(ADULT_AT_RISK);
}

static void add_person(entry *e, formats_date on)
{
    Mash__V1__Subject *person = formats_add_subject(e->in.draft);
    hub_bytes gender = adults_text(&e->in, GENDER);
    formats_add_role(e->in.draft, person, role_of(e, on));
    formats_add_identifier(e->in.draft, person, SCHEME(NHS_NUMBER), adults_text(&e->in, NHS_NUMBER));
    formats_add_identifier(e->in.draft, person, SCHEME(LOCAL), adults_text(&e->in, PERSON));
    person->family_name = adults_copy(&e->in, SURNAME);
    formats_add_given_name(e->in.draft, person, adults_text(&e->in, FORENAME));
    if (e->birth.year != 0) person->date_of_birth = formats_date_message(e->in.draft, e->birth);
    if (e->death.year != 0) person->date_of_death = formats_date_message(e->in.draft, e->death);
    for (size_t i = 0; i < sizeof SEXES / sizeof SEXES[0]; i++) {
        if (formats_bytes_are_any_case(gender, SEXES[i].word)) person->sex = SEXES[i].sex;
    }
    person->practice_code = adults_copy(&e->in, PRACTICE);
    if (adults_text(&e->in, POSTCODE).size == 0) return;
    Mash__V1__Address *home = formats_add_address(e->in.draft, person);
    home->kind = MASH__V1__ADDRESS_KIND__ADDRESS_KIND_HOME;
    formats_set_postcode(e->in.draft, home, adults_text(&e->in, POSTCODE));
}

static hub_status put_one(entry *e, void (*fill)(entry *e), formats_date on, const char *part)
{
    char reference[FORMATS_REFERENCE_MAX];
    const hub_bytes PARTS[] = {adults_text(&e->in, PERSON), adults_text(&e->in, EVENT_TYPE), adults_text(&e->in, START),
                               hub_bytes_of_text(part), adults_text(&e->in, EVENT_REFERENCE),
                               /* without a reference what the row says it is: two services begun on one day are two */
                               adults_text(&e->in, DESCRIPTION), adults_text(&e->in, ASSESSMENT_TYPE),
                               adults_text(&e->in, SERVICE_TYPE), adults_text(&e->in, COMPONENT), adults_text(&e->in, DELIVERY)};
    enum { WITH_REFERENCE = 5, WITHOUT = sizeof PARTS / sizeof PARTS[0] };
    formats_key key = formats_key_of("cld", PARTS, adults_text(&e->in, EVENT_REFERENCE).size > 0 ? WITH_REFERENCE : WITHOUT);
    e->in.draft = formats_draft_open(e->in.sink, e->in.options, &PROFILE);
    if (e->in.draft == NULL) return HUB_ERR_MEMORY;
    (void)formats_instant_of_date(on, e->in.options, &e->in.draft->event.occurred_at);
    add_person(e, on);
    fill(e);
    hub_bytes own = adults_text(&e->in, EVENT_REFERENCE);
    if (own.size > 0 && own.size <= 64)
        (void)snprintf(reference, sizeof reference, "%.*s/%s", (int)own.size, (const char *)own.data, key.text);
    else
        (void)snprintf(reference, sizeof reference, "%s", key.text);
    return formats_put_once(e->in.draft, &key, reference, FORMATS_SAME_PAYLOAD, e->in.row->record,
                            formats_csv_place(e->in.row, e->in.columns[EVENT_TYPE], HEADER[EVENT_TYPE].shown));
}

/* What this row adds to what is known of the person, beside its own event. */
static hub_status put_person(entry *e)
{
    hub_bytes local = adults_text(&e->in, PERSON);
    formats_key key = formats_key_of("person", &local, 1);
    formats_identity identity = {.birth = e->birth, .death = e->death};
    formats_person person;
    if (formats_identifies(SCHEME(NHS_NUMBER), adults_text(&e->in, NHS_NUMBER), e->in.options->this_year))
        identity.number = adults_text(&e->in, NHS_NUMBER);
    hub_status status = formats_person_recall(e->in.sink, &key, &identity, &person);
    if (status != HUB_OK) return status;
    if (person.is_first) return formats_person_keep(e->in.sink, &person);
    if (!formats_person_has_news(&person)) return HUB_OK;
    e->in.draft = formats_draft_open(e->in.sink, e->in.options, &PROFILE);
    if (e->in.draft == NULL) return HUB_ERR_MEMORY;
    add_person(e, formats_date_of_instant(e->in.options->received_ms));
    return formats_person_tell(e->in.draft, &person, &identity, e->in.row->record,
                               formats_csv_place(e->in.row, e->in.columns[PERSON], HEADER[PERSON].shown));
}

static hub_status park(const entry *e, int column, const char *rule)
{
    return formats_park(e->in.sink, e->in.row->record, formats_csv_place(e->in.row, e->in.columns[column], HEADER[column].shown),
                        rule);
}

/* The column at fault, or COLUMNS. */
static int check(entry *e, const char **rule)
{
    *rule = "date does not exist or is not dd/mm/yyyy";
    if (!adults_date(&e->in, START, &e->start)) return START;
    if (!adults_date(&e->in, END, &e->end)) return END;
    if (!adults_date(&e->in, BIRTH, &e->birth)) return BIRTH;
    if (!adults_date(&e->in, DEATH, &e->death)) return DEATH;
    *rule = "required, and empty or a placeholder";
    if (!formats_identifies(SCHEME(LOCAL), adults_text(&e->in, PERSON), e->in.options->this_year)) return PERSON;
    if (e->start.year == 0) return START;
    *rule = formats_identifier_fault(SCHEME(NHS_NUMBER), adults_text(&e->in, NHS_NUMBER), e->in.options->this_year);
    if (*rule != NULL) return NHS_NUMBER;
    *rule = "ends before it starts";
    if (e->end.year != 0 && formats_date_compare(e->end, e->start) < 0) return END;
    return COLUMNS;
}

static hub_status on_entry(void *context, const formats_csv_row *row, const int32_t *columns)
{
    entry e = *(const entry *)context;
    const char *rule;
    e.in.row = row;
    e.in.columns = columns;
    bool is_by_association = formats_bytes_are_any_case(adults_text(&e.in, CLIENT_TYPE), "Carer known by association");
    if (is_by_association && adults_text(&e.in, EVENT_TYPE).size == 0) return HUB_OK; /* C4 */
    int fault = check(&e, &rule);
    if (fault != COLUMNS) return park(&e, fault, rule);
    for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++) {
        if (!formats_bytes_begin(adults_text(&e.in, EVENT_TYPE), TYPES[i].event_type)) continue;
        hub_status status = put_person(&e);
        if (status == HUB_OK) status = put_one(&e, TYPES[i].fill, e.start, "");
        if (status != HUB_OK || TYPES[i].fill_end == NULL || e.end.year == 0) return status;
        return put_one(&e, TYPES[i].fill_end, e.end, "end");
    }
    return park(&e, EVENT_TYPE, "not one of Request, Assessment, Service, Review");
}

static hub_status map(const kit_mapping_options *options, hub_bytes input, const char *input_name, kit_sink *sink, hub_error *err)
{
    entry all = {.in = {.options = options, .sink = sink}};
    (void)input_name;
    return formats_csv_read_table(input, HEADER, COLUMNS, on_entry, &all, sink, err);
}

const kit_mapping adults_client_level_csv = {
    .name = "adults-client-level-csv",
    .version = 1,
    .agency = MASH__V1__AGENCY__AGENCY_ADULT_SERVICES,
    .transport = "folder",
    .file_suffix = "csv",
    .map = map,
};
