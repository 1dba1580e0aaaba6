#include "story_people.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/wire.h"

/* ---- the policy of the stories --------------------------------------------------------------------------------------------- */
typedef struct tables {
    core_policy policy;
    core_area areas[2];
    core_queue_row queues[5];
    core_audience audiences[2];
    core_route routes[6];
    core_clock_row clocks[STORY_CLOCKS];
    story_people people;
    core_calendar calendars[1];
    core_zone_change zone[200];
    core_rule rules[9];
} tables;

enum { FRONT_DOOR, OTHER_DOOR, OUT_OF_HOURS, DUTY, HEALTH_QUEUE };
enum { FULL, MINIMAL };
enum { DECIDE_RED, DECIDE_AMBER, STATUTORY, LOOK_BY };

#define PAYLOAD(name) (UINT64_C(1) << (MASH__V1__EVENT__PAYLOAD_##name - CORE_PAYLOAD_FIRST))

static void name(char *to, const char *from)
{
    (void)snprintf(to, CORE_NAME_MAX, "%s", from);
}

static void fill_routes(tables *t)
{
    static const struct {
        const char *queue, *service, *area;
        int position;
    } ROWS[] = {
        {"front-door", "front_door", "E10000014", FRONT_DOOR}, {"other-door", "front_door", "E06000044", OTHER_DOOR},
        {"out-of-hours", "out_of_hours", "", OUT_OF_HOURS},    {"duty", "duty", "", DUTY},
        {"health-notices", "health", "", HEALTH_QUEUE},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        name(t->queues[i].name, ROWS[i].queue);
        t->queues[i].audience = i == DUTY || i == HEALTH_QUEUE ? MINIMAL : FULL;
        name(t->routes[i].service, ROWS[i].service);
        (void)snprintf(t->routes[i].area, sizeof t->routes[i].area, "%s", ROWS[i].area);
        t->routes[i].queue = (uint32_t)ROWS[i].position;
    }
}

static void fill_audiences(tables *t)
{
    name(t->audiences[FULL].name, "full");
    name(t->audiences[MINIMAL].name, "minimal");
    t->audiences[FULL].sees_up_to = MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED;
    t->audiences[MINIMAL].sees_up_to = MASH__V1__SENSITIVITY__SENSITIVITY_OFFICIAL;
    static const char *const EVERYTHING[] = {
        "event_id", "agency", "occurred_at", "subjects", "child_concern", "missed_appointment", "domestic_abuse_incident"};
    for (size_t i = 0; i < sizeof EVERYTHING / sizeof EVERYTHING[0]; i++) {
        assert_true(event_fields_add(&t->audiences[FULL].fields, EVERYTHING[i]));
    }
    assert_true(event_fields_add(&t->audiences[MINIMAL].fields, "occurred_at"));
    assert_true(event_fields_add(&t->audiences[MINIMAL].fields, "subjects.roles"));
    assert_true(event_fields_add(&t->audiences[MINIMAL].fields, "subjects.date_of_birth"));
    t->audiences[MINIMAL].subject_roles = UINT64_C(1) << CHILD;
}

static void fill_clocks(tables *t)
{
    static const core_clock_row ROWS[] = {
        {.id = "red_decision", .kind = CORE_CLOCK_ELAPSED_MINUTES, .amount = 240, .on_lapse_service = "duty"},
        {.id = "decision", .kind = CORE_CLOCK_WORKING_DAYS, .amount = 1, .on_lapse_service = "duty"},
        {.id = "referral_decision",
         .kind = CORE_CLOCK_WORKING_DAYS,
         .amount = 1,
         .from = CORE_FROM_STATED_RECEIPT,
         .statutory = true},
        {.id = "look_by", .kind = CORE_CLOCK_ELAPSED_MINUTES, .amount = 60},
    };
    memcpy(t->clocks, ROWS, sizeof ROWS);
    t->policy.ratings[MASH__V1__RATING__RATING_RED] =
        (core_rating_row){.clocks = {DECIDE_RED}, .clock_count = 1, .out_of_hours_too = true};
    t->policy.ratings[MASH__V1__RATING__RATING_AMBER] = (core_rating_row){.clocks = {DECIDE_AMBER}, .clock_count = 1};
    core_calendar *calendar = &t->calendars[0];
    (void)snprintf(calendar->id, sizeof calendar->id, "story");
    calendar->zone = t->zone;
    calendar->zone_count = core_zone_london(1990, 2060, t->zone, sizeof t->zone / sizeof t->zone[0]);
    calendar->close_of_day_minute = 17 * 60;
    calendar->school_opens_minute = 8 * 60 + 30;
    for (int day = 0; day < 5; day++) {
        calendar->week[day].open_minute = 8 * 60 + 30;
        calendar->week[day].close_minute = 17 * 60;
    }
}

static core_condition if_payload(uint64_t set)
{
    return (core_condition){.kind = CORE_IF_PAYLOAD, .payloads = set, .plain = "it is of this kind"};
}

static core_condition if_grade(int64_t level)
{
    core_condition condition = {.kind = CORE_IF_FIELD, .at_least = level, .at_most = 9, .plain = "it is graded so"};
    assert_true(event_probe_find("child_concern.grade.level", &condition.probe));
    return condition;
}

/* A rule that opens an alert at the front door for children in events of one kind. */
static core_rule *alert_rule(tables *t, const char *id, const char *plain, uint64_t payload, Mash__V1__Rating rating)
{
    core_rule *rule = &t->rules[t->policy.rule_count++];
    name(rule->id, id);
    (void)snprintf(rule->plain, sizeof rule->plain, "%s", plain);
    rule->queue = -1;
    rule->about = UINT64_C(1) << CHILD | UINT64_C(1) << MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_UNBORN_CHILD;
    rule->action = CORE_DO_ALERT;
    name(rule->service, "front_door");
    rule->rating = rating;
    rule->conditions[rule->condition_count++] = if_payload(payload);
    return rule;
}

static void fill_rules(tables *t)
{
    core_rule *rule = alert_rule(t, "R-HIGH", "A child concern graded high goes to the front door as red.",
                                 PAYLOAD(CHILD_CONCERN), MASH__V1__RATING__RATING_RED);
    rule->conditions[rule->condition_count++] = if_grade(MASH__V1__GRADE_LEVEL__GRADE_LEVEL_HIGH);
    rule = alert_rule(t, "R-ANY", "Every child concern goes to the front door as amber.", PAYLOAD(CHILD_CONCERN),
                      MASH__V1__RATING__RATING_AMBER);
    rule->clocks[rule->clock_count++] = STATUTORY;
    rule = alert_rule(t, "R-MISSED", "Three missed appointments in 12 months go to the front door as amber.",
                      PAYLOAD(MISSED_APPOINTMENT), MASH__V1__RATING__RATING_AMBER);
    rule->conditions[rule->condition_count++] = (core_condition){.kind = CORE_IF_COUNT,
                                                                 .payloads = PAYLOAD(MISSED_APPOINTMENT),
                                                                 .at_least = 3,
                                                                 .months = 12,
                                                                 .plain = "it is at least the third in 12 months"};
    rule = alert_rule(t, "R-PLAN", "One missed appointment is enough for a child with a protection plan.",
                      PAYLOAD(MISSED_APPOINTMENT), MASH__V1__RATING__RATING_AMBER);
    rule->conditions[rule->condition_count++] =
        (core_condition){.kind = CORE_IF_STATUS,
                         .mask = UINT64_C(1) << MASH__V1__PERSON_STATUS__PERSON_STATUS_CHILD_PROTECTION_PLAN,
                         .plain = "the child has a protection plan"};
    rule = alert_rule(t, "R-TELL", "Health is told of every child concern.", PAYLOAD(CHILD_CONCERN),
                      MASH__V1__RATING__RATING_UNSPECIFIED);
    rule->action = CORE_DO_NOTIFY;
    name(rule->service, "health");
    rule = alert_rule(t, "R-VICTIM", "A domestic abuse incident goes to the front door as amber.",
                      PAYLOAD(DOMESTIC_ABUSE_INCIDENT), MASH__V1__RATING__RATING_AMBER);
    rule->about |= UINT64_C(1) << VICTIM;
    rule->clocks[rule->clock_count++] = LOOK_BY;
    rule = alert_rule(t, "R-FLAG", "A risk flag for somebody connected to a child goes to the front door as amber.",
                      PAYLOAD(RISK_FLAG), MASH__V1__RATING__RATING_AMBER);
    rule->about_family = true;
    rule = alert_rule(t, "R-RELEASE", "Health is told when somebody connected to a child is released.", PAYLOAD(RELEASE),
                      MASH__V1__RATING__RATING_UNSPECIFIED);
    rule->about_family = true;
    rule->action = CORE_DO_NOTIFY;
    name(rule->service, "health");
    rule = alert_rule(t, "R-PUPIL", "An absence of a child of 4 to 17 goes to the front door as green.", PAYLOAD(ABSENCE),
                      MASH__V1__RATING__RATING_GREEN);
    rule->conditions[rule->condition_count++] = (core_condition){.kind = CORE_IF_AGE,
                                                                 .at_least = 48,
                                                                 .at_most = 215,
                                                                 .or_at_school = true,
                                                                 .plain = "aged 4 to 17, or of unknown age and at a school"};
}

static core_policy *make_policy(bool with_ladders)
{
    tables *t = calloc(1, sizeof *t);
    assert_non_null(t);
    (void)snprintf(t->policy.partnership, sizeof t->policy.partnership, "story");
    memset(t->policy.digest, 7, sizeof t->policy.digest);
    (void)snprintf(t->areas[0].code, sizeof t->areas[0].code, "E10000014");
    (void)snprintf(t->areas[1].code, sizeof t->areas[1].code, "E06000044");
    fill_routes(t);
    fill_audiences(t);
    fill_clocks(t);
    fill_rules(t);
    core_policy *p = &t->policy;
    p->areas = t->areas, p->area_count = 2;
    p->queues = t->queues, p->queue_count = 5;
    p->audiences = t->audiences, p->audience_count = 2;
    p->routes = t->routes, p->route_count = 5;
    p->clocks = t->clocks;
    p->calendars = t->calendars, p->calendar_count = 1;
    p->rules = t->rules;
    story_people_fill(&t->people, p, t->clocks);
    if (!with_ladders) p->ladder_count = 0;
    p->memory = t;
    return p;
}

/* ---- deciding and folding -------------------------------------------------------------------------------------------------- */
static void fold_again(story *s, core_record record, const Mash__V1__Personal *personal)
{
    hub_arena arena;
    assert_int_equal(hub_arena_open(&arena, 64 * 1024, 8 * 1024 * 1024), HUB_OK);
    event_wire_fault fault;
    ProtobufCMessage *control = NULL;
    assert_int_equal(
        event_wire_unpack(&mash__v1__control__descriptor, hub_buffer_bytes(&s->last_control), &arena, &control, &fault), HUB_OK);
    record.control = (const Mash__V1__Control *)control;
    record.personal = personal;
    hub_error err;
    assert_int_equal(core_reserve(s->refolded, &record, &err), HUB_OK);
    core_evolve(s->refolded, &record);
    assert_true(core_digest(s->state) == core_digest(s->refolded));
    hub_arena_close(&arena);
}

/* One record says one thing of a clock: it lapses, stops or moves, once. */
static void check_clocks_once(const story *s)
{
    const Mash__V1__Control *control = s->decision.control;
    uint64_t seen[4096];
    size_t count = 0;
    for (size_t i = 0; i < control->n_facts; i++) {
        const Mash__V1__Fact *at = control->facts[i];
        if (at->kind != FACT_CLOCK_LAPSED && at->kind != FACT_CLOCK_STOPPED && at->kind != FACT_CLOCK_MOVED) continue;
        uint64_t clock = at->kind == FACT_CLOCK_LAPSED    ? at->clock_lapsed->clock
                         : at->kind == FACT_CLOCK_STOPPED ? at->clock_stopped->clock
                                                          : at->clock_moved->clock;
        for (size_t k = 0; k < count; k++)
            assert_true(seen[k] != clock);
        seen[count++] = clock;
    }
}

core_reply command(story *s, core_command what)
{
    hub_arena_reset(&s->arena);
    what.at_ms = s->now_ms;
    assert_int_equal(core_decide(s->state, &what, &s->arena, &s->decision), HUB_OK);
    if (s->decision.control == NULL) return s->decision.reply;

    check_clocks_once(s);
    hub_buffer_clear(&s->last_control);
    assert_int_equal(event_wire_pack(&s->decision.control->base, &s->last_control), HUB_OK);
    hub_buffer_clear(&s->last_event);
    if (what.kind == CORE_PUBLISH && s->decision.personal != NULL)
        hub_buffer_put(&s->last_event, what.of.publish.bytes.data, what.of.publish.bytes.size);
    core_record record = {
        .epoch = 1,
        .sequence = core_sequence(s->state) + 1,
        .time_ms = s->now_ms,
        .peer = what.peer,
        .link_seq = what.kind == CORE_PUBLISH ? what.of.publish.link_seq : 0,
        .control = s->decision.control,
        .personal = s->decision.personal,
        .event = what.kind == CORE_PUBLISH && s->decision.personal != NULL ? what.of.publish.event : NULL,
        .policy = what.kind == CORE_ADOPT_POLICY ? what.of.adopt.policy : NULL,
    };
    hub_error err;
    assert_int_equal(core_reserve(s->state, &record, &err), HUB_OK);
    core_evolve(s->state, &record);
    s->last_peer = record.peer;
    fold_again(s, record, record.personal);
    return s->decision.reply;
}

size_t tick_after(story *s, int64_t ms)
{
    s->now_ms += ms;
    (void)command(s, (core_command){.kind = CORE_TICK});
    return recorded(s) ? facts(s, FACT_CLOCK_LAPSED) : 0;
}

static void enrol(story *s, const char *peer_name, Mash__V1__PeerKind kind, Mash__V1__Agency agency, char *queue)
{
    Mash__V1__Enrol enrol = MASH__V1__ENROL__INIT;
    uint8_t key[32] = {0};
    (void)snprintf((char *)key, sizeof key, "key of %s", peer_name);
    enrol.public_key = (ProtobufCBinaryData){.len = sizeof key, .data = key};
    enrol.kind = kind;
    enrol.agency = agency;
    enrol.name = (char *)(uintptr_t)peer_name;
    enrol.queues = &queue;
    enrol.n_queues = queue == NULL ? 0 : 1;
    static char *teams[] = {"front-team", "other-team", "duty-team", "health-team", "night-team"};
    enrol.may_act_for = teams;
    enrol.n_may_act_for = kind == MASH__V1__PEER_KIND__PEER_KIND_GATEWAY ? sizeof teams / sizeof teams[0] : 0;
    core_reply reply = command(s, (core_command){.kind = CORE_ENROL, .peer = 1, .of.enrol = &enrol});
    assert_int_equal(reply.command, MASH__V1__COMMAND_CODE__COMMAND_DONE);
}

uint32_t reader(story *s, const char *peer_name, Mash__V1__PeerKind kind, const char *queue)
{
    enrol(s, peer_name, kind, MASH__V1__AGENCY__AGENCY_UNSPECIFIED, (char *)(uintptr_t)queue);
    return core_peer_count(s->state);
}

static int begin(void **fixture, bool with_ladders)
{
    story *s = calloc(1, sizeof *s);
    assert_non_null(s);
    *fixture = s;
    s->now_ms = MONDAY_10_00;
    assert_int_equal(hub_arena_open(&s->arena, 64 * 1024, 8 * 1024 * 1024), HUB_OK);
    assert_int_equal(hub_arena_open(&s->kept, 64 * 1024, 64 * 1024 * 1024), HUB_OK);
    assert_int_equal(core_open(&s->state), HUB_OK);
    assert_int_equal(core_open(&s->refolded), HUB_OK);
    s->policy = make_policy(with_ladders);

    static const uint8_t KEY[32] = "thirty-two bytes of a test key.";
    (void)command(s, (core_command){.kind = CORE_CREATE_PARTNERSHIP, .of.create = {"story", KEY, KEY, KEY, KEY}});
    Mash__V1__AdoptPolicy sources = MASH__V1__ADOPT_POLICY__INIT;
    (void)command(s, (core_command){.kind = CORE_ADOPT_POLICY, .peer = 1, .of.adopt = {s->policy, &sources}});
    enrol(s, "police", MASH__V1__PEER_KIND__PEER_KIND_ADAPTER, MASH__V1__AGENCY__AGENCY_POLICE, NULL);
    enrol(s, "health", MASH__V1__PEER_KIND__PEER_KIND_ADAPTER, MASH__V1__AGENCY__AGENCY_HEALTH, NULL);
    enrol(s, "team", MASH__V1__PEER_KIND__PEER_KIND_CONSUMER, MASH__V1__AGENCY__AGENCY_UNSPECIFIED,
          (char *)(uintptr_t) "front-door");
    enrol(s, "board", MASH__V1__PEER_KIND__PEER_KIND_GATEWAY, MASH__V1__AGENCY__AGENCY_UNSPECIFIED, NULL);
    for (uint32_t peer = POLICE; peer <= HEALTH; peer++) {
        core_command open = {.kind = CORE_OPEN_OUTBOX, .peer = peer};
        open.of.outbox.outbox_id.bytes[0] = (uint8_t)peer;
        (void)command(s, open);
    }
    return 0;
}

int story_begin(void **fixture)
{
    return begin(fixture, false);
}

int story_begin_with_ladders(void **fixture)
{
    return begin(fixture, true);
}

int story_end(void **fixture)
{
    story *s = *fixture;
    core_close(s->state);
    core_close(s->refolded);
    free(s->policy->memory);
    hub_arena_close(&s->arena);
    hub_arena_close(&s->kept);
    hub_buffer_free(&s->last_control);
    hub_buffer_free(&s->last_event);
    free(s);
    return 0;
}

/* ---- events ---------------------------------------------------------------------------------------------------------------- */

static void *keep(story *s, size_t size)
{
    void *memory = hub_arena_take(&s->kept, size);
    assert_non_null(memory);
    return memory;
}

static char *keep_text(story *s, const char *text)
{
    return hub_arena_copy(&s->kept, text, strlen(text));
}

static ProtobufCBinaryData id_of(story *s, int number)
{
    uint8_t *id = keep(s, HUB_ID_BYTES);
    hub_put_u32(id, (uint32_t)number);
    hub_id_mark_derived((hub_id *)id);
    return (ProtobufCBinaryData){.len = HUB_ID_BYTES, .data = id};
}

static void add_identifier(story *s, Mash__V1__Subject *subject, Mash__V1__IdentifierScheme scheme, const char *value,
                           const char *system)
{
    if (value == NULL) return;
    Mash__V1__Identifier *identifier = keep(s, sizeof *identifier);
    mash__v1__identifier__init(identifier);
    identifier->scheme = scheme;
    identifier->value = keep_text(s, value);
    identifier->system = keep_text(s, system);
    subject->identifiers[subject->n_identifiers++] = identifier;
}

static void add_relation(story *s, Mash__V1__Subject *subject, int to, Mash__V1__RelationshipKind kind)
{
    if (to == 0) return;
    Mash__V1__Relationship *relation = keep(s, sizeof *relation);
    mash__v1__relationship__init(relation);
    relation->to_subject = (uint32_t)to - 1;
    relation->kind = kind;
    subject->relationships[subject->n_relationships++] = relation;
}

static Mash__V1__Date *first_of_june(story *s, int year)
{
    if (year == 0) return NULL;
    Mash__V1__Date *date = keep(s, sizeof *date);
    mash__v1__date__init(date);
    date->year = year, date->month = 6, date->day = 1;
    return date;
}

static Mash__V1__Subject *subject_of(story *s, const person_said *said)
{
    Mash__V1__Subject *subject = keep(s, sizeof *subject);
    mash__v1__subject__init(subject);
    subject->roles = keep(s, sizeof *subject->roles);
    subject->roles[0] = said->role;
    subject->n_roles = 1;
    subject->family_name = keep_text(s, said->family == NULL ? "Example" : said->family);
    if (said->given != NULL) {
        subject->given_names = keep(s, sizeof *subject->given_names);
        subject->given_names[0] = keep_text(s, said->given);
        subject->n_given_names = 1;
    }
    subject->identifiers = keep(s, 4 * sizeof *subject->identifiers);
    subject->relationships = keep(s, 3 * sizeof *subject->relationships);
    add_identifier(s, subject, MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_UPN, said->upn, "");
    add_identifier(s, subject, MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_NHS_NUMBER, said->nhs, "");
    add_identifier(s, subject, MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_LOCAL, said->local, "case/1");
    add_identifier(s, subject, MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_LOCAL, said->second_local, "case/1");
    subject->staff_party = said->is_staff != 0;
    add_relation(s, subject, said->child_of, MASH__V1__RELATIONSHIP_KIND__RELATIONSHIP_KIND_CHILD_OF);
    add_relation(s, subject, said->sibling_of, MASH__V1__RELATIONSHIP_KIND__RELATIONSHIP_KIND_SIBLING_OF);
    add_relation(s, subject, said->lives_with, MASH__V1__RELATIONSHIP_KIND__RELATIONSHIP_KIND_HOUSEHOLD_MEMBER_WITH);
    if (said->school != NULL) subject->school_urn = keep_text(s, said->school);
    subject->date_of_birth = first_of_june(s, said->birth_year);
    subject->expected_date = first_of_june(s, said->due_year);
    if (said->uprn != 0) {
        Mash__V1__Address *home = keep(s, sizeof *home);
        mash__v1__address__init(home);
        home->uprn = said->uprn;
        home->kind = MASH__V1__ADDRESS_KIND__ADDRESS_KIND_HOME;
        subject->n_addresses = said->stays == 0 ? 1 : said->stays;
        subject->addresses = keep(s, subject->n_addresses * sizeof *subject->addresses);
        for (size_t i = 0; i < subject->n_addresses; i++)
            subject->addresses[i] = home;
    }
    return subject;
}

#define EMPTY(name, member)                                                                                                      \
    case MASH__V1__EVENT__PAYLOAD_##name:                                                                                        \
        event->member = keep(s, sizeof *event->member);                                                                          \
        mash__v1__##member##__init(event->member);                                                                               \
        return;

static void set_payload(story *s, Mash__V1__Event *event, const event_said *said)
{
    event->payload_case =
        said->payload == 0 ? MASH__V1__EVENT__PAYLOAD_CHILD_CONCERN : (Mash__V1__Event__PayloadCase)said->payload;
    switch (event->payload_case) {
    case MASH__V1__EVENT__PAYLOAD_CHILD_CONCERN:
        event->child_concern = keep(s, sizeof *event->child_concern);
        mash__v1__child_concern__init(event->child_concern);
        event->child_concern->circumstances =
            keep_text(s, said->circumstances == NULL ? "seen with a bruise" : said->circumstances);
        if (said->grade == 0) return;
        event->child_concern->grade = keep(s, sizeof *event->child_concern->grade);
        mash__v1__grade__init(event->child_concern->grade);
        event->child_concern->grade->tool = keep_text(s, "RAG");
        event->child_concern->grade->tool_version = keep_text(s, "1");
        event->child_concern->grade->level = said->grade;
        return;
    case MASH__V1__EVENT__PAYLOAD_DOMESTIC_ABUSE_INCIDENT:
        event->domestic_abuse_incident = keep(s, sizeof *event->domestic_abuse_incident);
        mash__v1__domestic_abuse_incident__init(event->domestic_abuse_incident);
        if (said->place != NULL) event->domestic_abuse_incident->place_postcode = keep_text(s, said->place);
        return;
    case MASH__V1__EVENT__PAYLOAD_PROTECTION_PLAN:
        event->protection_plan = keep(s, sizeof *event->protection_plan);
        mash__v1__protection_plan__init(event->protection_plan);
        event->protection_plan->kind = MASH__V1__PLAN_KIND__PLAN_KIND_CHILD_PROTECTION;
        event->protection_plan->change = said->ended ? MASH__V1__CHANGE__CHANGE_ENDED : MASH__V1__CHANGE__CHANGE_STARTED;
        return;
    case MASH__V1__EVENT__PAYLOAD_ABSENCE:
        event->absence = keep(s, sizeof *event->absence);
        mash__v1__absence__init(event->absence);
        if (said->place != NULL) event->absence->school_urn = keep_text(s, said->place);
        return;
        EMPTY(MISSED_APPOINTMENT, missed_appointment)
        EMPTY(RISK_FLAG, risk_flag)
        EMPTY(IDENTITY_CHANGE, identity_change)
        EMPTY(RELEASE, release)
    default:
        fail_msg("the stories do not tell of this payload");
    }
}

static Mash__V1__Event *event_of(story *s, const event_said *said)
{
    Mash__V1__Event *event = keep(s, sizeof *event);
    mash__v1__event__init(event);
    char reference[32];
    (void)snprintf(reference, sizeof reference, "%d", said->number);
    event->event_id = id_of(s, said->number);
    event->agency = said->from == HEALTH ? MASH__V1__AGENCY__AGENCY_HEALTH : MASH__V1__AGENCY__AGENCY_POLICE;
    event->source_system = keep_text(s, "story/1");
    event->source_reference = keep_text(s, reference);
    event->occurred_at = said->occurred_ms == 0 ? s->now_ms : said->occurred_ms;
    event->recorded_at = s->now_ms;
    event->stated_receipt_at = said->receipt_ms;
    event->area = keep_text(s, said->area == NULL ? "E10000014" : said->area);
    event->sensitivity = said->sensitivity;
    event->exercise = said->exercise != 0;
    if (said->place != NULL) event->contact_back = keep_text(s, said->place);
    event->legal_basis = keep(s, sizeof *event->legal_basis);
    event->legal_basis[0] = MASH__V1__LEGAL_BASIS__LEGAL_BASIS_PUBLIC_TASK;
    event->n_legal_basis = 1;
    if (said->amends != 0) event->amends = id_of(s, said->amends);
    if (said->retracts != 0) event->retracts = id_of(s, said->retracts);
    static const person_said ANNE = {.role = CHILD, .nhs = NHS_ANNE};
    event->subjects = keep(s, STORY_PEOPLE * sizeof *event->subjects);
    for (size_t i = 0; i < STORY_PEOPLE && said->people[i].role != 0; i++)
        event->subjects[event->n_subjects++] = subject_of(s, &said->people[i]);
    if (event->n_subjects == 0) event->subjects[event->n_subjects++] = subject_of(s, &ANNE);
    set_payload(s, event, said);
    return event;
}

core_reply publish_at(story *s, uint64_t link_seq, event_said said)
{
    uint32_t peer = said.from == 0 ? POLICE : (uint32_t)said.from;
    Mash__V1__Event *event = event_of(s, &said);
    hub_buffer bytes = {0};
    assert_int_equal(event_wire_pack(&event->base, &bytes), HUB_OK);
    hub_bytes kept = hub_bytes_of(hub_arena_copy(&s->kept, bytes.data, bytes.size), bytes.size);
    hub_buffer_free(&bytes);
    core_command what = {.kind = CORE_PUBLISH, .peer = peer};
    what.of.publish.outbox = core_peer_numbered(s->state, peer)->outbox;
    what.of.publish.link_seq = link_seq;
    what.of.publish.item_event_id = hub_bytes_of(event->event_id.data, event->event_id.len);
    what.of.publish.bytes = kept;
    what.of.publish.is_patient = said.after_restore != 0;
    if (event_validate(event, s->now_ms, &what.of.publish.problem)) what.of.publish.event = event;
    return command(s, what);
}

core_reply publish(story *s, event_said said)
{
    uint32_t peer = said.from == 0 ? POLICE : (uint32_t)said.from;
    hub_id outbox_id = {{(uint8_t)peer}};
    return publish_at(s, core_outbox_of(s->state, peer, &outbox_id)->settled_link_seq + 1, said);
}

/* ---- looking --------------------------------------------------------------------------------------------------------------- */
bool recorded(const story *s)
{
    return s->decision.control != NULL;
}

const Mash__V1__Fact *fact(const story *s, uint32_t kind, size_t index)
{
    assert_true(recorded(s));
    for (size_t i = 0; i < s->decision.control->n_facts; i++) {
        const Mash__V1__Fact *at = s->decision.control->facts[i];
        if (at->kind == kind && index-- == 0) return at;
    }
    return NULL;
}

size_t facts(const story *s, uint32_t kind)
{
    size_t count = 0;
    while (fact(s, kind, count) != NULL)
        count++;
    return count;
}

bool told(const story *s, const char *queue)
{
    for (size_t i = 0; i < facts(s, FACT_DELIVERED); i++) {
        if (strcmp(core_queue_name(s->state, fact(s, FACT_DELIVERED, i)->delivered->queue), queue) == 0) return true;
    }
    return false;
}
