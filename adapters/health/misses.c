/* misses.c - how often running a patient missed their appointments.
 *
 * No message says so. What is remembered of a patient is the run as it stands and the appointments booked: one whose time came between two
 * misses, and of which neither a miss nor a cancellation was told, was kept, and ends the run.
 *
 * Invariants
 *   A1  the count is of messages received in order: a miss before the newest has none (0, not stated)
 *   A2  the same appointment missed by two messages counts once
 *   A3  a patient whom no identifier names has no count
 */
#include "health/message.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/identifier.h"

static void digest_of(hub_bytes number, char out[HEALTH_NUMBER_DIGEST])
{
    formats_key key = formats_key_of("number", &number, 1);
    (void)snprintf(out, HEALTH_NUMBER_DIGEST, "%.16s", number.size > 0 ? strchr(key.text, '/') + 1 : "-");
}

/* The NHS number where there is one, else the trust's own. */
static bool patient_key(const health_message *m, formats_key *key)
{
    const Mash__V1__Subject *patient = m->draft->event.n_subjects > 0 ? m->draft->event.subjects[0] : &m->draft->spare;
    const Mash__V1__Identifier *by = NULL;
    for (size_t i = 0; i < patient->n_identifiers; i++) {
        bool nhs = patient->identifiers[i]->scheme == MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_NHS_NUMBER;
        if (by == NULL || nhs) by = patient->identifiers[i];
    }
    if (by == NULL) return false;
    const hub_bytes PARTS[] = {hub_bytes_of_text(identifier_scheme_name(by->scheme)), hub_bytes_of_text(by->value)};
    *key = formats_key_of("misses", PARTS, 2);
    return true;
}

/* "newest count last start:number start:number ..." */
static bool parse(const char *text, health_misses *out)
{
    int used = 0;
    if (sscanf(text, "%" SCNd64 " %" SCNd32 " %16s%n", &out->newest_ms, &out->count, out->last, &used) != 3) return false;
    for (text += used; out->booked_count < HEALTH_BOOKED_MAX; text += used, out->booked_count++) {
        health_booking *booking = &out->booked[out->booked_count];
        if (sscanf(text, " %" SCNd64 ":%16s%n", &booking->starts_ms, booking->number, &used) != 2) break;
    }
    return true;
}

static hub_status recall(health_message *m)
{
    hub_buffer value = {0};
    m->misses.last[0] = '-';
    hub_status status = m->sink->ops->get(m->sink, m->misses.key.text, &value);
    if (status == HUB_OK && !parse(hub_buffer_text(&value), &m->misses)) status = HUB_ERR_CORRUPT;
    hub_buffer_free(&value);
    return status == HUB_ERR_NOT_FOUND ? HUB_OK : status;
}

static void forget_booking(health_misses *misses, const char *number, int64_t until_ms)
{
    size_t kept = 0;
    for (size_t i = 0; i < misses->booked_count; i++) {
        health_booking *booking = &misses->booked[i];
        if (strcmp(booking->number, number) != 0 && booking->starts_ms > until_ms) misses->booked[kept++] = *booking;
    }
    misses->booked_count = kept;
}

/* When there are more than are kept, the earliest goes: it is the first to be past. */
static void add_booking(health_misses *misses, const char *number, int64_t starts_ms)
{
    forget_booking(misses, number, INT64_MIN);
    if (starts_ms == 0) return;
    size_t place = misses->booked_count;
    if (place == HEALTH_BOOKED_MAX) {
        place = 0;
        for (size_t i = 1; i < HEALTH_BOOKED_MAX; i++) {
            if (misses->booked[i].starts_ms < misses->booked[place].starts_ms) place = i;
        }
    } else {
        misses->booked_count++;
    }
    misses->booked[place].starts_ms = starts_ms;
    (void)snprintf(misses->booked[place].number, HEALTH_NUMBER_DIGEST, "%s", number);
}

static bool kept_one_before(const health_misses *misses, const char *number, int64_t until_ms)
{
    for (size_t i = 0; i < misses->booked_count; i++) {
        const health_booking *booking = &misses->booked[i];
        bool is_between = booking->starts_ms > misses->newest_ms && booking->starts_ms < until_ms;
        if (is_between && strcmp(booking->number, number) != 0) return true;
    }
    return false;
}

/* The consecutive count to state; 0: none. */
static int32_t count_miss(health_misses *misses, const char *number, int64_t at_ms)
{
    bool is_same = number[0] != '-' && strcmp(number, misses->last) == 0;
    if (is_same) return misses->count; /* A2 */
    if (at_ms < misses->newest_ms) {   /* A1 */
        forget_booking(misses, number, INT64_MIN);
        return 0;
    }
    misses->count = misses->newest_ms == 0 || kept_one_before(misses, number, at_ms) ? 1 : misses->count + 1;
    misses->newest_ms = at_ms;
    (void)snprintf(misses->last, sizeof misses->last, "%s", number);
    forget_booking(misses, number, at_ms);
    return misses->count;
}

static void end_run(health_misses *misses, const char *number, int64_t at_ms)
{
    if (at_ms < misses->newest_ms) return;
    misses->newest_ms = at_ms;
    misses->count = 0;
    (void)snprintf(misses->last, sizeof misses->last, "-");
    forget_booking(misses, number, at_ms);
}

hub_status health_count_misses(health_message *message, hub_bytes appointment, bool was_kept)
{
    const Mash__V1__AppointmentRef *said = &message->draft->appointment;
    char number[HEALTH_NUMBER_DIGEST];
    int64_t at_ms = said->starts_at != 0 ? said->starts_at : message->sent_ms;
    if (at_ms == 0) at_ms = message->options->received_ms;
    message->has_misses = patient_key(message, &message->misses.key); /* A3 */
    if (!message->has_misses) return HUB_OK;
    hub_status status = recall(message);
    if (status != HUB_OK) return status;
    digest_of(appointment, number);
    switch (message->draft->event.payload_case) {
    case MASH__V1__EVENT__PAYLOAD_MISSED_APPOINTMENT:
        message->draft->payload.missed_appointment.consecutive = count_miss(&message->misses, number, at_ms);
        break;
    case MASH__V1__EVENT__PAYLOAD_APPOINTMENT_CANCELLED:
        forget_booking(&message->misses, number, INT64_MIN);
        break;
    default:
        if (was_kept)
            end_run(&message->misses, number, at_ms);
        else
            add_booking(&message->misses, number, said->starts_at);
        break;
    }
    return HUB_OK;
}

hub_status health_put_news(health_message *message, const formats_key *key, const char *reference, hub_bytes record,
                           kit_place place)
{
    formats_memory memory;
    char said[FORMATS_SAID_BYTES];
    if (message->draft->out_of_memory) return HUB_ERR_MEMORY;
    hub_status status = formats_recall(message->sink, key, &memory);
    if (status == HUB_OK) status = formats_said(message->draft, FORMATS_SAME_BUT_SENT, said);
    if (status != HUB_OK || strcmp(memory.newest.said, said) == 0) return status;
    bool is_miss = message->draft->event.payload_case == MASH__V1__EVENT__PAYLOAD_MISSED_APPOINTMENT;
    if (is_miss) status = health_count_misses(message, message->number, false);
    if (status != HUB_OK) return status;
    status = formats_put_wording(message->draft, key, &memory, said, reference, record, place);
    if (status == HUB_OK) status = health_remember_misses(message);
    return formats_go_on(status);
}

hub_status health_remember_misses(health_message *message)
{
    const health_misses *misses = &message->misses;
    if (!message->has_misses) return HUB_OK;
    hub_buffer text = {0};
    hub_buffer_put_format(&text, "%" PRId64 " %" PRId32 " %s", misses->newest_ms, misses->count, misses->last);
    for (size_t i = 0; i < misses->booked_count; i++)
        hub_buffer_put_format(&text, " %" PRId64 ":%s", misses->booked[i].starts_ms, misses->booked[i].number);
    hub_status status =
        text.failed ? HUB_ERR_MEMORY : message->sink->ops->put(message->sink, misses->key.text, hub_buffer_bytes(&text));
    hub_buffer_free(&text);
    return status;
}
