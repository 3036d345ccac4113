"""A wire between a client and a server that loses, holds back, cuts, repeats and reorders what goes over it.

Speaks HTTP/1.1 only as far as it has to know where a message ends. What was handed over goes on also when the one who handed
it over is dead. Every request takes a connection of its own to the server, so that one fault hits one request.
"""
import asyncio
import collections
import random
import threading

HEAD_BYTES_MAX = 256 * 1024
ANSWER_S_MAX = 90
# Share of requests that each kind hits.
RATES = {"request lost": 0.03, "answer lost": 0.05, "request truncated": 0.02, "answer truncated": 0.04, "request delayed": 0.05,
         "answer delayed": 0.05, "request duplicated": 0.05, "reordered": 0.05}
DELAY_S = (0.05, 0.8)
# How long a request waits for another to overtake it.
OVERTAKE_S_MAX = 1.0


class Broken(Exception):
    pass


class Request:
    def __init__(self, head, body):
        self.head, self.body = head, body
        lines = head.decode("latin-1").split("\r\n")
        self.method, self.target, _ = lines[0].split(" ", 2)
        self.headers = [(name.strip(), value.strip()) for name, _, value in (line.partition(":") for line in lines[1:] if line)]

    def header(self, name):
        return next((value for known, value in self.headers if known.lower() == name), "")

    def wire(self):
        """As it came, but for the connection, which is of its own."""
        lines = [line for line in self.head.rstrip(b"\r\n").split(b"\r\n") if not line.lower().startswith(b"connection:")]
        return b"\r\n".join([*lines, b"Connection: close", b"", b""]) + self.body


async def read_request(reader):
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
        return None
    request = Request(head, b"")
    if "chunked" in request.header("transfer-encoding").lower():
        body = b""
        while True:
            line = await reader.readuntil(b"\r\n")
            size = int(line.split(b";")[0], 16)
            body += line + await reader.readexactly(size + 2)
            if size == 0:
                break
        request.body = body
    elif length := int(request.header("content-length") or 0):
        request.body = await reader.readexactly(length)
    return request


def last_of_its_connection(answer):
    """Says that the connection ends, whatever the server said."""
    head, separator, body = answer.partition(b"\r\n\r\n")
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith((b"connection:", b"keep-alive:"))]
    return b"\r\n".join([*lines, b"Connection: close"]) + separator + body


class Proxy:
    """`may_repeat(request)` says whether the server can be given a request twice; where the provider has nothing that tells
    a repeated write from a new one, only reads are repeated."""

    def __init__(self, upstream_port, seed, may_repeat=lambda request: True):
        self.upstream, self.pick, self.may_repeat = upstream_port, random.Random(seed), may_repeat
        self.faults, self.requests, self.record = collections.Counter(), 0, None
        self.calm = True
        self._loop = asyncio.new_event_loop()
        self._waiting = set()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self.port = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(30)
        self.host = f"127.0.0.1:{self.port}"

    async def _listen(self):
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=HEAD_BYTES_MAX)
        self._server = server
        return server.sockets[0].getsockname()[1]

    async def _serve(self, reader, writer):
        try:
            if request := await read_request(reader):
                self.requests += 1
                if self.record is not None:
                    self.record.append(request)
                kind = self._draw(request)
                answer = await self._carry(request, kind)
                await self._deliver(writer, last_of_its_connection(answer), kind)
        except (Broken, OSError, asyncio.IncompleteReadError, ValueError):
            writer.transport.abort()
        finally:
            writer.close()

    def _draw(self, request):
        if self.calm:
            return None
        place = self.pick.random()
        for kind, rate in RATES.items():
            place -= rate
            if place < 0:
                if kind == "request duplicated" and not self.may_repeat(request):
                    return None
                if kind != "reordered":
                    self.faults[kind] += 1
                return kind
        return None

    async def _carry(self, request, kind):
        if kind == "request lost":
            raise Broken
        if kind == "request truncated":
            whole = request.wire()
            await self._forward(whole[:self.pick.randrange(1, len(whole))], cut=True)
            raise Broken
        if kind == "request delayed":
            await asyncio.sleep(self.pick.uniform(*DELAY_S))
        if kind == "reordered":
            await self._let_overtake()
        if kind == "request duplicated":
            first = asyncio.create_task(self._forward(request.wire()))
            if self.pick.random() < 0.5:
                await first
            second = await self._forward(request.wire())
            first = await first
            return second if self.pick.random() < 0.5 else first
        return await self._forward(request.wire())

    async def _let_overtake(self):
        overtaken = asyncio.Event()
        self._waiting.add(overtaken)
        try:
            await asyncio.wait_for(overtaken.wait(), OVERTAKE_S_MAX)
            self.faults["reordered"] += 1
        except asyncio.TimeoutError:
            self.faults["request delayed"] += 1
        finally:
            self._waiting.discard(overtaken)

    async def _forward(self, message, cut=False):
        reader, writer = await asyncio.open_connection("127.0.0.1", self.upstream)
        try:
            writer.write(message)
            await writer.drain()
            if cut:
                await asyncio.sleep(0.02)
                return b""
            answer = await asyncio.wait_for(reader.read(), ANSWER_S_MAX)
        except (OSError, asyncio.TimeoutError) as error:
            raise Broken from error
        finally:
            writer.transport.abort() if cut else writer.close()
        if not answer:
            raise Broken
        for overtaken in self._waiting:
            overtaken.set()
        return answer

    async def _deliver(self, writer, answer, kind):
        if kind == "answer lost":
            raise Broken
        if kind == "answer delayed":
            await asyncio.sleep(self.pick.uniform(*DELAY_S))
        if kind == "answer truncated":
            writer.write(answer[:self.pick.randrange(1, len(answer))])
            await writer.drain()
            await asyncio.sleep(0.02)
            raise Broken
        writer.write(answer)
        await writer.drain()
