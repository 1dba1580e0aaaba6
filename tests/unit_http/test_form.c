/* Forms, queries and cookies, as rows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "http/form.h"

static hub_arena arena;
static http_form form;
static hub_error err;

static hub_status read_text(const char *text)
{
    hub_arena_reset(&arena);
    return http_form_read(hub_bytes_of_text(text), &arena, &form, &err);
}

static void fields_are_decoded_and_line_ends_become_one_character(void **state)
{
    (void)state;
    assert_int_equal(read_text("reason=two%0D%0Alines+%26+more&who=hc-1&empty=&bare&&a.b-c_d=%C3%A9"), HUB_OK);
    assert_int_equal(form.count, 5);
    assert_string_equal(http_form_text(&form, "reason"), "two\nlines & more");
    assert_string_equal(http_form_text(&form, "who"), "hc-1");
    assert_string_equal(http_form_text(&form, "a.b-c_d"), "\xc3\xa9");
    assert_true(http_form_has(&form, "empty"));
    assert_true(http_form_has(&form, "bare"));
    assert_false(http_form_has(&form, "other"));
    assert_string_equal(http_form_text(&form, "other"), "");
}

static void what_is_no_text_is_refused_and_its_field_named(void **state)
{
    (void)state;
    static const struct {
        const char *text, *says;
    } ROWS[] = {
        {"reason=%0", "reason: no text"},         {"reason=%zz", "reason: no text"},       {"reason=a%00b", "reason: no text"},
        {"reason=%C0%AF", "reason: no text"},     {"reason=%ED%A0%80", "reason: no text"}, {"=x", "whose name is none"},
        {"%3Cscript%3E=x", "whose name is none"}, {"na+me=x", "whose name is none"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        assert_int_equal(read_text(ROWS[i].text), HUB_ERR_INVALID);
        assert_non_null(strstr(err.text, ROWS[i].says));
    }
}

static void limits_are_told_apart(void **state)
{
    (void)state;
    hub_buffer text = {0};
    for (int i = 0; i < HTTP_FORM_FIELDS_MAX + 1; i++)
        hub_buffer_put_format(&text, "f%d=x&", i);
    assert_int_equal(read_text(hub_buffer_text(&text)), HUB_ERR_FULL);
    assert_non_null(strstr(err.text, "more than 64 fields"));
    hub_buffer_clear(&text);
    hub_buffer_put_text(&text, "reason=");
    memset(hub_buffer_extend(&text, HTTP_FORM_VALUE_MAX), 'a', HTTP_FORM_VALUE_MAX);
    assert_int_equal(read_text(hub_buffer_text(&text)), HUB_OK);
    hub_buffer_put_text(&text, "a");
    assert_int_equal(read_text(hub_buffer_text(&text)), HUB_ERR_FULL);
    assert_non_null(strstr(err.text, "reason: longer than 20000 bytes"));
    hub_buffer_free(&text);
}

int main(void)
{
    assert_int_equal(hub_arena_open(&arena, 64 * 1024, 256 * 1024), HUB_OK);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_decoded_and_line_ends_become_one_character),
        cmocka_unit_test(what_is_no_text_is_refused_and_its_field_named),
        cmocka_unit_test(limits_are_told_apart),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    hub_arena_close(&arena);
    return failed;
}
