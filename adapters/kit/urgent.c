#include "urgent.h"

#define HIGH MASH__V1__GRADE_LEVEL__GRADE_LEVEL_HIGH
#define YES MASH__V1__PRESENCE__PRESENCE_YES

static bool is_high(const Mash__V1__Grade *grade)
{
    return grade != NULL && grade->level >= HIGH;
}

static bool any_high(size_t count, Mash__V1__Grade *const *grades)
{
    for (size_t i = 0; i < count; i++) {
        if (is_high(grades[i])) return true;
    }
    return false;
}

outbox_urgency kit_event_urgency(const Mash__V1__Event *event)
{
    bool urgent = false;
    switch (event->payload_case) {
    case MASH__V1__EVENT__PAYLOAD_DOMESTIC_ABUSE_INCIDENT:
        urgent = any_high(event->domestic_abuse_incident->n_grades, event->domestic_abuse_incident->grades);
        break;
    case MASH__V1__EVENT__PAYLOAD_CHILD_CONCERN:
        urgent = event->child_concern->immediate_danger == YES || is_high(event->child_concern->grade);
        break;
    case MASH__V1__EVENT__PAYLOAD_ADULT_CONCERN:
        urgent = event->adult_concern->immediate_danger == YES || is_high(event->adult_concern->grade);
        break;
    case MASH__V1__EVENT__PAYLOAD_REFERRAL:
        urgent = is_high(event->referral->grade);
        break;
    case MASH__V1__EVENT__PAYLOAD_RISK_FLAG:
        urgent = is_high(event->risk_flag->grade);
        break;
    case MASH__V1__EVENT__PAYLOAD_MISSING:
        urgent = true;
        break;
    default:
        break;
    }
    return urgent ? OUTBOX_URGENT : OUTBOX_ORDINARY;
}
