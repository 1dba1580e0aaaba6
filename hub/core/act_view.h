/* act_view.h - what a delivery says of an act, a step, a request, feedback. Private to hub/core.
 *
 * Who acted and what they wrote are two lists of their own in an audience (policy.h): deny by default. What is addressed to a queue - the
 * question to the agency that is asked, the words meant for the referrer - is given to that queue and to the teams that work the alert.
 * What is written on a disagreement is addressed to both its sides.
 */
#ifndef CORE_ACT_VIEW_H
#define CORE_ACT_VIEW_H

#include "core/sharing.h"
#include "core/state.h"
#include "mash/v1/act.pb-c.h"
#include "mash/v1/alert.pb-c.h"

typedef struct core_act_viewing {
    const core_state *state; /* BORROWED, all of them */
    const core_view *view;
    const core_record *record;
    const Mash__V1__Delivered *delivery; /* the one that is being built */
    const core_policy *policy;           /* today's */
    const core_audience *audience;       /* NULL: the policy has dropped it; then only what no list withholds */
    bool is_cleared;                     /* for every event of the alert */
    const core_record *earlier;          /* whose act the delivery takes along; NULL = none, or it is not at hand */
    hub_arena *arena;
} core_act_viewing;

/* Fills act, escalation, request, feedback of `out`; *withheld: words were there that this audience may not read.
 * false when the arena is used up. */
bool core_act_views(const core_act_viewing *v, Mash__V1__Delivery *out, bool *withheld);
/* Fills owner, state, version and what is open of an alert. false when the arena is used up. */
bool core_alert_act_view(const core_act_viewing *v, uint32_t alert, Mash__V1__Alert *out);
/* The text that an act of its kind holds, and what it is called; both "" where it has none. BORROWED from the act. */
typedef struct core_act_said {
    const char *label, *words;
} core_act_said;
core_act_said core_act_own_words(const Mash__V1__Act *act);
/* What a step waits for, "claimed", and what nobody had done, "claimed it". */
typedef struct core_met_said {
    const char *waited_for, *not_done;
} core_met_said;
core_met_said core_met_words(core_met_by met);
/* "hc-3", or "staff 12" for a number that is on nobody's row today; in the arena. */
char *core_staff_words(const core_act_viewing *v, uint32_t staff);

#endif
