/* glossary, help, version. */
#include "cli/verbs.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cli/arguments.h"
#include "cli/table.h"
#include "json/json.h"

static const struct {
    const char *term;
    const char *meaning;
} GLOSSARY[] = {
    {"act", "what a person does about an alert: claim, rate, decide ...; recorded with who, why and the version they saw"},
    {"adapter",
     "program beside an agency's own system that turns its messages into events and keeps them until the hub has them"},
    {"alert", "what a team must decide about: one family's concern, with one decision line for each child or adult at risk"},
    {"amend, retract", "a correction is a new event that replaces or withdraws an earlier one; nothing is overwritten"},
    {"area", "a local authority, by its ONS code; decides which front door an event goes to"},
    {"audience", "a list of the fields that a team or agency may see, with its legal basis; what is not on the list is withheld"},
    {"audit stream", "the record of who looked at what about people, for whom and for what purpose; a journal of its own"},
    {"clock", "a promise in civil time that runs from a stated instant: decide within one working day, see within 30 minutes"},
    {"consumer", "a team's or an agency's system that receives queues; durable ones are declared in the policy"},
    {"credit", "how many deliveries may be under way to a consumer that has not yet sent receipts"},
    {"cursor, position", "where a consumer stands: epoch, sequence and record hash; two histories cannot both hold it"},
    {"decision line", "one person of an alert, decided on its own"},
    {"epoch", "one term of one running hub; grows by one at every start"},
    {"event", "one thing that happened, told by one agency, about named subjects, on a stated legal basis"},
    {"exercise", "a drill: marked everywhere and never joined to real people"},
    {"family", "people with a stated reason each to belong together; a shared address alone is never one"},
    {"forked",
     "the hub's history no longer holds what a peer remembers, as after a restore; both sides go on from the last common point"},
    {"front door", "the team that first receives concerns of an area, for children or for adults; part of the MASH"},
    {"gateway", "a program that people act through, such as a team's board; its key may act for the teams it is enrolled for"},
    {"hub time", "the hub's own clock, kept steady while the machine's clock is corrected"},
    {"journal", "the append-only record of every decision; everything else can be worked out from it"},
    {"lapsed", "a clock whose due time passed; a message of its own, never a silence"},
    {"link_seq", "an adapter's number for an item in its outbox, without gaps"},
    {"MASH",
     "multi-agency safeguarding hub: police, health, probation, education, children's and adults' services deciding together"},
    {"notice", "a delivery for information that asks for no decision, such as an Operation Encompass notice to a school"},
    {"outbox", "where an adapter keeps every event until the hub has settled it"},
    {"partnership", "the agencies and areas that share one hub, one journal, one policy"},
    {"provisional", "a rating given by a rule until a person rates; or a due time beyond the end of a known calendar"},
    {"quarantine",
     "where an adapter parks what it could not map or the hub refused, with the reason and without losing the rest"},
    {"queue",
     "what a team or agency is owed, in order, with a position; unlike a broadcast, nothing is dropped while nobody listens"},
    {"rating", "Red, Amber, Green or Blue: how soon a front door must act"},
    {"receipt", "a consumer's word that everything up to a position has arrived"},
    {"record", "one command's whole decision in the journal, chained to the one before"},
    {"referral", "an agency's request that children's or adults' services act"},
    {"roster", "who works in which team and role, by id, from a day until a day; part of the policy"},
    {"section 42", "the duty to enquire about an adult at risk (Care Act 2014)"},
    {"section 47", "the duty to enquire about a child likely to suffer significant harm (Children Act 1989)"},
    {"settled", "stored, found to be a duplicate, or refused for good: the outbox need not send it again"},
    {"trace", "which rules matched, which nearly did, and what they counted; kept with every event"},
    {"version", "counts the acts on an alert or disagreement, and the events that joined or were withdrawn; an act on an older "
                "one than the newest is refused as stale"},
    {"was not brought", "how a child's missed appointment is recorded: children do not bring themselves"},
    {"withheld", "stated by the sender and not shown to this audience; named, or silent for a restricted topic"},
};

cli_exit verb_glossary(cli_call *call)
{
    const char *wanted = call->argument_count > 0 ? call->arguments[0] : NULL;
    hub_buffer out = {0};
    table rows;
    table_open(&rows, "term", "meaning", NULL);
    size_t found = 0;
    for (size_t i = 0; i < sizeof GLOSSARY / sizeof GLOSSARY[0]; i++) {
        if (wanted != NULL && strcasestr(GLOSSARY[i].term, wanted) == NULL) continue;
        found++;
        if (call->json) {
            hub_buffer_put_text(&out, "{\"term\":");
            json_put_text(&out, GLOSSARY[i].term);
            hub_buffer_put_text(&out, ",\"meaning\":");
            json_put_text(&out, GLOSSARY[i].meaning);
            hub_buffer_put_text(&out, "}\n");
        } else {
            table_put(&rows, PRINT_BOLD, GLOSSARY[i].term, GLOSSARY[i].meaning, NULL);
        }
    }
    if (!call->json && found > 0) table_print(&rows, call->colour, &out);
    table_close(&rows);
    print_flush(&out);
    hub_buffer_free(&out);
    if (found > 0) return CLI_DONE;
    hub_error err;
    return cli_fail(call, hub_fail(&err, HUB_ERR_NOT_FOUND, "no term contains that word; mashctl glossary lists them all"), &err);
}

static void put_flags(hub_buffer *out, const cli_flag *flags, size_t flags_max)
{
    for (size_t i = 0; i < flags_max && flags[i].name != NULL; i++) {
        char shown[64];
        snprintf(shown, sizeof shown, "--%s %s", flags[i].name, flags[i].value != NULL ? flags[i].value : "");
        hub_buffer_put_format(out, "  %-24s %s\n", shown, flags[i].help);
    }
}

cli_exit verb_help_of(const cli_verb *verb)
{
    hub_buffer out = {0};
    hub_buffer_put_format(&out, "mashctl %s - %s\n\nusage: ", verb->name, verb->summary);
    cli_usage_line(verb, &out);
    hub_buffer_put_text(&out, "\n");
    if (verb->more != NULL) hub_buffer_put_format(&out, "\n%s\n", verb->more);
    if (verb->flags[0].name != NULL) {
        hub_buffer_put_text(&out, "\n");
        put_flags(&out, verb->flags, CLI_FLAGS_MAX);
    }
    hub_buffer_put_text(&out, "\nwith every verb:\n");
    put_flags(&out, CLI_GLOBAL_FLAGS, CLI_GLOBAL_COUNT);
    print_flush(&out);
    hub_buffer_free(&out);
    return CLI_DONE;
}

/* Of those that begin so; how many. */
static size_t put_verbs(hub_buffer *out, const char *begin)
{
    size_t count = 0;
    for (const cli_verb *verb = CLI_VERBS; verb->name != NULL; verb++) {
        char shown[64];
        if (strncmp(verb->name, begin, strlen(begin)) != 0) continue;
        snprintf(shown, sizeof shown, "%s %s", verb->name, verb->arguments);
        hub_buffer_put_format(out, "  %-22s %s\n", shown, verb->summary);
        count++;
    }
    return count;
}

static void put_all_verbs(hub_buffer *out)
{
    hub_buffer_put_text(out, "mashctl VERB ... - the safeguarding hub from the command line\n\n");
    (void)put_verbs(out, "");
    hub_buffer_put_text(out, "\nwith every verb:\n");
    put_flags(out, CLI_GLOBAL_FLAGS, CLI_GLOBAL_COUNT);
    hub_buffer_put_text(out, "\nexit: 0 done, 1 failed, 2 not understood, 3 refused.   mashctl help VERB tells more.\n");
}

/* "policy": every verb that goes on from this word. */
static bool help_of_family(const char *word)
{
    char begin[72];
    hub_buffer out = {0};
    snprintf(begin, sizeof begin, "%s ", word);
    bool is_family = put_verbs(&out, begin) > 0;
    if (is_family) print_flush(&out);
    hub_buffer_free(&out);
    return is_family;
}

cli_exit verb_help(cli_call *call)
{
    if (call->argument_count == 0) {
        hub_buffer out = {0};
        put_all_verbs(&out);
        print_flush(&out);
        hub_buffer_free(&out);
        return CLI_DONE;
    }
    char name[64];
    snprintf(name, sizeof name, "%s%s%s", call->arguments[0], call->argument_count > 1 ? " " : "",
             call->argument_count > 1 ? call->arguments[1] : "");
    const cli_verb *verb = cli_verb_find(CLI_VERBS, name);
    if (verb != NULL) return verb_help_of(verb);
    return help_of_family(name) ? CLI_DONE : cli_usage(call, "there is no verb \"%s\"", name);
}

cli_exit verb_version(cli_call *call)
{
    printf(call->json ? "{\"program\":\"mashctl\",\"version\":\"%s\"}\n" : "mashctl %s\n", MASHHUB_VERSION);
    return CLI_DONE;
}
