/* fhir_answer.c - the answer to a FHIR document: an OperationOutcome, in JSON whatever was posted.
 * [FHIR R4, OperationOutcome; issue-severity, issue-type] */
#include <stdlib.h>

#include "health/fhir.h"

static const struct {
    kit_input_result result;
    const char *severity, *code, *words;
} OUTCOMES[] = {
    {KIT_INPUT_DONE, "information", "informational", "taken"},
    {KIT_INPUT_REPEATED, "information", "informational", "taken before"},
    {KIT_INPUT_PARKED, "error", "processing", "content refused and parked"},
    {KIT_INPUT_UNREADABLE, "error", "structure", "not readable; parked"},
    {KIT_INPUT_UNSUPPORTED, "error", "not-supported", "not taken here"},
    {KIT_INPUT_FAILED, "error", "transient", "not stored; send it again later"},
};

hub_status fhir_answer(hub_bytes input, kit_input_result result, const char *reason, int64_t now_ms, hub_buffer *out)
{
    size_t row = 0;
    (void)input;
    (void)now_ms;
    while (OUTCOMES[row].result != result) {
        row++;
        HUB_ASSERT(row < sizeof OUTCOMES / sizeof OUTCOMES[0]);
    }
    const char *words = reason != NULL && reason[0] != '\0' ? reason : OUTCOMES[row].words;
    json_t *outcome = json_pack("{s:s,s:[{s:s,s:s,s:s}]}", "resourceType", "OperationOutcome", "issue", "severity",
                                OUTCOMES[row].severity, "code", OUTCOMES[row].code, "diagnostics", words);
    char *text = outcome != NULL ? json_dumps(outcome, JSON_COMPACT) : NULL;
    if (text != NULL) hub_buffer_put_text(out, text);
    hub_status status = text != NULL && !out->failed ? HUB_OK : HUB_ERR_MEMORY;
    free(text);
    json_decref(outcome);
    return status;
}
