#include "liar.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REQUEST_BYTES_MAX = 16384 };
static const char CODE[] = "c0de-of-one-sign-in", DEFAULT_REDIRECT[] = "http%3A%2F%2F127.0.0.1%3A7480%2Fsign-in%2Freturn";

typedef struct visit {
    uv_tcp_t tcp;
    uv_write_t write;
    liar *l;
    char request[REQUEST_BYTES_MAX];
    size_t size;
    hub_buffer answer;
} visit;

static const char *or_truth(const char *lie, const char *truth)
{
    return lie != NULL ? lie : truth;
}

/* The value of a form or query field, still encoded. */
static bool field_of(const char *text, const char *name, char *out, size_t capacity)
{
    size_t name_size = strlen(name);
    for (const char *at = text; *at != '\0'; at += strcspn(at, "&"), at += *at == '&') {
        if (strncmp(at, name, name_size) != 0 || at[name_size] != '=') continue;
        (void)snprintf(out, capacity, "%.*s", (int)strcspn(at + name_size + 1, "&"), at + name_size + 1);
        return true;
    }
    return false;
}

static bool field_is(const char *text, const char *name, const char *value)
{
    char found[256];
    return field_of(text, name, found, sizeof found) && strcmp(found, value) == 0;
}

const char *liar_sign_in(liar *l, const char *url, char state[64])
{
    const char *query = strchr(url, '?');
    HUB_ASSERT(query != NULL && field_is(query + 1, "client_id", "board") && field_is(query + 1, "redirect_uri", l->redirect));
    HUB_ASSERT(field_is(query + 1, "response_type", "code") && field_is(query + 1, "code_challenge_method", "S256"));
    HUB_ASSERT(field_is(query + 1, "scope", "openid%20profile"));
    HUB_ASSERT(field_of(query + 1, "nonce", l->nonce, sizeof l->nonce));
    HUB_ASSERT(field_of(query + 1, "code_challenge", l->challenge, sizeof l->challenge));
    HUB_ASSERT(field_of(query + 1, "state", state, 64));
    l->has_code = true;
    return CODE;
}

/* ---- answers --------------------------------------------------------------------------------------------------------------- */

static void answer_with(visit *v, int status, const char *body)
{
    hub_buffer_put_format(
        &v->answer, "HTTP/1.1 %d X\r\nContent-Type: application/json\r\nLocation: /elsewhere\r\nConnection: close\r\n", status);
    if (!v->l->lies.hides_length) hub_buffer_put_format(&v->answer, "Content-Length: %zu\r\n", strlen(body));
    hub_buffer_put_text(&v->answer, "\r\n");
    hub_buffer_put_text(&v->answer, body);
}

static void answer_discovery(visit *v)
{
    liar *l = v->l;
    hub_buffer body = {0};
    char token_url[96], keys_url[96];
    l->discoveries++;
    (void)snprintf(token_url, sizeof token_url, "%s/token", l->issuer);
    (void)snprintf(keys_url, sizeof keys_url, "%s/keys", l->issuer);
    hub_buffer_put_format(
        &body, "{\"issuer\":\"%s\",\"authorization_endpoint\":\"%s/authorize\",\"token_endpoint\":\"%s\",\"jwks_uri\":\"%s\"%s}",
        or_truth(l->lies.discovery_issuer, l->issuer), l->issuer, or_truth(l->lies.token_url, token_url),
        or_truth(l->lies.keys_url, keys_url), or_truth(l->lies.discovery_extra, ""));
    answer_with(v, l->lies.discovery_status != 0 ? l->lies.discovery_status : 200, hub_buffer_text(&body));
    hub_buffer_free(&body);
}

static void answer_keys(visit *v)
{
    hub_buffer body = {0};
    v->l->key_lists++;
    forge_key_list(&body, "{\"use\":\"sig\"}", v->l->key, NULL);
    if (v->l->lies.keys_padding > 0) memset(hub_buffer_extend(&body, v->l->lies.keys_padding), ' ', v->l->lies.keys_padding);
    answer_with(v, 200, hub_buffer_text(&body));
    hub_buffer_free(&body);
}

static bool verifier_holds(const liar *l, const char *form)
{
    char verifier[64], challenge[64];
    uint8_t digest[crypto_hash_sha256_BYTES];
    if (!field_of(form, "code_verifier", verifier, sizeof verifier)) return false;
    crypto_hash_sha256(digest, (const uint8_t *)verifier, strlen(verifier));
    sodium_bin2base64(challenge, sizeof challenge, digest, sizeof digest, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return strcmp(challenge, l->challenge) == 0;
}

static bool client_holds(const liar *l, const char *request, const char *form)
{
    if (l->secret == NULL) return field_is(form, "client_id", "board");
    if (l->wants_form_secret) return field_is(form, "client_id", "board") && field_is(form, "client_secret", l->secret);
    char pair[128], basic[200];
    (void)snprintf(pair, sizeof pair, "board:%s", l->secret);
    sodium_bin2base64(basic, sizeof basic, (const uint8_t *)pair, strlen(pair), sodium_base64_VARIANT_ORIGINAL);
    const char *header = strstr(request, "Authorization: Basic ");
    return header != NULL && strncmp(header + 21, basic, strlen(basic)) == 0;
}

static void answer_token(visit *v, const char *form)
{
    liar *l = v->l;
    l->tokens++;
    bool good = l->has_code && field_is(form, "grant_type", "authorization_code") && field_is(form, "code", CODE) &&
                field_is(form, "redirect_uri", l->redirect) && verifier_holds(l, form);
    l->has_code = false; /* once */
    if (!client_holds(l, v->request, form)) {
        answer_with(v, 401, "{\"error\":\"invalid_client\"}");
        return;
    }
    if (!good) {
        answer_with(v, 400, "{\"error\":\"invalid_grant\"}");
        return;
    }
    hub_buffer claims = {0}, token = {0}, body = {0};
    int64_t lifetime_s = l->lies.expires_s != 0 ? l->lies.expires_s : 300;
    hub_buffer_put_format(&claims,
                          "{\"iss\":\"%s\",\"aud\":\"%s\",\"nonce\":\"%s\",\"iat\":%lld,\"exp\":%lld,\"sub\":\"248289761001\","
                          "\"name\":\"Sam Okonjo\"}",
                          or_truth(l->lies.issuer, l->issuer), or_truth(l->lies.audience, "board"),
                          or_truth(l->lies.nonce, l->nonce), (long long)l->now_s, (long long)(l->now_s + lifetime_s));
    forge_token(&token, l->lies.signing_key != NULL ? l->lies.signing_key : l->key,
                or_truth(l->lies.header, "{\"alg\":\"ES256\"}"), hub_buffer_text(&claims));
    hub_buffer_put_format(&body, "{\"access_token\":\"unused\",\"token_type\":\"Bearer\",\"id_token\":\"%s\"}",
                          hub_buffer_text(&token));
    answer_with(v, l->lies.token_status != 0 ? l->lies.token_status : 200,
                or_truth(l->lies.token_answer, hub_buffer_text(&body)));
    hub_buffer_free(&claims);
    hub_buffer_free(&token);
    hub_buffer_free(&body);
}

static void answer(visit *v, const char *form)
{
    if (strncmp(v->request, "GET /.well-known/openid-configuration ", 38) == 0) {
        answer_discovery(v);
    } else if (strncmp(v->request, "GET /keys ", 10) == 0) {
        answer_keys(v);
    } else if (strncmp(v->request, "POST /token ", 12) == 0) {
        answer_token(v, form);
    } else {
        answer_with(v, 404, "{}");
    }
}

/* ---- connections ----------------------------------------------------------------------------------------------------------- */

static void on_visit_closed(uv_handle_t *handle)
{
    visit *v = handle->data;
    hub_buffer_free(&v->answer);
    free(v);
}

static void leave(visit *v)
{
    if (!uv_is_closing((uv_handle_t *)&v->tcp)) uv_close((uv_handle_t *)&v->tcp, on_visit_closed);
}

static void on_written(uv_write_t *write, int status)
{
    (void)status;
    leave(write->data);
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
    (void)suggested;
    visit *v = handle->data;
    *out = uv_buf_init(v->request + v->size, (unsigned)(sizeof v->request - 1 - v->size));
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
    (void)buf;
    visit *v = stream->data;
    if (got < 0) {
        leave(v);
        return;
    }
    v->size += (size_t)got;
    v->request[v->size] = '\0';
    const char *end = strstr(v->request, "\r\n\r\n"), *length = strstr(v->request, "Content-Length: ");
    if (end == NULL || (length != NULL && strlen(end + 4) < strtoul(length + 16, NULL, 10)) || v->l->lies.is_silent) return;
    answer(v, end + 4);
    uv_buf_t out = uv_buf_init((char *)v->answer.data, (unsigned)v->answer.size);
    v->write.data = v;
    HUB_ASSERT(uv_write(&v->write, stream, &out, 1, on_written) == 0);
}

static void on_visitor(uv_stream_t *listener, int status)
{
    HUB_ASSERT(status == 0);
    visit *v = calloc(1, sizeof *v);
    HUB_ASSERT(v != NULL && uv_tcp_init(listener->loop, &v->tcp) == 0);
    v->l = listener->data;
    v->tcp.data = v;
    HUB_ASSERT(uv_accept(listener, (uv_stream_t *)&v->tcp) == 0);
    HUB_ASSERT(uv_read_start((uv_stream_t *)&v->tcp, on_room, on_read) == 0);
}

void liar_open(liar *l, uv_loop_t *loop, int64_t now_s)
{
    *l = (liar){.now_s = now_s, .redirect = DEFAULT_REDIRECT, .key = forge_make(FORGE_EC, "k1", NULL)};
    struct sockaddr_in address;
    struct sockaddr_storage bound;
    int size = sizeof bound;
    HUB_ASSERT(uv_ip4_addr("127.0.0.1", 0, &address) == 0 && uv_tcp_init(loop, &l->listener) == 0);
    l->listener.data = l;
    HUB_ASSERT(uv_tcp_bind(&l->listener, (const struct sockaddr *)&address, 0) == 0);
    HUB_ASSERT(uv_listen((uv_stream_t *)&l->listener, 16, on_visitor) == 0);
    HUB_ASSERT(uv_tcp_getsockname(&l->listener, (struct sockaddr *)&bound, &size) == 0);
    uv_unref((uv_handle_t *)&l->listener);
    (void)snprintf(l->issuer, sizeof l->issuer, "http://127.0.0.1:%d", ntohs(((const struct sockaddr_in *)&bound)->sin_port));
}

void liar_close(liar *l)
{
    uv_close((uv_handle_t *)&l->listener, NULL);
    forge_free(l->key);
}

void liar_change_key(liar *l, const char *key_id)
{
    forge_free(l->key);
    l->key = forge_make(FORGE_EC, key_id, NULL);
}
