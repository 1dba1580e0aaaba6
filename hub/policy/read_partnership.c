/* partnership, areas, services, alarms. */
#include "compiler.h"

#include <string.h>

static bool is_area_code(const char *code)
{
    return strlen(code) == 9 && strchr("EWSN", code[0]) != NULL && strspn(code + 1, "0123456789") == 8;
}

static void read_area(policy_compiler *c, const yaml_node *row, core_area *areas)
{
    if (!yaml_only(row, c->problems, "code", "name", "from", "until", "plain", "source", NULL) && !yaml_is_map(row)) return;
    core_area *area = &areas[c->policy->area_count];
    const yaml_node *code = yaml_need(row, "code", c->problems);
    const char *text = yaml_text(code, 200, c->problems);
    if (!is_area_code(text)) {
        if (yaml_is_text(code)) yaml_complain(code, c->problems, "an area's ONS code is a letter and 8 digits, like E10000014");
        return;
    }
    memcpy(area->code, text, strlen(text) + 1);
    policy_need_text(c, row, "name", area->name, sizeof area->name);
    area->effective = policy_effective(c, row);
    for (uint32_t i = 0; i < c->policy->area_count; i++) {
        if (strcmp(areas[i].code, area->code) == 0 && policy_overlap(&areas[i].effective, &area->effective)) {
            yaml_complain(code, c->problems, "area %s stands twice for the same days; end the earlier row with 'until'",
                          area->code);
        }
    }
    c->policy->area_count++;
}

static void read_service(policy_compiler *c, const yaml_node *row)
{
    if (!yaml_only(row, c->problems, "name", "plain", NULL) && !yaml_is_map(row)) return;
    policy_service *service = &c->services[c->service_count];
    const yaml_node *name = yaml_need(row, "name", c->problems);
    char plain[200] = "";
    policy_need_text(c, row, "plain", plain, sizeof plain);
    if (!policy_new_name(c, name, "service", service->name, sizeof service->name, c->services, c->service_count,
                         sizeof *service)) {
        return;
    }
    service->node = name;
    c->service_count++;
}

static void read_name(policy_compiler *c)
{
    for (size_t i = 0; i < c->document_count; i++) {
        const yaml_node *node = yaml_get(yaml_root(c->documents[i]), "partnership");
        if (node == NULL) continue;
        const char *name = yaml_text(node, 32, c->problems);
        if (yaml_is_text(node) && (name[0] == '\0' || strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(name))) {
            yaml_complain(node, c->problems, "a partnership's name is 1 to 32 of a-z, 0-9 and '-'");
        }
        memcpy(c->policy->partnership, name, strlen(name) + 1);
        return;
    }
    yaml_complain(yaml_root(c->documents[0]), c->problems, "no file says 'partnership: NAME'");
}

static void read_alarms(policy_compiler *c)
{
    const yaml_node *alarms = policy_section(c, "alarms");
    if (alarms == NULL || !yaml_only(alarms, c->problems, "service", "source", NULL)) return;
    c->policy->alarm_place = policy_place(c, alarms);
    policy_service_name(c, yaml_need(alarms, "service", c->problems), c->policy->alarm_service);
}

void policy_read_partnership(policy_compiler *c)
{
    read_name(c);
    core_area *areas = policy_table(c, "areas", sizeof *areas, POLICY_AREAS_MAX);
    c->policy->areas = areas;
    const yaml_node *row;
    for (size_t i = 0; areas != NULL && (row = policy_row(c, "areas", i)) != NULL; i++)
        read_area(c, row, areas);
    c->services = policy_table(c, "services", sizeof *c->services, POLICY_SERVICES_MAX);
    for (size_t i = 0; c->services != NULL && (row = policy_row(c, "services", i)) != NULL; i++)
        read_service(c, row);
    read_alarms(c);
}
