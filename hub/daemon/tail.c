/* tail.c - records in order, as they are stored: once through, or following. Each tail has one read job in flight at most; a place whose
 * job is still out is not used again before that is back. */
#include "daemon/shell.h"

#include <stdlib.h>
#include <string.h>

#include "core/describe.h"

enum { TAILS_MAX = 8, WHERE_MAX = 16, WHERE_BYTES = 128, RECORDS_A_JOB = 200 };

struct daemon_tail {
    uint64_t request; /* 0 = unused */
    uint64_t next;    /* sequence to be read next */
    uint32_t left;    /* items still to be given; UINT32_MAX = no limit */
    bool follow, reading;
    Mash__V1__Where where[WHERE_MAX];
    Mash__V1__Where *where_list[WHERE_MAX];
    char keys[WHERE_MAX][32], values[WHERE_MAX][WHERE_BYTES];
    size_t where_count;
};

static void go_on(daemon_shell *d, bus_session *session, daemon_tail *tail);

static void say_items(daemon_shell *d, bus_session *session, daemon_tail *tail, Mash__V1__TailItem **items, size_t count,
                      bool complete)
{
    Mash__V1__TailItems body = MASH__V1__TAIL_ITEMS__INIT;
    body.items = items;
    body.n_items = count;
    body.complete = complete;
    body.next_sequence = tail->next;
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    frame.request = tail->request;
    frame.body_case = MASH__V1__HUB_FRAME__BODY_TAIL_ITEMS;
    frame.tail_items = &body;
    daemon_answer(d, session, &frame);
}

static void finish(daemon_tail *tail)
{
    tail->request = 0;
}

static daemon_tail *find(bus_session *session, uint64_t request)
{
    daemon_tail *tails = daemon_state_of(session)->tails;
    for (int i = 0; tails != NULL && i < TAILS_MAX; i++) {
        if (tails[i].request == request && (request != 0 || !tails[i].reading)) return &tails[i];
    }
    return NULL;
}

static void on_read(void *context, daemon_read_job *job)
{
    daemon_shell *d = context;
    bus_session *session = bus_sessions_by_ref(d->sessions, job->session);
    daemon_tail *tail = session == NULL ? NULL : &daemon_state_of(session)->tails[job->lane];
    if (tail == NULL) return;
    tail->reading = false;
    if (tail->request == 0 || daemon_state_of(session)->doomed) return;
    if (job->status != HUB_OK) {
        daemon_fault(d, session, tail->request, MASH__V1__FAULT_CODE__FAULT_BUSY, "",
                     "the hub cannot read its journal at the moment; ask again");
        finish(tail);
        return;
    }
    hub_arena_reset(&d->answer_arena);
    Mash__V1__TailItem *items[RECORDS_A_JOB];
    size_t count = 0;
    for (uint32_t i = 0; i < job->count && tail->left > 0; i++) {
        core_record record;
        hub_digest hash;
        tail->next = job->records[i].sequence + 1;
        if (!daemon_job_record(d, job, i, &d->answer_arena, &record, &hash) || !core_may_read(d->core, session->peer, &record))
            continue;
        Mash__V1__TailItem *item = core_describe(d->core, &record, &d->answer_arena);
        if (item == NULL || !core_where_holds(item, (const Mash__V1__Where *const *)tail->where_list, tail->where_count))
            continue;
        items[count++] = item;
        if (tail->left != UINT32_MAX) tail->left--;
    }
    bool at_end = tail->next > d->durable;
    bool complete = tail->left == 0 || (at_end && !tail->follow);
    if (count > 0 || complete) say_items(d, session, tail, items, count, complete);
    if (complete) {
        finish(tail);
    } else if (!at_end) {
        go_on(d, session, tail);
    }
}

static void go_on(daemon_shell *d, bus_session *session, daemon_tail *tail)
{
    if (tail->reading || tail->next > d->durable || bus_session_has_queued(session)) return;
    daemon_read_job *job = daemon_read_job_new(on_read, d);
    if (job == NULL) return; /* the next record or the next pulse tries again */
    job->session = session->ref;
    job->lane = (uint32_t)(tail - daemon_state_of(session)->tails);
    for (uint64_t at = tail->next; at <= d->durable && job->count < RECORDS_A_JOB; at++)
        job->records[job->count++].sequence = at;
    job->stops_short = true;
    tail->reading = true;
    daemon_read_thread_ask(d->reader, job);
}

void daemon_tail_go_on(daemon_shell *d)
{
    for (bus_session *s = bus_sessions_next(d->sessions, NULL); s != NULL; s = bus_sessions_next(d->sessions, s)) {
        daemon_tail *tails = daemon_state_of(s)->tails;
        for (int i = 0; tails != NULL && i < TAILS_MAX; i++) {
            if (tails[i].request != 0) go_on(d, s, &tails[i]);
        }
    }
}

static bool copy_where(daemon_tail *tail, const Mash__V1__Tail *from)
{
    if (from->n_where > WHERE_MAX) return false;
    for (size_t i = 0; i < from->n_where; i++) {
        if (strlen(from->where[i]->key) >= sizeof tail->keys[0] || strlen(from->where[i]->value) >= WHERE_BYTES) return false;
        memcpy(tail->keys[i], from->where[i]->key, strlen(from->where[i]->key) + 1);
        memcpy(tail->values[i], from->where[i]->value, strlen(from->where[i]->value) + 1);
        mash__v1__where__init(&tail->where[i]);
        tail->where[i].key = tail->keys[i];
        tail->where[i].value = tail->values[i];
        tail->where_list[i] = &tail->where[i];
    }
    tail->where_count = from->n_where;
    return true;
}

static daemon_tail *new_tail(bus_session *session, uint64_t request)
{
    daemon_peer_state *state = daemon_state_of(session);
    if (state->tails == NULL) state->tails = calloc(TAILS_MAX, sizeof *state->tails);
    if (find(session, request) != NULL) return NULL;
    daemon_tail *tail = find(session, 0);
    if (tail != NULL) memset(tail, 0, sizeof *tail);
    return tail;
}

void daemon_tail_start(daemon_shell *d, bus_session *session, uint64_t request, const Mash__V1__Tail *wanted)
{
    if (wanted->stop) {
        daemon_tail *stopped = request == 0 ? NULL : find(session, request);
        if (stopped != NULL) {
            say_items(d, session, stopped, NULL, 0, true);
            finish(stopped);
        }
        return;
    }
    hub_error err;
    if (core_where_check((const Mash__V1__Where *const *)wanted->where, wanted->n_where, &err) != HUB_OK) {
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_MALFORMED, "tail.where", err.text);
        return;
    }
    daemon_tail *tail = request == 0 ? NULL : new_tail(session, request);
    if (tail == NULL || !copy_where(tail, wanted)) {
        daemon_fault(
            d, session, request, MASH__V1__FAULT_CODE__FAULT_MALFORMED, "tail",
            "a tail needs a request number that no other has; at most 8 at once, with at most 16 conditions of 127 bytes");
        return;
    }
    tail->request = request;
    tail->follow = wanted->follow;
    tail->left = wanted->limit == 0 ? UINT32_MAX : wanted->limit;
    tail->next = wanted->from_sequence;
    if (tail->next == 0) tail->next = wanted->last >= d->durable ? 1 : d->durable - wanted->last + 1;
    if (tail->next > d->durable && !tail->follow) {
        say_items(d, session, tail, NULL, 0, true);
        finish(tail);
        return;
    }
    go_on(d, session, tail);
}

void daemon_tail_free(bus_session *session)
{
    free(daemon_state_of(session)->tails);
    daemon_state_of(session)->tails = NULL;
}
