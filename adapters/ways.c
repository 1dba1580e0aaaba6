#include "ways.h"

#include <stdio.h>
#include <string.h>

#include "formats/charset.h"
#include "host/clock.h"

static int64_t wall_now(void *context)
{
    (void)context;
    return host_wall_ms();
}

static void on_detail(void *context)
{
    adapter_ways *w = context;
    if (w->desk != NULL) kit_desk_look(w->desk);
    if (w->drop != NULL) w->options.poll(w->options.context);
}

static hub_status open_mllp(uv_loop_t *loop, adapter_ways *w, hub_error *err)
{
    const kit_config *config = w->options.config;
    const kit_tls_files tls = {.certificate = config->tls_certificate,
                               .key = config->tls_key,
                               .authorities = config->tls_authorities,
                               .names = config->client_names,
                               .name_count = config->client_name_count};
    kit_mllp_options mllp = {.intake = w->intakes[0],
                             .desk = w->desk,
                             .tls = tls.certificate[0] != '\0' ? &tls : NULL,
                             .address = config->listen_address,
                             .port = config->listen_port,
                             .allowed = config->allowed,
                             .allowed_count = config->allowed_count,
                             .message_bytes_max = config->message_bytes_max,
                             .connections_max = config->connections_max,
                             .now_ms = wall_now,
                             .context = w->options.context};
    return kit_mllp_open(loop, &mllp, &w->mllp, err);
}

static hub_status open_post(uv_loop_t *loop, adapter_ways *w, hub_error *err)
{
    const kit_config *config = w->options.config;
    kit_post_options post = {.desk = w->desk,
                             .route_count = config->route_count,
                             .address = config->listen_address,
                             .port = config->listen_port,
                             .allowed = config->allowed,
                             .allowed_count = config->allowed_count,
                             .certificate = config->tls_certificate,
                             .key = config->tls_key,
                             .authorities = config->tls_authorities,
                             .names = config->client_names,
                             .name_count = config->client_name_count,
                             .token_file = config->token_file,
                             .body_bytes_max = config->message_bytes_max,
                             .now_ms = wall_now,
                             .context = w->options.context};
    for (unsigned i = 0; i < config->route_count; i++)
        post.routes[i] = (kit_post_route){config->routes[i].path, w->intakes[i]};
    return kit_post_open(loop, &post, &w->post, err);
}

static hub_status open_transport(uv_loop_t *loop, adapter_ways *w, hub_error *err)
{
    const kit_config *config = w->options.config;
    if (config->transport == KIT_TRANSPORT_FOLDER) {
        kit_drop_folder_options folder = {.folder = config->drop_folder,
                                          .intake = w->intakes[0],
                                          .file_bytes_max = config->file_bytes_max,
                                          .quiet_ms = config->quiet_ms};
        return kit_drop_folder_open(&folder, &w->drop, err);
    }
    kit_desk_options desk = {.box = w->options.box,
                             .acknowledge = config->acknowledge,
                             .patience_ms = config->acknowledge_ms,
                             .taken = w->options.taken,
                             .failed = w->options.failed,
                             .context = w->options.context};
    hub_status status = kit_desk_open(loop, &desk, &w->desk, err);
    if (status != HUB_OK) return status;
    if (config->transport == KIT_TRANSPORT_HTTP) return open_post(loop, w, err);
    if (config->transport == KIT_TRANSPORT_MLLP) return open_mllp(loop, w, err);
    kit_sqs_options sqs = {.desk = w->desk,
                           .intake = w->intakes[0],
                           .queue_url = config->queue_url,
                           .endpoint = config->endpoint,
                           .region = config->region,
                           .credentials = config->credentials,
                           .visibility_s = config->visibility_s,
                           .now_ms = wall_now,
                           .context = w->options.context};
    return kit_sqs_open(loop, &sqs, &w->sqs, err);
}

static hub_status open_detail(uv_loop_t *loop, adapter_ways *w, hub_error *err)
{
    const kit_config *config = w->options.config;
    kit_detail_options detail = {.hosts = config->detail_hosts,
                                 .host_count = config->detail_host_count,
                                 .oauth = {.url = config->oauth_url,
                                           .client_id = config->oauth_client,
                                           .secret_file = config->oauth_secret,
                                           .scope = config->oauth_scope,
                                           .ca = config->detail_ca},
                                 .token_file = config->detail_token,
                                 .ca = config->detail_ca,
                                 .give_up_ms = config->detail_give_up_ms,
                                 .ready = on_detail,
                                 .context = w};
    return config->detail_host_count == 0 ? HUB_OK : kit_detail_open(loop, &detail, &w->detail, err);
}

static hub_status open_intakes(adapter_ways *w, hub_error *err)
{
    const kit_config *config = w->options.config;
    bool is_folder = config->transport == KIT_TRANSPORT_FOLDER;
    unsigned count = config->route_count > 0 ? config->route_count : 1;
    hub_status status = HUB_OK;
    for (unsigned i = 0; i < count && status == HUB_OK; i++) {
        const kit_mapping *mapping = config->route_count > 0 ? config->routes[i].mapping : config->mapping;
        bool is_converted = config->is_windows_1252 && strcmp(mapping->file_suffix, "csv") == 0;
        kit_intake_options intake = {.box = w->options.box,
                                     .mapping = mapping,
                                     .agency = config->agency,
                                     .settings = config->settings,
                                     .to_utf8 = is_converted ? formats_windows_1252 : NULL,
                                     .source_system = config->source_system,
                                     .area = config->area,
                                     .legal_gateway = config->legal_gateway,
                                     .unreadable = is_folder ? KIT_UNREADABLE_FAILS : KIT_UNREADABLE_PARKS,
                                     .detail = w->detail,
                                     .put_ms = w->options.put_ms,
                                     .alive = w->options.alive,
                                     .context = w->options.context};
        status = kit_intake_open(&intake, &w->intakes[i], err);
    }
    return status;
}

hub_status adapter_ways_open(uv_loop_t *loop, const adapter_ways_options *options, adapter_ways *w, hub_error *err)
{
    w->options = *options;
    hub_status status = open_detail(loop, w, err);
    if (status == HUB_OK) status = open_intakes(w, err);
    if (status == HUB_OK) status = open_transport(loop, w, err);
    return status;
}

void adapter_ways_close(adapter_ways *w)
{
    kit_mllp_close(w->mllp);
    kit_post_close(w->post);
    kit_sqs_close(w->sqs);
    kit_desk_close(w->desk); /* after those whose senders stand there */
    kit_detail_close(w->detail);
    w->mllp = NULL;
    w->post = NULL;
    w->sqs = NULL;
    w->desk = NULL;
    w->detail = NULL;
}

void adapter_ways_free(adapter_ways *w)
{
    kit_drop_folder_close(w->drop);
    for (unsigned i = 0; i < KIT_ROUTES_MAX; i++)
        kit_intake_close(w->intakes[i]);
}

void adapter_ways_text(const adapter_ways *w, char *out, size_t size)
{
    const kit_config *config = w->options.config;
    if (w->drop != NULL) (void)snprintf(out, size, "folder %s", config->drop_folder);
    if (w->sqs != NULL) (void)snprintf(out, size, "sqs %s", config->queue_url);
    if (w->mllp != NULL) (void)snprintf(out, size, "mllp %s:%u", config->listen_address, kit_mllp_port(w->mllp));
    if (w->post != NULL) (void)snprintf(out, size, "http %s:%u", config->listen_address, kit_post_port(w->post));
}

void adapter_ways_trouble(const adapter_ways *w, char *out, size_t size)
{
    const char *detail = w->detail != NULL ? kit_detail_trouble(w->detail) : "";
    const char *queue = w->sqs != NULL ? kit_sqs_trouble(w->sqs) : "";
    out[0] = '\0';
    if (detail[0] != '\0')
        (void)snprintf(out, size, "an event waits for its detail, and all behind it: %s", detail);
    else if (queue[0] != '\0')
        (void)snprintf(out, size, "nothing comes from the queue: %s", queue);
}
