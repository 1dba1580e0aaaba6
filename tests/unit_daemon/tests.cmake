foreach(name IN ITEMS hub_clock fold_child ring config revoked)
  hub_test(unit_daemon/test_${name}.c NEEDS hub_daemon)
endforeach()
