/* act_input.h - one input of an act's form: its label, its hint, what was typed so far, and what is the matter with it. */
#ifndef BOARD_ACT_INPUT_H
#define BOARD_ACT_INPUT_H

#include "board/act_form.h"

/* `row`: what is acted on; NULL: not in this board's lists. `problem`: said beside the input, and with it by a screen reader; NULL: none. */
void act_input_put(visit *v, const act_field *field, const board_row *row, const char *problem);
/* What begins a group of inputs, with its legend; the caller ends the fieldset. */
void act_input_begin(visit *v, const act_field *field, const char *legend, const char *problem);
/* One line with its label. */
void act_input_line(visit *v, const act_field *field, const char *id, const char *value);
/* The id of what in it takes the focus first: where the link of an error leads. */
void act_input_id(const act_field *field, char out[VISIT_CODE_MAX]);

#endif
