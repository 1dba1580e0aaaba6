/* domain_event.c - one HMPPS domain event to one event.
 *
 * Source: ministryofjustice/hmpps-domain-events, schema/hmpps-domain-event.json: required eventType, version, occurredAt. It comes bare,
 * or as text in the Message of an SNS envelope, some of whose members may be missing.
 *
 * Invariants
 *   B1  the body's eventType counts, not the envelope's attribute: the two have been seen to differ
 *   B2  the person is who personReference says, else additionalInformation.nomsNumber
 *   B3  releases and receptions are told late and may be told again: the same fact makes one event
 */
#include "probation/probation.h"

#include <stdio.h>
#include <string.h>

#include "formats/memory.h"
#include "probation/payloads.h"

#define SCHEME(name) MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_##name
#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const formats_profile PROFILE = {
    .agency = MASH__V1__AGENCY__AGENCY_PROBATION,
    .sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_SENSITIVE, /* criminal-offence data */
    .legal_basis = MASH__V1__LEGAL_BASIS__LEGAL_BASIS_PUBLIC_TASK,
    .legal_gateway = "Children Act 2004 s11; Offender Management Act 2007 s14",
};

/* personReference.identifiers[].type; other kinds (a PNC-like number of another register) mean nothing to the hub. */
static const struct {
    const char *type;
    Mash__V1__IdentifierScheme scheme;
} SCHEMES[] = {{"CRN", SCHEME(CRN)}, {"NOMS", SCHEME(NOMS)}, {"PNC", SCHEME(PNC)}};

/* Envelopes of the subscription itself. Everything else is read, also without a Type: members of envelopes are missing in the field. */
static const char *const OWN_TALK[] = {"SubscriptionConfirmation", "UnsubscribeConfirmation"};

typedef struct body {
    const json_t *event;
    const json_t *information;
    formats_draft *draft;
    hub_bytes input;
    hub_bytes person; /* first identifier: part of the fact's key */
    char field[64];   /* of the first fault */
    const char *rule; /* NULL: no fault */
} body;

static void set_fault(body *b, const char *rule, const char *format, size_t index)
{
    if (b->rule != NULL) return;
    b->rule = rule;
    (void)snprintf(b->field, sizeof b->field, "%s[%zu].value", format, index);
}

static void add_identifier(body *b, Mash__V1__Subject *subject, hub_bytes type, hub_bytes value, const char *where, size_t index)
{
    for (size_t i = 0; i < COUNT(SCHEMES); i++) {
        if (!formats_bytes_are(type, SCHEMES[i].type)) continue;
        const char *rule = formats_identifier_fault(SCHEMES[i].scheme, value, b->draft->options->this_year);
        if (rule != NULL)
            set_fault(b, rule, where, index);
        else
            formats_add_identifier(b->draft, subject, SCHEMES[i].scheme, value);
        if (b->person.size == 0 && formats_identifies(SCHEMES[i].scheme, value, b->draft->options->this_year)) b->person = value;
    }
}

static void add_person(body *b)
{
    Mash__V1__Subject *subject = formats_add_subject(b->draft);
    size_t i;
    json_t *identifier;
    formats_add_role(b->draft, subject, MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_SUPERVISED_PERSON);
    json_array_foreach(json_object_get(json_object_get(b->event, "personReference"), "identifiers"), i, identifier)
    {
        add_identifier(b, subject, formats_json_text(identifier, "type"), formats_json_text(identifier, "value"),
                       "personReference.identifiers", i);
    }
    if (b->person.size == 0) { /* B2 */
        add_identifier(b, subject, hub_bytes_of_text("NOMS"), formats_json_text(b->information, "nomsNumber"),
                       "additionalInformation.nomsNumber", 0);
    }
    if (b->person.size == 0)
        set_fault(b, "no CRN, NOMS or PNC number: an event is about somebody", "personReference.identifiers", 0);
}

/* What makes the fact itself: not when it was published, and not the envelope (B3). */
static formats_key key_of(const body *b, hub_bytes type, hub_bytes occurred)
{
    const hub_bytes PARTS[] = {
        type,
        occurred,
        b->person,
        formats_json_text(b->information, "registrationId"),
        formats_json_text(b->information, "referralId"),
        formats_json_text(b->information, "registerTypeCode"),
        formats_json_text(b->information, "prisonId"),
    };
    return formats_key_of("fact", PARTS, COUNT(PARTS));
}

static hub_status map_body(body *b, const kit_mapping_options *options, kit_sink *sink, hub_error *err)
{
    hub_bytes type = formats_json_text(b->event, "eventType");
    hub_bytes occurred = formats_json_text(b->event, "occurredAt");
    formats_date on;
    int64_t at_ms;
    if (type.size == 0) return hub_fail(err, HUB_ERR_INVALID, "eventType: required, a text");
    if (!formats_date_iso(occurred, &on) || !formats_instant_iso(occurred, options, &at_ms)) {
        return hub_fail(err, HUB_ERR_INVALID, "occurredAt: required; date or time does not exist or is not ISO 8601");
    }
    b->information = json_object_get(b->event, "additionalInformation");
    b->draft = formats_draft_open(sink, options, &PROFILE);
    if (b->draft == NULL) return HUB_ERR_MEMORY;
    b->draft->event.occurred_at = at_ms;
    if (!probation_fill(b->draft, type, b->information, on)) return HUB_OK; /* not ours to report */
    add_person(b);
    if (b->rule != NULL) return formats_park(sink, b->input, (kit_place){.field = b->field}, b->rule);
    formats_key key = key_of(b, type, occurred);
    return formats_put_once(b->draft, &key, key.text, FORMATS_SAME_PAYLOAD, b->input, (kit_place){.field = "eventType"});
}

static hub_status map_envelope(body *b, const kit_mapping_options *options, kit_sink *sink, hub_error *err)
{
    json_t *message;
    hub_bytes text = formats_json_text(b->event, "Message");
    for (size_t i = 0; i < COUNT(OWN_TALK); i++) {
        if (formats_bytes_are(formats_json_text(b->event, "Type"), OWN_TALK[i])) return HUB_OK;
    }
    hub_status status = formats_json_read(text, &message, err);
    if (status != HUB_OK) return status == HUB_ERR_INVALID ? hub_fail_within(err, status, "Message") : status;
    b->event = message;
    status = map_body(b, options, sink, err);
    json_decref(message);
    return status;
}

static hub_status map(const kit_mapping_options *options, hub_bytes input, const char *input_name, kit_sink *sink, hub_error *err)
{
    json_t *root;
    (void)input_name;
    hub_status status = formats_json_read(input, &root, err);
    if (status != HUB_OK) return status;
    body b = {.event = root, .input = input};
    bool enveloped = json_object_get(root, "eventType") == NULL && json_object_get(root, "Message") != NULL;
    status = enveloped ? map_envelope(&b, options, sink, err) : map_body(&b, options, sink, err);
    json_decref(root);
    return status;
}

const kit_mapping probation_domain_event = {
    .name = "probation-domain-event",
    .version = 1,
    .agency = MASH__V1__AGENCY__AGENCY_PROBATION,
    .transport = "folder",
    .file_suffix = "json",
    .map = map,
};
