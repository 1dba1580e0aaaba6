#include "mail.h"

#include <string.h>

#include "transfer.h"

static const long CONNECT_MS = 10000;

bool mail_is_allowed(const char *text, mail_security security)
{
    bool plain = strncmp(text, "smtp://", 7) == 0;
    const char *host = plain ? text + 7 : text + 8;
    if (strlen(text) > FETCH_URL_BYTES_MAX || (!plain && strncmp(text, "smtps://", 8) != 0)) return false;
    for (const char *c = host; *c != '\0'; c++) {
        if (*c <= ' ' || *c > '~' || strchr("/@?#%", *c) != NULL) return false;
    }
    CURLU *url = curl_url();
    bool good = url != NULL && host[0] != '\0' && curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK;
    if (good && security == MAIL_CLEAR) good = plain && transfer_is_here(url);
    curl_url_cleanup(url);
    return good;
}

typedef struct unread {
    hub_bytes rest;
} unread;

static size_t give_bytes(char *out, size_t one, size_t count, void *context)
{
    hub_bytes *rest = &((unread *)context)->rest;
    size_t size = one * count < rest->size ? one * count : rest->size;
    if (size == 0) return 0;
    memcpy(out, rest->data, size);
    *rest = hub_bytes_of(rest->data + size, rest->size - size);
    return size;
}

static hub_status say(CURLcode result, long code, hub_error *err)
{
    static const struct {
        CURLcode code;
        const char *words;
    } WORDS[] = {
        {CURLE_COULDNT_RESOLVE_HOST,
         "the mail server's name is not known; look at its spelling and at this machine's name service"},
        {CURLE_COULDNT_CONNECT, "the mail server takes no connection; is it up, and may this machine reach it (firewall)?"},
        {CURLE_OPERATION_TIMEDOUT, "the mail server did not answer in time"},
        {CURLE_PEER_FAILED_VERIFICATION,
         "the mail server's certificate is not believed; name the authority's file under `ca`, or have it mended"},
        {CURLE_USE_SSL_FAILED, "the mail server offers no TLS (STARTTLS); nothing is sent in clear"},
        {CURLE_LOGIN_DENIED, "the mail server does not take user and password"},
        {CURLE_SSL_CACERT_BADFILE, "the file under `ca` cannot be read"},
        {CURLE_RECV_ERROR,
         "the mail server closed in the middle; it may have the mail, and is given it again under the same Message-ID"},
        {CURLE_GOT_NOTHING,
         "the mail server closed in the middle; it may have the mail, and is given it again under the same Message-ID"},
        {CURLE_ABORTED_BY_CALLBACK, "sending was stopped"},
    };
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        if (WORDS[i].code == result) return hub_fail(err, HUB_ERR_IO, "%s", WORDS[i].words);
    }
    if (result == CURLE_OUT_OF_MEMORY) return hub_fail(err, HUB_ERR_MEMORY, "no memory for a mail");
    if (code >= 500)
        return hub_fail(
            err, HUB_ERR_IO,
            "the mail server answered %ld: it refuses us, a recipient or the mail; its log says which, by this Message-ID", code);
    if (code >= 400)
        return hub_fail(err, HUB_ERR_IO, "the mail server answered %ld: not now (busy, or it lets newcomers wait)", code);
    return hub_fail(err, HUB_ERR_IO, "the mail server could not be spoken with (%s)", curl_easy_strerror(result));
}

static CURLcode prepare(CURL *curl, const mail_request *request, struct curl_slist *to, unread *message)
{
    const transfer_terms terms = {.url = request->url,
                                  .protocols = "smtp,smtps",
                                  .user = request->user,
                                  .password = request->password,
                                  .ca_file = request->ca_file,
                                  .connect_ms = CONNECT_MS,
                                  .timeout_ms = request->timeout_ms,
                                  .stop = request->stop};
    CURLcode worst = transfer_prepare(curl, &terms);
    TRANSFER_SET(curl, worst, CURLOPT_USE_SSL, request->security == MAIL_TLS ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_NONE);
    TRANSFER_SET(curl, worst, CURLOPT_PROXY, ""); /* a proxy of the environment is for HTTP */
    TRANSFER_SET(curl, worst, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)(request->timeout_ms / 1000 + 1));
    TRANSFER_SET(curl, worst, CURLOPT_MAIL_FROM, request->from);
    TRANSFER_SET(curl, worst, CURLOPT_MAIL_RCPT, to);
    TRANSFER_SET(curl, worst, CURLOPT_UPLOAD, 1L);
    TRANSFER_SET(curl, worst, CURLOPT_READFUNCTION, give_bytes);
    TRANSFER_SET(curl, worst, CURLOPT_READDATA, message);
    return worst;
}

hub_status mail_send(const mail_request *request, long *code, hub_error *err)
{
    HUB_ASSERT(request != NULL && code != NULL && request->to != NULL && request->to[0] != NULL);
    *code = 0;
    if (!mail_is_allowed(request->url, request->security))
        return hub_fail(err, HUB_ERR_IO, "a mail server that is neither spoken to under TLS nor on loopback is not used");
    CURL *curl = curl_easy_init();
    struct curl_slist *to = transfer_list(request->to);
    unread message = {request->message};
    CURLcode result = curl != NULL && to != NULL ? prepare(curl, request, to, &message) : CURLE_OUT_OF_MEMORY;
    if (result == CURLE_OK) result = curl_easy_perform(curl);
    if (curl != NULL) (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, code);
    hub_status status = result == CURLE_OK ? HUB_OK : say(result, *code, err);
    curl_slist_free_all(to);
    curl_easy_cleanup(curl);
    return status;
}
