#!/usr/bin/env python3
"""A short meeting with python-socketio, over both transports: `python3 python/meeting.py`."""
import json

import environment

environment.enter()

from member import Member  # noqa: E402
from server import Server  # noqa: E402

TRANSPORTS = ("polling", "websocket")
SECRETS = ("q13x", "q21x")


def whole_meeting(server, transport):
    created = server.ok("POST", "/sessions", {"name": "Python", "hostName": "Mira"}, status=201)
    session, token = created["session"]["id"], created["hostToken"]
    path = f"/sessions/{session}"
    mira = Member(server.url, transport, sessionId=session, playerId=created["session"]["hostId"])
    joined = mira.next("session:joined")
    assert mira.names()[:2] == ["player:reconnected", "session:joined"], mira.names()
    assert joined["player"]["isHost"] is True and joined["totalPlayers"] == 1, joined

    guest = server.ok("POST", f"{path}/join", {"playerName": "Jonas"})
    announced = mira.next("player:joined")
    assert (announced["player"]["id"], announced["playerCount"]) == (guest["playerId"], 2), announced
    jonas = Member(server.url, transport, sessionId=session, playerId=guest["playerId"])
    assert [player["name"] for player in jonas.next("session:joined")["players"]] == ["Mira", "Jonas"]
    ada = Member(server.url, transport, sessionId=session, playerName="Ada", avatar="avatar-3")
    identity = ada.next("session:joined")
    assert identity["token"] and identity["player"]["name"] == "Ada", identity
    everybody = (mira, jonas, ada)

    story = server.ok("POST", f"{path}/stories", {"title": "Together"}, token=token, status=201)
    for member in everybody:
        assert member.next("story:created")["story"]["id"] == story["id"]
        assert member.next("story:activated")["story"]["id"] == story["id"]

    server.ok("POST", f"{path}/vote", {"value": SECRETS[0]}, token=guest["token"])
    assert mira.call("vote:submit", {"value": SECRETS[1], "confidence": 4})["ok"] is True
    assert ada.call("vote:submit", {"value": SECRETS[0]})["ok"] is True
    for member in everybody:
        counts = [(vote["voteCount"], vote["totalPlayers"]) for vote in (member.next("vote:submitted") for _ in range(3))]
        assert counts == [(1, 3), (2, 3), (3, 3)], counts
        told = json.dumps(member.history)
        assert not any(secret in told for secret in SECRETS), "a card leaked before the reveal"

    jonas.client.emit("cards:reveal", {"storyId": session})
    revealed = [member.next("cards:revealed") for member in everybody]
    assert revealed[0] == revealed[1] == revealed[2], revealed
    assert [vote["value"] for vote in revealed[0]["votes"]] == [SECRETS[0], SECRETS[1], SECRETS[0]], revealed[0]
    assert revealed[0]["consensus"]["suggestedValue"] == SECRETS[0], revealed[0]

    jonas.client.emit("game:reset")
    for member in everybody:
        assert member.next("game:reset") == {"storyId": story["id"]}
    refused = jonas.call("story:create", {"title": "Mine"})
    assert (refused["ok"], refused["error"], refused["code"]) == (False, "Host authorization required", "FORBIDDEN"), refused

    ada.leave()
    for member in (mira, jonas):
        assert member.next("player:left") == {"playerId": identity["player"]["id"], "playerCount": 2}
    mira.leave()
    assert jonas.next("player:promoted")["newHost"]["id"] == guest["playerId"]
    jonas.leave()


def main():
    with Server() as server:
        for transport in TRANSPORTS:
            whole_meeting(server, transport)
            print(f"ok: a whole meeting with python-socketio over {transport}")
        assert server.terminate() == 0, "the server ends with 0 after SIGTERM"
        print("ok: the server ended with 0")


if __name__ == "__main__":
    main()
