#include "text.h"

#include <string.h>

const metrics_bounds METRICS_SECONDS = {12, {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 10}};
const metrics_bounds METRICS_RECORDS = {7, {1, 4, 16, 64, 256, 1024, 4096}};

static const char *const LABELS[METRICS_LABELS] = {
    [METRICS_QUEUE] = "queue",   [METRICS_PEER] = "peer",       [METRICS_AGENCY] = "agency",
    [METRICS_RATING] = "rating", [METRICS_PAYLOAD] = "payload", [METRICS_CODE] = "code",
    [METRICS_ROUTE] = "route",   [METRICS_STATUS] = "status",   [METRICS_CHANNEL] = "channel"};

static bool is_name(const char *name, metrics_type type)
{
    size_t length = strlen(name);
    bool is_total = length > 6 && strcmp(name + length - 6, "_total") == 0;
    return length > 0 && strspn(name, "abcdefghijklmnopqrstuvwxyz_") == length && is_total == (type == METRICS_COUNTER);
}

void metrics_family(hub_buffer *out, const char *name, metrics_type type, const char *help)
{
    static const char *const TYPES[] = {"counter", "gauge", "histogram"};
    HUB_ASSERT(is_name(name, type));
    HUB_ASSERT(help[0] != '\0' && strpbrk(help, "\\\n") == NULL);
    hub_buffer_put_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, TYPES[type]);
}

/* Backslash, quote and newline are the three that the format knows (F3). */
static void put_value(hub_buffer *out, const char *value)
{
    for (const char *at = value; *at != '\0';) {
        size_t plain = strcspn(at, "\\\"\n");
        hub_buffer_put(out, at, plain);
        at += plain;
        if (*at == '\0') break;
        hub_buffer_put_text(out, *at == '\n' ? "\\n" : *at == '"' ? "\\\"" : "\\\\");
        at++;
    }
}

/* `upto` is the bound of a bucket; NULL: none. */
static void put_labels(hub_buffer *out, const metrics_pair *pairs, const char *upto)
{
    const char *between = "{";
    for (uint32_t i = 0; pairs != NULL && pairs[i].label != METRICS_NO_LABEL; i++) {
        HUB_ASSERT(i < METRICS_PAIRS_MAX && pairs[i].label < METRICS_LABELS); /* F1 */
        hub_buffer_put_format(out, "%s%s=\"", between, LABELS[pairs[i].label]);
        put_value(out, pairs[i].value);
        hub_buffer_put_text(out, "\"");
        between = ",";
    }
    if (upto != NULL) hub_buffer_put_format(out, "%sle=\"%s\"", between, upto);
    if (upto != NULL || between[0] == ',') hub_buffer_put_text(out, "}");
}

static void put_line(hub_buffer *out, const char *name, const char *ending, const metrics_pair *pairs, const char *upto,
                     double value)
{
    hub_buffer_put_format(out, "%s%s", name, ending);
    put_labels(out, pairs, upto);
    hub_buffer_put_format(out, " %.16g\n", value); /* whole up to 2^53, as Prometheus itself has it */
}

void metrics_sample(hub_buffer *out, const char *name, const metrics_pair *pairs, double value)
{
    put_line(out, name, "", pairs, NULL, value);
}

void metrics_alone(hub_buffer *out, const char *name, metrics_type type, const char *help, double value)
{
    metrics_family(out, name, type, help);
    metrics_sample(out, name, NULL, value);
}

void metrics_observe(metrics_histogram *histogram, const metrics_bounds *bounds, double value)
{
    uint32_t at = 0;
    while (at < bounds->count && value > bounds->upto[at])
        at++;
    histogram->counts[at]++;
    histogram->sum += value;
}

void metrics_buckets(hub_buffer *out, const char *name, const metrics_pair *pairs, const metrics_bounds *bounds,
                     const metrics_histogram *histogram)
{
    HUB_ASSERT(bounds->count <= METRICS_BOUNDS_MAX);
    uint64_t sofar = 0;
    for (uint32_t i = 0; i <= bounds->count; i++) {
        char upto[24] = "+Inf";
        if (i < bounds->count) (void)hub_format(upto, sizeof upto, "%.16g", bounds->upto[i]);
        sofar += histogram->counts[i];
        put_line(out, name, "_bucket", pairs, upto, (double)sofar);
    }
    put_line(out, name, "_sum", pairs, NULL, histogram->sum);
    put_line(out, name, "_count", pairs, NULL, (double)sofar);
}
