/* domain_event.c - one HMPPS domain event to one event.
 *
 * Source: ministryofjustice/hmpps-domain-events, schema/hmpps-domain-event.json: required eventType, version, occurredAt. It comes bare,
 * or as text in the Message of an SNS envelope, some of whose members may be missing.
 *
 * Invariants
 *   B1  the body's eventType counts, not the envelope's attribute: the two have been seen to differ
 *   B2  the person is who personReference says, else additionalInformation.nomsNumber
 *   B4  an outcome behind detailUrl that was not fetched makes no event; the log says so once a day, no outcome is assumed
 *   B3  releases and receptions are told late and may be told again: the same fact makes one event
 */
#include "probation/probation.h"

#include <stdio.h>
#include <string.h>

#include "formats/json_place.h"
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
    const json_t *root; /* the envelope, or the event itself */
    bool is_enveloped;  /* then places are those of the Message in the envelope */
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
    char digits[2][FORMATS_JSON_DIGITS]; /* numbers of their systems, written with quotation marks or without */
    hub_bytes registration;
    hub_bytes referral;
    (void)formats_json_number(b->information, "registrationId", digits[0], &registration);
    (void)formats_json_number(b->information, "referralId", digits[1], &referral);
    const hub_bytes PARTS[] = {
        type,
        occurred,
        b->person,
        registration,
        referral,
        formats_json_text(b->information, "registerTypeCode"),
        formats_json_text(b->information, "prisonId"),
    };
    return formats_key_of("fact", PARTS, COUNT(PARTS));
}

static hub_status refuse(const body *b, const char *field, const char *rule, hub_error *err)
{
    const char *key = b->is_enveloped ? "Message" : field;
    return formats_json_refuse(b->input, b->root, b->root, key, field, rule, err);
}

/* B4. */
static hub_status read_detail(hub_bytes type, const kit_mapping_options *options, kit_sink *sink, json_t **out, hub_error *err)
{
    if (!probation_has_detail(type)) return HUB_OK;
    if (options->detail.size == 0) {
        formats_note_daily(sink, options, "detailUrl", "an outcome was not fetched: this transport cannot, or may not go there");
        return HUB_OK;
    }
    hub_status status = formats_json_read(options->detail, out, err);
    return status == HUB_ERR_INVALID ? hub_fail_within(err, status, "detailUrl") : status;
}

static hub_status put_event(body *b, const kit_mapping_options *options, kit_sink *sink, const json_t *detail, formats_date on,
                            int64_t at_ms)
{
    hub_bytes type = formats_json_text(b->event, "eventType");
    b->draft = formats_draft_open(sink, options, &PROFILE);
    if (b->draft == NULL) return HUB_ERR_MEMORY;
    b->draft->event.occurred_at = at_ms;
    const char *missing;
    bool is_ours = probation_fill(b->draft, type, b->information, detail, on, &missing);
    if (!is_ours && missing == NULL) return HUB_OK; /* not ours to report */
    if (missing != NULL) {
        b->rule = "required, a text: without it nobody knows what happened";
        (void)snprintf(b->field, sizeof b->field, "%s", missing);
    }
    add_person(b);
    formats_json_places places = {.input = b->input, .root = b->root};
    const json_t *person = b->is_enveloped ? b->root : b->event;
    const char *part = missing != NULL ? "additionalInformation" : "personReference";
    kit_place place = formats_json_place(&places, person, b->is_enveloped ? "Message" : part, b->field);
    formats_json_places_free(&places);
    if (b->rule != NULL) return formats_park(sink, b->input, place, b->rule);
    place.field = "eventType";
    formats_key key = key_of(b, type, formats_json_text(b->event, "occurredAt"));
    return formats_put_once(b->draft, &key, key.text, FORMATS_SAME_PAYLOAD, b->input, place);
}

static hub_status map_body(body *b, const kit_mapping_options *options, kit_sink *sink, hub_error *err)
{
    hub_bytes type = formats_json_text(b->event, "eventType");
    hub_bytes occurred = formats_json_text(b->event, "occurredAt");
    formats_date on;
    int64_t at_ms;
    if (type.size == 0) return refuse(b, "eventType", "required, a text", err);
    if (!formats_date_iso(occurred, &on) || !formats_instant_iso(occurred, options, &at_ms)) {
        return refuse(b, "occurredAt", "required; date or time does not exist or is not ISO 8601", err);
    }
    json_t *detail = NULL;
    b->information = json_object_get(b->event, "additionalInformation");
    hub_status status = read_detail(type, options, sink, &detail, err);
    if (status == HUB_OK) status = put_event(b, options, sink, detail, on, at_ms);
    json_decref(detail);
    return status;
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
    b->is_enveloped = true;
    status = map_body(b, options, sink, err);
    json_decref(message);
    return status;
}

static bool is_enveloped(const json_t *root)
{
    return json_object_get(root, "eventType") == NULL && json_object_get(root, "Message") != NULL;
}

static hub_status map(const kit_mapping_options *options, hub_bytes input, const char *input_name, kit_sink *sink, hub_error *err)
{
    json_t *root;
    (void)input_name;
    hub_status status = formats_json_read(input, &root, err);
    if (status != HUB_OK) return status;
    body b = {.event = root, .root = root, .input = input};
    status = is_enveloped(root) ? map_envelope(&b, options, sink, err) : map_body(&b, options, sink, err);
    json_decref(root);
    return status;
}

/* What cannot be read has no detail: the mapping says why. */
static bool detail_url(hub_bytes input, char url[1024])
{
    json_t *root = NULL;
    json_t *message = NULL;
    hub_status status = formats_json_read(input, &root, NULL);
    if (status == HUB_OK && is_enveloped(root)) status = formats_json_read(formats_json_text(root, "Message"), &message, NULL);
    const json_t *event = message != NULL ? message : root;
    hub_bytes address = formats_json_text(event, "detailUrl");
    bool has = status == HUB_OK && address.size > 0 && address.size < 1024 &&
               probation_has_detail(formats_json_text(event, "eventType"));
    if (has) (void)snprintf(url, 1024, "%.*s", (int)address.size, (const char *)address.data);
    json_decref(message);
    json_decref(root);
    return has;
}

static bool detail_sound(hub_bytes detail)
{
    json_t *root = NULL;
    bool is_sound = formats_json_read(detail, &root, NULL) == HUB_OK && json_is_object(root);
    json_decref(root);
    return is_sound;
}

const kit_mapping probation_domain_event = {
    .name = "probation-domain-event",
    .version = 1,
    .agency = MASH__V1__AGENCY__AGENCY_PROBATION,
    .transport = "folder",
    .file_suffix = "json",
    .map = map,
    .detail_url = detail_url,
    .detail_sound = detail_sound,
};
