#include "cli/inputs.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "event/event.h"
#include "event/wire.h"
#include "host/files.h"
#include "json/json.h"

enum { KNOWN_ONLY_EARLIER = 1 }; /* occurred_at: "some time before recorded_at", event.proto */

static hub_status read_all(const char *path, hub_buffer *out, hub_error *err)
{
    if (strcmp(path, "-") != 0) return host_file_read(path, INPUTS_BYTES_MAX, out, err);
    for (;;) {
        uint8_t block[64 * 1024];
        size_t size = fread(block, 1, sizeof block, stdin);
        hub_buffer_put(out, block, size);
        if (out->failed || out->size > INPUTS_BYTES_MAX)
            return hub_fail(err, HUB_ERR_INVALID, "standard input: larger than 256 MB");
        if (size < sizeof block) break;
    }
    return ferror(stdin) ? hub_fail(err, HUB_ERR_IO, "standard input: %s", strerror(errno)) : HUB_OK;
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static hub_bytes trimmed(hub_bytes text)
{
    while (text.size > 0 && is_space(text.data[0]))
        text = hub_bytes_of(text.data + 1, text.size - 1);
    while (text.size > 0 && is_space(text.data[text.size - 1]))
        text.size--;
    return text;
}

/* What an author may leave out. */
static void complete(Mash__V1__Event *event, hub_bytes text, int64_t written_ms, hub_arena *arena)
{
    if (event->source_reference == NULL || event->source_reference[0] == '\0') {
        uint8_t hash[crypto_hash_sha256_BYTES];
        char *reference = hub_arena_take(arena, 2 * sizeof hash + 1);
        crypto_hash_sha256(hash, text.data, text.size);
        if (reference != NULL) {
            hub_hex(hash, sizeof hash, reference);
            event->source_reference = reference;
        }
    }
    if (event->recorded_at == 0) event->recorded_at = written_ms;
    if (event->occurred_at == 0) event->occurred_at = KNOWN_ONLY_EARLIER;
    if (event->event_id.len == 0) {
        hub_id id;
        event_id_derive(event->agency, event->source_system, event->source_reference, (uint32_t)event->payload_case, NULL, &id);
        event->event_id.data = hub_arena_copy(arena, id.bytes, sizeof id.bytes);
        if (event->event_id.data != NULL) event->event_id.len = sizeof id.bytes;
    }
}

static hub_status decode(hub_bytes text, hub_arena *arena, Mash__V1__Event **out, hub_error *err)
{
    if (text.data[0] == '{') {
        ProtobufCMessage *message = NULL;
        hub_status status = json_to_message(&mash__v1__event__descriptor, text, arena, &message, err);
        *out = (Mash__V1__Event *)message;
        return status;
    }
    event_problem problem = {0};
    *out = event_decode(text, arena, &problem);
    if (*out != NULL) return HUB_OK;
    return hub_fail(err, HUB_ERR_INVALID, "neither JSON (which begins with a brace) nor a packed Event: %s %s",
                    problem.field_path, problem.reason);
}

hub_status inputs_add(hub_bytes text, input_times times, hub_arena *arena, publisher *out, hub_error *err)
{
    Mash__V1__Event *event = NULL;
    hub_arena_reset(arena);
    hub_status status = decode(text, arena, &event, err);
    if (status != HUB_OK) return status;
    complete(event, text, times.written_ms, arena);
    event_problem problem = {0};
    if (!event_validate(event, times.now_ms, &problem))
        return hub_fail(err, HUB_ERR_REFUSED, "%s: %s", problem.field_path[0] != '\0' ? problem.field_path : "event",
                        problem.reason);
    hub_id id;
    if (!hub_id_read(hub_bytes_of(event->event_id.data, event->event_id.len), &id))
        return hub_fail(err, HUB_ERR_REFUSED, "event_id: has to be 16 bytes; leave it out to have it made");
    hub_buffer packed = {0};
    status = event_wire_pack(&event->base, &packed);
    if (status == HUB_OK) status = publisher_add(out, &id, hub_buffer_bytes(&packed), err);
    hub_buffer_free(&packed);
    return status;
}

/* A stream has a whole object on its first line and more lines after it. */
static bool is_stream(hub_bytes text)
{
    const uint8_t *end = memchr(text.data, '\n', text.size);
    if (text.size == 0 || text.data[0] != '{' || end == NULL) return false;
    hub_bytes first = trimmed(hub_bytes_of(text.data, (size_t)(end - text.data)));
    return first.size > 1 && first.data[first.size - 1] == '}';
}

static hub_status read_stream(hub_bytes text, uint64_t most, input_times times, hub_arena *arena, publisher *out, hub_error *err)
{
    hub_status status = HUB_OK;
    for (size_t at = 0, line = 1; at < text.size && status == HUB_OK && out->count < most; line++) {
        const uint8_t *end = memchr(text.data + at, '\n', text.size - at);
        size_t size = end == NULL ? text.size - at : (size_t)(end - text.data) - at;
        hub_bytes one = trimmed(hub_bytes_of(text.data + at, size));
        if (one.size > 0) status = inputs_add(one, times, arena, out, err);
        if (status != HUB_OK) (void)hub_fail_within(err, status, "line %zu", line);
        at += size + 1;
    }
    return status;
}

/* When the file was written: so that publishing it again is a repeat, and not the same event with another content. */
static int64_t recorded_ms(const char *path, int64_t now_ms)
{
    struct stat about;
    if (strcmp(path, "-") == 0 || stat(path, &about) != 0) return now_ms;
    int64_t written_ms = (int64_t)about.st_mtim.tv_sec * 1000 + about.st_mtim.tv_nsec / 1000000;
    return written_ms < now_ms ? written_ms : now_ms;
}

hub_status inputs_read(const char *path, uint64_t most, int64_t now_ms, publisher *out, hub_error *err)
{
    hub_buffer all = {0};
    hub_arena arena = {0};
    hub_status status = read_all(path, &all, err);
    if (status == HUB_OK) status = hub_arena_open(&arena, 64 * 1024, 64 * 1024 * 1024);
    hub_bytes text = trimmed(hub_buffer_bytes(&all));
    input_times times = {.now_ms = now_ms, .written_ms = recorded_ms(path, now_ms)};
    bool packed = all.size > 0 && (text.size == 0 || text.data[0] != '{');
    if (status == HUB_OK && all.size == 0)
        status = hub_fail(err, HUB_ERR_INVALID, "%s is empty", strcmp(path, "-") == 0 ? "standard input" : path);
    if (status == HUB_OK) {
        if (is_stream(text))
            status = read_stream(text, most, times, &arena, out, err);
        else
            status = inputs_add(packed ? hub_buffer_bytes(&all) : text, times, &arena, out, err);
    }
    hub_arena_close(&arena);
    hub_buffer_free(&all);
    return status;
}
