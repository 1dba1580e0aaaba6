/* From a step of a story to an event or an act: YAML to JSON, guided by the contract's own descriptors, and JSON to the message. So a
 * story may use every field of the contract, and a misspelt one is found in its place. */
#include "rehearse/story.h"

#include <string.h>

#include "event/event.h"
#include "json/json.h"
#include "mash/v1/act.pb-c.h"

/* ---- YAML to JSON ---------------------------------------------------------------------------------------------------------- */
static void put_message(story *s, const ProtobufCMessageDescriptor *descriptor, const yaml_node *map, hub_buffer *out);

static bool is_number(const char *text)
{
    size_t sign = text[0] == '-' ? 1 : 0;
    return text[sign] != '\0' && strspn(text + sign, "0123456789") == strlen(text + sign);
}

/* Times are 64-bit numbers called "..._at" or "..._ms"; a story writes them as civil time. */
static bool is_instant(const ProtobufCFieldDescriptor *field)
{
    size_t length = strlen(field->name);
    const char *end = field->name + (length < 3 ? 0 : length - 3);
    return field->type == PROTOBUF_C_TYPE_INT64 && (strcmp(end, "_at") == 0 || strcmp(end, "_ms") == 0);
}

static void put_value(story *s, const ProtobufCFieldDescriptor *field, const yaml_node *node, hub_buffer *out)
{
    if (field->type == PROTOBUF_C_TYPE_MESSAGE && yaml_is_map(node)) {
        put_message(s, field->descriptor, node, out);
        return;
    }
    if (field->type == PROTOBUF_C_TYPE_BOOL) {
        hub_buffer_put_text(out, yaml_bool(node, s->problems) ? "true" : "false");
        return;
    }
    if (field == protobuf_c_message_descriptor_get_field_by_name(&mash__v1__decide__descriptor, "person")) {
        const story_person *person = story_person_named(s, node);
        hub_buffer_put_format(out, "%llu", (unsigned long long)(person == NULL ? 0 : world_person(&s->world, person->nhs)));
        return;
    }
    if (is_instant(field)) {
        hub_buffer_put_format(out, "%lld", (long long)story_instant(s, node));
        return;
    }
    const char *text = yaml_text(node, 20000, s->problems);
    bool is_text = field->type == PROTOBUF_C_TYPE_STRING || field->type == PROTOBUF_C_TYPE_BYTES ||
                   field->type == PROTOBUF_C_TYPE_ENUM || field->type == PROTOBUF_C_TYPE_MESSAGE;
    if (is_text || !is_number(text)) {
        json_put_text(out, text);
    } else {
        hub_buffer_put_text(out, text);
    }
}

static void put_field(story *s, const ProtobufCFieldDescriptor *field, const yaml_node *node, hub_buffer *out)
{
    json_put_text(out, field->name);
    hub_buffer_put_text(out, ":");
    if (field->label != PROTOBUF_C_LABEL_REPEATED) {
        put_value(s, field, node, out);
        return;
    }
    hub_buffer_put_text(out, "[");
    if (!yaml_is_list(node)) put_value(s, field, node, out);
    for (size_t i = 0; yaml_is_list(node) && i < yaml_count(node); i++) {
        if (i > 0) hub_buffer_put_text(out, ",");
        put_value(s, field, yaml_item(node, i), out);
    }
    hub_buffer_put_text(out, "]");
}

/* "until_ms" may be written "until". */
static bool is_called(const char *name, const char *key)
{
    size_t length = strlen(key);
    return strncmp(name, key, length) == 0 && (name[length] == '\0' || strcmp(name + length, "_ms") == 0);
}

static const ProtobufCFieldDescriptor *field_named(story *s, const ProtobufCMessageDescriptor *descriptor, const yaml_node *map,
                                                   size_t index)
{
    const char *key = yaml_key(map, index);
    const char *nearest = NULL;
    for (unsigned i = 0; i < descriptor->n_fields; i++) {
        if (is_called(descriptor->fields[i].name, key)) return &descriptor->fields[i];
        if (yaml_is_nearer(key, descriptor->fields[i].name, nearest)) nearest = descriptor->fields[i].name;
    }
    yaml_complain(yaml_key_node(map, index), s->problems, "the contract's %s has no field '%.60s'%s%s%s", descriptor->short_name,
                  key, nearest == NULL ? "" : "; did you mean '", nearest == NULL ? "" : nearest, nearest == NULL ? "" : "'?");
    return NULL;
}

/* The fields of the mapping, without braces; whether there was any. */
static bool put_fields(story *s, const ProtobufCMessageDescriptor *descriptor, const yaml_node *map, bool more, hub_buffer *out)
{
    for (size_t i = 0; i < yaml_count(map); i++) {
        const ProtobufCFieldDescriptor *field = field_named(s, descriptor, map, i);
        if (field == NULL || !story_known_field(s, descriptor, field->name, yaml_value(map, i))) continue;
        if (more) hub_buffer_put_text(out, ",");
        put_field(s, field, yaml_value(map, i), out);
        more = true;
    }
    return more;
}

/* The mapping as JSON of this message, guided by its fields; complaints name the unknown ones. */
static void put_message(story *s, const ProtobufCMessageDescriptor *descriptor, const yaml_node *map, hub_buffer *out)
{
    hub_buffer_put_text(out, "{");
    (void)put_fields(s, descriptor, map, false, out);
    hub_buffer_put_text(out, "}");
}

/* ---- people ---------------------------------------------------------------------------------------------------------------- */
void story_nhs_number(uint32_t n, char out[11])
{
    uint32_t found = 0;
    for (uint32_t serial = 1;; serial++) {
        char digits[11];
        (void)hub_format(digits, sizeof digits, "999%06u", serial);
        uint32_t sum = 0;
        for (uint32_t i = 0; i < 9; i++)
            sum += (10 - i) * (uint32_t)(digits[i] - '0');
        uint32_t check = 11 - sum % 11;
        if (check == 10 || ++found < n) continue; /* 10: no such number is given */
        (void)hub_format(out, 11, "%s%u", digits, check == 11 ? 0 : check);
        return;
    }
}

const story_person *story_person_named(story *s, const yaml_node *name)
{
    const char *text = yaml_text(name, 60, s->problems);
    const char *nearest = NULL;
    for (uint32_t i = 0; i < s->person_count; i++) {
        if (strcmp(s->people[i].name, text) == 0) return &s->people[i];
        if (yaml_is_nearer(text, s->people[i].name, nearest)) nearest = s->people[i].name;
    }
    yaml_complain(name, s->problems, "this story knows nobody called '%.60s'%s%s%s", text,
                  nearest == NULL ? "" : "; did you mean '", nearest == NULL ? "" : nearest, nearest == NULL ? "" : "'?");
    return NULL;
}

/* Where among `about` this name stands; -1 = the event is not about them. */
static int position_in(const yaml_node *about, const char *name, yaml_problems *problems)
{
    for (size_t i = 0; i < (yaml_is_list(about) ? yaml_count(about) : 1); i++) {
        if (strcmp(yaml_text(story_list_item(about, i), 60, problems), name) == 0) return (int)i;
    }
    return -1;
}

/* "relations: {mum: child_of, dad: {kind: ex_partner_of, lives_with: yes}}", as far as the event is about both. */
static void put_relations(story *s, const yaml_node *relations, const yaml_node *about, hub_buffer *out)
{
    hub_buffer_put_text(out, ",\"relationships\":[");
    bool more = false;
    for (size_t i = 0; i < yaml_count(relations); i++) {
        if (story_person_named(s, yaml_key_node(relations, i)) == NULL) continue;
        int to = position_in(about, yaml_key(relations, i), s->problems);
        if (to < 0) continue;
        const yaml_node *how = yaml_value(relations, i);
        hub_buffer_put_format(out, "%s{\"to_subject\":%d", more ? "," : "", to);
        if (yaml_is_map(how)) {
            (void)put_fields(s, &mash__v1__relationship__descriptor, how, true, out);
        } else {
            hub_buffer_put_text(out, ",\"kind\":");
            json_put_text(out, yaml_text(how, 60, s->problems));
        }
        hub_buffer_put_text(out, "}");
        more = true;
    }
    hub_buffer_put_text(out, "]");
}

/* Their NHS number, and further identifiers as the contract writes them. */
static void put_identifiers(story *s, const story_person *person, hub_buffer *out)
{
    const yaml_node *others = yaml_get(person->said, "identifiers");
    hub_buffer_put_text(out, "\"identifiers\":[");
    if (person->nhs[0] != '\0') hub_buffer_put_format(out, "{\"scheme\":\"nhs_number\",\"value\":\"%s\"}", person->nhs);
    for (size_t i = 0; i < yaml_count(others); i++) {
        if (i > 0 || person->nhs[0] != '\0') hub_buffer_put_text(out, ",");
        put_message(s, &mash__v1__identifier__descriptor, yaml_item(others, i), out);
    }
    hub_buffer_put_text(out, "]");
}

static void put_subject(story *s, const story_person *person, const yaml_node *about, hub_buffer *out)
{
    hub_buffer_put_text(out, "{");
    put_identifiers(s, person, out);
    if (yaml_get(person->said, "family_name") == NULL) hub_buffer_put_text(out, ",\"family_name\":\"Testley\"");
    if (yaml_get(person->said, "given_names") == NULL) {
        hub_buffer_put_text(out, ",\"given_names\":[");
        json_put_text(out, person->name);
        hub_buffer_put_text(out, "]");
    }
    for (size_t i = 0; i < yaml_count(person->said); i++) {
        const char *key = yaml_key(person->said, i);
        const yaml_node *value = yaml_value(person->said, i);
        if (strcmp(key, "nhs") == 0 || strcmp(key, "identifiers") == 0) continue;
        if (strcmp(key, "relations") == 0) {
            put_relations(s, value, about, out);
            continue;
        }
        const char *name = strcmp(key, "is") == 0 ? "roles" : strcmp(key, "born") == 0 ? "date_of_birth" : key;
        const ProtobufCFieldDescriptor *field =
            protobuf_c_message_descriptor_get_field_by_name(&mash__v1__subject__descriptor, name);
        if (field == NULL) field = field_named(s, &mash__v1__subject__descriptor, person->said, i);
        if (field == NULL) continue;
        hub_buffer_put_text(out, ",");
        put_field(s, field, value, out);
    }
    hub_buffer_put_text(out, "}");
}

/* ---- events ---------------------------------------------------------------------------------------------------------------- */
static const core_area *area_named(story *s, const yaml_node *node)
{
    const char *text = yaml_text(node, 60, s->problems);
    const char *nearest = NULL;
    for (uint32_t i = 0; i < s->policy->area_count; i++) {
        if (yaml_is_nearer(text, s->policy->areas[i].name, nearest)) nearest = s->policy->areas[i].name;
        if (strcmp(s->policy->areas[i].name, text) == 0 || strcmp(s->policy->areas[i].code, text) == 0)
            return &s->policy->areas[i];
    }
    if (yaml_is_text(node))
        yaml_complain(node, s->problems, "the policy has no area '%.60s'%s%s%s", text, nearest == NULL ? "" : "; did you mean '",
                      nearest == NULL ? "" : nearest, nearest == NULL ? "" : "'?");
    return NULL;
}

static void put_target(story *s, const yaml_node *step, const char *key, hub_buffer *out)
{
    const yaml_node *node = yaml_get(step, key);
    if (node == NULL) return;
    const char *text = yaml_text(node, 60, s->problems);
    for (uint32_t i = 0; i < s->event_count; i++) {
        if (s->event_names[i] == NULL || strcmp(s->event_names[i], text) != 0) continue;
        char hex[2 * HUB_ID_BYTES + 1];
        hub_hex(s->event_ids[i].bytes, HUB_ID_BYTES, hex);
        hub_buffer_put_format(out, ",\"%s\":\"%s\"", key, hex);
        return;
    }
    yaml_complain(node, s->problems, "no event before this one has 'name: %.60s'", text);
}

/* The agency whose key this step has, and the payload it says; false when it has none. */
static bool find_agency(const yaml_node *step, const char **agency, const yaml_node **payload)
{
    for (size_t i = 0; i < yaml_count(step); i++) {
        if (event_agency_of_name(yaml_key(step, i)) == MASH__V1__AGENCY__AGENCY_UNSPECIFIED) continue;
        *agency = yaml_key(step, i);
        *payload = yaml_value(step, i);
        return true;
    }
    return false;
}

static void put_event(story *s, const yaml_node *step, const char *agency, const char *payload, hub_buffer *out)
{
    const yaml_node *about = yaml_need(step, "about", s->problems);
    const core_area *area = area_named(s, yaml_need(step, "area", s->problems));
    char enum_name[64];
    size_t length = hub_format(enum_name, sizeof enum_name, "%s", agency);
    for (size_t i = 0; i < length; i++) {
        if (enum_name[i] == '-') enum_name[i] = '_';
    }
    const yaml_node *also = yaml_get(step, "also");
    bool names_system = also != NULL && yaml_get(also, "source_system") != NULL;
    hub_buffer_put_format(out, "{\"agency\":\"%s\"%s,\"source_reference\":\"%u\",\"recorded_at\":%lld,\"area\":\"%s\"", enum_name,
                          names_system ? "" : ",\"source_system\":\"story/1\"", s->event_count + 1, (long long)s->world.now_ms,
                          area == NULL ? "" : area->code);
    const yaml_node *occurred = yaml_get(step, "occurred");
    const yaml_node *receipt = yaml_get(step, "received");
    hub_buffer_put_format(out, ",\"occurred_at\":%lld",
                          (long long)(occurred == NULL ? s->world.now_ms : story_instant(s, occurred)));
    if (receipt != NULL) hub_buffer_put_format(out, ",\"stated_receipt_at\":%lld", (long long)story_instant(s, receipt));
    put_target(s, step, "amends", out);
    put_target(s, step, "retracts", out);
    hub_buffer_put_text(out, ",\"subjects\":[");
    for (size_t i = 0; about != NULL && i < story_list_count(s, about); i++) {
        const story_person *person = story_person_named(s, story_list_item(about, i));
        if (i > 0) hub_buffer_put_text(out, ",");
        if (person != NULL) put_subject(s, person, about, out);
    }
    hub_buffer_put_text(out, "]");
    if (also == NULL || yaml_get(also, "legal_basis") == NULL) hub_buffer_put_text(out, ",\"legal_basis\":[\"public_task\"]");
    if (also == NULL || yaml_get(also, "sensitivity") == NULL) hub_buffer_put_text(out, ",\"sensitivity\":\"official\"");
    (void)put_fields(s, &mash__v1__event__descriptor, also, true, out);
    const ProtobufCFieldDescriptor *field =
        protobuf_c_message_descriptor_get_field_by_name(&mash__v1__event__descriptor, payload);
    hub_buffer_put_format(out, ",\"%s\":", payload);
    put_message(s, field->descriptor, yaml_get(step, "is"), out);
    hub_buffer_put_text(out, "}");
}

static void complain_payload(story *s, const yaml_node *said, const char *payload)
{
    const char *nearest = NULL;
    for (uint32_t number = CORE_PAYLOAD_FIRST; number < CORE_PAYLOAD_FIRST + 64; number++) {
        const char *name = event_payload_name(number);
        if (name != NULL && yaml_is_nearer(payload, name, nearest)) nearest = name;
    }
    yaml_complain(said, s->problems, "the contract has no payload '%.60s'%s%s%s", payload,
                  nearest == NULL ? "" : "; did you mean '", nearest == NULL ? "" : nearest, nearest == NULL ? "" : "'?");
}

bool story_event(story *s, const yaml_node *step)
{
    const char *agency = NULL;
    const yaml_node *said = NULL;
    if (!find_agency(step, &agency, &said)) return false;
    const char *payload = yaml_text(said, 60, s->problems);
    if (event_payload_of_name(payload) == 0) {
        complain_payload(s, said, payload);
        return true;
    }
    if (!yaml_only(step, s->problems, "at", agency, "area", "about", "is", "also", "occurred", "received", "name", "amends",
                   "retracts", NULL)) {
        return true;
    }
    if (s->event_count == STORY_EVENTS_MAX) {
        yaml_complain(step, s->problems, "a story has at most %d events; make two of it", STORY_EVENTS_MAX);
        return true;
    }
    uint32_t before = s->problems->count;
    hub_buffer json = {0};
    put_event(s, step, agency, payload, &json);
    hub_error err = {{0}};
    ProtobufCMessage *message = NULL;
    if (s->problems->count == before &&
        json_to_message(&mash__v1__event__descriptor, hub_buffer_bytes(&json), &s->world.kept, &message, &err) != HUB_OK) {
        yaml_complain(step, s->problems, "%s: this event cannot be made: %s", s->title, err.text);
    }
    hub_buffer_free(&json);
    if (message == NULL) return true;
    Mash__V1__Event *event = (Mash__V1__Event *)message;
    hub_id *id = &s->event_ids[s->event_count];
    event_id_derive(event->agency, event->source_system, event->source_reference, (uint32_t)event->payload_case, NULL, id);
    event->event_id = (ProtobufCBinaryData){.len = HUB_ID_BYTES, .data = id->bytes};
    const yaml_node *name = yaml_get(step, "name");
    s->event_names[s->event_count++] = name == NULL ? NULL : yaml_text(name, 60, s->problems);
    world_publish(&s->world, event);
    return true;
}

/* ---- acts ------------------------------------------------------------------------------------------------------------------ */
/* "hand-over" as the roster writes it, "hand_over" as the contract does. */
static const ProtobufCFieldDescriptor *what_named(story *s, const yaml_node *node)
{
    char name[64];
    size_t length = hub_format(name, sizeof name, "%s", yaml_text(node, 60, s->problems));
    for (size_t i = 0; i < length; i++) {
        if (name[i] == '-') name[i] = '_';
    }
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field_by_name(&mash__v1__act__descriptor, name);
    if (field != NULL && field->type == PROTOBUF_C_TYPE_MESSAGE) return field;
    if (yaml_is_text(node)) yaml_complain(node, s->problems, "the contract has no act '%.60s'", name);
    return NULL;
}

/* "on: A2"; without it, the alert that the story is at. */
static void put_item(story *s, const yaml_node *on, hub_buffer *out)
{
    if (on == NULL) {
        hub_buffer_put_format(out, "\"A%llu\"", (unsigned long long)s->world.step.alert);
        return;
    }
    const char *text = yaml_text(on, 60, s->problems);
    if (strcmp(text, "notice") == 0) { /* the newest */
        hub_buffer_put_format(out, "\"%s\"", world_notice(&s->world));
        return;
    }
    bool is_letter = text[0] != '\0' && strchr("ADRF", text[0]) != NULL && is_number(text + 1);
    if (!is_letter && strncmp(text, "Q:", 2) != 0)
        yaml_complain(
            on, s->problems,
            "an act is on A1 (an alert), D1 (a disagreement), R1 (a request), F1 (feedback), notice (the newest) or Q:QUEUE");
    json_put_text(out, text);
}

void story_act(story *s, const yaml_node *step)
{
    if (!yaml_only(step, s->problems, "at", "act", "by", "on", "reason", "with", "version", "looked", NULL)) return;
    const ProtobufCFieldDescriptor *what = what_named(s, yaml_get(step, "act"));
    if (what == NULL) return;
    uint32_t before = s->problems->count;
    hub_buffer json = {0};
    hub_buffer_put_text(&json, "{\"on_behalf_of\":");
    const yaml_node *by = yaml_need(step, "by", s->problems);
    if (by != NULL) (void)story_known(s, by, STORY_STAFF);
    json_put_text(&json, yaml_text(by, 60, s->problems));
    hub_buffer_put_text(&json, ",\"item\":");
    put_item(s, yaml_get(step, "on"), &json);
    const yaml_node *version = yaml_get(step, "version");
    if (version != NULL)
        hub_buffer_put_format(&json, ",\"version\":%lld", (long long)yaml_int(version, 0, UINT32_MAX, s->problems));
    if (yaml_get(step, "reason") != NULL) {
        hub_buffer_put_text(&json, ",\"reason\":");
        json_put_text(&json, yaml_text(yaml_get(step, "reason"), 4000, s->problems));
    }
    hub_buffer_put_format(&json, ",\"%s\":", what->name);
    put_message(s, what->descriptor, yaml_get(step, "with"), &json);
    hub_buffer_put_text(&json, "}");
    hub_error err = {{0}};
    ProtobufCMessage *message = NULL;
    if (s->problems->count == before &&
        json_to_message(&mash__v1__act__descriptor, hub_buffer_bytes(&json), &s->world.kept, &message, &err) != HUB_OK) {
        yaml_complain(step, s->problems, "%s: this act cannot be made: %s", s->title, err.text);
    }
    hub_buffer_free(&json);
    Mash__V1__Act *act = (Mash__V1__Act *)message;
    const yaml_node *looked = yaml_get(step, "looked");
    if (looked != NULL && act != NULL && act->what_case == MASH__V1__ACT__WHAT_SIGN)
        act->sign->seen_sequence = world_sequence_at(&s->world, story_instant(s, looked));
    else if (looked != NULL)
        yaml_complain(looked, s->problems, "%s: 'looked' says when the daily list was looked through; it goes with sign",
                      s->title);
    if (act != NULL) world_act(&s->world, act);
}
