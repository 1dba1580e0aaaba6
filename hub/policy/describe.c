/* A compiled policy as text: what the tables say, not what the files say, so that an author can read what the hub will do. */
#include "policy.h"

#include <string.h>

#include "event/event.h"

static void put_day(hub_buffer *out, const char *before, int32_t day)
{
    if (day == 0) return;
    int32_t year, month, day_of_month;
    event_day_date(day, &year, &month, &day_of_month);
    hub_buffer_put_format(out, "%s%04d-%02d-%02d", before, year, month, day_of_month);
}

static void put_effective(hub_buffer *out, const core_effective *span)
{
    put_day(out, ", from ", span->from_day);
    put_day(out, ", until ", span->until_day);
}

static void put_bits(hub_buffer *out, uint64_t mask, const ProtobufCEnumDescriptor *values)
{
    char text[64];
    bool is_first = true;
    for (int i = 0; i < 64; i++) {
        if ((mask >> i & 1) == 0) continue;
        hub_buffer_put_format(out, "%s%s", is_first ? "" : ", ", event_enum_name(values, i, text));
        is_first = false;
    }
}

static void put_clocks(hub_buffer *out, const core_policy *policy, const uint32_t *clocks, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        hub_buffer_put_format(out, "%s %s", i == 0 ? ", clocks" : ",", policy->clocks[clocks[i]].id);
}

static void put_rule(hub_buffer *out, const core_policy *policy, const core_rule *rule)
{
    char text[64];
    hub_buffer_put_format(out, "\n%s  %s\n", rule->id, rule->plain);
    for (uint32_t i = 0; i < rule->condition_count; i++) {
        hub_buffer_put_format(out, "    %s %s\n", i == 0 ? "when" : "and ", rule->conditions[i].plain);
    }
    if (rule->about != 0) {
        hub_buffer_put_text(out, "    about ");
        put_bits(out, rule->about, &mash__v1__subject_role__descriptor);
        hub_buffer_put_text(out, rule->about_family ? ", also in the families of those named\n" : "\n");
    }
    const char *where = rule->service[0] != '\0' ? rule->service : rule->queue >= 0 ? policy->queues[rule->queue].name : "";
    switch (rule->action) {
    case CORE_DO_ALERT:
        hub_buffer_put_format(out, "    -> alert to %s, %s", where,
                              event_enum_name(&mash__v1__rating__descriptor, (int)rule->rating, text));
        break;
    case CORE_DO_NOTIFY:
        hub_buffer_put_format(out, "    -> notice to %s", where);
        break;
    case CORE_DO_RECORD:
        hub_buffer_put_text(out, "    -> recorded and counted, sent to nobody");
        break;
    }
    put_clocks(out, policy, rule->clocks, rule->clock_count);
    if (rule->area[0] != '\0') hub_buffer_put_format(out, ", in %s only", rule->area);
    put_effective(out, &rule->effective);
    hub_buffer_put_format(out, "\n    source: %s; owner: %s", rule->source, rule->owner);
    put_day(out, "; review by ", rule->review_day);
    hub_buffer_put_text(out, "\n");
}

static void put_queue(hub_buffer *out, const core_policy *policy, const core_queue_row *queue)
{
    hub_buffer_put_format(out, "    %s: %s, audience %s, consumers", queue->name, queue->is_agency ? "an agency's" : "a team's",
                          policy->audiences[queue->audience].name);
    for (size_t i = 0; i < 8 && queue->consumers[i][0] != '\0'; i++)
        hub_buffer_put_format(out, " %s", queue->consumers[i]);
    hub_buffer_put_text(out, "\n");
}

static void put_clock(hub_buffer *out, const core_policy *policy, const core_clock_row *clock)
{
    static const char *const START_NAMES[] = {"stored", "stated receipt", "occurred"};
    hub_buffer_put_format(
        out, "    %s: %s %d by calendar %s, from %s%s%s%s - %s (source: %s)\n", clock->id, core_clock_kind_name(clock->kind),
        clock->amount, policy->calendars[clock->calendar].id, START_NAMES[clock->from], clock->statutory ? ", statutory" : "",
        clock->on_lapse_service[0] != '\0' ? ", on lapse also " : "", clock->on_lapse_service, clock->plain, clock->source);
}

static void put_tables(hub_buffer *out, const core_policy *policy)
{
    hub_buffer_put_text(out, "\nAreas\n");
    for (uint32_t i = 0; i < policy->area_count; i++) {
        hub_buffer_put_format(out, "    %s %s", policy->areas[i].code, policy->areas[i].name);
        put_effective(out, &policy->areas[i].effective);
        hub_buffer_put_text(out, "\n");
    }
    hub_buffer_put_text(out, "\nRoutes\n");
    for (uint32_t i = 0; i < policy->route_count; i++) {
        const core_route *route = &policy->routes[i];
        hub_buffer_put_format(out, "    %s in %s -> %s", route->service, route->area[0] != '\0' ? route->area : "every area",
                              policy->queues[route->queue].name);
        put_effective(out, &route->effective);
        hub_buffer_put_text(out, "\n");
    }
    hub_buffer_put_text(out, "\nQueues\n");
    for (uint32_t i = 0; i < policy->queue_count; i++)
        put_queue(out, policy, &policy->queues[i]);
    hub_buffer_put_text(out, "\nClocks\n");
    for (uint32_t i = 0; i < policy->clock_count; i++)
        put_clock(out, policy, &policy->clocks[i]);
    hub_buffer_put_text(out, "\nRatings\n");
    for (int rating = MASH__V1__RATING__RATING_RED; rating >= MASH__V1__RATING__RATING_BLUE; rating--) {
        const core_rating_row *row = &policy->ratings[rating];
        char text[64];
        hub_buffer_put_format(out, "    %s%s", event_enum_name(&mash__v1__rating__descriptor, rating, text),
                              row->out_of_hours_too ? ", outside hours also to out_of_hours" : "");
        put_clocks(out, policy, row->clocks, row->clock_count);
        hub_buffer_put_text(out, "\n");
    }
}

void policy_describe(const core_policy *policy, hub_buffer *out)
{
    HUB_ASSERT(policy != NULL && out != NULL);
    char digest[2 * HUB_DIGEST_BYTES + 1];
    hub_hex(policy->digest, HUB_DIGEST_BYTES, digest);
    hub_buffer_put_format(out, "Policy of %s, digest %s: %u rules\n", policy->partnership, digest, policy->rule_count);
    for (uint32_t i = 0; i < policy->rule_count; i++)
        put_rule(out, policy, &policy->rules[i]);
    put_tables(out, policy);
}
