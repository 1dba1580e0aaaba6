#include "said.h"

#include <stdio.h>
#include <string.h>

#include "board/said_grade.h"
#include "event/event.h"
#include "event/wire.h"

enum { DEPTH_MAX = 6 };

/* ---- words -------------------------------------------------------------------------------------------------------------------- */
/* "date_of_birth" as "Date of birth". */
static void put_name(html_page *p, const char *name)
{
    char text[80];
    size_t i = 0;
    for (; name[i] != '\0' && i + 1 < sizeof text; i++)
        text[i] = name[i] == '_' || name[i] == '-' ? ' ' : name[i];
    text[i] = '\0';
    if (text[0] >= 'a' && text[0] <= 'z') text[0] = (char)(text[0] - 'a' + 'A');
    html_text(p, text);
}

static void put_words(html_page *p, const char *name)
{
    char text[80];
    size_t i = 0;
    for (; name[i] != '\0' && i + 1 < sizeof text; i++)
        text[i] = name[i] == '_' || name[i] == '-' ? ' ' : name[i];
    text[i] = '\0';
    html_text(p, text);
}

static void put_date(html_page *p, const Mash__V1__Date *date)
{
    if (date->day > 0) {
        html_number(p, date->day);
        html(p, " ");
    }
    if (date->month >= 1 && date->month <= 12) {
        html_text(p, core_civil_month_name(date->month));
        html(p, " ");
    }
    html_number(p, date->year);
}

/* ---- one value ------------------------------------------------------------------------------------------------------------------ */
static void put_message(html_page *p, const core_policy *policy, const ProtobufCMessage *message, const char *const without[],
                        unsigned depth);

static bool is_instant(const char *name)
{
    size_t length = strlen(name);
    return length > 3 && (strcmp(name + length - 3, "_at") == 0 || strcmp(name + length - 3, "_ms") == 0);
}

static void put_number(html_page *p, const core_policy *policy, const ProtobufCFieldDescriptor *field, int64_t number)
{
    if (!is_instant(field->name)) {
        html_number(p, number);
    } else if (number == 1) {
        html(p, "not known when");
    } else {
        page_when(p, policy, number);
    }
}

static void put_value(html_page *p, const core_policy *policy, const ProtobufCFieldDescriptor *field, const void *at,
                      unsigned depth)
{
    char name[64], hex[65];
    const ProtobufCBinaryData *bytes = at;
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        html_text(p, *(char *const *)at);
        break;
    case PROTOBUF_C_TYPE_MESSAGE:
        if (field->descriptor == &mash__v1__date__descriptor) {
            put_date(p, *(Mash__V1__Date *const *)at);
        } else if (field->descriptor == &mash__v1__grade__descriptor) {
            said_grade(p, *(Mash__V1__Grade *const *)at);
        } else {
            put_message(p, policy, *(ProtobufCMessage *const *)at, NULL, depth + 1);
        }
        break;
    case PROTOBUF_C_TYPE_ENUM:
        put_words(p, event_enum_name(field->descriptor, *(const int *)at, name));
        break;
    case PROTOBUF_C_TYPE_BOOL:
        html_text(p, *(const protobuf_c_boolean *)at ? "yes" : "no");
        break;
    case PROTOBUF_C_TYPE_BYTES:
        if (bytes->len <= 32) {
            hub_hex(bytes->data, bytes->len, hex);
            html_text(p, hex);
        }
        break;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_UINT64:
        put_number(p, policy, field, *(const int64_t *)at);
        break;
    default:
        html_number(p, *(const int32_t *)at);
    }
}

static bool is_set(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field, size_t *count, const void **at)
{
    const uint8_t *base = (const uint8_t *)message;
    *at = base + field->offset;
    *count = 1;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) {
        memcpy(count, base + field->quantifier_offset, sizeof *count);
        memcpy(at, base + field->offset, sizeof *at);
        return *count > 0;
    }
    bool is_chosen = true;
    if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) {
        uint32_t chosen;
        memcpy(&chosen, base + field->quantifier_offset, sizeof chosen);
        is_chosen = chosen == field->id;
    }
    if (!is_chosen) return false;
    const ProtobufCBinaryData *bytes = *at;
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        return (*(char *const *)*at)[0] != '\0';
    case PROTOBUF_C_TYPE_MESSAGE:
        return *(void *const *)*at != NULL;
    case PROTOBUF_C_TYPE_BYTES:
        return bytes->len > 0;
    case PROTOBUF_C_TYPE_BOOL:
        return *(const protobuf_c_boolean *)*at != 0;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_UINT64:
        return *(const int64_t *)*at != 0;
    default:
        return *(const int32_t *)*at != 0;
    }
}

static bool is_without(const char *name, const char *const without[])
{
    for (size_t i = 0; without != NULL && without[i] != NULL; i++) {
        if (strcmp(without[i], name) == 0) return true;
    }
    return false;
}

static void put_message(html_page *p, const core_policy *policy, const ProtobufCMessage *message, const char *const without[],
                        unsigned depth)
{
    bool has_list = false;
    if (depth > DEPTH_MAX) return;
    for (unsigned i = 0; i < 2 * message->descriptor->n_fields; i++) { /* grades first, then all else in the contract's order */
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i % message->descriptor->n_fields];
        size_t count;
        const void *at;
        bool is_grade = field->descriptor == &mash__v1__grade__descriptor;
        if (is_grade != (i < message->descriptor->n_fields)) continue;
        if (is_without(field->name, without) || !is_set(message, field, &count, &at)) continue;
        if (!has_list) html(p, "<dl class=\"board-said\">");
        has_list = true;
        html(p, "<div><dt>");
        put_name(p, field->name);
        html(p, "</dt>");
        for (size_t k = 0; k < count; k++) {
            html(p, "<dd class=\"board-text\">");
            put_value(p, policy, field, (const uint8_t *)at + k * event_wire_element_bytes(field->type), depth);
            html(p, "</dd>");
        }
        html(p, "</div>");
    }
    if (has_list) html(p, "</dl>");
}

void said_fields(html_page *p, const core_policy *policy, const ProtobufCMessage *message, const char *const without[])
{
    put_message(p, policy, message, without, 0);
}

/* ---- an event ------------------------------------------------------------------------------------------------------------------- */
void said_kind(html_page *p, const Mash__V1__Event *event)
{
    const char *name = event_payload_name((uint32_t)event->payload_case);
    put_name(p, name == NULL ? "event" : name);
}

bool said_is_named(const Mash__V1__Subject *s)
{
    return s->family_name[0] != '\0' || s->n_given_names > 0;
}

void said_person(html_page *p, const Mash__V1__Subject *s)
{
    char role[64];
    for (size_t i = 0; i < s->n_given_names; i++) {
        html_text(p, s->given_names[i]);
        html(p, " ");
    }
    html_text(p, said_is_named(s) ? s->family_name : "Somebody");
    if (s->date_of_birth != NULL) {
        html(p, ", born ");
        put_date(p, s->date_of_birth);
    }
    if (s->expected_date != NULL) {
        html(p, ", expected ");
        put_date(p, s->expected_date);
    }
    for (size_t i = 0; i < s->n_roles; i++) {
        html_text(p, i == 0 ? " (" : ", ");
        put_words(p, event_enum_name(&mash__v1__subject_role__descriptor, (int)s->roles[i], role));
    }
    if (s->n_roles > 0) html(p, ")");
}

static void put_factors(html_page *p, Mash__V1__Factor *const *factors, size_t count)
{
    char name[64];
    for (size_t i = 0; i < count; i++) {
        html(p, "<li>");
        put_words(p, event_enum_name(&mash__v1__factor_kind__descriptor, (int)factors[i]->kind, name));
        if (factors[i]->since != NULL) {
            html(p, ", since ");
            put_date(p, factors[i]->since);
        }
        if (factors[i]->note[0] != '\0') {
            html(p, ": <span class=\"board-text\">");
            html_text(p, factors[i]->note);
            html(p, "</span>");
        }
        html(p, "</li>");
    }
}

static void put_picture(html_page *p, const Mash__V1__Picture *picture)
{
    size_t good = picture->n_protective_factors + picture->n_strengths;
    if (picture->n_vulnerability_factors + good == 0) return;
    html(
        p,
        "<div class=\"board-columns\"><div><h4 class=\"govuk-heading-s\">Risks</h4><ul class=\"govuk-list govuk-list--bullet\">");
    put_factors(p, picture->vulnerability_factors, picture->n_vulnerability_factors);
    if (picture->n_vulnerability_factors == 0) html(p, "<li>none stated</li>");
    html(p, "</ul></div><div><h4 class=\"govuk-heading-s\">Strengths</h4><ul class=\"govuk-list govuk-list--bullet\">");
    put_factors(p, picture->protective_factors, picture->n_protective_factors);
    for (size_t i = 0; i < picture->n_strengths; i++) {
        html(p, "<li class=\"board-text\">");
        html_text(p, picture->strengths[i]);
        html(p, "</li>");
    }
    if (good == 0) html(p, "<li>none stated</li>");
    html(p, "</ul></div></div>");
}

static void put_voice(html_page *p, const core_policy *policy, const Mash__V1__Subject *s)
{
    if (s->voice == NULL) return;
    html(p, "<div class=\"govuk-inset-text\"><p class=\"govuk-body-s\">");
    said_person(p, s);
    html(p, ", in their own voice</p>");
    said_fields(p, policy, &s->voice->base, NULL);
    html(p, "</div>");
}

void said_pictures(html_page *p, const core_policy *policy, const Mash__V1__Event *event)
{
    for (size_t i = 0; i < event->n_subjects; i++) {
        const Mash__V1__Subject *s = event->subjects[i];
        bool has = s->picture != NULL &&
                   s->picture->n_vulnerability_factors + s->picture->n_protective_factors + s->picture->n_strengths > 0;
        if (has) {
            html(p, "<p class=\"govuk-body-s\">");
            said_person(p, s);
            html(p, "</p>");
            put_picture(p, s->picture);
        }
        put_voice(p, policy, s);
    }
}
