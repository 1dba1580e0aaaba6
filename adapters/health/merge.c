/* merge.c - ADT messages that say two records are one person: PID has the number that stays, MRG the one that goes. */
#include <stdio.h>
#include <string.h>

#include "formats/json.h"
#include "health/message.h"

/* Those with MRG-1 as the number of a person [HL7 v2 chapter 3]: merge and move of identifier lists, and a changed one. */
static const char *const TRIGGERS[] = {"A18", "A30", "A34", "A36", "A39", "A40", "A47"};

enum { MERGES_MAX = 64 };

bool health_is_merge(const health_message *message)
{
    for (size_t i = 0; i < sizeof TRIGGERS / sizeof TRIGGERS[0]; i++) {
        if (formats_bytes_are(message->trigger, TRIGGERS[i])) return true;
    }
    return false;
}

/* The patient's number of the same kind as the one that goes; else the first. */
static Mash__V1__Identifier *counterpart(const Mash__V1__Subject *patient, const Mash__V1__Identifier *replaced)
{
    for (size_t i = 0; i < patient->n_identifiers; i++) {
        if (patient->identifiers[i]->scheme == replaced->scheme) return patient->identifiers[i];
    }
    return patient->n_identifiers > 0 ? patient->identifiers[0] : NULL;
}

static bool has(const Mash__V1__Subject *patient, const Mash__V1__Identifier *number)
{
    for (size_t i = 0; i < patient->n_identifiers; i++) {
        const Mash__V1__Identifier *own = patient->identifiers[i];
        if (own->scheme == number->scheme && strcmp(own->value, number->value) == 0) return true;
    }
    return false;
}

/* The n-th number that goes: one that the patient has too (an NHS number in both records) stays. NULL: none. */
static Mash__V1__Identifier *goes(const Mash__V1__Subject *patient, const Mash__V1__Subject *gone, uint32_t n)
{
    for (size_t i = 0; i < gone->n_identifiers; i++) {
        if (!has(patient, gone->identifiers[i]) && n-- == 0) return gone->identifiers[i];
    }
    return NULL;
}

/* The n-th number of that pair; false: it has no such. */
static bool fill(health_message *m, uint32_t pair, uint32_t n)
{
    static const Mash__V1__Subject NOBODY = MASH__V1__SUBJECT__INIT;
    Mash__V1__Subject gone;
    Mash__V1__IdentityChange *change = FORMATS_PAYLOAD(m->draft, IDENTITY_CHANGE, identity_change, identity_change);
    mash__v1__subject__init(&gone);
    m->patient = pair;
    health_add_identifiers(m, &gone, "MRG", pair, 1, "MRG-1");
    m->draft->event.occurred_at = m->sent_ms != 0 ? m->sent_ms : 1;
    m->draft->event.summary = formats_word(m->draft, "Two records of one person were joined");
    health_add_patient(m, m->sent_ms != 0 ? m->sent_ms : m->options->received_ms);
    change->description = formats_word(m->draft, "two records of the source are one person");
    const Mash__V1__Subject *patient = m->draft->event.n_subjects > 0 ? m->draft->event.subjects[0] : &NOBODY;
    change->replaced = goes(patient, &gone, n);
    if (change->replaced == NULL && n > 0) return false;
    if (gone.n_identifiers == 0)
        health_fault(m, "MRG", "MRG-1", "no number: which record goes cannot be known");
    else if (change->replaced == NULL)
        health_fault(m, "MRG", "MRG-1", "the record that goes is the one that stays");
    else
        change->by = counterpart(patient, change->replaced);
    if (change->by == NULL) health_fault(m, "PID", "PID-3", "no number: which record stays cannot be known");
    return true;
}

hub_status health_put_merges(health_message *message, hub_status (*put)(health_message *message, const char *discriminator))
{
    uint32_t count = 0;
    uint32_t told = 0;
    while (count < MERGES_MAX && formats_hl7_segment(message->hl7, "MRG", count, NULL).size > 0)
        count++;
    for (uint32_t pair = 0; pair < (count > 0 ? count : 1); pair++) {
        for (uint32_t n = 0;; n++) {
            char discriminator[12];
            message->rule = NULL;
            message->birth = (formats_date){0};
            hub_status status = health_open_draft(message);
            if (status != HUB_OK) return status;
            if (!fill(message, pair, n)) break;
            (void)snprintf(discriminator, sizeof discriminator, "%u", ++told);
            status = put(message, told == 1 ? NULL : discriminator);
            if (status != HUB_OK) return status;
            if (message->rule != NULL) break; /* parked: the pair as a whole */
        }
    }
    return HUB_OK;
}
