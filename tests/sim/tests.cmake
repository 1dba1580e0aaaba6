# One seed, one run: tests/sim/main.c. ctest runs the same 200 seeds every time, and one that nobody has seen.
hub_program(sim SOURCES sim/main.c sim/random.c sim/options.c sim/schedule.c sim/report.c sim/net.c sim/policy.c sim/events.c
                        sim/checker.c sim/book.c sim/book_told.c sim/lapses.c sim/dates.c sim/audience.c sim/asking.c sim/spoil.c sim/people.c sim/hub.c sim/hub_time.c sim/hub_frames.c sim/adapter.c sim/consumer.c
            NEEDS hub_bus hub_core hub_event hub_journal hub_link hub_host hub_messages hub_base)
if(TARGET sim)
  set_target_properties(sim PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME sim.seeds COMMAND sim --seeds 200 --events 60)
  add_test(NAME sim.fresh COMMAND sim --fresh --events 200)
  set_tests_properties(sim.seeds sim.fresh PROPERTIES TIMEOUT 900)
  # A hub that is broken in one way (spoil.h) must fail the checker that watches for it, in these words.
  set(spoilt
      step-told     "S4: a step was told nobody"
      step-taken    "S4: the time of a step was over, and none was taken"
      next-step     "S4: a ladder stopped before its last step"
      any-step      "S8: nobody has it and nobody is going to hear of it"
      lapse-told    "S4: a clock lapsed and nobody was told"
      claim-expired "S4: a claim's time was over, and it went on"
      stage-moved   "S4: a stage's time was over, and it stayed"
      stage-told    "S4: a clock lapsed and nobody was told"
      asking        "S9: an adapter is told of a record"
      audience      "S9: queue schools was given Event.subjects"
      class         "S9: a delivery above its class"
      early         "S4: the minutes of a clock had not passed"
      owner         "S8: the owner changed as nothing explains"
      too-soon      "S[17]: .* no durable record holds"
      delivery      "everything stands still and not all is done"
      contradiction "S10: another date of birth"
      acts          "S11: next to nothing")
  while(spoilt)
    list(POP_FRONT spoilt way words)
    add_test(NAME sim.spoilt.${way} COMMAND sim --seeds 100 --events 120 --spoil ${way})
    set_tests_properties(sim.spoilt.${way} PROPERTIES TIMEOUT 600 PASS_REGULAR_EXPRESSION "${words}")
  endwhile()
  # tests/run --all: seeds that the others do not reach, and longer lives.
  add_test(NAME sim.long CONFIGURATIONS Long COMMAND sim --seeds 400 --from 1001 --events 300)
  set_tests_properties(sim.long PROPERTIES TIMEOUT 1800)
endif()
