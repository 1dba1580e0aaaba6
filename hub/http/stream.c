/* stream.c - Server-Sent Events: what the loop sends waits in a buffer until the epoll thread asks for it. */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* On the epoll thread. With nothing to send the connection is suspended; http_stream_send resumes it. */
static ssize_t on_read(void *context, uint64_t position, char *out, size_t room)
{
    http_stream *stream = context;
    (void)position;
    uv_mutex_lock(&stream->server->mutex);
    size_t size = stream->waiting.size < room ? stream->waiting.size : room;
    bool is_end = size == 0 && stream->is_ended;
    if (size > 0) {
        memcpy(out, stream->waiting.data, size);
        memmove(stream->waiting.data, stream->waiting.data + size, stream->waiting.size - size);
        stream->waiting.size -= size;
    } else if (!is_end) {
        MHD_suspend_connection(stream->connection);
        stream->is_suspended = true;
    }
    uv_mutex_unlock(&stream->server->mutex);
    return is_end ? MHD_CONTENT_READER_END_OF_STREAM : (ssize_t)size;
}

static void take_away(http_stream *stream)
{
    for (http_stream **at = &stream->server->streams; *at != NULL; at = &(*at)->next) {
        if (*at != stream) continue;
        *at = stream->next;
        stream->server->stream_count--;
        break;
    }
}

/* On the epoll thread: the connection is through with it. Whoever comes second of this and http_stream_end frees it. */
static void on_free(void *context)
{
    http_stream *stream = context;
    http_server *server = stream->server;
    uv_mutex_lock(&server->mutex);
    stream->is_gone = true;
    bool is_last = stream->is_ended;
    if (is_last) take_away(stream);
    uv_mutex_unlock(&server->mutex);
    if (!is_last) {
        (void)uv_async_send(&server->posted);
        return;
    }
    hub_buffer_free(&stream->waiting);
    free(stream);
}

hub_status http_stream_begin(http_request *request, http_stream_closed_cb *closed, void *context, http_stream **out)
{
    http_exchange *x = (http_exchange *)request;
    http_server *server = x->server;
    *out = NULL;
    http_stream *stream = calloc(1, sizeof *stream);
    struct MHD_Response *response = NULL;
    if (stream != NULL) {
        *stream = (http_stream){.server = server, .connection = x->connection, .closed = closed, .context = context};
        response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, on_read, stream, on_free);
    }
    if (response == NULL) {
        free(stream);
        http_exchange_end(x, MHD_HTTP_SERVICE_UNAVAILABLE, NULL);
        return HUB_ERR_MEMORY;
    }
    (void)http_put_security(response);
    (void)MHD_add_response_header(response, "Content-Type", "text/event-stream");
    (void)MHD_add_response_header(response, "Cache-Control", "no-store");
    (void)MHD_add_response_header(response, "X-Accel-Buffering", "no"); /* nginx passes each event on at once */
    uv_mutex_lock(&server->mutex);
    stream->next = server->streams;
    server->streams = stream;
    server->stream_count++;
    server->live_streams++;
    uv_mutex_unlock(&server->mutex);
    http_exchange_end(x, MHD_HTTP_OK, response);
    *out = stream;
    return HUB_OK;
}

static void wake(http_stream *stream)
{
    if (!stream->is_suspended) return;
    stream->is_suspended = false;
    MHD_resume_connection(stream->connection);
}

hub_status http_stream_send(http_stream *stream, hub_bytes bytes)
{
    uv_mutex_lock(&stream->server->mutex);
    bool is_full = stream->waiting.size + bytes.size > HTTP_STREAM_WAITING_MAX; /* W2 */
    if (!is_full && !stream->is_gone) {
        hub_buffer_put(&stream->waiting, bytes.data, bytes.size);
        is_full = stream->waiting.failed;
        wake(stream);
    }
    uv_mutex_unlock(&stream->server->mutex);
    return is_full ? HUB_ERR_FULL : HUB_OK;
}

void http_stream_end(http_stream *stream)
{
    http_server *server = stream->server;
    uv_mutex_lock(&server->mutex);
    stream->is_ended = true;
    server->live_streams--;
    bool is_last = stream->is_gone;
    if (is_last) {
        take_away(stream);
    } else {
        wake(stream);
    }
    uv_mutex_unlock(&server->mutex);
    if (!is_last) return;
    hub_buffer_free(&stream->waiting);
    free(stream);
}

void http_streams_tell(http_server *server)
{
    while (true) {
        uv_mutex_lock(&server->mutex);
        http_stream *stream = server->streams;
        while (stream != NULL && (!stream->is_gone || stream->is_told))
            stream = stream->next;
        if (stream != NULL) stream->is_told = true;
        uv_mutex_unlock(&server->mutex);
        if (stream == NULL) return;
        stream->closed(stream->context);
    }
}
