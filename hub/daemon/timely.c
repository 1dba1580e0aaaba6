/* timely.c - figures of how long things took, as the fold beside the hub has written them (fold/figures.h). They hold no person and no small
 * number; but counts of the whole hub are for operators and auditors (P6). */
#include "daemon/shell.h"

#include <stdio.h>

#include "event/wire.h"
#include "fold/figures.h"
#include "host/files.h"
#include "host/log.h"

void daemon_timely_path(const daemon_config *config, char out[PATH_MAX + 16])
{
    (void)snprintf(out, PATH_MAX + 16, "%s/figures", config->state);
}

void daemon_timely_load(daemon_shell *d)
{
    char path[PATH_MAX + 16];
    hub_error err = {{0}};
    hub_buffer read = {0};
    daemon_timely_path(d->config, path);
    hub_status status = host_file_read(path, FOLD_FIGURES_BYTES_MAX, &read, &err);
    if (status == HUB_OK) {
        hub_buffer_free(&d->timely);
        d->timely = read;
        return;
    }
    hub_buffer_free(&read);
    if (status != HUB_ERR_NOT_FOUND) host_log(HOST_LOG_WARNING, "the file of figures cannot be read", "cause", err.text, NULL);
}

/* What was asked for stays; the other periods say only that they are there. */
static void choose(Mash__V1__Figures *figures, int32_t from_day)
{
    for (size_t i = 0; i < figures->n_periods; i++) {
        bool is_wanted = from_day == 0 ? i == 0 : figures->periods[i]->from_day == from_day;
        if (!is_wanted) figures->periods[i]->n_items = 0;
    }
}

static hub_status read_figures(daemon_shell *d, Mash__V1__Figures **out)
{
    ProtobufCMessage *message = NULL;
    event_wire_fault fault;
    hub_arena_reset(&d->answer_arena);
    hub_status status = event_wire_unpack_large(&mash__v1__figures__descriptor, hub_buffer_bytes(&d->timely), UINT32_MAX,
                                                &d->answer_arena, &message, &fault);
    *out = (Mash__V1__Figures *)message;
    return status;
}

void daemon_timely(daemon_shell *d, bus_session *session, uint64_t request, const Mash__V1__FiguresRequest *wanted)
{
    const core_peer *peer = core_peer_numbered(d->core, session->peer);
    bool may = peer->kind == MASH__V1__PEER_KIND__PEER_KIND_OPERATOR || peer->kind == MASH__V1__PEER_KIND__PEER_KIND_AUDITOR;
    Mash__V1__Figures *figures = NULL;
    if (!may) {
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_NOT_ALLOWED, "figures",
                     "figures of the whole hub are for operators and auditors");
        return;
    }
    if (read_figures(d, &figures) != HUB_OK) {
        daemon_say_no_room(d, session, request);
        return;
    }
    figures->is_being_made = daemon_fold_ask(d, figures->sequence);
    choose(figures, wanted->from_day);
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    frame.request = request;
    frame.body_case = MASH__V1__HUB_FRAME__BODY_FIGURES;
    frame.figures = figures;
    daemon_send_frame(d, session, &frame); /* of records that are durable: the fold read them from the journal */
}
