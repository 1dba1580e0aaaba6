/* metrics.h - what an adapter tells Prometheus: what came in, what waits, what became of it, whether the hub is there. */
#ifndef ADAPTERS_METRICS_H
#define ADAPTERS_METRICS_H

#include "link/link.h"
#include "metrics/serve.h"
#include "ways.h"

/* Writes all families. `input_trouble`: why nothing is taken in, "" = it is. `now_ms`: of the clock that outbox_put was given. */
void adapter_metrics(outbox *box, const link_machine *link, const adapter_ways *ways, const char *input_trouble, int64_t now_ms,
                     hub_buffer *out);

#endif
