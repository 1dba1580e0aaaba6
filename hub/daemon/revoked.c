#include "revoked.h"

#include <stdlib.h>
#include <string.h>

#include "host/files.h"
#include "host/log.h"

enum { LINE_BYTES = 2 * DAEMON_KEY_BYTES + 1, FILE_BYTES_MAX = LINE_BYTES * 100000 };

static hub_status keep(daemon_revoked *list, const uint8_t key[DAEMON_KEY_BYTES])
{
    if (list->count == list->capacity) {
        uint32_t capacity = list->capacity == 0 ? 16 : list->capacity * 2;
        void *keys = realloc(list->keys, capacity * sizeof *list->keys);
        if (keys == NULL) return HUB_ERR_MEMORY;
        list->keys = keys;
        list->capacity = capacity;
    }
    memcpy(list->keys[list->count++], key, DAEMON_KEY_BYTES);
    return HUB_OK;
}

/* The whole file at once: it is small, and half a line can never lie in it. */
static hub_status write_file(const daemon_revoked *list, hub_error *err)
{
    hub_buffer text = {0};
    for (uint32_t i = 0; i < list->count; i++) {
        char line[LINE_BYTES];
        hub_hex(list->keys[i], DAEMON_KEY_BYTES, line);
        hub_buffer_put_format(&text, "%s\n", line);
    }
    hub_status status = text.failed ? hub_fail(err, HUB_ERR_MEMORY, "%s: out of memory", list->path)
                                    : host_file_replace(list->path, hub_buffer_bytes(&text), 0600, err);
    hub_buffer_free(&text);
    return status;
}

static hub_status parse(daemon_revoked *list, const hub_buffer *text, size_t *used, hub_error *err)
{
    hub_status status = HUB_OK;
    for (*used = 0; *used + LINE_BYTES <= text->size && status == HUB_OK; *used += LINE_BYTES) {
        char line[LINE_BYTES];
        uint8_t key[DAEMON_KEY_BYTES];
        memcpy(line, text->data + *used, LINE_BYTES);
        bool whole = line[LINE_BYTES - 1] == '\n';
        line[LINE_BYTES - 1] = '\0';
        if (!whole || !hub_unhex(line, key, DAEMON_KEY_BYTES)) {
            return hub_fail(err, HUB_ERR_CORRUPT,
                            "%s:%zu: is no line of 64 hex digits; restore the file, it keeps revoked keys out", list->path,
                            *used / LINE_BYTES + 1);
        }
        status = keep(list, key);
    }
    return status;
}

hub_status daemon_revoked_read(const char *path, daemon_revoked *out, hub_error *err)
{
    *out = (daemon_revoked){.path = strdup(path)};
    if (out->path == NULL) return HUB_ERR_MEMORY;
    hub_buffer text = {0};
    size_t used = 0;
    hub_status status = host_file_read(path, FILE_BYTES_MAX, &text, err);
    if (status == HUB_OK) status = parse(out, &text, &used, err);
    if (status == HUB_ERR_NOT_FOUND) status = HUB_OK;
    if (status == HUB_OK && used < text.size) {
        host_log(HOST_LOG_WARNING, "the list of revoked keys ended in half a line, which was taken away", "file", path, NULL);
        status = write_file(out, err);
    }
    hub_buffer_free(&text);
    if (status != HUB_OK) daemon_revoked_free(out);
    return status;
}

hub_status daemon_revoked_add(daemon_revoked *list, const uint8_t key[DAEMON_KEY_BYTES], hub_error *err)
{
    if (daemon_revoked_has(list, key)) return HUB_OK;
    hub_status status = keep(list, key);
    if (status != HUB_OK) return hub_fail(err, status, "%s: out of memory", list->path);
    status = write_file(list, err);
    if (status != HUB_OK) list->count--;
    return status;
}

hub_status daemon_revoked_add_all(daemon_revoked *list, const core_state *core, hub_error *err)
{
    hub_status status = HUB_OK;
    for (uint32_t i = 1; i <= core_peer_count(core) && status == HUB_OK; i++) {
        const core_peer *peer = core_peer_numbered(core, i);
        if (peer->revoked) status = daemon_revoked_add(list, peer->public_key, err);
    }
    return status;
}

bool daemon_revoked_has(const daemon_revoked *list, const uint8_t key[DAEMON_KEY_BYTES])
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (memcmp(list->keys[i], key, DAEMON_KEY_BYTES) == 0) return true;
    }
    return false;
}

void daemon_revoked_free(daemon_revoked *list)
{
    free(list->path);
    free(list->keys);
    *list = (daemon_revoked){0};
}
