#include "json/json.h"

#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "event/event.h"
#include "event/place.h"
#include "event/wire.h"

typedef struct reader {
    hub_arena *arena;
    hub_error *err;
} reader;

static hub_status fault(const reader *r, const event_place *place, const char *cause)
{
    char path[200];
    event_place_path(place, EVENT_PLACE_WITH_POSITIONS, path, sizeof path);
    return hub_fail(r->err, HUB_ERR_INVALID, "%s: %s", path[0] == '\0' ? "the message" : path, cause);
}

static hub_status no_memory(const reader *r)
{
    return hub_fail(r->err, HUB_ERR_MEMORY, "the JSON would take more memory than one message may: split it");
}

/* ---- dates and times ------------------------------------------------------------------------------------------------------------ */

/* Reads exactly `count` digits and moves on; -1 when there are fewer. */
static int take_digits(const char **at, int count)
{
    int value = 0;
    for (int i = 0; i < count; i++, (*at)++) {
        if (**at < '0' || **at > '9') return -1;
        value = value * 10 + (**at - '0');
    }
    return value;
}

static bool take_character(const char **at, char wanted)
{
    if (**at != wanted) return false;
    (*at)++;
    return true;
}

/* YYYY, YYYY-MM or YYYY-MM-DD. Whether the day exists is event_validate's to say. */
static bool read_date(const char *text, Mash__V1__Date *date)
{
    date->year = take_digits(&text, 4);
    if (take_character(&text, '-')) {
        date->month = take_digits(&text, 2);
        if (take_character(&text, '-')) date->day = take_digits(&text, 2);
    }
    return *text == '\0' && date->year > 0 && date->month >= 0 && date->day >= 0;
}

/* RFC 3339: 2026-04-07T12:30:00[.fff](Z|+01:00). A time without zone is refused: whose noon would it be? */
static bool read_time(const char *text, int64_t *time_ms)
{
    Mash__V1__Date date;
    mash__v1__date__init(&date);
    int32_t day;
    date.year = take_digits(&text, 4);
    if (!take_character(&text, '-')) return false;
    date.month = take_digits(&text, 2);
    if (!take_character(&text, '-')) return false;
    date.day = take_digits(&text, 2);
    if (!event_date_day(&date, &day) || !take_character(&text, 'T')) return false;
    int hour = take_digits(&text, 2);
    if (!take_character(&text, ':')) return false;
    int minute = take_digits(&text, 2);
    if (!take_character(&text, ':')) return false;
    int second = take_digits(&text, 2);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return false;
    int millisecond = 0;
    if (take_character(&text, '.')) {
        int scale = 100;
        if (*text < '0' || *text > '9') return false;
        for (; *text >= '0' && *text <= '9'; text++, scale /= 10)
            millisecond += (*text - '0') * scale;
    }
    int offset_minutes = 0;
    if (!take_character(&text, 'Z')) {
        int sign = *text == '+' ? 1 : *text == '-' ? -1 : 0;
        if (sign == 0) return false;
        text++;
        int offset_hour = take_digits(&text, 2);
        if (!take_character(&text, ':')) return false;
        int offset_minute = take_digits(&text, 2);
        if (offset_hour < 0 || offset_hour > 14 || offset_minute < 0 || offset_minute > 59) return false;
        offset_minutes = sign * (offset_hour * 60 + offset_minute);
    }
    *time_ms = (((int64_t)day * 24 + hour) * 60 + minute - offset_minutes) * 60000 + second * 1000 + millisecond;
    return *text == '\0';
}

static bool is_time(const ProtobufCFieldDescriptor *field)
{
    size_t length = strlen(field->name);
    if (field->type != PROTOBUF_C_TYPE_INT64 || length < 3) return false;
    return strcmp(field->name + length - 3, "_at") == 0 || strcmp(field->name + length - 3, "_ms") == 0;
}

/* ---- single values -------------------------------------------------------------------------------------------------------------- */

static bool read_decimal(const char *text, uint64_t *number)
{
    uint64_t value = 0;
    if (*text == '\0') return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9') return false;
        uint64_t digit = (uint64_t)(*text - '0');
        if (value > (UINT64_MAX - digit) / 10) return false;
        value = value * 10 + digit;
    }
    *number = value;
    return true;
}

static hub_status read_number(const reader *r, const event_place *place, const json_t *value, void *at)
{
    static const struct {
        ProtobufCType type;
        json_int_t least, most;
    } RANGES[] = {
        {PROTOBUF_C_TYPE_INT32, INT32_MIN, INT32_MAX},
        {PROTOBUF_C_TYPE_UINT32, 0, UINT32_MAX},
        {PROTOBUF_C_TYPE_INT64, INT64_MIN, INT64_MAX},
        {PROTOBUF_C_TYPE_UINT64, 0, INT64_MAX},
    };
    ProtobufCType type = place->field->type;
    if (json_is_string(value)) {
        if (type == PROTOBUF_C_TYPE_UINT64 && read_decimal(json_string_value(value), at)) return HUB_OK;
        if (!is_time(place->field)) return fault(r, place, "must be a whole number");
        if (read_time(json_string_value(value), at)) return HUB_OK;
        return fault(r, place, "must be milliseconds since 1970, or a time such as 2026-04-07T12:30:00Z with its zone");
    }
    if (!json_is_integer(value)) return fault(r, place, "must be a whole number");
    json_int_t number = json_integer_value(value);
    size_t i = 0;
    while (i < sizeof RANGES / sizeof RANGES[0] && RANGES[i].type != type)
        i++;
    HUB_ASSERT(i < sizeof RANGES / sizeof RANGES[0]);
    if (number < RANGES[i].least || number > RANGES[i].most) return fault(r, place, "is out of range");
    if (type == PROTOBUF_C_TYPE_INT64 || type == PROTOBUF_C_TYPE_UINT64)
        *(int64_t *)at = number;
    else if (type == PROTOBUF_C_TYPE_UINT32)
        *(uint32_t *)at = (uint32_t)number;
    else
        *(int32_t *)at = (int32_t)number;
    return HUB_OK;
}

/* A short list is told, a long one named. */
static hub_status fault_of_enum(const reader *r, const event_place *place, const ProtobufCEnumDescriptor *names)
{
    enum { NAMES_TOLD_MAX = 8 };
    char cause[200] = "must be one of the names of its enum in proto/mash/v1", name[64];
    int used = 0;
    for (unsigned i = 0; i < names->n_values && names->n_values <= NAMES_TOLD_MAX + 1; i++) {
        if (names->values[i].value == 0 || used >= (int)sizeof cause) continue; /* 0 is what nobody has said */
        used += snprintf(cause + used, sizeof cause - (size_t)used, "%s%s", used == 0 ? "must be one of " : ", ",
                         event_enum_name(names, names->values[i].value, name));
    }
    return fault(r, place, cause);
}

static hub_status read_enum(const reader *r, const event_place *place, const json_t *value, int *at)
{
    if (json_is_integer(value) && json_integer_value(value) >= 0 && json_integer_value(value) <= INT_MAX) {
        *at = (int)json_integer_value(value);
        return HUB_OK;
    }
    if (json_is_string(value) && event_enum_of_name(place->field->descriptor, json_string_value(value), at)) return HUB_OK;
    return fault_of_enum(r, place, place->field->descriptor);
}

static hub_status read_text(const reader *r, const event_place *place, const json_t *value, char **at)
{
    if (!json_is_string(value)) return fault(r, place, "must be text in quotes");
    *at = hub_arena_copy(r->arena, json_string_value(value), json_string_length(value));
    return *at == NULL ? no_memory(r) : HUB_OK;
}

static hub_status read_bytes(const reader *r, const event_place *place, const json_t *value, ProtobufCBinaryData *at)
{
    const char *text = json_is_string(value) ? json_string_value(value) : "x";
    size_t length = strlen(text);
    hub_id id;
    if (length == HUB_ID_TEXT_BYTES - 1 && hub_id_parse(text, &id)) {
        at->data = hub_arena_copy(r->arena, id.bytes, sizeof id.bytes);
        at->len = sizeof id.bytes;
        return at->data == NULL ? no_memory(r) : HUB_OK;
    }
    if (length % 2 != 0) return fault(r, place, "must be hex digits, two a byte, or a UUID");
    at->data = hub_arena_take(r->arena, length / 2 + 1);
    at->len = length / 2;
    if (at->data == NULL) return no_memory(r);
    return hub_unhex(text, at->data, at->len) ? HUB_OK : fault(r, place, "must be hex digits, two a byte, or a UUID");
}

/* ---- messages ------------------------------------------------------------------------------------------------------------------- */

static hub_status read_message(const reader *r, const event_place *place, const ProtobufCMessageDescriptor *descriptor,
                               const json_t *value, ProtobufCMessage **at);

static hub_status read_value(const reader *r, const event_place *place, const json_t *value, void *at)
{
    switch (place->field->type) {
    case PROTOBUF_C_TYPE_STRING:
        return read_text(r, place, value, at);
    case PROTOBUF_C_TYPE_BYTES:
        return read_bytes(r, place, value, at);
    case PROTOBUF_C_TYPE_ENUM:
        return read_enum(r, place, value, at);
    case PROTOBUF_C_TYPE_MESSAGE:
        return read_message(r, place, place->field->descriptor, value, at);
    case PROTOBUF_C_TYPE_BOOL:
        if (!json_is_boolean(value)) return fault(r, place, "must be true or false");
        *(protobuf_c_boolean *)at = json_is_true(value);
        return HUB_OK;
    default:
        return read_number(r, place, value, at);
    }
}

static_assert(sizeof(int) == sizeof(int32_t), "an enum is stored as an int");

/* Names the key when it has the form of a field's name; anything else may be a value that went astray. */
static hub_status named_fault(const reader *r, const event_place *within, const char *key, const char *rule)
{
    size_t length = strspn(key, "abcdefghijklmnopqrstuvwxyz_");
    bool is_name = length > 0 && length <= 40 && key[length] == '\0';
    char cause[160];
    (void)snprintf(cause, sizeof cause, "holds a key%s%s%s %s", is_name ? " \"" : "", is_name ? key : "", is_name ? "\"" : "",
                   rule);
    return fault(r, within, cause);
}

static hub_status read_list(const reader *r, event_place *place, const json_t *value, uint8_t *base)
{
    if (!json_is_array(value))
        return named_fault(r, place->within, place->field->name, "which must be a list in square brackets");
    size_t count = json_array_size(value);
    if (count == 0) return HUB_OK;
    size_t size = event_wire_element_bytes(place->field->type);
    uint8_t *elements = hub_arena_take(r->arena, count * size);
    if (elements == NULL) return no_memory(r);
    for (size_t i = 0; i < count; i++) {
        place->index = (uint32_t)i;
        hub_status status = read_value(r, place, json_array_get(value, i), elements + i * size);
        if (status != HUB_OK) return status;
    }
    *(size_t *)(base + place->field->quantifier_offset) = count;
    *(uint8_t **)(base + place->field->offset) = elements;
    return HUB_OK;
}

static hub_status read_field(const reader *r, const event_place *within, const char *key, const json_t *value,
                             ProtobufCMessage *message)
{
    event_place place = {.within = within, .field = protobuf_c_message_descriptor_get_field_by_name(message->descriptor, key)};
    if (place.field == NULL) return named_fault(r, within, key, "that its message in proto/mash/v1 does not have");
    if (json_is_null(value)) return HUB_OK;
    uint8_t *base = (uint8_t *)message;
    if (place.field->label == PROTOBUF_C_LABEL_REPEATED) return read_list(r, &place, value, base);
    if ((place.field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) {
        uint32_t *chosen = (uint32_t *)(base + place.field->quantifier_offset);
        if (*chosen != 0) return fault(r, &place, "is a second choice where only one may be made");
        *chosen = place.field->id;
    }
    return read_value(r, &place, value, base + place.field->offset);
}

static hub_status read_message(const reader *r, const event_place *place, const ProtobufCMessageDescriptor *descriptor,
                               const json_t *value, ProtobufCMessage **at)
{
    ProtobufCMessage *message = hub_arena_take(r->arena, descriptor->sizeof_message);
    if (message == NULL) return no_memory(r);
    descriptor->message_init(message);
    *at = message;
    if (json_is_string(value) && descriptor == &mash__v1__date__descriptor) {
        if (read_date(json_string_value(value), (Mash__V1__Date *)message)) return HUB_OK;
        return fault(r, place, "must be a date such as 2026-04-07, or 2026-04, or 2026");
    }
    if (!json_is_object(value)) return fault(r, place, "must be an object in curly brackets");
    const char *key;
    json_t *inner;
    json_object_foreach((json_t *)value, key, inner)
    {
        hub_status status = read_field(r, place, key, inner, message);
        if (status != HUB_OK) return status;
    }
    return HUB_OK;
}

/* jansson's own words quote the text, which may be about a person. */
static const char *cause_of(const json_error_t *error)
{
    switch (json_error_code(error)) {
    case json_error_duplicate_key:
        return "a key stands twice in one object";
    case json_error_invalid_utf8:
        return "text that is not UTF-8";
    case json_error_null_character:
        return "text that holds NUL";
    case json_error_premature_end_of_input:
        return "the JSON ends too early";
    case json_error_end_of_input_expected:
        return "something follows after the end of the JSON";
    case json_error_numeric_overflow:
        return "a number that is too large";
    case json_error_stack_overflow:
        return "nested too deeply";
    case json_error_out_of_memory:
        return "out of memory";
    default:
        return "not JSON";
    }
}

hub_status json_to_message(const ProtobufCMessageDescriptor *descriptor, hub_bytes text, hub_arena *arena, ProtobufCMessage **out,
                           hub_error *err)
{
    *out = NULL;
    if (text.size > JSON_TEXT_BYTES_MAX)
        return hub_fail(err, HUB_ERR_INVALID, "more than %d bytes of JSON: split it", JSON_TEXT_BYTES_MAX);
    json_error_t error;
    json_t *value = json_loadb((const char *)text.data, text.size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (value == NULL) {
        bool memory = json_error_code(&error) == json_error_out_of_memory;
        return hub_fail(err, memory ? HUB_ERR_MEMORY : HUB_ERR_INVALID, "line %d, column %d: %s", error.line, error.column,
                        cause_of(&error));
    }
    reader r = {.arena = arena, .err = err};
    ProtobufCMessage *message = NULL;
    hub_status status = read_message(&r, NULL, descriptor, value, &message);
    json_decref(value);
    if (status == HUB_OK) *out = message;
    return status;
}
