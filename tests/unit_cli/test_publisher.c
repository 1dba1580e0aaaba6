/* The outbox in memory: what the hub has not settled is sent again, and an answer is told once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/publisher.h"
#include "host/random.h"

static void count_settled(void *context, size_t item, const Mash__V1__ItemResult *result)
{
    (void)item;
    (void)result;
    (*(int *)context)++;
}

static void given_items(publisher *p, int count, int *told)
{
    publisher_open(p, 256, count_settled, told);
    for (int i = 0; i < count; i++) {
        hub_id id = host_random_id();
        assert_int_equal(publisher_add(p, &id, hub_bytes_of_text("event"), NULL), HUB_OK);
    }
}

static void when_answered(publisher *p, Mash__V1__ItemStatus status, uint64_t first, uint64_t last)
{
    Mash__V1__ItemResult result = MASH__V1__ITEM_RESULT__INIT;
    Mash__V1__ItemResult *results[] = {&result};
    Mash__V1__PublishReply reply = MASH__V1__PUBLISH_REPLY__INIT;
    result.status = status;
    result.first_link_seq = first;
    result.last_link_seq = last;
    reply.results = results;
    reply.n_results = 1;
    publisher_reply(p, &reply, 1000);
}

static void it_is_done_when_every_item_is_settled(void **state)
{
    (void)state;
    publisher p;
    int told = 0;
    given_items(&p, 3, &told);
    when_answered(&p, MASH__V1__ITEM_STATUS__STORED, 1, 2);
    assert_false(publisher_done(&p));
    when_answered(&p, MASH__V1__ITEM_STATUS__REFUSED, 3, 3);
    assert_true(publisher_done(&p));
    assert_int_equal(told, 3);
    assert_int_equal(p.stored, 2);
    assert_int_equal(p.refused, 1);
    publisher_close(&p);
}

/* After a lost connection the hub may tell an answer again. */
static void an_answer_told_twice_counts_once(void **state)
{
    (void)state;
    publisher p;
    int told = 0;
    given_items(&p, 2, &told);
    when_answered(&p, MASH__V1__ITEM_STATUS__STORED, 1, 1);
    when_answered(&p, MASH__V1__ITEM_STATUS__STORED, 1, 2);
    assert_int_equal(told, 2);
    assert_int_equal(p.stored, 2);
    publisher_close(&p);
}

static void an_answer_for_an_item_that_was_not_next_ends_the_run(void **state)
{
    (void)state;
    publisher p;
    int told = 0;
    given_items(&p, 3, &told);
    when_answered(&p, MASH__V1__ITEM_STATUS__STORED, 2, 2);
    assert_true(p.failed);
    publisher_close(&p);
}

static void retry_later_sends_again_from_the_first_unsettled_item(void **state)
{
    (void)state;
    publisher p;
    int told = 0;
    given_items(&p, 3, &told);
    p.next = 3;
    when_answered(&p, MASH__V1__ITEM_STATUS__STORED, 1, 1);
    when_answered(&p, MASH__V1__ITEM_STATUS__RETRY_LATER, 2, 2);
    assert_int_equal(p.next, 1);
    assert_true(p.retry_at_us > 1000);
    publisher_close(&p);
}

int main(void)
{
    host_random_start();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_done_when_every_item_is_settled),
        cmocka_unit_test(an_answer_told_twice_counts_once),
        cmocka_unit_test(an_answer_for_an_item_that_was_not_next_ends_the_run),
        cmocka_unit_test(retry_later_sends_again_from_the_first_unsettled_item),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
