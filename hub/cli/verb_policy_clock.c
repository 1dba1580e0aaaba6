/* policy clock - when a clock is due, and the arithmetic in words: for whoever agrees a limit, or doubts one. Needs no hub. */
#include "cli/verbs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/settings.h"
#include "core/calendar.h"
#include "host/files.h"
#include "policy/policy.h"
#include "json/json.h"

enum { CASES_BYTES_MAX = 64 * 1024 * 1024 };

/* The calendars that cases are reckoned by. Neither stands in for the other: a case that names none is the policy's. */
typedef struct reckoner {
    const char *folder;  /* of the configuration */
    core_policy *policy; /* NULL until it is asked for */
    core_policy *beside; /* of the last other folder that was asked for, or NULL */
} reckoner;

/* ---- instants -------------------------------------------------------------------------------------------------------------- */
/* "2026-04-02T14:00Z", seconds allowed; civil time of the calendar when it is written "2026-04-02 15:00". */
static bool read_instant(const char *text, const core_calendar *calendar, int64_t *at_ms)
{
    int year, month, day, hour, minute, second = 0, used = 0;
    char separator;
    if (sscanf(text, "%4d-%2d-%2d%c%2d:%2d%n", &year, &month, &day, &separator, &hour, &minute, &used) != 6) return false;
    const char *rest = text + used;
    int more = 0;
    if (sscanf(rest, ":%2d%n", &second, &more) == 1) rest += more;
    bool is_utc = separator == 'T' && (strcmp(rest, "Z") == 0 || strcmp(rest, "+00:00") == 0);
    bool is_civil = separator == ' ' && rest[0] == '\0';
    bool exists = year >= 1900 && year <= 9000 && month >= 1 && month <= 12 && day >= 1 && hour >= 0 && hour < 24 &&
                  minute >= 0 && minute < 60 && second >= 0 && second < 60;
    if ((!is_utc && !is_civil) || !exists || day > core_civil_month_days(year, month)) return false;
    int32_t days = core_civil_day(year, month, day);
    *at_ms = is_utc ? (int64_t)days * CORE_MS_A_DAY + (hour * 60 + minute) * CORE_MS_A_MINUTE
                    : core_zone_instant(calendar->zone, calendar->zone_count, days, hour * 60 + minute, CORE_FIRST_OCCURRENCE);
    *at_ms += second * 1000;
    return true;
}

static void put_utc(int64_t at_ms, char out[32])
{
    int64_t days = at_ms / CORE_MS_A_DAY - (at_ms % CORE_MS_A_DAY < 0 ? 1 : 0);
    int64_t seconds = (at_ms - days * CORE_MS_A_DAY) / 1000;
    core_civil_date date = core_civil_date_of((int32_t)days);
    int length = snprintf(out, 32, "%04d-%02d-%02dT%02d:%02d", date.year, date.month, date.day_of_month, (int)(seconds / 3600),
                          (int)(seconds / 60 % 60));
    if (seconds % 60 != 0) length += snprintf(out + length, 32 - (size_t)length, ":%02d", (int)(seconds % 60));
    snprintf(out + length, 32 - (size_t)length, "Z");
}

/* ---- calendars ------------------------------------------------------------------------------------------------------------- */
static hub_status open_calendars(const char *folder, core_policy **out, hub_error *err)
{
    policy_sources sources = {0};
    yaml_problems problems = {0};
    hub_status status = policy_sources_read(folder, &sources, err);
    if (status == HUB_OK) status = policy_compile(&sources, folder, out, &problems);
    if (status == HUB_ERR_INVALID) { /* a folder of calendars alone */
        yaml_problems_free(&problems);
        problems = (yaml_problems){0};
        status = policy_compile_calendars(&sources, folder, out, &problems);
        if (status == HUB_ERR_INVALID)
            (void)hub_fail(err, status, "%s: the calendars have mistakes; mashctl policy check names them", folder);
    }
    yaml_problems_free(&problems);
    policy_sources_free(&sources);
    return status;
}

static const core_calendar *find(const core_policy *policy, const char *id)
{
    for (uint32_t i = 0; i < policy->calendar_count; i++) {
        if (id == NULL || strcmp(policy->calendars[i].id, id) == 0) return &policy->calendars[i];
    }
    return NULL;
}

/* Of the folder of that name beside the configuration ("worked-example"); NULL when there is none. */
static const core_calendar *calendar_beside(reckoner *r, const char *id)
{
    hub_error ignored; /* the caller says what was looked for */
    const core_calendar *found = r->beside == NULL ? NULL : find(r->beside, id);
    if (found != NULL || strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789-") != strlen(id)) return found;
    char folder[SETTINGS_PATH_MAX + 64];
    snprintf(folder, sizeof folder, "%s/../%.40s", r->folder, id);
    policy_free(r->beside);
    r->beside = NULL;
    return open_calendars(folder, &r->beside, &ignored) == HUB_OK ? find(r->beside, id) : NULL;
}

/* The policy's own calendar of this name, its first when none is named; otherwise the one beside the configuration. */
static const core_calendar *calendar_named(reckoner *r, const char *id, hub_error *err)
{
    char folder[SETTINGS_PATH_MAX];
    if (r->policy == NULL && settings_path(r->folder, "policy", folder)) (void)open_calendars(folder, &r->policy, err);
    const core_calendar *found = r->policy == NULL ? NULL : find(r->policy, id);
    if (found == NULL && id != NULL) found = calendar_beside(r, id);
    if (found == NULL && r->policy != NULL) { /* otherwise it is said why the policy could not be read */
        (void)hub_fail(err, HUB_ERR_NOT_FOUND,
                       "calendar: there is no calendar '%.40s' in the policy, nor a folder of that name beside %s", id,
                       r->folder);
    }
    return found;
}

/* ---- one case -------------------------------------------------------------------------------------------------------------- */
typedef struct clock_case {
    char kind[32], amount[16], from[40], calendar[48], roll[16];
} clock_case;

typedef struct reckoned {
    core_clock_kind kind;
    int32_t amount;
    core_roll roll;
    const core_calendar *calendar;
    int64_t from_ms;
    core_due due;
} reckoned;

/* NULL, or why not. "" is none. */
static const char *read_roll(const char *text, core_clock_kind kind, core_roll *roll)
{
    static const char *const ROLLS[] = {[CORE_ROLL_NONE] = "none", [CORE_ROLL_NEXT] = "next", [CORE_ROLL_PREVIOUS] = "previous"};
    *roll = CORE_ROLL_NONE;
    if (text[0] == '\0') return NULL;
    size_t i = 0;
    while (i < sizeof ROLLS / sizeof ROLLS[0] && strcmp(text, ROLLS[i]) != 0)
        i++;
    if (i == sizeof ROLLS / sizeof ROLLS[0]) return "roll: none, next or previous (working day)";
    *roll = (core_roll)i;
    bool may_roll = kind == CORE_CLOCK_CALENDAR_DAYS || kind == CORE_CLOCK_CALENDAR_MONTHS;
    return may_roll || i == CORE_ROLL_NONE ? NULL : "roll: for calendar_days and calendar_months only";
}

static const char *reckon(reckoner *r, const clock_case *said, reckoned *out, hub_error *err)
{
    out->kind = core_clock_kind_of_name(said->kind);
    if (out->kind == CORE_CLOCK_KIND_COUNT)
        return "kind: elapsed_minutes, working_minutes, working_days, calendar_days, calendar_months, next_school_day or "
               "age_months";
    static const long MOST[CORE_CLOCK_KIND_COUNT] = {10000000, 10000000, 10000, 10000, 2400, 0, 2400};
    char *end;
    errno = 0;
    long amount = strtol(said->amount, &end, 10);
    if (said->amount[0] == '\0' || *end != '\0' || errno != 0 || amount < 0 || amount > MOST[out->kind])
        return "amount: a whole number; at most 10,000,000 minutes, 10,000 days, 2,400 months; 0 for next_school_day";
    out->amount = (int32_t)amount;
    const char *why_not = read_roll(said->roll, out->kind, &out->roll);
    if (why_not != NULL) return why_not;
    err->text[0] = '\0';
    out->calendar = calendar_named(r, said->calendar[0] == '\0' ? NULL : said->calendar, err);
    if (out->calendar == NULL) return err->text[0] != '\0' ? err->text : "calendar: there is none";
    if (!read_instant(said->from, out->calendar, &out->from_ms))
        return "start: an instant like 2026-04-02T14:00Z, or civil time like 2026-04-02 15:00";
    out->due = core_calendar_due(out->calendar, out->kind, out->amount, out->roll, out->from_ms);
    return NULL;
}

static void put_json(const clock_case *said, const reckoned *r, int row, hub_buffer *out)
{
    char due[32];
    put_utc(r->due.due_ms, due);
    hub_buffer words = {0};
    core_calendar_words(r->calendar, r->kind, r->amount, r->roll, r->from_ms, &words);
    if (row > 0) hub_buffer_put_format(out, "{\"row\":%d,", row);
    hub_buffer_put_format(out, "%s\"kind\":\"%s\",\"start_utc\":", row > 0 ? "" : "{", said->kind);
    char start[32];
    put_utc(r->from_ms, start);
    hub_buffer_put_format(out, "\"%s\",\"amount\":%d,\"calendar\":\"%s\",\"due_utc\":\"%s\",\"provisional\":%s,\"words\":", start,
                          r->amount, r->calendar->id, due, r->due.provisional ? "true" : "false");
    json_put_text(out, hub_buffer_text(&words));
    hub_buffer_put_text(out, "}\n");
    hub_buffer_free(&words);
}

static void put_words(const reckoned *r, hub_buffer *out)
{
    char due[32];
    put_utc(r->due.due_ms, due);
    core_calendar_words(r->calendar, r->kind, r->amount, r->roll, r->from_ms, out);
    hub_buffer_put_format(out, "\n%s%s\n", due,
                          r->due.provisional ? "   provisional: reckoned past what the calendar knows" : "");
}

/* ---- many cases ------------------------------------------------------------------------------------------------------------ */
typedef enum column { KIND, START, AMOUNT, CALENDAR, ROLL, OTHER, COLUMNS_MAX = 16 } column;

static size_t split(char *line, char *cells[COLUMNS_MAX])
{
    size_t count = 0;
    for (char *at = line; count < COLUMNS_MAX; at++) {
        cells[count++] = at;
        at = strchr(at, ',');
        if (at == NULL) break;
        *at = '\0';
    }
    return count;
}

static size_t read_header(char *line, column columns[COLUMNS_MAX])
{
    static const char *const NAMES[] = {"kind", "start_utc", "amount", "calendar", "roll"};
    char *cells[COLUMNS_MAX];
    size_t count = split(line, cells);
    for (size_t i = 0; i < count; i++) {
        columns[i] = OTHER;
        for (int k = 0; k < OTHER; k++) {
            if (strcmp(cells[i], NAMES[k]) == 0) columns[i] = (column)k;
        }
    }
    return count;
}

/* What a row leaves empty is as the flags say. */
static bool read_row(char *line, const column *columns, size_t width, const clock_case *flags, clock_case *out)
{
    char *cells[COLUMNS_MAX];
    size_t count = split(line, cells);
    *out = *flags;
    for (size_t i = 0; i < count && i < width; i++) {
        char *to[] = {out->kind, out->from, out->amount, out->calendar, out->roll};
        const size_t sizes[] = {sizeof out->kind, sizeof out->from, sizeof out->amount, sizeof out->calendar, sizeof out->roll};
        if (columns[i] == OTHER || cells[i][0] == '\0') continue;
        snprintf(to[columns[i]], sizes[columns[i]], "%s", cells[i]);
    }
    return count == width;
}

/* One JSON line a row, also for a row that cannot be reckoned; no cell holds a comma, so nothing needs quotes. */
static cli_exit reckon_file(cli_call *call, reckoner *r, const clock_case *flags, const char *path)
{
    hub_error err = {{0}};
    hub_buffer text = {0};
    hub_buffer out = {0};
    hub_status status = host_file_read(path, CASES_BYTES_MAX, &text, &err);
    if (status != HUB_OK) {
        hub_buffer_free(&text);
        return cli_fail(call, status, &err);
    }
    hub_buffer_put(&text, "", 1);
    column columns[COLUMNS_MAX];
    size_t width = 0;
    int row = 0;
    uint32_t failed = 0;
    char *save = NULL;
    for (char *line = strtok_r((char *)text.data, "\r\n", &save); line != NULL; line = strtok_r(NULL, "\r\n", &save)) {
        if (width == 0) {
            width = read_header(line, columns);
            continue;
        }
        clock_case said;
        reckoned result;
        row++;
        const char *why_not = read_row(line, columns, width, flags, &said) ? reckon(r, &said, &result, &err)
                                                                           : "the row has other columns than the first line";
        if (why_not == NULL) {
            put_json(&said, &result, row, &out);
            continue;
        }
        failed++;
        hub_buffer_put_format(&out, "{\"row\":%d,\"error\":", row);
        json_put_text(&out, why_not);
        hub_buffer_put_text(&out, "}\n");
    }
    print_flush(&out);
    hub_buffer_free(&out);
    hub_buffer_free(&text);
    if (failed == 0) return CLI_DONE;
    return cli_fail(call, hub_fail(&err, HUB_ERR_INVALID, "%u of %d rows cannot be reckoned; each says why", failed, row), &err);
}

static cli_exit reckon_one(cli_call *call, reckoner *r, const clock_case *flags)
{
    hub_error err = {{0}};
    if (call->argument_count != 2 || flags->from[0] == '\0')
        return cli_usage(call, "KIND, AMOUNT and --from, or --file CASES.csv");
    clock_case said = *flags;
    snprintf(said.kind, sizeof said.kind, "%s", call->arguments[0]);
    snprintf(said.amount, sizeof said.amount, "%s", call->arguments[1]);
    reckoned result;
    const char *why_not = reckon(r, &said, &result, &err);
    if (why_not != NULL) {
        hub_error told = {{0}};
        return cli_fail(call, hub_fail(&told, HUB_ERR_INVALID, "%s", why_not), &told);
    }
    hub_buffer out = {0};
    if (call->json) {
        put_json(&said, &result, 0, &out);
    } else {
        put_words(&result, &out);
    }
    print_flush(&out);
    hub_buffer_free(&out);
    return CLI_DONE;
}

static void read_flag(const cli_call *call, const char *name, char *out, size_t size)
{
    const char *text = cli_flag_text(call, name);
    snprintf(out, size, "%s", text == NULL ? "" : text);
}

cli_exit verb_policy_clock(cli_call *call)
{
    reckoner r = {.folder = settings_folder(call)};
    clock_case flags = {.kind = ""};
    read_flag(call, "from", flags.from, sizeof flags.from);
    read_flag(call, "calendar", flags.calendar, sizeof flags.calendar);
    read_flag(call, "roll", flags.roll, sizeof flags.roll);
    const char *file = cli_flag_text(call, "file");
    if (file != NULL && call->argument_count > 0) return cli_usage(call, "with --file each row says its own kind and amount");
    cli_exit exit_code = file != NULL ? reckon_file(call, &r, &flags, file) : reckon_one(call, &r, &flags);
    policy_free(r.policy);
    policy_free(r.beside);
    return exit_code;
}
