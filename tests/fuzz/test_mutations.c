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
#include "mutate.h"
#include "signin/account.h"
#include "signin/token.h"
#include "targets.h"

static void make_good_event(fuzz_input *good)
{
    sample s;
    sample_make(&s);
    assert_in_range(mash__v1__event__get_packed_size(&s.event), 1, FUZZ_BYTES_MAX);
    good->size = mash__v1__event__pack(&s.event, good->bytes);
}

static void no_mutation_of_an_event_breaks_its_reader(void **state)
{
    (void)state;
    fuzz_input good;
    make_good_event(&good);
    fuzz_try(&good, fuzz_event);
}

static void no_mutation_of_a_frame_breaks_its_reader(void **state)
{
    (void)state;
    fuzz_input event;
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
    fuzz_input good;
    good.size = mash__v1__client_frame__pack(&frame, good.bytes);
    fuzz_try(&good, fuzz_frame);
}

static void no_mutation_of_json_breaks_its_reader(void **state)
{
    (void)state;
    sample s;
    sample_make(&s);
    hub_buffer text = {0};
    assert_int_equal(json_of_message(&s.event.base, JSON_PRETTY, &text), HUB_OK);
    fuzz_input good = {.size = text.size};
    assert_in_range(text.size, 1, FUZZ_BYTES_MAX);
    memcpy(good.bytes, text.data, text.size);
    hub_buffer_free(&text);
    fuzz_try(&good, fuzz_json);
}

static void make_input(fuzz_input *good, hub_buffer *from)
{
    assert_in_range(from->size, 1, FUZZ_BYTES_MAX);
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
    fuzz_input good;
    make_input(&good, &text);
    fuzz_try(&good, fuzz_token);
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
    fuzz_input good;
    make_input(&good, &text);
    fuzz_try(&good, fuzz_people);
}

static void no_mutation_of_a_delivery_breaks_what_goes_out_of_it(void **state)
{
    (void)state;
    sample s;
    sample_make(&s);
    uint8_t hash[HUB_DIGEST_BYTES] = {7};
    Mash__V1__Position position = MASH__V1__POSITION__INIT;
    Mash__V1__Alert alert = MASH__V1__ALERT__INIT;
    Mash__V1__Clock clock = MASH__V1__CLOCK__INIT;
    Mash__V1__Clock *clocks[] = {&clock};
    Mash__V1__DecisionLine line = MASH__V1__DECISION_LINE__INIT;
    Mash__V1__DecisionLine *lines[] = {&line};
    Mash__V1__Delivery delivery = MASH__V1__DELIVERY__INIT;
    position.sequence = 77;
    position.record_hash = (ProtobufCBinaryData){.data = hash, .len = sizeof hash};
    clock.due_ms = SAMPLE_NOW_MS + 60 * 60 * 1000;
    alert.alert_id = (char *)(uintptr_t) "A17";
    alert.rating = MASH__V1__RATING__RATING_RED;
    alert.state = (char *)(uintptr_t) "open";
    alert.clocks = clocks, alert.n_clocks = 1;
    alert.lines = lines, alert.n_lines = 1;
    delivery.position = &position;
    delivery.queue = (char *)(uintptr_t) "team";
    delivery.kind = MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ALERT_OPENED;
    delivery.alert = &alert;
    delivery.event = &s.event;
    fuzz_input good;
    good.size = mash__v1__delivery__get_packed_size(&delivery);
    assert_in_range(good.size, 1, FUZZ_BYTES_MAX);
    (void)mash__v1__delivery__pack(&delivery, good.bytes);
    fuzz_try(&good, fuzz_delivery);
    delivery.alert = NULL;
    delivery.notice = (char *)(uintptr_t) "N19";
    delivery.event = NULL; /* small, so that mutations meet what is in a header */
    Mash__V1__DisagreementView disagreement = MASH__V1__DISAGREEMENT_VIEW__INIT;
    disagreement.due_ms = INT64_MAX;
    delivery.disagreement = &disagreement;
    good.size = mash__v1__delivery__pack(&delivery, good.bytes);
    fuzz_try(&good, fuzz_delivery);
}

static void no_mutation_of_a_directory_of_schools_breaks_its_reader(void **state)
{
    (void)state;
    hub_buffer text = {0};
    hub_buffer_put_text(
        &text, "URN,Name,Safeguarding Lead,Deputy,Valid From,Valid Until,Closed,Opens\r\n"
               "116123,\"Example, Junior\",lead@school.test,deputy@school.test,2025-09-01,,2026-07-22/2026-09-01,08:40\r\n"
               "116124,Other,lead@other.test,,01/09/2025,2026-08-31,,\r\n");
    fuzz_input good;
    make_input(&good, &text);
    fuzz_try(&good, fuzz_schools);
}

static void no_mutation_of_an_agencys_file_breaks_its_mapping(void **state)
{
    (void)state;
    for (size_t i = 0; i < FUZZ_MAPPINGS; i++) {
        fuzz_input good;
        fuzz_read_sample(fuzz_mapping_sample(i), (uint8_t)i, &good);
        fuzz_try_some(&good, fuzz_mapping, 60);
    }
}

static size_t line_end(const fuzz_input *in, size_t from)
{
    const uint8_t *end = from < in->size ? memchr(in->bytes + from, '\n', in->size - from) : NULL;
    return end != NULL ? (size_t)(end - in->bytes) + 1 : in->size;
}

static void put_rows(fuzz_input *out, const fuzz_input *from, size_t start, size_t end)
{
    assert_true(out->size + end - start < FUZZ_BYTES_MAX);
    memcpy(out->bytes + out->size, from->bytes + start, end - start);
    out->size += end - start;
}

/* The last row that alone is an event: from `start` to `end`. */
static void find_good_row(const fuzz_input *good, size_t header, size_t *start, size_t *end)
{
    *start = *end = 0;
    for (size_t at = header; at < good->size; at = line_end(good, at)) {
        fuzz_input alone = {.size = 0};
        put_rows(&alone, good, 0, header);
        put_rows(&alone, good, at, line_end(good, at));
        fuzz_mapping(alone.bytes, alone.size);
        if (fuzz_mapping_newest()[0] == '\0') continue;
        *start = at;
        *end = line_end(good, at);
    }
    assert_true(*end > *start);
}

/* M3: header, a spoilt row that stays one row, and a good one: the good one is told. */
static void check_neighbour(const fuzz_input *good)
{
    size_t header = line_end(good, 1);
    size_t start, end;
    uint64_t random = fuzz_number("MASHHUB_FUZZ_SEED", 20260302);
    char wanted[128];
    find_good_row(good, header, &start, &end);
    fuzz_input alone = {.size = 0};
    put_rows(&alone, good, 0, header);
    put_rows(&alone, good, start, end);
    fuzz_mapping(alone.bytes, alone.size);
    (void)snprintf(wanted, sizeof wanted, "%s", fuzz_mapping_newest());
    for (uint64_t i = fuzz_number("MASHHUB_FUZZ_COUNT", 66000) / 60; i > 0; i--) {
        fuzz_input spoilt = {.size = 0};
        fuzz_input whole = {.size = 0};
        put_rows(&spoilt, good, header, line_end(good, header) - 1);
        fuzz_mutate(&spoilt, &random);
        for (size_t k = 0; k < spoilt.size; k++) {
            if (spoilt.bytes[k] == 0 || strchr("\"\r\n", spoilt.bytes[k]) != NULL) spoilt.bytes[k] = ' ';
        }
        put_rows(&whole, good, 0, header);
        put_rows(&whole, &spoilt, 0, spoilt.size);
        whole.bytes[whole.size++] = '\n';
        put_rows(&whole, good, start, end);
        fuzz_mapping(whole.bytes, whole.size);
        assert_string_equal(fuzz_mapping_newest(), wanted);
    }
}

static void a_spoilt_row_takes_no_good_one_with_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < FUZZ_MAPPINGS; i++) {
        fuzz_input good;
        if (!fuzz_mapping_has_rows(i)) continue;
        fuzz_read_sample(fuzz_mapping_sample(i), (uint8_t)i, &good);
        check_neighbour(&good);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_mutation_of_an_agencys_file_breaks_its_mapping),
        cmocka_unit_test(a_spoilt_row_takes_no_good_one_with_it),
        cmocka_unit_test(no_mutation_of_an_event_breaks_its_reader),
        cmocka_unit_test(no_mutation_of_a_frame_breaks_its_reader),
        cmocka_unit_test(no_mutation_of_json_breaks_its_reader),
        cmocka_unit_test(no_mutation_of_a_token_breaks_its_reader),
        cmocka_unit_test(no_mutation_of_people_yaml_breaks_its_reader),
        cmocka_unit_test(no_mutation_of_a_delivery_breaks_what_goes_out_of_it),
        cmocka_unit_test(no_mutation_of_a_directory_of_schools_breaks_its_reader),
    };
    return cmocka_run_group_tests_name("mutations", tests, NULL, fuzz_mappings_end);
}
