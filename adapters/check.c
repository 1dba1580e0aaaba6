#include "check.h"

#include <stdio.h>

#include "kit/check.h"
#include "run.h"

static void say(void *context, kit_finding how, const char *step, const char *found, const char *fix)
{
    static const char *const WORDS[] = {"ok", "note", "WRONG"};
    unsigned *wrong = context;
    *wrong += how == KIT_FINDING_WRONG;
    printf("%-6s %-12s %s\n", WORDS[how], step, found);
    if (fix != NULL) printf("%20s-> %s\n", "", fix);
}

int adapter_check(const kit_config *config, yaml_problems *problems)
{
    unsigned wrong = 0;
    kit_check(config, problems, say, &wrong);
    if (wrong > 0) {
        printf("%u to put right\n", wrong);
        return ADAPTER_FAILED;
    }
    printf("all right; mashctl doctor --adapter %s asks the hub too\n", config->file);
    return ADAPTER_DONE;
}
