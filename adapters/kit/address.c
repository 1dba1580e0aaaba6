#include "address.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct address_bytes {
    uint8_t bytes[16];
    unsigned bits; /* 32 or 128 */
} address_bytes;

static bool address_read(const char *text, address_bytes *out)
{
    static const uint8_t MAPPED[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (inet_pton(AF_INET, text, out->bytes) == 1) {
        out->bits = 32;
        return true;
    }
    if (inet_pton(AF_INET6, text, out->bytes) != 1) return false;
    out->bits = 128;
    if (memcmp(out->bytes, MAPPED, sizeof MAPPED) == 0) { /* ::ffff:10.1.2.3 is 10.1.2.3 */
        memmove(out->bytes, out->bytes + 12, 4);
        out->bits = 32;
    }
    return true;
}

static bool row_read(const char *row, address_bytes *out, unsigned *prefix)
{
    char text[KIT_ADDRESS_TEXT];
    (void)snprintf(text, sizeof text, "%s", row);
    char *slash = strchr(text, '/');
    if (slash != NULL) *slash = '\0';
    if (!address_read(text, out)) return false;
    *prefix = out->bits;
    if (slash == NULL) return true;
    char *end = NULL;
    unsigned long bits = strtoul(slash + 1, &end, 10);
    if (end == slash + 1 || *end != '\0' || bits > out->bits) return false;
    *prefix = (unsigned)bits;
    return true;
}

bool kit_address_is_row(const char *row)
{
    address_bytes bytes;
    unsigned prefix = 0;
    return row_read(row, &bytes, &prefix);
}

static bool within(const address_bytes *address, const char *row)
{
    address_bytes net;
    unsigned prefix = 0;
    if (!row_read(row, &net, &prefix) || net.bits != address->bits) return false;
    if (memcmp(net.bytes, address->bytes, prefix / 8) != 0) return false;
    if (prefix % 8 == 0) return true;
    uint8_t mask = (uint8_t)(0xff << (8 - prefix % 8));
    return (net.bytes[prefix / 8] & mask) == (address->bytes[prefix / 8] & mask);
}

bool kit_address_is_allowed(const char (*allowed)[KIT_ADDRESS_TEXT], unsigned count, const char *address)
{
    address_bytes bytes;
    if (!address_read(address, &bytes)) return false;
    if (count == 0) return within(&bytes, "127.0.0.0/8") || within(&bytes, "::1");
    for (unsigned i = 0; i < count; i++) {
        if (within(&bytes, allowed[i])) return true;
    }
    return false;
}
