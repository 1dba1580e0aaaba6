hub_test(unit_board/test_html.c NEEDS hub_board)
hub_test(unit_board/test_rows.c NEEDS hub_board EXTRA unit_board/made.c)
hub_test(unit_board/test_sight.c NEEDS hub_board EXTRA unit_board/made.c)
hub_test(unit_board/test_act_form.c NEEDS hub_board hub_messages)
