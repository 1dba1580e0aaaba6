/* memory.h - what a mapping remembers of a record, so that a repeat is quiet and a correction replaces.
 *
 * Why: sources say the same thing again (a quarter's file, a retried delivery, a register sent twice). The hub refuses an id it has
 * seen with other content, and the time of receipt alone would be other content. So a mapping remembers, for each record it
 * published, what it said: the same again makes no event; something else makes a new event that amends the first.
 *
 * Invariants
 *   R1  keys are digests: no identifier of a person stands in a key
 *   R2  an event's reference is the record's own plus ";2", ";3" ... for its second, third ... wording
 *   R3  nothing is remembered of an event that was parked
 *   R4  what the hub refused was not said: the wording before it stands, if there was one, and the next takes a new number
 */
#ifndef FORMATS_MEMORY_H
#define FORMATS_MEMORY_H

#include "formats/draft.h"

enum { FORMATS_KEY_BYTES = 48, FORMATS_SAID_BYTES = 40, FORMATS_ID_BYTES = 33 };

/* "kind/" and 32 hex digits: a key of remembered state, or a reference where the source has no number of its own. */
typedef struct formats_key {
    char text[FORMATS_KEY_BYTES];
} formats_key;

typedef struct formats_wording {
    char event_id[FORMATS_ID_BYTES]; /* hex; "" when none was published (a baseline) */
    char said[FORMATS_SAID_BYTES];   /* a digest, or a word of the mapping's own without blanks; "": nothing was said */
} formats_wording;

typedef struct formats_memory {
    uint32_t revision;       /* how many wordings were numbered; 0: nothing is remembered */
    formats_wording newest;  /* that the hub did not refuse */
    formats_wording earlier; /* the one that `newest` amends */
} formats_memory;

typedef enum formats_sameness {
    FORMATS_SAME_EVENT, /* any difference in the event is another wording */
    FORMATS_SAME_BUT_SENT, /* likewise, but when the source sent it (recorded_at, and an occurred_at that is no other time) is none */
    FORMATS_SAME_PAYLOAD, /* only payload and occurred_at count: a new spelling of a name repeats nothing */
} formats_sameness;

/* kind: at most 12 characters. The digest is over the parts with their lengths. */
formats_key formats_key_of(const char *kind, const hub_bytes *parts, size_t part_count);

/* HUB_OK also when nothing is remembered (revision 0). Anything else ends the input. */
hub_status formats_recall(kit_sink *sink, const formats_key *key, formats_memory *out);
hub_status formats_remember(kit_sink *sink, const formats_key *key, const formats_memory *memory);

/* The digest by which two wordings of an event are compared. HUB_OK or HUB_ERR_MEMORY. */
hub_status formats_said(const formats_draft *draft, formats_sameness sameness, char said[FORMATS_SAID_BYTES]);

/* Puts the draft as the next wording of the record under `key` and remembers it: amends the earlier event when there was one.
 *   memory     as recalled
 *   said       what to remember now
 *   reference  of the record, at most 120 bytes
 * Answers as formats_draft_put. */
hub_status formats_put_wording(formats_draft *draft, const formats_key *key, formats_memory *memory, const char *said,
                               const char *reference, hub_bytes record, kit_place place);

/* Puts the draft as a withdrawal of what was told under `key`; nothing at all when nothing was, or when it was taken back before. A wording
 * after it amends nothing. HUB_OK also when parked. */
hub_status formats_withdraw(formats_draft *draft, const formats_key *key, const char *reference, hub_bytes record,
                            kit_place place);

/* What was told under `key` has ended: the same again is news. It amends what was told, as any wording does, so that a withdrawal takes back
 * all of them. */
hub_status formats_end(kit_sink *sink, const formats_key *key);

/* What was told under `from` is the record of `to` from now on, unless something was told there before. */
hub_status formats_move(kit_sink *sink, const formats_key *from, const formats_key *to);

/* Makes the draft a withdrawal of the newest wording; formats_put_wording then amends nothing. HUB_OK or HUB_ERR_MEMORY. */
hub_status formats_retract(formats_draft *draft, const formats_memory *memory);

/* Recalls, compares and puts: nothing at all when the same was said before. HUB_OK also when parked. */
hub_status formats_put_once(formats_draft *draft, const formats_key *key, const char *reference, formats_sameness sameness,
                            hub_bytes record, kit_place place);

/* Remembers what the draft would say, without an event: a baseline. */
hub_status formats_note(const formats_draft *draft, const formats_key *key, formats_sameness sameness);

#endif
