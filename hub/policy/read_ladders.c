/* escalation, disagreement: who is told next when nobody has acted in time, and who settles it when two teams differ. */
#include "compiler.h"

#include <stdio.h>
#include <string.h>

enum { SUFFIX_BYTES = 12, LADDER_ID_MAX = CORE_NAME_MAX - SUFFIX_BYTES }; /* "/outcome" and "/12ua" stand behind it */

/* "every" or a service. */
static void read_service(policy_compiler *c, const yaml_node *node, char out[CORE_NAME_MAX])
{
    if (yaml_is_text(node) && strcmp(yaml_text(node, 200, c->problems), "every") == 0) return;
    policy_service_name(c, node, out);
}

/* The list, or NULL after a complaint. */
static const yaml_node *need_rungs(policy_compiler *c, const yaml_node *row, const char *key)
{
    const yaml_node *list = yaml_need(row, key, c->problems);
    if (list == NULL) return NULL;
    if (yaml_is_list(list) && yaml_count(list) >= 1 && yaml_count(list) <= CORE_LADDER_STEPS_MAX) return list;
    yaml_complain(list, c->problems, "'%s' is a list of 1 to %d rows", key, CORE_LADDER_STEPS_MAX);
    return NULL;
}

static uint32_t need_role(policy_compiler *c, const yaml_node *map)
{
    int32_t role = policy_find_role(c, yaml_need(map, "role", c->problems));
    return role >= 0 ? (uint32_t)role : 0;
}

/* ---- escalation ----------------------------------------------------------------------------------------------------------- */

static void read_ladder_ratings(policy_compiler *c, const yaml_node *list, core_ladder *ladder)
{
    if (list == NULL) return;
    if (!yaml_is_list(list) || yaml_count(list) == 0) {
        yaml_complain(list, c->problems, "ratings are a list: [red, amber]");
        return;
    }
    for (size_t i = 0; i < yaml_count(list); i++) {
        int rating = policy_enum(c, yaml_item(list, i), "rating", &mash__v1__rating__descriptor);
        if (rating > 0) ladder->ratings |= UINT32_C(1) << rating;
    }
}

static void read_step(policy_compiler *c, const yaml_node *node, core_ladder *ladder)
{
    static const char *const UNLESS[] = {"seen", "claimed", "rated", "informed", "decided", NULL};
    if (!yaml_only(node, c->problems, "wait", "unless", "tell", "with_events", "plain", NULL) && !yaml_is_map(node)) return;
    core_step *step = &ladder->steps[ladder->step_count++];
    step->place = policy_place(c, node);
    core_clock_row like = {.from = CORE_FROM_STORED};
    policy_need_text(c, node, "plain", like.plain, sizeof like.plain);
    memcpy(like.source, ladder->source, sizeof like.source);
    const yaml_node *unless = yaml_need(node, "unless", c->problems), *tell = yaml_need(node, "tell", c->problems);
    like.met_by = (core_met_by)(CORE_MET_SEEN + policy_word(c, unless, UNLESS, "seen, claimed, rated, informed or decided"));
    char suffix[SUFFIX_BYTES];
    (void)snprintf(suffix, sizeof suffix, "%u", ladder->step_count);
    const yaml_node *wait = yaml_need(node, "wait", c->problems);
    if (wait != NULL) step->clock = policy_clock_inline(c, wait, ladder->id, suffix, &like);
    step->with_events = yaml_bool(yaml_get(node, "with_events"), c->problems);
    if (tell == NULL || (!yaml_only(tell, c->problems, "role", "service", NULL) && !yaml_is_map(tell))) return;
    step->role = need_role(c, tell);
    policy_service_name(c, yaml_need(tell, "service", c->problems), step->service);
}

static void read_ladder(policy_compiler *c, const yaml_node *row, core_ladder *ladders)
{
    if (!yaml_only(row, c->problems, "id", "ratings", "service", "area", "plain", "source", "review", "steps", NULL) &&
        !yaml_is_map(row))
        return;
    core_ladder *ladder = &ladders[c->policy->ladder_count];
    *ladder = (core_ladder){.ratings = 0};
    if (!policy_new_name(c, yaml_need(row, "id", c->problems), "ladder", ladder->id, LADDER_ID_MAX, ladders,
                         c->policy->ladder_count, sizeof *ladder)) {
        return;
    }
    policy_need_text(c, row, "plain", ladder->plain, sizeof ladder->plain);
    policy_need_text(c, row, "source", ladder->source, sizeof ladder->source);
    read_ladder_ratings(c, yaml_need(row, "ratings", c->problems), ladder);
    read_service(c, yaml_need(row, "service", c->problems), ladder->service);
    policy_area_or_every(c, yaml_get(row, "area"), ladder->area);
    const yaml_node *steps = need_rungs(c, row, "steps");
    for (size_t i = 0; i < yaml_count(steps); i++)
        read_step(c, yaml_item(steps, i), ladder);
    policy_review(c, row, "ladder", ladder->id);
    c->policy->ladder_count++;
}

/* ---- disagreement --------------------------------------------------------------------------------------------------------- */

/* What a lapse of this time says. A stage's own line alone would read as if they had spoken. */
static void say_stage_time(core_clock_row *row, const char *promise, const core_stage *stage)
{
    size_t length = strlen(promise) + strlen(stage->plain);
    (void)snprintf(row->plain, sizeof row->plain, "%s%s", length < sizeof row->plain ? promise : "", stage->plain);
}

/* A stage's time under `key`; -1 when it is not given. */
static int32_t read_stage_time(policy_compiler *c, const yaml_node *node, const char *key, const char *letters,
                               const core_disagreement_ladder *ladder, const core_stage *stage)
{
    const yaml_node *time = yaml_get(node, key);
    if (time == NULL) return -1;
    core_clock_row like = {.from = CORE_FROM_STORED, .met_by = CORE_MET_OTHER};
    bool is_answer = strncmp(key, "acknowledge", strlen("acknowledge")) == 0;
    say_stage_time(&like, is_answer ? "the other side has answered; " : "settled between both sides; ", stage);
    memcpy(like.source, ladder->source, sizeof like.source);
    char suffix[SUFFIX_BYTES];
    (void)snprintf(suffix, sizeof suffix, "%u%s", stage->number, letters);
    return (int32_t)policy_clock_inline(c, time, ladder->id, suffix, &like);
}

static uint32_t need_stage_time(policy_compiler *c, const yaml_node *node, const char *key, const char *letters,
                                const core_disagreement_ladder *ladder, const core_stage *stage)
{
    (void)yaml_need(node, key, c->problems);
    int32_t clock = read_stage_time(c, node, key, letters, ladder, stage);
    return clock >= 0 ? (uint32_t)clock : 0;
}

static void read_stage(policy_compiler *c, const yaml_node *node, core_disagreement_ladder *ladder)
{
    if (!yaml_only(node, c->problems, "stage", "plain", "role", "optional", "decides", "board_office", "standard", "urgent",
                   "acknowledge", "acknowledge_urgent", NULL) &&
        !yaml_is_map(node)) {
        return;
    }
    const yaml_node *number = yaml_need(node, "stage", c->problems);
    core_stage *stage = &ladder->stages[ladder->stage_count];
    *stage = (core_stage){.number = (uint32_t)yaml_int(number, 0, 99, c->problems), .place = policy_place(c, node)};
    if (number != NULL && ladder->stage_count > 0 && stage->number <= ladder->stages[ladder->stage_count - 1].number) {
        yaml_complain(number, c->problems, "stages must ascend: this one is not after the one before it");
    }
    ladder->stage_count++;
    policy_need_text(c, node, "plain", stage->plain, sizeof stage->plain);
    stage->role = need_role(c, node);
    stage->optional = yaml_bool(yaml_get(node, "optional"), c->problems);
    stage->decides = yaml_bool(yaml_get(node, "decides"), c->problems);
    stage->board_office = yaml_bool(yaml_get(node, "board_office"), c->problems);
    stage->standard = need_stage_time(c, node, "standard", "", ladder, stage);
    stage->urgent = need_stage_time(c, node, "urgent", "u", ladder, stage);
    stage->acknowledge = read_stage_time(c, node, "acknowledge", "a", ladder, stage);
    stage->acknowledge_urgent = read_stage_time(c, node, "acknowledge_urgent", "ua", ladder, stage);
}

/* By name, or inline. */
static void read_written_outcome(policy_compiler *c, const yaml_node *node, core_disagreement_ladder *ladder)
{
    if (node == NULL) return;
    if (yaml_is_map(node)) {
        core_clock_row like = {.met_by = CORE_MET_OTHER, .plain = "the outcome of the disagreement is written down"};
        memcpy(like.source, ladder->source, sizeof like.source);
        ladder->outcome = policy_clock_inline(c, node, ladder->id, "outcome", &like);
        return;
    }
    int32_t found = policy_find_clock(c, node);
    ladder->outcome = found >= 0 ? (uint32_t)found : 0;
}

static void read_chair(policy_compiler *c, const yaml_node *node, core_disagreement_ladder *ladder)
{
    if (node == NULL || (!yaml_only(node, c->problems, "role", "queue", NULL) && !yaml_is_map(node))) return;
    ladder->chair_role = need_role(c, node);
    ladder->chair_queue = policy_find_queue(c, yaml_need(node, "queue", c->problems));
}

static void read_extend(policy_compiler *c, const yaml_node *node, core_disagreement_ladder *ladder)
{
    if (node == NULL) return;
    core_clock_row like = {.met_by = CORE_MET_OTHER, .plain = "a stage is put off by at most as much"};
    memcpy(like.source, ladder->source, sizeof like.source);
    ladder->extend = (int32_t)policy_clock_inline(c, node, ladder->id, "extend", &like);
}

static void read_disagreement(policy_compiler *c, const yaml_node *row, core_disagreement_ladder *ladders)
{
    if (!yaml_only(row, c->problems, "id", "service", "area", "danger", "source", "review", "outcome", "board", "chair", "extend",
                   "stages", NULL) &&
        !yaml_is_map(row)) {
        return;
    }
    core_disagreement_ladder *ladder = &ladders[c->policy->disagreement_count];
    *ladder = (core_disagreement_ladder){.board_queue = -1, .chair_queue = -1, .extend = -1};
    if (!policy_new_name(c, yaml_need(row, "id", c->problems), "ladder", ladder->id, LADDER_ID_MAX, ladders,
                         c->policy->disagreement_count, sizeof *ladder)) {
        return;
    }
    for (uint32_t i = 0; i < c->policy->ladder_count; i++) { /* or two clocks would have one id */
        if (strcmp(c->policy->ladders[i].id, ladder->id) != 0) continue;
        yaml_complain(yaml_get(row, "id"), c->problems, "ladder '%s' stands under 'escalation' too; names are given once",
                      ladder->id);
    }
    policy_need_text(c, row, "danger", ladder->danger, sizeof ladder->danger);
    policy_need_text(c, row, "source", ladder->source, sizeof ladder->source);
    const yaml_node *service = yaml_need(row, "service", c->problems), *board = yaml_get(row, "board");
    read_service(c, service, ladder->service);
    policy_area_or_every(c, yaml_get(row, "area"), ladder->area);
    for (uint32_t i = 0; service != NULL && i < c->policy->disagreement_count; i++) {
        if (strcmp(ladders[i].service, ladder->service) != 0 || strcmp(ladders[i].area, ladder->area) != 0) continue;
        yaml_complain(service, c->problems, "ladder '%s' is for the same service and area; keep one", ladders[i].id);
    }
    if (board != NULL) ladder->board_queue = policy_find_queue(c, board);
    read_chair(c, yaml_get(row, "chair"), ladder);
    read_extend(c, yaml_get(row, "extend"), ladder);
    read_written_outcome(c, yaml_need(row, "outcome", c->problems), ladder);
    const yaml_node *stages = need_rungs(c, row, "stages");
    for (size_t i = 0; i < yaml_count(stages); i++)
        read_stage(c, yaml_item(stages, i), ladder);
    for (uint32_t i = 0; board == NULL && i < ladder->stage_count; i++) {
        if (!ladder->stages[i].board_office) continue;
        yaml_complain(yaml_item(stages, i), c->problems,
                      "stage %u tells the board office, and this ladder has no 'board': name its queue",
                      ladder->stages[i].number);
    }
    policy_review(c, row, "ladder", ladder->id);
    c->policy->disagreement_count++;
}

void policy_read_ladders(policy_compiler *c)
{
    const yaml_node *row;
    core_ladder *ladders = policy_table_if_any(c, "escalation", sizeof *ladders, CORE_POLICY_LADDERS_MAX);
    c->policy->ladders = ladders;
    for (size_t i = 0; ladders != NULL && (row = policy_row(c, "escalation", i)) != NULL; i++)
        read_ladder(c, row, ladders);
    core_disagreement_ladder *disagreements =
        policy_table_if_any(c, "disagreement", sizeof *disagreements, CORE_POLICY_LADDERS_MAX);
    c->policy->disagreements = disagreements;
    for (size_t i = 0; disagreements != NULL && (row = policy_row(c, "disagreement", i)) != NULL; i++)
        read_disagreement(c, row, disagreements);
}
