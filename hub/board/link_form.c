#include "link_form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board/act_input.h"
#include "board/said.h"
#include "event/event.h"
#include "event/person_name.h"

enum {
    MENTIONS_MAX = 256,
    RECORDS_ASKED = 100, /* of the alert, the newest */
    FOUND_ASKED = 50,    /* of one name and birth date */
    NAMES_ASKED = 8,     /* of the alert's people */
    PAIRS_MAX = 32,
    SHOWN_OF_ONE = 3, /* records that name somebody, beside a pair */
    KEY_MAX = 300,
};

/* What one record says of one person, as far as this person may read it. Texts are in the arena; `said` and `from` are HTML. */
typedef struct mention {
    uint64_t sequence, number, joined;
    uint32_t subject;
    Mash__V1__LinkEvidence known_by;
    bool is_here; /* a record of the alert */
    Mash__V1__Date born;
    const char *family, *given, *said, *from;
} mention;

struct link_people {
    mention items[MENTIONS_MAX]; /* each answer's the newest first */
    uint32_t count;
    /* while the hub is asked: */
    const act_form *form;
    char item[VISIT_CODE_MAX], keys[NAMES_ASKED][KEY_MAX];
    uint32_t key_count, asked;
    link_form_cb *next;
};

/* ---- what was chosen ------------------------------------------------------------------------------------------------------------ */
static void set_field(visit *v, const char *name, const char *value, size_t size)
{
    const char *kept = hub_arena_copy(&v->arena, value, size);
    if (kept == NULL) return;
    for (size_t i = 0; i < v->form.count; i++) {
        if (strcmp(v->form.fields[i].name, name) == 0) {
            v->form.fields[i].value = kept;
            return;
        }
    }
    if (v->form.count < HTTP_FORM_FIELDS_MAX) v->form.fields[v->form.count++] = (http_field){name, kept};
}

void link_form_take(visit *v)
{
    const char *pair = http_form_text(&v->form, "pair"), *split = http_form_text(&v->form, "split");
    size_t first = strcspn(pair, "-");
    if (pair[0] != '\0' && pair[first] == '-') {
        set_field(v, "person", pair, first);
        set_field(v, "other", pair + first + 1, strlen(pair + first + 1));
    }
    first = strcspn(split, "-");
    if (split[0] == '\0' || split[first] != '-') return;
    const char *rest = split + first + 1;
    size_t second = strcspn(rest, "-");
    bool is_join = rest[0] == 'j';
    set_field(v, "person", split, first);
    set_field(v, "joined", is_join ? rest + 1 : "", is_join ? strlen(rest + 1) : 0);
    set_field(v, "event", is_join ? "" : rest, is_join ? 0 : second);
    set_field(v, "subject", is_join || rest[second] == '\0' ? "" : rest + second + 1,
              is_join || rest[second] == '\0' ? 0 : strlen(rest + second + 1));
}

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

/* The newest that named them themselves, and not somebody who was joined into them. */
static const mention *newest_of(const struct link_people *people, uint64_t number)
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

/* Of records elsewhere: whoever may be one of the alert's people, or was joined into one of them. */
static void take_found(visit *v, const Mash__V1__FoundRecords *found, bool is_here)
{
    struct link_people *people = v->links;
    for (size_t i = 0; i < found->n_people && people->count < MENTIONS_MAX; i++) {
        const Mash__V1__FoundPerson *said = found->people[i];
        const Mash__V1__TailItem *item = item_of(found, said->sequence);
        const char *alert = item == NULL ? NULL : is_here ? people->item : alert_of(v, item);
        const mention *known = newest_of(people, said->person);
        bool is_of_here = known != NULL && known->is_here, is_joined = is_splitting(people) && said->joined != 0;
        bool is_old = !is_here && (is_splitting(people) ? !is_of_here || !is_joined : is_of_here);
        if (said->person == 0 || alert == NULL || is_old || is_kept(people, said->sequence, said->person, said->subject))
            continue;
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
}

/* ---- asking ----------------------------------------------------------------------------------------------------------------------- */
static void ask(visit *v);

/* Whom to look for: the family names and birth dates of the alert's people, as far as they are known to the day. */
static void choose_keys(struct link_people *people)
{
    for (uint32_t i = 0; i < people->count && people->key_count < NAMES_ASKED; i++) {
        const mention *m = &people->items[i];
        char key[KEY_MAX];
        int32_t day;
        if (m->family[0] == '\0' || strlen(m->family) > KEY_MAX - 40 || !event_date_day(&m->born, &day)) continue;
        (void)hub_format(key, sizeof key, "name:%s born:%04d-%02d-%02d", m->family, m->born.year, m->born.month, m->born.day);
        uint32_t before = 0;
        while (before < people->key_count && strcmp(people->keys[before], key) != 0)
            before++;
        if (before == people->key_count) memcpy(people->keys[people->key_count++], key, sizeof key);
    }
}

static void on_found(void *context, link_outcome outcome, const Mash__V1__HubFrame *answer)
{
    visit *v = context;
    if (!visit_again(v)) return;
    struct link_people *people = v->links;
    bool is_first = people->asked == 0;
    bool is_found = outcome == LINK_ANSWERED && answer->body_case == MASH__V1__HUB_FRAME__BODY_FOUND;
    bool is_malformed = outcome == LINK_ANSWERED && answer->body_case == MASH__V1__HUB_FRAME__BODY_FAULT &&
                        answer->fault->code == MASH__V1__FAULT_CODE__FAULT_MALFORMED;
    if (is_found) take_found(v, answer->found, is_first);
    if (is_found && is_first) choose_keys(people);
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

void link_form_ask(visit *v, const act_form *form, const char *item, link_form_cb *next)
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

/* ---- pairs -------------------------------------------------------------------------------------------------------------------------- */
typedef enum agreement { NOT_SAID, AGREES, DIFFERS } agreement;
typedef struct pair {
    const mention *a, *b;
    agreement born, family, given;
} pair;

static agreement compare_names(const char *a, const char *b)
{
    person_words left = {0}, right = {0};
    person_words_add(&left, a);
    person_words_add(&right, b);
    if (left.count == 0 || right.count == 0) return NOT_SAID;
    for (uint32_t i = 0; i < left.count; i++) {
        if (!person_words_has(&right, left.words[i])) return DIFFERS;
    }
    return left.count == right.count ? AGREES : DIFFERS;
}

static agreement compare_days(const Mash__V1__Date *a, const Mash__V1__Date *b)
{
    int32_t left, right;
    if (!event_date_day(a, &left) || !event_date_day(b, &right)) return NOT_SAID;
    return left == right ? AGREES : DIFFERS;
}

static int score(const pair *p)
{
    return 4 * (p->born == AGREES) + 2 * (p->family == AGREES) + (p->given == AGREES);
}

/* The best first; of equal ones the first that came. */
static void add_pair(pair pairs[PAIRS_MAX], uint32_t *count, const mention *a, const mention *b)
{
    pair made = {a, b, compare_days(&a->born, &b->born), compare_names(a->family, b->family), compare_names(a->given, b->given)};
    uint32_t at = *count;
    while (at > 0 && score(&pairs[at - 1]) < score(&made))
        at--;
    if (at == PAIRS_MAX) return;
    uint32_t behind = (*count < PAIRS_MAX ? *count : PAIRS_MAX - 1) - at;
    memmove(&pairs[at + 1], &pairs[at], behind * sizeof *pairs);
    pairs[at] = made;
    if (*count < PAIRS_MAX) (*count)++;
}

/* Everybody of the alert with each other, and with whoever may be one of them. */
static uint32_t pairs_of(const struct link_people *people, pair pairs[PAIRS_MAX])
{
    uint32_t count = 0;
    for (uint32_t i = 0; people != NULL && i < people->count; i++) {
        const mention *a = &people->items[i];
        if (!a->is_here || newest_of(people, a->number) != a) continue;
        for (uint32_t k = 0; k < people->count; k++) {
            const mention *b = &people->items[k];
            bool is_once = b->number != a->number && newest_of(people, b->number) == b && (!b->is_here || k > i);
            bool may_be = b->is_here || compare_days(&a->born, &b->born) == AGREES;
            if (is_once && may_be) add_pair(pairs, &count, a, b);
        }
    }
    return count;
}

static void put_person(html_page *p, const mention *m)
{
    hub_buffer_put_text(p, m->said); /* HTML: made by kept_said */
    html(p, " (person ");
    html_number(p, (int64_t)m->number);
    html(p, ")");
}

static void put_those(html_page *p, const pair *of, agreement which)
{
    const struct {
        agreement is;
        const char *words;
    } rows[] = {{of->born, "birth date"}, {of->family, "family name"}, {of->given, "given names"}};
    uint32_t said = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].is != which) continue;
        if (said++ > 0) html(p, ", ");
        html_text(p, rows[i].words);
    }
    if (said == 0) html(p, "nothing that you may read");
}

static void put_side(html_page *p, const struct link_people *people, const mention *of)
{
    uint32_t shown = 0;
    html(p, "<div><strong>Person ");
    html_number(p, (int64_t)of->number);
    html(p, "</strong>");
    for (uint32_t i = 0; i < people->count && shown < SHOWN_OF_ONE; i++) {
        const mention *m = &people->items[i];
        if (m->number != of->number) continue;
        html(p, "<br>");
        hub_buffer_put_text(p, m->said); /* HTML: made by kept_said, */
        html(p, " &ndash; ");
        hub_buffer_put_text(p, m->from); /* and kept_from */
        shown++;
    }
    html(p, "</div>");
}

/* ---- radios ------------------------------------------------------------------------------------------------------------------------- */
typedef struct radios {
    html_page *p;
    const char *name, *first_id, *chosen;
    char id[VISIT_CODE_MAX];
    uint32_t count;
} radios;

/* The first one bears the field's own id: an error's link leads there. */
static void begin_radio(radios *r, const char *value)
{
    html_page *p = r->p;
    (void)hub_format(r->id, sizeof r->id, r->count == 0 ? "%s" : "%s-%u", r->first_id, r->count);
    html(p, "<div class=\"govuk-radios__item\"><input class=\"govuk-radios__input\" type=\"radio\" name=\"");
    html_attribute(p, r->name);
    html(p, "\" id=\"");
    html_attribute(p, r->id);
    html(p, "\" value=\"");
    html_attribute(p, value);
    html(p, "\" aria-describedby=\"");
    html_attribute(p, r->id);
    html(p, "-hint\"");
    if (strcmp(r->chosen, value) == 0) html(p, " checked");
    html(p, "><label class=\"govuk-label govuk-radios__label\" for=\"");
    html_attribute(p, r->id);
    html(p, "\">");
    r->count++;
}

static void begin_hint(radios *r)
{
    html(r->p, "</label><div class=\"govuk-hint govuk-radios__hint\" id=\"");
    html_attribute(r->p, r->id);
    html(r->p, "-hint\">");
}

static void put_pair(radios *r, const struct link_people *people, const pair *of)
{
    char value[48];
    (void)hub_format(value, sizeof value, "%llu-%llu", (unsigned long long)of->a->number, (unsigned long long)of->b->number);
    begin_radio(r, value);
    put_person(r->p, of->a);
    html(r->p, " and ");
    put_person(r->p, of->b);
    begin_hint(r);
    html(r->p, "Agrees: ");
    put_those(r->p, of, AGREES);
    html(r->p, ". Differs: ");
    put_those(r->p, of, DIFFERS);
    html(r->p, ".<div class=\"board-columns\">");
    put_side(r->p, people, of->a);
    put_side(r->p, people, of->b);
    html(r->p, "</div></div></div>");
}

static const char *known_by(Mash__V1__LinkEvidence evidence)
{
    static const char *const WORDS[] = {
        [MASH__V1__LINK_EVIDENCE__LINK_EVIDENCE_NONE] = "they were not known before, and have no number to be known by",
        [MASH__V1__LINK_EVIDENCE__LINK_EVIDENCE_NEW_IDENTIFIER] = "they were not known before",
        [MASH__V1__LINK_EVIDENCE__LINK_EVIDENCE_NHS_NUMBER] = "the NHS number is the same",
        [MASH__V1__LINK_EVIDENCE__LINK_EVIDENCE_UPN] = "the UPN is the same",
        [MASH__V1__LINK_EVIDENCE__LINK_EVIDENCE_PNC] = "the PNC number is the same",
        [MASH__V1__LINK_EVIDENCE__LINK_EVIDENCE_CRO] = "the CRO number is the same",
        [MASH__V1__LINK_EVIDENCE__LINK_EVIDENCE_CRN] = "the CRN is the same",
        [MASH__V1__LINK_EVIDENCE__LINK_EVIDENCE_NOMS] = "the NOMS number is the same",
        [MASH__V1__LINK_EVIDENCE__LINK_EVIDENCE_LOCAL] = "the system's own number is the same",
    };
    bool is_known = (size_t)evidence < sizeof WORDS / sizeof WORDS[0] && WORDS[evidence] != NULL;
    return is_known ? WORDS[evidence] : "a person has found it";
}

/* A join is undone once, whatever record tells of it. */
static bool is_first_of_join(const struct link_people *people, const mention *m)
{
    const mention *before = people->items;
    while (before < m && before->joined != m->joined)
        before++;
    return m->joined != 0 && before == m;
}

static void put_join(radios *r, const struct link_people *people, const mention *m)
{
    char value[72];
    (void)hub_format(value, sizeof value, "%llu-j%llu", (unsigned long long)m->number, (unsigned long long)m->joined);
    begin_radio(r, value);
    hub_buffer_put_text(r->p, m->said); /* HTML: made by kept_said */
    html(r->p, " (person ");
    html_number(r->p, (int64_t)m->joined);
    html(r->p, ") was wrongly joined with ");
    put_person(r->p, newest_of(people, m->number));
    begin_hint(r);
    hub_buffer_put_text(r->p, m->from); /* HTML: made by kept_from */
    html(r->p, ", named them. Found since, by a person or by a record with numbers of both: the two are one</div></div>");
}

static void put_mention(radios *r, const struct link_people *people, const mention *m)
{
    char value[72];
    (void)hub_format(value, sizeof value, "%llu-%llu-%u", (unsigned long long)m->number, (unsigned long long)m->sequence,
                     m->subject);
    begin_radio(r, value);
    hub_buffer_put_text(r->p, m->said); /* HTML: made by kept_said */
    html(r->p, " of record ");
    html_number(r->p, (int64_t)m->sequence);
    html(r->p, " is not ");
    put_person(r->p, newest_of(people, m->number));
    begin_hint(r);
    hub_buffer_put_text(r->p, m->from); /* HTML: made by kept_from */
    html(r->p, ". Taken for person ");
    html_number(r->p, (int64_t)m->number);
    html(r->p, " because ");
    html_text(r->p, known_by(m->known_by));
    html(r->p, "</div></div>");
}

static void put_splits(radios *r, const struct link_people *people)
{
    for (uint32_t i = 0; people != NULL && i < people->count; i++) {
        const mention *m = &people->items[i];
        if (is_first_of_join(people, m)) put_join(r, people, m);
        if (m->is_here && m->subject != 0) put_mention(r, people, m);
    }
}

/* ---- the inputs --------------------------------------------------------------------------------------------------------------------- */
/* What the link that opened the form means: of "Not them", the record that stands there. */
static void chosen_split(const visit *v, char out[72])
{
    const char *chosen = http_form_text(&v->form, "split"), *event = act_form_brought(v, "event");
    if (chosen[0] != '\0' || event[0] == '\0') {
        (void)hub_format(out, 72, "%s", chosen);
    } else {
        (void)hub_format(out, 72, "%.20s-%.20s-%.20s", act_form_brought(v, "person"), event, act_form_brought(v, "subject"));
    }
}

static void put_numbers(visit *v, const act_form *form, bool has_radios, bool is_chosen)
{
    html_page *p = &v->page;
    if (has_radios) {
        html(p,
             "<details class=\"govuk-details govuk-!-margin-top-4\"><summary class=\"govuk-details__summary\"><span "
             "class=\"govuk-details__summary-text\">Somebody else, by number</span></summary><div class=\"govuk-details__text\">"
             "<p class=\"govuk-body\">Leave everything above unmarked. The numbers stand under How the hub decided, on the "
             "alert's page.</p>");
    }
    for (size_t i = 0; i < ACT_FIELDS_MAX && form->fields[i].name != NULL; i++) {
        const act_field *field = &form->fields[i];
        char id[VISIT_CODE_MAX];
        if (field->input != INPUT_LINKED && field->input != INPUT_LINKED_TOO) continue;
        (void)hub_format(id, sizeof id, has_radios && field->input == INPUT_LINKED ? "%s-number" : "%s", field->name);
        act_input_line(v, field, id, is_chosen ? "" : act_form_brought(v, field->name));
    }
    if (has_radios) html(p, "</div></details>");
}

void link_form_put(visit *v, const act_field *field, const char *problem)
{
    html_page *p = &v->page;
    const struct link_people *people = v->links;
    const act_form *form = act_form_of(v->part[1], v->part[0][0]);
    bool is_split = form->kind == MASH__V1__ACT_KIND__ACT_KIND_SPLIT_LINK;
    char chosen[72];
    pair pairs[PAIRS_MAX];
    uint32_t count = is_split ? 0 : pairs_of(people, pairs);
    radios r = {.p = p, .name = is_split ? "split" : "pair", .first_id = field->name, .chosen = chosen};
    chosen_split(v, chosen);
    if (!is_split) (void)hub_format(chosen, sizeof chosen, "%s", http_form_text(&v->form, "pair"));
    act_input_begin(v, field, is_split ? "What is wrong" : "Who they are", problem);
    html(p, "<div class=\"govuk-radios govuk-radios--small\">");
    for (uint32_t i = 0; i < count; i++)
        put_pair(&r, people, &pairs[i]);
    if (is_split) put_splits(&r, people);
    html(p, "</div>");
    if (r.count == 0) html(p, "<p class=\"govuk-body\">Nobody can be offered here: enter numbers.</p>");
    put_numbers(v, form, r.count > 0, chosen[0] != '\0');
    html(p, "</fieldset>");
}

/* ---- the answers -------------------------------------------------------------------------------------------------------------------- */
static const mention *named_by(const struct link_people *people, uint64_t sequence, uint64_t subject)
{
    for (uint32_t i = 0; people != NULL && i < people->count; i++) {
        if (people->items[i].sequence == sequence && (subject == 0 || people->items[i].subject == subject))
            return &people->items[i];
    }
    return NULL;
}

static const mention *joined_as(const struct link_people *people, uint64_t number)
{
    for (uint32_t i = 0; people != NULL && i < people->count; i++) {
        if (people->items[i].joined == number) return &people->items[i];
    }
    return NULL;
}

void link_form_put_answer(visit *v, const act_field *field)
{
    html_page *p = &v->page;
    const char *typed = http_form_text(&v->form, field->name);
    uint64_t number = strtoull(typed, NULL, 10), event = strtoull(http_form_text(&v->form, "event"), NULL, 10);
    bool is_event = strcmp(field->name, "event") == 0, is_subject = strcmp(field->name, "subject") == 0;
    bool is_joined = strcmp(field->name, "joined") == 0;
    const mention *m = is_event     ? named_by(v->links, number, 0)
                       : is_subject ? named_by(v->links, event, number)
                       : is_joined  ? joined_as(v->links, number)
                                    : newest_of(v->links, number);
    if (typed[0] == '\0') {
        html(p, "-");
        return;
    }
    if (m != NULL) hub_buffer_put_text(p, is_event ? m->from : m->said); /* HTML: made by kept_from, kept_said */
    if (is_event || is_subject) {
        if (m == NULL) html_text(p, typed);
        return;
    }
    html_text(p, m == NULL ? "Person " : " (person ");
    html_text(p, typed);
    if (m != NULL) html(p, ")");
}
