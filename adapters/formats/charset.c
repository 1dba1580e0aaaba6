#include "formats/charset.h"

#include <ctype.h>
#include <string.h>

/* 8859/1 has no letters at 80 to 9F, and who says so there means Windows-1252: the apostrophe of O'Brien is 92 [WHATWG Encoding]. 8859/15 differs
 * from 8859/1 in eight places. */
static uint32_t letter_of(uint8_t byte, formats_charset set)
{
    static const uint16_t WINDOWS[32] = {0x20AC, 0x81,   0x201A, 0x192,  0x201E, 0x2026, 0x2020, 0x2021, 0x2C6,  0x2030, 0x160,
                                         0x2039, 0x152,  0x8D,   0x17D,  0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
                                         0x2013, 0x2014, 0x2DC,  0x2122, 0x161,  0x203A, 0x153,  0x9D,   0x17E,  0x178};
    static const struct {
        uint8_t byte;
        uint16_t letter;
    } NINTH[] = {{0xA4, 0x20AC}, {0xA6, 0x160}, {0xA8, 0x161}, {0xB4, 0x17D},
                 {0xB8, 0x17E},  {0xBC, 0x152}, {0xBD, 0x153}, {0xBE, 0x178}};
    for (size_t i = 0; set == FORMATS_LATIN_9 && i < sizeof NINTH / sizeof NINTH[0]; i++) {
        if (NINTH[i].byte == byte) return NINTH[i].letter;
    }
    return set == FORMATS_LATIN_1 && byte >= 0x80 && byte < 0xA0 ? WINDOWS[byte - 0x80] : byte;
}

static void put_letter(uint32_t letter, hub_buffer *out)
{
    const uint8_t LAST = (uint8_t)(0x80 | (letter & 0x3F));
    const uint8_t MIDDLE = (uint8_t)(0x80 | (letter >> 6 & 0x3F));
    const uint8_t ONE[] = {(uint8_t)letter};
    const uint8_t TWO[] = {(uint8_t)(0xC0 | letter >> 6), LAST};
    const uint8_t THREE[] = {(uint8_t)(0xE0 | letter >> 12), MIDDLE, LAST};
    const uint8_t FOUR[] = {(uint8_t)(0xF0 | letter >> 18), (uint8_t)(0x80 | (letter >> 12 & 0x3F)), MIDDLE, LAST};
    if (letter < 0x80)
        hub_buffer_put(out, ONE, sizeof ONE);
    else if (letter < 0x800)
        hub_buffer_put(out, TWO, sizeof TWO);
    else if (letter < 0x10000)
        hub_buffer_put(out, THREE, sizeof THREE);
    else
        hub_buffer_put(out, FOUR, sizeof FOUR);
}

formats_charset formats_charset_of(hub_bytes name)
{
    /* HL7 table 0211, the names of IANA, and what senders write for them. */
    static const struct {
        const char *name;
        formats_charset set;
    } NAMES[] = {{"88591", FORMATS_LATIN_1},       {"iso88591", FORMATS_LATIN_1},  {"latin1", FORMATS_LATIN_1},
                 {"windows1252", FORMATS_LATIN_1}, {"cp1252", FORMATS_LATIN_1},    {"ansi", FORMATS_LATIN_1},
                 {"885915", FORMATS_LATIN_9},      {"iso885915", FORMATS_LATIN_9}, {"latin9", FORMATS_LATIN_9}};
    char plain[16];
    size_t used = 0;
    for (size_t i = 0; i < name.size; i++) {
        if (!isalnum(name.data[i])) continue;
        if (used == sizeof plain - 1) return FORMATS_UTF_8; /* longer than any */
        plain[used++] = (char)tolower(name.data[i]);
    }
    plain[used] = '\0';
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        if (strcmp(plain, NAMES[i].name) == 0) return NAMES[i].set;
    }
    return FORMATS_UTF_8;
}

void formats_charset_put(formats_charset set, uint8_t byte, hub_buffer *out)
{
    if (set == FORMATS_UTF_8)
        hub_buffer_put(out, &byte, 1);
    else
        put_letter(letter_of(byte, set), out);
}

void formats_windows_1252(hub_bytes text, hub_buffer *out)
{
    static const char *const MARKS[] = {"\xEF\xBB\xBF", "\xFF\xFE", "\xFE\xFF"};
    for (size_t i = 0; i < sizeof MARKS / sizeof MARKS[0]; i++) {
        size_t size = strlen(MARKS[i]);
        if (text.size < size || memcmp(text.data, MARKS[i], size) != 0) continue;
        hub_buffer_put(out, text.data, text.size);
        return;
    }
    for (size_t i = 0; i < text.size; i++)
        formats_charset_put(FORMATS_LATIN_1, text.data[i], out);
}

bool formats_utf16_read(hub_bytes text, hub_buffer *out)
{
    bool is_little = text.size >= 2 && text.data[0] == 0xFF && text.data[1] == 0xFE;
    bool is_big = text.size >= 2 && text.data[0] == 0xFE && text.data[1] == 0xFF;
    uint32_t high = 0; /* the first half of a pair that waits for its second */
    if (!is_little && !is_big) return false;
    for (size_t i = 2; i + 1 < text.size; i += 2) {
        uint32_t one = text.data[i];
        uint32_t other = text.data[i + 1];
        uint32_t unit = is_little ? other << 8 | one : one << 8 | other;
        bool is_second = unit >= 0xDC00 && unit < 0xE000;
        if (high != 0 && !is_second) put_letter(high, out);
        if (high != 0 && is_second) unit = 0x10000 + ((high - 0xD800) << 10) + (unit - 0xDC00);
        high = unit >= 0xD800 && unit < 0xDC00 ? unit : 0;
        if (high == 0) put_letter(unit, out);
    }
    if (high != 0) put_letter(high, out);
    if (text.size % 2 != 0) put_letter(0xDC00, out); /* an odd byte at the end is no letter: half a pair is none either */
    return true;
}
