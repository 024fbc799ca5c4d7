"""Exercise tunnel: write the command for a tunnel."""

from helpers.grading.exercise import Exercise, KnownMistake, RejectedAnswer

TUNNEL = Exercise(
    chapter="00",
    signature="tunnel(user, server, own_port, server_port)",
    title="write the command for a tunnel",
    prompt="""
        Write `tunnel(user, server, own_port, server_port)`, which returns the command that
        makes port `own_port` of your computer lead to port `server_port` of `server`, as in
        `ssh -N -L 9000:127.0.0.1:8888 ada@lab`. ssh takes the parts in other orders, too;
        the check wants exactly this order, with one space between the parts.
    """,
    shapes="user, server: str. own_port, server_port: int. Returns a str.",
    cases=lambda: [("ada", "lab", 9000, 8888), ("kim", "192.0.2.7", 8888, 8890)],
    model_answer='f"ssh -N -L {own_port}:127.0.0.1:{server_port} {user}@{server}"',
    why="Your own port comes first; 127.0.0.1 is the server as it sees itself.",
    hints=(
        "An f-string puts values between braces: f'{user}@{server}'.",
        "After -L come three parts: own port, address as the server sees it, its port.",
        "f'ssh -N -L {own_port}:127.0.0.1:…",
    ),
    right=(
        """
        route = f"{own_port}:127.0.0.1:{server_port}"
        return " ".join(["ssh", "-N", "-L", route, f"{user}@{server}"])
        """,
        '"ssh -N -L {}:127.0.0.1:{} {}@{}".format(own_port, server_port, user, server)',
        '"ssh -N -L %d:127.0.0.1:%d %s@%s" % (own_port, server_port, user, server)',
    ),
    mistakes=(
        KnownMistake(
            'f"ssh -N -L {server_port}:127.0.0.1:{own_port} {user}@{server}"',
            "the ports are exchanged; your own comes first",
        ),
        KnownMistake(
            'f"ssh -N -R {own_port}:127.0.0.1:{server_port} {user}@{server}"',
            "-R opens the port on the server; -L opens it on your computer",
        ),
        KnownMistake(
            'f"ssh -L {own_port}:127.0.0.1:{server_port} {user}@{server}"',
            "-N is missing: a shell would open on the server beside the tunnel",
        ),
        KnownMistake(
            'f"ssh -N -L {own_port}:{server}:{server_port} {user}@{server}"',
            "Jupyter answers at 127.0.0.1 only; the middle part is read on the server",
        ),
        KnownMistake(
            'f"ssh -N -L {own_port}:localhost:{server_port} {user}@{server}"',
            "localhost often works too; write 127.0.0.1, where the server listens",
        ),
        KnownMistake(
            'f"ssh -NL {own_port}:127.0.0.1:{server_port} {user}@{server}"',
            "ssh takes -NL for the same; write -N -L as in the example",
        ),
        KnownMistake(
            'f"ssh -L {own_port}:127.0.0.1:{server_port} -N {user}@{server}"',
            "ssh takes this order, too; here write -N first, as in the example",
        ),
        KnownMistake(
            '"ssh -N -L {own_port}:127.0.0.1:{server_port} {user}@{server}"',
            "the f before the quotes is missing, so the braces stay as they are",
        ),
    ),
    rejected=(
        RejectedAnswer(
            '["ssh", "-N", "-L", f"{own_port}:127.0.0.1:{server_port}"]',
            "the type is list; str was asked for",
        ),
        RejectedAnswer('command = f"ssh -N -L {own_port}"', "a function without `return` gives"),
    ),
)
