#include "kit/check.h"

#include <dirent.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "bus/curve.h"
#include "host/clock.h"
#include "host/files.h"
#include "kit/sqs_call.h"
#include "kit/tls.h"
#include "kit/tokens.h"

enum { TEXT_MAX = 2 * KIT_PATH_MAX + 160, DAYS_SOON = 30 };

static const int64_t DAY_MS = 24LL * 60 * 60 * 1000;
static const uint64_t ROOM_LEAST = 100ULL * 1024 * 1024;

typedef struct check {
    const kit_config *config;
    kit_say *say;
    void *context;
} check;

static void say(const check *c, kit_finding how, const char *step, const char *found, const char *fix)
{
    c->say(c->context, how, step, found, how == KIT_FINDING_GOOD ? NULL : fix);
}

static void judge(const check *c, hub_status status, const hub_error *err, const char *step, const char *found, const char *fix)
{
    say(c, status == HUB_OK ? KIT_FINDING_GOOD : KIT_FINDING_WRONG, step, status == HUB_OK ? found : err->text, fix);
}

/* ---- folders ------------------------------------------------------------------------------------------------------------------ */

/* A folder that is there must be usable; one that is not there must be possible to make. */
static void check_folder(const check *c, const char *step, const char *path)
{
    static const char FIX[] = "as root: install -d -o USER -m 0700 FOLDER, with the user that runs the adapter; the folders "
                              "above it must let that user through";
    char text[TEXT_MAX];
    bool is_there;
    bool usable = host_folder_is_usable(path, &is_there);
    const char *wrong =
        is_there ? ": must be a folder that this user may read and write" : ": is not there, and this user may not make it";
    (void)snprintf(text, sizeof text, "%s%s", path, !usable ? wrong : is_there ? "" : " (will be made)");
    say(c, usable ? KIT_FINDING_GOOD : KIT_FINDING_WRONG, step, text, FIX);
}

static void check_room(const check *c)
{
    char text[TEXT_MAX];
    uint64_t room = host_free_bytes(c->config->folder);
    if (room == UINT64_MAX || room >= ROOM_LEAST) return;
    (void)snprintf(text, sizeof text, "%llu MB are left on the disk of %s", (unsigned long long)(room / 1024 / 1024),
                   c->config->folder);
    say(c, KIT_FINDING_WRONG, "disk", text, "free some: when it is full nothing is taken in, and sources have to wait");
}

/* ---- keys --------------------------------------------------------------------------------------------------------------------- */
static void check_keys(const check *c)
{
    hub_error err = {{0}};
    bus_key_pair keys;
    uint8_t server[BUS_KEY_BYTES];
    char text[BUS_KEY_TEXT] = "";
    char detail[TEXT_MAX];
    hub_status status = bus_key_pair_read(c->config->key, &keys, &err);
    if (status == HUB_OK) bus_key_text(keys.public_key, text);
    explicit_bzero(&keys, sizeof keys);
    (void)snprintf(detail, sizeof detail, "%s (public key %s)", c->config->key, text);
    const char *fix = status == HUB_ERR_REFUSED
                          ? "chmod 600 it; if others could read it for long, remove it and enrol a new one"
                          : "mashctl enrol request --adapter FILE makes it, and prints the line for the hub's operator";
    judge(c, status, &err, "own key", detail, fix);
    status = bus_public_key_read(c->config->server_key, server, &err);
    judge(c, status, &err, "server key", c->config->server_key,
          "mashctl enrol request --adapter FILE takes the operator's answer, and puts it there");
    if (status == HUB_OK && text[0] != '\0') {
        char server_text[BUS_KEY_TEXT];
        bus_key_text(server, server_text);
        if (strcmp(server_text, text) == 0)
            say(c, KIT_FINDING_WRONG, "server key", "it is the adapter's own key",
                "put the hub's public key there: the operator's answer to mashctl enrol request");
    }
}

/* ---- outbox and quarantine ---------------------------------------------------------------------------------------------------- */
bool kit_is_running(const kit_config *config)
{
    char path[KIT_PATH_MAX + 64];
    char line[256], wanted[64];
    struct stat entry;
    bool held = false;
    (void)snprintf(path, sizeof path, "%s/outbox/outbox.lock", config->folder);
    FILE *locks = stat(path, &entry) == 0 ? fopen("/proc/locks", "re") : NULL;
    if (locks == NULL) return false;
    (void)snprintf(wanted, sizeof wanted, " %02x:%02x:%llu ", major(entry.st_dev), minor(entry.st_dev),
                   (unsigned long long)entry.st_ino);
    while (!held && fgets(line, sizeof line, locks) != NULL)
        held = strstr(line, "FLOCK") != NULL && strstr(line, wanted) != NULL;
    (void)fclose(locks);
    return held;
}

static void check_trouble(const check *c, outbox *box)
{
    hub_buffer text = {0};
    if (outbox_noted(box, "trouble", &text, NULL) == HUB_OK && text.size > 0)
        say(c, KIT_FINDING_NOTE, "last trouble", hub_buffer_text(&text),
            "what the adapter noted down last; the steps below say whether it still holds");
    hub_buffer_clear(&text);
    bool is_running = kit_is_running(c->config);
    if (outbox_noted(box, "source", &text, NULL) == HUB_OK && text.size > 0)
        say(c, is_running ? KIT_FINDING_WRONG : KIT_FINDING_NOTE, "source", hub_buffer_text(&text),
            is_running ? "mend what it names; the adapter goes on trying by itself, and what waits at the source is taken then"
                       : "as the adapter noted it down last; it does not run now");
    hub_buffer_clear(&text);
    if (outbox_noted(box, "agreement", &text, NULL) == HUB_OK && strstr(hub_buffer_text(&text), "than were settled") != NULL)
        say(c, KIT_FINDING_WRONG, "hub's counts", hub_buffer_text(&text),
            "mashctl outbox check FOLDER, with an operator's key, names the events");
    hub_buffer_free(&text);
}

static void check_outbox(const check *c)
{
    hub_error err = {{0}};
    outbox *box = NULL;
    hub_status status = kit_config_outbox(c->config, OUTBOX_LOOK, &box, &err);
    char detail[160] = "none yet; it is made at the first start";
    if (status == HUB_OK) {
        outbox_counts counts;
        outbox_counts_of(box, &counts);
        (void)snprintf(detail, sizeof detail, "opens; %llu settled, %llu waiting, %llu refused by the hub, %llu parked here",
                       (unsigned long long)(counts.stored + counts.duplicate), (unsigned long long)counts.waiting,
                       (unsigned long long)counts.refused, (unsigned long long)counts.parked_here);
    }
    if (status == HUB_ERR_NOT_FOUND) status = HUB_OK;
    judge(c, status, &err, "outbox", detail,
          "run this as the adapter's own user; when the file is damaged keep the folder, and tell the hub's operator before "
          "anything is removed");
    if (box != NULL) check_trouble(c, box);
    outbox_close(box);
}

/* The line "Reason: ..." of the newest record's reason, which holds no value. */
static void newest_reason(const char *folder, const char *newest, char *out, size_t size)
{
    char path[KIT_PATH_MAX + 320];
    hub_buffer text = {0};
    (void)snprintf(path, sizeof path, "%s/%s", folder, newest);
    if (host_file_read(path, 64 * 1024, &text, NULL) == HUB_OK) {
        const char *line = strstr(hub_buffer_text(&text), "Reason: ");
        if (line != NULL) (void)snprintf(out, size, "%.*s", (int)strcspn(line + 8, "\n"), line + 8);
    }
    hub_buffer_free(&text);
}

static void check_quarantine(const check *c)
{
    char folder[KIT_PATH_MAX + 32], newest[256] = "", reason[256] = "none was given", text[TEXT_MAX], path[KIT_PATH_MAX + 320];
    unsigned count = 0;
    struct timespec last = {0};
    kit_config_path(c->config, "quarantine", folder);
    DIR *directory = opendir(folder);
    if (directory == NULL) return;
    for (const struct dirent *entry = readdir(directory); entry != NULL; entry = readdir(directory)) {
        struct stat found;
        size_t length = strlen(entry->d_name);
        if (length < 11 || strcmp(entry->d_name + length - 11, ".reason.txt") != 0) continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (stat(path, &found) != 0) continue;
        count++;
        if (found.st_mtim.tv_sec > last.tv_sec ||
            (found.st_mtim.tv_sec == last.tv_sec && found.st_mtim.tv_nsec >= last.tv_nsec)) {
            last = found.st_mtim;
            (void)snprintf(newest, sizeof newest, "%s", entry->d_name);
        }
    }
    closedir(directory);
    if (count == 0) return;
    newest_reason(folder, newest, reason, sizeof reason);
    (void)snprintf(text, sizeof text, "%u in %s; the newest: %s", count, folder, reason);
    say(c, KIT_FINDING_NOTE, "quarantine", text,
        "each lies beside its reason: put it right in the source system, which sends it again; then delete both files");
}

/* ---- ways in ------------------------------------------------------------------------------------------------------------------ */
static void check_file(const check *c, const char *step, const char *path)
{
    char text[TEXT_MAX];
    if (path[0] == '\0') return;
    bool readable = access(path, R_OK) == 0;
    (void)snprintf(text, sizeof text, "%s%s%s", path, readable ? "" : ": ", readable ? "" : strerror(errno));
    say(c, readable ? KIT_FINDING_GOOD : KIT_FINDING_WRONG, step, text,
        "put it there, readable by the adapter's user alone (chmod 600)");
}

/* Read as it will be read: who may besides the adapter counts too. */
static void check_secret(const check *c, const char *step, const char *path)
{
    hub_error err = {{0}};
    hub_buffer text = {0};
    judge(c, kit_secret_read(path, &text, &err), &err, step, path,
          "put it there, readable by the adapter's user alone (chmod 600)");
    if (text.data != NULL) explicit_bzero(text.data, text.size);
    hub_buffer_free(&text);
}

static void check_dates(const check *c, const char *step, const char *path, const char *whose)
{
    hub_error err = {{0}};
    kit_tls_span span;
    char text[TEXT_MAX], day[16], fix[160];
    if (path[0] == '\0') return;
    (void)snprintf(fix, sizeof fix, "ask %s for a new one, put it in the same file, and start the adapter again", whose);
    hub_status status = kit_tls_dates(path, &span, &err);
    if (status != HUB_OK) {
        bool readable = access(path, R_OK) == 0;
        say(c, KIT_FINDING_WRONG, step, err.text, readable ? fix : "put it there, readable by the adapter's user (chown, chmod)");
        return;
    }
    int64_t now_ms = host_wall_ms();
    host_time_text(span.until_ms, "%Y-%m-%d", day, sizeof day);
    kit_finding how = KIT_FINDING_GOOD;
    if (now_ms >= span.until_ms) {
        how = KIT_FINDING_WRONG;
        (void)snprintf(text, sizeof text, "%s: expired on %s: senders refuse the connection, or are refused", path, day);
    } else if (now_ms < span.from_ms) {
        how = KIT_FINDING_WRONG;
        host_time_text(span.from_ms, "%Y-%m-%d", day, sizeof day);
        (void)snprintf(text, sizeof text, "%s: is not valid before %s", path, day);
    } else {
        if (span.until_ms - now_ms < DAYS_SOON * DAY_MS) how = KIT_FINDING_NOTE;
        (void)snprintf(text, sizeof text, "%s: valid until %s%s", path, day, how == KIT_FINDING_NOTE ? ", which is soon" : "");
    }
    say(c, how, step, text, fix);
}

static void check_certificates(const check *c)
{
    check_dates(c, "certificate", c->config->tls_certificate, "whoever issued it");
    check_dates(c, "sender's ca", c->config->tls_authorities, "whoever runs the senders' authority");
}

static void check_tls(const check *c)
{
    kit_tls *tls = NULL;
    hub_error err = {{0}};
    const kit_tls_files files = {
        .certificate = c->config->tls_certificate, .key = c->config->tls_key, .authorities = c->config->tls_authorities};
    if (files.certificate[0] == '\0') return;
    hub_status status = kit_tls_open(&files, &tls, &err);
    judge(c, status, &err, "tls", files.certificate,
          "PEM files: the certificate with those between it and its authority, and the key that belongs to it");
    kit_tls_close(tls);
    check_certificates(c);
}

static bool somebody_listens(const kit_config *config)
{
    char port[8];
    bool found = false;
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST};
    struct addrinfo *address = NULL;
    const char *host = strcmp(config->listen_address, "0.0.0.0") == 0 ? "127.0.0.1" : config->listen_address;
    (void)snprintf(port, sizeof port, "%u", config->listen_port);
    if (getaddrinfo(host, port, &hints, &address) != 0) return false;
    int fd = socket(address->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0) {
        found = connect(fd, address->ai_addr, address->ai_addrlen) == 0;
        close(fd);
    }
    freeaddrinfo(address);
    return found;
}

static void check_listening(const check *c, const char *step)
{
    char text[160];
    bool runs = kit_is_running(c->config), listens = somebody_listens(c->config);
    if (listens && !runs) {
        (void)snprintf(text, sizeof text, "another program listens on port %u already", c->config->listen_port);
        say(c, KIT_FINDING_WRONG, step, text, "ss -ltnp names it; end it, or choose another port under `transport`");
    } else if (!listens && runs) {
        (void)snprintf(text, sizeof text, "the adapter runs, and nobody listens on port %u", c->config->listen_port);
        say(c, KIT_FINDING_WRONG, step, text, "it was started with another configuration: start it again");
    } else {
        (void)snprintf(text, sizeof text, "%s port %u, %u rows under `allowed`", c->config->listen_address,
                       c->config->listen_port, c->config->allowed_count);
        say(c, KIT_FINDING_GOOD, step,
            c->config->allowed_count == 0 ? "senders on this machine only; list the others under `allowed`" : text, NULL);
    }
    check_tls(c);
}

static void check_transport(const check *c)
{
    const kit_config *config = c->config;
    hub_error err = {{0}};
    kit_tokens tokens;
    switch (config->transport) {
    case KIT_TRANSPORT_FOLDER:
        check_folder(c, "drop folder", config->drop_folder);
        break;
    case KIT_TRANSPORT_MLLP:
        check_listening(c, "mllp");
        break;
    case KIT_TRANSPORT_HTTP:
        check_listening(c, "http");
        if (config->token_file[0] != '\0')
            judge(c, kit_tokens_read(config->token_file, &tokens, &err), &err, "tokens", config->token_file,
                  "one token a line, made by: openssl rand -hex 32; chmod 600 the file");
        break;
    case KIT_TRANSPORT_SQS:
        say(c, KIT_FINDING_GOOD, "sqs", config->queue_url, NULL);
        judge(c, kit_sqs_credentials_check(config->credentials, &err), &err, "credentials", config->credentials,
              "both lines, of your queue's administrator; the file readable by the adapter's user alone (chmod 600)");
        break;
    }
    if (config->detail_token[0] != '\0') check_secret(c, "detail token", config->detail_token);
    if (config->oauth_secret[0] != '\0') check_secret(c, "detail secret", config->oauth_secret);
    check_file(c, "detail ca", config->detail_ca);
}

/* ---- the whole ---------------------------------------------------------------------------------------------------------------- */
void kit_check(const kit_config *config, yaml_problems *problems, kit_say *tell, void *context)
{
    const check c = {.config = config, .say = tell, .context = context};
    char path[KIT_PATH_MAX + 32], *rest = NULL;
    if (problems->count > 0) {
        char *lines = (char *)(uintptr_t)hub_buffer_text(&problems->text);
        for (char *line = strtok_r(lines, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
            say(&c, KIT_FINDING_WRONG, "config", line, "mend the place named; the rest is looked at when that is done");
        return;
    }
    say(&c, KIT_FINDING_GOOD, "config", config->file, NULL);
    say(&c, KIT_FINDING_GOOD, "mapping", config->mapping->name, NULL);
    check_keys(&c);
    check_folder(&c, "folder", config->folder);
    check_room(&c);
    check_outbox(&c);
    check_quarantine(&c);
    check_transport(&c);
    kit_config_path(config, "STOP", path);
    if (access(path, F_OK) == 0) {
        char text[TEXT_MAX];
        (void)snprintf(text, sizeof text, "%s is there: nothing is sent", path);
        say(&c, KIT_FINDING_NOTE, "stop", text, "remove it to let it go on");
    }
}

void kit_check_ageing(const kit_config *config, kit_say *tell, void *context)
{
    const check c = {.config = config, .say = tell, .context = context};
    check_room(&c);
    check_certificates(&c);
}
