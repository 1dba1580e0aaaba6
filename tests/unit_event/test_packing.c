/* Packing is ours for speed alone. The bytes are compared with the library's, and what an audience is given with a slow and obvious way
 * to the same: unpack the event, empty what the list has not, pack. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "event/fields.h"
#include "event/wire.h"
#include "mash/v1/bus.pb-c.h"
#include "mash/v1/record.pb-c.h"

/* All other messages of the contract are within these. */
static const ProtobufCMessageDescriptor *const ROOTS[] = {
    &mash__v1__client_frame__descriptor, &mash__v1__hub_frame__descriptor, &mash__v1__event__descriptor,
    &mash__v1__record__descriptor,       &mash__v1__control__descriptor,   &mash__v1__personal__descriptor,
};
enum { ROOT_COUNT = sizeof ROOTS / sizeof ROOTS[0] };

enum { PATH_BYTES = 160, PATHS_MAX = EVENT_FIELDS_MAX, ROUNDS = 2000 };

static uint64_t pick(uint64_t *random, uint64_t below)
{
    *random ^= *random >> 12;
    *random ^= *random << 25;
    *random ^= *random >> 27;
    return ((*random * 0x2545f4914f6cdd1dULL) >> 33) % below;
}

/* ---- made events ------------------------------------------------------------------------------------------------------------ */
static ProtobufCMessage *made_message(const ProtobufCMessageDescriptor *descriptor, hub_arena *arena, uint64_t *random);

static void make_value(const ProtobufCFieldDescriptor *field, void *at, hub_arena *arena, uint64_t *random)
{
    static const char *const TEXTS[] = {"", "a", "seventeen letters", "an older sister is with her grandmother"};
    const char *text = TEXTS[pick(random, 4)];
    switch (field->type) {
    case PROTOBUF_C_TYPE_MESSAGE:
        *(ProtobufCMessage **)at = made_message(field->descriptor, arena, random);
        break;
    case PROTOBUF_C_TYPE_STRING:
        *(char **)at = hub_arena_copy(arena, text, strlen(text));
        break;
    case PROTOBUF_C_TYPE_BYTES:
        *(ProtobufCBinaryData *)at =
            (ProtobufCBinaryData){.len = strlen(text), .data = hub_arena_copy(arena, text, strlen(text))};
        break;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_UINT64:
        *(uint64_t *)at = pick(random, 3) << pick(random, 60);
        break;
    case PROTOBUF_C_TYPE_BOOL:
        *(protobuf_c_boolean *)at = pick(random, 2) == 0;
        break;
    default:
        *(uint32_t *)at = (uint32_t)pick(random, 3);
        break;
    }
}

static size_t size_of(const ProtobufCFieldDescriptor *field)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_MESSAGE:
    case PROTOBUF_C_TYPE_STRING:
        return sizeof(void *);
    case PROTOBUF_C_TYPE_BYTES:
        return sizeof(ProtobufCBinaryData);
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_UINT64:
        return sizeof(uint64_t);
    default:
        return sizeof(uint32_t);
    }
}

/* Each field with one chance in three; of a oneof the last one that had it. */
static ProtobufCMessage *made_message(const ProtobufCMessageDescriptor *descriptor, hub_arena *arena, uint64_t *random)
{
    ProtobufCMessage *message = hub_arena_take(arena, descriptor->sizeof_message);
    assert_non_null(message);
    descriptor->message_init(message);
    uint8_t *base = (uint8_t *)message;
    for (unsigned i = 0; i < descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
        if (pick(random, 3) != 0) continue;
        if (field->label == PROTOBUF_C_LABEL_REPEATED) {
            size_t count = pick(random, 4);
            uint8_t *items = hub_arena_take(arena, 4 * size_of(field));
            for (size_t k = 0; k < count; k++)
                make_value(field, items + k * size_of(field), arena, random);
            *(size_t *)(base + field->quantifier_offset) = count;
            *(void **)(base + field->offset) = items;
            continue;
        }
        if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) *(uint32_t *)(base + field->quantifier_offset) = field->id;
        make_value(field, base + field->offset, arena, random);
    }
    if (pick(random, 8) == 0) {
        static ProtobufCMessageUnknownField unknown = {
            .tag = 900, .wire_type = PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED, .len = 2, .data = (uint8_t *)"\x01x"};
        message->n_unknown_fields = 1;
        message->unknown_fields = &unknown;
    }
    return message;
}

/* ---- the obvious way -------------------------------------------------------------------------------------------------------- */
typedef struct telling {
    char paths[PATHS_MAX][PATH_BYTES];
    size_t count;
} telling;

static void add_path(telling *t, const char *path)
{
    assert_true(t->count < PATHS_MAX);
    (void)snprintf(t->paths[t->count++], PATH_BYTES, "%s", path);
}

/* Every path of an event: a field's number is its place among them. */
static void list_paths(const ProtobufCMessageDescriptor *descriptor, const char *within, telling *all)
{
    for (unsigned i = 0; i < descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
        char path[PATH_BYTES];
        (void)snprintf(path, sizeof path, "%s%s%s", within, within[0] == '\0' ? "" : ".", field->name);
        add_path(all, path);
        if (field->type == PROTOBUF_C_TYPE_MESSAGE) list_paths(field->descriptor, path, all);
    }
}

static const telling *all_paths(void)
{
    static telling all;
    if (all.count == 0) list_paths(&mash__v1__event__descriptor, "", &all);
    return &all;
}

static event_field number_of(const char *path)
{
    const telling *all = all_paths();
    size_t number = 0;
    while (number < all->count && strcmp(all->paths[number], path) != 0)
        number++;
    assert_true(number < all->count);
    return (event_field)number;
}

static void tell(void *context, event_field field, const char *path)
{
    assert_string_equal(all_paths()->paths[field], path);
    add_path(context, path);
}

static bool is_told(const telling *t, const char *path)
{
    for (size_t i = 0; i < t->count; i++) {
        if (strcmp(t->paths[i], path) == 0) return true;
    }
    return false;
}

static bool is_stated(const ProtobufCFieldDescriptor *field, const uint8_t *base)
{
    static const uint8_t NOTHING[sizeof(uint64_t)] = {0};
    const uint8_t *at = base + field->offset;
    if (field->label == PROTOBUF_C_LABEL_REPEATED) return *(const size_t *)(base + field->quantifier_offset) > 0;
    if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0)
        return *(const uint32_t *)(base + field->quantifier_offset) == field->id;
    if (field->type == PROTOBUF_C_TYPE_STRING) return **(char *const *)at != '\0';
    bool is_wide = field->type == PROTOBUF_C_TYPE_INT64 || field->type == PROTOBUF_C_TYPE_UINT64 ||
                   field->type == PROTOBUF_C_TYPE_MESSAGE ||
                   field->type == PROTOBUF_C_TYPE_BYTES; /* these begin with the length */
    return memcmp(at, NOTHING, is_wide ? sizeof(uint64_t) : sizeof(uint32_t)) != 0;
}

static void empty(const ProtobufCFieldDescriptor *field, uint8_t *base)
{
    bool is_list = field->label == PROTOBUF_C_LABEL_REPEATED;
    bool is_choice = (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
    if (is_list) *(size_t *)(base + field->quantifier_offset) = 0;
    if (is_choice) *(uint32_t *)(base + field->quantifier_offset) = 0;
    if (is_list || is_choice) return;
    if (field->type == PROTOBUF_C_TYPE_STRING) {
        *(const char **)(base + field->offset) = protobuf_c_empty_string;
    } else {
        memset(base + field->offset, 0, size_of(field));
    }
}

static void redact(ProtobufCMessage *message, const char *within, const event_field_set *allowed, telling *t)
{
    uint8_t *base = (uint8_t *)message;
    message->n_unknown_fields = 0;
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        char path[PATH_BYTES];
        (void)snprintf(path, sizeof path, "%s%s%s", within, within[0] == '\0' ? "" : ".", field->name);
        if (!is_stated(field, base)) continue;
        if (!event_fields_has(allowed, number_of(path))) {
            empty(field, base);
            if (!is_told(t, path)) add_path(t, path);
            continue;
        }
        if (field->type != PROTOBUF_C_TYPE_MESSAGE) continue;
        bool is_list = field->label == PROTOBUF_C_LABEL_REPEATED;
        size_t count = is_list ? *(size_t *)(base + field->quantifier_offset) : 1;
        ProtobufCMessage **inner =
            is_list ? *(ProtobufCMessage ***)(base + field->offset) : (ProtobufCMessage **)(base + field->offset);
        for (size_t k = 0; k < count; k++)
            redact(inner[k], path, allowed, t);
    }
}

/* ---- both ------------------------------------------------------------------------------------------------------------------- */
static void compare(const Mash__V1__Event *event, const event_field_set *allowed, hub_arena *arena)
{
    static telling told, expected_told;
    hub_buffer whole = {0}, packed = {0}, expected = {0};
    told.count = expected_told.count = 0;

    assert_int_equal(event_wire_pack_allowed(&event->base, allowed, &packed), HUB_OK);
    event_fields_withheld(event, allowed, tell, &told);

    assert_int_equal(event_wire_pack(&event->base, &whole), HUB_OK);
    ProtobufCAllocator allocator = event_wire_allocator(arena);
    Mash__V1__Event *copy = mash__v1__event__unpack(&allocator, whole.size, whole.data);
    assert_non_null(copy);
    redact(&copy->base, "", allowed, &expected_told);
    uint8_t *at = hub_buffer_extend(&expected, mash__v1__event__get_packed_size(copy) + 1);
    assert_non_null(at);
    size_t size = mash__v1__event__pack(copy, at);

    assert_int_equal(packed.size, size);
    if (size > 0) assert_memory_equal(packed.data, at, size);
    assert_int_equal(told.count, expected_told.count);
    for (size_t i = 0; i < told.count; i++)
        assert_string_equal(told.paths[i], expected_told.paths[i]);
    hub_buffer_free(&whole);
    hub_buffer_free(&packed);
    hub_buffer_free(&expected);
}

static uint64_t random_start(void)
{
    const char *given = getenv("MASHHUB_SEED");
    uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
    print_message("seed %llu (MASHHUB_SEED repeats it)\n", (unsigned long long)seed);
    return seed * 2 + 1;
}

static hub_arena opened_arena(void)
{
    hub_arena arena;
    assert_int_equal(hub_arena_open(&arena, 256 * 1024, 256 * 1024 * 1024), HUB_OK);
    return arena;
}

static void compare_with_library(const ProtobufCMessage *message)
{
    hub_buffer packed = {0}, expected = {0};
    assert_int_equal(event_wire_pack(message, &packed), HUB_OK);
    uint8_t *at = hub_buffer_extend(&expected, protobuf_c_message_get_packed_size(message) + 1);
    assert_non_null(at);
    assert_int_equal(packed.size, protobuf_c_message_pack(message, at));
    if (packed.size > 0) assert_memory_equal(packed.data, at, packed.size);
    hub_buffer_free(&packed);
    hub_buffer_free(&expected);
}

static void every_message_is_packed_as_the_library_does(void **state)
{
    (void)state;
    uint64_t random = random_start();
    hub_arena arena = opened_arena();
    for (size_t i = 0; i < ROUNDS; i++) {
        hub_arena_reset(&arena);
        compare_with_library(made_message(ROOTS[i % ROOT_COUNT], &arena, &random));
    }
    hub_arena_close(&arena);
}

static void check_oneofs(const ProtobufCMessageDescriptor *descriptor)
{
    assert_true(descriptor->n_fields <= EVENT_WIRE_MESSAGE_FIELDS_MAX);
    for (unsigned i = 0; i < descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
        bool is_choice = (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0;
        bool has_begun = false;
        for (unsigned k = 0; is_choice && k < i; k++)
            has_begun = has_begun || descriptor->fields[k].quantifier_offset == field->quantifier_offset;
        if (has_begun) assert_int_equal(descriptor->fields[i - 1].quantifier_offset, field->quantifier_offset);
        if (field->type == PROTOBUF_C_TYPE_MESSAGE) check_oneofs(field->descriptor);
    }
}

/* event_wire_stated passes over all that stands between the first and the last field of a oneof. */
static void the_fields_of_a_oneof_stand_side_by_side(void **state)
{
    (void)state;
    for (size_t i = 0; i < ROOT_COUNT; i++)
        check_oneofs(ROOTS[i]);
}

/* D1 rests on this alone: there is no second look at what leaves. */
static void what_is_packed_for_an_audience_is_the_event_with_the_rest_emptied(void **state)
{
    (void)state;
    const telling *all = all_paths();
    uint64_t random = random_start();
    hub_arena arena = opened_arena();
    for (int i = 0; i < ROUNDS; i++) {
        hub_arena_reset(&arena);
        event_field_set allowed = {{0}};
        for (uint64_t n = pick(&random, 40); n > 0; n--)
            assert_true(event_fields_add(&allowed, all->paths[pick(&random, all->count)]));
        compare((Mash__V1__Event *)made_message(&mash__v1__event__descriptor, &arena, &random), &allowed, &arena);
    }
    hub_arena_close(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_message_is_packed_as_the_library_does),
        cmocka_unit_test(the_fields_of_a_oneof_stand_side_by_side),
        cmocka_unit_test(what_is_packed_for_an_audience_is_the_event_with_the_rest_emptied),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
