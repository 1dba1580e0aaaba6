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

static void note_withheld(withheld *w, const char *path)
{
    if (w->out->n_withheld == WITHHELD_MAX || w->r->audience->silent) return;
    char *copy = hub_arena_copy(w->r->arena, path, strlen(path));
    if (copy == NULL) {
        w->failed = true;
    } else {
        w->out->withheld[w->out->n_withheld++] = copy;
    }
}

static void note_field(void *context, event_field field, const char *path)
{
    (void)field;
    note_withheld(context, path);
}

/* ---- whereabouts ----------------------------------------------------------------------------------------------------------- */
static bool hide_place_of(Mash__V1__Subject *subject)
{
    size_t kept = 0;
    bool hidden = subject->n_addresses > 0 || subject->school_urn[0] != '\0' || subject->practice_code[0] != '\0';
    for (size_t i = 0; i < subject->n_identifiers; i++) {
        if (!core_scheme_tells_where(subject->identifiers[i]->scheme)) subject->identifiers[kept++] = subject->identifiers[i];
    }
    hidden = hidden || kept < subject->n_identifiers;
    subject->n_identifiers = kept;
    subject->n_addresses = 0;
    subject->school_urn = (char *)protobuf_c_empty_string;
    subject->practice_code = (char *)protobuf_c_empty_string;
    return hidden;
}

static void hide_whereabouts(const core_audience *audience, Mash__V1__Event *event, withheld *w)
{
    bool hidden = false;
    for (size_t i = 0; i < event->n_subjects; i++) {
        bool is_hidden = core_audience_hides_place(audience, event_subject_roles(event->subjects[i]));
        if (is_hidden && hide_place_of(event->subjects[i])) hidden = true;
    }
    if (hidden) note_withheld(w, CORE_WHEREABOUTS);
}

/* ---- people ---------------------------------------------------------------------------------------------------------------- */
/* People in no role that the audience is told of are emptied in their place: positions are referred to, so nobody may move up. */
static void hide_people(const core_audience *audience, Mash__V1__Event *event, withheld *w)
{
    bool hidden = false;
    for (size_t i = 0; i < event->n_subjects; i++) {
        Mash__V1__Subject *subject = event->subjects[i];
        if (core_audience_has_roles(audience, event_subject_roles(subject))) continue;
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

/* Without a word means without an empty place, too: they count who is left out. Of notices about people one by one, where nothing refers to
 * a position. */
static void close_ranks(Mash__V1__Event *event)
{
    size_t kept = 0;
    for (size_t i = 0; i < event->n_subjects; i++) {
        if (event->subjects[i]->n_roles > 0) event->subjects[kept++] = event->subjects[i];
    }
    for (size_t i = 0; i < kept && kept < event->n_subjects; i++)
        event->subjects[i]->n_relationships = 0;
    event->n_subjects = kept;
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

/* That there was an earlier event at all is silent where that was above the audience's class (D2 in deliver.h). */
static void hide_corrected(const core_redaction *r, Mash__V1__Event *event)
{
    if (!core_audience_may_know(r->state, r->audience, event->amends)) event->amends = (ProtobufCBinaryData){0};
    if (!core_audience_may_know(r->state, r->audience, event->retracts)) event->retracts = (ProtobufCBinaryData){0};
}

/* A copy whose subjects, and their lists of identifiers, may be changed; what else they hold is the record's, and every other audience's.
 * NULL: out of memory. */
static Mash__V1__Event *copy_of_said(const core_redaction *r)
{
    const ProtobufCBinaryData *packed = &r->said->personal->event;
    event_problem problem;
    const Mash__V1__Event *said = r->said->event;
    if (said == NULL) said = event_decode(hub_bytes_of(packed->data, packed->len), r->arena, &problem);
    if (said == NULL) return NULL;
    Mash__V1__Event *copy = hub_arena_copy(r->arena, said, sizeof *said);
    Mash__V1__Subject **list = hub_arena_take(r->arena, said->n_subjects * sizeof *list);
    if (copy == NULL || list == NULL) return NULL;
    copy->subjects = list;
    for (size_t i = 0; i < said->n_subjects; i++) {
        const Mash__V1__Subject *from = said->subjects[i];
        list[i] = hub_arena_copy(r->arena, from, sizeof *from);
        if (list[i] == NULL) return NULL;
        list[i]->identifiers = hub_arena_copy(r->arena, from->identifiers, from->n_identifiers * sizeof *from->identifiers);
        if (list[i]->identifiers == NULL) return NULL;
    }
    return copy;
}

hub_status core_redact(const core_redaction *r, hub_buffer *out, hub_bytes *packed)
{
    Mash__V1__Delivery part = MASH__V1__DELIVERY__INIT;
    withheld w = {.r = r, .out = &part};
    part.withheld = hub_arena_take(r->arena, WITHHELD_MAX * sizeof *part.withheld);
    part.event = copy_of_said(r);
    if (part.withheld == NULL || part.event == NULL) return HUB_ERR_MEMORY;
    event_field_set fields = r->audience->fields;
    if (core_record_is_near(r->state, r->said, r->audience->near)) {
        hide_whereabouts(r->audience, part.event, &w);
        event_fields_drop_texts(&fields);
    }
    hide_corrected(r, part.event);
    hide_people(r->audience, part.event, &w);
    hide_others(r->subject, part.event, &w);
    if (r->audience->one_by_one) hide_places_of_several(part.event, &w);
    if (r->audience->one_by_one && r->audience->silent) close_ranks(part.event);
    event_fields_withheld(part.event, &fields, note_field, &w);
    size_t before = out->size;
    hub_status status = w.failed ? HUB_ERR_MEMORY : event_wire_pack_allowed(&part.base, &fields, out); /* D1 */
    size_t size = out->size - before;
    uint8_t *copy = status == HUB_OK ? hub_arena_copy(r->arena, out->data + before, size) : NULL;
    out->size = before;
    *packed = hub_bytes_of(copy, copy == NULL ? 0 : size);
    return copy == NULL ? HUB_ERR_MEMORY : HUB_OK;
}
