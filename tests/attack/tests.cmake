# Hostile and broken neighbours of a real hub, by the client and the fixture of tests/python.
find_program(PROTOC protoc)
if(PROTOC)
  foreach(name IN ITEMS hostile restore)
    add_test(NAME attack.${name} COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/attack/test_${name}.py)
    set_tests_properties(attack.${name} PROPERTIES TIMEOUT 900 ENVIRONMENT
    "MASHHUB_SOURCE=${CMAKE_SOURCE_DIR};MASHHUB_BIN=${CMAKE_BINARY_DIR}/bin;PYTHONPATH=${CMAKE_BINARY_DIR}/generated/python;PYTHONDONTWRITEBYTECODE=1;MASHHUB_FULL_DISK=${CMAKE_BINARY_DIR}/tests/full_disk.so")
  endforeach()
endif()
