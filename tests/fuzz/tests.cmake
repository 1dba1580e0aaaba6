# Hostile bytes. ctest runs a fixed number of mutations; -DMASHHUB_FUZZ=ON with clang builds libFuzzer programs to run for as long as
# one likes: build/asan/tests/fuzz_event -max_len=8192 CORPUS (fuzz_people with -detect_leaks=0: libfyaml 0.7.12 leaks on some bad files)
option(MASHHUB_FUZZ "build the libFuzzer programs (clang)" OFF)
set(fuzz_mappings hub_formats hub_police hub_health hub_probation hub_education hub_children hub_adults hub_table)
hub_test(fuzz/test_mutations.c EXTRA fuzz/mutate.c fuzz/targets.c fuzz/mappings.c fuzz/outbound.c unit_event/sample.c unit_signin/forge.c
         NEEDS ${fuzz_mappings} hub_outbound hub_kit hub_link hub_bus hub_yaml hub_event hub_json hub_signin hub_base hub_messages HIDDEN PkgConfig::rhonabwy PkgConfig::jansson)
hub_test(fuzz/test_ways.c EXTRA fuzz/mutate.c unit_kit/test_mapping.c
         NEEDS hub_table hub_kit hub_formats hub_link hub_yaml hub_host hub_base hub_event hub_messages PkgConfig::uv)
if(MASHHUB_FUZZ AND CMAKE_C_COMPILER_ID MATCHES Clang)
  foreach(module IN ITEMS hub_base hub_messages hub_event hub_json hub_yaml hub_signin hub_outbound ${fuzz_mappings})
    target_compile_options(${module} PRIVATE -fsanitize=fuzzer-no-link,address) # so that libFuzzer sees what its inputs reach
  endforeach()
  foreach(target IN ITEMS fuzz_event fuzz_frame fuzz_json fuzz_token fuzz_people fuzz_mapping fuzz_delivery fuzz_schools)
    add_executable(${target} fuzz/libfuzzer.c fuzz/targets.c fuzz/mappings.c fuzz/outbound.c unit_event/sample.c)
    set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    target_compile_definitions(${target} PRIVATE FUZZ_TARGET=${target})
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer,address,undefined)
    target_link_options(${target} PRIVATE -fsanitize=fuzzer,address,undefined)
    target_link_libraries(${target} PRIVATE hub_warnings ${fuzz_mappings} hub_outbound hub_kit hub_link hub_bus hub_yaml hub_event hub_json hub_signin hub_base hub_messages)
  endforeach()
endif()
