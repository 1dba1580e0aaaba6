/* The contract, kept by the memory backend. */
#include "journal_contract.h"

#include "host/random.h"

typedef struct memory_fixture {
    contract_store store;
    journal_memory_store *memory;
} memory_fixture;

static hub_status open_memory(void *self, const char *partnership, journal_open_mode mode, journal **out, hub_error *err)
{
    return journal_memory_open(((memory_fixture *)self)->memory, partnership, mode, out, err);
}

static void damage_memory(void *self, uint64_t sequence)
{
    journal_memory_damage(((memory_fixture *)self)->memory, sequence);
}

static void fill_memory(void *self)
{
    journal_memory_fail(((memory_fixture *)self)->memory, 0, JOURNAL_FAULT_FULL_FOR_NOW);
}

static void mend_memory(void *self)
{
    journal_memory_fail(((memory_fixture *)self)->memory, 0, JOURNAL_FAULT_NONE);
}

static void break_lost(void *self)
{
    journal_memory_fail(((memory_fixture *)self)->memory, 0, JOURNAL_FAULT_UNKNOWN_LOST);
}

static void break_kept(void *self)
{
    journal_memory_fail(((memory_fixture *)self)->memory, 0, JOURNAL_FAULT_UNKNOWN_KEPT);
}

static int setup(void **fixture)
{
    memory_fixture *f = calloc(1, sizeof *f);
    assert_non_null(f);
    f->memory = journal_memory_store_open();
    f->store = (contract_store){.open = open_memory,
                                .damage = damage_memory,
                                .fill = fill_memory,
                                .make_room = mend_memory,
                                .break_next = break_lost,
                                .mend = mend_memory,
                                .self = f};
    *fixture = &f->store;
    return 0;
}

static int setup_kept(void **fixture)
{
    setup(fixture);
    ((contract_store *)*fixture)->break_next = break_kept;
    ((contract_store *)*fixture)->keeps_broken = true;
    return 0;
}

static int teardown(void **fixture)
{
    memory_fixture *f = ((contract_store *)*fixture)->self;
    journal_memory_store_close(f->memory);
    free(f);
    return 0;
}

/* Where nobody needs two handles, the store may be the handle's own. */
static void a_memory_location_is_a_store_of_its_own(void **fixture)
{
    (void)fixture;
    journal *j;
    assert_int_equal(journal_open("memory:", PARTNERSHIP, JOURNAL_CREATE, &j, NULL), HUB_OK);
    assert_string_equal(journal_backend(j), "memory");
    append_made(j, 3, 1);
    journal_close(j);
    assert_int_equal(journal_open("memory:", PARTNERSHIP, JOURNAL_WRITE, &j, NULL), HUB_ERR_NOT_FOUND);
}

static void a_location_of_no_kind_is_invalid(void **fixture)
{
    (void)fixture;
    journal *j;
    hub_error err;
    assert_int_equal(journal_open("floppy:a", PARTNERSHIP, JOURNAL_READ, &j, &err), HUB_ERR_INVALID);
    assert_true(strstr(err.text, "sqlite:PATH") != NULL);
    assert_int_equal(journal_open("memory:", "No Such Name", JOURNAL_CREATE, &j, &err), HUB_ERR_INVALID);
    assert_null(j);
}

int main(void)
{
    host_random_start();
    const struct CMUnitTest tests[] = {
        CONTRACT_TESTS(setup, teardown),
        cmocka_unit_test_setup_teardown(an_unknown_outcome_stops_the_journal, setup_kept, teardown),
        cmocka_unit_test(a_memory_location_is_a_store_of_its_own),
        cmocka_unit_test(a_location_of_no_kind_is_invalid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
