#include "tls.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/files.h"
#include "http/peer_name.h"
#include "kit/tokens.h"

enum { PEM_BYTES_MAX = 1024 * 1024 };
static_assert((int)KIT_NAME_BYTES == (int)HTTP_NAME_BYTES, "one list of names serves both");

static const char PRIORITIES[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";

struct kit_tls {
    gnutls_certificate_credentials_t credentials;
    gnutls_priority_t priorities;
    bool asks; /* for senders' certificates */
    const char (*names)[KIT_NAME_BYTES];
    unsigned name_count;
};

struct kit_tls_session {
    gnutls_session_t session;
    const kit_tls *tls;
    hub_bytes in;     /* BORROWED for kit_tls_read: not yet taken */
    hub_buffer *wire; /* BORROWED for the call */
    bool is_open;
};

/* As it will be read: access() would not count what the process is allowed beyond its user. */
static bool is_readable(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) close(fd);
    return fd >= 0;
}

/* Which one it is GnuTLS does not say, nor why. */
static hub_status may_read(const kit_tls_files *files, hub_error *err)
{
    const char *const paths[] = {files->certificate, files->key, files->authorities};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        if (paths[i] == NULL || paths[i][0] == '\0' || is_readable(paths[i])) continue;
        return hub_fail(err, HUB_ERR_INVALID, "tls: %s: cannot be read: %s; put it there, owned by the adapter's user", paths[i],
                        strerror(errno));
    }
    return kit_secret_is_kept(files->key, err);
}

hub_status kit_tls_open(const kit_tls_files *files, kit_tls **out, hub_error *err)
{
    *out = NULL;
    hub_status status = may_read(files, err);
    if (status != HUB_OK) return status;
    kit_tls *tls = calloc(1, sizeof *tls);
    if (tls == NULL) return hub_fail(err, HUB_ERR_MEMORY, "tls: out of memory");
    tls->names = files->names;
    tls->name_count = files->name_count;
    tls->asks = files->authorities != NULL && files->authorities[0] != '\0';
    int code = gnutls_certificate_allocate_credentials(&tls->credentials);
    if (code >= 0) code = gnutls_priority_init(&tls->priorities, PRIORITIES, NULL);
    if (code < 0) {
        status = hub_fail(err, HUB_ERR_MEMORY, "tls: %s", gnutls_strerror(code));
        goto fail;
    }
    code = gnutls_certificate_set_x509_key_file(tls->credentials, files->certificate, files->key, GNUTLS_X509_FMT_PEM);
    if (code < 0) {
        status = hub_fail(err, HUB_ERR_INVALID, "tls: certificate %s with key %s: %s; PEM files that belong together",
                          files->certificate, files->key, gnutls_strerror(code));
        goto fail;
    }
    code = tls->asks ? gnutls_certificate_set_x509_trust_file(tls->credentials, files->authorities, GNUTLS_X509_FMT_PEM) : 1;
    if (code <= 0) {
        status = hub_fail(err, HUB_ERR_INVALID, "tls: client authorities %s: %s", files->authorities,
                          code == 0 ? "no certificate in it" : gnutls_strerror(code));
        goto fail;
    }
    *out = tls;
    return HUB_OK;

fail:
    kit_tls_close(tls);
    return status;
}

void kit_tls_close(kit_tls *tls)
{
    if (tls == NULL) return;
    if (tls->credentials != NULL) gnutls_certificate_free_credentials(tls->credentials);
    if (tls->priorities != NULL) gnutls_priority_deinit(tls->priorities);
    free(tls);
}

hub_status kit_tls_dates(const char *path, kit_tls_span *out, hub_error *err)
{
    gnutls_x509_crt_t *list = NULL;
    unsigned count = 0;
    hub_buffer text = {0};
    hub_status status = host_file_read(path, PEM_BYTES_MAX, &text, err);
    if (status == HUB_OK) {
        const gnutls_datum_t pem = {.data = text.data, .size = (unsigned)text.size};
        int code = gnutls_x509_crt_list_import2(&list, &count, &pem, GNUTLS_X509_FMT_PEM, 0);
        if (code < 0) status = hub_fail(err, HUB_ERR_INVALID, "%s: %s", path, gnutls_strerror(code));
    }
    *out = (kit_tls_span){.from_ms = INT64_MIN, .until_ms = INT64_MAX};
    for (unsigned i = 0; i < count; i++) {
        int64_t from = (int64_t)gnutls_x509_crt_get_activation_time(list[i]) * 1000;
        int64_t until = (int64_t)gnutls_x509_crt_get_expiration_time(list[i]) * 1000;
        if (from > out->from_ms) out->from_ms = from;
        if (until < out->until_ms) out->until_ms = until;
        gnutls_x509_crt_deinit(list[i]);
    }
    gnutls_free(list);
    hub_buffer_free(&text);
    return status;
}

static ssize_t pull(gnutls_transport_ptr_t context, void *out, size_t room)
{
    kit_tls_session *s = context;
    size_t size = s->in.size < room ? s->in.size : room;
    if (size == 0) {
        gnutls_transport_set_errno(s->session, EAGAIN);
        return -1;
    }
    memcpy(out, s->in.data, size);
    s->in = hub_bytes_of(s->in.data + size, s->in.size - size);
    return (ssize_t)size;
}

static ssize_t push(gnutls_transport_ptr_t context, const void *data, size_t size)
{
    kit_tls_session *s = context;
    if (s->wire != NULL) hub_buffer_put(s->wire, data, size);
    return (ssize_t)size;
}

hub_status kit_tls_begin(kit_tls *tls, kit_tls_session **out)
{
    *out = NULL;
    kit_tls_session *s = calloc(1, sizeof *s);
    if (s == NULL || gnutls_init(&s->session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) < 0) {
        free(s);
        return HUB_ERR_MEMORY;
    }
    if (gnutls_priority_set(s->session, tls->priorities) < 0 ||
        gnutls_credentials_set(s->session, GNUTLS_CRD_CERTIFICATE, tls->credentials) < 0) {
        kit_tls_end(s);
        return HUB_ERR_MEMORY;
    }
    s->tls = tls;
    gnutls_certificate_server_set_request(s->session, tls->asks ? GNUTLS_CERT_REQUIRE : GNUTLS_CERT_IGNORE);
    if (tls->asks) gnutls_session_set_verify_cert(s->session, NULL, 0); /* the chain, its dates and that it signs; no host name */
    gnutls_transport_set_ptr(s->session, s);
    gnutls_transport_set_pull_function(s->session, pull);
    gnutls_transport_set_push_function(s->session, push);
    *out = s;
    return HUB_OK;
}

void kit_tls_end(kit_tls_session *s)
{
    if (s == NULL) return;
    gnutls_deinit(s->session);
    free(s);
}

static hub_status refuse(kit_tls_session *s, int code, hub_error *err)
{
    (void)gnutls_alert_send_appropriate(s->session, code);
    if (code == GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR) {
        gnutls_datum_t why = {0};
        unsigned status = gnutls_session_get_verify_cert_status(s->session);
        if (gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &why, 0) >= 0) {
            (void)hub_fail(err, HUB_ERR_REFUSED, "the sender's certificate: %.200s", (const char *)why.data);
            gnutls_free(why.data);
            return HUB_ERR_REFUSED;
        }
    }
    /* What the library calls so where a sender breaks off, by TLS 1.3 and by 1.2. */
    bool is_left = code == GNUTLS_E_FATAL_ALERT_RECEIVED || code == GNUTLS_E_DECRYPTION_FAILED ||
                   code == GNUTLS_E_PREMATURE_TERMINATION || code == GNUTLS_E_NO_CERTIFICATE_FOUND;
    if (is_left && !s->is_open)
        return hub_fail(
            err, HUB_ERR_REFUSED,
            "the sender broke off (%s) Look whether it believes ours: its list needs the authority of `tls.certificate`, "
            "which needs the name that it connects to; and whether it shows one of its own",
            gnutls_strerror(code));
    bool is_none = code == GNUTLS_E_UNEXPECTED_PACKET || code == GNUTLS_E_UNEXPECTED_PACKET_LENGTH ||
                   code == GNUTLS_E_UNSUPPORTED_VERSION_PACKET;
    return hub_fail(err, HUB_ERR_REFUSED, "%s%s", gnutls_strerror(code),
                    is_none && !s->is_open ? " What it says is no TLS: have it turn it on (1.2 or 1.3), or take `tls` out here"
                                           : "");
}

static bool is_waiting(int code)
{
    return code == GNUTLS_E_AGAIN || code == GNUTLS_E_INTERRUPTED;
}

/* A certificate of our authority, but of somebody who is not to send here. */
static hub_status refuse_stranger(kit_tls_session *s, hub_error *err)
{
    char shown[KIT_NAME_BYTES];
    if (!s->tls->asks || http_peer_is_among(s->session, s->tls->names, s->tls->name_count, shown)) return HUB_OK;
    (void)gnutls_alert_send(s->session, GNUTLS_AL_FATAL, GNUTLS_A_ACCESS_DENIED);
    return hub_fail(err, HUB_ERR_REFUSED, "the sender's certificate is of %s, which is not under tls.client_names", shown);
}

static hub_status take(kit_tls_session *s, hub_buffer *plain, hub_error *err)
{
    uint8_t bytes[16 * 1024];
    while (!s->is_open) {
        int code = gnutls_handshake(s->session);
        if (code == GNUTLS_E_SUCCESS) {
            hub_status status = refuse_stranger(s, err);
            if (status != HUB_OK) return status;
            s->is_open = true;
        } else if (is_waiting(code)) {
            return HUB_OK;
        } else if (gnutls_error_is_fatal(code)) {
            return refuse(s, code, err);
        }
    }
    for (;;) {
        ssize_t got = gnutls_record_recv(s->session, bytes, sizeof bytes);
        if (got > 0) {
            hub_buffer_put(plain, bytes, (size_t)got);
        } else if (got == 0) {
            return HUB_ERR_NOT_FOUND;
        } else if (is_waiting((int)got)) {
            return plain->failed ? HUB_ERR_MEMORY : HUB_OK;
        } else if (gnutls_error_is_fatal((int)got)) {
            return refuse(s, (int)got, err);
        }
    }
}

hub_status kit_tls_read(kit_tls_session *s, hub_bytes sealed, hub_buffer *plain, hub_buffer *wire, hub_error *err)
{
    s->in = sealed;
    s->wire = wire;
    hub_status status = take(s, plain, err);
    s->in = (hub_bytes){0};
    s->wire = NULL;
    return status;
}

hub_status kit_tls_write(kit_tls_session *s, hub_bytes plain, hub_buffer *wire)
{
    HUB_ASSERT(s->is_open);
    s->wire = wire;
    while (plain.size > 0) {
        ssize_t sent = gnutls_record_send(s->session, plain.data, plain.size);
        if (sent < 0 && is_waiting((int)sent)) continue;
        if (sent < 0) break;
        plain = hub_bytes_of(plain.data + sent, plain.size - (size_t)sent);
    }
    s->wire = NULL;
    return plain.size == 0 && !wire->failed ? HUB_OK : HUB_ERR_IO;
}
