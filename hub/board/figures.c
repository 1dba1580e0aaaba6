/* figures.c - what the board tells Prometheus of itself: how it answers, and whether its rows stand where the hub stands. Routes go by their
 * names in routes.c; a path, an alert or a person is in none of it (F1 in metrics/text.h). */
#include <string.h>

#include "board/feed.h"
#include "board/live.h"
#include "board/pack.h"
#include "board/routes.h"
#include "host/clock.h"
#include "host/log.h"

/* Rows of the table that share a name count as its first; BOARD_ROUTES_MAX: none of the table. */
static uint32_t place_of(const route *on)
{
    if (on == NULL) return BOARD_ROUTES_MAX;
    uint32_t place = 0;
    while (strcmp(ROUTES[place].name, on->name) != 0)
        place++;
    HUB_ASSERT(place < BOARD_ROUTES_MAX);
    return place;
}

void figures_count(board *b, const route *on, unsigned status, uint64_t began_us)
{
    HUB_ASSERT(status >= 100 && status < 600);
    route_figures *figures = &b->figures[place_of(on)];
    figures->classes[status / 100 - 1]++;
    metrics_observe(&figures->seconds, &METRICS_SECONDS, (double)(host_monotonic_us() - began_us) / 1e6);
}

/* The names of the table, each once, and "none": `name` of the first from `place` on, which is moved there. false: no more. */
static bool next_name(uint32_t *place, const char **name)
{
    while (*place < BOARD_ROUTES_MAX && ROUTES[*place].path != NULL) {
        *name = ROUTES[*place].name;
        if (place_of(&ROUTES[*place]) == *place) return true;
        (*place)++;
    }
    if (*place > BOARD_ROUTES_MAX) return false;
    *place = BOARD_ROUTES_MAX;
    *name = "none";
    return true;
}

static void put_requests(const board *b, hub_buffer *out)
{
    static const char *const CLASSES[] = {"1xx", "2xx", "3xx", "4xx", "5xx"};
    static const char REQUESTS[] = "mashboard_requests_total", SECONDS[] = "mashboard_request_seconds";
    const char *name;
    metrics_family(out, REQUESTS, METRICS_COUNTER, "Requests by route and class of answer.");
    for (uint32_t place = 0; next_name(&place, &name); place++) {
        for (size_t k = 1; k < sizeof CLASSES / sizeof CLASSES[0]; k++) {
            const metrics_pair pairs[] = {{METRICS_ROUTE, name}, {METRICS_STATUS, CLASSES[k]}, {METRICS_NO_LABEL, NULL}};
            metrics_sample(out, REQUESTS, pairs, (double)b->figures[place].classes[k]);
        }
    }
    metrics_family(out, SECONDS, METRICS_HISTOGRAM, "From a whole request to its answer, the hub's part included.");
    for (uint32_t place = 0; next_name(&place, &name); place++) {
        const metrics_pair pairs[] = {{METRICS_ROUTE, name}, {METRICS_NO_LABEL, NULL}};
        metrics_buckets(out, SECONDS, pairs, &METRICS_SECONDS, &b->figures[place].seconds);
    }
}

static void write_all(void *context, hub_buffer *out)
{
    const board *b = context;
    uint32_t connections, streams;
    const pack_standing newest = b->pack == NULL ? (pack_standing){.trouble = ""} : pack_stands(b->pack);
    http_server_count(b->server, &connections, &streams);
    const struct {
        const char *name, *help;
        double value;
    } ROWS[] = {
        {"mashboard_hub_connected", "1 while there is a session with the hub.", link_is_open(b->gate)},
        {"mashboard_policy_known", "1 when the policy in force has been read: nobody works without.", b->policy != NULL},
        {"mashboard_rows_whole", "1 when every queue has been taken from its beginning, and the session with the hub gives each.",
         feed_is_whole(b->feed) && !(link_is_open(b->gate) && feed_is_cut_off(b->feed))},
        {"mashboard_rows_failed", "1 when memory ran out and a row is missing.", rows_failed(b->rows)},
        {"mashboard_behind", "Deliveries of the past that are still to come.", (double)feed_behind(b->feed)},
        {"mashboard_rows", "Rows: an alert for each queue that was told of it, ended ones too.", rows_count(b->rows)},
        {"mashboard_connections", "Connections of browsers or the proxy.", connections},
        {"mashboard_streams", "Windows with live updates.", live_count(b->live)},
        {"mashboard_save_failed", "1 when sessions and what people typed cannot be written to their volume.", b->save_failed},
        {"mashboard_pack_made_seconds", "When the newest continuity pack was made, seconds since 1970; 0: there is none.",
         (double)newest.made_ms / 1000},
        {"mashboard_pack_trouble", "1 when a continuity pack could not be made, or not of all that is open.",
         newest.trouble[0] != '\0'},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        metrics_alone(out, ROWS[i].name, METRICS_GAUGE, ROWS[i].help, ROWS[i].value);
    put_requests(b, out);
}

void figures_open(board *b)
{
    const metrics_options options = {
        .address = b->config.metrics_address, .port = b->config.metrics_port, .write = write_all, .context = b};
    hub_error err = {{0}};
    if (options.address[0] == '\0' || metrics_server_open(b->loop, &options, &b->metrics, &err) == HUB_OK) return;
    host_log(HOST_LOG_ERROR, "the board runs without metrics", "cause", err.text, NULL);
}
