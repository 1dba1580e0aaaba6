/* contract_steps.h - a store under test, and the steps that tests of the contract take. */
#ifndef CONTRACT_CONTRACT_STEPS_H
#define CONTRACT_CONTRACT_STEPS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
/* last */
#include <cmocka.h>

#include "batches.h"

/* One store that may be opened many times. */
typedef struct contract_store {
    hub_status (*open)(void *self, const char *partnership, journal_open_mode mode, journal **out, hub_error *err);
    void (*damage)(void *self, uint64_t sequence); /* changes a bit of the stored batch */
    void (*fill)(void *self);                      /* from now on there is no room */
    void (*make_room)(void *self);
    void (*break_next)(void *self); /* the next append meets a failure with an open outcome */
    void (*mend)(void *self);       /* so that the store can be opened again */
    bool keeps_broken;              /* the append that met the failure is there afterwards */
    void *self;
} contract_store;

#define PARTNERSHIP "testshire"

/* ---- steps ---------------------------------------------------------------------------------------------------------------- */
static journal *opened(contract_store *s, journal_open_mode mode)
{
    journal *j = NULL;
    hub_error err = {{0}};
    hub_status status = s->open(s->self, PARTNERSHIP, mode, &j, &err);
    if (status != HUB_OK) print_error("%s\n", err.text);
    assert_int_equal(status, HUB_OK);
    assert_non_null(j);
    return j;
}

static journal_end end_of(journal *j)
{
    journal_end end;
    assert_int_equal(journal_end_of(j, &end, NULL), HUB_OK);
    return end;
}

static journal_outcome append(journal *j, const journal_batch *batch)
{
    hub_error err = {{0}};
    journal_outcome outcome = journal_append(j, batch, &err);
    if (outcome != JOURNAL_DURABLE) print_message("%s\n", err.text);
    assert_true(outcome == JOURNAL_DURABLE || err.text[0] != '\0');
    return outcome;
}

static void append_made(journal *j, uint32_t count, uint64_t seed)
{
    journal_end end = end_of(j);
    made_batch *made = make_batch(&end, count, 100, seed);
    assert_int_equal(append(j, &made->batch), JOURNAL_DURABLE);
    made_batch_free(made);
}

static void assert_same_batch(const journal_batch *a, const journal_batch *b)
{
    assert_int_equal(a->first_sequence, b->first_sequence);
    assert_int_equal(a->record_count, b->record_count);
    assert_int_equal(a->epoch, b->epoch);
    assert_int_equal(a->state_digest, b->state_digest);
    assert_memory_equal(a->last_hash.bytes, b->last_hash.bytes, HUB_DIGEST_BYTES);
    assert_int_equal(a->records.size, b->records.size);
    assert_memory_equal(a->records.data, b->records.data, a->records.size);
    assert_memory_equal(a->offsets, b->offsets, (a->record_count + 1) * sizeof *a->offsets);
    assert_int_equal(a->ref_count, b->ref_count);
    assert_memory_equal(a->refs, b->refs, a->ref_count * sizeof *a->refs);
}

typedef struct seen {
    uint64_t first, last;
    uint32_t batches;
    const journal_batch *expected; /* NULL: any */
} seen;

static hub_status see(void *context, const journal_batch *batch, hub_error *err)
{
    (void)err;
    seen *s = context;
    if (s->batches == 0) s->first = batch->first_sequence;
    s->last = batch->first_sequence + batch->record_count - 1;
    s->batches++;
    if (s->expected != NULL) assert_same_batch(s->expected, batch);
    return HUB_OK;
}

static seen read_from(journal *j, uint64_t sequence)
{
    seen s = {0};
    assert_int_equal(journal_read(j, sequence, see, &s, NULL), HUB_OK);
    return s;
}

static void index_all(journal *j)
{
    /* A call that finds nothing much to do leaves it for the next one: two in a row mean that all is done. */
    uint32_t calls = 0;
    for (int quiet = 0; quiet < 2 && calls < 10000; calls++)
        quiet = journal_idle(j, 100000) ? 0 : quiet + 1;
    assert_true(calls < 10000);
}

#endif
