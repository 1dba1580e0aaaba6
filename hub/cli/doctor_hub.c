/* doctor_hub.c - the hub's side: what does it know of a peer that has trouble, and of those who knock and are not let in? */
#include "cli/doctor.h"

#include <inttypes.h>
#include <string.h>

#include "event/event.h"
#include "host/clock.h"

enum { NEWEST_REVOCATIONS = 64, RECENT_MS = 60 * 60 * 1000 };

/* ---- one question to the journal ---------------------------------------------------------------------------------------------- */
typedef struct tail_wanted {
    const char *detail; /* NULL = any */
    uint64_t request;
    Mash__V1__TailItem item; /* the newest that fits; its texts are in the fields below */
    char detail_text[256], peer[64];
    bool found, complete;
} tail_wanted;

static void on_frame(void *context, const Mash__V1__HubFrame *frame)
{
    tail_wanted *wanted = context;
    if (frame->request != wanted->request) return;
    wanted->complete = frame->body_case != MASH__V1__HUB_FRAME__BODY_TAIL_ITEMS || frame->tail_items->complete;
    for (size_t i = 0; frame->body_case == MASH__V1__HUB_FRAME__BODY_TAIL_ITEMS && i < frame->tail_items->n_items; i++) {
        const Mash__V1__TailItem *item = frame->tail_items->items[i];
        if (wanted->detail != NULL && strcmp(item->detail, wanted->detail) != 0) continue;
        wanted->found = true;
        wanted->item.sequence = item->sequence;
        wanted->item.time_ms = item->time_ms;
        (void)hub_format(wanted->detail_text, sizeof wanted->detail_text, "%s", item->detail);
        (void)hub_format(wanted->peer, sizeof wanted->peer, "%s", item->peer);
    }
}

/* The newest record of this kind, by this peer (NULL: anybody), that says `wanted->detail`. */
static bool ask_newest(doctor *d, const char *what, const char *peer, uint32_t last, tail_wanted *wanted)
{
    Mash__V1__Where rows[2] = {MASH__V1__WHERE__INIT, MASH__V1__WHERE__INIT};
    Mash__V1__Where *list[2] = {&rows[0], &rows[1]};
    Mash__V1__Tail tail = MASH__V1__TAIL__INIT;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    rows[0].key = (char *)(uintptr_t) "what";
    rows[0].value = (char *)(uintptr_t)what;
    rows[1].key = (char *)(uintptr_t) "peer";
    rows[1].value = (char *)(uintptr_t)peer;
    tail.where = list;
    tail.n_where = peer == NULL ? 1 : 2;
    tail.last = last;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_TAIL;
    frame.tail = &tail;
    frame.request = wanted->request = bus_client_request(d->hub.client);
    d->hub.handlers = (session_handlers){.context = wanted, .frame = on_frame};
    if (bus_client_send(d->hub.client, &frame, NULL) == HUB_OK)
        session_run(&d->hub, &wanted->complete, host_monotonic_us() + (uint64_t)d->timeout_ms * 1000);
    d->hub.handlers = (session_handlers){0};
    return wanted->found;
}

static void when(const doctor *d, const Mash__V1__Status *state, int64_t at_ms, char out[PRINT_TIME_TEXT + PRINT_DURATION_TEXT])
{
    char words[PRINT_DURATION_TEXT], civil[PRINT_TIME_TEXT];
    print_duration(state->hub_time_ms - at_ms, words);
    print_time(&d->call->zone, at_ms, civil);
    (void)hub_format(out, PRINT_TIME_TEXT + PRINT_DURATION_TEXT, "%s ago, %s", words, civil);
}

/* ---- who does not get in ------------------------------------------------------------------------------------------------------ */
void doctor_of_strangers(doctor *d, const Mash__V1__Status *state)
{
    char key[BUS_KEY_TEXT], words[PRINT_DURATION_TEXT];
    for (size_t i = 0; i < state->n_strangers; i++) {
        const Mash__V1__Stranger *at = state->strangers[i];
        if (at->public_key.len != BUS_KEY_BYTES || state->hub_time_ms - at->last_ms > RECENT_MS) continue;
        bus_key_text(at->public_key.data, key);
        print_duration(state->hub_time_ms - at->last_ms, words);
        if (at->name[0] != '\0')
            doctor_say_format(d, FINDING_NOTE, "turned away",
                              "its owner needs a new key: mashctl enrol request there, mashctl enrol accept here",
                              "revoked key of \"%s\" from %s, %" PRIu64 " times, %s ago", at->name, at->address, at->tries,
                              words);
        else
            doctor_say_format(d, FINDING_NOTE, "turned away",
                              "if it is expected: mashctl enrol accept LINE; compare the key by telephone first",
                              "not enrolled: key %s from %s, %" PRIu64 " times, %s ago", key, at->address, at->tries, words);
    }
    if (state->wrong_server_key == 0 || state->hub_time_ms - state->wrong_server_key_ms > RECENT_MS) return;
    print_duration(state->hub_time_ms - state->wrong_server_key_ms, words);
    doctor_say_format(d, FINDING_NOTE, "turned away",
                      "whoever it is has the wrong hub.pub: send them the answer of mashctl enrol accept again",
                      "%" PRIu64 " connections with the wrong server key, the newest %s ago", state->wrong_server_key, words);
}

/* ---- one peer ----------------------------------------------------------------------------------------------------------------- */
static void say_revoked(doctor *d, const Mash__V1__Status *state, const char *name)
{
    static const char FIX[] = "a revoked key stays out: have its owner make a new one (mashctl enrol request), and enrol that";
    char text[PRINT_TIME_TEXT + PRINT_DURATION_TEXT];
    tail_wanted wanted = {.detail = name};
    if (ask_newest(d, "key revoked", NULL, NEWEST_REVOCATIONS, &wanted)) {
        when(d, state, wanted.item.time_ms, text);
        doctor_say_format(d, FINDING_BAD, "peer", FIX, "its key is revoked: %s, by %s; mashctl explain %" PRIu64 " tells why",
                          text, wanted.peer, wanted.item.sequence);
    } else {
        doctor_say(d, FINDING_BAD, "peer", "its key is revoked", FIX);
    }
}

static void say_clock(doctor *d, const Mash__V1__PeerStatus *peer)
{
    char words[PRINT_DURATION_TEXT];
    if (!peer->told_time) return;
    int64_t size_ms = peer->clock_ahead_ms < 0 ? -peer->clock_ahead_ms : peer->clock_ahead_ms;
    print_duration(size_ms, words);
    if (size_ms < SKEW_GOOD_MS) {
        doctor_say(d, FINDING_GOOD, "its clock", "agrees with hub time to two seconds", NULL);
        return;
    }
    doctor_say_format(d, size_ms > EVENT_FUTURE_MS_MAX ? FINDING_BAD : FINDING_NOTE, "its clock",
                      "clock skew: look at both clocks, this hub's first (timedatectl), and have the wrong one synchronised "
                      "(timedatectl set-ntp "
                      "true); beyond 10 minutes ahead it holds what is dated by it",
                      "%s %s hub time", words, peer->clock_ahead_ms > 0 ? "ahead of" : "behind");
}

static void say_trouble(doctor *d, const Mash__V1__PeerStatus *peer)
{
    static const struct {
        const char *step, *found;
    } WORDS[] = {
        [MASH__V1__PEER_TROUBLE__PEER_TROUBLE_DISK] = {"its disk", "the disk there is full, or nearly: then nothing is taken in"},
        [MASH__V1__PEER_TROUBLE__PEER_TROUBLE_SOURCE] = {"its source", "nothing, or not everything, comes in there"},
        [MASH__V1__PEER_TROUBLE__PEER_TROUBLE_STOPPED] = {"stopped", "it is stopped by its STOP file, and sends nothing"},
        [MASH__V1__PEER_TROUBLE__PEER_TROUBLE_CERTIFICATE] = {"certificate", "a certificate of its way in has expired"},
    };
    static const char FIX[] = "ring them: mash-adapter --status, or mashctl doctor --adapter FILE, there says more";
    if (peer->trouble == MASH__V1__PEER_TROUBLE__PEER_TROUBLE_UNSPECIFIED) return;
    bool is_known = peer->trouble > 0 && (size_t)peer->trouble < sizeof WORDS / sizeof WORDS[0];
    doctor_say(d, FINDING_BAD, is_known ? WORDS[peer->trouble].step : "trouble",
               is_known ? WORDS[peer->trouble].found : "it has a trouble for which this mashctl has no word", FIX);
}

static void say_refusals(doctor *d, const Mash__V1__Status *state, const Mash__V1__PeerStatus *peer)
{
    char text[PRINT_TIME_TEXT + PRINT_DURATION_TEXT];
    tail_wanted wanted = {0};
    for (size_t i = 0; i < peer->n_unknown_areas; i++) {
        const Mash__V1__UnknownArea *area = peer->unknown_areas[i];
        doctor_say_format(
            d, FINDING_BAD, "area",
            "wrong area: have them put one of this partnership's into their configuration (`area`) or source; or add it to "
            "the policy (partnership.yaml) and adopt that",
            "%" PRIu64 " events named %s, which is none of this partnership's areas", area->events, area->code);
    }
    if (peer->refused == 0) return;
    if (!ask_newest(d, "event refused", peer->name, 1, &wanted)) {
        doctor_say_format(d, FINDING_NOTE, "refused", "mashctl tail --where \"what=event refused\" shows the records",
                          "%" PRIu64 " events of this peer were refused for good", peer->refused);
        return;
    }
    when(d, state, wanted.item.time_ms, text);
    doctor_say_format(d, FINDING_NOTE, "refused", "its quarantine has each with field and rule, to be put right in the source",
                      "%" PRIu64 " events for good; the newest: %s (record %" PRIu64 ", %s)", peer->refused, wanted.detail_text,
                      wanted.item.sequence, text);
}

static void say_connection(doctor *d, const Mash__V1__Status *state, const Mash__V1__PeerStatus *peer)
{
    char words[PRINT_DURATION_TEXT] = "";
    if (peer->last_heard_ms != 0) print_duration(state->hub_time_ms - peer->last_heard_ms, words);
    if (peer->connected) {
        doctor_say_format(d, FINDING_GOOD, "peer", NULL,
                          "connected, heard %s ago; %" PRIu64 " stored, %" PRIu64 " repeats, %" PRIu64 " refused", words,
                          peer->stored, peer->duplicates, peer->refused);
        return;
    }
    doctor_say_format(d, FINDING_BAD, "peer",
                      "on that machine: mashctl doctor --adapter FILE (or --key KEY); see below whether somebody is turned away",
                      "enrolled and not connected; %s%s%s", words[0] != '\0' ? "last heard " : "not heard since the hub started",
                      words, words[0] != '\0' ? " ago" : "");
}

void doctor_of_peer(doctor *d, const Mash__V1__Status *state, const char *name)
{
    const Mash__V1__PeerStatus *peer = doctor_peer_named(state, name);
    const size_t rows = state->n_strangers;
    if (peer == NULL) {
        doctor_say(d, FINDING_BAD, "peer", "not enrolled: the hub knows no peer of that name",
                   "mashctl keys list shows the names; mashctl enrol accept LINE lets one in");
    } else if (peer->revoked) {
        say_revoked(d, state, name);
    } else {
        say_connection(d, state, peer);
        say_clock(d, peer);
        say_trouble(d, peer);
        if (peer->waiting > 0)
            doctor_say_format(d, FINDING_NOTE, "its outbox",
                              "what waits is offered by itself; mash-adapter --status there says what it waits for",
                              "%" PRIu64 " events wait there, %" PRIu64 " records are parked", peer->waiting, peer->parked);
        say_refusals(d, state, peer);
    }
    if (rows > 0 || state->wrong_server_key > 0) doctor_of_strangers(d, state);
}
