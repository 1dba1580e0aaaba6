/* csc_json.c - the DfE's children's social care data: [child, ...], each with all that is known of them, as councils send it every day.
 *
 * Like the census a record is a snapshot, and is compared with what earlier ones said: only what is new is told. A fact is known by the
 * source's own number for it, so a date that is put right amends.
 *
 * Invariants
 *   J1  a child seen for the first time brings their past along: what is older than 31 days is remembered and not told
 *   J2  the same record twice makes no event
 *   J3  `purge` takes back what was told of the fact, the episode or the child, and tells nothing
 *   J4  a UPN that fails its check, and a code that is none, are left out and parked as faults of their own, as in the census
 *   J5  what has another shape than the specification's is parked where it stands; what is beside it goes on
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "children/children.h"
#include "children/cin_facts.h"
#include "formats/json_place.h"

#define SCHEME(name) MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_##name
#define COUNT(table) (sizeof(table) / sizeof(table)[0])

enum { CHILDREN_MAX = 50000, PAST_DAYS = 31 };

typedef struct reading {
    const kit_mapping_options *options;
    kit_sink *sink;
    formats_json_places places;
    const json_t *record; /* what is being read and would be parked: the child, an episode, one of its facts */
    cin_child child;
    bool is_purged[CIN_FACTS_MAX];
    hub_status status; /* of the last parking */
} reading;

static void park(reading *r, const json_t *holder, const char *key, const char *field, const char *rule)
{
    kit_place place = formats_json_place(&r->places, holder, key, field);
    if (r->status == HUB_OK) r->status = formats_park(r->sink, formats_json_record(&r->places, r->record), place, rule);
}

/* Left unstated when it cannot be read; the fault is parked. */
static void keep_date(reading *r, const json_t *holder, const char *key, formats_date *out)
{
    hub_bytes text = formats_json_text(holder, key);
    bool is_read = !formats_json_is_not_text(holder, key) && (text.size == 0 || formats_date_iso(text, out));
    if (is_read) return;
    *out = (formats_date){0};
    park(r, holder, key, key, "date does not exist or is not YYYY-MM-DD");
}

static void keep_text(reading *r, const json_t *holder, const char *key, char out[CIN_TEXT_MAX])
{
    hub_bytes text = formats_json_text(holder, key);
    out[0] = '\0';
    if (formats_json_is_not_text(holder, key) || text.size >= CIN_TEXT_MAX) {
        park(r, holder, key, key, "must be a text of at most 63 bytes");
        return;
    }
    (void)snprintf(out, CIN_TEXT_MAX, "%.*s", (int)text.size, (const char *)text.data);
}

/* YES, NO or not stated; a flag of another shape is parked, and not stated. */
static Mash__V1__Presence keep_flag(reading *r, const json_t *holder, const char *key)
{
    if (formats_json_is_not_boolean(holder, key)) park(r, holder, key, key, "must be true or false");
    return formats_json_presence(holder, key);
}

/* The elements under `key`; NULL: none, or no list. */
static const json_t *list_of(reading *r, const json_t *holder, const char *key)
{
    const json_t *list = json_object_get(holder, key);
    if (list == NULL || json_is_null(list) || json_is_array(list)) return list;
    park(r, holder, key, key, "must be a list"); /* J5 */
    return NULL;
}

/* J5. Of one that is none its own bytes are parked, and not the child's: a hostile list would be parked once for each of its elements. */
static bool is_object(reading *r, const json_t *list, size_t index, const char *name)
{
    char field[64];
    hub_bytes record;
    if (json_is_object(json_array_get(list, index))) return true;
    (void)snprintf(field, sizeof field, "%s[%zu]", name, index);
    kit_place place = formats_json_element(&r->places, list, index, field, &record);
    if (r->status == HUB_OK) r->status = formats_park(r->sink, record, place, "must be an object");
    return false;
}

static bool is_purged(reading *r, const json_t *holder)
{
    return keep_flag(r, holder, "purge") == MASH__V1__PRESENCE__PRESENCE_YES;
}

static void add_fact(reading *r, const cin_fact *fact, bool purged)
{
    if (fact->on.year == 0) return; /* not begun, or its date was parked */
    if (r->child.count == CIN_FACTS_MAX) {
        park(r, r->record, "social_care_episodes", "social_care_episodes", "more than 512 facts for one child");
        return;
    }
    r->is_purged[r->child.count] = purged;
    r->child.facts[r->child.count++] = *fact;
}

/* One list of an episode, and what its elements mean. */
typedef struct module {
    const char *list;
    const char *number;
    cin_kind kind;
    cin_kind end_kind; /* the same: `end_date` is no fact */
    void (*more)(reading *r, const json_t *element, cin_fact *fact);
} module;

static void more_assessment(reading *r, const json_t *element, cin_fact *fact)
{
    size_t i;
    json_t *code;
    bool is_known = true;
    keep_date(r, element, "authorisation_date", &fact->completed);
    json_array_foreach(list_of(r, element, "factors"), i, code)
    {
        is_known = json_is_string(code) && cin_add_factor(fact, hub_bytes_of_text(json_string_value(code))) && is_known;
    }
    if (!is_known) park(r, element, "factors", "factors", "holds what is not a factor of the census"); /* J4 */
}

/* The census asks whether a conference is not required, this whether it is. */
static void more_section_47(reading *r, const json_t *element, cin_fact *fact)
{
    Mash__V1__Presence required = keep_flag(r, element, "icpc_required_flag");
    keep_date(r, element, "icpc_date", &fact->completed);
    if (required == MASH__V1__PRESENCE__PRESENCE_NO && json_object_get(element, "end_date") != NULL)
        fact->flag = MASH__V1__PRESENCE__PRESENCE_YES;
}

static void more_placement(reading *r, const json_t *element, cin_fact *fact)
{
    hub_bytes reason = formats_json_text(element, "start_reason"); /* S: started to be looked after [SSDA903] */
    keep_text(r, element, "placement_type", fact->code);
    fact->is_moved = reason.size > 0 && !formats_bytes_are(reason, "S");
}

static const module MODULES[] = {
    {"child_and_family_assessments", "child_and_family_assessment_id", CIN_ASSESSMENT, CIN_ASSESSMENT, more_assessment},
    {"section_47_assessments", "section_47_assessment_id", CIN_SECTION_47, CIN_SECTION_47, more_section_47},
    {"child_protection_plans", "child_protection_plan_id", CIN_CHILD_PROTECTION_PLAN, CIN_CHILD_PROTECTION_END, NULL},
    {"child_in_need_plans", "child_in_need_plan_id", CIN_PLAN, CIN_PLAN_END, NULL},
    {"child_looked_after_placements", "child_looked_after_placement_id", CIN_LOOKED_AFTER, CIN_LOOKED_AFTER_END, more_placement},
};

static void read_element(reading *r, const module *of, const json_t *element, const cin_fact *head, bool purged)
{
    cin_fact fact = {.kind = of->kind, .referral = head->on, .is_open = head->is_open};
    kit_place place = formats_json_place(&r->places, element, NULL, of->list);
    fact.line = place.line;
    fact.column = place.column;
    r->record = element;
    purged = is_purged(r, element) || purged;
    keep_text(r, element, of->number, fact.number);
    keep_date(r, element, "start_date", &fact.on);
    if (of->more != NULL) of->more(r, element, &fact);
    add_fact(r, &fact, purged);
    /* X1: the next placement begins on the same day, the child stays looked after [SSDA903 reason episode ceased]. */
    bool goes_on = formats_bytes_are(formats_json_text(element, "end_reason"), "X1");
    if (of->end_kind == of->kind || goes_on) return;
    fact.kind = of->end_kind;
    keep_date(r, element, "end_date", &fact.on);
    if (formats_json_text(element, "end_date").size == 0) fact.on = (formats_date){0};
    add_fact(r, &fact, purged);
}

static void read_episode(reading *r, const json_t *episode, bool purged)
{
    kit_place place = formats_json_place(&r->places, episode, NULL, "social_care_episodes");
    cin_fact head = {.kind = CIN_REFERRAL, .line = place.line, .column = place.column};
    cin_fact closure = {.kind = CIN_CLOSURE, .line = place.line, .column = place.column};
    r->record = episode;
    purged = is_purged(r, episode) || purged;
    keep_text(r, episode, "social_care_episode_id", head.number);
    keep_date(r, episode, "referral_date", &head.on);
    keep_text(r, episode, "referral_source", head.code);
    head.flag = keep_flag(r, episode, "referral_no_further_action_flag");
    keep_date(r, episode, "closure_date", &closure.on);
    keep_text(r, episode, "closure_reason", closure.code);
    memcpy(closure.number, head.number, sizeof closure.number);
    head.is_open = closure.on.year == 0 && !purged;
    closure.referral = head.referral = head.on;
    add_fact(r, &head, purged);
    add_fact(r, &closure, purged);
    for (size_t m = 0; m < COUNT(MODULES); m++) {
        size_t i;
        json_t *element;
        const json_t *list = list_of(r, episode, MODULES[m].list);
        json_array_foreach(list, i, element)
        {
            if (is_object(r, list, i, MODULES[m].list)) read_element(r, &MODULES[m], element, &head, purged);
            r->record = episode;
        }
    }
}

static void read_details(reading *r, const json_t *details)
{
    cin_child *child = &r->child;
    hub_bytes upn = formats_json_text(details, "unique_pupil_number");
    const char *rule = formats_identifier_fault(SCHEME(UPN), upn, r->options->this_year);
    if (formats_json_is_not_text(details, "unique_pupil_number")) rule = "must be a text";
    if (rule != NULL)
        park(r, details, "unique_pupil_number", "unique_pupil_number", rule); /* J4 */
    else
        keep_text(r, details, "unique_pupil_number", child->upn);
    child->family_name = formats_json_text(details, "surname");
    child->given_name = formats_json_text(details, "first_name");
    child->postcode = formats_json_text(details, "postcode");
    keep_date(r, details, "date_of_birth", &child->birth);
    keep_date(r, details, "expected_date_of_birth", &child->expected);
    keep_date(r, details, "date_of_death", &child->death);
    child->sex = formats_sex(formats_json_text(details, "sex"));
}

/* J1. */
static bool is_past(const reading *r, formats_date on)
{
    Mash__V1__Date message = {.year = on.year, .month = on.month, .day = on.day};
    int32_t day;
    return event_date_day(&message, &day) && day < r->options->received_ms / 86400000 - PAST_DAYS;
}

static bool is_known(reading *r)
{
    const hub_bytes PART = hub_bytes_of_text(r->child.id);
    formats_key key = formats_key_of("seen", &PART, 1);
    hub_buffer value = {0};
    hub_status status = r->sink->ops->get(r->sink, key.text, &value);
    hub_buffer_free(&value);
    if (status == HUB_ERR_NOT_FOUND) r->status = r->sink->ops->put(r->sink, key.text, hub_bytes_of_text("1"));
    if (status != HUB_OK && status != HUB_ERR_NOT_FOUND) r->status = status;
    return status == HUB_OK;
}

static hub_status put_child(reading *r)
{
    bool known = is_known(r);
    if (r->status == HUB_OK) r->status = cin_put_child(r->sink, r->options, "", &r->child, CIN_UPDATE);
    for (uint32_t i = 0; i < r->child.count && r->status == HUB_OK; i++) {
        const cin_fact *fact = &r->child.facts[i];
        cin_use use = r->is_purged[i] ? CIN_WITHDRAW : !known && is_past(r, fact->on) ? CIN_BASELINE : CIN_UPDATE;
        r->status = cin_put_fact(r->sink, r->options, "", &r->child, fact, use);
    }
    if (r->status == HUB_OK) hub_arena_reset(r->sink->arena);
    return r->status;
}

static hub_status read_child(reading *r, const json_t *record)
{
    size_t i;
    json_t *episode;
    r->record = record;
    r->child.count = 0;
    r->child.upn[0] = '\0';
    r->child.birth = r->child.expected = r->child.death = (formats_date){0};
    r->child.sex = MASH__V1__SEX__SEX_UNSPECIFIED;
    kit_place place = formats_json_place(&r->places, record, NULL, "child");
    r->child.line = place.line;
    r->child.column = place.column;
    bool purged = is_purged(r, record);
    keep_text(r, record, "la_child_id", r->child.id);
    if (r->status == HUB_OK && !formats_identifies(SCHEME(LOCAL), hub_bytes_of_text(r->child.id), r->options->this_year)) {
        park(r, record, "la_child_id", "la_child_id",
             "required, and empty or a placeholder: a child without it cannot be followed from day to day");
        return r->status;
    }
    const json_t *details = json_object_get(record, "child_details");
    if (details != NULL && !json_is_null(details) && !json_is_object(details))
        park(r, record, "child_details", "child_details", "must be an object"); /* J5 */
    read_details(r, details);
    const json_t *episodes = list_of(r, record, "social_care_episodes");
    json_array_foreach(episodes, i, episode)
    {
        if (is_object(r, episodes, i, "social_care_episodes")) read_episode(r, episode, purged);
        r->record = record;
    }
    return r->status == HUB_OK ? put_child(r) : r->status;
}

static hub_status read_children(reading *r, const json_t *root, hub_error *err)
{
    const json_t *children = json_is_array(root) ? root : json_object_get(root, "children");
    size_t i;
    json_t *record;
    if (!json_is_array(children))
        return formats_json_refuse(r->places.input, root, root, "children", "children", "must be a list of children", err);
    if (json_array_size(children) > CHILDREN_MAX)
        return formats_json_refuse(r->places.input, root, root, "children", "children", "more than 50000 children", err);
    json_array_foreach(children, i, record)
    {
        hub_status status = HUB_OK;
        if (is_object(r, children, i, "children")) status = read_child(r, record);
        if (status == HUB_OK) status = r->status;
        if (status != HUB_OK) return status;
    }
    return HUB_OK;
}

static hub_status map(const kit_mapping_options *options, hub_bytes input, const char *input_name, kit_sink *sink, hub_error *err)
{
    (void)input_name;
    reading *r = calloc(1, sizeof *r); /* 200 KiB: not on a stack */
    if (r == NULL) return HUB_ERR_MEMORY;
    r->options = options;
    r->sink = sink;
    hub_status status = formats_json_open(input, &r->places, err);
    if (status == HUB_OK) status = read_children(r, r->places.root, err);
    formats_json_close(&r->places);
    free(r);
    return status;
}

const kit_mapping childrens_csc_json = {
    .name = "childrens-csc-json",
    .version = 1,
    .agency = MASH__V1__AGENCY__AGENCY_CHILDRENS_SERVICES,
    .transport = "folder",
    .file_suffix = "json",
    .map = map,
};
