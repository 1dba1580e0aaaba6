#include "core/state.h"

#include <stdlib.h>
#include <string.h>

#include "event/identifier.h"

hub_status core_open(core_state **out)
{
    core_state *state = calloc(1, sizeof *state);
    if (state == NULL) {
        *out = NULL;
        return HUB_ERR_MEMORY;
    }
#define X(member, type) core_pool_init(&state->member, sizeof(type));
    CORE_POOLS(X)
#undef X
#define X(member, from, type, key)                                                                                               \
    core_table_init(&state->member, &state->from, offsetof(type, key), sizeof(((type *)0)->key), state->numbers.secret);
    CORE_TABLES(X)
#undef X
    for (size_t i = 0; i < CORE_POLICY_QUEUES_MAX; i++)
        core_pool_init(&state->queue_logs[i], sizeof(uint64_t));
    *out = state;
    return HUB_OK;
}

void core_close(core_state *state)
{
    if (state == NULL) return;
#define X(member, type) core_pool_free(&state->member);
    CORE_POOLS(X)
#undef X
#define X(member, from, type, key) core_table_free(&state->member);
    CORE_TABLES(X)
#undef X
    for (size_t i = 0; i < CORE_POLICY_QUEUES_MAX; i++)
        core_pool_free(&state->queue_logs[i]);
    free(state);
}

/* ---- numbers --------------------------------------------------------------------------------------------------------------- */
uint64_t core_digest(const core_state *state)
{
    return state->numbers.digest;
}

uint64_t core_sequence(const core_state *state)
{
    return state->numbers.sequence;
}

uint32_t core_epoch(const core_state *state)
{
    return state->numbers.epoch;
}

int64_t core_time_ms(const core_state *state)
{
    return state->numbers.time_ms;
}

const char *core_partnership(const core_state *state)
{
    return state->numbers.partnership;
}

const uint8_t *core_signing_key(const core_state *state)
{
    return state->numbers.signing_key;
}

const uint8_t *core_server_key(const core_state *state)
{
    return state->numbers.server_key;
}

/* Of two instants the earlier; 0 = there is none. */
static int64_t sooner(int64_t a_ms, int64_t b_ms)
{
    return a_ms == 0 || (b_ms != 0 && b_ms < a_ms) ? b_ms : a_ms;
}

core_counts core_count(const core_state *state)
{
    uint32_t first = core_heap_first(state);
    int64_t due_ms = first == 0 ? 0 : core_clocks_at(state, first)->due_ms;
    return (core_counts){
        .events_accepted = state->numbers.events_accepted,
        .events_refused = state->numbers.events_refused,
        .alerts_open = state->numbers.alerts_open,
        .clocks_running = state->numbers.running,
        .clocks_lapsed = state->numbers.clocks_lapsed,
        .persons = state->persons.count,
        .families = state->families.count,
        .next_due_ms = sooner(due_ms, sooner(state->numbers.roster_ms, state->numbers.calendar_ms)),
    };
}

/* ---- policy ---------------------------------------------------------------------------------------------------------------- */
const core_policy *core_policy_numbered(const core_state *state, uint32_t number)
{
    if (number == 0 || number > state->policies.count) return NULL;
    return state->compiled[number - 1];
}

const core_policy *core_policy_now(const core_state *state)
{
    return core_policy_numbered(state, state->policies.count);
}

uint64_t core_policy_sequence(const core_state *state, uint32_t number)
{
    if (number == 0 || number > state->policies.count) return 0;
    return core_policies_at(state, number)->sequence;
}

/* ---- peers and outboxes ---------------------------------------------------------------------------------------------------- */
uint32_t core_peer_count(const core_state *state)
{
    return state->peers.count;
}

const core_peer *core_peer_numbered(const core_state *state, uint32_t number)
{
    return number == 0 || number > state->peers.count ? NULL : core_peers_at(state, number);
}

bool core_peer_acts_for(const core_peer *peer, uint32_t team)
{
    for (size_t i = 0; i < sizeof peer->may_act_for / sizeof peer->may_act_for[0]; i++) {
        if (peer->may_act_for[i] == team) return true;
    }
    return false;
}

bool core_peer_consumes(const core_peer *peer, uint32_t queue)
{
    for (size_t i = 0; i < sizeof peer->queues / sizeof peer->queues[0] && peer->queues[i] != 0; i++) {
        if (peer->queues[i] == queue) return true;
    }
    return false;
}

const core_peer *core_peer_by_key(const core_state *state, const uint8_t key[CORE_KEY_BYTES])
{
    return core_peer_numbered(state, core_table_find(&state->peer_of_key, key));
}

const core_peer *core_peer_by_name(const core_state *state, const char *name)
{
    const core_peer *found = NULL;
    for (uint32_t i = 1; i <= state->peers.count; i++) {
        const core_peer *peer = core_peers_at(state, i);
        if (strcmp(peer->name, name) == 0 && (found == NULL || !peer->revoked)) found = peer;
    }
    return found;
}

const core_outbox *core_outbox_of(const core_state *state, uint32_t peer, const hub_id *outbox_id)
{
    uint32_t number = core_table_find(&state->outbox_of_id, outbox_id->bytes);
    if (number == 0) return NULL;
    const core_outbox *outbox = core_outboxes_at(state, number);
    return outbox->peer == peer ? outbox : NULL;
}

/* ---- queues ---------------------------------------------------------------------------------------------------------------- */
uint32_t core_queue_count(const core_state *state)
{
    return state->queues.count;
}

uint32_t core_team_number(const core_state *state, const char *name)
{
    for (uint32_t i = 1; i <= state->teams.count; i++) {
        if (strcmp(core_teams_at(state, i)->name, name) == 0) return i;
    }
    return 0;
}

const char *core_team_name(const core_state *state, uint32_t team)
{
    return core_teams_at(state, team)->name;
}

uint32_t core_queue_number(const core_state *state, const char *name)
{
    for (uint32_t i = 1; i <= state->queues.count; i++) {
        if (strcmp(core_queues_at(state, i)->name, name) == 0) return i;
    }
    return 0;
}

const char *core_queue_name(const core_state *state, uint32_t queue)
{
    return queue == 0 || queue > state->queues.count ? "" : core_queues_at(state, queue)->name;
}

static uint64_t log_at(const core_pool *log, uint32_t number)
{
    const uint64_t *sequence = core_pool_at(log, number);
    return *sequence;
}

/* How many of the log's sequences are at most `sequence`. */
static uint32_t log_upto(const core_pool *log, uint64_t sequence)
{
    if (log->count == 0 || log_at(log, log->count) <= sequence) return log->count;
    uint32_t low = 0; /* the first `low` are at most sequence; the one at `high + 1` is not */
    uint32_t high = log->count - 1;
    while (low < high) {
        uint32_t middle = low + (high - low + 1) / 2;
        if (log_at(log, middle) <= sequence) {
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return low;
}

uint64_t core_queue_next(const core_state *state, uint32_t queue, uint64_t after_sequence)
{
    HUB_ASSERT(queue >= 1 && queue <= state->queues.count);
    const core_pool *log = &state->queue_logs[queue - 1];
    uint32_t before = log_upto(log, after_sequence);
    return before == log->count ? 0 : log_at(log, before + 1);
}

uint64_t core_queue_waiting(const core_state *state, uint32_t queue, uint64_t after_sequence)
{
    HUB_ASSERT(queue >= 1 && queue <= state->queues.count);
    const core_pool *log = &state->queue_logs[queue - 1];
    return log->count - log_upto(log, after_sequence);
}

uint64_t core_queue_total(const core_state *state, uint32_t queue)
{
    HUB_ASSERT(queue >= 1 && queue <= state->queues.count);
    return state->queue_logs[queue - 1].count;
}

uint64_t core_receipt_of(const core_state *state, uint32_t queue, const char *consumer)
{
    for (uint32_t i = 1; i <= state->receipts.count; i++) {
        const core_receipt_row *row = core_receipts_at(state, i);
        if (row->queue == queue && strcmp(row->consumer, consumer) == 0) return row->sequence;
    }
    return 0;
}

/* ---- finding --------------------------------------------------------------------------------------------------------------- */
uint64_t core_event_sequence(const core_state *state, const hub_id *event_id)
{
    uint32_t number = core_table_find(&state->event_of_id, event_id->bytes);
    return number == 0 ? 0 : core_events_at(state, number)->sequence;
}

/* "nhs:9990000018", "local:SYSTEM:VALUE", "uprn:100": put together by hand, because every event needs several. */
typedef struct key_text {
    char bytes[192]; /* scheme 8, system 64, value 64, checked by event_validate */
    size_t size;
} key_text;

static void put(key_text *key, const char *text)
{
    size_t size = strlen(text);
    HUB_ASSERT(size < sizeof key->bytes - key->size);
    memcpy(key->bytes + key->size, text, size);
    key->size += size;
}

void core_identifier_hash(const core_state *state, Mash__V1__IdentifierScheme scheme, const char *system, const char *normal,
                          uint8_t out[CORE_HASH_BYTES])
{
    key_text key = {.size = 0};
    put(&key, identifier_scheme_name(scheme));
    put(&key, ":");
    if (scheme == MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_LOCAL) {
        put(&key, system);
        put(&key, ":");
    }
    put(&key, normal);
    hub_siphash128(state->numbers.secret, key.bytes, key.size, out);
}

void core_uprn_hash(const core_state *state, uint64_t uprn, uint8_t out[CORE_HASH_BYTES])
{
    char text[32];
    size_t length = hub_format(text, sizeof text, "uprn:%llu", (unsigned long long)uprn);
    hub_siphash128(state->numbers.secret, text, length, out);
}

uint64_t core_person_of(const core_state *state, Mash__V1__IdentifierScheme scheme, const char *system, const char *normal)
{
    uint8_t hash[CORE_HASH_BYTES];
    core_identifier_hash(state, scheme, system, normal, hash);
    uint32_t number = core_table_find(&state->identifier_of_hash, hash);
    return number == 0 ? 0 : core_person_root(state, core_identifiers_at(state, number)->person);
}

uint32_t core_alert_records(const core_state *state, uint64_t alert, uint64_t *out, uint32_t capacity)
{
    if (alert == 0 || alert > state->alerts.count) return 0;
    uint32_t count = 0;
    for (uint32_t at = core_alerts_at(state, (uint32_t)alert)->first_event; at != 0 && count < capacity;
         at = core_sequences_at(state, at)->next) {
        out[count++] = core_sequences_at(state, at)->sequence;
    }
    return count;
}

/* ---- alerts, families ------------------------------------------------------------------------------------------------------ */
const core_clock_row *core_clock_rule(const core_state *state, const core_clock_run *clock)
{
    /* until when is a person's word: no row of the policy says it */
    static const core_clock_row HOLD = {.id = "hold", .plain = "the hold ends", .met_by = CORE_MET_OTHER};
    static const core_clock_row ANSWER = {.id = "answer", .plain = "the agency answers", .met_by = CORE_MET_OTHER};
    if (clock->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_HOLD) return &HOLD;
    if (clock->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_REQUEST && clock->stated) return &ANSWER;
    const core_policy *policy = core_policy_numbered(state, clock->policy);
    HUB_ASSERT(policy != NULL);
    HUB_ASSERT(clock->rule < policy->clock_count);
    return &policy->clocks[clock->rule];
}

core_calendar core_clock_calendar(const core_state *state, const core_clock_run *clock)
{
    const core_policy *policy = core_policy_numbered(state, clock->policy);
    const core_calendar *calendar = &policy->calendars[core_clock_rule(state, clock)->calendar];
    bool is_deadline = clock->purpose == MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_DEADLINE;
    if (!is_deadline || clock->item == 0 || clock->item > policy->school_count) return *calendar;
    return core_calendar_of_school(calendar, &policy->schools[clock->item - 1]);
}

uint32_t core_alert_clock(const core_state *state, uint32_t alert, const char *clock_id)
{
    for (uint32_t at = core_alerts_at(state, alert)->clocks; at != 0; at = core_clocks_at(state, at)->next) {
        const core_clock_run *clock = core_clocks_at(state, at);
        if (clock->state != CORE_CLOCK_RUNNING || clock->purpose != MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_DEADLINE) continue;
        if (strcmp(core_clock_rule(state, clock)->id, clock_id) == 0) return at;
    }
    return 0;
}

uint32_t core_alert_open(const core_state *state, uint32_t family, uint32_t person, uint32_t queue)
{
    uint32_t at = family != 0 ? core_families_at(state, family)->alerts : core_persons_at(state, person)->alerts;
    while (at != 0 && (core_alerts_at(state, at)->queue != queue || core_alerts_at(state, at)->ended))
        at = core_alerts_at(state, at)->next;
    return at;
}

bool core_is_member(const core_state *state, uint32_t family, uint32_t person)
{
    for (uint32_t at = core_persons_at(state, person)->memberships; at != 0; at = core_members_at(state, at)->next_of_person) {
        if (core_members_at(state, at)->family == family) return true;
    }
    return false;
}

uint32_t core_family_of(const core_state *state, uint32_t person)
{
    uint32_t only = 0;
    bool several = false;
    for (uint32_t at = core_persons_at(state, person)->memberships; at != 0; at = core_members_at(state, at)->next_of_person) {
        const core_member_row *row = core_members_at(state, at);
        if (row->reason == MASH__V1__MEMBER_REASON__MEMBER_REASON_AT_RISK) return row->family;
        several = several || (only != 0 && only != row->family);
        only = row->family;
    }
    return several ? 0 : only;
}

static bool is_told(const core_state *state, uint32_t newest, uint32_t queue)
{
    for (uint32_t at = newest; at != 0; at = core_told_at(state, at)->next) {
        if (core_told_at(state, at)->queue == queue) return true;
    }
    return false;
}

bool core_alert_told(const core_state *state, uint32_t alert, uint32_t queue)
{
    return is_told(state, core_alerts_at(state, alert)->told, queue);
}

bool core_disagreement_told(const core_state *state, uint32_t disagreement, uint32_t queue)
{
    return is_told(state, core_disagreements_at(state, disagreement)->told, queue);
}

void core_roster_changed(core_state *state)
{
    const core_policy *policy = core_policy_now(state);
    core_numbers *numbers = &state->numbers;
    numbers->roster_alert = 0;
    numbers->roster_ms = state->alerts.count > 0 ? numbers->time_ms : core_policy_next_leaving(policy, numbers->time_ms);
}

void core_calendars_changed(core_state *state)
{
    const core_policy *policy = core_policy_now(state);
    state->numbers.calendar_ms = policy == NULL ? 0 : core_policy_next_calendar_warning(policy, state->numbers.time_ms);
}

bool core_event_given(const core_state *state, uint64_t sequence, uint32_t queue, uint32_t alert)
{
    uint32_t event = core_event_of_sequence(state, sequence);
    if (event == 0) return false;
    for (uint32_t at = core_events_at(state, event)->given; at != 0; at = core_given_at(state, at)->next) {
        if (core_given_at(state, at)->queue == queue && core_given_at(state, at)->alert == alert) return true;
    }
    return false;
}

const core_given_row *core_notice_given(const core_state *state, uint32_t event, uint32_t queue_position)
{
    uint32_t queue = core_policy_now(state)->queues[queue_position].number;
    for (uint32_t at = core_events_at(state, event)->given; at != 0; at = core_given_at(state, at)->next) {
        if (core_given_at(state, at)->queue == queue && core_given_at(state, at)->alert == 0) return core_given_at(state, at);
    }
    return NULL;
}

bool core_alert_party(const core_state *state, uint32_t alert, uint32_t staff)
{
    for (uint32_t at = core_alerts_at(state, alert)->parties; at != 0; at = core_parties_at(state, at)->next) {
        if (core_parties_at(state, at)->staff == staff) return true;
    }
    return false;
}

uint32_t core_alert_met(const core_state *state, uint32_t alert)
{
    const core_alert_row *row = core_alerts_at(state, alert);
    bool is_informed = row->requests != 0 && row->requests_open == 0;
    return (row->seen ? UINT32_C(1) << CORE_MET_SEEN : 0) |
           (row->owner != 0 && !row->asked_again ? UINT32_C(1) << CORE_MET_CLAIMED : 0) |
           (row->rated_by != 0 ? UINT32_C(1) << CORE_MET_RATED : 0) | (is_informed ? UINT32_C(1) << CORE_MET_INFORMED : 0) |
           (row->ended ? UINT32_C(1) << CORE_MET_DECIDED : 0);
}

uint32_t core_event_of_sequence(const core_state *state, uint64_t sequence)
{
    uint32_t low = 1; /* rows stand in the order of their records */
    uint32_t high = state->events.count + 1;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (core_events_at(state, middle)->sequence < sequence) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low <= state->events.count && core_events_at(state, low)->sequence == sequence ? low : 0;
}

uint64_t core_alert_count(const core_state *state)
{
    return state->alerts.count;
}

core_alert_standing core_alert_stands(const core_state *state, uint64_t alert)
{
    const core_alert_row *row = core_alerts_at(state, (uint32_t)alert);
    uint32_t lines = 0;
    for (uint32_t at = row->lines; at != 0; at = core_lines_at(state, at)->next)
        lines++;
    return (core_alert_standing){
        .rating = (Mash__V1__Rating)row->rating,
        .rated_by = row->rated_by,
        .owner = row->owner,
        .offered = row->offered,
        .version = row->version,
        .events = row->event_count,
        .lines = lines,
        .lines_open = row->lines_open,
        .requests_open = row->requests_open,
        .queue = row->queue,
        .opened_ms = row->opened_ms,
        .seen = row->seen != 0,
        .held = row->held_ms != 0,
        .ended = row->ended != 0,
        .area = row->area,
    };
}

static const core_line_row *find_line(const core_state *state, uint64_t alert, uint64_t person)
{
    if (person == 0 || person > state->persons.count) return NULL;
    uint32_t root = core_person_root(state, (uint32_t)person);
    for (uint32_t at = core_alerts_at(state, (uint32_t)alert)->lines; at != 0; at = core_lines_at(state, at)->next) {
        if (core_person_root(state, core_lines_at(state, at)->person) == root) return core_lines_at(state, at);
    }
    return NULL;
}

bool core_has_line(const core_state *state, uint64_t alert, uint64_t person)
{
    return find_line(state, alert, person) != NULL;
}

const core_outcome *core_line_outcome(const core_state *state, uint64_t alert, uint64_t person)
{
    const core_line_row *line = find_line(state, alert, person);
    if (line == NULL || line->policy == 0) return NULL;
    return &core_policy_numbered(state, line->policy)->outcomes[line->outcome];
}

int64_t core_clock_due(const core_state *state, uint64_t alert, const char *clock_id)
{
    int64_t due_ms = 0;
    for (uint32_t at = core_alerts_at(state, (uint32_t)alert)->clocks; at != 0; at = core_clocks_at(state, at)->next) {
        const core_clock_run *clock = core_clocks_at(state, at);
        if (clock->state != CORE_CLOCK_RUNNING || strcmp(core_clock_rule(state, clock)->id, clock_id) != 0) continue;
        if (due_ms == 0 || clock->due_ms < due_ms) due_ms = clock->due_ms;
    }
    return due_ms;
}

const char *core_clock_name(const core_state *state, uint64_t clock)
{
    return core_clock_rule(state, core_clocks_at(state, (uint32_t)clock))->id;
}

uint32_t core_disagreement_version(const core_state *state, uint64_t disagreement)
{
    if (disagreement == 0 || disagreement > state->disagreements.count) return 0;
    return core_disagreements_at(state, (uint32_t)disagreement)->version;
}
