/* id.h - 16-byte identities (events, commands, sessions, outboxes) and their text form. */
#ifndef BASE_ID_H
#define BASE_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes.h"

enum { HUB_ID_BYTES = 16, HUB_ID_TEXT_BYTES = 37 };

typedef struct hub_id {
    uint8_t bytes[HUB_ID_BYTES];
} hub_id;

bool hub_id_equal(const hub_id *a, const hub_id *b);
bool hub_id_is_zero(const hub_id *id);
/* false unless `bytes` has exactly 16 bytes. */
bool hub_id_read(hub_bytes bytes, hub_id *out);
/* Writes the 8-4-4-4-12 form and a NUL. */
void hub_id_text(const hub_id *id, char text[HUB_ID_TEXT_BYTES]);
/* Reads 32 hex digits, with or without the four hyphens of the 8-4-4-4-12 form. */
bool hub_id_parse(const char *text, hub_id *out);
/* Makes 16 bytes a UUID of version 8, RFC 9562 variant: the two fields are overwritten. */
void hub_id_mark_derived(hub_id *id);

#endif
