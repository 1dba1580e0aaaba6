#include "core/timeliness.h"

#include <stdlib.h>
#include <string.h>

#include "core/facts.h"
#include "core/state.h"

/* What is counted, in the order in which it is told. Those that have a number (a step, a stage, a cause) take as many places. */
typedef enum measure {
    ALERTS,
    SEEN,
    CLAIMED,
    RATED,
    DECIDED,
    CLOCK_IN_TIME,
    CLOCK_LATE,
    LATE_CAUSE,
    CLAIM_EXPIRED = LATE_CAUSE + 8,
    STEP,
    REQUEST_IN_TIME = STEP + CORE_LADDER_STEPS_MAX + 1,
    REQUEST_LATE,
    FEEDBACK_IN_TIME,
    FEEDBACK_LATE,
    DISAGREEMENT_STAGE,
    DISAGREEMENT_CLOSED = DISAGREEMENT_STAGE + CORE_LADDER_STEPS_MAX + 1,
    MEASURES,
} measure;

enum { NO_TIME = -1 };

typedef struct sample {
    uint32_t alert, measure;
    int64_t took_ms; /* NO_TIME: it has no duration */
} sample;

struct core_timeliness {
    int64_t from_ms, until_ms;
    sample *samples;
    size_t count, capacity;
    uint8_t *marks; /* by alert number: bit 0 = counts; bit n = measure n was taken, once an alert */
    size_t marked;
    bool failed;
};

hub_status core_timeliness_open(int64_t from_ms, int64_t until_ms, core_timeliness **out)
{
    *out = calloc(1, sizeof **out);
    if (*out == NULL) return HUB_ERR_MEMORY;
    (*out)->from_ms = from_ms;
    (*out)->until_ms = until_ms;
    return HUB_OK;
}

void core_timeliness_close(core_timeliness *t)
{
    if (t == NULL) return;
    free(t->samples);
    free(t->marks);
    free(t);
}

/* ---- taking ---------------------------------------------------------------------------------------------------------------- */
typedef struct taking {
    core_timeliness *t;
    const core_state *state;
    const core_record *record;
    bool is_exercise;
} taking;

static uint8_t *mark_of(core_timeliness *t, uint64_t alert)
{
    if (alert >= t->marked) {
        size_t marked = alert < 512 ? 1024 : 2 * (size_t)alert;
        uint8_t *grown = realloc(t->marks, marked);
        if (grown == NULL) {
            t->failed = true;
            return NULL;
        }
        memset(grown + t->marked, 0, marked - t->marked);
        t->marks = grown;
        t->marked = marked;
    }
    return &t->marks[alert];
}

static void take(const taking *k, uint64_t alert, uint32_t which, int64_t took_ms)
{
    core_timeliness *t = k->t;
    const uint8_t *mark = mark_of(t, alert);
    if (mark == NULL || (*mark & 1) == 0) return;
    if (t->count == t->capacity) {
        size_t capacity = t->capacity == 0 ? 1024 : 2 * t->capacity;
        sample *grown = realloc(t->samples, capacity * sizeof *grown);
        if (grown == NULL) {
            t->failed = true;
            return;
        }
        t->samples = grown;
        t->capacity = capacity;
    }
    t->samples[t->count++] = (sample){.alert = (uint32_t)alert, .measure = which, .took_ms = took_ms};
}

/* The first time only, counted from when the alert was opened. */
static void take_first(const taking *k, uint64_t alert, measure which)
{
    uint8_t *mark = mark_of(k->t, alert);
    if (mark == NULL || (*mark >> which & 1) != 0) return;
    *mark = (uint8_t)(*mark | 1u << which);
    take(k, alert, which, k->record->time_ms - core_alerts_at(k->state, (uint32_t)alert)->opened_ms);
}

static void take_opened(const taking *k, uint64_t alert)
{
    uint8_t *mark = mark_of(k->t, alert);
    bool is_in = k->record->time_ms >= k->t->from_ms && k->record->time_ms < k->t->until_ms;
    if (mark == NULL || !is_in || k->is_exercise) return;
    *mark = 1;
    take(k, alert, ALERTS, NO_TIME);
}

static void take_acted(const taking *k, const Mash__V1__Acted *fact)
{
    bool is_of_feedback = fact->act == MASH__V1__ACT_KIND__ACT_KIND_SEEN && fact->item != 0;
    if (fact->alert != 0 && fact->staff != 0 && !is_of_feedback) take_first(k, fact->alert, SEEN);
}

static void take_owner(const taking *k, const Mash__V1__OwnerChanged *fact)
{
    if (fact->cause == MASH__V1__OWNER_CAUSE__OWNER_CAUSE_CLAIMED) take_first(k, fact->alert, CLAIMED);
    if (fact->cause == MASH__V1__OWNER_CAUSE__OWNER_CAUSE_EXPIRED) take(k, fact->alert, CLAIM_EXPIRED, NO_TIME);
}

/* Of promises alone: deadlines, answers, feedback. A step or a claim that runs out is counted as itself. */
static void take_clock(const taking *k, uint64_t number, bool is_late)
{
    const core_clock_run *clock = core_clocks_at(k->state, (uint32_t)number);
    switch ((Mash__V1__ClockPurpose)clock->purpose) {
    case MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_DEADLINE:
        take(k, clock->alert, is_late ? CLOCK_LATE : CLOCK_IN_TIME, NO_TIME);
        break;
    case MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_REQUEST:
        take(k, clock->alert, is_late ? REQUEST_LATE : REQUEST_IN_TIME, NO_TIME);
        break;
    case MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_FEEDBACK:
        take(k, clock->alert, is_late ? FEEDBACK_LATE : FEEDBACK_IN_TIME, NO_TIME);
        break;
    default:
        break;
    }
}

static void take_lapsed(const taking *k, const Mash__V1__ClockLapsed *fact)
{
    const core_clock_run *clock = core_clocks_at(k->state, (uint32_t)fact->clock);
    take_clock(k, fact->clock, true);
    if (clock->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_DEADLINE &&
        fact->cause != MASH__V1__LATE_CAUSE__LATE_CAUSE_UNSPECIFIED && (uint32_t)fact->cause < CLAIM_EXPIRED - LATE_CAUSE)
        take(k, clock->alert, LATE_CAUSE + (uint32_t)fact->cause, NO_TIME);
}

/* The stage's own number where the ladder is at hand. */
static void take_stage(const taking *k, uint64_t number)
{
    const core_disagreement_row *row = core_disagreements_at(k->state, (uint32_t)number);
    const core_policy *policy = core_policy_numbered(k->state, row->policy);
    if (policy == NULL || row->ladder >= policy->disagreement_count) return;
    const core_disagreement_ladder *ladder = &policy->disagreements[row->ladder];
    if (row->stage >= ladder->stage_count || ladder->stages[row->stage].number > CORE_LADDER_STEPS_MAX) return;
    take(k, row->alert, DISAGREEMENT_STAGE + ladder->stages[row->stage].number, NO_TIME);
}

static void take_fact(const taking *k, const Mash__V1__Fact *fact)
{
    switch (fact->body_case) {
    case MASH__V1__FACT__BODY_ALERT_OPENED:
        take_opened(k, fact->alert_opened->alert);
        break;
    case MASH__V1__FACT__BODY_ACTED:
        take_acted(k, fact->acted);
        break;
    case MASH__V1__FACT__BODY_OWNER_CHANGED:
        take_owner(k, fact->owner_changed);
        break;
    case MASH__V1__FACT__BODY_ALERT_RATED:
        take_first(k, fact->alert_rated->alert, RATED);
        break;
    case MASH__V1__FACT__BODY_ALERT_ENDED:
        take_first(k, fact->alert_ended->alert, DECIDED);
        break;
    case MASH__V1__FACT__BODY_CLOCK_LAPSED:
        take_lapsed(k, fact->clock_lapsed);
        break;
    case MASH__V1__FACT__BODY_CLOCK_STOPPED:
        if (fact->clock_stopped->cause == MASH__V1__STOP_CAUSE__STOP_CAUSE_MET)
            take_clock(k, fact->clock_stopped->clock, fact->clock_stopped->late_ms > 0);
        break;
    case MASH__V1__FACT__BODY_ESCALATED:
        if (fact->escalated->step <= CORE_LADDER_STEPS_MAX)
            take(k, fact->escalated->alert, STEP + fact->escalated->step, NO_TIME);
        break;
    case MASH__V1__FACT__BODY_DISAGREEMENT_OPENED:
        take_stage(k, fact->disagreement_opened->disagreement);
        break;
    case MASH__V1__FACT__BODY_DISAGREEMENT_MOVED:
        take_stage(k, fact->disagreement_moved->disagreement);
        break;
    case MASH__V1__FACT__BODY_DISAGREEMENT_CLOSED: {
        const core_disagreement_row *row = core_disagreements_at(k->state, (uint32_t)fact->disagreement_closed->disagreement);
        take(k, row->alert, DISAGREEMENT_CLOSED, k->record->time_ms - row->opened_ms);
        break;
    }
    default:
        break;
    }
}

hub_status core_timeliness_take(core_timeliness *t, const core_state *state, const core_record *record)
{
    const Mash__V1__Fact *accepted = core_fact_first(record->control, 20);
    taking k = {.t = t, .state = state, .record = record, .is_exercise = accepted != NULL && accepted->event_accepted->exercise};
    for (size_t i = 0; i < record->control->n_facts; i++)
        take_fact(&k, record->control->facts[i]);
    return t->failed ? HUB_ERR_MEMORY : HUB_OK;
}

/* ---- telling --------------------------------------------------------------------------------------------------------------- */
typedef struct placed {
    const char *area, *queue;
    uint32_t rating;
    sample of;
} placed;

/* A higher rating first: it is what is looked at first. */
static int in_order(const void *a, const void *b)
{
    const placed *one = a, *other = b;
    int by = strcmp(one->area, other->area);
    if (by == 0) by = strcmp(one->queue, other->queue);
    if (by == 0) by = one->rating > other->rating ? -1 : one->rating < other->rating;
    if (by == 0) by = one->of.measure < other->of.measure ? -1 : one->of.measure > other->of.measure;
    if (by == 0) by = one->of.took_ms < other->of.took_ms ? -1 : one->of.took_ms > other->of.took_ms;
    return by;
}

static bool is_same_figure(const placed *a, const placed *b)
{
    return strcmp(a->area, b->area) == 0 && strcmp(a->queue, b->queue) == 0 && a->rating == b->rating &&
           a->of.measure == b->of.measure;
}

static void name_figure(uint32_t which, char out[48])
{
    static const char *const NAMES[MEASURES] = {
        [ALERTS] = "alerts",
        [SEEN] = "first seen",
        [CLAIMED] = "first claimed",
        [RATED] = "rated by a person",
        [DECIDED] = "decided",
        [CLOCK_IN_TIME] = "clocks met in time",
        [CLOCK_LATE] = "clocks not met in time",
        [CLAIM_EXPIRED] = "claims expired",
        [REQUEST_IN_TIME] = "requests answered in time",
        [REQUEST_LATE] = "requests not answered in time",
        [FEEDBACK_IN_TIME] = "feedback seen in time",
        [FEEDBACK_LATE] = "feedback not seen in time",
        [DISAGREEMENT_CLOSED] = "disagreements closed",
    };
    char cause[64];
    if (which > LATE_CAUSE && which < CLAIM_EXPIRED) {
        event_enum_name(&mash__v1__late_cause__descriptor, (int)(which - LATE_CAUSE), cause);
        (void)hub_format(out, 48, "not met in time: %.30s", cause);
        for (char *at = out; *at != '\0'; at++)
            if (*at == '_') *at = ' ';
    } else if (which > STEP && which < REQUEST_IN_TIME) {
        (void)hub_format(out, 48, "escalation step %u taken", which - STEP);
    } else if (which >= DISAGREEMENT_STAGE && which < DISAGREEMENT_CLOSED) {
        (void)hub_format(out, 48, "disagreements that reached stage %u", which - DISAGREEMENT_STAGE);
    } else {
        (void)hub_format(out, 48, "%s", NAMES[which]);
    }
}

/* `first`: `count` samples of one figure, shortest first. Of n durations the p-th percentile is the least that p in a hundred do not exceed. */
static void tell_figure(const placed *first, size_t count, core_timely_cb *each, void *context)
{
    core_timely figure = {.area = first->area,
                          .queue = first->queue,
                          .rating = (Mash__V1__Rating)first->rating,
                          .count = (uint32_t)count,
                          .median_ms = NO_TIME,
                          .ninetieth_ms = NO_TIME};
    name_figure(first->of.measure, figure.what);
    if (count >= CORE_SMALL_NUMBER && first->of.took_ms != NO_TIME) {
        figure.median_ms = first[(count * 50 + 99) / 100 - 1].of.took_ms;
        figure.ninetieth_ms = first[(count * 90 + 99) / 100 - 1].of.took_ms;
    }
    each(context, &figure);
}

hub_status core_timeliness_tell(core_timeliness *t, const core_state *state, core_timely_cb *each, void *context)
{
    placed *all = malloc((t->count + 1) * sizeof *all);
    if (all == NULL) return HUB_ERR_MEMORY;
    for (size_t i = 0; i < t->count; i++) {
        const core_alert_row *alert = core_alerts_at(state, t->samples[i].alert);
        all[i] = (placed){
            .area = alert->area, .queue = core_queue_name(state, alert->queue), .rating = alert->rating, .of = t->samples[i]};
    }
    qsort(all, t->count, sizeof *all, in_order);
    for (size_t first = 0, end; first < t->count; first = end) {
        for (end = first + 1; end < t->count && is_same_figure(&all[first], &all[end]); end++)
            continue;
        tell_figure(&all[first], end - first, each, context);
    }
    free(all);
    return HUB_OK;
}
