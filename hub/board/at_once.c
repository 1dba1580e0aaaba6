#include "at_once.h"

#include <stdio.h>

#include "base/id.h"
#include "host/random.h"

void at_once_put(visit *v, const act_form *form, const char *item, const char *alert, uint32_t version)
{
    html_page *p = &v->page;
    char path[192], command[HUB_ID_TEXT_BYTES], number[16];
    hub_id id = host_random_id();
    hub_id_text(&id, command);
    (void)snprintf(path, sizeof path, "/act/%s/%s/send", item, form->code);
    html(p, "<form method=\"post\" action=\"");
    html_attribute(p, path);
    html(p, "\">");
    page_token(v, &v->page);
    (void)snprintf(number, sizeof number, "%u", version);
    page_hidden(p, "command_id", command);
    page_hidden(p, "version", number);
    page_hidden(p, "alert", alert);
    for (size_t i = 0; i < ACT_FIELDS_MAX && form->fields[i].name != NULL; i++)
        page_hidden(p, form->fields[i].name, "yes");
    html(p, "<button class=\"govuk-button\">");
    html_text(p, form->title);
    html(p, "</button></form>");
}
