/* rows.h - the board's projection: one row for an alert and a queue that was told of it. Deliveries in, rows out; nothing else is kept.
 *
 * Why so little: a row holds no name and nothing that anybody wrote. What an alert is about is asked of the hub when somebody opens it,
 * stating why, so the hub's own filter and audit stand before every page (ARCHITECTURE.md, U1).
 *
 * O1  A row keeps the queue it came through, and so the audience it was built for: the rows of two teams are never mixed.
 * O2  Only a newer record changes a row; the same deliveries in the same order give the same rows, whatever was there before.
 * O3  Whatever cannot be read (a queue, a rating, a class this board does not know) makes a row that only cleared people see; one for which
 *     there was no memory, nobody.
 *
 * Beside them, what is asked of an agency: it is told of the question and not how the alert stands, and so has no row. And alarms, notices
 * and feedback until somebody has seen them: these are about no alert, or do not say how it stands.
 */
#ifndef BOARD_ROWS_H
#define BOARD_ROWS_H

#include "base/status.h"
#include "core/policy.h"
#include "mash/v1/bus.pb-c.h"

enum {
    ROW_CLOCKS_MAX = 6,
    ROW_PARTIES_MAX = 32,  /* as many as a delivery names */
    ROWS_ASKED_MAX = 4096, /* unanswered or unseen: above, the oldest alarm goes, then the oldest notice (asked_lost) */
    ASKED_ALERTS_MAX = 4,
    ROWS_MAX = 400 * 1000, /* some 120 MB: above, the oldest ended ones go */
};

typedef enum row_state { ROW_OPEN, ROW_HELD, ROW_ENDED } row_state;

typedef struct row_clock {
    int64_t due_ms;
    const char *what; /* it is for, in words; its id where there are none */
    bool statutory, provisional, held;
    bool overdue;  /* the hub says that it ran out and nobody has kept it, */
    bool was_past; /* and that it had before anybody here could */
} row_clock;

typedef uint32_t row_ref; /* position; valid until rows_clear */

/* Texts and parties are each kept once for all rows: BORROWED until rows_close, never NULL. What every list looks at stands first. */
typedef struct board_row {
    uint64_t alert;    /* 17 of "A17" */
    uint64_t sequence; /* of the record that it stands at */
    uint32_t queue;    /* position in board_config.queues */
    row_ref other;     /* the rows of one alert are a ring */
    Mash__V1__Rating rating;
    Mash__V1__Sensitivity sensitivity;
    row_state state;
    uint8_t request_count, disagreement_count, line_count, undecided_count, clock_count, party_count;
    bool is_hidden;      /* no memory for what would say who may see it */
    bool is_provisional; /* rated by a rule; `rated_by` has its id, or the roster id of who rated; "" = not told */
    bool is_seen, is_exercise, claim_again;
    const char *owner, *offered_to;
    const uint64_t *parties;          /* row_person of who is a party; NULL = nobody */
    row_clock clocks[ROW_CLOCKS_MAX]; /* what is overdue, then what runs: each earliest first */
    int64_t opened_ms, held_until_ms, changed_ms;
    uint32_t version, events;
    const char *rated_by, *area, *rule;
} board_row;

/* What somebody is asked or told beside how alerts stand, and has not yet answered or seen. Nothing that anybody wrote is kept of it. */
typedef struct asked_item {
    uint64_t number; /* 3 of "R3"; of an alarm its record */
    uint64_t alert;  /* that it is about; 0 = none, or not told */
    int64_t due_ms;  /* 0 = none */
    int64_t told_ms;
    const char *what;                  /* an alarm's words */
    const uint64_t *parties;           /* as in board_row */
    uint64_t alerts[ASKED_ALERTS_MAX]; /* that an alarm names, the first of `alert_count` */
    uint32_t queue;
    char letter;         /* R a question, D a disagreement in which they are a side, F feedback, N a notice, ! an alarm */
    bool is_passing;     /* nothing is heard of its end: an alarm, or a notice that is given again after it was seen */
    bool is_again;       /* a notice that is given again */
    bool is_open_to_all; /* what it rests on is known not to be restricted */
    uint8_t party_count;
    uint32_t alert_count;
} asked_item;

/* Somebody's roster id, in eight bytes. */
uint64_t row_person(const char *id);

typedef struct board_rows board_rows;

hub_status rows_open(board_rows **out, hub_error *err);
void rows_close(board_rows *rows);
/* Everything is forgotten: the hub's history is another one now. */
void rows_clear(board_rows *rows);
/* `queue`: position in board_config.queues. Gives the row that changed; NULL: this delivery is about no alert, or about one that has no row and
 * does not say how it stands; is older than the row (O2); or memory is out (`failed`). */
const board_row *rows_take(board_rows *rows, uint32_t queue, const Mash__V1__Delivery *delivery);
/* Takes what this delivery asks or tells. true: that has changed; *out is what is new (valid until the next), NULL: something has gone. */
bool rows_take_asked(board_rows *rows, uint32_t queue, const Mash__V1__Delivery *delivery, const asked_item **out);
/* The hub was asked for feedback or a notice and showed it so as it stands now: what has been seen there goes (no delivery says so). */
void rows_shown(board_rows *rows, uint32_t queue, const Mash__V1__Delivery *delivery);
/* What is missing among the open. */
typedef struct asked_lost {
    bool is_asked;      /* a question, a disagreement or feedback found no room */
    bool is_notice;     /* a notice that nobody has seen gave way, or found none */
    int64_t passing_ms; /* when the newest was told of those that stand for some days only and are gone before; 0 = none */
} asked_lost;
const asked_lost *rows_asked_lost(const board_rows *rows);
/* What is open, `*count` in a line. */
const asked_item *rows_asked(const board_rows *rows, uint32_t *count);
/* One of the alert's rows, NULL: none; and the next one of its ring: the same again where it is alone. */
const board_row *rows_first(const board_rows *rows, uint64_t alert);
const board_row *rows_other(const board_rows *rows, const board_row *row);
/* NULL: none. */
const board_row *rows_find(const board_rows *rows, uint32_t queue, uint64_t alert);
uint32_t rows_count(const board_rows *rows);
const board_row *rows_at(const board_rows *rows, row_ref ref);
/* All of them, `rows_count` in a line: for sight.h, which looks through a hundred thousand for every list. */
const board_row *rows_all(const board_rows *rows);
/* Memory ran out: a row is missing until the rows are built again. */
bool rows_failed(const board_rows *rows);

#endif
