#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "yaml/yaml.h"

static void take_text(const yaml_node *node, char *out, size_t size, yaml_problems *problems)
{
    if (node != NULL) (void)snprintf(out, size, "%s", yaml_text(node, size - 1, problems));
}

static void take_path(const board_config *config, const yaml_node *node, char out[PATH_MAX], yaml_problems *problems)
{
    if (node == NULL) return;
    const char *text = yaml_text(node, PATH_MAX - 1, problems);
    int length = text[0] == '/' ? snprintf(out, PATH_MAX, "%s", text) : snprintf(out, PATH_MAX, "%s/%s", config->folder, text);
    if (length < 0 || length >= PATH_MAX) yaml_complain(node, problems, "the path is too long");
    if (text[0] == '\0') yaml_complain(node, problems, "an empty path; name a file or folder");
}

static void read_hub(board_config *config, const yaml_node *root, yaml_problems *problems)
{
    const yaml_node *hub = yaml_need(root, "hub", problems);
    if (hub == NULL || !yaml_only(hub, problems, "team", "server_key", NULL)) return;
    take_text(yaml_need(hub, "team", problems), config->endpoint, sizeof config->endpoint, problems);
    const yaml_node *key = yaml_need(hub, "server_key", problems);
    const char *text = yaml_text(key, PATH_MAX - 1, problems);
    size_t length = strlen(text);
    if (length > 4 && strcmp(text + length - 4, ".pub") == 0) {
        take_path(config, key, config->server_key, problems);
    } else {
        take_text(key, config->server_key, sizeof config->server_key, problems);
        if (key != NULL && length != 40) yaml_complain(key, problems, "the hub's public key: a .pub file, or its 40 characters");
    }
}

static void read_queues(board_config *config, const yaml_node *root, yaml_problems *problems)
{
    const yaml_node *queues = yaml_need(root, "queues", problems);
    size_t count = yaml_count(queues);
    if (queues != NULL && (!yaml_is_list(queues) || count < 1 || count > BOARD_QUEUES_MAX)) {
        yaml_complain(queues, problems, "a list of 1 to %d queues, those that the board's key is enrolled for",
                      (int)BOARD_QUEUES_MAX);
        return;
    }
    for (size_t i = 0; i < count; i++)
        take_text(yaml_item(queues, i), config->queues[i], BOARD_NAME_MAX, problems);
    config->queue_count = (uint32_t)count;
}

static void read_origin(board_config *config, const yaml_node *root, yaml_problems *problems)
{
    const yaml_node *node = yaml_need(root, "origin", problems);
    take_text(node, config->origin, sizeof config->origin, problems);
    const char *rest = strstr(config->origin, "://");
    config->is_secure = strncmp(config->origin, "https://", 8) == 0;
    if (node == NULL) return;
    bool is_http = strncmp(config->origin, "http://", 7) == 0;
    if ((!config->is_secure && !is_http) || rest == NULL || rest[3] == '\0' || strchr(rest + 3, '/') != NULL) {
        yaml_complain(node, problems, "the address browsers use, without a path, as in https://board.hips.test");
        return;
    }
    (void)snprintf(config->host, sizeof config->host, "%s", rest + 3);
    bool is_here = strncmp(config->host, "127.0.0.1", 9) == 0 || strncmp(config->host, "localhost", 9) == 0;
    if (is_http && !is_here)
        yaml_complain(
            node, problems,
            "http without TLS is for this machine alone (127.0.0.1): what is shown here would be readable on the way; put "
            "a proxy with TLS in front and write https");
}

static void read_sign_in(board_config *config, const yaml_node *root, yaml_problems *problems)
{
    config->idle_minutes = 30;
    config->hours = 12;
    const yaml_node *sign_in = yaml_get(root, "sign_in");
    if (sign_in == NULL || !yaml_only(sign_in, problems, "idle_minutes", "hours", "oidc", NULL)) return;
    const yaml_node *idle = yaml_get(sign_in, "idle_minutes"), *hours = yaml_get(sign_in, "hours");
    if (idle != NULL) config->idle_minutes = (uint32_t)yaml_int(idle, 1, 240, problems);
    if (hours != NULL) config->hours = (uint32_t)yaml_int(hours, 1, 24, problems);
    const yaml_node *oidc = yaml_get(sign_in, "oidc");
    if (oidc == NULL || !yaml_only(oidc, problems, "issuer", "client_id", "secret_file", "ca", NULL)) return;
    take_text(yaml_need(oidc, "issuer", problems), config->oidc.issuer, sizeof config->oidc.issuer, problems);
    take_text(yaml_need(oidc, "client_id", problems), config->oidc.client_id, sizeof config->oidc.client_id, problems);
    take_path(config, yaml_get(oidc, "secret_file"), config->oidc.secret, problems);
    take_path(config, yaml_get(oidc, "ca"), config->oidc.authorities, problems);
}

static void read_pack(board_config *config, const yaml_node *root, yaml_problems *problems)
{
    const yaml_node *pack = yaml_get(root, "pack");
    config->pack.every_minutes = 10;
    config->pack.keep_hours = 24;
    if (pack == NULL ||
        !yaml_only(pack, problems, "folder", "passphrase_file", "as", "every_minutes", "keep_hours", "contacts", NULL))
        return;
    take_path(config, yaml_need(pack, "folder", problems), config->pack.folder, problems);
    take_path(config, yaml_need(pack, "passphrase_file", problems), config->pack.passphrase, problems);
    take_text(yaml_need(pack, "as", problems), config->pack.as, sizeof config->pack.as, problems);
    const yaml_node *every = yaml_get(pack, "every_minutes"), *keep = yaml_get(pack, "keep_hours");
    const yaml_node *contacts = yaml_get(pack, "contacts");
    if (every != NULL) config->pack.every_minutes = (uint32_t)yaml_int(every, 1, 60, problems);
    if (keep != NULL) config->pack.keep_hours = (uint32_t)yaml_int(keep, 1, 168, problems);
    size_t count = yaml_count(contacts);
    if (contacts != NULL && (!yaml_is_list(contacts) || count > BOARD_CONTACTS_MAX)) {
        yaml_complain(contacts, problems, "a list of at most %d lines, as in: Police control room 01632 960001",
                      (int)BOARD_CONTACTS_MAX);
        return;
    }
    for (size_t i = 0; i < count; i++)
        take_text(yaml_item(contacts, i), config->pack.contacts[i], sizeof config->pack.contacts[i], problems);
    config->pack.contact_count = (uint32_t)count;
}

static void read_root(board_config *config, const yaml_node *root, yaml_problems *problems)
{
    (void)yaml_only(root, problems, "name", "hub", "key", "watch_key", "queues", "listen", "origin", "people", "state", "sign_in",
                    "help", "metrics", "pack", NULL);
    take_text(yaml_need(root, "name", problems), config->name, sizeof config->name, problems);
    read_hub(config, root, problems);
    take_path(config, yaml_need(root, "key", problems), config->key, problems);
    take_path(config, yaml_get(root, "watch_key"), config->watch_key, problems);
    read_queues(config, root, problems);
    (void)snprintf(config->address, sizeof config->address, "127.0.0.1");
    config->port = 7480;
    yaml_address(yaml_get(root, "listen"), config->address, sizeof config->address, &config->port, problems);
    read_origin(config, root, problems);
    take_path(config, yaml_need(root, "people", problems), config->people, problems);
    take_path(config, yaml_need(root, "state", problems), config->state, problems);
    read_sign_in(config, root, problems);
    read_pack(config, root, problems);
    take_text(yaml_need(root, "help", problems), config->help, sizeof config->help, problems);
    yaml_address(yaml_get(root, "metrics"), config->metrics_address, sizeof config->metrics_address, &config->metrics_port,
                 problems);
}

hub_status board_config_read(const char *folder, board_config *out, hub_error *err)
{
    *out = (board_config){0};
    char path[PATH_MAX + 16];
    if (strlen(folder) >= sizeof out->folder) return hub_fail(err, HUB_ERR_INVALID, "--config: the path is too long");
    (void)snprintf(out->folder, sizeof out->folder, "%s", folder);
    (void)snprintf(path, sizeof path, "%s/board.yaml", folder);
    yaml_problems problems = {0};
    yaml_document *document = yaml_read_file(path, &problems);
    if (document != NULL) read_root(out, yaml_root(document), &problems);
    hub_status status = problems.count == 0 ? HUB_OK : HUB_ERR_INVALID;
    if (status != HUB_OK) {
        (void)fprintf(stderr, "%s", hub_buffer_text(&problems.text));
        (void)hub_fail(err, status, "board.yaml has %u complaints; nothing was started", problems.count);
    }
    yaml_close(document);
    yaml_problems_free(&problems);
    return status;
}

int32_t board_config_queue(const board_config *config, const char *name)
{
    for (uint32_t i = 0; i < config->queue_count; i++) {
        if (strcmp(config->queues[i], name) == 0) return (int32_t)i;
    }
    return -1;
}
