/* identifier.h - the identifiers of people: normal form and check digits.
 *
 * Sources: NHS number - NHS Data Dictionary, modulus 11. UPN - DfE "Unique pupil numbers", modulus 23. PNC and CRO - as computed by
 * HMPPS person record. A failed check is never "no match": two strangers would be one person. It refuses.
 */
#ifndef EVENT_IDENTIFIER_H
#define EVENT_IDENTIFIER_H

#include <stdbool.h>

#include "mash/v1/event.pb-c.h"

enum { IDENTIFIER_TEXT_MAX = 64 };

typedef enum identifier_verdict {
    IDENTIFIER_VALID,
    IDENTIFIER_BAD_SHAPE,   /* wrong length or characters */
    IDENTIFIER_BAD_CHECK,   /* right shape, wrong check digit */
    IDENTIFIER_PLACEHOLDER, /* "NONE", "0000", an NHS number of ten equal digits ...: no identity */
} identifier_verdict;

/* Writes the normal form (no spaces, upper case, full century and padding for PNC and CRO) and judges it.
 *   this_year  for two-digit years in a PNC id: up to and including it means 20xx, above it 19xx */
identifier_verdict identifier_check(Mash__V1__IdentifierScheme scheme, const char *value, int this_year,
                                    char normal[IDENTIFIER_TEXT_MAX + 1]);

/* Postcode without spaces, upper case, with the one space before the last three; false when it is no postcode's shape. ZZ99 ones are. */
bool identifier_postcode(const char *value, char normal[12]);

/* "nhs", "upn", "pnc", "cro", "crn", "noms", "local"; NULL for an unknown number. */
const char *identifier_scheme_name(Mash__V1__IdentifierScheme scheme);
Mash__V1__IdentifierScheme identifier_scheme_of_name(const char *name);

#endif
