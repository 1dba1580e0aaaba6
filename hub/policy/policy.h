/* policy.h - from YAML sources to a compiled policy. The same sources give the same tables, on every machine, for ever: the
 * journal carries the sources, and a fold compiles them again. */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

#include "base/bytes.h"
#include "core/policy.h"
#include "yaml/yaml.h"

typedef struct policy_source {
    char name[64]; /* "rules.yaml": relative to the policy folder */
    hub_buffer text;
} policy_source;

typedef struct policy_sources {
    policy_source *items;
    size_t count;
} policy_sources;

/* Reads every *.yaml below `folder` (names in byte order; entries that begin with '.' are passed over). HUB_OK;
 * HUB_ERR_NOT_FOUND (no folder, or no file in it), HUB_ERR_IO, HUB_ERR_INVALID (too many, too large), HUB_ERR_MEMORY. */
hub_status policy_sources_read(const char *folder, policy_sources *out, hub_error *err);
void policy_sources_free(policy_sources *sources);
/* BLAKE2b-256 as record.proto's PolicyAdopted.digest defines it. */
void policy_sources_digest(const policy_sources *sources, uint8_t digest[32]);

/* Compiles. HUB_OK with *out GIVEN (end with policy_free); HUB_ERR_INVALID with every complaint in `problems`; HUB_ERR_MEMORY.
 * Complaints name "<shown_folder>/<name>:line:column"; shown_folder may be "". */
hub_status policy_compile(const policy_sources *sources, const char *shown_folder, core_policy **out, yaml_problems *problems);
/* As policy_compile, but reads the calendars alone (sections bank_holidays, school_terms, calendars): all other tables are
 * empty. For reckoning with a calendar that belongs to no policy. */
hub_status policy_compile_calendars(const policy_sources *sources, const char *shown_folder, core_policy **out,
                                    yaml_problems *problems);
/* NULL is allowed. */
void policy_free(core_policy *policy);

/* Complaints and warnings about a policy that compiles, as lines "rules.yaml:12:5: ..." and "rules.yaml:12:5: warning: ..."
 * ("policy: ..." about what no file says), on `today` (days since 1970).
 *
 * The same is asked of the day of the check and of every later day on which a row of the roster, routes, areas or rules begins or ends.
 *
 * Complaints: a payload no rule is for, a rule that nothing can start, a service without a queue in an area that needs it, a queue nobody
 * consumes, a queue that receives alerts with an audience below restricted, a statutory clock whose lapse only the team that missed it
 * hears, a school-day clock whose calendar has no terms ahead, a calendar past its end; no people, teams, roles, outcomes, ladders,
 * feedback or alarms at all; a step or stage that nobody on the roster holds; a stage whose role may not settle; an alert that nobody
 * could take where it goes, a Red that reaches nobody at some hour; a queue from which somebody takes alerts, and a rating that climbs no
 * ladder there; an alarm that reaches nobody, also about an alert of one area; a ladder of disagreement of which not the last stage, and
 * it alone, decides; a rating that may promise later than the statute without a recorded reason.
 * Warnings: a payload whose every rule has further conditions (some events may match none), a rule, clock, audience or ladder past its
 * review date, a rule whose days are over, a rule that another makes needless, a calendar that ends within 180 days, an audience or a
 * clock nobody uses, an urgent time that can span a closed day. */
void policy_check(const core_policy *policy, int32_t today, yaml_problems *problems);

/* The whole policy as text that a person can read against the agreement it came from, at the end of `out`. */
void policy_describe(const core_policy *policy, hub_buffer *out);

/* One flow of personal data: events of this kind from this agency reach this audience; or what a person writes does. */
typedef struct policy_flow {
    Mash__V1__Agency agency; /* UNSPECIFIED: whichever sends it */
    const char *what;        /* payload of the event, "child_concern"; of what a person writes, "question" or "feedback" */
    bool is_event;           /* the audience is given the fields of every event too */
    const core_audience *audience;
    const char *fields; /* "a, b": what is given of this payload, beside the fields of every event; "" = nothing */
    const char *
        because; /* "R-ONE, R-TWO (out of hours; sent on; E-RED)": rules that send it, and how else than at once to their target */
} policy_flow;
typedef void policy_flow_cb(void *context, const policy_flow *flow);

/* Tells every flow that some rule, rating, ladder or act opens on `today`, audience by audience: events by payload and agency, then what
 * people write. A person may rate an alert anew, so the out-of-hours service and the ladders of every rating count; and send it on to
 * every team that takes alerts. HUB_OK or HUB_ERR_MEMORY. */
hub_status policy_flows(const core_policy *policy, int32_t today, policy_flow_cb *each, void *context);
/* "event_id, agency, subjects.roles ...": what this audience is given of every event, whatever its payload. At the end of `out`. */
void policy_common_fields(const core_audience *audience, hub_buffer *out);

#endif
