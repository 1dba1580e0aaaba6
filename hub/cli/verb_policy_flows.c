/* policy flows - which agency's events reach whom, with which fields, on which basis: the annex of a data protection impact
 * assessment, from the very tables that deliveries are built by. */
#include "cli/verbs.h"

#include <stdlib.h>
#include <string.h>

#include "cli/settings.h"
#include "cli/table.h"
#include "core/civil.h"
#include "event/event.h"
#include "host/clock.h"
#include "json/json.h"
#include "policy/policy.h"

enum { LINE_WIDTH = 110, LABEL_WIDTH = 18 };

typedef struct flows_page {
    const cli_call *call;
    const core_policy *policy;
    const core_audience *audience; /* the table is open for this one */
    table rows;
    hub_buffer out;
} flows_page;

/* A label, and after it a list broken into lines between its items. */
static void put_wrapped(hub_buffer *out, const char *label, const char *list)
{
    hub_buffer_put_format(out, "    %-*s", LABEL_WIDTH, label);
    size_t column = 4 + LABEL_WIDTH;
    for (const char *at = list; *at != '\0';) {
        size_t size = strcspn(at, " ");
        if (at > list && column + size >= LINE_WIDTH) {
            hub_buffer_put_format(out, "\n    %-*s", LABEL_WIDTH, "");
            column = 4 + LABEL_WIDTH;
        } else if (at > list) {
            hub_buffer_put_text(out, " ");
        }
        hub_buffer_put(out, at, size);
        column += size + 1;
        at += size + (at[size] == ' ' ? 1 : 0);
    }
    hub_buffer_put_text(out, "\n");
}

/* Names with ", " between them. */
static void put_roles(uint64_t roles, hub_buffer *out)
{
    char name[64];
    for (int i = 0; i < 64; i++) {
        if ((roles >> i & 1) == 0) continue;
        hub_buffer_put_format(out, "%s%s", out->size > 0 ? ", " : "",
                              event_enum_name(&mash__v1__subject_role__descriptor, i, name));
    }
}

static void put_queues(const core_policy *policy, const core_audience *audience, hub_buffer *out)
{
    for (uint32_t i = 0; i < policy->queue_count; i++) {
        if (&policy->audiences[policy->queues[i].audience] != audience) continue;
        hub_buffer_put_format(out, "%s%s", out->size > 0 ? ", " : "", policy->queues[i].name);
    }
}

/* "Thames Valley Police (niche/43) for encompass" */
static void put_choices(const core_policy *policy, const core_audience *audience, hub_buffer *out)
{
    for (uint32_t i = 0; i < policy->force_count; i++) {
        const core_force *force = &policy->forces[i];
        if (&policy->audiences[force->audience] != audience) continue;
        hub_buffer_put_format(out, "%s%s (%s) for %s", out->size > 0 ? ", " : "", force->name, force->source_system,
                              force->service);
    }
}

/* ---- for people ------------------------------------------------------------------------------------------------------------ */

static void end_table(flows_page *page)
{
    if (page->audience == NULL) return;
    table_print(&page->rows, page->call->colour, &page->out);
    table_close(&page->rows);
    page->audience = NULL;
}

static void begin_table(flows_page *page, const core_audience *audience)
{
    char class[64];
    hub_buffer list = {0};
    hub_buffer_put_format(&page->out, "\n%s\n", audience->name);
    put_wrapped(&page->out, "basis", audience->basis);
    put_wrapped(&page->out, "agreed in", audience->source);
    hub_buffer_put_format(&page->out, "    %-*s%s and below\n", LABEL_WIDTH, "class",
                          event_enum_name(&mash__v1__sensitivity__descriptor, (int)audience->sees_up_to, class));
    put_roles(audience->subject_roles, &list);
    put_wrapped(&page->out, "people", list.size > 0 ? hub_buffer_text(&list) : "everybody in the event");
    list.size = 0;
    put_roles(audience->near, &list);
    if (list.size > 0) {
        put_wrapped(&page->out, "may be near", hub_buffer_text(&list));
        hub_buffer_put_format(&page->out, "    %-*s%s\n", LABEL_WIDTH, "",
                              "so no place and no text goes along once one is known near somebody in the event");
    }
    list.size = 0;
    hub_buffer_put_format(&page->out, "    %-*s%s\n", LABEL_WIDTH, "what is withheld",
                          audience->silent ? "is not named" : "is named, by field");
    put_queues(page->policy, audience, &list);
    if (list.size > 0) put_wrapped(&page->out, "queues", hub_buffer_text(&list));
    list.size = 0;
    put_choices(page->policy, audience, &list);
    if (list.size > 0) put_wrapped(&page->out, "chosen by", hub_buffer_text(&list));
    if (audience->one_by_one) put_wrapped(&page->out, "notices", "one for each person, with nobody else in it");
    hub_buffer_put_format(&page->out, "    %-*s%s%s%s\n", LABEL_WIDTH, "of acts", "that it was done, by which team",
                          audience->acts_who ? ", who did it" : "", audience->acts_words ? ", what they wrote" : "");
    list.size = 0;
    policy_common_fields(audience, &list);
    put_wrapped(&page->out, "of every event", list.size > 0 ? hub_buffer_text(&list) : "nothing");
    hub_buffer_free(&list);
    table_open(&page->rows, "EVENT", "FROM", "AND OF THIS ONE", "BECAUSE", NULL);
    page->audience = audience;
}

static const char *agency_words(const policy_flow *flow)
{
    const char *name = event_agency_name(flow->agency);
    return name != NULL ? name : "any agency";
}

static void put_row(void *context, const policy_flow *flow)
{
    flows_page *page = context;
    if (page->audience != flow->audience) {
        end_table(page);
        begin_table(page, flow->audience);
    }
    table_put(&page->rows, PRINT_NORMAL, flow->what, agency_words(flow), flow->fields[0] != '\0' ? flow->fields : "-",
              flow->because, NULL);
}

static void put_heading(flows_page *page, int32_t today)
{
    char digest[2 * HUB_DIGEST_BYTES + 1];
    core_civil_date date = core_civil_date_of(today);
    hub_hex(page->policy->digest, HUB_DIGEST_BYTES, digest);
    hub_buffer_put_format(
        &page->out,
        "What reaches whom: policy of %s, digest %s, on %04d-%02d-%02d\n\n"
        "Each audience is given the fields named here and no other; what else an event states is taken out before it\n"
        "leaves the hub, and an event above the audience's class does not reach it at all. 'Because' names the rules;\n"
        "in brackets how it gets there when not at once: out of hours, by a person who sends the alert on, or by a ladder\n"
        "when nobody has acted. A question put to an agency and the feedback to a referrer are written by a person and\n"
        "reach that agency whole; what is written on a disagreement reaches both its sides whole.\n",
        page->policy->partnership, digest, (int)date.year, (int)date.month, (int)date.day_of_month);
}

/* ---- for programs ---------------------------------------------------------------------------------------------------------- */

static void put_json_list(hub_buffer *out, const char *key, const char *list)
{
    hub_buffer_put_format(out, ",\"%s\":[", key);
    for (const char *at = list; *at != '\0';) {
        const char *end = strstr(at, ", ");
        size_t size = end != NULL ? (size_t)(end - at) : strlen(at);
        hub_buffer item = {0};
        hub_buffer_put(&item, at, size);
        if (at > list) hub_buffer_put_text(out, ",");
        json_put_text(out, hub_buffer_text(&item));
        hub_buffer_free(&item);
        at += size + (end != NULL ? 2 : 0);
    }
    hub_buffer_put_text(out, "]");
}

static void put_json_row(void *context, const policy_flow *flow)
{
    flows_page *page = context;
    char class[64];
    hub_buffer fields = {0}, roles = {0}, queues = {0}, choices = {0};
    if (flow->is_event) policy_common_fields(flow->audience, &fields);
    hub_buffer_put_format(&fields, "%s%s", fields.size > 0 && flow->fields[0] != '\0' ? ", " : "", flow->fields);
    put_roles(flow->audience->subject_roles, &roles);
    put_queues(page->policy, flow->audience, &queues);
    put_choices(page->policy, flow->audience, &choices);
    hub_buffer_put_text(&page->out, "{\"agency\":");
    json_put_text(&page->out, flow->agency != 0 ? agency_words(flow) : "any");
    hub_buffer_put_text(&page->out, ",\"event\":");
    json_put_text(&page->out, flow->what);
    hub_buffer_put_text(&page->out, ",\"audience\":");
    json_put_text(&page->out, flow->audience->name);
    put_json_list(&page->out, "fields", hub_buffer_text(&fields));
    hub_buffer_put_text(&page->out, ",\"basis\":");
    json_put_text(&page->out, flow->audience->basis);
    hub_buffer_put_text(&page->out, ",\"source\":");
    json_put_text(&page->out, flow->audience->source);
    hub_buffer_put_format(&page->out, ",\"sees_up_to\":\"%s\"",
                          event_enum_name(&mash__v1__sensitivity__descriptor, (int)flow->audience->sees_up_to, class));
    put_json_list(&page->out, "only_subjects", hub_buffer_text(&roles));
    roles.size = 0;
    put_roles(flow->audience->near, &roles);
    put_json_list(&page->out, "near", hub_buffer_text(&roles));
    hub_buffer_put_format(&page->out, ",\"withheld\":\"%s\"", flow->audience->silent ? "silent" : "named");
    hub_buffer_put_format(&page->out, ",\"acts_who\":%s,\"acts_words\":%s", flow->audience->acts_who ? "true" : "false",
                          flow->audience->acts_words ? "true" : "false");
    put_json_list(&page->out, "queues", hub_buffer_text(&queues));
    put_json_list(&page->out, "chosen_by", hub_buffer_text(&choices));
    put_json_list(&page->out, "because", flow->because);
    hub_buffer_put_text(&page->out, "}\n");
    hub_buffer_free(&fields);
    hub_buffer_free(&roles);
    hub_buffer_free(&queues);
    hub_buffer_free(&choices);
}

cli_exit verb_policy_flows(cli_call *call)
{
    hub_error err = {{0}};
    char folder[SETTINGS_PATH_MAX];
    if (call->argument_count == 0 && !settings_path(settings_folder(call), "policy", folder))
        return cli_usage(call, "--config: the path is too long");
    const char *shown = call->argument_count > 0 ? call->arguments[0] : folder;
    policy_sources sources = {0};
    yaml_problems problems = {0};
    core_policy *policy = NULL;
    hub_status status = policy_sources_read(shown, &sources, &err);
    if (status == HUB_OK && policy_compile(&sources, shown, &policy, &problems) != HUB_OK) {
        status = hub_fail(&err, HUB_ERR_REFUSED, "%s: this is no policy yet; 'mashctl policy check' names its mistakes", shown);
    }
    if (policy != NULL) {
        flows_page page = {.call = call, .policy = policy};
        int32_t today = (int32_t)(host_wall_ms() / CORE_MS_A_DAY);
        if (!call->json) put_heading(&page, today);
        status = policy_flows(policy, today, call->json ? put_json_row : put_row, &page);
        end_table(&page);
        if (status == HUB_OK && page.out.failed) status = HUB_ERR_MEMORY;
        if (status != HUB_OK) (void)hub_fail(&err, status, "no memory");
        if (status == HUB_OK) print_flush(&page.out);
        hub_buffer_free(&page.out);
    }
    policy_free(policy);
    policy_sources_free(&sources);
    yaml_problems_free(&problems);
    return status == HUB_OK ? CLI_DONE : cli_fail(call, status, &err);
}
