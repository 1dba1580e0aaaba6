/* kit_support.h - what the kit's tests share: a folder of their own, and event ids that read like numbers. */
#ifndef UNIT_KIT_KIT_SUPPORT_H
#define UNIT_KIT_KIT_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/id.h"
#include "host/files.h"
#include "host/random.h"

static inline int kit_remove_one(const char *path, const struct stat *found, int kind, struct FTW *walk)
{
    (void)found;
    (void)kind;
    (void)walk;
    return remove(path);
}

/* cmocka set-up and tear-down: a new folder, its path in *state. */
static inline int kit_folder_make(void **state)
{
    host_random_start();
    char *path = strdup("/tmp/kit-test-XXXXXX");
    if (path == NULL || mkdtemp(path) == NULL) return -1;
    *state = path;
    return 0;
}
static inline int kit_folder_remove(void **state)
{
    nftw(*state, kit_remove_one, 16, FTW_DEPTH | FTW_PHYS);
    free(*state);
    return 0;
}

static inline const char *kit_path(const char *folder, const char *name)
{
    static char paths[8][512];
    static unsigned next;
    char *path = paths[next++ % 8];
    (void)snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static inline hub_id kit_id(uint32_t number)
{
    hub_id id = {{0xee}};
    hub_put_u32(id.bytes + 12, number);
    return id;
}
static inline uint32_t kit_id_number(const hub_id *id)
{
    return hub_get_u32(id->bytes + 12);
}

static inline void kit_write(const char *path, const char *text)
{
    hub_error err = {{0}};
    if (host_file_replace(path, hub_bytes_of_text(text), 0600, &err) != HUB_OK) fail_msg("%s", err.text);
}
static inline bool kit_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

#define kit_ok(call) kit_ok_at((call), &err, #call, __FILE__, __LINE__)
static inline void kit_ok_at(hub_status status, const hub_error *err, const char *call, const char *file, int line)
{
    if (status == HUB_OK) return;
    print_error("%s: %s: %s\n", call, hub_status_text(status), err->text);
    _fail(file, line);
}

#endif
