/* pack_page.h - what a continuity pack says, as HTML for paper: no script, nothing to unfold, nothing fetched from anywhere. */
#ifndef BOARD_PACK_PAGE_H
#define BOARD_PACK_PAGE_H

#include "board/board.h"
#include "board/timeline.h"

enum {
    PACK_ENTRIES_MAX = 12, /* of an item, the newest: what somebody can read without the hub */
    PACK_PEOPLE_MAX = 16,
    PACK_RULES_MAX = 8,
    PACK_TEXT_BYTES_MAX = 64 * 1024, /* of an item; older entries are left out first */
};

typedef struct pack_person {
    uint64_t person;
    html_page who; /* as the newest event that names them does */
    bool is_named, is_decided;
    char outcome[CORE_NAME_MAX];
} pack_person;

/* What is gathered of one item while the hub shows it, page by page, oldest first. {0} is empty. */
typedef struct pack_text {
    html_page reasons, entries[PACK_ENTRIES_MAX]; /* the newest, as a ring */
    uint32_t entry_count;                         /* so far */
    char rules[PACK_RULES_MAX][CORE_NAME_MAX];
    uint32_t rule_count;
    pack_person people[PACK_PEOPLE_MAX];
    uint32_t people_count;
    timeline_seen seen;
} pack_text;

/* `paper`: a visit of nobody, for the policy and the time. */
void pack_text_take(pack_text *t, visit *paper, const Mash__V1__Delivery *delivery);
/* All of it at the end of `out`; then `t` is empty. */
void pack_text_end(pack_text *t, const visit *paper, html_page *out);
/* Wipes and empties. */
void pack_text_clear(pack_text *t);

typedef struct pack_head {
    const char *person; /* in whose sight it is made; BORROWED */
    int64_t made_ms, known_ms, expires_ms;
    bool is_hub_away;
    uint32_t not_newest; /* items whose text is not of their newest record, or is missing */
} pack_head;

/* The top: what it is, as of when, until when, whom to ring; then the lists, a queue each, of `rows` (by time left). */
void pack_page_begin(html_page *page, const visit *paper, const pack_head *head, const row_ref *rows, uint32_t count);
/* What is known of one row; its text follows. `text_of`: the record that the text is of; 0: there is none. */
void pack_page_item(html_page *page, const visit *paper, const board_row *row, uint64_t text_of);
void pack_page_end(html_page *page);

#endif
