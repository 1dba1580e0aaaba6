#include "replay.h"

#include <inttypes.h>

enum {
    ARENA_BLOCK_BYTES = 1024 * 1024,
    ARENA_BUDGET_BYTES = 64 * 1024 * 1024, /* an event of 64 KB grows some forty times when it is unpacked */
};

static hub_status compile(core_record *record, fold_policies *policies, hub_error *err)
{
    hub_buffer complaints = {0};
    hub_status status = fold_policies_compile(policies, record->personal->policy_sources, record->personal->n_policy_sources, "",
                                              &record->policy, &complaints);
    if (status == HUB_ERR_INVALID) {
        status =
            hub_fail(err, HUB_ERR_VERSION, "record %" PRIu64 ": the policy it adopts does not compile with this version: %.300s",
                     record->sequence, hub_buffer_text(&complaints));
    }
    hub_buffer_free(&complaints);
    return status;
}

hub_status fold_record_event(core_record *record, hub_arena *arena, hub_error *err)
{
    if (record->personal == NULL || record->personal->event.len == 0) return HUB_OK;
    event_problem problem;
    record->event = event_decode(hub_bytes_of(record->personal->event.data, record->personal->event.len), arena, &problem);
    if (record->event != NULL) return HUB_OK;
    if (arena->exhausted) return hub_fail(err, HUB_ERR_MEMORY, "record %" PRIu64 ": out of memory", record->sequence);
    return hub_fail(err, HUB_ERR_CORRUPT, "record %" PRIu64 " holds an event that cannot be read: %s", record->sequence,
                    problem.reason);
}

hub_status fold_record(const journal_opened *opened, hub_arena *arena, fold_policies *policies, core_record *out, hub_error *err)
{
    const Mash__V1__Record *stored = opened->record;
    *out = (core_record){.epoch = stored->epoch,
                         .sequence = stored->sequence,
                         .time_ms = stored->time_ms,
                         .peer = stored->origin->peer,
                         .link_seq = stored->origin->link_seq,
                         .control = opened->control,
                         .personal = opened->personal};
    hub_status status = fold_record_event(out, arena, err);
    if (status != HUB_OK || policies == NULL || out->personal == NULL || out->personal->n_policy_sources == 0) return status;
    return compile(out, policies, err);
}

typedef struct replaying {
    core_state *state;
    fold_policies *policies;
    fold_counts *counts;
    fold_watch_cb *watch; /* or NULL */
    void *context;
    hub_arena arena;
} replaying;

static hub_status fold_one(void *context, const journal_opened *opened, hub_bytes bytes, hub_error *err)
{
    (void)bytes;
    replaying *r = context;
    hub_arena_reset(&r->arena);
    core_record record;
    hub_status status = fold_record(opened, &r->arena, r->policies, &record, err);
    if (status == HUB_OK) status = core_reserve(r->state, &record, err);
    if (status != HUB_OK) return status;
    core_evolve(r->state, &record);
    r->counts->records++;
    if (opened->erased) r->counts->erased++;
    return r->watch == NULL ? HUB_OK : r->watch(r->context, r->state, &record, err);
}

static hub_status compare(void *context, const journal_batch *batch, hub_error *err)
{
    (void)err;
    replaying *r = context;
    r->counts->batches++;
    if (core_digest(r->state) == batch->state_digest) return HUB_OK;
    r->counts->first_difference = core_sequence(r->state);
    return HUB_ERR_REFUSED; /* ends the reading: from here on every digest differs */
}

hub_status fold_replay(core_state *state, journal *j, journal_keys *keys, fold_policies *policies, fold_counts *counts,
                       hub_error *err)
{
    return fold_replay_watched(state, j, keys, policies, counts, NULL, NULL, err);
}

hub_status fold_replay_watched(core_state *state, journal *j, journal_keys *keys, fold_policies *policies, fold_counts *counts,
                               fold_watch_cb *watch, void *context, hub_error *err)
{
    HUB_ASSERT(state != NULL && policies != NULL);
    *counts = (fold_counts){0};
    journal_reader *reader = NULL;
    replaying r = {.state = state, .policies = policies, .counts = counts, .watch = watch, .context = context};
    hub_status status = hub_arena_open(&r.arena, ARENA_BLOCK_BYTES, ARENA_BUDGET_BYTES);
    if (status != HUB_OK) return hub_fail(err, status, "out of memory");
    status = journal_reader_open(j, keys, &reader, err);
    if (status == HUB_OK) status = journal_reader_batches(reader, core_sequence(state) + 1, 0, fold_one, compare, &r, err);
    journal_reader_close(reader);
    hub_arena_close(&r.arena);
    return counts->first_difference != 0 ? HUB_OK : status;
}
