#include "children/cin_facts.h"
#include "formats/json.h"

#define FACTOR(name) MASH__V1__FACTOR_KIND__FACTOR_KIND_##name
#define CATEGORY(name) MASH__V1__ABUSE_CATEGORY__ABUSE_CATEGORY_##name
#define COUNT(table) (sizeof(table) / sizeof(table)[0])

/* Factors identified at the end of assessment [DfE, children in need census guide]. A is the child, B the parent, C another person in
 * the household, or for 18 and 19: B by a child, C by an adult. */
static const struct {
    const char *code;
    Mash__V1__FactorKind kind;
} FACTORS[] = {
    {"1A", FACTOR(SUBSTANCE_MISUSE)},
    {"1B", FACTOR(SUBSTANCE_MISUSE)},
    {"1C", FACTOR(SUBSTANCE_MISUSE)},
    {"2A", FACTOR(SUBSTANCE_MISUSE)},
    {"2B", FACTOR(SUBSTANCE_MISUSE)},
    {"2C", FACTOR(SUBSTANCE_MISUSE)},
    {"3A", FACTOR(DOMESTIC_ABUSE)},
    {"3B", FACTOR(DOMESTIC_ABUSE)},
    {"3C", FACTOR(DOMESTIC_ABUSE)},
    {"4A", FACTOR(MENTAL_ILL_HEALTH)},
    {"4B", FACTOR(MENTAL_ILL_HEALTH)},
    {"4C", FACTOR(MENTAL_ILL_HEALTH)},
    {"5A", FACTOR(LEARNING_DISABILITY)},
    {"5B", FACTOR(LEARNING_DISABILITY)},
    {"5C", FACTOR(LEARNING_DISABILITY)},
    {"6A", FACTOR(DISABILITY)},
    {"6B", FACTOR(PHYSICAL_DISABILITY)},
    {"6C", FACTOR(PHYSICAL_DISABILITY)},
    {"7A", FACTOR(YOUNG_CARER)},
    {"8A", FACTOR(PRIVATELY_FOSTERED)},
    {"8B", FACTOR(PRIVATELY_FOSTERED)},
    {"8C", FACTOR(PRIVATELY_FOSTERED)},
    {"8D", FACTOR(PRIVATELY_FOSTERED)},
    {"8E", FACTOR(PRIVATELY_FOSTERED)},
    {"8F", FACTOR(PRIVATELY_FOSTERED)},
    {"9A", FACTOR(OTHER)},
    {"10A", FACTOR(GOING_MISSING)},
    {"11A", FACTOR(SEXUAL_EXPLOITATION)},
    {"12A", FACTOR(TRAFFICKING)},
    {"13A", FACTOR(GANGS)},
    {"14A", FACTOR(OTHER)},
    {"15A", FACTOR(SELF_HARM)},
    {"16A", FACTOR(NEGLECT)},
    {"17A", FACTOR(EMOTIONAL_ABUSE)},
    {"18A", FACTOR(PHYSICAL_ABUSE)},
    {"18B", FACTOR(PHYSICAL_ABUSE)},
    {"18C", FACTOR(PHYSICAL_ABUSE)},
    {"19A", FACTOR(SEXUAL_ABUSE)},
    {"19B", FACTOR(SEXUAL_ABUSE)},
    {"19C", FACTOR(SEXUAL_ABUSE)},
    {"20", FACTOR(OTHER)},
    {"22A", FACTOR(FEMALE_GENITAL_MUTILATION)},
    {"23A", FACTOR(FAITH_OR_BELIEF_ABUSE)},
    {"24A", FACTOR(CRIMINAL_EXPLOITATION)},
};

static const struct {
    const char *code;
    Mash__V1__AbuseCategory category;
} CATEGORIES[] = {
    {"NEG", CATEGORY(NEGLECT)},   {"PHY", CATEGORY(PHYSICAL)}, {"SAB", CATEGORY(SEXUAL)},
    {"EMO", CATEGORY(EMOTIONAL)}, {"MUL", CATEGORY(MULTIPLE)},
};

bool cin_add_factor(cin_fact *fact, hub_bytes code)
{
    for (size_t i = 0; i < COUNT(FACTORS); i++) {
        if (!formats_bytes_are_any_case(code, FACTORS[i].code)) continue;
        if (fact->factor_count < CIN_FACTORS_MAX) fact->factors[fact->factor_count++] = FACTORS[i].kind;
        return true;
    }
    return formats_bytes_are(code, "21") || code.size == 0;
}

Mash__V1__AbuseCategory cin_category(const char *code)
{
    for (size_t i = 0; i < COUNT(CATEGORIES); i++) {
        if (formats_bytes_are(hub_bytes_of_text(code), CATEGORIES[i].code)) return CATEGORIES[i].category;
    }
    return CATEGORY(UNSPECIFIED);
}

Mash__V1__Presence cin_presence(hub_bytes text)
{
    if (formats_bytes_are_any_case(text, "true") || formats_bytes_are(text, "1")) return MASH__V1__PRESENCE__PRESENCE_YES;
    if (formats_bytes_are_any_case(text, "false") || formats_bytes_are(text, "0")) return MASH__V1__PRESENCE__PRESENCE_NO;
    return MASH__V1__PRESENCE__PRESENCE_UNSPECIFIED;
}
