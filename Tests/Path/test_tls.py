"""TLS by BCP 195 without downgrading (PS3.15 B.10, and what RFC 9325 asks for): what the gateway takes and what it
refuses, as it is called and as it calls. The other side is OpenSSL at its laxest, and each offer that is refused is also
made to a lax server with the same certificates, which takes it: so it is the gateway that refuses."""

import re
import ssl
import subprocess

import pytest
from reader import CountingReader
from trial.processes import Child, free_ports, wait_until

LAX = ":@SECLEVEL=0"
EVERYTHING = "ALL:COMPLEMENTOFALL" + LAX
#: Numbers of RFC 5246, 7.2: the server's own word, which a client that cannot make the offer would not have heard.
HANDSHAKE_FAILURE, PROTOCOL_VERSION = 40, 70


def old_version(option):
    return [option, "-cipher", EVERYTHING]


def suite_of_1_2(names):
    return ["-tls1_2", "-cipher", names + LAX]


@pytest.fixture(scope="module")
def site(make_site):
    """A site with a second TLS listener whose certificate has an RSA key; that of the first has a key on a curve."""
    one = make_site("tls")
    one.rsa_port, one.called_port = free_ports(2)
    certificate, key, trusted = one.gateway.certificate("gateway")
    one.gateway.config.write_text(one.gateway.config.read_text() + f"""
[tls.rsa]
certificate = "{certificate}"
private_key = "{key}"
trusted = "{trusted}"

[[listener]]
name = "rsa"
port = {one.rsa_port}
ae_titles = ["{one.gateway_aet}"]
tls = "rsa"

[[source]]
name = "rsa"
listeners = ["rsa"]
addresses = ["127.0.0.1"]
calling_ae_titles = ["{one.modality_aet}"]
""" + "".join(f"""
[[destination]]
name = "peer-{kind}"
role = "pacs"
host = "127.0.0.1"
port = {one.called_port}
called_ae_title = "PEER"
calling_ae_title = "{one.gateway_aet}"
tls = "{tls}"
identity = "identified"
ground = "trial"
""" for kind, tls in (("rsa", "rsa"), ("curve", "trial"))))
    return one.start()


@pytest.fixture(scope="module")
def rsa(site):
    return site.gateway.certificate("reader")


@pytest.fixture(scope="module")
def curve(site):
    return site.peer_tls("reader")


@pytest.fixture(scope="module")
def lax(rsa, curve, tmp_path_factory):
    """Ports of servers that take whatever OpenSSL can: of whom has a certificate, and of anyone."""
    folder, servers, ports = tmp_path_factory.mktemp("lax"), [], dict(zip(("rsa", "curve", "anyone"), free_ports(3)))
    asking = ["-Verify", "2", "-verify_return_error"]
    for name, (certificate, key, trusted), more in (("rsa", rsa, asking), ("curve", curve, asking), ("anyone", rsa, [])):
        servers.append(Child("a lax server", [
            "openssl", "s_server", "-4", "-accept", ports[name], "-cert", certificate, "-key", key, "-CAfile", trusted,
            "-min_protocol", "TLSv1", "-cipher", EVERYTHING, "-quiet", *more], folder / name).start())
        servers[-1].wait_listening(ports[name])
    yield ports
    for server in servers:
        server.stop()


def shake(port, tls, words):
    """One handshake by `openssl s_client`: (version, cipher suite), or the number of the alert that refused it."""
    certificate, key, trusted = tls
    said = subprocess.run(
        ["openssl", "s_client", "-brief", "-connect", f"127.0.0.1:{port}", "-cert", certificate, "-key", key, "-CAfile",
         trusted, "-verify_return_error", *words],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=20)
    text = said.stdout + said.stderr
    refused = re.search(r"SSL alert number (\d+)", text)
    if refused:
        return int(refused[1])
    assert said.returncode == 0, text
    return re.search(r"Protocol version: (\S+)", text)[1], re.search(r"Ciphersuite: (\S+)", text)[1]


@pytest.mark.parametrize("option,version", [("-tls1", "TLSv1"), ("-tls1_1", "TLSv1.1")])
def test_old_versions_are_refused(site, rsa, curve, lax, option, version):
    for port, kind, tls in ((site.rsa_port, "rsa", rsa), (site.tls_port, "curve", curve)):
        assert shake(lax[kind], tls, old_version(option))[0] == version
        assert shake(port, tls, old_version(option)) == PROTOCOL_VERSION


@pytest.mark.parametrize("suite", [
    # Without forward secrecy: whoever gets the key one day reads what was recorded.
    "AES128-SHA", "AES128-SHA256", "AES128-GCM-SHA256", "AES256-GCM-SHA384",
    # CBC.
    "ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES128-SHA256", "ECDHE-RSA-AES256-SHA384", "DHE-RSA-AES256-SHA256",
    # Without encryption.
    "NULL-SHA256", "ECDHE-RSA-NULL-SHA",
])
def test_weak_suites_are_refused(site, rsa, lax, suite):
    assert shake(lax["rsa"], rsa, suite_of_1_2(suite)) == ("TLSv1.2", suite)
    assert shake(site.rsa_port, rsa, suite_of_1_2(suite)) == HANDSHAKE_FAILURE


@pytest.mark.parametrize("suite", ["ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "ECDHE-ECDSA-NULL-SHA"])
def test_weak_suites_are_refused_with_a_key_on_a_curve(site, curve, lax, suite):
    assert shake(lax["curve"], curve, suite_of_1_2(suite)) == ("TLSv1.2", suite)
    assert shake(site.tls_port, curve, suite_of_1_2(suite)) == HANDSHAKE_FAILURE


@pytest.mark.parametrize("suite", ["ADH-AES128-GCM-SHA256", "AECDH-AES128-SHA"])
def test_suites_without_certificates_are_refused(site, rsa, lax, suite):
    assert shake(lax["anyone"], rsa, suite_of_1_2(suite)) == ("TLSv1.2", suite)
    assert shake(site.rsa_port, rsa, suite_of_1_2(suite)) == HANDSHAKE_FAILURE


@pytest.mark.parametrize("words,taken", [
    (suite_of_1_2("ECDHE-RSA-AES128-GCM-SHA256"), ("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256")),
    (suite_of_1_2("ECDHE-RSA-AES256-GCM-SHA384"), ("TLSv1.2", "ECDHE-RSA-AES256-GCM-SHA384")),
    (suite_of_1_2("DHE-RSA-AES128-GCM-SHA256"), ("TLSv1.2", "DHE-RSA-AES128-GCM-SHA256")),
    # A client that would rather have a weak one gets a strong one.
    (suite_of_1_2("AES128-SHA:ECDHE-RSA-AES128-SHA:ECDHE-RSA-AES128-GCM-SHA256"),
     ("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256")),
    (["-tls1_3", "-ciphersuites", "TLS_AES_128_GCM_SHA256"], ("TLSv1.3", "TLS_AES_128_GCM_SHA256")),
    (["-tls1_3", "-ciphersuites", "TLS_AES_256_GCM_SHA384"], ("TLSv1.3", "TLS_AES_256_GCM_SHA384")),
    # Who offers every version gets the newest.
    (["-min_protocol", "TLSv1", "-cipher", EVERYTHING], ("TLSv1.3", "TLS_AES_256_GCM_SHA384")),
], ids=["1.2 AES128", "1.2 AES256", "1.2 DHE", "1.2 weak first", "1.3 AES128", "1.3 AES256", "every version"])
def test_forward_secrecy_with_authenticated_encryption_is_taken(site, rsa, words, taken):
    assert shake(site.rsa_port, rsa, words) == taken


@pytest.mark.parametrize("suite", ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384"])
def test_forward_secrecy_is_taken_with_a_key_on_a_curve(site, curve, suite):
    assert shake(site.tls_port, curve, suite_of_1_2(suite)) == ("TLSv1.2", suite)


# As it calls


@pytest.fixture
def peer(site):
    """peer(tls, version, suites): a peer that answers C-ECHO and speaks nothing else."""
    started = []

    def start(tls, version, suites):
        one = CountingReader(site.called_port, "PEER", *tls)
        one.context.set_ciphers(suites + LAX)
        one.context.minimum_version, one.context.maximum_version = ssl.TLSVersion.MINIMUM_SUPPORTED, version
        one.context.minimum_version = version
        started.append(one)
        return one.start()

    yield start
    for one in started:
        one.stop()


def echo(site, kind):
    return site.gateway.run("echo", f"peer-{kind}", "--json", check=False)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("version,suites,words", [
    ("TLSv1", "ALL", old_version("-tls1")),
    ("TLSv1_1", "ALL", old_version("-tls1_1")),
    ("TLSv1_2", "AES128-SHA", suite_of_1_2("AES128-SHA")),
    ("TLSv1_2", "AES256-GCM-SHA384", suite_of_1_2("AES256-GCM-SHA384")),
    ("TLSv1_2", "ECDHE-RSA-AES128-SHA", suite_of_1_2("ECDHE-RSA-AES128-SHA")),
    ("TLSv1_2", "NULL-SHA256", suite_of_1_2("NULL-SHA256")),
], ids=["1.0", "1.1", "no forward secrecy", "no forward secrecy, GCM", "CBC", "no encryption"])
def test_a_peer_that_has_only_weak_ones_is_told_nothing(site, rsa, peer, version, suites, words):
    one = peer(rsa, ssl.TLSVersion[version], suites)
    assert isinstance(shake(site.called_port, rsa, words), tuple), "the peer itself does not take what it should"
    # The peer counts on a thread of its own.
    wait_until(lambda: one.connections, 10, "the handshake being counted")
    before = one.connections
    done = echo(site, "rsa")
    assert done.returncode != 0 and '"tlsFailed"' in done.stdout, done.stdout + done.stderr
    assert one.connections == before


@pytest.mark.parametrize("kind,version,suites,taken", [
    ("rsa", "TLSv1_2", "ECDHE-RSA-AES128-GCM-SHA256", "TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256"),
    ("rsa", "TLSv1_2", "ECDHE-RSA-AES256-GCM-SHA384", "TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384"),
    ("curve", "TLSv1_2", "ECDHE-ECDSA-AES128-GCM-SHA256", "TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256"),
    ("curve", "TLSv1_2", "ECDHE-ECDSA-AES256-GCM-SHA384", "TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384"),
    ("rsa", "TLSv1_3", "ALL", "TLSv1.3 TLS_AES_"),
    ("curve", "TLSv1_3", "ALL", "TLSv1.3 TLS_AES_"),
])
def test_a_peer_with_forward_secrecy_is_called(site, rsa, curve, peer, kind, version, suites, taken):
    peer({"rsa": rsa, "curve": curve}[kind], ssl.TLSVersion[version], suites)
    done = echo(site, kind)
    assert done.returncode == 0 and taken in done.stdout, done.stdout + done.stderr
