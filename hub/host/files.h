/* files.h - whole small files, written so that a power cut leaves the old or the new one, never half. */
#ifndef HOST_FILES_H
#define HOST_FILES_H

#include "base/bytes.h"

/* Reads all of `path` (at most `bytes_max`) at the end of `out`. HUB_ERR_NOT_FOUND, HUB_ERR_IO, HUB_ERR_INVALID (too large). */
hub_status host_file_read(const char *path, size_t bytes_max, hub_buffer *out, hub_error *err);
/* Writes a temporary file beside `path`, syncs it, renames it, syncs the folder. It has this mode whatever the umask (its reader may
 * be another user), where the file system knows modes. */
hub_status host_file_replace(const char *path, hub_bytes content, unsigned mode, hub_error *err);
/* As replace, but refuses to touch a file that exists (HUB_ERR_EXISTS). */
hub_status host_file_create(const char *path, hub_bytes content, unsigned mode, hub_error *err);
/* Appends and syncs. */
hub_status host_file_append(const char *path, hub_bytes content, unsigned mode, hub_error *err);
/* As append, without the sync: a power cut may take it until the next host_file_append to this file, perhaps of nothing, has synced it. */
hub_status host_file_append_unsynced(const char *path, hub_bytes content, unsigned mode, hub_error *err);
/* Makes a folder and those above it. HUB_OK when it is there already. */
hub_status host_folder_make(const char *path, unsigned mode, hub_error *err);
/* Could this process use the folder: read and write it, or, where it is not there yet (*is_there), make it? */
bool host_folder_is_usable(const char *path, bool *is_there);
/* Refuses a secret that others may read: err names the file and the chmod that mends it. */
hub_status host_file_is_private(const char *path, hub_error *err);
/* Reads a file of one line without its line end: as host_file_read. HUB_ERR_INVALID also when there is a second line. */
hub_status host_line_read(const char *path, size_t bytes_max, hub_buffer *out, hub_error *err);
/* The same of a secret: refused as by host_file_is_private, and nowhere in memory but in `out` ({0} before), which
 * host_secret_free ends. */
hub_status host_secret_read(const char *path, size_t bytes_max, hub_buffer *out, hub_error *err);
/* Wipes and frees. */
void host_secret_free(hub_buffer *secret);
/* Free bytes on the file system that holds `path`; UINT64_MAX when it cannot be told. */
uint64_t host_free_bytes(const char *path);

#endif
