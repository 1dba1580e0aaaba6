/* clock.h - the only place that reads a clock. */
#ifndef HOST_CLOCK_H
#define HOST_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

int64_t host_wall_ms(void); /* CLOCK_REALTIME, ms since 1970 */
int64_t host_boot_ms(void); /* CLOCK_BOOTTIME: goes on while the machine sleeps, never jumps */
uint64_t host_monotonic_us(void);
/* Does a time service hold CLOCK_REALTIME to the time of day? (The kernel's STA_UNSYNC; nothing is changed.) */
bool host_wall_is_synchronised(void);

#endif
