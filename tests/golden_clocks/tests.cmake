hub_test(golden_clocks/test_golden.c EXTRA golden_clocks/worked_example.c NEEDS hub_core)
add_test(NAME golden_clocks.verb COMMAND /usr/bin/python3 ${CMAKE_CURRENT_LIST_DIR}/test_verb.py)
set_tests_properties(golden_clocks.verb PROPERTIES TIMEOUT 600
  ENVIRONMENT "MASHHUB_SOURCE=${CMAKE_SOURCE_DIR};MASHHUB_BIN=${CMAKE_BINARY_DIR}/bin")
