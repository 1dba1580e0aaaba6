/* exclusions.c - runs of E marks (E3).
 *
 * Every E mark remembers the first of its run, and the run remembers how many of its marks still stand. The first tells the exclusion; when
 * the last one is put right, it is withdrawn; should one become E again, it is told again, as another event.
 */
#include "education/marks.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SESSIONS_BACK = 8 }; /* a late E belongs to the run before it, over a long weekend */

int32_t education_moment(formats_date date, Mash__V1__Session session)
{
    return ((date.year * 100 + date.month) * 100 + date.day) * 10 + (int32_t)session;
}

static formats_key key_of(const char *kind, hub_bytes pupil, int32_t moment)
{
    char text[16];
    (void)snprintf(text, sizeof text, "%" PRId32, moment);
    const hub_bytes PARTS[] = {pupil, hub_bytes_of_text(text)};
    return formats_key_of(kind, PARTS, 2);
}

/* The first mark of the run that the E mark of this moment belongs to; 0: no E stands there. */
static hub_status get_first(kit_sink *sink, hub_bytes pupil, int32_t moment, int32_t *first)
{
    formats_key key = key_of("excluded", pupil, moment);
    hub_buffer value = {0};
    hub_status status = sink->ops->get(sink, key.text, &value);
    *first = status == HUB_OK ? (int32_t)strtol(hub_buffer_text(&value), NULL, 10) : 0;
    hub_buffer_free(&value);
    return status == HUB_ERR_NOT_FOUND ? HUB_OK : status;
}

static hub_status put_first(kit_sink *sink, hub_bytes pupil, int32_t moment, int32_t first)
{
    char text[16] = "";
    formats_key key = key_of("excluded", pupil, moment);
    if (first != 0) (void)snprintf(text, sizeof text, "%" PRId32, first);
    return sink->ops->put(sink, key.text, hub_bytes_of_text(text)); /* nothing: forgotten */
}

/* Of a mark that came after newer ones: the run of one of the sessions before, else its own. */
static hub_status find_first(kit_sink *sink, hub_bytes pupil, const education_mark *mark, int32_t *first)
{
    formats_date date = mark->date;
    Mash__V1__Session session = mark->session;
    hub_status status = HUB_OK;
    *first = 0;
    for (int back = 0; back < SESSIONS_BACK && *first == 0 && status == HUB_OK; back++) {
        if (session == MASH__V1__SESSION__SESSION_MORNING) {
            Mash__V1__Date day = MASH__V1__DATE__INIT;
            int32_t number = 0;
            day.year = date.year, day.month = date.month, day.day = date.day;
            (void)event_date_day(&day, &number);
            event_day_date(number - 1, &date.year, &date.month, &date.day);
        }
        session = session == MASH__V1__SESSION__SESSION_MORNING ? MASH__V1__SESSION__SESSION_AFTERNOON
                                                                : MASH__V1__SESSION__SESSION_MORNING;
        status = get_first(sink, pupil, education_moment(date, session), first);
    }
    if (*first == 0) *first = education_moment(mark->date, mark->session);
    return status;
}

static formats_draft *open_exclusion(kit_sink *sink, const kit_mapping_options *options, const education_mark *mark,
                                     const char *summary)
{
    formats_draft *draft = education_open_draft(sink, options, mark);
    if (draft == NULL) return NULL;
    Mash__V1__Exclusion *exclusion = FORMATS_PAYLOAD(draft, EXCLUSION, exclusion, exclusion);
    exclusion->from = formats_date_message(draft, mark->date); /* E does not say whether for a time or for good */
    exclusion->reason = formats_text(draft, mark->comment);
    exclusion->school_urn = formats_text(draft, mark->school_urn);
    draft->event.summary = formats_word(draft, summary);
    return draft;
}

static void set_standing(formats_memory *memory, long standing)
{
    (void)snprintf(memory->said, sizeof memory->said, "%ld", standing);
}

/* One more E mark of this run. */
static hub_status add_mark(kit_sink *sink, const kit_mapping_options *options, const education_mark *mark, hub_bytes pupil,
                           int32_t first)
{
    formats_key key = key_of("exclusion", pupil, first);
    formats_memory memory;
    hub_status status = formats_recall(sink, &key, &memory);
    if (status != HUB_OK) return status;
    long standing = strtol(memory.said, NULL, 10);
    set_standing(&memory, standing + 1);
    if (standing == 0) {
        formats_draft *draft = open_exclusion(sink, options, mark, "Excluded from school");
        if (draft == NULL) return HUB_ERR_MEMORY;
        status = formats_put_wording(draft, &key, &memory, key.text, mark->record, mark->place);
    } else {
        status = formats_remember(sink, &key, &memory);
    }
    if (status == HUB_OK) status = put_first(sink, pupil, education_moment(mark->date, mark->session), first);
    return formats_go_on(status);
}

static hub_status withdraw(kit_sink *sink, const kit_mapping_options *options, const education_mark *mark, const formats_key *key,
                           formats_memory *memory)
{
    char reference[FORMATS_KEY_BYTES + 16];
    hub_id id;
    formats_draft *draft = open_exclusion(sink, options, mark, "Not excluded from school after all");
    uint8_t *target = hub_arena_take(sink->arena, HUB_ID_BYTES);
    if (draft == NULL || target == NULL) return HUB_ERR_MEMORY;
    if (!hub_id_parse(memory->event_id, &id)) return HUB_ERR_CORRUPT;
    memcpy(target, id.bytes, HUB_ID_BYTES);
    draft->event.retracts = (ProtobufCBinaryData){.len = HUB_ID_BYTES, .data = target};
    memory->revision++;
    memory->event_id[0] = '\0'; /* nothing stands that a next wording could replace */
    (void)snprintf(reference, sizeof reference, "%s;%" PRIu32, key->text, memory->revision);
    return formats_draft_put(draft, reference, NULL, mark->record, mark->place);
}

/* An E mark of this run has become another. */
static hub_status take_mark(kit_sink *sink, const kit_mapping_options *options, const education_mark *mark, hub_bytes pupil,
                            int32_t first)
{
    formats_key key = key_of("exclusion", pupil, first);
    formats_memory memory;
    hub_status status = formats_recall(sink, &key, &memory);
    if (status != HUB_OK) return status;
    long standing = strtol(memory.said, NULL, 10) - 1;
    set_standing(&memory, standing);
    if (standing <= 0) status = withdraw(sink, options, mark, &key, &memory);
    if (status == HUB_OK) status = formats_remember(sink, &key, &memory);
    if (status == HUB_OK) status = put_first(sink, pupil, education_moment(mark->date, mark->session), 0);
    return formats_go_on(status);
}

hub_status education_put_exclusion(kit_sink *sink, const kit_mapping_options *options, const education_mark *mark,
                                   hub_bytes pupil, int32_t first_of_run)
{
    bool is_excluded = mark->code->meaning == EDUCATION_EXCLUDED;
    int32_t first;
    hub_status status = get_first(sink, pupil, education_moment(mark->date, mark->session), &first);
    if (status != HUB_OK || is_excluded == (first != 0)) return status; /* as it was */
    if (!is_excluded) return take_mark(sink, options, mark, pupil, first);
    if (first_of_run == 0) status = find_first(sink, pupil, mark, &first_of_run);
    return status == HUB_OK ? add_mark(sink, options, mark, pupil, first_of_run) : status;
}
