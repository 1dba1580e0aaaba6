/* claim, rate, decide ... - what a person does about an alert, sent with the key of a gateway. All of act.proto's acts, by one function: the
 * verb's name is that of the act, each of its flags that of a field, or the beginning of it (--until is until_ms). */
#include "cli/verbs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/act.h"
#include "cli/session.h"
#include "event/event.h"
#include "host/random.h"
#include "json/json.h"
#include "mash/v1/act.pb-c.h"

enum { WORDS_BYTES_MAX = 64 * 1024, ARENA_BYTES_MAX = 4 * 1024 * 1024 };

/* ---- a verb's words as an act ------------------------------------------------------------------------------------------------ */
typedef struct composing {
    const cli_call *call;
    const ProtobufCFieldDescriptor *what; /* the act, in Act */
    hub_buffer own, common;               /* JSON of its own fields, and of Act's */
    hub_buffer words;                     /* from standard input */
    bool words_taken;
    bool complained;
} composing;

/* The field that `name` says: with underscores for hyphens, all of it or the part before an underscore. */
static const ProtobufCFieldDescriptor *field_said(const ProtobufCMessageDescriptor *message, const char *name)
{
    char wanted[48];
    size_t length = strlen(name);
    HUB_ASSERT(length < sizeof wanted);
    for (size_t i = 0; i <= length; i++)
        wanted[i] = name[i] == '-' ? '_' : name[i];
    for (unsigned i = 0; i < message->n_fields; i++) {
        const char *field = message->fields[i].name;
        if (strncmp(field, wanted, length) == 0 && (field[length] == '\0' || field[length] == '_')) return &message->fields[i];
    }
    return NULL;
}

const ProtobufCFieldDescriptor *act_of_verb(const char *verb)
{
    const ProtobufCFieldDescriptor *field = field_said(&mash__v1__act__descriptor, verb);
    return field != NULL && field->type == PROTOBUF_C_TYPE_MESSAGE ? field : NULL;
}

const ProtobufCFieldDescriptor *act_field_of_flag(const ProtobufCFieldDescriptor *what, const char *flag)
{
    if (strcmp(flag, "as") == 0) flag = "on-behalf-of";
    const ProtobufCFieldDescriptor *own = field_said(what->descriptor, flag);
    return own != NULL ? own : field_said(&mash__v1__act__descriptor, flag);
}

/* Usage errors are said once, by whoever finds the first. */
static void complain(composing *c, const char *flag, const char *text)
{
    if (!c->complained) (void)cli_usage(c->call, "--%s%s", flag, text);
    c->complained = true;
}

/* Words may be about people: from standard input they stand in no shell history and no process list. */
static const char *words_of_input(composing *c, const char *flag)
{
    if (c->words_taken) complain(c, flag, ": standard input was read for another flag already");
    c->words_taken = true;
    if (isatty(STDIN_FILENO)) fprintf(stderr, "--%s: type it here, end with Ctrl-D on a line of its own\n", flag);
    char block[4096];
    size_t size;
    while (c->words.size <= WORDS_BYTES_MAX && (size = fread(block, 1, sizeof block, stdin)) > 0)
        hub_buffer_put(&c->words, block, size);
    if (c->words.size > WORDS_BYTES_MAX) complain(c, flag, ": longer than any text of an act may be");
    while (c->words.size > 0 && (c->words.data[c->words.size - 1] == '\n' || c->words.data[c->words.size - 1] == '\r'))
        c->words.size--;
    if (!hub_is_clean_text((const char *)c->words.data, c->words.size)) complain(c, flag, ": text that is not UTF-8");
    return hub_buffer_text(&c->words);
}

static void put_day(composing *c, hub_buffer *out, const char *flag, const char *value)
{
    int32_t day = 0;
    if (!cli_day(value, &day)) complain(c, flag, " takes a day such as 2026-11-22");
    hub_buffer_put_format(out, "%d", day);
}

static void put_value(composing *c, const ProtobufCFieldDescriptor *field, const char *flag, const char *value)
{
    bool is_own = protobuf_c_message_descriptor_get_field_by_name(&mash__v1__act__descriptor, field->name) != field;
    hub_buffer *out = is_own ? &c->own : &c->common;
    if (!hub_is_clean_text(value, strlen(value))) complain(c, flag, ": text that is not UTF-8");
    hub_buffer_put_format(out, "%s\"%s\":", out->size > 0 ? "," : "", field->name);
    bool is_number = field->type != PROTOBUF_C_TYPE_STRING && value[0] != '\0' && value[strspn(value, "0123456789")] == '\0';
    if (field->type == PROTOBUF_C_TYPE_BOOL)
        hub_buffer_put_text(out, "true");
    else if (field->type == PROTOBUF_C_TYPE_INT32)
        put_day(c, out, flag, value);
    else if (is_number && field->type != PROTOBUF_C_TYPE_BYTES)
        hub_buffer_put_text(out, value);
    else
        json_put_text(out, value);
}

static bool is_text(const cli_flag *flag)
{
    return flag->value != NULL && strcmp(flag->value, CLI_TEXT) == 0;
}

static void put_flags(composing *c)
{
    const cli_flag *flags = c->call->verb->flags;
    for (size_t i = 0; i < CLI_FLAGS_MAX && flags[i].name != NULL; i++) {
        const char *value = c->call->values[i];
        bool is_own_text =
            i == 0 && is_text(&flags[i]) && strcmp(flags[i].name, "reason") != 0; /* the act is nothing without it */
        if (is_text(&flags[i]) && (value == NULL ? is_own_text : strcmp(value, "-") == 0))
            value = words_of_input(c, flags[i].name);
        if (value != NULL) put_value(c, act_field_of_flag(c->what, flags[i].name), flags[i].name, value);
    }
}

/* What stands without a flag: the item, and of `rate` the rating. */
static void put_arguments(composing *c)
{
    const cli_call *call = c->call;
    bool is_queue = strcmp(call->verb->arguments, "QUEUE") == 0 && strncmp(call->arguments[0], "Q:", 2) != 0;
    hub_buffer item = {0};
    hub_buffer_put_format(&item, "%s%s", is_queue ? "Q:" : "", call->arguments[0]);
    put_value(c, act_field_of_flag(c->what, "item"), "item", hub_buffer_text(&item));
    hub_buffer_free(&item);
    const ProtobufCMessageDescriptor *own = c->what->descriptor;
    if (call->argument_count > 1) put_value(c, &own->fields[0], own->fields[0].name, call->arguments[1]);
}

static void put_who(composing *c, const char *acts_as)
{
    if (cli_flag_given(c->call, "as")) return;
    if (acts_as[0] == '\0') complain(c, "as", " ID is needed: who acts, by their id in the roster (or acts_as in mashctl.yaml)");
    put_value(c, act_field_of_flag(c->what, "as"), "as", acts_as);
}

/* It is what the person saw. Asking the hub for it would claim that they saw what nobody showed them. */
static void need_version(composing *c)
{
    const cli_flag *flags = c->call->verb->flags;
    if (c->what->id == MASH__V1__ACT__WHAT_SEEN) { /* feedback has no version */
        if (cli_flag_given(c->call, "version")) put_value(c, act_field_of_flag(c->what, "this-version"), "version", "true");
        return;
    }
    for (size_t i = 0; i < CLI_FLAGS_MAX && flags[i].name != NULL; i++) {
        if (strcmp(flags[i].name, "version") == 0 && c->call->values[i] == NULL)
            complain(
                c, "version",
                " N is needed: the version that you saw; mashctl subscribe shows it with the alert, and every act answers with "
                "the new one");
    }
}

/* CLI_DONE: *out lives in `arena`. CLI_USAGE: it has been said why not. CLI_FAILED: `err` says why. */
static cli_exit compose(const cli_call *call, const char *acts_as, hub_arena *arena, Mash__V1__Act **out, hub_error *err)
{
    composing c = {.call = call, .what = act_of_verb(call->verb->name)};
    HUB_ASSERT(c.what != NULL); /* a test compares verbs and acts */
    need_version(&c);
    put_who(&c, acts_as);
    put_arguments(&c);
    if (!c.complained) put_flags(&c); /* last: it may wait for standard input */
    if (!cli_flag_given(call, "command-id")) {
        hub_id id = host_random_id();
        char text[HUB_ID_TEXT_BYTES];
        hub_id_text(&id, text);
        put_value(&c, act_field_of_flag(c.what, "command-id"), "command-id", text);
    }
    hub_buffer_put_format(&c.common, ",\"%s\":{", c.what->name);
    hub_buffer_put(&c.common, c.own.data, c.own.size);
    hub_buffer_put_text(&c.common, "}}");
    hub_buffer json = {0};
    hub_buffer_put_text(&json, "{");
    hub_buffer_put(&json, c.common.data, c.common.size);
    ProtobufCMessage *message = NULL;
    hub_status status = HUB_ERR_INVALID;
    if (!c.complained) status = json_to_message(&mash__v1__act__descriptor, hub_buffer_bytes(&json), arena, &message, err);
    *out = (Mash__V1__Act *)message;
    hub_buffer_free(&json);
    hub_buffer_free(&c.own);
    hub_buffer_free(&c.common);
    hub_buffer_free(&c.words);
    if (status == HUB_OK) return CLI_DONE;
    if (!c.complained && status == HUB_ERR_INVALID) (void)cli_usage(call, "%s", err->text);
    return status == HUB_ERR_INVALID ? CLI_USAGE : CLI_FAILED;
}

/* ---- the answer ------------------------------------------------------------------------------------------------------------------ */
static cli_exit exit_of(Mash__V1__ActCode code)
{
    switch (code) {
    case MASH__V1__ACT_CODE__ACT_DONE:
        return CLI_DONE;
    case MASH__V1__ACT_CODE__ACT_REFUSED:
    case MASH__V1__ACT_CODE__ACT_STALE:
    case MASH__V1__ACT_CODE__ACT_NOT_ALLOWED:
        return CLI_REFUSED;
    default:
        return CLI_FAILED;
    }
}

void act_answer(const cli_call *call, const Mash__V1__Act *act, const Mash__V1__ActReply *reply, hub_buffer *out)
{
    if (call->json) {
        print_json_line(out, &reply->base);
        return;
    }
    if (exit_of(reply->code) != CLI_DONE) hub_buffer_put_format(out, "mashctl %s: ", call->verb->name);
    print_clean(out, reply->text);
    if (exit_of(reply->code) == CLI_DONE) {
        bool is_dispute = act->what_case == MASH__V1__ACT__WHAT_DISPUTE;
        char made = is_dispute ? 'D' : 'R'; /* of other acts that make or count something the text says what */
        bool is_made = reply->number > 0 && (is_dispute || act->what_case == MASH__V1__ACT__WHAT_REQUEST_INFORMATION);
        const char *end = strrchr(reply->text, '.');
        bool is_sentence = end != NULL && end[1] == '\0';
        if (is_made) hub_buffer_put_format(out, "%s %c%" PRIu64 " was made", is_sentence ? "" : ":", made, reply->number);
        if (reply->version > 0) hub_buffer_put_format(out, "; %s is at version %u", act->item, reply->version);
        if (reply->sequence > 0) hub_buffer_put_format(out, " (record %" PRIu64 ")", reply->sequence);
    }
    hub_buffer_put_text(out, "\n");
    for (size_t i = 0; i < reply->n_changed; i++) {
        const Mash__V1__ChangeMade *change = reply->changed[i];
        char civil[PRINT_TIME_TEXT];
        print_time(&call->zone, change->time_ms, civil);
        hub_buffer_put_format(out, "  %s  ", civil);
        print_clean(out, change->who);
        hub_buffer_put_text(out, ": ");
        print_clean(out, change->what);
        hub_buffer_put_format(out, "; version %u (record %" PRIu64 ")\n", change->version, change->sequence);
    }
}

/* A repeat under the same id is harmless: who got no answer sends the same again. */
static hub_status no_answer(const Mash__V1__Act *act, hub_status status, hub_error *err)
{
    hub_id id;
    char text[HUB_ID_TEXT_BYTES];
    if (status != HUB_ERR_AGAIN || !hub_id_read(hub_bytes_of(act->command_id.data, act->command_id.len), &id)) return status;
    hub_id_text(&id, text);
    hub_error cause = *err;
    return hub_fail(err, status,
                    "%s. It may have been done: say the same again with --command-id %s, and you get the first answer",
                    cause.text, text);
}

static cli_exit send_act(cli_call *call, Mash__V1__Act *act)
{
    hub_error err = {{0}};
    session hub = {0};
    Mash__V1__ClientFrame frame = MASH__V1__CLIENT_FRAME__INIT;
    const Mash__V1__HubFrame *answer = NULL;
    frame.body_case = MASH__V1__CLIENT_FRAME__BODY_ACT;
    frame.act = act;
    hub_status status = session_open(call, SESSION_TEAM, &hub, &err);
    if (status == HUB_OK) {
        if (act->what_case == MASH__V1__ACT__WHAT_SIGN && act->sign->day == 0) /* not said: today */
            act->sign->day = core_calendar_day(&call->zone.calendar, session_hub_now_ms(&hub), NULL);
        status = no_answer(act, session_ask(&hub, &frame, MASH__V1__HUB_FRAME__BODY_ACT_REPLY, &answer, &err), &err);
    }
    cli_exit code = status == HUB_OK ? exit_of(answer->act_reply->code) : cli_fail(call, status, &err);
    if (status == HUB_OK) {
        hub_buffer out = {0};
        act_answer(call, act, answer->act_reply, &out);
        if (code == CLI_DONE || call->json)
            print_flush(&out);
        else
            fputs(hub_buffer_text(&out), stderr);
        hub_buffer_free(&out);
    }
    session_close(&hub);
    return code;
}

cli_exit verb_act(cli_call *call)
{
    hub_error err = {{0}};
    settings from;
    hub_arena arena = {0};
    Mash__V1__Act *act = NULL;
    hub_status status = settings_read(call, &from, &err);
    if (status == HUB_OK) status = hub_arena_open(&arena, 64 * 1024, ARENA_BYTES_MAX);
    if (status != HUB_OK) return cli_fail(call, status, &err);
    cli_exit code = compose(call, from.acts_as, &arena, &act, &err);
    if (code == CLI_FAILED) code = cli_fail(call, HUB_ERR_MEMORY, &err);
    if (code == CLI_DONE) code = send_act(call, act);
    hub_arena_close(&arena);
    return code;
}
