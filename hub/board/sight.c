#include "sight.h"

#include <stdlib.h>
#include <string.h>

static bool may_be_restricted(const core_policy *policy, const core_queue_row *queue)
{
    return queue->audience >= policy->audience_count ||
           policy->audiences[queue->audience].sees_up_to > MASH__V1__SENSITIVITY__SENSITIVITY_SENSITIVE;
}

sight sight_of(const board_rows *rows, const board_config *config, const person *who, const char *id)
{
    sight of = {.rows = rows, .id = id, .person = row_person(id), .queue_count = config->queue_count};
    for (uint32_t i = 0; i < config->queue_count; i++) {
        int32_t queue = people_queue(who->policy, config->queues[i]);
        of.works_on[i] = queue >= 0 && person_works_on(who, (uint32_t)queue);
        of.is_cleared[i] = queue >= 0 && person_is_cleared(who, (uint32_t)queue);
        of.is_agency[i] = queue >= 0 && who->policy->queues[queue].is_agency;
        of.may_be_restricted[i] = queue < 0 || may_be_restricted(who->policy, &who->policy->queues[queue]);
    }
    return of;
}

static bool is_party(const sight *of, const uint64_t *parties, uint8_t count)
{
    for (uint8_t i = 0; i < count; i++) {
        if (parties[i] == of->person) return true;
    }
    return false;
}

bool sight_sees(const sight *of, const board_row *row)
{
    if (row->is_hidden) return false;            /* O3 */
    if (!of->works_on[row->queue]) return false; /* T1 */
    bool is_restricted = row->sensitivity > MASH__V1__SENSITIVITY__SENSITIVITY_SENSITIVE;
    if (is_restricted && !of->is_cleared[row->queue]) return false; /* T2 */
    return !is_party(of, row->parties, row->party_count);           /* T3 */
}

/* Of two rows of one alert; those of one record go by the order of queues. */
static bool is_newer(const board_row *row, const board_row *than)
{
    return row->sequence != than->sequence ? row->sequence > than->sequence : row->queue < than->queue;
}

const board_row *sight_find(const sight *of, uint64_t alert)
{
    const board_row *first = rows_first(of->rows, alert), *row = first, *newest = NULL;
    if (first == NULL) return NULL;
    do {
        if (sight_sees(of, row) && (newest == NULL || is_newer(row, newest))) newest = row;
        row = rows_other(of->rows, row);
    } while (row != first);
    return newest;
}

/* They see it, and no newer one of its alert. */
static bool is_entry(const sight *of, const board_row *all, row_ref ref)
{
    const board_row *row = &all[ref];
    if (!sight_sees(of, row)) return false;
    for (row_ref other = row->other; other != ref; other = all[other].other) {
        if (is_newer(&all[other], row) && sight_sees(of, &all[other])) return false;
    }
    return true;
}

static board_view view_of(const sight *of, const board_row *row)
{
    if (row->state == ROW_ENDED) return VIEW_CLOSED;
    if (row->state == ROW_HELD) return VIEW_HELD;
    bool has_owner = row->owner[0] != '\0', is_offered = row->offered_to[0] != '\0';
    if ((has_owner && strcmp(row->owner, of->id) == 0) || (is_offered && strcmp(row->offered_to, of->id) == 0)) return VIEW_MINE;
    return has_owner ? VIEW_TEAM : VIEW_UNCLAIMED;
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
    const board_row *all = context, *a = &all[*(const row_ref *)left], *b = &all[*(const row_ref *)right];
    return a->state == ROW_ENDED ? by_end(a, b) : by_time_left(a, b);
}

/* The first so many of a list, while it is looked through: a heap whose root is the last of them, and goes when one comes that belongs
 * before it. So the first page of a hundred thousand is not paid for by sorting them all. */
typedef struct first_of {
    const board_row *all;
    row_ref *items;
    uint32_t count, capacity;
} first_of;

static bool is_behind(const first_of *f, uint32_t a, uint32_t b)
{
    return compare(&f->items[a], &f->items[b], (void *)(uintptr_t)f->all) > 0;
}

static void swap(first_of *f, uint32_t a, uint32_t b)
{
    row_ref kept = f->items[a];
    f->items[a] = f->items[b];
    f->items[b] = kept;
}

static void sink(first_of *f)
{
    for (uint32_t at = 0, last;; at = last) {
        last = at;
        for (uint32_t child = 2 * at + 1; child <= 2 * at + 2 && child < f->count; child++)
            last = is_behind(f, child, last) ? child : last;
        if (last == at) return;
        swap(f, at, last);
    }
}

static void offer(first_of *f, row_ref ref)
{
    if (f->count < f->capacity) {
        f->items[f->count++] = ref;
        for (uint32_t at = f->count - 1; at > 0 && is_behind(f, at, (at - 1) / 2); at = (at - 1) / 2)
            swap(f, at, (at - 1) / 2);
    } else if (f->capacity > 0 && compare(&ref, &f->items[0], (void *)(uintptr_t)f->all) < 0) {
        f->items[0] = ref;
        sink(f);
    }
}

static uint32_t in_order(first_of *f)
{
    if (f->count > 1) qsort_r(f->items, f->count, sizeof *f->items, compare, (void *)(uintptr_t)f->all);
    return f->count;
}

static bool waits_for_signature(const board_row *row)
{
    return row->rating == MASH__V1__RATING__RATING_BLUE && row->state != ROW_ENDED && row->owner[0] == '\0';
}

uint32_t sight_list(const sight *of, board_view view, row_ref *out, uint32_t capacity, sight_counts *counts)
{
    const board_row *all = rows_all(of->rows);
    first_of list = {.all = all, .items = out, .capacity = capacity};
    *counts = (sight_counts){.daily = 0};
    uint32_t row_count = rows_count(of->rows);
    for (row_ref ref = 0; ref < row_count; ref++) {
        const board_row *row = &all[ref];
        if (!is_entry(of, all, ref)) continue;
        board_view here = view_of(of, row);
        bool is_waiting = row->request_count > 0 && row->state == ROW_OPEN;
        counts->views[here]++;
        counts->views[VIEW_WAITING] += is_waiting;
        counts->daily += waits_for_signature(row);
        if (here == view || (view == VIEW_WAITING && is_waiting)) offer(&list, ref);
    }
    return in_order(&list);
}

uint32_t sight_open(const sight *of, row_ref *out, uint32_t capacity)
{
    const board_row *all = rows_all(of->rows);
    first_of list = {.all = all, .items = out, .capacity = capacity};
    for (row_ref ref = 0; ref < rows_count(of->rows); ref++) {
        if (all[ref].state != ROW_ENDED && is_entry(of, all, ref)) offer(&list, ref);
    }
    return in_order(&list);
}

/* ---- what is asked and told beside alerts --------------------------------------------------------------------------------------- */
bool sight_sees_item(const sight *of, const asked_item *item)
{
    if (!of->works_on[item->queue]) return false; /* T1 */
    if (item->letter == 'R' || item->letter == 'D') return of->is_agency[item->queue];
    bool is_about_somebody = item->letter != '!'; /* an alarm's words are nobody's; its alerts are looked at one by one */
    bool may_be_restricted = of->may_be_restricted[item->queue] && !item->is_open_to_all;
    if (is_about_somebody && may_be_restricted && !of->is_cleared[item->queue]) return false; /* T2 */
    return !is_party(of, item->parties, item->party_count);                                   /* T3 */
}

bool sight_sees_alarmed(const sight *of, uint32_t queue, uint64_t alert)
{
    const board_row *first = rows_first(of->rows, alert), *row = first;
    if (!of->works_on[queue]) return false;
    if (row == NULL) return of->is_cleared[queue] || !of->may_be_restricted[queue];
    do {
        bool is_restricted = row->sensitivity > MASH__V1__SENSITIVITY__SENSITIVITY_SENSITIVE;
        if (row->is_hidden || (is_restricted && !of->is_cleared[queue])) return false;
        if (is_party(of, row->parties, row->party_count)) return false;
        row = rows_other(of->rows, row);
    } while (row != first);
    return true;
}

static int by_due(const void *left, const void *right)
{
    const asked_item *a = left, *b = right;
    int64_t due_a = a->due_ms == 0 ? INT64_MAX : a->due_ms, due_b = b->due_ms == 0 ? INT64_MAX : b->due_ms;
    if (due_a != due_b) return due_a < due_b ? -1 : 1;
    if (a->letter != b->letter) return a->letter > b->letter ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

static int by_age(const void *left, const void *right)
{
    const asked_item *a = left, *b = right;
    if (a->told_ms != b->told_ms) return a->told_ms > b->told_ms ? -1 : 1;
    return a->number > b->number ? -1 : a->number < b->number;
}

uint32_t sight_asked(const sight *of, asked_item out[ROWS_ASKED_MAX])
{
    uint32_t all, count = 0;
    const asked_item *items = rows_asked(of->rows, &all);
    for (uint32_t i = 0; i < all; i++) {
        if (strchr("RDF", items[i].letter) != NULL && sight_sees_item(of, &items[i])) out[count++] = items[i];
    }
    qsort(out, count, sizeof *out, by_due);
    return count;
}

/* What passes and was told before this stands in no list. */
static int64_t passing_since(int64_t now_ms)
{
    return now_ms - SIGHT_PASSING_DAYS * INT64_C(86400000);
}

uint32_t sight_told(const sight *of, int64_t now_ms, asked_item *out)
{
    uint32_t all, count = 0;
    const asked_item *items = rows_asked(of->rows, &all);
    int64_t since_ms = passing_since(now_ms);
    for (uint32_t i = 0; i < all; i++) {
        bool is_told = items[i].letter == 'N' || items[i].letter == '!';
        bool is_over = items[i].is_passing && items[i].told_ms < since_ms;
        if (!is_told || is_over || !sight_sees_item(of, &items[i])) continue;
        if (out != NULL) out[count] = items[i];
        count++;
    }
    if (out != NULL) qsort(out, count, sizeof *out, by_age);
    return count;
}

bool sight_asked_is_whole(const sight *of)
{
    return !rows_asked_lost(of->rows)->is_asked;
}

bool sight_told_is_whole(const sight *of, int64_t now_ms)
{
    const asked_lost *lost = rows_asked_lost(of->rows);
    return !lost->is_notice && (lost->passing_ms == 0 || lost->passing_ms < passing_since(now_ms));
}

static bool works_on_any(const sight *of, bool is_agency)
{
    for (uint32_t i = 0; i < of->queue_count; i++) {
        if (of->works_on[i] && of->is_agency[i] == is_agency) return true;
    }
    return false;
}

bool sight_is_agency(const sight *of)
{
    return works_on_any(of, true);
}

bool sight_has_lists(const sight *of)
{
    return works_on_any(of, false);
}
