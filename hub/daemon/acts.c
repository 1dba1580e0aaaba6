/* acts.c - what people do, sent for them by a gateway. Here the frame is checked, over the contract's own descriptors, so that a new act
 * needs nothing here; who may do what, on which version, is the core's to say (core/acts.h). Nothing that somebody wrote is logged. */
#include "daemon/shell.h"

#include <stdio.h>
#include <string.h>

#include "event/limits.h"
#include "event/place.h"
#include "event/wire.h"

enum { ACT_BYTES_MAX = 64 * 1024 }; /* packed; the longest texts of one act are 20,000 bytes, the rest is for fields to come */
static const int64_t YEAR_2200_MS = INT64_C(7258118400000); /* calendars reckon no further */

/* ---- is it well formed ------------------------------------------------------------------------------------------------------- */
typedef struct act_fault {
    Mash__V1__FaultCode code;
    char field_path[160];
    char text[120];
} act_fault;

static bool fault_at(act_fault *out, const event_place *place, const char *text)
{
    out->code = MASH__V1__FAULT_CODE__FAULT_MALFORMED;
    event_place_path(place, EVENT_PLACE_WITH_POSITIONS, out->field_path, sizeof out->field_path);
    (void)snprintf(out->text, sizeof out->text, "%s", text);
    return false;
}

static bool is_sound(const ProtobufCMessage *message, const event_place *within, act_fault *out);

static bool is_sound_field(const ProtobufCMessage *message, const event_place *place, act_fault *out)
{
    const ProtobufCFieldDescriptor *field = place->field;
    const uint8_t *at = (const uint8_t *)message + field->offset;
    const ProtobufCMessage *inner;
    const char *text;
    char words[64];
    int64_t time_ms;
    int value;
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        memcpy(&text, at, sizeof text);
        size_t most = event_limit_text_bytes(message->descriptor, field);
        (void)snprintf(words, sizeof words, "at most %zu bytes", most);
        return strlen(text) <= most || fault_at(out, place, words);
    case PROTOBUF_C_TYPE_ENUM:
        memcpy(&value, at, sizeof value);
        return protobuf_c_enum_descriptor_get_value(field->descriptor, value) != NULL ||
               fault_at(out, place, "this hub does not know this value");
    case PROTOBUF_C_TYPE_INT64: /* every one is a time */
        memcpy(&time_ms, at, sizeof time_ms);
        return (time_ms >= 0 && time_ms < YEAR_2200_MS) || fault_at(out, place, "ms since 1970, before the year 2200");
    case PROTOBUF_C_TYPE_MESSAGE:
        memcpy(&inner, at, sizeof inner);
        return is_sound(inner, place, out);
    default:
        return true;
    }
}

static bool is_sound(const ProtobufCMessage *message, const event_place *within, act_fault *out)
{
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        HUB_ASSERT(field->label != PROTOBUF_C_LABEL_REPEATED); /* act.proto has none */
        uint32_t chosen = field->id;
        if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0)
            memcpy(&chosen, (const uint8_t *)message + field->quantifier_offset, sizeof chosen);
        event_place place = {.within = within, .field = field};
        if (chosen == field->id && !is_sound_field(message, &place, out)) return false;
    }
    return true;
}

static bool is_well_formed(const Mash__V1__Act *act, hub_id *command_id, act_fault *out)
{
    const event_place root = {
        .field = protobuf_c_message_descriptor_get_field(&mash__v1__client_frame__descriptor, MASH__V1__CLIENT_FRAME__BODY_ACT)};
    event_place place = {.within = &root};
    place.field = protobuf_c_message_descriptor_get_field_by_name(&mash__v1__act__descriptor, "command_id");
    if (!hub_id_read(hub_bytes_of(act->command_id.data, act->command_id.len), command_id) || hub_id_is_zero(command_id))
        return fault_at(out, &place, "16 random bytes are needed");
    if (act->what_case == MASH__V1__ACT__WHAT__NOT_SET) {
        *out = (act_fault){.code = MASH__V1__FAULT_CODE__FAULT_UNKNOWN_REQUEST,
                           .field_path = "act.what",
                           .text = "no act is named, or one that this hub does not know"};
        return false;
    }
    if (!is_sound(&act->base, &root, out)) return false;
    if (protobuf_c_message_get_packed_size(&act->base) <= ACT_BYTES_MAX) return true;
    (void)fault_at(out, &root, "more than 65,536 bytes");
    out->code = MASH__V1__FAULT_CODE__FAULT_TOO_LARGE;
    return false;
}

/* ---- doing it ------------------------------------------------------------------------------------------------------------------ */
static void fill_frame(Mash__V1__HubFrame *frame, uint64_t request, const Mash__V1__ActReply *reply)
{
    mash__v1__hub_frame__init(frame);
    frame->request = request;
    frame->body_case = MASH__V1__HUB_FRAME__BODY_ACT_REPLY;
    frame->act_reply = (Mash__V1__ActReply *)(uintptr_t)reply;
}

/* Nothing was decided, so nothing has to be durable before it is said. */
static void put_off(daemon_shell *d, bus_session *session, uint64_t request, const char *text)
{
    Mash__V1__ActReply reply = MASH__V1__ACT_REPLY__INIT;
    Mash__V1__HubFrame frame;
    reply.code = MASH__V1__ACT_CODE__ACT_RETRY_LATER;
    reply.text = (char *)(uintptr_t)text;
    fill_frame(&frame, request, &reply);
    daemon_count_code(d->figures.acts, (int)reply.code);
    daemon_send_frame(d, session, &frame);
}

/* The act as bytes for the record's sealed part, with fields this version does not know; in decide_arena. */
static hub_bytes packed(daemon_shell *d, const Mash__V1__Act *act)
{
    size_t size = protobuf_c_message_get_packed_size(&act->base);
    uint8_t *bytes = hub_arena_take_raw(&d->decide_arena, size);
    if (bytes == NULL || !event_wire_pack_at(&act->base, bytes, size, &size)) return hub_bytes_of(NULL, 0);
    return hub_bytes_of(bytes, size);
}

void daemon_act(daemon_shell *d, bus_session *session, uint64_t request, const Mash__V1__Act *act)
{
    const core_peer *peer = core_peer_numbered(d->core, session->peer);
    core_command command = {.kind = CORE_ACT, .at_ms = daemon_now_ms(d), .peer = session->peer};
    act_fault fault;
    if (peer->kind != MASH__V1__PEER_KIND__PEER_KIND_GATEWAY) {
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_NOT_ALLOWED, "act",
                     "only a key enrolled as gateway may act for people");
        return;
    }
    if (!is_well_formed(act, &command.command_id, &fault)) {
        daemon_fault(d, session, request, fault.code, fault.field_path, fault.text);
        return;
    }
    if (d->full || core_policy_now(d->core) == NULL) {
        put_off(d, session, request, d->full ? "the hub's disk is full; nothing was done" : "the hub has no policy yet");
        return;
    }
    hub_arena_reset(&d->decide_arena);
    command.of.act.act = act;
    command.of.act.bytes = packed(d, act);
    uint64_t before = core_sequence(d->core);
    core_decision decision;
    if (command.of.act.bytes.size == 0 || daemon_apply(d, DAEMON_TEAM, &command, &decision) != HUB_OK) {
        put_off(d, session, request, "the hub has no room for this now; nothing was done, try again");
        return;
    }
    Mash__V1__ActReply *reply = decision.reply.act;
    if (core_sequence(d->core) > before) reply->sequence = core_sequence(d->core);
    Mash__V1__HubFrame frame;
    fill_frame(&frame, request, reply);
    daemon_count_code(d->figures.acts, (int)reply->code);
    daemon_answer(d, session, &frame);
}

void daemon_acts_for(const daemon_shell *d, const core_peer *peer, hub_arena *arena, Mash__V1__PeerStatus *out)
{
    enum { TEAMS_MAX = sizeof peer->may_act_for / sizeof peer->may_act_for[0] };
    out->may_act_for = hub_arena_take(arena, TEAMS_MAX * sizeof *out->may_act_for);
    for (size_t i = 0; out->may_act_for != NULL && i < TEAMS_MAX && peer->may_act_for[i] != 0; i++)
        out->may_act_for[out->n_may_act_for++] = (char *)(uintptr_t)core_team_name(d->core, peer->may_act_for[i]);
}
