#include "revoked.h"

#include <stdlib.h>
#include <string.h>

#include "host/files.h"

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

static hub_status parse(daemon_revoked *list, const hub_buffer *text, hub_error *err)
{
    hub_status status = HUB_OK;
    for (size_t at = 0; at < text->size && status == HUB_OK; at += LINE_BYTES) {
        char line[LINE_BYTES];
        uint8_t key[DAEMON_KEY_BYTES];
        bool whole = text->size - at >= LINE_BYTES && text->data[at + LINE_BYTES - 1] == '\n';
        if (whole) memcpy(line, text->data + at, LINE_BYTES);
        line[LINE_BYTES - 1] = '\0';
        if (!whole || !hub_unhex(line, key, DAEMON_KEY_BYTES)) {
            return hub_fail(err, HUB_ERR_CORRUPT,
                            "%s:%zu: is no line of 64 hex digits; restore the file, it keeps revoked keys out", list->path,
                            at / LINE_BYTES + 1);
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
    hub_status status = host_file_read(path, FILE_BYTES_MAX, &text, err);
    if (status == HUB_OK) status = parse(out, &text, err);
    if (status == HUB_ERR_NOT_FOUND) status = HUB_OK;
    hub_buffer_free(&text);
    if (status != HUB_OK) daemon_revoked_free(out);
    return status;
}

hub_status daemon_revoked_add(daemon_revoked *list, const uint8_t key[DAEMON_KEY_BYTES], hub_error *err)
{
    if (daemon_revoked_has(list, key)) return HUB_OK;
    hub_status status = keep(list, key);
    if (status != HUB_OK) return status;
    char line[LINE_BYTES + 1];
    hub_hex(key, DAEMON_KEY_BYTES, line);
    line[LINE_BYTES - 1] = '\n';
    return host_file_append(list->path, hub_bytes_of(line, LINE_BYTES), 0600, err);
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
