#include "story_people.h"

#include <stdio.h>
#include <string.h>

#include "core/acts.h"
#include "event/wire.h"

enum { FRONT_DOOR, OTHER_DOOR, OUT_OF_HOURS, DUTY, HEALTH_QUEUE }; /* queues of story.c */
enum { PRACTITIONER, TEAM_MANAGER, DUTY_MANAGER, AGENCY_PERSON, DIRECTOR, NOBODY_HAS_IT };
enum { FRONT_TEAM, OTHER_TEAM, DUTY_TEAM, HEALTH_TEAM, NIGHT_TEAM };

static void text(char *to, size_t size, const char *from)
{
    (void)snprintf(to, size, "%s", from);
}

#define MAY(act) (UINT32_C(1) << MASH__V1__ACT_KIND__ACT_KIND_##act)

static void fill_roles(story_people *p)
{
    static const struct {
        const char *name;
        uint32_t may;
        bool restricted;
    } ROWS[] = {
        [PRACTITIONER] = {"practitioner", UINT32_MAX & ~MAY(REASSIGN) & ~MAY(ANSWER), false},
        [TEAM_MANAGER] = {"team-manager", UINT32_MAX & ~MAY(ANSWER), true},
        [DUTY_MANAGER] = {"duty-manager", MAY(REASSIGN) | MAY(SEEN) | MAY(HAND_OVER) | MAY(NOTE), false},
        [AGENCY_PERSON] = {"agency-person", MAY(ANSWER) | MAY(SEEN) | MAY(DISPUTE) | MAY(RESPOND) | MAY(REFER) | MAY(SETTLE),
                           false},
        [DIRECTOR] = {"director", UINT32_MAX, true},
        [NOBODY_HAS_IT] = {"nobody-has-it", UINT32_MAX, true},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        text(p->roles[i].name, sizeof p->roles[i].name, ROWS[i].name);
        p->roles[i].may = ROWS[i].may;
        p->roles[i].restricted = ROWS[i].restricted;
    }
}

static void fill_teams(story_people *p)
{
    static const struct {
        const char *name;
        uint32_t queue;
        uint32_t manager_role;
    } ROWS[] = {
        [FRONT_TEAM] = {"front-team", FRONT_DOOR, TEAM_MANAGER},   [OTHER_TEAM] = {"other-team", OTHER_DOOR, TEAM_MANAGER},
        [DUTY_TEAM] = {"duty-team", DUTY, DUTY_MANAGER},           [HEALTH_TEAM] = {"health-team", HEALTH_QUEUE, AGENCY_PERSON},
        [NIGHT_TEAM] = {"night-team", OUT_OF_HOURS, PRACTITIONER},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        text(p->teams[i].name, sizeof p->teams[i].name, ROWS[i].name);
        p->teams[i].queues[0] = ROWS[i].queue;
        p->teams[i].queue_count = 1;
        p->teams[i].manager_queue = (int32_t)(i == HEALTH_TEAM ? HEALTH_QUEUE : DUTY);
        p->teams[i].manager_role = ROWS[i].manager_role;
    }
}

static uint32_t fill_staff(story_people *p)
{
    static const struct {
        const char *id;
        uint32_t team, role, alternate;
    } ROWS[] = {
        {"anna", FRONT_TEAM, PRACTITIONER, 3},   {"bob", FRONT_TEAM, PRACTITIONER, 0},     {"mona", FRONT_TEAM, TEAM_MANAGER, 0},
        {"olga", OTHER_TEAM, PRACTITIONER, 0},   {"otto", OTHER_TEAM, TEAM_MANAGER, 0},    {"dora", DUTY_TEAM, DUTY_MANAGER, 0},
        {"hana", HEALTH_TEAM, AGENCY_PERSON, 0}, {"henry", HEALTH_TEAM, AGENCY_PERSON, 0}, {"nick", NIGHT_TEAM, PRACTITIONER, 0},
        {"dina", FRONT_TEAM, DIRECTOR, 0},       {"hugo", HEALTH_TEAM, DIRECTOR, 0},       {"olaf", OTHER_TEAM, DIRECTOR, 0},
    };
    enum { COUNT = sizeof ROWS / sizeof ROWS[0] };
    for (uint32_t i = 0; i < COUNT; i++) {
        text(p->staff[i].id, sizeof p->staff[i].id, ROWS[i].id);
        p->staff[i].number = i + 1;
        p->staff[i].team = ROWS[i].team;
        p->staff[i].role = ROWS[i].role;
        p->staff[i].alternate = ROWS[i].alternate;
    }
    return COUNT;
}

static void fill_clocks(core_clock_row *clocks)
{
    static const core_clock_row ROWS[STORY_CLOCKS] = {
        [CLAIM_CLOCK] = {.id = "claim", .kind = CORE_CLOCK_ELAPSED_MINUTES, .amount = 120, .met_by = CORE_MET_OTHER},
        [REQUEST_CLOCK] = {.id = "answer", .kind = CORE_CLOCK_ELAPSED_MINUTES, .amount = 120, .met_by = CORE_MET_OTHER},
        [FEEDBACK_CLOCK] = {.id = "feedback", .kind = CORE_CLOCK_WORKING_DAYS, .amount = 2, .met_by = CORE_MET_OTHER},
        [OUTCOME_CLOCK] = {.id = "outcome", .kind = CORE_CLOCK_WORKING_DAYS, .amount = 2, .met_by = CORE_MET_OTHER},
        [RED_1] = {.id = "E-RED/1", .kind = CORE_CLOCK_ELAPSED_MINUTES, .amount = 15, .met_by = CORE_MET_CLAIMED},
        [RED_2] = {.id = "E-RED/2", .kind = CORE_CLOCK_ELAPSED_MINUTES, .amount = 15, .met_by = CORE_MET_CLAIMED},
        [RED_3] = {.id = "E-RED/3", .kind = CORE_CLOCK_ELAPSED_MINUTES, .amount = 30, .met_by = CORE_MET_CLAIMED},
        [CLOSING_1] = {.id = "E-CLOSING/1", .kind = CORE_CLOCK_WORKING_DAYS, .amount = 0, .met_by = CORE_MET_RATED},
        [STAGE_0] = {.id = "D/0", .kind = CORE_CLOCK_WORKING_DAYS, .amount = 2, .met_by = CORE_MET_OTHER},
        [STAGE_1] = {.id = "D/1", .kind = CORE_CLOCK_WORKING_DAYS, .amount = 2, .met_by = CORE_MET_OTHER},
        [STAGE_1_URGENT] = {.id = "D/1u", .kind = CORE_CLOCK_ELAPSED_MINUTES, .amount = 240, .met_by = CORE_MET_OTHER},
        [STAGE_1_ACK] = {.id = "D/1a", .kind = CORE_CLOCK_WORKING_DAYS, .amount = 1, .met_by = CORE_MET_OTHER},
        [STAGE_2] = {.id = "D/2", .kind = CORE_CLOCK_WORKING_DAYS, .amount = 5, .met_by = CORE_MET_OTHER},
        [STAGE_2_URGENT] = {.id = "D/2u", .kind = CORE_CLOCK_ELAPSED_MINUTES, .amount = 240, .met_by = CORE_MET_OTHER},
        [STAGE_3] = {.id = "D/3", .kind = CORE_CLOCK_WORKING_DAYS, .amount = 10, .met_by = CORE_MET_OTHER},
        [STAGE_3_URGENT] = {.id = "D/3u", .kind = CORE_CLOCK_ELAPSED_MINUTES, .amount = 480, .met_by = CORE_MET_OTHER},
    };
    memcpy(clocks + CLAIM_CLOCK, ROWS + CLAIM_CLOCK, (STORY_CLOCKS - CLAIM_CLOCK) * sizeof *clocks);
    for (int i = 0; i < CLAIM_CLOCK; i++)
        clocks[i].met_by = CORE_MET_DECIDED;
}

static void fill_ladders(story_people *p)
{
    core_ladder *red = &p->ladders[0];
    text(red->id, sizeof red->id, "E-RED");
    red->ratings = UINT32_C(1) << MASH__V1__RATING__RATING_RED;
    text(red->service, sizeof red->service, "front_door");
    red->steps[0] = (core_step){.clock = RED_1, .role = TEAM_MANAGER, .service = "front_door"};
    red->steps[1] = (core_step){.clock = RED_2, .role = NOBODY_HAS_IT, .service = "front_door"};
    red->steps[2] = (core_step){.clock = RED_3, .role = DUTY_MANAGER, .service = "duty"};
    red->step_count = 3;
    core_ladder *closing = &p->ladders[1];
    text(closing->id, sizeof closing->id, "E-CLOSING");
    closing->ratings = UINT32_C(1) << MASH__V1__RATING__RATING_AMBER;
    text(closing->service, sizeof closing->service, "front_door");
    closing->steps[0] = (core_step){.clock = CLOSING_1, .role = PRACTITIONER, .service = "out_of_hours", .with_events = true};
    closing->step_count = 1;

    core_disagreement_ladder *d = &p->disagreements[0];
    text(d->id, sizeof d->id, "D-CHILDREN");
    text(d->service, sizeof d->service, "front_door");
    text(d->danger, sizeof d->danger, "If a child is in immediate danger call 999; the strategy discussion does not wait.");
    d->stages[0] = (core_stage){.number = 0,
                                .standard = STAGE_0,
                                .urgent = STAGE_0,
                                .acknowledge = -1,
                                .acknowledge_urgent = -1,
                                .role = PRACTITIONER,
                                .optional = true,
                                .plain = "a facilitated re-think"};
    d->stages[1] = (core_stage){.number = 1,
                                .standard = STAGE_1,
                                .urgent = STAGE_1_URGENT,
                                .acknowledge = STAGE_1_ACK,
                                .acknowledge_urgent = -1,
                                .role = PRACTITIONER,
                                .plain = "practitioner to practitioner"};
    d->stages[2] = (core_stage){.number = 2,
                                .standard = STAGE_2,
                                .urgent = STAGE_2_URGENT,
                                .acknowledge = -1,
                                .acknowledge_urgent = -1,
                                .role = TEAM_MANAGER,
                                .board_office = true,
                                .plain = "manager to manager"};
    d->stages[3] = (core_stage){.number = 3,
                                .standard = STAGE_3,
                                .urgent = STAGE_3_URGENT,
                                .acknowledge = -1,
                                .acknowledge_urgent = -1,
                                .role = DIRECTOR,
                                .decides = true,
                                .board_office = true,
                                .plain = "directors"};
    d->stage_count = 4;
    d->outcome = OUTCOME_CLOCK;
    d->board_queue = DUTY;
    d->chair_queue = -1;
    d->extend = STAGE_2;
}

void story_people_fill(story_people *p, core_policy *policy, core_clock_row *clocks)
{
    fill_roles(p);
    fill_teams(p);
    fill_clocks(clocks);
    fill_ladders(p);
    policy->roles = p->roles, policy->role_count = 6;
    policy->teams = p->teams, policy->team_count = 5;
    policy->staff = p->staff, policy->staff_count = fill_staff(p);
    text(p->outcomes[0].id, sizeof p->outcomes[0].id, "section_47");
    text(p->outcomes[0].plain, sizeof p->outcomes[0].plain, "a section 47 enquiry begins");
    p->outcomes[0].needs_legal_basis = true;
    text(p->outcomes[1].id, sizeof p->outcomes[1].id, "no_further_action");
    text(p->outcomes[1].plain, sizeof p->outcomes[1].plain, "no further action");
    policy->outcomes = p->outcomes, policy->outcome_count = 2;
    text(p->agencies[0].name, sizeof p->agencies[0].name, "health");
    p->agencies[0].agency = MASH__V1__AGENCY__AGENCY_HEALTH;
    p->agencies[0].request_queue = p->agencies[0].feedback_queue = HEALTH_QUEUE;
    text(p->agencies[1].name, sizeof p->agencies[1].name, "police");
    p->agencies[1].agency = MASH__V1__AGENCY__AGENCY_POLICE;
    p->agencies[1].request_queue = p->agencies[1].feedback_queue = -1;
    policy->agencies = p->agencies, policy->agency_count = 2;
    policy->ladders = p->ladders, policy->ladder_count = 2;
    policy->disagreements = p->disagreements, policy->disagreement_count = 1;
    policy->feedback_clock = FEEDBACK_CLOCK;
    text(policy->alarm_service, sizeof policy->alarm_service, "duty");
    policy->audiences[0].acts_who = policy->audiences[0].acts_words = true;
    for (int i = 0; i < 5; i++) {
        policy->ratings[i].claim = CLAIM_CLOCK;
        policy->ratings[i].request = REQUEST_CLOCK;
    }
    policy->ratings[MASH__V1__RATING__RATING_RED].second_person = true;
    policy->clock_count = STORY_CLOCKS;
}

/* ---- acting ---------------------------------------------------------------------------------------------------------------- */
static uint32_t newest_version(const story *s, const char *item)
{
    unsigned number = 0;
    if (sscanf(item, "A%u", &number) == 1) return core_alerts_at(s->state, number)->version;
    if (sscanf(item, "D%u", &number) == 1) return core_disagreements_at(s->state, number)->version;
    return 0;
}

const Mash__V1__ActReply *act(story *s, act_said said)
{
    static uint32_t serial = 0;
    Mash__V1__Act made = MASH__V1__ACT__INIT;
    uint8_t id[HUB_ID_BYTES] = {0xac};
    hub_put_u32(id + 4, said.repeat != 0 ? (uint32_t)said.repeat : 1000000 + serial++);
    made.command_id = (ProtobufCBinaryData){.len = sizeof id, .data = id};
    made.on_behalf_of = (char *)(uintptr_t)said.by;
    made.item = (char *)(uintptr_t)(said.item == NULL ? "A1" : said.item);
    made.version = said.version > 0 ? (uint32_t)said.version : said.version == 0 ? newest_version(s, made.item) : 0;
    made.reason = (char *)(uintptr_t)(said.reason == NULL ? "" : said.reason);
    made.what_case = said.what;
    Mash__V1__Claim nothing = MASH__V1__CLAIM__INIT; /* any message without fields packs to nothing */
    made.claim = said.body == NULL ? &nothing : said.body;
    core_command what = {.kind = CORE_ACT, .peer = said.peer == 0 ? GATEWAY : said.peer};
    memcpy(what.command_id.bytes, id, sizeof id);
    what.of.act.act = &made;
    hub_buffer packed = {0};
    assert_int_equal(event_wire_pack(&made.base, &packed), HUB_OK);
    what.of.act.bytes = hub_bytes_of(hub_arena_copy(&s->kept, packed.data, packed.size), packed.size);
    hub_buffer_free(&packed);
    return command(s, what).act;
}

const Mash__V1__ActReply *claim(story *s, const char *by)
{
    return act(s, (act_said){.by = by, .what = MASH__V1__ACT__WHAT_CLAIM});
}

const Mash__V1__ActReply *release_alert(story *s, const char *by)
{
    return act(s, (act_said){.by = by, .what = MASH__V1__ACT__WHAT_RELEASE, .reason = "called away"});
}

const Mash__V1__ActReply *hand_over(story *s, const char *by, const char *to)
{
    Mash__V1__HandOver body = MASH__V1__HAND_OVER__INIT;
    body.to = (char *)(uintptr_t)to;
    return act(s, (act_said){.by = by, .what = MASH__V1__ACT__WHAT_HAND_OVER, .body = &body});
}

const Mash__V1__ActReply *rate(story *s, const char *by, Mash__V1__Rating rating)
{
    Mash__V1__Rate body = MASH__V1__RATE__INIT;
    body.rating = rating;
    return act(s, (act_said){.by = by, .what = MASH__V1__ACT__WHAT_RATE, .body = &body, .reason = "as the history shows"});
}

const Mash__V1__ActReply *decide_line(story *s, const char *by, uint64_t person, const char *outcome)
{
    Mash__V1__Decide body = MASH__V1__DECIDE__INIT;
    body.person = person;
    body.outcome = (char *)(uintptr_t)outcome;
    body.rationale = (char *)(uintptr_t) "weighed with the family's history";
    body.legal_basis = (char *)(uintptr_t) "Children Act 1989 s47";
    body.feedback = (char *)(uintptr_t) "thank you; we have looked into it";
    return act(s, (act_said){.by = by, .what = MASH__V1__ACT__WHAT_DECIDE, .body = &body});
}

const Mash__V1__ActReply *seen(story *s, const char *by, const char *item)
{
    return act(s, (act_said){.by = by, .item = item, .version = -1, .what = MASH__V1__ACT__WHAT_SEEN});
}

void then_done(const Mash__V1__ActReply *reply)
{
    assert_non_null(reply);
    if (reply->code != MASH__V1__ACT_CODE__ACT_DONE) fail_msg("not done: %s", reply->text);
}

void then_refused(const Mash__V1__ActReply *reply, Mash__V1__ActCode code, const char *words)
{
    assert_non_null(reply);
    assert_int_equal(reply->code, code);
    if (strstr(reply->text, words) == NULL) fail_msg("\"%s\" does not say \"%s\"", reply->text, words);
}
