#include "fetch.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

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

static bool is_visible(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text < 0x21 || *text > 0x7e) return false;
    }
    return true;
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

typedef struct answer_body {
    hub_buffer bytes;
    size_t bytes_max;
} answer_body;

static size_t take_bytes(char *data, size_t one, size_t count, void *context)
{
    answer_body *answer = context;
    hub_buffer *out = &answer->bytes;
    if (out->size + count > answer->bytes_max) return 0; /* ends the transfer with CURLE_WRITE_ERROR */
    hub_buffer_put(out, data, one * count);
    return out->failed ? 0 : count;
}

static size_t limit_of(const fetch_request *request)
{
    return request->bytes_max != 0 ? request->bytes_max : FETCH_BYTES_MAX;
}

static hub_status say(CURLcode code, const fetch_request *request, hub_error *err)
{
    static const struct {
        CURLcode code;
        const char *words;
    } WORDS[] = {
        {CURLE_COULDNT_RESOLVE_HOST, "its name is not known; look at its spelling and at this machine's name service"},
        {CURLE_COULDNT_CONNECT, "it takes no connection; is it up, and may this machine reach it (firewall, proxy)?"},
        {CURLE_OPERATION_TIMEDOUT, "it did not answer in time"},
        {CURLE_PEER_FAILED_VERIFICATION,
         "its certificate is not believed; name the authority's file under 'ca', or have it mended"},
        {CURLE_ABORTED_BY_CALLBACK, "asking was stopped"},
        {CURLE_SSL_CACERT_BADFILE, "the file under 'ca' cannot be read"},
    };
    const char *words = curl_easy_strerror(code);
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        if (WORDS[i].code == code) words = WORDS[i].words;
    }
    char large[64];
    if (code == CURLE_WRITE_ERROR || code == CURLE_FILESIZE_EXCEEDED) {
        (void)hub_format(large, sizeof large, "its answer is larger than %zu KB", limit_of(request) / 1024);
        words = large;
    }
    int size = (int)strcspn(request->url, "?");
    return hub_fail(err, code == CURLE_OUT_OF_MEMORY ? HUB_ERR_MEMORY : HUB_ERR_IO, "%.*s: %s", size < 200 ? size : 200,
                    request->url, words);
}

static int goes_on(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    return atomic_load((const atomic_bool *)context) ? 1 : 0;
}

static struct curl_slist *headers_of(const fetch_request *request)
{
    static const char *const USUAL[] = {"Accept: application/json", NULL};
    struct curl_slist *list = NULL;
    for (const char *const *at = request->headers != NULL ? request->headers : USUAL; *at != NULL; at++) {
        struct curl_slist *longer = curl_slist_append(list, *at);
        if (longer == NULL) {
            curl_slist_free_all(list);
            return NULL;
        }
        list = longer;
    }
    return list;
}

static CURLcode prepare(CURL *curl, const fetch_request *request, struct curl_slist *headers, answer_body *body)
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
    SET(CURLOPT_MAXFILESIZE, (long)limit_of(request));
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_HTTPHEADER, headers);
    SET(CURLOPT_USERAGENT, request->agent != NULL ? request->agent : "mash-board");
    SET(CURLOPT_WRITEFUNCTION, take_bytes);
    SET(CURLOPT_WRITEDATA, body);
    if (request->ca_file != NULL) SET(CURLOPT_CAINFO, request->ca_file);
    if (request->form != NULL) SET(CURLOPT_POSTFIELDS, request->form);
    if (request->body.size > 0) {
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.size);
        SET(CURLOPT_POSTFIELDS, (const char *)request->body.data);
    }
    if (request->stop != NULL) {
        SET(CURLOPT_NOPROGRESS, 0L);
        SET(CURLOPT_XFERINFOFUNCTION, goes_on);
        SET(CURLOPT_XFERINFODATA, (void *)(uintptr_t)request->stop);
    }
    if (request->sigv4 != NULL) SET(CURLOPT_AWS_SIGV4, request->sigv4);
    if (request->user != NULL) {
        if (request->sigv4 == NULL) SET(CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
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
    answer_body body = {.bytes_max = limit_of(request)};
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = headers_of(request);
    CURLcode result = curl != NULL && headers != NULL ? prepare(curl, request, headers, &body) : CURLE_OUT_OF_MEMORY;
    if (result == CURLE_OK) result = curl_easy_perform(curl);
    if (result == CURLE_OK) result = curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, code);
    hub_status status = HUB_OK;
    if (body.bytes.failed) result = CURLE_OUT_OF_MEMORY;
    if (result != CURLE_OK) status = say(result, request, err);
    if (status == HUB_OK) hub_buffer_put(out, body.bytes.data, body.bytes.size);
    hub_buffer_free(&body.bytes);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    return status;
}
