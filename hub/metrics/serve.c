#include "serve.h"

#include <stdlib.h>
#include <string.h>

static const char FIGURES[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n";
static const char NOT_FOUND[] = "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\n";
static const char NOT_SO[] = "HTTP/1.1 405 Method Not Allowed\r\nAllow: GET\r\nContent-Type: text/plain\r\n";
static const char TOO_LARGE[] = "HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Type: text/plain\r\n";
static const char NO_MEMORY[] = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\n";

typedef struct visitor {
    uv_tcp_t tcp;
    uv_write_t write;
    metrics_server *server;
    uint64_t came_ms;
    char request[METRICS_REQUEST_BYTES_MAX + 1];
    size_t size;
    hub_buffer answer;
    bool is_here;
} visitor;

struct metrics_server {
    uv_loop_t *loop;
    uv_tcp_t listener;
    uv_timer_t sweep; /* while anybody is here */
    metrics_write_cb *write;
    void *context;
    uint64_t second_ms, written_ms; /* 0 = nothing written yet */
    hub_buffer figures;
    visitor visitors[METRICS_CONNECTIONS_MAX];
    uint32_t handles; /* not closed yet */
    bool is_waiting;  /* somebody has connected and was not taken yet */
    bool is_closing;
};

static void take_waiting(metrics_server *s);

/* ---- ending ---- */
static void free_when_done(metrics_server *s)
{
    if (--s->handles > 0) return;
    HUB_ASSERT(s->is_closing);
    hub_buffer_free(&s->figures);
    free(s);
}

static void on_handle_closed(uv_handle_t *handle)
{
    free_when_done(handle->data);
}

static void on_left(uv_handle_t *handle)
{
    visitor *v = handle->data;
    metrics_server *s = v->server;
    hub_buffer_free(&v->answer);
    v->is_here = false;
    if (!s->is_closing) take_waiting(s); /* somebody may have waited for this place */
    free_when_done(s);
}

static void leave(visitor *v)
{
    if (!uv_is_closing((uv_handle_t *)&v->tcp)) uv_close((uv_handle_t *)&v->tcp, on_left);
}

static void on_sweep(uv_timer_t *timer)
{
    metrics_server *s = timer->data;
    uint32_t here = 0;
    for (uint32_t i = 0; i < METRICS_CONNECTIONS_MAX; i++) {
        visitor *v = &s->visitors[i];
        here += v->is_here;
        if (v->is_here && uv_now(s->loop) - v->came_ms >= s->second_ms) leave(v);
    }
    if (here == 0) (void)uv_timer_stop(timer);
}

/* ---- answering ---- */
static hub_bytes figures_now(metrics_server *s)
{
    uint64_t now_ms = uv_now(s->loop);
    if (s->written_ms == 0 || now_ms - s->written_ms >= s->second_ms || s->figures.failed) {
        hub_buffer_clear(&s->figures);
        s->write(s->context, &s->figures);
        s->written_ms = now_ms + (now_ms == 0);
    }
    return hub_buffer_bytes(&s->figures);
}

static const char *head_for(const visitor *v)
{
    if (strstr(v->request, "\r\n\r\n") == NULL) return TOO_LARGE;
    if (strncmp(v->request, "GET ", 4) != 0) return NOT_SO;
    bool is_page = strncmp(v->request + 4, "/metrics HTTP/1.", 16) == 0 || strncmp(v->request + 4, "/metrics?", 9) == 0;
    return is_page ? FIGURES : NOT_FOUND;
}

static void on_written(uv_write_t *write, int failed)
{
    (void)failed; /* gone or not, that is all there was to say */
    leave(write->data);
}

static void answer(visitor *v)
{
    hub_bytes body = hub_bytes_of_text("GET /metrics is all there is here.\n");
    const char *head = head_for(v);
    (void)uv_read_stop((uv_stream_t *)&v->tcp);
    if (head == FIGURES) body = figures_now(v->server);
    if (head == FIGURES && v->server->figures.failed) head = NO_MEMORY;
    hub_buffer_put_format(&v->answer, "%sConnection: close\r\nX-Content-Type-Options: nosniff\r\nContent-Length: %zu\r\n\r\n",
                          head, body.size);
    hub_buffer_put(&v->answer, body.data, body.size);
    uv_buf_t bytes = uv_buf_init((char *)v->answer.data, (unsigned)v->answer.size);
    v->write.data = v;
    if (v->answer.failed || uv_write(&v->write, (uv_stream_t *)&v->tcp, &bytes, 1, on_written) != 0) leave(v);
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
    visitor *v = handle->data;
    (void)suggested;
    *out = uv_buf_init(v->request + v->size, (unsigned)(METRICS_REQUEST_BYTES_MAX - v->size));
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *bytes)
{
    visitor *v = stream->data;
    (void)bytes;
    if (size < 0) {
        leave(v);
        return;
    }
    v->size += (size_t)size;
    v->request[v->size] = '\0'; /* a NUL in it only ends the line sooner */
    if (strstr(v->request, "\r\n\r\n") != NULL || v->size == METRICS_REQUEST_BYTES_MAX) answer(v);
}

/* ---- connections ---- */
static visitor *free_place(metrics_server *s)
{
    for (uint32_t i = 0; i < METRICS_CONNECTIONS_MAX; i++) {
        if (!s->visitors[i].is_here) return &s->visitors[i];
    }
    return NULL;
}

/* Who finds no place waits in the kernel: libuv takes nobody more before the one that it told of has been taken over. */
static void take_waiting(metrics_server *s)
{
    visitor *v = s->is_waiting ? free_place(s) : NULL;
    if (v == NULL) return;
    int failed = uv_tcp_init(s->loop, &v->tcp);
    HUB_ASSERT(failed == 0);
    v->tcp.data = v;
    v->server = s;
    v->size = 0;
    v->is_here = true;
    v->came_ms = uv_now(s->loop);
    s->handles++;
    s->is_waiting = false;
    if (!uv_is_active((uv_handle_t *)&s->sweep)) (void)uv_timer_start(&s->sweep, on_sweep, s->second_ms / 4, s->second_ms / 4);
    failed = uv_accept((uv_stream_t *)&s->listener, (uv_stream_t *)&v->tcp);
    if (failed == 0) failed = uv_read_start((uv_stream_t *)&v->tcp, on_room, on_read);
    if (failed != 0) leave(v);
}

static void on_connection(uv_stream_t *listener, int failed)
{
    metrics_server *s = listener->data;
    if (failed != 0) return;
    s->is_waiting = true;
    take_waiting(s);
}

/* ---- a server's life ---- */
static int listen_at(metrics_server *s, const char *address, uint16_t port)
{
    struct sockaddr_storage at = {0};
    int failed = uv_ip4_addr(address, port, (struct sockaddr_in *)&at);
    if (failed != 0) failed = uv_ip6_addr(address, port, (struct sockaddr_in6 *)&at);
    if (failed == 0) failed = uv_tcp_bind(&s->listener, (const struct sockaddr *)&at, 0);
    if (failed == 0) failed = uv_listen((uv_stream_t *)&s->listener, METRICS_CONNECTIONS_MAX, on_connection);
    return failed;
}

hub_status metrics_server_open(uv_loop_t *loop, const metrics_options *options, metrics_server **out, hub_error *err)
{
    *out = NULL;
    metrics_server *s = calloc(1, sizeof *s);
    if (s == NULL) return hub_fail(err, HUB_ERR_MEMORY, "no memory for /metrics");
    s->loop = loop;
    s->write = options->write;
    s->context = options->context;
    s->second_ms = options->second_ms == 0 ? METRICS_SECOND_MS : options->second_ms;
    int failed = uv_tcp_init(loop, &s->listener) | uv_timer_init(loop, &s->sweep);
    HUB_ASSERT(failed == 0);
    s->listener.data = s->sweep.data = s;
    s->handles = 2;
    failed = listen_at(s, options->address, options->port);
    if (failed != 0) {
        metrics_server_close(s);
        return hub_fail(err, HUB_ERR_IO, "%s:%u: %s; choose another address or port under `metrics`", options->address,
                        options->port, uv_strerror(failed));
    }
    *out = s;
    return HUB_OK;
}

void metrics_server_close(metrics_server *server)
{
    if (server == NULL) return;
    server->is_closing = true;
    for (uint32_t i = 0; i < METRICS_CONNECTIONS_MAX; i++) {
        if (server->visitors[i].is_here) leave(&server->visitors[i]);
    }
    uv_close((uv_handle_t *)&server->listener, on_handle_closed);
    uv_close((uv_handle_t *)&server->sweep, on_handle_closed);
}

uint16_t metrics_server_port(const metrics_server *server)
{
    struct sockaddr_storage at;
    int size = sizeof at;
    int failed = uv_tcp_getsockname(&server->listener, (struct sockaddr *)&at, &size);
    HUB_ASSERT(failed == 0);
    return ntohs(at.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&at)->sin6_port : ((struct sockaddr_in *)&at)->sin_port);
}
