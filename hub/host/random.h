/* random.h - fresh ids and keys from the operating system's generator. */
#ifndef HOST_RANDOM_H
#define HOST_RANDOM_H

#include <stddef.h>

#include "base/id.h"

/* Prepares libsodium; call once before anything else of the program. Ends the program when the system has no generator. */
void host_random_start(void);
void host_random_fill(void *out, size_t size);
hub_id host_random_id(void);

#endif
