/* journal_model.h - the journal against a plain list of batches: random steps, compared after each. */
#ifndef CONTRACT_JOURNAL_MODEL_H
#define CONTRACT_JOURNAL_MODEL_H

#include "contract_steps.h"

enum { MODEL_STEPS = 400, MODEL_BATCHES_MAX = 400 };
typedef struct model {
    made_batch *batches[MODEL_BATCHES_MAX];
    uint32_t count;
    uint32_t compared;
} model;

static uint64_t test_seed(void)
{
    const char *given = getenv("MASHHUB_SEED");
    uint64_t seed = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL);
    print_message("seed %llu (MASHHUB_SEED repeats it)\n", (unsigned long long)seed);
    return seed;
}

static hub_status compare_with_model(void *context, const journal_batch *batch, hub_error *err)
{
    (void)err;
    model *m = context;
    assert_true(m->compared < m->count);
    assert_same_batch(&m->batches[m->compared]->batch, batch);
    m->compared++;
    return HUB_OK;
}

static void model_append(model *m, journal *j, uint64_t *seed)
{
    if (m->count == MODEL_BATCHES_MAX) return;
    journal_end end = m->count == 0 ? (journal_end){0} : end_after(&m->batches[m->count - 1]->batch);
    if (made_number(seed) % 20 == 0) end.epoch++;
    uint32_t count = 1 + (uint32_t)(made_number(seed) % (made_number(seed) % 10 == 0 ? 300 : 8));
    made_batch *made = make_batch(&end, count, 1 + (uint32_t)(made_number(seed) % 900), made_number(seed));
    assert_int_equal(append(j, &made->batch), JOURNAL_DURABLE);
    m->batches[m->count++] = made;
}

static void model_read(model *m, journal *j, uint64_t *seed)
{
    if (m->count == 0) return;
    m->compared = (uint32_t)(made_number(seed) % m->count);
    const journal_batch *from = &m->batches[m->compared]->batch;
    uint64_t sequence = from->first_sequence + made_number(seed) % from->record_count;
    assert_int_equal(journal_read(j, sequence, compare_with_model, m, NULL), HUB_OK);
    assert_int_equal(m->compared, m->count);
}

static void model_lookup(model *m, journal *j, uint64_t *seed)
{
    enum { CAPACITY = 7 };
    uint64_t last = m->count == 0 ? 0 : end_after(&m->batches[m->count - 1]->batch).last_sequence;
    uint64_t last_digit = made_number(seed) % 10;
    uint64_t out[CAPACITY];
    uint32_t count;
    assert_int_equal(journal_lookup(j, made_hash(last_digit), out, CAPACITY, &count, NULL), HUB_OK);
    uint32_t expected = 0;
    for (uint64_t sequence = last; sequence > 0 && expected < CAPACITY; sequence--) {
        if (sequence % 10 != last_digit) continue;
        assert_true(expected < count);
        assert_int_equal(out[expected], sequence);
        expected++;
    }
    assert_int_equal(count, expected);
}

/* A list of batches cannot be wrong; whatever order of appends, reads, pauses and restarts, the journal must agree with it. */
static void the_journal_agrees_with_a_plain_list(void **fixture)
{
    contract_store *s = *fixture;
    uint64_t seed = test_seed();
    model m = {0};
    journal *writer = opened(s, JOURNAL_CREATE);
    journal *reader = opened(s, JOURNAL_READ);
    for (int step = 0; step < MODEL_STEPS; step++) {
        switch (made_number(&seed) % 16) {
        case 0: /* the hub starts again */
            journal_close(writer);
            writer = opened(s, JOURNAL_WRITE);
            break;
        case 1:
            journal_close(reader);
            reader = opened(s, JOURNAL_READ);
            break;
        case 2:
            model_read(&m, writer, &seed);
            break;
        case 3:
            model_read(&m, reader, &seed);
            break;
        case 4:
            model_lookup(&m, writer, &seed);
            break;
        case 5:
            model_lookup(&m, reader, &seed);
            break;
        case 6:
        case 7:
            (void)journal_idle(writer, (uint32_t)(made_number(&seed) % 2000));
            break;
        default:
            model_append(&m, writer, &seed);
            break;
        }
    }
    model_lookup(&m, writer, &seed);
    model_lookup(&m, reader, &seed);
    journal_close(reader);
    journal_close(writer);
    for (uint32_t i = 0; i < m.count; i++)
        made_batch_free(m.batches[i]);
}

#endif
