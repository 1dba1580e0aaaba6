/* The core's own hash table: finds what was entered, through every growth, and never all at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/table.h"

typedef struct item {
    uint64_t value;
    uint64_t key;
} item;

static const uint8_t SECRET[16] = "a secret of test";

static void every_item_is_found_through_all_growths(void **fixture)
{
    (void)fixture;
    core_pool pool;
    core_table table;
    core_pool_init(&pool, sizeof(item));
    core_table_init(&table, &pool, offsetof(item, key), sizeof(uint64_t), SECRET);
    for (uint64_t i = 1; i <= 20000; i++) {
        assert_int_equal(core_pool_reserve(&pool, 1), HUB_OK);
        assert_int_equal(core_table_reserve(&table, 1), HUB_OK);
        uint32_t number;
        item *added = core_pool_add(&pool, &number);
        added->key = i * i;
        core_table_insert(&table, number);
        uint64_t early = (i / 2 + 1) * (i / 2 + 1); /* one entered long before, perhaps in the half being emptied */
        assert_int_equal(core_table_find(&table, &early), i / 2 + 1);
    }
    for (uint64_t i = 1; i <= 20000; i++) {
        uint64_t key = i * i;
        assert_int_equal(core_table_find(&table, &key), i);
        key++;
        assert_int_equal(core_table_find(&table, &key), 0);
    }
    core_table_free(&table);
    core_pool_free(&pool);
}

/* A reservation for many at once must hold even when the table is in the middle of moving. */
static void a_large_reservation_holds_in_the_middle_of_a_move(void **fixture)
{
    (void)fixture;
    core_pool pool;
    core_table table;
    core_pool_init(&pool, sizeof(item));
    core_table_init(&table, &pool, offsetof(item, key), sizeof(uint64_t), SECRET);
    uint64_t key = 0;
    for (uint32_t step = 1; step <= 4096; step = step * 3 + 1) {
        assert_int_equal(core_pool_reserve(&pool, step), HUB_OK);
        assert_int_equal(core_table_reserve(&table, step), HUB_OK);
        for (uint32_t i = 0; i < step; i++) {
            uint32_t number;
            item *added = core_pool_add(&pool, &number);
            added->key = ++key;
            core_table_insert(&table, number);
        }
    }
    for (uint64_t i = 1; i <= key; i++)
        assert_int_equal(core_table_find(&table, &i), i);
    core_table_free(&table);
    core_pool_free(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_item_is_found_through_all_growths),
        cmocka_unit_test(a_large_reservation_holds_in_the_middle_of_a_move),
    };
    return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
