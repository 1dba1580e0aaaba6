#include "made.h"

#include <stdio.h>
#include <string.h>

Mash__V1__Delivery *made_delivery(made *m, uint64_t number, uint64_t sequence, int64_t due_ms)
{
    mash__v1__delivery__init(&m->delivery);
    mash__v1__position__init(&m->position);
    mash__v1__alert__init(&m->alert);
    mash__v1__clock__init(&m->clock);
    (void)snprintf(m->id, sizeof m->id, "A%llu", (unsigned long long)number);
    m->position.sequence = sequence;
    m->alert.alert_id = m->id;
    m->alert.rating = MASH__V1__RATING__RATING_GREEN;
    m->alert.rated_by = (char *)(uintptr_t) "provisional, by rule R-X";
    m->alert.state = (char *)(uintptr_t) "open";
    m->alert.sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_OFFICIAL;
    m->clock.clock = (char *)(uintptr_t) "decision";
    m->clock.due_ms = due_ms;
    m->clocks[0] = &m->clock;
    if (due_ms != 0) {
        m->alert.clocks = m->clocks;
        m->alert.n_clocks = 1;
    }
    m->delivery.position = &m->position;
    m->delivery.alert = &m->alert;
    m->delivery.time_ms = (int64_t)sequence * 1000;
    return &m->delivery;
}

void made_party(made *m, const char *staff)
{
    mash__v1__party__init(&m->party);
    m->party.staff = (char *)(uintptr_t)staff;
    m->parties[0] = &m->party;
    m->delivery.parties = m->parties;
    m->delivery.n_parties = 1;
}

const core_policy *made_policy(void)
{
    static core_queue_row queues[] = {{.name = "front"}, {.name = "adults"}};
    static core_team teams[] = {{.name = "front-door", .queues = {0}, .queue_count = 1},
                                {.name = "adults", .queues = {1}, .queue_count = 1}};
    static const core_role roles[] = {{.name = "worker", .may = 1U << MASH__V1__ACT_KIND__ACT_KIND_CLAIM},
                                      {.name = "manager", .restricted = true}};
    static const core_staff_row staff[] = {
        {.id = "ann", .team = 0, .role = 0},
        {.id = "bea", .team = 0, .role = 1},
        {.id = "cal", .team = 1, .role = 0},
        {.id = "dot", .shown = "Dot Made", .team = 0, .role = 0, .effective = {.until_day = 100}}};
    static const core_policy policy = {.queues = queues,
                                       .queue_count = 2,
                                       .teams = teams,
                                       .team_count = 2,
                                       .roles = roles,
                                       .role_count = 2,
                                       .staff = staff,
                                       .staff_count = 4};
    return &policy;
}

const board_config *made_config(void)
{
    static const board_config config = {.queues = {"front", "adults"}, .queue_count = 2};
    return &config;
}
