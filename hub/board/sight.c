#include "sight.h"

#include <stdlib.h>
#include <string.h>

sight sight_of(const board_rows *rows, const board_config *config, const person *who, const char *id)
{
    sight of = {.rows = rows, .id = id, .person = row_person(id), .queue_count = config->queue_count};
    for (uint32_t i = 0; i < config->queue_count; i++) {
        int32_t queue = people_queue(who->policy, config->queues[i]);
        of.works_on[i] = queue >= 0 && person_works_on(who, (uint32_t)queue);
        of.is_cleared[i] = queue >= 0 && person_is_cleared(who, (uint32_t)queue);
    }
    return of;
}

bool sight_sees(const sight *of, const board_row *row)
{
    if (!of->works_on[row->queue]) return false; /* T1 */
    bool is_restricted = row->sensitivity > MASH__V1__SENSITIVITY__SENSITIVITY_SENSITIVE;
    if (is_restricted && !of->is_cleared[row->queue]) return false; /* T2 */
    for (uint8_t i = 0; i < row->party_count; i++) {
        if (row->parties[i] == of->person) return false; /* T3 */
    }
    return true;
}

const board_row *sight_find(const sight *of, uint64_t alert)
{
    const board_row *newest = NULL;
    for (uint32_t queue = 0; queue < of->queue_count; queue++) {
        const board_row *row = rows_find(of->rows, queue, alert);
        if (row == NULL || !sight_sees(of, row)) continue;
        if (newest == NULL || row->sequence > newest->sequence) newest = row;
    }
    return newest;
}

static board_view view_of(const sight *of, const board_row *row)
{
    if (row->state == ROW_ENDED) return VIEW_CLOSED;
    if (row->state == ROW_HELD) return VIEW_HELD;
    if (strcmp(row->owner, of->id) == 0 || strcmp(row->offered_to, of->id) == 0) return VIEW_MINE;
    return row->owner[0] == '\0' ? VIEW_UNCLAIMED : VIEW_TEAM;
}

/* Earliest due first, statutory or not; then the graver; then the older. */
static int by_time_left(const board_row *a, const board_row *b)
{
    int64_t due_a = a->clock_count == 0 ? INT64_MAX : a->clocks[0].due_ms;
    int64_t due_b = b->clock_count == 0 ? INT64_MAX : b->clocks[0].due_ms;
    if (due_a != due_b) return due_a < due_b ? -1 : 1;
    if (a->rating != b->rating) return a->rating > b->rating ? -1 : 1;
    return a->alert < b->alert ? -1 : a->alert > b->alert;
}

static int by_end(const board_row *a, const board_row *b)
{
    return a->changed_ms != b->changed_ms ? (a->changed_ms > b->changed_ms ? -1 : 1) : a->alert < b->alert ? 1 : -1;
}

static int compare(const void *left, const void *right, void *context)
{
    const board_rows *rows = context;
    const board_row *a = rows_at(rows, *(const row_ref *)left), *b = rows_at(rows, *(const row_ref *)right);
    return a->state == ROW_ENDED ? by_end(a, b) : by_time_left(a, b);
}

uint32_t sight_list(const sight *of, board_view view, row_ref *out, uint32_t capacity, uint32_t counts[BOARD_VIEWS])
{
    uint32_t count = 0;
    memset(counts, 0, BOARD_VIEWS * sizeof *counts);
    for (row_ref ref = 0; ref < rows_count(of->rows); ref++) {
        const board_row *row = rows_at(of->rows, ref);
        if (!sight_sees(of, row) || sight_find(of, row->alert) != row) continue;
        board_view here = view_of(of, row);
        bool is_waiting = row->request_count > 0 && row->state == ROW_OPEN;
        counts[here]++;
        counts[VIEW_WAITING] += is_waiting;
        if ((here == view || (view == VIEW_WAITING && is_waiting)) && count < capacity) out[count++] = ref;
    }
    qsort_r(out, count, sizeof *out, compare, (void *)(uintptr_t)of->rows);
    return count;
}

uint32_t sight_daily(const sight *of)
{
    uint32_t count = 0;
    for (row_ref ref = 0; ref < rows_count(of->rows); ref++) {
        const board_row *row = rows_at(of->rows, ref);
        bool is_listed = row->rating == MASH__V1__RATING__RATING_BLUE && row->state != ROW_ENDED && row->owner[0] == '\0';
        count += is_listed && sight_sees(of, row) && sight_find(of, row->alert) == row;
    }
    return count;
}

uint32_t sight_open(const sight *of, row_ref *out, uint32_t capacity)
{
    uint32_t count = 0;
    for (row_ref ref = 0; ref < rows_count(of->rows) && count < capacity; ref++) {
        const board_row *row = rows_at(of->rows, ref);
        if (row->state != ROW_ENDED && sight_sees(of, row) && sight_find(of, row->alert) == row) out[count++] = ref;
    }
    qsort_r(out, count, sizeof *out, compare, (void *)(uintptr_t)of->rows);
    return count;
}
