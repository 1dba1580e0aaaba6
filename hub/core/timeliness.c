#include "core/timeliness.h"

#include <stdlib.h>
#include <string.h>

#include "core/facts.h"
#include "core/sharing.h"
#include "core/state.h"
#include "core/timeliness_notices.h"

/* What is counted, in the order in which it is told. Those that have a number (a step, a stage, a cause) take as many places. */
typedef enum measure {
    ALERTS,
    SEEN,
    CLAIMED,
    RATED,
    DECIDED,
    FED_BACK,
    CLOCK_IN_TIME,
    CLOCK_LATE,
    LATE_CAUSE, /* and 0: the hub and the sender were in time, and nobody acted; so they sum up to CLOCK_LATE */
    CLAIM_EXPIRED = LATE_CAUSE + 8,
    STEP,
    REQUEST_IN_TIME = STEP + CORE_LADDER_STEPS_MAX + 1,
    REQUEST_LATE,
    FEEDBACK_IN_TIME,
    FEEDBACK_LATE,
    DISAGREEMENT_STAGE,
    DISAGREEMENT_CLOSED = DISAGREEMENT_STAGE + CORE_LADDER_STEPS_MAX + 1,
    OPEN,
    OVERDUE,
    MEASURES,
} measure;

enum { NO_TIME = -1 };

typedef struct sample {
    uint32_t alert, measure;
    int64_t took_ms; /* NO_TIME: it has no duration */
} sample;

struct core_timeliness {
    sample *samples;
    core_timely_notices notices;
    size_t count, capacity;
    uint8_t *marks; /* by alert number: bit 0 = counts; bit n = measure n was taken, once an alert */
    size_t marked;
    bool failed;
};

hub_status core_timeliness_open(core_timeliness **out)
{
    *out = calloc(1, sizeof **out);
    return *out == NULL ? HUB_ERR_MEMORY : HUB_OK;
}

void core_timeliness_close(core_timeliness *t)
{
    if (t == NULL) return;
    core_timely_notices_free(&t->notices);
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
    if (mark == NULL || k->is_exercise) return;
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

/* What a promise counts as: deadlines, answers, feedback. A step or a claim that runs out is counted as itself. */
static const struct {
    measure in_time, late;
} PROMISES[] = {
    [MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_DEADLINE] = {CLOCK_IN_TIME, CLOCK_LATE},
    [MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_REQUEST] = {REQUEST_IN_TIME, REQUEST_LATE},
    [MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_FEEDBACK] = {FEEDBACK_IN_TIME, FEEDBACK_LATE},
};

static bool is_promise(uint32_t purpose)
{
    return purpose < sizeof PROMISES / sizeof PROMISES[0] && PROMISES[purpose].late != ALERTS;
}

static void take_late(const taking *k, const core_clock_run *clock, Mash__V1__LateCause cause)
{
    if (!is_promise(clock->purpose)) return;
    take(k, clock->alert, PROMISES[clock->purpose].late, NO_TIME);
    if (PROMISES[clock->purpose].late == CLOCK_LATE && (uint32_t)cause < CLAIM_EXPIRED - LATE_CAUSE)
        take(k, clock->alert, LATE_CAUSE + (uint32_t)cause, NO_TIME);
}

static void take_stopped(const taking *k, const Mash__V1__ClockStopped *fact)
{
    const core_clock_run *clock = core_clocks_at(k->state, (uint32_t)fact->clock);
    if (fact->cause != MASH__V1__STOP_CAUSE__STOP_CAUSE_MET || fact->had_lapsed || !is_promise(clock->purpose)) return;
    if (fact->late_ms > 0) {
        take_late(k, clock, MASH__V1__LATE_CAUSE__LATE_CAUSE_UNSPECIFIED);
    } else {
        take(k, clock->alert, PROMISES[clock->purpose].in_time, NO_TIME);
    }
}

/* The stage's own number. */
static void take_stage(const taking *k, uint64_t alert, uint32_t number, uint32_t ladder, uint32_t stage)
{
    const core_policy *policy = core_policy_numbered(k->state, number);
    if (policy == NULL || ladder >= policy->disagreement_count || stage >= policy->disagreements[ladder].stage_count) return;
    uint32_t of_ladder = policy->disagreements[ladder].stages[stage].number;
    if (of_ladder <= CORE_LADDER_STEPS_MAX) take(k, alert, DISAGREEMENT_STAGE + of_ladder, NO_TIME);
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
    case MASH__V1__FACT__BODY_FEEDBACK_SEEN:
        take_first(k, core_fact_alert(k->state, fact), FED_BACK);
        break;
    case MASH__V1__FACT__BODY_CLOCK_LAPSED:
        take_late(k, core_clocks_at(k->state, (uint32_t)fact->clock_lapsed->clock), fact->clock_lapsed->cause);
        break;
    case MASH__V1__FACT__BODY_CLOCK_STOPPED:
        take_stopped(k, fact->clock_stopped);
        break;
    case MASH__V1__FACT__BODY_ESCALATED:
        if (fact->escalated->step <= CORE_LADDER_STEPS_MAX)
            take(k, fact->escalated->alert, STEP + fact->escalated->step, NO_TIME);
        break;
    case MASH__V1__FACT__BODY_DISAGREEMENT_OPENED:
        take_stage(k, fact->disagreement_opened->alert, fact->disagreement_opened->policy, fact->disagreement_opened->ladder,
                   fact->disagreement_opened->stage);
        break;
    case MASH__V1__FACT__BODY_DISAGREEMENT_MOVED:
        take_stage(k, core_fact_alert(k->state, fact), fact->disagreement_moved->policy, fact->disagreement_moved->ladder,
                   fact->disagreement_moved->stage);
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
    const Mash__V1__Fact *accepted = core_fact_first(record->control, FACT_EVENT_ACCEPTED);
    taking k = {.t = t, .state = state, .record = record, .is_exercise = accepted != NULL && accepted->event_accepted->exercise};
    for (size_t i = 0; i < record->control->n_facts; i++)
        take_fact(&k, record->control->facts[i]);
    if (!core_timely_notices_take(&t->notices, state, record)) t->failed = true;
    return t->failed ? HUB_ERR_MEMORY : HUB_OK;
}

/* ---- telling --------------------------------------------------------------------------------------------------------------- */
typedef struct placed {
    const char *area, *queue;
    uint32_t rating, agency; /* one of them; 0: the other */
    sample of;
} placed;

/* A higher rating first: it is what is looked at first. */
static int in_order(const void *a, const void *b)
{
    const placed *one = a, *other = b;
    int by = one->agency < other->agency ? -1 : one->agency > other->agency;
    if (by == 0) by = strcmp(one->area, other->area);
    if (by == 0) by = strcmp(one->queue, other->queue);
    if (by == 0) by = one->rating > other->rating ? -1 : one->rating < other->rating;
    if (by == 0) by = one->of.measure < other->of.measure ? -1 : one->of.measure > other->of.measure;
    if (by == 0) by = one->of.took_ms < other->of.took_ms ? -1 : one->of.took_ms > other->of.took_ms;
    if (by == 0) by = one->of.alert < other->of.alert ? -1 : one->of.alert > other->of.alert;
    return by;
}

static bool is_same_place(const placed *a, const placed *b)
{
    return strcmp(a->area, b->area) == 0 && strcmp(a->queue, b->queue) == 0 && a->rating == b->rating && a->agency == b->agency;
}

static void name_figure(uint32_t which, char out[48])
{
    static const char *const NAMES[MEASURES] = {
        [ALERTS] = "alerts",
        [SEEN] = "first seen",
        [CLAIMED] = "first claimed",
        [RATED] = "rated by a person",
        [DECIDED] = "decided",
        [FED_BACK] = "fed back and seen",
        [CLOCK_IN_TIME] = "clocks met in time",
        [CLOCK_LATE] = "clocks not met in time",
        [CLAIM_EXPIRED] = "claims expired",
        [REQUEST_IN_TIME] = "requests answered in time",
        [REQUEST_LATE] = "requests not answered in time",
        [FEEDBACK_IN_TIME] = "feedback seen in time",
        [FEEDBACK_LATE] = "feedback not seen in time",
        [DISAGREEMENT_CLOSED] = "disagreements closed",
        [OPEN] = "open",
        [OVERDUE] = "open and overdue",
    };
    char cause[64];
    if (which == LATE_CAUSE) {
        (void)hub_format(out, 48, "not met in time: nobody acted");
    } else if (which > LATE_CAUSE && which < CLAIM_EXPIRED) {
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

/* All samples of one area, queue and rating, figure by figure; the first figure is its alerts, each once and in order. */
typedef struct place {
    const placed *samples;
    size_t count, alerts;
    core_figure figures[MEASURES];
    size_t first[MEASURES + 1]; /* sample of each figure */
    size_t figure_count;
    uint64_t *families, *bits;
} place;

static hub_status open_place(place *p, const placed *samples, size_t count)
{
    *p = (place){.samples = samples, .count = count};
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || samples[i].of.measure != samples[i - 1].of.measure) p->first[p->figure_count++] = i;
        p->alerts += samples[i].of.measure == ALERTS;
    }
    p->first[p->figure_count] = count;
    p->families = malloc(p->alerts * sizeof *p->families);
    p->bits = calloc(p->figure_count * ((p->alerts + 63) / 64), sizeof *p->bits);
    return p->families == NULL || p->bits == NULL ? HUB_ERR_MEMORY : HUB_OK;
}

static void close_place(place *p)
{
    free(p->families);
    free(p->bits);
}

/* An alert about one person is their family's, where they have one. */
static uint64_t family_of(const core_state *state, uint32_t number)
{
    const core_alert_row *alert = core_alerts_at(state, number);
    return alert->family != 0 ? alert->family : core_timely_family(state, alert->person);
}

static size_t case_of(const place *p, uint32_t alert)
{
    size_t low = 0, high = p->alerts;
    while (low + 1 < high) {
        size_t middle = low + (high - low) / 2;
        *(p->samples[middle].of.alert <= alert ? &low : &high) = middle;
    }
    HUB_ASSERT(p->samples[low].of.alert == alert);
    return low;
}

static void fill_figures(place *p, const core_state *state)
{
    size_t sum = 0; /* of the causes */
    for (size_t i = 0; i < p->alerts; i++)
        p->families[i] = family_of(state, p->samples[i].of.alert);
    for (size_t f = 0; f < p->figure_count; f++) {
        uint32_t which = p->samples[p->first[f]].of.measure;
        p->figures[f].cases = p->bits + f * ((p->alerts + 63) / 64);
        if (which == CLOCK_LATE) sum = f;
        if (which >= LATE_CAUSE && which < CLAIM_EXPIRED) p->figures[f].sum = sum;
        for (size_t i = p->first[f]; i < p->first[f + 1]; i++) {
            size_t at = case_of(p, p->samples[i].of.alert);
            p->figures[f].cases[at / 64] |= UINT64_C(1) << at % 64;
        }
    }
    core_small_numbers(p->figures, p->figure_count, p->families, p->alerts);
}

/* By agency times alone are told. */
static core_showing_of showing_of(const placed *first, core_showing_of showing)
{
    return first->agency != 0 && showing == CORE_GIVEN ? CORE_KEPT_BACK : showing;
}

/* Its samples stand shortest first. Of n durations the p-th percentile is the least that p in a hundred do not exceed. */
static void tell_figure(const place *p, size_t which, core_timely_cb *each, void *context)
{
    const placed *first = &p->samples[p->first[which]];
    size_t count = p->first[which + 1] - p->first[which];
    if (first->agency != 0 && first->of.took_ms == NO_TIME) return;
    core_timely figure = {.area = first->area,
                          .queue = first->queue,
                          .rating = (Mash__V1__Rating)first->rating,
                          .agency = (Mash__V1__Agency)first->agency,
                          .showing = showing_of(first, p->figures[which].showing),
                          .count = (uint32_t)count,
                          .median_ms = NO_TIME,
                          .ninetieth_ms = NO_TIME,
                          .longest_ms = NO_TIME};
    name_figure(first->of.measure, figure.what);
    if (figure.showing != CORE_TOO_FEW && first->of.took_ms != NO_TIME) {
        figure.median_ms = first[(count * 50 + 99) / 100 - 1].of.took_ms;
        figure.ninetieth_ms = first[(count * 90 + 99) / 100 - 1].of.took_ms;
        figure.longest_ms = first[count - 1].of.took_ms;
    }
    each(context, &figure);
}

static hub_status tell_place(const core_state *state, const placed *samples, size_t count, core_timely_cb *each, void *context)
{
    place p;
    hub_status status = open_place(&p, samples, count);
    if (status == HUB_OK) fill_figures(&p, state);
    for (size_t f = 0; f < p.figure_count && status == HUB_OK; f++)
        tell_figure(&p, f, each, context);
    close_place(&p);
    return status;
}

/* A clock of its own has run out, and what it promised has not come. */
static bool is_overdue(const core_state *state, const core_alert_row *alert)
{
    for (uint32_t at = alert->clocks; at != 0; at = core_clocks_at(state, at)->next) {
        const core_clock_run *clock = core_clocks_at(state, at);
        if (clock->state == CORE_CLOCK_LAPSED && clock->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_DEADLINE) return true;
    }
    return false;
}

static uint32_t agency_of(const core_state *state, const core_alert_row *alert)
{
    uint32_t event = core_event_of_sequence(state, core_sequences_at(state, alert->first_event)->sequence);
    return event == 0 ? 0 : core_events_at(state, event)->agency;
}

typedef struct placing {
    const core_state *state;
    placed *all;
    size_t count;
} placing;

static void put_placed(placing *p, const core_alert_row *alert, sample of)
{
    placed one = {.area = alert->area, .queue = core_queue_name(p->state, alert->queue), .of = of};
    one.rating = alert->rating;
    p->all[p->count++] = one;
    one.rating = 0;
    one.agency = agency_of(p->state, alert);
    if (one.agency != 0) p->all[p->count++] = one;
}

enum { PLACED_A_SAMPLE = 6 }; /* an alert's own may bring two more, each by rating and by agency */

/* Those of alerts that count, and that the reader may know of, with where they stand. */
static void fill_placed(const core_timeliness *t, core_timeliness_of which, placing *p)
{
    const core_audience reader = {.sees_up_to = which.sees_up_to};
    for (size_t i = 0; i < t->count; i++) {
        sample of = t->samples[i];
        const core_alert_row *alert = core_alerts_at(p->state, of.alert);
        bool is_in = alert->opened_ms >= which.from_ms && alert->opened_ms < which.until_ms;
        if (!is_in || !core_audience_is_cleared(&reader, (Mash__V1__Sensitivity)alert->sensitivity)) continue;
        put_placed(p, alert, of);
        if (of.measure != ALERTS || alert->ended) continue;
        put_placed(p, alert, (sample){of.alert, OPEN, NO_TIME});
        if (is_overdue(p->state, alert)) put_placed(p, alert, (sample){of.alert, OVERDUE, NO_TIME});
    }
}

hub_status core_timeliness_tell(core_timeliness *t, const core_state *state, core_timeliness_of which, core_timely_cb *each,
                                void *context)
{
    placing p = {.state = state, .all = malloc((PLACED_A_SAMPLE * t->count + 1) * sizeof *p.all)};
    if (p.all == NULL) return HUB_ERR_MEMORY;
    fill_placed(t, which, &p);
    qsort(p.all, p.count, sizeof *p.all, in_order);
    hub_status status = HUB_OK;
    for (size_t first = 0, end; first < p.count && status == HUB_OK; first = end) {
        for (end = first + 1; end < p.count && is_same_place(&p.all[first], &p.all[end]); end++)
            continue;
        status = tell_place(state, &p.all[first], end - first, each, context);
    }
    free(p.all);
    return status == HUB_OK ? core_timely_notices_tell(&t->notices, state, which, each, context) : status;
}
