/* Frames: what is packed is read back; what is no frame is refused with the place of the fault. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bus/frames.h"
#include "mash/v1/alert.pb-c.h"

typedef struct fixture {
    hub_arena arena;
    hub_buffer bytes;
    event_wire_fault fault;
} fixture;

static int setup(void **state)
{
    static fixture f;
    memset(&f, 0, sizeof f);
    *state = &f;
    return hub_arena_open(&f.arena, 4096, 1 << 20) == HUB_OK ? 0 : -1;
}

static int teardown(void **state)
{
    fixture *f = *state;
    hub_arena_close(&f->arena);
    hub_buffer_free(&f->bytes);
    return 0;
}

static void a_client_frame_is_read_back(void **state)
{
    fixture *f = *state;
    Mash__V1__Subscribe subscribe = MASH__V1__SUBSCRIBE__INIT;
    subscribe.queue = (char *)(uintptr_t) "southampton-childrens";
    subscribe.credit_items = 7;
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.request = 42;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_SUBSCRIBE;
    frame.subscribe = &subscribe;
    assert_int_equal(bus_frame_pack_client(&frame, &f->bytes), HUB_OK);

    Mash__V1__ClientFrame *read;
    assert_int_equal(bus_frame_read_client(hub_buffer_bytes(&f->bytes), &f->arena, &read, &f->fault), HUB_OK);

    assert_int_equal(read->request, 42);
    assert_string_equal(read->subscribe->queue, "southampton-childrens");
    assert_int_equal(read->subscribe->credit_items, 7);
}

static void a_frame_cut_short_is_refused(void **state)
{
    fixture *f = *state;
    a_client_frame_is_read_back(state);
    Mash__V1__ClientFrame *read;

    hub_status status = bus_frame_read_client(hub_bytes_of(f->bytes.data, f->bytes.size - 1), &f->arena, &read, &f->fault);

    assert_int_equal(status, HUB_ERR_INVALID);
    assert_null(read);
    assert_true(f->fault.cause[0] != '\0');
}

static void text_that_is_not_utf8_is_refused_with_its_field_path(void **state)
{
    fixture *f = *state;
    uint8_t bytes[] = {0x62, 4, 0x0a, 2, 0xff, 0xfe}; /* field 12, subscribe { queue: ff fe } */
    Mash__V1__ClientFrame *read;

    assert_int_equal(bus_frame_read_client(hub_bytes_of(bytes, sizeof bytes), &f->arena, &read, &f->fault), HUB_ERR_INVALID);

    assert_string_equal(f->fault.field_path, "subscribe.queue");
    assert_int_equal(f->fault.bad_text, 1);
}

/* Deliveries frames are put together by hand from packed pieces; a reader must see a frame like any other. */
static void deliveries_put_together_from_pieces_are_an_ordinary_frame(void **state)
{
    fixture *f = *state;
    Mash__V1__Delivery delivery = MASH__V1__DELIVERY__INIT;
    delivery.queue = (char *)(uintptr_t) "duty";
    Mash__V1__Position position = MASH__V1__POSITION__INIT;
    position.sequence = 9;
    Mash__V1__Delivery placed = MASH__V1__DELIVERY__INIT;
    placed.position = &position;
    hub_buffer first = {0}, second = {0};
    assert_int_equal(event_wire_pack(&delivery.base, &first), HUB_OK);
    assert_int_equal(event_wire_pack(&placed.base, &second), HUB_OK);
    hub_buffer items = {0};
    bus_frame_put_delivery(&items, hub_buffer_bytes(&first), hub_buffer_bytes(&second));
    bus_frame_put_delivery(&items, hub_buffer_bytes(&first), hub_buffer_bytes(&second));
    uint8_t head[16];
    size_t used = bus_frame_deliveries_head(items.size, head);
    hub_buffer_put(&f->bytes, head, used);
    hub_buffer_put(&f->bytes, items.data, items.size);

    Mash__V1__HubFrame *read;
    assert_int_equal(bus_frame_read_hub(hub_buffer_bytes(&f->bytes), &f->arena, &read, &f->fault), HUB_OK);

    assert_int_equal(read->body_case, MASH__V1__HUB_FRAME__BODY_DELIVERIES);
    assert_int_equal(read->deliveries->n_items, 2);
    assert_string_equal(read->deliveries->items[1]->queue, "duty");
    assert_int_equal(read->deliveries->items[1]->position->sequence, 9);
    hub_buffer_free(&first);
    hub_buffer_free(&second);
    hub_buffer_free(&items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_client_frame_is_read_back, setup, teardown),
        cmocka_unit_test_setup_teardown(a_frame_cut_short_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(text_that_is_not_utf8_is_refused_with_its_field_path, setup, teardown),
        cmocka_unit_test_setup_teardown(deliveries_put_together_from_pieces_are_an_ordinary_frame, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
