/* at_once.h - an act that needs no form and no check: a button. */
#ifndef BOARD_AT_ONCE_H
#define BOARD_AT_ONCE_H

#include "board/act_form.h"

/* `alert`: that the item is of, where one goes back to. */
void at_once_put(visit *v, const act_form *form, const char *item, const char *alert, uint32_t version);

#endif
