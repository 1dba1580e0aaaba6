# Every field of the contract is documented.
add_test(NAME tidy.proto COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/tidy_proto/check_proto.py
  ${CMAKE_SOURCE_DIR}/proto/mash/v1/event.proto ${CMAKE_SOURCE_DIR}/proto/mash/v1/alert.proto
  ${CMAKE_SOURCE_DIR}/proto/mash/v1/bus.proto ${CMAKE_SOURCE_DIR}/proto/mash/v1/record.proto ${CMAKE_SOURCE_DIR}/proto/mash/v1/act.proto)
add_test(NAME tidy.check_proto COMMAND /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/tidy_proto/test_check_proto.py)
set_tests_properties(tidy.check_proto PROPERTIES ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1")
