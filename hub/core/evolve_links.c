/* The fold of links that a person has split, and who is who after it. See evolve.c; what is decided is in act_link.c. */
#include "core/evolve.h"
#include "core/said.h"

/* ---- who is who ------------------------------------------------------------------------------------------------------------ */
bool core_is_split_off(const core_state *state, uint32_t person, uint32_t off)
{
    for (uint32_t i = 1; i <= state->aparts.count; i++) { /* people split few links, and few events ask */
        const core_apart_row *row = core_aparts_at(state, i);
        if (core_person_root(state, row->person) == person && core_person_root(state, row->off) == off) return true;
    }
    return false;
}

uint32_t core_subject_history(const core_state *state, uint32_t event, uint32_t subject)
{
    uint32_t named = 0;
    uint32_t newest = core_events_at(state, event)->people;
    for (uint32_t at = newest; at != 0; at = core_history_at(state, at)->beside)
        named++;
    if (subject >= named) return 0;
    uint32_t at = newest; /* the last subject first */
    for (uint32_t i = named - 1; i > subject; i--)
        at = core_history_at(state, at)->beside;
    return at;
}

uint32_t core_linked_now(const core_state *state, uint64_t sequence, const Mash__V1__PersonLinked *fact)
{
    uint32_t person = (uint32_t)fact->person;
    if (state->aparts.count > 0) {
        uint32_t event = core_event_of_sequence(state, sequence);
        uint32_t history = event == 0 ? 0 : core_subject_history(state, event, fact->subject);
        if (history != 0) person = core_history_at(state, history)->person;
    }
    return core_person_root(state, person);
}

bool core_was_joined(const core_state *state, uint32_t person, uint32_t into)
{
    while (person != 0 && person != into)
        person = core_persons_at(state, person)->joined_to;
    return person == into;
}

enum { SPLITS_FOLLOWED_MAX = 64 };

/* ---- alerts about somebody ------------------------------------------------------------------------------------------------- */
typedef struct alert_sought {
    const core_state *state;
    uint32_t person;
    core_alert_of_cb *look;
    void *context;
} alert_sought;

/* `alert`: the newest of a person's or a family's. */
static uint32_t find_in_chain(const alert_sought *sought, uint32_t alert)
{
    while (alert != 0 && !sought->look(sought->state, alert, sought->context))
        alert = core_alerts_at(sought->state, alert)->next;
    return alert;
}

static uint32_t find_by_line(const alert_sought *sought, uint32_t number)
{
    const core_state *state = sought->state;
    uint32_t looked_at = 0;
    for (uint32_t at = core_persons_at(state, number)->history; at != 0 && looked_at < CORE_HISTORY_LOOKED_AT_MAX;
         at = core_history_at(state, at)->next, looked_at++) {
        uint32_t given = core_events_at(state, core_history_at(state, at)->event)->given;
        for (; given != 0; given = core_given_at(state, given)->next) {
            uint32_t alert = core_given_at(state, given)->alert;
            bool has_line = alert != 0 && core_has_line(state, alert, sought->person);
            if (has_line && sought->look(state, alert, sought->context)) return alert;
        }
    }
    return 0;
}

/* ... and of those who are joined into that one. */
static uint32_t find_by_lines(const alert_sought *sought, uint32_t number)
{
    const core_state *state = sought->state;
    uint32_t found = find_by_line(sought, number);
    for (uint32_t at = core_persons_at(state, number)->first_joined; at != 0 && found == 0;
         at = core_persons_at(state, at)->next_joined)
        found = find_by_line(sought, at);
    return found;
}

static bool is_among(const uint32_t *people, uint32_t count, uint32_t person)
{
    for (uint32_t i = 0; i < count; i++) {
        if (people[i] == person) return true;
    }
    return false;
}

/* What was decided on them stays about them, in an alert that went with the events and the family that are another's now: of whom they were split
 * from, or, in the order of the splits, who was split from that one. */
static uint32_t find_since_split(const alert_sought *sought)
{
    const core_state *state = sought->state;
    uint32_t off[SPLITS_FOLLOWED_MAX] = {sought->person}, count = 1;
    uint32_t found = state->aparts.count == 0 ? 0 : find_by_lines(sought, sought->person);
    for (uint32_t i = 1; i <= state->aparts.count && found == 0; i++) {
        const core_apart_row *row = core_aparts_at(state, i);
        if (!is_among(off, count, core_person_root(state, row->person))) continue;
        found = find_by_lines(sought, row->off);
        if (count < SPLITS_FOLLOWED_MAX) off[count++] = core_person_root(state, row->off);
    }
    return found;
}

uint32_t core_find_alert_of(const core_state *state, uint32_t person, core_alert_of_cb *look, void *context)
{
    const alert_sought sought = {.state = state, .person = person, .look = look, .context = context};
    const core_person_row *row = core_persons_at(state, person);
    uint32_t found = find_in_chain(&sought, row->alerts);
    for (uint32_t at = row->memberships; at != 0 && found == 0; at = core_members_at(state, at)->next_of_person)
        found = find_in_chain(&sought, core_families_at(state, core_members_at(state, at)->family)->alerts);
    return found != 0 ? found : find_since_split(&sought);
}

/* ---- splitting ------------------------------------------------------------------------------------------------------------- */
static void unlink_history(core_state *state, uint32_t history)
{
    uint32_t *link = &core_persons_at(state, core_history_at(state, history)->person)->history;
    while (*link != history) {
        HUB_ASSERT(*link != 0);
        link = &core_history_at(state, *link)->next;
    }
    *link = core_history_at(state, history)->next;
}

/* The identifiers that were first told with this row of somebody's history. */
static void move_identifiers(core_state *state, uint32_t history, uint32_t from, uint32_t to)
{
    uint32_t *link = &core_persons_at(state, from)->identifiers;
    while (*link != 0) {
        uint32_t number = *link;
        core_identifier_row *row = core_identifiers_at(state, number);
        if (row->history != history) {
            link = &row->next;
            continue;
        }
        *link = row->next;
        row->person = to;
        row->next = core_persons_at(state, to)->identifiers;
        core_persons_at(state, to)->identifiers = number;
    }
}

static void split_subject(core_state *state, const Mash__V1__LinkSplit *fact)
{
    uint32_t event = core_event_of_sequence(state, fact->event_sequence);
    HUB_ASSERT(event != 0);
    uint32_t history = core_subject_history(state, event, fact->subject);
    HUB_ASSERT(history != 0);
    uint32_t number;
    core_person_row *off = core_pool_add(&state->persons, &number);
    HUB_ASSERT(number == fact->off);
    off->root = number;
    off->born = CORE_BORN_ANY_DAY;
    off->company = core_persons_at(state, core_person_root(state, (uint32_t)fact->person))->company;
    core_history_row *row = core_history_at(state, history);
    uint32_t from = row->person;
    unlink_history(state, history);
    move_identifiers(state, history, from, number);
    row->person = number;
    row->next = 0;
    off->history = history;
}

/* Alerts about one of those alone go with them. */
static void move_alerts(core_state *state, uint32_t from, uint32_t off)
{
    uint32_t *link = &core_persons_at(state, from)->alerts;
    uint32_t *end = &core_persons_at(state, off)->alerts;
    HUB_ASSERT(*end == 0);
    while (*link != 0) {
        uint32_t number = *link;
        core_alert_row *alert = core_alerts_at(state, number);
        if (!core_was_joined(state, alert->person, off)) {
            link = &alert->next;
            continue;
        }
        *link = alert->next;
        *end = number;
        alert->next = 0;
        end = &alert->next;
    }
}

static void undo_join(core_state *state, uint32_t from, uint32_t off)
{
    core_persons_at(state, off)->joined_to = 0;
    uint32_t *stays = &core_persons_at(state, from)->first_joined;
    uint32_t *goes = &core_persons_at(state, off)->first_joined;
    HUB_ASSERT(*goes == 0);
    for (uint32_t at = *stays, next; at != 0; at = next) {
        core_person_row *row = core_persons_at(state, at);
        next = row->next_joined;
        row->next_joined = 0;
        if (!core_was_joined(state, at, off)) {
            *stays = at;
            stays = &row->next_joined;
            continue;
        }
        row->root = off;
        if (at == off) continue;
        *goes = at;
        goes = &row->next_joined;
    }
    *stays = 0;
    move_alerts(state, from, off);
}

void core_fold_link_split(core_fold *f, const Mash__V1__LinkSplit *fact)
{
    core_state *state = f->state;
    uint32_t person = core_person_root(state, (uint32_t)fact->person), off = (uint32_t)fact->off;
    if (fact->event_sequence != 0) {
        split_subject(state, fact);
    } else {
        undo_join(state, person, off);
    }
    core_apart_row *row = core_pool_add(&state->aparts, NULL);
    *row = (core_apart_row){.person = person, .off = off};
    core_said_again(state, person);
    core_said_again(state, off);
    core_fold_mix(state, FACT_LINK_SPLIT, person, off, fact->event_sequence << 8 | fact->subject);
}

/* ---- what rested on it ----------------------------------------------------------------------------------------------------- */
static void give_line(core_state *state, const core_alert_row *alert, uint32_t person, uint32_t to)
{
    for (uint32_t at = alert->lines; at != 0; at = core_lines_at(state, at)->next) {
        core_line_row *line = core_lines_at(state, at);
        if (line->policy == 0 && core_person_root(state, line->person) == person) line->person = to;
    }
}

static void add_line(core_state *state, core_alert_row *alert, uint32_t person)
{
    uint32_t number;
    core_line_row *line = core_pool_add(&state->lines, &number);
    *line = (core_line_row){.person = person, .next = alert->lines};
    alert->lines = number;
    alert->lines_open++;
}

static void give_alert(core_state *state, uint32_t number, uint32_t person, uint32_t to)
{
    core_alert_row *alert = core_alerts_at(state, number);
    uint32_t *link = &core_persons_at(state, person)->alerts;
    while (*link != number) {
        HUB_ASSERT(*link != 0);
        link = &core_alerts_at(state, *link)->next;
    }
    *link = alert->next;
    alert->person = to;
    alert->next = core_persons_at(state, to)->alerts;
    core_persons_at(state, to)->alerts = number;
}

void core_fold_link_corrected(core_fold *f, const Mash__V1__LinkCorrected *fact)
{
    core_state *state = f->state;
    uint32_t number = (uint32_t)fact->alert;
    core_alert_row *alert = core_alerts_at(state, number);
    uint32_t person = core_person_root(state, (uint32_t)fact->person);
    if (fact->given) give_line(state, alert, person, (uint32_t)fact->to);
    if (fact->added) add_line(state, alert, (uint32_t)fact->to);
    if (fact->whole) give_alert(state, number, person, (uint32_t)fact->to);
    if (fact->version != 0) core_fold_event_came(f, number, fact->version, CORE_LINK_CORRECTED);
    core_fold_mix(state, FACT_LINK_CORRECTED, number, (uint64_t)person << 32 | fact->to,
                  (uint64_t)fact->version << 8 | (fact->given ? 1 : 0) | (fact->whole ? 2 : 0) | (fact->added ? 4 : 0));
}

void core_fold_family_member_removed(core_fold *f, const Mash__V1__FamilyMemberRemoved *fact)
{
    core_state *state = f->state;
    uint32_t person = core_person_root(state, (uint32_t)fact->person);
    uint32_t *link = &core_persons_at(state, person)->memberships;
    while (*link != 0 && core_members_at(state, *link)->family != fact->family)
        link = &core_members_at(state, *link)->next_of_person;
    uint32_t number = *link;
    HUB_ASSERT(number != 0);
    *link = core_members_at(state, number)->next_of_person;
    link = &core_families_at(state, (uint32_t)fact->family)->members;
    while (*link != number) {
        HUB_ASSERT(*link != 0);
        link = &core_members_at(state, *link)->next_of_family;
    }
    *link = core_members_at(state, number)->next_of_family;
    core_fold_mix(state, FACT_FAMILY_MEMBER_REMOVED, fact->family, person, 0);
}
