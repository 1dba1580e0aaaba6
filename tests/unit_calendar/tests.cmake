hub_test(unit_calendar/test_civil.c NEEDS hub_core)
hub_test(unit_calendar/test_calendar.c EXTRA golden_clocks/worked_example.c NEEDS hub_core)
hub_test(unit_calendar/test_property.c EXTRA golden_clocks/worked_example.c NEEDS hub_core)
