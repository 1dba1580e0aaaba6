/* table_parts.h - the checked table, shared by its reading, its writing of events and its two formats. Private to adapters/table. */
#ifndef TABLE_TABLE_PARTS_H
#define TABLE_TABLE_PARTS_H

#include "formats/csv.h"
#include "formats/json_place.h"
#include "table/table.h"
#include "yaml/yaml.h"

enum { TABLE_TAKES_MAX = 64, TABLE_VALUES_MAX = 32, TABLE_REFERENCE_MAX = 8, TABLE_TEXT_MAX = 4000 };

typedef enum table_format { TABLE_CSV, TABLE_JSON } table_format;

typedef struct table {
    yaml_document *document;
    const yaml_node *event;
    table_format format;
    const char *records;                        /* JSON: key of the list; "": the document is the list */
    const char *reference[TABLE_REFERENCE_MAX]; /* columns that together number a record */
    size_t reference_count;
    const char *takes[TABLE_TAKES_MAX]; /* every column that is named, once */
    char names[TABLE_TAKES_MAX][64];    /* CSV: letters and digits of it */
    formats_csv_column columns[TABLE_TAKES_MAX];
    size_t take_count;
} table;

/* One record: of a CSV file a row, of a JSON document an object. */
typedef struct table_record {
    const table *table;
    const kit_mapping_options *options;
    kit_sink *sink;
    const formats_csv_row *row; /* CSV */
    const int32_t *columns;
    const json_t *object;        /* JSON */
    formats_json_places *places; /* JSON */
    const char *rule;            /* of the first fault; NULL: none */
    const char *take;            /* its column */
} table_record;

/* The field of a message with that name; NULL: none. */
const ProtobufCFieldDescriptor *table_field(const ProtobufCMessageDescriptor *message, const char *name);
/* The values a column has in this record; scratch holds the digits of a number. Empty ones are left out. TABLE_OTHER_SHAPE: what stands there is
 * neither a text, a whole number, true, false nor null, nor a list of at most TABLE_VALUES_MAX texts: left out, it would be lost in silence. */
#define TABLE_OTHER_SHAPE SIZE_MAX
size_t table_values(const table_record *record, const char *take, hub_bytes values[TABLE_VALUES_MAX],
                    char scratch[FORMATS_JSON_DIGITS]);
/* The event of a record as JSON, at the end of `out`. Sets record->rule when a value cannot be said. */
void table_write(table_record *record, hub_buffer *out);

/* table_check.c: kit_mapping.settings_read for both formats. */
void *table_read(const char *path, struct yaml_problems *problems, table_format format);
void table_free(void *settings);

#endif
