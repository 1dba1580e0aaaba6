/* What a queue was shown, and what it must never be shown. */
#include "rehearse/story.h"

#include <string.h>

static bool is_of_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* Whole words only: "dad" is not in "granddad". */
static bool has_words(const char *text, const char *words)
{
    size_t length = strlen(words);
    if (length == 0) return false;
    for (const char *at = strstr(text, words); at != NULL; at = strstr(at + 1, words)) {
        bool begins = at == text || !is_of_word(at[-1]) || !is_of_word(words[0]);
        if (begins && (!is_of_word(at[length]) || !is_of_word(words[length - 1]))) return true;
    }
    return false;
}

/* What to look for: the words, and when they are the name of somebody in this story, their NHS number as well. */
typedef struct looked_for {
    const char *words, *nhs;
} looked_for;

static looked_for what_is_meant(const story *s, const char *words)
{
    looked_for what = {words, ""};
    for (uint32_t i = 0; i < s->person_count; i++) {
        if (strcmp(s->people[i].name, words) == 0) what.nhs = s->people[i].nhs;
    }
    return what;
}

static bool is_in(const char *text, looked_for what)
{
    return has_words(text, what.words) || has_words(text, what.nhs);
}

/* Has anybody said it, or been shown it? If not, "was not shown" would hold whatever the policy says. */
static bool was_ever_there(const story *s, looked_for what)
{
    for (uint32_t i = 0; i < s->world.words_count; i++) {
        if (is_in(s->world.words[i], what)) return true;
    }
    for (uint32_t i = 0; i < s->world.told_count; i++) {
        if (is_in(s->world.told[i].json, what)) return true;
    }
    return false;
}

typedef struct looking {
    story *s;
    uint32_t queue;
    bool last_step_only;
} looking;

static bool is_meant(const looking *l, const world_delivery *told)
{
    return told->queue == l->queue && (!l->last_step_only || told->step == l->s->world.step.number);
}

static const char *since(const looking *l)
{
    return l->last_step_only ? " in this step" : "";
}

typedef enum wanted { IS_SHOWN, IS_NOT_SHOWN } wanted;

static void look_for(const looking *l, const yaml_node *node, wanted which)
{
    story *s = l->s;
    const char *words = yaml_text(node, 200, s->problems);
    if (words[0] == '\0') return;
    looked_for what = what_is_meant(s, words);
    if (which == IS_NOT_SHOWN && !was_ever_there(s, what)) {
        yaml_complain(node, s->problems,
                      "%s: nobody in this story has said \"%s\" so far, so that it was not shown means nothing; is it misspelt?",
                      s->title, words);
        return;
    }
    bool found = false;
    for (uint32_t i = 0; i < s->world.told_count && !found; i++)
        found = is_meant(l, &s->world.told[i]) && is_in(s->world.told[i].json, what);
    if (found == (which == IS_SHOWN)) return;
    yaml_complain(node, s->problems, "%s: expected that %s is %sshown \"%s\"%s, but it was%s", s->title,
                  core_queue_name(s->world.state, l->queue), which == IS_SHOWN ? "" : "not ", words, since(l),
                  which == IS_SHOWN ? " not" : "");
}

static void look_for_withheld(const looking *l, const yaml_node *node)
{
    story *s = l->s;
    const char *path = yaml_text(node, 200, s->problems);
    hub_buffer all = {0};
    bool found = false;
    for (uint32_t i = 0; i < s->world.told_count && !found; i++) {
        const Mash__V1__Delivery *message = s->world.told[i].message;
        for (size_t k = 0; is_meant(l, &s->world.told[i]) && k < message->n_withheld; k++) {
            found = found || strcmp(message->withheld[k], path) == 0;
            hub_buffer_put_format(&all, "%s%s", all.size > 0 ? ", " : "", message->withheld[k]);
        }
    }
    if (!found && path[0] != '\0')
        yaml_complain(node, s->problems, "%s: expected that \"%s\" is withheld from %s%s; withheld: %s", s->title, path,
                      core_queue_name(s->world.state, l->queue), since(l), all.size > 0 ? hub_buffer_text(&all) : "nothing");
    hub_buffer_free(&all);
}

/* No two of these words stand in one delivery: what goes on to one reader must not tell of the other. */
static void look_for_together(const looking *l, const yaml_node *list)
{
    story *s = l->s;
    for (size_t i = 0; i < story_list_count(s, list); i++)
        look_for(l, story_list_item(list, i), IS_SHOWN);
    for (uint32_t t = 0; t < s->world.told_count; t++) {
        const char *first = NULL;
        for (size_t i = 0; is_meant(l, &s->world.told[t]) && i < story_list_count(s, list); i++) {
            const yaml_node *node = story_list_item(list, i);
            const char *words = yaml_text(node, 200, s->problems);
            if (!is_in(s->world.told[t].json, what_is_meant(s, words))) continue;
            if (first != NULL)
                yaml_complain(node, s->problems,
                              "%s: expected that %s is shown \"%s\" and \"%s\" apart, but one delivery has both", s->title,
                              core_queue_name(s->world.state, l->queue), first, words);
            first = words;
        }
    }
}

void story_shown(story *s, const yaml_node *shown)
{
    if (!yaml_only(shown, s->problems, "queue", "has", "not", "apart", "withheld", "since", NULL)) return;
    const yaml_node *name = yaml_need(shown, "queue", s->problems);
    if (name == NULL || !story_known(s, name, STORY_QUEUES)) return;
    looking l = {.s = s, .queue = core_queue_number(s->world.state, yaml_text(name, 60, s->problems))};
    const yaml_node *when = yaml_get(shown, "since");
    if (when != NULL) {
        l.last_step_only = true;
        if (strcmp(yaml_text(when, 20, s->problems), "last") != 0)
            yaml_complain(when, s->problems, "the only 'since' is 'last': the last step; without it, the whole story");
    }
    const yaml_node *has = yaml_get(shown, "has");
    const yaml_node *not_shown = yaml_get(shown, "not");
    const yaml_node *withheld = yaml_get(shown, "withheld");
    const yaml_node *apart = yaml_get(shown, "apart");
    if (has == NULL && not_shown == NULL && withheld == NULL && apart == NULL)
        yaml_complain(shown, s->problems,
                      "say what is shown ('has'), what is not ('not'), what never together ('apart') or what is "
                      "'withheld'");
    if (apart != NULL) look_for_together(&l, apart);
    for (size_t i = 0; has != NULL && i < story_list_count(s, has); i++)
        look_for(&l, story_list_item(has, i), IS_SHOWN);
    for (size_t i = 0; not_shown != NULL && i < story_list_count(s, not_shown); i++)
        look_for(&l, story_list_item(not_shown, i), IS_NOT_SHOWN);
    for (size_t i = 0; withheld != NULL && i < story_list_count(s, withheld); i++)
        look_for_withheld(&l, story_list_item(withheld, i));
}
