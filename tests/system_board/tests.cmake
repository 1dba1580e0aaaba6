# A whole mash-board as its people and operators have it: a process, its files, HTTP. Debian's python3-zmq and python3-protobuf, as tests/python.
hub_program(liar_service SOURCES system_board/liar_service.c unit_signin/liar.c unit_signin/forge.c NEEDS hub_host hub_base PkgConfig::uv
            HIDDEN PkgConfig::rhonabwy PkgConfig::jansson PkgConfig::sodium)
set_target_properties(liar_service PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
find_program(PROTOC protoc)
if(PROTOC)
  foreach(name IN ITEMS sign_in sessions pack feed operators service)
    add_test(NAME system_board.${name} COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/system_board/test_${name}.py)
    set_tests_properties(system_board.${name} PROPERTIES TIMEOUT 900 ENVIRONMENT
      "MASHHUB_SOURCE=${CMAKE_SOURCE_DIR};MASHHUB_BIN=${CMAKE_BINARY_DIR}/bin;PYTHONPATH=${CMAKE_BINARY_DIR}/generated/python;PYTHONDONTWRITEBYTECODE=1")
  endforeach()
endif()
