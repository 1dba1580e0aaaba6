/* clocks, ratings. */
#include "compiler.h"

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

/* The limits of core/calendar.h; a clock of nothing is a mistake, but for the next school day, which has no amount. */
static int32_t read_amount(policy_compiler *c, const yaml_node *node, core_clock_kind kind)
{
    switch (kind) {
    case CORE_CLOCK_ELAPSED_MINUTES:
    case CORE_CLOCK_WORKING_MINUTES:
        return (int32_t)yaml_int(node, 1, 10000000, c->problems);
    case CORE_CLOCK_WORKING_DAYS:
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

/* Position of the word in a list ended by NULL; complains and gives 0 for another word. */
static int read_word(policy_compiler *c, const yaml_node *node, const char *const words[], const char *shown)
{
    const char *text = yaml_text(node, 60, c->problems);
    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], text) == 0) return i;
    }
    if (yaml_is_text(node)) yaml_complain(node, c->problems, "expected %s", shown);
    return 0;
}

static void read_roll(policy_compiler *c, const yaml_node *node, core_clock_row *clock)
{
    static const char *const ROLLS[] = {"none", "next", "previous", NULL};
    if (node == NULL) return;
    clock->roll = (core_roll)read_word(c, node, ROLLS, "none, next or previous");
    if (clock->kind != CORE_CLOCK_CALENDAR_DAYS && clock->kind != CORE_CLOCK_CALENDAR_MONTHS) {
        yaml_complain(node, c->problems, "'roll' is for calendar_days and calendar_months only; remove it");
    }
}

static void read_clock(policy_compiler *c, const yaml_node *row, core_clock_row *clocks)
{
    static const char *const START_NAMES[] = {"stored", "stated_receipt", "occurred", NULL};
    if (!yaml_only(row, c->problems, "id", "plain", "kind", "amount", "roll", "calendar", "from", "statutory", "on_lapse",
                   "source", NULL) &&
        !yaml_is_map(row)) {
        return;
    }
    core_clock_row *clock = &clocks[c->policy->clock_count];
    clock->place = policy_place(c, row);
    policy_need_text(c, row, "plain", clock->plain, sizeof clock->plain);
    policy_need_text(c, row, "source", clock->source, sizeof clock->source);
    clock->kind = read_kind(c, yaml_need(row, "kind", c->problems));
    clock->amount = read_amount(c, yaml_need(row, "amount", c->problems), clock->kind);
    read_roll(c, yaml_get(row, "roll"), clock);
    int32_t calendar = policy_find(c, yaml_need(row, "calendar", c->problems), "calendar", c->policy->calendars,
                                   c->policy->calendar_count, sizeof *c->policy->calendars);
    clock->calendar = calendar >= 0 ? (uint32_t)calendar : 0;
    int from = read_word(c, yaml_need(row, "from", c->problems), START_NAMES, "stored, stated_receipt or occurred");
    clock->from = from == 1 ? CORE_FROM_STATED_RECEIPT : from == 2 ? CORE_FROM_OCCURRED : CORE_FROM_STORED;
    clock->statutory = yaml_bool(yaml_need(row, "statutory", c->problems), c->problems);
    const yaml_node *lapse = yaml_get(row, "on_lapse");
    if (lapse != NULL) policy_service_name(c, lapse, clock->on_lapse_service);
    if (policy_new_name(c, yaml_need(row, "id", c->problems), "clock", clock->id, sizeof clock->id, clocks,
                        c->policy->clock_count, sizeof *clock)) {
        c->policy->clock_count++;
    }
}

static void read_rating(policy_compiler *c, const yaml_node *ratings, const char *name, core_rating_row *rating)
{
    const yaml_node *row = yaml_need(ratings, name, c->problems);
    if (!yaml_only(row, c->problems, "clocks", "out_of_hours_too", "source", NULL) && !yaml_is_map(row)) return;
    char source[160];
    rating->place = policy_place(c, row);
    policy_need_text(c, row, "source", source, sizeof source);
    rating->clock_count = policy_clock_list(c, yaml_need(row, "clocks", c->problems), rating->clocks);
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
    for (size_t i = 0; i < c->document_count; i++) {
        const yaml_node *ratings = yaml_get(yaml_root(c->documents[i]), "ratings");
        if (ratings == NULL) continue;
        if (!yaml_only(ratings, c->problems, "blue", "green", "amber", "red", NULL)) return;
        read_rating(c, ratings, "blue", &c->policy->ratings[MASH__V1__RATING__RATING_BLUE]);
        read_rating(c, ratings, "green", &c->policy->ratings[MASH__V1__RATING__RATING_GREEN]);
        read_rating(c, ratings, "amber", &c->policy->ratings[MASH__V1__RATING__RATING_AMBER]);
        read_rating(c, ratings, "red", &c->policy->ratings[MASH__V1__RATING__RATING_RED]);
        return;
    }
    yaml_complain(yaml_root(c->documents[0]), c->problems, "no file has the section 'ratings'");
}

void policy_read_clocks(policy_compiler *c)
{
    core_clock_row *clocks = policy_table(c, "clocks", sizeof *clocks, CORE_POLICY_CLOCKS_MAX);
    c->policy->clocks = clocks;
    const yaml_node *row;
    for (size_t i = 0; clocks != NULL && (row = policy_row(c, "clocks", i)) != NULL; i++)
        read_clock(c, row, clocks);
    read_ratings(c);
}
