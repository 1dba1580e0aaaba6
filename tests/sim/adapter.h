/* adapter.h - one agency's adapter: its system speaks, the real outbox keeps, the real link offers. The process may die between
 * any two steps; its outbox (in memory, standing for the file) outlives it. */
#ifndef SIM_ADAPTER_H
#define SIM_ADAPTER_H

#include "checker.h"
#include "net.h"

typedef struct sim_adapter sim_adapter;

typedef struct sim_adapter_parts {
    sim_schedule *schedule;
    sim_net *net;
    const sim_options *options;
    const sim_report *report;
    sim_checker *checker;
    sim_random random;
    uint32_t place;  /* 0.. */
    uint32_t peer;   /* its enrolled number */
    uint32_t events; /* to be put */
} sim_adapter_parts;

sim_adapter *sim_adapter_open(const sim_adapter_parts *parts);
void sim_adapter_close(sim_adapter *adapter);
bool sim_adapter_has_put_all(const sim_adapter *adapter);
/* All is put, and nothing waits. */
bool sim_adapter_is_at_rest(const sim_adapter *adapter);
/* Its outbox's own books: O4, and as many refused as there had to be. */
void sim_adapter_check(const sim_adapter *adapter);

#endif
