/* table.h - sources that nobody foresaw: a YAML file says which column of a CSV file, or which key of a JSON record, is which field of the
 * event. config/hips/adapters/tables/ shows and explains every key.
 *
 * `event` is an Event as in proto/mash/v1/event.proto, where a map {take: COLUMN} stands for a value of the record. So everything that an
 * agency can say can be said here, and every name is checked against the contract when the file is read, like policy.
 */
#ifndef TABLE_TABLE_H
#define TABLE_TABLE_H

#include "kit/mapping.h"

/* Of any agency. */
extern const kit_mapping table_csv;
extern const kit_mapping table_json;

#endif
