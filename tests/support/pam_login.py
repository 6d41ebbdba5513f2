"""Who may log in through PAM: reads "USER PASSWORD" lines, prints "USER", the code of pam_authenticate and that of pam_acct_mgmt (or -) for each.

usage: pam_login.py SERVICE
"""
import ctypes
import sys

pam = ctypes.CDLL("libpam.so.0")
libc = ctypes.CDLL("libc.so.6")
libc.calloc.restype = libc.strdup.restype = ctypes.c_void_p


class Message(ctypes.Structure):
    _fields_ = [("style", ctypes.c_int), ("text", ctypes.c_char_p)]


class Response(ctypes.Structure):
    _fields_ = [("text", ctypes.c_void_p), ("code", ctypes.c_int)]


Conversation = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int, ctypes.POINTER(ctypes.POINTER(Message)), ctypes.POINTER(ctypes.c_void_p), ctypes.c_void_p)


class Talk(ctypes.Structure):
    _fields_ = [("function", Conversation), ("data", ctypes.c_void_p)]


def login(service, user, password):
    def answer(count, messages, answers, _):
        answers[0] = libc.calloc(count, ctypes.sizeof(Response))
        all_of_them = ctypes.cast(answers[0], ctypes.POINTER(Response))
        for i in range(count):
            if messages[i].contents.style == 1:  # PAM_PROMPT_ECHO_OFF
                all_of_them[i].text = libc.strdup(password)
        return 0

    talk = Talk(Conversation(answer), None)
    handle = ctypes.c_void_p()
    if pam.pam_start(service, user, ctypes.byref(talk), ctypes.byref(handle)) != 0:
        sys.exit("pam_start")
    authenticated = pam.pam_authenticate(handle, 0)
    allowed = pam.pam_acct_mgmt(handle, 0)
    pam.pam_end(handle, allowed)
    return authenticated, allowed


for line in sys.stdin:
    user, password = line.split()
    print(user, *login(sys.argv[1].encode(), user.encode(), password.encode()))
