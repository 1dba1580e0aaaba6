#include "story_disagreement.h"

#include <stdio.h>
#include <string.h>

#include "core/state.h"
#include "event/wire.h"

enum { ROWS_MORE = 4, OUT_OF_HOURS = 2 /* queue of story.c */ };

static char *words(const char *text)
{
    return (char *)(uintptr_t)text; /* BORROWED by the act for the call */
}

static void *keep(story *s, const void *from, size_t size, size_t more)
{
    unsigned char *made = hub_arena_take(&s->kept, size + more);
    assert_non_null(made);
    memcpy(made, from, size);
    return made;
}

/* ---- given ----------------------------------------------------------------------------------------------------------------- */
void two_doors_have(story *s, event_said said)
{
    publish(s, said);
    then_done(reassign(s, "dina", "other-door"));
}

void two_doors_have_it(story *s)
{
    two_doors_have(s, (event_said){.number = 1});
}

void it_is_disputed(story *s)
{
    two_doors_have_it(s);
    then_done(dispute(s, (dispute_said){.by = "anna", .with = "other-team"}));
}

void it_is_settled(story *s)
{
    then_done(settle(s, "anna", false));
    then_done(settle(s, "olga", false));
    assert_true(core_disagreements_at(s->state, 1)->closed);
}

static core_staff_row *row_of(story *s, const char *id)
{
    for (uint32_t i = 0; i < s->policy->staff_count; i++) {
        if (strcmp(s->policy->staff[i].id, id) == 0) return (core_staff_row *)(uintptr_t)&s->policy->staff[i];
    }
    fail_msg("nobody is called %s", id);
    return NULL;
}

void give_row_in(story *s, const char *id, const char *role, const char *team)
{
    core_policy *policy = s->policy;
    core_staff_row row = *row_of(s, id);
    for (row.role = 0; strcmp(policy->roles[row.role].name, role) != 0; row.role++)
        assert_true(row.role + 1 < policy->role_count);
    for (uint32_t i = 0; team != NULL && i < policy->team_count; i++) {
        if (strcmp(policy->teams[i].name, team) == 0) row.team = i;
    }
    core_staff_row *rows = keep(s, policy->staff, policy->staff_count * sizeof row, ROWS_MORE * sizeof row);
    rows[policy->staff_count++] = row;
    policy->staff = rows;
}

void give_row(story *s, const char *id, const char *role)
{
    give_row_in(s, id, role, NULL);
}

void leave_roster(story *s, const char *id)
{
    row_of(s, id)->effective.until_day = 1;
}

void add_ladder(story *s, const char *id, const char *service, const char *area)
{
    core_policy *policy = s->policy;
    core_disagreement_ladder ladder = policy->disagreements[0];
    core_disagreement_ladder *ladders =
        keep(s, policy->disagreements, policy->disagreement_count * sizeof ladder, ROWS_MORE * sizeof ladder);
    (void)snprintf(ladder.id, sizeof ladder.id, "%s", id);
    (void)snprintf(ladder.service, sizeof ladder.service, "%s", service);
    (void)snprintf(ladder.area, sizeof ladder.area, "%s", area);
    ladders[policy->disagreement_count++] = ladder;
    policy->disagreements = ladders;
}

static core_disagreement_ladder *own_ladder(story *s)
{
    core_disagreement_ladder *ladder = keep(s, s->policy->disagreements, sizeof *ladder, 0);
    s->policy->disagreements = ladder;
    return ladder;
}

void the_board_has_a_queue_of_its_own(story *s)
{
    own_ladder(s)->board_queue = OUT_OF_HOURS;
}

void acknowledge_by(story *s, int32_t rule)
{
    own_ladder(s)->stages[1].acknowledge = rule;
}

void put_off_by(story *s, int32_t rule)
{
    own_ladder(s)->extend = rule;
}

void dora_chairs(story *s)
{
    give_row_in(s, "dora", "nobody-has-it", "night-team");
    core_disagreement_ladder *ladder = own_ladder(s);
    ladder->chair_queue = OUT_OF_HOURS;
    ladder->chair_role = s->policy->staff[s->policy->staff_count - 1].role;
}

static void adopt(story *s, const core_disagreement_ladder *ladder)
{
    core_policy *policy = keep(s, s->policy, sizeof *policy, 0);
    policy->disagreements = ladder;
    policy->disagreement_count = ladder == NULL ? 0 : 1;
    policy->digest[0]++;
    Mash__V1__AdoptPolicy sources = MASH__V1__ADOPT_POLICY__INIT;
    core_reply reply = command(s, (core_command){.kind = CORE_ADOPT_POLICY, .peer = 1, .of.adopt = {policy, &sources}});
    assert_int_equal(reply.command, MASH__V1__COMMAND_CODE__COMMAND_DONE);
}

void adopt_ladder_without_rethink(story *s)
{
    core_disagreement_ladder *ladder = keep(s, s->policy->disagreements, sizeof *ladder, 0);
    ladder->stage_count--;
    memmove(ladder->stages, ladder->stages + 1, ladder->stage_count * sizeof ladder->stages[0]);
    adopt(s, ladder);
}

void adopt_no_ladder(story *s)
{
    adopt(s, NULL);
}

/* ---- when ------------------------------------------------------------------------------------------------------------------ */
const Mash__V1__ActReply *dispute(story *s, dispute_said said)
{
    Mash__V1__Dispute body = MASH__V1__DISPUTE__INIT;
    body.with_team = words(said.with == NULL ? "" : said.with);
    body.position = words(said.position == NULL ? "the bruises do not fit what the mother says" : said.position);
    body.again = words(said.again == NULL ? "" : said.again);
    body.urgent = said.urgent;
    body.rethink = said.rethink;
    return act(s, (act_said){.by = said.by, .what = MASH__V1__ACT__WHAT_DISPUTE, .body = &body});
}

const Mash__V1__ActReply *respond(story *s, const char *by)
{
    Mash__V1__Respond body = MASH__V1__RESPOND__INIT;
    body.position = words("the paediatrician has seen the child and disagrees");
    return act(s, (act_said){.by = by, .item = "D1", .what = MASH__V1__ACT__WHAT_RESPOND, .body = &body});
}

const Mash__V1__ActReply *refer(story *s, const char *by, uint32_t to_stage, const char *reason)
{
    Mash__V1__Refer body = MASH__V1__REFER__INIT;
    body.to_stage = to_stage;
    return act(s, (act_said){.by = by, .item = "D1", .what = MASH__V1__ACT__WHAT_REFER, .body = &body, .reason = reason});
}

const Mash__V1__ActReply *settle(story *s, const char *by, bool final)
{
    Mash__V1__Settle body = MASH__V1__SETTLE__INIT;
    body.agreement = words("a joint visit this week");
    body.final = final;
    return act(s, (act_said){.by = by, .item = "D1", .what = MASH__V1__ACT__WHAT_SETTLE, .body = &body});
}

const Mash__V1__ActReply *record_outcome(story *s, const char *by)
{
    Mash__V1__RecordOutcome body = MASH__V1__RECORD_OUTCOME__INIT;
    body.outcome = words("agreed: a joint visit this week; learning: ask for the paediatrician's letter first");
    return act(s, (act_said){.by = by, .item = "D1", .what = MASH__V1__ACT__WHAT_RECORD_OUTCOME, .body = &body});
}

size_t tick_until_moved(story *s, int64_t ms)
{
    for (size_t lapsed = tick_after(s, ms); lapsed > 0; lapsed = tick_after(s, 0)) {
        if (facts(s, 106) > 0) return 1;
    }
    return 0;
}

void tick_until_lapsed(story *s, int64_t ms, Mash__V1__ClockPurpose purpose)
{
    for (size_t lapsed = tick_after(s, ms); lapsed > 0; lapsed = tick_after(s, 0)) {
        for (size_t i = 0; i < lapsed; i++) {
            uint32_t clock = (uint32_t)fact(s, 51, i)->clock_lapsed->clock;
            if (core_clocks_at(s->state, clock)->purpose == purpose) return;
        }
    }
    fail_msg("no such clock has lapsed");
}

/* ---- then ------------------------------------------------------------------------------------------------------------------ */
const Mash__V1__DisagreementOpened *opened(const story *s)
{
    assert_int_equal(facts(s, 105), 1);
    return fact(s, 105, 0)->disagreement_opened;
}

const Mash__V1__DisagreementMoved *stage_moved(const story *s, size_t index)
{
    assert_true(index < facts(s, 106));
    return fact(s, 106, index)->disagreement_moved;
}

const Mash__V1__DisagreementClosed *closed(const story *s)
{
    assert_int_equal(facts(s, 108), 1);
    return fact(s, 108, 0)->disagreement_closed;
}

int64_t due_by(const story *s, uint32_t rule)
{
    for (size_t i = 0; i < facts(s, 50); i++) {
        if (fact(s, 50, i)->clock_started->rule == rule) return fact(s, 50, i)->clock_started->due_ms;
    }
    fail_msg("no such clock was started");
    return 0;
}

size_t told_of_it(const story *s, const char *queue)
{
    size_t count = 0;
    for (size_t i = 0; i < facts(s, 60); i++) {
        const Mash__V1__Delivered *told = fact(s, 60, i)->delivered;
        bool is_meant =
            told->kind == MASH__V1__DELIVERY_KIND__DELIVERY_KIND_DISAGREEMENT && told->item == 1 && told->act_sequence == 0;
        if (is_meant && strcmp(core_queue_name(s->state, told->queue), queue) == 0) count++;
    }
    return count;
}

core_record kept_act(story *s)
{
    Mash__V1__Personal *personal = keep(s, s->decision.personal, sizeof *personal, 0);
    personal->act.data = keep(s, personal->act.data, personal->act.len, 0);
    return (core_record){.sequence = core_sequence(s->state), .personal = personal};
}

Mash__V1__Delivery *told_again(story *s, const char *queue, const core_record *earlier)
{
    core_record record = last_record(s);
    record.earlier = earlier;
    record.earlier_count = 1;
    for (size_t i = 0; i < record.control->n_facts; i++) {
        const Mash__V1__Fact *at = record.control->facts[i];
        if (at->kind != 60 || strcmp(core_queue_name(s->state, at->delivered->queue), queue) != 0) continue;
        if (at->delivered->act_sequence != earlier->sequence) continue;
        core_delivery_cache cache = {0};
        hub_buffer packed = {0};
        assert_int_equal(core_deliver(s->state, &record, i, false, &s->kept, &cache, &packed), HUB_OK);
        hub_bytes bytes = hub_bytes_of(keep(s, packed.data, packed.size, 0), packed.size);
        hub_buffer_free(&packed);
        event_wire_fault fault;
        ProtobufCMessage *message = NULL;
        assert_int_equal(event_wire_unpack(&mash__v1__delivery__descriptor, bytes, &s->kept, &message, &fault), HUB_OK);
        return (Mash__V1__Delivery *)message;
    }
    return NULL;
}
