foreach(name IN ITEMS account password throttle session draft session_file)
  hub_test(unit_signin/test_${name}.c NEEDS hub_signin hub_host hub_yaml hub_base PkgConfig::uv)
endforeach()
hub_test(unit_signin/test_token.c EXTRA unit_signin/forge.c NEEDS hub_signin hub_base HIDDEN PkgConfig::rhonabwy PkgConfig::jansson)
hub_test(unit_signin/test_oidc.c EXTRA unit_signin/forge.c unit_signin/liar.c NEEDS hub_signin hub_host hub_base PkgConfig::uv
         HIDDEN PkgConfig::rhonabwy PkgConfig::jansson PkgConfig::sodium)

# The real thing, for tests/run --all: npm's oidc-provider on loopback, where node and npm are there.
hub_program(signin_walk SOURCES unit_signin/walk.c NEEDS hub_signin hub_host hub_base PkgConfig::uv)
set_target_properties(signin_walk PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
add_test(NAME signin.real_provider CONFIGURATIONS Long
         COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/unit_signin/real_provider $<TARGET_FILE:signin_walk> ${CMAKE_BINARY_DIR}/oidc-provider)
set_tests_properties(signin.real_provider PROPERTIES TIMEOUT 900 SKIP_RETURN_CODE 77)
