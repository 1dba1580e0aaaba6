/* appointment.c - SIU messages.
 *
 * A no-show (S26) may hold no more than the placer's number of the appointment (SCH|ID123): what S12 to S14 said of it is remembered
 * by that number and put back. Without an earlier message the start stays unknown, and the miss is still told.
 */
#include "health/message.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/json.h"

enum { SERVICE_MAX = 200 };

static const uint32_t STATUS_FIELD[] = {10, 14, 12, 12}; /* filler status of each resource segment [HL7 v2 chapter 10] */
static const char *const STATUS_SEGMENT[] = {"AIS", "AIG", "AIL", "AIP"};

/* "Noshow", "No-show", "NO SHOW": by letters alone [HL7 table 0278]. */
static bool says(hub_bytes text, const char *word)
{
    for (size_t i = 0; i < text.size; i++) {
        if (!isalpha(text.data[i])) continue;
        if (*word == '\0' || tolower(text.data[i]) != *word) return false;
        word++;
    }
    return *word == '\0';
}

/* Of the schedule, or of one of its resources. */
static bool has_status(const health_message *m, const char *word)
{
    if (says(health_value(m, "SCH", 25, 1), word)) return true;
    for (size_t i = 0; i < sizeof STATUS_SEGMENT / sizeof STATUS_SEGMENT[0]; i++) {
        if (says(health_value(m, STATUS_SEGMENT[i], STATUS_FIELD[i], 1), word)) return true;
    }
    return false;
}

static bool is_noshow(const health_message *m)
{
    return formats_bytes_are(m->trigger, "S26") || has_status(m, "noshow");
}

static bool was_kept(const health_message *m)
{
    static const char *const WORDS[] = {"complete", "completed", "started", "arrived"};
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        if (has_status(m, WORDS[i])) return true;
    }
    return false;
}

/* Placer's number, else the filler's: the key of an appointment. */
static hub_bytes number_of(const health_message *m)
{
    hub_bytes placer = health_value(m, "SCH", 1, 1);
    return placer.size > 0 ? placer : health_value(m, "SCH", 2, 1);
}

static formats_key key_of(const health_message *m)
{
    const hub_bytes PARTS[] = {health_value(m, "MSH", 3, 1), health_value(m, "MSH", 4, 1), number_of(m)};
    return formats_key_of("appointment", PARTS, 3);
}

/* TQ1-7 from v2.5 on, SCH-11.4 before, else the first resource's own start. 0: nowhere stated. */
static int64_t start_of(health_message *m)
{
    static const struct {
        const char *segment;
        uint32_t field;
        uint32_t component;
        const char *name;
    } STARTS[] = {{"TQ1", 7, 1, "TQ1-7"},
                  {"SCH", 11, 4, "SCH-11.4"},
                  {"AIS", 4, 1, "AIS-4"},
                  {"AIP", 6, 1, "AIP-6"},
                  {"AIL", 6, 1, "AIL-6"}};
    for (size_t i = 0; i < sizeof STARTS / sizeof STARTS[0]; i++) {
        int64_t ms = health_instant(m, STARTS[i].segment, STARTS[i].field, STARTS[i].component, STARTS[i].name);
        if (ms != 0) return ms;
    }
    return 0;
}

static char *service_of(health_message *m)
{
    static const struct {
        const char *segment;
        uint32_t field;
        uint32_t component;
    } SERVICES[] = {{"AIS", 3, 2}, {"AIS", 3, 1}, {"SCH", 7, 2}, {"SCH", 7, 1}, {"SCH", 8, 2}, {"SCH", 8, 1}};
    for (size_t i = 0; i < sizeof SERVICES / sizeof SERVICES[0]; i++) {
        char *text = health_text(m, health_value(m, SERVICES[i].segment, SERVICES[i].field, SERVICES[i].component));
        if (text[0] != '\0') return text;
    }
    return formats_word(m->draft, "");
}

/* Remembered as "start service"; what this message does not state is taken from there. */
static hub_status join_earlier(health_message *m, Mash__V1__AppointmentRef *appointment)
{
    formats_key key = key_of(m);
    hub_buffer value = {0};
    m->earlier_start_ms = 0;
    if (number_of(m).size == 0) return HUB_OK;
    hub_status status = m->sink->ops->get(m->sink, key.text, &value);
    if (status == HUB_OK) {
        char *rest;
        m->earlier_start_ms = strtoll(hub_buffer_text(&value), &rest, 10);
        if (appointment->starts_at == 0) appointment->starts_at = m->earlier_start_ms;
        if (appointment->service[0] == '\0') appointment->service = formats_word(m->draft, rest);
    }
    hub_buffer_free(&value);
    return status == HUB_ERR_NOT_FOUND ? HUB_OK : status;
}

hub_status health_remember_appointment(health_message *message)
{
    const Mash__V1__AppointmentRef *appointment = &message->draft->appointment;
    bool is_booking = message->draft->event.payload_case == MASH__V1__EVENT__PAYLOAD_APPOINTMENT_BOOKED ||
                      message->draft->event.payload_case == MASH__V1__EVENT__PAYLOAD_APPOINTMENT_REBOOKED;
    bool is_first = message->draft->event.payload_case == MASH__V1__EVENT__PAYLOAD_MISSED_APPOINTMENT &&
                    message->earlier_start_ms == 0 && appointment->starts_at != 0; /* a later S26 may state none */
    if ((!is_booking && !is_first) || number_of(message).size == 0) return HUB_OK;
    char text[SERVICE_MAX + 32];
    formats_key key = key_of(message);
    (void)snprintf(text, sizeof text, "%" PRId64 " %.*s", appointment->starts_at, SERVICE_MAX, appointment->service);
    return message->sink->ops->put(message->sink, key.text, hub_bytes_of_text(text));
}

static void fill_missed(health_message *m, Mash__V1__AppointmentRef *appointment)
{
    Mash__V1__MissedAppointment *missed = FORMATS_PAYLOAD(m->draft, MISSED_APPOINTMENT, missed_appointment, missed_appointment);
    missed->appointment = appointment;
    m->draft->event.occurred_at = appointment->starts_at != 0 ? appointment->starts_at : 1;
}

static void fill_booked(health_message *m, Mash__V1__AppointmentRef *appointment)
{
    FORMATS_PAYLOAD(m->draft, APPOINTMENT_BOOKED, appointment_booked, appointment_booked)->appointment = appointment;
    m->draft->event.summary = formats_word(m->draft, "Appointment booked");
}

static void fill_rebooked(health_message *m, Mash__V1__AppointmentRef *appointment)
{
    Mash__V1__AppointmentRebooked *rebooked =
        FORMATS_PAYLOAD(m->draft, APPOINTMENT_REBOOKED, appointment_rebooked, appointment_rebooked);
    rebooked->appointment = appointment;
    rebooked->previous_starts_at = m->earlier_start_ms;
    m->draft->event.summary = formats_word(m->draft, "Appointment changed");
}

/* Who cancelled is not in SIU: the event reason (SCH-6) is carried as it stands. */
static void fill_cancelled(health_message *m, Mash__V1__AppointmentRef *appointment)
{
    Mash__V1__AppointmentCancelled *cancelled =
        FORMATS_PAYLOAD(m->draft, APPOINTMENT_CANCELLED, appointment_cancelled, appointment_cancelled);
    cancelled->appointment = appointment;
    cancelled->reason = health_text(m, health_value(m, "SCH", 6, 2));
    if (cancelled->reason[0] == '\0') cancelled->reason = health_text(m, health_value(m, "SCH", 6, 1));
    m->draft->event.summary = formats_word(m->draft, "Appointment cancelled");
}

/* S15; S17, which deletes it; and a booking or a change with a status that says so. A booking that stands although it was deleted would pass
 * for one that was kept, and end a row of misses. S16 is of one that had begun, or of later ones of a series: somebody came. */
static bool is_cancelled(const health_message *m)
{
    static const char *const WORDS[] = {"cancelled", "canceled", "deleted", "dc"}; /* HL7 table 0278 */
    bool says_so = formats_bytes_are(m->trigger, "S15") || formats_bytes_are(m->trigger, "S17");
    bool is_state =
        formats_bytes_are(m->trigger, "S12") || formats_bytes_are(m->trigger, "S13") || formats_bytes_are(m->trigger, "S14");
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0] && is_state; i++)
        says_so = says_so || says(health_value(m, "SCH", 25, 1), WORDS[i]);
    return says_so;
}

/* Those that say nothing of a patient's coming: S16, which stops what had begun or the rest of a series; S18 to S22, of its resources; S23 to S25 and
 * S27, of a clinic's time. S26 with a status of its own is told by that. */
static bool is_quiet(const health_message *m)
{
    static const char *const TRIGGERS[] = {"S16", "S18", "S19", "S20", "S21", "S22", "S23", "S24", "S25", "S27"};
    for (size_t i = 0; i < sizeof TRIGGERS / sizeof TRIGGERS[0]; i++) {
        if (formats_bytes_are(m->trigger, TRIGGERS[i])) return true;
    }
    return false;
}

/* false: it tells nothing. A trigger of no SIU that we know may tell anything: parked. */
static bool fill_by_trigger(health_message *m, Mash__V1__AppointmentRef *appointment)
{
    m->draft->event.occurred_at = m->sent_ms != 0 ? m->sent_ms : 1;
    if (is_cancelled(m))
        fill_cancelled(m, appointment); /* H3 */
    else if (is_noshow(m))
        fill_missed(m, appointment);
    else if (formats_bytes_are(m->trigger, "S12"))
        fill_booked(m, appointment);
    else if (formats_bytes_are(m->trigger, "S13") || formats_bytes_are(m->trigger, "S14"))
        fill_rebooked(m, appointment);
    else if (is_quiet(m))
        return false;
    else
        health_fault(m, "MSH", "MSH-9", "no trigger of SIU that is known here (S12 to S27): what it tells is not known");
    return true;
}

/* A child depends on somebody to be brought; an adult did not attend. Under 18 when the message was sent is under 18 before it. */
static void judge_miss(health_message *m)
{
    if (m->draft->event.payload_case != MASH__V1__EVENT__PAYLOAD_MISSED_APPOINTMENT) return;
    int64_t start = m->draft->appointment.starts_at;
    Mash__V1__Presence child = health_is_child(m, start != 0 ? start : m->sent_ms);
    if (start == 0 && child == MASH__V1__PRESENCE__PRESENCE_NO) child = MASH__V1__PRESENCE__PRESENCE_UNSPECIFIED;
    m->draft->payload.missed_appointment.was_not_brought = child;
    bool is_child = child == MASH__V1__PRESENCE__PRESENCE_YES;
    m->draft->event.summary = formats_word(m->draft, is_child ? "Child was not brought to an appointment" : "Appointment missed");
}

/* One miss may be told by several messages, and counts once: by the appointment, and its start where that was moved. */
static formats_key miss_key(const health_message *m, int64_t starts_ms)
{
    char start[24];
    (void)snprintf(start, sizeof start, "%" PRId64, starts_ms);
    const hub_bytes PARTS[] = {health_value(m, "MSH", 3, 1), health_value(m, "MSH", 4, 1), m->number, hub_bytes_of_text(start)};
    return formats_key_of("missed", PARTS, sizeof PARTS / sizeof PARTS[0]);
}

static hub_status know_miss(health_message *m)
{
    formats_key unplaced = miss_key(m, 0);
    m->has_key = true;
    m->key = miss_key(m, m->draft->appointment.starts_at);
    return m->rule == NULL ? health_place_miss(m, &unplaced, &m->key) : HUB_OK;
}

static hub_status begin(health_message *m, Mash__V1__AppointmentRef **out)
{
    Mash__V1__AppointmentRef *appointment = formats_appointment(m->draft);
    m->number = number_of(m);
    appointment->placer_reference = health_text(m, m->number);
    appointment->starts_at = start_of(m);
    appointment->service = service_of(m);
    appointment->provider_code = health_provider(m);
    *out = appointment;
    return join_earlier(m, appointment);
}

static void add_patient(health_message *m, const Mash__V1__AppointmentRef *appointment)
{
    health_add_patient(m, appointment->starts_at != 0 ? appointment->starts_at : m->sent_ms);
    judge_miss(m);
}

bool health_fill_appointment(health_message *message, hub_status *status)
{
    Mash__V1__AppointmentRef *appointment;
    *status = begin(message, &appointment);
    if (*status != HUB_OK || !fill_by_trigger(message, appointment)) return false;
    add_patient(message, appointment);
    bool is_miss = message->draft->event.payload_case == MASH__V1__EVENT__PAYLOAD_MISSED_APPOINTMENT;
    if (is_miss && message->number.size > 0) {
        *status = know_miss(message); /* counted when it is news */
        return *status == HUB_OK;
    }
    message->is_kept = was_kept(message) && message->number.size > 0 && !is_cancelled(message);
    *status = health_count_misses(message, message->number, was_kept(message));
    return *status == HUB_OK;
}

bool health_fill_no_miss(health_message *message, hub_status *status)
{
    Mash__V1__AppointmentRef *appointment;
    message->birth = (formats_date){0};
    *status = begin(message, &appointment);
    if (*status != HUB_OK) return false;
    fill_missed(message, appointment);
    add_patient(message, appointment);
    message->is_withdrawn = true;
    *status = know_miss(message);
    return *status == HUB_OK;
}
