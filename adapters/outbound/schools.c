#include "schools.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "event/event.h"
#include "formats/csv.h"
#include "formats/dates.h"
#include "host/files.h"

enum { FILE_BYTES_MAX = 16 * 1024 * 1024 };
enum { URN, LEAD, DEPUTY, FROM, UNTIL, CLOSED, OPENS, NAME, COLUMNS };

typedef struct span {
    int32_t from, until; /* both in it */
} span;

typedef struct row {
    char urn[SCHOOLS_URN + 1];
    char to[2][OUTBOUND_ADDRESS_MAX];
    unsigned to_count;
    span valid;
    span closed[SCHOOLS_CLOSED_MAX];
    unsigned closed_count;
    int16_t opens_minute;
    uint32_t line;
} row;

struct schools {
    row *rows; /* by urn, then from */
    size_t count, capacity;
    struct timespec changed;
    off_t size;
    ino_t inode;
};

const char *schools_answer_text(schools_answer answer)
{
    static const char *const TEXTS[] = {
        [SCHOOLS_FOUND] = "found",
        [SCHOOLS_NO_NUMBER] = "no school's number is known for the child",
        [SCHOOLS_UNKNOWN] = "this school does not stand in the directory of schools",
        [SCHOOLS_NOT_NOW] = "this school has no contact in the directory that is valid today",
        [SCHOOLS_CLOSED] = "this school is closed today",
    };
    return TEXTS[answer];
}

/* ---- reading ---- */

typedef struct reading {
    schools *list;
    int32_t indexes[COLUMNS];
    bool has_header;
    hub_error *err;
} reading;

static const formats_csv_column TABLE[] = {
    {"urn", "URN", FORMATS_CSV_REQUIRED},
    {"safeguardinglead|dsl|dslemail|safeguardingleademail", "Safeguarding Lead", FORMATS_CSV_REQUIRED},
    {"deputy|deputyemail|deputydsl", "Deputy", FORMATS_CSV_OPTIONAL},
    {"validfrom", "Valid From", FORMATS_CSV_REQUIRED},
    {"validuntil", "Valid Until", FORMATS_CSV_OPTIONAL},
    {"closed", "Closed", FORMATS_CSV_OPTIONAL},
    {"opens", "Opens", FORMATS_CSV_OPTIONAL},
    {"name|school|schoolname", "Name", FORMATS_CSV_OPTIONAL},
};

static hub_status wrong(reading *r, const formats_csv_row *from, int column, const char *what)
{
    int32_t index = r->indexes[column];
    uint32_t at = index < 0 || (uint32_t)index >= from->count ? 1 : from->fields[index].column;
    return hub_fail(r->err, HUB_ERR_INVALID, "%" PRIu32 ":%" PRIu32 ": %s: %s", from->line, at, TABLE[column].shown, what);
}

static hub_bytes field(const reading *r, const formats_csv_row *from, int column)
{
    return formats_csv_text(from, r->indexes[column]);
}

static bool read_day(hub_bytes text, int32_t *out)
{
    formats_date date;
    if (text.size != 10 || !(formats_date_iso(text, &date) || formats_date_dmy(text, &date))) return false;
    Mash__V1__Date day = MASH__V1__DATE__INIT;
    day.year = date.year, day.month = date.month, day.day = date.day;
    return event_date_day(&day, out);
}

/* "2026-07-22/2026-09-01;2026-10-26" */
static bool read_closed(hub_bytes text, row *out)
{
    const char *at = (const char *)text.data;
    const char *end = at + text.size;
    while (at < end) {
        const char *stop = memchr(at, ';', (size_t)(end - at));
        size_t size = (size_t)((stop == NULL ? end : stop) - at);
        const char *slash = memchr(at, '/', size);
        size_t first = slash == NULL ? size : (size_t)(slash - at);
        span *one = &out->closed[out->closed_count];
        if (out->closed_count == SCHOOLS_CLOSED_MAX || !read_day(hub_bytes_of(at, first), &one->from)) return false;
        one->until = one->from;
        if (slash != NULL && !read_day(hub_bytes_of(slash + 1, size - first - 1), &one->until)) return false;
        if (one->until < one->from) return false;
        out->closed_count++;
        at = stop == NULL ? end : stop + 1;
    }
    return true;
}

static bool read_opens(hub_bytes text, int16_t *out)
{
    const uint8_t *c = text.data;
    *out = -1;
    if (text.size == 0) return true;
    bool shaped = text.size == 5 && c[2] == ':' && c[0] >= '0' && c[0] <= '2' && c[1] >= '0' && c[1] <= '9' && c[3] >= '0' &&
                  c[3] <= '5' && c[4] >= '0' && c[4] <= '9';
    if (!shaped || (c[0] - '0') * 10 + (c[1] - '0') > 23) return false;
    *out = (int16_t)(((c[0] - '0') * 10 + (c[1] - '0')) * 60 + (c[3] - '0') * 10 + (c[4] - '0'));
    return true;
}

static bool read_address(hub_bytes text, row *out)
{
    if (text.size == 0) return true;
    if (text.size >= OUTBOUND_ADDRESS_MAX) return false;
    (void)hub_format(out->to[out->to_count], OUTBOUND_ADDRESS_MAX, "%.*s", (int)text.size, (const char *)text.data);
    return outbound_is_address(out->to[out->to_count++]);
}

static hub_status read_row(reading *r, const formats_csv_row *from, row *out)
{
    hub_bytes urn = field(r, from, URN);
    *out = (row){.line = from->line, .valid.until = INT32_MAX};
    for (size_t i = 0; i < urn.size; i++) {
        if (urn.size != SCHOOLS_URN || urn.data[i] < '0' || urn.data[i] > '9') return wrong(r, from, URN, "six digits");
    }
    if (urn.size == 0) return wrong(r, from, URN, "six digits");
    memcpy(out->urn, urn.data, SCHOOLS_URN);
    if (!read_address(field(r, from, LEAD), out)) return wrong(r, from, LEAD, "no mail address");
    if (!read_address(field(r, from, DEPUTY), out)) return wrong(r, from, DEPUTY, "no mail address");
    if (out->to_count == 0) return wrong(r, from, LEAD, "a school needs the address of one of them");
    if (!read_day(field(r, from, FROM), &out->valid.from)) return wrong(r, from, FROM, "a day, as in 2026-09-01");
    if (field(r, from, UNTIL).size > 0 && !read_day(field(r, from, UNTIL), &out->valid.until))
        return wrong(r, from, UNTIL, "a day, as in 2027-08-31, or nothing");
    if (out->valid.until < out->valid.from) return wrong(r, from, UNTIL, "before Valid From");
    if (!read_closed(field(r, from, CLOSED), out))
        return wrong(r, from, CLOSED, "spans of days, as in 2026-07-22/2026-09-01;2026-10-26, at most 12");
    if (!read_opens(field(r, from, OPENS), &out->opens_minute)) return wrong(r, from, OPENS, "a time, as in 08:40");
    return HUB_OK;
}

static hub_status on_row(void *context, const formats_csv_row *from)
{
    reading *r = context;
    schools *list = r->list;
    if (!r->has_header) {
        r->has_header = true;
        return formats_csv_match(from, TABLE, COLUMNS, r->indexes, r->err);
    }
    if (list->count == SCHOOLS_MAX) return wrong(r, from, URN, "more schools than this program keeps (50,000)");
    if (list->count == list->capacity) {
        size_t capacity = list->capacity * 2 + 256;
        row *larger = realloc(list->rows, capacity * sizeof *larger);
        if (larger == NULL) return hub_fail(r->err, HUB_ERR_MEMORY, "out of memory");
        list->rows = larger;
        list->capacity = capacity;
    }
    hub_status status = read_row(r, from, &list->rows[list->count]);
    if (status == HUB_OK) list->count++;
    return status;
}

static int by_urn(const void *a, const void *b)
{
    const row *left = a, *right = b;
    int order = strcmp(left->urn, right->urn);
    return order != 0 ? order : (left->valid.from > right->valid.from) - (left->valid.from < right->valid.from);
}

hub_status schools_of(hub_bytes text, schools **out, hub_error *err)
{
    *out = NULL;
    schools *list = calloc(1, sizeof *list);
    if (list == NULL) return hub_fail(err, HUB_ERR_MEMORY, "out of memory");
    reading r = {.list = list, .err = err};
    hub_status status = formats_csv_read(text, on_row, &r, err);
    if (status == HUB_OK && list->count == 0) status = hub_fail(err, HUB_ERR_INVALID, "1:1: no school stands in it");
    if (status == HUB_OK) qsort(list->rows, list->count, sizeof list->rows[0], by_urn);
    for (size_t i = 1; i < list->count && status == HUB_OK; i++) {
        const row *before = &list->rows[i - 1], *at = &list->rows[i];
        if (strcmp(before->urn, at->urn) == 0 && before->valid.until >= at->valid.from)
            status = hub_fail(err, HUB_ERR_INVALID,
                              "%" PRIu32 ":1: this school stands on line %" PRIu32 " too, for some of the same days", at->line,
                              before->line);
    }
    if (status != HUB_OK) {
        schools_free(list);
        return status;
    }
    *out = list;
    return HUB_OK;
}

static hub_status read_stat(const char *path, struct stat *out, hub_error *err)
{
    if (stat(path, out) == 0) return HUB_OK;
    return hub_fail(err, HUB_ERR_NOT_FOUND, "%s: cannot be read", path);
}

static void note_stat(schools *list, const struct stat *at)
{
    list->changed = at->st_mtim;
    list->size = at->st_size;
    list->inode = at->st_ino;
}

hub_status schools_read(const char *path, schools **out, hub_error *err)
{
    struct stat at;
    hub_buffer text = {0};
    *out = NULL;
    hub_status status = read_stat(path, &at, err);
    if (status == HUB_OK) status = host_file_read(path, FILE_BYTES_MAX, &text, err);
    if (status == HUB_OK) {
        status = schools_of(hub_buffer_bytes(&text), out, err);
        if (status != HUB_OK) (void)hub_fail_within(err, status, "%s", path);
    }
    hub_buffer_free(&text);
    if (status == HUB_OK) note_stat(*out, &at);
    return status;
}

hub_status schools_refresh(const char *path, schools **list, bool *changed, hub_error *err)
{
    struct stat at;
    schools *fresh = NULL;
    *changed = false;
    hub_status status = read_stat(path, &at, err);
    if (status != HUB_OK) return status;
    const schools *now = *list;
    bool is_same = now != NULL && now->size == at.st_size && now->inode == at.st_ino &&
                   now->changed.tv_sec == at.st_mtim.tv_sec && now->changed.tv_nsec == at.st_mtim.tv_nsec;
    if (is_same) return HUB_OK;
    status = schools_read(path, &fresh, err);
    if (status != HUB_OK) {
        if (*list != NULL) note_stat(*list, &at); /* said once */
        return status;
    }
    schools_free(*list);
    *list = fresh;
    *changed = true;
    return HUB_OK;
}

void schools_free(schools *list)
{
    if (list == NULL) return;
    free(list->rows);
    free(list);
}

size_t schools_count(const schools *list)
{
    return list == NULL ? 0 : list->count;
}

/* ---- finding ---- */

static bool is_within(span days, int32_t day)
{
    return day >= days.from && day <= days.until;
}

static bool is_closed(const row *of, int32_t day)
{
    for (unsigned i = 0; i < of->closed_count; i++) {
        if (is_within(of->closed[i], day)) return true;
    }
    return false;
}

/* The row of that day, or any of the school; NULL = unknown. */
static const row *row_of(const schools *list, const char *urn, int32_t day)
{
    size_t low = 0, high = list == NULL ? 0 : list->count;
    const row *any = NULL;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (strcmp(list->rows[middle].urn, urn) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (; list != NULL && low < list->count && strcmp(list->rows[low].urn, urn) == 0; low++) {
        any = &list->rows[low];
        if (is_within(any->valid, day)) break;
    }
    return any;
}

schools_answer schools_find(const schools *list, const char *urn, int32_t day, schools_contact *out)
{
    *out = (schools_contact){.opens_minute = -1};
    if (urn[0] == '\0') return SCHOOLS_NO_NUMBER;
    const row *found = row_of(list, urn, day);
    if (found == NULL) return SCHOOLS_UNKNOWN;
    out->opens_minute = found->opens_minute;
    if (!is_within(found->valid, day)) return SCHOOLS_NOT_NOW;
    if (is_closed(found, day)) return SCHOOLS_CLOSED;
    for (unsigned i = 0; i < found->to_count; i++)
        (void)hub_format(out->to[out->count++], OUTBOUND_ADDRESS_MAX, "%s", found->to[i]);
    return SCHOOLS_FOUND;
}

bool schools_is_open(const schools *list, const char *urn, int32_t day)
{
    int weekday = (day + 4) % 7; /* 0 = Sunday: 1970-01-01 was a Thursday */
    const row *found = row_of(list, urn, day);
    return weekday != 0 && weekday != 6 && (found == NULL || !is_closed(found, day));
}
