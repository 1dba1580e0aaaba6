#include "clock.h"

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
