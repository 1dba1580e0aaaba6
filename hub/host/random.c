#include "random.h"

#include <sodium.h>

void host_random_start(void)
{
    HUB_ASSERT(sodium_init() >= 0);
}

void host_random_fill(void *out, size_t size)
{
    randombytes_buf(out, size);
}

hub_id host_random_id(void)
{
    hub_id id;
    randombytes_buf(id.bytes, sizeof id.bytes);
    return id;
}
