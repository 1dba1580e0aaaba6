/* marks.h - one pupil's mark for one session, from whichever format, to an event or to none.
 *
 * Marks change: N (no reason yet) becomes I, or a late child's L. What was published for a pupil, date and session is remembered, and
 * a change is a new event that amends it.
 *
 * Invariants
 *   E1  a present mark makes no event, unless an absence was published for the session before: then it is corrected
 *   E2  consecutive_sessions counts the unexplained or unauthorised marks of a pupil received in order, without another mark between;
 *       a mark older than the newest has no count (0, not stated)
 *   E3  a run of E marks is one exclusion; when the last of them is put right, it is withdrawn
 */
#ifndef EDUCATION_MARKS_H
#define EDUCATION_MARKS_H

#include "education/codes.h"
#include "formats/memory.h"

/* All texts BORROWED for the call; empty: not stated. */
typedef struct education_mark {
    hub_bytes upn;
    hub_bytes nhs_number;
    hub_bytes student_id; /* the system's own number */
    hub_bytes family_name;
    hub_bytes given_name;
    formats_date birth_date; /* year 0: not stated */
    formats_date date;
    Mash__V1__Session session;
    const education_code *code;
    hub_bytes comment;
    hub_bytes school_urn;
    hub_bytes record; /* bytes of this mark in the input */
    kit_place place;
} education_mark;

/* What names the pupil and the school. */
typedef enum education_field { EDUCATION_UPN, EDUCATION_NHS_NUMBER, EDUCATION_SCHOOL_URN } education_field;

/* What is wrong with one of these, and with which; NULL: nothing. A reader asks before it puts the mark: it knows where the field stands. */
const char *education_mark_fault(const education_mark *mark, int this_year, education_field *field);
/* Puts what the mark means and remembers it. HUB_OK also when it was parked or means nothing; anything else ends the input. */
hub_status education_put_mark(kit_sink *sink, const kit_mapping_options *options, const education_mark *mark);

/* exclusions.c (E3): tells, withdraws or leaves alone. `first_of_run`: the first E of the run this mark is the newest of; 0: not in
 * order, or no E. HUB_OK also when parked. */
hub_status education_put_exclusion(kit_sink *sink, const kit_mapping_options *options, const education_mark *mark,
                                   hub_bytes pupil, int32_t first_of_run);
/* A draft about the mark's pupil and day; NULL when memory is out. */
formats_draft *education_open_draft(kit_sink *sink, const kit_mapping_options *options, const education_mark *mark);
/* yyyymmdd * 10 + session: compares as time. */
int32_t education_moment(formats_date date, Mash__V1__Session session);

/* AM, PM, "1", "2", morning, afternoon; false when it is none of them. */
bool education_session(hub_bytes text, Mash__V1__Session *out);

#endif
