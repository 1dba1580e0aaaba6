/* drop_folder.h - files put into a folder by a case system, an export job or a person.
 *
 *     FOLDER/name -> taken when its size and time were the same at two polls -> done/name
 *                                  cannot be read as a whole              -> failed/name and failed/name.reason.txt
 *
 * Invariants
 *   D1  a file leaves the folder only after everything it gave is durable in the outbox; a crash in between finds the file again and
 *       recognises it (name and SHA-256) as seen
 *   D2  names that end in .part, .filepart, .partial, .tmp or .uploading or begin with a dot are somebody's work in progress: never touched. Nor is
 *       a file that a process on this machine has open for writing, as far as the kernel tells (it does the file's owner)
 *   D3  links are not followed; what is no plain file goes to failed/
 *   D4  bad rows of a good file are parked, and the file is done
 *   D5  one file that cannot be read never stops the next; an outbox that takes no more stops them all, and nothing is moved
 *   D6  no name of a file stands in the log: people are named in file names. The log has the first digits of the SHA-256; so has the
 *       reason file
 */
#ifndef KIT_DROP_FOLDER_H
#define KIT_DROP_FOLDER_H

#include "intake.h"

typedef struct kit_drop_folder kit_drop_folder;

typedef struct kit_drop_folder_options {
    const char *folder;      /* BORROWED for the call; made when absent */
    kit_intake *intake;      /* BORROWED for the folder's life; KIT_UNREADABLE_FAILS */
    uint64_t file_bytes_max; /* 0 = 256 MiB */
    int64_t quiet_ms;        /* a file is left alone until it has not changed for so long; 0 = between two polls */
} kit_drop_folder_options;

/* What one poll did, and what is left. */
typedef struct kit_drop_report {
    uint32_t done; /* files, repeated ones included */
    uint32_t failed;
    uint32_t events;
    uint32_t parked;
    uint32_t left; /* files still to be taken: not yet stable, or more than one poll takes */
} kit_drop_report;

/* Makes done/ and failed/ and tries whether files can be moved there. */
hub_status kit_drop_folder_open(const kit_drop_folder_options *options, kit_drop_folder **out, hub_error *err);
void kit_drop_folder_close(kit_drop_folder *folder);

/* Looks once; takes at most 64 files, in order of their names. An operating error ends the poll (D5); `report` says what was done before. */
hub_status kit_drop_folder_poll(kit_drop_folder *folder, int64_t now_ms, kit_drop_report *report, hub_error *err);

/* By what a file is known again: its name and SHA-256, at the end of `key`. */
void kit_drop_folder_key(const char *name, hub_bytes content, hub_buffer *key);

/* Reads one file for a mapping; HUB_ERR_INVALID when it is no plain file, or too large. For dry runs too. */
hub_status kit_file_read(const char *path, uint64_t bytes_max, hub_buffer *out, hub_error *err);

#endif
