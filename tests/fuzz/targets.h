/* targets.h - what is fed with hostile bytes. Each returns normally for any input; a broken promise trips HUB_ASSERT. */
#ifndef FUZZ_TARGETS_H
#define FUZZ_TARGETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes as an Event: checked, unpacked, validated, redacted, written as JSON. */
void fuzz_event(const uint8_t *data, size_t size);
/* Bytes as a ClientFrame, and the events in it. */
void fuzz_frame(const uint8_t *data, size_t size);
/* Bytes as JSON of an Event. */
void fuzz_json(const uint8_t *data, size_t size);

/* Bytes as a sign-in service's key list, a line end, and an ID token. */
void fuzz_token(const uint8_t *data, size_t size);
/* Is that token taken? */
bool fuzz_token_is_good(const uint8_t *data, size_t size);
/* The first byte chooses one of the adapters' mappings, the rest is an input of it. */
void fuzz_mapping(const uint8_t *data, size_t size);
enum { FUZZ_MAPPINGS = 20 };
/* A sample of that mapping, below tests/samples. */
const char *fuzz_mapping_sample(size_t mapping);
bool fuzz_mapping_has_rows(size_t mapping); /* it is a table of rows */
/* Reference of the last event that the newest input gave; "": it gave none. */
const char *fuzz_mapping_newest(void);
/* Tear-down of a group of tests: frees what mappings were made of. */
int fuzz_mappings_end(void **state);
/* Bytes as a Delivery that an outbound instance stored: what goes out of it as JSON, as a notice and as a mail. */
void fuzz_delivery(const uint8_t *data, size_t size);
/* Bytes as a directory of schools. */
void fuzz_schools(const uint8_t *data, size_t size);
/* Bytes as people.yaml of a board. */
void fuzz_people(const uint8_t *data, size_t size);

#endif
