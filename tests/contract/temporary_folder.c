#include "temporary_folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/status.h"

void temporary_folder_make(char *path, size_t capacity)
{
    const char *root = getenv("TMPDIR");
    int length = snprintf(path, capacity, "%s/mash-XXXXXX", root == NULL ? "/tmp" : root);
    HUB_ASSERT(length > 0 && (size_t)length < capacity);
    HUB_ASSERT(mkdtemp(path) != NULL);
}

static int remove_one(const char *path, const struct stat *found, int kind, struct FTW *where)
{
    (void)found;
    (void)kind;
    (void)where;
    return remove(path);
}

void temporary_folder_remove(const char *path)
{
    (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
