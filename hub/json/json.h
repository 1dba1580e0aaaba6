/* json.h - protobuf messages as JSON and back, over their descriptors (protobuf's own JSON mapping, with these choices: field names as
 * in the .proto, bytes as lower-case hex, int64 as numbers, enums by name without prefix, a Date as "2026-04-07" ("2026-04", "2026" when
 * that is all that is known), empty fields left out). A 64-bit number too large for JSON readers' signed integers, and an enum number
 * without a name, are written so that reading gives the same message again: as decimal text and as a number. */
#ifndef JSON_JSON_H
#define JSON_JSON_H

#include "base/arena.h"
#include "base/bytes.h"
#include <protobuf-c/protobuf-c.h>

typedef enum json_form { JSON_COMPACT, JSON_PRETTY } json_form;

enum { JSON_TEXT_BYTES_MAX = 16 * 1024 * 1024 }; /* a policy's sources are the largest thing ever written as JSON */

/* One text in quotes, at the end of `out`. */
void json_put_text(hub_buffer *out, const char *text);

/* At the end of `out`. HUB_OK or HUB_ERR_MEMORY. */
hub_status json_of_message(const ProtobufCMessage *message, json_form form, hub_buffer *out);

/* Reads one message of `descriptor` into the arena. Unknown keys, duplicate keys, wrong types are HUB_ERR_INVALID: err gives line and column or
 * the field path, never the value. Dates may be written "2026-04-07"; int64 fields ending in _at or _ms may be written
 * "2026-04-07T12:30:00Z" (or with an offset); bytes may be a UUID. Also HUB_ERR_MEMORY (the arena's budget is used up). */
hub_status json_to_message(const ProtobufCMessageDescriptor *descriptor, hub_bytes text, hub_arena *arena, ProtobufCMessage **out,
                           hub_error *err);

#endif
