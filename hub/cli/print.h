/* print.h - what people read: colour where it helps, civil times, durations in words, and text from outside made harmless.
 *
 * Text that came from elsewhere may hold escape sequences that a terminal obeys: print_clean replaces every control character.
 * Colour never stands alone: the word it underlines is always there too.
 */
#ifndef CLI_PRINT_H
#define CLI_PRINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "core/calendar.h"
#include "mash/v1/record.pb-c.h"

typedef enum print_style_use { PRINT_PLAIN, PRINT_COLOUR } print_style_use;
typedef enum print_style { PRINT_NORMAL, PRINT_BOLD, PRINT_FAINT, PRINT_RED, PRINT_AMBER, PRINT_GREEN, PRINT_BLUE } print_style;

enum { PRINT_TIME_TEXT = 40, PRINT_DURATION_TEXT = 48, PRINT_ZONE_ROWS = 512 };

/* Europe/London, 1972 to 2200. */
typedef struct print_zone {
    core_zone_change rows[PRINT_ZONE_ROWS];
    core_calendar calendar;
} print_zone;
void print_zone_london(print_zone *zone);

/* PRINT_COLOUR when standard output is a terminal and NO_COLOR is not set (no-color.org). */
print_style_use print_style_wanted(void);

/* "Tue 7 Apr 2026 12:30 BST"; "-" for 0. */
void print_time(const print_zone *zone, int64_t at_ms, char out[PRINT_TIME_TEXT]);
/* The two largest units: "3 days 4 h", "2 h 5 min", "41 s", "0 s". The sign is left out. */
void print_duration(int64_t duration_ms, char out[PRINT_DURATION_TEXT]);
/* "in 2 h 5 min" or "3 min late". */
void print_due(int64_t now_ms, int64_t due_ms, char out[PRINT_DURATION_TEXT]);
/* "1,234,567". */
void print_count(uint64_t value, char out[32]);
/* "3.2 GB". */
void print_bytes(uint64_t value, char out[32]);

/* Text from elsewhere, at the end of `out`: control characters become U+FFFD, line ends become spaces. */
void print_clean(hub_buffer *out, const char *text);
void print_clean_part(hub_buffer *out, const char *text, size_t size);
void print_styled(hub_buffer *out, print_style_use use, print_style style, const char *text);
/* Columns that a terminal needs for clean text: code points, since nothing wider is printed here. */
size_t print_width(const char *text);

const char *print_rating(Mash__V1__Rating rating); /* "Red"; "-" when there is none */
print_style print_rating_style(Mash__V1__Rating rating);

/* The message as a line of JSON, at the end of `out`. */
void print_json_line(hub_buffer *out, const ProtobufCMessage *message);

/* Writes everything to standard output and empties the buffer. false: standard output is gone, or memory was, which is said on standard error;
 * a verb that goes on nevertheless ends with host_output_end. */
bool print_flush(hub_buffer *out);

#endif
