#include "link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus/client.h"
#include "host/clock.h"

enum {
    LOOK_EVERY_MS = 250,
    PLACES = 2 * LINK_QUESTIONS_MAX, /* the second half holds those that are told LINK_SLOW on the next turn */
};

typedef struct question {
    uint64_t request; /* 0 = free */
    int64_t until_ms; /* boot time */
    link_answer_cb *answered;
    void *context;
    bool is_lost; /* the session went, or there never was one: told on the next turn (B1) */
    link_outcome outcome;
} question;

struct board_link {
    link_options options;
    bus_client *client;
    uv_timer_t look;
    question questions[PLACES];
    char trouble[200];
    int64_t hub_ms, boot_ms; /* hub time at this boot time, from the last Welcome */
    bool is_open;
    int open_handles;
    void (*done)(void *context);
};

/* ---- answers ------------------------------------------------------------------------------------------------------------------ */
static void settle(question *q, link_outcome outcome, const Mash__V1__HubFrame *answer)
{
    question asked = *q;
    *q = (question){0}; /* free before the call: it may ask again */
    if (asked.answered != NULL) asked.answered(asked.context, outcome, answer);
}

static void on_look(uv_timer_t *timer)
{
    board_link *to = timer->data;
    int64_t now_ms = host_boot_ms();
    for (size_t i = 0; i < PLACES; i++) {
        question *q = &to->questions[i];
        if (q->request == 0) continue;
        if (q->is_lost) {
            settle(q, q->outcome, NULL);
        } else if (now_ms >= q->until_ms) {
            settle(q, LINK_SLOW, NULL);
        }
    }
}

/* Told on the next turn of the loop, so that an asker is never answered inside link_ask. */
static void lose(board_link *to, question *q, link_outcome outcome)
{
    q->is_lost = true;
    q->outcome = outcome;
    (void)uv_timer_start(&to->look, on_look, 0, LOOK_EVERY_MS);
}

static void on_frame(void *context, const Mash__V1__HubFrame *frame)
{
    board_link *to = context;
    for (size_t i = 0; frame->request != 0 && i < PLACES; i++) {
        question *q = &to->questions[i];
        if (q->request != frame->request || q->is_lost) continue;
        settle(q, LINK_ANSWERED, frame);
        return;
    }
    if (to->options.frame != NULL) to->options.frame(to->options.context, frame);
}

static void on_opened(void *context, const Mash__V1__Welcome *welcome)
{
    board_link *to = context;
    to->hub_ms = welcome->hub_time_ms;
    to->boot_ms = host_boot_ms();
    to->is_open = true;
    to->trouble[0] = '\0';
    if (to->options.opened != NULL) to->options.opened(to->options.context);
}

static void on_closed(void *context, bus_client_trouble trouble, const char *text)
{
    board_link *to = context;
    (void)trouble;
    (void)snprintf(to->trouble, sizeof to->trouble, "%s", text);
    bool was_open = to->is_open;
    to->is_open = false;
    for (size_t i = 0; i < PLACES; i++) {
        if (to->questions[i].request != 0) lose(to, &to->questions[i], LINK_AWAY);
    }
    if (was_open && to->options.closed != NULL) to->options.closed(to->options.context);
}

/* ---- asking ------------------------------------------------------------------------------------------------------------------- */
void link_ask(board_link *to, Mash__V1__ClientFrame *frame, link_answer_cb *answered, void *context)
{
    size_t place = 0;
    while (place < PLACES && to->questions[place].request != 0)
        place++;
    if (place == PLACES) { /* a hundred pages wait already: this asker is told at once */
        answered(context, LINK_SLOW, NULL);
        return;
    }
    question *q = &to->questions[place];
    hub_error err;
    frame->request = bus_client_request(to->client);
    *q = (question){
        .request = frame->request, .until_ms = host_boot_ms() + LINK_PATIENCE_MS, .answered = answered, .context = context};
    if (place >= LINK_QUESTIONS_MAX) {
        lose(to, q, LINK_SLOW);
    } else if (!to->is_open || bus_client_send(to->client, frame, &err) != HUB_OK) {
        lose(to, q, LINK_AWAY);
    }
}

void link_forget(board_link *to, void *context)
{
    for (size_t i = 0; i < PLACES; i++) {
        if (to->questions[i].context == context) to->questions[i].answered = NULL;
    }
}

hub_status link_send(board_link *to, const Mash__V1__ClientFrame *frame)
{
    hub_error err;
    return to->is_open ? bus_client_send(to->client, frame, &err) : HUB_ERR_AGAIN;
}

bool link_is_open(const board_link *to)
{
    return to->is_open;
}

const char *link_trouble(const board_link *to)
{
    return to->is_open ? "" : to->trouble;
}

int64_t link_hub_now_ms(const board_link *to)
{
    return to->boot_ms == 0 ? host_wall_ms() : to->hub_ms + (host_boot_ms() - to->boot_ms);
}

/* ---- life --------------------------------------------------------------------------------------------------------------------- */
hub_status link_open(uv_loop_t *loop, const link_options *options, board_link **out, hub_error *err)
{
    *out = NULL;
    bus_client_options client = {.endpoints = {options->endpoint},
                                 .software = "mash-board/" MASHHUB_VERSION,
                                 .opened = on_opened,
                                 .closed = on_closed,
                                 .frame = on_frame};
    hub_status status = bus_key_pair_read(options->key, &client.keys, err);
    if (status != HUB_OK) return hub_fail_within(err, status, "the board's key");
    status = bus_public_key_read(options->server_key, client.server_key, err);
    if (status != HUB_OK) return hub_fail_within(err, status, "the hub's public key");
    board_link *to = calloc(1, sizeof *to);
    if (to == NULL) return hub_fail(err, HUB_ERR_MEMORY, "no memory for a session with the hub");
    to->options = *options;
    (void)snprintf(to->trouble, sizeof to->trouble, "connecting");
    client.context = to;
    status = bus_client_open(loop, &client, &to->client, err);
    if (status != HUB_OK) {
        free(to);
        return status;
    }
    int failed = uv_timer_init(loop, &to->look);
    HUB_ASSERT(failed == 0);
    to->look.data = to;
    (void)uv_timer_start(&to->look, on_look, LOOK_EVERY_MS, LOOK_EVERY_MS);
    *out = to;
    return HUB_OK;
}

static void finish(board_link *to)
{
    if (--to->open_handles > 0) return;
    void (*done)(void *context) = to->done;
    void *context = to->options.context;
    free(to);
    if (done != NULL) done(context);
}

static void on_timer_closed(uv_handle_t *handle)
{
    finish(handle->data);
}

static void on_client_closed(void *context)
{
    finish(context);
}

void link_close(board_link *to, void (*done)(void *context))
{
    to->is_open = false;
    to->done = done;
    to->open_handles = 2;
    for (size_t i = 0; i < PLACES; i++) {
        if (to->questions[i].request != 0) settle(&to->questions[i], LINK_AWAY, NULL);
    }
    uv_close((uv_handle_t *)&to->look, on_timer_closed);
    bus_client_close(to->client, on_client_closed);
}
