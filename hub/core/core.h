/* core.h - the hub's deciding heart: commands in, facts out.
 *
 *     command --> core_decide(state, command) --> decision { control facts, personal part, reply }      (pure)
 *                      +--> core_reserve(state, record)   memory for what the facts need; may fail, then nothing has happened
 *                      +--> core_evolve(state, record)    cannot fail; live and replayed records take the same way
 *
 * Invariants
 *   C1  core_decide changes nothing and depends on nothing but its arguments: same state and command, same decision
 *   C2  state is only ever the fold of records in order: every change of state is in core_evolve
 *   C3  core_evolve after a successful core_reserve of the same record cannot fail
 *   C4  evolve is total: a record whose event was erased (event NULL) still folds
 *   C5  a refusal is a decision, recorded and explained
 *   C6  an event id that is held is never stored a second time; with other content it is refused and an alarm is raised
 *   C7  a rule never ends anything: no record that a rule made closes an alert or a decision line
 *   C8  a shared address never joins two people or two families
 *   C9  joining can only tighten: a rating never falls, a due instant never moves back by a joining event
 *   C10 the control part holds no name, no free text and no external identifier
 *
 * Ownership: a state owns all its memory. Policies are SHARED and outlive it. Nothing here locks: a state belongs to one thread.
 */
#ifndef CORE_CORE_H
#define CORE_CORE_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "base/id.h"
#include "core/policy.h"
#include "event/event.h"
#include "event/person_name.h"
#include "mash/v1/act.pb-c.h"
#include "mash/v1/bus.pb-c.h"
#include "mash/v1/record.pb-c.h"

enum {
    CORE_FORMAT = 1,            /* Control.format this code writes, and the newest it folds */
    CORE_TICK_TIMERS_MAX = 256, /* due timers handled by one Tick */
    CORE_KEY_BYTES = 32,        /* CURVE public key */
    CORE_DECISION_FACTS_MAX =
        4096, /* a fact has at most 11 fields: within EVENT_WIRE_FIELDS_MAX, so what was written can be read */
    CORE_CONTROL_BYTES_MAX = 256 * 1024, /* of so many facts, at 60 bytes; a decision about 64 subjects has some 10 KiB */
};

typedef struct core_state core_state; /* opaque: hub/core/state.h */

/* An empty state. HUB_OK or HUB_ERR_MEMORY. */
hub_status core_open(core_state **out);
/* NULL is allowed. */
void core_close(core_state *state);

/* ---- commands ------------------------------------------------------------------------------------------------------------- */
typedef enum core_command_kind {
    CORE_CREATE_PARTNERSHIP, /* record 1, into an empty state only: also enrols the first operator */
    CORE_START,              /* a new epoch */
    CORE_ENROL,
    CORE_REVOKE,
    CORE_ADOPT_POLICY,
    CORE_OPEN_OUTBOX,  /* an outbox id not seen before said Hello */
    CORE_PUBLISH,      /* one PublishItem */
    CORE_RECEIVE,      /* receipts: at most 64 in one record */
    CORE_TICK,         /* due timers, at most CORE_TICK_TIMERS_MAX */
    CORE_CORRECT_TIME, /* hub time follows the system clock from now on, and why it did not */
    CORE_RAISE_ALARM,  /* of the hub's own */
    CORE_ACT,          /* what a person does; every one is recorded, also when it is refused */
    CORE_COMMAND_KINDS
} core_command_kind;

typedef struct core_receipt {
    uint32_t peer;
    uint32_t queue;
    uint64_t sequence;
    const char *consumer; /* BORROWED */
} core_receipt;

typedef struct core_command {
    core_command_kind kind;
    int64_t at_ms;      /* hub time; never before core_time_ms */
    uint32_t peer;      /* enrolled number of who commands; 0 = the hub */
    hub_id command_id;  /* zero for commands without one */
    const char *reason; /* for a person's command; may be NULL; CORE_REVOKE needs one */
    union {
        struct {
            const char *name;
            const uint8_t *server_key, *signing_key, *pseudonym_key, *operator_key; /* 32 bytes each, BORROWED */
        } create;
        struct {
            uint32_t epoch;
            const char *version;
        } start;
        const Mash__V1__Enrol *enrol;
        const Mash__V1__Revoke *revoke;
        struct {
            const core_policy *policy; /* NULL: it does not compile or has holes, which the shell tells; refused */
            const Mash__V1__AdoptPolicy *sources;
        } adopt;
        struct {
            hub_id outbox_id;
        } outbox;
        struct {
            uint32_t outbox; /* number */
            uint64_t link_seq;
            hub_bytes item_event_id;      /* as the item says */
            hub_bytes bytes;              /* the event as published */
            const Mash__V1__Event *event; /* decoded, or NULL with `problem` */
            event_problem problem;
            /* The store was put back from a backup: what was stored once comes again, perhaps before the policy or the event that it rests
             * on. An area or a target that is not known is waited for (RETRY_LATER); a refusal would be for good. */
            bool is_patient;
        } publish;
        struct {
            const core_receipt *receipts;
            uint32_t count;
        } receive;
        struct {
            int64_t delta_ms; /* added to hub time */
            Mash__V1__TimeCause cause;
            bool is_needed; /* clock and hub time differ, or timers are held */
            bool is_held;   /* timers are */
        } time;
        Mash__V1__AlarmKind alarm;
        struct {
            const Mash__V1__Act *act;
            hub_bytes bytes; /* the same packed, for the sealed part */
        } act;
    } of;
} core_command;

/* What to answer, once durable. */
typedef struct core_reply {
    Mash__V1__ItemStatus item;     /* PUBLISH */
    event_problem problem;         /* REFUSED, RETRY_LATER */
    uint64_t duplicate_of;         /* DUPLICATE: sequence of the first, 0 = no longer known */
    Mash__V1__CommandCode command; /* ENROL, REVOKE, ADOPT_POLICY ... */
    char text[640];                /* a disagreement's stage, and what to do in danger, go in */
    uint64_t number;
    Mash__V1__ActReply *act; /* ACT: in the arena; its `text` is `text` above */
} core_reply;

typedef struct core_decision {
    Mash__V1__Control *control;   /* in the arena; NULL = nothing to record (a duplicate, a repeated command, a link gap) */
    Mash__V1__Personal *personal; /* in the arena; NULL = none. Its event bytes are BORROWED from the command */
    core_reply reply;
} core_decision;

/* Decides. HUB_OK, or HUB_ERR_MEMORY when the arena's budget is used up: then nothing is decided and RETRY_LATER is the answer. */
hub_status core_decide(const core_state *state, const core_command *command, hub_arena *arena, core_decision *out);

/* ---- records -------------------------------------------------------------------------------------------------------------- */
typedef struct core_record {
    uint32_t epoch;
    uint64_t sequence;
    int64_t time_ms;
    uint32_t peer; /* Origin */
    uint64_t link_seq;
    const Mash__V1__Control *control;
    const Mash__V1__Personal *personal; /* NULL: none, or erased */
    const Mash__V1__Event *event;       /* personal.event decoded, or NULL */
    const core_policy *policy;          /* for PolicyAdopted: compiled from personal.policy_sources; otherwise NULL */
    const struct core_record *earlier;  /* for deliveries that take an earlier record's event along; `earlier_count` of them */
    uint32_t earlier_count;
} core_record;

/* HUB_OK; HUB_ERR_MEMORY; HUB_ERR_VERSION (an essential fact this version does not know: err names kind and writer);
 * HUB_ERR_CORRUPT (sequence does not follow, facts that contradict the state). On failure nothing has changed. */
hub_status core_reserve(core_state *state, const core_record *record, hub_error *err);
void core_evolve(core_state *state, const core_record *record);

/* Running digest over every change that control parts made: equal after equal control parts, and only then; erasing does not change it. */
uint64_t core_digest(const core_state *state);

/* ---- what the shell asks -------------------------------------------------------------------------------------------------- */
uint64_t core_sequence(const core_state *state); /* of the last record; 0 = empty */
uint32_t core_epoch(const core_state *state);
int64_t core_time_ms(const core_state *state);            /* of the last record, as corrected by it */
const char *core_partnership(const core_state *state);    /* "" before record 1 */
const uint8_t *core_signing_key(const core_state *state); /* Ed25519 public key, 32 bytes */
const uint8_t *core_server_key(const core_state *state);
const core_policy *core_policy_now(const core_state *state); /* NULL before the first adoption */
const core_policy *core_policy_numbered(const core_state *state, uint32_t number);
uint64_t core_policy_sequence(const core_state *state, uint32_t number); /* the record that adopted it; 0 = none */
/* After core_snapshot_read: gives back the compiled form of an adopted policy. */
void core_attach_policy(core_state *state, uint32_t number, const core_policy *policy);

typedef struct core_peer {
    uint32_t number;
    uint8_t public_key[CORE_KEY_BYTES];
    Mash__V1__PeerKind kind;
    Mash__V1__Agency agency;
    char name[CORE_NAME_MAX];
    char source_system[65];
    uint32_t queues[16];      /* numbers; 0 ends */
    uint32_t may_act_for[16]; /* numbers of teams; 0 ends */
    bool revoked;
    uint32_t outbox; /* newest outbox's number; 0 = none */
    uint64_t stored, duplicates,
        refused; /* since the partnership began; duplicates: those that moved the watermark, so are recorded */
} core_peer;
bool core_peer_acts_for(const core_peer *peer, uint32_t team);  /* number */
bool core_peer_consumes(const core_peer *peer, uint32_t queue); /* number */
uint32_t core_peer_count(const core_state *state);              /* numbers 1..count */
const core_peer *core_peer_numbered(const core_state *state, uint32_t number);
const core_peer *core_peer_by_key(const core_state *state, const uint8_t key[CORE_KEY_BYTES]);
const core_peer *core_peer_by_name(const core_state *state, const char *name);

typedef struct core_outbox {
    uint32_t number;
    uint32_t peer;
    hub_id outbox_id;
    uint64_t settled_link_seq; /* watermark: everything up to here is settled */
    hub_id settled_event_id;
} core_outbox;
const core_outbox *core_outbox_of(const core_state *state, uint32_t peer, const hub_id *outbox_id); /* NULL = not seen */

/* Queues. A queue's log holds the sequences of records that have a Delivered fact for it. */
uint32_t core_queue_number(const core_state *state, const char *name); /* 0 = none */
const char *core_queue_name(const core_state *state, uint32_t queue);
uint32_t core_queue_count(const core_state *state);
uint64_t core_queue_next(const core_state *state, uint32_t queue, uint64_t after_sequence); /* 0 = nothing later */
uint64_t core_queue_waiting(const core_state *state, uint32_t queue, uint64_t after_sequence);
uint64_t core_queue_total(const core_state *state, uint32_t queue);
uint64_t core_receipt_of(const core_state *state, uint32_t queue, const char *consumer); /* stored receipt; 0 = none */

uint32_t core_team_number(const core_state *state, const char *name); /* 0 = none */
/* Number of the person with this roster id who at that time is in a team that the key `peer` may act for; 0 = there is none. */
uint32_t core_staff_for(const core_state *state, uint32_t peer, const char *id, int64_t at_ms);
const char *core_team_name(const core_state *state, uint32_t team); /* of a number that was given */

/* Finding. */
uint64_t core_event_sequence(const core_state *state, const hub_id *event_id); /* 0 = not held */
/* The person this identifier names; 0 = nobody. `normal` as identifier_check wrote it. */
uint64_t core_person_of(const core_state *state, Mash__V1__IdentifierScheme scheme, const char *system, const char *normal);
/* Sequences of the events of an alert, oldest first; returns how many were written. */
uint32_t core_alert_records(const core_state *state, uint64_t alert, uint64_t *out, uint32_t capacity);

/* An alert as it stands. */
typedef struct core_alert_standing {
    Mash__V1__Rating rating;
    uint32_t rated_by, owner, offered; /* staff numbers; 0 = by rule, nobody */
    uint32_t version, events, lines, lines_open, requests_open;
    uint32_t queue; /* number */
    int64_t opened_ms;
    bool seen, held, ended;
    const char *area;
} core_alert_standing;
uint64_t core_alert_count(const core_state *state);
core_alert_standing core_alert_stands(const core_state *state, uint64_t alert); /* 1..core_alert_count */
/* Is this person, or one joined with them, to be decided on in this alert? */
bool core_has_line(const core_state *state, uint64_t alert, uint64_t person);
/* How a person's line was decided; NULL: there is no such line, or it is undecided. */
const core_outcome *core_line_outcome(const core_state *state, uint64_t alert, uint64_t person);
/* When the alert's running clock of this id is due, hub time; 0 = none runs. Earliest first where several bear the id. */
int64_t core_clock_due(const core_state *state, uint64_t alert, const char *clock_id);

/* The id of a clock that was ever started, as its policy has it. */
const char *core_clock_name(const core_state *state, uint64_t clock);
uint32_t core_disagreement_version(const core_state *state, uint64_t disagreement); /* 0 = there is none */

typedef struct core_counts {
    uint64_t events_accepted, events_refused, alerts_open, clocks_running, clocks_lapsed, persons, families;
    int64_t next_due_ms; /* when there is something to do for a tick: a clock lapses, an owner leaves; 0 = never */
} core_counts;
core_counts core_count(const core_state *state);

/* Running clocks that are due up to that instant, hub time; CORE_CLOCKS_DUE_MAX = so many or more. */
enum { CORE_CLOCKS_DUE_MAX = 10000 };
uint32_t core_clocks_due(const core_state *state, int64_t until_ms);

/* ---- keys by which records are found later (journal refs) ------------------------------------------------------------------- */
enum {
    CORE_REFS_MAX =
        64 * 21 +
        384, /* every identifier, birth date and word of a family name; event and reference; every alert of one decision */
};
/* Keyed hashes under which this record is to be found: event id, source reference, every alert; of each person every identifier, the words of
 * the family name and the date of birth. Returns the count. */
uint32_t core_record_refs(const core_state *state, const core_record *record, uint64_t refs[CORE_REFS_MAX]);
/* The same hash from a Query key ("nhs:999...", "event:...", "alert:A17" or "A17" (D3, R5, F9 likewise), "local:SYSTEM:VALUE", "reference:SYSTEM:VALUE",
 * "name:WORDS", "born:2019-06-01", "name:WORDS born:2019-06-01"). HUB_OK, or HUB_ERR_INVALID with words that do not repeat the value. */
hub_status core_query_ref(const core_state *state, const char *key, uint64_t *ref, hub_error *err);

/* What a key stands for. Of a person who is known: their whole case, which is every identifier of theirs (and of those joined with them)
 * and every alert with a line for them. Of anything else: that key alone. */
enum { CORE_CASE_REFS_MAX = 512 };
typedef struct core_case {
    uint64_t person; /* 0 = it names nobody who is known */
    uint64_t refs[CORE_CASE_REFS_MAX];
    uint32_t count;    /* the first is the key's own; 0 = nothing is asked for */
    person_words name; /* of somebody who is sought by name; count 0 = not */
    int32_t birth_day; /* and by date of birth, days since 1970 ... */
    bool is_dated;     /* ... if so */
} core_case;
/* Is somebody sought by name or date of birth? Then a record under `refs` may be about somebody else, and core_view_finds says. */
static inline bool core_case_is_named(const core_case *sought)
{
    return sought->name.count > 0 || sought->is_dated;
}
/* Where to look for what a key names, without the rest of a case: HUB_OK, or HUB_ERR_INVALID as core_query_ref says it. */
hub_status core_case_of_key(const core_state *state, const char *key, core_case *out, hub_error *err);
/* What is known of somebody who works here: keys as of a Query, and the UPRNs of their homes. */
typedef struct core_own {
    const char *const *keys;
    const uint64_t *uprns;
    uint32_t key_count, uprn_count;
} core_own;
/* Is the record about them, their family, or somebody known at a home of theirs; or of an alert that is? */
bool core_record_is_own(const core_state *state, const core_record *record, const core_own *who);
/* Is it a key of theirs that is sought under this hash? */
bool core_own_is_sought(const core_state *state, const core_own *who, uint64_t ref);
/* Under which flagged reads lie in the audit stream. */
uint64_t core_flagged_ref(const core_state *state);
/* HUB_OK, or HUB_ERR_INVALID as core_query_ref says it, or because more is filed about the person than `refs` has room for. */
hub_status core_case_of(const core_state *state, const char *key, core_case *out, hub_error *err);

#endif
