/* Names that a story takes from the policy. A misspelt one must never make "not told" or "refused" true, so each is looked up before it
 * is used. Every table of a policy begins its rows with the row's name. */
#include "rehearse/story.h"

#include <string.h>

typedef struct name_table {
    const char *noun;
    const void *first;
    size_t size;
    uint32_t count;
} name_table;

_Static_assert(offsetof(core_queue_row, name) == 0 && offsetof(core_rule, id) == 0 && offsetof(core_clock_row, id) == 0 &&
                   offsetof(core_staff_row, id) == 0 && offsetof(core_outcome, id) == 0 && offsetof(core_agency_row, name) == 0 &&
                   offsetof(core_team, name) == 0,
               "a row begins with its name");

static name_table table_of(const core_policy *p, story_names what)
{
    switch (what) {
    case STORY_QUEUES:
        return (name_table){"queue", p->queues, sizeof *p->queues, p->queue_count};
    case STORY_RULES:
        return (name_table){"rule", p->rules, sizeof *p->rules, p->rule_count};
    case STORY_CLOCKS:
        return (name_table){"clock", p->clocks, sizeof *p->clocks, p->clock_count};
    case STORY_STAFF:
        return (name_table){"person on its roster called", p->staff, sizeof *p->staff, p->staff_count};
    case STORY_OUTCOMES:
        return (name_table){"outcome", p->outcomes, sizeof *p->outcomes, p->outcome_count};
    case STORY_AGENCIES:
        return (name_table){"agency", p->agencies, sizeof *p->agencies, p->agency_count};
    case STORY_TEAMS:
        return (name_table){"team", p->teams, sizeof *p->teams, p->team_count};
    default:
        return (name_table){.noun = ""};
    }
}

bool story_known(story *s, const yaml_node *node, story_names what)
{
    const char *text = yaml_text(node, 60, s->problems);
    const char *nearest = NULL;
    name_table table = table_of(s->policy, what);
    for (uint32_t i = 0; i < table.count; i++) {
        const char *name = (const char *)table.first + i * table.size;
        if (strcmp(name, text) == 0) return true;
        if (yaml_is_nearer(text, name, nearest)) nearest = name;
    }
    if (!yaml_is_text(node)) return false; /* complained of already */
    yaml_complain(node, s->problems, "the policy has no %s '%.60s'%s%s%s", table.noun, text,
                  nearest == NULL ? "" : "; did you mean '", nearest == NULL ? "" : nearest, nearest == NULL ? "" : "'?");
    return false;
}

bool story_known_key(story *s, const yaml_node *map, size_t index, story_names what)
{
    return story_known(s, yaml_key_node(map, index), what);
}

/* ---- fields of acts whose value is such a name -------------------------------------------------------------------------------- */
typedef struct named_field {
    const ProtobufCMessageDescriptor *message;
    const char *field;
    story_names what;
} named_field;

static const named_field NAMED_FIELDS[] = {
    {&mash__v1__hand_over__descriptor, "to", STORY_STAFF},
    {&mash__v1__hold__descriptor, "second", STORY_STAFF},
    {&mash__v1__declare_party__descriptor, "staff", STORY_STAFF},
    {&mash__v1__clear_party__descriptor, "staff", STORY_STAFF},
    {&mash__v1__decide__descriptor, "outcome", STORY_OUTCOMES},
    {&mash__v1__reassign__descriptor, "queue", STORY_QUEUES},
    {&mash__v1__restate__descriptor, "clock", STORY_CLOCKS},
    {&mash__v1__request_information__descriptor, "agency", STORY_AGENCIES},
    {&mash__v1__withhold__descriptor, "agency", STORY_AGENCIES},
    {&mash__v1__share__descriptor, "agency", STORY_AGENCIES},
    {&mash__v1__dispute__descriptor, "with_team", STORY_TEAMS},
};

bool story_known_field(story *s, const ProtobufCMessageDescriptor *message, const char *field, const yaml_node *node)
{
    for (size_t i = 0; i < sizeof NAMED_FIELDS / sizeof NAMED_FIELDS[0]; i++) {
        if (NAMED_FIELDS[i].message == message && strcmp(NAMED_FIELDS[i].field, field) == 0)
            return story_known(s, node, NAMED_FIELDS[i].what);
    }
    return true;
}

/* ---- lists -------------------------------------------------------------------------------------------------------------------- */
size_t story_list_count(story *s, const yaml_node *list)
{
    if (yaml_is_text(list)) return 1;
    size_t count = yaml_is_list(list) ? yaml_count(list) : 0;
    if (count == 0) yaml_complain(list, s->problems, "expected a name, or a list of at least one: [this, that]");
    return count;
}

const yaml_node *story_list_item(const yaml_node *list, size_t index)
{
    return yaml_is_list(list) ? yaml_item(list, index) : list;
}
