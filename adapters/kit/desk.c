#include "desk.h"

#include <stdio.h>
#include <stdlib.h>

#include "host/clock.h"
#include "host/log.h"

enum {
    BATCH_MAX = 512,         /* inputs in one transaction: some hundred milliseconds on a slow disk, then the link has its turn */
    PATIENCE_MS = 20 * 1000, /* below what senders commonly wait: 30 s and more */
};

typedef struct line {
    kit_ticket *first, **last;
} line;

struct kit_desk {
    uv_check_t check; /* first; after the loop has read what came */
    uv_idle_t idle;   /* so that the loop does not sleep before it */
    uv_timer_t timer; /* patience */
    kit_desk_options options;
    line queue;   /* not yet taken */
    line waiting; /* taken; for the hub */
    unsigned handles;
};

static void line_put(line *l, kit_ticket *ticket)
{
    ticket->next = NULL;
    *l->last = ticket;
    l->last = &ticket->next;
}

static kit_ticket *line_take(line *l)
{
    kit_ticket *ticket = l->first;
    if (ticket == NULL) return NULL;
    l->first = ticket->next;
    if (l->first == NULL) l->last = &l->first;
    return ticket;
}

static void answer(kit_ticket *ticket)
{
    ticket->answered(ticket, &ticket->outcome);
}

static void fail(kit_ticket *ticket, const char *why)
{
    ticket->outcome = (kit_outcome){.result = KIT_INPUT_FAILED};
    (void)snprintf(ticket->outcome.reason, sizeof ticket->outcome.reason, "%s", why);
}

/* ---- the hub's word ---- */

static void on_patience(uv_timer_t *timer)
{
    kit_desk_look(timer->data);
}

/* Is it settled, or its sender's patience over? Then its outcome is what is to be said. */
static bool is_through(kit_ticket *ticket, uint64_t oldest, int64_t now_ms)
{
    if (ticket->outcome.place >= oldest) {
        if (now_ms < ticket->until_ms) return false;
        fail(ticket, "it is safe here, but the hub has not confirmed it yet; send it again and you will be told when it has");
        return true;
    }
    hub_error err = {{0}};
    hub_status status = kit_intake_settled(ticket->intake, &ticket->input, &err);
    if (status == HUB_ERR_NOT_FOUND) {
        ticket->outcome.result = KIT_INPUT_PARKED;
        ticket->outcome.events = 0;
        ticket->outcome.place = 0;
        (void)snprintf(ticket->outcome.reason, sizeof ticket->outcome.reason,
                       "the hub refused it; the quarantine folder has the field and the reason");
    } else if (status != HUB_OK) {
        fail(ticket, "what became of it cannot be read now; send it again later");
    }
    return true;
}

static void look_at_waiting(kit_desk *desk)
{
    hub_error err = {{0}};
    uint64_t oldest = 0;
    int64_t now_ms = host_boot_ms();
    int64_t next_ms = INT64_MAX;
    if (desk->waiting.first == NULL) return;
    if (outbox_oldest_waiting(desk->options.box, &oldest, &err) != HUB_OK) return;
    line all = desk->waiting;
    desk->waiting = (line){.last = &desk->waiting.first};
    for (kit_ticket *ticket = all.first; ticket != NULL;) {
        kit_ticket *next = ticket->next;
        if (is_through(ticket, oldest, now_ms)) {
            answer(ticket);
        } else {
            if (ticket->until_ms < next_ms) next_ms = ticket->until_ms;
            line_put(&desk->waiting, ticket);
        }
        ticket = next;
    }
    if (desk->waiting.first != NULL && !uv_is_closing((uv_handle_t *)&desk->timer))
        (void)uv_timer_start(&desk->timer, on_patience, (uint64_t)(next_ms > now_ms ? next_ms - now_ms : 1), 0);
}

/* ---- taking ---- */

static void rest(kit_desk *desk)
{
    (void)uv_check_stop(&desk->check);
    (void)uv_idle_stop(&desk->idle);
}

/* Takes what stands in the queue; `taken` has those that the intake had an answer for. HUB_ERR_AGAIN: the first one waits for its detail. */
static hub_status take_batch(kit_desk *desk, line *taken, hub_error *err)
{
    hub_status status = HUB_OK;
    for (int i = 0; i < BATCH_MAX && desk->queue.first != NULL; i++) {
        kit_ticket *ticket = desk->queue.first;
        hub_error why = {{0}};
        status = kit_intake_take(ticket->intake, &ticket->input, &ticket->outcome, &why);
        if (status == HUB_ERR_AGAIN) break; /* its detail is being fetched: K2 */
        (void)line_take(&desk->queue);
        if (status != HUB_OK) {
            fail(ticket, "it cannot be stored now; send it again later");
            if (err->text[0] == '\0') *err = why;
        }
        line_put(taken, ticket);
    }
    return status == HUB_ERR_AGAIN ? HUB_ERR_AGAIN : HUB_OK;
}

static void tell(kit_desk *desk, line *taken, bool is_kept)
{
    for (kit_ticket *ticket = line_take(taken); ticket != NULL; ticket = line_take(taken)) {
        if (!is_kept) fail(ticket, "it cannot be stored now; send it again later"); /* K4 */
        if (desk->options.acknowledge == KIT_ACKNOWLEDGE_HUB && is_kept && ticket->outcome.place > 0) {
            ticket->until_ms = host_boot_ms() + desk->options.patience_ms;
            line_put(&desk->waiting, ticket);
        } else {
            answer(ticket);
        }
    }
}

static void work(kit_desk *desk)
{
    outbox *box = desk->options.box;
    hub_error err = {{0}};
    line taken = {.last = &taken.first};
    bool waits = false;
    hub_status status = outbox_batch_begin(box, &err);
    if (status == HUB_OK) {
        waits = take_batch(desk, &taken, &err) == HUB_ERR_AGAIN;
        status = outbox_batch_end(box, &err);
    } else {
        taken = desk->queue; /* nothing is taken at all */
        desk->queue = (line){.last = &desk->queue.first};
        if (taken.first == NULL) taken.last = &taken.first;
    }
    if (desk->queue.first == NULL || waits) rest(desk);
    bool any = taken.first != NULL;
    if (err.text[0] != '\0') host_log(HOST_LOG_ERROR, "not stored; senders were told to try again", "cause", err.text, NULL);
    tell(desk, &taken, status == HUB_OK);
    look_at_waiting(desk); /* a repeat of what the hub settled long ago needs no news of it */
    if (err.text[0] != '\0' && desk->options.failed != NULL) desk->options.failed(desk->options.context, &err);
    if (any && status == HUB_OK && desk->options.taken != NULL) desk->options.taken(desk->options.context);
}

static void on_check(uv_check_t *check)
{
    work(check->data);
}

static void on_idle(uv_idle_t *idle)
{
    (void)idle;
}

static void wake(kit_desk *desk)
{
    if (uv_is_closing((uv_handle_t *)&desk->check)) return;
    (void)uv_check_start(&desk->check, on_check);
    (void)uv_idle_start(&desk->idle, on_idle);
}

void kit_desk_put(kit_desk *desk, kit_ticket *ticket)
{
    HUB_ASSERT(ticket->answered != NULL && ticket->intake != NULL);
    HUB_ASSERT(!uv_is_closing((uv_handle_t *)&desk->check));
    line_put(&desk->queue, ticket);
    wake(desk);
}

void kit_desk_look(kit_desk *desk)
{
    if (desk->queue.first != NULL) wake(desk);
    look_at_waiting(desk);
}

/* ---- life ---- */

hub_status kit_desk_open(uv_loop_t *loop, const kit_desk_options *options, kit_desk **out, hub_error *err)
{
    *out = NULL;
    kit_desk *desk = calloc(1, sizeof *desk);
    if (desk == NULL) return hub_fail(err, HUB_ERR_MEMORY, "out of memory");
    desk->options = *options;
    if (desk->options.patience_ms == 0) desk->options.patience_ms = PATIENCE_MS;
    desk->queue.last = &desk->queue.first;
    desk->waiting.last = &desk->waiting.first;
    (void)uv_check_init(loop, &desk->check);
    (void)uv_idle_init(loop, &desk->idle);
    (void)uv_timer_init(loop, &desk->timer);
    desk->check.data = desk->idle.data = desk->timer.data = desk;
    desk->handles = 3;
    *out = desk;
    return HUB_OK;
}

static void on_closed(uv_handle_t *handle)
{
    kit_desk *desk = handle->data;
    if (--desk->handles == 0) free(desk);
}

void kit_desk_close(kit_desk *desk)
{
    if (desk == NULL) return;
    uv_close((uv_handle_t *)&desk->check, on_closed);
    uv_close((uv_handle_t *)&desk->idle, on_closed);
    uv_close((uv_handle_t *)&desk->timer, on_closed);
    line *lines[] = {&desk->queue, &desk->waiting};
    for (size_t i = 0; i < 2; i++) {
        for (kit_ticket *ticket = line_take(lines[i]); ticket != NULL; ticket = line_take(lines[i])) {
            fail(ticket, "the adapter ends; send it again later");
            answer(ticket);
        }
    }
}
