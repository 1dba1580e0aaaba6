/* roles, teams, people, outcomes: who may act, on what, and how a line may end. */
#include "compiler.h"

#include <string.h>

/* ---- roles ---------------------------------------------------------------------------------------------------------------- */

static void complain_act(policy_compiler *c, const yaml_node *node, const char *name)
{
    const ProtobufCEnumDescriptor *kinds = &mash__v1__act_kind__descriptor;
    char shown[64], best[64];
    const char *nearest = NULL;
    for (unsigned i = 0; i < kinds->n_values; i++) {
        const char *candidate = core_act_kind_name((Mash__V1__ActKind)kinds->values[i].value, shown);
        if (candidate[0] == '\0' || !yaml_is_nearer(name, candidate, nearest)) continue;
        memcpy(best, shown, sizeof best);
        nearest = best;
    }
    if (nearest != NULL) {
        yaml_complain(node, c->problems, "unknown act '%.60s'; did you mean '%s'?", name, nearest);
    } else {
        yaml_complain(node, c->problems, "unknown act '%.60s'; one of claim, release, hand-over, rate, note, seen, decide, ...",
                      name);
    }
}

static void read_may(policy_compiler *c, const yaml_node *list, core_role *role)
{
    if (list == NULL) return;
    if (!yaml_is_list(list)) {
        yaml_complain(list, c->problems, "'may' is a list of acts: [claim, release]; [] for none");
        return;
    }
    for (size_t i = 0; i < yaml_count(list); i++) {
        const yaml_node *item = yaml_item(list, i);
        const char *name = yaml_text(item, 200, c->problems);
        Mash__V1__ActKind kind = core_act_kind_of_name(name);
        if (kind == MASH__V1__ACT_KIND__ACT_KIND_UNSPECIFIED) {
            if (yaml_is_text(item)) complain_act(c, item, name);
        } else if ((role->may >> kind & 1) != 0) {
            yaml_complain(item, c->problems, "this act is named twice");
        } else {
            role->may |= UINT32_C(1) << kind;
        }
    }
}

static void read_role(policy_compiler *c, const yaml_node *row, core_role *roles)
{
    if (!yaml_only(row, c->problems, "role", "may", "restricted", "plain", "source", NULL) && !yaml_is_map(row)) return;
    core_role *role = &roles[c->policy->role_count];
    *role = (core_role){.restricted = yaml_bool(yaml_get(row, "restricted"), c->problems)};
    policy_need_text(c, row, "plain", role->plain, sizeof role->plain);
    read_may(c, yaml_need(row, "may", c->problems), role);
    if (policy_new_name(c, yaml_need(row, "role", c->problems), "role", role->name, sizeof role->name, roles,
                        c->policy->role_count, sizeof *role)) {
        c->policy->role_count++;
    }
}

/* ---- teams ---------------------------------------------------------------------------------------------------------------- */

static void read_team_queues(policy_compiler *c, const yaml_node *list, core_team *team)
{
    enum { QUEUES_MAX = sizeof team->queues / sizeof team->queues[0] };
    if (list == NULL) return;
    if (!yaml_is_list(list) || yaml_count(list) == 0 || yaml_count(list) > QUEUES_MAX) {
        yaml_complain(list, c->problems, "a team's queues are a list of 1 to %d: [a, b]", QUEUES_MAX);
        return;
    }
    for (size_t i = 0; i < yaml_count(list); i++) {
        int32_t queue = policy_find_queue(c, yaml_item(list, i));
        if (queue < 0) continue;
        if (core_team_has(team, (uint32_t)queue)) {
            yaml_complain(yaml_item(list, i), c->problems, "this queue is named twice");
        } else {
            team->queues[team->queue_count++] = (uint32_t)queue;
        }
    }
}

static void read_team(policy_compiler *c, const yaml_node *row)
{
    if (!yaml_only(row, c->problems, "team", "queues", "manager_role", "manager_queue", "plain", "source", NULL) &&
        !yaml_is_map(row)) {
        return;
    }
    core_team *team = &c->policy->teams[c->policy->team_count];
    *team = (core_team){.place = policy_place(c, row)};
    policy_need_text(c, row, "plain", team->plain, sizeof team->plain);
    read_team_queues(c, yaml_need(row, "queues", c->problems), team);
    int32_t role = policy_find_role(c, yaml_need(row, "manager_role", c->problems));
    team->manager_role = role >= 0 ? (uint32_t)role : 0;
    team->manager_queue = policy_find_queue(c, yaml_need(row, "manager_queue", c->problems));
    if (policy_new_name(c, yaml_need(row, "team", c->problems), "team", team->name, sizeof team->name, c->policy->teams,
                        c->policy->team_count, sizeof *team)) {
        c->policy->team_count++;
    }
}

/* ---- people --------------------------------------------------------------------------------------------------------------- */

/* One person: one id, one number, for ever. What acts said years ago must still mean who it meant then. */
static void check_person(policy_compiler *c, const yaml_node *row, const core_staff_row *staff, uint32_t index)
{
    const core_staff_row *person = &staff[index];
    const yaml_node *id = yaml_get(row, "id"), *number = yaml_get(row, "number");
    for (uint32_t i = 0; i < index; i++) {
        bool same_id = strcmp(staff[i].id, person->id) == 0, same_number = staff[i].number == person->number;
        if (same_id && !same_number) {
            yaml_complain(number, c->problems, "'%s' has number %u already; a person keeps one number", person->id,
                          staff[i].number);
            return;
        }
        if (!same_id && same_number) {
            yaml_complain(number, c->problems, "number %u is given to '%s'; a number is given once, never to somebody else",
                          person->number, staff[i].id);
            return;
        }
        if (same_id && staff[i].team == person->team && staff[i].role == person->role &&
            policy_overlap(&staff[i].effective, &person->effective)) {
            yaml_complain(id, c->problems,
                          "'%s' stands twice in the same team and role for the same days; end the earlier row with 'until'",
                          person->id);
            return;
        }
    }
}

static void read_person_id(policy_compiler *c, const yaml_node *node, core_staff_row *person)
{
    if (!policy_new_name(c, node, "person's id", person->id, sizeof person->id, NULL, 0, 0)) return;
    if (strspn(person->id, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(person->id)) {
        yaml_complain(node, c->problems, "a person's id has a-z, 0-9 and '-' only: it stands in records, so it is no name");
    }
}

static void read_person(policy_compiler *c, const yaml_node *row, core_staff_row *staff)
{
    if (!yaml_only(row, c->problems, "id", "number", "name", "team", "role", "alternate", "from", "until", NULL) &&
        !yaml_is_map(row)) {
        return;
    }
    uint32_t before = c->problems->count;
    core_staff_row *person = &staff[c->policy->staff_count];
    *person = (core_staff_row){.number = 0};
    read_person_id(c, yaml_need(row, "id", c->problems), person);
    person->number = (uint32_t)yaml_int(yaml_need(row, "number", c->problems), 1, POLICY_STAFF_NUMBER_MAX, c->problems);
    policy_need_text(c, row, "name", person->shown, sizeof person->shown);
    int32_t team = policy_find(c, yaml_need(row, "team", c->problems), "team", c->policy->teams, c->policy->team_count,
                               sizeof *c->policy->teams);
    int32_t role = policy_find_role(c, yaml_need(row, "role", c->problems));
    person->team = team >= 0 ? (uint32_t)team : 0;
    person->role = role >= 0 ? (uint32_t)role : 0;
    person->effective = policy_effective(c, row);
    if (c->problems->count == before) check_person(c, row, staff, c->policy->staff_count);
    c->policy->staff_count++;
}

/* An alternate may stand further down: they are looked up when everybody is known. */
static void read_alternate(policy_compiler *c, const yaml_node *row, core_staff_row *person)
{
    const yaml_node *node = yaml_get(row, "alternate");
    if (node == NULL) return;
    int32_t found = policy_find(c, node, "person", c->policy->staff, c->policy->staff_count, sizeof *c->policy->staff);
    if (found < 0) return;
    person->alternate = c->policy->staff[found].number;
    if (person->alternate == person->number)
        yaml_complain(node, c->problems, "nobody stands in for themselves; name a colleague");
}

/* ---- outcomes ------------------------------------------------------------------------------------------------------------- */

static core_for read_for(policy_compiler *c, const yaml_node *node)
{
    if (node == NULL) return CORE_FOR_ANYBODY;
    const char *text = yaml_text(node, CORE_NAME_MAX - 1, c->problems);
    if (strcmp(text, "children") == 0) return CORE_FOR_CHILDREN;
    if (strcmp(text, "adults") == 0) return CORE_FOR_ADULTS;
    if (yaml_is_text(node)) yaml_complain(node, c->problems, "expected children or adults; leave it out for both");
    return CORE_FOR_ANYBODY;
}

static void read_outcome(policy_compiler *c, const yaml_node *row, core_outcome *outcomes)
{
    if (!yaml_only(row, c->problems, "id", "plain", "source", "needs_legal_basis", "for", NULL) && !yaml_is_map(row)) return;
    core_outcome *outcome = &outcomes[c->policy->outcome_count];
    policy_need_text(c, row, "plain", outcome->plain, sizeof outcome->plain);
    policy_need_text(c, row, "source", outcome->source, sizeof outcome->source);
    outcome->needs_legal_basis = yaml_bool(yaml_get(row, "needs_legal_basis"), c->problems);
    outcome->fits = read_for(c, yaml_get(row, "for"));
    if (policy_new_name(c, yaml_need(row, "id", c->problems), "outcome", outcome->id, sizeof outcome->id, outcomes,
                        c->policy->outcome_count, sizeof *outcome)) {
        c->policy->outcome_count++;
    }
}

void policy_read_roster(policy_compiler *c)
{
    const yaml_node *row;
    core_role *roles = policy_table_if_any(c, "roles", sizeof *roles, CORE_POLICY_ROLES_MAX);
    c->policy->roles = roles;
    for (size_t i = 0; roles != NULL && (row = policy_row(c, "roles", i)) != NULL; i++)
        read_role(c, row, roles);
    c->policy->teams = policy_table_if_any(c, "teams", sizeof *c->policy->teams, CORE_POLICY_TEAMS_MAX);
    for (size_t i = 0; c->policy->teams != NULL && (row = policy_row(c, "teams", i)) != NULL; i++)
        read_team(c, row);
    core_staff_row *staff = policy_table_if_any(c, "people", sizeof *staff, CORE_POLICY_STAFF_MAX);
    c->policy->staff = staff;
    for (size_t i = 0; staff != NULL && (row = policy_row(c, "people", i)) != NULL; i++)
        read_person(c, row, staff);
    for (size_t i = 0; i < c->policy->staff_count && (row = policy_row(c, "people", i)) != NULL; i++)
        read_alternate(c, row, &staff[i]);
    core_outcome *outcomes = policy_table_if_any(c, "outcomes", sizeof *outcomes, CORE_POLICY_OUTCOMES_MAX);
    c->policy->outcomes = outcomes;
    for (size_t i = 0; outcomes != NULL && (row = policy_row(c, "outcomes", i)) != NULL; i++)
        read_outcome(c, row, outcomes);
}
