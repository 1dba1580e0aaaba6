/* show.h - what the adapter would send, and how it stands; nothing is changed. */
#ifndef ADAPTERS_SHOW_H
#define ADAPTERS_SHOW_H

#include "kit/config.h"
#include "kit/intake.h"

typedef enum adapter_form { ADAPTER_TEXT, ADAPTER_JSON } adapter_form;

/* Maps one input file: its events as JSON on standard output, what would be parked and a last line on standard error. What the running
 * adapter's mapping remembers is taken into account. */
int adapter_dry_run(const kit_config *config, const char *path);
/* One event that the outbox keeps, as JSON: for who was told of it by a notice. */
int adapter_show(const kit_config *config, const char *event_id);
/* Counters of the outbox, beside a running adapter or without one. */
int adapter_status(const kit_config *config, adapter_form form);
/* One input file through the mapping. */
typedef struct adapter_take {
    outbox *box;       /* where its events go */
    outbox *remembers; /* whose mapping remembers, when `box` does not; NULL = none */
    outbox *known;     /* an input that this one has taken is a repeat; NULL = take it anew */
} adapter_take;
hub_status adapter_take_file(const kit_config *config, const adapter_take *into, const char *path, kit_outcome *outcome,
                             hub_error *err);
void adapter_list_mappings(const kit_mapping *const *mappings);

#endif
