#include "core/policy.h"

#include <string.h>

bool core_effective_on(const core_effective *effective, int32_t day)
{
    if (effective->from_day != 0 && day < effective->from_day) return false;
    return effective->until_day == 0 || day < effective->until_day;
}

const core_area *core_policy_area(const core_policy *policy, const char *code, int32_t day)
{
    for (uint32_t i = 0; i < policy->area_count; i++) {
        const core_area *area = &policy->areas[i];
        if (strcmp(area->code, code) == 0 && core_effective_on(&area->effective, day)) return area;
    }
    return NULL;
}

int32_t core_policy_route(const core_policy *policy, const char *service, const char *area, int32_t day)
{
    int32_t everywhere = -1;
    for (uint32_t i = 0; i < policy->route_count; i++) {
        const core_route *route = &policy->routes[i];
        if (strcmp(route->service, service) != 0 || !core_effective_on(&route->effective, day)) continue;
        if (strcmp(route->area, area) == 0) return (int32_t)route->queue;
        if (route->area[0] == '\0') everywhere = (int32_t)route->queue;
    }
    return everywhere;
}
