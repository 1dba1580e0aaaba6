#include "rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "board/names.h"

enum { FIRST = 1024 };
static_assert(sizeof(board_row) * ROWS_MAX < 120 * 1000 * 1000,
              "rows.h says so; and a year of alerts in two queues each is below 60 MB");

struct board_rows {
    board_row *items;
    uint32_t count, capacity;
    uint32_t *places;     /* open addressing: by alert, position + 1 of one of its rows; 0 = free */
    uint32_t place_count; /* a power of two, at least twice `capacity` */
    names *names;
    asked_item asked[ROWS_ASKED_MAX];
    uint32_t asked_count;
    asked_lost lost;
    bool failed;
};

/* ---- finding ------------------------------------------------------------------------------------------------------------------ */
/* The place of this alert, or the free one where it would be. */
static uint32_t place_of(const board_rows *rows, uint64_t alert)
{
    uint32_t at = (uint32_t)((alert * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & (rows->place_count - 1);
    while (rows->places[at] != 0 && rows->items[rows->places[at] - 1].alert != alert)
        at = (at + 1) & (rows->place_count - 1);
    return at;
}

const board_row *rows_first(const board_rows *rows, uint64_t alert)
{
    uint32_t found = rows->places[place_of(rows, alert)];
    return found == 0 ? NULL : &rows->items[found - 1];
}

const board_row *rows_other(const board_rows *rows, const board_row *row)
{
    return &rows->items[row->other];
}

const board_row *rows_find(const board_rows *rows, uint32_t queue, uint64_t alert)
{
    const board_row *first = rows_first(rows, alert), *row = first;
    while (row != NULL && row->queue != queue) {
        row = rows_other(rows, row);
        if (row == first) row = NULL;
    }
    return row;
}

static void place(board_rows *rows, row_ref ref)
{
    board_row *row = &rows->items[ref];
    uint32_t at = place_of(rows, row->alert);
    row->other = ref;
    if (rows->places[at] == 0) {
        rows->places[at] = ref + 1;
    } else {
        board_row *first = &rows->items[rows->places[at] - 1];
        row->other = first->other;
        first->other = ref;
    }
}

static void place_all(board_rows *rows)
{
    memset(rows->places, 0, rows->place_count * sizeof *rows->places);
    for (row_ref ref = 0; ref < rows->count; ref++)
        place(rows, ref);
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
    const board_row *found = rows_find(rows, queue, alert);
    if (found != NULL) return &rows->items[found - rows->items];
    if (!grow(rows)) {
        rows->failed = true;
        return NULL;
    }
    row_ref ref = rows->count++;
    rows->items[ref] =
        (board_row){.alert = alert, .queue = queue, .owner = "", .offered_to = "", .rated_by = "", .area = "", .rule = ""};
    place(rows, ref);
    return &rows->items[ref];
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

/* Without memory for its texts a row is seen by nobody (O3). */
static const char *keep(board_rows *rows, board_row *row, const char *text)
{
    const char *kept = text[0] == '\0' ? "" : names_keep(rows->names, hub_bytes_of_text(text));
    if (kept != NULL) return kept;
    rows->failed = row->is_hidden = true;
    return "";
}

static void take_rating(board_rows *rows, board_row *row, const Mash__V1__Alert *alert)
{
    static const char RULE[] = "provisional, by rule ";
    row->rating = alert->rating;
    row->is_provisional = strncmp(alert->rated_by, "provisional", 11) == 0;
    bool has_rule = strncmp(alert->rated_by, RULE, sizeof RULE - 1) == 0;
    row->rated_by = keep(rows, row, has_rule ? alert->rated_by + sizeof RULE - 1 : alert->rated_by);
}

/* Where there is no more room, what statute requires stands in the place of the last that it does not. */
static void take_clock(board_rows *rows, board_row *row, const Mash__V1__Clock *from, bool is_overdue)
{
    uint8_t at = row->clock_count;
    while (row->clock_count == ROW_CLOCKS_MAX && at > 0 && row->clocks[at - 1].statutory)
        at--;
    if (row->clock_count == ROW_CLOCKS_MAX) {
        if (!from->statutory || at == 0) return;
        memmove(&row->clocks[at - 1], &row->clocks[at], (ROW_CLOCKS_MAX - at) * sizeof *row->clocks);
        at = --row->clock_count;
    }
    row->clock_count++;
    row->clocks[at] = (row_clock){.due_ms = from->due_ms,
                                  .what = keep(rows, row, from->plain[0] != '\0' ? from->plain : from->clock),
                                  .statutory = from->statutory,
                                  .provisional = from->provisional,
                                  .held = from->held,
                                  .overdue = is_overdue,
                                  .was_past = from->cause[0] != '\0'};
}

static void take_clocks(board_rows *rows, board_row *row, const Mash__V1__Alert *alert)
{
    row->clock_count = 0;
    for (size_t i = 0; i < alert->n_overdue; i++)
        take_clock(rows, row, alert->overdue[i], true);
    for (size_t i = 0; i < alert->n_clocks; i++)
        take_clock(rows, row, alert->clocks[i], false);
}

uint64_t row_person(const char *id)
{
    static const uint8_t KEY[HUB_SIPHASH_KEY_BYTES];
    return hub_siphash(KEY, id, strlen(id));
}

static void take_people(board_rows *rows, board_row *row, const Mash__V1__Delivery *delivery)
{
    uint64_t parties[ROW_PARTIES_MAX];
    row->owner = keep(rows, row, delivery->alert->owner);
    row->offered_to = keep(rows, row, delivery->alert->offered_to);
    row->party_count = 0;
    for (size_t i = 0; i < delivery->n_parties && row->party_count < ROW_PARTIES_MAX; i++)
        parties[row->party_count++] = row_person(delivery->parties[i]->staff);
    row->parties =
        row->party_count == 0 ? NULL : names_keep(rows->names, hub_bytes_of(parties, row->party_count * sizeof *parties));
    if (row->party_count > 0 && row->parties == NULL) rows->failed = row->is_hidden = true;
    if (delivery->n_parties > ROW_PARTIES_MAX) row->sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED; /* O3 */
}

static void take_lines(board_row *row, const Mash__V1__Alert *alert)
{
    row->line_count = small(alert->n_lines);
    row->undecided_count = 0;
    for (size_t i = 0; i < alert->n_lines; i++)
        row->undecided_count = small(row->undecided_count + (strcmp(alert->lines[i]->state, "undecided") == 0 ? 1U : 0U));
}

/* An agency is told which alert, and the version that its acts need; a queue that may not know of an alert any more is told no more either. */
static bool is_told_which_alone(const Mash__V1__Alert *alert)
{
    return alert->state[0] == '\0';
}

const board_row *rows_take(board_rows *rows, uint32_t queue, const Mash__V1__Delivery *delivery)
{
    const Mash__V1__Alert *alert = delivery->alert;
    uint64_t number = alert == NULL ? 0 : number_of(alert->alert_id, 'A');
    if (number == 0 || delivery->position == NULL) return NULL;
    if (is_told_which_alone(alert) && rows_find(rows, queue, number) == NULL) return NULL;
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
    row->is_hidden = false;
    row->area = keep(rows, row, alert->area_name);
    if (row->rule[0] == '\0' && delivery->n_reasons > 0) row->rule = keep(rows, row, delivery->reasons[0]->rule);
    take_rating(rows, row, alert);
    take_clocks(rows, row, alert);
    take_people(rows, row, delivery);
    take_lines(row, alert);
    return row;
}

/* ---- what is asked and told beside alerts ------------------------------------------------------------------------------------- */
static bool is_which_alone(const Mash__V1__Delivery *delivery)
{
    return delivery->alert != NULL && is_told_which_alone(delivery->alert);
}

static void of_alarm(asked_item *item, const Mash__V1__Delivery *delivery)
{
    item->letter = '!';
    item->number = delivery->position->sequence;
    item->is_passing = true;
}

/* One that is given again comes with a record of its own, whether it was seen before or not. */
static bool of_notice(asked_item *item, const Mash__V1__Delivery *delivery)
{
    item->letter = 'N';
    item->number = number_of(delivery->notice, 'N');
    item->is_again = item->number != delivery->position->sequence;
    item->is_passing = item->is_again && delivery->notice_seen;
    return item->is_again || delivery->notice_seen == 0;
}

/* What this delivery asks or tells; number 0: nothing. */
static asked_item asked_of(uint32_t queue, const Mash__V1__Delivery *delivery, bool *is_open)
{
    asked_item item = {.queue = queue, .told_ms = delivery->time_ms, .what = ""};
    item.alert = delivery->alert == NULL ? 0 : number_of(delivery->alert->alert_id, 'A');
    if (delivery->position == NULL) return item;
    if (delivery->alarm[0] != '\0') {
        of_alarm(&item, delivery);
        *is_open = true;
    } else if (delivery->notice[0] != '\0') {
        *is_open = of_notice(&item, delivery);
    } else if (!is_which_alone(delivery)) {
        return item;
    } else if (delivery->request != NULL) {
        item.number = number_of(delivery->request->request, 'R');
        item.due_ms = delivery->request->due_ms;
        item.letter = 'R';
        *is_open = delivery->request->answered == 0;
    } else if (delivery->disagreement != NULL) {
        item.number = number_of(delivery->disagreement->disagreement, 'D');
        item.due_ms = delivery->disagreement->due_ms;
        item.letter = 'D';
        *is_open = strcmp(delivery->disagreement->state, "closed") != 0;
    } else if (delivery->feedback != NULL) {
        item.number = number_of(delivery->feedback->feedback, 'F');
        item.letter = 'F';
        *is_open = delivery->feedback->seen == 0;
    }
    return item;
}

/* Who may see it, and which alerts an alarm names. false: it cannot be kept, and is shown to nobody (O3). */
static bool keep_about(board_rows *rows, asked_item *item, const Mash__V1__Delivery *delivery)
{
    uint64_t parties[ROW_PARTIES_MAX];
    if (delivery->n_parties > ROW_PARTIES_MAX) return false;
    for (size_t i = 0; i < delivery->n_parties; i++)
        parties[item->party_count++] = row_person(delivery->parties[i]->staff);
    for (size_t i = 0; i < delivery->n_alarmed && i < ASKED_ALERTS_MAX; i++)
        item->alerts[i] = number_of(delivery->alarmed[i], 'A');
    item->alert_count = (uint32_t)delivery->n_alarmed;
    if (item->party_count > 0)
        item->parties = names_keep(rows->names, hub_bytes_of(parties, item->party_count * sizeof *parties));
    if (delivery->alarm[0] != '\0') item->what = names_keep(rows->names, hub_bytes_of_text(delivery->alarm));
    Mash__V1__Sensitivity class =
        delivery->event == NULL ? MASH__V1__SENSITIVITY__SENSITIVITY_UNSPECIFIED : delivery->event->sensitivity;
    item->is_open_to_all =
        class == MASH__V1__SENSITIVITY__SENSITIVITY_OFFICIAL || class == MASH__V1__SENSITIVITY__SENSITIVITY_SENSITIVE;
    return item->what != NULL && (item->party_count == 0 || item->parties != NULL);
}

static bool is_same(const asked_item *a, const asked_item *b)
{
    return a->number == b->number && a->letter == b->letter && a->queue == b->queue && strcmp(a->what, b->what) == 0;
}

/* Whose room another may have: what nothing ends goes first, then a notice, the older before the newer; asked_count: nobody's. */
static uint32_t least_needed(const board_rows *rows)
{
    uint32_t least = rows->asked_count;
    for (uint32_t i = 0; i < rows->asked_count; i++) {
        const asked_item *item = &rows->asked[i], *than = least == rows->asked_count ? NULL : &rows->asked[least];
        if (!item->is_passing && item->letter != 'N') continue;
        bool is_less = than == NULL || (item->is_passing && !than->is_passing);
        bool is_older = than != NULL && item->is_passing == than->is_passing && item->told_ms < than->told_ms;
        if (is_less || is_older) least = i;
    }
    return least;
}

/* Whoever reads the list is told that it is not whole. */
static void lose(board_rows *rows, const asked_item *item)
{
    asked_lost *lost = &rows->lost;
    if (item->is_passing) {
        lost->passing_ms = item->told_ms > lost->passing_ms ? item->told_ms : lost->passing_ms;
    } else if (item->letter == 'N') {
        lost->is_notice = true;
    } else {
        lost->is_asked = true;
    }
}

const asked_lost *rows_asked_lost(const board_rows *rows)
{
    return &rows->lost;
}

bool rows_take_asked(board_rows *rows, uint32_t queue, const Mash__V1__Delivery *delivery, const asked_item **out)
{
    bool is_open = false;
    *out = NULL;
    asked_item item = asked_of(queue, delivery, &is_open);
    if (item.number == 0) return false;
    if (is_open && !keep_about(rows, &item, delivery)) {
        rows->failed = true;
        lose(rows, &item);
        return false;
    }
    uint32_t at = 0;
    while (at < rows->asked_count && !is_same(&rows->asked[at], &item))
        at++;
    bool is_known = at < rows->asked_count;
    if (!is_open && is_known) rows->asked[at] = rows->asked[--rows->asked_count];
    if (!is_open) return is_known;
    if (at == ROWS_ASKED_MAX) {
        at = least_needed(rows);
        lose(rows, at == ROWS_ASKED_MAX ? &item : &rows->asked[at]);
    }
    if (at == ROWS_ASKED_MAX) {
        rows->failed = true;
        return false;
    }
    if (at == rows->asked_count) rows->asked_count++;
    rows->asked[at] = item;
    *out = &rows->asked[at];
    return true;
}

void rows_shown(board_rows *rows, uint32_t queue, const Mash__V1__Delivery *delivery)
{
    bool is_notice = delivery->notice[0] != '\0';
    bool is_seen = is_notice ? delivery->notice_seen : delivery->feedback != NULL && delivery->feedback->seen;
    char letter = is_notice ? 'N' : 'F';
    uint64_t number = is_seen ? number_of(is_notice ? delivery->notice : delivery->feedback->feedback, letter) : 0;
    for (uint32_t i = rows->asked_count; number != 0 && i-- > 0;) {
        const asked_item *item = &rows->asked[i];
        if (item->letter == letter && item->number == number && item->queue == queue && !item->is_passing)
            rows->asked[i] = rows->asked[--rows->asked_count];
    }
}

const asked_item *rows_asked(const board_rows *rows, uint32_t *count)
{
    *count = rows->asked_count;
    return rows->asked;
}

/* ---- life --------------------------------------------------------------------------------------------------------------------- */
hub_status rows_open(board_rows **out, hub_error *err)
{
    board_rows *rows = calloc(1, sizeof *rows);
    if (rows != NULL) rows->names = names_open();
    if (rows != NULL && (rows->names == NULL || !grow(rows))) {
        rows_close(rows);
        rows = NULL;
    }
    *out = rows;
    return rows == NULL ? hub_fail(err, HUB_ERR_MEMORY, "no memory for the board's rows") : HUB_OK;
}

void rows_close(board_rows *rows)
{
    if (rows == NULL) return;
    names_close(rows->names);
    free(rows->items);
    free(rows->places);
    free(rows);
}

/* Names are kept: the new history has the same people, rules and clocks. */
void rows_clear(board_rows *rows)
{
    rows->count = rows->asked_count = 0;
    rows->lost = (asked_lost){0};
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

const board_row *rows_all(const board_rows *rows)
{
    return rows->items;
}

bool rows_failed(const board_rows *rows)
{
    return rows->failed;
}
