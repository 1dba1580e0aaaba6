/* Two teams disagree about an alert. Both positions are kept word for word; the hub overwrites neither, and decides nothing between them.
 *
 *     dispute -> [re-think] -> stage -> stage ... -> the stage that decides -> closed -> written outcome
 *                   '- respond, settle -'  '- refer, or a lapse: it moves up by itself -'      '- again, from the first stage -'
 *
 * Invariants
 *   G1  it moves up and never down; only a person closes it (C7)
 *   G2  a stage's time starts when the stage became known to people: at the act or the lapse that led to it, never from an earlier due
 *       instant, so that everybody has their time after an outage too
 *   G3  a stage whose role nobody holds on one of the sides is left out at once, with an alarm and both managers told; the last stage
 *       cannot be left out, and its clock runs
 *   G4  a lapse tells each side and each side's managers once; after the last stage's an alarm is raised, and it stays open
 *   G5  the alert goes on beside it: no clock, owner or rating of the alert changes, and no hold of the alert stops it
 *   G6  what is written on it goes to both sides, whatever their lists (disagreement_tell.c); who joins later has it too
 * Taken up again it begins at the first stage: what is new has not been heard there, and a jump is one act away.
 */
#include "core/acts.h"
#include "core/disagreement.h"

#include <string.h>

enum { WORDS_BYTES_MAX = 16000 };

#define STAGE MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_STAGE
#define ACKNOWLEDGE MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ACKNOWLEDGE
#define OUTCOME MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_OUTCOME

/* ---- stages ---------------------------------------------------------------------------------------------------------------- */
static bool both_sides_speak(const core_disagreement *g)
{
    uint32_t sides = 0;
    for (uint32_t i = 0; i < g->policy->staff_count && sides != CORE_SIDE_BOTH; i++)
        sides |= core_disagreement_speaks(g, &g->policy->staff[i], g->ladder->stages[g->stage].role);
    return sides == CORE_SIDE_BOTH;
}

static void move_to(core_decider *d, core_disagreement *g, uint32_t stage, Mash__V1__StageCause cause, uint32_t staff)
{
    g->stage = stage;
    Mash__V1__DisagreementMoved *fact = core_decide_add(d, FACT_DISAGREEMENT_MOVED);
    if (fact == NULL) return;
    fact->disagreement = g->number;
    fact->stage = stage;
    fact->cause = cause;
    fact->staff = staff;
    fact->ladder = (uint32_t)(g->ladder - g->policy->disagreements);
    fact->policy = d->state->policies.count;
    fact->urgent = g->row.urgent != 0;
}

static int64_t start_clock(core_decider *d, const core_disagreement *g, uint32_t rule, Mash__V1__ClockPurpose purpose,
                           uint32_t *started)
{
    core_clock_new what = {.alert = g->row.alert,
                           .rule = rule,
                           .purpose = purpose,
                           .item = g->number,
                           .step = g->stage + 1,
                           .from_ms = d->command->at_ms}; /* G2 */
    return core_clock_start(d, what, started);
}

/* It has come to this stage: clocks, and everybody who has to know. When the stage is due. */
static int64_t enter(core_decider *d, core_disagreement *g, uint32_t clock, core_dispute_told whom, uint32_t *started)
{
    while (!both_sides_speak(g)) { /* G3 */
        core_alarm_about(d, MASH__V1__ALARM_KIND__ALARM_KIND_NO_HOLDER, g->row.alert);
        whom = CORE_TELL_MANAGERS_TOO;
        uint32_t next = core_disagreement_next(g->ladder, g->stage);
        if (next == g->ladder->stage_count) break;
        move_to(d, g, next, MASH__V1__STAGE_CAUSE__STAGE_CAUSE_NO_HOLDER, 0);
    }
    const core_stage *stage = &g->ladder->stages[g->stage];
    int64_t due_ms = start_clock(d, g, g->row.urgent ? stage->urgent : stage->standard, STAGE, started);
    int32_t acknowledge = g->row.urgent ? stage->acknowledge_urgent : stage->acknowledge;
    if (acknowledge >= 0) (void)start_clock(d, g, (uint32_t)acknowledge, ACKNOWLEDGE, started);
    core_disagreement_tell_of(d, g, clock, whom);
    return due_ms;
}

/* Where it stands now and until when, and that the ladder holds nobody up who has to ring 999. */
static void say_where(core_acting *a, const core_disagreement *g, int64_t due_ms)
{
    char due[40];
    core_calendar_text(&a->policy->calendars[0], due_ms, due);
    (void)hub_format(a->d->out->reply.text, sizeof a->d->out->reply.text, "D%u is at stage %u (%s) until %s. %s", g->number,
                     g->ladder->stages[g->stage].number, g->ladder->stages[g->stage].plain, due, g->ladder->danger);
}

static void stop_clocks(core_decider *d, const core_disagreement *g, Mash__V1__ClockPurpose purpose, Mash__V1__StopCause cause)
{
    core_clocks_stop(d, g->row.alert, purpose, g->number, cause);
}

/* ---- who acts -------------------------------------------------------------------------------------------------------------- */
static core_disagreement *read_it(core_acting *a)
{
    core_disagreement *g = hub_arena_take(a->d->arena, sizeof *g);
    if (g == NULL) {
        a->d->failed = true;
        core_act_refuse(a, "no memory");
        return NULL;
    }
    if (a->disagreement != 0) core_disagreement_read(g, a->d->state, a->disagreement, a->d->command->at_ms);
    return g;
}

/* Of this person's rows the first that may do it and speaks at one of the stages from..to; no ladder, or from beyond it: whatever the
 * role. The sides it stands on; 0 after a refusal. */
static uint32_t stand(core_acting *a, const core_disagreement *g, uint32_t from, uint32_t to)
{
    const char *id = a->act->on_behalf_of;
    bool in_any_role = g->ladder == NULL || from >= g->ladder->stage_count;
    for (uint32_t i = 0; i < a->policy->staff_count; i++) {
        const core_staff_row *row = &a->policy->staff[i];
        if (strcmp(row->id, id) != 0 || !core_act_row_may(a, row)) continue;
        bool speaks = in_any_role;
        for (uint32_t k = from; k <= to && !speaks; k++)
            speaks = g->ladder->stages[k].role == row->role;
        uint32_t sides = speaks ? core_disagreement_sides(g, row) : 0;
        if (sides == 0) continue;
        core_act_as(a, row);
        return sides;
    }
    if (in_any_role) {
        core_act_forbid(a, "%s: only people of either side may do that on it", core_act_name(a->kind));
    } else {
        core_act_forbid(a, "%s: at stage %u people of either side in the role %s%s speak", core_act_name(a->kind),
                        g->ladder->stages[g->stage].number, a->policy->roles[g->ladder->stages[to].role].name,
                        from == to ? "" : ", or in that of an earlier stage,");
    }
    return 0;
}

/* The one side this person speaks for at the stage; 0 after a refusal. */
static uint32_t speak(core_acting *a, const core_disagreement *g)
{
    uint32_t side = stand(a, g, 0, g->stage);
    if (side != CORE_SIDE_BOTH) return side;
    core_act_forbid(a, "%s: you stand on both sides; somebody of one side speaks for it", core_act_name(a->kind));
    return 0;
}

static bool is_open(core_acting *a, const core_disagreement *g)
{
    if (g->row.closed) core_act_refuse(a, "%s is closed; what is new takes it up again: dispute.again", a->act->item);
    return !g->row.closed;
}

static bool are_words(core_acting *a, const char *field, const char *text)
{
    if (text[0] != '\0' && strlen(text) <= WORDS_BYTES_MAX) return true;
    core_act_refuse(a, "%s: 1 to %d bytes", field, WORDS_BYTES_MAX);
    return false;
}

/* ---- dispute --------------------------------------------------------------------------------------------------------------- */
/* The first of this person's rows of another team than that. */
static bool act_against(core_acting *a, const core_team *with)
{
    for (uint32_t i = 0; i < a->policy->staff_count; i++) {
        const core_staff_row *row = &a->policy->staff[i];
        if (strcmp(row->id, a->act->on_behalf_of) != 0 || !core_effective_on(&row->effective, a->today)) continue;
        if (&a->policy->teams[row->team] == with || !core_act_row_may(a, row)) continue;
        core_act_as(a, row);
        return true;
    }
    core_act_refuse(a, "dispute.with_team: that is your own team; its manager settles that");
    return false;
}

static bool has_part(const core_acting *a, const core_team *team)
{
    Mash__V1__Sensitivity sensitivity = (Mash__V1__Sensitivity)core_alerts_at(a->d->state, a->alert)->sensitivity;
    for (uint32_t i = 0; i < team->queue_count; i++) {
        bool is_told = core_alert_told(a->d->state, a->alert, a->policy->queues[team->queues[i]].number);
        if (is_told && core_queue_cleared(a->policy, team->queues[i], sensitivity)) return true;
    }
    return false;
}

/* One that is open between the two; 0 = none. */
static uint32_t open_between(const core_acting *a, uint32_t team, uint32_t with_team)
{
    for (uint32_t at = core_alerts_at(a->d->state, a->alert)->disagreements; at != 0;) {
        const core_disagreement_row *row = core_disagreements_at(a->d->state, at);
        bool is_theirs = (row->team == team && row->with_team == with_team) || (row->team == with_team && row->with_team == team);
        if (is_theirs && !row->closed) return at;
        at = row->next;
    }
    return 0;
}

static bool begin_new(core_acting *a, core_disagreement *g)
{
    const core_team *with = NULL;
    if (a->act->dispute->with_team[0] == '\0') {
        core_act_refuse(a, "dispute.with_team: say which team's decision it is");
        return false;
    }
    for (uint32_t i = 0; i < a->policy->team_count && with == NULL; i++) {
        if (strcmp(a->policy->teams[i].name, a->act->dispute->with_team) == 0) with = &a->policy->teams[i];
    }
    if (with == NULL || !has_part(a, with)) {
        core_act_refuse(a, "dispute.with_team: %s",
                        with == NULL ? "the policy has no team of that name" : "that team was not told of it, or may not be");
        return false;
    }
    if (!act_against(a, with)) return false;
    uint32_t open = open_between(a, a->team->number, with->number);
    if (open != 0) {
        core_act_refuse(a, "D%u is open between the two teams; respond to it", open);
        return false;
    }
    core_disagreement_between(g, a->d->state, a->alert, a->team->number, with->number, a->d->command->at_ms);
    return true;
}

/* Whoever takes it up is the side that disagrees now. */
static bool begin_again(core_acting *a, core_disagreement *g)
{
    const core_state *state = a->d->state;
    uint64_t number = core_act_item(a->act->dispute->again, 'D');
    bool is_there =
        number != 0 && number <= state->disagreements.count && core_disagreements_at(state, (uint32_t)number)->alert == a->alert;
    if (!is_there || !core_disagreements_at(state, (uint32_t)number)->closed) {
        core_act_refuse(a, "dispute.again: %s",
                        is_there ? "it is open; respond to it" : "this alert has no such disagreement; D2 is one");
        return false;
    }
    core_disagreement_row was = *core_disagreements_at(state, (uint32_t)number);
    core_disagreement_between(g, state, a->alert, was.team, was.with_team, a->d->command->at_ms);
    g->number = (uint32_t)number;
    uint32_t side = stand(a, g, UINT32_MAX, 0);
    if (side == CORE_SIDE_BOTH) core_act_forbid(a, "dispute.again: you stand on both sides; somebody of one side takes it up");
    if (a->refused) return false;
    uint32_t other = side == CORE_SIDE_FIRST ? was.with_team : was.team;
    if (a->act->dispute->with_team[0] != '\0' && core_team_number(state, a->act->dispute->with_team) != other) {
        core_act_refuse(a, "dispute.with_team: D%u is between other teams", g->number);
        return false;
    }
    core_disagreement_between(g, state, a->alert, side == CORE_SIDE_FIRST ? was.team : was.with_team, other,
                              a->d->command->at_ms);
    g->number = (uint32_t)number;
    g->row.acts = was.acts; /* who joins later is told what was said before, too */
    uint32_t open = open_between(a, was.team, was.with_team);
    if (open != 0) core_act_refuse(a, "D%u is open between the two teams; respond to it", open);
    return !a->refused;
}

static bool find_first_stage(core_acting *a, core_disagreement *g)
{
    const Mash__V1__Dispute *said = a->act->dispute;
    const char *why_not = NULL;
    if (g->ladder == NULL)
        why_not = "the policy has no ladder of disagreement for this alert's queue and area; speak with your manager";
    else if (said->rethink && said->urgent)
        why_not = "dispute.rethink: the urgent lane leaves it out";
    else if (said->rethink && !g->ladder->stages[0].optional)
        why_not = "dispute.rethink: this alert's ladder has none";
    g->stage = why_not != NULL || said->rethink ? 0 : core_disagreement_next(g->ladder, -1);
    if (why_not == NULL && g->stage == g->ladder->stage_count) why_not = "this alert's ladder has optional stages only";
    if (why_not != NULL) core_act_refuse(a, "%s", why_not);
    return why_not == NULL;
}

static void open_it(core_acting *a, const core_disagreement *g)
{
    Mash__V1__DisagreementOpened *fact = core_decide_add(a->d, FACT_DISAGREEMENT_OPENED);
    if (fact == NULL) return;
    fact->disagreement = g->number;
    fact->alert = a->alert;
    fact->ladder = (uint32_t)(g->ladder - g->policy->disagreements);
    fact->policy = a->d->state->policies.count;
    fact->team = g->row.team;
    fact->with_team = g->row.with_team;
    fact->stage = g->stage;
    fact->urgent = g->row.urgent != 0;
    fact->staff = a->staff->number;
    fact->again = g->number <= a->d->state->disagreements.count;
    if (fact->again) stop_clocks(a->d, g, OUTCOME, MASH__V1__STOP_CAUSE__STOP_CAUSE_REPLACED);
}

void core_act_dispute(core_acting *a)
{
    const Mash__V1__Dispute *said = a->act->dispute;
    core_disagreement *g = read_it(a);
    if (g == NULL || !are_words(a, "dispute.position", said->position)) return;
    if (said->again[0] == '\0' ? !begin_new(a, g) : !begin_again(a, g)) return;
    if (!find_first_stage(a, g)) return;
    g->row.urgent = said->urgent ? 1 : 0;
    core_act_head(a);
    open_it(a, g);
    core_act_number(a, g->number);
    int64_t due_ms = enter(a->d, g, 0, said->urgent ? CORE_TELL_MANAGERS_TOO : CORE_TELL_SIDES, &a->started);
    core_disagreement_tell_others(a);
    say_where(a, g, due_ms);
}

/* ---- respond, settle ------------------------------------------------------------------------------------------------------- */
typedef enum answered { STATES_A_POSITION, SETTLES } answered;

static void answer(core_acting *a, const core_disagreement *g, uint32_t side, answered how)
{
    Mash__V1__DisagreementAnswered *fact = core_decide_add(a->d, FACT_DISAGREEMENT_ANSWERED);
    if (fact == NULL) return;
    fact->disagreement = g->number;
    fact->side = side;
    fact->settled = how == SETTLES;
    fact->staff = a->staff->number;
    if (side == CORE_SIDE_OTHER) stop_clocks(a->d, g, ACKNOWLEDGE, MASH__V1__STOP_CAUSE__STOP_CAUSE_MET);
}

void core_act_respond(core_acting *a)
{
    core_disagreement *g = read_it(a);
    if (g == NULL || !is_open(a, g) || !are_words(a, "respond.position", a->act->respond->position)) return;
    uint32_t side = speak(a, g);
    if (side == 0) return;
    core_act_head(a);
    answer(a, g, side, STATES_A_POSITION);
    core_disagreement_tell_of(a->d, g, 0, CORE_TELL_SIDES);
}

/* The clocks of its stage are over; whoever writes the outcome down has until then. */
typedef enum closing { BY_LAST_STAGE, BY_BOTH_SIDES } closing;

static void close_it(core_acting *a, const core_disagreement *g, closing how)
{
    Mash__V1__DisagreementClosed *fact = core_decide_add(a->d, FACT_DISAGREEMENT_CLOSED);
    if (fact == NULL) return;
    fact->disagreement = g->number;
    fact->by_last_stage = how == BY_LAST_STAGE;
    fact->staff = a->staff->number;
    stop_clocks(a->d, g, STAGE, MASH__V1__STOP_CAUSE__STOP_CAUSE_ENDED);
    stop_clocks(a->d, g, ACKNOWLEDGE, MASH__V1__STOP_CAUSE__STOP_CAUSE_ENDED); /* unless answering has met it */
    if (g->ladder != NULL) (void)start_clock(a->d, g, g->ladder->outcome, OUTCOME, &a->started);
}

/* The chair, or somebody who holds the stage's role above both sides: that is what they are for. Where the ladder names no chair, either
 * side's. */
static bool may_decide(const core_disagreement *g, const core_staff_row *row)
{
    uint32_t sides = row->role == g->ladder->stages[g->stage].role ? core_disagreement_sides(g, row) : 0;
    return core_disagreement_is_chair(g, row) || sides == CORE_SIDE_BOTH || (sides != 0 && g->ladder->chair_queue < 0);
}

/* The stage decides for both. */
static void settle_finally(core_acting *a, const core_disagreement *g)
{
    if (g->ladder == NULL || !g->ladder->stages[g->stage].decides) {
        core_act_refuse(a, "settle.final: this stage does not decide; settle for your side, or refer it up");
        return;
    }
    const core_staff_row *found = NULL;
    for (uint32_t i = 0; i < a->policy->staff_count && found == NULL; i++) {
        const core_staff_row *row = &a->policy->staff[i];
        if (strcmp(row->id, a->act->on_behalf_of) == 0 && core_act_row_may(a, row) && may_decide(g, row)) found = row;
    }
    if (found == NULL) {
        const char *role = a->policy->roles[g->ladder->stages[g->stage].role].name;
        bool has_chair = g->ladder->chair_queue >= 0;
        core_act_forbid(a, "settle.final: %s%s in the role %s%s; settle for your own side without `final`",
                        has_chair ? a->policy->roles[g->ladder->chair_role].name : "somebody of either side",
                        has_chair ? " decides between the sides, or somebody" : "", role, has_chair ? " above both" : " decides");
        return;
    }
    core_act_as(a, found);
    core_act_head(a);
    close_it(a, g, BY_LAST_STAGE);
    core_disagreement_tell_of(a->d, g, 0, CORE_TELL_SIDES);
}

void core_act_settle(core_acting *a)
{
    core_disagreement *g = read_it(a);
    if (g == NULL || !is_open(a, g) || !are_words(a, "settle.agreement", a->act->settle->agreement)) return;
    if (a->act->settle->final) {
        settle_finally(a, g);
        return;
    }
    uint32_t side = speak(a, g);
    if (side == 0) return;
    if ((g->row.settled & side) != 0) {
        core_act_refuse(a, "this side has settled already; the other has not");
        return;
    }
    core_act_head(a);
    answer(a, g, side, SETTLES);
    if ((g->row.settled | side) == CORE_SIDE_BOTH) close_it(a, g, BY_BOTH_SIDES);
    core_disagreement_tell_of(a->d, g, 0, CORE_TELL_SIDES);
}

/* ---- refer ----------------------------------------------------------------------------------------------------------------- */
/* The stage asked for; stage_count after a refusal. */
static uint32_t find_target(core_acting *a, const core_disagreement *g)
{
    uint32_t none = g->ladder->stage_count;
    uint32_t to = a->act->refer->to_stage;
    uint32_t target = to == 0 ? core_disagreement_next(g->ladder, g->stage) : g->stage + 1;
    while (to != 0 && target < none && g->ladder->stages[target].number != to)
        target++;
    const char *why_not = NULL;
    if (target == none && to == 0)
        why_not = "it is at the last stage; settle it there";
    else if (target == none)
        why_not = "refer.to_stage: no stage of that number is above this one; it never goes down";
    else if ((g->row.urgent || a->act->refer->urgent) && g->ladder->stages[target].optional)
        why_not = "refer.to_stage: the urgent lane leaves optional stages out";
    if (why_not == NULL) return target;
    core_act_refuse(a, "%s", why_not);
    return none;
}

void core_act_refer(core_acting *a)
{
    core_disagreement *g = read_it(a);
    if (g == NULL || !is_open(a, g) || stand(a, g, 0, g->stage) == 0) return;
    if (g->ladder == NULL) {
        core_act_refuse(a, "the policy has no ladder for it any more; settle it, or speak with your manager");
        return;
    }
    uint32_t target = find_target(a, g);
    if (a->refused) return;
    bool is_new = a->act->refer->urgent && !g->row.urgent; /* to the urgent lane; nothing leads back */
    if (is_new) g->row.urgent = 1;
    core_act_head(a);
    stop_clocks(a->d, g, STAGE, MASH__V1__STOP_CAUSE__STOP_CAUSE_REPLACED);
    stop_clocks(a->d, g, ACKNOWLEDGE, MASH__V1__STOP_CAUSE__STOP_CAUSE_REPLACED);
    Mash__V1__StageCause cause = target > core_disagreement_next(g->ladder, g->stage)
                                     ? MASH__V1__STAGE_CAUSE__STAGE_CAUSE_JUMPED
                                     : MASH__V1__STAGE_CAUSE__STAGE_CAUSE_REFERRED;
    move_to(a->d, g, target, cause, a->staff->number);
    int64_t due_ms = enter(a->d, g, 0, is_new ? CORE_TELL_MANAGERS_TOO : CORE_TELL_SIDES, &a->started);
    if (is_new) say_where(a, g, due_ms);
}

static uint32_t running_stage(const core_acting *a, const core_disagreement *g)
{
    for (uint32_t at = core_alerts_at(a->d->state, a->alert)->clocks; at != 0; at = core_clocks_at(a->d->state, at)->next) {
        const core_clock_run *clock = core_clocks_at(a->d->state, at);
        if (clock->purpose == (uint8_t)STAGE && clock->item == g->number && clock->state == CORE_CLOCK_RUNNING) return at;
    }
    return 0;
}

/* The latest time to which this stage may be put off: its own, and what the ladder allows on top; never in the urgent lane. */
static int64_t latest_due(const core_acting *a, const core_disagreement *g, const core_clock_run *clock)
{
    if (g->ladder == NULL || g->ladder->extend < 0 || g->row.urgent) return clock->due_ms;
    const core_clock_row *own = core_clock_rule(a->d->state, clock);
    const core_calendar *calendar = &core_policy_numbered(a->d->state, clock->policy)->calendars[own->calendar];
    int64_t own_ms = core_calendar_due(calendar, own->kind, own->amount, own->roll, clock->from_ms).due_ms;
    const core_clock_row *more = &a->policy->clocks[g->ladder->extend];
    return core_calendar_due(&a->policy->calendars[more->calendar], more->kind, more->amount, more->roll, own_ms).due_ms;
}

/* Less time for a stage, for a child's need may be nearer than its limit; or more, as far as the ladder lets one side put it off. */
void core_stage_restate(core_acting *a)
{
    core_disagreement *g = read_it(a);
    if (g == NULL || !is_open(a, g) || stand(a, g, 0, g->stage) == 0) return;
    int64_t due_ms = a->act->restate->due_ms;
    uint32_t number = running_stage(a, g);
    if (number == 0 || due_ms <= a->d->command->at_ms) {
        core_act_refuse(a, "restate.due_ms: %s",
                        number == 0 ? "the time of its last stage is over" : "of a stage it is said, and later than now");
        return;
    }
    int64_t latest_ms = latest_due(a, g, core_clocks_at(a->d->state, number));
    if (due_ms > core_clocks_at(a->d->state, number)->due_ms && due_ms > latest_ms) {
        char latest[40];
        core_calendar_text(&a->policy->calendars[0], latest_ms, latest);
        core_act_refuse(a, "restate.due_ms: this ladder lets it be due earlier, and at the latest %s", latest);
        return;
    }
    core_act_head(a);
    core_clock_move(a->d, number, (core_due){.due_ms = due_ms}, MASH__V1__MOVE_CAUSE__MOVE_CAUSE_RESTATED, 0);
    core_disagreement_tell_of(a->d, g, 0, CORE_TELL_SIDES);
}

/* ---- note ------------------------------------------------------------------------------------------------------------------ */
void core_disagreement_note(core_acting *a)
{
    core_disagreement *g = read_it(a);
    if (g == NULL) return;
    core_act_head(a);
    core_disagreement_tell_of(a->d, g, 0, CORE_TELL_SIDES);
}

/* ---- the written outcome --------------------------------------------------------------------------------------------------- */
void core_act_record_outcome(core_acting *a)
{
    core_disagreement *g = read_it(a);
    if (g == NULL || !are_words(a, "record_outcome.outcome", a->act->record_outcome->outcome)) return;
    if (!g->row.closed) {
        core_act_refuse(a, "%s is open; its outcome is written when it is closed", a->act->item);
        return;
    }
    if (stand(a, g, UINT32_MAX, 0) == 0) return;
    core_act_head(a);
    stop_clocks(a->d, g, OUTCOME, MASH__V1__STOP_CAUSE__STOP_CAUSE_MET);
    core_disagreement_tell_of(a->d, g, 0, CORE_TELL_SIDES);
}

/* ---- clocks lapse ---------------------------------------------------------------------------------------------------------- */
static core_disagreement *read_of_clock(core_decider *d, uint32_t clock)
{
    core_disagreement *g = hub_arena_take(d->arena, sizeof *g);
    if (g == NULL) {
        d->failed = true;
        return NULL;
    }
    core_disagreement_read(g, d->state, core_clocks_at(d->state, clock)->item, d->command->at_ms);
    return g;
}

/* Not resolved in time: it moves up by itself. */
void core_stage_lapsed(core_decider *d, uint32_t clock, uint32_t *started)
{
    core_disagreement *g = read_of_clock(d, clock);
    if (g == NULL) return;
    uint32_t next = g->ladder == NULL ? 0 : core_disagreement_next(g->ladder, g->stage);
    if (g->ladder == NULL || next == g->ladder->stage_count) { /* G4 */
        core_alarm_about(d, MASH__V1__ALARM_KIND__ALARM_KIND_LADDER_ENDED, g->row.alert);
        core_disagreement_tell_of(d, g, clock, CORE_TELL_BOARD_TOO);
        return;
    }
    Mash__V1__Acted *fact = core_decide_add(d, FACT_ACTED);
    if (fact == NULL) return;
    fact->act = MASH__V1__ACT_KIND__ACT_KIND_REFER;
    fact->alert = g->row.alert;
    fact->disagreement = g->number;
    fact->version = g->row.version + 1;
    stop_clocks(d, g, ACKNOWLEDGE, MASH__V1__STOP_CAUSE__STOP_CAUSE_REPLACED);
    move_to(d, g, next, MASH__V1__STAGE_CAUSE__STAGE_CAUSE_LAPSED, 0);
    (void)enter(d, g, clock, CORE_TELL_MANAGERS_TOO, started);
}

void core_disagreement_overdue(core_decider *d, uint32_t clock, uint32_t *started)
{
    (void)started;
    core_disagreement *g = read_of_clock(d, clock);
    if (g != NULL) core_disagreement_tell_of(d, g, clock, CORE_TELL_MANAGERS_TOO);
}
