/* acts.h - what people do: who may, on what, and what follows. Private to hub/core.
 *
 *     act --> who is it (key -> team -> person -> role)  --> which item, which version --> the act's own function --> facts
 *
 * Invariants
 *   A1  an act is done for one person on today's roster, in a team the key may act for, in a role that may do it
 *   A2  only people of a team whose queue was told of an alert may see it or act on it; a party never. Who was told at the queue of an
 *       agency has a voice in it - answers, notes, disagrees - and does not work it: the alert is its team's
 *   A3  an act that names an older version is refused, and told who changed what meanwhile
 *   A4  every act is recorded, done or refused; a repeat of its command_id gets the first answer
 *   A5  an alert has at most one owner at every instant, and its owner is somebody on the roster, in a team that works it; who leaves
 *       gives it back on that day
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
    CORE_ITEM_NOTICE = 32,
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
    uint32_t alert;        /* of every item but a queue and a notice */
    uint32_t disagreement; /* or 0 */
    uint32_t item;         /* request or feedback; row of a notice's event; or 0 */
    uint32_t queue;        /* number; of a queue's daily list */
    uint32_t version;      /* after this act; 0 = the item has none */
    uint32_t started;      /* clocks started by this act so far */
    bool refused;
} core_acting;

/* The alert that the act is about. */
static inline const core_alert_row *core_acting_alert(const core_acting *a)
{
    return core_alerts_at(a->d->state, a->alert);
}

/* Ends the act: nothing is done. The text is for the person; it may name fields, roster ids and items, never what somebody wrote. */
void core_act_refuse(core_acting *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same for who may not do it: not allowed, instead of refused. */
void core_act_forbid(core_acting *a, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* What this team has to do with the alert. */
typedef enum core_part { CORE_PART_NONE, CORE_PART_PARTNER, CORE_PART_WORKS } core_part;
core_part core_team_part(const core_state *state, uint32_t alert, const core_team *team);
/* And what somebody has to do with it in this row of the roster: none for a party, and for who may not see a restricted alert. */
core_part core_staff_part(const core_state *state, uint32_t alert, const core_staff_row *row, int32_t today);
/* May this row of the roster do it? A person may have several; the first that may is taken. */
bool core_act_row_may(const core_acting *a, const core_staff_row *row);
/* From here on the act is done in this row, with its team and role. */
void core_act_as(core_acting *a, const core_staff_row *row);
/* 17 of "A17"; 0 when it does not begin with this letter, or no number follows. */
uint64_t core_act_item(const char *text, char letter);
/* Finds what the act names, or refuses; `allowed`: core_item_kind bits. */
void core_act_find_item(core_acting *a, int allowed);
/* Makes a number known that the act gave: of a request, a disagreement. */
void core_act_number(core_acting *a, uint64_t number);
/* Heads the facts of a done act: to be called once, after every refusal has been thought of and before any other fact. */
void core_act_head(core_acting *a);
/* May an answer to this act name who did something? As a delivery would, by the queues of the acting team that were told of it (V5). */
bool core_act_hears_who(const core_acting *a);
/* The person of this roster id who works the alert too, in a role that may do `what`; NULL after a refusal that names the field. */
const core_staff_row *core_act_colleague(core_acting *a, const char *field, const char *id, Mash__V1__ActKind what);
/* "claim", as the roster says it, and "claimed it", for people; NULL and a general word for a kind that is not in the table. */
const char *core_act_name(Mash__V1__ActKind kind);
const char *core_act_words(Mash__V1__ActKind kind);
/* The same of an act that was done: a hold may have been asked for only. */
const char *core_acted_words(const Mash__V1__Acted *fact);
/* Does this act name the version it was decided on? */
bool core_act_is_versioned(Mash__V1__Act__WhatCase what);
/* Tells every queue that was ever told of the alert (A2), each once. */
void core_act_tell(core_acting *a, Mash__V1__DeliveryKind kind, uint64_t item);
/* The same of another alert, which the act changes too. */
void core_act_tell_of(core_acting *a, uint32_t alert, Mash__V1__DeliveryKind kind, uint64_t item);

/* ---- clocks of an alert, for acts and ladders alike (act_clocks.c) ---- */
typedef struct core_clock_new {
    uint32_t alert, rule; /* rule: position in the clocks of the policy in force */
    Mash__V1__ClockPurpose purpose;
    uint64_t item;
    uint32_t step;
    int64_t from_ms;
    int64_t due_ms; /* 0 = reckoned by the rule; otherwise a person's word */
    bool beside;    /* a step, begun while a later one of its ladder waits */
} core_clock_new;
/* Starts a clock. `started` counts the clocks started in this decision. Gives when it is due. */
int64_t core_clock_start(core_decider *d, core_clock_new what, uint32_t *started);
/* Why it had run out before anybody here could keep it; unspecified when it had not, or when a person has given it another time since. */
Mash__V1__LateCause core_clock_arrival(const core_clock_run *run);
/* Runs or is held, and nothing decided so far has stopped it or let it lapse: one decision says one thing of a clock. */
bool core_clock_goes_on(const core_decider *d, uint32_t clock);
/* A promise that ran out, and that nobody has kept since. */
bool core_clock_is_overdue(const core_state *state, uint32_t clock);
/* Of a clock that is met by a notice being seen: does this queue (number) have the service's notices, or had it them since the clock began? */
bool core_clock_watches(const core_state *state, const core_clock_run *run, uint32_t queue);
/* Has one of the alert's events a notice that nobody of such a queue has ever seen, or has none of them been given one? Of event `but`
 * (0 = none) it is taken for seen. */
bool core_notices_unseen(const core_state *state, const core_clock_run *run, uint32_t but);
/* Leaves a clock alone that does not go on; a promise that ran out is met once more, late. */
void core_clock_stop(core_decider *d, uint32_t clock, Mash__V1__StopCause cause);
/* Stops every deadline and step of the alert that is met now that people have done `met` (bit n = core_met_by n). */
void core_clocks_meet(core_decider *d, uint32_t alert, uint32_t met);
/* Moves when it is due; the old due stays in the fact. left_minutes: HELD, kinds of minutes. */
void core_clock_move(core_decider *d, uint32_t clock, core_due due, Mash__V1__MoveCause cause, int64_t left_minutes);
/* Restate on a disagreement: its stage's time. A note on one: for its sides. */
void core_stage_restate(core_acting *a);
void core_disagreement_note(core_acting *a);
/* What is met when this is: who decided has seen, claimed, rated. */
uint32_t core_met_with(uint32_t met);
/* Stops every clock of the alert that has this purpose and item (item 0 = any), running or held. */
void core_clocks_stop(core_decider *d, uint32_t alert, Mash__V1__ClockPurpose purpose, uint64_t item, Mash__V1__StopCause cause);
/* Starts the deadlines of this rating that the alert has not had, from when it was opened. */
void core_clocks_of_rating(core_acting *a, Mash__V1__Rating rating);

/* ---- ladders (escalate.c) ---- */
/* Begins every ladder for this rating and queue at its first step that is not met; of one that waits already, what stands before it. */
typedef struct core_ladder_start_at {
    uint32_t alert;
    uint32_t queue; /* position: whose alert it is */
    const char *area;
    Mash__V1__Rating rating;
    int64_t from_ms;
    uint32_t met; /* bit n = core_met_by n */
    bool graver;  /* an event has made it so: also what a ladder had gone past is asked again */
} core_ladder_start_at;
void core_ladders_start(core_decider *d, core_ladder_start_at at, uint32_t *started);
/* The same when an event makes an open alert graver (E5). Nothing comes later by it than it would have. */
void core_ladders_tighten(core_decider *d, core_ladder_start_at at, uint32_t *started);
/* For an open alert that stands in the state and is nobody's, from then on; by night the out-of-hours team hears of it. */
void core_ladders_start_again(core_decider *d, uint32_t alert, uint32_t met, int64_t from_ms, uint32_t *started);
/* What has been done on it, but for the claim: its owner has gone. */
uint32_t core_met_without_owner(const core_state *state, uint32_t alert);
/* Position in today's policy of the ladder a step's clock belongs to; -1 = the policy has dropped it. */
int32_t core_ladder_today(const core_state *state, const core_clock_run *clock);
/* People have done `met` (bit n = core_met_by n), and the alert has this rating now: where a step waited for that, the next one that
 * still waits begins when that step would have been due. */
void core_ladders_go_on(core_decider *d, uint32_t alert, Mash__V1__Rating rating, uint32_t met, uint32_t *started);
/* A step's clock has lapsed: takes it, and the next ones while nobody holds their role. */
void core_escalate(core_decider *d, uint32_t clock, uint32_t *started);
/* The alert's events that this queue has not had with it: at most the 64 newest, newest last. */
void core_tell_events(core_decider *d, uint32_t queue_position, uint32_t alert);
/* Tells the managers of every team that works the queue; whether there is any. */
bool core_tell_managers(core_decider *d, uint32_t queue_position, uint32_t alert, core_telling said);
/* Outside hours a rating that asks for it is the out-of-hours team's too: nothing waits for Monday unseen (clocks.md). */
void core_tell_out_of_hours(core_decider *d, uint32_t alert, Mash__V1__Rating rating);
/* The hold ended at `ended_ms`: its clocks go on. */
void core_resume(core_decider *d, uint32_t alert, uint32_t staff, int64_t ended_ms);
/* Ends a hold before its time. A hold needs an owner, so giving the alert away ends it; clocks stopped before stay so. */
void core_hold_drop(core_acting *a);

void core_owner_change(core_acting *a, uint32_t staff, uint32_t offered_to, Mash__V1__OwnerCause cause);
/* A claim runs from now, by this rating. */
void core_claim_start(core_decider *d, uint32_t alert, Mash__V1__Rating rating, uint32_t *started);
/* A named person's act ends the alert, and what still ran is over (A6). */
void core_alert_end(core_decider *d, uint32_t alert, uint32_t staff);
/* Its owner, or somebody whose role may reassign; false after a refusal. */
bool core_act_may_dispose(core_acting *a, const char *what);
/* Does a record of not sharing with this agency stand on the alert? */
bool core_agency_barred(const core_alert_row *alert, const core_agency_row *agency);
/* Who owns the alert and does something on it keeps the claim for as long again; while it is held no claim runs. */
void core_claim_renew(core_acting *a, Mash__V1__Rating rating);

/* ---- the acts themselves; each in the file of its subject ---- */
void core_act_claim(core_acting *a);
void core_act_release(core_acting *a);
void core_act_hand_over(core_acting *a);
void core_act_note(core_acting *a);
void core_act_seen(core_acting *a);
void core_act_wait(core_acting *a);
void core_act_withhold(core_acting *a);
void core_act_share(core_acting *a);
void core_act_declare_party(core_acting *a);
void core_act_clear_party(core_acting *a);
void core_act_confirm_link(core_acting *a);
void core_act_split_link(core_acting *a);
void core_act_rate(core_acting *a);
void core_act_decide(core_acting *a);
void core_act_reassign(core_acting *a);
void core_act_sign(core_acting *a);
void core_act_hold(core_acting *a);
void core_act_resume(core_acting *a);
void core_act_restate(core_acting *a);
void core_act_request_information(core_acting *a);
void core_act_answer(core_acting *a);
void core_act_dispute(core_acting *a);
void core_act_respond(core_acting *a);
void core_act_refer(core_acting *a);
void core_act_settle(core_acting *a);
void core_act_record_outcome(core_acting *a);

/* ---- a disagreement is told (disagreement_tell.c) ---- */
struct core_disagreement;
typedef enum core_dispute_told { CORE_TELL_SIDES, CORE_TELL_MANAGERS_TOO, CORE_TELL_BOARD_TOO } core_dispute_told;
/* Its sides, whoever speaks for them, and the board's office from its stage on; `clock`: on which lapsed one, 0 = none. */
void core_disagreement_tell_of(core_decider *d, const struct core_disagreement *g, uint32_t clock, core_dispute_told whom);
void core_disagreement_tell_others(core_acting *a);

/* ---- a disagreement's clocks lapse (act_dispute.c) ---- */
void core_stage_lapsed(core_decider *d, uint32_t clock, uint32_t *started);
/* Nobody has answered, or nobody has written the outcome down. */
void core_disagreement_overdue(core_decider *d, uint32_t clock, uint32_t *started);

#endif
