/* Is there anybody? A step of a ladder, a Red at night, an alarm: each must reach a person on the roster, on the day of the check
 * and on every later day on which a row begins or ends. */
#include <string.h>

#include "check.h"
#include "event/event.h"

enum { ANY_ROLE = -1 };

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
static bool complain_nobody(const check *k, core_place place, const char *what, const core_area *area, const char *service,
                            uint32_t role, int32_t day)
{
    char from[32];
    int32_t queue = core_policy_route(k->policy, service, area->code, day);
    if (queue >= 0 && is_somebody(k->policy, (uint32_t)queue, (int32_t)role, day)) return false;
    if (queue < 0) {
        check_complain(k, place, "%s: service '%s' has no queue in area %s (%s)%s; add a route", what, service, area->code,
                       area->name, check_from(k, day, from));
    } else {
        check_complain(
            k, place, "%s: nobody on the roster is %s in a team of queue %s (%s, %s)%s; add a person, or tell another role", what,
            k->policy->roles[role].name, k->policy->queues[queue].name, service, area->name, check_from(k, day, from));
    }
    return true;
}

/* One complaint an area: the first day on which the ladder is used there and the role is missing. `used` "" = always used. */
static void check_holder(const check *k, core_place place, const char *what, const char *used, const char *only_area,
                         const char *service, uint32_t role)
{
    for (uint32_t i = 0; i < k->policy->area_count; i++) {
        const core_area *area = &k->policy->areas[i];
        if (only_area[0] != '\0' && strcmp(only_area, area->code) != 0) continue;
        bool found = false;
        for (uint32_t d = 0; d < k->day_count && !found; d++) {
            int32_t day = k->days[d];
            if (!core_effective_on(&area->effective, day)) continue;
            if (used[0] != '\0' && core_policy_route(k->policy, used, area->code, day) < 0) continue;
            found = complain_nobody(k, place, what, area, service, role, day);
        }
    }
}

/* ---- ladders --------------------------------------------------------------------------------------------------------------- */

static void check_escalation(const check *k, uint32_t index)
{
    const core_ladder *ladder = &k->policy->ladders[index];
    for (uint32_t i = 0; i < ladder->step_count; i++) {
        char what[CORE_NAME_MAX + 64];
        (void)hub_format(what, sizeof what, "ladder %s, step %u%s", ladder->id, i + 1,
                         i + 1 == ladder->step_count ? ", the last" : "");
        check_holder(k, ladder->steps[i].place, what, ladder->service, ladder->area, ladder->steps[i].service,
                     ladder->steps[i].role);
    }
}

/* Somebody in immediate danger does not wait for Monday. */
static void check_urgent(const check *k, core_place place, const char *ladder, int32_t clock)
{
    if (clock < 0) return;
    const core_clock_row *row = &k->policy->clocks[clock];
    if (row->kind == CORE_CLOCK_ELAPSED_MINUTES || (row->kind == CORE_CLOCK_WORKING_DAYS && row->amount == 0)) return;
    check_warn(k, place,
               "ladder %s: this urgent time can span a closed day; give elapsed_minutes, or working_days 0 (closing time today)",
               ladder);
}

/* Who speaks at a stage, at the queues of the ladder's service; of a ladder for every service, at those that alerts go to. */
static void check_speakers(const check *k, core_place place, const core_disagreement_ladder *ladder, const core_stage *stage)
{
    char what[CORE_NAME_MAX + 64];
    (void)hub_format(what, sizeof what, "ladder %s, stage %u", ladder->id, stage->number);
    if (ladder->service[0] != '\0') {
        check_holder(k, place, what, ladder->service, ladder->area, ladder->service, stage->role);
        return;
    }
    for (uint32_t i = 0; i < k->policy->rule_count; i++) {
        const core_rule *rule = &k->policy->rules[i];
        bool is_new = check_rule_is_ahead(k, rule) && rule->action == CORE_DO_ALERT && rule->service[0] != '\0';
        for (uint32_t n = 0; n < i && is_new; n++)
            is_new = k->policy->rules[n].action != CORE_DO_ALERT || strcmp(k->policy->rules[n].service, rule->service) != 0;
        if (is_new) check_holder(k, place, what, rule->service, ladder->area, rule->service, stage->role);
    }
}

/* Who cannot settle at a stage can only refer it up, or wait until it moves; at the last there is no up. */
static void check_settler(const check *k, const core_disagreement_ladder *ladder, const core_stage *stage)
{
    const core_role *role = &k->policy->roles[stage->role];
    if ((role->may >> MASH__V1__ACT_KIND__ACT_KIND_SETTLE & 1) != 0) return;
    (stage->decides ? check_complain : check_warn)(
        k, stage->place, "ladder %s, stage %u: nobody can end it there: role %s may not settle; add 'settle' to what it may",
        ladder->id, stage->number, role->name);
}

/* Where a ladder names a chair no side's own role decides: one that nobody holds is a last stage without an end. */
static void check_chair(const check *k, const core_disagreement_ladder *ladder, const core_stage *stage)
{
    if (!stage->decides || ladder->chair_queue < 0) return;
    const core_role *role = &k->policy->roles[ladder->chair_role];
    const char *queue = k->policy->queues[ladder->chair_queue].name;
    char from[32];
    if ((role->may >> MASH__V1__ACT_KIND__ACT_KIND_SETTLE & 1) == 0)
        check_complain(k, stage->place, "ladder %s: its chair cannot decide: role %s may not settle; add 'settle' to what it may",
                       ladder->id, role->name);
    for (uint32_t d = 0; d < k->day_count; d++) {
        if (is_somebody(k->policy, (uint32_t)ladder->chair_queue, (int32_t)ladder->chair_role, k->days[d])) continue;
        check_complain(k, stage->place, "ladder %s: nobody on the roster is its chair (%s in a team of queue %s)%s; add a person",
                       ladder->id, role->name, queue, check_from(k, k->days[d], from));
        return;
    }
}

static void check_disagreement(const check *k, uint32_t index)
{
    const core_disagreement_ladder *ladder = &k->policy->disagreements[index];
    for (uint32_t i = 0; i < ladder->stage_count; i++) {
        const core_stage *stage = &ladder->stages[i];
        bool is_last = i + 1 == ladder->stage_count;
        if (is_last && !stage->decides) {
            check_complain(k, stage->place, "ladder %s has no end: its last stage must decide; give it 'decides: yes'",
                           ladder->id);
        }
        if (!is_last && stage->decides) {
            check_complain(k, stage->place,
                           "ladder %s: stage %u decides, so no later stage is ever reached; only the last decides", ladder->id,
                           stage->number);
        }
        if (is_last && stage->optional) {
            check_complain(k, stage->place, "ladder %s has no end: its last stage is optional", ladder->id);
        }
        check_settler(k, ladder, stage);
        check_chair(k, ladder, stage);
        check_urgent(k, stage->place, ladder->id, (int32_t)stage->urgent);
        check_urgent(k, stage->place, ladder->id, stage->acknowledge_urgent);
        check_speakers(k, stage->place, ladder, stage);
    }
}

/* ---- where alerts stand ---------------------------------------------------------------------------------------------------- */

/* A person may send an alert to any queue from which somebody takes them, and rate it anew there. */
static bool may_be_sent_to(const check *k, uint32_t queue)
{
    if (k->policy->queues[queue].is_agency) return false;
    for (uint32_t d = 0; d < k->day_count; d++) {
        if (core_policy_works(k->policy, queue, k->days[d], MASH__V1__SENSITIVITY__SENSITIVITY_OFFICIAL)) return true;
    }
    return false;
}

static bool climbs(const check *k, uint32_t queue, const core_area *area, Mash__V1__Rating rating)
{
    for (uint32_t i = 0; i < k->policy->ladder_count; i++) {
        if (core_ladder_takes(k->policy, &k->policy->ladders[i], queue, area->code, rating)) return true;
    }
    return false;
}

/* One complaint a queue. An alert keeps its area wherever it is sent, so every area may come to every queue. */
static void check_climbs(const check *k, uint32_t queue)
{
    if (!may_be_sent_to(k, queue) && !check_is_alerted(k, queue)) return;
    for (int rating = MASH__V1__RATING__RATING_RED; rating >= MASH__V1__RATING__RATING_BLUE; rating--) {
        for (uint32_t i = 0; i < k->policy->area_count; i++) {
            const core_area *area = &k->policy->areas[i];
            bool is_over = area->effective.until_day != 0 && area->effective.until_day <= k->today;
            if (is_over || climbs(k, queue, area, (Mash__V1__Rating)rating)) continue;
            char name[64];
            check_complain(k, k->policy->queues[queue].place,
                           "queue %s: a %s alert of %s that stands there climbs no ladder when nobody acts on it; add one under "
                           "'escalation'",
                           k->policy->queues[queue].name, event_enum_name(&mash__v1__rating__descriptor, rating, name),
                           area->name);
            return;
        }
    }
}

/* Do both rules open alerts of one rating at one place, for as long? Then one complaint does for both. */
static bool is_alike(const core_rule *a, const core_rule *b)
{
    return a->action == b->action && a->rating == b->rating && a->queue == b->queue && strcmp(a->service, b->service) == 0 &&
           (a->area[0] == '\0' || strcmp(a->area, b->area) == 0) &&
           memcmp(&a->effective, &b->effective, sizeof a->effective) == 0;
}

static bool is_told_already(const check *k, uint32_t index)
{
    for (uint32_t i = 0; i < index; i++) {
        if (check_rule_is_ahead(k, &k->policy->rules[i]) && is_alike(&k->policy->rules[i], &k->policy->rules[index])) return true;
    }
    return false;
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
static const char *unstaffed_night(const check *k, const core_area *area, int32_t day)
{
    if (!k->policy->ratings[MASH__V1__RATING__RATING_RED].out_of_hours_too) return "red has no 'out_of_hours_too: yes'";
    int32_t queue = core_policy_route(k->policy, "out_of_hours", area->code, day);
    if (queue < 0) return "service out_of_hours has no queue there";
    return is_somebody(k->policy, (uint32_t)queue, ANY_ROLE, day) ? NULL
                                                                  : "nobody on the roster is in a team of its out_of_hours queue";
}

static void check_night(const check *k, const core_rule *rule, const core_area *area, int32_t day)
{
    static const char *const DAYS[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    char from[32];
    int32_t closed = first_closed_minute(&k->policy->calendars[0]);
    const char *cause = closed >= 0 ? unstaffed_night(k, area, day) : NULL;
    if (cause == NULL) return;
    check_complain(k, rule->place, "rule %s: a red in %s reaches nobody on %s at %02d:%02d%s: the front door is closed and %s",
                   rule->id, area->name, DAYS[closed / 1440], closed % 1440 / 60, closed % 60, check_from(k, day, from), cause);
}

/* That a queue does the service at all is asked of every rule (check.c). */
static void check_taken(const check *k, const core_rule *rule, const core_area *area, int32_t day)
{
    char name[64], from[32];
    int32_t queue = rule->queue >= 0 ? rule->queue : core_policy_route(k->policy, rule->service, area->code, day);
    if (queue >= 0 && !core_policy_works(k->policy, (uint32_t)queue, day, MASH__V1__SENSITIVITY__SENSITIVITY_OFFICIAL)) {
        check_complain(
            k, rule->place,
            "rule %s: a %s in %s goes to queue %s, and nobody on the roster could take it there%s: no role in a team of that "
            "queue may claim it or send it on",
            rule->id, event_enum_name(&mash__v1__rating__descriptor, (int)rule->rating, name), area->name,
            k->policy->queues[queue].name, check_from(k, day, from));
    }
    if (rule->rating == MASH__V1__RATING__RATING_RED) check_night(k, rule, area, day);
}

static void check_alert(const check *k, const core_rule *rule)
{
    for (uint32_t i = 0; i < k->policy->area_count; i++) {
        const core_area *area = &k->policy->areas[i];
        if (rule->area[0] != '\0' && strcmp(rule->area, area->code) != 0) continue;
        uint32_t before = k->problems->count;
        for (uint32_t d = 0; d < k->day_count && k->problems->count == before; d++) {
            int32_t day = k->days[d];
            if (core_effective_on(&area->effective, day) && core_effective_on(&rule->effective, day))
                check_taken(k, rule, area, day);
        }
    }
}

/* ---- sections, teams, alarms ----------------------------------------------------------------------------------------------- */

/* The compiler lets them be absent, for policies adopted before they were known. */
static bool has_sections(const check *k)
{
    const core_policy *policy = k->policy;
    const struct {
        bool is_there;
        const char *section, *without;
    } rows[] = {
        {policy->role_count > 0, "roles", "nobody may do anything"},
        {policy->team_count > 0, "teams", "nobody may act on a queue"},
        {policy->staff_count > 0, "people", "nobody can act on an alert"},
        {policy->outcome_count > 0, "outcomes", "no alert can be decided"},
        {policy->ladder_count > 0, "escalation", "an alert nobody acts on stays with nobody"},
        {policy->disagreement_count > 0, "disagreement", "two teams that differ have nobody to settle it"},
        {policy->feedback_clock >= 0, "feedback", "nobody sees to it that a referrer hears what came of it"},
        {policy->alarm_service[0] != '\0', "alarms", "an alarm of the hub itself reaches nobody"},
    };
    uint32_t before = k->problems->count;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].is_there) continue;
        check_complain(k, CHECK_NOWHERE, "no file has the section '%s': %s; add it", rows[i].section, rows[i].without);
    }
    return k->problems->count == before;
}

static void check_team(const check *k, uint32_t index)
{
    const core_team *team = &k->policy->teams[index];
    bool has_person = false;
    for (uint32_t i = 0; i < k->policy->staff_count && !has_person; i++) {
        const core_staff_row *row = &k->policy->staff[i];
        has_person = row->team == index && core_effective_on(&row->effective, k->today);
    }
    if (!has_person) check_complain(k, team->place, "team %s: nobody is in it", team->name);
    if (has_person && !is_somebody(k->policy, (uint32_t)team->manager_queue, (int32_t)team->manager_role, k->today)) {
        check_complain(k, team->place, "team %s: nobody on the roster is %s in a team of queue %s, where its managers are told",
                       team->name, k->policy->roles[team->manager_role].name, k->policy->queues[team->manager_queue].name);
    }
}

/* As core_tell_alarms goes about it; `area` NULL: an alarm about no alert. */
static bool alarm_reaches(const check *k, const core_area *area, int32_t day)
{
    const core_policy *policy = k->policy;
    for (uint32_t i = 0; i < policy->route_count; i++) {
        const core_route *route = &policy->routes[i];
        if (strcmp(route->service, policy->alarm_service) != 0 || !core_effective_on(&route->effective, day)) continue;
        if (area != NULL && route->area[0] != '\0' && strcmp(route->area, area->code) != 0) continue;
        if (is_somebody(policy, route->queue, ANY_ROLE, day)) return true;
    }
    return false;
}

static void check_alarms(const check *k)
{
    char from[32];
    const core_policy *policy = k->policy;
    if (!alarm_reaches(k, NULL, k->today)) {
        check_complain(k, policy->alarm_place,
                       "an alarm reaches nobody: nobody on the roster is in a team of a queue of service '%s'",
                       policy->alarm_service);
        return;
    }
    for (uint32_t i = 0; i < policy->area_count; i++) {
        const core_area *area = &policy->areas[i];
        for (uint32_t d = 0; d < k->day_count; d++) {
            int32_t day = k->days[d];
            if (!core_effective_on(&area->effective, day) || alarm_reaches(k, area, day)) continue;
            check_complain(k, policy->alarm_place,
                           "an alarm about an alert in %s reaches nobody%s: nobody on the roster is in a team of a queue of "
                           "service '%s' there",
                           area->name, check_from(k, day, from), policy->alarm_service);
            break;
        }
    }
}

void check_people(const check *k)
{
    if (!has_sections(k)) return;
    for (uint32_t i = 0; i < k->policy->team_count; i++)
        check_team(k, i);
    for (uint32_t i = 0; i < k->policy->ladder_count; i++)
        check_escalation(k, i);
    for (uint32_t i = 0; i < k->policy->disagreement_count; i++)
        check_disagreement(k, i);
    for (uint32_t i = 0; i < k->policy->queue_count; i++)
        check_climbs(k, i);
    for (uint32_t i = 0; i < k->policy->rule_count; i++) {
        const core_rule *rule = &k->policy->rules[i];
        if (rule->action == CORE_DO_ALERT && check_rule_is_ahead(k, rule) && !is_told_already(k, i)) check_alert(k, rule);
    }
    check_alarms(k);
}
