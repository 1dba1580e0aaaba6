#include "cli/print.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "json/json.h"

void print_zone_london(print_zone *zone)
{
    memset(zone, 0, sizeof *zone);
    zone->calendar.zone = zone->rows;
    zone->calendar.zone_count = core_zone_london(1972, 2200, zone->rows, PRINT_ZONE_ROWS);
}

print_style_use print_style_wanted(void)
{
    const char *no_colour = getenv("NO_COLOR");
    if (no_colour != NULL && no_colour[0] != '\0') return PRINT_PLAIN;
    return isatty(STDOUT_FILENO) == 1 ? PRINT_COLOUR : PRINT_PLAIN;
}

void print_time(const print_zone *zone, int64_t at_ms, char out[PRINT_TIME_TEXT])
{
    if (at_ms == 0)
        snprintf(out, PRINT_TIME_TEXT, "-");
    else
        core_calendar_text(&zone->calendar, at_ms, out);
}

void print_duration(int64_t duration_ms, char out[PRINT_DURATION_TEXT])
{
    static const struct {
        int64_t seconds;
        const char *one;
        const char *many;
    } UNITS[] = {{86400, "day", "days"}, {3600, "h", "h"}, {60, "min", "min"}, {1, "s", "s"}};
    enum { UNIT_COUNT = sizeof UNITS / sizeof UNITS[0] };
    int64_t seconds = (int64_t)((duration_ms < 0 ? 0 - (uint64_t)duration_ms : (uint64_t)duration_ms) / 1000);
    size_t unit = 0;
    while (unit + 1 < UNIT_COUNT && seconds < UNITS[unit].seconds)
        unit++;
    int64_t whole = seconds / UNITS[unit].seconds;
    int length = snprintf(out, PRINT_DURATION_TEXT, "%" PRId64 " %s", whole, whole == 1 ? UNITS[unit].one : UNITS[unit].many);
    if (unit + 1 >= UNIT_COUNT || (whole >= 10 && unit == 0)) return; /* twelve days and an hour are twelve days */
    int64_t rest = seconds % UNITS[unit].seconds / UNITS[unit + 1].seconds;
    if (rest > 0 && length > 0)
        snprintf(out + length, PRINT_DURATION_TEXT - (size_t)length, " %" PRId64 " %s", rest, UNITS[unit + 1].many);
}

void print_due(int64_t now_ms, int64_t due_ms, char out[PRINT_DURATION_TEXT])
{
    char words[PRINT_DURATION_TEXT];
    print_duration(due_ms - now_ms, words);
    snprintf(out, PRINT_DURATION_TEXT, due_ms >= now_ms ? "in %.40s" : "%.40s late", words);
}

void print_count(uint64_t value, char out[32])
{
    char digits[24];
    int count = snprintf(digits, sizeof digits, "%" PRIu64, value);
    size_t at = 0;
    for (int i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0) out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = '\0';
}

void print_bytes(uint64_t value, char out[32])
{
    static const char *const UNITS[] = {"bytes", "KB", "MB", "GB", "TB", "PB", "EB"};
    double amount = (double)value;
    size_t unit = 0;
    while (amount >= 1000 && unit + 1 < sizeof UNITS / sizeof UNITS[0]) {
        amount /= 1000;
        unit++;
    }
    snprintf(out, 32, unit == 0 ? "%.0f %s" : "%.1f %s", amount, UNITS[unit]);
}

void print_clean(hub_buffer *out, const char *text)
{
    print_clean_part(out, text, strlen(text));
}

void print_clean_part(hub_buffer *out, const char *text, size_t size)
{
    static const char REPLACEMENT[] = "\xEF\xBF\xBD";
    if (!hub_is_clean_text(text, size)) {
        hub_buffer_put_text(out, REPLACEMENT);
        return;
    }
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)text[i];
        bool upper_control = c == 0xC2 && (unsigned char)text[i + 1] < 0xA0; /* U+0080 to U+009F */
        if (c == '\n' || c == '\t' || c == '\r') {
            hub_buffer_put(out, " ", 1);
        } else if (c < 0x20 || c == 0x7F || upper_control) {
            hub_buffer_put_text(out, REPLACEMENT);
            if (upper_control) i++;
        } else {
            hub_buffer_put(out, &c, 1);
        }
    }
}

void print_styled(hub_buffer *out, print_style_use use, print_style style, const char *text)
{
    static const char *const CODES[] = {
        [PRINT_NORMAL] = "",          [PRINT_BOLD] = "\033[1m",     [PRINT_FAINT] = "\033[2m",  [PRINT_RED] = "\033[1;31m",
        [PRINT_AMBER] = "\033[1;33m", [PRINT_GREEN] = "\033[1;32m", [PRINT_BLUE] = "\033[1;34m"};
    bool coloured = use == PRINT_COLOUR && style != PRINT_NORMAL;
    if (coloured) hub_buffer_put_text(out, CODES[style]);
    print_clean(out, text);
    if (coloured) hub_buffer_put_text(out, "\033[0m");
}

size_t print_width(const char *text)
{
    size_t width = 0;
    for (; *text != '\0'; text++)
        width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

const char *print_rating(Mash__V1__Rating rating)
{
    switch (rating) {
    case MASH__V1__RATING__RATING_BLUE:
        return "Blue";
    case MASH__V1__RATING__RATING_GREEN:
        return "Green";
    case MASH__V1__RATING__RATING_AMBER:
        return "Amber";
    case MASH__V1__RATING__RATING_RED:
        return "Red";
    default:
        return "-";
    }
}

print_style print_rating_style(Mash__V1__Rating rating)
{
    switch (rating) {
    case MASH__V1__RATING__RATING_BLUE:
        return PRINT_BLUE;
    case MASH__V1__RATING__RATING_GREEN:
        return PRINT_GREEN;
    case MASH__V1__RATING__RATING_AMBER:
        return PRINT_AMBER;
    case MASH__V1__RATING__RATING_RED:
        return PRINT_RED;
    default:
        return PRINT_NORMAL;
    }
}

void print_json_line(hub_buffer *out, const ProtobufCMessage *message)
{
    (void)json_of_message(message, JSON_COMPACT, out); /* `out` remembers that there was no memory */
    hub_buffer_put_text(out, "\n");
}

bool print_flush(hub_buffer *out)
{
    if (out->failed) fputs("mashctl: no memory for a part of the answer, which is left out\n", stderr);
    bool whole = !out->failed && (out->size == 0 || fwrite(out->data, 1, out->size, stdout) == out->size);
    hub_buffer_clear(out);
    return fflush(stdout) == 0 && whole;
}
