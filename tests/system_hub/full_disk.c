/* A disk that is full while a file exists: preloaded into a program by a test. Only writes at a place (as a database makes them) fail, and it says
 * that nothing is left; with MASHHUB_FULL_FILE only writes into files whose path has that in it. */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

typedef ssize_t pwrite_function(int fd, const void *data, size_t size, off_t at);

static int is_full(void)
{
    const char *sign = getenv("MASHHUB_FULL_SIGN");
    return sign != NULL && access(sign, F_OK) == 0;
}

static int is_meant(int fd)
{
    char link[64], path[4096];
    const char *wanted = getenv("MASHHUB_FULL_FILE");
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = wanted == NULL ? 0 : readlink(link, path, sizeof path - 1);
    if (wanted == NULL || length < 0) return wanted == NULL;
    path[length] = '\0';
    return strstr(path, wanted) != NULL;
}

static ssize_t write_at(const char *name, int fd, const void *data, size_t size, off_t at)
{
    union {
        void *object;
        pwrite_function *function;
    } real = {.object = dlsym(RTLD_NEXT, name)};
    if (is_full() && is_meant(fd)) {
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

int statvfs(const char *path, struct statvfs *out)
{
    typedef int statvfs_function(const char *path, struct statvfs *out);
    union {
        void *object;
        statvfs_function *function;
    } real = {.object = dlsym(RTLD_NEXT, "statvfs")};
    int failed = real.function(path, out);
    if (failed == 0 && is_full() && getenv("MASHHUB_FULL_FILE") == NULL) out->f_bavail = 0;
    return failed;
}
