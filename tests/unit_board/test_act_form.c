/* The table of forms against the contract: no act without a form, no field that the contract does not have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "board/act_form.h"

static const char *contract_name(const char *code, char out[64])
{
    size_t i = 0;
    for (; code[i] != '\0'; i++)
        out[i] = code[i] == '-' ? '_' : code[i];
    out[i] = '\0';
    return out;
}

static void every_act_of_the_contract_has_a_form(void **state)
{
    (void)state;
    for (unsigned i = 0; i < mash__v1__act__descriptor.n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &mash__v1__act__descriptor.fields[i];
        bool is_found = field->type != PROTOBUF_C_TYPE_MESSAGE;
        for (const act_form *form = ACT_FORMS; form->code != NULL && !is_found; form++) {
            char name[64];
            is_found = strcmp(contract_name(form->code, name), field->name) == 0;
        }
        if (!is_found) print_error("no form for the act %s\n", field->name);
        assert_true(is_found);
    }
}

static void every_field_of_a_form_is_one_of_the_contract(void **state)
{
    (void)state;
    for (const act_form *form = ACT_FORMS; form->code != NULL; form++) {
        char name[64], code[64];
        const ProtobufCFieldDescriptor *what =
            protobuf_c_message_descriptor_get_field_by_name(&mash__v1__act__descriptor, contract_name(form->code, name));
        assert_non_null(what);
        assert_string_equal(core_act_kind_name(form->kind, code), form->code);
        for (size_t i = 0; i < ACT_FIELDS_MAX && form->fields[i].name != NULL; i++)
            assert_non_null(protobuf_c_message_descriptor_get_field_by_name(what->descriptor, form->fields[i].name));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_act_of_the_contract_has_a_form),
        cmocka_unit_test(every_field_of_a_form_is_one_of_the_contract),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
