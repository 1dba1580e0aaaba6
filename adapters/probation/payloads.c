#include "probation/payloads.h"

#include <stdio.h>
#include <string.h>

#define CHANGE(name) MASH__V1__CHANGE__CHANGE_##name
#define LEVEL(name) MASH__V1__GRADE_LEVEL__GRADE_LEVEL_##name
#define FACTOR(name) MASH__V1__FACTOR_KIND__FACTOR_KIND_##name
#define COUNT(table) (sizeof(table) / sizeof(table)[0])

typedef struct told {
    formats_draft *draft;
    const json_t *information; /* additionalInformation */
    const json_t *detail;      /* what detailUrl named; NULL: not fetched */
    formats_date on;
    int change; /* of the row in TYPES */
    const char **missing;
} told;

/* What decides whether there is an event at all: where it is missing, nothing would be told and nobody would know. */
static hub_bytes required(const told *t, const char *key, const char *path)
{
    hub_bytes text = formats_json_text(t->information, key);
    if (text.size == 0) *t->missing = path;
    return text;
}

/* NDelius register types that are about a danger to somebody; all others stay with probation. [hmpps-integration-events RegisterTypes;
 * RVHR is not in a published list] */
static const struct {
    const char *code;
    const char *words;
    Mash__V1__FactorKind kind;
    Mash__V1__GradeLevel risk_of_serious_harm;
} REGISTERS[] = {
    {"RLRH", "low risk of serious harm", FACTOR(UNSPECIFIED), LEVEL(STANDARD)},
    {"RMRH", "medium risk of serious harm", FACTOR(UNSPECIFIED), LEVEL(MEDIUM)},
    {"RHRH", "high risk of serious harm", FACTOR(UNSPECIFIED), LEVEL(HIGH)},
    {"RVHR", "very high risk of serious harm", FACTOR(UNSPECIFIED), LEVEL(VERY_HIGH)},
    {"RCCO", "child concern", FACTOR(UNSPECIFIED), LEVEL(UNSPECIFIED)},
    {"RCPR", "child protection", FACTOR(UNSPECIFIED), LEVEL(UNSPECIFIED)},
    {"RVAD", "risk to a vulnerable adult", FACTOR(UNSPECIFIED), LEVEL(UNSPECIFIED)},
    {"ADVP", "domestic abuse perpetrator", FACTOR(DOMESTIC_ABUSE), LEVEL(UNSPECIFIED)},
    {"REG30", "domestic abuse history", FACTOR(DOMESTIC_ABUSE), LEVEL(UNSPECIFIED)},
    {"SPO", "stalking protection order", FACTOR(UNSPECIFIED), LEVEL(UNSPECIFIED)},
    {"MAPP", "MAPPA", FACTOR(UNSPECIFIED), LEVEL(UNSPECIFIED)},
    {"AVIS", "ViSOR", FACTOR(UNSPECIFIED), LEVEL(UNSPECIFIED)},
    {"WEAP", "weapons", FACTOR(UNSPECIFIED), LEVEL(UNSPECIFIED)},
    {"WRSM", "warrant", FACTOR(UNSPECIFIED), LEVEL(UNSPECIFIED)},
    {"ASFO", "sexual offences", FACTOR(UNSPECIFIED), LEVEL(UNSPECIFIED)},
};

static void summarise(const told *t, const char *words, const char *more)
{
    char text[200];
    (void)snprintf(text, sizeof text, "%s%s", words, more);
    t->draft->event.summary = formats_word(t->draft, text);
}

static const char *words_of_change(int change)
{
    if (change == CHANGE(STARTED)) return "Risk flag on: ";
    return change == CHANGE(ENDED) ? "Risk flag off: " : "Risk flag changed: ";
}

static bool registration(const told *t)
{
    hub_bytes code = required(t, "registerTypeCode", "additionalInformation.registerTypeCode");
    size_t row = 0;
    while (row < COUNT(REGISTERS) && !formats_bytes_are(code, REGISTERS[row].code))
        row++;
    if (row == COUNT(REGISTERS)) return false;
    Mash__V1__RiskFlag *flag = FORMATS_PAYLOAD(t->draft, RISK_FLAG, risk_flag, risk_flag);
    formats_date on;
    bool stated = t->change == CHANGE(STARTED) && formats_date_java(formats_json_text(t->information, "registrationDate"), &on);
    flag->code = formats_text(t->draft, code);
    flag->change = (Mash__V1__Change)t->change;
    flag->on = formats_date_message(t->draft, stated ? on : t->on);
    flag->kind = REGISTERS[row].kind;
    flag->note = formats_text(t->draft, formats_json_text(t->information, "registerTypeDescription"));
    if (REGISTERS[row].risk_of_serious_harm != LEVEL(UNSPECIFIED)) {
        flag->grade = formats_grade(t->draft);
        flag->grade->tool = formats_word(t->draft, "RoSH");
        flag->grade->tool_version = formats_word(t->draft, "unstated");
        flag->grade->level = REGISTERS[row].risk_of_serious_harm;
        flag->grade->score = -1;
    }
    summarise(t, words_of_change(t->change), REGISTERS[row].words);
    return true;
}

static bool mappa(const told *t)
{
    Mash__V1__RiskFlag *flag = FORMATS_PAYLOAD(t->draft, RISK_FLAG, risk_flag, risk_flag);
    char digits[FORMATS_JSON_DIGITS];
    hub_bytes category;
    const json_t *of = json_object_get(t->information, "mapps");
    (void)formats_json_number(of != NULL ? of : json_object_get(t->information, "mappa"), "category", digits, &category);
    flag->code = formats_word(t->draft, "MAPP");
    flag->change = (Mash__V1__Change)t->change;
    flag->on = formats_date_message(t->draft, t->on);
    if (category.size == 1 && category.data[0] >= '1' && category.data[0] <= '4') {
        char note[32];
        (void)snprintf(note, sizeof note, "MAPPA category %c", category.data[0]);
        flag->note = formats_word(t->draft, note);
    }
    summarise(t, words_of_change(t->change), "MAPPA");
    return true;
}

static bool death(const told *t)
{
    Mash__V1__Death *out = FORMATS_PAYLOAD(t->draft, DEATH, death, death);
    out->date = formats_date_message(t->draft, t->on);
    summarise(t, "Died in custody or on release", "");
    return true;
}

static bool absconded(const told *t)
{
    Mash__V1__Breach *breach = FORMATS_PAYLOAD(t->draft, BREACH, breach, breach);
    breach->on = formats_date_message(t->draft, t->on);
    breach->of = formats_word(t->draft, "custody");
    breach->description = formats_word(t->draft, "unlawfully at large");
    summarise(t, "Unlawfully at large from prison", "");
    return true;
}

/* The reason RELEASED also covers people who absconded (UAL) and who died (DEC); a transfer, a day out or a court is no release. */
static bool released(const told *t)
{
    hub_bytes reason = required(t, "reason", "additionalInformation.reason");
    hub_bytes movement = formats_json_text(t->information, "nomisMovementReasonCode");
    if (!formats_bytes_are(reason, "RELEASED")) return false;
    if (formats_bytes_are(movement, "DEC")) return death(t);
    if (formats_bytes_are(movement, "UAL")) return absconded(t);
    Mash__V1__Release *release = FORMATS_PAYLOAD(t->draft, RELEASE, release, release);
    release->on = formats_date_message(t->draft, t->on);
    release->establishment = formats_text(t->draft, formats_json_text(t->information, "prisonId"));
    release->reason_code = formats_text(t->draft, movement.size > 0 ? movement : reason);
    summarise(t, "Released from prison", "");
    return true;
}

static bool recall(const told *t, Mash__V1__RecallStage stage, hub_bytes reason, const char *words)
{
    Mash__V1__Recall *out = FORMATS_PAYLOAD(t->draft, RECALL, recall, recall);
    out->on = formats_date_message(t->draft, t->on);
    out->reason_code = formats_text(t->draft, reason);
    out->stage = stage;
    summarise(t, words, "");
    return true;
}

static bool received(const told *t)
{
    if (!formats_bytes_are(required(t, "probableCause", "additionalInformation.probableCause"), "RECALL")) return false;
    return recall(t, MASH__V1__RECALL_STAGE__RECALL_STAGE_IN_CUSTODY,
                  formats_json_text(t->information, "nomisMovementReasonCode"), "Recalled to prison");
}

static bool recall_decided(const told *t)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)t->information, key, value)
    {
        const char *text = json_string_value(value);
        if (text == NULL || strcmp(text, "DECISION_TO_RECALL") != 0) continue;
        return recall(t, MASH__V1__RECALL_STAGE__RECALL_STAGE_DECIDED, hub_bytes_of_text(text), "Decision to recall to prison");
    }
    return false;
}

/* Not a Breach: that is a finding of the responsible officer, and a person may have been sent elsewhere. Nobody came: that is stated. */
static bool not_arrived(const told *t)
{
    Mash__V1__MissedAppointment *missed = FORMATS_PAYLOAD(t->draft, MISSED_APPOINTMENT, missed_appointment, missed_appointment);
    missed->appointment = formats_appointment(t->draft);
    missed->appointment->service = formats_word(t->draft, "approved premises");
    missed->appointment->placer_reference = formats_text(t->draft, formats_json_text(t->information, "applicationId"));
    summarise(t, "Did not arrive at approved premises", "");
    return true;
}

static bool referral(const told *t, Mash__V1__ReferralKind kind, hub_bytes service, Mash__V1__ReferralChange change,
                     const char *words)
{
    Mash__V1__Referral *out = FORMATS_PAYLOAD(t->draft, REFERRAL, referral, referral);
    out->kind = kind;
    out->change = change;
    out->to_service = formats_text(t->draft, service);
    summarise(t, words, "");
    return true;
}

static bool intervention_sent(const told *t)
{
    return referral(t, MASH__V1__REFERRAL_KIND__REFERRAL_KIND_INTERVENTION, formats_json_text(t->information, "contractTypeName"),
                    MASH__V1__REFERRAL_CHANGE__REFERRAL_CHANGE_SENT, "Referred to an intervention");
}

static bool intervention_ended(const told *t)
{
    bool early = formats_bytes_are(formats_json_text(t->information, "deliveryState"), "PREMATURELY_ENDED");
    return referral(t, MASH__V1__REFERRAL_KIND__REFERRAL_KIND_INTERVENTION, formats_json_text(t->information, "contractTypeName"),
                    early ? MASH__V1__REFERRAL_CHANGE__REFERRAL_CHANGE_ENDED_EARLY
                          : MASH__V1__REFERRAL_CHANGE__REFERRAL_CHANGE_ENDED,
                    early ? "Intervention ended early" : "Intervention ended");
}

static bool accommodation(const told *t)
{
    return referral(t, MASH__V1__REFERRAL_KIND__REFERRAL_KIND_OTHER, hub_bytes_of_text("CAS3 temporary accommodation"),
                    MASH__V1__REFERRAL_CHANGE__REFERRAL_CHANGE_SENT, "Referred for temporary accommodation");
}

/* The feedback as it is now, or as it was before: {sessionFeedback: {attendance: {attended}}}, {appointmentFeedback: {attendanceFeedback:
 * {attended, didSessionHappen, noSessionReasonType}}}. */
static bool session_feedback(const told *t)
{
    const json_t *attendance = json_object_get(json_object_get(t->detail, "sessionFeedback"), "attendance");
    const json_t *before = json_object_get(json_object_get(t->detail, "appointmentFeedback"), "attendanceFeedback");
    if (attendance == NULL) attendance = before;
    const json_t *attended = json_object_get(attendance, "attended");
    hub_bytes service = formats_json_text(t->information, "contractTypeName");
    int64_t start_ms;
    bool stayed_away = formats_bytes_are_any_case(formats_json_text(attendance, "attended"), "no") || json_is_false(attended);
    bool refused = json_is_false(json_object_get(attendance, "didSessionHappen")) &&
                   formats_bytes_are(formats_json_text(attendance, "noSessionReasonType"), "POP_UNACCEPTABLE");
    if (refused && !stayed_away) {
        Mash__V1__Refusal *refusal = FORMATS_PAYLOAD(t->draft, REFUSAL, refusal, refusal);
        refusal->kind = MASH__V1__REFUSAL_KIND__REFUSAL_KIND_TREATMENT;
        refusal->service = formats_text(t->draft, service);
        refusal->reason = formats_word(t->draft, "came, and the session did not happen: unacceptable behaviour");
        summarise(t, "Came to a session and did not take part", "");
        return true;
    }
    bool came = formats_bytes_are_any_case(formats_json_text(attendance, "attended"), "yes") ||
                formats_bytes_are_any_case(formats_json_text(attendance, "attended"), "late") || json_is_true(attended) ||
                json_is_boolean(json_object_get(attendance, "didSessionHappen"));
    if (!stayed_away && !came && t->detail != NULL) *t->missing = "detailUrl.sessionFeedback.attendance.attended";
    if (!stayed_away) return false;
    Mash__V1__MissedAppointment *missed = FORMATS_PAYLOAD(t->draft, MISSED_APPOINTMENT, missed_appointment, missed_appointment);
    missed->appointment = formats_appointment(t->draft);
    missed->appointment->service = formats_text(t->draft, service);
    missed->appointment->placer_reference = formats_text(t->draft, formats_json_text(t->detail, "id"));
    bool is_timed = formats_instant_iso(formats_json_text(t->detail, "appointmentTime"), t->draft->options, &start_ms);
    if (is_timed) missed->appointment->starts_at = start_ms;
    if (is_timed) t->draft->event.occurred_at = start_ms;
    summarise(t, "Did not come to a session", "");
    return true;
}

/* Not here, because what its detail looks like is published nowhere: accredited-programmes-community.referral.status-updated. Not here,
 * because they are no safeguarding events: risk scores, probation-case.engagement.created. */
static const struct {
    const char *type;
    bool (*fill)(const told *t);
    int change;
    bool has_detail; /* its outcome is behind detailUrl */
} TYPES[] = {
    {"probation-case.registration.added", registration, CHANGE(STARTED), false},
    {"probation-case.registration.updated", registration, CHANGE(CHANGED), false},
    {"probation-case.registration.deregistered", registration, CHANGE(ENDED), false},
    {"probation-case.registration.deleted", registration, CHANGE(ENDED), false},
    {"probation-case.mappa-information.updated", mappa, CHANGE(CHANGED), false},
    {"probation-case.mappa-information.deleted", mappa, CHANGE(ENDED), false},
    {"prison-offender-events.prisoner.released", released, 0, false},
    {"prison-offender-events.prisoner.received", received, 0, false},
    {"prison-recall.recommendation.managementOversight", recall_decided, 0, false},
    {"prison-recall.recommendation.management-oversight", recall_decided, 0, false},
    {"approved-premises.person.not-arrived", not_arrived, 0, false},
    {"intervention.referral.sent", intervention_sent, 0, false},
    {"intervention.referral.ended", intervention_ended, 0, false},
    {"accommodation.cas3.referral.submitted", accommodation, 0, false},
    {"intervention.session-appointment.session-feedback-submitted", session_feedback, 0, true},
    {"intervention.initial-assessment-appointment.session-feedback-submitted", session_feedback, 0, true},
};

bool probation_has_detail(hub_bytes event_type)
{
    for (size_t i = 0; i < COUNT(TYPES); i++) {
        if (formats_bytes_are(event_type, TYPES[i].type)) return TYPES[i].has_detail;
    }
    return false;
}

bool probation_fill(formats_draft *draft, hub_bytes event_type, const json_t *information, const json_t *detail, formats_date on,
                    const char **missing)
{
    *missing = NULL;
    for (size_t i = 0; i < COUNT(TYPES); i++) {
        told t = {draft, information, detail, on, TYPES[i].change, missing};
        if (formats_bytes_are(event_type, TYPES[i].type)) return TYPES[i].fill(&t);
    }
    return false;
}
