# Well-formed messages and events, and their JSON.
hub_test(unit_event/test_validate.c EXTRA unit_event/sample.c NEEDS hub_event)
hub_test(unit_event/test_event.c EXTRA unit_event/sample.c NEEDS hub_event)
hub_test(unit_event/test_identifier.c NEEDS hub_event)
hub_test(unit_event/test_person_name.c NEEDS hub_event)
hub_test(unit_event/test_fields.c EXTRA unit_event/sample.c NEEDS hub_event)
hub_test(unit_event/test_packing.c NEEDS hub_event)
hub_test(unit_event/test_json.c EXTRA unit_event/sample.c NEEDS hub_json hub_event)
