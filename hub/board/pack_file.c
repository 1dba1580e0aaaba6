#include "pack_file.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/civil.h"
#include "host/files.h"
#include "host/random.h"

static const char KIND[] = "mash-board pack ", FIRST[] = "mash-board pack 1\n", PART[] = ".part";
static const unsigned long long KEY_PASSES = 6;
static const size_t KEY_MEMORY = (size_t)64 << 20;
enum {
    FIRST_BYTES = sizeof FIRST - 1,
    HEAD_BYTES = FIRST_BYTES + 8 + 8 + PACK_SALT_BYTES,
    STREAM_BYTES = crypto_secretstream_xchacha20poly1305_HEADERBYTES,
    PIECE_BYTES = 64 * 1024,
    SEAL_BYTES = crypto_secretstream_xchacha20poly1305_ABYTES,
    WRITE_BYTES = 1 << 20, /* at once: each write is synced */
};

struct pack_writer {
    crypto_secretstream_xchacha20poly1305_state stream;
    uint8_t head[HEAD_BYTES];
    char folder[PATH_MAX], path[PATH_MAX], part[PATH_MAX];
    uint8_t piece[PIECE_BYTES];
    size_t piece_size;
    bool has_piece; /* the first was sealed, with the head as its associated data */
    hub_buffer sealed;
    hub_status status;
    hub_error err;
};

/* ---- names -------------------------------------------------------------------------------------------------------------------- */
static void name_of(int64_t at_ms, char out[PACK_NAME_BYTES])
{
    core_civil_date day = core_civil_date_of((int32_t)(at_ms / CORE_MS_A_DAY));
    int64_t second = at_ms % CORE_MS_A_DAY / 1000;
    (void)snprintf(out, PACK_NAME_BYTES, "pack-%04d%02d%02dT%02d%02d%02dZ.mash", day.year, day.month, day.day_of_month,
                   (int)(second / 3600), (int)(second / 60 % 60), (int)(second % 60));
}

void pack_file_when(int64_t at_ms, char out[PACK_NAME_BYTES])
{
    core_civil_date day = core_civil_date_of((int32_t)(at_ms / CORE_MS_A_DAY));
    int64_t minute = at_ms % CORE_MS_A_DAY / CORE_MS_A_MINUTE;
    (void)snprintf(out, PACK_NAME_BYTES, "%04d-%02d-%02d %02d:%02d UTC", day.year, day.month, day.day_of_month,
                   (int)(minute / 60), (int)(minute % 60));
}

/* When a pack of this name was made; 0: it is no name of a pack. */
static int64_t made_of(const char *name)
{
    int year, month, day, hour, minute, second;
    char again[PACK_NAME_BYTES];
    if (sscanf(name, "pack-%4d%2d%2dT%2d%2d%2dZ", &year, &month, &day, &hour, &minute, &second) != 6) return 0;
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > core_civil_month_days(year, month)) return 0;
    int64_t made_ms = core_civil_day(year, month, day) * CORE_MS_A_DAY + ((hour * 60 + minute) * 60 + second) * INT64_C(1000);
    name_of(made_ms, again);
    size_t size = strlen(again);
    bool is_ours = strncmp(name, again, size) == 0 && (name[size] == '\0' || strcmp(name + size, PART) == 0);
    return is_ours ? made_ms : 0;
}

int64_t pack_file_newest_ms(const char *folder)
{
    int64_t newest_ms = 0;
    DIR *open = opendir(folder);
    if (open == NULL) return 0;
    for (const struct dirent *entry = readdir(open); entry != NULL; entry = readdir(open)) {
        int64_t made_ms = made_of(entry->d_name);
        bool is_whole = strlen(entry->d_name) < PACK_NAME_BYTES && strstr(entry->d_name, PART) == NULL;
        if (is_whole && made_ms > newest_ms) newest_ms = made_ms;
    }
    (void)closedir(open);
    return newest_ms;
}

static void delete_old(const pack_writer *w, int64_t keep_from_ms)
{
    char path[PATH_MAX * 2];
    DIR *open = opendir(w->folder);
    if (open == NULL) return;
    for (const struct dirent *entry = readdir(open); entry != NULL; entry = readdir(open)) {
        int64_t made_ms = made_of(entry->d_name);
        bool is_half = strstr(entry->d_name, PART) != NULL;
        if (made_ms == 0 || (made_ms >= keep_from_ms && !is_half)) continue;
        (void)snprintf(path, sizeof path, "%s/%s", w->folder, entry->d_name);
        if (strcmp(path, w->path) != 0) (void)unlink(path);
    }
    (void)closedir(open);
}

/* ---- the key ------------------------------------------------------------------------------------------------------------------ */
static bool derive(hub_bytes passphrase, pack_key *key)
{
    return crypto_pwhash(key->key, sizeof key->key, (const char *)passphrase.data, passphrase.size, key->salt, KEY_PASSES,
                         KEY_MEMORY, crypto_pwhash_ALG_ARGON2ID13) == 0;
}

hub_status pack_key_read(const char *path, pack_key *out, hub_error *err)
{
    hub_buffer text = {0};
    hub_status status = host_secret_read(path, PACK_PASSPHRASE_BYTES_MAX, &text, err);
    if (status == HUB_OK &&
        (text.size < PACK_PASSPHRASE_BYTES_LEAST || text.size > PACK_PASSPHRASE_BYTES_MAX ||
         !hub_is_clean_text((const char *)text.data, text.size) || memchr(text.data, '\n', text.size) != NULL))
        status = hub_fail(err, HUB_ERR_INVALID, "%s: a passphrase is one line of %d to %d bytes; five random words are good",
                          path, PACK_PASSPHRASE_BYTES_LEAST, PACK_PASSPHRASE_BYTES_MAX);
    host_random_fill(out->salt, sizeof out->salt);
    if (status == HUB_OK && !derive(hub_buffer_bytes(&text), out))
        status =
            hub_fail(err, HUB_ERR_MEMORY, "a pack's key needs %zu MiB for a moment, and they are not there", KEY_MEMORY >> 20);
    host_secret_free(&text);
    return status;
}

/* ---- writing ------------------------------------------------------------------------------------------------------------------ */
static void write_out(pack_writer *w)
{
    if (w->sealed.failed && w->status == HUB_OK) w->status = hub_fail(&w->err, HUB_ERR_MEMORY, "no memory for a pack");
    if (w->status == HUB_OK) w->status = host_file_append(w->part, hub_buffer_bytes(&w->sealed), 0640, &w->err);
    hub_buffer_clear(&w->sealed);
}

static void seal_piece(pack_writer *w, uint8_t tag)
{
    size_t size = w->piece_size + SEAL_BYTES;
    uint8_t *to = hub_buffer_extend(&w->sealed, size);
    if (to != NULL)
        (void)crypto_secretstream_xchacha20poly1305_push(&w->stream, to, NULL, w->piece, w->piece_size,
                                                         w->has_piece ? NULL : w->head, w->has_piece ? 0 : HEAD_BYTES, tag);
    w->has_piece = true;
    w->piece_size = 0;
    if (w->sealed.size >= WRITE_BYTES || w->sealed.failed) write_out(w);
}

hub_status pack_writer_begin(const char *folder, const pack_key *key, int64_t made_ms, int64_t expires_ms, pack_writer **out,
                             hub_error *err)
{
    char name[PACK_NAME_BYTES];
    uint8_t stream[STREAM_BYTES];
    *out = NULL;
    pack_writer *w = calloc(1, sizeof *w);
    if (w == NULL) return hub_fail(err, HUB_ERR_MEMORY, "no memory for a pack");
    name_of(made_ms, name);
    int length = snprintf(w->part, sizeof w->part, "%s/%s%s", folder, name, PART);
    if (length < 0 || (size_t)length >= sizeof w->part) {
        free(w);
        return hub_fail(err, HUB_ERR_INVALID, "%s: path too long", folder);
    }
    (void)snprintf(w->folder, sizeof w->folder, "%s", folder);
    (void)snprintf(w->path, sizeof w->path, "%.*s", length - (int)sizeof PART + 1, w->part);
    memcpy(w->head, FIRST, FIRST_BYTES);
    hub_put_u64(w->head + FIRST_BYTES, (uint64_t)made_ms);
    hub_put_u64(w->head + FIRST_BYTES + 8, (uint64_t)expires_ms);
    memcpy(w->head + FIRST_BYTES + 16, key->salt, PACK_SALT_BYTES);
    (void)crypto_secretstream_xchacha20poly1305_init_push(&w->stream, stream, key->key);
    hub_buffer_put(&w->sealed, w->head, HEAD_BYTES);
    hub_buffer_put(&w->sealed, stream, sizeof stream);
    (void)unlink(w->part);
    *out = w;
    return HUB_OK;
}

void pack_writer_put(pack_writer *w, hub_bytes text)
{
    while (text.size > 0) {
        if (w->piece_size == PIECE_BYTES) seal_piece(w, 0);
        size_t room = PIECE_BYTES - w->piece_size, size = text.size < room ? text.size : room;
        memcpy(w->piece + w->piece_size, text.data, size);
        w->piece_size += size;
        text = hub_bytes_of(text.data + size, text.size - size);
    }
}

void pack_writer_drop(pack_writer *w)
{
    (void)unlink(w->part); /* gone already when it was put in place */
    hub_buffer_free(&w->sealed);
    sodium_memzero(w, sizeof *w);
    free(w);
}

hub_status pack_writer_end(pack_writer *w, int64_t keep_from_ms, hub_error *err)
{
    seal_piece(w, crypto_secretstream_xchacha20poly1305_TAG_FINAL);
    write_out(w);
    if (w->status == HUB_OK && rename(w->part, w->path) != 0)
        w->status = hub_fail(&w->err, HUB_ERR_IO, "%s: cannot be put in place: %s", w->path, strerror(errno));
    hub_status status = w->status;
    if (status == HUB_OK) delete_old(w, keep_from_ms);
    if (status != HUB_OK && err != NULL) *err = w->err;
    pack_writer_drop(w);
    return status;
}

/* ---- opening ------------------------------------------------------------------------------------------------------------------ */
/* Piece by piece to the one that is tagged as the last, with nothing behind it. */
static hub_status unseal(hub_bytes file, const pack_key *key, hub_buffer *out)
{
    crypto_secretstream_xchacha20poly1305_state stream;
    const uint8_t *at = file.data + HEAD_BYTES + STREAM_BYTES, *end = file.data + file.size;
    bool is_first = true;
    uint8_t tag = 0;
    if (crypto_secretstream_xchacha20poly1305_init_pull(&stream, file.data + HEAD_BYTES, key->key) != 0) return HUB_ERR_CORRUPT;
    while (tag != crypto_secretstream_xchacha20poly1305_TAG_FINAL) {
        size_t left = (size_t)(end - at), size = left < PIECE_BYTES + SEAL_BYTES ? left : PIECE_BYTES + SEAL_BYTES;
        if (size < SEAL_BYTES) return HUB_ERR_CORRUPT;
        uint8_t *to = hub_buffer_extend(out, size - SEAL_BYTES + 1); /* a byte more: the last piece may be empty */
        if (to == NULL) return HUB_ERR_MEMORY;
        out->size--;
        if (crypto_secretstream_xchacha20poly1305_pull(&stream, to, NULL, &tag, at, size, is_first ? file.data : NULL,
                                                       is_first ? HEAD_BYTES : 0) != 0)
            return HUB_ERR_CORRUPT;
        is_first = false;
        at += size;
    }
    return at == end ? HUB_OK : HUB_ERR_CORRUPT;
}

static hub_status open_bytes(const char *path, hub_bytes file, hub_bytes passphrase, hub_buffer *out, hub_error *err)
{
    pack_key key;
    memcpy(key.salt, file.data + FIRST_BYTES + 16, PACK_SALT_BYTES);
    hub_status status = derive(passphrase, &key) ? unseal(file, &key, out) : HUB_ERR_MEMORY;
    sodium_memzero(&key, sizeof key);
    if (status == HUB_ERR_MEMORY) return hub_fail(err, status, "%s: out of memory", path);
    if (status != HUB_OK) return hub_fail(err, status, "%s: another passphrase, or the file is damaged or cut", path);
    return HUB_OK;
}

hub_status pack_file_open(const char *path, hub_bytes passphrase, pack_expiry expiry, int64_t now_ms, int64_t *made_ms,
                          int64_t *expires_ms, hub_buffer *out, hub_error *err)
{
    hub_buffer file = {0};
    char when[PACK_NAME_BYTES];
    size_t before = out->size;
    *made_ms = *expires_ms = 0;
    hub_status status = host_file_read(path, PACK_FILE_BYTES_MAX, &file, err);
    bool is_pack = status == HUB_OK && file.size >= HEAD_BYTES + STREAM_BYTES && memcmp(file.data, KIND, sizeof KIND - 1) == 0;
    if (status == HUB_OK && !is_pack) {
        status = hub_fail(err, HUB_ERR_INVALID, "%s: this is no continuity pack", path);
    } else if (status == HUB_OK && memcmp(file.data, FIRST, FIRST_BYTES) != 0) {
        status = hub_fail(err, HUB_ERR_VERSION, "%s: made by a newer mash-board; open it with that one", path);
    }
    if (status == HUB_OK) status = open_bytes(path, hub_buffer_bytes(&file), passphrase, out, err);
    if (status == HUB_OK) {
        *made_ms = (int64_t)hub_get_u64(file.data + FIRST_BYTES);
        *expires_ms = (int64_t)hub_get_u64(file.data + FIRST_BYTES + 8);
        if (now_ms >= *expires_ms && expiry == PACK_REFUSE_EXPIRED) {
            pack_file_when(*expires_ms, when);
            status = hub_fail(err, HUB_ERR_REFUSED, "%s: it expired at %s; look for a newer one, or say --expired", path, when);
        }
    }
    if (status != HUB_OK && out->data != NULL) sodium_memzero(out->data + before, out->capacity - before);
    if (status != HUB_OK) out->size = before;
    hub_buffer_free(&file);
    return status;
}
