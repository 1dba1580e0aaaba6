/* What an event only points to: fetched from listed hosts alone, waited for in its place, and never told by its URL (V1 to V3). */
#include "kit_bench.h"

#include "http/server.h"
#include "kit/desk.h"
#include "test_mapping.h"

typedef struct bench {
    uv_loop_t loop;
    outbox *box;
    http_server *server;
    kit_detail *detail;
    kit_intake *intake;
    kit_desk *desk;
    char hosts[1][KIT_DETAIL_HOST_TEXT];
    char token_url[200]; /* "" = the token is in a file */
    char secret[512];
    unsigned asked;  /* requests that came to the service */
    unsigned refuse; /* so many of them are answered `code` first */
    unsigned code;
    const char *page;       /* what stands in those answers */
    unsigned tokens;        /* that were asked for */
    char form[120];         /* of the last such request, and who asked */
    char authorization[80]; /* of the last one */
    char order[200];        /* what was answered, in order */
    unsigned answered;
} bench;

typedef struct message {
    kit_ticket ticket; /* first */
    bench *b;
    char text[200];
} message;

static void on_request(void *context, http_request *request)
{
    bench *b = context;
    hub_buffer body = {0};
    if (strcmp(request->path, "/oauth/token") == 0) {
        (void)snprintf(b->form, sizeof b->form, "%.*s %s", (int)request->body.size, (const char *)request->body.data,
                       request->authorization);
        b->tokens++;
        hub_buffer_put_format(&body, "{\"access_token\":\"asked-%u\",\"token_type\":\"bearer\",\"expires_in\":3600}", b->tokens);
        http_answer(request, 200, NULL, 0, &body);
        return;
    }
    (void)snprintf(b->authorization, sizeof b->authorization, "%s", request->authorization);
    b->asked++;
    bool is_refused = b->asked <= b->refuse;
    hub_buffer_put_text(&body, is_refused && b->page != NULL ? b->page : "ok detail\n");
    http_answer(request, is_refused ? b->code : 200, NULL, 0, &body);
}

static void on_ready(void *context)
{
    kit_desk_look(((bench *)context)->desk);
}

static void open_bench(bench *b, const char *folder, int64_t give_up_ms)
{
    hub_error err = {{0}};
    memset(b, 0, sizeof *b);
    b->code = 503;
    kit_bench_open(&b->loop, kit_path(folder, "box"), 0, 0, &b->box, &b->desk);
    http_options http = {.address = "127.0.0.1", .request = on_request, .context = b};
    kit_ok(http_server_open(&b->loop, &http, &b->server, &err));
    (void)snprintf(b->hosts[0], sizeof b->hosts[0], "127.0.0.1:%u", http_server_port(b->server));
    kit_write(kit_path(folder, "token"), "a-token-for-the-details\n");
    static char token[512];
    (void)snprintf(token, sizeof token, "%s", kit_path(folder, "token"));
    kit_write(kit_path(folder, "secret"), "a-secret-of-ours\n");
    (void)snprintf(b->secret, sizeof b->secret, "%s", kit_path(folder, "secret"));
    kit_detail_options detail = {.oauth = {b->token_url, "mash", b->secret, "read write", ""},
                                 .hosts = (const char(*)[KIT_DETAIL_HOST_TEXT])b->hosts,
                                 .host_count = 1,
                                 .token_file = token,
                                 .ca = "",
                                 .give_up_ms = give_up_ms,
                                 .retry_ms = 2,
                                 .ready = on_ready,
                                 .context = b};
    kit_ok(kit_detail_open(&b->loop, &detail, &b->detail, &err));
    b->intake = kit_bench_intake(b->box, &test_details, KIT_UNREADABLE_PARKS, b->detail);
}

static void close_bench(bench *b)
{
    kit_detail_close(b->detail);
    http_server_close(b->server);
    kit_bench_close(&b->loop, b->box, b->desk, &b->intake, 1);
}

static void on_answered(kit_ticket *ticket, const kit_outcome *outcome)
{
    message *m = (message *)ticket;
    size_t used = strlen(m->b->order);
    (void)snprintf(m->b->order + used, sizeof m->b->order - used, "%s%.6s %s", used > 0 ? ", " : "", m->text,
                   outcome->result == KIT_INPUT_DONE ? "done" : outcome->reason);
    m->b->answered++;
}

static void put(bench *b, message *m)
{
    *m = (message){.b = b};
    m->ticket.intake = b->intake;
    m->ticket.answered = on_answered;
}

static void say(message *m, const char *text)
{
    (void)snprintf(m->text, sizeof m->text, "%s", text);
    m->ticket.input =
        (kit_input){.bytes = hub_bytes_of_text(m->text), .name = "", .key = hub_bytes_of_text(m->text), .received_ms = NOW};
    kit_desk_put(m->b->desk, &m->ticket);
}

static const char *answered(bench *b, unsigned count)
{
    while (b->answered < count)
        (void)uv_run(&b->loop, UV_RUN_ONCE);
    return b->order;
}

static const char *see(const bench *b, const char *host)
{
    static char text[200];
    (void)snprintf(text, sizeof text, "see http://%s/person/X320741", host != NULL ? host : b->hosts[0]);
    return text;
}

/* A later event of the same person must not overtake the one whose outcome is still on its way. */
static void an_event_waits_for_its_detail_in_its_place_and_those_behind_it_too(void **state)
{
    bench b;
    message first, second;
    open_bench(&b, *state, 0);
    put(&b, &first);
    put(&b, &second);
    b.refuse = 2; /* its service is being started again */
    say(&first, see(&b, NULL));
    say(&second, "ok second\n");
    assert_string_equal(answered(&b, 2), "see ht done, ok sec done");
    assert_int_equal(b.asked, 3);
    assert_string_equal(b.authorization, "Bearer a-token-for-the-details");
    close_bench(&b);
}

/* What HMPPS gives out ends after an hour, and is revoked at any time: nobody must put a new one there by hand. */
static void a_token_is_asked_of_its_service_kept_and_asked_again_when_it_is_refused(void **state)
{
    bench b;
    message m[3];
    open_bench(&b, *state, 0);
    (void)snprintf(b.token_url, sizeof b.token_url, "http://%s/oauth/token", b.hosts[0]);
    for (size_t i = 0; i < 3; i++)
        put(&b, &m[i]);
    say(&m[0], see(&b, NULL));
    (void)answered(&b, 1);
    assert_string_equal(b.form, "grant_type=client_credentials&scope=read+write Basic bWFzaDphLXNlY3JldC1vZi1vdXJz");
    assert_string_equal(b.authorization, "Bearer asked-1");
    (void)snprintf(m[1].text, sizeof m[1].text, "%s/2", see(&b, NULL));
    char second[200];
    (void)snprintf(second, sizeof second, "%s", m[1].text);
    say(&m[1], second);
    (void)answered(&b, 2);
    assert_int_equal(b.tokens, 1);
    b.refuse = b.asked + 1;
    b.code = 401;
    (void)snprintf(second, sizeof second, "%s/3", see(&b, NULL));
    say(&m[2], second);
    assert_string_equal(answered(&b, 3), "see ht done, see ht done, see ht done");
    assert_string_equal(b.authorization, "Bearer asked-2");
    assert_int_equal(b.tokens, 2);
    close_bench(&b);
}

/* An event is no order to fetch from wherever it says. */
static void a_host_that_is_not_listed_is_never_asked(void **state)
{
    bench b;
    message first, second;
    open_bench(&b, *state, 0);
    put(&b, &first);
    put(&b, &second);
    say(&first, see(&b, "127.0.0.1:1"));
    say(&second, "see http://elsewhere.test/person/X320741");
    const char *order = answered(&b, 2);
    assert_string_equal(order, "see ht detailUrl: its host is not under `detail.hosts`, see ht detailUrl: no https URL");
    assert_int_equal(b.asked, 0);
    close_bench(&b);
}

static void a_detail_that_is_not_there_parks_its_event_and_the_next_goes_on(void **state)
{
    bench b;
    message first, second;
    open_bench(&b, *state, 0);
    put(&b, &first);
    put(&b, &second);
    b.refuse = 1;
    b.code = 404;
    say(&first, see(&b, NULL));
    say(&second, "ok second\n");
    const char *order = answered(&b, 2);
    assert_non_null(strstr(order, "answered 404: it has no such detail, ok sec done"));
    assert_null(strstr(order, "X320741")); /* V3 */
    outbox_counts counts;
    outbox_counts_of(b.box, &counts);
    assert_int_equal(counts.parked_here, 1);
    assert_int_equal(counts.put, 1);
    close_bench(&b);
}

/* A proxy that wants somebody to sign in answers well, with a page. That is no word about the appointment. */
static void what_is_answered_well_and_is_no_detail_is_asked_for_again(void **state)
{
    bench b;
    message first, second;
    open_bench(&b, *state, 0);
    put(&b, &first);
    put(&b, &second);
    b.refuse = 2;
    b.code = 200;
    b.page = "<html>please sign in\n";
    say(&first, see(&b, NULL));
    say(&second, "ok second\n");
    assert_string_equal(answered(&b, 2), "see ht done, ok sec done");
    assert_int_equal(b.asked, 3);
    assert_int_equal(kit_counts_of(b.box).parked_here, 0);
    close_bench(&b);
}

static void a_page_that_stays_where_a_detail_should_be_is_named_when_it_is_given_up(void **state)
{
    bench b;
    message first;
    open_bench(&b, *state, 20);
    put(&b, &first);
    b.refuse = 1000000;
    b.code = 200;
    b.page = "<html>please sign in\n";
    say(&first, see(&b, NULL));
    const char *order = answered(&b, 1);
    assert_non_null(strstr(order, "detail.give_up_minutes"));
    assert_non_null(strstr(order, "answered with something that is no detail"));
    assert_null(strstr(order, "sign in\n")); /* no value */
    assert_int_equal(kit_counts_of(b.box).parked_here, 1);
    close_bench(&b);
}

static void a_service_that_stays_away_is_given_up_after_its_time(void **state)
{
    bench b;
    message first;
    open_bench(&b, *state, 20);
    put(&b, &first);
    b.refuse = 1000000;
    b.code = 401;
    say(&first, see(&b, NULL));
    const char *order = answered(&b, 1);
    assert_non_null(strstr(order, "detail.give_up_minutes"));
    assert_non_null(strstr(order, "token_file"));
    close_bench(&b);
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, kit_folder_make, kit_folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(an_event_waits_for_its_detail_in_its_place_and_those_behind_it_too),
        STORY(a_token_is_asked_of_its_service_kept_and_asked_again_when_it_is_refused),
        STORY(a_host_that_is_not_listed_is_never_asked),
        STORY(a_detail_that_is_not_there_parks_its_event_and_the_next_goes_on),
        STORY(what_is_answered_well_and_is_no_detail_is_asked_for_again),
        STORY(a_page_that_stays_where_a_detail_should_be_is_named_when_it_is_given_up),
        STORY(a_service_that_stays_away_is_given_up_after_its_time),
    };
    return cmocka_run_group_tests_name("detail", tests, NULL, NULL);
}
