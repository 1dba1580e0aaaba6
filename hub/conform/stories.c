/* stories.c - what happens to a candidate, one story after the other. Each turns a knob of act.h, feeds inputs and waits for what is owed. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "conform/act.h"
#include "conform/candidate.h"
#include "host/clock.h"
#include "host/files.h"

enum {
    WAIT_MS = 20 * 1000,  /* for what is owed at once; a candidate polls its folder and backs off in between */
    AGAIN_MS = 20 * 1000, /* for a connection that was lost: waiting times double up to 5 s */
    QUIET_MS = 1500,
    RETRIES_MAX = 12, /* offers in three seconds: from a fifth of a second on, doubling, there are five */
    HOSTILE_MAX = 64,
};

typedef struct telling {
    act_hub hub;
    candidate who;
    hub_error *err;
    hub_status status; /* when not HUB_OK, nothing more can be told */
} telling;

/* ---- waiting -------------------------------------------------------------------------------------------------------------------- */
typedef bool condition(const telling *t, uint64_t wanted);

static bool until(telling *t, condition *holds, uint64_t wanted, uint64_t ms)
{
    uint64_t end = act_now(&t->hub) + ms;
    while (!holds(t, wanted) && act_now(&t->hub) < end)
        (void)uv_run(&t->hub.loop, UV_RUN_ONCE);
    return holds(t, wanted);
}

static bool never(const telling *t, uint64_t wanted)
{
    (void)t;
    return wanted == UINT64_MAX;
}
static bool has_distinct(const telling *t, uint64_t wanted)
{
    return t->hub.distinct_count >= wanted;
}
static bool has_told(const telling *t, uint64_t wanted)
{
    return t->hub.told >= wanted;
}
static bool has_sent(const telling *t, uint64_t wanted)
{
    return t->hub.open && t->hub.count >= wanted && t->hub.sent_upto >= wanted;
}
static bool has_hellos(const telling *t, uint64_t wanted)
{
    return t->hub.hellos >= wanted;
}
static bool has_connections(const telling *t, uint64_t wanted)
{
    return t->hub.connections >= wanted && t->hub.open;
}
static bool has_publishes(const telling *t, uint64_t wanted)
{
    return t->hub.publishes >= wanted;
}
static bool is_open(const telling *t, uint64_t wanted)
{
    (void)wanted;
    return t->hub.open;
}

static void wait_ms(telling *t, uint64_t ms)
{
    (void)until(t, never, 0, ms);
}

static void feed(telling *t, uint32_t inputs)
{
    for (uint32_t i = 0; i < inputs && t->status == HUB_OK; i++) {
        t->status = candidate_put(&t->who, t->err);
        if (t->status == HUB_OK && t->who.options->way != NULL && !t->who.taken)
            act_fault(&t->hub, CONFORM_GOLDEN, "a good input was not answered as taken (AA, 202)");
    }
}

static void owed(telling *t, conform_duty duty, bool done, const char *what)
{
    act_tried(&t->hub, duty);
    if (!done) act_fault(&t->hub, duty, "%s", what);
}

/* Feeds and waits until it is answered; of which duty the lack would be. */
static void feed_and_settle(telling *t, uint32_t inputs, conform_duty duty, const char *what)
{
    uint64_t before = t->hub.distinct_count, wanted = before + inputs;
    feed(t, inputs);
    bool came = until(t, has_distinct, wanted, WAIT_MS) && until(t, has_told, t->hub.count, WAIT_MS);
    owed(t, duty, came, what);
}

/* The session ends, and everything that waits is answered afterwards. */
static void renew(telling *t, conform_duty duty, const char *what)
{
    uint32_t hellos = t->hub.hellos;
    act_end_session(&t->hub, MASH__V1__SESSION_END__SESSION_END_NO_HELLO);
    owed(t, duty, until(t, has_hellos, hellos + 1, AGAIN_MS) && until(t, is_open, 0, WAIT_MS), what);
}

/* ---- stories -------------------------------------------------------------------------------------------------------------------- */
static void story_session(telling *t)
{
    feed_and_settle(t, 3, CONFORM_GOLDEN, "three good inputs, and not three events came; its log and its failed/ say why");
    wait_ms(t, ACT_PING_LATE_MS + ACT_PING_MS);
    renew(t, CONFORM_NO_HELLO, "its session was ended (NO_HELLO), and no Hello came");
    feed_and_settle(t, 1, CONFORM_NO_HELLO, "after its session was ended and begun anew nothing is published");
}

static void story_credit(telling *t)
{
    t->hub.credit = 2;
    t->hub.reply = ACT_NOTHING;
    renew(t, CONFORM_NO_HELLO, "no Hello came");
    uint64_t before = t->hub.told;
    feed(t, 5);
    (void)until(t, has_sent, before + 2, WAIT_MS);
    wait_ms(t, QUIET_MS);
    act_tried(&t->hub, CONFORM_CREDIT);
    t->hub.reply = ACT_STORE;
    act_settle_all(&t->hub, MASH__V1__ITEM_STATUS__STORED);
    owed(t, CONFORM_CREDIT, until(t, has_told, before + 5, WAIT_MS), "when items were settled, those behind them did not come");
    t->hub.credit = ACT_CREDIT;
    renew(t, CONFORM_NO_HELLO, "no Hello came");
}

static void story_retry(telling *t)
{
    uint32_t before = t->hub.publishes;
    t->hub.reply = ACT_RETRY;
    feed(t, 2);
    owed(t, CONFORM_RETRY, until(t, has_publishes, before + 1, WAIT_MS), "nothing was published");
    wait_ms(t, 3000);
    if (t->hub.publishes - before > RETRIES_MAX)
        act_fault(&t->hub, CONFORM_RETRY, "%u offers within three seconds of RETRY_LATER: it does not wait",
                  t->hub.publishes - before);
    t->hub.reply = ACT_STORE;
    owed(t, CONFORM_RETRY, until(t, has_publishes, before + 2, AGAIN_MS) && until(t, has_told, t->hub.count, AGAIN_MS),
         "what was answered RETRY_LATER did not come again");
}

static void story_gap(telling *t)
{
    t->hub.reply = ACT_GAP;
    t->hub.reply_times = 1;
    uint32_t before = t->hub.publishes;
    feed_and_settle(t, 2, CONFORM_LINK_GAP, "after LINK_GAP the item that it names did not come");
    if (t->hub.publishes < before + 2) act_fault(&t->hub, CONFORM_LINK_GAP, "after LINK_GAP nothing came again");
}

static void story_refused(telling *t)
{
    t->hub.reply = ACT_REFUSE;
    t->hub.reply_times = 1;
    feed_and_settle(t, 2, CONFORM_REFUSED, "behind a refused item nothing more came");
    wait_ms(t, QUIET_MS);
    renew(t, CONFORM_NO_HELLO, "no Hello came");
    feed_and_settle(t, 1, CONFORM_REFUSED, "after a refused item nothing more came");
}

static void story_duplicate(telling *t)
{
    t->hub.reply = ACT_DUPLICATE;
    feed_and_settle(t, 2, CONFORM_DUPLICATE, "behind a DUPLICATE nothing more came");
    t->hub.reply = ACT_STORE;
    uint32_t publishes = t->hub.publishes;
    wait_ms(t, QUIET_MS);
    owed(t, CONFORM_DUPLICATE, t->hub.publishes == publishes, "what was answered DUPLICATE is sent again and again");
}

static void story_lost_answer(telling *t)
{
    uint64_t before = t->hub.count;
    t->hub.reply = ACT_NOTHING;
    feed(t, 2);
    owed(t, CONFORM_RESEND, until(t, has_sent, before + 2, WAIT_MS), "nothing was published");
    uint32_t publishes = t->hub.publishes;
    t->hub.reply = ACT_STORE;
    renew(t, CONFORM_RESEND, "its answers were lost and its session ended, and no Hello came");
    owed(t, CONFORM_RESEND, until(t, has_publishes, publishes + 1, WAIT_MS) && until(t, has_told, before + 2, WAIT_MS),
         "what was not answered did not come again in the next session");
}

static void story_ahead(telling *t)
{
    uint64_t before = t->hub.count;
    t->hub.reply = ACT_NOTHING;
    feed(t, 2);
    owed(t, CONFORM_AHEAD, until(t, has_sent, before + 2, WAIT_MS), "nothing was published");
    t->hub.settled = t->hub.count;
    t->hub.reply = ACT_STORE;
    renew(t, CONFORM_AHEAD, "no Hello came");
    owed(t, CONFORM_AHEAD, until(t, has_told, before + 2, WAIT_MS),
         "what the hub had settled unheard was not offered again: stored or refused is then never known");
}

static void story_silent(telling *t)
{
    uint32_t connections = t->hub.connections;
    wait_ms(t, 200);
    t->hub.mute = true;
    uint64_t end = act_now(&t->hub) + AGAIN_MS;
    while (t->hub.connections == connections && act_now(&t->hub) < end)
        (void)uv_run(&t->hub.loop, UV_RUN_ONCE);
    owed(t, CONFORM_SILENCE, t->hub.connections > connections, "the hub answered nothing, and no new connection was made");
    t->hub.mute = false;
    t->hub.open = false;
    owed(t, CONFORM_SILENCE, until(t, is_open, 0, AGAIN_MS), "after a silent hub no session was opened again");
    feed_and_settle(t, 1, CONFORM_SILENCE, "after a silent hub nothing is published");
}

static void story_slow(telling *t)
{
    uint64_t before = t->hub.count;
    t->hub.reply = ACT_NOTHING;
    feed(t, 1);
    owed(t, CONFORM_PATIENCE, until(t, has_sent, before + 1, WAIT_MS), "nothing was published");
    uint32_t hellos = t->hub.hellos;
    wait_ms(t, 4 * ACT_PING_MS);
    owed(t, CONFORM_PATIENCE, t->hub.hellos == hellos, "a hub that answered pings was left because it settled late");
    t->hub.reply = ACT_STORE;
    act_settle_all(&t->hub, MASH__V1__ITEM_STATUS__STORED);
    feed_and_settle(t, 1, CONFORM_PATIENCE, "after a late answer nothing is published");
}

static void story_stopping(telling *t)
{
    uint32_t hellos = t->hub.hellos;
    act_end_session(&t->hub, MASH__V1__SESSION_END__SESSION_END_STOPPING);
    owed(t, CONFORM_STOPPING, until(t, has_hellos, hellos + 1, AGAIN_MS),
         "the hub said that it stops, and no Hello came afterwards");
    uint32_t connections = t->hub.connections;
    if (t->status == HUB_OK) t->status = act_restart(&t->hub, t->err);
    owed(t, CONFORM_STOPPING, t->status == HUB_OK && until(t, has_connections, connections + 1, AGAIN_MS),
         "the hub was restarted, and no session was opened");
    feed_and_settle(t, 1, CONFORM_STOPPING, "after the hub was restarted nothing is published");
}

static void story_unknown(telling *t)
{
    uint32_t hellos = t->hub.hellos;
    act_send_unknown(&t->hub);
    feed_and_settle(t, 1, CONFORM_UNKNOWN, "after a frame that it does not know nothing is published");
    owed(t, CONFORM_UNKNOWN, t->hub.hellos == hellos, "a frame that it does not know ended the session");
}

/* A new outbox with everything from 1: as many items as were not refused. */
static void begin_anew(telling *t, conform_duty duty, act_welcome how, const char *what)
{
    const hub_id old = t->hub.outbox_id;
    uint64_t kept = 0;
    feed_and_settle(t, 2, duty, "nothing was published");
    for (uint64_t i = 0; i < t->hub.count; i++)
        kept += !t->hub.items[i].refused;
    t->hub.welcome = how;
    act_end_session(&t->hub, MASH__V1__SESSION_END__SESSION_END_NO_HELLO);
    uint64_t end = act_now(&t->hub) + AGAIN_MS;
    while (hub_id_equal(&old, &t->hub.outbox_id) && act_now(&t->hub) < end)
        (void)uv_run(&t->hub.loop, UV_RUN_ONCE);
    if (hub_id_equal(&old, &t->hub.outbox_id)) {
        owed(t, duty, false, what);
        return;
    }
    if (!until(t, has_told, kept, AGAIN_MS))
        act_fault(&t->hub, duty, "of %llu events that were told %llu were offered again under the new outbox_id",
                  (unsigned long long)kept, (unsigned long long)t->hub.count);
}

static void story_forked(telling *t)
{
    begin_anew(t, CONFORM_FORKED, ACT_FORKED, "after OUTBOX_FORKED no Hello came with a new outbox_id");
}

static void story_mismatch(telling *t)
{
    begin_anew(t, CONFORM_MISMATCH, ACT_OTHER_ITEM,
               "the hub's newest item was another than its own, and it went on under the old outbox_id");
}

static void story_killed(telling *t)
{
    const hub_id old = t->hub.outbox_id;
    if (t->who.options->command == NULL) return;
    feed_and_settle(t, 1, CONFORM_KILLED, "nothing was published");
    uint64_t before = t->hub.count;
    t->hub.reply = ACT_NOTHING;
    feed(t, 2);
    owed(t, CONFORM_KILLED, until(t, has_sent, before + 2, WAIT_MS), "nothing was published");
    candidate_kill(&t->who);
    uint32_t hellos = t->hub.hellos;
    t->hub.reply = ACT_STORE;
    t->hub.open = false;
    if (t->status == HUB_OK) t->status = candidate_start(&t->who, t->err);
    owed(t, CONFORM_KILLED, until(t, has_hellos, hellos + 1, AGAIN_MS) && until(t, is_open, 0, AGAIN_MS),
         "it was killed and started, and no session was opened");
    owed(t, CONFORM_KILLED, hub_id_equal(&old, &t->hub.outbox_id),
         "it was killed and started, and came with a new outbox_id: its outbox was lost");
    owed(t, CONFORM_KILLED, until(t, has_told, before + 2, AGAIN_MS),
         "what it had sent unanswered when it was killed did not come again");
}

static void story_replaced(telling *t)
{
    uint32_t hellos = t->hub.hellos;
    uint64_t began = act_now(&t->hub);
    act_end_session(&t->hub, MASH__V1__SESSION_END__SESSION_END_REPLACED);
    wait_ms(t, 2000);
    owed(t, CONFORM_REPLACED, t->hub.hellos <= hellos + 1, "another program had its key, and it said Hello again and again");
    if (t->hub.hellos > hellos && t->hub.hello_ms - began < 1000)
        act_fault(&t->hub, CONFORM_REPLACED,
                  "another program had its key, and it took it back after %llu ms: two such throw each other out for ever",
                  (unsigned long long)(t->hub.hello_ms - began));
    if (until(t, is_open, 0, AGAIN_MS / 2)) return;
    candidate_kill(&t->who); /* it has every right to wait for a person */
    if (t->status == HUB_OK) t->status = candidate_start(&t->who, t->err);
    (void)until(t, is_open, 0, AGAIN_MS);
}

/* ---- inputs --------------------------------------------------------------------------------------------------------------------- */
static void put_bad(telling *t, const char *name, hub_bytes bytes)
{
    if (t->status == HUB_OK) t->status = candidate_put_bytes(&t->who, name, bytes, t->err);
}

/* What cutting and soiling makes of a good input. */
static void put_soiled(telling *t)
{
    hub_buffer good = {0}, soiled = {0};
    const char *dot = strrchr(t->who.options->golden, '.');
    char name[64];
    candidate_golden(&t->who, 9001, &good);
    const hub_bytes whole = hub_buffer_bytes(&good);
    const struct {
        const char *name;
        hub_bytes bytes;
    } rows[] = {
        {"empty", {NULL, 0}},
        {"truncated", {whole.data, whole.size / 2}},
        {"last-byte-cut", {whole.data, whole.size > 3 ? whole.size - 3 : 0}},
        {"noise", {(const uint8_t *)"\x00\xff\xfe\x0b\x1c\x0d<!DOCTYPE x [<!ENTITY a \"b\">]>&a;", 38}},
    };
    /* what has no end of its own (CSV, HL7) is not seen to be cut */
    size_t last = whole.size;
    while (last > 0 && (whole.data[last - 1] == '\n' || whole.data[last - 1] == '\r'))
        last--;
    bool has_end = last > 0 && memchr("}]>", whole.data[last - 1], 3) != NULL;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!has_end && rows[i].bytes.data == whole.data) continue;
        (void)snprintf(name, sizeof name, "hostile-%s%.16s", rows[i].name, dot != NULL ? dot : "");
        put_bad(t, name, rows[i].bytes);
    }
    hub_buffer_put(&soiled, whole.data, whole.size / 2);
    hub_buffer_put(&soiled, "\0\xff", 2);
    hub_buffer_put(&soiled, whole.data + whole.size / 2, whole.size - whole.size / 2);
    (void)snprintf(name, sizeof name, "hostile-nul%.16s", dot != NULL ? dot : "");
    put_bad(t, name, hub_buffer_bytes(&soiled));
    hub_buffer_free(&good);
    hub_buffer_free(&soiled);
}

static void put_hostile_folder(telling *t)
{
    char path[1024], name[300];
    DIR *folder = t->who.options->hostile == NULL ? NULL : opendir(t->who.options->hostile);
    if (folder == NULL) return;
    unsigned count = 0;
    for (const struct dirent *entry = readdir(folder); entry != NULL && count < HOSTILE_MAX; entry = readdir(folder)) {
        hub_buffer bytes = {0};
        (void)snprintf(path, sizeof path, "%s/%s", t->who.options->hostile, entry->d_name);
        (void)snprintf(name, sizeof name, "hostile-%s", entry->d_name);
        if (entry->d_name[0] != '.' && host_file_read(path, 64 * 1024 * 1024, &bytes, NULL) == HUB_OK) {
            put_bad(t, name, hub_buffer_bytes(&bytes));
            count++;
        }
        hub_buffer_free(&bytes);
    }
    closedir(folder);
}

static void story_inputs(telling *t)
{
    hub_buffer again = {0};
    char name[64];
    const char *dot = strrchr(t->who.options->golden, '.');
    feed_and_settle(t, 3, CONFORM_GOLDEN, "three good inputs, and not three events came; its log and its failed/ say why");
    uint32_t before = t->hub.distinct_count;
    candidate_golden(&t->who, t->who.inputs, &again);
    (void)snprintf(name, sizeof name, "again%.16s", dot != NULL ? dot : "");
    put_bad(t, name, hub_buffer_bytes(&again));
    feed_and_settle(t, 1, CONFORM_ONCE, "behind an input that came again nothing more came");
    wait_ms(t, QUIET_MS);
    owed(t, CONFORM_ONCE, t->hub.distinct_count <= before + 1, "the same input made a second event");
    hub_buffer_free(&again);
}

static void story_partial(telling *t)
{
    hub_buffer whole = {0};
    char path[1024];
    uint32_t before = t->hub.distinct_count;
    candidate_golden(&t->who, 9000, &whole);
    if (t->status == HUB_OK) t->status = candidate_put_half(&t->who, hub_buffer_bytes(&whole), t->err);
    wait_ms(t, 2 * QUIET_MS);
    owed(t, CONFORM_PARTIAL, t->hub.distinct_count == before,
         "an input that was not whole (a .part file, half a frame) made an event");
    if (t->who.options->drop != NULL) {
        (void)snprintf(path, sizeof path, "%s/unfinished.part", t->who.options->drop);
        (void)remove(path);
    }
    hub_buffer_free(&whole);
}

static void story_hostile(telling *t)
{
    uint32_t before = t->hub.distinct_count;
    put_soiled(t);
    put_hostile_folder(t);
    uint64_t faults = t->hub.report->duties[CONFORM_VALID].faults;
    feed_and_settle(t, 2, CONFORM_HOSTILE, "behind bad inputs the good ones did not come");
    wait_ms(t, QUIET_MS);
    if (t->hub.report->duties[CONFORM_VALID].faults > faults)
        act_fault(&t->hub, CONFORM_HOSTILE, "a bad input made an event that is not valid");
    if (t->hub.distinct_count > before + 2)
        act_fault(&t->hub, CONFORM_HOSTILE, "bad inputs made %u events", t->hub.distinct_count - before - 2);
    owed(t, CONFORM_HOSTILE, !candidate_ended(&t->who), "a bad input ended the program");
}

static void story_revoked(telling *t)
{
    act_tried(&t->hub, CONFORM_REVOKED);
    act_end_session(&t->hub, MASH__V1__SESSION_END__SESSION_END_REVOKED);
    t->hub.revoked = true;
    feed(t, 1);
    wait_ms(t, 3000);
}

/* ---- all of them ---------------------------------------------------------------------------------------------------------------- */
static const struct {
    const char *name;
    void (*tell)(telling *t);
} STORIES[] = {
    {"session", story_session},
    {"inputs", story_inputs},
    {"partial", story_partial},
    {"hostile", story_hostile},
    {"credit", story_credit},
    {"retry", story_retry},
    {"gap", story_gap},
    {"refused", story_refused},
    {"duplicate", story_duplicate},
    {"lost-answer", story_lost_answer},
    {"ahead", story_ahead},
    {"slow", story_slow},
    {"silent", story_silent},
    {"stopping", story_stopping},
    {"unknown", story_unknown},
    {"forked", story_forked},
    {"mismatch", story_mismatch},
    {"killed", story_killed},
    {"replaced", story_replaced},
    {"revoked", story_revoked},
};

static bool is_wanted(const char *only, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = only; at != NULL && (at = strstr(at, name)) != NULL; at++) {
        if ((at == only || at[-1] == ',') && (at[length] == '\0' || at[length] == ',')) return true;
    }
    return only == NULL;
}

/* A name that is mistyped would leave its story out, and nothing tried passes for nothing failed. */
static hub_status check_only(const char *only, hub_error *err)
{
    hub_buffer names = {0};
    hub_status status = HUB_OK;
    for (size_t i = 0; i < sizeof STORIES / sizeof STORIES[0]; i++)
        hub_buffer_put_format(&names, "%s%s", i > 0 ? "," : "", STORIES[i].name);
    for (const char *at = only; at != NULL && status == HUB_OK; at = strchr(at, ',') != NULL ? strchr(at, ',') + 1 : NULL) {
        char name[32];
        (void)hub_format(name, sizeof name, "%.*s", (int)strcspn(at, ","), at);
        if (name[0] == '\0' || !is_wanted(hub_buffer_text(&names), name))
            status =
                hub_fail(err, HUB_ERR_INVALID, "--only: there is no story \"%s\"; there are %s", name, hub_buffer_text(&names));
    }
    hub_buffer_free(&names);
    return status;
}

/* The first session. */
static hub_status meet(telling *t, hub_error *err)
{
    const conform_options *options = t->who.options;
    uint64_t end = act_now(&t->hub) + (options->command != NULL ? AGAIN_MS : 10 * 60 * 1000);
    bool ended = false;
    while (!t->hub.open && !ended && act_now(&t->hub) < end) {
        (void)uv_run(&t->hub.loop, UV_RUN_ONCE);
        ended = candidate_ended(&t->who);
    }
    if (t->hub.open) return HUB_OK;
    const char *what =
        ended ? "the candidate ended before it had opened a session to %s: its words are in %s"
        : t->hub.turned_away > 0
            ? "somebody knocked at %s with another key than the candidate's: is it configured with that key? Its words are in %s"
            : "no session was opened: does the candidate connect to %s with the server key given? Its words are in %s";
    return hub_fail(err, HUB_ERR_AGAIN, what, options->endpoint, options->log);
}

hub_status conform_run(const conform_options *options, conform_report *out, hub_error *err)
{
    static telling t;
    memset(out, 0, sizeof *out);
    memset(&t, 0, sizeof t);
    t.err = err;
    t.status = check_only(options->only, err);
    if (t.status != HUB_OK) return t.status;
    t.status = act_open(&t.hub, options, out, err);
    if (t.status == HUB_OK) t.status = candidate_open(&t.who, options, err);
    if (t.status == HUB_OK) t.status = candidate_start(&t.who, err);
    if (t.status == HUB_OK) t.status = meet(&t, err);
    for (size_t i = 0; i < sizeof STORIES / sizeof STORIES[0] && t.status == HUB_OK; i++) {
        if (!is_wanted(options->only, STORIES[i].name)) continue;
        if (options->progress != NULL) options->progress(options->context, STORIES[i].name);
        STORIES[i].tell(&t);
        t.hub.reply = ACT_STORE;
        t.hub.reply_times = 0;
    }
    candidate_close(&t.who);
    act_close(&t.hub);
    return t.status;
}
