"""What functions of other packages do: read the clock, give random values, wait for a device.

A name ends in ``*`` where it stands for all that begin so.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

_ERROR = "builtins.BaseException"


class Calls:
    """A set of names that can be asked for a call's; with ``unless``, but those that hold it."""

    def __init__(self, *names: str, unless: str | None = None) -> None:
        self._unless = unless
        self._exact = {name for name in names if not name.endswith("*")}
        self._begin = tuple(name.removesuffix("*") for name in names if name.endswith("*"))

    def __iter__(self) -> Iterator[str]:
        """Gives the names without the ``*``."""
        yield from sorted(self._exact)
        yield from sorted(self._begin)

    def has(self, names: Collection[str]) -> bool:
        """Returns whether one of a call's names is in the set; making an error is no such call."""
        return _ERROR not in names and any(
            name in self._exact or name.startswith(self._begin)
            for name in names
            if self._unless is None or self._unless not in name
        )


def _methods(owner: str, names: str) -> tuple[str, ...]:
    return tuple(f"{owner}.{name}" for name in names.split())


_PATHS = _methods(
    "pathlib.Path",
    "open read_text read_bytes write_text write_bytes",
)

BLOCKING = Calls(
    *_methods("builtins", "open input"),
    *_methods("io", "open open_code"),
    *_methods("_io", "open open_code"),
    *_methods("time", "sleep"),
    *_PATHS,
    *_methods("os", "system popen wait waitpid waitid spawnl spawnv"),
    *_methods("subprocess", "run call check_call check_output getoutput getstatusoutput"),
    *_methods("subprocess.Popen", "wait communicate"),
    *_methods("shutil", "copy copy2 copyfile copyfileobj copytree move rmtree make_archive"),
    *_methods("socket", "create_connection getaddrinfo gethostbyname gethostbyaddr"),
    *_methods("socket.socket", "accept connect recv recvfrom send sendall sendto"),
    *_methods("threading.Thread", "join"),
    *_methods("threading.Event", "wait"),
    *_methods("threading.Condition", "wait wait_for"),
    *_methods("concurrent.futures._base", "wait Future.result Future.exception"),
    "multiprocessing.process.BaseProcess.join",
    "asyncio.events.AbstractEventLoop.run_until_complete",
    *_methods("queue.Queue", "get put join"),
    "asyncio.runners.run",
    "asyncio.run",
    "sqlite3.*",
    "_sqlite3.*",
    *_methods("requests", "get post put patch delete head options request Session session"),
    "requests.api.*",
    "requests.sessions.*",
    "urllib.request.urlopen",
    "urllib.request.urlretrieve",
    "urllib3.*",
    "http.client.HTTPConnection.*",
    *_methods("httpx", "get post put patch delete head options request stream"),
    *_methods("httpx._api", "get post put patch delete head options request stream"),
    "httpx.Client.*",
    "httpx._client.Client.*",
    "smtplib.SMTP*",
    "ftplib.FTP*",
    "psycopg.connect",
    "psycopg2.*",
    "pymysql.*",
    "MySQLdb.*",
    "boto3.*",
    "redis.Redis*",
    "redis.client.Redis.*",
    "openai.resources.*",
    "anthropic.resources.*",
    unless=".Async",  # as clients are called whose calls are awaited
)

POLLING: Mapping[str, tuple[int, str]] = {
    "queue.Queue.get": (0, "block"),
    "queue.Queue.put": (1, "block"),
    "subprocess.Popen.wait": (0, "timeout"),
    "threading.Thread.join": (0, "timeout"),
    "threading.Event.wait": (0, "timeout"),
    "threading.Condition.wait": (0, "timeout"),
    "concurrent.futures._base.Future.result": (0, "timeout"),
    "concurrent.futures._base.Future.exception": (0, "timeout"),
    "multiprocessing.process.BaseProcess.join": (0, "timeout"),
}
"""Those of `BLOCKING` that only look where an argument, by place and name, is False or 0."""

CLOCK = Calls(
    *_methods("time", "time time_ns monotonic monotonic_ns perf_counter perf_counter_ns"),
    *_methods("time", "process_time process_time_ns thread_time localtime gmtime ctime"),
    *_methods("time", "asctime strftime"),
    *_methods("datetime.datetime", "now utcnow today"),
    *_methods("datetime.date", "today"),
    "google.protobuf.internal.well_known_types.Timestamp.GetCurrentTime",
    "google.protobuf.timestamp_pb2.Timestamp.GetCurrentTime",
    "asyncio.events.AbstractEventLoop.time",
)

RANDOM = Calls(
    "random.*",
    "builtins.hash",  # of a text it is another in each process
    "_random.*",
    *_methods("secrets", "token_bytes token_hex token_urlsafe choice randbelow randbits"),
    "secrets.SystemRandom*",
    "numpy.random.*",
    *_methods("uuid", "uuid1 uuid4 uuid6 uuid7"),
    *_methods("os", "urandom getrandom"),
)

DEVICES = Calls(
    "builtins.print",
    *_methods(
        "pathlib.Path",
        "exists is_file is_dir is_symlink stat lstat iterdir glob rglob mkdir rmdir unlink touch "
        "rename replace resolve chmod symlink_to home cwd",
    ),
    *_methods(
        "os",
        "getenv getcwd getpid listdir scandir stat lstat remove unlink rename replace mkdir "
        "makedirs rmdir walk chdir open read write putenv",
    ),
    *_methods("os.path", "exists isfile isdir getsize getmtime"),
    *_methods("posixpath", "exists isfile isdir getsize getmtime"),
    "os._Environ.*",
    "typing.TextIO.write",
    "typing.IO.write",
    "subprocess.*",
    *_methods("socket", "socket gethostname getfqdn"),
    "shutil.*",
    "tempfile.*",
    "httpx.AsyncClient*",
    "httpx._client.AsyncClient*",
    "aiohttp.*",
    "asyncio.*",
)
"""What does input or output besides `BLOCKING`, and what belongs to this process alone."""
