/* audit - who read what, for what purpose. */
#include "cli/verbs.h"

#include <inttypes.h>

#include "cli/purpose.h"
#include "cli/read.h"
#include "cli/session.h"

enum { LIMIT = 50, LIMIT_MAX = 100000, PAGE = 200 };

static void put_record(const cli_call *call, const Mash__V1__AuditRecord *record, hub_buffer *out)
{
    if (call->json) {
        print_json_line(out, &record->base);
        return;
    }
    char civil[PRINT_TIME_TEXT], read[PURPOSE_WORD_MAX], stated[PURPOSE_WORD_MAX];
    print_time(&call->zone, record->time_ms, civil);
    purpose_word(&mash__v1__read_kind__descriptor, (int)record->read, "READ_KIND_", read);
    purpose_word(&mash__v1__purpose__descriptor, (int)record->purpose, "PURPOSE_", stated);
    hub_buffer_put_format(out, "%8" PRIu64 "  %s  ", record->sequence, civil);
    print_clean(out, record->peer);
    if (record->on_behalf_of[0] != '\0') {
        hub_buffer_put_text(out, " for ");
        print_clean(out, record->on_behalf_of);
    }
    hub_buffer_put_format(out, "  %s ", read);
    print_clean(out, record->item);
    hub_buffer_put_text(out, "  ");
    print_styled(out, call->colour, PRINT_BOLD, stated);
    if (record->own) print_styled(out, call->colour, PRINT_BOLD, "  OWN HOUSEHOLD");
    hub_buffer_put_format(out, "  %zu shown", record->n_sequences);
    for (size_t i = 0; i < record->n_sequences; i++)
        hub_buffer_put_format(out, "%s%" PRIu64, i == 0 ? ": " : ", ", record->sequences[i]);
    if (record->reason[0] != '\0') {
        hub_buffer_put_text(out, "  ");
        print_clean(out, record->reason);
    }
    hub_buffer_put_text(out, "\n");
}

/* Page by page, newest first. */
static hub_status list(const cli_call *call, session *hub, Mash__V1__AuditQuery query, uint64_t limit, hub_buffer *out,
                       uint64_t *shown, hub_error *err)
{
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_AUDIT;
    frame.audit = &query;
    query.limit = PAGE;
    do {
        const Mash__V1__HubFrame *answer = NULL;
        hub_status status = session_ask(hub, &frame, MASH__V1__HUB_FRAME__BODY_AUDIT_RECORDS, &answer, err);
        if (status != HUB_OK) return status;
        const Mash__V1__AuditRecords *found = answer->audit_records;
        for (size_t i = 0; i < found->n_items && *shown < limit; i++, (*shown)++)
            put_record(call, found->items[i], out);
        query.before_sequence = found->next_before;
    } while (query.before_sequence != 0 && *shown < limit);
    return HUB_OK;
}

cli_exit verb_audit(cli_call *call)
{
    hub_error err = {{0}};
    int64_t limit = 0;
    purpose why;
    char typed[READ_KEY_BYTES], key[READ_KEY_BYTES + 16] = "";
    bool is_about = cli_flag_given(call, "about");
    hub_status status = cli_flag_number(call, "count", 1, LIMIT_MAX, LIMIT, &limit, &err);
    if (status != HUB_OK) return cli_usage(call, "%s", err.text);
    cli_exit wrong = purpose_read(call, is_about ? PURPOSE_NEEDED : PURPOSE_IF_GIVEN, &why);
    if (wrong != CLI_DONE) return wrong;
    if (is_about && !read_key(typed)) return cli_usage(call, "the key is read from standard input, and there was none");
    if (is_about) read_complete_key(typed, key);
    Mash__V1__AuditQuery query = MASH__V1__AUDIT_QUERY__INIT;
    query.key = key;
    query.flagged = cli_flag_given(call, "flagged");
    query.purpose = why.stated;
    query.reason = why.reason;
    session hub = {0};
    status = session_open(call, SESSION_TEAM, &hub, &err);
    if (status != HUB_OK) return cli_fail(call, status, &err);
    hub_buffer out = {0};
    uint64_t shown = 0;
    status = list(call, &hub, query, (uint64_t)limit, &out, &shown, &err);
    if (status == HUB_OK && shown == 0) status = hub_fail(&err, HUB_ERR_NOT_FOUND, "nobody has looked");
    print_flush(&out);
    hub_buffer_free(&out);
    session_close(&hub);
    return status == HUB_OK ? CLI_DONE : cli_fail(call, status, &err);
}
