/* cin_census.c - a children in need census file, read in steps and compared with what earlier files said.
 *
 * A census is a snapshot of everything, not a message. So the first file of an authority is a baseline: it is remembered and tells
 * nothing. Of each later file only what is new is told: a fact is known by LAchildID, referral date, module and date.
 *
 * Invariants
 *   N1  a baseline makes no event
 *   N2  the same file twice makes no event
 *   N3  a UPN that fails its check is left out and parked as a fault of its own: the child's facts go on. In a snapshot a child who was
 *       refused would come back in the next file with all its past as news
 *   N4  a UPN, a birth or a death that a later file states alone is told once, by an event of its own
 *   N5  a code that is none of the census's is parked as a fault of its own, as N3: the fact is told without it
 *   N6  text outside the elements we know is skipped (it stands inside ChildIdentifiers in files of the field)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "children/children.h"
#include "children/cin_facts.h"
#include "formats/json.h"
#include "formats/xml.h"

#define SCHEME(name) MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_##name
#define COUNT(table) (sizeof(table) / sizeof(table)[0])

typedef struct census {
    const kit_mapping_options *options;
    kit_sink *sink;
    cin_child child;
    cin_fact module; /* being read: an assessment, a section 47, a plan */
    formats_date module_end;
    formats_date referral; /* of the CINdetails being read */
    uint32_t first_fact;   /* of the CINdetails being read */
    cin_fact head;         /* its referral */
    cin_fact closure;
    hub_buffer text; /* of the element being read */
    char authority[CIN_TEXT_MAX];
    bool is_cin; /* CollectionDetails/Collection says so */
    cin_use use;
    bool has_children; /* Children was reached: `use` is decided */
    bool in_child;
    bool in_module;
    bool too_many; /* facts of this child than are kept */
    uint32_t line;
    uint32_t column;   /* of the newest element; 0: not known */
    hub_status status; /* of the last parking */
} census;

static hub_bytes text_of(const census *c)
{
    return formats_bytes_trimmed(hub_buffer_bytes(&c->text));
}

static void park(census *c, const char *field, const char *rule)
{
    kit_place place = {.line = c->line, .column = c->column, .field = field};
    if (c->status == HUB_OK) c->status = formats_park(c->sink, hub_bytes_of_text(field), place, rule);
}

/* A fault beside the facts: what a baseline holds of them is told by nobody. */
static void park_news(census *c, const char *field, const char *rule)
{
    if (c->use == CIN_UPDATE) park(c, field, rule);
}

static void keep_text(census *c, char out[CIN_TEXT_MAX], const char *field)
{
    hub_bytes text = text_of(c);
    if (text.size >= CIN_TEXT_MAX) {
        park(c, field, "longer than 63 bytes");
        return;
    }
    memcpy(out, text.data != NULL ? text.data : (const uint8_t *)"", text.size);
    out[text.size] = '\0';
}

/* Left unstated when it cannot be read; the fault is parked. */
static void keep_date(census *c, formats_date *out, const char *field)
{
    hub_bytes text = text_of(c);
    if (text.size == 0) return;
    if (!formats_date_iso(text, out)) {
        *out = (formats_date){0};
        park(c, field, "date does not exist or is not YYYY-MM-DD");
    }
}

static Mash__V1__Presence keep_flag(census *c, const char *field)
{
    Mash__V1__Presence flag = cin_presence(text_of(c));
    bool is_odd = text_of(c).size > 0 && flag == MASH__V1__PRESENCE__PRESENCE_UNSPECIFIED;
    if (is_odd) park_news(c, field, "must be true, false, 1 or 0"); /* N5 */
    return flag;
}

static void add_fact(census *c, const cin_fact *fact)
{
    if (fact->on.year == 0) return; /* a module without its date is not begun, or its date was parked */
    if (c->child.count == CIN_FACTS_MAX) {
        c->too_many = true;
        return;
    }
    c->child.facts[c->child.count++] = *fact;
}

static void begin_module(census *c, cin_kind kind)
{
    c->module = (cin_fact){.kind = kind, .line = c->line, .column = c->column};
    c->module_end = (formats_date){0};
    c->in_module = true;
}

static void end_module(census *c, cin_kind end_kind)
{
    add_fact(c, &c->module);
    cin_fact end = c->module;
    end.kind = end_kind;
    end.on = c->module_end;
    if (end_kind != c->module.kind) add_fact(c, &end);
    c->in_module = false;
}

/* ---- what each element means, by its name at its end ---- */

static void end_child_id(census *c)
{
    keep_text(c, c->child.id, "LAchildID");
    c->child.line = c->line;
    c->child.column = c->column;
}

static void end_upn(census *c)
{
    const char *rule = formats_identifier_fault(SCHEME(UPN), text_of(c), c->options->this_year);
    if (rule == NULL)
        keep_text(c, c->child.upn, "UPN");
    else
        park_news(c, "UPN", rule); /* N3 */
}

static void end_birth(census *c)
{
    keep_date(c, &c->child.birth, "PersonBirthDate");
}
static void end_expected(census *c)
{
    keep_date(c, &c->child.expected, "ExpectedPersonBirthDate");
}
static void end_death(census *c)
{
    keep_date(c, &c->child.death, "PersonDeathDate");
}
static void end_sex(census *c)
{
    c->child.sex = formats_sex(text_of(c));
}
static void end_referral_date(census *c)
{
    keep_date(c, &c->head.on, "CINreferralDate");
}
static void end_referral_source(census *c)
{
    keep_text(c, c->head.code, "ReferralSource");
}
static void end_referral_nfa(census *c)
{
    c->head.flag = keep_flag(c, "ReferralNFA");
}
static void end_closure_date(census *c)
{
    keep_date(c, &c->closure.on, "CINclosureDate");
}
static void end_closure_reason(census *c)
{
    keep_text(c, c->closure.code, "ReasonForClosure");
}
static void end_assessment_start(census *c)
{
    keep_date(c, &c->module.on, "AssessmentActualStartDate");
}
static void end_assessment_done(census *c)
{
    keep_date(c, &c->module.completed, "AssessmentAuthorisationDate");
}
static void end_s47_start(census *c)
{
    keep_date(c, &c->module.on, "S47ActualStartDate");
}
static void end_not_required(census *c)
{
    c->module.flag = keep_flag(c, "ICPCnotRequired");
}
static void end_cpp_start(census *c)
{
    keep_date(c, &c->module.on, "CPPstartDate");
}
static void end_cpp_end(census *c)
{
    keep_date(c, &c->module_end, "CPPendDate");
}
static void end_category(census *c)
{
    keep_text(c, c->module.code, "InitialCategoryOfAbuse");
    bool is_odd =
        c->module.code[0] != '\0' && cin_category(c->module.code) == MASH__V1__ABUSE_CATEGORY__ABUSE_CATEGORY_UNSPECIFIED;
    if (is_odd) park_news(c, "InitialCategoryOfAbuse", "not one of NEG, PHY, SAB, EMO, MUL"); /* N5 */
}
static void end_plan_start(census *c)
{
    keep_date(c, &c->module.on, "CINPlanStartDate");
}
static void end_plan_end(census *c)
{
    keep_date(c, &c->module_end, "CINPlanEndDate");
}

/* Inside Section47 the conference of the enquiry; directly in CINdetails a copy of it. */
static void end_conference(census *c)
{
    if (c->in_module && c->module.kind == CIN_SECTION_47) keep_date(c, &c->module.completed, "DateOfInitialCPC");
}

static void end_cpp_review(census *c)
{
    cin_fact review = {.kind = CIN_CHILD_PROTECTION_REVIEW, .line = c->line, .column = c->column};
    keep_date(c, &review.on, "CPPreviewDate");
    add_fact(c, &review);
}

static void end_factor(census *c)
{
    if (!cin_add_factor(&c->module, text_of(c))) park_news(c, "AssessmentFactors", "not a factor of the census"); /* N5 */
}

/* The referral and what hangs on it now know when it was made and whether the case is still open. */
static void end_details(census *c)
{
    bool is_open = c->closure.on.year == 0;
    formats_date referral = c->head.on;
    add_fact(c, &c->head);
    add_fact(c, &c->closure);
    for (uint32_t i = c->first_fact; i < c->child.count; i++) {
        c->child.facts[i].referral = referral;
        c->child.facts[i].is_open = is_open;
    }
    c->first_fact = c->child.count;
}

static void end_collection(census *c)
{
    c->is_cin = formats_bytes_are_any_case(text_of(c), "CIN");
}
static void end_authority(census *c)
{
    keep_text(c, c->authority, "LEA");
}
static void end_assessment(census *c)
{
    end_module(c, CIN_ASSESSMENT);
}
static void end_section_47(census *c)
{
    end_module(c, CIN_SECTION_47);
}
static void end_cpp(census *c)
{
    end_module(c, CIN_CHILD_PROTECTION_END);
}
static void end_plan(census *c)
{
    end_module(c, CIN_PLAN_END);
}
static void start_assessment(census *c)
{
    begin_module(c, CIN_ASSESSMENT);
}
static void start_section_47(census *c)
{
    begin_module(c, CIN_SECTION_47);
}
static void start_cpp(census *c)
{
    begin_module(c, CIN_CHILD_PROTECTION_PLAN);
}
static void start_plan(census *c)
{
    begin_module(c, CIN_PLAN);
}

static void start_details(census *c)
{
    c->head = (cin_fact){.kind = CIN_REFERRAL, .line = c->line, .column = c->column};
    c->closure = (cin_fact){.kind = CIN_CLOSURE, .line = c->line, .column = c->column};
    c->first_fact = c->child.count;
}

static void start_child(census *c)
{
    c->child.id[0] = c->child.upn[0] = '\0';
    c->child.birth = c->child.expected = c->child.death = (formats_date){0};
    c->child.sex = MASH__V1__SEX__SEX_UNSPECIFIED;
    c->child.count = c->first_fact = 0;
    c->child.line = c->line;
    c->child.column = c->column;
    c->too_many = false;
    c->in_child = true;
}

static void end_child(census *c)
{
    c->in_child = false;
    c->line = c->child.line;
    c->column = c->child.column;
    if (!formats_identifies(SCHEME(LOCAL), hub_bytes_of_text(c->child.id), c->options->this_year)) {
        park(c, "LAchildID", "required, and empty or a placeholder: a child without it cannot be followed from file to file");
        return;
    }
    if (c->too_many) park(c, "CINdetails", "more than 512 modules for one child");
    if (c->status == HUB_OK) c->status = cin_put_child(c->sink, c->options, c->authority, &c->child, c->use);
    for (uint32_t i = 0; i < c->child.count && c->status == HUB_OK; i++) {
        c->status = cin_put_fact(c->sink, c->options, c->authority, &c->child, &c->child.facts[i], c->use);
    }
    if (c->status == HUB_OK) hub_arena_reset(c->sink->arena); /* ten thousand children in the memory of one */
}

typedef void cin_step(census *c);

static const struct {
    const char *name;
    bool of_header; /* stands before Children; all others count inside a Child only */
    cin_step *start;
    cin_step *end;
} ELEMENTS[] = {
    {"Collection", true, NULL, end_collection},
    {"LEA", true, NULL, end_authority},
    {"Child", true, start_child, end_child},
    {"LAchildID", false, NULL, end_child_id},
    {"UPN", false, NULL, end_upn},
    {"PersonBirthDate", false, NULL, end_birth},
    {"ExpectedPersonBirthDate", false, NULL, end_expected},
    {"PersonDeathDate", false, NULL, end_death},
    {"GenderCurrent", false, NULL, end_sex}, /* to 2023/24 */
    {"Sex", false, NULL, end_sex},           /* from 2024/25 */
    {"CINdetails", false, start_details, end_details},
    {"CINreferralDate", false, NULL, end_referral_date},
    {"ReferralSource", false, NULL, end_referral_source},
    {"ReferralNFA", false, NULL, end_referral_nfa},
    {"CINclosureDate", false, NULL, end_closure_date},
    {"ReasonForClosure", false, NULL, end_closure_reason},
    {"Assessments", false, start_assessment, end_assessment},
    {"AssessmentActualStartDate", false, NULL, end_assessment_start},
    {"AssessmentAuthorisationDate", false, NULL, end_assessment_done},
    {"AssessmentFactors", false, NULL, end_factor},
    {"Section47", false, start_section_47, end_section_47},
    {"S47ActualStartDate", false, NULL, end_s47_start},
    {"DateOfInitialCPC", false, NULL, end_conference},
    {"ICPCnotRequired", false, NULL, end_not_required},
    {"ChildProtectionPlans", false, start_cpp, end_cpp},
    {"CPPstartDate", false, NULL, end_cpp_start},
    {"CPPendDate", false, NULL, end_cpp_end},
    {"InitialCategoryOfAbuse", false, NULL, end_category},
    {"CPPreviewDate", false, NULL, end_cpp_review},
    {"CINPlanDates", false, start_plan, end_plan},
    {"CINPlanStartDate", false, NULL, end_plan_start},
    {"CINPlanEndDate", false, NULL, end_plan_end},
};

static formats_key baseline_key(const census *c)
{
    const hub_bytes PART = hub_bytes_of_text(c->authority);
    return formats_key_of("baseline", &PART, 1);
}

/* Before the first child: is this the authority's first file? */
static hub_status choose_use(census *c, hub_error *err)
{
    if (!c->is_cin) return hub_fail(err, HUB_ERR_INVALID, "line %u: Collection is not CIN: another return?", c->line);
    if (c->authority[0] == '\0') return hub_fail(err, HUB_ERR_INVALID, "line %u: Header/Source/LEA is empty or missing", c->line);
    hub_buffer value = {0};
    formats_key key = baseline_key(c);
    hub_status status = c->sink->ops->get(c->sink, key.text, &value);
    hub_buffer_free(&value);
    c->has_children = true;
    c->use = status == HUB_OK ? CIN_UPDATE : CIN_BASELINE;
    return status == HUB_ERR_NOT_FOUND ? HUB_OK : status;
}

static hub_status take_step(census *c, const formats_xml_step *step, hub_error *err)
{
    if (step->kind == FORMATS_XML_START) {
        c->line = step->line;
        c->column = step->column;
    }
    if (step->kind == FORMATS_XML_TEXT) {
        if (c->text.size + step->text.size > FORMATS_XML_TEXT_MAX) return HUB_OK; /* no field of ours is that long (N6) */
        hub_buffer_put(&c->text, step->text.data, step->text.size);
        return c->text.failed ? HUB_ERR_MEMORY : HUB_OK;
    }
    bool starts = step->kind == FORMATS_XML_START;
    if (starts && step->depth == 0 && strcmp(step->name, "Message") != 0) {
        return hub_fail(err, HUB_ERR_INVALID, "line %u: the first element is not Message: no census", c->line);
    }
    if (starts && strcmp(step->name, "Children") == 0) {
        hub_status status = choose_use(c, err);
        if (status != HUB_OK) return status;
    }
    for (size_t i = 0; i < COUNT(ELEMENTS); i++) {
        if (strcmp(step->name, ELEMENTS[i].name) != 0 || (!ELEMENTS[i].of_header && !c->in_child)) continue;
        cin_step *act = starts ? ELEMENTS[i].start : ELEMENTS[i].end;
        if (act != NULL) act(c);
    }
    hub_buffer_clear(&c->text);
    return c->status;
}

static hub_status read_steps(census *c, formats_xml *xml, hub_error *err)
{
    formats_xml_step step;
    for (;;) {
        hub_status status = formats_xml_next(xml, &step, err);
        if (status != HUB_OK) return status;
        if (step.kind == FORMATS_XML_DONE) break;
        status = take_step(c, &step, err);
        if (status != HUB_OK) return status;
    }
    if (!c->has_children) return hub_fail(err, HUB_ERR_INVALID, "line %u: no Children element: no census", step.line);
    if (c->use != CIN_BASELINE) return HUB_OK;
    formats_key key = baseline_key(c);
    return c->sink->ops->put(c->sink, key.text, hub_bytes_of_text("1"));
}

static hub_status map(const kit_mapping_options *options, hub_bytes input, const char *input_name, kit_sink *sink, hub_error *err)
{
    formats_xml *xml;
    (void)input_name;
    hub_status status = formats_xml_open(input, &xml, err);
    if (status != HUB_OK) return status;
    census *c = calloc(1, sizeof *c); /* 150 KiB: not on a stack */
    if (c != NULL) {
        c->options = options;
        c->sink = sink;
        status = read_steps(c, xml, err);
        hub_buffer_free(&c->text);
        free(c);
    } else {
        status = HUB_ERR_MEMORY;
    }
    formats_xml_close(xml);
    return status;
}

const kit_mapping childrens_cin_census = {
    .name = "childrens-cin-census",
    .version = 1,
    .agency = MASH__V1__AGENCY__AGENCY_CHILDRENS_SERVICES,
    .transport = "folder",
    .file_suffix = "xml",
    .map = map,
};
