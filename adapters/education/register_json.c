/* register_json.c - a session register as a management information system's interface gives it: {"register": [mark, ...]}, the same
 * under "data", or the bare array. Fields as in the Wonde write-back record, plus what makes a pupil known outside the school. */
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

static hub_bytes first_text(const json_t *object, const char *one, const char *other)
{
    hub_bytes text = formats_json_text(object, one);
    return text.size > 0 ? text : formats_json_text(object, other);
}

/* "2026-01-12", or as read endpoints give it {"date": "2026-01-12 00:00:00.000000", "timezone_type": 3, "timezone": "Europe/London"}. */
static hub_bytes date_text(const json_t *mark, const char *key)
{
    const json_t *value = json_object_get(mark, key);
    return json_is_object(value) ? formats_json_text(value, "date") : formats_json_text(mark, key);
}

static bool fail(const char **field, const char **rule, const char *bad_field, const char *broken)
{
    *field = bad_field;
    *rule = broken;
    return false;
}

static bool read_mark(const json_t *object, education_mark *mark, mark_digits *digits, const char **field, const char **rule)
{
    hub_bytes numbers[NUMBERS];
    for (size_t i = 0; i < NUMBERS; i++) {
        if (!formats_json_number(object, NUMBER_KEYS[i], digits->text[i], &numbers[i]))
            return fail(field, rule, NUMBER_KEYS[i], "must be a text or a whole number");
    }
    hub_bytes birth = date_text(object, "date_of_birth");
    mark->upn = formats_json_text(object, "upn");
    mark->nhs_number = numbers[NHS_NUMBER];
    mark->student_id = numbers[STUDENT_ID];
    mark->family_name = formats_json_text(object, "surname");
    mark->given_name = formats_json_text(object, "forename");
    mark->comment = formats_json_text(object, "comment");
    if (numbers[SCHOOL_URN].size > 0) mark->school_urn = numbers[SCHOOL_URN];
    mark->code = education_code_find(first_text(object, "code", "attendance_code_id"));
    if (formats_json_is_not_text(object, "upn")) return fail(field, rule, "upn", "must be a text");
    if (!formats_date_iso(date_text(object, "date"), &mark->date)) {
        return fail(field, rule, "date", "date does not exist or is not YYYY-MM-DD");
    }
    if (!education_session(formats_json_text(object, "session"), &mark->session)) {
        return fail(field, rule, "session", "session must be AM or PM");
    }
    if (mark->code == NULL) {
        return fail(field, rule, "attendance_code_id",
                    "not a national attendance code: give it as code when the id is the system's own");
    }
    if (birth.size > 0 && !formats_date_iso(birth, &mark->birth_date)) {
        return fail(field, rule, "date_of_birth", "date does not exist or is not YYYY-MM-DD");
    }
    return true;
}

static hub_status map_mark(reading *r, const json_t *object, size_t index)
{
    char path[64];
    const char *field = "";
    const char *rule = NULL;
    mark_digits digits;
    education_mark mark = {.school_urn = r->school_urn, .within = path};
    char *text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
    if (text == NULL) return HUB_ERR_MEMORY;
    mark.record = hub_bytes_of_text(text);
    (void)snprintf(path, sizeof path, "register[%zu]", index);
    mark.place = formats_json_place(&r->places, json_is_object(object) ? object : r->marks, NULL, path);
    hub_status status;
    if (!json_is_object(object))
        rule = "a mark must be an object";
    else
        (void)read_mark(object, &mark, &digits, &field, &rule);
    if (rule != NULL) {
        (void)snprintf(path, sizeof path, "register[%zu]%s%s", index, field[0] != '\0' ? "." : "", field);
        kit_place place = json_is_object(object) ? formats_json_place(&r->places, object, field, path) : mark.place;
        status = formats_park(r->sink, mark.record, place, rule);
    } else {
        status = education_put_mark(r->sink, r->options, &mark);
    }
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
