/* What an SQS queue hands out, against a queue of our own on loopback: held while it is not stored, deleted when it is (Q1, Q5). */
#include "kit_bench.h"

#include <jansson.h>

#include "http/server.h"
#include "kit/sqs.h"
#include "kit/sqs_call.h"
#include "test_mapping.h"

typedef struct bench {
    uv_loop_t loop;
    outbox *box;
    http_server *server;
    kit_intake *intake;
    kit_desk *desk;
    kit_sqs *sqs;
    const char *bodies[4]; /* the queue gives all of them out at its first asking */
    unsigned received, held, deleted, waits;
    http_request *poll; /* the long poll that waits for more */
    char url[64];
    char credentials[256];
} bench;

static void say(http_request *request, json_t *answer)
{
    hub_buffer body = {0};
    char *text = json_dumps(answer, JSON_COMPACT);
    hub_buffer_put_text(&body, text);
    free(text);
    json_decref(answer);
    http_answer(request, 200, NULL, 0, &body);
}

static json_t *messages(const bench *b)
{
    json_t *list = json_array();
    for (unsigned i = 0; i < 4 && b->bodies[i] != NULL; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "m-%u", i);
        json_array_append_new(list, json_pack("{s:s,s:s,s:s}", "MessageId", id, "ReceiptHandle", id, "Body", b->bodies[i]));
    }
    return json_pack("{s:o}", "Messages", list);
}

static void on_request(void *context, http_request *request)
{
    bench *b = context;
    json_t *asked = json_loadb((const char *)request->body.data, request->body.size, 0, NULL);
    const json_t *entries = json_object_get(asked, "Entries");
    if (entries == NULL && ++b->received > 1) {
        b->poll = request; /* answered by the server's end */
    } else if (entries == NULL) {
        say(request, messages(b));
    } else {
        bool holds = json_object_get(json_array_get(entries, 0), "VisibilityTimeout") != NULL;
        *(holds ? &b->held : &b->deleted) += (unsigned)json_array_size(entries);
        say(request, json_pack("{s:[],s:[]}", "Successful", "Failed"));
    }
    json_decref(asked);
}

static void open_bench(bench *b, const char *folder, uint64_t waiting_max, int64_t patience_ms)
{
    hub_error err = {{0}};
    kit_bench_open(&b->loop, kit_path(folder, "box"), waiting_max, patience_ms, &b->box, &b->desk);
    kit_ok(http_server_open(&b->loop, &(http_options){.address = "127.0.0.1", .request = on_request, .context = b}, &b->server,
                            &err));
    (void)snprintf(b->url, sizeof b->url, "http://127.0.0.1:%u/000000000000/mash", http_server_port(b->server));
    (void)snprintf(b->credentials, sizeof b->credentials, "%s/aws", folder);
    kit_write(b->credentials, "[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\n");
    b->intake = kit_bench_intake(b->box, b->bodies[0][0] == 'M' ? &test_messages : &test_lines, KIT_UNREADABLE_PARKS, NULL);
}

static void start(bench *b, int64_t hold_ms)
{
    hub_error err = {{0}};
    kit_sqs_options sqs = {.desk = b->desk,
                           .intake = b->intake,
                           .queue_url = b->url,
                           .endpoint = "",
                           .region = "eu-west-2",
                           .credentials = b->credentials,
                           .visibility_s = 120,
                           .hold_ms = hold_ms,
                           .now_ms = fixed_now};
    kit_ok(kit_sqs_open(&b->loop, &sqs, &b->sqs, &err));
}

static void close_bench(bench *b)
{
    kit_sqs_close(b->sqs);
    http_server_close(b->server);
    kit_bench_close(&b->loop, b->box, b->desk, &b->intake, 1);
}

static void run_until(bench *b, const unsigned *count, unsigned least)
{
    while (*count < least)
        (void)uv_run(&b->loop, UV_RUN_ONCE);
}

static uint64_t waiting(const bench *b)
{
    outbox_counts counts;
    outbox_counts_of(b->box, &counts);
    return counts.waiting;
}

static void what_is_stored_is_deleted_and_the_queue_is_asked_again(void **state)
{
    bench b = {.bodies = {"ok r1\n", "bad row\n"}};
    open_bench(&b, *state, 0, 0);
    start(&b, 0);
    run_until(&b, &b.received, 2);
    assert_int_equal(b.deleted, 2); /* the parked one too: it stands in the quarantine */
    assert_int_equal(waiting(&b), 1);
    assert_int_equal(b.held, 0);
    close_bench(&b);
}

/* The hub takes longer than the queue's patience: nobody else may get the message meanwhile. */
static void what_waits_for_the_hub_is_held_and_deleted_when_the_hub_has_it(void **state)
{
    bench b = {.bodies = {"ok r1\n", "ok r2\n"}};
    hub_error err = {{0}};
    open_bench(&b, *state, 0, 60000);
    start(&b, 5);
    run_until(&b, &b.held, 6);
    assert_int_equal(b.deleted, 0);
    kit_ok(outbox_settle(b.box, 2, OUTBOX_STORED, NOW, &err));
    kit_desk_look(b.desk);
    run_until(&b, &b.received, 2);
    assert_int_equal(b.deleted, 2);
    close_bench(&b);
}

/* A hub that is away for an hour must not make poison of what is good: each receive counts towards the queue's redrive policy. */
static void what_could_not_be_stored_is_put_to_the_desk_again_without_a_second_receive(void **state)
{
    bench b = {.bodies = {"ok r1\n", "ok r2\n"}};
    hub_error err = {{0}};
    open_bench(&b, *state, 1, 0); /* room for one event */
    start(&b, 0);
    run_until(&b, &b.deleted, 1);
    assert_int_equal(b.received, 1);
    kit_ok(outbox_settle(b.box, 1, OUTBOX_STORED, NOW, &err));
    run_until(&b, &b.received, 2);
    assert_int_equal(b.deleted, 2);
    assert_int_equal(waiting(&b), 1);
    close_bench(&b);
}

/* Poison: no message of this mapping. It is neither held nor deleted, so that the queue's own policy moves it aside. */
static void what_is_no_message_at_all_is_left_to_the_queue(void **state)
{
    bench b = {.bodies = {"MSH|1\nok r1\n", "hello\n"}};
    open_bench(&b, *state, 0, 0);
    start(&b, 0);
    run_until(&b, &b.received, 2);
    assert_int_equal(b.deleted, 1);
    assert_int_equal(b.held, 0);
    close_bench(&b);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, kit_folder_make, kit_folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(what_is_stored_is_deleted_and_the_queue_is_asked_again),
        STORY(what_waits_for_the_hub_is_held_and_deleted_when_the_hub_has_it),
        STORY(what_could_not_be_stored_is_put_to_the_desk_again_without_a_second_receive),
        STORY(what_is_no_message_at_all_is_left_to_the_queue),
    };
    return cmocka_run_group_tests_name("sqs", tests, NULL, NULL);
}
