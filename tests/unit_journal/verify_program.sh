#!/bin/sh
# mashctl journal verify as a program: over SQLite with the heads beside it, and over Redis.
# Usage: verify_program.sh MASHHUBD MASHCTL SOURCE
set -u
mashhubd=$1
mashctl=$2
source=$3
work=$(mktemp -d)
redis=
trap '[ -z "$redis" ] || kill "$redis"; rm -rf "$work"' EXIT
cd "$work" || exit 1
. "$source/tests/support/expect.sh"

# make FOLDER [JOURNAL]: a partnership, founded and never started.
make() {
    mkdir "$1"
    cp -r "$source/config/hips/policy" "$1/policy"
    echo 'partnership: hips' >"$1/hub.yaml"
    [ $# -lt 2 ] || echo "journal: $2" >>"$1/hub.yaml"
    expect "$1: a partnership is founded" 0 'partnership hips made' "$mashhubd" init --config "$1" --operator operator.pub
}

"$mashctl" keys new operator >/dev/null || exit 1

make sqlite
verify="$mashctl --config sqlite journal verify"
cp sqlite/state/heads heads
expect "sqlite: what was founded holds, with its head" 0 '^holds +2 records, 1 signed heads' $verify
expect "sqlite: the same for programs" 0 '"records":2,.*"heads":1,.*"first_bad":0,.*"finding":""' $verify --json
expect "sqlite: a fold of it writes a snapshot" 0 'snapshot written to' "$mashhubd" --fold --config sqlite
rm sqlite/state/heads
expect "sqlite: without the heads nothing shows a cut" 1 'heads file is not there' $verify
expect "sqlite: and no record is called bad for it" 1 '2 records read, and each of them holds' $verify
echo 'not a head' >sqlite/state/heads
expect "sqlite: nor with garbage in their place" 1 'DOES NOT HOLD' $verify
expect "sqlite: whose lines are counted" 1 '1 lines of the heads file are no heads' $verify
{ cat heads; printf '0a0b'; } >sqlite/state/heads
expect "sqlite: a torn line is told and no finding" 0 '1 lines of the heads file are no heads' $verify

make other
cp other/state/journal.db* sqlite/state/
expect "sqlite: a store of another history does not hold" 1 'DOES NOT HOLD' $verify

mkfifo log
redis-server --port 0 --unixsocket "$work/redis.sock" --dir "$work" --appendonly yes --appendfsync always --save '' >log 2>&1 &
redis=$!
exec 3<log
while read -r line <&3; do
    case $line in *"ready to accept connections at"*) break ;; esac
done
make redis "redis:unix:$work/redis.sock?db=2"
verify="$mashctl --config redis journal verify"
expect "redis: what was founded holds, with its head" 0 '^holds +2 records, 1 signed heads' $verify
redis-cli -s redis.sock -n 2 DEL mash:hips:batches >/dev/null
expect "redis: a stream that is gone does not hold" 1 'DOES NOT HOLD' $verify
expect "redis: since its head was signed" 1 'tail was cut' $verify
exit $failed
