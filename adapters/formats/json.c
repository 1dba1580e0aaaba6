#include "formats/json.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* jansson's own text repeats a piece of the input, so the words are ours. */
static const char *rule_of(enum json_error_code code)
{
    switch (code) {
    case json_error_premature_end_of_input:
        return "the document ends too early";
    case json_error_end_of_input_expected:
        return "something follows the end of the document";
    case json_error_invalid_utf8:
        return "not UTF-8";
    case json_error_null_character:
        return "a NUL character in a text";
    case json_error_null_byte_in_key:
        return "a NUL character in a key";
    case json_error_duplicate_key:
        return "a key stands twice in one object";
    case json_error_numeric_overflow:
        return "a number is too large";
    case json_error_stack_overflow:
        return "nested too deeply";
    default:
        return "not JSON";
    }
}

/* jansson counts a column from 0 after each line end, and nothing at the end: told are line and column of the last byte it took, or of the
 * first that is missing. */
static hub_status refuse(hub_bytes input, const json_error_t *error, hub_error *err)
{
    size_t taken = error->position > 0 ? (size_t)error->position : 0;
    bool is_short = json_error_code(error) == json_error_premature_end_of_input;
    size_t at = taken >= input.size || is_short ? input.size : taken;
    if (at > 0 && !(is_short || taken > input.size)) at--;
    unsigned line = 1;
    size_t line_start = 0;
    for (size_t i = 0; i < at; i++) {
        if (input.data[i] != '\n') continue;
        line++;
        line_start = i + 1;
    }
    return hub_fail(err, HUB_ERR_INVALID, "%u:%zu: %s", line, at - line_start + 1, rule_of(json_error_code(error)));
}

hub_status formats_json_read(hub_bytes input, json_t **out, hub_error *err)
{
    json_error_t error;
    *out = NULL;
    if (input.size > FORMATS_JSON_BYTES_MAX) return hub_fail(err, HUB_ERR_INVALID, "1:1: larger than 8 MiB");
    if (input.size >= 3 && memcmp(input.data, "\xEF\xBB\xBF", 3) == 0) input = hub_bytes_of(input.data + 3, input.size - 3);
    if (input.size == 0) return hub_fail(err, HUB_ERR_INVALID, "1:1: empty");
    json_t *root = json_loadb((const char *)input.data, input.size, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL) {
        if (json_error_code(&error) == json_error_out_of_memory) return HUB_ERR_MEMORY;
        return refuse(input, &error, err);
    }
    *out = root;
    return HUB_OK;
}

hub_bytes formats_json_text(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value)) return hub_bytes_of(NULL, 0);
    return hub_bytes_of(json_string_value(value), json_string_length(value));
}

bool formats_json_number(const json_t *object, const char *key, char digits[FORMATS_JSON_DIGITS], hub_bytes *out)
{
    const json_t *value = json_object_get(object, key);
    *out = formats_json_text(object, key);
    if (!json_is_integer(value)) return !formats_json_is_not_text(object, key);
    if (json_integer_value(value) < 0) return false;
    (void)snprintf(digits, FORMATS_JSON_DIGITS, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    *out = hub_bytes_of_text(digits);
    return true;
}

Mash__V1__Presence formats_json_presence(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (json_is_true(value)) return MASH__V1__PRESENCE__PRESENCE_YES;
    if (json_is_false(value)) return MASH__V1__PRESENCE__PRESENCE_NO;
    return MASH__V1__PRESENCE__PRESENCE_UNSPECIFIED;
}

bool formats_json_is_not_text(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return value != NULL && !json_is_null(value) && !json_is_string(value);
}

bool formats_json_is_not_texts(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    size_t i;
    json_t *element;
    if (value == NULL || json_is_null(value)) return false;
    json_array_foreach(value, i, element)
    {
        if (!json_is_string(element)) return true;
    }
    return !json_is_array(value);
}

bool formats_json_is_not_boolean(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return value != NULL && !json_is_null(value) && !json_is_boolean(value);
}

bool formats_bytes_are(hub_bytes text, const char *word)
{
    return text.size == strlen(word) && memcmp(text.data != NULL ? text.data : (const uint8_t *)"", word, text.size) == 0;
}

bool formats_bytes_are_any_case(hub_bytes text, const char *word)
{
    return text.size == strlen(word) && strncasecmp(text.data != NULL ? (const char *)text.data : "", word, text.size) == 0;
}

hub_bytes formats_bytes_trimmed(hub_bytes text)
{
    while (text.size > 0 && text.data[0] != '\0' && strchr(" \t\r\n", text.data[0]) != NULL)
        text = hub_bytes_of(text.data + 1, text.size - 1);
    while (text.size > 0 && text.data[text.size - 1] != '\0' && strchr(" \t\r\n", text.data[text.size - 1]) != NULL)
        text.size--;
    return text;
}

bool formats_bytes_begin(hub_bytes text, const char *word)
{
    size_t size = strlen(word);
    return text.size >= size && formats_bytes_are_any_case(hub_bytes_of(text.data, size), word);
}
