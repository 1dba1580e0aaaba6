/* post.h - a server that takes what agencies' systems send by HTTP POST: a body is one input, its path says by which mapping it is read.
 *
 *     202  taken, or taken before: safe in the outbox, or at the hub (desk.h). Rows of it may be parked: the answer counts them
 *     400  it is not of the path's format at all: parked with its reason, which the answer gives; or an empty body
 *     422  it was read and nothing of it could be taken, or the hub refused it: parked with its reason; no use to send it unchanged
 *     401  no token and no certificate that is believed         403  an address that is not under `allowed`
 *     404  no such path     405  not POST     413  larger than body_bytes_max     415  another format by its Content-Type, or compressed
 *     503  cannot be stored, or is not confirmed, now: send it again after Retry-After seconds
 *
 * Invariants
 *   H1  202 is answered when the desk has answered (desk.h K1)
 *   H2  a repeat (the same Idempotency-Key or, without one, the same body at the same path) gets the first answer and makes no second event;
 *       another body under a key that was used is parked and answered 422
 *   H3  an answer names place, field and rule, never a value. A mapping that answers in its own format (HL7, FHIR) writes the body itself;
 *       other errors are application/problem+json [RFC 9457]
 *   H4  whoever is not known learns nothing about paths
 */
#ifndef KIT_POST_H
#define KIT_POST_H

#include "address.h"
#include "desk.h"
#include "tls.h"

typedef struct kit_post kit_post;

enum { KIT_POST_ROUTES_MAX = 8 };

typedef struct kit_post_route {
    const char *path;   /* BORROWED for the server's life */
    kit_intake *intake; /* BORROWED for the server's life; KIT_UNREADABLE_PARKS */
} kit_post_route;

typedef struct kit_post_options {
    kit_desk *desk; /* BORROWED; closed after the server */
    kit_post_route routes[KIT_POST_ROUTES_MAX];
    unsigned route_count;
    const char *address; /* as for MLLP, to allowed_count */
    uint16_t port;
    const char (*allowed)[KIT_ADDRESS_TEXT];
    unsigned allowed_count;
    const char *certificate, *key, *authorities; /* paths of PEM files; "" = none. BORROWED for the call */
    const char (*names)[KIT_NAME_BYTES];         /* whose certificates; BORROWED for the server's life */
    unsigned name_count;                         /* 0 = any that an authority has signed */
    const char *token_file;                      /* one token a line, 20 characters or more; "" = certificates alone */
    uint32_t body_bytes_max;                     /* 0 = 1 MiB */
    int64_t (*now_ms)(void *context);
    void *context;
} kit_post_options;

typedef struct kit_post_counts {
    uint64_t taken, not_taken, turned_away;
} kit_post_counts;

/* HUB_ERR_IO: the port; HUB_ERR_INVALID: a file, named. */
hub_status kit_post_open(uv_loop_t *loop, const kit_post_options *options, kit_post **out, hub_error *err);
void kit_post_close(kit_post *post); /* NULL is allowed */
uint16_t kit_post_port(const kit_post *post);
void kit_post_counts_of(const kit_post *post, kit_post_counts *out);

#endif
