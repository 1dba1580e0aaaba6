hub_test(unit_http/test_form.c NEEDS hub_http)
hub_test(unit_http/test_server.c NEEDS hub_http EXTRA unit_http/browser.c)
