/* AWS Signature 4 as our requests carry it, against known answers. The first is Amazon's own ("post-x-www-form-urlencoded" of its Signature 4 test
 * suite); the second, of a call to SQS with a session token, was computed from the specification by another program. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "fetch/fetch.h"
#include "http/server.h"

typedef struct bench {
    uv_loop_t loop;
    http_server *server;
    uv_work_t work;
    fetch_request request;
    char url[64];
    char authorization[600];
    hub_status status;
} bench;

static void on_request(void *context, http_request *request)
{
    bench *b = context;
    hub_buffer body = {0};
    (void)snprintf(b->authorization, sizeof b->authorization, "%s", request->authorization);
    http_answer(request, 200, NULL, 0, &body);
}

static void on_thread(uv_work_t *work)
{
    bench *b = work->data;
    hub_buffer answer = {0};
    hub_error err = {{0}};
    long code = 0;
    b->status = fetch(&b->request, &code, &answer, &err);
    hub_buffer_free(&answer);
}

static void after(uv_work_t *work, int code)
{
    bench *b = work->data;
    (void)code;
    http_server_close(b->server);
}

static const char *signed_as(bench *b, fetch_request request)
{
    hub_error err = {{0}};
    memset(b, 0, sizeof *b);
    assert_int_equal(uv_loop_init(&b->loop), 0);
    assert_int_equal(fetch_start(&err), HUB_OK);
    http_options options = {.address = "127.0.0.1", .request = on_request, .context = b};
    assert_int_equal(http_server_open(&b->loop, &options, &b->server, &err), HUB_OK);
    (void)snprintf(b->url, sizeof b->url, "http://127.0.0.1:%u/", http_server_port(b->server));
    b->request = request;
    b->request.url = b->url;
    b->request.agent = "a test";
    b->request.user = "AKIDEXAMPLE";
    b->request.password = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    b->request.timeout_ms = 10000;
    b->work.data = b;
    assert_int_equal(uv_queue_work(&b->loop, &b->work, on_thread, after), 0);
    (void)uv_run(&b->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&b->loop), 0);
    assert_int_equal(b->status, HUB_OK);
    fetch_stop();
    return b->authorization;
}

static void amazons_own_vector_is_signed_as_amazon_says(void **state)
{
    static const char *const HEADERS[] = {"Host: example.amazonaws.com", "X-Amz-Date: 20150830T123600Z",
                                          "Content-Type: application/x-www-form-urlencoded", NULL};
    bench b;
    (void)state;
    assert_string_equal(
        signed_as(&b, (fetch_request){.headers = HEADERS,
                                      .sigv4 = "aws:amz:us-east-1:service",
                                      .body = hub_bytes_of_text("Param1=value1")}),
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date, Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
}

/* The target and the token must be under the signature: AWS refuses x-amz- headers that are not. */
static void a_call_to_a_queue_with_a_session_token_is_signed_whole(void **state)
{
    static const char *const HEADERS[] = {"Host: sqs.eu-west-2.amazonaws.com",        "X-Amz-Date: 20261122T120000Z",
                                          "Content-Type: application/x-amz-json-1.0", "X-Amz-Target: AmazonSQS.ReceiveMessage",
                                          "X-Amz-Security-Token: a-session-token",    NULL};
    bench b;
    (void)state;
    assert_string_equal(
        signed_as(&b, (fetch_request){.headers = HEADERS,
                                      .sigv4 = "aws:amz:eu-west-2:sqs",
                                      .body = hub_bytes_of_text(
                                          "{\"QueueUrl\":\"https://sqs.eu-west-2.amazonaws.com/123456789012/mash\"}")}),
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/eu-west-2/sqs/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, "
        "Signature=07f68782c16d5ba26794c167fe95b906bf2e7a29db56f3d25794f976ce5852a3");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amazons_own_vector_is_signed_as_amazon_says),
        cmocka_unit_test(a_call_to_a_queue_with_a_session_token_is_signed_whole),
    };
    return cmocka_run_group_tests_name("signing", tests, NULL, NULL);
}
