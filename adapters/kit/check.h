/* check.h - is everything set up rightly, as far as this machine can tell? Configuration, keys, folders, outbox, the way in and its
 * certificates. Changes nothing, and asks nobody but this machine; what the hub says is `mashctl doctor`'s. Each wrong finding has its fix.
 */
#ifndef KIT_CHECK_H
#define KIT_CHECK_H

#include "kit/config.h"
#include "link/outbox.h"

typedef enum kit_finding { KIT_FINDING_GOOD, KIT_FINDING_NOTE, KIT_FINDING_WRONG } kit_finding;

/* One finding. `fix` is NULL for a good one. */
typedef void kit_say(void *context, kit_finding how, const char *step, const char *found, const char *fix);

/* `problems` are those of kit_config_read: with mistakes there, nothing else is looked at. */
void kit_check(const kit_config *config, yaml_problems *problems, kit_say *say, void *context);

/* Of these only what goes wrong by itself while the program runs: room on the disk, certificates that end. */
void kit_check_ageing(const kit_config *config, kit_say *say, void *context);

/* Is the program of this configuration at work? Told by who holds the outbox's lock. */
bool kit_is_running(const kit_config *config);

#endif
