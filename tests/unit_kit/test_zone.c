/* Civil time to UTC offset, at the four edges of two years. */
#include "kit_support.h"

#include "kit/zone.h"

/* Sources write local time without an offset; an hour wrong is a missed appointment on the wrong side of midnight. */
static void london_is_an_hour_ahead_from_march_to_october(void **state)
{
    (void)state;
    assert_int_equal(kit_zone_london(1767225600000), 0);  /* 2026-01-01 00:00 */
    assert_int_equal(kit_zone_london(1774745999000), 0);  /* 2026-03-29 00:59:59 */
    assert_int_equal(kit_zone_london(1774747800000), 0);  /* 2026-03-29 01:30, which does not exist: 01:30 UTC is 02:30 there */
    assert_int_equal(kit_zone_london(1774749600000), 60); /* 2026-03-29 02:00 */
    assert_int_equal(kit_zone_london(1792891800000), 60); /* 2026-10-25 01:30, the first of two */
    assert_int_equal(kit_zone_london(1792893600000), 0);  /* 2026-10-25 02:00 */
    assert_int_equal(kit_zone_london(1806199200000), 60); /* 2027-03-28 02:00 */
    assert_int_equal(kit_zone_london(1824948000000), 0);  /* 2027-10-31 02:00 */
}

static void the_year_of_an_instant_is_that_of_utc(void **state)
{
    (void)state;
    assert_int_equal(kit_zone_year(1767225599999), 2025);
    assert_int_equal(kit_zone_year(1767225600000), 2026);
    assert_int_equal(kit_zone_year(-1), 1969);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(london_is_an_hour_ahead_from_march_to_october),
        cmocka_unit_test(the_year_of_an_instant_is_that_of_utc),
    };
    return cmocka_run_group_tests_name("zone", tests, NULL, NULL);
}
