/* node.h - how a YAML document is kept: a tree of nodes in one arena. Private to hub/yaml. */
#ifndef YAML_NODE_H
#define YAML_NODE_H

#include "base/arena.h"
#include "yaml.h"

enum {
    YAML_BYTES_MAX = 1024 * 1024, /* one file: policy written by people is a hundredth of this */
    YAML_NODES_MAX = 100 * 1000,
    YAML_DEPTH_MAX = 32,
    YAML_KEYS_MAX = 1024,  /* in one mapping: duplicates are found by comparing all of them */
    YAML_LINES_MAX = 500,  /* complaints written out; more are only counted */
    YAML_LINE_BYTES = 400, /* of one complaint after its place */
};

typedef enum yaml_kind { YAML_TEXT, YAML_EMPTY, YAML_LIST, YAML_MAP } yaml_kind;

struct yaml_node {
    yaml_kind kind;
    int line, column;        /* 1-based; of the first character */
    yaml_document *document; /* BORROWED */
    const char *text;        /* TEXT: NUL-ended UTF-8; otherwise "" */
    size_t count;            /* LIST: items; MAP: pairs */
    yaml_node **items;       /* LIST: values; MAP: key, value, key, value ... */
    yaml_node *next;         /* next sibling, while the tree is built */
};

struct yaml_document {
    hub_arena arena;
    char *name;
    yaml_node *root;
    char where[320];
};

/* "name:line:column: kind text" as one line of `problems`, control characters made visible as '?'. */
void yaml_problem_at(yaml_problems *problems, const char *name, int line, int column, const char *text);

#endif
