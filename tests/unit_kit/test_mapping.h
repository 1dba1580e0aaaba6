/* test_mapping.h - a mapping made for the kit's tests: one event a line, "child CODE" makes a child concern.
 *
 *     ok REF         an ordinary event whose reference is REF         danger REF     the same with immediate danger
 *     bad            a row that cannot be mapped                      wrong REF      an event that the check refuses
 *     remember WORD  state: an event only when WORD was not seen      broken         the input as a whole cannot be read
 */
#ifndef UNIT_KIT_TEST_MAPPING_H
#define UNIT_KIT_TEST_MAPPING_H

#include "kit/mapping.h"

extern const kit_mapping test_lines;
/* As test_lines, and answers: "AA key", "AE reason", "AR reason" ... `accepts` takes what begins with "MSH|", keyed by its first line. */
extern const kit_mapping test_messages;

/* As test_lines; an input that says "see URL" is what stands there. */
extern const kit_mapping test_details;

#endif
