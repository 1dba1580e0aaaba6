/* facts.h - the one table of fact kinds. Private to hub/core. */
#ifndef CORE_FACTS_H
#define CORE_FACTS_H

#include <stdbool.h>

#include "core/core.h"

/* X(kind, CAPITALS, member, message, ignorable, words for people)
 * Ignorable facts explain; no state rests on them. */
#define CORE_FACTS(X)                                                                                                            \
    X(10, PARTNERSHIP_CREATED, partnership_created, PartnershipCreated, false, "partnership created")                            \
    X(11, HUB_STARTED, hub_started, HubStarted, false, "hub started")                                                            \
    X(12, KEY_ENROLLED, key_enrolled, KeyEnrolled, false, "key enrolled")                                                        \
    X(13, KEY_REVOKED, key_revoked, KeyRevoked, false, "key revoked")                                                            \
    X(14, POLICY_ADOPTED, policy_adopted, PolicyAdopted, false, "policy adopted")                                                \
    X(15, TIME_CORRECTED, time_corrected, TimeCorrected, false, "hub time corrected")                                            \
    X(16, COMMAND_ANSWERED, command_answered, CommandAnswered, false, "command answered")                                        \
    X(20, EVENT_ACCEPTED, event_accepted, EventAccepted, false, "event accepted")                                                \
    X(21, EVENT_REFUSED, event_refused, EventRefused, false, "event refused")                                                    \
    X(22, EVENT_WITHDRAWN, event_withdrawn, EventWithdrawn, false, "earlier event withdrawn")                                    \
    X(23, OUTBOX_OPENED, outbox_opened, OutboxOpened, false, "outbox opened")                                                    \
    X(24, EVENT_REPEATED, event_repeated, EventRepeated, false, "event repeated")                                                \
    X(30, PERSON_LINKED, person_linked, PersonLinked, false, "person linked")                                                    \
    X(31, PERSONS_JOINED, persons_joined, PersonsJoined, false, "persons joined")                                                \
    X(32, IDENTIFIERS_CONFLICT, identifiers_conflict, IdentifiersConflict, true, "identifiers conflict")                         \
    X(33, FAMILY_MEMBER_ADDED, family_member_added, FamilyMemberAdded, false, "family member added")                             \
    X(34, HOUSEHOLD_CANDIDATE, household_candidate, HouseholdCandidate, true, "possible household")                              \
    X(35, STATUS_CHANGED, status_changed, StatusChanged, false, "status changed")                                                \
    X(36, FACTS_CONTRADICTED, facts_contradicted, FactsContradicted, true, "facts contradicted")                                 \
    X(40, ALERT_OPENED, alert_opened, AlertOpened, false, "alert opened")                                                        \
    X(41, ALERT_JOINED, alert_joined, AlertJoined, false, "alert joined")                                                        \
    X(42, DECISION_LINE_ADDED, decision_line_added, DecisionLineAdded, false, "decision line added")                             \
    X(50, CLOCK_STARTED, clock_started, ClockStarted, false, "clock started")                                                    \
    X(51, CLOCK_LAPSED, clock_lapsed, ClockLapsed, false, "clock lapsed")                                                        \
    X(60, DELIVERED, delivered, Delivered, false, "delivered")                                                                   \
    X(61, RECEIPT_STORED, receipt_stored, ReceiptStored, false, "receipt stored")                                                \
    X(70, TRACED, traced, Traced, true, "decision traced")                                                                       \
    X(80, ALARM_RAISED, alarm_raised, AlarmRaised, true, "alarm raised")                                                         \
    X(90, ACTED, acted, Acted, false, "act")                                                                                     \
    X(91, OWNER_CHANGED, owner_changed, OwnerChanged, false, "owner changed")                                                    \
    X(92, ALERT_RATED, alert_rated, AlertRated, false, "alert rated")                                                            \
    X(93, LINE_DECIDED, line_decided, LineDecided, false, "line decided")                                                        \
    X(94, CLOCK_STOPPED, clock_stopped, ClockStopped, false, "clock stopped")                                                    \
    X(95, CLOCK_MOVED, clock_moved, ClockMoved, false, "clock moved")                                                            \
    X(96, ALERT_MOVED, alert_moved, AlertMoved, false, "alert reassigned")                                                       \
    X(97, INFORMATION_REQUESTED, information_requested, InformationRequested, false, "information requested")                    \
    X(98, INFORMATION_ANSWERED, information_answered, InformationAnswered, false, "information answered")                        \
    X(99, ALERT_HELD, alert_held, AlertHeld, false, "alert held")                                                                \
    X(100, ALERT_RESUMED, alert_resumed, AlertResumed, false, "hold ended")                                                      \
    X(101, ALERT_ENDED, alert_ended, AlertEnded, false, "alert ended")                                                           \
    X(102, ESCALATED, escalated, Escalated, true, "escalated")                                                                   \
    X(103, FEEDBACK_OWED, feedback_owed, FeedbackOwed, false, "feedback owed")                                                   \
    X(104, FEEDBACK_SEEN, feedback_seen, FeedbackSeen, false, "feedback seen")                                                   \
    X(105, DISAGREEMENT_OPENED, disagreement_opened, DisagreementOpened, false, "disagreement opened")                           \
    X(106, DISAGREEMENT_MOVED, disagreement_moved, DisagreementMoved, false, "disagreement moved")                               \
    X(107, DISAGREEMENT_ANSWERED, disagreement_answered, DisagreementAnswered, false, "disagreement answered")                   \
    X(108, DISAGREEMENT_CLOSED, disagreement_closed, DisagreementClosed, false, "disagreement closed")                           \
    X(109, NOT_SHARED, not_shared, NotShared, false, "not shared")                                                               \
    X(110, DAY_SIGNED, day_signed, DaySigned, false, "daily list signed")                                                        \
    X(111, PARTY_DECLARED, party_declared, PartyDeclared, false, "party declared")                                               \
    X(116, NOTICE_SEEN, notice_seen, NoticeSeen, false, "notice seen")                                                           \
    X(117, HOLD_ASKED, hold_asked, HoldAsked, false, "hold asked for")                                                           \
    X(118, LINK_SPLIT, link_split, LinkSplit, false, "link split")                                                               \
    X(119, LINK_CORRECTED, link_corrected, LinkCorrected, false, "link corrected")                                               \
    X(121, FAMILY_MEMBER_REMOVED, family_member_removed, FamilyMemberRemoved, false, "no longer of the family")                  \
    X(112, ACT_REFUSED, act_refused, ActRefused, true, "act refused")                                                            \
    X(113, SHARED_AGAIN, shared_again, SharedAgain, false, "shared again")                                                       \
    X(114, PARTY_CLEARED, party_cleared, PartyCleared, false, "party cleared")                                                   \
    X(115, ROSTER_REVIEWED, roster_reviewed, RosterReviewed, false, "roster reviewed")

/* FACT_ALERT_OPENED: Fact.kind, which is the body's field number. */
#define X(kind, capitals, member, message, ignorable, words) FACT_##capitals = (kind),
enum { CORE_FACTS(X) };
#undef X

/* "event accepted"; "a fact of a newer version" for a kind that is not in the table. */
const char *core_fact_words(uint32_t kind);

/* The first fact of this kind in a record, or NULL. */
const Mash__V1__Fact *core_fact_first(const Mash__V1__Control *control, uint32_t kind);

#endif
