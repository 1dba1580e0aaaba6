#include "cli/table.h"

#include <stdarg.h>
#include <string.h>

static void put_row(table *rows, print_style style, const char *cell, va_list list)
{
    table_row *row = rows->rows < TABLE_ROWS_MAX ? hub_arena_take(&rows->arena, sizeof *row) : NULL;
    if (row == NULL) {
        rows->failed = true;
        return;
    }
    size_t column = 0;
    for (const char *text = cell; text != NULL; text = va_arg(list, const char *)) {
        HUB_ASSERT(column < TABLE_COLUMNS_MAX);
        hub_buffer clean = {0};
        print_clean(&clean, text);
        row->cells[column] = hub_arena_copy(&rows->arena, clean.data, clean.size);
        if (row->cells[column] == NULL) rows->failed = true;
        size_t width = row->cells[column] == NULL ? 0 : print_width(row->cells[column]);
        if (width > rows->widths[column]) rows->widths[column] = width;
        hub_buffer_free(&clean);
        column++;
    }
    if (column > rows->columns) rows->columns = column;
    row->style = style;
    *rows->last = row;
    rows->last = &row->next;
    rows->rows++;
}

void table_open(table *rows, const char *heading, ...)
{
    memset(rows, 0, sizeof *rows);
    rows->last = &rows->first;
    rows->failed = hub_arena_open(&rows->arena, 16 * 1024, 256 * 1024 * 1024) != HUB_OK;
    va_list list;
    va_start(list, heading);
    if (!rows->failed) put_row(rows, PRINT_FAINT, heading, list);
    va_end(list);
}

void table_put(table *rows, print_style style, const char *cell, ...)
{
    va_list list;
    va_start(list, cell);
    if (!rows->failed) put_row(rows, style, cell, list);
    va_end(list);
}

void table_print(const table *rows, print_style_use use, hub_buffer *out)
{
    for (const table_row *row = rows->first; row != NULL; row = row->next) {
        size_t gap = 0;
        for (size_t column = 0; column < rows->columns; column++) {
            const char *text = row->cells[column] != NULL ? row->cells[column] : "";
            if (text[0] != '\0') {
                while (gap > 0) {
                    hub_buffer_put(out, " ", 1);
                    gap--;
                }
                print_styled(out, use, row == rows->first || column == 0 ? row->style : PRINT_NORMAL, text);
            }
            gap += rows->widths[column] - print_width(text) + 2;
        }
        hub_buffer_put(out, "\n", 1);
    }
    if (rows->failed) hub_buffer_put_text(out, "(more rows than could be held)\n");
}

void table_close(table *rows)
{
    hub_arena_close(&rows->arena);
}
