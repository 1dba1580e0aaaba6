/* place.h - where in a message a walk has come to: a chain through the walker's own stack, written out as a path only when something
 * must be said about it. */
#ifndef EVENT_PLACE_H
#define EVENT_PLACE_H

#include <protobuf-c/protobuf-c.h>

typedef struct event_place {
    const struct event_place *within;      /* BORROWED; NULL: the field lies in the outermost message */
    const ProtobufCFieldDescriptor *field; /* BORROWED */
    uint32_t index;                        /* position of the element when the field is repeated */
} event_place;

typedef enum event_place_form {
    EVENT_PLACE_WITH_POSITIONS, /* "subjects[2].addresses[0].postcode" */
    EVENT_PLACE_NAMES_ONLY,     /* "subjects.addresses.postcode" */
} event_place_form;

/* Writes the path of `place` (NULL: the empty path), NUL-ended, cut at `capacity` bytes. */
void event_place_path(const event_place *place, event_place_form form, char *out, size_t capacity);

#endif
