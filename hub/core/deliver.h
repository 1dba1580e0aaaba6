/* deliver.h - what one audience is given of one record. Pure; deny by default.
 *
 * Invariants
 *   D1  no field outside the audience's list leaves, whatever the event holds; unknown fields never leave
 *   D2  an event above the audience's class is withheld in silence: no delivery, no count, no placeholder
 *   D3  every delivery gives at least one reason
 */
#ifndef CORE_DELIVER_H
#define CORE_DELIVER_H

#include "core/core.h"
#include "mash/v1/alert.pb-c.h"

/* Packs a Delivery for the `index`-th Delivered fact of the record (its place among the record's facts), all but its `position`, at
 * the end of `out`. The alert is given as it stands in `state` now. HUB_OK; HUB_ERR_MEMORY; HUB_ERR_NOT_FOUND when the fact is not
 * a Delivered. The same audience twice in one record is redacted once for each subject (the arena holds the first result). */
typedef struct core_delivery_cache {
    uint64_t sequence; /* of the record the entries belong to; 0 = empty */
    uint32_t audience, subject;
    hub_bytes packed; /* the redacted event and withheld list, packed as fields of Delivery */
    bool
        is_shown; /* to a person who opens it, by the caller: every clock tells its arithmetic, not only those that the record began */
} core_delivery_cache;

/* Which earlier records' events or acts the record's deliveries to this queue take along (Delivered.event_sequence, act_sequence), each
 * once. They must be in record->earlier when core_deliver is called; one that is not is delivered as erased. At closing time one tick sends
 * on the events of hundreds of alerts: there may be as many as a decision has facts. */
enum { CORE_EARLIER_MAX = CORE_DECISION_FACTS_MAX };
uint32_t core_deliver_earlier(const core_record *record, uint32_t queue, uint64_t sequences[CORE_EARLIER_MAX]);

/* The one that this delivery takes along; 0 = none. */
uint64_t core_deliver_along(const Mash__V1__Delivered *fact);

hub_status core_deliver(const core_state *state, const core_record *record, size_t fact_index, bool possible_duplicate,
                        hub_arena *arena, core_delivery_cache *cache, hub_buffer *out);

/* Appends field 1 (position) to a packed Delivery: fields of a protobuf message may come in any order. HUB_OK or HUB_ERR_MEMORY. */
hub_status core_deliver_position(hub_buffer *packed_delivery, uint32_t epoch, uint64_t sequence, const uint8_t record_hash[32]);

#endif
