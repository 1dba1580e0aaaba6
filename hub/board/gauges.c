#include "gauges.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { MINUTE_MS = 60 * 1000 };

static gauge_minute *minute_of(gauges *g, int64_t now_ms)
{
    int64_t minute = now_ms / MINUTE_MS;
    gauge_minute *m = &g->minutes[minute % GAUGES_MINUTES];
    if (m->minute != minute) *m = (gauge_minute){.minute = minute};
    return m;
}

/* Hub time is known to some milliseconds: nothing takes less than none. */
static uint32_t longer(uint32_t a, int64_t b)
{
    return b > (int64_t)a ? b < UINT32_MAX ? (uint32_t)b : UINT32_MAX : a;
}

void gauges_status(gauges *g, int64_t now_ms, const Mash__V1__Status *status, int64_t took_ms)
{
    gauge_minute *m = minute_of(g, now_ms);
    m->is_heard = true;
    m->accepted = status->events_accepted;
    m->refused = status->events_refused;
    m->answer_ms = longer(m->answer_ms, took_ms);
}

void gauges_delivery(gauges *g, int64_t now_ms, int64_t time_ms)
{
    gauge_minute *m = minute_of(g, now_ms);
    m->deliveries++;
    m->arrive_ms = longer(m->arrive_ms, now_ms - time_ms);
}

uint32_t gauges_rows(const gauges *g, int64_t now_ms, gauge_row out[GAUGES_MINUTES])
{
    const gauge_minute *before = NULL;
    uint32_t count = 0;
    int64_t last = now_ms / MINUTE_MS;
    for (int64_t minute = last - GAUGES_MINUTES + 1; minute <= last; minute++) {
        const gauge_minute *m = minute < 0 ? NULL : &g->minutes[minute % GAUGES_MINUTES];
        if (m == NULL || m->minute != minute) continue;
        gauge_row row = {
            .at_ms = minute * MINUTE_MS, .deliveries = m->deliveries, .arrive_ms = m->arrive_ms, .answer_ms = m->answer_ms};
        bool is_next = before != NULL && before->minute == minute - 1;
        if (is_next && m->is_heard && m->accepted >= before->accepted &&
            m->refused >= before->refused) { /* a hub can be restored */
            row.knows_events = true;
            row.accepted = m->accepted - before->accepted;
            row.refused = m->refused - before->refused;
        }
        if (m->is_heard) before = m;
        out[count++] = row;
    }
    return count;
}

void gauges_pack(const gauges *g, hub_buffer *out)
{
    for (size_t i = 0; i < GAUGES_MINUTES; i++) {
        const gauge_minute *m = &g->minutes[i];
        if (m->minute == 0) continue;
        hub_buffer_put_format(out, "%lld %d %llu %llu %u %u %u\n", (long long)m->minute, m->is_heard ? 1 : 0,
                              (unsigned long long)m->accepted, (unsigned long long)m->refused, m->deliveries, m->arrive_ms,
                              m->answer_ms);
    }
}

void gauges_unpack(gauges *g, hub_bytes text)
{
    char line[160];
    for (size_t at = 0, size; at < text.size; at += size + 1) {
        const uint8_t *from = text.data + at, *end = memchr(from, '\n', text.size - at);
        size = end == NULL ? text.size - at : (size_t)(end - from);
        if (size >= sizeof line) continue;
        memcpy(line, from, size);
        line[size] = '\0';
        gauge_minute m = {0};
        int heard, past = 0;
        int count = sscanf(line, "%" SCNd64 " %d %" SCNu64 " %" SCNu64 " %" SCNu32 " %" SCNu32 " %" SCNu32 "%n", &m.minute,
                           &heard, &m.accepted, &m.refused, &m.deliveries, &m.arrive_ms, &m.answer_ms, &past);
        if (count != 7 || line[past] != '\0' || m.minute <= 0) continue;
        m.is_heard = heard == 1;
        g->minutes[m.minute % GAUGES_MINUTES] = m;
    }
}
