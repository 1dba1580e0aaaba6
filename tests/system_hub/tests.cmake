# The real mashhubd and clients in this process, over loopback.
add_library(full_disk MODULE system_hub/full_disk.c)
set_target_properties(full_disk PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests PREFIX "")
target_link_libraries(full_disk PRIVATE hub_warnings)
foreach(name IN ITEMS publish sessions consume recover ask act audit read)
  hub_test(system_hub/test_${name}.c NEEDS hub_bus hub_daemon hub_policy hub_core hub_yaml hub_event hub_host hub_journal EXTRA system_hub/harness.c system_hub/fixture.c system_hub/made_events.c system_hub/board.c)
  if(TARGET system_hub.${name} AND TARGET mashhubd)
    add_dependencies(system_hub.${name} mashhubd full_disk)
    set_property(TEST system_hub.${name} APPEND PROPERTY ENVIRONMENT "MASHHUB_FULL_DISK=${CMAKE_BINARY_DIR}/tests/full_disk.so"
                 "TSAN_OPTIONS=halt_on_error=1:ignore_noninstrumented_modules=1:suppressions=${CMAKE_CURRENT_LIST_DIR}/tsan.supp")
  endif()
endforeach()
