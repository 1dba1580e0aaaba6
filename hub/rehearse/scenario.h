/* scenario.h - stories that a policy must tell right: given events, acts and a clock; expect alerts, recipients, deadlines, reasons, and
 * what each audience must not see. Written in YAML by practitioners, who need no hub and no C for it.
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
 *             is: {attended: true}                      # fields of the payload, as the contract names them
 *             also: {summary: ...}                      # fields of the event
 *           - expect: {rating: red, told: [portsmouth_childrens], due: {red_decision: 2026-03-28 02:40}}
 *           - {at: 2026-03-27 22:50, act: claim, by: pc-1, on: A1}
 *           - until: 2026-03-28 02:40                   # lets time pass
 *           - shown: {queue: portsmouth_encompass, has: [kim], not: [dad]}
 *
 * Expectations are about the step before (told, because, lapsed ...) or about how things stand (rating, owner, due ...).
 */
#ifndef REHEARSE_SCENARIO_H
#define REHEARSE_SCENARIO_H

#include "core/policy.h"
#include "yaml/yaml.h"

typedef struct scenario_counts {
    uint32_t run, failed, expectations;
} scenario_counts;

/* Runs every scenario of one file against a compiled policy. Each that does not hold is a complaint: "file:line:column: ...: expected
 * X, but Y". Adds to `counts`. HUB_OK also when some fail; HUB_ERR_INVALID (the file cannot be read as scenarios; said in problems);
 * HUB_ERR_MEMORY. */
hub_status scenario_run_file(const core_policy *policy, const char *path, yaml_problems *problems, scenario_counts *counts);

#endif
