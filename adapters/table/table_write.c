/* table_write.c - one record as the JSON of an event. What is not stated is left out: a list or a map of which nothing was stated, too. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "event/event.h"
#include "formats/draft.h"
#include "json/json.h"
#include "table/table_parts.h"

typedef enum said { SAID, NOT_STATED } said;

static bool is_taken(const yaml_node *node)
{
    return yaml_is_map(node) && yaml_get(node, "take") != NULL;
}

static void fault(table_record *record, const yaml_node *node, const char *rule)
{
    if (record->rule != NULL) return;
    record->rule = rule;
    record->take = yaml_text(yaml_get(node, "take"), 64, NULL);
}

static void put_text(hub_buffer *out, hub_bytes text)
{
    hub_buffer copy = {0};
    hub_buffer_put(&copy, text.data, text.size);
    json_put_text(out, hub_buffer_text(&copy));
    if (copy.failed) out->failed = true;
    hub_buffer_free(&copy);
}

/* The source's word in ours; whatever case. */
static const char *translate(const yaml_node *node, hub_bytes text)
{
    const yaml_node *words = yaml_get(node, "words");
    for (size_t i = 0; i < yaml_count(words); i++) {
        if (formats_bytes_are_any_case(text, yaml_key(words, i))) return yaml_text(yaml_value(words, i), TABLE_TEXT_MAX, NULL);
    }
    return NULL;
}

static void put_date(table_record *record, const yaml_node *node, hub_bytes text, hub_buffer *out)
{
    formats_date date;
    if (formats_date_of_row(text, &date))
        hub_buffer_put_format(out, "\"%04d-%02d-%02d\"", date.year, date.month, date.day);
    else
        fault(record, node, "date does not exist or is neither dd/mm/yyyy nor yyyy-mm-dd");
}

static bool is_number(hub_bytes text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') return false;
    }
    return text.size > 0 && text.size <= 18 && (text.size == 1 || text.data[0] != '0');
}

/* Does the field hold so large a number? */
static bool fits(hub_bytes digits, ProtobufCType type)
{
    uint64_t number = 0;
    for (size_t i = 0; i < digits.size; i++)
        number = number * 10 + (uint64_t)(digits.data[i] - '0');
    bool is_32 = type == PROTOBUF_C_TYPE_INT32 || type == PROTOBUF_C_TYPE_SINT32 || type == PROTOBUF_C_TYPE_SFIXED32;
    bool is_u32 = type == PROTOBUF_C_TYPE_UINT32 || type == PROTOBUF_C_TYPE_FIXED32;
    return !((is_32 && number > INT32_MAX) || (is_u32 && number > UINT32_MAX));
}

static void put_boolean(table_record *record, const yaml_node *node, hub_bytes text, hub_buffer *out)
{
    static const char *const YES[] = {"true", "yes", "y", "1"};
    static const char *const NO[] = {"false", "no", "n", "0"};
    for (size_t i = 0; i < sizeof YES / sizeof YES[0]; i++) {
        if (formats_bytes_are_any_case(text, YES[i]) || formats_bytes_are_any_case(text, NO[i])) {
            hub_buffer_put_text(out, formats_bytes_are_any_case(text, YES[i]) ? "true" : "false");
            return;
        }
    }
    fault(record, node, "must be yes or no");
}

static bool ends_with_at(const char *name)
{
    size_t size = strlen(name);
    return size > 3 && strcmp(name + size - 3, "_at") == 0;
}

static void put_enum(table_record *record, const yaml_node *node, const ProtobufCFieldDescriptor *field, hub_bytes text,
                     hub_buffer *out)
{
    int value;
    char name[64];
    const char *word = translate(node, text);
    (void)snprintf(name, sizeof name, "%.*s", (int)text.size, (const char *)text.data);
    if (word == NULL && text.size < sizeof name && event_enum_of_name(field->descriptor, name, &value)) word = name;
    if (word != NULL)
        json_put_text(out, word);
    else
        fault(record, node, "a word that the table does not know; add it under words");
}

/* One value of the record, as the field wants it. */
static void put_value(table_record *record, const yaml_node *node, const ProtobufCFieldDescriptor *field, hub_bytes text,
                      hub_buffer *out)
{
    int64_t ms;
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        if (translate(node, text) != NULL)
            json_put_text(out, translate(node, text));
        else
            put_text(out, text);
        return;
    case PROTOBUF_C_TYPE_ENUM:
        put_enum(record, node, field, text, out);
        return;
    case PROTOBUF_C_TYPE_BOOL:
        put_boolean(record, node, text, out);
        return;
    case PROTOBUF_C_TYPE_MESSAGE:
        put_date(record, node, text, out);
        return;
    default:
        break;
    }
    if (ends_with_at(field->name) && formats_instant_of_row(text, record->options, &ms))
        hub_buffer_put_format(out, "%" PRId64, ms);
    else if (ends_with_at(field->name))
        fault(record, node, "date or time does not exist or is neither dd/mm/yyyy hh:mm nor ISO 8601");
    else if (is_number(text) && !fits(text, field->type))
        fault(record, node, "larger than this field of an event can hold");
    else if (is_number(text))
        hub_buffer_put(out, text.data, text.size);
    else
        fault(record, node, "must be a whole number");
}

static hub_bytes trimmed(hub_bytes text)
{
    while (text.size > 0 && strchr(" \t\r\n", text.data[0]) != NULL && text.data[0] != '\0')
        text = hub_bytes_of(text.data + 1, text.size - 1);
    while (text.size > 0 && strchr(" \t\r\n", text.data[text.size - 1]) != NULL && text.data[text.size - 1] != '\0')
        text.size--;
    return text;
}

static size_t split_values(hub_bytes text, char mark, hub_bytes values[TABLE_VALUES_MAX])
{
    size_t count = 0;
    while (text.size > 0 && count < TABLE_VALUES_MAX) {
        const uint8_t *stop = memchr(text.data, mark, text.size);
        size_t size = stop != NULL ? (size_t)(stop - text.data) : text.size;
        hub_bytes part = trimmed(hub_bytes_of(text.data, size));
        if (part.size > 0) values[count++] = part;
        size += stop != NULL;
        text = hub_bytes_of(text.data + size, text.size - size);
    }
    return count;
}

static said put_taken(table_record *record, const yaml_node *node, const ProtobufCFieldDescriptor *field, hub_buffer *out)
{
    hub_bytes values[TABLE_VALUES_MAX];
    char scratch[FORMATS_JSON_DIGITS];
    const yaml_node *split = yaml_get(node, "split");
    bool is_list = field->label == PROTOBUF_C_LABEL_REPEATED;
    size_t count = table_values(record, yaml_text(yaml_get(node, "take"), 64, NULL), values, scratch);
    if (count == 1 && split != NULL) count = split_values(values[0], yaml_text(split, 8, NULL)[0], values);
    if (count == TABLE_OTHER_SHAPE) fault(record, node, "must be a text, a whole number, or a list of at most 32 texts");
    if (count == 0 || count == TABLE_OTHER_SHAPE) return NOT_STATED;
    if (count > 1 && !is_list) fault(record, node, "several values, and the field has one");
    if (is_list) hub_buffer_put_text(out, "[");
    for (size_t i = 0; i < (is_list ? count : 1); i++) {
        if (i > 0) hub_buffer_put_text(out, ",");
        put_value(record, node, field, values[i], out);
    }
    if (is_list) hub_buffer_put_text(out, "]");
    return SAID;
}

static said put_map(table_record *record, const yaml_node *node, const ProtobufCMessageDescriptor *message, hub_buffer *out);

/* A constant, a column or a message. */
static said put_one(table_record *record, const yaml_node *node, const ProtobufCFieldDescriptor *field,
                    hub_buffer *out) // NOLINT(misc-no-recursion): YAML's depth
{
    bool is_message = field->type == PROTOBUF_C_TYPE_MESSAGE && field->descriptor != &mash__v1__date__descriptor;
    if (is_taken(node)) return put_taken(record, node, field, out);
    if (is_message) return put_map(record, node, field->descriptor, out);
    const char *text = yaml_text(node, TABLE_TEXT_MAX, NULL);
    bool is_bare =
        field->type == PROTOBUF_C_TYPE_BOOL || (field->type != PROTOBUF_C_TYPE_STRING && is_number(hub_bytes_of_text(text)));
    if (is_bare)
        hub_buffer_put_text(out, text);
    else
        json_put_text(out, text);
    return SAID;
}

static said put_list(table_record *record, const yaml_node *node, const ProtobufCFieldDescriptor *field,
                     hub_buffer *out) // NOLINT(misc-no-recursion): as above
{
    size_t before = out->size;
    bool any = false;
    hub_buffer_put_text(out, "[");
    for (size_t i = 0; i < yaml_count(node); i++) {
        hub_buffer element = {0};
        ProtobufCFieldDescriptor single = *field;
        single.label = PROTOBUF_C_LABEL_OPTIONAL;
        if (put_one(record, yaml_item(node, i), &single, &element) == SAID) {
            if (any) hub_buffer_put_text(out, ",");
            hub_buffer_put(out, element.data, element.size);
            any = true;
        }
        if (element.failed) out->failed = true;
        hub_buffer_free(&element);
    }
    hub_buffer_put_text(out, "]");
    if (any) return SAID;
    out->size = before;
    return NOT_STATED;
}

static bool takes_anything(const yaml_node *node) // NOLINT(misc-no-recursion): as above
{
    bool any = is_taken(node);
    for (size_t i = 0; i < yaml_count(node) && !any; i++)
        any = takes_anything(yaml_is_list(node) ? yaml_item(node, i) : yaml_value(node, i));
    return any;
}

/* Of an identifier a placeholder is no value: without a value there is no identifier. */
static bool is_placeholder(const table_record *record, const yaml_node *node, const ProtobufCMessageDescriptor *message)
{
    hub_bytes values[TABLE_VALUES_MAX];
    char scratch[FORMATS_JSON_DIGITS];
    int scheme = 0;
    const yaml_node *value = yaml_get(node, "value");
    if (message != &mash__v1__identifier__descriptor || !is_taken(value)) return false;
    (void)event_enum_of_name(&mash__v1__identifier_scheme__descriptor, yaml_text(yaml_get(node, "scheme"), 64, NULL), &scheme);
    size_t count = table_values(record, yaml_text(yaml_get(value, "take"), 64, NULL), values, scratch);
    if (count == TABLE_OTHER_SHAPE) return false; /* put_taken says so */
    return count == 0 || !formats_identifies((Mash__V1__IdentifierScheme)scheme, values[0], record->options->this_year);
}

/* Constants alone say nothing of a record: a map whose columns are all empty is left out. */
static said put_map(table_record *record, const yaml_node *node, const ProtobufCMessageDescriptor *message,
                    hub_buffer *out) // NOLINT(misc-no-recursion): as above
{
    size_t before = out->size;
    bool first = true;
    bool any_taken = false;
    bool is_event = message == &mash__v1__event__descriptor;
    if (is_placeholder(record, node, message)) return NOT_STATED;
    hub_buffer_put_text(out, "{");
    for (size_t i = 0; i < yaml_count(node); i++) {
        size_t here = out->size;
        const yaml_node *value = yaml_value(node, i);
        const ProtobufCFieldDescriptor *field = table_field(message, yaml_key(node, i));
        hub_buffer_put_format(out, "%s\"%s\":", first ? "" : ",", field->name);
        bool is_list = field->label == PROTOBUF_C_LABEL_REPEATED && !is_taken(value);
        said outcome = is_list ? put_list(record, value, field, out) : put_one(record, value, field, out);
        bool is_payload = is_event && (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
        if (outcome == NOT_STATED && is_payload) {
            hub_buffer_put_text(out, "{}"); /* what happened is said, even when nothing more of it is */
            outcome = SAID;
        }
        any_taken = any_taken || (outcome == SAID && takes_anything(value));
        if (outcome == NOT_STATED) out->size = here;
        if (outcome == SAID) first = false;
    }
    hub_buffer_put_text(out, "}");
    if (any_taken || is_event || !takes_anything(node)) return SAID;
    out->size = before;
    return NOT_STATED;
}

void table_write(table_record *record, hub_buffer *out)
{
    (void)put_map(record, record->table->event, &mash__v1__event__descriptor, out);
}
