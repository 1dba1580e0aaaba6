#include "heads.h"

#include <inttypes.h>
#include <sodium.h>
#include <string.h>

#include "event/wire.h"
#include "host/files.h"

enum {
    FILE_BYTES_MAX = 1 << 30, /* a minute's head every minute for five years is 1 GB */
    HEAD_BYTES_MAX = 1024,
};

hub_status journal_head_sign(const journal_head *head, const uint8_t secret[JOURNAL_SIGNING_SECRET_BYTES], hub_buffer *out)
{
    uint8_t signature[crypto_sign_BYTES];
    Mash__V1__Head message = MASH__V1__HEAD__INIT;
    message.partnership = (char *)(uintptr_t)head->partnership;
    message.epoch = head->epoch;
    message.sequence = head->sequence;
    message.record_hash = (ProtobufCBinaryData){.len = HUB_DIGEST_BYTES, .data = (uint8_t *)(uintptr_t)head->record_hash.bytes};
    message.state_digest = head->state_digest;
    message.time_ms = head->time_ms;
    size_t before = out->size;
    hub_status status = event_wire_pack(&message.base, out);
    if (status != HUB_OK) return status;
    crypto_sign_detached(signature, NULL, out->data + before, out->size - before, secret);
    out->size = before;
    message.signature = (ProtobufCBinaryData){.len = sizeof signature, .data = signature};
    return event_wire_pack(&message.base, out);
}

static bool signature_holds(Mash__V1__Head *message, const uint8_t *signing_key)
{
    ProtobufCBinaryData signature = message->signature;
    uint8_t packed[HEAD_BYTES_MAX];
    message->signature = (ProtobufCBinaryData){0};
    size_t size = protobuf_c_message_get_packed_size(&message->base);
    if (size <= sizeof packed) protobuf_c_message_pack(&message->base, packed);
    message->signature = signature;
    return size <= sizeof packed && signature.len == crypto_sign_BYTES &&
           crypto_sign_verify_detached(signature.data, packed, size, signing_key) == 0;
}

hub_status journal_head_open(hub_bytes bytes, const uint8_t *signing_key, hub_arena *arena, journal_head *out, hub_error *err)
{
    ProtobufCMessage *unpacked;
    event_wire_fault fault;
    if (event_wire_unpack(&mash__v1__head__descriptor, bytes, arena, &unpacked, &fault) != HUB_OK) {
        return hub_fail(err, HUB_ERR_CORRUPT, "a signed head cannot be unpacked");
    }
    Mash__V1__Head *message = (Mash__V1__Head *)unpacked;
    if (message->record_hash.len != HUB_DIGEST_BYTES || message->sequence == 0) {
        return hub_fail(err, HUB_ERR_CORRUPT, "a signed head names no record");
    }
    *out = (journal_head){.partnership = message->partnership,
                          .epoch = message->epoch,
                          .sequence = message->sequence,
                          .state_digest = message->state_digest,
                          .time_ms = message->time_ms};
    memcpy(out->record_hash.bytes, message->record_hash.data, HUB_DIGEST_BYTES);
    if (signing_key != NULL && !signature_holds(message, signing_key)) {
        return hub_fail(err, HUB_ERR_REFUSED, "the head of record %" PRIu64 " is not signed by this partnership's key",
                        message->sequence);
    }
    return HUB_OK;
}

void journal_heads_file_put(hub_bytes head, hub_buffer *lines)
{
    hub_buffer_put_text(lines, "\n"); /* whatever was torn before ends here */
    char *at = (char *)hub_buffer_extend(lines, 2 * head.size + 1);
    if (at == NULL) return;
    hub_hex(head.data, head.size, at);
    at[2 * head.size] = '\n';
}

hub_status journal_heads_file_append(const char *path, const hub_buffer *lines, hub_error *err)
{
    return host_file_append(path, hub_buffer_bytes(lines), 0600, err);
}

hub_status journal_heads_file_each(const char *path, journal_head_cb *each, void *context, hub_error *err)
{
    hub_buffer file = {0};
    hub_status status = host_file_read(path, FILE_BYTES_MAX, &file, err);
    if (status == HUB_OK) hub_buffer_put(&file, "\n", 2);
    if (status == HUB_OK && file.failed) status = hub_fail(err, HUB_ERR_MEMORY, "%s: out of memory", path);
    char *line = (char *)file.data;
    while (status == HUB_OK && *line != '\0') {
        size_t length = strcspn(line, "\n");
        char *next = line + length + (line[length] == '\n' ? 1 : 0);
        line[length] = '\0';
        uint8_t head[HEAD_BYTES_MAX];
        bool is_head = length > 0 && length % 2 == 0 && length / 2 <= sizeof head && hub_unhex(line, head, length / 2);
        if (is_head) status = each(context, hub_bytes_of(head, length / 2), err);
        line = next;
    }
    hub_buffer_free(&file);
    return status;
}
