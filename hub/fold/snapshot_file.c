#include "snapshot_file.h"

#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#include "core/snapshot.h"
#include "host/files.h"
#include "host/random.h"

#include "replay.h"

enum {
    FORMAT = 1,
    AT_FORMAT = 4,
    AT_SEQUENCE = 8,
    AT_HASH = 16,
    AT_NAME = 48,
    NONCE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    SEAL_BYTES = crypto_aead_xchacha20poly1305_ietf_ABYTES,
};
static const uint8_t MAGIC[4] = {'M', 'S', 'H', 'S'};
static const size_t FILE_BYTES_MAX = (size_t)64 << 30; /* a state that fits no machine */
#define PURPOSE "mash snapshot"

static void put_short_text(hub_buffer *out, const char *text)
{
    size_t length = strlen(text);
    HUB_ASSERT(length <= UINT8_MAX);
    const uint8_t lead = (uint8_t)length;
    hub_buffer_put(out, &lead, 1);
    hub_buffer_put(out, text, length);
}

static hub_status record_hash(journal *j, journal_keys *keys, uint64_t sequence, hub_digest *out, hub_error *err)
{
    journal_reader *reader;
    hub_status status = journal_reader_open(j, keys, &reader, err);
    if (status == HUB_OK) status = journal_reader_hash(reader, sequence, out, err);
    journal_reader_close(reader);
    return status;
}

/* ---- saving --------------------------------------------------------------------------------------------------------------- */
static hub_status seal(const hub_buffer *plain, const uint8_t key[HUB_SECRET_BYTES], hub_buffer *out)
{
    size_t covered = out->size;
    uint8_t *nonce = hub_buffer_extend(out, NONCE_BYTES + plain->size + SEAL_BYTES);
    if (nonce == NULL) return HUB_ERR_MEMORY;
    host_random_fill(nonce, NONCE_BYTES);
    crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + NONCE_BYTES, NULL, plain->data, plain->size, out->data, covered, NULL,
                                               nonce, key);
    return HUB_OK;
}

hub_status fold_save_snapshot(const core_state *state, journal *j, journal_keys *keys, const char *path, hub_error *err)
{
    uint64_t sequence = core_sequence(state);
    if (sequence == 0) return hub_fail(err, HUB_ERR_INVALID, "an empty state needs no snapshot");
    hub_digest hash;
    hub_status status = record_hash(j, keys, sequence, &hash, err);
    if (status != HUB_OK) return status;

    hub_buffer file = {0};
    hub_buffer plain = {0};
    uint8_t key[HUB_SECRET_BYTES];
    hub_buffer_put(&file, MAGIC, sizeof MAGIC);
    hub_buffer_put_u32(&file, FORMAT);
    hub_buffer_put_u64(&file, sequence);
    hub_buffer_put(&file, hash.bytes, HUB_DIGEST_BYTES);
    put_short_text(&file, core_partnership(state));
    put_short_text(&file, MASHHUB_VERSION);
    journal_keys_derive(keys, PURPOSE, key);
    status = core_snapshot_write(state, &plain);
    if (status == HUB_OK) status = seal(&plain, key, &file);
    if (status == HUB_OK && file.failed) status = HUB_ERR_MEMORY;
    if (status == HUB_ERR_MEMORY) (void)hub_fail(err, status, "%s: out of memory for a snapshot", path);
    if (status == HUB_OK) status = host_file_replace(path, hub_buffer_bytes(&file), 0600, err);
    sodium_memzero(key, sizeof key);
    hub_buffer_free(&plain);
    hub_buffer_free(&file);
    return status;
}

/* ---- loading -------------------------------------------------------------------------------------------------------------- */
typedef struct header {
    uint64_t sequence;
    const uint8_t *hash;
    size_t size; /* up to the nonce */
} header;

/* true when a short text at *at is `expected`; moves *at behind it. */
static bool take_short_text(hub_bytes file, size_t *at, const char *expected)
{
    if (*at >= file.size) return false;
    size_t length = file.data[*at];
    if (file.size - *at - 1 < length) return false;
    bool same = hub_bytes_equal(hub_bytes_of(file.data + *at + 1, length), hub_bytes_of_text(expected));
    *at += 1 + length;
    return same;
}

static hub_status read_header(hub_bytes file, const char *path, const char *partnership, header *out, hub_error *err)
{
    if (file.size < AT_NAME || memcmp(file.data, MAGIC, sizeof MAGIC) != 0) {
        return hub_fail(err, HUB_ERR_CORRUPT, "%s: this is no snapshot", path);
    }
    size_t at = AT_NAME;
    bool same_partnership = take_short_text(file, &at, partnership);
    if (hub_get_u32(file.data + AT_FORMAT) != FORMAT || !take_short_text(file, &at, MASHHUB_VERSION)) {
        return hub_fail(err, HUB_ERR_VERSION, "%s: another version wrote this snapshot", path);
    }
    if (!same_partnership) return hub_fail(err, HUB_ERR_INVALID, "%s: this snapshot is of another partnership", path);
    if (file.size < at + NONCE_BYTES + SEAL_BYTES) return hub_fail(err, HUB_ERR_CORRUPT, "%s: this snapshot was cut", path);
    *out = (header){.sequence = hub_get_u64(file.data + AT_SEQUENCE), .hash = file.data + AT_HASH, .size = at};
    return HUB_OK;
}

static hub_status unseal(hub_bytes file, const header *h, const char *path, journal_keys *keys, core_state **out, hub_error *err)
{
    hub_buffer plain = {0};
    uint8_t key[HUB_SECRET_BYTES];
    const uint8_t *sealed = file.data + h->size + NONCE_BYTES;
    size_t sealed_size = file.size - h->size - NONCE_BYTES;
    uint8_t *at = hub_buffer_extend(&plain, sealed_size); /* SEAL_BYTES more than is needed */
    if (at == NULL) return hub_fail(err, HUB_ERR_MEMORY, "%s: out of memory for a snapshot", path);
    journal_keys_derive(keys, PURPOSE, key);
    int failed = crypto_aead_xchacha20poly1305_ietf_decrypt(at, NULL, NULL, sealed, sealed_size, file.data, h->size,
                                                            file.data + h->size, key);
    sodium_memzero(key, sizeof key);
    hub_status status = HUB_ERR_CORRUPT;
    if (failed != 0) {
        (void)hub_fail(err, status, "%s: this snapshot is damaged, or another master key sealed it", path);
    } else {
        status = core_snapshot_read(hub_bytes_of(at, sealed_size - SEAL_BYTES), out, err);
    }
    hub_buffer_free(&plain);
    return status;
}

/* F1: the same record, at the end of a batch, with the same digest. */
static hub_status check_fits(const core_state *state, const header *h, const char *path, journal *j, journal_keys *keys,
                             hub_error *err)
{
    hub_digest hash;
    journal_batch batch;
    hub_status status = core_sequence(state) == h->sequence ? record_hash(j, keys, h->sequence, &hash, err) : HUB_ERR_NOT_FOUND;
    if (status == HUB_OK) status = journal_batch_at(j, h->sequence, &batch, err);
    if (status != HUB_OK && status != HUB_ERR_NOT_FOUND) return status;
    bool fits = status == HUB_OK && memcmp(hash.bytes, h->hash, HUB_DIGEST_BYTES) == 0 &&
                batch.first_sequence + batch.record_count - 1 == h->sequence && batch.state_digest == core_digest(state);
    return fits ? HUB_OK : hub_fail(err, HUB_ERR_INVALID, "%s: this snapshot is of another history than the journal's", path);
}

/* Compiles again what a snapshot does not hold: every policy ever adopted, since old traces are explained by theirs. */
static hub_status attach_policies(core_state *state, journal *j, journal_keys *keys, fold_policies *policies, hub_error *err)
{
    journal_reader *reader = NULL;
    hub_arena arena = {0};
    hub_status status = journal_reader_open(j, keys, &reader, err);
    if (status == HUB_OK) status = hub_arena_open(&arena, 1024 * 1024, 256 * 1024 * 1024);
    for (uint32_t number = 1; status == HUB_OK && core_policy_sequence(state, number) != 0; number++) {
        hub_bytes bytes;
        const uint8_t *key;
        journal_opened opened;
        core_record record;
        hub_arena_reset(&arena);
        status = journal_reader_bytes(reader, core_policy_sequence(state, number), &bytes, &key, err);
        if (status == HUB_OK) status = journal_record_open(bytes, key, &arena, &opened, err);
        if (status == HUB_OK) status = fold_record(&opened, &arena, policies, &record, err);
        if (status == HUB_OK && record.policy == NULL) {
            status = hub_fail(err, HUB_ERR_CORRUPT, "record %" PRIu64 " adopts policy %" PRIu32 " and holds no sources",
                              core_policy_sequence(state, number), number);
        }
        if (status == HUB_OK) core_attach_policy(state, number, record.policy);
    }
    journal_reader_close(reader);
    hub_arena_close(&arena);
    return status;
}

hub_status fold_load_snapshot(const char *path, journal *j, journal_keys *keys, fold_policies *policies, core_state **out,
                              hub_error *err)
{
    *out = NULL;
    core_state *state = NULL;
    hub_buffer file = {0};
    header h = {0};
    hub_status status = host_file_read(path, FILE_BYTES_MAX, &file, err);
    if (status == HUB_OK) status = read_header(hub_buffer_bytes(&file), path, journal_partnership(j), &h, err);
    if (status == HUB_OK) status = unseal(hub_buffer_bytes(&file), &h, path, keys, &state, err);
    if (status == HUB_OK) status = check_fits(state, &h, path, j, keys, err);
    if (status == HUB_OK) status = attach_policies(state, j, keys, policies, err);
    hub_buffer_free(&file);
    if (status != HUB_OK) {
        core_close(state);
        return status;
    }
    *out = state;
    return HUB_OK;
}
