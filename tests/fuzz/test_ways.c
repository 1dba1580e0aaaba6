/* Hostile bytes at the adapters' ways in, the same at every run: MLLP frames, HTTP requests, SQS answers, tokens and credentials, the outbox's own
 * file, configurations and tables. None crashes; each is answered in words, with a place where it has one; what is good beside it goes on. */
#include "../unit_kit/kit_bench.h"

#include "../unit_kit/test_mapping.h"
#include "kit/config.h"
#include "kit/mllp_frame.h"
#include "kit/post.h"
#include "kit/sqs_call.h"
#include "kit/tokens.h"
#include "mutate.h"
#include "table/table.h"

static const char *folder; /* of the running test */

static void make(fuzz_input *good, const char *text)
{
    assert_true(strlen(text) < FUZZ_BYTES_MAX);
    good->size = strlen(text);
    memcpy(good->bytes, text, good->size);
}

static void write_bytes(const char *path, const uint8_t *data, size_t size)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, size, file), size);
    (void)fclose(file);
    assert_int_equal(chmod(path, 0600), 0);
}

/* ---- MLLP ---- */

enum { FRAME_MAX = 60 };
static const char GOOD_FRAME[] = "\x0BMSH|good\r\x1C\r";

/* All messages of a stream that comes in pieces of that size, one after the other. */
static void frames_of(const uint8_t *data, size_t size, size_t piece, hub_buffer *out)
{
    kit_mllp_framer framer = {.bytes_max = FRAME_MAX};
    for (size_t at = 0; at < size; at += piece) {
        hub_bytes rest = hub_bytes_of(data + at, size - at < piece ? size - at : piece);
        kit_mllp_kind kind;
        hub_bytes message;
        while (kit_mllp_next(&framer, &rest, &kind, &message)) {
            HUB_ASSERT(kind == KIT_MLLP_TOO_LARGE || message.size <= FRAME_MAX);
            hub_buffer_put_format(out, "[%d:", (int)kind);
            hub_buffer_put(out, message.data, message.size);
            hub_buffer_put_text(out, "]");
        }
        HUB_ASSERT(rest.size == 0);
    }
    kit_mllp_framer_free(&framer);
}

/* However the stream is cut, it is the same messages; and a frame that begins after all of it is heard. */
static void try_frames(const uint8_t *data, size_t size)
{
    hub_buffer stream = {0}, whole = {0}, bytes = {0};
    hub_buffer_put(&stream, data, size);
    hub_buffer_put_text(&stream, "\x1C\r"); /* ends a frame that was left open */
    hub_buffer_put_text(&stream, GOOD_FRAME);
    frames_of(stream.data, stream.size, stream.size, &whole);
    frames_of(stream.data, stream.size, 1, &bytes);
    HUB_ASSERT(hub_bytes_equal(hub_buffer_bytes(&whole), hub_buffer_bytes(&bytes)));
    static const char LAST[] = "[0:MSH|good\r]";
    HUB_ASSERT(whole.size >= sizeof LAST - 1);
    HUB_ASSERT(memcmp(whole.data + whole.size - (sizeof LAST - 1), LAST, sizeof LAST - 1) == 0);
    hub_buffer_free(&stream);
    hub_buffer_free(&whole);
    hub_buffer_free(&bytes);
}

static void no_mutation_of_a_stream_of_frames_loses_the_next_message(void **state)
{
    fuzz_input good;
    (void)state;
    make(
        &good,
        "\x0BMSH|one\rPID|1\r\x1C\r\x0BMSH|two\r\x1C\rjunk\x0BMSH|three, which is longer than the adapter takes at one time, far "
        "longer\r\x1C\r");
    fuzz_try_some(&good, try_frames, 4);
}

/* ---- HTTP ---- */

typedef struct client {
    uv_tcp_t tcp;
    uv_connect_t connect;
    uv_write_t write;
    uv_timer_t patience; /* a request that is not whole is given up by its sender */
    const uint8_t *data;
    size_t size;
    hub_buffer got;
    uint64_t patience_ms;
    bool closed;
} client;

static uv_loop_t loop;
static kit_post *server;

enum { PATIENCE_MS = 40 };

static void on_timer_closed(uv_handle_t *handle)
{
    ((client *)handle->data)->closed = true;
}

static void on_closed(uv_handle_t *handle)
{
    uv_close((uv_handle_t *)&((client *)handle)->patience, on_timer_closed);
}

static void on_patience(uv_timer_t *timer)
{
    client *c = timer->data;
    if (!uv_is_closing((uv_handle_t *)&c->tcp)) uv_close((uv_handle_t *)&c->tcp, on_closed);
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *read)
{
    client *c = (client *)stream;
    if (size > 0) hub_buffer_put(&c->got, read->base, (size_t)size);
    if (size < 0 && !uv_is_closing((uv_handle_t *)stream)) uv_close((uv_handle_t *)stream, on_closed);
}

static void give_room(uv_handle_t *handle, size_t size, uv_buf_t *out)
{
    static char room[4096];
    (void)handle;
    (void)size;
    *out = uv_buf_init(room, sizeof room);
}

static void on_connected(uv_connect_t *connect, int code)
{
    client *c = (client *)connect->handle;
    uv_buf_t data = uv_buf_init((char *)(uintptr_t)c->data, (unsigned)c->size);
    assert_int_equal(code, 0);
    (void)uv_timer_start(&c->patience, on_patience, c->patience_ms, 0);
    (void)uv_read_start((uv_stream_t *)&c->tcp, give_room, on_read);
    (void)uv_write(&c->write, (uv_stream_t *)&c->tcp, &data, 1, NULL);
}

/* What the server said to these bytes before it closed. GIVEN. */
static hub_buffer said_to(const uint8_t *data, size_t size, uint64_t patience_ms)
{
    client c = {.data = data, .size = size, .patience_ms = patience_ms};
    struct sockaddr_in where;
    (void)uv_ip4_addr("127.0.0.1", kit_post_port(server), &where);
    (void)uv_tcp_init(&loop, &c.tcp);
    (void)uv_timer_init(&loop, &c.patience);
    c.patience.data = &c;
    (void)uv_tcp_connect(&c.connect, &c.tcp, (const struct sockaddr *)&where, on_connected);
    while (!c.closed)
        (void)uv_run(&loop, UV_RUN_ONCE);
    return c.got;
}

static const char GOOD_REQUEST[] =
    "POST /lines HTTP/1.1\r\nHost: a.test\r\nAuthorization: Bearer a-token-of-the-trusts-engine\r\n"
    "Content-Type: application/octet-stream\r\nContent-Length: 22\r\nConnection: close\r\n\r\n"
    "ok r1\nbad Testley\nok r";

static void try_request(const uint8_t *data, size_t size)
{
    hub_buffer said = said_to(data, size, PATIENCE_MS);
    const char *text = hub_buffer_text(&said);
    const char *detail = strstr(text, "\"detail\":");
    HUB_ASSERT(said.size == 0 || strncmp(text, "HTTP/1.", 7) == 0);
    HUB_ASSERT(detail == NULL || strstr(detail, "Testley") == NULL);
    hub_buffer_free(&said);
    hub_buffer good = said_to((const uint8_t *)GOOD_REQUEST, sizeof GOOD_REQUEST - 1, 1000 * PATIENCE_MS);
    HUB_ASSERT(strncmp(hub_buffer_text(&good), "HTTP/1.1 202", 12) == 0);
    hub_buffer_free(&good);
}

static void no_mutation_of_a_request_keeps_the_next_sender_out(void **state)
{
    hub_error err = {{0}};
    outbox *box;
    kit_desk *desk;
    fuzz_input good;
    folder = *state;
    kit_bench_open(&loop, NULL, 0, 0, &box, &desk);
    kit_intake *intake = kit_bench_intake(box, &test_lines, KIT_UNREADABLE_PARKS, NULL);
    kit_write(kit_path(folder, "token"), "a-token-of-the-trusts-engine\n");
    kit_post_options options = {.desk = desk,
                                .routes = {{"/lines", intake}},
                                .route_count = 1,
                                .address = "127.0.0.1",
                                .certificate = "",
                                .key = "",
                                .authorities = "",
                                .token_file = kit_path(folder, "token"),
                                .body_bytes_max = 2000,
                                .now_ms = fixed_now};
    kit_ok(kit_post_open(&loop, &options, &server, &err));
    make(&good, GOOD_REQUEST);
    fuzz_try_some(&good, try_request, 800);
    kit_post_close(server);
    kit_bench_close(&loop, box, desk, &intake, 1);
}

/* ---- SQS, tokens, credentials ---- */

static void try_answer(const uint8_t *data, size_t size)
{
    kit_sqs_messages messages;
    hub_error err = {{0}};
    char number[128];
    hub_buffer text = {0};
    hub_status status = kit_sqs_messages_read(hub_bytes_of(data, size), &messages, &err);
    HUB_ASSERT(status == HUB_OK || (err.text[0] != '\0' && messages.count == 0 && strstr(err.text, "Testley") == NULL));
    for (unsigned i = 0; i < messages.count; i++) {
        kit_sqs_unwrap(hub_buffer_bytes(&messages.items[i].body), number, &text);
        HUB_ASSERT(memchr(number, 0, sizeof number) != NULL);
    }
    hub_buffer_free(&text);
    kit_sqs_messages_free(&messages);
}

static void no_mutation_of_a_queues_answer_breaks_its_reader(void **state)
{
    fuzz_input good;
    (void)state;
    make(&good, "{\"Messages\":[{\"MessageId\":\"m-1\",\"ReceiptHandle\":\"r-1\",\"Body\":\"{\\\"Type\\\":\\\"Notification\\\","
                "\\\"MessageId\\\":\\\"n-1\\\",\\\"Message\\\":\\\"{\\\\\\\"surname\\\\\\\":\\\\\\\"Testley\\\\\\\"}\\\"}\"},"
                "{\"MessageId\":\"m-2\",\"ReceiptHandle\":\"r-2\",\"Body\":\"bare\"}]}");
    fuzz_try_some(&good, try_answer, 6);
}

static void try_tokens(const uint8_t *data, size_t size)
{
    kit_tokens tokens;
    hub_error err = {{0}};
    const char *path = kit_path(folder, "token");
    write_bytes(path, data, size);
    hub_status status = kit_tokens_read(path, &tokens, &err);
    HUB_ASSERT(status == HUB_OK || (err.text[0] != '\0' && strstr(err.text, "secret-of") == NULL));
    HUB_ASSERT(status != HUB_OK || (tokens.count > 0 && !kit_tokens_have(&tokens, "") && !kit_tokens_have(&tokens, "secret-of")));
}

/* Credentials are read before the service is asked: nobody answers at port 1. */
static void try_credentials(const uint8_t *data, size_t size)
{
    kit_sqs_messages messages;
    hub_error err = {{0}};
    const char *path = kit_path(folder, "aws");
    const kit_sqs_place place = {"http://127.0.0.1:1/0/mash", "", "eu-west-2", path, NULL};
    write_bytes(path, data, size);
    hub_status status = kit_sqs_receive(&place, 0, 30, &messages, &err);
    HUB_ASSERT(status != HUB_OK && err.text[0] != '\0' && strstr(err.text, "secret-of") == NULL);
}

static void no_mutation_of_a_file_of_secrets_is_told_or_taken_for_another(void **state)
{
    fuzz_input good;
    folder = *state;
    make(&good, "secret-of-the-first-sender\nsecret-of-the-second-sender\n");
    fuzz_try_some(&good, try_tokens, 30);
    make(&good, "[default]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret-of-it\naws_session_token = "
                "secret-of-an-hour\n");
    fuzz_try_some(&good, try_credentials, 400);
}

/* ---- the outbox's file ---- */

static hub_buffer whole_file(const char *path)
{
    hub_buffer out = {0};
    hub_error err = {{0}};
    kit_ok(host_file_read(path, 16 * 1024 * 1024, &out, &err));
    return out;
}

/* O1: what is read is what was put, or it is told that it is damaged. */
static void read_damaged(const char *path)
{
    hub_error err = {{0}};
    outbox *box;
    outbox_item items[8];
    uint32_t count = 0;
    hub_arena arena;
    if (outbox_open(&(outbox_options){.folder = path}, &box, &err) != HUB_OK) {
        HUB_ASSERT(err.text[0] != '\0');
        return;
    }
    HUB_ASSERT(hub_arena_open(&arena, 65536, 1 << 22) == HUB_OK);
    hub_status status = outbox_read(box, 1, 8, 1 << 20, &arena, items, &count, &err);
    HUB_ASSERT(status == HUB_OK || err.text[0] != '\0');
    for (uint32_t i = 0; status == HUB_OK && i < count; i++)
        HUB_ASSERT(items[i].event.size == 0 || (items[i].event.size == 6 && memcmp(items[i].event.data, "event", 5) == 0));
    hub_arena_close(&arena);
    outbox_close(box);
}

static void no_damage_of_an_outbox_is_read_as_another_event(void **state)
{
    hub_error err = {{0}};
    outbox *box;
    char home[400], database[420], journal[420];
    (void)snprintf(home, sizeof home, "%s/box", (const char *)*state);
    (void)snprintf(database, sizeof database, "%s/outbox.db", home);
    (void)snprintf(journal, sizeof journal, "%s/outbox.db-wal", home);
    kit_ok(outbox_open(&(outbox_options){.folder = home}, &box, &err));
    kit_ok(outbox_begin(box, &err));
    for (uint32_t i = 0; i < 5; i++) {
        char text[] = "event0";
        hub_id id = kit_id(i + 1);
        text[5] = (char)('0' + i);
        kit_ok(outbox_put(box, &id, hub_bytes_of_text(text), OUTBOX_ORDINARY, NOW, &err));
    }
    kit_ok(outbox_commit(box, &err));
    outbox_close(box);
    hub_buffer sound = whole_file(database);
    uint64_t random = fuzz_number("MASHHUB_FUZZ_SEED", 20260302);
    for (uint64_t i = fuzz_number("MASHHUB_FUZZ_COUNT", 66000) / 500; i > 0; i--) {
        hub_buffer bad = {0};
        hub_buffer_put(&bad, sound.data, sound.size);
        for (size_t changes = 1 + fuzz_pick(&random, 8); changes > 0; changes--)
            bad.data[fuzz_pick(&random, bad.size)] ^= (uint8_t)(1 + fuzz_pick(&random, 255));
        if (fuzz_pick(&random, 8) == 0) bad.size = fuzz_pick(&random, bad.size);
        write_bytes(database, bad.data, bad.size);
        (void)unlink(journal);
        read_damaged(home);
        hub_buffer_free(&bad);
    }
    hub_buffer_free(&sound);
}

/* ---- configurations and tables ---- */

/* Every complaint is a line that begins "file:line:column: ". */
static void check_complaints(yaml_problems *problems, const char *path)
{
    size_t prefix = strlen(path);
    for (const char *at = hub_buffer_text(&problems->text); *at != '\0'; at += strcspn(at, "\n") + 1) {
        unsigned line = 0, column = 0;
        HUB_ASSERT(strncmp(at, path, prefix) == 0);
        HUB_ASSERT(sscanf(at + prefix, ":%u:%u: ", &line, &column) == 2 && line > 0 && column > 0);
        HUB_ASSERT(strchr(at, '\n') != NULL);
    }
}

static void try_configuration(const uint8_t *data, size_t size)
{
    static const kit_mapping *const MAPPINGS[] = {&test_lines, &test_messages, NULL};
    static kit_config config;
    yaml_problems problems = {0};
    const char *path = kit_path(folder, "adapter.yaml");
    write_bytes(path, data, size);
    memset(&config, 0, sizeof config);
    kit_config_read(path, MAPPINGS, &config, &problems);
    check_complaints(&problems, path);
    HUB_ASSERT(problems.count > 0 || (config.name[0] != '\0' && config.mapping != NULL && config.endpoint_count > 0));
    kit_config_free(&config);
    yaml_problems_free(&problems);
}

static void try_table(const uint8_t *data, size_t size)
{
    yaml_problems problems = {0};
    const char *path = kit_path(folder, "table.yaml");
    write_bytes(path, data, size);
    void *table = table_csv.settings_read(path, &problems);
    HUB_ASSERT(table != NULL || problems.count > 0);
    check_complaints(&problems, path);
    table_csv.settings_free(table);
    yaml_problems_free(&problems);
}

static void read_source(const char *name, fuzz_input *good)
{
    char path[512];
    const char *source = getenv("MASHHUB_SOURCE");
    (void)snprintf(path, sizeof path, "%s/config/hips/adapters/%s", source != NULL ? source : ".", name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    good->size = fread(good->bytes, 1, FUZZ_BYTES_MAX, file);
    (void)fclose(file);
}

static void no_mutation_of_a_configuration_or_a_table_is_taken_without_a_word(void **state)
{
    static const char *const TABLES[] = {"tables/concern-log.yaml", "tables/identity-crosswalk.yaml"};
    fuzz_input good;
    folder = *state;
    make(&good,
         "name: health\nagency: police\nmapping: test-messages\nsource_system: pas/RHM01\narea: E10000014\nfolder: var\nhub:\n"
         "  endpoints: [tcp://127.0.0.1:7401]\n  server_key: hub.pub\nkey: health.key\ntransport:\n  mllp:\n    address: "
         "127.0.0.1\n"
         "    port: 2575\n    allowed: [10.20.30.40, 10.20.31.0/24]\n    tls: {certificate: a.pem, key: a.pk}\n"
         "  acknowledge: hub\nurgent_notice: {minutes: 10, telephone: \"01632 960001\"}\noutbox: {keep_days: 7}\n");
    fuzz_try_some(&good, try_configuration, 200);
    for (size_t i = 0; i < sizeof TABLES / sizeof TABLES[0]; i++) {
        read_source(TABLES[i], &good);
        fuzz_try_some(&good, try_table, 400);
    }
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, kit_folder_make, kit_folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(no_mutation_of_a_stream_of_frames_loses_the_next_message),
        STORY(no_mutation_of_a_request_keeps_the_next_sender_out),
        STORY(no_mutation_of_a_queues_answer_breaks_its_reader),
        STORY(no_mutation_of_a_file_of_secrets_is_told_or_taken_for_another),
        STORY(no_damage_of_an_outbox_is_read_as_another_event),
        STORY(no_mutation_of_a_configuration_or_a_table_is_taken_without_a_word),
    };
    return cmocka_run_group_tests_name("ways", tests, NULL, NULL);
}
