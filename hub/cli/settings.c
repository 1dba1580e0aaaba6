#include "cli/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "yaml/yaml.h"

static const char DEFAULT_FOLDER[] = "/etc/mashhub";
enum { TIMEOUT_SECONDS = 10, TIMEOUT_SECONDS_MAX = 3600 };

const char *settings_folder(const cli_call *call)
{
    if (call->globals[CLI_GLOBAL_CONFIG] != NULL) return call->globals[CLI_GLOBAL_CONFIG];
    const char *named = getenv("MASHHUB_CONFIG");
    return named != NULL && named[0] != '\0' ? named : DEFAULT_FOLDER;
}

bool settings_path(const char *folder, const char *name, char out[SETTINGS_PATH_MAX])
{
    int length =
        name[0] == '/' ? snprintf(out, SETTINGS_PATH_MAX, "%s", name) : snprintf(out, SETTINGS_PATH_MAX, "%s/%s", folder, name);
    return length > 0 && length < SETTINGS_PATH_MAX;
}

/* Copies a text of the file, when it is there. */
static void take(const yaml_node *node, char *out, size_t size, yaml_problems *problems)
{
    if (node == NULL) return;
    const char *text = yaml_text(node, size - 1, problems);
    snprintf(out, size, "%s", text);
}

static hub_status first_complaint(const yaml_problems *problems, hub_error *err)
{
    const char *text = (const char *)problems->text.data;
    const char *end = text == NULL ? NULL : memchr(text, '\n', problems->text.size);
    if (end == NULL) return hub_fail(err, HUB_ERR_INVALID, "the settings cannot be read");
    return hub_fail(err, HUB_ERR_INVALID, "%.*s%s", (int)(end - text), text, problems->count > 1 ? " (and more)" : "");
}

static hub_status read_file(const char *path, settings *out, hub_error *err)
{
    yaml_problems problems = {0};
    yaml_document *document = yaml_read_file(path, &problems);
    if (document != NULL) {
        const yaml_node *root = yaml_root(document);
        yaml_only(root, &problems, "hub", "key", "acts_as", NULL);
        const yaml_node *hub = yaml_get(root, "hub");
        if (hub != NULL) yaml_only(hub, &problems, "agency", "team", "server_key", NULL);
        take(yaml_get(hub, "agency"), out->agency, sizeof out->agency, &problems);
        take(yaml_get(hub, "team"), out->team, sizeof out->team, &problems);
        take(yaml_get(hub, "server_key"), out->server_key, sizeof out->server_key, &problems);
        take(yaml_get(root, "key"), out->key, sizeof out->key, &problems);
        take(yaml_get(root, "acts_as"), out->acts_as, sizeof out->acts_as, &problems);
        yaml_close(document);
    }
    hub_status status = problems.count > 0 ? first_complaint(&problems, err) : HUB_OK;
    yaml_problems_free(&problems);
    out->from_file = status == HUB_OK;
    return status;
}

/* Makes a file name of the settings absolute, or relative to where we are. */
static hub_status within_folder(const char *folder, char name[SETTINGS_PATH_MAX], hub_error *err)
{
    char path[SETTINGS_PATH_MAX];
    if (!settings_path(folder, name, path)) return hub_fail(err, HUB_ERR_INVALID, "the path of %.60s... is too long", name);
    memcpy(name, path, sizeof path);
    return HUB_OK;
}

static hub_status take_flag(const char *value, char *out, size_t size, const char *flag, hub_error *err)
{
    if (value == NULL) return HUB_OK;
    if (strlen(value) >= size) return hub_fail(err, HUB_ERR_INVALID, "--%s is too long", flag);
    snprintf(out, size, "%s", value);
    return HUB_OK;
}

hub_status settings_read(const cli_call *call, settings *out, hub_error *err)
{
    *out = (settings){.agency = "tcp://127.0.0.1:7401", .team = "tcp://127.0.0.1:7402"};
    snprintf(out->server_key, sizeof out->server_key, "keys/hub.pub");
    snprintf(out->key, sizeof out->key, "keys/operator.key");
    const char *folder = settings_folder(call);
    if (strlen(folder) >= sizeof out->folder) return hub_fail(err, HUB_ERR_INVALID, "--config: the path is too long");
    snprintf(out->folder, sizeof out->folder, "%s", folder);
    char path[SETTINGS_PATH_MAX];
    struct stat found;
    if (stat(folder, &found) == 0 && !S_ISDIR(found.st_mode))
        return hub_fail(err, HUB_ERR_INVALID, "--config %s: that is a file, and the folder is wanted that holds mashctl.yaml",
                        folder);
    if (!settings_path(folder, "mashctl.yaml", path)) return hub_fail(err, HUB_ERR_INVALID, "--config: the path is too long");
    hub_status status = access(path, F_OK) == 0 ? read_file(path, out, err) : HUB_OK;
    if (status == HUB_OK && !bus_key_is_text(out->server_key)) status = within_folder(folder, out->server_key, err);
    if (status == HUB_OK) status = within_folder(folder, out->key, err);
    const char *const *flags = call->globals;
    if (status == HUB_OK) status = take_flag(flags[CLI_GLOBAL_KEY], out->key, sizeof out->key, "key", err);
    if (status == HUB_OK)
        status = take_flag(flags[CLI_GLOBAL_SERVER_KEY], out->server_key, sizeof out->server_key, "server-key", err);
    if (status == HUB_OK) status = take_flag(flags[CLI_GLOBAL_ENDPOINT], out->agency, sizeof out->agency, "endpoint", err);
    if (status == HUB_OK) status = take_flag(flags[CLI_GLOBAL_ENDPOINT], out->team, sizeof out->team, "endpoint", err);
    return status;
}

hub_status settings_keys(const settings *from, bus_key_pair *keys, uint8_t server_key[BUS_KEY_BYTES], hub_error *err)
{
    hub_status status = bus_key_pair_read(from->key, keys, err);
    if (status != HUB_OK) return hub_fail_within(err, status, "own key");
    status = bus_public_key_read(from->server_key, server_key, err);
    if (status != HUB_OK) return hub_fail_within(err, status, "the hub's public key");
    return HUB_OK;
}

hub_status settings_timeout(const cli_call *call, uint32_t *timeout_ms, hub_error *err)
{
    const char *text = call->globals[CLI_GLOBAL_TIMEOUT];
    *timeout_ms = TIMEOUT_SECONDS * 1000;
    if (text == NULL) return HUB_OK;
    char *end = NULL;
    errno = 0;
    long seconds = strtol(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || seconds < 1 || seconds > TIMEOUT_SECONDS_MAX)
        return hub_fail(err, HUB_ERR_INVALID, "--timeout takes whole seconds from 1 to %d", TIMEOUT_SECONDS_MAX);
    *timeout_ms = (uint32_t)seconds * 1000;
    return HUB_OK;
}
