/* What an agency is asked, and its answer; and that it is told nothing, on purpose. */
#include "core/acts.h"

#include <string.h>

enum { QUESTION_BYTES_MAX = 4000, ANSWER_BYTES_MAX = 16000 };

/* The agency of this name that the policy knows today; NULL after a refusal. */
static const core_agency_row *agency_named(core_acting *a, const char *field, const char *name)
{
    const char *area = core_alerts_at(a->d->state, a->alert)->area;
    const core_agency_row *everywhere = NULL;
    for (uint32_t i = 0; i < a->policy->agency_count; i++) {
        const core_agency_row *row = &a->policy->agencies[i];
        if (strcmp(row->name, name) != 0 || !core_effective_on(&row->effective, a->today)) continue;
        if (strcmp(row->area, area) == 0) return row;
        if (row->area[0] == '\0' && everywhere == NULL) everywhere = row;
    }
    if (everywhere == NULL) core_act_refuse(a, "%s: the policy knows no agency of that name here today", field);
    return everywhere;
}

void core_act_request_information(core_acting *a)
{
    const Mash__V1__RequestInformation *said = a->act->request_information;
    const core_alert_row *alert = core_alerts_at(a->d->state, a->alert);
    const core_agency_row *agency = agency_named(a, "request_information.agency", said->agency);
    if (agency == NULL) return;
    int32_t rule = a->policy->ratings[alert->rating].request;
    const char *why_not = NULL;
    if (agency->request_queue < 0)
        why_not = "agency: it is not asked through the hub; the policy names no queue for it";
    else if (core_agency_barred(alert, agency))
        why_not = "agency: it is not shared with it, on purpose; who lifts that (share) says why";
    else if (!core_queue_cleared(a->policy, (uint32_t)agency->request_queue, (Mash__V1__Sensitivity)alert->sensitivity))
        why_not = "agency: its people may not know of this alert";
    else if (said->question[0] == '\0' || strlen(said->question) > QUESTION_BYTES_MAX)
        why_not = "question: 1 to 4000 bytes";
    else if (said->due_ms != 0 && said->due_ms <= a->d->command->at_ms)
        why_not = "due_ms: later than now";
    else if (said->due_ms == 0 && rule < 0)
        why_not = "due_ms: the policy has no time for this rating; say by when";
    if (why_not != NULL) {
        core_act_refuse(a, "request_information.%s", why_not);
        return;
    }
    core_act_head(a);
    Mash__V1__InformationRequested *fact = core_decide_add(a->d, FACT_INFORMATION_REQUESTED);
    if (fact == NULL) return;
    fact->request = a->d->state->requests.count + 1;
    fact->alert = a->alert;
    fact->queue = a->policy->queues[agency->request_queue].number;
    fact->staff = a->staff->number;
    core_act_number(a, fact->request);
    core_clock_new clock = {.alert = a->alert,
                            .rule = rule < 0 ? 0 : (uint32_t)rule,
                            .purpose = MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_REQUEST,
                            .item = fact->request,
                            .from_ms = a->d->command->at_ms,
                            .due_ms = said->due_ms};
    (void)core_clock_start(a->d, clock, &a->started);
    core_tell(a->d, a->policy, (uint32_t)agency->request_queue, (Mash__V1__Sensitivity)alert->sensitivity,
              (core_telling){.kind = MASH__V1__DELIVERY_KIND__DELIVERY_KIND_REQUEST, .alert = a->alert, .item = fact->request});
    core_act_tell(a, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT, fact->request);
}

void core_act_answer(core_acting *a)
{
    const core_request_row *request = core_requests_at(a->d->state, a->item);
    int32_t queue = core_policy_queue(a->policy, request->queue);
    size_t length = strlen(a->act->answer->text);
    const char *why_not = NULL;
    if (queue < 0 || !core_team_has(a->team, (uint32_t)queue))
        why_not = "item: only the agency that was asked can answer";
    else if (length == 0 || length > ANSWER_BYTES_MAX)
        why_not = "answer.text: 1 to 16000 bytes";
    if (why_not != NULL) {
        core_act_refuse(a, "%s", why_not);
        return;
    }
    core_act_head(a);
    Mash__V1__InformationAnswered *fact = core_decide_add(a->d, FACT_INFORMATION_ANSWERED);
    if (fact == NULL) return;
    fact->request = a->item;
    fact->staff = a->staff->number;
    if (request->answer == 0) {
        core_clocks_stop(a->d, a->alert, MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_REQUEST, a->item,
                         MASH__V1__STOP_CAUSE__STOP_CAUSE_MET);
        if (core_alerts_at(a->d->state, a->alert)->requests_open == 1)
            core_clocks_meet(a->d, a->alert, UINT32_C(1) << CORE_MET_INFORMED);
    }
    core_act_tell(a, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_REQUEST, a->item);
    /* The agency's own people too: whoever has the question open sees that a colleague has answered it. */
    Mash__V1__Sensitivity sensitivity = (Mash__V1__Sensitivity)core_alerts_at(a->d->state, a->alert)->sensitivity;
    if (a->policy->queues[queue].is_agency)
        core_tell(a->d, a->policy, (uint32_t)queue, sensitivity,
                  (core_telling){.kind = MASH__V1__DELIVERY_KIND__DELIVERY_KIND_REQUEST, .alert = a->alert, .item = a->item});
}

/* ---- not sharing ----------------------------------------------------------------------------------------------------------- */
bool core_agency_barred(const core_alert_row *alert, const core_agency_row *agency)
{
    return (alert->not_shared >> ((unsigned)agency->agency & 63) & 1) != 0;
}

/* Not sharing is a decision too, and its reason is kept (Children Act 2004 s16LA; golden rule 7). It holds until somebody lifts it. */
void core_act_withhold(core_acting *a)
{
    const core_agency_row *agency = agency_named(a, "withhold.agency", a->act->withhold->agency);
    if (agency == NULL) return;
    core_act_head(a);
    Mash__V1__NotShared *fact = core_decide_add(a->d, FACT_NOT_SHARED);
    if (fact == NULL) return;
    fact->alert = a->alert;
    fact->agency = (uint32_t)(agency - a->policy->agencies);
    fact->staff = a->staff->number;
    fact->lasting = true;
    core_act_tell(a, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT, 0);
}

void core_act_share(core_acting *a)
{
    const core_agency_row *agency = agency_named(a, "share.agency", a->act->share->agency);
    if (agency == NULL) return;
    if (!core_agency_barred(core_alerts_at(a->d->state, a->alert), agency)) {
        core_act_refuse(a, "share.agency: there is no record of not sharing with it");
        return;
    }
    core_act_head(a);
    Mash__V1__SharedAgain *fact = core_decide_add(a->d, FACT_SHARED_AGAIN);
    if (fact == NULL) return;
    fact->alert = a->alert;
    fact->agency = (uint32_t)(agency - a->policy->agencies);
    fact->staff = a->staff->number;
    core_act_tell(a, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT, 0);
}
