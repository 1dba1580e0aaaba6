/* The link's state machine against a scripted hub. Each story is a script, and the trace it must give.
 *
 * A script is words: week (eight days pass, and what was kept long enough is forgotten), put N (event N), urgent N, hello (a Welcome that agrees), welcome S I (settled S, whose event id is I), forked, closed,
 * stored A B, duplicate A B, refused A, later A, gap A, malformed, ended, stop, go, unsent, +MS (time passes).
 * dated N MIN (event N, dated so many minutes from the story's begin), ahead MIN (this machine's clock, of the hub's, as of the next Welcome), early A
 * (refused as dated in the future), trouble (does the link say that it holds something?), restart MIN (the clock is set back by so much, and the adapter starts again).
 * After every word the machine is asked what to do until it waits, and its answers go into the trace: [1-3] a Publish of items 1 to 3 by event
 * number, again (Hello again), notice N, fork (the outbox id is another).
 */
#include "kit_support.h"

#include "link/link.h"
#include "unit_event/sample.h"

enum { BEGIN_MS = 1000000, MINUTE_MS = 60000 };

typedef struct bench {
    outbox *box;
    link_machine *link;
    int64_t now_ms;
    uint64_t random;
    hub_id outbox_id;
    char trace[1024];
} bench;

static void counted_random(void *context, void *out, size_t size)
{
    uint64_t *next = context;
    uint8_t *bytes = out;
    for (size_t i = 0; i < size; i++) {
        *next = *next * 6364136223846793005U + 1442695040888963407U;
        bytes[i] = (uint8_t)(*next >> 56);
    }
}

static void trace(bench *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void trace(bench *b, const char *format, ...)
{
    size_t used = strlen(b->trace);
    if (used > 0) (void)snprintf(b->trace + used, sizeof b->trace - used, " ");
    used = strlen(b->trace);
    va_list args;
    va_start(args, format);
    (void)vsnprintf(b->trace + used, sizeof b->trace - used, format, args);
    va_end(args);
}

static outbox_numbers numbers_of(bench *b)
{
    outbox_numbers numbers;
    outbox_numbers_of(b->box, &numbers);
    return numbers;
}

static void trace_publish(bench *b, const Mash__V1__Publish *publish)
{
    hub_id first;
    hub_id last;
    assert_true(publish->n_items > 0);
    assert_true(hub_id_read(hub_bytes_of(publish->items[0]->event_id.data, publish->items[0]->event_id.len), &first));
    const Mash__V1__PublishItem *end = publish->items[publish->n_items - 1];
    assert_true(hub_id_read(hub_bytes_of(end->event_id.data, end->event_id.len), &last));
    assert_int_equal(end->link_seq, publish->items[0]->link_seq + publish->n_items - 1);
    if (publish->n_items == 1) {
        trace(b, "[%u]", kit_id_number(&first));
    } else {
        trace(b, "[%u-%u]", kit_id_number(&first), kit_id_number(&last));
    }
}

static void ask(bench *b)
{
    hub_error err = {{0}};
    for (int i = 0; i < 100; i++) {
        link_action action;
        kit_ok(link_next(b->link, b->now_ms, &action, &err));
        hub_id id = numbers_of(b).outbox_id;
        if (!hub_id_equal(&id, &b->outbox_id)) {
            trace(b, "fork");
            b->outbox_id = id;
        }
        switch (action.kind) {
        case LINK_WAIT:
            if (action.until_ms > b->now_ms) return;
            break;
        case LINK_PUBLISH:
            trace_publish(b, action.publish);
            break;
        case LINK_CONNECT:
            trace(b, "again");
            link_closed(b->link, "");
            break;
        case LINK_NOTICE:
            trace(b, "notice %u", kit_id_number(&action.notice.event_id));
            kit_ok(link_noticed(b->link, action.notice.place, &err));
            break;
        }
    }
    fail_msg("the machine never waits");
}

static void put(bench *b, uint32_t number, outbox_urgency urgency)
{
    hub_error err = {{0}};
    hub_id id = kit_id(number);
    kit_ok(outbox_begin(b->box, &err));
    kit_ok(outbox_put(b->box, &id, hub_bytes_of_text("event"), urgency, b->now_ms, &err));
    kit_ok(outbox_commit(b->box, &err));
}

static void put_dated(bench *b, uint32_t number, int64_t minutes)
{
    static sample s;
    hub_error err = {{0}};
    uint8_t bytes[4096];
    hub_id id = kit_id(number);
    sample_make(&s);
    s.event.occurred_at = s.event.recorded_at = SAMPLE_NOW_MS + minutes * MINUTE_MS;
    size_t size = mash__v1__event__get_packed_size(&s.event);
    assert_true(size <= sizeof bytes);
    (void)mash__v1__event__pack(&s.event, bytes);
    kit_ok(outbox_begin(b->box, &err));
    kit_ok(outbox_put(b->box, &id, hub_bytes_of(bytes, size), OUTBOX_ORDINARY, b->now_ms, &err));
    kit_ok(outbox_commit(b->box, &err));
}

static void trace_trouble(bench *b)
{
    link_status status;
    link_status_of(b->link, &status);
    assert_int_equal(status.holds, strstr(status.trouble, "held, nothing is lost") != NULL);
    /* all adapters say so when it is the hub's clock that is behind */
    assert_int_equal(strstr(status.trouble, "ahead of hub time") != NULL,
                     strstr(status.trouble, "or the hub's is behind") != NULL);
    trace(b, status.holds ? "held" : "quiet");
}

static void welcome(bench *b, Mash__V1__OutboxState how, uint64_t settled, const hub_id *event_id)
{
    hub_error err = {{0}};
    hub_id id = event_id != NULL ? *event_id : (hub_id){{0}};
    Mash__V1__Hello hello = MASH__V1__HELLO__INIT;
    link_hello(b->link, &hello);
    assert_int_equal(hello.outbox_id.len, HUB_ID_BYTES);
    Mash__V1__Welcome frame = MASH__V1__WELCOME__INIT;
    frame.outbox_state = how;
    frame.hub_time_ms = SAMPLE_NOW_MS + b->now_ms - BEGIN_MS;
    frame.publish_items_max = 4;
    frame.frame_bytes_max = 1 << 20;
    frame.settled_link_seq = settled;
    if (settled > 0) frame.settled_event_id = (ProtobufCBinaryData){.len = HUB_ID_BYTES, .data = id.bytes};
    kit_ok(link_opened(b->link, &frame, b->now_ms, &err));
}

static void reply(bench *b, Mash__V1__ItemStatus status, uint64_t first, uint64_t last, Mash__V1__RefusalCode code)
{
    hub_error err = {{0}};
    Mash__V1__ItemResult result = MASH__V1__ITEM_RESULT__INIT;
    Mash__V1__ItemResult *results[] = {&result};
    result.first_link_seq = first;
    result.last_link_seq = last;
    result.status = status;
    result.code = code;
    Mash__V1__PublishReply body = MASH__V1__PUBLISH_REPLY__INIT;
    body.n_results = 1;
    body.results = results;
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    frame.body_case = MASH__V1__HUB_FRAME__BODY_PUBLISH_REPLY;
    frame.publish_reply = &body;
    kit_ok(link_frame(b->link, &frame, b->now_ms, &err));
}

static void fault(bench *b, Mash__V1__FaultCode code)
{
    hub_error err = {{0}};
    Mash__V1__Fault body = MASH__V1__FAULT__INIT;
    body.code = code;
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    frame.body_case = MASH__V1__HUB_FRAME__BODY_FAULT;
    frame.fault = &body;
    kit_ok(link_frame(b->link, &frame, b->now_ms, &err));
}

static void ended(bench *b)
{
    hub_error err = {{0}};
    Mash__V1__SessionEnded body = MASH__V1__SESSION_ENDED__INIT;
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    frame.body_case = MASH__V1__HUB_FRAME__BODY_SESSION_ENDED;
    frame.session_ended = &body;
    kit_ok(link_frame(b->link, &frame, b->now_ms, &err));
}

static void week(bench *b)
{
    hub_error err = {{0}};
    bool more = true;
    b->now_ms += 8LL * 24 * 60 * 60 * 1000;
    kit_ok(outbox_forget(b->box, b->now_ms, &more, &err));
}

static void open_link(bench *b)
{
    hub_error err = {{0}};
    kit_ok(link_machine_make(b->box, &(link_options){.reply_ms = 30000, .urgent_ms = 60000}, &b->link, &err));
}

static void restart(bench *b, int64_t minutes)
{
    link_machine_free(b->link);
    b->now_ms -= minutes * MINUTE_MS;
    open_link(b);
}

static bool is(const char *word, const char *wanted)
{
    return strcmp(word, wanted) == 0;
}

/* Plays one word with its numbers; false when there is no such word. */
static bool play_word(bench *b, const char *word, uint64_t one, uint64_t two)
{
    outbox_numbers numbers = numbers_of(b);
    hub_id id = kit_id((uint32_t)two);
    if (is(word, "put"))
        put(b, (uint32_t)one, OUTBOX_ORDINARY);
    else if (is(word, "urgent"))
        put(b, (uint32_t)one, OUTBOX_URGENT);
    else if (is(word, "hello"))
        welcome(b, MASH__V1__OUTBOX_STATE__OUTBOX_CONTINUES, numbers.settled_link_seq, &numbers.settled_event_id);
    else if (is(word, "welcome"))
        welcome(b, MASH__V1__OUTBOX_STATE__OUTBOX_CONTINUES, one, &id);
    else if (is(word, "forked"))
        welcome(b, MASH__V1__OUTBOX_STATE__OUTBOX_FORKED, 0, NULL);
    else if (is(word, "nobody"))
        welcome(b, MASH__V1__OUTBOX_STATE__OUTBOX_STATE_UNSPECIFIED, 0, NULL);
    else if (is(word, "closed"))
        link_closed(b->link, "gone");
    else if (is(word, "stored"))
        reply(b, MASH__V1__ITEM_STATUS__STORED, one, two, 0);
    else if (is(word, "duplicate"))
        reply(b, MASH__V1__ITEM_STATUS__DUPLICATE, one, two, 0);
    else if (is(word, "refused"))
        reply(b, MASH__V1__ITEM_STATUS__REFUSED, one, one, MASH__V1__REFUSAL_CODE__BAD_VALUE);
    else if (is(word, "later"))
        reply(b, MASH__V1__ITEM_STATUS__RETRY_LATER, one, one, MASH__V1__REFUSAL_CODE__DISK_FULL);
    else if (is(word, "gap"))
        reply(b, MASH__V1__ITEM_STATUS__RETRY_LATER, one, one, MASH__V1__REFUSAL_CODE__LINK_GAP);
    else if (is(word, "early"))
        reply(b, MASH__V1__ITEM_STATUS__REFUSED, one, one, MASH__V1__REFUSAL_CODE__IN_THE_FUTURE);
    else if (is(word, "dated"))
        put_dated(b, (uint32_t)one, (int64_t)two);
    else if (is(word, "ahead"))
        link_set_clock(b->link, (int64_t)one * MINUTE_MS);
    else if (is(word, "restart"))
        restart(b, (int64_t)one);
    else if (is(word, "trouble"))
        trace_trouble(b);
    else if (is(word, "malformed"))
        fault(b, MASH__V1__FAULT_CODE__FAULT_MALFORMED);
    else if (is(word, "ended"))
        ended(b);
    else if (is(word, "stop"))
        link_set_switch(b->link, LINK_STOP);
    else if (is(word, "go"))
        link_set_switch(b->link, LINK_GO);
    else if (is(word, "unsent"))
        link_unsent(b->link, b->now_ms);
    else if (is(word, "week"))
        week(b);
    else if (word[0] == '+')
        b->now_ms += strtoll(word + 1, NULL, 10);
    else
        return false;
    return true;
}

static void play(const char *script, const char *expected)
{
    bench b = {.now_ms = BEGIN_MS, .random = 7};
    hub_error err = {{0}};
    kit_ok(outbox_open(&(outbox_options){.random = counted_random, .random_context = &b.random}, &b.box, &err));
    open_link(&b);
    b.outbox_id = numbers_of(&b).outbox_id;
    char words[1024];
    char *rest = NULL;
    (void)snprintf(words, sizeof words, "%s", script);
    for (char *step = strtok_r(words, ";", &rest); step != NULL; step = strtok_r(NULL, ";", &rest)) {
        char word[32] = "";
        unsigned long one = 0;
        unsigned long two = 0;
        assert_true(sscanf(step, " %31s %lu %lu", word, &one, &two) >= 1);
        if (!play_word(&b, word, one, two)) fail_msg("no such word: %s", word);
        ask(&b);
    }
    outbox_counts counts;
    outbox_counts_of(b.box, &counts);
    trace(&b, "| s%llu d%llu r%llu w%llu", (unsigned long long)counts.stored, (unsigned long long)counts.duplicate,
          (unsigned long long)counts.refused, (unsigned long long)counts.waiting);
    link_machine_free(b.link);
    outbox_close(b.box);
    assert_string_equal(b.trace, expected);
}

static void items_are_sent_in_order_and_settled_by_a_range(void **state)
{
    (void)state;
    play("put 1; put 2; put 3; hello; stored 1 3; put 4; stored 4 4", "[1-3] [4] | s4 d0 r0 w0");
}

/* The hub said how many it can bear in flight. */
static void no_more_than_the_window_is_in_flight(void **state)
{
    (void)state;
    play("put 1; put 2; put 3; put 4; put 5; put 6; hello; stored 1 2", "[1-4] [5-6] | s2 d0 r0 w4");
}

/* The reply was lost with the connection: the hub says where it is, and answers again. */
static void a_lost_reply_is_asked_for_again_and_called_a_duplicate(void **state)
{
    (void)state;
    play("put 1; put 2; hello; closed; welcome 2 2; duplicate 1 1; duplicate 2 2", "[1-2] [1-2] | s0 d2 r0 w0");
}

/* Only the answer tells stored from refused: an item below the hub's mark is not taken for stored. */
static void an_item_refused_in_a_lost_reply_still_reaches_the_parked_ones(void **state)
{
    (void)state;
    play("put 1; put 2; hello; closed; welcome 2 2; duplicate 1 1; refused 2", "[1-2] [1-2] | s0 d1 r1 w0");
}

static void a_second_answer_to_the_same_items_changes_nothing(void **state)
{
    (void)state;
    play("put 1; hello; stored 1 1; stored 1 1; duplicate 1 1; refused 1", "[1] | s1 d0 r0 w0");
}

static void a_refused_item_does_not_hold_up_the_next(void **state)
{
    (void)state;
    play("put 1; put 2; put 3; hello; stored 1 1; refused 2; stored 3 3", "[1-3] | s2 d0 r1 w0");
}

/* Disk full at the hub: 0.2 s, 0.4 s ... and from the item it stopped at. */
static void retry_later_pauses_longer_each_time_and_goes_on_from_there(void **state)
{
    (void)state;
    play("put 1; put 2; hello; later 1; +199; +1; later 1; +399; +1; stored 1 2", "[1-2] [1-2] [1-2] | s2 d0 r0 w0");
}

static void the_pause_grows_to_ten_seconds_and_no_further(void **state)
{
    (void)state;
    play("put 1; hello; later 1; +200; later 1; +400; later 1; +800; later 1; +1600; later 1; +3200; later 1; +6400; later 1; "
         "+10000;"
         "later 1; +9999; +1",
         "[1] [1] [1] [1] [1] [1] [1] [1] [1] | s0 d0 r0 w1");
}

static void what_was_stored_before_retry_later_counts(void **state)
{
    (void)state;
    play("put 1; put 2; put 3; hello; stored 1 1; later 2; +200; stored 2 3", "[1-3] [2-3] | s3 d0 r0 w0");
}

static void a_gap_further_on_is_sent_again_from_the_first_unsettled(void **state)
{
    (void)state;
    play("put 1; put 2; hello; gap 2; +200; stored 1 2", "[1-2] [1-2] | s2 d0 r0 w0");
}

/* A gap at the very next item: the two marks differ, and a new Hello finds out. */
static void a_gap_at_the_next_item_leads_to_a_new_hello(void **state)
{
    (void)state;
    play("put 1; hello; gap 1; +200; hello; stored 1 1", "[1] again [1] | s1 d0 r0 w0");
}

/* L3. The hub was restored from a backup, and says so. */
static void when_the_hub_says_forked_everything_is_offered_again(void **state)
{
    (void)state;
    play("put 1; put 2; hello; stored 1 2; closed; forked; hello; duplicate 1 1; stored 2 2",
         "[1-2] fork again [1-2] | s3 d1 r0 w0");
}

/* Our outbox was restored from a backup, and the numbers past it belong to other events. */
static void when_the_hub_is_ahead_of_the_outbox_the_outbox_forks(void **state)
{
    (void)state;
    play("put 1; welcome 9 9; hello; stored 1 1", "fork again [1] | s1 d0 r0 w0");
}
static void when_the_same_number_names_another_event_the_outbox_forks(void **state)
{
    (void)state;
    play("put 1; put 2; welcome 1 77; hello; stored 1 2", "fork again [1-2] | s2 d0 r0 w0");
}
static void when_the_hub_is_behind_what_it_acknowledged_the_outbox_forks(void **state)
{
    (void)state;
    play("put 1; put 2; hello; stored 1 2; closed; welcome 1 1; hello; duplicate 1 1; stored 2 2",
         "[1-2] fork again [1-2] | s3 d1 r0 w0");
}

/* Every fork offers everything again: a hub that always asks for one must not be flooded. */
static void a_hub_that_forks_again_and_again_is_asked_ever_more_slowly(void **state)
{
    (void)state;
    play("put 1; forked; forked; +199; +1; forked; +399; +1", "fork again fork again fork again | s0 d0 r0 w1");
}

static void silence_after_a_publish_leads_to_a_new_connection(void **state)
{
    (void)state;
    play("put 1; hello; +29999; +1; +200; hello; stored 1 1", "[1] again [1] | s1 d0 r0 w0");
}

static void an_ended_session_sends_nothing_until_the_next_welcome(void **state)
{
    (void)state;
    play("put 1; hello; ended; put 2; hello", "[1] [1-2] | s0 d0 r0 w2");
}

/* The cable is out for an hour: nothing is sent into the void, nothing dropped; the urgent one is told once; afterwards all goes, in order, once. */
static void an_hour_without_the_hub_keeps_everything_and_its_order(void **state)
{
    (void)state;
    play("put 1; hello; stored 1 1; ended; put 2; +1200000; urgent 3; +1200000; put 4; +1200000; hello; stored 2 4",
         "[1] notice 3 [2-4] | s4 d0 r0 w0");
}

/* One item that the hub chokes on must not stop the rest for ever. */
static void an_unreadable_item_is_found_out_and_set_aside(void **state)
{
    (void)state;
    play("put 1; put 2; hello; malformed; +200; malformed; +400; malformed; +800; malformed; +1600; malformed; +3200; malformed; "
         "hello; stored 1 1",
         "[1-2] [1] [1] [1] [1] [1] fork again [2] | s1 d0 r1 w0");
}

static void the_stop_switch_holds_everything_back(void **state)
{
    (void)state;
    play("stop; put 1; hello; +5000; go; stored 1 1", "[1] | s1 d0 r0 w0");
}

static void a_full_pipe_offers_the_same_items_again(void **state)
{
    (void)state;
    play("put 1; put 2; hello; unsent; +199; +1; stored 1 2", "[1-2] [1-2] | s2 d0 r0 w0");
}

/* L5. A child in danger whose report cannot leave the building: someone here must telephone. */
static void an_urgent_item_that_cannot_leave_raises_one_notice(void **state)
{
    (void)state;
    play("urgent 1; put 2; urgent 3; +59999; +1; +60000; hello; stored 1 3", "notice 1 notice 3 [1-3] | s3 d0 r0 w0");
}
/* The outbox is empty again, as after a quiet week: the next urgent item is not an old one (O6). */
static void an_urgent_item_after_a_quiet_week_raises_its_notice(void **state)
{
    (void)state;
    play("urgent 1; +60000; hello; stored 1 1; closed; week; urgent 2; +60000", "notice 1 [1] notice 2 | s1 d0 r0 w1");
}
static void an_urgent_item_that_left_in_time_raises_none(void **state)
{
    (void)state;
    play("urgent 1; hello; stored 1 1; +60000; +60000", "[1] | s1 d0 r0 w0");
}
static void stopped_or_unanswered_urgent_items_raise_a_notice_too(void **state)
{
    (void)state;
    play("stop; urgent 1; hello; +60000", "notice 1 | s0 d0 r0 w1");
}

/* Put at 12:10 by a clock that was ten minutes ahead: no reason to wait until that clock would have said 12:11. */
static void an_urgent_item_put_by_a_clock_since_set_back_raises_its_notice_at_once(void **state)
{
    (void)state;
    play("urgent 1; +1; restart 10; +1", "notice 1 | s0 d0 r0 w1");
}

/* 25 minutes ahead, and the hub allows ten: what is dated so is true in a quarter of an hour. Parked, it would have been told to nobody. */
static void what_a_clock_that_is_ahead_has_dated_is_held_until_the_time_has_come(void **state)
{
    (void)state;
    play("ahead 25; dated 1 25; put 2; hello; trouble; +60000; hello; trouble; +840000; hello; stored 1 2; trouble",
         "held again held again [1-2] quiet | s2 d0 r0 w0");
}

/* A restart knows nothing of the clock of before: what waits is looked at, or the hub would store the second before the first. */
static void what_waits_at_a_start_is_looked_at_before_it_goes(void **state)
{
    (void)state;
    play("put 1; dated 2 25; put 3; restart 0; hello; stored 1 1; trouble; +60000; hello; +840000; hello; stored 2 3",
         "[1] held again again [2-3] | s3 d0 r0 w0");
}
static void what_waits_is_looked_at_after_a_fork_under_its_new_numbers(void **state)
{
    (void)state;
    play("put 1; put 2; put 3; hello; stored 1 3; stop; dated 4 25; put 5; forked; go; hello; stored 1 3; trouble",
         "[1-3] fork again [1-3] held | s6 d0 r0 w2");
}

/* It was dated so while the link was there: the hub says it first. */
static void what_the_hub_calls_the_future_is_offered_again_when_it_is_none(void **state)
{
    (void)state;
    play("hello; stop; put 1; dated 2 25; put 3; go; stored 1 1; early 2; stored 3 3; trouble; +60000; hello; +840000; hello; "
         "stored 2 3",
         "[1-3] held again again [2-3] | s3 d0 r0 w0");
}

/* Nobody waits for next year: once the clock is right, a person has to tell it again, rightly dated. */
static void more_than_a_day_ahead_is_held_only_until_the_clock_is_right(void **state)
{
    (void)state;
    play("ahead 3000; dated 1 3000; put 2; hello; trouble; +60000; ahead 0; hello; early 1; stored 2 2",
         "held again [1-2] | s1 d0 r1 w0");
}

static void a_key_that_may_not_publish_sends_nothing(void **state)
{
    (void)state;
    play("put 1; nobody; +60000", "| s0 d0 r0 w1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_are_sent_in_order_and_settled_by_a_range),
        cmocka_unit_test(no_more_than_the_window_is_in_flight),
        cmocka_unit_test(a_lost_reply_is_asked_for_again_and_called_a_duplicate),
        cmocka_unit_test(an_item_refused_in_a_lost_reply_still_reaches_the_parked_ones),
        cmocka_unit_test(a_second_answer_to_the_same_items_changes_nothing),
        cmocka_unit_test(a_refused_item_does_not_hold_up_the_next),
        cmocka_unit_test(retry_later_pauses_longer_each_time_and_goes_on_from_there),
        cmocka_unit_test(the_pause_grows_to_ten_seconds_and_no_further),
        cmocka_unit_test(what_was_stored_before_retry_later_counts),
        cmocka_unit_test(a_gap_further_on_is_sent_again_from_the_first_unsettled),
        cmocka_unit_test(a_gap_at_the_next_item_leads_to_a_new_hello),
        cmocka_unit_test(when_the_hub_says_forked_everything_is_offered_again),
        cmocka_unit_test(when_the_hub_is_ahead_of_the_outbox_the_outbox_forks),
        cmocka_unit_test(when_the_same_number_names_another_event_the_outbox_forks),
        cmocka_unit_test(when_the_hub_is_behind_what_it_acknowledged_the_outbox_forks),
        cmocka_unit_test(a_hub_that_forks_again_and_again_is_asked_ever_more_slowly),
        cmocka_unit_test(silence_after_a_publish_leads_to_a_new_connection),
        cmocka_unit_test(an_ended_session_sends_nothing_until_the_next_welcome),
        cmocka_unit_test(an_hour_without_the_hub_keeps_everything_and_its_order),
        cmocka_unit_test(an_unreadable_item_is_found_out_and_set_aside),
        cmocka_unit_test(the_stop_switch_holds_everything_back),
        cmocka_unit_test(a_full_pipe_offers_the_same_items_again),
        cmocka_unit_test(an_urgent_item_that_cannot_leave_raises_one_notice),
        cmocka_unit_test(an_urgent_item_after_a_quiet_week_raises_its_notice),
        cmocka_unit_test(an_urgent_item_that_left_in_time_raises_none),
        cmocka_unit_test(stopped_or_unanswered_urgent_items_raise_a_notice_too),
        cmocka_unit_test(an_urgent_item_put_by_a_clock_since_set_back_raises_its_notice_at_once),
        cmocka_unit_test(what_a_clock_that_is_ahead_has_dated_is_held_until_the_time_has_come),
        cmocka_unit_test(what_waits_at_a_start_is_looked_at_before_it_goes),
        cmocka_unit_test(what_waits_is_looked_at_after_a_fork_under_its_new_numbers),
        cmocka_unit_test(what_the_hub_calls_the_future_is_offered_again_when_it_is_none),
        cmocka_unit_test(more_than_a_day_ahead_is_held_only_until_the_clock_is_right),
        cmocka_unit_test(a_key_that_may_not_publish_sends_nothing),
    };
    host_random_start();
    return cmocka_run_group_tests_name("link", tests, NULL, NULL);
}
