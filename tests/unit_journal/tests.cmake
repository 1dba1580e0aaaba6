# What stands on a backend: records, keys, writer, reader, verify; and the refs that wait for the index.
hub_test(unit_journal/test_batch.c NEEDS hub_journal hub_event)
hub_test(unit_journal/test_record.c NEEDS hub_journal hub_host hub_event)
hub_test(unit_journal/test_refs_pending.c NEEDS hub_journal hub_host hub_event)
hub_test(unit_journal/test_keys.c NEEDS hub_journal hub_host hub_event EXTRA contract/temporary_folder.c)
hub_test(unit_journal/test_writer.c NEEDS hub_journal hub_host hub_event HIDDEN PkgConfig::sodium EXTRA contract/temporary_folder.c)
hub_test(unit_journal/test_verify.c NEEDS hub_journal hub_host hub_event HIDDEN PkgConfig::sodium EXTRA contract/temporary_folder.c)
hub_test(unit_journal/test_heads.c NEEDS hub_journal hub_host hub_event HIDDEN PkgConfig::sodium EXTRA contract/temporary_folder.c)
if(TARGET mashctl AND TARGET mashhubd)
  add_test(NAME unit_journal.verify_program COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/unit_journal/verify_program.sh $<TARGET_FILE:mashhubd>
           $<TARGET_FILE:mashctl> ${CMAKE_SOURCE_DIR})
  set_tests_properties(unit_journal.verify_program PROPERTIES TIMEOUT 600)
endif()
