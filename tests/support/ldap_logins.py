"""Tries logins on a slapd: simple binds, one after the other, which a process for each would take too long for.

usage: ldap_logins.py SOCKET PASSWORD <LOGINS        lines of NAME, the LDAP result that is wanted, DN, between tabs; prints the others
"""
import socket, sys


def tlv(tag, content):
    length = len(content)
    head = bytes([length]) if length < 128 else b'\x82' + length.to_bytes(2, 'big')
    return bytes([tag]) + head + content


def read_message(stream):
    head = stream.read(2)
    length = head[1]
    if length & 0x80:
        length = int.from_bytes(stream.read(length & 0x7F), 'big')
    return stream.read(length)


def bind(stream, dn, password):
    """RFC 4511 section 4.2; the result code of the answer."""
    request = tlv(0x60, tlv(0x02, b'\x03') + tlv(0x04, dn) + tlv(0x80, password))
    stream.write(tlv(0x30, tlv(0x02, b'\x01') + request))
    stream.flush()
    answer = read_message(stream)
    return answer[answer.index(b'\x0a\x01') + 2]


path, password = sys.argv[1:]
with socket.socket(socket.AF_UNIX) as connection:
    connection.connect(path)
    stream = connection.makefile('rwb')
    failed = 0
    for line in sys.stdin.buffer:
        name, wanted, dn = line.rstrip(b'\n').split(b'\t')
        got = bind(stream, dn, password.encode())
        if got != int(wanted):
            failed += 1
            print(f'FAILED {name.decode()}: the login of {dn.decode()} gives {got}, not {int(wanted)}')
sys.exit(failed > 0)
