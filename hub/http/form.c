#include "form.h"

#include <string.h>

static int digit(uint8_t c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes into memory of the arena; NULL after a complaint. */
static const char *decode(hub_bytes from, size_t most, hub_arena *arena, hub_status *status)
{
    char *out = hub_arena_take_raw(arena, from.size + 1);
    size_t size = 0;
    *status = out == NULL ? HUB_ERR_MEMORY : HUB_OK;
    for (size_t i = 0; out != NULL && i < from.size; i++) {
        uint8_t c = from.data[i];
        if (c == '%') {
            int high = i + 2 < from.size ? digit(from.data[i + 1]) : -1;
            int low = i + 2 < from.size ? digit(from.data[i + 2]) : -1;
            if (high < 0 || low < 0) {
                *status = HUB_ERR_INVALID;
                return NULL;
            }
            c = (uint8_t)(high << 4 | low);
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        if (c == '\n' && size > 0 && out[size - 1] == '\r') size--; /* browsers send CR LF */
        out[size++] = (char)c;
    }
    if (out == NULL) return NULL;
    out[size] = '\0';
    if (size > most) *status = HUB_ERR_FULL;
    if (*status == HUB_OK && !hub_is_clean_text(out, size)) *status = HUB_ERR_INVALID;
    return *status == HUB_OK ? out : NULL;
}

static bool is_plain_name(const char *name)
{
    return name[0] != '\0' && name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")] == '\0';
}

static hub_status complain(hub_status status, const char *name, hub_error *err)
{
    if (status == HUB_ERR_MEMORY) return hub_fail(err, status, "no memory for this form");
    if (status == HUB_ERR_FULL)
        return hub_fail(err, status, "%s: longer than %d bytes; shorten it", name, (int)HTTP_FORM_VALUE_MAX);
    return hub_fail(err, status, "%s: no text (a broken escape, a NUL, or bytes that are not UTF-8)", name);
}

static hub_status read_pair(hub_bytes pair, hub_arena *arena, http_form *out, hub_error *err)
{
    const uint8_t *equals = pair.size == 0 ? NULL : memchr(pair.data, '=', pair.size);
    size_t name_size = equals == NULL ? pair.size : (size_t)(equals - pair.data);
    hub_status status;
    const char *name = decode(hub_bytes_of(pair.data, name_size), HTTP_FORM_NAME_MAX, arena, &status);
    if (status == HUB_ERR_MEMORY) return complain(status, "", err);
    if (name == NULL || !is_plain_name(name)) return hub_fail(err, HUB_ERR_INVALID, "a field whose name is none");
    if (out->count == HTTP_FORM_FIELDS_MAX) return hub_fail(err, HUB_ERR_FULL, "more than %d fields", (int)HTTP_FORM_FIELDS_MAX);
    hub_bytes rest = equals == NULL ? hub_bytes_of(NULL, 0) : hub_bytes_of(equals + 1, pair.size - name_size - 1);
    const char *value = decode(rest, HTTP_FORM_VALUE_MAX, arena, &status);
    if (value == NULL) return complain(status, name, err);
    out->fields[out->count++] = (http_field){.name = name, .value = value};
    return HUB_OK;
}

hub_status http_form_read(hub_bytes text, hub_arena *arena, http_form *out, hub_error *err)
{
    out->count = 0;
    hub_status status = HUB_OK;
    size_t begin = 0;
    while (status == HUB_OK && begin < text.size) {
        const uint8_t *end = memchr(text.data + begin, '&', text.size - begin);
        size_t size = end == NULL ? text.size - begin : (size_t)(end - text.data) - begin;
        if (size > 0) status = read_pair(hub_bytes_of(text.data + begin, size), arena, out, err);
        begin += size + 1;
    }
    return status;
}

static const http_field *find(const http_form *form, const char *name)
{
    for (size_t i = 0; i < form->count; i++) {
        if (strcmp(form->fields[i].name, name) == 0) return &form->fields[i];
    }
    return NULL;
}

const char *http_form_text(const http_form *form, const char *name)
{
    const http_field *field = find(form, name);
    return field == NULL ? "" : field->value;
}

bool http_form_has(const http_form *form, const char *name)
{
    return find(form, name) != NULL;
}
