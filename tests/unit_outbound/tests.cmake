hub_test(unit_outbound/test_engine.c EXTRA unit_outbound/outbound_story.c NEEDS hub_outbound hub_link hub_host hub_base hub_event hub_messages)
hub_test(unit_outbound/test_message.c NEEDS hub_outbound hub_host hub_base hub_event hub_messages)
hub_test(unit_outbound/test_schools.c NEEDS hub_outbound hub_host hub_base)
hub_test(unit_outbound/test_config.c NEEDS hub_outbound hub_host hub_base hub_yaml)
hub_test(unit_outbound/test_crash.c EXTRA unit_outbound/outbound_story.c unit_kit/dying.c NEEDS hub_outbound hub_link hub_host hub_base hub_event hub_messages)
hub_test(unit_outbound/test_orders.c EXTRA unit_outbound/outbound_story.c NEEDS hub_outbound hub_link hub_host hub_base hub_event hub_messages)
foreach(name IN ITEMS engine crash config message schools orders)
  target_include_directories(unit_outbound.${name} PRIVATE ${CMAKE_SOURCE_DIR}/tests) # the kit's folder of its own
endforeach()
