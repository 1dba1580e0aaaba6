/* show.h - what the adapter would send, and how it stands; nothing is changed but by adapter_replay. */
#ifndef ADAPTERS_SHOW_H
#define ADAPTERS_SHOW_H

#include "kit/config.h"

typedef enum adapter_form { ADAPTER_TEXT, ADAPTER_JSON } adapter_form;

/* Maps one input file: its events as JSON on standard output, what would be parked and a last line on standard error. What the running
 * adapter's mapping remembers is taken into account. */
int adapter_dry_run(const kit_config *config, const char *path);
/* Counters of the outbox, beside a running adapter or without one. */
int adapter_status(const kit_config *config, adapter_form form);
/* Offers everything kept again at the next start. The adapter must not be running. */
int adapter_replay(const kit_config *config);
void adapter_list_mappings(const kit_mapping *const *mappings);

#endif
