/* Staff who are a party: they are kept from reading, by name, wherever a board or a gateway could show it to them. */
#include "story_disagreement.h"

#include <string.h>

#define RESTRICTED MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED
enum { HEALTH_NOTICES = 4, ANNA = 1, BOB = 2, MONA = 3, OLGA = 4, HANA = 7 };

static uint32_t queue_named(const story *s, const char *name)
{
    uint32_t i = 0;
    while (strcmp(s->policy->queues[i].name, name) != 0)
        i++;
    return s->policy->queues[i].number;
}

/* By a board that shows this queue. */
static bool reads_of(story *s, uint32_t staff, const char *queue, const core_record *record)
{
    core_peer *board = (core_peer *)(uintptr_t)core_peer_numbered(s->state, GATEWAY);
    board->queues[0] = queue_named(s, queue);
    bool reads = core_view_of_staff(s->state, GATEWAY, staff, s->now_ms, record).sight != CORE_SIGHT_NONE;
    board->queues[0] = 0;
    return reads;
}

/* ---- deliveries ------------------------------------------------------------------------------------------------------------ */
/* A board shows deliveries to people: it must be told to whom it may not. */
static void a_delivery_says_who_of_the_team_is_a_party_and_who_stands_in(void **fixture)
{
    story *s = *fixture;
    give_row(s, "anna", "director"); /* two rows of one person are one party */
    publish(s, (event_said){.number = 1});
    core_record first = kept_record(s);
    assert_int_equal(delivery_of(s, &first, "front-door")->n_parties, 0);

    then_done(declare_party(s, "mona", "anna"));

    const Mash__V1__Delivery *told = delivery_to(s, "front-door");
    assert_int_equal(told->n_parties, 1);
    assert_string_equal(told->parties[0]->staff, "anna");
    assert_string_equal(told->parties[0]->alternate, "mona");
    assert_int_equal(delivery_of(s, &first, "front-door")->n_parties, 1); /* what is fetched late is kept from her too */
    publish(s, (event_said){.number = 2});
    assert_int_equal(delivery_to(s, "front-door")->n_parties, 1);
}

static void a_team_hears_of_its_own_people_and_no_others(void **fixture)
{
    story *s = *fixture;
    two_doors_have_it(s);
    then_done(declare_party(s, "otto", "olga"));

    assert_int_equal(delivery_to(s, "front-door")->n_parties, 0);
    assert_string_equal(delivery_to(s, "other-door")->parties[0]->staff, "olga");
    assert_string_equal(delivery_to(s, "other-door")->parties[0]->alternate, "");
}

/* That a colleague is a party in a child's case is not for a whole agency to read. */
static void an_agency_is_told_of_no_party(void **fixture)
{
    story *s = *fixture;
    s->policy->queues[HEALTH_NOTICES].is_agency = true;
    publish(s, (event_said){.number = 1});
    then_done(declare_party(s, "mona", "hana"));

    then_done(ask(s, "mona", "health", 0));

    assert_int_equal(delivery_to(s, "health-notices")->n_parties, 0);
}

/* A notice belongs to no alert, and tells of the same child. */
static void a_notice_about_the_same_people_is_kept_from_a_party_too(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1,
                            .people = {{.role = CHILD, .nhs = NHS_ANNE, .child_of = 2}, {.role = PARENT, .nhs = NHS_BEN}}});
    then_done(declare_party(s, "mona", "nick"));
    core_rule *rule = (core_rule *)(uintptr_t)&s->policy->rules[7]; /* R-RELEASE, to the night team */
    assert_string_equal(rule->id, "R-RELEASE");
    memcpy(rule->service, "out_of_hours", sizeof "out_of_hours");

    publish(s,
            (event_said){.number = 2, .payload = MASH__V1__EVENT__PAYLOAD_RELEASE, .people = {{.role = PARENT, .nhs = NHS_BEN}}});

    const Mash__V1__Delivery *notice = delivery_to(s, "out-of-hours");
    assert_null(notice->alert);
    assert_string_equal(notice->parties[0]->staff, "nick");
}

/* One alert is kept from them, act by act, as its events are: a board goes by the newest delivery. */
static void what_becomes_of_another_alert_about_the_same_people_is_kept_from_a_party_too(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1,
                            .people = {{.role = CHILD, .nhs = NHS_ANNE, .child_of = 2}, {.role = PARENT, .nhs = NHS_BEN}}});
    then_done(declare_party(s, "mona", "anna"));
    then_done(claim(s, "bob"));
    then_done(decide_line(s, "bob", 1, "no_further_action"));
    publish(s, (event_said){.number = 2, .people = {{.role = CHILD, .nhs = NHS_ANNE}}});
    assert_int_equal(delivery_to(s, "front-door")->n_parties, 1);

    then_done(act(s, (act_said){.by = "bob", .item = "A2", .what = MASH__V1__ACT__WHAT_CLAIM}));

    core_record claimed = kept_record(s);
    assert_int_equal(delivery_to(s, "front-door")->n_parties, 1);
    assert_true(core_record_has_party(s->state, &claimed, ANNA));
    assert_false(core_record_has_party(s->state, &claimed, BOB));
}

/* Only to be hidden from somebody may tell of a restricted event no more than anything else does. */
static void who_is_not_cleared_for_the_alert_is_told_of_no_party(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    (void)tick_after(s, 2 * DAY_MS);
    core_record lapse = kept_record(s);
    then_done(declare_party(s, "mona", "dora"));
    assert_int_equal(delivery_of(s, &lapse, "duty")->n_parties, 1);

    publish(s, (event_said){.number = 2, .sensitivity = RESTRICTED});

    assert_int_equal(delivery_of(s, &lapse, "duty")->n_parties, 0);
}

/* ---- reading through a gateway ---------------------------------------------------------------------------------------------- */
static void a_party_reads_no_record_about_the_same_people(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1,
                            .people = {{.role = CHILD, .nhs = NHS_ANNE, .child_of = 2}, {.role = PARENT, .nhs = NHS_BEN}}});
    core_record first = kept_record(s);
    publish(s, (event_said){.number = 2, .people = {{.role = CHILD, .nhs = NHS_CARA}}});
    core_record of_another_child = kept_record(s);
    assert_false(core_record_has_party(s->state, &first, ANNA));

    then_done(declare_party(s, "mona", "anna"));

    core_record declared = kept_record(s);
    publish(s,
            (event_said){.number = 3, .payload = MASH__V1__EVENT__PAYLOAD_RELEASE, .people = {{.role = PARENT, .nhs = NHS_BEN}}});
    core_record of_the_father = kept_record(s);
    const core_record *HERS[] = {&first, &declared, &of_the_father};
    for (size_t i = 0; i < sizeof HERS / sizeof HERS[0]; i++) {
        assert_true(core_record_has_party(s->state, HERS[i], ANNA));
        assert_false(core_record_has_party(s->state, HERS[i], BOB));
    }
    assert_false(core_record_has_party(s->state, &of_another_child, ANNA));
}

static void a_restricted_record_is_read_in_a_role_that_is_cleared(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    core_record before = kept_record(s);
    assert_true(reads_of(s, ANNA, "front-door", &before));
    publish(s, (event_said){.number = 2, .sensitivity = RESTRICTED});
    core_record event = kept_record(s);
    then_done(claim(s, "mona"));
    core_record act = kept_record(s);

    const core_record *RECORDS[] = {&before, &event, &act}; /* of the alert, all three */
    for (size_t i = 0; i < sizeof RECORDS / sizeof RECORDS[0]; i++) {
        assert_false(reads_of(s, ANNA, "front-door", RECORDS[i]));
        assert_true(reads_of(s, MONA, "front-door", RECORDS[i]));
    }
    give_row(s, "anna", "team-manager");
    assert_true(reads_of(s, ANNA, "front-door", &event));
    leave_roster(s, "mona");
    assert_false(reads_of(s, MONA, "front-door", &event));
}

static bool reads_of_alert(story *s, uint32_t staff, const core_record *record, uint64_t alert)
{
    core_peer *board = (core_peer *)(uintptr_t)core_peer_numbered(s->state, GATEWAY);
    board->queues[0] = queue_named(s, "front-door");
    core_view view = core_view_of_staff(s->state, GATEWAY, staff, s->now_ms, record);
    bool reads = core_view_alert(&view, alert);
    board->queues[0] = 0;
    return reads;
}

/* At closing time one record tells of every alert that nobody has rated: one that is kept from somebody must not take the others with it. */
static void a_tick_that_tells_of_many_alerts_is_read_alert_by_alert(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1});
    publish(s, (event_said){.number = 2, .people = {{.role = CHILD, .nhs = NHS_BEN}}, .sensitivity = RESTRICTED});
    publish(s, (event_said){.number = 3, .people = {{.role = CHILD, .nhs = NHS_CARA}}});
    then_done(act(s, (act_said){.by = "mona",
                                .item = "A3",
                                .reason = "his niece",
                                .what = MASH__V1__ACT__WHAT_DECLARE_PARTY,
                                .body = &(Mash__V1__DeclareParty){PROTOBUF_C_MESSAGE_INIT(&mash__v1__declare_party__descriptor),
                                                                  .staff = (char *)(uintptr_t) "bob"}}));

    (void)tick_after(s, 2 * DAY_MS);

    core_record lapse = kept_record(s);
    static const struct {
        uint32_t staff;
        bool reads[3];
    } OF[] = {
        {ANNA, {true, false, true}}, {BOB, {true, false, false}}, {MONA, {true, true, true}}, {OLGA, {false, false, false}}};
    for (size_t i = 0; i < sizeof OF / sizeof OF[0]; i++) {
        for (uint64_t alert = 1; alert <= 3; alert++)
            assert_int_equal(reads_of_alert(s, OF[i].staff, &lapse, alert), OF[i].reads[alert - 1]);
    }
    then_done(declare_party(s, "mona", "bob"));
    assert_false(reads_of(s, BOB, "front-door", &lapse)); /* nothing of it is left for him */
}

/* The clock of an alert gives a notice again, in a record that names neither alert nor event: whoever is a party there is told no more by it, and
 * who is not cleared for the event reads no more of it than when it came. */
static void a_notice_that_its_clock_gives_again_is_kept_as_the_alert_and_its_event_are(void **fixture)
{
    static const struct {
        bool is_party, is_restricted;
    } CASES[] = {{false, false}, {true, false}, {false, true}};
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        story *s = *fixture;
        given_a_clock_that_watches_the_notice(s, 2026);
        publish(s, (event_said){.number = 1});
        core_record first = kept_record(s);
        until(s, london(s, 2026, 6, 9, 8, 29));
        assert_int_equal(tick_after(s, MINUTE_MS), 1);
        core_record again = kept_record(s);
        assert_true(reads_of(s, HANA, "health-notices", &first));
        assert_true(reads_of(s, HANA, "health-notices", &again));

        if (CASES[i].is_party) then_done(declare_party(s, "mona", "hana"));
        core_event_row *event =
            (core_event_row *)(uintptr_t)core_events_at(s->state, core_event_of_sequence(s->state, first.sequence));
        if (CASES[i].is_restricted) event->sensitivity = RESTRICTED; /* she was cleared for it when it came, and no longer is */

        assert_int_equal(reads_of(s, HANA, "health-notices", &again), !CASES[i].is_party && !CASES[i].is_restricted);
        assert_int_equal(story_end(fixture), 0);
        assert_int_equal(story_begin(fixture), 0);
    }
}

/* That the notice is gone from their list would tell them that something restricted has come; and whom to help they would not know. */
static void a_notice_is_read_on_when_the_alert_beside_it_becomes_restricted(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1}); /* an alert to the front door, a notice to health */
    core_record record = kept_record(s);
    assert_true(reads_of(s, HANA, "health-notices", &record));

    publish(s, (event_said){.number = 2, .sensitivity = RESTRICTED});

    assert_true(reads_of(s, HANA, "health-notices", &record));
    assert_false(reads_of(s, ANNA, "front-door", &record));
}

/* One board serves two teams that have the same alert: each reads what its own queue was given. */
static void a_person_reads_of_the_queues_of_their_own_teams(void **fixture)
{
    story *s = *fixture;
    two_doors_have_it(s);
    uint32_t front = queue_named(s, "front-door"), other = queue_named(s, "other-door");
    core_peer *board = (core_peer *)(uintptr_t)core_peer_numbered(s->state, GATEWAY);
    board->queues[0] = front;
    board->queues[1] = other;
    core_record record = last_record(s);

    core_view key = core_view_of_staff(s->state, GATEWAY, 0, s->now_ms, &record);
    core_view anna = core_view_of_staff(s->state, GATEWAY, ANNA, s->now_ms, &record);

    assert_true(core_view_queue(&key, front) && core_view_queue(&key, other));
    assert_true(core_view_queue(&anna, front));
    assert_false(core_view_queue(&anna, other));
    give_row_in(s, "anna", "team-manager", "other-team");
    anna = core_view_of_staff(s->state, GATEWAY, ANNA, s->now_ms, &record);
    assert_true(core_view_queue(&anna, other));
    leave_roster(s, "anna"); /* in the team that she was in first */
    anna = core_view_of_staff(s->state, GATEWAY, ANNA, s->now_ms, &record);
    assert_false(core_view_queue(&anna, front));
    assert_true(core_view_queue(&anna, other));
    core_view nobody = core_view_of_staff(s->state, GATEWAY, 77, s->now_ms, &record);
    assert_int_equal(nobody.sight, CORE_SIGHT_NONE);
    board->queues[0] = board->queues[1] = 0;
}

#define TELL(test) cmocka_unit_test_setup_teardown(test, story_begin, story_end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TELL(a_delivery_says_who_of_the_team_is_a_party_and_who_stands_in),
        TELL(a_team_hears_of_its_own_people_and_no_others),
        TELL(an_agency_is_told_of_no_party),
        TELL(a_notice_about_the_same_people_is_kept_from_a_party_too),
        TELL(what_becomes_of_another_alert_about_the_same_people_is_kept_from_a_party_too),
        TELL(who_is_not_cleared_for_the_alert_is_told_of_no_party),
        TELL(a_party_reads_no_record_about_the_same_people),
        TELL(a_person_reads_of_the_queues_of_their_own_teams),
        TELL(a_restricted_record_is_read_in_a_role_that_is_cleared),
        TELL(a_tick_that_tells_of_many_alerts_is_read_alert_by_alert),
        TELL(a_notice_that_its_clock_gives_again_is_kept_as_the_alert_and_its_event_are),
        TELL(a_notice_is_read_on_when_the_alert_beside_it_becomes_restricted),
    };
    return cmocka_run_group_tests_name("kept from", tests, NULL, NULL);
}
