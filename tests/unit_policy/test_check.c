/* A policy can be well written and still leave somebody untold. The check finds that before adoption, for the day it is asked
 * on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base_policy.h"

enum { DAY_2026_12_01 = 20788 };

typedef struct finding {
    const char *find, *put;
    int32_t today;
    uint32_t problems, warnings;
    const char *expected;
} finding;

#define LATER_RULE(alert)                                                                                                        \
    "  - id: R-LATER\n    plain: From March.\n    source: s\n    owner: o\n    review: 2027-09-30\n    from: 2027-03-01\n"       \
    "    when:\n      - payload: [contact]\n    about: [child]\n    then: {alert: " alert "}"

#define NEVER_RULE(when)                                                                                                         \
    "  - id: R-NEVER\n    plain: Two things at once.\n    source: s\n    owner: o\n    review: 2027-09-30\n    about: [child]\n" \
    "    then: {alert: {service: front_door, rating: amber}}\n    when:\n" when

static const finding ROWS[] = {
    {NULL, NULL, DAY_2026_12_01, 0, 0, ""},
    {"area: E06000044, queue: day}", "area: E06000044, queue: day, from: 2027-01-01}", DAY_2026_12_01, 1, 0,
     "p.yaml:61:5: rule R-ONE: service 'front_door' has no queue in area E06000044 (Portsmouth); add a route\n"},
    /* rules that nothing can start */
    {"    then: record", "    then: record\n" NEVER_RULE("      - payload: [absence]\n      - payload: [release]\n"),
     DAY_2026_12_01, 1, 0,
     "p.yaml:80:5: rule R-NEVER: nothing can start it: no event is both \"absence\" and \"release\"; remove one of these "
     "conditions, or make two rules\n"},
    {"    then: record",
     "    then: record\n" NEVER_RULE("      - payload: any\n      - agency: [police, health]\n      - agency: [education]\n"),
     DAY_2026_12_01, 1, 0,
     "p.yaml:80:5: rule R-NEVER: nothing can start it: no event is both \"from police or health\" and \"from education\"; remove "
     "one of these conditions, or make two rules\n"},
    {"    then: record",
     "    then: record\n" NEVER_RULE("      - payload: [child_concern]\n      - field: {child_concern.grade.level: [standard, "
                                     "medium]}\n      - field: {child_concern.grade.level: {at_least: high}}\n"),
     DAY_2026_12_01, 1, 0,
     "p.yaml:80:5: rule R-NEVER: nothing can start it: no event is both \"level is standard or medium\" and \"level is at least "
     "high\"; remove one of these conditions, or make two rules\n"},
    {"    then: record",
     "    then: record\n" NEVER_RULE("      - payload: any\n      - age: {under_months: 24}\n      - age: {at_least_months: "
                                     "24}\n"),
     DAY_2026_12_01, 1, 0,
     "p.yaml:80:5: rule R-NEVER: nothing can start it: no event is both \"aged under 24 months\" and \"aged at least 24 "
     "months\"; remove one of these conditions, or make two rules\n"},
    {"    then: record",
     "    then: record\n" NEVER_RULE(
         "      - payload: [absence]\n      - count: {of: [absence], within_months: 12, at_least: 513}\n"),
     DAY_2026_12_01, 1, 0, "p.yaml:80:5: rule R-NEVER: nothing can start it: of a person the newest 512 events are counted\n"},
    /* ... and rules that something can: whose age is not known but goes to school; two incidents of one event; what overlaps */
    {"    then: record",
     "    then: record\n" NEVER_RULE("      - payload: any\n      - age: {under_months: 24, or_at_school: yes}\n      - age: "
                                     "{at_least_months: 24, or_at_school: yes}\n"),
     DAY_2026_12_01, 0, 0, ""},
    {"    then: record",
     "    then: record\n" NEVER_RULE("      - payload: [domestic_abuse_incident]\n      - field: "
                                     "{domestic_abuse_incident.grades.level: high}\n      - field: "
                                     "{domestic_abuse_incident.grades.level: standard}\n"),
     DAY_2026_12_01, 0, 0, ""},
    {"    then: record",
     "    then: record\n" NEVER_RULE("      - payload: [absence, release]\n      - payload: [release, contact]\n      - role: "
                                     "[child]\n      - role: [sibling]\n"),
     DAY_2026_12_01, 0, 0, ""},
    /* what is right today and wrong on a day that the policy knows of */
    {"area: E06000044, queue: day}", "area: E06000044, queue: day, until: 2027-01-01}", DAY_2026_12_01, 1, 0,
     "p.yaml:61:5: rule R-ONE: service 'front_door' has no queue in area E06000044 (Portsmouth) from 2027-01-01; add a route\n"},
    {"area: E06000044, queue: day}",
     "area: E06000044, queue: day, until: 2027-01-01}\n  - {service: front_door, area: E06000044, queue: day, from: 2027-01-01}",
     DAY_2026_12_01, 0, 0, ""},
    {"    then: record", "    then: record\n" LATER_RULE("{service: front_door, rating: red}"), DAY_2026_12_01, 0, 0, ""},
    {"    then: record", "    then: record\n" LATER_RULE("{queue: night, rating: red}"), DAY_2026_12_01, 1, 0,
     "p.yaml:16:5: queue night: a red alert of Hampshire that stands there climbs no ladder when nobody acts on it; add one "
     "under "
     "'escalation'\n"},
    {"  - {service: front_door, area: E06000044, queue: day}\n", "", DAY_2026_12_01, 1, 0,
     "p.yaml:60:5: rule R-ONE: service 'front_door' has no queue in area E06000044 (Portsmouth); add a route\n"},
    {"area: every, queue: night}", "area: every, queue: night, until: 2027-03-01}", DAY_2026_12_01, 10, 0,
     "p.yaml:45:5: clock decision: service 'out_of_hours' has no queue in area E10000014 (Hampshire) from 2027-03-01; add a "
     "route\n"
     "p.yaml:45:5: clock decision: service 'out_of_hours' has no queue in area E06000044 (Portsmouth) from 2027-03-01; add a "
     "route\n"
     "p.yaml:59:8: rating red: service 'out_of_hours' has no queue in area E10000014 (Hampshire) from 2027-03-01; add a route\n"
     "p.yaml:59:8: rating red: service 'out_of_hours' has no queue in area E06000044 (Portsmouth) from 2027-03-01; add a route\n"
     "q.yaml:26:9: ladder E-RED, step 2, the last: service 'out_of_hours' has no queue in area E10000014 (Hampshire) from "
     "2027-03-01; add a route\n"
     "q.yaml:26:9: ladder E-RED, step 2, the last: service 'out_of_hours' has no queue in area E06000044 (Portsmouth) from "
     "2027-03-01; add a route\n"
     "p.yaml:61:5: rule R-ONE: a red in Hampshire reaches nobody on Mon at 00:00 from 2027-03-01: the front door is closed and "
     "service out_of_hours has no queue there\n"
     "p.yaml:61:5: rule R-ONE: a red in Portsmouth reaches nobody on Mon at 00:00 from 2027-03-01: the front door is closed and "
     "service out_of_hours has no queue there\n"
     "q.yaml:4:9: an alarm about an alert in Hampshire reaches nobody from 2027-03-01: nobody on the roster is in a team of a "
     "queue of service 'out_of_hours' there\n"
     "q.yaml:4:9: an alarm about an alert in Portsmouth reaches nobody from 2027-03-01: nobody on the roster is in a team of a "
     "queue of service 'out_of_hours' there\n"},
    {"    owner: a lead\n", "    owner: a lead\n    until: 2026-11-01\n", DAY_2026_12_01, 0, 1,
     "p.yaml:61:5: warning: rule R-ONE: ended 30 days ago, so nothing starts it; remove it, or move 'until'\n"},
    {"area: every, queue", "area: E10000014, queue", DAY_2026_12_01, 5, 0,
     "p.yaml:45:5: clock decision: service 'out_of_hours' has no queue in area E06000044 (Portsmouth); add a route\n"
     "p.yaml:59:8: rating red: service 'out_of_hours' has no queue in area E06000044 (Portsmouth); add a route\n"
     "q.yaml:26:9: ladder E-RED, step 2, the last: service 'out_of_hours' has no queue in area E06000044 (Portsmouth); add a "
     "route\n"
     "p.yaml:61:5: rule R-ONE: a red in Portsmouth reaches nobody on Mon at 00:00: the front door is closed and service "
     "out_of_hours has no queue there\n"
     "q.yaml:4:9: an alarm about an alert in Portsmouth reaches nobody: nobody on the roster is in a team of a queue of service "
     "'out_of_hours' there\n"},
    {"sees_up_to: restricted", "sees_up_to: sensitive", DAY_2026_12_01, 2, 0,
     "p.yaml:15:5: queue day: it receives alerts, and its audience team may not know of restricted events, which would show in "
     "an "
     "alert's rating and clocks; give it an audience that sees up to restricted, or send it notices\n"
     "p.yaml:16:5: queue night: it receives alerts, and its audience team may not know of restricted events, which would show in "
     "an alert's rating and clocks; give it an audience that sees up to restricted, or send it notices\n"},
    {"[night-1]", "[]", DAY_2026_12_01, 1, 0, "p.yaml:16:5: queue night: nobody consumes it; name a consumer\n"},
    {"consumers: [day-1, day-2]}\n  - {name: night, audience: team",
     "consumers: [day-1, day-2], plain: Front door}\n  - {name: night, plain: Front door, audience: team", DAY_2026_12_01, 1, 0,
     "p.yaml:16:5: queue night: people could not tell it from day, both are called 'Front door'\n"},
    {"queues:\n  - {name: day",
     "  - {name: idle, sees_up_to: official, fields: [area], basis: b, source: s}\nqueues:\n  - {name: day", DAY_2026_12_01, 0, 1,
     "p.yaml:14:5: warning: audience idle: no queue uses it\n"},
    {"    basis: some law\n", "    near: [alleged_perpetrator]\n    basis: some law\n", DAY_2026_12_01, 0, 3,
     "p.yaml:9:5: warning: audience team: it may be near somebody, and has subjects.addresses; that is kept back only once the "
     "hub "
     "knows who is near whom\n"
     "p.yaml:9:5: warning: audience team: it may be near somebody, and has subjects.school_urn; that is kept back only once the "
     "hub "
     "knows who is near whom\n"
     "p.yaml:9:5: warning: audience team: it may be near somebody, and has subjects.practice_code; that is kept back only once "
     "the hub "
     "knows who is near whom\n"},
    {"    basis: some law\n", "    one_by_one: yes\n    basis: some law\n", DAY_2026_12_01, 2, 0,
     "p.yaml:16:5: queue day: it receives alerts, and its audience team is told of people one by one, which is for notices\n"
     "p.yaml:17:5: queue night: it receives alerts, and its audience team is told of people one by one, which is for notices\n"},
    {"bank_holidays:\n",
     "forces:\n  - {force: Police, source_systems: [a], service: out_of_hours, audience: team, source: s}\nbank_holidays:\n",
     DAY_2026_12_01, 1, 0,
     "p.yaml:24:5: force Police: no rule sends a notice to service 'out_of_hours', so nothing is given by its choice\n"},
    {"    on_lapse: out_of_hours\n", "", DAY_2026_12_01, 1, 0,
     "p.yaml:45:5: clock decision: nobody but the team that missed it hears when this statutory clock lapses; give it "
     "'on_lapse'\n"},
    {", clocks: [school]", "", DAY_2026_12_01, 0, 1, "p.yaml:54:5: warning: clock school: no rule and no rating uses it\n"},
    {"    terms: hampshire\n", "", DAY_2026_12_01, 1, 0,
     "p.yaml:53:5: clock school: calendar office has no school terms ahead; add them\n"},
    {"until: 2027-07-22", "until: 2029-07-22", 21183 - 180, 0, 1,
     "p.yaml:38:5: warning: calendar office: its bank holidays are known for 180 more days only; extend it\n"},
    {"until: 2027-07-22", "until: 2029-07-22", 21183 - 181, 0, 0, ""},
    {"until: 2027-07-22", "until: 2027-01-30", DAY_2026_12_01, 0, 1,
     "p.yaml:38:5: warning: calendar office: its last school term ends in 60 days; add the next\n"},
    {"review: 2027-09-30\n    when:\n      - payload: any", "review: 2026-11-30\n    when:\n      - payload: any", DAY_2026_12_01,
     0, 1, "p.yaml:72:5: warning: rule R-ALL: was to be reviewed by a lead 1 days ago\n"},
    {"    plain: nobody leaves a red alone\n", "    plain: nobody leaves a red alone\n    review: 2026-11-01\n", DAY_2026_12_01,
     0, 1, "q.yaml:23:13: warning: ladder E-RED: was to be reviewed 30 days ago\n"},
    {"    plain: nobody leaves a red alone\n", "    plain: nobody leaves a red alone\n    review: 2026-12-01\n", DAY_2026_12_01,
     0, 0, ""},
    {"    danger: ring 999\n", "    danger: ring 999\n    review: 2026-11-30\n", DAY_2026_12_01, 0, 1,
     "q.yaml:31:13: warning: ladder D-ALL: was to be reviewed 1 days ago\n"},
    {"    on_lapse: out_of_hours\n", "    on_lapse: out_of_hours\n    review: 2026-11-30\n", DAY_2026_12_01, 0, 1,
     "p.yaml:53:13: warning: clock decision: was to be reviewed 1 days ago\n"},
    {"    basis: some law\n", "    basis: some law\n    review: 2026-11-30\n", DAY_2026_12_01, 0, 1,
     "p.yaml:13:13: warning: audience team: was to be reviewed 1 days ago\n"},
    /* people and ladders */
    {"number: 3, name: Three (invented), team: nights, role: manager",
     "number: 3, name: Three (invented), team: nights, role: worker", DAY_2026_12_01, 3, 0,
     "q.yaml:10:5: team nights: nobody on the roster is manager in a team of queue night, where its managers are told\n"
     "q.yaml:26:9: ladder E-RED, step 2, the last: nobody on the roster is manager in a team of queue night (out_of_hours, "
     "Hampshire); add a person, or tell another role\n"
     "q.yaml:26:9: ladder E-RED, step 2, the last: nobody on the roster is manager in a team of queue night (out_of_hours, "
     "Portsmouth); add a person, or tell another role\n"},
    {"team: days, role: manager}", "team: days, role: manager, until: 2027-03-01}", DAY_2026_12_01, 4, 0,
     "q.yaml:25:9: ladder E-RED, step 1: nobody on the roster is manager in a team of queue day (front_door, Hampshire) from "
     "2027-03-01; add a person, or tell another role\n"
     "q.yaml:25:9: ladder E-RED, step 1: nobody on the roster is manager in a team of queue day (front_door, Portsmouth) from "
     "2027-03-01; add a person, or tell another role\n"
     "q.yaml:36:9: ladder D-ALL, stage 1: nobody on the roster is manager in a team of queue day (front_door, Hampshire) from "
     "2027-03-01; add a person, or tell another role\n"
     "q.yaml:36:9: ladder D-ALL, stage 1: nobody on the roster is manager in a team of queue day (front_door, Portsmouth) from "
     "2027-03-01; add a person, or tell another role\n"},
    {"team: days, role: manager}", "team: days, role: manager, from: 2027-03-01}", DAY_2026_12_01, 5, 0,
     "q.yaml:9:5: team days: nobody on the roster is manager in a team of queue day, where its managers are told\n"
     "q.yaml:25:9: ladder E-RED, step 1: nobody on the roster is manager in a team of queue day (front_door, Hampshire); add a "
     "person, or tell another role\n"
     "q.yaml:25:9: ladder E-RED, step 1: nobody on the roster is manager in a team of queue day (front_door, Portsmouth); add a "
     "person, or tell another role\n"
     "q.yaml:36:9: ladder D-ALL, stage 1: nobody on the roster is manager in a team of queue day (front_door, Hampshire); add a "
     "person, or tell another role\n"
     "q.yaml:36:9: ladder D-ALL, stage 1: nobody on the roster is manager in a team of queue day (front_door, Portsmouth); add a "
     "person, or tell another role\n"},
    {"team: nights, role: manager}",
     "team: nights, role: manager, until: 2027-03-01}\n  - {id: n-2, number: 4, name: Four (invented), team: nights, role: "
     "manager, from: 2027-04-01}",
     DAY_2026_12_01, 6, 0,
     "q.yaml:27:9: ladder E-RED, step 2, the last: nobody on the roster is manager in a team of queue night (out_of_hours, "
     "Hampshire) from 2027-03-01; add a person, or tell another role\n"
     "q.yaml:27:9: ladder E-RED, step 2, the last: nobody on the roster is manager in a team of queue night (out_of_hours, "
     "Portsmouth) from 2027-03-01; add a person, or tell another role\n"
     "p.yaml:61:5: rule R-ONE: a red in Hampshire reaches nobody on Mon at 00:00 from 2027-03-01: the front door is closed and "
     "nobody on the roster is in a team of its out_of_hours queue\n"
     "p.yaml:61:5: rule R-ONE: a red in Portsmouth reaches nobody on Mon at 00:00 from 2027-03-01: the front door is closed and "
     "nobody on the roster is in a team of its out_of_hours queue\n"
     "q.yaml:4:9: an alarm about an alert in Hampshire reaches nobody from 2027-03-01: nobody on the roster is in a team of a "
     "queue of service 'out_of_hours' there\n"
     "q.yaml:4:9: an alarm about an alert in Portsmouth reaches nobody from 2027-03-01: nobody on the roster is in a team of a "
     "queue of service 'out_of_hours' there\n"},
    {"team: nights, role: manager}", "team: days, role: worker}", DAY_2026_12_01, 6, 0,
     "q.yaml:10:5: team nights: nobody is in it\n"
     "q.yaml:26:9: ladder E-RED, step 2, the last: nobody on the roster is manager in a team of queue night (out_of_hours, "
     "Hampshire); add a person, or tell another role\n"
     "q.yaml:26:9: ladder E-RED, step 2, the last: nobody on the roster is manager in a team of queue night (out_of_hours, "
     "Portsmouth); add a person, or tell another role\n"
     "p.yaml:61:5: rule R-ONE: a red in Hampshire reaches nobody on Mon at 00:00: the front door is closed and nobody on the "
     "roster is in a team of its out_of_hours queue\n"
     "p.yaml:61:5: rule R-ONE: a red in Portsmouth reaches nobody on Mon at 00:00: the front door is closed and nobody on the "
     "roster is in a team of its out_of_hours queue\n"
     "q.yaml:4:9: an alarm reaches nobody: nobody on the roster is in a team of a queue of service 'out_of_hours'\n"},
    {"out_of_hours_too: yes, source", "source", DAY_2026_12_01, 2, 0,
     "p.yaml:61:5: rule R-ONE: a red in Hampshire reaches nobody on Mon at 00:00: the front door is closed and red has no "
     "'out_of_hours_too: yes'\n"
     "p.yaml:61:5: rule R-ONE: a red in Portsmouth reaches nobody on Mon at 00:00: the front door is closed and red has no "
     "'out_of_hours_too: yes'\n"},
    /* whatever a person rates it, and whoever sends it there */
    {"ratings: [red, amber, green, blue]", "ratings: [red, amber, blue]", DAY_2026_12_01, 1, 0,
     "p.yaml:15:5: queue day: a green alert of Hampshire that stands there climbs no ladder when nobody acts on it; add one "
     "under "
     "'escalation'\n"},
    {"    service: front_door\n    plain: nobody", "    service: front_door\n    area: E10000014\n    plain: nobody",
     DAY_2026_12_01, 1, 0,
     "p.yaml:15:5: queue day: a red alert of Portsmouth that stands there climbs no ladder when nobody acts on it; add one under "
     "'escalation'\n"},
    {"agencies:\n  - {agency: police, name: The police, queues: [night]}\n", "", DAY_2026_12_01, 1, 0,
     "p.yaml:16:5: queue night: a red alert of Hampshire that stands there climbs no ladder when nobody acts on it; add one "
     "under "
     "'escalation'\n"},
    {"[claim, hand-over, settle]", "[claim, hand-over]", DAY_2026_12_01, 0, 1,
     "q.yaml:35:9: warning: ladder D-ALL, stage 0: nobody can end it there: role worker may not settle; add 'settle' to what it "
     "may\n"},
    {"[claim, decide, settle]", "[claim, decide]", DAY_2026_12_01, 1, 0,
     "q.yaml:36:9: ladder D-ALL, stage 1: nobody can end it there: role manager may not settle; add 'settle' to what it may\n"},
    {"    board: night\n", "    board: night\n    chair: {role: manager, queue: night}\n", DAY_2026_12_01, 0, 0, ""},
    {"    board: night\n", "    board: night\n    chair: {role: worker, queue: night}\n", DAY_2026_12_01, 1, 0,
     "q.yaml:37:9: ladder D-ALL: nobody on the roster is its chair (worker in a team of queue night); add a person\n"},
    {"decides: yes, ", "", DAY_2026_12_01, 1, 0,
     "q.yaml:36:9: ladder D-ALL has no end: its last stage must decide; give it 'decides: yes'\n"},
    {"optional: yes, standard", "decides: yes, standard", DAY_2026_12_01, 1, 0,
     "q.yaml:35:9: ladder D-ALL: stage 0 decides, so no later stage is ever reached; only the last decides\n"},
    {"role: manager, decides: yes", "role: manager, decides: yes, optional: yes", DAY_2026_12_01, 1, 0,
     "q.yaml:36:9: ladder D-ALL has no end: its last stage is optional\n"},
    {"urgent: {kind: elapsed_minutes, amount: 240}", "urgent: {kind: working_minutes, amount: 240}", DAY_2026_12_01, 0, 1,
     "q.yaml:36:9: warning: ladder D-ALL: this urgent time can span a closed day; give elapsed_minutes\n"},
    /* closing time today, but what turns urgent on Friday evening */
    {"acknowledge_urgent: {kind: elapsed_minutes, amount: 60}", "acknowledge_urgent: {kind: working_days, amount: 0}",
     DAY_2026_12_01, 0, 1, "q.yaml:36:9: warning: ladder D-ALL: this urgent time can span a closed day; give elapsed_minutes\n"},
    {"red: {clocks: [decision],", "red: {clocks: [decision, school], claim: told, request: told,", DAY_2026_12_01, 3, 0,
     "p.yaml:59:8: rating red: clock school stands still while the front door is closed, and a red runs on; give it "
     "elapsed_minutes\n"
     "p.yaml:59:8: rating red: clock told (its claim) stands still while the front door is closed, and a red runs on; give it "
     "elapsed_minutes\n"
     "p.yaml:59:8: rating red: clock told (its request) stands still while the front door is closed, and a red runs on; give it "
     "elapsed_minutes\n"},
    {"wait: {kind: elapsed_minutes, amount: 30}", "wait: {kind: working_minutes, amount: 30, calendar: office}", DAY_2026_12_01,
     0, 1,
     "q.yaml:25:9: warning: ladder E-RED, step 1: stands still while the front door is closed, and a red runs on; give it "
     "elapsed_minutes\n"},
    {"alarms: {service: out_of_hours}\n", "", DAY_2026_12_01, 1, 0,
     "policy: no file has the section 'alarms': an alarm of the hub itself reaches nobody; add it\n"},
    {"feedback: {clock: told}\n", "", DAY_2026_12_01, 1, 1,
     "q.yaml:2:5: warning: clock told: no rule and no rating uses it\npolicy: no file has the section 'feedback': nobody sees to "
     "it that a referrer hears what came of it; add it\n"},
    {"alarms: {service: out_of_hours}", "alarms: {service: front_door}", DAY_2026_12_01, 0, 0, ""},
    {"then: {alert: {service: front_door, rating: red, clocks: [school]}}",
     "then: {alert: {service: front_door, rating: red, clocks: [school]}}\n  - id: R-SAME\n    plain: The same again.\n    "
     "source: s\n    owner: o\n    review: 2027-09-30\n    when:\n      - payload: [child_concern]\n      - field: "
     "{child_concern.grade.level: very_high}\n      - age: {at_least_months: 60, under_months: 120}\n    about: [child]\n    "
     "then: {alert: {service: front_door, rating: red}}",
     DAY_2026_12_01, 0, 1,
     "p.yaml:72:5: warning: rule R-SAME: changes nothing, since rule R-ONE holds whenever it does and does as much; remove one, "
     "or say what differs\n"},
    /* ... who a rule is about has that role */
    {"      - payload: [child_concern]\n      - field: {child_concern.grade.level: [high, very_high]}\n      - age: "
     "{at_least_months: "
     "48, under_months: 216}\n",
     "      - payload: [child_concern]\n      - role: [child, unborn_child]\n    about: [child, unborn_child]\n    then: {alert: "
     "{service: front_door, rating: red, clocks: [school]}}\n  - id: R-TWO\n    plain: The same again.\n    source: s\n    "
     "owner: o\n    "
     "review: 2027-09-30\n    when:\n      - payload: [child_concern]\n      - agency: [police]\n",
     DAY_2026_12_01, 0, 1,
     "p.yaml:71:5: warning: rule R-TWO: changes nothing, since rule R-ONE holds whenever it does and does as much; remove one, "
     "or say what differs\n"},
    /* an agency that ended, and one that is succeeded */
    {"queues: [night]}", "queues: [night], until: 2026-11-01}", DAY_2026_12_01, 0, 1,
     "p.yaml:18:5: warning: agency police: ended 30 days ago and no row follows, so nobody is asked there or hears of an "
     "outcome; "
     "add who succeeded it\n"},
    {"queues: [night]}",
     "queues: [night], until: 2026-11-01}\n  - {agency: police, name: The new police, queues: [night], from: 2026-11-01}",
     DAY_2026_12_01, 0, 0, ""},
    {"then: {alert: {service: front_door, rating: red, clocks: [school]}}",
     "then: {alert: {service: front_door, rating: red, clocks: [school]}}\n  - id: R-MORE\n    plain: More.\n    source: s\n    "
     "owner: o\n    review: 2027-09-30\n    when:\n      - payload: [child_concern]\n    about: [child, unborn_child]\n    then: "
     "{alert: {service: front_door, rating: red, clocks: [school]}}",
     DAY_2026_12_01, 0, 1,
     "p.yaml:61:5: warning: rule R-ONE: changes nothing, since rule R-MORE holds whenever it does and does as much; remove one, "
     "or say what differs\n"},
    {"met_by: other, statutory: no", "met_by: other, statutory: yes", DAY_2026_12_01, 1, 0,
     "q.yaml:2:5: clock told: nobody but the team that missed it hears when this statutory clock lapses; give it 'on_lapse'\n"},
    {"clocks: [decision], source: s}\n  amber", "clocks: [decision, told], source: s}\n  amber", DAY_2026_12_01, 1, 0,
     "q.yaml:2:5: clock told: nothing that is done on an alert would ever meet it; say in 'met_by' what does\n"},
    {"statutory: no, source: some guidance}", "statutory: yes, on_lapse: out_of_hours, source: some guidance}", DAY_2026_12_01, 1,
     0,
     "p.yaml:61:5: rule R-ONE: its rating may promise later than the statute: from Tue 1 Dec 2026 00:00 GMT, decision is due Wed "
     "2 Dec 2026 17:00 GMT, and school Tue 1 Dec 2026 08:30 GMT; rate it higher, or record why under 'later_than_statute'\n"},
    {"team: nights, queues: [night]", "team: nights, queues: [day]", DAY_2026_12_01, 6, 0,
     "q.yaml:10:5: team nights: nobody on the roster is manager in a team of queue night, where its managers are told\n"
     "q.yaml:26:9: ladder E-RED, step 2, the last: nobody on the roster is manager in a team of queue night (out_of_hours, "
     "Hampshire); add a person, or tell another role\n"
     "q.yaml:26:9: ladder E-RED, step 2, the last: nobody on the roster is manager in a team of queue night (out_of_hours, "
     "Portsmouth); add a person, or tell another role\n"
     "p.yaml:61:5: rule R-ONE: a red in Hampshire reaches nobody on Mon at 00:00: the front door is closed and nobody on the "
     "roster is in a team of its out_of_hours queue\n"
     "p.yaml:61:5: rule R-ONE: a red in Portsmouth reaches nobody on Mon at 00:00: the front door is closed and nobody on the "
     "roster is in a team of its out_of_hours queue\n"
     "q.yaml:4:9: an alarm reaches nobody: nobody on the roster is in a team of a queue of service 'out_of_hours'\n"},
};

/* What the check says of the base policy, spoiled so; end with yaml_problems_free. */
static yaml_problems findings(const char *find, const char *put, int32_t today)
{
    policy_sources sources = base_sources(find, put);
    yaml_problems problems = {0};
    core_policy *policy = NULL;
    (void)policy_compile(&sources, "", &policy, &problems);
    assert_string_equal(hub_buffer_text(&problems.text), ""); /* it compiles */
    policy_check(policy, today, &problems);
    policy_free(policy);
    policy_sources_free(&sources);
    return problems;
}

static void the_check_tells_what_is_missing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        yaml_problems problems = findings(ROWS[i].find, ROWS[i].put, ROWS[i].today);
        assert_string_equal(hub_buffer_text(&problems.text), ROWS[i].expected);
        assert_int_equal(problems.count, ROWS[i].problems);
        assert_int_equal(problems.warnings, ROWS[i].warnings);
        yaml_problems_free(&problems);
    }
}

/* An event that no rule is for would go to nobody, and nobody would know. */
static void a_payload_without_a_rule_is_named(void **state)
{
    (void)state;
    yaml_problems problems = findings("payload: any", "payload: [contact]", DAY_2026_12_01);
    const char *text = hub_buffer_text(&problems.text);
    assert_non_null(strstr(
        text, "policy: no rule is for 'adult_concern': such an event goes to nobody; add a rule, if only 'then: record'\n"));
    assert_null(strstr(text, "'contact'"));
    assert_non_null(strstr(text, "policy: warning: every rule for 'child_concern' has further conditions: some such events go to "
                                 "nobody; add one with 'then: record'\n"));
    yaml_problems_free(&problems);
}

/* The rule that keeps everything else ends, and none follows it: on that day, and not today, such an event goes to nobody. */
static void a_payload_that_loses_its_last_rule_later_is_named_with_the_day(void **state)
{
    (void)state;
    yaml_problems problems =
        findings("review: 2027-09-30\n    when:\n      - payload: any",
                 "review: 2027-09-30\n    until: 2027-05-01\n    when:\n      - payload: any", DAY_2026_12_01);
    const char *text = hub_buffer_text(&problems.text);
    assert_non_null(strstr(text, "policy: no rule is for 'adult_concern' from 2027-05-01: such an event goes to nobody"));
    assert_null(strstr(text, "'child_concern'"));
    assert_null(strstr(text, "R-ALL"));
    yaml_problems_free(&problems);
}

/* Three things go stale by themselves; each is told. */
static void what_time_has_overtaken_is_told(void **state)
{
    (void)state;
    yaml_problems problems = findings(NULL, NULL, 21200); /* 2028-01-17 */
    assert_string_equal(
        hub_buffer_text(&problems.text),
        "p.yaml:54:5: clock school: calendar office has no school terms ahead; add them\n"
        "p.yaml:38:5: calendar office: its bank holidays ended 17 days ago; due times are provisional until it is extended\n"
        "p.yaml:61:5: warning: rule R-ONE: was to be reviewed by a lead 109 days ago\n"
        "p.yaml:72:5: warning: rule R-ALL: was to be reviewed by a lead 109 days ago\n");
    yaml_problems_free(&problems);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_check_tells_what_is_missing),
        cmocka_unit_test(a_payload_without_a_rule_is_named),
        cmocka_unit_test(a_payload_that_loses_its_last_rule_later_is_named_with_the_day),
        cmocka_unit_test(what_time_has_overtaken_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
