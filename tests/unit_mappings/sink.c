#include "sink.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "event/wire.h"

static story *story_of(kit_sink *sink)
{
    return sink->context;
}

static void keep_parked(story *s, kit_place place, const char *field, const char *rule)
{
    assert_true(s->parked_count < STORY_PARKED_MAX);
    story_parked *parked = &s->parked[s->parked_count++];
    (void)snprintf(parked->field, sizeof parked->field, "%s", field);
    (void)snprintf(parked->rule, sizeof parked->rule, "%s", rule);
    parked->line = place.line;
    parked->column = place.column;
}

static hub_status sink_event(kit_sink *sink, Mash__V1__Event *event, const char *reference, const char *discriminator,
                             hub_bytes record, kit_place place)
{
    story *s = story_of(sink);
    uint8_t id_bytes[HUB_ID_BYTES];
    hub_id id;
    event_problem problem = {0};
    assert_int_equal(event->agency, s->options.agency);
    assert_non_null(reference);
    assert_true(record.size > 0);
    event->source_system = (char *)(uintptr_t)s->options.source_system;
    event->source_reference = (char *)(uintptr_t)reference;
    if (event->recorded_at == 0) event->recorded_at = s->options.received_ms;
    event_id_derive(event->agency, event->source_system, reference, (uint32_t)event->payload_case, discriminator, &id);
    memcpy(id_bytes, id.bytes, sizeof id_bytes);
    event->event_id = (ProtobufCBinaryData){.len = sizeof id_bytes, .data = id_bytes};
    if (!event_validate(event, s->options.received_ms, &problem)) {
        keep_parked(s, place, problem.field_path, problem.reason);
        return HUB_ERR_INVALID;
    }
    hub_buffer packed = {0};
    assert_int_equal(event_wire_pack(&event->base, &packed), HUB_OK);
    assert_true(s->count < STORY_EVENTS_MAX);
    s->events[s->count] = event_decode(hub_buffer_bytes(&packed), &s->kept, &problem);
    assert_non_null(s->events[s->count]);
    for (size_t i = 0; i < s->count; i++) { /* the hub would refuse it: same id, other content */
        assert_memory_not_equal(s->events[i]->event_id.data, id_bytes, sizeof id_bytes);
    }
    s->count++;
    hub_buffer_free(&packed);
    return HUB_OK;
}

static hub_status sink_park(kit_sink *sink, hub_bytes record, kit_place place, const char *rule)
{
    assert_true(record.size > 0);
    keep_parked(story_of(sink), place, place.field != NULL ? place.field : "", rule);
    return HUB_OK;
}

static void sink_note(kit_sink *sink, const char *field, const char *rule)
{
    story *s = story_of(sink);
    (void)snprintf(s->noted, sizeof s->noted, "%s: %s", field, rule);
    s->noted_count++;
}

static size_t find(const story *s, const char *key)
{
    size_t i = 0;
    while (i < s->state_count && strcmp(s->state[i].key, key) != 0)
        i++;
    return i;
}

static hub_status sink_get(kit_sink *sink, const char *key, hub_buffer *out)
{
    story *s = story_of(sink);
    size_t i = find(s, key);
    if (i == s->state_count || s->state[i].value.size == 0) return HUB_ERR_NOT_FOUND;
    hub_buffer_put(out, s->state[i].value.data, s->state[i].value.size);
    return HUB_OK;
}

static hub_status sink_put(kit_sink *sink, const char *key, hub_bytes value)
{
    story *s = story_of(sink);
    size_t i = find(s, key);
    assert_true(strlen(key) <= 128);
    assert_true(i < STORY_STATE_MAX);
    if (i == s->state_count) (void)snprintf(s->state[s->state_count++].key, sizeof s->state[i].key, "%s", key);
    hub_buffer_clear(&s->state[i].value);
    hub_buffer_put(&s->state[i].value, value.data, value.size);
    return HUB_OK;
}

static hub_status sink_was_refused(kit_sink *sink, const hub_id *event_id)
{
    const story *s = story_of(sink);
    for (size_t i = 0; i < s->refused_count; i++) {
        if (hub_id_equal(&s->refused[i], event_id)) return HUB_OK;
    }
    return HUB_ERR_NOT_FOUND;
}

static const kit_sink_ops OPS = {
    .event = sink_event, .park = sink_park, .note = sink_note, .get = sink_get, .put = sink_put, .was_refused = sink_was_refused};

/* Last Sunday of a month of 31 days, as days since 1970 (1970-01-01 was a Thursday). */
static int32_t last_sunday(int year, int month)
{
    Mash__V1__Date date;
    int32_t day;
    mash__v1__date__init(&date);
    date.year = year;
    date.month = month;
    date.day = 31;
    assert_true(event_date_day(&date, &day));
    return day - (day + 4) % 7;
}

int story_zone(int64_t civil_ms)
{
    int32_t year;
    int32_t month;
    int32_t day;
    event_day_date((int32_t)(civil_ms / 86400000), &year, &month, &day);
    int64_t begins = (int64_t)last_sunday(year, 3) * 86400000 + 3600000;
    int64_t ends = (int64_t)last_sunday(year, 10) * 86400000 + 7200000;
    return civil_ms >= begins && civil_ms < ends ? 60 : 0;
}

void story_begin(story *s, const kit_mapping *mapping)
{
    memset(s, 0, sizeof *s);
    s->mapping = mapping;
    s->options = (kit_mapping_options){.source_system = "sample/1",
                                       .area = "E06000045",
                                       .agency = mapping->agency,
                                       .received_ms = STORY_NOW_MS,
                                       .this_year = 2026,
                                       .zone_offset_minutes = story_zone};
    assert_int_equal(hub_arena_open(&s->arena, 64 * 1024, 64 * 1024 * 1024), HUB_OK);
    assert_int_equal(hub_arena_open(&s->kept, 64 * 1024, 64 * 1024 * 1024), HUB_OK);
    s->sink = (kit_sink){.ops = &OPS, .arena = &s->arena, .context = s};
}

void story_end(story *s)
{
    for (size_t i = 0; i < s->state_count; i++)
        hub_buffer_free(&s->state[i].value);
    hub_arena_close(&s->arena);
    hub_arena_close(&s->kept);
}

static void feed_named(story *s, hub_bytes input, const char *name)
{
    s->count = s->parked_count = 0;
    s->err.text[0] = '\0';
    hub_arena_reset(&s->arena);
    /* On the heap at its exact size, so that a sanitizer sees a read past its end. */
    uint8_t *copy = malloc(input.size > 0 ? input.size : 1);
    assert_non_null(copy);
    memcpy(copy, input.data != NULL ? input.data : (const uint8_t *)"", input.size);
    s->status = s->mapping->map(&s->options, hub_bytes_of(copy, input.size), name, &s->sink, &s->err);
    free(copy);
    assert_false(s->arena.exhausted);
}

void story_feed_bytes(story *s, hub_bytes input)
{
    feed_named(s, input, "sample");
}

void story_feed(story *s, const char *input)
{
    story_feed_bytes(s, hub_bytes_of_text(input));
}

char *story_read(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) return NULL;
    char *text = calloc(1, 1 << 20);
    assert_non_null(text);
    *size = fread(text, 1, (1 << 20) - 1, file);
    (void)fclose(file);
    return text;
}

void story_refuse(story *s, size_t index)
{
    assert_true(index < s->count && s->refused_count < STORY_REFUSED_MAX);
    const ProtobufCBinaryData *id = &s->events[index]->event_id;
    assert_true(hub_id_read(hub_bytes_of(id->data, id->len), &s->refused[s->refused_count++]));
}

void story_feed_file(story *s, const char *path)
{
    size_t size;
    char *text = story_read(path, &size);
    if (text == NULL)
        fail_msg("no such file: %s", path);
    else
        feed_named(s, hub_bytes_of(text, size), strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path);
    free(text);
}

const char *story_source(void)
{
    const char *source = getenv("MASHHUB_SOURCE");
    return source != NULL ? source : ".";
}

void then_event(const story *s, size_t index, const char *kind)
{
    assert_true(index < s->count);
    assert_string_equal(event_payload_name((uint32_t)s->events[index]->payload_case), kind);
}

void then_counts(const story *s, size_t events, size_t parked)
{
    if (s->status != HUB_OK) fail_msg("refused: %s", s->err.text);
    for (size_t i = 0; i < s->parked_count && s->parked_count != parked; i++) {
        print_message("parked %u:%u %s: %s\n", s->parked[i].line, s->parked[i].column, s->parked[i].field, s->parked[i].rule);
    }
    assert_int_equal(s->count, events);
    assert_int_equal(s->parked_count, parked);
}

void then_parked(const story *s, size_t index, const char *field, uint32_t line, const char *rule_part)
{
    assert_true(index < s->parked_count);
    assert_string_equal(s->parked[index].field, field);
    assert_int_equal(s->parked[index].line, line);
    assert_non_null(strstr(s->parked[index].rule, rule_part));
}

void then_refused(const story *s, const char *part)
{
    assert_int_equal(s->status, HUB_ERR_INVALID);
    if (strstr(s->err.text, part) == NULL) fail_msg("\"%s\" does not say \"%s\"", s->err.text, part);
}

void then_nowhere(const story *s, const char *value)
{
    assert_null(strstr(s->err.text, value));
    for (size_t i = 0; i < s->parked_count; i++) {
        assert_null(strstr(s->parked[i].field, value));
        assert_null(strstr(s->parked[i].rule, value));
    }
}
