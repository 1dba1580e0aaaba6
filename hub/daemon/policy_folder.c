#include "policy_folder.h"

#include <string.h>

#include "policy/policy.h"

enum { POLICY_BYTES_MAX = 4 * 1024 * 1024 /* half of what the journal takes at once: one record holds it all */ };

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
    size_t bytes = 0;
    for (size_t i = 0; i < sources.count; i++)
        bytes += sources.items[i].text.size;
    if (bytes > POLICY_BYTES_MAX) {
        status = hub_fail(err, HUB_ERR_INVALID, "%s: the policy's files have more than %d bytes together; shorten them", folder,
                          POLICY_BYTES_MAX);
    }
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

/* The lines of `problems` that are mistakes. Warnings are for the author, at `mashctl policy check`. */
static void put_mistakes(yaml_problems *problems, hub_buffer *complaints)
{
    const char *line = hub_buffer_text(&problems->text);
    while (*line != '\0') {
        size_t size = strcspn(line, "\n");
        const char *warning = strstr(line, ": warning: ");
        if (warning == NULL || warning > line + size) {
            hub_buffer_put(complaints, line, size);
            hub_buffer_put_text(complaints, "\n");
        }
        line += size + (line[size] == '\n' ? 1 : 0);
    }
}

hub_status daemon_policy_compile(fold_policies *policies, const Mash__V1__AdoptPolicy *adopt, const char *shown_folder,
                                 int32_t today, const core_policy **out, hub_buffer *complaints)
{
    hub_status status = fold_policies_compile(policies, adopt->sources, adopt->n_sources, shown_folder, out, complaints);
    if (status != HUB_OK) return status;
    yaml_problems problems = {0};
    policy_check(*out, today, &problems);
    if (problems.count > 0) {
        put_mistakes(&problems, complaints);
        fold_policies_drop(policies, *out);
        *out = NULL;
        status = HUB_ERR_INVALID;
    }
    yaml_problems_free(&problems);
    return status;
}
