/* draft.h - making one event, without a check after every line.
 *
 * A draft holds the event, its payload and the lists in one piece of the sink's arena. Memory that runs out, and a list that is full,
 * are remembered in the draft: the adding functions then do nothing, and formats_draft_put answers HUB_ERR_MEMORY or parks. So a
 * mapping states what the input states, line by line, and looks once at the end.
 */
#ifndef FORMATS_DRAFT_H
#define FORMATS_DRAFT_H

#include "formats/dates.h"
#include "kit/mapping.h"

enum { FORMATS_SUBJECTS_MAX = EVENT_SUBJECTS_MAX, FORMATS_REFERENCE_MAX = 128, FORMATS_ADDRESS_LINES_MAX = 6 };

/* What an agency says in each of its events. */
typedef struct formats_profile {
    Mash__V1__Agency agency;
    Mash__V1__Sensitivity sensitivity;
    Mash__V1__LegalBasis legal_basis;
    const char *legal_gateway; /* used when the configuration names none */
} formats_profile;

/* Every payload a mapping here makes. The first member of each is its ProtobufCMessage. */
typedef union formats_payload {
    ProtobufCMessage base;
    Mash__V1__DomesticAbuseIncident domestic_abuse_incident;
    Mash__V1__Incident incident;
    Mash__V1__MissedAppointment missed_appointment;
    Mash__V1__AppointmentBooked appointment_booked;
    Mash__V1__AppointmentRebooked appointment_rebooked;
    Mash__V1__AppointmentCancelled appointment_cancelled;
    Mash__V1__UrgentCareAttendance urgent_care_attendance;
    Mash__V1__Discharge discharge;
    Mash__V1__RiskFlag risk_flag;
    Mash__V1__Release release;
    Mash__V1__Recall recall;
    Mash__V1__Breach breach;
    Mash__V1__Death death;
    Mash__V1__Referral referral;
    Mash__V1__Absence absence;
    Mash__V1__Exclusion exclusion;
    Mash__V1__Assessment assessment;
    Mash__V1__Section47Enquiry section47_enquiry;
    Mash__V1__ProtectionPlan protection_plan;
    Mash__V1__PlanReview plan_review;
    Mash__V1__CaseStatus case_status;
    Mash__V1__CareService care_service;
    Mash__V1__IdentityChange identity_change;
    Mash__V1__LookedAfter looked_after;
    Mash__V1__ChildConcern child_concern;
    Mash__V1__AdultConcern adult_concern;
    Mash__V1__Section42Enquiry section42_enquiry;
    Mash__V1__Missing missing;
    Mash__V1__Refusal refusal;
} formats_payload;

typedef struct formats_draft {
    Mash__V1__Event event;
    formats_payload payload;
    Mash__V1__Subject *subjects[FORMATS_SUBJECTS_MAX];
    Mash__V1__Subject spare; /* stands in for a subject when memory is out, so that nobody writes through NULL */
    Mash__V1__Address spare_address;
    Mash__V1__AppointmentRef appointment; /* of payloads that have one: formats_appointment */
    Mash__V1__Grade grade;                /* of payloads that have one: formats_grade */
    Mash__V1__Grade *grades[1];
    Mash__V1__LegalBasis legal_basis[1];
    kit_sink *sink;                     /* BORROWED */
    const kit_mapping_options *options; /* BORROWED */
    const formats_profile *profile;     /* BORROWED */
    const char *overflow;               /* the list that was full, in words; NULL: none */
    bool out_of_memory;
} formats_draft;

/* A new draft in the sink's arena; NULL when memory is out (answer HUB_ERR_MEMORY). Area and gateway come from the options. */
formats_draft *formats_draft_open(kit_sink *sink, const kit_mapping_options *options, const formats_profile *profile);

/* Begins the payload: FORMATS_PAYLOAD(draft, RELEASE, release, release) is a Mash__V1__Release * in the draft.
 *   CASE    of MASH__V1__EVENT__PAYLOAD_<CASE>;  field  of Event;  name  of the generated functions and of formats_payload */
#define FORMATS_PAYLOAD(draft, CASE, field, name)                                                                                \
    (mash__v1__##name##__init(&(draft)->payload.name), (draft)->event.payload_case = MASH__V1__EVENT__PAYLOAD_##CASE,            \
     (draft)->event.field = &(draft)->payload.name, &(draft)->payload.name)

/* A copy of `text` in the arena, without blanks at its ends; "" when empty. Never NULL. */
char *formats_text(formats_draft *draft, hub_bytes text);
char *formats_word(formats_draft *draft, const char *text); /* the same for a NUL-ended text; NULL is "" */
Mash__V1__Date *formats_date_message(formats_draft *draft, formats_date date);
Mash__V1__AppointmentRef *formats_appointment(formats_draft *draft); /* the draft's own one, emptied */
Mash__V1__Grade *formats_grade(formats_draft *draft);                /* the same; draft->grades holds it */

/* A new last subject; never NULL. */
Mash__V1__Subject *formats_add_subject(formats_draft *draft);
void formats_add_role(formats_draft *draft, Mash__V1__Subject *subject, Mash__V1__SubjectRole role); /* once each */
/* CHILD, or ADULT when the person is known to have been 18 or more on that day: the hub refuses a child who is grown up, and what ends
 * after childhood must still be told. */
void formats_add_child_or_adult(formats_draft *draft, Mash__V1__Subject *subject, formats_date birth, formats_date on);
void formats_add_given_name(formats_draft *draft, Mash__V1__Subject *subject, hub_bytes name);
/* 1, 2, 0, 9 of the NHS Data Dictionary and the census; M, F, U of HL7 and, from 2024/25, of the census. Another code: UNSPECIFIED. */
Mash__V1__Sex formats_sex(hub_bytes code);
/* Puts an identifier whose value was checked. For LOCAL the system is the configured source system. Empty values add nothing. A
 * placeholder is nobody's: it is left out, and noted once a day for its scheme. */
void formats_add_identifier(formats_draft *draft, Mash__V1__Subject *subject, Mash__V1__IdentifierScheme scheme, hub_bytes value);
Mash__V1__Address *formats_add_address(formats_draft *draft, Mash__V1__Subject *subject); /* never NULL */
/* A text that is no postcode's shape (another country's) becomes a line of the address: it is carried, and refuses nothing. */
void formats_set_postcode(formats_draft *draft, Mash__V1__Address *address, hub_bytes text);
void formats_add_relationship(formats_draft *draft, Mash__V1__Subject *subject, uint32_t to, Mash__V1__RelationshipKind kind,
                              Mash__V1__Presence lives_with);
void formats_add_line(formats_draft *draft, char ***lines, size_t *count, size_t most, hub_bytes text);
void formats_add_factor(formats_draft *draft, Mash__V1__FactorKind **factors, size_t *count, Mash__V1__FactorKind factor);

/* Is there a value that names somebody? false: empty, or a placeholder ("NONE", "0000", the dummy NHS numbers). */
bool formats_identifies(Mash__V1__IdentifierScheme scheme, hub_bytes value, int this_year);
/* Words for what is wrong with an identifier, or NULL when it is well formed, empty or a placeholder. The value may have blanks. */
const char *formats_identifier_fault(Mash__V1__IdentifierScheme scheme, hub_bytes value, int this_year);

/* Hands the event over. HUB_OK; HUB_ERR_INVALID: parked, go on with the next record; anything else ends the input. */
hub_status formats_draft_put(formats_draft *draft, const char *reference, const char *discriminator, hub_bytes record,
                             kit_place place);
/* Tells whoever runs the adapter what was left out: once a day for each `field`, at most 20 letters; a system that leaves out something of
 * thousands fills no log. */
void formats_note_daily(kit_sink *sink, const kit_mapping_options *options, const char *field, const char *rule);
/* HUB_ERR_INVALID (parked) is no failure of the input: turns it into HUB_OK. */
hub_status formats_go_on(hub_status status);
hub_status formats_park(kit_sink *sink, hub_bytes record, kit_place place, const char *rule);

#endif
