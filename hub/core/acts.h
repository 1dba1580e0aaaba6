/* acts.h - what people do: who may, on what, and what follows. Private to hub/core.
 *
 *     act --> who is it (key -> team -> person -> role)  --> which item, which version --> the act's own function --> facts
 *
 * Invariants
 *   A1  an act is done for one person on today's roster, in a team the key may act for, in a role that may do it
 *   A2  only people of a team whose queue was told of an alert may see it or act on it; a party never
 *   A3  an act that names an older version is refused, and told who changed what meanwhile
 *   A4  every act is recorded, done or refused; a repeat of its command_id gets the first answer
 *   A5  an alert has at most one owner at every instant, and its owner is somebody on the roster
 *   A6  only a named person's act ends an alert, a line or a disagreement (C7)
 */
#ifndef CORE_ACTS_H
#define CORE_ACTS_H

#include "core/decide.h"

typedef enum core_item_kind {
    CORE_ITEM_ALERT = 1,
    CORE_ITEM_DISAGREEMENT = 2,
    CORE_ITEM_REQUEST = 4,
    CORE_ITEM_FEEDBACK = 8,
    CORE_ITEM_QUEUE = 16,
} core_item_kind;

/* One act being decided. */
typedef struct core_acting {
    core_decider *d;
    const core_policy *policy;
    const Mash__V1__Act *act;
    Mash__V1__ActKind kind;
    int32_t today;
    const core_staff_row *staff;
    const core_team *team;
    const core_role *role;
    core_item_kind item_kind;
    uint32_t alert;        /* of every item but a queue */
    uint32_t disagreement; /* or 0 */
    uint32_t item;         /* request or feedback, or 0 */
    uint32_t queue;        /* number; of a queue's daily list */
    uint32_t version;      /* after this act; 0 = the item has none */
    uint32_t started;      /* clocks started by this act so far */
    bool refused;
} core_acting;

/* Ends the act: nothing is done. The text is for the person; it may name fields, roster ids and items, never what somebody wrote. */
void core_act_refuse(core_acting *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Makes a number known that the act gave: of a request, a disagreement. */
void core_act_number(core_acting *a, uint64_t number);
/* Heads the facts of a done act: to be called once, after every refusal has been thought of and before any other fact. */
void core_act_head(core_acting *a);
/* The person of this roster id who may act on the alert too; NULL after a refusal that names the field. */
const core_staff_row *core_act_colleague(core_acting *a, const char *field, const char *id);
/* "claim", as the roster says it, and "claimed it", for people; NULL and a general word for a kind that is not in the table. */
const char *core_act_name(Mash__V1__ActKind kind);
const char *core_act_words(Mash__V1__ActKind kind);
/* Tells every queue that was ever told of the alert (A2), each once. */
void core_act_tell(core_acting *a, Mash__V1__DeliveryKind kind, uint64_t item);

/* ---- clocks of an alert, for acts and ladders alike (act_clocks.c) ---- */
/* Starts a clock of the policy in force: from `from_ms`. `started` counts the clocks started in this decision. */
void core_clock_start(core_decider *d, uint32_t alert, uint32_t rule, Mash__V1__ClockPurpose purpose, uint64_t item,
                      uint32_t step, int64_t from_ms, uint32_t *started);
void core_clock_stop(core_decider *d, uint32_t clock, Mash__V1__StopCause cause);
/* Stops every clock of the alert that is met now that people have done `met` (bit n = core_met_by n). */
void core_clocks_meet(core_decider *d, uint32_t alert, uint32_t met);
/* Stops every clock of the alert that has this purpose and item (item 0 = any), running or held. */
void core_clocks_stop(core_decider *d, uint32_t alert, Mash__V1__ClockPurpose purpose, uint64_t item, Mash__V1__StopCause cause);

/* Who owns the alert and does something on it keeps the claim for as long again. */
void core_claim_renew(core_acting *a);

/* ---- the acts themselves; each in the file of its subject ---- */
void core_act_claim(core_acting *a);
void core_act_release(core_acting *a);
void core_act_hand_over(core_acting *a);
void core_act_note(core_acting *a);
void core_act_seen(core_acting *a);

#endif
