# story.sh - what an operator, an agency and a team do on machines of their own, by deploy/RUNBOOK.md and docs/wiring/police.md, on one that
# systemd has started. Its pages' own commands come in as install, board and adapter (test_units.py). Everything ends at the first that fails.
set -eux
until_true() {
    for _ in $(seq 1800); do
        if "$@"; then return 0; fi
        sleep 0.1
    done
    echo "waited 180 s for: $*"
    return 1
}
export MASH=$SOURCE MASHHUB_CONFIG=/srv/story
cp "$BIN"/* /usr/bin/
cp "$SOURCE"/deploy/systemd/* /etc/systemd/system/
# Where a container may not set a sandbox up, the units cannot be tried.
sed 's|^ExecStart=.*|ExecStart=/bin/true|; s|^Type=.*|Type=oneshot|; s|^User=.*|User=nobody|; s|^Group=.*|Group=nogroup|; /^WatchdogSec\|^Restart/d' \
    "$SOURCE/deploy/systemd/mashhubd@.service" >/etc/systemd/system/sandbox@.service
systemctl daemon-reload
systemctl start sandbox@hips || exit 77
ip link set lo up 2>/dev/null || true
mkdir -p /srv/story && cd /srv/story
ln -s "$SOURCE/config" config

# the hub
install_hub
until_true mashctl status
mashctl doctor

# an agency
cp -r "$SOURCE/tests/samples" samples.from && RENDER_BAD=1 samples.from/render.sh samples
mkdir -p wiring/var/police/in && cd wiring
sed 's|\.\./\.\./\.\./||' "$MASH/config/hips/adapters/police.yaml" > police.yaml
digits() { grep -oE '[0-9]{5} [0-9]{5} [0-9]{5} [0-9]{5}' "$1" | tail -n 1; }
mashctl enrol request --adapter police.yaml >request 2>&1
mashctl enrol accept "$(grep -o '^mash-request-1[^ ]*' request)" --fingerprint "$(digits request)" >answer 2>&1
mashctl enrol request --adapter police.yaml "$(grep -o '^mash-answer-1[^ ]*' answer)" --fingerprint "$(digits answer)"
install_adapter
cd ..
install -o mash-adapter -g mash-adapter -m 0600 samples/police/01-da-high-two-children.json /var/lib/mash-adapter/police/in/
is_stored() { mash-adapter --config /etc/mashhub/adapters/police.yaml --status | grep -E 'stored +1 '; }
until_true is_stored

# a team's board, and its own system
install_board
is_whole() { curl -sf http://127.0.0.1:7480/health -H 'Host: board.hips.test'; }
until_true is_whole
systemctl kill -s USR1 mash-board@hampshire
has_pack() { ls /var/lib/mash-board/hampshire/pack-*.mash; }
until_true has_pack

cd /srv/story
mashctl keys new out && mashctl keys enrol out.pub --kind consumer --name out --queues hampshire_childrens
useradd --system --home-dir /var/lib/mash-outbound mash-outbound
install -d -o mash-outbound -g mash-outbound -m 0700 /etc/mashhub/outbound
install -o mash-outbound -m 0600 out.key /etc/mashhub/outbound/ && cp /etc/mashhub/hips/keys/hub.pub /etc/mashhub/outbound/
cat >/etc/mashhub/outbound/hampshire.yaml <<'END'
name: hampshire
folder: /var/lib/mash-outbound/hampshire
hub: {endpoints: ["tcp://127.0.0.1:7402"], server_key: hub.pub}
key: out.key
telephone: "01632 960001"
board: https://board.hips.test
channels: {drop: {file: {folder: /srv/share/drop, content: delivery}}}
queues: [{queue: hampshire_childrens, consumer: hampshire-childrens, channels: [{by: drop, within: 30m}]}]
END
install -d -o mash-outbound -g mash-outbound -m 0770 /srv/share/drop
systemctl enable --now mash-outbound@hampshire
is_shut_out() { mashctl outbound list /var/lib/mash-outbound/hampshire | grep "Read-only file system"; }
until_true is_shut_out
install -d /etc/systemd/system/mash-outbound@.service.d
elsewhere >/etc/systemd/system/mash-outbound@.service.d/override.conf
systemctl daemon-reload && systemctl restart mash-outbound@hampshire
is_passed_on() { ls /srv/share/drop/msg_*.json; }
until_true is_passed_on

# who is killed comes back, by systemd alone; who is stopped ends well
units="mashhubd@hips mash-adapter@police mash-board@hampshire mash-outbound@hampshire"
for unit in $units; do
    before=$(systemctl show -P MainPID "$unit")
    kill -9 "$before"
    is_back() { [ "$(systemctl is-active "$unit")" = active ] && [ "$(systemctl show -P MainPID "$unit")" != "$before" ]; }
    until_true is_back
done
until_true is_whole
# shellcheck disable=SC2086
systemctl stop $units
for unit in $units; do
    [ "$(systemctl show -P Result "$unit") $(systemctl show -P ExecMainStatus "$unit")" = "success 0" ]
done
