/* What a policy that compiles may still lack: on the day of the check, and on every later day on which a row of the roster, of the
 * routes, of the areas or of the rules begins or ends. */
#include "check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event/event.h"

const core_place CHECK_NOWHERE = {0};

static void put(const check *k, core_place place, const char *kind, const char *format, va_list args)
{
    char text[1000];
    (void)vsnprintf(text, sizeof text, format, args);
    for (char *at = text; *at != '\0'; at++) /* a text of the policy may hold a line's end, and a complaint is one line */
        *at = (unsigned char)*at < 0x20 ? ' ' : *at;
    if (place.line == 0) {
        hub_buffer_put_format(&k->problems->text, "policy: %s%s\n", kind, text);
    } else {
        hub_buffer_put_format(&k->problems->text, "%s:%u:%u: %s%s\n", k->policy->files[place.file], place.line, place.column,
                              kind, text);
    }
}

void check_complain(const check *k, core_place place, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    put(k, place, "", format, args);
    va_end(args);
    k->problems->count++;
}

void check_warn(const check *k, core_place place, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    put(k, place, "warning: ", format, args);
    va_end(args);
    k->problems->warnings++;
}

/* ---- days ------------------------------------------------------------------------------------------------------------- */

const char *check_from(const check *k, int32_t day, char out[32])
{
    out[0] = '\0';
    if (day == k->today) return out;
    int32_t year, month, day_of_month;
    event_day_date(day, &year, &month, &day_of_month);
    (void)hub_format(out, 32, " from %04d-%02d-%02d", year, month, day_of_month);
    return out;
}

bool check_rule_is_ahead(const check *k, const core_rule *rule)
{
    return rule->effective.until_day == 0 || rule->effective.until_day > k->today;
}

/* The day on which the last person of the roster leaves: nobody expects a ladder to be held after that. */
static int32_t roster_end(const core_policy *policy)
{
    int32_t end = policy->staff_count == 0 ? INT32_MAX : 0;
    for (uint32_t i = 0; i < policy->staff_count; i++) {
        int32_t until = policy->staff[i].effective.until_day;
        if (until == 0) return INT32_MAX;
        if (until > end) end = until;
    }
    return end;
}

typedef struct day_list {
    int32_t *days;
    uint32_t count;
    int32_t after, before;
} day_list;

static void add_span(day_list *list, const core_effective *span)
{
    if (span->from_day > list->after && span->from_day < list->before) list->days[list->count++] = span->from_day;
    if (span->until_day > list->after && span->until_day < list->before) list->days[list->count++] = span->until_day;
}

static int by_day(const void *a, const void *b)
{
    int32_t left = *(const int32_t *)a, right = *(const int32_t *)b;
    return left < right ? -1 : left > right;
}

/* GIVEN, end with free; NULL without memory. */
static int32_t *list_days(const core_policy *policy, int32_t today, uint32_t *count)
{
    size_t rows = (size_t)policy->staff_count + policy->route_count + policy->area_count + policy->rule_count;
    day_list list = {.days = calloc(1 + 2 * rows, sizeof *list.days), .after = today, .before = roster_end(policy)};
    if (list.days == NULL) return NULL;
    list.days[list.count++] = today;
    for (uint32_t i = 0; i < policy->staff_count; i++)
        add_span(&list, &policy->staff[i].effective);
    for (uint32_t i = 0; i < policy->route_count; i++)
        add_span(&list, &policy->routes[i].effective);
    for (uint32_t i = 0; i < policy->area_count; i++)
        add_span(&list, &policy->areas[i].effective);
    for (uint32_t i = 0; i < policy->rule_count; i++)
        add_span(&list, &policy->rules[i].effective);
    qsort(list.days, list.count, sizeof *list.days, by_day);
    for (uint32_t i = 0; i < list.count; i++) {
        if (i == 0 || list.days[i] != list.days[*count - 1]) list.days[(*count)++] = list.days[i];
    }
    return list.days;
}

/* ---- payloads --------------------------------------------------------------------------------------------------------- */

static uint64_t rule_payloads(const core_rule *rule)
{
    uint64_t mask = UINT64_MAX;
    for (uint32_t i = 0; i < rule->condition_count; i++) {
        if (rule->conditions[i].kind == CORE_IF_PAYLOAD) mask &= rule->conditions[i].payloads;
    }
    return mask;
}

/* A rule about certain roles holds only for an event that names such a person: that is a condition too. */
static bool is_unconditional(const core_rule *rule)
{
    for (uint32_t i = 0; i < rule->condition_count; i++) {
        if (rule->conditions[i].kind != CORE_IF_PAYLOAD) return false;
    }
    return rule->area[0] == '\0' && rule->about == 0;
}

/* Which payloads some rule is for on this day; of those `always`, for all of their kind. */
static uint64_t payloads_on(const check *k, int32_t day, uint64_t *always)
{
    uint64_t some = 0;
    *always = 0;
    for (uint32_t i = 0; i < k->policy->rule_count; i++) {
        const core_rule *rule = &k->policy->rules[i];
        if (!core_effective_on(&rule->effective, day)) continue;
        some |= rule_payloads(rule);
        if (is_unconditional(rule)) *always |= rule_payloads(rule);
    }
    return some;
}

static void check_payloads(const check *k)
{
    uint64_t told = 0, always;
    for (uint32_t n = 0; n < k->day_count; n++) {
        uint64_t some = payloads_on(k, k->days[n], &always);
        for (uint32_t i = 0; i < 64; i++) {
            const char *name = event_payload_name(CORE_PAYLOAD_FIRST + i);
            char from[32];
            if (name == NULL || (told >> i & 1) != 0) continue;
            if ((some >> i & 1) == 0) {
                told |= UINT64_C(1) << i;
                check_complain(k, CHECK_NOWHERE,
                               "no rule is for '%s'%s: such an event goes to nobody; add a rule, if only 'then: record'", name,
                               check_from(k, k->days[n], from));
            } else if ((always >> i & 1) == 0 && n == 0) {
                check_warn(
                    k, CHECK_NOWHERE,
                    "every rule for '%s' has further conditions: some such events go to nobody; add one with 'then: record'",
                    name);
            }
        }
    }
}

/* ---- services and queues ---------------------------------------------------------------------------------------------- */

/* Where and when a service is needed: `area` "" = every area. */
typedef struct need {
    const char *service, *area;
    core_effective days;
    core_place place;
    const char *what, *id;
} need;

/* One complaint an area: the first day on which it is needed there and no queue does it. */
static void check_service(const check *k, const need *n)
{
    char from[32];
    if (n->service[0] == '\0') return;
    for (uint32_t i = 0; i < k->policy->area_count; i++) {
        const core_area *area = &k->policy->areas[i];
        bool found = n->area[0] != '\0' && strcmp(n->area, area->code) != 0;
        for (uint32_t d = 0; d < k->day_count && !found; d++) {
            int32_t day = k->days[d];
            if (!core_effective_on(&area->effective, day) || !core_effective_on(&n->days, day)) continue;
            found = core_policy_route(k->policy, n->service, area->code, day) < 0;
            if (!found) continue;
            check_complain(k, n->place, "%s %s: service '%s' has no queue in area %s (%s)%s; add a route", n->what, n->id,
                           n->service, area->code, area->name, check_from(k, day, from));
        }
    }
}

static void check_services(const check *k)
{
    for (uint32_t i = 0; i < k->policy->rule_count; i++) {
        const core_rule *rule = &k->policy->rules[i];
        if (rule->action == CORE_DO_RECORD) continue;
        check_service(k, &(need){rule->service, rule->area, rule->effective, rule->place, "rule", rule->id});
    }
    for (uint32_t i = 0; i < k->policy->clock_count; i++) {
        const core_clock_row *clock = &k->policy->clocks[i];
        check_service(k, &(need){clock->on_lapse_service, "", {0}, clock->place, "clock", clock->id});
        check_service(k, &(need){clock->notice_service, "", {0}, clock->place, "clock", clock->id});
    }
    for (int rating = MASH__V1__RATING__RATING_BLUE; rating <= MASH__V1__RATING__RATING_RED; rating++) {
        char name[64];
        if (!k->policy->ratings[rating].out_of_hours_too) continue;
        check_service(k, &(need){"out_of_hours",
                                 "",
                                 {0},
                                 k->policy->ratings[rating].place,
                                 "rating",
                                 event_enum_name(&mash__v1__rating__descriptor, rating, name)});
    }
}

static bool routes_to(const core_policy *policy, const char *service, uint32_t queue)
{
    for (uint32_t i = 0; i < policy->route_count; i++) {
        if (policy->routes[i].queue == queue && strcmp(policy->routes[i].service, service) == 0) return true;
    }
    return false;
}

bool check_is_alerted(const check *k, uint32_t queue)
{
    for (uint32_t i = 0; i < k->policy->rule_count; i++) {
        const core_rule *rule = &k->policy->rules[i];
        if (rule->action != CORE_DO_ALERT || !check_rule_is_ahead(k, rule)) continue;
        if (rule->queue >= 0 ? (uint32_t)rule->queue == queue : routes_to(k->policy, rule->service, queue)) return true;
    }
    return false;
}

static bool receives_alerts(const check *k, uint32_t queue)
{
    for (int rating = MASH__V1__RATING__RATING_BLUE; rating <= MASH__V1__RATING__RATING_RED; rating++) {
        if (k->policy->ratings[rating].out_of_hours_too && routes_to(k->policy, "out_of_hours", queue)) return true;
    }
    return check_is_alerted(k, queue);
}

/* What joins an alert shows in its rating, its count and its clocks, also to who does not get the event (P6). */
static void check_clearance(const check *k, uint32_t index)
{
    const core_queue_row *queue = &k->policy->queues[index];
    const core_audience *audience = &k->policy->audiences[queue->audience];
    if (audience->sees_up_to >= MASH__V1__SENSITIVITY__SENSITIVITY_RESTRICTED || !receives_alerts(k, index)) return;
    check_complain(
        k, queue->place,
        "queue %s: it receives alerts, and its audience %s may not know of restricted events, which would show in an alert's "
        "rating and clocks; give it an audience that sees up to restricted, or send it notices",
        queue->name, audience->name);
}

/* One alert is one thing, about everybody in it: a list for notices about one person would give its team nobody's place. */
static void check_one_by_one(const check *k, uint32_t index)
{
    const core_queue_row *queue = &k->policy->queues[index];
    const core_audience *audience = &k->policy->audiences[queue->audience];
    if (!audience->one_by_one || !receives_alerts(k, index)) return;
    check_complain(k, queue->place,
                   "queue %s: it receives alerts, and its audience %s is told of people one by one, which is for notices",
                   queue->name, audience->name);
}

static bool notifies(const check *k, const char *service)
{
    for (uint32_t i = 0; i < k->policy->rule_count; i++) {
        const core_rule *rule = &k->policy->rules[i];
        if (rule->action == CORE_DO_NOTIFY && strcmp(rule->service, service) == 0 && check_rule_is_ahead(k, rule)) return true;
    }
    return false;
}

static void check_forces(const check *k)
{
    for (uint32_t i = 0; i < k->policy->force_count; i++) {
        const core_force *force = &k->policy->forces[i];
        if (core_effective_on(&force->effective, k->today) && !notifies(k, force->service))
            check_complain(k, force->place, "force %s: no rule sends a notice to service '%s', so nothing is given by its choice",
                           force->name, force->service);
    }
}

/* Nearness that nobody has told the hub of cannot be seen. */
static void check_near(const check *k, const core_audience *audience)
{
    static const struct {
        event_field field;
        const char *path;
    } PLACES[] = {{EVENT_FIELD_SUBJECTS_ADDRESSES, "subjects.addresses"},
                  {EVENT_FIELD_SUBJECTS_SCHOOL_URN, "subjects.school_urn"},
                  {EVENT_FIELD_SUBJECTS_PRACTICE_CODE, "subjects.practice_code"}};
    for (size_t i = 0; audience->near != 0 && i < sizeof PLACES / sizeof PLACES[0]; i++) {
        if (event_fields_has(&audience->fields, PLACES[i].field))
            check_warn(
                k, audience->place,
                "audience %s: it may be near somebody, and has %s; that is kept back only once the hub knows who is near whom",
                audience->name, PLACES[i].path);
    }
}

/* Who sends an alert on chooses among these names. */
static void check_names(const check *k, uint32_t at)
{
    const core_queue_row *queue = &k->policy->queues[at];
    for (uint32_t i = 0; queue->plain[0] != '\0' && i < at; i++) {
        if (strcmp(k->policy->queues[i].plain, queue->plain) == 0)
            check_complain(k, queue->place, "queue %s: people could not tell it from %s, both are called '%s'", queue->name,
                           k->policy->queues[i].name, queue->plain);
    }
}

static void check_queues(const check *k)
{
    bool used[CORE_POLICY_AUDIENCES_MAX] = {false};
    for (uint32_t i = 0; i < k->policy->queue_count; i++) {
        const core_queue_row *queue = &k->policy->queues[i];
        used[queue->audience] = true;
        if (queue->consumers[0][0] == '\0')
            check_complain(k, queue->place, "queue %s: nobody consumes it; name a consumer", queue->name);
        check_names(k, i);
        check_clearance(k, i);
        check_one_by_one(k, i);
    }
    for (uint32_t i = 0; i < k->policy->force_count; i++)
        used[k->policy->forces[i].audience] = true;
    for (uint32_t i = 0; i < k->policy->audience_count; i++) {
        if (!used[i]) check_warn(k, k->policy->audiences[i].place, "audience %s: no queue uses it", k->policy->audiences[i].name);
        check_near(k, &k->policy->audiences[i]);
    }
}

/* ---- clocks and calendars --------------------------------------------------------------------------------------------- */

static bool lists_clock(const uint32_t *clocks, uint32_t count, uint32_t clock)
{
    for (uint32_t i = 0; i < count; i++) {
        if (clocks[i] == clock) return true;
    }
    return false;
}

/* Clocks that acts start. */
static bool is_started_by_acts(const core_policy *policy, uint32_t clock)
{
    for (int rating = MASH__V1__RATING__RATING_BLUE; rating <= MASH__V1__RATING__RATING_RED; rating++) {
        if (policy->ratings[rating].claim == (int32_t)clock || policy->ratings[rating].request == (int32_t)clock) return true;
    }
    for (uint32_t i = 0; i < policy->disagreement_count; i++) {
        if (policy->disagreements[i].outcome == clock) return true;
    }
    return policy->feedback_clock == (int32_t)clock;
}

/* Times inside ladders are rows too; their ids hold what no name does. They are judged with their ladder. */
static bool is_named(const core_clock_row *clock)
{
    return strchr(clock->id, '/') == NULL;
}

static void check_clock_use(const check *k, uint32_t index)
{
    const core_clock_row *clock = &k->policy->clocks[index];
    bool started = false; /* by itself, with the alert */
    for (int rating = MASH__V1__RATING__RATING_BLUE; rating <= MASH__V1__RATING__RATING_RED; rating++) {
        started = started || lists_clock(k->policy->ratings[rating].clocks, k->policy->ratings[rating].clock_count, index);
    }
    for (uint32_t i = 0; i < k->policy->rule_count; i++) {
        started = started || lists_clock(k->policy->rules[i].clocks, k->policy->rules[i].clock_count, index);
    }
    if (!started && !is_started_by_acts(k->policy, index)) {
        check_warn(k, clock->place, "clock %s: no rule and no rating uses it", clock->id);
    }
    if (started && clock->met_by == CORE_MET_OTHER) {
        check_complain(k, clock->place,
                       "clock %s: nothing that is done on an alert would ever meet it; say in 'met_by' what does", clock->id);
    }
    if (clock->statutory && clock->on_lapse_service[0] == '\0') {
        check_complain(k, clock->place,
                       "clock %s: nobody but the team that missed it hears when this statutory clock lapses; give it 'on_lapse'",
                       clock->id);
    }
}

static void check_runs_on(const check *k, int32_t clock, const char *what)
{
    if (clock < 0) return;
    const core_clock_row *row = &k->policy->clocks[clock];
    if (row->kind == CORE_CLOCK_ELAPSED_MINUTES || row->statutory) return;
    check_complain(
        k, k->policy->ratings[MASH__V1__RATING__RATING_RED].place,
        "rating red: clock %s%s stands still while the front door is closed, and a red runs on; give it elapsed_minutes", row->id,
        what);
}

/* A red waits for no Monday. What statute gives in working days stands beside the red's own clocks. */
static void check_red(const check *k)
{
    const core_rating_row *red = &k->policy->ratings[MASH__V1__RATING__RATING_RED];
    for (uint32_t i = 0; i < red->clock_count; i++)
        check_runs_on(k, (int32_t)red->clocks[i], "");
    check_runs_on(k, red->claim, " (its claim)");
    check_runs_on(k, red->request, " (its request)");
}

static void check_terms(const check *k, const core_clock_row *clock)
{
    if (clock->kind != CORE_CLOCK_NEXT_SCHOOL_DAY) return;
    const core_calendar *calendar = &k->policy->calendars[clock->calendar];
    if (calendar->term_count == 0 || calendar->terms[calendar->term_count - 1].until_day <= k->today) {
        check_complain(k, clock->place, "clock %s: calendar %s has no school terms ahead; add them", clock->id, calendar->id);
    } else if (calendar->terms[calendar->term_count - 1].until_day <= k->today + CORE_CALENDAR_NOTICE_DAYS) {
        check_warn(k, calendar->place, "calendar %s: its last school term ends in %d days; add the next", calendar->id,
                   calendar->terms[calendar->term_count - 1].until_day - k->today);
    }
}

static void check_school(const check *k, const core_school *school)
{
    int32_t last = school->term_count == 0 ? 0 : school->terms[school->term_count - 1].until_day;
    if (last <= k->today) {
        check_complain(k, school->place, "school %s: no term of its own lies ahead; add them, or remove the row", school->urn);
    } else if (last <= k->today + CORE_CALENDAR_NOTICE_DAYS) {
        check_warn(k, school->place, "school %s: its last term ends in %d days; add the next", school->urn, last - k->today);
    }
}

static void check_calendar(const check *k, const core_calendar *calendar)
{
    if (calendar->known_until_day == 0) return;
    int32_t left = calendar->known_until_day - k->today;
    if (left < 0) {
        check_complain(k, calendar->place,
                       "calendar %s: its bank holidays ended %d days ago; due times are provisional until it is extended",
                       calendar->id, -left);
    } else if (left <= CORE_CALENDAR_NOTICE_DAYS) {
        check_warn(k, calendar->place, "calendar %s: its bank holidays are known for %d more days only; extend it", calendar->id,
                   left);
    }
}

/* Has it ended, and no row goes on for the same agency there? Then its referrals get no answer, in silence. */
static void check_agency(const check *k, uint32_t index)
{
    const core_agency_row *ended = &k->policy->agencies[index];
    if (ended->effective.until_day == 0 || ended->effective.until_day > k->today) return;
    for (uint32_t i = 0; i < k->policy->agency_count; i++) {
        const core_agency_row *other = &k->policy->agencies[i];
        bool goes_on = other->effective.until_day == 0 || other->effective.until_day > k->today;
        bool is_there = other->area[0] == '\0' || strcmp(other->area, ended->area) == 0;
        if (goes_on && is_there && other->agency == ended->agency) return;
    }
    check_warn(k, ended->place,
               "agency %s: ended %d days ago and no row follows, so nobody is asked there or hears of an outcome; add who "
               "succeeded it",
               ended->name, k->today - ended->effective.until_day);
}

static void check_rule_days(const check *k, const core_rule *rule)
{
    if (!check_rule_is_ahead(k, rule)) {
        check_warn(k, rule->place, "rule %s: ended %d days ago, so nothing starts it; remove it, or move 'until'", rule->id,
                   k->today - rule->effective.until_day);
    } else if (rule->review_day < k->today) {
        check_warn(k, rule->place, "rule %s: was to be reviewed by %s %d days ago", rule->id, rule->owner,
                   k->today - rule->review_day);
    }
}

static void check_review(const check *k, const core_review *review)
{
    if (review->day < k->today)
        check_warn(k, review->place, "%s: was to be reviewed %d days ago", review->what, k->today - review->day);
}

void policy_check(const core_policy *policy, int32_t today, yaml_problems *problems)
{
    HUB_ASSERT(policy != NULL && problems != NULL);
    check k = {.policy = policy, .today = today, .problems = problems};
    int32_t *days = list_days(policy, today, &k.day_count);
    k.days = days;
    if (days == NULL) {
        check_complain(&k, CHECK_NOWHERE, "not checked: no memory");
        return;
    }
    check_payloads(&k);
    check_services(&k);
    check_queues(&k);
    check_forces(&k);
    for (uint32_t i = 0; i < policy->clock_count; i++) {
        if (is_named(&policy->clocks[i])) check_clock_use(&k, i);
        check_terms(&k, &policy->clocks[i]);
    }
    check_red(&k);
    for (uint32_t i = 0; i < policy->calendar_count; i++)
        check_calendar(&k, &policy->calendars[i]);
    for (uint32_t i = 0; i < policy->school_count; i++)
        check_school(&k, &policy->schools[i]);
    for (uint32_t i = 0; i < policy->agency_count; i++)
        check_agency(&k, i);
    for (uint32_t i = 0; i < policy->rule_count; i++)
        check_rule_days(&k, &policy->rules[i]);
    for (uint32_t i = 0; i < policy->review_count; i++)
        check_review(&k, &policy->reviews[i]);
    check_rules(&k);
    check_people(&k);
    free(days);
}
