#include "peer_name.h"

#include <gnutls/x509.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool is_among(const char *name, const char (*names)[HTTP_NAME_BYTES], unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (strcasecmp(names[i], name) == 0) return true;
    }
    return false;
}

/* The next name of the certificate: its DNS names, then its common name. false: no more. A name that is cut, or holds a NUL, is given as "". */
static bool next_name(gnutls_x509_crt_t certificate, unsigned *place, char out[HTTP_NAME_BYTES])
{
    size_t size = HTTP_NAME_BYTES - 1;
    memset(out, 0, HTTP_NAME_BYTES);
    int kind = gnutls_x509_crt_get_subject_alt_name(certificate, *place, out, &size, NULL);
    (*place)++;
    if (kind == GNUTLS_SAN_DNSNAME && strlen(out) == size) return true;
    if (kind != GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
        out[0] = '\0';
        return true;
    }
    if (*place > 1000) return false; /* the common name was given */
    *place = 1001;
    size = HTTP_NAME_BYTES;
    memset(out, 0, HTTP_NAME_BYTES);
    bool has = gnutls_x509_crt_get_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, 0, out, &size) == 0;
    if (!has || strlen(out) != size) out[0] = '\0';
    return true;
}

bool http_peer_is_among(void *session, const char (*names)[HTTP_NAME_BYTES], unsigned count, char shown[HTTP_NAME_BYTES])
{
    unsigned certificates = 0;
    unsigned place = 0;
    char name[HTTP_NAME_BYTES];
    gnutls_x509_crt_t certificate = NULL;
    bool found = count == 0;
    shown[0] = '\0';
    const gnutls_datum_t *peers = gnutls_certificate_get_peers(session, &certificates);
    if (peers == NULL || certificates == 0 || gnutls_x509_crt_init(&certificate) < 0) return false;
    bool is_read = gnutls_x509_crt_import(certificate, &peers[0], GNUTLS_X509_FMT_DER) >= 0;
    while (is_read && place <= 1000 && next_name(certificate, &place, name)) {
        if (name[0] == '\0') continue;
        found = found || is_among(name, names, count);
        for (size_t i = 0; shown[0] == '\0' && name[i] != '\0'; i++)
            name[i] = name[i] < ' ' || name[i] > '~' ? '?' : name[i];
        if (shown[0] == '\0') (void)snprintf(shown, HTTP_NAME_BYTES, "%s", name);
    }
    gnutls_x509_crt_deinit(certificate);
    return found && is_read;
}
