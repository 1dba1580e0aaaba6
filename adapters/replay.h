/* replay.h - offers again what was told before: everything the outbox keeps, or input files that this adapter took in once.
 *
 * Idempotent: what the hub holds it answers DUPLICATE, what the outbox has taken it passes over. Nothing is done without --yes; before that it
 * is said what would change.
 *
 *   R1  an outbox belongs to the hub that it was first opened with, by its server key: neither a run nor a replay offers what it holds to
 *       another, so that live events never reach a test hub, nor a test's events a live one
 *   R2  a file is replayed only from this adapter's own folders (done/, failed/, quarantine/): what another adapter took is not this one's
 */
#ifndef ADAPTERS_REPLAY_H
#define ADAPTERS_REPLAY_H

#include "kit/config.h"

typedef enum replay_consent { REPLAY_SHOW, REPLAY_DO } replay_consent;

/* `files`: NULL-ended; none = all that the outbox keeps. Returns an exit code. */
int adapter_replay(const kit_config *config, char *const *files, replay_consent consent);

/* R1. HUB_ERR_REFUSED: the outbox belongs to another hub than the configuration names; err says what to do. */
hub_status adapter_check_hub(const kit_config *config, outbox *box, hub_error *err);
/* A session with the hub of the configuration is open: from now on the outbox is its. */
hub_status adapter_bind_hub(const kit_config *config, outbox *box, hub_error *err);

#endif
