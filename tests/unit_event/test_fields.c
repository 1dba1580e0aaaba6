/* Who may see what: redaction by a set of fields, and the values that rules test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "event/event.h"
#include "event/field_table.h"
#include "event/fields.h"
#include "event/wire.h"
#include "sample.h"

typedef struct told {
    char paths[1024]; /* each followed by a space */
} told;

static void note(void *context, event_field field, const char *path)
{
    (void)field;
    told *t = context;
    size_t used = strlen(t->paths);
    (void)snprintf(t->paths + used, sizeof t->paths - used, "%s ", path);
}

/* What is left of the event when it is packed for somebody with this list; to be freed. */
static Mash__V1__Event *shown(const sample *s, const event_field_set *allowed)
{
    hub_buffer packed = {0};
    assert_int_equal(event_wire_pack_allowed(&s->event.base, allowed, &packed), HUB_OK);
    Mash__V1__Event *event = mash__v1__event__unpack(NULL, packed.size, packed.data);
    assert_non_null(event);
    hub_buffer_free(&packed);
    return event;
}

static void forget(Mash__V1__Event *event)
{
    mash__v1__event__free_unpacked(event, NULL);
}

/* Deny by default: a list that names nothing shows nothing. */
static void an_empty_set_leaves_an_empty_event(void **state)
{
    (void)state;
    sample s;
    sample_make(&s);
    const event_field_set nothing = {{0}};

    Mash__V1__Event *event = shown(&s, &nothing);

    assert_int_equal(mash__v1__event__get_packed_size(event), 0);
    forget(event);
}

/* Naming a field shows it and its way there, nothing beside it. */
static void only_the_named_fields_stay(void **state)
{
    (void)state;
    sample s;
    sample_make(&s);
    event_field_set allowed = {{0}};
    assert_true(event_fields_add(&allowed, "subjects.addresses.postcode"));
    assert_true(event_fields_add(&allowed, "subjects.roles"));
    assert_true(event_fields_add(&allowed, "agency"));
    told t = {""};

    Mash__V1__Event *event = shown(&s, &allowed);
    event_fields_withheld(&s.event, &allowed, note, &t);

    assert_int_equal(event->agency, MASH__V1__AGENCY__AGENCY_POLICE);
    assert_int_equal(event->n_subjects, 2);
    const Mash__V1__Subject *child = event->subjects[0];
    assert_int_equal(child->n_roles, 1);
    assert_string_equal(child->addresses[0]->postcode, "zz99 3vz");
    assert_int_equal(child->addresses[0]->uprn, 0);
    assert_null(child->addresses[0]->from);
    assert_string_equal(child->family_name, "");
    assert_null(child->picture);
    assert_int_equal(child->n_identifiers, 0);
    assert_int_equal(event->payload_case, MASH__V1__EVENT__PAYLOAD__NOT_SET);
    assert_int_equal(event->event_id.len, 0);
    assert_string_equal(t.paths, "event_id source_system source_reference occurred_at recorded_at area sensitivity legal_basis "
                                 "subjects.identifiers subjects.family_name subjects.given_names subjects.date_of_birth "
                                 "subjects.addresses.uprn subjects.addresses.area subjects.addresses.from subjects.picture "
                                 "subjects.school_urn subjects.relationships summary domestic_abuse_incident ");
    forget(event);
}

/* "subjects.picture" is the factors and strengths too: risk never travels without strength by an oversight. */
static void naming_a_message_names_all_of_it(void **state)
{
    (void)state;
    static const char *const SAME[] = {"subjects.picture", "subjects.picture.*"};
    for (size_t i = 0; i < 2; i++) {
        sample s;
        sample_make(&s);
        event_field_set allowed = {{0}};
        assert_true(event_fields_add(&allowed, SAME[i]));

        Mash__V1__Event *event = shown(&s, &allowed);

        const Mash__V1__Picture *picture = event->subjects[0]->picture;
        assert_int_equal(picture->n_vulnerability_factors, 1);
        assert_int_equal(picture->vulnerability_factors[0]->kind, MASH__V1__FACTOR_KIND__FACTOR_KIND_DOMESTIC_ABUSE);
        assert_int_equal(picture->vulnerability_factors[0]->since->month, 12);
        assert_int_equal(picture->n_protective_factors, 1);
        assert_string_equal(event->subjects[0]->family_name, "");
        forget(event);
    }
}

/* A picture is one type at many paths: allowing it in one payload must not allow it in another. */
static void the_same_type_at_another_path_stays_withheld(void **state)
{
    (void)state;
    sample s;
    sample_make(&s);
    s.incident.picture = &s.picture;
    event_field_set allowed = {{0}};
    assert_true(event_fields_add(&allowed, "domestic_abuse_incident.circumstances"));
    assert_true(event_fields_add(&allowed, "child_concern.picture"));
    told t = {""};

    Mash__V1__Event *event = shown(&s, &allowed);
    event_fields_withheld(&s.event, &allowed, note, &t);

    assert_non_null(strstr(t.paths, "domestic_abuse_incident.grades domestic_abuse_incident.picture "));
    assert_null(event->domestic_abuse_incident->picture);
    assert_true(event->domestic_abuse_incident->circumstances[0] != '\0');
    forget(event);
}

/* What this version does not know, nobody has allowed. */
static void unknown_fields_go_even_from_allowed_messages(void **state)
{
    (void)state;
    sample s;
    sample_make(&s);
    ProtobufCMessageUnknownField unknown = {
        .tag = 900, .wire_type = PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED, .len = 2, .data = (uint8_t *)"\x01x"};
    s.child.base.n_unknown_fields = 1;
    s.child.base.unknown_fields = &unknown;
    event_field_set allowed = {{0}};
    assert_true(event_fields_add(&allowed, "subjects"));

    Mash__V1__Event *event = shown(&s, &allowed);

    assert_int_equal(event->subjects[0]->base.n_unknown_fields, 0);
    assert_string_equal(event->subjects[0]->family_name, "Example");
    forget(event);
}

static void paths_that_name_no_field_are_refused(void **state)
{
    (void)state;
    static const char *const WRONG[] = {"",
                                        ".",
                                        "*",
                                        "subject",
                                        "subjects.",
                                        "subjects..roles",
                                        "subjects.role",
                                        "subjects.roles.x",
                                        "subjects.roles.*",
                                        "agency.*",
                                        "payload",
                                        "subjects[0].roles",
                                        "subjects.picture*"};
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        event_field_set set = {{0}};
        event_field_set empty = {{0}};
        assert_false(event_fields_add(&set, WRONG[i]));
        assert_memory_equal(&set, &empty, sizeof set);
    }
}

static void there_is_room_for_every_field(void **state)
{
    (void)state;
    assert_true(EVENT_FIELD_COUNT > 1000);
    assert_true(EVENT_FIELD_COUNT <= EVENT_FIELDS_MAX);
}

/* ---- probes --------------------------------------------------------------------------------------------------------------------- */

typedef struct values {
    int64_t seen[8];
    size_t count;
    int64_t wanted;
} values;

static bool collect(void *context, int64_t value)
{
    values *v = context;
    v->seen[v->count++] = value;
    return value == v->wanted;
}

static void a_probe_sees_every_value_until_one_satisfies(void **state)
{
    (void)state;
    sample s;
    sample_make(&s);
    event_probe probe;
    values v = {.wanted = MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_PARENT_OR_CARER};
    assert_true(event_probe_find("subjects.roles", &probe));
    assert_ptr_equal(probe.values, &mash__v1__subject_role__descriptor);

    assert_true(event_probe_any(&probe, &s.event, collect, &v));

    assert_int_equal(v.count, 2);
    assert_int_equal(v.seen[0], MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_CHILD);
}

static void a_probe_into_another_payload_sees_nothing(void **state)
{
    (void)state;
    sample s;
    sample_make(&s);
    event_probe probe;
    values v = {.wanted = 0};
    assert_true(event_probe_find("child_concern.immediate_danger", &probe));
    assert_int_equal(probe.payload, 101);
    assert_false(event_probe_any(&probe, &s.event, collect, &v));
    assert_int_equal(v.count, 0);
    assert_true(event_probe_find("domestic_abuse_incident.grades.level", &probe));
    v.wanted = MASH__V1__GRADE_LEVEL__GRADE_LEVEL_HIGH;
    assert_true(event_probe_any(&probe, &s.event, collect, &v));
}

static void probes_read_bools_and_integers_of_every_width(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        int64_t value;
    } ROWS[] = {
        {"occurred_at", SAMPLE_NOW_MS - SAMPLE_DAY_MS}, {"subjects.relationships.lives_with", 1},
        {"subjects.addresses.uprn", 100120883950},      {"subjects.date_of_birth.year", 2016},
        {"domestic_abuse_incident.grades.score", 16},
    };
    sample s;
    sample_make(&s);
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        event_probe probe;
        values v = {.wanted = ROWS[i].value};
        assert_true(event_probe_find(ROWS[i].path, &probe));
        assert_true(event_probe_any(&probe, &s.event, collect, &v));
    }
}

static void text_bytes_and_messages_cannot_be_probed(void **state)
{
    (void)state;
    static const char *const WRONG[] = {"", "summary", "event_id", "subjects", "subjects.picture", "nothing", "subjects.roles.x"};
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        event_probe probe;
        assert_false(event_probe_find(WRONG[i], &probe));
    }
}

/* What rests on a field may be told where the field may be: of one field exactly, of a message when anything of it is allowed. */
static void a_set_says_whether_a_field_is_in_it(void **state)
{
    static const struct {
        const char *path;
        event_field field;
        bool is_in;
    } ROWS[] = {
        {"event_id", EVENT_FIELD_EVENT_ID, false},
        {"subjects", EVENT_FIELD_SUBJECTS, true},
        {"subjects.roles", EVENT_FIELD_SUBJECTS_ROLES, true},
        {"subjects.date_of_birth", EVENT_FIELD_SUBJECTS_DATE_OF_BIRTH, true},
        {"subjects.date_of_birth.year", EVENT_FIELD_SUBJECTS_DATE_OF_BIRTH_YEAR, true},
        {"subjects.addresses", EVENT_FIELD_SUBJECTS_ADDRESSES, false},
        {"agency", EVENT_FIELD_AGENCY, false},
        {"domestic_abuse_incident", EVENT_FIELD_DOMESTIC_ABUSE_INCIDENT, true},
        {"domestic_abuse_incident.circumstances", EVENT_FIELD_DOMESTIC_ABUSE_INCIDENT_CIRCUMSTANCES, true},
        {"domestic_abuse_incident.grades.level", EVENT_FIELD_DOMESTIC_ABUSE_INCIDENT_GRADES_LEVEL, false},
        {"child_concern", EVENT_FIELD_CHILD_CONCERN, false},
    };
    (void)state;
    event_field_set set = {{0}};
    assert_true(event_fields_add(&set, "subjects.roles"));
    assert_true(event_fields_add(&set, "subjects.date_of_birth"));
    assert_true(event_fields_add(&set, "domestic_abuse_incident.circumstances"));
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        event_probe probe;
        assert_int_equal(event_fields_has(&set, ROWS[i].field), ROWS[i].is_in);
        if (event_probe_find(ROWS[i].path, &probe)) assert_int_equal(event_fields_has_probe(&set, &probe), ROWS[i].is_in);
    }
    event_field field;
    assert_true(event_payload_field(event_payload_of_name("child_concern"), &field));
    assert_int_equal(field, EVENT_FIELD_CHILD_CONCERN);
    assert_false(event_payload_field(mash__v1__event__descriptor.fields[EVENT_FIELD_EVENT_ID].id, &field));
    assert_false(event_payload_field(99999, &field));
}

static void a_probe_knows_whether_it_looks_at_people(void **state)
{
    (void)state;
    event_probe probe;
    assert_true(event_probe_find("subjects.roles", &probe));
    assert_true(event_probe_is_within(&probe, "subjects"));
    assert_true(event_probe_find("domestic_abuse_incident.grades.level", &probe));
    assert_false(event_probe_is_within(&probe, "subjects"));
}

static void join_path(void *context, const char *path)
{
    hub_buffer *out = context;
    hub_buffer_put_format(out, "%s%s", out->size > 0 ? ", " : "", path);
}

/* Who reads what an audience is given reads paths, and a message that is given whole by its name alone. */
static void a_set_is_listed_by_its_shortest_paths(void **state)
{
    (void)state;
    event_field_set set = {{0}};
    assert_true(event_fields_add(&set, "child_concern.grade.level"));
    assert_true(event_fields_add(&set, "subjects.roles"));
    assert_true(event_fields_add(&set, "subjects.picture"));
    assert_true(event_fields_add(&set, "area"));
    hub_buffer out = {0};
    event_fields_each(&set, join_path, &out);
    assert_string_equal(hub_buffer_text(&out), "area, subjects.roles, subjects.picture, child_concern.grade.level");
    out.size = 0;
    assert_true(event_fields_add(&set, "subjects"));
    event_fields_each(&set, join_path, &out);
    assert_string_equal(hub_buffer_text(&out), "area, subjects, child_concern.grade.level");
    hub_buffer_free(&out);
}

/* For readers near an alleged perpetrator: a place may stand in any text, so none stays; of a person, what says where they are goes with
 * whose it is, and that is for the asker to take out. */
static void without_texts_numbers_dates_names_and_coded_values_stay(void **state)
{
    (void)state;
    event_field_set set = {{0}};
    static const char *const LISTED[] = {"source_system",        "occurred_at",   "area",         "summary",        "subjects",
                                         "exclusion.school_urn", "missing.grade", "absence.date", "identity_change"};
    for (size_t i = 0; i < sizeof LISTED / sizeof LISTED[0]; i++)
        assert_true(event_fields_add(&set, LISTED[i]));

    event_fields_drop_texts(&set);

    hub_buffer out = {0};
    event_fields_each(&set, join_path, &out);
    assert_string_equal(
        hub_buffer_text(&out),
        "occurred_at, area, subjects.roles, subjects.identifiers, subjects.family_name, subjects.given_names, "
        "subjects.date_of_birth, subjects.expected_date, subjects.date_of_death, subjects.sex, subjects.addresses, "
        "subjects.relationships.to_subject, subjects.relationships.kind, subjects.relationships.lives_with, "
        "subjects.picture.vulnerability_factors.kind, subjects.picture.vulnerability_factors.since, "
        "subjects.picture.protective_factors.kind, subjects.picture.protective_factors.since, "
        "subjects.voice.seen_alone, subjects.consent.status, subjects.consent.given_on, subjects.school_urn, "
        "subjects.practice_code, subjects.open_case, subjects.present, subjects.staff_party, absence.date, "
        "missing.grade.tool, missing.grade.tool_version, missing.grade.level, missing.grade.score, "
        "identity_change.on, identity_change.replaced.scheme, identity_change.by.scheme");
    hub_buffer_free(&out);
}

static void a_field_tells_where_somebody_is_when_it_is_a_text_or_theirs(void **state)
{
    (void)state;
    static const event_field WHERE[] = {EVENT_FIELD_SUMMARY, EVENT_FIELD_EXCLUSION_SCHOOL_URN,
                                        EVENT_FIELD_MISSING_LAST_SEEN_PLACE, EVENT_FIELD_SUBJECTS_ADDRESSES,
                                        EVENT_FIELD_SUBJECTS_SCHOOL_URN};
    static const event_field NOT[] = {EVENT_FIELD_SUBJECTS_FAMILY_NAME, EVENT_FIELD_MISSING_GRADE_TOOL, EVENT_FIELD_MISSING,
                                      EVENT_FIELD_OCCURRED_AT, EVENT_FIELD_AREA};
    for (size_t i = 0; i < sizeof WHERE / sizeof WHERE[0]; i++)
        assert_true(event_field_tells_where(WHERE[i]));
    for (size_t i = 0; i < sizeof NOT / sizeof NOT[0]; i++)
        assert_false(event_field_tells_where(NOT[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_texts_numbers_dates_names_and_coded_values_stay),
        cmocka_unit_test(a_field_tells_where_somebody_is_when_it_is_a_text_or_theirs),
        cmocka_unit_test(an_empty_set_leaves_an_empty_event),
        cmocka_unit_test(only_the_named_fields_stay),
        cmocka_unit_test(naming_a_message_names_all_of_it),
        cmocka_unit_test(the_same_type_at_another_path_stays_withheld),
        cmocka_unit_test(unknown_fields_go_even_from_allowed_messages),
        cmocka_unit_test(paths_that_name_no_field_are_refused),
        cmocka_unit_test(there_is_room_for_every_field),
        cmocka_unit_test(a_probe_sees_every_value_until_one_satisfies),
        cmocka_unit_test(a_probe_into_another_payload_sees_nothing),
        cmocka_unit_test(probes_read_bools_and_integers_of_every_width),
        cmocka_unit_test(a_set_says_whether_a_field_is_in_it),
        cmocka_unit_test(a_probe_knows_whether_it_looks_at_people),
        cmocka_unit_test(text_bytes_and_messages_cannot_be_probed),
        cmocka_unit_test(a_set_is_listed_by_its_shortest_paths),
    };
    return cmocka_run_group_tests_name("fields", tests, NULL, NULL);
}
