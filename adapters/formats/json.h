/* json.h - JSON from outside: strict, bounded, and no value in an error. */
#ifndef FORMATS_JSON_H
#define FORMATS_JSON_H

#include <jansson.h>

#include "kit/mapping.h"

enum { FORMATS_JSON_BYTES_MAX = 8 * 1024 * 1024 };

/* Reads one document (duplicate keys, NUL, bad UTF-8, anything after it are errors; a byte order mark is skipped).
 *   out  GIVEN, end with json_decref; NULL on failure
 * HUB_OK, or HUB_ERR_INVALID with "line:column: rule" in err. */
hub_status formats_json_read(hub_bytes input, json_t **out, hub_error *err);

/* The text under `key`: empty when there is none, it is null, or it is no text. */
hub_bytes formats_json_text(const json_t *object, const char *key);
/* The same for a number, which sources write with quotation marks or without: a whole number that is not negative gives its digits, in
 * `digits`. false: something other than null stands there that is neither. */
enum { FORMATS_JSON_DIGITS = 24 };
bool formats_json_number(const json_t *object, const char *key, char digits[FORMATS_JSON_DIGITS], hub_bytes *out);
/* YES, NO, or unspecified when there is no true or false under `key`. */
Mash__V1__Presence formats_json_presence(const json_t *object, const char *key);
/* true when there is something other than null under `key` that is no text: the source has another shape than ours. */
bool formats_json_is_not_text(const json_t *object, const char *key);
bool formats_json_is_not_texts(const json_t *object, const char *key);   /* likewise, no list of texts alone */
bool formats_json_is_not_boolean(const json_t *object, const char *key); /* likewise, no true or false */
bool formats_bytes_are(hub_bytes text, const char *word);                /* exactly */
bool formats_bytes_are_any_case(hub_bytes text, const char *word);       /* ASCII letters compared without case */
hub_bytes formats_bytes_trimmed(hub_bytes text);                         /* without blanks and line ends at its ends */
bool formats_bytes_begin(hub_bytes text, const char *word);              /* likewise, with that word */

#endif
