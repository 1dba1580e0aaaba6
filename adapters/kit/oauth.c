#include "oauth.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "fetch/fetch.h"

enum { ASK_MS = 15 * 1000, BEFORE_MS = 60 * 1000, LEAST_S = 5, MOST_S = 24 * 3600, UNSTATED_S = 300 };

/* A token that a header can carry: [RFC 6750, b64token], and a few marks more that services use. */
static bool is_token(const char *text)
{
    size_t size = strlen(text);
    for (size_t i = 0; i < size; i++) {
        if (text[i] <= ' ' || text[i] > '~') return false;
    }
    return size > 0 && size <= KIT_TOKEN_MOST;
}

static hub_status take_answer(kit_oauth *oauth, const char *host, long code, hub_buffer *answer, int64_t now_ms, hub_error *err)
{
    if (code != 200) {
        bool is_ours = code == 400 || code == 401 || code == 403;
        return hub_fail(err, is_ours ? HUB_ERR_REFUSED : HUB_ERR_IO, "%s: answered %ld%s", host, code,
                        is_ours ? "; are client_id, secret_file and scope what this service was told?" : "");
    }
    json_t *root = json_loadb((const char *)answer->data, answer->size, JSON_REJECT_DUPLICATES, NULL);
    const char *token = json_string_value(json_object_get(root, "access_token"));
    const json_t *lasts = json_object_get(root, "expires_in");
    int64_t seconds = json_is_integer(lasts) ? json_integer_value(lasts) : UNSTATED_S;
    hub_status status = HUB_OK;
    if (token == NULL || !is_token(token)) {
        status = hub_fail(err, HUB_ERR_INVALID, "%s: its answer has no access_token; is `url` the token's?", host);
    } else {
        seconds = seconds < LEAST_S ? LEAST_S : seconds > MOST_S ? MOST_S : seconds;
        (void)snprintf(oauth->token, sizeof oauth->token, "%s", token);
        oauth->until_ms = now_ms + seconds * 1000;
    }
    json_decref(root);
    return status;
}

static void host_of(const char *url, char out[128])
{
    const char *at = strstr(url, "://");
    at = at == NULL ? url : at + 3;
    (void)snprintf(out, 128, "%.*s", (int)strcspn(at, "/?#"), at);
}

/* Scopes are words of letters, digits and a few marks: nothing of them needs escaping but the blank between two. */
static void put_form(const char *scope, hub_buffer *out)
{
    hub_buffer_put_text(out, "grant_type=client_credentials");
    if (scope[0] == '\0') return;
    hub_buffer_put_text(out, "&scope=");
    for (; *scope != '\0'; scope++)
        hub_buffer_put(out, *scope == ' ' ? "+" : scope, 1);
}

static hub_status ask(kit_oauth *oauth, const kit_oauth_options *options, int64_t now_ms, const atomic_bool *stop,
                      const char *secret, hub_error *err)
{
    hub_buffer form = {0};
    hub_buffer answer = {0};
    char host[128];
    long code = 0;
    hub_error why = {{0}};
    host_of(options->url, host);
    put_form(options->scope, &form);
    fetch_request request = {.url = options->url,
                             .form = hub_buffer_text(&form),
                             .agent = "mash-adapter",
                             .user = options->client_id,
                             .password = secret,
                             .ca_file = options->ca[0] != '\0' ? options->ca : NULL,
                             .timeout_ms = ASK_MS,
                             .stop = stop};
    hub_status status = fetch(&request, &code, &answer, &why);
    if (status == HUB_OK) {
        status = take_answer(oauth, host, code, &answer, now_ms, err);
    } else {
        const char *words = strrchr(why.text, ':');
        (void)hub_fail(err, status, "%s%s", host, words == NULL ? ": no answer" : words);
    }
    if (answer.data != NULL) explicit_bzero(answer.data, answer.size);
    hub_buffer_free(&answer);
    hub_buffer_free(&form);
    return status;
}

hub_status kit_oauth_refresh(kit_oauth *oauth, const kit_oauth_options *options, int64_t now_ms, const atomic_bool *stop,
                             hub_error *err)
{
    hub_buffer text = {0};
    char secret[KIT_TOKEN_MOST + 1];
    if (oauth->until_ms - now_ms > BEFORE_MS) return HUB_OK;
    hub_status status = kit_secret_read(options->secret_file, &text, err);
    const char *line = hub_buffer_text(&text);
    if (status == HUB_OK) {
        (void)snprintf(secret, sizeof secret, "%.*s", (int)strcspn(line, "\r\n"), line);
        status = ask(oauth, options, now_ms, stop, secret, err);
        explicit_bzero(secret, sizeof secret);
    }
    if (text.data != NULL) explicit_bzero(text.data, text.size);
    hub_buffer_free(&text);
    return status;
}
