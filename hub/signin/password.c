#include "password.h"

#include <arpa/inet.h>
#include <assert.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "host/random.h"
#include "throttle.h"
#include "work_line.h"

static_assert(ACCOUNT_HASH_BYTES == crypto_pwhash_STRBYTES, "a hash fits its field");

/* OWASP's and RFC 9106's least is below this; 64 MiB keeps a board under its 200 MB while one is reckoned. */
static const unsigned long long HASH_OPERATIONS = crypto_pwhash_OPSLIMIT_INTERACTIVE;
static const size_t HASH_MEMORY = crypto_pwhash_MEMLIMIT_INTERACTIVE;

struct password_checker {
    work_line *line;
    throttle *of_name, *of_address;
    char nobody[ACCOUNT_HASH_BYTES]; /* the hash of random bytes: for names that have none (W1) */
};

typedef struct check {
    work job; /* first */
    password_checker *checker;
    password_checked_cb *done;
    void *context;
    bool has_account;
    bool is_right;                  /* the thread's answer */
    char name[ACCOUNT_NAME_BYTES];  /* folded; "" = longer than any */
    char address[INET6_ADDRSTRLEN]; /* as the throttle knows it */
    char hash[ACCOUNT_HASH_BYTES];
    size_t size;
    char password[PASSWORD_BYTES_MAX];
} check;

static bool make_hash(const char *password, size_t size, char out[ACCOUNT_HASH_BYTES])
{
    return crypto_pwhash_str_alg(out, password, size, HASH_OPERATIONS, HASH_MEMORY, crypto_pwhash_ALG_ARGON2ID13) == 0;
}

hub_status password_hash(hub_bytes password, char out[ACCOUNT_HASH_BYTES], hub_error *err)
{
    if (password.size < PASSWORD_BYTES_LEAST)
        return hub_fail(err, HUB_ERR_INVALID, "too short: at least %d characters; three random words are good",
                        PASSWORD_BYTES_LEAST);
    if (password.size > PASSWORD_BYTES_MAX)
        return hub_fail(err, HUB_ERR_INVALID, "too long: at most %d bytes", PASSWORD_BYTES_MAX);
    const char *text = (const char *)password.data;
    if (!hub_is_clean_text(text, password.size)) return hub_fail(err, HUB_ERR_INVALID, "not UTF-8 text, or it holds a NUL");
    if (make_hash(text, password.size, out)) return HUB_OK;
    return hub_fail(err, HUB_ERR_MEMORY, "a password needs %zu MiB for a moment, and they are not there", HASH_MEMORY >> 20);
}

bool password_hash_is_ours(const char *text)
{
    if (strncmp(text, crypto_pwhash_STRPREFIX, strlen(crypto_pwhash_STRPREFIX)) != 0) return false;
    return crypto_pwhash_str_needs_rehash(text, HASH_OPERATIONS, HASH_MEMORY) == 0;
}

static void free_checker(void *context)
{
    password_checker *checker = context;
    throttle_close(checker->of_name);
    throttle_close(checker->of_address);
    free(checker);
}

hub_status password_checker_open(uv_loop_t *loop, password_checker **out)
{
    HUB_ASSERT(loop != NULL && out != NULL);
    *out = NULL;
    password_checker *checker = calloc(1, sizeof *checker);
    if (checker == NULL) return HUB_ERR_MEMORY;
    char secret[32];
    host_random_fill(secret, sizeof secret);
    bool good = make_hash(secret, sizeof secret, checker->nobody) &&
                throttle_open(PASSWORD_TRIES, PASSWORD_TRY_EACH_MS, &checker->of_name) == HUB_OK &&
                throttle_open(PASSWORD_TRIES, PASSWORD_TRY_EACH_MS, &checker->of_address) == HUB_OK &&
                work_line_open(loop, 1, PASSWORD_CHECKS_MAX, &checker->line) == HUB_OK;
    sodium_memzero(secret, sizeof secret);
    if (!good) {
        free_checker(checker);
        return HUB_ERR_MEMORY;
    }
    *out = checker;
    return HUB_OK;
}

void password_checker_close(password_checker *checker)
{
    if (checker != NULL) work_line_close(checker->line, free_checker, checker);
}

static void check_on_thread(work *job)
{
    check *c = (check *)job;
    bool matches = crypto_pwhash_str_verify(c->hash, c->password, c->size) == 0;
    sodium_memzero(c->password, sizeof c->password);
    c->is_right = matches && c->has_account;
}

static void check_done(work *job)
{
    check *c = (check *)job;
    if (!c->job.is_dropped) {
        if (c->is_right) {
            throttle_give_back(c->checker->of_name, hub_bytes_of_text(c->name));
            throttle_give_back(c->checker->of_address, hub_bytes_of_text(c->address));
        }
        c->done(c->context, c->is_right ? c->name : NULL);
    }
    sodium_memzero(c, sizeof *c);
    free(c);
}

static void fold_name(const char *typed, char out[ACCOUNT_NAME_BYTES])
{
    size_t size = strlen(typed);
    out[0] = '\0';
    if (size >= ACCOUNT_NAME_BYTES) return; /* nobody's */
    for (size_t i = 0; i <= size; i++)
        out[i] = typed[i] >= 'A' && typed[i] <= 'Z' ? (char)(typed[i] - 'A' + 'a') : typed[i];
}

/* An IPv6 host owns its /64: it could try from as many addresses as it likes. */
static void fold_address(const char *address, char out[INET6_ADDRSTRLEN])
{
    uint8_t bytes[16];
    if (inet_pton(AF_INET6, address, bytes) == 1) {
        static const uint8_t MAPPED[12] = {[10] = 0xff, [11] = 0xff};
        if (memcmp(bytes, MAPPED, sizeof MAPPED) == 0) {
            HUB_ASSERT(inet_ntop(AF_INET, bytes + 12, out, INET6_ADDRSTRLEN) != NULL);
            return;
        }
        memset(bytes + 8, 0, 8);
        HUB_ASSERT(inet_ntop(AF_INET6, bytes, out, INET6_ADDRSTRLEN) != NULL);
        return;
    }
    (void)hub_format(out, INET6_ADDRSTRLEN, "%s", address);
}

static int64_t throttled_ms(check *c, int64_t now_ms)
{
    hub_bytes name = hub_bytes_of_text(c->name), address = hub_bytes_of_text(c->address);
    int64_t wait_ms = throttle_take(c->checker->of_address, address, now_ms);
    if (wait_ms > 0) return wait_ms;
    wait_ms = throttle_take(c->checker->of_name, name, now_ms);
    return wait_ms;
}

hub_status password_check(password_checker *checker, const accounts *list, const char *name, hub_bytes password,
                          const char *address, int64_t now_ms, password_checked_cb *done, void *context, int64_t *wait_ms)
{
    HUB_ASSERT(checker != NULL && list != NULL && done != NULL);
    HUB_ASSERT(name != NULL && address != NULL && wait_ms != NULL);
    *wait_ms = 0;
    check *c = calloc(1, sizeof *c);
    if (c == NULL) return HUB_ERR_MEMORY;
    c->job.run = check_on_thread;
    c->job.done = check_done;
    c->checker = checker;
    c->done = done;
    c->context = context;
    fold_name(name, c->name);
    fold_address(address, c->address);
    *wait_ms = throttled_ms(c, now_ms);
    if (*wait_ms > 0) {
        free(c);
        return HUB_ERR_AGAIN;
    }
    const account *found = accounts_find(list, c->name);
    bool has_password = found != NULL && found->password_hash[0] != '\0';
    c->has_account = has_password && password.size <= PASSWORD_BYTES_MAX;
    memcpy(c->hash, has_password ? found->password_hash : checker->nobody, sizeof c->hash);
    c->size = password.size <= PASSWORD_BYTES_MAX ? password.size : PASSWORD_BYTES_MAX;
    if (c->size > 0) memcpy(c->password, password.data, c->size);
    if (work_line_put(checker->line, &c->job)) return HUB_OK;
    throttle_give_back(checker->of_name, hub_bytes_of_text(c->name));
    throttle_give_back(checker->of_address, hub_bytes_of_text(c->address));
    sodium_memzero(c, sizeof *c);
    free(c);
    return HUB_ERR_FULL;
}
