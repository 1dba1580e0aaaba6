#include "cli/verbs.h"

#include <limits.h>

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
             "which field and why (exit 3).",
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
    {.name = "tail",
     .arguments = "",
     .run = verb_tail,
     .summary = "what the hub recorded, one line a record; no personal data",
     .more = "Keys for --where: agency, payload, queue, alert, rating, what, peer, rule; several as K=V,K=V: all must hold.\n"
             "For what was refused: --where \"what=event refused\"",
     .flags = {{"from", "SEQ|-N", "start at this record, or N records before the end (-20)"},
               {"follow", NULL, "go on as records are made"},
               {"where", "K=V", "only records with this; several as K=V,K=V"},
               {"count", "N", "end after N lines"}}},
    {.name = "find",
     .arguments = "",
     .run = verb_find,
     .summary = "records about a key that is read from standard input",
     .more =
         "The key is read from standard input, so that identifiers stand in no shell history and no process list:\n"
         "  event:UUID  alert:A17  nhs:NUMBER  upn:...  pnc:...  crn:...  noms:...  local:SYSTEM:VALUE  reference:SYSTEM:VALUE\n"
         "A UUID, an alert id or ten digits may be given as they are. When --count cut the answer, its last line says so "
         "({\"more\":true}).",
     .flags = {{"count", "N", "at most N records (100)"}}},
    {.name = "explain",
     .arguments = "ID",
     .least = 1,
     .most = 1,
     .run = verb_explain,
     .summary = "why: what was decided about an event, an alert or a record, in plain English",
     .more = "ID is an event id, an alert id (A17) or a sequence number."},
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
     .more =
         "Run it as the one who has the trouble: --config or --key of that adapter or consumer. With an operator's key and "
         "the name of a\n"
         "PEER it also says what the hub knows of that peer. One key has one session: a program that runs with the same key is\n"
         "interrupted for a moment, and comes back by itself."},
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
     .more = "Kinds: operator, adapter (needs --agency), consumer (needs --queues), gateway, auditor.",
     .flags = {{"name", "NAME", "what operators call it: a role or a system, not a person"},
               {"kind", "KIND", "operator, adapter, consumer, gateway or auditor"},
               {"agency", "AGENCY", "police, health, probation, education, childrens-services, adult-services ..."},
               {"source-system", "NAME", "the only source system this adapter may publish for"},
               {"queues", "A,B", "the queues a consumer may receive"},
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
     .summary = "re-check every record: chain, order, seals, signed heads",
     .more = "Reads hub.yaml in --config DIR, writes nothing, and may run beside the hub. Exit 1 names the first record that "
             "does not hold."},
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
