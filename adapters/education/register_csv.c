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
    hub_error *err;
    int32_t columns[COLUMNS];
    uint32_t width; /* 0: the header is still to come */
} reading;

static bool read_date(hub_bytes text, formats_date *out)
{
    return formats_date_dmy(text, out) || formats_date_iso(text, out);
}

/* The column at fault, or COLUMNS. */
static int read_row(const reading *r, const formats_csv_row *row, education_mark *mark, const char **rule)
{
    hub_bytes birth = formats_csv_text(row, r->columns[BIRTH]);
    mark->upn = formats_csv_text(row, r->columns[UPN]);
    mark->nhs_number = formats_csv_text(row, r->columns[NHS_NUMBER]);
    mark->student_id = formats_csv_text(row, r->columns[STUDENT_ID]);
    mark->family_name = formats_csv_text(row, r->columns[SURNAME]);
    mark->given_name = formats_csv_text(row, r->columns[FORENAME]);
    mark->school_urn = formats_csv_text(row, r->columns[SCHOOL_URN]);
    mark->comment = formats_csv_text(row, r->columns[COMMENT]);
    mark->code = education_code_find(formats_csv_text(row, r->columns[CODE]));
    *rule = "date does not exist or is neither dd/mm/yyyy nor yyyy-mm-dd";
    if (!read_date(formats_csv_text(row, r->columns[DATE]), &mark->date)) return DATE;
    if (birth.size > 0 && !read_date(birth, &mark->birth_date)) return BIRTH;
    *rule = "session must be AM or PM";
    if (!education_session(formats_csv_text(row, r->columns[SESSION]), &mark->session)) return SESSION;
    *rule = "not a national attendance code";
    if (mark->code == NULL) return CODE;
    return COLUMNS;
}

static hub_status on_row(void *context, const formats_csv_row *row)
{
    reading *r = context;
    const char *rule = "row has another number of fields than the header";
    education_mark mark = {.record = row->record, .place = formats_csv_place(row, r->columns[UPN], "UPN")};
    if (r->width == 0) {
        r->width = row->count;
        return formats_csv_match(row, HEADER, COLUMNS, r->columns, r->err);
    }
    if (row->count != r->width) return formats_park(r->sink, row->record, formats_csv_place(row, -1, "row"), rule);
    int fault = read_row(r, row, &mark, &rule);
    if (fault == COLUMNS) return education_put_mark(r->sink, r->options, &mark);
    return formats_park(r->sink, row->record, formats_csv_place(row, r->columns[fault], HEADER[fault].shown), rule);
}

static hub_status map(const kit_mapping_options *options, hub_bytes input, const char *input_name, kit_sink *sink, hub_error *err)
{
    reading r = {.options = options, .sink = sink, .err = err};
    (void)input_name;
    hub_status status = formats_csv_read(input, on_row, &r, err);
    if (status == HUB_OK && r.width == 0)
        return hub_fail(err, HUB_ERR_INVALID, "1:1: empty: the first row must name the columns");
    return status;
}

const kit_mapping education_register_csv = {
    .name = "education-register-csv",
    .version = 1,
    .agency = MASH__V1__AGENCY__AGENCY_EDUCATION,
    .transport = "folder",
    .file_suffix = "csv",
    .map = map,
};
