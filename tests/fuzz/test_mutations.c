/* A fixed number of random mutations of good bytes, the same at every run: what libFuzzer does for hours, in seconds, with any compiler.
 * MASHHUB_FUZZ_SEED and MASHHUB_FUZZ_COUNT try others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../unit_event/sample.h"
#include "../unit_signin/forge.h"
#include "event/wire.h"
#include "json/json.h"
#include "mash/v1/bus.pb-c.h"
#include "signin/account.h"
#include "signin/token.h"
#include "targets.h"

enum { INPUT_BYTES_MAX = 8192, DEFAULT_COUNT = 66000 };

typedef struct input {
    uint8_t bytes[INPUT_BYTES_MAX];
    size_t size;
} input;

static uint64_t number_from_environment(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text == NULL ? otherwise : strtoull(text, NULL, 10);
}

/* xorshift64*: good enough to mutate with, and the same everywhere. */
static size_t pick(uint64_t *random, size_t below)
{
    *random ^= *random >> 12;
    *random ^= *random << 25;
    *random ^= *random >> 27;
    return below == 0 ? 0 : (size_t)((*random * 0x2545f4914f6cdd1dULL) >> 33) % below;
}

static void replace(input *in, size_t at, size_t removed, const uint8_t *put, size_t put_size)
{
    if (in->size - removed + put_size > INPUT_BYTES_MAX) return;
    memmove(in->bytes + at + put_size, in->bytes + at + removed, in->size - at - removed);
    if (put_size > 0) memcpy(in->bytes + at, put, put_size);
    in->size = in->size - removed + put_size;
}

static void mutate(input *in, uint64_t *random)
{
    static const uint8_t EDGES[] = {0x00, 0x01, 0x7f, 0x80, 0xff, 0xc0, 0xed, '"', '{', '}', '[', '\\', '9'};
    uint8_t chunk[64];
    size_t at = pick(random, in->size + 1);
    size_t left = in->size - at;
    size_t length = pick(random, left < sizeof chunk ? left + 1 : sizeof chunk + 1);
    memcpy(chunk, in->bytes + at, length);
    switch (pick(random, 7)) {
    case 0:
        if (left > 0) in->bytes[at] ^= (uint8_t)(1U << pick(random, 8));
        break;
    case 1:
        if (left > 0) in->bytes[at] = EDGES[pick(random, sizeof EDGES)];
        break;
    case 2:
        if (left > 0) in->bytes[at] = (uint8_t)pick(random, 256);
        break;
    case 3:
        replace(in, at, length, NULL, 0);
        break;
    case 4:
        replace(in, pick(random, in->size + 1), 0, chunk, length);
        break;
    case 5:
        replace(in, at, 0, &EDGES[pick(random, sizeof EDGES)], 1);
        break;
    default:
        if (pick(random, 8) == 0) in->size = at;
        break;
    }
}

static void try_some_mutations(const input *good, void (*target)(const uint8_t *data, size_t size), uint64_t share)
{
    uint64_t random = number_from_environment("MASHHUB_FUZZ_SEED", 20260302);
    uint64_t count = number_from_environment("MASHHUB_FUZZ_COUNT", DEFAULT_COUNT) / share;
    target(good->bytes, good->size);
    for (uint64_t i = 0; i < count; i++) {
        input bad = *good;
        for (size_t changes = 1 + pick(&random, 4); changes > 0; changes--)
            mutate(&bad, &random);
        /* a copy of exactly that size, so that the sanitizer sees the first byte read too far */
        uint8_t *exact = malloc(bad.size + 1);
        assert_non_null(exact);
        memcpy(exact + 1, bad.bytes, bad.size);
        target(exact + 1, bad.size);
        free(exact);
    }
}

static void try_mutations(const input *good, void (*target)(const uint8_t *data, size_t size))
{
    try_some_mutations(good, target, 1);
}

static void make_good_event(input *good)
{
    sample s;
    sample_make(&s);
    assert_in_range(mash__v1__event__get_packed_size(&s.event), 1, INPUT_BYTES_MAX);
    good->size = mash__v1__event__pack(&s.event, good->bytes);
}

static void no_mutation_of_an_event_breaks_its_reader(void **state)
{
    (void)state;
    input good;
    make_good_event(&good);
    try_mutations(&good, fuzz_event);
}

static void no_mutation_of_a_frame_breaks_its_reader(void **state)
{
    (void)state;
    input event;
    make_good_event(&event);
    Mash__V1__PublishItem item = MASH__V1__PUBLISH_ITEM__INIT;
    item.link_seq = 7;
    item.event_id = (ProtobufCBinaryData){.len = 16, .data = event.bytes};
    item.event = (ProtobufCBinaryData){.len = event.size, .data = event.bytes};
    Mash__V1__PublishItem *items[] = {&item, &item};
    Mash__V1__Publish publish = MASH__V1__PUBLISH__INIT;
    publish.n_items = 2, publish.items = items;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.request = 1, frame.body_case = MASH__V1__CLIENT_FRAME__BODY_PUBLISH, frame.publish = &publish;
    input good;
    good.size = mash__v1__client_frame__pack(&frame, good.bytes);
    try_mutations(&good, fuzz_frame);
}

static void no_mutation_of_json_breaks_its_reader(void **state)
{
    (void)state;
    sample s;
    sample_make(&s);
    hub_buffer text = {0};
    assert_int_equal(json_of_message(&s.event.base, JSON_PRETTY, &text), HUB_OK);
    input good = {.size = text.size};
    assert_in_range(text.size, 1, INPUT_BYTES_MAX);
    memcpy(good.bytes, text.data, text.size);
    hub_buffer_free(&text);
    try_mutations(&good, fuzz_json);
}

static void make_input(input *good, hub_buffer *from)
{
    assert_in_range(from->size, 1, INPUT_BYTES_MAX);
    good->size = from->size;
    memcpy(good->bytes, from->data, from->size);
    hub_buffer_free(from);
}

static void no_mutation_of_a_token_breaks_its_reader(void **state)
{
    (void)state;
    hub_buffer text = {0}, claims = {0};
    forge_key *key = forge_make(FORGE_ED, "k1", NULL);
    long long now_s = SAMPLE_NOW_MS / 1000;
    hub_buffer_put_format(
        &claims,
        "{\"iss\":\"https://login.council.test\",\"aud\":\"board\",\"nonce\":\"n-0S6\",\"iat\":%lld,\"exp\":%lld,"
        "\"sub\":\"248289761001\",\"name\":\"Sam Okonjo\"}",
        now_s, now_s + 300);
    forge_key_list(&text, "{}", key, NULL);
    hub_buffer_put_text(&text, "\n");
    forge_token(&text, key, "{\"alg\":\"EdDSA\",\"kid\":\"k1\"}", hub_buffer_text(&claims));
    input good;
    make_input(&good, &text);
    try_mutations(&good, fuzz_token);
    assert_true(fuzz_token_is_good(good.bytes, good.size)); /* the mutations began at one that is taken */
    hub_buffer_free(&claims);
    forge_free(key);
}

static void no_mutation_of_people_yaml_breaks_its_reader(void **state)
{
    (void)state;
    hub_buffer text = {0};
    hub_buffer_put_text(&text, "- {person: hc-3, password: \"$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$"
                               "c29tZWhhc2hzb21laGFzaHNvbWVoYXNoc29tZWhhc2g\"}\n"
                               "- person: hc-4\n  name: duty-desk\n  manager: yes\n"
                               "  oidc: {issuer: \"https://login.council.test\", subject: \"248289761001\"}\n");
    input good;
    make_input(&good, &text);
    try_mutations(&good, fuzz_people);
}

/* A sample as its agency would send it: {{kind:offset}} is a time. */
static void read_sample(const char *name, uint8_t first, input *good)
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
    char text[INPUT_BYTES_MAX];
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
        assert_true(good->size + plain + 32 < INPUT_BYTES_MAX);
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

static void no_mutation_of_an_agencys_file_breaks_its_mapping(void **state)
{
    (void)state;
    for (size_t i = 0; i < FUZZ_MAPPINGS; i++) {
        input good;
        read_sample(fuzz_mapping_sample(i), (uint8_t)i, &good);
        try_some_mutations(&good, fuzz_mapping, 60);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_mutation_of_an_agencys_file_breaks_its_mapping),
        cmocka_unit_test(no_mutation_of_an_event_breaks_its_reader),
        cmocka_unit_test(no_mutation_of_a_frame_breaks_its_reader),
        cmocka_unit_test(no_mutation_of_json_breaks_its_reader),
        cmocka_unit_test(no_mutation_of_a_token_breaks_its_reader),
        cmocka_unit_test(no_mutation_of_people_yaml_breaks_its_reader),
    };
    return cmocka_run_group_tests_name("mutations", tests, NULL, NULL);
}
