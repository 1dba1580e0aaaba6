/* On what somebody acts: "A17", "Q:QUEUE". */
#include "core/acts.h"

#include <string.h>

uint64_t core_act_item(const char *text, char letter)
{
    if (text[0] != letter || text[1] < '1' || text[1] > '9') return 0;
    uint64_t number = 0;
    for (const char *at = text + 1; *at != '\0'; at++) {
        if (*at < '0' || *at > '9' || number > UINT32_MAX) return 0;
        number = number * 10 + (uint64_t)(*at - '0');
    }
    return number;
}

static bool find_queue(core_acting *a)
{
    if (strncmp(a->act->item, "Q:", 2) != 0) return false;
    for (uint32_t i = 0; i < a->policy->queue_count; i++) {
        if (strcmp(a->policy->queues[i].name, a->act->item + 2) != 0) continue;
        a->item_kind = CORE_ITEM_QUEUE;
        a->queue = i;
        return true;
    }
    return false;
}

/* What is not there is answered as what is there and hidden, or the answers would tell how many there are (A2): see core_act_row_may. */
static bool find_numbered(core_acting *a)
{
    const core_state *state = a->d->state;
    const struct {
        char letter;
        core_item_kind kind;
        uint32_t count;
    } KINDS[] = {{'A', CORE_ITEM_ALERT, state->alerts.count},
                 {'D', CORE_ITEM_DISAGREEMENT, state->disagreements.count},
                 {'R', CORE_ITEM_REQUEST, state->requests.count},
                 {'F', CORE_ITEM_FEEDBACK, state->feedbacks.count}};
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        uint64_t number = core_act_item(a->act->item, KINDS[i].letter);
        if (number == 0) continue;
        a->item_kind = KINDS[i].kind;
        a->item = number <= KINDS[i].count ? (uint32_t)number : 0;
        return true;
    }
    if (core_act_item(a->act->item, 'N') == 0) return false;
    a->item_kind = CORE_ITEM_NOTICE;
    a->item = core_event_of_sequence(state, core_act_item(a->act->item, 'N'));
    return true;
}

void core_act_find_item(core_acting *a, int allowed)
{
    const core_state *state = a->d->state;
    if (!find_queue(a) && !find_numbered(a)) {
        core_act_refuse(
            a,
            "item: there is no such item; A17 is an alert, D3 a disagreement, R5 a request, F9 feedback, N19 a notice, Q:QUEUE a "
            "list");
    } else if ((allowed & (int)a->item_kind) == 0) {
        core_act_refuse(a, "item: %s cannot be done on that kind of item", core_act_name(a->kind));
    }
    if (a->refused || a->item == 0) return;
    uint32_t number = a->item;
    a->item = 0;
    switch (a->item_kind) {
    case CORE_ITEM_NOTICE:
        a->item = number;
        break;
    case CORE_ITEM_ALERT:
        a->alert = number;
        break;
    case CORE_ITEM_DISAGREEMENT:
        a->disagreement = number;
        a->alert = core_disagreements_at(state, number)->alert;
        break;
    case CORE_ITEM_REQUEST:
        a->item = number;
        a->alert = core_requests_at(state, number)->alert;
        break;
    default:
        a->item = number;
        a->alert = core_feedbacks_at(state, number)->alert;
        break;
    }
}
