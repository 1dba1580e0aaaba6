/* page_sign_in.c - signing in, by password or at the organisation's own service (signin/oidc.h), staying so, out, and saying what one reads
 * for. What a sign-in elsewhere must remember lies in the visitor's session, for one return. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "board/routes.h"
#include "host/clock.h"
#include "host/log.h"

/* ---- the form ----------------------------------------------------------------------------------------------------------------- */
static bool has_oidc(const visit *v)
{
    return v->b->oidc != NULL;
}

/* Why somebody is asked to sign in. */
static const struct {
    const char *code, *text;
} WHYS[] = {{"", ""},
            {"ended", "Your session has ended."},
            {"typed", "Your session has ended. What you had sent is kept for you: sign in to go on with it."}};
enum { WHY_TYPED = 2 };

static size_t why_of(const visit *v)
{
    const char *why = http_form_text(strcmp(v->request->method, "POST") == 0 ? &v->form : &v->query, "why");
    size_t at = sizeof WHYS / sizeof WHYS[0] - 1;
    while (at > 0 && strcmp(WHYS[at].code, why) != 0)
        at--;
    return at;
}

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
    page_token(v, &v->page);
    page_hidden(p, "why", WHYS[why_of(v)].code);
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
    if (why_of(v) > 0) {
        html(p, "<p class=\"govuk-inset-text\">");
        html_text(p, WHYS[why_of(v)].text);
        html(p, "</p>");
    }
    if (has_oidc(v)) {
        html(p, "<p class=\"govuk-body\"><a class=\"govuk-button\" role=\"button\" ");
        html_href(p, "/sign-in/oidc?why=", WHYS[why_of(v)].code);
        html(p, ">Sign in with your organisation's account</a></p><h2 class=\"govuk-heading-m\">Or with a password of this "
                "board</h2>");
    }
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

/* ---- signed in ---------------------------------------------------------------------------------------------------------------- */
static void sign_in(visit *v, const account *who, bool has_typed)
{
    uint8_t mark[HUB_SHORT_DIGEST_BYTES];
    if (session_begin(v->b->sessions, who->name, v->session, v->now_ms, v->cookie, &v->session) != HUB_OK) {
        visit_error(v, 503, "Busy", "As many people are signed in as this board serves.");
        return;
    }
    account_mark(who, mark);
    hub_status status = session_set_note(v->b->sessions, v->session, hub_bytes_of(mark, sizeof mark));
    HUB_ASSERT(status == HUB_OK);
    visit_land(v, has_typed);
}

/* ---- by password -------------------------------------------------------------------------------------------------------------- */
static void on_checked(void *context, const char *name)
{
    visit *v = context;
    if (!visit_again(v)) return;
    const account *who = name == NULL ? NULL : accounts_find(v->b->accounts, name);
    if (who == NULL) {
        show_form(v, 403, "This name and password do not fit together. Check both; after five tries you must wait.");
    } else {
        sign_in(v, who, why_of(v) == WHY_TYPED);
    }
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

/* ---- at the organisation's service -------------------------------------------------------------------------------------------- */
/* In the note of a visitor's session. */
typedef struct going {
    oidc_flow flow;
    bool has_typed; /* their ended session kept a form */
} going;

static void refuse_oidc(visit *v, hub_status status, const char *cause)
{
    char text[600];
    host_log(HOST_LOG_WARNING, "a sign-in at the organisation's service failed", "cause", cause, NULL);
    (void)snprintf(text, sizeof text, "You are not signed in: %s.", cause);
    show_form(v, status == HUB_ERR_REFUSED ? 403 : 503, text);
}

static void on_begun(void *context, hub_status status, const char *url, const oidc_flow *flow, const hub_error *err)
{
    visit *v = context;
    if (!visit_again(v)) return;
    if (status != HUB_OK) {
        refuse_oidc(v, status, err->text);
        return;
    }
    const going kept = {.flow = *flow, .has_typed = why_of(v) == WHY_TYPED};
    if (!have_visitor(v) ||
        session_set_note(v->b->sessions, v->session, hub_bytes_of((const uint8_t *)&kept, sizeof kept)) != HUB_OK) {
        visit_error(v, 503, "Busy", "Too many people are signing in at this moment. Try again.");
        return;
    }
    visit_leave(v, url);
}

/* Times in a token are compared with this machine's clock, as the service's own is: hub time may stand elsewhere. */
void page_oidc(visit *v)
{
    if (v->account[0] != '\0') {
        visit_go(v, "/");
        return;
    }
    hub_status status = has_oidc(v) ? oidc_begin(v->b->oidc, host_wall_ms(), on_begun, v) : HUB_ERR_NOT_FOUND;
    if (status == HUB_OK) return;
    if (status == HUB_ERR_NOT_FOUND) {
        visit_error(v, 404, "Page not found", "People sign in to this board by password only.");
    } else {
        refuse_oidc(v, status, "the board is busy; try again in a moment");
    }
}

static void on_finished(void *context, hub_status status, const token_claims *claims, const hub_error *err)
{
    visit *v = context;
    bool has_typed = ((const going *)v->work)->has_typed;
    if (!visit_again(v)) return;
    const account *who =
        status == HUB_OK ? accounts_find_subject(v->b->accounts, oidc_issuer(v->b->oidc), claims->subject) : NULL;
    if (status != HUB_OK) {
        refuse_oidc(v, status, err->text);
    } else if (who == NULL) {
        refuse_oidc(v, HUB_ERR_REFUSED,
                    "your organisation knows you, and this board has no account for you; ask whoever keeps its people.yaml");
    } else {
        sign_in(v, who, has_typed);
    }
}

void page_oidc_return(visit *v)
{
    const oidc_return back = {.code = http_form_text(&v->query, "code"),
                              .state = http_form_text(&v->query, "state"),
                              .issuer = http_form_text(&v->query, "iss"),
                              .error = http_form_text(&v->query, "error")};
    going kept = {0};
    if (v->account[0] != '\0' || !has_oidc(v)) {
        visit_go(v, "/");
        return;
    }
    hub_bytes note = v->session == NULL ? hub_bytes_of(NULL, 0) : session_note(v->session);
    if (note.size == sizeof kept) memcpy(&kept, note.data, sizeof kept);
    if (v->session != NULL)
        (void)session_set_note(v->b->sessions, v->session, hub_bytes_of(NULL, 0)); /* one return, whatever it says */
    v->work = hub_arena_copy(&v->arena, &kept, sizeof kept);
    hub_status status =
        v->work == NULL ? HUB_ERR_MEMORY : oidc_finish(v->b->oidc, &back, &kept.flow, host_wall_ms(), on_finished, v);
    if (status != HUB_OK) refuse_oidc(v, status, "the board is busy; begin again in a moment");
}

/* ---- staying, and out --------------------------------------------------------------------------------------------------------- */
void page_session(visit *v)
{
    html_page *p = &v->page;
    page_begin(v, "Stay signed in");
    html(p, "<h1 class=\"govuk-heading-l\">Stay signed in</h1><p class=\"govuk-body\">Opening any page of this board, or "
            "pressing this "
            "button, keeps you signed in for another ");
    html_number(p, v->b->config.idle_minutes);
    html(p, " minutes, until ");
    page_when(p, v->b->policy, session_longest_ms(v->b->sessions, v->session));
    html(p, " at the latest. Then you sign in again; what you typed is kept.</p><form method=\"post\" action=\"/session\">");
    page_token(v, &v->page);
    html(p, "<button class=\"govuk-button\">Stay signed in</button></form>");
    page_end(v);
    visit_answer(v, 200);
}

void page_session_post(visit *v)
{
    session_renew(v->b->sessions, v->session, v->now_ms, v->cookie);
    visit_go(v, "/session");
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
    page_token(v, &v->page);
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
