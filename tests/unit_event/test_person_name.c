/* Words of a name, as they are compared: who looks for a child types what is on the note, not what the register has. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "event/person_name.h"

static person_words words_of(const char *text)
{
    person_words words;
    words.count = 0;
    person_words_add(&words, text);
    return words;
}

static void accents_case_hyphens_and_apostrophes_say_nothing(void **fixture)
{
    (void)fixture;
    person_words words = words_of("  O\xE2\x80\x99"
                                  "Brien-M\xC3\xBCller ");
    assert_int_equal(words.count, 2);
    assert_string_equal(words.words[0], "OBRIEN");
    assert_string_equal(words.words[1], "MULLER");
    assert_string_equal(words_of("\xC5\x81ukasz").words[0], "LUKASZ");
    assert_string_equal(words_of("Zo\x65\xCC\x88").words[0], "ZOE"); /* e and a combining mark */
    assert_string_equal(words_of("\xC3\x86lfgyth").words[0], "AELFGYTH");
    assert_int_equal(words_of("Smith\xE2\x80\x93Jones").count, 2);
}

/* Another script is not thrown away: it finds itself. */
static void letters_of_other_scripts_stay(void **fixture)
{
    (void)fixture;
    person_words words = words_of("\xD0\x98\xD0\xB2\xD0\xB0\xD0\xBD");
    assert_int_equal(words.count, 1);
    assert_true(person_words_has(&words, "\xD0\x98\xD0\xB2\xD0\xB0\xD0\xBD"));
}

static void nothing_that_is_typed_reads_beyond_its_end(void **fixture)
{
    (void)fixture;
    assert_int_equal(words_of("").count, 0);
    assert_int_equal(words_of(" - ' ").count, 0);
    assert_int_equal(words_of("\xE2\x80").count, 0);
    assert_int_equal(words_of("a b c d e f g h i j k l m n o p q r s").count, PERSON_WORDS_MAX);
    assert_int_equal(words_of("abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz").count, 1);
}

static void a_word_is_like_what_it_begins_and_what_sounds_the_same(void **fixture)
{
    (void)fixture;
    person_words words = words_of("Catherine Smythe");
    assert_true(person_words_has_like(&words, "SMITH"));
    assert_true(person_words_has_like(&words, "C"));
    assert_false(person_words_has(&words, "SMITH"));
    assert_false(person_words_has_like(&words, "JONES"));
    words = words_of("Ashcraft");
    assert_true(person_words_has_like(&words, "ASHCROFT")); /* H parts no equal sounds: A261 */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accents_case_hyphens_and_apostrophes_say_nothing),
        cmocka_unit_test(letters_of_other_scripts_stay),
        cmocka_unit_test(nothing_that_is_typed_reads_beyond_its_end),
        cmocka_unit_test(a_word_is_like_what_it_begins_and_what_sounds_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
