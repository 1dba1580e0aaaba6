/* tls.h - TLS 1.2 and 1.3 of a server over bytes that somebody else carries: no sockets here.
 *
 * By GnuTLS, which libmicrohttpd brings for the HTTP server too. Only 1.2 and 1.3 are spoken. With `authorities` a sender must show a certificate
 * that one of them has signed (or that stands in that file itself), of one of `names` when there are any, or the session ends.
 */
#ifndef KIT_TLS_H
#define KIT_TLS_H

#include "base/bytes.h"
#include "base/status.h"

enum { KIT_NAME_BYTES = 128, KIT_NAMES_MAX = 16 };

typedef struct kit_tls kit_tls;
typedef struct kit_tls_session kit_tls_session;

typedef struct kit_tls_files { /* paths of PEM files; BORROWED for the call */
    const char *certificate;   /* the server's own, followed by those between it and the authority */
    const char *key;
    const char *authorities; /* who may sign senders' certificates; NULL or "" = senders need none */
    const char (
        *names)[KIT_NAME_BYTES]; /* whose certificates, by DNS name or common name; BORROWED for the life of what is opened */
    unsigned name_count;         /* 0 = any that an authority has signed */
} kit_tls_files;

/* HUB_ERR_INVALID names the file, and what is wrong with it. */
hub_status kit_tls_open(const kit_tls_files *files, kit_tls **out, hub_error *err);
typedef struct kit_tls_span {
    int64_t from_ms, until_ms; /* ms since 1970 */
} kit_tls_span;
/* When all certificates of a PEM file hold. HUB_ERR_NOT_FOUND, HUB_ERR_IO, HUB_ERR_INVALID: no certificate in it. */
hub_status kit_tls_dates(const char *path, kit_tls_span *out, hub_error *err);

void kit_tls_close(kit_tls *tls); /* NULL is allowed; after all its sessions */

/* `tls` is BORROWED for the session's life. */
hub_status kit_tls_begin(kit_tls *tls, kit_tls_session **out);
void kit_tls_end(kit_tls_session *session); /* NULL is allowed */

/* Takes bytes from the wire. What they say goes to the end of `plain`, what is to be sent to the end of `wire`, also after a failure (the alert).
 * HUB_OK; HUB_ERR_NOT_FOUND: the other side has ended the session; HUB_ERR_REFUSED: no TLS, or a certificate that is not believed (err says why);
 * HUB_ERR_MEMORY. */
hub_status kit_tls_read(kit_tls_session *session, hub_bytes sealed, hub_buffer *plain, hub_buffer *wire, hub_error *err);
/* After the handshake, which what was read has ended. */
hub_status kit_tls_write(kit_tls_session *session, hub_bytes plain, hub_buffer *wire);

#endif
