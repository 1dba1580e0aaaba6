/* Reads YAML by libfyaml's events and keeps the tree itself, because only so every key, value and refusal has its own place:
 * an alias, an anchor or a tag is refused where it stands, before anything is resolved. */
#include "yaml.h"

#include <libfyaml.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/files.h"
#include "node.h"

typedef struct frame {
    yaml_node *node;
    yaml_node *first, *last; /* children so far */
    size_t children;
} frame;

typedef struct reading {
    yaml_document *document;
    yaml_problems *problems;
    frame frames[YAML_DEPTH_MAX];
    int depth;
    size_t nodes;
    int documents;
    bool refused;        /* a complaint was made: there is no document */
    char diagnosis[256]; /* libfyaml's first message */
} reading;

static void refuse(reading *r, int line, int column, const char *text)
{
    r->refused = true;
    yaml_problem_at(r->problems, r->document->name, line, column, text);
}

/* libfyaml tells place and words in one text: "<input>:12:7: error: words", for some "<12:7>: words". The first line is kept. */
static void keep_diagnosis(struct fy_diag *diag, void *user, const char *buf, size_t len)
{
    (void)diag;
    reading *r = user;
    if (r->diagnosis[0] != '\0') return;
    size_t used = 0;
    while (used < len && used < sizeof r->diagnosis - 1 && buf[used] != '\n' && buf[used] != '\0')
        used++;
    memcpy(r->diagnosis, buf, used);
    r->diagnosis[used] = '\0';
}

static void refuse_as_diagnosed(reading *r)
{
    int line = 1, column = 1, used = 0;
    const char *words = r->diagnosis;
    const char *place = strchr(words, '>');
    if (words[0] == '<' && place != NULL) {
        if (sscanf(place, ">:%d:%d:%n", &line, &column, &used) == 2 && used > 0) {
            words = place + used;
        } else {
            (void)sscanf(words, "<%d:%d", &line, &column);
            words = place + 1;
        }
    }
    words += strspn(words, ": ");
    if (strncmp(words, "error: ", 7) == 0) words += 7;
    if (line < 1) line = 1;
    if (column < 1) column = 1;
    char text[YAML_LINE_BYTES];
    (void)snprintf(text, sizeof text, "this is no YAML: %s", *words != '\0' ? words : "it cannot be read");
    refuse(r, line, column, text);
}

static yaml_node *new_node(reading *r, yaml_kind kind, const struct fy_mark *mark)
{
    if (++r->nodes > YAML_NODES_MAX) {
        refuse(r, mark != NULL ? mark->line + 1 : 1, 1, "too many values for one file; split it");
        return NULL;
    }
    yaml_node *node = hub_arena_take(&r->document->arena, sizeof *node);
    if (node == NULL) {
        refuse(r, 1, 1, "out of memory");
        return NULL;
    }
    node->kind = kind;
    node->document = r->document;
    node->text = "";
    if (mark != NULL) {
        node->line = mark->line + 1;
        node->column = mark->column + 1;
    } else if (r->depth > 0) {
        const frame *top = &r->frames[r->depth - 1];
        const yaml_node *near = top->last != NULL ? top->last : top->node;
        node->line = near->line;
        node->column = near->column;
    } else {
        node->line = node->column = 1;
    }
    return node;
}

static bool is_repeated_key(const frame *top, const yaml_node *key)
{
    size_t at = 0;
    for (const yaml_node *other = top->first; other != NULL; other = other->next, at++) {
        if (at % 2 == 0 && strcmp(other->text, key->text) == 0) return true;
    }
    return false;
}

static void attach(reading *r, yaml_node *node)
{
    if (r->depth == 0) {
        if (r->document->root == NULL) r->document->root = node;
        return;
    }
    frame *top = &r->frames[r->depth - 1];
    if (top->node->kind == YAML_MAP && top->children % 2 == 0) {
        if (node->kind != YAML_TEXT) {
            refuse(r, node->line, node->column, "a key must be a word");
            return;
        }
        if (top->children / 2 >= YAML_KEYS_MAX) {
            refuse(r, node->line, node->column, "too many keys in one mapping");
            return;
        }
        if (is_repeated_key(top, node)) {
            char text[YAML_LINE_BYTES];
            (void)snprintf(text, sizeof text, "key '%.100s' stands here a second time; keep one", node->text);
            refuse(r, node->line, node->column, text);
            return;
        }
    }
    if (top->last == NULL) {
        top->first = node;
    } else {
        top->last->next = node;
    }
    top->last = node;
    top->children++;
}

static void open_container(reading *r, yaml_kind kind, const struct fy_mark *mark)
{
    yaml_node *node = new_node(r, kind, mark);
    if (node == NULL) return;
    if (r->depth == YAML_DEPTH_MAX) {
        refuse(r, node->line, node->column, "nested too deeply");
        return;
    }
    attach(r, node);
    if (r->refused) return;
    r->frames[r->depth++] = (frame){.node = node};
}

static void close_container(reading *r)
{
    HUB_ASSERT(r->depth > 0);
    frame *top = &r->frames[--r->depth];
    yaml_node *node = top->node;
    node->items = hub_arena_take(&r->document->arena, (top->children + 1) * sizeof(yaml_node *));
    if (node->items == NULL) {
        refuse(r, node->line, node->column, "out of memory");
        return;
    }
    size_t at = 0;
    for (yaml_node *child = top->first; child != NULL; child = child->next)
        node->items[at++] = child;
    HUB_ASSERT(at == top->children);
    node->count = node->kind == YAML_MAP ? at / 2 : at;
}

static bool is_printable(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (((unsigned char)text[i] < 0x20 && text[i] != '\n' && text[i] != '\t') || text[i] == 0x7f) return false;
    }
    return hub_is_clean_text(text, size);
}

static void take_scalar(reading *r, struct fy_event *event)
{
    size_t size = 0;
    const char *text = event->scalar.value != NULL ? fy_token_get_text(event->scalar.value, &size) : NULL;
    bool is_plain = event->scalar.value == NULL || fy_token_scalar_style(event->scalar.value) == FYSS_PLAIN;
    const struct fy_mark *mark = fy_event_start_mark(event);
    yaml_node *node = new_node(r, is_plain && size == 0 ? YAML_EMPTY : YAML_TEXT, mark);
    if (node == NULL) return;
    if (!is_plain && mark != NULL && mark->column > 0) node->column--; /* libfyaml's mark is behind the quote */
    if (size > 0 && !is_printable(text, size)) {
        refuse(r, node->line, node->column, "this text holds a control character or is not UTF-8");
        return;
    }
    if (size > 0) {
        node->text = hub_arena_copy(&r->document->arena, text, size);
        if (node->text == NULL) {
            refuse(r, node->line, node->column, "out of memory");
            return;
        }
    }
    attach(r, node);
}

static void refuse_decoration(reading *r, struct fy_token *anchor, struct fy_token *tag)
{
    /* libfyaml's mark of an anchor or alias is behind the '&' or '*'. */
    struct fy_token *token = anchor != NULL ? anchor : tag;
    if (token == NULL) return;
    const struct fy_mark *mark = fy_token_start_mark(token);
    refuse(r, mark != NULL ? mark->line + 1 : 1, mark != NULL ? mark->column + (anchor != NULL ? 0 : 1) : 1,
           anchor != NULL ? "anchors ('&name') are not used here; write it out"
                          : "tags ('!name') are not used here; leave it away");
}

static void take_event(reading *r, struct fy_event *event)
{
    const struct fy_mark *mark = fy_event_start_mark(event);
    switch (event->type) {
    case FYET_DOCUMENT_START:
        if (++r->documents > 1) {
            refuse(r, mark != NULL ? mark->line + 1 : 1, 1, "a second document ('---') in one file; make it a file of its own");
        }
        break;
    case FYET_ALIAS:
        refuse(r, mark != NULL ? mark->line + 1 : 1, mark != NULL ? mark->column : 1,
               "aliases ('*name') are not used here; write it out");
        break;
    case FYET_SCALAR:
        refuse_decoration(r, event->scalar.anchor, event->scalar.tag);
        if (!r->refused) take_scalar(r, event);
        break;
    case FYET_SEQUENCE_START:
        refuse_decoration(r, event->sequence_start.anchor, event->sequence_start.tag);
        if (!r->refused) open_container(r, YAML_LIST, mark);
        break;
    case FYET_MAPPING_START:
        refuse_decoration(r, event->mapping_start.anchor, event->mapping_start.tag);
        if (!r->refused) open_container(r, YAML_MAP, mark);
        break;
    case FYET_SEQUENCE_END:
    case FYET_MAPPING_END:
        close_container(r);
        break;
    default:
        break;
    }
}

static void read_events(reading *r, hub_bytes text)
{
    struct fy_diag_cfg diag_cfg;
    fy_diag_cfg_default(&diag_cfg);
    diag_cfg.fp = NULL;
    diag_cfg.output_fn = keep_diagnosis;
    diag_cfg.user = r;
    diag_cfg.level = FYET_ERROR;
    diag_cfg.colorize = false;
    diag_cfg.show_source = false;
    diag_cfg.show_module = false;
    diag_cfg.show_type = false;
    diag_cfg.show_position = true;
    struct fy_diag *diag = fy_diag_create(&diag_cfg);
    struct fy_parse_cfg cfg = {.flags = FYPCF_DEFAULT_PARSE, .diag = diag};
    struct fy_parser *parser = diag != NULL ? fy_parser_create(&cfg) : NULL;
    if (parser == NULL || fy_parser_set_string(parser, (const char *)text.data, text.size) != 0) {
        refuse(r, 1, 1, "out of memory");
    } else {
        struct fy_event *event;
        while (!r->refused && (event = fy_parser_parse(parser)) != NULL) {
            take_event(r, event);
            fy_parser_event_free(parser, event);
        }
        if (!r->refused && (fy_parser_get_stream_error(parser) || r->depth > 0)) refuse_as_diagnosed(r);
    }
    if (parser != NULL) fy_parser_destroy(parser);
    if (diag != NULL) fy_diag_destroy(diag);
}

static bool first_unclean(hub_bytes text, int *line, int *column)
{
    *line = *column = 1;
    for (size_t at = 0; at < text.size;) {
        size_t size = 1;
        while (size <= 4 && at + size <= text.size && !hub_is_clean_text((const char *)text.data + at, size))
            size++;
        if (size > 4 || at + size > text.size) return true;
        if (text.data[at] == '\n') {
            (*line)++;
            *column = 1;
        } else {
            (*column)++;
        }
        at += size;
    }
    return false;
}

static yaml_document *new_document(const char *name)
{
    yaml_document *document = calloc(1, sizeof *document);
    if (document == NULL) return NULL;
    document->name = strdup(name);
    if (document->name == NULL || hub_arena_open(&document->arena, 64 * 1024, (size_t)64 * 1024 * 1024) != HUB_OK) {
        yaml_close(document);
        return NULL;
    }
    return document;
}

yaml_document *yaml_read(const char *name, hub_bytes text, yaml_problems *problems)
{
    HUB_ASSERT(name != NULL && problems != NULL);
    yaml_document *document = new_document(name);
    reading *r = document != NULL ? calloc(1, sizeof *r) : NULL;
    if (r == NULL) {
        yaml_problem_at(problems, name, 1, 1, "out of memory");
        yaml_close(document);
        return NULL;
    }
    r->document = document;
    r->problems = problems;
    int line, column;
    if (text.size > YAML_BYTES_MAX) {
        refuse(r, 1, 1, "larger than 1 MiB; split it");
    } else if (first_unclean(text, &line, &column)) {
        refuse(r, line, column, "this byte is not UTF-8 text (or is a NUL); save the file as UTF-8");
    } else {
        if (text.size > 0) read_events(r, text);
        if (!r->refused && document->root == NULL) refuse(r, 1, 1, "the file is empty");
    }
    bool refused = r->refused;
    free(r);
    if (!refused) return document;
    yaml_close(document);
    return NULL;
}

yaml_document *yaml_read_file(const char *path, yaml_problems *problems)
{
    HUB_ASSERT(path != NULL && problems != NULL);
    hub_buffer text = {0};
    hub_error err = {{0}};
    yaml_document *document = NULL;
    if (host_file_read(path, YAML_BYTES_MAX, &text, &err) == HUB_OK) {
        document = yaml_read(path, hub_buffer_bytes(&text), problems);
    } else {
        problems->count++;
        hub_buffer_put_format(&problems->text, "%s\n", err.text);
    }
    hub_buffer_free(&text);
    return document;
}

void yaml_close(yaml_document *document)
{
    if (document == NULL) return;
    hub_arena_close(&document->arena);
    free(document->name);
    free(document);
}

const yaml_node *yaml_root(const yaml_document *document)
{
    return document->root;
}
