/* limits.h - how long, how many, how large: the limits that the comments of event.proto and act.proto state.
 *
 * The tables are only looked into for what is larger than every common limit (..._PLAIN_...), so that an ordinary event pays a
 * comparison for each field and no search.
 */
#ifndef EVENT_LIMITS_H
#define EVENT_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <protobuf-c/protobuf-c.h>

enum {
    EVENT_TEXT_PLAIN_BYTES = 32, /* no text has a smaller limit */
    EVENT_COUNT_PLAIN = 4,       /* no list has a smaller limit */
    EVENT_NUMBER_PLAIN_MAX = 5,  /* 0..5 is in the range of every number */
};

/* Most bytes of text in this field. */
size_t event_limit_text_bytes(const ProtobufCMessageDescriptor *message, const ProtobufCFieldDescriptor *field);
/* Most elements of this list. */
size_t event_limit_count(const ProtobufCMessageDescriptor *message, const ProtobufCFieldDescriptor *field);
/* Is this number in the field's range? */
bool event_limit_number(const ProtobufCMessageDescriptor *message, const ProtobufCFieldDescriptor *field, int64_t number);
/* Can this field's date or time only be told of what has happened already? */
bool event_limit_is_past(const ProtobufCMessageDescriptor *message, const ProtobufCFieldDescriptor *field);

#endif
