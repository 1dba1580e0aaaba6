#include "mllp_frame.h"

#include <string.h>

enum { BEGIN = 0x0B, END = 0x1C, CARRIAGE_RETURN = 0x0D };

/* The sender began anew inside a message: the last beginning counts. 0x0B alone may stand in a text. */
static hub_bytes from_last_beginning(hub_bytes message)
{
    static const uint8_t AGAIN[] = {BEGIN, 'M', 'S', 'H'};
    hub_bytes rest = message;
    for (;;) {
        const uint8_t *at = rest.size == 0 ? NULL : memmem(rest.data, rest.size, AGAIN, sizeof AGAIN);
        if (at == NULL) return rest;
        rest = hub_bytes_of(at + 1, rest.size - (size_t)(at + 1 - rest.data));
    }
}

static void put_byte(kit_mllp_framer *framer, uint8_t byte)
{
    if (!framer->too_large && framer->message.size >= framer->bytes_max) {
        framer->too_large = true;
        if (framer->message.size > KIT_MLLP_HEAD_BYTES) framer->message.size = KIT_MLLP_HEAD_BYTES;
    }
    if (!framer->too_large) hub_buffer_put(&framer->message, &byte, 1);
}

/* One byte inside a message; true at its end. */
static bool take_inside(kit_mllp_framer *framer, uint8_t byte)
{
    if (framer->end_seen) {
        framer->end_seen = false;
        if (byte == CARRIAGE_RETURN) return true;
        put_byte(framer, END); /* it was part of the text after all */
    }
    if (byte == END) {
        framer->end_seen = true;
    } else {
        put_byte(framer, byte);
    }
    return false;
}

bool kit_mllp_next(kit_mllp_framer *framer, hub_bytes *rest, kit_mllp_kind *kind, hub_bytes *message)
{
    HUB_ASSERT(framer->bytes_max > 0);
    if (framer->given) {
        hub_buffer_clear(&framer->message);
        framer->given = framer->too_large = false;
    }
    while (rest->size > 0 && !framer->message.failed) {
        uint8_t byte = rest->data[0];
        *rest = hub_bytes_of(rest->data + 1, rest->size - 1);
        if (!framer->inside) {
            framer->inside = byte == BEGIN;
            framer->junk += byte != BEGIN;
            continue;
        }
        if (!take_inside(framer, byte)) continue;
        framer->inside = false;
        framer->given = true;
        *kind = framer->too_large ? KIT_MLLP_TOO_LARGE : KIT_MLLP_MESSAGE;
        *message = from_last_beginning(hub_buffer_bytes(&framer->message));
        return true;
    }
    return false;
}

void kit_mllp_framer_free(kit_mllp_framer *framer)
{
    hub_buffer_free(&framer->message);
}

void kit_mllp_put(hub_buffer *out, hub_bytes message)
{
    static const uint8_t BEGINNING[] = {BEGIN};
    static const uint8_t ENDING[] = {END, CARRIAGE_RETURN};
    hub_buffer_put(out, BEGINNING, sizeof BEGINNING);
    hub_buffer_put(out, message.data, message.size);
    hub_buffer_put(out, ENDING, sizeof ENDING);
}
