#include "curve.h"

#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <zmq.h>

#include "host/files.h"

enum { KEY_FILE_BYTES_MAX = 1024 };

void bus_key_pair_make(bus_key_pair *out)
{
    int failed = crypto_box_keypair(out->public_key, out->secret_key); /* the same Curve25519 pair that CURVE uses */
    HUB_ASSERT(failed == 0);
}

void bus_key_text(const uint8_t key[BUS_KEY_BYTES], char text[BUS_KEY_TEXT])
{
    const char *written = zmq_z85_encode(text, key, BUS_KEY_BYTES);
    HUB_ASSERT(written != NULL);
}

bool bus_key_parse(const char *text, uint8_t out[BUS_KEY_BYTES])
{
    if (strlen(text) != BUS_KEY_TEXT - 1) return false;
    if (zmq_z85_decode(out, text) == NULL) return false;
    char again[BUS_KEY_TEXT];
    bus_key_text(out, again);
    return strcmp(again, text) == 0; /* the decoder lets characters pass that are no Z85 */
}

static hub_status write_key(const char *path, const char *ending, const uint8_t *key, unsigned mode, hub_error *err)
{
    char file[PATH_MAX];
    int length = snprintf(file, sizeof file, "%s%s", path, ending);
    if (length < 0 || (size_t)length >= sizeof file) return hub_fail(err, HUB_ERR_INVALID, "%s: path too long", path);
    char line[BUS_KEY_TEXT + 1];
    bus_key_text(key, line);
    line[BUS_KEY_TEXT - 1] = '\n';
    hub_status status = host_file_create(file, hub_bytes_of(line, BUS_KEY_TEXT), mode, err);
    sodium_memzero(line, sizeof line);
    return status;
}

hub_status bus_key_pair_write(const char *path, const bus_key_pair *pair, hub_error *err)
{
    hub_status status = write_key(path, ".key", pair->secret_key, 0600, err);
    if (status != HUB_OK) return status;
    return write_key(path, ".pub", pair->public_key, 0644, err);
}

/* Reads what host_line_read or host_secret_read, as `read` says, finds. */
static hub_status read_key(const char *path,
                           hub_status (*read)(const char *path, size_t bytes_max, hub_buffer *out, hub_error *err),
                           uint8_t out[BUS_KEY_BYTES], hub_error *err)
{
    hub_buffer text = {0};
    hub_status status = read(path, KEY_FILE_BYTES_MAX, &text, err);
    if (status == HUB_OK && !bus_key_parse(hub_buffer_text(&text), out))
        status = hub_fail(err, HUB_ERR_INVALID, "%s: is not a key: one line of 40 Z85 characters is expected", path);
    host_secret_free(&text);
    return status;
}

static bool ends_with(const char *text, const char *ending)
{
    size_t length = strlen(text), wanted = strlen(ending);
    return length >= wanted && strcmp(text + length - wanted, ending) == 0;
}

hub_status bus_key_pair_read(const char *path, bus_key_pair *out, hub_error *err)
{
    char file[PATH_MAX];
    int length = snprintf(file, sizeof file, "%s%s", path, ends_with(path, ".key") ? "" : ".key");
    if (length < 0 || (size_t)length >= sizeof file) return hub_fail(err, HUB_ERR_INVALID, "%s: path too long", path);
    bus_key_pair pair;
    hub_status status = read_key(file, host_secret_read, pair.secret_key, err);
    if (status == HUB_OK && crypto_scalarmult_base(pair.public_key, pair.secret_key) != 0) {
        status = hub_fail(err, HUB_ERR_INVALID, "%s: is not a Curve25519 secret key", file);
    }
    if (status == HUB_OK) *out = pair;
    sodium_memzero(&pair, sizeof pair);
    return status;
}

bool bus_key_is_text(const char *path_or_text)
{
    uint8_t key[BUS_KEY_BYTES];
    size_t length = strlen(path_or_text);
    bool is_file = length >= 4 && strcmp(path_or_text + length - 4, ".pub") == 0;
    return !is_file && bus_key_parse(path_or_text, key);
}

hub_status bus_public_key_read(const char *path_or_text, uint8_t out[BUS_KEY_BYTES], hub_error *err)
{
    if (bus_key_is_text(path_or_text)) {
        bool parsed = bus_key_parse(path_or_text, out);
        HUB_ASSERT(parsed);
        return HUB_OK;
    }
    return read_key(path_or_text, host_line_read, out, err);
}
