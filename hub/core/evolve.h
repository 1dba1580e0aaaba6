/* evolve.h - what the folding files share. Private to hub/core.
 *
 * The fold is the only place where state changes (C2). Room has been reserved; nothing here can fail (C3).
 */
#ifndef CORE_EVOLVE_H
#define CORE_EVOLVE_H

#include "core/facts.h"
#include "core/state.h"

/* What one record's facts share while they are applied. */
typedef struct core_fold {
    core_state *state;
    const core_record *record;
    uint32_t event;             /* the row of the event this record accepted; 0 = none */
    uint16_t sensitivity;       /* that event's class */
    const Mash__V1__Acted *act; /* of this record; NULL = no act */
} core_fold;

/* Every change that a control part makes goes into the running digest, so that two folds that differ anywhere differ for ever after.
 * It guards against mistakes, not against forgers (those meet the chain), so it may be as cheap as this.
 * What is learned from a personal part (hashes of identifiers and addresses) stays out: the digest must be the same after erasing. */
void core_fold_mix(core_state *state, uint32_t kind, uint64_t a, uint64_t b, uint64_t c);
void core_fold_name(char *to, size_t capacity, const char *from);
void core_fold_bytes(void *to, size_t size, ProtobufCBinaryData from);

/* An event has changed the alert: it has this version from now on, and a line among its acts, by nobody. */
void core_fold_event_came(core_fold *f, uint32_t alert, uint32_t version, enum core_event_came what);

#define X(kind, capitals, member, message, ignorable, words)                                                                     \
    void core_fold_##member(core_fold *f, const Mash__V1__##message *fact);
CORE_FACTS(X)
#undef X

#endif
