/* table_check.c - reads a table and looks at every name in it: a mistake is found when the file is written, not when a child's record comes. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/event.h"
#include "table/table_parts.h"

/* What the adapter states itself. */
static const char *const OWN[] = {"event_id", "agency",   "source_system", "source_reference",
                                  "amends",   "retracts", "mapping",       "exercise"};

typedef struct check {
    table *table;
    yaml_problems *problems;
} check;

const ProtobufCFieldDescriptor *table_field(const ProtobufCMessageDescriptor *message, const char *name)
{
    return protobuf_c_message_descriptor_get_field_by_name(message, name);
}

static void normal_name(const char *shown, char out[64])
{
    size_t used = 0;
    for (; *shown != '\0' && used < 63; shown++) {
        if (isalnum((unsigned char)*shown)) out[used++] = (char)tolower((unsigned char)*shown);
    }
    out[used] = '\0';
}

/* One column, wherever it is named. */
static const char *add_take(check *c, const yaml_node *node, bool optional)
{
    table *t = c->table;
    const char *name = yaml_text(node, 60, c->problems);
    if (node != NULL && name[0] == '\0') yaml_complain(node, c->problems, "empty; name a column or key of the source");
    for (size_t i = 0; i < t->take_count; i++) {
        if (strcmp(t->takes[i], name) == 0) return name;
    }
    if (t->take_count == TABLE_TAKES_MAX) {
        yaml_complain(node, c->problems, "more than %d columns", TABLE_TAKES_MAX);
        return name;
    }
    size_t i = t->take_count++;
    t->takes[i] = name;
    normal_name(name, t->names[i]);
    t->columns[i] = (formats_csv_column){t->names[i], name, optional ? FORMATS_CSV_OPTIONAL : FORMATS_CSV_REQUIRED};
    return name;
}

static bool is_text(const ProtobufCFieldDescriptor *field)
{
    return field->type == PROTOBUF_C_TYPE_STRING;
}

static void suggest_enum(check *c, const yaml_node *node, const ProtobufCEnumDescriptor *values, const char *word)
{
    char name[64];
    char nearest[64] = "";
    for (unsigned i = 0; i < values->n_values; i++) {
        const char *candidate = event_enum_name(values, values->values[i].value, name);
        if (yaml_is_nearer(word, candidate, nearest[0] != '\0' ? nearest : NULL))
            (void)snprintf(nearest, sizeof nearest, "%s", candidate);
    }
    yaml_complain(node, c->problems, "no value of this field has that name%s%s%s", nearest[0] != '\0' ? "; did you mean " : "",
                  nearest, nearest[0] != '\0' ? "?" : "");
}

static void check_enum_word(check *c, const yaml_node *node, const ProtobufCFieldDescriptor *field)
{
    int value;
    const char *word = yaml_text(node, 64, c->problems);
    if (!event_enum_of_name(field->descriptor, word, &value)) suggest_enum(c, node, field->descriptor, word);
}

/* {take: COLUMN, split: ";", optional: true, words: {Neglect: neglect}} */
static void check_take(check *c, const yaml_node *node, const ProtobufCFieldDescriptor *field)
{
    const yaml_node *words = yaml_get(node, "words");
    const yaml_node *split = yaml_get(node, "split");
    if (!yaml_only(node, c->problems, "take", "split", "optional", "words", NULL)) return;
    bool optional = yaml_get(node, "optional") != NULL && yaml_bool(yaml_get(node, "optional"), c->problems);
    (void)add_take(c, yaml_get(node, "take"), optional);
    if (split != NULL && strlen(yaml_text(split, 8, c->problems)) != 1)
        yaml_complain(split, c->problems, "one character, as in \";\"");
    if (split != NULL && field->label != PROTOBUF_C_LABEL_REPEATED)
        yaml_complain(split, c->problems, "this field has one value; only lists are split");
    if (words == NULL) return;
    if (field->type != PROTOBUF_C_TYPE_ENUM && !is_text(field)) {
        yaml_complain(words, c->problems, "words are for texts and for fields with a list of values");
        return;
    }
    if (!yaml_is_map(words)) yaml_complain(words, c->problems, "a map of the source's words to this field's");
    for (size_t i = 0; i < yaml_count(words) && yaml_is_map(words); i++) {
        if (field->type == PROTOBUF_C_TYPE_ENUM)
            check_enum_word(c, yaml_value(words, i), field);
        else
            (void)yaml_text(yaml_value(words, i), TABLE_TEXT_MAX, c->problems);
    }
}

static void check_constant(check *c, const yaml_node *node, const ProtobufCFieldDescriptor *field)
{
    if (field->type == PROTOBUF_C_TYPE_ENUM)
        check_enum_word(c, node, field);
    else if (field->type == PROTOBUF_C_TYPE_BOOL && strcmp(yaml_text(node, 8, c->problems), "true") != 0)
        yaml_complain(node, c->problems, "true, or leave it out");
    else if (is_text(field) || field->type == PROTOBUF_C_TYPE_MESSAGE)
        (void)yaml_text(node, TABLE_TEXT_MAX, c->problems);
    else if (field->type == PROTOBUF_C_TYPE_BYTES)
        yaml_complain(node, c->problems, "the adapter states this field itself; leave it out");
    else if (field->type != PROTOBUF_C_TYPE_BOOL)
        (void)yaml_int(node, 0, INT64_MAX / 2, c->problems);
}

static void check_message(check *c, const yaml_node *node, const ProtobufCMessageDescriptor *message);

static void check_value(check *c, const yaml_node *node,
                        const ProtobufCFieldDescriptor *field) // NOLINT(misc-no-recursion): YAML's depth
{
    bool is_message = field->type == PROTOBUF_C_TYPE_MESSAGE;
    bool is_date = is_message && field->descriptor == &mash__v1__date__descriptor;
    if (yaml_is_map(node) && yaml_get(node, "take") != NULL) {
        if (is_message && !is_date)
            yaml_complain(node, c->problems, "this field has fields of its own; take a column for each of them");
        else if (field->type == PROTOBUF_C_TYPE_BYTES)
            yaml_complain(node, c->problems, "the adapter states this field itself; leave it out");
        else
            check_take(c, node, field);
        return;
    }
    if (is_message && !is_date)
        check_message(c, node, field->descriptor);
    else if (!yaml_is_text(node))
        yaml_complain(node, c->problems, "one value, or a map with take");
    else
        check_constant(c, node, field);
}

static void check_field(check *c, const yaml_node *node,
                        const ProtobufCFieldDescriptor *field) // NOLINT(misc-no-recursion): as above
{
    bool is_list = field->label == PROTOBUF_C_LABEL_REPEATED;
    bool is_taken = yaml_is_map(node) && yaml_get(node, "take") != NULL;
    if (is_list && !yaml_is_list(node) && !is_taken) {
        yaml_complain(node, c->problems, "a list, as in [...]");
        return;
    }
    if (!is_list || is_taken) {
        check_value(c, node, field);
        return;
    }
    for (size_t i = 0; i < yaml_count(node); i++)
        check_value(c, yaml_item(node, i), field);
}

static void complain_field(check *c, const yaml_node *node, const char *name, const ProtobufCMessageDescriptor *message)
{
    const char *nearest = NULL;
    for (unsigned i = 0; i < message->n_fields; i++) {
        if (yaml_is_nearer(name, message->fields[i].name, nearest)) nearest = message->fields[i].name;
    }
    yaml_complain(node, c->problems, "%s has no field of this name%s%s%s (proto/mash/v1/event.proto)", message->short_name,
                  nearest != NULL ? "; did you mean " : "", nearest != NULL ? nearest : "", nearest != NULL ? "?" : "");
}

static void check_message(check *c, const yaml_node *node,
                          const ProtobufCMessageDescriptor *message) // NOLINT(misc-no-recursion): as above
{
    if (!yaml_is_map(node)) {
        yaml_complain(node, c->problems, "a map of the fields of %s", message->short_name);
        return;
    }
    for (size_t i = 0; i < yaml_count(node); i++) {
        const char *name = yaml_key(node, i);
        const ProtobufCFieldDescriptor *field = table_field(message, name);
        if (field == NULL)
            complain_field(c, yaml_key_node(node, i), name, message);
        else
            check_field(c, yaml_value(node, i), field);
    }
}

static void check_event(check *c, const yaml_node *event)
{
    static const char *const NEEDED[] = {"subjects", "summary", "legal_basis"};
    const ProtobufCMessageDescriptor *message = &mash__v1__event__descriptor;
    size_t payloads = 0;
    if (event == NULL) return;
    check_message(c, event, message);
    if (!yaml_is_map(event)) return;
    for (size_t i = 0; i < sizeof OWN / sizeof OWN[0]; i++) {
        if (yaml_get(event, OWN[i]) != NULL)
            yaml_complain(yaml_get(event, OWN[i]), c->problems, "the adapter states %s itself; leave it out", OWN[i]);
    }
    for (size_t i = 0; i < sizeof NEEDED / sizeof NEEDED[0]; i++)
        (void)yaml_need(event, NEEDED[i], c->problems);
    for (size_t i = 0; i < yaml_count(event); i++) {
        const ProtobufCFieldDescriptor *field = table_field(message, yaml_key(event, i));
        payloads += field != NULL && (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
    }
    if (payloads != 1)
        yaml_complain(event, c->problems, "what happened: one payload, as in child_concern: {...}; here are %zu", payloads);
}

static void check_reference(check *c, const yaml_node *node)
{
    table *t = c->table;
    size_t count = yaml_is_list(node) ? yaml_count(node) : 1;
    if (node == NULL) return;
    if (count == 0 || count > TABLE_REFERENCE_MAX) {
        yaml_complain(node, c->problems, "one to %d columns that together number a record", TABLE_REFERENCE_MAX);
        return;
    }
    for (size_t i = 0; i < count; i++)
        t->reference[t->reference_count++] = add_take(c, yaml_is_list(node) ? yaml_item(node, i) : node, false);
}

/* Two columns whose names differ in signs alone would be one. */
static void check_columns(check *c)
{
    const table *t = c->table;
    for (size_t i = 0; i < t->take_count && t->format == TABLE_CSV; i++) {
        for (size_t k = 0; k < i; k++) {
            if (strcmp(t->names[i], t->names[k]) == 0)
                yaml_complain(t->event, c->problems, "columns \"%s\" and \"%s\" are one: only letters and digits count",
                              t->takes[k], t->takes[i]);
        }
    }
}

static void read_root(check *c, const yaml_node *root)
{
    table *t = c->table;
    bool is_sound = t->format == TABLE_CSV ? yaml_only(root, c->problems, "reference", "event", NULL)
                                           : yaml_only(root, c->problems, "reference", "event", "records", NULL);
    if (!is_sound) return;
    t->records = yaml_text(yaml_get(root, "records"), 60, c->problems);
    t->event = yaml_need(root, "event", c->problems);
    check_reference(c, yaml_need(root, "reference", c->problems));
    check_event(c, t->event);
    if (t->event != NULL) check_columns(c);
}

void *table_read(const char *path, struct yaml_problems *problems, table_format format)
{
    uint32_t before = problems->count;
    table *t = calloc(1, sizeof *t);
    if (t == NULL) return NULL;
    check c = {.table = t, .problems = problems};
    t->format = format;
    t->document = yaml_read_file(path, problems);
    if (t->document != NULL) read_root(&c, yaml_root(t->document));
    if (t->document != NULL && problems->count == before) return t;
    table_free(t);
    return NULL;
}

void table_free(void *settings)
{
    table *t = settings;
    if (t == NULL) return;
    yaml_close(t->document);
    free(t);
}
