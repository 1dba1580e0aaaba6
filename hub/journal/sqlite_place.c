#include "sqlite_place.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static hub_status name_holder(int fd, const char *path, hub_error *err)
{
    char holder[24] = "";
    ssize_t got = pread(fd, holder, sizeof holder - 1, 0);
    if (got <= 0) (void)snprintf(holder, sizeof holder, "unknown");
    holder[strcspn(holder, "\n")] = '\0';
    return hub_fail(err, HUB_ERR_EXISTS, "journal %s: process %s writes to it already; stop that one first", path, holder);
}

hub_status journal_sqlite_place_take(const char *path, int *fd, hub_error *err)
{
    *fd = -1;
    char lock_path[PATH_MAX];
    int length = snprintf(lock_path, sizeof lock_path, "%s.lock", path);
    if (length < 0 || (size_t)length >= sizeof lock_path)
        return hub_fail(err, HUB_ERR_INVALID, "journal %s: path too long", path);
    int taken = open(lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (taken < 0) return hub_fail(err, HUB_ERR_IO, "%s: cannot be opened: %s", lock_path, strerror(errno));
    hub_status status = HUB_OK;
    if (flock(taken, LOCK_EX | LOCK_NB) != 0) {
        status = errno == EWOULDBLOCK ? name_holder(taken, path, err)
                                      : hub_fail(err, HUB_ERR_IO, "%s: cannot be locked: %s", lock_path, strerror(errno));
        goto fail;
    }
    /* The number only serves the message above: the lock itself is what counts. */
    char holder[24];
    int size = snprintf(holder, sizeof holder, "%ld\n", (long)getpid());
    if (ftruncate(taken, 0) != 0 || pwrite(taken, holder, (size_t)size, 0) != size) {
        status = hub_fail(err, HUB_ERR_IO, "%s: cannot be written: %s", lock_path, strerror(errno));
        goto fail;
    }
    *fd = taken;
    return HUB_OK;

fail:
    close(taken);
    return status;
}
