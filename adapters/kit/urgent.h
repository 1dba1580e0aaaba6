/* urgent.h - which events may not wait for a line to the hub that is down: someone here must telephone. */
#ifndef KIT_URGENT_H
#define KIT_URGENT_H

#include "link/outbox.h"
#include "mash/v1/event.pb-c.h"

/* OUTBOX_URGENT: immediate danger stated, a grade high or very high, or a person missing. */
outbox_urgency kit_event_urgency(const Mash__V1__Event *event);

#endif
