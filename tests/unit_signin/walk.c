/* One sign-in by hub/signin at a real service, as real_provider.mjs drives it: walk ISSUER CLIENT_ID LIE
 * Prints "go URL"; reads the URL that the browser came back to; prints "signed in SUBJECT" or "refused WORDS".
 * LIE: none, state, nonce, verifier, or later (two hours pass). */
#include <stdio.h>
#include <string.h>

#include "host/clock.h"
#include "host/random.h"
#include "signin/oidc.h"

static oidc_flow kept;

static void on_begun(void *context, hub_status status, const char *url, const oidc_flow *flow, const hub_error *err)
{
    (void)context;
    if (status == HUB_OK) kept = *flow;
    (void)printf("%s %s\n", status == HUB_OK ? "go" : "refused", status == HUB_OK ? url : err->text);
}

static void on_finished(void *context, hub_status status, const token_claims *claims, const hub_error *err)
{
    (void)context;
    (void)printf("%s %s\n", status == HUB_OK ? "signed in" : "refused", status == HUB_OK ? claims->subject : err->text);
}

/* A field of the URL's query; the service encodes the issuer, and these three characters are all that it has to. */
static void field_of(const char *url, const char *name, char *out, size_t capacity)
{
    char mark[32];
    (void)snprintf(mark, sizeof mark, "%s=", name);
    const char *at = strchr(url, '?');
    while (at != NULL && strncmp(at + 1, mark, strlen(mark)) != 0)
        at = strchr(at + 1, '&');
    size_t used = 0;
    for (at = at != NULL ? at + 1 + strlen(mark) : ""; *at != '\0' && *at != '&' && *at != '\n' && used + 1 < capacity; at++) {
        bool is_colon = strncmp(at, "%3A", 3) == 0, is_slash = strncmp(at, "%2F", 3) == 0;
        out[used++] = is_colon ? ':' : is_slash ? '/' : *at;
        if (is_colon || is_slash) at += 2;
    }
    out[used] = '\0';
}

static void tell_lie(const char *lie)
{
    char *told = strcmp(lie, "state") == 0      ? kept.state
                 : strcmp(lie, "nonce") == 0    ? kept.nonce
                 : strcmp(lie, "verifier") == 0 ? kept.verifier
                                                : NULL;
    if (told != NULL) told[0] = told[0] == 'A' ? 'B' : 'A';
}

int main(int argc, char **argv)
{
    HUB_ASSERT(argc == 4);
    host_random_start();
    uv_loop_t loop;
    oidc *client = NULL;
    hub_error err = {""};
    oidc_options options = {.issuer = argv[1], .client_id = argv[2], .redirect_uri = "http://127.0.0.1:7480/sign-in/return"};
    HUB_ASSERT(uv_loop_init(&loop) == 0 && oidc_open(&loop, &options, &client, &err) == HUB_OK);
    HUB_ASSERT(oidc_begin(client, host_wall_ms(), on_begun, NULL) == HUB_OK);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    (void)fflush(stdout);
    char url[8192], code[OIDC_CODE_BYTES_MAX], state[64], issuer[256];
    if (kept.state[0] != '\0' && fgets(url, sizeof url, stdin) != NULL) {
        field_of(url, "code", code, sizeof code);
        field_of(url, "state", state, sizeof state);
        field_of(url, "iss", issuer, sizeof issuer);
        tell_lie(argv[3]);
        oidc_return back = {.code = code, .state = state, .issuer = issuer, .error = ""};
        int64_t later_ms = strcmp(argv[3], "later") == 0 ? INT64_C(2) * 60 * 60 * 1000 : 0;
        HUB_ASSERT(oidc_finish(client, &back, &kept, host_wall_ms() + later_ms, on_finished, NULL) == HUB_OK);
        (void)uv_run(&loop, UV_RUN_DEFAULT);
    }
    oidc_close(client);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    return uv_loop_close(&loop);
}
