/* config_story.h - stories about a configuration file: a good one with one line changed, and what is said of it. */
#ifndef UNIT_KIT_CONFIG_STORY_H
#define UNIT_KIT_CONFIG_STORY_H

#include "kit_support.h"

#include "yaml/yaml.h"

/* `good` with one line put in place of the one that begins like `line`. BORROWED until the next call. */
static inline const char *config_with(const char *good, const char *line, const char *instead)
{
    static char text[4096];
    const char *at = strstr(good, line);
    assert_non_null(at);
    (void)snprintf(text, sizeof text, "%.*s%s%s", (int)(at - good), good, instead, strchr(at, '\n'));
    return text;
}

/* Complaints without the folder's name, BORROWED until the next call. Ends `problems`. */
static inline const char *config_said(const char *folder, yaml_problems *problems)
{
    static char out[4096];
    const char *said = hub_buffer_text(&problems->text);
    size_t prefix = strlen(folder) + 1;
    (void)snprintf(out, sizeof out, "%s", strncmp(said, folder, prefix - 1) == 0 ? said + prefix : said);
    assert_int_equal(problems->count == 0, out[0] == '\0');
    yaml_problems_free(problems);
    return out;
}

#endif
