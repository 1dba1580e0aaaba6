#include "heads.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "event/wire.h"
#include "host/files.h"

enum {
    HEAD_BYTES_MAX = 1024,
    LINE_MAX_BYTES = 2 * HEAD_BYTES_MAX,
    ARENA_BYTES = 4 * 1024,
    ARENA_BYTES_MAX = 64 * 1024,
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
    message.restored_from = head->restored_from;
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
                          .time_ms = message->time_ms,
                          .restored_from = message->restored_from};
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

hub_status journal_heads_file_append(const char *path, const hub_buffer *lines, journal_heads_sync sync, hub_error *err)
{
    return sync == JOURNAL_HEADS_SYNC ? host_file_append(path, hub_buffer_bytes(lines), 0600, err)
                                      : host_file_append_unsynced(path, hub_buffer_bytes(lines), 0600, err);
}

/* ---- lists ---------------------------------------------------------------------------------------------------------------- */
void journal_heads_list_free(journal_heads_list *list)
{
    hub_buffer_free(&list->bytes);
    free(list->items);
    *list = (journal_heads_list){0};
}

static hub_status add_item(journal_heads_list *list, hub_bytes head, uint64_t sequence, hub_error *err)
{
    if (list->count == list->capacity) {
        size_t capacity = list->capacity == 0 ? 256 : 2 * list->capacity;
        journal_heads_item *grown = realloc(list->items, capacity * sizeof *grown);
        if (grown == NULL) return hub_fail(err, HUB_ERR_MEMORY, "out of memory for signed heads");
        list->items = grown;
        list->capacity = capacity;
    }
    size_t at = list->bytes.size;
    hub_buffer_put(&list->bytes, head.data, head.size);
    if (list->bytes.failed) return hub_fail(err, HUB_ERR_MEMORY, "out of memory for signed heads");
    list->items[list->count++] = (journal_heads_item){.sequence = sequence, .at = at, .size = head.size};
    return HUB_OK;
}

hub_status journal_heads_list_add(journal_heads_list *list, hub_bytes head, hub_error *err)
{
    hub_arena arena = {0};
    journal_head opened;
    hub_status status = hub_arena_open(&arena, ARENA_BYTES, ARENA_BYTES_MAX);
    if (status != HUB_OK) return hub_fail(err, status, "out of memory for signed heads");
    status = journal_head_open(head, NULL, &arena, &opened, err);
    hub_arena_close(&arena);
    return status == HUB_OK ? add_item(list, head, opened.sequence, err) : status;
}

static int by_sequence(const void *left, const void *right)
{
    uint64_t a = ((const journal_heads_item *)left)->sequence;
    uint64_t b = ((const journal_heads_item *)right)->sequence;
    return a < b ? -1 : a > b ? 1 : 0;
}

void journal_heads_list_sort(journal_heads_list *list)
{
    if (list->count > 0) qsort(list->items, list->count, sizeof *list->items, by_sequence);
}

/* ---- the file, read ------------------------------------------------------------------------------------------------------- */
typedef struct file_reading {
    journal_heads_list *list;
    size_t begin; /* of the file's own items */
    const uint8_t *signing_key;
    hub_arena arena;
} file_reading;

/* What stands above a "restored at N" and names a record of the branch that was given up goes. */
static void leave_out_abandoned(file_reading *r, const journal_head *restored)
{
    journal_heads_list *list = r->list;
    size_t kept = r->begin;
    for (size_t i = r->begin; i < list->count; i++) {
        uint64_t sequence = list->items[i].sequence;
        if (sequence > restored->sequence && sequence <= restored->restored_from) continue;
        list->items[kept++] = list->items[i];
    }
    list->abandoned += list->count - kept;
    list->count = kept;
}

/* `line` holds no line end, and any bytes else. */
static hub_status read_line(file_reading *r, char *line, size_t length, hub_error *err)
{
    if (length == 0) return HUB_OK; /* every append begins with a line end of its own */
    uint8_t head[HEAD_BYTES_MAX];
    journal_head opened;
    hub_bytes bytes = hub_bytes_of(head, length / 2);
    line[length] = '\0';
    hub_arena_reset(&r->arena);
    if (length > LINE_MAX_BYTES || length % 2 != 0 || !hub_unhex(line, head, length / 2) ||
        journal_head_open(bytes, NULL, &r->arena, &opened, NULL) != HUB_OK) {
        r->list->strange++;
        return HUB_OK;
    }
    if (opened.restored_from > 0 && journal_head_open(bytes, r->signing_key, &r->arena, &opened, NULL) == HUB_OK) {
        leave_out_abandoned(r, &opened);
        r->list->restored_ms = opened.time_ms;
    }
    return add_item(r->list, bytes, opened.sequence, err);
}

static hub_status read_lines(file_reading *r, FILE *file, hub_error *err)
{
    char line[LINE_MAX_BYTES + 2]; /* one more than a head may have, and its end */
    size_t length = 0;
    hub_status status = HUB_OK;
    for (int c = getc_unlocked(file); c != EOF && status == HUB_OK; c = getc_unlocked(file)) {
        if (c != '\n') {
            if (length <= LINE_MAX_BYTES) line[length++] = (char)c; /* of a longer line the rest says nothing new */
            continue;
        }
        status = read_line(r, line, length, err);
        length = 0;
    }
    return status == HUB_OK ? read_line(r, line, length, err) : status;
}

hub_status journal_heads_list_read(journal_heads_list *list, const char *path, const uint8_t *signing_key, hub_error *err)
{
    file_reading r = {.list = list, .begin = list->count, .signing_key = signing_key};
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        return hub_fail(err, errno == ENOENT ? HUB_ERR_NOT_FOUND : HUB_ERR_IO, "%s: cannot be read: %s", path, strerror(errno));
    }
    hub_status status = hub_arena_open(&r.arena, ARENA_BYTES, ARENA_BYTES_MAX);
    if (status != HUB_OK) (void)hub_fail(err, status, "%s: out of memory", path);
    if (status == HUB_OK) status = read_lines(&r, file, err);
    if (status == HUB_OK && ferror(file)) status = hub_fail(err, HUB_ERR_IO, "%s: cannot be read: %s", path, strerror(errno));
    (void)fclose(file);
    hub_arena_close(&r.arena);
    return status;
}

/* ---- compared with the store ---------------------------------------------------------------------------------------------- */
static hub_status hash_in_store(journal *j, uint64_t sequence, hub_digest *out, hub_error *err)
{
    journal_batch batch;
    hub_status status = journal_batch_at(j, sequence, &batch, err);
    if (status == HUB_OK) hub_digest_of(journal_batch_record(&batch, (uint32_t)(sequence - batch.first_sequence)), out);
    return status;
}

/* The newest heads first, until one is of a record that the store has. */
static hub_status compare_sorted(const journal_heads_list *list, journal *j, const uint8_t *signing_key, hub_arena *arena,
                                 journal_heads_comparison *out, hub_error *err)
{
    for (size_t i = list->count; i-- > 0;) {
        bool is_known = out->head_sequence > 0 && list->items[i].sequence > out->store_sequence;
        if (is_known) continue; /* one head of a record that is not there is enough */
        journal_head head;
        hub_arena_reset(arena);
        bool is_ours = journal_head_open(journal_heads_list_bytes(list, i), signing_key, arena, &head, NULL) == HUB_OK &&
                       strcmp(head.partnership, journal_partnership(j)) == 0;
        if (!is_ours) {
            out->strange_lines++;
            continue;
        }
        if (out->head_sequence == 0) out->head_sequence = head.sequence;
        out->standing = out->head_sequence > out->store_sequence ? JOURNAL_HEADS_STORE_BEHIND : JOURNAL_HEADS_AGREE;
        if (head.sequence > out->store_sequence) continue;
        hub_digest hash;
        hub_status status = hash_in_store(j, head.sequence, &hash, err);
        if (status != HUB_OK) return status;
        if (memcmp(hash.bytes, head.record_hash.bytes, HUB_DIGEST_BYTES) == 0) return HUB_OK;
        out->standing = JOURNAL_HEADS_DIFFERENT;
        out->differs_at = head.sequence;
        return HUB_OK;
    }
    return HUB_OK;
}

hub_status journal_heads_compare(const char *path, journal *j, const uint8_t signing_key[JOURNAL_SIGNING_KEY_BYTES],
                                 journal_heads_comparison *out, hub_error *err)
{
    HUB_ASSERT(path != NULL && j != NULL);
    *out = (journal_heads_comparison){.standing = JOURNAL_HEADS_NONE};
    journal_heads_list list = {0};
    hub_arena arena = {0};
    journal_end end;
    hub_status status = journal_end_of(j, &end, err);
    if (status != HUB_OK) return status;
    out->store_sequence = end.last_sequence;
    status = journal_heads_list_read(&list, path, signing_key, err);
    if (status == HUB_ERR_NOT_FOUND) return HUB_OK;
    if (status == HUB_OK && hub_arena_open(&arena, ARENA_BYTES, ARENA_BYTES_MAX) != HUB_OK)
        status = hub_fail(err, HUB_ERR_MEMORY, "%s: out of memory", path);
    out->strange_lines = list.strange;
    out->abandoned_heads = list.abandoned;
    out->restored_ms = list.restored_ms;
    journal_heads_list_sort(&list);
    if (status == HUB_OK) status = compare_sorted(&list, j, signing_key, &arena, out, err);
    hub_arena_close(&arena);
    journal_heads_list_free(&list);
    return status;
}

hub_status journal_heads_accept_restored(const char *path, journal *j, const uint8_t secret[JOURNAL_SIGNING_SECRET_BYTES],
                                         const journal_heads_comparison *compared, int64_t time_ms, hub_error *err)
{
    HUB_ASSERT(compared->standing == JOURNAL_HEADS_STORE_BEHIND);
    HUB_ASSERT(compared->store_sequence >= 1 && compared->store_sequence < compared->head_sequence);
    journal_end end;
    hub_buffer head = {0}, lines = {0};
    hub_status status = journal_end_of(j, &end, err);
    if (status != HUB_OK) return status;
    HUB_ASSERT(end.last_sequence == compared->store_sequence);
    const journal_head restored = {.partnership = journal_partnership(j),
                                   .epoch = end.epoch,
                                   .sequence = end.last_sequence,
                                   .record_hash = end.last_hash,
                                   .state_digest = end.state_digest,
                                   .time_ms = time_ms,
                                   .restored_from = compared->head_sequence};
    status = journal_head_sign(&restored, secret, &head);
    if (status == HUB_OK) journal_heads_file_put(hub_buffer_bytes(&head), &lines);
    if (status != HUB_OK || lines.failed) status = hub_fail(err, HUB_ERR_MEMORY, "%s: out of memory", path);
    if (status == HUB_OK) status = journal_heads_file_append(path, &lines, JOURNAL_HEADS_SYNC, err);
    hub_buffer_free(&head);
    hub_buffer_free(&lines);
    return status;
}
