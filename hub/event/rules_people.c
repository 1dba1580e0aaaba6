#include "event/rules.h"

#include <string.h>

#include "event/identifier.h"

#define CODE(name) MASH__V1__REFUSAL_CODE__##name
#define ROLE(name) (1U << MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_##name)

enum { ADULT_YEARS = 18, PARENT_YEARS = 10 }; /* a step-parent may be little older than the child, and is no small child */

static const uint32_t GROWN_UP = ROLE(ADULT) | ROLE(ADULT_AT_RISK); /* by what the role means; a parent may be a child */
static const uint32_t NEVER_UNBORN = ROLE(CHILD) | ROLE(ADULT) | ROLE(ADULT_AT_RISK) | ROLE(PARENT_OR_CARER) |
                                     ROLE(ALLEGED_PERPETRATOR) | ROLE(SUPPORT_PERSON) | ROLE(SUPERVISED_PERSON);

static uint32_t roles_of(const Mash__V1__Subject *subject)
{
    uint32_t roles = 0;
    for (size_t i = 0; i < subject->n_roles; i++) {
        if ((unsigned)subject->roles[i] < 32) roles |= 1U << (unsigned)subject->roles[i];
    }
    return roles;
}

typedef enum age_verdict { AGE_NOT_KNOWN, AGE_UNDER_18, AGE_18_OR_MORE } age_verdict;

/* The person's age when it happened, in civil years, as far as it is certain. Somebody born on 29 February comes of age on 1 March. */
static age_verdict age_at_event(const event_check *check, const Mash__V1__Date *born)
{
    int32_t came_of_age_if_born = check->occurred - ADULT_YEARS * EVENT_A_YEAR;
    if (check->occurred == 0 || event_date_first(born) == 0) return AGE_NOT_KNOWN;
    if (event_date_last(born) <= came_of_age_if_born) return AGE_18_OR_MORE;
    return event_date_first(born) > came_of_age_if_born ? AGE_UNDER_18 : AGE_NOT_KNOWN;
}

static bool check_roles(const event_check *check, const event_place *place, const Mash__V1__Subject *subject, uint32_t roles)
{
    if (subject->n_roles == 0)
        return event_check_fault(check, place, "roles", CODE(MISSING_FIELD), "say in what role each person appears");
    if ((roles & ROLE(CHILD)) != 0 && (roles & GROWN_UP) != 0)
        return event_check_fault(check, place, "roles", CODE(IMPOSSIBLE), "one person cannot be a child and an adult");
    if ((roles & ROLE(UNBORN_CHILD)) == 0) return true;
    if ((roles & NEVER_UNBORN) != 0)
        return event_check_fault(check, place, "roles", CODE(IMPOSSIBLE),
                                 "an unborn child cannot have that other role; after birth the role is child");
    int32_t expected;
    if (!event_date_day(subject->expected_date, &expected))
        return event_check_fault(check, place, "expected_date", CODE(IMPOSSIBLE),
                                 "an unborn child needs the expected date of delivery, to the day");
    enum { LONGEST_PREGNANCY_DAYS = 310, LONGEST_OVERDUE_DAYS = 42 };
    if (expected > check->recorded_day + LONGEST_PREGNANCY_DAYS)
        return event_check_fault(check, place, "expected_date", CODE(IMPOSSIBLE),
                                 "further ahead than a pregnancy lasts: check the year");
    if (check->occurred != 0 && expected < check->happened_day - LONGEST_OVERDUE_DAYS)
        return event_check_fault(check, place, "expected_date", CODE(IMPOSSIBLE),
                                 "more than six weeks before it happened: check the year; after birth the role is child");
    if (subject->date_of_birth != NULL && subject->date_of_birth->year != 0)
        return event_check_fault(check, place, "date_of_birth", CODE(IMPOSSIBLE),
                                 "an unborn child has no date of birth; after birth the role is child");
    return true;
}

/* A role that needs an age, and ages that nobody has. The day by which it had happened is taken a day late, in favour of the source. */
static bool check_age(const event_check *check, const event_place *place, const Mash__V1__Subject *subject, uint32_t roles)
{
    int32_t first = event_date_first(subject->date_of_birth);
    int32_t lived_until = event_date_first(subject->date_of_death);
    if (lived_until == 0) lived_until = check->happened_by;
    if (first == 0 || first > check->recorded_by) return true; /* not stated, or in the future: its own rule says so */
    if ((roles & ROLE(CHILD)) != 0 && age_at_event(check, subject->date_of_birth) == AGE_18_OR_MORE)
        return event_check_fault(check, place, "date_of_birth", CODE(IMPOSSIBLE),
                                 "18 or more when it happened, and in the role of a child");
    if (first > check->happened_by)
        return event_check_fault(
            check, place, "date_of_birth", CODE(IMPOSSIBLE),
            "born after it happened: check both; if what happened long ago puts a child at risk who was born "
            "since, let occurred_at say when it was told");
    if ((roles & GROWN_UP) != 0 && first > check->happened_by - ADULT_YEARS * EVENT_A_YEAR)
        return event_check_fault(
            check, place, "date_of_birth", CODE(IMPOSSIBLE),
            "under 18 when it happened, and in the role of an adult: check the date; under 18 the role is child");
    if (event_date_last(subject->date_of_birth) < lived_until - EVENT_AGE_YEARS_MAX * EVENT_A_YEAR)
        return event_check_fault(check, place, "date_of_birth", CODE(IMPOSSIBLE),
                                 "older than 125 years: check the year, and leave the date out when it is not known");
    return true;
}

static bool is_protective_partner(const Mash__V1__Subject *subject, uint32_t *index)
{
    if (subject->picture == NULL) return false;
    for (size_t i = 0; i < subject->picture->n_protective_factors; i++) {
        *index = (uint32_t)i;
        if (subject->picture->protective_factors[i]->kind == MASH__V1__FACTOR_KIND__FACTOR_KIND_UNAFFECTED_PARTNER) return true;
    }
    return false;
}

bool event_rule_subject(const event_check *check, const ProtobufCMessage *message, const event_place *place)
{
    const Mash__V1__Subject *subject = (const Mash__V1__Subject *)message;
    uint32_t roles = roles_of(subject);
    if (!check_roles(check, place, subject, roles) || !check_age(check, place, subject, roles)) return false;

    age_verdict age = age_at_event(check, subject->date_of_birth);
    uint32_t index = 0;
    if (is_protective_partner(subject, &index) && ((roles & (ROLE(CHILD) | ROLE(UNBORN_CHILD))) != 0 || age == AGE_UNDER_18)) {
        event_place picture = {.within = place,
                               .field = protobuf_c_message_descriptor_get_field_by_name(message->descriptor, "picture")};
        event_place factor = {
            .within = &picture,
            .index = index,
            .field = protobuf_c_message_descriptor_get_field_by_name(&mash__v1__picture__descriptor, "protective_factors")};
        return event_check_fault(check, &factor, "kind", CODE(IMPOSSIBLE), "a child is never a protective factor");
    }
    return event_check_order(check, place, subject->date_of_birth, subject->date_of_death, "date_of_death",
                             "died before being born") &&
           event_check_shape(check, place, "school_urn", subject->school_urn, event_is_school_urn,
                             "a school's unique reference number has six digits");
}

bool event_rule_identifier(const event_check *check, const ProtobufCMessage *message, const event_place *place)
{
    const Mash__V1__Identifier *identifier = (const Mash__V1__Identifier *)message;
    bool is_local = identifier->scheme == MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_LOCAL;
    if (identifier->scheme == MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_UNSPECIFIED)
        return event_check_fault(check, place, "scheme", CODE(MISSING_FIELD), "say which kind of identifier this is");
    if (identifier->value[0] == '\0')
        return event_check_fault(check, place, "value", CODE(MISSING_FIELD), "leave the identifier out when there is none");
    if (is_local && identifier->system[0] == '\0')
        return event_check_fault(check, place, "system", CODE(MISSING_FIELD),
                                 "a local number means nothing without the system that issued it");
    if (!is_local && identifier->system[0] != '\0')
        return event_check_fault(check, place, "system", CODE(BAD_VALUE), "only a local number has a system: leave it empty");
    if (protobuf_c_enum_descriptor_get_value(&mash__v1__identifier_scheme__descriptor, (int)identifier->scheme) == NULL)
        return event_check_fault(check, place, "scheme", CODE(BAD_VALUE), "no such scheme in this version of the contract");

    char normal[IDENTIFIER_TEXT_MAX + 1];
    int32_t year, month, day;
    event_day_date(check->recorded_day, &year, &month, &day);
    switch (identifier_check(identifier->scheme, identifier->value, year, normal)) {
    case IDENTIFIER_VALID:
        return true;
    case IDENTIFIER_BAD_CHECK:
        return event_check_fault(check, place, "value", CODE(FAILED_CHECKSUM),
                                 "its check digit or letter does not fit: correct it at the source");
    case IDENTIFIER_PLACEHOLDER:
        return event_check_fault(check, place, "value", CODE(BAD_VALUE),
                                 "a placeholder, no identifier: leave it out, or strangers become one person");
    case IDENTIFIER_BAD_SHAPE:
        break;
    }
    return event_check_fault(check, place, "value", CODE(BAD_VALUE), "wrong length or characters for its scheme");
}

bool event_rule_address(const event_check *check, const ProtobufCMessage *message, const event_place *place)
{
    const Mash__V1__Address *address = (const Mash__V1__Address *)message;
    return event_check_shape(check, place, "postcode", address->postcode, event_is_postcode, "not the shape of a postcode") &&
           event_check_shape(check, place, "area", address->area, event_is_area,
                             "an ONS code is a letter (E, W, S, N) and eight digits") &&
           event_check_order(check, place, address->from, address->until, "until", "the last day is before the first");
}

/* Who stands above whom in the line of descent, as one of the two states it: 1 = this subject, -1 = the other, 0 = neither. */
static int stands_above(const Mash__V1__Relationship *stated)
{
    switch (stated->kind) {
    case MASH__V1__RELATIONSHIP_KIND__RELATIONSHIP_KIND_PARENT_OF:
    case MASH__V1__RELATIONSHIP_KIND__RELATIONSHIP_KIND_GRANDPARENT_OF:
        return 1;
    case MASH__V1__RELATIONSHIP_KIND__RELATIONSHIP_KIND_CHILD_OF:
    case MASH__V1__RELATIONSHIP_KIND__RELATIONSHIP_KIND_GRANDCHILD_OF:
        return -1;
    default:
        return 0;
    }
}

/* Does subject `from` say that it stands above `to` (side 1), or below (side -1)? */
static bool says(const Mash__V1__Event *event, uint32_t from, uint32_t to, int side)
{
    const Mash__V1__Subject *subject = event->subjects[from];
    for (size_t i = 0; i < subject->n_relationships; i++) {
        if (subject->relationships[i]->to_subject == to && stands_above(subject->relationships[i]) == side) return true;
    }
    return false;
}

const char *event_impossible_descent(const event_check *check, uint32_t above, uint32_t below)
{
    const Mash__V1__Subject *elder = check->event->subjects[above];
    const Mash__V1__Subject *younger = check->event->subjects[below];
    int32_t elder_born = event_date_first(elder->date_of_birth);
    int32_t younger_born = event_date_last(younger->date_of_birth);
    if (says(check->event, below, above, 1) || says(check->event, above, below, -1))
        return "each is said to be the other's parent or grandparent: correct one of the two";
    if ((roles_of(elder) & ROLE(UNBORN_CHILD)) != 0) return "an unborn child is nobody's parent or grandparent";
    if ((roles_of(elder) & ROLE(CHILD)) != 0 && (roles_of(younger) & (GROWN_UP | ROLE(PARENT_OR_CARER))) != 0)
        return "a child is said to be the parent or grandparent of an adult or a parent: is it the other way round?";
    if (younger_born != INT32_MAX && elder_born >= younger_born)
        return "the parent or grandparent is not the older of the two: check both dates of birth, and who is whose";
    if (elder_born > check->happened_by - PARENT_YEARS * EVENT_A_YEAR)
        return "under 10 years old when it happened, and said to be a parent: check the date of birth, and who is whose";
    return NULL;
}

bool event_rule_relationship(const event_check *check, const ProtobufCMessage *message, const event_place *place)
{
    const Mash__V1__Relationship *relationship = (const Mash__V1__Relationship *)message;
    uint32_t own = place->within->index; /* only subjects have relationships */
    if (relationship->to_subject >= check->event->n_subjects)
        return event_check_fault(check, place, "to_subject", CODE(BAD_VALUE),
                                 "no such subject: give its position in subjects, counted from 0");
    if (relationship->to_subject == own)
        return event_check_fault(check, place, "to_subject", CODE(IMPOSSIBLE),
                                 "nobody is related to themselves: name another subject");
    if (relationship->kind == MASH__V1__RELATIONSHIP_KIND__RELATIONSHIP_KIND_UNSPECIFIED && !relationship->lives_with)
        return event_check_fault(check, place, "kind", CODE(MISSING_FIELD),
                                 "say how the two are related, or that they live together");
    int side = stands_above(relationship);
    const char *impossible = side == 1    ? event_impossible_descent(check, own, relationship->to_subject)
                             : side == -1 ? event_impossible_descent(check, relationship->to_subject, own)
                                          : NULL;
    return impossible == NULL || event_check_fault(check, place, "kind", CODE(IMPOSSIBLE), impossible);
}

bool event_rule_factor(const event_check *check, const ProtobufCMessage *message, const event_place *place)
{
    const Mash__V1__Factor *factor = (const Mash__V1__Factor *)message;
    if (factor->kind == MASH__V1__FACTOR_KIND__FACTOR_KIND_UNSPECIFIED)
        return event_check_fault(check, place, "kind", CODE(MISSING_FIELD), "say what the factor is");
    bool is_protective = (int)factor->kind >= EVENT_FIRST_PROTECTIVE_KIND;
    bool among_protective = strcmp(place->field->name, "protective_factors") == 0;
    if (is_protective == among_protective) return true;
    return event_check_fault(check, place, "kind", CODE(BAD_VALUE),
                             is_protective
                                 ? "a protective kind stands among the vulnerability factors: move it to protective_factors"
                                 : "a vulnerability stands among the protective factors: move it to vulnerability_factors");
}

bool event_rule_consent(const event_check *check, const ProtobufCMessage *message, const event_place *place)
{
    const Mash__V1__Consent *consent = (const Mash__V1__Consent *)message;
    bool needs_reason = consent->status == MASH__V1__CONSENT_STATUS__CONSENT_STATUS_NOT_SOUGHT ||
                        consent->status == MASH__V1__CONSENT_STATUS__CONSENT_STATUS_LACKS_CAPACITY;
    if (!needs_reason || consent->reason[0] != '\0') return true;
    return event_check_fault(check, place, "reason", CODE(MISSING_FIELD), "say why consent was not sought or could not be given");
}
