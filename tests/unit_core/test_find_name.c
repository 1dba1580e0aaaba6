/* Finding somebody by name and date of birth: in one person, as far as the asker may see them, and by no name in the index. */
#include <string.h>

#include "story.h"

#define JOSE "Jos\xC3\xA9"

static void publish_family(story *s)
{
    publish(s, (event_said){.number = 1,
                            .grade = HIGH,
                            .people = {{.role = CHILD,
                                        .given = JOSE,
                                        .family = "Garc\xC3\xAD"
                                                  "a-Example",
                                        .birth_year = 2019},
                                       {.role = PARENT, .given = "Maria", .family = "Smythe", .birth_year = 1990}}});
}

static bool is_filed(story *s, const char *key)
{
    core_record record = last_record(s);
    uint64_t refs[CORE_REFS_MAX], sought;
    hub_error err;
    uint32_t count = core_record_refs(s->state, &record, refs);
    assert_int_equal(core_query_ref(s->state, key, &sought, &err), HUB_OK);
    for (uint32_t i = 0; i < count; i++) {
        if (refs[i] == sought) return true;
    }
    return false;
}

/* What is on a note: no accents, the other way round, half of a double name. */
static void somebody_is_found_by_the_words_of_their_name_in_any_order(void **fixture)
{
    story *s = *fixture;
    publish_family(s);

    assert_true(finds(s, TEAM, "name:jose garcia example"));
    assert_true(finds(s, TEAM, "name:EXAMPLE, Jose"));
    assert_true(finds(s, TEAM, "name:Garcia"));
    assert_false(finds(s, TEAM, "name:Jones"));
    assert_false(finds(s, TEAM, "name:Jose Jones"));
    assert_true(is_filed(s, "name:Jose GARCIA"));
    assert_true(is_filed(s, "name:Smythe"));
}

/* The mother's name and the child's birthday are nobody. */
static void name_and_birthday_are_one_persons(void **fixture)
{
    story *s = *fixture;
    publish_family(s);

    assert_true(finds(s, TEAM, "born:2019-06-01"));
    assert_true(finds(s, TEAM, "name:Example born:2019-06-01"));
    assert_false(finds(s, TEAM, "name:Smythe born:2019-06-01"));
    assert_false(finds(s, TEAM, "name:Example born:2018-06-01"));
    assert_true(is_filed(s, "name:Nobody born:2019-06-01")); /* under the day: who it is about is asked of the record */
}

/* With the day a word may be misspelt or an initial; alone it would find half a town. */
static void beside_a_birthday_a_name_may_be_misspelt(void **fixture)
{
    story *s = *fixture;
    publish_family(s);

    assert_true(finds(s, TEAM, "name:M Smith born:1990-06-01"));
    assert_false(finds(s, TEAM, "name:Smith"));
}

/* This list has dates of birth of children, and no names. */
static void what_a_list_does_not_have_finds_nothing(void **fixture)
{
    story *s = *fixture;
    uint32_t health = reader(s, "health-desk", MASH__V1__PEER_KIND__PEER_KIND_CONSUMER, "health-notices");
    publish_family(s);
    assert_true(told(s, "health-notices"));

    assert_true(finds(s, health, "born:2019-06-01"));
    assert_false(finds(s, health, "name:Example"));
    assert_false(finds(s, health, "name:Example born:2019-06-01"));
    assert_false(finds(s, health, "born:1990-06-01"));
}

/* A drill is about nobody. */
static void a_drill_is_found_under_no_name(void **fixture)
{
    story *s = *fixture;
    publish(s, (event_said){.number = 1, .exercise = 1, .people = {{.role = CHILD, .family = "Garcia", .birth_year = 2019}}});

    assert_false(finds(s, TEAM, "name:Garcia"));
    assert_false(is_filed(s, "name:Garcia"));
    assert_false(is_filed(s, "born:2019-06-01"));
}

static void a_key_that_is_no_name_or_day_is_refused_without_repeating_it(void **fixture)
{
    story *s = *fixture;
    static const char *const WRONG[] = {
        "name:", "name: - ", "born:", "born:2019-6-1", "born:2019-02-30", "born:2019-06-01 x", "name:Garcia born:1.6.2019"};
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        uint64_t ref;
        hub_error err;
        assert_int_equal(core_query_ref(s->state, WRONG[i], &ref, &err), HUB_ERR_INVALID);
        assert_null(strstr(err.text, "Garcia"));
    }
}

/* An index that is stolen without the key tells no names: the same name is filed elsewhere in another partnership. */
static void the_key_of_a_name_is_the_partnerships_own(void **fixture)
{
    story *s = *fixture;
    uint64_t here, there;
    hub_error err;
    assert_int_equal(core_query_ref(s->state, "name:Garcia", &here, &err), HUB_OK);
    core_state *empty = NULL;
    assert_int_equal(core_open(&empty), HUB_OK);
    assert_int_equal(core_query_ref(empty, "name:Garcia", &there, &err), HUB_OK);
    assert_true(here != there);
    core_close(empty);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, story_begin, story_end)
    const struct CMUnitTest tests[] = {
        T(somebody_is_found_by_the_words_of_their_name_in_any_order),
        T(name_and_birthday_are_one_persons),
        T(beside_a_birthday_a_name_may_be_misspelt),
        T(what_a_list_does_not_have_finds_nothing),
        T(a_drill_is_found_under_no_name),
        T(a_key_that_is_no_name_or_day_is_refused_without_repeating_it),
        T(the_key_of_a_name_is_the_partnerships_own),
    };
    return cmocka_run_group_tests_name("find_name", tests, NULL, NULL);
}
