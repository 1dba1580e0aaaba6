/* table.h - rows in aligned columns. Widths are known only when the last row is in: put rows, then print. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include "base/arena.h"
#include "cli/print.h"

enum { TABLE_COLUMNS_MAX = 16, TABLE_ROWS_MAX = 100000 };

typedef struct table_row {
    const char *cells[TABLE_COLUMNS_MAX];
    print_style style; /* of the first cell */
    struct table_row *next;
} table_row;

typedef struct table {
    hub_arena arena;
    table_row *first;
    table_row **last;
    size_t rows;
    size_t columns;
    size_t widths[TABLE_COLUMNS_MAX];
    bool failed;
} table;

/* The headings, ended by NULL. The last column is never padded. */
void table_open(table *rows, const char *heading, ...) __attribute__((sentinel));
/* One text a column, ended by NULL; missing ones are empty. Texts are copied and cleaned. */
void table_put(table *rows, print_style style, const char *cell, ...) __attribute__((sentinel));
/* At the end of `out`, two spaces between columns. */
void table_print(const table *rows, print_style_use use, hub_buffer *out);
void table_close(table *rows);

#endif
