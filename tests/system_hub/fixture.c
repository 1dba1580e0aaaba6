#include "fixture.h"

int fixture_make(void **state, const char *queue)
{
    return fixture_make_with(state, queue, NULL);
}

int fixture_make_with(void **state, const char *queue, const char *policy_file)
{
    static fixture shared;
    fixture *f = &shared;
    hub_make_with(&f->hub, policy_file);
    hub_start(&f->hub, NULL);
    f->op = operator_open(&f->hub);
    f->adapter = enrol(f->op, "health-test", MASH__V1__PEER_KIND__PEER_KIND_ADAPTER, NULL);
    peer_open(f->adapter);
    if (queue != NULL) {
        f->consumer = enrol(f->op, "team-one", MASH__V1__PEER_KIND__PEER_KIND_CONSUMER, queue);
        peer_open(f->consumer);
    }
    *state = f;
    return 0;
}

int fixture_remove(void **state)
{
    hub_remove(&((fixture *)*state)->hub);
    return 0;
}
