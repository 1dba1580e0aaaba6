/* MLLP framing as a table: what is read, in pieces, and the messages that come out. */
#include "kit_support.h"

#include "kit/mllp_frame.h"

/* Feeds the pieces one by one (separated by '~' in the text; < is 0x0B, > is 0x1C 0x0D, ^ is a lone 0x1C) and gives the messages as "[a][b]",
 * one above the cap as "{head}". */
static const char *frames(const char *stream, size_t bytes_max)
{
    static char out[512];
    kit_mllp_framer framer = {.bytes_max = bytes_max};
    hub_buffer piece = {0};
    out[0] = '\0';
    for (const char *at = stream;; at++) {
        if (*at != '~' && *at != '\0') {
            hub_buffer_put(&piece, *at == '<' ? "\x0b" : *at == '>' ? "\x1c" : *at == '^' ? "\x1c" : *at == '|' ? "\x0d" : at, 1);
            if (*at == '>') hub_buffer_put(&piece, "\x0d", 1);
            continue;
        }
        hub_bytes rest = hub_buffer_bytes(&piece);
        hub_bytes message;
        kit_mllp_kind kind;
        while (kit_mllp_next(&framer, &rest, &kind, &message)) {
            size_t used = strlen(out);
            const char *form = kind == KIT_MLLP_MESSAGE ? "[%.*s]" : "{%.*s}";
            (void)snprintf(out + used, sizeof out - used, form, (int)message.size, (const char *)message.data);
        }
        hub_buffer_clear(&piece);
        if (*at == '\0') break;
    }
    hub_buffer_free(&piece);
    kit_mllp_framer_free(&framer);
    return out;
}

static void one_message_is_found(void **state)
{
    (void)state;
    assert_string_equal(frames("<MSH a>", 100), "[MSH a]");
}
static void several_messages_in_one_read_are_all_found(void **state)
{
    (void)state;
    assert_string_equal(frames("<a><b><c>", 100), "[a][b][c]");
}
static void a_message_in_pieces_is_put_together(void **state)
{
    (void)state;
    assert_string_equal(frames("<~M~SH ~a^~|<b~>", 100), "[MSH a][b]");
}
static void junk_before_a_message_is_passed_over(void **state)
{
    (void)state;
    assert_string_equal(frames("hello|<a>|||<b>", 100), "[a][b]");
}
/* Segments end in 0x0D: only 0x1C 0x0D together ends a message. */
static void a_carriage_return_or_a_lone_0x1c_ends_nothing(void **state)
{
    (void)state;
    assert_string_equal(frames("<a|b^c>", 100), "[a\rb\x1c"
                                                "c]");
    assert_string_equal(frames("<a^^|", 100), "[a\x1c]");
}
static void a_message_broken_off_and_begun_anew_counts_from_its_second_beginning(void **state)
{
    (void)state;
    assert_string_equal(frames("<MSH half<MSH whole>", 100), "[MSH whole]");
    assert_string_equal(frames("<MSH a<b>", 100), "[MSH a\x0b"
                                                  "b]");
}
static void an_oversize_message_is_passed_over_to_its_end(void **state)
{
    (void)state;
    assert_string_equal(frames("<0123456789><ok>", 8), "{01234567}[ok]");
    assert_string_equal(frames("<01234567><ok>", 8), "[01234567][ok]");
}
static void an_unfinished_message_gives_nothing(void **state)
{
    (void)state;
    assert_string_equal(frames("<MSH a", 100), "");
}
static void an_empty_message_is_one(void **state)
{
    (void)state;
    assert_string_equal(frames("<>", 100), "[]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_message_is_found),
        cmocka_unit_test(several_messages_in_one_read_are_all_found),
        cmocka_unit_test(a_message_in_pieces_is_put_together),
        cmocka_unit_test(junk_before_a_message_is_passed_over),
        cmocka_unit_test(a_carriage_return_or_a_lone_0x1c_ends_nothing),
        cmocka_unit_test(a_message_broken_off_and_begun_anew_counts_from_its_second_beginning),
        cmocka_unit_test(an_oversize_message_is_passed_over_to_its_end),
        cmocka_unit_test(an_unfinished_message_gives_nothing),
        cmocka_unit_test(an_empty_message_is_one),
    };
    return cmocka_run_group_tests_name("mllp_frame", tests, NULL, NULL);
}
