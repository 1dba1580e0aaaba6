# What each agency's format becomes.
set(mapping_needs hub_formats hub_yaml hub_base hub_event hub_messages)
foreach(part IN ITEMS formats:hub_formats police:hub_police ppn:hub_police health:hub_health misses:hub_health fhir:hub_health probation:hub_probation education:hub_education
                      children:hub_children csc:hub_children adults:hub_adults table:hub_table)
  string(REPLACE ":" ";" pair ${part})
  list(GET pair 0 name)
  list(GET pair 1 library)
  hub_test(unit_mappings/test_${name}.c EXTRA unit_mappings/sink.c NEEDS ${library} ${mapping_needs})
endforeach()
hub_test(unit_mappings/test_samples.c EXTRA unit_mappings/sink.c
         NEEDS hub_police hub_health hub_probation hub_education hub_children hub_adults hub_table ${mapping_needs})
