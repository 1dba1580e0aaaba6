#include "made_events.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "event/event.h"
#include "event/wire.h"
#include "host/clock.h"

typedef struct making {
    uint32_t number;
    const char *summary;
    uint32_t children, identifiers; /* of each child */
    const char *family_name;
    Mash__V1__Event__PayloadCase payload;
    int64_t late_ms; /* how long ago it happened */
} making;

enum { MADE_CHILDREN_MAX = 64, MADE_IDENTIFIERS_MAX = 8 };

static void make_child(const making *m, uint32_t index, Mash__V1__Subject *subject)
{
    static Mash__V1__SubjectRole roles[] = {MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_CHILD};
    static Mash__V1__Identifier identifiers[MADE_CHILDREN_MAX][MADE_IDENTIFIERS_MAX];
    static Mash__V1__Identifier *lists[MADE_CHILDREN_MAX][MADE_IDENTIFIERS_MAX];
    static char values[MADE_CHILDREN_MAX][MADE_IDENTIFIERS_MAX][24];
    mash__v1__subject__init(subject);
    subject->roles = roles;
    subject->n_roles = 1;
    subject->family_name = (char *)(uintptr_t)m->family_name;
    for (uint32_t i = 0; i < m->identifiers; i++) {
        Mash__V1__Identifier *identifier = lists[index][i] = &identifiers[index][i];
        mash__v1__identifier__init(identifier);
        (void)snprintf(values[index][i], sizeof values[index][i], "c-%u-%u-%u", m->number, index, i);
        identifier->scheme = MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_LOCAL;
        identifier->value = values[index][i];
        identifier->system = (char *)(uintptr_t) "test";
    }
    subject->identifiers = lists[index];
    subject->n_identifiers = m->identifiers;
}

static hub_id make(const making *m, hub_buffer *packed)
{
    char reference[32];
    Mash__V1__LegalBasis basis[] = {MASH__V1__LEGAL_BASIS__LEGAL_BASIS_PUBLIC_TASK};
    Mash__V1__Subject children[MADE_CHILDREN_MAX];
    Mash__V1__Subject *subjects[MADE_CHILDREN_MAX];
    Mash__V1__Contact contact = MASH__V1__CONTACT__INIT;
    Mash__V1__ChildConcern concern = MASH__V1__CHILD_CONCERN__INIT;
    Mash__V1__Event event = MASH__V1__EVENT__INIT;
    assert_true(m->children <= MADE_CHILDREN_MAX && m->identifiers <= MADE_IDENTIFIERS_MAX);
    for (uint32_t i = 0; i < m->children; i++)
        make_child(m, i, subjects[i] = &children[i]);
    (void)snprintf(reference, sizeof reference, "contact-%u", m->number);
    event.agency = MASH__V1__AGENCY__AGENCY_HEALTH;
    event.source_system = (char *)(uintptr_t) "test";
    event.source_reference = reference;
    static int64_t recorded_ms; /* the same for every event of the run: an event offered again is the same event */
    if (recorded_ms == 0) recorded_ms = host_wall_ms();
    event.recorded_at = recorded_ms;
    event.occurred_at = recorded_ms - m->late_ms;
    event.area = (char *)(uintptr_t) "E10000014";
    event.legal_basis = basis;
    event.n_legal_basis = 1;
    event.legal_gateway = (char *)(uintptr_t) "Children Act 2004 s11";
    event.summary = (char *)(uintptr_t)m->summary;
    event.subjects = subjects;
    event.n_subjects = m->children;
    event.payload_case = m->payload;
    if (m->payload == MASH__V1__EVENT__PAYLOAD_CHILD_CONCERN) {
        event.child_concern = &concern;
    } else {
        event.contact = &contact;
        event.exercise = 1;
    }
    hub_id id;
    event_id_derive(event.agency, event.source_system, reference, (uint32_t)event.payload_case, NULL, &id);
    event.event_id = (ProtobufCBinaryData){.len = HUB_ID_BYTES, .data = id.bytes};
    event_problem problem = {0};
    bool valid = event_validate(&event, event.recorded_at, &problem);
    if (!valid) print_error("%s: %s\n", problem.field_path, problem.reason);
    assert_true(valid);
    assert_int_equal(event_wire_pack(&event.base, packed), HUB_OK);
    return id;
}

hub_id event_make(uint32_t number, const char *summary, hub_buffer *packed)
{
    char family[32];
    (void)snprintf(family, sizeof family, "Exercise-%u", number);
    return make(&(making){.number = number,
                          .summary = summary,
                          .children = 1,
                          .family_name = family,
                          .payload = MASH__V1__EVENT__PAYLOAD_CONTACT},
                packed);
}

hub_id event_make_late(uint32_t number, hub_buffer *packed)
{
    return make(&(making){.number = number,
                          .summary = "seen at home",
                          .children = 1,
                          .identifiers = 1,
                          .family_name = "Example",
                          .payload = MASH__V1__EVENT__PAYLOAD_CHILD_CONCERN,
                          .late_ms = INT64_C(24) * 60 * 60 * 1000},
                packed);
}

hub_id event_make_crowd(uint32_t number, hub_buffer *packed)
{
    char family[201];
    memset(family, 'x', sizeof family - 1);
    family[sizeof family - 1] = '\0';
    return make(&(making){.number = number,
                          .summary = "a school trip",
                          .children = MADE_CHILDREN_MAX,
                          .identifiers = MADE_IDENTIFIERS_MAX,
                          .family_name = family,
                          .payload = MASH__V1__EVENT__PAYLOAD_CHILD_CONCERN},
                packed);
}
