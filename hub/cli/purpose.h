/* purpose.h - what somebody looks at records for, and for whom: flags of find, explain, trace, audit and tail. */
#ifndef CLI_PURPOSE_H
#define CLI_PURPOSE_H

#include "cli/settings.h"
#include "mash/v1/bus.pb-c.h"

enum { PURPOSE_WORD_MAX = 48 };

typedef struct purpose {
    Mash__V1__Purpose stated;
    char as[SETTINGS_ACTS_AS_MAX]; /* roster id; "" = the key's own */
    char *reason;                  /* BORROWED from the call; "" = none */
} purpose;

typedef enum purpose_need { PURPOSE_IF_GIVEN, PURPOSE_NEEDED } purpose_need;

/* CLI_DONE, or it has been said what is missing. */
cli_exit purpose_read(const cli_call *call, purpose_need need, purpose *out);
/* For whom alone, with a gateway's key; "" = the key's own. */
cli_exit purpose_read_as(const cli_call *call, char out[SETTINGS_ACTS_AS_MAX]);
/* "strategy-discussion" of PURPOSE_STRATEGY_DISCUSSION. */
void purpose_word(const ProtobufCEnumDescriptor *of, int value, const char *prefix, char out[PURPOSE_WORD_MAX]);

#endif
