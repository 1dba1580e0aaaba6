#include "server.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "host/clock.h"
#include "host/log.h"
#include "internal.h"

enum {
    HEAD_BYTES_MAX = 24 * 1024, /* of one connection: request line and headers; libmicrohttpd answers 431 or 414 above */
    IDLE_S = 60,
    SEND_BUFFER_BYTES = 64 * 1024, /* with the time-out below a reader that stopped is gone within seconds */
    UNREAD_MS = 10 * 1000,
};

static const char TLS_PRIORITIES[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";

/* W4. Scripts and styles are files of our own; nothing is framed, sniffed, cached or sent along as a referrer. */
static const http_header SECURITY[] = {
    {"Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
                                "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), microphone=(), geolocation=()"},
};

bool http_put_security(struct MHD_Response *response)
{
    for (size_t i = 0; i < sizeof SECURITY / sizeof SECURITY[0]; i++) {
        if (MHD_add_response_header(response, SECURITY[i].name, SECURITY[i].value) != MHD_YES) return false;
    }
    return true;
}

/* ---- connections: how old is what they have not finished reading (W2) -------------------------------------------------------- */
static http_connection *connection_of(http_server *server, int socket)
{
    for (size_t i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
        if (server->connections[i].socket == socket) return &server->connections[i];
    }
    return NULL;
}

static int socket_of(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info == NULL ? -1 : info->connect_fd;
}

static void read_again(http_server *server, struct MHD_Connection *connection, bool is_reading)
{
    uv_mutex_lock(&server->mutex);
    http_connection *slot = connection_of(server, socket_of(connection));
    if (slot != NULL) {
        slot->is_reading = is_reading;
        slot->reading_since_ms = (uint64_t)host_boot_ms();
    }
    uv_mutex_unlock(&server->mutex);
}

static void put_address(struct MHD_Connection *connection, char out[HTTP_ADDRESS_BYTES])
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *from = info == NULL ? NULL : info->client_addr;
    socklen_t size = from != NULL && from->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    if (from == NULL || getnameinfo(from, size, out, HTTP_ADDRESS_BYTES, NULL, 0, NI_NUMERICHOST) != 0)
        (void)hub_format(out, HTTP_ADDRESS_BYTES, "unknown");
}

/* W6. */
static void say_turned_away(http_server *server, struct MHD_Connection *connection, const char *reason)
{
    char address[HTTP_ADDRESS_BYTES];
    put_address(connection, address);
    if (host_seldom_is_due(&server->said, address, reason, host_boot_ms()))
        host_log(HOST_LOG_WARNING, "a request was turned away", "address", address, "reason", reason, NULL);
}

static void on_connection(void *context, struct MHD_Connection *connection, void **own, enum MHD_ConnectionNotificationCode code)
{
    http_server *server = context;
    int socket = socket_of(connection);
    const http_connection *ended = *own;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        int bytes = SEND_BUFFER_BYTES;
        unsigned unread = UNREAD_MS;
        (void)setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
        (void)setsockopt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, &unread, sizeof unread);
    }
    const char *mistake = ended != NULL && !ended->has_spoken ? http_unheard(connection, socket) : NULL;
    if (mistake != NULL) say_turned_away(server, connection, mistake);
    uv_mutex_lock(&server->mutex);
    http_connection *slot = connection_of(server, code == MHD_CONNECTION_NOTIFY_STARTED ? -1 : socket);
    *own = slot;
    if (slot != NULL && code == MHD_CONNECTION_NOTIFY_STARTED) {
        *slot = (http_connection){.socket = socket, .reading_since_ms = (uint64_t)host_boot_ms(), .is_reading = true};
        server->connection_count++;
    } else if (slot != NULL) {
        slot->socket = -1;
        server->connection_count--;
    }
    uv_mutex_unlock(&server->mutex);
}

/* The socket is only shut, never closed: that stays libmicrohttpd's, which takes the slot away before. */
static void on_reap(uv_timer_t *timer)
{
    http_server *server = timer->data;
    uint64_t now_ms = (uint64_t)host_boot_ms();
    uv_mutex_lock(&server->mutex);
    for (size_t i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
        const http_connection *slot = &server->connections[i];
        if (slot->socket >= 0 && slot->is_reading && now_ms - slot->reading_since_ms > server->options.reading_ms)
            (void)shutdown(slot->socket, SHUT_RDWR);
    }
    uv_mutex_unlock(&server->mutex);
}

/* ---- the epoll thread --------------------------------------------------------------------------------------------------------- */
static const char *header(struct MHD_Connection *connection, const char *name)
{
    const char *value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
    return value == NULL ? "" : value;
}

/* Called with the whole request target before anything else: what is returned begins the exchange. */
static void *on_target(void *context, const char *uri, struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    http_exchange *exchange = calloc(1, sizeof *exchange);
    if (info != NULL && info->socket_context != NULL) ((http_connection *)info->socket_context)->has_spoken = true;
    if (exchange == NULL) return NULL;
    exchange->server = context;
    exchange->uri = strdup(uri);
    if (exchange->uri != NULL) return exchange;
    free(exchange);
    return NULL;
}

static void fill_request(http_exchange *x, struct MHD_Connection *connection, const char *method)
{
    static const char *const METHODS[] = {"GET", "POST", "HEAD"};
    http_request *r = &x->request;
    char *query = strchr(x->uri, '?');
    if (query != NULL) *query++ = '\0';
    r->method = "";
    for (size_t i = 0; i < sizeof METHODS / sizeof METHODS[0]; i++) {
        if (strcmp(METHODS[i], method) == 0) r->method = METHODS[i];
    }
    r->path = x->uri;
    r->query = query == NULL ? "" : query;
    r->cookie = header(connection, "Cookie");
    r->host = header(connection, "Host");
    r->type = header(connection, "Content-Type");
    r->encoding = header(connection, "Content-Encoding");
    r->fetch_site = header(connection, "Sec-Fetch-Site");
    r->purpose = header(connection, "Sec-Purpose");
    r->forwarded = header(connection, "X-Forwarded-For");
    r->authorization = header(connection, "Authorization");
    r->idempotency_key = header(connection, "Idempotency-Key");
    r->is_certified = http_is_certified(connection, &x->server->options, x->stranger, x->doubt);
    r->doubt = x->doubt;
    r->stranger = x->stranger;
    put_address(connection, x->address);
    r->address = x->address;
    r->body = hub_buffer_bytes(&x->body);
}

static void say_refused(http_server *server, struct MHD_Connection *connection, unsigned status)
{
    char reason[HOST_SELDOM_TEXT];
    if (status == MHD_HTTP_CONTENT_TOO_LARGE) {
        (void)hub_format(reason, sizeof reason, "larger than the %u bytes that are taken here (an adapter: `body_bytes_max`)",
                         server->options.body_bytes_max);
        say_turned_away(server, connection, reason);
    }
    if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
        say_turned_away(server, connection, "no method that is taken here: GET, HEAD, POST");
}

static enum MHD_Result refuse(http_server *server, struct MHD_Connection *connection, unsigned status)
{
    say_refused(server, connection, status);
    static const char TOO_LARGE[] =
        "{\"title\":\"refused\",\"status\":413,\"detail\":\"the body is larger than this server takes\"}\n";
    const char *words = status == MHD_HTTP_CONTENT_TOO_LARGE ? TOO_LARGE : "";
    struct MHD_Response *response =
        MHD_create_response_from_buffer(strlen(words), (void *)(uintptr_t)words, MHD_RESPMEM_PERSISTENT);
    if (response == NULL) return MHD_NO;
    (void)http_put_security(response);
    if (words == TOO_LARGE) (void)MHD_add_response_header(response, "Content-Type", "application/problem+json");
    if (status == MHD_HTTP_SERVICE_UNAVAILABLE) (void)MHD_add_response_header(response, "Retry-After", "10");
    (void)MHD_add_response_header(response, "Connection", "close");
    enum MHD_Result queued = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return queued;
}

/* The connection is suspended before the loop can hear of it, so that a quick answer finds it suspended. false: the server stops. */
static bool post(http_exchange *x, struct MHD_Connection *connection)
{
    http_server *server = x->server;
    read_again(server, connection, false);
    uv_mutex_lock(&server->mutex);
    bool is_stopping = server->is_stopping;
    if (!is_stopping) {
        MHD_suspend_connection(connection);
        x->is_posted = true;
        *server->last = x;
        server->last = &x->next;
    }
    uv_mutex_unlock(&server->mutex);
    if (!is_stopping) (void)uv_async_send(&server->posted);
    return !is_stopping;
}

static bool is_announced_too_large(const http_server *server, struct MHD_Connection *connection)
{
    const char *length = header(connection, "Content-Length");
    return strlen(length) > 9 || strtoul(length, NULL, 10) > server->options.body_bytes_max;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url, const char *method,
                                  const char *version, const char *data, size_t *data_size, void **own)
{
    http_server *server = context;
    http_exchange *x = *own;
    (void)url;
    (void)version;
    if (x == NULL) return MHD_NO;
    if (x->connection == NULL) { /* the head has come */
        x->connection = connection;
        if (is_announced_too_large(server, connection)) return refuse(server, connection, MHD_HTTP_CONTENT_TOO_LARGE);
        return MHD_YES;
    }
    if (*data_size > 0) {
        if (x->body.size + *data_size > server->options.body_bytes_max) x->is_too_large = true; /* of a body without a length */
        if (!x->is_too_large) hub_buffer_put(&x->body, data, *data_size);
        *data_size = 0;
        return MHD_YES;
    }
    if (x->is_too_large) return refuse(server, connection, MHD_HTTP_CONTENT_TOO_LARGE);
    if (x->body.failed) return refuse(server, connection, MHD_HTTP_SERVICE_UNAVAILABLE);
    if (!x->is_posted) {
        fill_request(x, connection, method);
        if (x->request.method[0] == '\0') return refuse(server, connection, MHD_HTTP_METHOD_NOT_ALLOWED);
        return post(x, connection) ? MHD_YES : refuse(server, connection, MHD_HTTP_SERVICE_UNAVAILABLE);
    }
    uv_mutex_lock(&server->mutex); /* resumed: the loop has ended it */
    struct MHD_Response *response = x->response;
    unsigned status = x->status;
    uv_mutex_unlock(&server->mutex);
    return response == NULL ? refuse(server, connection, MHD_HTTP_SERVICE_UNAVAILABLE)
                            : MHD_queue_response(connection, status, response);
}

static void forget(http_server *server, http_exchange *x)
{
    uv_mutex_lock(&server->mutex);
    for (http_exchange **at = &server->with_loop; *at != NULL; at = &(*at)->other) {
        if (*at != x) continue;
        *at = x->other;
        break;
    }
    uv_mutex_unlock(&server->mutex);
}

/* The answer is written, or the connection is lost; both only when it is not suspended, so the loop is through with it. */
static void on_completed(void *context, struct MHD_Connection *connection, void **own, enum MHD_RequestTerminationCode code)
{
    http_exchange *x = *own;
    (void)code;
    if (x == NULL) return;
    forget(context, x);
    read_again(context, connection, true);
    if (x->response != NULL) MHD_destroy_response(x->response);
    hub_buffer_free(&x->body);
    free(x->uri);
    free(x);
    *own = NULL;
}

/* ---- the loop ----------------------------------------------------------------------------------------------------------------- */
static void on_posted(uv_async_t *async)
{
    http_server *server = async->data;
    while (true) {
        uv_mutex_lock(&server->mutex);
        http_exchange *x = server->first;
        if (x != NULL) {
            server->first = x->next;
            if (server->first == NULL) server->last = &server->first;
            x->other = server->with_loop;
            server->with_loop = x;
            x->is_with_loop = true;
        }
        bool is_stopping = server->is_stopping;
        uv_mutex_unlock(&server->mutex);
        if (x == NULL || is_stopping) break;
        server->options.request(server->options.context, &x->request);
    }
    http_streams_tell(server);
}

void http_exchange_end(http_exchange *x, unsigned status, struct MHD_Response *response)
{
    http_server *server = x->server;
    uv_mutex_lock(&server->mutex);
    HUB_ASSERT(x->is_with_loop); /* W1 */
    x->is_with_loop = false;
    x->response = response;
    x->status = status;
    MHD_resume_connection(x->connection);
    uv_mutex_unlock(&server->mutex);
}

static void answer(http_request *request, unsigned status, const http_header *headers, size_t count,
                   struct MHD_Response *response)
{
    bool is_good = response != NULL && http_put_security(response);
    bool says_cache = false;
    for (size_t i = 0; is_good && i < count; i++) {
        is_good = MHD_add_response_header(response, headers[i].name, headers[i].value) == MHD_YES;
        says_cache = says_cache || strcmp(headers[i].name, "Cache-Control") == 0;
    }
    if (is_good && !says_cache) is_good = MHD_add_response_header(response, "Cache-Control", "no-store") == MHD_YES;
    if (!is_good && response != NULL) {
        MHD_destroy_response(response);
        response = MHD_create_response_from_buffer(0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT);
        status = MHD_HTTP_INTERNAL_SERVER_ERROR;
    }
    http_exchange_end((http_exchange *)request, status, response);
}

void http_answer(http_request *request, unsigned status, const http_header *headers, size_t count, hub_buffer *body)
{
    if (body->failed) {
        hub_buffer_free(body);
        status = MHD_HTTP_INTERNAL_SERVER_ERROR;
    }
    struct MHD_Response *response = MHD_create_response_from_buffer(body->size, body->data, MHD_RESPMEM_MUST_FREE);
    if (response == NULL) {
        hub_buffer_free(body);
    } else {
        *body = (hub_buffer){0};
    }
    answer(request, status, headers, count, response);
}

void http_answer_lasting(http_request *request, unsigned status, const http_header *headers, size_t count, hub_bytes body)
{
    answer(request, status, headers, count,
           MHD_create_response_from_buffer(body.size, (void *)(uintptr_t)body.data, MHD_RESPMEM_PERSISTENT));
}

/* ---- life --------------------------------------------------------------------------------------------------------------------- */
static hub_status resolve(const http_options *options, struct sockaddr_storage *out, hub_error *err)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM}, *found = NULL;
    if (getaddrinfo(options->address, NULL, &hints, &found) != 0)
        return hub_fail(err, HUB_ERR_IO, "listen %s: no address; as in 127.0.0.1", options->address);
    memcpy(out, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    in_port_t port = htons(options->port);
    if (out->ss_family == AF_INET6) {
        ((struct sockaddr_in6 *)out)->sin6_port = port;
    } else {
        ((struct sockaddr_in *)out)->sin_port = port;
    }
    return HUB_OK;
}

static hub_status listen_at(http_server *server, hub_error *err)
{
    struct sockaddr_storage where = {0};
    hub_status status = resolve(&server->options, &where, err);
    if (status != HUB_OK) return status;
    const http_options *o = &server->options;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | (where.ss_family == AF_INET6 ? MHD_USE_IPv6 : 0) |
                     (o->certificate != NULL ? MHD_USE_TLS : 0);
    struct MHD_OptionItem tls[5] = {{MHD_OPTION_END, 0, NULL}};
    size_t count = 0;
    status = http_tls_check(o, err);
    if (status != HUB_OK) return status;
    if (o->certificate != NULL) {
        tls[count++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)o->certificate};
        tls[count++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)o->key};
        tls[count++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)TLS_PRIORITIES};
        if (o->authorities != NULL)
            tls[count++] = (struct MHD_OptionItem){MHD_OPTION_HTTPS_MEM_TRUST, 0, (void *)(uintptr_t)o->authorities};
        tls[count] = (struct MHD_OptionItem){MHD_OPTION_END, 0, NULL};
    }
    server->daemon = MHD_start_daemon(flags, server->options.port, NULL, NULL, on_request, server, MHD_OPTION_SOCK_ADDR,
                                      (struct sockaddr *)&where, MHD_OPTION_CONNECTION_LIMIT, (unsigned)HTTP_CONNECTIONS_MAX,
                                      MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HEAD_BYTES_MAX, MHD_OPTION_CONNECTION_TIMEOUT,
                                      (unsigned)IDLE_S, MHD_OPTION_NOTIFY_CONNECTION, on_connection, server,
                                      MHD_OPTION_NOTIFY_COMPLETED, on_completed, server, MHD_OPTION_URI_LOG_CALLBACK, on_target,
                                      server, MHD_OPTION_ARRAY, tls, MHD_OPTION_END);
    if (server->daemon != NULL) return HUB_OK;
    return hub_fail(err, HUB_ERR_IO, "listen %s:%u: the port is taken, or this address is not of this machine%s",
                    server->options.address, (unsigned)server->options.port,
                    server->options.port < IPPORT_RESERVED ? ", or a port below 1024 is not for this user: choose one above"
                                                           : "");
}

static void on_handle_closed(uv_handle_t *handle)
{
    http_server *server = handle->data;
    if (--server->open_handles > 0) return;
    uv_mutex_destroy(&server->mutex);
    free(server);
}

static void end_handles(http_server *server)
{
    uv_close((uv_handle_t *)&server->posted, on_handle_closed);
    uv_close((uv_handle_t *)&server->reaper, on_handle_closed);
}

hub_status http_server_open(uv_loop_t *loop, const http_options *options, http_server **out, hub_error *err)
{
    HUB_ASSERT(options->request != NULL);
    *out = NULL;
    http_server *server = calloc(1, sizeof *server);
    if (server == NULL) return hub_fail(err, HUB_ERR_MEMORY, "no memory for a web server");
    server->options = *options;
    if (options->body_bytes_max == 0) server->options.body_bytes_max = HTTP_BODY_BYTES_MAX;
    if (options->reading_ms == 0) server->options.reading_ms = HTTP_READING_MS;
    server->last = &server->first;
    for (size_t i = 0; i < HTTP_CONNECTIONS_MAX; i++)
        server->connections[i].socket = -1;
    int failed =
        uv_mutex_init(&server->mutex) | uv_async_init(loop, &server->posted, on_posted) | uv_timer_init(loop, &server->reaper);
    HUB_ASSERT(failed == 0);
    server->posted.data = server->reaper.data = server;
    server->open_handles = 2;
    hub_status status = listen_at(server, err);
    if (status != HUB_OK) {
        end_handles(server);
        return status;
    }
    (void)uv_timer_start(&server->reaper, on_reap, server->options.reading_ms / 4 + 1, server->options.reading_ms / 4 + 1);
    *out = server;
    return HUB_OK;
}

void http_server_close(http_server *server)
{
    if (server == NULL) return;
    uv_mutex_lock(&server->mutex);
    server->is_stopping = true;
    for (http_exchange *x = server->with_loop; x != NULL; x = x->other) { /* W3 */
        if (x->is_with_loop) MHD_resume_connection(x->connection);
        x->is_with_loop = false;
    }
    for (http_exchange *x = server->first; x != NULL; x = x->next)
        MHD_resume_connection(x->connection);
    server->first = NULL;
    server->last = &server->first;
    HUB_ASSERT(server->live_streams == 0);
    uv_mutex_unlock(&server->mutex);
    MHD_stop_daemon(server->daemon);
    end_handles(server);
}

uint16_t http_server_port(const http_server *server)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(server->daemon, MHD_DAEMON_INFO_BIND_PORT);
    return info == NULL ? 0 : info->port;
}

void http_server_count(const http_server *server, uint32_t *connections, uint32_t *streams)
{
    http_server *s = (http_server *)(uintptr_t)server;
    uv_mutex_lock(&s->mutex);
    *connections = s->connection_count;
    *streams = s->stream_count;
    uv_mutex_unlock(&s->mutex);
}
