/* mllp.h - a server that takes HL7 messages and answers each on its own connection, in order, once what it gave is durable.
 *
 * Invariants
 *   S1  the answer to a message is written after its events are durable in the outbox, or after it was decided to take none
 *   S2  answers stand in the order of the messages of their connection; connections do not wait for each other
 *   S3  a repeat (same key of the mapping's `accepts`, same bytes) gets the first answer and makes no second event; other bytes under the
 *       same key are parked and answered as such
 *   S4  a sender is known by its address only: an address that is not allowed is closed at once. TLS is for a proxy in front
 *   S5  a sender that does not read its answers is no longer read from
 */
#ifndef KIT_MLLP_H
#define KIT_MLLP_H

#include <uv.h>

#include "intake.h"

typedef struct kit_mllp kit_mllp;

enum { KIT_MLLP_ALLOWED_MAX = 16, KIT_MLLP_ADDRESS_TEXT = 64 };

typedef struct kit_mllp_options {
    kit_intake *intake;  /* BORROWED for the server's life; KIT_UNREADABLE_PARKS; its mapping has accepts and answer */
    const char *address; /* to listen at, "127.0.0.1"; BORROWED for the call */
    uint16_t port;       /* 0 = any free one */
    const char (*allowed)[KIT_MLLP_ADDRESS_TEXT]; /* "10.1.2.3", "10.1.0.0/16", "fd00::/8"; BORROWED for the server's life */
    unsigned allowed_count;                       /* 0 = this machine only */
    uint32_t message_bytes_max;                   /* 0 = 1 MiB */
    uint32_t connections_max;                     /* 0 = 64 */
    int64_t (*now_ms)(void *context);
    void (*taken)(void *context); /* something was put into the outbox; may be NULL */
    void (*failed)(void *context,
                   const hub_error *err); /* the outbox took nothing: the sender was told to try again; may be NULL */
    void *context;
} kit_mllp_options;

typedef struct kit_mllp_counts {
    uint64_t connections, turned_away, messages, not_taken, junk_bytes;
} kit_mllp_counts;

/* Listens when it returns. HUB_ERR_IO names the port and who may have it; HUB_ERR_INVALID an address that is none. */
hub_status kit_mllp_open(uv_loop_t *loop, const kit_mllp_options *options, kit_mllp **out, hub_error *err);
/* Stops listening and closes all connections; the memory goes when the loop has let go of it. NULL is allowed. */
void kit_mllp_close(kit_mllp *server);
uint16_t kit_mllp_port(const kit_mllp *server);
void kit_mllp_counts_of(const kit_mllp *server, kit_mllp_counts *out);

/* Is `address` (text) within one of the rows? An empty list means this machine only. false for text that is no address. */
bool kit_mllp_is_allowed(const char (*allowed)[KIT_MLLP_ADDRESS_TEXT], unsigned count, const char *address);
/* Is this a row for `allowed`? */
bool kit_mllp_is_row(const char *row);

#endif
