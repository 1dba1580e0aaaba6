#include "link_form.h"

#include <stdlib.h>
#include <string.h>

#include "board/act_input.h"
#include "board/link_people.h"
#include "event/event.h"
#include "event/person_name.h"

enum {
    PAIRS_MAX = 32,
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

/* The best first; of equal ones the first that came; without anything that agrees none: it would be the reader's own finding, and is made by
 * number. false: one is left out that belongs there. */
static bool add_pair(pair pairs[PAIRS_MAX], uint32_t *count, const mention *a, const mention *b)
{
    pair made = {a, b, compare_days(&a->born, &b->born), compare_names(a->family, b->family), compare_names(a->given, b->given)};
    if (score(&made) == 0) return true;
    bool is_full = *count == PAIRS_MAX;
    uint32_t at = *count;
    while (at > 0 && score(&pairs[at - 1]) < score(&made))
        at--;
    if (at == PAIRS_MAX) return false;
    uint32_t behind = (is_full ? PAIRS_MAX - 1 : *count) - at;
    memmove(&pairs[at + 1], &pairs[at], behind * sizeof *pairs);
    pairs[at] = made;
    if (!is_full) (*count)++;
    return !is_full;
}

/* Everybody of the alert with each other where anything of them agrees, and with whoever may be one of them. */
static uint32_t pairs_of(const struct link_people *people, pair pairs[PAIRS_MAX], bool *is_cut)
{
    uint32_t count = 0;
    for (uint32_t i = 0; people != NULL && i < people->count; i++) {
        const mention *a = &people->items[i];
        if (!a->is_here || link_people_newest(people, a->number) != a) continue;
        for (uint32_t k = 0; k < people->count; k++) {
            const mention *b = &people->items[k];
            bool is_once = b->number != a->number && link_people_newest(people, b->number) == b && (!b->is_here || k > i);
            bool may_be = b->is_here || compare_days(&a->born, &b->born) == AGREES;
            if (is_once && may_be && !add_pair(pairs, &count, a, b)) *is_cut = true;
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

/* The records that name this person, but for `without` (NULL: all of them). */
static void put_side(html_page *p, const struct link_people *people, uint64_t number, const mention *without)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < people->count; i++) {
        const mention *m = &people->items[i];
        if (m->number != number || m == without || ++count > LINK_SHOWN_OF_ONE) continue;
        html(p, "<br>");
        hub_buffer_put_text(p, m->said); /* HTML: made by kept_said, */
        html(p, " &ndash; ");
        hub_buffer_put_text(p, m->from); /* and kept_from */
    }
    if (count > LINK_SHOWN_OF_ONE) {
        html(p, "<br>and ");
        html_number(p, count - LINK_SHOWN_OF_ONE);
        html(p, " more");
    }
    if (count == 0) html(p, "<br>no other record that you may read here");
}

static void put_whole_side(html_page *p, const struct link_people *people, uint64_t number)
{
    html(p, "<div><strong>Person ");
    html_number(p, (int64_t)number);
    html(p, "</strong>");
    put_side(p, people, number, NULL);
    html(p, "</div>");
}

/* ---- radios ------------------------------------------------------------------------------------------------------------------------- */
typedef struct radios {
    html_page *p;
    const char *name, *first_id, *chosen;
    char id[VISIT_CODE_MAX];
    uint32_t count;
    bool has_chosen;
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
    if (strcmp(r->chosen, value) == 0) {
        html(p, " checked");
        r->has_chosen = true;
    }
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
    put_whole_side(r->p, people, of->a->number);
    put_whole_side(r->p, people, of->b->number);
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
    put_person(r->p, link_people_newest(people, m->number));
    begin_hint(r);
    hub_buffer_put_text(r->p, m->from); /* HTML: made by kept_from */
    html(r->p, ", named them. Found since, by a person or by a record with numbers of both: the two are one</div></div>");
}

/* The newest other record that names this one's person; NULL: none that is known here. */
static const mention *newest_beside(const struct link_people *people, const mention *of)
{
    const mention *newest = NULL;
    for (uint32_t i = 0; i < people->count; i++) {
        const mention *m = &people->items[i];
        bool is_newer = newest == NULL || m->sequence > newest->sequence;
        if (m != of && m->number == of->number && is_newer) newest = m;
    }
    return newest;
}

static void put_mention(radios *r, const struct link_people *people, const mention *m)
{
    const mention *beside = newest_beside(people, m);
    char value[72];
    (void)hub_format(value, sizeof value, "%llu-%llu-%u", (unsigned long long)m->number, (unsigned long long)m->sequence,
                     m->subject);
    begin_radio(r, value);
    hub_buffer_put_text(r->p, m->said); /* HTML: made by kept_said */
    html(r->p, " of record ");
    html_number(r->p, (int64_t)m->sequence);
    html(r->p, " is not ");
    if (beside != NULL) {
        hub_buffer_put_text(r->p, beside->said); /* likewise */
        html(r->p, " of record ");
        html_number(r->p, (int64_t)beside->sequence);
        html(r->p, ", ");
    }
    html(r->p, "person ");
    html_number(r->p, (int64_t)m->number);
    begin_hint(r);
    html(r->p, "Taken for person ");
    html_number(r->p, (int64_t)m->number);
    html(r->p, " because ");
    html_text(r->p, known_by(m->known_by));
    html(r->p, ".<div class=\"board-columns\"><div><strong>Becomes somebody else</strong><br>");
    hub_buffer_put_text(r->p, m->from); /* HTML: made by kept_from */
    html(r->p, "</div><div><strong>Stays person ");
    html_number(r->p, (int64_t)m->number);
    html(r->p, "</strong>");
    put_side(r->p, people, m->number, m);
    html(r->p, "</div></div></div></div>");
}

/* Named by one record alone, and not because of a number that was known before. Where not everybody was told, nobody can say so. */
static bool stands_alone(const struct link_people *people, const mention *m)
{
    bool was_unknown = m->known_by == MASH__V1__LINK_EVIDENCE__LINK_EVIDENCE_NONE ||
                       m->known_by == MASH__V1__LINK_EVIDENCE__LINK_EVIDENCE_NEW_IDENTIFIER;
    return was_unknown && !people->is_cut && newest_beside(people, m) == NULL;
}

static void put_mentions(radios *r, const struct link_people *people, bool are_alone)
{
    for (uint32_t i = 0; i < people->count; i++) {
        const mention *m = &people->items[i];
        if (m->is_here && m->subject != 0 && stands_alone(people, m) == are_alone) put_mention(r, people, m);
    }
}

/* What can hardly be wrong lies folded: of somebody who stands in one record alone nothing was linked that this person can see. */
static void put_alone(radios *r, const struct link_people *people)
{
    html_page *whole = r->p, folded = {0};
    uint32_t before = r->count;
    bool is_chosen_before = r->has_chosen;
    r->p = &folded;
    put_mentions(r, people, true);
    r->p = whole;
    if (folded.failed) whole->failed = true;
    if (r->count > before) {
        html(whole, "<details class=\"govuk-details govuk-!-margin-top-4\"");
        if (r->has_chosen && !is_chosen_before) html(whole, " open");
        html(whole,
             "><summary class=\"govuk-details__summary\"><span class=\"govuk-details__summary-text\">People whom one record "
             "alone names: nothing is linked that could be split</span></summary><div class=\"govuk-details__text\">");
        hub_buffer_put(whole, folded.data, folded.size);
        html(whole, "</div></details>");
    }
    hub_buffer_free(&folded);
}

static void put_splits(radios *r, const struct link_people *people)
{
    for (uint32_t i = 0; people != NULL && i < people->count; i++) {
        if (is_first_of_join(people, &people->items[i])) put_join(r, people, &people->items[i]);
    }
    if (people == NULL) return;
    put_mentions(r, people, false);
    put_alone(r, people);
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

/* Whom a number means: nobody types one of somebody whom they cannot see. */
static void put_everybody(html_page *p, const struct link_people *people)
{
    html(p, "<ul class=\"govuk-list\">");
    for (uint32_t i = 0; people != NULL && i < people->count; i++) {
        const mention *m = &people->items[i];
        if (!m->is_here || link_people_newest(people, m->number) != m) continue;
        html(p, "<li>");
        put_person(p, m);
        html(p, "</li>");
    }
    html(p, "</ul>");
}

static void put_numbers(visit *v, const act_form *form, bool has_radios, bool is_chosen)
{
    html_page *p = &v->page;
    bool is_split = form->kind == MASH__V1__ACT_KIND__ACT_KIND_SPLIT_LINK;
    if (has_radios) {
        html(p, "<details class=\"govuk-details govuk-!-margin-top-4\"><summary class=\"govuk-details__summary\"><span "
                "class=\"govuk-details__summary-text\">");
        html_text(p, is_split ? "Somebody else, by number" : "Two others, by number");
        html(p,
             "</span></summary><div class=\"govuk-details__text\"><p class=\"govuk-body\">Leave everything above unmarked. More "
             "numbers stand under How the hub decided, on the alert's page.</p>");
    }
    if (!is_split) put_everybody(p, v->links);
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
    bool is_cut = people != NULL && people->is_cut;
    uint32_t count = is_split ? 0 : pairs_of(people, pairs, &is_cut);
    radios r = {.p = p, .name = is_split ? "split" : "pair", .first_id = field->name, .chosen = chosen};
    chosen_split(v, chosen);
    if (!is_split) (void)hub_format(chosen, sizeof chosen, "%s", http_form_text(&v->form, "pair"));
    act_input_begin(v, field, is_split ? "What is wrong" : "Who they are", problem);
    html(p, "<div class=\"govuk-radios govuk-radios--small\">");
    for (uint32_t i = 0; i < count; i++)
        put_pair(&r, people, &pairs[i]);
    if (is_split) put_splits(&r, people);
    html(p, "</div>");
    if (r.count == 0 && people != NULL && people->count > 0) {
        html(p, "<p class=\"govuk-body\">Of no two people here does anything agree that you may read. If you know better, enter "
                "their "
                "numbers.</p>");
    } else if (r.count == 0) {
        html(p, "<p class=\"govuk-body\">Nobody can be offered here: enter numbers.</p>");
    }
    if (is_cut)
        html(
            p,
            "<p class=\"govuk-body\">Not everybody can be offered here: too many are named. Whoever is missing can be entered by "
            "number.</p>");
    put_numbers(v, form, r.count > 0, chosen[0] != '\0');
    html(p, "</fieldset>");
}

/* ---- the answers -------------------------------------------------------------------------------------------------------------------- */
/* Of an event (`subject` NULL) anybody whom it names. */
static const mention *named_by(const struct link_people *people, uint64_t sequence, const uint64_t *subject)
{
    for (uint32_t i = 0; people != NULL && i < people->count; i++) {
        const mention *m = &people->items[i];
        if (m->sequence == sequence && (subject == NULL || m->subject == *subject)) return m;
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
    const mention *m = number == 0  ? NULL /* nobody's: what is not told is 0 too */
                       : is_event   ? named_by(v->links, number, NULL)
                       : is_subject ? named_by(v->links, event, &number)
                       : is_joined  ? joined_as(v->links, number)
                                    : link_people_newest(v->links, number);
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
