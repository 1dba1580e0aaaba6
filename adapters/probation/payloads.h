/* payloads.h - which HMPPS domain events are the hub's concern, and what they say. */
#ifndef PROBATION_PAYLOADS_H
#define PROBATION_PAYLOADS_H

#include "formats/draft.h"
#include "formats/json.h"

/* Is the outcome of this type of event behind its detailUrl? */
bool probation_has_detail(hub_bytes event_type);

/* Fills the draft's payload and summary from the event's type and additionalInformation.
 *   detail  what detailUrl named; NULL: not fetched
 *   on      the civil day of occurredAt, as the source wrote it
 *   missing the path of what decides that and is not there; NULL: nothing is
 * false: recognised or not, nothing of it is for the hub (adapters/README.md lists which and why). */
bool probation_fill(formats_draft *draft, hub_bytes event_type, const json_t *information, const json_t *detail, formats_date on,
                    const char **missing);

#endif
