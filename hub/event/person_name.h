/* person_name.h - the words of a name as they are compared: "O'Brien-Müller" is OBRIEN and MULLER.
 *
 * Latin letters lose case and marks, apostrophes go, everything else that is no letter or digit parts two words; the order of words says
 * nothing. Letters of other scripts stay as they are written. Words are cut at PERSON_WORD_BYTES, on both sides of a comparison alike.
 */
#ifndef EVENT_PERSON_NAME_H
#define EVENT_PERSON_NAME_H

#include <stdbool.h>
#include <stdint.h>

enum { PERSON_WORDS_MAX = 16, PERSON_WORD_BYTES = 32 };

typedef struct person_words {
    uint32_t count;
    char words[PERSON_WORDS_MAX][PERSON_WORD_BYTES]; /* NUL-ended */
} person_words;

/* Puts the words of `text` (UTF-8) behind those that are there; beyond PERSON_WORDS_MAX they are left out. */
void person_words_add(person_words *words, const char *text);
/* Is `typed` among them? */
bool person_words_has(const person_words *words, const char *typed);
/* ... or one that it begins, or that is pronounced like it (Soundex, as US National Archives describe it)? */
bool person_words_has_like(const person_words *words, const char *typed);

#endif
