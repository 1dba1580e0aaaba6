# The units of deploy/systemd under systemd itself: as root, where a container can be started. With tests/run --all, which installs systemd-container.
add_test(NAME system_units CONFIGURATIONS Long COMMAND ${CMAKE_COMMAND} -E env MASHHUB_BIN=${CMAKE_BINARY_DIR}/bin MASHHUB_SOURCE=${CMAKE_SOURCE_DIR}
  PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/system_units/test_units.py -v)
set_tests_properties(system_units PROPERTIES TIMEOUT 900 SKIP_REGULAR_EXPRESSION "skipped: ")
