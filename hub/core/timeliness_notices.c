#include "core/timeliness_notices.h"

#include <stdlib.h>
#include <string.h>

#include "core/facts.h"
#include "core/sharing.h"
#include "core/state.h"

enum { EXPECTED, SENT, SEEN, FIGURES };

void core_timely_notices_free(core_timely_notices *n)
{
    free(n->items);
}

uint64_t core_timely_family(const core_state *state, uint32_t person)
{
    if (person == 0) return UINT64_C(1) << 32; /* nobody is known: all of these are one */
    uint32_t root = core_person_root(state, person);
    uint32_t family = core_family_of(state, root);
    return family != 0 ? family : UINT64_C(1) << 32 | root;
}

/* ---- taking ---------------------------------------------------------------------------------------------------------------- */
static bool add(core_timely_notices *n, core_timely_notice one)
{
    if (n->count == n->capacity) {
        size_t capacity = n->capacity == 0 ? 256 : 2 * n->capacity;
        core_timely_notice *grown = realloc(n->items, capacity * sizeof *grown);
        if (grown == NULL) return false;
        n->items = grown;
        n->capacity = capacity;
    }
    n->items[n->count++] = one;
    return true;
}

/* The first of this record, or where it would stand. */
static size_t first_of(const core_timely_notices *n, uint64_t sequence)
{
    size_t low = 0, high = n->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (n->items[middle].sequence < sequence) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool take_expected(core_timely_notices *n, const core_state *state, const core_record *record)
{
    const Mash__V1__Fact *accepted = core_fact_first(record->control, FACT_EVENT_ACCEPTED);
    const Mash__V1__Fact *traced = core_fact_first(record->control, FACT_TRACED);
    const Mash__V1__Fact *linked = core_fact_first(record->control, FACT_PERSON_LINKED);
    if (accepted == NULL || traced == NULL || accepted->event_accepted->exercise) return true;
    const core_policy *policy = core_policy_numbered(state, traced->traced->policy);
    for (size_t i = 0; policy != NULL && i < traced->traced->n_matched; i++) {
        uint32_t rule = traced->traced->matched[i];
        if (rule >= policy->rule_count || policy->rules[rule].action != CORE_DO_NOTIFY) continue;
        core_timely_notice one = {.sequence = record->sequence,
                                  .at_ms = record->time_ms,
                                  .service = policy->rules[rule].service,
                                  .rule = rule,
                                  .person = linked == NULL ? 0 : (uint32_t)linked->person_linked->person,
                                  .sensitivity = (uint32_t)accepted->event_accepted->sensitivity};
        if (!add(n, one)) return false;
    }
    return true;
}

static void take_sent(core_timely_notices *n, uint64_t sequence, const Mash__V1__Delivered *fact)
{
    if (fact->kind != MASH__V1__DELIVERY_KIND__DELIVERY_KIND_NOTICE) return;
    for (size_t i = first_of(n, sequence); i < n->count && n->items[i].sequence == sequence; i++)
        n->items[i].is_sent = n->items[i].is_sent || n->items[i].rule == fact->rule;
}

/* Of one record two rules may have asked for notices: who has seen one has seen what it is about. */
static void take_seen(core_timely_notices *n, uint64_t sequence)
{
    for (size_t i = first_of(n, sequence); i < n->count && n->items[i].sequence == sequence; i++)
        n->items[i].is_seen = n->items[i].is_sent;
}

bool core_timely_notices_take(core_timely_notices *n, const core_state *state, const core_record *record)
{
    if (!take_expected(n, state, record)) return false;
    for (size_t i = 0; i < record->control->n_facts; i++) {
        const Mash__V1__Fact *fact = record->control->facts[i];
        if (fact->kind == FACT_DELIVERED) take_sent(n, record->sequence, fact->delivered);
        if (fact->kind == FACT_NOTICE_SEEN) take_seen(n, fact->notice_seen->sequence);
    }
    return true;
}

/* ---- telling --------------------------------------------------------------------------------------------------------------- */
typedef struct service {
    const char *name;
    size_t count[FIGURES], cases, words;
    uint64_t *families, *bits; /* owned */
} service;

static bool counts(const core_timely_notice *one, core_timeliness_of which)
{
    const core_audience reader = {.sees_up_to = which.sees_up_to};
    return one->at_ms >= which.from_ms && one->at_ms < which.until_ms && one->service[0] != '\0' &&
           core_audience_is_cleared(&reader, (Mash__V1__Sensitivity)one->sensitivity);
}

static void fill(service *of, const core_timely_notices *n, const core_state *state, core_timeliness_of which)
{
    for (size_t i = 0; i < n->count; i++) {
        const core_timely_notice *one = &n->items[i];
        const bool has[FIGURES] = {true, one->is_sent, one->is_seen};
        if (!counts(one, which) || strcmp(one->service, of->name) != 0) continue;
        of->families[of->cases] = core_timely_family(state, one->person);
        for (size_t f = 0; f < FIGURES; f++) {
            if (has[f]) of->bits[f * of->words + of->cases / 64] |= UINT64_C(1) << of->cases % 64;
            of->count[f] += has[f];
        }
        of->cases++;
    }
}

static hub_status tell_service(const core_timely_notices *n, const core_state *state, core_timeliness_of which, const char *name,
                               core_timely_cb *each, void *context)
{
    static const char *const WHAT[FIGURES] = {"notices expected", "notices sent", "notices seen by a person"};
    service of = {.name = name, .words = (n->count + 63) / 64};
    core_figure figures[FIGURES] = {{0}};
    of.families = malloc(n->count * sizeof *of.families);
    of.bits = calloc(FIGURES * of.words, sizeof *of.bits);
    bool has_room = of.families != NULL && of.bits != NULL;
    if (has_room) fill(&of, n, state, which);
    for (size_t f = 0; f < FIGURES; f++)
        figures[f].cases = of.bits + f * of.words;
    if (has_room) core_small_numbers(figures, FIGURES, of.families, of.cases);
    for (size_t f = 0; has_room && f < FIGURES; f++) {
        core_timely figure = {.area = "",
                              .queue = name,
                              .showing = figures[f].showing,
                              .count = (uint32_t)of.count[f],
                              .median_ms = -1,
                              .ninetieth_ms = -1,
                              .longest_ms = -1};
        (void)hub_format(figure.what, sizeof figure.what, "%s", WHAT[f]);
        each(context, &figure);
    }
    free(of.families);
    free(of.bits);
    return has_room ? HUB_OK : HUB_ERR_MEMORY;
}

/* The least name above `before` of those that count; NULL: there is none. */
static const char *next_service(const core_timely_notices *n, core_timeliness_of which, const char *before)
{
    const char *least = NULL;
    for (size_t i = 0; i < n->count; i++) {
        const char *name = n->items[i].service;
        if (!counts(&n->items[i], which) || strcmp(name, before) <= 0) continue;
        if (least == NULL || strcmp(name, least) < 0) least = name;
    }
    return least;
}

hub_status core_timely_notices_tell(const core_timely_notices *n, const core_state *state, core_timeliness_of which,
                                    core_timely_cb *each, void *context)
{
    hub_status status = HUB_OK;
    const char *name = "";
    while (status == HUB_OK && (name = next_service(n, which, name)) != NULL)
        status = tell_service(n, state, which, name, each, context);
    return status;
}
