/* hl7.h - one HL7 v2 message, read by the delimiters it declares.
 *
 * Positions count from 1 as in the standard; MSH-1 is the field separator itself. Segments may end in CR, LF or CRLF, and a UTF-8 byte
 * order mark may stand before MSH: both occur in the field. Segments nobody asks for (Z segments among them) cost nothing.
 */
#ifndef FORMATS_HL7_H
#define FORMATS_HL7_H

#include "kit/mapping.h"

enum { FORMATS_HL7_SEGMENTS_MAX = 1024, FORMATS_HL7_BYTES_MAX = 1024 * 1024 };

typedef struct formats_hl7 {
    hub_bytes segments[FORMATS_HL7_SEGMENTS_MAX]; /* BORROWED from the input */
    uint32_t count;
    char field_separator;
    char component_separator;
    char repetition_separator;
    char escape; /* 0: none declared */
    char subcomponent_separator;
} formats_hl7;

/* Finds the segments. HUB_OK, or HUB_ERR_INVALID with "segment N: rule" in err (no MSH, delimiters that are not five different
 * punctuation marks, a second MSH, too large). */
hub_status formats_hl7_read(hub_bytes input, formats_hl7 *out, hub_error *err);

/* The n-th segment of that name, from 0; its number in the message (from 1) in *number when asked. Empty when there is none. */
hub_bytes formats_hl7_segment(const formats_hl7 *message, const char *name, uint32_t n, uint32_t *number);

/* A part as it stands, escapes and all: `repeat` from 0; component and subcomponent from 1, 0 for all of it. Empty when not there. */
hub_bytes formats_hl7_part(const formats_hl7 *message, hub_bytes segment, uint32_t field, uint32_t repeat, uint32_t component,
                           uint32_t subcomponent);
/* First repeat of a field's component (component 1 of the first segment of that name). */
hub_bytes formats_hl7_value(const formats_hl7 *message, const char *segment, uint32_t field, uint32_t component);
uint32_t formats_hl7_repeats(const formats_hl7 *message, hub_bytes segment, uint32_t field); /* 0 when the field is empty */

/* At the end of `out`: the text of a part, escapes resolved; `""` (delete) is empty. Bytes become UTF-8 by the character set that MSH-18 names
 * (charset.h), those of an escape X too. Formatting escapes (\.br\, \H\) become a blank or nothing; what is no escape stays as it is. */
void formats_hl7_text(const formats_hl7 *message, hub_bytes part, hub_buffer *out);

#endif
