#include "event/event.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const struct {
    Mash__V1__Agency agency;
    const char *name;
} AGENCIES[] = {
    {MASH__V1__AGENCY__AGENCY_POLICE, "police"},
    {MASH__V1__AGENCY__AGENCY_HEALTH, "health"},
    {MASH__V1__AGENCY__AGENCY_PROBATION, "probation"},
    {MASH__V1__AGENCY__AGENCY_EDUCATION, "education"},
    {MASH__V1__AGENCY__AGENCY_CHILDRENS_SERVICES, "childrens-services"},
    {MASH__V1__AGENCY__AGENCY_ADULT_SERVICES, "adult-services"},
    {MASH__V1__AGENCY__AGENCY_VOLUNTARY, "voluntary"},
    {MASH__V1__AGENCY__AGENCY_HOUSING, "housing"},
    {MASH__V1__AGENCY__AGENCY_MASH, "mash"},
};
enum { AGENCY_COUNT = sizeof AGENCIES / sizeof AGENCIES[0] };

const char *event_agency_name(Mash__V1__Agency agency)
{
    for (size_t i = 0; i < AGENCY_COUNT; i++) {
        if (AGENCIES[i].agency == agency) return AGENCIES[i].name;
    }
    return NULL;
}

Mash__V1__Agency event_agency_of_name(const char *name)
{
    for (size_t i = 0; i < AGENCY_COUNT; i++) {
        if (strcmp(AGENCIES[i].name, name) == 0) return AGENCIES[i].agency;
    }
    return MASH__V1__AGENCY__AGENCY_UNSPECIFIED;
}

static bool is_payload(const ProtobufCFieldDescriptor *field)
{
    return (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
}

const char *event_payload_name(uint32_t payload)
{
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(&mash__v1__event__descriptor, payload);
    return field != NULL && is_payload(field) ? field->name : NULL;
}

uint32_t event_payload_of_name(const char *name)
{
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field_by_name(&mash__v1__event__descriptor, name);
    return field != NULL && is_payload(field) ? field->id : 0;
}

/* Length of the prefix that an enum's values share: "GRADE_LEVEL_" of "GRADE_LEVEL_UNSPECIFIED". Every enum of the contract begins
 * with its UNSPECIFIED; a value that stands without the prefix keeps its whole name. */
static size_t prefix_length(const ProtobufCEnumDescriptor *descriptor)
{
    static const char FIRST[] = "UNSPECIFIED";
    const char *first = descriptor->values[0].name;
    size_t length = strlen(first);
    size_t suffix = sizeof FIRST - 1;
    return length > suffix && strcmp(first + length - suffix, FIRST) == 0 ? length - suffix : 0;
}

static const char *without_prefix(const ProtobufCEnumDescriptor *descriptor, const char *name)
{
    size_t prefix = prefix_length(descriptor);
    return strncmp(name, descriptor->values[0].name, prefix) == 0 ? name + prefix : name;
}

const char *event_enum_name(const ProtobufCEnumDescriptor *descriptor, int value, char out[64])
{
    const ProtobufCEnumValue *found = protobuf_c_enum_descriptor_get_value(descriptor, value);
    if (found == NULL) return "unknown";
    (void)snprintf(out, 64, "%s", without_prefix(descriptor, found->name));
    for (char *at = out; *at != '\0'; at++) {
        if (*at >= 'A' && *at <= 'Z') *at = (char)(*at - 'A' + 'a');
    }
    return out;
}

bool event_enum_of_name(const ProtobufCEnumDescriptor *descriptor, const char *name, int *value)
{
    for (unsigned i = 0; i < descriptor->n_values; i++) {
        const char *full = descriptor->values[i].name;
        if (strcasecmp(full, name) != 0 && strcasecmp(without_prefix(descriptor, full), name) != 0) continue;
        *value = descriptor->values[i].value;
        return true;
    }
    return false;
}
