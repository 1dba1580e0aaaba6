/* What a story expects: of the step before, and of how things stand. Two tables, one row for each word; a word that is in neither is a
 * mistake in the story, with its place. */
#include "rehearse/story.h"

#include <string.h>

#include "core/disagreement.h"
#include "event/event.h"

/* ---- lists of names: of the step before ------------------------------------------------------------------------------------- */
typedef struct names {
    char items[WORLD_NAMES_MAX][64]; /* a step keeps no more of any kind */
    uint32_t count;
} names;

static void add_name(names *all, const char *name)
{
    for (uint32_t i = 0; i < all->count; i++) {
        if (strcmp(all->items[i], name) == 0) return;
    }
    if (all->count == WORLD_NAMES_MAX) return; /* speakers alone can be more: one who is left out is missed aloud */
    (void)hub_format(all->items[all->count++], sizeof all->items[0], "%s", name);
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
    size_t length = hub_format(out, size, all->count == 0 ? "none" : "");
    for (uint32_t i = 0; i < all->count && length + 1 < size; i++)
        length += hub_format(out + length, size - length, "%s%s", i > 0 ? ", " : "", all->items[i]);
}

/* kind 0: told of anything at all */
static void find_told(const story *s, uint32_t kind, names *all)
{
    for (uint32_t i = 0; i < s->world.told_count; i++) {
        const world_delivery *told = &s->world.told[i];
        if (told->step == s->world.step.number && (kind == 0 || (uint32_t)told->kind == kind))
            add_name(all, core_queue_name(s->world.state, told->queue));
    }
}

static void find_rules(const story *s, uint32_t kind, names *all)
{
    (void)kind;
    for (uint32_t i = 0; i < s->world.step.rule_count; i++)
        add_name(all, s->world.step.rules[i]);
}

static void find_lapsed(const story *s, uint32_t kind, names *all)
{
    (void)kind;
    for (uint32_t i = 0; i < s->world.step.lapsed_count; i++)
        add_name(all, s->world.step.lapsed[i]);
}

static const char *staff_id(const story *s, uint32_t number)
{
    const core_staff_row *row = core_policy_staff_ever(s->policy, number);
    if (row != NULL) return row->id;
    return "nobody";
}

static void find_escalated(const story *s, uint32_t kind, names *all)
{
    (void)kind;
    for (uint32_t i = 0; i < s->world.step.escalated_count; i++)
        add_name(all, staff_id(s, s->world.step.escalated_to[i]));
}

static void find_alarms(const story *s, uint32_t kind, names *all)
{
    (void)kind;
    char text[64];
    for (uint32_t i = 0; i < s->world.step.alarm_count; i++)
        add_name(all, event_enum_name(&mash__v1__alarm_kind__descriptor, (int)s->world.step.alarms[i], text));
}

typedef struct list_word {
    const char *word;
    void (*find)(const story *s, uint32_t kind, names *all);
    uint32_t kind; /* of delivery, for find_told */
    story_names known;
    const char *yes, *no; /* "expected that NAME is told" */
} list_word;

static const list_word LISTS[] = {
    {"told", find_told, 0, STORY_QUEUES, "is told", NULL},
    {"not_told", find_told, 0, STORY_QUEUES, NULL, "is not told"},
    {"noticed", find_told, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_NOTICE, STORY_QUEUES, "gets a notice", NULL},
    {"corrected", find_told, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_EVENT_AMENDED, STORY_QUEUES, "is told of the correction",
     NULL},
    {"withdrawn", find_told, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_EVENT_RETRACTED, STORY_QUEUES,
     "is told that it was withdrawn", NULL},
    {"asked", find_told, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_REQUEST, STORY_QUEUES, "is asked, or told of the answer", NULL},
    {"disagreement_told", find_told, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_DISAGREEMENT, STORY_QUEUES,
     "is told of the disagreement", NULL},
    {"feedback", find_told, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_FEEDBACK, STORY_QUEUES, "hears what came of it", NULL},
    {"moved_here", find_told, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_MOVED_HERE, STORY_QUEUES, "gets the earlier events", NULL},
    {"because", find_rules, 0, STORY_RULES, "rules it", NULL},
    {"not_because", find_rules, 0, STORY_RULES, NULL, "does not rule it"},
    {"lapsed", find_lapsed, 0, STORY_CLOCKS, "has run out", NULL},
    {"not_lapsed", find_lapsed, 0, STORY_CLOCKS, NULL, "has not run out"},
    {"escalated_to", find_escalated, 0, STORY_STAFF, "is told by a ladder", NULL},
    {"not_escalated_to", find_escalated, 0, STORY_STAFF, NULL, "is not told by a ladder"},
    {"alarm", find_alarms, 0, STORY_NO_NAMES, "is raised", NULL},
    {"not_alarm", find_alarms, 0, STORY_NO_NAMES, NULL, "is not raised"},
};
enum { LIST_COUNT = sizeof LISTS / sizeof LISTS[0] };

/* The line of `explain` that says what a rule nearly held for: "Not R-DA-HIGH (...): it needs ...". */
static void put_near_miss(const story *s, const char *rule, char *out, size_t size)
{
    out[0] = '\0';
    char begin[80];
    (void)hub_format(begin, sizeof begin, "Not %s (", rule);
    for (uint32_t i = 0; i < s->world.explained_count; i++) {
        const char *line = s->world.explained[i].step == s->world.step.number ? strstr(s->world.explained[i].text, begin) : NULL;
        if (line == NULL) continue;
        (void)hub_format(out, size, ". %.*s", (int)strcspn(line, "\n"), line);
    }
}

static void check_list(story *s, const yaml_node *list, const list_word *row)
{
    names found = {.count = 0};
    row->find(s, row->kind, &found);
    for (size_t i = 0; i < story_list_count(s, list); i++) {
        const yaml_node *node = story_list_item(list, i);
        if (row->known != STORY_NO_NAMES && !story_known(s, node, row->known)) continue;
        const char *name = yaml_text(node, 200, s->problems);
        if (name[0] == '\0' || has_name(&found, name) == (row->yes != NULL)) continue;
        char all[600];
        char near[400] = "";
        put_names(&found, all, sizeof all);
        if (row->find == find_rules) put_near_miss(s, name, near, sizeof near);
        yaml_complain(node, s->problems, "%s: expected that %s %s; found: %s%s", s->title, name,
                      row->yes != NULL ? row->yes : row->no, all, near);
    }
}

/* ---- of the step before, otherwise ------------------------------------------------------------------------------------------- */
static void check_nobody_told(story *s, const yaml_node *value)
{
    names found = {.count = 0};
    find_told(s, 0, &found);
    char all[600];
    put_names(&found, all, sizeof all);
    if (yaml_bool(value, s->problems) == (found.count == 0)) return;
    yaml_complain(value, s->problems, "%s: expected that %s is told; told: %s", s->title, found.count > 0 ? "nobody" : "somebody",
                  all);
}

static void check_escalated(story *s, const yaml_node *value)
{
    bool expected = yaml_bool(value, s->problems);
    if (expected != (s->world.step.escalated_count > 0))
        yaml_complain(value, s->problems, "%s: expected that %s ladder takes a step, but %s does", s->title,
                      expected ? "a" : "no", expected ? "none" : "one");
}

static void check_refused(story *s, const yaml_node *value)
{
    const char *words = yaml_text(value, 200, s->problems);
    if (s->world.step.refused[0] == '\0') {
        yaml_complain(value, s->problems, "%s: expected that the hub refuses it (\"%s\"), but it is done", s->title, words);
    } else if (words[0] != '\0' && strstr(s->world.step.refused, words) == NULL) {
        yaml_complain(value, s->problems, "%s: expected a refusal that says \"%s\"; it says: %s", s->title, words,
                      s->world.step.refused);
    }
}

/* Is it of the step, or of an event of the alert? */
static bool is_of_alert_or_step(const story *s, const world_explanation *one)
{
    enum { RECORDS_MAX = 256 };
    uint64_t records[RECORDS_MAX];
    uint32_t count = core_alert_records(s->world.state, s->world.step.alert, records, RECORDS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        if (records[i] == one->sequence) return true;
    }
    return one->step == s->world.step.number;
}

/* What `explain` says; where a word is missing, all of it is shown. */
static void check_explains(story *s, const yaml_node *value)
{
    hub_buffer all = {0};
    for (uint32_t i = 0; i < s->world.explained_count; i++) {
        if (is_of_alert_or_step(s, &s->world.explained[i])) hub_buffer_put_text(&all, s->world.explained[i].text);
    }
    for (size_t i = 0; i < story_list_count(s, value); i++) {
        const yaml_node *node = story_list_item(value, i);
        const char *words = yaml_text(node, 400, s->problems);
        if (words[0] == '\0' || strstr(hub_buffer_text(&all), words) != NULL) continue;
        yaml_complain(node, s->problems, "%s: expected that explain says \"%s\"; it says:", s->title, words);
        hub_buffer_put_text(&s->problems->text, hub_buffer_text(&all));
    }
    hub_buffer_free(&all);
}

/* ---- how things stand ------------------------------------------------------------------------------------------------------- */
static bool needs_alert(story *s, const yaml_node *value)
{
    if (s->world.step.alert != 0) return true;
    yaml_complain(value, s->problems, "%s: there is no alert", s->title);
    return false;
}

static core_alert_standing standing(const story *s)
{
    return core_alert_stands(s->world.state, s->world.step.alert);
}

static void expect_text(story *s, const yaml_node *value, const char *found, const char *what)
{
    const char *expected = yaml_text(value, 400, s->problems);
    if (strcmp(expected, found) != 0)
        yaml_complain(value, s->problems, "%s: expected %s %s, but it is %s", s->title, what, expected, found);
}

static void expect_number(story *s, const yaml_node *value, uint64_t found, const char *what)
{
    uint32_t before = s->problems->count;
    int64_t expected = yaml_int(value, 0, 1000000, s->problems);
    if (s->problems->count == before && (uint64_t)expected != found)
        yaml_complain(value, s->problems, "%s: expected %lld %s, but there are %llu", s->title, (long long)expected, what,
                      (unsigned long long)found);
}

static void check_alerts(story *s, const yaml_node *value)
{
    expect_number(s, value, core_alert_count(s->world.state), "alerts");
}

static void check_open_alerts(story *s, const yaml_node *value)
{
    expect_number(s, value, core_count(s->world.state).alerts_open, "open alerts");
}

/* "A2", or the queue whose newest alert is meant. */
static void check_alert(story *s, const yaml_node *value)
{
    const char *text = yaml_text(value, 60, s->problems);
    uint64_t count = core_alert_count(s->world.state);
    uint64_t number = 0;
    if (text[0] == 'A' && text[1] >= '0' && text[1] <= '9') {
        for (const char *at = text + 1; *at >= '0' && *at <= '9' && number <= count; at++)
            number = number * 10 + (uint64_t)(*at - '0');
    } else if (story_known(s, value, STORY_QUEUES)) {
        uint32_t queue = core_queue_number(s->world.state, text);
        for (number = count; number > 0 && core_alert_stands(s->world.state, number).queue != queue; number--)
            continue;
    } else {
        return;
    }
    if (number >= 1 && number <= count) {
        s->world.step.alert = number;
    } else {
        yaml_complain(value, s->problems, "%s: there is no alert of %s", s->title, text);
    }
}

static void check_rating(story *s, const yaml_node *value)
{
    char text[64];
    int rating;
    if (!event_enum_of_name(&mash__v1__rating__descriptor, yaml_text(value, 20, s->problems), &rating)) {
        yaml_complain(value, s->problems, "a rating is blue, green, amber or red");
    } else if (needs_alert(s, value)) {
        expect_text(s, value, event_enum_name(&mash__v1__rating__descriptor, (int)standing(s).rating, text), "the rating");
    }
}

static void expect_staff(story *s, const yaml_node *value, uint32_t number, const char *what)
{
    bool is_nobody = strcmp(yaml_text(value, 60, s->problems), "nobody") == 0;
    if (is_nobody || story_known(s, value, STORY_STAFF)) expect_text(s, value, staff_id(s, number), what);
}

static void check_owner(story *s, const yaml_node *value)
{
    if (needs_alert(s, value)) expect_staff(s, value, standing(s).owner, "the owner");
}

static void check_offered(story *s, const yaml_node *value)
{
    if (needs_alert(s, value)) expect_staff(s, value, standing(s).offered, "who is asked to take it");
}

static void check_state(story *s, const yaml_node *value)
{
    if (!needs_alert(s, value)) return;
    const char *expected = yaml_text(value, 20, s->problems);
    if (strcmp(expected, "open") != 0 && strcmp(expected, "held") != 0 && strcmp(expected, "ended") != 0)
        yaml_complain(value, s->problems, "an alert is open, held or ended");
    else
        expect_text(s, value, standing(s).ended ? "ended" : standing(s).held ? "held" : "open", "the state");
}

static void check_queue(story *s, const yaml_node *value)
{
    if (needs_alert(s, value) && story_known(s, value, STORY_QUEUES))
        expect_text(s, value, core_queue_name(s->world.state, standing(s).queue), "the queue");
}

static void check_lines(story *s, const yaml_node *value)
{
    if (needs_alert(s, value)) expect_number(s, value, standing(s).lines, "people to decide on");
}

/* "decided: {kim: section_47, sam: undecided}" */
static void check_decided(story *s, const yaml_node *value)
{
    for (size_t i = 0; needs_alert(s, value) && i < yaml_count(value); i++) {
        const story_person *person = story_person_named(s, yaml_key_node(value, i));
        const yaml_node *expected = yaml_value(value, i);
        if (person == NULL) continue;
        if (strcmp(yaml_text(expected, 60, s->problems), "undecided") != 0 && !story_known(s, expected, STORY_OUTCOMES)) continue;
        uint64_t number = world_person(&s->world, person->nhs);
        if (!core_has_line(s->world.state, s->world.step.alert, number)) {
            yaml_complain(yaml_key_node(value, i), s->problems, "%s: %s is not among those to decide on in this alert", s->title,
                          person->name);
            continue;
        }
        const core_outcome *outcome = core_line_outcome(s->world.state, s->world.step.alert, number);
        expect_text(s, expected, outcome == NULL ? "undecided" : outcome->id, person->name);
    }
}

/* "due: {red_decision: 2026-03-28 02:40}"; "none" where no such clock runs. */
static void check_due(story *s, const yaml_node *value)
{
    for (size_t i = 0; needs_alert(s, value) && i < yaml_count(value); i++) {
        const yaml_node *node = yaml_value(value, i);
        const char *id = yaml_key(value, i);
        if (!story_known_key(s, value, i, STORY_CLOCKS)) continue;
        int64_t due_ms = core_clock_due(s->world.state, s->world.step.alert, id);
        bool expects_none = strcmp(yaml_text(node, 40, s->problems), "none") == 0;
        uint32_t before = s->problems->count;
        int64_t expected_ms = expects_none ? 0 : story_instant(s, node);
        if (due_ms == expected_ms || s->problems->count > before) continue;
        char found[40] = "not running";
        if (due_ms != 0) core_calendar_text(&s->policy->calendars[0], due_ms, found);
        yaml_complain(node, s->problems, "%s: expected %s due %s, but it is %s", s->title, id, yaml_text(node, 40, s->problems),
                      found);
    }
}

/* ---- disagreements ---------------------------------------------------------------------------------------------------------- */
/* "D1"; 0 after a complaint. */
static uint32_t disagreement_named(story *s, const yaml_node *node)
{
    const char *text = yaml_text(node, 20, s->problems);
    uint32_t number = 0;
    for (const char *at = text + 1; text[0] == 'D' && *at >= '0' && *at <= '9' && number < 100000; at++)
        number = number * 10 + (uint32_t)(*at - '0');
    if (number != 0 && core_disagreement_version(s->world.state, number) != 0) return number;
    if (yaml_is_text(node)) yaml_complain(node, s->problems, "%s: there is no disagreement %.20s", s->title, text);
    return 0;
}

static void check_speakers(story *s, const yaml_node *list, const Mash__V1__DisagreementView *view)
{
    names found = {.count = 0};
    char all[600];
    for (size_t i = 0; i < view->n_told; i++)
        add_name(&found, view->told[i]);
    put_names(&found, all, sizeof all);
    for (size_t i = 0; i < story_list_count(s, list); i++) {
        const yaml_node *node = story_list_item(list, i);
        if (!story_known(s, node, STORY_STAFF) || has_name(&found, yaml_text(node, 60, s->problems))) continue;
        yaml_complain(node, s->problems, "%s: expected that %s speaks at this stage; speakers: %s", s->title,
                      yaml_text(node, 60, s->problems), all);
    }
}

static void check_stage_due(story *s, const yaml_node *value, int64_t due_ms)
{
    int64_t expected_ms = story_instant(s, value);
    char found[40];
    core_calendar_text(&s->policy->calendars[0], due_ms, found);
    if (expected_ms != 0 && expected_ms != due_ms)
        yaml_complain(value, s->problems, "%s: expected the stage due %s, but it is %s", s->title,
                      yaml_text(value, 40, s->problems), found);
}

/* "disagreement: {item: D1, stage: 2, state: open, lane: urgent, due: 2026-06-12 16:30, speakers: [pc-4]}" */
static void check_disagreement(story *s, const yaml_node *value)
{
    if (!yaml_only(value, s->problems, "item", "stage", "state", "lane", "due", "cause", "speakers", NULL)) return;
    const yaml_node *item = yaml_need(value, "item", s->problems);
    uint32_t number = item == NULL ? 0 : disagreement_named(s, item);
    Mash__V1__DisagreementView view;
    if (number == 0) return;
    if (core_disagreement_view(s->world.state, number, &s->world.kept, &view) != HUB_OK) {
        s->world.failed = true;
        return;
    }
    const yaml_node *stage = yaml_get(value, "stage");
    const yaml_node *state = yaml_get(value, "state");
    const yaml_node *lane = yaml_get(value, "lane");
    const yaml_node *due = yaml_get(value, "due");
    const yaml_node *cause = yaml_get(value, "cause");
    const yaml_node *speakers = yaml_get(value, "speakers");
    if (stage != NULL && yaml_int(stage, 0, 99, s->problems) != (int64_t)view.stage)
        yaml_complain(stage, s->problems, "%s: expected stage %s, but it is at stage %u", s->title,
                      yaml_text(stage, 10, s->problems), view.stage);
    if (state != NULL) expect_text(s, state, view.state, "the state");
    if (lane != NULL) expect_text(s, lane, view.lane, "the lane");
    if (due != NULL) check_stage_due(s, due, view.due_ms);
    if (cause != NULL && strstr(view.cause, yaml_text(cause, 200, s->problems)) == NULL)
        yaml_complain(cause, s->problems, "%s: it is at this stage because: %s", s->title, view.cause);
    if (speakers != NULL) check_speakers(s, speakers, &view);
}

/* "daily: {queue: portsmouth_childrens, by: pc-3, alerts: [A1, A3]}": exactly those, or none, stand on the list that this person is shown. */
static void check_daily(story *s, const yaml_node *value)
{
    if (!yaml_only(value, s->problems, "queue", "by", "alerts", NULL)) return;
    const yaml_node *queue = yaml_need(value, "queue", s->problems), *by = yaml_need(value, "by", s->problems);
    const yaml_node *alerts = yaml_need(value, "alerts", s->problems);
    if (queue == NULL || by == NULL || alerts == NULL) return;
    if (!story_known(s, queue, STORY_QUEUES) || !story_known(s, by, STORY_STAFF)) return;
    Mash__V1__DailyList list;
    names found = {.count = 0};
    char all[600];
    if (world_daily(&s->world, yaml_text(by, 60, s->problems), yaml_text(queue, 60, s->problems), &list)) {
        for (size_t i = 0; i < list.n_items; i++)
            add_name(&found, list.items[i]->alert_id);
    }
    put_names(&found, all, sizeof all);
    bool expects_none = yaml_is_text(alerts) && strcmp(yaml_text(alerts, 20, s->problems), "none") == 0;
    bool is_so = expects_none ? found.count == 0 : story_list_count(s, alerts) == found.count;
    for (size_t i = 0; is_so && i < found.count; i++)
        is_so = has_name(&found, yaml_text(story_list_item(alerts, i), 20, s->problems));
    if (!is_so) yaml_complain(alerts, s->problems, "%s: on the daily list stand: %s", s->title, all);
}

typedef struct word {
    const char *word;
    void (*check)(story *s, const yaml_node *value);
} word;

static const word WORDS[] = {
    {"alert", check_alert}, /* first: it says what the others are about */
    {"nobody_told", check_nobody_told},
    {"escalated", check_escalated},
    {"refused", check_refused},
    {"explains", check_explains},
    {"alerts", check_alerts},
    {"open_alerts", check_open_alerts},
    {"rating", check_rating},
    {"owner", check_owner},
    {"offered", check_offered},
    {"state", check_state},
    {"queue", check_queue},
    {"lines", check_lines},
    {"decided", check_decided},
    {"due", check_due},
    {"disagreement", check_disagreement},
    {"daily", check_daily},
};
enum { WORD_COUNT = sizeof WORDS / sizeof WORDS[0] };

static void check_words(story *s, const yaml_node *expect)
{
    for (size_t i = 0; i < yaml_count(expect); i++) {
        const char *key = yaml_key(expect, i);
        const char *nearest = NULL;
        bool known = false;
        for (size_t k = 0; k < WORD_COUNT + LIST_COUNT; k++) {
            const char *candidate = k < WORD_COUNT ? WORDS[k].word : LISTS[k - WORD_COUNT].word;
            known = known || strcmp(candidate, key) == 0;
            if (yaml_is_nearer(key, candidate, nearest)) nearest = candidate;
        }
        if (!known)
            yaml_complain(yaml_key_node(expect, i), s->problems, "nothing is called '%.40s' that a story could expect%s%s%s", key,
                          nearest == NULL ? "" : "; did you mean '", nearest == NULL ? "" : nearest, nearest == NULL ? "" : "'?");
    }
}

void story_expect(story *s, const yaml_node *expect)
{
    if (yaml_count(expect) == 0 || !yaml_is_map(expect))
        yaml_complain(expect, s->problems, "expect what? expect: {told: [QUEUE]}");
    check_words(s, expect);
    for (size_t k = 0; k < WORD_COUNT; k++) {
        const yaml_node *value = yaml_get(expect, WORDS[k].word);
        if (value != NULL) WORDS[k].check(s, value);
    }
    for (size_t k = 0; k < LIST_COUNT; k++) {
        const yaml_node *value = yaml_get(expect, LISTS[k].word);
        if (value != NULL) check_list(s, value, &LISTS[k]);
    }
}
