# One suite for every backend of the journal.
hub_test(contract/test_journal_memory.c NEEDS hub_journal hub_host)
hub_test(contract/test_journal_sqlite.c NEEDS hub_journal hub_host HIDDEN PkgConfig::sqlite
         EXTRA contract/faulty_vfs.c contract/temporary_folder.c)
hub_test(contract/test_journal_redis.c NEEDS hub_journal hub_host HIDDEN PkgConfig::hiredis
         EXTRA contract/redis_server.c contract/redis_proxy.c contract/temporary_folder.c)
