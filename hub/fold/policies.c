#include "policies.h"

#include <stdlib.h>
#include <string.h>

#include "policy/policy.h"

static hub_status copy_source(const Mash__V1__PolicySource *from, policy_source *to, hub_buffer *complaints)
{
    size_t length = strlen(from->name);
    if (length >= sizeof to->name) {
        hub_buffer_put_format(complaints, "a source's name is longer than %zu bytes\n", sizeof to->name - 1);
        return HUB_ERR_INVALID;
    }
    memcpy(to->name, from->name, length + 1);
    hub_buffer_put(&to->text, from->text.data, from->text.len);
    return to->text.failed ? HUB_ERR_MEMORY : HUB_OK;
}

static bool make_place(fold_policies *policies)
{
    if (policies->count < policies->capacity) return true;
    size_t capacity = policies->capacity == 0 ? 16 : 2 * policies->capacity;
    core_policy **grown = realloc(policies->items, capacity * sizeof *grown);
    if (grown == NULL) return false;
    policies->items = grown;
    policies->capacity = capacity;
    return true;
}

/* shown_folder NULL: they were adopted before */
static hub_status compile(fold_policies *policies, Mash__V1__PolicySource *const *sources, size_t count, const char *shown_folder,
                          const core_policy **out, hub_buffer *complaints)
{
    *out = NULL;
    policy_sources list = {.items = calloc(count + 1, sizeof *list.items)};
    if (list.items == NULL || !make_place(policies)) {
        policy_sources_free(&list);
        return HUB_ERR_MEMORY;
    }
    hub_status status = HUB_OK;
    for (size_t i = 0; i < count && status == HUB_OK; i++)
        status = copy_source(sources[i], &list.items[list.count++], complaints);
    core_policy *policy = NULL;
    yaml_problems problems = {0};
    if (status == HUB_OK) {
        status = shown_folder == NULL ? policy_compile_adopted(&list, &policy, &problems)
                                      : policy_compile(&list, shown_folder, &policy, &problems);
    }
    hub_buffer_put(complaints, problems.text.data, problems.text.size);
    yaml_problems_free(&problems);
    policy_sources_free(&list);
    if (status != HUB_OK) return status;
    policies->items[policies->count++] = policy;
    *out = policy;
    return HUB_OK;
}

hub_status fold_policies_compile(fold_policies *policies, Mash__V1__PolicySource *const *sources, size_t count,
                                 const char *shown_folder, const core_policy **out, hub_buffer *complaints)
{
    HUB_ASSERT(shown_folder != NULL);
    return compile(policies, sources, count, shown_folder, out, complaints);
}

hub_status fold_policies_compile_adopted(fold_policies *policies, Mash__V1__PolicySource *const *sources, size_t count,
                                         const core_policy **out, hub_buffer *complaints)
{
    return compile(policies, sources, count, NULL, out, complaints);
}

void fold_policies_close(fold_policies *policies)
{
    for (size_t i = 0; i < policies->count; i++)
        policy_free(policies->items[i]);
    free(policies->items);
    *policies = (fold_policies){0};
}
