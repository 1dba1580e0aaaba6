hub_test(golden_clocks/test_golden.c EXTRA golden_clocks/worked_example.c NEEDS hub_core)
