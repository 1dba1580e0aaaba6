#include "rehearse/scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/civil.h"
#include "rehearse/story.h"

int64_t story_instant(story *s, const yaml_node *node)
{
    const char *text = yaml_text(node, 40, s->problems);
    int year;
    int month;
    int day;
    int hour = 0;
    int minute = 0;
    int read = 0;
    bool is_whole = sscanf(text, "%4d-%2d-%2d %2d:%2d%n", &year, &month, &day, &hour, &minute, &read) == 5 && text[read] == '\0';
    bool is_civil = is_whole && year >= 1970 && year <= 2200 && month >= 1 && month <= 12 && day >= 1 &&
                    day <= core_civil_month_days(year, month) && hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59;
    if (!is_civil) {
        if (yaml_is_text(node)) yaml_complain(node, s->problems, "a time is written like 2026-03-27 22:40");
        return 0;
    }
    const core_calendar *civil = &s->policy->calendars[0];
    return core_zone_instant(civil->zone, civil->zone_count, core_civil_day(year, month, day), hour * 60 + minute,
                             CORE_FIRST_OCCURRENCE);
}

static void read_people(story *s, const yaml_node *people)
{
    for (size_t i = 0; i < yaml_count(people); i++) {
        if (s->person_count == STORY_PEOPLE_MAX) {
            yaml_complain(people, s->problems, "a story is about at most %d people", STORY_PEOPLE_MAX);
            return;
        }
        story_person *person = &s->people[s->person_count++];
        person->name = yaml_key(people, i);
        person->said = yaml_value(people, i);
        (void)yaml_need(person->said, "is", s->problems);
        const yaml_node *nhs = yaml_get(person->said, "nhs");
        bool has_none = nhs != NULL && strcmp(yaml_text(nhs, 20, s->problems), "none") == 0;
        if (nhs != NULL && !has_none) {
            story_nhs_number((uint32_t)yaml_int(nhs, 1, 10000, s->problems), person->nhs);
        } else if (nhs == NULL) {
            story_nhs_number(100 + s->person_count, person->nhs);
        }
    }
}

static void pass_to(story *s, const yaml_node *at)
{
    int64_t at_ms = story_instant(s, at);
    if (at_ms == 0) return;
    if (at_ms < s->world.now_ms) {
        yaml_complain(at, s->problems, "%s: time does not run backwards in a story", s->title);
        return;
    }
    world_pass_to(&s->world, at_ms);
}

/* What the hub refuses must be what the story is about; otherwise the rest of it is about nothing. */
static void check_refusal(story *s, const yaml_node *step, const yaml_node *next)
{
    if (s->world.step.refused[0] == '\0') return;
    const yaml_node *expect = next == NULL ? NULL : yaml_get(next, "expect");
    if (expect != NULL && yaml_get(expect, "refused") != NULL) return;
    yaml_complain(step, s->problems,
                  "%s: the hub refuses this: %s (if it should, the next step says 'expect: {refused: words of that}')", s->title,
                  s->world.step.refused);
}

static void run_step(story *s, const yaml_node *step, const yaml_node *next, scenario_counts *counts)
{
    const yaml_node *expect = yaml_get(step, "expect");
    const yaml_node *shown = yaml_get(step, "shown");
    if (expect != NULL || shown != NULL) {
        (void)yaml_only(step, s->problems, "expect", "shown", NULL);
        counts->expectations += expect != NULL && shown != NULL ? 2 : 1;
        if (expect != NULL) story_expect(s, expect);
        if (shown != NULL) story_shown(s, shown);
        return;
    }
    world_begin_step(&s->world);
    const yaml_node *until = yaml_get(step, "until");
    const yaml_node *at = until != NULL ? until : yaml_get(step, "at");
    if (at != NULL) pass_to(s, at);
    if (until == NULL) world_begin_step(&s->world); /* what time alone has brought about is not the step's doing */
    if (until != NULL) {
        (void)yaml_only(step, s->problems, "until", NULL);
    } else if (yaml_get(step, "act") != NULL) {
        story_act(s, step);
    } else if (!story_event(s, step)) {
        yaml_complain(step, s->problems,
                      "%s: a step says an event (police: domestic_abuse_incident), an act (act: claim), until, expect or shown",
                      s->title);
    }
    check_refusal(s, step, next);
}

static int64_t first_instant(story *s, const yaml_node *steps)
{
    const yaml_node *first = yaml_item(steps, 0);
    const yaml_node *at = yaml_need(first, "at", s->problems);
    return at == NULL ? 0 : story_instant(s, at);
}

static hub_status run_scenario(const core_policy *policy, const yaml_node *node, yaml_problems *problems, scenario_counts *counts)
{
    uint32_t before = problems->count;
    uint32_t expectations = counts->expectations;
    counts->run++;
    story *s = calloc(1, sizeof *s);
    if (s == NULL) return HUB_ERR_MEMORY;
    s->policy = policy;
    s->problems = problems;
    s->title = "";
    hub_status status = HUB_OK;
    if (yaml_only(node, problems, "scenario", "why", "people", "story", NULL)) {
        s->title = yaml_text(yaml_need(node, "scenario", problems), 200, problems);
        (void)yaml_text(yaml_need(node, "why", problems), 400, problems);
        read_people(s, yaml_need(node, "people", problems));
        const yaml_node *steps = yaml_need(node, "story", problems);
        int64_t begin_ms = first_instant(s, steps);
        if (problems->count == before) status = world_open(&s->world, policy, begin_ms);
        for (size_t i = 0; status == HUB_OK && problems->count == before && i < yaml_count(steps); i++) {
            run_step(s, yaml_item(steps, i), yaml_item(steps, i + 1), counts); /* what follows a step that failed says nothing */
            if (s->world.failed)
                yaml_complain(yaml_item(steps, i), problems, "%s: this story is too long to be kept; make two of it", s->title);
        }
        if (s->world.state != NULL) world_close(&s->world);
        if (problems->count == before && counts->expectations == expectations)
            yaml_complain(steps, problems, "%s: this story expects nothing, so it holds whatever the policy says", s->title);
    }
    counts->failed += problems->count > before ? 1 : 0;
    free(s);
    return status;
}

hub_status scenario_run(const core_policy *policy, const yaml_document *document, yaml_problems *problems,
                        scenario_counts *counts)
{
    const yaml_node *root = yaml_root(document);
    if (!yaml_only(root, problems, "scenarios", NULL)) return HUB_ERR_INVALID;
    const yaml_node *list = yaml_need(root, "scenarios", problems);
    if (list == NULL) return HUB_ERR_INVALID;
    if (!yaml_is_list(list) || yaml_count(list) == 0) {
        yaml_complain(list, problems, "a list of scenarios is expected here");
        return HUB_ERR_INVALID;
    }
    hub_status status = HUB_OK;
    for (size_t i = 0; status == HUB_OK && i < yaml_count(list); i++)
        status = run_scenario(policy, yaml_item(list, i), problems, counts);
    return status;
}

hub_status scenario_run_file(const core_policy *policy, const char *path, yaml_problems *problems, scenario_counts *counts)
{
    yaml_document *document = yaml_read_file(path, problems);
    if (document == NULL) return HUB_ERR_INVALID;
    hub_status status = scenario_run(policy, document, problems, counts);
    yaml_close(document);
    return status;
}
