#include "serve.h"

#include <inttypes.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "fold/fold.h"
#include "daemon/shell.h"
#include "daemon/standing.h"
#include "host/clock.h"
#include "host/log.h"
#include "policy/policy.h"

enum {
    PATIENCE_MS = 1000,
    SAY_EVERY = 60, /* tries */
};
static const int64_t RESTORED_MS = INT64_C(7) * 24 * 3600 * 1000; /* as long as an outbox keeps what it may have to offer again */

typedef struct store {
    journal *j;
    journal_keys *keys;
    journal_writer *writer;
    daemon_keys secrets;
    fold_policies *policies;
    daemon_revoked revoked;
    core_state *core;
    journal_heads_comparison standing;
    char heads[PATH_MAX + 16], revoked_path[PATH_MAX + 16];
} store;

/* Raises the number of files the process may have open: a connection needs one. */
static void raise_limits(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
    files.rlim_cur = files.rlim_max < 65536 ? files.rlim_max : 65536;
    (void)setrlimit(RLIMIT_NOFILE, &files);
}

static void close_store(store *s)
{
    journal_writer_close(s->writer);
    journal_keys_close(s->keys);
    journal_close(s->j);
    daemon_revoked_free(&s->revoked);
    core_close(s->core);
    if (s->policies != NULL) fold_policies_close(s->policies);
    free(s->policies);
    memset(&s->secrets, 0, sizeof s->secrets);
}

static hub_status damaged(const daemon_config *config, hub_status status, hub_error *err)
{
    if (status != HUB_ERR_CORRUPT) return status;
    return hub_fail_within(
        err, status,
        "the store %s is damaged and was left as it is; see how far it holds with: mashctl journal verify --config %s, "
        "then put back the newest backup: what is missing in it is offered again",
        config->journal, config->folder);
}

/* A server that is away or still loading is waited for, as long as it takes: a machine that starts again brings both up in any order, and
 * a hub that gave up would stay down for good. Nothing is held meanwhile, so a signal ends it as it ends any program. */
static hub_status open_journal(store *s, const daemon_config *config, hub_error *err)
{
    bool is_server = strncmp(config->journal, "redis:", 6) == 0;
    for (unsigned tries = 0;; tries++) {
        hub_status status = journal_open(config->journal, config->partnership, JOURNAL_WRITE, &s->j, err);
        bool may_come = status == HUB_ERR_AGAIN || (status == HUB_ERR_IO && is_server);
        if (status == HUB_ERR_NOT_FOUND) return daemon_standing_without_store(config, err);
        if (!may_come) return damaged(config, status, err);
        if (tries % SAY_EVERY == 0) {
            host_log(HOST_LOG_WARNING, "the journal's server is not ready; the hub waits for it", "journal", config->journal,
                     "cause", err->text, NULL);
        }
        (void)sd_notify(0, "EXTEND_TIMEOUT_USEC=120000000\nSTATUS=waiting for the journal's server");
        const struct timespec pause = {.tv_sec = PATIENCE_MS / 1000, .tv_nsec = PATIENCE_MS % 1000 * 1000000};
        (void)nanosleep(&pause, NULL);
    }
}

static void snapshot_path(const daemon_config *config, char *out, size_t size)
{
    (void)snprintf(out, size, "%s/snapshot", config->state);
}

static hub_status fold(store *s, const daemon_config *config, hub_error *err)
{
    uint64_t began = host_monotonic_us();
    char snapshot[PATH_MAX + 16];
    fold_report report;
    snapshot_path(config, snapshot, sizeof snapshot);
    hub_status status = fold_open(s->j, s->keys, snapshot, s->policies, &s->core, &report, err);
    if (status == HUB_ERR_REFUSED) {
        return hub_fail_within(err, status, "%s is not the key of the store %s: put the right one back", s->secrets.master_path,
                               config->journal);
    }
    if (status != HUB_OK) return damaged(config, status, err);
    if (report.snapshot_unused[0] != '\0') host_log(HOST_LOG_INFO, "snapshot not used", "cause", report.snapshot_unused, NULL);
    HUB_ASSERT(core_sequence(s->core) > 0); /* compare_heads has asked */
    if (strcmp(core_partnership(s->core), config->partnership) != 0) {
        return hub_fail(err, HUB_ERR_INVALID, "the store %s belongs to partnership %s, hub.yaml says %s", config->journal,
                        core_partnership(s->core), config->partnership);
    }
    char records[24], taken[24], from[24];
    (void)snprintf(records, sizeof records, "%" PRIu64, core_sequence(s->core));
    (void)snprintf(from, sizeof from, "%" PRIu64, report.snapshot_sequence);
    (void)snprintf(taken, sizeof taken, "%" PRIu64, (host_monotonic_us() - began) / 1000);
    host_log(HOST_LOG_INFO, "store folded", "records", records, "from_snapshot", from, "ms", taken, NULL);
    return HUB_OK;
}

static hub_status check_server_key(const store *s, const daemon_config *config, hub_error *err)
{
    if (memcmp(core_server_key(s->core), s->secrets.server.public_key, BUS_KEY_BYTES) == 0) return HUB_OK;
    return hub_fail(err, HUB_ERR_REFUSED,
                    "%s/hub.key is not the server key this partnership was created with; every agency's client expects that "
                    "one: put it back",
                    config->keys);
}

/* Heads signed by another key would prove nothing, and verify would call the journal forged. */
static hub_status check_signing_key(const store *s, const daemon_config *config, hub_error *err)
{
    uint8_t public_key[crypto_sign_PUBLICKEYBYTES];
    (void)crypto_sign_ed25519_sk_to_pk(public_key, s->secrets.signing_secret);
    if (memcmp(core_signing_key(s->core), public_key, sizeof public_key) == 0) return HUB_OK;
    return hub_fail(err, HUB_ERR_REFUSED,
                    "%s/signing.key is not the key this partnership's journal is signed with: put that one back", config->keys);
}

/* Says when the policy on disk is not the adopted one. Adopting is an operator's command, never a side effect of a start. */
static void compare_policy(const store *s, const daemon_config *config)
{
    policy_sources sources = {0};
    hub_error err;
    const core_policy *now = core_policy_now(s->core);
    uint8_t digest[HUB_DIGEST_BYTES];
    if (policy_sources_read(config->policy, &sources, &err) != HUB_OK) {
        host_log(HOST_LOG_WARNING, "the policy folder cannot be read; the adopted policy is in force", "cause", err.text, NULL);
        return;
    }
    policy_sources_digest(&sources, digest);
    policy_sources_free(&sources);
    if (now != NULL && memcmp(digest, now->digest, sizeof digest) == 0) return;
    host_log(HOST_LOG_WARNING, "the policy on disk is not the adopted one, which stays in force", "folder", config->policy, "do",
             "mashctl policy check, then mashctl policy adopt", NULL);
}

static hub_status open_writer(store *s, uint32_t epoch, const daemon_config *config, hub_error *err)
{
    (void)snprintf(s->heads, sizeof s->heads, "%s/heads", config->state);
    journal_writer_options options = {
        .partnership = config->partnership, .epoch = epoch, .signing_secret = s->secrets.signing_secret, .heads_path = s->heads};
    return journal_writer_open(s->j, s->keys, &options, &s->writer, err);
}

static hub_status missing(const daemon_config *config, hub_status status, hub_error *err)
{
    if (status != HUB_ERR_NOT_FOUND) return status;
    return hub_fail_within(err, status,
                           "a key of the hub is missing: put it back from where the copy is kept; only for a new hub, run: "
                           "mashhubd init --config %s --operator KEY.pub",
                           config->folder);
}

static hub_status read_keys(store *s, const daemon_config *config, hub_error *err)
{
    hub_error cause;
    hub_status status = daemon_keys_read(config->keys, &s->secrets, err);
    if (status == HUB_OK && daemon_keys_publish(config->keys, &s->secrets, &cause) != HUB_OK)
        host_log(HOST_LOG_WARNING, "a public key file is missing or wrong", "cause", cause.text, NULL);
    return missing(config, status, err);
}

static hub_status compare_heads(store *s, const daemon_config *config, daemon_restore_trust trust, hub_error *err)
{
    journal_end end;
    hub_status status = journal_end_of(s->j, &end, err);
    if (status != HUB_OK) return status;
    if (end.last_sequence == 0) return daemon_standing_without_store(config, err);
    return damaged(config, daemon_standing_of(config, &s->secrets, s->j, trust, &s->standing, err), err);
}

static hub_status open_all(store *s, const daemon_config *config, daemon_restore_trust trust, hub_error *err)
{
    s->policies = calloc(1, sizeof *s->policies);
    if (s->policies == NULL) return hub_fail(err, HUB_ERR_MEMORY, "out of memory");
    (void)snprintf(s->revoked_path, sizeof s->revoked_path, "%s/revoked", config->state);
    hub_status status = read_keys(s, config, err);
    if (status == HUB_OK) status = open_journal(s, config, err);
    if (status == HUB_OK) status = compare_heads(s, config, trust, err);
    if (status == HUB_OK) status = missing(config, journal_keys_open(s->secrets.master_path, s->j, &s->keys, err), err);
    if (status == HUB_OK) status = daemon_revoked_read(s->revoked_path, &s->revoked, err);
    if (status == HUB_OK) status = fold(s, config, err);
    if (status == HUB_OK) status = check_server_key(s, config, err);
    if (status == HUB_OK) status = check_signing_key(s, config, err);
    if (status == HUB_OK) status = daemon_revoked_add_all(&s->revoked, s->core, err);
    return status;
}

/* Past here the store is this hub's to write. */
static hub_status begin_term(store *s, const daemon_config *config, uint32_t *epoch, hub_error *err)
{
    bool is_behind = s->standing.standing == JOURNAL_HEADS_STORE_BEHIND;
    hub_status status = is_behind ? daemon_standing_accept(config, &s->secrets, s->j, &s->standing, err) : HUB_OK;
    journal_end end = {0};
    if (status == HUB_OK) status = journal_end_of(s->j, &end, err);
    if (status != HUB_OK) return status;
    if (is_behind) s->standing.restored_ms = host_wall_ms();
    *epoch = end.epoch + 1;
    if (core_epoch(s->core) >= *epoch) *epoch = core_epoch(s->core) + 1;
    compare_policy(s, config);
    return open_writer(s, *epoch, config, err);
}

static bool was_restored(const store *s)
{
    return s->standing.restored_ms != 0 && host_wall_ms() < s->standing.restored_ms + RESTORED_MS;
}

hub_status daemon_serve(const daemon_config *config, const daemon_accepted *accepted, hub_error *err)
{
    store s = {0};
    uint32_t epoch = 0;
    raise_limits();
    hub_status status = open_all(&s, config, accepted->restore, err);
    if (status == HUB_OK) status = begin_term(&s, config, &epoch, err);
    if (status == HUB_OK) {
        daemon_start start = {.config = config,
                              .keys = &s.secrets,
                              .policies = s.policies,
                              .revoked = &s.revoked,
                              .core = s.core,
                              .j = s.j,
                              .writer = s.writer,
                              .epoch = epoch,
                              .trust = accepted->clock,
                              .preparing = accepted->restore == DAEMON_RESTORE_ACCEPTED,
                              .restored = was_restored(&s)};
        s.core = NULL; /* taken */
        status = daemon_shell_run(&start, err);
    }
    close_store(&s);
    return status;
}

hub_status daemon_fold(const daemon_config *config, hub_error *err)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a hub that was killed starts anew: no fold of its last life writes beside it */
    daemon_keys secrets;
    hub_status status = daemon_keys_read(config->keys, &secrets, err);
    if (status != HUB_OK) return status;
    char snapshot[PATH_MAX + 16], figures[PATH_MAX + 16];
    snapshot_path(config, snapshot, sizeof snapshot);
    daemon_timely_path(config, figures);
    fold_options options = {.location = config->journal,
                            .partnership = config->partnership,
                            .master_path = secrets.master_path,
                            .snapshot_path = snapshot,
                            .figures_path = figures,
                            .now_ms = host_wall_ms()};
    fold_report report;
    status = fold_run(&options, &report, err);
    memset(&secrets, 0, sizeof secrets);
    if (status != HUB_OK) return status;
    if (report.counts.first_difference != 0) {
        return hub_fail(err, HUB_ERR_CORRUPT,
                        "folding record 1 to %" PRIu64 " does not give the state that the hub wrote with them; keep the "
                        "store, run mashctl journal verify, and do not start another version on it",
                        report.counts.first_difference);
    }
    printf("mashhubd: folded %" PRIu64 " records, %" PRIu64 " batches agree, state digest %016" PRIx64
           "; snapshot written to %s\n",
           report.counts.records, report.counts.batches, report.digest, snapshot);
    return HUB_OK;
}
