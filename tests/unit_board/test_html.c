/* X1-X4: nothing anybody typed becomes markup. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "board/html.h"

/* X2. A name that is a piece of a page must stay a name. */
static void text_is_escaped_for_every_place(void **state)
{
    static const struct {
        const char *typed, *written;
    } ROWS[] = {
        {"<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"},
        {"\" onmouseover=\"x", "&quot; onmouseover=&quot;x"},
        {"a & b 'c'", "a &amp; b &#39;c&#39;"},
        {"two\nlines", "two\nlines"},
        {"\xc3\xa9\xe2\x80\x99", "\xc3\xa9\xe2\x80\x99"},
        {"a\x01z", "a\xef\xbf\xbdz"},
        {"a\xe2\x80\xaez", "a\xef\xbf\xbdz"}, /* U+202E turns the writing around */
        {"a\xe2\x81\xa6z", "a\xef\xbf\xbdz"}, /* U+2066 */
        {"a\xd8\x9cz", "a\xef\xbf\xbdz"},     /* U+061C */
        {"a\xc2\x85z", "a\xef\xbf\xbdz"},     /* a control character of two bytes */
        {"", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        html_page page = {0};
        html_text(&page, ROWS[i].typed);
        assert_string_equal(hub_buffer_text(&page), ROWS[i].written);
        hub_buffer_free(&page);
    }
}

/* A form that comes back, or asks to check, must not change what it carries. */
static void what_stands_in_an_input_is_as_it_was_typed(void **state)
{
    static const char TYPED[] = "<\"'&>\x01 \xe2\x80\xae \xd8\x9c \xc2\x85\nend";
    static const char WRITTEN[] = "&lt;&quot;&#39;&amp;&gt;\x01 \xe2\x80\xae \xd8\x9c \xc2\x85\nend";
    (void)state;
    html_page page = {0};
    html_attribute(&page, TYPED);
    assert_string_equal(hub_buffer_text(&page), WRITTEN);
    hub_buffer_clear(&page);
    html_textarea(&page, TYPED);
    assert_string_equal(hub_buffer_text(&page), WRITTEN);
    hub_buffer_free(&page);
}

static void an_address_is_ours_and_its_value_is_encoded(void **state)
{
    (void)state;
    html_page page = {0};
    html_href(&page, "/alert/", "A17");
    assert_string_equal(hub_buffer_text(&page), "href=\"/alert/A17\"");
    hub_buffer_clear(&page);
    html_href(&page, "/queue/", "a\"b/../c?d=e&f#\xc3\xa9");
    assert_string_equal(hub_buffer_text(&page), "href=\"/queue/a%22b%2F..%2Fc%3Fd%3De%26f%23%C3%A9\"");
    hub_buffer_free(&page);
}

static void a_line_break_that_begins_a_text_area_is_kept(void **state)
{
    (void)state;
    html_page page = {0};
    html_textarea(&page, "\nsecond </textarea>");
    assert_string_equal(hub_buffer_text(&page), "\n\nsecond &lt;/textarea&gt;");
    hub_buffer_free(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_is_escaped_for_every_place),
        cmocka_unit_test(what_stands_in_an_input_is_as_it_was_typed),
        cmocka_unit_test(an_address_is_ours_and_its_value_is_encoded),
        cmocka_unit_test(a_line_break_that_begins_a_text_area_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
