hub_test(unit_bus/test_curve.c NEEDS hub_bus)
hub_test(unit_bus/test_uvzmq.c NEEDS hub_bus HIDDEN PkgConfig::zmq)
hub_test(unit_bus/test_frames.c NEEDS hub_bus)
hub_test(unit_bus/test_sessions.c NEEDS hub_bus)
hub_test(unit_bus/test_link.c NEEDS hub_bus HIDDEN PkgConfig::zmq)
if(TARGET unit_bus.link) # libzmq's own threads are not instrumented
  foreach(name IN ITEMS link uvzmq)
    set_property(TEST unit_bus.${name} APPEND PROPERTY ENVIRONMENT
      "TSAN_OPTIONS=halt_on_error=1:ignore_noninstrumented_modules=1:suppressions=${CMAKE_SOURCE_DIR}/tests/system_hub/tsan.supp")
  endforeach()
endif()
