/* verbs.h - the table of verbs, and the functions its rows name (one file a family). */
#ifndef CLI_VERBS_H
#define CLI_VERBS_H

#include "cli/verb.h"

/* Ends with a row whose name is NULL. */
extern const cli_verb CLI_VERBS[];

cli_exit verb_publish(cli_call *call);
cli_exit verb_subscribe(cli_call *call);
cli_exit verb_tail(cli_call *call);
cli_exit verb_find(cli_call *call);
cli_exit verb_explain(cli_call *call);
cli_exit verb_audit(cli_call *call);
cli_exit verb_trace(cli_call *call);
cli_exit verb_status(cli_call *call);
cli_exit verb_peers(cli_call *call);
cli_exit verb_doctor(cli_call *call);
cli_exit verb_enrol_request(cli_call *call);
cli_exit verb_enrol_accept(cli_call *call);
cli_exit verb_keys_new(cli_call *call);
cli_exit verb_keys_enrol(cli_call *call);
cli_exit verb_keys_revoke(cli_call *call);
cli_exit verb_keys_list(cli_call *call);
cli_exit verb_clocks_accept(cli_call *call);
cli_exit verb_policy_check(cli_call *call);
cli_exit verb_policy_test(cli_call *call);
cli_exit verb_policy_clock(cli_call *call);
cli_exit verb_policy_adopt(cli_call *call);
cli_exit verb_policy_flows(cli_call *call);
cli_exit verb_journal_status(cli_call *call);
cli_exit verb_journal_verify(cli_call *call);
cli_exit verb_report_timeliness(cli_call *call);
cli_exit verb_outbox_status(cli_call *call);
cli_exit verb_outbox_check(cli_call *call);
cli_exit verb_outbound_list(cli_call *call);
cli_exit verb_outbound_show(cli_call *call);
cli_exit verb_outbound_stop(cli_call *call);
cli_exit verb_outbound_retry(cli_call *call);
cli_exit verb_act(cli_call *call); /* claim, rate, decide ...: every act of act.proto */
cli_exit verb_daily(cli_call *call);
cli_exit verb_conformance(cli_call *call);
cli_exit verb_bench(cli_call *call);
cli_exit verb_glossary(cli_call *call);
cli_exit verb_help(cli_call *call);
cli_exit verb_version(cli_call *call);

/* Prints what `help VERB` prints. */
cli_exit verb_help_of(const cli_verb *verb);

#endif
