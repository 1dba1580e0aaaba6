/* charset.h - the character sets that agencies' systems write, as UTF-8. A set is never guessed: the input names it, or it is UTF-8.
 */
#ifndef FORMATS_CHARSET_H
#define FORMATS_CHARSET_H

#include "base/bytes.h"

typedef enum formats_charset {
    FORMATS_UTF_8,
    FORMATS_LATIN_1, /* ISO 8859-1, with the letters that Windows-1252 has where that has none */
    FORMATS_LATIN_9, /* ISO 8859-15 */
} formats_charset;

/* By its name, of which letters and digits count: "8859/1", "ISO-8859-1", "WINDOWS-1252". UTF-8 for every other. */
formats_charset formats_charset_of(hub_bytes name);
/* At the end of `out`: the letter that this byte is. Bytes of UTF-8 are put as they are. */
void formats_charset_put(formats_charset set, uint8_t byte, hub_buffer *out);

/* A whole text of Windows-1252 at the end of `out` in UTF-8; one that begins with a byte order mark says itself what it is, and is put as it is. */
void formats_windows_1252(hub_bytes text, hub_buffer *out);

/* Does the text begin with the byte order mark of UTF-16? Then it is put at the end of `out` in UTF-8, without the mark. Half a pair of
 * surrogates, and half a letter at the end, becomes three bytes that are no UTF-8, so that its place is found by whoever reads the text. */
bool formats_utf16_read(hub_bytes text, hub_buffer *out);

#endif
