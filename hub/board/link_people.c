#include "link_people.h"

#include <stdlib.h>
#include <string.h>

#include "board/said.h"
#include "event/event.h"

enum {
    RECORDS_ASKED = 100, /* of the alert, the newest */
    FOUND_ASKED = 50,    /* of one name and birth date */
};

/* ---- what the hub tells ----------------------------------------------------------------------------------------------------------- */
static const char *kept_text(visit *v, html_page *text)
{
    const char *kept = text->failed ? NULL : hub_arena_copy(&v->arena, hub_buffer_text(text), text->size);
    if (kept == NULL) v->page.failed = true; /* X4 */
    hub_buffer_free(text);
    return kept == NULL ? "" : kept;
}

static const char *kept_names(visit *v, char *const *names, size_t count)
{
    hub_buffer text = {0};
    for (size_t i = 0; i < count; i++)
        hub_buffer_put_format(&text, "%s%s", i > 0 ? " " : "", names[i]);
    return kept_text(v, &text);
}

static const char *kept_said(visit *v, const Mash__V1__FoundPerson *found)
{
    Mash__V1__Subject subject = MASH__V1__SUBJECT__INIT;
    html_page text = {0};
    subject.family_name = found->family_name;
    subject.n_given_names = found->n_given_names;
    subject.given_names = found->given_names;
    subject.date_of_birth = found->date_of_birth;
    subject.n_roles = found->n_roles;
    subject.roles = found->roles;
    said_person(&text, &subject);
    return kept_text(v, &text);
}

/* "police: child concern, Mon 5 Oct 2026 14:05 BST, alert A7, record 42" */
static const char *kept_from(visit *v, const Mash__V1__TailItem *item, const char *alert)
{
    html_page text = {0};
    char words[64];
    const char *agency = event_agency_name(item->agency);
    (void)hub_format(words, sizeof words, "%s", item->payload[0] == '\0' ? item->what : item->payload);
    for (char *at = words; *at != '\0'; at++)
        if (*at == '_') *at = ' ';
    html_text(&text, item->agency == MASH__V1__AGENCY__AGENCY_UNSPECIFIED || agency == NULL ? "an agency" : agency);
    html(&text, ": ");
    html_text(&text, words);
    html(&text, ", ");
    page_when(&text, v->b->policy, item->time_ms);
    html(&text, ", alert ");
    html_text(&text, alert);
    html(&text, ", record ");
    html_number(&text, (int64_t)item->sequence);
    return kept_text(v, &text);
}

static const Mash__V1__TailItem *item_of(const Mash__V1__FoundRecords *found, uint64_t sequence)
{
    for (size_t i = 0; i < found->n_items; i++) {
        if (found->items[i]->sequence == sequence) return found->items[i];
    }
    return NULL;
}

/* An alert of the record that this person has in their lists; NULL: none, and so nobody whom they could confirm anything of. */
static const char *alert_of(const visit *v, const Mash__V1__TailItem *item)
{
    for (size_t i = 0; i < item->n_alert_ids; i++) {
        if (sight_find(&v->sees, strtoull(item->alert_ids[i] + 1, NULL, 10)) != NULL) return item->alert_ids[i];
    }
    return NULL;
}

const mention *link_people_newest(const struct link_people *people, uint64_t number)
{
    const mention *newest = NULL;
    for (uint32_t i = 0; people != NULL && i < people->count; i++) {
        const mention *m = &people->items[i];
        bool is_better = newest == NULL || (m->joined == 0 && newest->joined != 0) ||
                         ((m->joined == 0) == (newest->joined == 0) && m->sequence > newest->sequence);
        if (m->number == number && is_better) newest = m;
    }
    return newest;
}

static bool is_kept(const struct link_people *people, uint64_t sequence, uint64_t number, uint32_t subject)
{
    for (uint32_t i = 0; i < people->count; i++) {
        const mention *m = &people->items[i];
        if (m->sequence == sequence && m->number == number && m->subject == subject) return true;
    }
    return false;
}

static bool is_splitting(const struct link_people *people)
{
    return people->form->kind == MASH__V1__ACT_KIND__ACT_KIND_SPLIT_LINK;
}

/* Whom to look for: the family names and birth dates of the alert's people, as far as they are known to the day. */
static void add_key(struct link_people *people, const Mash__V1__FoundPerson *said)
{
    char key[LINK_KEY_MAX];
    int32_t day;
    const Mash__V1__Date *born = said->date_of_birth;
    bool is_known = said->family_name[0] != '\0' && born != NULL && event_date_day(born, &day);
    if (!is_known || strlen(said->family_name) > LINK_KEY_MAX - 40) return;
    (void)hub_format(key, sizeof key, "name:%s born:%04d-%02d-%02d", said->family_name, born->year, born->month, born->day);
    uint32_t before = 0;
    while (before < people->key_count && strcmp(people->keys[before], key) != 0)
        before++;
    if (before < people->key_count) return;
    if (before == LINK_NAMES_ASKED) {
        people->is_cut = true;
    } else {
        memcpy(people->keys[people->key_count++], key, sizeof key);
    }
}

/* A pair shows no more of somebody: the others would take the room of those who may be one with them. Of whom they were joined with as much. */
static bool is_said_enough(const struct link_people *people, const Mash__V1__FoundPerson *said)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < people->count && !is_splitting(people); i++) {
        const mention *m = &people->items[i];
        count += m->number == said->person && (m->joined == 0) == (said->joined == 0);
    }
    return count >= LINK_SHOWN_OF_ONE;
}

/* Of records elsewhere: whoever may be one of the alert's people; for a split, what else names one of them, or whom was joined into one. */
static bool is_wanted(const struct link_people *people, const Mash__V1__FoundPerson *said, bool is_here)
{
    const mention *known = link_people_newest(people, said->person);
    bool is_of_here = known != NULL && known->is_here;
    if (said->person == 0 || is_kept(people, said->sequence, said->person, said->subject)) return false;
    if (is_here) return true;
    return is_splitting(people) == is_of_here;
}

static void add_mention(visit *v, const Mash__V1__FoundPerson *said, const Mash__V1__TailItem *item, const char *alert,
                        bool is_here)
{
    struct link_people *people = v->links;
    uint32_t room = is_here && !is_splitting(people) ? LINK_HERE_MAX : LINK_MENTIONS_MAX;
    if (people->count >= room) {
        people->is_cut = true;
        return;
    }
    mention *m = &people->items[people->count++];
    *m = (mention){.sequence = said->sequence,
                   .number = said->person,
                   .joined = said->joined,
                   .subject = said->subject,
                   .known_by = said->known_by,
                   .is_here = is_here,
                   .family = kept_names(v, &said->family_name, 1),
                   .given = kept_names(v, said->given_names, said->n_given_names),
                   .said = kept_said(v, said),
                   .from = kept_from(v, item, alert)};
    if (said->date_of_birth != NULL) m->born = *said->date_of_birth;
}

void link_people_take(visit *v, const Mash__V1__FoundRecords *found, bool is_here)
{
    struct link_people *people = v->links;
    if (found->more) people->is_cut = true;
    for (size_t i = 0; i < found->n_people; i++) {
        const Mash__V1__FoundPerson *said = found->people[i];
        const Mash__V1__TailItem *item = item_of(found, said->sequence);
        const char *alert = item == NULL ? NULL : is_here ? people->item : alert_of(v, item);
        if (alert == NULL || !is_wanted(people, said, is_here)) continue;
        if (is_here) add_key(people, said);
        if (!is_said_enough(people, said)) add_mention(v, said, item, alert, is_here);
    }
}

/* ---- asking ----------------------------------------------------------------------------------------------------------------------- */
static void ask(visit *v);

static void on_found(void *context, link_outcome outcome, const Mash__V1__HubFrame *answer)
{
    visit *v = context;
    if (!visit_again(v)) return;
    struct link_people *people = v->links;
    bool is_first = people->asked == 0;
    bool is_found = outcome == LINK_ANSWERED && answer->body_case == MASH__V1__HUB_FRAME__BODY_FOUND;
    bool is_malformed = outcome == LINK_ANSWERED && answer->body_case == MASH__V1__HUB_FRAME__BODY_FAULT &&
                        answer->fault->code == MASH__V1__FAULT_CODE__FAULT_MALFORMED;
    if (is_found) link_people_take(v, answer->found, is_first);
    people->asked++;
    if (!is_found && (is_first || !is_malformed)) { /* a name of no letters cannot be looked for: that is no reason to give up */
        people->next(v,
                     outcome == LINK_AWAY ? "this board is cut off from the hub at the moment" : "the hub cannot tell them now");
    } else if (people->asked <= people->key_count) {
        ask(v);
    } else {
        people->next(v, NULL);
    }
}

static void ask(visit *v)
{
    struct link_people *people = v->links;
    char key[VISIT_CODE_MAX + 8];
    (void)hub_format(key, sizeof key, "alert:%s", people->item);
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    Mash__V1__Query query = MASH__V1__QUERY__INIT;
    query.key = people->asked == 0 ? key : people->keys[people->asked - 1];
    query.limit = people->asked == 0 ? RECORDS_ASKED : FOUND_ASKED;
    query.people = true;
    query.purpose = visit_purpose(v);
    query.on_behalf_of = v->person_id;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_QUERY;
    frame.query = &query;
    link_ask(v->b->gate, &frame, on_found, v);
}

void link_people_ask(visit *v, const act_form *form, const char *item, link_people_cb *next)
{
    v->links = hub_arena_take(&v->arena, sizeof *v->links);
    if (v->links == NULL) {
        next(v, "there is no memory for them now");
        return;
    }
    v->links->form = form;
    v->links->next = next;
    (void)hub_format(v->links->item, sizeof v->links->item, "%s", item);
    ask(v);
}
