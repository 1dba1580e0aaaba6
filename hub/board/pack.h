/* pack.h - the continuity pack: every few minutes what is open, its clocks and what it is about, as a sealed file that opens without hub and board
 * (pack_file.h), so that a hub that is lost does not take the children on it along.
 *
 *     resting --every_minutes--> asking (Show, read kind EXPORT, one item at a time) --> writing (a thread) --> resting
 *
 *   Y1  It holds what one person of the roster may see (`pack: as`), through sight.h and the hub's own filter, looked at again when it is
 *       written. Whoever has the passphrase reads with that person's eyes.
 *   Y2  What is read for it is audited by the hub, as an export by that person. Only what changed since it was read is read again.
 *   Y3  Texts lie sealed in memory, under a key in memory that is neither swapped nor dumped, and are dropped when the policy changes.
 *   Y4  When the hub is away packs are made on, of what was known; each says as of when that was. Before all lists have come none is made: one
 *       that lacks alerts would be taken for whole.
 *   Y5  That none could be made, or not whole, is said on the operators' page and in the log. */
#ifndef BOARD_PACK_H
#define BOARD_PACK_H

#include "board/board.h"

enum {
    PACK_TEXTS_BYTES_MAX = 96 << 20, /* sealed, together: some 10 KB an item in the mean for a queue of thousands */
    PACK_TROUBLE_BYTES = 240,
};

typedef struct pack pack; /* opaque */

typedef struct pack_standing {
    int64_t made_ms,
        known_ms; /* of the newest pack, hub time; made_ms 0: there is none in the folder. known_ms 0: made before this start */
    uint32_t items, not_newest; /* in it, when it was made since this start */
    const char *trouble;        /* "" = none; for a person, of nobody */
} pack_standing;

/* Reads the passphrase; packs are made from the next seconds on. `out` is GIVEN; NULL when the configuration asks for none.
 * HUB_ERR_* of pack_key_read, err names the file. */
hub_status pack_open(board *b, pack **out, hub_error *err);
/* TAKES it: a file that is being written is finished, and the memory goes when the loop has run. Before link_close. NULL is allowed. */
void pack_close(pack *p);
/* Once a second. */
void pack_second(pack *p);
/* Makes one now, and the next every_minutes later. NULL is allowed. */
void pack_now(pack *p);
/* Another policy: what was read by the one of before is dropped (Y3). NULL is allowed. */
void pack_forget(pack *p);
pack_standing pack_stands(const pack *p); /* `trouble` is BORROWED until the next second */

#endif
