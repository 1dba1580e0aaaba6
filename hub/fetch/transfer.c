#include "transfer.h"

#include <string.h>

static int goes_on(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    return atomic_load((const atomic_bool *)context) ? 1 : 0;
}

CURLcode transfer_prepare(CURL *curl, const transfer_terms *terms)
{
    CURLcode worst = CURLE_OK;
    TRANSFER_SET(curl, worst, CURLOPT_URL, terms->url);
    TRANSFER_SET(curl, worst, CURLOPT_PROTOCOLS_STR, terms->protocols);
    TRANSFER_SET(curl, worst, CURLOPT_NOSIGNAL, 1L);
    TRANSFER_SET(curl, worst, CURLOPT_CONNECTTIMEOUT_MS, terms->connect_ms);
    TRANSFER_SET(curl, worst, CURLOPT_TIMEOUT_MS, (long)terms->timeout_ms);
    TRANSFER_SET(curl, worst, CURLOPT_SSL_VERIFYPEER, 1L);
    TRANSFER_SET(curl, worst, CURLOPT_SSL_VERIFYHOST, 2L);
    TRANSFER_SET(curl, worst, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (terms->ca_file != NULL) TRANSFER_SET(curl, worst, CURLOPT_CAINFO, terms->ca_file);
    if (terms->user != NULL) {
        TRANSFER_SET(curl, worst, CURLOPT_USERNAME, terms->user);
        TRANSFER_SET(curl, worst, CURLOPT_PASSWORD, terms->password);
    }
    if (terms->stop != NULL) {
        TRANSFER_SET(curl, worst, CURLOPT_NOPROGRESS, 0L);
        TRANSFER_SET(curl, worst, CURLOPT_XFERINFOFUNCTION, goes_on);
        TRANSFER_SET(curl, worst, CURLOPT_XFERINFODATA, (void *)(uintptr_t)terms->stop);
    }
    return worst;
}

bool transfer_is_here(CURLU *url)
{
    char *host = NULL;
    bool here = curl_url_get(url, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
                (strcmp(host, "127.0.0.1") == 0 || strcmp(host, "[::1]") == 0 || strcmp(host, "localhost") == 0);
    curl_free(host);
    return here;
}

struct curl_slist *transfer_list(const char *const *texts)
{
    struct curl_slist *list = NULL;
    for (; *texts != NULL; texts++) {
        struct curl_slist *longer = curl_slist_append(list, *texts);
        if (longer == NULL) {
            curl_slist_free_all(list);
            return NULL;
        }
        list = longer;
    }
    return list;
}
