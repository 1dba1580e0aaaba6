/* policy check, adopt - the policy's mistakes with their places, before anybody depends on it. */
#include "cli/verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "host/clock.h"
#include "policy/policy.h"
#include "json/json.h"

enum { DAY_MS = 86400000 };

static void put_problems(const cli_call *call, const yaml_problems *problems, hub_buffer *out)
{
    const char *text = (const char *)problems->text.data;
    for (size_t at = 0; at < problems->text.size;) {
        const char *end = memchr(text + at, '\n', problems->text.size - at);
        size_t size = end == NULL ? problems->text.size - at : (size_t)(end - text) - at;
        char line[1024];
        snprintf(line, sizeof line, "%.*s", (int)(size < sizeof line ? size : sizeof line - 1), text + at);
        at += size + 1;
        bool warning = strstr(line, ": warning:") != NULL;
        if (call->json) {
            hub_buffer_put_format(out, "{\"level\":\"%s\",\"text\":", warning ? "warning" : "error");
            json_put_text(out, line);
            hub_buffer_put_text(out, "}\n");
        } else {
            print_styled(out, call->colour, warning ? PRINT_AMBER : PRINT_RED, line);
            hub_buffer_put_text(out, "\n");
        }
    }
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
    policy_compile(sources, folder, &policy, &problems);
    if (policy != NULL) policy_check(policy, (int32_t)(host_wall_ms() / DAY_MS), &problems);
    put_problems(call, &problems, &out);
    if (problems.count > 0 || policy == NULL) {
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
