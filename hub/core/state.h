/* state.h - what the core remembers. Private to hub/core.
 *
 * Everything is plain data in pools, numbered from 1 (0 = none), linked by numbers, found through tables. So a snapshot is the pools
 * as they lie, growing never moves anything, and evolve needs nothing but reserved room.
 *
 * What is not here: names, addresses, identifiers as written. A person is a number; an identifier is a keyed hash.
 */
#ifndef CORE_STATE_H
#define CORE_STATE_H

#include "core/core.h"
#include "core/pool.h"
#include "core/table.h"

enum { CORE_HASH_BYTES = 16, CORE_HOUSEHOLD_MAX = 8 };

typedef struct core_event_row {
    hub_id event_id;
    uint8_t body_hash[HUB_SHORT_DIGEST_BYTES];
    uint64_t sequence;
    int32_t occurred_day;
    uint16_t payload;
    uint8_t agency;
    uint8_t withdrawn;   /* 1: amended or retracted; no pattern counts it */
    uint32_t given;      /* first core_given_row: who was told */
    uint8_t exercise;    /* 1: a drill; it withdraws nothing real, and nothing real withdraws it */
    uint8_t sensitivity; /* as handled: whoever is not cleared for it learns of no count it is in */
    uint8_t padding[2];
    uint32_t people; /* last core_history_row: whom it names */
    uint32_t padded;
} core_event_row;

/* One delivery of an event, so that a correction reaches everybody who had it. */
typedef struct core_given_row {
    uint32_t queue, audience, alert, next;
    uint32_t subject; /* of a notice (alert 0): as in Delivered */
    uint32_t seen_by; /* of a notice: who has seen it for the queue; 0 = nobody yet */
} core_given_row;

typedef struct core_identifier_row {
    uint8_t hash[CORE_HASH_BYTES]; /* scheme, system, normal form */
    uint32_t person;               /* as first linked; follow `root` */
    uint32_t next;                 /* of the same person */
    uint32_t scheme;
    uint32_t history; /* the core_history_row with which it was first told */
} core_identifier_row;

/* A span of days since 1970 on which somebody may be born: see said.h. */
typedef struct core_born {
    int32_t from, until;
} core_born;

typedef struct core_person_row {
    uint32_t root;         /* the person this one was joined into; itself when not joined */
    uint32_t first_joined; /* of a root: persons joined into it ... */
    uint32_t next_joined;  /* ... linked through here */
    uint32_t identifiers;  /* first core_identifier_row */
    uint32_t history;      /* newest core_history_row */
    uint32_t memberships;  /* newest core_member_row */
    uint32_t alerts;       /* newest alert about this person alone */
    int32_t birth_day;     /* the latest that stands, days since 1970; 0 = not known */
    core_born born;        /* what all words that stand leave */
    uint32_t status;       /* bit n = PersonStatus n */
    uint32_t roles;        /* bit n = SubjectRole n: every one in which an event named them */
    uint32_t joined_to;    /* the person into whom this one was joined themselves, who may have been joined since; 0 = not */
    uint32_t company;      /* likewise, of everybody whom an event named beside them or who was known at their address */
} core_person_row;

/* What one event says of a person. */
typedef struct core_history_row {
    uint32_t event;    /* core_event_row */
    uint32_t next;     /* older, of the same person */
    uint32_t person;   /* as linked; follow `root` */
    uint32_t beside;   /* of somebody else whom that event names */
    int32_t birth_day; /* 0 = not stated */
    uint32_t roles;    /* bit n = SubjectRole n */
    uint8_t status;    /* PersonStatus that it begins or ends; 0 = none */
    uint8_t ends;      /* it ends it */
    uint8_t padding[2];
} core_history_row;

/* A person has found that `off` is not `person`. Both as numbered then; follow `root`. */
typedef struct core_apart_row {
    uint32_t person, off;
} core_apart_row;

typedef struct core_family_row {
    uint32_t members; /* newest core_member_row */
    uint32_t alerts;  /* newest alert about this family */
} core_family_row;

typedef struct core_member_row {
    uint32_t family, person;
    uint32_t next_of_person, next_of_family;
    uint8_t reason;   /* MemberReason */
    uint8_t relation; /* RelationshipKind */
    uint16_t padding;
} core_member_row;

typedef struct core_household_row {
    uint8_t hash[CORE_HASH_BYTES]; /* of the UPRN */
    uint32_t persons[CORE_HOUSEHOLD_MAX];
    uint32_t count; /* CORE_HOUSEHOLD_MAX + 1: more than that live there; it says nothing any more */
} core_household_row;

typedef struct core_alert_row {
    uint32_t family, person; /* family 0: about person alone */
    uint32_t queue;
    uint32_t policy, rule;            /* rule: of the rating as it stands */
    uint32_t first_event, last_event; /* core_sequence_row, oldest first */
    uint32_t event_count;
    uint32_t lines;  /* newest core_line_row */
    uint32_t clocks; /* newest core_clock_row_run */
    uint32_t next;   /* older alert of the same family or person */
    uint16_t rating;
    uint16_t sensitivity; /* the highest class of any event that joined */
    char area[16];
    int64_t opened_ms;
    int64_t held_ms;         /* when the hold began; 0 = not held */
    uint64_t not_shared;     /* bit n = Agency n: it is told nothing of it, on purpose */
    uint32_t version;        /* counts what changed it: acts, and events that joined or were withdrawn */
    uint32_t owner, offered; /* staff numbers; 0 = nobody */
    uint32_t rated_by;       /* staff number; 0 = by rule */
    uint32_t acts;           /* newest core_act_row */
    uint32_t told;           /* newest core_told_row: every queue that was ever told of it */
    uint32_t requests;       /* newest core_request_row */
    uint32_t requests_open;
    uint32_t lines_open;    /* not yet decided */
    uint32_t disagreements; /* newest core_disagreement_row */
    uint32_t parties;       /* newest core_party_row */
    uint8_t seen, ended;
    uint8_t asked_again; /* an event made it graver: its owner is asked to claim it again */
    uint8_t graver;      /* an event made it so, and no person has rated it since */
    uint8_t padding[4];
    /* A hold that a second person is asked to agree to, while the alert stays at this version. */
    int64_t asked_until_ms;
    uint32_t asked_by, asked_of, asked_version;
    uint32_t padding_at_end;
} core_alert_row;

/* An event changes an alert as an act does: who decides on an older picture hears of it. So does asking for a hold. Beyond every ActKind. */
enum core_event_came { CORE_EVENT_JOINED = 1000, CORE_EVENT_WITHDRAWN, CORE_HOLD_ASKED, CORE_LINK_CORRECTED };

/* What somebody did, on an alert or a disagreement; or an event that came, by nobody. */
typedef struct core_act_row {
    uint64_t sequence;
    int64_t at_ms;
    uint32_t staff, team, version, next;
    uint32_t act;    /* ActKind, or core_event_came */
    uint16_t stage;  /* of a disagreement that moved with it: number of the stage it came to */
    uint16_t causes; /* and why; bit n = StageCause n; 0 = it did not move */
} core_act_row;

typedef struct core_told_row {
    uint32_t queue, next;
} core_told_row;

typedef struct core_request_row {
    uint64_t sequence; /* of the record with the question */
    uint64_t answer;   /* of the record with the answer; 0 = none yet */
    uint32_t alert, queue, staff;
    uint32_t next; /* older request of the alert */
} core_request_row;

typedef struct core_feedback_row {
    uint64_t sequence; /* of the record with the decision */
    uint32_t alert, person, queue, outcome, policy, seen_by;
} core_feedback_row;

typedef struct core_disagreement_row {
    uint64_t sequence; /* of the record that opened it */
    int64_t opened_ms;
    uint32_t alert, ladder, policy;
    uint32_t team, with_team;                  /* numbers; sides 1 and 2 */
    uint32_t stage;                            /* position among the ladder's stages */
    uint32_t version, acts;                    /* as for an alert */
    uint32_t next;                             /* older one of the alert */
    uint32_t staff;                            /* who opened it */
    uint32_t told;                             /* newest core_told_row: queues that had what its sides write */
    uint8_t urgent, closed, answered, settled; /* answered, settled: bit 0 = side 1, bit 1 = side 2 */
    uint8_t again;                             /* how often it was taken up again */
    uint8_t padding[3];
} core_disagreement_row;

typedef struct core_party_row {
    uint32_t staff, alternate, next;
} core_party_row;

typedef struct core_signed_row {
    uint32_t queue;
    int32_t day;
    uint32_t staff;
    uint32_t padding;
    int64_t at_ms;
} core_signed_row;

typedef struct core_sequence_row {
    uint64_t sequence;
    uint32_t next;
    uint32_t padding;
} core_sequence_row;

typedef struct core_line_row {
    uint32_t person, next;
    uint32_t outcome, policy; /* position in that policy's outcomes; policy 0 = undecided */
    uint32_t staff;
} core_line_row;

typedef enum core_clock_state {
    CORE_CLOCK_RUNNING = 1,
    CORE_CLOCK_LAPSED,
    CORE_CLOCK_REPLACED,
    CORE_CLOCK_HELD, /* not in the heap; goes on when the hold ends */
    CORE_CLOCK_MET,
    CORE_CLOCK_ENDED,
} core_clock_state;

/* What began it came when its time had passed already. */
typedef enum core_clock_arrived { CORE_ARRIVED_IN_TIME, CORE_EVENT_CAME_LATE, CORE_ACT_CAME_LATE } core_clock_arrived;

typedef struct core_clock_run {
    int64_t from_ms, due_ms;
    uint32_t alert;
    uint32_t policy, rule; /* position in that policy's clocks */
    uint32_t heap_at;      /* place in the heap while RUNNING, from 1 */
    uint32_t next;         /* older clock of the alert */
    uint32_t item;         /* ladder, request, feedback, disagreement: see ClockPurpose */
    int64_t left_minutes;  /* HELD, kinds of minutes: what was left */
    uint8_t state;         /* core_clock_state */
    uint8_t provisional;
    uint8_t late_on_arrival; /* core_clock_arrived */
    uint8_t purpose;         /* ClockPurpose */
    uint8_t step;            /* of a ladder; from 1 */
    uint8_t stated;          /* a person said when it is due, at its start or since */
    uint8_t due_unknown;     /* it is due at once, because nobody knows when */
    uint8_t beside;          /* of a ladder: begun while a later step waited */
} core_clock_run;

typedef struct core_name_row {
    char name[CORE_NAME_MAX];
} core_name_row;

typedef struct core_receipt_row {
    uint64_t sequence;
    uint32_t queue;
    uint32_t peer;
    char consumer[CORE_NAME_MAX];
} core_receipt_row;

typedef struct core_command_row {
    hub_id command_id;
    uint64_t number;
    uint32_t code;
    uint32_t version; /* of the item an act was about, after it */
} core_command_row;

typedef struct core_policy_row {
    uint64_t sequence;
    uint8_t digest[HUB_DIGEST_BYTES];
} core_policy_row;

/* X(member, item type): every pool, in the order of a snapshot. */
#define CORE_POOLS(X)                                                                                                            \
    X(peers, core_peer)                                                                                                          \
    X(outboxes, core_outbox)                                                                                                     \
    X(events, core_event_row)                                                                                                    \
    X(given, core_given_row)                                                                                                     \
    X(identifiers, core_identifier_row)                                                                                          \
    X(persons, core_person_row)                                                                                                  \
    X(history, core_history_row)                                                                                                 \
    X(families, core_family_row)                                                                                                 \
    X(members, core_member_row)                                                                                                  \
    X(households, core_household_row)                                                                                            \
    X(alerts, core_alert_row)                                                                                                    \
    X(sequences, core_sequence_row)                                                                                              \
    X(lines, core_line_row)                                                                                                      \
    X(clocks, core_clock_run)                                                                                                    \
    X(heap, uint32_t)                                                                                                            \
    X(queues, core_name_row)                                                                                                     \
    X(audiences, core_name_row)                                                                                                  \
    X(receipts, core_receipt_row)                                                                                                \
    X(commands, core_command_row)                                                                                                \
    X(policies, core_policy_row)                                                                                                 \
    X(teams, core_name_row)                                                                                                      \
    X(acts, core_act_row)                                                                                                        \
    X(told, core_told_row)                                                                                                       \
    X(requests, core_request_row)                                                                                                \
    X(feedbacks, core_feedback_row)                                                                                              \
    X(disagreements, core_disagreement_row)                                                                                      \
    X(parties, core_party_row)                                                                                                   \
    X(signed_days, core_signed_row)                                                                                              \
    X(aparts, core_apart_row)

/* X(member, pool, item type, key field): every table. */
#define CORE_TABLES(X)                                                                                                           \
    X(peer_of_key, peers, core_peer, public_key)                                                                                 \
    X(outbox_of_id, outboxes, core_outbox, outbox_id)                                                                            \
    X(event_of_id, events, core_event_row, event_id)                                                                             \
    X(identifier_of_hash, identifiers, core_identifier_row, hash)                                                                \
    X(household_of_hash, households, core_household_row, hash)                                                                   \
    X(command_of_id, commands, core_command_row, command_id)

/* The numbers beside the pools: written to a snapshot as they lie. */
typedef struct core_numbers {
    char partnership[40];
    uint8_t server_key[CORE_KEY_BYTES];
    uint8_t signing_key[32];
    uint8_t secret[HUB_SIPHASH_KEY_BYTES]; /* keys every table and every hash of an identifier */
    uint64_t sequence;
    int64_t time_ms;
    uint64_t digest;
    int64_t started_ms; /* hub time at which this epoch began */
    int64_t
        reckoned_ms; /* hub time since which instants are reckoned by the clock as it goes now: the start, or the last correction */
    int64_t paused_ms; /* hub time at which the last pause had ended; 0 = there was none */
    int64_t held_ms;   /* hub time up to which timers were held; 0 = they never were */
    uint64_t events_accepted, events_refused, clocks_lapsed, alerts_open;
    uint32_t epoch;
    uint32_t running;      /* clocks in the heap; the heap pool keeps its greatest length */
    int64_t roster_ms;     /* when owners who have left are looked for next; 0 = nobody leaves */
    uint32_t roster_alert; /* looked at up to this one; 0 = it is to begin */
    uint32_t padding;
    int64_t calendar_ms;    /* when somebody is to hear next that a calendar ends; 0 = none does */
    int64_t provisional_ms; /* when somebody heard last that a clock is due after the end of its calendar */
} core_numbers;

struct core_state {
    core_numbers numbers;
#define X(member, type) core_pool member;
    CORE_POOLS(X)
#undef X
#define X(member, pool, type, key) core_table member;
    CORE_TABLES(X)
#undef X
    core_pool queue_logs[CORE_POLICY_QUEUES_MAX]; /* uint64_t sequences, ascending; by queue number - 1 */
    const core_policy *compiled[4096];            /* SHARED; by policy number - 1 */
};

enum { CORE_POLICIES_MAX = 4096 };

/* Typed access, so that no cast stands anywhere else. */
#define X(member, type)                                                                                                          \
    static inline type *core_##member##_at(const core_state *state, uint32_t number)                                             \
    {                                                                                                                            \
        return core_pool_at(&state->member, number);                                                                             \
    }
CORE_POOLS(X)
#undef X

/* The person a number stands for after joins. */
static inline uint32_t core_person_root(const core_state *state, uint32_t person)
{
    while (core_persons_at(state, person)->root != person)
        person = core_persons_at(state, person)->root;
    return person;
}

/* Has a person found that `off` is not `person`, as they are numbered now? */
bool core_is_split_off(const core_state *state, uint32_t person, uint32_t off);
/* The row of the person's history that the event's subject (position) made; 0 = it names nobody there. */
uint32_t core_subject_history(const core_state *state, uint32_t event, uint32_t subject);
/* Who the subject is as it is known now, whom that record took for the fact's person. */
uint32_t core_linked_now(const core_state *state, uint64_t sequence, const Mash__V1__PersonLinked *fact);
/* Was `person`, or whoever they were joined into by and by, joined into `into`? Themselves too. */
bool core_was_joined(const core_state *state, uint32_t person, uint32_t into);
/* true = it is this one. */
typedef bool core_alert_of_cb(const core_state *state, uint32_t alert, void *context);
/* The first alert that `look` says true of, 0 = none, among those about a person (a root) alone, about a family of theirs, and, after a split, with
 * a line for them all the same: by the CORE_HISTORY_LOOKED_AT_MAX newest events of each number that is or was theirs. One may come twice. */
uint32_t core_find_alert_of(const core_state *state, uint32_t person, core_alert_of_cb *look, void *context);

/* Keyed hash of (scheme, system, normal form). */
void core_identifier_hash(const core_state *state, Mash__V1__IdentifierScheme scheme, const char *system, const char *normal,
                          uint8_t out[CORE_HASH_BYTES]);
void core_uprn_hash(const core_state *state, uint64_t uprn, uint8_t out[CORE_HASH_BYTES]);

/* The running deadline of `alert` with this id, or 0. */
uint32_t core_alert_clock(const core_state *state, uint32_t alert, const char *clock_id);
/* The open alert about family (or, family 0, about person alone) in `queue`, or 0. */
uint32_t core_alert_open(const core_state *state, uint32_t family, uint32_t person, uint32_t queue);
const core_clock_row *core_clock_rule(const core_state *state, const core_clock_run *clock);
/* The calendar by which it was reckoned: that of its rule, with the days of the school where it was a school's. BORROWS the policy. */
core_calendar core_clock_calendar(const core_state *state, const core_clock_run *clock);
/* Is there a membership of `person` in `family`? */
bool core_is_member(const core_state *state, uint32_t family, uint32_t person);
/* The family a person's alerts are about: where they are at risk; else the only one they belong to; else 0. */
uint32_t core_family_of(const core_state *state, uint32_t person);

/* The row of the event that this record accepted; 0 = it accepted none. */
uint32_t core_event_of_sequence(const core_state *state, uint64_t sequence);
/* Has this queue ever been told of the alert? Who belongs to a team that has it may see the alert and act on it. */
bool core_alert_told(const core_state *state, uint32_t alert, uint32_t queue);
/* Has this queue had what the sides of the disagreement write? Who belongs to a team that has it has a voice in it. */
bool core_disagreement_told(const core_state *state, uint32_t disagreement, uint32_t queue);
/* Has this queue had the event of that record, with this alert? */
bool core_event_given(const core_state *state, uint64_t sequence, uint32_t queue, uint32_t alert);
/* The notice of this event that the queue (position in today's policy) was given; NULL when it was given none. */
const core_given_row *core_notice_given(const core_state *state, uint32_t event, uint32_t queue_position);
/* Is this person a party, and so shut out? */
bool core_alert_party(const core_state *state, uint32_t alert, uint32_t staff);
/* What a person has done on it so far, as clocks ask: the bit n is core_met_by n. */
uint32_t core_alert_met(const core_state *state, uint32_t alert);

/* Owners who have left are to be looked for: now, or as long as there is no alert on the next day on which somebody leaves. */
void core_roster_changed(core_state *state);
/* From now on these calendars hold, or it is another time: when the end of one is told next. */
void core_calendars_changed(core_state *state);

/* The heap of running clocks, keyed (due, number): room must have been reserved in state->heap. */
void core_heap_push(core_state *state, uint32_t clock);
void core_heap_remove(core_state *state, uint32_t clock);
uint32_t core_heap_first(const core_state *state); /* 0 = none */
/* After many dues have changed at once. */
void core_heap_rebuild(core_state *state);

#endif
