/* detail.h - fetches what an input only points to: a probation event names the URL where its outcome stands.
 *
 *     asked for a URL -> is its host under `hosts`, https? -> fetched on a thread -> had
 *                                '- no: never               '- no answer, 5xx, our token refused, no detail in it: again, ever more slowly
 *                                                              '- for give_up_ms, or the service says there is none: never
 *
 * Invariants
 *   V1  no host is asked that is not listed, nothing but https beyond this machine, and no redirect is followed
 *   V2  one URL at a time: inputs keep their order, so nobody needs a second
 *   V4  a token that the service refuses is asked for anew; its own service is asked once for each try
 *   V3  no text of ours has more of a URL than its host: paths name people
 */
#ifndef KIT_DETAIL_H
#define KIT_DETAIL_H

#include <uv.h>

#include "base/bytes.h"
#include "oauth.h"
#include "base/status.h"

typedef struct kit_detail kit_detail;

enum { KIT_DETAIL_HOST_TEXT = 128 };

typedef struct kit_detail_options {
    const char (*hosts)[KIT_DETAIL_HOST_TEXT]; /* "host" (port 443) or "host:port"; BORROWED for its life, as all here */
    unsigned host_count;
    kit_oauth_options oauth;      /* where our token comes from; its url "" or NULL: from `token_file` */
    const char *token_file;       /* its first line is shown as a bearer token, read anew each time; "" = none */
    const char *ca;               /* PEM of the authorities that are believed; "" = the system's */
    int64_t give_up_ms;           /* 0 = an hour */
    int64_t retry_ms;             /* first pause; 0 = a second */
    void (*ready)(void *context); /* on the loop: ask again */
    void *context;
} kit_detail_options;

hub_status kit_detail_open(uv_loop_t *loop, const kit_detail_options *options, kit_detail **out, hub_error *err);
void kit_detail_close(kit_detail *detail); /* NULL is allowed; the memory goes when the loop has let go of it */

/* `is_sound`: as detail_sound of mapping.h. HUB_OK: `out` is BORROWED until the next call with another URL. HUB_ERR_AGAIN: `ready` tells when to ask again. HUB_ERR_INVALID: it never comes,
 * err says why. */
hub_status kit_detail_get(kit_detail *detail, const char *url, bool (*is_sound)(hub_bytes body), hub_bytes *out, hub_error *err);
/* Why an event, and all behind it, waits for its detail, BORROWED; "" = none does. */
const char *kit_detail_trouble(const kit_detail *detail);

#endif
