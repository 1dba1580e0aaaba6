/* shell.h - the hub's one thread: what lies around the core, and the order in which things happen.
 *
 *     frame -> command -> core_decide -> core_reserve -> core_evolve -> open batch          (this thread, at once)
 *                                                            |
 *                       journal thread: append, sync <-------+   one batch at a time, the next fills meanwhile,
 *                                |
 *                             durable -> release: replies, deliveries, answers               (this thread, in order, while the journal
 *                                                                                           thread has the next one)
 *
 * Invariants
 *   H1  nothing that depends on a record leaves before the record is durable: not a reply, not a delivery, not an answer to a question
 *   H2  the team's endpoint and due timers are served before the agencies', in every turn; agencies get DAEMON_AGENCY_BUDGET_US of it
 *   H3  every message's key is looked up in the live registry; a session never outlives its key's enrolment
 *   H4  a full journal loses nothing and stops nothing but publishing: the same batch is offered again until it is taken
 *   H5  after an outcome that is unknown the process ends: the fold of what is durable decides, not memory
 *   H6  no answer to a question about people leaves before its record in the audit stream is durable (audit.h)
 *
 * This header is private to hub/daemon; each .c file beside it owns one part of the work.
 */
#ifndef DAEMON_SHELL_H
#define DAEMON_SHELL_H

#include <uv.h>

#include "bus/router.h"
#include "bus/sessions.h"
#include "bus/zap.h"
#include "core/core.h"
#include "core/deliver.h"
#include "core/sharing.h"
#include "daemon/batch.h"
#include "daemon/config.h"
#include "daemon/hub_clock.h"
#include "daemon/journal_thread.h"
#include "daemon/keys_folder.h"
#include "event/wire.h"
#include "fold/policies.h"
#include "metrics/serve.h"
#include "metrics/text.h"
#include "daemon/read_thread.h"
#include "daemon/revoked.h"
#include "daemon/ring.h"

enum {
    DAEMON_AGENCY_BUDGET_US = 2000, /* H2 */
    DAEMON_TEAM_BUDGET_US = 10000,  /* so that a team's flood cannot keep timers and journal waiting */
    DAEMON_ITEMS_IN_FLIGHT = 4096,  /* Welcome.publish_items_max */
    DAEMON_PING_MS = 2000,
    DAEMON_SILENT_MS = 3 * DAEMON_PING_MS,
    DAEMON_RECEIPTS_MAX = 64, /* in one record */
    DAEMON_BATCHES = 3,       /* one is filled, one written, one released */
    DAEMON_SESSIONS_MAX = 4096,
    DAEMON_QUESTIONS_MAX = 64, /* of one session at the read thread; each may hold some hundred KiB */
    DAEMON_CUTS_MAX = 256,
    DAEMON_RING_BYTES = 32 * 1024 * 1024,
    DAEMON_CODES_MAX = 32, /* RefusalCode, ActCode: values of the contract are below; what is not counts with 0 */
    DAEMON_ALARMS = 9,
};

enum { DAEMON_ALARM_KINDS = MASH__V1__ALARM_KIND__ALARM_KIND_TIMERS_HELD + 1 }; /* the last of them, and none */

typedef struct daemon_shell daemon_shell;
typedef struct daemon_consumer daemon_consumer;     /* deliver_loop.c */
typedef struct daemon_tail daemon_tail;             /* tail.c */
typedef struct daemon_fold_child daemon_fold_child; /* fold_child.c */
typedef struct daemon_audit daemon_audit;           /* audit.c */

/* What the shell keeps of a session beside the bus's bookkeeping. */
typedef struct daemon_peer_state {
    bool doomed; /* to be ended at the end of this turn */
    bus_connection connection;
    daemon_tail *tails; /* owned */
    uint32_t questions; /* asked of the read thread and not yet answered */
} daemon_peer_state;

/* A Publish frame being worked off, perhaps over several turns. */
typedef struct daemon_publish_work {
    hub_arena arena;            /* the frame */
    Mash__V1__Publish *publish; /* NULL = none in hand */
    bus_session_ref session;
    size_t next;
    uint64_t began_us; /* of this turn; 0 = nothing was done yet */
    bool waits_for_room;
} daemon_publish_work;

/* What is known of a key whether it has a session or not. */
/* An area that an event named and no policy has. */
typedef struct daemon_unknown_area {
    char code[10];
    uint64_t events;
    int64_t last_ms;
} daemon_unknown_area;

enum { DAEMON_UNKNOWN_AREAS_MAX = 4, DAEMON_STRANGERS_MAX = 32 };

typedef struct daemon_heard {
    int64_t last_ms;          /* hub time; 0 = not since start */
    uint64_t waiting, parked; /* in its outbox, as it said last */
    uint64_t owed, overdue;   /* of what was delivered to it, likewise */
    int64_t failing_since_ms;
    uint64_t malformed; /* frames that could not be read, since the log said so */
    uint64_t malformed_said_us;
    event_wire_fault fault; /* the last one's */
    bool told_time;
    int64_t clock_ahead_ms; /* of hub time, by its last Ping */
    Mash__V1__PeerTrouble trouble;
    daemon_unknown_area unknown_areas[DAEMON_UNKNOWN_AREAS_MAX];
} daemon_heard;

/* A key that was not let in. */
typedef struct daemon_stranger {
    uint8_t key[BUS_KEY_BYTES];
    char address[BUS_ZAP_ADDRESS_MAX];
    uint64_t tries; /* 0 = an empty row */
    int64_t last_ms;
} daemon_stranger;

typedef struct daemon_receipts {
    core_receipt items[DAEMON_RECEIPTS_MAX];
    char consumers[DAEMON_RECEIPTS_MAX][BUS_CONSUMER_NAME_MAX];
    uint32_t count;
} daemon_receipts;

/* What the shell counts for /metrics alone, since its start. */
typedef struct daemon_figures {
    uint64_t not_stored[DAEMON_CODES_MAX]; /* items answered REFUSED or RETRY_LATER, by RefusalCode */
    uint64_t acts[DAEMON_CODES_MAX];       /* by ActCode */
    uint64_t batch_began_us;               /* the one in hand was given to the journal thread */
    metrics_histogram batch_records, batch_seconds;
} daemon_figures;

struct daemon_shell {
    const daemon_config *config; /* BORROWED */
    const daemon_keys *keys;     /* BORROWED */
    fold_policies *policies;     /* BORROWED */
    daemon_revoked *revoked;     /* BORROWED */
    core_state *core;            /* owned from daemon_shell_run on */
    uint32_t epoch;
    daemon_clock clock;
    uv_loop_t loop;
    void *zmq;
    bus_zap *zap;
    bus_router *routers[DAEMON_LANES];
    bus_sessions *sessions;
    bool any_doomed, any_queued, any_malformed;
    daemon_heard *heard; /* by peer number - 1 */
    uint32_t heard_count;
    daemon_journal_thread *journal;
    daemon_read_thread *reader;
    const char *backend;
    daemon_batch batches[DAEMON_BATCHES];
    daemon_batch *open;    /* being filled */
    daemon_batch *writing; /* at the journal thread; NULL = idle */
    bool full;             /* H4 */
    bool preparing;        /* a restore was accepted with this start: nothing is published before the next one */
    bool restored;         /* the store was put back from a backup within DAEMON_RESTORED_MS */
    uint64_t
        patient_us;   /* until then what an event of before the restore may lack is waited for, not refused; host_monotonic_us */
    bool away;        /* the store did not answer when it was last looked at */
    uint64_t durable; /* sequence */
    hub_digest durable_hash;
    uint32_t durable_epoch;
    uint64_t first_sequence; /* of this process */
    daemon_ring *ring;
    daemon_publish_work work[DAEMON_LANES];
    hub_arena decide_arena, deliver_arena, record_arena, answer_arena;
    core_delivery_cache cache, feed_cache;
    hub_buffer scratch, position;
    daemon_receipts receipts;
    uint64_t receipts_since_us;
    daemon_consumer **consumers_of; /* by queue number; owned lists */
    uint32_t consumers_of_count;
    bool feed_more;                /* consumers behind have more to be given than one turn allows */
    uint64_t *sent_upto;           /* by consumer: deliver_loop.c */
    Mash__V1__ItemResult *results; /* commit.c */
    uint32_t results_capacity;
    struct {
        bus_connection connection;
        uint64_t at_ms;
    } cuts[DAEMON_CUTS_MAX]; /* connections to shut down once the last word had time to leave */
    uint32_t cut_count;
    uv_timer_t pulse, retry, soon;
    int64_t looked_ms, awake_ms; /* uv: of the last look for silence; of the last standstill of our own that it found */
    uv_idle_t feeding;
    uv_signal_t terminate, interrupt;
    bool stopping;
    hub_status failed; /* why the loop was left, when not HUB_OK */
    hub_error err;
    int64_t started_ms;
    uint64_t watchdog_us, watchdog_next_us;
    bool said_step, recorded_step, said_hold, recorded_hold, said_handshakes;
    int64_t alarm_said_ms[DAEMON_ALARM_KINDS]; /* by AlarmKind: hub time of its last line in the log */
    uint64_t strangers, strangers_said_us;     /* connections that ZAP turned away */
    daemon_stranger known_strangers[DAEMON_STRANGERS_MAX];
    uint64_t other_keys; /* connections that were sealed for another server key */
    int64_t other_key_ms;
    uint64_t duplicates;
    daemon_figures figures;
    metrics_server *metrics; /* owned; NULL = none is wanted, or its port could not be had */
    daemon_fold_child *fold; /* owned */
    hub_buffer timely;       /* the file of figures as the newest fold wrote it; empty = none yet */
    daemon_audit *audit;     /* owned */
};

/* ---- shell.c ---------------------------------------------------------------------------------------------------------------- */
/* Runs until stopped or failed. `core`, journal and writer are ready; `core` is TAKEN. */
typedef struct daemon_start {
    const daemon_config *config;
    const daemon_keys *keys;
    fold_policies *policies;
    daemon_revoked *revoked;
    core_state *core;       /* TAKEN */
    journal *j;             /* BORROWED, mode WRITE */
    journal_writer *writer; /* BORROWED */
    uint32_t epoch;
    daemon_clock_trust trust;
    bool preparing, restored; /* as in daemon_shell */
} daemon_start;
hub_status daemon_shell_run(const daemon_start *start, hub_error *err);
/* Decides one command and, when there is something to record, evolves and puts it into the open batch. The decision lives in
 * decide_arena until the next reset. HUB_OK; HUB_ERR_AGAIN: no room before the journal is through; HUB_ERR_MEMORY: nothing was decided. */
hub_status daemon_apply(daemon_shell *d, daemon_lane lane, const core_command *command, core_decision *decision);
/* At the end of whatever a turn did: commits, ends sessions, arms timers. */
void daemon_turn_end(daemon_shell *d);
void daemon_stop(daemon_shell *d, hub_status why);

/* ---- keep_time.c ------------------------------------------------------------------------------------------------------------ */
int64_t daemon_now_ms(daemon_shell *d);
/* On every pulse: tells when the system clock and hub time part, and corrects hub time once the clock can be trusted again. */
void daemon_keep_time(daemon_shell *d);
/* A correction has been decided; from now on the clock goes so. */
void daemon_time_corrected(daemon_shell *d, int64_t delta_ms);

/* ---- talk.c ----------------------------------------------------------------------------------------------------------------- */
bus_turn daemon_talk_before(daemon_shell *d, daemon_lane lane);
void daemon_talk_message(daemon_shell *d, daemon_lane lane, const bus_message *message);
daemon_peer_state *daemon_state_of(const bus_session *session);
void daemon_send(daemon_shell *d, bus_session *session, hub_bytes first, hub_bytes second);
void daemon_send_frame(daemon_shell *d, bus_session *session, const Mash__V1__HubFrame *frame);
/* Sends when everything decided so far is durable (H1). */
void daemon_answer(daemon_shell *d, bus_session *session, const Mash__V1__HubFrame *frame);
void daemon_answer_packed(daemon_shell *d, bus_session *session, uint64_t request, hub_bytes frame);
void daemon_fault(daemon_shell *d, bus_session *session, uint64_t request, Mash__V1__FaultCode code, const char *field_path,
                  const char *text);
/* Says why (unless UNSPECIFIED) and ends it at the end of the turn. */
void daemon_end_session(daemon_shell *d, bus_session *session, Mash__V1__SessionEnd reason, const char *text);
void daemon_end_doomed(daemon_shell *d);
void daemon_send_queued(daemon_shell *d);
void daemon_end_silent(daemon_shell *d);
void daemon_cut_due(daemon_shell *d);
/* Hub time at which something was last heard from this peer; 0 = not since start. */
int64_t daemon_last_heard_ms(daemon_shell *d, uint32_t peer);
/* Tells of frames that could not be read: a line a minute for each peer. */
void daemon_say_malformed(daemon_shell *d);
daemon_heard *daemon_heard_of(daemon_shell *d, uint32_t peer); /* NULL when memory is out */
bool daemon_is_enrolled(const daemon_shell *d, const core_peer *peer);

/* ---- strangers.c: what operators are told of those who do not get in ------------------------------------------------------------ */
bus_zap_verdict daemon_admit(void *context, const uint8_t key[BUS_KEY_BYTES], const char address[BUS_ZAP_ADDRESS_MAX]);
void daemon_other_key(void *context);
/* An event of this peer named an area that no policy has. */
void daemon_unknown_area_seen(daemon_shell *d, uint32_t peer, const char *code);
void daemon_strangers_put(daemon_shell *d, Mash__V1__Status *status, hub_arena *arena);
void daemon_unknown_areas_put(const daemon_heard *heard, Mash__V1__PeerStatus *out, hub_arena *arena);

/* ---- publish.c -------------------------------------------------------------------------------------------------------------- */
/* TAKES over the frame in the lane's arena. */
void daemon_publish_take(daemon_shell *d, daemon_lane lane, bus_session *session, uint64_t request, Mash__V1__Publish *publish);
/* Works on; AGAIN = done, ENOUGH = budget or room used up. */
bus_turn daemon_publish_work_on(daemon_shell *d, daemon_lane lane);

/* ---- fold_child.c ----------------------------------------------------------------------------------------------------------- */
/* Somebody asks for figures, and those that there are tell of records up to `newest`. true: newer ones are being made. */
bool daemon_fold_ask(daemon_shell *d, uint64_t newest);
/* Starts `mashhubd --fold` beside this process from time to time; called on every pulse. */
void daemon_fold_child_watch(daemon_shell *d);
/* Kills one that runs; its handle goes when the loop runs on. */
void daemon_fold_child_stop(daemon_shell *d);

/* ---- commit.c --------------------------------------------------------------------------------------------------------------- */
void daemon_commit(daemon_shell *d);
void daemon_on_written(void *context, daemon_batch *batch);
/* The store does not answer, answers again, or is not the one that this hub wrote. */
void daemon_on_looked(void *context, hub_status found, const hub_error *err);

/* ---- deliver_loop.c --------------------------------------------------------------------------------------------------------- */
/* Builds what the record delivers to attached consumers that are up to date; held in the open batch. */
void daemon_deliver_build(daemon_shell *d, const core_record *record);
void daemon_deliver_release(daemon_shell *d, const daemon_batch *batch);
/* Gives consumers that are behind what their credit allows. */
void daemon_deliver_feed(daemon_shell *d);
void daemon_deliver_detach(daemon_shell *d, bus_session *session);
void daemon_deliver_detach_one(daemon_shell *d, bus_session *session, uint32_t queue);
void daemon_deliver_free(daemon_shell *d);
/* Sessions that have a subscription of this queue now. */
uint32_t daemon_deliver_attached(const daemon_shell *d, uint32_t queue);
/* Of these, those that hold no consumer's name. */
uint32_t daemon_deliver_live(const daemon_shell *d, uint32_t queue);
uint64_t daemon_deliver_sent_upto(const daemon_shell *d, uint32_t queue, const char *consumer);
/* The subscription's start is settled: deliveries follow. */
void daemon_deliver_attach(daemon_shell *d, bus_session *session, bus_subscription *subscription);
/* The session that has this consumer of this queue; NULL when none has. */
bus_session *daemon_deliver_holder(const daemon_shell *d, uint32_t queue, const char *consumer);

/* ---- requests.c: what every question to the read thread goes through -------------------------------------------------------------- */
/* A job for a question of this session, with a copy of `extra` (NULL: none) as the job's; NULL: it has too many under way, or memory is
 * out, and has been told so under `request`. */
daemon_read_job *daemon_question_new(daemon_shell *d, bus_session *session, uint64_t request,
                                     void (*done)(void *context, daemon_read_job *job), const void *extra, size_t extra_bytes);
/* To be called first by `done`: the asker, NULL when it has gone. */
bus_session *daemon_question_end(daemon_shell *d, const daemon_read_job *job);
/* As daemon_question_end; also NULL, the asker having been told, when the store could not be read or the disk is full. */
bus_session *daemon_asker(daemon_shell *d, const daemon_read_job *job);
void daemon_policy_request(daemon_shell *d, bus_session *session, uint64_t request);
void daemon_show(daemon_shell *d, bus_session *session, uint64_t request, const Mash__V1__Show *show);
void daemon_say_no_room(daemon_shell *d, bus_session *session, uint64_t request);
/* 17 of "A17", when it begins with this letter, large or small; 0 otherwise. NUL for a bare number. */
uint64_t daemon_item_number(const char *id, char letter);
/* An alert, a disagreement, a request, feedback: everything that is filed under it. */
bool daemon_is_item(const char *id);
/* The record of this number among those of the job, in d->record_arena; NULL: it is not there, or cannot be opened. The first is passed
 * over. */
const core_record *daemon_earlier_of(daemon_shell *d, const daemon_read_job *job, uint64_t sequence, core_record *out);

/* ---- positions.c ------------------------------------------------------------------------------------------------------------ */
void daemon_subscribe(daemon_shell *d, bus_session *session, uint64_t request, const Mash__V1__Subscribe *subscribe);
void daemon_receipt(daemon_shell *d, bus_session *session, uint64_t request, const Mash__V1__Receipt *receipt);
void daemon_credit(daemon_shell *d, bus_session *session, uint64_t request, const Mash__V1__Credit *credit);
/* Puts the receipts gathered so far into the open batch. */
void daemon_receipts_flush(daemon_shell *d);

/* ---- requests.c, status.c, tail.c, commands.c ------------------------------------------------------------------------------------------ */
void daemon_query(daemon_shell *d, bus_session *session, uint64_t request, const Mash__V1__Query *query);
void daemon_explain(daemon_shell *d, bus_session *session, uint64_t request, const Mash__V1__Explain *explain);
void daemon_status(daemon_shell *d, bus_session *session, uint64_t request, const Mash__V1__StatusRequest *wanted);
/* What somebody has to see to; in the order of status.c. */
typedef struct daemon_alarm {
    const char *code; /* "journal_full": in metrics */
    const char *text; /* for a person: what it is, and what to do */
    bool is_on;
} daemon_alarm;
void daemon_alarms_of(const daemon_shell *d, daemon_alarm out[DAEMON_ALARMS]);
/* Opens one record of a job. HUB_ERR_NOT_FOUND: it is not there; HUB_ERR_CORRUPT: it cannot be opened (logged); HUB_ERR_MEMORY: the arena
 * has no room for it. */
hub_status daemon_job_record(const daemon_read_job *job, uint32_t index, hub_arena *arena, core_record *out, hub_digest *hash);
/* Opens one record of a job in record_arena, which holds no other meanwhile, and says what `reader` may be told of it, or this person for
 * whom a gateway asks (staff 0: nobody, a key of its own). HUB_ERR_NOT_FOUND: nothing, or it cannot be opened; HUB_ERR_MEMORY: there is
 * no room to open it. */
hub_status daemon_job_view(daemon_shell *d, const daemon_read_job *job, uint32_t index, uint32_t reader, uint32_t staff,
                           core_record *record, core_view *view);
void daemon_audit_query(daemon_shell *d, bus_session *session, uint64_t request, const Mash__V1__AuditQuery *query);
void daemon_tail_start(daemon_shell *d, bus_session *session, uint64_t request, const Mash__V1__Tail *tail);
/* New records are durable: following tails go on. */
void daemon_tail_go_on(daemon_shell *d);
void daemon_tail_free(bus_session *session);
void daemon_command(daemon_shell *d, bus_session *session, uint64_t request, const Mash__V1__Command *command);

/* ---- daily_list.c ----------------------------------------------------------------------------------------------------------- */
/* ---- timely.c --------------------------------------------------------------------------------------------------------------- */
/* Takes up the figures that the fold beside the hub has written. */
void daemon_timely_load(daemon_shell *d);
void daemon_timely_path(const daemon_config *config, char out[PATH_MAX + 16]);
void daemon_timely(daemon_shell *d, bus_session *session, uint64_t request, const Mash__V1__FiguresRequest *wanted);
void daemon_daily_list(daemon_shell *d, bus_session *session, uint64_t request, const Mash__V1__DailyListRequest *wanted);

/* ---- acts.c ----------------------------------------------------------------------------------------------------------------- */
void daemon_act(daemon_shell *d, bus_session *session, uint64_t request, const Mash__V1__Act *act);
/* Puts the names of the teams whose people this key may act for into `out`. */
void daemon_acts_for(const daemon_shell *d, const core_peer *peer, hub_arena *arena, Mash__V1__PeerStatus *out);

/* ---- metrics.c -------------------------------------------------------------------------------------------------------------- */
/* Answers GET /metrics where hub.yaml says. A port that cannot be had is an error in the log and no more: figures are no reason to stop. */
void daemon_metrics_start(daemon_shell *d);
/* An item or an act was answered so. */
void daemon_count_code(uint64_t counts[DAEMON_CODES_MAX], int code);

#endif
