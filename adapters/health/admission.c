/* admission.c - ADT messages: attendances at an emergency department and discharges, and their cancellation. All other ADT but merges
 * is administration.
 *
 * A visit is known by its number (PV1-19): a second message about it amends the first, A11 and A13 withdraw what was told. */
#include "health/message.h"

#include "formats/json.h"

#define PRESENCE(name) MASH__V1__PRESENCE__PRESENCE_##name

/* PV1-36. UK discharge method [NHS Data Dictionary]: 2 = discharged himself or by a relative or advocate. HL7 table 0112: 07 = left
 * against advice. Other codes say nothing about advice. */
static const char *const AGAINST_ADVICE[] = {"2", "07"};
static const char *const WITH_ADVICE[] = {"1", "01"};
static const char *const DIED[] = {"4", "20"}; /* the same two lists */

/* PV1-2: HL7 table 0004, the code of later versions, and the word where a system has no codes. */
static const char *const EMERGENCY[] = {"E", "EMER", "EMERG", "EMERGENCY"};
static const char *const OTHER_CLASSES[] = {"I",   "O",   "P",     "R",     "B",     "C",  "N",  "U",
                                            "IMP", "AMB", "ACUTE", "NONAC", "PRENC", "SS", "VR", "HH"};

/* Whether such a visit was an emergency cannot be known, and a trust's own word for one must not stay unseen. */
static bool is_emergency(const health_message *m)
{
    hub_bytes class = health_value(m, "PV1", 2, 1);
    bool is_known = class.size == 0;
    for (size_t i = 0; i < sizeof EMERGENCY / sizeof EMERGENCY[0]; i++) {
        if (formats_bytes_are_any_case(class, EMERGENCY[i])) return true;
    }
    for (size_t i = 0; i < sizeof OTHER_CLASSES / sizeof OTHER_CLASSES[0]; i++)
        is_known = is_known || formats_bytes_are_any_case(class, OTHER_CLASSES[i]);
    if (!is_known) formats_note_daily(m->sink, m->options, "PV1-2", "a class that is not known here: not told as an emergency");
    return false;
}

static bool is_among(hub_bytes code, const char *const *codes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (formats_bytes_are(code, codes[i])) return true;
    }
    return false;
}

static int64_t when(health_message *m, uint32_t visit_field, const char *name)
{
    int64_t ms = health_instant(m, "PV1", visit_field, 1, name);
    if (ms == 0) ms = health_instant(m, "EVN", 6, 1, "EVN-6");
    if (ms == 0) ms = m->sent_ms;
    return ms != 0 ? ms : 1;
}

static void fill_attendance(health_message *m)
{
    Mash__V1__UrgentCareAttendance *attendance =
        FORMATS_PAYLOAD(m->draft, URGENT_CARE_ATTENDANCE, urgent_care_attendance, urgent_care_attendance);
    attendance->provider_code = health_provider(m);
    attendance->department = health_text(m, health_value(m, "PV1", 3, 1));
    attendance->presenting_complaint = health_text(m, health_value(m, "PV2", 3, 2));
    m->draft->event.occurred_at = when(m, 44, "PV1-44");
    m->draft->event.summary = formats_word(m->draft, "Urgent care attendance");
}

static void fill_discharge(health_message *m, hub_bytes code)
{
    Mash__V1__Discharge *discharge = FORMATS_PAYLOAD(m->draft, DISCHARGE, discharge, discharge);
    bool against = is_among(code, AGAINST_ADVICE, sizeof AGAINST_ADVICE / sizeof AGAINST_ADVICE[0]);
    bool advised = is_among(code, WITH_ADVICE, sizeof WITH_ADVICE / sizeof WITH_ADVICE[0]);
    discharge->provider_code = health_provider(m);
    discharge->disposition_code = health_text(m, code);
    discharge->destination = health_text(m, health_value(m, "PV1", 37, 1));
    discharge->against_advice = against ? PRESENCE(YES) : advised ? PRESENCE(NO) : PRESENCE(UNSPECIFIED);
    m->draft->event.occurred_at = when(m, 45, "PV1-45");
    bool died = is_among(code, DIED, sizeof DIED / sizeof DIED[0]);
    m->draft->event.summary = formats_word(m->draft, against ? "Discharged against advice"
                                                     : died  ? "Died in hospital"
                                                             : "Discharged");
}

/* The visit's number, else the account's: what A11 and A13 name. */
static void know_visit(health_message *m, const char *what)
{
    hub_bytes visit = health_value(m, "PV1", 19, 1);
    if (visit.size == 0) visit = health_value(m, "PID", 18, 1);
    const hub_bytes PARTS[] = {health_value(m, "MSH", 3, 1), health_value(m, "MSH", 4, 1), visit};
    m->has_key = visit.size > 0;
    m->key = formats_key_of(what, PARTS, sizeof PARTS / sizeof PARTS[0]);
    if (m->is_withdrawn && !m->has_key) health_fault(m, "PV1", "PV1-19", "empty: which visit is cancelled cannot be known");
}

bool health_fill_admission(health_message *message)
{
    static const char *const ARRIVALS[] = {"A01", "A04"};
    bool arrived = is_among(message->trigger, ARRIVALS, 2);
    bool not_admitted = formats_bytes_are(message->trigger, "A11");
    bool not_discharged = formats_bytes_are(message->trigger, "A13");
    hub_bytes disposition = health_value(message, "PV1", 36, 1);
    message->is_withdrawn = not_admitted || not_discharged;
    if ((arrived || not_admitted) && is_emergency(message)) {
        know_visit(message, "attendance");
        fill_attendance(message);
    } else if (not_discharged || (formats_bytes_are(message->trigger, "A03") && disposition.size > 0)) {
        know_visit(message, "discharge");
        fill_discharge(message, disposition);
    } else {
        return false; /* planned admissions, outpatient registrations, demographics */
    }
    health_add_patient(message,
                       message->draft->event.occurred_at > 1 ? message->draft->event.occurred_at : message->options->received_ms);
    return true;
}
