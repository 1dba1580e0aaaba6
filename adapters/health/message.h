/* message.h - one HL7 message being mapped, shared by the parts of the mapping. */
#ifndef HEALTH_MESSAGE_H
#define HEALTH_MESSAGE_H

#include "formats/draft.h"
#include "formats/hl7.h"
#include "formats/memory.h"

enum { HEALTH_NAME_BYTES = 17, HEALTH_SLOTS_MAX = 16 };

/* An appointment of a patient: one booked, or a miss that was told. */
typedef struct health_slot {
    int64_t at_ms;
    int32_t told;                 /* of a miss: the count that was stated; 0: not stated, and in no row */
    char name[HEALTH_NAME_BYTES]; /* a digest: of the number, of a miss that of its fact's key; "-": it has none */
} health_slot;

typedef struct health_slots {
    health_slot slots[HEALTH_SLOTS_MAX];
    size_t count;
} health_slots;

/* What is remembered of a patient's misses: misses.c. */
typedef struct health_misses {
    formats_key key;
    int64_t kept_ms; /* misses until then are in no row any more */
    health_slots missed;
    health_slots booked;
} health_misses;

/* One message on its way to one event. */
typedef struct health_message {
    const formats_hl7 *hl7;
    const kit_mapping_options *options;
    kit_sink *sink;
    formats_draft *draft;
    hub_bytes input;
    hub_bytes trigger;  /* MSH-9.2: "S26" */
    hub_bytes number;   /* of the appointment; empty: none */
    int64_t sent_ms;    /* MSH-7; 0: not stated */
    formats_date birth; /* PID-7; year 0: not stated */
    const char *field;  /* of the first fault */
    const char *rule;   /* NULL: no fault */
    char field_name[16];
    uint32_t segment;         /* number of the segment at fault; 0: not known */
    uint32_t patient;         /* which PID is meant, from 0: a merge may have several */
    bool has_key;             /* the fact is known by `key`: another wording amends it */
    bool is_withdrawn;        /* what was told under `key` is taken back */
    int64_t earlier_start_ms; /* of the appointment, as remembered; 0: none */
    bool is_kept;             /* an appointment of which the message says that the patient came */
    formats_key key;
    bool has_misses;
    health_misses misses; /* as it stands after this message */
} health_message;

/* A new draft with the agency's profile, and MSH-7. HUB_OK or HUB_ERR_MEMORY. */
hub_status health_open_draft(health_message *message);
/* The first fault stays; later ones are not told. */
void health_fault(health_message *message, const char *segment, const char *field, const char *rule);
/* Text of a part of the message, escapes resolved, in the draft's arena; "" when empty, and a fault where it is no text. */
char *health_text(health_message *message, hub_bytes part);
hub_bytes health_value(const health_message *message, const char *segment, uint32_t field, uint32_t component);
/* An instant; an empty field gives 0, one that cannot be read a fault. */
int64_t health_instant(health_message *message, const char *segment, uint32_t field, uint32_t component, const char *name);

/* acknowledge.c: kit_mapping.accepts and kit_mapping.answer. */
kit_input_result health_accepts(hub_bytes input, char key[256], const char **reason);
hub_status health_answer(hub_bytes input, kit_input_result result, const char *reason, int64_t now_ms, hub_buffer *out);
/* MSH-11: true for a live message; false for a test or training one (T or D). */
bool health_is_live(const formats_hl7 *hl7);
/* NULL: MSH-11 says P, T or D; else why the message is not taken. A test that is marked in a way of its own must not be told as a miss. */
const char *health_processing_fault(const formats_hl7 *hl7);

/* patient.c: the subject of the event from PID and PD1. `at_ms`: the moment whose age decides who is a child. */
void health_add_patient(health_message *message, int64_t at_ms);
/* The NHS number and the first other one of a repeating CX field. `name`: of the field, for a fault. CX.4 or CX.5 say which is the NHS number. */
void health_add_identifiers(health_message *message, Mash__V1__Subject *subject, const char *segment, uint32_t index,
                            uint32_t field, const char *name);
/* Was the patient under 18 at that moment? Unspecified when what is known of the birth does not say. */
Mash__V1__Presence health_is_child(const health_message *message, int64_t at_ms);
char *health_provider(health_message *message);

/* Fill the payload; false: not for the hub. */
bool health_fill_appointment(health_message *message, hub_status *status);
/* The miss that was told of this appointment, to be taken back. */
bool health_fill_no_miss(health_message *message, hub_status *status);
bool health_fill_admission(health_message *message);
bool health_fill_referral(health_message *message);
/* merge.c: a message that joins records, one event for each pair of PID and MRG; false: another message. */
bool health_is_merge(const health_message *message);
hub_status health_put_merges(health_message *message, hub_status (*put)(health_message *message, const char *discriminator));
/* misses.c: brings the patient's run up to date and states it in a missed appointment. `appointment`: its number. */
hub_status health_count_misses(health_message *message, hub_bytes appointment, bool was_kept);
/* A miss that was told before its start was known is the one of the start that is stated now, unless it was told before that start: what was told
 * under `unplaced` stands under `placed` from now on. */
hub_status health_place_miss(health_message *message, const formats_key *unplaced, const formats_key *placed);
/* A fact with a number of its own: told once, amended by another wording, and taken back when it is_withdrawn. A miss is counted when it is news,
 * and so after the comparison. Answers as formats_draft_put. */
hub_status health_put_known(health_message *message, const formats_key *key, const char *reference, hub_bytes record,
                            kit_place place);
/* After the event is out: what the next message about this patient, and about this appointment, must know. */
hub_status health_remember_misses(health_message *message);
hub_status health_remember_appointment(health_message *message);

#endif
