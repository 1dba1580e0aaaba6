/* Which rules hold for this event, for whom, and which nearly did. All rules are tried; there is no first match. */
#include "core/decide.h"

#include <string.h>

#include "core/sharing.h"

static bool in_set(uint64_t set, uint32_t payload)
{
    return payload >= CORE_PAYLOAD_FIRST && payload < CORE_PAYLOAD_FIRST + 64 && (set >> (payload - CORE_PAYLOAD_FIRST) & 1) != 0;
}

/* The same civil day `months` earlier; the month's last day where it lacks that day. A look-back window begins there. */
static int32_t months_before(int32_t day, int32_t months)
{
    int32_t year, month, day_of_month;
    event_day_date(day, &year, &month, &day_of_month);
    int32_t since_zero = year * 12 + (month - 1) - months;
    Mash__V1__Date date = MASH__V1__DATE__INIT;
    date.year = since_zero / 12;
    date.month = since_zero % 12 + 1;
    int32_t found = 0;
    for (date.day = day_of_month; !event_date_day(&date, &found) && date.day > 28; date.day--) {
    }
    return found;
}

static int32_t months_between(int32_t from, int32_t until)
{
    int32_t year, month, day, year_until, month_until, day_until;
    event_day_date(from, &year, &month, &day);
    event_day_date(until, &year_until, &month_until, &day_until);
    int32_t months = (year_until - year) * 12 + month_until - month;
    return day_until < day ? months - 1 : months;
}

/* ---- conditions on the event ----------------------------------------------------------------------------------------------- */
static bool value_holds(void *context, int64_t value)
{
    const core_condition *condition = context;
    if (condition->mask != 0) return value >= 0 && value < 64 && (condition->mask >> value & 1) != 0;
    return value >= condition->at_least && value <= condition->at_most;
}

static bool event_holds(const core_condition *condition, const core_event_scratch *s)
{
    switch (condition->kind) {
    case CORE_IF_PAYLOAD:
        return in_set(condition->payloads, s->payload);
    case CORE_IF_AGENCY:
        return (condition->mask >> ((unsigned)s->event->agency & 63) & 1) != 0;
    case CORE_IF_FIELD:
        return event_probe_any(&condition->probe, s->event, value_holds, (void *)(uintptr_t)condition);
    case CORE_IF_ROLE:
        for (size_t i = 0; i < s->subject_count; i++) {
            if ((s->subjects[i].roles & condition->mask) != 0) return true;
        }
        return false;
    default:
        return true; /* about persons: see person_holds */
    }
}

/* ---- conditions on a person ------------------------------------------------------------------------------------------------ */
typedef struct tally {
    int64_t events;
    uint64_t agencies;             /* bits */
    const core_audience *audience; /* only events that it is cleared for count; NULL: all */
    uint64_t *sequences;
    uint32_t *sequence_count;
} tally;

static void count_history(const core_state *state, const core_event_scratch *s, const core_condition *condition, uint32_t person,
                          tally *t)
{
    int32_t earliest = months_before(s->occurred_day, condition->months);
    uint32_t looked_at = 0;
    for (uint32_t at = core_persons_at(state, person)->history; at != 0 && looked_at < CORE_HISTORY_LOOKED_AT_MAX;
         at = core_history_at(state, at)->next, looked_at++) {
        uint32_t number = core_history_at(state, at)->event;
        const core_event_row *row = core_events_at(state, number);
        if (row->withdrawn || number == s->amended || !in_set(condition->payloads, row->payload)) continue;
        if (t->audience != NULL && !core_audience_is_cleared(t->audience, (Mash__V1__Sensitivity)row->sensitivity)) continue;
        if (row->occurred_day < earliest || row->occurred_day > s->occurred_day) continue;
        t->events++;
        t->agencies |= UINT64_C(1) << (row->agency & 63);
        if (t->sequences != NULL && *t->sequence_count < CORE_COUNTED_MAX) t->sequences[(*t->sequence_count)++] = row->sequence;
    }
}

static tally count_events(const core_state *state, const core_event_scratch *s, const core_condition *condition,
                          const core_subject *subject, tally t)
{
    if (subject->through == 0 && in_set(condition->payloads, s->payload)) { /* of a relative only their own history counts */
        t.events = 1;
        t.agencies = UINT64_C(1) << ((unsigned)s->event->agency & 63);
    }
    if (subject->person > state->persons.count) return t;
    count_history(state, s, condition, subject->person, &t);
    for (uint32_t at = core_persons_at(state, subject->person)->first_joined; at != 0;
         at = core_persons_at(state, at)->next_joined) {
        count_history(state, s, condition, at, &t);
    }
    return t;
}

static int64_t bits_in(uint64_t set)
{
    int64_t count = 0;
    for (; set != 0; set &= set - 1)
        count++;
    return count;
}

/* The person's own status, or that of somebody in the family. */
static bool has_status(const core_state *state, const core_subject *subject, uint64_t mask)
{
    if ((subject->status & mask) != 0) return true;
    if (subject->family == 0 || subject->family > state->families.count) return false;
    for (uint32_t at = core_families_at(state, subject->family)->members; at != 0;
         at = core_members_at(state, at)->next_of_family) {
        uint32_t person = core_person_root(state, core_members_at(state, at)->person);
        if (person != subject->person && (core_persons_at(state, person)->status & mask) != 0) return true;
    }
    return false;
}

static bool person_holds(const core_state *state, const core_event_scratch *s, const core_condition *condition,
                         const core_subject *subject)
{
    switch (condition->kind) {
    case CORE_IF_STATUS:
        return has_status(state, subject, condition->mask);
    case CORE_IF_AGE: {
        if (subject->birth_day == 0) {
            return condition->or_at_school && subject->said != NULL && subject->said->school_urn[0] != '\0';
        }
        int32_t months = months_between(subject->birth_day, s->occurred_day);
        return months >= condition->at_least && months <= condition->at_most;
    }
    case CORE_IF_COUNT:
        return count_events(state, s, condition, subject, (tally){0}).events >= condition->at_least;
    case CORE_IF_COUNT_AGENCIES:
        return bits_in(count_events(state, s, condition, subject, (tally){0}).agencies) >= condition->at_least;
    default:
        return true; /* about the event: see event_holds */
    }
}

bool core_counts_hold_for(const core_state *state, const core_event_scratch *s, const core_rule *rule, uint32_t subject,
                          const core_audience *audience)
{
    for (uint32_t i = 0; i < rule->condition_count; i++) {
        const core_condition *condition = &rule->conditions[i];
        if (condition->kind != CORE_IF_COUNT && condition->kind != CORE_IF_COUNT_AGENCIES) continue;
        tally t = count_events(state, s, condition, &s->subjects[subject], (tally){.audience = audience});
        if ((condition->kind == CORE_IF_COUNT ? t.events : bits_in(t.agencies)) < condition->at_least) return false;
    }
    return true;
}

/* ---- rules ----------------------------------------------------------------------------------------------------------------- */
static core_people persons_about(const core_rule *rule, const core_event_scratch *s)
{
    core_people persons = {{0}};
    size_t count = rule->about_family ? s->people_count : s->subject_count;
    for (size_t i = 0; i < count; i++) {
        if (rule->about == 0 || (s->subjects[i].roles & rule->about) != 0) core_people_add(&persons, i);
    }
    return persons;
}

/* Whom the rule holds for; nobody and *failed when it does not. A rule's person conditions must hold for one and the same person. */
static core_people try_rule(const core_state *state, const core_event_scratch *s, const core_rule *rule, uint32_t *failed)
{
    static const core_people NOBODY = {{0}};
    core_people persons = persons_about(rule, s);
    for (uint32_t i = 0; i < rule->condition_count; i++) {
        const core_condition *condition = &rule->conditions[i];
        *failed = i;
        if (!event_holds(condition, s)) return NOBODY;
        for (size_t k = 0; k < s->people_count; k++) {
            if (core_people_has(&persons, k) && !person_holds(state, s, condition, &s->subjects[k])) {
                core_people_remove(&persons, k);
            }
        }
        bool is_about_persons = condition->kind == CORE_IF_STATUS || condition->kind == CORE_IF_AGE ||
                                condition->kind == CORE_IF_COUNT || condition->kind == CORE_IF_COUNT_AGENCIES;
        if (is_about_persons && !core_people_any(&persons)) return NOBODY;
    }
    *failed = CORE_MISS_NOBODY;
    return persons;
}

static bool is_other_payload(const core_rule *rule, uint32_t payload)
{
    for (uint32_t i = 0; i < rule->condition_count; i++) {
        if (rule->conditions[i].kind == CORE_IF_PAYLOAD && !in_set(rule->conditions[i].payloads, payload)) return true;
    }
    return false;
}

static void note_counted(const core_state *state, const core_event_scratch *s, const core_rule *rule, const core_people *persons,
                         core_matches *out)
{
    for (uint32_t i = 0; i < rule->condition_count; i++) {
        if (rule->conditions[i].kind != CORE_IF_COUNT && rule->conditions[i].kind != CORE_IF_COUNT_AGENCIES) continue;
        for (size_t k = 0; k < s->people_count; k++) {
            if (!core_people_has(persons, k)) continue;
            tally t = {.sequences = out->counted, .sequence_count = &out->counted_count};
            (void)count_events(state, s, &rule->conditions[i], &s->subjects[k], t);
        }
    }
}

/* Is it tried on this event at all? */
static bool is_in_force(const core_rule *rule, const core_event_scratch *s)
{
    if (is_other_payload(rule, s->payload) || !core_effective_on(&rule->effective, s->today)) return false;
    return rule->area[0] == '\0' || strcmp(rule->area, s->event->area) == 0;
}

void core_match_rules(const core_state *state, const core_event_scratch *s, core_matches *out)
{
    out->count = out->near_miss_count = out->counted_count = 0;
    for (uint32_t i = 0; i < s->policy->rule_count && out->count < CORE_MATCHES_MAX; i++) {
        const core_rule *rule = &s->policy->rules[i];
        if (!is_in_force(rule, s)) continue;
        uint32_t failed = 0;
        core_people persons = try_rule(state, s, rule, &failed);
        if (core_people_any(&persons)) {
            out->items[out->count++] = (core_match){.rule = i, .persons = persons};
            note_counted(state, s, rule, &persons, out);
        } else if (out->near_miss_count < CORE_NEAR_MISSES_MAX) {
            out->near_misses[2 * out->near_miss_count] = i;
            out->near_misses[2 * out->near_miss_count + 1] = failed;
            out->near_miss_count++;
        }
    }
}

/* ---- relatives ------------------------------------------------------------------------------------------------------------- */
typedef struct relatives {
    const core_state *state;
    core_event_scratch *s;
    core_subject *items; /* CORE_RELATIVES_MAX */
    size_t count;
    size_t looked_at;
} relatives;

/* The roles in which events named them, but for those that end with childhood. */
static uint64_t roles_now(const core_person_row *row, int32_t day)
{
    static const uint64_t UNBORN = UINT64_C(1) << MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_UNBORN_CHILD;
    static const uint64_t CHILD = UINT64_C(1) << MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_CHILD;
    enum { ADULT_MONTHS = 18 * 12 };
    if (row->birth_day == 0) return row->roles;
    bool is_child = months_between(row->birth_day, day) < ADULT_MONTHS;
    return (row->roles & ~(UNBORN | CHILD)) | (is_child ? CHILD : 0);
}

/* Where their family is known; the event's area when no alert has said. What the event says of its own subjects' homes is no guide. */
static const char *area_of_family(const relatives *r, uint32_t family)
{
    uint32_t alert = core_families_at(r->state, family)->alerts;
    const char *area = alert == 0 ? "" : core_alerts_at(r->state, alert)->area;
    return core_policy_area(r->s->policy, area, r->s->today) != NULL ? area : r->s->event->area;
}

static void add_relative(relatives *r, uint32_t person, uint32_t family, uint32_t through)
{
    for (size_t i = 0; i < r->s->subject_count; i++) {
        if (r->s->subjects[i].person == person) return;
    }
    for (size_t i = 0; i < r->count; i++) {
        if (r->items[i].person == person && r->items[i].family == family) return;
    }
    if (r->count == CORE_RELATIVES_MAX) {
        r->s->relatives_cut = true;
        return;
    }
    const core_person_row *row = core_persons_at(r->state, person);
    r->items[r->count++] = (core_subject){.person = person,
                                          .through = through,
                                          .family = family,
                                          .roles = roles_now(row, r->s->occurred_day),
                                          .birth_day = row->birth_day,
                                          .status = row->status,
                                          .area = area_of_family(r, family)};
}

/* Everybody in every family of this person; each family on its own. */
static void add_families_of(relatives *r, uint32_t person)
{
    for (uint32_t own = core_persons_at(r->state, person)->memberships; own != 0;
         own = core_members_at(r->state, own)->next_of_person) {
        uint32_t family = core_members_at(r->state, own)->family;
        for (uint32_t at = core_families_at(r->state, family)->members; at != 0;
             at = core_members_at(r->state, at)->next_of_family) {
            if (++r->looked_at > CORE_RELATIVES_LOOKED_AT_MAX) {
                r->s->relatives_cut = true;
                return;
            }
            add_relative(r, core_person_root(r->state, core_members_at(r->state, at)->person), family, person);
        }
    }
}

static bool is_any_about_family(const core_event_scratch *s)
{
    for (uint32_t i = 0; i < s->policy->rule_count; i++) {
        if (s->policy->rules[i].about_family && is_in_force(&s->policy->rules[i], s)) return true;
    }
    return false;
}

void core_find_relatives(core_decider *d, core_event_scratch *s)
{
    s->people_count = s->subject_count;
    if (d->failed || !is_any_about_family(s)) return;
    core_subject *people = hub_arena_take(d->arena, (s->subject_count + CORE_RELATIVES_MAX) * sizeof *people);
    s->links = hub_arena_take(d->arena, (size_t)CORE_LINKS_MAX * CORE_LINK_NUMBERS * sizeof *s->links);
    if (people == NULL || s->links == NULL) {
        d->failed = true;
        return;
    }
    memcpy(people, s->subjects, s->subject_count * sizeof *people);
    relatives r = {.state = d->state, .s = s, .items = people + s->subject_count};
    for (size_t i = 0; i < s->subject_count; i++) {
        if (s->subjects[i].person <= d->state->persons.count) add_families_of(&r, s->subjects[i].person);
    }
    s->subjects = people;
    s->people_count += r.count;
}
