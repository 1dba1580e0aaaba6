/* trace - one child's case for an inspector: every record about a person and about their alerts, in order, as far as the reader may read. */
#include "cli/verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/purpose.h"
#include "cli/read.h"
#include "cli/session.h"
#include "json/json.h"

enum { ALERTS_MAX = 512, PAGE = 255 }; /* a case has no more */

/* A record, and the alert for whose sake it is told: 0 = it came with the key itself. */
typedef struct found {
    uint64_t sequence;
    uint64_t alert;
} found;

typedef struct tracing {
    const cli_call *call;
    purpose why;
    session hub;
    found *records;
    size_t count, capacity;
    uint64_t alerts[ALERTS_MAX];
    size_t alert_count;
    bool is_case;  /* the key is a person's: what it finds is all there is */
    bool is_own;   /* it concerns who asks, and they have been told */
    bool too_many; /* alerts */
    size_t told;   /* entries with something to read */
} tracing;

static hub_status keep_record(tracing *t, uint64_t sequence, uint64_t alert, hub_error *err)
{
    if (t->count == t->capacity) {
        size_t capacity = t->capacity == 0 ? 256 : 2 * t->capacity;
        found *grown = realloc(t->records, capacity * sizeof *grown);
        if (grown == NULL) return hub_fail(err, HUB_ERR_MEMORY, "out of memory");
        t->records = grown;
        t->capacity = capacity;
    }
    t->records[t->count++] = (found){.sequence = sequence, .alert = alert};
    return HUB_OK;
}

static void keep_alert(tracing *t, const char *id)
{
    uint64_t number = id[0] == 'A' ? strtoull(id + 1, NULL, 10) : 0;
    if (number == 0) return;
    for (size_t i = 0; i < t->alert_count; i++) {
        if (t->alerts[i] == number) return;
    }
    if (t->alert_count == ALERTS_MAX) {
        t->too_many = true;
        return;
    }
    t->alerts[t->alert_count++] = number;
}

/* Every record under the key, page by page; alert 0: of a person, their whole case; and the alerts that the records name. */
static hub_status find_under(tracing *t, char *key, uint64_t alert, hub_error *err)
{
    Mash__V1__Query query = MASH__V1__QUERY__INIT;
    query.key = key;
    query.limit = PAGE;
    query.purpose = t->why.stated;
    query.on_behalf_of = t->why.as;
    query.reason = t->why.reason;
    query.whole_case = alert == 0;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_QUERY;
    frame.query = &query;
    for (bool more = true; more;) {
        const Mash__V1__HubFrame *answer = NULL;
        hub_status status = session_ask(&t->hub, &frame, MASH__V1__HUB_FRAME__BODY_FOUND, &answer, err);
        if (status != HUB_OK) return status;
        const Mash__V1__FoundRecords *page = answer->found;
        t->is_case = t->is_case || page->is_case;
        for (size_t i = 0; i < page->n_items; i++) {
            for (size_t k = 0; alert == 0 && k < page->items[i]->n_alert_ids; k++)
                keep_alert(t, page->items[i]->alert_ids[k]);
            status = keep_record(t, page->items[i]->sequence, alert, err);
            if (status != HUB_OK) return status;
        }
        more = page->more && page->n_items > 0;
        if (more) query.before_sequence = page->items[page->n_items - 1]->sequence;
    }
    return HUB_OK;
}

static int by_sequence(const void *a, const void *b)
{
    const found *one = a, *other = b;
    if (one->sequence != other->sequence) return one->sequence < other->sequence ? -1 : 1;
    return one->alert < other->alert ? -1 : one->alert > other->alert;
}

/* In order, and each record once: what came with the key itself is told whole, the rest as far as it concerns the alert. */
static void put_in_order(tracing *t)
{
    if (t->count == 0) return;
    qsort(t->records, t->count, sizeof *t->records, by_sequence);
    size_t kept = 0;
    for (size_t i = 1; i < t->count; i++) {
        bool is_told = t->records[i].sequence == t->records[kept].sequence &&
                       (t->records[kept].alert == 0 || t->records[kept].alert == t->records[i].alert);
        if (!is_told) t->records[++kept] = t->records[i];
    }
    t->count = kept + 1;
}

static hub_status tell(tracing *t, char *key, const found *record, hub_buffer *out, hub_error *err)
{
    char id[24], about[24] = "";
    snprintf(id, sizeof id, "%" PRIu64, record->sequence);
    if (record->alert != 0) snprintf(about, sizeof about, "A%" PRIu64, record->alert);
    Mash__V1__Explain explain = MASH__V1__EXPLAIN__INIT;
    explain.id = id;
    explain.about = about;
    if (record->alert == 0) explain.case_of = key;
    explain.purpose = t->why.stated;
    explain.on_behalf_of = t->why.as;
    explain.reason = t->why.reason;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_EXPLAIN;
    frame.explain = &explain;
    const Mash__V1__HubFrame *answer = NULL;
    hub_status status = session_ask(&t->hub, &frame, MASH__V1__HUB_FRAME__BODY_EXPLAINED, &answer, err);
    if (status != HUB_OK) return status;
    if (answer->explained->own && !t->is_own) read_say_own();
    t->is_own = t->is_own || answer->explained->own;
    if (answer->explained->n_lines == 0) return HUB_OK; /* it may not be read any more */
    t->told++;
    if (t->call->json) {
        hub_buffer_put_format(out, "{\"sequence\":%" PRIu64 ",\"told\":", record->sequence);
        (void)json_of_message(&answer->explained->base, JSON_COMPACT, out);
        hub_buffer_put_text(out, "}\n");
    } else {
        read_put_lines(answer->explained, 0, out);
        hub_buffer_put_text(out, "\n");
    }
    return HUB_OK;
}

static hub_status gather(tracing *t, char *key, hub_error *err)
{
    hub_status status = HUB_OK;
    if (strncmp(key, "alert:A", 7) == 0) {
        keep_alert(t, key + 6);
    } else {
        status = find_under(t, key, 0, err);
    }
    for (size_t i = 0; i < t->alert_count && status == HUB_OK && !t->is_case; i++) {
        char alert[32];
        snprintf(alert, sizeof alert, "alert:A%" PRIu64, t->alerts[i]);
        status = find_under(t, alert, t->alerts[i], err);
    }
    put_in_order(t);
    if (status == HUB_OK && t->count == 0) status = hub_fail(err, HUB_ERR_NOT_FOUND, "no record about this key that you may see");
    return status;
}

static void put_end(const tracing *t, hub_buffer *out)
{
    const char *more = t->too_many ? " More alerts than these are named: trace them by their own ids." : "";
    if (t->call->json) {
        hub_buffer_put_format(out, "{\"records\":%zu,\"alerts\":%zu,\"more\":%s}\n", t->told, t->alert_count,
                              t->too_many ? "true" : "false");
        return;
    }
    hub_buffer_put_format(
        out,
        "%zu entr%s in order, about %zu alert%s; read by %s. What this reader may not read is not shown: some of it "
        "is named above, some is left out without a word.%s\n",
        t->told, t->told == 1 ? "y" : "ies", t->alert_count, t->alert_count == 1 ? "" : "s", t->hub.peer_name, more);
}

cli_exit verb_trace(cli_call *call)
{
    hub_error err = {{0}};
    char typed[READ_KEY_BYTES], key[READ_KEY_BYTES + 16];
    purpose why;
    cli_exit wrong = purpose_read(call, PURPOSE_NEEDED, &why);
    if (wrong != CLI_DONE) return wrong;
    if (call->argument_count > 0) {
        snprintf(typed, sizeof typed, "%s", call->arguments[0]);
        if (typed[0] != 'A' || typed[1] == '\0' || strspn(typed + 1, "0123456789") != strlen(typed + 1))
            return cli_usage(call, "only an alert (A17) may stand here; any other key is read from standard input");
    } else if (!read_key(typed)) {
        return cli_usage(call, "the key is read from standard input, and there was none");
    }
    if (call->argument_count > 0) {
        snprintf(key, sizeof key, "alert:%s", typed);
    } else {
        read_complete_key(typed, key);
    }
    tracing t = {.call = call, .why = why};
    hub_status status = session_open(call, SESSION_TEAM, &t.hub, &err);
    if (status != HUB_OK) return cli_fail(call, status, &err);
    hub_buffer out = {0};
    status = gather(&t, key, &err);
    for (size_t i = 0; i < t.count && status == HUB_OK; i++) {
        status = tell(&t, key, &t.records[i], &out, &err);
        if (status == HUB_OK && !print_flush(&out)) status = hub_fail(&err, HUB_ERR_IO, "standard output takes no more");
    }
    if (status == HUB_OK) put_end(&t, &out);
    print_flush(&out);
    hub_buffer_free(&out);
    free(t.records);
    session_close(&t.hub);
    return status == HUB_OK ? CLI_DONE : cli_fail(call, status, &err);
}
