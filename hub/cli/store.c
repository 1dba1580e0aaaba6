#include "cli/store.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/settings.h"
#include "host/files.h"

enum { KEY_FILE_BYTES_MAX = 256 };

static hub_status read_config(const cli_call *call, store *out, hub_error *err)
{
    hub_buffer complaints = {0};
    hub_status status = daemon_config_read(settings_folder(call), &out->config, &complaints);
    if (status != HUB_OK) (void)hub_fail(err, status, "%.480s", hub_buffer_text(&complaints));
    hub_buffer_free(&complaints);
    size_t length = strlen(err->text);
    if (status != HUB_OK && length > 0 && err->text[length - 1] == '\n') err->text[length - 1] = '\0';
    return status;
}

static hub_status read_signing_key(store *out, hub_error *err)
{
    char path[PATH_MAX + 16];
    hub_buffer text = {0};
    snprintf(path, sizeof path, "%s/signing.pub", out->config.keys);
    hub_status status = host_line_read(path, KEY_FILE_BYTES_MAX, &text, err);
    if (status == HUB_OK && !hub_unhex(hub_buffer_text(&text), out->signing_key, sizeof out->signing_key))
        status = hub_fail(err, HUB_ERR_INVALID, "%s: is not a key: one line of 64 hex digits is expected", path);
    out->has_signing_key = status == HUB_OK;
    hub_buffer_free(&text);
    return status;
}

hub_status store_open(const cli_call *call, store_parts parts, store *out, hub_error *err)
{
    char master[PATH_MAX + 16];
    memset(out, 0, sizeof *out);
    err->text[0] = '\0';
    hub_status status = read_config(call, out, err);
    const bool is_audit = parts == STORE_AUDIT_AND_KEYS;
    const char *place = is_audit ? out->config.audit : out->config.journal;
    if (status == HUB_OK) status = journal_open(place, out->config.partnership, JOURNAL_READ, &out->journal, err);
    if (status == HUB_OK && parts != STORE_JOURNAL) {
        snprintf(master, sizeof master, "%s/master.key", out->config.keys);
        snprintf(out->heads, sizeof out->heads, "%s/%s", out->config.state, is_audit ? "audit-heads" : "heads");
        status = read_signing_key(out, err);
        if (status == HUB_OK) status = journal_keys_open(master, out->journal, &out->keys, err);
    }
    if (status != HUB_OK) store_close(out);
    return status;
}

void store_close(store *s)
{
    journal_keys_close(s->keys);
    journal_close(s->journal);
    s->keys = NULL;
    s->journal = NULL;
}
