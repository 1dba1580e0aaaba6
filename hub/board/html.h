/* html.h - pages are written so that nothing anybody typed can become markup.
 *
 * X1  Markup is written by the macro `html`, which takes string literals only: anything else does not compile.
 * X2  Everything else goes through a function that escapes for the place it stands in: html_text between tags, html_attribute inside
 *     double quotes, html_href for addresses of our own. There is no way to put text into a script, a style or a comment.
 * X3  In what is read, control characters and those that turn the direction of writing are made visible, so that a name cannot disguise what
 *     follows. What stands in an input goes back as it was typed: a position is kept word for word.
 * X4  A page that could not be written whole is not sent: the buffer remembers, the server answers 500.
 */
#ifndef BOARD_HTML_H
#define BOARD_HTML_H

#include "base/bytes.h"

typedef hub_buffer html_page;

#define html(page, literal) hub_buffer_put((page), "" literal "", sizeof(literal) - 1)
void html_text(html_page *page, const char *text);
void html_attribute(html_page *page, const char *value);
void html_number(html_page *page, int64_t number);

/* href="/alert/A17?purpose=..." : `path` is a literal or made of our own numbers and names; `value` (NULL: none) is percent-encoded
 * behind it. */
void html_href(html_page *page, const char *path, const char *value);
/* Text for a <textarea>: a line break that begins it is doubled, since browsers swallow one. */
void html_textarea(html_page *page, const char *text);
/* What was written into a page of its own; when that failed, so has this one. */
void html_part(html_page *page, const html_page *part);

#endif
