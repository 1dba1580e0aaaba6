/* form.h - what a browser sends as text: forms and queries. Pure; every limit is its own, and is told apart from bad input. */
#ifndef HTTP_FORM_H
#define HTTP_FORM_H

#include "base/arena.h"
#include "base/bytes.h"

enum {
    HTTP_FORM_FIELDS_MAX = 64,
    HTTP_FORM_NAME_MAX = 64,         /* bytes */
    HTTP_FORM_VALUE_MAX = 20 * 1000, /* bytes: the longest text an act takes is 16,000 (event/limits.h) */
};

typedef struct http_field {
    const char *name, *value; /* NUL-ended clean UTF-8, in the arena */
} http_field;

typedef struct http_form {
    http_field fields[HTTP_FORM_FIELDS_MAX];
    size_t count;
} http_form;

/* Reads application/x-www-form-urlencoded: a body, or what stands after '?'. Line ends become LF. HUB_OK; HUB_ERR_FULL (a limit
 * above; err says which); HUB_ERR_INVALID (a broken escape, NUL, bytes that are no UTF-8; err names the field, never its value);
 * HUB_ERR_MEMORY. */
hub_status http_form_read(hub_bytes text, hub_arena *arena, http_form *out, hub_error *err);
/* The first value of this name; "" = not there. */
const char *http_form_text(const http_form *form, const char *name);
/* Is it there, be it empty? */
bool http_form_has(const http_form *form, const char *name);

#endif
