/* The keys under which a record is found later. A key is a short text ("nhs:9990001234", "alert:A17"); what is stored is its keyed hash. */
#include "core/sharing.h"

#include <string.h>
#include <strings.h>

#include "core/facts.h"
#include "core/state.h"
#include "event/identifier.h"

/* A key being written; every record has some, so no format is read for them. */
typedef struct key_text {
    char text[256];
    size_t size;
} key_text;

static void put(key_text *key, const char *text, size_t size)
{
    size_t left = sizeof key->text - key->size;
    size = size < left ? size : left; /* none is so long: event_validate and core_query_ref bound them */
    memcpy(key->text + key->size, text, size);
    key->size += size;
}

static void put_text(key_text *key, const char *text)
{
    put(key, text, strlen(text));
}

static uint64_t ref_of_key(const core_state *state, const key_text *key)
{
    uint8_t hash[CORE_HASH_BYTES];
    hub_siphash128(state->numbers.secret, key->text, key->size, hash);
    return hub_get_u64(hash);
}

static uint64_t ref_of_event(const core_state *state, const uint8_t id[HUB_ID_BYTES])
{
    char digits[2 * HUB_ID_BYTES + 1];
    key_text key = {.size = 0};
    hub_hex(id, HUB_ID_BYTES, digits);
    put_text(&key, "event:");
    put(&key, digits, 2 * HUB_ID_BYTES);
    return ref_of_key(state, &key);
}

/* What is numbered, under which kind of key, with which letter. */
static const struct {
    const char *kind;
    char letter;
} ITEMS[] = {{"alert", 'A'}, {"disagreement", 'D'}, {"request", 'R'}, {"feedback", 'F'}};
enum { ALERT, DISAGREEMENT, REQUEST, FEEDBACK, ITEM_COUNT };

/* "alert:A17" */
static uint64_t ref_of_item(const core_state *state, int item, uint64_t number)
{
    char name[24] = {':', ITEMS[item].letter};
    key_text key = {.size = 0};
    put_text(&key, ITEMS[item].kind);
    put(&key, name, 2 + hub_decimal(number, name + 2));
    return ref_of_key(state, &key);
}

static uint64_t ref_of_reference(const core_state *state, const char *system, const char *value)
{
    key_text key = {.size = 0};
    put_text(&key, "reference:");
    put_text(&key, system);
    put_text(&key, ":");
    put_text(&key, value);
    return ref_of_key(state, &key);
}

static uint64_t ref_of_identifier(const core_state *state, Mash__V1__IdentifierScheme scheme, const char *system,
                                  const char *normal)
{
    uint8_t hash[CORE_HASH_BYTES];
    core_identifier_hash(state, scheme, system, normal, hash);
    return hub_get_u64(hash);
}

static uint64_t ref_of_word(const core_state *state, const char *word)
{
    key_text key = {.size = 0};
    put_text(&key, "name:");
    put_text(&key, word);
    return ref_of_key(state, &key);
}

static uint64_t ref_of_birth(const core_state *state, int32_t day)
{
    key_text key = {.size = 0};
    char digits[24];
    put_text(&key, "born:");
    put(&key, digits, hub_decimal((uint64_t)((int64_t)day + INT32_MAX), digits));
    return ref_of_key(state, &key);
}

uint64_t core_flagged_ref(const core_state *state)
{
    key_text key = {.size = 0};
    put_text(&key, "flagged:own");
    return ref_of_key(state, &key);
}

typedef struct ref_list {
    uint64_t *refs;
    uint32_t count;
} ref_list;

static void add(ref_list *list, uint64_t ref)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->refs[i] == ref) return;
    }
    if (list->count < CORE_REFS_MAX) list->refs[list->count++] = ref;
}

/* Given names are no keys: each is many people's, and who seeks somebody knows their family or their birthday. */
static void add_named(const core_view *view, const Mash__V1__Subject *subject, ref_list *list)
{
    enum { FAMILY_WORDS_MAX = 4 };
    uint64_t roles = event_subject_roles(subject);
    int32_t day;
    if (core_view_has(view, roles, EVENT_FIELD_SUBJECTS_FAMILY_NAME)) {
        person_words family;
        family.count = 0;
        person_words_add(&family, subject->family_name);
        for (uint32_t i = 0; i < family.count && i < FAMILY_WORDS_MAX; i++)
            add(list, ref_of_word(view->state, family.words[i]));
    }
    if (subject->date_of_birth != NULL && core_view_has(view, roles, EVENT_FIELD_SUBJECTS_DATE_OF_BIRTH_DAY) &&
        event_date_day(subject->date_of_birth, &day))
        add(list, ref_of_birth(view->state, day));
}

static void add_event(const core_state *state, const core_record *record, const core_view *view, ref_list *list)
{
    const Mash__V1__Event *event = record->event;
    if (event == NULL) return;
    if (core_view_field(view, EVENT_FIELD_SOURCE_SYSTEM) && core_view_field(view, EVENT_FIELD_SOURCE_REFERENCE))
        add(list, ref_of_reference(state, event->source_system, event->source_reference));
    if (event->exercise) return;
    int this_year = 1970 + (int)(record->time_ms / (INT64_C(31556952) * 1000));
    for (size_t i = 0; i < event->n_subjects; i++) {
        uint64_t roles = event_subject_roles(event->subjects[i]);
        if (!core_view_subject(view, i)) continue;
        add_named(view, event->subjects[i], list);
        for (size_t k = 0; k < event->subjects[i]->n_identifiers; k++) {
            const Mash__V1__Identifier *identifier = event->subjects[i]->identifiers[k];
            char normal[IDENTIFIER_TEXT_MAX + 1];
            if (!core_view_identified(view, roles, identifier->scheme)) continue;
            if (identifier_check(identifier->scheme, identifier->value, this_year, normal) != IDENTIFIER_VALID) continue;
            add(list, ref_of_identifier(state, identifier->scheme, identifier->system, normal));
        }
    }
}

uint64_t core_fact_alert(const core_state *state, const Mash__V1__Fact *fact)
{
#define OF_FACT(capitals, member)                                                                                                \
    case MASH__V1__FACT__BODY_##capitals:                                                                                        \
        return fact->member->alert
#define OF_ITEM(capitals, member, pool, item)                                                                                    \
    case MASH__V1__FACT__BODY_##capitals:                                                                                        \
        return core_##pool##_at(state, (uint32_t)fact->member->item)->alert
    switch (fact->body_case) {
        OF_FACT(ALERT_OPENED, alert_opened);
        OF_FACT(ALERT_JOINED, alert_joined);
        OF_FACT(DECISION_LINE_ADDED, decision_line_added);
        OF_FACT(CLOCK_STARTED, clock_started);
        OF_ITEM(CLOCK_LAPSED, clock_lapsed, clocks, clock);
        OF_ITEM(CLOCK_STOPPED, clock_stopped, clocks, clock);
        OF_ITEM(CLOCK_MOVED, clock_moved, clocks, clock);
        OF_FACT(DELIVERED, delivered);
        OF_FACT(ACTED, acted);
        OF_FACT(OWNER_CHANGED, owner_changed);
        OF_FACT(ALERT_RATED, alert_rated);
        OF_FACT(LINE_DECIDED, line_decided);
        OF_FACT(ALERT_MOVED, alert_moved);
        OF_FACT(INFORMATION_REQUESTED, information_requested);
        OF_ITEM(INFORMATION_ANSWERED, information_answered, requests, request);
        OF_FACT(ALERT_HELD, alert_held);
        OF_FACT(HOLD_ASKED, hold_asked);
        OF_FACT(ALERT_RESUMED, alert_resumed);
        OF_FACT(ALERT_ENDED, alert_ended);
        OF_FACT(ESCALATED, escalated);
        OF_FACT(FEEDBACK_OWED, feedback_owed);
        OF_ITEM(FEEDBACK_SEEN, feedback_seen, feedbacks, feedback);
        OF_FACT(DISAGREEMENT_OPENED, disagreement_opened);
        OF_ITEM(DISAGREEMENT_MOVED, disagreement_moved, disagreements, disagreement);
        OF_ITEM(DISAGREEMENT_ANSWERED, disagreement_answered, disagreements, disagreement);
        OF_ITEM(DISAGREEMENT_CLOSED, disagreement_closed, disagreements, disagreement);
        OF_FACT(NOT_SHARED, not_shared);
        OF_FACT(SHARED_AGAIN, shared_again);
        OF_FACT(PARTY_DECLARED, party_declared);
        OF_FACT(PARTY_CLEARED, party_cleared);
        OF_FACT(LINK_SPLIT, link_split);
        OF_FACT(LINK_CORRECTED, link_corrected);
        OF_FACT(ACT_REFUSED, act_refused);
    default:
        return 0;
    }
#undef OF_FACT
#undef OF_ITEM
}

static void add_item(const core_state *state, int item, uint64_t number, ref_list *list)
{
    if (number != 0) add(list, ref_of_item(state, item, number));
}

/* The alert that the fact is about, and the disagreement, request or feedback. */
static void add_items(const core_state *state, const Mash__V1__Fact *fact, ref_list *list)
{
    add_item(state, ALERT, core_fact_alert(state, fact), list);
    switch (fact->body_case) {
    case MASH__V1__FACT__BODY_ACTED:
        add_item(state, DISAGREEMENT, fact->acted->disagreement, list);
        break;
    case MASH__V1__FACT__BODY_DISAGREEMENT_OPENED:
        add_item(state, DISAGREEMENT, fact->disagreement_opened->disagreement, list);
        break;
    case MASH__V1__FACT__BODY_DISAGREEMENT_MOVED:
        add_item(state, DISAGREEMENT, fact->disagreement_moved->disagreement, list);
        break;
    case MASH__V1__FACT__BODY_DISAGREEMENT_ANSWERED:
        add_item(state, DISAGREEMENT, fact->disagreement_answered->disagreement, list);
        break;
    case MASH__V1__FACT__BODY_DISAGREEMENT_CLOSED:
        add_item(state, DISAGREEMENT, fact->disagreement_closed->disagreement, list);
        break;
    case MASH__V1__FACT__BODY_INFORMATION_REQUESTED:
        add_item(state, REQUEST, fact->information_requested->request, list);
        break;
    case MASH__V1__FACT__BODY_INFORMATION_ANSWERED:
        add_item(state, REQUEST, fact->information_answered->request, list);
        break;
    case MASH__V1__FACT__BODY_FEEDBACK_OWED:
        add_item(state, FEEDBACK, fact->feedback_owed->feedback, list);
        break;
    case MASH__V1__FACT__BODY_FEEDBACK_SEEN:
        add_item(state, FEEDBACK, fact->feedback_seen->feedback, list);
        break;
    case MASH__V1__FACT__BODY_CLOCK_LAPSED: {
        const core_clock_run *clock = core_clocks_at(state, (uint32_t)fact->clock_lapsed->clock);
        static const int OF[] = {[MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_REQUEST] = REQUEST,
                                 [MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_STAGE] = DISAGREEMENT,
                                 [MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_ACKNOWLEDGE] = DISAGREEMENT,
                                 [MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_OUTCOME] = DISAGREEMENT,
                                 [MASH__V1__CLOCK_PURPOSE__CLOCK_PURPOSE_FEEDBACK] = FEEDBACK};
        if (clock->purpose < sizeof OF / sizeof OF[0] && OF[clock->purpose] != ALERT)
            add_item(state, OF[clock->purpose], clock->item, list);
        break;
    }
    default:
        break;
    }
}

/* The keys for what the view shows. */
static uint32_t refs_shown(const core_view *view, uint64_t refs[CORE_REFS_MAX])
{
    const core_state *state = view->state;
    const core_record *record = view->record;
    ref_list list = {.refs = refs};
    for (size_t i = 0; i < record->control->n_facts; i++) {
        const Mash__V1__Fact *fact = record->control->facts[i];
        if (!core_view_fact(view, fact)) continue;
        add_items(state, fact, &list);
        switch (fact->body_case) {
        case MASH__V1__FACT__BODY_EVENT_ACCEPTED:
            if (core_view_field(view, EVENT_FIELD_EVENT_ID)) add(&list, ref_of_event(state, fact->event_accepted->event_id.data));
            break;
        case MASH__V1__FACT__BODY_NOTICE_SEEN: {
            uint32_t event = core_event_of_sequence(state, fact->notice_seen->sequence);
            if (core_view_field(view, EVENT_FIELD_EVENT_ID))
                add(&list, ref_of_event(state, core_events_at(state, event)->event_id.bytes));
            break;
        }
        case MASH__V1__FACT__BODY_EVENT_REFUSED:
            if (fact->event_refused->event_id.len == HUB_ID_BYTES) {
                add(&list, ref_of_event(state, fact->event_refused->event_id.data));
            }
            break;
        case MASH__V1__FACT__BODY_EVENT_WITHDRAWN:
            if (core_view_field(view, EVENT_FIELD_EVENT_ID))
                add(&list, ref_of_event(state, fact->event_withdrawn->event_id.data));
            break;
        default:
            break;
        }
    }
    add_event(state, record, view, &list);
    return list.count;
}

uint32_t core_record_refs(const core_state *state, const core_record *record, uint64_t refs[CORE_REFS_MAX])
{
    const core_view whole = {.state = state, .record = record, .sight = CORE_SIGHT_CONTROL};
    return refs_shown(&whole, refs);
}

/* All that is sought, in one person. A word that is typed beside the birth date may be misspelt or an initial; alone it would find half a town. */
static bool is_sought(const core_view *view, const Mash__V1__Subject *subject, const core_case *sought)
{
    uint64_t roles = event_subject_roles(subject);
    person_words stated;
    int32_t day;
    stated.count = 0;
    if (core_view_has(view, roles, EVENT_FIELD_SUBJECTS_FAMILY_NAME)) person_words_add(&stated, subject->family_name);
    for (size_t i = 0; core_view_has(view, roles, EVENT_FIELD_SUBJECTS_GIVEN_NAMES) && i < subject->n_given_names; i++)
        person_words_add(&stated, subject->given_names[i]);
    for (uint32_t i = 0; i < sought->name.count; i++) {
        const char *word = sought->name.words[i];
        if (!person_words_has(&stated, word) && !(sought->is_dated && person_words_has_like(&stated, word))) return false;
    }
    if (!sought->is_dated) return true;
    return subject->date_of_birth != NULL && core_view_has(view, roles, EVENT_FIELD_SUBJECTS_DATE_OF_BIRTH_DAY) &&
           event_date_day(subject->date_of_birth, &day) && day == sought->birth_day;
}

bool core_view_finds_subject(const core_view *view, const core_case *sought, size_t index)
{
    const Mash__V1__Event *event = view->record->event;
    return event != NULL && !event->exercise && core_view_subject(view, index) && is_sought(view, event->subjects[index], sought);
}

static bool finds_by_name(const core_view *view, const core_case *sought)
{
    bool found = false;
    for (size_t i = 0; view->record->event != NULL && i < view->record->event->n_subjects && !found; i++)
        found = core_view_finds_subject(view, sought, i);
    return found;
}

bool core_view_finds(const core_view *view, const core_case *sought)
{
    if (core_case_is_named(sought)) return finds_by_name(view, sought);
    uint64_t refs[CORE_REFS_MAX];
    uint32_t count = refs_shown(view, refs);
    const core_state *state = view->state;
    bool is_tied = sought->person != 0 && core_view_link(view, core_persons_at(state, (uint32_t)sought->person)->roles,
                                                         EVENT_FIELD_SUBJECTS_IDENTIFIERS);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < (is_tied ? sought->count : 1); k++) {
            if (refs[i] == sought->refs[k]) return true;
        }
    }
    return false;
}

/* ---- queries --------------------------------------------------------------------------------------------------------------- */
static hub_status query_event(const core_state *state, const char *value, uint64_t *ref, hub_error *err)
{
    hub_id id;
    if (!hub_id_parse(value, &id)) return hub_fail(err, HUB_ERR_INVALID, "event: an event id has 32 hexadecimal digits");
    *ref = ref_of_event(state, id.bytes);
    return HUB_OK;
}

/* "A17" or "17". */
static hub_status query_item(const core_state *state, int item, const char *value, uint64_t *ref, hub_error *err)
{
    char letter = ITEMS[item].letter;
    const char *digits = value[0] == letter || value[0] == letter - 'A' + 'a' ? value + 1 : value;
    if (digits[0] == '\0' || strlen(digits) > 18 || strspn(digits, "0123456789") != strlen(digits)) {
        const char *kind = ITEMS[item].kind;
        return hub_fail(err, HUB_ERR_INVALID, "%s: %s %s is written %c and a number, like %c17", kind, item == ALERT ? "an" : "a",
                        kind, letter, letter);
    }
    unsigned long long number = 0;
    for (const char *at = digits; *at != '\0'; at++)
        number = number * 10 + (unsigned long long)(*at - '0');
    *ref = ref_of_item(state, item, number);
    return HUB_OK;
}

/* The item that a key names by its letter alone, "D3"; ITEM_COUNT when it does not. */
static int item_of_letter(const char *key)
{
    bool is_number = key[0] != '\0' && key[1] != '\0' && strspn(key + 1, "0123456789") == strlen(key + 1);
    int item = 0;
    while (item < ITEM_COUNT && !(is_number && key[0] == ITEMS[item].letter))
        item++;
    return item;
}

/* "SYSTEM:VALUE", where SYSTEM may hold no colon. */
static bool split(const char *value, char system[65], const char **rest)
{
    const char *colon = strchr(value, ':');
    if (colon == NULL || colon == value || colon - value > 64 || colon[1] == '\0') return false;
    memcpy(system, value, (size_t)(colon - value));
    system[colon - value] = '\0';
    *rest = colon + 1;
    return true;
}

/* "2019-06-01" alone. */
static bool read_day(const char *text, int32_t *day)
{
    Mash__V1__Date date = MASH__V1__DATE__INIT;
    int32_t *const parts[] = {&date.year, &date.month, &date.day};
    static const char SHAPE[] = "0000-00-00";
    for (size_t i = 0, part = 0; i < sizeof SHAPE; i++) {
        bool is_digit = text[i] >= '0' && text[i] <= '9';
        if (SHAPE[i] == '0' ? !is_digit : text[i] != SHAPE[i]) return false;
        if (SHAPE[i] == '-') part++;
        if (is_digit) *parts[part] = *parts[part] * 10 + (text[i] - '0');
    }
    return event_date_day(&date, day);
}

/* "name:WORDS", "born:DAY", "name:WORDS born:DAY": the records of that day, which are fewer; without one, of each word that may be the family's. */
static hub_status query_person(const core_state *state, const char *key, core_case *out, hub_error *err)
{
    static const char NAME[] = "name:", BORN[] = "born:";
    const char *born = strstr(key, BORN);
    if (strncmp(key, NAME, sizeof NAME - 1) == 0) {
        const char *from = key + sizeof NAME - 1;
        char text[256] = "";
        memcpy(text, from, born == NULL ? strlen(from) : (size_t)(born - from));
        person_words_add(&out->name, text);
        if (out->name.count == 0)
            return hub_fail(err, HUB_ERR_INVALID, "name: write name: and the family name, or given and family name");
    }
    out->is_dated = born != NULL;
    if (born != NULL && !read_day(born + sizeof BORN - 1, &out->birth_day))
        return hub_fail(err, HUB_ERR_INVALID,
                        "born: a date of birth is written year-month-day at the end of the key, like born:2019-06-01");
    out->count = out->is_dated ? 1 : out->name.count;
    if (out->is_dated) out->refs[0] = ref_of_birth(state, out->birth_day);
    for (uint32_t i = 0; !out->is_dated && i < out->count;
         i++) /* the family name is mostly the last word, and the first ref the key's own */
        out->refs[i] = ref_of_word(state, out->name.words[out->count - 1 - i]);
    return HUB_OK;
}

hub_status core_case_of_key(const core_state *state, const char *key, core_case *out, hub_error *err)
{
    out->person = 0;
    out->count = 1;
    out->name.count = 0;
    out->is_dated = false;
    const char *colon = strchr(key, ':');
    char kind[16] = "";
    if (colon != NULL && (size_t)(colon - key) < sizeof kind) memcpy(kind, key, (size_t)(colon - key));
    const char *value = colon == NULL ? "" : colon + 1;
    char system[65] = "";
    if (strlen(value) > 200) return hub_fail(err, HUB_ERR_INVALID, "%s: longer than any key can be", kind);
    if (strcmp(kind, "name") == 0 || strcmp(kind, "born") == 0) return query_person(state, key, out, err);
    if (strcmp(kind, "event") == 0) return query_event(state, value, &out->refs[0], err);
    int item_named = item_of_letter(key);
    if (item_named < ITEM_COUNT) return query_item(state, item_named, key, &out->refs[0], err);
    for (int item = 0; item < ITEM_COUNT; item++) {
        if (strcmp(kind, ITEMS[item].kind) == 0) return query_item(state, item, value, &out->refs[0], err);
    }
    if (strcmp(kind, "reference") == 0) {
        if (!split(value, system, &value)) return hub_fail(err, HUB_ERR_INVALID, "reference: write reference:SYSTEM:VALUE");
        out->refs[0] = ref_of_reference(state, system, value);
        return HUB_OK;
    }
    Mash__V1__IdentifierScheme scheme = identifier_scheme_of_name(kind);
    if (scheme == MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_UNSPECIFIED) {
        return hub_fail(
            err, HUB_ERR_INVALID,
            "a key begins with event:, alert:, disagreement:, request:, feedback:, reference:SYSTEM:, name:, born:, nhs:, "
            "upn:, pnc:, cro:, crn:, noms: or local:SYSTEM:");
    }
    if (scheme == MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_LOCAL && !split(value, system, &value)) {
        return hub_fail(err, HUB_ERR_INVALID, "local: write local:SYSTEM:VALUE");
    }
    char normal[IDENTIFIER_TEXT_MAX + 1];
    int this_year = 1970 + (int)(state->numbers.time_ms / (INT64_C(31556952) * 1000));
    if (identifier_check(scheme, value, this_year, normal) != IDENTIFIER_VALID) {
        return hub_fail(err, HUB_ERR_INVALID, "%s: not a valid number of this kind (length, characters or check digit)", kind);
    }
    out->refs[0] = ref_of_identifier(state, scheme, system, normal);
    out->person = core_person_of(state, scheme, system, normal);
    return HUB_OK;
}

hub_status core_query_ref(const core_state *state, const char *key, uint64_t *ref, hub_error *err)
{
    core_case named;
    hub_status status = core_case_of_key(state, key, &named, err);
    if (status == HUB_OK) *ref = named.refs[0];
    return status;
}

/* ---- one person's case ------------------------------------------------------------------------------------------------------ */
/* One more is counted than there is room for. */
static void add_to_case(core_case *sought, uint64_t ref)
{
    for (uint32_t i = 0; i < sought->count && i < CORE_CASE_REFS_MAX; i++) {
        if (sought->refs[i] == ref) return;
    }
    if (sought->count < CORE_CASE_REFS_MAX) sought->refs[sought->count] = ref;
    if (sought->count <= CORE_CASE_REFS_MAX) sought->count++;
}

static bool add_alert(const core_state *state, uint32_t alert, void *context)
{
    core_case *sought = context;
    if (core_has_line(state, alert, sought->person)) add_to_case(sought, ref_of_item(state, ALERT, alert));
    return false; /* and go on */
}

static void add_identifiers(const core_state *state, uint32_t person, core_case *sought)
{
    for (uint32_t at = core_persons_at(state, person)->identifiers; at != 0; at = core_identifiers_at(state, at)->next)
        add_to_case(sought, hub_get_u64(core_identifiers_at(state, at)->hash));
}

hub_status core_case_of(const core_state *state, const char *key, core_case *out, hub_error *err)
{
    hub_status status = core_case_of_key(state, key, out, err);
    if (status != HUB_OK || out->person == 0) return status;
    uint32_t root = (uint32_t)out->person;
    add_identifiers(state, root, out);
    for (uint32_t at = core_persons_at(state, root)->first_joined; at != 0; at = core_persons_at(state, at)->next_joined)
        add_identifiers(state, at, out);
    (void)core_find_alert_of(state, root, add_alert, out);
    if (out->count <= CORE_CASE_REFS_MAX) return HUB_OK;
    out->count = 0;
    return hub_fail(err, HUB_ERR_INVALID,
                    "more than %d numbers and alerts belong to this person: find them, and trace each alert by its own id",
                    CORE_CASE_REFS_MAX);
}
