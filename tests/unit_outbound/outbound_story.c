#include "outbound_story.h"

#include "event/wire.h"

static void send_parcel(void *context, const engine_parcel *parcel)
{
    story *s = context;
    story_channel *channel = &s->channels[parcel->channel];
    char line[128], newer[32] = "";
    if (parcel->frame.newer > 0) (void)snprintf(newer, sizeof newer, " (%u newer)", parcel->frame.newer);
    (void)snprintf(line, sizeof line, "%s %s %s%s%s\n", s->config.channels[parcel->channel].name, parcel->facts.line,
                   message_rating(parcel->delivery), strcmp(message_state(parcel->delivery), "ended") == 0 ? " ended" : "",
                   newer);
    (void)strncat(s->trace, line, sizeof s->trace - strlen(s->trace) - 1);
    s->last_id = parcel->id;
    if (s->sent != NULL) s->sent(parcel);
    char what = channel->behaves[channel->tries];
    if (channel->behaves[channel->tries + 1] != '\0') channel->tries++;
    channel->hangs = what == 'h';
    if (channel->hangs) return;
    static const chain_outcome OUTCOMES[] = {
        ['c'] = CHAIN_CONFIRMED, ['s'] = CHAIN_SENT, ['f'] = CHAIN_FAILED, ['r'] = CHAIN_REFUSED, ['n'] = CHAIN_NOBODY};
    hub_error err = {{0}};
    assert_int_equal(engine_tried(s->engine, parcel->channel, OUTCOMES[(unsigned char)what], "answered 500", s->now_ms, &err),
                     HUB_OK);
}

static hub_status give_notice(void *context, const engine_notice *notice, hub_error *err)
{
    story *s = context;
    (void)notice;
    (void)err;
    (void)strncat(s->trace, "telephone\n", sizeof s->trace - strlen(s->trace) - 1);
    return HUB_OK;
}

static int64_t due(void *context, const message_facts *facts, int64_t now_ms)
{
    (void)facts;
    (void)now_ms;
    return ((story *)context)->due_ms;
}

static int64_t wall(void *context)
{
    const story *s = context;
    return s->now_ms + s->wall_ahead_ms;
}

static uint32_t no_jitter(void *context)
{
    (void)context;
    return 0;
}

static void open_engine(story *s)
{
    hub_error err = {{0}};
    outbox_options box = {.folder = s->folder};
    engine_options options = {.config = &s->config,
                              .context = s,
                              .now_ms = s->now_ms,
                              .send = send_parcel,
                              .notice = give_notice,
                              .due = due,
                              .wall = wall,
                              .random = no_jitter};
    assert_int_equal(outbox_open(&box, &s->box, &err), HUB_OK);
    assert_int_equal(owed_prepare(s->box, &err), HUB_OK);
    options.box = s->box;
    assert_int_equal(engine_open(&options, &s->engine, &err), HUB_OK);
}

story *story_new(const char *channels, int minutes)
{
    char folder[] = "/tmp/kit-test-XXXXXX";
    assert_non_null(mkdtemp(folder));
    story *s = story_open(folder, channels, minutes);
    s->keeps_folder = false;
    return s;
}

story *story_open(const char *folder, const char *channels, int minutes)
{
    static const char *const NAMES[] = {"hook", "duty", "drop", "council"};
    host_random_start();
    story *s = calloc(1, sizeof *s);
    assert_non_null(s);
    (void)snprintf(s->folder, sizeof s->folder, "%s", folder);
    s->keeps_folder = true;
    outbound_config *config = &s->config;
    outbound_queue *queue = &config->queues[0];
    (void)snprintf(queue->name, sizeof queue->name, "team");
    config->queue_count = 1;
    config->waiting_max = 100;
    for (unsigned i = 0; channels[i] != '\0'; i++) {
        outbound_channel *channel = &config->channels[i];
        (void)snprintf(channel->name, sizeof channel->name, "%s", NAMES[i]);
        channel->way = channels[i] == 'w' ? OUTBOUND_WEBHOOK : channels[i] == 'f' ? OUTBOUND_FILE : OUTBOUND_MAIL;
        channel->content = channels[i] == 'm' ? OUTBOUND_NOTICE : OUTBOUND_DELIVERY;
        queue->hops[i] = (outbound_hop){.channel = i, .within_ms = (int64_t)minutes * STORY_MINUTE};
        s->channels[i].behaves = channels[i] == 'm' ? "s" : "c";
        config->channel_count = queue->hop_count = i + 1;
    }
    s->now_ms = 1775563200000;
    s->sequence = 100;
    open_engine(s);
    return s;
}

static void close_engine(story *s)
{
    engine_close(s->engine);
    outbox_close(s->box);
}

void story_free(story *s)
{
    close_engine(s);
    if (!s->keeps_folder) nftw(s->folder, kit_remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(s);
}

void story_restart(story *s)
{
    close_engine(s);
    open_engine(s);
}

void story_take(story *s, story_delivery d)
{
    Mash__V1__Position position = MASH__V1__POSITION__INIT;
    Mash__V1__Alert alert = MASH__V1__ALERT__INIT;
    Mash__V1__Event event = MASH__V1__EVENT__INIT;
    Mash__V1__Clock clock = MASH__V1__CLOCK__INIT;
    Mash__V1__Clock *clocks[] = {&clock};
    Mash__V1__Delivery delivery = MASH__V1__DELIVERY__INIT;
    Mash__V1__Delivery *items[] = {&delivery};
    Mash__V1__Deliveries all = MASH__V1__DELIVERIES__INIT;
    uint8_t hash[HUB_DIGEST_BYTES] = {7};
    hub_id mine = kit_id((uint32_t)d.event), other = kit_id((uint32_t)d.takes_back);
    uint32_t sequence = d.again != 0 ? s->sequence - (uint32_t)d.again + 1 : ++s->sequence;
    hub_put_u32(hash + 1, sequence);
    position.sequence = sequence;
    position.record_hash = (ProtobufCBinaryData){.data = hash, .len = sizeof hash};
    delivery.position = &position;
    delivery.queue = (char *)(uintptr_t) "team";
    delivery.kind = (Mash__V1__DeliveryKind)d.kind;
    if (d.kind == 0)
        delivery.kind =
            d.alert != NULL ? MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ALERT_OPENED : MASH__V1__DELIVERY_KIND__DELIVERY_KIND_NOTICE;
    alert.alert_id = (char *)(uintptr_t)d.alert;
    alert.rating = d.rating != 0 ? (Mash__V1__Rating)d.rating : MASH__V1__RATING__RATING_RED;
    alert.state = (char *)(uintptr_t)(d.state != NULL ? d.state : "open");
    clock.due_ms = d.due_ms;
    alert.clocks = clocks;
    alert.n_clocks = d.due_ms != 0;
    if (d.alert != NULL) delivery.alert = &alert;
    if (d.alert == NULL) delivery.notice = (char *)(uintptr_t) "N1";
    event.event_id = (ProtobufCBinaryData){.data = mine.bytes, .len = HUB_ID_BYTES};
    if (d.takes_back != 0) event.amends = (ProtobufCBinaryData){.data = other.bytes, .len = HUB_ID_BYTES};
    Mash__V1__Subject child = MASH__V1__SUBJECT__INIT;
    Mash__V1__Subject *subjects[] = {&child};
    child.school_urn = (char *)(uintptr_t)(d.school != NULL ? d.school : "");
    event.subjects = subjects;
    event.n_subjects = d.school != NULL;
    if (d.event != 0) delivery.event = &event;
    all.items = items;
    all.n_items = 1;
    hub_error err = {{0}};
    hub_status status = engine_take(s->engine, 0, &all, s->now_ms, &err);
    if (status != HUB_OK) fail_msg("%s", err.text);
}

void story_pass(story *s, int64_t ms)
{
    int64_t end_ms = s->now_ms + ms;
    hub_error err = {{0}};
    for (int turns = 0; turns < 100000; turns++) {
        int64_t until_ms = 0;
        assert_int_equal(engine_run(s->engine, s->now_ms, &until_ms, &err), HUB_OK);
        if (until_ms > end_ms) {
            s->now_ms = end_ms;
            return;
        }
        if (until_ms > s->now_ms) s->now_ms = until_ms;
    }
    fail_msg("the engine never comes to rest");
}

void story_answer(story *s, unsigned channel, chain_outcome outcome)
{
    hub_error err = {{0}};
    assert_true(s->channels[channel].hangs);
    s->channels[channel].hangs = false;
    assert_int_equal(engine_tried(s->engine, channel, outcome, "answered 500", s->now_ms, &err), HUB_OK);
}

void then_trace(story *s, const char *expected)
{
    assert_string_equal(s->trace, expected);
    s->trace[0] = '\0';
}

void then_states(story *s, const char *expected)
{
    char text[1024] = "";
    owed_row row = {0};
    hub_error err = {{0}};
    while (owed_next(s->box, row.place, OWED_EVERY, &row, &err) == HUB_OK) {
        size_t used = strlen(text);
        (void)snprintf(text + used, sizeof text - used, "%s%s %s", used > 0 ? "; " : "", row.line, owed_state_name(row.state));
    }
    assert_string_equal(text, expected);
}

hub_id story_id_of(story *s, unsigned index)
{
    owed_row row = {0};
    hub_error err = {{0}};
    for (unsigned i = 0; i <= index; i++)
        assert_int_equal(owed_next(s->box, row.place, OWED_EVERY, &row, &err), HUB_OK);
    return row.id;
}
