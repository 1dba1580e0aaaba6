/* yaml.h - YAML for configuration and policy: strict, and every complaint has file:line:column.
 *
 * Unknown keys, duplicate keys, aliases, anchors and tags are errors. Complaints are collected, not returned one by one: an
 * author wants all of them. Readers go on with a harmless value and look at `problems->count` at the end. */
#ifndef YAML_YAML_H
#define YAML_YAML_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

typedef struct yaml_problems {
    hub_buffer text; /* one line each: "config/hips/rules.yaml:12:7: what is wrong; what to do" */
    uint32_t count;
    uint32_t warnings; /* lines that begin "file:line:column: warning:" and do not count as problems */
} yaml_problems;
void yaml_problems_free(yaml_problems *problems);

typedef struct yaml_document yaml_document;
typedef struct yaml_node yaml_node; /* BORROWED from its document */

/* Parses `text`; `name` is what complaints begin with. NULL after a complaint when it is no YAML. */
yaml_document *yaml_read(const char *name, hub_bytes text, yaml_problems *problems);
/* As yaml_read, from a file; a missing file is a complaint too. */
yaml_document *yaml_read_file(const char *path, yaml_problems *problems);
void yaml_close(yaml_document *document);

const yaml_node *yaml_root(const yaml_document *document);

/* Complains unless `node` is a mapping with no other keys than these (NULL ends); suggests the nearest key. false when
 * complained. */
bool yaml_only(const yaml_node *node, yaml_problems *problems, const char *first, ...) __attribute__((sentinel));
const yaml_node *yaml_get(const yaml_node *map, const char *key);                           /* NULL = not there */
const yaml_node *yaml_need(const yaml_node *map, const char *key, yaml_problems *problems); /* complains when not there */
bool yaml_is_map(const yaml_node *node);
bool yaml_is_list(const yaml_node *node);
bool yaml_is_text(const yaml_node *node);

/* Lists and mappings by position. 0 and NULL for anything else. */
size_t yaml_count(const yaml_node *node);
const yaml_node *yaml_item(const yaml_node *list, size_t index);
const char *yaml_key(const yaml_node *map, size_t index);
const yaml_node *yaml_key_node(const yaml_node *map, size_t index);
const yaml_node *yaml_value(const yaml_node *map, size_t index);

/* Values. A NULL node gives the harmless value without a complaint (yaml_need has complained already). */
const char *yaml_text(const yaml_node *node, size_t bytes_max, yaml_problems *problems);       /* "" */
int64_t yaml_int(const yaml_node *node, int64_t least, int64_t most, yaml_problems *problems); /* least */
bool yaml_bool(const yaml_node *node, yaml_problems *problems);                                /* false; yes/no/true/false */
/* "2026-04-07" as days since 1970-01-01; 0 and a complaint otherwise. */
int32_t yaml_date(const yaml_node *node, yaml_problems *problems);
/* "08:30" as minutes since midnight (24:00 allowed); 0 and a complaint otherwise. */
int16_t yaml_time_of_day(const yaml_node *node, yaml_problems *problems);
/* Where to listen: "127.0.0.1:7480", "[::1]:7480" (without the brackets in `address`). A NULL node, or a complaint, leaves both as they are. */
void yaml_address(const yaml_node *node, char *address, size_t size, uint16_t *port, yaml_problems *problems);

void yaml_complain(const yaml_node *node, yaml_problems *problems, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Is `candidate` a likelier meaning of the mistyped `word` than `best` (NULL: none yet) is? For "did you mean" over any list. */
bool yaml_is_nearer(const char *word, const char *candidate, const char *best);
/* The document of a node, and where in it it begins; both from 1. */
const yaml_document *yaml_place(const yaml_node *node, int *line, int *column);
/* "file:line:column" of a node, BORROWED until the next call with this document. */
const char *yaml_where(const yaml_node *node);

#endif
