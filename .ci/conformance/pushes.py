"""Pushes as WeChat makes them, by an SDK that knows nothing of juben, to a running `juben serve` whose URL is the argument."""

import os
import sys
import time

import requests
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import WeChatSigner

URL, TOKEN, KEY, APPID = sys.argv[1], os.environ["TOKEN"], os.environ["KEY"], os.environ["APPID"]
NONCE = "874512369"
UPLOADED = """<xml><ToUserName><![CDATA[gh_0123456789ab]]></ToUserName><FromUserName><![CDATA[o1]]></FromUserName>
<CreateTime>{time}</CreateTime><MsgType><![CDATA[event]]></MsgType><Event><![CDATA[secvod_upload_event]]></Event>
<upload_event><media_id>910002</media_id><errcode>0</errcode></upload_event></xml>"""
REVIEWED = """{{"ToUserName":"gh_0123456789ab","FromUserName":"o1","CreateTime":{time},"MsgType":"event",
"Event":"secbook_audit_event","audit_event":{{"book_id":"Bk7aQ2x9","audit_detail":{{"status":3}}}}}}"""


def signature(*parts):
    signer = WeChatSigner()
    signer.add_data(*parts)
    return signer.signature


def push(message, moment=None, appid=APPID, key=KEY, change=lambda query, body: (query, body)):
    """The status of the answer, and its text."""
    moment = str(moment or int(time.time()))
    body = WeChatCrypto(TOKEN, key, appid).encrypt_message(message, NONCE, moment)
    sealed = body.split("<MsgSignature><![CDATA[")[1].split("]]>")[0]
    query = {"timestamp": moment, "nonce": NONCE, "signature": signature(TOKEN, moment, NONCE)}
    query |= {"encrypt_type": "aes", "msg_signature": sealed}
    query, body = change(query, body)
    answer = requests.post(URL, params=query, data=body.encode(), timeout=5)
    return answer.status_code, answer.text


now = int(time.time())
question = {"timestamp": str(now), "nonce": NONCE, "signature": signature(TOKEN, str(now), NONCE), "echostr": "8613"}
assert requests.get(URL, params=question, timeout=5).text == "8613"
assert requests.get(URL, params=question | {"nonce": "1"}, timeout=5).status_code == 401
print("the URL is verified")

uploaded, reviewed = UPLOADED.format(time=now), REVIEWED.format(time=now)
for message in (uploaded, reviewed, uploaded, reviewed):
    assert push(message) == (200, "success")
print("encrypted pushes are taken, also again")

tampered = lambda query, body: (query, body.replace("<Encrypt><![CDATA[", "<Encrypt><![CDATA[AAAA"))
truncated = lambda query, body: (query, body[:120])
unsigned = lambda query, body: ({**query, "msg_signature": "0" * 40}, body)
plain = lambda query, body: (query, uploaded)
bomb = '<!DOCTYPE xml [<!ENTITY a "aaaa">]><xml><Event>&a;</Event></xml>'
assert push(uploaded, change=tampered)[0] == 401
assert push(uploaded, change=unsigned)[0] == 401
assert push(uploaded, change=truncated)[0] == 400
assert push(uploaded, change=plain)[0] == 403
assert push(uploaded, moment=now - 3600)[0] == 401
assert push(uploaded, appid="wx0000000000000000")[0] == 403
assert push(uploaded, key=KEY.replace("a", "b"))[0] == 400
assert push(bomb)[0] == 400
print("what is tampered with, truncated, plain, stale, for others or hostile is refused")
