/* show.c - what a board needs to draw its pages: the policy in force, in its sources. */
#include "daemon/audit.h"

#include "fold/replay.h"

static uint32_t policy_in_force(const daemon_shell *d)
{
    uint32_t number = 0;
    while (core_policy_numbered(d->core, number + 1) != NULL)
        number++;
    return number;
}

static void on_policy(void *context, daemon_read_job *job)
{
    daemon_shell *d = context;
    bus_session *session = daemon_asker(d, job);
    if (session == NULL) return;
    core_record record;
    hub_digest hash;
    hub_arena_reset(&d->record_arena);
    if (daemon_job_record(job, 0, &d->record_arena, &record, &hash) != HUB_OK || record.personal == NULL) {
        daemon_fault(d, session, job->request, MASH__V1__FAULT_CODE__FAULT_BUSY, "",
                     "the record that adopted the policy cannot be opened now; ask again");
        return;
    }
    Mash__V1__PolicyInForce in_force = MASH__V1__POLICY_IN_FORCE__INIT;
    while (core_policy_sequence(d->core, in_force.policy) != job->records[0].sequence) /* another may have come meanwhile */
        in_force.policy++;
    const core_policy *policy = core_policy_numbered(d->core, in_force.policy);
    in_force.digest = (ProtobufCBinaryData){.len = HUB_DIGEST_BYTES, .data = (uint8_t *)(uintptr_t)policy->digest};
    in_force.sources = record.personal->policy_sources;
    in_force.n_sources = record.personal->n_policy_sources;
    Mash__V1__HubFrame frame = MASH__V1__HUB_FRAME__INIT;
    frame.request = job->request;
    frame.body_case = MASH__V1__HUB_FRAME__BODY_POLICY_IN_FORCE;
    frame.policy_in_force = &in_force;
    daemon_send_frame(d, session, &frame); /* of a durable record */
}

void daemon_policy_request(daemon_shell *d, bus_session *session, uint64_t request)
{
    const core_peer *peer = core_peer_numbered(d->core, session->peer);
    bool may = peer->kind == MASH__V1__PEER_KIND__PEER_KIND_GATEWAY || peer->kind == MASH__V1__PEER_KIND__PEER_KIND_OPERATOR ||
               peer->kind == MASH__V1__PEER_KIND__PEER_KIND_AUDITOR;
    if (!may) {
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_NOT_ALLOWED, "policy",
                     "the policy in force is for gateways, operators and auditors");
        return;
    }
    uint64_t sequence = core_policy_sequence(d->core, policy_in_force(d));
    if (sequence == 0 || sequence > d->durable) {
        daemon_fault(d, session, request, MASH__V1__FAULT_CODE__FAULT_BUSY, "policy", "no policy is in force yet");
        return;
    }
    daemon_read_job *job = daemon_question_new(d, session, request, on_policy);
    if (job == NULL) return;
    job->records[job->count++].sequence = sequence;
    daemon_read_thread_ask(d->reader, job);
}
