/* fields.h - every field of an Event has a number, so that "who may see what" is a set of bits.
 *
 * The numbers come from walking the descriptors in a fixed order; they hold for this build only and are never stored. A path names a
 * field without positions: "subjects.addresses.postcode", "domestic_abuse_incident.circumstances". A path that names a message means
 * all of it ("subjects.picture" is the factors and strengths too).
 */
#ifndef EVENT_FIELDS_H
#define EVENT_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

#include "event/field_numbers.h" /* made when the hub is built, by make_field_table.c */
#include "mash/v1/event.pb-c.h"

enum { EVENT_FIELDS_MAX = 2048 }; /* asserted against EVENT_FIELD_COUNT, which the contract makes */

typedef struct event_field_set {
    uint64_t bits[EVENT_FIELDS_MAX / 64];
} event_field_set;

/* Adds the field at `path` (and all below it, and the messages above it) to `set`. `path` may end in ".*", which means the same.
 * false: no such field. */
bool event_fields_add(event_field_set *set, const char *path);

/* Is the field in `set`? Of a field that holds a message: is anything of it? Every delivery asks, of fields known when this is written:
 * EVENT_FIELD_SUBJECTS_DATE_OF_BIRTH is "subjects.date_of_birth". */
static inline bool event_fields_has(const event_field_set *set, event_field field)
{
    return (set->bits[field / 64] >> (field % 64) & 1) != 0;
}
/* The field of the event that holds this payload (its field number in the contract). false: it is no payload. */
bool event_payload_field(uint32_t payload, event_field *out);

/* Takes every text out of `set`: whatever a field is called, somebody may write a place into it. Names of people and of tools stay, and an
 * authority's code; and of a person address, school, practice and identifiers, which go or stay with whose they are. */
void event_fields_drop_texts(event_field_set *set);
/* Is the field one of those texts, or of a person one that tells where they are? */
bool event_field_tells_where(event_field field);

/* Calls `each` with the path of every field in `set`, in the contract's order; of a message that is in it whole, with the message's path
 * alone. `path` is valid for the call. */
typedef void event_field_cb(void *context, const char *path);
void event_fields_each(const event_field_set *set, event_field_cb *each, void *context);

/* Tells the path of each field that the event states and `allowed` has not, in the contract's order, each once: what
 * event_wire_pack_allowed leaves out. `path` is valid for the call. */
typedef void event_withheld_cb(void *context, event_field field, const char *path);
void event_fields_withheld(const Mash__V1__Event *event, const event_field_set *allowed, event_withheld_cb *withheld,
                           void *context);

/* A field of the event that a rule can test: an enum, a bool or an integer, anywhere, repeated or not. */
typedef struct event_probe {
    uint8_t depth;                         /* steps in `steps` */
    uint16_t steps[8];                     /* index of the field in its message's descriptor, outermost first */
    uint32_t payload;                      /* payload field number when the path starts in one, else 0 */
    const ProtobufCEnumDescriptor *values; /* of an enum field, else NULL */
} event_probe;

/* Resolves "domestic_abuse_incident.grades.level". false: no such field, or one that holds text, bytes or a message. */
bool event_probe_find(const char *path, event_probe *out);

/* Is the field that the probe looks at in `set`? */
bool event_fields_has_probe(const event_field_set *set, const event_probe *probe);

/* Does its path begin with this field of the event? */
bool event_probe_is_within(const event_probe *probe, const char *first);

/* Calls `test` with each value the probe finds until one answers true. false when none does (or the payload is another). */
typedef bool event_probe_test(void *context, int64_t value);
bool event_probe_any(const event_probe *probe, const Mash__V1__Event *event, event_probe_test *test, void *context);

#endif
