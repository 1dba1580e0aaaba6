#include "oidc.h"

#include <jansson.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "host/files.h"
#include "host/random.h"
#include "provider.h"
#include "visible.h"
#include "work_line.h"

enum { AT_ONCE = 2, CLIENT_ID_BYTES_MAX = 200, SECRET_BYTES_MAX = 500, ERROR_WORD_MAX = 60 };

struct oidc {
    work_line *line;
    char *issuer, *client_id, *redirect_uri; /* GIVEN */
    char *ca_file, *secret;                  /* GIVEN; NULL = none */
    int64_t timeout_ms;
    bool has_curl;
    provider known; /* the loop's: jobs have copies */
    int64_t known_ms;
    bool is_known;
};

typedef struct job {
    work work;    /* first */
    oidc *client; /* threads read what oidc_open put there */
    provider provider;
    bool has_provider, is_fresh; /* fresh: fetched by this job */
    int64_t now_ms;
    hub_status status;
    hub_error err;
    void *context;
    oidc_begun_cb *begun;
    oidc_finished_cb *finished;
    oidc_flow flow;
    char code[OIDC_CODE_BYTES_MAX + 1];
    bool names_issuer; /* the return had an `iss`, and it is ours */
    token_claims claims;
} job;

/* ---- opening --------------------------------------------------------------------------------------------------------------- */

static void free_client(void *context)
{
    oidc *client = context;
    if (client->secret != NULL) sodium_memzero(client->secret, strlen(client->secret));
    free(client->secret);
    free(client->issuer);
    free(client->client_id);
    free(client->redirect_uri);
    free(client->ca_file);
    provider_clear(&client->known);
    if (client->has_curl) fetch_stop();
    free(client);
}

static hub_status read_secret(const char *path, char **out, hub_error *err)
{
    hub_buffer text = {0};
    hub_status status = host_secret_read(path, SECRET_BYTES_MAX, &text, err);
    if (status == HUB_OK) {
        if (text.size == 0 || text.size > SECRET_BYTES_MAX || !hub_is_clean_text((const char *)text.data, text.size)) {
            status =
                hub_fail(err, HUB_ERR_INVALID, "%s: a client secret is one line of at most %d bytes", path, SECRET_BYTES_MAX);
        } else {
            *out = strndup((const char *)text.data, text.size);
            if (*out == NULL) status = HUB_ERR_MEMORY;
        }
    }
    host_secret_free(&text);
    return status;
}

static hub_status check_options(const oidc_options *options, hub_error *err)
{
    if (!fetch_is_allowed(options->issuer))
        return hub_fail(err, HUB_ERR_INVALID, "the issuer is no https URL (http is taken on loopback only)");
    if (strchr(options->issuer, '?') != NULL) return hub_fail(err, HUB_ERR_INVALID, "the issuer is a URL without a query");
    if (!fetch_is_allowed(options->redirect_uri))
        return hub_fail(err, HUB_ERR_INVALID, "the redirect URI is no https URL (http is taken on loopback only)");
    size_t size = strlen(options->client_id);
    if (size == 0 || size > CLIENT_ID_BYTES_MAX)
        return hub_fail(err, HUB_ERR_INVALID, "the client id is empty or above %d bytes", CLIENT_ID_BYTES_MAX);
    return HUB_OK;
}

hub_status oidc_open(uv_loop_t *loop, const oidc_options *options, oidc **out, hub_error *err)
{
    HUB_ASSERT(loop != NULL && options != NULL && out != NULL);
    *out = NULL;
    hub_status status = check_options(options, err);
    if (status != HUB_OK) return status;
    status = HUB_ERR_MEMORY;
    oidc *client = calloc(1, sizeof *client);
    if (client == NULL) return hub_fail(err, status, "sign-in: out of memory");
    client->timeout_ms = options->timeout_ms > 0 ? options->timeout_ms : OIDC_TIMEOUT_MS;
    client->issuer = strdup(options->issuer);
    client->client_id = strdup(options->client_id);
    client->redirect_uri = strdup(options->redirect_uri);
    if (options->ca_file != NULL) client->ca_file = strdup(options->ca_file);
    if (client->issuer == NULL || client->client_id == NULL || client->redirect_uri == NULL ||
        (options->ca_file != NULL && client->ca_file == NULL))
        goto fail;
    if (options->secret_file != NULL) {
        status = read_secret(options->secret_file, &client->secret, err);
        if (status != HUB_OK) goto fail;
    }
    status = fetch_start(err);
    if (status != HUB_OK) goto fail;
    client->has_curl = true;
    status = work_line_open(loop, AT_ONCE, OIDC_JOBS_MAX, &client->line);
    if (status != HUB_OK) goto fail;
    *out = client;
    return HUB_OK;

fail:
    if (status == HUB_ERR_MEMORY) (void)hub_fail(err, status, "sign-in: out of memory");
    free_client(client);
    return status;
}

void oidc_close(oidc *client)
{
    if (client != NULL) work_line_close(client->line, free_client, client);
}

const char *oidc_issuer(const oidc *client)
{
    return client->issuer;
}

/* ---- jobs ------------------------------------------------------------------------------------------------------------------ */

static void free_job(job *j)
{
    provider_clear(&j->provider);
    sodium_memzero(j, sizeof *j);
    free(j);
}

static job *new_job(oidc *client, int64_t now_ms, void *context)
{
    job *j = calloc(1, sizeof *j);
    if (j == NULL) return NULL;
    j->client = client;
    j->now_ms = now_ms;
    j->context = context;
    int64_t age_ms = now_ms - client->known_ms;
    if (!client->is_known || age_ms < 0 || age_ms >= OIDC_CACHE_MS) return j;
    if (provider_copy(&client->known, &j->provider) == HUB_OK) {
        j->has_provider = true;
        return j;
    }
    free(j);
    return NULL;
}

static hub_status put_job(job *j)
{
    if (work_line_put(j->client->line, &j->work)) return HUB_OK;
    free_job(j);
    return HUB_ERR_FULL;
}

static void fetch_provider(job *j)
{
    const oidc *client = j->client;
    provider_place place = {.issuer = client->issuer, .ca_file = client->ca_file, .timeout_ms = client->timeout_ms};
    provider_clear(&j->provider);
    j->status = provider_fetch(&place, &j->provider, &j->err);
    j->has_provider = j->is_fresh = j->status == HUB_OK;
}

/* What a job learned of the service is the next one's. */
static void keep_provider(job *j)
{
    if (!j->is_fresh) return;
    provider_clear(&j->client->known);
    j->client->known = j->provider;
    j->client->known_ms = j->now_ms;
    j->client->is_known = true;
    j->provider = (provider){0};
}

static void put_encoded(hub_buffer *out, const char *text)
{
    static const char HEX[] = "0123456789ABCDEF";
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("-._~", c) != NULL;
        char escaped[] = {'%', HEX[c >> 4], HEX[c & 15]};
        hub_buffer_put(out, is_plain ? text : escaped, is_plain ? 1 : 3);
    }
}

static void put_field(hub_buffer *out, const char *before, const char *name, const char *value)
{
    hub_buffer_put_text(out, before);
    hub_buffer_put_text(out, name);
    hub_buffer_put_text(out, "=");
    put_encoded(out, value);
}

/* ---- beginning ------------------------------------------------------------------------------------------------------------- */

static void make_secret(char out[OIDC_SECRET_TEXT_BYTES])
{
    uint8_t bytes[32];
    host_random_fill(bytes, sizeof bytes);
    sodium_bin2base64(out, OIDC_SECRET_TEXT_BYTES, bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(bytes, sizeof bytes);
}

static void begin_on_thread(work *w)
{
    job *j = (job *)w;
    if (!j->has_provider) fetch_provider(j);
}

static void put_redirect(const oidc *client, const char *authorize_url, const oidc_flow *flow, hub_buffer *out)
{
    uint8_t digest[crypto_hash_sha256_BYTES];
    char challenge[OIDC_SECRET_TEXT_BYTES];
    crypto_hash_sha256(digest, (const uint8_t *)flow->verifier, strlen(flow->verifier));
    sodium_bin2base64(challenge, sizeof challenge, digest, sizeof digest, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    hub_buffer_put_text(out, authorize_url);
    put_field(out, strchr(authorize_url, '?') != NULL ? "&" : "?", "response_type", "code");
    put_field(out, "&", "client_id", client->client_id);
    put_field(out, "&", "redirect_uri", client->redirect_uri);
    put_field(out, "&", "scope", "openid profile");
    put_field(out, "&", "state", flow->state);
    put_field(out, "&", "nonce", flow->nonce);
    put_field(out, "&", "code_challenge", challenge);
    put_field(out, "&", "code_challenge_method", "S256");
}

static void begin_done(work *w)
{
    job *j = (job *)w;
    if (j->work.is_dropped) {
        free_job(j);
        return;
    }
    hub_buffer url = {0};
    if (j->status == HUB_OK) {
        make_secret(j->flow.state);
        make_secret(j->flow.nonce);
        make_secret(j->flow.verifier);
        put_redirect(j->client, j->provider.authorize_url, &j->flow, &url);
        if (url.failed) j->status = hub_fail(&j->err, HUB_ERR_MEMORY, "sign-in: out of memory");
        if (url.size >= OIDC_URL_BYTES_MAX)
            j->status = hub_fail(&j->err, HUB_ERR_INVALID, "the sign-in service's URLs are too long");
    }
    keep_provider(j);
    bool good = j->status == HUB_OK;
    j->begun(j->context, j->status, good ? hub_buffer_text(&url) : NULL, good ? &j->flow : NULL, &j->err);
    hub_buffer_free(&url);
    free_job(j);
}

hub_status oidc_begin(oidc *client, int64_t now_ms, oidc_begun_cb *done, void *context)
{
    HUB_ASSERT(client != NULL && done != NULL);
    job *j = new_job(client, now_ms, context);
    if (j == NULL) return HUB_ERR_MEMORY;
    j->work.run = begin_on_thread;
    j->work.done = begin_done;
    j->begun = done;
    return put_job(j);
}

/* ---- finishing ------------------------------------------------------------------------------------------------------------- */

/* An error's own word, when it is one (RFC 6749 section 4.1.2.1): it is shown to a person. */
static bool is_error_word(const char *text)
{
    size_t size = strlen(text);
    return size > 0 && size <= ERROR_WORD_MAX && strspn(text, "abcdefghijklmnopqrstuvwxyz_") == size;
}

static hub_status refuse_word(hub_error *err, const char *word)
{
    return hub_fail(err, HUB_ERR_REFUSED, "the sign-in service said no%s%s; begin again", is_error_word(word) ? ": " : "",
                    is_error_word(word) ? word : "");
}

static hub_status ask_token(job *j, hub_buffer *answer, long *code)
{
    const oidc *client = j->client;
    bool basic = client->secret != NULL && j->provider.proof == PROVIDER_PROOF_BASIC;
    hub_buffer form = {0}, user = {0}, password = {0};
    put_field(&form, "", "grant_type", "authorization_code");
    put_field(&form, "&", "code", j->code);
    put_field(&form, "&", "redirect_uri", client->redirect_uri);
    put_field(&form, "&", "code_verifier", j->flow.verifier);
    if (!basic) put_field(&form, "&", "client_id", client->client_id);
    if (client->secret != NULL && !basic) put_field(&form, "&", "client_secret", client->secret);
    put_encoded(&user, client->client_id);
    if (basic) put_encoded(&password, client->secret);
    fetch_request request = {.url = j->provider.token_url,
                             .agent = "mash-board",
                             .form = hub_buffer_text(&form),
                             .user = basic ? hub_buffer_text(&user) : NULL,
                             .password = hub_buffer_text(&password),
                             .ca_file = client->ca_file,
                             .timeout_ms = client->timeout_ms};
    hub_status status = form.failed || user.failed || password.failed
                            ? hub_fail(&j->err, HUB_ERR_MEMORY, "sign-in: out of memory")
                            : fetch(&request, code, answer, &j->err);
    hub_buffer *wiped[] = {&form, &user, &password};
    for (size_t i = 0; i < 3; i++) {
        if (wiped[i]->data != NULL) sodium_memzero(wiped[i]->data, wiped[i]->capacity);
        hub_buffer_free(wiped[i]);
    }
    return status;
}

static token_verdict check_token(job *j, hub_bytes id_token)
{
    token_expect expect = {.issuer = j->client->issuer,
                           .client_id = j->client->client_id,
                           .nonce = j->flow.nonce,
                           .now_ms = j->now_ms,
                           .leeway_ms = OIDC_LEEWAY_MS};
    return token_check(hub_buffer_bytes(&j->provider.keys), id_token, &expect, &j->claims);
}

static void judge(job *j, const json_t *answer, long code)
{
    const char *word = json_string_value(json_object_get(answer, "error"));
    const json_t *id_token = json_object_get(answer, "id_token");
    if (word != NULL) {
        j->status = refuse_word(&j->err, word);
        return;
    }
    if (code != 200 || !json_is_string(id_token)) {
        j->status = hub_fail(&j->err, HUB_ERR_IO, "the sign-in service gave no ID token (HTTP status %ld); begin again", code);
        return;
    }
    hub_bytes token = hub_bytes_of(json_string_value(id_token), json_string_length(id_token));
    token_verdict verdict = check_token(j, token);
    if (verdict == TOKEN_KEY_UNKNOWN && !j->is_fresh) {
        fetch_provider(j);
        if (j->status != HUB_OK) return;
        verdict = check_token(j, token);
    }
    if (verdict != TOKEN_GOOD) {
        hub_status status = verdict == TOKEN_MEMORY ? HUB_ERR_MEMORY : HUB_ERR_REFUSED;
        j->status = hub_fail(&j->err, status, "the sign-in service's answer was refused: %s", token_verdict_text(verdict));
    }
}

static void finish_on_thread(work *w)
{
    job *j = (job *)w;
    if (j->status != HUB_OK) return; /* the return itself was wrong */
    if (!j->has_provider) fetch_provider(j);
    if (j->status != HUB_OK) return;
    if (j->provider.says_issuer && !j->names_issuer) {
        j->status = hub_fail(&j->err, HUB_ERR_REFUSED,
                             "the browser came back without the issuer that the sign-in service always adds; begin again");
        return;
    }
    hub_buffer answer = {0};
    long code = 0;
    j->status = ask_token(j, &answer, &code);
    if (j->status == HUB_OK) {
        json_t *read = json_loadb((const char *)answer.data, answer.size, JSON_REJECT_DUPLICATES, NULL);
        judge(j, read, code);
        json_decref(read);
    }
    host_secret_free(&answer);
}

static void finish_done(work *w)
{
    job *j = (job *)w;
    if (!j->work.is_dropped) {
        keep_provider(j);
        j->finished(j->context, j->status, j->status == HUB_OK ? &j->claims : NULL, &j->err);
    }
    free_job(j);
}

static bool flow_is_whole(const oidc_flow *flow)
{
    return strnlen(flow->state, sizeof flow->state) == OIDC_SECRET_TEXT_BYTES - 1 &&
           strnlen(flow->nonce, sizeof flow->nonce) == OIDC_SECRET_TEXT_BYTES - 1 &&
           strnlen(flow->verifier, sizeof flow->verifier) == OIDC_SECRET_TEXT_BYTES - 1;
}

/* What can be said without asking anybody. The state first: what else came with it is believed only then. */
static hub_status check_return(const oidc *client, const oidc_return *back, const oidc_flow *flow, hub_error *err)
{
    if (!flow_is_whole(flow) || strlen(back->state) != OIDC_SECRET_TEXT_BYTES - 1 ||
        sodium_memcmp(back->state, flow->state, OIDC_SECRET_TEXT_BYTES - 1) != 0)
        return hub_fail(err, HUB_ERR_REFUSED, "this browser did not begin that sign-in, or has begun another since; begin again");
    if (back->issuer[0] != '\0' && strcmp(back->issuer, client->issuer) != 0)
        return hub_fail(err, HUB_ERR_REFUSED, "the browser came back from another sign-in service; begin again");
    if (back->error[0] != '\0') return refuse_word(err, back->error);
    size_t size = strlen(back->code);
    if (size == 0 || size > OIDC_CODE_BYTES_MAX || !is_visible(back->code))
        return hub_fail(err, HUB_ERR_REFUSED, "the browser came back without a code that can be used; begin again");
    return HUB_OK;
}

hub_status oidc_finish(oidc *client, const oidc_return *back, const oidc_flow *flow, int64_t now_ms, oidc_finished_cb *done,
                       void *context)
{
    HUB_ASSERT(client != NULL && done != NULL);
    HUB_ASSERT(back != NULL && back->code != NULL && back->state != NULL && back->issuer != NULL && back->error != NULL &&
               flow != NULL);
    job *j = new_job(client, now_ms, context);
    if (j == NULL) return HUB_ERR_MEMORY;
    j->work.run = finish_on_thread;
    j->work.done = finish_done;
    j->finished = done;
    j->status = check_return(client, back, flow, &j->err);
    if (j->status == HUB_OK) {
        j->flow = *flow;
        j->names_issuer = back->issuer[0] != '\0';
        (void)hub_format(j->code, sizeof j->code, "%s", back->code);
    }
    return put_job(j);
}
