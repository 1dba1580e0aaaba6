#include "warn.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "host/log.h"
#include "kit/check.h"

static const int64_t DAY_MS = 24LL * 60 * 60 * 1000;
static const int64_t MINUTE_MS = 60 * 1000; /* below it nobody is misled, and links are slow */

static void log_finding(void *context, kit_finding how, const char *step, const char *found, const char *fix)
{
    (void)context;
    if (how == KIT_FINDING_GOOD) return;
    host_log(how == KIT_FINDING_WRONG ? HOST_LOG_ERROR : HOST_LOG_WARNING, "somebody has to see to this", "step", step, "cause",
             found, "fix", fix, NULL);
}

void adapter_warn_daily(const kit_config *config, int64_t now_ms, int64_t *next_ms)
{
    if (now_ms < *next_ms) return;
    *next_ms = now_ms + DAY_MS;
    kit_check_ageing(config, log_finding, NULL);
}

void adapter_warn_clock(outbox *box, int64_t hub_ms, int64_t own_ms, char said[ADAPTER_CLOCK_TEXT])
{
    hub_error err = {{0}};
    char text[ADAPTER_CLOCK_TEXT] = "";
    int64_t ahead_ms = own_ms - hub_ms;
    int64_t minutes = (ahead_ms < 0 ? -ahead_ms : ahead_ms) / MINUTE_MS;
    if (minutes > 0)
        (void)snprintf(text, sizeof text, "%" PRId64 " min %s hub time", minutes, ahead_ms < 0 ? "behind" : "ahead of");
    if (strcmp(text, said) == 0) return;
    (void)snprintf(said, ADAPTER_CLOCK_TEXT, "%s", text);
    if (text[0] != '\0')
        host_log(HOST_LOG_ERROR, "this machine's clock is wrong", "cause", text, "fix",
                 "timedatectl set-ntp true; more than 10 minutes ahead, what is dated by it is held until that time has come",
                 NULL);
    if (outbox_note(box, "clock", text, &err) != HUB_OK)
        host_log(HOST_LOG_WARNING, "the clock's error could not be noted", "cause", err.text, NULL);
}
