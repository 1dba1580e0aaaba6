/* A disk that is full while a file exists: preloaded into mashhubd by a test. Only writes at a place (as a database makes them) fail. */
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

typedef ssize_t pwrite_function(int fd, const void *data, size_t size, off_t at);

static int is_full(void)
{
    const char *sign = getenv("MASHHUB_FULL_SIGN");
    return sign != NULL && access(sign, F_OK) == 0;
}

static ssize_t write_at(const char *name, int fd, const void *data, size_t size, off_t at)
{
    union {
        void *object;
        pwrite_function *function;
    } real = {.object = dlsym(RTLD_NEXT, name)};
    if (is_full()) {
        errno = ENOSPC;
        return -1;
    }
    return real.function(fd, data, size, at);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at)
{
    return write_at("pwrite", fd, data, size, at);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at)
{
    return write_at("pwrite64", fd, data, size, at);
}
