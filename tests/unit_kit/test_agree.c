/* Do the adapter's counts and the hub's agree? Asked when nothing is on its way; what moves before the answer is there makes it worth nothing. */
#include "agree.h"
#include "outbox_story.h"

static const link_status QUIET = {.open = true};

static void heard(adapter_agreement *agreement, uint64_t stored)
{
    hub_error err = {{0}};
    Mash__V1__PeerStatus own = MASH__V1__PEER_STATUS__INIT, *peers[] = {&own};
    Mash__V1__Status status = MASH__V1__STATUS__INIT;
    own.stored = stored;
    status.peers = peers;
    status.n_peers = 1;
    kit_ok(adapter_agreement_heard(agreement, &status, NOW, NOW, &err));
}

static const char *noted(outbox *box)
{
    static hub_buffer text;
    hub_error err = {{0}};
    hub_buffer_free(&text);
    return outbox_noted(box, "agreement", &text, &err) == HUB_OK ? hub_buffer_text(&text) : "";
}

/* A file comes in just when the hub is asked: whoever sent SIGUSR1, or looks at --status after a start, must not wait a minute and more. */
static void an_answer_that_was_overtaken_is_asked_for_again_at_once(void **state)
{
    hub_error err = {{0}};
    outbox *box = opened(*state);
    adapter_agreement agreement = {.box = box};
    assert_true(adapter_agreement_due(&agreement, &QUIET, NOW));
    assert_false(adapter_agreement_due(&agreement, &QUIET, NOW));
    given_put(box, 1, 1);
    kit_ok(outbox_settle(box, 1, OUTBOX_STORED, NOW, &err));

    heard(&agreement, 0);
    assert_string_equal(noted(box), "");
    assert_true(adapter_agreement_due(&agreement, &QUIET, NOW));
    heard(&agreement, 1);

    assert_memory_equal(noted(box), "agree;", 6);
    assert_false(adapter_agreement_due(&agreement, &QUIET, NOW));
    outbox_close(box);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_answer_that_was_overtaken_is_asked_for_again_at_once, kit_folder_make,
                                        kit_folder_remove),
    };
    return cmocka_run_group_tests_name("agree", tests, NULL, NULL);
}
