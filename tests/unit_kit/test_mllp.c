/* The MLLP server on loopback: answers in order, after the outbox, on the connection they belong to (S1 to S5). */
#include "kit_bench.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include "kit/mllp.h"
#include "test_mapping.h"

enum { SHORT_MS = 30, LONG_MS = 60 * 1000 }; /* a sender's patience with `acknowledge: hub` */
#define OTHER_CONTENT "AE its number was used before by a message with other content; each message needs a number of its own"

typedef struct bench {
    uv_loop_t loop;
    outbox *box;
    kit_intake *intake;
    kit_desk *desk;
    kit_mllp *server;
    int sender;
} bench;

static int connect_to(const bench *b)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(kit_mllp_port(b->server)), .sin_addr = {htonl(INADDR_LOOPBACK)}};
    assert_int_equal(connect(fd, (const struct sockaddr *)&at, sizeof at), 0);
    return fd;
}

static void open_bench_with(bench *b, const char *folder, const char (*allowed)[KIT_ADDRESS_TEXT], unsigned allowed_count,
                            uint64_t waiting_max, int64_t patience_ms, const kit_tls_files *tls)
{
    hub_error err = {{0}};
    memset(b, 0, sizeof *b);
    kit_bench_open(&b->loop, kit_path(folder, "box"), waiting_max, patience_ms, &b->box, &b->desk);
    b->intake = kit_bench_intake(b->box, &test_messages, KIT_UNREADABLE_PARKS, NULL);
    kit_mllp_options options = {.intake = b->intake,
                                .desk = b->desk,
                                .tls = tls,
                                .address = "127.0.0.1",
                                .allowed = allowed,
                                .allowed_count = allowed_count,
                                .message_bytes_max = 5000,
                                .connections_max = 2,
                                .now_ms = fixed_now};
    kit_ok(kit_mllp_open(&b->loop, &options, &b->server, &err));
    b->sender = connect_to(b);
}

static void open_bench(bench *b, const char *folder, const char (*allowed)[KIT_ADDRESS_TEXT], unsigned allowed_count,
                       uint64_t waiting_max)
{
    open_bench_with(b, folder, allowed, allowed_count, waiting_max, 0, NULL);
}

static void close_bench(bench *b)
{
    close(b->sender);
    kit_mllp_close(b->server);
    kit_bench_close(&b->loop, b->box, b->desk, &b->intake, 1);
}

static void send_text(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* Turns the loop until as many answers have come, or the connection is closed; gives them as "AA MSH|1;AE ...". */
static const char *answers(bench *b, int fd, int wanted)
{
    static char out[1024];
    size_t used = 0;
    int seen = 0;
    out[0] = '\0';
    for (int turn = 0; turn < 60000 && seen < wanted; turn++) {
        char byte = 0;
        (void)uv_run(&b->loop, UV_RUN_NOWAIT);
        ssize_t got = 0;
        while (seen < wanted && (got = recv(fd, &byte, 1, MSG_DONTWAIT)) == 1) {
            if (byte == 0x1c) seen++;
            if (byte == 0x0b && used > 0) out[used++] = ';';
            if (byte != 0x0b && byte != 0x1c && byte != 0x0d) out[used++] = byte;
        }
        out[used] = '\0';
        if (got == 0) return "closed";
        if (seen < wanted)
            (void)poll(&(struct pollfd){.fd = fd, .events = POLLIN}, 1, 1); /* the loop's own socket may not be ready yet */
    }
    return out;
}

static uint64_t put_count(const bench *b)
{
    outbox_counts counts;
    outbox_counts_of(b->box, &counts);
    return counts.put;
}

/* A sender blocks on its answer; what is answered AA must be in the outbox. */
static void a_message_is_answered_once_its_event_is_in_the_outbox(void **state)
{
    bench b;
    open_bench(&b, *state, NULL, 0, 0);
    send_text(b.sender, "\x0bMSH|1\nok r1\n\x1c\x0d");
    assert_string_equal(answers(&b, b.sender, 1), "AA MSH|1");
    assert_int_equal(put_count(&b), 1);
    close_bench(&b);
}

static void several_messages_are_answered_in_their_order(void **state)
{
    bench b;
    open_bench(&b, *state, NULL, 0, 0);
    send_text(b.sender, "\x0bMSH|1\nok r1\n\x1c\x0d\x0bMSH|2\nbad\n\x1c\x0d\x0bMSH|3\nok r3\n\x1c\x0d");
    assert_string_equal(answers(&b, b.sender, 3), "AA MSH|1;AE line 2, column 1: row: not a row of this format;AA MSH|3");
    assert_int_equal(put_count(&b), 2);
    close_bench(&b);
}

static void a_repeat_gets_the_first_answer_and_makes_no_second_event(void **state)
{
    bench b;
    open_bench(&b, *state, NULL, 0, 0);
    send_text(b.sender, "\x0bMSH|1\nok r1\n\x1c\x0d\x0bMSH|1\nok r1\n\x1c\x0d\x0bMSH|2\nbad\n\x1c\x0d\x0bMSH|2\nbad\n\x1c\x0d");
    assert_string_equal(answers(&b, b.sender, 4), "AA MSH|1;AA MSH|1;AE line 2, column 1: row: not a row of this format;"
                                                  "AE line 2, column 1: row: not a row of this format");
    assert_int_equal(put_count(&b), 1);
    close_bench(&b);
}

/* A counter that begins anew, or wraps: dropped as "seen before", a child not brought would be known to nobody. */
static void another_message_under_a_number_used_before_is_parked_and_refused(void **state)
{
    bench b;
    outbox_counts counts;
    open_bench(&b, *state, NULL, 0, 0);
    send_text(b.sender,
              "\x0bMSH|1\nok r1\n\x1c\x0d\x0bMSH|1\nok r2\n\x1c\x0d\x0bMSH|1\nok r2\n\x1c\x0d\x0bMSH|1\nok r1\n\x1c\x0d");
    assert_string_equal(answers(&b, b.sender, 4), "AA MSH|1;" OTHER_CONTENT ";" OTHER_CONTENT ";AA MSH|1");
    outbox_counts_of(b.box, &counts);
    assert_int_equal(counts.put, 1);
    assert_int_equal(counts.parked_here, 1);
    assert_int_equal(counts.inputs_repeated, 2);
    close_bench(&b);
}

static void a_message_without_a_number_is_parked_with_its_reason(void **state)
{
    bench b;
    outbox_counts counts;
    open_bench(&b, *state, NULL, 0, 0);
    send_text(b.sender, "\x0bMSH\nok r1\n\x1c\x0d");
    assert_string_equal(answers(&b, b.sender, 1), "AE has no number");
    outbox_counts_of(b.box, &counts);
    assert_int_equal(counts.put, 0);
    assert_int_equal(counts.parked_here, 1);
    close_bench(&b);
}

/* There is no folder to keep it in, and the sender will not send it unchanged again. */
static void a_message_that_cannot_be_read_is_parked_whole(void **state)
{
    bench b;
    outbox_counts counts;
    open_bench(&b, *state, NULL, 0, 0);
    send_text(b.sender, "\x0bMSH|1\nok r1\nbroken\n\x1c\x0d");
    assert_string_equal(answers(&b, b.sender, 1), "AE 3:1: row: not of this format");
    outbox_counts_of(b.box, &counts);
    assert_int_equal(counts.put, 0);
    assert_int_equal(counts.parked_here, 1);
    close_bench(&b);
}

static void a_message_that_is_not_ours_or_too_large_is_rejected_and_the_next_goes_on(void **state)
{
    bench b;
    char large[6000];
    open_bench(&b, *state, NULL, 0, 0);
    memset(large, 'x', sizeof large);
    memcpy(large, "\x0bMSH|9\n", 7);
    large[sizeof large - 1] = '\0';
    send_text(b.sender, "\x0bhello\x1c\x0d");
    send_text(b.sender, large);
    send_text(b.sender, "\x1c\x0d\x0bMSH|2\nok r2\n\x1c\x0d");
    assert_string_equal(answers(&b, b.sender, 3),
                        "AR does not begin with MSH;AR larger than this adapter takes (message_bytes_max);AA MSH|2");
    kit_mllp_counts counts;
    kit_mllp_counts_of(b.server, &counts);
    assert_int_equal(counts.messages, 3);
    assert_int_equal(counts.not_taken, 2);
    close_bench(&b);
}

/* AR says: try again. AA would be a lie. */
static void a_message_that_the_outbox_cannot_take_is_to_be_sent_again(void **state)
{
    bench b;
    hub_error err = {{0}};
    open_bench(&b, *state, NULL, 0, 1);
    send_text(b.sender, "\x0bMSH|1\nok r1\n\x1c\x0d\x0bMSH|2\nok r2\n\x1c\x0d");
    assert_string_equal(answers(&b, b.sender, 2), "AA MSH|1;AR MSH|2");
    kit_ok(outbox_settle(b.box, 1, OUTBOX_STORED, NOW, &err));
    send_text(b.sender, "\x0bMSH|2\nok r2\n\x1c\x0d");
    assert_string_equal(answers(&b, b.sender, 1), "AA MSH|2");
    close_bench(&b);
}

static void a_sender_that_wants_no_answer_gets_none(void **state)
{
    bench b;
    open_bench(&b, *state, NULL, 0, 0);
    send_text(b.sender, "\x0bMSH|silent\nok r1\n\x1c\x0d\x0bMSH|2\nok r2\n\x1c\x0d");
    assert_string_equal(answers(&b, b.sender, 1), "AA MSH|2");
    assert_int_equal(put_count(&b), 2);
    close_bench(&b);
}

static void senders_do_not_wait_for_each_other(void **state)
{
    bench b;
    open_bench(&b, *state, NULL, 0, 0);
    int second = connect_to(&b);
    send_text(b.sender, "\x0bMSH|1\nok");
    send_text(second, "\x0bMSH|2\nok r2\n\x1c\x0d");
    assert_string_equal(answers(&b, second, 1), "AA MSH|2");
    send_text(b.sender, " r1\n\x1c\x0d");
    assert_string_equal(answers(&b, b.sender, 1), "AA MSH|1");
    close(second);
    close_bench(&b);
}

static void a_sender_that_is_not_allowed_is_closed_at_once(void **state)
{
    static const char ROWS[][KIT_ADDRESS_TEXT] = {"10.0.0.0/8"};
    bench b;
    kit_mllp_counts counts;
    open_bench(&b, *state, ROWS, 1, 0);
    assert_string_equal(answers(&b, b.sender, 1), "closed");
    kit_mllp_counts_of(b.server, &counts);
    assert_int_equal(counts.turned_away, 1);
    close_bench(&b);
}

/* One that opens connections without end must not take the places of all others for good. */
static void a_sender_beyond_the_limit_is_closed_and_a_free_place_is_given_again(void **state)
{
    bench b;
    kit_mllp_counts counts;
    open_bench(&b, *state, NULL, 0, 0);
    int second = connect_to(&b);
    send_text(second, "\x0bMSH|1\nok r1\n\x1c\x0d");
    assert_string_equal(answers(&b, second, 1), "AA MSH|1");
    int third = connect_to(&b);
    assert_string_equal(answers(&b, third, 1), "closed");
    close(third);
    close(second);
    kit_mllp_counts_of(b.server, &counts);
    assert_int_equal(counts.turned_away, 1);
    int fourth = -1;
    for (int i = 0; i < 100; i++) { /* until the loop has seen the closed one */
        fourth = connect_to(&b);
        send_text(fourth, "\x0bMSH|2\nok r2\n\x1c\x0d");
        if (strcmp(answers(&b, fourth, 1), "AA MSH|2") == 0) break;
        close(fourth);
        fourth = -1;
    }
    assert_true(fourth >= 0);
    close(fourth);
    close_bench(&b);
}

/* ---- acknowledge: hub ---- */

static bool has_no_answer(bench *b)
{
    char byte = 0;
    for (int turn = 0; turn < 5; turn++)
        (void)uv_run(&b->loop, UV_RUN_NOWAIT);
    return recv(b->sender, &byte, 1, MSG_DONTWAIT | MSG_PEEK) < 0;
}

static void turn_until_put(bench *b, uint64_t count)
{
    for (int turn = 0; turn < 60000 && put_count(b) < count; turn++) {
        (void)uv_run(&b->loop, UV_RUN_NOWAIT);
        if (put_count(b) < count) (void)poll(NULL, 0, 1);
    }
    assert_int_equal(put_count(b), count);
}

/* A trust whose agreement says so is told AA only for what the hub has on its own disk. */
static void with_acknowledge_hub_a_sender_waits_for_the_hub_and_its_answers_keep_their_order(void **state)
{
    bench b;
    hub_error err = {{0}};
    open_bench_with(&b, *state, NULL, 0, 0, LONG_MS, NULL);
    send_text(b.sender, "\x0bMSH|1\nok r1\n\x1c\x0d\x0bhello\x1c\x0d\x0bMSH|2\nok r2\n\x1c\x0d");
    turn_until_put(&b, 2);
    assert_true(has_no_answer(&b));
    kit_ok(outbox_settle(b.box, 2, OUTBOX_STORED, NOW, &err));
    kit_desk_look(b.desk);
    assert_string_equal(answers(&b, b.sender, 3), "AA MSH|1;AR does not begin with MSH;AA MSH|2");
    close_bench(&b);
}

static void with_acknowledge_hub_what_the_hub_refused_is_answered_ae(void **state)
{
    bench b;
    hub_error err = {{0}};
    open_bench_with(&b, *state, NULL, 0, 0, LONG_MS, NULL);
    send_text(b.sender, "\x0bMSH|1\nok r1\n\x1c\x0d");
    turn_until_put(&b, 1);
    kit_ok(outbox_refuse(b.box, "hub", 5, "area", "no such area", NOW, &err));
    kit_desk_look(b.desk);
    assert_string_equal(answers(&b, b.sender, 1), "AE the hub refused it; the quarantine folder has the field and the reason");
    close_bench(&b);
}

/* The hub's cable is out: nobody is told AA, nothing is lost, and the message sent again later makes no second event. */
static void with_acknowledge_hub_a_sender_that_waited_long_enough_is_to_send_again(void **state)
{
    bench b;
    hub_error err = {{0}};
    open_bench_with(&b, *state, NULL, 0, 0, SHORT_MS, NULL);
    send_text(b.sender, "\x0bMSH|1\nok r1\n\x1c\x0d");
    assert_string_equal(answers(&b, b.sender, 1), "AR MSH|1");
    kit_ok(outbox_settle(b.box, 1, OUTBOX_STORED, NOW, &err));
    send_text(b.sender, "\x0bMSH|1\nok r1\n\x1c\x0d");
    assert_string_equal(answers(&b, b.sender, 1), "AA MSH|1");
    assert_int_equal(put_count(&b), 1);
    close_bench(&b);
}

/* Some engines end their side after the last message and then read. */
static void a_sender_that_has_said_all_is_still_answered(void **state)
{
    bench b;
    open_bench(&b, *state, NULL, 0, 0);
    send_text(b.sender, "\x0bMSH|1\nok r1\n\x1c\x0d");
    assert_int_equal(shutdown(b.sender, SHUT_WR), 0);
    assert_string_equal(answers(&b, b.sender, 1), "AA MSH|1");
    close_bench(&b);
}

static void a_message_whose_sender_is_gone_is_taken_all_the_same(void **state)
{
    bench b;
    open_bench(&b, *state, NULL, 0, 0);
    send_text(b.sender, "\x0bMSH|1\nok r1\n\x1c\x0d");
    assert_int_equal(setsockopt(b.sender, SOL_SOCKET, SO_LINGER, &(struct linger){.l_onoff = 1}, sizeof(struct linger)), 0);
    int other = connect_to(&b);
    (void)uv_run(&b.loop, UV_RUN_NOWAIT);
    close(b.sender); /* at once, by a reset */
    b.sender = other;
    turn_until_put(&b, 1);
    close_bench(&b);
}

static void a_port_in_use_is_said_with_the_way_to_its_owner(void **state)
{
    bench b;
    hub_error err = {{0}};
    kit_mllp *second = NULL;
    open_bench(&b, *state, NULL, 0, 0);
    kit_mllp_options options = {
        .intake = b.intake, .desk = b.desk, .address = "127.0.0.1", .port = kit_mllp_port(b.server), .now_ms = fixed_now};
    assert_int_equal(kit_mllp_open(&b.loop, &options, &second, &err), HUB_ERR_IO);
    assert_non_null(strstr(err.text, "in use"));
    assert_non_null(strstr(err.text, "ss -ltnp"));
    close_bench(&b);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, kit_folder_make, kit_folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_message_is_answered_once_its_event_is_in_the_outbox),
        STORY(several_messages_are_answered_in_their_order),
        STORY(a_repeat_gets_the_first_answer_and_makes_no_second_event),
        STORY(another_message_under_a_number_used_before_is_parked_and_refused),
        STORY(a_message_without_a_number_is_parked_with_its_reason),
        STORY(a_message_that_cannot_be_read_is_parked_whole),
        STORY(a_message_that_is_not_ours_or_too_large_is_rejected_and_the_next_goes_on),
        STORY(a_message_that_the_outbox_cannot_take_is_to_be_sent_again),
        STORY(a_sender_that_wants_no_answer_gets_none),
        STORY(senders_do_not_wait_for_each_other),
        STORY(a_sender_that_is_not_allowed_is_closed_at_once),
        STORY(a_sender_beyond_the_limit_is_closed_and_a_free_place_is_given_again),
        STORY(with_acknowledge_hub_a_sender_waits_for_the_hub_and_its_answers_keep_their_order),
        STORY(with_acknowledge_hub_what_the_hub_refused_is_answered_ae),
        STORY(with_acknowledge_hub_a_sender_that_waited_long_enough_is_to_send_again),
        STORY(a_sender_that_has_said_all_is_still_answered),
        STORY(a_message_whose_sender_is_gone_is_taken_all_the_same),
        STORY(a_port_in_use_is_said_with_the_way_to_its_owner),
    };
    return cmocka_run_group_tests_name("mllp", tests, NULL, NULL);
}
