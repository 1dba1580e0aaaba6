/* store.h - the hub's own store, read beside the hub: hub.yaml of --config, the journal, the keys that open it. Never written. */
#ifndef CLI_STORE_H
#define CLI_STORE_H

#include "cli/verb.h"
#include "daemon/config.h"
#include "journal/verify.h"

typedef struct store {
    daemon_config config;
    journal *journal;
    journal_keys *keys;
    uint8_t signing_key[32];
    bool has_signing_key;
    char heads[PATH_MAX + 16];
} store;

typedef enum store_parts {
    STORE_JOURNAL,
    STORE_JOURNAL_AND_KEYS,
    STORE_AUDIT_AND_KEYS, /* the audit stream in the journal's place */
} store_parts;

/* On failure `out` needs no closing. err names the file and what to do. */
hub_status store_open(const cli_call *call, store_parts parts, store *out, hub_error *err);
void store_close(store *s);

#endif
