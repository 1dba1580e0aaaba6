/* fhir_xml.c - a FHIR document in XML as the JSON tree that the mapping reads.
 *
 * XML does not say what is a list and JSON does: LISTS has those that the mapping goes through, and what stands twice is one too, so nothing
 * that is repeated is dropped in silence. Every value keeps its place. Narrative (div) and attributes other than value and url are left out.
 * [FHIR R4, "XML Representation of Resources", "JSON Representation of Resources"]
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "formats/xml.h"
#include "health/fhir.h"

enum { LEVELS_MAX = FORMATS_XML_DEPTH_MAX + 2, NAME_BYTES = 64 };

/* `within`: a type of resource; NULL: wherever it stands. */
static const struct {
    const char *within, *name;
} LISTS[] = {
    {NULL, "coding"},       {NULL, "extension"},       {NULL, "given"},    {NULL, "line"},
    {NULL, "contained"},    {NULL, "entry"},           {NULL, "security"}, {NULL, "tag"},
    {NULL, "participant"},  {NULL, "category"},        {NULL, "focus"},    {"Patient", "name"},
    {"Patient", "address"}, {"Patient", "identifier"},
};

/* Where only an extension says why there is no value: in JSON that is told beside it ("_birthDate"). */
static const char *const TEXTS[] = {"birthDate",  "deceasedDateTime", "start", "end",  "created",
                                    "authoredOn", "family",           "given", "line", "city",
                                    "postalCode", "gender",           "value"};

typedef struct level {
    json_t *object; /* BORROWED from the tree; NULL = nothing below is read */
    json_t *holder; /* BORROWED; what `object` was put into, under `name` */
    size_t entry;
    char name[NAME_BYTES];
} level;

typedef struct reading {
    formats_xml *xml;
    formats_json_places *places;
    json_t *root;
    level levels[LEVELS_MAX];
    size_t room;
    size_t ended[LEVELS_MAX]; /* entries that ended since the newest start: they reach as far as the next */
    size_t ended_count;
    hub_status status;
} reading;

static json_t *failed(reading *r, hub_status status)
{
    if (r->status == HUB_OK) r->status = status;
    return NULL;
}

static size_t add_entry(reading *r, const json_t *value, const formats_xml_step *step)
{
    formats_json_places *places = r->places;
    if (places->count == r->room) {
        size_t room = r->room == 0 ? 256 : r->room * 2;
        formats_json_entry *grown = realloc(places->entries, room * sizeof *grown);
        if (grown == NULL) {
            (void)failed(r, HUB_ERR_MEMORY);
            return 0;
        }
        places->entries = grown;
        r->room = room;
    }
    places->entries[places->count] = (formats_json_entry){
        .value = value, .from = step->offset, .until = (uint32_t)places->input.size, .line = step->line, .column = step->column};
    return places->count++;
}

static bool is_list(const json_t *holder, const char *name)
{
    for (size_t i = 0; i < sizeof LISTS / sizeof LISTS[0]; i++) {
        if (strcmp(LISTS[i].name, name) == 0 && (LISTS[i].within == NULL || fhir_is(holder, LISTS[i].within))) return true;
    }
    return false;
}

/* `value` is TAKEN, and BORROWED from the holder afterwards; NULL on failure. */
static json_t *put(reading *r, json_t *holder, const char *name, json_t *value, const formats_xml_step *step)
{
    if (value == NULL) return failed(r, HUB_ERR_MEMORY);
    json_t *there = json_object_get(holder, name);
    int code = 0;
    if (there == NULL && !is_list(holder, name)) {
        code = json_object_set_new(holder, name, value);
    } else if (json_is_array(there)) {
        code = json_array_append_new(there, value);
    } else {
        json_t *list = json_array();
        if (list == NULL) {
            json_decref(value);
            return failed(r, HUB_ERR_MEMORY);
        }
        if (there != NULL) code = json_array_append(list, there);
        code += json_array_append_new(list, value);
        if (code == 0) (void)add_entry(r, list, step);
        code += json_object_set_new(holder, name, list);
    }
    return code == 0 ? value : failed(r, HUB_ERR_MEMORY);
}

static json_t *text_of(reading *r, const char *attribute)
{
    hub_buffer text = {0};
    json_t *value = NULL;
    if (formats_xml_attribute(r->xml, attribute, &text) && !text.failed) value = json_stringn(hub_buffer_text(&text), text.size);
    if (text.failed) (void)failed(r, HUB_ERR_MEMORY);
    hub_buffer_free(&text);
    return value;
}

/* <Patient>: in <contained> or <resource> it is that element's object. */
static void start_resource(reading *r, level *at, const level *outer, const formats_xml_step *step)
{
    json_t *object = outer != NULL ? outer->object : json_object();
    if (outer == NULL) r->root = object;
    if (object == NULL || json_object_get(object, "resourceType") != NULL) {
        (void)failed(r, object == NULL ? HUB_ERR_MEMORY : HUB_ERR_INVALID);
        return;
    }
    if (json_object_set_new(object, "resourceType", json_string(step->name)) != 0) (void)failed(r, HUB_ERR_MEMORY);
    at->object = object;
    at->entry = add_entry(r, object, step);
}

static void start_element(reading *r, level *at, const level *outer, const formats_xml_step *step)
{
    json_t *text = text_of(r, "value");
    if (r->status != HUB_OK || strcmp(step->name, "div") == 0) {
        json_decref(text);
        return;
    }
    json_t *value = put(r, outer->object, step->name, text != NULL ? text : json_object(), step);
    if (value == NULL) return;
    at->entry = add_entry(r, value, step);
    if (text != NULL) return; /* what stands in it is extensions of a text */
    at->object = value;
    at->holder = outer->object;
    json_t *url = text_of(r, "url");
    if (url != NULL && json_object_set_new(value, "url", url) != 0) (void)failed(r, HUB_ERR_MEMORY);
}

static void close_ended(reading *r, uint32_t until)
{
    for (size_t i = 0; i < r->ended_count; i++) {
        if (until > r->places->entries[r->ended[i]].from) r->places->entries[r->ended[i]].until = until;
    }
    r->ended_count = 0;
}

static void start(reading *r, const formats_xml_step *step)
{
    level *at = &r->levels[step->depth];
    const level *outer = step->depth > 0 ? at - 1 : NULL;
    *at = (level){0};
    (void)hub_format(at->name, sizeof at->name, "%s", step->name);
    close_ended(r, step->offset);
    if (outer != NULL && outer->object == NULL) return;
    bool is_resource = isupper((unsigned char)step->name[0]) != 0;
    if (is_resource)
        start_resource(r, at, outer, step);
    else if (outer == NULL)
        (void)failed(r, HUB_ERR_INVALID);
    else
        start_element(r, at, outer, step);
}

/* A text without a value, that is: an object of nothing but extensions under a name of TEXTS. */
static void end(reading *r, const formats_xml_step *step)
{
    level *at = &r->levels[step->depth];
    if (at->object == NULL) return;
    if (r->ended_count < LEVELS_MAX) r->ended[r->ended_count++] = at->entry;
    size_t more = json_object_size(at->object) - (json_object_get(at->object, "extension") != NULL);
    for (size_t i = 0; more == 0 && at->holder != NULL && i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        if (strcmp(TEXTS[i], at->name) != 0) continue;
        json_t *there = json_object_get(at->holder, at->name);
        if (json_is_array(there))
            (void)json_array_remove(there, json_array_size(there) - 1);
        else
            (void)json_object_del(at->holder, at->name);
        break;
    }
    at->object = NULL;
}

static hub_status read_all(reading *r, hub_error *err)
{
    formats_xml_step step = {0};
    hub_status status = HUB_OK;
    while (status == HUB_OK && r->status == HUB_OK && step.kind != FORMATS_XML_DONE) {
        status = formats_xml_next(r->xml, &step, err);
        if (status != HUB_OK) break;
        if (step.kind == FORMATS_XML_START) start(r, &step);
        if (step.kind == FORMATS_XML_END) end(r, &step);
    }
    if (r->status == HUB_ERR_INVALID)
        return hub_fail(err, HUB_ERR_INVALID, "%u:%u: %s", step.line, step.column, "not a FHIR resource in XML");
    return status != HUB_OK ? status : r->status;
}

bool fhir_is_xml(hub_bytes input)
{
    size_t at = 0;
    while (at < input.size &&
           (isspace(input.data[at]) || input.data[at] == 0 || input.data[at] >= 0xEF)) /* blanks, marks, UTF-16 */
        at++;
    return at < input.size && input.data[at] == '<';
}

hub_status fhir_xml_read(hub_bytes input, formats_json_places *out, hub_error *err)
{
    *out = (formats_json_places){.input = input, .has_texts = true};
    if (input.size > FORMATS_JSON_BYTES_MAX) return hub_fail(err, HUB_ERR_INVALID, "1:1: larger than 8 MiB");
    reading *r = calloc(1, sizeof *r);
    if (r == NULL) return HUB_ERR_MEMORY;
    r->places = out;
    hub_status status = formats_xml_open(input, &r->xml, err);
    if (status == HUB_OK) status = read_all(r, err);
    formats_xml_close(r->xml);
    out->root = r->root;
    free(r);
    if (status == HUB_OK)
        formats_json_places_sort(out);
    else
        formats_json_close(out);
    return status;
}
