#include "config_parts.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

static const int64_t MINUTE_MS = 60 * 1000;
static const int64_t DAY_MS = 24LL * 60 * 60 * 1000;

void kit_config_path(const kit_config *config, const char *name, char out[KIT_PATH_MAX + 32])
{
    (void)snprintf(out, KIT_PATH_MAX + 32, "%s/%.30s", config->folder, name);
}

hub_status kit_config_outbox(const kit_config *config, outbox_access access, outbox **out, hub_error *err)
{
    char folder[KIT_PATH_MAX + 32];
    kit_config_path(config, "outbox", folder);
    outbox_options options = {.folder = folder,
                              .access = access,
                              .waiting_max = config->waiting_max,
                              .parked_max = config->parked_max,
                              .keep_ms = config->keep_ms};
    return outbox_open(&options, out, err);
}

/* ---- values ---- */

void kit_config_text(const yaml_node *node, char *out, size_t size, yaml_problems *problems)
{
    (void)snprintf(out, size, "%s", yaml_text(node, size - 1, problems));
}

void kit_config_file(const kit_config *config, const yaml_node *node, char out[KIT_PATH_MAX], yaml_problems *problems)
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

int64_t kit_config_number(const yaml_node *node, int64_t otherwise, int64_t least, int64_t most, yaml_problems *problems)
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

const kit_mapping *kit_config_mapping(const kit_config *config, const yaml_node *node, const kit_mapping *const *mappings,
                                      yaml_problems *problems)
{
    const kit_mapping *found = NULL;
    const char *name = yaml_text(node, 64, problems);
    if (node == NULL) return NULL;
    for (size_t i = 0; mappings[i] != NULL; i++) {
        if (strcmp(mappings[i]->name, name) == 0) found = mappings[i];
    }
    if (found == NULL) {
        hub_buffer known = {0};
        list_mappings(mappings, &known);
        yaml_complain(node, problems, "no mapping of this name; one of %s", hub_buffer_text(&known));
        hub_buffer_free(&known);
    } else if (config->agency != MASH__V1__AGENCY__AGENCY_UNSPECIFIED && found->agency != MASH__V1__AGENCY__AGENCY_UNSPECIFIED &&
               found->agency != config->agency) {
        yaml_complain(node, problems, "this mapping is of agency %s", event_agency_name(found->agency));
    }
    return found;
}

static void read_mapping(const yaml_node *root, const kit_mapping *const *mappings, kit_config *out, yaml_problems *problems)
{
    const yaml_node *agency = yaml_need(root, "agency", problems);
    out->agency = event_agency_of_name(yaml_text(agency, 64, problems));
    if (agency != NULL && out->agency == MASH__V1__AGENCY__AGENCY_UNSPECIFIED) {
        yaml_complain(agency, problems,
                      "no agency of this name; police, health, probation, education, childrens-services or adult-services");
    }
    out->mapping = kit_config_mapping(out, yaml_need(root, "mapping", problems), mappings, problems);
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
    kit_config_file(out, table, path, problems);
    out->settings = out->mapping->settings_read(path, problems);
}

/* Of CSV alone: JSON is UTF-8 by its standard, XML and HL7 say it themselves. */
static void read_encoding(const yaml_node *root, kit_config *out, yaml_problems *problems)
{
    const yaml_node *encoding = yaml_get(root, "encoding");
    const char *name = encoding == NULL ? "utf-8" : yaml_text(encoding, 32, problems);
    bool is_csv = out->mapping == NULL || strcmp(out->mapping->file_suffix, "csv") == 0;
    out->is_windows_1252 = strcmp(name, "windows-1252") == 0;
    if (!out->is_windows_1252 && strcmp(name, "utf-8") != 0)
        yaml_complain(encoding, problems, "utf-8 (also with a mark, and UTF-16 with one) or windows-1252");
    if (encoding != NULL && !is_csv)
        yaml_complain(encoding, problems, "mapping %s reads no CSV; leave this out", out->mapping->name);
}

void kit_config_free(kit_config *config)
{
    if (config->settings != NULL) config->mapping->settings_free(config->settings);
    config->settings = NULL;
}

void kit_config_common(const yaml_node *root, kit_config *out, yaml_problems *problems)
{
    const yaml_node *name = yaml_need(root, "name", problems);
    kit_config_text(name, out->name, sizeof out->name, problems);
    need_shape(name, out->name, "abcdefghijklmnopqrstuvwxyz0123456789-", "lower-case letters, digits and hyphens", problems);
    kit_config_file(out, yaml_need(root, "folder", problems), out->folder, problems);
    kit_config_file(out, yaml_need(root, "key", problems), out->key, problems);
}

static void read_identity(const yaml_node *root, kit_config *out, yaml_problems *problems)
{
    kit_config_common(root, out, problems);
    const yaml_node *system = yaml_need(root, "source_system", problems);
    kit_config_text(system, out->source_system, sizeof out->source_system, problems);
    if (system != NULL && out->source_system[0] == '\0')
        yaml_complain(system, problems, "empty; name the system, as in niche/44");
    const yaml_node *area = yaml_get(root, "area");
    kit_config_text(area, out->area, sizeof out->area, problems);
    need_shape(area, out->area, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", "the ONS code of a local authority, as in E10000014",
               problems);
    kit_config_text(yaml_get(root, "legal_gateway"), out->legal_gateway, sizeof out->legal_gateway, problems);
}

void kit_config_hub(const yaml_node *hub, kit_config *out, yaml_problems *problems)
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
        kit_config_text(endpoint, out->endpoints[i], sizeof out->endpoints[i], problems);
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
        kit_config_file(out, key, out->server_key, problems);
    } else {
        (void)snprintf(out->server_key, sizeof out->server_key, "%s", text);
        if (key != NULL && length != 40) yaml_complain(key, problems, "the hub's public key: a .pub file, or its 40 characters");
    }
}

void kit_config_telephone(const yaml_node *telephone, kit_config *out, yaml_problems *problems)
{
    kit_config_text(telephone, out->telephone, sizeof out->telephone, problems);
    need_shape(telephone, out->telephone, "+0123456789 ()-", "the number people here shall ring, in quotes: \"01632 960001\"",
               problems);
}

static void read_limits(const yaml_node *root, kit_config *out, yaml_problems *problems)
{
    const yaml_node *notice = yaml_need(root, "urgent_notice", problems);
    if (notice != NULL && yaml_only(notice, problems, "minutes", "telephone", NULL)) {
        out->urgent_notice_ms = yaml_int(yaml_need(notice, "minutes", problems), 1, 24 * 60, problems) * MINUTE_MS;
        kit_config_telephone(yaml_need(notice, "telephone", problems), out, problems);
    }
    const yaml_node *box = yaml_get(root, "outbox");
    if (box != NULL && !yaml_only(box, problems, "keep_days", "waiting_max", "parked_max", NULL)) return;
    out->keep_ms = kit_config_number(yaml_get(box, "keep_days"), 7, 1, 100, problems) * DAY_MS;
    out->waiting_max = (uint64_t)kit_config_number(yaml_get(box, "waiting_max"), 1000000, 1, 10000000, problems);
    out->parked_max = (uint64_t)kit_config_number(yaml_get(box, "parked_max"), 100000, 1, 1000000, problems);
}

void kit_config_read(const char *path, const kit_mapping *const *mappings, kit_config *out, yaml_problems *problems)
{
    memset(out, 0, sizeof *out);
    (void)snprintf(out->file, sizeof out->file, "%s", path);
    yaml_document *document = yaml_read_file(path, problems);
    if (document == NULL) return;
    const yaml_node *root = yaml_root(document);
    if (yaml_only(root, problems, "name", "agency", "mapping", "table", "encoding", "source_system", "area", "legal_gateway",
                  "folder", "hub", "key", "transport", "urgent_notice", "outbox", "metrics", "detail", NULL)) {
        read_identity(root, out, problems);
        read_mapping(root, mappings, out, problems);
        read_table(root, out, problems);
        read_encoding(root, out, problems);
        kit_config_hub(yaml_need(root, "hub", problems), out, problems);
        kit_config_transport(yaml_need(root, "transport", problems), mappings, out, problems);
        kit_config_detail(yaml_get(root, "detail"), out, problems);
        read_limits(root, out, problems);
        yaml_address(yaml_get(root, "metrics"), out->metrics_address, sizeof out->metrics_address, &out->metrics_port, problems);
    }
    yaml_close(document);
}
