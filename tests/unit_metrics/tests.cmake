hub_test(unit_metrics/test_text.c NEEDS hub_metrics)
hub_test(unit_metrics/test_serve.c NEEDS hub_metrics EXTRA unit_http/browser.c)
