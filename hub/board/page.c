/* page.c - what stands around every page, and the words that stand on many. */
#include <stdio.h>
#include <string.h>

#include "board.h"
#include "board/feed.h"

/* ---- around ------------------------------------------------------------------------------------------------------------------- */
static void begin_link(visit *v, const char *path, const char *text)
{
    html_page *p = &v->page;
    bool is_here = strncmp(v->request->path, path, strlen(path)) == 0;
    html(p, "<li class=\"govuk-service-navigation__item");
    if (is_here) html(p, " govuk-service-navigation__item--active");
    html(p, "\"><a class=\"govuk-service-navigation__link\" ");
    html_href(p, path, NULL);
    if (is_here) html(p, " aria-current=\"true\"");
    html(p, ">");
    html_text(p, text);
}

static void put_link(visit *v, const char *path, const char *text)
{
    begin_link(v, path, text);
    html(&v->page, "</a></li>");
}

static void put_counted(visit *v, const char *path, const char *text, const char *part, uint32_t count)
{
    html_page *p = &v->page;
    begin_link(v, path, text);
    html(p, " <span data-part=\"");
    html_attribute(p, part);
    html(p, "\">(");
    html_number(p, count);
    html(p, ")</span></a></li>");
}

/* On a narrow screen links and session are folded away behind "Menu": a link to them, which shows them by being where it leads. */
static void put_navigation(visit *v)
{
    html_page *p = &v->page;
    if (v->account[0] == '\0') return;
    html(p, "<a class=\"govuk-link board-menu board-menu-open\" href=\"#menu\">Menu</a><a class=\"govuk-link board-menu "
            "board-menu-close\" href=\"#main\">Close menu</a>"
            "<nav id=\"menu\" class=\"board-folds\" aria-label=\"Board\"><ul class=\"govuk-service-navigation__list\">");
    if (v->who.row_count > 0) {
        if (sight_is_agency(&v->sees)) put_link(v, "/asked", "Asked of you");
        put_link(v, "/queue", "Alerts");
        put_link(v, "/find", "Find");
        if (sight_has_lists(&v->sees)) {
            if (!v->is_counted) (void)visit_list(v, VIEW_CLOSED, NULL, 0);
            put_counted(v, "/daily", "Daily list", "daily", v->counts.daily);
        }
        put_counted(v, "/told", "Alarms and notices", "told", sight_told(&v->sees, v->now_ms, NULL));
        put_link(v, "/shift", "Hand over");
    }
    if (visit_is_manager(v)) put_link(v, "/figures", "Figures");
    if (v->b->watch != NULL && v->is_operator) put_link(v, "/operators", "Operators");
    html(p, "</ul></nav>");
}

static void put_name(visit *v)
{
    if (v->person_id[0] != '\0') {
        page_person(&v->page, v, v->person_id);
    } else {
        html_text(&v->page, v->account);
    }
}

/* A sheet is found at a printer: whose it is, and of when. Renewed with the page. */
static void put_paper(visit *v)
{
    html_page *p = &v->page;
    if (v->account[0] == '\0') return;
    html(p, "<p class=\"govuk-body-s board-paper\">");
    html_text(p, v->b->config.name);
    html(p, ", printed for ");
    put_name(v);
    html(p, ", as it stood at ");
    page_when(p, v->b->policy, v->now_ms);
    html(p, "</p>");
}

static void put_who(visit *v)
{
    html_page *p = &v->page;
    if (v->account[0] == '\0') return;
    html(p, "<div class=\"board-who board-folds\"><form method=\"post\" action=\"/sign-out\"><p class=\"govuk-body-s\">Signed in "
            "as ");
    put_name(v);
    html(p, ", reading for: <a class=\"govuk-link\" href=\"/purpose\">");
    html_text(p, page_purpose(visit_purpose(v)));
    html(p, "</a>. This session ends at <time class=\"js-session-end\" data-ends=\"");
    int64_t ends_ms = session_ends_ms(v->b->sessions, v->session);
    html_number(p, ends_ms - v->now_ms);
    html(p, "\">");
    page_when(p, v->b->policy, ends_ms);
    html(p, "</time> if you do nothing. <a class=\"govuk-link\" href=\"/session\" target=\"_blank\" "
            "rel=\"noopener\">Stay signed in (opens in a new tab)</a> ");
    page_token(v, p);
    html(p, "<button class=\"board-plain-button\">Sign out</button></p></form></div>");
}

void page_begin(visit *v, const char *title)
{
    html_page *p = &v->page;
    html(p, "<!DOCTYPE html><html lang=\"en\" class=\"govuk-template\"><head><meta charset=\"utf-8\"><title>");
    html_text(p, title);
    html(p, " - Board</title><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
            "<meta name=\"robots\" content=\"noindex, nofollow\"><meta name=\"referrer\" content=\"no-referrer\">"
            "<link rel=\"icon\" type=\"image/svg+xml\" href=\"/assets/icon.svg\"><link rel=\"stylesheet\" "
            "href=\"/assets/library.css\"><link rel=\"stylesheet\" href=\"/assets/board.css\">"
            "<script type=\"module\" src=\"/assets/board.js\"></script></head><body class=\"govuk-template__body");
    if (v->is_wide) html(p, " board-wide");
    html(p, "\"><a href=\"#main\" class=\"govuk-skip-link\">Skip to main content</a>"
            "<header class=\"govuk-service-navigation\"><div class=\"govuk-width-container\">"
            "<div class=\"govuk-service-navigation__container\"><span class=\"govuk-service-navigation__service-name\">"
            "<a class=\"govuk-service-navigation__link\" href=\"/\">");
    html_text(p, v->b->config.name);
    html(p, "</a></span>");
    put_navigation(v);
    html(p, "</div></div></header><div class=\"govuk-width-container\">");
    put_who(v);
    html(p, "<div data-part=\"hub\">");
    put_paper(v);
    if (feed_is_cut_off(v->b->feed))
        html(p, "<div class=\"moj-alert moj-alert--warning\" role=\"region\" aria-label=\"The hub is away\"><div "
                "class=\"moj-alert__content\">This board is cut off from the hub at the moment: what you see is what was known "
                "before. "
                "Nothing you type is lost.</div></div>");
    html(p, "</div><main class=\"govuk-main-wrapper\" id=\"main\">");
}

void page_end(visit *v)
{
    html_page *p = &v->page;
    html(p, "</main></div><footer class=\"board-footer\"><div class=\"govuk-width-container\"><p class=\"govuk-body-s\">Somebody "
            "is in "
            "immediate danger: ring 999. Help with this board: ");
    html_text(p, v->b->config.help);
    html(p, "</p></div></footer><div id=\"polite\" class=\"govuk-visually-hidden\" role=\"status\" aria-live=\"polite\"></div>"
            "<div id=\"assertive\" class=\"govuk-visually-hidden\" role=\"alert\"></div></body></html>");
}

void page_hidden(html_page *p, const char *name, const char *value)
{
    html(p, "<input type=\"hidden\" name=\"");
    html_attribute(p, name);
    html(p, "\" value=\"");
    html_attribute(p, value);
    html(p, "\">");
}

void page_token(const visit *v, html_page *p)
{
    char token[SESSION_TOKEN_TEXT_BYTES];
    session_token(v->session, token);
    page_hidden(p, "token", token);
}

const char *page_purpose(Mash__V1__Purpose purpose)
{
    static const char *const WORDS[] = {
        [MASH__V1__PURPOSE__PURPOSE_SAFEGUARDING_DECISION] = "deciding about somebody at risk",
        [MASH__V1__PURPOSE__PURPOSE_STRATEGY_DISCUSSION] = "a strategy discussion",
        [MASH__V1__PURPOSE__PURPOSE_SUPERVISION] = "supervision of a colleague's work",
        [MASH__V1__PURPOSE__PURPOSE_AUDIT] = "an audit of practice",
        [MASH__V1__PURPOSE__PURPOSE_SUBJECT_ACCESS] = "a request by somebody about their own data",
        [MASH__V1__PURPOSE__PURPOSE_PRACTICE_REVIEW] = "a practice review",
        [MASH__V1__PURPOSE__PURPOSE_COMPLAINT] = "a complaint or a court's order",
    };
    return (size_t)purpose < sizeof WORDS / sizeof WORDS[0] && WORDS[purpose] != NULL ? WORDS[purpose] : "";
}

/* ---- words ---------------------------------------------------------------------------------------------------------------------- */
void page_rating(html_page *p, Mash__V1__Rating rating, bool is_provisional)
{
    switch (rating) {
    case MASH__V1__RATING__RATING_RED:
        html(p, "<strong class=\"govuk-tag govuk-tag--red\">Red</strong>");
        break;
    case MASH__V1__RATING__RATING_AMBER:
        html(p, "<strong class=\"govuk-tag govuk-tag--orange\">Amber</strong>");
        break;
    case MASH__V1__RATING__RATING_GREEN:
        html(p, "<strong class=\"govuk-tag govuk-tag--green\">Green</strong>");
        break;
    case MASH__V1__RATING__RATING_BLUE:
        html(p, "<strong class=\"govuk-tag govuk-tag--blue\">Blue</strong>");
        break;
    default:
        html(p, "<strong class=\"govuk-tag govuk-tag--grey\">Not rated</strong>");
    }
    if (is_provisional) html(p, " <span class=\"govuk-body-s\">provisional</span>");
}

void page_span(html_page *p, int64_t minutes)
{
    if (minutes >= 24 * 60) {
        html_number(p, minutes / (24 * 60));
        html(p, " d ");
    }
    if (minutes >= 60) {
        html_number(p, minutes / 60 % 24);
        html(p, " h ");
    }
    html_number(p, minutes % 60);
    html(p, " min");
}

void page_left(html_page *p, const core_policy *policy, int64_t now_ms, int64_t due_ms)
{
    int64_t minutes = (due_ms - now_ms) / 60000;
    html(p, "<span class=\"js-left\" data-due=\"");
    html_number(p, due_ms);
    html(p, "\">");
    if (due_ms <= now_ms) {
        html(p, "<strong>Overdue by ");
        page_span(p, -minutes);
        html(p, "</strong>");
    } else {
        page_span(p, minutes);
        html(p, " left");
    }
    html(p, "</span>, due ");
    page_when(p, policy, due_ms);
}

void page_when(html_page *p, const core_policy *policy, int64_t at_ms)
{
    char text[40];
    if (policy == NULL || policy->calendar_count == 0) {
        html(p, "(time not known yet)");
        return;
    }
    core_calendar_text(&policy->calendars[0], at_ms, text);
    html_text(p, text);
}

void page_person(html_page *p, const visit *v, const char *id)
{
    if (id[0] == '\0') {
        html(p, "nobody");
        return;
    }
    int32_t day = v->b->policy == NULL ? 0 : people_day(v->b->policy, v->now_ms);
    const char *shown = person_shown(v->b->policy, id, day);
    html_text(p, shown);
    if (shown == id) return;
    html(p, " (");
    html_text(p, id);
    html(p, ")");
}

void page_known(const visit *v, html_page *page, const char *number, uint64_t known_as, Mash__V1__Purpose purpose)
{
    char code[8];
    (void)snprintf(code, sizeof code, "%d", (int)purpose);
    html(page, "<form class=\"board-no-print\" method=\"post\" action=\"/find\">");
    page_token(v, page);
    page_hidden(page, "key", number);
    page_hidden(page, "purpose", code);
    page_hidden(page, "whole", "yes");
    if (http_form_has(&v->form, "own")) page_hidden(page, "own", "yes"); /* as they said of the look that led here */
    html(page, "<button class=\"board-plain-button\">What else is known<span class=\"govuk-visually-hidden\"> of ");
    if (known_as == 0) {
        html(page, "this person");
    } else {
        html(page, "person ");
        html_number(page, (int64_t)known_as);
    }
    html(page, "</span></button></form>");
}

void page_own(html_page *page)
{
    html(page,
         "<div class=\"govuk-warning-text\"><span class=\"govuk-warning-text__icon\" aria-hidden=\"true\">!</span><strong "
         "class=\"govuk-warning-text__text\"><span class=\"govuk-visually-hidden\">Warning</span>This look-up concerns your "
         "own household; it is recorded as such, and whoever audits the hub sees it marked.</strong></div>");
}

void page_begin_done(html_page *page)
{
    html(page, "<div class=\"govuk-notification-banner govuk-notification-banner--success\" role=\"region\" "
               "aria-labelledby=\"done\"><div class=\"govuk-notification-banner__header\"><h2 "
               "class=\"govuk-notification-banner__title\" id=\"done\">Done</h2></div><div "
               "class=\"govuk-notification-banner__content\"><p class=\"govuk-body\">");
}

void page_end_done(html_page *page)
{
    html(page, "</p></div></div>");
}
