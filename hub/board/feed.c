#include "feed.h"

#include <stdlib.h>
#include <string.h>

#include "board/live.h"
#include "host/clock.h"
#include "host/log.h"

enum { CREDIT = 4096, AWAITING_MAX = 64, AGAIN_MS = 10 * 1000 };

typedef struct feed_lane {
    struct feed *feed;
    uint64_t request; /* the newest Subscribe: what answers an older one is of no use any more */
    uint64_t waiting; /* of the past, still to come */
    bool is_subscribed, is_whole;
    int64_t again_ms; /* boot time at which a queue that could not be had is asked for again; 0 = it was not refused */
    uint32_t epoch;   /* of the newest delivery taken; 0 = none */
    uint64_t sequence;
    uint8_t record_hash[32];
} feed_lane;

typedef struct awaiting {
    feed_reached_cb *reached; /* NULL = free */
    void *context;
    uint32_t queue;
    uint64_t sequence;
    int64_t until_ms; /* boot time */
} awaiting;

struct feed {
    board *b;
    feed_news_cb *news;
    void *context;
    feed_lane lanes[BOARD_QUEUES_MAX];
    awaiting awaiting[AWAITING_MAX];
};

static int32_t lane_of(const struct feed *feed, const char *queue)
{
    return board_config_queue(&feed->b->config, queue);
}

/* ---- who waits for a record ---------------------------------------------------------------------------------------------------- */
static void tell(awaiting *a)
{
    awaiting told = *a;
    *a = (awaiting){0}; /* free before the call */
    told.reached(told.context);
}

void feed_await(struct feed *feed, uint32_t queue, uint64_t sequence, feed_reached_cb *reached, void *context)
{
    size_t at = 0;
    while (at < AWAITING_MAX && feed->awaiting[at].reached != NULL)
        at++;
    if (at == AWAITING_MAX || feed->lanes[queue].sequence >= sequence || !link_is_open(feed->b->gate)) {
        reached(context);
        return;
    }
    feed->awaiting[at] = (awaiting){
        .reached = reached, .context = context, .queue = queue, .sequence = sequence, .until_ms = host_boot_ms() + FEED_AWAIT_MS};
}

void feed_settle(struct feed *feed, feed_patience which)
{
    int64_t now_ms = host_boot_ms();
    for (size_t i = 0; i < AWAITING_MAX; i++) {
        awaiting *a = &feed->awaiting[i];
        if (a->reached != NULL && (which == FEED_WAITED_ALL || now_ms >= a->until_ms)) tell(a);
    }
}

static void settle_reached(struct feed *feed, uint32_t queue)
{
    for (size_t i = 0; i < AWAITING_MAX; i++) {
        awaiting *a = &feed->awaiting[i];
        if (a->reached != NULL && a->queue == queue && a->sequence <= feed->lanes[queue].sequence) tell(a);
    }
}

/* ---- subscriptions -------------------------------------------------------------------------------------------------------------- */
static void begin_anew(struct feed *feed, const char *why)
{
    host_log(HOST_LOG_WARNING, "the rows are built anew", "cause", why, NULL);
    rows_clear(feed->b->rows);
    for (uint32_t i = 0; i < feed->b->config.queue_count; i++)
        feed->lanes[i] = (feed_lane){.feed = feed};
    feed_resume(feed);
}

static void look_whether_whole(struct feed *feed, feed_lane *lane)
{
    if (lane->is_whole || lane->waiting > 0) return;
    lane->is_whole = true;
    if (feed_is_whole(feed)) live_tell_all(feed->b->live);
}

/* The hub gives nothing of it, or nothing more: what is listed is of before, and is asked for until it can be had. */
static void refuse(feed_lane *lane, const char *why)
{
    bool was_subscribed = lane->is_subscribed;
    if (lane->again_ms == 0)
        host_log(HOST_LOG_ERROR, "a queue of this board cannot be had; it is asked for again", "queue",
                 lane->feed->b->config.queues[lane - lane->feed->lanes], "cause", why, "do",
                 "compare `queues` of board.yaml with those that its key is enrolled for, and see to the hub's journal", NULL);
    lane->is_subscribed = false;
    lane->again_ms = host_boot_ms() + AGAIN_MS;
    if (was_subscribed) live_tell_hub(lane->feed->b->live);
}

static void take_answer(feed_lane *lane, const Mash__V1__HubFrame *answer)
{
    struct feed *feed = lane->feed;
    if (answer->request != lane->request) return;
    switch (answer->body_case) {
    case MASH__V1__HUB_FRAME__BODY_SUBSCRIBED:
        lane->is_subscribed = true;
        lane->again_ms = 0;
        lane->waiting = answer->subscribed->waiting;
        if (!feed_is_cut_off(feed)) live_tell_hub(feed->b->live);
        look_whether_whole(feed, lane);
        return;
    case MASH__V1__HUB_FRAME__BODY_FORKED:
        begin_anew(feed, "the hub goes on from another history");
        return;
    case MASH__V1__HUB_FRAME__BODY_FAULT:
        refuse(lane, answer->fault->text);
        return;
    default:
        refuse(lane, "another answer");
    }
}

static void on_subscribed(void *context, link_outcome outcome, const Mash__V1__HubFrame *answer)
{
    if (outcome == LINK_ANSWERED) take_answer(context, answer);
    if (outcome == LINK_SLOW) refuse(context, "the hub did not answer in time"); /* else the next session takes it up again */
}

static void subscribe(feed_lane *lane)
{
    struct feed *feed = lane->feed;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    Mash__V1__Subscribe subscribe = MASH__V1__SUBSCRIBE__INIT;
    Mash__V1__Position known = MASH__V1__POSITION__INIT, *knowns[] = {&known};
    subscribe.queue = feed->b->config.queues[lane - feed->lanes];
    subscribe.credit_items = CREDIT;
    if (lane->sequence != 0) {
        known.epoch = lane->epoch;
        known.sequence = lane->sequence;
        known.record_hash = (ProtobufCBinaryData){.len = sizeof lane->record_hash, .data = lane->record_hash};
        subscribe.known = knowns;
        subscribe.n_known = 1;
    }
    lane->is_subscribed = false;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_SUBSCRIBE;
    frame.subscribe = &subscribe;
    link_ask(feed->b->gate, &frame, on_subscribed, lane);
    lane->request = frame.request;
}

void feed_resume(struct feed *feed)
{
    for (uint32_t i = 0; i < feed->b->config.queue_count; i++)
        subscribe(&feed->lanes[i]);
}

void feed_ask_again(struct feed *feed)
{
    int64_t now_ms = host_boot_ms();
    for (uint32_t i = 0; i < feed->b->config.queue_count; i++) {
        feed_lane *lane = &feed->lanes[i];
        if (lane->again_ms == 0 || now_ms < lane->again_ms || !link_is_open(feed->b->gate)) continue;
        lane->again_ms = now_ms + AGAIN_MS;
        subscribe(lane);
    }
}

static void give_back(struct feed *feed, char *queue, Mash__V1__Position *upto)
{
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    Mash__V1__Receipt receipt = MASH__V1__RECEIPT__INIT;
    receipt.queue = queue;
    receipt.upto = upto;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_RECEIPT;
    frame.receipt = &receipt;
    (void)link_send(feed->b->gate, &frame); /* not sent: the session is going, and the next one begins with full credit */
}

static void take(struct feed *feed, const Mash__V1__Deliveries *deliveries)
{
    int32_t at = deliveries->n_items == 0 ? -1 : lane_of(feed, deliveries->items[0]->queue);
    if (at < 0) return;
    feed_lane *lane = &feed->lanes[at];
    if (!lane->is_subscribed) return; /* of a subscription that another one replaces: it comes again */
    Mash__V1__Position *last = NULL;
    for (size_t i = 0; i < deliveries->n_items; i++) {
        const Mash__V1__Delivery *delivery = deliveries->items[i];
        if (delivery->position == NULL || delivery->position->record_hash.len != sizeof lane->record_hash) continue;
        bool is_past = !lane->is_whole; /* what came while the hub was away is news */
        if (lane->waiting > 0) lane->waiting--;
        last = delivery->position;
        const board_row *row = rows_take(feed->b->rows, (uint32_t)at, delivery);
        if (row != NULL && !is_past && feed->news != NULL) feed->news(feed->context, row, delivery);
        const asked_item *asked;
        bool is_other = rows_take_asked(feed->b->rows, (uint32_t)at, delivery, &asked);
        if (is_other && !is_past) live_tell_asked(feed->b->live, (uint32_t)at, asked);
    }
    if (last == NULL) return;
    lane->epoch = last->epoch;
    lane->sequence = last->sequence;
    memcpy(lane->record_hash, last->record_hash.data, sizeof lane->record_hash);
    look_whether_whole(feed, lane);
    give_back(feed, deliveries->items[0]->queue, last);
    settle_reached(feed, (uint32_t)at);
}

void feed_frame(struct feed *feed, const Mash__V1__HubFrame *frame)
{
    if (frame->body_case == MASH__V1__HUB_FRAME__BODY_DELIVERIES) take(feed, frame->deliveries);
    for (uint32_t i = 0; frame->request != 0 && i < feed->b->config.queue_count; i++) /* late, or the end of a subscription */
        take_answer(&feed->lanes[i], frame);
}

uint64_t feed_behind(const struct feed *feed)
{
    uint64_t behind = 0;
    for (uint32_t i = 0; i < feed->b->config.queue_count; i++)
        behind += feed->lanes[i].waiting;
    return behind;
}

bool feed_is_cut_off(const struct feed *feed)
{
    bool is_there = link_is_open(feed->b->gate);
    for (uint32_t i = 0; i < feed->b->config.queue_count; i++)
        is_there = is_there && feed->lanes[i].is_subscribed;
    return !is_there;
}

bool feed_is_whole(const struct feed *feed)
{
    for (uint32_t i = 0; i < feed->b->config.queue_count; i++) {
        if (!feed->lanes[i].is_whole) return false;
    }
    return true;
}

hub_status feed_open(board *b, feed_news_cb *news, void *context, hub_error *err)
{
    b->feed = calloc(1, sizeof *b->feed);
    if (b->feed == NULL) return hub_fail(err, HUB_ERR_MEMORY, "no memory for the board's subscriptions");
    *b->feed = (struct feed){.b = b, .news = news, .context = context};
    for (uint32_t i = 0; i < BOARD_QUEUES_MAX; i++)
        b->feed->lanes[i].feed = b->feed;
    return HUB_OK;
}

void feed_close(struct feed *feed)
{
    free(feed);
}
