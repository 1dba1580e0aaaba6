/* scenario.h - stories that a policy must tell right: given events, acts and a clock; expect alerts, recipients, deadlines, reasons, and
 * what each audience must not see. Written in YAML by practitioners, who need no hub and no C for it; config/hips/scenarios/README.md
 * tells them how, with every word.
 *
 *     scenarios:
 *       - scenario: A red at twenty to eleven on a Friday night reaches somebody who is awake
 *         why: nobody may wait for Monday
 *         people:
 *           kim: {is: child, born: 2019-05-02}          # a test NHS number each, unless "nhs: none"
 *           dad: {is: alleged_perpetrator, relations: {kim: parent_of}}
 *         story:
 *           - at: 2026-03-27 22:40                      # civil time of the policy's first calendar
 *             police: domestic_abuse_incident           # agency: payload
 *             area: Portsmouth
 *             about: [kim, dad]
 *             is: {attended: yes}                       # fields of the payload, as the contract names them
 *           - expect: {rating: red, told: [portsmouth_childrens], due: {red_decision: 2026-03-28 02:40}}
 *           - {at: 2026-03-27 22:50, act: claim, by: pc-1}
 *           - until: 2026-03-28 02:40                   # lets time pass
 *           - shown: {queue: portsmouth_encompass, has: [kim], not: [dad]}
 *
 * Promises
 *   Q1  what a story names and the policy does not know (a queue, rule, clock, person of the roster, outcome) is a mistake in the story
 *   Q2  "not shown" holds only of words that somebody in the story said
 *   Q3  what the hub refuses, and the next step does not expect to be refused, ends the story
 *   Q4  the same policy and story give the same result: the real core decides, nothing is stored and no clock is read
 */
#ifndef REHEARSE_SCENARIO_H
#define REHEARSE_SCENARIO_H

#include "core/policy.h"
#include "yaml/yaml.h"

typedef struct scenario_counts {
    uint32_t run, failed, expectations;
} scenario_counts;

/* Runs every scenario of a document against a compiled policy. Each that does not hold is a complaint: "file:line:column: TITLE: expected
 * X, but Y". Adds to `counts`. HUB_OK also when some fail; HUB_ERR_INVALID (it cannot be read as scenarios; said in problems);
 * HUB_ERR_MEMORY. */
hub_status scenario_run(const core_policy *policy, const yaml_document *document, yaml_problems *problems,
                        scenario_counts *counts);
hub_status scenario_run_file(const core_policy *policy, const char *path, yaml_problems *problems, scenario_counts *counts);

#endif
