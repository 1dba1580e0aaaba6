/* Signing in at another service: the whole way on loopback, with a service that tells the truth and one that lies. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/random.h"
#include "liar.h"
#include "signin/oidc.h"

#define NOW_MS INT64_C(1770000000000)

typedef struct board {
    uv_loop_t loop;
    liar service;
    oidc *client;
    char url[OIDC_URL_BYTES_MAX];
    oidc_flow flow;
    char state[64]; /* as the browser brings it back */
    const char *code;
    unsigned begun, finished;
    hub_status status;
    token_claims claims;
    hub_error err;
} board;

static void open_client(board *b, const char *secret_file)
{
    oidc_options options = {.issuer = b->service.issuer,
                            .client_id = "board",
                            .secret_file = secret_file,
                            .redirect_uri = "http://127.0.0.1:7480/sign-in/return"};
    hub_error err = {""};
    assert_int_equal(oidc_open(&b->loop, &options, &b->client, &err), HUB_OK);
}

static int setup(void **state)
{
    static board b;
    b = (board){0};
    host_random_start();
    assert_int_equal(uv_loop_init(&b.loop), 0);
    liar_open(&b.service, &b.loop, NOW_MS / 1000);
    open_client(&b, NULL);
    *state = &b;
    return 0;
}

static int teardown(void **state)
{
    board *b = *state;
    oidc_close(b->client);
    liar_close(&b->service);
    (void)uv_run(&b->loop, UV_RUN_DEFAULT);
    return uv_loop_close(&b->loop);
}

static void on_begun(void *context, hub_status status, const char *url, const oidc_flow *flow, const hub_error *err)
{
    board *b = context;
    b->begun++;
    b->status = status;
    b->err = *err;
    if (status != HUB_OK) return;
    (void)snprintf(b->url, sizeof b->url, "%s", url);
    b->flow = *flow;
}

static void on_finished(void *context, hub_status status, const token_claims *claims, const hub_error *err)
{
    board *b = context;
    b->finished++;
    b->status = status;
    b->err = *err;
    b->claims = claims != NULL ? *claims : (token_claims){0};
}

static void begin_at(board *b, int64_t now_ms)
{
    assert_int_equal(oidc_begin(b->client, now_ms, on_begun, b), HUB_OK);
    (void)uv_run(&b->loop, UV_RUN_DEFAULT);
}

static void given_a_sign_in(board *b)
{
    begin_at(b, NOW_MS);
    assert_string_equal(b->err.text, "");
    assert_int_equal(b->status, HUB_OK);
    b->code = liar_sign_in(&b->service, b->url, b->state);
}

static void when_back_with(board *b, oidc_return back, int64_t now_ms)
{
    assert_int_equal(oidc_finish(b->client, &back, &b->flow, now_ms, on_finished, b), HUB_OK);
    (void)uv_run(&b->loop, UV_RUN_DEFAULT);
    assert_int_equal(b->finished, 1);
}

static void when_back(board *b)
{
    when_back_with(b, (oidc_return){.code = b->code, .state = b->state, .issuer = "", .error = ""}, NOW_MS);
}

static void then_signed_in(board *b)
{
    assert_string_equal(b->err.text, "");
    assert_int_equal(b->status, HUB_OK);
    assert_string_equal(b->claims.subject, "248289761001");
    assert_string_equal(b->claims.name, "Sam Okonjo");
}

static void then_not(board *b, hub_status status, const char *words)
{
    assert_int_equal(b->status, status);
    if (strstr(b->err.text, words) == NULL) assert_string_equal(b->err.text, words);
    assert_string_equal(b->claims.subject, "");
}

static void a_person_signs_in(void **state)
{
    board *b = *state;
    given_a_sign_in(b);

    when_back(b);

    then_signed_in(b);
    assert_string_equal(b->state, b->flow.state);
}

/* The service is asked about itself once in ten minutes, not with each person. */
static void what_the_service_says_of_itself_is_kept_for_ten_minutes(void **state)
{
    board *b = *state;
    given_a_sign_in(b);
    when_back(b);
    begin_at(b, NOW_MS + OIDC_CACHE_MS - 1);
    assert_int_equal(b->service.discoveries, 1);
    assert_int_equal(b->service.key_lists, 1);

    begin_at(b, NOW_MS + OIDC_CACHE_MS);

    assert_int_equal(b->service.discoveries, 2);
    assert_int_equal(b->begun, 3);
}

static void each_sign_in_has_its_own_secrets(void **state)
{
    board *b = *state;
    begin_at(b, NOW_MS);
    oidc_flow first = b->flow;

    begin_at(b, NOW_MS);

    assert_string_not_equal(first.state, b->flow.state);
    assert_string_not_equal(first.nonce, b->flow.nonce);
    assert_string_not_equal(first.verifier, b->flow.verifier);
    assert_null(strstr(b->url, b->flow.verifier)); /* the browser sees its hash alone */
}

static void a_service_that_changed_its_key_is_asked_once_more(void **state)
{
    board *b = *state;
    given_a_sign_in(b);
    liar_change_key(&b->service, "k2");
    b->service.lies.header = "{\"alg\":\"ES256\",\"kid\":\"k2\"}";

    when_back(b);

    then_signed_in(b);
    assert_int_equal(b->service.key_lists, 2);
}

static void a_secret_is_shown_as_the_service_wants_it(void **state)
{
    board *b = *state;
    char path[] = "/tmp/mash-secret-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0 && write(fd, "s3cret\n", 7) == 7 && close(fd) == 0);
    oidc_close(b->client);
    open_client(b, path);
    b->service.secret = "s3cret";

    given_a_sign_in(b);
    when_back(b);
    then_signed_in(b);

    b->service.wants_form_secret = true;
    b->service.lies.discovery_extra = ",\"token_endpoint_auth_methods_supported\":[\"client_secret_post\"]";
    oidc_close(b->client);
    open_client(b, path);
    b->finished = 0;
    given_a_sign_in(b);
    when_back(b);
    then_signed_in(b);

    b->service.secret = "another";
    b->finished = 0;
    given_a_sign_in(b);
    when_back(b);
    then_not(b, HUB_ERR_REFUSED, "the sign-in service said no: invalid_client");

    hub_error err;
    oidc *none;
    oidc_options options = {
        .issuer = b->service.issuer, .client_id = "board", .secret_file = path, .redirect_uri = b->service.issuer};
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(oidc_open(&b->loop, &options, &none, &err), HUB_ERR_REFUSED);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(oidc_open(&b->loop, &options, &none, &err), HUB_ERR_NOT_FOUND);
}

/* Somebody else's return, put into this browser: they would be signed in as whoever made it. */
static void a_return_to_another_browser_is_refused_without_asking(void **state)
{
    board *b = *state;
    given_a_sign_in(b);
    oidc_return back = {.code = b->code, .state = b->flow.nonce, .issuer = "", .error = ""};

    when_back_with(b, back, NOW_MS);

    then_not(b, HUB_ERR_REFUSED, "this browser did not begin that sign-in");
    assert_int_equal(b->service.tokens, 0);
}

static void an_empty_flow_fits_no_return(void **state)
{
    board *b = *state;
    given_a_sign_in(b);
    b->flow = (oidc_flow){0};
    when_back_with(b, (oidc_return){.code = b->code, .state = "", .issuer = "", .error = ""}, NOW_MS);

    then_not(b, HUB_ERR_REFUSED, "this browser did not begin that sign-in");
}

static void a_return_from_another_service_is_refused(void **state)
{
    board *b = *state;
    given_a_sign_in(b);
    when_back_with(b, (oidc_return){.code = b->code, .state = b->state, .issuer = "https://other.test", .error = ""}, NOW_MS);

    then_not(b, HUB_ERR_REFUSED, "from another sign-in service");
    assert_int_equal(b->service.tokens, 0);
}

static void a_service_that_names_itself_must_always_do_so(void **state)
{
    board *b = *state;
    b->service.lies.discovery_extra = ",\"authorization_response_iss_parameter_supported\":true";
    given_a_sign_in(b);
    when_back(b);
    then_not(b, HUB_ERR_REFUSED, "without the issuer");

    b->finished = 0;
    given_a_sign_in(b);
    when_back_with(b, (oidc_return){.code = b->code, .state = b->state, .issuer = b->service.issuer, .error = ""}, NOW_MS);
    then_signed_in(b);
}

static void a_service_that_says_no_is_quoted_when_it_is_a_word(void **state)
{
    board *b = *state;
    given_a_sign_in(b);
    when_back_with(b, (oidc_return){.code = "", .state = b->state, .issuer = "", .error = "access_denied"}, NOW_MS);
    then_not(b, HUB_ERR_REFUSED, "the sign-in service said no: access_denied; begin again");

    b->finished = 0;
    when_back_with(b, (oidc_return){.code = "", .state = b->state, .issuer = "", .error = "<script>"}, NOW_MS);
    then_not(b, HUB_ERR_REFUSED, "the sign-in service said no; begin again");
}

static void a_code_is_used_once(void **state)
{
    board *b = *state;
    given_a_sign_in(b);
    when_back(b);
    then_signed_in(b);

    b->finished = 0;
    when_back(b);

    then_not(b, HUB_ERR_REFUSED, "said no: invalid_grant");
}

/* A code that was caught on the way is of no use without the verifier. */
static void a_code_without_its_verifier_is_of_no_use(void **state)
{
    board *b = *state;
    given_a_sign_in(b);
    memcpy(b->flow.verifier, b->flow.nonce, sizeof b->flow.verifier);

    when_back(b);

    then_not(b, HUB_ERR_REFUSED, "said no: invalid_grant");
}

static void a_return_without_a_code_is_refused(void **state)
{
    board *b = *state;
    given_a_sign_in(b);
    when_back_with(b, (oidc_return){.code = "a b", .state = b->state, .issuer = "", .error = ""}, NOW_MS);

    then_not(b, HUB_ERR_REFUSED, "without a code that can be used");
    assert_int_equal(b->service.tokens, 0);
}

static void each_lie_about_the_person_is_refused(void **state)
{
    board *b = *state;
    forge_key *stranger = forge_make(FORGE_EC, "k1", NULL), *shared = NULL, *rsa = forge_make(FORGE_RSA, "r", NULL);
    shared = forge_make(FORGE_HMAC_OF_RSA, NULL, rsa);
    const struct {
        liar_lies lies;
        const char *words;
    } LIES[] = {
        {{.audience = "other"}, "it is meant for another client (aud)"},
        {{.nonce = "n"}, "it answers another sign-in (nonce)"},
        {{.issuer = "https://other.test"}, "it is from another issuer"},
        {{.expires_s = -60}, "it has expired"},
        {{.signing_key = stranger}, "its signature is wrong"},
        {{.signing_key = shared, .header = "{\"alg\":\"HS256\"}"}, "it is not signed by RS256, PS256, ES256 or EdDSA"},
        {{.header = "{\"alg\":\"none\"}"}, "it is not signed by RS256, PS256, ES256 or EdDSA"},
        {{.header = "{\"alg\":\"ES256\",\"kid\":\"k9\"}"}, "with a key that the service does not list"},
        {{.token_answer = "{\"id_token\":\"x\"}"}, "the token is not three parts"},
    };
    for (size_t i = 0; i < sizeof LIES / sizeof LIES[0]; i++) {
        given_a_sign_in(b);
        b->service.lies = LIES[i].lies;
        b->finished = 0;
        when_back(b);
        then_not(b, HUB_ERR_REFUSED, LIES[i].words);
        assert_null(strstr(b->err.text, "248289761001"));
    }
    forge_free(stranger);
    forge_free(shared);
    forge_free(rsa);
}

static void a_token_endpoint_that_gives_none_is_said_to(void **state)
{
    board *b = *state;
    static const char *const ANSWERS[] = {"{}", "[]", "<html>", "{\"id_token\":7}"};
    for (size_t i = 0; i < sizeof ANSWERS / sizeof ANSWERS[0]; i++) {
        given_a_sign_in(b);
        b->service.lies.token_answer = ANSWERS[i];
        b->finished = 0;
        when_back(b);
        then_not(b, HUB_ERR_IO, "gave no ID token (HTTP status 200)");
    }
    given_a_sign_in(b);
    b->service.lies = (liar_lies){.token_status = 302}; /* is not followed */
    b->finished = 0;
    when_back(b);
    then_not(b, HUB_ERR_IO, "gave no ID token (HTTP status 302)");
}

static void each_lie_about_itself_is_said_in_words(void **state)
{
    board *b = *state;
    static const struct {
        liar_lies lies;
        hub_status status;
        const char *words;
    } LIES[] = {
        {{.discovery_issuer = "https://other.test"}, HUB_ERR_INVALID, "calls itself otherwise than the configured issuer"},
        {{.discovery_extra = ",\"code_challenge_methods_supported\":[\"plain\"]"},
         HUB_ERR_INVALID,
         "does not take PKCE with S256"},
        {{.discovery_extra = ",\"token_endpoint_auth_methods_supported\":[\"private_key_jwt\"]"},
         HUB_ERR_INVALID,
         "takes neither"},
        {{.discovery_extra = ",\"issuer\":\"x\""}, HUB_ERR_INVALID, "is no JSON object"}, /* a key twice */
        {{.token_url = "http://login.council.test/token"}, HUB_ERR_INVALID, "token_endpoint is no https URL"},
        {{.token_url = "file:///etc/passwd"}, HUB_ERR_INVALID, "token_endpoint is no https URL"},
        {{.keys_url = "https://a:b@login.council.test/"}, HUB_ERR_INVALID, "jwks_uri is no https URL"},
        {{.discovery_status = 500}, HUB_ERR_IO, "answered with HTTP status 500, not 200"},
        {{.discovery_status = 302}, HUB_ERR_IO, "(redirects are not followed)"},
        {{.keys_padding = 300 * 1024}, HUB_ERR_IO, "its answer is larger than 256 KB"},
        {{.keys_padding = 300 * 1024, .hides_length = true}, HUB_ERR_IO, "its answer is larger than 256 KB"},
    };
    for (size_t i = 0; i < sizeof LIES / sizeof LIES[0]; i++) {
        b->service.lies = LIES[i].lies;
        begin_at(b, NOW_MS);
        then_not(b, LIES[i].status, LIES[i].words);
    }
    b->service.lies = (liar_lies){0};
    begin_at(b, NOW_MS); /* a failure is not kept */
    assert_int_equal(b->status, HUB_OK);
}

static void a_service_that_is_not_there_or_says_nothing_is_told_apart(void **state)
{
    board *b = *state;
    oidc_close(b->client);
    b->service.lies.is_silent = true;
    oidc_options options = {
        .issuer = b->service.issuer, .client_id = "board", .redirect_uri = b->service.issuer, .timeout_ms = 50};
    assert_int_equal(oidc_open(&b->loop, &options, &b->client, NULL), HUB_OK);
    begin_at(b, NOW_MS);
    then_not(b, HUB_ERR_IO, "it did not answer in time");

    oidc_close(b->client);
    options.issuer = "http://127.0.0.1:1";
    assert_int_equal(oidc_open(&b->loop, &options, &b->client, NULL), HUB_OK);
    begin_at(b, NOW_MS);
    then_not(b, HUB_ERR_IO, "it takes no connection");
}

static void the_seventeenth_at_once_is_told_to_come_again(void **state)
{
    board *b = *state;
    for (int i = 0; i < OIDC_JOBS_MAX; i++)
        assert_int_equal(oidc_begin(b->client, NOW_MS, on_begun, b), HUB_OK);

    assert_int_equal(oidc_begin(b->client, NOW_MS, on_begun, b), HUB_ERR_FULL);

    (void)uv_run(&b->loop, UV_RUN_DEFAULT);
    assert_int_equal(b->begun, OIDC_JOBS_MAX);
}

static void a_closed_client_calls_nobody(void **state)
{
    board *b = *state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(oidc_begin(b->client, NOW_MS, on_begun, b), HUB_OK);

    oidc_close(b->client);
    b->client = NULL;
    (void)uv_run(&b->loop, UV_RUN_DEFAULT);

    assert_int_equal(b->begun, 0);
}

static void what_is_configured_wrongly_is_said_at_once(void **state)
{
    board *b = *state;
    static const oidc_options WRONG[] = {
        {.issuer = "http://login.council.test", .client_id = "board", .redirect_uri = "https://b.test/r"},
        {.issuer = "https://login.council.test?a=b", .client_id = "board", .redirect_uri = "https://b.test/r"},
        {.issuer = "ftp://login.council.test", .client_id = "board", .redirect_uri = "https://b.test/r"},
        {.issuer = "https://login.council.test", .client_id = "", .redirect_uri = "https://b.test/r"},
        {.issuer = "https://login.council.test", .client_id = "board", .redirect_uri = "http://b.test/r"},
        {.issuer = "https://login.council.test", .client_id = "board", .redirect_uri = "https://b.test/r#f"},
    };
    for (size_t i = 0; i < sizeof WRONG / sizeof WRONG[0]; i++) {
        oidc *client;
        hub_error err = {""};
        assert_int_equal(oidc_open(&b->loop, &WRONG[i], &client, &err), HUB_ERR_INVALID);
        assert_null(client);
        assert_string_not_equal(err.text, "");
    }
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORY(a_person_signs_in),
        STORY(what_the_service_says_of_itself_is_kept_for_ten_minutes),
        STORY(each_sign_in_has_its_own_secrets),
        STORY(a_service_that_changed_its_key_is_asked_once_more),
        STORY(a_secret_is_shown_as_the_service_wants_it),
        STORY(a_return_to_another_browser_is_refused_without_asking),
        STORY(an_empty_flow_fits_no_return),
        STORY(a_return_from_another_service_is_refused),
        STORY(a_service_that_names_itself_must_always_do_so),
        STORY(a_service_that_says_no_is_quoted_when_it_is_a_word),
        STORY(a_code_is_used_once),
        STORY(a_code_without_its_verifier_is_of_no_use),
        STORY(a_return_without_a_code_is_refused),
        STORY(each_lie_about_the_person_is_refused),
        STORY(a_token_endpoint_that_gives_none_is_said_to),
        STORY(each_lie_about_itself_is_said_in_words),
        STORY(a_service_that_is_not_there_or_says_nothing_is_told_apart),
        STORY(the_seventeenth_at_once_is_told_to_come_again),
        STORY(a_closed_client_calls_nobody),
        STORY(what_is_configured_wrongly_is_said_at_once),
    };
    return cmocka_run_group_tests_name("oidc", tests, NULL, NULL);
}
