/* subscribe - a queue's deliveries as they come. P1 of position.h: print, keep the position, send the receipt. */
#include "cli/verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/session.h"
#include "bus/position.h"
#include "cli/show.h"
#include "host/files.h"
#include "json/json.h"

enum { CREDIT_ITEMS = 256, QUEUES_MAX = 64 };

/* One queue of this call. */
typedef struct subscribed_queue {
    const char *name;
    char path[SETTINGS_PATH_MAX]; /* "" = positions are not kept */
    bus_positions known;
    uint64_t waiting; /* at the start */
    uint64_t shown;
    uint64_t request;
    bool subscribed;
} subscribed_queue;

typedef struct subscribing {
    const cli_call *call;
    session hub;
    subscribed_queue queues[QUEUES_MAX];
    size_t queue_count;
    const char *consumer; /* "" = ephemeral */
    bool from_now;
    bool drain;
    uint64_t most;
    uint64_t shown;
    bool done;
    hub_status status;
    hub_error error;
    hub_buffer out;
} subscribing;

static void stop(subscribing *work, hub_status status)
{
    work->status = status;
    work->done = true;
}

static void send_frame(subscribing *work, Mash__V1__ClientFrame *frame)
{
    hub_status status = bus_client_send(work->hub.client, frame, &work->error);
    if (status != HUB_OK && status != HUB_ERR_AGAIN) stop(work, status);
}

static void send_subscribe(subscribing *work, subscribed_queue *queue)
{
    Mash__V1__Position items[BUS_POSITIONS_KEPT];
    Mash__V1__Position *pointers[BUS_POSITIONS_KEPT];
    for (size_t i = 0; i < queue->known.count; i++) {
        mash__v1__position__init(&items[i]);
        items[i].epoch = queue->known.items[i].epoch;
        items[i].sequence = queue->known.items[i].sequence;
        items[i].record_hash = (ProtobufCBinaryData){.data = queue->known.items[i].record_hash, .len = HUB_DIGEST_BYTES};
        pointers[i] = &items[i];
    }
    Mash__V1__Subscribe subscribe = MASH__V1__SUBSCRIBE__INIT;
    subscribe.queue = (char *)(uintptr_t)queue->name;
    subscribe.consumer = (char *)(uintptr_t)work->consumer;
    subscribe.known = pointers;
    subscribe.n_known = queue->known.count;
    subscribe.credit_items = CREDIT_ITEMS;
    subscribe.from_now = work->from_now && !queue->subscribed;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.request = queue->request = bus_client_request(work->hub.client);
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_SUBSCRIBE;
    frame.subscribe = &subscribe;
    send_frame(work, &frame);
}

static subscribed_queue *queue_named(subscribing *work, const char *name)
{
    for (size_t i = 0; i < work->queue_count; i++) {
        if (strcmp(work->queues[i].name, name) == 0) return &work->queues[i];
    }
    return NULL;
}

/* Everything that waited at the start has come. */
static bool is_drained(const subscribing *work)
{
    for (size_t i = 0; i < work->queue_count; i++) {
        if (!work->queues[i].subscribed || work->queues[i].shown < work->queues[i].waiting) return false;
    }
    return true;
}

static void on_opened(void *context, const Mash__V1__Welcome *welcome)
{
    (void)welcome;
    subscribing *work = context;
    for (size_t i = 0; i < work->queue_count && !work->done; i++)
        send_subscribe(work, &work->queues[i]);
}

static void on_closed(void *context, const char *text)
{
    (void)context;
    fprintf(stderr, "mashctl subscribe: %s; trying again\n", text);
}

static void on_subscribed(subscribing *work, const Mash__V1__Subscribed *subscribed)
{
    subscribed_queue *queue = queue_named(work, subscribed->queue);
    if (queue == NULL) return;
    if (!queue->subscribed) queue->waiting = subscribed->waiting;
    queue->subscribed = true;
    if (work->drain && is_drained(work)) stop(work, HUB_OK);
}

static void print_delivery(subscribing *work, const Mash__V1__Delivery *delivery)
{
    if (work->call->json) {
        print_json_line(&work->out, &delivery->base);
    } else {
        show how = {.zone = &work->call->zone, .colour = work->call->colour, .now_ms = session_hub_now_ms(&work->hub)};
        if (cli_flag_given(work->call, "brief")) how.detail = SHOW_BRIEF;
        show_delivery(&how, delivery, &work->out);
    }
}

/* P1: the position is kept before the receipt goes. */
static void keep_and_receipt(subscribing *work, subscribed_queue *queue, const Mash__V1__Position *newest)
{
    bus_positions_add(&queue->known, newest);
    if (queue->path[0] != '\0') {
        hub_status status = bus_positions_write(queue->path, &queue->known, &work->error);
        if (status != HUB_OK) {
            stop(work, status);
            return;
        }
    }
    Mash__V1__Receipt receipt = MASH__V1__RECEIPT__INIT;
    receipt.queue = (char *)(uintptr_t)queue->name;
    receipt.upto = (Mash__V1__Position *)(uintptr_t)newest;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_RECEIPT;
    frame.receipt = &receipt;
    send_frame(work, &frame);
}

static void on_deliveries(subscribing *work, const Mash__V1__Deliveries *deliveries)
{
    const Mash__V1__Position *newest = NULL;
    subscribed_queue *queue = deliveries->n_items > 0 ? queue_named(work, deliveries->items[0]->queue) : NULL;
    if (queue == NULL) return;
    for (size_t i = 0; i < deliveries->n_items && work->shown < work->most; i++) {
        print_delivery(work, deliveries->items[i]);
        newest = deliveries->items[i]->position;
        work->shown++;
        queue->shown++;
    }
    if (!print_flush(&work->out)) {
        stop(work,
             hub_fail(&work->error, HUB_ERR_IO, "standard output takes no more; no receipt was sent for what was not printed"));
        return;
    }
    if (newest != NULL) keep_and_receipt(work, queue, newest);
    if (work->shown >= work->most || (work->drain && is_drained(work))) stop(work, HUB_OK);
}

static void on_forked(subscribing *work, const Mash__V1__Forked *forked)
{
    subscribed_queue *queue = queue_named(work, forked->queue);
    uint64_t common = forked->last_common != NULL ? forked->last_common->sequence : 0;
    if (queue == NULL) return;
    fprintf(stderr,
            "mashctl subscribe: %s: the hub's history was replaced. What was printed here after #%" PRIu64
            " is void; what holds follows, marked as a possible duplicate.\n",
            queue->name, common);
    if (work->call->json) { /* a program reads one stream: what is void must be said between what it voids and what follows */
        hub_buffer_put_text(&work->out, "{\"forked\":");
        (void)json_of_message(&forked->base, JSON_COMPACT, &work->out);
        hub_buffer_put_text(&work->out, "}\n");
        if (!print_flush(&work->out)) {
            stop(work, hub_fail(&work->error, HUB_ERR_IO, "standard output takes no more; the position was left as it was"));
            return;
        }
    }
    bus_positions_fork(&queue->known, forked->last_common);
    if (queue->path[0] == '\0') return;
    hub_status status = bus_positions_write(queue->path, &queue->known, &work->error);
    if (status != HUB_OK) stop(work, status);
}

static void on_frame(void *context, const Mash__V1__HubFrame *frame)
{
    subscribing *work = context;
    if (work->done) return;
    switch (frame->body_case) {
    case MASH__V1__HUB_FRAME__BODY_SUBSCRIBED:
        on_subscribed(work, frame->subscribed);
        break;
    case MASH__V1__HUB_FRAME__BODY_DELIVERIES:
        on_deliveries(work, frame->deliveries);
        break;
    case MASH__V1__HUB_FRAME__BODY_FORKED:
        on_forked(work, frame->forked);
        break;
    case MASH__V1__HUB_FRAME__BODY_FAULT:
        stop(work, session_fault(frame->fault, &work->error));
        break;
    default:
        break;
    }
}

/* DIR/positions/QUEUE.NAME unless --position says otherwise. */
static hub_status find_position_file(const subscribing *work, subscribed_queue *queue, hub_error *err)
{
    const char *given = cli_flag_text(work->call, "position");
    if (given != NULL) {
        if (strlen(given) >= sizeof queue->path) return hub_fail(err, HUB_ERR_INVALID, "--position: the path is too long");
        snprintf(queue->path, sizeof queue->path, "%s", given);
        return HUB_OK;
    }
    if (work->consumer[0] == '\0') return HUB_OK;
    settings from;
    hub_status status = settings_read(work->call, &from, err);
    char folder[SETTINGS_PATH_MAX];
    if (status == HUB_OK && !settings_path(from.folder, "positions", folder))
        status = hub_fail(err, HUB_ERR_INVALID, "the path is too long");
    if (status == HUB_OK) status = host_folder_make(folder, 0700, err);
    if (status != HUB_OK) return status;
    int length = snprintf(queue->path, sizeof queue->path, "%s/%s.%s", folder, queue->name, work->consumer);
    return length < (int)sizeof queue->path ? HUB_OK : hub_fail(err, HUB_ERR_INVALID, "the path is too long");
}

static hub_status prepare_queues(subscribing *work, hub_error *err)
{
    hub_status status = HUB_OK;
    for (int i = 0; i < work->call->argument_count && status == HUB_OK; i++) {
        subscribed_queue *queue = &work->queues[work->queue_count];
        queue->name = work->call->arguments[i];
        if (queue_named(work, queue->name) != NULL) continue;
        work->queue_count++;
        status = find_position_file(work, queue, err);
        if (status == HUB_OK && queue->path[0] != '\0') status = bus_positions_read(queue->path, &queue->known, err);
    }
    return status;
}

static cli_exit receive(subscribing *work)
{
    hub_error err = {{0}};
    session_handlers handlers = {.context = work, .opened = on_opened, .closed = on_closed, .frame = on_frame};
    hub_status status = session_start(work->call, SESSION_TEAM, &handlers, &work->hub, &err);
    if (status == HUB_OK) status = session_wait(&work->hub, &err);
    if (status == HUB_OK) {
        session_run(&work->hub, &work->done, 0);
        status = work->status;
        err = work->error;
    }
    session_close(&work->hub);
    return status == HUB_OK ? CLI_DONE : cli_fail(work->call, status, &err);
}

static cli_exit refuse_combinations(const subscribing *work)
{
    const cli_call *call = work->call;
    bool several = call->argument_count > 1;
    if (work->from_now && work->consumer[0] != '\0') return cli_usage(call, "--from-now and --consumer exclude each other");
    if (several && (work->consumer[0] != '\0' || cli_flag_given(call, "position")))
        return cli_usage(call, "--consumer and --position are for one queue");
    if (strchr(work->consumer, '/') != NULL) return cli_usage(call, "a consumer's name holds no slash");
    for (int i = 0; i < call->argument_count; i++) {
        if (strchr(call->arguments[i], '/') != NULL) return cli_usage(call, "a queue's name holds no slash");
    }
    return CLI_DONE;
}

cli_exit verb_subscribe(cli_call *call)
{
    hub_error err = {{0}};
    int64_t most = 0;
    hub_status status = cli_flag_number(call, "count", 1, INT64_MAX, INT64_MAX, &most, &err);
    if (status != HUB_OK) return cli_usage(call, "%s", err.text);
    subscribing *work = calloc(1, sizeof *work);
    if (work == NULL) return cli_fail(call, hub_fail(&err, HUB_ERR_MEMORY, "no memory"), &err);
    const char *consumer = cli_flag_text(call, "consumer");
    work->call = call;
    work->consumer = consumer != NULL ? consumer : "";
    work->most = (uint64_t)most;
    work->from_now = cli_flag_given(call, "from-now");
    work->drain = cli_flag_given(call, "drain");
    cli_exit exit_code = refuse_combinations(work);
    if (exit_code == CLI_DONE) {
        status = prepare_queues(work, &err);
        exit_code = status == HUB_OK ? receive(work) : cli_fail(call, status, &err);
    }
    hub_buffer_free(&work->out);
    free(work);
    return exit_code;
}
