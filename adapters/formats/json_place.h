/* json_place.h - where in a JSON document something stands.
 *
 * jansson's values do not know their place. So when the first fault is found the text is walked beside the values that were read from it:
 * objects keep the order of their keys, so the walk needs no names. A file without a fault costs nothing.
 */
#ifndef FORMATS_JSON_PLACE_H
#define FORMATS_JSON_PLACE_H

#include "formats/json.h"

typedef struct formats_json_entry {
    const json_t *value; /* an object or array */
    uint32_t from;       /* of its first byte */
    uint32_t until;
    uint32_t line;
    uint32_t column;
} formats_json_entry;

typedef struct formats_json_places {
    hub_bytes input;             /* BORROWED: the bytes that `root` was read from */
    const json_t *root;          /* not changed since it was read; BORROWED, or by formats_json_open the places' own */
    formats_json_entry *entries; /* by `value`; NULL: not walked yet */
    size_t count;
    struct {
        const json_t *list; /* NULL: none */
        size_t index;
        uint32_t at;
        uint32_t line;
        uint32_t line_start;
    } newest;       /* element that formats_json_element told: the next one is found from here */
    bool has_texts; /* entries were made by another reader (XML): every value has one, and nothing is walked */
} formats_json_places;

/* Reads one document as formats_json_read does and keeps it: end with formats_json_close, also after a failure. */
hub_status formats_json_open(hub_bytes input, formats_json_places *out, hub_error *err);
void formats_json_close(formats_json_places *places);
/* After entries were added by another reader. */
void formats_json_places_sort(formats_json_places *places);

/* For a document that somebody else keeps: set `input` and `root`, all else 0; end with formats_json_places_free. */
void formats_json_places_free(formats_json_places *places);

/* The place of `key` in `holder` (an object of the document), of the holder itself when key is NULL or not there. line and column are 0 for
 * a holder that is not of this document, and when memory is out. `field` is carried over; BORROWED. */
kit_place formats_json_place(formats_json_places *places, const json_t *holder, const char *key, const char *field);
/* The bytes of an object or array of the document; the whole input when it is not found. */
hub_bytes formats_json_record(formats_json_places *places, const json_t *value);
/* The place of an element of a list of the document, and its bytes: also of one that is no object (null stands at many places). */
kit_place formats_json_element(formats_json_places *places, const json_t *list, size_t index, const char *field,
                               hub_bytes *record);
/* HUB_ERR_INVALID with "line:column: field: rule" in err: the document as a whole is refused for this. */
hub_status formats_json_refuse(hub_bytes input, const json_t *root, const json_t *holder, const char *key, const char *field,
                               const char *rule, hub_error *err);

#endif
