"""A wire that can be cut, and on which a reply can be held back in both directions."""
import asyncio
import threading


class Hold:
    """Applies to the next reply: seconds before its request goes on, and before its answer comes back; or the
    request is lost on the way."""

    def __init__(self, request_s, answer_s, lost=False):
        self.request_s, self.answer_s, self.lost = request_s, answer_s, lost
        # The client has handed over the request; the server's answer reached us; the client got it.
        self.sent, self.answered, self.delivered = threading.Event(), threading.Event(), threading.Event()


class Proxy:
    def __init__(self, port):
        self.upstream = port
        self.requests = []
        self.hold = None
        self._loop = asyncio.new_event_loop()
        self._writers = set()
        self._server = None
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self.port = 0
        self.mend()

    def _run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(30)

    def mend(self):
        async def listen():
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
            self.port = self._server.sockets[0].getsockname()[1]
        self._run(listen())

    def cut(self):
        async def close():
            self._server.close()
            for writer in list(self._writers):
                writer.transport.abort()
        self._run(close())

    async def _serve(self, client_reader, client_writer):
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.upstream)
        except OSError:
            client_writer.transport.abort()
            return
        self._writers |= {client_writer, writer}
        held = []
        await asyncio.gather(self._up(client_reader, writer, held), self._down(reader, client_writer, held))
        if held and held[-1].lost:
            await client_reader.read()
        self._writers -= {client_writer, writer}
        for end in (client_writer, writer):
            end.close()

    async def _up(self, reader, writer, held):
        """What was handed over goes on, also when the one who handed it over is dead."""
        try:
            while chunk := await reader.read(65536):
                line = chunk.split(b"\r\n", 1)[0]
                if line.endswith(b"HTTP/1.1"):
                    self.requests.append(line.decode())
                    if self.hold and (b"/correspond " in line or b"/comment " in line):
                        hold, self.hold = self.hold, None
                        held.append(hold)
                        hold.sent.set()
                        await asyncio.sleep(hold.request_s)
                    if held and held[-1].lost:
                        writer.transport.abort()
                        return
                writer.write(chunk)
                await writer.drain()
        except OSError:
            pass
        finally:
            if not held:
                writer.close()

    async def _down(self, reader, writer, held):
        try:
            while chunk := await reader.read(65536):
                hold = held[-1] if held else None
                if hold and not hold.answered.is_set():
                    hold.answered.set()
                    await asyncio.sleep(hold.answer_s)
                    hold.delivered.set()
                writer.write(chunk)
                await writer.drain()
        except OSError:
            pass
        finally:
            # A lost request is silence to its sender, not a closed connection.
            if not (held and held[-1].lost):
                writer.close()
