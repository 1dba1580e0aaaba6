#include <string.h>

#include "adults/adults.h"
#include "children/children.h"
#include "education/education.h"
#include "event/event.h"
#include "event/wire.h"
#include "health/health.h"
#include "police/police.h"
#include "probation/probation.h"
#include "targets.h"

static const struct {
    const kit_mapping *mapping;
    const char *sample;
} MAPPINGS[FUZZ_MAPPINGS] = {
    {&police_incident_json, "police/02-da-standard-no-children.json"},
    {&police_ppn_csv, "police_ppn/01-notices.csv"},
    {&health_hl7, "health/07-a04-emergency.hl7"},
    {&health_hl7, "health_more/01-ref-i12-sent.hl7"},
    {&health_fhir, "health_fhir/03-referral-message.json"},
    {&probation_domain_event, "probation/01-released.json"},
    {&education_register_json, "education/01-register.json"},
    {&education_ctf, "education_ctf/8501234_CTF_8512345_002.xml"},
    {&childrens_cin_census, "children/01-cin-baseline.xml"},
    {&childrens_csc_json, "children_csc/01-children.json"},
    {&adults_client_level_csv, "adults/02-cld-quarter-again.csv"},
    {&adults_safeguarding_csv, "adults_safeguarding/01-cases.csv"},
};

enum { NOW_YEAR = 2026 };
static const int64_t NOW_MS = INT64_C(1768478400000);

/* Whatever the bytes: the event is one that the hub's own check can look at, and a rule is words. */
static hub_status on_event(kit_sink *sink, Mash__V1__Event *event, const char *reference, const char *discriminator,
                           hub_bytes record, kit_place place)
{
    event_problem problem = {0};
    uint8_t id[HUB_ID_BYTES] = {1};
    (void)sink;
    (void)discriminator;
    (void)place;
    HUB_ASSERT(reference != NULL && record.size > 0);
    event->source_system = (char[]){"fuzz/1"};
    event->source_reference = (char *)(uintptr_t)reference;
    event->event_id = (ProtobufCBinaryData){.len = sizeof id, .data = id};
    if (event->recorded_at == 0) event->recorded_at = NOW_MS;
    return event_validate(event, NOW_MS, &problem) ? HUB_OK : HUB_ERR_INVALID;
}

static hub_status on_park(kit_sink *sink, hub_bytes record, kit_place place, const char *rule)
{
    (void)sink;
    (void)place;
    HUB_ASSERT(record.size > 0 && rule[0] != '\0');
    return HUB_OK;
}

static void on_note(kit_sink *sink, const char *field, const char *rule)
{
    (void)sink;
    HUB_ASSERT(field[0] != '\0' && rule[0] != '\0');
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

void fuzz_mapping(const uint8_t *data, size_t size)
{
    static const kit_sink_ops OPS = {
        .event = on_event, .park = on_park, .note = on_note, .get = on_get, .put = on_put, .was_refused = was_refused};
    if (size == 0) return;
    const kit_mapping *mapping = MAPPINGS[data[0] % FUZZ_MAPPINGS].mapping;
    kit_mapping_options options = {.source_system = "fuzz/1",
                                   .area = "E10000014",
                                   .agency = mapping->agency,
                                   .received_ms = NOW_MS,
                                   .this_year = NOW_YEAR,
                                   .zone_offset_minutes = no_offset};
    hub_arena arena;
    hub_error err = {{0}};
    hub_status status = hub_arena_open(&arena, 65536, 1 << 24);
    HUB_ASSERT(status == HUB_OK);
    kit_sink sink = {.ops = &OPS, .arena = &arena};
    status = mapping->map(&options, hub_bytes_of(data + 1, size - 1), "sample", &sink, &err);
    HUB_ASSERT(status == HUB_OK || (status == HUB_ERR_INVALID && err.text[0] != '\0'));
    char key[256];
    char url[1024];
    const char *reason = "";
    if (mapping->accepts != NULL) (void)mapping->accepts(hub_bytes_of(data + 1, size - 1), key, &reason);
    if (mapping->detail_url != NULL) (void)mapping->detail_url(hub_bytes_of(data + 1, size - 1), url);
    hub_arena_close(&arena);
}
