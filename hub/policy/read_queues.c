/* queues, agencies, routes, forces: where things go, and how much of them. */
#include "compiler.h"

#include <string.h>

#include "event/event.h"

enum { CONSUMERS_MAX = 8 };

static void read_consumers(policy_compiler *c, const yaml_node *list, core_queue_row *queue)
{
    if (list == NULL) return;
    if (!yaml_is_list(list)) {
        yaml_complain(list, c->problems, "consumers are a list: [a, b]; [] for none yet");
        return;
    }
    uint32_t count = 0;
    for (size_t i = 0; i < yaml_count(list); i++) {
        const yaml_node *item = yaml_item(list, i);
        if (count == CONSUMERS_MAX) {
            yaml_complain(item, c->problems, "more than %d consumers of one queue", CONSUMERS_MAX);
            return;
        }
        if (policy_new_name(c, item, "consumer", queue->consumers[count], CORE_NAME_MAX, queue->consumers, count,
                            CORE_NAME_MAX)) {
            count++;
        }
    }
}

static void read_queue(policy_compiler *c, const yaml_node *row)
{
    if (!yaml_only(row, c->problems, "name", "audience", "consumers", "plain", NULL) && !yaml_is_map(row)) return;
    core_queue_row *queue = &c->policy->queues[c->policy->queue_count];
    queue->place = policy_place(c, row);
    const yaml_node *name = yaml_need(row, "name", c->problems);
    int32_t audience = policy_find(c, yaml_need(row, "audience", c->problems), "audience", c->policy->audiences,
                                   c->policy->audience_count, sizeof *c->policy->audiences);
    queue->audience = audience >= 0 ? (uint32_t)audience : 0;
    read_consumers(c, yaml_need(row, "consumers", c->problems), queue);
    if (yaml_get(row, "plain") != NULL) policy_need_text(c, row, "plain", queue->plain, sizeof queue->plain);
    if (policy_new_name(c, name, "queue", queue->name, sizeof queue->name, c->policy->queues, c->policy->queue_count,
                        sizeof *queue)) {
        c->policy->queue_count++;
    }
}

/* One of the agency's own queues; -1 when the row does not say one. */
static int32_t read_agency_queue(policy_compiler *c, const yaml_node *node)
{
    if (node == NULL) return -1;
    int32_t found = policy_find_queue(c, node);
    if (found >= 0 && !c->policy->queues[found].is_agency) {
        yaml_complain(node, c->problems, "queue '%s' is not an agency's; name it under 'queues' of an agency too",
                      c->policy->queues[found].name);
    }
    return found;
}

static void read_agency(policy_compiler *c, const yaml_node *row, core_agency_row *agencies)
{
    if (!yaml_only(row, c->problems, "agency", "name", "area", "queues", "request_queue", "feedback_queue", "from", "until",
                   "source", NULL) &&
        !yaml_is_map(row)) {
        return;
    }
    core_agency_row *out = &agencies[c->policy->agency_count++];
    const yaml_node *agency = yaml_need(row, "agency", c->problems);
    const char *text = yaml_text(agency, CORE_NAME_MAX - 1, c->problems);
    memcpy(out->name, text, strlen(text) + 1);
    out->agency = event_agency_of_name(text);
    if (yaml_is_text(agency) && out->agency == MASH__V1__AGENCY__AGENCY_UNSPECIFIED) {
        yaml_complain(agency, c->problems,
                      "unknown agency '%.60s'; one of police, health, probation, education, childrens-services, ...", text);
    }
    char name[CORE_NAME_MAX * 2] = "";
    policy_need_text(c, row, "name", name, sizeof name);
    out->effective = policy_effective(c, row);
    out->place = policy_place(c, row);
    policy_area_or_every(c, yaml_get(row, "area"), out->area);
    const yaml_node *queues = yaml_need(row, "queues", c->problems);
    if (queues != NULL && !yaml_is_list(queues)) yaml_complain(queues, c->problems, "queues are a list: [a, b]");
    for (size_t i = 0; i < yaml_count(queues); i++) {
        int32_t found = policy_find_queue(c, yaml_item(queues, i));
        if (found >= 0) c->policy->queues[found].is_agency = true;
    }
    out->request_queue = read_agency_queue(c, yaml_get(row, "request_queue"));
    out->feedback_queue = read_agency_queue(c, yaml_get(row, "feedback_queue"));
}

static void read_route(policy_compiler *c, const yaml_node *row, core_route *routes)
{
    if (!yaml_only(row, c->problems, "service", "area", "queue", "from", "until", NULL) && !yaml_is_map(row)) return;
    core_route *route = &routes[c->policy->route_count];
    const yaml_node *service = yaml_need(row, "service", c->problems), *area = yaml_need(row, "area", c->problems);
    uint32_t before = c->problems->count;
    policy_service_name(c, service, route->service);
    policy_area_or_every(c, area, route->area);
    int32_t queue = policy_find_queue(c, yaml_need(row, "queue", c->problems));
    route->effective = policy_effective(c, row);
    if (c->problems->count > before || service == NULL || area == NULL || queue < 0) {
        *route = (core_route){0};
        return;
    }
    route->queue = (uint32_t)queue;
    for (uint32_t i = 0; i < c->policy->route_count; i++) {
        if (strcmp(routes[i].service, route->service) == 0 && strcmp(routes[i].area, route->area) == 0 &&
            policy_overlap(&routes[i].effective, &route->effective)) {
            yaml_complain(service, c->problems,
                          "service '%s' is routed twice for the same area and days; end the earlier row with 'until'",
                          route->service);
            break;
        }
    }
    c->policy->route_count++;
}

/* One of a force's source systems. */
static void read_force_source(policy_compiler *c, const yaml_node *item, const core_force *row, core_force *forces)
{
    core_force *force = &forces[c->policy->force_count];
    uint32_t before = c->problems->count;
    *force = *row;
    policy_copy_text(c, item, force->source_system, sizeof force->source_system);
    if (yaml_is_text(item) && force->source_system[0] == '\0')
        yaml_complain(item, c->problems, "a source system has 1 to 64 bytes");
    for (uint32_t i = 0; i < c->policy->force_count; i++) {
        if (strcmp(forces[i].source_system, force->source_system) == 0 && strcmp(forces[i].service, force->service) == 0 &&
            policy_overlap(&forces[i].effective, &force->effective)) {
            yaml_complain(item, c->problems,
                          "source system '%s' has chosen for service '%s' already; end the earlier row with 'until'",
                          force->source_system, force->service);
            break;
        }
    }
    if (c->problems->count == before) c->policy->force_count++;
}

static void read_force(policy_compiler *c, const yaml_node *row, core_force *forces)
{
    if (!yaml_only(row, c->problems, "force", "source_systems", "service", "audience", "from", "until", "source", NULL) &&
        !yaml_is_map(row)) {
        return;
    }
    core_force force = {.place = policy_place(c, row)};
    uint32_t before = c->problems->count;
    char source[160];
    policy_need_text(c, row, "force", force.name, sizeof force.name);
    policy_service_name(c, yaml_need(row, "service", c->problems), force.service);
    int32_t audience = policy_find(c, yaml_need(row, "audience", c->problems), "audience", c->policy->audiences,
                                   c->policy->audience_count, sizeof *c->policy->audiences);
    force.audience = audience >= 0 ? (uint32_t)audience : 0;
    force.effective = policy_effective(c, row);
    policy_need_text(c, row, "source", source, sizeof source);
    const yaml_node *systems = yaml_need(row, "source_systems", c->problems);
    if (systems != NULL && (!yaml_is_list(systems) || yaml_count(systems) == 0))
        yaml_complain(systems, c->problems, "source systems are a list: [niche/44]");
    if (c->problems->count > before) return;
    for (size_t i = 0; i < yaml_count(systems) && c->policy->force_count < POLICY_FORCES_MAX; i++)
        read_force_source(c, yaml_item(systems, i), &force, forces);
    if (yaml_count(systems) > 0 && c->policy->force_count == POLICY_FORCES_MAX)
        yaml_complain(row, c->problems, "at most %d source systems of forces", POLICY_FORCES_MAX - 1);
}

static void read_forces(policy_compiler *c)
{
    const yaml_node *row;
    if (policy_row_count(c, "forces") == 0) return;
    core_force *forces = hub_arena_take(c->arena, POLICY_FORCES_MAX * sizeof *forces);
    c->policy->forces = forces;
    for (size_t i = 0; forces != NULL && (row = policy_row(c, "forces", i)) != NULL; i++)
        read_force(c, row, forces);
}

void policy_read_queues(policy_compiler *c)
{
    const yaml_node *row;
    c->policy->queues = policy_table(c, "queues", sizeof *c->policy->queues, CORE_POLICY_QUEUES_MAX);
    for (size_t i = 0; c->policy->queues != NULL && (row = policy_row(c, "queues", i)) != NULL; i++)
        read_queue(c, row);
    core_agency_row *agencies = policy_table_if_any(c, "agencies", sizeof *agencies, CORE_POLICY_AGENCIES_MAX);
    c->policy->agencies = agencies;
    for (size_t i = 0; agencies != NULL && (row = policy_row(c, "agencies", i)) != NULL; i++)
        read_agency(c, row, agencies);
    core_route *routes = policy_table(c, "routes", sizeof *routes, POLICY_ROUTES_MAX);
    c->policy->routes = routes;
    for (size_t i = 0; routes != NULL && (row = policy_row(c, "routes", i)) != NULL; i++)
        read_route(c, row, routes);
    read_forces(c);
}
