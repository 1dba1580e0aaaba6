#include "formats/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "event/wire.h"

enum { REFERENCE_OWN_MAX = 120 };

static const char WITHDRAWN[] = "withdrawn"; /* said of a record that was taken back */
static const char OVER[] = "over";           /* and of one that ended */

formats_key formats_key_of(const char *kind, const hub_bytes *parts, size_t part_count)
{
    HUB_ASSERT(strlen(kind) <= 12);
    /* No secret: the digest hides nothing from somebody who can guess, it keeps identifiers out of keys and references (R1). */
    static const uint8_t NO_SECRET[HUB_SECRET_BYTES] = {0};
    uint8_t digest[HUB_SHORT_DIGEST_BYTES];
    char hex[2 * HUB_SHORT_DIGEST_BYTES + 1];
    formats_key key;
    hub_keyed_digest(NO_SECRET, kind, parts, part_count, digest);
    hub_hex(digest, sizeof digest, hex);
    (void)snprintf(key.text, sizeof key.text, "%s/%s", kind, hex);
    return key;
}

/* An empty text stands as "-". */
static const char *shown(const char *text)
{
    return text[0] != '\0' ? text : "-";
}

static void read_dash(char *text)
{
    if (strcmp(text, "-") == 0) text[0] = '\0';
}

/* R4: refused wordings fall away, the newest first. */
static hub_status leave_out_refused(kit_sink *sink, formats_memory *memory)
{
    for (int i = 0; i < 2 && memory->newest.event_id[0] != '\0'; i++) {
        hub_id id;
        if (!hub_id_parse(memory->newest.event_id, &id)) return HUB_ERR_CORRUPT;
        hub_status status = sink->ops->was_refused(sink, &id);
        if (status != HUB_OK) return status == HUB_ERR_NOT_FOUND ? HUB_OK : status;
        memory->newest = memory->earlier;
        memory->earlier = (formats_wording){{0}, {0}};
    }
    return HUB_OK;
}

hub_status formats_recall(kit_sink *sink, const formats_key *key, formats_memory *out)
{
    hub_buffer value = {0};
    formats_memory memory = {0};
    *out = memory;
    hub_status status = sink->ops->get(sink, key->text, &value);
    if (status == HUB_OK) {
        int count = sscanf(hub_buffer_text(&value), "%" SCNu32 " %32s %39s %32s %39s", &memory.revision, memory.newest.event_id,
                           memory.newest.said, memory.earlier.event_id, memory.earlier.said);
        read_dash(memory.newest.event_id);
        read_dash(memory.earlier.event_id);
        read_dash(memory.earlier.said);
        /* Three words were written before the earlier wording was kept. */
        status = count == 5 || count == 3 ? leave_out_refused(sink, &memory) : HUB_ERR_CORRUPT;
    }
    hub_buffer_free(&value);
    if (status == HUB_OK) *out = memory;
    return status == HUB_ERR_NOT_FOUND ? HUB_OK : status;
}

hub_status formats_remember(kit_sink *sink, const formats_key *key, const formats_memory *memory)
{
    char text[192];
    HUB_ASSERT(memory->newest.said[0] != '\0');
    (void)snprintf(text, sizeof text, "%" PRIu32 " %s %s %s %s", memory->revision, shown(memory->newest.event_id),
                   memory->newest.said, shown(memory->earlier.event_id), shown(memory->earlier.said));
    return sink->ops->put(sink, key->text, hub_bytes_of_text(text));
}

hub_status formats_said(const formats_draft *draft, formats_sameness sameness, char said[FORMATS_SAID_BYTES])
{
    hub_buffer packed = {0};
    Mash__V1__Event event = draft->event;
    if (sameness == FORMATS_SAME_BUT_SENT) {
        if (event.occurred_at == event.recorded_at) event.occurred_at = 0;
        event.recorded_at = 0;
    }
    hub_buffer_put_u64(&packed, (uint64_t)event.occurred_at);
    hub_buffer_put_format(&packed, "%d;", (int)draft->event.payload_case);
    const ProtobufCMessage *message = sameness == FORMATS_SAME_PAYLOAD ? &draft->payload.base : &event.base;
    hub_status status = event_wire_pack(message, &packed);
    if (packed.failed) status = HUB_ERR_MEMORY;
    if (status == HUB_OK) {
        uint8_t digest[HUB_SHORT_DIGEST_BYTES];
        hub_short_digest_of(hub_buffer_bytes(&packed), digest);
        hub_hex(digest, sizeof digest, said);
    }
    hub_buffer_free(&packed);
    return status;
}

static hub_status name_newest(formats_draft *draft, const formats_memory *memory, ProtobufCBinaryData *out)
{
    if (memory->newest.event_id[0] == '\0') return HUB_OK;
    hub_id id;
    uint8_t *bytes = hub_arena_take(draft->sink->arena, HUB_ID_BYTES);
    if (bytes == NULL) return HUB_ERR_MEMORY;
    if (!hub_id_parse(memory->newest.event_id, &id)) return HUB_ERR_CORRUPT;
    memcpy(bytes, id.bytes, HUB_ID_BYTES);
    *out = (ProtobufCBinaryData){.len = HUB_ID_BYTES, .data = bytes};
    return HUB_OK;
}

hub_status formats_retract(formats_draft *draft, const formats_memory *memory)
{
    return name_newest(draft, memory, &draft->event.retracts);
}

hub_status formats_put_wording(formats_draft *draft, const formats_key *key, formats_memory *memory, const char *said,
                               const char *reference, hub_bytes record, kit_place place)
{
    HUB_ASSERT(reference != NULL && strlen(reference) <= REFERENCE_OWN_MAX);
    char own[FORMATS_REFERENCE_MAX + 8];
    hub_id id;
    bool amends = draft->event.retracts.len == 0 && strcmp(memory->newest.said, WITHDRAWN) != 0;
    hub_status status = amends ? name_newest(draft, memory, &draft->event.amends) : HUB_OK;
    if (status != HUB_OK) return status;
    memory->revision++;
    if (memory->revision == 1)
        (void)snprintf(own, sizeof own, "%s", reference);
    else
        (void)snprintf(own, sizeof own, "%.*s;%" PRIu32, REFERENCE_OWN_MAX, reference, memory->revision);
    status = formats_draft_put(draft, own, NULL, record, place);
    if (status != HUB_OK) return status; /* R3 */
    /* Derived here exactly as the kit does: the next wording must name this one. */
    event_id_derive(draft->profile->agency, draft->options->source_system, own, (uint32_t)draft->event.payload_case, NULL, &id);
    memory->earlier = memory->newest;
    hub_hex(id.bytes, sizeof id.bytes, memory->newest.event_id);
    (void)snprintf(memory->newest.said, sizeof memory->newest.said, "%s", said);
    return formats_remember(draft->sink, key, memory);
}

hub_status formats_put_once(formats_draft *draft, const formats_key *key, const char *reference, formats_sameness sameness,
                            hub_bytes record, kit_place place)
{
    formats_memory memory;
    char said[FORMATS_SAID_BYTES];
    if (draft->out_of_memory) return HUB_ERR_MEMORY;
    hub_status status = formats_recall(draft->sink, key, &memory);
    if (status == HUB_OK) status = formats_said(draft, sameness, said);
    if (status != HUB_OK) return status;
    if (strcmp(memory.newest.said, said) == 0) return HUB_OK;
    return formats_go_on(formats_put_wording(draft, key, &memory, said, reference, record, place));
}

hub_status formats_withdraw(formats_draft *draft, const formats_key *key, const char *reference, hub_bytes record,
                            kit_place place)
{
    formats_memory memory;
    if (draft->out_of_memory) return HUB_ERR_MEMORY;
    hub_status status = formats_recall(draft->sink, key, &memory);
    bool was_told = memory.newest.event_id[0] != '\0' && strcmp(memory.newest.said, WITHDRAWN) != 0;
    if (status != HUB_OK || !was_told) return status;
    status = formats_retract(draft, &memory);
    if (status != HUB_OK) return status;
    return formats_go_on(formats_put_wording(draft, key, &memory, WITHDRAWN, reference, record, place));
}

hub_status formats_end(kit_sink *sink, const formats_key *key)
{
    formats_memory memory;
    hub_status status = formats_recall(sink, key, &memory);
    bool was_told = memory.newest.event_id[0] != '\0' && strcmp(memory.newest.said, WITHDRAWN) != 0;
    if (status != HUB_OK || !was_told) return status;
    (void)snprintf(memory.newest.said, sizeof memory.newest.said, "%s", OVER);
    return formats_remember(sink, key, &memory);
}

hub_status formats_note(const formats_draft *draft, const formats_key *key, formats_sameness sameness)
{
    formats_memory memory = {.revision = 1};
    if (draft->out_of_memory) return HUB_ERR_MEMORY;
    hub_status status = formats_said(draft, sameness, memory.newest.said);
    return status == HUB_OK ? formats_remember(draft->sink, key, &memory) : status;
}

hub_status formats_move(kit_sink *sink, const formats_key *from, const formats_key *to)
{
    formats_memory memory;
    formats_memory there;
    hub_status status = formats_recall(sink, from, &memory);
    if (status == HUB_OK) status = formats_recall(sink, to, &there);
    if (status != HUB_OK || memory.newest.event_id[0] == '\0' || there.revision > 0) return status;
    status = formats_remember(sink, to, &memory);
    (void)snprintf(memory.newest.said, sizeof memory.newest.said, "%s", WITHDRAWN); /* there is none to amend any more */
    return status == HUB_OK ? formats_remember(sink, from, &memory) : status;
}
