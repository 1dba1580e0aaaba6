/* row.h - one row of a file of adult services being mapped: what both layouts share. */
#ifndef ADULTS_ROW_H
#define ADULTS_ROW_H

#include "formats/csv.h"
#include "formats/draft.h"

typedef struct adults_row {
    const kit_mapping_options *options;
    kit_sink *sink;
    const formats_csv_row *row;
    const int32_t *columns;
    formats_draft *draft;
} adults_row;

hub_bytes adults_text(const adults_row *in, int column);
char *adults_copy(adults_row *in, int column); /* in the draft's arena */
/* Year 0 when the field is empty. false: a date that does not exist, or is none. */
bool adults_date(const adults_row *in, int column, formats_date *out);

/* Where a layout has what is said of the person in a row. */
typedef struct adults_person {
    int nhs_number, local, surname, forename, sex, postcode;
} adults_person;

/* The row's person as a new subject, without a role. birth of year 0: not stated. Never NULL. */
Mash__V1__Subject *adults_add_person(adults_row *in, const adults_person *columns, formats_date birth);

#endif
