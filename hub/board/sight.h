/* sight.h - the board's one filter: which rows a person sees. No page, count, stream, plot or pack looks at rows but through it.
 *
 * A person sees a row when all of this holds (the hub asks the same again at every read and act):
 *   T1  a team of theirs, on today's roster, works on the row's queue
 *   T2  the alert is not restricted, or their role there is cleared for restricted ones
 *   T3  they are no party in it, nor in an alert about the same people
 */
#ifndef BOARD_SIGHT_H
#define BOARD_SIGHT_H

#include "board/config.h"
#include "board/people.h"
#include "board/rows.h"

typedef enum board_view {
    VIEW_UNCLAIMED, /* open, nobody's */
    VIEW_MINE,      /* theirs, or offered to them */
    VIEW_TEAM,      /* open, somebody's */
    VIEW_WAITING,   /* open, and an agency has been asked and has not answered */
    VIEW_HELD,
    VIEW_CLOSED,
} board_view;
enum { BOARD_VIEWS = VIEW_CLOSED + 1 };

/* How many alerts somebody sees in each view. */
typedef struct sight_counts {
    uint32_t views[BOARD_VIEWS];
    uint32_t daily; /* that wait for a signature: log-only (blue) ones that nobody has taken */
} sight_counts;

typedef struct sight {
    const board_rows *rows;
    const char *id;       /* of the person; BORROWED */
    uint64_t person;      /* likewise, as rows name parties */
    uint32_t queue_count; /* of the board's configuration; by its positions: */
    bool works_on[BOARD_QUEUES_MAX], is_cleared[BOARD_QUEUES_MAX], is_agency[BOARD_QUEUES_MAX];
    bool may_be_restricted
        [BOARD_QUEUES_MAX]; /* the queue is told of restricted matters too, and does not always say which these are */
} sight;

sight sight_of(const board_rows *rows, const board_config *config, const person *who, const char *id);
bool sight_sees(const sight *of, const board_row *row);
/* The first `capacity` alerts of this view in its order, as this person may see them, and how many there are of all. An alert told to
 * several of their queues is one entry: the row of the newest record. */
uint32_t sight_list(const sight *of, board_view view, row_ref *out, uint32_t capacity, sight_counts *counts);
/* What they see and has not ended, by time left, in the same way. Returns how many stand in `out`. */
uint32_t sight_open(const sight *of, row_ref *out, uint32_t capacity);
/* What is asked of agencies that they work for, and feedback that nobody there has seen, the least time left first. Returns how many. */
uint32_t sight_asked(const sight *of, asked_item out[ROWS_ASKED_MAX]);
/* Alarms and notices to queues of theirs, the newest first: until they are seen, and for SIGHT_PASSING_DAYS those whose end nobody hears of.
 * `out`: room for ROWS_ASKED_MAX; NULL: they are counted only. */
uint32_t sight_told(const sight *of, int64_t now_ms, asked_item *out);
enum { SIGHT_PASSING_DAYS = 7 };
/* Does the board hold all that these lists are to show, of whoever it is? Where it had no room they lack something. */
bool sight_asked_is_whole(const sight *of);
bool sight_told_is_whole(const sight *of, int64_t now_ms);
/* T1-T3 of what is asked or told (of a question or a disagreement T1: the hub asks an agency nothing about a restricted alert). */
bool sight_sees_item(const sight *of, const asked_item *item);
/* May the number of this alert stand beside an alarm to this queue of theirs? */
bool sight_sees_alarmed(const sight *of, uint32_t queue, uint64_t alert);
/* Do they work for an agency, and do they work on alerts? */
bool sight_is_agency(const sight *of);
bool sight_has_lists(const sight *of);
/* The newest row of the alert that they see; NULL: none. */
const board_row *sight_find(const sight *of, uint64_t alert);

#endif
