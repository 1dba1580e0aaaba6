#include "html.h"

#include <string.h>

/* Bytes of a character of UTF-8 that must be made visible (X3): C0 and C1 controls, marks of direction, separators of lines. 0: none. */
static size_t disguise(const uint8_t *at)
{
    if (at[0] < 0x20 && at[0] != '\n' && at[0] != '\t') return 1;
    if (at[0] == 0x7f) return 1;
    if (at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0) return 2;
    if (at[0] == 0xd8 && at[1] == 0x9c) return 2; /* U+061C */
    if (at[0] != 0xe2) return 0;
    bool is_direction = (at[1] == 0x80 && (at[2] == 0x8e || at[2] == 0x8f || (at[2] >= 0xa8 && at[2] <= 0xae))) ||
                        (at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9);
    return is_direction ? 3 : 0;
}

static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

typedef enum disguised { AS_TYPED, MADE_VISIBLE } disguised;

static void escape(html_page *page, const char *text, disguised how)
{
    const uint8_t *at = (const uint8_t *)text;
    while (*at != '\0') {
        const uint8_t *plain = at;
        size_t hidden = 0;
        while (*at != '\0' && entity((char)*at) == NULL && (how == AS_TYPED || (hidden = disguise(at)) == 0))
            at++;
        hub_buffer_put(page, plain, (size_t)(at - plain));
        if (*at == '\0') return;
        hub_buffer_put_text(page, hidden > 0 ? "\xef\xbf\xbd" : entity((char)*at));
        at += hidden > 0 ? hidden : 1;
    }
}

void html_text(html_page *page, const char *text)
{
    escape(page, text, MADE_VISIBLE);
}

void html_attribute(html_page *page, const char *value)
{
    escape(page, value, AS_TYPED);
}

void html_number(html_page *page, int64_t number)
{
    hub_buffer_put_format(page, "%lld", (long long)number);
}

void html_href(html_page *page, const char *path, const char *value)
{
    static const char PLAIN[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    HUB_ASSERT(path[0] == '/' && path[1] != '/'); /* never somebody else's */
    html(page, "href=\"");
    escape(page, path, AS_TYPED);
    for (const uint8_t *at = (const uint8_t *)(value == NULL ? "" : value); *at != '\0'; at++) {
        if (strchr(PLAIN, *at) != NULL) {
            hub_buffer_put(page, at, 1);
        } else {
            hub_buffer_put_format(page, "%%%02X", *at);
        }
    }
    html(page, "\"");
}

void html_textarea(html_page *page, const char *text)
{
    if (text[0] == '\n') html(page, "\n");
    escape(page, text, AS_TYPED);
}

void html_part(html_page *page, const html_page *part)
{
    if (part->failed) page->failed = true;
    hub_buffer_put(page, part->data, part->size);
}
