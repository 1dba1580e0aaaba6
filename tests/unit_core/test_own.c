/* Is a record about somebody who works here, or about their own home? */
#include "story.h"

static bool is_own(story *s, const core_own *who)
{
    core_record record = last_record(s);
    return core_record_is_own(s->state, &record, who);
}

static const char *const ANNES[] = {"nhs:" NHS_ANNE};
static const char *const NAMED[] = {"name:Sam Example born:1990-06-01"};
static const uint64_t HOME[] = {7};

static void oneself_is_known_by_number_or_by_name_and_birthday(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .people = {{.role = CHILD, .nhs = NHS_ANNE}}});
    assert_true(is_own(s, &(core_own){.keys = ANNES, .key_count = 1}));
    assert_false(is_own(s, &(core_own){.keys = NAMED, .key_count = 1}));
    publish(s, (event_said){.number = 2,
                            .people = {{.role = CHILD, .nhs = NHS_BEN}, {.role = PARENT, .given = "Sam", .birth_year = 1990}}});
    assert_true(is_own(s, &(core_own){.keys = NAMED, .key_count = 1}));
    assert_false(is_own(s, &(core_own){.keys = ANNES, .key_count = 1}));
}

/* The record names the child alone; the parent works here. */
static void the_own_family_is_known_from_what_was_said_before(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1,
                            .people = {{.role = CHILD, .nhs = NHS_BEN, .child_of = 2}, {.role = PARENT, .nhs = NHS_ANNE}}});
    publish(s, (event_said){.number = 2, .people = {{.role = CHILD, .nhs = NHS_BEN}}});
    assert_true(is_own(s, &(core_own){.keys = ANNES, .key_count = 1}));
    publish(s, (event_said){.number = 3, .people = {{.role = CHILD, .nhs = NHS_CARA}}});
    assert_false(is_own(s, &(core_own){.keys = ANNES, .key_count = 1}));
}

static void who_is_known_at_the_own_home_is_of_the_household(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .people = {{.role = CHILD, .nhs = NHS_BEN, .uprn = 7}}});
    assert_true(is_own(s, &(core_own){.uprns = HOME, .uprn_count = 1}));
    publish(s, (event_said){.number = 2, .people = {{.role = CHILD, .nhs = NHS_BEN}}});
    assert_true(is_own(s, &(core_own){.uprns = HOME, .uprn_count = 1}));
    publish(s, (event_said){.number = 3, .people = {{.role = CHILD, .nhs = NHS_CARA, .uprn = 8}}});
    assert_false(is_own(s, &(core_own){.uprns = HOME, .uprn_count = 1}));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, story_begin, story_end)
    const struct CMUnitTest tests[] = {
        T(oneself_is_known_by_number_or_by_name_and_birthday),
        T(the_own_family_is_known_from_what_was_said_before),
        T(who_is_known_at_the_own_home_is_of_the_household),
    };
    return cmocka_run_group_tests_name("own", tests, NULL, NULL);
}
