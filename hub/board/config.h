/* config.h - board.yaml: where the hub is, which queues this board shows, where it listens, who may sign in. */
#ifndef BOARD_CONFIG_H
#define BOARD_CONFIG_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

enum {
    BOARD_QUEUES_MAX = 15, /* what one gateway key may consume */
    BOARD_NAME_MAX = 48,
    BOARD_CONTACTS_MAX = 20, /* lines of a continuity pack: they fit its first page */
};

typedef struct board_config {
    char folder[PATH_MAX];                         /* of board.yaml: file names in it are relative to it */
    char name[BOARD_NAME_MAX];                     /* on every page: "Hampshire MASH" */
    char endpoint[128];                            /* of the hub's team side: "tcp://127.0.0.1:7402" */
    char server_key[PATH_MAX];                     /* a .pub file, or its 40 characters */
    char key[PATH_MAX];                            /* a gateway's */
    char watch_key[PATH_MAX];                      /* an auditor's, for the pages of operators and managers; "" = no such pages */
    char queues[BOARD_QUEUES_MAX][BOARD_NAME_MAX]; /* what its people work on */
    uint32_t queue_count;
    char address[64]; /* to listen at */
    uint16_t port;
    char origin[160];             /* as browsers see it: "https://board.hips.test"; Host must be its */
    char host[128];               /* of the origin: "board.hips.test" */
    bool is_secure;               /* the origin is https: cookies are for https alone */
    char people[PATH_MAX];        /* who may sign in, and how */
    char state[PATH_MAX];         /* folder of sealed sessions and drafts; best in memory */
    uint32_t idle_minutes, hours; /* a session ends after so long without a request, and in any case */
    char help[160];               /* whom to ask: on every page, in the same place (WCAG 2.2, 3.2.6) */
    char metrics_address[64];     /* "" = off */
    uint16_t metrics_port;
    struct {
        char issuer[200], client_id[128], secret[PATH_MAX]; /* "" = no such sign-in; secret: a file, "" = a public client */
        char authorities[PATH_MAX]; /* PEM of those whose word on its certificate is believed; "" = the system's */
    } oidc;
    struct {
        char folder[PATH_MAX]; /* where continuity packs lie, and nothing else; "" = none are made */
        char passphrase[PATH_MAX];
        char as[BOARD_NAME_MAX]; /* roster id of the person for whom they are made: they hold what this person may see */
        uint32_t every_minutes, keep_hours;
        char contacts[BOARD_CONTACTS_MAX][160]; /* whom to ring when there is no hub */
        uint32_t contact_count;
    } pack;
} board_config;

/* Reads board.yaml of `folder`. HUB_ERR_INVALID: err has the first complaint, file:line:column; all of them go to stderr. */
hub_status board_config_read(const char *folder, board_config *out, hub_error *err);
/* The position of this queue in `queues`; -1: none of this board. */
int32_t board_config_queue(const board_config *config, const char *name);

#endif
