/* settings.h - whom mashctl talks to, and as whom: mashctl.yaml.
 *
 *     hub:
 *       agency: tcp://127.0.0.1:7401
 *       team: tcp://127.0.0.1:7402
 *       server_key: keys/hub.pub         # a file, or the 40 characters themselves
 *     key: keys/operator.key
 *     acts_as: hc-3                      # roster id of who acts with this key; none by default, then each act says --as
 *
 * Files are relative to the folder of mashctl.yaml. Everything else has a default (shown above); an unknown key is an error.
 */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

#include "bus/curve.h"
#include "cli/verb.h"

enum { SETTINGS_PATH_MAX = 512, SETTINGS_ENDPOINT_MAX = 160, SETTINGS_ACTS_AS_MAX = 48 };

typedef struct settings {
    char folder[SETTINGS_PATH_MAX];
    char agency[SETTINGS_ENDPOINT_MAX];
    char team[SETTINGS_ENDPOINT_MAX];
    char server_key[SETTINGS_PATH_MAX]; /* a path, or Z85 text */
    char key[SETTINGS_PATH_MAX];
    char acts_as[SETTINGS_ACTS_AS_MAX]; /* "" = not said */
    bool from_file;                     /* false: there is no mashctl.yaml, these are the defaults */
} settings;

/* The folder that --config, MASHHUB_CONFIG or the default names. */
const char *settings_folder(const cli_call *call);
/* Defaults, then the file, then the flags. HUB_ERR_INVALID: err has the first complaint with file:line:column. */
hub_status settings_read(const cli_call *call, settings *out, hub_error *err);
/* Reads both keys. HUB_ERR_NOT_FOUND, HUB_ERR_REFUSED (a secret that others may read), HUB_ERR_INVALID. */
hub_status settings_keys(const settings *from, bus_key_pair *keys, uint8_t server_key[BUS_KEY_BYTES], hub_error *err);
/* Waiting time for an answer in ms: --timeout or 10 s. */
hub_status settings_timeout(const cli_call *call, uint32_t *timeout_ms, hub_error *err);

/* folder/name, or name alone when it begins with a slash. false: too long. */
bool settings_path(const char *folder, const char *name, char out[SETTINGS_PATH_MAX]);

#endif
