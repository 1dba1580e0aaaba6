# The wiring kit, tried as an engineer of an agency and an operator of a hub would: real programs, a real hub, folders of their own.
if(PROTOC)
  foreach(name IN ITEMS doctor enrol replay conformance pages trouble)
    add_test(NAME system_wiring.${name} COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/system_wiring/test_${name}.py)
    set_tests_properties(system_wiring.${name} PROPERTIES TIMEOUT 900 ENVIRONMENT
      "MASHHUB_FULL_DISK=${CMAKE_BINARY_DIR}/tests/full_disk.so;MASHHUB_LATER_LIBRARY=$<TARGET_FILE:later>;MASHHUB_SOURCE=${CMAKE_SOURCE_DIR};MASHHUB_BIN=${CMAKE_BINARY_DIR}/bin;PYTHONPATH=${python_modules}:${CMAKE_CURRENT_SOURCE_DIR}/python;PYTHONDONTWRITEBYTECODE=1")
  endforeach()
endif()
