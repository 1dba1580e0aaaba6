/* page_asset.c - style sheets and scripts, from inside the program; and whether it is up. */
#include <string.h>

#include "board.h"
#include "board/feed.h"
#include "board/routes.h"

#define ASSET(name) extern const uint8_t name[], name##_end[]
ASSET(asset_library_css);
ASSET(asset_board_css);
ASSET(asset_board_js);
ASSET(asset_icon_svg);
ASSET(asset_plots_js);
ASSET(asset_uplot_css);
ASSET(asset_uplot_js);

static const struct {
    const char *name, *type;
    const uint8_t *begin, *end;
    bool is_packed;
} ASSETS[] = {
    {"library.css", "text/css; charset=utf-8", asset_library_css, asset_library_css_end, true},
    {"board.css", "text/css; charset=utf-8", asset_board_css, asset_board_css_end, false},
    {"board.js", "text/javascript; charset=utf-8", asset_board_js, asset_board_js_end, false},
    {"icon.svg", "image/svg+xml", asset_icon_svg, asset_icon_svg_end, false},
    {"plots.js", "text/javascript; charset=utf-8", asset_plots_js, asset_plots_js_end, false},
    {"uplot.css", "text/css; charset=utf-8", asset_uplot_css, asset_uplot_css_end, true},
    {"uplot.js", "text/javascript; charset=utf-8", asset_uplot_js, asset_uplot_js_end, true},
};

void page_asset(visit *v)
{
    for (size_t i = 0; i < sizeof ASSETS / sizeof ASSETS[0]; i++) {
        if (strcmp(ASSETS[i].name, v->part[0]) != 0) continue;
        const http_header headers[] = {
            {"Content-Type", ASSETS[i].type}, {"Cache-Control", "max-age=3600"}, {"Content-Encoding", "gzip"}};
        visit_answer_lasting(v, headers, ASSETS[i].is_packed ? 3 : 2,
                             hub_bytes_of(ASSETS[i].begin, (size_t)(ASSETS[i].end - ASSETS[i].begin)));
        return;
    }
    visit_error(v, 404, "Page not found", "There is no such file.");
}

/* For a proxy or a supervisor. Says nothing that a stranger may not know. */
void page_health(visit *v)
{
    bool is_well = !feed_is_cut_off(v->b->feed) && feed_is_whole(v->b->feed);
    hub_buffer_put_text(&v->page, is_well ? "ok\n" : "the hub is away, or the lists are being built\n");
    visit_answer(v, is_well ? 200 : 503);
}
