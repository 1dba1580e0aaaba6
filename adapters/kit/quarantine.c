#include "quarantine.h"

#include <stdio.h>
#include <string.h>

#include "event/event.h"
#include "host/files.h"
#include "json/json.h"

enum { ARENA_BYTES = 512 * 1024 * 1024 };

void kit_place_text(uint32_t line, uint32_t column, char out[48])
{
    out[0] = '\0';
    if (line > 0 && column > 0)
        (void)snprintf(out, 48, "line %u, column %u", line, column);
    else if (line > 0)
        (void)snprintf(out, 48, "line %u", line);
}

/* What a parked record says in lines of text, at the end of `out`: for the reason file and for dry runs. */
static void put_reason(const outbox_parked *parked, hub_buffer *out)
{
    bool by_hub = strcmp(parked->origin, "hub") == 0;
    char code[64], place[48];
    hub_buffer_put_format(out, "%s\n", by_hub ? "The hub refused this event." : "This record was not sent to the hub.");
    if (parked->input[0] != '\0') hub_buffer_put_format(out, "Input:  %s\n", parked->input);
    kit_place_text(parked->line, parked->column, place);
    if (place[0] != '\0') hub_buffer_put_format(out, "Place:  %s\n", place);
    if (parked->field[0] != '\0') hub_buffer_put_format(out, "Field:  %s\n", parked->field);
    if (parked->code != 0) {
        hub_buffer_put_format(out, "Code:   %s\n", event_enum_name(&mash__v1__refusal_code__descriptor, parked->code, code));
    }
    hub_buffer_put_format(out, "Reason: %s\n", parked->reason[0] != '\0' ? parked->reason : "none was given");
    hub_buffer_put_text(out,
                        "Put it right in the source system and send it from there again; then these two files can be deleted.\n");
}

/* An event the hub refused is shown as JSON; anything else as the bytes that came. */
static const char *show(const outbox_parked *parked, hub_arena *arena, hub_buffer *out)
{
    if (strcmp(parked->origin, "hub") == 0 || strcmp(parked->origin, "outbox") == 0) {
        event_problem problem = {0};
        const Mash__V1__Event *event = event_decode(parked->record, arena, &problem);
        if (event != NULL && json_of_message(&event->base, JSON_PRETTY, out) == HUB_OK) return "event.json";
        hub_buffer_clear(out);
    }
    hub_buffer_put(out, parked->record.data, parked->record.size);
    return "record";
}

static hub_status write_both(const outbox *box, const char *folder, const outbox_parked *parked, hub_arena *arena, hub_error *err)
{
    outbox_numbers numbers;
    char name[32];
    char path[700];
    hub_buffer content = {0};
    hub_buffer reason = {0};
    outbox_numbers_of(box, &numbers);
    hub_hex(numbers.outbox_id.bytes, 4, name); /* a new outbox counts from 1 again, and must not write over an old one's files */
    const char *kind = show(parked, arena, &content);
    put_reason(parked, &reason);
    hub_status status = content.failed || reason.failed ? hub_fail(err, HUB_ERR_MEMORY, "quarantine: out of memory") : HUB_OK;
    (void)snprintf(path, sizeof path, "%s/%s-%06llu.%s", folder, name, (unsigned long long)parked->id, kind);
    if (status == HUB_OK) status = host_file_replace(path, hub_buffer_bytes(&content), 0600, err);
    (void)snprintf(path, sizeof path, "%s/%s-%06llu.reason.txt", folder, name, (unsigned long long)parked->id);
    if (status == HUB_OK) status = host_file_replace(path, hub_buffer_bytes(&reason), 0600, err);
    hub_buffer_free(&content);
    hub_buffer_free(&reason);
    return status;
}

hub_status kit_quarantine_move(outbox *box, const char *folder, uint32_t *moved, hub_error *err)
{
    *moved = 0;
    outbox_counts counts;
    outbox_counts_of(box, &counts);
    if (counts.parked_held == 0) return HUB_OK;
    hub_arena arena;
    if (hub_arena_open(&arena, 256 * 1024, ARENA_BYTES) != HUB_OK)
        return hub_fail(err, HUB_ERR_MEMORY, "quarantine: out of memory");
    hub_status status = host_folder_make(folder, 0700, err);
    uint64_t after = 0;
    while (status == HUB_OK && *moved < KIT_QUARANTINE_MOVES_MAX) {
        outbox_parked parked;
        hub_arena_reset(&arena);
        status = outbox_parked_next(box, after, &arena, &parked, err);
        if (status == HUB_OK) status = write_both(box, folder, &parked, &arena, err);
        if (status == HUB_OK) status = outbox_parked_taken(box, parked.id, err);
        if (status != HUB_OK) break;
        after = parked.id;
        (*moved)++;
    }
    hub_arena_close(&arena);
    return status == HUB_ERR_NOT_FOUND ? HUB_OK : status;
}
