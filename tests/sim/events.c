/* events.c - invented people, and what happens to them. */
#include "events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/event.h"
#include "event/wire.h"
#include "policy.h"

enum { HOMES = 10, CHILDREN = 3, PAST_MAX = 100000 };

/* What was said before, to repeat, amend or retract. */
typedef struct past {
    hub_id event_id;
    hub_buffer bytes;
    bool is_event; /* not unreadable, and not refused */
} past;

struct sim_source {
    uint32_t place;
    sim_random random;
    const sim_options *options; /* BORROWED */
    uint64_t numbered;
    sim_said said;
    past *past;
    size_t past_count, past_capacity;
};

typedef struct agency_row {
    Mash__V1__Agency agency;
    const char *system;
    Mash__V1__Event__PayloadCase payloads[2];
} agency_row;

static const agency_row AGENCIES[SIM_ADAPTERS_MAX] = {
    {MASH__V1__AGENCY__AGENCY_POLICE,
     "sim-police",
     {MASH__V1__EVENT__PAYLOAD_DOMESTIC_ABUSE_INCIDENT, MASH__V1__EVENT__PAYLOAD_CHILD_CONCERN}},
    {MASH__V1__AGENCY__AGENCY_HEALTH,
     "sim-health",
     {MASH__V1__EVENT__PAYLOAD_MISSED_APPOINTMENT, MASH__V1__EVENT__PAYLOAD_MISSED_APPOINTMENT}},
    {MASH__V1__AGENCY__AGENCY_EDUCATION,
     "sim-education",
     {MASH__V1__EVENT__PAYLOAD_ABSENCE, MASH__V1__EVENT__PAYLOAD_CHILD_CONCERN}},
    {MASH__V1__AGENCY__AGENCY_CHILDRENS_SERVICES,
     "sim-children",
     {MASH__V1__EVENT__PAYLOAD_CHILD_CONCERN, MASH__V1__EVENT__PAYLOAD_CHILD_CONCERN}},
};

sim_source *sim_source_open(uint32_t place, sim_random random, const sim_options *options)
{
    HUB_ASSERT(place < SIM_ADAPTERS_MAX);
    sim_source *source = calloc(1, sizeof *source);
    HUB_ASSERT(source != NULL);
    source->place = place;
    source->random = random;
    source->options = options;
    return source;
}

void sim_source_close(sim_source *source)
{
    if (source == NULL) return;
    for (size_t i = 0; i < source->past_count; i++)
        hub_buffer_free(&source->past[i].bytes);
    free(source->past);
    hub_buffer_free(&source->said.bytes);
    free(source);
}

uint32_t sim_source_agency(const sim_source *source)
{
    return AGENCIES[source->place].agency;
}

const char *sim_source_system(const sim_source *source)
{
    return AGENCIES[source->place].system;
}

/* The n-th number of the 999 range that has a check digit. */
static void nhs_number(uint32_t n, char out[11])
{
    for (uint32_t serial = n * 3;; serial++) {
        snprintf(out, 11, "999%06u", serial % 1000000);
        int sum = 0;
        for (int i = 0; i < 9; i++)
            sum += (out[i] - '0') * (10 - i);
        int check = (11 - sum % 11) % 11;
        if (check == 10) continue;
        out[9] = (char)('0' + check);
        out[10] = '\0';
        return;
    }
}

/* An event being put together; its parts point at each other. */
typedef struct draft {
    Mash__V1__Event event;
    Mash__V1__LegalBasis basis[1];
    Mash__V1__Subject child, parent;
    Mash__V1__Subject *subjects[2];
    Mash__V1__SubjectRole child_role[1], parent_role[1];
    Mash__V1__Identifier child_nhs, parent_nhs;
    Mash__V1__Identifier *child_identifiers[1], *parent_identifiers[1];
    Mash__V1__Date child_born;
    Mash__V1__Address home;
    Mash__V1__Address *homes[1];
    Mash__V1__Relationship relation;
    Mash__V1__Relationship *relations[1];
    Mash__V1__DomesticAbuseIncident incident;
    Mash__V1__Grade grade;
    Mash__V1__Grade *grades[1];
    Mash__V1__ChildConcern concern;
    Mash__V1__FactorKind kinds[1];
    Mash__V1__MissedAppointment missed;
    Mash__V1__Absence absence;
    char child_number[11], parent_number[11];
    char reference[64], family_name[32], summary[64];
} draft;

static void put_people(sim_source *source, draft *d)
{
    uint32_t home = (uint32_t)sim_draw(&source->random, HOMES);
    uint32_t child = (uint32_t)sim_draw(&source->random, CHILDREN);
    nhs_number(home * 10 + 1 + child, d->child_number);
    nhs_number(home * 10, d->parent_number);
    snprintf(d->family_name, sizeof d->family_name, "Example-%u", home);

    mash__v1__identifier__init(&d->child_nhs);
    d->child_nhs.scheme = MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_NHS_NUMBER;
    d->child_nhs.value = d->child_number;
    d->parent_nhs = d->child_nhs;
    d->parent_nhs.value = d->parent_number;
    mash__v1__date__init(&d->child_born);
    d->child_born.year = 2015 + (int)child, d->child_born.month = 1 + (int)home, d->child_born.day = 14;
    if (sim_happens(&source->random, source->options->mistyped)) d->child_born.day = 14 + 1 + (int)sim_draw(&source->random, 3);
    mash__v1__address__init(&d->home);
    d->home.postcode = (char *)"ZZ99 3VZ";
    d->home.uprn = 100000000000 + home;
    d->home.area = d->event.area;
    d->homes[0] = &d->home;

    mash__v1__subject__init(&d->child);
    d->child_role[0] = MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_CHILD;
    d->child.n_roles = 1, d->child.roles = d->child_role;
    d->child_identifiers[0] = &d->child_nhs;
    d->child.n_identifiers = 1, d->child.identifiers = d->child_identifiers;
    d->child.family_name = d->family_name;
    d->child.date_of_birth = &d->child_born;
    d->child.n_addresses = 1, d->child.addresses = d->homes;
    d->subjects[0] = &d->child;
    d->event.n_subjects = 1, d->event.subjects = d->subjects;
    if (sim_draw(&source->random, 2) == 0) return;

    mash__v1__subject__init(&d->parent);
    d->parent_role[0] = MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_PARENT_OR_CARER;
    d->parent.n_roles = 1, d->parent.roles = d->parent_role;
    d->parent_identifiers[0] = &d->parent_nhs;
    d->parent.n_identifiers = 1, d->parent.identifiers = d->parent_identifiers;
    d->parent.family_name = d->family_name;
    mash__v1__relationship__init(&d->relation);
    d->relation.kind = MASH__V1__RELATIONSHIP_KIND__RELATIONSHIP_KIND_PARENT_OF;
    d->relation.lives_with = true;
    d->relations[0] = &d->relation;
    d->parent.n_relationships = 1, d->parent.relationships = d->relations;
    d->parent.n_addresses = 1, d->parent.addresses = d->homes;
    d->subjects[1] = &d->parent;
    d->event.n_subjects = 2;
}

static void put_payload(sim_source *source, draft *d)
{
    Mash__V1__Event *event = &d->event;
    event->payload_case = AGENCIES[source->place].payloads[sim_draw(&source->random, 2)];
    switch (event->payload_case) {
    case MASH__V1__EVENT__PAYLOAD_DOMESTIC_ABUSE_INCIDENT:
        mash__v1__domestic_abuse_incident__init(&d->incident);
        mash__v1__grade__init(&d->grade);
        d->grade.tool = (char *)"DASH", d->grade.tool_version = (char *)"2009";
        d->grade.level = (Mash__V1__GradeLevel)(1 + sim_draw(&source->random, 3));
        d->grade.score = (int32_t)sim_draw(&source->random, 28);
        d->grades[0] = &d->grade;
        d->incident.n_grades = 1, d->incident.grades = d->grades;
        event->domestic_abuse_incident = &d->incident;
        break;
    case MASH__V1__EVENT__PAYLOAD_MISSED_APPOINTMENT:
        mash__v1__missed_appointment__init(&d->missed);
        event->missed_appointment = &d->missed;
        break;
    case MASH__V1__EVENT__PAYLOAD_ABSENCE:
        mash__v1__absence__init(&d->absence);
        event->absence = &d->absence;
        break;
    default:
        mash__v1__child_concern__init(&d->concern);
        d->kinds[0] = MASH__V1__FACTOR_KIND__FACTOR_KIND_NEGLECT;
        d->concern.n_kinds = 1, d->concern.kinds = d->kinds;
        event->payload_case = MASH__V1__EVENT__PAYLOAD_CHILD_CONCERN;
        event->child_concern = &d->concern;
        break;
    }
}

/* An earlier event of this source that is one; NULL when there is none yet. */
static const past *choose_past(sim_source *source)
{
    if (source->past_count == 0) return NULL;
    const past *chosen = &source->past[sim_draw(&source->random, source->past_count)];
    return chosen->is_event ? chosen : NULL;
}

static void put_target(sim_source *source, Mash__V1__Event *event)
{
    bool amends = sim_happens(&source->random, source->options->amends);
    bool retracts = !amends && sim_happens(&source->random, source->options->retracts);
    const past *target = amends || retracts ? choose_past(source) : NULL;
    if (target == NULL) return;
    ProtobufCBinaryData id = {.len = HUB_ID_BYTES, .data = (uint8_t *)(uintptr_t)target->event_id.bytes};
    *(amends ? &event->amends : &event->retracts) = id;
}

static void say_event(sim_source *source, int64_t now_ms)
{
    draft *d = calloc(1, sizeof *d);
    HUB_ASSERT(d != NULL);
    const agency_row *row = &AGENCIES[source->place];
    Mash__V1__Event *event = &d->event;
    mash__v1__event__init(event);
    event->agency = row->agency;
    event->source_system = (char *)row->system;
    snprintf(d->reference, sizeof d->reference, "R%llu", (unsigned long long)++source->numbered);
    event->source_reference = d->reference;
    event->recorded_at = now_ms;
    event->occurred_at = now_ms - sim_within(&source->random, (sim_span){0, INT64_C(86400000) * 3});
    event->area = (char *)SIM_AREAS[sim_draw(&source->random, 2)];
    event->sensitivity = sim_draw(&source->random, 4) == 0 ? MASH__V1__SENSITIVITY__SENSITIVITY_SENSITIVE
                                                           : MASH__V1__SENSITIVITY__SENSITIVITY_OFFICIAL;
    d->basis[0] = MASH__V1__LEGAL_BASIS__LEGAL_BASIS_PUBLIC_TASK;
    event->n_legal_basis = 1, event->legal_basis = d->basis;
    snprintf(d->summary, sizeof d->summary, "Simulated event %s", d->reference);
    event->summary = d->summary;
    put_people(source, d);
    put_payload(source, d);
    put_target(source, event);
    sim_said *said = &source->said;
    event_id_derive(row->agency, row->system, d->reference, (uint32_t)event->payload_case, NULL, &said->event_id);
    event->event_id = (ProtobufCBinaryData){.len = HUB_ID_BYTES, .data = said->event_id.bytes};
    HUB_ASSERT(event_wire_pack(&event->base, &said->bytes) == HUB_OK);
    said->is_urgent = event->payload_case == MASH__V1__EVENT__PAYLOAD_DOMESTIC_ABUSE_INCIDENT;

    event_problem problem = {0};
    if (!event_validate(event, now_ms, &problem)) {
        fprintf(stderr, "events.c: %s: %s\n", problem.field_path, problem.reason);
        HUB_ASSERT(problem.code == MASH__V1__REFUSAL_CODE__REFUSAL_CODE_UNSPECIFIED);
    }
    free(d);
}

/* An earlier one with a field more than it had: other bytes under the same id. */
static void say_other_content(sim_source *source, const past *earlier)
{
    static const char MORE[] = "\x82\x01\x03sim"; /* field 16, reported_by */
    source->said.event_id = earlier->event_id;
    source->said.expect = SIM_REFUSED;
    hub_buffer_put(&source->said.bytes, earlier->bytes.data, earlier->bytes.size);
    hub_buffer_put(&source->said.bytes, MORE, sizeof MORE - 1);
}

static void say_unreadable(sim_source *source)
{
    source->said.expect = SIM_REFUSED;
    sim_fill(&source->random, source->said.event_id.bytes, HUB_ID_BYTES);
    hub_buffer_put(&source->said.bytes, "\xff\xff\xff\xff", 4);
}

const sim_said *sim_source_say(sim_source *source, int64_t now_ms)
{
    sim_said *said = &source->said;
    hub_buffer_clear(&said->bytes);
    said->expect = SIM_STORED;
    said->is_urgent = false;
    const past *earlier = choose_past(source);
    if (earlier != NULL && sim_happens(&source->random, source->options->repeats)) {
        said->event_id = earlier->event_id;
        hub_buffer_put(&said->bytes, earlier->bytes.data, earlier->bytes.size);
    } else if (earlier != NULL && sim_happens(&source->random, source->options->other_content)) {
        say_other_content(source, earlier);
    } else if (sim_happens(&source->random, source->options->unreadable)) {
        say_unreadable(source);
    } else {
        say_event(source, now_ms);
    }
    HUB_ASSERT(!said->bytes.failed);
    return said;
}

void sim_source_said(sim_source *source)
{
    HUB_ASSERT(source->past_count < PAST_MAX);
    if (source->past_count == source->past_capacity) {
        source->past_capacity = source->past_capacity == 0 ? 64 : source->past_capacity * 2;
        source->past = realloc(source->past, source->past_capacity * sizeof *source->past);
        HUB_ASSERT(source->past != NULL);
    }
    past *kept = &source->past[source->past_count++];
    *kept = (past){.event_id = source->said.event_id, .is_event = source->said.expect == SIM_STORED};
    hub_buffer_put(&kept->bytes, source->said.bytes.data, source->said.bytes.size);
}
