# A benchmark, not a test: build it and run it by hand, build/release/tests/bench_core POLICY_FOLDER [EVENTS] [people].
add_executable(bench_core ${CMAKE_CURRENT_LIST_DIR}/bench_core.c ${CMAKE_CURRENT_LIST_DIR}/bench_people.c)
set_target_properties(bench_core PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
target_link_libraries(bench_core PRIVATE hub_warnings hub_core hub_policy hub_host hub_event)
