/* transfer.h - what a request and a mail have in common under libcurl. Inside hub/fetch. */
#ifndef FETCH_TRANSFER_H
#define FETCH_TRANSFER_H

#include <curl/curl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Sets an option; `worst` keeps what failed. */
#define TRANSFER_SET(curl, worst, option, value)                                                                                 \
    do {                                                                                                                         \
        CURLcode code_ = curl_easy_setopt(curl, option, value);                                                                  \
        if (code_ != CURLE_OK) (worst) = code_;                                                                                  \
    } while (0)

/* All BORROWED; NULL = none, but for url and protocols. */
typedef struct transfer_terms {
    const char *url;
    const char *protocols; /* "smtp,smtps" */
    const char *user;      /* with `password` */
    const char *password;
    const char *ca_file; /* NULL = the system's authorities */
    long connect_ms;
    int64_t timeout_ms;      /* for all of it */
    const atomic_bool *stop; /* set by another thread: it ends within a second */
} transfer_terms;

/* TLS 1.2 at least, and certificates that are believed; bounded in time. */
CURLcode transfer_prepare(CURL *curl, const transfer_terms *terms);

/* 127.0.0.1, ::1 or localhost. */
bool transfer_is_here(CURLU *url);

/* The texts of a list ended by NULL, GIVEN: end it with curl_slist_free_all. NULL: out of memory. */
struct curl_slist *transfer_list(const char *const *texts);

#endif
