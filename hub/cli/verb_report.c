/* report timeliness - how long things took, for boards and inspectors: figures without names, from the journal beside the hub. */
#include "cli/verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/store.h"
#include "cli/table.h"
#include "core/timeliness.h"
#include "event/event.h"
#include "fold/replay.h"

typedef struct reporting {
    const cli_call *call;
    core_timeliness_of which;
    table rows;
    hub_buffer out;
} reporting;

/* The beginning of that civil day; `otherwise` when the flag is not given. false: it is no date. */
static bool read_day(const cli_call *call, const char *flag, int32_t days_on, int64_t otherwise, int64_t *out)
{
    const char *value = cli_flag_text(call, flag);
    int32_t day = 0;
    *out = otherwise;
    if (value == NULL) return true;
    if (!cli_day(value, &day)) return false;
    const core_calendar *civil = &call->zone.calendar;
    *out = core_zone_instant(civil->zone, civil->zone_count, day + days_on, 0, CORE_FIRST_OCCURRENCE);
    return true;
}

/* The clearance of who reads it; false: there is no such class. */
static bool read_clearance(const cli_call *call, Mash__V1__Sensitivity *out)
{
    const char *typed = cli_flag_text(call, "sees-up-to");
    char name[64];
    *out = MASH__V1__SENSITIVITY__SENSITIVITY_SENSITIVE;
    if (typed == NULL) return true;
    for (int known = MASH__V1__SENSITIVITY__SENSITIVITY_OFFICIAL; known <= MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED;
         known++) {
        *out = (Mash__V1__Sensitivity)known;
        if (strcmp(event_enum_name(&mash__v1__sensitivity__descriptor, known, name), typed) == 0) return true;
    }
    return false;
}

static hub_status take(void *context, const core_state *state, const core_record *record, hub_error *err)
{
    hub_status status = core_timeliness_take(context, state, record);
    return status == HUB_OK ? HUB_OK : hub_fail(err, status, "out of memory");
}

/* Of a figure from which a family could be known. */
static const char *const NOT_GIVEN[] = {[CORE_TOO_FEW] = "fewer than 5 families", [CORE_KEPT_BACK] = "kept back"};
_Static_assert(CORE_SMALL_NUMBER == 5, "as the text says");

static const char *agency_of(const core_timely *figure)
{
    const char *name = event_agency_name(figure->agency);
    return name == NULL ? "" : name;
}

static void put_json(reporting *r, const core_timely *figure)
{
    char rating[64];
    event_enum_name(&mash__v1__rating__descriptor, (int)figure->rating, rating);
    hub_buffer_put_format(
        &r->out, "{\"area\":\"%s\",\"queue\":\"%s\",\"rating\":\"%s\",\"agency\":\"%s\",\"what\":\"%s\",\"count\":", figure->area,
        figure->queue, rating, agency_of(figure), figure->what);
    if (figure->showing == CORE_GIVEN) {
        hub_buffer_put_format(&r->out, "%u", figure->count);
    } else {
        hub_buffer_put_format(&r->out, "\"%s\"", NOT_GIVEN[figure->showing]);
    }
    if (figure->median_ms >= 0)
        hub_buffer_put_format(
            &r->out, ",\"median_minutes\":%" PRId64 ",\"ninetieth_percentile_minutes\":%" PRId64 ",\"longest_minutes\":%" PRId64,
            figure->median_ms / 60000, figure->ninetieth_ms / 60000, figure->longest_ms / 60000);
    hub_buffer_put_text(&r->out, "}\n");
}

static void put_figure(void *context, const core_timely *figure)
{
    reporting *r = context;
    char count[32], median[PRINT_DURATION_TEXT] = "", ninetieth[PRINT_DURATION_TEXT] = "", longest[PRINT_DURATION_TEXT] = "";
    if (r->call->json) {
        put_json(r, figure);
        return;
    }
    if (figure->showing == CORE_GIVEN) {
        print_count(figure->count, count);
    } else {
        snprintf(count, sizeof count, "%s", NOT_GIVEN[figure->showing]);
    }
    if (figure->median_ms >= 0) {
        print_duration(figure->median_ms, median);
        print_duration(figure->ninetieth_ms, ninetieth);
        print_duration(figure->longest_ms, longest);
    }
    table_put(&r->rows, PRINT_NORMAL, figure->area, figure->queue, print_rating(figure->rating), agency_of(figure), figure->what,
              count, median, ninetieth, longest, NULL);
}

static hub_status fold_all(store *from, core_timeliness *t, core_state *state, fold_policies *policies, hub_error *err)
{
    fold_counts counts;
    hub_status status = fold_replay_watched(state, from->journal, from->keys, policies, &counts, take, t, err);
    if (status == HUB_OK && counts.first_difference != 0)
        status = hub_fail(err, HUB_ERR_CORRUPT,
                          "folding the journal does not give the state that was written with record %" PRIu64
                          ": run mashctl journal verify; no figures are given",
                          counts.first_difference);
    return status;
}

static void print_figures(reporting *r, core_timeliness *t, const core_state *state, hub_status *status, hub_error *err)
{
    table_open(&r->rows, "area", "queue", "rating", "agency", "what", "count", "half within", "nine in ten within", "longest",
               NULL);
    *status = core_timeliness_tell(t, state, r->which, put_figure, r);
    if (*status != HUB_OK) (void)hub_fail(err, *status, "out of memory");
    if (!r->call->json) table_print(&r->rows, r->call->colour, &r->out);
    table_close(&r->rows);
    print_flush(&r->out);
    hub_buffer_free(&r->out);
}

cli_exit verb_report_timeliness(cli_call *call)
{
    hub_error err = {{0}};
    core_timeliness_of which;
    static store from;
    if (!read_day(call, "from", 0, 0, &which.from_ms) || !read_day(call, "until", 1, INT64_MAX, &which.until_ms))
        return cli_usage(call, "--from and --until take a day such as 2026-11-22");
    if (!read_clearance(call, &which.sees_up_to)) return cli_usage(call, "--sees-up-to takes official, sensitive or restricted");
    core_state *state = NULL;
    core_timeliness *t = NULL;
    fold_policies policies = {0};
    hub_status status = store_open(call, STORE_JOURNAL_AND_KEYS, &from, &err);
    if (status != HUB_OK) return cli_fail(call, status, &err);
    if (core_open(&state) != HUB_OK || core_timeliness_open(&t) != HUB_OK)
        status = hub_fail(&err, HUB_ERR_MEMORY, "out of memory");
    if (status == HUB_OK) status = fold_all(&from, t, state, &policies, &err);
    reporting r = {.call = call, .which = which};
    if (status == HUB_OK) print_figures(&r, t, state, &status, &err);
    core_timeliness_close(t);
    core_close(state);
    fold_policies_close(&policies);
    store_close(&from);
    return status == HUB_OK ? CLI_DONE : cli_fail(call, status, &err);
}
