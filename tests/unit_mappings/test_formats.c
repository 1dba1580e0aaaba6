/* The shared readers: dates, rows, trees, messages. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "event/wire.h"
#include "formats/charset.h"
#include "formats/csv.h"
#include "formats/dates.h"
#include "formats/hl7.h"
#include "formats/json_place.h"
#include "formats/xml.h"
#include "sink.h"

static const kit_mapping_options OPTIONS = {.this_year = 2026, .zone_offset_minutes = story_zone};

typedef bool instant_reader(hub_bytes text, const kit_mapping_options *options, int64_t *out);

static void check_instant(instant_reader *read, const char *text, int64_t wanted)
{
    int64_t ms = 0;
    bool known = read(hub_bytes_of_text(text), &OPTIONS, &ms);
    if (known != (wanted != 0) || ms != wanted)
        fail_msg("%s: %d %lld, wanted %lld", text, known, (long long)ms, (long long)wanted);
}

/* Agencies write the same instant in many ways; a wrong one moves a safeguarding clock by an hour or refuses a concern. 0: refused. */
static void instants_are_read_in_every_shape_the_field_writes(void **state)
{
    (void)state;
    static const struct {
        instant_reader *read;
        const char *text;
        int64_t wanted;
    } ROWS[] = {
        {formats_instant_iso, "2026-01-11T22:40:00Z", 1768171200000},
        {formats_instant_iso, "2023-06-19T18:35:59.442+01:00[Europe/London]", 1687196159442},
        {formats_instant_iso, "2022-05-04T07:03:50.912169+01:00", 1651644230912},
        {formats_instant_iso, "2023-08-04T09:06:46.65281576+01:00", 1691136406652},
        {formats_instant_iso, "2023-02-23T15:55:21.1065440Z", 1677167721106},
        {formats_instant_iso, "2026-07-01T10:00:00", 1782896400000}, /* no offset: civil, summer time */
        {formats_instant_iso, "2026-01-12", 1768176000000},
        {formats_instant_iso, "2026-02-30T10:00:00Z", 0},
        {formats_instant_iso, "2026-01-12T25:00:00Z", 0},
        {formats_instant_iso, "2026-01-12T10:00:00Zjunk", 0},
        {formats_instant_iso, "2026-01-12T10:00:00.1234567890Z", 0},
        {formats_instant_iso, "", 0},
        {formats_instant_of_row, "12/01/2026 09:30", 1768210200000},
        {formats_instant_of_row, "12 Jan 2026 09:30:00", 1768210200000},
        {formats_instant_of_row, "01/07/2026 10:00", 1782896400000}, /* summer time */
        {formats_instant_of_row, "12/01/2026", 1768176000000},
        {formats_instant_of_row, "2026-01-12T09:30:00Z", 1768210200000},
        {formats_instant_of_row, "12/01/2026 24:30", 0},
        {formats_instant_of_row, "12/01/2026 09", 0},
        {formats_instant_hl7, "20260112093000", 1768210200000},
        {formats_instant_hl7, "202607010930", 1782894600000}, /* summer time */
        {formats_instant_hl7, "202109141120+0215", 1631610300000},
        {formats_instant_hl7, "20210817151943.4+0200", 1629206383400},
        {formats_instant_hl7, "20260112", 1768176000000},
        {formats_instant_hl7, "202601", 0},
        {formats_instant_hl7, "20261312", 0},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        check_instant(ROWS[i].read, ROWS[i].text, ROWS[i].wanted);
}

static void days_that_do_not_exist_are_refused(void **state)
{
    formats_date date;
    (void)state;
    assert_true(formats_date_dmy(hub_bytes_of_text("29/02/2024"), &date));
    assert_false(formats_date_dmy(hub_bytes_of_text("29/02/2025"), &date));
    assert_false(formats_date_dmy(hub_bytes_of_text("2/3/2025"), &date));
    static const char *const SAME[] = {"16/11/2026",  "16-11-2026",       "16.11.2026",          "16 Nov 2026",
                                       "16-Nov-2026", "16 november 2026", "16/11/2026 00:00:00", "2026-11-16 00:00"};
    for (size_t i = 0; i < sizeof SAME / sizeof SAME[0]; i++) {
        assert_true(formats_date_of_row(hub_bytes_of_text(SAME[i]), &date));
        assert_int_equal(date.year * 10000 + date.month * 100 + date.day, 20261116);
    }
    static const char *const NONE[] = {"16/11/26",   "16 11 2026",  "16/11-2026", "16 Nom 2026",
                                       "16 No 2026", "31 Nov 2026", "11/16/2026"};
    for (size_t i = 0; i < sizeof NONE / sizeof NONE[0]; i++) {
        if (formats_date_of_row(hub_bytes_of_text(NONE[i]), &date)) fail_msg("%s", NONE[i]);
    }
    assert_true(formats_date_java(hub_bytes_of_text("Mon Jun 19 00:00:00 BST 2023"), &date));
    assert_int_equal(date.year * 10000 + date.month * 100 + date.day, 20230619);
    assert_true(formats_date_hl7(hub_bytes_of_text("1965"), &date));
    assert_int_equal(date.month, 0);
}

/* Some systems know a child's year of birth alone. Who was born in 2018 is a child in 2026, whatever the day: read as "not known", they
 * would be nobody's child. */
static void who_is_a_child_is_said_where_the_day_of_birth_cannot_matter(void **state)
{
    static const struct {
        formats_date birth;
        formats_date on;
        Mash__V1__Presence wanted;
    } ROWS[] = {
        {{2018, 0, 0}, {2026, 11, 16}, MASH__V1__PRESENCE__PRESENCE_YES},
        {{2009, 1, 0}, {2026, 11, 16}, MASH__V1__PRESENCE__PRESENCE_YES},
        {{2008, 0, 0}, {2026, 11, 16}, MASH__V1__PRESENCE__PRESENCE_UNSPECIFIED},
        {{2008, 11, 0}, {2026, 11, 16}, MASH__V1__PRESENCE__PRESENCE_UNSPECIFIED},
        {{2008, 11, 16}, {2026, 11, 16}, MASH__V1__PRESENCE__PRESENCE_NO},
        {{2008, 11, 17}, {2026, 11, 16}, MASH__V1__PRESENCE__PRESENCE_YES},
        {{2008, 10, 0}, {2026, 11, 16}, MASH__V1__PRESENCE__PRESENCE_NO},
        {{1990, 0, 0}, {2026, 11, 16}, MASH__V1__PRESENCE__PRESENCE_NO},
        {{0, 0, 0}, {2026, 11, 16}, MASH__V1__PRESENCE__PRESENCE_UNSPECIFIED},
        {{2027, 1, 1}, {2026, 11, 16}, MASH__V1__PRESENCE__PRESENCE_UNSPECIFIED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        assert_int_equal(formats_is_child(ROWS[i].birth, ROWS[i].on), ROWS[i].wanted);
}

static hub_status keep_third(void *context, const formats_csv_row *row)
{
    formats_csv_row *kept = context;
    if (row->line == 5) *kept = *row;
    return HUB_OK;
}

/* A reason file that names the wrong line sends a person to the wrong child's row. */
static void a_row_knows_its_line_and_the_columns_of_its_fields(void **state)
{
    static formats_csv_row row;
    hub_error err;
    (void)state;
    const char *text = "\xEF\xBB\xBFName,Note\r\nA,\"two\nlines\"\r\n\r\nBee,\"say \"\"no\"\"\"\r\n";
    assert_int_equal(formats_csv_read(hub_bytes_of_text(text), keep_third, &row, &err), HUB_OK);
    assert_int_equal(row.count, 2);
    assert_int_equal(row.fields[1].column, 5);
    assert_int_equal(row.record.size, strlen("Bee,\"say \"\"no\"\"\""));
}

static hub_status check_texts(void *rows, const formats_csv_row *row)
{
    *(int *)rows += 1;
    for (uint32_t i = 0; i < row->count; i++)
        assert_non_null(row->fields[i].text.data);
    return HUB_OK;
}

/* A spreadsheet whose first row was emptied. */
static void a_file_may_begin_with_a_row_of_empty_fields(void **state)
{
    int rows = 0;
    hub_error err;
    (void)state;
    assert_int_equal(formats_csv_read(hub_bytes_of_text(",,\nName,,\n"), check_texts, &rows, &err), HUB_OK);
    assert_int_equal(rows, 2);
}

/* An old spreadsheet ends its lines by a carriage return alone. */
static void a_row_knows_its_line_whatever_ends_lines(void **state)
{
    static formats_csv_row row;
    hub_error err;
    (void)state;
    row.line = 0;
    assert_int_equal(formats_csv_read(hub_bytes_of_text("Name\rA\r\rBee\r\nCee\n"), keep_third, &row, &err), HUB_OK);
    assert_int_equal(row.line, 5);
    assert_int_equal(row.record.size, strlen("Cee"));
}

/* What a spreadsheet of another country, or a database, writes for CSV. */
static hub_status match_pupils(void *err, const formats_csv_row *row)
{
    static const formats_csv_column COLUMNS[] = {{"UPN", "UPN", FORMATS_CSV_REQUIRED}, {"Code", "Code", FORMATS_CSV_REQUIRED}};
    int32_t indexes[2];
    return formats_csv_match(row, COLUMNS, 2, indexes, err);
}

static void a_file_that_is_divided_otherwise_is_told_what_divides(void **state)
{
    hub_error told, err;
    (void)state;
    assert_int_equal(formats_csv_read(hub_bytes_of_text("\n\n\n\nUPN|Code\n"), match_pupils, &told, &err), HUB_ERR_INVALID);
    assert_string_equal(told.text,
                        "5:1: no column UPN: the first row must name the columns, divided by commas, semicolons or tabs");
}

/* What a row lends it lends for the call. */
static hub_status check_fifth(void *rows, const formats_csv_row *row)
{
    *(int *)rows += 1;
    if (row->line != 5) return HUB_OK;
    assert_int_equal(row->count, 3);
    assert_int_equal(row->fields[1].text.size, 7);
    assert_memory_equal(row->fields[1].text.data, "Zo\xC3\xAB, 9", 7);
    return HUB_OK;
}

static void check_divided(const char *text, size_t size)
{
    hub_error err = {{0}};
    int rows = 0;
    if (formats_csv_read(hub_bytes_of(text, size), check_fifth, &rows, &err) != HUB_OK) fail_msg("%s", err.text);
    assert_int_equal(rows, 2);
}

/* The header says what divides; a byte order mark, what the letters are. Each is what a management information system or a spreadsheet
 * writes when it is asked for CSV. */
static void a_file_is_read_whatever_divides_it_and_in_utf_16(void **state)
{
    static const char LITTLE[] = "\xFF\xFE"
                                 "a\0\t\0b\0\t\0c\0\n\0\n\0\n\0\n\0"
                                 "1\0\t\0Z\0o\0\xEB\0,\0 \0"
                                 "9\0\t\0"
                                 "2\0\n\0";
    static const char BIG[] = "\xFE\xFF\0a\0;\0b\0;\0c\0\r\0\r\0\r\0\r\0"
                              "1\0;\0Z\0o\0\xEB\0,\0 \0"
                              "9\0;\0"
                              "2\0\r";
    static const char *const ROWS[] = {
        "a,b,c\n\n\n\n1,\"Zo\xC3\xAB, 9\",2\n",
        "a;b;c\n\n\n\n1;Zo\xC3\xAB, 9;2\n",
        "a\tb\tc\r\n\r\n\r\n\r\n1\tZo\xC3\xAB, 9\t2",
        "\xEF\xBB\xBFsep=;\r\na;b;c\r\n\r\n\r\n1;Zo\xC3\xAB, 9;2\r\n",
        "\"a,\";\"b,\";\"c,\"\n\n\n\n1;Zo\xC3\xAB, 9;2\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        check_divided(ROWS[i], strlen(ROWS[i]));
    check_divided(LITTLE, sizeof LITTLE - 1);
    check_divided(BIG, sizeof BIG - 1);
}

static hub_status count_row(void *count, const formats_csv_row *row, const int32_t *indexes)
{
    (void)row;
    (void)indexes;
    *(int *)count += 1;
    return HUB_OK;
}

/* A school's export in Windows-1252, and half a surrogate in UTF-16: a person must find the letter. Columns that nobody reads may hold what
 * they like. */
static void a_row_that_is_no_utf_8_is_parked_at_the_letter_and_the_others_go_on(void **state)
{
    static const formats_csv_column COLUMNS[] = {{"upn", "UPN", FORMATS_CSV_REQUIRED}, {"name", "Name", FORMATS_CSV_REQUIRED}};
    static const char UTF_16[] = "\xFF\xFEU\0P\0N\0,\0N\0"
                                 "a\0m\0"
                                 "e\0\n\0"
                                 "1\0,\0\x00\xD8"
                                 "b\0\n\0";
    story s;
    int count = 0;
    (void)state;
    static const kit_mapping ANY = {.name = "any", .agency = MASH__V1__AGENCY__AGENCY_EDUCATION};
    story_begin(&s, &ANY);
    const char *text = "UPN,Room,Name\n1,\xE9,Testley\n2,a,Zo\xEB\n3,b,Wren\n";
    assert_int_equal(formats_csv_read_table(hub_bytes_of_text(text), COLUMNS, 2, count_row, &count, &s.sink, &s.err), HUB_OK);
    assert_int_equal(count, 2);
    then_parked(&s, 0, "Name", 3, "not UTF-8");
    assert_int_equal(s.parked[0].column, 5);
    assert_int_equal(
        formats_csv_read_table(hub_bytes_of(UTF_16, sizeof UTF_16 - 1), COLUMNS, 2, count_row, &count, &s.sink, &s.err), HUB_OK);
    then_parked(&s, 1, "Name", 2, "not UTF-8");
    story_end(&s);
}

/* Half a letter at the end, alone or behind half a pair: no letter is made of it. */
static void an_odd_last_byte_in_utf_16_is_no_letter(void **state)
{
    static const struct {
        const char *text;
        size_t size;
    } ROWS[] = {{"\xFE\xFF\0a\x01", 5},
                {"\xFF\xFE"
                 "a\0\x01",
                 5},
                {"\xFE\xFF\xD8\x3D\xDE", 5},
                {"\xFF\xFE\x3D\xD8\xDE", 5}};
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        hub_buffer out = {0};
        assert_true(formats_utf16_read(hub_bytes_of(ROWS[i].text, ROWS[i].size), &out));
        assert_false(event_wire_text_is_clean(hub_buffer_text(&out), hub_buffer_bytes(&out).size));
        hub_buffer_free(&out);
    }
}

/* A file may have both "Gender" and "Sex", where a format has one of them. */
static void of_two_names_for_a_column_the_first_that_is_there_counts(void **state)
{
    static const formats_csv_column COLUMNS[] = {{"gender|sex", "Gender", FORMATS_CSV_REQUIRED}};
    formats_csv_row header = {.fields = {{hub_bytes_of_text("Sex"), 1}, {hub_bytes_of_text("Gender"), 5}}, .count = 2, .line = 1};
    int32_t index;
    hub_error err;
    (void)state;
    assert_int_equal(formats_csv_match(&header, COLUMNS, 1, &index, &err), HUB_OK);
    assert_int_equal(index, 1);
    header.fields[0].text = hub_bytes_of_text("gender");
    assert_int_equal(formats_csv_match(&header, COLUMNS, 1, &index, &err), HUB_ERR_INVALID);
    assert_string_equal(err.text, "1:5: column Gender stands twice");
}

static void a_quote_that_never_ends_is_told_with_its_line(void **state)
{
    static formats_csv_row row;
    hub_error err;
    (void)state;
    assert_int_equal(formats_csv_read(hub_bytes_of_text("Name\nfirst\n\"secret\nthird\n"), keep_third, &row, &err),
                     HUB_ERR_INVALID);
    assert_string_equal(err.text, "3:1: a quote in this row never ends");
}

static void check_json(const char *text, size_t size, const char *wanted)
{
    hub_error err = {{0}};
    json_t *root;
    hub_status status = formats_json_read(hub_bytes_of(text, size), &root, &err);
    if (strcmp(err.text, wanted) != 0) fail_msg("\"%s\", wanted \"%s\"", err.text, wanted);
    assert_int_equal(status, wanted[0] == '\0' ? HUB_OK : HUB_ERR_INVALID);
    json_decref(root);
}

static void json_faults_have_a_place_and_no_value(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *wanted;
    } ROWS[] = {
        {"{\"a\": 1}", ""},
        {"\xEF\xBB\xBF{}", ""},
        {"", "1:1: empty"},
        {"{\"a\": 1, \"a\": 2}", "1:12: a key stands twice in one object"},
        {"{\"a\":\n \"secret\" x}", "2:11: not JSON"},
        {"{\"a\": [", "1:8: the document ends too early"},
        {"{} {}", "1:4: something follows the end of the document"},
        {"{\"a\": \"\xff\"}", "1:7: not UTF-8"},
        {"{\"a\": \"\\u0000\"}", "1:14: a NUL character in a text"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        check_json(ROWS[i].text, strlen(ROWS[i].text), ROWS[i].wanted);
}

static void check_part(const formats_hl7 *m, const char *segment, uint32_t field, uint32_t component, const char *wanted)
{
    hub_buffer text = {0};
    formats_hl7_text(m, formats_hl7_value(m, segment, field, component), &text);
    assert_string_equal(hub_buffer_text(&text), wanted);
    hub_buffer_free(&text);
}

/* Delimiters are the sender's to choose, and names hold what delimiters are made of. */
static void a_message_is_read_by_its_own_delimiters_and_escapes(void **state)
{
    static formats_hl7 m;
    (void)state;
    assert_int_equal(
        formats_hl7_read(hub_bytes_of_text("MSH*:~!@*APP:SUB\nPID*1**1@x:2~3*a!T!b!S!c!X41!!.br!!E!*\"\"\r\nZU1*x\n"), &m, NULL),
        HUB_OK);
    check_part(&m, "MSH", 1, 1, "*");
    check_part(&m, "MSH", 3, 2, "SUB");
    check_part(&m, "PID", 4, 0, "a@b:cA !");
    check_part(&m, "PID", 5, 0, "");
    assert_int_equal(formats_hl7_repeats(&m, formats_hl7_segment(&m, "PID", 0, NULL), 3), 2);
    assert_int_equal(formats_hl7_segment(&m, "ZZZ", 0, NULL).size, 0);
}

static void text_becomes_utf_8_by_the_set_that_the_header_names(void **state)
{
    static formats_hl7 m;
    static const struct {
        const char *message, *text;
    } ROWS[] = {
        {"MSH|^~\\&|A|||||||||||||||8859/1\rPID|Ren\xE9\x65", "Ren\xC3\xA9\x65"},
        {"MSH|^~\\&|A|||||||||||||||8859/1\rPID|O\x92Test", "O\xE2\x80\x99Test"}, /* Windows-1252 under its usual name */
        {"MSH|^~\\&|A|||||||||||||||ISO-8859-1\rPID|Ren\xE9\x65", "Ren\xC3\xA9\x65"},
        {"MSH|^~\\&|A|||||||||||||||windows-1252~ASCII\rPID|O\x92Test", "O\xE2\x80\x99Test"},
        {"MSH|^~\\&|A|||||||||||||||8859/1\rPID|Ren\\XE9\\e", "Ren\xC3\xA9\x65"},
        {"MSH|^~\\&|A\rPID|DOM\\one of DOM\\two", "DOM\\one of DOM\\two"}, /* a source that escapes nothing */
        {"MSH|^~\\&|A\rPID|a\\\\b\\B\\c\\Zq1\\\\T\\", "a\\\\b\\B\\c&"},
        {"MSH|^~\\&|A|||||||||||||||8859/15\rPID|\xA4\xE9", "\xE2\x82\xAC\xC3\xA9"},
        {"MSH|^~\\&|A|||||||||||||||UNICODE UTF-8\rPID|Ren\xC3\xA9\x65", "Ren\xC3\xA9\x65"},
        {"MSH|^~\\&|A\rPID|Ren\xC3\xA9\x65", "Ren\xC3\xA9\x65"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        assert_int_equal(formats_hl7_read(hub_bytes_of_text(ROWS[i].message), &m, NULL), HUB_OK);
        check_part(&m, "PID", 1, 0, ROWS[i].text);
    }
}

static void headers_that_declare_no_delimiters_are_refused(void **state)
{
    static formats_hl7 m;
    static const char *const ROWS[] = {"", "M", "MSH", "MSH|^~", "PID|1", "MSHAAAAAAA", "MSH|||||||", "MSH|^~\\&|A\rMSH|^~\\&|B"};
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        assert_int_equal(formats_hl7_read(hub_bytes_of_text(ROWS[i]), &m, NULL), HUB_ERR_INVALID);
    }
}

static void read_to_end(const char *text, const char *wanted)
{
    hub_error err = {{0}};
    formats_xml *xml;
    formats_xml_step step = {.kind = FORMATS_XML_START};
    assert_int_equal(formats_xml_open(hub_bytes_of_text(text), &xml, &err), HUB_OK);
    hub_status status = HUB_OK;
    while (status == HUB_OK && step.kind != FORMATS_XML_DONE)
        status = formats_xml_next(xml, &step, &err);
    formats_xml_close(xml);
    if (strstr(err.text, wanted) == NULL) fail_msg("\"%s\", wanted \"%s\"", err.text, wanted);
    assert_int_equal(status, wanted[0] == '\0' ? HUB_OK : HUB_ERR_INVALID);
}

/* A census file is opened by a process that holds an enrolled key: no entity, no network, no file is read for it. */
static void entities_and_document_types_are_refused(void **state)
{
    (void)state;
    read_to_end("<a><b/>text</a>", "");
    read_to_end("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>", "DOCTYPE is not allowed");
    read_to_end("<a>\n  &x;</a>", "not well-formed XML");
    read_to_end("<a>\n<b></a>", "2:8: not well-formed XML");
    read_to_end("<a><b>secret", "not well-formed XML");
}

static void check_json_place(const char *text, const char *place)
{
    hub_error err = {{0}};
    json_t *root;
    assert_int_equal(formats_json_read(hub_bytes_of_text(text), &root, &err), HUB_ERR_INVALID);
    if (strncmp(err.text, place, strlen(place)) != 0) fail_msg("\"%s\" does not begin with %s", err.text, place);
}

/* Lines and columns count from 1: somebody goes there in an editor. */
static void a_fault_of_json_has_a_true_line_and_column(void **state)
{
    (void)state;
    check_json_place("{\n", "2:1: the document ends too early");
    check_json_place("{\n}x", "2:2: something follows");
    check_json_place("[1,\n\n,2]", "3:1: not JSON");
    check_json_place("{\"a\": \"b\n\"}", "1:8: not JSON"); /* a line end within a text */
    check_json_place("{\"a\":1,\n \"a\":2}", "2:");        /* a key that stands twice */
    check_json_place("tru", "1:");
}

static kit_place place_in(const char *text, const char *path)
{
    json_t *root;
    hub_error err = {{0}};
    assert_int_equal(formats_json_read(hub_bytes_of_text(text), &root, &err), HUB_OK);
    formats_json_places places = {.input = hub_bytes_of_text(text), .root = root};
    const json_t *holder = json_is_array(json_object_get(root, "list")) ? json_array_get(json_object_get(root, "list"), 1) : root;
    kit_place place = formats_json_place(&places, holder, path, "");
    formats_json_places_free(&places);
    json_decref(root);
    return place;
}

static void check_place(const char *text, const char *key, uint32_t line, uint32_t column)
{
    kit_place place = place_in(text, key);
    assert_int_equal(place.line, line);
    assert_int_equal(place.column, column);
}

static void what_was_read_of_json_knows_where_it_stood(void **state)
{
    (void)state;
    check_place("\xEF\xBB\xBF{\"a\":[],\r\n  \"b\" : true}", "b", 2, 9);
    check_place("{\"list\":[{\"x\":\"\\\"}\"},\n{\"y\":[1,{\"z\":{}}],\"x\":-1.5e3}]}", "x", 2, 23);
    check_place("{\"list\":[{},\n {\"x\":null}]}", "gone", 2, 2);
    check_place("{\"list\":[{},\n {\"x\":null}]}", NULL, 2, 2);
}

/* Export functions of Windows programs write it, and no file says so: the configuration does. */
static void a_text_of_windows_1252_is_read_as_it_was_written(void **state)
{
    (void)state;
    static const struct {
        const char *text, *wanted;
    } ROWS[] = {
        {"Ren\xE9\x65;O\x92Test", "Ren\xC3\xA9\x65;O\xE2\x80\x99Test"},
        {"plain", "plain"},
        {"\xEF\xBB\xBFRen\xC3\xA9\x65", "\xEF\xBB\xBFRen\xC3\xA9\x65"}, /* it says itself that it is UTF-8 */
        {"\xFF\xFEx", "\xFF\xFEx"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        hub_buffer out = {0};
        formats_windows_1252(hub_bytes_of_text(ROWS[i].text), &out);
        assert_string_equal(out.size == 0 ? "" : hub_buffer_text(&out), ROWS[i].wanted);
        hub_buffer_free(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_fault_of_json_has_a_true_line_and_column),
        cmocka_unit_test(what_was_read_of_json_knows_where_it_stood),
        cmocka_unit_test(instants_are_read_in_every_shape_the_field_writes),
        cmocka_unit_test(days_that_do_not_exist_are_refused),
        cmocka_unit_test(who_is_a_child_is_said_where_the_day_of_birth_cannot_matter),
        cmocka_unit_test(a_row_knows_its_line_and_the_columns_of_its_fields),
        cmocka_unit_test(a_row_knows_its_line_whatever_ends_lines),
        cmocka_unit_test(a_file_may_begin_with_a_row_of_empty_fields),
        cmocka_unit_test(a_file_that_is_divided_otherwise_is_told_what_divides),
        cmocka_unit_test(an_odd_last_byte_in_utf_16_is_no_letter),
        cmocka_unit_test(of_two_names_for_a_column_the_first_that_is_there_counts),
        cmocka_unit_test(a_row_that_is_no_utf_8_is_parked_at_the_letter_and_the_others_go_on),
        cmocka_unit_test(a_file_is_read_whatever_divides_it_and_in_utf_16),
        cmocka_unit_test(a_quote_that_never_ends_is_told_with_its_line),
        cmocka_unit_test(json_faults_have_a_place_and_no_value),
        cmocka_unit_test(a_message_is_read_by_its_own_delimiters_and_escapes),
        cmocka_unit_test(text_becomes_utf_8_by_the_set_that_the_header_names),
        cmocka_unit_test(headers_that_declare_no_delimiters_are_refused),
        cmocka_unit_test(a_text_of_windows_1252_is_read_as_it_was_written),
        cmocka_unit_test(entities_and_document_types_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
