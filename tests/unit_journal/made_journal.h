/* made_journal.h - drafts, keys and a memory journal, for tests of what stands on a backend. */
#ifndef UNIT_JOURNAL_MADE_JOURNAL_H
#define UNIT_JOURNAL_MADE_JOURNAL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* last */
#include <cmocka.h>

#include "event/wire.h"
#include "host/random.h"
#include "journal/reader.h"
#include "journal/writer.h"

#define PARTNERSHIP "testshire"
static const uint8_t MASTER[HUB_SECRET_BYTES] = {7, 7, 7};

/* The bytes that drafts point into: one control part and one personal part serve them all. */
typedef struct made_parts {
    hub_buffer control, personal;
} made_parts;

static inline void made_parts_open(made_parts *parts)
{
    Mash__V1__HubStarted started = MASH__V1__HUB_STARTED__INIT;
    started.epoch = 1;
    started.format = 1;
    Mash__V1__Fact fact = MASH__V1__FACT__INIT;
    fact.kind = 11;
    fact.body_case = MASH__V1__FACT__BODY_HUB_STARTED;
    fact.hub_started = &started;
    Mash__V1__Fact *facts[] = {&fact};
    Mash__V1__Control control = MASH__V1__CONTROL__INIT;
    control.format = 1;
    control.n_facts = 1;
    control.facts = facts;
    Mash__V1__Personal personal = MASH__V1__PERSONAL__INIT;
    personal.actor = (char *)(uintptr_t) "duty desk";
    personal.reason = (char *)(uintptr_t) "a reason of some length";
    *parts = (made_parts){0};
    assert_int_equal(event_wire_pack(&control.base, &parts->control), HUB_OK);
    assert_int_equal(event_wire_pack(&personal.base, &parts->personal), HUB_OK);
}

static inline void made_parts_close(made_parts *parts)
{
    hub_buffer_free(&parts->control);
    hub_buffer_free(&parts->personal);
}

static inline journal_draft make_draft(const made_parts *parts, uint64_t sequence)
{
    static const uint64_t REFS[2] = {11, 12};
    return (journal_draft){.sequence = sequence,
                           .time_ms = 1000000 + (int64_t)sequence,
                           .peer = 3,
                           .link_seq = sequence,
                           .control = hub_buffer_bytes(&parts->control),
                           .personal = hub_buffer_bytes(&parts->personal),
                           .state_digest = 5000 + sequence,
                           .refs = REFS,
                           .ref_count = 2};
}

/* A store with a writer on it. */
typedef struct made_journal {
    journal_memory_store *store;
    made_parts parts;
    journal *j;
    journal_keys *keys;
    journal_writer *writer;
    uint64_t next; /* sequence */
} made_journal;

static inline void made_journal_start(made_journal *m, journal_open_mode mode, const journal_writer_options *options)
{
    journal_end end;
    assert_int_equal(journal_memory_open(m->store, PARTNERSHIP, mode, &m->j, NULL), HUB_OK);
    assert_int_equal(journal_keys_open_with(MASTER, m->j, &m->keys, NULL), HUB_OK);
    assert_int_equal(journal_end_of(m->j, &end, NULL), HUB_OK);
    journal_writer_options plain = {.partnership = PARTNERSHIP, .epoch = end.epoch + 1};
    assert_int_equal(journal_writer_open(m->j, m->keys, options == NULL ? &plain : options, &m->writer, NULL), HUB_OK);
    m->next = end.last_sequence + 1;
}

static inline void made_journal_stop(made_journal *m)
{
    journal_writer_close(m->writer);
    journal_keys_close(m->keys);
    journal_close(m->j);
}

static inline int made_journal_setup(void **fixture)
{
    made_journal *m = calloc(1, sizeof *m);
    assert_non_null(m);
    m->store = journal_memory_store_open();
    made_parts_open(&m->parts);
    made_journal_start(m, JOURNAL_CREATE, NULL);
    *fixture = m;
    return 0;
}

static inline int made_journal_teardown(void **fixture)
{
    made_journal *m = *fixture;
    made_journal_stop(m);
    made_parts_close(&m->parts);
    journal_memory_store_close(m->store);
    free(m);
    return 0;
}

/* Offers the next `count` records as one batch; the pause after it is the caller's. */
static inline journal_outcome made_journal_offer(made_journal *m, uint32_t count, hub_digest *hashes)
{
    journal_draft *drafts = calloc(count, sizeof *drafts);
    hub_digest *own = calloc(count, sizeof *own);
    assert_true(drafts != NULL && own != NULL);
    for (uint32_t i = 0; i < count; i++)
        drafts[i] = make_draft(&m->parts, m->next + i);
    hub_error err = {{0}};
    journal_outcome outcome = journal_writer_append(m->writer, drafts, count, hashes == NULL ? own : hashes, &err);
    if (outcome == JOURNAL_DURABLE) m->next += count;
    free(own);
    free(drafts);
    return outcome;
}

/* As the hub's journal thread does: an append, and a pause after it. */
static inline void made_journal_append(made_journal *m, uint32_t count)
{
    assert_int_equal(made_journal_offer(m, count, NULL), JOURNAL_DURABLE);
    journal_writer_pause(m->writer, 0);
}

#endif
