#include "core/policy.h"

#include <string.h>

#include "event/event.h"

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

const core_force *core_policy_force(const core_policy *policy, const char *source_system, const char *service, int32_t day)
{
    for (uint32_t i = 0; i < policy->force_count; i++) {
        const core_force *force = &policy->forces[i];
        bool is_meant = strcmp(force->source_system, source_system) == 0 && strcmp(force->service, service) == 0;
        if (is_meant && core_effective_on(&force->effective, day)) return force;
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

static const core_staff_row *find_staff(const core_policy *policy, const char *id, uint32_t number, int32_t day)
{
    for (uint32_t i = 0; i < policy->staff_count; i++) {
        const core_staff_row *row = &policy->staff[i];
        bool is_meant = id != NULL ? strcmp(row->id, id) == 0 : row->number == number;
        if (is_meant && core_effective_on(&row->effective, day)) return row;
    }
    return NULL;
}

const core_staff_row *core_policy_staff(const core_policy *policy, const char *id, int32_t day)
{
    return find_staff(policy, id, 0, day);
}

const core_staff_row *core_policy_staff_numbered(const core_policy *policy, uint32_t number, int32_t day)
{
    return find_staff(policy, NULL, number, day);
}

const core_staff_row *core_policy_staff_ever(const core_policy *policy, uint32_t number)
{
    for (uint32_t i = 0; i < policy->staff_count; i++) {
        if (policy->staff[i].number == number) return &policy->staff[i];
    }
    return NULL;
}

uint32_t core_policy_school(const core_policy *policy, const char *urn)
{
    for (uint32_t i = 0; urn[0] != '\0' && i < policy->school_count; i++) {
        if (strcmp(policy->schools[i].urn, urn) == 0) return i + 1;
    }
    return 0;
}

int64_t core_policy_next_leaving(const core_policy *policy, int64_t at_ms)
{
    const core_calendar *civil = &policy->calendars[0];
    int32_t today = core_calendar_day(civil, at_ms, NULL), next = 0;
    for (uint32_t i = 0; i < policy->staff_count; i++) {
        int32_t day = policy->staff[i].effective.until_day;
        if (day > today && (next == 0 || day < next)) next = day;
    }
    return next == 0 ? 0 : core_zone_instant(civil->zone, civil->zone_count, next, 0, CORE_FIRST_OCCURRENCE);
}

bool core_policy_serves(const core_policy *policy, uint32_t queue, const char *service)
{
    if (service[0] == '\0') return true;
    for (uint32_t i = 0; i < policy->route_count; i++) {
        if (policy->routes[i].queue == queue && strcmp(policy->routes[i].service, service) == 0) return true;
    }
    return false;
}

bool core_team_has(const core_team *team, uint32_t queue)
{
    for (uint32_t i = 0; i < team->queue_count; i++) {
        if (team->queues[i] == queue) return true;
    }
    return false;
}

bool core_policy_works(const core_policy *policy, uint32_t queue, int32_t day, Mash__V1__Sensitivity sensitivity)
{
    const uint32_t takes = UINT32_C(1) << MASH__V1__ACT_KIND__ACT_KIND_CLAIM | UINT32_C(1)
                                                                                   << MASH__V1__ACT_KIND__ACT_KIND_REASSIGN;
    for (uint32_t i = 0; i < policy->staff_count; i++) {
        const core_staff_row *row = &policy->staff[i];
        const core_role *role = &policy->roles[row->role];
        bool is_cleared = role->restricted || sensitivity < MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED;
        if (is_cleared && (role->may & takes) != 0 && core_effective_on(&row->effective, day) &&
            core_team_has(&policy->teams[row->team], queue)) {
            return true;
        }
    }
    return false;
}

static bool has_rating(const core_ladder *ladder, Mash__V1__Rating rating)
{
    return (ladder->ratings >> rating & 1) != 0;
}

bool core_ladder_takes(const core_policy *policy, const core_ladder *ladder, uint32_t queue, const char *area,
                       Mash__V1__Rating rating)
{
    if (!has_rating(ladder, rating) || !core_policy_serves(policy, queue, ladder->service)) return false;
    if (ladder->area[0] != '\0') return strcmp(ladder->area, area) == 0;
    for (uint32_t i = 0; area[0] != '\0' && i < policy->ladder_count; i++) {
        const core_ladder *other = &policy->ladders[i];
        if (strcmp(other->area, area) == 0 && strcmp(other->service, ladder->service) == 0 && has_rating(other, rating))
            return false;
    }
    return true;
}

int32_t core_policy_queue(const core_policy *policy, uint32_t number)
{
    for (uint32_t i = 0; i < policy->queue_count; i++) {
        if (policy->queues[i].number == number) return (int32_t)i;
    }
    return -1;
}

const char *core_act_kind_name(Mash__V1__ActKind kind, char out[64])
{
    out[0] = '\0';
    if (kind == MASH__V1__ACT_KIND__ACT_KIND_UNSPECIFIED) return out;
    if (protobuf_c_enum_descriptor_get_value(&mash__v1__act_kind__descriptor, (int)kind) == NULL) return out;
    const char *name = event_enum_name(&mash__v1__act_kind__descriptor, (int)kind, out);
    HUB_ASSERT(name == out);
    for (char *at = out; *at != '\0'; at++) {
        if (*at == '_') *at = '-';
    }
    return out;
}

Mash__V1__ActKind core_act_kind_of_name(const char *name)
{
    const ProtobufCEnumDescriptor *kinds = &mash__v1__act_kind__descriptor;
    char candidate[64];
    for (unsigned i = 0; i < kinds->n_values; i++) {
        Mash__V1__ActKind kind = (Mash__V1__ActKind)kinds->values[i].value;
        if (name[0] != '\0' && strcmp(core_act_kind_name(kind, candidate), name) == 0) return kind;
    }
    return MASH__V1__ACT_KIND__ACT_KIND_UNSPECIFIED;
}
