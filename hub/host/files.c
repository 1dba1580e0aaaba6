#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { READ_BYTES = 64 * 1024 };

hub_status host_file_read(const char *path, size_t bytes_max, hub_buffer *out, hub_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return hub_fail(err, errno == ENOENT ? HUB_ERR_NOT_FOUND : HUB_ERR_IO, "%s: cannot be read: %s", path, strerror(errno));
    }
    hub_status status = HUB_OK;
    size_t before = out->size;
    for (;;) {
        uint8_t *at = hub_buffer_reserve(out, READ_BYTES) ? out->data + out->size : NULL;
        if (at == NULL) {
            status = hub_fail(err, HUB_ERR_MEMORY, "%s: out of memory", path);
            break;
        }
        ssize_t got = read(fd, at, READ_BYTES);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            status = hub_fail(err, HUB_ERR_IO, "%s: cannot be read: %s", path, strerror(errno));
            break;
        }
        if (got == 0) break;
        out->size += (size_t)got;
        if (out->size - before > bytes_max) {
            status = hub_fail(err, HUB_ERR_INVALID, "%s: larger than %zu bytes", path, bytes_max);
            break;
        }
    }
    close(fd);
    if (status != HUB_OK) out->size = before;
    return status;
}

static hub_status write_unsynced(int fd, hub_bytes content, const char *path, hub_error *err)
{
    size_t done = 0;
    while (done < content.size) {
        ssize_t put = write(fd, content.data + done, content.size - done);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0)
            return hub_fail(err, errno == ENOSPC ? HUB_ERR_FULL : HUB_ERR_IO, "%s: cannot be written: %s", path, strerror(errno));
        done += (size_t)put;
    }
    return HUB_OK;
}

static hub_status write_all(int fd, hub_bytes content, const char *path, hub_error *err)
{
    hub_status status = write_unsynced(fd, content, path, err);
    if (status != HUB_OK || fsync(fd) == 0) return status;
    return hub_fail(err, HUB_ERR_IO, "%s: cannot be synced: %s", path, strerror(errno));
}

static void folder_of(const char *path, char folder[PATH_MAX])
{
    (void)snprintf(folder, PATH_MAX, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash == NULL) {
        (void)snprintf(folder, PATH_MAX, ".");
    } else if (slash == folder) {
        folder[1] = '\0';
    } else {
        *slash = '\0';
    }
}

static hub_status sync_folder(const char *path, hub_error *err)
{
    char folder[PATH_MAX];
    folder_of(path, folder);
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return hub_fail(err, HUB_ERR_IO, "%s: cannot be opened: %s", folder, strerror(errno));
    int failed = fsync(fd);
    close(fd);
    if (failed != 0) return hub_fail(err, HUB_ERR_IO, "%s: cannot be synced: %s", folder, strerror(errno));
    return HUB_OK;
}

hub_status host_file_replace(const char *path, hub_bytes content, unsigned mode, hub_error *err)
{
    char temporary[PATH_MAX];
    int length = snprintf(temporary, sizeof temporary, "%s.tmp-%d", path, (int)getpid());
    if (length < 0 || (size_t)length >= sizeof temporary) return hub_fail(err, HUB_ERR_INVALID, "%s: path too long", path);
    int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, (mode_t)mode);
    if (fd < 0) return hub_fail(err, HUB_ERR_IO, "%s: cannot be made: %s", temporary, strerror(errno));
    (void)fchmod(fd, (mode_t)mode); /* it was made with less: where this cannot be done, less it stays */
    hub_status status = write_all(fd, content, temporary, err);
    if (close(fd) != 0 && status == HUB_OK)
        status = hub_fail(err, HUB_ERR_IO, "%s: cannot be closed: %s", temporary, strerror(errno));
    if (status == HUB_OK && rename(temporary, path) != 0) {
        status = hub_fail(err, HUB_ERR_IO, "%s: cannot be put in place: %s", path, strerror(errno));
    }
    if (status != HUB_OK) {
        unlink(temporary);
        return status;
    }
    return sync_folder(path, err);
}

hub_status host_file_create(const char *path, hub_bytes content, unsigned mode, hub_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, (mode_t)mode);
    if (fd < 0) {
        hub_status status = errno == EEXIST ? HUB_ERR_EXISTS : HUB_ERR_IO;
        return hub_fail(err, status, "%s: cannot be made: %s", path, strerror(errno));
    }
    hub_status status = write_all(fd, content, path, err);
    if (close(fd) != 0 && status == HUB_OK) status = hub_fail(err, HUB_ERR_IO, "%s: cannot be closed: %s", path, strerror(errno));
    if (status != HUB_OK) {
        unlink(path);
        return status;
    }
    return sync_folder(path, err);
}

static hub_status append(const char *path, hub_bytes content, unsigned mode,
                         hub_status (*write)(int fd, hub_bytes content, const char *path, hub_error *err), hub_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, (mode_t)mode);
    if (fd < 0) return hub_fail(err, HUB_ERR_IO, "%s: cannot be opened: %s", path, strerror(errno));
    hub_status status = write(fd, content, path, err);
    close(fd);
    return status;
}

hub_status host_file_append(const char *path, hub_bytes content, unsigned mode, hub_error *err)
{
    return append(path, content, mode, write_all, err);
}

hub_status host_file_append_unsynced(const char *path, hub_bytes content, unsigned mode, hub_error *err)
{
    return append(path, content, mode, write_unsynced, err);
}

bool host_folder_is_usable(const char *path, bool *is_there)
{
    struct stat entry;
    char parent[PATH_MAX];
    *is_there = stat(path, &entry) == 0;
    if (*is_there) return S_ISDIR(entry.st_mode) && access(path, R_OK | W_OK | X_OK) == 0;
    (void)snprintf(parent, sizeof parent, "%s", path);
    for (char *slash = strrchr(parent, '/'); slash != NULL && access(parent, F_OK) != 0; slash = strrchr(parent, '/'))
        *slash = '\0';
    const char *where = parent[0] == '\0' ? "/" : access(parent, F_OK) == 0 ? parent : ".";
    return stat(where, &entry) == 0 && S_ISDIR(entry.st_mode) && access(where, W_OK | X_OK) == 0;
}

hub_status host_folder_make(const char *path, unsigned mode, hub_error *err)
{
    char part[PATH_MAX];
    int length = snprintf(part, sizeof part, "%s", path);
    if (length < 0 || (size_t)length >= sizeof part) return hub_fail(err, HUB_ERR_INVALID, "%s: path too long", path);
    for (char *at = part + 1; *at != '\0'; at++) {
        if (*at != '/') continue;
        *at = '\0';
        if (mkdir(part, (mode_t)mode) != 0 && errno != EEXIST) {
            return hub_fail(err, HUB_ERR_IO, "%s: cannot be made: %s", part, strerror(errno));
        }
        *at = '/';
    }
    if (mkdir(part, (mode_t)mode) != 0 && errno != EEXIST) {
        return hub_fail(err, HUB_ERR_IO, "%s: cannot be made: %s", part, strerror(errno));
    }
    struct stat found;
    if (stat(part, &found) != 0 || !S_ISDIR(found.st_mode)) return hub_fail(err, HUB_ERR_IO, "%s: is not a folder", part);
    return HUB_OK;
}

hub_status host_file_is_private(const char *path, hub_error *err)
{
    struct stat found;
    if (stat(path, &found) != 0) {
        return hub_fail(err, errno == ENOENT ? HUB_ERR_NOT_FOUND : HUB_ERR_IO, "%s: cannot be read: %s", path, strerror(errno));
    }
    if ((found.st_mode & 077) != 0) {
        return hub_fail(err, HUB_ERR_REFUSED, "%s: others than its owner may read this secret; run: chmod 600 %s", path, path);
    }
    return HUB_OK;
}

static bool is_line_end(uint8_t byte)
{
    return byte == '\n' || byte == '\r';
}

hub_status host_line_read(const char *path, size_t bytes_max, hub_buffer *out, hub_error *err)
{
    size_t before = out->size, line_end = before;
    hub_status status =
        host_file_read(path, bytes_max + READ_BYTES, out, err); /* more than it may have, to say of what there is too much */
    if (status != HUB_OK) return status;
    while (out->size > before && is_line_end(out->data[out->size - 1]))
        out->size--;
    while (line_end < out->size && !is_line_end(out->data[line_end]))
        line_end++;
    if (line_end < out->size) {
        status = hub_fail(err, HUB_ERR_INVALID, "%s: holds more than one line, and one is expected", path);
    } else if (out->size - before > bytes_max) {
        status = hub_fail(err, HUB_ERR_INVALID, "%s: its line is larger than %zu bytes", path, bytes_max);
    }
    if (status != HUB_OK) out->size = before;
    return status;
}

hub_status host_secret_read(const char *path, size_t bytes_max, hub_buffer *out, hub_error *err)
{
    HUB_ASSERT(out->size == 0);
    hub_status status = host_file_is_private(path, err);
    if (status != HUB_OK) return status;
    /* Room for all that is read, and for a NUL: a buffer that moved would leave a copy behind. */
    if (!hub_buffer_reserve(out, bytes_max + 2 * READ_BYTES)) return hub_fail(err, HUB_ERR_MEMORY, "%s: out of memory", path);
    return host_line_read(path, bytes_max, out, err);
}

void host_secret_free(hub_buffer *secret)
{
    if (secret->data != NULL) sodium_memzero(secret->data, secret->capacity);
    hub_buffer_free(secret);
}

uint64_t host_free_bytes(const char *path)
{
    struct statvfs found;
    if (statvfs(path, &found) != 0) return UINT64_MAX;
    return (uint64_t)found.f_bavail * found.f_frsize;
}
