#include "browser.h"

#include <stdlib.h>
#include <string.h>

static void on_closed(uv_handle_t *handle)
{
    ((browser *)handle->data)->closed = true;
}

void browser_leave(browser *b)
{
    if (!uv_is_closing((uv_handle_t *)&b->tcp)) uv_close((uv_handle_t *)&b->tcp, on_closed);
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
    (void)handle;
    *out = uv_buf_init(malloc(suggested), (unsigned)suggested);
}

static void on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *bytes)
{
    browser *b = stream->data;
    if (size > 0) hub_buffer_put(&b->got, bytes->base, (size_t)size);
    free(bytes->base);
    if (size < 0) browser_leave(b);
}

static void on_connected(uv_connect_t *connect, int failed)
{
    browser *b = connect->data;
    HUB_ASSERT(failed == 0);
    size_t sent = 0;
    while (sent < b->sends.size) { /* small enough for the socket's buffer, or the rest is refused as the test wants */
        uv_buf_t part = uv_buf_init((char *)b->sends.data + sent, (unsigned)(b->sends.size - sent));
        int wrote = uv_try_write((uv_stream_t *)&b->tcp, &part, 1);
        if (wrote < 0) break;
        sent += (size_t)wrote;
    }
    if (b->reads) (void)uv_read_start((uv_stream_t *)&b->tcp, on_room, on_read);
}

void browser_open(browser *b, uv_loop_t *loop, uint16_t port, hub_bytes text, bool reads)
{
    *b = (browser){.port = port, .reads = reads};
    hub_buffer_put(&b->sends, text.data, text.size);
    struct sockaddr_in to;
    int failed = uv_ip4_addr("127.0.0.1", port, &to) | uv_tcp_init(loop, &b->tcp);
    b->tcp.data = b->connect.data = b;
    HUB_ASSERT(failed == 0);
    failed = uv_tcp_connect(&b->connect, &b->tcp, (const struct sockaddr *)&to, on_connected);
    HUB_ASSERT(failed == 0);
}

bool browser_sees(browser *b, const char *text)
{
    while (strstr(hub_buffer_text(&b->got), text) == NULL) {
        if (b->closed) return false;
        (void)uv_run(b->tcp.loop, UV_RUN_ONCE);
    }
    return true;
}

void browser_until_closed(browser *b)
{
    while (!b->closed)
        (void)uv_run(b->tcp.loop, UV_RUN_ONCE);
}

void browser_free(browser *b)
{
    browser_leave(b);
    browser_until_closed(b);
    hub_buffer_free(&b->sends);
    hub_buffer_free(&b->got);
}
