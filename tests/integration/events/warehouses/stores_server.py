"""An object store or a Redis server on loopback: prints its port; ends with its standard input.

`python stores_server.py s3|redis`. Runs in the environment that stores.txt describes.
"""

import os
import sys
import threading


def serve_s3() -> int:
    """Starts moto; its port."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    return int(server.get_host_and_port()[1])


def serve_redis() -> int:
    """Starts fakeredis; its port."""
    from fakeredis import TcpFakeServer

    server = TcpFakeServer(("127.0.0.1", 0), server_type="redis")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return int(server.server_address[1])


said = os.fdopen(os.dup(1), "w")
sys.stdout = sys.stderr
said.write(f"{serve_s3() if sys.argv[1] == 's3' else serve_redis()}\n")
said.flush()
sys.stdin.read()
os._exit(0)
