#include "policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler.h"

static const char *const SECTIONS[] = {"partnership", "areas",    "services",  "alarms",        "queues",       "agencies",
                                       "routes",      "forces",   "audiences", "bank_holidays", "school_terms", "schools",
                                       "calendars",   "clocks",   "ratings",   "feedback",      "roles",        "teams",
                                       "people",      "outcomes", "rules",     "escalation",    "disagreement"};
enum { SECTION_COUNT = sizeof SECTIONS / sizeof SECTIONS[0] };

static bool is_section(const char *key)
{
    for (size_t i = 0; i < SECTION_COUNT; i++) {
        if (strcmp(key, SECTIONS[i]) == 0) return true;
    }
    return false;
}

static bool is_list_section(const char *key)
{
    static const char *const SINGLE[] = {"partnership", "alarms", "ratings", "feedback"};
    for (size_t i = 0; i < sizeof SINGLE / sizeof SINGLE[0]; i++) {
        if (strcmp(key, SINGLE[i]) == 0) return false;
    }
    return true;
}

static void check_section(policy_compiler *c, size_t document, const yaml_node *key, const yaml_node *value)
{
    const char *name = yaml_text(key, 200, c->problems);
    if (!is_section(name)) {
        const char *best = NULL;
        for (size_t i = 0; i < SECTION_COUNT; i++) {
            if (yaml_is_nearer(name, SECTIONS[i], best)) best = SECTIONS[i];
        }
        if (best != NULL) {
            yaml_complain(key, c->problems, "unknown section '%.60s'; did you mean '%s'?", name, best);
        } else {
            yaml_complain(key, c->problems, "unknown section '%.60s'; remove it", name);
        }
        return;
    }
    if (is_list_section(name)) {
        if (!yaml_is_list(value)) yaml_complain(value, c->problems, "'%s' is a list: begin each row with '- '", name);
        return;
    }
    for (size_t i = 0; i < document; i++) {
        if (yaml_get(yaml_root(c->documents[i]), name) != NULL) {
            yaml_complain(key, c->problems, "'%s' stands in %s already; keep one", name,
                          yaml_where(yaml_get(yaml_root(c->documents[i]), name)));
        }
    }
}

static void check_sections(policy_compiler *c)
{
    for (size_t d = 0; d < c->document_count; d++) {
        const yaml_node *root = yaml_root(c->documents[d]);
        if (!yaml_is_map(root)) {
            yaml_complain(root, c->problems, "expected sections ('rules:', 'queues:' ...)");
            continue;
        }
        for (size_t i = 0; i < yaml_count(root); i++)
            check_section(c, d, yaml_key_node(root, i), yaml_value(root, i));
    }
}

const yaml_node *policy_row(const policy_compiler *c, const char *section, size_t index)
{
    for (size_t d = 0; d < c->document_count; d++) {
        const yaml_node *list = yaml_get(yaml_root(c->documents[d]), section);
        if (!yaml_is_list(list)) continue;
        if (index < yaml_count(list)) return yaml_item(list, index);
        index -= yaml_count(list);
    }
    return NULL;
}

size_t policy_row_count(const policy_compiler *c, const char *section)
{
    size_t rows = 0;
    for (size_t d = 0; d < c->document_count; d++) {
        const yaml_node *list = yaml_get(yaml_root(c->documents[d]), section);
        rows += yaml_is_list(list) ? yaml_count(list) : 0;
    }
    return rows;
}

const yaml_node *policy_section(const policy_compiler *c, const char *section)
{
    for (size_t d = 0; d < c->document_count; d++) {
        const yaml_node *found = yaml_get(yaml_root(c->documents[d]), section);
        if (found != NULL) return found;
    }
    return NULL;
}

void *policy_table(policy_compiler *c, const char *section, size_t row_size, uint32_t rows_max)
{
    if (policy_row_count(c, section) == 0) {
        yaml_complain(yaml_root(c->documents[0]), c->problems, "no file has a section '%s' with a row", section);
        return NULL;
    }
    return policy_table_if_any(c, section, row_size, rows_max);
}

void *policy_table_if_any(policy_compiler *c, const char *section, size_t row_size, uint32_t rows_max)
{
    size_t rows = policy_row_count(c, section);
    if (rows == 0) return NULL;
    if (rows > rows_max) {
        yaml_complain(policy_row(c, section, rows_max), c->problems, "more than %u rows of '%s'", rows_max, section);
        return NULL;
    }
    return hub_arena_take(c->arena, rows * row_size);
}

/* The last step of every reading: what is declared must also be wired. */
static void check_services(policy_compiler *c)
{
    for (uint32_t i = 0; i < c->service_count; i++) {
        bool has_route = false;
        for (uint32_t r = 0; r < c->policy->route_count && !has_route; r++) {
            has_route = strcmp(c->policy->routes[r].service, c->services[i].name) == 0;
        }
        if (!has_route) {
            yaml_complain(c->services[i].node, c->problems, "service '%s' has no route in any area; add one under 'routes'",
                          c->services[i].name);
        }
    }
}

static void make_room_for_reviews(policy_compiler *c)
{
    size_t rows = policy_row_count(c, "audiences") + policy_row_count(c, "clocks") + policy_row_count(c, "escalation") +
                  policy_row_count(c, "disagreement");
    c->policy->reviews = c->reviews = hub_arena_take(c->arena, (rows + 1) * sizeof *c->reviews);
}

static void read_sections(policy_compiler *c)
{
    check_sections(c);
    if (c->problems->count > 0) return;
    make_room_for_reviews(c);
    policy_read_partnership(c);
    policy_read_sharing(c);
    policy_read_queues(c);
    policy_read_calendars(c);
    policy_read_clocks(c);
    policy_read_roster(c);
    policy_read_rules(c);
    policy_read_ladders(c);
    check_services(c);
}

static void read_documents(policy_compiler *c, const policy_sources *sources, const char *shown_folder)
{
    const char *folder = shown_folder[0] != '\0' ? shown_folder : "policy";
    if (sources->count == 0 || sources->count > POLICY_FILES_MAX) {
        c->problems->count++;
        hub_buffer_put_format(&c->problems->text, "%s: a policy is 1 to %d files\n", folder, POLICY_FILES_MAX);
        return;
    }
    const policy_source *ordered[POLICY_FILES_MAX];
    if (!policy_sources_order(sources, ordered)) {
        c->problems->count++;
        hub_buffer_put_format(&c->problems->text, "%s: two files of the policy have one name\n", folder);
        return;
    }
    for (size_t i = 0; i < sources->count; i++) {
        size_t size = strlen(shown_folder) + strlen(ordered[i]->name) + 2;
        char *shown = hub_arena_take(c->arena, size);
        if (shown == NULL) return;
        (void)snprintf(shown, size, "%s%s%s", shown_folder, shown_folder[0] != '\0' ? "/" : "", ordered[i]->name);
        yaml_document *document = yaml_read(shown, hub_buffer_bytes(&ordered[i]->text), c->problems);
        if (document == NULL) continue;
        c->shown[c->document_count] = shown;
        c->documents[c->document_count++] = document;
    }
}

static core_policy *new_policy(void)
{
    hub_arena *arena = calloc(1, sizeof *arena);
    if (arena == NULL) return NULL;
    core_policy *policy = NULL;
    if (hub_arena_open(arena, 64 * 1024, POLICY_MEMORY_MAX) == HUB_OK) policy = hub_arena_take(arena, sizeof *policy);
    if (policy == NULL) {
        hub_arena_close(arena);
        free(arena);
        return NULL;
    }
    policy->memory = arena;
    policy->feedback_clock = -1;
    return policy;
}

static void read_calendars_only(policy_compiler *c)
{
    check_sections(c);
    if (c->problems->count == 0) policy_read_calendars(c);
}

static hub_status compile(const policy_sources *sources, const char *shown_folder, void (*read)(policy_compiler *c),
                          core_policy **out, yaml_problems *problems)
{
    HUB_ASSERT(sources != NULL && out != NULL && problems != NULL);
    *out = NULL;
    uint32_t before = problems->count;
    yaml_problems own = {0};
    policy_compiler *c = calloc(1, sizeof *c);
    core_policy *policy = new_policy();
    hub_status status = HUB_ERR_MEMORY;
    if (c == NULL || policy == NULL) goto done;
    *c = (policy_compiler){.arena = policy->memory, .policy = policy, .problems = &own};

    read_documents(c, sources, shown_folder != NULL ? shown_folder : "");
    if (own.count == 0) read(c);
    policy->files = hub_arena_copy(c->arena, c->shown, sizeof c->shown);
    hub_buffer_put(&problems->text, own.text.data, own.text.size);
    problems->count += own.count;
    problems->warnings += own.warnings;
    if (c->arena->exhausted || own.text.failed || problems->text.failed) goto done;
    status = problems->count > before ? HUB_ERR_INVALID : HUB_OK;

done:
    if (status == HUB_OK) {
        policy_sources_digest(sources, policy->digest);
        *out = policy;
    } else {
        policy_free(policy);
    }
    for (size_t i = 0; c != NULL && i < c->document_count; i++)
        yaml_close(c->documents[i]);
    free(c);
    yaml_problems_free(&own);
    return status;
}

hub_status policy_compile(const policy_sources *sources, const char *shown_folder, core_policy **out, yaml_problems *problems)
{
    return compile(sources, shown_folder, read_sections, out, problems);
}

hub_status policy_compile_calendars(const policy_sources *sources, const char *shown_folder, core_policy **out,
                                    yaml_problems *problems)
{
    return compile(sources, shown_folder, read_calendars_only, out, problems);
}

void policy_free(core_policy *policy)
{
    if (policy == NULL) return;
    hub_arena *arena = policy->memory;
    hub_arena_close(arena); /* the policy itself lies in it */
    free(arena);
}
