#include "seldom.h"

#include <stdio.h>
#include <string.h>

static const int64_t AGAIN_MS = 60 * 60 * 1000;

bool host_seldom_is_due(host_seldom *seldom, const char *who, const char *what, int64_t now_ms)
{
    char text[HOST_SELDOM_TEXT];
    int row = -1;
    (void)snprintf(text, sizeof text, "%s %s", who, what);
    for (int i = 0; i < HOST_SELDOM_ROWS; i++) {
        bool is_fresh = seldom->rows[i].text[0] != '\0' && now_ms - seldom->rows[i].said_ms < AGAIN_MS;
        if (is_fresh && strcmp(seldom->rows[i].text, text) == 0) return false;
        if (!is_fresh) row = i;
    }
    if (row < 0) return false;
    memcpy(seldom->rows[row].text, text, sizeof text);
    seldom->rows[row].said_ms = now_ms;
    return true;
}
