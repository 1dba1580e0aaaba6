/* act.h - how a verb of mashctl and an act of act.proto belong together, and how an answer reads. */
#ifndef CLI_ACT_H
#define CLI_ACT_H

#include "cli/verb.h"
#include "mash/v1/act.pb-c.h"

/* The act of this verb, as a field of Act: "hand-over" is hand_over, "request" is request_information. NULL: none. */
const ProtobufCFieldDescriptor *act_of_verb(const char *verb);
/* The field that a flag of its verb fills, of the act's own message or of Act: "until" is until_ms. NULL: none. */
const ProtobufCFieldDescriptor *act_field_of_flag(const ProtobufCFieldDescriptor *what, const char *flag);
/* What a person, or with --json a program, is told; at the end of `out`. */
void act_answer(const cli_call *call, const Mash__V1__Act *act, const Mash__V1__ActReply *reply, hub_buffer *out);

#endif
