#!/bin/sh
# A private authority and certificates for a trial on one machine. Not for patients: the authority's key
# stays beside the others, unencrypted.
#
#   make-trial-ca.sh DIR [NAME...]     default names: gateway reader
#
# Makes DIR/ca.pem and, for each name, DIR/NAME.pem and DIR/NAME.key. A second call with other names adds
# to the same authority. Nothing is overwritten.
set -eu
umask 077

dir=${1:?usage: make-trial-ca.sh DIR [NAME...]}
shift
[ $# -gt 0 ] || set -- gateway reader
command -v openssl >/dev/null || { echo "make-trial-ca.sh: openssl is not installed" >&2; exit 69; }
mkdir -p "$dir"
conf=$dir/.extensions.$$
said=$dir/.said.$$
trap 'rm -f "$conf" "$said" "$dir/.request.$$"' EXIT

# openssl chatters while it makes keys; what it says matters only if it fails.
quietly() { "$@" 2>"$said" || { cat "$said" >&2; exit 70; }; }

cat >"$conf" <<'CONF'
[req]
distinguished_name = name
prompt = no
[name]
[authority]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[peer]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
# A gateway is a server to modalities and a client to readers.
extendedKeyUsage = serverAuth, clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = DNS:localhost, IP:127.0.0.1, IP:::1
CONF

if [ ! -e "$dir/ca.pem" ]; then
    quietly openssl req -x509 -new -newkey rsa:3072 -nodes -sha256 -days 3650 -config "$conf" \
        -extensions authority -subj "/O=Antipode trial/CN=Antipode trial authority" \
        -keyout "$dir/ca.key" -out "$dir/ca.pem"
fi

for name in "$@"; do
    case $name in '' | *[!A-Za-z0-9._-]*) echo "make-trial-ca.sh: not a name: $name" >&2; exit 64 ;; esac
    [ ! -e "$dir/$name.pem" ] || { echo "make-trial-ca.sh: $dir/$name.pem is there already" >&2; exit 73; }
    quietly openssl req -new -newkey rsa:3072 -nodes -sha256 -config "$conf" \
        -subj "/O=Antipode trial/CN=$name" -keyout "$dir/$name.key" -out "$dir/.request.$$"
    # 397 days: trials end, and a forgotten one should be noticed.
    quietly openssl x509 -req -sha256 -days 397 -in "$dir/.request.$$" -CA "$dir/ca.pem" \
        -CAkey "$dir/ca.key" -set_serial "0x$(openssl rand -hex 16)" -extfile "$conf" -extensions peer \
        -out "$dir/$name.pem"
done
chmod 644 "$dir"/*.pem
