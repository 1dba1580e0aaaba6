#include "board.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "event/event.h"
#include "event/wire.h"

void board_story_start(board_story *story)
{
    hub_start(&story->hub, story->full[0] == '\0' ? NULL : story->full);
    story->op = operator_open(&story->hub);
    story->adapter = enrol(story->op, "health-test", MASH__V1__PEER_KIND__PEER_KIND_ADAPTER, NULL);
    story->board = enrol_board(story->op);
    peer_open(story->adapter);
    peer_open(story->board);
}

int board_story_remove(void **state)
{
    board_story *story = *state;
    hub_remove(&story->hub);
    return 0;
}

peer *enrol_board(peer *by)
{
    return enrol_board_of(by, "board", 1);
}

peer *enrol_board_of(peer *by, const char *name, size_t team_count)
{
    bus_key_pair keys;
    bus_key_pair_make(&keys);
    char *queues[] = {(char *)"bench-team", (char *)"bench-1"}, *teams[] = {(char *)"bench-practice", (char *)"bench-visitors"};
    Mash__V1__Enrol body = MASH__V1__ENROL__INIT;
    body.public_key = (ProtobufCBinaryData){.len = BUS_KEY_BYTES, .data = keys.public_key};
    body.kind = MASH__V1__PEER_KIND__PEER_KIND_GATEWAY;
    body.name = (char *)(uintptr_t)name;
    body.queues = queues;
    body.may_act_for = teams;
    body.n_queues = body.n_may_act_for = team_count;
    Mash__V1__Command what = MASH__V1__COMMAND__INIT;
    what.what_case = MASH__V1__COMMAND__WHAT_ENROL;
    what.enrol = &body;
    const Mash__V1__CommandReply *reply = command(by, &what);
    if (reply->code != MASH__V1__COMMAND_CODE__COMMAND_DONE) print_error("%s\n", reply->text);
    assert_int_equal(reply->code, MASH__V1__COMMAND_CODE__COMMAND_DONE);
    return peer_new(by->hub, TEAM_PORT, &keys);
}

void publish_concern(peer *adapter, uint64_t link_seq)
{
    publish_concern_of(adapter, link_seq, MASH__V1__SENSITIVITY__SENSITIVITY_UNSPECIFIED);
}

void publish_concern_of(peer *adapter, uint64_t link_seq, Mash__V1__Sensitivity sensitivity)
{
    hub_buffer packed = {0}, concern = {0};
    event_problem problem = {0};
    (void)event_make((uint32_t)link_seq, "seen at home", &packed);
    Mash__V1__Event *event = event_decode(hub_buffer_bytes(&packed), &adapter->hub->arena, &problem);
    assert_non_null(event);
    Mash__V1__FactorKind kinds[] = {MASH__V1__FACTOR_KIND__FACTOR_KIND_NEGLECT};
    Mash__V1__ChildConcern body = MASH__V1__CHILD_CONCERN__INIT;
    body.kinds = kinds;
    body.n_kinds = 1;
    event->payload_case = MASH__V1__EVENT__PAYLOAD_CHILD_CONCERN;
    event->child_concern = &body;
    event->exercise = 0;
    event->sensitivity = sensitivity;
    Mash__V1__Identifier number = MASH__V1__IDENTIFIER__INIT;
    Mash__V1__Identifier *numbers[] = {&number};
    number.scheme = MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_NHS_NUMBER;
    number.value = (char *)(uintptr_t)CHILDS_NUMBER;
    event->subjects[0]->identifiers = numbers;
    event->subjects[0]->n_identifiers = 1;
    hub_id id;
    event_id_derive(event->agency, event->source_system, event->source_reference, (uint32_t)event->payload_case, NULL, &id);
    event->event_id = (ProtobufCBinaryData){.len = HUB_ID_BYTES, .data = id.bytes};
    assert_int_equal(event_wire_pack(&event->base, &concern), HUB_OK);
    publish_bytes(adapter, link_seq, &id, hub_buffer_bytes(&concern));
    assert_true(hub_until(adapter->hub, &adapter->results, (int)link_seq, PATIENCE_MS));
    if (adapter->status[link_seq] != MASH__V1__ITEM_STATUS__STORED) fail_msg("not stored: %s", adapter->field_path);
    hub_buffer_free(&packed);
    hub_buffer_free(&concern);
}
