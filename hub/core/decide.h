/* decide.h - what the deciding files share. Private to hub/core.
 *
 * A decision is a list of facts in an arena. Deciding an event goes through four steps, each in its file, that read the state and the
 * scratch below, and add facts: admit (decide_event.c), link people and families (people.c), match rules (rules.c), open and join
 * alerts, start clocks, tell queues (routing.c). State does not change meanwhile, so what an earlier step decided is in the scratch.
 */
#ifndef CORE_DECIDE_H
#define CORE_DECIDE_H

#include "core/describe.h"
#include "core/facts.h"
#include "core/state.h"

enum {
    CORE_CANDIDATES_MAX = 64, /* household candidates told of in one decision: evidence, not more than a person looks at */
    CORE_TARGETS_MAX = 64,
    CORE_RELATIVES_MAX = 64,            /* of one decision; more raise an alarm, as targets do */
    CORE_RELATIVES_LOOKED_AT_MAX = 512, /* likewise */
    CORE_BIRTH_DAYS_MAX = 4,            /* of one person, as agencies state them: the earliest and the latest always among them */
    CORE_LINKS_MAX = 128,               /* told of in one decision: what explain shows */
    CORE_NEAR_MISSES_MAX = 8,
    CORE_COUNTED_MAX = 16,
    CORE_MATCHES_MAX = CORE_POLICY_RULES_MAX /* a rule that matched is never dropped */
};

typedef struct core_decider {
    const core_state *state;     /* BORROWED */
    const core_command *command; /* BORROWED */
    hub_arena *arena;            /* BORROWED */
    core_decision *out;          /* BORROWED */
    Mash__V1__Fact **facts;      /* in the arena; `capacity` places */
    size_t count, capacity;
    bool failed; /* the arena is used up, or more facts than one decision may have */
} core_decider;

/* A subject of the event being decided, or a relative: somebody the event does not name, of a family of somebody it does. */
typedef struct core_subject {
    const Mash__V1__Subject *said; /* NULL for a relative */
    uint32_t person;               /* number; above the state's count for a new one */
    uint32_t through;              /* of a relative: the person named, who belongs to `family` too; else 0 */
    bool is_new;
    uint32_t family; /* the family alerts about this person are about; 0 = none; may be new */
    uint64_t roles;  /* bit n = SubjectRole n; of a relative: those they ever had, a child while under 18 */
    int32_t birth_days[CORE_BIRTH_DAYS_MAX]; /* every one that stands; see said.h */
    uint32_t birth_day_count;                /* 0 = not known */
    uint32_t status;                         /* bits, after this event */
    const char *area;                        /* ONS code: the home's where stated, else the event's */
    uint32_t hash_count;
    uint8_t hashes[16][CORE_HASH_BYTES]; /* of its identifiers, where they may be used to find people */
    uint8_t schemes[16];
} core_subject;

/* Some of a decision's people, by their position in `subjects`. */
typedef struct core_people {
    uint64_t bits[2];
} core_people;
_Static_assert(EVENT_SUBJECTS_MAX + CORE_RELATIVES_MAX <= 128, "a position is a bit");

static inline bool core_people_has(const core_people *people, size_t position)
{
    return (people->bits[position / 64] >> position % 64 & 1) != 0;
}
static inline void core_people_add(core_people *people, size_t position)
{
    people->bits[position / 64] |= UINT64_C(1) << position % 64;
}
static inline void core_people_remove(core_people *people, size_t position)
{
    people->bits[position / 64] &= ~(UINT64_C(1) << position % 64);
}
static inline bool core_people_any(const core_people *people)
{
    return (people->bits[0] | people->bits[1]) != 0;
}

typedef struct core_event_scratch {
    const Mash__V1__Event *event;
    const core_policy *policy;
    int32_t today; /* civil day of the command */
    int32_t occurred_day;
    uint32_t payload;
    Mash__V1__Sensitivity sensitivity; /* as handled: RESTRICTED when a member of staff is a party */
    core_subject *subjects;            /* in the arena: the event's, then relatives */
    size_t subject_count;              /* the event's */
    size_t people_count;               /* all */
    bool relatives_cut;                /* there were more relatives than one decision looks at */
    uint64_t *links;                   /* as Traced.relatives; in the arena */
    uint32_t link_count;               /* times CORE_LINK_NUMBERS */
    uint32_t new_persons, new_families;
    uint32_t candidates; /* household candidates told of */
    uint32_t corrected;  /* row of the event this one amends or retracts; 0 = none */
} core_event_scratch;

/* Have two known people different numbers of a kind of which a person has one? */
bool core_persons_differ(const core_state *state, uint32_t a, uint32_t b);

/* Adds a fact of this kind with an empty body and returns the body; NULL when `d` has failed (the caller just returns). */
void *core_decide_add(core_decider *d, uint32_t kind);
ProtobufCBinaryData core_decide_bytes(core_decider *d, const void *data, size_t size);
char *core_decide_text(core_decider *d, const char *text);

void core_decide_publish(core_decider *d);

/* people.c */
void core_link_people(core_decider *d, core_event_scratch *s);
void core_link_families(core_decider *d, core_event_scratch *s);

/* rules.c */
/* The same civil day `months` earlier; the month's last day where it lacks that day. */
int32_t core_months_before(int32_t day, int32_t months);
int32_t core_months_between(int32_t from, int32_t until);
typedef struct core_match {
    uint32_t rule;
    core_people persons; /* who is at risk under this rule */
} core_match;
/* Large: what lies behind the counts is not cleared. */
typedef struct core_matches {
    core_match items[CORE_MATCHES_MAX];
    uint32_t count;
    uint32_t near_misses[2 * CORE_NEAR_MISSES_MAX];
    uint32_t near_miss_count; /* pairs */
    uint64_t counted[CORE_COUNTED_MAX];
    uint32_t counted_count;
} core_matches;
/* The condition number of a near miss that says: nobody the rule may look at has the role it is about. */
enum { CORE_MISS_NOBODY = 255 };
/* Adds the relatives that some rule for this event may look at. Bounded; the event's own subjects are never among them. */
void core_find_relatives(core_decider *d, core_event_scratch *s);
void core_match_rules(const core_state *state, const core_event_scratch *s, core_matches *out);
/* Do a rule's counts hold for this subject even without the earlier events that the audience is not cleared for? Otherwise telling of
 * it would tell of those. */
bool core_counts_hold_for(const core_state *state, const core_event_scratch *s, const core_rule *rule, uint32_t subject,
                          const core_audience *audience);

/* routing.c */
void core_route_event(core_decider *d, core_event_scratch *s, const core_matches *matches);
/* Tells everybody who was given `event_row` that it was amended or retracted, but for (queue, alert) pairs already told in this decision. */
void core_tell_given(core_decider *d, const core_event_scratch *s, uint32_t event_row, Mash__V1__DeliveryKind kind);
void core_decide_tick(core_decider *d);
/* What a queue is told; see Delivered in record.proto. */
typedef struct core_telling {
    Mash__V1__DeliveryKind kind;
    uint64_t alert;
    uint32_t rule;
    uint64_t clock, item, event_sequence, act_sequence;
    Mash__V1__ToldAs told_as;
    uint32_t subject;
    const uint64_t *alarmed; /* BORROWED; of an alarm: the alerts to look at */
    size_t alarmed_count;
} core_telling;

/* A Delivered fact, unless the audience may not see this class (D2) or it stands there already. */
void core_tell(core_decider *d, const core_policy *policy, uint32_t queue_position, Mash__V1__Sensitivity sensitivity,
               core_telling said);
/* What the queue was given of this event as notices, as it was given: by the same list, about the same people. */
void core_tell_notice_again(core_decider *d, uint32_t event, uint32_t queue, uint32_t clock);
/* May the queue's audience see this class? */
bool core_queue_cleared(const core_policy *policy, uint32_t queue_position, Mash__V1__Sensitivity sensitivity);
/* Raises an alarm, once in a decision for each area and alert: about no alert, about one, about a new one or none (0) in this area ("": everywhere). */
void core_alarm(core_decider *d, Mash__V1__AlarmKind kind);
void core_alarm_about(core_decider *d, Mash__V1__AlarmKind kind, uint32_t alert);
void core_alarm_in(core_decider *d, Mash__V1__AlarmKind kind, uint64_t alert, const char *area);
/* A clock of this alert was started: raises an alarm when it is due after its calendar's end, the first time that day. */
void core_alarm_provisional(core_decider *d, const Mash__V1__ClockStarted *started);

/* Tells the queues of the policy's alarm service of every alarm this decision raises: those of its area; all, when it has none or nobody
 * serves it there. */
void core_tell_alarms(core_decider *d);

/* acts.c */
void core_decide_act(core_decider *d);
/* The first answer again. */
void core_act_repeated(core_decider *d, const core_command_row *row);

#endif
