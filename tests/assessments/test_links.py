"""Links are opened at public addresses only, gently, and what was found is recorded without a trace in the history."""

import datetime
import http.server
import ssl
import threading
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.core.management import call_command
from django.utils import timezone

from assessments.links import LinkChecker, due_links, is_public, public_address
from assessments.models import Evidence
from tests import factories

HERE = "127.0.0.1"


class Site(http.server.ThreadingHTTPServer):
    """Answers by path, and remembers what it was asked."""

    daemon_threads = True

    def __init__(self):
        super().__init__((HERE, 0), Answer)
        self.asked = []

    def link(self, path="/", host="site.example", scheme="http"):
        return f"{scheme}://{host}:{self.server_port}{path}"

    def handle_error(self, request, client_address):
        """A reader that goes away is no error here."""


class Answer(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.server.asked.append((self.command, self.path, dict(self.headers), time.monotonic()))
        path, _mark, query = self.path.partition("?")
        if path == "/to":
            self.send_response(302)
            self.send_header("Location", query)
        elif path == "/loop":
            self.send_response(302)
            self.send_header("Location", "/loop")
        elif path == "/drip":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            for _ in range(100):
                self.wfile.write(b"X-Drop: 1\r\n")
                time.sleep(0.05)
            return
        elif path == "/silence":
            self.close_connection = True
            return
        elif path == "/get-only":
            self.send_response(200 if self.command == "GET" else 405)
        elif path == "/endless":
            self.send_response(200)
            self.end_headers()
            if self.command == "GET":
                for _ in range(1000):
                    self.wfile.write(b"x" * 1024)
                    time.sleep(0.01)
            return
        else:
            self.send_response(int(path[1:]) if path[1:].isdigit() else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD

    def log_message(self, *args):
        """Tests are quiet."""


@pytest.fixture
def site():
    server = Site()
    threading.Thread(target=server.serve_forever, args=[0.02], daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def resolve(host, port):
    """Every name that ends in .example is this machine; of all others the real guard decides."""
    return HERE if host.endswith(".example") else public_address(host, port)


@pytest.fixture
def checker():
    return LinkChecker(resolve=resolve, pause=0)


@pytest.mark.parametrize(
    ("path", "result"),
    [
        ("/", "opened"),
        ("/тайлан?а=ө б#в", "opened"),
        ("/204", "opened"),
        ("/get-only", "opened"),
        ("/to?/200", "opened"),
        ("/to?/to?/200", "opened"),
        ("/404", "not_found"),
        ("/410", "not_found"),
        ("/to?/404", "not_found"),
        ("/401", "refused"),
        ("/403", "refused"),
        ("/429", "refused"),
        ("/500", "no_answer"),
        ("/503", "no_answer"),
        ("/silence", "no_answer"),
        ("/loop", "no_answer"),
        ("/to?http://10.0.0.1/", "not_public"),
        ("/to?http://127.0.0.1/", "not_public"),
        ("/to?http://[::1]/", "not_public"),
        ("/to?http://169.254.169.254/latest/meta-data/", "not_public"),
        ("/to?//192.168.0.1/", "not_public"),
        ("/to?file:///etc/passwd", "no_answer"),
        ("/to?http://user@site.example/", "no_answer"),
    ],
)
def test_what_comes_of_a_link(site, checker, path, result):
    assert checker.check(site.link(path)) == result


@pytest.mark.parametrize(
    ("link", "result"),
    [
        ("http://127.0.0.1/", "not_public"),
        ("http://localhost/", "not_public"),
        ("http://127.1/", "not_public"),
        ("http://2130706433/", "not_public"),
        ("http://[::ffff:10.0.0.1]/", "not_public"),
        ("ftp://site.example/", "no_answer"),
        ("javascript:alert(1)", "no_answer"),
        ("http://user:secret@site.example/", "no_answer"),
        ("http://" + "a" * 70 + ".example/", "no_answer"),
        ("http://site.example:99999/", "no_answer"),
        ("http://[site.example/", "no_answer"),
        ("http://no-such-host.invalid/", "no_answer"),
    ],
)
def test_a_link_that_leads_nowhere_public_is_not_asked(site, checker, link, result):
    assert checker.check(link) == result
    assert site.asked == []


def test_a_redirect_to_a_private_address_is_not_followed(site, checker):
    path = "/to?" + site.link("/secret", host=HERE)
    assert checker.check(site.link(path)) == "not_public"
    assert [asked for _method, asked, _headers, _moment in site.asked] == [path]


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1"),
        "0.0.0.0",  # noqa: S104
        *("255.255.255.255", "198.18.0.1", "192.0.2.1", "240.0.0.1"),
        *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::"),
    ],
)
def test_private_local_and_reserved_addresses_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "202.131.0.1", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_others_are(address):
    assert is_public(address)


def test_the_connection_goes_to_the_address_that_was_looked_at(site):
    """Names are resolved once a request: a second answer, which could be another one, is never asked for."""
    answers = iter([HERE])
    checker = LinkChecker(resolve=lambda host, port: next(answers), pause=0)
    assert checker.check(site.link("/", host="rebinding.example")) == "opened"


def test_a_server_is_told_who_asks_and_under_which_name(site, checker, settings):
    settings.SITE_URL = "https://ogp.example.org"
    checker.check(site.link("/a?b=1", host="засаг.example"))
    [(method, path, headers, _moment)] = site.asked
    assert (method, path, headers["Host"], headers["User-Agent"]) == (
        "HEAD",
        "/a?b=1",
        f"xn--80aajn5c.example:{site.server_port}",
        "ogptracker link check (+https://ogp.example.org)",
    )


def test_a_host_is_asked_with_a_pause_and_another_at_once(site):
    checker = LinkChecker(resolve=resolve, pause=0.3)
    for link in (site.link("/404"), site.link("/", host="other.example")):
        checker.check(link)
    moments = [moment for _method, _path, _headers, moment in site.asked]
    assert [method for method, *_rest in site.asked] == ["HEAD", "GET", "HEAD"]
    assert moments[1] - moments[0] > 0.25
    assert moments[2] - moments[1] < 0.25


@pytest.mark.parametrize("path", ["/drip", "/endless"])
def test_an_answer_that_never_ends_is_not_waited_for(site, path):
    checker = LinkChecker(resolve=resolve, pause=0, deadline=0.3)
    started = time.monotonic()
    checker.check(site.link(path))
    assert time.monotonic() - started < 3


class TestCertificates:
    """The connection goes to a number, the certificate is asked for the name."""

    @pytest.fixture
    def secure_site(self, site, tmp_path, monkeypatch):
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "site.example")])
        now = datetime.datetime.now(datetime.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("site.example")]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        pem = tmp_path / "site.pem"
        pem.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
        site.socket = context.wrap_socket(site.socket, server_side=True)
        return site, pem

    def test_a_trusted_one_of_this_name_opens(self, secure_site, checker, monkeypatch):
        site, pem = secure_site
        monkeypatch.setenv("SSL_CERT_FILE", str(pem))
        assert checker.check(site.link("/", scheme="https")) == "opened"
        assert checker.check(site.link("/", host="other.example", scheme="https")) == "no_answer"

    def test_an_unknown_one_does_not(self, secure_site, checker):
        site, _pem = secure_site
        assert checker.check(site.link("/", scheme="https")) == "no_answer"


def run(capsys, *arguments, **options):
    call_command("check_links", *arguments, **options)
    return capsys.readouterr().out.splitlines()


class TestCommand:
    def test_opens_each_address_once_and_records_it_on_every_row(self, db, site, checker, capsys):
        gone, there = site.link("/404"), site.link("/200")
        rows = [factories.EvidenceFactory(address=address) for address in (there, there, gone)]
        before = timezone.now()
        assert run(capsys, checker=checker) == [f"not found: {gone}", "2 links tried: 1 opened, 1 not found."]
        found = [Evidence.objects.get(pk=row.pk) for row in rows]
        assert [row.check_result for row in found] == ["opened", "opened", "not_found"]
        assert all(before < row.checked_at < timezone.now() for row in found)
        assert [path for method, path, *_rest in site.asked if method == "HEAD"] == ["/200", "/404"]

    def test_is_no_change_in_the_history_and_leaves_the_data_sound(self, db, site, checker, capsys):
        row = factories.EvidenceFactory(
            self_assessment=factories.PublishedSelfAssessmentFactory(), address=site.link("/200")
        )
        run(capsys, checker=checker)
        assert row.history.count() == 1
        call_command("check_data")
        assert "all are sound" in capsys.readouterr().out

    def test_may_leave_out_what_was_tried_lately(self, db, capsys):
        now = timezone.now()
        for name, days in (("never", None), ("lately", 2), ("long-ago", 40)):
            row = factories.EvidenceFactory(address=f"https://{name}.example/")
            if days is not None:
                Evidence.objects.filter(pk=row.pk).update(checked_at=now - datetime.timedelta(days=days))
        assert run(capsys, "--dry-run") == [
            "https://never.example/",
            "https://long-ago.example/",
            "https://lately.example/",
            "3 links would be opened.",
        ]
        assert run(capsys, "--dry-run", "--older-than", "30") == [
            "https://never.example/",
            "https://long-ago.example/",
            "2 links would be opened.",
        ]
        assert not Evidence.objects.exclude(check_result="").exists()

    def test_says_so_where_there_is_no_link(self, db, capsys):
        assert run(capsys) == ["0 links tried."]


def test_an_organisations_draft_is_not_looked_into(db):
    for answer in (factories.CounterAssessmentFactory(), factories.SubmittedCounterAssessmentFactory()):
        factories.EvidenceFactory(
            self_assessment=None, counter_assessment=answer, address=f"https://{answer.state}.example/"
        )
    assert due_links() == ["https://submitted.example/"]
