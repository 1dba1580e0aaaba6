#include "clock.h"

#include <sys/timex.h>
#include <time.h>

static int64_t read_ms(clockid_t which)
{
    struct timespec now;
    clock_gettime(which, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t host_wall_ms(void)
{
    return read_ms(CLOCK_REALTIME);
}

int64_t host_boot_ms(void)
{
    return read_ms(CLOCK_BOOTTIME);
}

uint64_t host_monotonic_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
}

bool host_wall_is_synchronised(void)
{
    struct timex asked = {.modes = 0};
    int state = ntp_adjtime(&asked);
    return state != -1 && state != TIME_ERROR && (asked.status & STA_UNSYNC) == 0;
}

void host_time_text(int64_t wall_ms, const char *format, char *out, size_t capacity)
{
    const time_t seconds = (time_t)(wall_ms / 1000);
    struct tm utc;
    if (gmtime_r(&seconds, &utc) == NULL || strftime(out, capacity, format, &utc) == 0) out[0] = '\0';
}
