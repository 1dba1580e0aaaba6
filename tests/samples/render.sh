#!/bin/sh
# Renders the samples into a folder, dated from now: {{kind:offset}} becomes a time that far from now.
#
#   render.sh TARGET [NOW]      NOW: seconds since 1970 (default: now). tests/samples/bad is rendered only with RENDER_BAD=1.
#
#   {{iso:-3h}}  2026-01-12T06:30:00Z          {{ymd:-2d}}  2026-01-10        {{dmy:-2d}}  10/01/2026
#   {{hl7:-3h}}  20260112063000+0000           {{java:-2d}} Sat Jan 10 09:30:00 GMT 2026     {{dmon:-2d}} 10 Jan 2026
#   offsets: + or -, a number, and m (minutes), h (hours) or d (days)
set -eu
LC_ALL=C
export LC_ALL
target=${1:?usage: render.sh TARGET [NOW]}
now=${2:-$(date -u +%s)}
here=$(cd "$(dirname "$0")" && pwd)

# Prints a sed line for one placeholder, e.g. "iso:-3h".
line_for() {
    kind=${1%%:*}
    offset=${1#*:}
    number=${offset%[mhd]}
    case $offset in
        *m) unit=60 ;;
        *h) unit=3600 ;;
        *d) unit=86400 ;;
        *) echo "render.sh: no unit in {{$1}}" >&2; exit 1 ;;
    esac
    case $kind in
        iso) shape='%Y-%m-%dT%H:%M:%SZ' ;;
        ymd) shape='%Y-%m-%d' ;;
        dmy) shape='%d/%m/%Y' ;;
        dmon) shape='%d %b %Y' ;;
        hl7) shape='%Y%m%d%H%M%S+0000' ;;
        java) shape='%a %b %d %H:%M:%S GMT %Y' ;;
        *) echo "render.sh: no such kind in {{$1}}" >&2; exit 1 ;;
    esac
    text=$(date -u -d "@$((now + number * unit))" "+$shape")
    printf 's|{{%s}}|%s|g\n' "$1" "$text"
}

render() {
    script=$(grep -o '{{[a-z0-9]*:[-+][0-9]*[a-z]}}' "$1" | sort -u | while read -r found; do
        found=${found#\{\{}
        line_for "${found%\}\}}"
    done)
    mkdir -p "$(dirname "$2")"
    sed "$script" "$1" > "$2"
}

folders='police police_ppn health health_more health_fhir probation education education_csv education_ctf education_concerns
children children_csc adults adults_safeguarding identity
education_export education_included health_other health_flags adults_extract children_2026 probation_more'
if [ "${RENDER_BAD:-0}" = 1 ]; then folders="$folders bad"; fi
for folder in $folders; do
    for file in "$here/$folder"/*; do
        render "$file" "$target/$folder/$(basename "$file")"
    done
done
