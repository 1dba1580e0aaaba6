/* clock.h - the only place that reads a clock, and that writes an instant in UTC for people and machines. */
#ifndef HOST_CLOCK_H
#define HOST_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int64_t host_wall_ms(void); /* CLOCK_REALTIME, ms since 1970 */
int64_t host_boot_ms(void); /* CLOCK_BOOTTIME: goes on while the machine sleeps, never jumps */
uint64_t host_monotonic_us(void);
/* Does a time service hold CLOCK_REALTIME to the time of day? (The kernel's STA_UNSYNC; nothing is changed.) */
bool host_wall_is_synchronised(void);

#define HOST_TIME_ISO "%Y-%m-%dT%H:%M:%SZ"
/* The instant in UTC, as strftime writes it; "" when it does not fit or no calendar has it. */
void host_time_text(int64_t wall_ms, const char *format, char *out, size_t capacity) __attribute__((format(strftime, 2, 0)));

#endif
