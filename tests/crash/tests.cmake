# Processes that end at the worst moment.
hub_test(crash/test_journal_crash.c NEEDS hub_journal hub_host HIDDEN PkgConfig::sqlite
         EXTRA contract/faulty_vfs.c contract/temporary_folder.c)
