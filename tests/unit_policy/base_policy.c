#include "base_policy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

const char BASE_POLICY[] = "partnership: test\n"                                                                     /*  1 */
                           "areas:\n"                                                                                /*  2 */
                           "  - {code: E10000014, name: Hampshire, until: 2028-04-01}\n"                             /*  3 */
                           "  - {code: E06000044, name: Portsmouth}\n"                                               /*  4 */
                           "services:\n"                                                                             /*  5 */
                           "  - {name: front_door, plain: decides}\n"                                                /*  6 */
                           "  - {name: out_of_hours, plain: at night}\n"                                             /*  7 */
                           "audiences:\n"                                                                            /*  8 */
                           "  - name: team\n"                                                                        /*  9 */
                           "    sees_up_to: restricted\n"                                                            /* 10 */
                           "    fields: [subjects, summary, child_concern.grade.level]\n"                            /* 11 */
                           "    basis: some law\n"                                                                   /* 12 */
                           "    source: some agreement\n"                                                            /* 13 */
                           "queues:\n"                                                                               /* 14 */
                           "  - {name: day, audience: team, consumers: [day-1, day-2]}\n"                            /* 15 */
                           "  - {name: night, audience: team, consumers: [night-1]}\n"                               /* 16 */
                           "agencies:\n"                                                                             /* 17 */
                           "  - {agency: police, name: The police, queues: [night]}\n"                               /* 18 */
                           "routes:\n"                                                                               /* 19 */
                           "  - {service: front_door, area: E10000014, queue: day, until: 2028-04-01}\n"             /* 20 */
                           "  - {service: front_door, area: E06000044, queue: day}\n"                                /* 21 */
                           "  - {service: out_of_hours, area: every, queue: night}\n"                                /* 22 */
                           "bank_holidays:\n"                                                                        /* 23 */
                           "  - name: england\n"                                                                     /* 24 */
                           "    known_until: 2027-12-31\n"                                                           /* 25 */
                           "    source: some list\n"                                                                 /* 26 */
                           "    days:\n"                                                                             /* 27 */
                           "      - {date: 2026-12-25, title: Christmas Day}\n"                                      /* 28 */
                           "      - {date: 2026-12-28, title: Boxing Day, notes: Substitute day}\n"                  /* 29 */
                           "school_terms:\n"                                                                         /* 30 */
                           "  - name: hampshire\n"                                                                   /* 31 */
                           "    source: invented\n"                                                                  /* 32 */
                           "    terms:\n"                                                                            /* 33 */
                           "      - {from: 2026-09-03, until: 2026-10-23}\n"                                         /* 34 */
                           "      - {from: 2026-11-02, until: 2027-07-22}\n"                                         /* 35 */
                           "    inset_days: [2026-09-03]\n"                                                          /* 36 */
                           "calendars:\n"                                                                            /* 37 */
                           "  - id: office\n"                                                                        /* 38 */
                           "    zone: Europe/London\n"                                                               /* 39 */
                           "    source: some hours\n"                                                                /* 40 */
                           "    week: {monday: 08:30-17:00, tuesday: 08:30-17:00, wednesday: 08:30-17:00, "          /* 41 */
                           "thursday: 08:30-17:00, friday: 08:30-16:30, saturday: closed, sunday: closed}\n"         /*    */
                           "    bank_holidays: england\n"                                                            /* 42 */
                           "    terms: hampshire\n"                                                                  /* 43 */
                           "clocks:\n"                                                                               /* 44 */
                           "  - id: decision\n"                                                                      /* 45 */
                           "    plain: decided in time\n"                                                            /* 46 */
                           "    kind: working_days\n"                                                                /* 47 */
                           "    amount: 1\n"                                                                         /* 48 */
                           "    calendar: office\n"                                                                  /* 49 */
                           "    from: stated_receipt\n"                                                              /* 50 */
                           "    statutory: yes\n"                                                                    /* 51 */
                           "    on_lapse: out_of_hours\n"                                                            /* 52 */
                           "    source: some guidance\n"                                                             /* 53 */
                           "  - {id: school, plain: by school, kind: next_school_day, amount: 0, calendar: office, " /* 54 */
                           "from: occurred, statutory: no, source: some guidance}\n"                                 /*    */
                           "ratings:\n"                                                                              /* 55 */
                           "  blue: {clocks: [], source: s}\n"                                                       /* 56 */
                           "  green: {clocks: [decision], source: s}\n"                                              /* 57 */
                           "  amber: {clocks: [decision], source: s}\n"                                              /* 58 */
                           "  red: {clocks: [decision], out_of_hours_too: yes, source: s}\n"                         /* 59 */
                           "rules:\n"                                                                                /* 60 */
                           "  - id: R-ONE\n"                                                                         /* 61 */
                           "    plain: A concern for a child.\n"                                                     /* 62 */
                           "    source: some guidance\n"                                                             /* 63 */
                           "    owner: a lead\n"                                                                     /* 64 */
                           "    review: 2027-09-30\n"                                                                /* 65 */
                           "    when:\n"                                                                             /* 66 */
                           "      - payload: [child_concern]\n"                                                      /* 67 */
                           "      - field: {child_concern.grade.level: [high, very_high]}\n"                         /* 68 */
                           "      - age: {at_least_months: 48, under_months: 216}\n"                                 /* 69 */
                           "    about: [child, unborn_child]\n"                                                      /* 70 */
                           "    then: {alert: {service: front_door, rating: red, clocks: [school]}}\n"               /* 71 */
                           "  - id: R-ALL\n"                                                                         /* 72 */
                           "    plain: Everything else is kept.\n"                                                   /* 73 */
                           "    source: some guidance\n"                                                             /* 74 */
                           "    owner: a lead\n"                                                                     /* 75 */
                           "    review: 2027-09-30\n"                                                                /* 76 */
                           "    when:\n"                                                                             /* 77 */
                           "      - payload: any\n"                                                                  /* 78 */
                           "    then: record\n";                                                                     /* 79 */

const char BASE_ROSTER[] =
    "clocks:\n" /*  1 */
    "  - {id: told, plain: the referrer knows, kind: working_days, amount: 2, calendar: office, from: stored, met_by: other, "
    "statutory: no, source: s}\n"                                                                               /*  2 */
    "feedback: {clock: told}\n"                                                                                 /*  3 */
    "alarms: {service: out_of_hours}\n"                                                                         /*  4 */
    "roles:\n"                                                                                                  /*  5 */
    "  - {role: worker, may: [claim, hand-over, settle], plain: does the work}\n"                               /*  6 */
    "  - {role: manager, may: [claim, decide, settle], restricted: yes, plain: leads the work}\n"               /*  7 */
    "teams:\n"                                                                                                  /*  8 */
    "  - {team: days, queues: [day], manager_role: manager, manager_queue: day, plain: works by day}\n"         /*  9 */
    "  - {team: nights, queues: [night], manager_role: manager, manager_queue: night, plain: works by night}\n" /* 10 */
    "people:\n"                                                                                                 /* 11 */
    "  - {id: d-1, number: 1, name: One (invented), team: days, role: worker, alternate: d-2}\n"                /* 12 */
    "  - {id: d-2, number: 2, name: Two (invented), team: days, role: manager}\n"                               /* 13 */
    "  - {id: n-1, number: 3, name: Three (invented), team: nights, role: manager}\n"                           /* 14 */
    "outcomes:\n"                                                                                               /* 15 */
    "  - {id: nothing, plain: nothing more, source: s}\n"                                                       /* 16 */
    "  - {id: enquiry, plain: an enquiry, source: s, needs_legal_basis: yes}\n"                                 /* 17 */
    "escalation:\n"                                                                                             /* 18 */
    "  - id: E-RED\n"                                                                                           /* 19 */
    "    ratings: [red, amber, green, blue]\n"                                                                  /* 20 */
    "    service: front_door\n"                                                                                 /* 21 */
    "    plain: nobody leaves a red alone\n"                                                                    /* 22 */
    "    source: some ladder\n"                                                                                 /* 23 */
    "    steps:\n"                                                                                              /* 24 */
    "      - {wait: {kind: elapsed_minutes, amount: 30}, unless: seen, tell: {role: manager, service: front_door}, plain: "
    "first}\n" /* 25 */
    "      - {wait: {kind: working_days, amount: 0, calendar: office}, unless: rated, tell: {role: manager, service: "
    "out_of_hours}, with_events: yes, plain: second}\n" /* 26 */
    "disagreement:\n"                                   /* 27 */
    "  - id: D-ALL\n"                                   /* 28 */
    "    service: every\n"                              /* 29 */
    "    danger: ring 999\n"                            /* 30 */
    "    source: some protocol\n"                       /* 31 */
    "    board: night\n"                                /* 32 */
    "    outcome: {kind: working_days, amount: 2}\n"    /* 33 */
    "    stages:\n"                                     /* 34 */
    "      - {stage: 0, plain: think again, role: worker, optional: yes, standard: {kind: working_days, amount: 2}, urgent: "
    "{kind: elapsed_minutes, amount: 60}}\n" /* 35 */
    "      - {stage: 1, plain: managers, role: manager, decides: yes, board_office: yes, standard: {kind: working_days, amount: "
    "5}, urgent: {kind: elapsed_minutes, amount: 240}, acknowledge: {kind: working_days, amount: 1}, acknowledge_urgent: {kind: "
    "elapsed_minutes, amount: 60}}\n" /* 36 */;

static void put_source(policy_source *source, const char *name, const char *text, const char *find, const char *put)
{
    memcpy(source->name, name, strlen(name) + 1);
    const char *at = find != NULL ? strstr(text, find) : NULL;
    if (at != NULL) {
        hub_buffer_put(&source->text, text, (size_t)(at - text));
        hub_buffer_put_text(&source->text, put);
        text = at + strlen(find);
    }
    hub_buffer_put_text(&source->text, text);
    assert_false(source->text.failed);
}

policy_sources base_sources(const char *find, const char *put)
{
    policy_sources sources = {.items = calloc(2, sizeof(policy_source)), .count = 2};
    assert_non_null(sources.items);
    bool in_policy = find != NULL && strstr(BASE_POLICY, find) != NULL;
    assert_true(find == NULL || in_policy || strstr(BASE_ROSTER, find) != NULL);
    put_source(&sources.items[0], "p.yaml", BASE_POLICY, in_policy ? find : NULL, put);
    put_source(&sources.items[1], "q.yaml", BASE_ROSTER, in_policy ? NULL : find, put);
    return sources;
}

core_policy *base_compiled(const char *find, const char *put)
{
    policy_sources sources = base_sources(find, put);
    yaml_problems problems = {0};
    core_policy *policy = NULL;
    hub_status status = policy_compile(&sources, "", &policy, &problems);
    assert_string_equal(hub_buffer_text(&problems.text), "");
    assert_int_equal(status, HUB_OK);
    policy_sources_free(&sources);
    yaml_problems_free(&problems);
    return policy;
}
