/* A notice as a mail [RFC 5322]: ASCII, no line of it longer than 200 bytes, nothing in the header but shapes that were checked (G3). */
#include <inttypes.h>
#include <string.h>

#include "message.h"

/* "Tue, 07 Apr 2026 15:30:00 +0000" */
static void put_date(int64_t at_ms, hub_buffer *out)
{
    char utc[MESSAGE_TIME_TEXT];
    char civil[MESSAGE_TIME_TEXT];
    static const char *const MONTHS[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    message_utc(at_ms, utc);
    message_civil(at_ms / (24 * 3600 * 1000LL) * (24 * 3600 * 1000LL) + 12 * 3600 * 1000LL,
                  civil); /* noon is of one day everywhere here */
    unsigned month = (unsigned)((utc[5] - '0') * 10 + (utc[6] - '0'));
    hub_buffer_put_format(out, "Date: %.3s, %.2s %s %.4s %.8s +0000\r\n", civil, utc + 8, MONTHS[(month - 1) % 12], utc,
                          utc + 11);
}

static void put_header(const message_frame *frame, const message_mail *mail, const message_facts *facts,
                       const Mash__V1__Delivery *delivery, hub_buffer *out)
{
    char id[MESSAGE_ID_TEXT];
    const char *domain = strchr(mail->from, '@');
    message_id_text(&frame->id, id);
    hub_buffer_put_format(out, "From: %s\r\n", mail->from);
    hub_buffer_put_format(out, "To: %s", mail->to[0]);
    for (const char *const *to = mail->to + 1; *to != NULL; to++)
        hub_buffer_put_format(out, ",\r\n %s", *to);
    hub_buffer_put_text(out, "\r\n");
    put_date(frame->now_ms, out);
    hub_buffer_put_format(out, "Message-ID: <%s%s>\r\n", id, domain == NULL ? "@localhost" : domain);
    if (mail->reader == MESSAGE_SCHOOL) {
        hub_buffer_put_format(out, "Subject: %sOperation Encompass: a notice %s%swaits for you\r\n",
                              delivery->exercise ? "EXERCISE: " : "", facts->line, facts->line[0] != '\0' ? " " : "");
    } else {
        hub_buffer_put_format(out, "Subject: %sSafeguarding %s: %s\r\n", delivery->exercise ? "EXERCISE: " : "",
                              facts->line[0] != '\0' ? facts->line : "notice", message_rating(delivery));
    }
    hub_buffer_put_text(out,
                        "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n"
                        "Content-Transfer-Encoding: 7bit\r\n\r\n");
}

static void put_field(hub_buffer *out, const char *name, const char *value)
{
    if (value[0] != '\0') hub_buffer_put_format(out, "%-10s %s\r\n", name, value);
}

hub_status message_mail_text(const message_frame *frame, const message_mail *mail, const Mash__V1__Delivery *delivery,
                             hub_buffer *out)
{
    message_facts facts;
    char due[MESSAGE_TIME_TEXT] = "";
    hub_buffer link = {0};
    message_look(delivery, &facts);
    put_header(frame, mail, &facts, delivery, out);
    if (delivery->exercise) hub_buffer_put_text(out, "THIS IS AN EXERCISE.\r\n\r\n");
    hub_buffer_put_text(
        out, mail->reader == MESSAGE_SCHOOL
                 ? "A notice under Operation Encompass waits for your school. Please see it before school begins.\r\n\r\n"
                 : "Something waits for you in the safeguarding hub.\r\n\r\n");
    if (mail->due_ms != 0) message_civil(mail->due_ms, due);
    message_put_link(frame, &facts, &link);
    put_field(out, "Reference:", facts.line);
    if (mail->reader == MESSAGE_TEAM) put_field(out, "Rating:", message_rating(delivery));
    put_field(out, "State:", message_state(delivery));
    put_field(out, "Due:", due);
    put_field(out, "Look at:", hub_buffer_text(&link));
    put_field(out, "Telephone:", mail->telephone);
    hub_buffer_put_text(out, "\r\nThis mail holds nothing about anybody. Do not answer it.\r\n");
    bool failed = out->failed || link.failed;
    hub_buffer_free(&link);
    return failed ? HUB_ERR_MEMORY : HUB_OK;
}
