# The rules that a compiler does not know: each is a test of its own (tests/tidy/tidy.py).
find_package(Python3 COMPONENTS Interpreter)
if(Python3_Interpreter_FOUND)
  foreach(check IN ITEMS pure banned unfinished function_length file_length guards headers_alone borders figures changelog privacy places spelling format units packages)
    add_test(NAME tidy.${check} COMMAND ${Python3_EXECUTABLE} ${CMAKE_CURRENT_SOURCE_DIR}/tidy/tidy.py ${check})
    set_tests_properties(tidy.${check} PROPERTIES TIMEOUT 900 ENVIRONMENT "MASHHUB_BUILD=${CMAKE_BINARY_DIR}")
  endforeach()
endif()
