/* browser.h - a bare TCP client on the test's own loop: it sends what it is told to and keeps what comes. */
#ifndef UNIT_HTTP_BROWSER_H
#define UNIT_HTTP_BROWSER_H

#include <uv.h>

#include "base/bytes.h"

typedef struct browser {
    uv_tcp_t tcp;
    uv_connect_t connect;
    hub_buffer sends, got;
    uint16_t port;
    bool reads; /* false: it never takes anything from its socket */
    bool closed;
} browser;

/* Connects to 127.0.0.1 and sends `text`; `sends` and `got` are freed by browser_free when the loop has closed it. */
void browser_open(browser *b, uv_loop_t *loop, uint16_t port, hub_bytes text, bool reads);
/* Runs the loop until `text` stands in what came. false: the connection ended before. */
bool browser_sees(browser *b, const char *text);
/* Runs the loop until the server has closed the connection. */
void browser_until_closed(browser *b);
void browser_leave(browser *b);
void browser_free(browser *b);

#endif
