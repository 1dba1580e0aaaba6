#include "bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

hub_bytes hub_bytes_of_text(const char *text)
{
    return hub_bytes_of(text, text == NULL ? 0 : strlen(text));
}

bool hub_bytes_equal(hub_bytes a, hub_bytes b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

bool hub_buffer_reserve(hub_buffer *buffer, size_t size)
{
    if (buffer->failed) return false;
    if (size <= buffer->capacity - buffer->size) return true;
    size_t wanted = buffer->size + size;
    size_t capacity = buffer->capacity < 256 ? 256 : buffer->capacity;
    while (capacity < wanted) {
        if (capacity > SIZE_MAX / 2) {
            buffer->failed = true;
            return false;
        }
        capacity *= 2;
    }
    uint8_t *grown = realloc(buffer->data, capacity);
    if (grown == NULL) {
        buffer->failed = true;
        return false;
    }
    buffer->data = grown;
    buffer->capacity = capacity;
    HUB_ASSERT(buffer->capacity - buffer->size >= size);
    return true;
}

uint8_t *hub_buffer_extend(hub_buffer *buffer, size_t size)
{
    if (!hub_buffer_reserve(buffer, size)) return NULL;
    uint8_t *at = buffer->data + buffer->size;
    buffer->size += size;
    return at;
}

void hub_buffer_put(hub_buffer *buffer, const void *data, size_t size)
{
    if (size == 0) return;
    uint8_t *at = hub_buffer_extend(buffer, size);
    if (at != NULL) memcpy(at, data, size);
}

void hub_buffer_put_text(hub_buffer *buffer, const char *text)
{
    hub_buffer_put(buffer, text, strlen(text));
}

void hub_buffer_put_format(hub_buffer *buffer, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    HUB_ASSERT(length >= 0);
    size_t size = (size_t)length;
    if (!hub_buffer_reserve(buffer, size + 1)) return;
    va_start(args, format);
    (void)vsnprintf((char *)buffer->data + buffer->size, size + 1, format, args);
    va_end(args);
    buffer->size += size;
}

void hub_buffer_put_u32(hub_buffer *buffer, uint32_t value)
{
    uint8_t *at = hub_buffer_extend(buffer, 4);
    if (at != NULL) hub_put_u32(at, value);
}

void hub_buffer_put_u64(hub_buffer *buffer, uint64_t value)
{
    uint8_t *at = hub_buffer_extend(buffer, 8);
    if (at != NULL) hub_put_u64(at, value);
}

void hub_buffer_clear(hub_buffer *buffer)
{
    buffer->size = 0;
    buffer->failed = false;
}

void hub_buffer_free(hub_buffer *buffer)
{
    free(buffer->data);
    *buffer = (hub_buffer){0};
}

const char *hub_buffer_text(hub_buffer *buffer)
{
    if (!hub_buffer_reserve(buffer, 1)) return "";
    buffer->data[buffer->size] = '\0';
    return (const char *)buffer->data;
}

size_t hub_format_list(char *out, size_t capacity, const char *format, va_list args)
{
    HUB_ASSERT(capacity >= 1);
    int length = vsnprintf(out, capacity, format, args);
    HUB_ASSERT(length >= 0);
    return (size_t)length < capacity ? (size_t)length : capacity - 1;
}

size_t hub_format(char *out, size_t capacity, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    size_t length = hub_format_list(out, capacity, format, args);
    va_end(args);
    return length;
}

void hub_put_u32(uint8_t *to, uint32_t value)
{
    for (int i = 3; i >= 0; i--) {
        to[i] = (uint8_t)(value & 0xff);
        value >>= 8;
    }
}

void hub_put_u64(uint8_t *to, uint64_t value)
{
    hub_put_u32(to, (uint32_t)(value >> 32));
    hub_put_u32(to + 4, (uint32_t)(value & 0xffffffffU));
}

uint32_t hub_get_u32(const uint8_t *from)
{
    return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | (uint32_t)from[3];
}

uint64_t hub_get_u64(const uint8_t *from)
{
    return (uint64_t)hub_get_u32(from) << 32 | hub_get_u32(from + 4);
}

size_t hub_decimal(uint64_t number, char *text)
{
    size_t count = 1;
    for (uint64_t rest = number / 10; rest > 0; rest /= 10)
        count++;
    text[count] = '\0';
    for (size_t at = count; at-- > 0; number /= 10)
        text[at] = (char)('0' + number % 10);
    return count;
}

void hub_hex(const void *data, size_t size, char *text)
{
    static const char DIGITS[] = "0123456789abcdef";
    const uint8_t *from = data;
    for (size_t i = 0; i < size; i++) {
        text[2 * i] = DIGITS[from[i] >> 4];
        text[2 * i + 1] = DIGITS[from[i] & 15];
    }
    text[2 * size] = '\0';
}

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

bool hub_unhex(const char *text, uint8_t *out, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        int high = hex_value(text[2 * i]);
        int low = high < 0 ? -1 : hex_value(text[2 * i + 1]);
        if (low < 0) return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return text[2 * size] == '\0';
}

/* How many bytes the well-formed sequence at `at` has; 0 when it is not well-formed or is NUL. */
static size_t sequence_length(const uint8_t *at, size_t left)
{
    uint8_t first = at[0];
    if (first == 0) return 0;
    if (first < 0x80) return 1;
    size_t length = first >= 0xc2 && first <= 0xdf ? 2 : (first & 0xf0) == 0xe0 ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
    if (length == 0 || left < length) return 0;
    uint8_t low = 0x80;
    uint8_t high = 0xbf;
    if (first == 0xe0) low = 0xa0;
    if (first == 0xed) high = 0x9f;
    if (first == 0xf0) low = 0x90;
    if (first == 0xf4) high = 0x8f;
    if (at[1] < low || at[1] > high) return 0;
    for (size_t i = 2; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80) return 0;
    }
    return length;
}

bool hub_is_clean_text(const char *text, size_t size)
{
    const uint8_t *at = (const uint8_t *)text;
    size_t done = 0;
    while (done < size) {
        size_t length = sequence_length(at + done, size - done);
        if (length == 0) return false;
        done += length;
    }
    return true;
}
