/* unheard.c - a connection that ended before it had made a request: did its client speak something else than is spoken here? */
#include <gnutls/gnutls.h>

#include "internal.h"
#include "received.h"

const char *http_unheard(struct MHD_Connection *connection, int socket)
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    gnutls_session_t session = info == NULL ? NULL : info->tls_session;
    if (!http_has_received(socket)) return NULL;
    if (session == NULL)
        return "it made no request of HTTP; does it speak TLS? This port is in clear: have it turn TLS off, or set `tls` here";
    if (gnutls_cipher_get(session) != GNUTLS_CIPHER_NULL) return NULL; /* its TLS was well: a connection made in advance */
    return "it spoke no TLS that is taken (1.2, 1.3), or broke it off: have it use https, and believe this certificate's "
           "authority";
}
