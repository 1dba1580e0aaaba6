/* curve.h - CURVE keys in files.
 *
 * NAME.key holds the secret key, NAME.pub the public one, each as one line of Z85 (40 characters). A secret that others may read is refused.
 */
#ifndef BUS_CURVE_H
#define BUS_CURVE_H

#include "base/status.h"
#include <stdbool.h>
#include <stdint.h>

enum { BUS_KEY_BYTES = 32, BUS_KEY_TEXT = 41 };

typedef struct bus_key_pair {
    uint8_t public_key[BUS_KEY_BYTES];
    uint8_t secret_key[BUS_KEY_BYTES];
} bus_key_pair;

void bus_key_pair_make(bus_key_pair *out);
/* Writes `path`.key (0600) and `path`.pub (0644); neither may exist. */
hub_status bus_key_pair_write(const char *path, const bus_key_pair *pair, hub_error *err);
/* Reads `path` (a .key file, or the path without ending). HUB_ERR_NOT_FOUND, HUB_ERR_REFUSED (mode), HUB_ERR_INVALID (not Z85). */
hub_status bus_key_pair_read(const char *path, bus_key_pair *out, hub_error *err);
/* Is this a key written out, and no path? A path of 40 characters can be Z85 too: what ends in ".pub" is a file. */
bool bus_key_is_text(const char *path_or_text);
/* Reads a .pub file, or takes the Z85 text itself. */
hub_status bus_public_key_read(const char *path_or_text, uint8_t out[BUS_KEY_BYTES], hub_error *err);
void bus_key_text(const uint8_t key[BUS_KEY_BYTES], char text[BUS_KEY_TEXT]);
bool bus_key_parse(const char *text, uint8_t out[BUS_KEY_BYTES]);

#endif
