/* dates.h - what was said of each child's date of birth, and by which event, kept beside the hub (S10). */
#ifndef SIM_DATES_H
#define SIM_DATES_H

#include "journal/reader.h"
#include "mash/v1/event.pb-c.h"
#include "report.h"

typedef struct sim_dates sim_dates;

sim_dates *sim_dates_open(const sim_report *report);
void sim_dates_close(sim_dates *dates);
/* The next record of the journal, with its event; NULL: it has none. */
void sim_dates_record(sim_dates *dates, const journal_opened *opened, const Mash__V1__Event *event);

#endif
