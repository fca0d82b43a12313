"""UDP and TCP of several sizes between two hosts: `serve ADDRESS` on one, `talk ADDRESS` on the other."""

import os
import socket
import sys
import time

role, address = sys.argv[1:]
UDP, TCP = 9000, 9001
SIZES = [1, 2, 3, 5, 18, 19, 22, 63, 64, 65, 86, 127, 128, 200, 255, 301, 470, 511, 513, 640, 777, 850, 999, 1111, 1234, 1400, 1467]
UP, DOWN = 70_003, 60_001

if role == "serve":
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind((address, UDP))
    udp.settimeout(10)
    tcp = socket.create_server((address, TCP))
    tcp.settimeout(10)
    for _ in SIZES:
        data, peer = udp.recvfrom(2048)
        udp.sendto(data[::-1], peer)
    stream, _ = tcp.accept()
    stream.settimeout(10)
    stream.sendall(os.urandom(DOWN))
    received = 0
    while received < UP:
        received += len(stream.recv(4096))
else:
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.settimeout(10)
    time.sleep(0.5)
    for size in SIZES:
        udp.sendto(os.urandom(size), (address, UDP))
        udp.recv(2048)
    stream = socket.create_connection((address, TCP), timeout=10)
    stream.sendall(os.urandom(UP))
    received = 0
    while received < DOWN:
        received += len(stream.recv(4096))
