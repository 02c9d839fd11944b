"""Snippets are offline; who reaches out is told so, and told on."""

import unittest

from running import run_text, run_units, units


class Network(unittest.TestCase):
    def test_foreign_hosts_are_refused(self):
        calls = (
            ("getaddrinfo('example.org', 80)", "example.org"),
            ("getaddrinfo(b'example.org', 80)", "example.org"),
            ("gethostbyname('example.org')", "example.org"),
            ("create_connection(('192.0.2.1', 9), 1)", "192.0.2.1"),
            ("socket().connect(('192.0.2.1', 9))", "192.0.2.1"),
            ("getaddrinfo('127.0.0.1.example.org', 9)", "127.0.0.1.example.org"),
            ("socket(type=SOCK_DGRAM).sendto(b'x', ('192.0.2.1', 9))", "192.0.2.1"),
        )
        for call, host in calls:
            with self.subTest(call):
                ran = run_units(units("from socket import *\n" + call))
                failure = ran.failure(1)
                self.assertEqual((failure["type"], failure["line"]), ("gaierror", 2))
                self.assertEqual(failure["message"], "[Errno -3] Temporary failure in name resolution")
                self.assertEqual((ran.one("network")["host"], ran.one("network")["i"]), (host, 1))

    def test_a_library_gives_its_own_exception(self):
        failure = run_text("import urllib.request\nurllib.request.urlopen('http://example.org/')").failure()
        self.assertEqual((failure["type"], failure["chain"]), ("URLError", ["URLError", "gaierror"]))

    def test_this_machine_is_fine(self):
        text = (
            "import socket, threading\n"
            "server = socket.create_server(('127.0.0.1', 0))\n"
            "def answer(): peer = server.accept()[0]; peer.sendall(b'hello'); peer.close()\n"
            "threading.Thread(target=answer).start()\n"
            "with socket.create_connection(server.getsockname(), 5) as client: print(client.recv(9))\n"
        )
        ran = run_text(text)
        self.assertEqual((ran.out, ran.all("network")), ("b'hello'\n", []))

    def test_names_of_this_machine_are_resolved(self):
        text = (
            "import socket\n"
            "for host in ('localhost', '127.0.0.1', '', None, socket.gethostname()):\n"
            "    try: socket.getaddrinfo(host, 80)\n"
            "    except socket.gaierror as error: assert error.errno != -3, host"
        )
        ran = run_text(text)
        self.assertEqual((ran.failure(), ran.all("network")), (None, []))

    def test_other_families_are_left_alone(self):
        ran = run_text("import socket\nsocket.socket(socket.AF_UNIX).connect('nowhere.sock')")
        self.assertEqual((ran.failure()["type"], ran.all("network")), ("FileNotFoundError", []))

    def test_a_forked_process_is_heard(self):
        text = (
            "import os, socket\n"
            "if not os.fork():\n"
            "    try: socket.gethostbyname('example.org')\n"
            "    finally: os._exit(0)\n"
            "os.wait()"
        )
        self.assertEqual(run_text(text).one("network")["host"], "example.org")


if __name__ == "__main__":
    unittest.main()
