#include "post.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "host/files.h"
#include "host/log.h"
#include "http/server.h"
#include "json/json.h"
#include "tokens.h"

enum { FILE_BYTES_MAX = 256 * 1024, NUMBER_MAX = 200 };

static const char JSON_TYPE[] = "application/json";
static const char PROBLEM_TYPE[] = "application/problem+json"; /* RFC 9457 */
static const char HL7_TYPE[] = "x-application/hl7-v2+er7";

typedef struct visit visit;

struct kit_post {
    kit_post_options options;
    http_server *server;
    kit_tokens tokens;
    hub_buffer certificate, key, authorities;
    visit *visits; /* at the desk */
    bool closing;
    kit_post_counts counts;
};

/* One request that stands at the desk. */
struct visit {
    kit_ticket ticket; /* first */
    kit_post *post;
    http_request *request; /* NULL = the server has ended */
    const kit_mapping *mapping;
    hub_buffer body; /* a copy: the request may end before the desk is through */
    char key[256];
    visit *next;
};

/* ---- answering ---- */

static void say(http_request *request, unsigned status, const char *type, hub_buffer *body)
{
    http_header headers[3] = {{"Content-Type", type}};
    size_t count = 1;
    if (status == 401) headers[count++] = (http_header){"WWW-Authenticate", "Bearer"};
    if (status == 405) headers[count++] = (http_header){"Allow", "POST"};
    if (status == 503) headers[count++] = (http_header){"Retry-After", "10"};
    http_answer(request, status, headers, count, body);
}

static void put_counts(hub_buffer *out, const kit_outcome *outcome)
{
    if (outcome->events > 0) hub_buffer_put_format(out, ",\"events\":%u", outcome->events);
    if (outcome->parked > 0) hub_buffer_put_format(out, ",\"parked\":%u", outcome->parked);
}

/* {"status":"taken","events":1,"parked":1,"reason":"..."}; parts that say nothing are left out. */
static void put_words(hub_buffer *out, const char *status, const kit_outcome *outcome)
{
    hub_buffer_put_format(out, "{\"status\":\"%s\"", status);
    put_counts(out, outcome);
    if (outcome->reason[0] != '\0') {
        hub_buffer_put_text(out, ",\"reason\":");
        json_put_text(out, outcome->reason);
    }
    hub_buffer_put_text(out, "}\n");
}

/* {"title":"not taken","status":422,"parked":1,"detail":"..."} */
static void put_problem(hub_buffer *out, const char *title, unsigned status, const kit_outcome *outcome, const char *detail)
{
    hub_buffer_put_format(out, "{\"title\":\"%s\",\"status\":%u", title, status);
    put_counts(out, outcome);
    hub_buffer_put_text(out, ",\"detail\":");
    json_put_text(out, detail);
    hub_buffer_put_text(out, "}\n");
}

static void turn_away(kit_post *post, http_request *request, unsigned status, const char *reason)
{
    static const kit_outcome NOTHING = {0};
    hub_buffer body = {0};
    post->counts.turned_away++;
    host_log(HOST_LOG_WARNING, "a request was turned away", "address", request->address, "reason", reason, NULL);
    put_problem(&body, "refused", status, &NOTHING, reason);
    say(request, status, PROBLEM_TYPE, &body);
}

/* By the first outcome, also for a repeat. */
static unsigned status_of(const kit_outcome *outcome)
{
    bool gave_some = outcome->events > 0 || outcome->place > 0;
    switch (kit_outcome_told(outcome)) {
    case KIT_INPUT_DONE:
    case KIT_INPUT_REPEATED:
        return 202;
    case KIT_INPUT_PARKED:
        return gave_some ? 202 : 422;
    case KIT_INPUT_UNREADABLE:
    case KIT_INPUT_UNSUPPORTED:
        return 400;
    default:
        return 503;
    }
}

static void answer(http_request *request, const kit_mapping *mapping, hub_bytes input, const kit_outcome *outcome, int64_t now_ms)
{
    unsigned status = status_of(outcome);
    hub_buffer body = {0};
    const char *type = status == 202 ? JSON_TYPE : PROBLEM_TYPE;
    if (mapping->answer != NULL) {
        type = mapping->answer_type != NULL ? mapping->answer_type : HL7_TYPE;
        if (mapping->answer(input, kit_outcome_told(outcome), outcome->reason, now_ms, &body) != HUB_OK) body.failed = true;
    } else if (status == 202) {
        put_words(&body, outcome->result == KIT_INPUT_REPEATED ? "taken before" : "taken", outcome);
    } else {
        put_problem(&body, status == 503 ? "try again" : "not taken", status, outcome, outcome->reason);
    }
    say(request, status, type, &body);
}

static void visit_end(visit *v)
{
    kit_post *post = v->post;
    for (visit **at = &post->visits; *at != NULL; at = &(*at)->next) {
        if (*at != v) continue;
        *at = v->next;
        break;
    }
    hub_buffer_free(&v->body);
    free(v);
    if (post->closing && post->visits == NULL) free(post);
}

static void on_answered(kit_ticket *ticket, const kit_outcome *outcome)
{
    visit *v = (visit *)ticket;
    kit_post *post = v->post;
    char events[16];
    char status[8];
    (void)snprintf(events, sizeof events, "%u", outcome->events);
    (void)snprintf(status, sizeof status, "%u", status_of(outcome));
    host_log(outcome->parked > 0 ? HOST_LOG_WARNING : HOST_LOG_INFO, "request answered", "status", status, "events", events,
             "reason", outcome->reason, NULL);
    *(status_of(outcome) == 202 ? &post->counts.taken : &post->counts.not_taken) += 1;
    if (v->request != NULL) {
        answer(v->request, v->mapping, hub_buffer_bytes(&v->body), outcome, post->options.now_ms(post->options.context));
    }
    visit_end(v);
}

/* ---- who may ---- */

static bool is_known(const kit_post *post, const http_request *request)
{
    static const char BEARER[] = "Bearer ";
    if (request->is_certified) return true;
    return strncasecmp(request->authorization, BEARER, sizeof BEARER - 1) == 0 &&
           kit_tokens_have(&post->tokens, request->authorization + sizeof BEARER - 1);
}

/* A slash at the end is no other path: FHIR clients put one behind a base for a Bundle. */
static const kit_post_route *route_of(const kit_post *post, const char *path)
{
    size_t size = strlen(path);
    if (size > 1 && path[size - 1] == '/') size--;
    for (unsigned i = 0; i < post->options.route_count; i++) {
        const char *route = post->options.routes[i].path;
        if (strncmp(route, path, size) == 0 && strspn(route + size, "/") == strlen(route + size)) return &post->options.routes[i];
    }
    return NULL;
}

/* ---- one request ---- */

/* Numbers are a path's own: one counter at two paths is two senders. */
static bool number_of(const http_request *request, char out[256])
{
    out[0] = '\0';
    if (request->idempotency_key[0] == '\0') return true;
    int path = (int)strlen(request->path);
    if (path > 1 && request->path[path - 1] == '/') path--;
    return snprintf(out, 256, "%.*s %s", path > 50 ? 50 : path, request->path, request->idempotency_key) < 256 &&
           strlen(request->idempotency_key) <= NUMBER_MAX;
}

static void take(kit_post *post, const kit_post_route *route, http_request *request, const char *number)
{
    const kit_post_options *options = &post->options;
    const char *reason = NULL;
    int64_t now_ms = options->now_ms(options->context);
    visit *v = calloc(1, sizeof *v);
    if (v != NULL) hub_buffer_put(&v->body, request->body.data, request->body.size);
    if (v == NULL || v->body.failed) {
        if (v != NULL) hub_buffer_free(&v->body);
        free(v);
        turn_away(post, request, 503, "out of memory; send it again later");
        return;
    }
    v->post = post;
    v->request = request;
    v->mapping = kit_intake_mapping(route->intake);
    v->next = post->visits;
    post->visits = v;
    kit_input_result accepted =
        kit_intake_input(route->intake, hub_buffer_bytes(&v->body), number, now_ms, v->key, &v->ticket.input, &reason);
    if (accepted != KIT_INPUT_DONE) {
        kit_outcome outcome = {.result = accepted};
        (void)snprintf(outcome.reason, sizeof outcome.reason, "%s", reason);
        on_answered(&v->ticket, &outcome);
        return;
    }
    v->ticket.intake = route->intake;
    v->ticket.answered = on_answered;
    kit_desk_put(options->desk, &v->ticket);
}

/* A body whose type says another format than the route's. Many senders say none, or a form's (curl): its bytes tell. */
static bool is_of_another_format(const kit_mapping *mapping, const char *type)
{
    static const char *const FORMATS[] = {"json", "xml", "csv", "hl7", "multipart"};
    for (size_t i = 0; i < sizeof FORMATS / sizeof FORMATS[0]; i++) {
        if (strcasestr(type, FORMATS[i]) == NULL) continue;
        bool is_other = mapping->other_suffix != NULL && strcmp(mapping->other_suffix, FORMATS[i]) == 0;
        return !is_other && strcmp(mapping->file_suffix, FORMATS[i]) != 0;
    }
    return false;
}

/* Of one who is turned away for want of a better one: who sends with a token may show what certificate they like. */
static void say_certificate(const http_request *request)
{
    if (request->doubt[0] != '\0')
        host_log(HOST_LOG_WARNING, "a client certificate is not believed", "cause", request->doubt, NULL);
    if (request->stranger[0] != '\0')
        host_log(HOST_LOG_WARNING, "a certificate of our authority is of a name that is not under tls.client_names", "name",
                 request->stranger, NULL);
}

static void on_request(void *context, http_request *request)
{
    kit_post *post = context;
    const kit_post_options *options = &post->options;
    char number[256];
    if (!kit_address_is_allowed(options->allowed, options->allowed_count, request->address)) {
        turn_away(post, request, 403, "this address is not under `allowed`");
        return;
    }
    if (!is_known(post, request)) { /* H4 */
        say_certificate(request);
        turn_away(post, request, 401, "no bearer token that is known here, and no client certificate that is believed");
        return;
    }
    const kit_post_route *route = route_of(post, request->path);
    if (route == NULL) {
        turn_away(post, request, 404, "no such path; the adapter's configuration lists them under `routes`");
    } else if (strcmp(request->method, "POST") != 0) {
        turn_away(post, request, 405, "only POST is taken here");
    } else if (is_of_another_format(kit_intake_mapping(route->intake), request->type)) {
        turn_away(post, request, 415, "its Content-Type names another format than this path takes");
    } else if (request->encoding[0] != '\0' && strcasecmp(request->encoding, "identity") != 0) {
        turn_away(post, request, 415, "a Content-Encoding is not taken here: send it uncompressed");
    } else if (request->body.size == 0) {
        turn_away(post, request, 400, "an empty body");
    } else if (!number_of(request, number)) {
        turn_away(post, request, 400, "the Idempotency-Key is longer than 200 characters");
    } else {
        take(post, route, request, number);
    }
}

/* ---- life ---- */

static hub_status read_pem(const char *path, hub_buffer *out, hub_error *err)
{
    if (path == NULL || path[0] == '\0') return HUB_OK;
    hub_status status = host_file_read(path, FILE_BYTES_MAX, out, err);
    return status == HUB_OK || status == HUB_ERR_MEMORY ? status : hub_fail_within(err, HUB_ERR_INVALID, "tls");
}

static const char *text_or_null(hub_buffer *buffer)
{
    return buffer->size == 0 ? NULL : hub_buffer_text(buffer);
}

static void free_texts(kit_post *post)
{
    hub_buffer *texts[] = {&post->certificate, &post->key, &post->authorities};
    for (size_t i = 0; i < 3; i++) {
        if (texts[i]->data != NULL) explicit_bzero(texts[i]->data, texts[i]->size);
        hub_buffer_free(texts[i]);
    }
}

hub_status kit_post_open(uv_loop_t *loop, const kit_post_options *options, kit_post **out, hub_error *err)
{
    HUB_ASSERT(options->desk != NULL && options->now_ms != NULL && options->route_count <= KIT_POST_ROUTES_MAX);
    *out = NULL;
    kit_post *post = calloc(1, sizeof *post);
    if (post == NULL) return hub_fail(err, HUB_ERR_MEMORY, "http: out of memory");
    post->options = *options;
    hub_status status = read_pem(options->certificate, &post->certificate, err);
    if (status == HUB_OK && options->key[0] != '\0') status = kit_secret_is_kept(options->key, err);
    if (status == HUB_OK) status = read_pem(options->key, &post->key, err);
    if (status == HUB_OK) status = read_pem(options->authorities, &post->authorities, err);
    if (status == HUB_OK && options->token_file[0] != '\0') status = kit_tokens_read(options->token_file, &post->tokens, err);
    if (status == HUB_OK && post->certificate.size > 0 && post->key.size == 0)
        status = hub_fail(err, HUB_ERR_INVALID, "tls: a certificate without a key");
    http_options http = {.address = options->address,
                         .port = options->port,
                         .body_bytes_max = options->body_bytes_max != 0 ? options->body_bytes_max : 1024 * 1024,
                         .certificate = text_or_null(&post->certificate),
                         .key = text_or_null(&post->key),
                         .authorities = text_or_null(&post->authorities),
                         .names = options->names,
                         .name_count = options->name_count,
                         .request = on_request,
                         .context = post};
    if (status == HUB_OK) status = http_server_open(loop, &http, &post->server, err);
    if (status != HUB_OK) {
        free_texts(post);
        free(post);
        return status;
    }
    *out = post;
    return HUB_OK;
}

void kit_post_close(kit_post *post)
{
    if (post == NULL) return;
    http_server_close(post->server); /* answers 503 to those that stand at the desk */
    free_texts(post);
    for (visit *v = post->visits; v != NULL; v = v->next)
        v->request = NULL;
    post->closing = true;
    if (post->visits == NULL) free(post);
}

uint16_t kit_post_port(const kit_post *post)
{
    return http_server_port(post->server);
}

void kit_post_counts_of(const kit_post *post, kit_post_counts *out)
{
    *out = post->counts;
}
