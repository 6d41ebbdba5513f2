"""Runs the cases of tests/data/edges (see the README there) through nis2ldif and compares.

usage: nis_edges.py PROGRAM FOLDER CASES...      the LDIF of every case goes to FOLDER/all.ldif, each below a base of its own, o=cN,dc=example,dc=org,
                                                 and the wanted outcome of a bind with the password `pw` to FOLDER/logins: CASE, 0 or 49, DN
"""
import base64, bz2, concurrent.futures, gzip, json, lzma, os, re, stat, subprocess, sys

DOMAIN = 'example.org'
HASHES = {  # of `pw`
    'des': 'abzlUXK5ed5rs', 'bsdi': '_J9..rasm6f5ycSbUcd6',
    'H': '$1$abcdefgh$IQtUouv7y7Q9dRWkQEPCc.', '1e': '$1$$F0Fc2lbYpzr3KKdKkM0Wj.',
    '2a': '$2a$05$abcdefghijklmnopqrstuuHIrMEWpUCQe2YqFR3sXwQ75u4od..9q',
    '2b': '$2b$05$abcdefghijklmnopqrstuuHIrMEWpUCQe2YqFR3sXwQ75u4od..9q',
    '2y': '$2y$05$abcdefghijklmnopqrstuuHIrMEWpUCQe2YqFR3sXwQ75u4od..9q',
    '5': '$5$saltsalt$0rl.MZtoLLPP3X0Rdl8riRnphIcAXJY27/aOAyK2hB5',
    '5r': '$5$rounds=1000$saltsalt$eNI.02a9Kos9UxzxjTLpNZ6kYHkRe9Z8OsGkDDoW/X2',
    '6': '$6$saltsalt$pauPrmdmG4BTE9h2HPmywiw152IFch6BJCEsaY6D.PLTfpV8sqvXwWdyfsgVgozkYH9B80bAip/08R2BPH2xk/',
    '6r': '$6$rounds=1000$saltsalt$nII71HJmawaDYdXrUHYtoWV/pe6ZN/eQzrZXdKjhrcMU0onLRg6A5m38udZu.lA6f53rIQturF4FMx1X99KF/0',
    'y': '$y$j75$abcdefghijklmnop$tneY2PQWLfZk5Atq2cU8N4C.Vyg9GlxHaoCjm7rEs01',
    'gy': '$gy$j75$abcdefghijklmnop$5hWNuov/V2BMx3MBclMyAaIO.57ZYspGeMFUZ6wXYz4',
    '7': '$7$4U..../....saltsalt$s9d3EaYdeDenEOtBkSvJTMgqfbI1HTWpy7/Emwd76r1',
    'sha1': '$sha1$248488$ggu.H673kaZ5$O0hk4dftocjyzJtoN4VO.ur.0HHA',
    'sunmd5': '$md5$abcdefgh$$iExobWJIazoiKIDQnza6r/', 'nt': '$3$$8cc19b6a8cfeac299c2871c86b38de28',
}
MAPS = ('passwd', 'shadow', 'adjunct', 'group', 'aliases', 'netgroup')


def ssha():
    import hashlib
    return base64.b64encode(hashlib.sha1(b'pwsalt').digest() + b'salt').decode()


HASHES['ssha'] = ssha()


# ---- reading the cases

def escape(match):
    word = match.group(1)
    if word == '':
        return b''
    if word == 'noeol':
        return b'\0noeol\0'
    if word == 'd':
        return DOMAIN.encode()
    if word in HASHES:
        return HASHES[word].encode()
    many = re.fullmatch(r'(addresses|others) (\d+)', word)
    if many:
        return b', '.join(b'%s%d@example.net' % (many[1][0].encode(), i) for i in range(int(many[2])))
    what, _, times = word.partition('*')
    piece = bytes.fromhex(what) if re.fullmatch(r'([0-9A-F]{2} )*[0-9A-F]{2}', what) else what.encode()
    return piece * int(times or 1)


def plain(text):
    """The bytes that a piece of a case stands for."""
    parts = re.split(r'\{\{(.*?)\}\}', text)
    return b''.join(part.encode() if i % 2 == 0 else escape(re.match('(.*)', part)) for i, part in enumerate(parts))


class Case:
    def __init__(self, title):
        self.title, self.options, self.maps, self.packing, self.files = title, '', {}, {}, {}
        self.report, self.ldif, self.rows = '-', '-', []

    def fill(self, value):
        made = Case(f'{self.title}: {value}')
        made.options = self.options.replace('@@', value)
        made.files = {name: [line.replace('@@', value) for line in lines] for name, lines in self.files.items()}
        made.focus = (next(iter(self.maps)), 1)
        for name, lines in self.maps.items():
            made.maps[name] = [line.replace('@@', value) for line in lines]
            made.packing[name] = self.packing[name].replace('@@', value)
            for number, line in enumerate(lines, 1):
                if '@@' in line:
                    made.focus = (name, number)
        return made


def read_cases(path):
    case, into = None, None
    for line in open(path, encoding='utf-8', newline='\n'):
        line = line.rstrip('\n')
        word, _, rest = line.partition(':')
        if line.startswith('\t'):
            into.append(line[1:])
        elif line.startswith('== '):
            if case:
                yield from expand(case)
            case = Case(line[3:])
        elif word.startswith('file '):
            into = case.files.setdefault(word[5:], [])
        elif word.split(' ')[0] in MAPS:
            name, _, packing = word.partition(' ')
            into = case.maps.setdefault(name, [])
            case.packing[name] = packing
        elif word == 'each':
            into = case.rows
        elif word in ('options', 'report', 'ldif'):
            setattr(case, word, rest.strip())
        elif line and not line.startswith('#'):
            sys.exit(f'{path}: cannot read {line!r}')
    yield from expand(case)


def expand(case):
    if not case.rows:
        made = case.fill('')
        made.title = case.title
        made.report, made.ldif = case.report, case.ldif
        yield made
    for row in case.rows:
        value, report, ldif = row.split(' => ')
        made = case.fill(value)
        made.report, made.ldif = report, ldif
        yield made


def bytes_of(lines, packing):
    text = b''.join(plain(line) + b'\n' for line in lines)
    if b'\0noeol\0' in text:
        text = text[:text.index(b'\0noeol\0')]
    decoded = lambda: text.decode('utf-8')
    packings = {
        '': lambda: text, 'gzip': lambda: gzip.compress(text, mtime=0), 'bzip2': lambda: bz2.compress(text), 'xz': lambda: lzma.compress(text),
        'zstd': lambda: b'\x28\xb5\x2f\xfd\x24\x08\x41\x00\x00text: 1\n', 'compress': lambda: b'\x1f\x9d\x90a\xc2\x80\xa1\x01\x04\x0a',
        'zip': lambda: b'PK\x03\x04\x14\0\0\0\x08\0abc:def\n', 'utf-16': lambda: b'\xff\xfe' + decoded().encode('utf-16-le'),
        'utf-16-le': lambda: decoded().encode('utf-16-le'), 'utf-16-be': lambda: decoded().encode('utf-16-be'),
        'bom-utf-16-be': lambda: b'\xfe\xff' + decoded().encode('utf-16-be'), 'utf-32': lambda: decoded().encode('utf-32'),
        'cr': lambda: text.replace(b'\n', b'\r'), 'gdbm': lambda: b'\xce\x9a\x57\x13' + b'\0' * 60 + text, 'elf': lambda: b'\x7fELF\x02\x01\x01' + b'\0' * 9 + text,
    }
    return packings[packing]()


# ---- reading what came out

def read_ldif(data, wrong):
    """The entries, as lists of (attribute, value); `wrong` hears of what RFC 2849 or the manual does not allow."""
    if b'\r' in data:
        wrong('a CR in the LDIF')
    if data and not data.endswith(b'\n\n') and not data.endswith(b'\n'):
        wrong('no line end at the end of the LDIF')
    lines = data.split(b'\n')
    for i, line in enumerate(lines):
        if len(line) > 76:
            wrong(f'a line of {len(line)} bytes')
        if line.startswith(b' ') and len(lines[i - 1]) != 76:
            wrong('folded before the line was full')
        if line == b' ':
            wrong('folded with nothing left')
    entries = []
    for record in re.sub(rb'\n ', b'', data).split(b'\n\n'):
        entry = []
        for line in record.strip(b'\n').split(b'\n'):
            if not line:
                continue
            form = re.match(rb'([A-Za-z][A-Za-z0-9-]*)(::?) ([^\n]*)$', line)
            if not form:
                wrong(f'not an attribute: {line[:60]!r}')
                continue
            name, kind, value = form[1].decode(), form[2], form[3]
            if kind == b'::':
                value = base64.b64decode(value, validate=True)
            if name == 'version':
                wrong('a version line')
            if not value:
                wrong(f'{name} is empty')
            needs = value[:1] in (b' ', b':', b'<') or value[-1:] == b' ' or any(c in b'\0\n\r' or c > 126 for c in value)
            if needs != (kind == b'::'):
                wrong(f'base64 or not: {line[:60]!r}')
            entry.append((name, value))
        if entry:
            entries.append(entry)
    return entries


IA5 = ('gecos', 'homeDirectory', 'loginShell', 'memberUid', 'mail', 'maildrop', 'mailbox', 'vd', 'vdHome', 'mailAutoreply')


def check_entries(entries, wrong):
    seen = set()
    for entry in entries:
        dn = entry[0][1].decode()
        if entry[0][0] != 'dn':
            wrong(f'no dn first: {entry[0]}')
        if dn.lower() in seen:
            wrong(f'{dn} twice')
        parent = re.split(r'(?<!\\),', dn, maxsplit=1)[1].lower()
        if seen and parent not in seen:
            wrong(f'{dn} comes before its parent')
        seen.add(dn.lower())
        pairs = [(n, v.lower() if n in ('mail', 'maildrop', 'cn', 'objectClass') else v) for n, v in entry]
        if len(set(pairs)) != len(pairs):
            wrong(f'{dn}: equal values')
        for name, value in entry:
            if name in IA5 and any(c > 126 or c < 32 for c in value):
                wrong(f'{dn}: {name} is not printable ASCII')
            if name != 'userPassword':
                value.decode('utf-8')


class Directory:
    def __init__(self, entries):
        self.entries = [{} for _ in entries]
        for made, entry in zip(self.entries, entries):
            for name, value in entry:
                made.setdefault(name, []).append(value)

    def of_class(self, name):
        return [e for e in self.entries if name.encode() in e.get('objectClass', ())]

    def account(self, login):
        people = self.of_class('VirtualMailAccount') or self.of_class('posixAccount')
        return next((e for e in people if e.get('uid') == [login]), None)

    def alias(self, name):
        return next((e for e in self.of_class('VirtualMailAlias') if e['mail'] == [name + b'@' + DOMAIN.encode()]), None)

    def group(self, name):
        return next((e for e in self.of_class('posixGroup') if e['cn'] == [name]), None)

    def netgroup(self, name):
        return next((e for e in self.of_class('nisNetgroup') if e['cn'] == [name]), None)

    def reached(self, address, path=()):
        if address.lower() in path:
            return {b'(circle)'}
        entry = next((e for e in self.entries if [m.lower() for m in e.get('mail', ())] == [address.lower()]), None)
        if entry is None:
            local, _, domain = address.partition(b'@')
            if b'+' in local and domain.decode() == DOMAIN:
                return self.reached(local.split(b'+')[0] + b'@' + domain, path)
            return {address}
        path += (address.lower(),)
        if b'VirtualMailAccount' in entry['objectClass']:
            if entry['forwardActive'] == [b'FALSE']:
                return set(entry['uid'])
            away = [a for a in entry['maildrop'] if a.lower() != address.lower()]
            kept = set(entry['uid']) if len(away) < len(entry['maildrop']) else set()
            return kept.union(*(self.reached(a, path) for a in away))
        return set().union(*(self.reached(a, path) for a in entry['maildrop']))


# ---- comparing

def check_report(case, findings, wrong):
    if case.report in ('*', 'hard'):
        return
    wanted = [] if case.report == '-' else case.report.split(' ; ')
    left = list(findings)
    rules = []
    for one in wanted:
        levels, code, *at = one.split(' ')
        rules.append((levels.rstrip('?').split('|'), code, at[0] if at else None, levels.endswith('?')))
    for levels, code, at, optional in sorted(rules, key=lambda r: (r[3], r[1] == '*')):
        where, _, lines = (at or '%s:%d' % case.focus).partition(':')
        fits = [f for f in left if f['level'] in levels and (code == '*' or f['code'] in code.split('|'))
                and ((optional and not at) or (f['map'] == where and f['lines'] in lines.split('|')))]
        if not fits and not optional:
            wrong(f'no finding {"|".join(levels)} {code} at {where}:{lines}')
        for f in fits if optional else fits[:1]:
            left.remove(f)
    for f in left:
        wrong('not expected: {map}:{lines}: {level} {code}: {text}'.format(**f))


def values(text):
    made = []
    for one in text.split(' | '):
        made.append([plain(v) + (DOMAIN.encode() if v.endswith('@') else b'') for v in one.split('|')])
    return made


def check_ldif(case, directory, sums, wrong):
    case.logins = []
    for claim in [] if case.ldif == '-' else case.ldif.split(' ; '):
        if claim.startswith('exit '):
            continue
        if claim == 'no circle':
            for login in [e['mail'][0] for e in directory.of_class('VirtualMailAccount')]:
                if b'(circle)' in directory.reached(login) or not directory.reached(login):
                    wrong(f'a circle at {login.decode()}')
            continue
        words = re.fullmatch(r'(no |alias |group |netgroup |count |reaches |entries )?(.*?)(?: (\w+) (merged) (\d+)| (?:(\w+) )?([=>]) (.*)| (\w+) (none\??)| (logs in))?', claim)
        kind, name = (words[1] or '').strip(), plain(words[2])
        merged = re.fullmatch(r'(\w+) merged (\d+)', claim)
        if merged:
            if sums[merged[1]]['merged'] != int(merged[2]):
                wrong(f'{claim}, not {sums[merged[1]]["merged"]}')
            continue
        if kind == 'entries':
            made = len(directory.of_class('inetOrgPerson')) - 2
            if made != int(words[2]):
                wrong(f'{claim}, not {made}')
        elif kind == 'no':
            other = re.fullmatch(r'no (alias |group |netgroup )?(.*)', claim)
            find = {'alias ': directory.alias, 'group ': directory.group, 'netgroup ': directory.netgroup}.get(other[1], directory.account)
            if find(plain(other[2])) is not None:
                wrong(f'{claim}, but it is there')
        elif kind == 'reaches':
            got = directory.reached(name + b'@' + DOMAIN.encode())
            want = {v[0] for v in values(words[8])}
            if got != want if words[7] == '=' else not want <= got:
                wrong(f'{claim}, not {got}')
        else:
            finds = {'alias': directory.alias, 'count': directory.alias, 'group': directory.group, 'netgroup': directory.netgroup, '': directory.account}
            entry = finds[kind](name)
            if entry is None:
                wrong(f'{claim}: no such entry')
            elif words[11]:
                case.logins.append(name)
            elif words[10]:
                if words[10] == 'none' and words[9] in entry:
                    wrong(f'{claim}, but it is {entry[words[9]]}')
            elif kind == 'count':
                if len(entry.get(words[6], ())) != int(words[8]):
                    wrong(f'{claim}, not {len(entry.get(words[6], ()))}')
            else:
                got = sorted(entry.get(words[6], []))
                want = values(words[8])
                if len(got) != len(want) or any(not any(g in w for g in got) for w in want):
                    wrong(f'{claim}, not {b" | ".join(got).decode("utf-8", "replace")[:300]}')


def opens(entry):
    stored = entry.get('userPassword', [b''])[0].decode('utf-8', 'replace')
    scheme, _, rest = stored.partition('}')
    return rest in HASHES.values() and scheme.upper() in ('{CRYPT', '{SSHA')


# ---- running

def run(program, case, number, folder):
    problems = []
    wrong = problems.append
    where = os.path.join(folder, f'c{number}')
    os.mkdir(where)
    arguments = [program, '--domain', DOMAIN, '--base', f'o=c{number},dc=example,dc=org', '--with-base'] + case.options.split()
    contents = {}
    for name, lines in case.maps.items():
        packing = case.packing[name]
        path = os.path.join(where, name)
        if packing == 'directory':
            os.mkdir(path)
        elif packing == 'dangling':
            os.symlink('nowhere', path)
        elif packing == 'missing':
            pass
        else:
            contents[name] = bytes_of(lines, '' if packing == 'unreadable' else packing)
            with open(path, 'wb') as file:
                file.write(contents[name])
            if packing == 'unreadable':
                os.chmod(path, 0)
                if os.access(path, os.R_OK):
                    return problems, b'', []
        arguments += ['--' + name, name]
    for name, lines in case.files.items():
        path = os.path.join(where, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, 'wb') as file:
            file.write(bytes_of(lines, ''))
    environment = {'PATH': os.environ['PATH'], 'TZ': 'UTC', 'LC_ALL': 'C', 'SOURCE_DATE_EPOCH': '1600000000'}
    before = set(os.listdir(where))
    call = lambda *more: subprocess.run(arguments + list(more), cwd=where, env=environment, capture_output=True, timeout=120)
    first = call('--out', 'out', '--report', 'report')
    second = call('--report-format', 'json')
    files = set(os.listdir(where)) - before
    wanted = re.search(r'\bexit (\d+)', case.ldif)
    if second.returncode != first.returncode:
        wrong(f'exit status {first.returncode}, the second time {second.returncode}')
    if first.returncode not in (0, 1):
        if not wanted or first.returncode != int(wanted[1]):
            wrong(f'exit status {first.returncode}: {first.stderr.decode("utf-8", "replace")[:300]}')
        if 'out' in files or any(f.startswith('out') for f in files):
            wrong(f'files left: {files}')
        if len(re.findall(rb'^nis2ldif: error: [^\n]+$', first.stderr, re.M)) != 1 and first.stderr.count(b'error: ') != 1:
            wrong(f'no one sentence: {first.stderr[:300]!r}')
        return problems, b'', []
    if first.stdout or first.stderr:
        wrong(f'printed: {first.stdout[:200]!r} {first.stderr[:200]!r}')
    if files != {'out', 'report'}:
        wrong(f'files: {files}')
    ldif = open(os.path.join(where, 'out'), 'rb').read()
    report = open(os.path.join(where, 'report'), 'rb').read().decode('utf-8')
    if stat.S_IMODE(os.stat(os.path.join(where, 'out')).st_mode) != 0o600:
        wrong('the output is not for its owner alone')
    if second.stdout != ldif:
        wrong('the second run gives other bytes')
    for name in ('passwd', 'shadow', 'adjunct', 'group'):
        for line in contents.get(name, b'').split(b'\n'):
            fields = line.split(b':')
            if len(fields) > 1 and len(fields[1].strip()) > 5 and fields[1][:1] not in b'*#' and name != 'group':
                if any(fields[1].strip().decode('utf-8', 'replace') in text for text in (report, second.stderr.decode('utf-8'))):
                    wrong(f'the report shows {fields[1]!r}')
    if re.search('[\0-\x09\x0b-\x1f\x7f-\x9f]', report):
        wrong('the report has control characters')

    told = json.loads(second.stderr.decode('utf-8'))
    findings = [{'map': f['file'], 'lines': str(f['line']) if f['line'] == f['last_line'] else f'{f["line"]}-{f["last_line"]}', 'level': f['level'],
                 'code': f['code'], 'text': f['text'], 'from': f['line'], 'to': f['last_line']} for f in told['findings']]
    as_text = re.findall(r'^(\w+):(\d+(?:-\d+)?): (INFO|WARN|SKIP) ([a-z0-9-]+): (.+)$', report, re.M)
    if as_text != [(f['map'], f['lines'], f['level'], f['code'], f['text']) for f in findings]:
        wrong('the report says one thing as text and another as JSON')
    check_report(case, findings, wrong)

    sums = {}
    for name, lines, *parts in re.findall(r'^(\w+): (\d+) lines = (\d+) comment/blank \+ (\d+) entry \+ (\d+) merged \+ (\d+) skipped$', report, re.M):
        blank, entry, merged, skipped = map(int, parts)
        sums[name] = {'merged': merged, 'entry': entry}
        text = contents[name].removeprefix(b'\xef\xbb\xbf')
        real = text.count(b'\n') + (text != b'' and not text.endswith(b'\n'))
        if int(lines) != real or blank + entry + merged + skipped != real:
            wrong(f'{name} has {real} lines: {lines} = {parts}')
        named = set().union(*(range(f['from'], f['to'] + 1) for f in findings if f['map'] == name and f['level'] == 'SKIP'))
        if len(named) != skipped:
            wrong(f'{name}: {skipped} lines skipped, {len(named)} named')
    if set(sums) != set(case.maps):
        wrong(f'sums of {set(sums)}')
    if [(m['file'], m['entry'], m['merged']) for m in told['maps']] != [(n, s['entry'], s['merged']) for n, s in sums.items()]:
        wrong('the sums differ as text and as JSON')
    status = int(wanted[1]) if wanted else int(any(f['level'] == 'SKIP' for f in findings))
    if first.returncode != status:
        wrong(f'exit status {first.returncode}, not {status}')

    if '--no-domain' in case.options:
        parent = f'vd={DOMAIN},o=hosting,o=c{number},dc=example,dc=org'
        added = f'dn: {parent}\nobjectClass: VirtualDomain\nvd: {DOMAIN}\naccountActive: TRUE\ndelete: FALSE\nlastChange: 0\n\n'.encode()
        at = ldif.index(b'\n\n', ldif.index(b'\n\n') + 2) + 2
        ldif = ldif[:at] + added + ldif[at:]
    entries = read_ldif(ldif, wrong)
    check_entries(entries, wrong)
    directory = Directory(entries)
    for what, kind in (('accounts', 'VirtualMailAccount'), ('groups', 'posixGroup'), ('netgroups', 'nisNetgroup')):
        if told['written'][what] != len(directory.of_class(kind)):
            wrong(f'{told["written"][what]} {what} written, says the report')
    check_ldif(case, directory, sums, wrong)
    logins = [(e['dn'][0], opens(e) or e['uid'][0] in case.logins) for e in directory.of_class('VirtualMailAccount')]
    return problems, ldif, logins


def main():
    program, folder, *paths = sys.argv[1:]
    cases = [case for path in paths for case in read_cases(path)]
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda pair: run(program, pair[1], pair[0], folder), enumerate(cases)))
    with open(os.path.join(folder, 'all.ldif'), 'wb') as whole, open(os.path.join(folder, 'logins'), 'wb') as logins:
        whole.write(b'dn: dc=example,dc=org\nobjectClass: domain\ndc: example\n\n')
        for number, (case, (problems, ldif, people)) in enumerate(zip(cases, results)):
            whole.write(ldif if ldif.endswith(b'\n\n') or not ldif else ldif + b'\n')
            for dn, opens in people:
                logins.write(b'c%d\t%d\t%s\n' % (number, 0 if opens else 49, dn))
            if problems:
                failed += 1
                print(f'FAILED c{number}: {case.title[:200]}\n    ' + '\n    '.join(p[:400] for p in problems))
    print(f'{len(cases)} cases, {failed} failed')
    sys.exit(failed > 0)


main()
