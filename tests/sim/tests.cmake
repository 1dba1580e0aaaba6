# One seed, one run: tests/sim/main.c. ctest runs the same 200 seeds every time, and one that nobody has seen.
hub_program(sim SOURCES sim/main.c sim/random.c sim/options.c sim/schedule.c sim/report.c sim/net.c sim/policy.c sim/events.c
                        sim/checker.c sim/book.c sim/audience.c sim/people.c sim/hub.c sim/hub_frames.c sim/adapter.c sim/consumer.c
            NEEDS hub_bus hub_core hub_event hub_journal hub_link hub_host hub_messages hub_base)
if(TARGET sim)
  set_target_properties(sim PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME sim.seeds COMMAND sim --seeds 200 --events 60)
  add_test(NAME sim.fresh COMMAND sim --fresh --events 200)
  set_tests_properties(sim.seeds sim.fresh PROPERTIES TIMEOUT 300)
  # tests/run --all: seeds that the others do not reach, and longer lives.
  add_test(NAME sim.long CONFIGURATIONS Long COMMAND sim --seeds 1000 --from 1001 --events 300)
  set_tests_properties(sim.long PROPERTIES TIMEOUT 1800)
endif()
