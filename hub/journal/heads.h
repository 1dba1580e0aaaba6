/* heads.h - signed heads (record.proto, message Head) and the file that keeps them outside the store.
 *
 * Why: a chain shows that nothing in it was changed, but not that it once was longer. Who keeps a signed head can show that.
 *
 * The file has one head a line, its packed bytes in hex. It is only ever appended to, and a line may be torn by a power cut: a line that
 * is no head is counted and passed over; every append begins on a line of its own.
 *
 * A store put back from a backup is older than its heads. When an operator accepts that, a line "restored at N" is appended: a head of
 * the store's last record that also names the newest record given up. What stands above it and names a record between the two is of the
 * branch that was given up: it is left out and counted, and the two branches are never compared.
 */
#ifndef JOURNAL_HEADS_H
#define JOURNAL_HEADS_H

#include "base/arena.h"
#include "journal/journal.h"
#include "mash/v1/record.pb-c.h"

enum { JOURNAL_SIGNING_SECRET_BYTES = 64, JOURNAL_SIGNING_KEY_BYTES = 32 };

typedef struct journal_head {
    const char *partnership; /* BORROWED */
    uint32_t epoch;
    uint64_t sequence;
    hub_digest record_hash;
    uint64_t state_digest;
    int64_t time_ms;
    uint64_t restored_from; /* 0: an ordinary head; otherwise the newest record that was given up for this one */
} journal_head;

/* Signs and packs at the end of `out`. HUB_OK or HUB_ERR_MEMORY. */
hub_status journal_head_sign(const journal_head *head, const uint8_t secret[JOURNAL_SIGNING_SECRET_BYTES], hub_buffer *out);
/* Unpacks; `signing_key` NULL: the signature is not checked. out->partnership lies in `arena`. HUB_OK; HUB_ERR_CORRUPT: no head;
 * HUB_ERR_REFUSED: its signature is not by this key (*out is what it claims). */
hub_status journal_head_open(hub_bytes bytes, const uint8_t *signing_key, hub_arena *arena, journal_head *out, hub_error *err);

/* LATER: with the next append that syncs. */
typedef enum journal_heads_sync { JOURNAL_HEADS_SYNC, JOURNAL_HEADS_SYNC_LATER } journal_heads_sync;

/* Appends `lines` (journal_heads_file_put) to the file. */
void journal_heads_file_put(hub_bytes head, hub_buffer *lines);
hub_status journal_heads_file_append(const char *path, const hub_buffer *lines, journal_heads_sync sync, hub_error *err);

/* Heads as they were read, unopened: their signatures are looked at when they count. {0} is an empty one. */
typedef struct journal_heads_item {
    uint64_t sequence;
    size_t at, size; /* in `bytes` */
} journal_heads_item;
typedef struct journal_heads_list {
    hub_buffer bytes;
    journal_heads_item *items;
    size_t count, capacity;
    uint64_t abandoned;  /* heads of a branch that was given up: left out */
    uint64_t strange;    /* lines of the file that are no heads: left out */
    int64_t restored_ms; /* when a restore was last accepted; 0: never */
} journal_heads_list;

void journal_heads_list_free(journal_heads_list *list);
/* HUB_ERR_CORRUPT: `head` is none; HUB_ERR_MEMORY. */
hub_status journal_heads_list_add(journal_heads_list *list, hub_bytes head, hub_error *err);
/* Adds what the file holds in the file's order, without the abandoned ones. A "restored at N" counts when it is signed with `signing_key`
 * (NULL: not checked). HUB_ERR_NOT_FOUND: no such file; HUB_ERR_IO, HUB_ERR_MEMORY. */
hub_status journal_heads_list_read(journal_heads_list *list, const char *path, const uint8_t *signing_key, hub_error *err);
/* By ascending sequence. */
void journal_heads_list_sort(journal_heads_list *list);
static inline hub_bytes journal_heads_list_bytes(const journal_heads_list *list, size_t place)
{
    return hub_bytes_of(list->bytes.data + list->items[place].at, list->items[place].size);
}

/* ---- a start's question: is this the store that the heads were signed for? ------------------------------------------------ */
typedef enum journal_heads_standing {
    JOURNAL_HEADS_AGREE,        /* the newest head names the record that the store has in that place */
    JOURNAL_HEADS_STORE_BEHIND, /* it names a record after the store's last: an older store was put back, or its tail was cut */
    JOURNAL_HEADS_DIFFERENT,    /* a head names another record than the store has in that place: another history */
    JOURNAL_HEADS_NONE,         /* there is no file, or no line in it is a head of this partnership, signed with this key */
} journal_heads_standing;

typedef struct journal_heads_comparison {
    journal_heads_standing standing;
    uint64_t store_sequence;  /* last record of the store; 0: it is empty */
    uint64_t head_sequence;   /* newest record that a head names; 0: NONE */
    uint64_t differs_at;      /* DIFFERENT: the record of the newest head that is not the store's */
    uint64_t strange_lines;   /* of the file: torn, damaged, or not of this partnership and key */
    uint64_t abandoned_heads; /* of branches given up by earlier restores */
    int64_t restored_ms;      /* when the newest of them was accepted; 0: none was */
} journal_heads_comparison;

/* Compares the newest head and, when the store ends before it, the newest one that the store could hold; the chain answers for the
 * records before those. `j` in any mode. HUB_ERR_IO, HUB_ERR_MEMORY, HUB_ERR_CORRUPT (the store's batch in that place). */
hub_status journal_heads_compare(const char *path, journal *j, const uint8_t signing_key[JOURNAL_SIGNING_KEY_BYTES],
                                 journal_heads_comparison *out, hub_error *err);
/* An operator accepts a store that is behind (`compared`: STORE_BEHIND): appends the line "restored at its last record" and syncs it.
 * From then on the two agree. `j` holds at least one record; time_ms is the time of the acceptance. */
hub_status journal_heads_accept_restored(const char *path, journal *j, const uint8_t secret[JOURNAL_SIGNING_SECRET_BYTES],
                                         const journal_heads_comparison *compared, int64_t time_ms, hub_error *err);

#endif
