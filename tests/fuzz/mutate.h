/* mutate.h - random changes of good bytes, the same at every run. MASHHUB_FUZZ_SEED and MASHHUB_FUZZ_COUNT try others. */
#ifndef FUZZ_MUTATE_H
#define FUZZ_MUTATE_H

#include <stddef.h>
#include <stdint.h>

enum { FUZZ_BYTES_MAX = 8192 };

typedef struct fuzz_input {
    uint8_t bytes[FUZZ_BYTES_MAX];
    size_t size;
} fuzz_input;

uint64_t fuzz_number(const char *name, uint64_t otherwise); /* of the environment */
size_t fuzz_pick(uint64_t *random, size_t below);
void fuzz_mutate(fuzz_input *in, uint64_t *random);

/* Tries the good input, and then mutations of it: a share of the usual number. */
void fuzz_try(const fuzz_input *good, void (*target)(const uint8_t *data, size_t size));
void fuzz_try_some(const fuzz_input *good, void (*target)(const uint8_t *data, size_t size), uint64_t share);

/* A sample as its agency would send it, behind the byte `first`: {{kind:offset}} is a time. */
void fuzz_read_sample(const char *name, uint8_t first, fuzz_input *good);

#endif
