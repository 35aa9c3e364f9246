"""A customer with a plain HTTP client: signs in with the code from the mailbox and opens pages, as curl would.

Programs connect to 127.0.0.1 and send the tenant's host, so nothing has to resolve `*.localhost`.
"""

import http.client
import json
import re
import time
import urllib.parse


class Customer:
    def __init__(self, port, tenant="webhosting-ag"):
        self.port, self.host = port, f"{tenant}.localhost:{port}"
        self.cookies = {}

    def request(self, method, path, form=None):
        """Answers (status, headers, body) and keeps cookies like a browser."""
        headers = {"Host": self.host, "Accept-Language": "de"}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://{self.host}"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, value = cookie.split(";")[0].split("=", 1)
            if value and "max-age=0" not in cookie.lower():
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        return answer.status, answer.headers, content

    def get(self, path):
        return self.request("GET", path)

    def follow(self, method, path, form=None):
        """Follows redirects inside the portal; answers (status, body, last path)."""
        for _ in range(5):
            status, headers, body = self.request(method, path, form)
            if status not in (302, 303, 307):
                return status, body, path
            method, path, form = "GET", urllib.parse.urljoin(f"http://{self.host}{path}", headers["Location"]), None
            path = path.removeprefix(f"http://{self.host}")
        raise AssertionError(f"too many redirects at {path}")

    def sign_in(self, email):
        seen = {message["id"] for message in self.mails(email)}
        status, body, path = self.follow("POST", "/login", {"email": email})
        assert (status, path) == (200, "/login/code"), f"{status} {path}: {body.decode()}"
        code = self.newest_code(email, seen)
        status, body, path = self.follow("POST", "/login/code", {"code": code})
        assert status == 200 and path != "/login/code", f"{status} {path}: {body.decode()}"

    def newest_code(self, email, seen):
        for _ in range(100):
            for message in self.mails(email):
                if message["id"] not in seen:
                    return re.search(r"#(\d+)\s*$", message["text"])[1]
            time.sleep(0.1)
        raise AssertionError(f"no mail came for {email}")

    def mails(self, email):
        connection = http.client.HTTPConnection("127.0.0.1", self.port + 1, timeout=30)
        connection.request("GET", "/api/messages?to=" + urllib.parse.quote(email))
        return json.load(connection.getresponse())
