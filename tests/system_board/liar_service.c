/* The lying sign-in service of tests/unit_signin as a program, for tests of a whole board: liar_service REDIRECT (percent-encoded)
 * Says "ISSUER"; then for each line that it reads, one line:
 *     truth                  "ok"
 *     lie WHAT VALUE         "ok": from now on, this one lie
 *     sign-in URL            "CODE STATE": what a browser brings back from URL when somebody has signed in there */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit_signin/liar.h"
#include "host/clock.h"
#include "host/random.h"

enum { LINE_BYTES_MAX = 8192 };

typedef struct service {
    liar l;
    uv_pipe_t input;
    char line[LINE_BYTES_MAX];
    size_t size;
    char value[LINE_BYTES_MAX]; /* the lie's own */
    forge_key *other;           /* signs, and is not listed */
} service;

static void lie(service *s, const char *what)
{
    liar_lies *lies = &s->l.lies;
    const struct {
        const char *name;
        const char **text;
    } TEXTS[] = {{"issuer", &lies->issuer}, {"audience", &lies->audience}, {"nonce", &lies->nonce}, {"header", &lies->header}};
    *lies = (liar_lies){0};
    for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
        if (strcmp(TEXTS[i].name, what) == 0) *TEXTS[i].text = s->value;
    }
    if (strcmp(what, "expires") == 0) lies->expires_s = strtoll(s->value, NULL, 10);
    if (strcmp(what, "key") == 0) lies->signing_key = s->other;
}

static void answer(service *s, char *line)
{
    char *rest = NULL, state[64];
    const char *word = strtok_r(line, " ", &rest);
    s->l.now_s = host_wall_ms() / 1000;
    if (strcmp(word, "sign-in") == 0) {
        const char *code = liar_sign_in(&s->l, rest, state);
        (void)printf("%s %s\n", code, state);
    } else {
        const char *what = strcmp(word, "lie") == 0 ? strtok_r(NULL, " ", &rest) : "";
        (void)snprintf(s->value, sizeof s->value, "%s", rest == NULL ? "" : rest);
        lie(s, what);
        (void)printf("ok\n");
    }
    (void)fflush(stdout);
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *out)
{
    service *s = handle->data;
    (void)suggested;
    *out = uv_buf_init(s->line + s->size, (unsigned)(sizeof s->line - s->size));
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf)
{
    service *s = stream->data;
    (void)buf;
    if (got < 0) {
        uv_stop(stream->loop);
        return;
    }
    s->size += (size_t)got;
    if (s->line[s->size - 1] != '\n') return;
    s->line[s->size - 1] = '\0';
    s->size = 0;
    answer(s, s->line);
}

int main(int argc, char **argv)
{
    static service s;
    uv_loop_t loop;
    host_random_start();
    HUB_ASSERT(argc == 2 && uv_loop_init(&loop) == 0 && uv_pipe_init(&loop, &s.input, 0) == 0);
    liar_open(&s.l, &loop, host_wall_ms() / 1000);
    s.l.redirect = argv[1];
    s.other = forge_make(FORGE_EC, "k1", NULL);
    s.input.data = &s;
    HUB_ASSERT(uv_pipe_open(&s.input, 0) == 0 && uv_read_start((uv_stream_t *)&s.input, on_room, on_read) == 0);
    (void)printf("%s\n", s.l.issuer);
    (void)fflush(stdout);
    (void)uv_run(&loop, UV_RUN_DEFAULT);
    return 0;
}
