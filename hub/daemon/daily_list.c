/* daily_list.c - the daily list that a person looks through before they sign it. It is of the state, not of the journal: a list is no look at a
 * person, so it needs no purpose and leaves no audit record (core/daily.h). */
#include "daemon/shell.h"

#include <string.h>

#include "core/acts.h"
#include "core/daily.h"

void daemon_daily_list(daemon_shell *d, bus_session *session, uint64_t request, const Mash__V1__DailyListRequest *wanted)
{
    const core_peer *peer = core_peer_numbered(d->core, session->peer);
    bool is_gateway = peer->kind == MASH__V1__PEER_KIND__PEER_KIND_GATEWAY;
    core_daily_ask ask = {.reader = session->peer, .queue = wanted->queue, .day = wanted->day, .at_ms = daemon_now_ms(d)};
    if (is_gateway) ask.staff = core_staff_for(d->core, session->peer, wanted->on_behalf_of, ask.at_ms);
    if (is_gateway != (wanted->on_behalf_of[0] != '\0') || (is_gateway && ask.staff == 0)) {
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_NOT_ALLOWED, "daily_list.on_behalf_of",
                     is_gateway ? "nobody of this id is on the roster today in a team that this key may act for"
                                : "only a gateway's key asks for people; leave it empty");
        return;
    }
    if (wanted->after[0] != '\0') ask.after = core_act_item(wanted->after, 'A');
    if (wanted->after[0] != '\0' && ask.after == 0) {
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_MALFORMED, "daily_list.after", "the id of an alert, A17");
        return;
    }
    Mash__V1__DailyList list;
    hub_arena_reset(&d->answer_arena);
    hub_status status = core_daily_list(d->core, &ask, &d->answer_arena, &list);
    if (status != HUB_OK) {
        bool is_refused = status == HUB_ERR_REFUSED;
        daemon_fault(d, session, request,
                     is_refused ? MASH__V1__FAULT_CODE__FAULT_UNKNOWN_QUEUE : MASH__V1__FAULT_CODE__FAULT_BUSY,
                     is_refused ? "daily_list.queue" : "",
                     is_refused ? "this key reads no queue of that name, and acts for no team that works it"
                                : "the hub has no memory for this now; ask again");
        return;
    }
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    frame.request = request;
    frame.body_case = MASH__V1__HUB_FRAME__BODY_DAILY_LIST;
    frame.daily_list = &list;
    daemon_answer(d, session, &frame); /* H1: what it is made from may not be durable yet */
}
