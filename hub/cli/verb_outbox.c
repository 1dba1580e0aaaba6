/* outbox status, check - what an adapter holds, and whether the hub still has everything that was acknowledged to it. */
#include "cli/verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/session.h"
#include "cli/table.h"
#include "link/outbox.h"
#include "json/json.h"

static void put_count(table *rows, const char *name, uint64_t value)
{
    char text[32];
    print_count(value, text);
    table_put(rows, PRINT_FAINT, name, text, NULL);
}

static void print_counts(const cli_call *call, const char *folder, const outbox_counts *counts, const char *trouble)
{
    hub_buffer out = {0};
    if (call->json) {
        hub_buffer_put_text(&out, "{\"outbox\":");
        json_put_text(&out, folder);
        hub_buffer_put_format(&out,
                              ",\"put\":%" PRIu64 ",\"stored\":%" PRIu64 ",\"duplicate\":%" PRIu64 ",\"refused\":%" PRIu64
                              ",\"waiting\":%" PRIu64 ",\"parked_here\":%" PRIu64 ",\"parked_held\":%" PRIu64 ",\"kept\":%" PRIu64
                              ",\"forks\":%" PRIu64 "}\n",
                              counts->put, counts->stored, counts->duplicate, counts->refused, counts->waiting,
                              counts->parked_here, counts->parked_held, counts->kept, counts->forks);
    } else {
        table rows;
        table_open(&rows, "", NULL);
        table_put(&rows, PRINT_FAINT, "outbox", folder, NULL);
        put_count(&rows, "accepted", counts->put);
        put_count(&rows, "stored", counts->stored);
        put_count(&rows, "repeats", counts->duplicate);
        put_count(&rows, "refused", counts->refused);
        put_count(&rows, "waiting", counts->waiting);
        put_count(&rows, "parked here", counts->parked_here);
        put_count(&rows, "still held", counts->parked_held);
        put_count(&rows, "kept", counts->kept);
        if (trouble[0] != '\0') table_put(&rows, PRINT_FAINT, "trouble", trouble, NULL);
        table_print(&rows, call->colour, &out);
        table_close(&rows);
    }
    print_flush(&out);
    hub_buffer_free(&out);
}

cli_exit verb_outbox_status(cli_call *call)
{
    hub_error err = {{0}};
    outbox *box = NULL;
    outbox_counts counts;
    hub_buffer trouble = {0};
    outbox_options options = {.folder = call->arguments[0], .access = OUTBOX_LOOK};
    hub_status status = outbox_open(&options, &box, &err);
    if (status != HUB_OK) return cli_fail(call, status, &err);
    outbox_counts_of(box, &counts);
    (void)outbox_noted(box, "trouble", &trouble, NULL);
    print_counts(call, call->arguments[0], &counts, hub_buffer_text(&trouble));
    hub_buffer_free(&trouble);
    outbox_close(box);
    return CLI_DONE;
}

/* Does the hub's journal hold this event? Its record is the first of those found under its id; when the answer is cut, what stands in it
 * are corrections, and the hub takes corrections only of what it holds. */
static hub_status look_up(session *hub, const hub_id *id, bool *found, hub_error *err)
{
    enum { CORRECTIONS_MAX = 200 };
    char text[HUB_ID_TEXT_BYTES];
    char key[HUB_ID_TEXT_BYTES + 8];
    hub_id_text(id, text);
    snprintf(key, sizeof key, "event:%s", text);
    Mash__V1__Query query = MASH__V1__QUERY__INIT;
    query.key = key;
    query.limit = CORRECTIONS_MAX;
    query.purpose = MASH__V1__PURPOSE__PURPOSE_OPERATIONS;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_QUERY;
    frame.query = &query;
    const Mash__V1__HubFrame *answer = NULL;
    hub_status status = session_ask(hub, &frame, MASH__V1__HUB_FRAME__BODY_FOUND, &answer, err);
    if (status != HUB_OK) return status;
    *found = answer->found->more;
    for (size_t i = 0; i < answer->found->n_items; i++) {
        const ProtobufCBinaryData *of = &answer->found->items[i]->event_id;
        *found = *found || (of->len == HUB_ID_BYTES && memcmp(of->data, id->bytes, HUB_ID_BYTES) == 0);
    }
    return HUB_OK;
}

typedef struct custody {
    uint64_t looked_for;
    uint64_t lost;
    uint64_t waiting;
    uint64_t forgotten; /* acknowledged, kept no longer, not looked for */
    uint64_t in_doubt;  /* of those: outbox_in_doubt */
} custody;

static void say_lost(const cli_call *call, const hub_id *id)
{
    char text[HUB_ID_TEXT_BYTES];
    hub_id_text(id, text);
    printf(call->json ? "{\"lost\":\"%s\"}\n" : "LOST  event %s was acknowledged to this outbox and the hub does not hold it\n",
           text);
}

static hub_status check_kept(const cli_call *call, session *hub, outbox *box, custody *sum, hub_error *err)
{
    outbox_numbers numbers;
    outbox_numbers_of(box, &numbers);
    hub_status status = HUB_OK;
    for (uint64_t seq = 1; seq <= numbers.settled_link_seq && status == HUB_OK; seq++) {
        hub_id id;
        bool found = false;
        status = outbox_event_at(box, seq, &id, err);
        if (status == HUB_ERR_NOT_FOUND) { /* refused, or forgotten, which is counted */
            status = HUB_OK;
            continue;
        }
        if (status == HUB_OK) status = look_up(hub, &id, &found, err);
        if (status != HUB_OK) break;
        sum->looked_for++;
        if (found) continue;
        sum->lost++;
        say_lost(call, &id);
    }
    return status;
}

static hub_status check_outbox(const cli_call *call, session *hub, const char *folder, custody *sum, hub_error *err)
{
    outbox *box = NULL;
    outbox_counts counts;
    uint64_t in_doubt = 0;
    outbox_options options = {.folder = folder, .access = OUTBOX_LOOK};
    hub_status status = outbox_open(&options, &box, err);
    if (status != HUB_OK) return status;
    outbox_counts_of(box, &counts);
    sum->waiting += counts.waiting;
    sum->forgotten += outbox_forgotten(box);
    status = outbox_in_doubt(box, &in_doubt, err);
    sum->in_doubt += in_doubt;
    if (status == HUB_OK) status = check_kept(call, hub, box, sum, err);
    outbox_close(box);
    return status;
}

static void print_custody(const cli_call *call, const custody *sum)
{
    if (call->json) {
        printf("{\"looked_for\":%" PRIu64 ",\"lost_count\":%" PRIu64 ",\"waiting\":%" PRIu64 ",\"not_looked_for\":%" PRIu64
               ",\"in_doubt\":%" PRIu64 "}\n",
               sum->looked_for, sum->lost, sum->waiting, sum->forgotten, sum->in_doubt);
        return;
    }
    printf("%" PRIu64 " acknowledged events looked for in the hub's journal: %" PRIu64 " lost; %" PRIu64
           " still waiting to be sent\n",
           sum->looked_for, sum->lost, sum->waiting);
    if (sum->forgotten > 0)
        printf("%" PRIu64 " acknowledged events are no longer kept and were not looked for\n", sum->forgotten);
    if (sum->in_doubt > 0) {
        printf("IN DOUBT  the hub was put back from a backup that is older than what was kept here then: of %" PRIu64
               " events that were forgotten before, the newest may be missing in it; their source has to send them again\n",
               sum->in_doubt);
    }
}

cli_exit verb_outbox_check(cli_call *call)
{
    hub_error err = {{0}};
    session hub = {0};
    custody sum = {0};
    hub_status status = session_open(call, SESSION_TEAM, &hub, &err);
    for (int i = 0; i < call->argument_count && status == HUB_OK; i++) {
        status = check_outbox(call, &hub, call->arguments[i], &sum, &err);
        if (status != HUB_OK) (void)hub_fail_within(&err, status, "%s", call->arguments[i]);
    }
    session_close(&hub);
    if (status != HUB_OK) return cli_fail(call, status, &err);
    print_custody(call, &sum);
    return sum.lost == 0 && sum.in_doubt == 0 ? CLI_DONE : CLI_FAILED;
}
