/* quarantine.h - parked records as files that people can look at.
 *
 * A record is parked in the outbox first, in the transaction of its input; from there it moves to the quarantine folder: NAME.record (the
 * source's bytes) or NAME.event.json (an event that the hub refused), and NAME.reason.txt (place, field, rule; never a value), 0600. Only
 * when both stand there does the outbox let go of it, so a crash writes the same files again.
 */
#ifndef KIT_QUARANTINE_H
#define KIT_QUARANTINE_H

#include "link/outbox.h"

enum { KIT_QUARANTINE_MOVES_MAX = 100 }; /* in one call: each is two files, synced */

/* Moves up to KIT_QUARANTINE_MOVES_MAX parked records into `folder` (made when absent). `moved` counts them. HUB_ERR_FULL, HUB_ERR_IO: the rest stays parked. */
hub_status kit_quarantine_move(outbox *box, const char *folder, uint32_t *moved, hub_error *err);

/* "line 4, column 57"; "line 4" where a format has no columns; "" where it has no lines. */
void kit_place_text(uint32_t line, uint32_t column, char out[48]);

#endif
