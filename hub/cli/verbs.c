#include "cli/verbs.h"

#include <limits.h>

#define ACT_FLAGS                                                                                                                \
    {"as", "ID", "who acts, by their id in the roster (acts_as in mashctl.yaml)"}, {"reason", CLI_TEXT, "why, in your words"},   \
    {                                                                                                                            \
        "command-id", "UUID", "of an act that got no answer: it gets its first answer, and is not done twice"                    \
    }
#define SEEN_VERSION                                                                                                             \
    {                                                                                                                            \
        "version", "N", "the version that you saw: when others have changed it since, nothing is done and you hear who"          \
    }

/* What the rows of all acts have in common. */
#define ACT(called, takes, count, line)                                                                                          \
    .name = called, .arguments = takes, .least = count, .most = count, .run = verb_act, .summary = line

/* Dispatch, help and usage errors all read this table. Order = order of `mashctl help`. */
const cli_verb CLI_VERBS[] = {
    {.name = "publish",
     .arguments = "FILE|-",
     .least = 1,
     .most = 1,
     .run = verb_publish,
     .summary = "publish events: one as JSON or packed, or a stream of JSON lines",
     .more = "Uses the key of an adapter. Each event is checked here by the hub's own rules first. What is missing is filled in: "
             "the event id (from\n"
             "agency, source system, reference and payload), the reference (SHA-256 of the input), recorded_at (when the file "
             "was written;\n"
             "now for standard input). Each event gets an answer: STORED is durable, DUPLICATE was held already, REFUSED is "
             "final and says\n"
             "which field and why (exit 3). The JSON form: proto/README.md.",
     .flags = {{"count", "N", "publish the first N events of a stream only"},
               {"check", NULL, "check the events here, publish nothing"}}},
    {.name = "subscribe",
     .arguments = "QUEUE...",
     .least = 1,
     .most = 64,
     .run = verb_subscribe,
     .summary = "receive a queue's alerts and notices, and say why each came",
     .more = "Without --consumer nothing is remembered. With --consumer (a name that the policy declares for the queue) "
             "consumption is durable:\n"
             "the position is kept in a synced file, a receipt is sent after a delivery was printed, and after a restart it goes "
             "on from there.\n"
             "When the hub's history no longer holds the position (a restored store), what came after the last common position "
             "is void and\n"
             "comes again, marked as a possible duplicate; with --json a line {\"forked\": ...} stands between.",
     .flags = {{"consumer", "NAME", "durable consumption under this name"},
               {"position", "FILE", "where the position is kept (DIR/positions/QUEUE.NAME)"},
               {"from-now", NULL, "skip what is waiting; not with --consumer"},
               {"brief", NULL, "of what was said, the summary line alone"},
               {"count", "N", "end after N deliveries"},
               {"drain", NULL, "end when everything that waited at the start has come"}}},
    {ACT("claim", "ITEM", 1, "take an alert nobody has, or one that was offered to you"), .flags = {SEEN_VERSION, ACT_FLAGS}},
    {ACT("release", "ITEM", 1, "give an alert back to its team; needs --reason"), .flags = {SEEN_VERSION, ACT_FLAGS}},
    {ACT("hand-over", "ITEM", 1, "ask a colleague to take it"), .more = "You stay its owner until they claim it.",
     .flags = {{"to", "ID", "roster id of who is asked"}, SEEN_VERSION, ACT_FLAGS}},
    {ACT("rate", "ITEM RATING", 2, "say how urgent it is: blue, green, amber or red; needs --reason"),
     .flags = {SEEN_VERSION, ACT_FLAGS}},
    {ACT("note", "ITEM", 1, "add a note"), .more = "Without --text the words are read from standard input.",
     .flags = {{"text", CLI_TEXT, "the note"}, ACT_FLAGS}},
    {ACT("request", "ITEM", 1, "ask an agency what it knows"),
     .more = "Without --question the words are read from standard input.",
     .flags = {{"question", CLI_TEXT, "what is asked"},
               {"agency", "AGENCY", "its name in the policy, \"health\""},
               {"due", "TIME", "by when, 2026-11-23T09:00:00Z; by the policy's clock when not given"},
               SEEN_VERSION,
               ACT_FLAGS}},
    {ACT("answer", "ITEM", 1, "tell what your agency knows, or that it knows nothing"),
     .more = "ITEM is the request's id, R5. Without --text the words are read from standard input.",
     .flags = {{"text", CLI_TEXT, "the answer"}, ACT_FLAGS}},
    {ACT("decide", "ITEM", 1, "decide one person's line"),
     .more = "Each child or adult at risk is decided on their own; mashctl subscribe shows their numbers. Without --rationale "
             "the words are read from standard input.",
     .flags = {{"rationale", CLI_TEXT, "why"},
               {"person", "N", "the person's number, as the alert's lines give it"},
               {"outcome", "ID", "id of an outcome in the policy, section_47"},
               {"legal-basis", CLI_TEXT, "needed where the outcome shares or refers"},
               {"feedback", CLI_TEXT, "what the referrers are told"},
               SEEN_VERSION,
               ACT_FLAGS}},
    {ACT("reassign", "ITEM", 1, "give it to another queue; needs --reason"),
     .more = "It is nobody's until somebody there claims it.",
     .flags = {{"queue", "QUEUE", "which has it from now on"}, SEEN_VERSION, ACT_FLAGS}},
    {ACT("hold", "ITEM", 1, "stop the local clocks for a while; needs --reason"),
     .more = "Statutory clocks go on. Who was asked to agree holds it without --until.",
     .flags = {{"until", "TIME", "2026-11-23T09:00:00Z; the hub ends the hold by itself then"},
               {"second", "ID", "roster id of the second person, needed for a Red: nothing stands still until they hold it too"},
               SEEN_VERSION,
               ACT_FLAGS}},
    {ACT("resume", "ITEM", 1, "end a hold before its time; needs --reason"), .flags = {SEEN_VERSION, ACT_FLAGS}},
    {ACT("restate", "ITEM", 1, "move the due time of one running clock; needs --reason"),
     .more = "Never a statutory one. Of a disagreement (D3) it is the time of its stage, and no --clock: earlier, or as much "
             "later as its ladder allows.",
     .flags = {{"clock", "ID", "which clock"},
               {"due", "TIME", "2026-11-23T09:00:00Z; reckoned anew by today's calendar when not given"},
               SEEN_VERSION,
               ACT_FLAGS}},
    {ACT("seen", "ITEM", 1, "say that you have seen an alert, feedback (F9) or a notice (N19)"),
     .more = "With --version it is not taken for having seen what came meanwhile.", .flags = {SEEN_VERSION, ACT_FLAGS}},
    {.name = "daily",
     .arguments = "QUEUE",
     .least = 1,
     .most = 1,
     .run = verb_daily,
     .summary = "the daily list: a queue's blue alerts that nobody has taken, to be looked through and signed",
     .more = "Each with the rule that it came by and the records of what was said; mashctl explain tells more. With --json a "
             "line for each page of 200.",
     .flags = {{"day", "DAY", "opened up to that day, 2026-11-22; today when not given"},
               {"as", "ID", "with a gateway's key: who looks, by their id in the roster"}}},
    {ACT("sign", "QUEUE", 1, "say that you have looked through a queue's daily list: what stood on it ends"),
     .more = "What has come or changed since the record that --seen names stays.",
     .flags = {{"seen", "N", "the record at which the list stood: mashctl daily tells it"},
               {"day", "DAY", "2026-11-22; today when not given"},
               ACT_FLAGS}},
    {ACT("withhold", "ITEM", 1, "record that an agency is not told, and why; needs --reason"),
     .more = "It is asked nothing about the alert and told of no outcome, until somebody lifts that: mashctl share.",
     .flags = {{"agency", "AGENCY", "which is not told"}, SEEN_VERSION, ACT_FLAGS}},
    {ACT("share", "ITEM", 1, "lift a record of not sharing; needs --reason"),
     .more = "What was left out meanwhile is not told by itself.",
     .flags = {{"agency", "AGENCY", "which may be told again"}, ACT_FLAGS}},
    {ACT("declare-party", "ITEM", 1, "say that a colleague is a party in this alert, or knows one"),
     .more = "They can neither read it nor act on it any more; their named alternate is told.",
     .flags = {{"staff", "ID", "roster id of the colleague"}, SEEN_VERSION, ACT_FLAGS}},
    {ACT("clear-party", "ITEM", 1, "say that a colleague is no party, or was named by mistake; needs --reason"),
     .flags = {{"staff", "ID", "roster id of the colleague"}, SEEN_VERSION, ACT_FLAGS}},
    {ACT("confirm-link", "ITEM", 1, "say that two numbers are one person, or two people one family; needs --reason"),
     .more = "mashctl explain shows the numbers. Two different NHS numbers, UPNs or PNC ids are never one person.",
     .flags = {{"person", "N", "whom the alert concerns"},
               {"other", "N", "who else"},
               {"found", "WHAT", "SAME_PERSON or SAME_FAMILY"},
               SEEN_VERSION,
               ACT_FLAGS}},
    {ACT("split-link", "ITEM", 1, "say that somebody is not whom the hub took them for; needs --reason"),
     .more = "Either with --event and --subject, or with --joined to undo that two were joined. Later events obey.",
     .flags = {{"person", "N", "whom they were taken for"},
               {"event", "SEQUENCE", "record whose event names somebody else"},
               {"subject", "N", "which of its people, from 1"},
               {"joined", "N", "who was wrongly joined"},
               SEEN_VERSION,
               ACT_FLAGS}},
    {ACT("wait", "ITEM", 1, "record why an unrated alert may wait past closing time; needs --reason"),
     .flags = {SEEN_VERSION, ACT_FLAGS}},
    {ACT("dispute", "ITEM", 1, "disagree with another team's decision"),
     .more = "Without --position the words are read from standard input.",
     .flags = {{"position", CLI_TEXT, "your side's position; kept word for word"},
               {"with", "TEAM", "the team whose decision it is"},
               {"urgent", NULL, "the urgent lane: immediate risk; 999 and the strategy discussion do not wait for it"},
               {"rethink", NULL, "begin with a facilitated re-think, where the ladder has one"},
               {"again", "ID", "take an earlier disagreement up again, D2, with what is new"},
               SEEN_VERSION,
               ACT_FLAGS}},
    {ACT("respond", "ITEM", 1, "answer a disagreement with your side's position"),
     .more = "ITEM is the disagreement's id, D3. Without --position the words are read from standard input.",
     .flags = {{"position", CLI_TEXT, "your side's position; kept word for word"}, SEEN_VERSION, ACT_FLAGS}},
    {ACT("refer", "ITEM", 1, "take a disagreement up a stage; needs --reason"), .more = "ITEM is the disagreement's id, D3.",
     .flags = {{"to-stage", "N", "more than the next one is a jump; the next one when not given"},
               {"urgent", NULL,
                "the urgent lane from now on: immediate risk; 999 and the strategy discussion do not wait for it"},
               SEEN_VERSION,
               ACT_FLAGS}},
    {ACT("settle", "ITEM", 1, "say what your side agrees to"),
     .more =
         "ITEM is the disagreement's id, D3. It is closed when both sides have settled, or when the last stage decides. Without "
         "--agreement the words are read from standard input.",
     .flags = {{"agreement", CLI_TEXT, "what your side agrees to"},
               {"final", NULL, "the last stage's decision, binding on both"},
               SEEN_VERSION,
               ACT_FLAGS}},
    {ACT("record-outcome", "ITEM", 1, "the written record of a closed disagreement"),
     .more = "ITEM is the disagreement's id, D3. Without --outcome the words are read from standard input.",
     .flags = {{"outcome", CLI_TEXT, "what came of it"}, SEEN_VERSION, ACT_FLAGS}},
    {.name = "tail",
     .arguments = "",
     .run = verb_tail,
     .summary = "what the hub recorded, one line a record; no personal data",
     .more = "Keys for --where: agency, payload, queue, alert, rating, what, peer, rule; several as K=V,K=V: all must hold.\n"
             "For what was refused: --where \"what=event refused\"",
     .flags = {{"from", "SEQ|-N", "start at this record, or N records before the end (-20)"},
               {"follow", NULL, "go on as records are made"},
               {"where", "K=V", "only records with this; several as K=V,K=V"},
               {"count", "N", "end after N lines"},
               {"as", "ID", "with a gateway's key: who looks, by their id in the roster"}}},
    {.name = "find",
     .arguments = "",
     .run = verb_find,
     .summary = "records about a key that is read from standard input",
     .more = "The key is read from standard input, so that identifiers stand in no shell history and no process list:\n"
             "  event:UUID  alert:A17 (or A17, D3, R5, F9)  nhs:NUMBER  upn:...  pnc:...  crn:...  noms:...  local:SYSTEM:VALUE  "
             "reference:SYSTEM:VALUE\n"
             "  name:SAM EXAMPLE  born:2019-06-01  name:SAM EXAMPLE born:2019-06-01\n"
             "A UUID, an alert id or ten digits may be given as they are. When --count cut the answer, its last line says so "
             "({\"more\":true}).",
     .flags = {{"own", NULL, "it concerns yourself or your own household: the read is marked so"},
               {"count", "N", "at most N records (100)"},
               {"purpose", "WHAT",
                "what it is looked at for: safeguarding-decision, strategy-discussion, supervision, audit ...; recorded"},
               {"as", "ID", "with a gateway's key: who looks, by their id in the roster"},
               {"reason", "TEXT", "in words; needed for --purpose other; kept sealed"}}},
    {.name = "explain",
     .arguments = "ID",
     .least = 1,
     .most = 1,
     .run = verb_explain,
     .summary = "why: what was decided about an event, an alert or a record, in plain English",
     .more = "ID is an event id, an alert (A17), a disagreement (D3), a request (R5), feedback (F9) or a sequence number. An "
             "operator or auditor needs "
             "no\npurpose for a sequence number of a record of the hub alone: keys, policy, starts, time.",
     .flags = {{"purpose", "WHAT",
                "what it is looked at for: safeguarding-decision, strategy-discussion, supervision, audit ...; recorded"},
               {"as", "ID", "with a gateway's key: who looks, by their id in the roster"},
               {"reason", "TEXT", "in words; needed for --purpose other; kept sealed"}}},
    {.name = "audit",
     .arguments = "",
     .run = verb_audit,
     .for_whom = CLI_FOR_ONESELF,
     .summary = "who looked at what, when, for what purpose (operators and auditors)",
     .more = "The newest first. With --about a key is read from standard input, as for find: the reads that asked for it, and "
             "those that "
             "were shown a\nrecord about it. That is itself a read, and needs a --purpose.",
     .flags = {{"about", NULL, "only reads about the key on standard input"},
               {"flagged", NULL, "only reads that concerned the reader themselves or their own household"},
               {"count", "N", "at most N reads (50)"},
               {"purpose", "WHAT", "with --about: what it is looked at for"},
               {"reason", "TEXT", "in words; needed for --purpose other; kept sealed"}}},
    {.name = "trace",
     .arguments = "[ALERT]",
     .most = 1,
     .run = verb_trace,
     .summary = "one person's case from beginning to end, for an inspector",
     .more = "The key is read from standard input, as for find; an alert (A17) may be given instead. Every record about the "
             "person and about "
             "their\n"
             "alerts is told in order: what came and how late, who was told, who saw it first, who acted, each clock with its "
             "arithmetic and "
             "whether it\n"
             "was met, escalations, requests, disagreements, decisions, feedback. What this key may not read is not "
             "shown. With "
             "--json one\n"
             "line a record.",
     .flags = {{"purpose", "WHAT",
                "what it is looked at for: safeguarding-decision, strategy-discussion, supervision, audit ...; recorded"},
               {"as", "ID", "with a gateway's key: who looks, by their id in the roster"},
               {"reason", "TEXT", "in words; needed for --purpose other; kept sealed"}}},
    {.name = "status",
     .arguments = "",
     .run = verb_status,
     .summary = "how the hub is: position, alerts, clocks, queues, alarms",
     .more = ""},
    {.name = "peers",
     .arguments = "",
     .run = verb_peers,
     .summary = "who is enrolled, connected, and what came from whom",
     .more = ""},
    {.name = "doctor",
     .arguments = "[PEER]",
     .most = 1,
     .run = verb_doctor,
     .summary = "checks step by step why a connection does not work; each step with cause and fix",
     .more = "On an agency's machine: --adapter FILE looks at its configuration, keys, folders, outbox, certificates, at both "
             "endpoints, and at "
             "what\nthe hub says of it. Anybody else: --config or --key of the one who has the trouble. On the hub's side, with "
             "an operator's "
             "key and\nthe name of a PEER: what the hub knows of it, and who is turned away. One key has one session: a program "
             "that runs with "
             "the same\nkey is interrupted for a moment, and comes back by itself. Exit 0: nothing wrong; 1: something is.",
     .flags = {{"adapter", "FILE", "an adapter's configuration: goes through everything that it needs"}}},
    {.name = "enrol request",
     .arguments = "[ANSWER]",
     .most = 1,
     .run = verb_enrol_request,
     .summary = "on an agency's machine: have an adapter enrolled; makes its key, prints a line for the hub's operator",
     .more =
         "Their answer, a line too, is typed or pasted behind the same command: it puts the hub's key and endpoints where the "
         "configuration\nnames them. Fingerprints are compared by telephone before anything is written: a line proves nothing by "
         "itself.",
     .flags = {{"adapter", "FILE", "the adapter's configuration"},
               {"fingerprint", "DIGITS",
                "of the answer: what the hub's operator reads out by telephone; asked for when not given"}}},
    {.name = "enrol accept",
     .arguments = "REQUEST",
     .least = 1,
     .most = 1,
     .run = verb_enrol_accept,
     .summary = "on the hub's side: let the adapter in that made this line, and print the line to send back",
     .more = "A line that was accepted before gets its answer again.",
     .flags = {{"fingerprint", "DIGITS", "what the agency reads out by telephone; asked for when not given"},
               {"reachable", "A,B", "where adapters reach this hub, tcp://HOST:7401, one or two; mashctl.yaml's when not given"},
               {"name", "NAME", "to enrol it under another name than it asks for"},
               {"reason", "TEXT", "why; kept sealed with the command, and told by explain to operators and auditors"}}},
    {.name = "keys new",
     .arguments = "NAME",
     .least = 1,
     .most = 1,
     .run = verb_keys_new,
     .summary = "make NAME.key (secret, 0600) and NAME.pub",
     .more = "NAME may be a path. Neither file may exist."},
    {.name = "keys enrol",
     .arguments = "KEY.pub",
     .least = 1,
     .most = 1,
     .run = verb_keys_enrol,
     .summary = "let a key in",
     .more = "Kinds: operator, adapter (needs --agency), consumer (needs --queues), gateway (needs --may-act-for), auditor.",
     .flags = {{"name", "NAME", "what operators call it: a role or a system, not a person"},
               {"kind", "KIND", "operator, adapter, consumer, gateway or auditor"},
               {"agency", "AGENCY", "police, health, probation, education, childrens-services, adult-services ..."},
               {"source-system", "NAME", "the only source system this adapter may publish for"},
               {"queues", "A,B", "the queues a consumer or gateway may receive"},
               {"may-act-for", "A,B", "the teams whose people a gateway may act for"},
               {"reason", "TEXT", "why; kept sealed with the command, and told by explain to operators and auditors"}}},
    {.name = "keys revoke",
     .arguments = "NAME",
     .least = 1,
     .most = 1,
     .run = verb_keys_revoke,
     .summary = "shut a key out, at once and for good",
     .more = "Its session is cut; the key cannot be enrolled again. The last operator's key is not revoked: enrol another first.",
     .flags = {{"reason", "TEXT", "why; needed, kept sealed with the command, and told by explain to operators and auditors"}}},
    {.name = "keys list", .arguments = "", .run = verb_keys_list, .summary = "every key that was ever enrolled", .more = ""},
    {.name = "clocks accept",
     .arguments = "",
     .run = verb_clocks_accept,
     .summary = "say that the system clock is right where hub time differs, and let held timers go on",
     .more = "Look at the clock first (chronyc tracking). wrong-clock: hub time had followed a clock that was wrong; what was "
             "promised in\n"
             "minutes since then moves with it, what was promised in civil time stays. pause: the machine stood still; nothing "
             "moves, and\n"
             "what is overdue is told at once, as late. A clock that is synchronised for a minute is followed without this.\n"
             "One alert's clock is moved by the act `restate`, each by name; there is no command that moves many.",
     .flags = {{"cause", "CAUSE", "wrong-clock or pause"},
               {"reason", "TEXT",
                "how you know; needed, kept sealed with the command, and told by explain to operators and auditors"}}},
    {.name = "policy check",
     .arguments = "[FOLDER]",
     .most = 1,
     .run = verb_policy_check,
     .summary = "read a policy and name every mistake with file:line:column",
     .more = "FOLDER: the folder with the policy's YAML files; DIR/policy when not given. Needs no hub.",
     .flags = {{"show", NULL, "print the policy as text, to be read against the agreement it came from"}}},
    {.name = "policy flows",
     .arguments = "[FOLDER]",
     .most = 1,
     .run = verb_policy_flows,
     .summary = "which agency's events reach whom, with which fields, on which basis",
     .more = "Annex for a data protection impact assessment. FOLDER as for policy check. Needs no hub."},
    {.name = "policy test",
     .arguments = "[FOLDER] [FILE...]",
     .most = 64,
     .run = verb_policy_test,
     .summary = "tell the policy stories and see whether it decides, routes, times and withholds as they say",
     .more =
         "FOLDER: the policy's YAML files (DIR/policy when not given); FILE: scenarios (every *.yaml of the folder `scenarios`\n"
         "beside the policy when none is given). Needs no hub. What does not hold is named with file:line:column."},
    {.name = "policy clock",
     .arguments = "[KIND AMOUNT]",
     .most = 2,
     .run = verb_policy_clock,
     .summary = "when a clock is due, and its arithmetic in words",
     .more =
         "KIND: elapsed_minutes, working_minutes, working_days, calendar_days, calendar_months, next_school_day, age_months.\n"
         "The calendar is the policy's (DIR/policy), its first one when none is named; or that of a folder of its name beside "
         "DIR,\n"
         "like worked-example. Needs no hub.",
     .flags = {{"calendar", "NAME", "which calendar"},
               {"from", "TIME", "2026-04-02T14:00Z, or civil time \"2026-04-02 15:00\""},
               {"roll", "WHERE", "calendar_days and _months: none (as it falls), next or previous working day"},
               {"file", "CSV",
                "columns kind,start_utc,amount and, if you like, calendar, roll: one JSON line a row, with due_utc"}}},
    {.name = "policy adopt",
     .arguments = "[FOLDER]",
     .most = 1,
     .run = verb_policy_adopt,
     .summary = "check a policy and have the hub decide by it from now on",
     .more = "FOLDER: the policy's files here, which are checked and sent. Without it the hub reads its own policy folder "
             "(hub.yaml).\n"
             "A policy with mistakes changes nothing. Re-fires nothing, and moves no due time that is already set.",
     .flags = {{"reason", "TEXT", "why; kept sealed with the command, and told by explain to operators and auditors"}}},
    {.name = "journal status",
     .arguments = "",
     .run = verb_journal_status,
     .summary = "where the journal stands (reads the store itself, beside the hub)",
     .more = "Reads hub.yaml in --config DIR. Run it as the hub's own user."},
    {.name = "journal verify",
     .arguments = "",
     .run = verb_journal_verify,
     .summary = "re-check every record of the journal and of the audit stream: chain, order, seals, signed heads",
     .more = "Reads hub.yaml in --config DIR, writes nothing, and may run beside the hub. Exit 1 names the first record that "
             "does not hold."},
    {.name = "report timeliness",
     .arguments = "",
     .run = verb_report_timeliness,
     .summary = "how long things took, by area, queue and rating; no names, no small numbers",
     .more =
         "Folds the journal beside the hub, like journal verify; run it as the hub's own user. Counts the alerts opened in the "
         "period, whatever\n"
         "happened to them since. What rests on fewer than 5 families is shown as that, without its times; what would tell of "
         "so few when it is\n"
         "taken from another figure is kept back. Exercises are left out; so is every alert that is restricted, unless the "
         "reader is cleared.",
     .flags = {{"from", "DATE", "the first day, like 2026-01-31 (the beginning)"},
               {"until", "DATE", "the last day (today)"},
               {"sees-up-to", "CLASS", "clearance of who reads it: official, sensitive (when not given), restricted"}}},
    {.name = "outbox status",
     .arguments = "FOLDER",
     .least = 1,
     .most = 1,
     .run = verb_outbox_status,
     .summary = "what an adapter's outbox holds",
     .more = "FOLDER is the adapter's outbox folder; it is read beside the adapter. Needs no hub."},
    {.name = "outbox check",
     .arguments = "FOLDER...",
     .least = 1,
     .most = 64,
     .run = verb_outbox_check,
     .summary = "look for every event that was acknowledged to an adapter in the hub's journal",
     .more =
         "Proves custody: what an outbox counts as stored or held already must be found by its event id. Exit 1 names what "
         "is lost.\n"
         "Events that the outbox keeps no longer are counted, not looked for; when the hub was restored from a backup that may "
         "lack them, they are in doubt, and the exit is 1.\n"
         "Needs an operator's or auditor's key, and read access to the outbox folders."},
    {.name = "outbound list",
     .arguments = "FOLDER",
     .least = 1,
     .most = 1,
     .run = verb_outbound_list,
     .summary = "what an outbound instance owes: queued, sent, failing since, next try",
     .more = "FOLDER is the instance's folder; it is read beside the instance. Needs no hub. Sent is not confirmed: nobody has "
             "said that it arrived.",
     .flags = {{"all", NULL, "also what is owed no more: confirmed, sent, replaced, void"}}},
    {.name = "outbound show",
     .arguments = "FOLDER DELIVERY",
     .least = 2,
     .most = 2,
     .run = verb_outbound_show,
     .summary = "one delivery, with every channel it was tried by",
     .more = "DELIVERY: the first digits of its id, as outbound list and a notice give it."},
    {.name = "outbound stop",
     .arguments = "FOLDER DELIVERY...",
     .least = 2,
     .most = 64,
     .run = verb_outbound_stop,
     .summary = "try a delivery no more; who and why are kept",
     .more = "Only a person stops one. Its content is kept until it is forgotten (store.keep_days), for outbound retry.",
     .flags = {{"as", "ID", "who says so"}, {"reason", "TEXT", "why: how else they know of it"}}},
    {.name = "outbound retry",
     .arguments = "FOLDER DELIVERY...",
     .least = 2,
     .most = 64,
     .run = verb_outbound_retry,
     .summary = "try a delivery now, also one that was stopped",
     .more = "",
     .flags = {{"as", "ID", "who says so"}, {"reason", "TEXT", "why"}}},
    {.name = "conformance",
     .arguments = "[-- COMMAND...]",
     .most = 64,
     .run = verb_conformance,
     .summary = "try a candidate adapter, in whatever language, against a hub that misbehaves on purpose; write a certificate",
     .more = "First alone with --folder: makes the keys, and says what to configure the candidate with. Then with the rest: "
             "COMMAND is "
             "started, killed and\nstarted again; its words go to FOLDER/candidate.log. Each duty of a publisher "
             "(proto/README.md) is passed, "
             "failed with what was seen,\nor not tried. The golden input has @N@ for a number, @UUID@ for that as a UUID, @NOW@ "
             "for an hour ago. "
             "Without COMMAND start it by\nhand. Exit 0: every duty that was tried is done; 1: not. Needs no hub; with one in "
             "--config its key "
             "signs the certificate.",
     .flags = {{"folder", "FOLDER", "for keys, log and certificate"},
               {"listen", "HOST:PORT", "where the candidate connects (127.0.0.1:7411)"},
               {"drop", "FOLDER", "the candidate's drop folder; or"},
               {"send", "WAY", "where it listens: mllp://HOST:PORT, http://HOST:PORT/PATH"},
               {"token", "TOKEN", "bearer token for http"},
               {"golden", "FILE", "a good input of its format"},
               {"hostile", "FOLDER", "more bad inputs, beside those made of the good one"},
               {"only", "A,B", "these stories alone"},
               {"program", "FILE", "the candidate's binary, whose digest goes into the certificate"}}},
    {.name = "bench",
     .arguments = "",
     .run = verb_bench,
     .summary = "measure rate and latency with exercise events, as JSON lines",
     .more = "Writes events marked as an exercise into the hub's journal: not for a hub that people work with, and the "
             "partnership's name must be\n"
             "given to show that you know which one it is. Needs an operator's key: it enrols keys of its own and revokes them "
             "at the end.\n"
             "--rate makes it an open loop: latency then counts from the time an event was due.",
     .flags = {{"partnership", "NAME", "the hub's partnership, as a safeguard"},
               {"events", "N", "how many in all (10,000)"},
               {"publishers", "P", "connections that publish (4)"},
               {"consumers", "C", "connections that receive (0)"},
               {"queue", "NAME", "what the consumers receive"},
               {"window", "N", "unsettled events a publisher has in flight (256)"},
               {"rate", "N", "events a second in all; 0 = as fast as it goes (0)"},
               {"area", "CODE", "ONS code of the area the events name (E10000014)"}}},
    {.name = "glossary",
     .arguments = "[TERM]",
     .most = 1,
     .run = verb_glossary,
     .summary = "the words used here, one line each",
     .more = ""},
    {.name = "help",
     .arguments = "[VERB]",
     .most = 2,
     .run = verb_help,
     .summary = "this list, or all about one verb",
     .more = ""},
    {.name = "version", .arguments = "", .run = verb_version, .summary = "the version of this program", .more = ""},
    {.name = NULL},
};
