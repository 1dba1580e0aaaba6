#include "fold/figures.h"

#include <string.h>

#include "event/wire.h"
#include "host/files.h"

enum { ARENA_FIRST = 64 * 1024, ARENA_MOST = 64 * 1024 * 1024, PERIOD_ITEMS_MAX = 20000 };

typedef struct saving {
    hub_arena arena;
    Mash__V1__FiguresPeriod *period;
    bool failed;
} saving;

static void *take(saving *s, size_t size)
{
    void *memory = hub_arena_take(&s->arena, size);
    if (memory == NULL) s->failed = true;
    return memory;
}

static char *text(saving *s, const char *from)
{
    char *copy = hub_arena_copy(&s->arena, from, strlen(from));
    if (copy == NULL) s->failed = true;
    return copy;
}

static void put_figure(void *context, const core_timely *figure)
{
    static const Mash__V1__FigureShowing SHOWING[] = {[CORE_GIVEN] = MASH__V1__FIGURE_SHOWING__FIGURE_GIVEN,
                                                      [CORE_TOO_FEW] = MASH__V1__FIGURE_SHOWING__FIGURE_TOO_FEW,
                                                      [CORE_KEPT_BACK] = MASH__V1__FIGURE_SHOWING__FIGURE_KEPT_BACK};
    saving *s = context;
    Mash__V1__Figure *one = s->failed ? NULL : take(s, sizeof *one);
    if (one == NULL || s->period->n_items == PERIOD_ITEMS_MAX) {
        s->failed = true;
        return;
    }
    mash__v1__figure__init(one);
    one->area = text(s, figure->area);
    one->queue = text(s, figure->queue);
    one->what = text(s, figure->what);
    one->rating = figure->rating;
    one->agency = figure->agency;
    one->showing = SHOWING[figure->showing];
    if (figure->showing == CORE_GIVEN) one->count = figure->count;
    one->has_times = figure->median_ms >= 0;
    if (one->has_times) {
        one->median_ms = figure->median_ms;
        one->ninetieth_ms = figure->ninetieth_ms;
        one->longest_ms = figure->longest_ms;
    }
    s->period->items[s->period->n_items++] = one;
}

/* Months since the year 0 of the first of a quarter -> its first civil day. */
static int32_t day_of(int32_t months)
{
    return core_civil_day(months / 12, months % 12 + 1, 1);
}

static hub_status put_quarter(saving *s, core_timeliness *t, const core_state *state, int32_t months)
{
    const core_calendar *civil = &core_policy_now(state)->calendars[0];
    const int32_t from = day_of(months), next = day_of(months + 3);
    const core_timeliness_of which = {
        .from_ms = core_zone_instant(civil->zone, civil->zone_count, from, 0, CORE_FIRST_OCCURRENCE),
        .until_ms = core_zone_instant(civil->zone, civil->zone_count, next, 0, CORE_FIRST_OCCURRENCE),
        .sees_up_to = MASH__V1__SENSITIVITY__SENSITIVITY_SENSITIVE};
    s->period = take(s, sizeof *s->period);
    if (s->period == NULL) return HUB_ERR_MEMORY;
    mash__v1__figures_period__init(s->period);
    s->period->from_day = from;
    s->period->until_day = next - 1;
    s->period->items = take(s, PERIOD_ITEMS_MAX * sizeof *s->period->items);
    if (s->period->items == NULL) return HUB_ERR_MEMORY;
    hub_status status = core_timeliness_tell(t, state, which, put_figure, s);
    return s->failed ? HUB_ERR_MEMORY : status;
}

static hub_status write_all(const Mash__V1__Figures *figures, const char *path, hub_error *err)
{
    hub_buffer packed = {0};
    hub_status status = event_wire_pack(&figures->base, &packed);
    if (status == HUB_OK) status = host_file_replace(path, hub_buffer_bytes(&packed), 0600, err);
    hub_buffer_free(&packed);
    return status;
}

hub_status fold_save_figures(core_timeliness *t, const core_state *state, int64_t now_ms, const char *path, hub_error *err)
{
    const core_policy *policy = core_policy_now(state);
    Mash__V1__Figures figures = MASH__V1__FIGURES__INIT;
    Mash__V1__FiguresPeriod *periods[FOLD_QUARTERS];
    saving s = {.failed = false};
    if (policy == NULL || policy->calendar_count == 0) return HUB_OK;
    if (hub_arena_open(&s.arena, ARENA_FIRST, ARENA_MOST) != HUB_OK)
        return hub_fail(err, HUB_ERR_MEMORY, "no memory for figures");
    const core_civil_date today = core_civil_date_of(core_calendar_day(&policy->calendars[0], now_ms, NULL));
    int32_t months = today.year * 12 + (today.month - 1) / 3 * 3;
    hub_status status = HUB_OK;
    for (; status == HUB_OK && figures.n_periods < FOLD_QUARTERS; months -= 3) {
        status = put_quarter(&s, t, state, months);
        periods[figures.n_periods++] = s.period;
    }
    figures.periods = periods;
    figures.made_ms = now_ms;
    figures.sequence = core_sequence(state);
    if (status == HUB_OK) {
        status = write_all(&figures, path, err);
    } else {
        (void)hub_fail(err, status, "no memory for figures");
    }
    hub_arena_close(&s.arena);
    return status;
}
