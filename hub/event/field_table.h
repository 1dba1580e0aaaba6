/* field_table.h - the numbers of an event's fields, worked out when the hub is built (make_field_table.c).
 *
 * A message at some path owns a run of numbers: its fields in order, each followed by the run of the message it holds. Relative to the
 * start of its own run a field's number depends on the message's type alone, so the table has one row a type, not one a path.
 */
#ifndef EVENT_FIELD_TABLE_H
#define EVENT_FIELD_TABLE_H

#include <stdint.h>

enum { EVENT_FIELD_NO_ROW = UINT16_MAX };

typedef struct event_field_entry {
    uint16_t number; /* of the field, from the start of its message's run */
    uint16_t row;    /* of the message it holds; EVENT_FIELD_NO_ROW when it holds none */
} event_field_entry;

typedef struct event_field_row {
    uint16_t first_entry; /* of its fields, in the descriptor's order */
    uint16_t size;        /* numbers in its run */
} event_field_row;

/* Row 0 is Event. */
extern const event_field_row EVENT_FIELD_ROWS[];
extern const event_field_entry EVENT_FIELD_ENTRIES[];
/* Numbers in Event's run. */
extern const uint16_t EVENT_FIELD_COUNT;

#endif
