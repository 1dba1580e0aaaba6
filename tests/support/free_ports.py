"""TCP ports of this machine that nobody listens on, and that no other test is given while this one runs."""
import random
import socket

PROMISED = []  # held until this process ends


def free_ports(count):
    """Below the range from which the kernel takes ports for whoever asks for any: what is free now is not taken a moment later. Who draws a
    port takes the abstract name that stands for it (free_port.h likewise): it may be long before somebody listens there."""
    ports = []
    while len(ports) < count:
        port = random.SystemRandom().randrange(20000, 32000)
        promise = socket.socket(socket.AF_UNIX)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                promise.bind(f"\0mashhub-test-port-{port}")
            except OSError:
                promise.close()
                continue
        PROMISED.append(promise)
        ports.append(port)
    return ports
