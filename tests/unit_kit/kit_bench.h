/* kit_bench.h - what tests of the ways in share: an outbox with intakes and the desk where senders wait, on a loop, at one moment. */
#ifndef UNIT_KIT_KIT_BENCH_H
#define UNIT_KIT_KIT_BENCH_H

#include "kit_support.h"

#include <uv.h>

#include "kit/desk.h"
#include "kit/intake.h"

static const int64_t NOW = 1775563200000; /* 2026-04-07T12:00Z */
static inline int64_t fixed_now(void *context)
{
    (void)context;
    return NOW;
}

/* `folder` NULL: in memory. patience_ms above 0: the hub acknowledges, and a sender waits that long. */
static inline void kit_bench_open(uv_loop_t *loop, const char *folder, uint64_t waiting_max, int64_t patience_ms, outbox **box,
                                  kit_desk **desk)
{
    hub_error err = {{0}};
    assert_int_equal(uv_loop_init(loop), 0);
    kit_ok(outbox_open(&(outbox_options){.folder = folder, .waiting_max = waiting_max}, box, &err));
    kit_desk_options options = {
        .box = *box, .acknowledge = patience_ms > 0 ? KIT_ACKNOWLEDGE_HUB : KIT_ACKNOWLEDGE_OUTBOX, .patience_ms = patience_ms};
    kit_ok(kit_desk_open(loop, &options, desk, &err));
}

/* `detail`: NULL where the mapping asks for none. */
static inline kit_intake *kit_bench_intake(outbox *box, const kit_mapping *mapping, kit_unreadable unreadable, kit_detail *detail)
{
    hub_error err = {{0}};
    kit_intake *intake = NULL;
    kit_intake_options options = {.box = box,
                                  .mapping = mapping,
                                  .source_system = "test/1",
                                  .area = "E10000014",
                                  .legal_gateway = "",
                                  .unreadable = unreadable,
                                  .detail = detail};
    kit_ok(kit_intake_open(&options, &intake, &err));
    return intake;
}

static inline outbox_counts kit_counts_of(const outbox *box)
{
    outbox_counts counts;
    outbox_counts_of(box, &counts);
    return counts;
}

/* After the way in was closed, which ends on the loop too. */
static inline void kit_bench_close(uv_loop_t *loop, outbox *box, kit_desk *desk, kit_intake *const *intakes, unsigned count)
{
    kit_desk_close(desk);
    (void)uv_run(loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(loop), 0);
    for (unsigned i = 0; i < count; i++)
        kit_intake_close(intakes[i]);
    outbox_close(box);
}

#endif
