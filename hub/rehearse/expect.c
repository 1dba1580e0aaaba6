/* What a story expects: of the step before, and of how things stand. One row for each word; a word that is not in the table is a
 * mistake in the story, with its place. */
#include "rehearse/story.h"

#include <stdarg.h>
#include <string.h>

#include "event/event.h"

typedef struct expectation {
    const char *word;
    void (*check)(story *s, const yaml_node *value);
} expectation;

/* The alert the expectations are about: the last one opened or joined, or the one that "alert: A2" names. */
static uint64_t alert_of(story *s)
{
    return s->world.step.alert;
}

static bool needs_alert(story *s, const yaml_node *value)
{
    if (alert_of(s) != 0) return true;
    yaml_complain(value, s->problems, "%s: there is no alert", s->title);
    return false;
}

__attribute__((format(printf, 4, 5))) static void expect_text(story *s, const yaml_node *value, const char *found,
                                                              const char *what, ...)
{
    const char *expected = yaml_text(value, 400, s->problems);
    if (strcmp(expected, found) == 0) return;
    char words[80];
    va_list arguments;
    va_start(arguments, what);
    (void)hub_format_list(words, sizeof words, what, arguments);
    va_end(arguments);
    yaml_complain(value, s->problems, "%s: expected %s %s, but it is %s", s->title, words, expected,
                  found[0] == '\0' ? "nobody" : found);
}

static void expect_number(story *s, const yaml_node *value, uint64_t found, const char *what)
{
    int64_t expected = yaml_int(value, 0, 1000000, s->problems);
    if ((uint64_t)expected != found)
        yaml_complain(value, s->problems, "%s: expected %lld %s, but there are %llu", s->title, (long long)expected, what,
                      (unsigned long long)found);
}

/* ---- lists of names -------------------------------------------------------------------------------------------------------- */
typedef struct names {
    const char *items[256];
    uint32_t count;
} names;

static void add_name(names *all, const char *name)
{
    for (uint32_t i = 0; i < all->count; i++) {
        if (strcmp(all->items[i], name) == 0) return;
    }
    if (all->count < sizeof all->items / sizeof all->items[0]) all->items[all->count++] = name;
}

static bool has_name(const names *all, const char *name)
{
    for (uint32_t i = 0; i < all->count; i++) {
        if (strcmp(all->items[i], name) == 0) return true;
    }
    return false;
}

static void put_names(const names *all, char *out, size_t size)
{
    size_t length = 0;
    out[0] = '\0';
    for (uint32_t i = 0; i < all->count && length + 1 < size; i++)
        length += hub_format(out + length, size - length, "%s%s", i > 0 ? ", " : "", all->items[i]);
    if (all->count == 0) (void)hub_format(out, size, "none");
}

typedef enum wanted { WANTED, UNWANTED } wanted;

static void expect_names(story *s, const yaml_node *list, const names *found, const char *what, wanted how)
{
    size_t count = yaml_is_list(list) ? yaml_count(list) : 1;
    for (size_t i = 0; i < count; i++) {
        const yaml_node *node = yaml_is_list(list) ? yaml_item(list, i) : list;
        const char *name = yaml_text(node, 200, s->problems);
        if (name[0] == '\0' || has_name(found, name) == (how == WANTED)) continue;
        char all[600];
        put_names(found, all, sizeof all);
        yaml_complain(node, s->problems, "%s: expected %s%s: %s; found: %s", s->title, how == WANTED ? "" : "no ", what, name,
                      all);
    }
}

static names told_in_step(const story *s)
{
    names all = {.count = 0};
    for (uint32_t i = 0; i < s->world.told_count; i++) {
        const world_delivery *told = &s->world.told[i];
        if (told->step == s->world.step.number) add_name(&all, core_queue_name(s->world.state, told->queue));
    }
    return all;
}

static const char *staff_id(const story *s, uint32_t number)
{
    for (uint32_t i = 0; i < s->policy->staff_count; i++) {
        if (s->policy->staff[i].number == number) return s->policy->staff[i].id;
    }
    return "";
}

/* A queue that no policy has can never be told: a misspelt one in "not_told" would hold for ever. */
static void check_queues(story *s, const yaml_node *list)
{
    size_t count = yaml_is_list(list) ? yaml_count(list) : 1;
    for (size_t i = 0; i < count; i++) {
        const yaml_node *node = yaml_is_list(list) ? yaml_item(list, i) : list;
        const char *name = yaml_text(node, 60, s->problems);
        if (name[0] != '\0' && core_queue_number(s->world.state, name) == 0)
            yaml_complain(node, s->problems, "the policy has no queue '%.60s'", name);
    }
}

static void check_rules(story *s, const yaml_node *list)
{
    size_t count = yaml_is_list(list) ? yaml_count(list) : 1;
    for (size_t i = 0; i < count; i++) {
        const yaml_node *node = yaml_is_list(list) ? yaml_item(list, i) : list;
        const char *name = yaml_text(node, 60, s->problems);
        bool known = name[0] == '\0';
        for (uint32_t k = 0; k < s->policy->rule_count && !known; k++)
            known = strcmp(s->policy->rules[k].id, name) == 0;
        if (!known) yaml_complain(node, s->problems, "the policy has no rule '%.60s'", name);
    }
}

/* ---- of the step before ---------------------------------------------------------------------------------------------------- */
static void check_told(story *s, const yaml_node *value)
{
    names found = told_in_step(s);
    check_queues(s, value);
    expect_names(s, value, &found, "told", WANTED);
}

static void check_not_told(story *s, const yaml_node *value)
{
    names found = told_in_step(s);
    check_queues(s, value);
    expect_names(s, value, &found, "told", UNWANTED);
}

static void check_nobody_told(story *s, const yaml_node *value)
{
    names found = told_in_step(s);
    if (yaml_bool(value, s->problems) && found.count > 0) {
        char all[600];
        put_names(&found, all, sizeof all);
        yaml_complain(value, s->problems, "%s: expected that nobody is told; told: %s", s->title, all);
    }
}

static names rules_of_step(const story *s)
{
    names all = {.count = 0};
    for (uint32_t i = 0; i < s->world.step.rule_count; i++)
        add_name(&all, s->world.step.rules[i]);
    return all;
}

static void check_because(story *s, const yaml_node *value)
{
    names found = rules_of_step(s);
    check_rules(s, value);
    expect_names(s, value, &found, "rule", WANTED);
}

static void check_not_because(story *s, const yaml_node *value)
{
    names found = rules_of_step(s);
    check_rules(s, value);
    expect_names(s, value, &found, "rule", UNWANTED);
}

static void check_lapsed(story *s, const yaml_node *value)
{
    names found = {.count = 0};
    for (uint32_t i = 0; i < s->world.step.lapsed_count; i++)
        add_name(&found, s->world.step.lapsed[i]);
    expect_names(s, value, &found, "lapsed clock", WANTED);
}

static void check_escalated_to(story *s, const yaml_node *value)
{
    names found = {.count = 0};
    for (uint32_t i = 0; i < s->world.step.escalated_count; i++)
        add_name(&found, staff_id(s, s->world.step.escalated_to[i]));
    expect_names(s, value, &found, "escalated to", WANTED);
}

static void check_escalated(story *s, const yaml_node *value)
{
    bool expected = yaml_bool(value, s->problems);
    if (expected != (s->world.step.escalated_count > 0))
        yaml_complain(value, s->problems, "%s: expected %s escalation", s->title, expected ? "an" : "no");
}

static void check_alarm(story *s, const yaml_node *value)
{
    names found = {.count = 0};
    char text[WORLD_NAMES_MAX][64];
    for (uint32_t i = 0; i < s->world.step.alarm_count; i++)
        add_name(&found, event_enum_name(&mash__v1__alarm_kind__descriptor, (int)s->world.step.alarms[i], text[i]));
    expect_names(s, value, &found, "alarm", WANTED);
}

static void check_done(story *s, const yaml_node *value)
{
    bool expected = yaml_bool(value, s->problems);
    bool done = s->world.step.act_code == MASH__V1__ACT_CODE__ACT_DONE;
    if (expected != done)
        yaml_complain(value, s->problems, "%s: expected the act %s; the hub says: %s", s->title,
                      expected ? "to be done" : "not to be done", s->world.step.act_text);
}

static void check_refused(story *s, const yaml_node *value)
{
    const char *words = yaml_text(value, 200, s->problems);
    bool refused = s->world.step.act_code != 0 && s->world.step.act_code != MASH__V1__ACT_CODE__ACT_DONE;
    if (!refused || strstr(s->world.step.act_text, words) == NULL)
        yaml_complain(value, s->problems, "%s: expected a refusal that says \"%s\"; the hub says: %s", s->title, words,
                      s->world.step.act_text);
}

/* ---- how things stand ------------------------------------------------------------------------------------------------------ */
static void check_alerts(story *s, const yaml_node *value)
{
    expect_number(s, value, core_alert_count(s->world.state), "alerts");
}

static void check_open_alerts(story *s, const yaml_node *value)
{
    expect_number(s, value, core_count(s->world.state).alerts_open, "open alerts");
}

static void check_alert(story *s, const yaml_node *value)
{
    const char *text = yaml_text(value, 20, s->problems);
    uint64_t number = 0;
    for (const char *at = text + 1; text[0] == 'A' && *at >= '0' && *at <= '9'; at++)
        number = number * 10 + (uint64_t)(*at - '0');
    if (number >= 1 && number <= core_alert_count(s->world.state)) {
        s->world.step.alert = number;
    } else {
        yaml_complain(value, s->problems, "%s: there is no alert %.20s", s->title, text);
    }
}

static void check_rating(story *s, const yaml_node *value)
{
    if (!needs_alert(s, value)) return;
    char text[64];
    expect_text(s, value,
                event_enum_name(&mash__v1__rating__descriptor, (int)core_alert_stands(s->world.state, alert_of(s)).rating, text),
                "rating");
}

static void check_owner(story *s, const yaml_node *value)
{
    if (!needs_alert(s, value)) return;
    const char *owner = staff_id(s, core_alert_stands(s->world.state, alert_of(s)).owner);
    expect_text(s, value, owner[0] == '\0' ? "nobody" : owner, "owner");
}

static void check_state(story *s, const yaml_node *value)
{
    if (!needs_alert(s, value)) return;
    core_alert_standing stands = core_alert_stands(s->world.state, alert_of(s));
    expect_text(s, value, stands.ended ? "ended" : stands.held ? "held" : "open", "state");
}

static void check_queue(story *s, const yaml_node *value)
{
    if (!needs_alert(s, value)) return;
    check_queues(s, value);
    expect_text(s, value, core_queue_name(s->world.state, core_alert_stands(s->world.state, alert_of(s)).queue), "queue");
}

static void check_lines(story *s, const yaml_node *value)
{
    if (needs_alert(s, value)) expect_number(s, value, core_alert_stands(s->world.state, alert_of(s)).lines, "decision lines");
}

static void check_decided(story *s, const yaml_node *value)
{
    for (size_t i = 0; needs_alert(s, value) && i < yaml_count(value); i++) {
        const story_person *person = story_person_named(s, yaml_key_node(value, i));
        if (person == NULL) return;
        const core_outcome *outcome = core_line_outcome(s->world.state, alert_of(s), world_person(&s->world, person->nhs));
        expect_text(s, yaml_value(value, i), outcome == NULL ? "undecided" : outcome->id, "for %.40s", person->name);
    }
}

/* "due: {red_decision: 2026-03-28 02:40}"; "none" where no such clock runs. */
static void check_due(story *s, const yaml_node *value)
{
    for (size_t i = 0; needs_alert(s, value) && i < yaml_count(value); i++) {
        const yaml_node *node = yaml_value(value, i);
        const char *id = yaml_key(value, i);
        bool known = false;
        for (uint32_t k = 0; k < s->policy->clock_count && !known; k++)
            known = strcmp(s->policy->clocks[k].id, id) == 0;
        if (!known) {
            yaml_complain(yaml_key_node(value, i), s->problems, "the policy has no clock '%.60s'", id);
            continue;
        }
        int64_t due_ms = core_clock_due(s->world.state, alert_of(s), id);
        bool expects_none = strcmp(yaml_text(node, 40, s->problems), "none") == 0;
        int64_t expected_ms = expects_none ? 0 : story_instant(s, node);
        if (due_ms == expected_ms) continue;
        char found[40] = "not running";
        if (due_ms != 0) core_calendar_text(&s->policy->calendars[0], due_ms, found);
        yaml_complain(node, s->problems, "%s: expected %s due %s, but it is %s", s->title, id, yaml_text(node, 40, s->problems),
                      found);
    }
}

static const expectation EXPECTATIONS[] = {
    {"alert", check_alert}, /* first: it says what the others are about */
    {"told", check_told},
    {"not_told", check_not_told},
    {"nobody_told", check_nobody_told},
    {"because", check_because},
    {"not_because", check_not_because},
    {"lapsed", check_lapsed},
    {"escalated", check_escalated},
    {"escalated_to", check_escalated_to},
    {"alarm", check_alarm},
    {"done", check_done},
    {"refused", check_refused},
    {"alerts", check_alerts},
    {"open_alerts", check_open_alerts},
    {"rating", check_rating},
    {"owner", check_owner},
    {"state", check_state},
    {"queue", check_queue},
    {"lines", check_lines},
    {"decided", check_decided},
    {"due", check_due},
};
enum { EXPECTATION_COUNT = sizeof EXPECTATIONS / sizeof EXPECTATIONS[0] };

void story_expect(story *s, const yaml_node *expect)
{
    for (size_t i = 0; i < yaml_count(expect); i++) {
        const char *key = yaml_key(expect, i);
        const char *nearest = NULL;
        bool known = false;
        for (size_t k = 0; k < EXPECTATION_COUNT; k++) {
            known = known || strcmp(EXPECTATIONS[k].word, key) == 0;
            if (yaml_is_nearer(key, EXPECTATIONS[k].word, nearest)) nearest = EXPECTATIONS[k].word;
        }
        if (!known)
            yaml_complain(yaml_key_node(expect, i), s->problems, "nothing is called '%.40s' that a story could expect%s%s%s", key,
                          nearest == NULL ? "" : "; did you mean '", nearest == NULL ? "" : nearest, nearest == NULL ? "" : "'?");
    }
    for (size_t k = 0; k < EXPECTATION_COUNT; k++) {
        const yaml_node *value = yaml_get(expect, EXPECTATIONS[k].word);
        if (value != NULL) EXPECTATIONS[k].check(s, value);
    }
}

/* ---- what a queue was shown ------------------------------------------------------------------------------------------------- */
/* A person's name stands for what is known of them: the name they were given here. */
static void look_for(story *s, const yaml_node *node, uint32_t queue, wanted how)
{
    const char *words = yaml_text(node, 200, s->problems);
    bool found = false;
    for (uint32_t i = 0; i < s->world.told_count && !found; i++)
        found = s->world.told[i].queue == queue && strstr(s->world.told[i].json, words) != NULL;
    if (words[0] == '\0' || found == (how == WANTED)) return;
    yaml_complain(node, s->problems, "%s: the queue %s %s shown \"%s\"", s->title, core_queue_name(s->world.state, queue),
                  found ? "was" : "was never", words);
}

void story_shown(story *s, const yaml_node *shown)
{
    if (!yaml_only(shown, s->problems, "queue", "has", "not", NULL)) return;
    const yaml_node *name = yaml_need(shown, "queue", s->problems);
    uint32_t queue = core_queue_number(s->world.state, yaml_text(name, 60, s->problems));
    if (queue == 0) {
        if (yaml_is_text(name)) yaml_complain(name, s->problems, "the policy has no queue of that name");
        return;
    }
    const yaml_node *has = yaml_get(shown, "has");
    const yaml_node *not_shown = yaml_get(shown, "not");
    for (size_t i = 0; i < yaml_count(has); i++)
        look_for(s, yaml_item(has, i), queue, WANTED);
    for (size_t i = 0; i < yaml_count(not_shown); i++)
        look_for(s, yaml_item(not_shown, i), queue, UNWANTED);
}
