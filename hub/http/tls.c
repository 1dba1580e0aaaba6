/* TLS of the server: libmicrohttpd does it by GnuTLS; here is what it leaves to its user. */
#include <gnutls/gnutls.h>
#include <string.h>

#include "internal.h"

/* "The certificate is NOT trusted. The certificate chain uses expired certificate. " */
static void say_doubt(unsigned faults, char doubt[HTTP_DOUBT_BYTES])
{
    gnutls_datum_t words = {0};
    bool has_words = faults != 0 && gnutls_certificate_verification_status_print(faults, GNUTLS_CRT_X509, &words, 0) >= 0;
    (void)hub_format(doubt, HTTP_DOUBT_BYTES, "%.200s", has_words ? (const char *)words.data : "it cannot be checked");
    gnutls_free(words.data);
}

bool http_is_certified(struct MHD_Connection *connection, const http_options *options, char stranger[HTTP_NAME_BYTES],
                       char doubt[HTTP_DOUBT_BYTES])
{
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    unsigned faults = 0;
    char name[HTTP_NAME_BYTES];
    stranger[0] = doubt[0] = '\0';
    if (info == NULL || info->tls_session == NULL) return false;
    gnutls_session_t session = info->tls_session;
    unsigned count = 0;
    if (gnutls_certificate_get_peers(session, &count) == NULL || count == 0) return false;
    if (gnutls_certificate_verify_peers2(session, &faults) != GNUTLS_E_SUCCESS || faults != 0) {
        say_doubt(faults, doubt);
        return false;
    }
    if (http_peer_is_among(session, options->names, options->name_count, name)) return true;
    (void)hub_format(stranger, HTTP_NAME_BYTES, "%s", name[0] != '\0' ? name : "(no name)");
    return false;
}

static gnutls_datum_t text_of(const char *text)
{
    return (gnutls_datum_t){.data = (unsigned char *)(uintptr_t)text, .size = (unsigned)strlen(text)};
}

hub_status http_tls_check(const http_options *options, hub_error *err)
{
    gnutls_certificate_credentials_t credentials = NULL;
    if (options->certificate == NULL) return HUB_OK;
    if (gnutls_certificate_allocate_credentials(&credentials) < 0) return hub_fail(err, HUB_ERR_MEMORY, "tls: out of memory");
    gnutls_datum_t certificate = text_of(options->certificate);
    gnutls_datum_t key = text_of(options->key);
    hub_status status = HUB_OK;
    int code = gnutls_certificate_set_x509_key_mem(credentials, &certificate, &key, GNUTLS_X509_FMT_PEM);
    if (code < 0) {
        status =
            hub_fail(err, HUB_ERR_INVALID, "tls: certificate and key: %s; PEM files that belong together", gnutls_strerror(code));
    } else if (options->authorities != NULL) {
        gnutls_datum_t authorities = text_of(options->authorities);
        code = gnutls_certificate_set_x509_trust_mem(credentials, &authorities, GNUTLS_X509_FMT_PEM);
        if (code <= 0) status = hub_fail(err, HUB_ERR_INVALID, "tls: client authorities: no certificate in PEM");
    }
    gnutls_certificate_free_credentials(credentials);
    return status;
}
