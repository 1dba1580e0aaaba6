/* misses.c - how often running a patient missed their appointments.
 *
 * No message says so. What is remembered of a patient is the last misses told and the appointments booked: one whose time came between two
 * misses, and of which neither a miss nor a cancellation was told, was kept. The row is the misses after the last that was kept.
 *
 * Invariants
 *   A1  the count is of messages received in order: a miss before the newest has none (0, not stated)
 *   A2  the same miss told by two messages counts once, and is stated as it was counted: the same is the key of the fact, its number and start
 *   A3  a patient whom no identifier names has no count
 *   A4  a miss that is withdrawn is in no row
 * Limit: HEALTH_SLOTS_MAX misses are remembered; every one after so many in a row is told as the next after them.
 */
#include "health/message.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/identifier.h"

/* The name of a slot: the start of the key's digest. */
static void name_of(const formats_key *key, char out[HEALTH_NAME_BYTES])
{
    (void)snprintf(out, HEALTH_NAME_BYTES, "%.16s", strchr(key->text, '/') + 1);
}

static void name_of_number(hub_bytes number, char out[HEALTH_NAME_BYTES])
{
    formats_key key = formats_key_of("number", &number, 1);
    (void)snprintf(out, HEALTH_NAME_BYTES, "-");
    if (number.size > 0) name_of(&key, out);
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

/* Reads slots as far as there are any; the rest of the text. */
static const char *read_slots(const char *text, health_slots *out)
{
    int used = 0;
    for (; out->count < HEALTH_SLOTS_MAX; out->count++, text += used) {
        health_slot *slot = &out->slots[out->count];
        if (sscanf(text, " %" SCNd64 ":%" SCNd32 ":%16s%n", &slot->at_ms, &slot->told, slot->name, &used) != 3) break;
    }
    return text;
}

static void write_slots(hub_buffer *text, const health_slots *slots)
{
    for (size_t i = 0; i < slots->count; i++) {
        const health_slot *slot = &slots->slots[i];
        hub_buffer_put_format(text, " %" PRId64 ":%" PRId32 ":%s", slot->at_ms, slot->told, slot->name);
    }
}

/* "kept miss miss ... ; booking booking ..." */
static bool parse(const char *text, health_misses *out)
{
    int used = 0;
    if (sscanf(text, "%" SCNd64 "%n", &out->kept_ms, &used) != 1) return false;
    text = read_slots(text + used, &out->missed);
    if (strncmp(text, " ;", 2) != 0) return false;
    (void)read_slots(text + 2, &out->booked);
    return true;
}

static hub_status recall(health_message *m)
{
    hub_buffer value = {0};
    m->misses = (health_misses){0};
    m->has_misses = patient_key(m, &m->misses.key); /* A3 */
    if (!m->has_misses) return HUB_OK;
    hub_status status = m->sink->ops->get(m->sink, m->misses.key.text, &value);
    if (status == HUB_OK && !parse(hub_buffer_text(&value), &m->misses)) status = HUB_ERR_CORRUPT;
    hub_buffer_free(&value);
    return status == HUB_ERR_NOT_FOUND ? HUB_OK : status;
}

static health_slot *find(health_slots *slots, const char *name)
{
    for (size_t i = 0; i < slots->count; i++) {
        if (strcmp(slots->slots[i].name, name) == 0) return &slots->slots[i];
    }
    return NULL;
}

/* Those of that name, and those until that moment. */
static void forget(health_slots *slots, const char *name, int64_t until_ms)
{
    size_t kept = 0;
    for (size_t i = 0; i < slots->count; i++) {
        health_slot *slot = &slots->slots[i];
        if (strcmp(slot->name, name) != 0 && slot->at_ms > until_ms) slots->slots[kept++] = *slot;
    }
    slots->count = kept;
}

/* When there are more than are kept, the earliest goes. */
static void add(health_slots *slots, const char *name, int64_t at_ms, int32_t told)
{
    size_t place = slots->count;
    if (place == HEALTH_SLOTS_MAX) {
        place = 0;
        for (size_t i = 1; i < HEALTH_SLOTS_MAX; i++) {
            if (slots->slots[i].at_ms < slots->slots[place].at_ms) place = i;
        }
        if (at_ms < slots->slots[place].at_ms) return;
    } else {
        slots->count++;
    }
    slots->slots[place].at_ms = at_ms;
    slots->slots[place].told = told;
    (void)snprintf(slots->slots[place].name, HEALTH_NAME_BYTES, "%s", name);
}

/* Of the newest miss, or of the newest appointment that was kept; 0: none. */
static int64_t newest_of(const health_misses *misses)
{
    int64_t newest_ms = misses->kept_ms;
    for (size_t i = 0; i < misses->missed.count; i++) {
        if (misses->missed.slots[i].at_ms > newest_ms) newest_ms = misses->missed.slots[i].at_ms;
    }
    return newest_ms;
}

static bool kept_one_between(const health_misses *misses, const char *number, int64_t after_ms, int64_t until_ms)
{
    for (size_t i = 0; i < misses->booked.count; i++) {
        const health_slot *booking = &misses->booked.slots[i];
        bool is_between = booking->at_ms > after_ms && booking->at_ms < until_ms;
        if (is_between && strcmp(booking->name, number) != 0) return true;
    }
    return false;
}

static int32_t row_of(const health_misses *misses)
{
    int32_t row = 0;
    for (size_t i = 0; i < misses->missed.count; i++)
        row += misses->missed.slots[i].told > 0 && misses->missed.slots[i].at_ms > misses->kept_ms;
    return row;
}

/* The consecutive count to state; 0: none. */
static int32_t count_miss(health_misses *misses, const char *name, const char *number, int64_t at_ms)
{
    const health_slot *same = name[0] != '-' ? find(&misses->missed, name) : NULL;
    if (same != NULL) return same->told; /* A2 */
    int32_t count = 0;
    int64_t newest_ms = newest_of(misses);
    if (at_ms >= newest_ms) { /* A1 */
        if (kept_one_between(misses, number, newest_ms, at_ms)) misses->kept_ms = newest_ms;
        count = row_of(misses) + 1;
        if (misses->kept_ms >= at_ms) misses->kept_ms = at_ms - 1; /* said to be kept, and missed after all */
    }
    forget(&misses->booked, number, count > 0 ? at_ms : INT64_MIN);
    add(&misses->missed, name, at_ms, count);
    return count;
}

static void end_row(health_misses *misses, const char *number, int64_t at_ms)
{
    if (at_ms >= newest_of(misses)) forget(&misses->booked, number, at_ms);
    if (at_ms > misses->kept_ms) misses->kept_ms = at_ms;
}

/* `key`: of the fact; NULL: a miss without any number is like no other. */
static hub_status count_known(health_message *m, const formats_key *key, hub_bytes appointment, bool was_kept)
{
    const Mash__V1__AppointmentRef *said = &m->draft->appointment;
    char number[HEALTH_NAME_BYTES];
    char name[HEALTH_NAME_BYTES] = "-";
    int64_t at_ms = said->starts_at != 0 ? said->starts_at : m->sent_ms;
    if (at_ms == 0) at_ms = m->options->received_ms;
    hub_status status = recall(m);
    if (status != HUB_OK || !m->has_misses) return status;
    name_of_number(appointment, number);
    if (key != NULL) name_of(key, name);
    switch (m->draft->event.payload_case) {
    case MASH__V1__EVENT__PAYLOAD_MISSED_APPOINTMENT:
        m->draft->payload.missed_appointment.consecutive = count_miss(&m->misses, name, number, at_ms);
        break;
    case MASH__V1__EVENT__PAYLOAD_APPOINTMENT_CANCELLED:
        forget(&m->misses.booked, number, INT64_MIN);
        break;
    default:
        if (was_kept) {
            end_row(&m->misses, number, at_ms);
            break;
        }
        forget(&m->misses.booked, number, INT64_MIN);
        if (said->starts_at != 0) add(&m->misses.booked, number, said->starts_at, 0);
        break;
    }
    return HUB_OK;
}

hub_status health_count_misses(health_message *message, hub_bytes appointment, bool was_kept)
{
    return count_known(message, NULL, appointment, was_kept);
}

hub_status health_place_miss(health_message *message, const formats_key *unplaced, const formats_key *placed)
{
    char name[HEALTH_NAME_BYTES];
    int64_t starts_ms = message->draft->appointment.starts_at;
    if (starts_ms == 0) return HUB_OK;
    hub_status status = recall(message);
    name_of(unplaced, name);
    health_slot *slot = find(&message->misses.missed, name);
    if (status != HUB_OK || slot == NULL || slot->at_ms < starts_ms) return status;
    slot->at_ms = starts_ms;
    name_of(placed, slot->name);
    status = formats_move(message->sink, unplaced, placed);
    return status == HUB_OK ? health_remember_misses(message) : status;
}

/* A4. An appointment of which no miss stands any more does not stand for a kept one either. */
static hub_status forget_miss(health_message *m, const formats_key *key)
{
    char number[HEALTH_NAME_BYTES];
    char name[HEALTH_NAME_BYTES];
    hub_status status = recall(m);
    name_of(key, name);
    name_of_number(m->number, number);
    forget(&m->misses.missed, name, INT64_MIN);
    forget(&m->misses.booked, number, INT64_MIN);
    return status == HUB_OK ? health_remember_misses(m) : status;
}

hub_status health_put_known(health_message *message, const formats_key *key, const char *reference, hub_bytes record,
                            kit_place place)
{
    formats_memory memory;
    char said[FORMATS_SAID_BYTES];
    if (message->draft->out_of_memory) return HUB_ERR_MEMORY;
    bool is_miss = message->draft->event.payload_case == MASH__V1__EVENT__PAYLOAD_MISSED_APPOINTMENT;
    if (message->is_withdrawn) {
        hub_status done = formats_withdraw(message->draft, key, reference, record, place);
        return done == HUB_OK && is_miss ? forget_miss(message, key) : done;
    }
    hub_status status = formats_recall(message->sink, key, &memory);
    if (status == HUB_OK) status = formats_said(message->draft, FORMATS_SAME_BUT_SENT, said);
    if (status != HUB_OK || strcmp(memory.newest.said, said) == 0) return status;
    if (is_miss) status = count_known(message, key, message->number, false);
    if (status != HUB_OK) return status;
    status = formats_put_wording(message->draft, key, &memory, said, reference, record, place);
    return status == HUB_OK ? health_remember_misses(message) : status;
}

hub_status health_remember_misses(health_message *message)
{
    const health_misses *misses = &message->misses;
    if (!message->has_misses) return HUB_OK;
    hub_buffer text = {0};
    hub_buffer_put_format(&text, "%" PRId64, misses->kept_ms);
    write_slots(&text, &misses->missed);
    hub_buffer_put_format(&text, " ;");
    write_slots(&text, &misses->booked);
    hub_status status =
        text.failed ? HUB_ERR_MEMORY : message->sink->ops->put(message->sink, misses->key.text, hub_buffer_bytes(&text));
    hub_buffer_free(&text);
    return status;
}
