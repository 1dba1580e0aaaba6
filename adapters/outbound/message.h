/* message.h - what goes out of a delivery: all of it as JSON, or a notice that names nobody. Pure.
 *
 * Invariants
 *   G1  a notice holds its reference, rating, state, due time and where to look; nothing that anybody wrote, nothing about a person
 *   G2  a delivery goes out as the hub built it for this queue's audience, with the alert as the newest delivery here states it
 *   G3  no line of a header is made of what came from outside but through the shapes that are checked here
 */
#ifndef OUTBOUND_MESSAGE_H
#define OUTBOUND_MESSAGE_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/id.h"
#include "mash/v1/alert.pb-c.h"

enum { MESSAGE_NAME_MAX = 64, MESSAGE_URN_MAX = 16 };

/* What is looked at of a delivery. */
typedef struct message_facts {
    char line[MESSAGE_NAME_MAX]; /* "A17", "N19", "R5", "F9", "D3"; "" = on its own */
    char key[MESSAGE_NAME_MAX];  /* of its line: "A17", "N19/116123": one notice may be of several children, each at a school */
    hub_id event_id;             /* zero = none told */
    hub_id takes_back;           /* the event that this one amends or retracts; zero = none */
    int64_t due_ms;              /* the earliest that is told; 0 = none */
    bool has_ended;              /* the alert */
    bool is_act;                 /* a person did something */
    char school_urn[MESSAGE_URN_MAX];
} message_facts;

void message_look(const Mash__V1__Delivery *delivery, message_facts *out);

/* The id of a delivery: the same whenever the hub delivers the same again. `twin` counts those of one record that nothing else tells apart. */
void message_id(const Mash__V1__Delivery *delivery, uint32_t twin, hub_id *out);

/* Unpacks stored content. HUB_ERR_CORRUPT, HUB_ERR_MEMORY. */
hub_status message_unpack(hub_bytes content, hub_arena *arena, Mash__V1__Delivery **out, hub_error *err);

/* G2: the alert of `newest` in the place of this one's, its lines about the subjects of this one's event. */
void message_bring_up_to_date(Mash__V1__Delivery *delivery, const Mash__V1__Delivery *newest);

typedef struct message_frame {
    hub_id id;
    int64_t now_ms;
    uint32_t newer;    /* of the same alert, here already */
    const char *board; /* "" = none */
} message_frame;

/* {"type":"safeguarding.delivery","id":...,"timestamp":...,"newer_here":0,"data":{...}} */
hub_status message_json(const message_frame *frame, const Mash__V1__Delivery *delivery, hub_buffer *out);
/* G1, as JSON of the same shape: "safeguarding.notice". */
hub_status message_notice_json(const message_frame *frame, const Mash__V1__Delivery *delivery, hub_buffer *out);

const char *message_rating(const Mash__V1__Delivery *delivery); /* "red"; "not rated" */
const char *message_state(const Mash__V1__Delivery *delivery);  /* "open", "held", "ended"; "" */
/* Where the board shows it; nothing without a board. */
void message_put_link(const message_frame *frame, const message_facts *facts, hub_buffer *out);

typedef enum message_reader { MESSAGE_TEAM, MESSAGE_SCHOOL } message_reader;
typedef struct message_mail {
    const char *from;
    const char *const *to; /* ended by NULL; outbound_is_address */
    message_reader reader;
    int64_t due_ms;        /* by when it should be seen; 0 = not known */
    const char *telephone; /* whom a reader may ring */
} message_mail;
/* G1, as a whole mail with header. */
hub_status message_mail_text(const message_frame *frame, const message_mail *mail, const Mash__V1__Delivery *delivery,
                             hub_buffer *out);

/* "msg_<32 hex>" */
enum { MESSAGE_ID_TEXT = 40 };
void message_id_text(const hub_id *id, char out[MESSAGE_ID_TEXT]);
/* "Tue 7 Apr 2026, 16:30 (Europe/London)" and "2026-04-07T15:30:00Z". */
enum { MESSAGE_TIME_TEXT = 48 };
void message_civil(int64_t at_ms, char out[MESSAGE_TIME_TEXT]);
void message_utc(int64_t at_ms, char out[MESSAGE_TIME_TEXT]);
/* The civil instant of a day (days since 1970) and minute, in ms. */
int64_t message_civil_instant(int32_t day, int minute);
/* Civil day and minute of an instant. */
int32_t message_civil_day(int64_t at_ms, int *minute);

/* Standard Webhooks: "v1,<base64>" of HMAC-SHA256 over "id.timestamp.body", one for each line of `secrets` ("whsec_" and base64 of 24 to 64
 * bytes, at most two), divided by blanks. HUB_ERR_INVALID: no such secrets. */
hub_status message_sign(hub_bytes secrets, const char *id, int64_t timestamp_s, hub_bytes body, hub_buffer *out, hub_error *err);

#endif
