"""Providers on a real socket of this machine: they speak the documented protocol, and fail as they are told to."""

import base64
import gzip
import json
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

ACCOUNT, TOKEN, SERVICE = "AC" + "0" * 32, "twilio-auth-token-of-a-test", "MG" + "0" * 32
LOST = object()  # the answer of a provider that took the message and was cut off


class Counterpart:
    """An HTTP server with one handler: `answer(request) -> (status, headers, body)`, LOST to hang up."""

    def __init__(self, answer):
        self.seen, self._lock = [], threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                request = {"path": self.path, "headers": dict(self.headers), "body": body}
                with outer._lock:
                    outer.seen.append(request)
                found = answer(request)
                self.close_connection = True
                if found is LOST:
                    return
                status, headers, content = found
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(content)), "Connection": "close"}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *_: None  # a client that went away is part of the tests
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def answer_json(status, body, **headers):
    return status, {"Content-Type": "application/json", **headers}, json.dumps(body).encode()


class TwilioCounterpart(Counterpart):
    """POST /2010-04-01/Accounts/{Sid}/Messages.json. `script` says how the nth request goes, then it is all well.

    ok · 429 (not taken) · 500 (taken all the same) · lost (taken) · given up · 21610 · 401. `taken` counts by number.
    """

    def __init__(self, script=(), before_answer=None):
        self.script, self.taken, self.forms, self.before_answer = list(script), Counter(), [], before_answer
        self.sids = {}
        super().__init__(self._answer)

    def _answer(self, request):
        how = self.script.pop(0) if self.script else "ok"
        good = base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
        form = {name: values[0] for name, values in parse_qs(request["body"].decode()).items()}
        if request["headers"].get("Authorization") != f"Basic {good}" or how == "401":
            return answer_json(401, {"code": 20003, "message": "Authenticate", "status": 401})
        assert request["path"] == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
        assert form["MessagingServiceSid"] == SERVICE
        if how == "429":
            body = {"code": 20429, "message": "Too Many Requests", "status": 429}
            return answer_json(429, body, **{"Retry-After": "1"})
        if how == "21610":
            body = {"code": 21610, "message": f"Attempt to send to unsubscribed recipient {form['To']}", "status": 400}
            return answer_json(400, body)
        self.taken[form["To"]] += 1
        self.forms.append(form)
        sid = f"SM{len(self.forms):032d}"
        self.sids[form["To"]] = sid
        if self.before_answer is not None:
            self.before_answer(sid, form)
        if how == "500":
            return answer_json(500, {"code": 20500, "message": "Internal Server Error", "status": 500})
        if how == "lost":
            return LOST
        body = {"sid": sid, "status": "accepted", "account_sid": ACCOUNT, "messaging_service_sid": SERVICE}
        if how == "given up":
            body |= {"status": "failed", "error_code": 21610, "error_message": "unsubscribed"}
        return answer_json(201, {**body, "to": form["To"], "body": form["Body"], "num_segments": "0"})


class SpokeCounterpart(Counterpart):
    """`/login-callback` and `/graphql` of Spoke. `script` as above for what comes after the sign-in."""

    def __init__(self, script=()):
        self.script, self.campaigns, self.started = list(script), {}, []
        super().__init__(self._answer)

    def _answer(self, request):
        if request["path"] == "/login-callback":
            form = {name: values[0] for name, values in parse_qs(request["body"].decode()).items()}
            if form != {"email": "ana@example.org", "password": "pw", "authType": "login", "nextUrl": "/"}:
                return 401, {}, b"Unauthorized"
            return 302, {"Location": "/", "Set-Cookie": "session=abc; path=/; httponly"}, b""
        assert urlsplit(request["path"]).path == "/graphql"
        if "session=abc" not in request["headers"].get("Cookie", ""):
            return answer_json(200, {"errors": [{"message": "You must login to access that resource."}], "data": {}})
        how = self.script.pop(0) if self.script else "ok"
        if how == "429":
            return answer_json(429, {}, **{"Retry-After": "1"})
        body = json.loads(request["body"])
        query, given = body["query"], body["variables"]
        if "startCampaign" in query:
            self.started.append(given)
        if "createCampaign" in query or "copyCampaign" in query:
            made, what = str(len(self.campaigns) + 1), "createCampaign" if "createCampaign" in query else "copyCampaign"
            self.campaigns[made] = {"from": given}
        else:
            made, what = given["id"], "editCampaign"
            packed = json.loads(gzip.decompress(base64.b64decode(given["campaign"]["contactData"])))
            self.campaigns[made] |= {"edit": given["campaign"], "contacts": packed["contacts"]}
        if how == "500":
            return answer_json(500, {"errors": [{"message": "Internal server error"}]})
        return LOST if how == "lost" else answer_json(200, {"data": {what: {"id": made}}})
