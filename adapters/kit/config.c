#include "config.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

static const int64_t MINUTE_MS = 60 * 1000;
static const int64_t DAY_MS = 24LL * 60 * 60 * 1000;

void kit_config_path(const kit_config *config, const char *name, char out[KIT_PATH_MAX + 32])
{
    (void)snprintf(out, KIT_PATH_MAX + 32, "%s/%.30s", config->folder, name);
}

/* ---- values ---- */

static void copy_text(const yaml_node *node, char *out, size_t size, yaml_problems *problems)
{
    (void)snprintf(out, size, "%s", yaml_text(node, size - 1, problems));
}

static void copy_path(const kit_config *config, const yaml_node *node, char out[KIT_PATH_MAX], yaml_problems *problems)
{
    const char *text = yaml_text(node, KIT_PATH_MAX - 1, problems);
    if (node != NULL && text[0] == '\0') yaml_complain(node, problems, "an empty path; name a file or folder");
    const char *slash = strrchr(config->file, '/');
    int length = 0;
    if (text[0] == '/' || slash == NULL) {
        length = snprintf(out, KIT_PATH_MAX, "%s", text);
    } else {
        length = snprintf(out, KIT_PATH_MAX, "%.*s/%s", (int)(slash - config->file), config->file, text);
    }
    if (length >= KIT_PATH_MAX && node != NULL)
        yaml_complain(node, problems, "the path is longer than %d bytes with this file's folder", KIT_PATH_MAX - 1);
}

static int64_t number_or(const yaml_node *node, int64_t otherwise, int64_t least, int64_t most, yaml_problems *problems)
{
    return node == NULL ? otherwise : yaml_int(node, least, most, problems);
}

static void need_shape(const yaml_node *node, const char *text, const char *allowed, const char *what, yaml_problems *problems)
{
    if (node == NULL) return;
    if (text[0] == '\0') {
        yaml_complain(node, problems, "empty; %s", what);
    } else if (text[strspn(text, allowed)] != '\0') {
        yaml_complain(node, problems, "a character that is not allowed here; %s", what);
    }
}

/* ---- sections ---- */

static void list_mappings(const kit_mapping *const *mappings, hub_buffer *out)
{
    for (size_t i = 0; mappings[i] != NULL; i++)
        hub_buffer_put_format(out, "%s%s", i > 0 ? ", " : "", mappings[i]->name);
}

static void read_mapping(const yaml_node *root, const kit_mapping *const *mappings, kit_config *out, yaml_problems *problems)
{
    const yaml_node *agency = yaml_need(root, "agency", problems);
    const yaml_node *mapping = yaml_need(root, "mapping", problems);
    out->agency = event_agency_of_name(yaml_text(agency, 64, problems));
    if (agency != NULL && out->agency == MASH__V1__AGENCY__AGENCY_UNSPECIFIED) {
        yaml_complain(agency, problems,
                      "no agency of this name; police, health, probation, education, childrens-services or adult-services");
    }
    const char *name = yaml_text(mapping, 64, problems);
    for (size_t i = 0; mappings[i] != NULL && mapping != NULL; i++) {
        if (strcmp(mappings[i]->name, name) == 0) out->mapping = mappings[i];
    }
    if (mapping != NULL && out->mapping == NULL) {
        hub_buffer known = {0};
        list_mappings(mappings, &known);
        yaml_complain(mapping, problems, "no mapping of this name; one of %s", hub_buffer_text(&known));
        hub_buffer_free(&known);
    }
    if (out->mapping != NULL && agency != NULL && out->agency != MASH__V1__AGENCY__AGENCY_UNSPECIFIED &&
        out->mapping->agency != MASH__V1__AGENCY__AGENCY_UNSPECIFIED && out->mapping->agency != out->agency) {
        yaml_complain(mapping, problems, "this mapping is of agency %s", event_agency_name(out->mapping->agency));
    }
}

/* A mapping with a file of its own: read and checked here, so that --check names its mistakes as it names this file's. */
static void read_table(const yaml_node *root, kit_config *out, yaml_problems *problems)
{
    char path[KIT_PATH_MAX] = "";
    const yaml_node *table = yaml_get(root, "table");
    bool has_file = out->mapping != NULL && out->mapping->settings_read != NULL;
    if (table != NULL && out->mapping != NULL && !has_file)
        yaml_complain(table, problems, "mapping %s reads no table; leave this out", out->mapping->name);
    if (!has_file) return;
    table = yaml_need(root, "table", problems);
    if (table == NULL) return;
    copy_path(out, table, path, problems);
    out->settings = out->mapping->settings_read(path, problems);
}

void kit_config_free(kit_config *config)
{
    if (config->settings != NULL) config->mapping->settings_free(config->settings);
    config->settings = NULL;
}

static void read_identity(const yaml_node *root, kit_config *out, yaml_problems *problems)
{
    const yaml_node *name = yaml_need(root, "name", problems);
    copy_text(name, out->name, sizeof out->name, problems);
    need_shape(name, out->name, "abcdefghijklmnopqrstuvwxyz0123456789-", "lower-case letters, digits and hyphens", problems);
    const yaml_node *system = yaml_need(root, "source_system", problems);
    copy_text(system, out->source_system, sizeof out->source_system, problems);
    if (system != NULL && out->source_system[0] == '\0')
        yaml_complain(system, problems, "empty; name the system, as in niche/44");
    const yaml_node *area = yaml_get(root, "area");
    copy_text(area, out->area, sizeof out->area, problems);
    need_shape(area, out->area, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", "the ONS code of a local authority, as in E10000014",
               problems);
    copy_text(yaml_get(root, "legal_gateway"), out->legal_gateway, sizeof out->legal_gateway, problems);
    copy_path(out, yaml_need(root, "folder", problems), out->folder, problems);
    copy_path(out, yaml_need(root, "key", problems), out->key, problems);
}

static void read_hub(const yaml_node *hub, kit_config *out, yaml_problems *problems)
{
    if (hub == NULL || !yaml_only(hub, problems, "endpoints", "server_key", NULL)) return;
    const yaml_node *endpoints = yaml_need(hub, "endpoints", problems);
    size_t count = yaml_count(endpoints);
    if (endpoints != NULL && (!yaml_is_list(endpoints) || count < 1 || count > 2)) {
        yaml_complain(endpoints, problems, "a list of one or two endpoints, as in [tcp://127.0.0.1:7401]");
        count = 0;
    }
    for (size_t i = 0; i < count; i++) {
        const yaml_node *endpoint = yaml_item(endpoints, i);
        copy_text(endpoint, out->endpoints[i], sizeof out->endpoints[i], problems);
        if (strncmp(out->endpoints[i], "tcp://", 6) != 0 && strncmp(out->endpoints[i], "ipc://", 6) != 0) {
            yaml_complain(endpoint, problems, "no endpoint; as in tcp://hub.example.test:7401");
        }
    }
    out->endpoint_count = (unsigned)count;
    const yaml_node *key = yaml_need(hub, "server_key", problems);
    const char *text = yaml_text(key, KIT_PATH_MAX - 1, problems);
    size_t length = strlen(text);
    bool is_file = length > 4 && strcmp(text + length - 4, ".pub") == 0;
    if (is_file) {
        copy_path(out, key, out->server_key, problems);
    } else {
        (void)snprintf(out->server_key, sizeof out->server_key, "%s", text);
        if (key != NULL && length != 40) yaml_complain(key, problems, "the hub's public key: a .pub file, or its 40 characters");
    }
}

static void read_mllp(const yaml_node *mllp, kit_config *out, yaml_problems *problems)
{
    if (!yaml_only(mllp, problems, "address", "port", "allowed", "message_bytes_max", NULL)) return;
    const yaml_node *address = yaml_get(mllp, "address");
    (void)snprintf(out->listen_address, sizeof out->listen_address, "127.0.0.1");
    if (address != NULL) copy_text(address, out->listen_address, sizeof out->listen_address, problems);
    if (address != NULL && (strchr(out->listen_address, '/') != NULL || !kit_mllp_is_row(out->listen_address))) {
        yaml_complain(address, problems, "no address to listen at; as in 127.0.0.1, or 0.0.0.0 for all of this machine's");
    }
    out->listen_port = (uint16_t)yaml_int(yaml_need(mllp, "port", problems), 0, 65535, problems);
    out->message_bytes_max =
        (uint32_t)number_or(yaml_get(mllp, "message_bytes_max"), 1024 * 1024, 4096, 64 * 1024 * 1024, problems);
    const yaml_node *allowed = yaml_get(mllp, "allowed");
    size_t count = yaml_count(allowed);
    if (allowed != NULL && (!yaml_is_list(allowed) || count > KIT_MLLP_ALLOWED_MAX)) {
        yaml_complain(allowed, problems, "a list of at most %d addresses or networks, as in [10.1.2.3, 10.1.0.0/16]",
                      KIT_MLLP_ALLOWED_MAX);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const yaml_node *row = yaml_item(allowed, i);
        copy_text(row, out->allowed[i], sizeof out->allowed[i], problems);
        if (!kit_mllp_is_row(out->allowed[i]))
            yaml_complain(row, problems, "no address or network; as in 10.1.2.3 or 10.1.0.0/16");
    }
    out->allowed_count = (unsigned)count;
}

static void read_transport(const yaml_node *transport, kit_config *out, yaml_problems *problems)
{
    if (transport == NULL || !yaml_only(transport, problems, "folder", "poll_ms", "file_bytes_max", "mllp", NULL)) return;
    const yaml_node *folder = yaml_get(transport, "folder");
    const yaml_node *mllp = yaml_get(transport, "mllp");
    out->poll_ms = (uint32_t)number_or(yaml_get(transport, "poll_ms"), 500, 10, 3600 * 1000, problems);
    out->file_bytes_max =
        (uint64_t)number_or(yaml_get(transport, "file_bytes_max"), 256LL * 1024 * 1024, 1024, 1024LL * 1024 * 1024, problems);
    if ((folder == NULL) == (mllp == NULL)) {
        yaml_complain(transport, problems, "either `folder` or `mllp`: one adapter has one way in");
        return;
    }
    if (folder != NULL) {
        out->transport = KIT_TRANSPORT_FOLDER;
        copy_path(out, folder, out->drop_folder, problems);
        return;
    }
    out->transport = KIT_TRANSPORT_MLLP;
    read_mllp(mllp, out, problems);
    if (out->mapping != NULL && (out->mapping->answer == NULL || out->mapping->accepts == NULL)) {
        yaml_complain(mllp, problems, "mapping %s does not answer messages; use `folder`", out->mapping->name);
    }
}

static void read_limits(const yaml_node *root, kit_config *out, yaml_problems *problems)
{
    const yaml_node *notice = yaml_need(root, "urgent_notice", problems);
    if (notice != NULL && yaml_only(notice, problems, "minutes", "telephone", NULL)) {
        out->urgent_notice_ms = yaml_int(yaml_need(notice, "minutes", problems), 1, 24 * 60, problems) * MINUTE_MS;
        const yaml_node *telephone = yaml_need(notice, "telephone", problems);
        copy_text(telephone, out->telephone, sizeof out->telephone, problems);
        need_shape(telephone, out->telephone, "+0123456789 ()-", "the number people here shall ring, in quotes: \"01632 960001\"",
                   problems);
    }
    const yaml_node *box = yaml_get(root, "outbox");
    if (box != NULL && !yaml_only(box, problems, "keep_days", "waiting_max", "parked_max", NULL)) return;
    out->keep_ms = number_or(yaml_get(box, "keep_days"), 7, 1, 100, problems) * DAY_MS;
    out->waiting_max = (uint64_t)number_or(yaml_get(box, "waiting_max"), 1000000, 1, 10000000, problems);
    out->parked_max = (uint64_t)number_or(yaml_get(box, "parked_max"), 100000, 1, 1000000, problems);
}

void kit_config_read(const char *path, const kit_mapping *const *mappings, kit_config *out, yaml_problems *problems)
{
    memset(out, 0, sizeof *out);
    (void)snprintf(out->file, sizeof out->file, "%s", path);
    yaml_document *document = yaml_read_file(path, problems);
    if (document == NULL) return;
    const yaml_node *root = yaml_root(document);
    if (yaml_only(root, problems, "name", "agency", "mapping", "table", "source_system", "area", "legal_gateway", "folder", "hub",
                  "key", "transport", "urgent_notice", "outbox", "metrics", NULL)) {
        read_identity(root, out, problems);
        read_mapping(root, mappings, out, problems);
        read_table(root, out, problems);
        read_hub(yaml_need(root, "hub", problems), out, problems);
        read_transport(yaml_need(root, "transport", problems), out, problems);
        read_limits(root, out, problems);
        yaml_address(yaml_get(root, "metrics"), out->metrics_address, sizeof out->metrics_address, &out->metrics_port, problems);
    }
    yaml_close(document);
}
