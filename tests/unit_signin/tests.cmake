foreach(name IN ITEMS account password throttle session draft session_file)
  hub_test(unit_signin/test_${name}.c NEEDS hub_signin hub_host hub_yaml hub_base PkgConfig::uv)
endforeach()
hub_test(unit_signin/test_token.c EXTRA unit_signin/forge.c NEEDS hub_signin hub_base HIDDEN PkgConfig::rhonabwy PkgConfig::jansson)
hub_test(unit_signin/test_oidc.c EXTRA unit_signin/forge.c unit_signin/liar.c NEEDS hub_signin hub_host hub_base PkgConfig::uv
         HIDDEN PkgConfig::rhonabwy PkgConfig::jansson PkgConfig::sodium)
