/* Names in policy: copied, found, suggested. */
#include "compiler.h"

#include <stdio.h>
#include <string.h>

#include "event/event.h"

void policy_copy_text(policy_compiler *c, const yaml_node *node, char *out, size_t size)
{
    const char *text = yaml_text(node, size - 1, c->problems);
    memcpy(out, text, strlen(text) + 1);
}

void policy_need_text(policy_compiler *c, const yaml_node *map, const char *key, char *out, size_t size)
{
    const yaml_node *node = yaml_need(map, key, c->problems);
    policy_copy_text(c, node, out, size);
    if (yaml_is_text(node) && yaml_text(node, SIZE_MAX, c->problems)[0] == '\0') {
        yaml_complain(node, c->problems, "'%s' is empty", key);
    }
}

static const char *name_at(const void *rows, uint32_t index, size_t row_size)
{
    return (const char *)rows + index * row_size;
}

bool policy_new_name(policy_compiler *c, const yaml_node *node, const char *what, char *out, size_t size, const void *rows,
                     uint32_t count, size_t row_size)
{
    const char *name = yaml_text(node, size - 1, c->problems);
    if (name[0] == '\0') {
        if (yaml_is_text(node)) yaml_complain(node, c->problems, "a %s needs a name of 1 to %zu bytes", what, size - 1);
        return false;
    }
    if (strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") != strlen(name)) {
        yaml_complain(node, c->problems, "the name of a %s has letters, digits, '_', '-' and '.' only", what);
        return false;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(name_at(rows, i, row_size), name) != 0) continue;
        yaml_complain(node, c->problems, "%s '%s' stands twice; names are given once", what, name);
        return false;
    }
    memcpy(out, name, strlen(name) + 1);
    return true;
}

static void complain_unknown(policy_compiler *c, const yaml_node *node, const char *what, const char *name, const char *nearest)
{
    if (nearest != NULL) {
        yaml_complain(node, c->problems, "unknown %s '%.60s'; did you mean '%s'?", what, name, nearest);
    } else {
        yaml_complain(node, c->problems, "unknown %s '%.60s'", what, name);
    }
}

int32_t policy_find(policy_compiler *c, const yaml_node *node, const char *what, const void *rows, uint32_t count,
                    size_t row_size)
{
    uint32_t before = c->problems->count;
    const char *name = yaml_text(node, 200, c->problems);
    if (node == NULL || c->problems->count > before) return -1;
    const char *nearest = NULL;
    for (uint32_t i = 0; i < count; i++) {
        const char *row = name_at(rows, i, row_size);
        if (strcmp(row, name) == 0 && name[0] != '\0') return (int32_t)i;
        if (row[0] != '\0' && yaml_is_nearer(name, row, nearest)) nearest = row;
    }
    complain_unknown(c, node, what, name, nearest);
    return -1;
}

int policy_enum(policy_compiler *c, const yaml_node *node, const char *what, const ProtobufCEnumDescriptor *values)
{
    uint32_t before = c->problems->count;
    const char *name = yaml_text(node, 200, c->problems);
    if (node == NULL || c->problems->count > before) return 0;
    int value = 0;
    if (event_enum_of_name(values, name, &value)) {
        if (value == 0) yaml_complain(node, c->problems, "'%s' means not stated; no rule can rest on it", name);
        return value;
    }
    char shown[64], best[64];
    const char *nearest = NULL;
    for (unsigned i = 0; i < values->n_values; i++) {
        if (values->values[i].value == 0) continue;
        const char *candidate = event_enum_name(values, values->values[i].value, shown);
        if (!yaml_is_nearer(name, candidate, nearest)) continue;
        (void)snprintf(best, sizeof best, "%s", candidate);
        nearest = best;
    }
    complain_unknown(c, node, what, name, nearest);
    return 0;
}

core_place policy_place(const policy_compiler *c, const yaml_node *row)
{
    core_place place = {0};
    int line, column;
    const yaml_document *document = yaml_place(row, &line, &column);
    while (place.file < c->document_count && c->documents[place.file] != document)
        place.file++;
    HUB_ASSERT(place.file < c->document_count);
    place.line = (uint32_t)line;
    place.column = (uint16_t)(column < UINT16_MAX ? column : UINT16_MAX);
    return place;
}

void policy_review(policy_compiler *c, const yaml_node *row, const char *what, const char *name)
{
    const yaml_node *node = yaml_get(row, "review");
    if (node == NULL || c->reviews == NULL) return;
    core_review *review = &c->reviews[c->policy->review_count++];
    review->day = yaml_date(node, c->problems);
    review->place = policy_place(c, node);
    (void)snprintf(review->what, sizeof review->what, "%s %s", what, name);
}

core_effective policy_effective(policy_compiler *c, const yaml_node *row)
{
    const yaml_node *from = yaml_get(row, "from"), *until = yaml_get(row, "until");
    core_effective span = {.from_day = yaml_date(from, c->problems), .until_day = yaml_date(until, c->problems)};
    if (from != NULL && until != NULL && span.from_day != 0 && span.until_day != 0 && span.until_day <= span.from_day) {
        yaml_complain(until, c->problems, "'until' is the first day it no longer holds: it must come after 'from'");
    }
    return span;
}

bool policy_overlap(const core_effective *a, const core_effective *b)
{
    bool a_ends_first = a->until_day != 0 && b->from_day != 0 && a->until_day <= b->from_day;
    bool b_ends_first = b->until_day != 0 && a->from_day != 0 && b->until_day <= a->from_day;
    return !a_ends_first && !b_ends_first;
}

void policy_service_name(policy_compiler *c, const yaml_node *node, char out[CORE_NAME_MAX])
{
    int32_t found = policy_find(c, node, "service", c->services, c->service_count, sizeof *c->services);
    if (found >= 0) memcpy(out, c->services[found].name, CORE_NAME_MAX);
}

void policy_area_code(policy_compiler *c, const yaml_node *node, char out[16])
{
    int32_t found = policy_find(c, node, "area", c->policy->areas, c->policy->area_count, sizeof *c->policy->areas);
    if (found >= 0) memcpy(out, c->policy->areas[found].code, 16);
}

void policy_area_or_every(policy_compiler *c, const yaml_node *node, char out[16])
{
    if (node == NULL || (yaml_is_text(node) && strcmp(yaml_text(node, 200, c->problems), "every") == 0)) return;
    policy_area_code(c, node, out);
}

int32_t policy_find_queue(policy_compiler *c, const yaml_node *node)
{
    return policy_find(c, node, "queue", c->policy->queues, c->policy->queue_count, sizeof *c->policy->queues);
}

int32_t policy_find_clock(policy_compiler *c, const yaml_node *node)
{
    return policy_find(c, node, "clock", c->policy->clocks, c->named_clocks, sizeof *c->policy->clocks);
}

int32_t policy_find_role(policy_compiler *c, const yaml_node *node)
{
    return policy_find(c, node, "role", c->policy->roles, c->policy->role_count, sizeof *c->policy->roles);
}

int policy_word(policy_compiler *c, const yaml_node *node, const char *const words[], const char *shown)
{
    const char *text = yaml_text(node, 60, c->problems);
    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], text) == 0) return i;
    }
    if (yaml_is_text(node)) yaml_complain(node, c->problems, "expected %s", shown);
    return 0;
}

uint32_t policy_clock_list(policy_compiler *c, const yaml_node *list, uint32_t clocks[8])
{
    if (list == NULL) return 0;
    if (!yaml_is_list(list)) {
        yaml_complain(list, c->problems, "clocks are a list: [a, b]");
        return 0;
    }
    uint32_t count = 0;
    for (size_t i = 0; i < yaml_count(list); i++) {
        const yaml_node *item = yaml_item(list, i);
        int32_t found = policy_find_clock(c, item);
        if (found < 0) continue;
        bool repeated = false;
        for (uint32_t k = 0; k < count; k++)
            repeated = repeated || clocks[k] == (uint32_t)found;
        if (repeated) {
            yaml_complain(item, c->problems, "this clock is named twice");
        } else if (count == 8) {
            yaml_complain(item, c->problems, "more than 8 clocks");
        } else {
            clocks[count++] = (uint32_t)found;
        }
    }
    return count;
}
