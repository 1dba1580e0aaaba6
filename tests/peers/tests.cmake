# The adapter's ways in, tried by other makers' programs. What Debian has is tried always, where it is installed (deploy/packages, test); npm's and
# mllp_send with tests/run --all, which installs them.
set(peers ${CMAKE_COMMAND} -E env MASHHUB_BIN=${CMAKE_BINARY_DIR}/bin MASHHUB_SOURCE=${CMAKE_SOURCE_DIR} PYTHONDONTWRITEBYTECODE=1)
add_test(NAME peers.debian COMMAND ${peers} /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/peers/test_peers.py -k tls -k curl -k upload)
add_test(NAME peers.tools CONFIGURATIONS Long COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/peers/tools)
add_test(NAME peers.all CONFIGURATIONS Long COMMAND ${peers} PEERS_ALL=1 /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/peers/test_peers.py -v)
set_tests_properties(peers.tools PROPERTIES FIXTURES_SETUP peers TIMEOUT 300)
set_tests_properties(peers.all PROPERTIES FIXTURES_REQUIRED peers)
set_tests_properties(peers.debian peers.all PROPERTIES TIMEOUT 300)
