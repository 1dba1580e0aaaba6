/* journal status, verify - the store itself, read beside the hub. */
#include "cli/verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/store.h"
#include "cli/table.h"
#include "json/json.h"

static void put(table *rows, const char *name, const char *value)
{
    table_put(rows, PRINT_FAINT, name, value, NULL);
}

cli_exit verb_journal_status(cli_call *call)
{
    hub_error err = {{0}};
    static store from;
    journal_end end;
    hub_status status = store_open(call, STORE_JOURNAL, &from, &err);
    if (status == HUB_OK) status = journal_end_of(from.journal, &end, &err);
    if (status != HUB_OK) {
        store_close(&from);
        return cli_fail(call, status, &err);
    }
    char hash[2 * HUB_DIGEST_BYTES + 1], count[32], room[32];
    hub_hex(end.last_hash.bytes, HUB_DIGEST_BYTES, hash);
    print_count(end.last_sequence, count);
    uint64_t room_bytes = journal_room(from.journal);
    print_bytes(room_bytes, room);
    hub_buffer out = {0};
    if (call->json) {
        hub_buffer_put_format(&out,
                              "{\"partnership\":\"%s\",\"backend\":\"%s\",\"last_sequence\":%" PRIu64
                              ",\"epoch\":%u,\"last_hash\":\"%s\",\"state_digest\":\"%016" PRIx64 "\",\"room_bytes\":%" PRIu64
                              "}\n",
                              from.config.partnership, journal_backend(from.journal), end.last_sequence, end.epoch, hash,
                              end.state_digest, room_bytes);
    } else {
        char digest[20], epoch[16];
        snprintf(digest, sizeof digest, "%016" PRIx64, end.state_digest);
        snprintf(epoch, sizeof epoch, "%u", end.epoch);
        table rows;
        table_open(&rows, "", NULL);
        put(&rows, "partnership", from.config.partnership);
        put(&rows, "journal", from.config.journal);
        put(&rows, "records", count);
        put(&rows, "epoch", epoch);
        put(&rows, "last hash", hash);
        put(&rows, "state digest", digest);
        put(&rows, "room", room_bytes == UINT64_MAX ? "no bound known" : room);
        table_print(&rows, call->colour, &out);
        table_close(&rows);
    }
    print_flush(&out);
    hub_buffer_free(&out);
    store_close(&from);
    return CLI_DONE;
}

/* What the heads file holds beside the heads that hold. */
static void put_heads_left_out(const journal_verdict *verdict, hub_buffer *out)
{
    if (verdict->abandoned > 0)
        hub_buffer_put_format(out, "  %" PRIu64 " heads of records that were given up at a restore, not compared\n",
                              verdict->abandoned);
    if (verdict->strange > 0)
        hub_buffer_put_format(out, "  %" PRIu64 " lines of the heads file are no heads: torn by a power cut, or damaged\n",
                              verdict->strange);
}

static void print_verdict(const cli_call *call, const char *of, const journal_verdict *verdict)
{
    hub_buffer out = {0};
    char hash[2 * HUB_DIGEST_BYTES + 1];
    char records[32];
    hub_hex(verdict->last_hash.bytes, HUB_DIGEST_BYTES, hash);
    print_count(verdict->records, records);
    if (call->json) {
        hub_buffer_put_format(&out,
                              "{\"store\":\"%s\",\"records\":%" PRIu64 ",\"erased\":%" PRIu64 ",\"heads\":%" PRIu64
                              ",\"heads_abandoned\":%" PRIu64 ",\"heads_lines_strange\":%" PRIu64 ",\"first_bad\":%" PRIu64
                              ",\"last_hash\":\"%s\",\"finding\":",
                              of, verdict->records, verdict->erased, verdict->heads, verdict->abandoned, verdict->strange,
                              verdict->first_bad, hash);
        json_put_text(&out, verdict->finding);
        hub_buffer_put_text(&out, "}\n");
    } else if (verdict->first_bad == 0 && verdict->finding[0] == '\0') {
        if (strcmp(of, "journal") != 0) hub_buffer_put_format(&out, "%s: ", of);
        print_styled(&out, call->colour, PRINT_GREEN, "holds");
        hub_buffer_put_format(&out, "  %s records, %" PRIu64 " signed heads, %" PRIu64 " personal parts erased; last hash %s\n",
                              records, verdict->heads, verdict->erased, hash);
        put_heads_left_out(verdict, &out);
    } else {
        if (strcmp(of, "journal") != 0) hub_buffer_put_format(&out, "%s: ", of);
        print_styled(&out, call->colour, PRINT_RED, "DOES NOT HOLD");
        hub_buffer_put_format(&out, "  %s records read, ", records);
        if (verdict->first_bad == 0) {
            hub_buffer_put_text(&out, "and each of them holds\n  ");
        } else {
            hub_buffer_put_format(&out, "first bad: #%" PRIu64 "\n  ", verdict->first_bad);
        }
        print_clean(&out, verdict->finding);
        hub_buffer_put_text(&out, "\n");
        put_heads_left_out(verdict, &out);
        hub_buffer_put_text(
            &out, "  Stop the hub, keep the store as it is, and go on by deploy/RUNBOOK.md, \"A journal that does not hold\".\n");
    }
    print_flush(&out);
    hub_buffer_free(&out);
}

/* One store; CLI_FAILED when it does not hold or could not be read. */
static cli_exit verify(cli_call *call, store_parts parts, const char *of)
{
    hub_error err = {{0}};
    static store from;
    journal_verdict verdict = {0};
    hub_status status = store_open(call, parts, &from, &err);
    bool is_new = status == HUB_ERR_NOT_FOUND && parts == STORE_AUDIT_AND_KEYS; /* made by the hub's first start */
    if (status == HUB_OK) {
        status =
            journal_verify(from.journal, from.keys, from.has_signing_key ? from.signing_key : NULL, from.heads, &verdict, &err);
    }
    store_close(&from);
    if (is_new) snprintf(from.heads, sizeof from.heads, "%s/audit-heads", from.config.state);
    if (is_new && access(from.heads, F_OK) != 0) return CLI_DONE;
    if (status != HUB_OK) return cli_fail(call, status, &err);
    print_verdict(call, of, &verdict);
    return verdict.first_bad == 0 && verdict.finding[0] == '\0' ? CLI_DONE : CLI_FAILED;
}

cli_exit verb_journal_verify(cli_call *call)
{
    cli_exit records = verify(call, STORE_JOURNAL_AND_KEYS, "journal");
    cli_exit reads = verify(call, STORE_AUDIT_AND_KEYS, "audit");
    return records != CLI_DONE ? records : reads;
}
