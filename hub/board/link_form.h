/* link_form.h - whom the hub takes for whom, for the forms that confirm and split a link: nobody types numbers of people whom they cannot see.
 *
 * The hub joins nobody by name. It is asked, for a purpose and audited like every look-up, whom the alert's records name (Query.people), and
 * who else bears such a family name on that birth date: candidates, as the records name them that this person may read. A person finds that
 * they are one; the hub checks it again. What no record tells this person is not offered, and nothing here says that there is more; of what they may read the form says when
 * it could not offer all.
 */
#ifndef BOARD_LINK_FORM_H
#define BOARD_LINK_FORM_H

#include "board/act_form.h"

/* What was chosen ("9-12", "9-42-1", "9-j12") as the fields of the act: person and other; person, event and subject; person and joined. */
void link_form_take(visit *v);
/* The inputs: pairs that may be one, and what may be split; numbers to type beside them, which are all there is while nobody can be asked. */
void link_form_put(visit *v, const act_field *field, const char *problem);
/* One of these fields among the answers to check: who it is, or what the record is. */
void link_form_put_answer(visit *v, const act_field *field);

#endif
