#!/bin/sh
# What mashctl says and answers to the shell, for the verbs that need no hub. Usage: verbs.sh MASHCTL SOURCE
set -u
mashctl=$1
source=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
. "$source/tests/support/expect.sh"

expect "help lists every verb" 0 '^  journal verify ' "$mashctl" help
expect "--help alone lists them too" 0 '^  journal verify ' "$mashctl" --help
expect "help of a verb shows its flags" 0 '^  --follow ' "$mashctl" help tail
expect "help of a word that several begin with lists them" 0 '^  policy flows ' "$mashctl" help policy
expect "--help after a verb does the same" 0 '^usage: mashctl tail ' "$mashctl" tail --help
expect "no verb is a usage error" 2 'which verb' "$mashctl"
expect "an unknown verb is a usage error" 2 'there is no verb "dance"' "$mashctl" dance
expect "an unknown flag is a usage error, with the usage line" 2 '^usage: mashctl status' "$mashctl" status --dance
expect "the glossary finds a term" 0 'multi-agency safeguarding hub' "$mashctl" glossary MASH
expect "an answer that the disk has no room for is not one that was given" 1 'cut short' sh -c '"$1" help >/dev/full' sh "$mashctl"
mkfifo go
{ read -r _ <go; "$mashctl" help; echo $? >left; } | { exec <&-; echo >go; }
expect "a reader who has left had enough" 0 '^0$' cat left
expect "the version is one line" 0 '^mashctl [0-9]+\.[0-9]+\.[0-9]+$' "$mashctl" version
expect "the flag that every program has says it too" 0 '^mashctl [0-9]+\.[0-9]+\.[0-9]+$' "$mashctl" --version
expect "the version for programs" 0 '^\{"program":"mashctl"' "$mashctl" version --json

expect "a new key is made" 0 'secret: stays on this machine' "$mashctl" keys new desk
expect "a key is never overwritten" 1 'desk' "$mashctl" keys new desk
[ "$(stat -c %a desk.key)" = 600 ] || { echo "FAILED: a secret key has mode 0600"; failed=1; }

mkdir keys && mv desk.key keys/operator.key && mv desk.pub keys/operator.pub && cp keys/operator.pub keys/hub.pub
printf 'hub:\n  team: tcp://127.0.0.1:1\n  agency: tcp://127.0.0.1:1\n' >mashctl.yaml
expect "a port that nobody listens on is said" 1 'team port .*refused' "$mashctl" --config . doctor
expect "and what to do about it" 1 'start mashhubd' "$mashctl" --config . doctor
chmod 644 keys/operator.key
expect "a secret that others may read is refused with the remedy" 1 'WRONG +own key' "$mashctl" --config . doctor
chmod 600 keys/operator.key
printf 'hub:\n  taem: x\n' >mashctl.yaml
expect "an unknown key of the settings is said with its place" 1 'mashctl.yaml:2:3: ' "$mashctl" --config . doctor
rm mashctl.yaml

expect "a consumer needs queues" 2 'a consumer needs --queues' "$mashctl" keys enrol --name a --kind consumer keys/operator.pub
expect "an adapter needs an agency" 2 'an adapter needs --agency' "$mashctl" keys enrol --name a --kind adapter keys/operator.pub
expect "revoking needs a reason" 2 '--reason is needed' "$mashctl" keys revoke desk
expect "accepting the clock needs a cause" 2 'wrong-clock or pause' "$mashctl" clocks accept --reason seen
expect "accepting the clock needs a reason" 2 'say how you know' "$mashctl" clocks accept --cause pause
expect "a kind that is none" 2 '--kind is needed' "$mashctl" keys enrol --name a --kind friend keys/operator.pub

expect "a gateway needs teams" 2 'a gateway needs --may-act-for' "$mashctl" keys enrol --name a --kind gateway keys/operator.pub

expect "an act needs the version that was seen" 2 'the version that you saw' "$mashctl" claim A1 --as hc-3
expect "and somebody who acts" 2 'who acts, by their id in the roster' "$mashctl" --config . claim A1 --version 0
expect "a rating that is none" 2 'rate.rating' "$mashctl" rate A1 purple --version 1 --as hc-3
expect "a time without its zone" 2 'hold.until_ms' "$mashctl" hold A1 --version 1 --as hc-3 --until 2026-11-23T09:00
expect "a day that never was" 2 'a day such as' "$mashctl" sign children --as hc-3 --day 2026-02-30
expect "words that are not UTF-8" 2 'not UTF-8' "$mashctl" note A1 --as hc-3 --text "$(printf 'caf\351')"
printf 'acts_as: hc-3\nhub: {team: "tcp://127.0.0.1:1"}\n' >mashctl.yaml
expect "mashctl.yaml says who acts; without a hub the act is not done" 1 'no session' \
    "$mashctl" --config . --timeout 1 claim A1 --version 0
rm mashctl.yaml

if [ -d "$source/config/hips/policy" ]; then
    expect "the shipped policy has no mistakes" 0 'no mistakes' "$mashctl" policy check "$source/config/hips/policy"
    expect "flows name the school's own fields" 0 'domestic_abuse_incident.circumstances +R-DA-ENCOMPASS' "$mashctl" policy flows "$source/config/hips/policy"
    expect "flows for programs" 0 '"audience":"school_minimal","fields":\[.*"basis":"Victims' "$mashctl" policy flows "$source/config/hips/policy" --json
    expect "and what people write, and who may be near whom" 0 \
        '"event":"question","audience":"agency_feedback",.*"near":\["alleged_perpetrator",.*,"because":\["request-information to police","request-information to probation"\]' \
        "$mashctl" policy flows "$source/config/hips/policy" --json
    expect "who withholds in silence" 0 'what is withheld +is not named' "$mashctl" policy flows "$source/config/hips/policy"
    cp -r "$source/config/hips/policy" policy
    printf 'dance: yes\n' >>policy/partnership.yaml
    expect "a mistake in a policy is refused with its place" 3 'policy/partnership.yaml:[0-9]+:[0-9]+: ' "$mashctl" policy check policy
    expect "for programs with file, line, column and message apart" 3 \
        '^\{"level":"error","file":"policy/partnership.yaml","line":[0-9]+,"column":1,"message":"unknown section .dance.' \
        "$mashctl" policy check policy --json
    expect "what is no policy has no flows" 3 'policy check' "$mashctl" policy flows policy
    cp "$source/config/hips/policy/partnership.yaml" policy/partnership.yaml
    sed -i '0,/review: 2027-09-30/s//review: 2020-01-01/' policy/clocks.yaml
    expect "a warning is one for programs too" 0 \
        '^\{"level":"warning","file":"policy/clocks.yaml","line":[0-9]+,"column":[0-9]+,"message":"clock rag_set: was to be reviewed' \
        "$mashctl" policy check policy --json
    long=$(printf '%200s' '' | tr ' ' d)
    deep=$long/$long/$long/$long/$long/$long
    mkdir -p "$deep" && cp policy/*.yaml "$deep" && printf 'dance: yes\n' >>"$deep/partnership.yaml"
    expect "and not cut, however long the path is" 3 "\"file\":\"$deep/partnership.yaml\",.*\"message\":\"unknown section .dance.; remove it\"}\$" "$mashctl" policy check "$deep" --json
    mkdir scenarios && printf 'scenarios: [\n' >scenarios/broken.yaml && cp "$source/config/hips/scenarios/adults.yaml" scenarios/
    expect "a file that is no story is not counted as a story that does not hold" 3 '1 of 2 files could not be read' "$mashctl" policy test policy
    expect "and said to programs" 3 '"unreadable":1' "$mashctl" policy test policy --json
fi
expect "a policy that is not there" 1 'no-such-folder' "$mashctl" policy check no-such-folder

cat >event.json <<'EOF'
{"agency":"health","source_system":"test/1","source_reference":"1","occurred_at":"2026-01-12T09:00:00Z","recorded_at":"2026-01-12T09:30:00Z",
 "area":"E06000044","legal_basis":["public_task"],"subjects":[{"roles":["child"],"family_name":"Testley"}],"missed_appointment":{}}
EOF
sed -i "s/2026-01-12T09:00/$(date -u -d '-2 hours' +%Y-%m-%dT%H:%M)/; s/2026-01-12T09:30/$(date -u -d '-1 hours' +%Y-%m-%dT%H:%M)/" event.json
expect "an event is checked without a hub" 0 '1 well formed' "$mashctl" publish --check event.json
tr -d '\n' <event.json >stream.jsonl
{ echo; tr -d '\n' <event.json; } >>stream.jsonl
expect "a stream of JSON lines is taken" 0 '2 well formed' "$mashctl" publish --check stream.jsonl
expect "and cut at --count" 0 '1 well formed' "$mashctl" publish --check --count 1 stream.jsonl
sed 's/"area"/"aera"/' event.json >typo.json
expect "an unknown field is said by name" 1 'aera' "$mashctl" publish --check typo.json
sed 's/,"missed_appointment":{}//' event.json >empty.json
expect "an event without a payload is refused by the hub's own check" 3 'event|payload' "$mashctl" publish --check empty.json
: >nothing.json
expect "an empty file" 1 'is empty' "$mashctl" publish --check nothing.json
expect "a file that is not there" 1 'no-such-file' "$mashctl" publish --check no-such-file
expect "no key on standard input" 2 'read from standard input' "$mashctl" find --purpose audit
expect "find asks what it is for" 2 'strategy-discussion' "$mashctl" find
expect "explain too" 2 'recorded with who looked' "$mashctl" explain A1 --purpose curiosity
expect "and who looked at a child" 2 'strategy-discussion' "$mashctl" audit --about
expect "journal status without hub.yaml" 1 'hub.yaml' "$mashctl" --config . journal status
exit $failed
