/* Who may do what, on what. The acts themselves are in act_*.c. */
#include "core/acts.h"

#include <stdarg.h>
#include <string.h>

enum {
    CHANGES_MAX = 32,
    ALERT = CORE_ITEM_ALERT,
    DISAGREEMENT = CORE_ITEM_DISAGREEMENT,
    REQUEST = CORE_ITEM_REQUEST,
    FEEDBACK = CORE_ITEM_FEEDBACK,
    QUEUE = CORE_ITEM_QUEUE,
    NOTICE = CORE_ITEM_NOTICE
};

enum { VERSIONED = 1, REASONED = 2, ALSO_ENDED = 4 };

typedef struct act_row {
    Mash__V1__ActKind kind;
    Mash__V1__Act__WhatCase what;
    int items;   /* core_item_kind bits it may be done on */
    int partner; /* of those, where a team may that was told of the alert and does not work it: a partner agency (A2) */
    int needs;   /* VERSIONED: names the version it was decided on; REASONED; ALSO_ENDED: on an ended alert too */
    void (*decide)(core_acting *a);
    const char *name; /* as roles in the roster say it */
    const char *done; /* "claimed it" */
} act_row;

#define ROW(capitals, items, partner, needs, function, name, done)                                                               \
    {                                                                                                                            \
        MASH__V1__ACT_KIND__ACT_KIND_##capitals, MASH__V1__ACT__WHAT_##capitals, items, partner, needs, function, name, done     \
    }
static const act_row ACTS[] = {
    ROW(CLAIM, ALERT, 0, VERSIONED, core_act_claim, "claim", "claimed it"),
    ROW(RELEASE, ALERT, 0, VERSIONED | REASONED, core_act_release, "release", "gave it back"),
    ROW(HAND_OVER, ALERT, 0, VERSIONED, core_act_hand_over, "hand-over", "offered it to a colleague"),
    ROW(RATE, ALERT, 0, VERSIONED | REASONED, core_act_rate, "rate", "rated it"),
    ROW(NOTE, ALERT | DISAGREEMENT, ALERT | DISAGREEMENT, ALSO_ENDED, core_act_note, "note", "added a note"),
    ROW(REQUEST_INFORMATION, ALERT, 0, VERSIONED, core_act_request_information, "request-information", "asked an agency"),
    ROW(ANSWER, REQUEST, REQUEST, ALSO_ENDED, core_act_answer, "answer", "answered"),
    ROW(DECIDE, ALERT, 0, VERSIONED, core_act_decide, "decide", "decided a line"),
    ROW(REASSIGN, ALERT, 0, VERSIONED | REASONED, core_act_reassign, "reassign", "sent it to another queue"),
    ROW(HOLD, ALERT, 0, VERSIONED | REASONED, core_act_hold, "hold", "held it"),
    ROW(RESUME, ALERT, 0, VERSIONED | REASONED, core_act_resume, "resume", "ended the hold"),
    ROW(RESTATE, ALERT | DISAGREEMENT, DISAGREEMENT, VERSIONED | REASONED, core_act_restate, "restate", "moved a clock"),
    ROW(SEEN, ALERT | FEEDBACK | NOTICE, FEEDBACK, ALSO_ENDED, core_act_seen, "seen", "has seen it"),
    ROW(SIGN, QUEUE, 0, 0, core_act_sign, "sign", "signed the daily list"),
    ROW(WITHHOLD, ALERT, 0, REASONED | ALSO_ENDED, core_act_withhold, "withhold", "did not share it with an agency"),
    ROW(DECLARE_PARTY, ALERT, ALERT, VERSIONED | REASONED | ALSO_ENDED, core_act_declare_party, "declare-party",
        "declared a party"),
    ROW(CLEAR_PARTY, ALERT, ALERT, VERSIONED | REASONED | ALSO_ENDED, core_act_clear_party, "clear-party",
        "said that somebody is no party"),
    ROW(CONFIRM_LINK, ALERT, 0, VERSIONED | REASONED | ALSO_ENDED, core_act_confirm_link, "confirm-link",
        "confirmed a possible link"),
    ROW(SPLIT_LINK, ALERT, 0, VERSIONED | REASONED | ALSO_ENDED, core_act_split_link, "split-link", "split a wrong link"),
    ROW(SHARE, ALERT, 0, REASONED | ALSO_ENDED, core_act_share, "share", "lifted a record of not sharing"),
    ROW(WAIT, ALERT, 0, VERSIONED | REASONED, core_act_wait, "wait", "said why it may wait"),
    ROW(DISPUTE, ALERT, ALERT, VERSIONED | ALSO_ENDED, core_act_dispute, "dispute", "disagreed with it"),
    ROW(RESPOND, DISAGREEMENT, DISAGREEMENT, VERSIONED | ALSO_ENDED, core_act_respond, "respond", "stated a position"),
    ROW(REFER, DISAGREEMENT, DISAGREEMENT, VERSIONED | REASONED | ALSO_ENDED, core_act_refer, "refer", "took it up"),
    ROW(SETTLE, DISAGREEMENT, DISAGREEMENT, VERSIONED | ALSO_ENDED, core_act_settle, "settle", "settled"),
    ROW(RECORD_OUTCOME, DISAGREEMENT, DISAGREEMENT, VERSIONED | ALSO_ENDED, core_act_record_outcome, "record-outcome",
        "recorded the outcome"),
};
#undef ROW
enum { ACT_COUNT = sizeof ACTS / sizeof ACTS[0] };

static const act_row *row_of_what(Mash__V1__Act__WhatCase what)
{
    for (size_t i = 0; i < ACT_COUNT; i++) {
        if (ACTS[i].what == what) return &ACTS[i];
    }
    return NULL;
}

static const act_row *row_of_kind(Mash__V1__ActKind kind)
{
    for (size_t i = 0; i < ACT_COUNT; i++) {
        if (ACTS[i].kind == kind) return &ACTS[i];
    }
    return NULL;
}

const char *core_act_name(Mash__V1__ActKind kind)
{
    const act_row *row = row_of_kind(kind);
    return row == NULL ? NULL : row->name;
}

const char *core_act_words(Mash__V1__ActKind kind)
{
    const act_row *row = row_of_kind(kind);
    return row == NULL ? "did something this version does not know" : row->done;
}

static const char HOLD_ASKED[] = "asked a second person to agree to a hold";

const char *core_acted_words(const Mash__V1__Acted *fact)
{
    return fact->asked ? HOLD_ASKED : core_act_words(fact->act);
}

bool core_act_is_versioned(Mash__V1__Act__WhatCase what)
{
    const act_row *row = row_of_what(what);
    return row != NULL && (row->needs & VERSIONED) != 0;
}

/* ---- answering ------------------------------------------------------------------------------------------------------------- */
static Mash__V1__ActReply *reply_of(core_acting *a)
{
    core_reply *reply = &a->d->out->reply;
    if (reply->act == NULL) {
        reply->act = hub_arena_take(a->d->arena, sizeof *reply->act);
        if (reply->act == NULL) {
            a->d->failed = true;
            return NULL;
        }
        mash__v1__act_reply__init(reply->act);
        reply->act->text = reply->text;
    }
    return reply->act;
}

static void answer(core_acting *a, Mash__V1__ActCode code, const char *format, va_list arguments)
{
    Mash__V1__ActReply *reply = reply_of(a);
    if (reply == NULL) return;
    reply->code = code;
    (void)hub_format_list(a->d->out->reply.text, sizeof a->d->out->reply.text, format, arguments);
}

__attribute__((format(printf, 3, 4))) static void refuse_with(core_acting *a, Mash__V1__ActCode code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    answer(a, code, format, arguments);
    va_end(arguments);
    a->refused = true;
}

void core_act_refuse(core_acting *a, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    answer(a, MASH__V1__ACT_CODE__ACT_REFUSED, format, arguments);
    va_end(arguments);
    a->refused = true;
}

void core_act_forbid(core_acting *a, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    answer(a, MASH__V1__ACT_CODE__ACT_NOT_ALLOWED, format, arguments);
    va_end(arguments);
    a->refused = true;
}

void core_act_number(core_acting *a, uint64_t number)
{
    Mash__V1__ActReply *reply = reply_of(a);
    if (reply != NULL) reply->number = number;
}

/* ---- who: key -> team -> person -> role (A1) -------------------------------------------------------------------------------- */
uint32_t core_staff_for(const core_state *state, uint32_t peer_number, const char *id, int64_t at_ms)
{
    const core_policy *policy = core_policy_now(state);
    const core_peer *peer = core_peer_numbered(state, peer_number);
    if (policy == NULL || peer == NULL) return 0;
    int32_t day = core_calendar_day(&policy->calendars[0], at_ms, NULL);
    for (uint32_t i = 0; i < policy->staff_count; i++) {
        const core_staff_row *row = &policy->staff[i];
        bool is_there = strcmp(row->id, id) == 0 && core_effective_on(&row->effective, day);
        if (is_there && core_peer_acts_for(peer, policy->teams[row->team].number)) return row->number;
    }
    return 0;
}

core_part core_team_part(const core_state *state, uint32_t alert, const core_team *team)
{
    const core_policy *policy = core_policy_now(state);
    core_part part = CORE_PART_NONE;
    for (uint32_t i = 0; i < team->queue_count; i++) {
        const core_queue_row *queue = &policy->queues[team->queues[i]];
        if (!core_alert_told(state, alert, queue->number)) continue;
        if (!queue->is_agency) return CORE_PART_WORKS;
        part = CORE_PART_PARTNER;
    }
    return part;
}

static bool is_cleared(const core_state *state, uint32_t alert, const core_staff_row *row)
{
    return core_alerts_at(state, alert)->sensitivity < MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED ||
           core_policy_now(state)->roles[row->role].restricted;
}

core_part core_staff_part(const core_state *state, uint32_t alert, const core_staff_row *row, int32_t today)
{
    if (!core_effective_on(&row->effective, today) || !is_cleared(state, alert, row)) return CORE_PART_NONE;
    if (core_alert_party(state, alert, row->number)) return CORE_PART_NONE;
    return core_team_part(state, alert, &core_policy_now(state)->teams[row->team]);
}

static bool was_given_notice(const core_acting *a, const core_team *team)
{
    for (uint32_t i = 0; i < team->queue_count; i++) {
        if (core_notice_given(a->d->state, a->item, team->queues[i]) != NULL) return true;
    }
    return false;
}

/* Who speaks for a side may have been told of nothing else: they have a voice in the disagreement. */
static core_part part_of(const core_acting *a, const core_team *team)
{
    core_part part = core_team_part(a->d->state, a->alert, team);
    for (uint32_t i = 0; i < team->queue_count && a->disagreement != 0 && part == CORE_PART_NONE; i++) {
        uint32_t queue = a->policy->queues[team->queues[i]].number;
        if (core_disagreement_told(a->d->state, a->disagreement, queue)) part = CORE_PART_PARTNER;
    }
    return part;
}

bool core_act_row_may(const core_acting *a, const core_staff_row *row)
{
    const core_peer *peer = core_peer_numbered(a->d->state, a->d->command->peer);
    const core_team *team = &a->policy->teams[row->team];
    const core_role *role = &a->policy->roles[row->role];
    if (!core_peer_acts_for(peer, team->number) || (role->may >> a->kind & 1) == 0) return false;
    if (a->item_kind == CORE_ITEM_NOTICE) return a->item != 0 && was_given_notice(a, team);
    if (a->item_kind == CORE_ITEM_QUEUE) return core_team_has(team, a->queue);
    if (a->alert == 0) return false; /* there is no such item */
    if (!is_cleared(a->d->state, a->alert, row)) return false;
    core_part part = part_of(a, team); /* A2 */
    if (part == CORE_PART_PARTNER) return (row_of_kind(a->kind)->partner & (int)a->item_kind) != 0;
    return part == CORE_PART_WORKS;
}

/* Of the rows that may, one in a team that works the alert is taken before one in a partner's. */
static const core_staff_row *row_to_act_in(core_acting *a, core_part *part)
{
    const core_staff_row *best = NULL;
    *part = CORE_PART_NONE;
    for (uint32_t i = 0; i < a->policy->staff_count; i++) {
        const core_staff_row *row = &a->policy->staff[i];
        if (strcmp(row->id, a->act->on_behalf_of) != 0 || !core_effective_on(&row->effective, a->today)) continue;
        core_part here = a->alert == 0 ? CORE_PART_NONE : part_of(a, &a->policy->teams[row->team]);
        bool may = core_act_row_may(a, row);
        if (may && (best == NULL || (here == CORE_PART_WORKS && *part != CORE_PART_WORKS))) best = row;
        if (here > *part) *part = here;
        a->staff = row;
    }
    return best;
}

void core_act_as(core_acting *a, const core_staff_row *row)
{
    a->staff = row;
    a->team = &a->policy->teams[row->team];
    a->role = &a->policy->roles[row->role];
}

static void find_person(core_acting *a)
{
    core_part part;
    const core_staff_row *row = row_to_act_in(a, &part);
    bool is_party = row != NULL && a->alert != 0 && core_alert_party(a->d->state, a->alert, row->number);
    if (a->staff == NULL) {
        refuse_with(a, MASH__V1__ACT_CODE__ACT_NOT_ALLOWED, "on_behalf_of: nobody of this id is on the roster today");
    } else if (row == NULL || is_party) { /* a party hears what somebody hears who has no part in it */
        bool is_partner = part == CORE_PART_PARTNER && !core_alert_party(a->d->state, a->alert, a->staff->number);
        refuse_with(a, MASH__V1__ACT_CODE__ACT_NOT_ALLOWED,
                    "%s: this key, or none of this person's teams and roles, may do that on %s%s", core_act_name(a->kind),
                    a->item_kind == CORE_ITEM_QUEUE ? "this" : "this item",
                    is_partner ? "; who was told at an agency does not work it: they answer, note, see feedback, disagree" : "");
    } else {
        core_act_as(a, row);
    }
}

/* ---- which version (A3) ----------------------------------------------------------------------------------------------------- */
static uint32_t version_now(const core_acting *a)
{
    if (a->disagreement != 0) return core_disagreements_at(a->d->state, a->disagreement)->version;
    return a->alert != 0 ? core_alerts_at(a->d->state, a->alert)->version : 0;
}

bool core_act_hears_who(const core_acting *a)
{
    for (uint32_t i = 0; i < a->team->queue_count; i++) {
        const core_queue_row *queue = &a->policy->queues[a->team->queues[i]];
        bool is_told = core_alert_told(a->d->state, a->alert, queue->number) ||
                       (a->disagreement != 0 && core_disagreement_told(a->d->state, a->disagreement, queue->number));
        if (is_told && a->policy->audiences[queue->audience].acts_who) return true;
    }
    return false;
}

static char *who_words(core_acting *a, const core_act_row *act)
{
    char words[3 * CORE_NAME_MAX];
    const core_staff_row *row = core_policy_staff_numbered(a->policy, act->staff, a->today);
    if (act->staff == 0) {
        (void)hub_format(words, sizeof words, "the hub");
    } else if (!core_act_hears_who(a)) {
        (void)hub_format(words, sizeof words, "somebody of %s", core_team_name(a->d->state, act->team));
    } else if (row == NULL) {
        (void)hub_format(words, sizeof words, "staff number %u, not on the roster today", act->staff);
    } else {
        (void)hub_format(words, sizeof words, "%s (%s, %s)", row->id, a->policy->roles[row->role].name,
                         a->policy->teams[row->team].name);
    }
    return core_decide_text(a->d, words);
}

/* The newest rating is the one that stands, unless an event has made it graver since. */
static const char *rating_words(const core_acting *a, bool is_newest)
{
    static const char *const WORDS[] = {
        [MASH__V1__RATING__RATING_BLUE] = "rated it blue",
        [MASH__V1__RATING__RATING_GREEN] = "rated it green",
        [MASH__V1__RATING__RATING_AMBER] = "rated it amber",
        [MASH__V1__RATING__RATING_RED] = "rated it red",
    };
    const core_alert_row *alert = core_alerts_at(a->d->state, a->alert);
    bool stands = is_newest && alert->graver == 0 && alert->rating < sizeof WORDS / sizeof WORDS[0];
    return stands && WORDS[alert->rating] != NULL ? WORDS[alert->rating] : core_act_words(MASH__V1__ACT_KIND__ACT_KIND_RATE);
}

static const char *change_words(uint32_t act)
{
    if (act == CORE_EVENT_JOINED) return "an event joined";
    if (act == CORE_HOLD_ASKED) return HOLD_ASKED;
    if (act == CORE_LINK_CORRECTED) return "who its people are was corrected";
    if (act == CORE_EVENT_WITHDRAWN) return "one of its events was corrected or withdrawn";
    return core_act_words((Mash__V1__ActKind)act);
}

static void say_changes(core_acting *a, Mash__V1__ActReply *reply)
{
    const core_state *state = a->d->state;
    reply->changed = hub_arena_take(a->d->arena, CHANGES_MAX * sizeof *reply->changed);
    bool has_rating = false;
    if (reply->changed == NULL) return;
    uint32_t at =
        a->disagreement != 0 ? core_disagreements_at(state, a->disagreement)->acts : core_alerts_at(state, a->alert)->acts;
    for (; at != 0 && reply->n_changed < CHANGES_MAX; at = core_acts_at(state, at)->next) {
        const core_act_row *row = core_acts_at(state, at);
        if (row->version == 0) continue; /* seen, note: nothing an act rests on */
        if (row->version <= a->act->version) break;
        Mash__V1__ChangeMade *change = hub_arena_take(a->d->arena, sizeof *change);
        if (change == NULL) return;
        mash__v1__change_made__init(change);
        change->time_ms = row->at_ms;
        change->who = who_words(a, row);
        bool is_rating = row->act == MASH__V1__ACT_KIND__ACT_KIND_RATE;
        change->what = (char *)(uintptr_t)(is_rating ? rating_words(a, !has_rating) : change_words(row->act));
        has_rating = has_rating || is_rating;
        change->version = row->version;
        change->sequence = row->sequence;
        memmove(reply->changed + 1, reply->changed, reply->n_changed * sizeof *reply->changed); /* oldest first */
        reply->changed[0] = change;
        reply->n_changed++;
    }
}

/* Seen may name the version, so that a late one does not pass for having seen what came meanwhile; a new alert is at version 0. */
static bool names_what_was_seen(const core_acting *a)
{
    if (a->act->what_case != MASH__V1__ACT__WHAT_SEEN || a->item_kind != CORE_ITEM_ALERT) return false;
    return a->act->version > 0 || a->act->seen->this_version;
}

static void check_version(core_acting *a)
{
    uint32_t now = version_now(a);
    Mash__V1__ActReply *reply = reply_of(a);
    if (reply == NULL) return;
    reply->version = now;
    if (a->act->version == now) return;
    if (a->act->version > now) {
        core_act_refuse(a, "version: %s is at version %u; %u has not been yet", a->act->item, now, a->act->version);
        return;
    }
    refuse_with(a, MASH__V1__ACT_CODE__ACT_STALE,
                "%s was changed meanwhile (version %u, you saw %u): look again, then decide anew", a->act->item, now,
                a->act->version);
    bool is_for_all = a->disagreement != 0 || core_team_part(a->d->state, a->alert, a->team) == CORE_PART_WORKS;
    if (is_for_all) say_changes(a, reply); /* what the team did on the alert is not for a partner */
}

/* ---- deciding -------------------------------------------------------------------------------------------------------------- */
static bool is_said(const char *text, size_t bytes_max)
{
    return text[0] != '\0' && strlen(text) <= bytes_max;
}

static void check_words(core_acting *a, const act_row *row)
{
    enum { REASON_BYTES_MAX = 4000 };
    if ((row->needs & REASONED) != 0 && a->act->reason[0] == '\0') {
        core_act_refuse(a, "reason: say why; %s needs a reason", row->name);
    } else if (a->act->reason[0] != '\0' && !is_said(a->act->reason, REASON_BYTES_MAX)) {
        core_act_refuse(a, "reason: at most %d bytes", REASON_BYTES_MAX);
    }
}

static void remember_answer(core_acting *a)
{
    const Mash__V1__ActReply *reply = a->d->out->reply.act;
    Mash__V1__CommandAnswered *fact = core_decide_add(a->d, FACT_COMMAND_ANSWERED);
    if (fact == NULL || reply == NULL) return;
    fact->command_id = core_decide_bytes(a->d, a->d->command->command_id.bytes, HUB_ID_BYTES);
    fact->code = (uint32_t)reply->code;
    fact->number = reply->number;
    fact->version = reply->version;
}

static void seal_words(core_acting *a)
{
    Mash__V1__Personal *personal = hub_arena_take_raw(a->d->arena, sizeof *personal);
    if (personal == NULL) {
        a->d->failed = true;
        return;
    }
    mash__v1__personal__init(personal);
    hub_bytes bytes = a->d->command->of.act.bytes;
    personal->act =
        (ProtobufCBinaryData){.len = bytes.size, .data = (uint8_t *)(uintptr_t)bytes.data}; /* BORROWED, only packed */
    a->d->out->personal = personal;
}

void core_act_head(core_acting *a)
{
    Mash__V1__Acted *fact = core_decide_add(a->d, FACT_ACTED);
    Mash__V1__ActReply *reply = reply_of(a);
    if (fact == NULL || reply == NULL) return;
    for (size_t i = 0; i < ACT_COUNT; i++) {
        if (ACTS[i].kind == a->kind && (ACTS[i].needs & VERSIONED) != 0) a->version = version_now(a) + 1;
    }
    fact->act = a->kind;
    fact->staff = a->staff->number;
    fact->team = a->team->number;
    fact->alert = a->alert;
    fact->disagreement = a->disagreement;
    fact->version = a->version;
    fact->item = a->item_kind == CORE_ITEM_NOTICE ? 0 : a->item; /* NoticeSeen says which */
    /* acts that change the owner, rating or hold, or may end the alert, look after the claim themselves */
    static const uint32_t ITS_OWN =
        UINT32_C(1) << MASH__V1__ACT_KIND__ACT_KIND_CLAIM | UINT32_C(1) << MASH__V1__ACT_KIND__ACT_KIND_RELEASE |
        UINT32_C(1) << MASH__V1__ACT_KIND__ACT_KIND_REASSIGN | UINT32_C(1) << MASH__V1__ACT_KIND__ACT_KIND_DECLARE_PARTY |
        UINT32_C(1) << MASH__V1__ACT_KIND__ACT_KIND_DECIDE | UINT32_C(1) << MASH__V1__ACT_KIND__ACT_KIND_RATE |
        UINT32_C(1) << MASH__V1__ACT_KIND__ACT_KIND_HOLD | UINT32_C(1) << MASH__V1__ACT_KIND__ACT_KIND_RESUME;
    if (a->alert != 0 && (ITS_OWN >> a->kind & 1) == 0)
        core_claim_renew(a, (Mash__V1__Rating)core_alerts_at(a->d->state, a->alert)->rating);
    reply->code = MASH__V1__ACT_CODE__ACT_DONE;
    reply->version = a->version != 0 ? a->version : version_now(a);
    (void)hub_format(a->d->out->reply.text, sizeof a->d->out->reply.text, "done");
}

static void record_refusal(core_acting *a)
{
    a->d->count = 0; /* what was added before the refusal was thought of is not said */
    Mash__V1__ActRefused *fact = core_decide_add(a->d, FACT_ACT_REFUSED);
    if (fact == NULL) return;
    fact->act = a->kind;
    fact->staff = a->staff == NULL ? 0 : a->staff->number;
    fact->alert = a->team == NULL ? 0 : a->alert; /* who may not see it does not put a mark on it */
    fact->code = (uint32_t)a->d->out->reply.act->code;
}

/* Somebody with two tasks does it in the one in which it can be done; when in none, they hear what the first of them was answered. */
static void decide_in_some_row(core_acting *a, const act_row *row)
{
    core_decider *d = a->d;
    const core_acting as_found = *a;
    const size_t count = d->count;
    row->decide(a);
    core_reply first = d->out->reply;
    for (uint32_t i = 0; i < a->policy->staff_count && a->refused && !d->failed; i++) {
        const core_staff_row *other = &a->policy->staff[i];
        bool is_theirs = other->number == as_found.staff->number && core_effective_on(&other->effective, a->today);
        if (!is_theirs || other == as_found.staff || !core_act_row_may(&as_found, other)) continue;
        core_acting again = as_found;
        core_act_as(&again, other);
        d->count = count;
        d->out->reply = (core_reply){0};
        row->decide(&again);
        if (!again.refused) *a = again;
    }
    if (a->refused) d->out->reply = first;
}

void core_decide_act(core_decider *d)
{
    const Mash__V1__Act *act = d->command->of.act.act;
    core_acting a = {.d = d, .policy = core_policy_now(d->state), .act = act};
    const act_row *row = row_of_what(act->what_case);
    if (a.policy == NULL || row == NULL) {
        core_act_refuse(&a, a.policy == NULL ? "the hub has no policy yet"
                                             : "what: this version of the hub does not know such an act");
        return; /* nothing to record it against */
    }
    a.kind = row->kind;
    a.today = core_calendar_day(&a.policy->calendars[0], d->command->at_ms, NULL);
    core_act_find_item(&a, row->items);
    if (!a.refused) find_person(&a);
    bool is_ended = a.alert != 0 && core_alerts_at(d->state, a.alert)->ended;
    if (!a.refused && is_ended && (row->needs & ALSO_ENDED) == 0) core_act_refuse(&a, "%s has been ended", act->item);
    if (!a.refused && ((row->needs & VERSIONED) != 0 || names_what_was_seen(&a))) check_version(&a);
    if (!a.refused) check_words(&a, row);
    if (!a.refused) decide_in_some_row(&a, row);
    if (d->failed) return;
    if (a.refused) record_refusal(&a);
    remember_answer(&a); /* A4 */
    seal_words(&a);
}

void core_act_repeated(core_decider *d, const core_command_row *row)
{
    core_acting a = {.d = d};
    Mash__V1__ActReply *reply = reply_of(&a);
    if (reply == NULL) return;
    reply->code = (Mash__V1__ActCode)row->code;
    reply->number = row->number;
    reply->version = row->version;
    (void)hub_format(d->out->reply.text, sizeof d->out->reply.text, "%s",
                     reply->code == MASH__V1__ACT_CODE__ACT_DONE ? "done before" : "refused before");
}

/* ---- for the acts' own files ------------------------------------------------------------------------------------------------ */
const core_staff_row *core_act_colleague(core_acting *a, const char *field, const char *id, Mash__V1__ActKind what)
{
    bool is_on_roster = false, works = false;
    for (uint32_t i = 0; i < a->policy->staff_count; i++) {
        const core_staff_row *row = &a->policy->staff[i];
        if (strcmp(row->id, id) != 0 || !core_effective_on(&row->effective, a->today)) continue;
        is_on_roster = true;
        if (core_staff_part(a->d->state, a->alert, row, a->today) != CORE_PART_WORKS) continue;
        works = true;
        if ((a->policy->roles[row->role].may >> what & 1) != 0) return row;
    }
    core_act_refuse(a, "%s: %s%s", field,
                    works          ? "this person's role may not "
                    : is_on_roster ? "this person's team does not work it"
                                   : "nobody of this id is on the roster today",
                    works ? core_act_name(what) : "");
    return NULL;
}

void core_act_tell(core_acting *a, Mash__V1__DeliveryKind kind, uint64_t item)
{
    core_act_tell_of(a, a->alert, kind, item);
}

void core_act_tell_of(core_acting *a, uint32_t number, Mash__V1__DeliveryKind kind, uint64_t item)
{
    const core_alert_row *alert = core_alerts_at(a->d->state, number);
    for (uint32_t at = alert->told; at != 0; at = core_told_at(a->d->state, at)->next) {
        int32_t queue = core_policy_queue(a->policy, core_told_at(a->d->state, at)->queue);
        if (queue < 0 || a->policy->queues[queue].is_agency) continue; /* an agency hears what it is asked, and what came of it */
        core_tell(a->d, a->policy, (uint32_t)queue, (Mash__V1__Sensitivity)alert->sensitivity,
                  (core_telling){.kind = kind, .alert = number, .item = item});
    }
}
