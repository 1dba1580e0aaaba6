/* identity.h - what a file says of a person beside its records: a number, a birth, a death.
 *
 * Why: files that repeat everything are compared record by record, and a record is not told again because the person in it is better
 * known now. So what is newly stated of a person is told once, as an event of its own, and the hub links by it.
 *
 * Invariants
 *   I1  the first file that names a person tells nothing of their identity: their records carry it
 *   I2  what is no longer stated is not taken back: a file that leaves a field empty does not say that it was wrong
 */
#ifndef FORMATS_IDENTITY_H
#define FORMATS_IDENTITY_H

#include "formats/memory.h"

typedef struct formats_identity {
    hub_bytes number;   /* UPN, NHS number; empty: not stated */
    formats_date birth; /* year 0: not stated */
    formats_date death;
} formats_identity;

enum { FORMATS_IDENTITY_NUMBER, FORMATS_IDENTITY_BIRTH, FORMATS_IDENTITY_DEATH, FORMATS_IDENTITY_PARTS };

/* What is remembered of one person, and what the file adds to it. */
typedef struct formats_person {
    formats_key key;
    uint32_t revision;                     /* events told; I1 */
    char said[FORMATS_IDENTITY_PARTS][17]; /* digests of what was stated; "-": nothing */
    char before[FORMATS_IDENTITY_PARTS]
               [17];                 /* what was stated before the newest event: it holds again when the hub refused that (R4) */
    char event_id[FORMATS_ID_BYTES]; /* of the newest event told; "-": none */
    bool news[FORMATS_IDENTITY_PARTS]; /* stated now, and not so before */
    bool is_first;                     /* nothing was remembered */
} formats_person;

/* Compares. HUB_OK, or what ends the input.
 *   key  of the person: authority and local number, of kind "person" */
hub_status formats_person_recall(kit_sink *sink, const formats_key *key, const formats_identity *identity, formats_person *out);
/* Is there anything to tell of them? */
bool formats_person_has_news(const formats_person *person);
/* Remembers what is stated now. */
hub_status formats_person_keep(kit_sink *sink, const formats_person *person);
/* Puts a draft that holds the person as a death, when that is new, else as a change of identity; and remembers. HUB_OK also when parked. */
hub_status formats_person_tell(formats_draft *draft, formats_person *person, const formats_identity *identity, hub_bytes record,
                               kit_place place);

#endif
