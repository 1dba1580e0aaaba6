/* audiences: who may see which fields, up to which class, on which legal basis. Deny by default. */
#include "compiler.h"

#include <string.h>

#include "event/event.h"

static void read_fields(policy_compiler *c, const yaml_node *list, core_audience *audience)
{
    if (list == NULL) return;
    if (!yaml_is_list(list)) {
        yaml_complain(list, c->problems, "fields are a list of paths: [summary, subjects.roles]");
        return;
    }
    for (size_t i = 0; i < yaml_count(list); i++) {
        const yaml_node *item = yaml_item(list, i);
        const char *path = yaml_text(item, 200, c->problems);
        if (path[0] != '\0' && !event_fields_add(&audience->fields, path)) {
            yaml_complain(item, c->problems, "an event has no field '%.100s'; see proto/mash/v1/event.proto", path);
        }
    }
}

static uint64_t read_roles(policy_compiler *c, const yaml_node *list, const char *without)
{
    uint64_t roles = 0;
    if (list == NULL) return roles;
    if (!yaml_is_list(list) || yaml_count(list) == 0) {
        yaml_complain(list, c->problems, "roles are a list: [child, sibling]; leave %s", without);
        return roles;
    }
    for (size_t i = 0; i < yaml_count(list); i++) {
        int role = policy_enum(c, yaml_item(list, i), "role", &mash__v1__subject_role__descriptor);
        if (role > 0) roles |= (uint64_t)1 << role;
    }
    return roles;
}

/* What is told of people's acts besides that they were done, and by which team. */
static void read_acts(policy_compiler *c, const yaml_node *list, core_audience *audience)
{
    static const char *const WORDS[] = {"who", "words", NULL};
    if (list == NULL) return;
    if (!yaml_is_list(list)) {
        yaml_complain(list, c->problems, "'acts' is a list: [who, words]; leave it away to tell neither");
        return;
    }
    for (size_t i = 0; i < yaml_count(list); i++) {
        uint32_t before = c->problems->count;
        int word = policy_word(c, yaml_item(list, i), WORDS, "who (acted) or words (they wrote)");
        if (c->problems->count > before) continue;
        *(word == 0 ? &audience->acts_who : &audience->acts_words) = true;
    }
}

/* "named" unless it says "silent". */
static void read_withheld(policy_compiler *c, const yaml_node *node, core_audience *audience)
{
    static const char *const WORDS[] = {"named", "silent", NULL};
    if (node != NULL) audience->silent = policy_word(c, node, WORDS, "named or silent") == 1;
}

static void read_audience(policy_compiler *c, const yaml_node *row)
{
    if (!yaml_only(row, c->problems, "name", "sees_up_to", "only_subjects", "near", "one_by_one", "withheld", "fields", "acts",
                   "basis", "source", "review", NULL) &&
        !yaml_is_map(row))
        return;
    core_audience *audience = &c->policy->audiences[c->policy->audience_count];
    audience->place = policy_place(c, row);
    const yaml_node *name = yaml_need(row, "name", c->problems);
    audience->sees_up_to = (Mash__V1__Sensitivity)policy_enum(c, yaml_need(row, "sees_up_to", c->problems), "class",
                                                              &mash__v1__sensitivity__descriptor);
    audience->subject_roles = read_roles(c, yaml_get(row, "only_subjects"), "'only_subjects' away for everybody");
    audience->near = read_roles(c, yaml_get(row, "near"), "'near' away for nobody");
    const yaml_node *one_by_one = yaml_get(row, "one_by_one");
    audience->one_by_one = one_by_one != NULL && yaml_bool(one_by_one, c->problems);
    read_withheld(c, yaml_get(row, "withheld"), audience);
    read_fields(c, yaml_need(row, "fields", c->problems), audience);
    read_acts(c, yaml_get(row, "acts"), audience);
    policy_need_text(c, row, "basis", audience->basis, sizeof audience->basis);
    policy_need_text(c, row, "source", audience->source, sizeof audience->source);
    if (policy_new_name(c, name, "audience", audience->name, sizeof audience->name, c->policy->audiences,
                        c->policy->audience_count, sizeof *audience)) {
        c->policy->audience_count++;
        policy_review(c, row, "audience", audience->name);
    }
}

void policy_read_sharing(policy_compiler *c)
{
    c->policy->audiences = policy_table(c, "audiences", sizeof *c->policy->audiences, CORE_POLICY_AUDIENCES_MAX);
    const yaml_node *row;
    for (size_t i = 0; c->policy->audiences != NULL && (row = policy_row(c, "audiences", i)) != NULL; i++)
        read_audience(c, row);
}
