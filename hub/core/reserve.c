/* Makes sure that evolving a record cannot fail: every pool and table has room for the most that its facts can add. */
#include "core/facts.h"
#include "core/state.h"

#include <string.h>

const char *core_fact_words(uint32_t kind)
{
    switch (kind) {
#define X(number, capitals, member, message, ignorable, words)                                                                   \
    case number:                                                                                                                 \
        return words;
        CORE_FACTS(X)
#undef X
    default:
        return "a fact of a newer version";
    }
}

const Mash__V1__Fact *core_fact_first(const Mash__V1__Control *control, uint32_t kind)
{
    for (size_t i = 0; i < control->n_facts; i++) {
        if (control->facts[i]->kind == kind) return control->facts[i];
    }
    return NULL;
}

/* Is this a fact that this version folds? Its body must be the one that `kind` names. */
static bool is_known(const Mash__V1__Fact *fact)
{
    switch (fact->kind) {
#define X(number, capitals, member, message, ignorable, words)                                                                   \
    case number:                                                                                                                 \
        return fact->body_case == MASH__V1__FACT__BODY_##capitals;
        CORE_FACTS(X)
#undef X
    default:
        return false;
    }
}

static hub_status check_facts(const core_record *record, hub_error *err)
{
    const Mash__V1__Control *control = record->control;
    for (size_t i = 0; i < control->n_facts; i++) {
        const Mash__V1__Fact *fact = control->facts[i];
        if (is_known(fact) || fact->ignorable) continue;
        return hub_fail(err, HUB_ERR_VERSION,
                        "record %llu holds a fact of kind %u, written in format %u, that this version (format %d) cannot fold; "
                        "open this journal with the version that wrote it or a newer one",
                        (unsigned long long)record->sequence, fact->kind, control->format, CORE_FORMAT);
    }
    return HUB_OK;
}

static hub_status check_place(const core_state *state, const core_record *record, hub_error *err)
{
    uint64_t expected = state->numbers.sequence + 1;
    if (record->sequence != expected) {
        return hub_fail(err, HUB_ERR_CORRUPT, "record %llu came where %llu was expected", (unsigned long long)record->sequence,
                        (unsigned long long)expected);
    }
    if (record->time_ms < state->numbers.time_ms) {
        return hub_fail(err, HUB_ERR_CORRUPT, "record %llu is dated before its predecessor",
                        (unsigned long long)record->sequence);
    }
    const Mash__V1__Fact *created = core_fact_first(record->control, 10);
    if (created != NULL && (record->personal == NULL || record->personal->pseudonym_key.len != HUB_SECRET_BYTES)) {
        return hub_fail(err, HUB_ERR_CORRUPT,
                        "record %llu creates the partnership but its sealed part cannot be read; is this the "
                        "partnership's own master key?",
                        (unsigned long long)record->sequence);
    }
    if (core_fact_first(record->control, 14) != NULL && record->policy == NULL) {
        return hub_fail(err, HUB_ERR_CORRUPT, "record %llu adopts a policy that was not compiled",
                        (unsigned long long)record->sequence);
    }
    return HUB_OK;
}

/* At most this many items of any one kind. */
static uint32_t most_items(const core_record *record)
{
    size_t most = record->control->n_facts;
    const Mash__V1__Fact *withdrawn = core_fact_first(record->control, 22);
    if (withdrawn != NULL) most += withdrawn->event_withdrawn->n_alerts;
    if (record->event != NULL) {
        for (size_t i = 0; i < record->event->n_subjects; i++) {
            most += record->event->subjects[i]->n_identifiers + record->event->subjects[i]->n_addresses;
        }
    }
    HUB_ASSERT(most < UINT32_MAX);
    return (uint32_t)most;
}

static hub_status reserve_queue_logs(core_state *state, const core_record *record)
{
    for (size_t i = 0; i < record->control->n_facts; i++) {
        const Mash__V1__Fact *fact = record->control->facts[i];
        if (fact->body_case != MASH__V1__FACT__BODY_DELIVERED) continue;
        uint32_t queue = fact->delivered->queue;
        if (queue == 0 || queue > state->queues.count) return HUB_ERR_CORRUPT;
        hub_status status = core_pool_reserve(&state->queue_logs[queue - 1], 1);
        if (status != HUB_OK) return status;
    }
    return HUB_OK;
}

hub_status core_reserve(core_state *state, const core_record *record, hub_error *err)
{
    HUB_ASSERT(record->control != NULL);
    hub_status status = check_facts(record, err);
    if (status == HUB_OK) status = check_place(state, record, err);
    if (status != HUB_OK) return status;

    uint32_t more = most_items(record);
    if (core_fact_first(record->control, 14) != NULL) {
        const Mash__V1__PolicyAdopted *adopted = core_fact_first(record->control, 14)->policy_adopted;
        more += (uint32_t)(adopted->n_queues + adopted->n_audiences + adopted->n_teams);
        if (state->policies.count == CORE_POLICIES_MAX) return hub_fail(err, HUB_ERR_FULL, "more policies than can be held");
    }
#define X(member, type)                                                                                                          \
    if (status == HUB_OK) status = core_pool_reserve(&state->member, more);
    CORE_POOLS(X)
#undef X
#define X(member, pool, type, key)                                                                                               \
    if (status == HUB_OK) status = core_table_reserve(&state->member, more);
    CORE_TABLES(X)
#undef X
    if (status == HUB_OK) status = reserve_queue_logs(state, record);
    if (status == HUB_ERR_CORRUPT) {
        return hub_fail(err, status, "record %llu delivers to a queue that does not exist", (unsigned long long)record->sequence);
    }
    if (status != HUB_OK) return hub_fail(err, status, "no memory to fold record %llu", (unsigned long long)record->sequence);
    return HUB_OK;
}
