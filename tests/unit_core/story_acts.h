/* story_acts.h - more words for the stories: acts that need a value, clocks by name, instants by the wall clock in London. */
#ifndef UNIT_CORE_STORY_ACTS_H
#define UNIT_CORE_STORY_ACTS_H

#include "story_people.h"

#include "core/acts.h"

#define MINUTE_MS INT64_C(60000)

const Mash__V1__ActReply *reassign(story *s, const char *by, const char *queue);
const Mash__V1__ActReply *hold(story *s, const char *by, int64_t until_ms, const char *second);
/* The first asks, the second agrees: of a red. */
const Mash__V1__ActReply *hold_by_two(story *s, const char *by, int64_t until_ms, const char *second);
const Mash__V1__ActReply *resume_alert(story *s, const char *by);
const Mash__V1__ActReply *restate(story *s, const char *by, const char *clock, int64_t due_ms);
const Mash__V1__ActReply *ask(story *s, const char *by, const char *agency, int64_t due_ms);
const Mash__V1__ActReply *ask_about(story *s, const char *item, const char *by, const char *agency, int64_t due_ms);
const Mash__V1__ActReply *answer_request(story *s, const char *by, const char *item);
const Mash__V1__ActReply *sign_list(story *s, const char *by, const char *item, int32_t day);
const Mash__V1__ActReply *withhold(story *s, const char *by, const char *agency);
const Mash__V1__ActReply *share(story *s, const char *by, const char *agency, const char *reason);
const Mash__V1__ActReply *clear_party(story *s, const char *by, const char *staff, const char *reason);
const Mash__V1__ActReply *declare_party(story *s, const char *by, const char *staff); /* in A1 */
const Mash__V1__ActReply *declare_party_in(story *s, const char *item, const char *by, const char *staff);
const Mash__V1__ActReply *let_wait(story *s, const char *by);
const Mash__V1__ActReply *note(story *s, const char *by);

/* The instant that clocks in London show. */
int64_t london(const story *s, int year, int month, int day, int hour, int minute);

/* When the running clock of this name on the alert is due; 0 = none runs. */
int64_t due_of(const story *s, uint32_t alert, const char *clock);
/* How many clocks of this name go on, running or held. */
size_t going_on(const story *s, uint32_t alert, const char *clock);
/* What the last record says of a clock of this name; NULL = nothing. */
const Mash__V1__ClockStarted *started(const story *s, const char *clock);
const Mash__V1__ClockStopped *stopped(const story *s, const char *clock);
const Mash__V1__ClockMoved *moved(const story *s, const char *clock);
const Mash__V1__ClockLapsed *lapsed(const story *s, const char *clock);
bool alarmed(const story *s, Mash__V1__AlarmKind kind);
/* Whether the last record gives this queue an event of an earlier record. */
bool given_events(const story *s, const char *queue);
/* Lets time pass and everything that is due happen, over as many ticks as it takes. */
void until(story *s, int64_t at_ms);

/* The policy's own tables, for stories that need another time or another calendar; before anything rests on them. */
core_clock_row *clock_row(story *s, uint32_t position);
core_calendar *calendar(story *s);
/* The same policy under another digest: a new one is in force, and its ladders bear the old names. */
void adopt_again(story *s);

/* Health is given a notice of every child concern; this clock watches that somebody there sees it before school opens. */
void given_a_clock_that_watches_the_notice(story *s, int until_year);

#endif
