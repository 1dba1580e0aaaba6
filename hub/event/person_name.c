#include "event/person_name.h"

#include <string.h>

/* U+00C0 to U+017F without marks; 1 = AE, 2 = SS, 3 = TH, 4 = OE, 5 = IJ, space = no letter. */
static const char PLAIN[] = "AAAAAA1CEEEEIIIIDNOOOOO OUUUUY32AAAAAA1CEEEEIIIIDNOOOOO OUUUUY3Y"
                            "AAAAAACCCCCCCCDDDDEEEEEEEEEEGGGGGGGGHHHHIIIIIIIIII55JJKKKLLLLLLLLLLNNNNNNNNNOOOOOO44"
                            "RRRRRRSSSSSSSSTTTTTTUUUUUUUUUUUUWWYYYZZZZZZS";
static const char *const PAIRS[] = {"AE", "SS", "TH", "OE", "IJ"};
_Static_assert(sizeof PLAIN - 1 == 0x180 - 0xC0, "a letter for each");

typedef struct letters {
    char text[4]; /* NUL-ended; "" = it goes, " " = it parts words */
    uint32_t bytes;
} letters;

static letters plain_letter(char c)
{
    if (c == '1' || c == '2' || c == '3' || c == '4' || c == '5') {
        const char *pair = PAIRS[c - '1'];
        return (letters){{pair[0], pair[1]}, 2};
    }
    return (letters){{c}, 2};
}

/* The character at `at`, as it is compared. */
static letters read_letter(const char *at)
{
    unsigned char c = (unsigned char)at[0];
    if (c < 0x80) {
        if (c >= 'a' && c <= 'z') return (letters){{(char)(c - 'a' + 'A')}, 1};
        bool is_kept = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        return is_kept ? (letters){{(char)c}, 1} : (letters){{c == '\'' || c == '`' ? '\0' : ' '}, 1};
    }
    uint32_t size = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : c >= 0xC2 ? 2 : 1;
    for (uint32_t i = 1; i < size; i++) {
        if (((unsigned char)at[i] & 0xC0) != 0x80) return (letters){{' '}, 1}; /* no UTF-8 */
    }
    uint32_t second = size > 1 ? (unsigned char)at[1] & 0x3F : 0;
    uint32_t point = size == 2 ? ((uint32_t)c & 0x1F) << 6 | second : 0;
    bool is_quote = size == 3 && memcmp(at, "\xE2\x80\x98", 2) == 0 && (at[2] == '\x98' || at[2] == '\x99');
    bool is_mark = (point >= 0x300 && point < 0x370) || (point >= 0x2B9 && point <= 0x2BC) || point == 0xB4 || is_quote;
    if (is_mark) return (letters){"", size};
    if (point >= 0xC0 && point < 0x180) return plain_letter(PLAIN[point - 0xC0]);
    bool parts = size == 1 || (point >= 0x80 && point < 0xC0) || (c == 0xE2 && second < 2); /* spaces, dashes, punctuation */
    if (parts) return (letters){{' '}, size};
    letters kept = {.bytes = size};
    memcpy(kept.text, at, size);
    return kept;
}

void person_words_add(person_words *words, const char *text)
{
    uint32_t used = 0;
    for (const char *at = text; *at != '\0' && words->count < PERSON_WORDS_MAX;) {
        letters next = read_letter(at);
        at += next.bytes;
        char *word = words->words[words->count];
        if (next.text[0] == ' ') {
            words->count += used > 0;
            used = 0;
            continue;
        }
        for (uint32_t i = 0; i < sizeof next.text && next.text[i] != '\0' && used + 1 < PERSON_WORD_BYTES; i++)
            word[used++] = next.text[i];
        word[used] = '\0';
    }
    words->count += used > 0 && words->count < PERSON_WORDS_MAX;
}

bool person_words_has(const person_words *words, const char *typed)
{
    for (uint32_t i = 0; i < words->count; i++) {
        if (strcmp(words->words[i], typed) == 0) return true;
    }
    return false;
}

/* What it sounds like: its first letter and the classes of the consonants that follow, "R163". */
static void sound_of(const char *word, char out[5])
{
    static const char CLASSES[] = "01230120022455012623010202"; /* of A to Z; 0 parts equal ones, but H and W do not */
    memcpy(out, "0000", 5);
    char last = '0';
    for (uint32_t kept = 0; *word != '\0' && kept < 4; word++) {
        bool is_letter = *word >= 'A' && *word <= 'Z';
        char of = is_letter ? CLASSES[*word - 'A'] : '0';
        if (kept == 0) {
            out[kept++] = *word;
        } else if (of != '0' && of != last) {
            out[kept++] = of;
        }
        if (*word != 'H' && *word != 'W') last = of;
    }
}

bool person_words_has_like(const person_words *words, const char *typed)
{
    char sought[5], sound[5];
    sound_of(typed, sought);
    for (uint32_t i = 0; i < words->count; i++) {
        sound_of(words->words[i], sound);
        if (strcmp(sound, sought) == 0 || strncmp(words->words[i], typed, strlen(typed)) == 0) return true;
    }
    return false;
}
