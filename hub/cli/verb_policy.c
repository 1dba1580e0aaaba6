/* policy check, adopt - the policy's mistakes with their places, before anybody depends on it. */
#include "cli/verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "host/clock.h"
#include "json/json.h"
#include "policy/policy.h"

enum { DAY_MS = 86400000 };

/* One line of complaints, "FILE:12:5: warning: MESSAGE", taken apart. Without a place, "policy: MESSAGE", it is about what no file says. */
typedef struct complaint {
    const char *file, *message;
    size_t file_size, message_size;
    unsigned line, column;
    bool is_warning;
} complaint;

static bool begins(const char **at, const char *end, const char *word)
{
    size_t size = strlen(word);
    if ((size_t)(end - *at) < size || memcmp(*at, word, size) != 0) return false;
    *at += size;
    return true;
}

static complaint take_apart(const char *line, const char *end)
{
    complaint c = {.message = line};
    for (const char *at = line; at < end && c.file == NULL; at++) {
        int read = 0;
        if (*at != ':' || sscanf(at, ":%9u:%9u: %n", &c.line, &c.column, &read) != 2 || read == 0 || at + read > end) continue;
        c.file = line;
        c.file_size = (size_t)(at - line);
        c.message = at + read;
    }
    if (c.file == NULL) (void)begins(&c.message, end, "policy: ");
    c.is_warning = begins(&c.message, end, "warning: ");
    c.message_size = (size_t)(end - c.message);
    return c;
}

static void put_json_field(hub_buffer *out, const char *name, const char *text, size_t size)
{
    hub_buffer copy = {0};
    hub_buffer_put(&copy, text, size);
    hub_buffer_put_format(out, ",\"%s\":", name);
    json_put_text(out, hub_buffer_text(&copy));
    hub_buffer_free(&copy);
}

static void put_complaint(const cli_call *call, const char *line, const char *end, hub_buffer *out)
{
    complaint c = take_apart(line, end);
    if (call->json) {
        hub_buffer_put_format(out, "{\"level\":\"%s\"", c.is_warning ? "warning" : "error");
        if (c.file != NULL) {
            put_json_field(out, "file", c.file, c.file_size);
            hub_buffer_put_format(out, ",\"line\":%u,\"column\":%u", c.line, c.column);
        }
        put_json_field(out, "message", c.message, c.message_size);
        hub_buffer_put_text(out, "}\n");
        return;
    }
    hub_buffer copy = {0};
    hub_buffer_put(&copy, line, (size_t)(end - line));
    print_styled(out, call->colour, c.is_warning ? PRINT_AMBER : PRINT_RED, hub_buffer_text(&copy));
    hub_buffer_put_text(out, "\n");
    out->failed = out->failed || copy.failed;
    hub_buffer_free(&copy);
}

static void put_problems(const cli_call *call, yaml_problems *problems, hub_buffer *out)
{
    const char *at = hub_buffer_text(&problems->text);
    for (const char *end = strchr(at, '\n'); end != NULL; at = end + 1, end = strchr(at, '\n'))
        put_complaint(call, at, end, out);
}

typedef enum policy_text { POLICY_TEXT_LEFT_OUT, POLICY_TEXT_SHOWN } policy_text;

/* Reads, compiles and checks; prints every complaint. HUB_ERR_REFUSED: there are mistakes. */
static hub_status check_folder(const cli_call *call, const char *folder, policy_text text, policy_sources *sources,
                               hub_error *err)
{
    hub_status status = policy_sources_read(folder, sources, err);
    if (status != HUB_OK) return status;
    yaml_problems problems = {0};
    core_policy *policy = NULL;
    hub_buffer out = {0};
    hub_status compiled = policy_compile(sources, folder, &policy, &problems);
    if (policy != NULL) policy_check(policy, (int32_t)(host_wall_ms() / DAY_MS), &problems);
    put_problems(call, &problems, &out);
    if (compiled == HUB_ERR_MEMORY) {
        status = hub_fail(err, compiled, "no memory to compile the policy; what is said of it is not all");
    } else if (problems.count > 0 || policy == NULL) {
        status = hub_fail(err, HUB_ERR_REFUSED, "%u mistake%s", problems.count, problems.count == 1 ? "" : "s");
    } else if (call->json) {
        hub_buffer_put_format(&out, "{\"level\":\"done\",\"rules\":%u,\"queues\":%u,\"warnings\":%u}\n", policy->rule_count,
                              policy->queue_count, problems.warnings);
    } else {
        hub_buffer_put_format(&out, "%s: %zu files, %u areas, %u queues, %u rules, %u clocks: no mistakes, %u warnings\n", folder,
                              sources->count, policy->area_count, policy->queue_count, policy->rule_count, policy->clock_count,
                              problems.warnings);
        if (text == POLICY_TEXT_SHOWN) policy_describe(policy, &out);
    }
    print_flush(&out);
    hub_buffer_free(&out);
    policy_free(policy);
    yaml_problems_free(&problems);
    return status;
}

cli_exit verb_policy_check(cli_call *call)
{
    hub_error err = {{0}};
    char folder[SETTINGS_PATH_MAX];
    policy_sources sources = {0};
    if (call->argument_count == 0 && !settings_path(settings_folder(call), "policy", folder))
        return cli_usage(call, "--config: the path is too long");
    policy_text text = cli_flag_given(call, "show") ? POLICY_TEXT_SHOWN : POLICY_TEXT_LEFT_OUT;
    hub_status status = check_folder(call, call->argument_count > 0 ? call->arguments[0] : folder, text, &sources, &err);
    policy_sources_free(&sources);
    return status == HUB_OK ? CLI_DONE : cli_fail(call, status, &err);
}

static cli_exit adopt(cli_call *call, const policy_sources *sources)
{
    hub_error err = {{0}};
    Mash__V1__PolicySource *items = calloc(sources->count + 1, sizeof *items);
    Mash__V1__PolicySource **pointers = calloc(sources->count + 1, sizeof *pointers);
    cli_exit exit_code = CLI_FAILED;
    if (items == NULL || pointers == NULL) {
        exit_code = cli_fail(call, hub_fail(&err, HUB_ERR_MEMORY, "no memory"), &err);
        goto end;
    }
    for (size_t i = 0; i < sources->count; i++) {
        mash__v1__policy_source__init(&items[i]);
        items[i].name = sources->items[i].name;
        items[i].text = (ProtobufCBinaryData){.data = sources->items[i].text.data, .len = sources->items[i].text.size};
        pointers[i] = &items[i];
    }
    Mash__V1__AdoptPolicy body = MASH__V1__ADOPT_POLICY__INIT;
    body.sources = pointers;
    body.n_sources = sources->count;
    Mash__V1__Command command = MASH__V1__COMMAND__INIT;
    command.what_case = MASH__V1__COMMAND__WHAT_ADOPT_POLICY;
    command.adopt_policy = &body;
    exit_code = command_run(call, &command, "adopted: decided by from now on; no due time that was set has moved");
end:
    free(items);
    free(pointers);
    return exit_code;
}

cli_exit verb_policy_adopt(cli_call *call)
{
    hub_error err = {{0}};
    policy_sources sources = {0}; /* none: the hub reads its own folder */
    hub_status status = HUB_OK;
    if (call->argument_count > 0) status = check_folder(call, call->arguments[0], POLICY_TEXT_LEFT_OUT, &sources, &err);
    cli_exit exit_code = status == HUB_OK ? adopt(call, &sources) : cli_fail(call, status, &err);
    policy_sources_free(&sources);
    return exit_code;
}
