/* peer_name.h - whose certificate the other side of a TLS session showed. */
#ifndef HTTP_PEER_NAME_H
#define HTTP_PEER_NAME_H

#include <stdbool.h>

enum { HTTP_NAME_BYTES = 128 };

/* Is one of the certificate's DNS names, or its common name, among `names` (compared without case; no wildcards)? An empty list: any.
 *   session  a gnutls_session_t after its handshake
 *   shown    the certificate's first name, for a log: made printable; "" = it has none */
bool http_peer_is_among(void *session, const char (*names)[HTTP_NAME_BYTES], unsigned count, char shown[HTTP_NAME_BYTES]);

#endif
