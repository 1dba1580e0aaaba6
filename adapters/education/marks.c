#include "education/marks.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "formats/json.h"

#define SCHEME(name) MASH__V1__IDENTIFIER_SCHEME__IDENTIFIER_SCHEME_##name
#define KIND(name) MASH__V1__ABSENCE_KIND__ABSENCE_KIND_##name

static const formats_profile PROFILE = {
    .agency = MASH__V1__AGENCY__AGENCY_EDUCATION,
    .sensitivity = MASH__V1__SENSITIVITY__SENSITIVITY_OFFICIAL,
    .legal_basis = MASH__V1__LEGAL_BASIS__LEGAL_BASIS_PUBLIC_TASK,
    .legal_gateway = "Education Act 2002 s175; Children Act 2004 s10",
};

/* The newest marks of a pupil: where the run of absences or of E marks stands. */
typedef struct run {
    int32_t newest;   /* yyyymmdd * 10 + session; 0: no mark seen */
    int32_t missed;   /* unexplained or unauthorised marks in a row */
    int32_t excluded; /* the newest mark was E: the first of that run, as `newest`; 0: it was another */
} run;

bool education_session(hub_bytes text, Mash__V1__Session *out)
{
    static const struct {
        const char *word;
        Mash__V1__Session session;
    } WORDS[] = {
        {"AM", MASH__V1__SESSION__SESSION_MORNING},      {"PM", MASH__V1__SESSION__SESSION_AFTERNOON},
        {"1", MASH__V1__SESSION__SESSION_MORNING},       {"2", MASH__V1__SESSION__SESSION_AFTERNOON},
        {"morning", MASH__V1__SESSION__SESSION_MORNING}, {"afternoon", MASH__V1__SESSION__SESSION_AFTERNOON},
    };
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        if (!formats_bytes_are_any_case(text, WORDS[i].word)) continue;
        *out = WORDS[i].session;
        return true;
    }
    return false;
}

static int32_t moment_of(const education_mark *mark)
{
    return education_moment(mark->date, mark->session);
}

/* The UPN where there is one, else the system's own number: the same pupil in every register of this source. Empty: nobody. */
static hub_bytes pupil_of(const education_mark *mark, int this_year)
{
    if (formats_identifies(SCHEME(UPN), mark->upn, this_year)) return mark->upn;
    return formats_identifies(SCHEME(LOCAL), mark->student_id, this_year) ? mark->student_id : hub_bytes_of(NULL, 0);
}

static hub_status get_run(kit_sink *sink, const formats_key *key, run *out)
{
    hub_buffer value = {0};
    *out = (run){0};
    hub_status status = sink->ops->get(sink, key->text, &value);
    if (status == HUB_OK &&
        sscanf(hub_buffer_text(&value), "%" SCNd32 " %" SCNd32 " %" SCNd32, &out->newest, &out->missed, &out->excluded) != 3) {
        status = HUB_ERR_CORRUPT;
    }
    hub_buffer_free(&value);
    return status == HUB_ERR_NOT_FOUND ? HUB_OK : status;
}

static hub_status put_run(kit_sink *sink, const formats_key *key, const run *value)
{
    char text[64];
    (void)snprintf(text, sizeof text, "%" PRId32 " %" PRId32 " %" PRId32, value->newest, value->missed, value->excluded);
    return sink->ops->put(sink, key->text, hub_bytes_of_text(text));
}

/* E2. A changed newest mark takes back what it counted; a mark between or before leaves the run alone. */
static void advance(run *r, const education_mark *mark)
{
    int32_t moment = moment_of(mark);
    bool counts = mark->code->meaning == EDUCATION_ABSENT;
    if (mark->code->meaning == EDUCATION_NOT_COUNTED || moment < r->newest) return;
    if (moment == r->newest)
        r->missed = counts ? (r->missed > 0 ? r->missed : 1) : 0;
    else
        r->missed = counts ? r->missed + 1 : 0;
    if (mark->code->meaning != EDUCATION_EXCLUDED)
        r->excluded = 0;
    else if (r->excluded == 0)
        r->excluded = moment;
    r->newest = moment;
}

static void add_pupil(formats_draft *draft, const education_mark *mark)
{
    Mash__V1__Subject *pupil = formats_add_subject(draft);
    formats_add_child_or_adult(draft, pupil, mark->birth_date, mark->date);
    formats_add_identifier(draft, pupil, SCHEME(UPN), mark->upn);
    formats_add_identifier(draft, pupil, SCHEME(NHS_NUMBER), mark->nhs_number);
    formats_add_identifier(draft, pupil, SCHEME(LOCAL), mark->student_id);
    pupil->family_name = formats_text(draft, mark->family_name);
    formats_add_given_name(draft, pupil, mark->given_name);
    if (mark->birth_date.year != 0) pupil->date_of_birth = formats_date_message(draft, mark->birth_date);
    pupil->school_urn = formats_text(draft, mark->school_urn);
}

formats_draft *education_open_draft(kit_sink *sink, const kit_mapping_options *options, const education_mark *mark)
{
    formats_draft *draft = formats_draft_open(sink, options, &PROFILE);
    if (draft == NULL) return NULL;
    (void)formats_instant_of_date(mark->date, options, &draft->event.occurred_at);
    add_pupil(draft, mark);
    return draft;
}

static void fill_absence(formats_draft *draft, const education_mark *mark, Mash__V1__AbsenceKind kind, int32_t consecutive)
{
    Mash__V1__Absence *absence = FORMATS_PAYLOAD(draft, ABSENCE, absence, absence);
    absence->code = formats_word(draft, mark->code->code);
    absence->date = formats_date_message(draft, mark->date);
    absence->session = mark->session;
    absence->kind = kind;
    absence->consecutive_sessions = consecutive;
    absence->school_urn = formats_text(draft, mark->school_urn);
    absence->comment = formats_text(draft, mark->comment);
    const char *summary = kind == KIND(CORRECTED)      ? "Absence corrected"
                          : kind == KIND(UNEXPLAINED)  ? "Unexplained absence from school"
                          : kind == KIND(UNAUTHORISED) ? "Unauthorised absence from school"
                                                       : "Authorised absence from school";
    draft->event.summary = formats_word(draft, summary);
}

/* What kind of absence event this mark makes after what was published before; UNSPECIFIED: none. */
static Mash__V1__AbsenceKind kind_of(const education_mark *mark, const formats_memory *before)
{
    const char *said = before->newest.said;
    bool published = said[0] != '\0';
    if (published && strcmp(said, mark->code->code) == 0) return KIND(UNSPECIFIED);
    if (mark->code->meaning == EDUCATION_ABSENT) return mark->code->kind;
    if (published && education_code_find(hub_bytes_of_text(said))->meaning == EDUCATION_ABSENT) return KIND(CORRECTED);
    return mark->code->meaning == EDUCATION_EXPLAINED ? mark->code->kind : KIND(UNSPECIFIED); /* E1 */
}

static hub_status put_absence(kit_sink *sink, const kit_mapping_options *options, const education_mark *mark,
                              const formats_key *key, formats_memory *memory, int32_t consecutive)
{
    Mash__V1__AbsenceKind kind = kind_of(mark, memory);
    if (kind == KIND(UNSPECIFIED)) return HUB_OK;
    formats_draft *draft = education_open_draft(sink, options, mark);
    if (draft == NULL) return HUB_ERR_MEMORY;
    fill_absence(draft, mark, kind, kind == mark->code->kind && mark->code->meaning == EDUCATION_ABSENT ? consecutive : 0);
    return formats_go_on(formats_put_wording(draft, key, memory, mark->code->code, key->text, mark->record, mark->place));
}

static bool is_school_urn(hub_bytes text)
{
    enum { URN_DIGITS = 6 };
    size_t digits = 0;
    while (digits < text.size && text.data[digits] >= '0' && text.data[digits] <= '9')
        digits++;
    return text.size == 0 || (digits == text.size && digits == URN_DIGITS);
}

const char *education_mark_fault(const education_mark *mark, int this_year, education_field *field)
{
    const char *rule = formats_identifier_fault(SCHEME(UPN), mark->upn, this_year);
    *field = EDUCATION_UPN;
    if (rule == NULL && pupil_of(mark, this_year).size == 0) rule = "no UPN and no student id: an event is about somebody";
    if (rule != NULL) return rule;
    rule = formats_identifier_fault(SCHEME(NHS_NUMBER), mark->nhs_number, this_year);
    *field = EDUCATION_NHS_NUMBER;
    if (rule != NULL || is_school_urn(mark->school_urn)) return rule;
    *field = EDUCATION_SCHOOL_URN;
    return "a school's unique reference number has six digits";
}

hub_status education_put_mark(kit_sink *sink, const kit_mapping_options *options, const education_mark *mark)
{
    hub_bytes pupil = pupil_of(mark, options->this_year);
    char moment[16];
    (void)snprintf(moment, sizeof moment, "%" PRId32, moment_of(mark));
    const hub_bytes PARTS[] = {pupil, hub_bytes_of_text(moment)};
    formats_key run_key = formats_key_of("run", PARTS, 1);
    formats_key mark_key = formats_key_of("mark", PARTS, 2);
    formats_memory memory;
    run before;
    hub_status status = get_run(sink, &run_key, &before);
    if (status == HUB_OK) status = formats_recall(sink, &mark_key, &memory);
    if (status != HUB_OK) return status;

    run after = before;
    advance(&after, mark);
    int32_t consecutive = after.newest == moment_of(mark) ? after.missed : 0; /* E2 */
    int32_t first_of_run = after.newest == moment_of(mark) ? after.excluded : 0;
    status = put_absence(sink, options, mark, &mark_key, &memory, consecutive);
    if (status == HUB_OK) status = education_put_exclusion(sink, options, mark, pupil, first_of_run);
    return status == HUB_OK ? put_run(sink, &run_key, &after) : status;
}
