/* register_json.c - a session register as a management information system's interface gives it: {"register": [mark, ...]}, the same
 * under "data", or the bare array. Fields as in the Wonde write-back record, plus what makes a pupil known outside the school: in the mark,
 * or in its "student", as a read with the pupils included gives them, each resource in a "data" of its own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "education/education.h"
#include "education/marks.h"
#include "formats/json_place.h"

enum { MARKS_MAX = 100000 };

typedef struct reading {
    const kit_mapping_options *options;
    kit_sink *sink;
    hub_bytes school_urn; /* of the whole register */
    formats_json_places places;
    const json_t *marks; /* the array */
} reading;

/* What a source may write as a number. The digits live as long as the mark. */
enum { NHS_NUMBER, STUDENT_ID, SCHOOL_URN, NUMBERS };
static const char *const NUMBER_KEYS[NUMBERS] = {"nhs_number", "student_id", "school_urn"};

typedef struct mark_digits {
    char text[NUMBERS][FORMATS_JSON_DIGITS];
} mark_digits;

/* "2026-01-12", or as read endpoints give it {"date": "2026-01-12 00:00:00.000000", "timezone_type": 3, "timezone": "Europe/London"}. */
static hub_bytes date_text(const json_t *mark, const char *key)
{
    const json_t *value = json_object_get(mark, key);
    return json_is_object(value) ? formats_json_text(value, "date") : formats_json_text(mark, key);
}

/* An included resource: under its name, or in "data" there. */
static const json_t *included(const json_t *mark, const char *name)
{
    const json_t *resource = json_object_get(mark, name);
    const json_t *data = json_object_get(resource, "data");
    return json_is_object(data) ? data : resource;
}

/* One mark being read. The first fault stays: `holder` and `key` say where. */
typedef struct entry {
    const json_t *object;
    const json_t *student; /* included, or the mark itself */
    mark_digits digits;
    const json_t *holder;
    const char *key;
    const char *rule;
} entry;

static void fail(entry *e, const json_t *holder, const char *key, const char *rule)
{
    if (e->rule != NULL) return;
    e->holder = holder;
    e->key = key;
    e->rule = rule;
}

/* An interface writes null for what it leaves out. */
static bool has(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return value != NULL && !json_is_null(value);
}

/* Who holds the key: the mark, else the pupil. */
static const json_t *holder_of(const entry *e, const char *key)
{
    return has(e->object, key) ? e->object : e->student;
}

static hub_bytes text_of(entry *e, const char *key)
{
    const json_t *holder = holder_of(e, key);
    if (formats_json_is_not_text(holder, key)) fail(e, holder, key, "must be a text");
    return formats_json_text(holder, key);
}

static hub_bytes number_of(entry *e, int which)
{
    hub_bytes text;
    const json_t *holder = holder_of(e, NUMBER_KEYS[which]);
    const char *key = NUMBER_KEYS[which];
    bool is_own = which == STUDENT_ID && e->student != e->object && !has(holder, key);
    if (is_own) key = "id"; /* of the pupil's resource */
    if (!formats_json_number(holder, key, e->digits.text[which], &text)) fail(e, holder, key, "must be a text or a whole number");
    return text;
}

static hub_bytes either(hub_bytes text, hub_bytes other)
{
    return text.size > 0 ? text : other;
}

/* As a text beside the mark, or as the code of an included attendance code. The id is the code itself in some systems. */
static void read_code(entry *e, education_mark *mark)
{
    const json_t *code = included(e->object, "attendance_code");
    hub_bytes text = formats_json_text(e->object, "code");
    if (text.size == 0)
        text = formats_json_text(json_is_object(code) ? code : e->object, json_is_object(code) ? "code" : "attendance_code");
    mark->code = education_code_find(either(text, formats_json_text(e->object, "attendance_code_id")));
    if (mark->code != NULL) return;
    const char *key = has(e->object, "code") ? "code" : "attendance_code_id";
    fail(e, e->object, key, "not a national attendance code: give it as code when the id is the system's own");
}

static void read_mark(entry *e, education_mark *mark, int this_year)
{
    static const char *const WHOSE[] = {
        [EDUCATION_UPN] = "upn", [EDUCATION_NHS_NUMBER] = "nhs_number", [EDUCATION_SCHOOL_URN] = "school_urn"};
    static const char NO_DATE[] = "date does not exist or is not YYYY-MM-DD";
    const json_t *born = holder_of(e, "date_of_birth");
    hub_bytes birth = date_text(born, "date_of_birth");
    education_field whose;
    mark->upn = text_of(e, "upn");
    mark->nhs_number = number_of(e, NHS_NUMBER);
    mark->student_id = number_of(e, STUDENT_ID);
    mark->school_urn = either(number_of(e, SCHOOL_URN), mark->school_urn);
    mark->family_name = either(text_of(e, "surname"), text_of(e, "legal_surname"));
    mark->given_name = either(text_of(e, "forename"), text_of(e, "legal_forename"));
    mark->comment = text_of(e, "comment");
    if (!formats_date_iso(date_text(e->object, "date"), &mark->date)) fail(e, e->object, "date", NO_DATE);
    if (!education_session(formats_json_text(e->object, "session"), &mark->session))
        fail(e, e->object, "session", "session must be AM or PM");
    read_code(e, mark);
    bool is_odd = birth.size == 0 && formats_json_is_not_text(born, "date_of_birth");
    if (is_odd || (birth.size > 0 && !formats_date_iso(birth, &mark->birth_date))) fail(e, born, "date_of_birth", NO_DATE);
    const char *rule = education_mark_fault(mark, this_year, &whose);
    if (rule != NULL) fail(e, holder_of(e, WHOSE[whose]), WHOSE[whose], rule);
}

static hub_status map_mark(reading *r, const json_t *object, size_t index)
{
    char path[64];
    education_mark mark = {.school_urn = r->school_urn};
    const json_t *student = included(object, "student");
    entry e = {.object = object, .student = json_is_object(student) ? student : object};
    char *text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    if (text == NULL) return HUB_ERR_MEMORY;
    mark.record = hub_bytes_of_text(text);
    if (json_is_object(object))
        read_mark(&e, &mark, r->options->this_year);
    else
        fail(&e, NULL, "", "a mark must be an object");
    (void)snprintf(path, sizeof path, "register[%zu]%s%s", index, e.rule != NULL && e.key[0] != '\0' ? "." : "",
                   e.rule != NULL ? e.key : "");
    if (e.rule != NULL && e.holder == NULL)
        mark.place = formats_json_element(&r->places, r->marks, index, path, &mark.record);
    else
        mark.place = formats_json_place(&r->places, e.rule != NULL ? e.holder : object, e.key, path);
    hub_status status =
        e.rule != NULL ? formats_park(r->sink, mark.record, mark.place, e.rule) : education_put_mark(r->sink, r->options, &mark);
    free(text);
    return status;
}

static hub_status map_register(reading *r, const json_t *root, hub_error *err)
{
    const json_t *marks = root;
    char digits[FORMATS_JSON_DIGITS];
    size_t i;
    json_t *mark;
    if (json_is_object(root)) marks = json_object_get(root, "register");
    if (marks == NULL) marks = json_object_get(root, "data");
    if (!json_is_array(marks))
        return formats_json_refuse(r->places.input, root, root, "register", "register", "must be an array of marks", err);
    if (json_array_size(marks) > MARKS_MAX)
        return formats_json_refuse(r->places.input, root, root, "register", "register", "more than 100000 marks", err);
    if (!formats_json_number(root, "school_urn", digits, &r->school_urn))
        return formats_json_refuse(r->places.input, root, root, "school_urn", "school_urn", "must be a text or a whole number",
                                   err);
    r->marks = marks;
    json_array_foreach(marks, i, mark)
    {
        hub_status status = map_mark(r, mark, i);
        if (status != HUB_OK) return status;
    }
    return HUB_OK;
}

static hub_status map(const kit_mapping_options *options, hub_bytes input, const char *input_name, kit_sink *sink, hub_error *err)
{
    reading r = {.options = options, .sink = sink};
    (void)input_name;
    hub_status status = formats_json_open(input, &r.places, err);
    if (status == HUB_OK) status = map_register(&r, r.places.root, err);
    formats_json_close(&r.places);
    return status;
}

const kit_mapping education_register_json = {
    .name = "education-register-json",
    .version = 1,
    .agency = MASH__V1__AGENCY__AGENCY_EDUCATION,
    .transport = "folder",
    .file_suffix = "json",
    .map = map,
};
