#include "core/disagreement.h"

#include <string.h>

#include "core/decide.h"

enum { MANAGERS_MAX = 8 }; /* queues above a team that are looked at */

/* ---- the ladder ------------------------------------------------------------------------------------------------------------ */
/* An area's own before the one for every area; one for the queue's service before one for every service. */
static const core_disagreement_ladder *choose_ladder(const core_state *state, const core_policy *policy, uint32_t alert)
{
    const core_alert_row *row = core_alerts_at(state, alert);
    int32_t queue = core_policy_queue(policy, row->queue);
    const core_disagreement_ladder *best = NULL;
    int best_rank = -1;
    for (uint32_t i = 0; queue >= 0 && i < policy->disagreement_count; i++) {
        const core_disagreement_ladder *ladder = &policy->disagreements[i];
        bool is_for_it = core_policy_serves(policy, (uint32_t)queue, ladder->service) &&
                         (ladder->area[0] == '\0' || strcmp(ladder->area, row->area) == 0);
        int rank = (ladder->area[0] != '\0' ? 2 : 0) + (ladder->service[0] != '\0' ? 1 : 0);
        if (!is_for_it || rank <= best_rank) continue;
        best = ladder;
        best_rank = rank;
    }
    return best;
}

/* Where a disagreement that began under another policy stands today. */
static void find_place_today(core_disagreement *g)
{
    const core_policy *begun = core_policy_numbered(g->state, g->row.policy);
    const core_disagreement_ladder *was = &begun->disagreements[g->row.ladder];
    g->ladder = NULL;
    for (uint32_t i = 0; i < g->policy->disagreement_count && g->ladder == NULL; i++) {
        if (strcmp(g->policy->disagreements[i].id, was->id) == 0) g->ladder = &g->policy->disagreements[i];
    }
    if (g->ladder == NULL) g->ladder = choose_ladder(g->state, g->policy, g->row.alert);
    if (g->ladder == NULL) return;
    HUB_ASSERT(g->ladder->stage_count > 0);
    uint32_t at = 0; /* the stage of this number, or else the one above, or else the last */
    while (at + 1 < g->ladder->stage_count && g->ladder->stages[at].number < was->stages[g->row.stage].number)
        at++;
    g->stage = at;
}

uint32_t core_disagreement_next(const core_disagreement_ladder *ladder, int64_t stage)
{
    uint32_t at = (uint32_t)(stage + 1);
    while (at < ladder->stage_count && ladder->stages[at].optional)
        at++;
    return at;
}

/* ---- the sides ------------------------------------------------------------------------------------------------------------- */
const core_team *core_disagreement_team(const core_policy *policy, uint32_t number)
{
    for (uint32_t i = 0; i < policy->team_count; i++) {
        if (policy->teams[i].number == number) return &policy->teams[i];
    }
    return NULL;
}

static void add_queue(uint32_t queues[MANAGERS_MAX], uint32_t *count, int32_t queue)
{
    for (uint32_t i = 0; i < *count; i++) {
        if ((int32_t)queues[i] == queue) return;
    }
    if (queue >= 0 && *count < MANAGERS_MAX) queues[(*count)++] = (uint32_t)queue;
}

/* Where the team's managers are told, theirs, and so on up; nearest first. */
static uint32_t queues_of_managers(const core_policy *policy, const core_team *team, uint32_t queues[MANAGERS_MAX])
{
    uint32_t count = 0;
    add_queue(queues, &count, team->manager_queue);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < policy->team_count; k++) {
            if (core_team_has(&policy->teams[k], queues[i])) add_queue(queues, &count, policy->teams[k].manager_queue);
        }
    }
    return count;
}

static bool shares_queue(const core_team *a, const core_team *b)
{
    for (uint32_t i = 0; i < a->queue_count; i++) {
        if (core_team_has(b, a->queues[i])) return true;
    }
    return false;
}

static void measure(const core_policy *policy, uint32_t side, uint8_t distance[CORE_POLICY_TEAMS_MAX])
{
    memset(distance, 0, CORE_POLICY_TEAMS_MAX);
    const core_team *own = core_disagreement_team(policy, side);
    if (own == NULL) return;
    uint32_t managers[MANAGERS_MAX];
    uint32_t count = queues_of_managers(policy, own, managers);
    for (uint32_t i = 0; i < policy->team_count; i++) {
        const core_team *team = &policy->teams[i];
        distance[i] = team == own ? 1 : shares_queue(team, own) ? 2 : 0;
        for (uint32_t k = 0; k < count && distance[i] == 0; k++) {
            if (core_team_has(team, managers[k])) distance[i] = (uint8_t)(3 + k);
        }
    }
}

/* ---- reading --------------------------------------------------------------------------------------------------------------- */
static void begin(core_disagreement *out, const core_state *state, int64_t at_ms)
{
    out->state = state;
    out->policy = core_policy_now(state);
    out->today = core_calendar_day(&out->policy->calendars[0], at_ms, NULL);
    measure(out->policy, out->row.team, out->distance[0]);
    measure(out->policy, out->row.with_team, out->distance[1]);
}

void core_disagreement_read(core_disagreement *out, const core_state *state, uint32_t number, int64_t at_ms)
{
    *out = (core_disagreement){.number = number, .row = *core_disagreements_at(state, number)};
    begin(out, state, at_ms);
    find_place_today(out);
}

void core_disagreement_between(core_disagreement *out, const core_state *state, uint32_t alert, uint32_t team, uint32_t with_team,
                               int64_t at_ms)
{
    *out = (core_disagreement){.number = state->disagreements.count + 1,
                               .row = {.alert = alert, .team = team, .with_team = with_team}};
    begin(out, state, at_ms);
    out->ladder = choose_ladder(state, out->policy, alert);
}

/* ---- who stands where ------------------------------------------------------------------------------------------------------ */
/* Of all their teams today, the nearest to either side. */
static uint32_t sides_of_person(const core_disagreement *g, uint32_t staff)
{
    uint32_t nearest[2] = {UINT32_MAX, UINT32_MAX};
    for (uint32_t i = 0; i < g->policy->staff_count; i++) {
        const core_staff_row *row = &g->policy->staff[i];
        if (row->number != staff || !core_effective_on(&row->effective, g->today)) continue;
        for (int side = 0; side < 2; side++) {
            uint32_t distance = g->distance[side][row->team];
            if (distance != 0 && distance < nearest[side]) nearest[side] = distance;
        }
    }
    if (nearest[0] == nearest[1]) return nearest[0] == UINT32_MAX ? 0 : CORE_SIDE_BOTH;
    return nearest[0] < nearest[1] ? CORE_SIDE_FIRST : CORE_SIDE_OTHER;
}

/* On the roster today, no party, and cleared for a restricted alert. */
static bool may_take_part(const core_disagreement *g, const core_staff_row *row)
{
    bool is_restricted = core_alerts_at(g->state, g->row.alert)->sensitivity >= MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED;
    if (!core_effective_on(&row->effective, g->today)) return false;
    if (is_restricted && !g->policy->roles[row->role].restricted) return false;
    return !core_alert_party(g->state, g->row.alert, row->number);
}

uint32_t core_disagreement_sides(const core_disagreement *g, const core_staff_row *row)
{
    uint32_t of_row =
        (g->distance[0][row->team] != 0 ? CORE_SIDE_FIRST : 0u) | (g->distance[1][row->team] != 0 ? CORE_SIDE_OTHER : 0u);
    if (of_row == 0 || !may_take_part(g, row)) return 0;
    uint32_t of_person = sides_of_person(g, row->number);
    return (of_row & of_person) != 0 ? of_person : 0;
}

bool core_disagreement_is_chair(const core_disagreement *g, const core_staff_row *row)
{
    bool is_meant = g->ladder != NULL && g->ladder->chair_queue >= 0 && row->role == g->ladder->chair_role &&
                    core_team_has(&g->policy->teams[row->team], (uint32_t)g->ladder->chair_queue);
    return is_meant && may_take_part(g, row);
}

int32_t core_disagreement_reached(const core_disagreement *g, const core_team *team)
{
    Mash__V1__Sensitivity sensitivity = (Mash__V1__Sensitivity)core_alerts_at(g->state, g->row.alert)->sensitivity;
    for (uint32_t i = 0; i < team->queue_count; i++) {
        const core_queue_row *queue = &g->policy->queues[team->queues[i]];
        bool is_told = core_alert_told(g->state, g->row.alert, queue->number);
        if (is_told && core_queue_cleared(g->policy, team->queues[i], sensitivity)) return (int32_t)team->queues[i];
    }
    for (int side = 0; side < 2; side++) {
        const core_team *own = core_disagreement_team(g->policy, side == 0 ? g->row.team : g->row.with_team);
        uint32_t managers[MANAGERS_MAX];
        uint32_t count = own == NULL ? 0 : queues_of_managers(g->policy, own, managers);
        for (uint32_t i = 0; i < count; i++) {
            if (core_team_has(team, managers[i]) && core_queue_cleared(g->policy, managers[i], sensitivity))
                return (int32_t)managers[i];
        }
    }
    return -1;
}

uint32_t core_disagreement_speaks(const core_disagreement *g, const core_staff_row *row, uint32_t role)
{
    if (row->role != role || core_disagreement_reached(g, &g->policy->teams[row->team]) < 0) return 0;
    return core_disagreement_sides(g, row);
}
