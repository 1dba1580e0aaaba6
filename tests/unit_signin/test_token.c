/* ID tokens: what a sign-in service says is believed only when every one of its statements fits the question. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "forge.h"
#include "signin/token.h"

#define NOW_S 1770000000
#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)
/* The claims of a good answer; each bad one below differs in one place. */
#define ISS "\"iss\":\"https://login.council.test\""
#define AUD "\"aud\":\"board\""
#define EXP "\"exp\":1770000300"
#define IAT "\"iat\":1769999990"
#define NONCE "\"nonce\":\"n-0S6\""
#define SUB "\"sub\":\"248289761001\""
#define CLAIMS(a, b, c, d, e, f) "{" a "," b "," c "," d "," e "," f "}"
#define GOOD CLAIMS(ISS, AUD, EXP, IAT, NONCE, SUB)
#define RS256 "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":\"JWT\"}"

static forge_key *rsa, *ec, *ed, *stranger, *weak, *ec_384, *hmac;
static hub_buffer keys, token;

static int setup(void **state)
{
    (void)state;
    rsa = forge_make(FORGE_RSA, "rsa", NULL);
    ec = forge_make(FORGE_EC, "ec", NULL);
    ed = forge_make(FORGE_ED, "ed", NULL);
    stranger = forge_make(FORGE_RSA, "rsa", NULL);
    weak = forge_make(FORGE_WEAK_RSA, "weak", NULL);
    ec_384 = forge_make(FORGE_EC_384, "ec384", NULL);
    hmac = forge_make(FORGE_HMAC_OF_RSA, NULL, rsa);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    forge_key *all[] = {rsa, ec, ed, stranger, weak, ec_384, hmac};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        forge_free(all[i]);
    hub_buffer_free(&keys);
    hub_buffer_free(&token);
    return 0;
}

static const token_expect EXPECT = {.issuer = "https://login.council.test",
                                    .client_id = "board",
                                    .nonce = "n-0S6",
                                    .now_ms = INT64_C(1000) * NOW_S,
                                    .leeway_ms = 60 * 1000};

static token_verdict check(token_claims *claims)
{
    return token_check(hub_buffer_bytes(&keys), hub_buffer_bytes(&token), &EXPECT, claims);
}

static void given_keys(const char *extra, const forge_key *first, const forge_key *second)
{
    hub_buffer_clear(&keys);
    forge_key_list(&keys, extra, first, second, NULL);
}

static void given_token(const forge_key *key, const char *header, const char *claims)
{
    hub_buffer_clear(&token);
    forge_token(&token, key, header, claims);
}

static void then_refused(token_verdict expected)
{
    token_claims claims = {.subject = "someone", .name = "Someone"};
    assert_string_equal(token_verdict_text(check(&claims)), token_verdict_text(expected));
    assert_string_equal(claims.subject, "");
    assert_string_equal(claims.name, "");
}

static void then_taken(void)
{
    token_claims claims;
    assert_string_equal(token_verdict_text(check(&claims)), token_verdict_text(TOKEN_GOOD));
    assert_string_equal(claims.subject, "248289761001");
}

static void each_listed_algorithm_is_taken_with_its_own_key(void **state)
{
    (void)state;
    given_keys("{\"use\":\"sig\"}", rsa, ec);
    given_token(rsa, RS256, GOOD);
    then_taken();
    given_token(rsa, "{\"alg\":\"PS256\",\"kid\":\"rsa\"}", GOOD);
    then_taken();
    given_token(ec, "{\"alg\":\"ES256\",\"kid\":\"ec\"}", GOOD);
    then_taken();
    given_keys("{}", ed, NULL);
    given_token(ed, "{\"alg\":\"EdDSA\",\"kid\":\"ed\"}", GOOD);
    then_taken();
}

/* The name is for display only: without one, or with one that cannot be shown, a person signs in all the same. */
static void a_name_is_given_when_it_can_be_shown(void **state)
{
    (void)state;
    token_claims claims;
    given_keys("{}", rsa, NULL);

    given_token(rsa, RS256, CLAIMS(ISS, AUD, EXP, IAT, NONCE, SUB ",\"name\":\"Sam Okonjo\""));
    assert_int_equal(check(&claims), TOKEN_GOOD);
    assert_string_equal(claims.name, "Sam Okonjo");

    given_token(rsa, RS256, CLAIMS(ISS, AUD, EXP, IAT, NONCE, SUB ",\"name\":\"two\\nlines\""));
    assert_int_equal(check(&claims), TOKEN_GOOD);
    assert_string_equal(claims.name, "");
}

typedef struct bad_claims {
    const char *claims;
    token_verdict verdict;
} bad_claims;

static const bad_claims BAD_CLAIMS[] = {
    {CLAIMS("\"iss\":\"https://login.other.test\"", AUD, EXP, IAT, NONCE, SUB), TOKEN_ISSUER},
    {CLAIMS("\"iss\":\"https://login.council.test/\"", AUD, EXP, IAT, NONCE, SUB), TOKEN_ISSUER},
    {CLAIMS("\"x\":0", AUD, EXP, IAT, NONCE, SUB), TOKEN_ISSUER},
    {CLAIMS(ISS, "\"aud\":\"other\"", EXP, IAT, NONCE, SUB), TOKEN_AUDIENCE},
    {CLAIMS(ISS, "\"aud\":[]", EXP, IAT, NONCE, SUB), TOKEN_AUDIENCE},
    {CLAIMS(ISS, "\"aud\":{\"board\":\"board\"}", EXP, IAT, NONCE, SUB), TOKEN_AUDIENCE},
    {CLAIMS(ISS, "\"x\":0", EXP, IAT, NONCE, SUB), TOKEN_AUDIENCE},
    {CLAIMS(ISS, "\"aud\":[\"board\",\"other\"]", EXP, IAT, NONCE, SUB), TOKEN_PARTY},
    {CLAIMS(ISS, AUD ",\"azp\":\"other\"", EXP, IAT, NONCE, SUB), TOKEN_PARTY},
    {CLAIMS(ISS, AUD ",\"azp\":7", EXP, IAT, NONCE, SUB), TOKEN_PARTY},
    {CLAIMS(ISS, AUD, "\"exp\":1769999940", IAT, NONCE, SUB), TOKEN_EXPIRED},
    {CLAIMS(ISS, AUD, "\"exp\":\"1770000300\"", IAT, NONCE, SUB), TOKEN_EXPIRED},
    {CLAIMS(ISS, AUD, "\"exp\":1e300", IAT, NONCE, SUB), TOKEN_EXPIRED},
    {CLAIMS(ISS, AUD, "\"x\":0", IAT, NONCE, SUB), TOKEN_EXPIRED},
    {CLAIMS(ISS, AUD, EXP, "\"iat\":1770000061", NONCE, SUB), TOKEN_ISSUED},
    {CLAIMS(ISS, AUD, EXP, "\"iat\":1769999339", NONCE, SUB), TOKEN_ISSUED},
    {CLAIMS(ISS, AUD, EXP, "\"x\":0", NONCE, SUB), TOKEN_ISSUED},
    {CLAIMS(ISS, AUD, EXP, IAT ",\"nbf\":1770000061", NONCE, SUB), TOKEN_NOT_BEFORE},
    {CLAIMS(ISS, AUD, EXP, IAT ",\"nbf\":null", NONCE, SUB), TOKEN_NOT_BEFORE},
    {CLAIMS(ISS, AUD, EXP, IAT, "\"nonce\":\"n-0S7\"", SUB), TOKEN_NONCE},
    {CLAIMS(ISS, AUD, EXP, IAT, "\"nonce\":\"\"", SUB), TOKEN_NONCE},
    {CLAIMS(ISS, AUD, EXP, IAT, "\"x\":0", SUB), TOKEN_NONCE},
    {CLAIMS(ISS, AUD, EXP, IAT, NONCE, "\"sub\":\"\""), TOKEN_SUBJECT},
    {CLAIMS(ISS, AUD, EXP, IAT, NONCE, "\"sub\":\"a b\""), TOKEN_SUBJECT},
    {CLAIMS(ISS, AUD, EXP, IAT, NONCE, "\"sub\":248289761001"), TOKEN_SUBJECT},
    {CLAIMS(ISS, AUD, EXP, IAT, NONCE, "\"x\":0"), TOKEN_SUBJECT},
    {CLAIMS(ISS, AUD, EXP, IAT, NONCE, SUB ",\"sub\":\"1\""), TOKEN_SHAPE}, /* a claim twice: which one is meant? */
    {CLAIMS(ISS, AUD, EXP, IAT, NONCE, SUB ",\"x\":\"\\u0000\""), TOKEN_SHAPE},
    {"[]", TOKEN_SHAPE},
    {"\xff", TOKEN_SHAPE},
};

static void each_wrong_claim_is_refused_for_its_own_reason(void **state)
{
    (void)state;
    given_keys("{}", rsa, ec);
    for (size_t i = 0; i < sizeof BAD_CLAIMS / sizeof BAD_CLAIMS[0]; i++) {
        given_token(rsa, RS256, BAD_CLAIMS[i].claims);
        then_refused(BAD_CLAIMS[i].verdict);
    }
}

/* The limits themselves: a minute's leeway, ten minutes' age, a second audience when the token says that it was issued to us. */
static void claims_at_their_limits_are_taken(void **state)
{
    (void)state;
    given_keys("{}", rsa, ec);
    given_token(rsa, RS256,
                CLAIMS(ISS, "\"aud\":[\"other\",\"board\"],\"azp\":\"board\"", "\"exp\":1769999941", IAT, NONCE, SUB));
    then_taken();
    given_token(rsa, RS256, CLAIMS(ISS, AUD, EXP, "\"iat\":1770000060,\"nbf\":1770000060.0", NONCE, SUB));
    then_taken();
    given_token(rsa, RS256, CLAIMS(ISS, AUD, EXP, "\"iat\":1769999340", NONCE, SUB));
    then_taken();
}

/* A public key is no secret: signed by HMAC with it, anybody could make a token. `none` needs not even that. */
static void algorithms_outside_the_list_are_refused_before_a_key_is_looked_at(void **state)
{
    (void)state;
    hub_buffer_clear(&keys); /* no key list at all: the algorithm is judged first */

    given_token(hmac, "{\"alg\":\"HS256\",\"kid\":\"rsa\"}", GOOD);
    then_refused(TOKEN_ALGORITHM);
    given_token(rsa, "{\"alg\":\"none\"}", GOOD);
    then_refused(TOKEN_ALGORITHM);
    given_token(rsa, "{\"alg\":\"RS512\",\"kid\":\"rsa\"}", GOOD);
    then_refused(TOKEN_ALGORITHM);
    given_token(ec_384, "{\"alg\":\"ES384\",\"kid\":\"ec384\"}", GOOD);
    then_refused(TOKEN_ALGORITHM);
}

static void headers_that_ask_for_more_are_refused(void **state)
{
    (void)state;
    given_keys("{}", rsa, NULL);

    given_token(rsa, "{\"alg\":\"RS256\",\"crit\":[\"x\"],\"x\":1}", GOOD);
    then_refused(TOKEN_HEADER);
    given_token(rsa, "{\"alg\":\"RS256\",\"zip\":\"DEF\"}", GOOD);
    then_refused(TOKEN_HEADER);
    given_token(rsa, "{\"alg\":\"RS256\",\"typ\":\"at+jwt\"}", GOOD);
    then_refused(TOKEN_HEADER);
    given_token(rsa, "{\"alg\":\"RS256\",\"kid\":7}", GOOD);
    then_refused(TOKEN_SHAPE);
}

static void the_key_must_be_the_one_that_is_meant(void **state)
{
    (void)state;
    given_keys("{}", rsa, ec);
    given_token(rsa, "{\"alg\":\"RS256\",\"kid\":\"rotated\"}", GOOD);
    then_refused(TOKEN_KEY_UNKNOWN);
    given_token(ec, "{\"alg\":\"ES256\",\"kid\":\"rsa\"}", GOOD); /* the listed key is of another kind */
    then_refused(TOKEN_KEY_UNFIT);
    given_token(stranger, RS256, GOOD);
    then_refused(TOKEN_SIGNATURE);

    given_keys("{}", rsa, stranger); /* two of one name */
    given_token(rsa, RS256, GOOD);
    then_refused(TOKEN_KEY_AMBIGUOUS);
    given_token(rsa, "{\"alg\":\"RS256\"}", GOOD); /* none named, and two suit */
    then_refused(TOKEN_KEY_AMBIGUOUS);
    given_keys("{}", rsa, ec);
    given_token(rsa, "{\"alg\":\"RS256\"}", GOOD); /* none named, and one suits */
    then_taken();
}

static void a_key_for_something_else_is_not_used(void **state)
{
    (void)state;
    given_token(rsa, RS256, GOOD);
    given_keys("{\"use\":\"enc\"}", rsa, NULL);
    then_refused(TOKEN_KEY_UNFIT);
    given_keys("{\"alg\":\"PS256\"}", rsa, NULL);
    then_refused(TOKEN_KEY_UNFIT);
    given_keys("{\"key_ops\":[\"encrypt\"]}", rsa, NULL);
    then_refused(TOKEN_KEY_UNFIT);
    given_keys("{\"e\":\"AQ\"}", rsa, NULL);
    then_refused(TOKEN_KEY_UNFIT);
    given_keys("{}", weak, NULL);
    given_token(weak, "{\"alg\":\"RS256\",\"kid\":\"weak\"}", GOOD);
    then_refused(TOKEN_KEY_UNFIT);
    given_keys("{\"crv\":\"P-256\"}", ec_384, NULL);
    given_token(ec, "{\"alg\":\"ES256\",\"kid\":\"ec384\"}", GOOD);
    then_refused(TOKEN_KEY_UNFIT);
}

/* One key in 128 has a number that begins with a zero byte. RFC 7518 wants it written; services leave it out, or write one too many. */
static void leading_zeros_of_a_key_do_not_matter(void **state)
{
    (void)state;
    forge_key *cut = forge_of_text("{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"DVH1BK45xJCPC2NW9wuIr6QujN4K25fW8kIkWKL7YA\","
                                   "\"y\":\"YS5N3q5GDd5S4zh8Y-O5jyiIXyblW84xaZ5dBLZgimQ\","
                                   "\"d\":\"PAxRFVIEFYNlHzg1VXDJh11GJceOOCQ0T-p1MYQ8WJg\"}",
                                   "cut");
    given_token(cut, "{\"alg\":\"ES256\",\"kid\":\"cut\"}", GOOD);

    given_keys("{}", cut, NULL);
    then_taken();
    given_keys("{\"x\":\"AA1R9QSuOcSQjwtjVvcLiK-kLozeCtuX1vJCJFii-2A\"}", cut, NULL);
    then_taken();
    given_keys("{\"x\":\"AAANUfUErjnEkI8LY1b3C4ivpC6M3grbl9byQiRYovtg\"}", cut, NULL);
    then_taken();
    given_keys("{\"x\":\"\"}", cut, NULL);
    then_refused(TOKEN_KEY_UNFIT);

    given_token(rsa, RS256, GOOD);
    given_keys("{\"e\":\"AAAB\"}", rsa, NULL); /* one, however it is written */
    then_refused(TOKEN_KEY_UNFIT);
    forge_free(cut);
}

/* A port that takes connections and that nobody should connect to. */
static int open_bait(unsigned *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(fd, 4), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &size), 0);
    *port = ntohs(at.sin_port);
    return fd;
}

/* Whoever brings their own key along has signed nothing, and makes nobody ask for it. */
static void a_key_in_or_named_by_the_header_is_never_used(void **state)
{
    (void)state;
    hub_buffer list = {0}, header = {0};
    forge_key_list(&list, "{}", stranger, NULL);
    const char *own = strstr(hub_buffer_text(&list), "[{");
    assert_non_null(own);
    unsigned port = 0;
    int bait = open_bait(&port);
    hub_buffer_put_format(&header, "{\"alg\":\"RS256\",\"kid\":\"rsa\",\"jku\":\"https://127.0.0.1:%u/\",\"jwk\":%.*s}", port,
                          (int)(strlen(own) - strlen("[]}")), own + 1);

    given_keys("{}", rsa, NULL);
    given_token(stranger, hub_buffer_text(&header), GOOD);
    then_refused(TOKEN_SIGNATURE);

    assert_int_equal(accept(bait, NULL, NULL), -1); /* nobody came */
    assert_int_equal(close(bait), 0);
    hub_buffer_free(&list);
    hub_buffer_free(&header);
}

/* A listed key that only says where it could be had would be fetched by the library, if it saw it. */
static void a_listed_key_without_numbers_is_not_fetched(void **state)
{
    (void)state;
    hub_buffer_clear(&keys);
    hub_buffer_put_text(&keys, "{\"keys\":[{\"kty\":\"RSA\",\"kid\":\"rsa\",\"x5u\":\"https://127.0.0.1:1/cert\"}]}");
    given_token(rsa, RS256, GOOD);
    then_refused(TOKEN_KEY_UNFIT);
}

static void when_token_is(const char *text)
{
    hub_buffer_clear(&token);
    hub_buffer_put_text(&token, text);
}

static void what_is_no_token_is_refused(void **state)
{
    (void)state;
    given_keys("{}", rsa, NULL);
    static const char *const GARBAGE[] = {"",          ".",           "..", "a.b", "a.b.c.d", "e30.e30.e30=", "e30.e31.e30",
                                          "!.e30.e30", "e30 .e30.e30"};
    for (size_t i = 0; i < sizeof GARBAGE / sizeof GARBAGE[0]; i++) {
        when_token_is(GARBAGE[i]);
        then_refused(TOKEN_SHAPE);
    }
    when_token_is("e30.e30.e30"); /* {} */
    then_refused(TOKEN_ALGORITHM);
    given_token(rsa, RS256, GOOD);
    token.data[token.size - 20] = 0;
    then_refused(TOKEN_SHAPE);
}

static void a_changed_byte_anywhere_is_noticed(void **state)
{
    (void)state;
    given_keys("{}", rsa, NULL);
    given_token(rsa, RS256, GOOD);
    size_t payload = strcspn(hub_buffer_text(&token), ".") + 1;
    token.data[payload + 30] ^= 1;
    then_refused(TOKEN_SIGNATURE);
    given_token(rsa, RS256, GOOD);
    token.data[token.size - 30] = token.data[token.size - 30] == 'A' ? 'B' : 'A';
    then_refused(TOKEN_SIGNATURE);
}

static void what_is_too_large_is_not_read(void **state)
{
    (void)state;
    given_keys("{}", rsa, NULL);
    given_token(rsa, RS256, GOOD);
    size_t before = keys.size;
    assert_non_null(memset(hub_buffer_extend(&keys, TOKEN_KEYS_BYTES_MAX), ' ', TOKEN_KEYS_BYTES_MAX));
    then_refused(TOKEN_TOO_LARGE);
    keys.size = before;
    then_taken();
    assert_non_null(memset(hub_buffer_extend(&token, TOKEN_BYTES_MAX), 'A', TOKEN_BYTES_MAX));
    then_refused(TOKEN_TOO_LARGE);
}

static void a_key_list_that_is_none_is_said_to_be_so(void **state)
{
    (void)state;
    given_token(rsa, RS256, GOOD);
    static const char *const LISTS[] = {"", "{}", "[]", "{\"keys\":7}", "{\"keys\":[],\"keys\":[]}"};
    for (size_t i = 0; i < sizeof LISTS / sizeof LISTS[0]; i++) {
        hub_buffer_clear(&keys);
        hub_buffer_put_text(&keys, LISTS[i]);
        then_refused(TOKEN_KEYS);
    }
    hub_buffer_clear(&keys);
    hub_buffer_put_text(&keys, "{\"keys\":[7,null,{}]}");
    then_refused(TOKEN_KEY_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_listed_algorithm_is_taken_with_its_own_key),
        cmocka_unit_test(a_name_is_given_when_it_can_be_shown),
        cmocka_unit_test(each_wrong_claim_is_refused_for_its_own_reason),
        cmocka_unit_test(claims_at_their_limits_are_taken),
        cmocka_unit_test(algorithms_outside_the_list_are_refused_before_a_key_is_looked_at),
        cmocka_unit_test(headers_that_ask_for_more_are_refused),
        cmocka_unit_test(the_key_must_be_the_one_that_is_meant),
        cmocka_unit_test(a_key_for_something_else_is_not_used),
        cmocka_unit_test(leading_zeros_of_a_key_do_not_matter),
        cmocka_unit_test(a_key_in_or_named_by_the_header_is_never_used),
        cmocka_unit_test(a_listed_key_without_numbers_is_not_fetched),
        cmocka_unit_test(what_is_no_token_is_refused),
        cmocka_unit_test(a_changed_byte_anywhere_is_noticed),
        cmocka_unit_test(what_is_too_large_is_not_read),
        cmocka_unit_test(a_key_list_that_is_none_is_said_to_be_so),
    };
    return cmocka_run_group_tests_name("token", tests, setup, teardown);
}
