#include "names.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

enum { FIRST = 256 };

typedef struct kept {
    uint64_t hash;
    size_t size;
    _Alignas(max_align_t) char bytes[];
} kept;

struct names {
    kept **places; /* open addressing; NULL = free */
    uint32_t count, place_count;
};

static uint32_t place_of(const names *of, uint64_t hash, hub_bytes bytes)
{
    uint32_t at = (uint32_t)hash & (of->place_count - 1);
    for (const kept *is; (is = of->places[at]) != NULL; at = (at + 1) & (of->place_count - 1)) {
        if (is->hash == hash && hub_bytes_equal(hub_bytes_of(is->bytes, is->size), bytes)) break;
    }
    return at;
}

static bool grow(names *of)
{
    uint32_t before = of->place_count;
    kept **old = of->places, **places = calloc(2 * (size_t)before, sizeof *places);
    if (places == NULL) return false;
    of->places = places;
    of->place_count = 2 * before;
    for (uint32_t i = 0; i < before; i++) {
        if (old[i] != NULL) places[place_of(of, old[i]->hash, hub_bytes_of(old[i]->bytes, old[i]->size))] = old[i];
    }
    free(old);
    return true;
}

const void *names_keep(names *of, hub_bytes bytes)
{
    static const uint8_t KEY[HUB_SIPHASH_KEY_BYTES];
    uint64_t hash = hub_siphash(KEY, bytes.data, bytes.size);
    const kept *is = of->places[place_of(of, hash, bytes)];
    if (is != NULL) return is->bytes;
    if (of->count == NAMES_MAX || (2 * of->count >= of->place_count && !grow(of))) return NULL;
    kept *made = malloc(sizeof *made + bytes.size + 1);
    if (made == NULL) return NULL;
    made->hash = hash;
    made->size = bytes.size;
    if (bytes.size > 0) memcpy(made->bytes, bytes.data, bytes.size);
    made->bytes[bytes.size] = '\0';
    of->places[place_of(of, hash, bytes)] = made;
    of->count++;
    return made->bytes;
}

names *names_open(void)
{
    names *of = calloc(1, sizeof *of);
    if (of == NULL) return NULL;
    of->places = calloc(FIRST, sizeof *of->places);
    of->place_count = FIRST;
    if (of->places != NULL) return of;
    free(of);
    return NULL;
}

void names_close(names *of)
{
    if (of == NULL) return;
    for (uint32_t i = 0; i < of->place_count; i++)
        free(of->places[i]);
    free(of->places);
    free(of);
}
