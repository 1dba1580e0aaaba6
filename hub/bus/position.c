#include "bus/position.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/files.h"

enum { FILE_BYTES_MAX = 4096, LINE_BYTES_MAX = 128 };

static bool read_line(const char *line, bus_position *out)
{
    char hash[LINE_BYTES_MAX];
    int used = 0;
    if (sscanf(line, "%" SCNu32 " %" SCNu64 " %64[0-9a-f]%n", &out->epoch, &out->sequence, hash, &used) != 3) return false;
    return line[used] == '\0' && hub_unhex(hash, out->record_hash, sizeof out->record_hash);
}

hub_status bus_positions_read(const char *path, bus_positions *out, hub_error *err)
{
    *out = (bus_positions){0};
    hub_buffer text = {0};
    hub_status status = host_file_read(path, FILE_BYTES_MAX, &text, err);
    if (status == HUB_ERR_NOT_FOUND) {
        hub_buffer_free(&text);
        return HUB_OK;
    }
    char *rest = NULL;
    char *start = status == HUB_OK ? (char *)(uintptr_t)hub_buffer_text(&text) : NULL;
    for (char *line = start == NULL ? NULL : strtok_r(start, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        bus_position *at = &out->items[out->count];
        bool whole = out->count < BUS_POSITIONS_KEPT && read_line(line, at);
        if (whole && out->count > 0 && at->sequence >= at[-1].sequence) whole = false;
        if (!whole) {
            status = hub_fail(err, HUB_ERR_CORRUPT, "%s:%zu: not a position; move the file away to receive everything again",
                              path, out->count + 1);
            *out = (bus_positions){0};
            break;
        }
        out->count++;
    }
    hub_buffer_free(&text);
    return status;
}

hub_status bus_positions_write(const char *path, const bus_positions *list, hub_error *err)
{
    hub_buffer text = {0};
    for (size_t i = 0; i < list->count; i++) {
        char hash[2 * HUB_DIGEST_BYTES + 1];
        hub_hex(list->items[i].record_hash, HUB_DIGEST_BYTES, hash);
        hub_buffer_put_format(&text, "%" PRIu32 " %" PRIu64 " %s\n", list->items[i].epoch, list->items[i].sequence, hash);
    }
    hub_status status = text.failed ? hub_fail(err, HUB_ERR_MEMORY, "%s: no memory", path) : HUB_OK;
    if (status == HUB_OK) status = host_file_replace(path, hub_buffer_bytes(&text), 0600, err);
    hub_buffer_free(&text);
    return status;
}

/* Which one to forget, so that gaps grow with age: the newest pair that is closer together than the gap after it is thinned. */
static size_t least_useful(const bus_positions *list)
{
    for (size_t i = 1; i + 1 < list->count; i++) {
        uint64_t gap_before = list->items[i - 1].sequence - list->items[i].sequence;
        uint64_t gap_after = list->items[i].sequence - list->items[i + 1].sequence;
        if (gap_after <= gap_before) return i;
    }
    return list->count - 1;
}

void bus_positions_add(bus_positions *list, const Mash__V1__Position *newest)
{
    if (newest->record_hash.len != HUB_DIGEST_BYTES) return;
    if (list->count > 0 && newest->sequence <= list->items[0].sequence) return;
    if (list->count == BUS_POSITIONS_KEPT) {
        size_t gone = least_useful(list);
        memmove(&list->items[gone], &list->items[gone + 1], (list->count - gone - 1) * sizeof list->items[0]);
        list->count--;
    }
    memmove(&list->items[1], &list->items[0], list->count * sizeof list->items[0]);
    list->items[0] = (bus_position){.epoch = newest->epoch, .sequence = newest->sequence};
    memcpy(list->items[0].record_hash, newest->record_hash.data, HUB_DIGEST_BYTES);
    list->count++;
}

void bus_positions_fork(bus_positions *list, const Mash__V1__Position *last_common)
{
    uint64_t common = last_common != NULL ? last_common->sequence : 0;
    size_t newer = 0;
    while (newer < list->count && list->items[newer].sequence > common)
        newer++;
    memmove(&list->items[0], &list->items[newer], (list->count - newer) * sizeof list->items[0]);
    list->count -= newer;
    if (last_common != NULL && common > 0) bus_positions_add(list, last_common);
}
