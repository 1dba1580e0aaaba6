/* publish - events into the hub, each with its answer. */
#include "cli/verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/session.h"
#include "cli/inputs.h"
#include "host/clock.h"
#include "json/json.h"

enum { PUBLISH_WINDOW = 256 };

typedef struct publishing {
    const cli_call *call;
    session hub;
    publisher outbox;
    hub_buffer out;
    bool done;
    bool trouble_said;
    hub_status ended_by; /* the hub's fault; HUB_OK = none */
} publishing;

static const char *status_word(Mash__V1__ItemStatus status)
{
    switch (status) {
    case MASH__V1__ITEM_STATUS__STORED:
        return "STORED";
    case MASH__V1__ITEM_STATUS__DUPLICATE:
        return "DUPLICATE";
    default:
        return "REFUSED";
    }
}

static print_style status_style(Mash__V1__ItemStatus status)
{
    if (status == MASH__V1__ITEM_STATUS__STORED) return PRINT_GREEN;
    return status == MASH__V1__ITEM_STATUS__DUPLICATE ? PRINT_AMBER : PRINT_RED;
}

static void on_settled(void *context, size_t item, const Mash__V1__ItemResult *result)
{
    publishing *work = context;
    char id[HUB_ID_TEXT_BYTES];
    hub_id_text(&work->outbox.items[item].id, id);
    /* A run of STORED items carries the sequence of its last one. */
    uint64_t sequence = item + 1 == result->last_link_seq ? result->sequence : 0;
    if (work->call->json) {
        hub_buffer_put_format(&work->out, "{\"item\":%zu,\"event_id\":\"%s\",\"status\":\"%s\"", item + 1, id,
                              status_word(result->status));
        if (sequence > 0) hub_buffer_put_format(&work->out, ",\"sequence\":%" PRIu64, sequence);
        if (result->status == MASH__V1__ITEM_STATUS__REFUSED) {
            hub_buffer_put_text(&work->out, ",\"field_path\":");
            json_put_text(&work->out, result->field_path);
            hub_buffer_put_text(&work->out, ",\"reason\":");
            json_put_text(&work->out, result->reason);
        }
        hub_buffer_put_text(&work->out, "}\n");
    } else {
        print_styled(&work->out, work->call->colour, status_style(result->status), status_word(result->status));
        hub_buffer_put_format(&work->out, "%*s%s", (int)(11 - strlen(status_word(result->status))), "", id);
        if (sequence > 0) hub_buffer_put_format(&work->out, "  record %" PRIu64, sequence);
        if (result->status == MASH__V1__ITEM_STATUS__REFUSED) {
            hub_buffer_put_text(&work->out, "  ");
            print_clean(&work->out, result->field_path);
            hub_buffer_put_text(&work->out, result->field_path[0] != '\0' ? ": " : "");
            print_clean(&work->out, result->reason);
        }
        hub_buffer_put_text(&work->out, "\n");
    }
    print_flush(&work->out);
}

static void on_hello(void *context, Mash__V1__Hello *hello)
{
    publisher_hello(&((publishing *)context)->outbox, hello);
}

static void pump(void *context)
{
    publishing *work = context;
    publisher_pump(&work->outbox, host_monotonic_us());
    work->done = publisher_done(&work->outbox);
}

static void on_opened(void *context, const Mash__V1__Welcome *welcome)
{
    publishing *work = context;
    publisher_opened(&work->outbox, work->hub.client, welcome);
    pump(work);
}

static void on_closed(void *context, const char *text)
{
    publishing *work = context;
    publisher_closed(&work->outbox);
    if (work->trouble_said || work->hub.trouble == BUS_CLIENT_NOT_ALLOWED)
        return; /* a no is said by whoever waits for the session */
    fprintf(stderr, "mashctl publish: %s; trying again\n", text);
    work->trouble_said = true;
}

static void on_frame(void *context, const Mash__V1__HubFrame *frame)
{
    publishing *work = context;
    if (frame->body_case == MASH__V1__HUB_FRAME__BODY_PUBLISH_REPLY)
        publisher_reply(&work->outbox, frame->publish_reply, host_monotonic_us());
    if (frame->body_case == MASH__V1__HUB_FRAME__BODY_FAULT) {
        work->outbox.failed = true;
        work->ended_by = session_fault(frame->fault, &work->outbox.error);
    }
    pump(work);
}

static cli_exit conclude(publishing *work)
{
    const publisher *outbox = &work->outbox;
    if (outbox->settled < outbox->count) {
        hub_error err;
        const char *cause = outbox->error.text[0] != '\0' ? outbox->error.text : work->hub.trouble_text;
        hub_status status = work->ended_by == HUB_OK ? HUB_ERR_AGAIN : work->ended_by;
        (void)hub_fail(&err, status, "%zu of %zu events are not settled: %.300s", outbox->count - outbox->settled, outbox->count,
                       work->hub.interrupted ? "interrupted" : cause);
        return cli_fail(work->call, status, &err);
    }
    if (!work->call->json && outbox->count > 1)
        printf("%" PRIu64 " stored, %" PRIu64 " held already, %" PRIu64 " refused\n", outbox->stored, outbox->duplicates,
               outbox->refused);
    return outbox->refused > 0 ? CLI_REFUSED : CLI_DONE;
}

static cli_exit publish_all(publishing *work)
{
    hub_error err = {{0}};
    session_handlers handlers = {.context = work,
                                 .hello = on_hello,
                                 .opened = on_opened,
                                 .closed = on_closed,
                                 .frame = on_frame,
                                 .writable = pump,
                                 .tick = pump};
    hub_status status = session_start(work->call, SESSION_AGENCY, &handlers, &work->hub, &err);
    if (status == HUB_OK) status = session_wait(&work->hub, &err);
    if (status != HUB_OK) {
        session_close(&work->hub);
        return cli_fail(work->call, status, &err);
    }
    /* Progress renews the time-out: a long stream is not a slow answer. */
    size_t before = (size_t)-1;
    while (!work->done && !work->hub.interrupted && before != work->outbox.settled) {
        before = work->outbox.settled;
        session_run(&work->hub, &work->done, host_monotonic_us() + (uint64_t)work->hub.timeout_ms * 1000);
    }
    cli_exit exit_code = conclude(work);
    session_close(&work->hub);
    return exit_code;
}

cli_exit verb_publish(cli_call *call)
{
    hub_error err = {{0}};
    int64_t most = 0;
    hub_status status = cli_flag_number(call, "count", 1, INT64_MAX, INT64_MAX, &most, &err);
    if (status != HUB_OK) return cli_usage(call, "%s", err.text);
    publishing work = {.call = call};
    publisher_open(&work.outbox, PUBLISH_WINDOW, on_settled, &work);
    status = inputs_read(call->arguments[0], (uint64_t)most, host_wall_ms(), &work.outbox, &err);
    cli_exit exit_code = CLI_DONE;
    if (status != HUB_OK)
        exit_code = cli_fail(call, status, &err);
    else if (cli_flag_given(call, "check"))
        printf(call->json ? "{\"events\":%zu,\"well_formed\":true}\n" : "%zu well formed; nothing was published\n",
               work.outbox.count);
    else
        exit_code = publish_all(&work);
    publisher_close(&work.outbox);
    hub_buffer_free(&work.out);
    return exit_code;
}
