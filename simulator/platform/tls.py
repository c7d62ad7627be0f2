"""A throw-away authority for a platform on a desk, and the certificates that QA needs: good, foreign, expired."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LIFE = timedelta(days=30)
HOSTS = ("127.0.0.1", "localhost")


@dataclass(frozen=True, slots=True)
class Certificates:
    """Files (PEM) in one folder."""

    folder: Path

    @property
    def ca(self) -> Path:
        """The authority that both ends believe."""
        return self.folder / "ca.pem"

    def pair(self, name: str) -> tuple[Path, Path]:
        """Certificate and key: `platform`; `terminal`, good; `foreign`, of another authority; `expired`."""
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"


@dataclass(frozen=True, slots=True)
class _Authority:
    key: ec.EllipticCurvePrivateKey
    name: x509.Name
    certificate: x509.Certificate


def make_certificates(folder: Path, *, now: datetime | None = None) -> Certificates:
    """Write an authority and its certificates to `folder`; what is there and still good stays as it is."""
    found = Certificates(folder)
    moment = now or datetime.now(UTC)
    if found.ca.exists() and _is_good(found.ca, moment):
        return found
    folder.mkdir(parents=True, exist_ok=True)
    ours, other = _authority("Simulated city", moment), _authority("Somebody else", moment)
    found.ca.write_bytes(ours.certificate.public_bytes(serialization.Encoding.PEM))
    _issue(found.pair("platform"), ours, "platform", moment, HOSTS)
    _issue(found.pair("terminal"), ours, "terminal", moment)
    _issue(found.pair("foreign"), other, "terminal", moment)
    _issue(found.pair("expired"), ours, "terminal", moment - 2 * LIFE)
    return found


def _is_good(file: Path, now: datetime) -> bool:
    try:
        return x509.load_pem_x509_certificate(file.read_bytes()).not_valid_after_utc > now + timedelta(hours=1)
    except ValueError:
        return False


def _authority(name: str, now: datetime) -> _Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        _builder(subject, subject, key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
    )
    return _Authority(key, subject, builder.sign(key, hashes.SHA256()))


def _issue(
    files: tuple[Path, Path], authority: _Authority, name: str, now: datetime, hosts: tuple[str, ...] = ()
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    purpose = ExtendedKeyUsageOID.SERVER_AUTH if hosts else ExtendedKeyUsageOID.CLIENT_AUTH
    builder = (
        _builder(subject, authority.name, key.public_key(), now)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
    )
    if hosts:
        names = [x509.IPAddress(ip_address(h)) if h[0].isdigit() else x509.DNSName(h) for h in hosts]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    files[0].write_bytes(builder.sign(authority.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    files[1].touch(mode=0o600)
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + LIFE)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
