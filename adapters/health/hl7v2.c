/* hl7v2.c - one HL7 v2 message to at most one event.
 *
 * Invariants
 *   H1  a test or training message (MSH-11 T or D) makes no event: an exercise in the hub is declared by people, not by a flag that
 *       a test interface also sets [HL7 v2 table 0103]
 *   H2  unknown segments and Z segments are ignored, never refused
 *   H3  a cancellation (S15, S17) is never a miss, whatever its status fields say
 */
#include "health/health.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/wire.h"
#include "formats/json.h"
#include "health/message.h"

static const formats_profile PROFILE = {
    .agency = MASH__V1__AGENCY__AGENCY_HEALTH,
    .sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_SENSITIVE, /* health detail */
    .legal_basis = MASH__V1__LEGAL_BASIS__LEGAL_BASIS_PUBLIC_TASK,
    .legal_gateway = "Children Act 2004 s11; Health and Social Care Act 2012 s251B",
};

void health_fault(health_message *message, const char *segment, const char *field, const char *rule)
{
    if (message->rule != NULL) return;
    message->rule = rule;
    message->field = field;
    bool is_repeated = strcmp(segment, "PID") == 0 || strcmp(segment, "MRG") == 0;
    message->segment = 1; /* where it is missing, the message */
    (void)formats_hl7_segment(message->hl7, segment, is_repeated ? message->patient : 0, &message->segment);
}

/* By where its bytes stand: the segment, and the field by the separators before it. */
static void fault_at(health_message *m, hub_bytes part, const char *rule)
{
    uint32_t i = 0;
    unsigned field = 0;
    if (m->rule != NULL) return;
    while (i + 1 < m->hl7->count && part.data >= m->hl7->segments[i].data + m->hl7->segments[i].size)
        i++;
    hub_bytes segment = m->hl7->segments[i];
    for (const uint8_t *at = segment.data; at < part.data; at++)
        field += (char)*at == m->hl7->field_separator;
    if (memcmp(segment.data, "MSH", 3) == 0) field++; /* MSH-1 is the separator itself */
    (void)snprintf(m->field_name, sizeof m->field_name, "%.3s-%u", (const char *)segment.data, field);
    m->field = m->field_name;
    m->rule = rule;
    m->segment = i + 1;
}

char *health_text(health_message *message, hub_bytes part)
{
    hub_buffer text = {0};
    formats_hl7_text(message->hl7, part, &text);
    if (text.failed) message->draft->out_of_memory = true;
    if (!text.failed && text.size > 0 && !event_wire_text_is_clean((const char *)text.data, text.size)) {
        fault_at(message, part, "not UTF-8: have the sender name its character set in MSH-18");
        hub_buffer_clear(&text);
    }
    char *copy = formats_text(message->draft, text.failed ? hub_bytes_of(NULL, 0) : hub_buffer_bytes(&text));
    hub_buffer_free(&text);
    return copy;
}

hub_bytes health_value(const health_message *message, const char *segment, uint32_t field, uint32_t component)
{
    return formats_hl7_value(message->hl7, segment, field, component);
}

int64_t health_instant(health_message *message, const char *segment, uint32_t field, uint32_t component, const char *name)
{
    hub_bytes text = health_value(message, segment, field, component);
    int64_t ms = 0;
    if (text.size == 0 || formats_bytes_are(text, "\"\"")) return 0;
    if (!formats_instant_hl7(text, message->options, &ms)) {
        health_fault(message, segment, name, "time does not exist or is not YYYYMMDD[HHMM[SS]][+ZZZZ]");
        return 0;
    }
    return ms;
}

hub_status health_open_draft(health_message *message)
{
    message->draft = formats_draft_open(message->sink, message->options, &PROFILE);
    if (message->draft == NULL) return HUB_ERR_MEMORY;
    message->sent_ms = health_instant(message, "MSH", 7, 1, "MSH-7");
    return HUB_OK;
}

/* The source's own number: sending application, facility and control id; a digest of them when they are long. */
static void reference_of(const health_message *m, char reference[FORMATS_REFERENCE_MAX])
{
    const hub_bytes PARTS[] = {health_value(m, "MSH", 3, 1), health_value(m, "MSH", 4, 1), health_value(m, "MSH", 10, 1)};
    if (PARTS[0].size + PARTS[1].size + PARTS[2].size > 100) {
        formats_key key = formats_key_of("message", PARTS, 3);
        (void)snprintf(reference, FORMATS_REFERENCE_MAX, "%s", key.text);
        return;
    }
    (void)snprintf(reference, FORMATS_REFERENCE_MAX, "%.*s/%.*s/%.*s", (int)PARTS[0].size, (const char *)PARTS[0].data,
                   (int)PARTS[1].size, (const char *)PARTS[1].data, (int)PARTS[2].size, (const char *)PARTS[2].data);
}

/* In the message: the segment, and the field's first byte in it. */
static kit_place place_of(const health_message *m)
{
    kit_place place = {.line = m->segment, .field = m->field};
    const char *dash = m->field != NULL ? strchr(m->field, '-') : NULL;
    unsigned long field = dash != NULL ? strtoul(dash + 1, NULL, 10) : 0;
    if (m->segment == 0 || field == 0) return place;
    hub_bytes segment = m->hl7->segments[m->segment - 1];
    hub_bytes part = formats_hl7_part(m->hl7, segment, (uint32_t)field, 0, 0, 0);
    if (part.data != NULL) place.column = (uint32_t)(part.data - segment.data) + 1;
    return place;
}

static hub_status put(health_message *m, const char *discriminator)
{
    char reference[FORMATS_REFERENCE_MAX];
    if (m->draft->out_of_memory) return HUB_ERR_MEMORY;
    if (m->rule != NULL) return formats_park(m->sink, m->input, place_of(m), m->rule);
    kit_place place = {.line = 1, .column = 1, .field = "message"};
    m->draft->event.recorded_at = m->sent_ms;
    reference_of(m, reference);
    hub_status status = m->has_key ? health_put_known(m, &m->key, reference, m->input, place)
                                   : formats_draft_put(m->draft, reference, discriminator, m->input, place);
    if (status == HUB_OK) status = health_remember_appointment(m);
    if (status == HUB_OK && !m->has_key) status = health_remember_misses(m);
    return formats_go_on(status);
}

/* A NUL ends a text early: what stands after it would be lost in silence. */
static hub_status check_bytes(const formats_hl7 *hl7, hub_error *err)
{
    for (uint32_t i = 0; i < hl7->count; i++) {
        if (memchr(hl7->segments[i].data, '\0', hl7->segments[i].size) != NULL)
            return hub_fail(err, HUB_ERR_INVALID, "segment %u: a NUL byte", i + 1);
    }
    return HUB_OK;
}

/* A01 to A62, I12 to I15 [HL7 v2 table 0003]. What another one tells would be lost unseen. */
static bool is_trigger(hub_bytes trigger, char letter, int first, int last)
{
    if (trigger.size != 3 || trigger.data[0] != letter) return false;
    if (!isdigit(trigger.data[1]) || !isdigit(trigger.data[2])) return false;
    int number = (trigger.data[1] - '0') * 10 + (trigger.data[2] - '0');
    return number >= first && number <= last;
}

static bool check_trigger(health_message *m, bool is_known)
{
    if (!is_known)
        health_fault(m, "MSH", "MSH-9", "no trigger of ADT (A01 to A62) or REF (I12 to I15): what it tells is not known");
    return !is_known;
}

static hub_status put_parked(health_message *m, const char *field, const char *rule)
{
    hub_status status = health_open_draft(m);
    if (status != HUB_OK) return status;
    health_fault(m, "MSH", field, rule);
    return put(m, NULL);
}

static hub_status map_message(health_message *m, hub_error *err)
{
    hub_bytes code = health_value(m, "MSH", 9, 1);
    hub_status status = HUB_OK;
    bool ours = false;
    m->trigger = health_value(m, "MSH", 9, 2);
    if (!health_is_live(m->hl7)) return HUB_OK; /* H1 */
    const char *other = health_processing_fault(m->hl7);
    if (other != NULL) return put_parked(m, "MSH-11", other);
    if (formats_bytes_are(code, "ADT") && health_is_merge(m)) return health_put_merges(m, put);
    status = health_open_draft(m);
    if (status != HUB_OK) return status;
    if (formats_bytes_are(code, "SIU"))
        ours = health_fill_appointment(m, &status);
    else if (formats_bytes_are(code, "ADT"))
        ours = check_trigger(m, is_trigger(m->trigger, 'A', 1, 62)) || health_fill_admission(m);
    else if (formats_bytes_are(code, "REF"))
        ours = check_trigger(m, is_trigger(m->trigger, 'I', 12, 15)) || health_fill_referral(m);
    else
        return hub_fail(err, HUB_ERR_INVALID, "segment 1: MSH-9: only SIU, ADT and REF messages are mapped");
    if (status != HUB_OK || !ours) return status;
    status = put(m, NULL);
    if (status != HUB_OK || !m->is_kept || m->rule != NULL) return status;
    status = health_open_draft(m);
    if (status == HUB_OK && health_fill_no_miss(m, &status)) status = put(m, NULL);
    return status;
}

static hub_status map(const kit_mapping_options *options, hub_bytes input, const char *input_name, kit_sink *sink, hub_error *err)
{
    (void)input_name;
    formats_hl7 *hl7 = malloc(sizeof *hl7); /* 16 KiB: not on a stack */
    if (hl7 == NULL) return HUB_ERR_MEMORY;
    health_message message = {.hl7 = hl7, .options = options, .sink = sink, .input = input};
    hub_status status = formats_hl7_read(input, hl7, err);
    if (status == HUB_OK) status = check_bytes(hl7, err);
    if (status == HUB_OK) status = map_message(&message, err);
    free(hl7);
    return status;
}

const kit_mapping health_hl7 = {
    .name = "health-hl7v2",
    .version = 1,
    .agency = MASH__V1__AGENCY__AGENCY_HEALTH,
    .transport = "mllp",
    .file_suffix = "hl7",
    .map = map,
    .accepts = health_accepts,
    .answer = health_answer,
};
