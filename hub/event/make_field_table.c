/* make_field_table - writes the tables of field_table.h from the descriptors of event.proto, as C on standard output; with the argument
 * "numbers" a header that names every number: EVENT_FIELD_SUBJECTS_DATE_OF_BIRTH. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mash/v1/event.pb-c.h"

enum { ROWS_MAX = 256 };

typedef struct table {
    const ProtobufCMessageDescriptor *rows[ROWS_MAX];
    unsigned sizes[ROWS_MAX];
    unsigned first_entries[ROWS_MAX];
    unsigned count;
} table;

static unsigned row_of(const table *t, const ProtobufCMessageDescriptor *descriptor)
{
    unsigned row = 0;
    while (row < t->count && t->rows[row] != descriptor)
        row++;
    return row;
}

/* Adds `descriptor` and all below it. There is no recursion in the contract, so a message's row can be entered before it is sized. */
static unsigned add(table *t, const ProtobufCMessageDescriptor *descriptor)
{
    unsigned row = row_of(t, descriptor);
    if (row < t->count) return t->sizes[row];
    if (row == ROWS_MAX) {
        (void)fprintf(stderr, "make_field_table: more than %d message types: raise ROWS_MAX\n", ROWS_MAX);
        exit(1);
    }
    t->rows[t->count++] = descriptor;
    unsigned size = 0;
    for (unsigned i = 0; i < descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
        size += 1 + (field->type == PROTOBUF_C_TYPE_MESSAGE ? add(t, field->descriptor) : 0);
    }
    t->sizes[row] = size;
    return size;
}

static void write_entries(table *t)
{
    unsigned entries = 0;
    (void)printf("const event_field_entry EVENT_FIELD_ENTRIES[] = {\n");
    for (unsigned row = 0; row < t->count; row++) {
        const ProtobufCMessageDescriptor *descriptor = t->rows[row];
        t->first_entries[row] = entries;
        unsigned number = 0;
        for (unsigned i = 0; i < descriptor->n_fields; i++) {
            const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
            if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
                unsigned inner = row_of(t, field->descriptor);
                (void)printf("    {%u, %u}, /* %s.%s */\n", number, inner, descriptor->short_name, field->name);
                number += 1 + t->sizes[inner];
            } else {
                (void)printf("    {%u, EVENT_FIELD_NO_ROW}, /* %s.%s */\n", number, descriptor->short_name, field->name);
                number += 1;
            }
        }
        entries += descriptor->n_fields;
    }
    (void)printf("};\n");
}

/* The numbers of a message whose path, in capitals, is `within` ("" or "SUBJECTS_"), from `number` on; returns the next. */
static unsigned write_numbers(const ProtobufCMessageDescriptor *descriptor, const char *within, unsigned number)
{
    for (unsigned i = 0; i < descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
        char name[200];
        (void)snprintf(name, sizeof name, "%s%s_", within, field->name);
        for (char *at = name; *at != '\0'; at++)
            *at = (char)toupper((unsigned char)*at);
        (void)printf("    EVENT_FIELD_%.*s = %u,\n", (int)strlen(name) - 1, name, number++);
        if (field->type == PROTOBUF_C_TYPE_MESSAGE) number = write_numbers(field->descriptor, name, number);
    }
    return number;
}

static int written(void)
{
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}

int main(int argc, char **argv)
{
    table t = {.count = 0};
    if (argc == 2 && strcmp(argv[1], "numbers") == 0) {
        (void)printf("#ifndef EVENT_FIELD_NUMBERS_H\n#define EVENT_FIELD_NUMBERS_H\n\ntypedef enum event_field {\n");
        (void)write_numbers(&mash__v1__event__descriptor, "", 0);
        (void)printf("} event_field;\n\n#endif\n");
        return written();
    }
    (void)add(&t, &mash__v1__event__descriptor);
    (void)printf("#include \"event/field_table.h\"\n\n");
    write_entries(&t);
    (void)printf("const event_field_row EVENT_FIELD_ROWS[] = {\n");
    for (unsigned row = 0; row < t.count; row++)
        (void)printf("    {%u, %u}, /* %s */\n", t.first_entries[row], t.sizes[row], t.rows[row]->short_name);
    (void)printf("};\nconst uint16_t EVENT_FIELD_COUNT = %u;\n", t.sizes[0]);
    return written();
}
