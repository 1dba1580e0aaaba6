# Hostile and broken neighbours of a real hub, by the client and the fixture of tests/python.
find_program(PROTOC protoc)
if(PROTOC)
  add_test(NAME attack.hostile COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/attack/test_hostile.py)
  set_tests_properties(attack.hostile PROPERTIES TIMEOUT 300 ENVIRONMENT
    "MASHHUB_SOURCE=${CMAKE_SOURCE_DIR};MASHHUB_BIN=${CMAKE_BINARY_DIR}/bin;PYTHONPATH=${CMAKE_BINARY_DIR}/generated/python;PYTHONDONTWRITEBYTECODE=1;MASHHUB_FULL_DISK=${CMAKE_BINARY_DIR}/tests/full_disk.so")
endif()
