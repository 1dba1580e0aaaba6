/* inputs.h - events from a file or standard input: one as JSON, one packed, or a stream of JSON lines; completed and checked. */
#ifndef CLI_INPUTS_H
#define CLI_INPUTS_H

#include "base/arena.h"
#include "base/id.h"
#include "cli/publisher.h"

enum { INPUTS_BYTES_MAX = 256 * 1024 * 1024 };

typedef struct input_times {
    int64_t now_ms;     /* for the check: nothing from the future */
    int64_t written_ms; /* recorded_at where the author stated none */
} input_times;

/* Puts every event of `path` ("-" = standard input) into `publisher`, at most `most`.
 * HUB_ERR_INVALID: err names the line of the input (for a stream), the field and the rule, never the value. HUB_ERR_REFUSED: it is read,
 * and the hub's own check refuses it. */
hub_status inputs_read(const char *path, uint64_t most, int64_t now_ms, publisher *out, hub_error *err);

#endif
