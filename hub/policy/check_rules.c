/* Rules that nothing can start, rules that say nothing another does not say already, and rules that promise later than the law does. */
#include <string.h>

#include "check.h"
#include "event/event.h"

/* ---- conditions that exclude each other ----------------------------------------------------------------------------------- */

/* The values that meet a condition: those from `least` to `most`, of the numbers below 64 only those in `bits`. */
typedef struct allowed {
    uint64_t bits;
    int64_t least, most;
    bool unknown_too; /* an age: also whose age is not known */
} allowed;

static allowed allowed_by(const core_condition *condition)
{
    allowed set = {.bits = condition->kind == CORE_IF_PAYLOAD ? condition->payloads : condition->mask, .most = 63};
    if (set.bits != 0) return set;
    return (allowed){UINT64_MAX, condition->at_least, condition->at_most, condition->or_at_school};
}

static void narrow(allowed *set, allowed by)
{
    set->bits &= by.bits;
    if (by.least > set->least) set->least = by.least;
    if (by.most < set->most) set->most = by.most;
    set->unknown_too = set->unknown_too && by.unknown_too;
}

static bool is_empty(const allowed *set)
{
    if (set->unknown_too || (set->least <= set->most && (set->most > 63 || set->least < 0))) return false;
    for (int64_t value = set->least; value <= set->most; value++) {
        if ((set->bits >> value & 1) != 0) return false;
    }
    return true;
}

/* A field that an event may hold several times: two conditions may be met by two of its values. */
static bool is_repeated(const event_probe *probe)
{
    const ProtobufCMessageDescriptor *message = &mash__v1__event__descriptor;
    for (uint8_t i = 0; i < probe->depth; i++) {
        const ProtobufCFieldDescriptor *field = &message->fields[probe->steps[i]];
        if (field->label == PROTOBUF_C_LABEL_REPEATED) return true;
        if (field->type == PROTOBUF_C_TYPE_MESSAGE) message = field->descriptor;
    }
    return false;
}

/* Must one and the same value meet both? */
static bool is_of_one_value(const core_condition *a, const core_condition *b)
{
    if (a->kind != b->kind) return false;
    if (a->kind == CORE_IF_FIELD) return memcmp(&a->probe, &b->probe, sizeof a->probe) == 0 && !is_repeated(&a->probe);
    return a->kind == CORE_IF_PAYLOAD || a->kind == CORE_IF_AGENCY || a->kind == CORE_IF_AGE;
}

static void check_startable(const check *k, const core_rule *rule)
{
    for (uint32_t i = 0; i < rule->condition_count; i++) {
        if (rule->conditions[i].kind == CORE_IF_COUNT && rule->conditions[i].at_least > CORE_HISTORY_LOOKED_AT_MAX) {
            check_complain(k, rule->place, "rule %s: nothing can start it: of a person the newest %d events are counted",
                           rule->id, CORE_HISTORY_LOOKED_AT_MAX);
            return;
        }
        allowed set = allowed_by(&rule->conditions[i]);
        for (uint32_t n = 0; n < i; n++) {
            if (!is_of_one_value(&rule->conditions[n], &rule->conditions[i])) continue;
            narrow(&set, allowed_by(&rule->conditions[n]));
            if (!is_empty(&set)) continue;
            check_complain(
                k, rule->place,
                "rule %s: nothing can start it: no event is both \"%s\" and \"%s\"; remove one of these conditions, or "
                "make two rules",
                rule->id, rule->conditions[n].plain, rule->conditions[i].plain);
            return;
        }
    }
}

/* ---- a rule that another makes needless ----------------------------------------------------------------------------------- */

/* Whenever `narrow` holds, `wide` holds. */
static bool implies(const core_condition *narrow, const core_condition *wide)
{
    if (narrow->kind != wide->kind || narrow->months != wide->months) return false;
    if (narrow->or_at_school && !wide->or_at_school) return false;
    if (memcmp(&narrow->probe, &wide->probe, sizeof narrow->probe) != 0) return false;
    bool counts = wide->kind == CORE_IF_COUNT || wide->kind == CORE_IF_COUNT_AGENCIES;
    if (counts ? narrow->payloads != wide->payloads : (narrow->payloads & ~wide->payloads) != 0) return false;
    if ((narrow->mask & ~wide->mask) != 0 || (narrow->mask == 0) != (wide->mask == 0)) return false;
    return narrow->at_least >= wide->at_least && narrow->at_most <= wide->at_most;
}

/* Whoever the rule is about has such a role. */
static bool is_said_by_about(const core_rule *rule, const core_condition *wide)
{
    return wide->kind == CORE_IF_ROLE && !rule->about_family && rule->about != 0 && (rule->about & ~wide->mask) == 0;
}

static bool holds_whenever(const core_rule *wide, const core_rule *narrow)
{
    if (narrow->about_family != wide->about_family) return false;
    for (uint32_t i = 0; i < wide->condition_count; i++) {
        bool implied = is_said_by_about(narrow, &wide->conditions[i]);
        for (uint32_t n = 0; n < narrow->condition_count && !implied; n++)
            implied = implies(&narrow->conditions[n], &wide->conditions[i]);
        if (!implied) return false;
    }
    if (wide->area[0] != '\0' && strcmp(wide->area, narrow->area) != 0) return false;
    if (wide->effective.from_day > narrow->effective.from_day) return false;
    if (wide->effective.until_day != 0 &&
        (narrow->effective.until_day == 0 || narrow->effective.until_day > wide->effective.until_day)) {
        return false;
    }
    return wide->about == 0 ? narrow->about == 0 : (narrow->about & ~wide->about) == 0 && narrow->about != 0;
}

/* Whatever `less` does, `more` does too, no later and no lower. */
static bool does_as_much(const core_rule *more, const core_rule *less)
{
    if (more->action != less->action || more->queue != less->queue || strcmp(more->service, less->service) != 0) return false;
    if (more->rating < less->rating) return false;
    for (uint32_t i = 0; i < less->clock_count; i++) {
        bool has = false;
        for (uint32_t n = 0; n < more->clock_count && !has; n++)
            has = more->clocks[n] == less->clocks[i];
        if (!has) return false;
    }
    return true;
}

static bool makes_needless(const core_rule *strong, const core_rule *rule)
{
    return holds_whenever(strong, rule) && does_as_much(strong, rule);
}

static void check_shadow(const check *k, uint32_t index)
{
    const core_rule *rules = k->policy->rules, *rule = &rules[index];
    for (uint32_t i = 0; i < k->policy->rule_count; i++) {
        if (i == index || !check_rule_is_ahead(k, &rules[i]) || !makes_needless(&rules[i], rule)) continue;
        if (i > index && makes_needless(rule, &rules[i])) continue; /* alike: the later one is told */
        check_warn(
            k, rule->place,
            "rule %s: changes nothing, since rule %s holds whenever it does and does as much; remove one, or say what differs",
            rule->id, rules[i].id);
        return;
    }
}

/* ---- later than the statute ----------------------------------------------------------------------------------------------- */

static int64_t due_of(const core_policy *policy, const core_clock_row *clock, int64_t from_ms)
{
    return core_calendar_due(&policy->calendars[clock->calendar], clock->kind, clock->amount, clock->roll, from_ms).due_ms;
}

/* Some start at which `clock` would be due after `statute`; 0 when there is none in the fortnight that begins on the day of the
 * check. */
static int64_t late_start(const check *k, const core_clock_row *clock, const core_clock_row *statute)
{
    enum { DAY_MINUTES = 24 * 60, DAYS = 14, STEP_MINUTES = 30 };
    int64_t first = (int64_t)k->today * DAY_MINUTES;
    for (int64_t minute = first; minute < first + DAYS * DAY_MINUTES; minute += STEP_MINUTES) {
        int64_t from_ms = minute * CORE_MS_A_MINUTE;
        if (due_of(k->policy, clock, from_ms) > due_of(k->policy, statute, from_ms)) return from_ms;
    }
    return 0;
}

/* One example is enough to see it. */
static void check_statute(const check *k, const core_rule *rule, const core_clock_row *statute)
{
    const core_policy *policy = k->policy;
    const core_rating_row *rating = &policy->ratings[rule->rating];
    for (uint32_t i = 0; i < rating->clock_count; i++) {
        const core_clock_row *clock = &policy->clocks[rating->clocks[i]];
        int64_t from_ms = late_start(k, clock, statute);
        if (from_ms == 0) continue;
        const core_calendar *calendar = &policy->calendars[0];
        char start[40], due[40], by_statute[40];
        core_calendar_text(calendar, from_ms, start);
        core_calendar_text(calendar, due_of(policy, clock, from_ms), due);
        core_calendar_text(calendar, due_of(policy, statute, from_ms), by_statute);
        check_complain(
            k, rule->place,
            "rule %s: its rating may promise later than the statute: from %s, %s is due %s, and %s %s; rate it higher, or "
            "record why under 'later_than_statute'",
            rule->id, start, clock->id, due, statute->id, by_statute);
        return;
    }
}

void check_rules(const check *k)
{
    for (uint32_t i = 0; i < k->policy->rule_count; i++) {
        const core_rule *rule = &k->policy->rules[i];
        if (!check_rule_is_ahead(k, rule)) continue;
        check_startable(k, rule);
        check_shadow(k, i);
        if (rule->action != CORE_DO_ALERT || rule->later_than_statute) continue;
        for (uint32_t n = 0; n < rule->clock_count; n++) {
            const core_clock_row *clock = &k->policy->clocks[rule->clocks[n]];
            if (clock->statutory) check_statute(k, rule, clock);
        }
    }
}
