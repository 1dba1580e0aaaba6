/* daily - a queue's daily list, to be looked through and signed. */
#include "cli/verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/act.h"
#include "cli/session.h"
#include "event/event.h"

static void put_item(const cli_call *call, const Mash__V1__DailyItem *item, hub_buffer *out)
{
    char civil[PRINT_TIME_TEXT];
    print_time(&call->zone, item->opened_ms, civil);
    print_styled(out, call->colour, PRINT_BOLD, item->alert_id);
    hub_buffer_put_format(out, "  opened %s  version %u  rated by ", civil, item->version);
    print_clean(out, item->rated_by);
    if (item->people > 0) hub_buffer_put_format(out, "  %u to decide on", item->people);
    hub_buffer_put_text(out, "\n");
    if (item->reason != NULL) {
        hub_buffer_put_text(out, "    ");
        print_clean(out, item->reason->plain);
        hub_buffer_put_text(out, "\n");
    }
    if (item->events > item->n_said)
        hub_buffer_put_format(out, "    %zu events before these\n", (size_t)item->events - item->n_said);
    for (size_t i = 0; i < item->n_said; i++) {
        const Mash__V1__DailyEvent *said = item->said[i];
        const char *agency = event_agency_name(said->agency);
        hub_buffer_put_format(out, "    #%" PRIu64 "  %s  ", said->sequence, agency == NULL ? "an agency" : agency);
        print_clean(out, said->payload[0] == '\0' ? "an event that this list does not name" : said->payload);
        hub_buffer_put_text(out, said->withdrawn ? ", corrected or withdrawn since\n" : "\n");
    }
}

/* Page by page; *sequence is the first page's, so that what comes between two pages is not taken for seen. */
static hub_status list(const cli_call *call, session *hub, Mash__V1__DailyListRequest wanted, hub_buffer *out, uint64_t *sequence,
                       size_t *shown, hub_error *err)
{
    char after[24] = "";
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_DAILY_LIST;
    frame.daily_list = &wanted;
    wanted.after = after;
    for (bool more = true; more;) {
        const Mash__V1__HubFrame *answer = NULL;
        hub_status status = session_ask(hub, &frame, MASH__V1__HUB_FRAME__BODY_DAILY_LIST, &answer, err);
        if (status != HUB_OK) return status;
        const Mash__V1__DailyList *page = answer->daily_list;
        if (*sequence == 0) *sequence = page->sequence;
        for (size_t i = 0; i < page->n_items && !call->json; i++)
            put_item(call, page->items[i], out);
        if (call->json) {
            print_json_line(out, &page->base);
        }
        *shown += page->n_items;
        more = page->more && page->n_items > 0;
        if (more) (void)snprintf(after, sizeof after, "%.20s", page->items[page->n_items - 1]->alert_id);
    }
    return HUB_OK;
}

cli_exit verb_daily(cli_call *call)
{
    hub_error err = {{0}};
    settings from;
    Mash__V1__DailyListRequest wanted = MASH__V1__DAILY_LIST_REQUEST__INIT;
    const char *day = cli_flag_text(call, "day"), *as = cli_flag_text(call, "as");
    if (day != NULL && !cli_day(day, &wanted.day)) return cli_usage(call, "--day takes a day such as 2026-11-22");
    hub_status status = settings_read(call, &from, &err);
    if (status != HUB_OK) return cli_fail(call, status, &err);
    bool is_own_key = call->globals[CLI_GLOBAL_KEY] == NULL; /* acts_as goes with the key of mashctl.yaml */
    wanted.queue = call->arguments[0];
    wanted.on_behalf_of = as != NULL ? (char *)(uintptr_t)as : is_own_key ? from.acts_as : wanted.on_behalf_of;
    session hub = {0};
    status = session_open(call, SESSION_TEAM, &hub, &err);
    if (status != HUB_OK) return cli_fail(call, status, &err);
    hub_buffer out = {0};
    uint64_t sequence = 0;
    size_t shown = 0;
    status = list(call, &hub, wanted, &out, &sequence, &shown, &err);
    if (status == HUB_OK && !call->json) {
        if (shown == 0) hub_buffer_put_text(&out, "nothing stands on the list\n");
        if (shown > 0)
            hub_buffer_put_format(&out, "%zu on the list; looked through: mashctl sign %s --seen %" PRIu64 "\n", shown,
                                  call->arguments[0], sequence);
    }
    print_flush(&out);
    hub_buffer_free(&out);
    session_close(&hub);
    return status == HUB_OK ? CLI_DONE : cli_fail(call, status, &err);
}
