/* The conditions of one rule. Each becomes one core_condition with its own words, because explain tells which one failed. */
#include "compiler.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "event/event.h"

/* Adds to the words of a condition; what does not fit ends with "...". */
static void say(core_condition *condition, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(core_condition *condition, const char *format, ...)
{
    size_t used = strlen(condition->plain), size = sizeof condition->plain;
    va_list args;
    va_start(args, format);
    int length = vsnprintf(condition->plain + used, size - used, format, args);
    va_end(args);
    HUB_ASSERT(length >= 0);
    if ((size_t)length >= size - used) memcpy(condition->plain + size - 4, "...", 4);
}

/* "was_not_brought" -> "was not brought". */
static const char *in_words(const char *name, char words[64])
{
    (void)snprintf(words, 64, "%s", name);
    for (char *at = words; *at != '\0'; at++) {
        if (*at == '_' || *at == '-') *at = ' ';
    }
    return words;
}

static uint32_t payload_of(policy_compiler *c, const yaml_node *node)
{
    const char *name = yaml_text(node, 60, c->problems);
    uint32_t payload = name[0] != '\0' ? event_payload_of_name(name) : 0;
    if (payload != 0 || !yaml_is_text(node)) return payload;
    const char *nearest = NULL;
    for (uint32_t i = CORE_PAYLOAD_FIRST; i < CORE_PAYLOAD_FIRST + 64; i++) {
        const char *candidate = event_payload_name(i);
        if (candidate != NULL && yaml_is_nearer(name, candidate, nearest)) nearest = candidate;
    }
    if (nearest != NULL) {
        yaml_complain(node, c->problems, "unknown payload '%.60s'; did you mean '%s'?", name, nearest);
    } else {
        yaml_complain(node, c->problems, "unknown payload '%.60s'; see the list in proto/mash/v1/event.proto", name);
    }
    return 0;
}

static uint64_t all_payloads(void)
{
    uint64_t mask = 0;
    for (uint32_t i = 0; i < 64; i++) {
        if (event_payload_name(CORE_PAYLOAD_FIRST + i) != NULL) mask |= (uint64_t)1 << i;
    }
    return mask;
}

static bool is_filled_list(policy_compiler *c, const yaml_node *node, const char *what)
{
    if (node == NULL) return false;
    if (yaml_is_list(node) && yaml_count(node) > 0) return true;
    yaml_complain(node, c->problems, "expected a list of %s: [a, b]", what);
    return false;
}

/* A list of payloads, or `any`. */
static uint64_t payload_mask(policy_compiler *c, const yaml_node *node)
{
    if (yaml_is_text(node) && strcmp(yaml_text(node, 60, c->problems), "any") == 0) return all_payloads();
    if (!is_filled_list(c, node, "payloads")) return 0;
    uint64_t mask = 0;
    for (size_t i = 0; i < yaml_count(node); i++) {
        uint32_t payload = payload_of(c, yaml_item(node, i));
        if (payload != 0) mask |= (uint64_t)1 << (payload - CORE_PAYLOAD_FIRST);
    }
    return mask;
}

static void say_payloads(core_condition *condition, const char *joint)
{
    if (condition->payloads == all_payloads()) {
        say(condition, "anything");
        return;
    }
    bool is_first = true;
    char words[64];
    for (uint32_t i = 0; i < 64; i++) {
        if ((condition->payloads >> i & 1) == 0) continue;
        say(condition, "%s%s", is_first ? "" : joint, in_words(event_payload_name(CORE_PAYLOAD_FIRST + i), words));
        is_first = false;
    }
}

static void read_payload(policy_compiler *c, const yaml_node *node, core_condition *condition)
{
    condition->kind = CORE_IF_PAYLOAD;
    condition->payloads = payload_mask(c, node);
    say_payloads(condition, " or ");
}

static void read_agency(policy_compiler *c, const yaml_node *node, core_condition *condition)
{
    condition->kind = CORE_IF_AGENCY;
    say(condition, "from ");
    if (!is_filled_list(c, node, "agencies")) return;
    for (size_t i = 0; i < yaml_count(node); i++) {
        const yaml_node *item = yaml_item(node, i);
        const char *name = yaml_text(item, 60, c->problems);
        Mash__V1__Agency agency = event_agency_of_name(name);
        if (agency == MASH__V1__AGENCY__AGENCY_UNSPECIFIED) {
            if (yaml_is_text(item)) yaml_complain(item, c->problems, "unknown agency '%.60s'", name);
            continue;
        }
        condition->mask |= (uint64_t)1 << agency;
        say(condition, "%s%s", i > 0 ? " or " : "", name);
    }
}

/* Roles and statuses: a list of names of one enum. */
static void read_names(policy_compiler *c, const yaml_node *node, const char *what, const ProtobufCEnumDescriptor *values,
                       core_condition *condition)
{
    if (!is_filled_list(c, node, what)) return;
    char words[64];
    for (size_t i = 0; i < yaml_count(node); i++) {
        int value = policy_enum(c, yaml_item(node, i), what, values);
        if (value <= 0 || value > 63) continue;
        condition->mask |= (uint64_t)1 << value;
        say(condition, "%s%s", i > 0 ? " or " : "", in_words(yaml_text(yaml_item(node, i), 60, c->problems), words));
    }
}

static void read_role(policy_compiler *c, const yaml_node *node, core_condition *condition)
{
    condition->kind = CORE_IF_ROLE;
    say(condition, "somebody is named as ");
    read_names(c, node, "role", &mash__v1__subject_role__descriptor, condition);
}

static void read_status(policy_compiler *c, const yaml_node *node, core_condition *condition)
{
    condition->kind = CORE_IF_STATUS;
    say(condition, "they or family have status ");
    read_names(c, node, "status", &mash__v1__person_status__descriptor, condition);
}

static void read_age(policy_compiler *c, const yaml_node *node, core_condition *condition)
{
    condition->kind = CORE_IF_AGE;
    if (!yaml_only(node, c->problems, "at_least_months", "under_months", "or_at_school", NULL)) return;
    const yaml_node *least = yaml_get(node, "at_least_months"), *under = yaml_get(node, "under_months");
    const yaml_node *school = yaml_get(node, "or_at_school");
    if (least == NULL && under == NULL) {
        yaml_complain(node, c->problems, "say 'at_least_months', 'under_months' or both");
        return;
    }
    condition->at_least = least != NULL ? yaml_int(least, 0, 2400, c->problems) : INT64_MIN;
    condition->at_most = under != NULL ? yaml_int(under, 1, 2400, c->problems) - 1 : INT64_MAX;
    if (condition->at_most < condition->at_least)
        yaml_complain(under, c->problems, "nobody is of that age: it ends before it begins");
    condition->or_at_school = school != NULL && yaml_bool(school, c->problems);
    say(condition, "aged");
    if (least != NULL) say(condition, " at least %lld months", (long long)condition->at_least);
    if (under != NULL) say(condition, "%s under %lld months", least != NULL ? " and" : "", (long long)condition->at_most + 1);
    if (condition->or_at_school) say(condition, ", or of unknown age and at a school");
}

static void read_count(policy_compiler *c, const yaml_node *node, core_condition *condition, core_condition_kind kind)
{
    condition->kind = kind;
    if (!yaml_only(node, c->problems, "of", "within_months", "at_least", NULL)) return;
    condition->payloads = payload_mask(c, yaml_need(node, "of", c->problems));
    condition->months = (int32_t)yaml_int(yaml_need(node, "within_months", c->problems), 1, 120, c->problems);
    condition->at_least = yaml_int(yaml_need(node, "at_least", c->problems), 2, kind == CORE_IF_COUNT ? 1000 : 9, c->problems);
    condition->at_most = INT64_MAX;
    say(condition, kind == CORE_IF_COUNT ? "at least %lld in %d months of " : "from at least %lld agencies in %d months, of ",
        (long long)condition->at_least, condition->months);
    say_payloads(condition, ", ");
}

/* ---- fields --------------------------------------------------------------------------------------------------------------- */

/* An enum's values become a mask and an empty range, or, for a single value above 63, a range of one. */
static void take_enum_value(policy_compiler *c, const yaml_node *node, core_condition *condition, bool is_only_one)
{
    int value = policy_enum(c, node, "value", condition->probe.values);
    if (value <= 0) return;
    if (value <= 63) {
        condition->mask |= (uint64_t)1 << value;
    } else if (is_only_one) {
        condition->at_least = condition->at_most = value;
    } else {
        yaml_complain(node, c->problems, "this value can only be asked for alone; make it a rule of its own");
    }
}

static void read_enum_range(policy_compiler *c, const yaml_node *node, core_condition *condition)
{
    const ProtobufCEnumDescriptor *values = condition->probe.values;
    const yaml_node *least = yaml_get(node, "at_least"), *most = yaml_get(node, "at_most");
    uint32_t before = c->problems->count;
    int from = least != NULL ? policy_enum(c, least, "value", values) : 1;
    int until = most != NULL ? policy_enum(c, most, "value", values) : 63;
    for (unsigned i = 0; i < values->n_values; i++) {
        int value = values->values[i].value;
        if (value > 0 && value <= 63 && value >= from && value <= until) condition->mask |= (uint64_t)1 << value;
    }
    if (condition->mask == 0 && c->problems->count == before) yaml_complain(node, c->problems, "no value lies between these");
    char words[64];
    if (least != NULL) say(condition, "at least %s", in_words(yaml_text(least, 60, c->problems), words));
    if (most != NULL)
        say(condition, "%sat most %s", least != NULL ? " and " : "", in_words(yaml_text(most, 60, c->problems), words));
}

static void read_enum_field(policy_compiler *c, const yaml_node *node, core_condition *condition)
{
    condition->at_least = 1; /* an empty range: only the mask counts */
    condition->at_most = 0;
    char words[64];
    if (yaml_is_map(node)) {
        read_enum_range(c, node, condition);
    } else if (yaml_is_list(node)) {
        if (!is_filled_list(c, node, "values")) return;
        for (size_t i = 0; i < yaml_count(node); i++) {
            take_enum_value(c, yaml_item(node, i), condition, false);
            say(condition, "%s%s", i > 0 ? " or " : "", in_words(yaml_text(yaml_item(node, i), 60, c->problems), words));
        }
    } else {
        take_enum_value(c, node, condition, true);
        say(condition, "%s", in_words(yaml_text(node, 60, c->problems), words));
    }
}

/* 0 and false mean "not stated" in an event, so a rule may ask for 1 and more, and for yes. */
static void read_number_field(policy_compiler *c, const yaml_node *node, core_condition *condition)
{
    if (yaml_is_text(node)) {
        const char *text = yaml_text(node, 60, c->problems);
        bool is_yes = strcmp(text, "yes") == 0 || strcmp(text, "true") == 0;
        if (strcmp(text, "no") == 0 || strcmp(text, "false") == 0) {
            yaml_complain(node, c->problems, "'no' cannot be told from 'not stated' in this field; ask for yes");
            return;
        }
        condition->at_least = condition->at_most = is_yes ? 1 : yaml_int(node, 1, INT64_MAX, c->problems);
        say(condition, "%s", text);
        return;
    }
    if (!yaml_is_map(node)) {
        yaml_complain(node, c->problems, "a number is one value or {at_least: 1, at_most: 9}");
        return;
    }
    const yaml_node *most = yaml_get(node, "at_most");
    condition->at_least = yaml_int(yaml_need(node, "at_least", c->problems), 1, INT64_MAX, c->problems);
    condition->at_most = most != NULL ? yaml_int(most, condition->at_least, INT64_MAX, c->problems) : INT64_MAX;
    say(condition, "at least %lld", (long long)condition->at_least);
    if (most != NULL) say(condition, " and at most %lld", (long long)condition->at_most);
}

static void read_field(policy_compiler *c, const yaml_node *node, core_condition *condition)
{
    condition->kind = CORE_IF_FIELD;
    if (!yaml_is_map(node) || yaml_count(node) != 1) {
        yaml_complain(node, c->problems, "one field a condition: field: {path: value}");
        return;
    }
    const yaml_node *key = yaml_key_node(node, 0), *value = yaml_value(node, 0);
    const char *path = yaml_key(node, 0);
    if (!event_probe_find(path, &condition->probe)) {
        yaml_complain(key, c->problems,
                      "'%.100s' is no field that can be tested: it must be an enum, a yes/no or a whole number of an event",
                      path);
        return;
    }
    if (yaml_is_map(value) && !yaml_only(value, c->problems, "at_least", "at_most", NULL)) return;
    if (yaml_is_map(value) && yaml_count(value) == 0) {
        yaml_complain(value, c->problems, "say 'at_least', 'at_most' or both");
        return;
    }
    char words[64];
    const char *last = strrchr(path, '.');
    say(condition, "%s is ", in_words(last != NULL ? last + 1 : path, words));
    if (condition->probe.values != NULL) {
        read_enum_field(c, value, condition);
    } else {
        read_number_field(c, value, condition);
    }
}

/* ---- all of them ---------------------------------------------------------------------------------------------------------- */

static void read_kind(policy_compiler *c, const char *kind, const yaml_node *value, core_condition *condition)
{
    if (strcmp(kind, "payload") == 0) read_payload(c, value, condition);
    if (strcmp(kind, "agency") == 0) read_agency(c, value, condition);
    if (strcmp(kind, "field") == 0) read_field(c, value, condition);
    if (strcmp(kind, "role") == 0) read_role(c, value, condition);
    if (strcmp(kind, "status") == 0) read_status(c, value, condition);
    if (strcmp(kind, "age") == 0) read_age(c, value, condition);
    if (strcmp(kind, "count") == 0) read_count(c, value, condition, CORE_IF_COUNT);
    if (strcmp(kind, "agencies_count") == 0) read_count(c, value, condition, CORE_IF_COUNT_AGENCIES);
}

static void read_condition(policy_compiler *c, const yaml_node *row, core_condition *condition)
{
    if (!yaml_only(row, c->problems, "payload", "agency", "field", "role", "status", "age", "count", "agencies_count", "plain",
                   NULL)) {
        return;
    }
    const yaml_node *plain = yaml_get(row, "plain");
    if (yaml_count(row) != (plain != NULL ? 2 : 1)) {
        yaml_complain(row, c->problems, "one thing a condition: begin each with '- '");
        return;
    }
    size_t at = strcmp(yaml_key(row, 0), "plain") == 0 ? 1 : 0;
    read_kind(c, yaml_key(row, at), yaml_value(row, at), condition);
    if (plain != NULL) {
        condition->plain[0] = '\0';
        policy_need_text(c, row, "plain", condition->plain, sizeof condition->plain);
    }
}

/* A rule whose field belongs to one payload but that also starts on another could never hold for the other. */
static void check_payloads(policy_compiler *c, const yaml_node *list, const core_rule *rule)
{
    uint64_t starts = UINT64_MAX;
    bool has_payload = false;
    for (uint32_t i = 0; i < rule->condition_count; i++) {
        if (rule->conditions[i].kind != CORE_IF_PAYLOAD) continue;
        starts &= rule->conditions[i].payloads;
        has_payload = true;
    }
    if (!has_payload) {
        yaml_complain(list, c->problems, "a rule needs a condition 'payload: [...]' ('payload: any' for all)");
        return;
    }
    for (uint32_t i = 0; i < rule->condition_count; i++) {
        uint32_t payload = rule->conditions[i].kind == CORE_IF_FIELD ? rule->conditions[i].probe.payload : 0;
        if (payload != 0 && starts != (uint64_t)1 << (payload - CORE_PAYLOAD_FIRST)) {
            yaml_complain(yaml_item(list, i), c->problems,
                          "this field is of '%s' only, but the rule starts on something else too", event_payload_name(payload));
        }
    }
}

void policy_read_conditions(policy_compiler *c, const yaml_node *list, core_rule *rule)
{
    if (!is_filled_list(c, list, "conditions")) return;
    if (yaml_count(list) > CORE_RULE_CONDITIONS_MAX) {
        yaml_complain(list, c->problems, "more than %d conditions", CORE_RULE_CONDITIONS_MAX);
        return;
    }
    uint32_t before = c->problems->count;
    for (size_t i = 0; i < yaml_count(list); i++)
        read_condition(c, yaml_item(list, i), &rule->conditions[rule->condition_count++]);
    if (c->problems->count == before) check_payloads(c, list, rule);
}
