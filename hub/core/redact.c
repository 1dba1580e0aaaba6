#include "core/redact.h"

#include <string.h>

#include "event/wire.h"
#include "mash/v1/alert.pb-c.h"

enum { WITHHELD_MAX = 64 };

typedef struct withheld {
    const core_redaction *r;
    Mash__V1__Delivery *out;
    bool failed;
} withheld;

static void note_withheld(void *context, const char *path)
{
    withheld *w = context;
    if (w->out->n_withheld == WITHHELD_MAX || w->r->audience->silent) return;
    char *copy = hub_arena_copy(w->r->arena, path, strlen(path));
    if (copy == NULL) {
        w->failed = true;
    } else {
        w->out->withheld[w->out->n_withheld++] = copy;
    }
}

static uint64_t roles_of(const Mash__V1__Subject *subject)
{
    uint64_t roles = 0;
    for (size_t k = 0; k < subject->n_roles; k++)
        roles |= UINT64_C(1) << ((unsigned)subject->roles[k] & 63);
    return roles;
}

/* ---- whereabouts ----------------------------------------------------------------------------------------------------------- */
/* A pupil's number holds authority and school, a system's own number tells which system it is. */
static bool tells_where(const Mash__V1__Identifier *identifier)
{
    return identifier->scheme == MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_UPN ||
           identifier->scheme == MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_LOCAL;
}

static bool hide_place_of(Mash__V1__Subject *subject)
{
    size_t kept = 0;
    bool hidden = subject->n_addresses > 0 || subject->school_urn[0] != '\0' || subject->practice_code[0] != '\0';
    for (size_t i = 0; i < subject->n_identifiers; i++) {
        if (!tells_where(subject->identifiers[i])) subject->identifiers[kept++] = subject->identifiers[i];
    }
    hidden = hidden || kept < subject->n_identifiers;
    subject->n_identifiers = kept;
    subject->n_addresses = 0;
    subject->school_urn = (char *)protobuf_c_empty_string;
    subject->practice_code = (char *)protobuf_c_empty_string;
    return hidden;
}

/* Of everybody but whom the audience may be in touch with. One who is both victim and alleged perpetrator is a victim here. */
static void hide_whereabouts(const core_audience *audience, Mash__V1__Event *event, withheld *w)
{
    bool hidden = false;
    for (size_t i = 0; i < event->n_subjects; i++) {
        uint64_t roles = roles_of(event->subjects[i]);
        bool is_victim = (roles >> MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_VICTIM & 1) != 0;
        if ((roles & audience->near) != 0 && !is_victim) continue;
        if (hide_place_of(event->subjects[i])) hidden = true;
    }
    if (hidden) note_withheld(w, "where people are who may be at risk from another subject");
}

/* ---- people ---------------------------------------------------------------------------------------------------------------- */
/* People in no role that the audience is told of are emptied in their place: positions are referred to, so nobody may move up. */
static void hide_people(const core_audience *audience, Mash__V1__Event *event, withheld *w)
{
    bool hidden = false;
    for (size_t i = 0; i < event->n_subjects; i++) {
        Mash__V1__Subject *subject = event->subjects[i];
        if (core_audience_has_roles(audience, roles_of(subject))) continue;
        mash__v1__subject__init(subject);
        hidden = true;
    }
    if (hidden) note_withheld(w, "subjects in other roles");
}

/* ... and everybody but the one that the delivery is about. */
static void hide_others(uint32_t subject, Mash__V1__Event *event, withheld *w)
{
    if (subject == 0 || event->n_subjects < 2) return;
    for (size_t i = 0; i < event->n_subjects; i++) {
        if (i + 1 != subject) mash__v1__subject__init(event->subjects[i]);
    }
    note_withheld(w, "other people of the event");
}

/* Several people in one delivery to readers who are told of each alone, as of a correction: then nobody's place goes with another's name. */
static void hide_places_of_several(Mash__V1__Event *event, withheld *w)
{
    size_t given = 0;
    bool hidden = false;
    for (size_t i = 0; i < event->n_subjects; i++)
        given += event->subjects[i]->n_roles > 0;
    for (size_t i = 0; given > 1 && i < event->n_subjects; i++) {
        if (hide_place_of(event->subjects[i])) hidden = true;
    }
    if (hidden) note_withheld(w, "where people are who are told of together");
}

hub_status core_redact(const core_redaction *r, hub_buffer *out, hub_bytes *packed)
{
    Mash__V1__Delivery part = MASH__V1__DELIVERY__INIT;
    withheld w = {.r = r, .out = &part};
    const ProtobufCBinaryData *said = &r->said->personal->event;
    ProtobufCAllocator allocator = event_wire_allocator(r->arena);
    part.withheld = hub_arena_take(r->arena, WITHHELD_MAX * sizeof *part.withheld);
    part.event = mash__v1__event__unpack(&allocator, said->len, said->data); /* checked when it was accepted */
    if (part.withheld == NULL || part.event == NULL) return HUB_ERR_MEMORY;
    event_field_set fields = r->audience->fields;
    if (core_record_is_near(r->state, r->said, r->audience->near)) {
        hide_whereabouts(r->audience, part.event, &w);
        event_fields_drop_texts(&fields);
    }
    hide_people(r->audience, part.event, &w);
    hide_others(r->subject, part.event, &w);
    if (r->audience->one_by_one) hide_places_of_several(part.event, &w);
    event_fields_redact(part.event, &fields, note_withheld, &w); /* D1 */
    size_t before = out->size;
    hub_status status = w.failed ? HUB_ERR_MEMORY : event_wire_pack(&part.base, out);
    size_t size = out->size - before;
    uint8_t *copy = status == HUB_OK ? hub_arena_copy(r->arena, out->data + before, size) : NULL;
    out->size = before;
    *packed = hub_bytes_of(copy, copy == NULL ? 0 : size);
    return copy == NULL ? HUB_ERR_MEMORY : HUB_OK;
}
