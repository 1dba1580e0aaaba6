#include "policy.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "compiler.h"
#include "host/files.h"

enum { FOLDER_DEPTH_MAX = 4, SOURCE_BYTES_MAX = 1024 * 1024, PATH_BYTES_MAX = 4096 };

static hub_status add_source(policy_sources *sources, const char *path, const char *name, hub_error *err)
{
    if (sources->count == POLICY_FILES_MAX) {
        return hub_fail(err, HUB_ERR_INVALID, "%s: more than %d policy files; join some", path, POLICY_FILES_MAX);
    }
    policy_source *source = &sources->items[sources->count];
    if (strlen(name) >= sizeof source->name) {
        return hub_fail(err, HUB_ERR_INVALID, "%s: the name below the policy folder is longer than %zu bytes; shorten it", path,
                        sizeof source->name - 1);
    }
    *source = (policy_source){0};
    memcpy(source->name, name, strlen(name) + 1);
    sources->count++;
    return host_file_read(path, SOURCE_BYTES_MAX, &source->text, err);
}

static bool is_yaml(const char *name)
{
    size_t size = strlen(name);
    return size > 5 && strcmp(name + size - 5, ".yaml") == 0;
}

static hub_status read_folder(policy_sources *sources, const char *folder, const char *prefix, int depth, hub_error *err);

static hub_status read_entry(policy_sources *sources, const char *folder, const char *prefix, const char *entry, int depth,
                             hub_error *err)
{
    char path[PATH_BYTES_MAX], name[PATH_BYTES_MAX];
    if (snprintf(path, sizeof path, "%s/%s", folder, entry) >= (int)sizeof path ||
        snprintf(name, sizeof name, "%s%s", prefix, entry) >= (int)sizeof name) {
        return hub_fail(err, HUB_ERR_INVALID, "%s: a path below it is too long", folder);
    }
    struct stat about;
    if (stat(path, &about) != 0) return hub_fail(err, HUB_ERR_IO, "%s: cannot be read: %s", path, strerror(errno));
    if (S_ISDIR(about.st_mode)) {
        if (depth == FOLDER_DEPTH_MAX) return hub_fail(err, HUB_ERR_INVALID, "%s: folders are nested too deeply", path);
        char below[PATH_BYTES_MAX];
        if (snprintf(below, sizeof below, "%s/", name) >= (int)sizeof below) {
            return hub_fail(err, HUB_ERR_INVALID, "%s: a path below it is too long", folder);
        }
        return read_folder(sources, path, below, depth + 1, err);
    }
    return S_ISREG(about.st_mode) && is_yaml(entry) ? add_source(sources, path, name, err) : HUB_OK;
}

static hub_status read_folder(policy_sources *sources, const char *folder, const char *prefix, int depth, hub_error *err)
{
    DIR *open = opendir(folder);
    if (open == NULL) {
        return hub_fail(err, errno == ENOENT ? HUB_ERR_NOT_FOUND : HUB_ERR_IO, "%s: cannot be read: %s", folder, strerror(errno));
    }
    hub_status status = HUB_OK;
    const struct dirent *entry;
    while (status == HUB_OK && (entry = readdir(open)) != NULL) {
        if (entry->d_name[0] != '.') status = read_entry(sources, folder, prefix, entry->d_name, depth, err);
    }
    (void)closedir(open);
    return status;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const policy_source *)a)->name, ((const policy_source *)b)->name);
}

hub_status policy_sources_read(const char *folder, policy_sources *out, hub_error *err)
{
    HUB_ASSERT(folder != NULL && out != NULL);
    *out = (policy_sources){0};
    policy_sources sources = {.items = calloc(POLICY_FILES_MAX, sizeof *sources.items)};
    if (sources.items == NULL) return hub_fail(err, HUB_ERR_MEMORY, "out of memory");
    hub_status status = read_folder(&sources, folder, "", 0, err);
    if (status == HUB_OK && sources.count == 0) {
        status = hub_fail(err, HUB_ERR_NOT_FOUND, "%s: no *.yaml file; a policy is at least one", folder);
    }
    if (status != HUB_OK) {
        policy_sources_free(&sources);
        return status;
    }
    qsort(sources.items, sources.count, sizeof *sources.items, by_name);
    *out = sources;
    return HUB_OK;
}

void policy_sources_free(policy_sources *sources)
{
    for (size_t i = 0; i < sources->count; i++)
        hub_buffer_free(&sources->items[i].text);
    free(sources->items);
    *sources = (policy_sources){0};
}

bool policy_sources_order(const policy_sources *sources, const policy_source *ordered[])
{
    for (size_t i = 0; i < sources->count; i++) {
        size_t at = i;
        while (at > 0 && strcmp(ordered[at - 1]->name, sources->items[i].name) > 0) {
            ordered[at] = ordered[at - 1];
            at--;
        }
        ordered[at] = &sources->items[i];
        if (at > 0 && strcmp(ordered[at - 1]->name, ordered[at]->name) == 0) return false;
    }
    return true;
}

void policy_sources_digest(const policy_sources *sources, uint8_t digest[32])
{
    HUB_ASSERT(sources->count <= POLICY_FILES_MAX);
    const policy_source *ordered[POLICY_FILES_MAX];
    (void)policy_sources_order(sources, ordered);
    hub_buffer all = {0};
    for (size_t i = 0; i < sources->count; i++) {
        hub_buffer_put(&all, ordered[i]->name, strlen(ordered[i]->name) + 1);
        hub_buffer_put_u64(&all, ordered[i]->text.size);
        hub_buffer_put(&all, ordered[i]->text.data, ordered[i]->text.size);
    }
    HUB_ASSERT(!all.failed);
    hub_digest value;
    hub_digest_of(hub_buffer_bytes(&all), &value);
    memcpy(digest, value.bytes, HUB_DIGEST_BYTES);
    hub_buffer_free(&all);
}
