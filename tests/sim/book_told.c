/* book_told.c - who may be told at all, by class, by who is shut out (S9); and who may act on what they were told (S8). */
#include "book_inside.h"

void book_delivered(sim_book *b, const Mash__V1__Delivered *fact)
{
    const core_queue_row *queue = NULL;
    for (uint32_t i = 0; i < b->policy->queue_count; i++) {
        if (b->policy->queues[i].number == fact->queue) queue = &b->policy->queues[i];
    }
    MUST(queue != NULL, "S9: a delivery to a queue that the policy does not have:", fact->queue);
    uint32_t class = b->classes[b->sequence - 1];
    if (fact->event_sequence != 0) class = b->classes[fact->event_sequence - 1];
    if (class == 0 && fact->alert != 0) class = book_alert(b, fact->alert)->class;
    bool is_alarm = fact->kind == MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ALARM;
    if (is_alarm)
        class = 0; /* it goes to who must look, whatever raised it; what it holds of that is looked at where it arrives */
    MUST(class <= (uint32_t)b->policy->audiences[queue->audience].sees_up_to, "S9: a delivery above its class to queue",
         fact->queue);
    bool is_part = fact->told_as == MASH__V1__TOLD_AS__TOLD_AS_LISTED; /* a side has one in the disagreement, a copy in nothing */
    if (fact->alert != 0 && is_part) book_alert(b, fact->alert)->told |= UINT64_C(1) << fact->queue;
}

/* Who is not shared with, on purpose, is asked nothing and told of no outcome. */
static void not_barred(sim_book *b, uint64_t alert, uint32_t queue)
{
    for (uint32_t i = 0; i < b->policy->agency_count; i++) {
        const core_agency_row *agency = &b->policy->agencies[i];
        bool is_theirs = agency->request_queue >= 0 && b->policy->queues[agency->request_queue].number == queue;
        MUST(!is_theirs || (book_alert(b, alert)->barred >> i & 1) == 0, "S9: shared with whom it is not, of alert", alert);
    }
}

void book_shut_out(sim_book *b, const Mash__V1__Fact *fact)
{
    switch (fact->body_case) {
    case MASH__V1__FACT__BODY_PARTY_DECLARED:
        book_alert(b, fact->party_declared->alert)->parties |= UINT64_C(1) << fact->party_declared->staff;
        break;
    case MASH__V1__FACT__BODY_PARTY_CLEARED:
        book_alert(b, fact->party_cleared->alert)->parties &= ~(UINT64_C(1) << fact->party_cleared->staff);
        break;
    case MASH__V1__FACT__BODY_NOT_SHARED:
        if (fact->not_shared->lasting) book_alert(b, fact->not_shared->alert)->barred |= UINT64_C(1) << fact->not_shared->agency;
        break;
    case MASH__V1__FACT__BODY_SHARED_AGAIN:
        book_alert(b, fact->shared_again->alert)->barred &= ~(UINT64_C(1) << fact->shared_again->agency);
        break;
    case MASH__V1__FACT__BODY_INFORMATION_REQUESTED:
        not_barred(b, fact->information_requested->alert, fact->information_requested->queue);
        break;
    case MASH__V1__FACT__BODY_FEEDBACK_OWED:
        not_barred(b, fact->feedback_owed->alert, fact->feedback_owed->queue);
        break;
    default:
        break;
    }
}

/* ---- acting on it ----------------------------------------------------------------------------------------------------------- */

/* What a partner agency may do that was told of the alert, and does not work it. */
static bool is_partners(const Mash__V1__Acted *fact)
{
    switch (fact->act) {
    case MASH__V1__ACT_KIND__ACT_KIND_NOTE:
    case MASH__V1__ACT_KIND__ACT_KIND_ANSWER:
    case MASH__V1__ACT_KIND__ACT_KIND_DISPUTE:
    case MASH__V1__ACT_KIND__ACT_KIND_DECLARE_PARTY:
    case MASH__V1__ACT_KIND__ACT_KIND_CLEAR_PARTY:
        return true;
    case MASH__V1__ACT_KIND__ACT_KIND_SEEN:
        return fact->item != 0; /* feedback */
    default:
        return false;
    }
}

bool book_may_act(sim_book *b, const Mash__V1__Acted *fact)
{
    for (uint32_t i = 0; i < b->policy->staff_count; i++) {
        const core_staff_row *row = &b->policy->staff[i];
        const core_team *team = &b->policy->teams[row->team];
        if (row->number != fact->staff || team->number != fact->team) continue;
        if ((b->policy->roles[row->role].may >> fact->act & 1) == 0) continue;
        if (fact->alert == 0 || fact->disagreement != 0) return true; /* who stands above a side speaks for it, too */
        for (uint32_t k = 0; k < team->queue_count; k++) {
            const core_queue_row *queue = &b->policy->queues[team->queues[k]];
            bool is_told = (book_alert(b, fact->alert)->told >> queue->number & 1) != 0;
            if (is_told && (!queue->is_agency || is_partners(fact))) return true;
        }
    }
    return false;
}
