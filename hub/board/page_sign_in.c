/* page_sign_in.c - signing in by password, out, and saying what one reads for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "board/routes.h"
#include "host/log.h"

/* ---- the form ----------------------------------------------------------------------------------------------------------------- */
static void put_problem(html_page *p, const char *text)
{
    if (text == NULL) return;
    html(p, "<div class=\"govuk-error-summary\" tabindex=\"-1\"><div role=\"alert\"><h2 "
            "class=\"govuk-error-summary__title\">There is a "
            "problem</h2><div class=\"govuk-error-summary__body\"><ul class=\"govuk-list govuk-error-summary__list\"><li><a "
            "href=\"#name\">");
    html_text(p, text);
    html(p, "</a></li></ul></div></div></div>");
}

/* They come because their session ended while they worked. */
static bool was_ended(const visit *v)
{
    return strcmp(http_form_text(&v->query, "why"), "ended") == 0 || strcmp(http_form_text(&v->form, "why"), "ended") == 0;
}

static void put_form(visit *v)
{
    html_page *p = &v->page;
    html(p, "<form method=\"post\" action=\"/sign-in\" novalidate><div class=\"govuk-form-group\"><label class=\"govuk-label\" "
            "for=\"name\">Name</label><input class=\"govuk-input govuk-input--width-20\" id=\"name\" name=\"name\" type=\"text\" "
            "autocomplete=\"username\" spellcheck=\"false\" autocapitalize=\"none\" value=\"");
    html_attribute(p, http_form_text(&v->form, "name"));
    html(p, "\"></div><div class=\"govuk-form-group\"><label class=\"govuk-label\" for=\"password\">Password</label><input "
            "class=\"govuk-input govuk-input--width-20\" id=\"password\" name=\"password\" type=\"password\" "
            "autocomplete=\"current-password\"></div>");
    page_token(v);
    if (was_ended(v)) html(p, "<input type=\"hidden\" name=\"why\" value=\"ended\">");
    html(p, "<button class=\"govuk-button\">Sign in</button></form>");
}

/* A browser that has not signed in has a session too: for the form's token. */
static bool have_visitor(visit *v)
{
    if (v->session != NULL && session_account(v->session)[0] == '\0') return true;
    return session_begin(v->b->sessions, "", NULL, v->now_ms, v->cookie, &v->session) == HUB_OK;
}

static void show_form(visit *v, unsigned status, const char *problem)
{
    if (!have_visitor(v)) {
        visit_error(v, 503, "Busy", "Too many people are signing in at this moment. Try again.");
        return;
    }
    html_page *p = &v->page;
    page_begin(v, problem == NULL ? "Sign in" : "Error: Sign in");
    put_problem(p, problem);
    html(p, "<h1 class=\"govuk-heading-l\">Sign in</h1>");
    if (was_ended(v))
        html(p, "<p class=\"govuk-inset-text\">Your session has ended. What you had sent is kept for you: sign in to go on with "
                "it.</p>");
    if (v->b->config.oidc.issuer[0] != '\0')
        html(p, "<p class=\"govuk-body\"><a class=\"govuk-button\" role=\"button\" href=\"/sign-in/oidc\">Sign in with your "
                "organisation's account</a></p><h2 class=\"govuk-heading-m\">Or with a password of this board</h2>");
    put_form(v);
    page_end(v);
    visit_answer(v, status);
}

void page_sign_in(visit *v)
{
    if (v->account[0] != '\0') {
        visit_go(v, "/");
        return;
    }
    show_form(v, 200, NULL);
}

/* Back to what they had typed (B4), or to their lists. */
static void go_on(visit *v, const char *name)
{
    static const char SENT[] = "/send";
    draft newest;
    char path[DRAFT_KEY_BYTES_MAX + 1];
    if (!was_ended(v) || draft_list(v->b->drafts, name, v->now_ms, &newest, 1) == 0) {
        visit_go(v, "/");
        return;
    }
    size_t size = strlen(newest.key), end = sizeof SENT - 1;
    if (size > end && strcmp(newest.key + size - end, SENT) == 0)
        size -= end; /* the form's own address tells that it was not done */
    (void)snprintf(path, sizeof path, "%.*s", (int)size, newest.key);
    visit_go(v, path);
}

/* ---- checking ----------------------------------------------------------------------------------------------------------------- */
static void on_checked(void *context, const char *name)
{
    visit *v = context;
    session *before = NULL;
    (void)session_peek(v->b->sessions, v->request->cookie, v->now_ms, &before);
    v->session = before;
    const account *who = name == NULL ? NULL : accounts_find(v->b->accounts, name);
    if (who == NULL) {
        show_form(v, 403, "This name and password do not fit together. Check both; after five tries you must wait.");
        return;
    }
    if (session_begin(v->b->sessions, who->name, before, v->now_ms, v->cookie, &v->session) != HUB_OK) {
        visit_error(v, 503, "Busy", "As many people are signed in as this board serves.");
        return;
    }
    go_on(v, who->name);
}

static const char *address_of(const visit *v)
{
    const http_request *r = v->request;
    bool is_proxy = strcmp(r->address, "127.0.0.1") == 0 || strcmp(r->address, "::1") == 0;
    const char *last = strrchr(r->forwarded, ',');
    if (!is_proxy || r->forwarded[0] == '\0') return r->address;
    last = last == NULL ? r->forwarded : last + 1;
    return last + strspn(last, " "); /* the one that our own proxy added: a browser can say the others */
}

void page_sign_in_post(visit *v)
{
    const char *name = http_form_text(&v->form, "name"), *password = http_form_text(&v->form, "password");
    int64_t wait_ms = 0;
    hub_status status = password_check(v->b->passwords, v->b->accounts, name, hub_bytes_of_text(password), address_of(v),
                                       v->now_ms, on_checked, v, &wait_ms);
    if (status == HUB_OK) return;
    char text[120];
    (void)snprintf(text, sizeof text, "Too many tries. Wait %lld seconds, then try again.", (long long)(wait_ms / 1000 + 1));
    show_form(v, 429, status == HUB_ERR_AGAIN ? text : "The board is busy. Try again in a moment.");
}

void page_sign_out(visit *v)
{
    session_end(v->b->sessions, v->session);
    session_cookie_away(v->b->sessions, v->cookie);
    v->session = NULL;
    v->account[0] = '\0';
    visit_go(v, "/sign-in");
}

/* ---- what for ----------------------------------------------------------------------------------------------------------------- */
void page_purpose_form(visit *v)
{
    html_page *p = &v->page;
    page_begin(v, "What you read for");
    html(p, "<form method=\"post\" action=\"/purpose\"><fieldset class=\"govuk-fieldset\"><legend class=\"govuk-fieldset__legend "
            "govuk-fieldset__legend--l\"><h1 class=\"govuk-fieldset__heading\">What do you read alerts for?</h1></legend><div "
            "class=\"govuk-hint\">It is recorded with everything you open. Change it when you do something else.</div><div "
            "class=\"govuk-radios\">");
    for (int i = 1; page_purpose((Mash__V1__Purpose)i)[0] != '\0'; i++) {
        html(p, "<div class=\"govuk-radios__item\"><input class=\"govuk-radios__input\" type=\"radio\" name=\"purpose\" "
                "id=\"purpose-");
        html_number(p, i);
        html(p, "\" value=\"");
        html_number(p, i);
        if (i == (int)visit_purpose(v)) {
            html(p, "\" checked>");
        } else {
            html(p, "\">");
        }
        html(p, "<label class=\"govuk-label govuk-radios__label\" for=\"purpose-");
        html_number(p, i);
        html(p, "\">");
        html_text(p, page_purpose((Mash__V1__Purpose)i));
        html(p, "</label></div>");
    }
    html(p, "</div></fieldset>");
    page_token(v);
    html(p, "<button class=\"govuk-button\">Save</button></form>");
    page_end(v);
    visit_answer(v, 200);
}

void page_purpose_post(visit *v)
{
    const char *text = http_form_text(&v->form, "purpose");
    if (strlen(text) == 1 && page_purpose((Mash__V1__Purpose)(text[0] - '0'))[0] != '\0')
        (void)session_set_purpose(v->b->sessions, v->session, hub_bytes_of_text(text));
    visit_go(v, "/");
}
