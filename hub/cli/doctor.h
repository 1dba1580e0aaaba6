/* doctor.h - what the steps of `mashctl doctor` share: one line a finding, with its fix; see verb_doctor.c. */
#ifndef CLI_DOCTOR_H
#define CLI_DOCTOR_H

#include "cli/session.h"

enum { SKEW_GOOD_MS = 2000 };

typedef enum finding { FINDING_GOOD, FINDING_NOTE, FINDING_BAD } finding;

typedef struct doctor {
    const cli_call *call;
    settings from;
    bus_key_pair keys;
    uint8_t server_key[BUS_KEY_BYTES];
    uint32_t timeout_ms;
    session hub;
    hub_buffer out;
    uint32_t bad;
} doctor;

/* One step's line; `fix` NULL = nothing to do. Printed at once: the next step may take seconds. */
finding doctor_say(doctor *d, finding how, const char *step, const char *found, const char *fix);
finding doctor_say_format(doctor *d, finding how, const char *step, const char *fix, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* Can a plain TCP connection be had? */
finding doctor_port(doctor *d, const char *step, const char *endpoint);
/* Opens d->hub as d->keys; end it with session_close, whatever is found. `enrol_fix`: what whoever runs this does when the key is not let in. */
finding doctor_session(doctor *d, session_class which, const char *enrol_fix);
finding doctor_clock(doctor *d);

/* The adapter whose configuration this is, on the agency's machine. */
void doctor_adapter(doctor *d, const char *file);
/* What the hub tells an operator: of a peer (NULL: of none in particular), and of those who do not get in. */
void doctor_of_peer(doctor *d, const Mash__V1__Status *state, const char *name);
void doctor_of_strangers(doctor *d, const Mash__V1__Status *state);

const Mash__V1__PeerStatus *doctor_peer_named(const Mash__V1__Status *state, const char *name);

#endif
