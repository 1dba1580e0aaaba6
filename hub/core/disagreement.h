/* disagreement.h - reading a disagreement between two teams: which ladder, who stands on which side, who speaks. Private to hub/core.
 *
 * A side is a team. With it stand teams that work one of its queues and, further off, those who manage it. A person stands on the side
 * that is nearer to any of their teams; on both when both are as near, as a director above the two. Who stands on both sides can hold a
 * stage's role for both and decide where a stage decides, but states no position and settles for neither.
 *
 * Everything is by the policy in force and today's roster. A policy that changes meanwhile keeps a disagreement at the stage of the same
 * number of the ladder of the same id; where that ladder is gone, of the one that is chosen for the alert now.
 */
#ifndef CORE_DISAGREEMENT_H
#define CORE_DISAGREEMENT_H

#include "core/state.h"
#include "mash/v1/alert.pb-c.h"

enum { CORE_SIDE_FIRST = 1, CORE_SIDE_OTHER = 2, CORE_SIDE_BOTH = 3 }; /* bits; who disagrees, and with whom */

typedef struct core_disagreement {
    const core_state *state;
    const core_policy *policy; /* in force */
    int32_t today;
    uint32_t number;
    core_disagreement_row row;              /* as it stands, or is about to be opened; `stage` is of its own policy's ladder */
    const core_disagreement_ladder *ladder; /* NULL: the policy in force has none for this alert */
    uint32_t stage;                         /* position in `ladder` */
    uint8_t distance[2]
                    [CORE_POLICY_TEAMS_MAX]; /* of each team, by position, from either side; 1 = it is the side; 0 = not of it */
} core_disagreement;

/* One that stands in the state, as of hub time `at_ms`. */
void core_disagreement_read(core_disagreement *out, const core_state *state, uint32_t number, int64_t at_ms);
/* One that is about to be opened between these teams (numbers): no stage yet. */
void core_disagreement_between(core_disagreement *out, const core_state *state, uint32_t alert, uint32_t team, uint32_t with_team,
                               int64_t at_ms);

/* The next stage above `stage` that is not optional; stage_count when there is none. From -1: the first. */
uint32_t core_disagreement_next(const core_disagreement_ladder *ladder, int64_t stage);
/* The policy's team of this number; NULL when it has none. */
const core_team *core_disagreement_team(const core_policy *policy, uint32_t number);

/* Sides on which this row of the roster stands today: bits. 0 for a party, and for who may not see a restricted alert. */
uint32_t core_disagreement_sides(const core_disagreement *g, const core_staff_row *row);
/* Likewise, of somebody who holds this role and can be told. */
uint32_t core_disagreement_speaks(const core_disagreement *g, const core_staff_row *row, uint32_t role);
/* Do they chair the stage that decides? */
bool core_disagreement_is_chair(const core_disagreement *g, const core_staff_row *row);
/* The queue (position) where this team hears of it: one that was told of the alert, or else of the managers of a side; -1 = none. */
int32_t core_disagreement_reached(const core_disagreement *g, const core_team *team);

/* ---- for people (disagreement_view.c) ---- */
/* "a side took it up"; NULL for a cause of a newer version. */
const char *core_stage_cause_words(Mash__V1__StageCause cause);
/* As it stands in `state`, in the arena. HUB_OK or HUB_ERR_MEMORY. */
hub_status core_disagreement_view(const core_state *state, uint32_t number, hub_arena *arena, Mash__V1__DisagreementView *out);

#endif
