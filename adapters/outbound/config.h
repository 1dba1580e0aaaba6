/* config.h - an outbound instance's configuration: one YAML file, read strictly, every complaint with file:line:column.
 * config/hips/outbound/ shows and explains every key. */
#ifndef OUTBOUND_CONFIG_H
#define OUTBOUND_CONFIG_H

#include "kit/config.h"
#include "link/owed.h"

enum {
    OUTBOUND_CHANNELS_MAX = 16,
    OUTBOUND_QUEUES_MAX = 15, /* as many as a key may be enrolled for */
    OUTBOUND_TO_MAX = 4,
    OUTBOUND_ADDRESS_MAX = 200,
    OUTBOUND_URL_MAX = 512,
};

typedef enum outbound_way { OUTBOUND_WEBHOOK, OUTBOUND_MAIL, OUTBOUND_FILE } outbound_way;

/* How much a channel carries: all that the audience's list lets this queue see, or that something waits. */
typedef enum outbound_content { OUTBOUND_DELIVERY, OUTBOUND_NOTICE } outbound_content;

typedef struct outbound_channel {
    char name[OWED_NAME_MAX];
    outbound_way way;
    outbound_content content;
    char url[OUTBOUND_URL_MAX];    /* webhook; mail: smtp://host:port or smtps://host:port */
    char secrets[KIT_PATH_MAX];    /* webhook: whsec_ lines; mail: the password; "" = none */
    char token_file[KIT_PATH_MAX]; /* webhook: a bearer token; "" = none */
    char ca[KIT_PATH_MAX];         /* "" = the system's authorities */
    int64_t timeout_ms;
    char user[OUTBOUND_ADDRESS_MAX]; /* mail */
    char from[OUTBOUND_ADDRESS_MAX];
    char to[OUTBOUND_TO_MAX][OUTBOUND_ADDRESS_MAX];
    unsigned to_count;
    bool clear;                /* mail: without TLS, on loopback alone */
    char folder[KIT_PATH_MAX]; /* file */
} outbound_channel;

/* One step of a queue's chain. */
typedef struct outbound_hop {
    unsigned channel; /* position in channels */
    int64_t within_ms;
    bool enough_sent; /* nobody will confirm: that it was sent is enough */
    bool to_school;   /* to the school whose number the delivery names */
} outbound_hop;

typedef struct outbound_queue {
    char name[OWED_NAME_MAX];
    char consumer[48];
    outbound_hop hops[OWED_STEPS_MAX];
    unsigned hop_count;
} outbound_queue;

typedef struct outbound_config {
    kit_config common; /* name, folder, key, hub, telephone, metrics */
    outbound_channel channels[OUTBOUND_CHANNELS_MAX];
    unsigned channel_count;
    outbound_queue queues[OUTBOUND_QUEUES_MAX];
    unsigned queue_count;
    char board[OUTBOUND_URL_MAX]; /* "https://board.example.test"; "" = none */
    char schools[KIT_PATH_MAX];   /* the directory; "" = none */
    int16_t opens_minute;         /* when schools open, where the directory does not say: minutes since civil midnight */
    uint32_t waiting_max;
    int64_t keep_ms;
} outbound_config;

/* Fills `out` as far as it could; only when problems->count is 0 is it fit for use. */
void outbound_config_read(const char *path, outbound_config *out, yaml_problems *problems);

/* An address that may stand in a header and in a command of SMTP: one @, no blank, no control character, nothing quoted. */
bool outbound_is_address(const char *text);

#endif
