/* The link's and the people's side of the outbox: reading, settling, refusing, forking, forgetting. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "outbox_store.h"

void outbox_numbers_of(const outbox *box, outbox_numbers *out)
{
    *out = box->row.numbers;
}

void outbox_counts_of(const outbox *box, outbox_counts *out)
{
    *out = box->row.counts;
}

/* ---- reading ---- */

static hub_status read_item(outbox *box, sqlite3_stmt *statement, hub_arena *arena, outbox_item *item, hub_error *err)
{
    *item = (outbox_item){.link_seq = (uint64_t)sqlite3_column_int64(statement, 0), .put_ms = sqlite3_column_int64(statement, 2)};
    hub_buffer plain = {0};
    bool sound = hub_id_read(outbox_column(statement, 1), &item->event_id);
    hub_status status = HUB_ERR_CORRUPT;
    if (sound) status = outbox_unseal(box, hub_bytes_of(item->event_id.bytes, HUB_ID_BYTES), outbox_column(statement, 3), &plain);
    if (status == HUB_ERR_CORRUPT) {
        item->damaged = true;
        status = HUB_OK;
    } else if (status == HUB_OK) {
        item->event = hub_bytes_of(hub_arena_copy(arena, plain.data, plain.size), plain.size);
        if (item->event.data == NULL) status = hub_fail(err, HUB_ERR_MEMORY, "outbox %s: out of memory", box->folder);
    }
    hub_buffer_free(&plain);
    return status;
}

hub_status outbox_read(outbox *box, uint64_t from, uint32_t items_max, size_t bytes_max, hub_arena *arena, outbox_item *items,
                       uint32_t *count, hub_error *err)
{
    HUB_ASSERT(from > box->row.numbers.settled_link_seq);
    HUB_ASSERT(items_max > 0);
    *count = 0;
    sqlite3_stmt *statement = NULL;
    hub_status status = outbox_bind(box, OUTBOX_SQL_READ, &statement, err, "ii", (int64_t)from, (int64_t)items_max);
    size_t bytes = 0;
    while (status == HUB_OK && *count < items_max) {
        int code = sqlite3_step(statement);
        if (code == SQLITE_DONE) break;
        if (code != SQLITE_ROW) {
            status = outbox_fail(box, code, err);
            break;
        }
        bytes += (size_t)sqlite3_column_bytes(statement, 3);
        if (*count > 0 && bytes > bytes_max) break;
        status = read_item(box, statement, arena, &items[*count], err);
        if (status != HUB_OK) break;
        if (items[*count].link_seq != from + *count) {
            status = hub_fail(err, HUB_ERR_CORRUPT, "outbox %s: item %llu is missing; restore the newest good copy", box->folder,
                              (unsigned long long)(from + *count));
            break;
        }
        (*count)++;
    }
    if (statement != NULL) sqlite3_reset(statement);
    return status;
}

/* Takes the one row of `statement`, which is not owned here. */
static hub_status read_entry(outbox *box, sqlite3_stmt *statement, hub_arena *arena, outbox_item *item, hub_error *err)
{
    hub_status status = outbox_step_row(box, statement, err);
    if (status != HUB_OK) return status;
    status = read_item(box, statement, arena, item, err);
    item->link_seq = 0;
    sqlite3_reset(statement);
    return status;
}

hub_status outbox_event(outbox *box, uint64_t place, hub_arena *arena, outbox_item *item, hub_error *err)
{
    sqlite3_stmt *statement = NULL;
    hub_status status = outbox_bind(box, OUTBOX_SQL_ENTRY_AT, &statement, err, "i", (int64_t)place);
    return status == HUB_OK ? read_entry(box, statement, arena, item, err) : status;
}

hub_status outbox_event_find(outbox *box, const hub_id *event_id, hub_arena *arena, outbox_item *item, hub_error *err)
{
    sqlite3_stmt *statement = NULL;
    hub_status status = outbox_bind(box, OUTBOX_SQL_ENTRY_OF, &statement, err, "b", hub_bytes_of(event_id->bytes, HUB_ID_BYTES));
    return status == HUB_OK ? read_entry(box, statement, arena, item, err) : status;
}

hub_status outbox_event_at(outbox *box, uint64_t link_seq, hub_id *event_id, hub_error *err)
{
    const outbox_numbers *numbers = &box->row.numbers;
    if (link_seq == numbers->settled_link_seq) {
        *event_id = numbers->settled_event_id;
        return link_seq == 0 ? HUB_ERR_NOT_FOUND : HUB_OK;
    }
    sqlite3_stmt *statement = NULL;
    hub_status status = outbox_bind(box, OUTBOX_SQL_EVENT_AT, &statement, err, "i", (int64_t)link_seq);
    if (status == HUB_OK) status = outbox_step_row(box, statement, err);
    if (status != HUB_OK) return status;
    bool sound = hub_id_read(outbox_column(statement, 0), event_id);
    sqlite3_reset(statement);
    return sound ? HUB_OK : HUB_ERR_NOT_FOUND;
}

hub_status outbox_oldest_waiting(outbox *box, uint64_t *place, hub_error *err)
{
    sqlite3_stmt *statement = NULL;
    *place = UINT64_MAX;
    if (box->row.counts.waiting == 0) return HUB_OK;
    hub_status status =
        outbox_bind(box, OUTBOX_SQL_OLDEST, &statement, err, "i", (int64_t)(box->row.numbers.settled_link_seq + 1));
    if (status == HUB_OK) status = outbox_step_row(box, statement, err);
    if (status == HUB_ERR_NOT_FOUND)
        return hub_fail(err, HUB_ERR_CORRUPT, "outbox %s: its oldest waiting item is missing", box->folder);
    if (status != HUB_OK) return status;
    *place = (uint64_t)sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return HUB_OK;
}

/* ---- settling ---- */

static hub_status advance(outbox *box, uint64_t upto, hub_error *err)
{
    outbox_numbers *numbers = &box->row.numbers;
    hub_id event_id;
    hub_status status = outbox_event_at(box, upto, &event_id, err);
    if (status == HUB_ERR_NOT_FOUND) {
        return hub_fail(err, HUB_ERR_CORRUPT, "outbox %s: item %llu is missing; restore the newest good copy", box->folder,
                        (unsigned long long)upto);
    }
    if (status == HUB_OK) status = outbox_run(box, OUTBOX_SQL_URGENT_SETTLE, err, "i", (int64_t)upto);
    if (status != HUB_OK) return status;
    box->row.counts.waiting -= upto - numbers->settled_link_seq;
    numbers->settled_link_seq = upto;
    numbers->settled_event_id = event_id;
    return HUB_OK;
}

/* A restored hub holds all that came before the first event it calls a repeat. When the first one that is offered again is new to it, what
 * was forgotten here before may be missing there, for good: a person has to know. */
#define FORGOTTEN_AT_FORK "forgotten before the fork in hand"
#define FORGOTTEN_IN_DOUBT "forgotten before a fork, and perhaps not held by the hub"

static hub_status judge_fork(outbox *box, outbox_settlement how, hub_error *err)
{
    hub_buffer forgotten = {0};
    hub_status status = outbox_noted(box, FORGOTTEN_AT_FORK, &forgotten, err);
    if (status == HUB_OK && forgotten.size > 0) {
        if (how == OUTBOX_STORED) status = outbox_note(box, FORGOTTEN_IN_DOUBT, hub_buffer_text(&forgotten), err);
        if (status == HUB_OK) status = outbox_note(box, FORGOTTEN_AT_FORK, "", err);
    }
    hub_buffer_free(&forgotten);
    return status == HUB_ERR_NOT_FOUND ? HUB_OK : status;
}

static hub_status note_fork(outbox *box, hub_error *err)
{
    char text[24];
    uint64_t forgotten = outbox_forgotten(box);
    if (forgotten == 0) return HUB_OK;
    (void)snprintf(text, sizeof text, "%llu", (unsigned long long)forgotten);
    return outbox_note(box, FORGOTTEN_AT_FORK, text, err);
}

uint64_t outbox_forgotten(const outbox *box)
{
    const outbox_counts *counts = &box->row.counts;
    return counts->stored + counts->duplicate - counts->reoffered - counts->kept;
}

hub_status outbox_in_doubt(outbox *box, uint64_t *count, hub_error *err)
{
    static const char *const NOTES[] = {FORGOTTEN_AT_FORK, FORGOTTEN_IN_DOUBT};
    *count = 0;
    for (size_t i = 0; i < sizeof NOTES / sizeof NOTES[0]; i++) {
        hub_buffer text = {0};
        hub_status status = outbox_noted(box, NOTES[i], &text, err);
        uint64_t noted = status == HUB_OK && text.size > 0 ? strtoull(hub_buffer_text(&text), NULL, 10) : 0;
        hub_buffer_free(&text);
        if (status != HUB_OK && status != HUB_ERR_NOT_FOUND) return status;
        if (noted > *count) *count = noted;
    }
    return HUB_OK;
}

hub_status outbox_settle(outbox *box, uint64_t upto, outbox_settlement how, int64_t now_ms, hub_error *err)
{
    outbox_numbers *numbers = &box->row.numbers;
    HUB_ASSERT(upto > numbers->settled_link_seq);
    HUB_ASSERT(upto <= numbers->last_link_seq);
    bool owned = false;
    hub_status status = outbox_enter(box, &owned, err);
    if (status != HUB_OK) return status;
    uint64_t count = upto - numbers->settled_link_seq;
    if (numbers->settled_link_seq == 0) status = judge_fork(box, how, err);
    if (status == HUB_OK) status = advance(box, upto, err);
    if (status == HUB_OK) status = outbox_run(box, OUTBOX_SQL_ACK, err, "ii", (int64_t)upto, now_ms);
    if (status == HUB_OK) {
        outbox_counts *counts = &box->row.counts;
        *(how == OUTBOX_STORED ? &counts->stored : &counts->duplicate) += count;
        counts->kept += count;
    }
    return outbox_leave(box, owned, status, err);
}

static hub_status move_to_parked(outbox *box, outbox_parked *parked, int64_t now_ms, hub_error *err)
{
    uint64_t link_seq = box->row.numbers.settled_link_seq + 1;
    hub_arena arena;
    if (hub_arena_open(&arena, 128 * 1024, 512 * 1024) != HUB_OK) return hub_fail(err, HUB_ERR_MEMORY, "outbox: out of memory");
    outbox_item item;
    uint32_t count = 0;
    hub_status status = outbox_read(box, link_seq, 1, SIZE_MAX, &arena, &item, &count, err);
    if (status == HUB_OK) {
        parked->record = item.event; /* empty when damaged: there is nothing left that a person could read */
        status = outbox_park_row(box, parked, now_ms, err);
    }
    hub_arena_close(&arena);
    return status;
}

hub_status outbox_refuse(outbox *box, const char *origin, int32_t code, const char *field, const char *reason, int64_t now_ms,
                         hub_error *err)
{
    HUB_ASSERT(box->row.counts.waiting > 0);
    bool owned = false;
    hub_status status = outbox_enter(box, &owned, err);
    if (status != HUB_OK) return status;
    uint64_t link_seq = box->row.numbers.settled_link_seq + 1;
    outbox_parked parked = {.origin = origin, .code = code, .field = field, .reason = reason, .input = ""};
    status = move_to_parked(box, &parked, now_ms, err);
    if (status == HUB_OK) status = advance(box, link_seq, err);
    hub_bytes event_id = hub_bytes_of(box->row.numbers.settled_event_id.bytes, HUB_ID_BYTES);
    if (status == HUB_OK) status = outbox_run(box, OUTBOX_SQL_REFUSED_PUT, err, "b", event_id);
    if (status == HUB_OK) status = outbox_run(box, OUTBOX_SQL_SEEN_UNDO, err, "i", (int64_t)link_seq);
    if (status == HUB_OK) status = outbox_run(box, OUTBOX_SQL_ENTRY_DROP, err, "i", (int64_t)link_seq);
    if (status == HUB_OK) status = outbox_run(box, OUTBOX_SQL_ITEM_DROP, err, "i", (int64_t)link_seq);
    if (status == HUB_OK) box->row.counts.refused++;
    return outbox_leave(box, owned, status, err);
}

hub_status outbox_was_refused(outbox *box, const hub_id *event_id, hub_error *err)
{
    sqlite3_stmt *statement = NULL;
    hub_status status =
        outbox_bind(box, OUTBOX_SQL_REFUSED_GET, &statement, err, "b", hub_bytes_of(event_id->bytes, HUB_ID_BYTES));
    if (status == HUB_OK) status = outbox_step_row(box, statement, err);
    if (status == HUB_OK) sqlite3_reset(statement);
    return status;
}

hub_status outbox_fork(outbox *box, hub_error *err)
{
    bool owned = false;
    hub_status status = outbox_enter(box, &owned, err);
    if (status == HUB_OK) status = note_fork(box, err);
    if (status == HUB_OK) status = outbox_run(box, OUTBOX_SQL_ITEMS_CLEAR, err, "");
    if (status == HUB_OK) status = outbox_run(box, OUTBOX_SQL_RENUMBER, err, "");
    if (status == HUB_OK) status = outbox_run(box, OUTBOX_SQL_ACKS_CLEAR, err, "");
    if (status == HUB_OK) {
        outbox_counts *counts = &box->row.counts;
        outbox_numbers fresh = {.last_link_seq = counts->waiting + counts->kept};
        outbox_random(box, fresh.outbox_id.bytes, HUB_ID_BYTES);
        box->row.numbers = fresh;
        counts->reoffered += counts->kept;
        counts->waiting += counts->kept;
        counts->kept = 0;
        counts->forks++;
    }
    return outbox_leave(box, owned, status, err);
}

/* ---- forgetting ---- */

/* How far items may be forgotten now; 0 = none. */
static hub_status forget_upto(outbox *box, int64_t now_ms, uint64_t *upto, hub_error *err)
{
    sqlite3_stmt *statement = NULL;
    *upto = 0;
    hub_status status = outbox_bind(box, OUTBOX_SQL_ACKS_OLD, &statement, err, "i", now_ms - box->options.keep_ms);
    if (status == HUB_OK) status = outbox_step_row(box, statement, err);
    if (status != HUB_OK) return status;
    uint64_t old = (uint64_t)sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    uint64_t settled = box->row.numbers.settled_link_seq;
    if (box->row.counts.kept > box->options.kept_max && settled - box->options.kept_max > old)
        old = settled - box->options.kept_max;
    if (old == 0) return HUB_OK;
    status = outbox_bind(box, OUTBOX_SQL_FIRST_KEPT, &statement, err, "");
    if (status == HUB_OK) status = outbox_step_row(box, statement, err);
    if (status != HUB_OK) return status;
    uint64_t first = (uint64_t)sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    if (first == 0 || first > old) return HUB_OK;
    *upto = old - first < OUTBOX_FORGET_MAX ? old : first + OUTBOX_FORGET_MAX;
    return HUB_OK;
}

hub_status outbox_forget(outbox *box, int64_t now_ms, bool *more, hub_error *err)
{
    *more = false;
    uint64_t upto = 0;
    hub_status status = forget_upto(box, now_ms, &upto, err);
    if (status != HUB_OK) return status;
    bool owned = false;
    status = outbox_enter(box, &owned, err);
    if (status != HUB_OK) return status;
    status = outbox_run(box, OUTBOX_SQL_SEEN_FORGET, err, "ii", now_ms - box->options.seen_keep_ms, (int64_t)OUTBOX_FORGET_MAX);
    if (status == HUB_OK) *more = sqlite3_changes(box->db) == OUTBOX_FORGET_MAX;
    if (status == HUB_OK && upto > 0) {
        HUB_ASSERT(upto <= box->row.numbers.settled_link_seq);
        status = outbox_run(box, OUTBOX_SQL_ENTRIES_FORGET, err, "i", (int64_t)upto);
        if (status == HUB_OK) status = outbox_run(box, OUTBOX_SQL_ITEMS_FORGET, err, "i", (int64_t)upto);
        if (status == HUB_OK) {
            box->row.counts.kept -= (uint64_t)sqlite3_changes(box->db);
            *more = true;
        }
        /* An acknowledgement that covers later items too must stay. */
        if (status == HUB_OK) status = outbox_run(box, OUTBOX_SQL_ACKS_FORGET, err, "i", (int64_t)upto);
    }
    return outbox_leave(box, owned, status, err);
}

/* ---- urgent items ---- */

hub_status outbox_urgent(outbox *box, uint64_t after, uint64_t *place, outbox_item *item, hub_error *err)
{
    sqlite3_stmt *statement = NULL;
    hub_status status = outbox_bind(box, OUTBOX_SQL_URGENT_NEXT, &statement, err, "i", (int64_t)after);
    if (status == HUB_OK) status = outbox_step_row(box, statement, err);
    if (status != HUB_OK) return status;
    *place = (uint64_t)sqlite3_column_int64(statement, 0);
    *item = (outbox_item){.put_ms = sqlite3_column_int64(statement, 2)};
    bool sound = hub_id_read(outbox_column(statement, 1), &item->event_id);
    sqlite3_reset(statement);
    return sound ? HUB_OK : hub_fail(err, HUB_ERR_CORRUPT, "outbox %s: an event id is damaged", box->folder);
}

hub_status outbox_noticed(outbox *box, uint64_t place, hub_error *err)
{
    bool owned = false;
    hub_status status = outbox_enter(box, &owned, err);
    if (status != HUB_OK) return status;
    return outbox_leave(box, owned, outbox_run(box, OUTBOX_SQL_URGENT_DONE, err, "i", (int64_t)place), err);
}

/* ---- for people ---- */

hub_status outbox_note(outbox *box, const char *name, const char *text, hub_error *err)
{
    bool owned = false;
    hub_status status = outbox_enter(box, &owned, err);
    if (status != HUB_OK) return status;
    return outbox_leave(box, owned, outbox_run(box, OUTBOX_SQL_NOTE_PUT, err, "tt", name, text), err);
}

hub_status outbox_noted(outbox *box, const char *name, hub_buffer *text, hub_error *err)
{
    sqlite3_stmt *statement = NULL;
    hub_status status = outbox_bind(box, OUTBOX_SQL_NOTE_GET, &statement, err, "t", name);
    if (status == HUB_OK) status = outbox_step_row(box, statement, err);
    if (status != HUB_OK) return status;
    hub_buffer_put_text(text, (const char *)sqlite3_column_text(statement, 0));
    sqlite3_reset(statement);
    return HUB_OK;
}

static const char *column_text(sqlite3_stmt *statement, int column, hub_arena *arena)
{
    const char *text = (const char *)sqlite3_column_text(statement, column);
    return hub_arena_copy(arena, text, strlen(text));
}

hub_status outbox_parked_next(outbox *box, uint64_t after, hub_arena *arena, outbox_parked *out, hub_error *err)
{
    sqlite3_stmt *statement = NULL;
    hub_status status = outbox_bind(box, OUTBOX_SQL_PARKED_NEXT, &statement, err, "i", (int64_t)after);
    if (status == HUB_OK) status = outbox_step_row(box, statement, err);
    if (status != HUB_OK) return status;
    *out = (outbox_parked){.id = (uint64_t)sqlite3_column_int64(statement, 0),
                           .origin = column_text(statement, 1, arena),
                           .code = sqlite3_column_int(statement, 2),
                           .field = column_text(statement, 3, arena),
                           .line = (uint32_t)sqlite3_column_int64(statement, 4),
                           .column = (uint32_t)sqlite3_column_int64(statement, 5),
                           .reason = column_text(statement, 6, arena)};
    hub_buffer plain = {0};
    status = outbox_unseal(box, hub_bytes_of_text("parked"), outbox_column(statement, 7), &plain);
    sqlite3_reset(statement);
    const uint8_t *end = status == HUB_OK ? memchr(plain.data, '\0', plain.size) : NULL;
    if (end == NULL) {
        out->input = ""; /* damaged: the reason is still worth showing */
        status = HUB_OK;
    } else {
        size_t name = (size_t)(end - plain.data);
        out->input = hub_arena_copy(arena, plain.data, name);
        out->record = hub_bytes_of(hub_arena_copy(arena, end + 1, plain.size - name - 1), plain.size - name - 1);
        if (out->input == NULL || out->record.data == NULL)
            status = hub_fail(err, HUB_ERR_MEMORY, "outbox: a parked record is too large");
    }
    hub_buffer_free(&plain);
    return status;
}

hub_status outbox_parked_taken(outbox *box, uint64_t id, hub_error *err)
{
    bool owned = false;
    hub_status status = outbox_enter(box, &owned, err);
    if (status != HUB_OK) return status;
    status = outbox_run(box, OUTBOX_SQL_PARKED_TAKEN, err, "i", (int64_t)id);
    if (status == HUB_OK && sqlite3_changes(box->db) == 1) box->row.counts.parked_held--;
    return outbox_leave(box, owned, status, err);
}
