/* address.h - which addresses may connect: rows such as "10.1.2.3", "10.1.0.0/16", "fd00::/8". */
#ifndef KIT_ADDRESS_H
#define KIT_ADDRESS_H

#include <stdbool.h>

enum { KIT_ALLOWED_MAX = 16, KIT_ADDRESS_TEXT = 64 };

/* Is `address` (text) within one of the rows? An empty list means this machine only. false for text that is no address. */
bool kit_address_is_allowed(const char (*allowed)[KIT_ADDRESS_TEXT], unsigned count, const char *address);
/* Is this a row for `allowed`? */
bool kit_address_is_row(const char *row);

#endif
