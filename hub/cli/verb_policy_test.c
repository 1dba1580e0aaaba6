/* policy test - stories that a policy must tell right, before anybody depends on it. */
#include "cli/verbs.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "json/json.h"
#include "policy/policy.h"
#include "rehearse/scenario.h"

enum { FOLDER_MAX = SETTINGS_PATH_MAX + 16 };

static int is_scenarios(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return entry->d_name[0] != '.' && length > 5 && strcmp(entry->d_name + length - 5, ".yaml") == 0;
}

typedef struct testing {
    const core_policy *policy;
    yaml_problems problems;
    scenario_counts counts;
    uint32_t files, unreadable; /* files that are no scenarios: nothing in them was tried */
} testing;

static hub_status run_file(testing *t, const char *path)
{
    hub_status status = scenario_run_file(t->policy, path, &t->problems, &t->counts);
    t->files++;
    if (status == HUB_ERR_INVALID) t->unreadable++;
    return status;
}

static hub_status run_folder(testing *t, const char *folder, hub_error *err)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_scenarios, alphasort);
    if (count < 0)
        return hub_fail(
            err, HUB_ERR_NOT_FOUND,
            "%s: no such folder; scenarios lie beside the policy, in the folder 'scenarios', or their files are named after it",
            folder);
    hub_status status = HUB_OK;
    for (int i = 0; i < count; i++) {
        char path[SETTINGS_PATH_MAX];
        snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
        if (status != HUB_ERR_MEMORY) status = run_file(t, path);
        free(entries[i]);
    }
    free(entries);
    return status == HUB_ERR_MEMORY ? hub_fail(err, status, "no memory") : HUB_OK;
}

/* "DIR/scenarios" beside "DIR/policy". */
static void put_scenarios_folder(const char *policy, char out[FOLDER_MAX])
{
    size_t length = strlen(policy);
    while (length > 1 && policy[length - 1] == '/')
        length--;
    size_t parent = length;
    while (parent > 0 && policy[parent - 1] != '/')
        parent--;
    const char *last = policy + parent;
    bool is_dots = strncmp(last, ".", length - parent) == 0 || strncmp(last, "..", length - parent) == 0;
    if (is_dots) {
        snprintf(out, FOLDER_MAX, "%.*s/../scenarios", (int)length, policy);
    } else {
        snprintf(out, FOLDER_MAX, "%.*sscenarios", (int)parent, policy);
    }
}

static hub_status run_files(testing *t, const cli_call *call, hub_error *err)
{
    for (int i = 1; i < call->argument_count; i++) {
        if (run_file(t, call->arguments[i]) == HUB_ERR_MEMORY) return hub_fail(err, HUB_ERR_MEMORY, "no memory");
    }
    return HUB_OK;
}

static void put_result(const cli_call *call, testing *t, hub_buffer *out)
{
    if (call->json) {
        hub_buffer_put_format(
            out, "{\"files\":%u,\"unreadable\":%u,\"scenarios\":%u,\"failed\":%u,\"expectations\":%u,\"complaints\":", t->files,
            t->unreadable, t->counts.run, t->counts.failed, t->counts.expectations);
        json_put_text(out, hub_buffer_text(&t->problems.text));
        hub_buffer_put_text(out, "}\n");
        return;
    }
    hub_buffer_put(out, t->problems.text.data, t->problems.text.size);
    hub_buffer_put_format(out, "%u scenarios, %u expectations: %u failed\n", t->counts.run, t->counts.expectations,
                          t->counts.failed);
}

static hub_status verdict(const testing *t, hub_error *err)
{
    if (t->unreadable > 0 && t->counts.failed > 0)
        return hub_fail(err, HUB_ERR_REFUSED, "%u of %u files could not be read, and %u of %u scenarios do not hold",
                        t->unreadable, t->files, t->counts.failed, t->counts.run);
    if (t->unreadable > 0)
        return hub_fail(err, HUB_ERR_REFUSED, "%u of %u files could not be read; the %u scenarios of the others hold",
                        t->unreadable, t->files, t->counts.run);
    if (t->counts.failed > 0)
        return hub_fail(err, HUB_ERR_REFUSED, "%u of %u scenarios do not hold", t->counts.failed, t->counts.run);
    return t->counts.run > 0 ? HUB_OK : hub_fail(err, HUB_ERR_NOT_FOUND, "no scenario was found");
}

cli_exit verb_policy_test(cli_call *call)
{
    hub_error err = {{0}};
    char folder[SETTINGS_PATH_MAX];
    char scenarios[FOLDER_MAX];
    if (call->argument_count > 0) {
        snprintf(folder, sizeof folder, "%s", call->arguments[0]);
    } else if (!settings_path(settings_folder(call), "policy", folder)) {
        return cli_usage(call, "--config: the path is too long");
    }
    put_scenarios_folder(folder, scenarios);
    policy_sources sources = {0};
    core_policy *policy = NULL;
    testing t = {.counts = {0}};
    hub_buffer out = {0};
    hub_status status = policy_sources_read(folder, &sources, &err);
    if (status == HUB_OK && policy_compile(&sources, folder, &policy, &t.problems) != HUB_OK)
        status = hub_fail(&err, HUB_ERR_REFUSED, "the policy has mistakes; `mashctl policy check` names them all");
    t.policy = policy;
    if (status == HUB_OK) status = call->argument_count > 1 ? run_files(&t, call, &err) : run_folder(&t, scenarios, &err);
    put_result(call, &t, &out);
    print_flush(&out);
    if (status == HUB_OK) status = verdict(&t, &err);
    hub_buffer_free(&out);
    policy_free(policy);
    policy_sources_free(&sources);
    yaml_problems_free(&t.problems);
    return status == HUB_OK ? CLI_DONE : cli_fail(call, status, &err);
}
