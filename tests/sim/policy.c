/* policy.c - the tables of the simulations' policy. */
#include "policy.h"

#include <stdio.h>
#include <string.h>

const char *const SIM_AREAS[2] = {"E10000014", "E06000044"};
const char *const SIM_QUEUES[SIM_CONSUMERS] = {"north-door", "south-door", "schools", "managers"};

const sim_person SIM_PEOPLE[SIM_STAFF] = {
    {"north-1", 0}, {"north-2", 0},  {"north-lead", 0}, {"south-1", 1},        {"south-lead", 1}, {"school-1", 2},
    {"head-1", 3},  {"school-2", 2}, {"north-3", 0},    {"north-director", 0}, {"head-2", 3},
};

enum { NORTH, SOUTH, SCHOOLS, MANAGERS };                  /* queues, and teams */
enum { FRONT_DOOR, SCHOOL_AUDIENCE, MANAGER_AUDIENCE };    /* audiences */
enum { PRACTITIONER, MANAGER, SCHOOL_LEAD, NOBODYS_ROLE }; /* roles */
enum {
    ACKNOWLEDGE,
    TRIAGE,
    DECISION,
    CLAIM,
    REQUEST,
    FEEDBACK,
    STEP_SEEN,
    STEP_CLAIMED,
    STEP_RATED,
    STEP_DECIDED,
    STAGE,
    ANSWERED,
    OUTCOME,
    CLOCKS
};

#define PAYLOAD(name) (UINT64_C(1) << (MASH__V1__EVENT__PAYLOAD_##name - CORE_PAYLOAD_FIRST))
#define ROLE(name) (UINT64_C(1) << MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_##name)

#define SET(field, text) snprintf(field, sizeof(field), "%s", text)

static void make_calendar(sim_policy *p)
{
    core_calendar *calendar = &p->calendar;
    SET(calendar->id, "office");
    calendar->zone_count = core_zone_london(2020, 2039, p->zone, 2 * 20 + 1);
    calendar->zone = p->zone;
    for (int weekday = 0; weekday < 5; weekday++) {
        calendar->week[weekday].open_minute = 8 * 60 + 30;
        calendar->week[weekday].close_minute = 17 * 60;
    }
    calendar->close_of_day_minute = 17 * 60;
    calendar->school_opens_minute = 8 * 60 + 30;
}

static void make_queues(sim_policy *p)
{
    for (int i = 0; i < 2; i++) {
        SET(p->areas[i].code, SIM_AREAS[i]);
        SET(p->areas[i].name, i == 0 ? "North" : "South");
        SET(p->routes[i].service, "front_door");
        SET(p->routes[i].area, SIM_AREAS[i]);
        p->routes[i].queue = (uint32_t)i;
    }
    SET(p->routes[2].service, "schools");
    p->routes[2].queue = 2;
    SET(p->routes[3].service, "managers");
    p->routes[3].queue = MANAGERS;
    static const uint32_t AUDIENCES[SIM_CONSUMERS] = {FRONT_DOOR, FRONT_DOOR, SCHOOL_AUDIENCE, MANAGER_AUDIENCE};
    for (uint32_t i = 0; i < SIM_CONSUMERS; i++) {
        SET(p->queues[i].name, SIM_QUEUES[i]);
        SET(p->queues[i].consumers[0], SIM_QUEUES[i]);
        p->queues[i].audience = AUDIENCES[i];
        p->queues[i].is_agency = i == SCHOOLS;
    }
}

static void make_audiences(sim_policy *p, sim_edition edition)
{
    bool is_first = edition == SIM_FIRST_EDITION;
    core_audience *audiences = p->audiences;
    SET(audiences[FRONT_DOOR].name, "front door");
    SET(audiences[SCHOOL_AUDIENCE].name, "schools");
    SET(audiences[MANAGER_AUDIENCE].name, "managers");
    audiences[FRONT_DOOR].sees_up_to = MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED;
    audiences[SCHOOL_AUDIENCE].sees_up_to = MASH__V1__SENSITIVITY__SENSITIVITY_OFFICIAL;
    audiences[MANAGER_AUDIENCE].sees_up_to =
        is_first ? MASH__V1__SENSITIVITY__SENSITIVITY_SENSITIVE : MASH__V1__SENSITIVITY__SENSITIVITY_OFFICIAL;
    audiences[FRONT_DOOR].acts_who = audiences[FRONT_DOOR].acts_words = true;
    audiences[MANAGER_AUDIENCE].acts_who = is_first;
    static const char *const FIELDS[] = {"event_id", "agency", "occurred_at", "area"};
    for (size_t i = 0; i < sizeof FIELDS / sizeof FIELDS[0]; i++) {
        for (size_t k = 0; k < 3; k++)
            HUB_ASSERT(event_fields_add(&audiences[k].fields, FIELDS[i]));
    }
    for (size_t k = 0; k < 3; k++) {
        if (is_first || k != SCHOOL_AUDIENCE) HUB_ASSERT(event_fields_add(&audiences[k].fields, "summary"));
    }
    if (!is_first) HUB_ASSERT(event_fields_add(&audiences[MANAGER_AUDIENCE].fields, "domestic_abuse_incident"));
    HUB_ASSERT(event_fields_add(&audiences[FRONT_DOOR].fields, "subjects"));
    HUB_ASSERT(event_fields_add(&audiences[FRONT_DOOR].fields, "domestic_abuse_incident"));
}

#define MAY(name) (UINT32_C(1) << MASH__V1__ACT_KIND__ACT_KIND_##name)

static void make_roles(sim_policy *p, sim_edition edition)
{
    static const uint32_t OF_TEAM = MAY(CLAIM) | MAY(RELEASE) | MAY(HAND_OVER) | MAY(RATE) | MAY(NOTE) |
                                    MAY(REQUEST_INFORMATION) | MAY(DECIDE) | MAY(HOLD) | MAY(RESUME) | MAY(SEEN) | MAY(SIGN) |
                                    MAY(WAIT) | MAY(WITHHOLD) | MAY(DISPUTE) | MAY(RESPOND) | MAY(REFER) | MAY(SETTLE) |
                                    MAY(RECORD_OUTCOME) | MAY(CONFIRM_LINK) | MAY(SPLIT_LINK);
    SET(p->roles[PRACTITIONER].name, "practitioner");
    SET(p->roles[MANAGER].name, "manager");
    SET(p->roles[SCHOOL_LEAD].name, "school-lead");
    SET(p->roles[NOBODYS_ROLE].name, "director");
    p->roles[PRACTITIONER].may = edition == SIM_FIRST_EDITION ? OF_TEAM : (OF_TEAM | MAY(RESTATE)) & ~MAY(WITHHOLD);
    p->roles[MANAGER].may = OF_TEAM | MAY(REASSIGN) | MAY(RESTATE) | MAY(DECLARE_PARTY) | MAY(CLEAR_PARTY) | MAY(SHARE);
    p->roles[SCHOOL_LEAD].may = MAY(ANSWER) | MAY(SEEN) | MAY(NOTE);
    p->roles[NOBODYS_ROLE].may = OF_TEAM | MAY(REASSIGN);
}

static void make_people(sim_policy *p, sim_edition edition)
{
    for (uint32_t i = 0; i < 4; i++) {
        SET(p->teams[i].name, SIM_QUEUES[i]);
        p->teams[i].queues[p->teams[i].queue_count++] = i;
        p->teams[i].manager_queue = i == SCHOOLS ? SCHOOLS : MANAGERS;
        p->teams[i].manager_role = MANAGER;
    }
    /* Of the first edition, then of the second: somebody leaves, two come, one rises; the director's role has a holder at last. */
    static const struct {
        uint32_t number, role, alternate;
    } STAFF[2][SIM_STAFF] = {
        {{1, PRACTITIONER, 2},
         {2, PRACTITIONER, 0},
         {3, MANAGER, 1},
         {4, PRACTITIONER, 5},
         {5, MANAGER, 0},
         {6, SCHOOL_LEAD, 0},
         {7, MANAGER, 0},
         {8, PRACTITIONER, 6},
         {11, PRACTITIONER, 0}},
        {{1, MANAGER, 9},
         {2, PRACTITIONER, 0},
         {3, MANAGER, 1},
         {4, PRACTITIONER, 5},
         {5, MANAGER, 0},
         {6, SCHOOL_LEAD, 0},
         {7, MANAGER, 0},
         {8, PRACTITIONER, 6},
         {9, PRACTITIONER, 0},
         {10, NOBODYS_ROLE, 0},
         {11, PRACTITIONER, 0}},
    };
    for (uint32_t i = 0; i < SIM_STAFF && STAFF[edition][i].number != 0; i++) {
        core_staff_row *row = &p->staff[p->policy.staff_count++];
        row->number = STAFF[edition][i].number;
        row->role = STAFF[edition][i].role;
        row->alternate = STAFF[edition][i].alternate;
        row->team = SIM_PEOPLE[row->number - 1].team;
        SET(row->id, SIM_PEOPLE[row->number - 1].id);
    }
    if (edition == SIM_SECOND_EDITION) p->staff[1].effective.until_day = 1; /* north-2 has left meanwhile */
    SET(p->outcomes[0].id, "no_further_action");
    SET(p->outcomes[1].id, "section_47");
    p->outcomes[1].needs_legal_basis = true;
    SET(p->agencies[0].name, "education");
    p->agencies[0].agency = MASH__V1__AGENCY__AGENCY_EDUCATION;
    p->agencies[0].request_queue = p->agencies[0].feedback_queue = SCHOOLS;
    SET(p->agencies[1].name, "health");
    p->agencies[1].agency = MASH__V1__AGENCY__AGENCY_HEALTH;
    p->agencies[1].request_queue = p->agencies[1].feedback_queue = -1;
}

static void make_clock(sim_policy *p, uint32_t place, const char *id, core_clock_kind kind, int32_t amount, core_met_by met_by)
{
    core_clock_row *row = &p->clocks[p->first_clock + place];
    SET(row->id, id);
    SET(row->plain, id);
    SET(row->source, "simulation");
    row->kind = kind;
    row->amount = amount;
    row->from = CORE_FROM_STORED;
    row->met_by = met_by;
}

static void make_clocks(sim_policy *p, sim_edition edition)
{
    p->first_clock = edition == SIM_FIRST_EDITION ? 0 : 1;
    if (edition == SIM_SECOND_EDITION) {
        p->clocks[0] = (core_clock_row){.kind = CORE_CLOCK_ELAPSED_MINUTES, .amount = 1, .met_by = CORE_MET_OTHER};
        SET(p->clocks[0].id, "unused");
    }
    make_clock(p, ACKNOWLEDGE, "acknowledge", CORE_CLOCK_ELAPSED_MINUTES, 5, CORE_MET_SEEN);
    make_clock(p, TRIAGE, "triage", CORE_CLOCK_WORKING_MINUTES, 60, CORE_MET_RATED);
    make_clock(p, DECISION, "decision", CORE_CLOCK_WORKING_DAYS, 1, CORE_MET_DECIDED);
    make_clock(p, CLAIM, "claim", CORE_CLOCK_ELAPSED_MINUTES, 90, CORE_MET_OTHER);
    make_clock(p, REQUEST, "request", CORE_CLOCK_WORKING_MINUTES, 30, CORE_MET_OTHER);
    make_clock(p, FEEDBACK, "feedback", CORE_CLOCK_WORKING_DAYS, 2, CORE_MET_OTHER);
    make_clock(p, STEP_SEEN, "step-seen", CORE_CLOCK_ELAPSED_MINUTES, 3, CORE_MET_SEEN);
    make_clock(p, STEP_CLAIMED, "step-claimed", CORE_CLOCK_ELAPSED_MINUTES, edition == SIM_FIRST_EDITION ? 10 : 25,
               CORE_MET_CLAIMED);
    make_clock(p, STEP_RATED, "step-rated", CORE_CLOCK_WORKING_DAYS, 0, CORE_MET_RATED); /* closing time */
    make_clock(p, STEP_DECIDED, "step-decided", CORE_CLOCK_WORKING_DAYS, 1, CORE_MET_DECIDED);
    make_clock(p, STAGE, "stage", CORE_CLOCK_WORKING_MINUTES, 45, CORE_MET_OTHER);
    make_clock(p, ANSWERED, "answered", CORE_CLOCK_ELAPSED_MINUTES, 20, CORE_MET_OTHER);
    make_clock(p, OUTCOME, "outcome", CORE_CLOCK_WORKING_DAYS, 1, CORE_MET_OTHER);
    p->clocks[p->first_clock + DECISION].statutory = true;
    SET(p->clocks[p->first_clock + DECISION].on_lapse_service, "schools");
}

static void make_ladder(sim_policy *p)
{
    core_ladder *ladder = &p->ladder;
    SET(ladder->id, "nobody-acts");
    ladder->ratings = UINT32_C(1) << MASH__V1__RATING__RATING_RED | UINT32_C(1) << MASH__V1__RATING__RATING_AMBER;
    SET(ladder->service, "front_door");
    static const struct {
        uint32_t clock, role;
        const char *service;
    } STEPS[] = {{STEP_SEEN, PRACTITIONER, "front_door"},
                 {STEP_CLAIMED, MANAGER, "front_door"},
                 {STEP_RATED, NOBODYS_ROLE, "front_door"},
                 {STEP_DECIDED, MANAGER, "managers"}};
    for (size_t i = 0; i < sizeof STEPS / sizeof STEPS[0]; i++) {
        core_step *step = &ladder->steps[ladder->step_count++];
        step->clock = p->first_clock + STEPS[i].clock;
        step->role = STEPS[i].role;
        SET(step->service, STEPS[i].service);
        step->with_events = STEPS[i].clock == STEP_DECIDED;
    }
}

static void make_disagreements(sim_policy *p)
{
    core_disagreement_ladder *ladder = &p->disagreements;
    SET(ladder->id, "two-teams");
    SET(ladder->danger, "call 999");
    ladder->outcome = p->first_clock + OUTCOME;
    ladder->board_queue = MANAGERS;
    ladder->chair_queue = -1;
    ladder->extend = (int32_t)p->first_clock + STAGE;
    ladder->stage_count = 3;
    for (uint32_t i = 0; i < ladder->stage_count; i++) {
        core_stage *stage = &ladder->stages[i];
        stage->number = i;
        stage->standard = stage->urgent = p->first_clock + STAGE;
        stage->acknowledge = stage->acknowledge_urgent = (int32_t)p->first_clock + ANSWERED;
        stage->role = i == 2 ? MANAGER : PRACTITIONER;
        stage->optional = i == 0;
        stage->decides = stage->board_office = i == 2;
    }
}

static core_rule *make_rule(sim_policy *p, const char *id, uint64_t payloads, core_action action)
{
    core_rule *rule = &p->rules[p->policy.rule_count++];
    SET(rule->id, id);
    SET(rule->plain, id);
    SET(rule->source, "simulation");
    rule->conditions[0] = (core_condition){.kind = CORE_IF_PAYLOAD, .payloads = payloads};
    rule->condition_count = 1;
    rule->about = ROLE(CHILD);
    rule->action = action;
    rule->queue = -1;
    SET(rule->service, action == CORE_DO_NOTIFY ? "schools" : "front_door");
    return rule;
}

static void make_rules(sim_policy *p, sim_edition edition)
{
    if (edition == SIM_SECOND_EDITION) { /* the first: every other one stands at another position */
        core_rule *added = make_rule(p, "absence-blue", PAYLOAD(ABSENCE), CORE_DO_ALERT);
        added->rating = MASH__V1__RATING__RATING_BLUE;
    }
    core_rule *rule = make_rule(p, "incident", PAYLOAD(DOMESTIC_ABUSE_INCIDENT), CORE_DO_ALERT);
    rule->rating = MASH__V1__RATING__RATING_AMBER;
    rule->clocks[rule->clock_count++] = p->first_clock + DECISION;
    rule = make_rule(p, "incident-high", PAYLOAD(DOMESTIC_ABUSE_INCIDENT), CORE_DO_ALERT);
    rule->rating = MASH__V1__RATING__RATING_RED;
    core_condition *high = &rule->conditions[rule->condition_count++];
    high->kind = CORE_IF_FIELD;
    high->at_least = high->at_most = MASH__V1__GRADE_LEVEL__GRADE_LEVEL_HIGH;
    HUB_ASSERT(event_probe_find("domestic_abuse_incident.grades.level", &high->probe));
    make_rule(p, "encompass", PAYLOAD(DOMESTIC_ABUSE_INCIDENT), CORE_DO_NOTIFY);
    rule = make_rule(p, "concern", PAYLOAD(CHILD_CONCERN), CORE_DO_ALERT);
    rule->rating = MASH__V1__RATING__RATING_GREEN;
    rule = make_rule(p, "third-missed", PAYLOAD(MISSED_APPOINTMENT), CORE_DO_ALERT);
    rule->rating = MASH__V1__RATING__RATING_AMBER;
    rule->conditions[rule->condition_count++] =
        (core_condition){.kind = CORE_IF_COUNT, .payloads = PAYLOAD(MISSED_APPOINTMENT), .at_least = 3, .months = 12};
    make_rule(p, "absence", PAYLOAD(ABSENCE), CORE_DO_RECORD);
}

static void make_ratings(sim_policy *p)
{
    core_policy *policy = &p->policy;
    for (int rating = MASH__V1__RATING__RATING_BLUE; rating <= MASH__V1__RATING__RATING_RED; rating++) {
        policy->ratings[rating].claim = (int32_t)p->first_clock + CLAIM;
        policy->ratings[rating].request = (int32_t)p->first_clock + REQUEST;
    }
    core_rating_row *amber = &policy->ratings[MASH__V1__RATING__RATING_AMBER];
    amber->clocks[amber->clock_count++] = p->first_clock + TRIAGE;
    core_rating_row *red = &policy->ratings[MASH__V1__RATING__RATING_RED];
    red->clocks[red->clock_count++] = p->first_clock + ACKNOWLEDGE;
    red->clocks[red->clock_count++] = p->first_clock + TRIAGE;
    red->second_person = true;
}

void sim_policy_make(sim_policy *p, sim_edition edition)
{
    memset(p, 0, sizeof *p);
    core_policy *policy = &p->policy;
    SET(policy->partnership, "sim");
    memset(policy->digest, 's' + (int)edition, sizeof policy->digest);
    make_calendar(p);
    make_queues(p);
    make_audiences(p, edition);
    make_roles(p, edition);
    make_people(p, edition);
    make_clocks(p, edition);
    make_rules(p, edition);
    make_ladder(p);
    make_disagreements(p);
    make_ratings(p);
    policy->areas = p->areas, policy->area_count = 2;
    policy->queues = p->queues, policy->queue_count = SIM_CONSUMERS;
    policy->audiences = p->audiences, policy->audience_count = 3;
    policy->routes = p->routes, policy->route_count = 4;
    policy->clocks = p->clocks, policy->clock_count = p->first_clock + CLOCKS;
    policy->calendars = &p->calendar, policy->calendar_count = 1;
    policy->rules = p->rules;
    policy->roles = p->roles, policy->role_count = 4;
    policy->teams = p->teams, policy->team_count = 4;
    policy->staff = p->staff;
    policy->outcomes = p->outcomes, policy->outcome_count = 2;
    policy->agencies = p->agencies, policy->agency_count = 2;
    policy->ladders = &p->ladder, policy->ladder_count = 1;
    policy->disagreements = &p->disagreements, policy->disagreement_count = 1;
    policy->feedback_clock = (int32_t)p->first_clock + FEEDBACK;
    SET(policy->alarm_service, "managers"); /* who are not cleared for what is restricted */
}
