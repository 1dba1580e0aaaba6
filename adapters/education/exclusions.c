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

static const char EXCLUDED[] = "excluded";

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

static hub_status get_number(kit_sink *sink, const char *kind, hub_bytes pupil, int32_t moment, int32_t *out)
{
    formats_key key = key_of(kind, pupil, moment);
    hub_buffer value = {0};
    hub_status status = sink->ops->get(sink, key.text, &value);
    *out = status == HUB_OK ? (int32_t)strtol(hub_buffer_text(&value), NULL, 10) : 0;
    hub_buffer_free(&value);
    return status == HUB_ERR_NOT_FOUND ? HUB_OK : status;
}

static hub_status put_number(kit_sink *sink, const char *kind, hub_bytes pupil, int32_t moment, int32_t value)
{
    char text[16];
    formats_key key = key_of(kind, pupil, moment);
    (void)snprintf(text, sizeof text, "%" PRId32, value);
    return sink->ops->put(sink, key.text, hub_bytes_of_text(text));
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
        status = get_number(sink, "excluded", pupil, education_moment(date, session), first);
        if (*first < 0) *first = 0;
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

/* What was told of this run against what is so. The memory knows what the hub refused, so that this is tried again. */
static hub_status tell(kit_sink *sink, const kit_mapping_options *options, const education_mark *mark, const formats_key *key,
                       bool is_so)
{
    formats_memory memory;
    hub_status status = formats_recall(sink, key, &memory);
    if (status != HUB_OK || is_so == (strcmp(memory.newest.said, EXCLUDED) == 0)) return status;
    formats_draft *draft =
        open_exclusion(sink, options, mark, is_so ? "Excluded from school" : "Not excluded from school after all");
    if (draft == NULL) return HUB_ERR_MEMORY;
    if (is_so)
        memory.newest.event_id[0] = '\0'; /* a withdrawal, if anything: nothing that could be amended */
    else
        status = formats_retract(draft, &memory);
    if (status != HUB_OK) return status;
    return formats_put_wording(draft, key, &memory, is_so ? EXCLUDED : "withdrawn", key->text, mark->record, mark->place);
}

hub_status education_put_exclusion(kit_sink *sink, const kit_mapping_options *options, const education_mark *mark,
                                   hub_bytes pupil, int32_t first_of_run)
{
    bool is_excluded = mark->code->meaning == EDUCATION_EXCLUDED;
    int32_t moment = education_moment(mark->date, mark->session);
    int32_t known; /* the first mark of the run that this one belongs to; negative: it is E no more; 0: it never was */
    int32_t standing;
    hub_status status = get_number(sink, "excluded", pupil, moment, &known);
    if (status != HUB_OK || (known == 0 && !is_excluded)) return status;
    bool changes = is_excluded != (known > 0);
    int32_t first = changes && is_excluded ? first_of_run : known < 0 ? -known : known;
    if (first == 0) status = find_first(sink, pupil, mark, &first);
    if (status == HUB_OK) status = get_number(sink, "standing", pupil, first, &standing);
    if (status != HUB_OK) return status;
    if (changes) standing += is_excluded ? 1 : -1;
    formats_key key = key_of("exclusion", pupil, first);
    status = tell(sink, options, mark, &key, standing > 0);
    if (status == HUB_OK && changes) status = put_number(sink, "standing", pupil, first, standing);
    if (status == HUB_OK && changes) status = put_number(sink, "excluded", pupil, moment, is_excluded ? first : -first);
    return formats_go_on(status);
}
