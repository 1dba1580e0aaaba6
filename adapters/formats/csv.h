/* csv.h - comma-separated rows [RFC 4180], each with the place where it and its fields stand.
 *
 * The first row names the columns; names are matched by letters and digits alone, so that "NHS Number", "nhs_number" and "NHSNumber"
 * are one. It also shows whether commas, semicolons or tabs divide the fields, unless a line "sep=;" before it says so. Text is UTF-8, or
 * UTF-16 where a byte order mark says so; that mark is skipped, and places are those of the text in UTF-8. A row with another number of fields than the first is given with `count` as it is.
 */
#ifndef FORMATS_CSV_H
#define FORMATS_CSV_H

#include "kit/mapping.h"

enum { FORMATS_CSV_FIELDS_MAX = 256, FORMATS_CSV_ROW_BYTES_MAX = 64 * 1024, FORMATS_CSV_FILE_BYTES_MAX = 256 * 1024 * 1024 };

typedef struct formats_csv_field {
    hub_bytes text;  /* unquoted; BORROWED for the call */
    uint32_t column; /* of its first byte in the row, from 1 */
} formats_csv_field;

typedef struct formats_csv_row {
    formats_csv_field fields[FORMATS_CSV_FIELDS_MAX];
    uint32_t count;
    uint32_t line;    /* on which the row begins, from 1 */
    hub_bytes record; /* its bytes in the input, BORROWED */
} formats_csv_row;

/* Called for each row that is not empty, the header first. Anything but HUB_OK ends the reading with that status. */
typedef hub_status formats_csv_row_cb(void *context, const formats_csv_row *row);

/* HUB_OK, what the callback answered, HUB_ERR_MEMORY, or HUB_ERR_INVALID with "line:column: rule" in err (a row too long, too many
 * fields, a quote that never ends, a NUL byte). */
hub_status formats_csv_read(hub_bytes input, formats_csv_row_cb *on_row, void *context, hub_error *err);

/* One column a mapping knows. `names` is one or more names divided by '|', in lower-case letters and digits only: the first that the header
 * has is the column. */
typedef struct formats_csv_column {
    const char *names;
    const char *shown; /* the name to use in places and errors: the format's own */
    enum { FORMATS_CSV_OPTIONAL, FORMATS_CSV_REQUIRED } need;
} formats_csv_column;

/* Finds each column in the header: indexes[i] is its field, or -1. HUB_ERR_INVALID with the missing name in err; a name that stands
 * twice is an error too. */
hub_status formats_csv_match(const formats_csv_row *header, const formats_csv_column *columns, size_t count, int32_t *indexes,
                             hub_error *err);

/* Called for each row after the header that has as many fields as it. Anything but HUB_OK ends the reading with that status.
 *   indexes  as of formats_csv_match; BORROWED */
typedef hub_status formats_csv_entry_cb(void *context, const formats_csv_row *row, const int32_t *indexes);

/* Reads a whole table: the header is matched, a row of another length is parked, and so is one of whose columns one is no UTF-8. HUB_ERR_INVALID also when there is no header. */
hub_status formats_csv_read_table(hub_bytes input, const formats_csv_column *columns, size_t count,
                                  formats_csv_entry_cb *on_entry, void *context, kit_sink *sink, hub_error *err);

/* The field at `index`, empty when index is -1 or the row is shorter; without blanks at its ends. */
hub_bytes formats_csv_text(const formats_csv_row *row, int32_t index);
kit_place formats_csv_place(const formats_csv_row *row, int32_t index, const char *shown);

#endif
