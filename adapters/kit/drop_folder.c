#include "drop_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/clock.h"
#include "host/files.h"
#include "host/log.h"

enum {
    FILES_MAX = 2048,      /* looked at in one poll; the rest waits for the next */
    FILES_A_POLL = 64,     /* taken in one poll: the link must get its turn */
    NAME_KEPT_MAX = 180,   /* bytes of a longer name that are kept when a suffix is added */
    SHORT_DIGEST_TEXT = 13 /* 12 digits and NUL */
};

typedef struct seen_file {
    char name[NAME_MAX + 1];
    ino_t inode;
    off_t size;
    struct timespec changed;
    bool stable;
} seen_file;

struct kit_drop_folder {
    char path[PATH_MAX / 2];
    kit_intake *intake; /* BORROWED */
    uint64_t file_bytes_max;
    int64_t quiet_ms;
    seen_file *files;  /* this poll's, by name */
    seen_file *before; /* the last poll's */
    uint32_t count;
    uint32_t before_count;
};

/* ---- opening ---- */

static hub_status try_folder(const char *folder, const char *name, hub_error *err)
{
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    hub_status status = host_folder_make(path, 0700, err);
    if (status != HUB_OK) return status;
    (void)snprintf(path, sizeof path, "%s/%s/.try-%d", folder, name, (int)getpid());
    status = host_file_replace(path, (hub_bytes){0}, 0600, err);
    if (status == HUB_OK) unlink(path);
    return status;
}

hub_status kit_drop_folder_open(const kit_drop_folder_options *options, kit_drop_folder **out, hub_error *err)
{
    *out = NULL;
    kit_drop_folder *folder = calloc(1, sizeof *folder);
    if (folder == NULL) return hub_fail(err, HUB_ERR_MEMORY, "drop folder: out of memory");
    hub_status status = HUB_OK;
    folder->intake = options->intake;
    folder->file_bytes_max = options->file_bytes_max != 0 ? options->file_bytes_max : 256ULL * 1024 * 1024;
    folder->quiet_ms = options->quiet_ms;
    folder->files = calloc(FILES_MAX, sizeof *folder->files);
    folder->before = calloc(FILES_MAX, sizeof *folder->before);
    if (folder->files == NULL || folder->before == NULL) {
        status = hub_fail(err, HUB_ERR_MEMORY, "drop folder: out of memory");
        goto fail;
    }
    if (snprintf(folder->path, sizeof folder->path, "%s", options->folder) >= (int)sizeof folder->path) {
        status = hub_fail(err, HUB_ERR_INVALID, "drop folder: its path is too long");
        goto fail;
    }
    status = host_folder_make(folder->path, 0700, err);
    if (status == HUB_OK) status = try_folder(folder->path, ".", err);
    if (status == HUB_OK) status = try_folder(folder->path, "done", err);
    if (status == HUB_OK) status = try_folder(folder->path, "failed", err);
    if (status != HUB_OK) goto fail;
    *out = folder;
    return HUB_OK;

fail:
    kit_drop_folder_close(folder);
    return status;
}

void kit_drop_folder_close(kit_drop_folder *folder)
{
    if (folder == NULL) return;
    free(folder->files);
    free(folder->before);
    free(folder);
}

/* ---- looking ---- */

static bool ends_in(const char *name, const char *suffix)
{
    size_t length = strlen(name);
    size_t wanted = strlen(suffix);
    return length >= wanted && strcmp(name + length - wanted, suffix) == 0;
}

/* D2: how sftp clients and jobs name what they have not finished. */
static bool is_in_progress(const char *name)
{
    static const char *const SUFFIXES[] = {".part", ".tmp", ".filepart", ".partial", ".uploading"};
    for (size_t i = 0; i < sizeof SUFFIXES / sizeof SUFFIXES[0]; i++) {
        if (ends_in(name, SUFFIXES[i])) return true;
    }
    return name[0] == '.';
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const seen_file *)a)->name, ((const seen_file *)b)->name);
}

static bool same_as_before(const kit_drop_folder *folder, const seen_file *file)
{
    const seen_file *before = bsearch(file, folder->before, folder->before_count, sizeof *file, by_name);
    return before != NULL && before->inode == file->inode && before->size == file->size &&
           before->changed.tv_sec == file->changed.tv_sec && before->changed.tv_nsec == file->changed.tv_nsec;
}

/* By the kernel's own time of the last change: a sender may set the other. */
static bool is_quiet(const kit_drop_folder *folder, const struct stat *found, int64_t now_ms)
{
    int64_t changed_ms = (int64_t)found->st_ctim.tv_sec * 1000 + found->st_ctim.tv_nsec / 1000000;
    return now_ms < changed_ms || now_ms - changed_ms >= folder->quiet_ms;
}

static hub_status look(kit_drop_folder *folder, int64_t now_ms, hub_error *err)
{
    seen_file *swap = folder->before;
    folder->before = folder->files;
    folder->before_count = folder->count;
    folder->files = swap;
    folder->count = 0;

    DIR *directory = opendir(folder->path);
    if (directory == NULL) return hub_fail(err, HUB_ERR_IO, "drop folder %s: cannot be read: %s", folder->path, strerror(errno));
    for (const struct dirent *entry = readdir(directory); entry != NULL && folder->count < FILES_MAX;
         entry = readdir(directory)) {
        struct stat found;
        if (is_in_progress(entry->d_name)) continue;
        if (fstatat(dirfd(directory), entry->d_name, &found, AT_SYMLINK_NOFOLLOW) != 0 || S_ISDIR(found.st_mode)) continue;
        seen_file *file = &folder->files[folder->count++];
        *file = (seen_file){.inode = found.st_ino,
                            .size = found.st_size,
                            .changed = found.st_mtim,
                            .stable = folder->quiet_ms == 0 || is_quiet(folder, &found, now_ms)};
        (void)snprintf(file->name, sizeof file->name, "%s", entry->d_name);
    }
    closedir(directory);
    qsort(folder->files, folder->count, sizeof *folder->files, by_name);
    for (uint32_t i = 0; i < folder->count; i++)
        folder->files[i].stable = folder->files[i].stable && same_as_before(folder, &folder->files[i]);
    return HUB_OK;
}

/* ---- reading ---- */

/* The kernel gives a read lease only on a file that nobody has open for writing. It must be asked by the file's owner, or with CAP_LEASE: for
 * others, and on file systems without leases, nothing is known. */
static bool is_being_written(int fd)
{
    if (fcntl(fd, F_SETLEASE, F_RDLCK) != 0) return errno == EAGAIN;
    (void)fcntl(fd, F_SETLEASE, F_UNLCK);
    return false;
}

static hub_status read_open_file(int fd, uint64_t bytes_max, hub_buffer *out, hub_error *err)
{
    struct stat before;
    struct stat after;
    if (fstat(fd, &before) != 0) return hub_fail(err, HUB_ERR_IO, "cannot be read: %s", strerror(errno));
    if (!S_ISREG(before.st_mode)) return hub_fail(err, HUB_ERR_INVALID, "not a plain file; put the file itself here");
    if ((uint64_t)before.st_size > bytes_max) {
        return hub_fail(err, HUB_ERR_INVALID, "larger than %llu bytes, the most one file may have; send it in parts",
                        (unsigned long long)bytes_max);
    }
    if (is_being_written(fd)) return hub_fail(err, HUB_ERR_AGAIN, "is still being written");
    size_t left = (size_t)before.st_size;
    while (left > 0) {
        uint8_t *at = hub_buffer_extend(out, left);
        if (at == NULL) return hub_fail(err, HUB_ERR_MEMORY, "out of memory");
        ssize_t got = read(fd, at, left);
        out->size -= left - (got > 0 ? (size_t)got : 0);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return hub_fail(err, HUB_ERR_IO, "cannot be read: %s", strerror(errno));
        if (got == 0) break;
        left -= (size_t)got;
    }
    bool changed = fstat(fd, &after) != 0 || after.st_size != before.st_size || after.st_mtim.tv_sec != before.st_mtim.tv_sec ||
                   after.st_mtim.tv_nsec != before.st_mtim.tv_nsec || left > 0;
    return changed ? HUB_ERR_AGAIN : HUB_OK; /* still being written: looked at again at the next poll */
}

hub_status kit_file_read(const char *path, uint64_t bytes_max, hub_buffer *out, hub_error *err)
{
    /* NOFOLLOW for links; NONBLOCK so that a pipe somebody put here does not stop the adapter. */
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 && errno == ELOOP)
        return hub_fail(err, HUB_ERR_INVALID, "a symbolic link, and links are not followed; put the file itself here");
    if (fd < 0 && errno == ENOENT) return hub_fail(err, HUB_ERR_NOT_FOUND, "there is no such file");
    if (fd < 0 && (errno == EACCES || errno == EPERM)) {
        return hub_fail(err, HUB_ERR_INVALID, "the adapter may not read it; give its user the right to");
    }
    if (fd < 0) return hub_fail(err, errno == ENXIO ? HUB_ERR_INVALID : HUB_ERR_IO, "cannot be opened: %s", strerror(errno));
    hub_status status = read_open_file(fd, bytes_max, out, err);
    close(fd);
    return status;
}

/* ---- moving ---- */

/* A place in `where` that no other file has: the name, or the name and the digest; a file with both is the same file again. */
static void target_of(const kit_drop_folder *folder, const char *where, const char *name, const char *digest, char out[PATH_MAX])
{
    if (strlen(name) <= NAME_KEPT_MAX) {
        (void)snprintf(out, PATH_MAX, "%s/%s/%s", folder->path, where, name);
        if (access(out, F_OK) != 0) return;
    }
    (void)snprintf(out, PATH_MAX, "%s/%s/%.*s.%s", folder->path, where, NAME_KEPT_MAX, name, digest);
}

/* done/ or failed/ again, when somebody has taken it away since the start. */
static hub_status make_folder(const kit_drop_folder *folder, const char *where, hub_error *err)
{
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/%s", folder->path, where);
    return host_folder_make(path, 0700, err);
}

static hub_status move(const kit_drop_folder *folder, const char *name, const char *target, const char *digest, hub_error *err)
{
    char from[PATH_MAX];
    struct stat found;
    (void)snprintf(from, sizeof from, "%s/%s", folder->path, name);
    if (rename(from, target) == 0) return HUB_OK;
    int why = errno;
    if (why == ENOENT && lstat(from, &found) != 0 && errno == ENOENT)
        return HUB_OK; /* gone: somebody else moved it, and what it gave is durable */
    errno = why;
    return hub_fail(err, HUB_ERR_IO, "drop folder %s: input %s cannot be moved away: %s; it would be looked at again and again",
                    folder->path, digest, strerror(errno));
}

static hub_status move_to_failed(const kit_drop_folder *folder, const char *name, const char *digest, const char *why,
                                 int64_t now_ms, hub_error *err)
{
    char target[PATH_MAX];
    char reason_path[PATH_MAX + 16];
    const kit_mapping *mapping = kit_intake_mapping(folder->intake);
    hub_buffer reason = {0};
    char stamp[32];
    hub_error why_not = {{0}};
    host_time_text(now_ms, HOST_TIME_ISO, stamp, sizeof stamp);
    target_of(folder, "failed", name, digest, target);
    (void)snprintf(reason_path, sizeof reason_path, "%s.reason.txt", target);
    hub_buffer_put_format(
        &reason,
        "This file could not be taken as %s. Nothing of it was sent to the hub.\n"
        "Reason: %s\nInput:  %s (so the log calls it)\nTime:   %s\n"
        "Put it right in the source system, or ask whoever set up this adapter; then put the file into the folder again.\n",
        mapping->name, why, digest, stamp);
    hub_status status = reason.failed ? hub_fail(err, HUB_ERR_MEMORY, "drop folder: out of memory") : HUB_OK;
    if (status == HUB_OK) status = make_folder(folder, "failed", err);
    errno = ENAMETOOLONG; /* the one cause below that does not set it */
    if (status == HUB_OK) status = host_file_replace(reason_path, hub_buffer_bytes(&reason), 0600, &why_not);
    if (why_not.text[0] != '\0') { /* its words hold the path, and with it the file's name (D6) */
        status = hub_fail(err, status, "drop folder %s: the reason for input %s cannot be written to failed/: %s", folder->path,
                          digest, strerror(errno));
    }
    hub_buffer_free(&reason);
    if (status == HUB_OK) status = move(folder, name, target, digest, err);
    if (status == HUB_OK) host_log(HOST_LOG_WARNING, "input failed", "input", digest, "reason", why, NULL);
    return status;
}

/* ---- taking ---- */

static void digest_of(const char *name, hub_bytes content, hub_buffer *key, char text[SHORT_DIGEST_TEXT])
{
    uint8_t digest[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(digest, content.data, content.size);
    hub_hex(digest, (SHORT_DIGEST_TEXT - 1) / 2, text);
    hub_buffer_put(key, name, strlen(name) + 1);
    hub_buffer_put(key, digest, sizeof digest);
}

void kit_drop_folder_key(const char *name, hub_bytes content, hub_buffer *key)
{
    char text[SHORT_DIGEST_TEXT];
    digest_of(name, content, key, text);
}

static void log_taken(const kit_outcome *outcome, const char *digest)
{
    char events[16];
    char parked[16];
    (void)snprintf(events, sizeof events, "%u", outcome->events);
    (void)snprintf(parked, sizeof parked, "%u", outcome->parked);
    host_log(outcome->parked > 0 ? HOST_LOG_WARNING : HOST_LOG_INFO,
             outcome->result == KIT_INPUT_REPEATED ? "input seen before" : "input taken", "input", digest, "events", events,
             "parked", parked, NULL);
}

static hub_status take_content(kit_drop_folder *folder, const char *name, hub_bytes content, int64_t now_ms,
                               kit_drop_report *report, hub_error *err)
{
    char digest[SHORT_DIGEST_TEXT];
    char target[PATH_MAX];
    hub_buffer key = {0};
    kit_outcome outcome;
    digest_of(name, content, &key, digest);
    hub_status status = key.failed ? hub_fail(err, HUB_ERR_MEMORY, "drop folder: out of memory") : HUB_OK;
    if (status == HUB_OK) {
        kit_input input = {.bytes = content, .name = name, .key = hub_buffer_bytes(&key), .received_ms = now_ms};
        status = kit_intake_take(folder->intake, &input, &outcome, err);
    }
    hub_buffer_free(&key);
    if (status == HUB_ERR_AGAIN) report->left++; /* it waits for its detail, and those behind it for it */
    if (status != HUB_OK) return status;
    if (outcome.result == KIT_INPUT_FAILED) {
        report->failed++;
        return move_to_failed(folder, name, digest, outcome.reason, now_ms, err);
    }
    report->done++;
    report->events += outcome.events;
    report->parked += outcome.parked;
    log_taken(&outcome, digest);
    target_of(folder, "done", name, digest, target);
    status = make_folder(folder, "done", err);
    if (status != HUB_OK) return status;
    return move(folder, name, target, digest, err); /* D1: after the commit */
}

static hub_status take_file(kit_drop_folder *folder, const char *name, int64_t now_ms, kit_drop_report *report, hub_error *err)
{
    char path[PATH_MAX];
    hub_buffer content = {0};
    hub_error why = {{0}};
    (void)snprintf(path, sizeof path, "%s/%s", folder->path, name);
    hub_status status = kit_file_read(path, folder->file_bytes_max, &content, &why);
    if (status == HUB_OK) {
        status = take_content(folder, name, hub_buffer_bytes(&content), now_ms, report, err);
    } else if (status == HUB_ERR_INVALID) {
        char digest[SHORT_DIGEST_TEXT];
        hub_buffer key = {0};
        digest_of(name, hub_bytes_of_text(name), &key, digest); /* of the name: the content is not to be had */
        hub_buffer_free(&key);
        report->failed++;
        status = outbox_input_counted(kit_intake_outbox(folder->intake), OUTBOX_INPUT_FAILED, err);
        if (status == HUB_OK) status = move_to_failed(folder, name, digest, why.text, now_ms, err);
    } else if (status == HUB_ERR_AGAIN || status == HUB_ERR_NOT_FOUND) {
        report->left += status == HUB_ERR_AGAIN;
        status = HUB_OK;
    } else {
        status = hub_fail(err, status, "drop folder %s: a file %s", folder->path, why.text);
    }
    hub_buffer_free(&content);
    return status;
}

hub_status kit_drop_folder_poll(kit_drop_folder *folder, int64_t now_ms, kit_drop_report *report, hub_error *err)
{
    *report = (kit_drop_report){0};
    hub_status status = look(folder, now_ms, err);
    uint32_t taken = 0;
    for (uint32_t i = 0; i < folder->count && status == HUB_OK; i++) {
        if (!folder->files[i].stable || taken == FILES_A_POLL) {
            report->left++;
            continue;
        }
        taken++;
        status = take_file(folder, folder->files[i].name, now_ms, report, err);
    }
    return status == HUB_ERR_AGAIN ? HUB_OK : status;
}
