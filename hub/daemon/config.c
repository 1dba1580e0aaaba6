#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "yaml/yaml.h"

static void join(const char *folder, const char *path, char out[PATH_MAX], const yaml_node *node, yaml_problems *problems)
{
    int length = path[0] == '/' ? snprintf(out, PATH_MAX, "%s", path) : snprintf(out, PATH_MAX, "%s/%s", folder, path);
    if (length < 0 || length >= PATH_MAX) yaml_complain(node, problems, "the path is too long");
}

static void read_path(const daemon_config *config, const yaml_node *map, const char *key, const char *otherwise,
                      char out[PATH_MAX], yaml_problems *problems)
{
    const yaml_node *node = yaml_get(map, key);
    join(config->folder, node == NULL ? otherwise : yaml_text(node, PATH_MAX - 1, problems), out, node == NULL ? map : node,
         problems);
}

static void read_partnership(daemon_config *config, const yaml_node *root, yaml_problems *problems)
{
    const yaml_node *node = yaml_need(root, "partnership", problems);
    const char *name = yaml_text(node, 32, problems);
    bool ok = node == NULL || (name[0] != '\0' && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name));
    if (!ok) yaml_complain(node, problems, "a partnership's name is 1 to 32 of a-z, 0-9 and hyphen");
    (void)snprintf(config->partnership, sizeof config->partnership, "%s", name);
}

static void read_endpoint(const yaml_node *listen, const char *key, const char *otherwise, char out[DAEMON_ENDPOINT_MAX],
                          yaml_problems *problems)
{
    const yaml_node *node = yaml_get(listen, key);
    const char *text = node == NULL ? otherwise : yaml_text(node, DAEMON_ENDPOINT_MAX - 8, problems);
    if (strncmp(text, "tcp://", 6) == 0) text += 6;
    const char *colon = strrchr(text, ':');
    char *end = NULL;
    long port = colon == NULL ? 0 : strtol(colon + 1, &end, 10);
    if (port < 1 || port > 65535 || *end != '\0' || colon == text) {
        yaml_complain(node, problems, "an address and port are expected, \"127.0.0.1:7401\" or \"*:7401\" for every interface");
    }
    (void)snprintf(out, DAEMON_ENDPOINT_MAX, "tcp://%.*s", DAEMON_ENDPOINT_MAX - 8, text);
}

static void read_store(const daemon_config *config, const yaml_node *root, const char *key, const char *file,
                       char out[PATH_MAX + 16], yaml_problems *problems)
{
    const yaml_node *node = yaml_get(root, key);
    const char *text = node == NULL ? "" : yaml_text(node, PATH_MAX - 1, problems);
    char path[PATH_MAX];
    if (node == NULL) {
        (void)snprintf(out, PATH_MAX + 16, "sqlite:%.*s/%s", PATH_MAX - 16, config->state, file);
    } else if (strncmp(text, "sqlite:", 7) == 0 && text[7] != '\0') {
        join(config->folder, text + 7, path, node, problems);
        (void)snprintf(out, PATH_MAX + 16, "sqlite:%s", path);
    } else if (strncmp(text, "redis:unix:", 11) == 0 && text[11] != '\0') {
        join(config->folder, text + 11, path, node, problems);
        (void)snprintf(out, PATH_MAX + 16, "redis:unix:%s", path);
    } else if (strncmp(text, "redis:tcp:", 10) == 0 && text[10] != '\0') {
        (void)snprintf(out, PATH_MAX + 16, "%s", text);
    } else {
        yaml_complain(node, problems,
                      "a journal is sqlite:FILE, redis:unix:SOCKET or redis:tcp:HOST:PORT, the last two with "
                      "?db=N&user=NAME&password-file=/PATH if needed");
    }
}

static void read_stores(daemon_config *config, const yaml_node *root, yaml_problems *problems)
{
    read_store(config, root, "journal", "journal.db", config->journal, problems);
    read_store(config, root, "audit", "audit.db", config->audit, problems);
    if (strcmp(config->journal, config->audit) != 0) return;
    yaml_complain(yaml_get(root, "audit") == NULL ? root : yaml_get(root, "audit"), problems,
                  "the audit stream needs a store of its own: another file, or another db of the same Redis");
}

static void read_log(daemon_config *config, const yaml_node *root, yaml_problems *problems)
{
    static const char *const LEVELS[] = {"debug", "info", "warning", "error"};
    config->log = HOST_LOG_INFO;
    const yaml_node *node = yaml_get(root, "log");
    if (node == NULL) return;
    const char *text = yaml_text(node, 16, problems);
    for (int i = 0; i < 4; i++) {
        if (strcmp(text, LEVELS[i]) == 0) {
            config->log = (host_log_level)i;
            return;
        }
    }
    yaml_complain(node, problems, "a log level is debug, info, warning or error");
}

static void read_own(daemon_config *config, const yaml_node *root, yaml_problems *problems)
{
    char path[PATH_MAX];
    const yaml_node *node = yaml_get(root, "own_households");
    if (node == NULL) return;
    join(config->folder, yaml_text(node, PATH_MAX - 1, problems), path, node, problems);
    config->own = daemon_own_read(path, problems);
}

static void read_all(daemon_config *config, const yaml_node *root, yaml_problems *problems)
{
    if (!yaml_is_map(root)) {
        yaml_complain(root, problems, "the file is no mapping: lines like \"partnership: hips\" are expected");
        return;
    }
    (void)yaml_only(root, problems, "partnership", "listen", "state", "journal", "audit", "keys", "policy", "metrics", "log",
                    "own_households", NULL);
    read_partnership(config, root, problems);
    const yaml_node *listen = yaml_get(root, "listen");
    if (listen != NULL) (void)yaml_only(listen, problems, "agency", "team", NULL);
    read_endpoint(listen, "agency", "127.0.0.1:7401", config->agency, problems);
    read_endpoint(listen, "team", "127.0.0.1:7402", config->team, problems);
    if (strcmp(config->agency, config->team) == 0)
        yaml_complain(listen == NULL ? root : listen, problems, "agency and team need two ports");
    read_path(config, root, "state", "state", config->state, problems);
    read_path(config, root, "keys", "keys", config->keys, problems);
    read_path(config, root, "policy", "policy", config->policy, problems);
    read_stores(config, root, problems);
    yaml_address(yaml_get(root, "metrics"), config->metrics_address, sizeof config->metrics_address, &config->metrics_port,
                 problems);
    read_log(config, root, problems);
    read_own(config, root, problems);
}

hub_status daemon_config_read(const char *folder, daemon_config *out, hub_buffer *complaints)
{
    daemon_config config = {0};
    yaml_problems problems = {0};
    char path[PATH_MAX + 16];
    char absolute[PATH_MAX];
    if (realpath(folder, absolute) == NULL || strlen(absolute) > PATH_MAX - 64) {
        hub_buffer_put_format(complaints, "%s: no such folder; give the one that holds hub.yaml with --config\n", folder);
        return HUB_ERR_INVALID;
    }
    (void)snprintf(config.folder, sizeof config.folder, "%s", absolute);
    (void)snprintf(path, sizeof path, "%s/hub.yaml", folder);
    yaml_document *document = yaml_read_file(path, &problems);
    if (document != NULL) read_all(&config, yaml_root(document), &problems);
    yaml_close(document);
    hub_status status = problems.count == 0 ? HUB_OK : HUB_ERR_INVALID;
    hub_buffer_put(complaints, problems.text.data, problems.text.size);
    yaml_problems_free(&problems);
    if (status == HUB_OK) {
        *out = config;
    } else {
        daemon_own_free(config.own);
    }
    return status;
}
