/* What readers of YAML ask of a node, and how complaints are written. */
#include "yaml.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "node.h"

enum { NEAREST_WORD_MAX = 64 };

void yaml_problems_free(yaml_problems *problems)
{
    hub_buffer_free(&problems->text);
    *problems = (yaml_problems){0};
}

void yaml_problem_at(yaml_problems *problems, const char *name, int line, int column, const char *text)
{
    uint32_t lines = problems->count++ + problems->warnings;
    if (lines > YAML_LINES_MAX) return;
    if (lines == YAML_LINES_MAX) {
        hub_buffer_put_text(&problems->text, "(more complaints are not shown; mend these first)\n");
        return;
    }
    hub_buffer_put_format(&problems->text, "%s:%d:%d: ", name, line, column);
    for (const char *at = text; *at != '\0'; at++) {
        char shown = (unsigned char)*at < 0x20 || *at == 0x7f ? '?' : *at;
        hub_buffer_put(&problems->text, &shown, 1);
    }
    hub_buffer_put_text(&problems->text, "\n");
}

static void format_line(char text[YAML_LINE_BYTES], const char *format, va_list args)
{
    int length = vsnprintf(text, YAML_LINE_BYTES, format, args);
    HUB_ASSERT(length >= 0);
    size_t end = strlen(text);
    while (end > 0 && !hub_is_clean_text(text, end))
        text[--end] = '\0'; /* the cut may have split a character */
}

void yaml_complain(const yaml_node *node, yaml_problems *problems, const char *format, ...)
{
    char text[YAML_LINE_BYTES];
    va_list args;
    va_start(args, format);
    format_line(text, format, args);
    va_end(args);
    yaml_problem_at(problems, node->document->name, node->line, node->column, text);
}

const yaml_document *yaml_place(const yaml_node *node, int *line, int *column)
{
    *line = node->line;
    *column = node->column;
    return node->document;
}

const char *yaml_where(const yaml_node *node)
{
    yaml_document *document = node->document;
    (void)snprintf(document->where, sizeof document->where, "%.280s:%d:%d", document->name, node->line, node->column);
    return document->where;
}

/* ---- nearest word --------------------------------------------------------------------------------------------------------- */

static unsigned least_of(unsigned a, unsigned b, unsigned c)
{
    unsigned least = a < b ? a : b;
    return least < c ? least : c;
}

/* Levenshtein distance; words longer than NEAREST_WORD_MAX are far from everything. */
static unsigned edit_distance(const char *a, const char *b)
{
    size_t a_size = strlen(a), b_size = strlen(b);
    if (a_size > NEAREST_WORD_MAX || b_size > NEAREST_WORD_MAX) return NEAREST_WORD_MAX;
    unsigned row[NEAREST_WORD_MAX + 1];
    for (size_t j = 0; j <= b_size; j++)
        row[j] = (unsigned)j;
    for (size_t i = 1; i <= a_size; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_size; j++) {
            unsigned above = row[j];
            row[j] = least_of(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1));
            diagonal = above;
        }
    }
    return row[b_size];
}

bool yaml_is_nearer(const char *word, const char *candidate, const char *best)
{
    unsigned far = strlen(word) < 3 ? 1 : 2; /* two slips, or two letters changed about: more is another word */
    unsigned distance = edit_distance(word, candidate);
    if (distance > far) return false;
    return best == NULL || distance < edit_distance(word, best);
}

/* ---- shape ---------------------------------------------------------------------------------------------------------------- */

static bool is_among(const char *key, const char *first, va_list more)
{
    for (const char *name = first; name != NULL; name = va_arg(more, const char *)) {
        if (strcmp(name, key) == 0) return true;
    }
    return false;
}

static const char *nearest_of(const char *key, const char *first, va_list more)
{
    const char *best = NULL;
    for (const char *name = first; name != NULL; name = va_arg(more, const char *)) {
        if (yaml_is_nearer(key, name, best)) best = name;
    }
    return best;
}

bool yaml_only(const yaml_node *node, yaml_problems *problems, const char *first, ...)
{
    if (node == NULL) return false;
    if (node->kind != YAML_MAP) {
        yaml_complain(node, problems, "expected keys and values ('%s: ...')", first);
        return false;
    }
    bool good = true;
    for (size_t i = 0; i < node->count; i++) {
        const yaml_node *key = node->items[2 * i];
        va_list names;
        va_start(names, first);
        bool known = is_among(key->text, first, names);
        va_end(names);
        if (known) continue;
        va_start(names, first);
        const char *nearest = nearest_of(key->text, first, names);
        va_end(names);
        if (nearest != NULL) {
            yaml_complain(key, problems, "unknown key '%.60s'; did you mean '%s'?", key->text, nearest);
        } else if (strchr(key->text, ' ') != NULL) {
            yaml_complain(key, problems, "unknown key '%.60s'; a text with a comma in {...} needs quotes", key->text);
        } else {
            yaml_complain(key, problems, "unknown key '%.60s'; remove it", key->text);
        }
        good = false;
    }
    return good;
}

const yaml_node *yaml_get(const yaml_node *map, const char *key)
{
    if (map == NULL || map->kind != YAML_MAP) return NULL;
    for (size_t i = 0; i < map->count; i++) {
        if (strcmp(map->items[2 * i]->text, key) == 0) return map->items[2 * i + 1];
    }
    return NULL;
}

const yaml_node *yaml_need(const yaml_node *map, const char *key, yaml_problems *problems)
{
    const yaml_node *found = yaml_get(map, key);
    if (found == NULL && map != NULL) yaml_complain(map, problems, "'%s' is missing here", key);
    return found;
}

bool yaml_is_map(const yaml_node *node)
{
    return node != NULL && node->kind == YAML_MAP;
}

bool yaml_is_list(const yaml_node *node)
{
    return node != NULL && node->kind == YAML_LIST;
}

bool yaml_is_text(const yaml_node *node)
{
    return node != NULL && node->kind == YAML_TEXT;
}

size_t yaml_count(const yaml_node *node)
{
    return yaml_is_map(node) || yaml_is_list(node) ? node->count : 0;
}

const yaml_node *yaml_item(const yaml_node *list, size_t index)
{
    return yaml_is_list(list) && index < list->count ? list->items[index] : NULL;
}

const yaml_node *yaml_key_node(const yaml_node *map, size_t index)
{
    return yaml_is_map(map) && index < map->count ? map->items[2 * index] : NULL;
}

const char *yaml_key(const yaml_node *map, size_t index)
{
    const yaml_node *key = yaml_key_node(map, index);
    return key != NULL ? key->text : NULL;
}

const yaml_node *yaml_value(const yaml_node *map, size_t index)
{
    return yaml_is_map(map) && index < map->count ? map->items[2 * index + 1] : NULL;
}

/* ---- values --------------------------------------------------------------------------------------------------------------- */

static const char *text_of(const yaml_node *node, yaml_problems *problems)
{
    if (node == NULL) return NULL;
    if (node->kind == YAML_TEXT) return node->text;
    yaml_complain(node, problems,
                  node->kind == YAML_EMPTY ? "a value is missing here" : "expected one value here, not a list or keys");
    return NULL;
}

const char *yaml_text(const yaml_node *node, size_t bytes_max, yaml_problems *problems)
{
    const char *text = text_of(node, problems);
    if (text == NULL) return "";
    if (strlen(text) <= bytes_max) return text;
    yaml_complain(node, problems, "too long: %zu bytes, at most %zu", strlen(text), bytes_max);
    return "";
}

int64_t yaml_int(const yaml_node *node, int64_t least, int64_t most, yaml_problems *problems)
{
    const char *text = text_of(node, problems);
    if (text == NULL) return least;
    const char *digits = text[0] == '-' ? text + 1 : text;
    bool whole = digits[0] != '\0' && strspn(digits, "0123456789") == strlen(digits) && (digits[0] != '0' || digits[1] == '\0');
    errno = 0;
    long long value = whole ? strtoll(text, NULL, 10) : 0;
    if (whole && errno == 0 && value >= least && value <= most) return value;
    yaml_complain(node, problems, "expected a whole number from %lld to %lld", (long long)least, (long long)most);
    return least;
}

bool yaml_bool(const yaml_node *node, yaml_problems *problems)
{
    const char *text = text_of(node, problems);
    if (text == NULL) return false;
    if (strcmp(text, "yes") == 0 || strcmp(text, "true") == 0) return true;
    if (strcmp(text, "no") == 0 || strcmp(text, "false") == 0) return false;
    yaml_complain(node, problems, "expected yes or no");
    return false;
}

/* Two digits at `at`, or -1. */
static int two_digits(const char *at)
{
    bool good = at[0] >= '0' && at[0] <= '9' && at[1] >= '0' && at[1] <= '9';
    return good ? (at[0] - '0') * 10 + (at[1] - '0') : -1;
}

/* Days since 1970-01-01 by the proleptic Gregorian calendar (Howard Hinnant, "days_from_civil"). */
static int32_t day_of(int year, int month, int day)
{
    int y = month <= 2 ? year - 1 : year;
    int era = y / 400;
    int year_of_era = y - era * 400;
    int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

static int days_in_month(int year, int month)
{
    static const int DAYS[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && is_leap ? 29 : DAYS[month - 1];
}

int32_t yaml_date(const yaml_node *node, yaml_problems *problems)
{
    const char *text = text_of(node, problems);
    if (text == NULL) return 0;
    if (strlen(text) != 10 || text[4] != '-' || text[7] != '-' || two_digits(text) < 0 || two_digits(text + 2) < 0 ||
        two_digits(text + 5) < 0 || two_digits(text + 8) < 0) {
        yaml_complain(node, problems, "expected a date like 2026-04-07");
        return 0;
    }
    int year = two_digits(text) * 100 + two_digits(text + 2), month = two_digits(text + 5), day = two_digits(text + 8);
    if (year < 1850 || year > 2200 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month)) {
        yaml_complain(node, problems, "this date does not exist");
        return 0;
    }
    return day_of(year, month, day);
}

int16_t yaml_time_of_day(const yaml_node *node, yaml_problems *problems)
{
    const char *text = text_of(node, problems);
    if (text == NULL) return 0;
    int hour = strlen(text) == 5 && text[2] == ':' ? two_digits(text) : -1;
    int minute = hour >= 0 ? two_digits(text + 3) : -1;
    if (minute >= 0 && minute <= 59 && (hour <= 23 || (hour == 24 && minute == 0))) return (int16_t)(hour * 60 + minute);
    yaml_complain(node, problems, "expected a time of day like 08:30");
    return 0;
}

void yaml_address(const yaml_node *node, char *address, size_t size, uint16_t *port, yaml_problems *problems)
{
    if (node == NULL) return;
    const char *text = yaml_text(node, size - 1, problems);
    const char *colon = strrchr(text, ':');
    char *end = NULL;
    long number = colon == NULL ? 0 : strtol(colon + 1, &end, 10);
    if (number < 1 || number > 65535 || *end != '\0' || colon == text) {
        yaml_complain(node, problems, "an address and port are expected, as in 127.0.0.1:7480");
        return;
    }
    bool has_brackets = text[0] == '[' && colon[-1] == ']';
    int length = (int)(colon - text) - (has_brackets ? 2 : 0);
    (void)snprintf(address, size, "%.*s", length, has_brackets ? text + 1 : text);
    *port = (uint16_t)number;
}
