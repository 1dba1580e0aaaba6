/* conform.h - acts as a hub towards a candidate adapter, and says which duties of a publisher it does.
 *
 * Why: whoever writes an adapter in another language reads proto/README.md and cannot try, against a hub that behaves, what counts when
 * one does not: a lost answer, a fork, a refusal, a hub that is silent. Here is one that does all of that on purpose.
 *
 *     candidate --CURVE--> act.c: a hub with knobs, which judges every frame it gets
 *         ^                    phases.c: turns the knobs, one story after the other
 *         '-- files -- inputs.c: golden inputs, and what is made of them by cutting, soiling and repeating
 *
 * A duty is passed when it was tried and nothing was seen against it. Nothing of an event but its field paths stands in what is said.
 */
#ifndef CONFORM_CONFORM_H
#define CONFORM_CONFORM_H

#include "base/bytes.h"
#include "bus/curve.h"

/* What a publisher owes, in the order of proto/README.md. name, rule, what it says. */
#define CONFORM_DUTIES(X)                                                                                                        \
    X(HELLO, "hello", "The session", "says Hello first: protocol 1, software of at most 64 bytes, outbox_id of 16")              \
    X(PING, "ping", "The session", "sends something at every ping interval while a session is open")                             \
    X(NO_HELLO, "session-ended", "The session", "says Hello again when its session was ended, and goes on")                      \
    X(STOPPING, "stopping", "The session", "connects again after a hub that stops, and to one that was restarted")               \
    X(REPLACED, "replaced", "The session", "does not fight over its key when another program has it")                            \
    X(REVOKED, "revoked", "The session", "sends no more events once its key is revoked")                                         \
    X(SILENCE, "silence", "The connection", "makes a new connection when the hub is silent for three ping intervals")            \
    X(PATIENCE, "patience", "The session", "waits for a hub that settles late and answers pings")                                \
    X(UNKNOWN, "unknown-frames", "The session", "skips frames and fields that it does not know")                                 \
    X(LINK_SEQ, "link-seq", "Publishing 2", "numbers its items 1, 2, 3 without a gap")                                           \
    X(SAME_BYTES, "same-bytes", "Publishing 2", "never changes an item's id and bytes")                                          \
    X(ACKNOWLEDGED, "acknowledged", "Publishing 3",                                                                              \
      "names in Hello the newest item that was settled, never more, never less again")                                           \
    X(AHEAD, "watermark-ahead", "Publishing 3", "offers again what was settled while it did not hear the answer")                \
    X(MISMATCH, "watermark-mismatch", "Publishing 3",                                                                            \
      "starts anew when the hub's newest item is not the one it holds under that number")                                        \
    X(FORKED, "forked", "Publishing 3", "takes a new outbox_id and offers everything it keeps from 1")                           \
    X(CREDIT, "credit", "Publishing 4", "has no more items unsettled than Welcome allows, and at most 1,024 in a frame")         \
    X(RESEND, "lost-answer", "Publishing 5", "sends again, in order, what was not answered")                                     \
    X(DUPLICATE, "duplicate", "Publishing, status", "takes DUPLICATE for settled")                                               \
    X(REFUSED, "refused", "Publishing, status", "takes REFUSED for settled, does not send it again, and goes on with the next")  \
    X(RETRY, "retry-later", "Publishing, status", "sends again from the item that is to be retried, and waits in between")       \
    X(LINK_GAP, "link-gap", "Publishing, status", "sends from the number that a LINK_GAP names")                                 \
    X(KILLED, "kill-9", "Publishing 1", "loses nothing when it is killed: same outbox, same numbers, same bytes")                \
    X(EVENT_ID, "event-id", "The event id", "derives an id of version 8 with 16 bytes, the same in item and event")              \
    X(VALID, "valid-events", "What the hub asks of an event", "sends only events that the hub's own check passes")               \
    X(CLOCK, "clock", "What the hub asks of an event", "has a clock that is within ten minutes of this one")                     \
    X(GOLDEN, "golden-inputs", "input", "makes an event of every good input")                                                    \
    X(ONCE, "input-once", "input", "makes no second event of an input that comes again")                                         \
    X(PARTIAL, "input-in-progress", "input", "leaves an input alone that is not whole: a .part file, half a frame")              \
    X(HOSTILE, "hostile-inputs", "input", "makes no event of a bad input, and goes on with the next good one")

#define CONFORM_ENUM(symbol, name, rule, text) CONFORM_##symbol,
typedef enum conform_duty { CONFORM_DUTIES(CONFORM_ENUM) CONFORM_DUTY_COUNT } conform_duty;

typedef struct conform_result {
    bool tried;
    uint32_t faults;
    char fault[200]; /* the first one; no value of any event */
} conform_result;

typedef struct conform_options { /* all BORROWED for the run */
    const char *endpoint;        /* "tcp://127.0.0.1:7411" */
    bus_key_pair server;
    uint8_t candidate[BUS_KEY_BYTES]; /* its public key */
    char *const *command;             /* NULL-ended words of the candidate; starts and kills it. NULL: it is started by hand */
    const char *log;                  /* file for what the candidate says */
    const char *drop;                 /* its drop folder, or: */
    const char *way, *token;          /* where it listens (send.h), and the bearer token of HTTP; NULL = none */
    const char *golden;               /* an input of its format: @N@ = a number, @NOW@ = an hour ago, @UUID@ = a number as UUID */
    const char *hostile;              /* a folder of more bad inputs; NULL = none */
    const char *only;                 /* names of stories, "credit,forked"; NULL = all */
    void (*progress)(void *context, const char *story);
    void *context;
} conform_options;

typedef struct conform_report {
    conform_result duties[CONFORM_DUTY_COUNT];
    char software[80]; /* as the candidate's Hello said */
    uint64_t events, frames;
} conform_report;

/* HUB_OK: the stories were told, `out` says with what result. Otherwise they could not be: err says why. */
hub_status conform_run(const conform_options *options, conform_report *out, hub_error *err);

typedef struct conform_duty_row {
    const char *name, *rule, *text;
} conform_duty_row;
extern const conform_duty_row CONFORM_ROWS[CONFORM_DUTY_COUNT];
/* Every duty that was tried was done; at least one was. */
bool conform_passed(const conform_report *report);

/* The certificate as text for people, and as JSON. `made_ms`: ms since 1970; `program`: digest of the candidate's binary in hex, "" = not given. */
void conform_certificate_text(const conform_report *report, int64_t made_ms, const char *program, hub_buffer *out);
void conform_certificate_json(const conform_report *report, int64_t made_ms, const char *program, hub_buffer *out);

#endif
