#include "formats/identity.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const PART_WORDS[FORMATS_IDENTITY_PARTS] = {"number", "date of birth", "date of death"};

/* A digest: what is remembered names nobody. */
static void digest_of(hub_bytes text, char out[17])
{
    if (text.size == 0) {
        (void)snprintf(out, 17, "-");
        return;
    }
    formats_key key = formats_key_of("said", &text, 1);
    (void)snprintf(out, 17, "%.16s", strchr(key.text, '/') + 1);
}

static void digest_of_date(formats_date date, char out[17])
{
    char text[48] = "";
    if (date.year != 0) (void)snprintf(text, sizeof text, "%" PRId32 "-%" PRId32 "-%" PRId32, date.year, date.month, date.day);
    digest_of(hub_bytes_of_text(text), out);
}

/* "2 n b d", and once an event was told: its id and what was said before it. */
static hub_status read_person(kit_sink *sink, const char *text, formats_person *out)
{
    int count = sscanf(text, "%" SCNu32 " %16s %16s %16s %32s %16s %16s %16s", &out->revision, out->said[0], out->said[1],
                       out->said[2], out->event_id, out->before[0], out->before[1], out->before[2]);
    hub_id id;
    if (count != 4 && count != 8) return HUB_ERR_CORRUPT;
    if (count == 4 || strcmp(out->event_id, "-") == 0) return HUB_OK;
    if (!hub_id_parse(out->event_id, &id)) return HUB_ERR_CORRUPT;
    hub_status status = sink->ops->was_refused(sink, &id);
    if (status == HUB_OK) memcpy(out->said, out->before, sizeof out->said);
    return status == HUB_ERR_NOT_FOUND ? HUB_OK : status;
}

hub_status formats_person_recall(kit_sink *sink, const formats_key *key, const formats_identity *identity, formats_person *out)
{
    char stated[FORMATS_IDENTITY_PARTS][17];
    hub_buffer value = {0};
    *out = (formats_person){.key = *key, .said = {"-", "-", "-"}, .before = {"-", "-", "-"}, .event_id = "-"};
    hub_status status = sink->ops->get(sink, key->text, &value);
    out->is_first = status == HUB_ERR_NOT_FOUND;
    if (status == HUB_OK) status = read_person(sink, hub_buffer_text(&value), out);
    hub_buffer_free(&value);
    char known[FORMATS_IDENTITY_PARTS][17];
    memcpy(known, out->said, sizeof known);
    digest_of(identity->number, stated[FORMATS_IDENTITY_NUMBER]);
    digest_of_date(identity->birth, stated[FORMATS_IDENTITY_BIRTH]);
    digest_of_date(identity->death, stated[FORMATS_IDENTITY_DEATH]);
    for (size_t i = 0; i < FORMATS_IDENTITY_PARTS; i++) {
        out->news[i] = stated[i][0] != '-' && strcmp(stated[i], out->said[i]) != 0; /* I2 */
        if (out->news[i]) memcpy(out->said[i], stated[i], sizeof out->said[i]);
    }
    if (formats_person_has_news(out)) memcpy(out->before, known, sizeof known);
    return out->is_first ? HUB_OK : status;
}

bool formats_person_has_news(const formats_person *person)
{
    bool any = false;
    for (size_t i = 0; i < FORMATS_IDENTITY_PARTS; i++)
        any = any || person->news[i];
    return any && !person->is_first; /* I1 */
}

hub_status formats_person_keep(kit_sink *sink, const formats_person *person)
{
    char text[192];
    (void)snprintf(text, sizeof text, "%" PRIu32 " %s %s %s %s %s %s %s", person->revision, person->said[0], person->said[1],
                   person->said[2], person->event_id, person->before[0], person->before[1], person->before[2]);
    return sink->ops->put(sink, person->key.text, hub_bytes_of_text(text));
}

static void fill_change(formats_draft *draft, const formats_person *person)
{
    char text[96] = "";
    size_t used = 0;
    for (size_t i = 0; i < FORMATS_IDENTITY_PARTS; i++) {
        if (!person->news[i]) continue;
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", used > 0 ? ", " : "", PART_WORDS[i]);
    }
    (void)snprintf(text + used, sizeof text - used, " stated");
    FORMATS_PAYLOAD(draft, IDENTITY_CHANGE, identity_change, identity_change)->description = formats_word(draft, text);
    draft->event.occurred_at = 1; /* a file says what is so, not since when */
    draft->event.summary = formats_word(draft, "More is known of who somebody is");
}

static void fill_death(formats_draft *draft, const formats_identity *identity)
{
    FORMATS_PAYLOAD(draft, DEATH, death, death)->date = formats_date_message(draft, identity->death);
    if (!formats_instant_of_date(identity->death, draft->options, &draft->event.occurred_at)) draft->event.occurred_at = 1;
    draft->event.summary = formats_word(draft, "Died");
}

hub_status formats_person_tell(formats_draft *draft, formats_person *person, const formats_identity *identity, hub_bytes record,
                               kit_place place)
{
    char reference[FORMATS_KEY_BYTES + 16];
    if (person->news[FORMATS_IDENTITY_DEATH])
        fill_death(draft, identity);
    else
        fill_change(draft, person);
    person->revision++;
    (void)snprintf(reference, sizeof reference, "%s;%" PRIu32, person->key.text, person->revision);
    hub_status status = formats_draft_put(draft, reference, NULL, record, place);
    if (status != HUB_OK) return formats_go_on(status);
    hub_id id;
    event_id_derive(draft->profile->agency, draft->options->source_system, reference, (uint32_t)draft->event.payload_case, NULL,
                    &id);
    hub_hex(id.bytes, sizeof id.bytes, person->event_id);
    return formats_person_keep(draft->sink, person);
}
