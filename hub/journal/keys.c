#include "keys.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "host/files.h"
#include "host/random.h"

enum {
    PAGE_FORMAT = 1,
    AT_MASTER_ID = 1,
    AT_NONCE = AT_MASTER_ID + HUB_SHORT_DIGEST_BYTES,
    AT_SEALED = AT_NONCE + crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    PAGE_KEYS_BYTES = JOURNAL_KEYS_PER_PAGE * HUB_SECRET_BYTES,
    PAGE_BYTES = AT_SEALED + PAGE_KEYS_BYTES + crypto_aead_xchacha20poly1305_ietf_ABYTES,
    PAGES_HELD = 4, /* 32 KB each; a reader goes along, a lookup jumps */
    NO_PAGE_AGE = 0,
};

/* All that is secret, in one piece of guarded and, where the system allows it, locked memory. */
typedef struct key_memory {
    uint8_t master[HUB_SECRET_BYTES];
    uint8_t pages[PAGES_HELD][PAGE_KEYS_BYTES];
} key_memory;

struct journal_keys {
    journal *j; /* BORROWED */
    key_memory *secret;
    uint8_t master_id[HUB_SHORT_DIGEST_BYTES];
    struct {
        uint64_t page;
        uint64_t age; /* NO_PAGE_AGE: empty */
    } held[PAGES_HELD];
    uint64_t uses;
    bool is_unstored; /* the page made last is not stored yet */
    uint64_t unstored_page;
    hub_buffer wrapped; /* its bytes */
    hub_buffer fetched; /* those of a page being opened */
};

/* ---- the master key ------------------------------------------------------------------------------------------------------- */
hub_status journal_master_create(const char *path, hub_error *err)
{
    uint8_t master[HUB_SECRET_BYTES];
    char text[2 * HUB_SECRET_BYTES + 2];
    host_random_fill(master, sizeof master);
    hub_hex(master, sizeof master, text);
    memcpy(text + sizeof text - 2, "\n", 2);
    hub_status status = host_file_create(path, hub_bytes_of(text, sizeof text - 1), 0600, err);
    sodium_memzero(master, sizeof master);
    sodium_memzero(text, sizeof text);
    return status;
}

static hub_status read_master(const char *path, uint8_t master[HUB_SECRET_BYTES], hub_error *err)
{
    hub_buffer text = {0};
    hub_status status = host_secret_read(path, 2 * HUB_SECRET_BYTES, &text, err);
    if (status == HUB_OK && !hub_unhex(hub_buffer_text(&text), master, HUB_SECRET_BYTES))
        status = hub_fail(err, HUB_ERR_INVALID, "%s: no master key: it is 64 hex digits and a line end", path);
    host_secret_free(&text);
    return status;
}

/* ---- opening -------------------------------------------------------------------------------------------------------------- */
hub_status journal_keys_open_with(const uint8_t master[HUB_SECRET_BYTES], journal *j, journal_keys **out, hub_error *err)
{
    HUB_ASSERT(j != NULL);
    *out = NULL;
    journal_keys *keys = calloc(1, sizeof *keys);
    if (keys == NULL) return hub_fail(err, HUB_ERR_MEMORY, "out of memory for keys");
    keys->j = j;
    keys->secret = sodium_malloc(sizeof *keys->secret);
    if (keys->secret == NULL) goto fail;
    memcpy(keys->secret->master, master, HUB_SECRET_BYTES);
    hub_keyed_digest(master, "mash key page master", NULL, 0, keys->master_id);
    *out = keys;
    return HUB_OK;

fail:
    journal_keys_close(keys);
    return hub_fail(err, HUB_ERR_MEMORY, "out of memory for keys");
}

hub_status journal_keys_open(const char *master_path, journal *j, journal_keys **out, hub_error *err)
{
    *out = NULL;
    uint8_t master[HUB_SECRET_BYTES];
    hub_status status = read_master(master_path, master, err);
    if (status == HUB_OK) status = journal_keys_open_with(master, j, out, err);
    sodium_memzero(master, sizeof master);
    return status;
}

void journal_keys_close(journal_keys *keys)
{
    if (keys == NULL) return;
    sodium_free(keys->secret); /* wipes it; NULL is allowed */
    hub_buffer_free(&keys->wrapped);
    hub_buffer_free(&keys->fetched);
    free(keys);
}

/* ---- pages ---------------------------------------------------------------------------------------------------------------- */
static hub_status open_page(journal_keys *keys, uint64_t page, uint8_t *into, hub_error *err)
{
    hub_buffer_clear(&keys->fetched);
    hub_status status = journal_key_page(keys->j, page, &keys->fetched, err);
    if (status != HUB_OK) return status;
    const uint8_t *bytes = keys->fetched.data;
    if (keys->fetched.size < 1 || (bytes[0] == PAGE_FORMAT && keys->fetched.size != PAGE_BYTES)) {
        return hub_fail(err, HUB_ERR_CORRUPT, "key page %" PRIu64 " is damaged: its length is wrong", page);
    }
    if (bytes[0] != PAGE_FORMAT) {
        return hub_fail(err, HUB_ERR_VERSION, "key page %" PRIu64 " has format %u; this version reads %d", page, bytes[0],
                        PAGE_FORMAT);
    }
    if (memcmp(bytes + AT_MASTER_ID, keys->master_id, sizeof keys->master_id) != 0) {
        return hub_fail(err, HUB_ERR_REFUSED,
                        "key page %" PRIu64
                        " was wrapped by another master key than the one given: use the master key file of this journal",
                        page);
    }
    uint8_t place[8];
    hub_put_u64(place, page);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(into, NULL, NULL, bytes + AT_SEALED, PAGE_BYTES - AT_SEALED, place,
                                                   sizeof place, bytes + AT_NONCE, keys->secret->master) != 0) {
        return hub_fail(err, HUB_ERR_CORRUPT, "key page %" PRIu64 " is damaged: it does not open under its master key", page);
    }
    return HUB_OK;
}

static hub_status make_page(journal_keys *keys, uint64_t page, uint8_t *into, hub_error *err)
{
    hub_buffer_clear(&keys->wrapped);
    uint8_t *bytes = hub_buffer_extend(&keys->wrapped, PAGE_BYTES);
    if (bytes == NULL) return hub_fail(err, HUB_ERR_MEMORY, "out of memory for key page %" PRIu64, page);
    host_random_fill(into, PAGE_KEYS_BYTES);
    bytes[0] = PAGE_FORMAT;
    memcpy(bytes + AT_MASTER_ID, keys->master_id, sizeof keys->master_id);
    host_random_fill(bytes + AT_NONCE, crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
    uint8_t place[8];
    hub_put_u64(place, page);
    crypto_aead_xchacha20poly1305_ietf_encrypt(bytes + AT_SEALED, NULL, into, PAGE_KEYS_BYTES, place, sizeof place, NULL,
                                               bytes + AT_NONCE, keys->secret->master);
    keys->is_unstored = true;
    keys->unstored_page = page;
    return HUB_OK;
}

static int find_held(journal_keys *keys, uint64_t page)
{
    for (int i = 0; i < PAGES_HELD; i++) {
        if (keys->held[i].age != NO_PAGE_AGE && keys->held[i].page == page) return i;
    }
    return -1;
}

/* The place of the page used longest ago, emptied; never the one that is not stored yet, which could not be fetched again. */
static int make_place(journal_keys *keys)
{
    int oldest = -1;
    for (int i = 0; i < PAGES_HELD; i++) {
        if (keys->is_unstored && keys->held[i].age != NO_PAGE_AGE && keys->held[i].page == keys->unstored_page) continue;
        if (oldest < 0 || keys->held[i].age < keys->held[oldest].age) oldest = i;
    }
    HUB_ASSERT(oldest >= 0);
    keys->held[oldest].age = NO_PAGE_AGE;
    return oldest;
}

static const uint8_t *use(journal_keys *keys, int place, uint64_t sequence)
{
    keys->held[place].age = ++keys->uses;
    return keys->secret->pages[place] + (sequence - 1) % JOURNAL_KEYS_PER_PAGE * HUB_SECRET_BYTES;
}

hub_status journal_keys_get(journal_keys *keys, uint64_t sequence, const uint8_t **key, hub_error *err)
{
    HUB_ASSERT(sequence >= 1);
    uint64_t page = (sequence - 1) / JOURNAL_KEYS_PER_PAGE;
    int place = find_held(keys, page);
    if (place < 0) {
        place = make_place(keys);
        hub_status status = open_page(keys, page, keys->secret->pages[place], err);
        if (status != HUB_OK) return status;
        keys->held[place].page = page;
    }
    *key = use(keys, place, sequence);
    return HUB_OK;
}

hub_status journal_keys_take(journal_keys *keys, uint64_t sequence, const uint8_t **key, hub_bytes *new_page, hub_error *err)
{
    HUB_ASSERT(sequence >= 1);
    uint64_t page = (sequence - 1) / JOURNAL_KEYS_PER_PAGE;
    *new_page = hub_bytes_of(NULL, 0);
    hub_status status = journal_keys_get(keys, sequence, key, err);
    if (status == HUB_OK && keys->is_unstored && page == keys->unstored_page) *new_page = hub_buffer_bytes(&keys->wrapped);
    if (status != HUB_ERR_NOT_FOUND) return status;
    HUB_ASSERT(!keys->is_unstored); /* a batch begins at most one page */

    journal_end end;
    status = journal_end_of(keys->j, &end, err);
    if (status != HUB_OK) return status;
    if (end.last_sequence > page * JOURNAL_KEYS_PER_PAGE) {
        return hub_fail(err, HUB_ERR_CORRUPT,
                        "key page %" PRIu64 " is missing though records of it are stored: restore it from a backup", page);
    }
    int place = make_place(keys);
    status = make_page(keys, page, keys->secret->pages[place], err);
    if (status != HUB_OK) return status;
    keys->held[place].page = page;
    *key = use(keys, place, sequence);
    *new_page = hub_buffer_bytes(&keys->wrapped);
    return HUB_OK;
}

void journal_keys_stored(journal_keys *keys)
{
    keys->is_unstored = false;
}

void journal_keys_derive(const journal_keys *keys, const char *purpose, uint8_t out[HUB_SECRET_BYTES])
{
    crypto_generichash(out, HUB_SECRET_BYTES, (const uint8_t *)purpose, strlen(purpose), keys->secret->master, HUB_SECRET_BYTES);
}
