/* mllp.h - a server that takes HL7 messages and answers each on its own connection, in order, once what it gave is durable.
 *
 * Invariants
 *   S1  the answer to a message is written when the desk has it (desk.h K1), or after it was decided to take none
 *   S2  answers stand in the order of the messages of their connection; connections do not wait for each other
 *   S3  a repeat (same key of the mapping's `accepts`, same bytes) gets the first answer and makes no second event; other bytes under the
 *       same key are parked and answered as such
 *   S4  a sender is known by its address, and with TLS by its certificate: one that is not allowed is closed at once, before it is read from
 *   S6  a sender that ends its side after its last message is still answered; of one that is gone the messages are taken all the same
 *   S5  a sender that does not read its answers is no longer read from
 */
#ifndef KIT_MLLP_H
#define KIT_MLLP_H

#include <uv.h>

#include "address.h"
#include "desk.h"
#include "tls.h"

typedef struct kit_mllp kit_mllp;

typedef struct kit_mllp_options {
    kit_intake *intake;  /* BORROWED for the server's life; KIT_UNREADABLE_PARKS; its mapping has accepts and answer */
    kit_desk *desk;      /* BORROWED; over the same intake; closed after the server */
    const kit_tls_files *tls; /* NULL = in clear; BORROWED for the call */
    const char *address; /* to listen at, "127.0.0.1"; BORROWED for the call */
    uint16_t port;       /* 0 = any free one */
    const char (*allowed)[KIT_ADDRESS_TEXT]; /* "10.1.2.3", "10.1.0.0/16", "fd00::/8"; BORROWED for the server's life */
    unsigned allowed_count;                       /* 0 = this machine only */
    uint32_t message_bytes_max;                   /* 0 = 1 MiB */
    uint32_t connections_max;                     /* 0 = 64 */
    int64_t (*now_ms)(void *context);
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

#endif
