/* said_grade.h - a grade with a named tool: what it came to first, then its answers, in words where the tool is known here. */
#ifndef BOARD_SAID_GRADE_H
#define BOARD_SAID_GRADE_H

#include "board/html.h"
#include "mash/v1/event.pb-c.h"

void said_grade(html_page *page, const Mash__V1__Grade *grade);

#endif
