#include "core/said.h"

#define ROLE(name) (UINT64_C(1) << MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_##name)

enum { AGENCIES = 32, ADULT_MONTHS = 18 * 12, PUPIL_MONTHS = 19 * 12 };

static const uint64_t CHILDREN = ROLE(CHILD) | ROLE(UNBORN_CHILD);
static const uint64_t GROWN_UP = ROLE(ADULT) | ROLE(ADULT_AT_RISK);

/* ---- words ----------------------------------------------------------------------------------------------------------------- */
/* What one event says of a person's age. */
typedef struct word {
    int32_t birth_day; /* 0 = not stated */
    uint64_t roles;
    int32_t day; /* on which it happened */
    uint8_t agency;
} age_word;

/* The span that a word leaves. A date says it all: the roles beside it were checked against it. A source that says "child" and no date may
 * mean a pupil, who comes of age in the last year at school. */
static core_born born_by(const age_word *said)
{
    core_born born = CORE_BORN_ANY_DAY;
    if (said->birth_day != 0) return (core_born){said->birth_day, said->birth_day};
    if ((said->roles & ROLE(UNBORN_CHILD)) != 0)
        born.from = said->day;
    else if ((said->roles & ROLE(CHILD)) != 0)
        born.from = core_months_before(said->day, PUPIL_MONTHS) + 1;
    if ((said->roles & GROWN_UP) != 0) born.until = core_months_before(said->day, ADULT_MONTHS);
    return born;
}

static core_born both(core_born a, core_born b)
{
    return (core_born){a.from > b.from ? a.from : b.from, a.until < b.until ? a.until : b.until};
}

static bool contradicts(core_born span) /* X2 */
{
    return span.from > span.until;
}

static bool says_the_same(const age_word *a, const age_word *b)
{
    const uint64_t of_age = CHILDREN | GROWN_UP;
    return a->agency == b->agency && a->birth_day == b->birth_day && (a->roles & of_age) == (b->roles & of_age);
}

/* ---- what stands ----------------------------------------------------------------------------------------------------------- */
typedef struct standing {
    const core_state *state;
    uint32_t corrected;       /* the event that is being amended or withdrawn: its words do not stand any more */
    uint32_t since[AGENCIES]; /* of each agency: the event with which its earlier words were replaced */
    core_born born;           /* what all words leave ... */
    core_born dated;          /* ... and the dates alone */
    int32_t days[CORE_BIRTH_DAYS_MAX];
    uint32_t day_count;
    age_word own;          /* of the event being decided */
    uint8_t status;        /* of whom is asked below */
    uint32_t began, ended; /* who said last that it began, and that it ended; bit n = Agency n */
    uint32_t agencies;     /* who say what cannot stand beside the rest; bit n = Agency n */
    bool is_said_already;  /* ... among them own's agency, in the same words */
} standing;

typedef void look_cb(standing *now, const core_history_row *row, const core_event_row *event);

static void look_at(standing *now, uint32_t person, look_cb *look)
{
    uint32_t looked_at = 0;
    for (uint32_t at = core_persons_at(now->state, person)->history; at != 0 && looked_at < CORE_WORDS_MAX; looked_at++) {
        const core_history_row *row = core_history_at(now->state, at);
        const core_event_row *event = core_events_at(now->state, row->event);
        if (!event->withdrawn && row->event != now->corrected) look(now, row, event); /* X1 */
        at = row->next;
    }
}

/* At every word of a person and of those joined into them. */
static void look_at_all(standing *now, uint32_t person, look_cb *look)
{
    look_at(now, person, look);
    for (uint32_t at = core_persons_at(now->state, person)->first_joined; at != 0;
         at = core_persons_at(now->state, at)->next_joined)
        look_at(now, at, look);
}

static void find_replaced(standing *now, const core_history_row *row, const core_event_row *event)
{
    uint32_t *since = &now->since[event->agency % AGENCIES];
    bool replaces = event->payload == MASH__V1__EVENT__PAYLOAD_IDENTITY_CHANGE && row->birth_day != 0;
    if (replaces && row->event > *since) *since = row->event;
}

static void swap(int32_t *a, int32_t *b)
{
    int32_t kept = *a;
    *a = *b;
    *b = kept;
}

/* The latest date is the first, the earliest the second. */
static void add_day(standing *now, int32_t day)
{
    for (uint32_t i = 0; i < now->day_count; i++) {
        if (now->days[i] == day) return;
    }
    if (now->day_count > 0 && day > now->days[0]) swap(&day, &now->days[0]);
    if (now->day_count > 1 && day < now->days[1]) swap(&day, &now->days[1]);
    if (now->day_count < CORE_BIRTH_DAYS_MAX) now->days[now->day_count++] = day;
}

static void add_word(standing *now, const age_word *said)
{
    core_born born = born_by(said);
    now->born = both(now->born, born);
    if (said->birth_day == 0) return;
    now->dated = both(now->dated, born);
    add_day(now, said->birth_day);
}

static age_word word_of(const core_history_row *row, const core_event_row *event)
{
    return (age_word){row->birth_day, row->roles, event->occurred_day, event->agency};
}

static void add_row(standing *now, const core_history_row *row, const core_event_row *event)
{
    age_word said = word_of(row, event);
    if (row->event >= now->since[event->agency % AGENCIES]) add_word(now, &said);
}

static bool is_beside(const standing *now, const age_word *said)
{
    core_born born = born_by(said);
    return born.from > now->born.until || born.until < now->born.from;
}

static void find_sides(standing *now, const core_history_row *row, const core_event_row *event)
{
    age_word said = word_of(row, event);
    if (row->event < now->since[event->agency % AGENCIES] || !is_beside(now, &said)) return;
    now->agencies |= UINT32_C(1) << (said.agency % AGENCIES);
    now->is_said_already = now->is_said_already || says_the_same(&said, &now->own);
}

static standing nothing_said(const core_state *state)
{
    return (standing){.state = state, .born = CORE_BORN_ANY_DAY, .dated = CORE_BORN_ANY_DAY};
}

static standing standing_of(const core_state *state, uint32_t person)
{
    standing now = nothing_said(state);
    look_at_all(&now, person, find_replaced);
    look_at_all(&now, person, add_row);
    return now;
}

/* ---- the fold -------------------------------------------------------------------------------------------------------------- */
static void learn_again(core_state *state, uint32_t person)
{
    standing now = standing_of(state, person);
    core_person_row *row = core_persons_at(state, person);
    row->born = now.born;
    row->birth_day = now.day_count == 0 ? 0 : now.days[0];
}

static int32_t later_day(int32_t a, int32_t b)
{
    return a == 0 || (b != 0 && b > a) ? b : a;
}

/* What contradicts is looked at again from the beginning: a change of identity may settle it (X1). */
static void learn_span(core_state *state, uint32_t person, core_born born, int32_t birth_day)
{
    core_person_row *row = core_persons_at(state, person);
    row->born = both(row->born, born);
    row->birth_day = later_day(row->birth_day, birth_day);
    if (contradicts(row->born)) learn_again(state, person);
}

void core_said_learn(core_state *state, uint32_t person, uint32_t history)
{
    const core_history_row *row = core_history_at(state, history);
    const core_event_row *event = core_events_at(state, row->event);
    age_word said = word_of(row, event);
    if (!event->withdrawn) learn_span(state, person, born_by(&said), said.birth_day);
}

void core_said_forget(core_state *state, uint32_t event)
{
    for (uint32_t at = core_events_at(state, event)->people; at != 0; at = core_history_at(state, at)->beside)
        learn_again(state, core_person_root(state, core_history_at(state, at)->person));
}

void core_said_join(core_state *state, uint32_t from, uint32_t into)
{
    learn_span(state, into, core_persons_at(state, from)->born, core_persons_at(state, from)->birth_day);
}

static void add_roles(core_state *state, uint32_t person, uint32_t *roles)
{
    for (uint32_t at = core_persons_at(state, person)->history; at != 0; at = core_history_at(state, at)->next)
        *roles |= core_history_at(state, at)->roles;
}

static void find_position(standing *now, const core_history_row *row, const core_event_row *event);

void core_said_again(core_state *state, uint32_t person)
{
    core_person_row *row = core_persons_at(state, person);
    row->roles = row->status = 0;
    add_roles(state, person, &row->roles);
    for (uint32_t at = row->first_joined; at != 0; at = core_persons_at(state, at)->next_joined)
        add_roles(state, at, &row->roles);
    for (uint32_t i = 1; i <= MASH__V1__PERSON_STATUS__PERSON_STATUS_ADULT_SAFEGUARDING_PLAN; i++) { /* X4 */
        standing now = nothing_said(state);
        now.status = (uint8_t)i;
        look_at_all(&now, person, find_position);
        if (now.began != 0) row->status |= UINT32_C(1) << i;
    }
    learn_again(state, person);
}

/* ---- deciding -------------------------------------------------------------------------------------------------------------- */
uint32_t core_said_birth_days(const core_state *state, uint32_t person, int32_t days[CORE_BIRTH_DAYS_MAX])
{
    const core_person_row *row = core_persons_at(state, person);
    days[0] = row->birth_day;
    if (row->birth_day == 0 || !contradicts(row->born)) return row->birth_day == 0 ? 0 : 1;
    standing now = standing_of(state, person);
    for (uint32_t i = 0; i < now.day_count; i++)
        days[i] = now.days[i];
    return now.day_count;
}

bool core_said_child(const core_person_row *person, int32_t day)
{
    if (person->birth_day == 0) return (person->roles & CHILDREN) != 0;
    bool by_date = core_months_between(person->birth_day, day) < ADULT_MONTHS;
    bool by_role = (person->roles & CHILDREN) != 0 && person->born.from > person->birth_day;
    return by_date || by_role;
}

int32_t core_said_birth_day(const Mash__V1__Subject *subject)
{
    int32_t day = 0;
    if (subject->date_of_birth != NULL) (void)event_date_day(subject->date_of_birth, &day);
    return day;
}

/* A retraction says nothing. */
static age_word own_word(const core_event_scratch *s, const core_subject *subject)
{
    if (s->event->retracts.len > 0) return (age_word){.agency = (uint8_t)s->event->agency};
    return (age_word){core_said_birth_day(subject->said), subject->roles, s->occurred_day, (uint8_t)s->event->agency};
}

/* Whom this very event joins into `person`: they are not in the state yet. */
static uint32_t joined_now(const core_decider *d, uint32_t person, uint32_t joined[16])
{
    uint32_t count = 0;
    for (size_t i = 0; i < d->count && count < 16; i++) {
        if (d->facts[i]->kind == FACT_PERSONS_JOINED && d->facts[i]->persons_joined->into == person)
            joined[count++] = (uint32_t)d->facts[i]->persons_joined->person;
    }
    return count;
}

static void look_at_everybody(standing *now, uint32_t person, const uint32_t *joined, uint32_t joined_count, look_cb *look)
{
    if (person <= now->state->persons.count) look_at_all(now, person, look);
    for (uint32_t i = 0; i < joined_count; i++)
        look_at_all(now, joined[i], look);
}

static void set_days(core_subject *subject, const standing *now)
{
    for (uint32_t i = 0; i < now->day_count; i++)
        subject->birth_days[i] = now->days[i];
    subject->birth_day_count = now->day_count;
}

static void record_contradiction(core_decider *d, const core_event_scratch *s, size_t subject, Mash__V1__ComparedFact what,
                                 uint32_t agencies, bool is_new)
{
    Mash__V1__FactsContradicted *fact = core_decide_add(d, FACT_FACTS_CONTRADICTED);
    if (fact == NULL) return;
    fact->person = s->subjects[subject].person;
    fact->subject = (uint32_t)subject;
    fact->what = what;
    fact->agencies = agencies;
    if (is_new) core_alarm_in(d, MASH__V1__ALARM_KIND__ALARM_KIND_FACTS_CONTRADICT, 0, s->subjects[subject].area); /* X5 */
}

void core_said_compare(core_decider *d, core_event_scratch *s, size_t index)
{
    core_subject *subject = &s->subjects[index];
    standing now = nothing_said(d->state);
    now.own = own_word(s, subject);
    now.corrected = s->corrected;
    if (s->payload == MASH__V1__EVENT__PAYLOAD_IDENTITY_CHANGE && now.own.birth_day != 0)
        now.since[now.own.agency % AGENCIES] = UINT32_MAX; /* X1 */
    uint32_t joined[16];
    uint32_t joined_count = joined_now(d, subject->person, joined);
    add_word(&now, &now.own);
    for (size_t i = 0; i < index; i++) { /* named twice in one event */
        age_word said = own_word(s, &s->subjects[i]);
        if (s->subjects[i].person == subject->person) add_word(&now, &said);
    }
    bool is_known = subject->person <= d->state->persons.count;
    const core_person_row *row = is_known ? core_persons_at(d->state, subject->person) : NULL;
    bool is_plain = joined_count == 0 && s->corrected == 0 && (row == NULL || !contradicts(both(row->born, now.born)));
    if (is_plain) { /* nearly always */
        if (row != NULL && row->birth_day != 0) add_day(&now, row->birth_day);
    } else {
        look_at_everybody(&now, subject->person, joined, joined_count, find_replaced);
        look_at_everybody(&now, subject->person, joined, joined_count, add_row);
    }
    set_days(subject, &now);
    if (!contradicts(now.born) || (joined_count == 0 && !is_beside(&now, &now.own))) return;
    look_at_everybody(&now, subject->person, joined, joined_count, find_sides);
    bool is_of_dates = contradicts(now.dated) && (now.own.birth_day != 0 || joined_count > 0);
    uint32_t agencies = now.agencies | (is_beside(&now, &now.own) ? UINT32_C(1) << (now.own.agency % AGENCIES) : 0);
    record_contradiction(d, s, index,
                         is_of_dates ? MASH__V1__COMPARED_FACT__COMPARED_FACT_DATE_OF_BIRTH
                                     : MASH__V1__COMPARED_FACT__COMPARED_FACT_AGE,
                         agencies, joined_count > 0 || !now.is_said_already);
}

/* ---- standing status ------------------------------------------------------------------------------------------------------- */
typedef struct status_word {
    Mash__V1__PersonStatus status;
    uint64_t roles; /* whose */
    Mash__V1__Change change;
} status_word;

static status_word status_started_or_ended(const Mash__V1__Event *event)
{
    switch (event->payload_case) {
    case MASH__V1__EVENT__PAYLOAD_PROTECTION_PLAN:
        if (event->protection_plan->kind == MASH__V1__PLAN_KIND__PLAN_KIND_CHILD_PROTECTION) {
            return (status_word){MASH__V1__PERSON_STATUS__PERSON_STATUS_CHILD_PROTECTION_PLAN, CHILDREN,
                                 event->protection_plan->change};
        }
        if (event->protection_plan->kind == MASH__V1__PLAN_KIND__PLAN_KIND_ADULT_SAFEGUARDING) {
            return (status_word){MASH__V1__PERSON_STATUS__PERSON_STATUS_ADULT_SAFEGUARDING_PLAN, ROLE(ADULT_AT_RISK),
                                 event->protection_plan->change};
        }
        break;
    case MASH__V1__EVENT__PAYLOAD_LOOKED_AFTER:
        return (status_word){MASH__V1__PERSON_STATUS__PERSON_STATUS_LOOKED_AFTER, CHILDREN, event->looked_after->change};
    case MASH__V1__EVENT__PAYLOAD_CASE_STATUS:
        return (status_word){MASH__V1__PERSON_STATUS__PERSON_STATUS_OPEN_CASE, CHILDREN | ROLE(ADULT_AT_RISK),
                             event->case_status->change};
    default:
        break;
    }
    return (status_word){MASH__V1__PERSON_STATUS__PERSON_STATUS_UNSPECIFIED, 0, MASH__V1__CHANGE__CHANGE_UNSPECIFIED};
}

/* What began in childhood may end after it: then the role is adult. */
static status_word status_said(const Mash__V1__Event *event)
{
    status_word word = status_started_or_ended(event);
    if (word.change == MASH__V1__CHANGE__CHANGE_ENDED) word.roles |= ROLE(ADULT);
    return word;
}

/* What is raised when agencies contradict each other on it; not on an open case: every agency has its own. */
static Mash__V1__ComparedFact compared(Mash__V1__PersonStatus status)
{
    switch (status) {
    case MASH__V1__PERSON_STATUS__PERSON_STATUS_CHILD_PROTECTION_PLAN:
        return MASH__V1__COMPARED_FACT__COMPARED_FACT_CHILD_PROTECTION_PLAN;
    case MASH__V1__PERSON_STATUS__PERSON_STATUS_LOOKED_AFTER:
        return MASH__V1__COMPARED_FACT__COMPARED_FACT_LOOKED_AFTER;
    case MASH__V1__PERSON_STATUS__PERSON_STATUS_ADULT_SAFEGUARDING_PLAN:
        return MASH__V1__COMPARED_FACT__COMPARED_FACT_ADULT_SAFEGUARDING_PLAN;
    default:
        return MASH__V1__COMPARED_FACT__COMPARED_FACT_UNSPECIFIED;
    }
}

/* Who said last that it began, and who that it ended; of each agency the newest word. */
static void find_position(standing *now, const core_history_row *row, const core_event_row *event)
{
    uint32_t agency = event->agency % AGENCIES;
    if (row->status != now->status || row->event < now->since[agency]) return;
    now->since[agency] = row->event;
    now->began &= ~(UINT32_C(1) << agency);
    now->ended &= ~(UINT32_C(1) << agency);
    *(row->ends ? &now->ended : &now->began) |= UINT32_C(1) << agency;
}

/* Has this agency said that it ended, and nobody since that it began? */
static bool is_ended_already(const standing *now, uint32_t own)
{
    for (uint32_t i = 0; i < AGENCIES; i++) {
        if ((now->began >> i & 1) != 0 && now->since[i] > now->since[own]) return false;
    }
    return (now->ended >> own & 1) != 0;
}

static void change_status(core_decider *d, const core_event_scratch *s, size_t index, Mash__V1__PersonStatus status, bool begins)
{
    core_subject *subject = &s->subjects[index];
    uint32_t bit = UINT32_C(1) << (uint32_t)status;
    uint32_t own = (uint32_t)s->event->agency % AGENCIES;
    bool holds = (subject->status & bit) != 0;
    standing now = nothing_said(d->state);
    now.corrected = s->corrected;
    now.status = (uint8_t)status;
    if (subject->person <= d->state->persons.count) look_at_all(&now, subject->person, find_position);
    if (begins ? holds && (now.began >> own & 1) != 0 : !holds || is_ended_already(&now, own)) return;

    Mash__V1__StatusChanged *fact = core_decide_add(d, FACT_STATUS_CHANGED);
    if (fact == NULL) return;
    uint32_t others = now.began & ~(UINT32_C(1) << own); /* X4 */
    fact->person = subject->person;
    fact->status = status;
    fact->ended_here = !begins && others != 0;
    fact->on = begins || others != 0;
    subject->status = fact->on ? subject->status | bit : subject->status & ~bit;
    if (fact->ended_here && compared(status) != MASH__V1__COMPARED_FACT__COMPARED_FACT_UNSPECIFIED)
        record_contradiction(d, s, index, compared(status), others | UINT32_C(1) << own, true);
}

void core_change_statuses(core_decider *d, core_event_scratch *s)
{
    status_word said = status_said(s->event);
    if (said.change != MASH__V1__CHANGE__CHANGE_STARTED && said.change != MASH__V1__CHANGE__CHANGE_ENDED) return;
    for (size_t i = 0; i < s->subject_count; i++) {
        if ((s->subjects[i].roles & said.roles) != 0)
            change_status(d, s, i, said.status, said.change == MASH__V1__CHANGE__CHANGE_STARTED);
    }
}
