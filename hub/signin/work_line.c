#include "work_line.h"

#include <stdlib.h>

struct work_line {
    uv_loop_t *loop; /* BORROWED */
    unsigned at_once, most;
    unsigned running, waiting;
    work *first, *last; /* waiting; TAKEN until done */
    bool is_closing;
    void (*closed)(void *context);
    void *context; /* BORROWED */
};

hub_status work_line_open(uv_loop_t *loop, unsigned at_once, unsigned most, work_line **out)
{
    HUB_ASSERT(loop != NULL && out != NULL);
    HUB_ASSERT(at_once >= 1 && most >= at_once);
    *out = NULL;
    work_line *line = calloc(1, sizeof *line);
    if (line == NULL) return HUB_ERR_MEMORY;
    line->loop = loop;
    line->at_once = at_once;
    line->most = most;
    *out = line;
    return HUB_OK;
}

static void on_thread(uv_work_t *request)
{
    work *job = request->data;
    job->run(job);
}

static void end_if_idle(work_line *line)
{
    if (!line->is_closing || line->running > 0) return;
    HUB_ASSERT(line->first == NULL);
    void (*closed)(void *) = line->closed;
    void *context = line->context;
    free(line);
    closed(context);
}

static void on_back(uv_work_t *request, int status);

static void start(work_line *line)
{
    while (line->first != NULL && line->running < line->at_once) {
        work *job = line->first;
        line->first = job->next;
        if (line->first == NULL) line->last = NULL;
        line->waiting--;
        line->running++;
        HUB_ASSERT(uv_queue_work(line->loop, &job->request, on_thread, on_back) == 0);
    }
}

static void on_back(uv_work_t *request, int status)
{
    HUB_ASSERT(status == 0); /* nobody cancels what runs */
    work *job = request->data;
    work_line *line = job->line;
    job->is_dropped = line->is_closing;
    job->done(job); /* still counted as running: it may close the line */
    line->running--;
    start(line);
    end_if_idle(line);
}

bool work_line_put(work_line *line, work *job)
{
    HUB_ASSERT(job->run != NULL && job->done != NULL);
    HUB_ASSERT(!line->is_closing);
    if (line->running + line->waiting >= line->most) return false;
    job->line = line;
    job->next = NULL;
    job->request.data = job;
    if (line->last != NULL) {
        line->last->next = job;
    } else {
        line->first = job;
    }
    line->last = job;
    line->waiting++;
    start(line);
    return true;
}

void work_line_close(work_line *line, void (*closed)(void *context), void *context)
{
    HUB_ASSERT(line != NULL && closed != NULL);
    HUB_ASSERT(!line->is_closing);
    line->is_closing = true;
    line->closed = closed;
    line->context = context;
    while (line->first != NULL) {
        work *job = line->first;
        line->first = job->next;
        job->is_dropped = true;
        job->done(job);
    }
    line->last = NULL;
    line->waiting = 0;
    end_if_idle(line);
}
