/* tail.c - records in order, as they are stored: once through, or following. Each tail has one read job in flight at most; a place whose
 * job is still out is not used again before that is back. */
#include "daemon/audit.h"

#include <stdlib.h>
#include <string.h>

#include "core/describe.h"

enum { TAILS_MAX = 8, WHERE_MAX = 16, WHERE_BYTES = 128, RECORDS_A_JOB = 200 };
static const char NO_MEMORY[] = "the hub has no memory for this now; ask again";

struct daemon_tail {
    uint64_t request;   /* 0 = unused */
    uint32_t staff;     /* for whom a gateway asks; 0 = the key's own */
    uint64_t next;      /* sequence to be read next */
    uint32_t left;      /* items still to be given; UINT32_MAX = no limit */
    uint32_t seek_left; /* matches still to be found backwards from seek_before; the oldest of them is `next`. 0 = not seeking */
    uint64_t seek_before;
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

/* A record of the job as the asker may read it. HUB_OK; HUB_ERR_NOT_FOUND: it is not for this tail; HUB_ERR_MEMORY. */
static hub_status item_of(daemon_shell *d, const bus_session *session, const daemon_tail *tail, const daemon_read_job *job,
                          uint32_t index, Mash__V1__TailItem **out)
{
    core_record record;
    core_view view;
    hub_status status = daemon_job_view(d, job, index, session->peer, &record, &view);
    if (status != HUB_OK) return status;
    if (!daemon_may_read(d, session, tail->staff, &view)) return HUB_ERR_NOT_FOUND;
    *out = core_describe(&view, &d->answer_arena);
    if (*out == NULL) return HUB_ERR_MEMORY;
    return core_where_holds(*out, (const Mash__V1__Where *const *)tail->where_list, tail->where_count) ? HUB_OK
                                                                                                       : HUB_ERR_NOT_FOUND;
}

static void give_up(daemon_shell *d, bus_session *session, daemon_tail *tail, const char *text)
{
    daemon_fault(d, session, tail->request, MASH__V1__FAULT_CODE__FAULT_BUSY, "", text);
    finish(tail);
}

/* Looks through the job's records backwards for the newest matches, and goes on further back or, when they are found, forwards. */
static void seek(daemon_shell *d, bus_session *session, daemon_tail *tail, const daemon_read_job *job)
{
    for (uint32_t i = job->count; i > 0 && tail->seek_left > 0; i--) {
        Mash__V1__TailItem *item;
        hub_arena_reset(&d->answer_arena);
        hub_status status = item_of(d, session, tail, job, i - 1, &item);
        if (status == HUB_ERR_MEMORY) {
            give_up(d, session, tail, NO_MEMORY);
            return;
        }
        if (status != HUB_OK) continue;
        tail->next = job->records[i - 1].sequence;
        tail->seek_left--;
    }
    tail->seek_before = job->records[0].sequence;
    if (tail->seek_before == 1) tail->seek_left = 0;
    if (tail->seek_left == 0 && tail->next > d->durable && !tail->follow) { /* there is none */
        say_items(d, session, tail, NULL, 0, true);
        finish(tail);
        return;
    }
    go_on(d, session, tail);
}

/* Gives what the job's records show. false: for want of memory not even the first. */
static bool give(daemon_shell *d, bus_session *session, daemon_tail *tail, const daemon_read_job *job)
{
    hub_arena_reset(&d->answer_arena);
    Mash__V1__TailItem *items[RECORDS_A_JOB];
    size_t count = 0;
    uint32_t looked_at = 0;
    for (; looked_at < job->count && tail->left > 0; looked_at++) {
        hub_status status = item_of(d, session, tail, job, looked_at, &items[count]);
        if (status == HUB_ERR_MEMORY) break; /* goes on from here, with what is there already on its way */
        tail->next = job->records[looked_at].sequence + 1;
        if (status != HUB_OK) continue;
        count++;
        if (tail->left != UINT32_MAX) tail->left--;
    }
    if (looked_at == 0 && job->count > 0) return false;
    bool complete = tail->left == 0 || (tail->next > d->durable && !tail->follow);
    if (count > 0 || complete) say_items(d, session, tail, items, count, complete);
    if (complete) finish(tail);
    return true;
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
        give_up(d, session, tail, "the hub cannot read its journal at the moment; ask again");
    } else if (tail->seek_left > 0) {
        seek(d, session, tail, job);
    } else if (!give(d, session, tail, job)) {
        give_up(d, session, tail, NO_MEMORY);
    } else if (tail->request != 0) {
        go_on(d, session, tail);
    }
}

static void go_on(daemon_shell *d, bus_session *session, daemon_tail *tail)
{
    bool is_seeking = tail->seek_left > 0;
    if (tail->reading || (!is_seeking && tail->next > d->durable) || bus_session_has_queued(session)) return;
    daemon_read_job *job = daemon_read_job_new(on_read, d);
    if (job == NULL) return; /* the next record or the next pulse tries again */
    job->session = session->ref;
    job->lane = (uint32_t)(tail - daemon_state_of(session)->tails);
    uint64_t first = tail->next, end = d->durable + 1;
    if (is_seeking) {
        end = tail->seek_before;
        first = end > RECORDS_A_JOB ? end - RECORDS_A_JOB : 1;
    }
    for (uint64_t at = first; at < end && job->count < RECORDS_A_JOB; at++)
        job->records[job->count++].sequence = at;
    job->stops_short = !is_seeking;
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

/* The newest N of everything are found by arithmetic; of what is left out in part, by looking backwards. */
static void begin_at(const daemon_shell *d, const bus_session *session, daemon_tail *tail, const Mash__V1__Tail *wanted)
{
    const core_peer *peer = core_peer_numbered(d->core, session->peer);
    bool sees_all = peer->kind == MASH__V1__PEER_KIND__PEER_KIND_OPERATOR || peer->kind == MASH__V1__PEER_KIND__PEER_KIND_AUDITOR;
    tail->next = wanted->from_sequence;
    if (tail->next != 0) return;
    if (sees_all && tail->where_count == 0) {
        tail->next = wanted->last >= d->durable ? 1 : d->durable - wanted->last + 1;
    } else {
        tail->next = d->durable + 1;
        tail->seek_before = d->durable + 1;
        tail->seek_left = d->durable == 0 ? 0 : wanted->last;
    }
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
    hub_buffer why = {0};
    bool is_clear =
        core_where_check(d->core, session->peer, (const Mash__V1__Where *const *)wanted->where, wanted->n_where, &why);
    if (!is_clear) daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_MALFORMED, "tail.where", hub_buffer_text(&why));
    hub_buffer_free(&why);
    uint32_t staff;
    if (!is_clear || !daemon_reader_of(d, session, request, "tail", wanted->on_behalf_of, &staff)) return;
    daemon_tail *tail = request == 0 ? NULL : new_tail(session, request);
    if (tail == NULL || !copy_where(tail, wanted)) {
        daemon_fault(
            d, session, request, MASH__V1__FAULT_CODE__FAULT_MALFORMED, "tail",
            "a tail needs a request number that no other has; at most 8 at once, with at most 16 conditions of 127 bytes");
        return;
    }
    tail->request = request;
    tail->staff = staff;
    tail->follow = wanted->follow;
    tail->left = wanted->limit == 0 ? UINT32_MAX : wanted->limit;
    begin_at(d, session, tail, wanted);
    if (tail->seek_left == 0 && tail->next > d->durable && !tail->follow) {
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
