/* random.h - the dice of a simulation. One seed gives one run: every part draws from a generator of its own, forked from the
 * first, so that a new draw in one part leaves the others' luck as it was. Chances are ratios of integers: the same on every
 * machine. */
#ifndef SIM_RANDOM_H
#define SIM_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct sim_random {
    uint64_t state;
} sim_random;

/* {1, 20}: one time in twenty; {0, 1}: never. */
typedef struct sim_ratio {
    uint32_t of;
    uint32_t in;
} sim_ratio;

/* least..most, both included */
typedef struct sim_span {
    int64_t least;
    int64_t most;
} sim_span;

sim_random sim_fork(sim_random *from);
uint64_t sim_draw(sim_random *random, uint64_t below);
int64_t sim_within(sim_random *random, sim_span span);
bool sim_happens(sim_random *random, sim_ratio chance);
void sim_fill(sim_random *random, void *out, size_t size);

#endif
