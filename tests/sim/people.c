/* people.c - people who act, at the board. */
#include "people.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/wire.h"

enum { ARENA_BYTES = 4 * 1024 * 1024, PATIENCE_MS = 5000, LINES_KNOWN = 8, ITEMS_KNOWN = 64 };

/* An alert as the screens show it. */
typedef struct seen_alert {
    uint64_t number;
    uint32_t version, version_before;
    uint32_t queues; /* bit n: on the screens of SIM_QUEUES[n] */
    uint64_t lines[LINES_KNOWN];
    uint32_t line_count;
    uint64_t event; /* record of the newest event */
    char owner[CORE_NAME_MAX], offered[CORE_NAME_MAX];
    char asked[CORE_NAME_MAX]; /* to agree to a hold */
    char party[CORE_NAME_MAX]; /* whom somebody last tried to declare one */
    bool held;
} seen_alert;

/* A disagreement, likewise. */
typedef struct seen_dispute {
    uint32_t version;
    bool closed;
    char teams[2][CORE_NAME_MAX];
} seen_dispute;

typedef struct person {
    const sim_person *row;
    uint32_t left;    /* acts still to do */
    uint64_t request; /* under way; 0 = none */
    uint32_t turn;    /* counts acts and answers: a task of an earlier turn does nothing */
    hub_buffer frame; /* what was sent, word for word */
} person;

struct sim_people {
    sim_people_parts parts;
    sim_random random;
    uint32_t connection;
    bool is_welcome;
    uint32_t life;
    person persons[SIM_STAFF];
    seen_alert *alerts;
    size_t alert_count, alert_capacity;
    char items[2][ITEMS_KNOWN][16]; /* "R5", "F9": the newest that were heard of */
    uint32_t item_count[2];
    seen_dispute disputes[ITEMS_KNOWN]; /* by number - 1 */
    uint32_t dispute_count;
    uint64_t newest;  /* record that was shown */
    uint64_t joined;  /* whom somebody last tried to join */
    hub_id *commands; /* by request number - 1 */
    size_t command_count, command_capacity;
    hub_arena arena;
};
enum { ITEM_REQUEST, ITEM_FEEDBACK };

static void connect_anew(void *context, uint64_t life, hub_bytes bytes);
static void act(void *context, uint64_t who_and_turn, hub_bytes bytes);
static void ask_again(void *context, uint64_t who_and_turn, hub_bytes bytes);

static int64_t now(const sim_people *b)
{
    return sim_now(b->parts.schedule);
}

static void later(sim_people *b, uint32_t who, int64_t wait_ms, sim_task *task)
{
    sim_at(b->parts.schedule, now(b) + wait_ms, task, b, (uint64_t)who << 32 | b->persons[who].turn, hub_bytes_of(NULL, 0));
}

/* Whose turn it is; NULL when the turn is over. */
static person *whose(sim_people *b, uint64_t who_and_turn)
{
    person *p = &b->persons[who_and_turn >> 32];
    return p->turn == (uint32_t)who_and_turn ? p : NULL;
}

/* ---- what the screens show -------------------------------------------------------------------------------------------------- */

static seen_alert *alert_numbered(sim_people *b, uint64_t number)
{
    for (size_t i = 0; i < b->alert_count; i++) {
        if (b->alerts[i].number == number) return &b->alerts[i];
    }
    if (b->alert_count == b->alert_capacity) {
        b->alert_capacity = b->alert_capacity == 0 ? 64 : b->alert_capacity * 2;
        b->alerts = realloc(b->alerts, b->alert_capacity * sizeof *b->alerts);
        HUB_ASSERT(b->alerts != NULL);
    }
    seen_alert *added = &b->alerts[b->alert_count++];
    *added = (seen_alert){.number = number};
    return added;
}

static void note_item(sim_people *b, int kind, const char *item)
{
    uint32_t place = b->item_count[kind]++ % ITEMS_KNOWN;
    snprintf(b->items[kind][place], sizeof b->items[kind][place], "%s", item);
}

void sim_people_read(sim_people *b, uint32_t queue, const Mash__V1__Delivery *delivery)
{
    if (delivery->position->sequence > b->newest) b->newest = delivery->position->sequence;
    if (delivery->request != NULL) note_item(b, ITEM_REQUEST, delivery->request->request);
    if (delivery->feedback != NULL) note_item(b, ITEM_FEEDBACK, delivery->feedback->feedback);
    const Mash__V1__DisagreementView *dispute = delivery->disagreement;
    unsigned long number = dispute == NULL ? 0 : strtoul(dispute->disagreement + 1, NULL, 10);
    if (number >= 1 && number <= ITEMS_KNOWN) {
        if (number > b->dispute_count) b->dispute_count = (uint32_t)number;
        seen_dispute *seen = &b->disputes[number - 1];
        if (dispute->version > seen->version) {
            seen->version = dispute->version;
            seen->closed = strcmp(dispute->state, "closed") == 0;
        }
        snprintf(seen->teams[0], sizeof seen->teams[0], "%s", dispute->team);
        snprintf(seen->teams[1], sizeof seen->teams[1], "%s", dispute->with_team);
    }
    const Mash__V1__Alert *alert = delivery->alert;
    if (alert == NULL) return;
    seen_alert *seen = alert_numbered(b, strtoull(alert->alert_id + 1, NULL, 10));
    seen->queues |= UINT32_C(1) << queue;
    if (alert->version > seen->version) {
        seen->version_before = seen->version;
        seen->version = alert->version;
        snprintf(seen->owner, sizeof seen->owner, "%s", alert->owner);
        snprintf(seen->offered, sizeof seen->offered, "%s", alert->offered_to);
        snprintf(seen->asked, sizeof seen->asked, "%s", alert->hold_asked_of);
        seen->held = strcmp(alert->state, "held") == 0;
    }
    if (delivery->event != NULL) seen->event = delivery->position->sequence;
    for (size_t i = 0; i < alert->n_lines; i++) {
        if (seen->line_count < LINES_KNOWN) seen->lines[seen->line_count++] = alert->lines[i]->person;
    }
}

void sim_people_forget(sim_people *b)
{
    b->alert_count = 0;
    memset(b->item_count, 0, sizeof b->item_count);
    memset(b->disputes, 0, sizeof b->disputes);
    b->dispute_count = 0;
}

/* ---- choosing an act -------------------------------------------------------------------------------------------------------- */

/* An act being put together; its parts point at each other. */
typedef struct wording {
    Mash__V1__Act act;
    char item[64], reason[64], words[64], to[CORE_NAME_MAX];
    union {
        Mash__V1__Claim claim;
        Mash__V1__ReleaseAlert release;
        Mash__V1__HandOver hand_over;
        Mash__V1__Rate rate;
        Mash__V1__Note note;
        Mash__V1__RequestInformation ask;
        Mash__V1__Answer answer;
        Mash__V1__Decide decide;
        Mash__V1__Reassign reassign;
        Mash__V1__Hold hold;
        Mash__V1__Resume resume;
        Mash__V1__Restate restate;
        Mash__V1__Seen seen;
        Mash__V1__Sign sign;
        Mash__V1__Withhold withhold;
        Mash__V1__DeclareParty party;
        Mash__V1__ClearParty cleared;
        Mash__V1__Share share;
        Mash__V1__ConfirmLink confirm;
        Mash__V1__SplitLink split;
        Mash__V1__Wait wait;
        Mash__V1__Dispute dispute;
        Mash__V1__Respond respond;
        Mash__V1__Refer refer;
        Mash__V1__Settle settle;
        Mash__V1__RecordOutcome outcome;
    } of;
} wording;

/* Of anywhere; more often one of the first team, where there are most. */
static char *colleague(sim_people *b)
{
    uint64_t among = sim_draw(&b->random, 2) == 0 ? 3 : SIM_STAFF;
    return (char *)(uintptr_t)b->persons[sim_draw(&b->random, among)].row->id;
}

/* Any team, but more often one of the two doors: they have people for every stage. */
static char *other_team(sim_people *b)
{
    uint64_t among = sim_draw(&b->random, 4) == 0 ? SIM_CONSUMERS : 2;
    return (char *)(uintptr_t)SIM_QUEUES[sim_draw(&b->random, among)]; /* teams are called so too */
}

static void put_disagreement(sim_people *b, wording *w, Mash__V1__Act__WhatCase what)
{
    switch (what) {
    case MASH__V1__ACT__WHAT_DISPUTE:
        w->of.dispute.with_team = other_team(b);
        w->of.dispute.position = w->words;
        w->of.dispute.urgent = sim_draw(&b->random, 3) == 0;
        if (b->dispute_count > 0 && sim_draw(&b->random, 4) == 0) w->of.dispute.again = (char *)"D1";
        break;
    case MASH__V1__ACT__WHAT_RESPOND:
        w->of.respond.position = w->words;
        break;
    case MASH__V1__ACT__WHAT_REFER:
        w->of.refer.urgent = sim_draw(&b->random, 4) == 0;
        break;
    case MASH__V1__ACT__WHAT_SETTLE:
        w->of.settle.agreement = w->words;
        w->of.settle.final = sim_draw(&b->random, 3) == 0;
        break;
    case MASH__V1__ACT__WHAT_RECORD_OUTCOME:
        w->of.outcome.outcome = w->words;
        break;
    default:
        break;
    }
}

static uint64_t line_of(sim_people *b, const seen_alert *alert)
{
    return alert->line_count == 0 ? 1 : alert->lines[sim_draw(&b->random, alert->line_count)];
}

/* Whom the hub took for whom: right or wrong is not known here. */
static void put_link(sim_people *b, wording *w, Mash__V1__Act__WhatCase what, const seen_alert *alert)
{
    if (what == MASH__V1__ACT__WHAT_CONFIRM_LINK) {
        const seen_alert *other = &b->alerts[sim_draw(&b->random, b->alert_count)];
        w->of.confirm.person = line_of(b, alert);
        w->of.confirm.other = line_of(b, other);
        w->of.confirm.found =
            sim_draw(&b->random, 3) == 0 ? MASH__V1__LINK_AS__LINK_AS_SAME_FAMILY : MASH__V1__LINK_AS__LINK_AS_SAME_PERSON;
        b->joined = w->of.confirm.person > w->of.confirm.other ? w->of.confirm.person : w->of.confirm.other;
        return;
    }
    w->of.split.person = line_of(b, alert);
    if (sim_draw(&b->random, 3) == 0) {
        w->of.split.joined = b->joined;
    } else {
        w->of.split.event = alert->event;
        w->of.split.subject = 1 + (uint32_t)sim_draw(&b->random, 2);
    }
}

static void put_what(sim_people *b, wording *w, Mash__V1__Act__WhatCase what, seen_alert *alert)
{
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(&mash__v1__act__descriptor, what);
    protobuf_c_message_init(field->descriptor, &w->of);
    w->act.what_case = what;
    w->act.claim = &w->of.claim; /* one pointer, whichever it is */
    switch (what) {
    case MASH__V1__ACT__WHAT_HAND_OVER:
        w->of.hand_over.to = colleague(b);
        break;
    case MASH__V1__ACT__WHAT_RATE:
        w->of.rate.rating = (Mash__V1__Rating)(MASH__V1__RATING__RATING_BLUE + (int)sim_draw(&b->random, 4));
        break;
    case MASH__V1__ACT__WHAT_NOTE:
        w->of.note.text = w->words;
        break;
    case MASH__V1__ACT__WHAT_REQUEST_INFORMATION:
        w->of.ask.agency = (char *)(sim_draw(&b->random, 8) == 0 ? "health" : "education");
        w->of.ask.question = (char *)"A simulated question";
        if (sim_draw(&b->random, 4) == 0) w->of.ask.due_ms = now(b) + 1000 * (int64_t)sim_draw(&b->random, 20000);
        break;
    case MASH__V1__ACT__WHAT_ANSWER:
        w->of.answer.text = w->words;
        break;
    case MASH__V1__ACT__WHAT_DECIDE:
        w->of.decide.person = line_of(b, alert);
        w->of.decide.outcome = (char *)(sim_draw(&b->random, 2) == 0 ? "section_47" : "no_further_action");
        w->of.decide.rationale = w->words;
        w->of.decide.legal_basis = (char *)"Children Act 1989 s47";
        w->of.decide.feedback = (char *)"A simulated outcome";
        break;
    case MASH__V1__ACT__WHAT_REASSIGN:
        w->of.reassign.queue = (char *)(uintptr_t)SIM_QUEUES[sim_draw(&b->random, SIM_CONSUMERS)];
        break;
    case MASH__V1__ACT__WHAT_HOLD:
        if (strcmp(alert->asked, w->act.on_behalf_of) != 0)
            w->of.hold.until_ms = now(b) + 1000 * (int64_t)sim_draw(&b->random, 30000);
        w->of.hold.second = colleague(b);
        break;
    case MASH__V1__ACT__WHAT_RESTATE:
        w->of.restate.clock = (char *)(sim_draw(&b->random, 3) == 0 ? "decision" : "triage");
        if (sim_draw(&b->random, 2) == 0) w->of.restate.due_ms = now(b) + 1000 * (int64_t)sim_draw(&b->random, 30000);
        break;
    case MASH__V1__ACT__WHAT_SIGN:
        w->of.sign.seen_sequence = b->newest;
        break;
    case MASH__V1__ACT__WHAT_WITHHOLD:
        w->of.withhold.agency = (char *)(sim_draw(&b->random, 2) == 0 ? "health" : "education");
        break;
    case MASH__V1__ACT__WHAT_SHARE:
        w->of.share.agency = (char *)(sim_draw(&b->random, 2) == 0 ? "health" : "education");
        break;
    case MASH__V1__ACT__WHAT_CONFIRM_LINK:
    case MASH__V1__ACT__WHAT_SPLIT_LINK:
        put_link(b, w, what, alert);
        break;
    case MASH__V1__ACT__WHAT_CLEAR_PARTY:
        w->of.cleared.staff = alert->party;
        break;
    case MASH__V1__ACT__WHAT_DECLARE_PARTY:
        w->of.party.staff = colleague(b);
        snprintf(alert->party, sizeof alert->party, "%s", w->of.party.staff);
        break;
    default:
        put_disagreement(b, w, what);
        break;
    }
}

static Mash__V1__Act__WhatCase choose_what(sim_people *b, const person *p, const seen_alert *alert)
{
    static const Mash__V1__Act__WhatCase OF_OWNER[] = {
        MASH__V1__ACT__WHAT_RATE,      MASH__V1__ACT__WHAT_RATE,      MASH__V1__ACT__WHAT_DECIDE,
        MASH__V1__ACT__WHAT_HAND_OVER, MASH__V1__ACT__WHAT_HAND_OVER, MASH__V1__ACT__WHAT_HOLD,
        MASH__V1__ACT__WHAT_HOLD,      MASH__V1__ACT__WHAT_RELEASE,   MASH__V1__ACT__WHAT_REQUEST_INFORMATION};
    static const Mash__V1__Act__WhatCase OF_ANYBODY[] = {
        MASH__V1__ACT__WHAT_CLAIM,     MASH__V1__ACT__WHAT_NOTE,         MASH__V1__ACT__WHAT_SEEN,
        MASH__V1__ACT__WHAT_RATE,      MASH__V1__ACT__WHAT_WAIT,         MASH__V1__ACT__WHAT_WITHHOLD,
        MASH__V1__ACT__WHAT_REASSIGN,  MASH__V1__ACT__WHAT_RESTATE,      MASH__V1__ACT__WHAT_REQUEST_INFORMATION,
        MASH__V1__ACT__WHAT_RELEASE,   MASH__V1__ACT__WHAT_HOLD,         MASH__V1__ACT__WHAT_DECLARE_PARTY,
        MASH__V1__ACT__WHAT_DECIDE,    MASH__V1__ACT__WHAT_DISPUTE,      MASH__V1__ACT__WHAT_DISPUTE,
        MASH__V1__ACT__WHAT_SHARE,     MASH__V1__ACT__WHAT_CONFIRM_LINK, MASH__V1__ACT__WHAT_CONFIRM_LINK,
        MASH__V1__ACT__WHAT_SPLIT_LINK};
    uint64_t luck = sim_draw(&b->random, 4);
    if (alert->owner[0] == '\0' && luck < 2) return MASH__V1__ACT__WHAT_CLAIM;
    if (strcmp(alert->offered, p->row->id) == 0 && luck < 3) return MASH__V1__ACT__WHAT_CLAIM;
    if (strcmp(alert->asked, p->row->id) == 0 && luck < 3) return MASH__V1__ACT__WHAT_HOLD;
    if (alert->held && luck == 0) return MASH__V1__ACT__WHAT_RESUME;
    if (alert->party[0] != '\0' && luck == 1) return MASH__V1__ACT__WHAT_CLEAR_PARTY;
    if (strcmp(alert->owner, p->row->id) == 0 && luck < 3)
        return OF_OWNER[sim_draw(&b->random, sizeof OF_OWNER / sizeof OF_OWNER[0])];
    return OF_ANYBODY[sim_draw(&b->random, sizeof OF_ANYBODY / sizeof OF_ANYBODY[0])];
}

/* One that this person's team has on its screens: the newest more often, so that people meet. NULL: there is none. */
static seen_alert *choose_alert(sim_people *b, const person *p)
{
    uint32_t queues = UINT32_C(1) << p->row->team; /* teams and queues stand in the same order */
    for (int tries = 0; tries < 20 && b->alert_count > 0; tries++) {
        size_t recent = b->alert_count < 6 ? b->alert_count : 6;
        size_t back = sim_draw(&b->random, 3) == 0 ? sim_draw(&b->random, b->alert_count) : sim_draw(&b->random, recent);
        seen_alert *alert = &b->alerts[b->alert_count - 1 - back];
        if ((alert->queues & queues) != 0) return alert;
    }
    return NULL;
}

/* Number of one that this person's team is a side of; 0: there is none. */
static uint64_t choose_dispute(sim_people *b, const person *p)
{
    for (int tries = 0; tries < 10 && b->dispute_count > 0; tries++) {
        uint64_t place = sim_draw(&b->random, b->dispute_count);
        const seen_dispute *seen = &b->disputes[place];
        bool is_side =
            strcmp(seen->teams[0], SIM_QUEUES[p->row->team]) == 0 || strcmp(seen->teams[1], SIM_QUEUES[p->row->team]) == 0;
        if (is_side || sim_draw(&b->random, 8) == 0) return place + 1;
    }
    return 0;
}

static bool word(sim_people *b, const person *p, wording *w)
{
    mash__v1__act__init(&w->act);
    w->act.on_behalf_of = (char *)(uintptr_t)p->row->id;
    w->act.item = w->item;
    snprintf(w->reason, sizeof w->reason, "%s of a reason", SIM_PRIVATE_WORDS);
    snprintf(w->words, sizeof w->words, "%s %llu", SIM_PRIVATE_WORDS, (unsigned long long)b->command_count);
    w->act.reason = w->reason;
    bool is_school = p->row->team == 2;
    for (int kind = 0; kind < 2; kind++) {
        uint32_t known = b->item_count[kind] < ITEMS_KNOWN ? b->item_count[kind] : ITEMS_KNOWN;
        if (known == 0 || sim_draw(&b->random, is_school ? 2 : 20) != 0) continue;
        snprintf(w->item, sizeof w->item, "%s", b->items[kind][sim_draw(&b->random, known)]);
        put_what(b, w, kind == ITEM_REQUEST ? MASH__V1__ACT__WHAT_ANSWER : MASH__V1__ACT__WHAT_SEEN, NULL);
        return true;
    }
    uint64_t dispute = sim_draw(&b->random, 3) == 0 ? choose_dispute(b, p) : 0;
    if (dispute != 0) {
        static const Mash__V1__Act__WhatCase OPEN[] = {
            MASH__V1__ACT__WHAT_RESPOND, MASH__V1__ACT__WHAT_SETTLE, MASH__V1__ACT__WHAT_SETTLE, MASH__V1__ACT__WHAT_REFER,
            MASH__V1__ACT__WHAT_REFER,   MASH__V1__ACT__WHAT_NOTE,   MASH__V1__ACT__WHAT_RESTATE};
        bool is_closed = b->disputes[dispute - 1].closed && sim_draw(&b->random, 5) > 0;
        snprintf(w->item, sizeof w->item, "D%llu", (unsigned long long)dispute);
        w->act.version = b->disputes[dispute - 1].version;
        put_what(b, w, is_closed ? MASH__V1__ACT__WHAT_RECORD_OUTCOME : OPEN[sim_draw(&b->random, sizeof OPEN / sizeof OPEN[0])],
                 NULL);
        return true;
    }
    if (sim_draw(&b->random, 12) == 0) {
        snprintf(w->item, sizeof w->item, "Q:%s", SIM_QUEUES[p->row->team]);
        put_what(b, w, MASH__V1__ACT__WHAT_SIGN, NULL);
        return true;
    }
    seen_alert *alert = choose_alert(b, p);
    if (alert == NULL) return false;
    snprintf(w->item, sizeof w->item, "A%llu", (unsigned long long)alert->number);
    bool is_old = sim_happens(&b->random, b->parts.options->old_version);
    w->act.version = is_old ? alert->version_before : alert->version;
    put_what(b, w, choose_what(b, p, alert), alert);
    return true;
}

/* ---- acting ----------------------------------------------------------------------------------------------------------------- */

static void put_on_the_line(sim_people *b, const person *p)
{
    if (b->is_welcome) sim_net_send(b->parts.net, b->connection, SIM_TO_HUB, hub_buffer_bytes(&p->frame));
}

static uint64_t new_request(sim_people *b, hub_id *id)
{
    if (b->command_count == b->command_capacity) {
        b->command_capacity = b->command_capacity == 0 ? 64 : b->command_capacity * 2;
        b->commands = realloc(b->commands, b->command_capacity * sizeof *b->commands);
        HUB_ASSERT(b->commands != NULL);
    }
    sim_fill(&b->random, id->bytes, sizeof id->bytes);
    b->commands[b->command_count++] = *id;
    return b->command_count;
}

static void act(void *context, uint64_t who_and_turn, hub_bytes bytes)
{
    sim_people *b = context;
    (void)bytes;
    person *p = whose(b, who_and_turn);
    uint32_t who = (uint32_t)(who_and_turn >> 32);
    if (p == NULL || p->left == 0) return;
    p->turn++;
    p->left--;
    wording *w = calloc(1, sizeof *w);
    HUB_ASSERT(w != NULL);
    if (!word(b, p, w)) {
        free(w);
        later(b, who, sim_within(&b->random, b->parts.options->act_gap_ms), act);
        return;
    }
    hub_id id;
    p->request = new_request(b, &id);
    w->act.command_id = (ProtobufCBinaryData){.len = sizeof id.bytes, .data = id.bytes};
    hub_buffer words = {0};
    HUB_ASSERT(event_wire_pack(&w->act.base, &words) == HUB_OK);
    sim_checker_asked(b->parts.checker, &id, hub_buffer_bytes(&words));
    hub_buffer_free(&words);
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.request = p->request;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_ACT;
    frame.act = &w->act;
    hub_buffer_clear(&p->frame);
    HUB_ASSERT(event_wire_pack(&frame.base, &p->frame) == HUB_OK);
    sim_tell(b->parts.report, p->row->id, "act %d on %s, version %u", (int)w->act.what_case, w->item, w->act.version);
    free(w);
    put_on_the_line(b, p);
    later(b, who, PATIENCE_MS, ask_again);
}

static void ask_again(void *context, uint64_t who_and_turn, hub_bytes bytes)
{
    sim_people *b = context;
    (void)bytes;
    const person *p = whose(b, who_and_turn);
    if (p == NULL || p->request == 0) return;
    put_on_the_line(b, p);
    later(b, (uint32_t)(who_and_turn >> 32), PATIENCE_MS, ask_again);
}

static void on_reply(sim_people *b, uint64_t request, const Mash__V1__ActReply *reply)
{
    if (reply->code == MASH__V1__ACT_CODE__ACT_RETRY_LATER) return; /* patience asks again */
    HUB_ASSERT(request >= 1 && request <= b->command_count);
    sim_checker_answered(b->parts.checker, &b->commands[request - 1], reply);
    for (uint32_t who = 0; who < SIM_STAFF; who++) {
        person *p = &b->persons[who];
        if (p->request != request) continue;
        sim_tell(b->parts.report, p->row->id, "is answered %d: %s", (int)reply->code, reply->text);
        if (sim_happens(&b->random, b->parts.options->acts_again)) put_on_the_line(b, p);
        p->request = 0;
        p->turn++;
        later(b, who, sim_within(&b->random, b->parts.options->act_gap_ms), act);
    }
}

/* ---- the line --------------------------------------------------------------------------------------------------------------- */

static void on_closed(void *context, uint32_t connection)
{
    sim_people *b = context;
    if (connection != b->connection) return;
    b->connection = 0;
    b->is_welcome = false;
    sim_at(b->parts.schedule, now(b) + b->parts.options->reconnect_ms, connect_anew, b, ++b->life, hub_bytes_of(NULL, 0));
}

static void on_frame(void *context, uint32_t connection, hub_bytes bytes)
{
    sim_people *b = context;
    if (connection != b->connection) return;
    ProtobufCMessage *message;
    event_wire_fault fault = {0};
    hub_arena_reset(&b->arena);
    if (event_wire_unpack(&mash__v1__hub_frame__descriptor, bytes, &b->arena, &message, &fault) != HUB_OK)
        sim_fail(b->parts.report, "the board cannot read a frame: %s: %s", fault.field_path, fault.cause);
    const Mash__V1__HubFrame *frame = (const Mash__V1__HubFrame *)message;
    if (frame->body_case == MASH__V1__HUB_FRAME__BODY_ACT_REPLY) on_reply(b, frame->request, frame->act_reply);
    if (frame->body_case != MASH__V1__HUB_FRAME__BODY_WELCOME) return;
    b->is_welcome = true;
    for (uint32_t who = 0; who < SIM_STAFF; who++) {
        if (b->persons[who].request != 0) put_on_the_line(b, &b->persons[who]);
    }
}

static void connect_anew(void *context, uint64_t life, hub_bytes bytes)
{
    sim_people *b = context;
    (void)bytes;
    if (life != b->life || b->connection != 0) return;
    const sim_end end = {.context = b, .frame = on_frame, .closed = on_closed};
    b->connection = sim_net_connect(b->parts.net, &end, b->parts.peer);
    if (b->connection == 0) {
        sim_at(b->parts.schedule, now(b) + b->parts.options->reconnect_ms, connect_anew, b, b->life, hub_bytes_of(NULL, 0));
        return;
    }
    Mash__V1__Hello hello = MASH__V1__HELLO__INIT;
    hello.protocol = 1;
    hello.software = (char *)"sim-board";
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    frame.request = UINT64_MAX;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_HELLO;
    frame.hello = &hello;
    hub_buffer packed = {0};
    HUB_ASSERT(event_wire_pack(&frame.base, &packed) == HUB_OK);
    sim_net_send(b->parts.net, b->connection, SIM_TO_HUB, hub_buffer_bytes(&packed));
    hub_buffer_free(&packed);
}

sim_people *sim_people_open(const sim_people_parts *parts)
{
    sim_people *b = calloc(1, sizeof *b);
    HUB_ASSERT(b != NULL);
    b->parts = *parts;
    b->random = parts->random;
    HUB_ASSERT(hub_arena_open(&b->arena, 64 * 1024, ARENA_BYTES) == HUB_OK);
    sim_at(parts->schedule, now(b), connect_anew, b, b->life, hub_bytes_of(NULL, 0));
    for (uint32_t who = 0; who < SIM_STAFF; who++) {
        b->persons[who].row = &SIM_PEOPLE[who];
        b->persons[who].left = parts->options->acts;
        later(b, who, 1000 + sim_within(&b->random, parts->options->act_gap_ms), act);
    }
    return b;
}

void sim_people_close(sim_people *b)
{
    if (b == NULL) return;
    for (uint32_t who = 0; who < SIM_STAFF; who++)
        hub_buffer_free(&b->persons[who].frame);
    free(b->alerts);
    free(b->commands);
    hub_arena_close(&b->arena);
    free(b);
}

bool sim_people_have_acted(const sim_people *b)
{
    for (uint32_t who = 0; who < SIM_STAFF; who++) {
        if (b->persons[who].left > 0 || b->persons[who].request != 0) return false;
    }
    return true;
}
