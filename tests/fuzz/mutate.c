#include "mutate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { DEFAULT_COUNT = 66000 };

uint64_t fuzz_number(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

/* xorshift64*: good enough to mutate with, and the same everywhere. */
size_t fuzz_pick(uint64_t *random, size_t below)
{
    *random ^= *random >> 12;
    *random ^= *random << 25;
    *random ^= *random >> 27;
    return below == 0 ? 0 : (size_t)((*random * 0x2545f4914f6cdd1dULL) >> 33) % below;
}

static void replace(fuzz_input *in, size_t at, size_t removed, const uint8_t *put, size_t put_size)
{
    if (in->size - removed + put_size > FUZZ_BYTES_MAX) return;
    memmove(in->bytes + at + put_size, in->bytes + at + removed, in->size - at - removed);
    if (put_size > 0) memcpy(in->bytes + at, put, put_size);
    in->size = in->size - removed + put_size;
}

void fuzz_mutate(fuzz_input *in, uint64_t *random)
{
    static const uint8_t EDGES[] = {0x00, 0x01, 0x7f, 0x80, 0xff, 0xc0, 0xed, '"', '{', '}', '[', '\\', '9'};
    uint8_t chunk[64];
    size_t at = fuzz_pick(random, in->size + 1);
    size_t left = in->size - at;
    size_t length = fuzz_pick(random, left < sizeof chunk ? left + 1 : sizeof chunk + 1);
    memcpy(chunk, in->bytes + at, length);
    switch (fuzz_pick(random, 7)) {
    case 0:
        if (left > 0) in->bytes[at] ^= (uint8_t)(1U << fuzz_pick(random, 8));
        break;
    case 1:
        if (left > 0) in->bytes[at] = EDGES[fuzz_pick(random, sizeof EDGES)];
        break;
    case 2:
        if (left > 0) in->bytes[at] = (uint8_t)fuzz_pick(random, 256);
        break;
    case 3:
        replace(in, at, length, NULL, 0);
        break;
    case 4:
        replace(in, fuzz_pick(random, in->size + 1), 0, chunk, length);
        break;
    case 5:
        replace(in, at, 0, &EDGES[fuzz_pick(random, sizeof EDGES)], 1);
        break;
    default:
        if (fuzz_pick(random, 8) == 0) in->size = at;
        break;
    }
}

void fuzz_try_some(const fuzz_input *good, void (*target)(const uint8_t *data, size_t size), uint64_t share)
{
    uint64_t random = fuzz_number("MASHHUB_FUZZ_SEED", 20260302);
    uint64_t count = fuzz_number("MASHHUB_FUZZ_COUNT", DEFAULT_COUNT) / share;
    target(good->bytes, good->size);
    for (uint64_t i = 0; i < count; i++) {
        fuzz_input bad = *good;
        for (size_t changes = 1 + fuzz_pick(&random, 4); changes > 0; changes--)
            fuzz_mutate(&bad, &random);
        /* a copy of exactly that size, so that the sanitizer sees the first byte read too far */
        uint8_t *exact = malloc(bad.size + 1);
        assert_non_null(exact);
        memcpy(exact + 1, bad.bytes, bad.size);
        target(exact + 1, bad.size);
        free(exact);
    }
}

void fuzz_try(const fuzz_input *good, void (*target)(const uint8_t *data, size_t size))
{
    fuzz_try_some(good, target, 1);
}

void fuzz_read_sample(const char *name, uint8_t first, fuzz_input *good)
{
    static const struct {
        const char *kind;
        const char *time;
    } TIMES[] = {{"iso", "2026-01-14T10:00:00Z"},
                 {"ymd", "2026-01-14"},
                 {"dmy", "14/01/2026"},
                 {"hl7", "20260114100000+0000"},
                 {"jav", "Wed Jan 14 10:00:00 GMT 2026"}};
    char path[512];
    char text[FUZZ_BYTES_MAX];
    const char *source = getenv("MASHHUB_SOURCE");
    (void)snprintf(path, sizeof path, "%s/tests/samples/%s", source != NULL ? source : ".", name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(text, 1, sizeof text - 1, file);
    (void)fclose(file);
    text[size] = '\0';
    good->bytes[0] = first;
    good->size = 1;
    for (const char *at = text; at < text + size;) {
        const char *open = strstr(at, "{{");
        const char *close = open != NULL ? strstr(open, "}}") : NULL;
        size_t plain = close != NULL ? (size_t)(open - at) : (size_t)(text + size - at);
        assert_true(good->size + plain + 32 < FUZZ_BYTES_MAX);
        memcpy(good->bytes + good->size, at, plain);
        good->size += plain;
        at = close != NULL ? close + 2 : text + size;
        for (size_t i = 0; close != NULL && i < sizeof TIMES / sizeof TIMES[0]; i++) {
            if (strncmp(open + 2, TIMES[i].kind, 3) != 0) continue;
            memcpy(good->bytes + good->size, TIMES[i].time, strlen(TIMES[i].time));
            good->size += strlen(TIMES[i].time);
        }
    }
}
