#include "fetch.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "visible.h"

static const long CONNECT_MS = 5000;
static const char LOOPBACK[] = "127.0.0.1,::1,localhost";

hub_status fetch_start(hub_error *err)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK) return HUB_OK;
    return hub_fail(err, HUB_ERR_MEMORY, "libcurl cannot start");
}

void fetch_stop(void)
{
    curl_global_cleanup();
}

static bool part_is(CURLU *url, CURLUPart part, const char *const *values)
{
    char *text = NULL;
    bool found = false;
    if (curl_url_get(url, part, &text, 0) == CURLUE_OK) {
        for (; *values != NULL && !found; values++)
            found = strcmp(text, *values) == 0;
    }
    curl_free(text);
    return found;
}

static bool has_part(CURLU *url, CURLUPart part)
{
    char *text = NULL;
    bool found = curl_url_get(url, part, &text, 0) == CURLUE_OK;
    curl_free(text);
    return found;
}

bool fetch_is_allowed(const char *text)
{
    static const char *const HTTPS[] = {"https", NULL}, *const HTTP[] = {"http", NULL};
    static const char *const HERE[] = {"127.0.0.1", "[::1]", "localhost", NULL};
    size_t size = strlen(text);
    if (size == 0 || size > FETCH_URL_BYTES_MAX || !is_visible(text)) return false;
    CURLU *url = curl_url();
    bool good =
        url != NULL && curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK && has_part(url, CURLUPART_HOST) &&
        !has_part(url, CURLUPART_USER) && !has_part(url, CURLUPART_PASSWORD) && !has_part(url, CURLUPART_FRAGMENT) &&
        (part_is(url, CURLUPART_SCHEME, HTTPS) || (part_is(url, CURLUPART_SCHEME, HTTP) && part_is(url, CURLUPART_HOST, HERE)));
    curl_url_cleanup(url);
    return good;
}

static size_t take_bytes(char *data, size_t one, size_t count, void *context)
{
    hub_buffer *out = context;
    if (out->size + count > FETCH_BYTES_MAX) return 0; /* ends the transfer with CURLE_WRITE_ERROR */
    hub_buffer_put(out, data, one * count);
    return out->failed ? 0 : count;
}

static hub_status say(CURLcode code, const fetch_request *request, hub_error *err)
{
    static const struct {
        CURLcode code;
        const char *words;
    } WORDS[] = {
        {CURLE_COULDNT_RESOLVE_HOST, "its name is not known; look at the issuer's spelling and at this machine's name service"},
        {CURLE_COULDNT_CONNECT, "it takes no connection; is it up, and may this machine reach it (firewall, proxy)?"},
        {CURLE_OPERATION_TIMEDOUT, "it did not answer in time"},
        {CURLE_PEER_FAILED_VERIFICATION,
         "its certificate is not believed; name the authority's file under 'ca', or have it mended"},
        {CURLE_SSL_CACERT_BADFILE, "the file under 'ca' cannot be read"},
        {CURLE_WRITE_ERROR, "its answer is larger than 256 KB"},
        {CURLE_FILESIZE_EXCEEDED, "its answer is larger than 256 KB"},
    };
    const char *words = curl_easy_strerror(code);
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        if (WORDS[i].code == code) words = WORDS[i].words;
    }
    int size = (int)strcspn(request->url, "?");
    return hub_fail(err, code == CURLE_OUT_OF_MEMORY ? HUB_ERR_MEMORY : HUB_ERR_IO, "%.*s: %s", size < 200 ? size : 200,
                    request->url, words);
}

static CURLcode prepare(CURL *curl, const fetch_request *request, struct curl_slist *headers, hub_buffer *body)
{
    CURLcode worst = CURLE_OK;
#define SET(option, value)                                                                                                       \
    do {                                                                                                                         \
        CURLcode code_ = curl_easy_setopt(curl, option, value);                                                                  \
        if (code_ != CURLE_OK) worst = code_;                                                                                    \
    } while (0)
    SET(CURLOPT_URL, request->url);
    SET(CURLOPT_PROTOCOLS_STR, "http,https"); /* http: fetch_is_allowed lets loopback through alone */
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_NOPROXY, LOOPBACK);
    SET(CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    SET(CURLOPT_TIMEOUT_MS, (long)request->timeout_ms);
    SET(CURLOPT_MAXFILESIZE, (long)FETCH_BYTES_MAX);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_HTTPHEADER, headers);
    SET(CURLOPT_USERAGENT, "mash-board");
    SET(CURLOPT_WRITEFUNCTION, take_bytes);
    SET(CURLOPT_WRITEDATA, body);
    if (request->ca_file != NULL) SET(CURLOPT_CAINFO, request->ca_file);
    if (request->form != NULL) SET(CURLOPT_POSTFIELDS, request->form);
    if (request->user != NULL) {
        SET(CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
        SET(CURLOPT_USERNAME, request->user);
        SET(CURLOPT_PASSWORD, request->password);
    }
#undef SET
    return worst;
}

hub_status fetch(const fetch_request *request, long *code, hub_buffer *out, hub_error *err)
{
    HUB_ASSERT(request != NULL && code != NULL && out != NULL);
    HUB_ASSERT(request->timeout_ms >= 1);
    if (!fetch_is_allowed(request->url))
        return hub_fail(err, HUB_ERR_IO, "a URL that is neither https nor http on loopback is not asked");
    hub_buffer body = {0};
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Accept: application/json");
    CURLcode result = curl != NULL && headers != NULL ? prepare(curl, request, headers, &body) : CURLE_OUT_OF_MEMORY;
    if (result == CURLE_OK) result = curl_easy_perform(curl);
    if (result == CURLE_OK) result = curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, code);
    hub_status status = HUB_OK;
    if (body.failed) result = CURLE_OUT_OF_MEMORY;
    if (result != CURLE_OK) status = say(result, request, err);
    if (status == HUB_OK) hub_buffer_put(out, body.data, body.size);
    hub_buffer_free(&body);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return status;
}
