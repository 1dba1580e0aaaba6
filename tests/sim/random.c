/* random.c - splitmix64 [Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014]. */
#include "random.h"

#include "base/status.h"

static uint64_t next(sim_random *random)
{
    uint64_t z = (random->state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

sim_random sim_fork(sim_random *from)
{
    return (sim_random){next(from)};
}

uint64_t sim_draw(sim_random *random, uint64_t below)
{
    HUB_ASSERT(below > 0);
    return next(random) % below;
}

int64_t sim_within(sim_random *random, sim_span span)
{
    HUB_ASSERT(span.least <= span.most);
    return span.least + (int64_t)sim_draw(random, (uint64_t)(span.most - span.least) + 1);
}

bool sim_happens(sim_random *random, sim_ratio chance)
{
    return sim_draw(random, chance.in) < chance.of;
}

void sim_fill(sim_random *random, void *out, size_t size)
{
    for (size_t i = 0; i < size; i++)
        ((uint8_t *)out)[i] = (uint8_t)sim_draw(random, 256);
}
