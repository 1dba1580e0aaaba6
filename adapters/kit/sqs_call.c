#include "sqs_call.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fetch/fetch.h"
#include "tokens.h"

enum { CALL_MS = 15 * 1000, ANSWER_BYTES_MAX = 4 * 1024 * 1024 };

typedef struct credentials {
    char id[129], secret[129], token[KIT_TOKEN_MOST + 1];
} credentials;

static void take_line(const char *line, size_t size, const char *name, char *out, size_t room)
{
    size_t length = strlen(name);
    if (size <= length || strncmp(line, name, length) != 0) return;
    const char *end = line + size;
    line += length;
    line += strspn(line, " \t");
    if (line >= end || *line != '=') return;
    line++;
    line += strspn(line, " \t");
    while (end > line && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    (void)snprintf(out, room, "%.*s", end > line ? (int)(end - line) : 0, line);
}

static hub_status read_credentials(const char *path, credentials *out, hub_error *err)
{
    hub_buffer text = {0};
    *out = (credentials){{0}, {0}, {0}};
    hub_status status = kit_secret_read(path, &text, err);
    for (const char *at = hub_buffer_text(&text); status == HUB_OK && *at != '\0';) {
        size_t size = strcspn(at, "\r\n");
        take_line(at, size, "aws_access_key_id", out->id, sizeof out->id);
        take_line(at, size, "aws_secret_access_key", out->secret, sizeof out->secret);
        take_line(at, size, "aws_session_token", out->token, sizeof out->token);
        at += size + strspn(at + size, "\r\n");
    }
    if (status == HUB_OK && (out->id[0] == '\0' || out->secret[0] == '\0')) {
        status = hub_fail(err, HUB_ERR_INVALID, "%s: needs aws_access_key_id = ... and aws_secret_access_key = ...", path);
    }
    if (text.data != NULL) explicit_bzero(text.data, text.size);
    hub_buffer_free(&text);
    return status;
}

hub_status kit_sqs_credentials_check(const char *path, hub_error *err)
{
    credentials who;
    hub_status status = read_credentials(path, &who, err);
    explicit_bzero(&who, sizeof who);
    return status;
}

/* The service's own name of what is wrong ("QueueDoesNotExist"), which holds no value of a message. */
static hub_status explain(long code, hub_bytes answer, hub_error *err)
{
    json_t *root = json_loadb((const char *)answer.data, answer.size, 0, NULL);
    const char *type = json_string_value(json_object_get(root, "__type"));
    const char *name = type == NULL ? "" : strrchr(type, '#') != NULL ? strrchr(type, '#') + 1 : type;
    hub_status status =
        hub_fail(err, code >= 500 ? HUB_ERR_IO : HUB_ERR_REFUSED,
                 "the queue answers %ld %.80s; look at queue_url, region, the credentials and what they may do", code, name);
    json_decref(root);
    return status;
}

/* "https://host/": the JSON protocol names the queue in the body and asks the service's root. */
static void root_of(const char *queue_url, char out[600])
{
    const char *host = strstr(queue_url, "://");
    host = host == NULL ? queue_url : host + 3;
    (void)snprintf(out, 600, "%.*s/", (int)(host - queue_url) + (int)strcspn(host, "/?#"), queue_url);
}

static hub_status call(const kit_sqs_place *place, const char *action, json_t *asked, int64_t timeout_ms, hub_buffer *answer,
                       hub_error *err)
{
    credentials who;
    char root[600], target[64], token[KIT_TOKEN_MOST + 32], sigv4[64];
    long code = 0;
    char *body = json_dumps(asked, JSON_COMPACT);
    hub_status status =
        body == NULL ? hub_fail(err, HUB_ERR_MEMORY, "out of memory") : read_credentials(place->credentials, &who, err);
    if (status == HUB_OK) {
        root_of(place->endpoint[0] != '\0' ? place->endpoint : place->queue_url, root);
        (void)snprintf(target, sizeof target, "X-Amz-Target: AmazonSQS.%s", action);
        (void)snprintf(token, sizeof token, "X-Amz-Security-Token: %s", who.token);
        (void)snprintf(sigv4, sizeof sigv4, "aws:amz:%.32s:sqs", place->region);
        const char *headers[] = {"Content-Type: application/x-amz-json-1.0", target, who.token[0] != '\0' ? token : NULL, NULL};
        fetch_request request = {.url = root,
                                 .body = hub_bytes_of_text(body),
                                 .headers = headers,
                                 .sigv4 = sigv4,
                                 .agent = "mash-adapter",
                                 .user = who.id,
                                 .password = who.secret,
                                 .timeout_ms = timeout_ms,
                                 .bytes_max = ANSWER_BYTES_MAX,
                                 .stop = place->stop};
        status = fetch(&request, &code, answer, err);
        explicit_bzero(&who, sizeof who);
    }
    if (status == HUB_OK && code != 200) status = explain(code, hub_buffer_bytes(answer), err);
    free(body);
    return status;
}

static json_t *asked_of(const kit_sqs_place *place)
{
    return json_pack("{s:s}", "QueueUrl", place->queue_url);
}

static char *text_of(const json_t *item, const char *name)
{
    const char *text = json_string_value(json_object_get(item, name));
    return text == NULL ? NULL : strdup(text);
}

static hub_status take_messages(const json_t *answer, kit_sqs_messages *out, hub_error *err)
{
    size_t i;
    json_t *item;
    hub_status status = HUB_OK;
    *out = (kit_sqs_messages){0};
    json_array_foreach(json_object_get(answer, "Messages"), i, item)
    {
        if (out->count == KIT_SQS_MESSAGES_MAX) break;
        const json_t *body = json_object_get(item, "Body");
        kit_sqs_message *message = &out->items[out->count++];
        message->id = text_of(item, "MessageId");
        message->receipt = text_of(item, "ReceiptHandle");
        if (json_string_value(body) != NULL) hub_buffer_put(&message->body, json_string_value(body), json_string_length(body));
        if (message->id == NULL || message->receipt == NULL || message->body.failed)
            status = hub_fail(err, HUB_ERR_INVALID, "the queue's answer lacks MessageId or ReceiptHandle");
    }
    if (status != HUB_OK) kit_sqs_messages_free(out);
    return status;
}

static hub_status read_answer(hub_bytes text, json_t **out, hub_error *err)
{
    *out = json_loadb((const char *)text.data, text.size, JSON_ALLOW_NUL, NULL);
    if (*out == NULL) return hub_fail(err, HUB_ERR_INVALID, "the queue's answer is no JSON; is queue_url a queue?");
    return HUB_OK;
}

hub_status kit_sqs_messages_read(hub_bytes text, kit_sqs_messages *out, hub_error *err)
{
    json_t *answer;
    *out = (kit_sqs_messages){0};
    hub_status status = read_answer(text, &answer, err);
    if (status == HUB_OK) status = take_messages(answer, out, err);
    json_decref(answer);
    return status;
}

hub_status kit_sqs_receive(const kit_sqs_place *place, unsigned wait_s, uint32_t visibility_s, kit_sqs_messages *out,
                           hub_error *err)
{
    hub_buffer answer = {0};
    json_t *asked = asked_of(place);
    *out = (kit_sqs_messages){0};
    json_object_set_new(asked, "MaxNumberOfMessages", json_integer(KIT_SQS_MESSAGES_MAX));
    json_object_set_new(asked, "WaitTimeSeconds", json_integer(wait_s));
    json_object_set_new(asked, "VisibilityTimeout", json_integer(visibility_s));
    hub_status status = call(place, "ReceiveMessage", asked, CALL_MS + (int64_t)wait_s * 1000, &answer, err);
    if (status == HUB_OK) status = kit_sqs_messages_read(hub_buffer_bytes(&answer), out, err);
    json_decref(asked);
    hub_buffer_free(&answer);
    return status;
}

/* How many entries of a batch the service could not do; an answer that is none is a failure of all. */
static hub_status do_batch(const kit_sqs_place *place, const char *action, json_t *entries, const char *what, hub_error *err)
{
    hub_buffer text = {0};
    json_t *answer = NULL;
    json_t *asked = asked_of(place);
    bool any = json_array_size(entries) > 0;
    json_object_set_new(asked, "Entries", entries);
    hub_status status = any ? call(place, action, asked, CALL_MS, &text, err) : HUB_OK;
    if (status == HUB_OK && any) status = read_answer(hub_buffer_bytes(&text), &answer, err);
    size_t failed = json_array_size(json_object_get(answer, "Failed"));
    if (status == HUB_OK && failed > 0)
        status = hub_fail(err, HUB_ERR_IO, "the queue could not %s %zu messages; they come again and are known as repeats", what,
                          failed);
    json_decref(asked);
    json_decref(answer);
    hub_buffer_free(&text);
    return status;
}

/* The entries of those in `which`, with the timeout when it is not UINT32_MAX. GIVEN. */
static json_t *entries_of(const kit_sqs_messages *messages, const bool *which, uint32_t visibility_s)
{
    json_t *entries = json_array();
    char id[8];
    for (unsigned i = 0; i < messages->count; i++) {
        if (!which[i]) continue;
        (void)snprintf(id, sizeof id, "m%u", i);
        json_t *entry = json_pack("{s:s, s:s}", "Id", id, "ReceiptHandle", messages->items[i].receipt);
        if (visibility_s != UINT32_MAX) json_object_set_new(entry, "VisibilityTimeout", json_integer(visibility_s));
        json_array_append_new(entries, entry);
    }
    return entries;
}

hub_status kit_sqs_delete(const kit_sqs_place *place, const kit_sqs_messages *messages, const bool *which, hub_error *err)
{
    return do_batch(place, "DeleteMessageBatch", entries_of(messages, which, UINT32_MAX), "delete", err);
}

hub_status kit_sqs_hold(const kit_sqs_place *place, const kit_sqs_messages *messages, const bool *which, uint32_t visibility_s,
                        hub_error *err)
{
    return do_batch(place, "ChangeMessageVisibilityBatch", entries_of(messages, which, visibility_s), "hold", err);
}

void kit_sqs_messages_free(kit_sqs_messages *messages)
{
    for (unsigned i = 0; i < messages->count; i++) {
        free(messages->items[i].id);
        free(messages->items[i].receipt);
        hub_buffer_free(&messages->items[i].body);
    }
    *messages = (kit_sqs_messages){0};
}

void kit_sqs_unwrap(hub_bytes body, char number[128], hub_buffer *out)
{
    json_t *root = json_loadb((const char *)body.data, body.size, JSON_REJECT_DUPLICATES, NULL);
    const char *type = json_string_value(json_object_get(root, "Type"));
    const char *id = json_string_value(json_object_get(root, "MessageId"));
    const json_t *message = json_object_get(root, "Message");
    number[0] = '\0';
    if (type != NULL && strcmp(type, "Notification") == 0 && json_is_string(message)) {
        if (id != NULL) (void)snprintf(number, 128, "sns %.120s", id);
        hub_buffer_put(out, json_string_value(message), json_string_length(message));
    } else {
        hub_buffer_put(out, body.data, body.size);
    }
    json_decref(root);
}
