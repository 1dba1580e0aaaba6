/* said.h - what an agency said, as HTML: every field that came, whichever it is, by the contract's own descriptors. A field of tomorrow is
 * shown by its name; nothing is left out because a page did not know it. */
#ifndef BOARD_SAID_H
#define BOARD_SAID_H

#include "board/board.h"

/* A definition list of the message's fields; those named in `without` (NULL ends) are left out. Nothing when no field is set. */
void said_fields(html_page *page, const core_policy *policy, const ProtobufCMessage *message, const char *const without[]);
/* "Domestic abuse incident" */
void said_kind(html_page *page, const Mash__V1__Event *event);
/* Does it give a name that this person may read? */
bool said_is_named(const Mash__V1__Subject *subject);
/* "Kim Example, born 1 Feb 2018 (child, victim)"; what is not known or withheld is left out; "Somebody" where there is no name. */
void said_person(html_page *page, const Mash__V1__Subject *subject);
/* Risks beside strengths, and the person's own voice, of every subject and of the payload. */
void said_pictures(html_page *page, const core_policy *policy, const Mash__V1__Event *event);

#endif
