/* Is there anybody? A step of a ladder, a Red at night, an alarm: each must reach a person on the roster, on the day of the check
 * and on every later day on which a row of the roster, of the routes or of the areas begins or ends. */
#include <string.h>

#include "check.h"
#include "event/event.h"

enum { ANY_ROLE = -1 };

/* "" for the day of the check itself: then the gap is now. */
static const char *from_words(const policy_compiler *c, int32_t day, char out[32])
{
    out[0] = '\0';
    if (day == c->today) return out;
    int32_t year, month, day_of_month;
    event_day_date(day, &year, &month, &day_of_month);
    (void)hub_format(out, 32, " from %04d-%02d-%02d", year, month, day_of_month);
    return out;
}

/* ---- days on which something changes --------------------------------------------------------------------------------------- */

static void take_earlier(int32_t day, int32_t after, int32_t *next)
{
    if (day > after && day < *next) *next = day;
}

static void take_span(const core_effective *span, int32_t after, int32_t *next)
{
    take_earlier(span->from_day, after, next);
    take_earlier(span->until_day, after, next);
}

/* The first day after `after` on which a row begins or ends; INT32_MAX when nothing changes any more, or when the whole roster has
 * ended by then: nobody expects a ladder to be held after that. */
static int32_t next_change(const policy_compiler *c, int32_t after)
{
    const core_policy *policy = c->policy;
    int32_t next = INT32_MAX, end = 0;
    for (uint32_t i = 0; i < policy->staff_count; i++) {
        const core_effective *span = &policy->staff[i].effective;
        take_span(span, after, &next);
        if (span->until_day == 0) end = INT32_MAX;
        if (span->until_day > end) end = span->until_day;
    }
    for (uint32_t i = 0; i < policy->route_count; i++)
        take_span(&policy->routes[i].effective, after, &next);
    for (uint32_t i = 0; i < policy->area_count; i++)
        take_span(&policy->areas[i].effective, after, &next);
    return next < end ? next : INT32_MAX;
}

/* ---- somebody -------------------------------------------------------------------------------------------------------------- */

static bool is_somebody(const core_policy *policy, uint32_t queue, int32_t role, int32_t day)
{
    for (uint32_t i = 0; i < policy->staff_count; i++) {
        const core_staff_row *row = &policy->staff[i];
        if (role != ANY_ROLE && row->role != (uint32_t)role) continue;
        if (core_effective_on(&row->effective, day) && core_team_has(&policy->teams[row->team], queue)) return true;
    }
    return false;
}

/* Is there, on this day, nobody of this role where the service is done in the area? `role` ANY_ROLE: nobody at all. */
static bool complain_nobody(policy_compiler *c, const yaml_node *place, const char *what, const core_area *area,
                            const char *service, uint32_t role, int32_t day)
{
    char from[32];
    int32_t queue = core_policy_route(c->policy, service, area->code, day);
    if (queue >= 0 && is_somebody(c->policy, (uint32_t)queue, (int32_t)role, day)) return false;
    if (queue < 0) {
        yaml_complain(place, c->problems, "%s: service '%s' has no queue in area %s (%s)%s; add a route", what, service,
                      area->code, area->name, from_words(c, day, from));
    } else {
        yaml_complain(place, c->problems,
                      "%s: nobody on the roster is %s in a team of queue %s (%s, %s)%s; add a person, or tell another role", what,
                      c->policy->roles[role].name, c->policy->queues[queue].name, service, area->name, from_words(c, day, from));
    }
    return true;
}

/* One complaint an area: the first day on which the ladder is used there and the role is missing. `used` "" = always used. */
static void check_holder(policy_compiler *c, const yaml_node *place, const char *what, const char *used, const char *only_area,
                         const char *service, uint32_t role)
{
    for (uint32_t i = 0; i < c->policy->area_count; i++) {
        const core_area *area = &c->policy->areas[i];
        if (only_area[0] != '\0' && strcmp(only_area, area->code) != 0) continue;
        bool found = false;
        for (int32_t day = c->today; day != INT32_MAX && !found; day = next_change(c, day)) {
            if (!core_effective_on(&area->effective, day)) continue;
            if (used[0] != '\0' && core_policy_route(c->policy, used, area->code, day) < 0) continue;
            found = complain_nobody(c, place, what, area, service, role, day);
        }
    }
}

/* ---- ladders --------------------------------------------------------------------------------------------------------------- */

static void check_escalation(policy_compiler *c, uint32_t index)
{
    const core_ladder *ladder = &c->policy->ladders[index];
    const yaml_node *steps = yaml_get(policy_row(c, "escalation", index), "steps");
    for (uint32_t i = 0; i < ladder->step_count; i++) {
        char what[CORE_NAME_MAX + 64];
        (void)hub_format(what, sizeof what, "ladder %s, step %u%s", ladder->id, i + 1,
                         i + 1 == ladder->step_count ? ", the last" : "");
        check_holder(c, yaml_get(yaml_item(steps, i), "tell"), what, ladder->service, ladder->area, ladder->steps[i].service,
                     ladder->steps[i].role);
    }
}

/* Somebody in immediate danger does not wait for Monday. */
static void check_urgent(policy_compiler *c, const yaml_node *place, const char *ladder, int32_t clock)
{
    if (clock < 0) return;
    const core_clock_row *row = &c->policy->clocks[clock];
    if (row->kind == CORE_CLOCK_ELAPSED_MINUTES || (row->kind == CORE_CLOCK_WORKING_DAYS && row->amount == 0)) return;
    yaml_warn(place, c->problems,
              "ladder %s: this urgent time can span a closed day; give elapsed_minutes, or working_days 0 (closing time today)",
              ladder);
}

/* Who speaks at a stage, at the queues of the ladder's service; of a ladder for every service, at those that alerts go to. */
static void check_speakers(policy_compiler *c, const yaml_node *place, const core_disagreement_ladder *ladder,
                           const core_stage *stage)
{
    char what[CORE_NAME_MAX + 64];
    (void)hub_format(what, sizeof what, "ladder %s, stage %u", ladder->id, stage->number);
    if (ladder->service[0] != '\0') {
        check_holder(c, place, what, ladder->service, ladder->area, ladder->service, stage->role);
        return;
    }
    for (uint32_t i = 0; i < c->policy->rule_count; i++) {
        const core_rule *rule = &c->policy->rules[i];
        bool is_new = check_rule_is_on(c, rule) && rule->action == CORE_DO_ALERT && rule->service[0] != '\0';
        for (uint32_t k = 0; k < i && is_new; k++)
            is_new = c->policy->rules[k].action != CORE_DO_ALERT || strcmp(c->policy->rules[k].service, rule->service) != 0;
        if (is_new) check_holder(c, place, what, rule->service, ladder->area, rule->service, stage->role);
    }
}

static void check_disagreement(policy_compiler *c, uint32_t index)
{
    const core_disagreement_ladder *ladder = &c->policy->disagreements[index];
    const yaml_node *stages = yaml_get(policy_row(c, "disagreement", index), "stages");
    for (uint32_t i = 0; i < ladder->stage_count; i++) {
        const core_stage *stage = &ladder->stages[i];
        const yaml_node *node = yaml_item(stages, i);
        bool is_last = i + 1 == ladder->stage_count;
        if (is_last && !stage->decides) {
            yaml_complain(node, c->problems, "ladder %s has no end: its last stage must decide; give it 'decides: yes'",
                          ladder->id);
        }
        if (!is_last && stage->decides) {
            yaml_complain(yaml_get(node, "decides"), c->problems,
                          "ladder %s: stage %u decides, so no later stage is ever reached; only the last decides", ladder->id,
                          stage->number);
        }
        if (is_last && stage->optional) {
            yaml_complain(yaml_get(node, "optional"), c->problems, "ladder %s has no end: its last stage is optional",
                          ladder->id);
        }
        check_urgent(c, yaml_get(node, "urgent"), ladder->id, (int32_t)stage->urgent);
        check_urgent(c, yaml_get(node, "acknowledge_urgent"), ladder->id, stage->acknowledge_urgent);
        check_speakers(c, yaml_get(node, "role"), ladder, stage);
    }
}

static bool ladder_takes(const core_policy *policy, const core_ladder *ladder, const core_rule *rule, const core_area *area)
{
    if ((ladder->ratings >> rule->rating & 1) == 0) return false;
    if (ladder->area[0] != '\0' && strcmp(ladder->area, area->code) != 0) return false;
    if (rule->queue >= 0) return core_policy_serves(policy, (uint32_t)rule->queue, ladder->service);
    return ladder->service[0] == '\0' || strcmp(ladder->service, rule->service) == 0;
}

/* Do both rules open alerts of one rating at one place? Then one complaint does for both. */
static bool is_alike(const core_rule *a, const core_rule *b)
{
    return a->action == b->action && a->rating == b->rating && a->queue == b->queue && strcmp(a->service, b->service) == 0 &&
           (a->area[0] == '\0' || strcmp(a->area, b->area) == 0);
}

static bool is_told_already(const policy_compiler *c, uint32_t index)
{
    for (uint32_t i = 0; i < index; i++) {
        if (check_rule_is_on(c, &c->policy->rules[i]) && is_alike(&c->policy->rules[i], &c->policy->rules[index])) return true;
    }
    return false;
}

static bool rule_covers(const policy_compiler *c, const core_rule *rule, const core_area *area)
{
    return core_effective_on(&area->effective, c->today) && (rule->area[0] == '\0' || strcmp(rule->area, area->code) == 0);
}

static void check_has_ladder(policy_compiler *c, uint32_t index)
{
    const core_policy *policy = c->policy;
    const core_rule *rule = &policy->rules[index];
    for (uint32_t i = 0; i < policy->area_count; i++) {
        bool taken = !rule_covers(c, rule, &policy->areas[i]);
        for (uint32_t k = 0; k < policy->ladder_count && !taken; k++)
            taken = ladder_takes(policy, &policy->ladders[k], rule, &policy->areas[i]);
        if (taken) continue;
        char name[64];
        yaml_complain(check_at(c, "rules", index, "then"), c->problems,
                      "rule %s: a %s alert in %s climbs no ladder when nobody acts on it; add one under 'escalation'", rule->id,
                      event_enum_name(&mash__v1__rating__descriptor, (int)rule->rating, name), policy->areas[i].name);
        return;
    }
}

/* ---- Red at every hour ----------------------------------------------------------------------------------------------------- */

/* The first minute of the week at which the calendar is closed; -1 when it never is. */
static int32_t first_closed_minute(const core_calendar *calendar)
{
    enum { DAY_MINUTES = 24 * 60 };
    for (int32_t day = 0; day < 7; day++) {
        int32_t open = calendar->week[day].open_minute, close = calendar->week[day].close_minute;
        if (open == close || open > 0) return day * DAY_MINUTES;
        if (close < DAY_MINUTES) return day * DAY_MINUTES + close;
    }
    return calendar->holiday_count > 0 ? 0 : -1;
}

/* Why a Red in this area reaches nobody while the front door is closed; NULL when it reaches somebody. */
static const char *unstaffed_night(const policy_compiler *c, const core_area *area, int32_t day)
{
    if (!c->policy->ratings[MASH__V1__RATING__RATING_RED].out_of_hours_too) return "red has no 'out_of_hours_too: yes'";
    int32_t queue = core_policy_route(c->policy, "out_of_hours", area->code, day);
    if (queue < 0) return "service out_of_hours has no queue there";
    return is_somebody(c->policy, (uint32_t)queue, ANY_ROLE, day) ? NULL
                                                                  : "nobody on the roster is in a team of its out_of_hours queue";
}

static void check_red_in(policy_compiler *c, uint32_t index, const core_area *area, int32_t day)
{
    static const char *const DAYS[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    const core_rule *rule = &c->policy->rules[index];
    const yaml_node *place = check_at(c, "rules", index, "then");
    char from[32];
    int32_t queue = rule->queue >= 0 ? rule->queue : core_policy_route(c->policy, rule->service, area->code, day);
    if (queue >= 0 && !is_somebody(c->policy, (uint32_t)queue, ANY_ROLE, day)) {
        yaml_complain(place, c->problems, "rule %s: a red in %s goes to queue %s, and nobody on the roster is in a team of it%s",
                      rule->id, area->name, c->policy->queues[queue].name, from_words(c, day, from));
    }
    int32_t closed = first_closed_minute(&c->policy->calendars[0]);
    const char *cause = closed >= 0 ? unstaffed_night(c, area, day) : NULL;
    if (cause == NULL) return;
    yaml_complain(place, c->problems, "rule %s: a red in %s reaches nobody on %s at %02d:%02d%s: the front door is closed and %s",
                  rule->id, area->name, DAYS[closed / 1440], closed % 1440 / 60, closed % 60, from_words(c, day, from), cause);
}

static void check_red(policy_compiler *c, uint32_t index)
{
    for (uint32_t i = 0; i < c->policy->area_count; i++) {
        const core_area *area = &c->policy->areas[i];
        if (c->policy->rules[index].area[0] != '\0' && strcmp(c->policy->rules[index].area, area->code) != 0) continue;
        uint32_t before = c->problems->count;
        for (int32_t day = c->today; day != INT32_MAX && c->problems->count == before; day = next_change(c, day)) {
            if (core_effective_on(&area->effective, day)) check_red_in(c, index, area, day);
        }
    }
}

/* ---- sections, teams, alarms ----------------------------------------------------------------------------------------------- */

/* The compiler lets them be absent, for policies adopted before they were known. */
static bool has_sections(policy_compiler *c)
{
    static const struct {
        const char *section, *without;
    } ROWS[] = {
        {"roles", "nobody may do anything"},
        {"teams", "nobody may act on a queue"},
        {"people", "nobody can act on an alert"},
        {"outcomes", "no alert can be decided"},
        {"escalation", "an alert nobody acts on stays with nobody"},
        {"disagreement", "two teams that differ have nobody to settle it"},
        {"feedback", "nobody sees to it that a referrer hears what came of it"},
        {"alarms", "an alarm of the hub itself reaches nobody"},
    };
    uint32_t before = c->problems->count;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        if (policy_section(c, ROWS[i].section) != NULL) continue;
        yaml_complain(yaml_root(c->documents[0]), c->problems, "no file has the section '%s': %s; add it", ROWS[i].section,
                      ROWS[i].without);
    }
    return c->problems->count == before;
}

static void check_team(policy_compiler *c, uint32_t index)
{
    const core_team *team = &c->policy->teams[index];
    bool has_person = false;
    for (uint32_t i = 0; i < c->policy->staff_count && !has_person; i++) {
        const core_staff_row *row = &c->policy->staff[i];
        has_person = row->team == index && core_effective_on(&row->effective, c->today);
    }
    if (!has_person) yaml_complain(check_at(c, "teams", index, "team"), c->problems, "team %s: nobody is in it", team->name);
    if (has_person && !is_somebody(c->policy, (uint32_t)team->manager_queue, (int32_t)team->manager_role, c->today)) {
        yaml_complain(check_at(c, "teams", index, "manager_role"), c->problems,
                      "team %s: nobody on the roster is %s in a team of queue %s, where its managers are told", team->name,
                      c->policy->roles[team->manager_role].name, c->policy->queues[team->manager_queue].name);
    }
}

static void check_alarms(policy_compiler *c)
{
    const core_policy *policy = c->policy;
    for (uint32_t i = 0; i < policy->route_count; i++) {
        const core_route *route = &policy->routes[i];
        if (strcmp(route->service, policy->alarm_service) != 0 || !core_effective_on(&route->effective, c->today)) continue;
        if (is_somebody(policy, route->queue, ANY_ROLE, c->today)) return;
    }
    yaml_complain(yaml_get(policy_section(c, "alarms"), "service"), c->problems,
                  "an alarm reaches nobody: nobody on the roster is in a team of a queue of service '%s'", policy->alarm_service);
}

void check_people(policy_compiler *c)
{
    if (!has_sections(c)) return;
    for (uint32_t i = 0; i < c->policy->team_count; i++)
        check_team(c, i);
    for (uint32_t i = 0; i < c->policy->ladder_count; i++)
        check_escalation(c, i);
    for (uint32_t i = 0; i < c->policy->disagreement_count; i++)
        check_disagreement(c, i);
    for (uint32_t i = 0; i < c->policy->rule_count; i++) {
        const core_rule *rule = &c->policy->rules[i];
        if (!check_rule_is_on(c, rule) || rule->action != CORE_DO_ALERT || is_told_already(c, i)) continue;
        check_has_ladder(c, i);
        if (rule->rating == MASH__V1__RATING__RATING_RED) check_red(c, i);
    }
    check_alarms(c);
}
