#include "owed.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "outbox_store.h"

enum { STEP_NUMBERS = 6, CHANGES_MAX = 5000 };

static const char TABLE[] =
    "CREATE TABLE IF NOT EXISTS owed(place INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE, queue TEXT NOT NULL, line "
    "TEXT NOT "
    "NULL,"
    " event_id BLOB NOT NULL, kind INTEGER NOT NULL, sequence INTEGER NOT NULL, taken_ms INTEGER NOT NULL, due_ms INTEGER NOT "
    "NULL,"
    " state INTEGER NOT NULL, closed_ms INTEGER NOT NULL, seen_ms INTEGER NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL,"
    " steps BLOB NOT NULL, sealed BLOB NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS owed_open ON owed(place) WHERE state = 0;"
    "CREATE INDEX IF NOT EXISTS owed_closed ON owed(closed_ms) WHERE state <> 0;"
    "CREATE INDEX IF NOT EXISTS owed_line ON owed(queue, line, place) WHERE length(sealed) > 0;";

static const char *const STATES[] = {[OWED_OPEN] = "open",         [OWED_CONFIRMED] = "confirmed", [OWED_SENT] = "sent",
                                     [OWED_REPLACED] = "replaced", [OWED_VOID] = "void",           [OWED_STOPPED] = "stopped"};
static const char *const STEPS[] = {
    [OWED_STEP_LATER] = "later",  [OWED_STEP_QUEUED] = "queued",       [OWED_STEP_FAILING] = "failing",
    [OWED_STEP_SENT] = "sent",    [OWED_STEP_CONFIRMED] = "confirmed", [OWED_STEP_COVERED] = "covered",
    [OWED_STEP_NOBODY] = "nobody"};
enum { STATE_COUNT = sizeof STATES / sizeof STATES[0], STEP_COUNT = sizeof STEPS / sizeof STEPS[0] };

const char *owed_state_name(owed_state state)
{
    return (unsigned)state < STATE_COUNT ? STATES[state] : "unknown";
}

const char *owed_step_name(owed_step_state state)
{
    return (unsigned)state < STEP_COUNT ? STEPS[state] : "unknown";
}

int64_t owed_failing_since(const owed_row *row)
{
    int64_t since = 0;
    for (unsigned i = 0; i < OWED_STEPS_MAX; i++) {
        int64_t one = row->steps[i].failing_ms;
        if (one != 0 && (since == 0 || one < since)) since = one;
    }
    return since;
}

hub_status owed_prepare(outbox *box, hub_error *err)
{
    int code = sqlite3_exec(box->db, TABLE, NULL, NULL, NULL);
    return code == SQLITE_OK ? HUB_OK : outbox_fail(box, code, err);
}

bool owed_is_here(const outbox *box)
{
    return sqlite3_table_column_metadata(box->db, NULL, "owed", "place", NULL, NULL, NULL, NULL, NULL) == SQLITE_OK;
}

/* ---- steps: the notice, then for each step its numbers and its cause ---- */

static hub_status put_steps(const owed_row *row, hub_buffer *out, hub_error *err)
{
    hub_buffer_put_u32(out, row->notice_given);
    for (unsigned i = 0; i < OWED_STEPS_MAX; i++) {
        const owed_step *s = &row->steps[i];
        const int64_t numbers[STEP_NUMBERS] = {(int64_t)s->state, s->tries, s->begun_ms, s->failing_ms, s->last_ms, s->next_ms};
        for (unsigned n = 0; n < STEP_NUMBERS; n++)
            hub_buffer_put_u64(out, (uint64_t)numbers[n]);
        hub_buffer_put_u32(out, (uint32_t)strlen(s->cause));
        hub_buffer_put_text(out, s->cause);
    }
    return out->failed ? hub_fail(err, HUB_ERR_MEMORY, "outbox: out of memory") : HUB_OK;
}

static bool get_steps(hub_bytes from, owed_row *row)
{
    size_t at = 4;
    if (from.size < at) return false;
    row->notice_given = hub_get_u32(from.data);
    for (unsigned i = 0; i < OWED_STEPS_MAX; i++) {
        owed_step *s = &row->steps[i];
        uint64_t numbers[STEP_NUMBERS];
        if (from.size - at < sizeof numbers + 4) return false;
        for (unsigned n = 0; n < STEP_NUMBERS; n++, at += 8)
            numbers[n] = hub_get_u64(from.data + at);
        size_t length = hub_get_u32(from.data + at);
        at += 4;
        if (numbers[0] >= STEP_COUNT || length >= sizeof s->cause || from.size - at < length) return false;
        *s = (owed_step){.state = (owed_step_state)numbers[0],
                         .tries = (uint32_t)numbers[1],
                         .begun_ms = (int64_t)numbers[2],
                         .failing_ms = (int64_t)numbers[3],
                         .last_ms = (int64_t)numbers[4],
                         .next_ms = (int64_t)numbers[5]};
        memcpy(s->cause, from.data + at, length);
        at += length;
    }
    return at == from.size;
}

/* ---- rows ---- */

hub_status owed_add(outbox *box, owed_row *row, hub_bytes content, hub_error *err)
{
    HUB_ASSERT(box->in_transaction);
    HUB_ASSERT(content.size > 0);
    hub_bytes id = hub_bytes_of(row->id.bytes, HUB_ID_BYTES);
    sqlite3_stmt *known = NULL;
    hub_status status = outbox_bind(box, OUTBOX_SQL_OWED_KNOWN, &known, err, "b", id);
    if (status == HUB_OK) status = outbox_step_row(box, known, err);
    if (status == HUB_OK) {
        sqlite3_reset(known);
        return HUB_ERR_EXISTS; /* W2 */
    }
    if (status != HUB_ERR_NOT_FOUND) return status;
    hub_buffer steps = {0};
    hub_buffer sealed = {0};
    status = put_steps(row, &steps, err);
    if (status == HUB_OK) status = outbox_seal(box, id, content, &sealed);
    if (status == HUB_OK) {
        status = outbox_run(box, OUTBOX_SQL_OWED_ADD, err, "bttbiiiiiiittbb", id, row->queue, row->line,
                            hub_bytes_of(row->event_id.bytes, HUB_ID_BYTES), (int64_t)row->kind, (int64_t)row->sequence,
                            row->taken_ms, row->due_ms, (int64_t)row->state, row->closed_ms, row->seen_ms, row->who, row->why,
                            hub_buffer_bytes(&steps), hub_buffer_bytes(&sealed));
    }
    hub_buffer_free(&steps);
    hub_buffer_free(&sealed);
    if (status == HUB_OK) row->place = (uint64_t)sqlite3_last_insert_rowid(box->db);
    return status;
}

hub_status owed_save(outbox *box, const owed_row *row, hub_error *err)
{
    HUB_ASSERT(row->place != 0);
    bool owned = false;
    hub_buffer steps = {0};
    hub_status status = outbox_enter(box, &owned, err);
    if (status != HUB_OK) return status;
    status = put_steps(row, &steps, err);
    if (status == HUB_OK) {
        status = outbox_run(box, OUTBOX_SQL_OWED_SAVE, err, "iiiiiittb", (int64_t)row->place, row->taken_ms, row->due_ms,
                            (int64_t)row->state, row->closed_ms, row->seen_ms, row->who, row->why, hub_buffer_bytes(&steps));
    }
    hub_buffer_free(&steps);
    bool keeps_content = row->state == OWED_OPEN || row->state == OWED_STOPPED; /* W3 */
    if (status == HUB_OK && !keeps_content)
        status = outbox_run(box, OUTBOX_SQL_OWED_EMPTY, err, "itt", (int64_t)row->place, row->queue, row->line);
    return outbox_leave(box, owned, status, err);
}

hub_status owed_content(outbox *box, uint64_t place, hub_buffer *out, hub_error *err)
{
    sqlite3_stmt *statement = NULL;
    hub_status status = outbox_bind(box, OUTBOX_SQL_OWED_CONTENT, &statement, err, "i", (int64_t)place);
    if (status == HUB_OK) status = outbox_step_row(box, statement, err);
    if (status != HUB_OK) return status;
    status = outbox_unseal(box, outbox_column(statement, 0), outbox_column(statement, 1), out);
    sqlite3_reset(statement);
    if (status == HUB_ERR_CORRUPT)
        return hub_fail(err, status, "outbox %s: the delivery at place %llu is damaged; its content cannot be read any more",
                        box->folder, (unsigned long long)place);
    return status;
}

hub_status owed_newest(outbox *box, const owed_row *row, uint64_t *place, hub_error *err)
{
    sqlite3_stmt *statement = NULL;
    hub_status status =
        outbox_bind(box, OUTBOX_SQL_OWED_NEWEST, &statement, err, "itt", (int64_t)row->place, row->queue, row->line);
    *place = row->place;
    if (status == HUB_OK) status = outbox_step_row(box, statement, err);
    if (status != HUB_OK) return status == HUB_ERR_NOT_FOUND ? HUB_OK : status;
    *place = (uint64_t)sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return HUB_OK;
}

static void copy_text(sqlite3_stmt *statement, int column, char *out, size_t size)
{
    (void)hub_format(out, size, "%s", (const char *)sqlite3_column_text(statement, column));
}

hub_status owed_next(outbox *box, uint64_t place, owed_which which, owed_row *out, hub_error *err)
{
    sqlite3_stmt *statement = NULL;
    *out = (owed_row){0};
    outbox_statement sql = which == OWED_OPEN_ONLY ? OUTBOX_SQL_OWED_NEXT_OPEN : OUTBOX_SQL_OWED_NEXT;
    hub_status status = outbox_bind(box, sql, &statement, err, "i", (int64_t)place);
    if (status == HUB_OK) status = outbox_step_row(box, statement, err);
    if (status != HUB_OK) return status;
    out->place = (uint64_t)sqlite3_column_int64(statement, 0);
    bool sound = hub_id_read(outbox_column(statement, 1), &out->id) && hub_id_read(outbox_column(statement, 4), &out->event_id);
    copy_text(statement, 2, out->queue, sizeof out->queue);
    copy_text(statement, 3, out->line, sizeof out->line);
    out->kind = sqlite3_column_int(statement, 5);
    out->sequence = (uint64_t)sqlite3_column_int64(statement, 6);
    out->taken_ms = sqlite3_column_int64(statement, 7);
    out->due_ms = sqlite3_column_int64(statement, 8);
    out->state = (owed_state)sqlite3_column_int(statement, 9);
    out->closed_ms = sqlite3_column_int64(statement, 10);
    out->seen_ms = sqlite3_column_int64(statement, 11);
    copy_text(statement, 12, out->who, sizeof out->who);
    copy_text(statement, 13, out->why, sizeof out->why);
    sound = get_steps(outbox_column(statement, 14), out) && sound;
    sqlite3_reset(statement);
    if (!sound)
        return hub_fail(err, HUB_ERR_CORRUPT, "outbox %s: the row at place %llu is damaged", box->folder,
                        (unsigned long long)out->place);
    return HUB_OK;
}

hub_status owed_find(outbox *box, const hub_id *id, owed_row *out, hub_error *err)
{
    sqlite3_stmt *known = NULL;
    hub_status status = outbox_bind(box, OUTBOX_SQL_OWED_KNOWN, &known, err, "b", hub_bytes_of(id->bytes, HUB_ID_BYTES));
    if (status == HUB_OK) status = outbox_step_row(box, known, err);
    if (status != HUB_OK) return status;
    uint64_t place = (uint64_t)sqlite3_column_int64(known, 0);
    sqlite3_reset(known);
    return owed_next(box, place - 1, OWED_EVERY, out, err);
}

hub_status owed_forget(outbox *box, int64_t before_ms, hub_error *err)
{
    bool owned = false;
    hub_status status = outbox_enter(box, &owned, err);
    if (status != HUB_OK) return status;
    status = outbox_run(box, OUTBOX_SQL_OWED_FORGET, err, "ii", before_ms, (int64_t)CHANGES_MAX);
    return outbox_leave(box, owned, status, err);
}

/* ---- channels ---- */

static void channel_name(const char *channel, char out[OWED_NAME_MAX + 16])
{
    (void)hub_format(out, OWED_NAME_MAX + 16, "channel %s", channel);
}

hub_status owed_channel_note(outbox *box, const char *channel, const owed_channel *state, hub_error *err)
{
    char name[OWED_NAME_MAX + 16], text[48];
    channel_name(channel, name);
    (void)hub_format(text, sizeof text, "%" PRId64 " %" PRId64, state->paused_ms, state->hanging_ms);
    return outbox_note(box, name, text, err);
}

hub_status owed_channel_noted(outbox *box, const char *channel, owed_channel *out, hub_error *err)
{
    char name[OWED_NAME_MAX + 16], *rest = NULL;
    hub_buffer text = {0};
    *out = (owed_channel){0};
    channel_name(channel, name);
    hub_status status = outbox_noted(box, name, &text, err);
    if (status == HUB_OK) out->paused_ms = strtoll(hub_buffer_text(&text), &rest, 10);
    if (status == HUB_OK) out->hanging_ms = strtoll(rest, NULL, 10);
    hub_buffer_free(&text);
    return status == HUB_ERR_NOT_FOUND ? HUB_OK : status;
}
