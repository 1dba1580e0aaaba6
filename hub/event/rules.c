#include "event/rules.h"

#include <string.h>

#include "event/identifier.h"

#define CODE(name) MASH__V1__REFUSAL_CODE__##name

bool event_check_fault(const event_check *check, const event_place *place, const char *leaf, Mash__V1__RefusalCode code,
                       const char *reason)
{
    char path[sizeof check->problem->field_path];
    event_place_path(place, EVENT_PLACE_WITH_POSITIONS, path, sizeof path);
    if (leaf == NULL) return event_problem_set(check->problem, code, reason, "%s", path);
    return event_problem_set(check->problem, code, reason, "%s%s%s", path, path[0] == '\0' ? "" : ".", leaf);
}

static bool is_digits(const char *text, size_t count)
{
    return strspn(text, "0123456789") == count && text[count] == '\0';
}

bool event_is_area(const char *code)
{
    return code[0] != '\0' && strchr("EWSN", code[0]) != NULL && is_digits(code + 1, 8);
}

bool event_is_postcode(const char *text)
{
    char normal[12];
    return identifier_postcode(text, normal);
}

bool event_is_school_urn(const char *text)
{
    return is_digits(text, 6);
}

bool event_check_shape(const event_check *check, const event_place *place, const char *leaf, const char *text,
                       bool (*is_right)(const char *text), const char *reason)
{
    if (text[0] == '\0' || is_right(text)) return true;
    return event_check_fault(check, place, leaf, CODE(BAD_VALUE), reason);
}

static bool is_in_range(const Mash__V1__Date *date)
{
    return date != NULL && date->year >= EVENT_YEAR_MIN && date->year <= EVENT_YEAR_MAX && date->month <= 12 && date->day <= 31;
}

int32_t event_date_first(const Mash__V1__Date *date)
{
    if (!is_in_range(date)) return 0;
    return date->year * EVENT_A_YEAR + (date->month > 0 ? date->month : 1) * 100 + (date->day > 0 ? date->day : 1);
}

int32_t event_date_last(const Mash__V1__Date *date)
{
    if (!is_in_range(date)) return INT32_MAX;
    return date->year * EVENT_A_YEAR + (date->month > 0 ? date->month : 12) * 100 + (date->day > 0 ? date->day : 31);
}

bool event_check_order(const event_check *check, const event_place *place, const Mash__V1__Date *earlier,
                       const Mash__V1__Date *later, const char *later_name, const char *reason)
{
    if (event_date_last(later) >= event_date_first(earlier)) return true;
    return event_check_fault(check, place, later_name, CODE(IMPOSSIBLE), reason);
}

/* ---- the event itself ---------------------------------------------------------------------------------------------------------- */

static bool is_stated(const event_check *check, const char *leaf, const char *text, const char *reason)
{
    return text[0] != '\0' || event_check_fault(check, NULL, leaf, CODE(MISSING_FIELD), reason);
}

static bool is_plain_line(const event_check *check, const char *leaf, const char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return event_check_fault(check, NULL, leaf, CODE(BAD_VALUE),
                                     "holds a control character: event ids are derived from it line by line");
    }
    return true;
}

static bool check_identity(const event_check *check, const Mash__V1__Event *event)
{
    hub_id id;
    if (!hub_id_read(hub_bytes_of(event->event_id.data, event->event_id.len), &id) || hub_id_is_zero(&id))
        return event_check_fault(check, NULL, "event_id", CODE(WRONG_EVENT_ID),
                                 "must be 16 bytes, not all zero: derive it as proto/README.md says");
    if (event->agency == MASH__V1__AGENCY__AGENCY_UNSPECIFIED)
        return event_check_fault(check, NULL, "agency", CODE(MISSING_FIELD), "state the agency that publishes");
    return is_stated(check, "source_system", event->source_system, "name the system that said so, e.g. niche/44") &&
           is_plain_line(check, "source_system", event->source_system) &&
           is_stated(check, "source_reference", event->source_reference,
                     "give the source's message number, or the SHA-256 of its record") &&
           is_plain_line(check, "source_reference", event->source_reference) && is_plain_line(check, "mapping", event->mapping);
}

static bool check_times(const event_check *check, const Mash__V1__Event *event)
{
    const int64_t oldest_ms = check->now_ms - (int64_t)EVENT_AGE_DAYS_MAX * 24 * 3600 * 1000;
    if (event->occurred_at == 0)
        return event_check_fault(check, NULL, "occurred_at", CODE(MISSING_FIELD),
                                 "state when it happened; 1 when that is not known");
    if (event->recorded_at == 0)
        return event_check_fault(check, NULL, "recorded_at", CODE(MISSING_FIELD), "state when the source system recorded it");
    if (event->recorded_at < oldest_ms)
        return event_check_fault(
            check, NULL, "recorded_at", CODE(TOO_OLD),
            "recorded more than 100 days ago, too old to be told from a repeat: tell it to the front door in person");
    bool is_ahead = event->occurred_at > check->now_ms + EVENT_FUTURE_MS_MAX; /* of the hub: the walk says so */
    if (!is_ahead && event->occurred_at > event->recorded_at + EVENT_ORDER_MS_MAX)
        return event_check_fault(check, NULL, "occurred_at", CODE(IMPOSSIBLE),
                                 "recorded more than 10 minutes before it happened: check both times and their time zones");
    return true;
}

static bool check_correction(const event_check *check, const Mash__V1__Event *event)
{
    hub_bytes id = hub_bytes_of(event->event_id.data, event->event_id.len);
    const struct {
        const char *leaf;
        hub_bytes target;
    } TARGETS[] = {
        {"amends", hub_bytes_of(event->amends.data, event->amends.len)},
        {"retracts", hub_bytes_of(event->retracts.data, event->retracts.len)},
    };
    for (size_t i = 0; i < sizeof TARGETS / sizeof TARGETS[0]; i++) {
        if (TARGETS[i].target.size == 0) continue;
        if (TARGETS[i].target.size != HUB_ID_BYTES)
            return event_check_fault(check, NULL, TARGETS[i].leaf, CODE(BAD_VALUE),
                                     "must be the 16 bytes of an earlier event's id, or empty");
        if (hub_bytes_equal(TARGETS[i].target, id))
            return event_check_fault(check, NULL, TARGETS[i].leaf, CODE(IMPOSSIBLE),
                                     "an event cannot correct itself: a correction has its own id");
    }
    if (event->amends.len > 0 && event->retracts.len > 0)
        return event_check_fault(check, NULL, "retracts", CODE(IMPOSSIBLE),
                                 "an event amends or retracts, not both: send two events");
    return true;
}

/* Consent as the only basis, when somebody has refused it and nobody given it, is no basis [GR 3]. */
static bool check_basis(const event_check *check, const Mash__V1__Event *event)
{
    if (event->n_legal_basis == 0)
        return event_check_fault(check, NULL, "legal_basis", CODE(MISSING_FIELD),
                                 "state at least one basis on which this is shared");
    if (event->n_legal_basis > 1 || event->legal_basis[0] != MASH__V1__LEGAL_BASIS__LEGAL_BASIS_CONSENT) return true;
    size_t given = 0;
    size_t refused = 0;
    for (size_t i = 0; i < event->n_subjects; i++) {
        const Mash__V1__Consent *consent = event->subjects[i]->consent;
        if (consent == NULL) continue;
        given += consent->status == MASH__V1__CONSENT_STATUS__CONSENT_STATUS_GIVEN;
        refused += consent->status == MASH__V1__CONSENT_STATUS__CONSENT_STATUS_REFUSED;
    }
    if (refused == 0 || given > 0) return true;
    return event_check_fault(check, NULL, "legal_basis", CODE(IMPOSSIBLE),
                             "consent is the only basis and was refused: state the basis relied on");
}

static bool rule_event(const event_check *check, const ProtobufCMessage *message, const event_place *place)
{
    (void)place;
    const Mash__V1__Event *event = (const Mash__V1__Event *)message;
    if (!check_identity(check, event) || !check_times(check, event)) return false;
    if (event->area[0] == '\0')
        return event_check_fault(check, NULL, "area", CODE(MISSING_FIELD),
                                 "give the ONS code of the authority where the person at risk lives");
    if (!event_is_area(event->area))
        return event_check_fault(check, NULL, "area", CODE(BAD_VALUE), "an ONS code is a letter (E, W, S, N) and eight digits");
    if (!check_basis(check, event) || !check_correction(check, event)) return false;
    if (event->n_subjects == 0)
        return event_check_fault(check, NULL, "subjects", CODE(MISSING_FIELD), "an event is about at least one person");
    if (event->payload_case == MASH__V1__EVENT__PAYLOAD__NOT_SET || event->domestic_abuse_incident == NULL)
        return event_check_fault(
            check, NULL, "payload", CODE(UNKNOWN_TYPE),
            "no payload that this version knows: set one of the payload fields of event.proto, or upgrade the hub");
    return true;
}

/* ---- parts and payloads -------------------------------------------------------------------------------------------------------- */

/* Also the whole check of a Date: the walk does not go into one. All zero is "not stated". */
static bool rule_date(const event_check *check, const ProtobufCMessage *message, const event_place *place)
{
    const Mash__V1__Date *date = (const Mash__V1__Date *)message;
    if (date->year == 0 && date->month == 0 && date->day == 0) return true;
    bool in_range = date->year >= EVENT_YEAR_MIN && date->year <= EVENT_YEAR_MAX;
    if (date->month == 0 && date->day == 0 && in_range) return true;
    if (in_range && date->month >= 1 && date->month <= 12 && date->day >= 0 &&
        date->day <= event_month_days(date->year, date->month))
        return true;
    return event_check_fault(check, place, NULL, CODE(BAD_VALUE),
                             "no such day: year 1850 to 2200, month 1 to 12 (0: not known), day of that month");
}

static bool rule_grade(const event_check *check, const ProtobufCMessage *message, const event_place *place)
{
    const Mash__V1__Grade *grade = (const Mash__V1__Grade *)message;
    if (grade->level == MASH__V1__GRADE_LEVEL__GRADE_LEVEL_UNSPECIFIED && grade->score == 0) return true;
    if (grade->tool[0] == '\0')
        return event_check_fault(check, place, "tool", CODE(MISSING_FIELD),
                                 "a grade needs the name of the tool it was made with");
    if (grade->tool_version[0] == '\0')
        return event_check_fault(check, place, "tool_version", CODE(MISSING_FIELD),
                                 "a grade needs its tool's version: grades of two versions differ");
    return true;
}

/* The default is capacity; a finding against it must be able to stand alone [MCA s1, s2]. */
static bool rule_capacity(const event_check *check, const ProtobufCMessage *message, const event_place *place)
{
    const Mash__V1__CapacityDecision *capacity = (const Mash__V1__CapacityDecision *)message;
    if (capacity->has_capacity == MASH__V1__PRESENCE__PRESENCE_NO) {
        if (capacity->decision[0] == '\0')
            return event_check_fault(check, place, "decision", CODE(MISSING_FIELD),
                                     "lack of capacity is for one decision: say which");
        if (capacity->assessed_on == NULL || capacity->assessed_on->year == 0)
            return event_check_fault(check, place, "assessed_on", CODE(MISSING_FIELD), "say when capacity was assessed");
        if (capacity->assessor[0] == '\0')
            return event_check_fault(check, place, "assessor", CODE(MISSING_FIELD), "say in what role capacity was assessed");
    }
    return event_check_order(check, place, capacity->assessed_on, capacity->review_by, "review_by",
                             "the review is before the assessment");
}

static bool rule_domestic_abuse(const event_check *check, const ProtobufCMessage *message, const event_place *place)
{
    const Mash__V1__DomesticAbuseIncident *incident = (const Mash__V1__DomesticAbuseIncident *)message;
    return event_check_shape(check, place, "place_postcode", incident->place_postcode, event_is_postcode,
                             "not the shape of a postcode");
}

static bool rule_incident(const event_check *check, const ProtobufCMessage *message, const event_place *place)
{
    const Mash__V1__Incident *incident = (const Mash__V1__Incident *)message;
    return event_check_shape(check, place, "place_postcode", incident->place_postcode, event_is_postcode,
                             "not the shape of a postcode");
}

static const char SCHOOL_URN[] = "a school's unique reference number has six digits";

static bool rule_absence(const event_check *check, const ProtobufCMessage *message, const event_place *place)
{
    const Mash__V1__Absence *absence = (const Mash__V1__Absence *)message;
    return event_check_shape(check, place, "school_urn", absence->school_urn, event_is_school_urn, SCHOOL_URN);
}

static bool rule_exclusion(const event_check *check, const ProtobufCMessage *message, const event_place *place)
{
    const Mash__V1__Exclusion *exclusion = (const Mash__V1__Exclusion *)message;
    return event_check_order(check, place, exclusion->from, exclusion->until, "until", "the last day is before the first") &&
           event_check_shape(check, place, "school_urn", exclusion->school_urn, event_is_school_urn, SCHOOL_URN);
}

static bool rule_assessment(const event_check *check, const ProtobufCMessage *message, const event_place *place)
{
    const Mash__V1__Assessment *assessment = (const Mash__V1__Assessment *)message;
    return event_check_order(check, place, assessment->started_on, assessment->completed_on, "completed_on",
                             "completed before it was started");
}

static bool rule_section_47(const event_check *check, const ProtobufCMessage *message, const event_place *place)
{
    const Mash__V1__Section47Enquiry *enquiry = (const Mash__V1__Section47Enquiry *)message;
    return event_check_order(check, place, enquiry->started_on, enquiry->conference_on, "conference_on",
                             "the conference is before the enquiry");
}

static bool rule_plan_review(const event_check *check, const ProtobufCMessage *message, const event_place *place)
{
    const Mash__V1__PlanReview *review = (const Mash__V1__PlanReview *)message;
    return event_check_order(check, place, review->on, review->next_on, "next_on", "the next review is before this one");
}

static bool rule_birth(const event_check *check, const ProtobufCMessage *message, const event_place *place)
{
    const Mash__V1__Birth *birth = (const Mash__V1__Birth *)message;
    if (birth->mother_subject > check->event->n_subjects)
        return event_check_fault(check, place, "mother_subject", CODE(BAD_VALUE),
                                 "no such subject: give its position in subjects, counted from 1");
    if (birth->child_subject > check->event->n_subjects)
        return event_check_fault(check, place, "child_subject", CODE(BAD_VALUE),
                                 "no such subject: give its position in subjects, counted from 1");
    if (birth->child_subject != 0 && birth->child_subject == birth->mother_subject)
        return event_check_fault(check, place, "child_subject", CODE(IMPOSSIBLE), "mother and child are one subject: name two");
    const char *impossible = birth->child_subject == 0 || birth->mother_subject == 0
                                 ? NULL
                                 : event_impossible_descent(check, birth->mother_subject - 1, birth->child_subject - 1);
    return impossible == NULL || event_check_fault(check, place, "mother_subject", CODE(IMPOSSIBLE), impossible);
}

static const struct {
    const ProtobufCMessageDescriptor *descriptor;
    event_rule *rule;
} RULES[] = {
    /* the frequent ones first: the table is searched for every message */
    {&mash__v1__date__descriptor, rule_date},
    {&mash__v1__identifier__descriptor, event_rule_identifier},
    {&mash__v1__subject__descriptor, event_rule_subject},
    {&mash__v1__address__descriptor, event_rule_address},
    {&mash__v1__relationship__descriptor, event_rule_relationship},
    {&mash__v1__factor__descriptor, event_rule_factor},
    {&mash__v1__event__descriptor, rule_event},
    {&mash__v1__consent__descriptor, event_rule_consent},
    {&mash__v1__grade__descriptor, rule_grade},
    {&mash__v1__domestic_abuse_incident__descriptor, rule_domestic_abuse},
    {&mash__v1__absence__descriptor, rule_absence},
    {&mash__v1__incident__descriptor, rule_incident},
    {&mash__v1__exclusion__descriptor, rule_exclusion},
    {&mash__v1__assessment__descriptor, rule_assessment},
    {&mash__v1__section47_enquiry__descriptor, rule_section_47},
    {&mash__v1__plan_review__descriptor, rule_plan_review},
    {&mash__v1__birth__descriptor, rule_birth},
    {&mash__v1__capacity_decision__descriptor, rule_capacity},
};

event_rule *event_rule_of(const ProtobufCMessageDescriptor *descriptor)
{
    for (size_t i = 0; i < sizeof RULES / sizeof RULES[0]; i++) {
        if (RULES[i].descriptor == descriptor) return RULES[i].rule;
    }
    return NULL;
}
