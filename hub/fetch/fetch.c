#include "fetch.h"

#include <string.h>

#include "transfer.h"

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

static bool is_scheme(CURLU *url, const char *name)
{
    char *text = NULL;
    bool is = curl_url_get(url, CURLUPART_SCHEME, &text, 0) == CURLUE_OK && strcmp(text, name) == 0;
    curl_free(text);
    return is;
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
    size_t size = strlen(text);
    if (size == 0 || size > FETCH_URL_BYTES_MAX || !is_visible(text)) return false;
    CURLU *url = curl_url();
    bool good = url != NULL && curl_url_set(url, CURLUPART_URL, text, 0) == CURLUE_OK && has_part(url, CURLUPART_HOST) &&
                !has_part(url, CURLUPART_USER) && !has_part(url, CURLUPART_PASSWORD) && !has_part(url, CURLUPART_FRAGMENT) &&
                (is_scheme(url, "https") || (is_scheme(url, "http") && transfer_is_here(url)));
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
        {CURLE_PARTIAL_FILE, "it closed in the middle of its answer"},
        {CURLE_GOT_NOTHING, "it closed without an answer"},
        {CURLE_RECV_ERROR, "the connection broke before its answer"},
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

static CURLcode prepare(CURL *curl, const fetch_request *request, struct curl_slist *headers, answer_body *body)
{
    /* http: fetch_is_allowed lets loopback through alone */
    const transfer_terms terms = {.url = request->url,
                                  .protocols = "http,https",
                                  .user = request->user,
                                  .password = request->password,
                                  .ca_file = request->ca_file,
                                  .connect_ms = CONNECT_MS,
                                  .timeout_ms = request->timeout_ms,
                                  .stop = request->stop};
    CURLcode worst = transfer_prepare(curl, &terms);
    TRANSFER_SET(curl, worst, CURLOPT_FOLLOWLOCATION, 0L);
    TRANSFER_SET(curl, worst, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    TRANSFER_SET(curl, worst, CURLOPT_NOPROXY, LOOPBACK);
    TRANSFER_SET(curl, worst, CURLOPT_MAXFILESIZE, (long)limit_of(request));
    TRANSFER_SET(curl, worst, CURLOPT_HTTPHEADER, headers);
    TRANSFER_SET(curl, worst, CURLOPT_USERAGENT, request->agent);
    TRANSFER_SET(curl, worst, CURLOPT_WRITEFUNCTION, take_bytes);
    TRANSFER_SET(curl, worst, CURLOPT_WRITEDATA, body);
    if (request->form != NULL) TRANSFER_SET(curl, worst, CURLOPT_POSTFIELDS, request->form);
    if (request->body.size > 0) {
        TRANSFER_SET(curl, worst, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.size);
        TRANSFER_SET(curl, worst, CURLOPT_POSTFIELDS, (const char *)request->body.data);
    }
    if (request->sigv4 != NULL) TRANSFER_SET(curl, worst, CURLOPT_AWS_SIGV4, request->sigv4);
    if (request->sigv4 == NULL && request->user != NULL) TRANSFER_SET(curl, worst, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
    return worst;
}

hub_status fetch(const fetch_request *request, long *code, hub_buffer *out, hub_error *err)
{
    HUB_ASSERT(request != NULL && code != NULL && out != NULL);
    HUB_ASSERT(request->timeout_ms >= 1 && request->agent != NULL);
    if (!fetch_is_allowed(request->url))
        return hub_fail(err, HUB_ERR_IO, "a URL that is neither https nor http on loopback is not asked");
    answer_body body = {.bytes_max = limit_of(request)};
    CURL *curl = curl_easy_init();
    static const char *const USUAL[] = {"Accept: application/json", NULL};
    struct curl_slist *headers = transfer_list(request->headers != NULL ? request->headers : USUAL);
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
