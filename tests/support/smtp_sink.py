#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
# smtp_sink.py -- Debian's aiosmtpd on loopback, with TLS and a login: says "ready", then each letter it takes as one line of JSON.
# usage: smtp_sink.py CERTIFICATE KEY starttls|implicit USER PASSWORD PORT
import json
import ssl
import sys
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

certificate, key, manner, user, password, port = sys.argv[1:7]


def say(value):
    print(json.dumps(value), flush=True)


class Sink:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody@"):
            return "550 5.1.1 nobody here"
        if address.startswith("full@"):
            return "452 4.2.2 mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        say({"tls": session.ssl is not None, "authenticated": session.authenticated,
             "from": envelope.mail_from, "to": envelope.rcpt_tos, "letter": envelope.content.decode("ascii")})
        return "250 2.0.0 taken"


def authenticate(server, session, envelope, mechanism, data):
    good = data.login.decode() == user and data.password.decode() == password
    return AuthResult(success=good, handled=False)


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)


class Server(Controller):
    def factory(self):
        over = {"tls_context": context, "require_starttls": True} if manner == "starttls" else {}
        return SMTP(self.handler, authenticator=authenticate, auth_required=True, auth_require_tls=manner == "starttls", **over)


controller = Server(Sink(), hostname="127.0.0.1", port=int(port), ssl_context=context if manner == "implicit" else None)
controller.start()
say({"ready": True})
sys.stdin.read()
controller.stop()
