#include "link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/event.h"

enum {
    ITEM_OVERHEAD_BYTES = 64, /* link_seq, event id and lengths around one event */
    LOOK_BYTES = 64 * EVENT_BYTES_MAX,
    ARENA_BYTES = LINK_BYTES_MAX + 2 * EVENT_BYTES_MAX + LINK_ITEMS_MAX * 64,
};

static const int64_t DAY_MS = 24LL * 60 * 60 * 1000;

struct link_machine {
    outbox *box; /* BORROWED */
    link_options options;
    hub_arena arena;        /* events of the Publish last given */
    hub_arena look;         /* the event that is looked at (L6) */
    int64_t clock_ahead_ms; /* this machine's wall clock, of hub time */
    int64_t hub_ahead_ms;   /* hub time, of the caller's now_ms; as of the last Welcome */
    uint64_t doubted_upto;  /* link_seq: up to it events may bear times that have not come; UINT64_MAX: all */
    bool holds;             /* `trouble` says so */
    outbox_item read[LINK_ITEMS_MAX];
    Mash__V1__PublishItem items[LINK_ITEMS_MAX];
    Mash__V1__PublishItem *item_pointers[LINK_ITEMS_MAX];
    Mash__V1__Publish publish;
    outbox_numbers hello; /* what the last Hello said */
    bool open;
    bool stopped;
    bool hello_again;    /* a new Hello is wanted */
    uint32_t window;     /* items that may be in flight */
    size_t frame_bytes;  /* the hub's limit */
    uint64_t next_send;  /* link_seq */
    uint64_t sent_upto;  /* highest sent in this session */
    uint64_t last_batch; /* first link_seq of the last Publish, for link_unsent */
    int64_t heard_ms;    /* when a settlement came last, or the first item went out */
    int64_t pause_until_ms;
    uint32_t tries;
    uint32_t forks;     /* since something was settled */
    uint32_t batch_max; /* items a Publish; 1 after the hub could not read one */
    uint64_t suspect;   /* link_seq that was sent alone and not understood */
    uint32_t suspect_tries;
    uint64_t noticed; /* place of the last notice given out */
    char trouble[256];
};

hub_status link_machine_make(outbox *box, const link_options *options, link_machine **out, hub_error *err)
{
    HUB_ASSERT(box != NULL && out != NULL);
    *out = NULL;
    link_machine *link = calloc(1, sizeof *link);
    if (link == NULL) return hub_fail(err, HUB_ERR_MEMORY, "link: out of memory");
    link->box = box;
    link->options = *options;
    if (link->options.items_max == 0 || link->options.items_max > LINK_ITEMS_MAX) link->options.items_max = LINK_ITEMS_MAX;
    if (link->options.bytes_max == 0 || link->options.bytes_max > LINK_BYTES_MAX) link->options.bytes_max = LINK_BYTES_MAX;
    if (link->options.reply_ms == 0) link->options.reply_ms = 30 * 1000;
    if (link->options.urgent_ms == 0) link->options.urgent_ms = 10 * 60 * 1000;
    link->batch_max = link->options.items_max;
    link->doubted_upto = UINT64_MAX; /* what the clock of before was, nobody knows */
    for (uint32_t i = 0; i < LINK_ITEMS_MAX; i++)
        link->item_pointers[i] = &link->items[i];
    if (hub_arena_open(&link->arena, 64 * 1024, ARENA_BYTES) != HUB_OK ||
        hub_arena_open(&link->look, 64 * 1024, LOOK_BYTES) != HUB_OK) {
        link_machine_free(link);
        return hub_fail(err, HUB_ERR_MEMORY, "link: out of memory");
    }
    *out = link;
    return HUB_OK;
}

void link_machine_free(link_machine *link)
{
    if (link == NULL) return;
    hub_arena_close(&link->arena);
    hub_arena_close(&link->look);
    free(link);
}

/* ---- small pieces ---- */

static outbox_numbers numbers_of(const link_machine *link)
{
    outbox_numbers numbers;
    outbox_numbers_of(link->box, &numbers);
    return numbers;
}

static uint64_t in_flight(const link_machine *link)
{
    if (!link->open) return 0;
    uint64_t first = numbers_of(link).settled_link_seq + 1;
    return link->next_send > first ? link->next_send - first : 0;
}

static void trouble(link_machine *link, const char *text)
{
    (void)snprintf(link->trouble, sizeof link->trouble, "%s", text);
}

/* 0.2 s doubling to 10 s. */
static void pause_and_rewind(link_machine *link, int64_t now_ms)
{
    int64_t wait = LINK_RETRY_MOST_MS;
    if (link->tries < 6) wait = (int64_t)LINK_RETRY_LEAST_MS << link->tries;
    if (wait > LINK_RETRY_MOST_MS) wait = LINK_RETRY_MOST_MS;
    link->tries++;
    link->pause_until_ms = now_ms + wait;
    link->next_send = numbers_of(link).settled_link_seq + 1;
}

static void progress(link_machine *link, int64_t now_ms)
{
    link->tries = 0;
    link->forks = 0;
    link->suspect_tries = 0;
    link->pause_until_ms = 0;
    link->heard_ms = now_ms;
    link->trouble[0] = '\0';
    link->holds = false;
    if (link->batch_max < link->options.items_max) link->batch_max *= 2;
    if (link->batch_max > link->options.items_max) link->batch_max = link->options.items_max;
    uint64_t first = numbers_of(link).settled_link_seq + 1;
    if (link->next_send < first) link->next_send = first;
}

static void drop_session(link_machine *link)
{
    link->open = false;
    link->next_send = 0;
    link->sent_upto = 0;
}

/* The first fork since something was settled happens at once; a hub that goes on asking for them is asked ever more slowly. */
static hub_status fork_now(link_machine *link, const char *why, int64_t now_ms, hub_error *err)
{
    hub_status status = outbox_fork(link->box, err);
    if (status != HUB_OK) return status;
    trouble(link, why);
    drop_session(link);
    link->noticed = 0;
    link->doubted_upto = UINT64_MAX; /* all have other numbers */
    link->hello_again = true;
    link->pause_until_ms = now_ms;
    if (link->forks++ > 0) pause_and_rewind(link, now_ms);
    return HUB_OK;
}

static hub_status end_transaction(outbox *box, hub_status status, hub_error *err)
{
    if (status == HUB_OK) return outbox_commit(box, err);
    outbox_rollback(box);
    return status;
}

/* ---- session ---- */

void link_hello(link_machine *link, Mash__V1__Hello *hello)
{
    link->hello = numbers_of(link);
    hello->outbox_id = (ProtobufCBinaryData){.len = HUB_ID_BYTES, .data = link->hello.outbox_id.bytes};
    hello->acknowledged_link_seq = link->hello.settled_link_seq;
    if (link->hello.settled_link_seq > 0) {
        hello->acknowledged_event_id = (ProtobufCBinaryData){.len = HUB_ID_BYTES, .data = link->hello.settled_event_id.bytes};
    }
}

/* Does the hub's watermark name the item that has this number here? */
static hub_status watermark_fits(link_machine *link, const Mash__V1__Welcome *welcome, bool *fits, hub_error *err)
{
    outbox_numbers numbers = numbers_of(link);
    *fits = false;
    if (welcome->settled_link_seq < numbers.settled_link_seq || welcome->settled_link_seq > numbers.last_link_seq) return HUB_OK;
    if (welcome->settled_link_seq == 0) {
        *fits = true;
        return HUB_OK;
    }
    hub_id theirs;
    hub_id ours;
    if (!hub_id_read(hub_bytes_of(welcome->settled_event_id.data, welcome->settled_event_id.len), &theirs)) return HUB_OK;
    hub_status status = outbox_event_at(link->box, welcome->settled_link_seq, &ours, err);
    if (status == HUB_ERR_NOT_FOUND) return HUB_OK;
    *fits = status == HUB_OK && hub_id_equal(&theirs, &ours);
    return status;
}

hub_status link_opened(link_machine *link, const Mash__V1__Welcome *welcome, int64_t now_ms, hub_error *err)
{
    drop_session(link);
    link->hello_again = false;
    if (welcome->outbox_state == MASH__V1__OUTBOX_STATE__OUTBOX_FORKED) {
        return fork_now(link,
                        "the hub's history does not hold what this outbox had acknowledged; everything kept is offered again",
                        now_ms, err);
    }
    if (welcome->outbox_state != MASH__V1__OUTBOX_STATE__OUTBOX_CONTINUES) {
        trouble(link, "the hub does not take this key for a publisher; enrol it as an agency's adapter");
        return HUB_OK;
    }
    bool fits = false;
    hub_status status = watermark_fits(link, welcome, &fits, err);
    if (status != HUB_OK) return status;
    if (!fits) {
        return fork_now(link, "the hub's last settled item is not the one of that number here; everything kept is offered again",
                        now_ms, err);
    }
    link->open = true;
    link->window = welcome->publish_items_max > 0 ? welcome->publish_items_max : 1;
    link->frame_bytes = welcome->frame_bytes_max;
    /* What the hub settled beyond our own mark is offered again all the same: only its answer tells stored from refused. */
    link->next_send = numbers_of(link).settled_link_seq + 1;
    link->heard_ms = now_ms;
    link->hub_ahead_ms = welcome->hub_time_ms != 0 ? welcome->hub_time_ms - now_ms : 0;
    if (link->clock_ahead_ms > EVENT_FUTURE_MS_MAX) link->doubted_upto = UINT64_MAX;
    if (link->clock_ahead_ms <= EVENT_FUTURE_MS_MAX && link->doubted_upto == UINT64_MAX)
        link->doubted_upto = numbers_of(link).last_link_seq;
    if (link->forks == 0) link->pause_until_ms = 0;
    if (!link->holds) link->trouble[0] = '\0'; /* said until it is over */
    return HUB_OK;
}

void link_set_clock(link_machine *link, int64_t ahead_ms)
{
    link->clock_ahead_ms = ahead_ms;
}

void link_closed(link_machine *link, const char *why)
{
    drop_session(link);
    trouble(link, why);
}

void link_set_switch(link_machine *link, link_switch to)
{
    link->stopped = to == LINK_STOP;
}

/* ---- what is dated ahead of the hub (L6) ---- */

/* HUB_ERR_AGAIN: no memory to look at it. Not so when the budget is used up: no event needs that much. */
static hub_status is_future(link_machine *link, hub_bytes bytes, int64_t hub_ms, bool *out)
{
    event_problem problem = {0};
    hub_arena_reset(&link->look);
    const Mash__V1__Event *event = event_decode(bytes, &link->look, &problem);
    if (event == NULL && link->look.exhausted && link->look.taken < LOOK_BYTES / 2) return HUB_ERR_AGAIN;
    *out = event != NULL && !event_validate(event, hub_ms, &problem) && problem.code == MASH__V1__REFUSAL_CODE__IN_THE_FUTURE;
    return HUB_OK;
}

static hub_status is_to_hold(link_machine *link, const outbox_item *item, int64_t now_ms, bool *out)
{
    int64_t hub_ms = now_ms + link->hub_ahead_ms;
    *out = false;
    hub_status status = item->damaged ? HUB_OK : is_future(link, item->event, hub_ms, out);
    if (status != HUB_OK || !*out || link->clock_ahead_ms > EVENT_FUTURE_MS_MAX) return status;
    status = is_future(link, item->event, hub_ms + DAY_MS, out);
    *out = status == HUB_OK && !*out;
    return status;
}

static void wait_for_memory(link_machine *link, int64_t now_ms)
{
    trouble(link, "the adapter is out of memory: give this machine more, or end what takes it");
    pause_and_rewind(link, now_ms);
}

/* After a while hub time and this machine's are asked anew. */
static void hold(link_machine *link, int64_t now_ms)
{
    if (link->clock_ahead_ms > EVENT_FUTURE_MS_MAX)
        (void)snprintf(link->trouble, sizeof link->trouble,
                       "held, nothing is lost: this machine's clock is %lld min ahead of hub time, or the hub's is behind; "
                       "what waits is dated by ours. Compare both, put the wrong one right: timedatectl set-ntp true",
                       (long long)(link->clock_ahead_ms / 60000));
    else
        trouble(link, "held, nothing is lost: what waits was dated by a clock that was ahead, and goes when that time has come");
    link->holds = true;
    link->next_send = numbers_of(link).settled_link_seq + 1;
    link->pause_until_ms = now_ms + LINK_HOLD_MS;
    link->hello_again = true;
}

/* The hub refused the next item as dated in the future. HUB_ERR_AGAIN: it is held instead, and the rest of the frame comes again after it. */
static hub_status hold_refused(link_machine *link, int64_t now_ms, hub_error *err)
{
    outbox_item item;
    uint32_t count = 0;
    hub_arena_reset(&link->arena);
    hub_status status =
        outbox_read(link->box, numbers_of(link).settled_link_seq + 1, 1, SIZE_MAX, &link->arena, &item, &count, err);
    bool is_held = false;
    if (status != HUB_OK || count == 0) return status;
    status = is_to_hold(link, &item, now_ms, &is_held);
    if (status != HUB_OK) wait_for_memory(link, now_ms);
    if (!is_held) return status;
    if (link->doubted_upto < numbers_of(link).last_link_seq) link->doubted_upto = numbers_of(link).last_link_seq;
    hold(link, now_ms);
    return HUB_ERR_AGAIN;
}

/* ---- replies ---- */

static hub_status retry_later(link_machine *link, const Mash__V1__ItemResult *result, int64_t now_ms)
{
    char text[sizeof link->trouble];
    (void)snprintf(text, sizeof text, "the hub says: try later: %.200s",
                   result->reason[0] != '\0' ? result->reason : "no reason given");
    trouble(link, text);
    /* A gap before the very next item: the hub's watermark is not ours. Only a new Hello can tell how far apart we are. */
    bool lost =
        result->code == MASH__V1__REFUSAL_CODE__LINK_GAP && result->first_link_seq <= numbers_of(link).settled_link_seq + 1;
    pause_and_rewind(link, now_ms);
    if (lost) link->hello_again = true;
    return HUB_ERR_AGAIN; /* the rest of the frame has nothing for us */
}

/* HUB_OK: go on with the next result. HUB_ERR_AGAIN: the frame ends here, and what was settled before it counts. */
static hub_status take_result(link_machine *link, const Mash__V1__ItemResult *result, int64_t now_ms, hub_error *err)
{
    uint64_t settled = numbers_of(link).settled_link_seq;
    uint64_t last = result->last_link_seq < result->first_link_seq ? result->first_link_seq : result->last_link_seq;
    if (result->status == MASH__V1__ITEM_STATUS__RETRY_LATER) {
        return result->first_link_seq <= settled ? HUB_OK : retry_later(link, result, now_ms);
    }
    if (last <= settled) return HUB_OK; /* an answer to an earlier sending of the same item */
    bool is_beyond = result->first_link_seq > settled + 1 || last > link->sent_upto;
    if (is_beyond && link->holds) return HUB_ERR_AGAIN; /* it comes again after what is held */
    if (is_beyond) {
        trouble(link, "the hub answered items out of order; they are sent again");
        pause_and_rewind(link, now_ms);
        link->hello_again = true;
        return HUB_ERR_AGAIN;
    }
    switch (result->status) {
    case MASH__V1__ITEM_STATUS__STORED:
        return outbox_settle(link->box, last, OUTBOX_STORED, now_ms, err);
    case MASH__V1__ITEM_STATUS__DUPLICATE:
        return outbox_settle(link->box, last, OUTBOX_DUPLICATE, now_ms, err);
    case MASH__V1__ITEM_STATUS__REFUSED:
        for (uint64_t i = settled; i < last; i++) {
            bool is_ahead = result->code == MASH__V1__REFUSAL_CODE__IN_THE_FUTURE;
            hub_status status = is_ahead ? hold_refused(link, now_ms, err) : HUB_OK;
            if (status != HUB_OK) return status;
            status = outbox_refuse(link->box, "hub", (int32_t)result->code, result->field_path, result->reason, now_ms, err);
            if (status != HUB_OK) return status;
        }
        return HUB_OK;
    default:
        trouble(link, "the hub gave an answer this program does not know; use a newer adapter");
        pause_and_rewind(link, now_ms);
        return HUB_ERR_AGAIN;
    }
}

/* One frame, one transaction: one sync settles a whole batch. */
static hub_status take_reply(link_machine *link, const Mash__V1__PublishReply *reply, int64_t now_ms, hub_error *err)
{
    uint64_t before = numbers_of(link).settled_link_seq;
    hub_status status = outbox_begin(link->box, err);
    if (status != HUB_OK) return status;
    bool early = false;
    for (size_t i = 0; i < reply->n_results && status == HUB_OK && !early; i++) {
        status = take_result(link, reply->results[i], now_ms, err);
        if (status == HUB_ERR_AGAIN) {
            early = true;
            status = HUB_OK;
        }
    }
    status = end_transaction(link->box, status, err);
    if (status != HUB_OK) {
        pause_and_rewind(link, now_ms); /* not noted down, so not settled: the hub will call it a duplicate */
        return status;
    }
    uint64_t settled = numbers_of(link).settled_link_seq;
    if (settled > before && !early) progress(link, now_ms);
    if (settled > before && early) {
        link->heard_ms = now_ms;
        if (link->tries > 1) link->tries = 1;
        if (link->next_send <= settled) link->next_send = settled + 1;
    }
    return HUB_OK;
}

/* The hub could not read a frame. Smaller ones are sent until it is known which item it is; that one is set aside, and because its
 * number will never be settled, the outbox forks (L4). */
static hub_status unreadable(link_machine *link, const char *text, int64_t now_ms, hub_error *err)
{
    outbox_numbers numbers = numbers_of(link);
    uint64_t first = numbers.settled_link_seq + 1;
    if (in_flight(link) == 0) return HUB_OK;
    bool alone = in_flight(link) == 1;
    if (alone && link->suspect == first) link->suspect_tries++;
    if (alone && link->suspect != first) {
        link->suspect = first;
        link->suspect_tries = 1;
    }
    link->batch_max = 1;
    trouble(link, text);
    if (!alone || link->suspect_tries < LINK_TRIES_MAX) {
        pause_and_rewind(link, now_ms);
        return HUB_OK;
    }
    link->suspect_tries = 0;
    hub_status status = outbox_begin(link->box, err);
    if (status != HUB_OK) return status;
    status = outbox_refuse(link->box, "hub", (int32_t)MASH__V1__REFUSAL_CODE__MALFORMED_EVENT, "",
                           "the hub cannot read this item", now_ms, err);
    if (status == HUB_OK) status = fork_now(link, text, now_ms, err);
    return end_transaction(link->box, status, err);
}

static hub_status take_fault(link_machine *link, const Mash__V1__Fault *fault, int64_t now_ms, hub_error *err)
{
    char text[sizeof link->trouble];
    (void)snprintf(text, sizeof text, "the hub says: %.200s", fault->text[0] != '\0' ? fault->text : "fault");
    switch (fault->code) {
    case MASH__V1__FAULT_CODE__FAULT_MALFORMED:
    case MASH__V1__FAULT_CODE__FAULT_TOO_LARGE:
        return unreadable(link, text, now_ms, err);
    case MASH__V1__FAULT_CODE__FAULT_NO_SESSION:
        link_closed(link, text);
        return HUB_OK;
    case MASH__V1__FAULT_CODE__FAULT_NOT_ALLOWED:
    case MASH__V1__FAULT_CODE__FAULT_WRONG_PROTOCOL:
        trouble(link, text);
        pause_and_rewind(link, now_ms);
        link->pause_until_ms = now_ms + LINK_RETRY_MOST_MS; /* somebody has to change something first */
        return HUB_OK;
    default:
        trouble(link, text);
        pause_and_rewind(link, now_ms);
        return HUB_OK;
    }
}

hub_status link_frame(link_machine *link, const Mash__V1__HubFrame *frame, int64_t now_ms, hub_error *err)
{
    switch (frame->body_case) {
    case MASH__V1__HUB_FRAME__BODY_PUBLISH_REPLY:
        return link->open ? take_reply(link, frame->publish_reply, now_ms, err) : HUB_OK;
    case MASH__V1__HUB_FRAME__BODY_FAULT:
        return link->open ? take_fault(link, frame->fault, now_ms, err) : HUB_OK;
    case MASH__V1__HUB_FRAME__BODY_SESSION_ENDED:
        link_closed(link, frame->session_ended->text[0] != '\0' ? frame->session_ended->text : "the hub ended the session");
        return HUB_OK;
    default:
        return HUB_OK;
    }
}

void link_unsent(link_machine *link, int64_t now_ms)
{
    link->next_send = link->last_batch;
    link->sent_upto = link->last_batch - 1;
    link->pause_until_ms = now_ms + LINK_RETRY_LEAST_MS;
}

hub_status link_noticed(link_machine *link, uint64_t place, hub_error *err)
{
    return outbox_noticed(link->box, place, err);
}

/* ---- what to do next ---- */

static hub_status next_notice(link_machine *link, int64_t now_ms, link_action *action, hub_error *err)
{
    outbox_item item;
    uint64_t place = 0;
    hub_status status = outbox_urgent(link->box, link->noticed, &place, &item, err);
    if (status != HUB_OK) return status;
    bool is_ahead = item.put_ms > now_ms; /* put by a clock that was set back since: how long it has waited, nobody knows */
    if (!is_ahead && item.put_ms + link->options.urgent_ms > now_ms) {
        action->until_ms = item.put_ms + link->options.urgent_ms;
        return HUB_ERR_NOT_FOUND;
    }
    link->noticed = place;
    action->kind = LINK_NOTICE;
    action->notice.place = place;
    action->notice.event_id = item.event_id;
    action->notice.put_ms = item.put_ms;
    return HUB_OK;
}

/* A stored item whose seal does not hold is set aside like one that the hub cannot read. */
static hub_status set_damaged_aside(link_machine *link, int64_t now_ms, hub_error *err)
{
    hub_status status = outbox_begin(link->box, err);
    if (status != HUB_OK) return status;
    status = outbox_refuse(link->box, "outbox", (int32_t)MASH__V1__REFUSAL_CODE__FAILED_CHECKSUM, "",
                           "the stored item is damaged", now_ms, err);
    if (status == HUB_OK) status = fork_now(link, "a stored item is damaged and was set aside", now_ms, err);
    return end_transaction(link->box, status, err);
}

static void fill_publish(link_machine *link, uint32_t count)
{
    link->publish = (Mash__V1__Publish)MASH__V1__PUBLISH__INIT;
    for (uint32_t i = 0; i < count; i++) {
        outbox_item *item = &link->read[i];
        link->items[i] = (Mash__V1__PublishItem)MASH__V1__PUBLISH_ITEM__INIT;
        link->items[i].link_seq = item->link_seq;
        link->items[i].event_id = (ProtobufCBinaryData){.len = HUB_ID_BYTES, .data = item->event_id.bytes};
        link->items[i].event = (ProtobufCBinaryData){.len = item->event.size, .data = (uint8_t *)(uintptr_t)item->event.data};
    }
    link->publish.n_items = count;
    link->publish.items = link->item_pointers;
}

static size_t batch_bytes(const link_machine *link)
{
    size_t overhead = (size_t)link->options.items_max * ITEM_OVERHEAD_BYTES;
    if (link->frame_bytes == 0 || link->frame_bytes >= link->options.bytes_max + overhead) return link->options.bytes_max;
    return link->frame_bytes > overhead ? link->frame_bytes - overhead : 1;
}

static hub_status next_publish(link_machine *link, int64_t now_ms, link_action *action, hub_error *err)
{
    uint64_t flying = in_flight(link);
    uint64_t window = link->batch_max == 1 ? 1 : link->window;
    if (flying >= window || link->next_send > numbers_of(link).last_link_seq) return HUB_ERR_NOT_FOUND;
    uint64_t room = window - flying;
    uint32_t wanted = room < link->batch_max ? (uint32_t)room : link->batch_max;
    uint32_t count = 0;
    hub_arena_reset(&link->arena);
    hub_status status = outbox_read(link->box, link->next_send, wanted, batch_bytes(link), &link->arena, link->read, &count, err);
    if (status != HUB_OK) return status;
    uint32_t sound = 0;
    bool is_held = false;
    while (status == HUB_OK && sound < count && !link->read[sound].damaged && !is_held) {
        if (link->read[sound].link_seq <= link->doubted_upto) status = is_to_hold(link, &link->read[sound], now_ms, &is_held);
        sound += status == HUB_OK && !is_held;
    }
    if (count == 0 || (sound == 0 && flying > 0)) return HUB_ERR_NOT_FOUND; /* what is before it is settled first */
    if (sound == 0 && (is_held || status != HUB_OK)) {
        (is_held ? hold : wait_for_memory)(link, now_ms);
        return HUB_OK;
    }
    if (sound == 0) return set_damaged_aside(link, now_ms, err);

    fill_publish(link, sound);
    if (flying == 0) link->heard_ms = now_ms;
    link->last_batch = link->next_send;
    link->next_send += sound;
    if (link->sent_upto < link->next_send - 1) link->sent_upto = link->next_send - 1;
    action->kind = LINK_PUBLISH;
    action->publish = &link->publish;
    return HUB_OK;
}

static void wait_until(link_action *action, int64_t at_ms)
{
    action->kind = LINK_WAIT;
    if (at_ms < action->until_ms) action->until_ms = at_ms;
}

hub_status link_next(link_machine *link, int64_t now_ms, link_action *action, hub_error *err)
{
    *action = (link_action){.kind = LINK_WAIT, .until_ms = INT64_MAX};
    hub_status status = next_notice(link, now_ms, action, err);
    if (status != HUB_ERR_NOT_FOUND) return status;
    if (now_ms < link->pause_until_ms) {
        wait_until(action, link->pause_until_ms);
        return HUB_OK;
    }
    if (link->hello_again) {
        link->hello_again = false;
        drop_session(link);
        action->kind = LINK_CONNECT;
        return HUB_OK;
    }
    if (!link->open || link->stopped) return HUB_OK;
    if (in_flight(link) > 0 && now_ms - link->heard_ms >= link->options.reply_ms) {
        trouble(link, "the hub is connected but does not answer what is published; saying Hello again");
        pause_and_rewind(link, now_ms);
        link->hello_again = true;
        wait_until(action, link->pause_until_ms);
        return HUB_OK;
    }
    status = next_publish(link, now_ms, action, err);
    if (status == HUB_OK && action->kind == LINK_WAIT) action->until_ms = now_ms; /* something was set aside: ask again */
    if (status != HUB_ERR_NOT_FOUND) return status;
    if (in_flight(link) > 0) wait_until(action, link->heard_ms + link->options.reply_ms);
    return HUB_OK;
}

void link_status_of(const link_machine *link, link_status *out)
{
    *out = (link_status){.open = link->open,
                         .stopped = link->stopped,
                         .in_flight = in_flight(link),
                         .tries = link->tries,
                         .holds = link->holds,
                         .clock_ahead_ms = link->clock_ahead_ms};
    (void)snprintf(out->trouble, sizeof out->trouble, "%s", link->stopped ? "stopped by the STOP file" : link->trouble);
}
