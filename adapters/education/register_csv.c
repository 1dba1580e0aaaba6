/* register_csv.c - attendance marks as rows. The layout is ours:
 *   UPN, NHSNumber (optional), StudentID (optional), Surname, Forename, DOB, SchoolURN, Date, Session, Code, Comment
 * and so are the names that are shown of the columns; the others are those that management information systems give them in their exports: a
 * school's own Code may stand beside the national one, which counts. Dates as formats_date_of_row reads them. */
#include "education/education.h"
#include "education/marks.h"
#include "formats/csv.h"

enum { UPN, NHS_NUMBER, STUDENT_ID, SURNAME, FORENAME, BIRTH, SCHOOL_URN, DATE, SESSION, CODE, COMMENT, COLUMNS };

static const formats_csv_column HEADER[COLUMNS] = {
    [UPN] = {"upn|uniquepupilnumber|studentupn|pupilupn", "UPN", FORMATS_CSV_REQUIRED},
    [NHS_NUMBER] = {"nhsnumber|nhsno", "NHSNumber", FORMATS_CSV_OPTIONAL},
    [STUDENT_ID] = {"studentid|pupilid|personid|misid|admissionnumber|admno|adno", "StudentID", FORMATS_CSV_OPTIONAL},
    [SURNAME] = {"surname|legalsurname|lastname|legallastname|familyname", "Surname", FORMATS_CSV_OPTIONAL},
    [FORENAME] = {"forename|legalforename|firstname|legalfirstname|givenname", "Forename", FORMATS_CSV_OPTIONAL},
    [BIRTH] = {"dob|dateofbirth|birthdate", "DOB", FORMATS_CSV_OPTIONAL},
    [SCHOOL_URN] = {"schoolurn|urn|establishmenturn", "SchoolURN", FORMATS_CSV_OPTIONAL},
    [DATE] = {"date|markdate|attendancedate|sessiondate", "Date", FORMATS_CSV_REQUIRED},
    [SESSION] = {"session|sessionname|ampm", "Session", FORMATS_CSV_REQUIRED},
    [CODE] = {"nationalcode|dfecode|code|attendancecode|markcode|mark|attendancemark", "Code", FORMATS_CSV_REQUIRED},
    [COMMENT] = {"comment|comments|note|notes", "Comment", FORMATS_CSV_OPTIONAL},
};

typedef struct reading {
    const kit_mapping_options *options;
    kit_sink *sink;
} reading;

/* The column at fault, or COLUMNS. */
static int read_row(const reading *r, const formats_csv_row *row, const int32_t *columns, education_mark *mark, const char **rule)
{
    static const int WHOSE[] = {[EDUCATION_UPN] = UPN, [EDUCATION_NHS_NUMBER] = NHS_NUMBER, [EDUCATION_SCHOOL_URN] = SCHOOL_URN};
    education_field whose;
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
    if (!formats_date_of_row(formats_csv_text(row, columns[DATE]), &mark->date)) return DATE;
    if (birth.size > 0 && !formats_date_of_row(birth, &mark->birth_date)) return BIRTH;
    *rule = "session must be AM or PM";
    if (!education_session(formats_csv_text(row, columns[SESSION]), &mark->session)) return SESSION;
    *rule = "not a national attendance code";
    if (mark->code == NULL) return CODE;
    *rule = education_mark_fault(mark, r->options->this_year, &whose);
    return *rule != NULL ? WHOSE[whose] : COLUMNS;
}

static hub_status on_entry(void *context, const formats_csv_row *row, const int32_t *columns)
{
    const reading *r = context;
    const char *rule;
    education_mark mark = {.record = row->record, .place = formats_csv_place(row, columns[UPN], HEADER[UPN].shown)};
    int fault = read_row(r, row, columns, &mark, &rule);
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
