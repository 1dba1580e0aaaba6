/* A disagreement for people, as it stands. Numbers and policy words only; what anybody wrote is sealed in the records. */
#include "core/act_view.h"
#include "core/acts.h"
#include "core/clock_view.h"
#include "core/disagreement.h"
#include "event/wire.h"

#include <string.h>

typedef struct viewing {
    const core_state *state;
    hub_arena *arena;
    core_disagreement g;
    const core_disagreement_ladder *ladder; /* as the policy has it under which it came to its stage */
    bool failed;
} viewing;

static viewing begin(const core_state *state, uint32_t number, hub_arena *arena)
{
    viewing v = {.state = state, .arena = arena};
    core_disagreement_read(&v.g, state, number, state->numbers.time_ms);
    v.ladder = &core_policy_numbered(state, v.g.row.policy)->disagreements[v.g.row.ladder];
    return v;
}

static char *text(viewing *v, const char *format, ...) __attribute__((format(printf, 2, 3)));
static char *text(viewing *v, const char *format, ...)
{
    char words[640];
    va_list arguments;
    va_start(arguments, format);
    (void)hub_format_list(words, sizeof words, format, arguments);
    va_end(arguments);
    return event_wire_text(v->arena, words, &v->failed);
}

static const struct {
    Mash__V1__StageCause cause;
    const char *words;
} CAUSES[] = {
    /* of one move, in the order in which they came about: a stage is left out after somebody or a lapse has moved it there */
    {MASH__V1__STAGE_CAUSE__STAGE_CAUSE_LAPSED, "the stage before was not resolved in time"},
    {MASH__V1__STAGE_CAUSE__STAGE_CAUSE_REFERRED, "a side took it up"},
    {MASH__V1__STAGE_CAUSE__STAGE_CAUSE_JUMPED, "a side took it up and left stages out"},
    {MASH__V1__STAGE_CAUSE__STAGE_CAUSE_NO_HOLDER, "a stage was left out, as on one side nobody holds its role"},
};
enum { CAUSE_COUNT = sizeof CAUSES / sizeof CAUSES[0] };

const char *core_stage_cause_words(Mash__V1__StageCause cause)
{
    for (size_t i = 0; i < CAUSE_COUNT; i++) {
        if (CAUSES[i].cause == cause) return CAUSES[i].words;
    }
    return NULL;
}

static void cause_words(uint32_t causes, char out[200])
{
    size_t used = 0;
    for (size_t i = 0; i < CAUSE_COUNT; i++) {
        if ((causes >> (unsigned)CAUSES[i].cause & 1) == 0) continue;
        (void)hub_format(out + used, 200 - used, "%s%s", used == 0 ? "" : "; ", CAUSES[i].words);
        used += strlen(out + used);
    }
    if (used == 0) (void)hub_format(out, 200, "it began here");
}

/* The newest act that moved it, or opened it. */
static const core_act_row *last_move(const viewing *v)
{
    uint32_t at = v->g.row.acts;
    const core_act_row *row = core_acts_at(v->state, at);
    while (row->causes == 0 && row->act != MASH__V1__ACT_KIND__ACT_KIND_DISPUTE)
        row = core_acts_at(v->state, row->next);
    return row;
}

/* When its stage is, or was, to be resolved by; 0 when no such clock was ever started. */
static int64_t stage_due(const viewing *v)
{
    uint32_t clock = core_clock_newest(v->state, v->g.row.alert, MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_STAGE, v->g.number);
    return clock == 0 ? 0 : core_clocks_at(v->state, clock)->due_ms;
}

/* ---- as it stands ---------------------------------------------------------------------------------------------------------- */
static bool is_among(char *const *ids, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(ids[i], id) == 0) return true;
    }
    return false;
}

static void put_speakers(viewing *v, Mash__V1__DisagreementView *out)
{
    const core_policy *policy = v->g.policy;
    uint32_t role = v->g.ladder == NULL ? 0 : v->g.ladder->stages[v->g.stage].role;
    size_t count = 0;
    for (uint32_t i = 0; v->g.ladder != NULL && i < policy->staff_count; i++)
        count += core_disagreement_speaks(&v->g, &policy->staff[i], role) != 0;
    if (count == 0) return;
    out->told = hub_arena_take(v->arena, count * sizeof *out->told);
    if (out->told == NULL) {
        v->failed = true;
        return;
    }
    for (uint32_t i = 0; i < policy->staff_count; i++) {
        const core_staff_row *row = &policy->staff[i];
        if (core_disagreement_speaks(&v->g, row, role) == 0 || is_among(out->told, out->n_told, row->id)) continue;
        out->told[out->n_told++] = text(v, "%s", row->id);
    }
}

hub_status core_disagreement_view(const core_state *state, uint32_t number, hub_arena *arena, Mash__V1__DisagreementView *out)
{
    viewing v = begin(state, number, arena);
    const core_disagreement_row *row = &v.g.row;
    const core_stage *stage = &v.ladder->stages[row->stage];
    mash__v1__disagreement_view__init(out);
    char cause[200];
    cause_words(last_move(&v)->causes, cause);
    out->disagreement = text(&v, "D%u", number);
    out->stage = stage->number;
    out->plain = text(&v, "%s", stage->plain);
    out->lane = text(&v, "%s", row->urgent ? "urgent" : "standard");
    out->cause = text(&v, "%s", cause);
    out->danger = text(&v, "%s", v.ladder->danger);
    out->version = row->version;
    out->state = text(&v, "%s", row->closed ? "closed" : "open");
    out->team = text(&v, "%s", core_team_name(state, row->team));
    out->with_team = text(&v, "%s", core_team_name(state, row->with_team));
    if (!row->closed) {
        out->due_ms = stage_due(&v);
        put_speakers(&v, out);
    }
    return v.failed ? HUB_ERR_MEMORY : HUB_OK;
}
