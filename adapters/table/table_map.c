/* table_map.c - the records of a CSV file or a JSON document, each by the table to one event.
 *
 * Invariants
 *   G1  a record is known by its reference: the same again is quiet, another wording amends
 *   G2  a reference is remembered and sent as a digest: its columns may name a person
 */
#include <stdio.h>
#include <string.h>

#include "formats/memory.h"
#include "json/json.h"
#include "table/table_parts.h"

enum { RECORDS_MAX = 100000 };

static const json_t *member(const json_t *object, const char *path)
{
    char key[64];
    while (object != NULL && *path != '\0') {
        const char *stop = strchr(path, '.');
        size_t size = stop != NULL ? (size_t)(stop - path) : strlen(path);
        (void)snprintf(key, sizeof key, "%.*s", (int)size, path);
        object = json_object_get(object, key);
        path += size + (stop != NULL);
    }
    return object;
}

static hub_bytes scalar(const json_t *value, char scratch[FORMATS_JSON_DIGITS])
{
    if (json_is_string(value)) return hub_bytes_of(json_string_value(value), json_string_length(value));
    if (json_is_boolean(value)) return hub_bytes_of_text(json_is_true(value) ? "true" : "false");
    if (!json_is_integer(value)) return hub_bytes_of(NULL, 0);
    (void)snprintf(scratch, FORMATS_JSON_DIGITS, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    return hub_bytes_of_text(scratch);
}

static size_t json_values(const table_record *record, const char *take, hub_bytes values[TABLE_VALUES_MAX],
                          char scratch[FORMATS_JSON_DIGITS])
{
    const json_t *value = member(record->object, take);
    size_t count = 0;
    size_t i;
    json_t *element;
    if (json_is_real(value) || json_is_object(value)) return TABLE_OTHER_SHAPE;
    if (!json_is_array(value)) {
        values[0] = scalar(value, scratch);
        return values[0].size > 0 ? 1 : 0;
    }
    json_array_foreach(value, i, element)
    {
        if (json_is_null(element) || (json_is_string(element) && json_string_length(element) == 0)) continue;
        if (!json_is_string(element) || count == TABLE_VALUES_MAX) return TABLE_OTHER_SHAPE;
        values[count++] = scalar(element, scratch);
    }
    return count;
}

size_t table_values(const table_record *record, const char *take, hub_bytes values[TABLE_VALUES_MAX],
                    char scratch[FORMATS_JSON_DIGITS])
{
    if (record->object != NULL) return json_values(record, take, values, scratch);
    for (size_t i = 0; i < record->table->take_count; i++) {
        if (strcmp(record->table->takes[i], take) != 0) continue;
        values[0] = formats_csv_text(record->row, record->columns[i]);
        return values[0].size > 0 ? 1 : 0;
    }
    return 0;
}

/* Where a column of this record stands. */
static kit_place place_of(const table_record *record, const char *take)
{
    if (record->object != NULL) {
        bool nested = strchr(take, '.') != NULL;
        return formats_json_place(record->places, record->object, nested ? NULL : take, take);
    }
    for (size_t i = 0; i < record->table->take_count; i++) {
        if (strcmp(record->table->takes[i], take) == 0) return formats_csv_place(record->row, record->columns[i], take);
    }
    return formats_csv_place(record->row, -1, take);
}

static hub_bytes bytes_of(const table_record *record)
{
    return record->object != NULL ? formats_json_record(record->places, record->object) : record->row->record;
}

/* G2. false: a column of the reference is empty. */
static bool key_of(const table_record *record, formats_key *key)
{
    hub_bytes parts[TABLE_REFERENCE_MAX] = {{0}};
    char scratch[TABLE_REFERENCE_MAX][FORMATS_JSON_DIGITS];
    bool any = false;
    for (size_t i = 0; i < record->table->reference_count; i++) {
        hub_bytes values[TABLE_VALUES_MAX];
        size_t count = table_values(record, record->table->reference[i], values, scratch[i]);
        bool has = count > 0 && count != TABLE_OTHER_SHAPE;
        parts[i] = has ? values[0] : hub_bytes_of(NULL, 0);
        any = any || has;
    }
    *key = formats_key_of("record", parts, record->table->reference_count);
    return any;
}

/* What every event says of its source; a number of the source's own means something only with the system that issued it. */
static void complete(formats_draft *draft, const kit_mapping_options *options)
{
    Mash__V1__Event *event = &draft->event;
    for (size_t i = 0; i < event->n_subjects; i++) {
        for (size_t k = 0; k < event->subjects[i]->n_identifiers; k++) {
            Mash__V1__Identifier *identifier = event->subjects[i]->identifiers[k];
            bool is_local = identifier->scheme == MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_LOCAL;
            if (is_local && identifier->system[0] == '\0') identifier->system = formats_word(draft, options->source_system);
        }
    }
    if (event->occurred_at == 0) event->occurred_at = 1; /* known only to have happened */
}

static hub_status put_event(table_record *record, const formats_key *key, Mash__V1__Event *said)
{
    const kit_mapping_options *options = record->options;
    formats_profile *profile = hub_arena_take(record->sink->arena, sizeof *profile);
    if (profile == NULL) return HUB_ERR_MEMORY;
    *profile = (formats_profile){.agency = options->agency, .legal_gateway = ""};
    formats_draft *draft = formats_draft_open(record->sink, options, profile);
    if (draft == NULL) return HUB_ERR_MEMORY;
    Mash__V1__Event own = draft->event;
    draft->event = *said;
    draft->event.agency = own.agency;
    if (draft->event.area[0] == '\0') draft->event.area = own.area;
    if (draft->event.legal_gateway[0] == '\0') draft->event.legal_gateway = own.legal_gateway;
    complete(draft, options);
    return formats_put_once(draft, key, key->text, FORMATS_SAME_EVENT, bytes_of(record),
                            place_of(record, record->table->reference[0]));
}

static hub_status put_record(table_record *record)
{
    formats_key key;
    hub_buffer text = {0};
    ProtobufCMessage *message = NULL;
    hub_status status = HUB_OK;
    if (!key_of(record, &key))
        return formats_park(record->sink, bytes_of(record), place_of(record, record->table->reference[0]),
                            "the record's number is empty: without it a correction would be a second event");
    table_write(record, &text);
    if (text.failed)
        status = HUB_ERR_MEMORY;
    else if (record->rule != NULL)
        status = formats_park(record->sink, bytes_of(record), place_of(record, record->take), record->rule);
    else
        status = json_to_message(&mash__v1__event__descriptor, hub_buffer_bytes(&text), record->sink->arena, &message, NULL);
    hub_buffer_free(&text);
    if (status == HUB_ERR_INVALID)
        return formats_park(record->sink, bytes_of(record), place_of(record, record->table->reference[0]),
                            "a value that a field of the event cannot hold");
    return status == HUB_OK && message != NULL ? put_event(record, &key, (Mash__V1__Event *)message) : status;
}

static hub_status on_entry(void *context, const formats_csv_row *row, const int32_t *columns)
{
    table_record record = *(const table_record *)context;
    record.row = row;
    record.columns = columns;
    return put_record(&record);
}

static hub_status map_csv(const kit_mapping_options *options, hub_bytes input, const char *input_name, kit_sink *sink,
                          hub_error *err)
{
    const table *t = options->settings;
    if (t == NULL) return hub_fail(err, HUB_ERR_INVALID, "no table: name one under `table` in the configuration");
    table_record record = {.table = t, .options = options, .sink = sink};
    (void)input_name;
    return formats_csv_read_table(input, t->columns, t->take_count, on_entry, &record, sink, err);
}

static hub_status park_element(const table_record *record, const json_t *list, size_t index)
{
    char path[128];
    hub_bytes bytes;
    (void)snprintf(path, sizeof path, "%s[%zu]", record->table->records, index);
    kit_place place = formats_json_element(record->places, list, index, path, &bytes);
    return formats_park(record->sink, bytes, place, "a record must be an object");
}

static hub_status map_records(table_record *record, hub_bytes input, const json_t *root, hub_error *err)
{
    const char *name = record->table->records;
    const json_t *list = name[0] != '\0' ? member(root, name) : root;
    size_t i;
    json_t *element;
    if (!json_is_array(list)) return formats_json_refuse(input, root, root, name, name, "must be a list of records", err);
    if (json_array_size(list) > RECORDS_MAX)
        return formats_json_refuse(input, root, root, name, name, "more than 100000 records", err);
    json_array_foreach(list, i, element)
    {
        hub_status status;
        record->object = element;
        record->rule = NULL;
        if (json_is_object(element))
            status = put_record(record);
        else
            status = park_element(record, list, i);
        if (status != HUB_OK) return status;
    }
    return HUB_OK;
}

static hub_status map_json(const kit_mapping_options *options, hub_bytes input, const char *input_name, kit_sink *sink,
                           hub_error *err)
{
    formats_json_places places;
    (void)input_name;
    if (options->settings == NULL) return hub_fail(err, HUB_ERR_INVALID, "no table: name one under `table` in the configuration");
    hub_status status = formats_json_open(input, &places, err);
    table_record record = {.table = options->settings, .options = options, .sink = sink, .places = &places};
    if (status == HUB_OK) status = map_records(&record, input, places.root, err);
    formats_json_close(&places);
    return status;
}

static void *read_csv_table(const char *path, struct yaml_problems *problems)
{
    return table_read(path, problems, TABLE_CSV);
}

static void *read_json_table(const char *path, struct yaml_problems *problems)
{
    return table_read(path, problems, TABLE_JSON);
}

const kit_mapping table_csv = {
    .name = "table-csv",
    .version = 1,
    .transport = "folder",
    .file_suffix = "csv",
    .map = map_csv,
    .settings_read = read_csv_table,
    .settings_free = table_free,
};
const kit_mapping table_json = {
    .name = "table-json",
    .version = 1,
    .transport = "folder",
    .file_suffix = "json",
    .map = map_json,
    .settings_read = read_json_table,
    .settings_free = table_free,
};
