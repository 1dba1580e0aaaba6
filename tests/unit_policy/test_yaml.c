/* Policy is written by people with an editor. What they get wrong must be named where it stands, and nothing they write may
 * stop a hub. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "yaml/yaml.h"

static void read_and_expect(const char *text, size_t size, const char *expected)
{
    yaml_problems problems = {0};
    yaml_document *document = yaml_read("f.yaml", hub_bytes_of(text, size), &problems);
    assert_string_equal(hub_buffer_text(&problems.text), expected);
    assert_true(document == NULL);
    assert_int_equal(problems.count, 1);
    yaml_problems_free(&problems);
}
#define REFUSED(text, expected) read_and_expect(text, sizeof(text) - 1, expected)

/* An author looks for the line, not for the rule of YAML that was broken. */
static void what_is_no_strict_yaml_is_refused_where_it_stands(void **state)
{
    (void)state;
    REFUSED("a: 1\nb: 2\na: 3\n", "f.yaml:3:1: key 'a' stands here a second time; keep one\n");
    REFUSED("a: &x 1\nb: 2\n", "f.yaml:1:4: anchors ('&name') are not used here; write it out\n");
    REFUSED("b:\n  - *x\n", "f.yaml:2:5: aliases ('*name') are not used here; write it out\n");
    REFUSED("a: !!str 1\n", "f.yaml:1:4: tags ('!name') are not used here; leave it away\n");
    REFUSED("a: {x: 1}\nb:\n  <<: *a\n", "f.yaml:3:7: aliases ('*name') are not used here; write it out\n");
    REFUSED("a: 1\n---\nb: 1\n", "f.yaml:2:1: a second document ('---') in one file; make it a file of its own\n");
    REFUSED("? [a, b]\n: 1\n", "f.yaml:1:3: a key must be a word\n");
    REFUSED("", "f.yaml:1:1: the file is empty\n");
    read_and_expect(NULL, 0, "f.yaml:1:1: the file is empty\n");
    REFUSED("# only words\n", "f.yaml:1:1: the file is empty\n");
}

/* A file saved by the wrong editor, or cut by a full disk. */
static void bytes_that_are_no_text_are_refused_with_their_place(void **state)
{
    (void)state;
    REFUSED("a: 1\nb: caf\xe9\n", "f.yaml:2:7: this byte is not UTF-8 text (or is a NUL); save the file as UTF-8\n");
    REFUSED("a: x\0y\n", "f.yaml:1:5: this byte is not UTF-8 text (or is a NUL); save the file as UTF-8\n");
    REFUSED("a: \"x\\0y\"\n", "f.yaml:1:4: this text holds a control character or is not UTF-8\n");
    REFUSED("\xef\xbf", "f.yaml:1:1: this byte is not UTF-8 text (or is a NUL); save the file as UTF-8\n");
}

/* The words after the place are the YAML library's; the place is what is promised. */
static void broken_syntax_is_refused_with_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *text, *place;
    } ROWS[] = {
        {"a: [1, 2\nb: 3\n", "f.yaml:3:1: this is no YAML: "},
        {"a: 1\n b: 2\n", "f.yaml:1:4: this is no YAML: "},
        {"a: \"open\n", "f.yaml:1:5: this is no YAML: "},
        {"a:\n\t- 1\n", "f.yaml:2:1: this is no YAML: "},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        yaml_problems problems = {0};
        assert_null(yaml_read("f.yaml", hub_bytes_of_text(ROWS[i].text), &problems));
        assert_memory_equal(hub_buffer_text(&problems.text), ROWS[i].place, strlen(ROWS[i].place));
        assert_int_equal(problems.count, 1);
        yaml_problems_free(&problems);
    }
}

static char *repeated(const char *unit, size_t times)
{
    size_t size = strlen(unit);
    char *text = malloc(size * times + 1);
    assert_non_null(text);
    for (size_t i = 0; i < times; i++)
        memcpy(text + i * size, unit, size);
    text[size * times] = '\0';
    return text;
}

/* Bounded everything: what would eat the stack or the memory is a complaint. */
static void what_is_too_much_is_a_complaint(void **state)
{
    (void)state;
    static const struct {
        const char *unit;
        size_t times;
        const char *expected;
    } ROWS[] = {
        {"[", 100000, "f.yaml:1:33: nested too deeply\n"},
        {"- ", 1000, "f.yaml:1:65: nested too deeply\n"},
        {"a: {", 40, "f.yaml:1:128: nested too deeply\n"},
        {"a: 1\n", 2 * 1024 * 1024, "f.yaml:1:1: larger than 1 MiB; split it\n"},
        {"- 1\n", 200000, "f.yaml:100000:1: too many values for one file; split it\n"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char *text = repeated(ROWS[i].unit, ROWS[i].times);
        read_and_expect(text, strlen(text), ROWS[i].expected);
        free(text);
    }
}

/* One key more than a mapping may have, each on a line of its own. */
static void the_1025th_key_is_a_complaint(void **state)
{
    (void)state;
    char text[1025 * 8 + 1] = "";
    size_t used = 0;
    for (int i = 1; i <= 1025; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "k%d: 1\n", i);
    read_and_expect(text, used, "f.yaml:1025:1: too many keys in one mapping\n");
}

static yaml_document *read_well(const char *text, yaml_problems *problems)
{
    yaml_document *document = yaml_read("f.yaml", hub_bytes_of_text(text), problems);
    assert_non_null(document);
    return document;
}

/* Notepad writes a mark before the first key and ends lines its own way; neither may change what a policy says or where it says it. */
static void files_of_other_editors_read_the_same(void **state)
{
    (void)state;
    yaml_problems problems = {0};
    yaml_document *document = read_well("\xef\xbb\xbfname: x\r\nlist:\r\n  - one\r\n  - two\r\nodd: y\r\n", &problems);
    const yaml_node *root = yaml_root(document);

    assert_string_equal(yaml_text(yaml_get(root, "name"), 10, &problems), "x");
    assert_string_equal(yaml_text(yaml_item(yaml_get(root, "list"), 1), 10, &problems), "two");
    assert_false(yaml_only(root, &problems, "name", "list", NULL));
    assert_string_equal(hub_buffer_text(&problems.text), "f.yaml:5:1: unknown key 'odd'; remove it\n");
    yaml_close(document);
    yaml_problems_free(&problems);
}

/* A merge key is no key of ours, also when it names nothing. */
static void a_merge_key_is_an_unknown_key(void **state)
{
    (void)state;
    yaml_problems problems = {0};
    yaml_document *document = read_well("<<: {name: x}\n", &problems);

    assert_false(yaml_only(yaml_root(document), &problems, "name", NULL));

    assert_null(yaml_get(yaml_root(document), "name"));
    yaml_close(document);
    yaml_problems_free(&problems);
}

/* One letter wrong must not send an author to the manual. */
static void an_unknown_key_suggests_the_nearest(void **state)
{
    (void)state;
    yaml_problems problems = {0};
    yaml_document *document = read_well("name: x\naudiance: y\nzebra: 1\n", &problems);

    assert_false(yaml_only(yaml_root(document), &problems, "name", "audience", "consumers", NULL));

    assert_string_equal(hub_buffer_text(&problems.text), "f.yaml:2:1: unknown key 'audiance'; did you mean 'audience'?\n"
                                                         "f.yaml:3:1: unknown key 'zebra'; remove it\n");
    assert_int_equal(problems.count, 2);
    yaml_close(document);
    yaml_problems_free(&problems);
}

/* Readers go on with a harmless value, so that an author sees every mistake of a file at once. */
static void every_wrong_value_is_told_in_one_reading(void **state)
{
    (void)state;
    yaml_problems problems = {0};
    yaml_document *document =
        read_well("n: 12x\nm: 99\nb: maybe\nd: 2026-02-29\ne: 7 April\nt: 25:00\nl: [1]\nv:\ns: abcdef\n", &problems);
    const yaml_node *root = yaml_root(document);

    assert_int_equal(yaml_int(yaml_get(root, "n"), 1, 10, &problems), 1);
    assert_int_equal(yaml_int(yaml_get(root, "m"), 1, 10, &problems), 1);
    assert_false(yaml_bool(yaml_get(root, "b"), &problems));
    assert_int_equal(yaml_date(yaml_get(root, "d"), &problems), 0);
    assert_int_equal(yaml_date(yaml_get(root, "e"), &problems), 0);
    assert_int_equal(yaml_time_of_day(yaml_get(root, "t"), &problems), 0);
    assert_string_equal(yaml_text(yaml_get(root, "l"), 10, &problems), "");
    assert_string_equal(yaml_text(yaml_get(root, "v"), 10, &problems), "");
    assert_string_equal(yaml_text(yaml_get(root, "s"), 5, &problems), "");
    assert_null(yaml_need(root, "w", &problems));
    assert_string_equal(yaml_text(NULL, 10, &problems), "");

    assert_string_equal(hub_buffer_text(&problems.text), "f.yaml:1:4: expected a whole number from 1 to 10\n"
                                                         "f.yaml:2:4: expected a whole number from 1 to 10\n"
                                                         "f.yaml:3:4: expected yes or no\n"
                                                         "f.yaml:4:4: this date does not exist\n"
                                                         "f.yaml:5:4: expected a date like 2026-04-07\n"
                                                         "f.yaml:6:4: expected a time of day like 08:30\n"
                                                         "f.yaml:7:4: expected one value here, not a list or keys\n"
                                                         "f.yaml:8:1: a value is missing here\n"
                                                         "f.yaml:9:4: too long: 6 bytes, at most 5\n"
                                                         "f.yaml:1:1: 'w' is missing here\n");
    yaml_close(document);
    yaml_problems_free(&problems);
}

static void right_values_are_read(void **state)
{
    (void)state;
    yaml_problems problems = {0};
    yaml_document *document =
        read_well("n: -7\nb: yes\nd: 2026-04-07\nl: 2028-02-29\no: 1969-12-31\nt: 24:00\nu: \"08:30\"\ns: 'a: b'\n"
                  "list:\n  - one\n  - {two: 2}\n",
                  &problems);
    const yaml_node *root = yaml_root(document);

    assert_int_equal(yaml_int(yaml_get(root, "n"), -10, 10, &problems), -7);
    assert_true(yaml_bool(yaml_get(root, "b"), &problems));
    assert_int_equal(yaml_date(yaml_get(root, "d"), &problems), 20550);
    assert_int_equal(yaml_date(yaml_get(root, "l"), &problems), 21243);
    assert_int_equal(yaml_date(yaml_get(root, "o"), &problems), -1);
    assert_int_equal(yaml_time_of_day(yaml_get(root, "t"), &problems), 1440);
    assert_int_equal(yaml_time_of_day(yaml_get(root, "u"), &problems), 510);
    assert_string_equal(yaml_text(yaml_get(root, "s"), 10, &problems), "a: b");
    const yaml_node *list = yaml_get(root, "list");
    assert_true(yaml_is_list(list) && yaml_count(list) == 2);
    assert_string_equal(yaml_where(yaml_item(list, 1)), "f.yaml:11:5");
    assert_string_equal(yaml_key(yaml_item(list, 1), 0), "two");
    assert_int_equal(yaml_int(yaml_value(yaml_item(list, 1), 0), 0, 9, &problems), 2);
    assert_null(yaml_item(list, 2));
    assert_int_equal(problems.count, 0);

    yaml_complain(list, &problems, "odd\nlist");
    assert_string_equal(hub_buffer_text(&problems.text), "f.yaml:10:3: odd?list\n");
    assert_int_equal(problems.count, 1);
    yaml_close(document);
    yaml_problems_free(&problems);
}

static void a_missing_file_is_a_complaint(void **state)
{
    (void)state;
    yaml_problems problems = {0};
    assert_null(yaml_read_file("/nowhere/f.yaml", &problems));
    assert_string_equal(hub_buffer_text(&problems.text), "/nowhere/f.yaml: cannot be read: No such file or directory\n");
    assert_int_equal(problems.count, 1);
    yaml_problems_free(&problems);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_strict_yaml_is_refused_where_it_stands),
        cmocka_unit_test(bytes_that_are_no_text_are_refused_with_their_place),
        cmocka_unit_test(broken_syntax_is_refused_with_its_place),
        cmocka_unit_test(what_is_too_much_is_a_complaint),
        cmocka_unit_test(the_1025th_key_is_a_complaint),
        cmocka_unit_test(files_of_other_editors_read_the_same),
        cmocka_unit_test(a_merge_key_is_an_unknown_key),
        cmocka_unit_test(an_unknown_key_suggests_the_nearest),
        cmocka_unit_test(every_wrong_value_is_told_in_one_reading),
        cmocka_unit_test(right_values_are_read),
        cmocka_unit_test(a_missing_file_is_a_complaint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
