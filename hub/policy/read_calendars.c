/* bank_holidays, school_terms, schools, calendars. Lists of days must ascend: whoever reads the file next year sees a gap at once. */
#include "compiler.h"

#include <stdio.h>
#include <string.h>

enum { ZONE_FIRST_YEAR = 1972, ZONE_LAST_YEAR = 2150, ZONE_ROWS_MAX = 2 * (ZONE_LAST_YEAR - ZONE_FIRST_YEAR + 1) + 1 };

/* The array for a list, or NULL after a complaint. */
static void *new_list(policy_compiler *c, const yaml_node *list, size_t item_size)
{
    if (list == NULL) return NULL;
    if (!yaml_is_list(list) || yaml_count(list) > POLICY_DAYS_MAX) {
        yaml_complain(list, c->problems, "expected a list of at most %d rows", POLICY_DAYS_MAX);
        return NULL;
    }
    return hub_arena_take(c->arena, (yaml_count(list) + 1) * item_size);
}

static void must_ascend(policy_compiler *c, const yaml_node *node, bool is_first, int32_t before, int32_t day)
{
    if (!is_first && day <= before) yaml_complain(node, c->problems, "days must ascend: this one is not after the one before it");
}

static void read_holiday(policy_compiler *c, const yaml_node *row, policy_holidays *holidays, int32_t *days)
{
    if (!yaml_only(row, c->problems, "date", "title", "notes", NULL) && !yaml_is_map(row)) return;
    const yaml_node *date = yaml_need(row, "date", c->problems);
    char text[160];
    policy_need_text(c, row, "title", text, sizeof text);
    policy_copy_text(c, yaml_get(row, "notes"), text, sizeof text);
    uint32_t before = c->problems->count;
    int32_t day = yaml_date(date, c->problems);
    if (date == NULL || c->problems->count > before) return;
    must_ascend(c, date, holidays->count == 0, holidays->count > 0 ? days[holidays->count - 1] : 0, day);
    if (day > holidays->known_until_day) yaml_complain(date, c->problems, "this holiday is after 'known_until'; move that on");
    days[holidays->count++] = day;
}

static void read_holidays(policy_compiler *c, const yaml_node *row)
{
    if (!yaml_only(row, c->problems, "name", "known_until", "source", "days", NULL) && !yaml_is_map(row)) return;
    policy_holidays *holidays = &c->holidays[c->holiday_count];
    char source[160];
    policy_need_text(c, row, "source", source, sizeof source);
    holidays->known_until_day = yaml_date(yaml_need(row, "known_until", c->problems), c->problems);
    const yaml_node *list = yaml_need(row, "days", c->problems);
    int32_t *days = new_list(c, list, sizeof *days);
    holidays->days = days;
    for (size_t i = 0; days != NULL && i < yaml_count(list); i++)
        read_holiday(c, yaml_item(list, i), holidays, days);
    if (policy_new_name(c, yaml_need(row, "name", c->problems), "list of holidays", holidays->name, CORE_NAME_MAX, c->holidays,
                        c->holiday_count, sizeof *holidays)) {
        c->holiday_count++;
    }
}

static void read_term(policy_compiler *c, const yaml_node *row, policy_terms *terms, core_day_span *spans)
{
    if (!yaml_only(row, c->problems, "from", "until", NULL) && !yaml_is_map(row)) return;
    const yaml_node *from = yaml_need(row, "from", c->problems), *until = yaml_need(row, "until", c->problems);
    uint32_t before = c->problems->count;
    core_day_span span = {.from_day = yaml_date(from, c->problems), .until_day = yaml_date(until, c->problems)};
    if (from == NULL || until == NULL || c->problems->count > before) return;
    must_ascend(c, from, terms->term_count == 0, terms->term_count > 0 ? spans[terms->term_count - 1].until_day : 0,
                span.from_day);
    if (span.until_day < span.from_day)
        yaml_complain(until, c->problems, "'until' is the last day of term: it cannot be before 'from'");
    spans[terms->term_count++] = span;
}

static void read_inset_days(policy_compiler *c, const yaml_node *list, policy_terms *terms)
{
    int32_t *days = new_list(c, list, sizeof *days);
    terms->inset_days = days;
    for (size_t i = 0; days != NULL && i < yaml_count(list); i++) {
        uint32_t before = c->problems->count;
        int32_t day = yaml_date(yaml_item(list, i), c->problems);
        if (c->problems->count > before) continue;
        must_ascend(c, yaml_item(list, i), terms->inset_count == 0, terms->inset_count > 0 ? days[terms->inset_count - 1] : 0,
                    day);
        days[terms->inset_count++] = day;
    }
}

static void read_terms(policy_compiler *c, const yaml_node *row)
{
    if (!yaml_only(row, c->problems, "name", "source", "terms", "inset_days", NULL) && !yaml_is_map(row)) return;
    policy_terms *terms = &c->terms[c->terms_count];
    char source[160];
    policy_need_text(c, row, "source", source, sizeof source);
    const yaml_node *list = yaml_need(row, "terms", c->problems);
    core_day_span *spans = new_list(c, list, sizeof *spans);
    terms->terms = spans;
    for (size_t i = 0; spans != NULL && i < yaml_count(list); i++)
        read_term(c, yaml_item(list, i), terms, spans);
    read_inset_days(c, yaml_need(row, "inset_days", c->problems), terms);
    if (policy_new_name(c, yaml_need(row, "name", c->problems), "list of terms", terms->name, CORE_NAME_MAX, c->terms,
                        c->terms_count, sizeof *terms)) {
        c->terms_count++;
    }
}

/* Academies and schools with INSET days of their own: a list of terms, and INSET days in place of that list's. */
static void read_school(policy_compiler *c, const yaml_node *row, core_school *schools)
{
    if (!yaml_only(row, c->problems, "urn", "terms", "inset_days", "source", NULL) && !yaml_is_map(row)) return;
    core_school *school = &schools[c->policy->school_count];
    char source[160];
    policy_need_text(c, row, "source", source, sizeof source);
    school->place = policy_place(c, row);
    const yaml_node *name = yaml_need(row, "terms", c->problems), *inset = yaml_get(row, "inset_days");
    int32_t found = name == NULL ? -1 : policy_find(c, name, "list of terms", c->terms, c->terms_count, sizeof *c->terms);
    policy_terms own = {.terms = NULL};
    if (found >= 0) own = c->terms[found];
    if (inset != NULL) {
        own.inset_count = 0;
        read_inset_days(c, inset, &own);
    }
    school->terms = own.terms;
    school->term_count = own.term_count;
    school->inset_days = own.inset_days;
    school->inset_count = own.inset_count;
    if (policy_new_name(c, yaml_need(row, "urn", c->problems), "school", school->urn, sizeof school->urn, schools,
                        c->policy->school_count, sizeof *school)) {
        c->policy->school_count++;
    }
}

/* "08:30-17:00" or "closed". */
static void read_hours(policy_compiler *c, const yaml_node *node, core_calendar *calendar, size_t weekday)
{
    const char *text = yaml_text(node, 40, c->problems);
    if (text[0] == '\0' || strcmp(text, "closed") == 0) return;
    int open_hour, open_minute, close_hour, close_minute, used = 0;
    int read = sscanf(text, "%2d:%2d-%2d:%2d%n", &open_hour, &open_minute, &close_hour, &close_minute, &used);
    bool good = read == 4 && strlen(text) == 11 && used == 11 && strspn(text, "0123456789:-") == 11 && open_minute <= 59 &&
                close_minute <= 59 && open_hour <= 23 && (close_hour <= 23 || (close_hour == 24 && close_minute == 0));
    if (!good) {
        yaml_complain(node, c->problems, "expected hours like 08:30-17:00, or closed");
        return;
    }
    calendar->week[weekday].open_minute = (int16_t)(open_hour * 60 + open_minute);
    calendar->week[weekday].close_minute = (int16_t)(close_hour * 60 + close_minute);
    if (calendar->week[weekday].close_minute <= calendar->week[weekday].open_minute) {
        yaml_complain(node, c->problems, "closing must come after opening on the same day");
    }
}

static void read_week(policy_compiler *c, const yaml_node *week, core_calendar *calendar)
{
    static const char *const DAYS[7] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
    if (!yaml_only(week, c->problems, DAYS[0], DAYS[1], DAYS[2], DAYS[3], DAYS[4], DAYS[5], DAYS[6], NULL)) return;
    bool is_ever_open = false;
    for (size_t i = 0; i < 7; i++) {
        read_hours(c, yaml_need(week, DAYS[i], c->problems), calendar, i);
        is_ever_open = is_ever_open || calendar->week[i].close_minute > calendar->week[i].open_minute;
    }
    if (!is_ever_open) yaml_complain(week, c->problems, "a calendar must be open on some day of the week");
}

static void take_days(policy_compiler *c, const yaml_node *row, core_calendar *calendar)
{
    const yaml_node *holidays = yaml_get(row, "bank_holidays"), *terms = yaml_get(row, "terms");
    int32_t found =
        holidays != NULL ? policy_find(c, holidays, "list of holidays", c->holidays, c->holiday_count, sizeof *c->holidays) : -1;
    if (found >= 0) {
        calendar->holidays = c->holidays[found].days;
        calendar->holiday_count = c->holidays[found].count;
        calendar->known_until_day = c->holidays[found].known_until_day;
    }
    found = terms != NULL ? policy_find(c, terms, "list of terms", c->terms, c->terms_count, sizeof *c->terms) : -1;
    if (found >= 0) {
        calendar->terms = c->terms[found].terms;
        calendar->term_count = c->terms[found].term_count;
        calendar->inset_days = c->terms[found].inset_days;
        calendar->inset_count = c->terms[found].inset_count;
    }
}

static void read_calendar(policy_compiler *c, const yaml_node *row, core_calendar *calendars, const core_zone_change *zone,
                          uint32_t zone_count)
{
    if (!yaml_only(row, c->problems, "id", "zone", "week", "bank_holidays", "terms", "close_of_day", "school_opens", "source",
                   NULL) &&
        !yaml_is_map(row)) {
        return;
    }
    core_calendar *calendar = &calendars[c->policy->calendar_count];
    calendar->place = policy_place(c, row);
    char text[160];
    policy_need_text(c, row, "source", text, sizeof text);
    const yaml_node *place = yaml_need(row, "zone", c->problems);
    if (yaml_is_text(place) && strcmp(yaml_text(place, 64, c->problems), "Europe/London") != 0) {
        yaml_complain(place, c->problems, "the only zone known is Europe/London");
    }
    calendar->zone = zone;
    calendar->zone_count = zone_count;
    read_week(c, yaml_need(row, "week", c->problems), calendar);
    const yaml_node *close = yaml_get(row, "close_of_day"), *school = yaml_get(row, "school_opens");
    calendar->close_of_day_minute = close != NULL ? yaml_time_of_day(close, c->problems) : 17 * 60;
    calendar->school_opens_minute = school != NULL ? yaml_time_of_day(school, c->problems) : 8 * 60 + 30;
    take_days(c, row, calendar);
    if (policy_new_name(c, yaml_need(row, "id", c->problems), "calendar", calendar->id, sizeof calendar->id, calendars,
                        c->policy->calendar_count, sizeof *calendar)) {
        c->policy->calendar_count++;
    }
}

void policy_read_calendars(policy_compiler *c)
{
    const yaml_node *row;
    if (policy_row(c, "bank_holidays", 0) != NULL) {
        c->holidays = policy_table(c, "bank_holidays", sizeof *c->holidays, POLICY_CALENDARS_MAX);
    }
    for (size_t i = 0; c->holidays != NULL && (row = policy_row(c, "bank_holidays", i)) != NULL; i++)
        read_holidays(c, row);
    if (policy_row(c, "school_terms", 0) != NULL) {
        c->terms = policy_table(c, "school_terms", sizeof *c->terms, POLICY_CALENDARS_MAX);
    }
    for (size_t i = 0; c->terms != NULL && (row = policy_row(c, "school_terms", i)) != NULL; i++)
        read_terms(c, row);
    core_school *schools = policy_table_if_any(c, "schools", sizeof *schools, POLICY_SCHOOLS_MAX);
    c->policy->schools = schools;
    for (size_t i = 0; schools != NULL && (row = policy_row(c, "schools", i)) != NULL; i++)
        read_school(c, row, schools);

    core_zone_change *zone = hub_arena_take(c->arena, ZONE_ROWS_MAX * sizeof *zone);
    core_calendar *calendars = policy_table(c, "calendars", sizeof *calendars, POLICY_CALENDARS_MAX);
    c->policy->calendars = calendars;
    if (zone == NULL || calendars == NULL) return;
    uint32_t zone_count = core_zone_london(ZONE_FIRST_YEAR, ZONE_LAST_YEAR, zone, ZONE_ROWS_MAX);
    for (size_t i = 0; (row = policy_row(c, "calendars", i)) != NULL; i++)
        read_calendar(c, row, calendars, zone, zone_count);
}
