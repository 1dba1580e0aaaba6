/* incident_json.c - one JSON:API incident to one event.
 *
 * Base: iHub Standard Data Model, {data:{id,type:"incident",attributes,relationships}, included:[...]}. It has no words for domestic
 * abuse; the attributes domesticAbuse, riskAssessment, crimeReferenceNumber ... are our extension, listed in adapters/README.md.
 *
 * Invariants
 *   P1  free text is carried, never read: only "domesticAbuse": true makes a domestic abuse incident
 *   P2  community partnership information (CPI) is intelligence from the public, not a contact: it makes no event
 */
#include "police/police.h"

#include <stdio.h>
#include <string.h>

#include "formats/json_place.h"
#include "formats/memory.h"
#include "police/grades.h"
#include "police/people.h"

#define LEVEL(name) MASH__V1__GRADE_LEVEL__GRADE_LEVEL_##name
#define COUNT(table) (sizeof(table) / sizeof(table)[0])

enum { ANSWERS_MAX = 64, MARKERS_MAX = 16 };

static const formats_profile PROFILE = {
    .agency = MASH__V1__AGENCY__AGENCY_POLICE,
    .sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_SENSITIVE, /* criminal-offence data */
    .legal_basis = MASH__V1__LEGAL_BASIS__LEGAL_BASIS_LAW_ENFORCEMENT,
    .legal_gateway = "Children Act 2004 s11",
};

static const char NO_BOOLEAN[] = "must be true or false";
static const char *const CPI_KINDS[] = {"cpi", "communityPartnershipInformation", "community-partnership-information"};

typedef struct incident {
    const json_t *root;
    const json_t *attributes;
    formats_draft *draft;
    police_fault fault;
} incident;

/* `field` is a key of the attributes, or two with a full stop between. */
static void set_fault(incident *in, const char *field, const char *rule)
{
    char outer[48];
    const char *stop = strchr(field, '.');
    (void)snprintf(outer, sizeof outer, "%.*s", stop != NULL ? (int)(stop - field) : 0, field);
    const json_t *inner = stop != NULL ? json_object_get(in->attributes, outer) : NULL;
    police_set_fault(&in->fault, inner != NULL ? inner : in->attributes, stop != NULL ? stop + 1 : field, field, rule);
}

/* Texts of another shape, and names of other models, would be lost in silence. */
static void check_shapes(incident *in)
{
    static const char *const TEXTS[] = {"recordedDateTime",   "area",         "crimeReferenceNumber", "homeOfficeOffenceCode",
                                        "briefCircumstances", "incidentType", "incidentDescription"};
    static const police_name NAMES[] = {
        {"occurredDateTime", "the model's name is incidentStartDateTime"},
        {"incidentDateTime", "the model's name is incidentStartDateTime"},
        {"occurredAt", "the model's name is incidentStartDateTime"},
        {"recordedAt", "the model's name is recordedDateTime"},
        {"domesticViolence", "the name is domesticAbuse"},
        {"isDomesticAbuse", "the name is domesticAbuse"},
    };
    for (size_t i = 0; i < COUNT(TEXTS); i++) {
        if (formats_json_is_not_text(in->attributes, TEXTS[i])) set_fault(in, TEXTS[i], "must be a text");
    }
    const json_t *start = json_object_get(in->attributes, "incidentStartDateTime");
    if (start != NULL && !json_is_null(start) && !json_is_string(start) && !json_is_object(start))
        set_fault(in, "incidentStartDateTime", "must be a text, or an object with dateFrom");
    if (formats_json_is_not_texts(in->attributes, "localMarkers")) set_fault(in, "localMarkers", "must be a list of texts");
    police_check_names(&in->fault, in->attributes, NAMES, COUNT(NAMES), "");
}

/* A flag that is neither true nor false, read as absent, would make a domestic abuse incident a plain one. */
static void check_flags(incident *in)
{
    static const char *const FLAGS[] = {"domesticAbuse",         "attended",          "childrenPresent", "hadWeapon",
                                        "nonFatalStrangulation", "targetedByOffender"};
    for (size_t i = 0; i < COUNT(FLAGS); i++) {
        if (formats_json_is_not_boolean(in->attributes, FLAGS[i])) set_fault(in, FLAGS[i], NO_BOOLEAN);
    }
}

static bool is_cpi(hub_bytes kind)
{
    for (size_t i = 0; i < COUNT(CPI_KINDS); i++) {
        if (formats_bytes_are_any_case(kind, CPI_KINDS[i])) return true;
    }
    return false;
}

/* "2026-01-11T22:40:00Z", or as the SDM also writes it {"dateFrom": "2022-10-20", "dateTo": ...}. Absent: known only to be past. */
static void read_times(incident *in)
{
    Mash__V1__Event *event = &in->draft->event;
    const json_t *start = json_object_get(in->attributes, "incidentStartDateTime");
    hub_bytes text =
        json_is_object(start) ? formats_json_text(start, "dateFrom") : formats_json_text(in->attributes, "incidentStartDateTime");
    event->occurred_at = 1;
    if (text.size > 0 && !formats_instant_iso(text, in->draft->options, &event->occurred_at)) {
        set_fault(in, "incidentStartDateTime", "date or time does not exist or is not ISO 8601");
    }
    hub_bytes recorded = formats_json_text(in->attributes, "recordedDateTime");
    if (recorded.size > 0 && !formats_instant_iso(recorded, in->draft->options, &event->recorded_at)) {
        set_fault(in, "recordedDateTime", "date or time does not exist or is not ISO 8601");
    }
}

/* yes, no or unknown, in whatever case; NULL: none of them. */
static const char *answer_of(const char *word)
{
    static const char *const WORDS[] = {"yes", "no", "unknown"};
    for (size_t i = 0; i < COUNT(WORDS); i++) {
        if (formats_bytes_are_any_case(hub_bytes_of_text(word), WORDS[i])) return WORDS[i];
    }
    return NULL;
}

typedef struct answer_counts {
    int yes, no, unknown;
} answer_counts;

/* Carries all answers as "q1=yes", and counts them. The questions' text is not ours. */
static answer_counts read_answers(incident *in, const json_t *assessment, bool is_dash, Mash__V1__Grade *grade)
{
    answer_counts counts = {0};
    const json_t *answers = json_object_get(assessment, "answers");
    const char *key;
    json_t *answer;
    json_object_foreach((json_t *)(uintptr_t)answers, key, answer)
    {
        char line[64];
        const char *word = json_string_value(answer);
        /* A word that is neither would count as no, and a high risk would read as standard. */
        const char *known = word != NULL ? answer_of(word) : NULL;
        if (word == NULL || strlen(key) > 16 || strlen(word) > 16 || (is_dash && known == NULL)) {
            set_fault(in, "riskAssessment.answers", "answers must be short texts: yes, no or unknown");
            return counts;
        }
        if (known != NULL) word = known;
        (void)snprintf(line, sizeof line, "%s=%s", key, word);
        formats_add_line(in->draft, &grade->answers, &grade->n_answers, ANSWERS_MAX, hub_bytes_of_text(line));
        counts.yes += strcmp(word, "yes") == 0;
        counts.no += strcmp(word, "no") == 0;
        counts.unknown += strcmp(word, "unknown") == 0;
    }
    return counts;
}

static Mash__V1__GradeLevel level_of(incident *in, const json_t *assessment, bool is_dash, const answer_counts *counts)
{
    hub_bytes stated = formats_json_text(assessment, "officerGrading");
    if (police_level_of_word(stated) != LEVEL(UNSPECIFIED)) return police_level_of_word(stated);
    if (stated.size > 0) set_fault(in, "riskAssessment.officerGrading", "not one of standard, medium, high");
    if (formats_json_is_not_boolean(assessment, "visibleHighRisk")) set_fault(in, "riskAssessment.visibleHighRisk", NO_BOOLEAN);
    if (json_is_true(json_object_get(assessment, "visibleHighRisk"))) return LEVEL(HIGH);
    return is_dash ? police_level_of_dash(counts->yes, counts->no, counts->unknown)
                   : LEVEL(UNSPECIFIED); /* other tools do not add up */
}

static void read_grade(incident *in, Mash__V1__DomesticAbuseIncident *out)
{
    const json_t *assessment = json_object_get(in->attributes, "riskAssessment");
    const json_t *answers = json_object_get(assessment, "answers");
    if (assessment != NULL && !json_is_null(assessment) && !json_is_object(assessment))
        set_fault(in, "riskAssessment", "must be an object");
    if (answers != NULL && !json_is_null(answers) && !json_is_object(answers))
        set_fault(in, "riskAssessment.answers", "must be an object, an answer under each question");
    if (formats_json_is_not_text(assessment, "officerGrading")) set_fault(in, "riskAssessment.officerGrading", "must be a text");
    if (formats_json_is_not_text(assessment, "tool")) set_fault(in, "riskAssessment.tool", "must be a text");
    if (!json_is_object(assessment)) return;
    Mash__V1__Grade *grade = formats_grade(in->draft);
    hub_bytes tool = formats_json_text(assessment, "tool");
    hub_bytes version = formats_json_text(assessment, "toolVersion");
    bool is_dash = formats_bytes_begin(tool, "DASH"); /* "DASH 2009", "DASH RIC" too; SDASH asks other questions */
    answer_counts counts = read_answers(in, assessment, is_dash, grade);
    grade->level = level_of(in, assessment, is_dash, &counts);
    if (grade->level == LEVEL(UNSPECIFIED) && grade->n_answers == 0) return;
    bool is_counted = is_dash ? counts.yes + counts.no > 0 : grade->n_answers > 0;
    grade->score = is_counted ? counts.yes : -1;
    grade->tool = tool.size > 0 ? formats_text(in->draft, tool) : formats_word(in->draft, "officer grading");
    /* DASH has had one version; for another tool "unstated" is what the source said. */
    grade->tool_version =
        version.size > 0 ? formats_text(in->draft, version) : formats_word(in->draft, is_dash ? "2009" : "unstated");
    if (formats_json_text(assessment, "officerGrading").size > 0) grade->graded_by = formats_word(in->draft, "officer");
    out->grades = in->draft->grades;
    out->n_grades = 1;
}

static char *postcode_of(incident *in)
{
    const json_t *place = police_related(in->root, json_object_get(in->root, "data"), "incidentLocation", 0);
    return formats_text(in->draft, formats_json_text(json_object_get(place, "attributes"), "postcode"));
}

/* Children who were there, by the people as they were added. */
static size_t children_present(const incident *in)
{
    size_t count = 0;
    for (size_t i = 0; i < in->draft->event.n_subjects; i++) {
        const Mash__V1__Subject *subject = in->draft->event.subjects[i];
        bool is_child = false;
        for (size_t k = 0; k < subject->n_roles; k++)
            is_child = is_child || subject->roles[k] == MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_CHILD;
        count += is_child && subject->present == MASH__V1__PRESENCE__PRESENCE_YES;
    }
    return count;
}

/* After the people: who is a child is known by then. */
static void summarise(incident *in, Mash__V1__DomesticAbuseIncident *said)
{
    char text[200];
    char level[64] = "not graded";
    char present[48] = "";
    size_t children = children_present(in);
    said->children_present =
        children > 0 ? MASH__V1__PRESENCE__PRESENCE_YES : formats_json_presence(in->attributes, "childrenPresent");
    if (said->n_grades > 0 && said->grades[0]->level != LEVEL(UNSPECIFIED)) {
        (void)event_enum_name(&mash__v1__grade_level__descriptor, (int)said->grades[0]->level, level);
    }
    if (children > 0)
        (void)snprintf(present, sizeof present, ", %zu child%s present", children, children == 1 ? "" : "ren");
    else if (said->children_present == MASH__V1__PRESENCE__PRESENCE_YES)
        (void)snprintf(present, sizeof present, ", children present");
    (void)snprintf(text, sizeof text, "Domestic abuse incident, risk %s%s", level, present);
    in->draft->event.summary = formats_word(in->draft, text);
}

static void read_domestic_abuse(incident *in)
{
    Mash__V1__DomesticAbuseIncident *out =
        FORMATS_PAYLOAD(in->draft, DOMESTIC_ABUSE_INCIDENT, domestic_abuse_incident, domestic_abuse_incident);
    size_t i;
    json_t *marker;
    hub_bytes circumstances = formats_json_text(in->attributes, "briefCircumstances");
    if (circumstances.size == 0) circumstances = formats_json_text(in->attributes, "incidentDescription");
    out->crime_reference = formats_text(in->draft, formats_json_text(in->attributes, "crimeReferenceNumber"));
    out->offence_code = formats_text(in->draft, formats_json_text(in->attributes, "homeOfficeOffenceCode"));
    out->attended = formats_json_presence(in->attributes, "attended");
    out->place_postcode = postcode_of(in);
    out->circumstances = formats_text(in->draft, circumstances);
    out->weapon_used = formats_json_presence(in->attributes, "hadWeapon");
    out->strangulation = formats_json_presence(in->attributes, "nonFatalStrangulation");
    json_array_foreach(json_object_get(in->attributes, "localMarkers"), i, marker)
    {
        formats_add_line(in->draft, &out->markers, &out->n_markers, MARKERS_MAX, hub_bytes_of_text(json_string_value(marker)));
    }
    read_grade(in, out);
}

static void read_plain_incident(incident *in)
{
    Mash__V1__Incident *out = FORMATS_PAYLOAD(in->draft, INCIDENT, incident, incident);
    out->crime_reference = formats_text(in->draft, formats_json_text(in->attributes, "crimeReferenceNumber"));
    if (out->crime_reference[0] == '\0') {
        out->crime_reference = formats_text(in->draft, formats_json_text(in->attributes, "incidentReportedAlreadyReference"));
    }
    out->offence_code = formats_text(in->draft, formats_json_text(in->attributes, "homeOfficeOffenceCode"));
    out->kind = formats_text(in->draft, formats_json_text(in->attributes, "incidentType"));
    out->attended = formats_json_presence(in->attributes, "attended");
    out->place_postcode = postcode_of(in);
    in->draft->event.summary = formats_word(in->draft, "Police incident, not recorded as domestic abuse");
}

static void read_area(incident *in)
{
    hub_bytes area = formats_json_text(in->attributes, "area");
    if (area.size > 0) in->draft->event.area = formats_text(in->draft, area);
}

static hub_status finish(incident *in, hub_bytes input, hub_bytes id)
{
    kit_sink *sink = in->draft->sink;
    formats_json_places places = {.input = input, .root = in->root};
    const json_t *data = json_object_get(in->root, "data");
    if (in->fault.rule == NULL && in->draft->event.n_subjects == 0 && !in->draft->out_of_memory) {
        police_set_fault(&in->fault, data, "relationships", "data.relationships",
                         "nobody is named as victim, suspect or child: an event is about somebody");
    }
    kit_place place = formats_json_place(&places, data, NULL, "data");
    if (in->fault.rule != NULL) place = formats_json_place(&places, in->fault.holder, in->fault.key, in->fault.field);
    formats_json_places_free(&places);
    if (in->fault.rule != NULL) return formats_park(sink, input, place, in->fault.rule);
    char reference[FORMATS_REFERENCE_MAX];
    (void)snprintf(reference, sizeof reference, "%.*s", (int)id.size, (const char *)id.data);
    formats_key key = formats_key_of("incident", &id, 1);
    return formats_put_once(in->draft, &key, reference, FORMATS_SAME_EVENT, input, place);
}

static hub_status map_document(const kit_mapping_options *options, const json_t *root, hub_bytes input, kit_sink *sink,
                               hub_error *err)
{
    const json_t *data = json_object_get(root, "data");
    incident in = {.root = root, .attributes = json_object_get(data, "attributes")};
    hub_bytes type = formats_json_text(data, "type");
    hub_bytes id = formats_json_text(data, "id");
    if (is_cpi(type) || is_cpi(formats_json_text(in.attributes, "recordType"))) return HUB_OK; /* P2 */
    if (!formats_bytes_are(type, "incident"))
        return formats_json_refuse(input, root, data, "type", "data.type", "not an incident", err);
    if (id.size == 0 || id.size > 64)
        return formats_json_refuse(input, root, data, "id", "data.id", "must be a text of 1 to 64 bytes", err);
    if (!json_is_object(in.attributes))
        return formats_json_refuse(input, root, data, "attributes", "data.attributes", "must be an object", err);
    in.draft = formats_draft_open(sink, options, &PROFILE);
    if (in.draft == NULL) return HUB_ERR_MEMORY;
    check_flags(&in);
    check_shapes(&in);
    read_times(&in);
    read_area(&in);
    if (json_is_true(json_object_get(in.attributes, "domesticAbuse")))
        read_domestic_abuse(&in); /* P1 */
    else
        read_plain_incident(&in);
    police_add_people(in.draft, root, &in.fault);
    if (in.draft->event.payload_case == MASH__V1__EVENT__PAYLOAD_DOMESTIC_ABUSE_INCIDENT)
        summarise(&in, in.draft->event.domestic_abuse_incident);
    return finish(&in, input, id);
}

static hub_status map(const kit_mapping_options *options, hub_bytes input, const char *input_name, kit_sink *sink, hub_error *err)
{
    json_t *root;
    (void)input_name;
    hub_status status = formats_json_read(input, &root, err);
    if (status != HUB_OK) return status;
    status = map_document(options, root, input, sink, err);
    json_decref(root);
    return status;
}

const kit_mapping police_incident_json = {
    .name = "police-incident-json",
    .version = 1,
    .agency = MASH__V1__AGENCY__AGENCY_POLICE,
    .transport = "folder",
    .file_suffix = "json",
    .map = map,
};
