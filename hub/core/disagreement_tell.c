/* Who is told of a disagreement, and as what: its sides with everything that is written on it, their managers by their lists, the board's
 * office as a copy - which, where, how far. A queue that joins a side later is told the positions of before. See act_dispute.c. */
#include "core/acts.h"
#include "core/disagreement.h"

#include <string.h>

enum { POSITIONS_MAX = 16 }; /* told again to who joins later: the newest; with the act itself they travel in one frame */

/* What is told of it in this decision, and on which lapsed clock (0 = none). */
static core_telling news(const core_disagreement *g, uint32_t clock, Mash__V1__ToldAs as)
{
    return (core_telling){.kind = MASH__V1__DELIVERY_KIND__DELIVERY_KIND_DISAGREEMENT,
                          .alert = g->row.alert,
                          .clock = clock,
                          .item = g->number,
                          .told_as = as};
}

static bool tell_queue(core_decider *d, const core_disagreement *g, int32_t queue, core_telling said)
{
    Mash__V1__Sensitivity sensitivity = (Mash__V1__Sensitivity)core_alerts_at(d->state, g->row.alert)->sensitivity;
    if (queue < 0 || !core_queue_cleared(g->policy, (uint32_t)queue, sensitivity)) return false;
    core_tell(d, g->policy, (uint32_t)queue, sensitivity, said);
    return true;
}

static bool is_position(const core_act_row *act)
{
    return act->act == MASH__V1__ACT_KIND__ACT_KIND_DISPUTE || act->act == MASH__V1__ACT_KIND__ACT_KIND_RESPOND ||
           act->act == MASH__V1__ACT_KIND__ACT_KIND_SETTLE;
}

/* Both sides' positions, oldest first, for a queue that has not had them. */
static void tell_positions(core_decider *d, const core_disagreement *g, int32_t queue)
{
    bool is_new = g->number > d->state->disagreements.count;
    if (is_new || core_disagreement_told(d->state, g->number, g->policy->queues[queue].number)) return;
    uint64_t sequences[POSITIONS_MAX];
    uint32_t count = 0;
    for (uint32_t at = g->row.acts; at != 0 && count < POSITIONS_MAX; at = core_acts_at(d->state, at)->next) {
        if (is_position(core_acts_at(d->state, at))) sequences[count++] = core_acts_at(d->state, at)->sequence;
    }
    while (count > 0) {
        core_telling said = news(g, 0, MASH__V1__TOLD_AS__TOLD_AS_SIDE);
        said.act_sequence = sequences[--count];
        (void)tell_queue(d, g, queue, said);
    }
}

static bool tell_as_side(core_decider *d, const core_disagreement *g, int32_t queue, uint32_t clock)
{
    if (queue < 0) return false;
    tell_positions(d, g, queue);
    return tell_queue(d, g, queue, news(g, clock, MASH__V1__TOLD_AS__TOLD_AS_SIDE));
}

static void tell_side(core_decider *d, const core_disagreement *g, uint32_t number, uint32_t clock)
{
    const core_team *team = core_disagreement_team(g->policy, number);
    bool any = false;
    for (uint32_t i = 0; team != NULL && i < team->queue_count; i++) {
        bool has_it = core_alert_told(d->state, g->row.alert, g->policy->queues[team->queues[i]].number);
        if (has_it && tell_as_side(d, g, (int32_t)team->queues[i], clock)) any = true;
    }
    if (!any) core_alarm_about(d, MASH__V1__ALARM_KIND__ALARM_KIND_NO_ROUTE, g->row.alert); /* a person must tell them */
}

/* Whoever speaks for the sides at this stage, where that is another queue; and at the stage that decides its chair. */
static void tell_speakers(core_decider *d, const core_disagreement *g, uint32_t clock)
{
    const core_stage *stage = &g->ladder->stages[g->stage];
    for (uint32_t i = 0; i < g->policy->staff_count; i++) {
        const core_staff_row *row = &g->policy->staff[i];
        if (core_disagreement_speaks(g, row, stage->role) != 0)
            (void)tell_as_side(d, g, core_disagreement_reached(g, &g->policy->teams[row->team]), clock);
    }
    if (stage->decides && g->ladder->chair_queue >= 0 && !tell_as_side(d, g, g->ladder->chair_queue, clock))
        core_alarm_about(d, MASH__V1__ALARM_KIND__ALARM_KIND_NO_ROUTE, g->row.alert);
}

static void tell_managers(core_decider *d, const core_disagreement *g, uint32_t clock)
{
    const uint32_t SIDES[] = {g->row.team, g->row.with_team};
    for (size_t i = 0; i < 2; i++) {
        const core_team *team = core_disagreement_team(g->policy, SIDES[i]);
        core_telling said = news(g, clock, MASH__V1__TOLD_AS__TOLD_AS_LISTED);
        if (team == NULL || !tell_queue(d, g, team->manager_queue, said))
            core_alarm_about(d, MASH__V1__ALARM_KIND__ALARM_KIND_NO_ROUTE, g->row.alert);
    }
}

/* The board's office is copied from the first stage that says so. */
static void tell_board(core_decider *d, const core_disagreement *g, uint32_t clock, core_dispute_told whom)
{
    bool is_copied = whom == CORE_TELL_BOARD_TOO;
    for (uint32_t i = 0; i <= g->stage; i++)
        is_copied = is_copied || g->ladder->stages[i].board_office;
    if (is_copied) (void)tell_queue(d, g, g->ladder->board_queue, news(g, clock, MASH__V1__TOLD_AS__TOLD_AS_COPY));
}

/* Sides first: a queue is told once, and what a side reads is more than what a list or a copy has. */
void core_disagreement_tell_of(core_decider *d, const core_disagreement *g, uint32_t clock, core_dispute_told whom)
{
    tell_side(d, g, g->row.team, clock);
    tell_side(d, g, g->row.with_team, clock);
    if (g->ladder != NULL) tell_speakers(d, g, clock);
    if (whom != CORE_TELL_SIDES) tell_managers(d, g, clock);
    if (g->ladder != NULL) tell_board(d, g, clock, whom);
}

/* Every other team that has the alert hears that its version has risen. */
void core_disagreement_tell_others(core_acting *a)
{
    const core_alert_row *alert = core_alerts_at(a->d->state, a->alert);
    for (uint32_t at = alert->told; at != 0; at = core_told_at(a->d->state, at)->next) {
        uint32_t number = core_told_at(a->d->state, at)->queue;
        int32_t queue = core_policy_queue(a->policy, number);
        bool has_heard = queue < 0 || a->policy->queues[queue].is_agency;
        for (size_t i = 0; i < a->d->count && !has_heard; i++)
            has_heard = a->d->facts[i]->kind == 60 && a->d->facts[i]->delivered->queue == number;
        if (has_heard) continue;
        core_tell(a->d, a->policy, (uint32_t)queue, (Mash__V1__Sensitivity)alert->sensitivity,
                  (core_telling){.kind = MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT, .alert = a->alert});
    }
}
