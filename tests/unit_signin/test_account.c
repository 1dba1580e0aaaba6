/* people.yaml: what is wrong is named with its place, and then nothing of the file counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/random.h"
#include "signin/account.h"
#include "signin/password.h"

static char hash[ACCOUNT_HASH_BYTES]; /* a good line of people.yaml */

static int setup(void **state)
{
    (void)state;
    host_random_start();
    return password_hash(hub_bytes_of_text("three random words"), hash, NULL) == HUB_OK ? 0 : -1;
}

/* `text` with each HASH in it made a good line. */
static accounts *read_text(const char *text, yaml_problems *problems)
{
    hub_buffer whole = {0};
    const char *at = text;
    for (const char *mark = strstr(at, "HASH"); mark != NULL; mark = strstr(at, "HASH")) {
        hub_buffer_put(&whole, at, (size_t)(mark - at));
        hub_buffer_put_text(&whole, hash);
        at = mark + strlen("HASH");
    }
    hub_buffer_put_text(&whole, at);
    accounts *list = accounts_read("people.yaml", hub_buffer_bytes(&whole), problems);
    hub_buffer_free(&whole);
    return list;
}

static void an_account_is_found_by_its_name_and_by_its_identity(void **state)
{
    (void)state;
    yaml_problems problems = {0};

    accounts *list = read_text("- {person: hc-3, password: \"HASH\"}\n"
                               "- person: hc-4\n  name: duty-desk\n  manager: yes\n"
                               "  oidc: {issuer: \"https://login.council.test\", subject: \"248289761001\"}\n"
                               "- {name: night-operator, operator: yes, password: \"HASH\"}\n",
                               &problems);

    assert_non_null(list);
    assert_int_equal(accounts_count(list), 3);
    const account *first = accounts_find(list, "hc-3");
    assert_string_equal(first->person, "hc-3");
    assert_string_equal(first->password_hash, hash);
    assert_false(first->is_operator || first->is_manager);
    const account *second = accounts_find_subject(list, "https://login.council.test", "248289761001");
    assert_ptr_equal(second, accounts_find(list, "duty-desk"));
    assert_string_equal(second->person, "hc-4");
    assert_true(second->is_manager);
    const account *third = accounts_find(list, "night-operator");
    assert_string_equal(third->person, "");
    assert_true(third->is_operator);
    accounts_close(list);
}

/* An address or an empty word must find nobody: an account without an identity has an empty issuer. */
static void nobody_is_found_by_what_is_not_theirs(void **state)
{
    (void)state;
    yaml_problems problems = {0};
    accounts *list = read_text("- {person: hc-3, password: \"HASH\"}\n"
                               "- {person: hc-4, oidc: {issuer: \"https://a.test\", subject: s}}\n",
                               &problems);
    assert_non_null(list);

    assert_null(accounts_find(list, ""));
    assert_null(accounts_find(list, "HC-3"));
    assert_null(accounts_find_subject(list, "", ""));
    assert_null(accounts_find_subject(list, "https://a.test", "S"));
    assert_null(accounts_find_subject(list, "https://b.test", "s"));
    accounts_close(list);
}

static const struct {
    const char *text, *complaint;
} MISTAKES[] = {
    {"person: hc-3\n", "people.yaml:1:1: expected a list of accounts ('- person: hc-3' ...)\n"},
    {"- hc-3\n", "people.yaml:1:3: expected keys and values ('person: ...')\n"},
    {"- {person: hc-3, oidcc: x}\n", "people.yaml:1:18: unknown key 'oidcc'; did you mean 'oidc'?\n"},
    {"- {person: HC 3, password: \"HASH\"}\n", "people.yaml:1:12: a person's id has a-z, 0-9 and '-' only\n"},
    {"- {person: hc-3, name: \"a@b\", password: \"HASH\"}\n", "people.yaml:1:24: a name has a-z, 0-9, '.', '_' and '-' only\n"},
    {"- {person: hc-3}\n", "people.yaml:1:3: no way to sign in: add 'password' (mash-board password) or 'oidc'\n"},
    {"- {person: hc-3, operator: 1, password: \"HASH\"}\n", "people.yaml:1:28: expected yes or no\n"},
    {"- {person: hc-3, password: secret}\n",
     "people.yaml:1:28: this is no line of 'mash-board password'; run it and put what it prints here, in quotes\n"},
    {"- {name: x, password: \"HASH\"}\n",
     "people.yaml:1:3: nobody: name the 'person' of the roster, or say 'operator: yes' or 'manager: yes'\n"},
    {"- {operator: yes, password: \"HASH\"}\n",
     "people.yaml:1:3: 'name' is missing here: without a person it is what is typed at sign-in\n"},
    {"- {person: hc-3, oidc: {issuer: \"https://a.test\"}}\n", "people.yaml:1:24: 'subject' is missing here\n"},
    {"- {person: hc-3, oidc: {issuer: a.test, subject: s}}\n",
     "people.yaml:1:33: an issuer is a URL ('https://...'), written as the sign-in service writes its own\n"},
    {"- {person: hc-3, oidc: {issuer: \"https://a.test\", subject: \"two words\"}}\n",
     "people.yaml:1:60: a subject is ASCII without spaces, as the sign-in service gives it\n"},
    {"- {person: hc-3, password: \"HASH\"}\n- {person: hc-3, name: b, password: \"HASH\"}\n",
     "people.yaml:2:3: person 'hc-3' has an account already; put password and oidc into one\n"},
    {"- {person: hc-3, password: \"HASH\"}\n- {person: hc-4, name: hc-3, password: \"HASH\"}\n",
     "people.yaml:2:3: the name 'hc-3' is taken by another account; names are typed, so each is one person's\n"},
    {"- {person: hc-3, oidc: {issuer: \"https://a.test\", subject: s}}\n"
     "- {person: hc-4, oidc: {issuer: \"https://a.test\", subject: s}}\n",
     "people.yaml:2:3: this issuer and subject stand at another account already; one identity is one person\n"},
};

static void each_mistake_is_named_with_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof MISTAKES / sizeof MISTAKES[0]; i++) {
        yaml_problems problems = {0};
        assert_null(read_text(MISTAKES[i].text, &problems));
        assert_string_equal(hub_buffer_text(&problems.text), MISTAKES[i].complaint);
        yaml_problems_free(&problems);
    }
}

/* A hash of other figures would tell by the time it takes that its account exists. */
static void a_hash_of_other_figures_is_not_taken(void **state)
{
    (void)state;
    assert_true(password_hash_is_ours(hash));
    assert_false(password_hash_is_ours("$argon2id$v=19$m=1048576,t=9,p=1$c29tZXNhbHRzb21lc2FsdA$"
                                       "c29tZWhhc2hzb21laGFzaHNvbWVoYXNoc29tZWhhc2g"));
    assert_false(password_hash_is_ours("$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$"
                                       "c29tZWhhc2hzb21laGFzaHNvbWVoYXNoc29tZWhhc2g"));
    assert_false(password_hash_is_ours("$argon2id$"));
}

static void a_file_that_others_may_read_is_refused(void **state)
{
    (void)state;
    char path[] = "/tmp/mash-people-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(dprintf(fd, "- {person: hc-3, password: \"%s\"}\n", hash) > 0, 1);
    yaml_problems problems = {0};

    accounts *list = accounts_read_file(path, &problems);
    assert_non_null(list);
    accounts_close(list);
    assert_int_equal(fchmod(fd, 0644), 0);
    assert_null(accounts_read_file(path, &problems));
    assert_non_null(strstr(hub_buffer_text(&problems.text), "chmod 600"));

    yaml_problems_free(&problems);
    close(fd);
    unlink(path);
    assert_null(accounts_read_file(path, &problems));
    assert_int_equal(problems.count, 1);
    yaml_problems_free(&problems);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_account_is_found_by_its_name_and_by_its_identity),
        cmocka_unit_test(nobody_is_found_by_what_is_not_theirs),
        cmocka_unit_test(each_mistake_is_named_with_its_place),
        cmocka_unit_test(a_hash_of_other_figures_is_not_taken),
        cmocka_unit_test(a_file_that_others_may_read_is_refused),
    };
    return cmocka_run_group_tests_name("account", tests, setup, NULL);
}
