#!/bin/sh
# Records traffic.pcap: ping, UDP and TCP of several sizes, plain and with a VLAN tag, between two new network
# namespaces. Needs root and the Debian packages iproute2, iputils-ping, tcpdump, ethtool and python3.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
raw=$(mktemp)
a=netmap-record-a
b=netmap-record-b
cleanup() {
    ip netns del "$a" 2>/dev/null || true
    ip netns del "$b" 2>/dev/null || true
    rm -f "$raw"
}
trap cleanup EXIT INT TERM

in_a() { ip netns exec "$a" "$@"; }
in_b() { ip netns exec "$b" "$@"; }

addresses=192.0.2.2
ip netns add "$a"
ip netns add "$b"
ip link add veth0 netns "$a" type veth peer name veth0 netns "$b"
for side in a b; do
    ns=netmap-record-$side
    host=$([ "$side" = a ] && echo 1 || echo 2)
    # No offload, so that the capture has the frames of a real wire.
    ip netns exec "$ns" ethtool -K veth0 tso off gso off gro off tx off rxvlan off txvlan off >/dev/null 2>&1 || true
    ip -n "$ns" link set lo up
    ip -n "$ns" addr add "192.0.2.$host/25" dev veth0
    ip -n "$ns" link set veth0 up
    if ip -n "$ns" link add link veth0 name tagged type vlan id 42 2>/dev/null; then
        ip -n "$ns" addr add "192.0.2.$((host + 128))/25" dev tagged
        ip -n "$ns" link set tagged mtu 1496 up
        addresses="192.0.2.2 192.0.2.130"
    else
        echo "record.sh: this kernel has no VLAN devices: no tagged frames" >&2
    fi
done
sleep 1

ip netns exec "$b" tcpdump -Z root -i veth0 -w "$raw" -s 0 -U 2>/dev/null &
dump=$!
sleep 1
for to in $addresses; do
    for size in 0 1 17 18 33 64 100 129 256 333 512 700 901 1001 1300 1471; do
        in_a ping -q -c 3 -i 0.02 -s "$size" -M do "$to" >/dev/null 2>&1 || true
    done
    in_b python3 "$here/traffic.py" serve "$to" &
    server=$!
    in_a python3 "$here/traffic.py" talk "$to"
    wait "$server"
done
sleep 1
kill -TERM "$dump"
wait "$dump" || true

# A wire carries no frame below 60 bytes: pad what the virtual one did.
python3 - "$raw" "$here/traffic.pcap" <<'PY'
import struct
import sys

source, target = sys.argv[1:]
data = open(source, "rb").read()
out, at, lengths, tagged = bytearray(data[:24]), 24, [], 0
while at + 16 <= len(data):
    seconds, fraction, captured, length = struct.unpack_from("<IIII", data, at)
    frame = data[at + 16 : at + 16 + captured]
    at += 16 + captured
    if captured != length or length > 1514:
        continue
    frame = frame.ljust(60, b"\0")
    tagged += frame[12:14] == b"\x81\x00"
    lengths.append(len(frame))
    out += struct.pack("<IIII", seconds, fraction, len(frame), len(frame)) + frame
open(target, "wb").write(out)
print(f"{len(lengths)} frames, {min(lengths)} to {max(lengths)} bytes, {len(set(lengths))} lengths, {tagged} tagged, {len(out)} bytes")
PY
