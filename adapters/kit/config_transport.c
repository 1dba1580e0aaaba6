/* The ways in: folder, MLLP, HTTP, SQS, and where details are fetched. */
#include <string.h>

#include "config_parts.h"
#include "fetch/fetch.h"

static const int64_t SECOND_MS = 1000;

/* ---- listening: MLLP and HTTP ---- */

static void read_allowed(const yaml_node *allowed, kit_config *out, yaml_problems *problems)
{
    size_t count = yaml_count(allowed);
    if (allowed != NULL && (!yaml_is_list(allowed) || count > KIT_ALLOWED_MAX)) {
        yaml_complain(allowed, problems, "a list of at most %d addresses or networks, as in [10.1.2.3, 10.1.0.0/16]",
                      KIT_ALLOWED_MAX);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const yaml_node *row = yaml_item(allowed, i);
        kit_config_text(row, out->allowed[i], sizeof out->allowed[i], problems);
        if (!kit_address_is_row(out->allowed[i]))
            yaml_complain(row, problems, "no address or network; as in 10.1.2.3 or 10.1.0.0/16");
    }
    out->allowed_count = (unsigned)count;
}

static void read_names(const yaml_node *names, kit_config *out, yaml_problems *problems)
{
    size_t count = yaml_count(names);
    if (names == NULL) return;
    if (!yaml_is_list(names) || count < 1 || count > KIT_NAMES_MAX || out->tls_authorities[0] == '\0') {
        yaml_complain(names, problems,
                      "a list of 1 to %d names of certificates, as in [engine.trust.test], beside client_authorities",
                      KIT_NAMES_MAX);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const yaml_node *name = yaml_item(names, i);
        kit_config_text(name, out->client_names[i], sizeof out->client_names[i], problems);
        if (out->client_names[i][0] == '\0' || strchr(out->client_names[i], '*') != NULL)
            yaml_complain(name, problems, "the whole name of one certificate; a * is not understood here");
    }
    out->client_name_count = (unsigned)count;
}

static void read_tls(const yaml_node *tls, kit_config *out, yaml_problems *problems)
{
    if (tls == NULL || !yaml_only(tls, problems, "certificate", "key", "client_authorities", "client_names", NULL)) return;
    kit_config_file(out, yaml_need(tls, "certificate", problems), out->tls_certificate, problems);
    kit_config_file(out, yaml_need(tls, "key", problems), out->tls_key, problems);
    const yaml_node *authorities = yaml_get(tls, "client_authorities");
    if (authorities != NULL) kit_config_file(out, authorities, out->tls_authorities, problems);
    read_names(yaml_get(tls, "client_names"), out, problems);
}

/* What MLLP and HTTP have in common. */
static void read_listening(const yaml_node *node, kit_config *out, yaml_problems *problems)
{
    const yaml_node *address = yaml_get(node, "address");
    (void)hub_format(out->listen_address, sizeof out->listen_address, "127.0.0.1");
    if (address != NULL) kit_config_text(address, out->listen_address, sizeof out->listen_address, problems);
    if (address != NULL && (strchr(out->listen_address, '/') != NULL || !kit_address_is_row(out->listen_address))) {
        yaml_complain(address, problems, "no address to listen at; as in 127.0.0.1, or 0.0.0.0 for all of this machine's");
    }
    out->listen_port = (uint16_t)yaml_int(yaml_need(node, "port", problems), 0, 65535, problems);
    read_allowed(yaml_get(node, "allowed"), out, problems);
    read_tls(yaml_get(node, "tls"), out, problems);
}

static void read_mllp(const yaml_node *mllp, kit_config *out, yaml_problems *problems)
{
    if (!yaml_only(mllp, problems, "address", "port", "allowed", "message_bytes_max", "connections_max", "tls", NULL)) return;
    read_listening(mllp, out, problems);
    out->message_bytes_max =
        (uint32_t)kit_config_number(yaml_get(mllp, "message_bytes_max"), 1024 * 1024, 4096, 64 * 1024 * 1024, problems);
    out->connections_max = (uint32_t)kit_config_number(yaml_get(mllp, "connections_max"), 64, 1, 1024, problems);
    if (out->mapping != NULL && (out->mapping->answer == NULL || out->mapping->accepts == NULL)) {
        yaml_complain(mllp, problems, "mapping %s does not answer messages; use `folder`, `http` or `sqs`", out->mapping->name);
    }
}

/* ---- HTTP ---- */

static void read_route(const yaml_node *node, const kit_mapping *const *mappings, kit_config *out, yaml_problems *problems)
{
    kit_route *route = &out->routes[out->route_count];
    if (!yaml_only(node, problems, "path", "mapping", NULL)) return;
    const yaml_node *path = yaml_need(node, "path", problems);
    kit_config_text(path, route->path, sizeof route->path, problems);
    if (path != NULL && (route->path[0] != '/' || strpbrk(route->path, "?# %") != NULL))
        yaml_complain(path, problems, "no path; as in /incidents, without query or escapes");
    for (unsigned i = 0; i < out->route_count; i++) {
        if (strcmp(out->routes[i].path, route->path) == 0) yaml_complain(path, problems, "a path that stands here already");
    }
    const yaml_node *mapping = yaml_need(node, "mapping", problems);
    route->mapping = kit_config_mapping(out, mapping, mappings, problems);
    if (route->mapping != NULL && route->mapping->settings_read != NULL && route->mapping != out->mapping)
        yaml_complain(mapping, problems, "an adapter has one table: name this mapping under `mapping` too, with its `table`");
    out->route_count++;
}

static void read_routes(const yaml_node *routes, const kit_mapping *const *mappings, kit_config *out, yaml_problems *problems)
{
    size_t count = yaml_count(routes);
    if (routes == NULL) {
        out->routes[out->route_count++] = (kit_route){.path = "/", .mapping = out->mapping};
    } else if (!yaml_is_list(routes) || count < 1 || count > KIT_ROUTES_MAX) {
        yaml_complain(routes, problems, "a list of 1 to %d routes, as in [{path: /incidents, mapping: police-incident-json}]",
                      KIT_ROUTES_MAX);
        count = 0;
    }
    for (size_t i = 0; i < count; i++)
        read_route(yaml_item(routes, i), mappings, out, problems);
}

static void read_http(const yaml_node *http, const kit_mapping *const *mappings, kit_config *out, yaml_problems *problems)
{
    if (!yaml_only(http, problems, "address", "port", "allowed", "body_bytes_max", "tls", "token_file", "routes", NULL)) return;
    read_listening(http, out, problems);
    out->message_bytes_max =
        (uint32_t)kit_config_number(yaml_get(http, "body_bytes_max"), 1024 * 1024, 1024, 64 * 1024 * 1024, problems);
    const yaml_node *token = yaml_get(http, "token_file");
    if (token != NULL) kit_config_file(out, token, out->token_file, problems);
    if (token == NULL && out->tls_authorities[0] == '\0') {
        yaml_complain(http, problems, "who may send? a `token_file`, or `tls` with `client_authorities`, or both");
    }
    read_routes(yaml_get(http, "routes"), mappings, out, problems);
}

/* ---- SQS ---- */

static void read_sqs(const yaml_node *sqs, kit_config *out, yaml_problems *problems)
{
    if (!yaml_only(sqs, problems, "queue_url", "endpoint", "region", "credentials", "visibility_seconds", NULL)) return;
    const yaml_node *url = yaml_need(sqs, "queue_url", problems);
    const yaml_node *region = yaml_need(sqs, "region", problems);
    kit_config_text(url, out->queue_url, sizeof out->queue_url, problems);
    if (url != NULL && strncmp(out->queue_url, "https://", 8) != 0 && strncmp(out->queue_url, "http://", 7) != 0)
        yaml_complain(url, problems, "no URL; as in https://sqs.eu-west-2.amazonaws.com/123456789012/name");
    const yaml_node *endpoint = yaml_get(sqs, "endpoint");
    if (endpoint != NULL) kit_config_text(endpoint, out->endpoint, sizeof out->endpoint, problems);
    kit_config_text(region, out->region, sizeof out->region, problems);
    kit_config_file(out, yaml_need(sqs, "credentials", problems), out->credentials, problems);
    out->visibility_s = (uint32_t)kit_config_number(yaml_get(sqs, "visibility_seconds"), 120, 30, 43200, problems);
    out->message_bytes_max = 1024 * 1024;
}

/* ---- which one ---- */

static void read_acknowledge(const yaml_node *transport, kit_config *out, yaml_problems *problems)
{
    const yaml_node *node = yaml_get(transport, "acknowledge");
    const char *text = node == NULL ? "outbox" : yaml_text(node, 16, problems);
    if (strcmp(text, "hub") == 0) {
        out->acknowledge = KIT_ACKNOWLEDGE_HUB;
    } else if (strcmp(text, "outbox") != 0) {
        yaml_complain(node, problems, "`outbox` (answered when the event is safe here) or `hub` (when the hub has it)");
    }
    if (out->acknowledge == KIT_ACKNOWLEDGE_HUB && out->transport == KIT_TRANSPORT_FOLDER)
        yaml_complain(node, problems, "a folder answers nobody; `acknowledge: hub` is for mllp, http and sqs");
    out->acknowledge_ms = kit_config_number(yaml_get(transport, "acknowledge_seconds"), 20, 1, 600, problems) * SECOND_MS;
}

void kit_config_transport(const yaml_node *transport, const kit_mapping *const *mappings, kit_config *out,
                          yaml_problems *problems)
{
    if (transport == NULL || !yaml_only(transport, problems, "acknowledge", "acknowledge_seconds", "folder", "poll_ms",
                                        "quiet_seconds", "file_bytes_max", "mllp", "http", "sqs", NULL))
        return;
    static const char *const WAYS[] = {[KIT_TRANSPORT_FOLDER] = "folder",
                                       [KIT_TRANSPORT_MLLP] = "mllp",
                                       [KIT_TRANSPORT_HTTP] = "http",
                                       [KIT_TRANSPORT_SQS] = "sqs"};
    const yaml_node *way = NULL;
    unsigned ways = 0;
    for (size_t i = 0; i < sizeof WAYS / sizeof WAYS[0]; i++) {
        const yaml_node *node = yaml_get(transport, WAYS[i]);
        if (node == NULL) continue;
        ways++;
        way = node;
        out->transport = (kit_transport)i;
    }
    out->poll_ms = (uint32_t)kit_config_number(yaml_get(transport, "poll_ms"), 500, 10, 3600 * 1000, problems);
    out->quiet_ms = (uint32_t)(kit_config_number(yaml_get(transport, "quiet_seconds"), 0, 0, 24 * 3600, problems) * SECOND_MS);
    out->file_bytes_max = (uint64_t)kit_config_number(yaml_get(transport, "file_bytes_max"), 256LL * 1024 * 1024, 1024,
                                                      1024LL * 1024 * 1024, problems);
    if (ways != 1) {
        yaml_complain(transport, problems, "one of `folder`, `mllp`, `http` and `sqs`: one adapter has one way in");
        return;
    }
    read_acknowledge(transport, out, problems);
    if (out->transport == KIT_TRANSPORT_FOLDER) kit_config_file(out, way, out->drop_folder, problems);
    if (out->transport == KIT_TRANSPORT_MLLP) read_mllp(way, out, problems);
    if (out->transport == KIT_TRANSPORT_HTTP) read_http(way, mappings, out, problems);
    if (out->transport == KIT_TRANSPORT_SQS) read_sqs(way, out, problems);
}

static void read_oauth(const yaml_node *token, kit_config *out, yaml_problems *problems)
{
    if (token == NULL || !yaml_only(token, problems, "url", "client_id", "secret_file", "scope", NULL)) return;
    const yaml_node *url = yaml_need(token, "url", problems);
    kit_config_text(url, out->oauth_url, sizeof out->oauth_url, problems);
    if (url != NULL && !fetch_is_allowed(out->oauth_url))
        yaml_complain(url, problems, "no https URL; as in https://sign-in.example.test/auth/oauth/token");
    kit_config_text(yaml_need(token, "client_id", problems), out->oauth_client, sizeof out->oauth_client, problems);
    kit_config_file(out, yaml_need(token, "secret_file", problems), out->oauth_secret, problems);
    const yaml_node *scope = yaml_get(token, "scope");
    if (scope == NULL) return;
    kit_config_text(scope, out->oauth_scope, sizeof out->oauth_scope, problems);
    if (strpbrk(out->oauth_scope, "&=%+#\"\\") != NULL) yaml_complain(scope, problems, "words with a blank between them");
}

void kit_config_detail(const yaml_node *detail, kit_config *out, yaml_problems *problems)
{
    if (detail == NULL || !yaml_only(detail, problems, "hosts", "token", "token_file", "ca", "give_up_minutes", NULL)) return;
    const yaml_node *hosts = yaml_need(detail, "hosts", problems);
    size_t count = yaml_count(hosts);
    if (hosts != NULL && (!yaml_is_list(hosts) || count < 1 || count > KIT_DETAIL_HOSTS_MAX)) {
        yaml_complain(hosts, problems, "a list of 1 to %d hosts, as in [api.example.test]", KIT_DETAIL_HOSTS_MAX);
        count = 0;
    }
    for (size_t i = 0; i < count; i++) {
        const yaml_node *host = yaml_item(hosts, i);
        kit_config_text(host, out->detail_hosts[i], sizeof out->detail_hosts[i], problems);
        if (out->detail_hosts[i][0] == '\0' || strpbrk(out->detail_hosts[i], "/@?# *") != NULL)
            yaml_complain(host, problems, "no host; as in api.example.test or api.example.test:8443, without scheme or path");
    }
    out->detail_host_count = (unsigned)count;
    const yaml_node *token = yaml_get(detail, "token_file");
    const yaml_node *oauth = yaml_get(detail, "token");
    if (token != NULL && oauth != NULL)
        yaml_complain(oauth, problems, "`token` (asked of a service) or `token_file` (put there by somebody), not both");
    read_oauth(oauth, out, problems);
    if (token != NULL) kit_config_file(out, token, out->detail_token, problems);
    const yaml_node *ca = yaml_get(detail, "ca");
    if (ca != NULL) kit_config_file(out, ca, out->detail_ca, problems);
    out->detail_give_up_ms = kit_config_number(yaml_get(detail, "give_up_minutes"), 60, 1, 24 * 60, problems) * 60 * SECOND_MS;
}
