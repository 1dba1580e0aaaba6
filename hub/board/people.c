#include "people.h"

#include <stdlib.h>
#include <string.h>

#include "policy/policy.h"

enum { SOURCES_MAX = 64 };

hub_status people_policy(const Mash__V1__PolicyInForce *in_force, core_policy **out, hub_error *err)
{
    *out = NULL;
    if (in_force->n_sources > SOURCES_MAX)
        return hub_fail(err, HUB_ERR_INVALID, "the policy has more files than this board reads");
    policy_source items[SOURCES_MAX];
    for (size_t i = 0; i < in_force->n_sources; i++) {
        const Mash__V1__PolicySource *from = in_force->sources[i];
        items[i] = (policy_source){.text = {.data = from->text.data, .size = from->text.len}}; /* lent: not freed here */
        (void)hub_format(items[i].name, sizeof items[i].name, "%s", from->name);
    }
    const policy_sources sources = {.items = items, .count = in_force->n_sources};
    yaml_problems problems = {0};
    hub_status status = policy_compile(&sources, "", out, &problems);
    if (status != HUB_OK)
        (void)hub_fail(err, status, "policy %u of the hub does not compile here; is this board older than the hub? %.300s",
                       in_force->policy, hub_buffer_text(&problems.text));
    yaml_problems_free(&problems);
    return status;
}

int32_t people_day(const core_policy *policy, int64_t at_ms)
{
    return policy->calendar_count == 0 ? (int32_t)(at_ms / 86400000) : core_calendar_day(&policy->calendars[0], at_ms, NULL);
}

bool people_find(const core_policy *policy, const char *id, int32_t day, person *out)
{
    *out = (person){.policy = policy};
    for (uint32_t i = 0; policy != NULL && i < policy->staff_count && out->row_count < PERSON_ROWS_MAX; i++) {
        const core_staff_row *row = &policy->staff[i];
        if (strcmp(row->id, id) == 0 && core_effective_on(&row->effective, day)) out->rows[out->row_count++] = row;
    }
    return out->row_count > 0;
}

int32_t people_queue(const core_policy *policy, const char *name)
{
    for (uint32_t i = 0; policy != NULL && i < policy->queue_count; i++) {
        if (strcmp(policy->queues[i].name, name) == 0) return (int32_t)i;
    }
    return -1;
}

const char *people_queue_shown(const core_policy *policy, const char *name)
{
    int32_t queue = people_queue(policy, name);
    return queue < 0 || policy->queues[queue].plain[0] == '\0' ? name : policy->queues[queue].plain;
}

/* So many bytes do both begin with. */
static size_t alike(const char *a, const char *b)
{
    size_t size = 0;
    while (a[size] != '\0' && a[size] == b[size])
        size++;
    return size;
}

/* "Children's services, Hampshire" and "Children's services, Portsmouth": a queue is called by its service, then its area. */
void people_service_shown(const core_policy *policy, const char *name, char out[SERVICE_SHOWN_BYTES])
{
    const char *first = "";
    size_t size = 0;
    for (uint32_t i = 0; policy != NULL && i < policy->route_count; i++) {
        if (strcmp(policy->routes[i].service, name) != 0) continue;
        const char *plain = policy->queues[policy->routes[i].queue].plain;
        size = first[0] == '\0' ? strlen(plain) : alike(first, plain) < size ? alike(first, plain) : size;
        first = first[0] == '\0' ? plain : first;
    }
    bool is_whole = size > 0 && first[size] == '\0';
    while (!is_whole && size > 0 && first[size] != ',')
        size--;
    if (size > 0) {
        (void)hub_format(out, SERVICE_SHOWN_BYTES, "%.*s", (int)size, first);
    } else {
        (void)hub_format(out, SERVICE_SHOWN_BYTES, "%s", people_queue_shown(policy, name));
    }
}

const char *people_team_shown(const core_policy *policy, const char *name)
{
    for (uint32_t i = 0; policy != NULL && i < policy->team_count; i++) {
        if (strcmp(policy->teams[i].name, name) == 0 && policy->teams[i].plain[0] != '\0') return policy->teams[i].plain;
    }
    return name;
}

/* The first row at or after `from` whose team works on the queue; row_count: none. */
static uint32_t next_row(const person *who, uint32_t queue, uint32_t from)
{
    while (from < who->row_count && !core_team_has(&who->policy->teams[who->rows[from]->team], queue))
        from++;
    return from;
}

bool person_works_on(const person *who, uint32_t queue)
{
    return next_row(who, queue, 0) < who->row_count;
}

bool person_may(const person *who, uint32_t queue, Mash__V1__ActKind act)
{
    for (uint32_t i = next_row(who, queue, 0); i < who->row_count; i = next_row(who, queue, i + 1)) {
        if ((who->policy->roles[who->rows[i]->role].may >> act & 1) != 0) return true;
    }
    return false;
}

bool person_is_cleared(const person *who, uint32_t queue)
{
    for (uint32_t i = next_row(who, queue, 0); i < who->row_count; i = next_row(who, queue, i + 1)) {
        if (who->policy->roles[who->rows[i]->role].restricted) return true;
    }
    return false;
}

const char *person_shown(const core_policy *policy, const char *id, int32_t day)
{
    const core_staff_row *row = policy == NULL ? NULL : core_policy_staff(policy, id, day);
    for (uint32_t i = 0; policy != NULL && row == NULL && i < policy->staff_count;
         i++) { /* who has left bears their name still */
        if (strcmp(policy->staff[i].id, id) == 0) row = &policy->staff[i];
    }
    return row == NULL || row->shown[0] == '\0' ? id : row->shown;
}
