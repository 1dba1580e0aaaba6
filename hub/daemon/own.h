/* own.h - who of the staff is which person in the data: a private file that the hub alone reads, so that looking oneself up, or one's own
 * household, is flagged in the audit stream. In no record, no policy, no answer.
 *
 *     people:
 *       - {staff: hc-3, keys: ["nhs:9990000018", "name:Sam Example born:1980-01-02"], homes: [100012345678]}
 */
#ifndef DAEMON_OWN_H
#define DAEMON_OWN_H

#include "core/core.h"
#include "yaml/yaml.h"

enum { DAEMON_OWN_KEYS_MAX = 8, DAEMON_OWN_HOMES_MAX = 4 };

typedef struct daemon_own daemon_own; /* opaque */

/* Reads the file, which nobody but its owner may read. NULL after a complaint, which holds no value. */
daemon_own *daemon_own_read(const char *path, yaml_problems *problems);
void daemon_own_free(daemon_own *own);
/* What is known of the person with this roster id; key_count 0 = nothing. BORROWS the list; `own` may be NULL. */
core_own daemon_own_of(const daemon_own *own, const char *staff);

#endif
