/* figures.h - an instance's figures in Prometheus' text format. */
#ifndef OUTBOUND_FIGURES_H
#define OUTBOUND_FIGURES_H

#include "engine.h"

void outbound_figures(const outbound_config *config, const engine *e, bool is_open, int64_t now_ms, hub_buffer *out);

#endif
