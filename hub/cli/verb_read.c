/* tail, find, explain - what the hub recorded. */
#include "cli/verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/purpose.h"
#include "cli/read.h"
#include "cli/session.h"
#include "event/event.h"

enum { WHERE_MAX = 8, FIND_LIMIT = 100, FIND_LIMIT_MAX = 1000, TAIL_LAST = 20 };

typedef struct tailing {
    const cli_call *call;
    session hub;
    Mash__V1__Where wheres[WHERE_MAX];
    Mash__V1__Where *where_pointers[WHERE_MAX];
    size_t where_count;
    char where_text[512];
    uint64_t from;
    uint32_t last;
    char as[SETTINGS_ACTS_AS_MAX]; /* roster id; "" = the key's own */
    bool follow;
    uint64_t most;
    uint64_t shown;
    bool done;
    hub_status status;
    hub_error error;
    hub_buffer out;
} tailing;

static void put_list(hub_buffer *out, const char *before, size_t count, char *const *items)
{
    for (size_t i = 0; i < count; i++) {
        hub_buffer_put_text(out, i == 0 ? before : ", ");
        print_clean(out, items[i]);
    }
}

/* One record, one line. */
static void put_item(const cli_call *call, const Mash__V1__TailItem *item, hub_buffer *out)
{
    if (call->json) {
        print_json_line(out, &item->base);
        return;
    }
    char civil[PRINT_TIME_TEXT];
    print_time(&call->zone, item->time_ms, civil);
    hub_buffer_put_format(out, "%8" PRIu64 "  %s  ", item->sequence, civil);
    print_styled(out, call->colour, PRINT_BOLD, item->what);
    const char *agency = event_agency_name(item->agency);
    if (agency != NULL) hub_buffer_put_format(out, "  %s", agency);
    if (item->payload[0] != '\0') hub_buffer_put_format(out, "  %s", item->payload);
    if (item->alert_id[0] != '\0') {
        hub_buffer_put_format(out, "  %s ", item->alert_id);
        print_styled(out, call->colour, print_rating_style(item->rating), print_rating(item->rating));
    }
    put_list(out, "  to ", item->n_queues, item->queues);
    put_list(out, "  by ", item->n_rules, item->rules);
    if (item->peer[0] != '\0') {
        hub_buffer_put_text(out, "  from ");
        print_clean(out, item->peer);
    }
    hub_id id;
    if (hub_id_read(hub_bytes_of(item->event_id.data, item->event_id.len), &id)) {
        char text[HUB_ID_TEXT_BYTES];
        hub_id_text(&id, text);
        hub_buffer_put_format(out, "  event %s", text);
    }
    if (item->detail[0] != '\0') {
        hub_buffer_put_text(out, "  ");
        print_clean(out, item->detail);
    }
    hub_buffer_put_text(out, "\n");
}

static void tail_stop(tailing *work, hub_status status)
{
    work->status = status;
    work->done = true;
}

static void on_opened(void *context, const Mash__V1__Welcome *welcome)
{
    (void)welcome;
    tailing *work = context;
    Mash__V1__Tail tail = MASH__V1__TAIL__INIT;
    tail.from_sequence = work->from;
    tail.last = work->last;
    tail.follow = work->follow;
    tail.on_behalf_of = work->as;
    tail.where = work->where_pointers;
    tail.n_where = work->where_count;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.request = bus_client_request(work->hub.client);
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_TAIL;
    frame.tail = &tail;
    hub_status status = bus_client_send(work->hub.client, &frame, &work->error);
    if (status != HUB_OK) tail_stop(work, status);
}

static void on_closed(void *context, const char *text)
{
    (void)context;
    fprintf(stderr, "mashctl tail: %s; trying again\n", text);
}

static void on_frame(void *context, const Mash__V1__HubFrame *frame)
{
    tailing *work = context;
    if (work->done) return;
    if (frame->body_case == MASH__V1__HUB_FRAME__BODY_FAULT) tail_stop(work, session_fault(frame->fault, &work->error));
    if (frame->body_case != MASH__V1__HUB_FRAME__BODY_TAIL_ITEMS) return;
    const Mash__V1__TailItems *items = frame->tail_items;
    for (size_t i = 0; i < items->n_items && work->shown < work->most; i++) {
        put_item(work->call, items->items[i], &work->out);
        work->shown++;
    }
    if (!print_flush(&work->out)) tail_stop(work, hub_fail(&work->error, HUB_ERR_IO, "standard output takes no more"));
    if (items->next_sequence > 0) {
        work->from = items->next_sequence; /* after a reconnect it goes on from here */
        work->last = 0;
    }
    if (work->shown >= work->most || (items->complete && !work->follow)) tail_stop(work, HUB_OK);
}

static bool read_from(tailing *work, const char *text)
{
    if (text == NULL) {
        work->last = TAIL_LAST;
        return true;
    }
    char *end = NULL;
    long long value = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || value == 0 || value < -1000000) return false;
    if (value < 0)
        work->last = (uint32_t)-value;
    else
        work->from = (uint64_t)value;
    return true;
}

static bool read_where(tailing *work, const char *text)
{
    if (text == NULL) return true;
    if (strlen(text) >= sizeof work->where_text) return false;
    snprintf(work->where_text, sizeof work->where_text, "%s", text);
    char *rest = NULL;
    for (char *pair = strtok_r(work->where_text, ",", &rest); pair != NULL; pair = strtok_r(NULL, ",", &rest)) {
        char *equals = strchr(pair, '=');
        if (equals == NULL || equals == pair || work->where_count == WHERE_MAX) return false;
        *equals = '\0';
        Mash__V1__Where *where = &work->wheres[work->where_count];
        mash__v1__where__init(where);
        where->key = pair;
        where->value = equals + 1;
        work->where_pointers[work->where_count++] = where;
    }
    return true;
}

cli_exit verb_tail(cli_call *call)
{
    hub_error err = {{0}};
    int64_t most = 0;
    tailing work = {.call = call, .follow = cli_flag_given(call, "follow")};
    hub_status status = cli_flag_number(call, "count", 1, INT64_MAX, INT64_MAX, &most, &err);
    if (status != HUB_OK) return cli_usage(call, "%s", err.text);
    if (!read_from(&work, cli_flag_text(call, "from")))
        return cli_usage(call, "--from takes a sequence number, or -N for the newest N records");
    if (!read_where(&work, cli_flag_text(call, "where")))
        return cli_usage(call, "--where takes at most %d pairs K=V,K=V", WHERE_MAX);
    cli_exit wrong = purpose_read_as(call, work.as);
    if (wrong != CLI_DONE) return wrong;
    work.most = (uint64_t)most;
    session_handlers handlers = {.context = &work, .opened = on_opened, .closed = on_closed, .frame = on_frame};
    status = session_start(call, SESSION_TEAM, &handlers, &work.hub, &err);
    if (status == HUB_OK) status = session_wait(&work.hub, &err);
    if (status == HUB_OK) {
        session_run(&work.hub, &work.done, 0);
        status = work.status;
        err = work.error;
    }
    session_close(&work.hub);
    hub_buffer_free(&work.out);
    return status == HUB_OK ? CLI_DONE : cli_fail(call, status, &err);
}

/* Adds the scheme to a key that can be only one thing. */
void read_complete_key(const char *typed, char key[READ_KEY_BYTES + 16])
{
    hub_id id;
    size_t digits = strspn(typed, "0123456789 ");
    const char *scheme = "";
    if (hub_id_parse(typed, &id))
        scheme = "event:";
    else if (typed[0] == 'A' && typed[1] != '\0' && strspn(typed + 1, "0123456789") == strlen(typed + 1))
        scheme = "alert:";
    else if (digits == strlen(typed) && digits >= 10)
        scheme = "nhs:";
    snprintf(key, READ_KEY_BYTES + 16, "%s%s", scheme, typed);
}

bool read_key(char typed[READ_KEY_BYTES])
{
    if (isatty(STDIN_FILENO) == 1) fputs("key: ", stderr);
    if (fgets(typed, READ_KEY_BYTES, stdin) == NULL) return false;
    typed[strcspn(typed, "\r\n")] = '\0';
    return typed[0] != '\0';
}

/* Whom the record names so: "    Example Child, born 2019-06-01". */
static void put_people(const cli_call *call, const Mash__V1__FoundRecords *found, uint64_t sequence, hub_buffer *out)
{
    for (size_t i = 0; i < found->n_people; i++) {
        const Mash__V1__FoundPerson *person = found->people[i];
        if (person->sequence != sequence) continue;
        if (call->json) {
            print_json_line(out, &person->base);
            continue;
        }
        hub_buffer_put_text(out, "         ");
        for (size_t k = 0; k < person->n_given_names; k++) {
            hub_buffer_put_text(out, " ");
            print_clean(out, person->given_names[k]);
        }
        hub_buffer_put_text(out, " ");
        print_clean(out, person->family_name);
        const Mash__V1__Date *born = person->date_of_birth;
        if (born != NULL) hub_buffer_put_format(out, ", born %04d-%02d-%02d", born->year, born->month, born->day);
        hub_buffer_put_text(out, "\n");
    }
}

static const char *more_words(const cli_call *call, const char *key)
{
    if (call->json) return "{\"more\":true}\n";
    bool is_name_alone = strncmp(key, "name:", 5) == 0 && strstr(key, "born:") == NULL;
    return is_name_alone ? "there are more; add the birth date, name:... born:2019-06-01, or --count N shows them\n"
                         : "there are more; --count N shows them\n";
}

void read_say_own(void)
{
    fputs("This look-up concerns your own household; it is recorded as such, and whoever audits the hub sees it marked.\n",
          stderr);
}

/* Page by page, newest first, until `limit` are shown or there are no more. */
static hub_status find_all(const cli_call *call, session *hub, Mash__V1__Query query, uint32_t limit, hub_buffer *out,
                           size_t *shown, hub_error *err)
{
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_QUERY;
    frame.query = &query;
    for (bool more = true; more;) {
        const Mash__V1__HubFrame *answer = NULL;
        query.limit = limit - (uint32_t)*shown;
        hub_status status = session_ask(hub, &frame, MASH__V1__HUB_FRAME__BODY_FOUND, &answer, err);
        if (status != HUB_OK) return status;
        const Mash__V1__FoundRecords *found = answer->found;
        if (found->own) read_say_own();
        for (size_t i = 0; i < found->n_items; i++) {
            put_item(call, found->items[i], out);
            put_people(call, found, found->items[i]->sequence, out);
        }
        *shown += found->n_items;
        more = found->more && found->n_items > 0 && *shown < limit;
        if (more) query.before_sequence = found->items[found->n_items - 1]->sequence;
        if (found->more && !more) hub_buffer_put_text(out, more_words(call, query.key));
        if (found->looked_through > 0 && !more && !call->json)
            hub_buffer_put_format(out, "(looked for in the newest %u records of that name or day)\n", found->looked_through);
    }
    return HUB_OK;
}

cli_exit verb_find(cli_call *call)
{
    hub_error err = {{0}};
    int64_t limit = 0;
    hub_status status = cli_flag_number(call, "count", 1, FIND_LIMIT_MAX, FIND_LIMIT, &limit, &err);
    if (status != HUB_OK) return cli_usage(call, "%s", err.text);
    purpose why;
    cli_exit wrong = purpose_read(call, PURPOSE_NEEDED, &why);
    if (wrong != CLI_DONE) return wrong;
    char typed[READ_KEY_BYTES];
    char key[READ_KEY_BYTES + 16];
    if (!read_key(typed)) return cli_usage(call, "the key is read from standard input, and there was none");
    read_complete_key(typed, key);
    Mash__V1__Query query = MASH__V1__QUERY__INIT;
    query.key = key;
    query.purpose = why.stated;
    query.on_behalf_of = why.as;
    query.reason = why.reason;
    query.own = cli_flag_given(call, "own");
    session hub = {0};
    status = session_open(call, SESSION_TEAM, &hub, &err);
    if (status != HUB_OK) return cli_fail(call, status, &err);
    hub_buffer out = {0};
    size_t shown = 0;
    status = find_all(call, &hub, query, (uint32_t)limit, &out, &shown, &err);
    if (status == HUB_OK && shown == 0) status = hub_fail(&err, HUB_ERR_NOT_FOUND, "no record about this key that you may see");
    print_flush(&out);
    hub_buffer_free(&out);
    session_close(&hub);
    return status == HUB_OK ? CLI_DONE : cli_fail(call, status, &err);
}

void read_put_lines(const Mash__V1__Explained *explained, uint32_t indent, hub_buffer *out)
{
    for (size_t i = 0; i < explained->n_lines; i++) {
        uint32_t deeper = explained->lines[i]->indent < 16 ? explained->lines[i]->indent : 16;
        hub_buffer_put_format(out, "%*s", (int)(2 * (indent + deeper)), "");
        print_clean(out, explained->lines[i]->text);
        hub_buffer_put_text(out, "\n");
    }
}

cli_exit verb_explain(cli_call *call)
{
    hub_error err = {{0}};
    session hub = {0};
    purpose why;
    bool is_number = strspn(call->arguments[0], "0123456789") == strlen(call->arguments[0]);
    cli_exit wrong = purpose_read(call, is_number ? PURPOSE_IF_GIVEN : PURPOSE_NEEDED, &why);
    if (wrong != CLI_DONE) return wrong;
    hub_status status = session_open(call, SESSION_TEAM, &hub, &err);
    if (status != HUB_OK) return cli_fail(call, status, &err);
    Mash__V1__Explain explain = MASH__V1__EXPLAIN__INIT;
    explain.id = call->arguments[0];
    explain.purpose = why.stated;
    explain.on_behalf_of = why.as;
    explain.reason = why.reason;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_EXPLAIN;
    frame.explain = &explain;
    const Mash__V1__HubFrame *answer = NULL;
    status = session_ask(&hub, &frame, MASH__V1__HUB_FRAME__BODY_EXPLAINED, &answer, &err);
    if (status == HUB_OK) {
        const Mash__V1__Explained *explained = answer->explained;
        if (explained->own) read_say_own();
        hub_buffer out = {0};
        if (!call->json) read_put_lines(explained, 0, &out);
        if (call->json) {
            print_json_line(&out, &explained->base);
        }
        if (!explained->found) status = hub_fail(&err, HUB_ERR_NOT_FOUND, "nothing of that id that you may see");
        print_flush(&out);
        hub_buffer_free(&out);
    }
    session_close(&hub);
    return status == HUB_OK ? CLI_DONE : cli_fail(call, status, &err);
}
