#include "formats/json_place.h"

#include <stdlib.h>
#include <string.h>

/* A walk over text that jansson has read: it is well-formed, so nothing is checked again but the end. */
typedef struct walk {
    const uint8_t *data;
    uint32_t size;
    uint32_t at;
    uint32_t line;
    uint32_t line_start; /* offset of the line's first byte */
    formats_json_places *places;
    size_t room;
    bool failed;
} walk;

static uint8_t byte_at(const walk *w)
{
    return w->at < w->size ? w->data[w->at] : 0;
}

static void skip_blanks(walk *w)
{
    for (; w->at < w->size && strchr(" \t\r\n,:", w->data[w->at]) != NULL && w->data[w->at] != '\0'; w->at++) {
        if (w->data[w->at] != '\n') continue;
        w->line++;
        w->line_start = w->at + 1;
    }
}

static void skip_text(walk *w)
{
    for (w->at++; w->at < w->size && w->data[w->at] != '"'; w->at++)
        w->at += w->data[w->at] == '\\';
    w->at++;
}

static void skip_scalar(walk *w)
{
    if (byte_at(w) == '"') {
        skip_text(w);
        return;
    }
    while (w->at < w->size && strchr(" \t\r\n,:]}", w->data[w->at]) == NULL)
        w->at++;
}

static formats_json_entry *add_entry(walk *w, const json_t *value)
{
    formats_json_places *places = w->places;
    if (places->count == w->room) {
        size_t room = w->room == 0 ? 64 : w->room * 2;
        formats_json_entry *grown = realloc(places->entries, room * sizeof *grown);
        if (grown == NULL) {
            w->failed = true;
            return NULL;
        }
        places->entries = grown;
        w->room = room;
    }
    formats_json_entry *entry = &places->entries[places->count++];
    *entry = (formats_json_entry){.value = value, .from = w->at, .line = w->line, .column = w->at - w->line_start + 1};
    return entry;
}

static void walk_value(walk *w, const json_t *value) // NOLINT(misc-no-recursion): no deeper than jansson reads
{
    skip_blanks(w);
    if (!json_is_object(value) && !json_is_array(value)) {
        skip_scalar(w);
        return;
    }
    size_t index = w->places->count;
    if (w->failed || add_entry(w, value) == NULL) return;
    w->at++;
    if (json_is_object(value)) {
        const char *key;
        json_t *member;
        json_object_foreach((json_t *)(uintptr_t)value, key, member)
        {
            skip_blanks(w);
            skip_text(w);
            walk_value(w, member);
        }
    } else {
        size_t i;
        json_t *element;
        json_array_foreach(value, i, element) walk_value(w, element);
    }
    skip_blanks(w);
    w->at++;
    if (!w->failed) w->places->entries[index].until = w->at;
}

static int by_value(const void *a, const void *b)
{
    uintptr_t x = (uintptr_t)((const formats_json_entry *)a)->value;
    uintptr_t y = (uintptr_t)((const formats_json_entry *)b)->value;
    return (x > y) - (x < y);
}

static void walk_all(formats_json_places *places)
{
    bool marked = places->input.size >= 3 && memcmp(places->input.data, "\xEF\xBB\xBF", 3) == 0;
    walk w = {.data = places->input.data,
              .size = (uint32_t)places->input.size,
              .at = marked ? 3 : 0,
              .line = 1,
              .line_start = marked ? 3 : 0,
              .places = places};
    walk_value(&w, places->root);
    if (w.failed) places->count = 0;
    formats_json_places_sort(places);
}

void formats_json_places_sort(formats_json_places *places)
{
    if (places->count > 0) qsort(places->entries, places->count, sizeof *places->entries, by_value);
}

static const formats_json_entry *find(formats_json_places *places, const json_t *value)
{
    HUB_ASSERT(places->input.size <= FORMATS_JSON_BYTES_MAX);
    if (places->entries == NULL && !places->has_texts) walk_all(places);
    if (places->count == 0 || value == NULL) return NULL;
    formats_json_entry wanted = {.value = value};
    return bsearch(&wanted, places->entries, places->count, sizeof wanted, by_value);
}

/* Goes to the member's value: a walk over this object's bytes alone, on values that are in the table already. */
static kit_place place_of_member(formats_json_places *places, const formats_json_entry *holder, const char *wanted,
                                 const char *field)
{
    formats_json_places scratch = {.input = places->input};
    walk w = {.data = places->input.data,
              .size = holder->until,
              .at = holder->from + 1,
              .line = holder->line,
              .line_start = holder->from - (holder->column - 1),
              .places = &scratch};
    const char *key;
    json_t *member;
    kit_place place = {.line = holder->line, .column = holder->column, .field = field};
    json_object_foreach((json_t *)(uintptr_t)holder->value, key, member)
    {
        skip_blanks(&w);
        skip_text(&w);
        skip_blanks(&w);
        if (strcmp(key, wanted) == 0) {
            place.line = w.line;
            place.column = w.at - w.line_start + 1;
            break;
        }
        walk_value(&w, member);
    }
    free(scratch.entries);
    return place;
}

kit_place formats_json_place(formats_json_places *places, const json_t *holder, const char *key, const char *field)
{
    const formats_json_entry *entry = find(places, holder);
    if (entry == NULL) return (kit_place){.field = field};
    const json_t *member = key != NULL ? json_object_get(holder, key) : NULL;
    const formats_json_entry *text = places->has_texts ? find(places, member) : NULL;
    if (text != NULL) entry = text;
    if (member != NULL && !places->has_texts) return place_of_member(places, entry, key, field);
    return (kit_place){.line = entry->line, .column = entry->column, .field = field};
}

hub_bytes formats_json_record(formats_json_places *places, const json_t *value)
{
    const formats_json_entry *entry = find(places, value);
    return entry == NULL ? places->input : hub_bytes_of(places->input.data + entry->from, entry->until - entry->from);
}

kit_place formats_json_element(formats_json_places *places, const json_t *list, size_t index, const char *field,
                               hub_bytes *record)
{
    const formats_json_entry *entry = find(places, json_array_get(list, index));
    const formats_json_entry *holder = entry == NULL ? find(places, list) : NULL;
    *record = hub_bytes_of_text(field);
    if (entry != NULL) {
        *record = hub_bytes_of(places->input.data + entry->from, entry->until - entry->from);
        return (kit_place){.line = entry->line, .column = entry->column, .field = field};
    }
    if (holder == NULL || places->has_texts) return formats_json_place(places, list, NULL, field);
    formats_json_places scratch = {.input = places->input};
    walk w = {
        .data = places->input.data, .size = holder->until, .at = holder->from + 1, .line = holder->line, .places = &scratch};
    w.line_start = holder->from - (holder->column - 1);
    size_t i = 0;
    if (places->newest.list == list && places->newest.index <= index) {
        i = places->newest.index;
        w.at = places->newest.at;
        w.line = places->newest.line;
        w.line_start = places->newest.line_start;
    }
    for (; i < index; i++)
        walk_value(&w, json_array_get(list, i));
    skip_blanks(&w);
    places->newest.list = list;
    places->newest.index = index;
    places->newest.at = w.at;
    places->newest.line = w.line;
    places->newest.line_start = w.line_start;
    kit_place place = {.line = w.line, .column = w.at - w.line_start + 1, .field = field};
    uint32_t from = w.at;
    skip_scalar(&w);
    *record = hub_bytes_of(w.data + from, w.at - from);
    free(scratch.entries);
    return place;
}

void formats_json_places_free(formats_json_places *places)
{
    free(places->entries);
    places->entries = NULL;
    places->count = 0;
}

hub_status formats_json_open(hub_bytes input, formats_json_places *out, hub_error *err)
{
    json_t *root;
    hub_status status = formats_json_read(input, &root, err);
    *out = (formats_json_places){.input = input, .root = root};
    return status;
}

void formats_json_close(formats_json_places *places)
{
    formats_json_places_free(places);
    json_decref((json_t *)(uintptr_t)places->root);
    places->root = NULL;
}

hub_status formats_json_refuse(hub_bytes input, const json_t *root, const json_t *holder, const char *key, const char *field,
                               const char *rule, hub_error *err)
{
    formats_json_places places = {.input = input, .root = root};
    kit_place place = formats_json_place(&places, holder != NULL ? holder : root, key, field);
    formats_json_places_free(&places);
    return hub_fail(err, HUB_ERR_INVALID, "%u:%u: %s: %s", place.line, place.column, field, rule);
}
