/* mllp_frame.h - cuts a stream of bytes into HL7 messages: 0x0B message 0x1C 0x0D (HL7 v2 appendix C, MLLP release 1).
 *
 * A read holds half a message or several. What stands before 0x0B is junk and counted, not an error. A message that its sender broke off
 * and began anew (0x0B "MSH" inside) starts at the second beginning. Of a message above the cap the beginning is kept, enough to answer it,
 * and the rest is passed over to its end.
 */
#ifndef KIT_MLLP_FRAME_H
#define KIT_MLLP_FRAME_H

#include "base/bytes.h"

enum { KIT_MLLP_HEAD_BYTES = 4096 }; /* kept of a message above the cap */

typedef enum kit_mllp_kind { KIT_MLLP_MESSAGE, KIT_MLLP_TOO_LARGE } kit_mllp_kind;

typedef struct kit_mllp_framer {
    hub_buffer message;
    size_t bytes_max; /* of one message */
    uint64_t junk;    /* bytes passed over between messages */
    bool inside;      /* after 0x0B */
    bool too_large;
    bool end_seen; /* the last byte was 0x1C */
    bool given;    /* `message` was given out: it is emptied at the next call */
} kit_mllp_framer;

/* {0} and bytes_max is a framer. Takes bytes from the front of `*rest` and moves it on; true when a message is complete: `message` is BORROWED
 * until the next call. false: all bytes are used up, or memory is out (`message.failed`: end the connection). */
bool kit_mllp_next(kit_mllp_framer *framer, hub_bytes *rest, kit_mllp_kind *kind, hub_bytes *message);
void kit_mllp_framer_free(kit_mllp_framer *framer);
/* Puts a message into its frame, at the end of `out`. */
void kit_mllp_put(hub_buffer *out, hub_bytes message);

#endif
