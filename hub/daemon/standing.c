#include "standing.h"

#include <inttypes.h>
#include <stdio.h>

#include "daemon/keys_folder.h"
#include "host/clock.h"
#include "host/log.h"

enum { HEADS_PATH_MAX = PATH_MAX + 16 };

static void heads_path(const daemon_config *config, char out[HEADS_PATH_MAX])
{
    (void)snprintf(out, HEADS_PATH_MAX, "%s/heads", config->state);
}

/* The newest record that a head beside the store names, whoever signed it; 0 = there is none. */
static hub_status newest_head(const daemon_config *config, uint64_t *sequence, hub_error *err)
{
    char path[HEADS_PATH_MAX];
    journal_heads_list list = {0};
    *sequence = 0;
    heads_path(config, path);
    hub_status status = journal_heads_list_read(&list, path, NULL, err);
    for (size_t i = 0; i < list.count; i++)
        *sequence = list.items[i].sequence > *sequence ? list.items[i].sequence : *sequence;
    journal_heads_list_free(&list);
    return status == HUB_ERR_NOT_FOUND ? HUB_OK : status;
}

/* Keys lie apart from store and state, so they are what is left when those are on a disk that is lost, or not mounted. Another partnership under
 * the same keys would have none of the enrolments, and would be taken for this one by every peer. */
static hub_status without_state(const daemon_config *config, hub_error *err)
{
    return hub_fail(
        err, HUB_ERR_REFUSED,
        "%s holds the keys of a partnership, but neither its store %s nor a signed head in %s is there; nothing was "
        "changed. Is the disk mounted, and `state` in hub.yaml right? If they are lost, put the newest backup in their "
        "place (deploy/RUNBOOK.md, \"Restore\"). Only if no hub ever ran with these keys move their folder aside, and "
        "run mashhubd init",
        config->keys, config->journal, config->state);
}

/* There is no signed head. A store that is there all the same (in Redis, or outside `state`) is no lost one: nobody must be told to put an
 * older backup in its place. */
static hub_status without_heads(const daemon_config *config, hub_error *err)
{
    journal *j;
    journal_end end = {0};
    hub_status status = journal_open(config->journal, config->partnership, JOURNAL_READ, &j, err);
    if (status == HUB_ERR_NOT_FOUND) return without_state(config, err);
    if (status != HUB_OK) return status;
    status = journal_end_of(j, &end, err);
    journal_close(j);
    if (status != HUB_OK) return status;
    if (end.last_sequence > 0) {
        return hub_fail(err, HUB_ERR_REFUSED,
                        "the store %s is there and ends with record %" PRIu64
                        ": this partnership was founded already; nothing was changed. Start the hub",
                        config->journal, end.last_sequence);
    }
    return hub_fail(
        err, HUB_ERR_REFUSED,
        "the store %s holds no record: an init was cut short. Move it and the folder %s aside, and run mashhubd init again",
        config->journal, config->keys);
}

hub_status daemon_standing_may_found(const daemon_config *config, hub_error *err)
{
    uint64_t head;
    hub_status status = newest_head(config, &head, err);
    if (status != HUB_OK) return status;
    if (head == 0) return daemon_keys_are_whole(config->keys) ? without_heads(config, err) : HUB_OK;
    return hub_fail(err, HUB_ERR_REFUSED,
                    "%s/heads holds a signed head of record %" PRIu64
                    ": this partnership was founded already; nothing was changed. "
                    "If its store is lost, put the newest backup in its place (deploy/RUNBOOK.md, \"Restore\")",
                    config->state, head);
}

hub_status daemon_standing_without_store(const daemon_config *config, hub_error *err)
{
    uint64_t head;
    hub_status status = newest_head(config, &head, err);
    if (status != HUB_OK) return status;
    if (head == 0 && daemon_keys_are_whole(config->keys)) return without_heads(config, err);
    if (head == 0) {
        return hub_fail(err, HUB_ERR_NOT_FOUND, "there is no store yet (%s); run: mashhubd init --config %s --operator KEY.pub",
                        config->journal, config->folder);
    }
    return hub_fail(err, HUB_ERR_REFUSED,
                    "the store %s is empty or not there, but %s/heads holds a signed head of record %" PRIu64
                    ": the store was lost. Put the newest backup in its place (deploy/RUNBOOK.md, \"Restore\")",
                    config->journal, config->state, head);
}

hub_status daemon_standing_of(const daemon_config *config, const daemon_keys *keys, journal *j, daemon_restore_trust trust,
                              journal_heads_comparison *out, hub_error *err)
{
    char path[HEADS_PATH_MAX];
    heads_path(config, path);
    hub_status status = journal_heads_compare(path, j, keys->signing_public, out, err);
    if (status != HUB_OK) return status;
    switch (out->standing) {
    case JOURNAL_HEADS_AGREE:
        if (trust == DAEMON_RESTORE_ACCEPTED)
            host_log(HOST_LOG_INFO, "there is no restore to accept: the store and its signed heads agree", NULL);
        break;
    case JOURNAL_HEADS_NONE:
        host_log(HOST_LOG_WARNING, "there is no signed head beside the store: an older copy of it would not be noticed", "file",
                 path, "do", "keep state/heads with the keys; a new one is begun now", NULL);
        break;
    case JOURNAL_HEADS_STORE_BEHIND:
        if (trust == DAEMON_RESTORE_ACCEPTED) break;
        return hub_fail(err, HUB_ERR_REFUSED,
                        "the store %s ends with record %" PRIu64 ", but %s holds a signed head of record %" PRIu64
                        ": an older store was put back, or its end was cut. Put the newest backup in its place; if there is none "
                        "newer, start once with --accept-restore (deploy/RUNBOOK.md, \"Restore\")",
                        config->journal, out->store_sequence, path, out->head_sequence);
    case JOURNAL_HEADS_DIFFERENT:
        return hub_fail(err, HUB_ERR_REFUSED,
                        "record %" PRIu64 " of the store %s (it ends with %" PRIu64
                        ") is not the one that %s holds a signed head of "
                        "(the newest is of %" PRIu64 "): this is another history. Put the store back that belongs to these heads "
                        "(deploy/RUNBOOK.md, \"Restore\")",
                        out->differs_at, config->journal, out->store_sequence, path, out->head_sequence);
    }
    return HUB_OK;
}

hub_status daemon_standing_accept(const daemon_config *config, const daemon_keys *keys, journal *j,
                                  const journal_heads_comparison *standing, hub_error *err)
{
    char path[HEADS_PATH_MAX], kept[24], given_up[24];
    heads_path(config, path);
    hub_status status = journal_heads_accept_restored(path, j, keys->signing_secret, standing, host_wall_ms(), err);
    if (status != HUB_OK) return status;
    (void)snprintf(kept, sizeof kept, "%" PRIu64, standing->store_sequence);
    (void)snprintf(given_up, sizeof given_up, "%" PRIu64, standing->head_sequence);
    host_log(HOST_LOG_WARNING, "an operator accepted a restored store", "ends_with_record", kept, "signed_up_to_record", given_up,
             "do", "deploy/RUNBOOK.md, \"Restore\"", NULL);
    return HUB_OK;
}
