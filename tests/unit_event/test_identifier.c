/* Normal forms and check digits. The valid numbers are published examples or of test ranges; no number here is a person's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "event/identifier.h"

#define SCHEME(name) MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_##name

typedef struct row {
    Mash__V1__IdentifierScheme scheme;
    const char *value;
    identifier_verdict verdict;
    const char *normal; /* of valid ones */
} row;

/* clang-format off */
static const row ROWS[] = {
    {SCHEME(NHS_NUMBER), "9434765919",      IDENTIFIER_VALID, "9434765919"},
    {SCHEME(NHS_NUMBER), "654 100 3238",    IDENTIFIER_VALID, "6541003238"},
    {SCHEME(NHS_NUMBER), "9990000018",      IDENTIFIER_VALID, "9990000018"},
    {SCHEME(NHS_NUMBER), "9434765918",      IDENTIFIER_BAD_CHECK, NULL},
    {SCHEME(NHS_NUMBER), "9990000140",      IDENTIFIER_BAD_CHECK, NULL}, /* its check would be 10: no such number */
    {SCHEME(NHS_NUMBER), "943476591",       IDENTIFIER_BAD_SHAPE, NULL},
    {SCHEME(NHS_NUMBER), "94347659199",     IDENTIFIER_BAD_SHAPE, NULL},
    {SCHEME(NHS_NUMBER), "943476591X",      IDENTIFIER_BAD_SHAPE, NULL},
    {SCHEME(NHS_NUMBER), "0000000000",      IDENTIFIER_PLACEHOLDER, NULL},
    {SCHEME(NHS_NUMBER), "1111111111",      IDENTIFIER_PLACEHOLDER, NULL},
    {SCHEME(NHS_NUMBER), "999 999 9999",    IDENTIFIER_PLACEHOLDER, NULL}, /* its check digit fits: what many systems give to everybody ... */
    {SCHEME(NHS_NUMBER), "3333333333",      IDENTIFIER_PLACEHOLDER, NULL}, /* ... who has none yet; two such patients are two people */
    {SCHEME(NHS_NUMBER), "8888888888",      IDENTIFIER_PLACEHOLDER, NULL},
    {SCHEME(UPN), "R201100018042",          IDENTIFIER_VALID, "R201100018042"},
    {SCHEME(UPN), "t20110001804v",          IDENTIFIER_VALID, "T20110001804V"},
    {SCHEME(UPN), "H801200001001",          IDENTIFIER_VALID, "H801200001001"},
    {SCHEME(UPN), "A201100018042",          IDENTIFIER_BAD_CHECK, NULL},
    {SCHEME(UPN), "T20110001804I",          IDENTIFIER_BAD_SHAPE, NULL}, /* I is no letter of the table */
    {SCHEME(UPN), "201100018042",           IDENTIFIER_BAD_SHAPE, NULL},
    {SCHEME(UPN), "A000000000000",          IDENTIFIER_PLACEHOLDER, NULL},
    {SCHEME(PNC), "2003/0062845E",          IDENTIFIER_VALID, "2003/0062845E"},
    {SCHEME(PNC), "2003/62845e",            IDENTIFIER_VALID, "2003/0062845E"},
    {SCHEME(PNC), "03/62845E",              IDENTIFIER_VALID, "2003/0062845E"},
    {SCHEME(PNC), "20030062845E",           IDENTIFIER_VALID, "2003/0062845E"},
    {SCHEME(PNC), "1979/0163001B",          IDENTIFIER_VALID, "1979/0163001B"},
    {SCHEME(PNC), "79/163001B",             IDENTIFIER_VALID, "1979/0163001B"},
    {SCHEME(PNC), "26/1W",                  IDENTIFIER_VALID, "2026/0000001W"},
    {SCHEME(PNC), "27/1L",                  IDENTIFIER_VALID, "1927/0000001L"},
    {SCHEME(PNC), "2003/0062845F",          IDENTIFIER_BAD_CHECK, NULL},
    {SCHEME(PNC), "2027/0000001L",          IDENTIFIER_BAD_SHAPE, NULL}, /* a year that has not come */
    {SCHEME(PNC), "2003/00062845E",         IDENTIFIER_BAD_SHAPE, NULL},
    {SCHEME(PNC), "2003/0062845",           IDENTIFIER_BAD_SHAPE, NULL},
    {SCHEME(PNC), "003/0062845E",           IDENTIFIER_BAD_SHAPE, NULL},
    {SCHEME(PNC), "/E",                     IDENTIFIER_BAD_SHAPE, NULL},
    {SCHEME(PNC), "2003/0000000E",          IDENTIFIER_PLACEHOLDER, NULL},
    {SCHEME(CRO), "265416/21G",             IDENTIFIER_VALID, "265416/21G"},
    {SCHEME(CRO), "12345/95M",              IDENTIFIER_VALID, "012345/95M"},
    {SCHEME(CRO), "SF05/482703J",           IDENTIFIER_VALID, "SF05/482703J"},
    {SCHEME(CRO), "sf39/123z",              IDENTIFIER_VALID, "SF39/123Z"},
    {SCHEME(CRO), "SF39/123M",              IDENTIFIER_BAD_CHECK, NULL}, /* M is right for a padded serial, which small files have not */
    {SCHEME(CRO), "265416/21H",             IDENTIFIER_BAD_CHECK, NULL},
    {SCHEME(CRO), "265416-21G",             IDENTIFIER_BAD_SHAPE, NULL},
    {SCHEME(CRO), "SF5/482703J",            IDENTIFIER_BAD_SHAPE, NULL},
    {SCHEME(CRO), "000000/00Z",             IDENTIFIER_PLACEHOLDER, NULL},
    {SCHEME(CRN), "x123456",                IDENTIFIER_VALID, "X123456"},
    {SCHEME(CRN), "X12345",                 IDENTIFIER_BAD_SHAPE, NULL},
    {SCHEME(CRN), "X000000",                IDENTIFIER_PLACEHOLDER, NULL},
    {SCHEME(NOMS), "a1234bc",               IDENTIFIER_VALID, "A1234BC"},
    {SCHEME(NOMS), "A1234B",                IDENTIFIER_BAD_SHAPE, NULL},
    {SCHEME(NOMS), "A0000AA",               IDENTIFIER_PLACEHOLDER, NULL},
    {SCHEME(LOCAL), "p-100 b",              IDENTIFIER_VALID, "P-100B"},
    {SCHEME(LOCAL), "7",                    IDENTIFIER_VALID, "7"},
    {SCHEME(LOCAL), "9999",                 IDENTIFIER_PLACEHOLDER, NULL},
    {SCHEME(LOCAL), "0",                    IDENTIFIER_PLACEHOLDER, NULL},
    {SCHEME(LOCAL), "Not known",            IDENTIFIER_PLACEHOLDER, NULL},
    {SCHEME(LOCAL), "n/a",                  IDENTIFIER_PLACEHOLDER, NULL},
    {SCHEME(LOCAL), "xxxx",                 IDENTIFIER_PLACEHOLDER, NULL},
    {SCHEME(LOCAL), "??",                   IDENTIFIER_PLACEHOLDER, NULL},
    {SCHEME(LOCAL), "x1",                   IDENTIFIER_VALID,       "X1"},
    {SCHEME(LOCAL), "a\tb",                 IDENTIFIER_BAD_SHAPE, NULL},
    {SCHEME(LOCAL), "  ",                   IDENTIFIER_BAD_SHAPE, NULL},
    {SCHEME(LOCAL), "0123456789012345678901234567890123456789012345678901234567890123", IDENTIFIER_VALID,
                    "0123456789012345678901234567890123456789012345678901234567890123"},
    {SCHEME(LOCAL), "01234567890123456789012345678901234567890123456789012345678901234", IDENTIFIER_BAD_SHAPE, NULL},
    {SCHEME(UNSPECIFIED), "1",              IDENTIFIER_BAD_SHAPE, NULL},
};
/* clang-format on */

/* Two spellings of one number must meet, and a mistyped number must meet nobody. */
static void every_identifier_gets_its_verdict_and_normal_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char normal[IDENTIFIER_TEXT_MAX + 1];
        identifier_verdict verdict = identifier_check(ROWS[i].scheme, ROWS[i].value, 2026, normal);
        if (verdict != ROWS[i].verdict) print_message("row %zu: %s\n", i, ROWS[i].value);
        assert_int_equal(verdict, ROWS[i].verdict);
        if (ROWS[i].normal != NULL) assert_string_equal(normal, ROWS[i].normal);
    }
}

static const struct {
    const char *value;
    const char *normal; /* NULL: no postcode */
} POSTCODES[] = {
    {"ZZ99 3VZ", "ZZ99 3VZ"}, {"zz993vz", "ZZ99 3VZ"},  {"M1 1AA", "M1 1AA"}, {"M60 1NW", "M60 1NW"}, {"CR2 6XH", "CR2 6XH"},
    {"W1A 0AX", "W1A 0AX"},   {"EC1A 1BB", "EC1A 1BB"}, {"", NULL},           {"ZZ99", NULL},         {"ZZ999 3VZ", NULL},
    {"99 3VZ", NULL},         {"ZZ99 VZ3", NULL},       {"ZZZ9 3VZ", NULL},   {"ZZ99 3VZ 1AA", NULL},
};

static void a_postcode_has_one_normal_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof POSTCODES / sizeof POSTCODES[0]; i++) {
        char normal[12];
        assert_int_equal(identifier_postcode(POSTCODES[i].value, normal), POSTCODES[i].normal != NULL);
        if (POSTCODES[i].normal != NULL) assert_string_equal(normal, POSTCODES[i].normal);
    }
}

static void every_scheme_has_a_name_that_leads_back_to_it(void **state)
{
    (void)state;
    for (unsigned i = 1; i < mash__v1__identifier_scheme__descriptor.n_values; i++) {
        Mash__V1__IdentifierScheme scheme = (Mash__V1__IdentifierScheme)mash__v1__identifier_scheme__descriptor.values[i].value;
        assert_non_null(identifier_scheme_name(scheme));
        assert_int_equal(identifier_scheme_of_name(identifier_scheme_name(scheme)), scheme);
    }
    assert_null(identifier_scheme_name(SCHEME(UNSPECIFIED)));
    assert_int_equal(identifier_scheme_of_name("passport"), SCHEME(UNSPECIFIED));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_identifier_gets_its_verdict_and_normal_form),
        cmocka_unit_test(a_postcode_has_one_normal_form),
        cmocka_unit_test(every_scheme_has_a_name_that_leads_back_to_it),
    };
    return cmocka_run_group_tests_name("identifiers", tests, NULL, NULL);
}
