/* outbox_story.h - what stories of the outbox share: events that read like numbers, put and waiting. */
#ifndef UNIT_KIT_OUTBOX_STORY_H
#define UNIT_KIT_OUTBOX_STORY_H

#include "kit_support.h"

#include "link/outbox.h"

static const int64_t NOW = 1775563200000; /* 2026-04-07T12:00Z */
static const int64_t DAY = 86400000;

static inline outbox *opened(const char *folder)
{
    outbox *box = NULL;
    hub_error err = {{0}};
    kit_ok(outbox_open(&(outbox_options){.folder = folder}, &box, &err));
    return box;
}

static inline hub_status put_one(outbox *box, uint32_t number, outbox_urgency urgency, hub_error *err)
{
    char event[32];
    hub_id id = kit_id(number);
    int length = snprintf(event, sizeof event, "event %u", number);
    return outbox_put(box, &id, hub_bytes_of(event, (size_t)length), urgency, NOW, err);
}

static inline void given_put(outbox *box, uint32_t first, uint32_t last)
{
    hub_error err = {{0}};
    kit_ok(outbox_begin(box, &err));
    for (uint32_t i = first; i <= last; i++)
        kit_ok(put_one(box, i, OUTBOX_ORDINARY, &err));
    kit_ok(outbox_commit(box, &err));
}

/* The event numbers waiting, as "3,4,5", and checks that each content is its own. */
static inline const char *waiting(outbox *box)
{
    static char text[256];
    text[0] = '\0';
    hub_error err = {{0}};
    hub_arena arena;
    assert_int_equal(hub_arena_open(&arena, 65536, 1 << 20), HUB_OK);
    outbox_item items[32];
    uint32_t count = 0;
    outbox_numbers numbers;
    outbox_numbers_of(box, &numbers);
    kit_ok(outbox_read(box, numbers.settled_link_seq + 1, 32, 1 << 20, &arena, items, &count, &err));
    for (uint32_t i = 0; i < count; i++) {
        char event[32];
        uint32_t number = kit_id_number(&items[i].event_id);
        int length = snprintf(event, sizeof event, "event %u", number);
        assert_true(items[i].damaged || hub_bytes_equal(items[i].event, hub_bytes_of(event, (size_t)length)));
        assert_int_equal(items[i].link_seq, numbers.settled_link_seq + 1 + i);
        size_t used = strlen(text);
        (void)snprintf(text + used, sizeof text - used, "%s%u", i > 0 ? "," : "", number);
    }
    hub_arena_close(&arena);
    return text;
}

static inline outbox_counts counts_of(const outbox *box)
{
    outbox_counts counts;
    outbox_counts_of(box, &counts);
    return counts;
}

#endif
