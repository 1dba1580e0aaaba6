# An independent client: Debian's python3-zmq and python3-protobuf, with modules that protoc makes from the contract.
find_program(PROTOC protoc)
if(PROTOC)
  set(python_modules ${CMAKE_BINARY_DIR}/generated/python)
  file(MAKE_DIRECTORY ${python_modules})
  set(contract_files ${CMAKE_SOURCE_DIR}/proto/mash/v1/event.proto ${CMAKE_SOURCE_DIR}/proto/mash/v1/alert.proto
    ${CMAKE_SOURCE_DIR}/proto/mash/v1/bus.proto ${CMAKE_SOURCE_DIR}/proto/mash/v1/record.proto ${CMAKE_SOURCE_DIR}/proto/mash/v1/act.proto)
  add_custom_command(OUTPUT ${python_modules}/mash/v1/bus_pb2.py
    COMMAND ${PROTOC} --proto_path=${CMAKE_SOURCE_DIR}/proto --python_out=${python_modules} ${contract_files}
    DEPENDS ${contract_files} VERBATIM)
  add_custom_target(python_modules ALL DEPENDS ${python_modules}/mash/v1/bus_pb2.py)
  foreach(name IN ITEMS python_client commands acts metrics outbound)
    string(REPLACE python_ "" short ${name})
    add_test(NAME python.${short} COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/python/test_${name}.py)
    set_tests_properties(python.${short} PROPERTIES TIMEOUT 900 ENVIRONMENT
      "MASHHUB_LATER_LIBRARY=$<TARGET_FILE:later>;MASHHUB_FULL_DISK=${CMAKE_BINARY_DIR}/tests/full_disk.so;MASHHUB_SOURCE=${CMAKE_SOURCE_DIR};MASHHUB_BIN=${CMAKE_BINARY_DIR}/bin;PYTHONPATH=${python_modules};PYTHONDONTWRITEBYTECODE=1")
  endforeach()
  add_test(NAME python.promtool COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/python/test_metrics.py -v Promtool)
  get_test_property(python.metrics ENVIRONMENT metrics_environment)
  set_tests_properties(python.promtool PROPERTIES TIMEOUT 900 SKIP_REGULAR_EXPRESSION "skipped: no promtool" ENVIRONMENT "${metrics_environment}")
endif()
