/* intake.h - takes one input through its mapping into the outbox: the kit's side of mapping.h.
 *
 *     input -> seen before? -> mapping -> each event completed, checked, packed -> outbox
 *                                 '-> each bad record, or event that fails the check -> parked
 *
 * Everything one input gives is one outbox transaction (outbox.h O1). Completing an event means: agency of the mapping, source system and
 * area of the configuration where none is stated, source reference (the SHA-256 of the record where there is none), event id, recorded_at
 * where absent, mapping and version. Checking is done by the hub's own code: what passes here is refused there only for what the hub alone
 * knows.
 */
#ifndef KIT_INTAKE_H
#define KIT_INTAKE_H

#include "kit/detail.h"
#include "kit/mapping.h"
#include "link/outbox.h"

typedef struct kit_intake kit_intake;

typedef enum kit_unreadable {
    KIT_UNREADABLE_FAILS, /* the transport keeps the input aside (drop folder) */
    KIT_UNREADABLE_PARKS, /* the transport has nowhere to keep it (MLLP): it is parked whole */
} kit_unreadable;

typedef struct kit_intake_options { /* all BORROWED for the intake's life */
    outbox *box;
    outbox
        *remembers; /* looked at for remembered state that `box` does not have (a dry run on an outbox in memory); NULL = none */
    const kit_mapping *mapping;
    Mash__V1__Agency agency; /* of the source; UNSPECIFIED: the mapping's */
    const void *settings;    /* of the mapping's own file; NULL: it has none */
    const char *source_system;
    const char *area;
    const char *legal_gateway;
    kit_unreadable unreadable;
    /* Puts an input that is in another character set at the end of `out` in UTF-8; NULL: it is as the mapping reads it. */
    void (*to_utf8)(hub_bytes input, hub_buffer *out);
    kit_detail *detail; /* fetches what an input points to; NULL = nothing is fetched */
    /* The even clock by which the link reckons how long an event waits; NULL: received_ms. */
    int64_t (*put_ms)(void *context);
    void (*alive)(void *context); /* called with each record of an input, which may be hours of them; may be NULL */
    void *context;
} kit_intake_options;

typedef struct kit_input {
    hub_bytes bytes;
    const char *name;    /* file name without folder, or "" */
    hub_bytes key;       /* what a repeat has in common with the first: name and SHA-256, or the message's own number */
    hub_bytes content;   /* what stands behind that number; empty when the key tells it */
    const char *refused; /* why nothing of it is mapped: it is parked whole; NULL = map it */
    int64_t received_ms;
} kit_input;

typedef struct kit_outcome {
    kit_input_result result;
    kit_input_result first; /* KIT_INPUT_REPEATED: what it was the first time */
    uint32_t events;
    uint32_t parked;
    uint64_t place;   /* of its last event in the outbox's put order, also of a repeat; 0 = it gave none */
    char reason[400]; /* PARKED, FAILED: the first one; place, field and rule, never a value */
} kit_outcome;

/* HUB_OK or HUB_ERR_MEMORY. */
hub_status kit_intake_open(const kit_intake_options *options, kit_intake **out, hub_error *err);
void kit_intake_close(kit_intake *intake);

/* Makes the input of a message whose sender waits for an answer: by what the mapping says of it (mapping.h `accepts`), or known by `number`, or by
 * its bytes. Everything is BORROWED from the arguments. KIT_INPUT_DONE: to be taken. KIT_INPUT_UNSUPPORTED: not; `*reason` says why. */
kit_input_result kit_intake_input(const kit_intake *intake, hub_bytes bytes, const char *number, int64_t now_ms, char key[256],
                                  kit_input *out, const char **reason);

/* A key that was used before with other content is no repeat: that input is parked whole, and known by its bytes from then on.
 *
 * HUB_OK: `outcome` tells what became of it (KIT_INPUT_FAILED: it cannot be read as a whole; nothing of it was kept). Otherwise an operating
 * error (HUB_ERR_FULL, HUB_ERR_IO ...): nothing was kept, and the same input may be offered again. HUB_ERR_AGAIN: its detail is being fetched;
 * offer it again, before those behind it, when the detail says so. */
hub_status kit_intake_take(kit_intake *intake, const kit_input *input, kit_outcome *outcome, hub_error *err);

/* What became of an input that was taken and whose events the hub has settled: HUB_OK; HUB_ERR_NOT_FOUND: the hub refused an event of it. */
hub_status kit_intake_settled(kit_intake *intake, const kit_input *input, hub_error *err);

/* What its sender is told: of a repeat whose first was bad, that again. */
kit_input_result kit_outcome_told(const kit_outcome *outcome);

const kit_mapping *kit_intake_mapping(const kit_intake *intake);
outbox *kit_intake_outbox(const kit_intake *intake);

#endif
