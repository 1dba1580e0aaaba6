/* register_csv.c - attendance marks as rows, in a layout of our own for schools without an interface:
 *   UPN, NHSNumber (optional), StudentID (optional), Surname, Forename, DOB, SchoolURN, Date, Session, Code, Comment
 * dates dd/mm/yyyy or yyyy-mm-dd. */
#include "education/education.h"
#include "education/marks.h"
#include "formats/csv.h"

enum { UPN, NHS_NUMBER, STUDENT_ID, SURNAME, FORENAME, BIRTH, SCHOOL_URN, DATE, SESSION, CODE, COMMENT, COLUMNS };

static const formats_csv_column HEADER[COLUMNS] = {
    [UPN] = {"upn", "UPN", FORMATS_CSV_REQUIRED},
    [NHS_NUMBER] = {"nhsnumber", "NHSNumber", FORMATS_CSV_OPTIONAL},
    [STUDENT_ID] = {"studentid", "StudentID", FORMATS_CSV_OPTIONAL},
    [SURNAME] = {"surname", "Surname", FORMATS_CSV_OPTIONAL},
    [FORENAME] = {"forename", "Forename", FORMATS_CSV_OPTIONAL},
    [BIRTH] = {"dob|dateofbirth", "DOB", FORMATS_CSV_OPTIONAL},
    [SCHOOL_URN] = {"schoolurn", "SchoolURN", FORMATS_CSV_OPTIONAL},
    [DATE] = {"date", "Date", FORMATS_CSV_REQUIRED},
    [SESSION] = {"session", "Session", FORMATS_CSV_REQUIRED},
    [CODE] = {"code", "Code", FORMATS_CSV_REQUIRED},
    [COMMENT] = {"comment", "Comment", FORMATS_CSV_OPTIONAL},
};

typedef struct reading {
    const kit_mapping_options *options;
    kit_sink *sink;
} reading;

static bool read_date(hub_bytes text, formats_date *out)
{
    return formats_date_dmy(text, out) || formats_date_iso(text, out);
}

/* The column at fault, or COLUMNS. */
static int read_row(const formats_csv_row *row, const int32_t *columns, education_mark *mark, const char **rule)
{
    hub_bytes birth = formats_csv_text(row, columns[BIRTH]);
    mark->upn = formats_csv_text(row, columns[UPN]);
    mark->nhs_number = formats_csv_text(row, columns[NHS_NUMBER]);
    mark->student_id = formats_csv_text(row, columns[STUDENT_ID]);
    mark->family_name = formats_csv_text(row, columns[SURNAME]);
    mark->given_name = formats_csv_text(row, columns[FORENAME]);
    mark->school_urn = formats_csv_text(row, columns[SCHOOL_URN]);
    mark->comment = formats_csv_text(row, columns[COMMENT]);
    mark->code = education_code_find(formats_csv_text(row, columns[CODE]));
    *rule = "date does not exist or is neither dd/mm/yyyy nor yyyy-mm-dd";
    if (!read_date(formats_csv_text(row, columns[DATE]), &mark->date)) return DATE;
    if (birth.size > 0 && !read_date(birth, &mark->birth_date)) return BIRTH;
    *rule = "session must be AM or PM";
    if (!education_session(formats_csv_text(row, columns[SESSION]), &mark->session)) return SESSION;
    *rule = "not a national attendance code";
    if (mark->code == NULL) return CODE;
    return COLUMNS;
}

static hub_status on_entry(void *context, const formats_csv_row *row, const int32_t *columns)
{
    const reading *r = context;
    const char *rule;
    education_mark mark = {.record = row->record, .place = formats_csv_place(row, columns[UPN], HEADER[UPN].shown)};
    int fault = read_row(row, columns, &mark, &rule);
    if (fault == COLUMNS) return education_put_mark(r->sink, r->options, &mark);
    return formats_park(r->sink, row->record, formats_csv_place(row, columns[fault], HEADER[fault].shown), rule);
}

static hub_status map(const kit_mapping_options *options, hub_bytes input, const char *input_name, kit_sink *sink, hub_error *err)
{
    reading r = {.options = options, .sink = sink};
    (void)input_name;
    return formats_csv_read_table(input, HEADER, COLUMNS, on_entry, &r, sink, err);
}

const kit_mapping education_register_csv = {
    .name = "education-register-csv",
    .version = 1,
    .agency = MASH__V1__AGENCY__AGENCY_EDUCATION,
    .transport = "folder",
    .file_suffix = "csv",
    .map = map,
};
