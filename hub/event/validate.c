#include "event/event.h"

#include <string.h>

#include "event/limits.h"
#include "event/rules.h"
#include "event/wire.h"

#define CODE(name) MASH__V1__REFUSAL_CODE__##name

static const int64_t DAY_MS = 24 * 3600 * 1000;
enum { FAR_DAY = 1000000 }; /* more than 2,700 years either side of 1970 */

/* For any number: it is asked before the number is judged. Days far off are of no use to anybody, only defined. */
static int32_t day_of(int64_t time_ms)
{
    int64_t day = time_ms / DAY_MS - (time_ms % DAY_MS < 0 ? 1 : 0);
    return day < -FAR_DAY ? -FAR_DAY : day > FAR_DAY ? FAR_DAY : (int32_t)day;
}

static int32_t comparable(int32_t day)
{
    int32_t year, month, day_of_month;
    event_day_date(day, &year, &month, &day_of_month);
    return year * EVENT_A_YEAR + month * 100 + day_of_month;
}

static bool check_text(const event_check *check, const ProtobufCMessage *message, const event_place *place, const char *text)
{
    size_t size = strlen(text);
    if (size > EVENT_TEXT_PLAIN_BYTES && size > event_limit_text_bytes(message->descriptor, place->field))
        return event_check_fault(check, place, NULL, CODE(BAD_TEXT),
                                 "longer than this field may be: shorten it, nothing is cut here");
    if (!event_wire_text_is_clean(text, size))
        return event_check_fault(check, place, NULL, CODE(BAD_TEXT), "not UTF-8: convert the source's text");
    return true;
}

static bool check_enum(const event_check *check, const ProtobufCMessage *message, const event_place *place, int value)
{
    if (value == 0) return true; /* not stated: proto3 gives every enum a zero */
    if (protobuf_c_enum_descriptor_get_value(place->field->descriptor, value) == NULL)
        return event_check_fault(check, place, NULL, CODE(BAD_VALUE), "a number that this version's enum does not have");
    bool lists_worries =
        place->field->descriptor == &mash__v1__factor_kind__descriptor && message->descriptor != &mash__v1__factor__descriptor;
    if (lists_worries && value >= EVENT_FIRST_PROTECTIVE_KIND)
        return event_check_fault(check, place, NULL, CODE(BAD_VALUE),
                                 "a protective kind where a risk is named: use picture.protective_factors");
    return true;
}

static bool check_number(const event_check *check, const ProtobufCMessage *message, const event_place *place, int64_t number)
{
    if ((number >= 0 && number <= EVENT_NUMBER_PLAIN_MAX) || event_limit_number(message->descriptor, place->field, number))
        return true;
    return event_check_fault(check, place, NULL, CODE(BAD_VALUE), "out of range");
}

/* Every int64 of an event is a time. */
static bool check_time(const event_check *check, const ProtobufCMessage *message, const event_place *place, int64_t time_ms)
{
    const int64_t first_ms = -3786825600000; /* 1850-01-01 */
    const int64_t end_ms = 7289654400000;    /* 2201-01-01 */
    if (time_ms < first_ms || time_ms >= end_ms)
        return event_check_fault(check, place, NULL, CODE(BAD_VALUE),
                                 "not between 1850 and 2200: times are milliseconds since 1970");
    if (time_ms > check->now_ms + EVENT_FUTURE_MS_MAX && event_limit_is_past(message->descriptor, place->field))
        return event_check_fault(check, place, NULL, CODE(IN_THE_FUTURE),
                                 "more than 10 minutes ahead of the hub: check the source's clock and time zone");
    return true;
}

/* A date's own rule has passed already. The day after recorded_at's is allowed: dates are civil, times are UTC. */
static bool check_past(const event_check *check, const ProtobufCMessage *message, const event_place *place,
                       const Mash__V1__Date *date)
{
    Mash__V1__Date first = *date;
    if (first.month == 0) first.month = 1;
    if (first.day == 0) first.day = 1;
    int32_t day;
    if (!event_date_day(&first, &day) || day <= check->recorded_day + 1) return true;
    if (!event_limit_is_past(message->descriptor, place->field)) return true;
    return event_check_fault(check, place, NULL, CODE(IN_THE_FUTURE), "after the day on which the source recorded it");
}

static bool walk_message(const event_check *check, const ProtobufCMessage *message, const event_place *place);

static bool walk_value(const event_check *check, const ProtobufCMessage *message, const event_place *place, const void *at)
{
    switch (place->field->type) {
    case PROTOBUF_C_TYPE_STRING:
        return check_text(check, message, place, *(char *const *)at);
    case PROTOBUF_C_TYPE_ENUM:
        return check_enum(check, message, place, *(const int *)at);
    case PROTOBUF_C_TYPE_INT32:
        return check_number(check, message, place, *(const int32_t *)at);
    case PROTOBUF_C_TYPE_UINT32:
        return check_number(check, message, place, *(const uint32_t *)at);
    case PROTOBUF_C_TYPE_UINT64: {
        uint64_t number = *(const uint64_t *)at;
        return check_number(check, message, place, number > INT64_MAX ? INT64_MAX : (int64_t)number);
    }
    case PROTOBUF_C_TYPE_INT64:
        return check_time(check, message, place, *(const int64_t *)at);
    case PROTOBUF_C_TYPE_MESSAGE: {
        const ProtobufCMessage *inner = *(ProtobufCMessage *const *)at;
        if (inner == NULL) return true;
        if (!walk_message(check, inner, place)) return false;
        bool is_date = inner->descriptor == &mash__v1__date__descriptor;
        return !is_date || check_past(check, message, place, (const Mash__V1__Date *)inner);
    }
    default:
        return true; /* a bool is either; bytes are three ids, which the event's own rule looks at */
    }
}

static bool walk_list(const event_check *check, const ProtobufCMessage *message, event_place *place, const uint8_t *base)
{
    size_t count = *(const size_t *)(base + place->field->quantifier_offset);
    if (count == 0) return true;
    if (count > EVENT_COUNT_PLAIN && count > event_limit_count(message->descriptor, place->field))
        return event_check_fault(check, place->within, place->field->name, CODE(BAD_VALUE),
                                 "more elements than this list may have");
    const uint8_t *elements = *(uint8_t *const *)(base + place->field->offset);
    size_t size = event_wire_element_bytes(place->field->type);
    for (size_t i = 0; i < count; i++) {
        place->index = (uint32_t)i;
        const void *element = elements + i * size;
        if (place->field->type == PROTOBUF_C_TYPE_ENUM && *(const int *)element == 0)
            return event_check_fault(check, place, NULL, CODE(BAD_VALUE), "an element that states nothing: leave it out");
        if (!walk_value(check, message, place, element)) return false;
    }
    return true;
}

static bool walk_message(const event_check *check, const ProtobufCMessage *message, const event_place *place)
{
    const ProtobufCMessageDescriptor *descriptor = message->descriptor;
    event_rule *rule = event_rule_of(descriptor);
    if (rule != NULL && !rule(check, message, place)) return false;
    if (descriptor == &mash__v1__date__descriptor) return true;

    const uint8_t *base = (const uint8_t *)message;
    uint8_t stated[EVENT_WIRE_MESSAGE_FIELDS_MAX];
    unsigned count = event_wire_stated(message, stated);
    for (unsigned i = 0; i < count; i++) {
        event_place here = {.within = place, .field = &descriptor->fields[stated[i]]};
        bool passed = here.field->label == PROTOBUF_C_LABEL_REPEATED
                          ? walk_list(check, message, &here, base)
                          : walk_value(check, message, &here, base + here.field->offset);
        if (!passed) return false;
    }
    return true;
}

bool event_validate(const Mash__V1__Event *event, int64_t now_ms, event_problem *problem)
{
    *problem = (event_problem){0};
    event_check check = {.event = event, .now_ms = now_ms, .problem = problem};
    bool is_known = event->occurred_at != EVENT_OCCURRED_NOT_KNOWN;
    check.recorded_day = day_of(event->recorded_at);
    check.happened_day = is_known ? day_of(event->occurred_at) : check.recorded_day;
    check.occurred = is_known ? comparable(check.happened_day) : 0;
    check.happened_by = comparable(check.happened_day + 1);
    check.recorded_by = comparable(check.recorded_day + 1);
    return walk_message(&check, &event->base, NULL);
}
