/* story_disagreement.h - two doors that have the same alert and disagree about it. Every story's A1 is the other door's by then; the
 * front door had it first. */
#ifndef UNIT_CORE_STORY_DISAGREEMENT_H
#define UNIT_CORE_STORY_DISAGREEMENT_H

#include "story_acts.h"

/* ---- given ---- */
void two_doors_have(story *s, event_said said);
void two_doors_have_it(story *s);
void it_is_disputed(story *s); /* D1, by anna of the front door */
void it_is_settled(story *s);  /* by both sides, at whatever stage */
/* Another row of the roster for somebody who has one; before the command that it matters to. */
void give_row(story *s, const char *id, const char *role);
void give_row_in(story *s, const char *id, const char *role, const char *team);
void leave_roster(story *s, const char *id);
/* A copy of the story's ladder under another id, for this service and area. */
void add_ladder(story *s, const char *id, const char *service, const char *area);
void the_board_has_a_queue_of_its_own(story *s); /* out-of-hours */
void acknowledge_by(story *s, int32_t rule);     /* at stage 1, a row of the policy's clocks */
void put_off_by(story *s, int32_t rule);         /* how far one side may; -1 = not at all */
/* dora, at a queue of her own (out-of-hours), chairs the last stage. */
void dora_chairs(story *s);
void adopt_ladder_without_rethink(story *s);
void adopt_no_ladder(story *s);

/* ---- when ---- */
typedef struct dispute_said {
    const char *by, *with;
    const char *position; /* NULL = some */
    const char *again;    /* NULL = a new one */
    bool urgent, rethink;
} dispute_said;
const Mash__V1__ActReply *dispute(story *s, dispute_said said);
const Mash__V1__ActReply *respond(story *s, const char *by);
const Mash__V1__ActReply *refer(story *s, const char *by, uint32_t to_stage, const char *reason);
const Mash__V1__ActReply *settle(story *s, const char *by, bool final);
const Mash__V1__ActReply *record_outcome(story *s, const char *by);
/* Lets time pass and ticks until a disagreement has moved; 1, and the record is the last one; 0 when nothing due moves any. */
size_t tick_until_moved(story *s, int64_t ms);
/* Likewise until a clock of this purpose has lapsed; there must be one. */
void tick_until_lapsed(story *s, int64_t ms, Mash__V1__ClockPurpose purpose);

/* ---- then: of the last record ---- */
const Mash__V1__DisagreementOpened *opened(const story *s);
const Mash__V1__DisagreementMoved *stage_moved(const story *s, size_t index);
const Mash__V1__DisagreementClosed *closed(const story *s);
int64_t due_by(const story *s, uint32_t rule);        /* of the clock that was started by this row of the policy */
size_t told_of_it(const story *s, const char *queue); /* now; positions of before are not counted */
/* What the last act said, kept for those who join later. */
core_record kept_act(story *s);
/* The delivery of the last record to this queue that tells that earlier act again; NULL: there is none. */
Mash__V1__Delivery *told_again(story *s, const char *queue, const core_record *earlier);

#endif
