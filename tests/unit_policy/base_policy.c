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

policy_sources base_sources(const char *find, const char *put)
{
    policy_sources sources = {.items = calloc(1, sizeof(policy_source)), .count = 1};
    assert_non_null(sources.items);
    memcpy(sources.items[0].name, "p.yaml", sizeof "p.yaml");
    hub_buffer *text = &sources.items[0].text;
    const char *at = find != NULL ? strstr(BASE_POLICY, find) : NULL;
    if (find == NULL) {
        hub_buffer_put_text(text, BASE_POLICY);
    } else {
        assert_non_null(at);
        hub_buffer_put(text, BASE_POLICY, (size_t)(at - BASE_POLICY));
        hub_buffer_put_text(text, put);
        hub_buffer_put_text(text, at + strlen(find));
    }
    assert_false(text->failed);
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
