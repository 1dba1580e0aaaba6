# hub_module(NAME SOURCES a.c ... NEEDS hub_base ... HIDDEN PkgConfig::x ...)
#   A static library hub_<NAME>. Its headers are included as "<NAME>/file.h", and only by modules
#   that name it under NEEDS. HIDDEN libraries are used by the .c files and never appear in a header.
# hub_program(NAME SOURCES ... NEEDS ...)         an executable in build/<preset>/bin
# hub_test(unit/core/test_clock.c NEEDS ...)      a cmocka program; its ctest name is unit.core.clock

add_library(hub_warnings INTERFACE)
target_compile_options(hub_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes
  -Wmissing-prototypes -Wvla $<$<C_COMPILER_ID:GNU>:-Wno-format-truncation> -Werror -fstack-protector-strong -fno-strict-aliasing)
target_compile_definitions(hub_warnings INTERFACE _GNU_SOURCE MASHHUB_VERSION="${PROJECT_VERSION}")

function(hub_expose target name folder)
  # A folder of its own on the include path holds one link, <name>, so that a module sees the headers it needs and no others.
  set(exposed ${CMAKE_BINARY_DIR}/include/${target})
  file(MAKE_DIRECTORY ${exposed})
  file(CREATE_LINK ${folder} ${exposed}/${name} SYMBOLIC)
  target_include_directories(${target} PUBLIC ${exposed})
endfunction()

function(hub_module name)
  cmake_parse_arguments(arg "" "" "SOURCES;NEEDS;HIDDEN" ${ARGN})
  add_library(hub_${name} STATIC ${arg_SOURCES})
  hub_expose(hub_${name} ${name} ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(hub_${name} PUBLIC ${arg_NEEDS} PRIVATE hub_warnings ${arg_HIDDEN})
endfunction()

function(hub_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;NEEDS;HIDDEN" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE hub_warnings ${arg_NEEDS} ${arg_HIDDEN})
endfunction()

function(hub_test source)
  cmake_parse_arguments(arg "" "" "NEEDS;HIDDEN;EXTRA" ${ARGN})
  string(REGEX REPLACE "\\.c$" "" test_name ${source})
  string(REPLACE "/" "." test_name ${test_name})
  string(REPLACE "test_" "" test_name ${test_name})
  add_executable(${test_name} ${source} ${arg_EXTRA})
  set_target_properties(${test_name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  target_link_libraries(${test_name} PRIVATE hub_warnings hub_test_support ${arg_NEEDS} ${arg_HIDDEN} PkgConfig::cmocka)
  add_test(NAME ${test_name} COMMAND ${test_name})
  set_tests_properties(${test_name} PROPERTIES TIMEOUT 900 ENVIRONMENT "MASHHUB_SOURCE=${CMAKE_SOURCE_DIR};MASHHUB_BIN=${CMAKE_BINARY_DIR}/bin")
endfunction()
