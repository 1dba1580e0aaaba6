/* fhir_facts.c - what an Appointment, an Encounter and a ServiceRequest mean.
 *
 * A resource is a state and not a message: it comes again whenever anything in it changes. So each fact of a resource is remembered under its
 * number: the same again is quiet, another wording amends, entered-in-error withdraws. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "health/fhir.h"

#define PRESENCE(name) MASH__V1__PRESENCE__PRESENCE_##name
#define PAYLOAD(name) MASH__V1__EVENT__PAYLOAD_##name
#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static hub_bytes record_of(const fhir_record *r)
{
    return formats_json_record(&r->f->places, r->resource);
}

formats_key fhir_key(const fhir_record *r, const char *kind, const char *when)
{
    hub_bytes number = r->number.size > 0 ? r->number : record_of(r);
    const hub_bytes PARTS[] = {number, hub_bytes_of_text(when)};
    return formats_key_of(kind, PARTS, COUNT(PARTS));
}

hub_status fhir_open_draft(fhir_record *r)
{
    static const formats_profile PROFILE = {
        .agency = MASH__V1__AGENCY__AGENCY_HEALTH,
        .sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_SENSITIVE, /* health detail */
        .legal_basis = MASH__V1__LEGAL_BASIS__LEGAL_BASIS_PUBLIC_TASK,
        .legal_gateway = "Children Act 2004 s11; Health and Social Care Act 2012 s251B",
    };
    r->about.draft = formats_draft_open(r->f->sink, r->f->options, &PROFILE);
    return r->about.draft != NULL ? HUB_OK : HUB_ERR_MEMORY;
}

static void state_times(fhir_record *r)
{
    Mash__V1__Event *event = &r->about.draft->event;
    event->recorded_at = r->about.sent_ms;
    if (event->occurred_at == 0) event->occurred_at = r->about.sent_ms != 0 ? r->about.sent_ms : 1;
}

hub_status fhir_park(const fhir_record *r, const char *key, const char *rule)
{
    kit_place place = formats_json_place(&r->f->places, r->resource, key, key != NULL ? key : "resource");
    return formats_park(r->f->sink, record_of(r), place, rule);
}

hub_status fhir_put_fact(fhir_record *r, const formats_key *key, fhir_use use)
{
    if (r->about.draft->out_of_memory) return HUB_ERR_MEMORY;
    if (r->rule != NULL) {
        kit_place fault = formats_json_place(&r->f->places, r->holder, r->key, r->field);
        return formats_park(r->f->sink, record_of(r), fault, r->rule);
    }
    kit_place place = formats_json_place(&r->f->places, r->resource, NULL, "resource");
    state_times(r);
    r->about.is_withdrawn = use == FHIR_IS_WITHDRAWN;
    r->about.number = r->number;
    return formats_go_on(health_put_known(&r->about, key, key->text, record_of(r), place));
}

/* ---- Appointment ---- */

typedef enum appointment_meaning { MEANS_NOTHING, MEANS_BOOKED, MEANS_KEPT, MEANS_CANCELLED, MEANS_MISSED, MEANS_ERROR } meaning;

static const struct {
    const char *status; /* [FHIR R4 appointmentstatus] */
    meaning meaning;
} STATUSES[] = {
    {"proposed", MEANS_NOTHING}, {"pending", MEANS_NOTHING},        {"waitlist", MEANS_NOTHING}, {"booked", MEANS_BOOKED},
    {"arrived", MEANS_KEPT},     {"checked-in", MEANS_KEPT},        {"fulfilled", MEANS_KEPT},   {"cancelled", MEANS_CANCELLED},
    {"noshow", MEANS_MISSED},    {"entered-in-error", MEANS_ERROR},
};

/* The participant who is a patient: by the resource, or by what the reference says of itself. */
static const json_t *patient_of(const fhir_record *r)
{
    size_t i;
    json_t *participant;
    json_array_foreach(json_object_get(r->resource, "participant"), i, participant)
    {
        const json_t *actor = json_object_get(participant, "actor");
        hub_bytes reference = formats_json_text(actor, "reference");
        bool says_so = formats_bytes_are(formats_json_text(actor, "type"), "Patient") ||
                       (reference.size > 8 && memcmp(reference.data, "Patient/", 8) == 0) ||
                       fhir_is_nhs(json_object_get(actor, "identifier"));
        if (says_so || fhir_is(fhir_resolve(r->f, r->resource, actor), "Patient")) return actor;
    }
    return NULL;
}

static Mash__V1__AppointmentRef *appointment_of(fhir_record *r, int64_t start_ms)
{
    static const char *const SERVICES[] = {"serviceType", "specialty", "appointmentType"};
    Mash__V1__AppointmentRef *appointment = formats_appointment(r->about.draft);
    appointment->placer_reference = formats_text(r->about.draft, r->number);
    appointment->starts_at = start_ms;
    for (size_t i = 0; i < COUNT(SERVICES) && appointment->service[0] == '\0'; i++)
        appointment->service = formats_text(r->about.draft, fhir_words(fhir_first(r->resource, SERVICES[i])));
    return appointment;
}

/* "pat..." and "prov..." are the two branches of the published list of reasons [FHIR appointment-cancellation-reason]. */
static Mash__V1__CancelledBy cancelled_by(const json_t *reason)
{
    hub_bytes code = fhir_code(reason, "appointment-cancellation-reason");
    if (code.size >= 3 && memcmp(code.data, "pat", 3) == 0) return MASH__V1__CANCELLED_BY__CANCELLED_BY_PERSON;
    if (code.size >= 4 && memcmp(code.data, "prov", 4) == 0) return MASH__V1__CANCELLED_BY__CANCELLED_BY_SERVICE;
    return MASH__V1__CANCELLED_BY__CANCELLED_BY_UNSPECIFIED;
}

static void fill_booked(fhir_record *r, Mash__V1__AppointmentRef *appointment, int64_t previous_ms)
{
    formats_draft *draft = r->about.draft;
    if (previous_ms != 0 && previous_ms != appointment->starts_at) {
        Mash__V1__AppointmentRebooked *moved =
            FORMATS_PAYLOAD(draft, APPOINTMENT_REBOOKED, appointment_rebooked, appointment_rebooked);
        moved->appointment = appointment;
        moved->previous_starts_at = previous_ms;
        draft->event.summary = formats_word(draft, "Appointment changed");
        return;
    }
    FORMATS_PAYLOAD(draft, APPOINTMENT_BOOKED, appointment_booked, appointment_booked)->appointment = appointment;
    draft->event.occurred_at = fhir_instant(r, r->resource, "created", "created");
    draft->event.summary = formats_word(draft, "Appointment booked");
}

static void fill_missed(fhir_record *r, Mash__V1__AppointmentRef *appointment)
{
    formats_draft *draft = r->about.draft;
    Mash__V1__MissedAppointment *missed = FORMATS_PAYLOAD(draft, MISSED_APPOINTMENT, missed_appointment, missed_appointment);
    int64_t at_ms = appointment->starts_at;
    missed->appointment = appointment;
    missed->was_not_brought = at_ms != 0 ? health_is_child(&r->about, at_ms) : PRESENCE(UNSPECIFIED);
    draft->event.occurred_at = at_ms != 0 ? at_ms : 1;
    bool is_child = missed->was_not_brought == PRESENCE(YES);
    draft->event.summary = formats_word(draft, is_child ? "Child was not brought to an appointment" : "Appointment missed");
}

static void fill_cancelled(fhir_record *r, Mash__V1__AppointmentRef *appointment)
{
    const json_t *reason = json_object_get(r->resource, "cancelationReason"); /* spelt so in R4 */
    Mash__V1__AppointmentCancelled *cancelled =
        FORMATS_PAYLOAD(r->about.draft, APPOINTMENT_CANCELLED, appointment_cancelled, appointment_cancelled);
    cancelled->appointment = appointment;
    cancelled->cancelled_by = cancelled_by(reason);
    cancelled->reason = formats_text(r->about.draft, fhir_words(reason));
    r->about.draft->event.summary = formats_word(r->about.draft, "Appointment cancelled");
}

/* What was told of an appointment's start: "start previous"; 0: none. The previous one stays, so that a move told again is the same move. */
typedef struct told_start {
    int64_t start_ms;
    int64_t previous_ms;
} told_start;

static hub_status recall_start(fhir_record *r, const formats_key *key, told_start *out)
{
    hub_buffer value = {0};
    *out = (told_start){0};
    if (r->number.size == 0) return HUB_OK;
    hub_status status = r->f->sink->ops->get(r->f->sink, key->text, &value);
    if (status == HUB_OK && sscanf(hub_buffer_text(&value), "%" SCNd64 " %" SCNd64, &out->start_ms, &out->previous_ms) != 2)
        status = HUB_ERR_CORRUPT;
    hub_buffer_free(&value);
    return status == HUB_ERR_NOT_FOUND ? HUB_OK : status;
}

static hub_status remember_start(fhir_record *r, const formats_key *key, const told_start *told)
{
    char text[48];
    if (r->rule != NULL || r->number.size == 0 || told->start_ms == 0) return HUB_OK;
    (void)snprintf(text, sizeof text, "%" PRId64 " %" PRId64, told->start_ms, told->previous_ms);
    return r->f->sink->ops->put(r->f->sink, key->text, hub_bytes_of_text(text));
}

static hub_status put_appointment_as(fhir_record *r, meaning means, fhir_use use, const told_start *told)
{
    static const char *const KINDS[] = {
        [MEANS_BOOKED] = "booked", [MEANS_KEPT] = "kept", [MEANS_CANCELLED] = "cancelled", [MEANS_MISSED] = "missed"};
    char when[32];
    int64_t start_ms = told->start_ms;
    (void)snprintf(when, sizeof when, "%" PRId64, start_ms);
    formats_key key = fhir_key(r, KINDS[means], when);
    formats_key unplaced = fhir_key(r, KINDS[means], "0");
    hub_status status = fhir_open_draft(r);
    if (status != HUB_OK) return status;
    r->about.birth = (formats_date){0};
    fhir_add_patient(r, patient_of(r), "participant", start_ms != 0 ? start_ms : r->f->options->received_ms);
    Mash__V1__AppointmentRef *appointment = appointment_of(r, start_ms);
    if (means == MEANS_MISSED)
        fill_missed(r, appointment);
    else if (means == MEANS_CANCELLED)
        fill_cancelled(r, appointment);
    else
        fill_booked(r, appointment, told->previous_ms);
    if (means == MEANS_MISSED && r->rule == NULL) status = health_place_miss(&r->about, &unplaced, &key);
    if (use == FHIR_IS_SO && means != MEANS_MISSED && r->rule == NULL) {
        status = health_count_misses(&r->about, r->number, means == MEANS_KEPT);
        if (status == HUB_OK) status = health_remember_misses(&r->about);
    }
    if (status != HUB_OK || (means == MEANS_KEPT && r->rule == NULL)) return status;
    return fhir_put_fact(r, &key, use);
}

/* Whatever was told of it is taken back. */
static hub_status withdraw_appointment(fhir_record *r, const told_start *told)
{
    static const meaning TOLD[] = {MEANS_BOOKED, MEANS_CANCELLED, MEANS_MISSED};
    hub_status status = HUB_OK;
    for (size_t i = 0; i < COUNT(TOLD) && status == HUB_OK && r->rule == NULL; i++)
        status = put_appointment_as(r, TOLD[i], FHIR_IS_WITHDRAWN, told);
    return status;
}

hub_status fhir_put_appointment(fhir_record *r)
{
    formats_key start_key = fhir_key(r, "start", "");
    told_start told;
    size_t row = 0;
    hub_bytes word = formats_json_text(r->resource, "status");
    while (row < COUNT(STATUSES) && !formats_bytes_are(word, STATUSES[row].status))
        row++;
    if (row == COUNT(STATUSES)) fhir_fault(r, r->resource, "status", "status", "not a status of an appointment");
    int64_t start_ms = fhir_instant(r, r->resource, "start", "start");
    meaning means = row < COUNT(STATUSES) ? STATUSES[row].meaning : MEANS_BOOKED;
    if (means == MEANS_NOTHING) return HUB_OK;
    hub_status status = recall_start(r, &start_key, &told);
    if (status != HUB_OK) return status;
    if (start_ms != 0 && start_ms != told.start_ms) told = (told_start){.start_ms = start_ms, .previous_ms = told.start_ms};
    if (means == MEANS_ERROR) return withdraw_appointment(r, &told);
    status = put_appointment_as(r, means, FHIR_IS_SO, &told);
    bool is_put_right = status == HUB_OK && means == MEANS_KEPT && r->rule == NULL; /* whoever said noshow was wrong */
    if (is_put_right) status = put_appointment_as(r, MEANS_MISSED, FHIR_IS_WITHDRAWN, &told);
    return status == HUB_OK ? remember_start(r, &start_key, &told) : status;
}

/* ---- Encounter ---- */

static bool is_among(hub_bytes word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (formats_bytes_are(word, words[i])) return true;
    }
    return false;
}

static const json_t *discharge_method(const json_t *resource, const json_t *hospitalization)
{
    const json_t *const HOLDERS[] = {resource, hospitalization};
    for (size_t h = 0; h < COUNT(HOLDERS); h++) {
        size_t i;
        json_t *extension;
        json_array_foreach(json_object_get(HOLDERS[h], "extension"), i, extension)
        {
            hub_bytes url = formats_json_text(extension, "url");
            static const char NAME[] = "Extension-UKCore-DischargeMethod";
            bool is_it = url.size > sizeof NAME && memcmp(url.data + url.size - (sizeof NAME - 1), NAME, sizeof NAME - 1) == 0;
            if (is_it) return json_object_get(extension, "valueCodeableConcept");
        }
    }
    return NULL;
}

/* UKCore-DischargeMethodEngland 2: the patient or a relative discharged; HL7 discharge-disposition aadvice: left against advice. */
static void fill_discharge(fhir_record *r, int64_t end_ms)
{
    const json_t *hospitalization = json_object_get(r->resource, "hospitalization");
    const json_t *disposition = json_object_get(hospitalization, "dischargeDisposition");
    hub_bytes method = fhir_code(discharge_method(r->resource, hospitalization), NULL);
    hub_bytes published = fhir_code(disposition, "discharge-disposition");
    formats_draft *draft = r->about.draft;
    Mash__V1__Discharge *discharge = FORMATS_PAYLOAD(draft, DISCHARGE, discharge, discharge);
    bool against = formats_bytes_are(method, "2") || formats_bytes_are(published, "aadvice");
    discharge->provider_code = fhir_provider(r, json_object_get(r->resource, "serviceProvider"));
    discharge->disposition_code = formats_text(draft, method.size > 0 ? method : fhir_code(disposition, NULL));
    discharge->destination = formats_text(draft, fhir_words(disposition));
    discharge->against_advice = against ? PRESENCE(YES) : formats_bytes_are(method, "1") ? PRESENCE(NO) : PRESENCE(UNSPECIFIED);
    draft->event.occurred_at = end_ms;
    draft->event.summary = formats_word(draft, against ? "Discharged against advice" : "Discharged");
}

static void fill_attendance(fhir_record *r, int64_t start_ms)
{
    formats_draft *draft = r->about.draft;
    Mash__V1__UrgentCareAttendance *attendance =
        FORMATS_PAYLOAD(draft, URGENT_CARE_ATTENDANCE, urgent_care_attendance, urgent_care_attendance);
    attendance->provider_code = fhir_provider(r, json_object_get(r->resource, "serviceProvider"));
    attendance->department = formats_text(draft, fhir_words(json_object_get(r->resource, "serviceType")));
    attendance->presenting_complaint = formats_text(draft, fhir_words(fhir_first(r->resource, "reasonCode")));
    draft->event.occurred_at = start_ms;
    draft->event.summary = formats_word(draft, "Urgent care attendance");
}

static hub_status put_encounter_as(fhir_record *r, const char *kind, void (*fill)(fhir_record *, int64_t), int64_t at_ms,
                                   fhir_use use)
{
    formats_key key = fhir_key(r, kind, "");
    hub_status status = fhir_open_draft(r);
    if (status != HUB_OK) return status;
    r->about.birth = (formats_date){0};
    fhir_add_patient(r, json_object_get(r->resource, "subject"), "subject", at_ms != 0 ? at_ms : r->f->options->received_ms);
    fill(r, at_ms);
    return fhir_put_fact(r, &key, use);
}

hub_status fhir_put_encounter(fhir_record *r)
{
    static const char *const HERE[] = {"arrived", "triaged", "in-progress", "onleave", "finished"};
    static const char *const NOT_SO[] = {"cancelled", "entered-in-error"};
    static const char *const NOT_YET[] = {"planned", "unknown"};
    const json_t *period = json_object_get(r->resource, "period");
    const json_t *hospitalization = json_object_get(r->resource, "hospitalization");
    hub_bytes status_word = formats_json_text(r->resource, "status");
    hub_bytes class = formats_json_text(json_object_get(r->resource, "class"), "code");
    bool is_emergency = formats_bytes_are(class, "EMER");
    bool is_here = is_among(status_word, HERE, COUNT(HERE));
    bool is_withdrawn = is_among(status_word, NOT_SO, COUNT(NOT_SO));
    if (!is_here && !is_withdrawn && !is_among(status_word, NOT_YET, COUNT(NOT_YET)))
        return fhir_park(r, "status", "not a status of an encounter in R4");
    if (is_here && class.size == 0) return fhir_park(r, "class", "must be a Coding with a code, as in R4");
    bool is_left =
        formats_bytes_are(status_word, "finished") && (json_object_get(hospitalization, "dischargeDisposition") != NULL ||
                                                       discharge_method(r->resource, hospitalization) != NULL);
    fhir_use use = is_withdrawn ? FHIR_IS_WITHDRAWN : FHIR_IS_SO;
    hub_status status = HUB_OK;
    int64_t start_ms = fhir_instant(r, period, "start", "period.start");
    int64_t end_ms = fhir_instant(r, period, "end", "period.end");
    if (is_withdrawn || (is_emergency && is_here)) status = put_encounter_as(r, "attendance", fill_attendance, start_ms, use);
    if (status == HUB_OK && r->rule == NULL && (is_withdrawn || is_left))
        status = put_encounter_as(r, "discharge", fill_discharge, end_ms, use);
    return status;
}

/* ---- ServiceRequest ---- */

/* Orders of tests and pictures are no referrals of a person [SNOMED CT 108252007 laboratory procedure, 363679005 imaging]. */
static bool is_order_of_tests(const json_t *resource)
{
    size_t i;
    json_t *category;
    json_array_foreach(json_object_get(resource, "category"), i, category)
    {
        hub_bytes code = fhir_code(category, "snomed.info/sct");
        if (formats_bytes_are(code, "108252007") || formats_bytes_are(code, "363679005")) return true;
    }
    return false;
}

static char *to_service(fhir_record *r)
{
    const json_t *performer = fhir_first(r->resource, "performer");
    hub_bytes name = formats_json_text(performer, "display");
    if (name.size == 0) name = formats_json_text(fhir_resolve(r->f, r->resource, performer), "name");
    if (name.size == 0) name = fhir_words(json_object_get(r->resource, "performerType"));
    return formats_text(r->about.draft, name);
}

static hub_status put_referral(fhir_record *r, Mash__V1__ReferralChange change, const char *kind, fhir_use use)
{
    formats_key key = fhir_key(r, kind, "");
    hub_status status = fhir_open_draft(r);
    if (status != HUB_OK) return status;
    formats_draft *draft = r->about.draft;
    Mash__V1__Referral *referral = FORMATS_PAYLOAD(draft, REFERRAL, referral, referral);
    bool is_sent = change == MASH__V1__REFERRAL_CHANGE__REFERRAL_CHANGE_SENT;
    referral->kind = MASH__V1__REFERRAL_KIND__REFERRAL_KIND_HEALTH;
    referral->change = change;
    referral->to_service = to_service(r);
    referral->reason = formats_text(draft, fhir_words(fhir_first(r->resource, "reasonCode")));
    draft->event.occurred_at = is_sent ? fhir_instant(r, r->resource, "authoredOn", "authoredOn") : 0;
    draft->event.summary = formats_word(draft, is_sent ? "Referred by a health service" : "Referral by a health service ended");
    r->about.birth = (formats_date){0};
    fhir_add_patient(r, json_object_get(r->resource, "subject"), "subject", r->f->options->received_ms);
    return fhir_put_fact(r, &key, use);
}

hub_status fhir_put_request(fhir_record *r)
{
    static const char *const INTENTS[] = {"order", "plan", "proposal", "directive", "original-order"};
    static const char *const OTHER_INTENTS[] = {"reflex-order", "filler-order", "instance-order", "option"};
    static const char *const NOT_SENT[] = {"draft", "on-hold", "unknown"};
    hub_bytes word = formats_json_text(r->resource, "status");
    hub_bytes intent = formats_json_text(r->resource, "intent");
    bool is_asked = is_among(intent, INTENTS, COUNT(INTENTS));
    if (is_order_of_tests(r->resource)) return HUB_OK;
    if (!is_asked && !is_among(intent, OTHER_INTENTS, COUNT(OTHER_INTENTS)))
        return fhir_park(r, "intent", "not an intent of a request in R4");
    if (!is_asked || is_among(word, NOT_SENT, COUNT(NOT_SENT))) return HUB_OK; /* nothing was sent or ended */
    if (formats_bytes_are(word, "active"))
        return put_referral(r, MASH__V1__REFERRAL_CHANGE__REFERRAL_CHANGE_SENT, "sent", FHIR_IS_SO);
    if (formats_bytes_are(word, "completed"))
        return put_referral(r, MASH__V1__REFERRAL_CHANGE__REFERRAL_CHANGE_ENDED, "ended", FHIR_IS_SO);
    if (formats_bytes_are(word, "revoked"))
        return put_referral(r, MASH__V1__REFERRAL_CHANGE__REFERRAL_CHANGE_ENDED_EARLY, "ended", FHIR_IS_SO);
    if (!formats_bytes_are(word, "entered-in-error")) return fhir_park(r, "status", "not a status of a request in R4");
    hub_status status = put_referral(r, MASH__V1__REFERRAL_CHANGE__REFERRAL_CHANGE_SENT, "sent", FHIR_IS_WITHDRAWN);
    if (status != HUB_OK || r->rule != NULL) return status;
    return put_referral(r, MASH__V1__REFERRAL_CHANGE__REFERRAL_CHANGE_ENDED, "ended", FHIR_IS_WITHDRAWN);
}
