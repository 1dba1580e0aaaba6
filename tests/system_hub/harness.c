#include "free_port.h"
#include "harness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "event/wire.h"
#include "host/files.h"
#include "host/random.h"

/* ---- the process ------------------------------------------------------------------------------------------------------------- */
static void run_shell(const char *format, const char *folder)
{
    char command[512];
    (void)snprintf(command, sizeof command, format, folder, folder, folder, folder);
    assert_int_equal(system(command), 0);
}

static void write_config(const hub_run *h)
{
    char path[128];
    (void)snprintf(path, sizeof path, "%s/hub.yaml", h->folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fprintf(file, "partnership: bench\nlisten:\n  agency: 127.0.0.1:%d\n  team: 127.0.0.1:%d\npolicy: %s\n",
                        h->agency_port, h->team_port, h->policy) > 0);
    assert_int_equal(fclose(file), 0);
}

static void in_child(const hub_run *h, const char *const *arguments, int out, int error, const char *full_sign)
{
    char program[256];
    (void)snprintf(program, sizeof program, "%s/mashhubd", getenv("MASHHUB_BIN"));
    const char *list[16] = {program};
    int count = 1;
    for (; arguments[count - 1] != NULL && count < 15; count++)
        list[count] = arguments[count - 1];
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that is killed leaves no hub behind */
    (void)dup2(out >= 0 ? out : open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
    if (error >= 0) (void)dup2(error, STDERR_FILENO);
    if (full_sign != NULL) {
        (void)setenv("LD_PRELOAD", getenv("MASHHUB_FULL_DISK"), 1);
        (void)setenv("ASAN_OPTIONS", "verify_asan_link_order=0", 1);
        (void)setenv("MASHHUB_FULL_SIGN", full_sign, 1);
    }
    (void)h;
    union {
        const char **from;
        char **to;
    } argv = {.from = list};
    (void)execv(program, argv.to);
    _exit(127);
}

static void read_all(int fd, char *out, size_t size)
{
    size_t used = 0;
    ssize_t got;
    while (used + 1 < size && (got = read(fd, out + used, size - 1 - used)) > 0)
        used += (size_t)got;
    out[used] = '\0';
}

int hub_program(const hub_run *h, const char *const *arguments, char *said, size_t size)
{
    int pipes[2], code = -1;
    assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) in_child(h, arguments, -1, pipes[1], NULL);
    close(pipes[1]);
    read_all(pipes[0], said, size);
    close(pipes[0]);
    assert_int_equal(waitpid(pid, &code, 0), pid);
    return WIFEXITED(code) ? WEXITSTATUS(code) : -1;
}

void hub_make(hub_run *h)
{
    hub_make_with(h, NULL);
}

void hub_make_with(hub_run *h, const char *policy_file)
{
    memset(h, 0, sizeof *h);
    assert_int_equal(uv_loop_init(&h->loop), 0);
    assert_int_equal(hub_arena_open(&h->arena, 1 << 20, 64 << 20), HUB_OK);
    (void)snprintf(h->folder, sizeof h->folder, "/tmp/mash-hub-XXXXXX");
    assert_non_null(mkdtemp(h->folder));
    (void)snprintf(h->policy, sizeof h->policy, "%s/config/bench/policy", getenv("MASHHUB_SOURCE"));
    if (policy_file != NULL) {
        char command_line[512];
        (void)snprintf(command_line, sizeof command_line, "cp -r %s %s/policy && cp %s/tests/system_hub/%s %s/policy/", h->policy,
                       h->folder, getenv("MASHHUB_SOURCE"), policy_file, h->folder);
        assert_int_equal(system(command_line), 0);
        (void)snprintf(h->policy, sizeof h->policy, "%s/policy", h->folder);
    }
    h->agency_port = free_port();
    h->team_port = free_port();
    (void)snprintf(h->agency, sizeof h->agency, "tcp://127.0.0.1:%d", h->agency_port);
    (void)snprintf(h->team, sizeof h->team, "tcp://127.0.0.1:%d", h->team_port);
    write_config(h);
    bus_key_pair_make(&h->operator_keys);
    char text[BUS_KEY_TEXT], path[128], said[4096];
    bus_key_text(h->operator_keys.public_key, text);
    const char *const ARGUMENTS[] = {"init", "--config", h->folder, "--operator", text, NULL};
    int code = hub_program(h, ARGUMENTS, said, sizeof said);
    if (code != 0) print_error("%s\n", said);
    assert_int_equal(code, 0);
    (void)snprintf(path, sizeof path, "%s/keys/hub.pub", h->folder);
    assert_int_equal(bus_public_key_read(path, h->server_key, NULL), HUB_OK);
}

static void start_with(hub_run *h, const char *const *arguments, const char *full_sign)
{
    int out[2];
    char path[128];
    assert_int_equal(h->pid, 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    (void)snprintf(path, sizeof path, "%s/log", h->folder);
    int log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    assert_true(log >= 0);
    h->pid = fork();
    assert_true(h->pid >= 0);
    if (h->pid == 0) in_child(h, arguments, out[1], log, full_sign);
    close(out[1]);
    close(log);
    size_t used = 0;
    while (used + 1 < sizeof h->ready && read(out[0], h->ready + used, 1) == 1 && h->ready[used] != '\n')
        used++;
    h->ready[used] = '\0';
    close(out[0]);
    if (strncmp(h->ready, "mashhubd: ready", 15) != 0) run_shell("cat %s/log >&2", h->folder);
    assert_memory_equal(h->ready, "mashhubd: ready", 15);
}

void hub_start(hub_run *h, const char *full_sign)
{
    const char *const ARGUMENTS[] = {"--config", h->folder, NULL};
    start_with(h, ARGUMENTS, full_sign);
}

void hub_kill(hub_run *h)
{
    int code;
    assert_int_equal(kill(h->pid, SIGKILL), 0);
    assert_int_equal(waitpid(h->pid, &code, 0), h->pid);
    h->pid = 0;
}

int hub_stop(hub_run *h)
{
    int code;
    assert_int_equal(kill(h->pid, SIGTERM), 0);
    assert_int_equal(waitpid(h->pid, &code, 0), h->pid);
    h->pid = 0;
    return WIFEXITED(code) ? WEXITSTATUS(code) : -1;
}

void hub_keep_store(const hub_run *h)
{
    assert_int_equal(h->pid, 0);
    run_shell("rm -rf %s/kept && mkdir %s/kept && cp -p %s/state/journal.db* %s/kept/", h->folder);
}

void hub_restore_store(hub_run *h)
{
    assert_int_equal(h->pid, 0);
    run_shell("rm %s/state/journal.db* && cp -p %s/kept/* %s/state/", h->folder);
    const char *const ARGUMENTS[] = {"--config", h->folder, "--accept-restore", NULL};
    start_with(h, ARGUMENTS, NULL);
    assert_int_equal(hub_stop(h), 0);
}

void hub_remove(hub_run *h)
{
    for (uint32_t i = 0; i < h->peer_count; i++)
        peer_close(h->peers[i]);
    (void)uv_run(&h->loop, UV_RUN_DEFAULT); /* until every handle is closed */
    for (uint32_t i = 0; i < h->peer_count; i++)
        free(h->peers[i]);
    if (h->pid != 0) hub_kill(h);
    assert_int_equal(uv_loop_close(&h->loop), 0);
    hub_arena_close(&h->arena);
    run_shell("rm -rf %s", h->folder);
}

/* ---- waiting ------------------------------------------------------------------------------------------------------------------ */
static void on_late(uv_timer_t *timer)
{
    *(bool *)timer->data = true;
}

static void on_timer_closed(uv_handle_t *handle)
{
    *(bool *)handle->data = true;
}

bool hub_until(hub_run *h, const int *counter, int wanted, uint64_t ms)
{
    bool late = false, closed = false;
    uv_timer_t timer;
    (void)uv_timer_init(&h->loop, &timer);
    timer.data = &late;
    uv_update_time(&h->loop);
    (void)uv_timer_start(&timer, on_late, ms, 0);
    while (!late && *counter < wanted)
        (void)uv_run(&h->loop, UV_RUN_ONCE);
    timer.data = &closed;
    uv_close((uv_handle_t *)&timer, on_timer_closed);
    while (!closed)
        (void)uv_run(&h->loop, UV_RUN_NOWAIT);
    return *counter >= wanted;
}

void hub_spin(hub_run *h, uint64_t ms)
{
    static const int NEVER = 0;
    (void)hub_until(h, &NEVER, 1, ms);
}

void hub_wait_log(hub_run *h, const char *words)
{
    char path[128];
    bool said = false;
    (void)snprintf(path, sizeof path, "%s/log", h->folder);
    for (int looks = 0; !said && looks < PATIENCE_MS / 10; looks++) {
        hub_buffer log = {0};
        said = host_file_read(path, 1 << 24, &log, NULL) == HUB_OK && strstr(hub_buffer_text(&log), words) != NULL;
        hub_buffer_free(&log);
        if (!said) hub_spin(h, 10);
    }
    if (!said) fail_msg("%s never said: %s", path, words);
}

/* ---- peers --------------------------------------------------------------------------------------------------------------------- */
static void on_hello(void *context, Mash__V1__Hello *hello)
{
    peer *p = context;
    if (!p->publishes) return;
    hello->outbox_id = (ProtobufCBinaryData){.len = HUB_ID_BYTES, .data = p->outbox_id.bytes};
    hello->acknowledged_link_seq = p->acknowledged;
    if (p->acknowledged != 0)
        hello->acknowledged_event_id = (ProtobufCBinaryData){.len = HUB_ID_BYTES, .data = p->acknowledged_id.bytes};
}

static void on_opened(void *context, const Mash__V1__Welcome *welcome)
{
    peer *p = context;
    p->opened++;
    p->outbox_state = welcome->outbox_state;
    p->settled = welcome->settled_link_seq;
}

static void on_closed(void *context, bus_client_trouble trouble, const char *text)
{
    peer *p = context;
    p->closed++;
    p->trouble = trouble;
    (void)snprintf(p->text, sizeof p->text, "%s", text);
}

static void note_result(peer *p, const Mash__V1__ItemResult *result)
{
    for (uint64_t seq = result->first_link_seq; seq <= result->last_link_seq; seq++) {
        assert_true(seq < ITEMS_MAX);
        p->status[seq] = result->status;
        p->code[seq] = result->code;
        p->results++;
    }
    p->sequence[result->last_link_seq] = result->sequence;
    if (result->status != MASH__V1__ITEM_STATUS__STORED)
        (void)snprintf(p->field_path, sizeof p->field_path, "%s", result->field_path);
}

static void fill_position(seen_delivery *out, const Mash__V1__Position *position)
{
    out->epoch = position->epoch;
    out->sequence = position->sequence;
    if (position->record_hash.len == sizeof out->hash) memcpy(out->hash, position->record_hash.data, sizeof out->hash);
}

static void note_delivery(peer *p, const Mash__V1__Delivery *delivery)
{
    assert_true(p->delivery_count < DELIVERIES_MAX);
    seen_delivery *seen = &p->deliveries[p->delivery_count++];
    fill_position(seen, delivery->position);
    seen->possible_duplicate = delivery->possible_duplicate;
    seen->reasons = delivery->n_reasons;
    if (delivery->event != NULL)
        (void)hub_id_read(hub_bytes_of(delivery->event->event_id.data, delivery->event->event_id.len), &seen->event_id);
}

static void on_frame(void *context, const Mash__V1__HubFrame *frame)
{
    peer *p = context;
    switch (frame->body_case) {
    case MASH__V1__HUB_FRAME__BODY_PUBLISH_REPLY:
        for (size_t i = 0; i < frame->publish_reply->n_results; i++)
            note_result(p, frame->publish_reply->results[i]);
        break;
    case MASH__V1__HUB_FRAME__BODY_DELIVERIES:
        for (size_t i = 0; i < frame->deliveries->n_items; i++)
            note_delivery(p, frame->deliveries->items[i]);
        break;
    case MASH__V1__HUB_FRAME__BODY_SUBSCRIBED:
        p->subscribed++;
        p->waiting = frame->subscribed->waiting;
        p->resume_after = frame->subscribed->resume_after->sequence;
        break;
    case MASH__V1__HUB_FRAME__BODY_FORKED:
        p->forked++;
        fill_position(&p->last_common, frame->forked->last_common);
        break;
    case MASH__V1__HUB_FRAME__BODY_FAULT:
        p->faults++;
        p->fault = frame->fault->code;
        (void)snprintf(p->fault_field, sizeof p->fault_field, "%s", frame->fault->field_path);
        (void)snprintf(p->text, sizeof p->text, "%s", frame->fault->text);
        break;
    default:
        break;
    }
}

peer *peer_new(hub_run *h, port where, const bus_key_pair *keys)
{
    peer *p = calloc(1, sizeof *p);
    assert_non_null(p);
    assert_true(h->peer_count < PEERS_MAX);
    h->peers[h->peer_count++] = p;
    p->hub = h;
    p->keys = *keys;
    p->outbox_id = host_random_id();
    (void)snprintf(p->endpoint, sizeof p->endpoint, "%s", where == TEAM_PORT ? h->team : h->agency);
    return p;
}

void peer_connect(peer *p)
{
    bus_client_options options = {.endpoints = {p->endpoint},
                                  .keys = p->keys,
                                  .software = "test/1",
                                  .context = p,
                                  .hello = on_hello,
                                  .opened = on_opened,
                                  .closed = on_closed,
                                  .frame = on_frame};
    memcpy(options.server_key, p->hub->server_key, BUS_KEY_BYTES);
    assert_int_equal(bus_client_open(&p->hub->loop, &options, &p->client, NULL), HUB_OK);
}

void peer_open(peer *p)
{
    int before = p->opened;
    peer_connect(p);
    assert_true(hub_until(p->hub, &p->opened, before + 1, PATIENCE_MS));
}

void peer_close(peer *p)
{
    bus_client_close(p->client, NULL);
    p->client = NULL;
}

peer *operator_open(hub_run *h)
{
    peer *p = peer_new(h, TEAM_PORT, &h->operator_keys);
    peer_open(p);
    return p;
}

const Mash__V1__HubFrame *ask(peer *p, Mash__V1__ClientFrame *frame)
{
    const Mash__V1__HubFrame *answer;
    hub_error err = {{0}};
    hub_arena_reset(&p->hub->arena);
    hub_status status = bus_client_ask(p->client, &p->hub->loop, frame, PATIENCE_MS, &p->hub->arena, &answer, &err);
    if (status != HUB_OK) print_error("%s\n", err.text);
    assert_int_equal(status, HUB_OK);
    return answer;
}

const Mash__V1__CommandReply *command(peer *by, Mash__V1__Command *what)
{
    hub_id id = host_random_id();
    what->command_id = (ProtobufCBinaryData){.len = HUB_ID_BYTES, .data = id.bytes};
    what->reason = (char *)(uintptr_t) "a test";
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_COMMAND;
    frame.command = what;
    const Mash__V1__HubFrame *answer = ask(by, &frame);
    assert_int_equal(answer->body_case, MASH__V1__HUB_FRAME__BODY_COMMAND_REPLY);
    return answer->command_reply;
}

peer *enrol(peer *by, const char *name, Mash__V1__PeerKind kind, const char *queue)
{
    bus_key_pair keys;
    bus_key_pair_make(&keys);
    bool adapter = kind == MASH__V1__PEER_KIND__PEER_KIND_ADAPTER;
    char *queues[] = {(char *)(uintptr_t)queue};
    Mash__V1__Enrol body = MASH__V1__ENROL__INIT;
    body.public_key = (ProtobufCBinaryData){.len = BUS_KEY_BYTES, .data = keys.public_key};
    body.kind = kind;
    body.name = (char *)(uintptr_t)name;
    if (adapter) body.agency = MASH__V1__AGENCY__AGENCY_HEALTH;
    body.queues = queues;
    body.n_queues = queue == NULL ? 0 : 1;
    Mash__V1__Command what = MASH__V1__COMMAND__INIT;
    what.what_case = MASH__V1__COMMAND__WHAT_ENROL;
    what.enrol = &body;
    const Mash__V1__CommandReply *reply = command(by, &what);
    if (reply->code != MASH__V1__COMMAND_CODE__COMMAND_DONE) print_error("%s\n", reply->text);
    assert_int_equal(reply->code, MASH__V1__COMMAND_CODE__COMMAND_DONE);
    peer *p = peer_new(by->hub, adapter ? AGENCY_PORT : TEAM_PORT, &keys);
    p->publishes = adapter;
    return p;
}

const Mash__V1__CommandReply *revoke_key(peer *by, const char *name)
{
    Mash__V1__Revoke body = MASH__V1__REVOKE__INIT;
    body.name = (char *)(uintptr_t)name;
    Mash__V1__Command what = MASH__V1__COMMAND__INIT;
    what.what_case = MASH__V1__COMMAND__WHAT_REVOKE;
    what.revoke = &body;
    return command(by, &what);
}

const Mash__V1__Status *status_of(peer *p)
{
    Mash__V1__StatusRequest body = MASH__V1__STATUS_REQUEST__INIT;
    body.peers = 1;
    body.queues = 1;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_STATUS;
    frame.status = &body;
    const Mash__V1__HubFrame *answer = ask(p, &frame);
    assert_int_equal(answer->body_case, MASH__V1__HUB_FRAME__BODY_STATUS);
    return answer->status;
}

/* ---- publishing ---------------------------------------------------------------------------------------------------------------- */
static void send_items(peer *p, Mash__V1__PublishItem **items, size_t count)
{
    Mash__V1__Publish body = MASH__V1__PUBLISH__INIT;
    body.items = items;
    body.n_items = count;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.request = bus_client_request(p->client);
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_PUBLISH;
    frame.publish = &body;
    assert_int_equal(bus_client_send(p->client, &frame, NULL), HUB_OK);
}

void publish_bytes(peer *p, uint64_t link_seq, const hub_id *event_id, hub_bytes event)
{
    Mash__V1__PublishItem item = MASH__V1__PUBLISH_ITEM__INIT;
    Mash__V1__PublishItem *items[] = {&item};
    item.link_seq = link_seq;
    item.event_id = (ProtobufCBinaryData){.len = HUB_ID_BYTES, .data = (uint8_t *)(uintptr_t)event_id->bytes};
    item.event = (ProtobufCBinaryData){.len = event.size, .data = (uint8_t *)(uintptr_t)event.data};
    send_items(p, items, 1);
}

void publish_crowd(peer *p, uint64_t link_seq, uint32_t number)
{
    hub_buffer packed = {0};
    hub_id id = event_make_crowd(number, &packed);
    publish_bytes(p, link_seq, &id, hub_buffer_bytes(&packed));
    hub_buffer_free(&packed);
}

/* `count` items in one frame: those that `make` makes. */
static void publish_frame(peer *p, uint64_t first_link, uint32_t first, uint32_t count, hub_id (*make)(uint32_t, hub_buffer *))
{
    enum { FRAME_MAX = 256 };
    static Mash__V1__PublishItem items[FRAME_MAX];
    static Mash__V1__PublishItem *list[FRAME_MAX];
    static hub_id ids[FRAME_MAX];
    hub_buffer packed[FRAME_MAX] = {{0}};
    assert_true(count <= FRAME_MAX);
    for (uint32_t i = 0; i < count; i++) {
        ids[i] = make(first + i, &packed[i]);
        mash__v1__publish_item__init(&items[i]);
        items[i].link_seq = first_link + i;
        items[i].event_id = (ProtobufCBinaryData){.len = HUB_ID_BYTES, .data = ids[i].bytes};
        items[i].event = (ProtobufCBinaryData){.len = packed[i].size, .data = packed[i].data};
        list[i] = &items[i];
    }
    send_items(p, list, count);
    for (uint32_t i = 0; i < count; i++)
        hub_buffer_free(&packed[i]);
}

static hub_id make_seen_at_home(uint32_t number, hub_buffer *packed)
{
    return event_make(number, "seen at home", packed);
}

void publish(peer *p, uint64_t first_link, uint32_t first, uint32_t count, uint32_t frame_items)
{
    for (uint32_t done = 0; done < count; done += frame_items) {
        uint32_t now = count - done < frame_items ? count - done : frame_items;
        publish_frame(p, first_link + done, first + done, now, make_seen_at_home);
    }
}

void publish_late(peer *p, uint32_t count)
{
    publish_frame(p, 1, 1, count, event_make_late);
}

void publish_and_wait(peer *p, uint64_t first_link, uint32_t first, uint32_t count)
{
    int before = p->results;
    publish(p, first_link, first, count, 100);
    assert_true(hub_until(p->hub, &p->results, before + (int)count, PATIENCE_MS));
}

/* ---- consuming ------------------------------------------------------------------------------------------------------------------ */
static void put_position(Mash__V1__Position *out, const seen_delivery *from)
{
    mash__v1__position__init(out);
    out->epoch = from->epoch;
    out->sequence = from->sequence;
    out->record_hash = (ProtobufCBinaryData){.len = sizeof from->hash, .data = (uint8_t *)(uintptr_t)from->hash};
}

void subscribe(peer *p, const char *queue, const char *consumer, const seen_delivery *known, size_t known_count, uint32_t credit)
{
    Mash__V1__Position positions[16];
    Mash__V1__Position *list[16];
    for (size_t i = 0; i < known_count; i++) {
        put_position(&positions[i], &known[i]);
        list[i] = &positions[i];
    }
    Mash__V1__Subscribe body = MASH__V1__SUBSCRIBE__INIT;
    body.queue = (char *)(uintptr_t)queue;
    body.consumer = (char *)(uintptr_t)consumer;
    body.known = list;
    body.n_known = known_count;
    body.credit_items = credit;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.request = bus_client_request(p->client);
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_SUBSCRIBE;
    frame.subscribe = &body;
    assert_int_equal(bus_client_send(p->client, &frame, NULL), HUB_OK);
}

void send_receipt(peer *p, const char *queue, const seen_delivery *upto)
{
    Mash__V1__Position position;
    put_position(&position, upto);
    Mash__V1__Receipt body = MASH__V1__RECEIPT__INIT;
    body.queue = (char *)(uintptr_t)queue;
    body.upto = &position;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_RECEIPT;
    frame.receipt = &body;
    assert_int_equal(bus_client_send(p->client, &frame, NULL), HUB_OK);
}
