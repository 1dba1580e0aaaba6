/* Agencies that say of one person what cannot be true of one: both words are kept, somebody is told, and the child is a child meanwhile. */
#include "story.h"

#include <string.h>

#define SIBLING MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_SIBLING
#define GROWN_UP MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_ADULT
#define UNBORN MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_UNBORN_CHILD
#define SUPERVISED MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_SUPERVISED_PERSON
#define FLAG MASH__V1__EVENT__PAYLOAD_RISK_FLAG
#define MISSED MASH__V1__EVENT__PAYLOAD_MISSED_APPOINTMENT
#define PLAN MASH__V1__EVENT__PAYLOAD_PROTECTION_PLAN
#define NEW_IDENTITY MASH__V1__EVENT__PAYLOAD_IDENTITY_CHANGE

#define BIT(agency) (UINT32_C(1) << MASH__V1__AGENCY__AGENCY_##agency)

/* Anne is a child of Ben; this agency says when she was born. Of 2001 she is a sibling in this event: nobody of 25 may be called a child. */
static void say_born(story *s, int number, int from, int year)
{
    publish(s, (event_said){
                   .number = number,
                   .from = from,
                   .payload = MISSED,
                   .people = {
                       {.role = year == 0 || year > 2008 ? CHILD : SIBLING, .nhs = NHS_ANNE, .child_of = 2, .birth_year = year},
                       {.role = PARENT, .nhs = NHS_BEN},
                       {.role = CHILD, .nhs = NHS_CARA, .child_of = 2}}});
    assert_int_equal(s->decision.reply.item, MASH__V1__ITEM_STATUS__STORED);
}

static void amend_to(story *s, int number, int earlier, int from, int year)
{
    publish(s, (event_said){.number = number,
                            .amends = earlier,
                            .from = from,
                            .payload = MISSED,
                            .people = {{.role = SIBLING, .nhs = NHS_ANNE, .child_of = 2, .birth_year = year},
                                       {.role = PARENT, .nhs = NHS_BEN}}});
    assert_int_equal(s->decision.reply.item, MASH__V1__ITEM_STATUS__STORED);
}

/* How many of the father's children his flag is about. */
static size_t children_of_ben(story *s)
{
    static int number = 900;
    publish(s, (event_said){.number = number++, .payload = FLAG, .people = {{.role = SUPERVISED, .nhs = NHS_BEN}}});
    size_t count = 0;
    for (size_t i = 0; i + 4 <= fact(s, 70, 0)->traced->n_relatives; i += 4)
        count++;
    return count;
}

static void then_contradicted(story *s, Mash__V1__ComparedFact what, uint32_t agencies)
{
    assert_int_equal(facts(s, 36), 1);
    assert_int_equal(fact(s, 36, 0)->facts_contradicted->what, what);
    assert_int_equal(fact(s, 36, 0)->facts_contradicted->agencies, agencies);
}

static void then_alarm(story *s, size_t count)
{
    assert_int_equal(facts(s, 80), count);
    if (count > 0) assert_int_equal(fact(s, 80, 0)->alarm_raised->alarm, MASH__V1__ALARM_KIND__ALARM_KIND_FACTS_CONTRADICT);
}

static bool explains(story *s, uint32_t reader, const char *words)
{
    core_record record = last_record(s);
    core_lines lines = {.arena = &s->kept};
    core_view view = core_view_of(s->state, reader, &record);
    (void)core_explain(&view, &lines);
    for (size_t i = 0; i < lines.count; i++) {
        if (strstr(lines.items[i]->text, words) != NULL) return true;
    }
    return false;
}

/* Which of two dates is right decides who is a child. The hub cannot know; it can see that they differ. */
static void two_dates_of_birth_are_kept_and_raised(void **fixture)
{
    story *s = *fixture;
    say_born(s, 1, POLICE, 2001);
    then_alarm(s, 0);

    say_born(s, 2, HEALTH, 2015);

    then_contradicted(s, MASH__V1__COMPARED_FACT__COMPARED_FACT_DATE_OF_BIRTH, BIT(POLICE) | BIT(HEALTH));
    then_alarm(s, 1);
    assert_true(told(s, "duty"));
    assert_string_equal(delivery_to(s, "duty")->alarm, "agencies say of one person what cannot be true of one; both are kept, "
                                                       "and somebody must ask them");
}

/* The alarm is read by people who run the hub: it says whose word and on what, never the word. */
static void the_reason_names_the_agencies_and_no_value(void **fixture)
{
    story *s = *fixture;
    say_born(s, 1, POLICE, 2001);

    say_born(s, 2, HEALTH, 2015);

    assert_true(explains(s, 1, "police and health contradict each other on the date of birth of person 1"));
    assert_false(explains(s, 1, "2001"));
    assert_false(explains(s, 1, "2015"));
}

/* A police officer types 2001 for a child of eleven: health's word makes her a child again for every rule on families. */
static void who_is_a_child_by_one_word_is_a_child(void **fixture)
{
    story *s = *fixture;
    say_born(s, 1, POLICE, 2001);
    assert_int_equal(children_of_ben(s), 1); /* Cara */

    say_born(s, 2, HEALTH, 2015);

    assert_int_equal(children_of_ben(s), 2);
}

/* ... whichever of the two was said first. */
static void a_later_word_does_not_make_a_child_an_adult(void **fixture)
{
    story *s = *fixture;
    say_born(s, 1, HEALTH, 2015);

    say_born(s, 2, POLICE, 2001);

    then_alarm(s, 1);
    assert_int_equal(children_of_ben(s), 2);
}

/* The first date of birth used to stay for ever. */
static void a_corrected_date_replaces_the_same_agencys(void **fixture)
{
    story *s = *fixture;
    say_born(s, 1, POLICE, 2001);

    amend_to(s, 2, 1, POLICE, 2015);

    then_alarm(s, 0);
    assert_int_equal(facts(s, 36), 0);
    assert_int_equal(children_of_ben(s), 2);
    say_born(s, 3, HEALTH, 2015);
    then_alarm(s, 0);
}

/* ... and no other agency's. */
static void a_correction_leaves_the_other_agencys_date(void **fixture)
{
    story *s = *fixture;
    say_born(s, 1, POLICE, 2001);
    say_born(s, 2, HEALTH, 2015);

    amend_to(s, 3, 1, POLICE, 2002);

    then_contradicted(s, MASH__V1__COMPARED_FACT__COMPARED_FACT_DATE_OF_BIRTH, BIT(POLICE) | BIT(HEALTH));
    then_alarm(s, 1);
    amend_to(s, 4, 2, HEALTH, 2002);
    assert_int_equal(facts(s, 36), 0);
    assert_int_equal(children_of_ben(s), 1);
}

static void a_withdrawn_date_counts_no_more(void **fixture)
{
    story *s = *fixture;
    say_born(s, 1, POLICE, 2001);

    publish(s, (event_said){.number = 2, .retracts = 1, .payload = MISSED, .people = {{.role = PARENT, .nhs = NHS_BEN}}});

    say_born(s, 3, HEALTH, 2015);
    then_alarm(s, 0);
    assert_int_equal(children_of_ben(s), 2);
}

/* ... and makes nobody a child either. */
static void a_withdrawn_date_makes_nobody_a_child(void **fixture)
{
    story *s = *fixture;
    say_born(s, 1, POLICE, 2001);
    say_born(s, 2, HEALTH, 2015);

    publish(s, (event_said){
                   .number = 3, .from = HEALTH, .retracts = 2, .payload = MISSED, .people = {{.role = PARENT, .nhs = NHS_BEN}}});

    assert_int_equal(children_of_ben(s), 1); /* Cara */
}

/* What a withdrawal repeats of what it withdraws is not said by it. */
static void a_withdrawal_says_no_date(void **fixture)
{
    story *s = *fixture;
    say_born(s, 1, POLICE, 2001);
    publish(s, (event_said){.number = 2,
                            .retracts = 1,
                            .payload = MISSED,
                            .people = {{.role = SIBLING, .nhs = NHS_ANNE, .birth_year = 2001}}});

    publish(s, (event_said){.number = 3, .from = HEALTH, .payload = MISSED, .occurred_ms = s->now_ms - 2600 * DAY_MS});

    assert_int_equal(facts(s, 36), 0);
    assert_int_equal(children_of_ben(s), 2); /* a child, as far as anybody says */
}

/* Corrected for having named the wrong child: what was said of her goes with it, although the correction does not name her. */
static void a_date_said_of_the_wrong_child_goes_with_the_correction(void **fixture)
{
    story *s = *fixture;
    say_born(s, 1, HEALTH, 2015);
    publish(s, (event_said){.number = 2, .payload = MISSED, .people = {{.role = SIBLING, .nhs = NHS_ANNE, .birth_year = 1980}}});
    then_alarm(s, 1);

    publish(s,
            (event_said){
                .number = 3, .amends = 2, .payload = MISSED, .people = {{.role = SIBLING, .local = "C-9", .birth_year = 1980}}});

    publish(s, (event_said){.number = 4, .payload = MISSED, .people = {{.role = CHILD, .nhs = NHS_ANNE, .birth_year = 2015}}});
    assert_int_equal(facts(s, 36), 0);
}

/* Every further word of the two would ring again, and nobody would listen any more. */
static void the_same_word_again_is_explained_and_rings_no_second_time(void **fixture)
{
    story *s = *fixture;
    say_born(s, 1, POLICE, 2001);
    say_born(s, 2, HEALTH, 2015);

    say_born(s, 3, POLICE, 2001);
    then_contradicted(s, MASH__V1__COMPARED_FACT__COMPARED_FACT_DATE_OF_BIRTH, BIT(POLICE) | BIT(HEALTH));
    then_alarm(s, 0);

    say_born(s, 4, POLICE, 2003);
    then_alarm(s, 1);
}

/* An agency's own systems may differ too. */
static void one_agency_with_two_dates_contradicts_itself(void **fixture)
{
    story *s = *fixture;
    say_born(s, 1, HEALTH, 2014);

    say_born(s, 2, HEALTH, 2015);

    then_contradicted(s, MASH__V1__COMPARED_FACT__COMPARED_FACT_DATE_OF_BIRTH, BIT(HEALTH));
    assert_true(explains(s, 1, "health contradicts itself on the date of birth of person 1"));
}

/* What an agency tells as a change of identity is its own correction, though it amends no event. */
static void a_change_of_identity_replaces_what_the_agency_said(void **fixture)
{
    story *s = *fixture;
    say_born(s, 1, HEALTH, 2014);

    publish(s, (event_said){.number = 2,
                            .from = HEALTH,
                            .payload = NEW_IDENTITY,
                            .people = {{.role = CHILD, .nhs = NHS_ANNE, .birth_year = 2015}}});

    assert_int_equal(facts(s, 36), 0);
    say_born(s, 3, POLICE, 2015);
    assert_int_equal(facts(s, 36), 0);
    say_born(s, 4, POLICE, 2014);
    then_contradicted(s, MASH__V1__COMPARED_FACT__COMPARED_FACT_DATE_OF_BIRTH, BIT(POLICE) | BIT(HEALTH));
}

/* A school that gives no date says "child" all the same. */
static void a_child_by_role_contradicts_a_date_of_an_adult(void **fixture)
{
    story *s = *fixture;
    say_born(s, 1, POLICE, 2001);

    say_born(s, 2, HEALTH, 0);

    then_contradicted(s, MASH__V1__COMPARED_FACT__COMPARED_FACT_AGE, BIT(POLICE) | BIT(HEALTH));
    then_alarm(s, 1);
    assert_true(explains(s, 1, "police and health contradict each other on whether person 1 is unborn, a child or an adult"));
    assert_int_equal(children_of_ben(s), 2);
}

/* Who was a child last year may be an adult now. */
static void growing_up_contradicts_nothing(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .payload = MISSED, .occurred_ms = s->now_ms - 400 * DAY_MS});

    publish(s, (event_said){.number = 2, .from = HEALTH, .payload = MISSED, .people = {{.role = GROWN_UP, .nhs = NHS_ANNE}}});

    assert_int_equal(facts(s, 36), 0);
}

static void an_adult_of_last_year_is_no_child_now(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1,
                            .payload = MISSED,
                            .occurred_ms = s->now_ms - 400 * DAY_MS,
                            .people = {{.role = GROWN_UP, .nhs = NHS_ANNE}}});

    publish(s, (event_said){.number = 2, .from = HEALTH, .payload = MISSED});

    then_contradicted(s, MASH__V1__COMPARED_FACT__COMPARED_FACT_AGE, BIT(POLICE) | BIT(HEALTH));
}

static void who_is_born_is_not_unborn(void **fixture)
{
    story *s = *fixture;
    say_born(s, 1, HEALTH, 2015);

    publish(s, (event_said){.number = 2, .payload = MISSED, .people = {{.role = UNBORN, .nhs = NHS_ANNE, .due_year = 2026}}});

    then_contradicted(s, MASH__V1__COMPARED_FACT__COMPARED_FACT_AGE, BIT(POLICE) | BIT(HEALTH));
}

/* Two records that turn out to be one child's bring their dates with them. */
static void persons_who_are_joined_bring_their_dates(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .payload = MISSED, .people = {{.role = CHILD, .nhs = NHS_ANNE, .birth_year = 2015}}});
    publish(s,
            (event_said){
                .number = 2, .from = HEALTH, .payload = MISSED, .people = {{.role = CHILD, .local = "C-1", .birth_year = 2014}}});
    assert_int_equal(facts(s, 36), 0);

    publish(s, (event_said){.number = 3, .payload = MISSED, .people = {{.role = CHILD, .nhs = NHS_ANNE, .local = "C-1"}}});

    assert_int_equal(facts(s, 31), 1);
    then_contradicted(s, MASH__V1__COMPARED_FACT__COMPARED_FACT_DATE_OF_BIRTH, BIT(POLICE) | BIT(HEALTH));
    then_alarm(s, 1);
}

/* A rule on age holds when it holds by one of the dates. */
static void an_age_is_asked_of_every_date_that_stands(void **fixture)
{
    story *s = *fixture;
    say_born(s, 1, POLICE, 2001);
    say_born(s, 2, HEALTH, 2015);

    publish(s,
            (event_said){.number = 3, .payload = MASH__V1__EVENT__PAYLOAD_ABSENCE, .people = {{.role = CHILD, .nhs = NHS_ANNE}}});

    assert_int_equal(facts(s, 40), 1); /* R-PUPIL: aged 4 to 17 */
}

/* A drill is never joined to real people, and contradicts nobody. */
static void a_drill_contradicts_nobody(void **fixture)
{
    story *s = *fixture;
    say_born(s, 1, HEALTH, 2015);

    publish(s, (event_said){.number = 2,
                            .exercise = 1,
                            .payload = MISSED,
                            .people = {{.role = SIBLING, .nhs = NHS_ANNE, .birth_year = 2001}}});

    assert_int_equal(facts(s, 36), 0);
}

/* ---- standing status --------------------------------------------------------------------------------------------------------- */
static void plan(story *s, int number, int from, int ended)
{
    publish(s, (event_said){.number = number, .from = from, .payload = PLAN, .ended = ended});
}

static bool has_plan(story *s)
{
    static int number = 950;
    publish(s, (event_said){.number = number++, .from = HEALTH, .payload = MISSED});
    return facts(s, 40) + facts(s, 41) == 1; /* R-PLAN */
}

/* One agency's "ended" must not take a child off the plan that another has begun. */
static void a_plan_ends_when_who_began_it_says_so(void **fixture)
{
    story *s = *fixture;
    plan(s, 1, HEALTH, 0);

    plan(s, 2, POLICE, 1);

    then_contradicted(s, MASH__V1__COMPARED_FACT__COMPARED_FACT_CHILD_PROTECTION_PLAN, BIT(POLICE) | BIT(HEALTH));
    then_alarm(s, 1);
    assert_true(explains(s, 1,
                         "Person 1: child protection plan has ended by this event; it stays on, because another agency has "
                         "not said so."));
    assert_true(
        explains(s, 1, "police and health contradict each other on whether the child protection plan of person 1 goes on"));
    assert_true(has_plan(s));
    plan(s, 3, POLICE, 1);
    assert_int_equal(facts(s, 35) + facts(s, 36), 0); /* as before: nothing new */
    plan(s, 4, HEALTH, 1);
    assert_int_equal(facts(s, 36), 0);
    assert_false(fact(s, 35, 0)->status_changed->on);
}

static void an_end_said_before_a_new_beginning_is_not_of_it(void **fixture)
{
    story *s = *fixture;
    plan(s, 1, HEALTH, 0);
    plan(s, 2, POLICE, 1);
    plan(s, 3, HEALTH, 1);
    plan(s, 4, HEALTH, 0);

    plan(s, 5, POLICE, 1);

    then_alarm(s, 1);
    assert_true(fact(s, 35, 0)->status_changed->on);
}

static void a_plan_of_two_agencies_ends_with_the_second(void **fixture)
{
    story *s = *fixture;
    plan(s, 1, HEALTH, 0);
    plan(s, 2, POLICE, 0);

    plan(s, 3, HEALTH, 1);
    assert_true(fact(s, 35, 0)->status_changed->on);

    plan(s, 4, POLICE, 1);
    assert_false(fact(s, 35, 0)->status_changed->on);
}

/* A beginning that was told in error keeps nobody on a plan. */
static void a_withdrawn_beginning_holds_nothing(void **fixture)
{
    story *s = *fixture;
    plan(s, 1, HEALTH, 0);
    plan(s, 2, POLICE, 0);
    publish(s, (event_said){.number = 3, .retracts = 2, .payload = PLAN});

    plan(s, 4, HEALTH, 1);

    assert_false(fact(s, 35, 0)->status_changed->on);
    assert_int_equal(facts(s, 36), 0);
}

/* What the running digest leaves out is compared here. */
static void then_both_folds_are_alike(const story *s)
{
    hub_buffer one = {0};
    hub_buffer two = {0};
    assert_int_equal(core_snapshot_write(s->state, &one), HUB_OK);
    assert_int_equal(core_snapshot_write(s->refolded, &two), HUB_OK);
    assert_true(hub_bytes_equal(hub_buffer_bytes(&one), hub_buffer_bytes(&two)));
    hub_buffer_free(&one);
    hub_buffer_free(&two);
}

static int story_ends_alike(void **fixture)
{
    then_both_folds_are_alike(*fixture);
    return story_end(fixture);
}

#define TELL(test) cmocka_unit_test_setup_teardown(test, story_begin, story_ends_alike)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TELL(two_dates_of_birth_are_kept_and_raised),
        TELL(the_reason_names_the_agencies_and_no_value),
        TELL(who_is_a_child_by_one_word_is_a_child),
        TELL(a_later_word_does_not_make_a_child_an_adult),
        TELL(a_corrected_date_replaces_the_same_agencys),
        TELL(a_correction_leaves_the_other_agencys_date),
        TELL(a_withdrawn_date_counts_no_more),
        TELL(a_withdrawn_date_makes_nobody_a_child),
        TELL(a_withdrawal_says_no_date),
        TELL(a_date_said_of_the_wrong_child_goes_with_the_correction),
        TELL(the_same_word_again_is_explained_and_rings_no_second_time),
        TELL(one_agency_with_two_dates_contradicts_itself),
        TELL(a_change_of_identity_replaces_what_the_agency_said),
        TELL(a_child_by_role_contradicts_a_date_of_an_adult),
        TELL(growing_up_contradicts_nothing),
        TELL(an_adult_of_last_year_is_no_child_now),
        TELL(who_is_born_is_not_unborn),
        TELL(persons_who_are_joined_bring_their_dates),
        TELL(an_age_is_asked_of_every_date_that_stands),
        TELL(a_drill_contradicts_nobody),
        TELL(a_plan_ends_when_who_began_it_says_so),
        TELL(an_end_said_before_a_new_beginning_is_not_of_it),
        TELL(a_plan_of_two_agencies_ends_with_the_second),
        TELL(a_withdrawn_beginning_holds_nothing),
    };
    return cmocka_run_group_tests_name("contradictions", tests, NULL, NULL);
}
