/* audience.c - deliveries against a list of what each queue may have. */
#include "audience.h"

#include <string.h>

#include "event/wire.h"
#include "people.h"

typedef struct may_have {
    Mash__V1__Sensitivity up_to;
    const char *fields; /* of Event, each between spaces */
    bool who, words;    /* who acted; what they wrote */
    bool people;        /* the subjects of events, and who has a line */
} may_have;

#define ALWAYS " event_id agency occurred_at area summary "
static const may_have MAY_HAVE[SIM_CONSUMERS] = {
    {MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED, ALWAYS "subjects domestic_abuse_incident ", true, true, true},
    {MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED, ALWAYS "subjects domestic_abuse_incident ", true, true, true},
    {MASH__V1__SENSITIVITY__SENSITIVITY_OFFICIAL, ALWAYS, false, false, false},
    {MASH__V1__SENSITIVITY__SENSITIVITY_SENSITIVE, ALWAYS, true, false, false},
};

/* Does the list name every field that is set? By the bytes: a field that is set is on the wire. */
static void check_fields(const sim_report *report, uint32_t queue, const Mash__V1__Event *event)
{
    for (unsigned i = 0; i < mash__v1__event__descriptor.n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &mash__v1__event__descriptor.fields[i];
        Mash__V1__Event without = *event;
        uint8_t *at = (uint8_t *)&without + field->offset;
        if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0) {
            if ((uint32_t)event->payload_case != field->id) continue;
            without.payload_case = MASH__V1__EVENT__PAYLOAD__NOT_SET;
        } else if (field->label == PROTOBUF_C_LABEL_REPEATED) {
            *(size_t *)(void *)((uint8_t *)&without + field->quantifier_offset) = 0;
        } else if (field->type == PROTOBUF_C_TYPE_STRING) {
            *(char **)(void *)at = (char *)(uintptr_t)protobuf_c_empty_string;
        } else if (field->type == PROTOBUF_C_TYPE_BYTES) {
            *(ProtobufCBinaryData *)(void *)at = (ProtobufCBinaryData){0};
        } else if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
            *(void **)(void *)at = NULL;
        } else if (field->type == PROTOBUF_C_TYPE_INT64 || field->type == PROTOBUF_C_TYPE_UINT64) {
            *(uint64_t *)(void *)at = 0;
        } else {
            *(uint32_t *)(void *)at = 0;
        }
        bool is_set = protobuf_c_message_get_packed_size(&without.base) != protobuf_c_message_get_packed_size(&event->base);
        if (!is_set) continue;
        char name[66];
        (void)hub_format(name, sizeof name, " %s ", field->name);
        if (strstr(MAY_HAVE[queue].fields, name) == NULL)
            sim_fail(report, "S9: queue %s was given Event.%s", SIM_QUEUES[queue], field->name);
    }
}

static bool holds(const hub_buffer *packed, const char *words)
{
    size_t length = strlen(words);
    for (size_t i = 0; i + length <= packed->size; i++) {
        if (memcmp(packed->data + i, words, length) == 0) return true;
    }
    return false;
}

/* What is written on a disagreement goes to both its sides, whatever their lists; managers stand above every side. */
static bool is_side(uint32_t queue, const Mash__V1__Delivery *delivery)
{
    const Mash__V1__DisagreementView *of = delivery->disagreement;
    if (of == NULL || delivery->kind != MASH__V1__DELIVERY_KIND__DELIVERY_KIND_DISAGREEMENT) return false;
    const char *team = SIM_QUEUES[queue]; /* teams are called so too */
    return strcmp(team, of->team) == 0 || strcmp(team, of->with_team) == 0 || strcmp(team, "managers") == 0;
}

void sim_audience_check(const sim_report *report, const sim_checker *checker, uint32_t queue, const Mash__V1__Delivery *delivery)
{
    const may_have *may = &MAY_HAVE[queue];
    hub_buffer packed = {0};
    HUB_ASSERT(event_wire_pack(&delivery->base, &packed) == HUB_OK);
    if (delivery->event != NULL) {
        hub_id id;
        HUB_ASSERT(hub_id_read(hub_bytes_of(delivery->event->event_id.data, delivery->event->event_id.len), &id));
        if (sim_checker_class(checker, &id) > may->up_to)
            sim_fail(report, "S9: queue %s was given an event above its class", SIM_QUEUES[queue]);
        check_fields(report, queue, delivery->event);
    }
    if (!may->words && !is_side(queue, delivery) && holds(&packed, SIM_PRIVATE_WORDS))
        sim_fail(report, "S9: queue %s reads what people wrote", SIM_QUEUES[queue]);
    if (!may->people && holds(&packed, "Example-")) sim_fail(report, "S9: queue %s reads a name", SIM_QUEUES[queue]);
    bool tells_who = (delivery->act != NULL && delivery->act->who[0] != '\0') ||
                     (delivery->alert != NULL && (delivery->alert->owner[0] != '\0' || delivery->alert->offered_to[0] != '\0')) ||
                     (delivery->escalation != NULL && delivery->escalation->n_told > 0) ||
                     (delivery->disagreement != NULL && delivery->disagreement->n_told > 0);
    if (!may->who && tells_who) sim_fail(report, "S9: queue %s is told who acted", SIM_QUEUES[queue]);
    if (!may->people && delivery->alert != NULL && delivery->alert->n_lines > 0)
        sim_fail(report, "S9: queue %s is told who has a line", SIM_QUEUES[queue]);
    hub_buffer_free(&packed);
}
