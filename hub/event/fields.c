#include "event/fields.h"

#include <stddef.h>
#include <string.h>

#include "base/status.h"
#include "event/field_table.h"
#include "event/place.h"
#include "event/wire.h"

static bool is_choice(const ProtobufCFieldDescriptor *field)
{
    return (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
}

static bool has_bit(const event_field_set *set, unsigned number)
{
    return (set->bits[number / 64] >> (number % 64) & 1) != 0;
}

static void set_bit(event_field_set *set, unsigned number)
{
    HUB_ASSERT(number < EVENT_FIELDS_MAX);
    set->bits[number / 64] |= (uint64_t)1 << (number % 64);
}

/* The field named by the text up to the next dot, and what follows the dot ("" at the end); NULL when there is none. */
static const ProtobufCFieldDescriptor *next_field(const ProtobufCMessageDescriptor *descriptor, const char **path)
{
    size_t length = strcspn(*path, ".");
    for (unsigned i = 0; i < descriptor->n_fields; i++) {
        const char *name = descriptor->fields[i].name;
        if (strncmp(name, *path, length) != 0 || name[length] != '\0') continue;
        *path += length;
        if (**path == '.') *path += 1;
        return &descriptor->fields[i];
    }
    return NULL;
}

bool event_fields_add(event_field_set *set, const char *path)
{
    const ProtobufCMessageDescriptor *descriptor = &mash__v1__event__descriptor;
    const event_field_row *row = &EVENT_FIELD_ROWS[0];
    HUB_ASSERT(EVENT_FIELD_COUNT <= EVENT_FIELDS_MAX);
    size_t length = strlen(path);
    if (length == 0 || path[length - 1] == '.') return false;

    event_field_set added = {{0}};
    unsigned start = 0;
    while (*path != '\0' && strcmp(path, "*") != 0) {
        const ProtobufCFieldDescriptor *field = descriptor == NULL ? NULL : next_field(descriptor, &path);
        if (field == NULL) return false;
        event_field_entry entry = EVENT_FIELD_ENTRIES[row->first_entry + (field - descriptor->fields)];
        set_bit(&added, start + entry.number);
        start += entry.number + 1U;
        bool holds_message = entry.row != EVENT_FIELD_NO_ROW;
        descriptor = holds_message ? field->descriptor : NULL;
        row = holds_message ? &EVENT_FIELD_ROWS[entry.row] : NULL;
    }
    if (descriptor == NULL && *path != '\0') return false;        /* ".*" after a field that holds no message */
    if (descriptor == &mash__v1__event__descriptor) return false; /* "*" alone: a list says what it allows */
    for (unsigned i = 0; row != NULL && i < row->size; i++)
        set_bit(&added, start + i);
    for (size_t i = 0; i < sizeof set->bits / sizeof set->bits[0]; i++)
        set->bits[i] |= added.bits[i];
    return true;
}

bool event_payload_field(uint32_t payload, event_field *out)
{
    const ProtobufCMessageDescriptor *event = &mash__v1__event__descriptor;
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(event, payload);
    if (field == NULL || !is_choice(field)) return false;
    *out = (event_field)EVENT_FIELD_ENTRIES[field - event->fields].number;
    return true;
}

/* ---- listing --------------------------------------------------------------------------------------------------------------------- */

typedef struct listing {
    const event_field_set *set;
    event_field_cb *each;
    void *context;
} listing;

/* `start`: number of the message's first field. */
static void list_message(const listing *l, const ProtobufCMessageDescriptor *descriptor, const event_field_row *row,
                         unsigned start, const event_place *place)
{
    for (unsigned i = 0; i < descriptor->n_fields; i++) {
        event_place here = {.within = place, .field = &descriptor->fields[i]};
        event_field_entry entry = EVENT_FIELD_ENTRIES[row->first_entry + i];
        unsigned number = start + entry.number;
        if (!has_bit(l->set, number)) continue;
        const event_field_row *below = entry.row != EVENT_FIELD_NO_ROW ? &EVENT_FIELD_ROWS[entry.row] : NULL;
        bool is_whole = true;
        for (unsigned k = 0; below != NULL && k < below->size && is_whole; k++)
            is_whole = has_bit(l->set, number + 1 + k);
        if (is_whole) {
            char path[160];
            event_place_path(&here, EVENT_PLACE_NAMES_ONLY, path, sizeof path);
            l->each(l->context, path);
        } else {
            list_message(l, here.field->descriptor, below, number + 1, &here);
        }
    }
}

void event_fields_each(const event_field_set *set, event_field_cb *each, void *context)
{
    const listing l = {.set = set, .each = each, .context = context};
    list_message(&l, &mash__v1__event__descriptor, &EVENT_FIELD_ROWS[0], 0, NULL);
}

/* ---- whereabouts --------------------------------------------------------------------------------------------------------------- */

/* What of a person goes or stays with whose it is; and an area is no address. */
static const event_field OF_A_PERSON[] = {EVENT_FIELD_SUBJECTS_ADDRESSES, EVENT_FIELD_SUBJECTS_IDENTIFIERS,
                                          EVENT_FIELD_SUBJECTS_SCHOOL_URN, EVENT_FIELD_SUBJECTS_PRACTICE_CODE};
static const event_field NO_PLACE[] = {EVENT_FIELD_AREA, EVENT_FIELD_SUBJECTS_FAMILY_NAME, EVENT_FIELD_SUBJECTS_GIVEN_NAMES};

static bool is_of_a_person(unsigned number)
{
    for (size_t i = 0; i < sizeof OF_A_PERSON / sizeof OF_A_PERSON[0]; i++) {
        if (OF_A_PERSON[i] == number) return true;
    }
    return false;
}

/* Is it a text into which somebody may write a place? */
static bool may_hold_place(const ProtobufCMessageDescriptor *within, const ProtobufCFieldDescriptor *field, unsigned number)
{
    if (field->type != PROTOBUF_C_TYPE_STRING) return false;
    if (within == &mash__v1__grade__descriptor)
        return strcmp(field->name, "tool") != 0 && strcmp(field->name, "tool_version") != 0;
    for (size_t i = 0; i < sizeof NO_PLACE / sizeof NO_PLACE[0]; i++) {
        if (NO_PLACE[i] == number) return false;
    }
    return true;
}

/* `start`: number of the message's first field. */
static void drop_in_message(event_field_set *set, const ProtobufCMessageDescriptor *descriptor, const event_field_row *row,
                            unsigned start)
{
    for (unsigned i = 0; i < descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
        event_field_entry entry = EVENT_FIELD_ENTRIES[row->first_entry + i];
        unsigned number = start + entry.number;
        if (!has_bit(set, number) || is_of_a_person(number)) continue;
        if (entry.row != EVENT_FIELD_NO_ROW) {
            drop_in_message(set, field->descriptor, &EVENT_FIELD_ROWS[entry.row], number + 1);
        } else if (may_hold_place(descriptor, field, number)) {
            set->bits[number / 64] &= ~((uint64_t)1 << (number % 64));
        }
    }
}

void event_fields_drop_texts(event_field_set *set)
{
    drop_in_message(set, &mash__v1__event__descriptor, &EVENT_FIELD_ROWS[0], 0);
}

bool event_field_tells_where(event_field field)
{
    const ProtobufCMessageDescriptor *descriptor = &mash__v1__event__descriptor;
    const event_field_row *row = &EVENT_FIELD_ROWS[0];
    HUB_ASSERT(field < EVENT_FIELD_COUNT);
    for (unsigned start = 0;;) { /* into the message in whose run it lies, until it is a field itself */
        unsigned i = descriptor->n_fields - 1;
        while (start + EVENT_FIELD_ENTRIES[row->first_entry + i].number > field)
            i--;
        event_field_entry entry = EVENT_FIELD_ENTRIES[row->first_entry + i];
        unsigned number = start + entry.number;
        if (is_of_a_person(number)) return number == field; /* what is below goes with it */
        if (number == field) return may_hold_place(descriptor, &descriptor->fields[i], number);
        descriptor = descriptor->fields[i].descriptor;
        row = &EVENT_FIELD_ROWS[entry.row];
        start = number + 1;
    }
}

/* ---- what is withheld ---------------------------------------------------------------------------------------------------------- */

typedef struct telling {
    const event_field_set *allowed;
    event_field_set told;
    event_withheld_cb *withheld;
    void *context;
} telling;

static void tell(telling *t, const event_place *place, unsigned number)
{
    if (has_bit(&t->told, number)) return;
    set_bit(&t->told, number);
    char path[160];
    event_place_path(place, EVENT_PLACE_NAMES_ONLY, path, sizeof path);
    t->withheld(t->context, (event_field)number, path);
}

/* `start`: number of the message's first field. */
static void tell_message(telling *t, const ProtobufCMessage *message, const event_field_row *row, unsigned start,
                         const event_place *place)
{
    const ProtobufCMessageDescriptor *descriptor = message->descriptor;
    const uint8_t *base = (const uint8_t *)message;
    uint8_t stated[EVENT_WIRE_MESSAGE_FIELDS_MAX];
    unsigned stated_count = event_wire_stated(message, stated);
    for (unsigned i = 0; i < stated_count; i++) {
        event_place here = {.within = place, .field = &descriptor->fields[stated[i]]};
        event_field_entry entry = EVENT_FIELD_ENTRIES[row->first_entry + stated[i]];
        unsigned number = start + entry.number;
        if (!has_bit(t->allowed, number)) {
            tell(t, &here, number);
            continue;
        }
        if (entry.row == EVENT_FIELD_NO_ROW) continue;
        bool repeated = here.field->label == PROTOBUF_C_LABEL_REPEATED;
        size_t count = repeated ? *(const size_t *)(base + here.field->quantifier_offset) : 1;
        const uint8_t *at = base + here.field->offset;
        ProtobufCMessage *const *inner = repeated ? *(ProtobufCMessage *const *const *)at : (ProtobufCMessage *const *)at;
        for (size_t k = 0; k < count; k++)
            tell_message(t, inner[k], &EVENT_FIELD_ROWS[entry.row], number + 1, &here);
    }
}

void event_fields_withheld(const Mash__V1__Event *event, const event_field_set *allowed, event_withheld_cb *withheld,
                           void *context)
{
    telling t = {.allowed = allowed, .withheld = withheld, .context = context};
    tell_message(&t, &event->base, &EVENT_FIELD_ROWS[0], 0, NULL);
}

/* ---- probes -------------------------------------------------------------------------------------------------------------------- */

bool event_probe_find(const char *path, event_probe *out)
{
    event_probe probe = {0};
    const ProtobufCMessageDescriptor *descriptor = &mash__v1__event__descriptor;
    const ProtobufCFieldDescriptor *field = NULL;
    while (*path != '\0') {
        field = descriptor == NULL || probe.depth == sizeof probe.steps / sizeof probe.steps[0] ? NULL
                                                                                                : next_field(descriptor, &path);
        if (field == NULL) return false;
        if (is_choice(field)) probe.payload = field->id;
        probe.steps[probe.depth++] = (uint16_t)(field - descriptor->fields);
        descriptor = field->type == PROTOBUF_C_TYPE_MESSAGE ? field->descriptor : NULL;
    }
    if (field == NULL) return false;
    switch (field->type) {
    case PROTOBUF_C_TYPE_ENUM:
        probe.values = field->descriptor;
        break;
    case PROTOBUF_C_TYPE_BOOL:
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_UINT64:
        break;
    default:
        return false;
    }
    *out = probe;
    return true;
}

bool event_fields_has_probe(const event_field_set *set, const event_probe *probe)
{
    const event_field_row *row = &EVENT_FIELD_ROWS[0];
    unsigned start = 0;
    bool has = false;
    for (unsigned i = 0; i < probe->depth; i++) {
        event_field_entry entry = EVENT_FIELD_ENTRIES[row->first_entry + probe->steps[i]];
        has = has_bit(set, start + entry.number);
        start += entry.number + 1U;
        if (entry.row != EVENT_FIELD_NO_ROW) row = &EVENT_FIELD_ROWS[entry.row];
    }
    return has;
}

bool event_probe_is_within(const event_probe *probe, const char *first)
{
    return probe->depth > 0 && strcmp(mash__v1__event__descriptor.fields[probe->steps[0]].name, first) == 0;
}

static int64_t number_at(const ProtobufCFieldDescriptor *field, const uint8_t *at, size_t index)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_BOOL:
        return ((const protobuf_c_boolean *)at)[index] != 0;
    case PROTOBUF_C_TYPE_UINT32:
        return ((const uint32_t *)at)[index];
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_UINT64:
        return ((const int64_t *)at)[index];
    default:
        return ((const int32_t *)at)[index]; /* int32, enum */
    }
}

static bool probe_message(const event_probe *probe, const ProtobufCMessage *message, unsigned depth, event_probe_test *test,
                          void *context)
{
    const ProtobufCFieldDescriptor *field = &message->descriptor->fields[probe->steps[depth]];
    const uint8_t *base = (const uint8_t *)message;
    bool repeated = field->label == PROTOBUF_C_LABEL_REPEATED;
    size_t count = repeated ? *(const size_t *)(base + field->quantifier_offset) : 1;
    const uint8_t *at = repeated ? *(const uint8_t *const *)(base + field->offset) : base + field->offset;
    bool is_last = depth + 1U == probe->depth;
    for (size_t i = 0; i < count; i++) {
        if (is_last) {
            if (test(context, number_at(field, at, i))) return true;
            continue;
        }
        const ProtobufCMessage *inner = ((ProtobufCMessage *const *)at)[i];
        if (inner != NULL && probe_message(probe, inner, depth + 1, test, context)) return true;
    }
    return false;
}

bool event_probe_any(const event_probe *probe, const Mash__V1__Event *event, event_probe_test *test, void *context)
{
    HUB_ASSERT(probe->depth > 0);
    if (probe->payload != 0 && (uint32_t)event->payload_case != probe->payload) return false;
    return probe_message(probe, &event->base, 0, test, context);
}
