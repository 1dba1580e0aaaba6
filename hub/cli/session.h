/* session.h - a verb's connection to the hub: opened, waited for, asked, ended; interrupted by Ctrl-C without losing what was promised. */
#ifndef CLI_SESSION_H
#define CLI_SESSION_H

#include <uv.h>

#include "bus/client.h"
#include "cli/settings.h"

typedef enum session_class { SESSION_TEAM, SESSION_AGENCY } session_class;

typedef struct session_handlers { /* each may be NULL */
    void *context;
    void (*hello)(void *context, Mash__V1__Hello *hello);
    void (*opened)(void *context, const Mash__V1__Welcome *welcome); /* also after every reconnect */
    void (*closed)(void *context, const char *text);
    void (*frame)(void *context, const Mash__V1__HubFrame *frame);
    void (*writable)(void *context);
    void (*tick)(void *context); /* every 20 ms */
} session_handlers;

typedef struct session {
    uv_loop_t loop;
    uv_timer_t timer;
    uv_signal_t interrupt;
    uv_signal_t terminate;
    bus_client *client;
    session_handlers handlers;
    hub_arena arena; /* holds the last answer */
    uint32_t timeout_ms;
    char endpoint[SETTINGS_ENDPOINT_MAX];
    bool open; /* a session is open */
    bool interrupted;
    bool loop_open;
    bool ended; /* the client left the loop */
    bus_client_trouble trouble;
    char trouble_text[256];
    /* from the last Welcome */
    char partnership[64];
    char peer_name[64];
    char software[80];
    int64_t hub_time_ms;
    int64_t wall_at_welcome_ms;
    uint32_t publish_items_max;
    uint32_t frame_bytes_max;
} session;

/* Reads the settings and opens a client; does not wait. `handlers` may be NULL. On failure `to` needs no closing. */
hub_status session_start(const cli_call *call, session_class which, const session_handlers *handlers, session *to,
                         hub_error *err);
/* The same with keys and settings in hand. */
hub_status session_start_as(const settings *from, const bus_key_pair *keys, const uint8_t server_key[BUS_KEY_BYTES],
                            uint32_t timeout_ms, session_class which, const session_handlers *handlers, session *to,
                            hub_error *err);
/* Runs the loop until a session is open. HUB_ERR_AGAIN: not within the timeout; err says why as far as it can be told. */
hub_status session_wait(session *to, hub_error *err);
/* session_start and session_wait. */
hub_status session_open(const cli_call *call, session_class which, session *to, hub_error *err);
/* Asks and waits for an answer of this body. A Fault is an error: HUB_ERR_REFUSED when it is not allowed, HUB_ERR_NOT_FOUND for an unknown
 * queue or request; so is another body: HUB_ERR_INVALID. */
hub_status session_ask(session *to, Mash__V1__ClientFrame *frame, Mash__V1__HubFrame__BodyCase body,
                       const Mash__V1__HubFrame **answer, hub_error *err);
/* One turn of the loop; false, without one: it was interrupted, or it is `until_us` of host_monotonic_us (0 = never). */
bool session_turn(session *to, uint64_t until_us);
/* Such turns until *done. */
void session_run(session *to, const bool *done, uint64_t until_us);
/* Says goodbye. A connection that is all zero is allowed. */
void session_close(session *to);

/* The error that a Fault is. */
hub_status session_fault(const Mash__V1__Fault *fault, hub_error *err);
/* Hub time now, reckoned from the last Welcome: due times are counted down by the hub's clock, not by this machine's. */
int64_t session_hub_now_ms(const session *to);

#endif
