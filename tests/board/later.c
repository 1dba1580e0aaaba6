/* Time goes on when a test says so: preloaded into a program. The file MASHHUB_LATER holds the milliseconds (int64) that the wall clock and
 * the time since boot are ahead of this machine's, MASHHUB_LATER_WALL those of the wall clock alone: a clock that is set. What waits for a timer
 * waits as long as ever. */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

typedef int clock_function(clockid_t which, struct timespec *out);

static int64_t later_ms(const char *name)
{
    const char *path = getenv(name);
    int64_t ms = 0;
    int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    if (read(fd, &ms, sizeof ms) != (ssize_t)sizeof ms) ms = 0;
    (void)close(fd);
    return ms;
}

int clock_gettime(clockid_t which, struct timespec *out)
{
    union {
        void *object;
        clock_function *function;
    } real = {.object = dlsym(RTLD_NEXT, "clock_gettime")};
    int failed = real.function(which, out);
    if (failed == 0 && (which == CLOCK_REALTIME || which == CLOCK_BOOTTIME)) out->tv_sec += later_ms("MASHHUB_LATER") / 1000;
    if (failed == 0 && which == CLOCK_REALTIME) out->tv_sec += later_ms("MASHHUB_LATER_WALL") / 1000;
    return failed;
}
