/* told_journal.h - a journal with a short history in it, decided by the core itself: a partnership, a policy from sources, events. */
#ifndef UNIT_FOLD_TOLD_JOURNAL_H
#define UNIT_FOLD_TOLD_JOURNAL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* last */
#include <cmocka.h>

#include "fold/fold.h"
#include "journal/writer.h"

typedef struct told_journal {
    char folder[64], master_path[96], location[128], snapshot_path[96];
    journal *j;
    journal_keys *keys;
    journal_writer *writer;
    core_state *state;
    fold_policies policies;
    hub_arena arena;
    int64_t now_ms;
    uint32_t outbox;
    uint64_t link_seq;
    uint64_t wrong_digest_at; /* the batch that ends here stores another digest than the state's; 0 = none */
} told_journal;

/* An empty journal, its keys, and a core beside it. */
void told_journal_open(told_journal *t);
void told_journal_close(told_journal *t);
/* The hub ends and starts again: the state is kept, the handles are new. */
void told_journal_reopen(told_journal *t);

/* Decides one command and appends its record as a batch of its own. */
void told_journal_command(told_journal *t, core_command what);
/* Record 1, a policy, a publisher and its outbox: five records. */
void told_journal_found(told_journal *t);
/* Another policy is adopted: the same with another line. */
void told_journal_adopt(told_journal *t, const char *find, const char *put);
/* A concern about a child, graded high: opens or joins an alert. */
void told_journal_concern(told_journal *t, uint32_t number);

#endif
