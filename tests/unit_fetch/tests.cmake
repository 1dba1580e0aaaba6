hub_test(unit_fetch/test_signing.c NEEDS hub_fetch hub_http hub_base PkgConfig::uv)
