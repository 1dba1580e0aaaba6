#include "id.h"

#include <string.h>

bool hub_id_equal(const hub_id *a, const hub_id *b)
{
    return memcmp(a->bytes, b->bytes, HUB_ID_BYTES) == 0;
}

bool hub_id_is_zero(const hub_id *id)
{
    static const hub_id ZERO = {{0}};
    return hub_id_equal(id, &ZERO);
}

bool hub_id_read(hub_bytes bytes, hub_id *out)
{
    if (bytes.size != HUB_ID_BYTES) return false;
    memcpy(out->bytes, bytes.data, HUB_ID_BYTES);
    return true;
}

void hub_id_text(const hub_id *id, char text[HUB_ID_TEXT_BYTES])
{
    char digits[2 * HUB_ID_BYTES + 1];
    hub_hex(id->bytes, HUB_ID_BYTES, digits);
    static const size_t GROUPS[] = {8, 4, 4, 4, 12};
    const char *from = digits;
    char *to = text;
    for (size_t i = 0; i < sizeof GROUPS / sizeof GROUPS[0]; i++) {
        if (i > 0) *to++ = '-';
        memcpy(to, from, GROUPS[i]);
        to += GROUPS[i];
        from += GROUPS[i];
    }
    *to = '\0';
    HUB_ASSERT(to - text == HUB_ID_TEXT_BYTES - 1);
}

bool hub_id_parse(const char *text, hub_id *out)
{
    char digits[2 * HUB_ID_BYTES + 1];
    size_t length = strlen(text);
    bool hyphens = length == HUB_ID_TEXT_BYTES - 1;
    if (!hyphens && length != 2 * HUB_ID_BYTES) return false;
    size_t used = 0;
    for (size_t i = 0; i < length; i++) {
        bool is_hyphen = hyphens && (i == 8 || i == 13 || i == 18 || i == 23);
        if (is_hyphen != (text[i] == '-')) return false;
        if (!is_hyphen) digits[used++] = text[i];
    }
    HUB_ASSERT(used == 2 * HUB_ID_BYTES);
    digits[used] = '\0';
    return hub_unhex(digits, out->bytes, HUB_ID_BYTES);
}

void hub_id_mark_derived(hub_id *id)
{
    id->bytes[6] = (uint8_t)((id->bytes[6] & 0x0f) | 0x80); /* version 8 */
    id->bytes[8] = (uint8_t)((id->bytes[8] & 0x3f) | 0x80); /* variant */
}
