/* cursor.h - reading back what a hub_buffer was given: fixed bytes, numbers, runs preceded by their length. Private to hub/signin.
 *
 * A reader that comes to the end of the bytes fails for good (data becomes NULL): it gives zeros and empty runs from then on, and is asked
 * once, at the end. */
#ifndef SIGNIN_CURSOR_H
#define SIGNIN_CURSOR_H

#include <string.h>

#include "base/bytes.h"

static inline void cursor_put(hub_buffer *out, hub_bytes bytes)
{
    hub_buffer_put_u32(out, (uint32_t)bytes.size);
    hub_buffer_put(out, bytes.data, bytes.size);
}

static inline bool cursor_failed(const hub_bytes *in)
{
    return in->data == NULL;
}

/* `size` (1 or more) bytes, BORROWED; empty after a failure. */
static inline hub_bytes cursor_take(hub_bytes *in, size_t size)
{
    if (in->data == NULL || in->size < size) {
        *in = hub_bytes_of(NULL, 0);
        return *in;
    }
    hub_bytes taken = hub_bytes_of(in->data, size);
    *in = hub_bytes_of(in->data + size, in->size - size);
    return taken;
}

static inline uint32_t cursor_u32(hub_bytes *in)
{
    hub_bytes taken = cursor_take(in, 4);
    return taken.size == 4 ? hub_get_u32(taken.data) : 0;
}

static inline uint64_t cursor_u64(hub_bytes *in)
{
    hub_bytes taken = cursor_take(in, 8);
    return taken.size == 8 ? hub_get_u64(taken.data) : 0;
}

static inline hub_bytes cursor_sized(hub_bytes *in)
{
    uint32_t size = cursor_u32(in);
    return cursor_take(in, size);
}

/* A run as NUL-ended clean text; false when it does not fit or is no clean text. */
static inline bool cursor_text(hub_bytes *in, char *out, size_t capacity)
{
    hub_bytes run = cursor_sized(in);
    if (cursor_failed(in) || run.size >= capacity || (run.size > 0 && !hub_is_clean_text((const char *)run.data, run.size)))
        return false;
    if (run.size > 0) memcpy(out, run.data, run.size);
    out[run.size] = '\0';
    return true;
}

#endif
