#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adults/adults.h"
#include "children/children.h"
#include "education/education.h"
#include "event/event.h"
#include "event/wire.h"
#include "health/health.h"
#include "police/police.h"
#include "probation/probation.h"
#include "table/table.h"
#include "targets.h"
#include "yaml/yaml.h"

/* `table`: of the mapping. `detail`: the sample is what stands at a detailUrl, `input` the event that names it. */
static const struct {
    const kit_mapping *mapping;
    const char *sample;
    const char *table;
    const char *input;
} MAPPINGS[FUZZ_MAPPINGS] = {
    {&police_incident_json, "police/02-da-standard-no-children.json", NULL, NULL},
    {&police_ppn_csv, "police_ppn/01-notices.csv", NULL, NULL},
    {&health_hl7, "health/07-a04-emergency.hl7", NULL, NULL},
    {&health_hl7, "health/02-s26-missed.hl7", NULL, NULL},
    {&health_hl7, "health_more/01-ref-i12-sent.hl7", NULL, NULL},
    {&health_hl7, "health_more/03-a40-merge.hl7", NULL, NULL},
    {&health_fhir, "health_fhir/01-appointment-noshow-bundle.json", NULL, NULL},
    {&health_fhir, "health_fhir/03-referral-message.json", NULL, NULL},
    {&health_fhir, "health_fhir/05-appointment-noshow.xml", NULL, NULL},
    {&probation_domain_event, "probation/01-released.json", NULL, NULL},
    {&probation_domain_event, "probation_detail/session-feedback.json", NULL,
     "{\"eventType\":\"intervention.session-appointment.session-feedback-submitted\",\"version\":1,"
     "\"detailUrl\":\"https://api.example.test/1\",\"occurredAt\":\"2026-01-14T10:00:00Z\","
     "\"personReference\":{\"identifiers\":[{\"type\":\"CRN\",\"value\":\"X990001\"}]}}"},
    {&education_register_json, "education/01-register.json", NULL, NULL},
    {&education_register_csv, "education_csv/01-register.csv", NULL, NULL},
    {&education_ctf, "education_ctf/8501234_CTF_8512345_002.xml", NULL, NULL},
    {&childrens_cin_census, "children/01-cin-baseline.xml", NULL, NULL},
    {&childrens_csc_json, "children_csc/01-children.json", NULL, NULL},
    {&adults_client_level_csv, "adults/02-cld-quarter-again.csv", NULL, NULL},
    {&adults_safeguarding_csv, "adults_safeguarding/01-cases.csv", NULL, NULL},
    {&table_csv, "education_concerns/01-concern-log.csv", "concern-log.yaml", NULL},
    {&table_csv, "identity/01-crosswalk.csv", "identity-crosswalk.yaml", NULL},
};

enum { NOW_YEAR = 2026 };
static const int64_t NOW_MS = INT64_C(1768478400000);

/* A broken promise, with the words that broke it: the samples are synthetic. */
static void promise(bool kept, const char *text)
{
    if (!kept) (void)fprintf(stderr, "said: %s\n", text);
    HUB_ASSERT(kept);
}

/* M4: no value of the input. Of a person these samples have this family name, and numbers of six digits and more. */
static void check_words(const char *text)
{
    size_t digits = 0;
    promise(text[0] != '\0' && strstr(text, "Testley") == NULL, text);
    for (const char *at = text; *at != '\0'; at++) {
        digits = *at >= '0' && *at <= '9' ? digits + 1 : 0;
        promise(digits < 6 && (unsigned char)*at >= ' ', text);
    }
}

/* M3: a person finds the record by it. */
static void check_place(kit_place place)
{
    promise(place.line > 0 && place.line < 100000 && place.column < 100000, place.field != NULL ? place.field : "no place");
    if (place.field != NULL && place.field[0] != '\0') check_words(place.field);
}

/* What a whole input is refused with: "line:column: ...", "line N: ..."; a text within by its name: "detailUrl: line:column: ...". */
static void check_refusal(const char *text)
{
    static const char *const BEFORE[] = {"detailUrl: ", "Message: ", "line ", "segment "};
    check_words(text);
    for (size_t i = 0; i < sizeof BEFORE / sizeof BEFORE[0]; i++)
        text += strncmp(text, BEFORE[i], strlen(BEFORE[i])) == 0 ? strlen(BEFORE[i]) : 0;
    promise(*text >= '1' && *text <= '9', text);
}

static char newest[128]; /* reference of the newest event */

/* Whatever the bytes: the event is one that the hub's own check can look at, and a rule is words. */
static hub_status on_event(kit_sink *sink, Mash__V1__Event *event, const char *reference, const char *discriminator,
                           hub_bytes record, kit_place place)
{
    event_problem problem = {0};
    uint8_t id[HUB_ID_BYTES] = {1};
    (void)sink;
    (void)discriminator;
    HUB_ASSERT(reference != NULL && record.size > 0);
    check_place(place);
    event->source_system = (char[]){"fuzz/1"};
    event->source_reference = (char *)(uintptr_t)reference;
    event->event_id = (ProtobufCBinaryData){.len = sizeof id, .data = id};
    if (event->recorded_at == 0) event->recorded_at = NOW_MS;
    bool sound = event_validate(event, NOW_MS, &problem);
    if (sound)
        (void)snprintf(newest, sizeof newest, "%s", reference);
    else
        check_words(problem.reason);
    return sound ? HUB_OK : HUB_ERR_INVALID;
}

static hub_status on_park(kit_sink *sink, hub_bytes record, kit_place place, const char *rule)
{
    (void)sink;
    HUB_ASSERT(record.size > 0);
    check_place(place);
    check_words(rule);
    return HUB_OK;
}

static void on_note(kit_sink *sink, const char *field, const char *rule)
{
    (void)sink;
    check_words(field);
    check_words(rule);
}

static hub_status on_get(kit_sink *sink, const char *key, hub_buffer *out)
{
    (void)sink;
    (void)key;
    (void)out;
    return HUB_ERR_NOT_FOUND;
}

static hub_status on_put(kit_sink *sink, const char *key, hub_bytes value)
{
    (void)sink;
    (void)value;
    HUB_ASSERT(strlen(key) <= 128);
    return HUB_OK;
}

static hub_status was_refused(kit_sink *sink, const hub_id *event_id)
{
    (void)sink;
    (void)event_id;
    return HUB_ERR_NOT_FOUND;
}

static int no_offset(int64_t civil_ms)
{
    (void)civil_ms;
    return 0;
}

const char *fuzz_mapping_sample(size_t mapping)
{
    HUB_ASSERT(mapping < FUZZ_MAPPINGS);
    return MAPPINGS[mapping].sample;
}

bool fuzz_mapping_has_rows(size_t mapping)
{
    return strstr(MAPPINGS[mapping].sample, ".csv") != NULL;
}

/* Read once; the same for the life of the program. */
static const void *settings_of(size_t row)
{
    static void *settings[FUZZ_MAPPINGS];
    const kit_mapping *mapping = MAPPINGS[row].mapping;
    if (MAPPINGS[row].table != NULL && settings[row] == NULL) {
        char path[512];
        yaml_problems problems = {0};
        const char *source = getenv("MASHHUB_SOURCE");
        (void)snprintf(path, sizeof path, "%s/config/hips/adapters/tables/%s", source != NULL ? source : ".",
                       MAPPINGS[row].table);
        settings[row] = mapping->settings_read(path, &problems);
        HUB_ASSERT(settings[row] != NULL);
        yaml_problems_free(&problems);
    }
    return settings[row];
}

int fuzz_mappings_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < FUZZ_MAPPINGS; i++) {
        if (MAPPINGS[i].table != NULL) MAPPINGS[i].mapping->settings_free((void *)(uintptr_t)settings_of(i));
    }
    return 0;
}

const char *fuzz_mapping_newest(void)
{
    return newest;
}

void fuzz_mapping(const uint8_t *data, size_t size)
{
    static const kit_sink_ops OPS = {
        .event = on_event, .park = on_park, .note = on_note, .get = on_get, .put = on_put, .was_refused = was_refused};
    if (size == 0) return;
    size_t row = data[0] % FUZZ_MAPPINGS;
    const kit_mapping *mapping = MAPPINGS[row].mapping;
    hub_bytes input = hub_bytes_of(data + 1, size - 1);
    kit_mapping_options options = {
        .source_system = "fuzz/1",
        .area = "E10000014",
        .agency = mapping->agency != MASH__V1__AGENCY__AGENCY_UNSPECIFIED ? mapping->agency : MASH__V1__AGENCY__AGENCY_EDUCATION,
        .settings = settings_of(row),
        .received_ms = NOW_MS,
        .this_year = NOW_YEAR,
        .zone_offset_minutes = no_offset};
    if (MAPPINGS[row].input != NULL) {
        options.detail = input;
        input = hub_bytes_of_text(MAPPINGS[row].input);
    }
    hub_arena arena;
    hub_error err = {{0}};
    hub_status status = hub_arena_open(&arena, 65536, 1 << 24);
    HUB_ASSERT(status == HUB_OK);
    kit_sink sink = {.ops = &OPS, .arena = &arena};
    newest[0] = '\0';
    status = mapping->map(&options, input, "sample", &sink, &err);
    HUB_ASSERT(status == HUB_OK || status == HUB_ERR_INVALID);
    if (status != HUB_OK) check_refusal(err.text);
    char key[256];
    char url[1024];
    const char *reason = "";
    if (mapping->accepts != NULL && mapping->accepts(input, key, &reason) != KIT_INPUT_DONE) check_words(reason);
    if (mapping->detail_url != NULL) (void)mapping->detail_url(input, url);
    hub_buffer answer = {0};
    if (mapping->answer != NULL) HUB_ASSERT(mapping->answer(input, KIT_INPUT_UNREADABLE, err.text, NOW_MS, &answer) == HUB_OK);
    hub_buffer_free(&answer);
    hub_arena_close(&arena);
}
