/* grades.h - how police grade a risk, whatever the format. */
#ifndef POLICE_GRADES_H
#define POLICE_GRADES_H

#include "formats/draft.h"

/* DASH 2009: 14 or more yes answers are visible high risk; from 10 many forces grade medium. */
enum { POLICE_DASH_HIGH = 14, POLICE_DASH_MEDIUM = 10, POLICE_DASH_QUESTIONS = 27 };

/* An officer's word: standard, low, medium, high, or red, amber, green; whatever case. UNSPECIFIED: none of them. */
Mash__V1__GradeLevel police_level_of_word(hub_bytes word);
/* By the count of answers. What is not known is not low: no grade when nothing is known, nor when the unknown answers could make a
 * standard risk a medium one. */
Mash__V1__GradeLevel police_level_of_dash(int yes, int no, int unknown);

#endif
