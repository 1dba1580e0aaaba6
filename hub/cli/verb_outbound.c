/* outbound list, show, stop, retry - what an outbound instance owes, beside it or without it; and what a person orders it to do.
 *
 * An order is a file in the instance's own folder (adapters/outbound/orders.h): the store has one owner, and a person's word must not be lost while
 * that one is down. */
#include "cli/verbs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/table.h"
#include "event/event.h"
#include "host/clock.h"
#include "host/files.h"
#include "json/json.h"
#include "link/owed.h"
#include "mash/v1/record.pb-c.h"

enum { PATH_BYTES = 700, SHORT_ID = 12, LEAST_ID = 6, WHY_TEXT = OWED_CAUSE_MAX + OWED_NAME_MAX + 80, HEX = 2 * HUB_ID_BYTES };

static hub_status open_store(const char *folder, outbox **box, hub_error *err)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/outbox", folder);
    outbox_options options = {.folder = path, .access = OUTBOX_LOOK};
    hub_status status = outbox_open(&options, box, err);
    if (status == HUB_OK && !owed_is_here(*box)) {
        outbox_close(*box);
        *box = NULL;
        return hub_fail(err, HUB_ERR_NOT_FOUND, "%s holds an adapter's outbox (mashctl outbox status), no outbound instance's",
                        folder);
    }
    return status;
}

/* The names of a queue's channels, as the instance noted them: "own,duty-mail". */
static void channel_of(outbox *box, const owed_row *row, unsigned step, char out[OWED_NAME_MAX])
{
    char note[OWED_NAME_MAX + 16];
    hub_buffer names = {0};
    snprintf(note, sizeof note, "channels %s", row->queue);
    snprintf(out, OWED_NAME_MAX, "channel %u", step + 1);
    if (outbox_noted(box, note, &names, NULL) == HUB_OK) {
        const char *at = hub_buffer_text(&names);
        for (unsigned i = 0; i < step && at[0] != '\0'; i++)
            at += strcspn(at, ",") + (at[strcspn(at, ",")] == ',');
        if (at[0] != '\0') snprintf(out, OWED_NAME_MAX, "%.*s", (int)strcspn(at, ","), at);
    }
    hub_buffer_free(&names);
}

/* What holds the channel of this step up. */
static owed_channel held_by(outbox *box, const char *channel, const owed_step *step)
{
    owed_channel state = {0};
    bool waits = step->state == OWED_STEP_QUEUED || step->state == OWED_STEP_FAILING;
    if (waits) (void)owed_channel_noted(box, channel, &state, NULL);
    return state;
}

/* 0: in its turn, or when what hangs comes back. */
static int64_t next_try_ms(const owed_row *row, const owed_step *step, const owed_channel *held)
{
    bool waits = row->state == OWED_OPEN && (step->state == OWED_STEP_QUEUED || step->state == OWED_STEP_FAILING);
    if (!waits || held->hanging_ms != 0) return 0;
    return step->next_ms > held->paused_ms ? step->next_ms : held->paused_ms;
}

static void put_pair(hub_buffer *out, const char *key, const char *value)
{
    hub_buffer_put_format(out, ",\"%s\":", key);
    json_put_text(out, value);
}

static void put_json(outbox *box, const owed_row *row, hub_buffer *out)
{
    char id[HEX + 1], kind[64];
    hub_hex(row->id.bytes, HUB_ID_BYTES, id);
    event_enum_name(&mash__v1__delivery_kind__descriptor, row->kind, kind);
    hub_buffer_put_format(out, "{\"id\":\"%s\"", id);
    put_pair(out, "queue", row->queue);
    put_pair(out, "reference", row->line);
    put_pair(out, "kind", kind);
    put_pair(out, "state", owed_state_name(row->state));
    put_pair(out, "who", row->who);
    put_pair(out, "why", row->why);
    hub_buffer_put_format(out,
                          ",\"taken_ms\":%" PRId64 ",\"due_ms\":%" PRId64 ",\"seen_ms\":%" PRId64 ",\"closed_ms\":%" PRId64
                          ",\"failing_since_ms\":%" PRId64 ",\"overdue\":%s,\"steps\":[",
                          row->taken_ms, row->due_ms, row->seen_ms, row->closed_ms, owed_failing_since(row),
                          row->notice_given != 0 ? "true" : "false");
    for (unsigned i = 0; i < OWED_STEPS_MAX && row->steps[i].begun_ms != 0; i++) {
        const owed_step *step = &row->steps[i];
        char channel[OWED_NAME_MAX];
        channel_of(box, row, i, channel);
        owed_channel held = held_by(box, channel, step);
        hub_buffer_put_format(out, "%s{\"tries\":%" PRIu32, i > 0 ? "," : "", step->tries);
        put_pair(out, "channel", channel);
        put_pair(out, "state", owed_step_name(step->state));
        put_pair(out, "cause", step->cause);
        hub_buffer_put_format(out,
                              ",\"begun_ms\":%" PRId64 ",\"failing_since_ms\":%" PRId64 ",\"hanging_since_ms\":%" PRId64
                              ",\"last_ms\":%" PRId64 ",\"next_ms\":%" PRId64 "}",
                              step->begun_ms, step->failing_ms, held.hanging_ms, step->last_ms, next_try_ms(row, step, &held));
    }
    hub_buffer_put_text(out, "]}\n");
}

/* What a person wants to know of it first: where it stands with the channel that began last and is not through, else with the last. */
static unsigned telling_step(const owed_row *row)
{
    unsigned told = 0;
    for (unsigned i = 0; i < OWED_STEPS_MAX && row->steps[i].begun_ms != 0; i++)
        told = i;
    for (unsigned i = 0; i <= told; i++) {
        if (row->steps[i].state == OWED_STEP_FAILING) return i;
    }
    return told;
}

/* The channel that has it, where the one that is told of has not: its mail or file is out, or somebody said so. */
static void put_through(outbox *box, const owed_row *row, const owed_step *at, char out[WHY_TEXT])
{
    char channel[OWED_NAME_MAX];
    size_t size = strlen(out);
    for (unsigned i = 0; i < OWED_STEPS_MAX && row->steps[i].begun_ms != 0 && at->state == OWED_STEP_FAILING; i++) {
        owed_step_state state = row->steps[i].state;
        if (state != OWED_STEP_SENT && state != OWED_STEP_CONFIRMED) continue;
        channel_of(box, row, i, channel);
        snprintf(out + size, WHY_TEXT - size, "; %s by %s", owed_step_name(state), channel);
        return;
    }
}

/* "3 min ago: answered 500: it is in trouble itself" */
static void put_why(const owed_row *row, const owed_step *at, const owed_channel *held, int64_t now_ms, char out[WHY_TEXT])
{
    char ago[PRINT_DURATION_TEXT];
    print_duration(now_ms - at->last_ms, ago);
    if (row->state != OWED_OPEN && row->why[0] != '\0') {
        snprintf(out, WHY_TEXT, "%s", row->why);
    } else if (held->hanging_ms != 0) {
        snprintf(out, WHY_TEXT,
                 "a try of this channel does not come back: see to its folder or share, then restart the instance");
    } else {
        snprintf(out, WHY_TEXT, at->state == OWED_STEP_FAILING ? "%.48s ago: %s" : "%.0s%s", ago, at->cause);
    }
}

static void put_row(outbox *box, const owed_row *row, table *rows)
{
    char id[HEX + 1], channel[OWED_NAME_MAX], since[PRINT_DURATION_TEXT], age[PRINT_DURATION_TEXT],
        next[PRINT_DURATION_TEXT] = "-", why[WHY_TEXT];
    unsigned step = telling_step(row);
    const owed_step *at = &row->steps[step];
    int64_t now_ms = host_wall_ms();
    bool open = row->state == OWED_OPEN;
    hub_hex(row->id.bytes, HUB_ID_BYTES, id);
    id[SHORT_ID] = '\0';
    channel_of(box, row, step, channel);
    print_duration(now_ms - row->taken_ms, age);
    owed_channel held = held_by(box, channel, at);
    int64_t since_ms = held.hanging_ms != 0 ? held.hanging_ms : owed_failing_since(row);
    print_duration(now_ms - since_ms, since);
    int64_t next_ms = next_try_ms(row, at, &held);
    if (next_ms > now_ms) print_due(now_ms, next_ms, next);
    if (next_ms != 0 && next_ms <= now_ms) snprintf(next, sizeof next, "in its turn");
    put_why(row, at, &held, now_ms, why);
    put_through(box, row, at, why);
    const char *state = !open ? owed_state_name(row->state) : held.hanging_ms != 0 ? "hanging" : owed_step_name(at->state);
    table_put(rows, open && row->notice_given != 0 ? PRINT_RED : PRINT_NORMAL, id, row->queue,
              row->line[0] != '\0' ? row->line : "-", state, open && row->notice_given != 0 ? "yes" : "no", channel, age,
              since_ms != 0 ? since : "-", next, why, NULL);
}

cli_exit verb_outbound_list(cli_call *call)
{
    hub_error err = {{0}};
    outbox *box = NULL;
    owed_row row = {0};
    hub_buffer out = {0};
    table rows;
    bool every = cli_flag_given(call, "all");
    uint64_t shown = 0;
    hub_status status = open_store(call->arguments[0], &box, &err);
    if (status != HUB_OK) return cli_fail(call, status, &err);
    table_open(&rows, "delivery", "queue", "about", "state", "overdue", "channel", "owed for", "failing for", "next try", "why",
               NULL);
    while ((status = owed_next(box, row.place, OWED_EVERY, &row, &err)) == HUB_OK) {
        if (!every && row.state != OWED_OPEN && row.state != OWED_STOPPED) continue;
        shown++;
        if (call->json) {
            put_json(box, &row, &out);
            if (!print_flush(&out)) break;
        } else {
            put_row(box, &row, &rows);
        }
    }
    if (!call->json && shown > 0) table_print(&rows, call->colour, &out);
    if (!call->json && shown == 0) hub_buffer_put_text(&out, every ? "nothing was delivered here yet\n" : "nothing is owed\n");
    print_flush(&out);
    table_close(&rows);
    hub_buffer_free(&out);
    outbox_close(box);
    return status == HUB_ERR_NOT_FOUND || status == HUB_OK ? CLI_DONE : cli_fail(call, status, &err);
}

/* The one delivery whose id begins so. */
static hub_status find_row(outbox *box, const char *typed, owed_row *out, hub_error *err)
{
    owed_row row = {0};
    size_t size = strlen(typed);
    unsigned found = 0;
    hub_status status;
    if (strncmp(typed, "msg_", 4) == 0) typed += 4, size -= 4;
    if (size < LEAST_ID || size > HEX || typed[strspn(typed, "0123456789abcdef")] != '\0')
        return hub_fail(err, HUB_ERR_INVALID,
                        "a delivery is named by the first %d or more digits of its id (mashctl outbound list)", LEAST_ID);
    while ((status = owed_next(box, row.place, OWED_EVERY, &row, err)) == HUB_OK) {
        char id[HEX + 1];
        hub_hex(row.id.bytes, HUB_ID_BYTES, id);
        if (strncmp(id, typed, size) != 0) continue;
        *out = row;
        found++;
    }
    if (status != HUB_ERR_NOT_FOUND) return status;
    if (found == 1) return HUB_OK;
    return found == 0 ? hub_fail(err, HUB_ERR_NOT_FOUND, "no delivery whose id begins with %s", typed)
                      : hub_fail(err, HUB_ERR_INVALID, "%u deliveries begin with %s; give more of the id", found, typed);
}

static void put_line(table *rows, const char *name, const char *value)
{
    if (value[0] != '\0') table_put(rows, PRINT_FAINT, name, value, NULL);
}

static void put_time_line(const cli_call *call, table *rows, const char *name, int64_t at_ms)
{
    char text[PRINT_TIME_TEXT];
    if (at_ms == 0) return;
    print_time(&call->zone, at_ms, text);
    put_line(rows, name, text);
}

static void put_steps(const cli_call *call, outbox *box, const owed_row *row, table *rows)
{
    for (unsigned i = 0; i < OWED_STEPS_MAX && row->steps[i].begun_ms != 0; i++) {
        const owed_step *step = &row->steps[i];
        char channel[OWED_NAME_MAX], text[160], begun[PRINT_TIME_TEXT];
        channel_of(box, row, i, channel);
        print_time(&call->zone, step->begun_ms, begun);
        snprintf(text, sizeof text, "%s: %s since %s, %" PRIu32 " tries", channel, owed_step_name(step->state), begun,
                 step->tries);
        put_line(rows, i == 0 ? "by" : "then by", text);
        owed_channel held = held_by(box, channel, step);
        put_time_line(call, rows, "  failing since", step->failing_ms);
        put_time_line(call, rows, "  hanging since", held.hanging_ms);
        put_time_line(call, rows, "  last try", step->last_ms);
        put_time_line(call, rows, "  next try", next_try_ms(row, step, &held));
        put_line(rows, step->state == OWED_STEP_FAILING ? "  its error" : "  why", step->cause);
    }
}

static void show_row(const cli_call *call, outbox *box, const owed_row *row, hub_buffer *out)
{
    table rows;
    char id[HEX + 8] = "msg_", kind[64];
    hub_hex(row->id.bytes, HUB_ID_BYTES, id + 4);
    event_enum_name(&mash__v1__delivery_kind__descriptor, row->kind, kind);
    table_open(&rows, "", NULL);
    rows.columns = 2;
    put_line(&rows, "delivery", id);
    put_line(&rows, "queue", row->queue);
    put_line(&rows, "about", row->line);
    put_line(&rows, "kind", kind);
    put_line(&rows, "state", owed_state_name(row->state));
    put_line(&rows, "overdue", row->notice_given != 0 ? "yes: nobody confirmed it in time, somebody was asked to telephone" : "");
    put_time_line(call, &rows, "taken", row->taken_ms);
    put_time_line(call, &rows, "due", row->due_ms);
    put_time_line(call, &rows, "a person had it", row->seen_ms);
    put_time_line(call, &rows, "closed", row->closed_ms);
    put_line(&rows, "by whom", row->who);
    put_line(&rows, "why", row->why);
    put_steps(call, box, row, &rows);
    table_print(&rows, call->colour, out);
    table_close(&rows);
}

cli_exit verb_outbound_show(cli_call *call)
{
    hub_error err = {{0}};
    outbox *box = NULL;
    owed_row row;
    hub_buffer out = {0};
    hub_status status = open_store(call->arguments[0], &box, &err);
    if (status == HUB_OK) status = find_row(box, call->arguments[1], &row, &err);
    if (status == HUB_OK && call->json) put_json(box, &row, &out);
    if (status == HUB_OK && !call->json) show_row(call, box, &row, &out);
    print_flush(&out);
    hub_buffer_free(&out);
    outbox_close(box);
    return status == HUB_OK ? CLI_DONE : cli_fail(call, status, &err);
}

/* The last word holds: an instance that was down finds orders side by side, in no order. */
static hub_status take_back(const char *folder, const char *id, const char *what, hub_error *err)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/orders/%s.%s", folder, id, what);
    if (unlink(path) == 0 || errno == ENOENT) return HUB_OK;
    return hub_fail(err, HUB_ERR_IO, "%s: an older order, which cannot be taken back: %s", path, strerror(errno));
}

static hub_status order(const cli_call *call, const owed_row *row, const char *what, hub_error *err)
{
    char path[PATH_BYTES], id[HEX + 1];
    hub_buffer text = {0};
    hub_hex(row->id.bytes, HUB_ID_BYTES, id);
    snprintf(path, sizeof path, "%s/orders", call->arguments[0]);
    hub_status status = host_folder_make(path, 0700, err);
    if (status == HUB_OK) status = take_back(call->arguments[0], id, strcmp(what, "stop") == 0 ? "retry" : "stop", err);
    snprintf(path, sizeof path, "%s/orders/%s.%s", call->arguments[0], id, what);
    hub_buffer_put_format(&text, "%s\n%s\n", cli_flag_text(call, "as"), cli_flag_text(call, "reason"));
    if (status == HUB_OK)
        status = host_file_replace(path, hub_buffer_bytes(&text), 0644,
                                   err); /* in a folder of 0700; whoever orders may be another user */
    hub_buffer_free(&text);
    if (status == HUB_OK)
        printf("ordered: %s %.*s; the instance does it within a second, or when it is started\n", what, SHORT_ID, id);
    return status;
}

static bool is_one_line(const char *text)
{
    return text != NULL && text[0] != '\0' && strpbrk(text, "\r\n") == NULL && hub_is_clean_text(text, strlen(text));
}

static cli_exit order_all(cli_call *call, const char *what)
{
    hub_error err = {{0}};
    outbox *box = NULL;
    owed_row row;
    if (!is_one_line(cli_flag_text(call, "as")) || !is_one_line(cli_flag_text(call, "reason")))
        return cli_usage(call, "who says so, and why? --as and --reason, a line each");
    hub_status status = open_store(call->arguments[0], &box, &err);
    for (int i = 1; i < call->argument_count && status == HUB_OK; i++) {
        status = find_row(box, call->arguments[i], &row, &err);
        bool fits = status == HUB_OK && (row.state == OWED_OPEN || (row.state == OWED_STOPPED && strcmp(what, "retry") == 0));
        if (status == HUB_OK && !fits)
            status = hub_fail(&err, HUB_ERR_REFUSED, "%s is %s: nothing is owed of it any more", call->arguments[i],
                              owed_state_name(row.state));
        if (status == HUB_OK) status = order(call, &row, what, &err);
    }
    outbox_close(box);
    return status == HUB_OK ? CLI_DONE : cli_fail(call, status, &err);
}

cli_exit verb_outbound_stop(cli_call *call)
{
    return order_all(call, "stop");
}

cli_exit verb_outbound_retry(cli_call *call)
{
    return order_all(call, "retry");
}
