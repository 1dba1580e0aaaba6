/* The audit stream's store: made at the first start, compared with its signed heads at every one. */
#include "daemon/audit.h"

#include <inttypes.h>
#include <stdio.h>

#include "host/clock.h"
#include "host/log.h"
#include "journal/heads.h"

static void heads_path(const daemon_shell *d, char out[PATH_MAX + 16])
{
    (void)snprintf(out, PATH_MAX + 16, "%s/audit-heads", d->config->state);
}

/* The one that is there; a new one when there never was one. */
static hub_status open_or_make(const daemon_shell *d, const char *heads, journal **out, hub_error *err)
{
    hub_status status = journal_open(d->config->audit, d->config->partnership, JOURNAL_WRITE, out, err);
    if (status != HUB_ERR_NOT_FOUND) return status;
    journal_heads_list list = {0};
    hub_error none;
    status = journal_heads_list_read(&list, heads, NULL, &none);
    bool was_there = list.count > 0;
    journal_heads_list_free(&list);
    if (was_there) {
        return hub_fail(err, HUB_ERR_REFUSED,
                        "the audit store %s is not there, but %s holds signed heads of it: put it back (deploy/RUNBOOK.md, "
                        "\"The audit stream\")",
                        d->config->audit, heads);
    }
    return journal_open(d->config->audit, d->config->partnership, JOURNAL_CREATE, out, err);
}

/* Is it the store that the heads were signed for? An older one is taken when the operator accepts a restore with this start. */
static hub_status compare(const daemon_shell *d, const char *heads, journal *j, hub_error *err)
{
    journal_heads_comparison found;
    hub_status status = journal_heads_compare(heads, j, d->keys->signing_public, &found, err);
    if (status != HUB_OK || found.standing == JOURNAL_HEADS_AGREE || found.standing == JOURNAL_HEADS_NONE) return status;
    bool is_behind = found.standing == JOURNAL_HEADS_STORE_BEHIND;
    if (is_behind && d->preparing && found.store_sequence > 0) {
        host_log(HOST_LOG_WARNING, "the restored audit store is older than its signed heads: accepted with --accept-restore",
                 NULL);
        return journal_heads_accept_restored(heads, j, d->keys->signing_secret, &found, host_wall_ms(), err);
    }
    return hub_fail(err, HUB_ERR_REFUSED,
                    "the audit store %s %s (it ends with record %" PRIu64 ", %s names record %" PRIu64
                    "): put the right one back (deploy/RUNBOOK.md, \"The audit stream\")",
                    d->config->audit, is_behind ? "is older than its signed heads" : "is another history than its signed heads",
                    found.store_sequence, heads, found.head_sequence);
}

hub_status daemon_audit_store_open(const daemon_shell *d, daemon_audit_store *out, hub_error *err)
{
    char heads[PATH_MAX + 16];
    *out = (daemon_audit_store){0};
    heads_path(d, heads);
    hub_status status = open_or_make(d, heads, &out->j, err);
    if (status == HUB_OK) status = compare(d, heads, out->j, err);
    if (status == HUB_OK) status = journal_end_of(out->j, &out->end, err);
    if (status == HUB_OK) status = journal_keys_open(d->keys->master_path, out->j, &out->keys, err);
    if (status == HUB_OK) {
        journal_writer_options options = {.partnership = d->config->partnership,
                                          .epoch = out->end.epoch + 1, /* terms of its own: it may be older than the journal */
                                          .signing_secret = d->keys->signing_secret,
                                          .heads_path = heads};
        status = journal_writer_open(out->j, out->keys, &options, &out->writer, err);
    }
    if (status != HUB_OK) daemon_audit_store_close(out);
    return status;
}

void daemon_audit_store_close(daemon_audit_store *store)
{
    journal_writer_close(store->writer);
    journal_keys_close(store->keys);
    journal_close(store->j);
    *store = (daemon_audit_store){0};
}
