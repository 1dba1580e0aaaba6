#include "init.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/core.h"
#include "daemon/keys_folder.h"
#include "daemon/policy_folder.h"
#include "daemon/standing.h"
#include "fold/policies.h"
#include "event/wire.h"
#include "host/clock.h"
#include "host/files.h"
#include "host/random.h"
#include "journal/writer.h"

enum { ARENA_BYTES = 1024 * 1024, ARENA_BUDGET = 64 * 1024 * 1024, RECORDS = 2, DAY_MS = 86400000 };

typedef struct founding {
    const daemon_config *config;
    daemon_keys keys;
    uint8_t operator_key[BUS_KEY_BYTES];
    fold_policies *policies;
    core_state *core;
    hub_arena arena;
    Mash__V1__AdoptPolicy *adopt;  /* BORROWED from the arena */
    const core_policy *policy;     /* BORROWED from policies */
    hub_buffer parts[2 * RECORDS]; /* control and personal of each record: drafts point into them */
    uint64_t refs[RECORDS][CORE_REFS_MAX];
    journal_draft drafts[RECORDS];
    uint32_t count;
} founding;

/* Decides one command and keeps it as a draft. */
static hub_status found(founding *f, const core_command *command, hub_error *err)
{
    core_decision decision;
    hub_status status = core_decide(f->core, command, &f->arena, &decision);
    if (status != HUB_OK || decision.control == NULL) {
        return hub_fail(err, HUB_ERR_REFUSED, "the partnership cannot be made: %s",
                        status == HUB_OK ? decision.reply.text : hub_status_text(status));
    }
    core_record record = {.epoch = 1,
                          .sequence = core_sequence(f->core) + 1,
                          .time_ms = command->at_ms,
                          .control = decision.control,
                          .personal = decision.personal};
    if (command->kind == CORE_ADOPT_POLICY) record.policy = command->of.adopt.policy;
    status = core_reserve(f->core, &record, err);
    if (status != HUB_OK) return status;
    core_evolve(f->core, &record);
    hub_buffer *control = &f->parts[2 * f->count], *personal = &f->parts[2 * f->count + 1];
    status = event_wire_pack(&record.control->base, control);
    if (status == HUB_OK && record.personal != NULL) status = event_wire_pack(&record.personal->base, personal);
    if (status != HUB_OK) return status;
    journal_draft *draft = &f->drafts[f->count];
    *draft = (journal_draft){.sequence = record.sequence,
                             .time_ms = record.time_ms,
                             .control = hub_buffer_bytes(control),
                             .personal = hub_buffer_bytes(personal),
                             .state_digest = core_digest(f->core),
                             .refs = f->refs[f->count]};
    draft->ref_count = core_record_refs(f->core, &record, f->refs[f->count]);
    f->count++;
    return HUB_OK;
}

static hub_status found_partnership(founding *f, hub_error *err)
{
    uint8_t pseudonym_key[HUB_SECRET_BYTES];
    host_random_fill(pseudonym_key, sizeof pseudonym_key);
    core_command command = {.kind = CORE_CREATE_PARTNERSHIP, .at_ms = host_wall_ms()};
    command.of.create.name = f->config->partnership;
    command.of.create.server_key = f->keys.server.public_key;
    command.of.create.signing_key = f->keys.signing_public;
    command.of.create.pseudonym_key = pseudonym_key;
    command.of.create.operator_key = f->operator_key;
    hub_status status = found(f, &command, err);
    sodium_memzero(pseudonym_key, sizeof pseudonym_key);
    return status;
}

/* Before anything is made: after a mistake init is simply run again. */
static hub_status read_policy(founding *f, hub_buffer *complaints, hub_error *err)
{
    hub_status status = daemon_policy_folder_read(f->config->policy, &f->arena, &f->adopt, err);
    if (status != HUB_OK) return status;
    int32_t today = (int32_t)(host_wall_ms() / DAY_MS);
    status = daemon_policy_compile(f->policies, f->adopt, f->config->policy, today, &f->policy, complaints);
    return status == HUB_OK ? HUB_OK
                            : hub_fail(err, status, "%s: the policy has mistakes; nothing was stored", f->config->policy);
}

static hub_status found_policy(founding *f, hub_error *err)
{
    core_command command = {.kind = CORE_ADOPT_POLICY, .at_ms = host_wall_ms()};
    if (command.at_ms < core_time_ms(f->core)) command.at_ms = core_time_ms(f->core);
    command.of.adopt.policy = f->policy;
    command.of.adopt.sources = f->adopt;
    return found(f, &command, err);
}

static hub_status write_records(founding *f, journal *j, hub_error *err)
{
    journal_keys *keys = NULL;
    journal_writer *writer = NULL;
    hub_digest hashes[RECORDS];
    char heads[PATH_MAX + 16];
    (void)snprintf(heads, sizeof heads, "%s/heads", f->config->state);
    journal_writer_options options = {
        .partnership = f->config->partnership, .epoch = 1, .signing_secret = f->keys.signing_secret, .heads_path = heads};
    hub_status status = journal_keys_open(f->keys.master_path, j, &keys, err);
    if (status == HUB_OK) status = journal_writer_open(j, keys, &options, &writer, err);
    if (status == HUB_OK) {
        switch (journal_writer_append(writer, f->drafts, f->count, hashes, err)) {
        case JOURNAL_DURABLE:
            break;
        case JOURNAL_FULL:
            status = HUB_ERR_FULL;
            break;
        case JOURNAL_UNKNOWN:
            status = HUB_ERR_UNKNOWN;
            break;
        }
    }
    journal_writer_close(writer);
    journal_keys_close(keys);
    return status;
}

static void end(founding *f)
{
    for (int i = 0; i < 2 * RECORDS; i++) {
        if (f->parts[i].data != NULL) sodium_memzero(f->parts[i].data, f->parts[i].capacity);
        hub_buffer_free(&f->parts[i]);
    }
    core_close(f->core);
    hub_arena_close(&f->arena);
    if (f->policies != NULL) fold_policies_close(f->policies);
    free(f->policies);
    sodium_memzero(&f->keys, sizeof f->keys);
    free(f);
}

hub_status daemon_init(const daemon_config *config, const char *operator_key, hub_buffer *complaints, hub_error *err)
{
    journal *j = NULL;
    founding *f = calloc(1, sizeof *f);
    if (f == NULL) return HUB_ERR_MEMORY;
    f->config = config;
    f->policies = calloc(1, sizeof *f->policies);
    hub_status status = f->policies == NULL ? HUB_ERR_MEMORY : hub_arena_open(&f->arena, ARENA_BYTES, ARENA_BUDGET);
    if (status == HUB_OK) status = bus_public_key_read(operator_key, f->operator_key, err);
    if (status == HUB_OK) status = host_folder_make(config->state, 0700, err);
    if (status == HUB_OK) status = daemon_standing_may_found(config, err);
    if (status == HUB_OK) status = read_policy(f, complaints, err);
    if (status == HUB_OK) {
        status = journal_open(config->journal, config->partnership, JOURNAL_CREATE, &j, err);
        if (status == HUB_ERR_EXISTS) status = hub_fail_within(err, status, "nothing was changed: a store is made once");
    }
    if (status == HUB_OK) status = daemon_keys_make(config->keys, err);
    if (status == HUB_OK) status = daemon_keys_read(config->keys, &f->keys, err);
    if (status == HUB_OK) status = core_open(&f->core);
    if (status == HUB_OK) status = found_partnership(f, err);
    if (status == HUB_OK) status = found_policy(f, err);
    if (status == HUB_OK) status = write_records(f, j, err);
    journal_close(j);
    end(f);
    return status;
}
