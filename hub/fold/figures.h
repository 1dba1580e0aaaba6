/* figures.h - the figures of core/timeliness.h for the last quarters, in a file beside the snapshot: what the hub answers a FiguresRequest with.
 * It holds what may be told and nothing else, so it is neither sealed nor a secret; the next fold replaces it. */
#ifndef FOLD_FIGURES_H
#define FOLD_FIGURES_H

#include "core/timeliness.h"

enum { FOLD_QUARTERS = 8, FOLD_FIGURES_BYTES_MAX = 8 * 1024 * 1024 };

/* A message Figures with every quarter's items; without restricted alerts. Nothing is written under no policy. HUB_ERR_MEMORY, HUB_ERR_IO. */
hub_status fold_save_figures(core_timeliness *t, const core_state *state, int64_t now_ms, const char *path, hub_error *err);

#endif
