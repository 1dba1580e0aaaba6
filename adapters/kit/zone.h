/* zone.h - civil time in England and Wales, for sources that state times without an offset. */
#ifndef KIT_ZONE_H
#define KIT_ZONE_H

#include <stdint.h>

/* UTC offset in minutes (0 or 60) of Europe/London at a civil instant, given in ms as if it were UTC. An hour that happens twice is its first
 * occurrence; one that does not exist moves forward. [Summer Time Order 2002: last Sundays of March and October, 01:00 UTC] */
int kit_zone_london(int64_t civil_ms);
/* The year of an instant, in UTC. */
int kit_zone_year(int64_t at_ms);

#endif
