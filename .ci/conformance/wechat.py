"""A WeChat SDK that knows nothing of juben, against the sandbox: tokens, material, calls, and an encrypted push.
The sandbox's URL is in SANDBOX, the port of the receiver and the key of its pushes in the arguments."""

import http.server
import io
import os
import sys
import threading
import time
import urllib.parse

import requests
from wechatpy import WeChatClient, parse_message
from wechatpy.client.api.base import BaseWeChatAPI
from wechatpy.crypto import WeChatCrypto
from wechatpy.exceptions import WeChatClientException
from wechatpy.utils import check_signature

SANDBOX, PLATFORM = os.environ["SANDBOX"], "https://api.weixin.qq.com"
APPID, SECRET = "wx1234567890abcdef", "sandbox-secret"
PORT, TOKEN, KEY = int(sys.argv[1]), sys.argv[2], sys.argv[3]
received = []


class Receiver(http.server.BaseHTTPRequestHandler):
    """What a mini program runs: it proves that it knows the token, and decrypts what it is told."""

    def query(self):
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))

    def do_GET(self):
        query = self.query()
        check_signature(TOKEN, query["signature"], query["timestamp"], query["nonce"])
        self.answer(query["echostr"])

    def do_POST(self):
        query, body = self.query(), self.rfile.read(int(self.headers["Content-Length"]))
        check_signature(TOKEN, query["signature"], query["timestamp"], query["nonce"])
        crypto = WeChatCrypto(TOKEN, KEY, APPID)
        received.append(crypto.decrypt_message(body, query["msg_signature"], query["timestamp"], query["nonce"]))
        self.answer("success")

    def answer(self, text):
        self.send_response(200)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *arguments):
        pass


class ToSandbox(requests.adapters.HTTPAdapter):
    """The SDK knows one address only."""

    def send(self, request, **options):
        request.url = request.url.replace(PLATFORM, SANDBOX)
        return super().send(request, **options)


class Drama(BaseWeChatAPI):
    """The SDK has no short dramas; this uses its tokens and its checks for them."""

    def call(self, name, **fields):
        return self._post(f"{PLATFORM}/wxa/sec/vod/{name}", data=fields)


class Client(WeChatClient):
    drama = Drama()


client = Client(APPID, SECRET)
client._http.mount(PLATFORM, ToSandbox())
assert client.fetch_access_token()["expires_in"] == 7200
print("token")

picture = b"\x89PNG\r\n\x1a\n" + bytes(64)
media_id = client.media.upload("image", ("cover.png", io.BytesIO(picture), "image/png"))["media_id"]
assert client.media.download(media_id).content == picture
print("temporary material, up and down")

media = client.drama.call("listmedia", limit=1)["media_info_list"]
assert len(media) == 1 and "归来记" not in media[0]["name"]
try:
    client.drama.call("getmedia", media_id=1)
    sys.exit("a media that is not there was found")
except WeChatClientException as error:
    assert error.errcode == 10093030, error
print("calls, and an error with its code")

threading.Thread(target=http.server.HTTPServer(("127.0.0.1", PORT), Receiver).serve_forever, daemon=True).start()
task = client.drama.call("pullupload", media_name="归来记 - 第1集", media_url="https://v.example.org/1.mp4", source_context="job-18")
until = time.monotonic() + 60
while not received and time.monotonic() < until:
    time.sleep(0.2)
message = received[0]
assert "secvod_upload_event" in message and "job-18" in message, message
assert parse_message(message) is not None
print("an encrypted push, verified and decrypted")
