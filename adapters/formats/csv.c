#include "formats/csv.h"

#include <csv.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "event/wire.h"
#include "formats/charset.h"
#include "formats/draft.h"
#include "formats/json.h"

typedef struct reading {
    formats_csv_row row;
    size_t ends[FORMATS_CSV_FIELDS_MAX]; /* where in `text` each field ends */
    hub_buffer text;                     /* all fields of the row, unquoted */
    hub_bytes input;
    size_t at; /* offset of the byte being read */
    size_t row_start;
    size_t field_start;
    uint32_t line;     /* of the byte being read */
    const char *fault; /* rule of ours that this row broke */
    hub_status status; /* what the callback answered */
    formats_csv_row_cb *on_row;
    void *context;
} reading;

static void on_field(void *data, size_t size, void *context)
{
    reading *r = context;
    if (r->row.count >= FORMATS_CSV_FIELDS_MAX) {
        r->fault = "more than 256 fields in a row";
        return;
    }
    formats_csv_field *field = &r->row.fields[r->row.count];
    field->column = (uint32_t)(r->field_start - r->row_start) + 1;
    r->field_start = r->at + 1;
    hub_buffer_put(&r->text, data, size);
    r->ends[r->row.count++] = r->text.size;
}

static void on_row_end(int terminator, void *context)
{
    reading *r = context;
    (void)terminator;
    if (r->row.count > 0 && r->fault == NULL && r->status == HUB_OK) {
        size_t start = 0;
        const uint8_t *text = r->text.data != NULL ? r->text.data : (const uint8_t *)""; /* no field had any yet */
        for (uint32_t i = 0; i < r->row.count; i++) {
            r->row.fields[i].text = hub_bytes_of(text + start, r->ends[i] - start);
            start = r->ends[i];
        }
        r->row.record = hub_bytes_of(r->input.data + r->row_start, r->at - r->row_start);
        r->status = r->text.failed ? HUB_ERR_MEMORY : r->on_row(r->context, &r->row);
    }
    hub_buffer_clear(&r->text);
    r->row.count = 0;
    r->row_start = r->at + 1;
    r->field_start = r->at + 1;
}

static bool is_blank_or_end(uint8_t byte)
{
    return byte == '\n' || byte == '\r';
}

/* By LF, by CR LF, or by CR alone. */
static bool ends_line(const reading *r)
{
    bool lf_follows = r->at + 1 < r->input.size && r->input.data[r->at + 1] == '\n';
    return r->input.data[r->at] == '\n' || (r->input.data[r->at] == '\r' && !lf_follows);
}

/* One byte a call, so that the place of every field is known. */
static hub_status read_byte(reading *r, struct csv_parser *parser, hub_error *err)
{
    uint8_t byte = r->input.data[r->at];
    if (r->at == r->row_start) {
        r->row.line = r->line;
        if (is_blank_or_end(byte)) r->row_start = r->field_start = r->at + 1; /* between rows */
    }
    uint32_t column = (uint32_t)(r->at - r->row_start) + 1;
    if (byte == '\0') return hub_fail(err, HUB_ERR_INVALID, "%u:%u: NUL byte: is this a text file in UTF-8?", r->line, column);
    if (column > FORMATS_CSV_ROW_BYTES_MAX) {
        return hub_fail(err, HUB_ERR_INVALID, "%u:1: row is longer than 64 KiB: a quote that never ends?", r->row.line);
    }
    if (csv_parse(parser, &byte, 1, on_field, on_row_end, r) != 1) {
        return hub_fail(err, HUB_ERR_INVALID, "%u:%u: quote in the wrong place", r->line, column);
    }
    if (r->fault != NULL) return hub_fail(err, HUB_ERR_INVALID, "%u:%u: %s", r->row.line, column, r->fault);
    if (ends_line(r)) r->line++;
    return r->status;
}

static hub_status read_all(reading *r, struct csv_parser *parser, hub_error *err)
{
    for (; r->at < r->input.size; r->at++) {
        hub_status status = read_byte(r, parser, err);
        if (status != HUB_OK) return status;
    }
    csv_set_opts(parser, CSV_STRICT | CSV_STRICT_FINI); /* strict at the end alone: a stray quote inside a field is a character */
    if (csv_fini(parser, on_field, on_row_end, r) != 0) {
        return hub_fail(err, HUB_ERR_INVALID, "%u:1: a quote in this row never ends", r->row.line);
    }
    return r->status;
}

static size_t line_end(hub_bytes input, size_t at)
{
    while (at < input.size && !is_blank_or_end(input.data[at]))
        at++;
    return at;
}

/* What divides the fields: the one that stands most often in the first row that is not empty, quoted text left out; commas when none
 * does. Names of columns have neither tabs nor semicolons in them. */
static uint8_t divider_of(hub_bytes input)
{
    static const char DIVIDERS[] = ",;\t";
    size_t counts[sizeof DIVIDERS - 1] = {0};
    size_t best = 0;
    bool is_quoted = false;
    size_t at = 0;
    while (at < input.size && is_blank_or_end(input.data[at]))
        at++;
    for (; at < input.size && (is_quoted || !is_blank_or_end(input.data[at])); at++) {
        if (input.data[at] == '"') is_quoted = !is_quoted;
        for (size_t i = 0; i < sizeof counts / sizeof counts[0] && !is_quoted; i++)
            counts[i] += input.data[at] == (uint8_t)DIVIDERS[i];
    }
    for (size_t i = 1; i < sizeof counts / sizeof counts[0]; i++) {
        if (counts[i] > counts[best]) best = i;
    }
    return (uint8_t)DIVIDERS[best];
}

/* "sep=;": a line for spreadsheets, before the first row. */
static uint8_t read_divider(reading *r)
{
    static const char MARK[] = "sep=";
    size_t size = sizeof MARK - 1;
    if (r->input.size <= size || memcmp(r->input.data, MARK, size) != 0 || line_end(r->input, 0) != size + 1)
        return divider_of(r->input);
    r->at = r->row_start = r->field_start = size + 1;
    return r->input.data[size];
}

static hub_status read_rows(hub_bytes input, formats_csv_row_cb *on_row, void *context, hub_error *err)
{
    struct csv_parser parser;
    if (input.size >= 3 && memcmp(input.data, "\xEF\xBB\xBF", 3) == 0) input = hub_bytes_of(input.data + 3, input.size - 3);
    reading *r = calloc(1, sizeof *r); /* 10 KiB: not on a stack */
    if (r == NULL) return HUB_ERR_MEMORY;
    if (csv_init(&parser, 0) != 0) {
        free(r);
        return HUB_ERR_MEMORY;
    }
    r->input = input;
    r->line = 1;
    r->on_row = on_row;
    r->context = context;
    csv_set_delim(&parser, read_divider(r));
    hub_status status = read_all(r, &parser, err);
    csv_free(&parser);
    hub_buffer_free(&r->text);
    free(r);
    return status;
}

hub_status formats_csv_read(hub_bytes input, formats_csv_row_cb *on_row, void *context, hub_error *err)
{
    hub_buffer converted = {0};
    if (input.size > FORMATS_CSV_FILE_BYTES_MAX) return hub_fail(err, HUB_ERR_INVALID, "file is larger than 256 MiB: split it");
    bool is_utf16 = formats_utf16_read(input, &converted);
    hub_status status = converted.failed ? HUB_ERR_MEMORY : HUB_OK;
    if (status == HUB_OK) status = read_rows(is_utf16 ? hub_buffer_bytes(&converted) : input, on_row, context, err);
    hub_buffer_free(&converted);
    return status;
}

/* true when `heading` is `name` (to its end or to a '|') once everything but letters and digits is left out. */
static bool same_name(hub_bytes heading, const char *name)
{
    for (size_t i = 0; i < heading.size; i++) {
        if (!isalnum(heading.data[i])) continue;
        if (tolower(heading.data[i]) != *name) return false;
        name++;
    }
    return *name == '\0' || *name == '|';
}

/* The field that has this one of the column's names; -1: none. */
static hub_status find_name(const formats_csv_row *header, const formats_csv_column *column, const char *name, int32_t *index,
                            hub_error *err)
{
    *index = -1;
    for (uint32_t field = 0; field < header->count; field++) {
        if (!same_name(header->fields[field].text, name)) continue;
        if (*index >= 0) {
            return hub_fail(err, HUB_ERR_INVALID, "%u:%u: column %s stands twice", header->line, header->fields[field].column,
                            column->shown);
        }
        *index = (int32_t)field;
    }
    return HUB_OK;
}

hub_status formats_csv_match(const formats_csv_row *header, const formats_csv_column *columns, size_t count, int32_t *indexes,
                             hub_error *err)
{
    for (size_t i = 0; i < count; i++) {
        indexes[i] = -1;
        for (const char *name = columns[i].names; name != NULL && indexes[i] < 0;) {
            hub_status status = find_name(header, &columns[i], name, &indexes[i], err);
            if (status != HUB_OK) return status;
            name = strchr(name, '|');
            if (name != NULL) name++;
        }
        if (indexes[i] < 0 && columns[i].need == FORMATS_CSV_REQUIRED) {
            return hub_fail(err, HUB_ERR_INVALID,
                            "%u:1: no column %s: the first row must name the columns, divided by commas, semicolons or tabs",
                            header->line, columns[i].shown);
        }
    }
    return HUB_OK;
}

hub_bytes formats_csv_text(const formats_csv_row *row, int32_t index)
{
    if (index < 0 || (uint32_t)index >= row->count) return hub_bytes_of(NULL, 0);
    return formats_bytes_trimmed(row->fields[index].text);
}

kit_place formats_csv_place(const formats_csv_row *row, int32_t index, const char *shown)
{
    bool known = index >= 0 && (uint32_t)index < row->count;
    return (kit_place){.line = row->line, .column = known ? row->fields[index].column : 1, .field = shown};
}

typedef struct table {
    const formats_csv_column *columns;
    size_t count;
    formats_csv_entry_cb *on_entry;
    void *context;
    kit_sink *sink;
    hub_error *err;
    uint32_t width; /* 0: the header is still to come */
    int32_t indexes[FORMATS_CSV_FIELDS_MAX];
} table;

/* The first column that a mapping reads and that is no UTF-8 in this row; `count`: none. */
static size_t find_broken_text(const table *t, const formats_csv_row *row)
{
    size_t column = 0;
    for (; column < t->count; column++) {
        hub_bytes text = formats_csv_text(row, t->indexes[column]);
        if (text.size > 0 && !event_wire_text_is_clean((const char *)text.data, text.size)) break;
    }
    return column;
}

static hub_status on_table_row(void *context, const formats_csv_row *row)
{
    table *t = context;
    if (t->width == 0) {
        t->width = row->count;
        return formats_csv_match(row, t->columns, t->count, t->indexes, t->err);
    }
    if (row->count != t->width)
        return formats_park(t->sink, row->record, formats_csv_place(row, -1, "row"),
                            "row has another number of fields than the header");
    size_t broken = find_broken_text(t, row);
    if (broken == t->count) return t->on_entry(t->context, row, t->indexes);
    return formats_park(
        t->sink, row->record, formats_csv_place(row, t->indexes[broken], t->columns[broken].shown),
        "not UTF-8: save the file as CSV in UTF-8, or say `encoding: windows-1252` in the configuration, if that is what it is");
}

hub_status formats_csv_read_table(hub_bytes input, const formats_csv_column *columns, size_t count,
                                  formats_csv_entry_cb *on_entry, void *context, kit_sink *sink, hub_error *err)
{
    HUB_ASSERT(count <= FORMATS_CSV_FIELDS_MAX);
    table t = {.columns = columns, .count = count, .on_entry = on_entry, .context = context, .sink = sink, .err = err};
    hub_status status = formats_csv_read(input, on_table_row, &t, err);
    if (status == HUB_OK && t.width == 0)
        return hub_fail(err, HUB_ERR_INVALID, "1:1: empty: the first row must name the columns");
    return status;
}
