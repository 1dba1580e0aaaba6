/* said.h - what agencies say of one person, side by side. Private to hub/core.
 *
 * Two agencies can say of one person what cannot be true of one: two dates of birth, a child and an adult, a plan that has ended and one
 * that goes on. The hub cannot know who is right, so nothing that one says overwrites what another has said. Every event that names a
 * person is a row of their history, with the date of birth and the roles it gives; a word stands while its event does.
 *
 *   X1  a word stands until its event is amended or withdrawn, or the same agency states a date of birth with a change of identity
 *   X2  what the words leave is a span: born on `from` or later, on `until` or earlier. When `from` is the later of the two they
 *       contradict each other
 *   X3  while they do, the person counts as a child if one of them says so, and is of every age that a date gives
 *   X4  a status holds while an agency that said it began has not said that it ended
 *   X5  a contradiction is recorded with each event that makes it and raised with the first: who, and on what, never the words
 *
 * Bounded: the newest CORE_WORDS_MAX words of a person are looked at, and CORE_BIRTH_DAYS_MAX dates asked, the earliest and the latest
 * always among them. Not here: numbers that contradict (people.c), the sex that a sender has registered (it may change, and whoever
 * raised that would tell what nobody may tell), deaths.
 */
#ifndef CORE_SAID_H
#define CORE_SAID_H

#include "core/decide.h"

enum { CORE_WORDS_MAX = 4096 };

/* ---- the fold ---- */
static const core_born CORE_BORN_ANY_DAY = {INT32_MIN, INT32_MAX};
/* This row of the person's history is new. */
void core_said_learn(core_state *state, uint32_t person, uint32_t history);
/* The event of this number stands no more. */
void core_said_forget(core_state *state, uint32_t event);
/* Another history is theirs: what is known of them is learned from it anew. */
void core_said_again(core_state *state, uint32_t person);
/* `into` stands for `from` too from now on. */
void core_said_join(core_state *state, uint32_t from, uint32_t into);

/* ---- deciding ---- */
/* Every date of birth that stands of a known person; how many. */
uint32_t core_said_birth_days(const core_state *state, uint32_t person, int32_t days[CORE_BIRTH_DAYS_MAX]);
/* Is that person a child on this day, by any word? X3. */
bool core_said_child(const core_person_row *person, int32_t day);
/* As this event states it, to the day; 0 = not. */
int32_t core_said_birth_day(const Mash__V1__Subject *subject);
/* Sets the subject's dates of birth, and records what contradicts. */
void core_said_compare(core_decider *d, core_event_scratch *s, size_t index);
/* The statuses that this event begins and ends. */
void core_change_statuses(core_decider *d, core_event_scratch *s);

#endif
