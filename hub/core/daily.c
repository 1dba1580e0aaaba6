#include "core/daily.h"

#include <string.h>

#include "core/acts.h"
#include "core/sharing.h"
#include "event/wire.h"

enum { SAID_MAX = 16, SIGNATURES_MAX = 14 };

/* ---- what stands on it ------------------------------------------------------------------------------------------------------- */
static bool is_listed(const core_state *state, uint32_t alert, uint32_t queue, int32_t day)
{
    const core_alert_row *row = core_alerts_at(state, alert);
    if (row->ended || row->owner != 0 || row->rating != MASH__V1__RATING__RATING_BLUE || row->queue != queue) return false;
    return core_calendar_day(&core_policy_now(state)->calendars[0], row->opened_ms, NULL) <= day;
}

/* Nobody looks at or signs what they may not see. */
static bool is_hidden(const core_state *state, uint32_t alert, uint32_t staff, bool is_cleared)
{
    if (core_alerts_at(state, alert)->sensitivity >= MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED && !is_cleared) return true;
    return staff != 0 && core_alert_has_party(state, alert, staff);
}

/* The newest record that changed what there is to look at; that somebody has seen it changes nothing. */
static uint64_t changed_at(const core_state *state, uint32_t alert)
{
    const core_alert_row *row = core_alerts_at(state, alert);
    uint64_t newest = core_sequences_at(state, row->last_event)->sequence;
    for (uint32_t at = row->acts; at != 0; at = core_acts_at(state, at)->next) {
        const core_act_row *act = core_acts_at(state, at);
        if (act->act != MASH__V1__ACT_KIND__ACT_KIND_SEEN && act->sequence > newest) newest = act->sequence;
    }
    return newest;
}

/* ---- signing it -------------------------------------------------------------------------------------------------------------- */
/* It ends like one that is decided: with a version, and everybody who has it hears so. */
static void sign_off(core_acting *a, uint32_t alert)
{
    Mash__V1__Acted *fact = core_decide_add(a->d, FACT_ACTED);
    if (fact == NULL) return;
    fact->act = a->kind;
    fact->staff = a->staff->number;
    fact->team = a->team->number;
    fact->alert = alert;
    fact->version = core_alerts_at(a->d->state, alert)->version + 1;
    core_alert_end(a->d, alert, a->staff->number);
    core_acting on_it = *a;
    on_it.alert = alert;
    core_act_tell(&on_it, MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT, 0);
}

void core_act_sign(core_acting *a)
{
    const core_state *state = a->d->state;
    const Mash__V1__Sign *said = a->act->sign;
    int32_t day = said->day == 0 ? a->today : said->day;
    enum { LIST_DAYS_MAX = 366 }; /* whoever signs says that they have looked: nobody looks through the list of another age */
    const char *why_not = NULL;
    if (day > a->today)
        why_not = "day: that day has not been yet";
    else if (day < a->today - LIST_DAYS_MAX)
        why_not = "day: that day is more than a year ago";
    else if (said->seen_sequence == 0)
        why_not = "seen_sequence: say at which record the list stood that you have looked through; `mashctl daily` tells it";
    else if (said->seen_sequence > state->numbers.sequence)
        why_not = "seen_sequence: there is no such record yet";
    if (why_not != NULL) {
        core_act_refuse(a, "sign.%s", why_not);
        return;
    }
    core_act_head(a);
    Mash__V1__DaySigned *fact = core_decide_add(a->d, FACT_DAY_SIGNED);
    if (fact == NULL) return;
    fact->queue = a->policy->queues[a->queue].number;
    fact->day = day;
    fact->staff = a->staff->number;
    fact->sequence = said->seen_sequence;
    enum { ROOM = 256 }; /* facts that ending one alert may take; who has more than fit into one decision signs again */
    uint32_t changed = 0;
    uint32_t at = 1;
    for (; at <= state->alerts.count && a->d->count < CORE_DECISION_FACTS_MAX - ROOM; at++) {
        if (!is_listed(state, at, fact->queue, day) || is_hidden(state, at, a->staff->number, a->role->restricted)) continue;
        if (changed_at(state, at) > said->seen_sequence) {
            changed++;
            continue;
        }
        sign_off(a, at);
        fact->ended++;
    }
    core_act_number(a, fact->ended);
    char stay[80] = "";
    if (changed > 0) (void)hub_format(stay, sizeof stay, "; %u came or changed since you looked, and stay", changed);
    (void)hub_format(a->d->out->reply.text, sizeof a->d->out->reply.text, "done: %u ended%s%s", fact->ended, stay,
                     at <= state->alerts.count ? "; there are more than one act ends: sign again" : "");
}

/* ---- showing it -------------------------------------------------------------------------------------------------------------- */
typedef struct listing {
    const core_state *state;
    const core_policy *policy;
    core_view view;
    hub_arena *arena;
    bool failed;
} listing;

static bool acts_for(const core_policy *policy, const core_peer *peer, uint32_t queue_position)
{
    for (uint32_t i = 0; i < policy->team_count; i++) {
        if (!core_team_has(&policy->teams[i], queue_position)) continue;
        for (size_t k = 0; k < sizeof peer->may_act_for / sizeof peer->may_act_for[0] && peer->may_act_for[k] != 0; k++) {
            if (peer->may_act_for[k] == policy->teams[i].number) return true;
        }
    }
    return false;
}

/* Of what stands at the queue, and no record: for who reads the queue, or acts for a team that works it, what its audience's list names. */
static core_view view_of_queue(const core_state *state, uint32_t reader, uint32_t queue_position)
{
    static const Mash__V1__Control NOTHING = MASH__V1__CONTROL__INIT;
    static const core_record NO_RECORD = {.control = &NOTHING};
    const core_policy *policy = core_policy_now(state);
    const core_queue_row *queue = &policy->queues[queue_position];
    const core_peer *peer = core_peer_numbered(state, reader);
    core_view view = core_view_of(state, reader, &NO_RECORD);
    bool is_theirs =
        peer != NULL && !peer->revoked && (core_peer_consumes(peer, queue->number) || acts_for(policy, peer, queue_position));
    if (view.sight != CORE_SIGHT_NONE || !is_theirs) return view;
    view.sight = CORE_SIGHT_SHARED;
    view.grants[view.grant_count].queue = queue->number;
    view.grants[view.grant_count++].audience = &policy->audiences[queue->audience];
    return view;
}

static void *take(listing *l, size_t size)
{
    void *memory = hub_arena_take(l->arena, size);
    if (memory == NULL) l->failed = true;
    return memory;
}

static char *text(listing *l, const char *from)
{
    return event_wire_text(l->arena, from, &l->failed);
}

/* The roster id of this number, ended rows too; NULL: there is none, or it is not told. */
static const char *who_of(const listing *l, uint32_t number)
{
    const core_staff_row *staff = NULL;
    for (uint32_t i = 0; number != 0 && i < l->policy->staff_count; i++) {
        if (l->policy->staff[i].number == number) staff = &l->policy->staff[i];
    }
    bool tells_who = l->view.sight == CORE_SIGHT_CONTROL || l->view.grants[0].audience->acts_who;
    return staff != NULL && tells_who ? staff->id : NULL;
}

static void put_rating(listing *l, const core_alert_row *row, Mash__V1__DailyItem *item)
{
    const core_policy *rated = core_policy_numbered(l->state, row->policy);
    const char *who = who_of(l, row->rated_by);
    char words[CORE_NAME_MAX + 32] = "a person";
    if (who != NULL) (void)hub_format(words, sizeof words, "%s", who);
    if (row->rated_by == 0 && rated != NULL && row->rule < rated->rule_count) {
        const core_rule *rule = &rated->rules[row->rule];
        (void)hub_format(words, sizeof words, "provisional, by rule %s", rule->id);
        item->reason = take(l, sizeof *item->reason);
        if (item->reason == NULL) return;
        mash__v1__reason__init(item->reason);
        item->reason->rule = (char *)(uintptr_t)rule->id;
        item->reason->plain = (char *)(uintptr_t)rule->plain;
        item->reason->source = (char *)(uintptr_t)rule->source;
    }
    item->rated_by = text(l, words);
}

static void put_said(listing *l, const core_alert_row *row, Mash__V1__DailyItem *item)
{
    uint32_t skipped = row->event_count > SAID_MAX ? row->event_count - SAID_MAX : 0;
    item->said = take(l, SAID_MAX * sizeof *item->said);
    for (uint32_t at = row->first_event; at != 0 && !l->failed; at = core_sequences_at(l->state, at)->next) {
        uint32_t event = core_event_of_sequence(l->state, core_sequences_at(l->state, at)->sequence);
        if (skipped > 0 || event == 0) {
            skipped -= skipped > 0 ? 1 : 0;
            continue;
        }
        const core_event_row *said = core_events_at(l->state, event);
        Mash__V1__DailyEvent *one = take(l, sizeof *one);
        if (one == NULL) return;
        mash__v1__daily_event__init(one);
        one->sequence = said->sequence;
        if (core_view_field(&l->view, EVENT_FIELD_AGENCY)) one->agency = (Mash__V1__Agency)said->agency;
        if (core_view_payload(&l->view, said->payload)) one->payload = (char *)(uintptr_t)event_payload_name(said->payload);
        one->withdrawn = said->withdrawn != 0;
        item->said[item->n_said++] = one;
    }
}

static Mash__V1__DailyItem *item_of(listing *l, uint32_t alert)
{
    const core_alert_row *row = core_alerts_at(l->state, alert);
    Mash__V1__DailyItem *item = take(l, sizeof *item);
    if (item == NULL) return NULL;
    mash__v1__daily_item__init(item);
    char words[16];
    (void)hub_format(words, sizeof words, "A%u", alert);
    item->alert_id = text(l, words);
    item->version = row->version;
    item->opened_ms = row->opened_ms;
    item->events = row->event_count;
    for (uint32_t at = row->lines; at != 0 && core_view_field(&l->view, EVENT_FIELD_SUBJECTS);
         at = core_lines_at(l->state, at)->next)
        item->people++;
    put_rating(l, row, item);
    put_said(l, row, item);
    return item;
}

/* Is this person cleared for restricted alerts, in any of their tasks at this queue? A key's own question is its audience's. */
static bool is_cleared(const listing *l, uint32_t staff, uint32_t queue, int32_t today)
{
    for (uint32_t i = 0; i < l->policy->staff_count; i++) {
        const core_staff_row *row = &l->policy->staff[i];
        bool is_theirs = row->number == staff && core_effective_on(&row->effective, today);
        if (is_theirs && core_team_has(&l->policy->teams[row->team], queue) && l->policy->roles[row->role].restricted)
            return true;
    }
    return staff == 0;
}

static void put_signatures(listing *l, uint32_t queue, Mash__V1__DailyList *out)
{
    out->signatures = take(l, SIGNATURES_MAX * sizeof *out->signatures);
    for (uint32_t at = l->state->signed_days.count; at > 0 && out->n_signatures < SIGNATURES_MAX && !l->failed; at--) {
        const core_signed_row *row = core_signed_days_at(l->state, at);
        if (row->queue != queue) continue;
        Mash__V1__DailySignature *one = take(l, sizeof *one);
        const char *who = who_of(l, row->staff);
        if (one == NULL) return;
        mash__v1__daily_signature__init(one);
        one->day = row->day;
        one->at_ms = row->at_ms;
        if (who != NULL) one->who = text(l, who);
        out->signatures[out->n_signatures++] = one;
    }
}

hub_status core_daily_list(const core_state *state, const core_daily_ask *ask, hub_arena *arena, Mash__V1__DailyList *out)
{
    mash__v1__daily_list__init(out);
    listing l = {.state = state, .policy = core_policy_now(state), .arena = arena};
    int32_t queue = l.policy == NULL ? -1 : core_policy_queue(l.policy, core_queue_number(state, ask->queue));
    if (queue < 0) return HUB_ERR_REFUSED;
    l.view = view_of_queue(state, ask->reader, (uint32_t)queue);
    if (l.view.sight == CORE_SIGHT_NONE) return HUB_ERR_REFUSED;
    const core_audience *audience = &l.policy->audiences[l.policy->queues[queue].audience];
    int32_t today = core_calendar_day(&l.policy->calendars[0], ask->at_ms, NULL);
    bool cleared = is_cleared(&l, ask->staff, (uint32_t)queue, today);
    out->sequence = state->numbers.sequence;
    out->items = take(&l, CORE_DAILY_ITEMS_MAX * sizeof *out->items);
    for (uint64_t at = ask->after + 1; at <= state->alerts.count && !l.failed; at++) {
        const core_alert_row *row = core_alerts_at(state, (uint32_t)at);
        if (!is_listed(state, (uint32_t)at, l.policy->queues[queue].number, ask->day == 0 ? today : ask->day)) continue;
        if (is_hidden(state, (uint32_t)at, ask->staff, cleared)) continue;
        bool may_know = core_audience_is_cleared(audience, (Mash__V1__Sensitivity)row->sensitivity);
        if (l.view.sight != CORE_SIGHT_CONTROL && !may_know) continue;
        if (out->n_items == CORE_DAILY_ITEMS_MAX) {
            out->more = true;
            break;
        }
        out->items[out->n_items] = item_of(&l, (uint32_t)at);
        if (out->items[out->n_items] != NULL) out->n_items++;
    }
    put_signatures(&l, l.policy->queues[queue].number, out);
    return l.failed ? HUB_ERR_MEMORY : HUB_OK;
}
