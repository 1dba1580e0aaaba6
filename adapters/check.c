#include "check.h"

#include <stdio.h>

#include "kit/check.h"
#include "run.h"

static void say(void *context, kit_finding how, const char *step, const char *found, const char *fix)
{
<<<<<<< HEAD
    printf("ok     %-12s %s\n", what, detail);
}
static void wrong(findings *found, const char *what, const char *detail)
{
    found->wrong++;
    printf("WRONG  %-12s %s\n", what, detail);
}
static void said(findings *found, const char *what, const char *detail, hub_status status, const hub_error *err)
{
    if (status == HUB_OK) {
        good(what, detail);
    } else {
        wrong(found, what, err->text);
    }
}

/* A folder that is there must be usable; one that is not there must be possible to make. */
static void check_folder(findings *found, const char *what, const char *path)
{
    char text[KIT_PATH_MAX + 128];
    char parent[KIT_PATH_MAX + 32];
    struct stat entry;
    if (stat(path, &entry) == 0) {
        bool usable = S_ISDIR(entry.st_mode) && access(path, R_OK | W_OK | X_OK) == 0;
        (void)snprintf(text, sizeof text, "%s%s", path, usable ? "" : ": must be a folder that this user may read and write");
        if (usable) good(what, text);
        if (!usable) wrong(found, what, text);
        return;
    }
    (void)snprintf(parent, sizeof parent, "%s", path);
    for (char *slash = strrchr(parent, '/'); slash != NULL && access(parent, F_OK) != 0; slash = strrchr(parent, '/'))
        *slash = '\0';
    const char *where = parent[0] == '\0' ? "/" : access(parent, F_OK) == 0 ? parent : ".";
    bool possible = access(where, W_OK | X_OK) == 0;
    (void)snprintf(text, sizeof text,
                   possible ? "%s (will be made)" : "%s: is not there, and this user may not make it; make it for this user",
                   path);
    if (possible) good(what, text);
    if (!possible) wrong(found, what, text);
}

static void check_keys(findings *found, const kit_config *config)
{
    hub_error err = {{0}};
    bus_key_pair keys;
    uint8_t server[BUS_KEY_BYTES];
    char text[BUS_KEY_TEXT] = "";
    char detail[KIT_PATH_MAX + 128];
    hub_status status = bus_key_pair_read(config->key, &keys, &err);
    if (status == HUB_OK) bus_key_text(keys.public_key, text);
    explicit_bzero(&keys, sizeof keys);
    (void)snprintf(detail, sizeof detail, "%s (public key %s)", config->key, text);
    said(found, "key", detail, status, &err);
    status = bus_public_key_read(config->server_key, server, &err);
    said(found, "server key", config->server_key, status, &err);
    if (status == HUB_OK && strcmp(text, "") != 0) {
        char server_text[BUS_KEY_TEXT];
        bus_key_text(server, server_text);
        if (strcmp(server_text, text) == 0)
            wrong(found, "server key", "it is the adapter's own key; put the hub's public key here");
    }
}

static void check_outbox(findings *found, const kit_config *config)
{
    hub_error err = {{0}};
    outbox *box = NULL;
    hub_status status = adapter_outbox_open(config, OUTBOX_LOOK, &box, &err);
    char detail[128] = "none yet; it is made at the first start";
    if (status == HUB_OK) {
        outbox_counts counts;
        outbox_counts_of(box, &counts);
        (void)snprintf(detail, sizeof detail, "opens; %llu waiting, %llu parked", (unsigned long long)counts.waiting,
                       (unsigned long long)counts.parked_held);
    }
    if (status == HUB_ERR_NOT_FOUND) status = HUB_OK;
    said(found, "outbox", detail, status, &err);
    outbox_close(box);
}

static void check_file(findings *found, const char *what, const char *path)
{
    char text[KIT_PATH_MAX + 128];
    if (path[0] == '\0') return;
    bool readable = access(path, R_OK) == 0;
    (void)snprintf(text, sizeof text, "%s%s%s", path, readable ? "" : ": ", readable ? "" : strerror(errno));
    if (readable) good(what, text);
    if (!readable) wrong(found, what, text);
}

static void check_tls(findings *found, const kit_config *config)
{
    kit_tls *tls = NULL;
    hub_error err = {{0}};
    const kit_tls_files files = {
        .certificate = config->tls_certificate, .key = config->tls_key, .authorities = config->tls_authorities};
    if (files.certificate[0] == '\0') return;
    hub_status status = kit_tls_open(&files, &tls, &err);
    said(found, "tls", files.certificate, status, &err);
    kit_tls_close(tls);
}

static void check_listening(findings *found, const kit_config *config, const char *what)
{
    char detail[160];
    (void)snprintf(detail, sizeof detail, "%s port %u, %u rows under `allowed`", config->listen_address, config->listen_port,
                   config->allowed_count);
    good(what, config->allowed_count == 0 ? "senders on this machine only; list the others under `allowed`" : detail);
    check_tls(found, config);
}

static void check_transport(findings *found, const kit_config *config)
{
    hub_error err = {{0}};
    kit_tokens tokens;
    switch (config->transport) {
    case KIT_TRANSPORT_FOLDER:
        check_folder(found, "drop folder", config->drop_folder);
        break;
    case KIT_TRANSPORT_MLLP:
        check_listening(found, config, "mllp");
        break;
    case KIT_TRANSPORT_HTTP:
        check_listening(found, config, "http");
        if (config->token_file[0] != '\0')
            said(found, "tokens", config->token_file, kit_tokens_read(config->token_file, &tokens, &err), &err);
        break;
    case KIT_TRANSPORT_SQS:
        good("sqs", config->queue_url);
        check_file(found, "credentials", config->credentials);
        break;
    }
    check_file(found, "detail token", config->detail_token);
    check_file(found, "detail ca", config->detail_ca);
=======
    static const char *const WORDS[] = {"ok", "note", "WRONG"};
    unsigned *wrong = context;
    *wrong += how == KIT_FINDING_WRONG;
    printf("%-6s %-12s %s\n", WORDS[how], step, found);
    if (fix != NULL) printf("%20s-> %s\n", "", fix);
>>>>>>> main
}

int adapter_check(const kit_config *config, yaml_problems *problems)
{
    unsigned wrong = 0;
    kit_check(config, problems, say, &wrong);
    if (wrong > 0) {
        printf("%u to put right\n", wrong);
        return ADAPTER_FAILED;
    }
    printf("all right; mashctl doctor --adapter %s asks the hub too\n", config->file);
    return ADAPTER_DONE;
}
