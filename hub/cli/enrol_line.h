/* enrol_line.h - what two operators send each other to enrol an adapter: one line each way, that mail may wrap and people may cut.
 *
 *     mash-request-1.<base64 of a packed Enrol, with four bytes of its digest before it>        agency -> hub
 *     mash-answer-1.<... EnrolAnswer ...>                                                       hub -> agency
 *
 * Blanks and line ends within are passed over; a line that lacks its end, or that was changed, is named as such. Nothing in it is secret, and
 * nothing in it is proof: whoever can change a mail can change a line, so both sides compare fingerprints by telephone.
 */
#ifndef CLI_ENROL_LINE_H
#define CLI_ENROL_LINE_H

#include "base/arena.h"
#include "base/bytes.h"
#include "mash/v1/bus.pb-c.h"

typedef enum enrol_kind { ENROL_REQUEST, ENROL_ANSWER } enrol_kind;

/* Twenty digits in groups of five, to be read out: "48210 09337 71422 05186". Of all that the line says, not of its key alone: the agency, the
 * name and the endpoints are changed as easily. */
typedef struct enrol_fingerprint {
    char text[24];
} enrol_fingerprint;

/* The line at the end of `out`, without a line end. */
void enrol_line_put(enrol_kind kind, const ProtobufCMessage *message, hub_buffer *out, enrol_fingerprint *fingerprint);
/* HUB_ERR_INVALID: err says what is wrong with the line, and what to do. The message lives in the arena. */
hub_status enrol_line_read(enrol_kind kind, const char *line, hub_arena *arena, ProtobufCMessage **out,
                           enrol_fingerprint *fingerprint, hub_error *err);
/* Do the digits of `typed` say the same, whatever stands between them? */
bool enrol_fingerprint_is(const enrol_fingerprint *fingerprint, const char *typed);

#endif
