#include "policy_folder.h"

#include <string.h>

#include "policy/policy.h"

static hub_status put_source(hub_arena *arena, const policy_source *from, Mash__V1__AdoptPolicy *adopt)
{
    Mash__V1__PolicySource *source = hub_arena_take(arena, sizeof *source);
    if (source == NULL) return HUB_ERR_MEMORY;
    mash__v1__policy_source__init(source);
    source->name = hub_arena_copy(arena, from->name, strlen(from->name));
    source->text.data = hub_arena_copy(arena, from->text.data, from->text.size);
    source->text.len = from->text.size;
    adopt->sources[adopt->n_sources++] = source;
    return source->name == NULL || source->text.data == NULL ? HUB_ERR_MEMORY : HUB_OK;
}

hub_status daemon_policy_folder_read(const char *folder, hub_arena *arena, Mash__V1__AdoptPolicy **out, hub_error *err)
{
    *out = NULL;
    policy_sources sources = {0};
    hub_status status = policy_sources_read(folder, &sources, err);
    if (status != HUB_OK) return status;
    Mash__V1__AdoptPolicy *adopt = hub_arena_take(arena, sizeof *adopt);
    if (adopt == NULL) status = HUB_ERR_MEMORY;
    if (status == HUB_OK) {
        mash__v1__adopt_policy__init(adopt);
        adopt->sources = hub_arena_take(arena, (sources.count + 1) * sizeof *adopt->sources);
        if (adopt->sources == NULL) status = HUB_ERR_MEMORY;
    }
    for (size_t i = 0; i < sources.count && status == HUB_OK; i++)
        status = put_source(arena, &sources.items[i], adopt);
    policy_sources_free(&sources);
    if (status == HUB_OK) *out = adopt;
    return status;
}
