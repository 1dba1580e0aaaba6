/* agree.h - do this adapter's counts and the hub's agree? Asked at the first quiet moment after a start, then daily, and on SIGUSR1.
 *
 * What the hub settled here, it counts there: stored + duplicates + refused of this adapter's name (PeerStatus). Here every item was received first:
 * received = put + parked_here, and put + reoffered = stored + duplicate + refused + waiting (outbox.h O4). So the two sums differ by a number that
 * never changes: 0, or more when an outbox before this one published under the same name. A number that shrinks is events that the hub has lost, or a
 * hub that was put back from a backup; one that grows is somebody else who publishes with this key.
 */
#ifndef ADAPTERS_AGREE_H
#define ADAPTERS_AGREE_H

#include "link/link.h"

typedef struct adapter_agreement {
    outbox *box;      /* BORROWED */
    uint64_t settled; /* our sum when it was asked */
    bool asked;       /* an answer is waited for */
    bool wanted;      /* now, not only when its day has come */
    int64_t next_ms;  /* even clock */
} adapter_agreement;

/* Should the hub be asked now? Only when nothing is under way. The caller sends a StatusRequest then. */
bool adapter_agreement_due(adapter_agreement *agreement, const link_status *link, int64_t now_ms);
/* A Status came. Writes what it found into the log and, for --status, into the outbox. Nothing when something moved meanwhile: it is asked again. */
hub_status adapter_agreement_heard(adapter_agreement *agreement, const Mash__V1__Status *status, int64_t now_ms, int64_t wall_ms,
                                   hub_error *err);

#endif
