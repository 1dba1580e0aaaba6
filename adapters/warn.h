/* warn.h - what an adapter at work sees going wrong around it, in its log: a disk that fills, certificates that end, a clock that is off. */
#ifndef ADAPTERS_WARN_H
#define ADAPTERS_WARN_H

#include "kit/config.h"
#include "link/outbox.h"
#include "mash/v1/bus.pb-c.h"
#include "ways.h"

/* Room and certificates: at the first call, then once a day. `*next_ms` begins as 0. */
void adapter_warn_daily(const kit_config *config, int64_t now_ms, int64_t *next_ms);
enum { ADAPTER_CLOCK_TEXT = 80 };
/* This machine's clock against hub time, as the hub has just said it; also noted down for --status. `said`, "?" at first, keeps what was said, so
 * that it is said once. */
void adapter_warn_clock(outbox *box, int64_t hub_ms, int64_t own_ms, char said[ADAPTER_CLOCK_TEXT]);

/* What was noted down last for --status and the doctor, so that each is written when it changes. All zero at the start. */
typedef struct adapter_notes {
    char senders[160];
    char source[640];
    bool source_noted;
    int64_t source_since_ms; /* when what keeps inputs away began; 0 = nothing does */
    bool source_told;        /* a notice was given of it */
} adapter_notes;
/* What came by MLLP since the start. */
void adapter_note_senders(adapter_notes *notes, outbox *box, const adapter_ways *ways);
/* What keeps inputs away: adapter_ways_trouble, else `input_trouble`. On a full disk it cannot be noted; they look at that themselves. What lasts for
 * `urgent_notice` is a local notice too: behind it may wait what is urgent, and nobody here has seen it. */
void adapter_note_source(adapter_notes *notes, outbox *box, const adapter_ways *ways, const char *input_trouble, int64_t now_ms);

/* What the hub is told of all this: the gravest, and nothing of what it is about. */
Mash__V1__PeerTrouble adapter_trouble(const kit_config *config, const adapter_ways *ways, const char *input_trouble,
                                      bool stopped);

#endif
