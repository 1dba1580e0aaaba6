/* made_events.h - events about synthetic children, for tests that publish. */
#ifndef SYSTEM_HUB_MADE_EVENTS_H
#define SYSTEM_HUB_MADE_EVENTS_H

#include "base/bytes.h"
#include "base/id.h"

/* A contact event about a synthetic child, `number` makes it one of a kind. At the end of `packed`. */
hub_id event_make(uint32_t number, const char *summary, hub_buffer *packed);
/* A concern about a child of its own, of a day before. */
hub_id event_make_late(uint32_t number, hub_buffer *packed);
/* A concern about 64 unrelated children: some 30 KB, and an alert for each of them. */
hub_id event_make_crowd(uint32_t number, hub_buffer *packed);

#endif
