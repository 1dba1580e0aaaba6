hub_test(unit_rehearse/test_stories.c NEEDS hub_rehearse hub_policy hub_yaml)
if(TARGET mashctl)
  add_test(NAME scenarios.hips COMMAND mashctl policy test ${CMAKE_SOURCE_DIR}/config/hips/policy)
  add_test(NAME scenarios.spoilt COMMAND python3 ${CMAKE_CURRENT_SOURCE_DIR}/unit_rehearse/spoilt.py
           $<TARGET_FILE:mashctl> ${CMAKE_SOURCE_DIR}/config/hips)
  set_tests_properties(scenarios.hips scenarios.spoilt PROPERTIES TIMEOUT 600)
endif()
