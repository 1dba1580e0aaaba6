/* What outbound delivery reads of others: deliveries, out of which a mail's header is made, and a directory of schools. */
#include <string.h>

#include "outbound/message.h"
#include "outbound/schools.h"
#include "targets.h"

enum { MAIL_LINE_MAX = 200 };

/* G3: a header of our own lines, and ASCII in lines of a mail. */
static void check_mail(hub_bytes mail)
{
    static const char *const HEADERS[] = {"From: ",         "To: ",           "Date: ",
                                          "Message-ID: ",   "Subject: ",      "Auto-Submitted: ",
                                          "MIME-Version: ", "Content-Type: ", "Content-Transfer-Encoding: "};
    size_t header = 0;
    for (const char *at = (const char *)mail.data, *end = at + mail.size; at < end;) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        HUB_ASSERT(line_end != NULL && line_end > at && line_end[-1] == '\r');
        HUB_ASSERT(line_end - at <= MAIL_LINE_MAX);
        for (const char *c = at; c < line_end - 1; c++)
            HUB_ASSERT(*c >= ' ' && *c <= '~');
        bool is_header = header < sizeof HEADERS / sizeof HEADERS[0];
        HUB_ASSERT(!is_header || strncmp(at, HEADERS[header], strlen(HEADERS[header])) == 0);
        header += is_header;
        at = line_end + 1;
    }
}

static void check_text(hub_bytes text)
{
    HUB_ASSERT(text.size > 2 && text.data[0] == '{' && text.data[text.size - 1] == '}');
    for (size_t i = 0; i < text.size; i++)
        HUB_ASSERT(text.data[i] >= ' ');
}

void fuzz_delivery(const uint8_t *data, size_t size)
{
    static const char *const TO[] = {"duty@example.test", NULL};
    hub_arena arena;
    hub_buffer out = {0};
    hub_error err = {{0}};
    hub_id id;
    Mash__V1__Delivery *delivery = NULL;
    HUB_ASSERT(hub_arena_open(&arena, 65536, 1 << 21) == HUB_OK);
    if (message_unpack(hub_bytes_of(data, size), &arena, &delivery, &err) == HUB_OK) {
        message_facts facts;
        message_look(delivery, &facts);
        message_id(delivery, 0, &id);
        message_frame frame = {.id = id, .now_ms = 1775563200000, .board = "https://board.example.test", .who = "team"};
        message_mail mail = {.from = "hub@example.test", .to = TO, .due_ms = facts.due_ms, .telephone = "01632 960001"};
        for (mail.reader = MESSAGE_TEAM; mail.reader <= MESSAGE_SCHOOL; mail.reader++) {
            hub_buffer_clear(&out);
            HUB_ASSERT(message_mail_text(&frame, &mail, delivery, &out) == HUB_OK);
            check_mail(hub_buffer_bytes(&out));
        }
        hub_buffer_clear(&out);
        HUB_ASSERT(message_notice_json(&frame, delivery, &out) == HUB_OK);
        check_text(hub_buffer_bytes(&out));
        message_bring_up_to_date(delivery, delivery);
        hub_buffer_clear(&out);
        if (message_json(&frame, delivery, &out) == HUB_OK) check_text(hub_buffer_bytes(&out));
    }
    hub_buffer_free(&out);
    hub_arena_close(&arena);
}

void fuzz_schools(const uint8_t *data, size_t size)
{
    schools *list = NULL;
    schools_contact contact;
    hub_error err = {{0}};
    hub_status status = schools_of(hub_bytes_of(data, size), &list, &err);
    HUB_ASSERT((status == HUB_OK) == (list != NULL) && (list != NULL || err.text[0] != '\0'));
    if (schools_find(list, "116123", 20400, &contact) == SCHOOLS_FOUND) {
        HUB_ASSERT(contact.count >= 1);
        for (unsigned i = 0; i < contact.count; i++)
            HUB_ASSERT(outbound_is_address(contact.to[i]));
    }
    schools_free(list);
}
