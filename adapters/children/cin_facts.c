#include "children/cin_facts.h"

#include <stdio.h>
#include <string.h>

#include "formats/identity.h"

#define SCHEME(name) MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_##name
#define ROLE(name) MASH__V1__SUBJECT_ROLE__SUBJECT_ROLE_##name
#define PRESENCE(name) MASH__V1__PRESENCE__PRESENCE_##name
#define CHANGE(name) MASH__V1__CHANGE__CHANGE_##name

static const formats_profile PROFILE = {
    .agency = MASH__V1__AGENCY__AGENCY_CHILDRENS_SERVICES,
    .sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_OFFICIAL,
    .legal_basis = MASH__V1__LEGAL_BASIS__LEGAL_BASIS_PUBLIC_TASK,
    .legal_gateway = "Children Act 2004 s10",
};

static void summarise(formats_draft *draft, const char *words)
{
    draft->event.summary = formats_word(draft, words);
}

static void fill_referral(formats_draft *draft, const cin_fact *fact)
{
    Mash__V1__Referral *referral = FORMATS_PAYLOAD(draft, REFERRAL, referral, referral);
    referral->kind = MASH__V1__REFERRAL_KIND__REFERRAL_KIND_CHILDRENS_SOCIAL_CARE;
    referral->change = MASH__V1__REFERRAL_CHANGE__REFERRAL_CHANGE_RECEIVED;
    referral->source_code = formats_word(draft, fact->code);
    referral->no_further_action = fact->flag;
    summarise(draft, fact->flag == PRESENCE(YES) ? "Referral to children's social care, no further action"
                                                 : "Referral to children's social care");
}

static void fill_assessment(formats_draft *draft, const cin_fact *fact)
{
    Mash__V1__Assessment *assessment = FORMATS_PAYLOAD(draft, ASSESSMENT, assessment, assessment);
    assessment->kind = formats_word(draft, "child and family");
    assessment->started_on = formats_date_message(draft, fact->on);
    if (fact->completed.year != 0) assessment->completed_on = formats_date_message(draft, fact->completed);
    for (uint32_t i = 0; i < fact->factor_count; i++) {
        formats_add_factor(draft, &assessment->factors_identified, &assessment->n_factors_identified, fact->factors[i]);
    }
    summarise(draft, fact->completed.year != 0 ? "Child and family assessment completed" : "Child and family assessment started");
}

static void fill_section_47(formats_draft *draft, const cin_fact *fact)
{
    Mash__V1__Section47Enquiry *enquiry = FORMATS_PAYLOAD(draft, SECTION_47_ENQUIRY, section_47_enquiry, section47_enquiry);
    enquiry->change = CHANGE(STARTED);
    enquiry->started_on = formats_date_message(draft, fact->on);
    if (fact->completed.year != 0) enquiry->conference_on = formats_date_message(draft, fact->completed);
    /* ICPCnotRequired is false from the first day: only "true" is a finding, and only a conference's date shows that one is. */
    if (fact->flag == PRESENCE(YES))
        enquiry->conference_required = PRESENCE(NO);
    else if (fact->completed.year != 0)
        enquiry->conference_required = PRESENCE(YES);
    summarise(draft, "Section 47 enquiry started");
}

static void fill_plan(formats_draft *draft, const cin_fact *fact, Mash__V1__PlanKind kind, Mash__V1__Change change)
{
    Mash__V1__ProtectionPlan *plan = FORMATS_PAYLOAD(draft, PROTECTION_PLAN, protection_plan, protection_plan);
    bool protection = kind == MASH__V1__PLAN_KIND__PLAN_KIND_CHILD_PROTECTION;
    plan->kind = kind;
    plan->change = change;
    plan->on = formats_date_message(draft, fact->on);
    plan->category = cin_category(fact->code);
    if (protection)
        summarise(draft, change == CHANGE(STARTED) ? "Child protection plan started" : "Child protection plan ended");
    else
        summarise(draft, change == CHANGE(STARTED) ? "Child in need plan started" : "Child in need plan ended");
}

static void fill_review(formats_draft *draft, const cin_fact *fact)
{
    Mash__V1__PlanReview *review = FORMATS_PAYLOAD(draft, PLAN_REVIEW, plan_review, plan_review);
    review->plan = MASH__V1__PLAN_KIND__PLAN_KIND_CHILD_PROTECTION;
    review->on = formats_date_message(draft, fact->on);
    summarise(draft, "Child protection plan reviewed");
}

static void fill_closure(formats_draft *draft, const cin_fact *fact)
{
    Mash__V1__CaseStatus *status = FORMATS_PAYLOAD(draft, CASE_STATUS, case_status, case_status);
    status->change = CHANGE(ENDED);
    status->on = formats_date_message(draft, fact->on);
    status->case_kind = formats_word(draft, "child in need");
    status->closure_reason = formats_word(draft, fact->code);
    summarise(draft, "Child in need case closed");
}

static void fill_looked_after(formats_draft *draft, const cin_fact *fact)
{
    bool ended = fact->kind == CIN_LOOKED_AFTER_END;
    Mash__V1__LookedAfter *care = FORMATS_PAYLOAD(draft, LOOKED_AFTER, looked_after, looked_after);
    care->change = ended ? CHANGE(ENDED) : fact->is_moved ? CHANGE(CHANGED) : CHANGE(STARTED);
    care->on = formats_date_message(draft, fact->on);
    care->placement_kind = formats_word(draft, fact->code);
    summarise(draft, ended            ? "No longer looked after by the authority"
                     : fact->is_moved ? "Looked after by the authority: another placement"
                                      : "Looked after by the authority");
}

static void fill(formats_draft *draft, const cin_fact *fact)
{
    switch (fact->kind) {
    case CIN_REFERRAL:
        fill_referral(draft, fact);
        return;
    case CIN_ASSESSMENT:
        fill_assessment(draft, fact);
        return;
    case CIN_SECTION_47:
        fill_section_47(draft, fact);
        return;
    case CIN_CHILD_PROTECTION_PLAN:
        fill_plan(draft, fact, MASH__V1__PLAN_KIND__PLAN_KIND_CHILD_PROTECTION, CHANGE(STARTED));
        return;
    case CIN_CHILD_PROTECTION_REVIEW:
        fill_review(draft, fact);
        return;
    case CIN_CHILD_PROTECTION_END:
        fill_plan(draft, fact, MASH__V1__PLAN_KIND__PLAN_KIND_CHILD_PROTECTION, CHANGE(ENDED));
        return;
    case CIN_PLAN:
        fill_plan(draft, fact, MASH__V1__PLAN_KIND__PLAN_KIND_CHILD_IN_NEED, CHANGE(STARTED));
        return;
    case CIN_PLAN_END:
        fill_plan(draft, fact, MASH__V1__PLAN_KIND__PLAN_KIND_CHILD_IN_NEED, CHANGE(ENDED));
        return;
    case CIN_CLOSURE:
        fill_closure(draft, fact);
        return;
    case CIN_LOOKED_AFTER:
    case CIN_LOOKED_AFTER_END:
        fill_looked_after(draft, fact);
        return;
    }
}

/* The day on which the child is born, as far as anybody wrote it down. */
static formats_date born_or_expected(const cin_child *child)
{
    return child->birth.year != 0 ? child->birth : child->expected;
}

static bool day_of(formats_date date, int32_t *day)
{
    Mash__V1__Date message = {.year = date.year, .month = date.month, .day = date.day};
    return event_date_day(&message, day);
}

/* Not born on that day: the census of a year in which a child was born tells of what was done before. Where nobody wrote the birth down, an
 * expected date long past says that the child is born. */
static bool is_unborn(const cin_child *child, formats_date on)
{
    enum { LONG_PAST_DAYS = 42 };
    int32_t due_day;
    int32_t on_day;
    if (!day_of(born_or_expected(child), &due_day) || !day_of(on, &on_day)) return false;
    return on_day < due_day || (child->birth.year == 0 && on_day <= due_day + LONG_PAST_DAYS);
}

/* on: the day whose age decides who is a child */
static void add_child(formats_draft *draft, const cin_child *child, formats_date on, bool is_open)
{
    Mash__V1__Subject *subject = formats_add_subject(draft);
    bool unborn = is_unborn(child, on);
    hub_bytes upn = hub_bytes_of_text(child->upn);
    if (unborn)
        formats_add_role(draft, subject, ROLE(UNBORN_CHILD));
    else
        formats_add_child_or_adult(draft, subject, child->birth, on);
    formats_add_identifier(draft, subject, SCHEME(LOCAL), hub_bytes_of_text(child->id));
    if (formats_identifier_fault(SCHEME(UPN), upn, draft->options->this_year) == NULL) {
        formats_add_identifier(draft, subject, SCHEME(UPN), upn);
    }
    subject->family_name = formats_text(draft, child->family_name);
    formats_add_given_name(draft, subject, child->given_name);
    if (child->postcode.size > 0) formats_set_postcode(draft, formats_add_address(draft, subject), child->postcode);
    subject->sex = child->sex;
    subject->open_case = is_open;
    if (unborn)
        subject->expected_date = formats_date_message(draft, born_or_expected(child));
    else if (child->birth.year != 0)
        subject->date_of_birth = formats_date_message(draft, child->birth);
    if (child->death.year != 0) subject->date_of_death = formats_date_message(draft, child->death);
}

static bool is_same_but_for_content(const cin_fact *a, const cin_fact *b)
{
    return a->kind == b->kind && formats_date_compare(a->referral, b->referral) == 0 && formats_date_compare(a->on, b->on) == 0;
}

/* Key of a fact: authority, LAchildID, referral date, module, date; and which of several, in the order of the file. */
static formats_key key_of(const char *authority, const cin_child *child, const cin_fact *fact)
{
    char when[96];
    uint32_t earlier = 0;
    if (fact->number[0] != '\0') {
        (void)snprintf(when, sizeof when, "%d", (int)fact->kind);
        const hub_bytes NUMBERED[] = {hub_bytes_of_text(authority), hub_bytes_of_text(child->id), hub_bytes_of_text(when),
                                      hub_bytes_of_text(fact->number)};
        return formats_key_of("fact", NUMBERED, sizeof NUMBERED / sizeof NUMBERED[0]);
    }
    for (const cin_fact *other = child->facts; other < fact; other++)
        earlier += is_same_but_for_content(other, fact);
    int used = snprintf(when, sizeof when, "%04d-%02d-%02d/%d/%04d-%02d-%02d", fact->referral.year, fact->referral.month,
                        fact->referral.day, (int)fact->kind, fact->on.year, fact->on.month, fact->on.day);
    if (earlier > 0) (void)snprintf(when + used, sizeof when - (size_t)used, "/%u", earlier + 1);
    const hub_bytes PARTS[] = {hub_bytes_of_text(authority), hub_bytes_of_text(child->id), hub_bytes_of_text(when)};
    return formats_key_of("fact", PARTS, sizeof PARTS / sizeof PARTS[0]);
}

hub_status cin_put_child(kit_sink *sink, const kit_mapping_options *options, const char *authority, const cin_child *child,
                         cin_use use)
{
    const hub_bytes PARTS[] = {hub_bytes_of_text(authority), hub_bytes_of_text(child->id)};
    formats_key key = formats_key_of("person", PARTS, sizeof PARTS / sizeof PARTS[0]);
    formats_identity identity = {.birth = child->birth, .death = child->death};
    formats_person person;
    if (formats_identifies(SCHEME(UPN), hub_bytes_of_text(child->upn), options->this_year))
        identity.number = hub_bytes_of_text(child->upn);
    hub_status status = formats_person_recall(sink, &key, &identity, &person);
    if (status != HUB_OK) return status;
    if (use == CIN_WITHDRAW) return HUB_OK;
    if (person.is_first || use == CIN_BASELINE) return formats_person_keep(sink, &person);
    if (!formats_person_has_news(&person)) return HUB_OK;
    formats_draft *draft = formats_draft_open(sink, options, &PROFILE);
    if (draft == NULL) return HUB_ERR_MEMORY;
    formats_date on = child->death.year != 0 ? child->death : formats_date_of_instant(options->received_ms);
    add_child(draft, child, on, false);
    return formats_person_tell(draft, &person, &identity, hub_bytes_of_text(key.text),
                               (kit_place){.line = child->line, .column = child->column, .field = "ChildIdentifiers"});
}

hub_status cin_put_fact(kit_sink *sink, const kit_mapping_options *options, const char *authority, const cin_child *child,
                        const cin_fact *fact, cin_use use)
{
    formats_draft *draft = formats_draft_open(sink, options, &PROFILE);
    if (draft == NULL) return HUB_ERR_MEMORY;
    formats_key key = key_of(authority, child, fact);
    (void)formats_instant_of_date(fact->on, options, &draft->event.occurred_at);
    fill(draft, fact);
    add_child(draft, child, fact->on, fact->is_open);
    if (use == CIN_BASELINE) return formats_note(draft, &key, FORMATS_SAME_PAYLOAD);
    hub_bytes record = hub_bytes_of_text(key.text); /* the census is read in steps: its bytes of one fact are not at hand */
    kit_place place = {.line = fact->line, .column = fact->column, .field = "CINdetails"};
    if (use == CIN_WITHDRAW) return formats_withdraw(draft, &key, key.text, record, place);
    return formats_put_once(draft, &key, key.text, FORMATS_SAME_PAYLOAD, record, place);
}
