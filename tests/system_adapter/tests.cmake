if(TARGET mashhubd AND TARGET mashctl AND TARGET mash-adapter)
  hub_test(system_adapter/test_adapter.c EXTRA system_adapter/world.c NEEDS hub_base hub_host)
  add_dependencies(system_adapter.adapter mashhubd mashctl mash-adapter)
endif()
