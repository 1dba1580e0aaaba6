#include "rows.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST = 1024 };

struct board_rows {
    board_row *items;
    uint32_t count, capacity;
    uint32_t *places;     /* open addressing: position + 1 by queue and alert; 0 = free */
    uint32_t place_count; /* a power of two, at least twice `capacity` */
    bool failed;
};

/* ---- finding ------------------------------------------------------------------------------------------------------------------ */
static uint32_t hash_of(uint32_t queue, uint64_t alert)
{
    uint64_t mixed = (alert * 16 + queue) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(mixed >> 32);
}

/* The place of this row, or the free one where it would be. */
static uint32_t place_of(const board_rows *rows, uint32_t queue, uint64_t alert)
{
    uint32_t at = hash_of(queue, alert) & (rows->place_count - 1);
    while (rows->places[at] != 0) {
        const board_row *row = &rows->items[rows->places[at] - 1];
        if (row->alert == alert && row->queue == queue) break;
        at = (at + 1) & (rows->place_count - 1);
    }
    return at;
}

const board_row *rows_find(const board_rows *rows, uint32_t queue, uint64_t alert)
{
    uint32_t found = rows->places[place_of(rows, queue, alert)];
    return found == 0 ? NULL : &rows->items[found - 1];
}

static void place_all(board_rows *rows)
{
    memset(rows->places, 0, rows->place_count * sizeof *rows->places);
    for (uint32_t i = 0; i < rows->count; i++)
        rows->places[place_of(rows, rows->items[i].queue, rows->items[i].alert)] = i + 1;
}

/* Ended rows of before half-way are the oldest known: they make room. */
static bool drop_ended(board_rows *rows)
{
    uint32_t kept = 0, before = rows->count;
    for (uint32_t i = 0; i < before; i++) {
        if (rows->items[i].state != ROW_ENDED || i >= before / 2) rows->items[kept++] = rows->items[i];
    }
    rows->count = kept;
    place_all(rows);
    return kept < before;
}

static bool grow(board_rows *rows)
{
    if (rows->count < rows->capacity) return true;
    if (rows->capacity == ROWS_MAX) return drop_ended(rows);
    uint32_t capacity = rows->capacity == 0 ? FIRST : rows->capacity * 2 < ROWS_MAX ? rows->capacity * 2 : ROWS_MAX;
    uint32_t place_count = FIRST;
    while (place_count < 2 * capacity)
        place_count *= 2;
    board_row *items = realloc(rows->items, capacity * sizeof *items);
    if (items != NULL) rows->items = items;
    uint32_t *places = items == NULL ? NULL : malloc(place_count * sizeof *places);
    if (places == NULL) return false;
    free(rows->places);
    rows->places = places;
    rows->place_count = place_count;
    rows->capacity = capacity;
    place_all(rows);
    return true;
}

static board_row *row_for(board_rows *rows, uint32_t queue, uint64_t alert)
{
    uint32_t at = place_of(rows, queue, alert);
    if (rows->places[at] == 0) {
        if (!grow(rows)) {
            rows->failed = true;
            return NULL;
        }
        at = place_of(rows, queue, alert); /* the table may be another one now */
        rows->items[rows->count] = (board_row){.alert = alert, .queue = queue, .is_new = true};
        rows->places[at] = ++rows->count;
    }
    return &rows->items[rows->places[at] - 1];
}

/* ---- taking ------------------------------------------------------------------------------------------------------------------- */
static uint64_t number_of(const char *item, char letter)
{
    if (item[0] != letter || item[1] < '0' || item[1] > '9') return 0;
    char *end = NULL;
    uint64_t number = strtoull(item + 1, &end, 10);
    return *end == '\0' ? number : 0;
}

static uint8_t small(size_t count)
{
    return count > UINT8_MAX ? UINT8_MAX : (uint8_t)count;
}

static row_state state_of(const char *name)
{
    return strcmp(name, "held") == 0 ? ROW_HELD : strcmp(name, "ended") == 0 ? ROW_ENDED : ROW_OPEN;
}

#define COPY(to, from) ((void)hub_format((to), sizeof(to), "%s", (from)))

static void take_rating(board_row *row, const Mash__V1__Alert *alert)
{
    static const char RULE[] = "provisional, by rule ";
    row->rating = alert->rating;
    row->is_provisional = strncmp(alert->rated_by, "provisional", 11) == 0;
    bool has_rule = strncmp(alert->rated_by, RULE, sizeof RULE - 1) == 0;
    COPY(row->rated_by, has_rule ? alert->rated_by + sizeof RULE - 1 : alert->rated_by);
}

static void take_clocks(board_row *row, const Mash__V1__Alert *alert)
{
    row->clock_count = 0;
    for (size_t i = 0; i < alert->n_clocks && row->clock_count < ROW_CLOCKS_MAX; i++) {
        const Mash__V1__Clock *from = alert->clocks[i];
        row_clock *clock = &row->clocks[row->clock_count++];
        *clock = (row_clock){
            .due_ms = from->due_ms, .statutory = from->statutory, .provisional = from->provisional, .held = from->held};
        COPY(clock->clock, from->clock);
    }
}

static void take_people(board_row *row, const Mash__V1__Delivery *delivery)
{
    COPY(row->owner, delivery->alert->owner);
    COPY(row->offered_to, delivery->alert->offered_to);
    row->party_count = 0;
    for (size_t i = 0; i < delivery->n_parties && row->party_count < ROW_PARTIES_MAX; i++)
        COPY(row->parties[row->party_count++], delivery->parties[i]->staff);
    if (delivery->n_parties > ROW_PARTIES_MAX) row->sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED; /* O3 */
}

static void take_lines(board_row *row, const Mash__V1__Alert *alert)
{
    row->line_count = small(alert->n_lines);
    row->undecided_count = 0;
    for (size_t i = 0; i < alert->n_lines; i++)
        row->undecided_count = small(row->undecided_count + (strcmp(alert->lines[i]->state, "undecided") == 0 ? 1U : 0U));
}

const board_row *rows_take(board_rows *rows, uint32_t queue, const Mash__V1__Delivery *delivery)
{
    const Mash__V1__Alert *alert = delivery->alert;
    uint64_t number = alert == NULL ? 0 : number_of(alert->alert_id, 'A');
    if (number == 0 || delivery->position == NULL) return NULL;
    board_row *row = row_for(rows, queue, number);
    if (row == NULL || delivery->position->sequence < row->sequence) return NULL; /* O2 */
    row->sequence = delivery->position->sequence;
    row->changed_ms = delivery->time_ms;
    row->opened_ms = alert->opened_ms;
    row->held_until_ms = alert->held_until_ms;
    row->version = alert->version;
    row->events = alert->events;
    row->state = state_of(alert->state);
    row->sensitivity = alert->sensitivity == MASH__V1__SENSITIVITY__SENSITIVITY_UNSPECIFIED
                           ? MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED
                           : alert->sensitivity; /* O3 */
    row->is_seen = alert->seen;
    row->claim_again = alert->claim_again;
    row->is_exercise = delivery->exercise || row->is_exercise;
    row->request_count = small(alert->n_requests);
    row->disagreement_count = small(alert->n_disagreements);
    COPY(row->area, alert->area_name);
    if (row->rule[0] == '\0' && delivery->n_reasons > 0) COPY(row->rule, delivery->reasons[0]->rule);
    take_rating(row, alert);
    take_clocks(row, alert);
    take_people(row, delivery);
    take_lines(row, alert);
    return row;
}

/* ---- life --------------------------------------------------------------------------------------------------------------------- */
hub_status rows_open(board_rows **out, hub_error *err)
{
    board_rows *rows = calloc(1, sizeof *rows);
    if (rows != NULL && !grow(rows)) {
        rows_close(rows);
        rows = NULL;
    }
    *out = rows;
    return rows == NULL ? hub_fail(err, HUB_ERR_MEMORY, "no memory for the board's rows") : HUB_OK;
}

void rows_close(board_rows *rows)
{
    if (rows == NULL) return;
    free(rows->items);
    free(rows->places);
    free(rows);
}

void rows_clear(board_rows *rows)
{
    rows->count = 0;
    rows->failed = false;
    place_all(rows);
}

uint32_t rows_count(const board_rows *rows)
{
    return rows->count;
}

const board_row *rows_at(const board_rows *rows, row_ref ref)
{
    HUB_ASSERT(ref < rows->count);
    return &rows->items[ref];
}

bool rows_failed(const board_rows *rows)
{
    return rows->failed;
}
