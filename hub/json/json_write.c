#include "json/json.h"

#include <stdbool.h>
#include <string.h>

#include "event/event.h"
#include "event/wire.h"

void json_put_text(hub_buffer *out, const char *text)
{
    static const char SHORT_ESCAPES[] = "\"\\\b\f\n\r\t";
    static const char *const ESCAPED[] = {"\\\"", "\\\\", "\\b", "\\f", "\\n", "\\r", "\\t"};
    hub_buffer_put_text(out, "\"");
    for (const char *at = text; *at != '\0'; at++) {
        const char *escape = strchr(SHORT_ESCAPES, *at);
        if (escape != NULL)
            hub_buffer_put_text(out, ESCAPED[escape - SHORT_ESCAPES]);
        else if ((unsigned char)*at < 0x20 || *at == 0x7f)
            hub_buffer_put_format(out, "\\u%04x", (unsigned)*at);
        else
            hub_buffer_put(out, at, 1);
    }
    hub_buffer_put_text(out, "\"");
}

typedef struct writer {
    hub_buffer *out;
    json_form form;
    int depth;
} writer;

static void put_hex(writer *w, const ProtobufCBinaryData *bytes)
{
    hub_buffer_put_text(w->out, "\"");
    for (size_t i = 0; i < bytes->len; i++)
        hub_buffer_put_format(w->out, "%02x", bytes->data[i]);
    hub_buffer_put_text(w->out, "\"");
}

/* Anything else is written as the three numbers it is, so that it can be read back and refused by name. */
static bool is_writable_date(const Mash__V1__Date *date)
{
    bool has_month = date->month > 0 && date->month < 100;
    bool has_day = date->day > 0 && date->day < 100;
    if (date->year <= 0 || date->year > 9999) return false;
    return (has_month || date->month == 0) && (has_day ? has_month : date->day == 0);
}

static void put_date(writer *w, const Mash__V1__Date *date)
{
    if (date->day != 0)
        hub_buffer_put_format(w->out, "\"%04d-%02d-%02d\"", date->year, date->month, date->day);
    else if (date->month != 0)
        hub_buffer_put_format(w->out, "\"%04d-%02d\"", date->year, date->month);
    else
        hub_buffer_put_format(w->out, "\"%04d\"", date->year);
}

static void put_enum(writer *w, const ProtobufCEnumDescriptor *descriptor, int value)
{
    char name[64];
    if (protobuf_c_enum_descriptor_get_value(descriptor, value) == NULL)
        hub_buffer_put_format(w->out, "%d", value);
    else
        json_put_text(w->out, event_enum_name(descriptor, value, name));
}

static void new_line(writer *w)
{
    if (w->form == JSON_COMPACT) return;
    hub_buffer_put_text(w->out, "\n");
    for (int i = 0; i < w->depth; i++)
        hub_buffer_put_text(w->out, "  ");
}

static void put_message(writer *w, const ProtobufCMessage *message);

static void put_value(writer *w, const ProtobufCFieldDescriptor *field, const void *at)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        json_put_text(w->out, *(char *const *)at);
        break;
    case PROTOBUF_C_TYPE_BYTES:
        put_hex(w, at);
        break;
    case PROTOBUF_C_TYPE_BOOL:
        hub_buffer_put_text(w->out, *(const protobuf_c_boolean *)at ? "true" : "false");
        break;
    case PROTOBUF_C_TYPE_ENUM:
        put_enum(w, field->descriptor, *(const int *)at);
        break;
    case PROTOBUF_C_TYPE_INT32:
        hub_buffer_put_format(w->out, "%d", *(const int32_t *)at);
        break;
    case PROTOBUF_C_TYPE_UINT32:
        hub_buffer_put_format(w->out, "%u", *(const uint32_t *)at);
        break;
    case PROTOBUF_C_TYPE_INT64:
        hub_buffer_put_format(w->out, "%lld", (long long)*(const int64_t *)at);
        break;
    case PROTOBUF_C_TYPE_UINT64: {
        uint64_t number = *(const uint64_t *)at;
        hub_buffer_put_format(w->out, number > INT64_MAX ? "\"%llu\"" : "%llu", (unsigned long long)number);
        break;
    }
    default:
        HUB_ASSERT(field->type == PROTOBUF_C_TYPE_MESSAGE); /* the contract has no other type */
        put_message(w, *(ProtobufCMessage *const *)at);
    }
}

static void put_list(writer *w, const ProtobufCFieldDescriptor *field, const uint8_t *base)
{
    size_t count = *(const size_t *)(base + field->quantifier_offset);
    const uint8_t *elements = *(uint8_t *const *)(base + field->offset);
    hub_buffer_put_text(w->out, "[");
    w->depth++;
    for (size_t i = 0; i < count; i++) {
        if (i > 0) hub_buffer_put_text(w->out, ",");
        new_line(w);
        put_value(w, field, elements + i * event_wire_element_bytes(field->type));
    }
    w->depth--;
    new_line(w);
    hub_buffer_put_text(w->out, "]");
}

static void put_message(writer *w, const ProtobufCMessage *message)
{
    if (message->descriptor == &mash__v1__date__descriptor && is_writable_date((const Mash__V1__Date *)message)) {
        put_date(w, (const Mash__V1__Date *)message);
        return;
    }
    const uint8_t *base = (const uint8_t *)message;
    hub_buffer_put_text(w->out, "{");
    w->depth++;
    uint8_t stated[EVENT_WIRE_MESSAGE_FIELDS_MAX];
    unsigned count = event_wire_stated(message, stated);
    for (unsigned i = 0; i < count; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[stated[i]];
        if (i > 0) hub_buffer_put_text(w->out, ",");
        new_line(w);
        hub_buffer_put_format(w->out, w->form == JSON_PRETTY ? "\"%s\": " : "\"%s\":", field->name);
        if (field->label == PROTOBUF_C_LABEL_REPEATED)
            put_list(w, field, base);
        else
            put_value(w, field, base + field->offset);
    }
    w->depth--;
    if (count > 0) new_line(w);
    hub_buffer_put_text(w->out, "}");
}

hub_status json_of_message(const ProtobufCMessage *message, json_form form, hub_buffer *out)
{
    writer w = {.out = out, .form = form};
    put_message(&w, message);
    return out->failed ? HUB_ERR_MEMORY : HUB_OK;
}
