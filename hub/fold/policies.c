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

hub_status fold_policies_compile(fold_policies *policies, Mash__V1__PolicySource *const *sources, size_t count,
                                 const char *shown_folder, const core_policy **out, hub_buffer *complaints)
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
    if (status == HUB_OK) status = policy_compile(&list, shown_folder, &policy, &problems);
    hub_buffer_put(complaints, problems.text.data, problems.text.size);
    yaml_problems_free(&problems);
    policy_sources_free(&list);
    if (status != HUB_OK) return status;
    policies->items[policies->count++] = policy;
    *out = policy;
    return HUB_OK;
}

void fold_policies_drop(fold_policies *policies, const core_policy *policy)
{
    for (size_t i = policies->count; i > 0; i--) {
        if (policies->items[i - 1] != policy) continue;
        policy_free(policies->items[i - 1]);
        policies->items[i - 1] = policies->items[--policies->count];
        return;
    }
    HUB_ASSERT(policy == NULL); /* not one of ours */
}

void fold_policies_close(fold_policies *policies)
{
    for (size_t i = 0; i < policies->count; i++)
        policy_free(policies->items[i]);
    free(policies->items);
    *policies = (fold_policies){0};
}
