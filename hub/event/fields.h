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

#include "mash/v1/event.pb-c.h"

enum { EVENT_FIELDS_MAX = 2048 }; /* 1,102 today */

typedef struct event_field_set {
    uint64_t bits[EVENT_FIELDS_MAX / 64];
} event_field_set;

/* Adds the field at `path` (and all below it, and the messages above it) to `set`. `path` may end in ".*", which means the same.
 * false: no such field. */
bool event_fields_add(event_field_set *set, const char *path);

/* Is the field at `path` in `set`? Of a path that names a message: is anything of it? `path` must name a field. */
bool event_fields_has(const event_field_set *set, const char *path);

/* Takes every text out of `set`: whatever a field is called, somebody may write a place into it. Names of people and of tools stay, and an
 * authority's code; and of a person address, school, practice and identifiers, which go or stay with whose they are. */
void event_fields_drop_texts(event_field_set *set);
/* Is the field at `path` one of those texts, or of a person one that tells where they are? `path` must name a field. */
bool event_field_tells_where(const char *path);

/* Calls `each` with the path of every field in `set`, in the contract's order; of a message that is in it whole, with the message's path
 * alone. `path` is valid for the call. */
typedef void event_field_cb(void *context, const char *path);
void event_fields_each(const event_field_set *set, event_field_cb *each, void *context);

/* Called with the path of a field that was stated and is now taken out. `path` is valid for the call. */
typedef void event_withheld_cb(void *context, const char *path);

/* Empties every field of `event` that is not in `allowed`, in place (the event must be the caller's own copy), and tells each path
 * once through `withheld` (may be NULL). Unknown fields go too. */
void event_fields_redact(Mash__V1__Event *event, const event_field_set *allowed, event_withheld_cb *withheld, void *context);

/* Tells the same paths, and changes nothing. */
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
