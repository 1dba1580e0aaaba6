# The journal folded.
hub_test(unit_fold/test_fold.c NEEDS hub_fold hub_host
         EXTRA unit_fold/told_journal.c unit_policy/base_policy.c contract/temporary_folder.c)
