from helpers.grading.exercise import Exercise, edit

exercise = Exercise(
    "tunnel(user, server, own_port, server_port)",
    title="write the command for a tunnel",
    prompt="""
        Write `tunnel(user, server, own_port, server_port)`, which returns the command that
        makes port `own_port` of your computer lead to port `server_port` of `server`, as in
        `ssh -N -L 9000:127.0.0.1:8888 ada@lab`. ssh takes the parts in other orders, too;
        the check wants exactly this order, with one space between the parts.
    """,
    shapes="user, server: str. own_port, server_port: int. Returns a str.",
    cases=[lambda: ("ada", "lab", 9000, 8888), lambda: ("kim", "192.0.2.7", 8888, 8890)],
    hints=(
        "An f-string puts values between braces: f'{user}@{server}'.",
        "After -L come three parts: own port, address as the server sees it, its port.",
        "f'ssh -N -L {own_port}:127.0.0.1:…",
    ),
)


@exercise.answer(why="Your own port comes first; 127.0.0.1 is the server as it sees itself.")
def tunnel(user, server, own_port, server_port):
    return f"ssh -N -L {own_port}:127.0.0.1:{server_port} {user}@{server}"


@exercise.right
def _(user, server, own_port, server_port):
    route = f"{own_port}:127.0.0.1:{server_port}"
    return " ".join(["ssh", "-N", "-L", route, f"{user}@{server}"])


@exercise.right
def _(user, server, own_port, server_port):
    return "ssh -N -L {}:127.0.0.1:{} {}@{}".format(own_port, server_port, user, server)


@exercise.right
def _(user, server, own_port, server_port):
    return "ssh -N -L %d:127.0.0.1:%d %s@%s" % (own_port, server_port, user, server)


exercise.mistake(
    "the ports are exchanged; your own comes first",
    edit("{own_port}:127.0.0.1:{server_port}", "{server_port}:127.0.0.1:{own_port}"),
)
exercise.mistake("-R opens the port on the server; -L opens it on your computer", edit("-L", "-R"))
exercise.mistake(
    "-N is missing: a shell would open on the server beside the tunnel",
    edit("-N ", ""),
)
exercise.mistake(
    "Jupyter answers at 127.0.0.1 only; the middle part is read on the server",
    edit("127.0.0.1:", "{server}:"),
)
exercise.mistake(
    "localhost often works too; write 127.0.0.1, where the server listens",
    edit("127.0.0.1:", "localhost:"),
)
exercise.mistake("ssh takes -NL for the same; write -N -L as in the example", edit("-N -L", "-NL"))


@exercise.mistake("ssh takes this order, too; here write -N first, as in the example")
def _(user, server, own_port, server_port):
    return f"ssh -L {own_port}:127.0.0.1:{server_port} -N {user}@{server}"


exercise.mistake(
    "the f before the quotes is missing, so the braces stay as they are",
    edit('f"ssh', '"ssh'),
)


@exercise.rejected("the type is list; str was asked for")
def _(user, server, own_port, server_port):
    return ["ssh", "-N", "-L", f"{own_port}:127.0.0.1:{server_port}"]


@exercise.rejected("a function without `return` gives")
def _(user, server, own_port, server_port):
    command = f"ssh -N -L {own_port}"
