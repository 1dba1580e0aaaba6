/* hub.c - the simulated hub's life: founding, folding, deciding, appending, dying. */
#include "hub.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/snapshot.h"
#include "event/event.h"
#include "event/wire.h"
#include "hub_inside.h"
#include "spoil.h"

enum { ARENA_BYTES = 16 * 1024 * 1024, FULL_RETRY_MS = 50 };

static const char PARTNERSHIP[] = "sim";

/* ---- deciding -------------------------------------------------------------------------------------------------------------- */

const core_policy *hub_policy_of(const sim_hub *h, const Mash__V1__Control *control)
{
    for (size_t i = 0; i < control->n_facts; i++) {
        const Mash__V1__Fact *fact = control->facts[i];
        if (fact->body_case == MASH__V1__FACT__BODY_POLICY_ADOPTED) return h->parts.policies[fact->policy_adopted->policy - 1];
    }
    return NULL;
}

static void draft(sim_hub *h, const core_command *command, const core_decision *decision, const core_record *record)
{
    if (h->pending_count == h->pending_capacity) {
        h->pending_capacity = h->pending_capacity == 0 ? 64 : h->pending_capacity * 2;
        h->pending = realloc(h->pending, h->pending_capacity * sizeof *h->pending);
        HUB_ASSERT(h->pending != NULL);
    }
    hub_pending *p = &h->pending[h->pending_count++];
    *p = (hub_pending){0};
    HUB_ASSERT(event_wire_pack(&decision->control->base, &p->control) == HUB_OK);
    if (decision->personal != NULL) HUB_ASSERT(event_wire_pack(&decision->personal->base, &p->personal) == HUB_OK);
    uint64_t refs[CORE_REFS_MAX];
    uint32_t ref_count = core_record_refs(h->state, record, refs);
    p->refs = calloc(ref_count + 1, sizeof *p->refs);
    HUB_ASSERT(p->refs != NULL);
    memcpy(p->refs, refs, ref_count * sizeof *refs);
    p->draft = (journal_draft){.sequence = record->sequence,
                               .time_ms = record->time_ms,
                               .peer = record->peer,
                               .link_seq = record->link_seq,
                               .command_id = command->command_id,
                               .control = hub_buffer_bytes(&p->control),
                               .personal = hub_buffer_bytes(&p->personal),
                               .state_digest = core_digest(h->state),
                               .refs = p->refs,
                               .ref_count = ref_count};
}

core_reply hub_act(sim_hub *h, core_command *command)
{
    hub_error err = {{0}};
    core_decision decision;
    hub_arena_reset(&h->arena);
    command->at_ms = hub_now(h);
    sim_must(h->parts.report, core_decide(h->state, command, &h->arena, &decision), &err, "deciding");
    if (decision.control == NULL) return decision.reply;
    sim_spoil(h->parts.options, decision.control);

    bool has_event = decision.personal != NULL && decision.personal->event.len > 0;
    core_record record = {.epoch = h->epoch,
                          .sequence = core_sequence(h->state) + 1,
                          .time_ms = command->at_ms,
                          .peer = command->peer,
                          .link_seq = command->kind == CORE_PUBLISH ? command->of.publish.link_seq : 0,
                          .control = decision.control,
                          .personal = decision.personal,
                          .event = has_event ? command->of.publish.event : NULL,
                          .policy = command->kind == CORE_ADOPT_POLICY ? command->of.adopt.policy : NULL};
    sim_must(h->parts.report, core_reserve(h->state, &record, &err), &err, "reserving");
    core_evolve(h->state, &record);
    sim_checker_evolved(h->parts.checker, record.sequence, sim_now(h->parts.schedule), core_digest(h->state), decision.control);
    draft(h, command, &decision, &record);
    hub_plan_flush(h);
    hub_plan_tick(h);
    return decision.reply;
}

/* ---- sending --------------------------------------------------------------------------------------------------------------- */

void hub_send(sim_hub *h, uint32_t connection, Mash__V1__HubFrame *frame)
{
    if (h->outgoing_count == h->outgoing_capacity) {
        h->outgoing_capacity = h->outgoing_capacity == 0 ? 64 : h->outgoing_capacity * 2;
        h->outgoing = realloc(h->outgoing, h->outgoing_capacity * sizeof *h->outgoing);
        HUB_ASSERT(h->outgoing != NULL);
    }
    hub_outgoing *out = &h->outgoing[h->outgoing_count];
    *out = (hub_outgoing){.connection = connection, .after = core_sequence(h->state)};
    HUB_ASSERT(event_wire_pack(&frame->base, &out->frame) == HUB_OK);
    if (out->after > h->durable && !sim_spoils(h->parts.options, "too-soon")) {
        h->outgoing_count++;
        return;
    }
    sim_net_send(h->parts.net, connection, SIM_TO_CLIENT, hub_buffer_bytes(&out->frame));
    hub_buffer_free(&out->frame);
}

static void release(sim_hub *h)
{
    size_t kept = 0;
    for (size_t i = 0; i < h->outgoing_count; i++) {
        hub_outgoing *out = &h->outgoing[i];
        if (out->after > h->durable) {
            h->outgoing[kept++] = *out;
            continue;
        }
        sim_net_send(h->parts.net, out->connection, SIM_TO_CLIENT, hub_buffer_bytes(&out->frame));
        hub_buffer_free(&out->frame);
    }
    h->outgoing_count = kept;
}

/* ---- dying ----------------------------------------------------------------------------------------------------------------- */

static void forget_pending(sim_hub *h)
{
    for (size_t i = 0; i < h->pending_count; i++) {
        hub_buffer_free(&h->pending[i].control);
        hub_buffer_free(&h->pending[i].personal);
        free(h->pending[i].refs);
    }
    h->pending_count = 0;
}

static void drop_everything(sim_hub *h)
{
    forget_pending(h);
    for (size_t i = 0; i < h->outgoing_count; i++)
        hub_buffer_free(&h->outgoing[i].frame);
    h->outgoing_count = 0;
    hub_forget_sessions(h);
    journal_writer_close(h->writer);
    journal_reader_close(h->reader);
    journal_keys_close(h->keys);
    journal_keys_close(h->reading_keys);
    journal_close(h->journal);
    journal_close(h->reading);
    core_close(h->state);
    h->writer = NULL, h->reader = NULL, h->keys = NULL, h->reading_keys = NULL, h->journal = NULL, h->reading = NULL,
    h->state = NULL;
    h->is_up = h->is_full = h->flush_planned = false;
    h->tick_planned_ms = 0;
    h->life++;
}

static void start(void *context, uint64_t number, hub_bytes bytes);

static void die(sim_hub *h, const char *why)
{
    sim_tell(h->parts.report, "hub", "dies %s, durable up to %llu", why, (unsigned long long)h->durable);
    drop_everything(h);
    sim_net_deafen(h->parts.net);
    int64_t back_ms = sim_now(h->parts.schedule) + sim_within(&h->random, h->parts.options->away_ms);
    sim_at(h->parts.schedule, back_ms, start, h, h->life, hub_bytes_of(NULL, 0));
}

/* ---- appending ------------------------------------------------------------------------------------------------------------- */

static void remember(sim_hub *h, uint64_t sequence, uint32_t epoch, const hub_digest *hash)
{
    if (sequence > h->history_capacity) {
        h->history_capacity = h->history_capacity == 0 ? 256 : h->history_capacity * 2;
        h->history = realloc(h->history, h->history_capacity * sizeof *h->history);
        HUB_ASSERT(h->history != NULL);
    }
    h->history[sequence - 1] = (sim_held){sequence, epoch, *hash};
}

static void take_copy(sim_hub *h);

static void batch_is_durable(sim_hub *h, const hub_digest *hashes)
{
    for (size_t i = 0; i < h->pending_count; i++)
        remember(h, h->pending[i].draft.sequence, h->epoch, &hashes[i]);
    h->durable += h->pending_count;
    HUB_ASSERT(h->durable == core_sequence(h->state));
    forget_pending(h);
    h->is_full = false;
    sim_checker_durable(h->parts.checker, h->durable);
}

static journal_outcome append(sim_hub *h, hub_digest *hashes)
{
    hub_error err = {{0}};
    journal_draft *drafts = calloc(h->pending_count, sizeof *drafts);
    HUB_ASSERT(drafts != NULL);
    for (size_t i = 0; i < h->pending_count; i++)
        drafts[i] = h->pending[i].draft;
    journal_outcome outcome = journal_writer_append(h->writer, drafts, (uint32_t)h->pending_count, hashes, &err);
    free(drafts);
    return outcome;
}

static void choose_fault(sim_hub *h)
{
    const sim_options *o = h->parts.options;
    journal_memory_fault fault = JOURNAL_FAULT_NONE;
    if (sim_happens(&h->random, o->unknown_lost)) fault = JOURNAL_FAULT_UNKNOWN_LOST;
    if (sim_happens(&h->random, o->unknown_kept)) fault = JOURNAL_FAULT_UNKNOWN_KEPT;
    if (sim_happens(&h->random, o->full)) fault = JOURNAL_FAULT_FULL;
    journal_memory_fail(h->store, 0, fault);
}

static void flush(void *context, uint64_t life, hub_bytes bytes)
{
    sim_hub *h = context;
    (void)bytes;
    if (!h->is_up || life != h->life) return;
    if (!h->is_full) hub_decide_receipts(h); /* a full disk is offered no more than it has to take */
    h->flush_planned = false;
    if (h->pending_count == 0) return;
    if (sim_happens(&h->random, h->parts.options->dies_before_append)) {
        die(h, "before an append");
        return;
    }
    choose_fault(h);
    hub_digest hashes[JOURNAL_BATCH_RECORDS_MAX];
    HUB_ASSERT(h->pending_count <= JOURNAL_BATCH_RECORDS_MAX);
    size_t records = h->pending_count;
    bool was_full = h->is_full;
    switch (append(h, hashes)) {
    case JOURNAL_UNKNOWN:
        die(h, "as an append's outcome is unknown");
        return;
    case JOURNAL_FULL:
        sim_tell(h->parts.report, "hub", "the disk is full, %zu records wait", records);
        h->is_full = true;
        h->flush_planned = true;
        sim_at(h->parts.schedule, sim_now(h->parts.schedule) + FULL_RETRY_MS, flush, h, h->life, hub_bytes_of(NULL, 0));
        return;
    case JOURNAL_DURABLE:
        break;
    }
    batch_is_durable(h, hashes);
    sim_tell(h->parts.report, "hub", "%zu records durable, up to %llu", records, (unsigned long long)h->durable);
    if (sim_happens(&h->random, h->parts.options->backup)) take_copy(h);
    if (sim_happens(&h->random, h->parts.options->dies_after_append)) {
        die(h, "after an append, before its replies");
        return;
    }
    release(h);
    hub_deliver_all(h);
    if (sim_happens(&h->random, h->parts.options->asks)) hub_ask(h, 1 + sim_draw(&h->random, h->durable));
    if (sim_happens(&h->random, h->parts.options->pauses)) hub_pause(h);
    if (was_full) hub_plan_flush(h); /* receipts that came meanwhile */
}

void hub_plan_flush(sim_hub *h)
{
    if (h->flush_planned || h->is_full) return;
    h->flush_planned = true;
    int64_t when = sim_now(h->parts.schedule) + sim_within(&h->random, h->parts.options->batch_ms);
    sim_at(h->parts.schedule, when, flush, h, h->life, hub_bytes_of(NULL, 0));
}

/* ---- copies of the store --------------------------------------------------------------------------------------------------- */

typedef struct copying {
    sim_hub *hub;
    journal *from, *to;
} copying;

static hub_status copy_batch(void *context, const journal_batch *batch, hub_error *err)
{
    copying *c = context;
    journal_batch copied = *batch;
    hub_buffer page = {0};
    uint64_t last = batch->first_sequence + batch->record_count - 1;
    uint64_t number = (last - 1) / JOURNAL_KEYS_PER_PAGE;
    if (number * JOURNAL_KEYS_PER_PAGE + 1 >= batch->first_sequence) { /* this batch began the page */
        sim_must(c->hub->parts.report, journal_key_page(c->from, number, &page, err), err, "copying a key page");
        copied.key_page = number;
        copied.key_page_bytes = hub_buffer_bytes(&page);
    }
    journal_outcome outcome = journal_append(c->to, &copied, err);
    hub_buffer_free(&page);
    return outcome == JOURNAL_DURABLE ? HUB_OK : HUB_ERR_IO;
}

static journal_memory_store *copy_of(sim_hub *h, journal_memory_store *store)
{
    hub_error err = {{0}};
    copying c = {.hub = h};
    journal_memory_store *copy = journal_memory_store_open();
    HUB_ASSERT(copy != NULL);
    sim_must(h->parts.report, journal_memory_open(store, PARTNERSHIP, JOURNAL_READ, &c.from, &err), &err,
             "opening a store to copy");
    sim_must(h->parts.report, journal_memory_open(copy, PARTNERSHIP, JOURNAL_CREATE, &c.to, &err), &err, "opening a copy");
    sim_must(h->parts.report, journal_read(c.from, 1, copy_batch, &c, &err), &err, "copying a store");
    journal_close(c.from);
    journal_close(c.to);
    return copy;
}

static void take_copy(sim_hub *h)
{
    journal_memory_store_close(h->copy);
    h->copy = copy_of(h, h->store);
    sim_tell(h->parts.report, "hub", "backup up to %llu", (unsigned long long)h->durable);
}

static sim_store restore_perhaps(sim_hub *h)
{
    if (h->copy == NULL || !sim_happens(&h->random, h->parts.options->restored)) return SIM_STORE_KEPT;
    journal_memory_store_close(h->store);
    h->store = copy_of(h, h->copy);
    sim_tell(h->parts.report, "hub", "the store is lost and its copy put in its place");
    return SIM_STORE_RESTORED;
}

/* ---- starting -------------------------------------------------------------------------------------------------------------- */

static hub_status note_batch_end(void *context, const journal_batch *batch, hub_error *err)
{
    sim_hub *h = context;
    (void)err;
    HUB_ASSERT(h->batch_end_count < sizeof h->batch_ends / sizeof h->batch_ends[0]);
    h->batch_ends[h->batch_end_count].sequence = batch->first_sequence + batch->record_count - 1;
    h->batch_ends[h->batch_end_count++].digest = batch->state_digest;
    return HUB_OK;
}

static hub_status fold_record(void *context, const journal_opened *opened, hub_bytes bytes, hub_error *err)
{
    sim_hub *h = context;
    (void)bytes;
    hub_arena_reset(&h->arena);
    core_record record = {.epoch = opened->record->epoch,
                          .sequence = opened->record->sequence,
                          .time_ms = opened->record->time_ms,
                          .control = opened->control,
                          .personal = opened->personal,
                          .policy = hub_policy_of(h, opened->control)};
    if (opened->record->origin != NULL) {
        record.peer = opened->record->origin->peer;
        record.link_seq = opened->record->origin->link_seq;
    }
    if (opened->personal != NULL && opened->personal->event.len > 0) {
        event_problem problem;
        record.event = event_decode(hub_bytes_of(opened->personal->event.data, opened->personal->event.len), &h->arena, &problem);
        HUB_ASSERT(record.event != NULL);
    }
    hub_status status = core_reserve(h->state, &record, err);
    if (status != HUB_OK) return status;
    core_evolve(h->state, &record);
    sim_checker_folded(h->parts.checker, record.sequence, core_digest(h->state), record.control);
    remember(h, record.sequence, record.epoch, &opened->hash);
    if (h->batch_ends_met < h->batch_end_count && h->batch_ends[h->batch_ends_met].sequence == record.sequence) {
        if (h->batch_ends[h->batch_ends_met++].digest != core_digest(h->state))
            sim_fail(h->parts.report, "S3: the digest stored with a batch is not the folded state's");
    }
    return HUB_OK;
}

static void open_store(sim_hub *h, journal_open_mode mode, uint32_t epoch)
{
    const sim_report *report = h->parts.report;
    hub_error err = {{0}};
    sim_must(report, journal_memory_open(h->store, PARTNERSHIP, mode, &h->journal, &err), &err, "opening the journal");
    sim_must(report, journal_keys_open_with(h->master, h->journal, &h->keys, &err), &err, "opening the keys");
    if (epoch == 0) {
        journal_end end;
        sim_must(report, journal_end_of(h->journal, &end, &err), &err, "the journal's end");
        epoch = end.epoch + 1;
    }
    h->epoch = epoch;
    const journal_writer_options options = {.partnership = PARTNERSHIP, .epoch = epoch};
    sim_must(report, journal_writer_open(h->journal, h->keys, &options, &h->writer, &err), &err, "opening the writer");
    HUB_ASSERT(core_open(&h->state) == HUB_OK);
}

static void fold(sim_hub *h, sim_store store)
{
    const sim_report *report = h->parts.report;
    hub_error err = {{0}};
    sim_must(report, journal_memory_open(h->store, PARTNERSHIP, JOURNAL_READ, &h->reading, &err), &err, "opening to read");
    sim_must(report, journal_keys_open_with(h->master, h->reading, &h->reading_keys, &err), &err, "opening the keys to read");
    sim_must(report, journal_reader_open(h->reading, h->reading_keys, &h->reader, &err), &err, "opening the reader");
    h->batch_end_count = h->batch_ends_met = 0;
    sim_must(report, journal_read(h->reading, 1, note_batch_end, h, &err), &err, "reading batches");
    sim_checker_fold_begins(h->parts.checker);
    sim_must(report, journal_reader_batches(h->reader, 1, 0, fold_record, NULL, h, &err), &err, "folding");
    h->durable = core_sequence(h->state);
    if (h->batch_ends_met != h->batch_end_count) sim_fail(report, "S3: a batch was not folded");
    sim_checker_fold_ends(h->parts.checker, h->durable, store);
}

/* A state that was written and read again must go on exactly as the one it was made from. */
static void go_through_snapshot(sim_hub *h)
{
    hub_error err = {{0}};
    hub_buffer snapshot = {0};
    core_state *read;
    sim_must(h->parts.report, core_snapshot_write(h->state, &snapshot), &err, "writing a snapshot");
    sim_must(h->parts.report, core_snapshot_read(hub_buffer_bytes(&snapshot), &read, &err), &err, "reading a snapshot");
    hub_buffer_free(&snapshot);
    for (uint32_t number = 1; core_policy_sequence(h->state, number) != 0; number++)
        core_attach_policy(read, number, h->parts.policies[number - 1]);
    if (core_digest(read) != core_digest(h->state))
        sim_fail(h->parts.report, "S3: a state changed on its way through a snapshot");
    core_close(h->state);
    h->state = read;
}

/* ---- another policy ---------------------------------------------------------------------------------------------------------- */

static void must_be_done(sim_hub *h, core_reply reply)
{
    if (reply.command != MASH__V1__COMMAND_CODE__COMMAND_DONE) sim_fail(h->parts.report, "a command: %s", reply.text);
}

static void adopt(sim_hub *h, uint32_t number)
{
    Mash__V1__AdoptPolicy sources = MASH__V1__ADOPT_POLICY__INIT;
    core_command command = {.kind = CORE_ADOPT_POLICY, .peer = 1, .of.adopt = {h->parts.policies[number - 1], &sources}};
    must_be_done(h, hub_act(h, &command));
}

/* The operator sees to it that the second policy is in force from its day on; also when a restored store has forgotten it. */
static void reload(sim_hub *h)
{
    if (!h->is_up || core_policy_sequence(h->state, 2) != 0) return;
    if (sim_now(h->parts.schedule) < SIM_START_MS + h->parts.options->reload_ms) return;
    sim_tell(h->parts.report, "hub", "adopts the second policy");
    adopt(h, 2);
}

static void reload_day(void *context, uint64_t number, hub_bytes bytes)
{
    (void)number;
    (void)bytes;
    reload(context);
}

static void start(void *context, uint64_t life, hub_bytes bytes)
{
    sim_hub *h = context;
    (void)bytes;
    HUB_ASSERT(life == h->life && !h->is_up);
    sim_store store = restore_perhaps(h);
    open_store(h, JOURNAL_WRITE, 0);
    fold(h, store);
    if (sim_happens(&h->random, h->parts.options->from_snapshot)) go_through_snapshot(h);
    h->is_up = true;
    hub_start_clock(h);
    sim_tell(h->parts.report, "hub", "starts epoch %u after record %llu", h->epoch, (unsigned long long)h->durable);
    core_command command = {.kind = CORE_START, .of.start = {.epoch = h->epoch, .version = "sim"}};
    (void)hub_act(h, &command);
    reload(h);
    hub_plan_tick(h);
    const sim_end end = {.context = h, .frame = hub_take_frame};
    sim_net_listen(h->parts.net, &end);
}

/* ---- founding -------------------------------------------------------------------------------------------------------------- */

static void enrol(sim_hub *h, const sim_peer *peer)
{
    uint8_t key[CORE_KEY_BYTES];
    sim_fill(&h->random, key, sizeof key);
    Mash__V1__Enrol message = MASH__V1__ENROL__INIT;
    char *queues[1] = {(char *)(uintptr_t)peer->queue};
    message.public_key = (ProtobufCBinaryData){.len = sizeof key, .data = key};
    message.kind = peer->kind;
    message.agency = (Mash__V1__Agency)peer->agency;
    message.name = (char *)(uintptr_t)peer->name;
    if (peer->source_system != NULL) message.source_system = (char *)(uintptr_t)peer->source_system;
    if (peer->queue != NULL) message.n_queues = 1, message.queues = queues;
    char *teams[SIM_CONSUMERS];
    const core_policy *policy = h->parts.policies[0];
    message.may_act_for = teams;
    for (uint32_t i = 0; peer->acts_for_all && i < policy->team_count; i++)
        teams[message.n_may_act_for++] = policy->teams[i].name;
    core_command command = {.kind = CORE_ENROL, .peer = 1, .of.enrol = &message};
    must_be_done(h, hub_act(h, &command));
}

static void found(sim_hub *h, const sim_peer *peers, uint32_t peer_count)
{
    open_store(h, JOURNAL_CREATE, 1);
    uint8_t keys[4][32];
    sim_fill(&h->random, keys, sizeof keys);
    core_command create = {.kind = CORE_CREATE_PARTNERSHIP, .of.create = {PARTNERSHIP, keys[0], keys[1], keys[2], keys[3]}};
    must_be_done(h, hub_act(h, &create));
    adopt(h, 1);
    for (uint32_t i = 0; i < peer_count; i++)
        enrol(h, &peers[i]);
    hub_digest hashes[JOURNAL_BATCH_RECORDS_MAX];
    HUB_ASSERT(append(h, hashes) == JOURNAL_DURABLE);
    drop_everything(h);
    start(h, h->life, hub_bytes_of(NULL, 0));
    sim_at(h->parts.schedule, SIM_START_MS + h->parts.options->reload_ms, reload_day, h, 0, hub_bytes_of(NULL, 0));
}

sim_hub *sim_hub_open(const sim_hub_parts *parts, const sim_peer *peers, uint32_t peer_count)
{
    sim_hub *h = calloc(1, sizeof *h);
    HUB_ASSERT(h != NULL);
    h->parts = *parts;
    h->random = parts->random;
    h->store = journal_memory_store_open();
    HUB_ASSERT(h->store != NULL);
    HUB_ASSERT(hub_arena_open(&h->arena, 256 * 1024, ARENA_BYTES) == HUB_OK);
    HUB_ASSERT(hub_arena_open(&h->frame_arena, 256 * 1024, ARENA_BYTES) == HUB_OK);
    sim_fill(&h->random, h->master, sizeof h->master);
    found(h, peers, peer_count);
    return h;
}

void sim_hub_close(sim_hub *h)
{
    if (h == NULL) return;
    drop_everything(h);
    journal_memory_store_close(h->store);
    journal_memory_store_close(h->copy);
    hub_arena_close(&h->arena);
    hub_arena_close(&h->frame_arena);
    free(h->history);
    free(h->pending);
    free(h->outgoing);
    free(h);
}

bool sim_hub_is_at_rest(const sim_hub *h)
{
    return h->is_up && h->off_ms == 0 && h->pending_count == 0 && h->outgoing_count == 0 &&
           core_count(h->state).clocks_running == 0 && core_policy_sequence(h->state, 2) != 0;
}

const core_state *sim_hub_state(const sim_hub *h)
{
    return h->is_up ? h->state : NULL;
}

void sim_hub_check(sim_hub *h)
{
    HUB_ASSERT(h->is_up);
    for (uint64_t sequence = 1; sequence <= h->durable; sequence++)
        hub_ask(h, sequence);
    sim_checker_at_rest(h->parts.checker, h->reader, h->state);
}
