/* standing.h - is the store that was opened the one that the signed heads beside it were signed for?
 *
 * Why: an older copy, or an empty store, looks sound from inside. A hub that leads on it tells every peer that the newer records never
 * were, and `init` on it founds another partnership under the same keys. state/heads lies outside the store and remembers.
 *
 *   N1  a hub never begins its term on a store that ends before its newest signed head, or that has another record in a head's place,
 *       unless an operator accepts the older store by --accept-restore; what is accepted is a signed line of its own in state/heads
 *   N2  nobody founds a partnership beside signed heads
 *
 * Limit: a head is signed at each start, every 1,000 records or minute, and when the hub ends or sees its store replaced. After a kill or a
 * power cut a copy that lacks less than the records since the last head is heard of from its peers only (FORKED).
 */
#ifndef DAEMON_STANDING_H
#define DAEMON_STANDING_H

#include "daemon/config.h"
#include "daemon/keys_folder.h"
#include "journal/heads.h"

typedef enum daemon_restore_trust { DAEMON_RESTORE_ASK, DAEMON_RESTORE_ACCEPTED } daemon_restore_trust;

/* N1. HUB_OK, and `out` says whether there is a restore to be accepted (out->standing STORE_BEHIND). HUB_ERR_REFUSED: err says which record
 * of the store, which head, and what to do. */
hub_status daemon_standing_of(const daemon_config *config, const daemon_keys *keys, journal *j, daemon_restore_trust trust,
                              journal_heads_comparison *out, hub_error *err);
/* There is no store, or an empty one. HUB_ERR_NOT_FOUND: nor are there heads, and it may be made; HUB_ERR_REFUSED: it was lost. */
hub_status daemon_standing_without_store(const daemon_config *config, hub_error *err);
/* N2. HUB_OK or HUB_ERR_REFUSED. */
hub_status daemon_standing_may_found(const daemon_config *config, hub_error *err);
/* Appends the signed line and says so in the log. */
hub_status daemon_standing_accept(const daemon_config *config, const daemon_keys *keys, journal *j,
                                  const journal_heads_comparison *standing, hub_error *err);

#endif
