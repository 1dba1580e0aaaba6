#include "record.h"

#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#include "event/wire.h"

enum {
    SEALED_EXTRA = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    SEALED_FIELD_TAG = 8 << 3 | 2, /* Record.personal_sealed, the last field: written by hand, sealed where it will lie */
    PARTNERSHIP_MAX = 32,
    PLACE_MAX = PARTNERSHIP_MAX + 1 + 4 + 8,
};
_Static_assert(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES <= HUB_DIGEST_BYTES, "R2: the nonce is the head of previous_hash");

/* R3. */
static size_t place_of(const char *partnership, uint32_t epoch, uint64_t sequence, uint8_t place[PLACE_MAX])
{
    size_t length = strlen(partnership);
    HUB_ASSERT(length <= PARTNERSHIP_MAX);
    memcpy(place, partnership, length + 1); /* with its NUL: the 0x00 */
    hub_put_u32(place + length + 1, epoch);
    hub_put_u64(place + length + 5, sequence);
    return length + 13;
}

static hub_status put_sealed(const char *partnership, uint32_t epoch, const hub_digest *previous, const journal_draft *draft,
                             const uint8_t *key, hub_buffer *out)
{
    uint8_t lead[1 + 10] = {SEALED_FIELD_TAG};
    size_t lead_size = 1;
    size_t size = draft->personal.size + SEALED_EXTRA;
    for (size_t left = size; left > 0; left >>= 7)
        lead[lead_size++] = (uint8_t)((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
    hub_buffer_put(out, lead, lead_size);
    uint8_t *sealed = hub_buffer_extend(out, size);
    if (sealed == NULL) return HUB_ERR_MEMORY;
    uint8_t place[PLACE_MAX];
    size_t place_size = place_of(partnership, epoch, draft->sequence, place);
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed, NULL, draft->personal.data, draft->personal.size, place, place_size, NULL,
                                               previous->bytes, key); /* R2 */
    return HUB_OK;
}

hub_status journal_record_pack(const char *partnership, uint32_t epoch, const hub_digest *previous, const journal_draft *draft,
                               const uint8_t *key, hub_buffer *out, hub_digest *hash)
{
    HUB_ASSERT(draft->sequence >= 1);
    HUB_ASSERT(draft->personal.size == 0 || key != NULL);
    size_t before = out->size;
    Mash__V1__Origin origin = MASH__V1__ORIGIN__INIT;
    origin.peer = draft->peer;
    origin.link_seq = draft->link_seq;
    if (!hub_id_is_zero(&draft->command_id)) {
        origin.command_id = (ProtobufCBinaryData){.len = HUB_ID_BYTES, .data = (uint8_t *)(uintptr_t)draft->command_id.bytes};
    }
    Mash__V1__Record record = MASH__V1__RECORD__INIT;
    record.partnership = (char *)(uintptr_t)partnership;
    record.epoch = epoch;
    record.sequence = draft->sequence;
    record.time_ms = draft->time_ms;
    record.previous_hash = (ProtobufCBinaryData){.len = HUB_DIGEST_BYTES, .data = (uint8_t *)(uintptr_t)previous->bytes};
    record.origin = &origin;
    record.control = (ProtobufCBinaryData){.len = draft->control.size, .data = (uint8_t *)(uintptr_t)draft->control.data};

    hub_status status = event_wire_pack(&record.base, out);
    if (status == HUB_OK && draft->personal.size > 0) status = put_sealed(partnership, epoch, previous, draft, key, out);
    if (status != HUB_OK) return status;
    hub_digest_of(hub_bytes_of(out->data + before, out->size - before), hash); /* R1 */
    return HUB_OK;
}

static hub_status damaged(const Mash__V1__Record *record, const char *what, hub_error *err)
{
    return hub_fail(err, HUB_ERR_CORRUPT, "record %" PRIu64 " is damaged: %s", record == NULL ? 0 : record->sequence, what);
}

static hub_status unpack(const ProtobufCMessageDescriptor *descriptor, hub_bytes bytes, hub_arena *arena,
                         const Mash__V1__Record *record, ProtobufCMessage **out, hub_error *err)
{
    event_wire_fault fault;
    hub_status status = event_wire_unpack(descriptor, bytes, arena, out, &fault);
    if (status == HUB_OK) return HUB_OK;
    if (status == HUB_ERR_MEMORY) return hub_fail(err, status, "a record takes more memory than it may");
    return hub_fail(err, HUB_ERR_CORRUPT, "record %" PRIu64 " is damaged: its %s cannot be unpacked: %s: %s",
                    record == NULL ? 0 : record->sequence, descriptor->short_name, fault.field_path, fault.cause);
}

static hub_status check_record(const Mash__V1__Record *record, hub_error *err)
{
    size_t partnership = strlen(record->partnership);
    if (record->sequence == 0) return damaged(record, "it has no sequence", err);
    if (partnership == 0 || partnership > PARTNERSHIP_MAX) return damaged(record, "it names no partnership", err);
    if (record->previous_hash.len != HUB_DIGEST_BYTES) return damaged(record, "previous_hash has not 32 bytes", err);
    if (record->origin == NULL) return damaged(record, "it has no origin", err);
    size_t command_id = record->origin->command_id.len;
    if (command_id != 0 && command_id != HUB_ID_BYTES) return damaged(record, "origin.command_id has not 16 bytes", err);
    return HUB_OK;
}

static hub_status unseal(const Mash__V1__Record *record, const uint8_t *key, hub_arena *arena, ProtobufCMessage **out,
                         hub_error *err)
{
    if (record->personal_sealed.len <= SEALED_EXTRA) return damaged(record, "its personal part is too short", err);
    size_t size = record->personal_sealed.len - SEALED_EXTRA;
    uint8_t *personal = hub_arena_take_raw(arena, size);
    if (personal == NULL) return hub_fail(err, HUB_ERR_MEMORY, "a record takes more memory than it may");
    uint8_t place[PLACE_MAX];
    size_t place_size = place_of(record->partnership, record->epoch, record->sequence, place);
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(personal, NULL, NULL, record->personal_sealed.data,
                                                   record->personal_sealed.len, place, place_size, record->previous_hash.data,
                                                   key) != 0) {
        return damaged(record, "its personal part does not open under its key", err);
    }
    return unpack(&mash__v1__personal__descriptor, hub_bytes_of(personal, size), arena, record, out, err);
}

hub_status journal_record_open(hub_bytes bytes, const uint8_t *key, hub_arena *arena, journal_opened *out, hub_error *err)
{
    journal_opened opened = {0};
    ProtobufCMessage *message;
    hub_digest_of(bytes, &opened.hash);
    hub_status status = unpack(&mash__v1__record__descriptor, bytes, arena, NULL, &message, err);
    if (status != HUB_OK) return status;
    const Mash__V1__Record *record = (const Mash__V1__Record *)message;
    opened.record = record;
    status = check_record(record, err);
    if (status != HUB_OK) return status;
    status = unpack(&mash__v1__control__descriptor, hub_bytes_of(record->control.data, record->control.len), arena, record,
                    &message, err);
    if (status != HUB_OK) return status;
    opened.control = (const Mash__V1__Control *)message;
    if (record->personal_sealed.len > 0) {
        opened.erased = key == NULL || sodium_is_zero(key, HUB_SECRET_BYTES) == 1;
        if (!opened.erased) {
            status = unseal(record, key, arena, &message, err);
            if (status != HUB_OK) return status;
            opened.personal = (const Mash__V1__Personal *)message;
        }
    }
    *out = opened;
    return HUB_OK;
}
