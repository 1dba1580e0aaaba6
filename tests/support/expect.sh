# Sourced by tests that are a shell's: what programs say and answer. Sets NO_COLOR, and `failed`, with which the test ends.
failed=0
NO_COLOR=1
export NO_COLOR
unset MASHHUB_CONFIG

# expect NAME EXIT PATTERN COMMAND...: the exit code, and a line of either output that matches.
expect() {
    name=$1 code=$2 pattern=$3
    shift 3
    "$@" >out 2>&1 </dev/null
    got=$?
    if [ $got -ne "$code" ] || ! grep -qE -e "$pattern" out; then
        echo "FAILED: $name: exit $got (expected $code), looked for: $pattern"
        sed 's/^/    /' out
        failed=1
    else
        echo "ok: $name"
    fi
}
