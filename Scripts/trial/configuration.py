"""A configuration for one machine: a modality, a reader over TLS, a PACS, all on loopback and in a hurry."""

from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Plan:
    """Ports, names and times; `configuration()` is the TOML file."""

    plain_port: int
    tls_port: int
    console_port: int
    reader_port: int
    pacs_port: int
    vault_key: Path
    viewer_token: Path
    operator_token: Path
    gateway_tls: tuple  # certificate, private key, trusted
    gateway_aet: str = "ANTIPODE"
    reader_aet: str = "READER"
    pacs_aet: str = "PACS"
    modality_aet: str = "MODALITY"
    method: str = "push"
    quiet_period: str = "2s"
    lanes: int = 4
    limits: dict = field(default_factory=dict)

    @property
    def polling(self):
        lines = [] if self.method == "push" else ['first_poll = "1s"', 'interval = "1s"']
        if self.method == "move":
            lines.append(f'move_destination = "{self.gateway_aet}"')
        return "\n".join(lines)

    def configuration(self):
        certificate, key, trusted = self.gateway_tls
        limits = "\n".join(f'{name} = "{value}"' for name, value in self.limits.items())
        return f"""\
# Made for a trial on this machine alone.
[gateway]
state = "state"
time_zone = "Europe/Stockholm"
drain = "5s"

[spool]
free_floor = "64 MiB"

[vault]
key_file = "{self.vault_key}"

[tls.trial]
certificate = "{certificate}"
private_key = "{key}"
trusted = "{trusted}"

[console]
port = {self.console_port}
viewer_token_file = "{self.viewer_token}"
operator_token_file = "{self.operator_token}"
language = "en"

[intake]
silence = "3s"

[intake.limits]
{limits}

[[listener]]
name = "modalities"
port = {self.plain_port}
ae_titles = ["{self.gateway_aet}"]

[[listener]]
name = "readers"
port = {self.tls_port}
ae_titles = ["{self.gateway_aet}"]
tls = "trial"

[[source]]
name = "modality"
listeners = ["modalities"]
addresses = ["127.0.0.1"]
calling_ae_titles = ["{self.modality_aet}"]
unknown_sop_classes = true
quiet_period = "{self.quiet_period}"

[[source]]
name = "reader"
role = "reader"
destination = "reader"
listeners = ["readers"]
addresses = ["127.0.0.1"]
calling_ae_titles = ["{self.reader_aet}"]

[[destination]]
name = "reader"
role = "reader"
host = "127.0.0.1"
port = {self.reader_port}
called_ae_title = "{self.reader_aet}"
calling_ae_title = "{self.gateway_aet}"
tls = "trial"
identity = "pseudonymous"
country = "AU"
agreement = "trial"
lanes = {self.lanes}

[destination.retry]
minimum = "0.5s"
maximum = "3s"

[[destination]]
name = "pacs"
role = "pacs"
host = "127.0.0.1"
port = {self.pacs_port}
called_ae_title = "{self.pacs_aet}"
calling_ae_title = "{self.gateway_aet}"
identity = "identified"
ground = "the hospital's own archive"

[destination.retry]
minimum = "0.5s"
maximum = "3s"

[[reports]]
reader = "reader"
method = "{self.method}"
{self.polling}
deliver_to = ["pacs"]

[[rule]]
name = "everything to the reader"
to = ["reader"]
"""
