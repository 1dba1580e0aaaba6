/* config.h - an adapter's configuration: one YAML file, read strictly, every complaint with file:line:column.
 *
 * Paths are relative to the folder the file lies in, so that a folder can be moved as a whole. config/hips/adapters/ shows and explains every
 * key.
 */
#ifndef KIT_CONFIG_H
#define KIT_CONFIG_H

#include "kit/mapping.h"
#include "kit/mllp.h"
#include "link/outbox.h"
#include "yaml/yaml.h"

enum { KIT_PATH_MAX = 512 };

typedef enum kit_transport { KIT_TRANSPORT_FOLDER, KIT_TRANSPORT_MLLP, KIT_TRANSPORT_HTTP, KIT_TRANSPORT_SQS } kit_transport;

enum { KIT_ROUTES_MAX = 8, KIT_DETAIL_HOSTS_MAX = 8 };

typedef struct kit_route {
    char path[128]; /* "/incidents" */
    const kit_mapping *mapping;
} kit_route;

typedef struct kit_config {
    char file[KIT_PATH_MAX]; /* where it was read from */
    char name[65];           /* "police-hants": in logs, notices, Hello */
    Mash__V1__Agency agency;
    const kit_mapping *mapping; /* BORROWED from the table of mappings */
    bool is_windows_1252;       /* `encoding` */
    void *settings;             /* of a mapping with a file of its own; end with kit_config_free */
    char source_system[65];
    char area[10];             /* "" = the source states it */
    char legal_gateway[201];   /* "" = the mapping's own */
    char folder[KIT_PATH_MAX]; /* the adapter's own: outbox/, quarantine/, notices/, STOP */
    char endpoints[2][256];
    unsigned endpoint_count;       /* 1 or 2 */
    char server_key[KIT_PATH_MAX]; /* a .pub file, or the 40 characters of the key */
    char key[KIT_PATH_MAX];        /* the adapter's own .key file */
    kit_transport transport;
    char drop_folder[KIT_PATH_MAX];
    uint32_t poll_ms;
    uint32_t quiet_ms; /* a file is left alone until it has not changed for so long */
    uint64_t file_bytes_max;
    kit_acknowledge acknowledge;
    int64_t acknowledge_ms;                /* how long a sender waits for the hub */
    char listen_address[KIT_ADDRESS_TEXT]; /* MLLP and HTTP, as all to message_bytes_max */
    uint16_t listen_port;
    char tls_certificate[KIT_PATH_MAX]; /* "" = in clear */
    char tls_key[KIT_PATH_MAX];
    char tls_authorities[KIT_PATH_MAX];               /* "" = senders need no certificate */
    char client_names[KIT_NAMES_MAX][KIT_NAME_BYTES]; /* whose certificates; none: any that an authority has signed */
    unsigned client_name_count;
    char allowed[KIT_ALLOWED_MAX][KIT_ADDRESS_TEXT];
    unsigned allowed_count;
    uint32_t message_bytes_max;
    uint32_t connections_max;
    kit_route routes[KIT_ROUTES_MAX]; /* HTTP */
    unsigned route_count;
    char token_file[KIT_PATH_MAX]; /* HTTP: bearer tokens, one a line; "" = none, certificates alone */
    char queue_url[512];           /* SQS */
    char endpoint[512];            /* "" = at the queue_url's host */
    char region[33];
    char credentials[KIT_PATH_MAX];
    uint32_t visibility_s;
    char detail_hosts[KIT_DETAIL_HOSTS_MAX][KIT_DETAIL_HOST_TEXT]; /* where `detailUrl` may be fetched: "host" or "host:port" */
    unsigned detail_host_count;
    char detail_token[KIT_PATH_MAX]; /* a file; "" = none */
    char oauth_url[512];             /* where that token is asked for; "" = nowhere. As the three below */
    char oauth_client[129];
    char oauth_secret[KIT_PATH_MAX];
    char oauth_scope[129];
    char detail_ca[KIT_PATH_MAX]; /* "" = the system's authorities */
    int64_t detail_give_up_ms;
    char metrics_address[64]; /* where GET /metrics is answered; "" = nowhere */
    uint16_t metrics_port;
    int64_t urgent_notice_ms;
    char telephone[65];
    int64_t keep_ms;
    uint64_t waiting_max;
    uint64_t parked_max;
} kit_config;

/* Reads `path`. `mappings` ends in NULL. Fills `out` as far as it could; only when problems->count is 0 is it fit for use. */
void kit_config_read(const char *path, const kit_mapping *const *mappings, kit_config *out, yaml_problems *problems);

void kit_config_free(kit_config *config);

/* Opens the adapter's outbox as the configuration says; errors as outbox_open. */
hub_status kit_config_outbox(const kit_config *config, outbox_access access, outbox **out, hub_error *err);

/* "FOLDER/name" of the adapter's own folder into out. */
void kit_config_path(const kit_config *config, const char *name, char out[KIT_PATH_MAX + 32]);

#endif
