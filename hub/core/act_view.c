#include "core/act_view.h"

#include <string.h>

#include "core/acts.h"
#include "core/clock_view.h"
#include "core/disagreement.h"
#include "core/sharing.h"
#include "event/wire.h"

static char *text(const core_act_viewing *v, const char *from, bool *failed)
{
    return event_wire_text(v->arena, from, failed);
}

static char *item_words(const core_act_viewing *v, char letter, uint64_t number, bool *failed)
{
    char words[32];
    (void)hub_format(words, sizeof words, "%c%llu", letter, (unsigned long long)number);
    return text(v, words, failed);
}

char *core_staff_words(const core_act_viewing *v, uint32_t staff)
{
    const core_staff_row *row = v->policy == NULL ? NULL : core_policy_staff_ever(v->policy, staff);
    if (row != NULL) return (char *)(uintptr_t)row->id;
    char words[32];
    (void)hub_format(words, sizeof words, "staff %u", staff);
    bool failed = false;
    return text(v, words, &failed);
}

/* ---- the act --------------------------------------------------------------------------------------------------------------- */
core_act_said core_act_own_words(const Mash__V1__Act *act)
{
    switch (act->what_case) {
    case MASH__V1__ACT__WHAT_NOTE:
        return (core_act_said){"Note", act->note->text};
    case MASH__V1__ACT__WHAT_REQUEST_INFORMATION:
        return (core_act_said){"Question", act->request_information->question};
    case MASH__V1__ACT__WHAT_ANSWER:
        return (core_act_said){"Answer", act->answer->text};
    case MASH__V1__ACT__WHAT_DECIDE:
        return (core_act_said){"Why", act->decide->rationale};
    case MASH__V1__ACT__WHAT_DISPUTE:
        return (core_act_said){"Position", act->dispute->position};
    case MASH__V1__ACT__WHAT_RESPOND:
        return (core_act_said){"Position", act->respond->position};
    case MASH__V1__ACT__WHAT_SETTLE:
        return (core_act_said){"Agreement", act->settle->agreement};
    case MASH__V1__ACT__WHAT_RECORD_OUTCOME:
        return (core_act_said){"Outcome", act->record_outcome->outcome};
    default:
        return (core_act_said){"", ""};
    }
}

/* What they wrote: the act's own text where it has one, else the reason. */
static const char *words_of(const Mash__V1__Act *act)
{
    const char *own = core_act_own_words(act).words;
    return own[0] != '\0' ? own : act->reason;
}

/* The act word for word; NULL when the record is none, or its sealed part was erased. */
static const Mash__V1__Act *act_in(const core_act_viewing *v, const core_record *record, bool *failed)
{
    if (record == NULL || record->personal == NULL || record->personal->act.len == 0) return NULL;
    ProtobufCAllocator allocator = event_wire_allocator(v->arena);
    const Mash__V1__Act *act =
        mash__v1__act__unpack(&allocator, record->personal->act.len, record->personal->act.data); /* checked when it came */
    if (act == NULL) *failed = true;
    return act;
}

/* The act on the alert that the delivery is about: what lapses in one tick may make the hub act on several. */
static const Mash__V1__Acted *acted_of(const core_act_viewing *v)
{
    for (size_t i = 0; i < v->record->control->n_facts; i++) {
        const Mash__V1__Fact *fact = v->record->control->facts[i];
        if (fact->kind == FACT_ACTED && fact->acted->alert == v->delivery->alert) return fact->acted;
    }
    return NULL;
}

/* Does this person work the queue that the delivery is for? */
static bool is_of_queue(const core_act_viewing *v, uint32_t staff)
{
    int32_t queue = core_policy_queue(v->policy, v->delivery->queue);
    for (uint32_t i = 0; queue >= 0 && i < v->policy->staff_count; i++) {
        const core_staff_row *row = &v->policy->staff[i];
        if (row->number == staff && core_team_has(&v->policy->teams[row->team], (uint32_t)queue)) return true;
    }
    return false;
}

/* Who stands in for a party: told by name where they work, as well as where the list has names. */
static void fill_meant_for(const core_act_viewing *v, Mash__V1__ActView *view)
{
    for (size_t i = 0; i < v->record->control->n_facts; i++) {
        const Mash__V1__Fact *fact = v->record->control->facts[i];
        uint32_t alternate = fact->kind == FACT_PARTY_DECLARED ? fact->party_declared->alternate : 0;
        if (alternate == 0) continue;
        if ((v->audience != NULL && v->audience->acts_who) || is_of_queue(v, alternate))
            view->meant_for = core_staff_words(v, alternate);
    }
}

/* Whom the decision is about, where the alert's line for them is told. */
static uint64_t person_of(const core_act_viewing *v)
{
    for (size_t i = 0; i < v->record->control->n_facts; i++) {
        const Mash__V1__Fact *fact = v->record->control->facts[i];
        if (fact->kind != FACT_LINE_DECIDED || fact->line_decided->alert != v->delivery->alert) continue;
        uint32_t person = core_person_root(v->state, (uint32_t)fact->line_decided->person);
        bool is_told = v->audience != NULL &&
                       core_audience_has_person(v->audience, core_persons_at(v->state, person)->roles, EVENT_FIELD_SUBJECTS);
        return is_told ? person : 0;
    }
    return 0;
}

/* "rated it amber", "asked health", "decided: an enquiry is begun": to whom the words of acts are told. NULL: the act's own line says it all. */
static char *plain_of(const core_act_viewing *v, const Mash__V1__Act *act, bool *failed)
{
    static const char *const RATINGS[] = {
        [MASH__V1__RATING__RATING_BLUE] = "blue",
        [MASH__V1__RATING__RATING_GREEN] = "green",
        [MASH__V1__RATING__RATING_AMBER] = "amber",
        [MASH__V1__RATING__RATING_RED] = "red",
    };
    char words[200];
    if (act == NULL) return NULL;
    if (act->what_case == MASH__V1__ACT__WHAT_RATE && (size_t)act->rate->rating < sizeof RATINGS / sizeof RATINGS[0] &&
        RATINGS[act->rate->rating] != NULL) {
        (void)hub_format(words, sizeof words, "rated it %s", RATINGS[act->rate->rating]);
        return text(v, words, failed);
    }
    if (act->what_case == MASH__V1__ACT__WHAT_REQUEST_INFORMATION) {
        (void)hub_format(words, sizeof words, "asked %s", act->request_information->agency);
        return text(v, words, failed);
    }
    for (uint32_t i = 0; act->what_case == MASH__V1__ACT__WHAT_DECIDE && person_of(v) != 0 && i < v->policy->outcome_count; i++) {
        if (strcmp(v->policy->outcomes[i].id, act->decide->outcome) != 0) continue;
        (void)hub_format(words, sizeof words, "decided: %s", v->policy->outcomes[i].plain);
        return text(v, words, failed);
    }
    return NULL;
}

/* The colleague whom it names, by their id in the roster. */
static const char *colleague_of(const Mash__V1__Act *act)
{
    if (act->what_case == MASH__V1__ACT__WHAT_HAND_OVER) return act->hand_over->to;
    return act->what_case == MASH__V1__ACT__WHAT_HOLD ? act->hold->second : "";
}

/* An act as it is told of. */
typedef struct told_act {
    Mash__V1__ActKind kind;
    const char *plain;
    uint32_t staff, team, version;
    char letter; /* of the item */
    uint64_t item;
    int64_t at_ms; /* 0 = now */
    const Mash__V1__Act *said;
} told_act;

static bool fill(const core_act_viewing *v, const told_act *told, Mash__V1__Delivery *out, bool *withheld)
{
    bool failed = false;
    Mash__V1__ActView *view = hub_arena_take(v->arena, sizeof *view);
    if (view == NULL) return false;
    mash__v1__act_view__init(view);
    view->act = told->kind;
    view->team = (char *)(uintptr_t)(told->staff == 0 ? "the hub" : core_team_name(v->state, told->team));
    if (told->staff != 0 && v->audience != NULL && v->audience->acts_who) view->who = core_staff_words(v, told->staff);
    view->plain = (char *)(uintptr_t)told->plain;
    view->version = told->version;
    view->item = item_words(v, told->letter, told->item, &failed);
    view->at_ms = told->at_ms;
    const char *words = told->said == NULL ? "" : words_of(told->said);
    bool is_side = v->delivery->told_as == MASH__V1__TOLD_AS__TOLD_AS_SIDE;
    bool tells_words = is_side || (v->audience != NULL && v->audience->acts_words);
    char *plain = tells_words ? plain_of(v, told->said, &failed) : NULL;
    if (plain != NULL) view->plain = plain;
    if (words[0] != '\0' && tells_words) {
        view->words = text(v, words, &failed);
    } else {
        *withheld = words[0] != '\0';
    }
    out->act = view;
    return !failed;
}

/* What the hub gives back it tells as an act only when its owner has left: a claim that ran out is told by its clock (core/lapse.c). */
static const char *acted_words(const core_act_viewing *v, const Mash__V1__Acted *fact)
{
    bool is_of_leaver = fact->staff == 0 && fact->act == MASH__V1__ACT_KIND__ACT_KIND_RELEASE &&
                        v->delivery->kind == MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT;
    return is_of_leaver ? "gave it back, because its owner has left the roster or the team" : core_acted_words(fact);
}

static bool fill_act(const core_act_viewing *v, const Mash__V1__Act *act, Mash__V1__Delivery *out, bool *withheld)
{
    const Mash__V1__Acted *fact = acted_of(v);
    if (fact == NULL) return true;
    bool is_disagreement = fact->disagreement != 0;
    told_act told = {.kind = fact->act,
                     .plain = acted_words(v, fact),
                     .staff = fact->staff,
                     .team = fact->team,
                     .version = fact->version,
                     .letter = is_disagreement ? 'D' : 'A',
                     .item = is_disagreement ? fact->disagreement : fact->alert,
                     .said = act};
    if (!fill(v, &told, out, withheld)) return false;
    fill_meant_for(v, out->act);
    out->act->person = person_of(v);
    if (act != NULL && v->audience != NULL && v->audience->acts_who)
        out->act->to = (char *)(uintptr_t)colleague_of(act); /* in the arena, as the act is */
    return true;
}

/* A position of before, for a queue that joins a side later. */
static bool fill_earlier_act(const core_act_viewing *v, Mash__V1__Delivery *out, bool *withheld)
{
    uint32_t at = core_disagreements_at(v->state, (uint32_t)v->delivery->item)->acts;
    while (at != 0 && core_acts_at(v->state, at)->sequence != v->delivery->act_sequence)
        at = core_acts_at(v->state, at)->next;
    if (at == 0) return true;
    bool failed = false;
    const core_act_row *row = core_acts_at(v->state, at);
    told_act told = {.kind = (Mash__V1__ActKind)row->act,
                     .plain = core_act_words((Mash__V1__ActKind)row->act),
                     .staff = row->staff,
                     .team = row->team,
                     .version = row->version,
                     .letter = 'D',
                     .item = v->delivery->item,
                     .at_ms = row->at_ms,
                     .said = act_in(v, v->earlier, &failed)};
    return !failed && fill(v, &told, out, withheld);
}

/* ---- a step of a ladder ---------------------------------------------------------------------------------------------------- */
core_met_said core_met_words(core_met_by met)
{
    static const core_met_said WORDS[] = {
        [CORE_MET_SEEN] = {"seen", "seen it"},          [CORE_MET_CLAIMED] = {"claimed", "claimed it"},
        [CORE_MET_RATED] = {"rated", "rated it"},       [CORE_MET_INFORMED] = {"informed", "been given every answer"},
        [CORE_MET_DECIDED] = {"decided", "decided it"}, [CORE_MET_OTHER] = {"answered", "answered"},
    };
    HUB_ASSERT((size_t)met < sizeof WORDS / sizeof WORDS[0] && WORDS[met].waited_for != NULL);
    return WORDS[met];
}

static bool fill_escalation(const core_act_viewing *v, Mash__V1__Delivery *out)
{
    for (size_t i = 0; i < v->record->control->n_facts; i++) {
        const Mash__V1__Fact *fact = v->record->control->facts[i];
        if (fact->kind != FACT_ESCALATED || fact->escalated->alert != v->delivery->alert ||
            fact->escalated->step != v->delivery->item)
            continue;
        const Mash__V1__Escalated *said = fact->escalated;
        const core_policy *policy = core_policy_numbered(v->state, said->policy);
        if (policy == NULL || said->ladder >= policy->ladder_count) continue;
        const core_ladder *ladder = &policy->ladders[said->ladder];
        const core_clock_row *clock = &policy->clocks[ladder->steps[said->step - 1].clock];
        Mash__V1__EscalationView *view = hub_arena_take(v->arena, sizeof *view);
        if (view == NULL) return false;
        mash__v1__escalation_view__init(view);
        view->ladder = (char *)(uintptr_t)ladder->id;
        view->step = said->step;
        view->waited_for = (char *)(uintptr_t)core_met_words(clock->met_by).waited_for;
        view->plain = (char *)(uintptr_t)clock->plain;
        view->due_ms = said->due_ms;
        view->told = hub_arena_take(v->arena, (said->n_staff + 1) * sizeof *view->told);
        if (view->told == NULL) return false;
        bool is_told_who = v->audience != NULL && v->audience->acts_who;
        for (; is_told_who && view->n_told < said->n_staff; view->n_told++)
            view->told[view->n_told] = core_staff_words(v, said->staff[view->n_told]);
        out->escalation = view;
        return true;
    }
    return true;
}

/* ---- requests and feedback ------------------------------------------------------------------------------------------------- */
/* Of what is asked or disputed, which somebody opens: its arithmetic goes along. */
static bool fill_clock(const core_act_viewing *v, uint32_t clock, Mash__V1__Clock **out)
{
    core_clock_viewing viewing = {.view = v->view, .tells_why = true, .arena = v->arena};
    *out = clock == 0 ? NULL : core_clock_view(&viewing, clock);
    return clock == 0 || *out != NULL;
}

static bool fill_request(const core_act_viewing *v, const Mash__V1__Act *act, Mash__V1__Delivery *out)
{
    uint64_t number = v->delivery->item;
    if (number == 0 || number > v->state->requests.count) return true;
    const core_request_row *row = core_requests_at(v->state, (uint32_t)number);
    bool failed = false;
    Mash__V1__RequestView *view = hub_arena_take(v->arena, sizeof *view);
    if (view == NULL) return false;
    mash__v1__request_view__init(view);
    view->request = item_words(v, 'R', number, &failed);
    uint32_t clock = core_clock_newest(v->state, row->alert, MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_REQUEST, number);
    if (clock != 0) view->due_ms = core_clocks_at(v->state, clock)->due_ms;
    view->answered = row->answer != 0;
    view->asked_queue = (char *)(uintptr_t)core_queue_name(v->state, row->queue);
    if (!view->answered && !fill_clock(v, clock, &view->clock)) return false;
    bool names_rating = view->clock != NULL; /* it is a row of the policy for that, and named like it */
    if (names_rating && !core_view_stands(v->view, row->alert)) view->clock->clock = view->clock->source = (char *)(uintptr_t) "";
    const Mash__V1__Acted *acted = acted_of(v);
    if (acted != NULL && row->sequence == v->record->sequence)
        view->from_team = (char *)(uintptr_t)core_team_name(v->state, acted->team);
    if (act != NULL && act->what_case == MASH__V1__ACT__WHAT_REQUEST_INFORMATION)
        view->question = text(v, act->request_information->question, &failed);
    bool may_read = v->audience != NULL && v->audience->acts_words;
    if (act != NULL && act->what_case == MASH__V1__ACT__WHAT_ANSWER && may_read)
        view->answer = text(v, act->answer->text, &failed);
    out->request = view;
    return !failed;
}

/* The team that asked, and whoever works the alert with it and is told what people write. */
static bool tells_question(const core_act_viewing *v)
{
    bool is_question = v->delivery->kind == MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT && v->delivery->item != 0;
    bool may_read = v->audience != NULL && v->audience->acts_words;
    return is_question && may_read && v->is_cleared && v->delivery->told_as != MASH__V1__TOLD_AS__TOLD_AS_COPY;
}

/* Is it of one of these agencies (bit n = Agency n), and of a class that the list may know of (D2)? */
static bool is_theirs(const core_act_viewing *v, uint32_t event, uint64_t agencies)
{
    const core_event_row *row = core_events_at(v->state, event);
    return (agencies >> (row->agency & 63) & 1) != 0 && v->audience != NULL &&
           core_audience_is_cleared(v->audience, (Mash__V1__Sensitivity)row->sensitivity);
}

/* The event ids of this agency's own events in the alert, in hex: what the feedback is about, in the referrer's own terms. */
static bool fill_about(const core_act_viewing *v, const core_feedback_row *row, Mash__V1__FeedbackView *view)
{
    enum { ABOUT_MAX = 16 };
    int32_t queue = core_policy_queue(v->policy, row->queue);
    uint64_t agencies = 0;
    for (uint32_t i = 0; queue >= 0 && i < v->policy->agency_count; i++) {
        if (v->policy->agencies[i].feedback_queue == queue)
            agencies |= UINT64_C(1) << ((unsigned)v->policy->agencies[i].agency & 63);
    }
    view->about = hub_arena_take(v->arena, ABOUT_MAX * sizeof *view->about);
    if (view->about == NULL) return false;
    bool failed = false;
    for (uint32_t at = core_alerts_at(v->state, row->alert)->first_event; at != 0 && view->n_about < ABOUT_MAX;
         at = core_sequences_at(v->state, at)->next) {
        uint32_t number = core_event_of_sequence(v->state, core_sequences_at(v->state, at)->sequence);
        if (number == 0 || !is_theirs(v, number, agencies)) continue;
        char hex[2 * HUB_ID_BYTES + 1];
        hub_hex(core_events_at(v->state, number)->event_id.bytes, HUB_ID_BYTES, hex);
        view->about[view->n_about++] = text(v, hex, &failed);
    }
    return !failed;
}

static bool fill_feedback(const core_act_viewing *v, const Mash__V1__Act *act, Mash__V1__Delivery *out)
{
    uint64_t number = v->delivery->item;
    if (number == 0 || number > v->state->feedbacks.count) return true;
    const core_feedback_row *row = core_feedbacks_at(v->state, (uint32_t)number);
    const core_policy *policy = core_policy_numbered(v->state, row->policy);
    bool failed = false;
    Mash__V1__FeedbackView *view = hub_arena_take(v->arena, sizeof *view);
    if (view == NULL) return false;
    mash__v1__feedback_view__init(view);
    view->feedback = item_words(v, 'F', number, &failed);
    view->person = row->person;
    view->seen = row->seen_by != 0;
    if (policy != NULL && row->outcome < policy->outcome_count) {
        view->outcome = (char *)(uintptr_t)policy->outcomes[row->outcome].id;
        view->plain = (char *)(uintptr_t)policy->outcomes[row->outcome].plain;
    }
    if (act != NULL && act->what_case == MASH__V1__ACT__WHAT_DECIDE) view->words = text(v, act->decide->feedback, &failed);
    out->feedback = view;
    return fill_about(v, row, view) && !failed;
}

/* As it stands now, to whom every event of the alert may be known; who speaks for the sides is a matter of who acts. */
static bool fill_disagreement(const core_act_viewing *v, Mash__V1__Delivery *out)
{
    uint64_t number = v->delivery->item;
    if (number == 0 || number > v->state->disagreements.count) return true;
    Mash__V1__DisagreementView *view = hub_arena_take(v->arena, sizeof *view);
    if (view == NULL) return false;
    if (!v->is_cleared) {
        bool failed = false;
        mash__v1__disagreement_view__init(view);
        view->disagreement = item_words(v, 'D', number, &failed);
        out->disagreement = view;
        return !failed;
    }
    if (core_disagreement_view(v->state, (uint32_t)number, v->arena, view) != HUB_OK) return false;
    if (v->audience == NULL || !v->audience->acts_who) view->n_told = 0;
    uint32_t clock = core_clock_newest(v->state, core_disagreements_at(v->state, (uint32_t)number)->alert,
                                       MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_STAGE, number);
    out->disagreement = view;
    return view->due_ms == 0 || fill_clock(v, clock, &view->clock);
}

static const char *const ALARM_WORDS[] = {
    [MASH__V1__ALARM_KIND__ALARM_KIND_SAME_ID_OTHER_CONTENT] =
        "an event id came again with other content and was refused; ask the sending agency which of the two is right",
    [MASH__V1__ALARM_KIND__ALARM_KIND_IDENTIFIERS_CONFLICT] =
        "one person was given two different numbers of one kind; nobody was joined, a person must look",
    [MASH__V1__ALARM_KIND__ALARM_KIND_CLOCK_STEP] =
        "the system clock was moved; hub time goes on without it until it is put right",
    [MASH__V1__ALARM_KIND__ALARM_KIND_NO_ROUTE] =
        "somebody who should have been told could not be: no queue serves the area, or its audience may not see it",
    [MASH__V1__ALARM_KIND__ALARM_KIND_NO_HOLDER] =
        "nobody on today's roster holds the role that a step or stage needs; the next step was taken",
    [MASH__V1__ALARM_KIND__ALARM_KIND_LADDER_ENDED] = "the last step was taken and still nobody has acted: call somebody",
    [MASH__V1__ALARM_KIND__ALARM_KIND_NO_LADDER] =
        "an alert stands where no ladder serves it: nobody hears of it when nobody acts on it; see that somebody takes it",
    [MASH__V1__ALARM_KIND__ALARM_KIND_FACTS_CONTRADICT] =
        "agencies say of one person what cannot be true of one; both are kept, and somebody must ask them",
    [MASH__V1__ALARM_KIND__ALARM_KIND_CALENDAR_ENDS] =
        "bank holidays or school terms are known for half a year more, or less: who keeps the policy adds the next",
    [MASH__V1__ALARM_KIND__ALARM_KIND_PROVISIONAL] =
        "a clock was started whose due time may be wrong: its calendar ends before; who keeps the policy extends it",
    [MASH__V1__ALARM_KIND__ALARM_KIND_TIMERS_HELD] =
        "the hub's timers stand still, so nobody is reminded of anything: look at what is open yourselves until the operator has "
        "put the hub's clock right",
};

bool core_act_views(const core_act_viewing *v, Mash__V1__Delivery *out, bool *withheld)
{
    bool failed = false;
    *withheld = false;
    if (v->policy == NULL) return true;
    const Mash__V1__Act *act = act_in(v, v->record, &failed);
    if (failed) return false;
    switch (v->delivery->kind) {
    case MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ALARM:
        HUB_ASSERT(v->delivery->item < sizeof ALARM_WORDS / sizeof ALARM_WORDS[0]);
        out->alarm = (char *)(uintptr_t)ALARM_WORDS[v->delivery->item];
        return true;
    case MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ESCALATED:
        return fill_escalation(v, out);
    case MASH__V1__DELIVERY_KIND__DELIVERY_KIND_REQUEST:
        return fill_request(v, act, out);
    case MASH__V1__DELIVERY_KIND__DELIVERY_KIND_FEEDBACK:
        return fill_feedback(v, act, out);
    case MASH__V1__DELIVERY_KIND__DELIVERY_KIND_ACT:
        return fill_act(v, act, out, withheld) && (!tells_question(v) || fill_request(v, act, out));
    case MASH__V1__DELIVERY_KIND__DELIVERY_KIND_DISAGREEMENT:
        return (v->delivery->act_sequence != 0 ? fill_earlier_act(v, out, withheld) : fill_act(v, act, out, withheld)) &&
               fill_disagreement(v, out);
    default:
        return true;
    }
}

/* ---- the alert as people have it ------------------------------------------------------------------------------------------- */
static bool fill_open_items(const core_act_viewing *v, const core_alert_row *row, Mash__V1__Alert *out)
{
    enum { OPEN_MAX = 32 };
    bool failed = false;
    out->requests = hub_arena_take(v->arena, OPEN_MAX * sizeof *out->requests);
    out->disagreements = hub_arena_take(v->arena, OPEN_MAX * sizeof *out->disagreements);
    if (out->requests == NULL || out->disagreements == NULL) return false;
    for (uint32_t at = row->requests; at != 0 && out->n_requests < OPEN_MAX; at = core_requests_at(v->state, at)->next) {
        if (core_requests_at(v->state, at)->answer == 0) out->requests[out->n_requests++] = item_words(v, 'R', at, &failed);
    }
    for (uint32_t at = row->disagreements; at != 0 && out->n_disagreements < OPEN_MAX;
         at = core_disagreements_at(v->state, at)->next) {
        if (!core_disagreements_at(v->state, at)->closed)
            out->disagreements[out->n_disagreements++] = item_words(v, 'D', at, &failed);
    }
    return !failed;
}

bool core_alert_act_view(const core_act_viewing *v, uint32_t alert, Mash__V1__Alert *out)
{
    const core_alert_row *row = core_alerts_at(v->state, alert);
    out->version = row->version;
    out->state = (char *)(uintptr_t)(row->ended ? "ended" : row->held_ms != 0 ? "held" : "open");
    out->opened_ms = row->opened_ms;
    out->seen = row->seen != 0;
    out->claim_again = row->asked_again != 0;
    if (v->audience == NULL || !v->audience->acts_who) return true;
    if (row->owner != 0) out->owner = core_staff_words(v, row->owner);
    if (row->offered != 0) out->offered_to = core_staff_words(v, row->offered);
    bool is_asked = row->asked_version != 0 && row->asked_version == row->version && row->held_ms == 0 && !row->ended;
    if (is_asked) out->hold_asked_of = core_staff_words(v, row->asked_of);
    if (is_asked) out->hold_asked_until_ms = row->asked_until_ms;
    return fill_open_items(v, row, out);
}
