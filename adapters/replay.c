#include "replay.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus/curve.h"
#include "kit/drop_folder.h"
#include "kit/intake.h"
#include "run.h"
#include "show.h"

/* ---- R1 ----------------------------------------------------------------------------------------------------------------------- */
static hub_status hub_of(const kit_config *config, char text[BUS_KEY_TEXT], hub_error *err)
{
    uint8_t key[BUS_KEY_BYTES];
    hub_status status = bus_public_key_read(config->server_key, key, err);
    if (status == HUB_OK) bus_key_text(key, text);
    return status;
}

hub_status adapter_check_hub(const kit_config *config, outbox *box, hub_error *err)
{
    char wanted[BUS_KEY_TEXT];
    hub_buffer bound = {0};
    hub_status status = hub_of(config, wanted, err);
    if (status == HUB_OK && outbox_noted(box, "hub", &bound, NULL) == HUB_OK && bound.size > 0 &&
        strcmp(hub_buffer_text(&bound), wanted) != 0)
        status = hub_fail(
            err, HUB_ERR_REFUSED,
            "the outbox in %s belongs to another hub than %s names, and what it holds must not reach that one: give this "
            "configuration a folder of its own, or put the right hub's key back",
            config->folder, config->server_key);
    hub_buffer_free(&bound);
    return status;
}

hub_status adapter_bind_hub(const kit_config *config, outbox *box, hub_error *err)
{
    char text[BUS_KEY_TEXT];
    hub_buffer bound = {0};
    hub_status status = hub_of(config, text, err);
    bool is_bound = outbox_noted(box, "hub", &bound, NULL) == HUB_OK && bound.size > 0;
    hub_buffer_free(&bound);
    return status == HUB_OK && !is_bound ? outbox_note(box, "hub", text, err) : status;
}

/* ---- files ---------------------------------------------------------------------------------------------------------------------- */
typedef struct replay_sum {
    unsigned files, events, parked, known, failed;
} replay_sum;

static bool is_below(const char *path, const char *folder)
{
    char real[PATH_MAX];
    size_t length = realpath(folder, real) == NULL ? 0 : strlen(real);
    return length > 0 && strncmp(path, real, length) == 0 && path[length] == '/';
}

/* R2 */
static hub_status own_file(const kit_config *config, const char *file, hub_error *err)
{
    char real[PATH_MAX];
    if (realpath(file, real) == NULL) return hub_fail(err, HUB_ERR_NOT_FOUND, "%s is not there", file);
    bool is_own =
        is_below(real, config->folder) || (config->transport == KIT_TRANSPORT_FOLDER && is_below(real, config->drop_folder));
    if (is_own) return HUB_OK;
    return hub_fail(
        err, HUB_ERR_REFUSED,
        "%s was not taken in by this adapter: only files of its drop folder and its quarantine are replayed; what is new goes "
        "into the drop folder",
        file);
}

static hub_status one_file(const kit_config *config, const char *file, outbox *box, outbox *remembers, replay_sum *sum,
                           hub_error *err)
{
    kit_outcome outcome;
    hub_status status = own_file(config, file, err);
    if (status == HUB_OK) status = adapter_take_file(config, &(adapter_take){box, remembers, remembers}, file, &outcome, err);
    if (status != HUB_OK) return status;
    sum->files++;
    sum->events += outcome.events;
    sum->parked += outcome.parked;
    bool failed = outcome.result == KIT_INPUT_FAILED || outcome.result == KIT_INPUT_UNSUPPORTED;
    bool known = outcome.result == KIT_INPUT_REPEATED || (!failed && outcome.events == 0 && outcome.parked == 0);
    sum->failed += failed;
    sum->known += known;
    const char *slash = strrchr(file, '/');
    const char *name = slash == NULL ? file : slash + 1;
    if (failed)
        printf("%s: cannot be taken: %s\n", name, outcome.reason);
    else if (known)
        printf("%s: told before, nothing new\n", name);
    else
        printf("%s: %u event%s, %u parked%s%s\n", name, outcome.events, outcome.events == 1 ? "" : "s", outcome.parked,
               outcome.reason[0] != '\0' ? ": " : "", outcome.reason);
    return HUB_OK;
}

static hub_status go_through(const kit_config *config, char *const *files, outbox *box, outbox *remembers, replay_sum *sum,
                             hub_error *err)
{
    hub_status status = HUB_OK;
    for (; *files != NULL && status == HUB_OK; files++)
        status = one_file(config, *files, box, remembers, sum, err);
    return status;
}

static hub_status replay_files(const kit_config *config, char *const *files, replay_consent consent, outbox *real,
                               replay_sum *sum, hub_error *err)
{
    outbox *trial = NULL;
    if (config->detail_host_count > 0)
        return hub_fail(
            err, HUB_ERR_INVALID,
            "this adapter fetches details (`detail`), which only its running program does: put the files into its drop folder");
    if (consent == REPLAY_DO) return go_through(config, files, real, NULL, sum, err);
    hub_status status = outbox_open(&(outbox_options){.folder = NULL}, &trial, err);
    if (status == HUB_OK) status = go_through(config, files, trial, real, sum, err);
    outbox_close(trial);
    return status;
}

/* ---- the whole ------------------------------------------------------------------------------------------------------------------ */
static int failed(const hub_error *err)
{
    (void)fprintf(stderr, "mash-adapter: %s\n", err->text);
    return ADAPTER_FAILED;
}

static int say_files(const replay_sum *sum, replay_consent consent)
{
    printf("%u file%s: %u event%s, %u parked, %u told before, %u that cannot be taken\n", sum->files, sum->files == 1 ? "" : "s",
           sum->events, sum->events == 1 ? "" : "s", sum->parked, sum->known, sum->failed);
    puts(consent == REPLAY_DO ? "they are in the outbox, and are offered when the adapter starts"
                              : "nothing was done; the same with --yes does it");
    return sum->parked > 0 || sum->failed > 0 ? ADAPTER_REFUSED : ADAPTER_DONE;
}

static int say_outbox(outbox *box, replay_consent consent, hub_error *err)
{
    outbox_counts counts;
    outbox_counts_of(box, &counts);
    if (consent == REPLAY_SHOW) {
        printf("%" PRIu64 " settled events are kept and would be offered again, beside %" PRIu64
               " that wait; what the hub holds it answers as a "
               "repeat\nnothing was done; the same with --yes does it\n",
               counts.kept, counts.waiting);
        return ADAPTER_DONE;
    }
    if (outbox_fork(box, err) != HUB_OK) return failed(err);
    outbox_counts_of(box, &counts);
    printf("%" PRIu64 " events will be offered again at the next start; those the hub has stay as they are\n", counts.waiting);
    return ADAPTER_DONE;
}

int adapter_replay(const kit_config *config, char *const *files, replay_consent consent)
{
    hub_error err = {{0}};
    outbox *box = NULL;
    replay_sum sum = {0};
    hub_status status = kit_config_outbox(config, consent == REPLAY_DO ? OUTBOX_OWN : OUTBOX_LOOK, &box, &err);
    if (status == HUB_ERR_EXISTS)
        return failed(&(hub_error){"the adapter is running; stop it first, then replay, then start it"});
    if (status == HUB_OK) status = adapter_check_hub(config, box, &err);
    int code = ADAPTER_FAILED;
    if (status == HUB_OK && *files == NULL) {
        code = say_outbox(box, consent, &err);
    } else if (status == HUB_OK) {
        status = replay_files(config, files, consent, box, &sum, &err);
        if (status == HUB_OK) code = say_files(&sum, consent);
    }
    outbox_close(box);
    return status == HUB_OK ? code : failed(&err);
}
