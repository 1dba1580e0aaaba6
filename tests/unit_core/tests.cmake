set(story ${CMAKE_CURRENT_LIST_DIR}/story.c ${CMAKE_CURRENT_LIST_DIR}/story_people.c
          ${CMAKE_CURRENT_LIST_DIR}/story_acts.c ${CMAKE_CURRENT_LIST_DIR}/story_told.c)
foreach(name IN ITEMS publishing commands people relatives alerts clocks delivering sharing near schools records escalation deciding reassigning holding requests storm time timeliness leavers)
  hub_test(unit_core/test_${name}.c EXTRA ${story} NEEDS hub_core)
endforeach()
foreach(name IN ITEMS disagreement disagreement_stages disagreement_view disagreement_sides disagreement_course telling silence acts partners parties kept_from)
  hub_test(unit_core/test_${name}.c EXTRA ${story} ${CMAKE_CURRENT_LIST_DIR}/story_disagreement.c NEEDS hub_core)
endforeach()
hub_test(unit_core/test_table.c NEEDS hub_core)
