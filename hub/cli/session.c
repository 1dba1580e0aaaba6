#include "cli/session.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "host/clock.h"

enum { TICK_MS = 20, CLOSE_MS = 1000, ANSWER_BYTES_MAX = 64 * 1024 * 1024 };

static void on_opened(void *context, const Mash__V1__Welcome *welcome)
{
    session *to = context;
    to->open = true;
    to->trouble = BUS_CLIENT_NO_TROUBLE;
    snprintf(to->partnership, sizeof to->partnership, "%s", welcome->partnership);
    snprintf(to->peer_name, sizeof to->peer_name, "%s", welcome->peer_name);
    snprintf(to->software, sizeof to->software, "%s", welcome->software);
    to->hub_time_ms = welcome->hub_time_ms;
    to->wall_at_welcome_ms = host_wall_ms();
    to->publish_items_max = welcome->publish_items_max;
    to->frame_bytes_max = welcome->frame_bytes_max;
    if (to->handlers.opened != NULL) to->handlers.opened(to->handlers.context, welcome);
}

static void on_closed(void *context, bus_client_trouble trouble, const char *text)
{
    session *to = context;
    to->open = false;
    to->trouble = trouble;
    snprintf(to->trouble_text, sizeof to->trouble_text, "%s",
             text != NULL && text[0] != '\0' ? text : bus_client_trouble_text(trouble));
    if (to->handlers.closed != NULL) to->handlers.closed(to->handlers.context, to->trouble_text);
}

static void on_frame(void *context, const Mash__V1__HubFrame *frame)
{
    session *to = context;
    if (to->handlers.frame != NULL) to->handlers.frame(to->handlers.context, frame);
}

static void on_hello(void *context, Mash__V1__Hello *hello)
{
    session *to = context;
    to->handlers.hello(to->handlers.context, hello);
}

static void on_writable(void *context)
{
    session *to = context;
    if (to->handlers.writable != NULL) to->handlers.writable(to->handlers.context);
}

static void on_tick(uv_timer_t *timer)
{
    session *to = timer->data;
    if (to->handlers.tick != NULL) to->handlers.tick(to->handlers.context);
}

static void on_signal(uv_signal_t *handle, int number)
{
    (void)number;
    session *to = handle->data;
    to->interrupted = true;
}

static void on_ended(void *context)
{
    session *to = context;
    to->ended = true;
}

static void start_handles(session *to)
{
    uv_timer_init(&to->loop, &to->timer);
    uv_signal_init(&to->loop, &to->interrupt);
    uv_signal_init(&to->loop, &to->terminate);
    to->timer.data = to->interrupt.data = to->terminate.data = to;
    uv_timer_start(&to->timer, on_tick, TICK_MS, TICK_MS);
    uv_signal_start(&to->interrupt, on_signal, SIGINT);
    uv_signal_start(&to->terminate, on_signal, SIGTERM);
}

hub_status session_start_as(const settings *from, const bus_key_pair *keys, const uint8_t server_key[BUS_KEY_BYTES],
                            uint32_t timeout_ms, session_class which, const session_handlers *handlers, session *to,
                            hub_error *err)
{
    memset(to, 0, sizeof *to);
    to->timeout_ms = timeout_ms;
    to->trouble = BUS_CLIENT_CONNECTING;
    if (handlers != NULL) to->handlers = *handlers;
    snprintf(to->endpoint, sizeof to->endpoint, "%s", which == SESSION_TEAM ? from->team : from->agency);
    hub_status status = hub_arena_open(&to->arena, 64 * 1024, ANSWER_BYTES_MAX);
    if (status != HUB_OK) return hub_fail(err, status, "no memory for an answer");
    if (uv_loop_init(&to->loop) != 0) {
        hub_arena_close(&to->arena);
        return hub_fail(err, HUB_ERR_MEMORY, "no event loop");
    }
    to->loop_open = true;
    start_handles(to);
    bus_client_options options = {
        .endpoints = {to->endpoint, NULL}, .keys = *keys, .software = "mashctl/" MASHHUB_VERSION, .context = to};
    memcpy(options.server_key, server_key, sizeof options.server_key);
    options.hello = to->handlers.hello != NULL ? on_hello : NULL;
    options.opened = on_opened;
    options.closed = on_closed;
    options.frame = on_frame;
    options.writable = on_writable;
    status = bus_client_open(&to->loop, &options, &to->client, err);
    if (status != HUB_OK) session_close(to);
    return status;
}

hub_status session_start(const cli_call *call, session_class which, const session_handlers *handlers, session *to, hub_error *err)
{
    settings from;
    bus_key_pair keys;
    uint8_t server_key[BUS_KEY_BYTES];
    uint32_t timeout_ms = 0;
    memset(to, 0, sizeof *to);
    hub_status status = settings_read(call, &from, err);
    if (status == HUB_OK) status = settings_timeout(call, &timeout_ms, err);
    if (status == HUB_OK) status = settings_keys(&from, &keys, server_key, err);
    if (status == HUB_OK) status = session_start_as(&from, &keys, server_key, timeout_ms, which, handlers, to, err);
    return status;
}

bool session_turn(session *to, uint64_t until_us)
{
    if (to->interrupted || (until_us != 0 && host_monotonic_us() >= until_us)) return false;
    uv_run(&to->loop, UV_RUN_ONCE);
    return true;
}

void session_run(session *to, const bool *done, uint64_t until_us)
{
    while (!*done && session_turn(to, until_us))
        continue;
}

hub_status session_wait(session *to, hub_error *err)
{
    uint64_t until_us = host_monotonic_us() + (uint64_t)to->timeout_ms * 1000;
    while (!to->open && to->trouble != BUS_CLIENT_NOT_ALLOWED && session_turn(to, until_us))
        continue;
    if (to->open) return HUB_OK;
    if (to->interrupted) return hub_fail(err, HUB_ERR_AGAIN, "interrupted while connecting to %s", to->endpoint);
    hub_status status = to->trouble == BUS_CLIENT_NOT_ALLOWED ? HUB_ERR_REFUSED : HUB_ERR_AGAIN;
    return hub_fail(err, status, "no session: %s (mashctl doctor goes through it step by step)",
                    to->trouble_text[0] != '\0' ? to->trouble_text : bus_client_trouble_text(to->trouble));
}

hub_status session_open(const cli_call *call, session_class which, session *to, hub_error *err)
{
    hub_status status = session_start(call, which, NULL, to, err);
    if (status != HUB_OK) return status;
    status = session_wait(to, err);
    if (status != HUB_OK) session_close(to);
    return status;
}

hub_status session_fault(const Mash__V1__Fault *fault, hub_error *err)
{
    hub_status status = HUB_ERR_INVALID;
    if (fault->code == MASH__V1__FAULT_CODE__FAULT_NOT_ALLOWED) status = HUB_ERR_REFUSED;
    if (fault->code == MASH__V1__FAULT_CODE__FAULT_UNKNOWN_QUEUE) status = HUB_ERR_NOT_FOUND;
    if (fault->code == MASH__V1__FAULT_CODE__FAULT_BUSY) status = HUB_ERR_AGAIN;
    hub_buffer text = {0};
    print_clean(&text, fault->text);
    const bool placed = fault->field_path[0] != '\0';
    (void)hub_fail(err, status, "the hub answers: %s%s%s%s", hub_buffer_text(&text), placed ? " (" : "", fault->field_path,
                   placed ? ")" : "");
    hub_buffer_free(&text);
    return status;
}

hub_status session_ask(session *to, Mash__V1__ClientFrame *frame, Mash__V1__HubFrame__BodyCase body,
                       const Mash__V1__HubFrame **answer, hub_error *err)
{
    hub_arena_reset(&to->arena);
    hub_status status = bus_client_ask(to->client, &to->loop, frame, to->timeout_ms, &to->arena, answer, err);
    if (status != HUB_OK) return status;
    if ((*answer)->body_case == MASH__V1__HUB_FRAME__BODY_FAULT) return session_fault((*answer)->fault, err);
    if ((*answer)->body_case != body)
        return hub_fail(err, HUB_ERR_INVALID, "the hub answered something else than was asked; it is %s, this is mashctl %s",
                        to->software, MASHHUB_VERSION);
    return HUB_OK;
}

int64_t session_hub_now_ms(const session *to)
{
    return to->hub_time_ms == 0 ? host_wall_ms() : host_wall_ms() - to->wall_at_welcome_ms + to->hub_time_ms;
}

static void close_handle(uv_handle_t *handle, void *nothing)
{
    (void)nothing;
    if (!uv_is_closing(handle)) uv_close(handle, NULL);
}

void session_close(session *to)
{
    if (!to->loop_open) return;
    if (to->client != NULL) {
        to->handlers = (session_handlers){0};
        to->interrupted = false;
        bus_client_close(to->client, on_ended);
        session_run(to, &to->ended, host_monotonic_us() + CLOSE_MS * 1000);
    }
    uv_walk(&to->loop, close_handle, NULL);
    uv_run(&to->loop, UV_RUN_DEFAULT);
    uv_loop_close(&to->loop);
    hub_arena_close(&to->arena);
    to->loop_open = false;
}
