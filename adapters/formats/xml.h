/* xml.h - XML from outside, one step at a time: no document in memory, no network, no entities, no document type.
 *
 * A DOCTYPE is refused where it stands: no agency's format has one, and it is where entity attacks live. libxml2's entity loader is
 * replaced by one that loads nothing.
 */
#ifndef FORMATS_XML_H
#define FORMATS_XML_H

#include "kit/mapping.h"

enum { FORMATS_XML_BYTES_MAX = 512 * 1024 * 1024, FORMATS_XML_DEPTH_MAX = 32, FORMATS_XML_TEXT_MAX = 4000 };

typedef struct formats_xml formats_xml;

typedef enum formats_xml_kind { FORMATS_XML_START, FORMATS_XML_TEXT, FORMATS_XML_END, FORMATS_XML_DONE } formats_xml_kind;

typedef struct formats_xml_step {
    formats_xml_kind kind;
    const char *name; /* START, END: local name; BORROWED until the next step */
    hub_bytes text;   /* TEXT; BORROWED until the next step */
    uint32_t depth;   /* of the element; the root has 0 */
    uint32_t line;    /* on which the element begins */
    uint32_t offset;  /* START: of its "<" in the input, in bytes; 0: not known (UTF-16) */
    uint32_t column;  /* START: of its "<", in bytes from 1; 0: not known (UTF-16) */
} formats_xml_step;

/* input BORROWED until the close. out GIVEN, end with formats_xml_close. HUB_OK, HUB_ERR_MEMORY, HUB_ERR_INVALID (too large). */
hub_status formats_xml_open(hub_bytes input, formats_xml **out, hub_error *err);
void formats_xml_close(formats_xml *xml); /* NULL is allowed */

/* The next step; an empty element gives START and END. HUB_OK, or HUB_ERR_INVALID with "line:column: rule"
 * (not well-formed) or "line N: rule" in err. */
hub_status formats_xml_next(formats_xml *xml, formats_xml_step *step, hub_error *err);

/* After a START: the value of its attribute, at the end of `out`. false: it has none. */
bool formats_xml_attribute(formats_xml *xml, const char *name, hub_buffer *out);

#endif
