/* clocks, ratings, feedback; and times that ladders give inline. */
#include "compiler.h"

#include <stdio.h>
#include <string.h>

static core_clock_kind read_kind(policy_compiler *c, const yaml_node *node)
{
    const char *name = yaml_text(node, 60, c->problems);
    if (name[0] == '\0') return CORE_CLOCK_KIND_COUNT;
    core_clock_kind kind = core_clock_kind_of_name(name);
    if (kind != CORE_CLOCK_KIND_COUNT) return kind;
    const char *nearest = NULL;
    for (int i = 0; i < CORE_CLOCK_KIND_COUNT; i++) {
        const char *candidate = core_clock_kind_name((core_clock_kind)i);
        if (yaml_is_nearer(name, candidate, nearest)) nearest = candidate;
    }
    if (nearest != NULL) {
        yaml_complain(node, c->problems, "unknown kind of clock '%.60s'; did you mean '%s'?", name, nearest);
    } else {
        yaml_complain(node, c->problems,
                      "unknown kind of clock '%.60s'; elapsed_minutes, working_minutes, working_days, calendar_days, "
                      "calendar_months, next_school_day or age_months",
                      name);
    }
    return CORE_CLOCK_KIND_COUNT;
}

/* The limits of core/calendar.h; a clock of nothing is a mistake, but for the next school day, which has no amount, and for the
 * closing time of a ladder's own day (`days_least` 0). */
static int32_t read_amount(policy_compiler *c, const yaml_node *node, core_clock_kind kind, int32_t days_least)
{
    switch (kind) {
    case CORE_CLOCK_ELAPSED_MINUTES:
    case CORE_CLOCK_WORKING_MINUTES:
        return (int32_t)yaml_int(node, 1, 10000000, c->problems);
    case CORE_CLOCK_WORKING_DAYS:
        return (int32_t)yaml_int(node, days_least, 10000, c->problems);
    case CORE_CLOCK_CALENDAR_DAYS:
        return (int32_t)yaml_int(node, 1, 10000, c->problems);
    case CORE_CLOCK_CALENDAR_MONTHS:
    case CORE_CLOCK_AGE_MONTHS:
        return (int32_t)yaml_int(node, 1, 2400, c->problems);
    case CORE_CLOCK_NEXT_SCHOOL_DAY:
        return (int32_t)yaml_int(node, 0, 0, c->problems);
    case CORE_CLOCK_KIND_COUNT:
        break;
    }
    return 0;
}

static void read_roll(policy_compiler *c, const yaml_node *node, core_clock_row *clock)
{
    static const char *const ROLLS[] = {"none", "next", "previous", NULL};
    if (node == NULL) return;
    clock->roll = (core_roll)policy_word(c, node, ROLLS, "none, next or previous");
    if (clock->kind != CORE_CLOCK_CALENDAR_DAYS && clock->kind != CORE_CLOCK_CALENDAR_MONTHS) {
        yaml_complain(node, c->problems, "'roll' is for calendar_days and calendar_months only; remove it");
    }
}

static uint32_t read_calendar_name(policy_compiler *c, const yaml_node *node)
{
    int32_t found =
        policy_find(c, node, "calendar", c->policy->calendars, c->policy->calendar_count, sizeof *c->policy->calendars);
    return found >= 0 ? (uint32_t)found : 0;
}

static void read_clock(policy_compiler *c, const yaml_node *row, core_clock_row *clocks)
{
    static const char *const START_NAMES[] = {"stored", "stated_receipt", "occurred", NULL};
    static const char *const MET_NAMES[] = {"seen", "claimed", "rated", "informed", "decided", "other", "noticed", NULL};
    if (!yaml_only(row, c->problems, "id", "plain", "kind", "amount", "roll", "calendar", "from", "met_by", "statutory",
                   "on_lapse", "notice", "source", "review", NULL) &&
        !yaml_is_map(row)) {
        return;
    }
    core_clock_row *clock = &clocks[c->policy->clock_count];
    clock->place = policy_place(c, row);
    policy_need_text(c, row, "plain", clock->plain, sizeof clock->plain);
    policy_need_text(c, row, "source", clock->source, sizeof clock->source);
    clock->kind = read_kind(c, yaml_need(row, "kind", c->problems));
    clock->amount = read_amount(c, yaml_need(row, "amount", c->problems), clock->kind, 1);
    read_roll(c, yaml_get(row, "roll"), clock);
    clock->calendar = read_calendar_name(c, yaml_need(row, "calendar", c->problems));
    int from = policy_word(c, yaml_need(row, "from", c->problems), START_NAMES, "stored, stated_receipt or occurred");
    clock->from = from == 1 ? CORE_FROM_STATED_RECEIPT : from == 2 ? CORE_FROM_OCCURRED : CORE_FROM_STORED;
    const yaml_node *met_by = yaml_get(row, "met_by");
    clock->met_by = CORE_MET_DECIDED;
    if (met_by != NULL) {
        clock->met_by = (core_met_by)(CORE_MET_SEEN + policy_word(c, met_by, MET_NAMES,
                                                                  "seen, claimed, rated, informed, decided, noticed or other"));
    }
    const yaml_node *notice = yaml_get(row, "notice");
    if (notice != NULL) policy_service_name(c, notice, clock->notice_service);
    if ((notice != NULL) != (clock->met_by == CORE_MET_NOTICED))
        yaml_complain(notice != NULL ? notice : met_by, c->problems,
                      "'met_by: noticed' and 'notice: SERVICE' go together: whose notice is to be seen");
    clock->statutory = yaml_bool(yaml_need(row, "statutory", c->problems), c->problems);
    const yaml_node *lapse = yaml_get(row, "on_lapse");
    if (lapse != NULL) policy_service_name(c, lapse, clock->on_lapse_service);
    if (policy_new_name(c, yaml_need(row, "id", c->problems), "clock", clock->id, sizeof clock->id, clocks,
                        c->policy->clock_count, sizeof *clock)) {
        c->policy->clock_count++;
        policy_review(c, row, "clock", clock->id);
    }
}

/* A clock that starts by itself must be one that something done on the alert can meet; one that an act starts must not be. */
static void must_be_other(policy_compiler *c, const yaml_node *node, int32_t clock, const char *what)
{
    if (clock < 0 || c->policy->clocks[clock].met_by == CORE_MET_OTHER) return;
    yaml_complain(node, c->problems, "%s is not met by what is done on the alert: give clock '%s' 'met_by: other'", what,
                  c->policy->clocks[clock].id);
}

static int32_t read_clock_of(policy_compiler *c, const yaml_node *map, const char *key, const char *what)
{
    const yaml_node *node = yaml_get(map, key);
    int32_t clock = node != NULL ? policy_find_clock(c, node) : -1;
    must_be_other(c, node, clock, what);
    return clock;
}

static void read_rating(policy_compiler *c, const yaml_node *ratings, const char *name, core_rating_row *rating)
{
    const yaml_node *row = yaml_need(ratings, name, c->problems);
    rating->claim = rating->request = -1;
    if (!yaml_only(row, c->problems, "clocks", "out_of_hours_too", "claim", "request", "second_person", "source", NULL) &&
        !yaml_is_map(row)) {
        return;
    }
    char source[160];
    rating->place = policy_place(c, row);
    policy_need_text(c, row, "source", source, sizeof source);
    rating->clock_count = policy_clock_list(c, yaml_need(row, "clocks", c->problems), rating->clocks);
    rating->claim = read_clock_of(c, row, "claim", "a claim");
    rating->request = read_clock_of(c, row, "request", "a request for information");
    rating->second_person = yaml_bool(yaml_get(row, "second_person"), c->problems);
    const yaml_node *out_of_hours = yaml_get(row, "out_of_hours_too");
    rating->out_of_hours_too = yaml_bool(out_of_hours, c->problems);
    if (!rating->out_of_hours_too) return;
    for (uint32_t i = 0; i < c->service_count; i++) {
        if (strcmp(c->services[i].name, "out_of_hours") == 0) return;
    }
    yaml_complain(out_of_hours, c->problems, "there is no service named 'out_of_hours' to take it");
}

static void read_ratings(policy_compiler *c)
{
    const yaml_node *ratings = policy_section(c, "ratings");
    if (ratings == NULL) {
        yaml_complain(yaml_root(c->documents[0]), c->problems, "no file has the section 'ratings'");
        return;
    }
    if (!yaml_only(ratings, c->problems, "blue", "green", "amber", "red", NULL)) return;
    read_rating(c, ratings, "blue", &c->policy->ratings[MASH__V1__RATING__RATING_BLUE]);
    read_rating(c, ratings, "green", &c->policy->ratings[MASH__V1__RATING__RATING_GREEN]);
    read_rating(c, ratings, "amber", &c->policy->ratings[MASH__V1__RATING__RATING_AMBER]);
    read_rating(c, ratings, "red", &c->policy->ratings[MASH__V1__RATING__RATING_RED]);
}

static void read_feedback(policy_compiler *c)
{
    const yaml_node *feedback = policy_section(c, "feedback");
    if (feedback == NULL || !yaml_only(feedback, c->problems, "clock", "source", NULL)) return;
    (void)yaml_need(feedback, "clock", c->problems);
    c->policy->feedback_clock = read_clock_of(c, feedback, "clock", "feedback");
}

/* At most so many times stand inline in ladders. */
static size_t inline_clocks(const policy_compiler *c)
{
    enum { CLOCKS_A_STAGE = 4 };
    size_t count = 0;
    const yaml_node *row;
    for (size_t i = 0; (row = policy_row(c, "escalation", i)) != NULL; i++)
        count += yaml_count(yaml_get(row, "steps"));
    for (size_t i = 0; (row = policy_row(c, "disagreement", i)) != NULL; i++)
        count += CLOCKS_A_STAGE * yaml_count(yaml_get(row, "stages")) + 1;
    return count;
}

uint32_t policy_clock_inline(policy_compiler *c, const yaml_node *node, const char *ladder, const char *suffix,
                             const core_clock_row *like)
{
    if (!yaml_only(node, c->problems, "kind", "amount", "calendar", NULL) && !yaml_is_map(node)) return 0;
    if (c->policy->clock_count >= c->clock_room) return 0; /* only when the clocks could not be read */
    core_clock_row *clock = &c->clocks[c->policy->clock_count];
    *clock = *like;
    const yaml_node *kind = yaml_need(node, "kind", c->problems), *calendar = yaml_get(node, "calendar");
    clock->kind = read_kind(c, kind);
    if (clock->kind == CORE_CLOCK_NEXT_SCHOOL_DAY || clock->kind == CORE_CLOCK_AGE_MONTHS) {
        yaml_complain(kind, c->problems, "a ladder does not wait for a school day or an age; give minutes, days or months");
    }
    clock->amount = read_amount(c, yaml_need(node, "amount", c->problems), clock->kind, 0);
    clock->calendar = calendar != NULL ? read_calendar_name(c, calendar) : 0;
    (void)snprintf(clock->id, sizeof clock->id, "%s/%s", ladder, suffix);
    return c->policy->clock_count++;
}

void policy_read_clocks(policy_compiler *c)
{
    size_t named = policy_row_count(c, "clocks"), rows = named + inline_clocks(c);
    if (named > 0 && named <= CORE_POLICY_CLOCKS_MAX && rows > CORE_POLICY_CLOCK_ROWS_MAX) {
        yaml_complain(policy_row(c, "clocks", 0), c->problems, "%zu clocks, with the times of all ladders; at most %d", rows,
                      CORE_POLICY_CLOCK_ROWS_MAX);
        return;
    }
    if (policy_table(c, "clocks", sizeof(uint8_t), CORE_POLICY_CLOCKS_MAX) == NULL) return;
    c->clocks = hub_arena_take(c->arena, rows * sizeof *c->clocks);
    c->policy->clocks = c->clocks;
    if (c->clocks == NULL) return;
    c->clock_room = (uint32_t)rows;
    const yaml_node *row;
    for (size_t i = 0; (row = policy_row(c, "clocks", i)) != NULL; i++)
        read_clock(c, row, c->clocks);
    c->named_clocks = c->policy->clock_count;
    read_ratings(c);
    read_feedback(c);
}
