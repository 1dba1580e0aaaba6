/* bytes.h - runs of bytes: a borrowed slice, a growing buffer, fixed-width integers, hex. */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "status.h"

/* A run of bytes that belongs to somebody else. data may be NULL when size is 0. */
typedef struct hub_bytes {
    const uint8_t *data; /* BORROWED */
    size_t size;
} hub_bytes;

static inline hub_bytes hub_bytes_of(const void *data, size_t size)
{
    return (hub_bytes){.data = data, .size = size};
}
hub_bytes hub_bytes_of_text(const char *text); /* without the ending NUL; NULL is empty */
bool hub_bytes_equal(hub_bytes a, hub_bytes b);

/* A buffer that grows. {0} is an empty one. A failed growth is remembered: later puts do nothing, and `failed` says so, so that a
 * writer checks once at the end. */
typedef struct hub_buffer {
    uint8_t *data;
    size_t size;
    size_t capacity;
    bool failed;
} hub_buffer;

void hub_buffer_put(hub_buffer *buffer, const void *data, size_t size);
void hub_buffer_put_text(hub_buffer *buffer, const char *text);
void hub_buffer_put_format(hub_buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
void hub_buffer_put_u32(hub_buffer *buffer, uint32_t value); /* big-endian */
void hub_buffer_put_u64(hub_buffer *buffer, uint64_t value); /* big-endian */
/* Makes room for `size` more bytes and returns where they go (already counted in size); NULL when memory is out. */
uint8_t *hub_buffer_extend(hub_buffer *buffer, size_t size);
bool hub_buffer_reserve(hub_buffer *buffer, size_t size);
/* Empties, keeps the memory. */
void hub_buffer_clear(hub_buffer *buffer);
/* Frees the memory; the buffer is empty and usable again. */
void hub_buffer_free(hub_buffer *buffer);
/* The text so far, NUL-ended; valid until the next put. "" when it failed. */
const char *hub_buffer_text(hub_buffer *buffer);
static inline hub_bytes hub_buffer_bytes(const hub_buffer *buffer)
{
    return hub_bytes_of(buffer->data, buffer->size);
}

/* Formats into `out`, cut at `capacity` bytes and always NUL-ended; returns the length of what stands there. For modules that do no
 * input or output, and so do not include <stdio.h>. */
size_t hub_format(char *out, size_t capacity, const char *format, ...) __attribute__((format(printf, 3, 4)));
size_t hub_format_list(char *out, size_t capacity, const char *format, va_list args) __attribute__((format(printf, 3, 0)));

void hub_put_u32(uint8_t *to, uint32_t value); /* big-endian, 4 bytes */
void hub_put_u64(uint8_t *to, uint64_t value); /* big-endian, 8 bytes */
uint32_t hub_get_u32(const uint8_t *from);
uint64_t hub_get_u64(const uint8_t *from);

/* Writes the decimal digits of `number` and a NUL, at most 21 bytes; returns how many digits. */
size_t hub_decimal(uint64_t number, char *text);
/* Writes 2*size lower-case digits and a NUL into `text` (capacity at least 2*size+1). */
void hub_hex(const void *data, size_t size, char *text);
/* Reads exactly 2*size hex digits. false: wrong length or a character that is no hex digit; `out` is then undefined. */
bool hub_unhex(const char *text, uint8_t *out, size_t size);

/* true when the bytes are well-formed UTF-8 without NUL (Unicode 15, table 3-7: no overlong forms, no surrogates). */
bool hub_is_clean_text(const char *text, size_t size);

#endif
