/* sharing.h - what of a record a reader may be told: the one filter that deliver, explain, tail and find ask. Pure.
 *
 * A reader is a key that asks, or one delivery that is being built. What a reader is shown rests on deliveries of the record to its
 * queues; each gives what its audience's list allows by the policy in force.
 *
 * Invariants
 *   V1  deny by default: what no rule here shows is not shown
 *   V2  a field is shown when an audience's list names it; a condition of a rule, when the list names the field that it rests on; a
 *       person, when the list has people and one of their roles
 *   V3  queues, alerts, clocks and rules are shown where they led to a queue of the reader's, and nowhere else
 *   V4  what rests on earlier events (counts, standing, who is known already, families) is shown only to who is cleared for the class
 *       of those events, the highest where the class is not kept; for others it is silent, not named
 *   V5  what people do on an alert is shown to teams that were told of it in this record. An agency is shown what is addressed to it -
 *       the request, the feedback, their clocks - and a disagreement it is told of. Who acted and what they wrote are two lists of
 *       their own, but that what is written on a disagreement is for both its sides; what a person wrote is for no operator and no auditor
 *   V6  nothing that may hold a place is shown of somebody to an audience that may be near whom they are at risk from (near.c, redact.c)
 *   V7  in one person's case nothing is shown of an alert that has no line for them; and what is filed under another key than the one
 *       that was asked for (another number of theirs, an alert) only to who may be told how they are known (V4)
 *   V8  a person for whom a gateway asks is shown what the queues of their own teams were given, in a role that is cleared for it, and
 *       nothing of a matter in which they are a party or of one about the same people. A record of one matter is theirs or not as a
 *       whole; of one in which the hub or a signed list tells of many alerts, each alert is looked at by itself
 */
#ifndef CORE_SHARING_H
#define CORE_SHARING_H

#include "core/core.h"

typedef enum core_sight {
    CORE_SIGHT_NONE,    /* the record does not exist for this reader */
    CORE_SIGHT_OWN,     /* who sent it: its own words, and nothing of what the hub made of them */
    CORE_SIGHT_SHARED,  /* whose queues it was delivered to */
    CORE_SIGHT_CONTROL, /* operators and auditors: the whole control part */
} core_sight;

enum {
    CORE_GRANTS_MAX = 32
}; /* queues of one key are 16; a queue has two audiences in one record when a correction follows an old delivery */

/* Cheap to make; valid as long as record and state stay as they are. */
typedef struct core_view {
    const core_state *state;             /* BORROWED */
    const core_record *record;           /* BORROWED */
    const Mash__V1__Delivered *delivery; /* BORROWED; the one that is being built; NULL: every one to the grants' queues */
    core_sight sight;
    uint64_t person; /* whose case is looked at; 0 = nobody's in particular (V7) */
    struct {
        uint32_t queue;
        const core_audience *audience;
        bool is_near;        /* V6 */
        bool not_restricted; /* V8, of a record of many alerts: their role there is not cleared for those that are */
    } grants[CORE_GRANTS_MAX];
    uint32_t grant_count;
    uint32_t staff; /* who reads a record that tells of many alerts, so that each is looked at by itself (V8); 0 = as a whole */
} core_view;

core_view core_view_of(const core_state *state, uint32_t reader, const core_record *record);
core_view core_view_of_delivery(const core_state *state, const core_record *record, const Mash__V1__Delivered *fact);

/* ---- a person behind a gateway's key (sharing_staff.c) ---- */
/* Is this person a party in this alert, or in one about the same people? */
bool core_alert_has_party(const core_state *state, uint32_t alert, uint32_t staff);
/* Is this person a party to an alert that the record tells of, or to one about the same people: whom its event names, or whom its alert is
 * about, or a family of theirs? They see nothing of it (A2 in acts.h). */
bool core_record_has_party(const core_state *state, const core_record *record, uint32_t staff);
/* Likewise of the delivery's alert and its event, which may be an earlier record's (core_record): is it to be kept from this person, or
 * (CORE_ANYBODY) from anybody? Then *alternate is who stands in; 0 = nobody is named. */
enum { CORE_ANYBODY = 0 };
bool core_delivery_has_party(const core_state *state, const core_record *record, const Mash__V1__Delivered *fact, uint32_t staff,
                             uint32_t *alternate);
/* What a person of today's roster may see of the record: what the key `peer` may, of the queues of their teams that it may act for, in a role that
 * is cleared for what that queue was given; of a matter in which they are a party nothing. staff 0 = nobody is named: what the key may. */
core_view core_view_of_staff(const core_state *state, uint32_t peer, uint32_t staff, int64_t at_ms, const core_record *record);
/* Is this delivery, or this alert, one that the person behind the view may not read of, in a record that tells of many (V8)? */
bool core_view_keeps_delivery(const core_view *view, const Mash__V1__Delivered *fact);
bool core_view_keeps_alert(const core_view *view, uint64_t alert);
/* Does it tell of the hub alone: keys, policy, time, links - of no event that was kept, no person, no alert, no act on one? */
bool core_record_is_of_hub(const core_record *record);

/* May an audience know of an event of this class at all? */
bool core_audience_is_cleared(const core_audience *audience, Mash__V1__Sensitivity sensitivity);
/* ... of the event with this id, as that was handled? Also when none is held. */
bool core_audience_may_know(const core_state *state, const core_audience *audience, ProtobufCBinaryData event_id);
/* Does an audience's list have people of these roles (bit n = SubjectRole n)? */
bool core_audience_has_roles(const core_audience *audience, uint64_t roles);

/* Has it people of these roles, and this field of them? */
bool core_audience_has_person(const core_audience *audience, uint64_t roles, event_field field);
/* The audience of this number in the policy in force; one that is given nothing when that has dropped it. */
const core_audience *core_audience_numbered(const core_state *state, uint32_t number);

/* Is it a delivery to the reader, of a class that its audience may know of? */
bool core_view_told(const core_view *view, const Mash__V1__Delivered *fact);
/* The record's fact at `index` when it is such a delivery; otherwise NULL. */
const Mash__V1__Delivered *core_view_delivered(const core_view *view, size_t index);
/* Is the reader told of this subject (from 0) of the record's event at all? Of some queues each person goes into a notice of their own, and the others
 * of the event into none. */
bool core_view_subject(const core_view *view, size_t index);
/* Does the record's event name somebody near a person of the roles `near` (core_audience; 0 = nobody): it names one as well, an earlier event
 * did, or one is known in their family or at their address (near.c)? */
bool core_record_is_near(const core_state *state, const core_record *record, uint64_t near);
/* Are the places of a person of these roles kept from a reader who may be near: of everybody but those whom it may be in touch with? One who is
 * both victim and alleged perpetrator is a victim here. */
bool core_audience_hides_place(const core_audience *audience, uint64_t roles);
/* A pupil's number holds authority and school, a system's own number tells which system it is. */
bool core_scheme_tells_where(Mash__V1__IdentifierScheme scheme);
/* May this fact be told of at all? Its parts are asked for one by one. */
bool core_view_fact(const core_view *view, const Mash__V1__Fact *fact);
bool core_view_field(const core_view *view, event_field field);
/* Is the event with this id, which the record's corrects or withdraws, above the class of every list of the reader's? Then not even that it does
 * is told. */
bool core_view_keeps_corrected(const core_view *view, ProtobufCBinaryData event_id);
bool core_view_payload(const core_view *view, uint32_t payload);
bool core_view_queue(const core_view *view, uint32_t queue);
bool core_view_alert(const core_view *view, uint64_t alert);
bool core_view_rule(const core_view *view, const core_policy *policy, uint32_t rule);
/* When a clock counts from an instant that the event states: may that instant be told? */
bool core_view_clock_start(const core_view *view, const core_clock_row *clock);
/* May every event that has joined the alert be known? 0 = none has. */
bool core_view_cleared(const core_view *view, uint64_t alert);
/* May it be told how a person with these roles is known, by evidence from this field? (V4) */
bool core_view_link(const core_view *view, uint64_t roles, event_field field);

/* Who a subject of the record's event is, where it may be told how they are known: false = it may not. */
typedef struct core_known {
    uint32_t subject; /* from 1; 0 = this reader is told no positions */
    uint64_t person;  /* as numbered now */
    uint64_t joined;  /* as the record numbered them, when that number was joined into `person`; 0 = it was not */
    Mash__V1__LinkEvidence known_by;
} core_known;
bool core_view_known(const core_view *view, size_t subject, core_known *out);

/* May it be told that the event led to somebody it does not name? `link`: four numbers of Traced.relatives. */
bool core_view_relative(const core_view *view, const uint64_t link[4]);
/* May this identifier of a person with these roles be told? */
bool core_view_identified(const core_view *view, uint64_t roles, Mash__V1__IdentifierScheme scheme);
/* May this field of a person with these roles be told? */
bool core_view_has(const core_view *view, uint64_t roles, event_field field);

typedef enum core_showing {
    CORE_SILENT, /* not a word: it would tell of what the reader is not cleared for */
    CORE_NAMED,  /* there is such a reason, which this audience may not see */
    CORE_SHOWN,
} core_showing;
core_showing core_view_condition(const core_view *view, const core_rule *rule, const core_condition *condition);

/* As the places of who may be at risk are named when they are withheld. */
#define CORE_WHEREABOUTS "where people are who may be at risk from another subject"
/* The fields that the record's event states and none of the reader's lists has, by name; of people whom it may not know, none. */
/* Is it withheld from the reader without a word? Then not even positions are told: they count who is left out. */
bool core_view_is_silent(const core_view *view);
typedef void core_withheld_cb(void *context, const char *path);
void core_view_withheld(const core_view *view, hub_arena *arena, core_withheld_cb *each, void *context);

/* ---- what people do (V5) ---- */
/* The alert that a fact is about; 0 = none. */
uint64_t core_fact_alert(const core_state *state, const Mash__V1__Fact *fact);
/* May the reader know what was done on the alert and how it stands, as a team that works it? */
bool core_view_works(const core_view *view, uint64_t alert);
/* ... and how it stands beside a disagreement: an agency that is a side of one, and who is copied, have a part in that alone. */
bool core_view_stands(const core_view *view, uint64_t alert);
bool core_view_acts_who(const core_view *view);
bool core_view_acts_words(const core_view *view);
/* Is this request, or this feedback, addressed to a queue of the reader's? */
bool core_view_request(const core_view *view, uint64_t request);
bool core_view_feedback(const core_view *view, uint64_t feedback);

/* Was the record filed under what is sought, for something that the reader may see and as far as they may know that it belongs there (V7)? */
bool core_view_finds(const core_view *view, const core_case *sought);
/* Somebody is sought by name or date of birth: is it this subject of the record's event, by what the reader may see of them? */
bool core_view_finds_subject(const core_view *view, const core_case *sought, size_t index);

#endif
